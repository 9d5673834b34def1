"""Ce que valent les mots de tête des thèmes, d'où qu'ils viennent : cohérence et diversité (`bancs.themes`)."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
from bertopic.vectorizers import ClassTfidfTransformer
from sklearn.feature_extraction.text import CountVectorizer

MOTS_NPMI = 8
MOTS_DIVERSITE = 25


def tetes(segments: pd.DataFrame, numeros: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Les lemmes et leur c-TF-IDF par thème : mots, et poids de forme (thèmes, mots) ; rien sans thème."""
    dedans = segments[numeros != -1]
    if dedans.empty:
        return [], np.zeros((0, 0))
    joints = dedans.groupby(numeros[numeros != -1])["lemmes"].agg(" ".join)
    sac = CountVectorizer(min_df=3, max_df=0.3).fit(segments["lemmes"])
    mots = [m for m, k in zip(*_comptes(sac, dedans["lemmes"]), strict=True) if k > 0]
    comptes = CountVectorizer(vocabulary=mots).fit_transform(joints)
    poids = ClassTfidfTransformer(reduce_frequent_words=True).fit(comptes).transform(comptes).toarray()
    return mots, poids


def npmi(mots: list[str], poids: np.ndarray, etude: pd.Series) -> float:
    """Cohérence moyenne des lemmes de tête des thèmes, sur les lemmes des segments de toute l'étude ; nan sans thème.

    Information mutuelle ponctuelle normalisée (Bouma 2009) des couples de lemmes, de -1 à 1.
    """
    if not mots:
        return float("nan")
    presence = CountVectorizer(vocabulary=mots, binary=True).fit_transform(etude).toarray().astype(float)
    communs = presence.T @ presence / len(presence)
    seuls = np.diag(communs)
    notes = []
    for ligne in poids:
        for i, j in itertools.combinations(_premiers(ligne, MOTS_NPMI), 2):
            p = communs[i, j]
            notes.append(-1.0 if p == 0 else np.log(p / (seuls[i] * seuls[j])) / -np.log(p))
    return float(np.mean(notes)) if notes else float("nan")


def diversite(poids: np.ndarray) -> float:
    """Part de lemmes différents parmi les lemmes de tête de tous les thèmes, de 0 à 1 ; nan sans thème."""
    premiers = [rang for ligne in poids for rang in _premiers(ligne, MOTS_DIVERSITE)]
    return len(set(premiers)) / len(premiers) if premiers else float("nan")


def _premiers(ligne: np.ndarray, nombre: int) -> list[int]:
    """Les rangs des plus grands poids d'un thème, nuls exclus."""
    return [int(rang) for rang in np.argsort(-ligne, kind="stable")[:nombre] if ligne[rang] > 0]


def _comptes(sac: CountVectorizer, lemmes: pd.Series) -> tuple[list[str], list[int]]:
    totaux = np.asarray(sac.transform(lemmes).sum(axis=0)).ravel()
    return sac.get_feature_names_out().tolist(), totaux.tolist()
