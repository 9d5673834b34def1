"""Les tables des thèmes : ceux de toute l'étude, puis ceux de chaque territoire.

Les thèmes d'un territoire prolongent ceux de toute l'étude, dont ils gardent le libellé, ou lui sont propres
(`modeles.ancrage`) ; leurs mots sont ceux de ses segments.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from modeles.ancrage import PROPRE, Reperes
from modeles.plan_themes import placer_themes
from modeles.regroupement import HORS_THEME, Entiers
from modeles.themes import Themes

NATIONAL = "national"
COLONNES_THEMES = (
    "portee", "theme", "libelle", "mots", "phrases", "part", "segments", "entretiens", "theme_national",
    "stabilite", "stabilite_portee", "x", "y", "qualite",
)  # fmt: skip
COLONNES_PHRASES = ("portee", "theme", "entretien", "phrase", "poids")


def reperer(national: Themes, segments: pd.DataFrame) -> Reperes:
    """Tire les repères d'un modèle national ajusté sur `segments`.

    Parameters
    ----------
    national : Themes
    segments : pandas.DataFrame
        Colonne phrases, une ligne par segment ajusté.

    Returns
    -------
    Reperes
    """
    ordre, _ = _classer(national, segments)
    codes = {theme: _code(rang) for rang, theme in enumerate(ordre)}
    return Reperes(
        tuple(codes[theme] for theme in range(len(ordre))), tuple(national.themes_["libelle"]), national.centres_,
        national.pertinence_, national.specifiques_, national.moyenne_, national.centres_reduits_, national.vecteurs_,
        national.essais_)


def tableaux_portee(
    portee: str, modele: Themes, segments: pd.DataFrame, reperes: Reperes | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Les tables d'une portée : ses thèmes, et ses phrases rattachées.

    Parameters
    ----------
    portee : str
        « national » ou l'identifiant d'un territoire.
    modele : Themes
        Estimateur ajusté sur `segments`.
    segments : pandas.DataFrame
        Colonnes entretien et phrases (liste d'identifiants), une ligne par segment ajusté.
    reperes : Reperes, optional
        Ceux dont le modèle s'est servi : chaque thème reçoit le code du thème national qu'il prolonge.

    Returns
    -------
    themes : pandas.DataFrame
        Colonnes `COLONNES_THEMES` : theme (« t01 »… par part décroissante), libelle, mots (séparés par
        « ; »), phrases (nombre), part (des phrases de la portée, 0 à 1), segments et entretiens
        (nombres), theme_national (celui qu'il prolonge ; vide : thème propre au territoire),
        stabilite (du thème : indice de Jaccard, 0 à 1), stabilite_portee (de tous : indice de Rand
        ajusté), nan si non mesurées (`modeles.stabilite_themes`) ; x, y, qualite : sa place dans le plan
        des thèmes nationaux (`modeles.plan_themes`).
    phrases : pandas.DataFrame
        Colonnes `COLONNES_PHRASES`, une ligne par phrase rattachée ; les phrases hors thème en sont
        absentes. Le poids est celui du segment.

    Raises
    ------
    ValueError
        Quand `segments` n'a pas autant de lignes que le modèle a de segments.
    """
    if len(segments) != len(modele.labels_):
        raise ValueError(f"{len(segments)} segments pour un modèle ajusté sur {len(modele.labels_)}")
    noms = segments["entretien"].to_numpy()
    ordre, comptes = _classer(modele, segments)
    total = int(segments["phrases"].map(len).sum())
    code = {theme: _code(rang) for rang, theme in enumerate(ordre)}
    nationaux = ["" if reperes is None or rang == PROPRE else reperes.codes[rang] for rang in modele.nationaux_]
    places = placer_themes(modele.centres_, modele.centres_ if reperes is None else reperes.centres).tolist()
    lignes = []
    for theme in ordre:
        dedans = modele.labels_ == theme
        fiche = modele.themes_.iloc[theme]
        nombres = (comptes[theme], comptes[theme] / max(1, total), int(dedans.sum()), len(set(noms[dedans])))
        mesures = (float(fiche["stabilite"]), modele.stabilite_, *places[theme])
        mots = ";".join(fiche["mots"])
        lignes.append((portee, code[theme], fiche["libelle"], mots, *nombres, nationaux[theme], *mesures))
    rattachees = [
        (portee, code[int(theme)], nom, phrase, float(poids))
        for theme, nom, phrases, poids in zip(
            modele.labels_, noms, segments["phrases"], modele.poids_, strict=True
        )
        if theme != HORS_THEME
        for phrase in phrases
    ]
    return (
        pd.DataFrame(lignes, columns=list(COLONNES_THEMES)),
        pd.DataFrame(rattachees, columns=list(COLONNES_PHRASES)),
    )


