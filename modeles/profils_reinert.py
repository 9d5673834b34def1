"""Ce qui caractérise une classe : ses formes, ses variables illustratives, ses segments.

Les deux classifications (`modeles.reinert`, `modeles.reinert_double`) se lisent ainsi. Comme dans Alceste
et IRaMuTeQ, l'unité est le segment classé, la mesure le χ² (à un degré de liberté, sans correction de
continuité) du tableau 2 × 2 « dans la classe ou non » × « porte la forme ou non », négatif quand la
classe porte la forme moins souvent que les autres.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import chdtrc
from sklearn.base import BaseEstimator, ClusterMixin

NON_CLASSE = 0
"""Étiquette des segments qu'aucune classe ne retient."""

P_SPECIFIQUE = 0.05
"""p en dessous de laquelle une forme surreprésentée est spécifique d'une classe."""

Reels = NDArray[np.float64]
Entiers = NDArray[np.int64]


def khi2_signes(dedans: Reels, totaux: Reels, taille: Reels | float, ensemble: Reels | float) -> Reels:
    """χ² signés de tableaux 2 × 2.

    Parameters
    ----------
    dedans : numpy.ndarray
        Segments de la classe qui portent la forme.
    totaux : numpy.ndarray
        Segments classés qui la portent.
    taille, ensemble : numpy.ndarray ou float
        Segments de la classe ; segments classés.

    Returns
    -------
    numpy.ndarray
        Négatifs quand `dedans` est sous son espérance ; 0 quand une marge est nulle.
    """
    ecart = dedans * ensemble - totaux * taille
    marges = np.asarray(totaux * taille * (ensemble - totaux) * (ensemble - taille), dtype=np.float64)
    nulles = marges <= 0
    khi2: Reels = np.where(nulles, 0.0, ecart**2 * ensemble / np.where(nulles, 1.0, marges))
    return np.sign(ecart) * khi2


