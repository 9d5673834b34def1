"""De quoi essayer les estimations : un échantillon tiré dans une étude d'essai, codé par le codeur de référence."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from evaluation.estimation import estimer
from restitution.donnees import DonneesRapport

TIRAGE = {"unite": "entretiens", "plan": "simple", "taille": 0, "machine": "machine:0.1.0"}


def avec_estimations(donnees: DonneesRapport) -> DonneesRapport:
    """L'étude, estimée d'après un entretien sur deux codé à la main.

    La machine d'essai oublie une mention sur trois : le comptage brut est trop bas, ce que l'échantillon corrige.
    """
    justes = donnees.mentions
    oublie = justes["debut"] % 3 == 0
    mentions = justes[~oublie].reset_index(drop=True)
    tires = donnees.entretiens["entretien"].iloc[::2]
    enquetes = donnees.phrases[(donnees.phrases["role"] == "enquete") & donnees.phrases["entretien"].isin(tires)]
    echantillon = enquetes[["entretien", "phrase"]].assign(
        unite="entretiens", strate="tous", probabilite=len(tires) / len(donnees.entretiens))
    codages = justes.loc[justes["entretien"].isin(tires), ["entretien", "phrase", "code", "modalite"]].drop_duplicates()
    table = estimer(donnees.phrases, donnees.entretiens, mentions, echantillon, codages, [c.code for c in donnees.grille])
    tirage = TIRAGE | {"taille": len(tires)}
    return replace(donnees, mentions=mentions, estimations=table, execution=donnees.execution | {"echantillon": tirage})


def national(table: pd.DataFrame, modalite: str, unite: str = "entretiens") -> pd.DataFrame:
    """Les lignes nationales d'une modalité, par code."""
    lignes = table[(table["portee"] == "national") & (table["unite"] == unite) & (table["modalite"] == modalite)]
    return lignes.set_index("code")