def tableaux_themes(
    segments: pd.DataFrame,
    plongements: NDArray[np.floating],
    lemmes: Sequence[str],
    territoires: Mapping[str, str],
    propres: Collection[str] = (),
    modele: Themes | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Les thèmes de toute l'étude, puis ceux de chaque territoire.

    Parameters
    ----------
    segments : pandas.DataFrame
        Colonnes entretien, texte, phrases (`corpus.segments.segmenter`), dans l'ordre du propos.
    plongements : numpy.ndarray de forme (n, d)
        Un plongement de norme 1 par segment.
    lemmes : Sequence[str]
        Lemmes pleins de chaque segment, séparés par des espaces.
    territoires : Mapping[str, str]
        Le territoire de chaque entretien. Un entretien sans territoire ne compte qu'au national.
    propres : Collection[str]
        Noms propres à tenir hors des mots des thèmes.
    modele : Themes, optional
        Estimateur dont les paramètres servent à chaque portée.

    Returns
    -------
    themes, phrases : pandas.DataFrame
        Les tables de `tableaux_portee`, « national » en tête puis les territoires en ordre alphabétique.

    Raises
    ------
    ValueError
        Quand les longueurs diffèrent (voir `Themes.fit`) ou qu'un territoire s'appelle « national ».
    """
    parametres = (Themes() if modele is None else modele).get_params()
    donnees = np.asarray(plongements)
    suites = np.asarray(lemmes, dtype=object)
    if not len(donnees) == len(suites) == len(segments):
        raise ValueError(
            f"il faut autant de plongements ({len(donnees)}), de suites de lemmes ({len(suites)}) et de "
            f"segments ({len(segments)})"
        )

    noms = np.array([str(territoires.get(e) or "") for e in segments["entretien"]], dtype=object)
    if NATIONAL in noms:
        raise ValueError(f"« {NATIONAL} » désigne toute l'étude : un territoire ne peut pas porter ce nom")

    def ajuster(rangs: Entiers, reperes: Reperes | None = None) -> Themes:
        part = segments.iloc[rangs]
        return Themes(**parametres).fit(
            donnees[rangs],
            textes=part["texte"].tolist(),
            lemmes=suites[rangs].tolist(),
            propres=propres,
            entretiens=part["entretien"].tolist(),
            reperes=reperes,
        )

    national = ajuster(np.arange(len(segments)))
    reperes = reperer(national, segments)
    tables = [tableaux_portee(NATIONAL, national, segments)]
    for territoire in sorted({nom for nom in noms if nom}):
        rangs = np.flatnonzero(noms == territoire)
        local = ajuster(rangs, reperes.restreindre(rangs))
        tables.append(tableaux_portee(territoire, local, segments.iloc[rangs], reperes))
    themes, phrases = zip(*tables, strict=True)
    return pd.concat(themes, ignore_index=True), pd.concat(phrases, ignore_index=True)


def _code(rang: int) -> str:
    return f"t{rang + 1:02d}"


def _classer(modele: Themes, segments: pd.DataFrame) -> tuple[list[int], list[int]]:
    """Les thèmes par nombre de phrases décroissant, et ce nombre pour chacun."""
    tailles = segments["phrases"].map(len).to_numpy(dtype=np.int64)
    comptes = [int(tailles[modele.labels_ == theme].sum()) for theme in range(modele.nb_themes_)]
    return sorted(range(modele.nb_themes_), key=lambda theme: (-comptes[theme], theme)), comptes
