"""L'analyse factorielle des correspondances (AFC) d'un tableau d'effectifs.

Benzécri (L'analyse des données, t. 2, Dunod, 1973) : une ligne est un point dont les coordonnées sont son
profil, et deux profils sont d'autant plus loin que leur distance du khi-deux est grande. L'AFC cherche les
axes qui rendent le mieux ces distances ; l'inertie totale est le khi-deux du tableau divisé par son total.
Le calcul est celui de la bibliothèque prince (décomposition en valeurs singulières de LAPACK, sans tirage) ;
on n'y ajoute que l'orientation des axes, pour que deux analyses du même tableau se superposent.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_NULLE = 1e-12
"""Valeur propre (ou carré de distance) en deçà de laquelle il n'y a que du bruit de calcul."""


@dataclass(frozen=True)
class Afc:
    """Une analyse factorielle des correspondances.

    Attributes
    ----------
    inertie : float
        Inertie totale : khi-deux du tableau divisé par son total.
    axes : pandas.DataFrame
        Tous les axes non nuls, du plus fort au plus faible : axe (1, 2…), valeur_propre, part et
        part_cumulee (de l'inertie, entre 0 et 1).
    lignes, colonnes : pandas.DataFrame
        Une ligne par élément du tableau, dans son ordre : element, masse (part du total), inertie
        (masse · distance² au centre), puis par axe gardé k : axe_k (coordonnée principale),
        contribution_k (à l'inertie de l'axe, de somme 1), cos2_k (part de la distance au centre que
        l'axe rend ; 0 pour un élément placé au centre) ; enfin qualite, somme des cos2.
    """

    inertie: float
    axes: pd.DataFrame
    lignes: pd.DataFrame
    colonnes: pd.DataFrame


def afc(tableau: pd.DataFrame, axes: int = 2) -> Afc:
    """Analyse un tableau d'effectifs.

    Parameters
    ----------
    tableau : pandas.DataFrame de forme (lignes, colonnes)
        Effectifs positifs ou nuls, par exemple formes × territoires (`modeles.formes.tableau_lexical`).
        Chaque axe est tourné pour que la ligne qui y contribue le plus ait une coordonnée positive.
    axes : int, default 2
        Nombre d'axes rendus pour les lignes et les colonnes ; moins s'il n'y en a pas tant.

    Returns
    -------
    Afc

    Raises
    ------
    ValueError
        Moins de deux lignes ou colonnes ; élément en double ; effectif négatif ou manquant ; ligne ou
        colonne vide ; lignes toutes de même profil ; `axes` inférieur à 1.
    """
    _controler(tableau, axes)
    from prince import CA  # se charge lentement

    effectifs = tableau.astype("float64")
    analyse = CA(n_components=min(tableau.shape) - 1, engine="scipy").fit(effectifs)
    valeurs = np.asarray(analyse.eigenvalues_, dtype=np.float64)
    nombre = int((valeurs > _NULLE).sum())
    if not nombre:
        raise ValueError("toutes les lignes ont le même profil : il n'y a aucun écart à représenter")
    inertie = float(analyse.total_inertia_)
    parts = valeurs[:nombre] / inertie
    eboulis = pd.DataFrame(
        {
            "axe": np.arange(1, nombre + 1),
            "valeur_propre": valeurs[:nombre],
            "part": parts,
            "part_cumulee": parts.cumsum(),
        }
    )
    gardes = min(axes, nombre)
    lignes = analyse.row_coordinates(effectifs).to_numpy()[:, :nombre]
    colonnes = analyse.column_coordinates(effectifs).to_numpy()[:, :nombre]
    premieres = analyse.row_contributions_.to_numpy().round(9).argmax(axis=0)[:nombre]
    sens = np.where(lignes[premieres, np.arange(nombre)] < 0, -1.0, 1.0)
    return Afc(
        inertie,
        eboulis,
        _elements(analyse.row_masses_, lignes * sens, analyse.row_contributions_, gardes),
        _elements(analyse.col_masses_, colonnes * sens, analyse.column_contributions_, gardes),
    )


def _controler(tableau: pd.DataFrame, axes: int) -> None:
    if axes < 1:
        raise ValueError(f"il faut au moins un axe, reçu {axes}")
    if min(tableau.shape) < 2:
        raise ValueError(f"il faut au moins deux lignes et deux colonnes (tableau de forme {tableau.shape})")
    valeurs = tableau.to_numpy(dtype=np.float64)
    if not (np.isfinite(valeurs) & (valeurs >= 0)).all():
        raise ValueError("les effectifs sont des nombres positifs ou nuls, sans manque")
    for nom, noms, sommes in (
        ("ligne", tableau.index, valeurs.sum(axis=1)),
        ("colonne", tableau.columns, valeurs.sum(axis=0)),
    ):
        if noms.has_duplicates:
            raise ValueError(f"{nom} en double : {noms[noms.duplicated()][0]}")
        if not sommes.all():
            raise ValueError(f"{nom} sans aucun effectif, à retirer : {noms[sommes == 0][0]}")


def _elements(
    masses: pd.Series[float], coordonnees: NDArray[np.float64], contributions: pd.DataFrame, gardes: int
) -> pd.DataFrame:
    """La table des lignes ou des colonnes ; `coordonnees` porte tous les axes non nuls."""
    carres = coordonnees**2
    distances = carres.sum(axis=1)
    loin = distances > _NULLE
    table = pd.DataFrame({"element": masses.index, "masse": masses.to_numpy()})
    table["inertie"] = table["masse"] * distances
    for k in range(gardes):
        table[f"axe_{k + 1}"] = coordonnees[:, k]
        table[f"contribution_{k + 1}"] = contributions.iloc[:, k].to_numpy()
        table[f"cos2_{k + 1}"] = np.divide(carres[:, k], distances, out=np.zeros(len(loin)), where=loin)
    table["qualite"] = table[[f"cos2_{k + 1}" for k in range(gardes)]].sum(axis=1)
    return table
