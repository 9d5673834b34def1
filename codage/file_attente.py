"""La file d'attente : quelles propositions juger d'abord, et quand s'arrêter.

Une proposition est utile à juger quand la machine doute (entropie de sa confiance, Lewis et Gale 1994, *SIGIR*) ou
qu'elle a des chances d'être juste, quand son code a peu d'exemples jugés, et quand elle n'en répète pas une autre déjà
choisie (même code, même entretien). Le doute seul laisserait pour la fin les plus sûres, sans lesquelles on ne s'arrête pas.

L'arrêt se décide sur le gain attendu, à la manière d'ASReview (van de Schoot et al. 2021, *Nature Machine
Intelligence* 3) : la confiance étant calibrée, sa somme sur ce qui reste estime les codes justes qu'on trouverait encore.
Ce que les personnes ont déjà jugé corrige cette somme, tranche de confiance par tranche : la machine peut se croire trop
parmi ses plus sûres et pas assez parmi les autres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

RAPPEL_VISE = 0.95
PROCHAINES = 50
_MEME_CODE, _MEME_ENTRETIEN = 0.7, 0.85
_TRANCHES = (0.25, 0.5, 0.75)
_PRUDENCE = 5.0  # codes justes fictifs de chaque tranche, annoncés par la machine, avant que les jugements ne la corrigent


@dataclass(frozen=True)
class Avancement:
    """Où en est le jugement des propositions.

    Attributes
    ----------
    jugees, restent : int
    trouves : int
        Codes acceptés ou corrigés.
    attendus : float
        Codes justes attendus parmi les propositions qui restent.
    rappel : float
        Part trouvée de ce que les propositions peuvent donner, de 0 à 1 ; 1 s'il n'y a rien.
    gain : float
        Codes justes attendus dans les cinquante prochaines, rangées par confiance.
    arret : bool
        On peut s'arrêter : la part trouvée atteint 95 %.
    """

    jugees: int
    restent: int
    trouves: int
    attendus: float
    rappel: float
    gain: float
    arret: bool


def ordonner(propositions: pd.DataFrame, nombre: int = 20) -> pd.DataFrame:
    """Les propositions les plus utiles à juger, la plus utile d'abord.

    Parameters
    ----------
    propositions : pandas.DataFrame
        Colonnes id, entretien, code, confiance (de 0 à 1 ; nan compte pour ½), jugee (booléen).
    nombre : int

    Returns
    -------
    pandas.DataFrame
        Les lignes choisies, avec une colonne utilite.
    """
    restent = propositions[~propositions["jugee"]].sort_values("id", kind="stable")
    jugees = propositions.loc[propositions["jugee"], "code"].value_counts()
    p = restent["confiance"].astype(float).fillna(0.5).clip(0.001, 0.999).to_numpy()
    doute = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    utilite = (doute + p) / 2 / (1 + restent["code"].map(jugees).fillna(0).to_numpy()) ** 0.25
    codes, entretiens = restent["code"].to_numpy(), restent["entretien"].to_numpy()
    choisies: list[int] = []
    courante = utilite.copy()
    while len(choisies) < min(nombre, len(restent)):
        rang = int(np.argmax(courante))
        choisies.append(rang)
        courante = np.where(codes == codes[rang], courante * _MEME_CODE, courante)
        courante = np.where(entretiens == entretiens[rang], courante * _MEME_ENTRETIEN, courante)
        courante[choisies] = -1.0
    return restent.iloc[choisies].assign(utilite=utilite[choisies])


def avancement(propositions: pd.DataFrame) -> Avancement:
    """Ce qui est trouvé, ce qui reste à trouver, et s'il vaut la peine de continuer.

    Parameters
    ----------
    propositions : pandas.DataFrame
        Colonnes confiance, jugee, juste (booléen : acceptée ou corrigée).
    """
    jugees = propositions["jugee"].to_numpy(dtype=bool)
    justes = propositions["juste"].to_numpy(dtype=bool) & jugees
    p = propositions["confiance"].astype(float).fillna(0.5).to_numpy()
    # Rapport, sur ce qui est jugé de la tranche, des codes justes à ceux que la confiance annonçait.
    tranche = np.digitize(p, _TRANCHES)
    sommes = [np.bincount(tranche, poids, len(_TRANCHES) + 1) + _PRUDENCE for poids in (justes, p * jugees)]
    reste = np.minimum(1.0, p * (sommes[0] / sommes[1])[tranche])[~jugees]
    attendus = float(reste.sum())
    trouves = int(justes.sum())
    rappel = trouves / (trouves + attendus) if trouves + attendus else 1.0
    gain = float(np.sort(reste)[::-1][:PROCHAINES].sum())
    return Avancement(int(jugees.sum()), int((~jugees).sum()), trouves, attendus, rappel, gain, rappel >= RAPPEL_VISE)
