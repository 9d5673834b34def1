"""Tirer des extraits d'une étude : une part de ses entretiens, entiers.

C'est l'entretien, non la phrase, qu'une autre enquête aurait pu ne pas compter ; et un segment y garde son contexte.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

ABSENT = -2
"""Marque, parmi les groupes refaits sur un extrait, un segment que l'extrait n'a pas."""

ENTRETIENS_MIN = 5
"""En dessous, un extrait d'entretiens entiers en perdrait trop : on tire des segments, ce qui défait leur
contexte."""


def tirer(entretiens: Sequence[str], essais: int, graine: int, part: float) -> list[NDArray[np.int64]]:
    """Tire des extraits : une part des entretiens, ou des segments s'il y a peu d'entretiens.

    Parameters
    ----------
    entretiens : Sequence[str]
        Entretien de chaque segment.
    essais : int
        Nombre d'extraits.
    graine : int
    part : float
        Part gardée, entre 0 et 1 ; au moins un entretien (ou un segment).

    Returns
    -------
    list[numpy.ndarray]
        Par extrait, les rangs croissants de ses segments. Moins de cinq entretiens : les segments sont
        tirés un à un.
    """
    hasard = np.random.default_rng(graine)
    noms, codes = np.unique(np.asarray(entretiens, dtype=str), return_inverse=True)
    par_entretien = len(noms) >= ENTRETIENS_MIN
    unites = codes if par_entretien else np.arange(len(codes))
    nombre = len(noms) if par_entretien else len(codes)
    taille = min(nombre, max(1, int(part * nombre)))
    return [np.flatnonzero(np.isin(unites, hasard.choice(nombre, size=taille, replace=False))) for _ in range(essais)]
