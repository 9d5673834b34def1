"""Les mondes lexicaux d'une étude : combien de classes de Reinert, lesquelles, et ce qu'elles valent.

L'arbre descend jusqu'à dix classes (`modeles.reinert`) sur des unités de contexte d'au moins dix formes,
celles qu'un segment sur cent au moins porte. On le coupe au plus grand nombre de classes dont chacune
réunit un vingtième des segments et qui, en moyenne, se retrouvent à moitié quand on refait l'arbre sans un
cinquième des entretiens (`modeles.stabilite_themes` : indice de Jaccard, Hennig 2007). Si aucune coupe ne
satisfait les deux, l'arbre est coupé en deux classes, et leur stabilité dit ce qu'il faut en penser.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from modeles.profils_reinert import P_SPECIFIQUE
from modeles.reinert import Reinert, unites_de_contexte
from modeles.stabilite_themes import SEUIL_INSTABLE, mesurer, tirer

CLASSES_MAX = 10
FORMES_PAR_UNITE = 10
UNITES_MIN = 20
"""Nombre d'unités de contexte en dessous duquel une étude est trop courte pour qu'on la classe."""
PART_MIN = 0.05
"""Part des segments classés qu'une classe réunit au moins."""
ESSAIS = 20
"""Nombre d'extraits sur lesquels l'arbre est refait."""
SEGMENTS_PAR_FORME = (3, 10)
"""Nombre de segments qui portent une forme gardée : un sur cent, entre ces deux bornes."""
TETES = 5
"""Nombre de formes qui nomment une classe."""

COLONNES: dict[str, tuple[str, ...]] = {
    "classes_reinert": ("classe", "libelle", "segments", "part", "entretiens", "formes", "stabilite"),
    "coupes_reinert": ("classes", "plus_petite", "stabilite", "accord", "retenue"),
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


def classer(propos: Propos, graine: int = 0) -> dict[str, pd.DataFrame]:
    """Classe les segments d'une étude.

    Parameters
    ----------
    propos : Propos
    graine : int, default 0
        Des extraits qui mesurent la stabilité ; la classification, elle, ne tire rien au sort.

    Returns
    -------
    dict[str, pandas.DataFrame]
        Les tables de `COLONNES`, sans ligne quand l'étude est trop courte ou que rien n'y distingue deux
        classes :

        - classes_reinert : par classe, libelle (ses formes de plus grand χ²), segments, part (des segments
          classés), entretiens, formes (spécifiques), stabilite (indice de Jaccard moyen, 0 à 1, nan si
          elle n'a pu être mesurée) ;
        - coupes_reinert : par nombre de classes, plus_petite (part de la classe la moins fournie),
          stabilite (moyenne des classes), accord (indice de Rand ajusté moyen), retenue ;
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
        return {nom: pd.DataFrame({c: pd.Series(dtype=_type(c)) for c in noms}) for nom, noms in COLONNES.items()}
    coupes, stabilites = _eprouver(modele, presence, documents, graine)
    k = int(coupes.loc[coupes["retenue"], "classes"].iloc[0])
    etiquettes = modele.couper(k)
    profils = _profils(modele, propos.variables, k)
    tables = {
        "classes_reinert": _classes(etiquettes, documents, profils, stabilites[k]),
        "coupes_reinert": coupes,
        "arbre_reinert": _arbre(modele, k),
        "profils_reinert": profils,
        "segments_reinert": _segments(modele, propos.segments, etiquettes, k),
    }
    return {nom: tables[nom][list(noms)].astype({c: _type(c) for c in noms}) for nom, noms in COLONNES.items()}


def _type(colonne: str) -> str:
    if colonne in ("libelle", "genre", "element", "entretien", "segment", "phrases", "texte"):
        return "str"
    if colonne in ("plus_petite", "stabilite", "accord", "hauteur", "part", "khi2", "p", "score"):
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
    modele: Reinert, presence: sparse.csr_array, documents: list[str], graine: int
) -> tuple[pd.DataFrame, dict[int, NDArray[np.float64]]]:
    """Les coupes de l'arbre, celle qu'on retient, et la stabilité des classes de chacune."""
    arbres: dict[bytes, Reinert] = {}
    extraits = []
    for rangs in tirer(documents, ESSAIS, graine):
        arbre = _ajuster(presence[rangs], [documents[rang] for rang in rangs])
        if arbre is not None:
            arbres[rangs.tobytes()] = arbre
            extraits.append(rangs)

    def refaire(k: int, rangs: Entiers) -> Entiers:
        arbre = arbres[rangs.tobytes()]
        return arbre.couper(min(k, arbre.nb_classes_)) - 1

    lignes, stabilites = [], {}
    for k in range(2, modele.nb_classes_ + 1):
        etiquettes = modele.couper(k)
        accord, stabilites[k] = mesurer(etiquettes - 1, extraits, partial(refaire, k))
        effectifs = np.bincount(etiquettes, minlength=k + 1)[1:]
        lignes.append((k, effectifs.min() / effectifs.sum(), stabilites[k].mean(), accord))
    coupes = pd.DataFrame(lignes, columns=list(COLONNES["coupes_reinert"][:-1]))
    admises = coupes[(coupes["plus_petite"] >= PART_MIN) & (coupes["stabilite"] >= SEUIL_INSTABLE)]
    return coupes.assign(retenue=coupes["classes"] == max([2, *admises["classes"]])), stabilites


def _profils(modele: Reinert, variables: pd.DataFrame, k: int) -> pd.DataFrame:
    connues = variables.astype(object).where(variables.ne(""), None)
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


def _segments(modele: Reinert, segments: pd.DataFrame, etiquettes: Entiers, k: int) -> pd.DataFrame:
    scores = np.zeros(len(segments))
    for classe in range(1, k + 1):
        caracteristiques = modele.segments_caracteristiques(classe, len(segments), k)
        scores[caracteristiques["segment"].to_numpy()] = caracteristiques["score"].to_numpy()
    phrases = [";".join(map(str, suite)) for suite in segments["phrases"]]
    return segments.assign(phrases=phrases, classe=etiquettes, score=scores)
