"""Placer les sommets d'un graphe dans le plan, pour le dessiner.

Minimisation de la contrainte par majoration (Gansner, Koren et North, « Graph drawing by stress
majorization », Graph Drawing 2004, LNCS 3383, p. 239-250) : la distance à l'écran approche la longueur du
plus court chemin. Le départ est le positionnement multidimensionnel classique des mêmes distances
(Torgerson 1952), et non un tirage : mêmes arêtes, mêmes positions.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.sparse.csgraph import shortest_path

_TOURS = 300
_PROGRES = 1e-5
_ECART = 1.0

_Reels = NDArray[np.float64]


def placer(longueurs: _Reels) -> _Reels:
    """Place les sommets d'un graphe.

    Parameters
    ----------
    longueurs : numpy.ndarray de forme (n, n)
        Longueur souhaitée de chaque arête, symétrique ; 0 où il n'y a pas d'arête.

    Returns
    -------
    numpy.ndarray de forme (n, 2)
        Abscisses et ordonnées, dans l'unité des longueurs, de moyenne nulle, l'axe le plus étalé couché.
        Les morceaux d'un graphe qui n'est pas d'un seul tenant sont tenus écartés.
    """
    n = len(longueurs)
    if n < 2:
        return np.zeros((n, 2))
    distances: _Reels = shortest_path(longueurs, directed=False)
    jointes = np.isfinite(distances)
    # Deux morceaux se tiennent à la distance du plus étendu des graphes joints, plus un écart.
    distances[~jointes] = distances[jointes].max() + _ECART
    places = _majorer(_torgerson(distances), distances)
    return _coucher(places)


def _torgerson(distances: _Reels) -> _Reels:
    """Positionnement classique : les deux premiers axes des distances doublement centrées."""
    carres = distances**2
    centrees = -(carres - carres.mean(axis=0) - carres.mean(axis=1)[:, None] + carres.mean()) / 2
    valeurs, vecteurs = np.linalg.eigh(centrees)
    places: _Reels = vecteurs[:, :-3:-1] * np.sqrt(np.maximum(valeurs[:-3:-1], 0.0))
    # Des sommets confondus ne se sépareraient plus : un décalage fixe, en spirale, les distingue.
    angles = np.arange(len(places)) * np.pi * (3 - np.sqrt(5))
    rayons = 0.05 * np.sqrt(np.arange(1, len(places) + 1) / len(places))
    decales: _Reels = places + rayons[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    return decales


def _majorer(places: _Reels, distances: _Reels) -> _Reels:
    """Majorations successives (Gansner et al. 2004, éq. 6) aux poids 1 / distance²."""
    with np.errstate(divide="ignore"):
        poids = np.where(distances > 0, distances**-2.0, 0.0)
    laplacien = np.diag(poids.sum(axis=1)) - poids
    inverse = np.linalg.pinv(laplacien, hermitian=True)
    avant = np.inf
    for _ in range(_TOURS):
        ecarts = np.linalg.norm(places[:, None] - places[None, :], axis=2)
        contrainte = float((poids * (ecarts - distances) ** 2).sum()) / 2
        if contrainte >= avant * (1 - _PROGRES):
            break
        avant = contrainte
        with np.errstate(divide="ignore"):
            rapports = np.where(ecarts > 0, poids * distances / np.where(ecarts > 0, ecarts, 1.0), 0.0)
        places = inverse @ ((np.diag(rapports.sum(axis=1)) - rapports) @ places)
    return places


def _coucher(places: _Reels) -> _Reels:
    """Tourne le dessin : l'axe le plus étalé à l'horizontale, sens fixés par le premier sommet extrême."""
    centrees = places - places.mean(axis=0)
    _, _, axes = np.linalg.svd(centrees, full_matrices=False)
    tournees: _Reels = centrees @ axes.T
    extremes = np.abs(tournees).round(6).argmax(axis=0)
    sens = np.where(tournees[extremes, [0, 1]] < 0, -1.0, 1.0)
    return tournees * sens
