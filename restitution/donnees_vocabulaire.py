"""Ce que la page montre du vocabulaire : classes, spécificités, similitudes, plan factoriel, saturation."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import numpy as np
import pandas as pd

from evaluation.saturation import SATURATIONS
from modeles.stabilite_themes import SEUIL_INSTABLE, SEUIL_STABLE, juger
from restitution.colonnes import rangs_de
from restitution.images import SCORE_MIN, Image, noms_des_specificites

FORMES_MONTREES = 40
"""Nombre de formes montrées par classe, et de spécificités montrées par partie et par sens."""
SEGMENTS_MONTRES = 10
KHI2_LIE = 3.84
"""χ² à partir duquel une variable est dite liée à une classe (p < 0,05)."""


def preparer_vocabulaire(
    tables: Mapping[str, pd.DataFrame], lemmes: pd.DataFrame | None, images: Sequence[Image], reperees: pd.DataFrame
) -> dict[str, Any] | None:
    """Les tables de textométrie, prêtes pour la page.

    Parameters
    ----------
    tables, lemmes
        `DonneesRapport.textometrie` et `DonneesRapport.lemmes`.
    images : Sequence[Image]
        Celles de `restitution.images.dessiner`.
    reperees : pandas.DataFrame
        Les phrases qui ont un identifiant : colonnes entretien, phrase, texte, rang.

    Returns
    -------
    dict or None
        None quand le vocabulaire n'a pas été mesuré. `emplois` donne, pour chaque forme montrée, les rangs
        des phrases qui l'emploient, chacun moins le précédent ; `classement`, la classe de Reinert de
        chaque phrase, suite de [nombre de phrases, classe].

    Raises
    ------
    ValueError
        Un segment ou un lemme renvoie à une phrase introuvable.
    """
    if not tables:
        return None
    classes, parties = _classes(tables, reperees), _parties(tables["specificites"], images)
    montrees = {forme for classe in classes for forme, *_ in classe["formes"]}
    montrees |= {forme for partie in parties for forme, *_ in (*partie["plus"], *partie["moins"])}
    montrees |= {*tables["similitudes_formes"]["forme"]}
    liens = tables["similitudes"][tables["similitudes"]["arbre"].astype(bool)]
    return {
        "images": {image.nom: image.svg for image in images},
        "segments": len(tables["segments_reinert"]),
        "classes": classes,
        "seuils": [SEUIL_STABLE, SEUIL_INSTABLE],
        "coupes": _lignes(tables["coupes_reinert"]),
        "parties": parties,
        "score": SCORE_MIN,
        "communautes": [groupe.tolist() for _, groupe in tables["similitudes_formes"].groupby("communaute")["forme"]],
        "liens": _lignes(liens[["source", "cible", "cooccurrences", "jaccard"]].head(FORMES_MONTREES)),
        "axes": _lignes(tables["afc_axes"]),
        "points": _lignes(tables["afc"][tables["afc"]["genre"] == "territoire"].drop(columns=["genre", "masse", "inertie"])),
        "saturation": [_saturation(tables, element) for element in ("code", "theme")],
        "emplois": {} if lemmes is None else _emplois(lemmes, montrees, reperees),
        "classement": _classement(tables["segments_reinert"], reperees),
    }


def _classes(tables: Mapping[str, pd.DataFrame], reperees: pd.DataFrame) -> list[dict[str, Any]]:
    profils, segments = tables["profils_reinert"], tables["segments_reinert"]
    rendues = []
    for classe in tables["classes_reinert"].to_dict("records"):
        siens = profils[profils["classe"] == classe["classe"]]
        formes = siens[(siens["genre"] == "forme") & (siens["khi2"] > 0)].head(FORMES_MONTREES)
        variables = siens[(siens["genre"] != "forme") & (siens["khi2"].abs() >= KHI2_LIE)]
        meilleurs = segments[segments["classe"] == classe["classe"]].sort_values("score", ascending=False, kind="stable")
        rendues.append({
            "classe": classe["classe"], "libelle": classe["libelle"], "segments": classe["segments"],
            "part": round(classe["part"], 4), "entretiens": classe["entretiens"],
            "stabilite": _nombre(classe["stabilite"]), "jugement": juger(classe["stabilite"]),
            "formes": _lignes(formes[["element", "effectif", "total", "khi2"]]),
            "variables": _lignes(variables[["genre", "element", "effectif", "total", "khi2"]]),
            "caracteristiques": [_phrases(segment, reperees) for segment in
                                 meilleurs.head(SEGMENTS_MONTRES).to_dict("records")],
        })  # fmt: skip
    return rendues


def _phrases(segment: Mapping[str, Any], reperees: pd.DataFrame) -> list[int]:
    """Les rangs des phrases d'un segment."""
    cites = pd.DataFrame({"entretien": segment["entretien"], "phrase": segment["phrases"].split(";")}, dtype=str)
    places = rangs_de(cites, ["entretien", "phrase"], reperees, "phrase d'un segment")
    rangs: list[int] = reperees["rang"].iloc[places].tolist()
    return rangs


