"""Le second étage d'un codeur : relire ses notes dans leur suite, et en tirer des probabilités calibrées.

Un sujet abordé court souvent sur plusieurs phrases : la note d'une phrase se lit avec celles d'avant,
d'après et du tour. Une régression logistique commune à tous les codes les réunit ; elle est apprise sur
des notes posées hors apprentissage, comme dans l'empilement de Wolpert (1992, *Stacked generalization*,
Neural Networks 5), et calibre du même coup (Platt 1999).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score

Booleens = npt.NDArray[np.bool_]
Reels = npt.NDArray[np.float64]

JEUX = ("codes", "lexical")
"""Les notes que le second étage du codeur livré réunit : celles du lecteur, puis celles de l'étage lexical."""
SEUILS_ESSAYES = np.round(np.arange(0.05, 0.61, 0.01), 2)
NEUTRE = -4.0  # note d'une phrase voisine qui n'existe pas : « ne porte pas ce code »


@dataclass(frozen=True)
class SecondEtage:
    """Un second étage appris.

    Attributes
    ----------
    poids : ndarray (4 × jeux de notes + 2,)
        Pour chaque jeu : note, note d'avant, d'après, moyenne du tour ; puis log-cote du code, et biais.
    frequences : ndarray (codes,)
        Log-cote de chaque code dans l'apprentissage.
    seuil : float
        Probabilité à partir de laquelle un code est posé : celle qui maximise le κ de Cohen par
        (phrase, code) dans l'apprentissage du second étage.
    """

    poids: Reels
    frequences: Reels
    seuil: float

    @classmethod
    def apprendre(cls, jeux: Sequence[Reels], X: pd.DataFrame, y: Booleens, frequences: Reels) -> SecondEtage:
        """Apprend sur des notes posées hors apprentissage.

        Parameters
        ----------
        jeux : Sequence[ndarray (n, codes)]
            Notes (log-cotes) d'un ou plusieurs premiers étages.
        X : pandas.DataFrame de n lignes
            Colonnes entretien et tour ; entretiens entiers, dans l'ordre des textes.
        y : ndarray (n, codes) de booléens
        frequences : ndarray (codes,)
            Log-cote de chaque code dans l'apprentissage.
        """
        suite = en_suite(jeux, X, frequences)
        modele = LogisticRegression(C=1e6, max_iter=500).fit(suite.reshape(-1, suite.shape[2]), y.ravel())
        appris = cls(np.append(modele.coef_[0], modele.intercept_[0]), frequences, 0.5)
        probabilites = appris.probabilites(jeux, X)
        kappas = [cohen_kappa_score(y.ravel(), (probabilites >= seuil).ravel()) for seuil in SEUILS_ESSAYES]
        return cls(appris.poids, frequences, float(SEUILS_ESSAYES[int(np.argmax(kappas))]))

    def probabilites(self, jeux: Sequence[Reels], X: pd.DataFrame) -> Reels:
        """Probabilité calibrée que chaque phrase porte chaque code : (n, codes)."""
        cote = en_suite(jeux, X, self.frequences) @ self.poids[:-1] + self.poids[-1]
        probabilites: Reels = 1.0 / (1.0 + np.exp(-cote))
        return probabilites


def log_cotes(y: Booleens) -> Reels:
    """Log-cote de chaque code dans un codage (n, codes)."""
    frequences = y.mean(axis=0)
    cotes: Reels = np.log(frequences / (1 - frequences))
    return cotes


def en_suite(jeux: Sequence[Reels], X: pd.DataFrame, frequences: Reels) -> Reels:
    """Les notes de chaque (phrase, code) replacées dans leur suite : (n, codes, 4 × jeux + 1)."""
    tour = pd.factorize(X["entretien"].astype(str) + "\0" + X["tour"].astype(str))[0]
    meme = tour[1:] == tour[:-1]
    colonnes: list[Reels] = []
    for notes in jeux:
        avant, apres = np.full_like(notes, NEUTRE), np.full_like(notes, NEUTRE)
        avant[1:][meme] = notes[:-1][meme]
        apres[:-1][meme] = notes[1:][meme]
        colonnes += [notes, avant, apres, pd.DataFrame(notes).groupby(tour).transform("mean").to_numpy()]
    return np.stack([*colonnes, np.broadcast_to(frequences, jeux[0].shape)], axis=2)
