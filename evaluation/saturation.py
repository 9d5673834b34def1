"""La saturation : ce que chaque entretien de plus apporte encore de nouveau.

La courbe compte les codes (ou les thèmes) rencontrés au fil des entretiens. L'ordre de collecte n'étant
qu'un ordre parmi d'autres, elle est donnée aussi en moyenne sur tous les ordres, avec l'étendue de 95 %
d'ordres tirés au sort. La règle de Guest, Namey et Chen (« A simple method to assess and report thematic
saturation in qualitative research », PLOS ONE 15(5), 2020, e0232076) dit quand s'arrêter : quand une série
d'entretiens n'apporte presque rien de plus que ce qu'avait donné une base de départ.

Deux réserves. La règle vise des codes tirés du matériau ; avec une grille écrite d'avance, on mesure
seulement à quelle vitesse la grille se remplit. Et un code posé à tort par la machine passe pour nouveau :
mieux vaut des mentions relues.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import hypergeom

COLONNES_COURBE = ("rang", "entretien", "nouveaux", "cumul", "moyenne", "bas", "haut")
COLONNES_SERIES = ("avant", "premier", "dernier", "nouveaux", "base", "part", "atteinte")
COLONNES_POINTS = ("avant", "ordres", "part_cumulee")

SATURATIONS: dict[str, tuple[str, ...]] = {
    "saturation": ("element", *COLONNES_COURBE),
    "saturation_series": ("element", *COLONNES_SERIES),
}
"""Les tables rendues par `saturations` et leurs colonnes ; chacune donne le fichier du même nom."""

_Booleens = NDArray[np.bool_]
_Entiers = NDArray[np.int64]


def ordre_de_collecte(entretiens: pd.DataFrame) -> list[str]:
    """Les entretiens dans l'ordre où ils ont été menés.

    Parameters
    ----------
    entretiens : pandas.DataFrame
        Colonnes entretien et date (AAAA-MM-JJ, vide si inconnue).

    Returns
    -------
    list[str]
        Par date ; le même jour, dans l'ordre de la table ; les entretiens sans date à la fin.
    """
    dates = entretiens["date"].fillna("").astype(str)
    ranges = entretiens.assign(_date=dates.where(dates != "", "9999")).sort_values("_date", kind="stable")
    return [str(entretien) for entretien in ranges["entretien"]]


def courbe_saturation(
    table: pd.DataFrame, element: str, ordre: Sequence[str], tirages: int = 1000, graine: int = 0
) -> pd.DataFrame:
    """Le nombre d'éléments rencontrés au fil des entretiens.

    Parameters
    ----------
    table : pandas.DataFrame
        Colonne entretien et colonne `element` : la table des mentions (« code »), ou celle des phrases
        des thèmes pour une seule portée (« theme »). Répétitions sans effet.
    element : str
        Colonne dont on compte les valeurs différentes.
    ordre : Sequence[str]
        Tous les entretiens, dans l'ordre de collecte, ceux où il n'y a rien compris.
    tirages : int, default 1000
        Nombre d'ordres tirés au sort pour l'intervalle.
    graine : int, default 0

    Returns
    -------
    pandas.DataFrame
        Une ligne par entretien, dans l'ordre : rang (à partir de 1), entretien, nouveaux (éléments qu'aucun
        entretien d'avant ne portait), cumul, moyenne (du cumul sur tous les ordres possibles, exacte :
        courbe de raréfaction, Hurlbert, Ecology 52, 1971, p. 577-586), bas et haut (2,5ᵉ et 97,5ᵉ centiles
        du cumul sur les ordres tirés).

    Raises
    ------
    ValueError
        Entretien répété ou hors de l'ordre, tirages inférieurs à 1, colonne manquante, ou plusieurs
        portées mêlées (un code de thème n'y désigne pas le même thème).
    """
    if tirages < 1:
        raise ValueError(f"il faut au moins un tirage, reçu {tirages}")
    presence = _presence(table, element, ordre)
    n = len(presence)
    rangs = np.arange(1, n + 1)
    nouveaux = _nouveaux(presence)
    porteurs = presence.sum(axis=0)
    # Un élément porté par p entretiens sur n échappe aux k premiers avec la probabilité hypergéométrique de 0.
    moyenne = (1 - np.asarray(hypergeom.pmf(0, n, porteurs[None, :], rangs[:, None]))).sum(axis=1)
    hasard = np.random.default_rng(graine)
    cumuls = np.array([_nouveaux(presence[hasard.permutation(n)]).cumsum() for _ in range(tirages)])
    bas, haut = np.percentile(cumuls, [2.5, 97.5], axis=0)
    colonnes = (rangs, list(ordre), nouveaux, nouveaux.cumsum(), moyenne, bas, haut)
    return pd.DataFrame(dict(zip(COLONNES_COURBE, colonnes, strict=True))).astype({"entretien": "str"})


def series_de_guest(
    table: pd.DataFrame, element: str, ordre: Sequence[str], base: int = 4, serie: int = 2, seuil: float = 0.05
) -> pd.DataFrame:
    """La règle de Guest, Namey et Chen, série après série.

    La base est faite des `base` premiers entretiens (« base size »). Chaque série (« run ») compte `serie`
    entretiens (« run length ») et avance d'un entretien : la première suit la base, les autres se
    chevauchent. La saturation est atteinte quand les éléments nouveaux d'une série, rapportés à ceux de la
    base, n'excèdent pas `seuil` (« new information threshold ») ; on la note « 6 + 2 » pour six entretiens
    et deux de confirmation.

    Parameters
    ----------
    table, element, ordre
        Voir `courbe_saturation`.
    base : int, default 4
        Les auteurs proposent 4, 5 ou 6.
    serie : int, default 2
        Les auteurs proposent 2 ou 3.
    seuil : float, default 0.05
        Les auteurs proposent 0,05 ou 0.

    Returns
    -------
    pandas.DataFrame
        Une ligne par série : avant (nombre d'entretiens qui la précèdent), premier et dernier (entretiens
        de la série), nouveaux (éléments absents de tout ce qui précède), base (éléments différents de la
        base), part (nouveaux / base, nan pour une base sans élément) et atteinte. Vide quand il y a moins
        de `base` + `serie` entretiens.

    Raises
    ------
    ValueError
        Comme `courbe_saturation` ; base ou série inférieure à 1, seuil négatif.
    """
    _controler_regle(base, serie, seuil)
    presence = _presence(table, element, ordre)
    nouveaux = _nouveaux(presence)
    lignes = []
    for avant, apport in zip(range(base, len(ordre) - serie + 1), _apports(nouveaux, base, serie), strict=True):
        trouves = int(nouveaux[:base].sum())
        part = apport / trouves if trouves else np.nan
        bouts = (ordre[avant], ordre[avant + serie - 1])
        lignes.append((avant, *bouts, int(apport), trouves, part, bool(part <= seuil)))
    types = {"premier": "str", "dernier": "str", "part": "float64", "atteinte": "bool"}
    return pd.DataFrame(lignes, columns=list(COLONNES_SERIES)).astype(
        {nom: types.get(nom, "int64") for nom in COLONNES_SERIES}
    )


def points_de_guest(
    table: pd.DataFrame,
    element: str,
    ordre: Sequence[str],
    base: int = 4,
    serie: int = 2,
    seuil: float = 0.05,
    tirages: int = 1000,
    graine: int = 0,
) -> pd.DataFrame:
    """Où tomberait la saturation si les entretiens étaient venus dans un autre ordre.

    Parameters
    ----------
    table, element, ordre, base, serie, seuil
        Voir `series_de_guest`.
    tirages : int, default 1000
        Nombre d'ordres tirés au sort.
    graine : int, default 0

    Returns
    -------
    pandas.DataFrame
        Colonnes avant (entretiens avant la première série qui atteint le seuil), ordres (nombre d'ordres
        tirés où c'est là) et part_cumulee (des ordres où c'est là ou plus tôt). Sa dernière valeur reste
        sous 1 quand des ordres n'atteignent jamais la saturation.

    Raises
    ------
    ValueError
        Comme `series_de_guest` ; tirages inférieurs à 1.
    """
    _controler_regle(base, serie, seuil)
    if tirages < 1:
        raise ValueError(f"il faut au moins un tirage, reçu {tirages}")
    presence = _presence(table, element, ordre)
    hasard = np.random.default_rng(graine)
    compte = np.zeros(len(ordre) + 1, dtype=np.int64)
    for _ in range(tirages):
        nouveaux = _nouveaux(presence[hasard.permutation(len(ordre))])
        trouves = max(1, nouveaux[:base].sum())  # sans élément dans la base, la règle ne conclut rien
        atteintes = np.flatnonzero(_apports(nouveaux, base, serie) / trouves <= seuil)
        if len(atteintes) and nouveaux[:base].any():
            compte[base + atteintes[0]] += 1
    avant = np.flatnonzero(compte)
    colonnes = (avant, compte[avant], compte[avant].cumsum() / tirages)
    return pd.DataFrame(dict(zip(COLONNES_POINTS, colonnes, strict=True)))


def saturations(
    mentions: pd.DataFrame, themes_phrases: pd.DataFrame, entretiens: pd.DataFrame, graine: int = 0
) -> dict[str, pd.DataFrame]:
    """La saturation d'une étude en codes et en thèmes nationaux, dans l'ordre de collecte.

    Parameters
    ----------
    mentions, themes_phrases, entretiens : pandas.DataFrame
        Tables d'une analyse.
    graine : int, default 0

    Returns
    -------
    dict[str, pandas.DataFrame]
        Les tables de `SATURATIONS` : celles de `courbe_saturation` et de `series_de_guest`, l'une sous
        l'autre, element disant ce qu'on compte, « code » ou « theme ».
    """
    ordre = ordre_de_collecte(entretiens)
    comptees = (("code", mentions), ("theme", themes_phrases[themes_phrases["portee"] == "national"]))
    courbes = [courbe_saturation(table, quoi, ordre, graine=graine).assign(element=quoi) for quoi, table in comptees]
    series = [series_de_guest(table, quoi, ordre).assign(element=quoi) for quoi, table in comptees]
    tables = {nom: pd.concat(parts, ignore_index=True) for nom, parts in zip(SATURATIONS, (courbes, series), strict=True)}
    return {nom: tables[nom][list(colonnes)] for nom, colonnes in SATURATIONS.items()}


def _controler_regle(base: int, serie: int, seuil: float) -> None:
    if base < 1 or serie < 1:
        raise ValueError(f"la base ({base}) et la série ({serie}) comptent au moins un entretien")
    if not seuil >= 0:
        raise ValueError(f"le seuil est une part, positive ou nulle (reçu : {seuil})")


def _presence(table: pd.DataFrame, element: str, ordre: Sequence[str]) -> _Booleens:
    """Matrice (entretiens dans l'ordre, éléments) : l'entretien porte l'élément."""
    manquantes = [nom for nom in ("entretien", element) if nom not in table.columns]
    if manquantes:
        raise ValueError(f"table sans les colonnes : {', '.join(manquantes)}")
    if "portee" in table.columns and table["portee"].nunique() > 1:
        raise ValueError("plusieurs portées mêlées : gardez les lignes d'une seule (par exemple « national »)")
    rangs = {entretien: rang for rang, entretien in enumerate(ordre)}
    if len(rangs) != len(ordre):
        raise ValueError("un entretien est deux fois dans l'ordre de collecte")
    inconnus = sorted(set(table["entretien"]) - set(rangs))
    if inconnus:
        raise ValueError(f"entretiens hors de l'ordre de collecte : {', '.join(map(str, inconnus[:5]))}")
    numeros, elements = pd.factorize(table[element])
    presence = np.zeros((len(ordre), len(elements)), dtype=np.bool_)
    presence[table["entretien"].map(rangs).to_numpy(dtype=np.int64)[numeros >= 0], numeros[numeros >= 0]] = True
    return presence


def _nouveaux(presence: _Booleens) -> _Entiers:
    """Nombre d'éléments dont chaque entretien est le premier porteur."""
    if not len(presence):
        return np.zeros(0, dtype=np.int64)
    premiers = presence.argmax(axis=0)
    return np.bincount(premiers, minlength=len(presence)).astype(np.int64)


def _apports(nouveaux: _Entiers, base: int, serie: int) -> _Entiers:
    """Éléments nouveaux de chaque série : sommes glissantes après la base."""
    cumul = np.concatenate([[0], nouveaux.cumsum()])[base:]
    apports: _Entiers = cumul[serie:] - cumul[: max(0, len(cumul) - serie)]
    return apports
