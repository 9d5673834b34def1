"""Les règles de lecture : quand dit-on d'un code qu'il est réuni, manquant, rencontré, disputé, ou retenu.

Une seule définition pour les tables, le rapport et les documents. Un avis résume ce que des entretiens disent ; ce n'est
pas un test.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

PILOTES = ("etat", "coordination", "collectivite_elu", "collectivite_technicien")
"""Les catégories qui conçoivent ou conduisent la politique."""
PRESENT, ABSENT, PARTAGE, HYPOTHETIQUE, PEU = AVIS = ("presente", "absente", "partage", "hypothetique", "")
"""Les avis d'ensemble : réuni ou rencontré, manquant ou levé, partagé, surtout souhaité ou redouté, trop peu évoqué."""
CONVERGENCE, DIVERGENCE = "convergence", "divergence"


@dataclass(frozen=True)
class Regles:
    """Ce qu'il faut pour conclure.

    Attributes
    ----------
    entretiens : int
        Entretiens, au moins, qui portent un avis pour qu'on le dise.
    diversite : int
        Catégories d'acteurs, au moins, qui doivent parler d'un code pour qu'on en dise l'avis.
    voix : int
        À l'échelle nationale, entretiens d'une catégorie, au moins, pour que sa parole appuie un code ou penche d'un côté
        (tous, si elle en a moins). Dans un territoire, où une catégorie n'a souvent qu'un entretien, un suffit.
    categories : int
        Catégories d'acteurs, au moins, qui doivent appuyer un code, dont une hors pilotage, pour le retenir.
    territoires : int
        Territoires, au moins, pour le retenir à l'échelle nationale.
    part : float
        Part des catégories interrogées, et des territoires, qu'il faut aussi : « l'ensemble des acteurs ».
    rapport : float
        Un avis l'emporte quand il réunit tant de fois plus d'entretiens que l'avis contraire.
    pilotes : tuple[str, ...]
    """

    entretiens: int = 3
    diversite: int = 2
    voix: int = 2
    categories: int = 3
    territoires: int = 2
    part: float = 0.5
    rapport: float = 2.0
    pilotes: tuple[str, ...] = PILOTES

    def avis(self, presente: int, absente: int, hypothetique: int, categories: int) -> str:
        """L'avis d'ensemble des entretiens qui parlent d'un code.

        Parameters
        ----------
        presente, absente, hypothetique : int
            Entretiens qui en parlent dans cette modalité ; un même entretien peut compter dans plusieurs.
        categories : int
            Catégories d'acteurs qui en parlent.

        Returns
        -------
        str
            L'un d'`AVIS`.
        """
        if categories < self.diversite:
            return PEU
        if hypothetique > presente + absente:
            return HYPOTHETIQUE if hypothetique >= self.entretiens else PEU
        if max(presente, absente) < self.entretiens:
            return PEU
        if presente >= self.rapport * absente:
            return PRESENT
        return ABSENT if absente >= self.rapport * presente else PARTAGE

    def engage(self, parlent: int, menes: int, national: bool) -> bool:
        """La parole de `parlent` entretiens d'une catégorie, sur `menes`, engage-t-elle la catégorie ?"""
        return parlent >= min(self.voix if national else 1, menes)

    def accord(self, presente: int, absente: int, entretiens: int) -> str:
        """`CONVERGENCE`, `DIVERGENCE` ou rien, entre les catégories qu'engage une parole de chaque côté.

        Parameters
        ----------
        presente, absente : int
            Catégories qui penchent de ce côté.
        entretiens : int
            Entretiens qui parlent du code, toutes catégories ensemble.
        """
        if entretiens < self.entretiens:
            return ""
        return DIVERGENCE if min(presente, absente) else CONVERGENCE if max(presente, absente) >= self.categories else ""

    def manques(self, avis: str, affirment: int, appuyees: Iterable[str], interrogees: int, territoires: int, lieux: int,
                national: bool) -> list[str]:
        """Ce qui manque pour retenir un code : rien quand l'ensemble des acteurs en parle.

        Parameters
        ----------
        avis : str
            Voir `avis`.
        affirment : int
            Entretiens qui affirment la même chose, présent ou absent.
        appuyees : Iterable[str]
            Les catégories qui l'appuient.
        interrogees : int
            Catégories interrogées.
        territoires, lieux : int
            Territoires où l'on en parle, territoires de l'étude.
        national : bool
        """
        appuyees = list(appuyees)
        requises, requis = (max(nombre, math.ceil(self.part * total)) for nombre, total in (
            (self.categories, interrogees), (self.territoires, lieux)))
        return [raison for raison, manque in (
            ("surtout souhaité ou redouté, plus qu'affirmé", avis == HYPOTHETIQUE),
            (f"moins de {self.entretiens} entretiens affirment la même chose", avis == PEU and affirment < self.entretiens),
            (f"moins de {self.diversite} catégories d'acteurs en parlent", avis == PEU and affirment >= self.entretiens),
            (f"moins de {requises} catégories d'acteurs l'appuient", len(appuyees) < requises),
            ("nul ne l'appuie hors du pilotage", not self.hors_pilotage(appuyees)),
            (f"moins de {requis} territoires en parlent", national and territoires < requis)) if manque]

    def hors_pilotage(self, categories: Iterable[str]) -> list[str]:
        """Les catégories connues qui ne conçoivent ni ne conduisent la politique."""
        return [categorie for categorie in categories if categorie and categorie not in self.pilotes]


REGLES = Regles()


def penchant(presente: int, absente: int) -> str:
    """De quel côté penche une catégorie : celui que le plus de ses entretiens affirment ; vide à égalité."""
    return PRESENT if presente > absente else ABSENT if absente > presente else ""
