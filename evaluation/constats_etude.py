"""Les constats d'une étude : regards croisés sur chaque code, configurations de territoires, table de vérité."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evaluation.configurations import comparer, parts_standardisees, table_de_verite
from evaluation.regards import NATIONAL, PRESENT, attendus, croiser

AUTRE = "autre"
CONDITIONS = ("echelle", "porteur", "anciennete")
COLONNES_VERITE = ("code", *CONDITIONS, "territoires", "positifs", "coherence", "couverture", "contradictoire", "non_observees", "liste")
TERRITOIRES_MIN = 3
"""Territoires qui ont le code, et qui ne l'ont pas, au moins, pour en dresser la table de vérité."""


def constater_etude(mentions: pd.DataFrame, hesitations: pd.DataFrame, probables: pd.DataFrame, entretiens: pd.DataFrame,
                    territoires: pd.DataFrame, codes: Sequence[str], graine: int = 0) -> dict[str, pd.DataFrame]:
    """Toutes les tables de constats d'une étude.

    Parameters
    ----------
    mentions, hesitations, probables : pandas.DataFrame
        Colonnes entretien, code, modalite, confiance (0 à 1 ; manquante : une personne a codé, la mention est tenue pour
        sûre). Seules les mentions font les constats ; les confiances des trois font les entretiens attendus.
    entretiens : pandas.DataFrame
        Colonnes entretien, territoire, categorie ; tous ceux qui ont été menés.
    territoires : pandas.DataFrame
        Colonnes territoire et, si on les a, echelle, porteur, annee.
    codes : Sequence[str]
    graine : int
        Pour `evaluation.configurations.comparer`.

    Returns
    -------
    dict[str, pandas.DataFrame]
        `regards` et `regards_categories` (`evaluation.regards.croiser` ; `attendus` en plus dans la première : nombre
        d'entretiens attendus d'après les confiances), `configurations` (`evaluation.configurations.comparer`) et
        `table_verite` (`COLONNES_VERITE`).
    """
    regards, categories = croiser(mentions, entretiens, codes)
    fiches = territoires.drop_duplicates("territoire").reindex(columns=["territoire", "echelle", "porteur", "annee"]).astype(object)
    reperes = pd.concat([table[["entretien", "code", "confiance"]] for table in (mentions, hesitations, probables)], ignore_index=True)
    regards.insert(regards.columns.get_loc("sur"), "attendus", _attendus(regards, reperes, entretiens))
    return {"regards": regards, "regards_categories": categories,
            "configurations": comparer(parts_standardisees(mentions, entretiens, codes), fiches, graine),
            "table_verite": _table_verite(regards, fiches)}


def _attendus(regards: pd.DataFrame, reperes: pd.DataFrame, entretiens: pd.DataFrame) -> pd.Series:
    """Les entretiens attendus de chaque ligne de `regards`."""
    probabilites = attendus(reperes.assign(confiance=reperes["confiance"].astype(float).fillna(1.0)))
    probabilites = probabilites.merge(entretiens[["entretien", "territoire"]], on="entretien")
    par_portee = pd.concat([probabilites.assign(portee=probabilites["territoire"]), probabilites.assign(portee=NATIONAL)])
    sommes = par_portee.groupby(["portee", "code"])["probabilite"].sum()
    rendue: pd.Series = sommes.reindex(pd.MultiIndex.from_frame(regards[["portee", "code"]]), fill_value=0.0).set_axis(regards.index)
    return rendue.astype(float)


def _conditions(fiches: pd.DataFrame) -> dict[str, tuple[pd.Series, str, str]]:
    """Chaque condition : qui la remplit, ce qu'on écrit de ceux qui la remplissent et des autres.

    La valeur la plus répandue contre les autres, ou la première moitié des années contre la seconde. Une caractéristique
    qu'un territoire n'a pas renseignée, ou qui ne les sépare pas, est laissée de côté.
    """
    rendues: dict[str, tuple[pd.Series, str, str]] = {}
    for nom in ("echelle", "porteur"):
        valeurs = fiches[nom].fillna("").astype(str)
        if (valeurs != "").all() and valeurs.nunique() > 1:
            repandue = str(valeurs.mode().iloc[0])
            rendues[nom] = (valeurs == repandue, repandue, AUTRE)
    annees = pd.to_numeric(fiches["annee"], errors="coerce")
    if annees.notna().all() and annees.nunique() > 1:
        pivot = annees.median() if annees.median() < annees.max() else annees[annees < annees.max()].max()
        rendues["anciennete"] = (annees <= pivot, f"jusqu'en {pivot:.0f}", f"après {pivot:.0f}")
    return rendues


def _table_verite(regards: pd.DataFrame, fiches: pd.DataFrame) -> pd.DataFrame:
    """La table de vérité de chaque code qui sépare les territoires."""
    avis = regards[regards["portee"] != NATIONAL].pivot(index="portee", columns="code", values="avis")
    conditions = _conditions(fiches.set_index("territoire").reindex(avis.index))
    tables = []
    for code in regards["code"].unique() if conditions else ():
        presents = avis[code] == PRESENT
        if not TERRITOIRES_MIN <= presents.sum() <= len(presents) - TERRITOIRES_MIN:
            continue
        table = table_de_verite(pd.DataFrame({nom: ont for nom, (ont, _, _) in conditions.items()}), presents)
        ecrites = {nom: table[nom].map({True: oui, False: non}) for nom, (_, oui, non) in conditions.items()}
        tables.append(table.assign(code=code, **ecrites, non_observees=table.attrs["non_observees"]))
    return pd.DataFrame(columns=list(COLONNES_VERITE)) if not tables else pd.concat(tables, ignore_index=True).reindex(
        columns=list(COLONNES_VERITE), fill_value="")
