"""Croiser les regards : qui dit quoi de chaque code, et si l'ensemble des acteurs en parle.

L'entretien est l'unité : un bavard ne pèse pas dix. Une évaluation retient une condition parce que des acteurs de
places différentes, dans des territoires différents, en parlent, et pas seulement ceux qui pilotent : c'est la
triangulation des sources (Denzin 1978, *The Research Act*, chap. 10). Les règles sont ici, et paramétrables.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from evaluation.matrices import MODALITES

NATIONAL = "national"
PILOTES = ("etat", "coordination", "collectivite_elu", "collectivite_technicien")
"""Les catégories qui conçoivent ou conduisent la politique."""
PRESENT, ABSENT, PARTAGE = "presente", "absente", "partage"
COLONNES = ("portee", "code", "entretiens", "sur", "part", "bas", "haut", "territoires", "categories", "hors_pilotage",
            "presente", "absente", "hypothetique", "avis", "accord", "voix_isolee", "retenu", "raison", "liste")
COLONNES_CATEGORIES = ("portee", "code", "categorie", "entretiens", "sur", "part", "bas", "haut", "presente", "absente", "penche", "liste")


@dataclass(frozen=True)
class Regles:
    """Ce qu'il faut pour conclure.

    Attributes
    ----------
    entretiens : int
        Entretiens, au moins, qui portent un avis pour qu'on le dise.
    categories : int
        Catégories d'acteurs, au moins, qui doivent en parler, dont une hors pilotage, pour retenir un code.
    territoires : int
        Territoires, au moins, pour le retenir à l'échelle nationale.
    rapport : float
        Un avis l'emporte quand il réunit tant de fois plus d'entretiens que l'avis contraire.
    pilotes : tuple[str, ...]
    """

    entretiens: int = 3
    categories: int = 3
    territoires: int = 2
    rapport: float = 2.0
    pilotes: tuple[str, ...] = PILOTES


def croiser(mentions: pd.DataFrame, entretiens: pd.DataFrame, codes: Sequence[str],
            regles: Regles = Regles()) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Croise les regards sur chaque code, à l'échelle nationale et dans chaque territoire.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Colonnes entretien, code, modalite.
    entretiens : pandas.DataFrame
        Colonnes entretien, territoire, categorie ; tous ceux qui ont été menés.
    codes : Sequence[str]
    regles : Regles

    Returns
    -------
    regards : pandas.DataFrame
        Une ligne par portée et code, zéros compris : `entretiens` qui en parlent, `sur` combien, `part` et intervalle
        de Wilson à 95 % (`bas`, `haut`) ; nombre de `territoires`, de `categories`, et de celles `hors_pilotage` ;
        entretiens par modalité (un même entretien peut compter dans plusieurs) ; `avis` : « presente », « absente »,
        « partage », ou vide (trop peu) ; `accord` entre catégories : « convergence » (trois au moins, toutes du même
        côté), « divergence » (une au moins de chaque côté), ou vide ; `voix_isolee` : « entretien », « categorie », ou
        vide ; `retenu` : l'ensemble des acteurs en parle (`Regles`), sinon `raison` dit tout ce qui manque ; `liste` : les
        entretiens, séparés par « ; ».
    categories : pandas.DataFrame
        Une ligne par portée, code et catégorie interrogée : mêmes comptes, et vers quoi la catégorie `penche`.
    """
    menes = entretiens.assign(categorie=entretiens["categorie"].fillna(""))[["entretien", "territoire", "categorie"]]
    dits = mentions[["entretien", "code", "modalite"]].drop_duplicates().merge(menes, on="entretien")
    lignes, details = [], []
    for portee in [NATIONAL, *sorted(menes["territoire"].unique())]:
        ici = slice(None) if portee == NATIONAL else menes["territoire"] == portee
        siens = menes.loc[ici]
        par_code = dict(list((dits if portee == NATIONAL else dits[dits["territoire"] == portee]).groupby("code")))
        for code in codes:
            siennes = par_code.get(code, dits.iloc[:0])
            positions = [_categorie(portee, code, categorie, siennes, siens) for categorie in sorted(siens["categorie"].unique())]
            details += positions
            lignes.append(_regard(portee, code, siennes, siens, positions, regles))
    return pd.DataFrame(lignes, columns=list(COLONNES)), pd.DataFrame(details, columns=list(COLONNES_CATEGORIES))


