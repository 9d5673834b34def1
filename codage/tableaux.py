"""Compléter un tableau CSV de l'étude sans perdre une case de ce qu'il contenait."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.fautes import ErreurEtude
from corpus.tables_csv import lire_csv


@dataclass(frozen=True)
class Tableau:
    """Un tableau : ses colonnes (aucune s'il n'existe pas) et ses lignes."""

    colonnes: tuple[str, ...]
    lignes: list[dict[str, str]]


def lire_tableau(chemin: Path, nom: str) -> Tableau:
    """Le tableau de ce chemin ; vide s'il n'y est pas.

    Raises
    ------
    ErreurEtude
        Toutes ses fautes : on ne complète pas un tableau qu'on ne sait pas relire.
    """
    if not chemin.exists():
        return Tableau((), [])
    lu = lire_csv(chemin, nom, ())
    if lu.fautes:
        raise ErreurEtude(lu.fautes)
    return Tableau(lu.colonnes, [ligne.valeurs for ligne in lu.lignes])


def ajouter_lignes(ancien: Tableau, colonnes: Sequence[str], lignes: Sequence[Mapping[str, str]]) -> str:
    """Le CSV du tableau complété : les colonnes qu'il avait, puis celles qui lui manquent."""
    toutes = list(dict.fromkeys([*ancien.colonnes, *colonnes]))
    sortie = io.StringIO()
    redacteur = csv.DictWriter(sortie, toutes, restval="", lineterminator="\n")
    redacteur.writeheader()
    redacteur.writerows(ancien.lignes)
    redacteur.writerows(lignes)
    return sortie.getvalue()
