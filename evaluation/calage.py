"""Redresser la non-réponse : des poids qui rendent aux répondantes les marges de la base de sondage.

Calage sur marges de Deville et Särndal (1992, *Calibration estimators in survey sampling*, Journal of the
American Statistical Association 87, 376-382) : raking généralisé (cas 2) ou méthode logistique aux poids
bornés (cas 6). Le calage corrige ce qui, dans la non-réponse, tient aux variables de calage ; il ne peut
rien contre une catégorie dont personne n'a répondu — elle est regroupée, et c'est dit —, ni contre des Cités
muettes pour d'autres raisons.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import expit

MINIMUM = 5
"""Répondantes en dessous desquelles une catégorie de calage est regroupée."""
PLAFOND = 3.0
"""Rapport maximal entre un poids calé et le poids de départ."""
_TOURS = 100


class CalageImpossible(ValueError):
    """Aucun jeu de poids admissible ne rend les marges."""


@dataclass(frozen=True)
class Redressement:
    """Des poids de redressement.

    Attributes
    ----------
    poids : pandas.Series
        Un poids par répondante, indexé par Cité ; leur somme est la population quand elle est connue.
    disjonctif : pandas.DataFrame
        Constante et indicatrices des catégories de calage des répondantes, même index.
    marges : tuple[str, ...]
        Variables de calage effectivement employées.
    population : int or None
        Nombre de Cités ; None sans base de sondage.
    notes : tuple[str, ...]
        Ce qui a été regroupé ou abandonné, en phrases.
    """

    poids: pd.Series
    disjonctif: pd.DataFrame
    marges: tuple[str, ...]
    population: int | None
    notes: tuple[str, ...]

    @property
    def effet_plan(self) -> float:
        """Effet de plan des poids : 1 + cv² (Kish 1965, *Survey sampling*, section 11.7)."""
        poids = self.poids.to_numpy(float)
        return float(len(poids) * (poids**2).sum() / poids.sum() ** 2)


def caler(depart: NDArray[np.float64], disjonctif: NDArray[np.float64], totaux: NDArray[np.float64],
          bornes: tuple[float, float] | None = None) -> NDArray[np.float64]:
    """Les poids les plus proches de ceux de départ qui rendent les totaux.

    Parameters
    ----------
    depart : ndarray of shape (n,)
        Poids de départ, strictement positifs.
    disjonctif : ndarray of shape (n, p)
        Variables de calage des répondantes ; elles peuvent être liées.
    totaux : ndarray of shape (p,)
        Leurs totaux dans la population.
    bornes : tuple[float, float], optional
        Rapports extrêmes entre poids calé et poids de départ, de part et d'autre de 1 ; sans bornes, raking.

    Returns
    -------
    ndarray of shape (n,)

    Raises
    ------
    CalageImpossible
        Aucune solution : catégorie vide, marges contradictoires, bornes trop serrées.

    Notes
    -----
    Newton sur les multiplicateurs λ de w = d·F(xλ) ; le pas est réduit de moitié tant que l'écart aux totaux
    ne diminue pas.
    """
    def rapports(u: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """F(u) et sa dérivée."""
        if bornes is None:
            valeurs = np.exp(np.clip(u, -50, 50))
            return valeurs, valeurs
        bas, haut = bornes
        pente = (haut - bas) / ((1 - bas) * (haut - 1))
        part = expit(pente * u + np.log((1 - bas) / (haut - 1)))
        return bas + (haut - bas) * part, (haut - bas) * pente * part * (1 - part)

    multiplicateurs = np.zeros(disjonctif.shape[1])
    valeurs, pentes = rapports(disjonctif @ multiplicateurs)
    ecart = totaux - disjonctif.T @ (depart * valeurs)
    for _ in range(_TOURS):
        if np.abs(ecart).max() <= 1e-9 * np.abs(totaux).max():
            return depart * valeurs
        jacobien = disjonctif.T @ (disjonctif * (depart * pentes)[:, None])
        pas = np.linalg.lstsq(jacobien, ecart, rcond=None)[0]
        while np.abs(pas).max() > 1e-12:
            valeurs, pentes = rapports(disjonctif @ (multiplicateurs + pas))
            nouvel = totaux - disjonctif.T @ (depart * valeurs)
            if np.linalg.norm(nouvel) < np.linalg.norm(ecart):
                break
            pas = pas / 2
        else:
            break
        multiplicateurs, ecart = multiplicateurs + pas, nouvel
    raise CalageImpossible("aucun poids admissible ne rend les marges")


def redresser(base: pd.DataFrame, repondantes: Sequence[str], marges: Sequence[str], complete: bool = True,
              minimum: int = MINIMUM, plafond: float = PLAFOND) -> Redressement:
    """Redresse les répondantes sur les marges de la base de sondage.

    Parameters
    ----------
    base : pandas.DataFrame
        Une ligne par Cité : `cite` et les variables de calage, en texte.
    repondantes : Sequence[str]
        Cités répondantes, toutes dans la base.
    marges : Sequence[str]
        Variables de calage, de la plus à la moins importante : en cas d'échec, la dernière est abandonnée.
    complete : bool, default=True
        Faux si la base ne contient que les répondantes : poids égaux à 1, population inconnue.
    minimum : int
        Répondantes en dessous desquelles une catégorie est regroupée avec une autre.
    plafond : float
        Rapport maximal entre un poids calé et le poids de départ. Le minimum est tel qu'aucune Cité ne compte
        pour moins d'elle-même.

    Returns
    -------
    Redressement
    """
    index = pd.Index(repondantes, name="cite")
    ensemble = base.set_index("cite")
    constante = pd.DataFrame({"constante": 1.0}, index=index)
    if not complete:
        return Redressement(pd.Series(1.0, index), constante, (), None, ())
    taille = len(ensemble)
    depart = taille / len(index)
    notes: list[str] = []
    if len(index) == taille:
        return Redressement(pd.Series(1.0, index), constante, (), taille, ("Toutes les Cités ont répondu : rien à redresser.",))
    recodees = ensemble.reindex(columns=list(marges)).copy()
    retenues = []
    for marge in marges:
        recodees[marge], dites = _regrouper(recodees[marge], index, minimum)
        notes += [f"{marge} : {dite}" for dite in dites]
        if recodees[marge].nunique() > 1:
            retenues.append(marge)
    while retenues:
        indicatrices = pd.get_dummies(recodees[retenues], prefix_sep="=", drop_first=True, dtype=float)
        indicatrices.insert(0, "constante", 1.0)
        disjonctif = indicatrices.loc[index]
        try:
            poids = caler(np.full(len(index), depart), disjonctif.to_numpy(float), indicatrices.sum().to_numpy(float),
                          (1 / depart, plafond))
            return Redressement(pd.Series(poids, index), disjonctif, tuple(retenues), taille, tuple(notes))
        except CalageImpossible:
            abandonnee = retenues.pop()
            notes.append(f"{abandonnee} : abandonnée, aucun poids admissible ne rend ses marges avec les précédentes.")
    notes.append("Aucune variable de calage utilisable : toutes les répondantes ont le même poids.")
    return Redressement(pd.Series(depart, index), constante, (), taille, tuple(notes))


def _regrouper(categories: pd.Series, repondantes: pd.Index, minimum: int) -> tuple[pd.Series, list[str]]:
    """Réunit chaque catégorie trop peu fournie à une autre, et le dit.

    Des années sont réunies à la voisine, les autres à celle qui a le moins de répondantes.
    """
    notes: list[str] = []
    annees = categories.str.fullmatch(r"\d{4}").all()
    while True:
        total = categories.value_counts().sort_index()
        reponses = categories.loc[repondantes].value_counts().reindex(total.index, fill_value=0)
        rare = reponses.idxmin()
        if len(total) < 2 or reponses[rare] >= minimum:
            return categories, notes
        autres = list(reponses.index.drop(rare))
        if annees:
            rang = int((total.index < rare).sum())
            autres = autres[max(rang - 1, 0):rang + 1]
        hote = min(autres, key=lambda categorie: (reponses[categorie], categorie))
        combien = (f"{reponses[rare]} répondante(s) sur {total[rare]}" if reponses[rare]
                   else f"aucune de ses {total[rare]} Cités n'a répondu")
        notes.append(f"« {rare} » regroupée avec « {hote} » ({combien}) : on suppose ses Cités semblables aux autres.")
        reunie = " ou ".join(sorted((rare, hote)))
        categories = categories.replace({rare: reunie, hote: reunie})
