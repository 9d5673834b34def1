"""Tirer au sort l'échantillon à coder à la main : quelles unités, avec quelle probabilité.

L'unité tirée est l'entretien (codé en entier) ou la phrase. Trois plans, tous sans remise et de taille fixe :

- `simple` : toutes les unités ont la même chance ;
- `stratifie` : à probabilités égales dans chaque territoire, chacun représenté à proportion de son poids ;
- `inegal` : plus souvent là où la machine doute, à proportion de l'écart-type qu'elle annonce, √Σp(1 − p) sur les
  codes visés. C'est le plan de variance attendue minimale pour un estimateur par différence (Särndal, Swensson et
  Wretman, *Model Assisted Survey Sampling*, 1992, § 12.2) ; Zrnic et Candès (2024, *Active Statistical Inference*,
  arXiv:2403.03208, § 4) le mêlent à un tirage uniforme, qui borne les poids quand la machine se trompe sûre d'elle. Pour
  la même raison on ne la croit jamais tout à fait sûre d'un oui : √Σp(1 − 0,9p). Reste qu'une machine qui ne verrait
  rien là où l'on code beaucoup rendrait ces intervalles trop courts (`bancs.estimation`, confiances tronquées) : ce
  plan demande des confiances calibrées ; les deux autres ne demandent rien.

Les unités sont prises par tirage systématique dans un ordre tiré au sort (Goodman et Kish 1950 ; Hartley et Rao 1962,
*Annals of Mathematical Statistics* 33), qui respecte exactement les probabilités d'inclusion ; à probabilités égales,
c'est le sondage aléatoire simple.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

ENTRETIENS, PHRASES = UNITES = ("entretiens", "phrases")
SIMPLE, STRATIFIE, INEGAL = PLANS = ("simple", "stratifie", "inegal")
ENSEMBLE = "ensemble"
PART_UNIFORME = 0.2
PART_UNIFORME_VISEE = 0.5  # pour quelques codes, les écarts sont plus extrêmes et les intervalles plus fragiles
PRUDENCE = 0.9  # ce que l'on croit d'une machine sûre de son oui
PAR_STRATE = 2  # en deçà, la variance d'une strate ne s'estime pas

Reels = npt.NDArray[np.float64]
Entiers = npt.NDArray[np.intp]


@dataclass(frozen=True)
class Tirage:
    """Un échantillon tiré.

    Attributes
    ----------
    rangs : ndarray (n,)
        Unités tirées, dans l'ordre de la population.
    probabilites : ndarray (n,)
        Probabilité qu'avait chacune d'être tirée, dans ]0, 1].
    strates : ndarray (n,) de textes
    """

    rangs: Entiers
    probabilites: Reels
    strates: npt.NDArray[np.str_]


def dit_quelque_part(p: Reels, groupes: Entiers) -> Reels:
    """Probabilité qu'un code soit dit au moins une fois par groupe de phrases, comme si elles étaient indépendantes.

    Parameters
    ----------
    p : ndarray (phrases, codes)
    groupes : ndarray (phrases,)
        Numéro du groupe (entretien) de chaque phrase, à partir de 0.

    Returns
    -------
    ndarray (groupes, codes)
    """
    with np.errstate(divide="ignore"):
        dit: Reels = -np.expm1(sommer(np.log1p(-np.clip(p, 0, 1)), groupes))
    return dit


def sommer(valeurs: Reels, groupes: Entiers) -> Reels:
    """Somme par groupe : (groupes, colonnes)."""
    sommes: Reels = np.zeros((int(groupes.max()) + 1, valeurs.shape[1]))
    np.add.at(sommes, groupes, valeurs)
    return sommes


def ecarts_prevus(p: Reels) -> Reels:
    """L'écart-type que la machine laisse attendre de chaque unité, codes visés ensemble : √Σp(1 − 0,9p), (unités,)."""
    ecarts: Reels = np.sqrt((p * (1 - PRUDENCE * p)).sum(axis=1))
    return ecarts


