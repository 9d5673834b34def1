"""Les mondes lexicaux d'une étude : combien de classes de Reinert, lesquelles, et ce qu'elles valent.

L'arbre descend jusqu'à dix classes (`modeles.reinert`) sur des unités de contexte d'au moins dix formes,
celles qu'un segment sur cent au moins porte. On garde ses divisions, l'une après l'autre, tant que :

- *elle oppose les unités plus que le hasard* : son χ² dépasse ceux de dix-neuf tirages où chaque forme est
  répartie au hasard entre les unités de la classe divisée (risque de 5 % ; l'« analyse parallèle » de Horn,
  Psychometrika 30, 1965, appliquée à l'axe qui divise) ;
- *ses deux classes se retrouvent* en moyenne à moitié quand on refait l'arbre sans un cinquième des
  entretiens (`modeles.stabilite_themes` : indice de Jaccard, Hennig 2007) ;
- chaque classe réunit un vingtième des segments.

La première division est toujours gardée ; la stabilité de ses classes dit ce qu'elle vaut.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from modeles.division_reinert import diviser
from modeles.extraits import ABSENT
from modeles.profils_reinert import P_SPECIFIQUE
from modeles.reinert import Reinert, reunir, unites_de_contexte
from modeles.stabilite_themes import SEUIL_INSTABLE, extraire, mesurer

CLASSES_MAX = 10
FORMES_PAR_UNITE = 10
UNITES_MIN = 20
"""Nombre d'unités de contexte en dessous duquel une étude est trop courte pour qu'on la classe."""
PART_MIN = 0.05
"""Part des segments classés qu'une classe réunit au moins."""
ESSAIS = 20
"""Nombre d'extraits sur lesquels l'arbre est refait."""
TIRAGES = 19
"""Nombre de tirages au hasard auxquels une division est comparée."""
SEGMENTS_PAR_FORME = (3, 10)
"""Nombre de segments qui portent une forme gardée : un sur cent, entre ces deux bornes."""
TETES = 5
"""Nombre de formes qui nomment une classe."""

COLONNES: dict[str, tuple[str, ...]] = {
    "classes_reinert": ("classe", "libelle", "segments", "part", "entretiens", "formes", "stabilite"),
    "coupes_reinert": ("classes", "khi2", "hasard", "plus_petite", "stabilite", "accord", "retenue"),
    "arbre_reinert": ("noeud", "parent", "classe", "hauteur", "segments"),
    "profils_reinert": ("classe", "genre", "element", "effectif", "total", "part", "khi2", "p"),
    "segments_reinert": ("entretien", "segment", "debut", "fin", "phrases", "classe", "score", "texte"),
}
"""Les tables rendues par `classer` et leurs colonnes."""

Entiers = NDArray[np.int64]


@dataclass(frozen=True)
class Propos:
    """Les propos des enquêtés d'une étude, segment par segment.

    Attributes
    ----------
    segments : pandas.DataFrame
        Table de `corpus.segments.segmenter`, les segments d'un entretien se suivant.
    lemmes : Sequence[Sequence[str]]
        Lemmes pleins de chaque segment, répétitions gardées.
    variables : pandas.DataFrame
        Une ligne par segment, une colonne de texte par variable (territoire, categorie) ; vide si inconnue.
    """

    segments: pd.DataFrame
    lemmes: Sequence[Sequence[str]]
    variables: pd.DataFrame


def classer(propos: Propos, graine: int = 0, classes: int = 0) -> dict[str, pd.DataFrame]:
    """Classe les segments d'une étude.

    Parameters
    ----------
    propos : Propos
    graine : int, default 0
        Des extraits qui mesurent la stabilité ; la classification, elle, ne tire rien au sort.
    classes : int, default 0
        Nombre de classes voulu, de 2 à 10 ; l'arbre peut en avoir moins. 0 : choisi comme dit plus haut.

    Returns
    -------
    dict[str, pandas.DataFrame]
        Les tables de `COLONNES` ; quand l'étude est trop courte ou que rien n'y distingue deux classes,
        aucune n'a de ligne, sauf segments_reinert :

        - classes_reinert : par classe, libelle (ses formes de plus grand χ²), segments, part (des segments
          classés), entretiens, formes (spécifiques), stabilite (indice de Jaccard moyen, 0 à 1, nan si
          elle n'a pu être mesurée) ;
        - coupes_reinert : par nombre de classes, khi2 (de la division qui y mène, sur toutes les formes de
          la classe divisée), hasard (le plus grand des tirages), plus_petite (part de la classe la moins fournie),
          stabilite (moyenne des deux classes que donne la division), accord (indice de Rand
          ajusté moyen), retenue ;
        - arbre_reinert : par nœud, parent (-1 pour la racine), classe (0 pour une division), hauteur
          (somme des χ² des divisions, de la dernière à celle-ci), segments ;
        - profils_reinert : par classe, les formes de p < 0,05 et toutes les modalités des variables ; genre
          dit « forme » ou la variable, les autres colonnes sont celles de `ProfilsDeClasses.formes` ;
        - segments_reinert : chaque segment, sa classe (0 : non classé), score (somme des χ² des formes
          spécifiques de sa classe qu'il porte ; 0 s'il n'est pas classé), phrases (identifiants joints par
          « ; »).
    """
    presence, formes = _tableau(propos.lemmes)
    documents = propos.segments["entretien"].astype(str).tolist()
    modele = _ajuster(presence, documents, formes)
    if modele is None or modele.nb_classes_ < 2:
        vides = {nom: pd.DataFrame({c: pd.Series(dtype=_type(c)) for c in noms}) for nom, noms in COLONNES.items()}
        return vides | {"segments_reinert": _segments(propos.segments)}
    coupes, stabilites = _eprouver(modele, presence, documents, graine, classes)
    k = int(coupes.loc[coupes["retenue"], "classes"].iloc[0])
    etiquettes = modele.couper(k)
    profils = _profils(modele, propos.variables, k)
    tables = {
        "classes_reinert": _classes(etiquettes, documents, profils, stabilites[k]),
        "coupes_reinert": coupes,
        "arbre_reinert": _arbre(modele, k),
        "profils_reinert": profils,
    }
    rendues = {nom: table[list(COLONNES[nom])].astype({c: _type(c) for c in COLONNES[nom]}) for nom, table in tables.items()}
    scores = np.zeros(len(etiquettes))
    for classe in range(1, k + 1):
        siens = modele.segments_caracteristiques(classe, len(etiquettes), k)
        scores[siens["segment"].to_numpy()] = siens["score"].to_numpy()
    return rendues | {"segments_reinert": _segments(propos.segments, etiquettes, scores)}


