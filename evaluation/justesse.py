"""La justesse d'un codage : accord avec une référence, par (phrase, code), avec son incertitude.

L'unité est le couple (phrase, code) : porté ou non. Le κ de Cohen (1960) corrige l'accord dû au hasard ;
l'intervalle vient d'un rééchantillonnage des entretiens (bootstrap par grappes, Efron 1979), parce que
les phrases d'un même entretien ne sont pas indépendantes. La calibration se mesure par l'ECE (Naeini et
al. 2015) : écart moyen entre la confiance annoncée et la part de codes vrais, par tranche de confiance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Booleens = npt.NDArray[np.bool_]
Reels = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Mesure:
    """Une valeur et son intervalle à 95 %."""

    valeur: float
    bas: float
    haut: float


@dataclass(frozen=True)
class Justesse:
    """Ce que vaut un codage contre une référence.

    Attributes
    ----------
    kappa, f1 : Mesure
        Par (phrase, code), tous codes confondus.
    f1_macro, kappa_macro : Mesure
        Moyennes sur les codes que la référence emploie.
    kappa_phrase : Mesure
        Phrase codée ou non.
    precision, rappel : float
    par_code : list[tuple[str, int, float, float]]
        (code, effectif de référence, κ, F1).
    """

    kappa: Mesure
    f1: Mesure
    f1_macro: Mesure
    kappa_macro: Mesure
    kappa_phrase: Mesure
    precision: float
    rappel: float
    par_code: list[tuple[str, int, float, float]]


def kappa(vp: Reels, fp: Reels, fn: Reels, vn: Reels) -> Reels:
    """κ de Cohen de deux codages binaires, d'après leur table 2 × 2 (tableaux de même forme).

    Vaut 0 quand l'un des deux codages est constant (l'accord n'excède pas le hasard), 1 quand les deux
    sont constants et identiques.
    """
    n = vp + fp + fn + vn
    observe = (vp + vn) / n
    hasard = ((vp + fp) * (vp + fn) + (fn + vn) * (fp + vn)) / n**2
    with np.errstate(divide="ignore", invalid="ignore"):
        resultat: Reels = np.where(hasard < 1, (observe - hasard) / (1 - hasard), 1.0)
    return resultat


def f1(vp: Reels, fp: Reels, fn: Reels) -> Reels:
    """Moyenne harmonique de la précision et du rappel ; 0 si rien n'est juste."""
    total = 2 * vp + fp + fn
    resultat: Reels = np.divide(2 * vp, total, out=np.zeros_like(total), where=total > 0)
    return resultat


def _tables(reference: Booleens, pose: Booleens, rangs: npt.NDArray[np.int64], nombre: int) -> Reels:
    """Tables 2 × 2 par entretien et par code : (entretiens, codes, 4) dans l'ordre vp, fp, fn, vn."""
    cases = np.stack([reference & pose, ~reference & pose, reference & ~pose, ~reference & ~pose], axis=2)
    tables = np.zeros((nombre, reference.shape[1], 4))
    np.add.at(tables, rangs, cases)
    return tables


def mesurer(reference: Booleens, pose: Booleens, entretiens: Sequence[str], codes: Sequence[str],
            tirages: int = 1000, graine: int = 0) -> Justesse:
    """Mesure un codage contre une référence.

    Parameters
    ----------
    reference, pose : ndarray (n, codes) de booléens
        Codes portés selon la référence, codes posés.
    entretiens : Sequence[str] de longueur n
        Entretien de chaque phrase.
    codes : Sequence[str]
    tirages : int
        Rééchantillonnages des entretiens pour les intervalles.
    graine : int

    Returns
    -------
    Justesse
    """
    noms, rangs = np.unique(np.asarray(entretiens), return_inverse=True)
    tables = _tables(reference, pose, rangs, len(noms))
    codees = [np.asarray(codage.any(axis=1))[:, None] for codage in (reference, pose)]
    phrases = _tables(codees[0], codees[1], rangs, len(noms))
    employes = reference.any(axis=0)
    hasard = np.random.default_rng(graine)
    poids = np.vstack([np.ones(len(noms)),
                       hasard.multinomial(len(noms), np.full(len(noms), 1 / len(noms)), size=tirages)])
    codes_tires = np.tensordot(poids, tables, axes=1)          # (1 + tirages, codes, 4)
    tous = codes_tires.sum(axis=1)
    phrases_tirees = np.tensordot(poids, phrases, axes=1)[:, 0]
    par_code = np.moveaxis(codes_tires[:, employes], 2, 0)
    somme = np.moveaxis(tous, 1, 0)
    kappas, f1s = kappa(*par_code), f1(*par_code[:3])
    vp, fp, fn, _ = somme[:, 0]
    return Justesse(
        _mesure(kappa(*somme)), _mesure(f1(*somme[:3])), _mesure(f1s.mean(axis=1)), _mesure(kappas.mean(axis=1)),
        _mesure(kappa(*np.moveaxis(phrases_tirees, 1, 0))),
        float(vp / (vp + fp)) if vp + fp else 0.0, float(vp / (vp + fn)) if vp + fn else 0.0,
        [(str(code), int(effectif), float(k), float(f)) for code, effectif, k, f in zip(
            np.asarray(list(codes))[employes], reference.sum(axis=0)[employes], kappas[0], f1s[0], strict=True)])


def _mesure(valeurs: Reels) -> Mesure:
    """Première valeur : l'échantillon entier ; les suivantes : les rééchantillons."""
    bas, haut = np.percentile(valeurs[1:], [2.5, 97.5]) if len(valeurs) > 1 else (np.nan, np.nan)
    return Mesure(float(valeurs[0]), float(bas), float(haut))


def tranches_de_calibration(probabilites: Reels, reference: Booleens,
                            tranches: int = 10) -> list[tuple[float, float, int]]:
    """Courbe de calibration, par tranches égales de probabilité.

    Parameters
    ----------
    probabilites, reference : ndarray de même forme
    tranches : int

    Returns
    -------
    list de (probabilité moyenne, part de vrais, effectif)
        Une ligne par tranche qui n'est pas vide.
    """
    p, vrai = np.ravel(probabilites), np.ravel(reference).astype(float)
    tranche = np.minimum((p * tranches).astype(int), tranches - 1)
    effectifs = np.bincount(tranche, minlength=tranches)
    sommes = [np.bincount(tranche, weights=poids, minlength=tranches) for poids in (p, vrai)]
    return [(float(annonce / n), float(constate / n), int(n))
            for annonce, constate, n in zip(*sommes, effectifs, strict=True) if n]


def ece(probabilites: Reels, reference: Booleens, tranches: int = 10) -> float:
    """Écart de calibration attendu, par tranches égales de probabilité.

    Parameters
    ----------
    probabilites, reference : ndarray de même forme
    tranches : int

    Returns
    -------
    float
        Moyenne, pondérée par l'effectif, de |part de vrais − probabilité moyenne| dans chaque tranche.
    """
    courbe = tranches_de_calibration(probabilites, reference, tranches)
    return sum(n * abs(constate - annonce) for annonce, constate, n in courbe) / probabilites.size
