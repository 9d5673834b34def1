"""Les communautés d'un graphe : groupes de sommets plus liés entre eux qu'aux autres.

Fusion gloutonne de la modularité (Clauset, Newman et Moore, « Finding community structure in very large
networks », Physical Review E 70, 066111, 2004), l'un des partages qu'offre IRaMuTeQ. Partant d'un groupe
par sommet, on fusionne chaque fois les deux groupes qui font le plus gagner de modularité (Newman 2004),
jusqu'à ce qu'aucune fusion n'y gagne. Rien n'est tiré au sort.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_GAIN_NUL = 1e-12


def communautes(poids: NDArray[np.float64]) -> NDArray[np.int64]:
    """Partage les sommets d'un graphe en communautés.

    Parameters
    ----------
    poids : numpy.ndarray de forme (n, n)
        Poids des arêtes : symétrique, positif ou nul, de diagonale nulle.

    Returns
    -------
    numpy.ndarray de forme (n,)
        Numéro de communauté de chaque sommet, 0 pour la plus nombreuse (à égalité, celle du premier
        sommet). Un sommet sans arête est seul dans la sienne. Temps en O(n³), pour quelques centaines
        de sommets.

    Raises
    ------
    ValueError
        La matrice n'est pas carrée, symétrique, positive et de diagonale nulle.
    """
    n = len(poids)
    if poids.shape != (n, n) or (poids < 0).any() or (poids != poids.T).any() or np.diag(poids).any():
        raise ValueError("les poids forment une matrice carrée, symétrique, positive et de diagonale nulle")
    total = poids.sum()
    groupes = [[sommet] for sommet in range(n)]
    liens = poids / total if total else poids.astype(np.float64)
    while True:
        forces = liens.sum(axis=1)
        gains = np.where(liens > 0, 2 * (liens - np.outer(forces, forces)), -np.inf)
        np.fill_diagonal(gains, -np.inf)
        if not gains.size or gains.max() <= _GAIN_NUL:
            break
        # Parmi les fusions qui gagnent autant, aux arrondis près, la première.
        i, j = np.argwhere(gains >= gains.max() - _GAIN_NUL)[0]
        groupes[i] += groupes.pop(j)
        liens[i] += liens[j]
        liens[:, i] += liens[:, j]
        liens = np.delete(np.delete(liens, j, axis=0), j, axis=1)
    numeros = np.empty(n, dtype=np.int64)
    for rang, groupe in enumerate(sorted(groupes, key=lambda groupe: (-len(groupe), min(groupe)))):
        numeros[groupe] = rang
    return numeros


def modularite(poids: NDArray[np.float64], numeros: NDArray[np.int64]) -> float:
    """La modularité d'un partage (Newman et Girvan, Physical Review E 69, 026113, 2004).

    Parameters
    ----------
    poids : numpy.ndarray de forme (n, n)
        Poids des arêtes, comme pour `communautes`.
    numeros : numpy.ndarray de forme (n,)
        Communauté de chaque sommet.

    Returns
    -------
    float
        Part du poids des arêtes internes aux communautés, moins celle qu'y mettrait le hasard à forces
        égales ; 0 pour un graphe sans arête.
    """
    total = float(poids.sum())
    if not total:
        return 0.0
    forces = poids.sum(axis=1)
    memes = numeros[:, None] == numeros[None, :]
    return float((poids[memes].sum() - np.outer(forces, forces)[memes].sum() / total) / total)
