"""Le codeur lexical : quels codes une phrase porte, d'après ses mots et ceux qui l'entourent.

Deux étages. Le premier, une régression logistique par code sur des traits lexicaux
(`modeles.traits`), lit la phrase et son entourage immédiat. Le second (`modeles.suite`) relit les notes du
premier dans leur suite et rend des probabilités calibrées.

C'est la référence apprise que le codeur livré (`modeles.codeur_livre`) doit dépasser ; il s'apprend en une
minute, sans réseau de neurones.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.model_selection import GroupKFold
from sklearn.utils.validation import check_is_fitted

from modeles.etage_lexical import EtageLexical
from modeles.suite import SecondEtage, log_cotes

Booleens = npt.NDArray[np.bool_]
Reels = npt.NDArray[np.float64]



class CodeurLexical(BaseEstimator):  # type: ignore[misc]
    """Codeur multi-étiquettes de phrases en contexte.

    Il a les paramètres et les clones d'un estimateur scikit-learn, mais `fit` demande une table de phrases et
    le groupe de chacune : `check_estimator`, qui ne donne qu'un tableau de nombres, ne s'y applique pas.
    L'estimateur public est `extraction.etiqueteur.Etiqueteur`.

    Parameters
    ----------
    codes : Sequence[str]
        Les codes, dans l'ordre des colonnes de `y`.
    C : float, default=4.0
        Inverse de la régularisation du premier étage (`modeles.etage_lexical`).
    plis : int, default=4
        Plis de la validation croisée interne, par groupe (territoire).
    traits_max : int, default=40_000
        Nombre de traits lexicaux gardés.
    travaux : int, default=1
        Processus employés par `fit`.

    Attributes
    ----------
    etage_ : EtageLexical
        Appris sur toutes les phrases.
    suite_ : SecondEtage
    """

    def __init__(self, codes: Sequence[str] = (), C: float = 4.0, plis: int = 4, traits_max: int = 40_000,
                 travaux: int = 1) -> None:
        self.codes = codes
        self.C = C
        self.plis = plis
        self.traits_max = traits_max
        self.travaux = travaux

    def fit(self, X: pd.DataFrame, y: Booleens, groupes: Sequence[str] | npt.NDArray[np.str_]) -> CodeurLexical:
        """Apprend sur des phrases codées.

        Parameters
        ----------
        X : pandas.DataFrame de n lignes
            Phrases en contexte (`modeles.contexte.mettre_en_contexte`), dans l'ordre des textes.
        y : ndarray (n, codes) de booléens
            Chaque code doit être porté par au moins une phrase.
        groupes : Sequence[str] de longueur n
            Territoire de chaque phrase ; au moins `plis` territoires.

        Raises
        ------
        ValueError
            Formes incompatibles, code sans exemple, trop peu de territoires.
        """
        y = np.asarray(y, dtype=bool)
        territoires = np.asarray(groupes)
        if y.shape != (len(X), len(self.codes)) or len(territoires) != len(X):
            raise ValueError(f"formes incompatibles : {len(X)} phrases, y {y.shape}, {len(self.codes)} codes, "
                             f"{len(territoires)} groupes")
        vides = [code for code, porte in zip(self.codes, list(y.sum(axis=0)), strict=True) if not porte]
        if vides:
            raise ValueError(f"codes sans aucun exemple : {', '.join(vides)}")
        if len(np.unique(territoires)) < self.plis:
            raise ValueError(f"{self.plis} territoires au moins sont nécessaires pour {self.plis} plis")
        notes = np.zeros(y.shape)
        for appris, tenus in GroupKFold(self.plis).split(X, groups=territoires):
            notes[tenus] = self._premier_etage(X.iloc[appris], y[appris]).noter(X.iloc[tenus])
        self.etage_ = self._premier_etage(X, y)
        self.suite_ = SecondEtage.apprendre([notes], X, y, log_cotes(y))
        return self

    def _premier_etage(self, X: pd.DataFrame, y: Booleens) -> EtageLexical:
        return EtageLexical.apprendre(X, y, self.C, self.traits_max, self.travaux)

    def predict_proba(self, X: pd.DataFrame) -> Reels:
        """Probabilité calibrée que chaque phrase porte chaque code.

        Parameters
        ----------
        X : pandas.DataFrame de n lignes
            Entretiens entiers, dans l'ordre des textes : la suite des phrases compte.

        Returns
        -------
        ndarray (n, codes)
        """
        check_is_fitted(self, "suite_")
        if not len(X):
            return np.zeros((0, len(self.codes)))
        return self.suite_.probabilites([self.etage_.noter(X)], X)

    def predict(self, X: pd.DataFrame) -> Booleens:
        """Codes posés : (n, codes) de booléens."""
        return self.predict_proba(X) >= self.suite_.seuil
