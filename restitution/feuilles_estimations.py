"""La feuille des parts estimées du classeur, et ce que dit chacune de ses colonnes."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evaluation.estimation import COLONNES, PORTEURS_MINIMUM, TIREES_MINIMUM
from restitution.feuilles_textometrie import FeuilleDeTable

NOM = "Estimations"
_PARTS = ("brut", "echantillon", "echantillon_bas", "echantillon_haut", "corrige", "corrige_bas", "corrige_haut")
_SENS: dict[str, str] = {
    "portee": "« national » ou le territoire (son nom dans le classeur, son identifiant dans le fichier CSV).",
    "unite": "Ce dont on estime une part : les entretiens ou les phrases.",
    "code": "Code de la grille.",
    "modalite": "« toutes » : on en parle, quoi qu'on en dise ; sinon la modalité.",
    "population": "Nombre d'unités de la portée.",
    "tirees": "Nombre d'unités tirées au sort et codées à la main ; l'entretien, s'il a été tiré en entier.",
    "portent": "Parmi elles, celles où une personne a posé le code.",
    "brut": "Part selon la machine seule.",
    "echantillon": "Part selon l'échantillon seul.",
    "echantillon_bas": "Borne basse de son intervalle à 95 %.",
    "echantillon_haut": "Borne haute.",
    "corrige": "Part prévue par la machine, corrigée de l'écart constaté sur l'échantillon ; vide quand conclusion vaut "
               "« trop peu ».",
    "corrige_bas": "Borne basse de son intervalle à 95 %.",
    "corrige_haut": "Borne haute.",
    "conclusion": f"« corrigé », ou « trop peu » : moins de {PORTEURS_MINIMUM} unités tirées portent le code, ou ne le portent "
                  f"pas, ou moins de {TIREES_MINIMUM} ont été tirées.",
    "poids_machine": "λ, ce que la machine pèse dans l'estimation : 0, rien ; 1, tout.",
}
DICTIONNAIRE_ESTIMATIONS: tuple[tuple[str, str, str], ...] = tuple((NOM, colonne, _SENS[colonne]) for colonne in COLONNES)
"""Feuille, colonne, sens."""


def feuille_des_estimations(table: pd.DataFrame, territoires: Mapping[str, str]) -> FeuilleDeTable:
    """La feuille, territoires nommés.

    Parameters
    ----------
    table : pandas.DataFrame
        `DonneesRapport.estimations`.
    territoires : Mapping[str, str]
        Identifiant → nom.
    """
    claire = table.assign(portee=[territoires.get(portee, portee) for portee in table["portee"]])
    return FeuilleDeTable(NOM, claire, (26, 11, 8, 13, 11, 8, 9, 9, *[13] * 6, 12, 14),
                          {**dict.fromkeys(_PARTS, "0.0%"), "poids_machine": "0.00"})
