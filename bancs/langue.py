"""Débit de la chaîne de langue : `python -m bancs.langue`.

Sur 2 000 phrases du corpus d'apprentissage, mots (entre blancs) par seconde de processeur, pour le
modèle complet, le modèle sans repérage d'entités et la chaîne du projet ; puis le temps que
demanderaient 125 000 mots.
"""

from __future__ import annotations

import time
from importlib.resources import files

import pandas as pd
import spacy
from spacy.language import Language

from extraction.langue import MODELE, analyser, charger_langue

PHRASES = 2000
MOTS_VISES = 125_000


def chronometrer(nlp: Language, textes: list[str]) -> tuple[float, float]:
    """Secondes de processeur et secondes d'horloge pour analyser les textes."""
    for _ in analyser(textes[:100], nlp):
        pass
    processeur, horloge = time.process_time(), time.perf_counter()
    for _ in analyser(textes, nlp):
        pass
    return time.process_time() - processeur, time.perf_counter() - horloge


def principal() -> None:
    """Affiche le tableau."""
    with files("modeles").joinpath("apprentissage", "phrases.csv").open(encoding="utf-8") as flux:
        phrases = pd.read_csv(flux, keep_default_na=False)
    textes = phrases.texte[phrases.role == "enquete"].head(PHRASES).tolist()
    mots = sum(len(texte.split()) for texte in textes)
    chaines = {
        "modèle complet": spacy.load(MODELE),
        "sans ner": spacy.load(MODELE, exclude=["ner"]),
        "chaîne du projet": charger_langue(),
    }
    print(f"{len(textes)} phrases, {mots} mots")
    for nom, nlp in chaines.items():
        processeur, horloge = chronometrer(nlp, textes)
        print(
            f"{nom:<18} {mots / processeur:7.0f} mots/s (processeur) {mots / horloge:7.0f} mots/s (horloge)"
            f"  {MOTS_VISES:,} mots : {MOTS_VISES * processeur / mots:5.1f} s".replace(",", " ")
        )


if __name__ == "__main__":
    principal()
