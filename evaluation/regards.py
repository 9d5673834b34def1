"""Croiser les regards : qui dit quoi de chaque code, et si l'ensemble des acteurs en parle.

L'entretien est l'unité : un bavard ne pèse pas dix. Une évaluation retient une condition parce que des acteurs de
places différentes, dans des territoires différents, en parlent, et pas seulement ceux qui pilotent : c'est la
triangulation des sources (Denzin 1978, *The Research Act*, chap. 10). Les règles sont dans `evaluation.regles`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from evaluation.matrices import MODALITES
from evaluation.regles import ABSENT, HYPOTHETIQUE, PRESENT, REGLES, Regles, penchant
from evaluation.themes_grille import corriger_holm

NATIONAL = "national"
TIRAGES = 1999
"""Redistributions des avis, pour éprouver un écart entre catégories."""
COLONNES = ("portee", "code", "entretiens", "sur", "part", "bas", "haut", "territoires", "categories", "appuyees",
            "hors_pilotage", "presente", "absente", "hypothetique", "avis", "accord", "ecart", "p", "voix_isolee", "retenu",
            "raison", "liste")
COLONNES_CATEGORIES = ("portee", "code", "categorie", "entretiens", "sur", "part", "bas", "haut", "presente", "absente",
                       "penche", "liste")


def croiser(mentions: pd.DataFrame, entretiens: pd.DataFrame, codes: Sequence[str], regles: Regles = REGLES,
            graine: int = 0) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Croise les regards sur chaque code, à l'échelle nationale et dans chaque territoire.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Colonnes entretien, code, modalite.
    entretiens : pandas.DataFrame
        Colonnes entretien, territoire, categorie ; tous ceux qui ont été menés.
    codes : Sequence[str]
    regles : Regles
    graine : int
        Des redistributions de `p`.

    Returns
    -------
    regards : pandas.DataFrame
        Une ligne par portée et code, zéros compris : `entretiens` qui en parlent, `sur` combien, `part` et intervalle
        de Wilson à 95 % (`bas`, `haut`) ; nombre de `territoires`, de `categories`, de celles qui l'appuient
        (`appuyees`, voir `Regles.voix`), dont `hors_pilotage` ; entretiens par modalité (un même entretien peut compter
        dans plusieurs) ; `avis` : « presente », « absente », « partage », « hypothetique » (surtout souhaité ou redouté),
        ou vide (trop peu ; voir `Regles.avis`) ; `accord` entre catégories qui l'appuient : « convergence » (trois au
        moins, toutes du même côté), « divergence » (une au moins de chaque côté), ou vide ; `ecart`, du plus
        grand au plus petit avis moyen des catégories qui ont `voix` avis (0 : toutes
        disent pareil ; 1 : l'une toujours présent, l'autre toujours absent ; nan si une seule) ; `p`, probabilité d'avis
        aussi inégaux si les catégories n'y étaient pour rien (échelle nationale), corrigée pour le nombre de codes (Holm
        1979) ; `voix_isolee` : « entretien », « categorie », ou vide ; `retenu` : l'ensemble des acteurs en parle
        (`Regles`), sinon `raison` dit tout ce qui manque ; `liste` : les entretiens, séparés par « ; ».
    categories : pandas.DataFrame
        Une ligne par portée, code et catégorie interrogée : mêmes comptes, et vers quoi la catégorie `penche`.
    """
    menes = entretiens.assign(categorie=entretiens["categorie"].fillna(""))[["entretien", "territoire", "categorie"]]
    dits = mentions[["entretien", "code", "modalite"]].drop_duplicates().merge(menes, on="entretien")
    par_case: dict[tuple[str, str], list[_Dit]] = defaultdict(list)
    for code, *dit in dits[["code", *_Dit._fields]].itertuples(index=False, name=None):
        par_case[NATIONAL, code].append(_Dit(*dit))
        par_case[str(dit[2]), code].append(_Dit(*dit))
    lignes, details = [], []
    for portee in [NATIONAL, *sorted(menes["territoire"].unique())]:
        siens = menes if portee == NATIONAL else menes[menes["territoire"] == portee]
        interroges = siens["categorie"].value_counts().sort_index().to_dict()
        for code in codes:
            siennes = par_case.get((portee, code), [])
            positions = [_categorie(portee, code, categorie, [dit for dit in siennes if dit.categorie == categorie], sur)
                         for categorie, sur in interroges.items()]
            details += positions
            lignes.append(_regard(portee, code, siennes, len(siens), siens["territoire"].nunique(), positions, regles, graine))
    regards = pd.DataFrame(lignes, columns=list(COLONNES))
    testes = regards["p"].notna()
    regards.loc[testes, "p"] = corriger_holm(regards.loc[testes, "p"].to_numpy(dtype=float))
    return regards, pd.DataFrame(details, columns=list(COLONNES_CATEGORIES))


class _Dit(NamedTuple):
    """Un entretien qui parle d'un code, dans une modalité."""

    entretien: str
    modalite: str
    territoire: str
    categorie: str


@cache
def _part(portent: int, sur: int) -> tuple[float, float, float]:
    """Part et intervalle de Wilson (Wilson 1927, JASA 22) à 95 %."""
    if not sur:
        return float("nan"), float("nan"), float("nan")
    intervalle = binomtest(portent, sur).proportion_ci(0.95, method="wilson")
    return portent / sur, float(intervalle.low), float(intervalle.high)


def _comptes(siennes: list[_Dit]) -> dict[str, int]:
    return {modalite: sum(dit.modalite == modalite for dit in siennes) for modalite in MODALITES}