def _part(portent: int, sur: int) -> tuple[float, float, float]:
    """Part et intervalle de Wilson (Wilson 1927, JASA 22) à 95 %."""
    if not sur:
        return float("nan"), float("nan"), float("nan")
    intervalle = binomtest(portent, sur).proportion_ci(0.95, method="wilson")
    return portent / sur, float(intervalle.low), float(intervalle.high)


def _comptes(siennes: pd.DataFrame) -> dict[str, int]:
    return {modalite: int((siennes["modalite"] == modalite).sum()) for modalite in MODALITES}


def _categorie(portee: str, code: str, categorie: str, siennes: pd.DataFrame, siens: pd.DataFrame) -> dict[str, object]:
    dites = siennes[siennes["categorie"] == categorie]
    noms = sorted(dites["entretien"].unique())
    sur = int((siens["categorie"] == categorie).sum())
    part, bas, haut = _part(len(noms), sur)
    comptes = _comptes(dites)
    ecart = comptes["presente"] - comptes["absente"]
    return {"portee": portee, "code": code, "categorie": categorie, "entretiens": len(noms), "sur": sur, "part": part, "bas": bas,
            "haut": haut, "presente": comptes["presente"], "absente": comptes["absente"],
            "penche": PRESENT if ecart > 0 else ABSENT if ecart < 0 else "", "liste": ";".join(noms)}


def _regard(portee: str, code: str, siennes: pd.DataFrame, siens: pd.DataFrame, positions: list[dict[str, object]],
            regles: Regles) -> dict[str, object]:
    noms = sorted(siennes["entretien"].unique())
    part, bas, haut = _part(len(noms), len(siens))
    comptes = _comptes(siennes)
    parlent = [str(p["categorie"]) for p in positions if p["entretiens"]]
    hors = [c for c in parlent if c and c not in regles.pilotes]
    territoires = siennes["territoire"].nunique()
    avis = _avis(comptes["presente"], comptes["absente"], regles)
    cotes = {cote: sum(p["penche"] == cote for p in positions) for cote in (PRESENT, ABSENT)}
    accord = ""
    if len(noms) >= regles.entretiens:
        accord = ("divergence" if min(cotes.values()) else "convergence" if max(cotes.values()) >= regles.categories else "")
    manques = [raison for raison, manque in (
        (f"moins de {regles.entretiens} entretiens affirment la même chose", avis == ""),
        (f"moins de {regles.categories} catégories d'acteurs en parlent", len(parlent) < regles.categories),
        ("nul n'en parle hors du pilotage", not hors),
        (f"moins de {regles.territoires} territoires en parlent", portee == NATIONAL and territoires < regles.territoires)) if manque]
    return {"portee": portee, "code": code, "entretiens": len(noms), "sur": len(siens), "part": part, "bas": bas, "haut": haut,
            "territoires": int(territoires), "categories": len(parlent), "hors_pilotage": len(hors), **comptes, "avis": avis,
            "accord": accord, "voix_isolee": "entretien" if len(noms) == 1 else "categorie" if len(parlent) == 1 else "",
            "retenu": not manques, "raison": " ; ".join(manques), "liste": ";".join(noms)}


def _avis(presente: int, absente: int, regles: Regles) -> str:
    if max(presente, absente) < regles.entretiens:
        return ""
    if presente >= regles.rapport * absente:
        return PRESENT
    return ABSENT if absente >= regles.rapport * presente else PARTAGE


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
