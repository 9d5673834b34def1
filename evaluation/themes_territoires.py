"""Les thèmes nationaux, territoire par territoire : qui en parle, où plus qu'ailleurs, où pas du tout.

Les thèmes nationaux sont les mêmes partout : leur part se compare d'un territoire à l'autre. Les thèmes propres à un
territoire, que seuls ses entretiens ont donnés, sont dans la table des thèmes.

Un territoire se distingue quand ses entretiens, et non ses phrases, parlent plus ou moins d'un thème que ceux des
autres : une personne intarissable ne suffit pas. On compare la part moyenne du thème dans ses entretiens à ce que
donneraient des entretiens des mêmes catégories d'acteurs pris dans toute l'étude, car on n'a pas rencontré partout
les mêmes gens. La probabilité vient d'un test de permutation (Fisher 1935 ; Phipson et Smyth, « Permutation p-values
should never be zero », Statistical Applications in Genetics and Molecular Biology 9(1), 2010, article 39) : on rebat
les territoires entre les entretiens d'une même catégorie, et l'on compte combien de fois l'écart est au moins aussi
grand. Le test ne suppose rien de la loi des parts ; avec peu d'entretiens, il ne conclut rien.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corpus.fiches import PORTEE_NATIONALE
from evaluation.themes_grille import corriger_holm

Reels = NDArray[np.float64]
Entiers = NDArray[np.int64]

RISQUE = 0.05
"""Probabilité de signaler à tort au moins un écart dans un territoire (correction de Holm)."""
PLUS, MOINS = "plus", "moins"
COMMUN, DISPERSE, ABSENT = "commun", "dispersé", "absent"
TIRAGES = 9999

COLONNES_REPARTITION = ("theme", "territoire", "categorie", "phrases", "phrases_dites", "part", "entretiens",
                        "entretiens_menes", "part_entretiens")
COLONNES_ECARTS = ("territoire", "theme", "phrases", "part", "entretiens", "moyenne", "attendue", "ecart", "p",
                   "constat", "etat", "themes_proches")


def repartir(
    themes: pd.DataFrame, themes_phrases: pd.DataFrame, phrases: pd.DataFrame, entretiens: pd.DataFrame
) -> pd.DataFrame:
    """Ce que chaque thème national occupe des propos, par territoire et catégorie d'acteurs.

    Parameters
    ----------
    themes : pandas.DataFrame
        Colonnes portee, theme.
    themes_phrases : pandas.DataFrame
        Colonnes portee, theme, entretien, phrase.
    phrases : pandas.DataFrame
        Colonnes entretien, phrase, role ; seules comptent celles des enquêtés.
    entretiens : pandas.DataFrame
        Colonnes entretien, territoire, categorie (vides ou manquants admis).

    Returns
    -------
    pandas.DataFrame
        Colonnes `COLONNES_REPARTITION`. Une ligne par thème, territoire (vide : toute l'étude) et catégorie (vide :
        toutes) où l'on a mené un entretien, thèmes sans phrase compris ; un entretien sans territoire ou sans
        catégorie ne compte que dans les totaux. phrases (du thème), phrases_dites (par les enquêtés, hors thème
        compris), part (leur rapport, nan si rien n'est dit) ; entretiens (où le thème a une phrase),
        entretiens_menes, part_entretiens.

    Raises
    ------
    ValueError
        Phrase d'un thème introuvable parmi celles des enquêtés.
    """
    comptes, dites, fiches = _compter(themes, themes_phrases, phrases, entretiens)
    tables = []
    for territoire in ["", *_valeurs(fiches["territoire"])]:
        for categorie in ["", *_valeurs(fiches["categorie"])]:
            dedans = ((fiches["territoire"] == territoire) | (territoire == "")) & (
                (fiches["categorie"] == categorie) | (categorie == ""))  # fmt: skip
            rangs = np.flatnonzero(dedans)
            if not len(rangs):
                continue
            siennes, total = comptes.iloc[rangs], int(dites[rangs].sum())
            table = pd.DataFrame({"theme": comptes.columns, "phrases": siennes.sum().to_numpy(),
                                  "entretiens": (siennes > 0).sum().to_numpy()})
            tables.append(table.assign(
                territoire=territoire, categorie=categorie, phrases_dites=total, entretiens_menes=len(rangs),
                part=table["phrases"] / total if total else np.nan,
                part_entretiens=table["entretiens"] / len(rangs)))
    if not tables:
        return pd.DataFrame(columns=list(COLONNES_REPARTITION))
    rangs_themes = {theme: rang for rang, theme in enumerate(comptes.columns)}
    return pd.concat(tables).sort_values(
        "theme", key=lambda noms: noms.map(rangs_themes), kind="stable", ignore_index=True
    )[list(COLONNES_REPARTITION)]


def comparer(
    themes: pd.DataFrame,
    themes_phrases: pd.DataFrame,
    phrases: pd.DataFrame,
    entretiens: pd.DataFrame,
    tirages: int = TIRAGES,
    graine: int = 0,
) -> pd.DataFrame:
    """Ce qui distingue chaque territoire : les thèmes nationaux dont on y parle plus, moins, ou pas.

    Parameters
    ----------
    themes : pandas.DataFrame
        Colonnes portee, theme, theme_national (vide pour un thème propre à son territoire).
    themes_phrases, phrases, entretiens
        Voir `repartir`.
    tirages : int, default 9999
        Nombre de permutations tirées au sort.
    graine : int, default 0

    Returns
    -------
    pandas.DataFrame
        Colonnes `COLONNES_ECARTS`, une ligne par territoire et thème national. phrases, part, entretiens : voir
        `repartir`. moyenne : des parts du thème dans les entretiens du territoire ; attendue : moyenne, sur ces mêmes
        entretiens, de la part moyenne de leur catégorie dans toute l'étude ; ecart : moyenne - attendue (0 à 1) ;
        p : probabilité, si les territoires étaient répartis au hasard entre les entretiens d'une catégorie, d'un écart
        au moins aussi grand dans un sens ou l'autre, corrigée pour le nombre de thèmes (Holm) ; constat : « plus » ou
        « moins » si p < `RISQUE`, sinon vide ; etat : « commun » quand un thème du territoire le prolonge,
        « dispersé » quand on en parle sans qu'aucun le prolonge, « absent » quand aucune phrase n'en parle ;
        themes_proches : thèmes du territoire qui le prolongent, séparés par « ; ». Les entretiens où l'enquêté ne dit
        rien ne comptent pas dans les moyennes (nan quand il n'en reste pas).

    Raises
    ------
    ValueError
        Comme `repartir` ; tirages inférieurs à 1.
    """
    if tirages < 1:
        raise ValueError(f"il faut au moins un tirage, reçu {tirages}")
    comptes, dites, fiches = _compter(themes, themes_phrases, phrases, entretiens)
    parlants = (dites > 0) & (fiches["territoire"] != "").to_numpy()
    parts = comptes.to_numpy(dtype=np.float64)[parlants] / dites[parlants, None]
    lieux, categories = (fiches.loc[parlants, nom].to_numpy(dtype=str) for nom in ("territoire", "categorie"))
    testes = _tester(parts, lieux, categories, tirages, graine)
    rien = np.full(comptes.shape[1], np.nan)
    proches: dict[tuple[str, str], list[str]] = {}
    if "theme_national" in themes:
        for portee, theme, national in themes[["portee", "theme", "theme_national"]].itertuples(index=False, name=None):
            proches.setdefault((portee, str(national)), []).append(theme)
    tables = []
    for territoire in _valeurs(fiches["territoire"]):
        dedans = (fiches["territoire"] == territoire).to_numpy()
        siennes, total = comptes[dedans], int(dites[dedans].sum())
        moyennes, attendues, probabilites = testes.get(territoire, (rien, rien, np.ones(len(rien))))
        table = pd.DataFrame({"theme": comptes.columns, "phrases": siennes.sum().to_numpy(),
                              "entretiens": (siennes > 0).sum().to_numpy(), "moyenne": moyennes,
                              "attendue": attendues, "ecart": moyennes - attendues, "p": probabilites})
        sens = np.where(table["ecart"] > 0, PLUS, MOINS)
        siens = pd.Series([";".join(proches.get((territoire, theme), [])) for theme in comptes.columns], dtype=str)
        tables.append(table.assign(
            territoire=territoire, part=table["phrases"] / total if total else np.nan,
            constat=np.where(table["p"] < RISQUE, sens, ""), themes_proches=siens,
            etat=np.where(siens != "", COMMUN, np.where(table["phrases"] > 0, DISPERSE, ABSENT))))
    if not tables:
        return pd.DataFrame(columns=list(COLONNES_ECARTS))
    return pd.concat(tables, ignore_index=True)[list(COLONNES_ECARTS)]


def _compter(
    themes: pd.DataFrame, themes_phrases: pd.DataFrame, phrases: pd.DataFrame, entretiens: pd.DataFrame
) -> tuple[pd.DataFrame, Entiers, pd.DataFrame]:
    """Phrases de chaque thème national par entretien, phrases dites par entretien, territoires et catégories."""
    siennes = phrases.loc[phrases["role"] == "enquete", ["entretien", "phrase"]]
    liens = themes_phrases[themes_phrases["portee"] == PORTEE_NATIONALE]
    connues = pd.MultiIndex.from_frame(siennes)
    citees = pd.MultiIndex.from_frame(liens[["entretien", "phrase"]])
    perdues = citees[~citees.isin(connues)]
    if len(perdues):
        raise ValueError(f"phrase d'un thème introuvable : {', '.join(sorted({' '.join(p) for p in perdues})[:5])}")
    noms = entretiens["entretien"].tolist()
    nationaux = themes.loc[themes["portee"] == PORTEE_NATIONALE, "theme"].tolist()
    comptes = pd.crosstab(liens["entretien"], liens["theme"]).reindex(index=noms, columns=nationaux, fill_value=0)
    dites = np.asarray(siennes.groupby("entretien").size().reindex(noms, fill_value=0), dtype=np.int64)
    fiches = entretiens[["territoire", "categorie"]].astype(object).fillna("").astype(str).reset_index(drop=True)
    return comptes.astype(np.int64), dites, fiches


def _valeurs(colonne: pd.Series[str]) -> list[str]:
    """Les valeurs d'une colonne, rangées, sans le vide."""
    return sorted(set(colonne) - {""})


def _tester(
    parts: Reels, lieux: NDArray[np.str_], categories: NDArray[np.str_], tirages: int, graine: int
) -> dict[str, tuple[Reels, Reels, Reels]]:
    """Par territoire : moyennes, moyennes attendues et probabilités (Holm) des thèmes, par permutation."""
    if not len(parts):
        return {}
    groupes = np.unique(categories, return_inverse=True)[1]
    par_categorie = np.zeros((groupes.max() + 1, parts.shape[1]))
    np.add.at(par_categorie, groupes, parts)
    par_categorie /= np.bincount(groupes)[:, None]
    # Des places, une par entretien : rangées par catégorie, `tri` les met par territoire. Un tirage redistribue les
    # entretiens d'une catégorie entre ses places.
    rangees = np.argsort(groupes, kind="stable")
    tri = np.argsort(lieux[rangees], kind="stable")
    territoires, debuts, effectifs = np.unique(lieux[rangees][tri], return_index=True, return_counts=True)

    def sommer(valeurs: Reels) -> Reels:
        sommes: Reels = np.add.reduceat(valeurs[tri], debuts, axis=0)
        return sommes

    observees, attendues = sommer(parts[rangees]), sommer(par_categorie[groupes[rangees]])
    seuils = np.abs(observees - attendues) - 1e-9  # l'ordre des sommes ne doit pas faire manquer une égalité
    hasard = np.random.default_rng(graine)
    extremes = np.zeros(observees.shape)
    for _ in range(tirages):
        extremes += np.abs(sommer(parts[np.lexsort((hasard.random(len(parts)), groupes))]) - attendues) >= seuils
    probabilites = (1 + extremes) / (1 + tirages)
    return {
        str(nom): (observees[rang] / effectifs[rang], attendues[rang] / effectifs[rang], corriger_holm(probabilites[rang]))
        for rang, nom in enumerate(territoires)
    }
