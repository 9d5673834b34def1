"""La stabilité des thèmes : les retrouverait-on si l'on n'avait pas rencontré tout le monde ?

On refait les thèmes sur des extraits de l'étude, et l'on cherche ce que chacun devient :

- *thème par thème*, l'indice de Jaccard avec le thème refait qui lui ressemble le plus, en moyenne sur
  les extraits (Hennig 2007, « Cluster-wise assessment of cluster stability », Computational Statistics
  and Data Analysis 52, p. 258-271 ; c'est son tirage sans remise, « subsetting ») ;
- *pour toute la portée*, l'indice de Rand ajusté moyen (Hubert et Arabie 1985).

Un extrait garde quatre cinquièmes des entretiens, entiers (`modeles.extraits`). Tout ce qui dépend des segments est
refait : correction des plongements, pertinence des termes, composantes, nombre de thèmes, regroupement. Ne refaire
que le regroupement rendrait ces indices trop beaux. Les thèmes d'un territoire viennent de ceux de toute l'étude
(`modeles.ancrage`) : ce sont les extraits de toute l'étude qui les éprouvent, et un territoire y perd en moyenne un
cinquième de ses entretiens, comme les autres.

C'est ici, et nulle part ailleurs, que sont les seuils qui font dire d'un thème qu'il est stable.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from modeles.extraits import ABSENT, tirer
from modeles.regroupement import HORS_THEME, Entiers, Reels

SEUIL_STABLE = 0.75
"""Indice de Jaccard moyen à partir duquel un thème est dit stable : celui que Hennig donne pour « a valid,
stable cluster » (documentation de `clusterboot`, paquet R fpc ; paramètre `recover`)."""

SEUIL_INSTABLE = 0.5
"""Indice de Jaccard moyen en dessous duquel un thème est dit instable : dans un extrait, Hennig tient pour
dissous un groupe qui n'atteint pas mieux (même documentation, paramètre `dissolution`)."""

STABLE, A_CONFIRMER, INSTABLE, NON_MESUREE = "stable", "à confirmer", "instable", "non mesurée"

_PART_EXTRAIT = 0.8


def extraire(entretiens: Sequence[str], essais: int, graine: int) -> list[Entiers]:
    """Tire les extraits qui éprouvent les thèmes (`modeles.extraits.tirer`, quatre cinquièmes des entretiens)."""
    return tirer(entretiens, essais, graine, _PART_EXTRAIT)


def juger(stabilite: float) -> str:
    """Dit en mots la stabilité d'un thème.

    Parameters
    ----------
    stabilite : float
        Indice de Jaccard moyen, de 0 à 1 ; nan s'il n'a pas été mesuré.

    Returns
    -------
    str
        « stable » (0,75 et plus), « à confirmer » (de 0,5 à 0,75), « instable » (moins de 0,5) ou
        « non mesurée ».
    """
    if math.isnan(stabilite):
        return NON_MESUREE
    return STABLE if stabilite >= SEUIL_STABLE else A_CONFIRMER if stabilite >= SEUIL_INSTABLE else INSTABLE


def jaccards(reference: Entiers, refaits: Entiers) -> Reels:
    """L'indice de Jaccard de chaque thème avec le thème refait qui lui ressemble le plus.

    Parameters
    ----------
    reference, refaits : numpy.ndarray de forme (n,)
        Thèmes des mêmes segments, avant et après ; -1, hors thème, n'est le thème de personne.

    Returns
    -------
    numpy.ndarray de forme (max(reference) + 1,)
        De 0 à 1 ; nan pour un thème sans segment.
    """
    nombre, nouveaux = (int(numeros.max(initial=HORS_THEME)) + 1 for numeros in (reference, refaits))
    croises = np.zeros((nombre, nouveaux), dtype=np.int64)
    dedans = (reference != HORS_THEME) & (refaits != HORS_THEME)
    np.add.at(croises, (reference[dedans], refaits[dedans]), 1)
    avant = np.bincount(reference[reference != HORS_THEME], minlength=nombre)
    apres = np.bincount(refaits[refaits != HORS_THEME], minlength=nouveaux)
    indices = croises / np.maximum(avant[:, None] + apres - croises, 1)
    meilleurs: Reels = np.where(avant > 0, indices.max(axis=1, initial=0.0), np.nan)
    return meilleurs


def mesurer(numeros: Entiers, essais: Entiers) -> tuple[float, Reels]:
    """La stabilité de l'ensemble et de chaque thème.

    Parameters
    ----------
    numeros : numpy.ndarray de forme (n,)
        Thèmes de l'étude, de 0 à k - 1.
    essais : numpy.ndarray de forme (e, n)
        Par extrait, les thèmes refaits des mêmes segments ; `ABSENT` pour ceux que l'extrait n'a pas.

    Returns
    -------
    portee : float
        Indice de Rand ajusté moyen ; nan sans extrait.
    themes : numpy.ndarray de forme (k,)
        Indice de Jaccard moyen ; un extrait sans aucun segment d'un thème ne compte pas pour lui ; nan
        s'il n'est dans aucun.
    """
    from sklearn.metrics import adjusted_rand_score

    nombre = int(numeros.max(initial=HORS_THEME)) + 1
    accords, sommes, presences = [], np.zeros(nombre), np.zeros(nombre)
    for refaits in essais:
        rangs = np.flatnonzero(refaits != ABSENT)
        accords.append(adjusted_rand_score(numeros[rangs], refaits[rangs]))
        indices = np.full(nombre, np.nan)
        trouves = jaccards(numeros[rangs], refaits[rangs])
        indices[: len(trouves)] = trouves
        sommes += np.nan_to_num(indices)
        presences += np.isfinite(indices)
    themes = np.divide(sommes, presences, out=np.full(nombre, np.nan), where=presences > 0)
    return (float(np.mean(accords)) if accords else math.nan), themes
