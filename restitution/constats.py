"""Des mentions aux constats d'un document : ce qui est dit réuni, manquant, rencontré, levé, et par qui.

L'entretien est l'unité. Un constat n'est qu'un résumé de ce qui est dit, sous des règles fixes et écrites ici ;
il n'en est rendu aucun quand trop peu d'entretiens ou de catégories d'acteurs en parlent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.matrices import MODALITES
from restitution.donnees import CATEGORIES, CodeLisible

ENTRETIENS_MIN = 3
"""Nombre d'entretiens, au moins, qui doivent porter un avis pour qu'on le dise."""
CATEGORIES_MIN = 2
"""Nombre de catégories d'acteurs, au moins, qui doivent parler du code."""
RAPPORT = 2
"""Un code est dit présent (ou absent) quand au moins deux fois plus d'entretiens l'affirment que le contraire."""

PRESENT, ABSENT, PARTAGE, HYPOTHETIQUE, PEU = "present", "absent", "partage", "hypothetique", "peu"
AVIS: dict[str, dict[str, str]] = {
    "condition": {PRESENT: "plutôt réunie", ABSENT: "plutôt manquante", PARTAGE: "avis partagés",
                  HYPOTHETIQUE: "surtout souhaitée", PEU: "trop peu évoquée"},
    "obstacle": {PRESENT: "plutôt rencontré", ABSENT: "plutôt levé ou évité", PARTAGE: "avis partagés",
                 HYPOTHETIQUE: "surtout redouté", PEU: "trop peu évoqué"},
    "": {PRESENT: "plutôt présent", ABSENT: "plutôt absent", PARTAGE: "avis partagés",
         HYPOTHETIQUE: "surtout hypothétique", PEU: "trop peu évoqué"},
}
"""Ce qu'un document écrit d'un avis, par genre de codes ; le dernier sert aux genres que l'étude invente."""


@dataclass(frozen=True)
class Position:
    """Ce qu'une catégorie d'acteurs dit d'un code.

    Attributes
    ----------
    categorie : str
    menes : int
        Entretiens menés auprès de la catégorie.
    presente, absente : int
        Entretiens qui l'affirment.
    penche : str
        `present`, `absent`, ou vide quand la catégorie n'affirme rien ou se partage à égalité.
    """

    categorie: str
    menes: int
    presente: int
    absente: int

    @property
    def penche(self) -> str:
        return PRESENT if self.presente > self.absente else ABSENT if self.absente > self.presente else ""


@dataclass(frozen=True)
class Constat:
    """Ce que des entretiens disent d'un code.

    Attributes
    ----------
    code, intitule, definition, genre : str
    sur : int
        Entretiens menés.
    entretiens, phrases : int
        Entretiens, phrases qui en parlent.
    presente, absente, hypothetique : int
        Entretiens qui en parlent dans cette modalité ; un même entretien peut compter dans plusieurs.
    positions : tuple[Position, ...]
        Une par catégorie qui en parle, dans l'ordre des tableaux.
    """

    code: str
    intitule: str
    definition: str
    genre: str
    sur: int
    entretiens: int
    phrases: int
    presente: int
    absente: int
    hypothetique: int
    positions: tuple[Position, ...]

    @property
    def avis(self) -> str:
        """L'avis d'ensemble : `present`, `absent`, `partage`, `hypothetique` ou `peu`."""
        if self.entretiens < ENTRETIENS_MIN or len(self.positions) < CATEGORIES_MIN:
            return PEU
        if self.hypothetique > self.presente + self.absente:
            avis, portent = HYPOTHETIQUE, self.hypothetique
        elif self.presente >= RAPPORT * self.absente:
            avis, portent = PRESENT, self.presente
        elif self.absente >= RAPPORT * self.presente:
            avis, portent = ABSENT, self.absente
        else:
            avis, portent = PARTAGE, self.entretiens
        return avis if portent >= ENTRETIENS_MIN else PEU

    @property
    def avis_en_clair(self) -> str:
        return AVIS.get(self.genre, AVIS[""])[self.avis]

    @property
    def nettete(self) -> int:
        """Entretiens qui portent l'avis : l'ordre dans lequel on présente les codes."""
        return {ABSENT: self.absente, HYPOTHETIQUE: self.hypothetique}.get(self.avis, self.presente)

    def penchent(self, vers: str) -> list[Position]:
        """Les positions qui penchent d'un côté (`present` ou `absent`)."""
        return [position for position in self.positions if position.penche == vers]