def probabilites_inegales(taille: int, ecarts: Reels, part_uniforme: float = PART_UNIFORME) -> Reels:
    """Probabilités d'inclusion proportionnelles aux écarts, mêlées d'une part uniforme.

    Les unités qui dépasseraient 1 sont prises d'office, le reste se partage les places restantes.

    Returns
    -------
    ndarray (N,)
        De somme `taille`.
    """
    total = ecarts.sum()
    parts = np.full(len(ecarts), 1 / len(ecarts))
    if total > 0:
        parts = (1 - part_uniforme) * ecarts / total + part_uniforme * parts
    offices = np.zeros(len(ecarts), dtype=bool)
    while True:
        reste = np.where(offices, 0.0, parts)
        probabilites: Reels = np.where(offices, 1.0, (taille - offices.sum()) * reste / max(reste.sum(), 1e-300))
        if not (trop := (probabilites > 1) & ~offices).any():
            return probabilites
        offices |= trop


def repartir(taille: int, effectifs: Entiers) -> Entiers:
    """Partage un échantillon entre strates, à proportion de leurs effectifs, deux au moins par strate.

    Raises
    ------
    ValueError
        La taille n'y suffit pas.
    """
    bases = np.minimum(effectifs, PAR_STRATE)
    if taille < bases.sum():
        raise ValueError(f"il faut au moins {bases.sum()} tirages pour {len(effectifs)} strates ({PAR_STRATE} par strate)")
    libres = effectifs - bases
    voulus = (taille - bases.sum()) * libres / max(libres.sum(), 1)
    places: Entiers = bases + np.floor(voulus).astype(np.intp)
    places[np.argsort(np.floor(voulus) - voulus, kind="stable")[: taille - places.sum()]] += 1  # plus forts restes
    return places


def tirer(plan: str, taille: int, territoires: Sequence[str], ecarts: Reels, graine: int = 0,
          part_uniforme: float = PART_UNIFORME) -> Tirage:
    """Tire un échantillon.

    Parameters
    ----------
    plan : str
        L'un de `PLANS`.
    taille : int
        Nombre d'unités à tirer.
    territoires : Sequence[str] de longueur N
        Territoire de chaque unité de la population.
    ecarts : ndarray (N,)
        `ecarts_prevus` de chaque unité ; sert au plan `inegal`.
    graine : int
    part_uniforme : float
        Part du plan `inegal` tirée à probabilités égales : `PART_UNIFORME`, ou `PART_UNIFORME_VISEE` s'il vise peu de codes.

    Raises
    ------
    ValueError
        Plan inconnu ; taille inférieure à 2, au-delà de la population, ou trop petite pour les strates.
    """
    if plan not in PLANS:
        raise ValueError(f"plan « {plan} » inconnu : {', '.join(PLANS)}")
    nombre = len(ecarts)
    if not PAR_STRATE <= taille <= nombre:
        raise ValueError(f"la taille va de {PAR_STRATE} à {nombre}, reçu {taille}")
    strates = np.asarray(territoires, dtype=str) if plan == STRATIFIE else np.full(nombre, ENSEMBLE)
    noms, numeros, effectifs = np.unique(strates, return_inverse=True, return_counts=True)
    places = repartir(taille, effectifs)
    probabilites = probabilites_inegales(taille, ecarts, part_uniforme) if plan == INEGAL else (places / effectifs)[numeros]
    hasard = np.random.default_rng(graine)
    rangs = np.sort(np.concatenate([
        _systematique(probabilites, np.flatnonzero(numeros == strate), int(places[strate]), hasard)
        for strate in range(len(noms))]))
    return Tirage(rangs, probabilites[rangs], strates[rangs])


def _systematique(probabilites: Reels, unites: Entiers, taille: int, hasard: np.random.Generator) -> Entiers:
    """Tirage systématique dans un ordre au hasard : un pas de 1 dans le cumul des probabilités."""
    ordre = hasard.permutation(unites)
    cumul = np.cumsum(probabilites[ordre])
    cumul *= taille / cumul[-1]
    cumul[-1] = np.inf  # l'arrondi ne fait ni perdre ni gagner d'unité
    tires: Entiers = ordre[np.searchsorted(cumul, np.arange(taille) + hasard.random(), side="right")]
    return tires
