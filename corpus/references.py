"""Les entretiens codés livrés avec le projet : phrases et codages de référence.

Deux corpus, tous deux fictifs et écrits pour le projet :

- l'étude de démonstration (`DEMONSTRATION`), sur laquelle on mesure ;
- les entretiens d'apprentissage (`APPRENTISSAGE`), qui ne servent qu'à apprendre.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

DEMONSTRATION = Path(__file__).parent / "demonstration"
APPRENTISSAGE = Path(__file__).parent.parent / "modeles" / "apprentissage"


@dataclass(frozen=True)
class References:
    """Un corpus codé.

    Attributes
    ----------
    entretiens : pandas.DataFrame
        Colonnes entretien, fichier, territoire, fonction, categorie, date.
    phrases : pandas.DataFrame
        Colonnes entretien, tour, role, phrase, debut, fin, texte, dans l'ordre des textes ; `phrase`
        est vide pour l'enquêteur.
    codages : pandas.DataFrame
        Colonnes codeur, entretien, phrase, debut, fin, code, modalite, texte.
    """

    entretiens: pd.DataFrame
    phrases: pd.DataFrame
    codages: pd.DataFrame


def charger_references(dossier: Path) -> References:
    """Charge un corpus codé (`DEMONSTRATION` ou `APPRENTISSAGE`).

    Parameters
    ----------
    dossier : Path
        Contient entretiens.csv ; phrases.csv et codages.csv y sont, ou dans `references/`.
    """
    annotations = dossier / "references" if (dossier / "references").is_dir() else dossier
    phrases = _lire(annotations / "phrases.csv").astype({"tour": "int64", "debut": "int64", "fin": "int64"})
    codages = _lire(annotations / "codages.csv").astype({"debut": "int64", "fin": "int64"})
    return References(_lire(dossier / "entretiens.csv"), phrases, codages)


def _lire(chemin: Path) -> pd.DataFrame:
    return pd.read_csv(chemin, dtype=str, keep_default_na=False)
