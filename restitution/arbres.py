"""L'arbre d'une classification : ses divisions, contrôlées et rangées pour le dessin."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Division:
    """Un nœud de l'arbre : la racine, une division intermédiaire ou une classe.

    Attributes
    ----------
    identifiant : str
    parent : str or None
        Identifiant de la division dont il est issu ; None pour la racine.
    enfants : tuple[str, ...]
        Identifiants de ce en quoi il se divise, dans l'ordre du dessin ; vide pour une classe.
    hauteur : float
        Hauteur de la division, dans l'unité de la méthode ; sans effet pour une classe.
    libelle : str
    effectif : int
        Nombre d'unités (segments) qu'il réunit.
    """

    identifiant: str
    parent: str | None
    enfants: tuple[str, ...]
    hauteur: float
    libelle: str = ""
    effectif: int = 0


@dataclass(frozen=True)
class Noeud:
    """Une division et sa place : `hauteur` va de 0 (les classes) à 1 (la racine)."""

    division: Division
    hauteur: float

    @property
    def enfants(self) -> tuple[str, ...]:
        return self.division.enfants


def disposer(divisions: Sequence[Division]) -> list[Noeud]:
    """Contrôle l'arbre et range ses nœuds.

    Parameters
    ----------
    divisions : Sequence[Division]
        Dans n'importe quel ordre.

    Returns
    -------
    list[Noeud]
        Chaque nœud avant ses enfants, les enfants dans leur ordre. Une division moins haute que l'une des
        siennes (cela arrive en classification descendante) est montée à la hauteur de celle-ci ; quand
        toutes les hauteurs sont nulles, le nombre de divisions emboîtées en tient lieu.

    Raises
    ------
    ValueError
        Identifiant en double ou inconnu, parent et enfants qui se contredisent, plusieurs racines ou
        aucune, hauteur négative ou qui n'est pas un nombre fini.
    """
    par_nom = {division.identifiant: division for division in divisions}
    if len(par_nom) != len(divisions):
        raise ValueError("deux divisions portent le même identifiant")
    for division in divisions:
        if not (math.isfinite(division.hauteur) and division.hauteur >= 0):
            raise ValueError(f"la hauteur de « {division.identifiant} » n'est pas un nombre positif ou nul")
        liens = [(enfant, division.identifiant) for enfant in division.enfants]
        if division.parent is not None:
            liens.append((division.identifiant, division.parent))
        for enfant, parent in liens:
            inconnus = {enfant, parent} - par_nom.keys()
            if inconnus:
                raise ValueError(f"division inconnue : « {inconnus.pop()} »")
            if par_nom[enfant].parent != parent or par_nom[parent].enfants.count(enfant) != 1:
                raise ValueError(f"« {enfant} » et « {parent} » ne s'accordent pas sur leur lien")
    racines = [division for division in divisions if division.parent is None]
    if len(racines) != 1 and divisions:
        raise ValueError(f"l'arbre a une racine et une seule (trouvées : {len(racines)})")
    ranges: list[Division] = []
    pile = racines
    while pile:
        ranges.append(pile.pop())
        pile += [par_nom[enfant] for enfant in ranges[-1].enfants[::-1]]
    if len(ranges) != len(divisions):
        raise ValueError("des divisions ne descendent pas de la racine")
    hauteurs = _hauteurs(ranges, [division.hauteur for division in ranges])
    if ranges and not hauteurs[ranges[0].identifiant]:
        hauteurs = _hauteurs(ranges, None)
    haut = max(hauteurs.values(), default=0.0) or 1.0
    return [Noeud(division, hauteurs[division.identifiant] / haut) for division in ranges]


def _hauteurs(ranges: Sequence[Division], donnees: Sequence[float] | None) -> dict[str, float]:
    """Hauteurs qui croissent vers la racine ; sans `donnees`, un de plus que l'enfant le plus haut."""
    hauteurs: dict[str, float] = {}
    for rang in range(len(ranges) - 1, -1, -1):
        division = ranges[rang]
        plus_haute = max((hauteurs[enfant] for enfant in division.enfants), default=0.0)
        sienne = plus_haute + 1 if donnees is None else max(donnees[rang], plus_haute)
        hauteurs[division.identifiant] = sienne if division.enfants else 0.0
    return hauteurs