def _parties(table: pd.DataFrame, images: Sequence[Image]) -> list[dict[str, Any]]:
    """Les spécificités marquées de chaque partie : suremplois et sous-emplois, du plus fort au plus faible."""
    dessinees = {image.nom for image in images}
    rendues = []
    for (variable, partie), nom in noms_des_specificites(table).items():
        siennes = table[(table["variable"] == variable) & (table["partie"] == partie)]
        lues = siennes[["forme", "effectif", "entretiens", "total", "attendu", "score"]]
        rendues.append({
            "variable": variable, "partie": partie, "image": nom if nom in dessinees else "",
            "plus": _lignes(lues[lues["score"] >= SCORE_MIN].head(FORMES_MONTREES)),
            "moins": _lignes(lues[lues["score"] <= -SCORE_MIN].tail(FORMES_MONTREES)[::-1]),
        })  # fmt: skip
    return rendues


def _saturation(tables: Mapping[str, pd.DataFrame], element: str) -> dict[str, Any]:
    courbe, series = (tables[nom][tables[nom]["element"] == element] for nom in SATURATIONS)
    atteintes = series[series["atteinte"].astype(bool)]
    return {
        "element": element,
        "entretiens": len(courbe),
        "total": int(courbe["cumul"].max()) if len(courbe) else 0,
        "apports": _lignes(courbe.loc[courbe["nouveaux"] > 0, ["rang", "entretien", "nouveaux", "cumul"]]),
        "atteinte": _lignes(atteintes[["avant", "premier", "dernier", "nouveaux", "base"]].head(1)),
    }


def _emplois(lemmes: pd.DataFrame, montrees: set[str], reperees: pd.DataFrame) -> dict[str, list[int]]:
    places = rangs_de(lemmes, ["entretien", "phrase"], reperees, "phrase d'un lemme")
    rangs: dict[str, list[int]] = {}
    derniers = dict.fromkeys(montrees, 0)
    lues = sorted(zip(reperees["rang"].iloc[places].tolist(), lemmes["lemmes"], strict=True))
    for rang, suite in lues:
        for forme in sorted(montrees.intersection(suite.split())):
            rangs.setdefault(forme, []).append(rang - derniers[forme])
            derniers[forme] = rang
    return rangs


def _classement(segments: pd.DataFrame, reperees: pd.DataFrame) -> list[list[int]]:
    """La classe de chaque phrase, dans l'ordre des rangs, par suites : [longueur, classe]."""
    cites = segments[["entretien", "phrases", "classe"]].assign(phrase=segments["phrases"].str.split(";")).explode("phrase")
    places = rangs_de(cites, ["entretien", "phrase"], reperees, "phrase d'un segment")
    classes = np.zeros(1 + max(reperees["rang"], default=-1), dtype=np.int64)
    classes[reperees["rang"].to_numpy()[places]] = cites["classe"].to_numpy(dtype=np.int64)
    return [[len(list(suite)), classe] for classe, suite in groupby(classes.tolist())]


def _lignes(table: pd.DataFrame) -> list[list[Any]]:
    """Les lignes d'une table, nombres arrondis, manques rendus vides."""
    return [[_nombre(valeur) if isinstance(valeur, float) else valeur for valeur in ligne]
            for ligne in table.astype(object).itertuples(index=False, name=None)]


def _nombre(valeur: float) -> float | None:
    return None if math.isnan(valeur) else round(valeur, 4)
