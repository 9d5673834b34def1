"""Les traits lexicaux d'une phrase en contexte : sacs de mots et de fragments de mots pondérés.

Cinq blocs TF-IDF : mots et couples de mots de la phrase, fragments de 3 à 5 lettres de la phrase (ils
rapprochent « coordonnatrice » de « coordination » et supportent les fautes de la transcription
automatique), mots de la phrase d'avant, de celle d'après, et de la question.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.utils.validation import check_is_fitted

_JETON = r"(?u)\b\w+\b"


@dataclass(frozen=True)
class Bloc:
    """Un bloc de traits : la colonne lue, ce qu'on y compte, ce qu'il pèse."""

    nom: str
    colonne: str
    analyseur: str
    taille: tuple[int, int]
    poids: float

    def vectoriseur(self, **reglages: Any) -> TfidfVectorizer:
        jeton = {"token_pattern": _JETON} if self.analyseur == "word" else {}
        return TfidfVectorizer(analyzer=self.analyseur, ngram_range=self.taille, sublinear_tf=True,
                               dtype=np.float32, **jeton, **reglages)


BLOCS = (
    Bloc("mots", "texte", "word", (1, 2), 1.0),
    Bloc("fragments", "texte", "char_wb", (3, 5), 1.0),
    Bloc("avant", "precedente", "word", (1, 1), 0.5),
    Bloc("apres", "suivante", "word", (1, 1), 0.3),
    Bloc("question", "question", "word", (1, 1), 0.3),
)


class TraitsLexicaux(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Vectoriseur de phrases en contexte.

    Il a les paramètres et les clones d'un estimateur scikit-learn, mais `fit` demande une table de phrases :
    `check_estimator`, qui ne donne qu'un tableau de nombres, ne s'y applique pas. L'estimateur public est
    `extraction.etiqueteur.Etiqueteur`.

    Parameters
    ----------
    effectif_min : int, default=2
        Nombre de phrases où un trait doit paraître.
    traits_max : int, default=40_000
        Nombre de traits gardés en tout, ceux que l'apprentissage lie le plus à un code (χ²).

    Attributes
    ----------
    vectoriseurs_ : dict[str, TfidfVectorizer]
        Un vectoriseur ajusté par bloc.
    """

    def __init__(self, effectif_min: int = 2, traits_max: int = 40_000) -> None:
        self.effectif_min = effectif_min
        self.traits_max = traits_max

    def fit(self, X: pd.DataFrame, y: npt.NDArray[np.bool_]) -> TraitsLexicaux:
        """Choisit les traits.

        Parameters
        ----------
        X : pandas.DataFrame de n lignes
            Colonnes de `modeles.contexte.COLONNES`.
        y : ndarray (n, codes) de booléens

        Raises
        ------
        ValueError
            Aucun mot assez fréquent.
        """
        candidats, forces = {}, {}
        for bloc in BLOCS:
            vectoriseur = bloc.vectoriseur(min_df=self.effectif_min)
            try:
                comptes = vectoriseur.fit_transform(X[bloc.colonne])
            except ValueError:
                continue  # aucun trait assez fréquent dans ce bloc (entretiens sans questions, par exemple)
            candidats[bloc.nom] = vectoriseur
            forces[bloc.nom] = _khi2_max(comptes, y)
        if not candidats:
            raise ValueError(f"aucun mot ne paraît dans {self.effectif_min} phrases : il n'y a rien à apprendre")
        seuil = _seuil_des_plus_forts(np.concatenate(list(forces.values())), self.traits_max)
        self.vectoriseurs_: dict[str, TfidfVectorizer] = {}
        for bloc in BLOCS:
            if bloc.nom not in candidats:
                continue
            noms = candidats[bloc.nom].get_feature_names_out()[forces[bloc.nom] >= seuil]
            if len(noms):
                vectoriseur = bloc.vectoriseur(vocabulary=list(noms))
                self.vectoriseurs_[bloc.nom] = vectoriseur.fit(X[bloc.colonne])
        return self

    def transform(self, X: pd.DataFrame) -> sparse.csr_matrix:
        """Rend la matrice des traits (n, traits), float32."""
        check_is_fitted(self, "vectoriseurs_")
        return sparse.hstack([self.vectoriseurs_[bloc.nom].transform(X[bloc.colonne]) * np.float32(bloc.poids)
                              for bloc in BLOCS if bloc.nom in self.vectoriseurs_], format="csr")

    def etendues(self) -> dict[str, slice]:
        """La tranche de colonnes de chaque bloc dans `transform`."""
        tranches, debut = {}, 0
        for bloc in BLOCS:
            if bloc.nom in self.vectoriseurs_:
                fin = debut + len(self.vectoriseurs_[bloc.nom].vocabulary_)
                tranches[bloc.nom] = slice(debut, fin)
                debut = fin
        return tranches


def _khi2_max(comptes: sparse.csr_matrix, y: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Pour chaque trait, le plus grand χ² de son lien avec un code (Pearson, comme `sklearn.chi2`)."""
    cible = y.astype(np.float64)
    observe = cible.T @ comptes
    attendu = np.outer(cible.mean(axis=0), np.asarray(comptes.sum(axis=0)).ravel())
    with np.errstate(divide="ignore", invalid="ignore"):
        khi2 = np.where(attendu > 0, (observe - attendu) ** 2 / attendu, 0.0)
    resultat: npt.NDArray[np.float64] = khi2.max(axis=0)
    return resultat


def _seuil_des_plus_forts(forces: npt.NDArray[np.float64], nombre: int) -> float:
    if nombre >= len(forces):
        return -np.inf
    return float(np.partition(forces, len(forces) - nombre)[len(forces) - nombre])
