"""Dépouiller un questionnaire : parts redressées par question, et ce que chaque Cité dit de chaque code."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corpus.questionnaire import Questionnaire
from corpus.variables import Variable
from evaluation.calage import MINIMUM, PLAFOND, Redressement, redresser
from evaluation.population_finie import NIVEAU, Estimation, estimer_moyenne, estimer_part

COLONNES_RESULTATS = ("variable", "libelle", "type", "modalite", "code", "mesure", "reponses", "effectif", "brut", "redresse",
                      "bas", "haut", "certain_bas", "certain_haut", "effet_plan")
COLONNES_POIDS = ("cite", "nom", "territoire", "repond", "reponses", "poids")


Vecteur = NDArray[np.float64]


@dataclass(frozen=True)
class Depouillement:
    """Un questionnaire dépouillé.

    Attributes
    ----------
    resultats : pandas.DataFrame
        Colonnes de `COLONNES_RESULTATS`, une ligne par modalité (mesure « part »), par nombre (« moyenne »)
        ou par question ouverte (« réponses », sans estimation). `effectif` compte les Cités qui ont donné
        la modalité.
    avis : pandas.DataFrame
        Une ligne par répondante (index `cite`), une colonne par code visé : part, de 0 à 1, de ses réponses
        sur ce code qui l'affirment ; NaN si aucune ne se prononce.
    questions : dict[str, tuple[str, ...]]
        Code → variables qui le visent.
    poids : pandas.DataFrame
        Toutes les Cités : `COLONNES_POIDS`, puis les marges ; `reponses` compte les questions répondues,
        `poids` manque aux muettes.
    redressement : Redressement
    niveau : float
        Celui des intervalles.
    """

    resultats: pd.DataFrame
    avis: pd.DataFrame
    questions: dict[str, tuple[str, ...]]
    poids: pd.DataFrame
    redressement: Redressement
    niveau: float

    def estimer(self, valeurs: pd.Series) -> Estimation:
        """La part redressée d'une valeur entre 0 et 1, connue de certaines répondantes (index `cite`)."""
        return estimer_part(*_aligner(valeurs, self.redressement), self.redressement.population, self.niveau)


def depouiller(questionnaire: Questionnaire, niveau: float = NIVEAU, minimum: int = MINIMUM,
               plafond: float = PLAFOND) -> Depouillement:
    """Dépouille un questionnaire.

    Une question est estimée sur les Cités qui y ont répondu ; celles qui l'ont laissée vide sont tenues, comme
    les Cités muettes, pour semblables aux répondantes de mêmes catégories de calage.

    Parameters
    ----------
    questionnaire : Questionnaire
    niveau : float
        Niveau des intervalles.
    minimum, plafond
        Voir `evaluation.calage.redresser`.
    """
    reponses = questionnaire.reponses.set_index("cite")
    redressement = redresser(questionnaire.base, list(reponses.index), questionnaire.marges, questionnaire.complete,
                             minimum, plafond)
    lignes = [ligne for variable in questionnaire.variables
              for ligne in _resultats(variable, reponses[variable.variable], redressement, niveau)]
    resultats = pd.DataFrame(lignes, columns=list(COLONNES_RESULTATS)).astype({"effectif": "Int64"})
    return Depouillement(resultats, *_avis(questionnaire.variables, reponses),
                         _table_des_poids(questionnaire, reponses, redressement), redressement, niveau)


def _aligner(valeurs: pd.Series, redressement: Redressement) -> tuple[Vecteur, Vecteur, Vecteur]:
    """Valeurs connues, poids et variables de calage de leurs Cités."""
    connues = valeurs.dropna()
    return (connues.to_numpy(float), redressement.poids[connues.index].to_numpy(float),
            redressement.disjonctif.loc[connues.index].to_numpy(float))


def _avis(variables: tuple[Variable, ...], reponses: pd.DataFrame) -> tuple[pd.DataFrame, dict[str, tuple[str, ...]]]:
    questions: dict[str, tuple[str, ...]] = {}
    for variable in variables:
        for code in dict.fromkeys(filter(None, variable.codes)):
            questions[code] = (*questions.get(code, ()), variable.variable)
    par_nom = {variable.variable: variable for variable in variables}
    colonnes = {}
    for code, noms in questions.items():
        dits = [[par_nom[nom].avis(reponse).get(code, math.nan) for reponse in reponses[nom]] for nom in noms]
        colonnes[code] = pd.DataFrame(dits, columns=reponses.index).mean()
    return pd.DataFrame(colonnes, index=reponses.index, dtype=float), questions


def _table_des_poids(questionnaire: Questionnaire, reponses: pd.DataFrame, redressement: Redressement) -> pd.DataFrame:
    table = questionnaire.base.copy()
    table["repond"] = table["cite"].isin(reponses.index)
    table["reponses"] = table["cite"].map(reponses.notna().sum(axis=1)).fillna(0).astype(int)
    table["poids"] = table["cite"].map(redressement.poids)
    return table[[*COLONNES_POIDS, *questionnaire.marges]]


def _resultats(variable: Variable, reponses: pd.Series, redressement: Redressement, niveau: float) -> list[dict[str, object]]:
    connues = reponses.dropna()
    entete = {"variable": variable.variable, "libelle": variable.libelle, "type": variable.type, "modalite": "", "code": "",
              "reponses": len(connues)}
    if variable.type == "texte" or connues.empty:
        return [{**entete, "mesure": "réponses"}]
    if variable.type == "nombre":
        moyenne = estimer_moyenne(*_aligner(connues, redressement), redressement.population, niveau)
        return [{**entete, "code": variable.code_de(0), "mesure": "moyenne", **asdict(moyenne)}]
    lignes = []
    for rang, modalite in enumerate(variable.modalites):
        donnee = pd.Series([float(modalite in reponse if isinstance(reponse, tuple) else modalite == reponse)
                            for reponse in connues], connues.index)
        part = estimer_part(*_aligner(donnee, redressement), redressement.population, niveau)
        lignes.append({**entete, "modalite": modalite, "code": variable.code_de(rang), "mesure": "part",
                       "effectif": int(donnee.sum()), **asdict(part)})
    return lignes
