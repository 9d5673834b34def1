"""Analyse quali-quantitative comparée (csQCA) : quelles combinaisons de caractéristiques accompagnent un code.

Chaque territoire est un cas ; ses caractéristiques, réduites à deux valeurs, sont les conditions ; le résultat est : les
entretiens du territoire disent le code présent. Une combinaison de la table de vérité mène au résultat si sa cohérence est
suffisante (Ragin 2008, *Redesigning Social Inquiry*, p. 44-68) ; la formule est la plus courte somme de produits (Quine
1952, McCluskey 1956, par sympy), sans hypothèse sur les combinaisons que personne n'a (solution conservatrice).

Peu de cas et plusieurs conditions : une formule se trouve toujours, même au hasard (Marx et Dusa 2011, *Methodological
Innovations Online* 6(2)). On redonne donc le résultat à d'autres territoires de toutes les façons possibles, et l'on
compte celles qui s'expliquent aussi bien (Braumoeller 2015, *Political Analysis* 23(4)). Sinon, on ne conclut pas.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from evaluation.configurations import EGALITE, NON, RISQUE, Booleens, Reels, attributions, table_de_verite
from evaluation.themes_grille import corriger_holm

COHERENCE = 0.75
"""Part des territoires d'une combinaison qui doivent avoir le résultat pour qu'elle y mène (Ragin 2008, p. 46)."""
COLONNES_FORMULES = ("code", "territoires", "positifs", "formule", "coherence", "couverture", "expliques", "p", "p_ajuste",
                     "p_minimal", "conclusion", "raison")
ACCOMPAGNE = "accompagne"


def resumer(conditions: pd.DataFrame, resultats: pd.DataFrame, graine: int = 0) -> pd.DataFrame:
    """La formule de chaque code, et si le hasard en ferait autant.

    Parameters
    ----------
    conditions : pandas.DataFrame (territoires, conditions) de booléens
        Colonnes : le nom de chaque condition, tel qu'on l'écrit.
    resultats : pandas.DataFrame (territoires, codes) de booléens
        Le code est dit présent ; au moins un territoire l'a et un ne l'a pas.
    graine : int
        Ne sert que s'il y a trop de redistributions pour les énumérer.

    Returns
    -------
    pandas.DataFrame
        Colonnes de `COLONNES_FORMULES`, une ligne par code : `coherence` et `couverture` de la formule ; `expliques`,
        territoires qu'elle range bien ; `p`, part des redistributions du résultat qui s'expliquent aussi bien ;
        `p_ajuste` (Holm 1979, tous codes) ; `p_minimal`, le plus petit que ces territoires permettent ; `conclusion`,
        « accompagne » ou « non concluant », avec sa `raison`.
    """
    lignes = []
    for code, resultat in resultats.items():
        table = table_de_verite(conditions, resultat)
        menent = table[table["coherence"] >= COHERENCE]
        combinaisons = menent[list(conditions.columns)].to_numpy(dtype=bool).tolist()
        lignes.append({"code": code, "territoires": len(resultat), "positifs": int(resultat.sum()),
                       "formule": formule(list(conditions.columns), combinaisons), **_ajustement(menent, resultat),
                       **_hasard(conditions, resultat, graine)})
    formules = pd.DataFrame(lignes, columns=list(COLONNES_FORMULES)).astype({"conclusion": object, "raison": object})
    formules["p_ajuste"] = corriger_holm(formules["p"].to_numpy(dtype=float))
    formules[["conclusion", "raison"]] = [_conclure(ligne) for ligne in formules.to_dict("records")]
    return formules


def formule(conditions: Sequence[str], combinaisons: Sequence[Sequence[bool]]) -> str:
    """La plus courte somme de produits vraie pour ces combinaisons et fausse pour toutes les autres.

    Parameters
    ----------
    conditions : Sequence[str]
        Leurs noms.
    combinaisons : Sequence[Sequence[bool]]
        Celles qui mènent au résultat.

    Returns
    -------
    str
        « a et non b, ou c » ; « toujours » si tout y mène, vide si rien n'y mène.
    """
    from sympy import Not, Or, Symbol, symbols
    from sympy.logic import SOPform
    from sympy.logic.boolalg import And, BooleanTrue

    signes = symbols(f"c:{len(conditions)}")
    noms = dict(zip(signes, conditions, strict=True))
    somme = SOPform(list(signes), [[int(valeur) for valeur in combinaison] for combinaison in combinaisons])
    if not combinaisons or isinstance(somme, BooleanTrue):
        return "toujours" if combinaisons else ""

    def ecrire(produit: And | Not | Symbol) -> str:
        facteurs = produit.args if isinstance(produit, And) else (produit,)
        litteraux = {next(iter(facteur.free_symbols)): facteur for facteur in facteurs}
        return " et ".join(("non " if isinstance(litteraux[s], Not) else "") + noms[s] for s in signes if s in litteraux)

    return ", ou ".join(sorted(map(ecrire, somme.args if isinstance(somme, Or) else (somme,))))


def _ajustement(menent: pd.DataFrame, resultat: pd.Series) -> dict[str, object]:
    """Ce que la formule explique : elle est vraie dans les combinaisons qui mènent au résultat."""
    dedans, justes, positifs = menent["territoires"].sum(), menent["positifs"].sum(), int(resultat.sum())
    return {"coherence": justes / dedans if dedans else float("nan"), "couverture": justes / positifs,
            "expliques": int(justes + len(resultat) - positifs - (dedans - justes))}


def _hasard(cas: pd.DataFrame, resultat: pd.Series, graine: int) -> dict[str, object]:
    """Part des redistributions du résultat dont la formule range bien autant de territoires ; la plus petite possible."""
    appartenance = pd.get_dummies(cas.groupby(list(cas.columns)).ngroup()).to_numpy(dtype=float)
    redistribues = attributions(resultat.to_numpy(dtype=bool), graine)
    observes = _expliques(appartenance, resultat.to_numpy(dtype=bool)[None, :])[0]
    tires = _expliques(appartenance, redistribues)
    return {"p": float((tires >= observes - EGALITE).mean()), "p_minimal": float((tires >= tires.max() - EGALITE).mean())}


def _expliques(appartenance: Reels, resultats: Booleens) -> Reels:
    """Territoires bien rangés par la solution de chaque résultat : (résultats,)."""
    positifs, tailles = resultats.astype(float) @ appartenance, appartenance.sum(axis=0)
    menent = positifs >= COHERENCE * tailles - EGALITE
    rendu: Reels = np.where(menent, positifs, tailles - positifs).sum(axis=1)
    return rendu


def _conclure(ligne: dict[Hashable, Any]) -> tuple[str, str]:
    if not ligne["formule"]:
        return NON, "aucune combinaison n'y mène assez régulièrement"
    if ligne["p_minimal"] > RISQUE:
        return NON, (f"avec si peu de territoires, {ligne['p_minimal']:.0%} des résultats tirés au hasard s'expliqueraient "
                     "entièrement").replace("%", " %")
    if ligne["p_ajuste"] > RISQUE:
        part = f"{ligne['p']:.0%} des résultats tirés au hasard s'expliqueraient aussi bien".replace("%", " %")
        return NON, part + (", et plusieurs codes sont essayés" if ligne["p"] <= RISQUE else "")
    return ACCOMPAGNE, ""
