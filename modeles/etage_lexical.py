"""L'étage lexical : une régression logistique par code sur les mots d'une phrase et de ce qui l'entoure.

Il se garde en tableaux de nombres (`en_tableaux`, `des_tableaux`), sans pickle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, delayed
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from modeles.traits import BLOCS, TraitsLexicaux

Booleens = npt.NDArray[np.bool_]
Reels = npt.NDArray[np.float64]
C = 4.0
TRAITS_MAX = 40_000


@dataclass(frozen=True)
class EtageLexical:
    """Une régression logistique par code sur des traits lexicaux.

    Attributes
    ----------
    traits : TraitsLexicaux
    coefficients : ndarray (codes, traits), float32
    biais : ndarray (codes,)
    """

    traits: TraitsLexicaux
    coefficients: npt.NDArray[np.float32]
    biais: Reels

    def noter(self, X: pd.DataFrame) -> Reels:
        """Note (log-cote) de chaque code pour chaque phrase : (n, codes)."""
        return np.asarray(self.traits.transform(X) @ self.coefficients.T, dtype=np.float64) + self.biais

    @classmethod
    def apprendre(cls, X: pd.DataFrame, y: Booleens, C: float = C, traits_max: int = TRAITS_MAX,
                  travaux: int = 1) -> EtageLexical:
        """Apprend sur des phrases en contexte.

        Parameters
        ----------
        X : pandas.DataFrame de n lignes
            `modeles.contexte.mettre_en_contexte`.
        y : ndarray (n, codes) de booléens
            Chaque code doit être porté par au moins une phrase.
        C : float
            Inverse de la régularisation.
        traits_max : int
            Nombre de traits lexicaux gardés.
        travaux : int
            Processus employés.
        """
        traits = TraitsLexicaux(traits_max=traits_max).fit(X, y)
        matrice = traits.transform(X).astype(np.float64)  # liblinear ne connaît que la double précision
        matrice.sort_indices()  # partagée en lecture seule entre processus : à ranger avant
        paires = Parallel(n_jobs=travaux)(
            delayed(_apprendre_un_code)(matrice, y[:, rang], C) for rang in range(y.shape[1]))
        return cls(traits, np.vstack([poids for poids, _ in paires]).astype(np.float32),
                   np.array([biais for _, biais in paires]))

    def en_tableaux(self) -> dict[str, Any]:
        """Les tableaux qui gardent l'étage ; coefficients en demi-précision."""
        tableaux: dict[str, Any] = {"coefficients": self.coefficients.astype(np.float16), "biais": self.biais}
        for nom, vectoriseur in self.traits.vectoriseurs_.items():
            traits = "\n".join(vectoriseur.get_feature_names_out())
            tableaux[f"traits_{nom}"] = np.frombuffer(traits.encode(), dtype=np.uint8)
            tableaux[f"idf_{nom}"] = vectoriseur.idf_.astype(np.float32)
        return tableaux

    @classmethod
    def des_tableaux(cls, tableaux: Mapping[str, Any]) -> EtageLexical:
        """L'étage que ces tableaux gardent."""
        traits = TraitsLexicaux()
        traits.vectoriseurs_ = {}
        for bloc in BLOCS:
            if f"traits_{bloc.nom}" in tableaux:
                vectoriseur = bloc.vectoriseur(vocabulary=tableaux[f"traits_{bloc.nom}"].tobytes().decode().split("\n"))
                vectoriseur.idf_ = tableaux[f"idf_{bloc.nom}"]
                traits.vectoriseurs_[bloc.nom] = vectoriseur
        return cls(traits, tableaux["coefficients"].astype(np.float32), tableaux["biais"])


def _apprendre_un_code(matrice: sparse.csr_matrix, porte: Booleens, C: float) -> tuple[Reels, float]:
    modele = LogisticRegression(C=C, solver="liblinear", random_state=0).fit(matrice, porte)
    return modele.coef_[0], float(modele.intercept_[0])
