"""Fenêtres d'entretien : ce que l'encodeur affiné lit d'un coup pour coder quelques phrases.

Une fenêtre porte la fonction de l'enquêté, puis une suite de phrases (questions comprises), chacune
close par une marque. Les phrases du milieu sont codées ; celles du bord ne servent que de contexte.
Chaque phrase d'un entretien est codée une fois et une seule. Lire les phrases ensemble plutôt qu'une à
une suit Cohan et al. (2019, *Pretrained Language Models for Sequential Sentence Classification*, EMNLP).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

Entiers = npt.NDArray[np.int64]

DEBUT, FIN = 0, 2  # marques du segmenteur
FONCTION, ENQUETEUR, ENQUETE = 0, 1, 2  # qui parle, jeton par jeton
JETONS_DE_FONCTION = 24
JETONS_DE_PHRASE = 120
LONGUEUR = 256
GAUCHE, DROITE = 64, 32


@dataclass(frozen=True)
class Propos:
    """Un entretien segmenté.

    Attributes
    ----------
    entete : list[int]
        Jetons de la fonction, entre ses marques.
    phrases : list[list[int]]
        Jetons de chaque phrase, marque de fin comprise ; une phrase de plus de 120 jetons est tronquée.
    enqueteur : ndarray (n,) de booléens
        Vrai pour une phrase de l'enquêteur, que l'on ne code pas.
    """

    entete: list[int]
    phrases: list[list[int]]
    enqueteur: npt.NDArray[np.bool_]


class Fenetre(NamedTuple):
    """Rangs de phrases : le contexte va de `debut` à `fin`, les phrases à coder de `premiere` à `derniere` (exclues)."""

    debut: int
    fin: int
    premiere: int
    derniere: int


class Entree(NamedTuple):
    """Ce que l'encodeur reçoit pour une fenêtre.

    `ids` et `roles` : (longueur,) ; `bornes` : (phrases à coder, 2), premier jeton et jeton d'après.
    """

    ids: Entiers
    roles: Entiers
    bornes: Entiers


def segmenter_propos(segmenteur: Any, phrases: pd.DataFrame, fonction: str = "") -> Propos:
    """Segmente un entretien en jetons.

    Parameters
    ----------
    segmenteur : tokenizers.Tokenizer
    phrases : pandas.DataFrame
        Colonnes role et texte ; un entretien entier, enquêteur compris, dans l'ordre du texte.
    fonction : str
        Fonction de l'enquêté ; vide si on ne la connaît pas.
    """
    textes = [lisible(texte) for texte in phrases["texte"]]
    entete = segmenteur.encode("query: " + lisible(fonction), add_special_tokens=False).ids
    return Propos([DEBUT, *entete[:JETONS_DE_FONCTION], FIN],
                  [[*lue.ids[:JETONS_DE_PHRASE], FIN]
                   for lue in segmenteur.encode_batch(textes, add_special_tokens=False)],
                  (phrases["role"] != "enquete").to_numpy())


def lisible(texte: str) -> str:
    """Accents composés ; un demi-codet isolé devient « ? »."""
    return unicodedata.normalize("NFC", texte.encode("utf-8", "replace").decode())


def decouper(propos: Propos, longueur: int = LONGUEUR, gauche: int = GAUCHE, droite: int = DROITE,
             amorce: float = 1.0) -> list[Fenetre]:
    """Découpe un entretien en fenêtres.

    Parameters
    ----------
    propos : Propos
    longueur : int
        Jetons d'une fenêtre, au plus.
    gauche, droite : int
        Jetons de contexte avant et après les phrases à coder, au plus.
    amorce : float, dans ]0, 1]
        Part de la première fenêtre que l'on remplit : la faire varier déplace toutes les coupes.
    """
    tailles = [len(phrase) for phrase in propos.phrases]
    fenetres: list[Fenetre] = []
    premiere = 0
    while premiere < len(tailles):
        debut, avant = premiere, 0
        while debut > 0 and avant + tailles[debut - 1] <= gauche:
            debut -= 1
            avant += tailles[debut]
        place = (longueur - len(propos.entete) - avant - droite) * (1.0 if premiere else amorce)
        derniere, pris = premiere, 0
        while derniere < len(tailles) and (derniere == premiere or pris + tailles[derniere] <= place):
            pris += tailles[derniere]
            derniere += 1
        reste = min(longueur - len(propos.entete) - avant - pris, droite)
        fin = derniere
        while fin < len(tailles) and tailles[fin] <= reste:
            reste -= tailles[fin]
            fin += 1
        fenetres.append(Fenetre(debut, fin, premiere, derniere))
        premiere = derniere
    return fenetres


def assembler(propos: Propos, fenetre: Fenetre) -> Entree:
    """Réunit les jetons d'une fenêtre."""
    morceaux: list[Sequence[int]] = [propos.entete, *propos.phrases[fenetre.debut : fenetre.fin]]
    fins = np.cumsum([len(morceau) for morceau in morceaux])
    roles = [FONCTION, *np.where(propos.enqueteur[fenetre.debut : fenetre.fin], ENQUETEUR, ENQUETE)]
    rangs = np.arange(fenetre.premiere, fenetre.derniere) - fenetre.debut
    return Entree(np.concatenate([np.asarray(morceau, dtype=np.int64) for morceau in morceaux]),
                  np.repeat(np.asarray(roles, dtype=np.int64), [len(morceau) for morceau in morceaux]),
                  np.stack([fins[rangs], fins[rangs + 1]], axis=1).astype(np.int64))
