"""Ce que la page et le classeur montrent du questionnaire."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from evaluation.rapprochement import SENS, VERDICTS, BilanQuestionnaire

_MARGES = {"echelle": "échelle", "annee": "année"}


def preparer_questionnaire(bilan: BilanQuestionnaire | None) -> dict[str, Any] | None:
    """Le questionnaire, pour la page.

    Parameters
    ----------
    bilan : BilanQuestionnaire or None
        None : l'étude n'a pas de questionnaire.

    Returns
    -------
    dict or None
        `repondantes`, `population` (None si inconnue), `effet`, `poids` (extrêmes), `marges`, `notes`, `niveau`,
        `seuils`, `sens`, `verdicts` ; `questions` : libellé, type, nombre de réponses et lignes (modalité, code,
        mesure, effectif, redressé, bas, haut, bornes certaines) ; `lignes` du rapprochement.
    """
    if bilan is None:
        return None
    depouillement, redressement, seuils = bilan.depouillement, bilan.depouillement.redressement, bilan.seuils
    questions = []
    for _, groupe in depouillement.resultats.groupby("variable", sort=False):
        tete = groupe.iloc[0]
        colonnes = ("modalite", "code", "mesure", "effectif", "redresse", "bas", "haut", "certain_bas", "certain_haut")
        questions.append([str(tete["libelle"]), str(tete["type"]), int(tete["reponses"]), _lignes(groupe, colonnes)])
    rapproche = bilan.rapprochement
    return {
        "repondantes": len(redressement.poids), "population": redressement.population,
        "effet": _nombre(redressement.effet_plan), "marges": [_MARGES.get(marge, marge) for marge in redressement.marges],
        "notes": list(redressement.notes),
        "poids": [_nombre(redressement.poids.min()), _nombre(redressement.poids.max())], "niveau": depouillement.niveau,
        "seuils": {"majorite": seuils.majorite, "entretiens": seuils.entretiens, "territoires": seuils.territoires,
                   "reponses": seuils.reponses},
        "sens": list(SENS), "verdicts": list(VERDICTS), "questions": questions,
        "lignes": [dict(zip(rapproche.columns, ligne, strict=True)) for ligne in _lignes(rapproche, tuple(rapproche.columns))],
    }


def feuilles_du_questionnaire(
    bilan: BilanQuestionnaire, noms: Mapping[str, str]
) -> list[tuple[str, pd.DataFrame, list[float], dict[str, str]]]:
    """Les feuilles du classeur : nom, table, largeurs des colonnes, formats de nombre.

    Parameters
    ----------
    bilan : BilanQuestionnaire
    noms : Mapping[str, str]
        Territoire → nom à montrer.
    """
    rapproche = bilan.rapprochement.assign(portee=bilan.rapprochement["portee"].map(lambda portee: noms.get(portee, portee)))
    cites = bilan.depouillement.poids.assign(repond=bilan.depouillement.poids["repond"].map({True: "oui", False: "non"}))
    resultats = bilan.depouillement.resultats
    parts = dict.fromkeys(("bas", "haut"), "0.0%")
    marges = [12.0] * (len(cites.columns) - 6)
    return [
        ("Rapprochement", rapproche, [24, 8, *[11] * 6, 10, 13, 30, 10, 12, 8, 8, 20, 22, 70, 11, 11, 11],
         {"part_entretiens": "0%", "part_questionnaire": "0.0%", **parts}),
        ("Questionnaire", resultats, [22, 60, 10, 34, 8, 11, 10, 9, *[9] * 7],
         {colonne: "0.00" for colonne in ("brut", "redresse", "bas", "haut", "certain_bas", "certain_haut", "effet_plan")}),
        ("Cités", cites, [10, 34, 11, 9, 10, 9, *marges], {"poids": "0.000"}),
    ]


def _lignes(table: pd.DataFrame, colonnes: tuple[str, ...]) -> list[list[Any]]:
    return [[_nombre(valeur) for valeur in ligne] for ligne in table[list(colonnes)].itertuples(index=False, name=None)]


def _nombre(valeur: Any) -> Any:
    """Une valeur de DataFrame en valeur de JSON : manquante, None ; décimale, arrondie."""
    if valeur is None or valeur is pd.NA or (isinstance(valeur, float) and math.isnan(valeur)):
        return None
    if isinstance(valeur, str):
        return valeur
    return round(float(valeur), 4) if isinstance(valeur, float) else int(valeur)
