"""Les feuilles de textométrie du classeur : des tables où tout est écrit en clair."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from modeles.stabilite_themes import juger
from restitution.dictionnaire_textometrie import FEUILLES
from restitution.images import SCORE_MIN

SEGMENTS_CITES = 3


@dataclass(frozen=True)
class FeuilleDeTable:
    """Une table à écrire : nom de la feuille, données, largeurs des colonnes et formats de nombre."""

    nom: str
    table: pd.DataFrame
    largeurs: tuple[float, ...]
    formats: Mapping[str, str]


def feuilles_de_textometrie(
    tables: Mapping[str, pd.DataFrame], territoires: Mapping[str, str], categories: Mapping[str, str]
) -> list[FeuilleDeTable]:
    """Les feuilles de textométrie, dans l'ordre du classeur.

    Parameters
    ----------
    tables : Mapping[str, pandas.DataFrame]
        `DonneesRapport.textometrie` ; vide, il n'y a aucune feuille.
    territoires, categories : Mapping[str, str]
        Identifiant → ce qu'on en écrit.

    Returns
    -------
    list[FeuilleDeTable]
        Spécificités : celles dont le score atteint 2 en valeur absolue ; les autres sont dans le fichier CSV.
    """
    if not tables:
        return []
    noms = {"territoire": territoires, "categorie": categories}

    def en_clair(table: pd.DataFrame, genre: str, element: str) -> pd.DataFrame:
        paires = zip(table[genre].tolist(), table[element].tolist(), strict=True)
        return table.assign(**{element: [noms.get(g, {}).get(e, e) for g, e in paires]})

    specificites, similitudes = tables["specificites"], tables["similitudes"]
    marquees = specificites[specificites["score"].astype(float).abs() >= SCORE_MIN]
    arbre = similitudes["arbre"].astype(bool).map({True: "oui", False: ""})
    afc = {f"{mesure}_{axe}": "0.00" for axe in (1, 2) for mesure in ("axe", "cos2")}
    return [
        FeuilleDeTable(FEUILLES["classes_reinert"], _classes(tables), (8, 44, 10, 8, 11, 8, 10, 13, 70, 70, 70),
                       {"part": "0.0%", "stabilite": "0.00"}),
        FeuilleDeTable(FEUILLES["profils_reinert"], en_clair(tables["profils_reinert"], "genre", "element"),
                       (8, 13, 30, 9, 8, 8, 9, 10), {"part": "0%", "khi2": "0.0", "p": "0.0E+00"}),
        FeuilleDeTable(FEUILLES["specificites"], en_clair(marquees, "variable", "partie"),
                       (13, 30, 22, 9, 11, 8, 10, 9), {"attendu": "0.0", "score": "0.0"}),
        FeuilleDeTable(FEUILLES["similitudes"], similitudes.assign(arbre=arbre), (22, 22, 15, 9, 8), {"jaccard": "0.00"}),
        FeuilleDeTable(FEUILLES["afc"], en_clair(tables["afc"], "genre", "element"),
                       (13, 30, 9, 9, 9, 14, 9, 9, 14, 9, 9),
                       afc | {"masse": "0.0%", "inertie": "0.0000", "contribution_1": "0.0%", "contribution_2": "0.0%",
                              "qualite": "0.00"}),
        FeuilleDeTable(FEUILLES["saturation"], tables["saturation"], (10, 7, 12, 10, 8, 10, 8, 8),
                       {"moyenne": "0.0", "bas": "0.0", "haut": "0.0"}),
    ]  # fmt: skip


def _classes(tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    classes, segments = tables["classes_reinert"], tables["segments_reinert"]
    segments = segments.sort_values("score", ascending=False, kind="stable")
    table = classes.assign(jugement=[juger(valeur) for valeur in classes["stabilite"]])
    cites = [[f"{texte} ({entretien})" for texte, entretien in segments.loc[
        segments["classe"] == classe, ["texte", "entretien"]].head(SEGMENTS_CITES).itertuples(index=False, name=None)]
        for classe in classes["classe"]]
    for rang in range(SEGMENTS_CITES):
        table[f"segment {rang + 1}"] = [(siens + [""] * SEGMENTS_CITES)[rang] for siens in cites]
    return table
