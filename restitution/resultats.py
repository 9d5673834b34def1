"""Écrire le dossier `resultats/` : tables, rapport, classeur."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from corpus.cache import ecriture_atomique
from restitution.classeurs import ecrire_classeur
from restitution.donnees import DonneesRapport
from restitution.images import Image
from restitution.images_themes import PREFIXE, ecrire_images, images_themes
from restitution.rapport import ecrire_rapport


def ecrire_resultats(dossier: Path, donnees: DonneesRapport) -> None:
    """Écrit tous les fichiers de résultats, chacun en une fois (à côté, puis renommé), et le dossier `images/`.

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
    machine = donnees.mentions if donnees.machine is None else donnees.machine
    _parquet(dossier / "mentions.parquet", machine)
    _parquet(dossier / "retenues.parquet", donnees.mentions)
    _csv(dossier / "entretiens.csv", donnees.entretiens)
    _csv(dossier / "mentions.csv", machine)
    _csv(dossier / "retenues.csv", donnees.mentions)
    if donnees.hesitations is not None:
        _csv(dossier / "hesitations.csv", donnees.hesitations)
    if donnees.probables is not None:
        _csv(dossier / "probables.csv", donnees.probables)
    _csv(dossier / "themes.csv", donnees.themes)
    _csv(dossier / "themes_phrases.csv", donnees.themes_phrases)
    if donnees.themes_codes is not None:
        _csv(dossier / "themes_codes.csv", donnees.themes_codes)
    if donnees.codes_proposes is not None:
        _csv(dossier / "codes_proposes.csv", donnees.codes_proposes)
    if donnees.themes_territoires is not None:
        _csv(dossier / "themes_territoires.csv", donnees.themes_territoires)
    if donnees.themes_ecarts is not None:
        _csv(dossier / "themes_ecarts.csv", donnees.themes_ecarts)
    _csv(dossier / "matrice.csv", donnees.matrice)
    for nom, table in (*donnees.textometrie.items(), *donnees.constats.items()):
        _csv(dossier / f"{nom}.csv", table)
    _images(dossier / "images", donnees.images)
    ecrire_images(dossier / "images", images_themes(donnees))
    if donnees.estimations is not None:
        _csv(dossier / "estimations.csv", donnees.estimations)
    if donnees.questionnaire is not None:
        _csv(dossier / "questionnaire_resultats.csv", donnees.questionnaire.depouillement.resultats)
        _csv(dossier / "questionnaire_poids.csv", donnees.questionnaire.depouillement.poids)
        _csv(dossier / "rapprochement.csv", donnees.questionnaire.rapprochement)
    ecrire_classeur(dossier / "tableaux.xlsx", donnees)
    ecrire_rapport(dossier / "rapport.html", donnees)


def _images(dossier: Path, images: Sequence[Image]) -> None:
    """Écrit les images de textométrie et efface celles d'une analyse précédente ; celles des thèmes n'y perdent rien."""
    attendues = {f"{image.nom}.svg": image.svg for image in images}
    for nom, svg in attendues.items():
        with ecriture_atomique(dossier / nom) as provisoire:
            provisoire.write_text(svg, encoding="utf-8", newline="\n")
    for ancienne in dossier.glob("*.svg"):
        if ancienne.name not in attendues and not ancienne.name.startswith(PREFIXE):
            ancienne.unlink()


def _parquet(chemin: Path, table: pd.DataFrame) -> None:
    with ecriture_atomique(chemin) as provisoire:
        table.to_parquet(provisoire, index=False)


def _csv(chemin: Path, table: pd.DataFrame) -> None:
    with ecriture_atomique(chemin) as provisoire:
        table.to_csv(provisoire, index=False, encoding="utf-8", lineterminator="\n")
