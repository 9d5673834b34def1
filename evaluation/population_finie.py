"""Estimer une moyenne dans une population finie et petite, à partir de réponses redressées.

Quand 81 Cités sur 84 répondent, on en sait presque tout : les intervalles ordinaires, faits pour un petit
échantillon d'une grande population, seraient trop larges. Deux réponses à cela :

- la correction de population finie, dans la variance (Cochran 1977, *Sampling techniques*, section 2.8) ;
- les bornes certaines : ce que vaudrait la moyenne si toutes les Cités muettes avaient donné la réponse la
  plus basse, ou la plus haute (Manski 2003, *Partial identification of probability distributions*, ch. 1).
  Elles ne supposent rien.

L'intervalle suppose, lui, que les muettes ressemblent aux répondantes de mêmes catégories de calage.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, t

NIVEAU = 0.95


@dataclass(frozen=True)
class Estimation:
    """Une moyenne estimée.

    Attributes
    ----------
    reponses : int
    brut, redresse : float
        Moyenne simple et moyenne pondérée des réponses.
    bas, haut : float
        Intervalle de confiance.
    certain_bas, certain_haut : float
        Bornes qui valent quoi que répondent les muettes ; NaN si la population ou l'étendue est inconnue.
    effet_plan : float
        Variance estimée rapportée à celle d'un sondage simple de même taille ; NaN si celle-ci est nulle.
    """

    reponses: int
    brut: float
    redresse: float
    bas: float
    haut: float
    certain_bas: float = math.nan
    certain_haut: float = math.nan
    effet_plan: float = math.nan


def estimer_part(valeurs: NDArray[np.float64], poids: NDArray[np.float64], disjonctif: NDArray[np.float64],
                 population: int | None, niveau: float = NIVEAU) -> Estimation:
    """Estime une part, ou toute moyenne de valeurs entre 0 et 1.

    Parameters
    ----------
    valeurs : ndarray of shape (m,)
        Une valeur de 0 à 1 par répondante à la question ; au moins une.
    poids : ndarray of shape (m,)
    disjonctif : ndarray of shape (m, p)
        Variables de calage, constante comprise.
    population : int or None
        Nombre d'individus ; None si elle est inconnue (tenue alors pour infinie).
    niveau : float

    Returns
    -------
    Estimation

    Notes
    -----
    Variance de l'estimateur calé par ses résidus (Deville et Särndal 1992, section 3). Intervalle de Korn et
    Graubard (1998, *Survey Methodology* 24, 193-201) : celui de Clopper et Pearson pour la taille d'échantillon
    qui aurait, en sondage simple, cette variance. Dans une population connue, il est contenu dans les bornes
    certaines, et une part y est un nombre entier d'individus : l'intervalle est élargi au nombre entier voisin.
    """
    m = len(valeurs)
    brut, part = float(valeurs.mean()), float(np.average(valeurs, weights=poids))
    reste = _reste(m, population)
    variance, simple = _variances(valeurs, poids, disjonctif, reste)
    deploye = part * (1 - part)
    if reste == 0:
        return Estimation(m, brut, part, part, part, brut, brut)
    kish = m * (poids**2).sum() / poids.sum() ** 2
    taille = deploye / variance if variance > 0 and deploye > 0 else max(m - 1, 1) / (kish * reste)
    risque = (1 - niveau) / 2
    succes = part * taille
    bas = float(beta.ppf(risque, succes, taille - succes + 1)) if part > 0 else 0.0
    haut = float(beta.ppf(1 - risque, succes + 1, taille - succes)) if part < 1 else 1.0
    certain_bas = certain_haut = math.nan
    if population is not None:
        if np.isin(valeurs, (0, 1)).all():
            bas, haut = math.floor(bas * population + 1e-9) / population, math.ceil(haut * population - 1e-9) / population
        certain_bas = float(valeurs.sum()) / population
        certain_haut = (float(valeurs.sum()) + population - m) / population
        bas, haut = max(bas, certain_bas), min(haut, certain_haut)
    return Estimation(m, brut, part, bas, haut, certain_bas, certain_haut, variance / simple if simple > 0 else math.nan)


def estimer_moyenne(valeurs: NDArray[np.float64], poids: NDArray[np.float64], disjonctif: NDArray[np.float64],
                    population: int | None, niveau: float = NIVEAU) -> Estimation:
    """Estime une moyenne sans borne connue : intervalle de Student, correction de population finie.

    Parameters
    ----------
    valeurs, poids, disjonctif, population, niveau
        Comme `estimer_part`, valeurs quelconques.
    """
    m = len(valeurs)
    moyenne = float(np.average(valeurs, weights=poids))
    variance, simple = _variances(valeurs, poids, disjonctif, _reste(m, population))
    libres = max(m - np.linalg.matrix_rank(disjonctif), 1)
    ecart = float(t.ppf((1 + niveau) / 2, libres)) * math.sqrt(variance) if m > 1 else math.inf
    return Estimation(m, float(valeurs.mean()), moyenne, moyenne - ecart, moyenne + ecart,
                      effet_plan=variance / simple if simple > 0 else math.nan)


def _reste(reponses: int, population: int | None) -> float:
    """La correction de population finie, 1 − m/N ; 1 dans une population infinie."""
    return 1.0 if population is None else 1 - reponses / population


def _variances(valeurs: NDArray[np.float64], poids: NDArray[np.float64], disjonctif: NDArray[np.float64],
               reste: float) -> tuple[float, float]:
    """Variance de la moyenne calée, et celle d'un sondage simple de même taille."""
    m, rang = len(valeurs), int(np.linalg.matrix_rank(disjonctif))
    if m <= rang:
        disjonctif, rang = np.ones((m, 1)), 1
    if m < 2:
        return 0.0, 0.0
    racine = np.sqrt(poids)
    coefficients = np.linalg.lstsq(disjonctif * racine[:, None], valeurs * racine, rcond=None)[0]
    residus = valeurs - disjonctif @ coefficients
    variance = reste * m / (m - rang) * float(((poids * residus) ** 2).sum()) / poids.sum() ** 2
    return variance, reste * float(valeurs.var(ddof=1)) / m
