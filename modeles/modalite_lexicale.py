"""L'étage lexical de la modalité : ce que les mots d'une phrase disent de la modalité d'un code.

Une régression logistique multinomiale sur les suites d'un à trois mots de la phrase, communes à tous les codes puis propres
aux obstacles (« absente » n'y a pas le même sens), et sur le code. Le codeur livré en multiplie les probabilités par celles
du lecteur : un produit d'experts (Hinton 2002, *Training Products of Experts by Minimizing Contrastive Divergence*, Neural
Computation 14), sans poids à régler. Ses traits ont été choisis, entre une quinzaine de variantes, sur les territoires mêmes où
`bancs.justesse` la mesure : la mesure en est un peu flatteuse.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import log_softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from modeles.lecteur import MODALITES

Reels = npt.NDArray[np.float64]
Entiers = npt.NDArray[np.int64]
C = 4.0
EFFECTIF_MIN = 2
"""Phrases où une suite de mots doit paraître."""
_JETON = r"(?u)\b\w+\b|[?!…]"


@dataclass(frozen=True)
class EtageModalite:
    """Une régression logistique multinomiale sur les mots d'une phrase et sur le code.

    Attributes
    ----------
    vectoriseur : TfidfVectorizer
        Suites d'un à trois mots.
    coefficients : ndarray (modalités, 2 × traits + codes), float32
        De tous les codes, des obstacles en plus, de chaque code.
    biais : ndarray (modalités,)
    obstacles : ndarray (codes,) de booléens
    """

    vectoriseur: TfidfVectorizer
    coefficients: npt.NDArray[np.float32]
    biais: Reels
    obstacles: npt.NDArray[np.bool_]

    @cached_property
    def _rangees(self) -> tuple[Reels, Reels]:
        """Coefficients des mots (traits, 2 × modalités), communs puis des obstacles ; coefficients des codes."""
        coefficients, traits = self.coefficients.astype(np.float64), len(self.vectoriseur.vocabulary_)
        mots = np.hstack([coefficients[:, :traits].T, coefficients[:, traits : 2 * traits].T])
        return np.ascontiguousarray(mots), coefficients[:, 2 * traits :].T

    def noter(self, textes: Sequence[str]) -> Reels:
        """Log-probabilité de chaque modalité, si la phrase porte le code : (n, codes, modalités)."""
        if not len(textes):
            return np.zeros((0, len(self.obstacles), len(MODALITES)))
        des_mots, des_codes = self._rangees
        communes, propres = np.split(self.vectoriseur.transform(textes) @ des_mots, 2, axis=1)
        cotes = communes[:, None, :] + self.obstacles[None, :, None] * propres[:, None, :] + des_codes[None] + self.biais
        notes: Reels = log_softmax(cotes, axis=2)
        return notes

    @classmethod
    def apprendre(cls, textes: Sequence[str], codes: Entiers, modalites: Entiers, noms: Sequence[str]) -> EtageModalite:
        """Apprend sur des phrases codées.

        Parameters
        ----------
        textes : Sequence[str] de n phrases
            Une phrase qui porte deux codes y est deux fois.
        codes : ndarray (n,)
            Rang du code porté, dans `noms`.
        modalites : ndarray (n,)
            Rang de sa modalité, dans `MODALITES` ; les trois doivent y être.
        noms : Sequence[str]
            Tous les codes ; ceux des obstacles commencent par « O ».
        """
        if set(modalites.tolist()) != set(range(len(MODALITES))):
            raise ValueError("il faut au moins un exemple de chaque modalité")
        obstacles = np.array([nom.startswith("O") for nom in noms])
        vectoriseur = _vectoriseur(min_df=EFFECTIF_MIN)
        mots = vectoriseur.fit_transform(textes)
        un_code = sparse.csr_matrix((np.ones(len(codes)), (np.arange(len(codes)), codes)), shape=(len(codes), len(noms)))
        traits = sparse.hstack([mots, mots.multiply(obstacles[codes][:, None]), un_code]).tocsr()
        modele = LogisticRegression(C=C, max_iter=200, tol=1e-3).fit(traits, modalites)
        return cls(vectoriseur, modele.coef_.astype(np.float32), modele.intercept_, obstacles)

    def en_tableaux(self) -> dict[str, Any]:
        """Les tableaux qui gardent l'étage ; coefficients en demi-précision."""
        traits = "\n".join(self.vectoriseur.get_feature_names_out())
        return {"traits": np.frombuffer(traits.encode(), dtype=np.uint8), "idf": self.vectoriseur.idf_.astype(np.float32),
                "coefficients": self.coefficients.astype(np.float16), "biais": self.biais, "obstacles": self.obstacles}

    @classmethod
    def des_tableaux(cls, tableaux: Mapping[str, Any]) -> EtageModalite:
        """L'étage que ces tableaux gardent."""
        vectoriseur = _vectoriseur(vocabulary=tableaux["traits"].tobytes().decode().split("\n"))
        vectoriseur.idf_ = tableaux["idf"]
        return cls(vectoriseur, tableaux["coefficients"].astype(np.float32), tableaux["biais"], tableaux["obstacles"])


def reunir(lecteur: npt.ArrayLike, mots: npt.ArrayLike) -> Entiers:
    """La modalité que le lecteur et les mots donnent ensemble.

    Parameters
    ----------
    lecteur : array_like (n, codes, modalités)
        Log-cotes du lecteur.
    mots : array_like (n, codes, modalités)
        Log-probabilités de l'étage lexical.

    Returns
    -------
    ndarray (n, codes)
        Rang dans `MODALITES`.
    """
    rangs: Entiers = (log_softmax(np.asarray(lecteur, dtype=np.float64), axis=2) + np.asarray(mots)).argmax(axis=2)
    return rangs


def _vectoriseur(**reglages: Any) -> TfidfVectorizer:
    return TfidfVectorizer(ngram_range=(1, 3), sublinear_tf=True, token_pattern=_JETON, **reglages)