class ProfilsDeClasses(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Une classification de segments d'après une matrice creuse de présence, et les profils de ses classes.

    L'estimateur, une fois ajusté, donne `presence_` (segments × formes, zéros et uns), `noms_formes_`,
    `nb_classes_` et `couper`.
    """

    presence_: sparse.csr_array
    noms_formes_: list[str]
    nb_classes_: int

    def __sklearn_tags__(self) -> Any:
        etiquettes = super().__sklearn_tags__()
        etiquettes.input_tags.sparse = True
        etiquettes.input_tags.positive_only = True
        return etiquettes

    def couper(self, k: int | None = None) -> Entiers:
        """Les étiquettes (n,) de la classification en k classes ; None : en `nb_classes_`."""
        raise NotImplementedError

    def formes(self, classe: int, k: int | None = None) -> pd.DataFrame:
        """Les formes, de la plus à la moins spécifique d'une classe.

        Parameters
        ----------
        classe : int
            Numéro de la classe, de 1 à k.
        k : int, optional
            Nombre de classes de la coupe ; None : toutes (`nb_classes_`).

        Returns
        -------
        pandas.DataFrame
            Une ligne par forme portée par un segment classé au moins. Colonnes forme, effectif (segments
            de la classe qui la portent), total (segments classés qui la portent), part (effectif / total,
            de 0 à 1), khi2 (signé), p (du χ² à un degré de liberté) ; χ² décroissants, puis formes.

        Raises
        ------
        ValueError
            Quand la classe n'existe pas.
        """
        etiquettes = self._etiquettes(classe, k)
        return _profil(self.presence_, etiquettes, classe, pd.DataFrame({"forme": self.noms_formes_}))

    def variables(self, classe: int, table: pd.DataFrame, k: int | None = None) -> pd.DataFrame:
        """Les modalités de variables illustratives, de la plus à la moins liée à une classe.

        Parameters
        ----------
        classe : int
            Numéro de la classe, de 1 à k.
        table : pandas.DataFrame
            Une ligne par segment, une colonne par variable. Les segments sans valeur ne comptent pas
            pour leur variable.
        k : int, optional
            Nombre de classes de la coupe ; None : toutes (`nb_classes_`).

        Returns
        -------
        pandas.DataFrame
            Colonnes variable, modalite, puis celles de `formes` ; χ² décroissants, puis variables et
            modalités.

        Raises
        ------
        ValueError
            Quand la classe n'existe pas ou que `table` n'a pas une ligne par segment.
        """
        etiquettes = self._etiquettes(classe, k)
        if len(table) != len(etiquettes):
            raise ValueError(f"table de {len(table)} lignes pour {len(etiquettes)} segments : il en faut autant")
        parts = []
        for nom in table.columns:
            connus = table[nom].notna().to_numpy()
            codes, modalites = pd.factorize(table.loc[connus, nom].astype(str), sort=True)
            rangs = np.arange(len(codes))
            croisement = sparse.csr_array((np.ones(len(codes)), (rangs, codes)), shape=(len(codes), len(modalites)))
            noms = pd.DataFrame({"variable": str(nom), "modalite": list(modalites)}, dtype="str")
            parts.append(_profil(croisement, etiquettes[connus], classe, noms))
        if not parts:
            return _profil(sparse.csr_array((len(table), 0)), etiquettes, classe,
                           pd.DataFrame({"variable": [], "modalite": []}, dtype="str"))
        return _trier(pd.concat(parts, ignore_index=True), ["variable", "modalite"])

    def segments_caracteristiques(self, classe: int, n: int = 10, k: int | None = None) -> pd.DataFrame:
        """Les segments qui portent le mieux une classe.

        Le score d'un segment est la somme des χ² des formes spécifiques de la classe qu'il porte (p
        inférieure à 0,05) : le score absolu d'IRaMuTeQ.

        Parameters
        ----------
        classe : int
            Numéro de la classe, de 1 à k.
        n : int
            Nombre de segments, au plus.
        k : int, optional
            Nombre de classes de la coupe ; None : toutes (`nb_classes_`).

        Returns
        -------
        pandas.DataFrame
            Colonnes segment (rang dans la matrice ajustée) et score, décroissant ; à égalité, le premier
            segment d'abord.

        Raises
        ------
        ValueError
            Quand la classe n'existe pas ou que `n` est négatif.
        """
        if n < 0:
            raise ValueError(f"le nombre de segments ne peut être négatif, reçu {n}")
        etiquettes = self._etiquettes(classe, k)
        khi2 = _khi2_des_colonnes(self.presence_, etiquettes, classe)[2]
        specifiques = np.where((khi2 > 0) & (chdtrc(1, np.abs(khi2)) < P_SPECIFIQUE), khi2, 0.0)
        membres = np.flatnonzero(etiquettes == classe)
        scores = self.presence_[membres] @ specifiques
        ordre = np.argsort(-scores, kind="stable")[:n]
        return pd.DataFrame({"segment": membres[ordre], "score": scores[ordre]})

    def _etiquettes(self, classe: int, k: int | None) -> Entiers:
        etiquettes = self.couper(k)
        nombre = self.nb_classes_ if k is None else k
        if not 1 <= classe <= nombre:
            raise ValueError(f"classe {classe} inconnue : les classes vont de 1 à {nombre}")
        return etiquettes


def nommer_formes(formes: Sequence[str] | None, noms: Any, p: int) -> list[str]:
    """Les noms des colonnes : ceux que donne l'appelant, ceux de la table, ou « forme 0 »…

    Parameters
    ----------
    formes : Sequence[str], optional
        Noms donnés à l'ajustement.
    noms : numpy.ndarray, optional
        Noms des colonnes de la table ajustée (`feature_names_in_`).
    p : int
        Nombre de colonnes.

    Returns
    -------
    list[str]

    Raises
    ------
    ValueError
        Quand il n'y a pas un nom par colonne.
    """
    if formes is None:
        return [str(nom) for nom in noms] if noms is not None else [f"forme {j}" for j in range(p)]
    if len(formes) != p:
        raise ValueError(f"{len(formes)} noms de formes pour {p} colonnes : il en faut autant")
    return [str(nom) for nom in formes]


def _khi2_des_colonnes(
    presence: sparse.csr_array, etiquettes: Entiers, classe: int
) -> tuple[Reels, Reels, Reels]:
    """Par colonne : segments de la classe qui la portent, segments classés qui la portent, χ² signé."""
    dans, classes = etiquettes == classe, etiquettes != NON_CLASSE
    effectifs = presence.T @ dans.astype(np.float64)
    totaux = presence.T @ classes.astype(np.float64)
    return effectifs, totaux, khi2_signes(effectifs, totaux, float(dans.sum()), float(classes.sum()))


def _profil(
    presence: sparse.csr_array, etiquettes: Entiers, classe: int, noms: pd.DataFrame
) -> pd.DataFrame:
    effectifs, totaux, khi2 = _khi2_des_colonnes(presence, etiquettes, classe)
    table = noms.assign(
        effectif=effectifs.astype(np.int64),
        total=totaux.astype(np.int64),
        part=effectifs / np.maximum(totaux, 1.0),
        khi2=khi2,
        p=chdtrc(1, np.abs(khi2)),
    )
    return _trier(table[table["total"] > 0], list(noms.columns))


def _trier(table: pd.DataFrame, noms: list[str]) -> pd.DataFrame:
    ordre = ["khi2", *noms]
    return table.sort_values(ordre, ascending=[False, *[True] * len(noms)], ignore_index=True)
