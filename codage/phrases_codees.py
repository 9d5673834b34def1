"""Des passages aux phrases : quelles phrases d'enquêtés un codage couvre."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class PhraseCodee:
    """Une phrase couverte : son identifiant et son texte."""

    phrase: str
    texte: str


def phrases_couvertes(phrases: pd.DataFrame, debut: int, fin: int) -> list[PhraseCodee]:
    """Les phrases d'enquêtés qu'un passage couvre.

    Une phrase est couverte si le passage en prend au moins la moitié, ou si elle fait au moins la moitié du passage :
    une sélection à la souris, un peu trop longue ou trop courte, garde ses phrases.

    Parameters
    ----------
    phrases : pandas.DataFrame
        Phrases d'un entretien : role, phrase, debut, fin, texte.
    debut, fin : int
        Le passage, fin exclue.
    """
    dites = phrases[(phrases["role"] == "enquete") & (phrases["debut"] < fin) & (phrases["fin"] > debut)]
    couvertes = []
    for phrase, d, f, texte in zip(dites["phrase"], dites["debut"], dites["fin"], dites["texte"], strict=True):
        commun = min(f, fin) - max(d, debut)
        if 2 * commun >= f - d or 2 * commun >= fin - debut:
            couvertes.append(PhraseCodee(str(phrase), str(texte)))
    return couvertes
