"""Écrire le dossier `resultats/` : tables, rapport, classeur."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from corpus.cache import ecriture_atomique
from restitution.classeurs import ecrire_classeur
from restitution.donnees import DonneesRapport
from restitution.rapport import ecrire_rapport


def ecrire_resultats(dossier: Path, donnees: DonneesRapport) -> None:
    """Écrit tous les fichiers de résultats, chacun en une fois (à côté, puis renommé).

    Parameters
    ----------
    dossier : Path
        Créé s'il n'existe pas.
    donnees : DonneesRapport

    Notes
    -----
    CSV : virgule, UTF-8, point décimal, fins de ligne « \\n ».
    """
    dossier.mkdir(parents=True, exist_ok=True)
    _parquet(dossier / "tours.parquet", donnees.tours)
    _parquet(dossier / "phrases.parquet", donnees.phrases)
    _parquet(dossier / "mentions.parquet", donnees.mentions)
    _csv(dossier / "entretiens.csv", donnees.entretiens)
    _csv(dossier / "mentions.csv", donnees.mentions)
    if donnees.hesitations is not None:
        _csv(dossier / "hesitations.csv", donnees.hesitations)
    _csv(dossier / "themes.csv", donnees.themes)
    _csv(dossier / "themes_phrases.csv", donnees.themes_phrases)
    if donnees.themes_codes is not None:
        _csv(dossier / "themes_codes.csv", donnees.themes_codes)
    if donnees.codes_proposes is not None:
        _csv(dossier / "codes_proposes.csv", donnees.codes_proposes)
    _csv(dossier / "matrice.csv", donnees.matrice)
    if donnees.questionnaire is not None:
        _csv(dossier / "questionnaire_resultats.csv", donnees.questionnaire.depouillement.resultats)
        _csv(dossier / "questionnaire_poids.csv", donnees.questionnaire.depouillement.poids)
        _csv(dossier / "rapprochement.csv", donnees.questionnaire.rapprochement)
    ecrire_classeur(dossier / "tableaux.xlsx", donnees)
    ecrire_rapport(dossier / "rapport.html", donnees)


def _parquet(chemin: Path, table: pd.DataFrame) -> None:
    with ecriture_atomique(chemin) as provisoire:
        table.to_parquet(provisoire, index=False)


def _csv(chemin: Path, table: pd.DataFrame) -> None:
    with ecriture_atomique(chemin) as provisoire:
        table.to_csv(provisoire, index=False, encoding="utf-8", lineterminator="\n")