def _type(colonne: str) -> str:
    if colonne in ("libelle", "genre", "element", "entretien", "segment", "phrases", "texte"):
        return "str"
    if colonne in ("hasard", "plus_petite", "stabilite", "accord", "hauteur", "part", "khi2", "p", "score"):
        return "float64"
    return "bool" if colonne == "retenue" else "int64"


def _tableau(lemmes: Sequence[Sequence[str]]) -> tuple[sparse.csr_array, list[str]]:
    """La matrice segments × formes (présences) et le nom de ses colonnes."""
    porteurs = Counter(forme for suite in lemmes for forme in set(suite))
    bas, haut = SEGMENTS_PAR_FORME
    seuil = min(haut, max(bas, len(lemmes) // 100))
    formes = sorted(forme for forme, nombre in porteurs.items() if nombre >= seuil)
    rangs = {forme: rang for rang, forme in enumerate(formes)}
    cases = [(ligne, rangs[f]) for ligne, suite in enumerate(lemmes) for f in sorted(set(suite)) if f in rangs]
    lignes, colonnes = np.array(cases, dtype=np.int64).reshape(-1, 2).T
    dimensions = (len(lemmes), len(formes))
    return sparse.csr_array((np.ones(len(cases)), (lignes, colonnes)), shape=dimensions), formes


def _ajuster(presence: sparse.csr_array, documents: list[str], formes: list[str] | None = None) -> Reinert | None:
    """L'arbre en dix classes au plus ; None quand il y a trop peu d'unités de contexte."""
    unites = unites_de_contexte(presence, documents, FORMES_PAR_UNITE)
    pleines = len(np.unique(unites[np.diff(presence.indptr) > 0]))
    if pleines < UNITES_MIN:
        return None
    return Reinert(k=CLASSES_MAX, min_uc=FORMES_PAR_UNITE).fit(presence, documents=documents, formes=formes)


def _eprouver(
    modele: Reinert, presence: sparse.csr_array, documents: list[str], graine: int, classes: int
) -> tuple[pd.DataFrame, dict[int, NDArray[np.float64]]]:
    """Les coupes de l'arbre, celle qu'on retient, et la stabilité des classes de chacune."""
    arbres = [(rangs, _ajuster(presence[rangs], [documents[rang] for rang in rangs]))
              for rangs in extraire(documents, ESSAIS, graine)]

    def refaire(k: int) -> Entiers:
        refaits = [(rangs, arbre.couper(min(k, arbre.nb_classes_)) - 1) for rangs, arbre in arbres if arbre is not None]
        essais = np.full((len(refaits), len(documents)), ABSENT)
        for essai, (rangs, classes_refaites) in zip(essais, refaits, strict=True):
            essai[rangs] = classes_refaites
        return essais

    lignes, stabilites, avant = [], {}, modele.couper(1)
    forces = _comparer_au_hasard(modele, graine)
    for k in range(2, modele.nb_classes_ + 1):
        etiquettes = modele.couper(k)
        accord, stabilites[k] = mesurer(etiquettes - 1, refaire(k))
        effectifs = np.bincount(etiquettes, minlength=k + 1)[1:]
        # Les branches gardent leur ordre : la classe divisée l'est en deux classes qui se suivent.
        divisee = next(n for n in range(1, k) if (avant == n).sum() != effectifs[n - 1])
        lignes.append((k, *forces[k - 2], effectifs.min() / effectifs.sum(),
                       stabilites[k][divisee - 1 : divisee + 1].mean(), accord))
        avant = etiquettes
    coupes = pd.DataFrame(lignes, columns=list(COLONNES["coupes_reinert"][:-1]))
    admises = ((coupes["khi2"] > coupes["hasard"]) & (coupes["plus_petite"] >= PART_MIN)
               & (coupes["stabilite"] >= SEUIL_INSTABLE)).cummin()
    retenue = min(classes, modele.nb_classes_) if classes else max([2, *coupes.loc[admises, "classes"]])
    return coupes.assign(retenue=coupes["classes"] == retenue), stabilites


def _comparer_au_hasard(modele: Reinert, graine: int) -> list[tuple[float, float]]:
    """Par division, son χ² et le plus grand de ceux qu'elle aurait si ses formes étaient réparties au hasard."""
    unites = reunir(modele.presence_, modele.unites_)
    hasard = np.random.default_rng(graine)
    rendus = []
    for parent in modele.divisions_["parent"].tolist():
        segments = modele.noeuds_[parent - 1] if parent else np.ones(len(modele.unites_), dtype=bool)
        siennes = unites[np.unique(modele.unites_[segments])]
        siennes = siennes[:, np.bincount(siennes.indices, minlength=siennes.shape[1]) >= modele.tsj]
        khi2, *tires = (_khi2(modele, tableau) for tableau in (siennes, *(_melanger(siennes, hasard) for _ in range(TIRAGES))))
        rendus.append((khi2, max(tires)))
    return rendus


def _khi2(modele: Reinert, unites: sparse.csr_array) -> float:
    coupure = diviser(unites, modele.cc_test, modele.tsj)
    return 0.0 if coupure is None else coupure.khi2


def _melanger(unites: sparse.csr_array, hasard: np.random.Generator) -> sparse.csr_array:
    """Chaque forme garde son nombre d'unités, tirées au hasard."""
    colonnes = unites.tocsc()
    tirees = [hasard.choice(unites.shape[0], size=nombre, replace=False) for nombre in np.diff(colonnes.indptr)]
    lignes = np.concatenate([*tirees, np.zeros(0, dtype=np.int64)])
    return sparse.csc_array((colonnes.data, lignes, colonnes.indptr), shape=unites.shape).tocsr()


def _profils(modele: Reinert, variables: pd.DataFrame, k: int) -> pd.DataFrame:
    connues = variables.astype(object).where(variables != "", None)
    parts = []
    for classe in range(1, k + 1):
        formes = modele.formes(classe, k)
        formes = formes[formes["p"] < P_SPECIFIQUE].rename(columns={"forme": "element"}).assign(genre="forme")
        modalites = modele.variables(classe, connues, k).rename(columns={"variable": "genre", "modalite": "element"})
        parts.append(pd.concat([formes, modalites], ignore_index=True).assign(classe=classe))
    return pd.concat(parts, ignore_index=True)


def _classes(
    etiquettes: Entiers, documents: list[str], profils: pd.DataFrame, stabilite: NDArray[np.float64]
) -> pd.DataFrame:
    propres = profils[(profils["genre"] == "forme") & (profils["khi2"] > 0)]
    table = pd.DataFrame({"classe": etiquettes, "entretien": documents})
    groupes = table[table["classe"] > 0].groupby("classe")["entretien"]
    classes = pd.DataFrame({"segments": groupes.size(), "entretiens": groupes.nunique()}).reset_index()
    formes = [propres.loc[propres["classe"] == classe, "element"] for classe in classes["classe"]]
    return classes.assign(
        libelle=[", ".join(siennes.head(TETES)) for siennes in formes],
        formes=[len(siennes) for siennes in formes],
        part=classes["segments"] / classes["segments"].sum(),
        stabilite=stabilite,
    )


def _arbre(modele: Reinert, k: int) -> pd.DataFrame:
    """Les nœuds de l'arbre coupé en k classes, chacun après son parent."""
    divisions = modele.divisions_.head(k - 1)
    hauteurs = divisions["khi2"].to_numpy()[::-1].cumsum()[::-1]
    etiquettes = modele.couper(k)
    parents = {0: -1}
    sommets = {}
    for (parent, gauche, droite), hauteur in zip(
            divisions[["parent", "gauche", "droite"]].to_numpy().tolist(), hauteurs.tolist(), strict=True):
        parents |= {gauche: parent, droite: parent}
        sommets[parent] = hauteur
    lignes = []
    for noeud, parent in parents.items():
        membres = etiquettes > 0 if noeud == 0 else modele.noeuds_[noeud - 1]
        classe = 0 if noeud in sommets else int(etiquettes[np.argmax(membres)])
        lignes.append((noeud, parent, classe, sommets.get(noeud, 0.0), int(membres.sum())))
    return pd.DataFrame(lignes, columns=list(COLONNES["arbre_reinert"]))


def _segments(segments: pd.DataFrame, classes: Entiers | int = 0, scores: NDArray[np.float64] | float = 0.0) -> pd.DataFrame:
    phrases = [";".join(map(str, suite)) for suite in segments["phrases"]]
    table = segments.assign(phrases=pd.Series(phrases, index=segments.index, dtype="str"), classe=classes, score=scores)
    return table[list(COLONNES["segments_reinert"])]
