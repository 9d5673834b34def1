"""Faire tenir des libellés dans un dessin sans qu'ils se recouvrent.

Deux cas : des boîtes qu'on peut déplacer (les sommets d'un graphe), qu'on écarte ; des libellés attachés à
des points fixes (une carte), auxquels on cherche une place, au risque d'en cacher.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Reels = NDArray[np.float64]
Boite = tuple[float, float, float, float]
"""Gauche, haut, droite, bas, en pixels."""

_PASSES = 60
_DILATATION = 1.08
_ECART = 4.0


def ecarter(centres: Reels, tailles: Reels, marge: float = 4.0) -> Reels:
    """Déplace le moins possible des boîtes qui se recouvrent, jusqu'à ce qu'aucune ne se touche.

    À chaque passe, deux boîtes qui se recouvrent reculent l'une de l'autre, chacune de la moitié du
    recouvrement, dans la direction où il est le moindre. Si cela ne suffit pas, le dessin est dilaté.

    Parameters
    ----------
    centres : numpy.ndarray de forme (n, 2)
        Centres des boîtes, en pixels.
    tailles : numpy.ndarray de forme (n, 2)
        Largeurs et hauteurs, en pixels.
    marge : float, default 4
        Espace laissé entre deux boîtes, en pixels.

    Returns
    -------
    numpy.ndarray de forme (n, 2)
        Les nouveaux centres.
    """
    places = centres.astype(np.float64)
    i, j = np.triu_indices(len(places), k=1)
    voulus = (tailles[i] + tailles[j]) / 2 + marge
    passes = 0
    while len(i):
        ecarts = places[j] - places[i]
        manques = voulus - np.abs(ecarts)
        heurts = np.flatnonzero((manques > 1e-6).all(axis=1))
        if not len(heurts):
            break
        passes += 1
        if passes % _PASSES == 0:
            places *= _DILATATION
            continue
        recul = np.zeros_like(places)
        axes = manques[heurts].argmin(axis=1)
        sens = np.where(ecarts[heurts, axes] < 0, -1.0, 1.0)
        pousses = sens * (manques[heurts, axes] / 2 + 0.01)
        np.add.at(recul, (i[heurts], axes), -pousses)
        np.add.at(recul, (j[heurts], axes), pousses)
        places += recul
    return places


def raccourcir(
    debut: Reels, fin: Reels, taille_debut: Reels, taille_fin: Reels, marge: float = 2.0
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Le segment qui joint deux boîtes, de bord à bord.

    Parameters
    ----------
    debut, fin : numpy.ndarray de forme (2,)
        Centres des boîtes, en pixels.
    taille_debut, taille_fin : numpy.ndarray de forme (2,)
        Largeurs et hauteurs, en pixels.
    marge : float, default 2
        Espace laissé entre le bord et le bout du segment, en pixels.

    Returns
    -------
    tuple of two (float, float)
        Les deux bouts ; confondus, au milieu, quand les boîtes se touchent.
    """
    ecart = fin - debut
    parts = []
    for taille in (taille_debut, taille_fin):
        with np.errstate(divide="ignore"):
            sorties = (taille / 2 + marge) / np.abs(ecart)
        parts.append(float(sorties.min()))
    if parts[0] + parts[1] >= 1:
        parts = [0.5, 0.5]
    a, b = debut + parts[0] * ecart, fin - parts[1] * ecart
    return (float(a[0]), float(a[1])), (float(b[0]), float(b[1]))


def attacher(
    points: Reels, tailles: Reels, rayons: Reels, cadre: Boite, tenaces: int = 0, prises: Sequence[Boite] = ()
) -> list[tuple[float, float] | None]:
    """Cherche à chaque libellé une place contre son point.

    Les points passent dans l'ordre reçu ; chacun prend la première place libre parmi huit (à droite, à
    gauche, au-dessus, au-dessous, puis en biais), sans toucher un libellé déjà posé, un point ni le bord.

    Parameters
    ----------
    points : numpy.ndarray de forme (n, 2)
        Centres des points, en pixels, du plus au moins important.
    tailles : numpy.ndarray de forme (n, 2)
        Largeurs et hauteurs des libellés, en pixels.
    rayons : numpy.ndarray de forme (n,)
        Rayons des points, en pixels.
    cadre : tuple of (float, float, float, float)
        Gauche, haut, droite, bas de la zone où écrire.
    tenaces : int, default 0
        Nombre des premiers libellés qui peuvent, faute de mieux, couvrir des points qui les suivent.
    prises : Sequence of boîtes, optional
        Endroits déjà occupés, où ne rien écrire.

    Returns
    -------
    list of (float, float) or None
        Coin supérieur gauche de chaque libellé ; None pour celui qui n'a pas trouvé de place.
    """
    marques = [(x - r, y - r, x + r, y + r) for (x, y), r in zip(points.tolist(), rayons.tolist(), strict=True)]
    poses = [*prises]
    places: list[tuple[float, float] | None] = []
    for rang, (large, haut) in enumerate(tailles.tolist()):
        (x, y), loin = points[rang].tolist(), float(rayons[rang]) + _ECART
        essais = [
            (gauche, dessus, gauche + large, dessus + haut)
            for gauche, dessus in _essais(x, y, large, haut, loin)
        ]
        libres = [boite for boite in essais if _dedans(boite, cadre) and not _heurte(boite, poses)]
        avant, apres = marques[:rang], marques[rang + 1 :]
        visibles = [boite for boite in libres if not _heurte(boite, avant)]
        choix = [boite for boite in visibles if not _heurte(boite, apres)] or (visibles if rang < tenaces else [])
        poses += choix[:1]
        places.append((choix[0][0], choix[0][1]) if choix else None)
    return places


def _essais(x: float, y: float, large: float, haut: float, loin: float) -> list[tuple[float, float]]:
    """Les huit places autour d'un point, par leur coin supérieur gauche."""
    milieu, biais = y - haut / 2, loin * 0.7
    return [
        (x + loin, milieu),
        (x - loin - large, milieu),
        (x - large / 2, y - loin - haut),
        (x - large / 2, y + loin),
        (x + biais, y - biais - haut),
        (x + biais, y + biais),
        (x - biais - large, y - biais - haut),
        (x - biais - large, y + biais),
    ]


def _dedans(boite: Boite, cadre: Boite) -> bool:
    return cadre[0] <= boite[0] and cadre[1] <= boite[1] and boite[2] <= cadre[2] and boite[3] <= cadre[3]


def _heurte(boite: Boite, autres: Sequence[Boite]) -> bool:
    gauche, haut, droite, bas = boite
    return any(gauche < d and g < droite and haut < b and h < bas for g, h, d, b in autres)