def constater(mentions: pd.DataFrame, entretiens: pd.DataFrame, codes: Iterable[CodeLisible]) -> list[Constat]:
    """Un constat par code de la grille, dans son ordre.

    Parameters
    ----------
    mentions : DataFrame
        Colonnes entretien, phrase, code, modalite ; celles d'autres entretiens sont laissées de côté.
    entretiens : DataFrame
        Colonnes entretien, categorie : ceux dont on parle, tous comptés. Une catégorie vide compte pour une,
        « Non précisée ».
    codes : Iterable[CodeLisible]

    Returns
    -------
    list[Constat]
    """
    categories = entretiens["categorie"].fillna("").astype(str)
    menes = categories.value_counts().to_dict()
    ordre = [*[c for c in CATEGORIES if c in menes], *sorted(set(menes) - set(CATEGORIES))]
    situees = mentions.merge(entretiens.assign(categorie=categories)[["entretien", "categorie"]], on="entretien")
    par_code = dict(tuple(situees.groupby("code")))
    return [_constat(code, par_code.get(code.code, situees.head(0)), len(entretiens), menes, ordre) for code in codes]


def _constat(code: CodeLisible, siennes: pd.DataFrame, sur: int, menes: Mapping[str, int], ordre: list[str]) -> Constat:
    dits = siennes.drop_duplicates(["entretien", "modalite"])
    totaux = dits["modalite"].value_counts()
    croises = dits.groupby(["categorie", "modalite"]).size().to_dict()
    positions = tuple(
        Position(nom_de_categorie(c), menes[c], croises.get((c, "presente"), 0), croises.get((c, "absente"), 0))
        for c in ordre if any((c, modalite) in croises for modalite in MODALITES))
    presente, absente, hypothetique = (int(totaux.get(modalite, 0)) for modalite in MODALITES)
    return Constat(code.code, code.intitule, code.definition, code.genre, sur, dits["entretien"].nunique(),
                   len(siennes.drop_duplicates(["entretien", "phrase"])), presente, absente, hypothetique, positions)


def nom_de_categorie(categorie: str) -> str:
    """Une catégorie telle qu'on l'écrit."""
    return CATEGORIES.get(categorie, categorie) or "Non précisée"


def en_tete(constats: Iterable[Constat], nombre: int) -> list[Constat]:
    """Les constats dont on peut dire quelque chose, des plus portés aux moins portés."""
    parlants = [constat for constat in constats if constat.avis != PEU]
    return sorted(parlants, key=lambda constat: (-constat.nettete, -len(constat.positions), -constat.phrases))[:nombre]


def convergences(constats: Iterable[Constat], categories_min: int = 3) -> list[Constat]:
    """Les codes sur lesquels toutes les catégories qui affirment quelque chose vont dans le même sens.

    Parameters
    ----------
    constats : Iterable[Constat]
    categories_min : int
        Nombre de catégories, au moins, qui doivent l'affirmer.

    Returns
    -------
    list[Constat]
        Des plus partagés aux moins partagés.
    """
    unanimes = [c for c in constats if c.avis != PEU
                and max(len(c.penchent(PRESENT)), len(c.penchent(ABSENT))) >= categories_min
                and min(len(c.penchent(PRESENT)), len(c.penchent(ABSENT))) == 0]
    return sorted(unanimes, key=lambda c: -max(len(c.penchent(PRESENT)), len(c.penchent(ABSENT))))


def divergences(constats: Iterable[Constat]) -> list[Constat]:
    """Les codes que des catégories disent présents et d'autres absents, des plus disputés aux moins disputés."""
    disputes = [c for c in constats if c.avis != PEU and c.penchent(PRESENT) and c.penchent(ABSENT)]
    return sorted(disputes, key=lambda c: (-min(len(c.penchent(PRESENT)), len(c.penchent(ABSENT))), -c.entretiens))


def voix_isolees(constats: Iterable[Constat]) -> list[Constat]:
    """Les codes dont un seul entretien parle."""
    return [constat for constat in constats if constat.entretiens == 1]
