"""Les feuilles de constats du classeur : les tables en clair, territoires et catégories nommés."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from restitution.dictionnaire_constats import FEUILLES
from restitution.feuilles_textometrie import FeuilleDeTable

_LARGEURS: dict[str, tuple[float, ...]] = {
    "regards": (26, 8, 34, 11, 10, 8, 8, 8, 8, 11, 11, 10, 11, 10, 10, 13, 10, 13, 8, 8, 12, 8, 44, 44),
    "regards_categories": (26, 8, 34, 26, 11, 8, 8, 8, 8, 10, 10, 10, 44),
    "configurations": (15, 18, 8, 34, 11, 8, 8, 11, 8, 8, 8, 8, 9, 10, 14, 44, 44),
    "table_verite": (8, 34, 14, 14, 16, 11, 9, 10, 11, 14, 14, 44),
    "formules_qca": (8, 34, 11, 9, 60, 10, 11, 10, 8, 9, 10, 14, 60),
}
_FORMATS = {"attendus": "0.0", **dict.fromkeys(("part", "part_autres", "bas", "haut", "ecart", "coherence", "couverture"), "0%"),
            **dict.fromkeys(("p", "p_ajuste", "p_minimal"), "0.000")}
_PROPRES = {"regards": {"ecart": "0.00"}}
_OUI_NON = {True: "oui", False: "non"}


def feuilles_de_constats(tables: Mapping[str, pd.DataFrame], territoires: Mapping[str, str], categories: Mapping[str, str],
                         intitules: Mapping[str, str]) -> list[FeuilleDeTable]:
    """Les feuilles de constats, dans l'ordre du classeur.

    Parameters
    ----------
    tables : Mapping[str, pandas.DataFrame]
        `DonneesRapport.constats` ; vide, il n'y a aucune feuille.
    territoires, categories, intitules : Mapping[str, str]
        Identifiant de territoire ou de catégorie, code → ce qu'on en écrit.
    """
    return [FeuilleDeTable(FEUILLES[nom], _en_clair(nom, table, territoires, categories, intitules), _LARGEURS[nom],
                           {colonne: motif for colonne, motif in (_FORMATS | _PROPRES.get(nom, {})).items() if colonne in table})
            for nom, table in tables.items()]


def _en_clair(nom: str, table: pd.DataFrame, territoires: Mapping[str, str], categories: Mapping[str, str],
              intitules: Mapping[str, str]) -> pd.DataFrame:
    claire = table.copy()
    for colonne, noms in (("portee", territoires), ("categorie", categories)):
        if colonne in claire:
            claire[colonne] = [noms.get(valeur, valeur) for valeur in claire[colonne]]
    for colonne in {"retenu", "contradictoire"} & {*claire.columns}:
        claire[colonne] = [_OUI_NON[bool(valeur)] for valeur in claire[colonne]]
    if nom in ("table_verite", "configurations"):
        claire["liste"] = ["; ".join(territoires.get(lieu, lieu) for lieu in liste.split(";")) for liste in claire["liste"]]
    claire.insert(claire.columns.get_loc("code") + 1, "intitule", [intitules.get(code, code) for code in claire["code"]])
    return claire
