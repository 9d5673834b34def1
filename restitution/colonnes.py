"""Des tables aux colonnes de la page : textes sans trous, renvois par rang d'une table à l'autre, largeurs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

PHRASE = 12.0
"""Signes au-delà desquels une case porte plus qu'un nombre ou un mot."""
MINIMUM = 16.0
"""Place d'une colonne au moins, en signes : « convergence » n'y est pas coupé."""


def textes_de(table: pd.DataFrame, colonne: str) -> list[str]:
    """Une colonne en texte, les valeurs manquantes rendues vides."""
    serie = table[colonne]
    return [str(v) for v in serie.astype(object).where(serie.notna(), "")]


def rangs_de(cibles: pd.DataFrame, cles: list[str], table: pd.DataFrame, quoi: str) -> list[int]:
    """Le rang, dans `table`, de la ligne que désigne chaque ligne de `cibles`.

    Raises
    ------
    ValueError
        Une ligne de `cibles` n'en désigne aucune ; le message dit laquelle.
    """
    index = pd.MultiIndex.from_frame(table[cles].astype(str))
    voulus = pd.MultiIndex.from_frame(cibles[cles].astype(str))
    trouves = index.get_indexer(voulus)
    if (trouves < 0).any():
        fautif = " ".join(map(str, voulus[int((trouves < 0).argmax())]))
        raise ValueError(f"{quoi} introuvable : {fautif}")
    return [int(r) for r in trouves]


def rangs_dans(valeurs: list[str], connues: list[str], quoi: str) -> list[int]:
    """Le rang de chaque valeur dans une liste fermée.

    Raises
    ------
    ValueError
        Une valeur n'y est pas.
    """
    rang = {valeur: i for i, valeur in enumerate(connues)}
    inconnues = sorted(set(valeurs) - set(rang))
    if inconnues:
        raise ValueError(f"{quoi} hors liste : {', '.join(inconnues[:5])}")
    return [rang[valeur] for valeur in valeurs]


def longueurs_moyennes(lignes: Sequence[Sequence[str]]) -> list[float]:
    """La longueur moyenne des textes de chaque colonne, lignes de même longueur."""
    return [sum(map(len, colonne)) / len(colonne) for colonne in zip(*lignes, strict=True)]


def largeurs_libres(total: float, nombre: int, longueurs: Sequence[float] = ()) -> list[float]:
    """Les largeurs d'un tableau au nombre de colonnes quelconque.

    La première, qui nomme la ligne, est plus large et les autres égales ; si l'une d'elles porte des phrases, chacune à
    proportion de ce qu'elle porte.

    Parameters
    ----------
    total : float
        Largeur du tableau, dans l'unité qu'on veut.
    nombre : int
        Nombre de colonnes, au moins une.
    longueurs : Sequence[float]
        `longueurs_moyennes` du corps ; vide si l'on ne sait pas.
    """
    if nombre == len(longueurs) > 1 and max(longueurs[1:]) > PHRASE:
        poids = [min(max(longueur, MINIMUM), 3 * PHRASE) for longueur in longueurs]
        return [total * sien / sum(poids) for sien in poids]
    premiere = total * (max(0.28, min(0.4, 1.6 / nombre)) if nombre > 1 else 1)
    return [premiere, *[(total - premiere) / (nombre - 1)] * (nombre - 1)] if nombre > 1 else [premiere]
