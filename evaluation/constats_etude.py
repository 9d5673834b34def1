"""Les constats d'une étude : regards croisés sur chaque code, configurations de territoires, table de vérité."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from evaluation import qca
from evaluation.configurations import anciennetes, comparer, parts_standardisees, table_de_verite
from evaluation.regards import NATIONAL, attendus, croiser
from evaluation.regles import PRESENT

AUTRE = "autre"
CONDITIONS = ("echelle", "porteur", "anciennete")
_PREFIXES = {"echelle": "échelle ", "porteur": "porteur ", "anciennete": ""}
COLONNES_VERITE = ("code", *CONDITIONS, "territoires", "positifs", "coherence", "couverture", "contradictoire",
                   "non_observees", "liste")
TERRITOIRES_MIN = 3
"""Territoires qui ont le code, et qui ne l'ont pas, au moins, pour en dresser la table de vérité."""


def constater_etude(mentions: pd.DataFrame, hesitations: pd.DataFrame, probables: pd.DataFrame, entretiens: pd.DataFrame,
                    territoires: pd.DataFrame, codes: Sequence[str], graine: int = 0,
                    calibre: str | None = None) -> dict[str, pd.DataFrame]:
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
        Des tirages, là où l'on ne peut tout énumérer.
    calibre : str, facultatif
        Le seul codeur (colonne codeur) dont les confiances sont des probabilités ; d'un autre, une mention est tenue pour
        sûre et le reste ignoré. None : tous le sont.

    Returns
    -------
    dict[str, pandas.DataFrame]
        `regards` et `regards_categories` (`evaluation.regards.croiser` ; `attendus` en plus dans la première : nombre
        d'entretiens attendus d'après les confiances), `configurations` (`evaluation.configurations.comparer`),
        `table_verite` (`COLONNES_VERITE`) et `formules_qca` (`evaluation.qca.resumer`).
    """
    regards, categories = croiser(mentions, entretiens, codes, graine=graine)
    colonnes = ["territoire", "echelle", "porteur", "annee"]
    fiches = territoires.drop_duplicates("territoire").reindex(columns=colonnes).astype(object)
    reperes = pd.concat([mentions.assign(posee=1.0), *(table.assign(posee=0.0) for table in (hesitations, probables))],
                        ignore_index=True)
    if calibre is not None:
        reperes["confiance"] = reperes["confiance"].where(reperes["codeur"] == calibre, reperes["posee"])
    regards.insert(regards.columns.get_loc("sur"), "attendus", _attendus(regards, reperes, entretiens))
    return {"regards": regards, "regards_categories": categories,
            "configurations": comparer(parts_standardisees(mentions, entretiens, codes), fiches, graine),
            **_combinaisons(regards, fiches, graine)}


def _attendus(regards: pd.DataFrame, reperes: pd.DataFrame, entretiens: pd.DataFrame) -> pd.Series:
    """Les entretiens attendus de chaque ligne de `regards`."""
    probabilites = attendus(reperes.assign(confiance=reperes["confiance"].astype(float).fillna(1.0)))
    probabilites = probabilites.merge(entretiens[["entretien", "territoire"]], on="entretien")
    par_portee = pd.concat([probabilites.assign(portee=probabilites["territoire"]), probabilites.assign(portee=NATIONAL)])
    sommes = par_portee.groupby(["portee", "code"])["probabilite"].sum()
    voulues = pd.MultiIndex.from_frame(regards[["portee", "code"]])
    rendue: pd.Series = sommes.reindex(voulues, fill_value=0.0).set_axis(regards.index)
    return rendue


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
    annees, pivot = anciennetes(fiches["annee"])
    if annees.notna().all() and pivot == pivot:
        rendues["anciennete"] = (annees <= pivot, f"jusqu'en {pivot:.0f}", f"après {pivot:.0f}")
    return rendues


def _combinaisons(regards: pd.DataFrame, fiches: pd.DataFrame, graine: int) -> dict[str, pd.DataFrame]:
    """La table de vérité et la formule de chaque code qui sépare les territoires."""
    avis = regards[regards["portee"] != NATIONAL].pivot(index="portee", columns="code", values="avis")
    conditions = _conditions(fiches.set_index("territoire").reindex(avis.index))
    presents = avis == PRESENT
    separent = [code for code in regards["code"].unique()
                if conditions and TERRITOIRES_MIN <= presents[code].sum() <= len(presents) - TERRITOIRES_MIN]
    if not separent:
        return {"table_verite": pd.DataFrame(columns=list(COLONNES_VERITE)),
                "formules_qca": pd.DataFrame(columns=list(qca.COLONNES_FORMULES))}
    tables = []
    for code in separent:
        table = table_de_verite(pd.DataFrame({nom: ont for nom, (ont, _, _) in conditions.items()}), presents[code])
        ecrites = {nom: table[nom].map({True: oui, False: non}) for nom, (_, oui, non) in conditions.items()}
        tables.append(table.assign(code=code, **ecrites, non_observees=table.attrs["non_observees"]))
    nommees = pd.DataFrame({f"{_PREFIXES[nom]}{oui}": ont for nom, (ont, oui, _) in conditions.items()})
    return {"table_verite": pd.concat(tables, ignore_index=True).reindex(columns=list(COLONNES_VERITE), fill_value=""),
            "formules_qca": qca.resumer(nommees, presents[separent], graine)}
