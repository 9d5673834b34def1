"""L'accord entre codeurs, machine comprise : κ de Cohen par paire et par code, α de Krippendorff.

L'unité est la phrase d'enquêté : un codeur y porte un code ou non. Une phrase porte un code quand un passage codé
la recouvre pour moitié, ou y tient pour moitié : un mot choisi code sa phrase, un passage de trois phrases les code
toutes. Deux codeurs ne se comparent que sur les entretiens que tous deux ont lus.

κ : Cohen (1960), *Educational and Psychological Measurement* 20. α : Krippendorff (2004), *Content Analysis*,
chap. 11, nominal ; le calcul est celui de la bibliothèque `krippendorff`. Intervalles à 95 % : rééchantillonnage
des entretiens, dont les phrases ne sont pas indépendantes.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import krippendorff
import numpy as np
import numpy.typing as npt
import pandas as pd

from evaluation.justesse import kappa

TOUS = "tous"
PART = 0.5
Reels = npt.NDArray[np.float64]


def phrases_codees(passages: pd.DataFrame, phrases: pd.DataFrame) -> pd.DataFrame:
    """Les phrases que recouvrent des passages codés.

    Parameters
    ----------
    passages : pandas.DataFrame
        Colonnes codeur, entretien, debut, fin, code.
    phrases : pandas.DataFrame
        Colonnes entretien, phrase, role, debut, fin.

    Returns
    -------
    pandas.DataFrame
        Colonnes codeur, entretien, phrase, code, sans doublon, dans l'ordre des passages.
    """
    enquetes = phrases.loc[phrases["role"] == "enquete", ["entretien", "phrase", "debut", "fin"]]
    croises = passages.merge(enquetes, on="entretien", suffixes=("", "_phrase"))
    commun = croises[["fin", "fin_phrase"]].min(axis=1) - croises[["debut", "debut_phrase"]].max(axis=1)
    court = np.minimum(croises["fin"] - croises["debut"], croises["fin_phrase"] - croises["debut_phrase"])
    return croises.loc[(commun > 0) & (commun >= PART * court), ["codeur", "entretien", "phrase", "code"]].drop_duplicates(
        ignore_index=True)


def accords(codees: pd.DataFrame, phrases: pd.DataFrame, lus: pd.DataFrame, codes: Sequence[str],
            tirages: int = 1000, graine: int = 0) -> pd.DataFrame:
    """Accord de chaque paire de codeurs, et de tous, par code et tous codes ensemble.

    Parameters
    ----------
    codees : pandas.DataFrame
        Colonnes codeur, entretien, phrase, code (`phrases_codees`).
    phrases : pandas.DataFrame
        Colonnes entretien, phrase, role.
    lus : pandas.DataFrame
        Colonnes codeur, entretien : qui a codé quoi. Une phrase d'un entretien lu, sans code, est un « non ».
    codes : Sequence[str]
    tirages : int
        Rééchantillonnages des entretiens ; l'intervalle n'est pas donné sous trois entretiens.
    graine : int

    Returns
    -------
    pandas.DataFrame
        mesure (« kappa » ou « alpha »), codeurs (« A, B » ou « tous »), code (ou « tous »), valeur, bas, haut,
        entretiens, phrases, portent (phrases où l'un au moins porte le code). κ et α sont nan quand personne ne
        porte le code : il n'y a rien à mesurer.
    """
    # Une unité par entretien et phrase ; une matrice (unités, codes) par codeur, nan où il n'a pas lu.
    unites = phrases.loc[phrases["role"] == "enquete", ["entretien", "phrase"]].drop_duplicates(ignore_index=True)
    place = pd.MultiIndex.from_frame(unites)
    rang_code = {code: rang for rang, code in enumerate(codes)}
    lectures: dict[str, Reels] = {}
    for codeur, siens in lus.groupby("codeur", sort=True):
        pose = np.full((len(unites), len(codes)), np.nan)
        pose[unites["entretien"].isin(siens["entretien"]).to_numpy()] = 0.0
        siennes = codees[(codees["codeur"] == codeur) & codees["code"].isin(rang_code)]
        rangs = place.get_indexer(pd.MultiIndex.from_frame(siennes[["entretien", "phrase"]]))
        dedans = (rangs >= 0) & ~np.isnan(pose[rangs, 0])  # un code posé dans un entretien pas encore lu ne se compare pas
        pose[rangs[dedans], siennes["code"].map(rang_code).to_numpy(dtype=int)[dedans]] = 1.0
        lectures[str(codeur)] = pose
    groupes = pd.factorize(unites["entretien"])[0]
    lignes = []
    for un, autre in itertools.combinations(lectures, 2):
        lignes += _mesurer([lectures[un], lectures[autre]], groupes, codes, "kappa", f"{un}, {autre}", tirages, graine)
    if len(lectures) >= 2:
        lignes += _mesurer(list(lectures.values()), groupes, codes, "alpha", TOUS, tirages, graine)
    return pd.DataFrame(lignes, columns=["mesure", "codeurs", "code", "valeur", "bas", "haut", "entretiens", "phrases",
                                         "portent"])


def _mesurer(poses: list[Reels], groupes: npt.NDArray[np.intp], codes: Sequence[str], mesure: str, qui: str,
             tirages: int, graine: int) -> list[tuple[object, ...]]:
    lues = np.stack(poses)  # (codeurs, unités, codes)
    comparables = (~np.isnan(lues[:, :, 0])).sum(axis=0) >= 2
    lues, siens = lues[:, comparables], groupes[comparables]
    if not lues.shape[1]:
        return []
    noms, rangs = np.unique(siens, return_inverse=True)
    oui = np.nansum(lues, axis=0)
    lecteurs = (~np.isnan(lues)).sum(axis=0)
    # Sommes par entretien, dont la mesure ne dépend que du total : rééchantillonner, c'est les repeser.
    if mesure == "kappa":
        parts = np.stack([oui == 2, (lues[0] == 0) & (lues[1] == 1), (lues[0] == 1) & (lues[1] == 0), oui == 0], axis=2)
    else:
        parts = np.stack([oui, lecteurs - oui, oui * (lecteurs - oui) / (lecteurs - 1)], axis=2)
    sommes = np.zeros((len(noms), len(codes), parts.shape[2]))
    np.add.at(sommes, rangs, parts.astype(float))
    sommes = np.concatenate([sommes, sommes.sum(axis=1, keepdims=True)], axis=1)
    hasard = np.random.default_rng(graine)
    tires = hasard.multinomial(len(noms), np.full(len(noms), 1 / len(noms)), size=tirages).astype(float)
    calculer = _kappa if mesure == "kappa" else _alpha
    valeurs = calculer(sommes.sum(axis=0))
    if mesure == "alpha":
        valeurs[:-1] = [_krippendorff(lues[:, :, rang]) for rang in range(len(codes))]
    nuage = calculer(np.einsum("tg,gcp->tcp", tires, sommes))
    lignes: list[tuple[object, ...]] = []
    for rang, code in enumerate([*codes, TOUS]):
        portent = int((oui[:, rang] > 0).sum()) if code != TOUS else int((oui > 0).any(axis=1).sum())
        bas, haut = (np.nanpercentile(nuage[:, rang], [2.5, 97.5]) if portent and len(noms) >= 3
                     else (np.nan, np.nan))
        lignes.append((mesure, qui, code, float(valeurs[rang]) if portent else float("nan"), float(bas), float(haut),
                       len(noms), lues.shape[1], portent))
    return lignes


def _kappa(sommes: Reels) -> Reels:
    return kappa(*np.moveaxis(sommes, -1, 0))


def _alpha(sommes: Reels) -> Reels:
    """α nominal d'un code porté ou non, d'après : oui, non, et désaccords de chaque unité, sommés."""
    oui, non, desaccords = np.moveaxis(sommes, -1, 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        valeurs: Reels = np.where(oui * non > 0, 1 - (oui + non - 1) * desaccords / (oui * non), 1.0)
    return valeurs


def _krippendorff(lues: Reels) -> float:
    presentes = np.unique(lues[~np.isnan(lues)])
    return 1.0 if len(presentes) < 2 else float(krippendorff.alpha(lues, level_of_measurement="nominal"))
