"""Les configurations de territoires : échelle, porteur, ancienneté croisés avec les codes, sur peu de territoires.

Le territoire est l'unité. Pour chaque caractéristique, les territoires qui ont une valeur sont comparés aux autres : part
d'entretiens qui portent le code, à catégories d'acteurs égales (standardisation directe : une différence de personnes
interrogées n'est pas une différence de territoires). Le test énumère toutes les façons de donner la valeur à autant de
territoires (Fisher 1935). Les codes et les valeurs étant nombreux, le p est ajusté par la loi du plus grand écart réduit
(Westfall et Young 1993, *Resampling-Based Multiple Testing*, chap. 2), qui garde un risque de 5 % pour tous les codes et
toutes les valeurs d'une caractéristique, sans demander plus de territoires. On ne conclut pas quand on ne le peut pas :
le tableau dit pourquoi.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

RISQUE = 0.05
TIRAGES = 30_000
"""Au-delà de ce nombre d'attributions possibles, on en tire autant au sort."""
TERRITOIRES_MIN = 2
COLONNES = ("caracteristique", "valeur", "code", "territoires", "autres", "part", "part_autres", "ecart", "bas", "haut", "p",
            "p_ajuste", "p_minimal", "conclusion", "raison", "liste")
PLUS, MOINS, NON = "plus", "moins", "non concluant"
EGALITE = 1e-9
Reels = npt.NDArray[np.float64]
Booleens = npt.NDArray[np.bool_]


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
        Colonnes de `COLONNES`, par caractéristique, valeur et code ; un territoire dont on ignore la caractéristique n'est
        pas comparé. `ecart` : différence des parts moyennes ; `bas`, `haut` : les écarts que le test ne rejette pas à 5 %
        (sans ajustement) ; `p_minimal` : le plus petit p que ces effectifs permettent ; `conclusion` : « plus »,
        « moins » ou « non concluant », avec sa `raison` ; `liste` : les territoires qui ont la valeur, séparés par « ; ».
    """
    lignes: list[dict[str, object]] = []
    for caracteristique, valeurs in caracteristiques(territoires.set_index("territoire").reindex(parts.index)).items():
        connues = valeurs[valeurs != ""]
        etiquettes = sorted(set(connues))
        comparees = etiquettes[:1] if len(etiquettes) == 2 else etiquettes  # deux valeurs opposées : une comparaison
        siennes, ont = parts.loc[connues.index], [(connues == valeur).to_numpy() for valeur in comparees]
        ajustes = _ajuster(siennes.to_numpy(dtype=float), connues, comparees, graine)
        for valeur, choisis, ajuste in zip(comparees, ont, ajustes, strict=True):
            lignes += _comparer(siennes, choisis, str(caracteristique), valeur, ajuste, graine)
    return pd.DataFrame(lignes, columns=list(COLONNES))


def anciennetes(annees: pd.Series) -> tuple[pd.Series, float]:
    """Les années en nombres, et celle qui les partage : la médiane, ou moins si rien ne venait après elle.

    Returns
    -------
    annees : pandas.Series
        NaN pour ce qui n'est pas une année.
    pivot : float
        NaN s'il n'y a pas deux années différentes.
    """
    lues = pd.to_numeric(annees, errors="coerce")
    avant = lues[lues < lues.max()]
    return lues, min(float(np.floor(lues.median())), float(avant.max())) if len(avant) else float("nan")


def caracteristiques(fiches: pd.DataFrame) -> pd.DataFrame:
    """L'échelle, le porteur et l'ancienneté de chaque territoire, en mots ; vide quand on ne les connaît pas.

    Parameters
    ----------
    fiches : pandas.DataFrame
        Colonnes echelle, porteur, annee.

    Returns
    -------
    pandas.DataFrame
        Colonnes echelle, porteur, anciennete ; même index. L'ancienneté est vide partout s'ils sont tous de la même année.
    """
    annees, pivot = anciennetes(fiches["annee"])
    anciennete = pd.Series("", index=fiches.index).mask(annees <= pivot, f"jusqu'en {pivot:.0f}").mask(
        annees > pivot, f"après {pivot:.0f}")
    return fiches[["echelle", "porteur"]].fillna("").astype(str).assign(anciennete=anciennete)


def attributions(ont: Booleens, graine: int) -> Booleens:
    """Toutes les façons de choisir k territoires sur n ; ou, s'il y en a trop, l'observée et un tirage."""
    n, k = len(ont), int(ont.sum())
    if math.comb(n, k) <= TIRAGES:
        choix = np.array(list(itertools.combinations(range(n), k)))
    else:
        hasard = np.random.default_rng(graine)
        choix = np.array([np.flatnonzero(ont), *(hasard.choice(n, k, replace=False) for _ in range(TIRAGES - 1))])
    tirees = np.zeros((len(choix), n), dtype=bool)
    tirees[np.arange(len(choix))[:, None], choix] = True
    return tirees


def _ecarts(parts: Reels, choix: Booleens) -> Reels:
    """Différence des moyennes : (attributions, codes)."""
    k = choix[0].sum()
    dedans = choix.astype(float) @ parts
    rendu: Reels = dedans / k - (parts.sum(axis=0) - dedans) / (parts.shape[0] - k)
    return rendu


def _ajuster(parts: Reels, valeurs: pd.Series, comparees: Sequence[str], graine: int) -> list[Reels]:
    """p ajusté de chaque valeur et code : part des redistributions dont le plus grand écart réduit est aussi grand."""
    from sympy.utilities.iterables import multiset_permutations

    comptes = valeurs.value_counts()
    possibles = math.factorial(len(valeurs)) // math.prod(math.factorial(n) for n in comptes)
    if possibles <= TIRAGES:
        redistribuees = np.array(list(multiset_permutations(sorted(valeurs))))
    else:
        hasard, etiquettes = np.random.default_rng(graine), valeurs.to_numpy(dtype=str)
        redistribuees = np.array([etiquettes, *(hasard.permutation(etiquettes) for _ in range(TIRAGES - 1))])
    plus_grand, observes = np.zeros(len(redistribuees)), []
    for valeur in comparees:
        if min(comptes[valeur], len(valeurs) - comptes[valeur]) < TERRITOIRES_MIN:
            observes.append(np.full(parts.shape[1], np.nan))
            continue
        nuls = _ecarts(parts, redistribuees == valeur)
        etendue = nuls.std(axis=0)
        reduits = np.divide(np.abs(nuls), etendue, out=np.zeros_like(nuls), where=etendue > EGALITE)
        plus_grand = np.maximum(plus_grand, reduits.max(axis=1))
        ici = np.abs(_ecarts(parts, (valeurs == valeur).to_numpy()[None, :])[0])
        observes.append(np.divide(ici, etendue, out=np.zeros_like(ici), where=etendue > EGALITE))
    return [np.where(np.isnan(reduit), np.nan, (plus_grand[:, None] >= reduit - EGALITE).mean(axis=0)) for reduit in observes]


def _comparer(parts: pd.DataFrame, ont: Booleens, caracteristique: str, valeur: str, ajuste: Reels,
              graine: int) -> list[dict[str, object]]:
    n, k = len(ont), int(ont.sum())
    commun = {"caracteristique": caracteristique, "valeur": valeur, "territoires": k, "autres": n - k,
              "liste": ";".join(map(str, parts.index[ont]))}
    if min(k, n - k) < TERRITOIRES_MIN:
        vides = dict.fromkeys(("part", "part_autres", "ecart", "bas", "haut", "p", "p_ajuste", "p_minimal"), float("nan"))
        raison = f"moins de {TERRITOIRES_MIN} territoires d'un côté"
        return [{**commun, **vides, "code": code, "conclusion": NON, "raison": raison} for code in parts.columns]
    valeurs = parts.to_numpy(dtype=float)
    choix = attributions(ont, graine)
    nuls, observes = np.abs(_ecarts(valeurs, choix)), _ecarts(valeurs, ont[None, :])[0]
    minimal = (2 if 2 * k == n else 1) / math.comb(n, k)
    lignes = []
    for rang, code in enumerate(parts.columns):
        bas, haut = _intervalle(valeurs[:, rang], ont, choix)
        p = float((nuls[:, rang] >= abs(observes[rang]) - EGALITE).mean())
        conclusion, raison = NON, "l'écart peut venir du hasard"
        if nuls[:, rang].max() <= EGALITE:
            raison = "tous les territoires en disent autant"
        elif minimal > RISQUE:
            raison = f"même le plus grand écart possible ne dépasserait pas le hasard (p ≥ {minimal:.2f})".replace(".", ",")
        elif ajuste[rang] <= RISQUE:
            conclusion, raison = (PLUS if observes[rang] > 0 else MOINS), ""
        elif p <= RISQUE:
            raison = "l'écart peut venir du hasard, tant de codes et de valeurs étant comparés"
        lignes.append({**commun, "code": code, "part": valeurs[ont, rang].mean(), "part_autres": valeurs[~ont, rang].mean(),
                       "ecart": observes[rang], "bas": bas, "haut": haut, "p": p, "p_ajuste": float(ajuste[rang]),
                       "p_minimal": minimal, "conclusion": conclusion, "raison": raison})
    return lignes


def _intervalle(valeurs: Reels, ont: Booleens, choix: Booleens) -> tuple[float, float]:
    """Les écarts δ que le test ne rejette pas : on retire δ aux territoires qui ont la caractéristique, et l'on teste."""
    observe = valeurs[ont].mean() - valeurs[~ont].mean()

    def rejete(delta: float) -> bool:
        sans = (valeurs - delta * ont)[:, None]
        return bool((np.abs(_ecarts(sans, choix)) >= abs(observe - delta) - EGALITE).mean() <= RISQUE)

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