def _categorie(portee: str, code: str, categorie: str, dites: list[_Dit], sur: int) -> dict[str, Any]:
    noms = sorted({dit.entretien for dit in dites})
    part, bas, haut = _part(len(noms), sur)
    comptes = _comptes(dites)
    return {"portee": portee, "code": code, "categorie": categorie, "entretiens": len(noms), "sur": sur, "part": part, "bas": bas,
            "haut": haut, PRESENT: comptes[PRESENT], ABSENT: comptes[ABSENT],
            "penche": penchant(comptes[PRESENT], comptes[ABSENT]), "liste": ";".join(noms)}


def _regard(portee: str, code: str, siennes: list[_Dit], sur: int, lieux: int, positions: list[dict[str, Any]],
            regles: Regles, graine: int) -> dict[str, object]:
    national = portee == NATIONAL
    noms = sorted({dit.entretien for dit in siennes})
    part, bas, haut = _part(len(noms), sur)
    comptes = _comptes(siennes)

    def assez(position: dict[str, Any], quoi: str) -> bool:
        return regles.engage(position[quoi], position["sur"], national)

    parlent = [position for position in positions if position["entretiens"]]
    appuient = [position["categorie"] for position in parlent if assez(position, "entretiens")]
    presentes, absentes = (sum(position["penche"] == cote and assez(position, cote) for position in parlent)
                           for cote in (PRESENT, ABSENT))
    territoires = len({dit.territoire for dit in siennes})
    avis = regles.avis(comptes[PRESENT], comptes[ABSENT], comptes[HYPOTHETIQUE], len(parlent))
    manques = regles.manques(avis, max(comptes[PRESENT], comptes[ABSENT]), appuient, len(positions), territoires, lieux, national)
    affirmes = _avis_par_entretien(siennes)
    return {"portee": portee, "code": code, "entretiens": len(noms), "sur": sur, "part": part, "bas": bas, "haut": haut,
            "territoires": territoires, "categories": len(parlent), "appuyees": len(appuient),
            "hors_pilotage": len(regles.hors_pilotage(appuient)), **comptes, "avis": avis,
            "accord": regles.accord(presentes, absentes, len(noms)), "ecart": _ecart(affirmes, regles.voix),
            "p": _p(affirmes, graine) if national else float("nan"),
            "voix_isolee": "entretien" if len(noms) == 1 else "categorie" if len(parlent) == 1 else "",
            "retenu": not manques, "raison": " ; ".join(manques), "liste": ";".join(noms)}


def _avis_par_entretien(siennes: list[_Dit]) -> list[tuple[float, str, str]]:
    """Avis (0 : absent ; 1 : présent ; un demi : les deux), territoire et catégorie des entretiens qui affirment."""
    par_entretien: dict[str, list[_Dit]] = defaultdict(list)
    for dit in siennes:
        if dit.modalite in (PRESENT, ABSENT):
            par_entretien[dit.entretien].append(dit)
    return [(sum(dit.modalite == PRESENT for dit in dits) / len(dits), dits[0].territoire, dits[0].categorie)
            for _, dits in sorted(par_entretien.items())]


def _ecart(avis: list[tuple[float, str, str]], voix: int) -> float:
    par_categorie: dict[str, list[float]] = {}
    for valeur, _, categorie in avis:
        par_categorie.setdefault(categorie, []).append(valeur)
    moyennes = [sum(valeurs) / len(valeurs) for valeurs in par_categorie.values() if len(valeurs) >= voix]
    return max(moyennes) - min(moyennes) if len(moyennes) > 1 else float("nan")


def _p(avis: list[tuple[float, str, str]], graine: int) -> float:
    """Permutation des avis entre les entretiens d'un même territoire (Edgington 1980) : dispersion entre catégories.

    La dispersion est Σ n (moyenne de la catégorie − moyenne)². Un écart entre territoires n'y compte pas : chaque
    territoire garde ses avis.
    """
    if len({categorie for *_, categorie in avis}) < 2 or len({valeur for valeur, *_ in avis}) < 2:
        return 1.0
    valeurs = np.array([valeur for valeur, *_ in avis])
    lieux, categories = (pd.factorize(np.array(colonne))[0] for colonne in list(zip(*avis, strict=True))[1:])
    appartenance = np.eye(categories.max() + 1)[categories]
    hasard = np.random.default_rng(graine)
    # Ranger par territoire, puis par une clé tirée au sort, permute dans chaque territoire.
    ordres = np.lexsort((hasard.random((TIRAGES, len(avis))), np.broadcast_to(lieux, (TIRAGES, len(avis)))), axis=1)
    tires = np.empty((TIRAGES, len(avis)))
    tires[:, np.argsort(lieux, kind="stable")] = valeurs[ordres]
    sommes = np.vstack([valeurs, tires]) @ appartenance
    dispersions = (sommes**2 / appartenance.sum(axis=0)).sum(axis=1)
    return float((dispersions >= dispersions[0] - 1e-9).mean())


def attendus(probabilites: pd.DataFrame) -> pd.DataFrame:
    """Entretiens attendus par code, d'après les confiances calibrées de la machine.

    Les phrases d'un entretien sont tenues pour indépendantes sachant le texte : la probabilité qu'un entretien porte un
    code est 1 − Π (1 − p).

    Parameters
    ----------
    probabilites : pandas.DataFrame
        Colonnes entretien, code, confiance ; une ligne par phrase et code, les plus probables au moins.

    Returns
    -------
    pandas.DataFrame
        Colonnes entretien, code, probabilite.
    """
    manque = np.log1p(-probabilites["confiance"].astype(float).clip(0, 1 - 1e-9))
    table = manque.groupby([probabilites["entretien"], probabilites["code"]]).sum()
    return (1 - np.exp(table)).rename("probabilite").reset_index()
