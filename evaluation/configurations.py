"""Les configurations de territoires : échelle, porteur, ancienneté croisés avec les codes, quand les territoires sont peu nombreux.

Le territoire est l'unité. Pour chaque caractéristique, les territoires qui l'ont sont comparés aux autres : part
d'entretiens qui portent le code, à catégories d'acteurs égales (standardisation directe : une différence de personnes
interrogées n'est pas une différence de territoires). Le test énumère toutes les façons de donner la caractéristique à
autant de territoires (Fisher 1935) ; les codes étant nombreux, le p est ajusté par la loi du plus grand écart (Westfall
et Young 1993, *Resampling-Based Multiple Testing*), qui garde un risque de 5 % pour l'ensemble des codes d'une
caractéristique sans demander plus de territoires. On ne conclut pas quand on ne le peut pas : le tableau dit pourquoi.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

RISQUE = 0.05
TIRAGES = 20_000
"""Au-delà de ce nombre d'attributions possibles, on en tire autant au sort."""
TERRITOIRES_MIN = 2
COLONNES = ("caracteristique", "valeur", "code", "territoires", "autres", "part", "part_autres", "ecart", "bas", "haut", "p",
            "p_ajuste", "p_minimal", "conclusion", "raison")
PLUS, MOINS, NON = "plus", "moins", "non concluant"
Reels = npt.NDArray[np.float64]


