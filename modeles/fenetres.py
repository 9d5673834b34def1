"""Fenêtres d'entretien : ce que l'encodeur affiné lit d'un coup pour coder quelques phrases.

Une fenêtre porte la fonction de l'enquêté, puis une suite de phrases (questions comprises), chacune
close par une marque. Les premières ne servent que de contexte, les autres sont codées. Chaque phrase d'un
entretien est codée une fois et une seule. Lire les phrases ensemble plutôt qu'une à une suit Cohan et al.
(2019, *Pretrained Language Models for Sequential Sentence Classification*, EMNLP).
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
GAUCHE = 48
PHRASES_D_AVANT = 1


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
    """Rangs de phrases : le contexte commence à `debut`, les phrases à coder vont de `premiere` à `derniere` (exclue)."""

    debut: int
    premiere: int
    derniere: int


class Entree(NamedTuple):
    """Ce que l'encodeur reçoit pour une fenêtre.

    `ids` et `roles` : (longueur,) ; `phrases` : (longueur,), rang de la phrase de chaque jeton, 0 pour la
    fonction ; `questions` : (longueur,), rang de la dernière phrase d'enquêteur avant ce jeton, 0 s'il n'y en
    a pas ; `bornes` : (phrases à coder, 2), premier jeton et jeton d'après.
    """

    ids: Entiers
    roles: Entiers
    phrases: Entiers
    questions: Entiers
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


def decouper(propos: Propos, longueur: int = LONGUEUR, gauche: int = GAUCHE, amorce: float = 1.0) -> list[Fenetre]:
    """Découpe un entretien en fenêtres.

    Parameters
    ----------
    propos : Propos
    longueur : int
        Jetons d'une fenêtre, au plus.
    gauche : int
        Jetons de contexte avant les phrases à coder, au plus.
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
        place = (longueur - len(propos.entete) - avant) * (1.0 if premiere else amorce)
        derniere, pris = premiere, 0
        while derniere < len(tailles) and (derniere == premiere or pris + tailles[derniere] <= place):
            pris += tailles[derniere]
            derniere += 1
        fenetres.append(Fenetre(debut, premiere, derniere))
        premiere = derniere
    return fenetres


def regards(phrases: Entiers, questions: Entiers) -> npt.NDArray[np.bool_]:
    """Les jetons que chaque jeton regarde : les siens, ceux de la phrase d'avant, de la question et de la fonction.

    Lire toute la fenêtre d'un coup mêle les phrases : e5 a appris à donner le même sens à tous les jetons d'un
    texte. Ce qui est plus loin n'arrive qu'atténué, de phrase en phrase et de couche en couche (Beltagy et al. 2020,
    *Longformer*, arXiv:2004.05150).

    Parameters
    ----------
    phrases, questions : ndarray (..., longueur)
        Comme dans `Entree` ; un rang négatif est un jeton de remplissage, que ne regardent que ses pareils.

    Returns
    -------
    ndarray (..., longueur, longueur) de booléens
        Qui regarde, qui est regardé.
    """
    ecart = phrases[..., :, None] - phrases[..., None, :]
    vus: npt.NDArray[np.bool_] = (((ecart >= 0) & (ecart <= PHRASES_D_AVANT)) | (phrases == 0)[..., None, :]
                                  | (phrases[..., None, :] == questions[..., :, None]))
    vus &= (phrases >= 0)[..., None, :] | (ecart == 0)
    return vus


def assembler(propos: Propos, fenetre: Fenetre) -> Entree:
    """Réunit les jetons d'une fenêtre."""
    morceaux: list[Sequence[int]] = [propos.entete, *propos.phrases[fenetre.debut : fenetre.derniere]]
    fins = np.cumsum([len(morceau) for morceau in morceaux])
    roles = [FONCTION, *np.where(propos.enqueteur[fenetre.debut : fenetre.derniere], ENQUETEUR, ENQUETE)]
    rangs = np.arange(fenetre.premiere, fenetre.derniere) - fenetre.debut
    tailles = [len(morceau) for morceau in morceaux]
    places = np.arange(len(morceaux))
    questions = np.maximum.accumulate(np.where(np.asarray(roles) == ENQUETEUR, places, 0))
    questions[1:] = questions[:-1]
    return Entree(np.concatenate([np.asarray(morceau, dtype=np.int64) for morceau in morceaux]),
                  np.repeat(np.asarray(roles, dtype=np.int64), tailles), np.repeat(places, tailles),
                  np.repeat(questions, tailles),
                  np.stack([fins[rangs], fins[rangs + 1]], axis=1).astype(np.int64))
