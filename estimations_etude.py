"""Les parts corrigées d'une étude : de l'échantillon qu'elle garde et de ce que des personnes y ont codé."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpus.cache import empreinte
from corpus.codages import NOM as NOM_CODAGES
from corpus.decisions import lire_codage_humain
from corpus.echantillon import NOM, lire_echantillon, reunir_codages
from corpus.fautes import ErreurEtude, Faute
from evaluation.estimation import estimer
from evaluation.plans import ENTRETIENS

if TYPE_CHECKING:
    from extraction.grille import Grille

DOSSIER = "echantillon"
FICHE, TIREES, CONFIANCES = (f"{DOSSIER}/{nom}" for nom in ("tirage.json", "tirees.parquet", "confiances.parquet"))
ESTIMATIONS = "resultats/estimations.csv"


def estimer_parts(dossier: Path, grille: Grille, phrases: pd.DataFrame, entretiens: pd.DataFrame,
                  mentions: pd.DataFrame) -> pd.DataFrame:
    """Les parts de chaque code d'après l'échantillon codé.

    Les codes viennent de la colonne `codes` d'`echantillon.csv` ; si personne ne l'a remplie et que l'on a tiré des
    entretiens, de `codages.csv`.

    Parameters
    ----------
    dossier : Path
        Le dossier d'étude.
    grille : Grille
    phrases, entretiens : pandas.DataFrame
        Toute l'étude.
    mentions : pandas.DataFrame
        Ce que la machine y a posé : le comptage brut.

    Returns
    -------
    pandas.DataFrame
        Voir `evaluation.estimation.estimer`.

    Raises
    ------
    ErreurEtude
        Échantillon absent, inachevé ou retouché ; étude ou grille changées depuis le tirage.
    """
    if not (dossier / FICHE).is_file():
        raise ErreurEtude([Faute(NOM, 0, "aucun échantillon n'a été tiré dans cette étude",
                                 "tirez-le : « monographies echantillon ETUDE --taille N »")])
    fiche, tirees, confiances = _relire(dossier)
    fautes = [Faute(FICHE, 0, f"{quoi} depuis le tirage",
                    "reprenez l'étude telle qu'elle était, ou tirez et codez un nouvel échantillon")
              for quoi, cle, actuelle in (
                  ("la grille a changé", "grille", grille.empreinte),
                  ("les entretiens ont changé", "phrases", empreinte_phrases(phrases))) if fiche.get(cle) != actuelle]
    if fautes:
        raise ErreurEtude(fautes)
    codes = [code.code for code in grille]
    codages = _codages(dossier, str(fiche["unite"]), tirees, phrases, codes)
    return estimer(phrases, entretiens, mentions, tirees, codages, codes, confiances)


def estimations_a_montrer(dossier: Path, grille: Grille, phrases: pd.DataFrame, entretiens: pd.DataFrame,
                          mentions: pd.DataFrame) -> tuple[pd.DataFrame | None, dict[str, Any]]:
    """Les estimations que l'analyse montre, et ce qu'il faut dire de l'échantillon.

    Parameters
    ----------
    dossier, grille, phrases, entretiens, mentions
        Comme `estimer_parts`.

    Returns
    -------
    estimations : pandas.DataFrame or None
        None si aucun échantillon n'a été tiré, ou s'il ne permet pas d'estimer.
    fiche : dict[str, Any]
        Vide sans échantillon ; sinon `unite`, `plan`, `taille`, `machine`, ou `absent` : ce qui empêche d'estimer.
    """
    if not (dossier / FICHE).is_file():
        return None, {}
    try:
        table = estimer_parts(dossier, grille, phrases, entretiens, mentions)
        fiche = _relire(dossier)[0]
    except ErreurEtude as erreur:
        return None, {"absent": " ; ".join(faute.message for faute in erreur.fautes[:3])}
    return table, {cle: fiche[cle] for cle in ("unite", "plan", "taille", "machine") if cle in fiche}


def empreinte_phrases(phrases: pd.DataFrame) -> str:
    """De quoi savoir si les textes d'une étude ont changé depuis le tirage."""
    return empreinte([phrases[colonne].tolist() for colonne in ("entretien", "phrase", "role", "texte")])


def _relire(dossier: Path) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    try:
        fiche: dict[str, Any] = json.loads((dossier / FICHE).read_text(encoding="utf-8"))
        return fiche, pd.read_parquet(dossier / TIREES), pd.read_parquet(dossier / CONFIANCES)
    except (OSError, ValueError) as erreur:
        raise ErreurEtude([Faute(DOSSIER, 0, "le tirage gardé ne se relit pas",
                                 "remettez ce dossier tel que « monographies echantillon » l'a écrit")]) from erreur


def _codages(dossier: Path, unite: str, tirees: pd.DataFrame, phrases: pd.DataFrame, codes: Sequence[str]) -> pd.DataFrame:
    """Ce que des personnes ont codé de l'échantillon."""
    enquetes = phrases.loc[phrases["role"] == "enquete", ["entretien", "phrase", "texte"]]
    lu = lire_echantillon(dossier, tirees.merge(enquetes, on=["entretien", "phrase"], validate="1:1"), codes)
    if not lu.vide:
        return lu.codages
    if unite != ENTRETIENS or not (dossier / NOM_CODAGES).is_file():
        raise ErreurEtude([Faute(NOM, 0, "personne n'a encore codé l'échantillon",
                                 "remplissez la colonne « codes » de chaque ligne (« aucun » s'il n'y en a pas)")])
    return reunir_codages(lire_codage_humain(dossier, phrases, codes), tirees)
