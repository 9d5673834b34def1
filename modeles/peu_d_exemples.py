"""Coder avec peu d'exemples : des définitions d'abord, puis ce que les évaluateurs ont codé.

Deux temps. Une régression commune à tous les codes apprend ce que vaut la proximité d'une phrase à la
définition d'un code (et tout autre indice donné) : elle sert dès le premier exemple, y compris aux codes
qui n'en ont aucun. Puis chaque code qui a des exemples ajoute sa propre régression sur les plongements,
d'autant plus retenue qu'il en a peu. Les plongements ne sont pas ajustés, comme dans la seconde moitié de
SetFit (Tunstall et al. 2022, *Efficient Few-Shot Learning Without Prompts*, arXiv:2209.11055).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import GroupKFold
from sklearn.utils.validation import check_is_fitted

Booleens = npt.NDArray[np.bool_]
Reels = npt.NDArray[np.float64]

SANS_EXEMPLE = np.array([1.5, -5.0])  # pente et ordonnée de la proximité, faute de tout exemple
SEUILS_ESSAYES = np.round(np.arange(0.05, 0.71, 0.01), 2)
SEUIL_SANS_EXEMPLE = 0.2


class CodeurPeuDExemples(BaseEstimator):  # type: ignore[misc]
    """Codeur multi-étiquettes qui part des définitions.

    Il a les paramètres et les clones d'un estimateur scikit-learn, mais `fit` demande aussi des indices et le
    groupe de chaque phrase : `check_estimator`, qui ne donne qu'un tableau de nombres, ne s'y applique pas.
    L'estimateur public est `extraction.etiqueteur.Etiqueteur`.

    Parameters
    ----------
    C : float, default=0.02
        Inverse de la régularisation des régressions propres aux codes, sur des plongements réduits.
    plis : int, default=3
        Plis, par groupe, du choix du seuil.

    Attributes
    ----------
    commun_ : ndarray (indices + 1,)
        Poids des indices, puis biais, communs à tous les codes.
    propres_ : ndarray (codes, dimension + 2)
        Par code : poids des plongements, poids de la cote commune, biais ; pour un code sans exemple,
        zéros, un, zéro.
    seuil_ : float
        Probabilité à partir de laquelle un code est posé.
    """

    def __init__(self, C: float = 0.02, plis: int = 3) -> None:
        self.C = C
        self.plis = plis

    def fit(self, X: Reels, indices: Reels, y: Booleens, groupes: Sequence[str]) -> CodeurPeuDExemples:
        """Apprend sur des phrases codées ; toute phrase sans code est un contre-exemple.

        Parameters
        ----------
        X : ndarray (n, dimension)
            Plongements, centrés et réduits.
        indices : ndarray (n, codes, k)
            Indices d'un code dans une phrase : proximité à la définition d'abord, à la même échelle pour
            tous les codes.
        y : ndarray (n, codes) de booléens
            n peut être nul.
        groupes : Sequence[str] de longueur n
            Entretien de chaque phrase ; il en faut deux pour choisir le seuil.

        Raises
        ------
        ValueError
            Formes incompatibles.
        """
        y = np.asarray(y, dtype=bool)
        if indices.shape[:2] != y.shape or len(X) != len(y) or len(groupes) != len(y):
            raise ValueError(f"formes incompatibles : X {X.shape}, indices {indices.shape}, y {y.shape}, "
                             f"{len(groupes)} groupes")
        self._apprendre(X, indices, y)
        self.seuil_ = self._seuil(X, indices, y, np.asarray(groupes))
        return self

    def _apprendre(self, X: Reels, indices: Reels, y: Booleens) -> None:
        codes, nombre = indices.shape[1:]
        self.commun_ = np.concatenate([SANS_EXEMPLE[:1], np.zeros(nombre - 1), SANS_EXEMPLE[1:]])
        self.propres_ = np.zeros((codes, X.shape[1] + 2))
        self.propres_[:, -2] = 1.0
        if not y.any():
            return
        modele = LogisticRegression(C=1.0, max_iter=500).fit(indices.reshape(-1, nombre), y.ravel())
        self.commun_ = np.append(modele.coef_[0], modele.intercept_[0])
        cotes = self._commune(indices)
        for code in np.flatnonzero(y.any(axis=0) & ~y.all(axis=0)):
            entree = np.column_stack([X * np.sqrt(self.C), cotes[:, code]])  # la cote commune n'est presque pas retenue
            propre = LogisticRegression(C=1.0, max_iter=500).fit(entree, y[:, code])
            self.propres_[code] = np.concatenate([
                propre.coef_[0][:-1] * np.sqrt(self.C), propre.coef_[0][-1:], propre.intercept_])

    def _seuil(self, X: Reels, indices: Reels, y: Booleens, groupes: npt.NDArray[np.str_]) -> float:
        plis = min(self.plis, len(np.unique(groupes)))
        if plis < 2 or y.sum() < 2:
            return SEUIL_SANS_EXEMPLE
        probabilites = np.zeros(y.shape)
        for appris, tenus in GroupKFold(plis).split(X, groups=groupes):
            un = CodeurPeuDExemples(self.C, self.plis)
            un._apprendre(X[appris], indices[appris], y[appris])
            un.seuil_ = 0.5
            probabilites[tenus] = un.predict_proba(X[tenus], indices[tenus])
        kappas = [cohen_kappa_score(y.ravel(), (probabilites >= seuil).ravel()) for seuil in SEUILS_ESSAYES]
        return float(SEUILS_ESSAYES[int(np.argmax(kappas))])

    def _commune(self, indices: Reels) -> Reels:
        cotes: Reels = indices @ self.commun_[:-1] + self.commun_[-1]
        return cotes

    def predict_proba(self, X: Reels, indices: Reels) -> Reels:
        """Probabilité que chaque phrase porte chaque code : (n, codes)."""
        check_is_fitted(self, "seuil_")
        cotes = X @ self.propres_[:, :-2].T + self._commune(indices) * self.propres_[:, -2] + self.propres_[:, -1]
        probabilites: Reels = 1.0 / (1.0 + np.exp(-cotes))
        return probabilites

    def predict(self, X: Reels, indices: Reels) -> Booleens:
        """Codes posés : (n, codes) de booléens."""
        return self.predict_proba(X, indices) >= self.seuil_
