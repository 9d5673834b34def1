"""Un tableau de document : ce que les gabarits mettent en page avec un nombre de colonnes quelconque."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """Une case de tableau ; `forte` se met en gras."""

    texte: str
    forte: bool = False


@dataclass(frozen=True)
class Tableau:
    """Un tableau au nombre de colonnes quelconque.

    Attributes
    ----------
    titre, note : str
        `note` peut être vide. Sans lignes, elle dit pourquoi il n'y a rien à montrer.
    entetes : tuple[str, ...]
    lignes : tuple[tuple[Case, ...], ...]
        Chacune de même longueur que `entetes` ; aucune : le titre et la note restent seuls.
    """

    titre: str
    note: str
    entetes: tuple[str, ...]
    lignes: tuple[tuple[Case, ...], ...]
