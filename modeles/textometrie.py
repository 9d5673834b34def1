"""La textométrie d'une étude entière : classes de Reinert, spécificités, similitudes, analyse factorielle.

Toutes les mesures portent sur les mêmes formes : les lemmes pleins des propos d'enquêtés
(`extraction.langue.lemmes_pleins`), sans mots-outils, mots de l'oral ni noms propres. Elles décrivent toute
l'étude ; pour un sous-ensemble ou d'autres réglages, les fonctions de `modeles.reinert`,
`modeles.specificites`, `modeles.similitudes` et `modeles.afc` s'emploient seules.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from modeles import classes_lexicales
from modeles.afc import afc
from modeles.classes_lexicales import Propos, classer
from modeles.formes import tableau_lexical
from modeles.similitudes import COLONNES_ARETES, COLONNES_SOMMETS, similitudes
from modeles.specificites import COLONNES as COLONNES_SPECIFICITES
from modeles.specificites import specificites

EMPLOIS_PAR_FORME = (3, 10)
"""Nombre d'emplois, dans toute l'étude, d'une forme qui a des spécificités et une place dans l'AFC : un millième
de tous les emplois, entre ces deux bornes."""
FORMES_DU_GRAPHE = 60
AXES = 2

_PAR_AXE = [f"{mesure}_{axe}" for axe in range(1, AXES + 1) for mesure in ("axe", "contribution", "cos2")]
COLONNES: dict[str, tuple[str, ...]] = {
    **classes_lexicales.COLONNES,
    "specificites": ("variable", *COLONNES_SPECIFICITES[:3], "entretiens", "total", *COLONNES_SPECIFICITES[3:]),
    "similitudes": COLONNES_ARETES,
    "similitudes_formes": COLONNES_SOMMETS,
    "afc": ("genre", "element", "masse", "inertie", *_PAR_AXE, "qualite"),
    "afc_axes": ("axe", "valeur_propre", "part", "part_cumulee"),
}
"""Les tables rendues par `mesurer` et leurs colonnes ; chacune donne le fichier du même nom."""


def mesurer(propos: Propos, graine: int = 0, classes: int = 0) -> dict[str, pd.DataFrame]:
    """Toutes les tables de textométrie d'une étude.

    Parameters
    ----------
    propos : Propos
    graine, classes : int, default 0
        Voir `modeles.classes_lexicales.classer`.

    Returns
    -------
    dict[str, pandas.DataFrame]
        Les tables de `COLONNES`, sans ligne quand il n'y a pas de quoi les calculer : une seule partie à
        comparer, trop peu de propos. Outre celles de `classer` :

        - specificites : par variable (territoire, categorie) et partie, les colonnes de
          `modeles.specificites.specificites`, entretiens (de la partie, qui emploient la forme) et total
          (occurrences dans toutes les parties) ;
        - similitudes, similitudes_formes : arêtes et sommets de `modeles.similitudes.similitudes`, sur les
          soixante formes que portent le plus de segments ;
        - afc, afc_axes : formes × territoires, deux axes ; genre dit « territoire » ou « forme » ; les
          colonnes du second axe sont vides quand il n'y en a qu'un.
    """
    sommets, aretes = similitudes(propos.lemmes, formes_max=FORMES_DU_GRAPHE)
    tables = {
        **classer(propos, graine, classes),
        "specificites": _specificites(propos),
        "similitudes": aretes,
        "similitudes_formes": sommets,
        **_afc(propos),
    }
    return {nom: tables[nom].reindex(columns=list(colonnes)) for nom, colonnes in COLONNES.items()}


def emplois_min(comptes: pd.DataFrame) -> int:
    """Le nombre d'emplois en dessous duquel une forme d'un tableau formes × parties n'est pas comparée."""
    bas, haut = EMPLOIS_PAR_FORME
    return min(haut, max(bas, int(comptes.to_numpy().sum()) // 1000))


def _specificites(propos: Propos) -> pd.DataFrame:
    parts = []
    for variable in propos.variables.columns:
        comptes = tableau_lexical(propos.lemmes, propos.variables[variable])
        if comptes.shape[1] < 2:
            continue
        table = specificites(comptes, effectif_min=emplois_min(comptes))
        emplois = pd.DataFrame({"partie": propos.variables[variable].to_numpy(),
                                "entretien": propos.segments["entretien"].to_numpy(), "forme": list(propos.lemmes)})
        porteurs = emplois.explode("forme").drop_duplicates().groupby(["partie", "forme"]).size()
        cases = pd.MultiIndex.from_frame(table[["partie", "forme"]])
        parts.append(table.assign(variable=str(variable), total=table["forme"].map(comptes.sum(axis=1)),
                                  entretiens=porteurs.reindex(cases, fill_value=0).to_numpy()))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=list(COLONNES["specificites"]))


def _afc(propos: Propos) -> dict[str, pd.DataFrame]:
    comptes = tableau_lexical(propos.lemmes, propos.variables["territoire"])
    gardees = comptes[comptes.sum(axis=1) >= emplois_min(comptes)]
    gardees = gardees.loc[:, gardees.sum() > 0]
    profils = (gardees / gardees.sum()).to_numpy()
    if min(gardees.shape) < 2 or np.allclose(profils, profils[:, :1], rtol=0, atol=1e-12):
        return {nom: pd.DataFrame(columns=list(COLONNES[nom])) for nom in ("afc", "afc_axes")}
    analyse = afc(gardees, AXES)
    elements = [analyse.colonnes.assign(genre="territoire"), analyse.lignes.assign(genre="forme")]
    return {"afc": pd.concat(elements, ignore_index=True), "afc_axes": analyse.axes}