def parts_standardisees(mentions: pd.DataFrame, entretiens: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Part d'entretiens qui portent chaque code dans chaque territoire, à catégories d'acteurs égales.

    Parameters
    ----------
    mentions : pandas.DataFrame
        Colonnes entretien, code.
    entretiens : pandas.DataFrame
        Colonnes entretien, territoire, categorie.
    codes : Sequence[str]

    Returns
    -------
    pandas.DataFrame (territoires, codes)
        Dans chaque catégorie, la part des entretiens du territoire ; puis la moyenne pondérée par le poids national
        des catégories, celles que le territoire n'a pas étant laissées de côté.
    """
    menes = entretiens.assign(categorie=entretiens["categorie"].fillna(""))
    portes = pd.crosstab(mentions["entretien"], mentions["code"]).clip(upper=1).reindex(
        index=menes["entretien"], columns=list(codes), fill_value=0)
    portes.index = pd.MultiIndex.from_frame(menes[["territoire", "categorie"]])
    par_categorie = portes.groupby(level=["territoire", "categorie"]).mean()
    poids = menes["categorie"].value_counts(normalize=True).reindex(par_categorie.index.get_level_values("categorie")).to_numpy()
    sommes = par_categorie.mul(poids, axis=0).groupby(level="territoire").sum()
    rendu: pd.DataFrame = sommes.div(pd.Series(poids, index=par_categorie.index).groupby(level="territoire").sum(), axis=0)
    return rendu


def comparer(parts: pd.DataFrame, territoires: pd.DataFrame, graine: int = 0) -> pd.DataFrame:
    """Compare les territoires selon chaque caractéristique : échelle, porteur, ancienneté.

    Parameters
    ----------
    parts : pandas.DataFrame (territoires, codes)
        `parts_standardisees`.
    territoires : pandas.DataFrame
        Colonnes territoire, echelle, porteur, annee.
    graine : int
        Ne sert que s'il y a trop d'attributions pour les énumérer.

    Returns
    -------
    pandas.DataFrame
        Colonnes de `COLONNES`, par caractéristique, valeur et code. `ecart` : différence des parts moyennes ; `bas`,
        `haut` : les écarts que le test ne rejette pas à 5 % (sans ajustement) ; `p_minimal` : le plus petit p que ces
        effectifs permettent ; `conclusion` : « plus », « moins » ou « non concluant », avec sa `raison`.
    """
    lignes: list[dict[str, object]] = []
    for caracteristique, valeurs in _caracteristiques(territoires.set_index("territoire").reindex(parts.index)).items():
        for valeur in sorted(set(valeurs) - {""}):
            lignes += _comparer(parts, (valeurs == valeur).to_numpy(), caracteristique, valeur, graine)
    return pd.DataFrame(lignes, columns=list(COLONNES))


def _caracteristiques(fiches: pd.DataFrame) -> dict[str, pd.Series]:
    """Les valeurs de chaque caractéristique ; deux valeurs opposées ne sont comparées qu'une fois."""
    annees = pd.to_numeric(fiches["annee"], errors="coerce")
    anciennete = pd.Series(np.where(annees.isna(), "", np.where(annees <= annees.median(), f"jusqu'en {annees.median():.0f}", "")),
                           index=fiches.index)
    rendues = {}
    for nom, brutes in (("echelle", fiches["echelle"]), ("porteur", fiches["porteur"]), ("anciennete", anciennete)):
        valeurs = brutes.fillna("").astype(str)
        if valeurs.nunique() == 2 and "" not in set(valeurs):
            valeurs = valeurs.where(valeurs == min(set(valeurs)), "")
        rendues[nom] = valeurs
    return rendues


def _attributions(n: int, k: int, graine: int) -> npt.NDArray[np.bool_]:
    """Toutes les façons de choisir k territoires sur n, celle observée non comprise à part ; ou un tirage."""
    if math.comb(n, k) <= TIRAGES:
        choix = np.array(list(itertools.combinations(range(n), k)))
    else:
        hasard = np.random.default_rng(graine)
        choix = np.array([hasard.choice(n, k, replace=False) for _ in range(TIRAGES)])
    tirees = np.zeros((len(choix), n), dtype=bool)
    tirees[np.arange(len(choix))[:, None], choix] = True
    return tirees


def _ecarts(parts: Reels, attributions: npt.NDArray[np.bool_]) -> Reels:
    """Différence des moyennes : (attributions, codes)."""
    k = attributions[0].sum()
    dedans = attributions.astype(float) @ parts
    rendu: Reels = dedans / k - (parts.sum(axis=0) - dedans) / (parts.shape[0] - k)
    return rendu


def _comparer(parts: pd.DataFrame, ont: npt.NDArray[np.bool_], caracteristique: str, valeur: str, graine: int) -> list[dict[str, object]]:
    n, k = len(ont), int(ont.sum())
    commun = {"caracteristique": caracteristique, "valeur": valeur, "territoires": k, "autres": n - k}
    valeurs = parts.to_numpy(dtype=float)
    if min(k, n - k) < TERRITOIRES_MIN:
        vides = dict.fromkeys(("part", "part_autres", "ecart", "bas", "haut", "p", "p_ajuste", "p_minimal"), float("nan"))
        return [{**commun, **vides, "code": code, "conclusion": NON, "raison": f"moins de {TERRITOIRES_MIN} territoires d'un côté"}
                for code in parts.columns]
    attributions = _attributions(n, k, graine)
    nuls = _ecarts(valeurs, attributions)
    observes = _ecarts(valeurs, ont[None, :])[0]
    etendue = nuls.std(axis=0)
    reduits = np.divide(np.abs(nuls), etendue, out=np.zeros_like(nuls), where=etendue > 0)
    reduit = np.divide(np.abs(observes), etendue, out=np.zeros_like(observes), where=etendue > 0)
    seuil = 1e-9
    p = (np.abs(nuls) >= np.abs(observes) - seuil).mean(axis=0)
    ajuste = (reduits.max(axis=1)[:, None] >= reduit - seuil).mean(axis=0)
    minimal = (2 if 2 * k == n else 1) / math.comb(n, k)
    lignes = []
    for rang, code in enumerate(parts.columns):
        bas, haut = _intervalle(valeurs[:, rang], ont, attributions)
        conclusion, raison = NON, "l'écart peut venir du hasard"
        if etendue[rang] == 0:
            raison = "tous les territoires en disent autant"
        elif minimal > RISQUE:
            raison = f"même le plus grand écart possible ne dépasserait pas le hasard (p ≥ {minimal:.2f})".replace(".", ",")
        elif ajuste[rang] <= RISQUE:
            conclusion, raison = (PLUS if observes[rang] > 0 else MOINS), ""
        lignes.append({**commun, "code": code, "part": valeurs[ont, rang].mean(), "part_autres": valeurs[~ont, rang].mean(),
                       "ecart": observes[rang], "bas": bas, "haut": haut, "p": p[rang], "p_ajuste": ajuste[rang],
                       "p_minimal": minimal, "conclusion": conclusion, "raison": raison})
    return lignes


def _intervalle(valeurs: Reels, ont: npt.NDArray[np.bool_], attributions: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Les écarts δ que le test ne rejette pas : on retire δ aux territoires qui ont la caractéristique, et l'on teste."""
    observe = valeurs[ont].mean() - valeurs[~ont].mean()

    def rejete(delta: float) -> bool:
        sans = (valeurs - delta * ont)[:, None]
        return bool((np.abs(_ecarts(sans, attributions)) >= abs(observe - delta) - 1e-9).mean() <= RISQUE)

    bornes = []
    for sens in (-1.0, 1.0):
        if not rejete(observe + 2 * sens):  # une part va de 0 à 1 : au-delà, tout écart est possible
            bornes.append(sens)
            continue
        dedans, dehors = observe, observe + 2 * sens
        for _ in range(30):
            milieu = (dedans + dehors) / 2
            dedans, dehors = (dedans, milieu) if rejete(milieu) else (milieu, dehors)
        bornes.append(float(np.clip(dedans, -1, 1)))
    return bornes[0], bornes[1]


def table_de_verite(conditions: pd.DataFrame, resultat: pd.Series) -> pd.DataFrame:
    """Table de vérité d'une analyse quali-quantitative comparée (csQCA ; Ragin 1987, *The Comparative Method*).

    Parameters
    ----------
    conditions : pandas.DataFrame (territoires, conditions) de booléens
    resultat : pandas.Series (territoires,) de booléens
        Ce que l'on cherche à expliquer : un code présent.

    Returns
    -------
    pandas.DataFrame
        Une ligne par combinaison observée : les conditions, `territoires`, `positifs`, `coherence` (part de ses
        territoires qui ont le résultat), `couverture` (part des territoires qui ont le résultat qu'elle rassemble),
        `contradictoire`, `liste`. Les combinaisons que personne n'a sont comptées dans `attrs["non_observees"]`.

    Raises
    ------
    ValueError
        Les territoires des deux tables ne sont pas les mêmes.
    """
    if not conditions.index.equals(resultat.index):
        raise ValueError("conditions et résultat ne portent pas sur les mêmes territoires")
    total = int(resultat.sum())
    lignes = []
    for combinaison, siens in conditions.groupby(list(conditions.columns), sort=True):
        positifs = int(resultat.loc[siens.index].sum())
        lignes.append({**dict(zip(conditions.columns, combinaison, strict=True)), "territoires": len(siens), "positifs": positifs,
                       "coherence": positifs / len(siens), "couverture": positifs / total if total else float("nan"),
                       "contradictoire": 0 < positifs < len(siens), "liste": ";".join(map(str, siens.index))})
    table = pd.DataFrame(lignes)
    table.attrs["non_observees"] = 2 ** conditions.shape[1] - len(table)
    return table
