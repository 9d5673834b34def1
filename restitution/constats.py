"""Ce que les documents disent d'un code : réuni, manquant, rencontré, levé, et par qui.

L'entretien est l'unité. Les règles sont celles des tables (`evaluation.regles`) : il n'est rendu aucun avis quand trop peu
d'entretiens ou de catégories d'acteurs en parlent.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pandas as pd

from evaluation.matrices import MODALITES
from evaluation.regles import ABSENT, CONVERGENCE, DIVERGENCE, HYPOTHETIQUE, PARTAGE, PEU, PRESENT, REGLES, penchant
from restitution.donnees import CATEGORIES, CodeLisible

AVIS: dict[str, dict[str, str]] = {
    "condition": {PRESENT: "plutôt réunie", ABSENT: "plutôt manquante", PARTAGE: "avis partagés",
                  HYPOTHETIQUE: "surtout souhaitée", PEU: "trop peu évoquée"},
    "obstacle": {PRESENT: "plutôt rencontré", ABSENT: "plutôt levé ou évité", PARTAGE: "avis partagés",
                 HYPOTHETIQUE: "surtout redouté", PEU: "trop peu évoqué"},
    "": {PRESENT: "plutôt présent", ABSENT: "plutôt absent", PARTAGE: "avis partagés",
         HYPOTHETIQUE: "surtout hypothétique", PEU: "trop peu évoqué"},
}
"""Ce qu'on écrit d'un avis, par genre de codes ; le dernier sert aux genres que l'étude invente."""
_COTES = {"present": PRESENT, "absent": ABSENT}


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
        `presente`, `absente`, ou vide quand la catégorie n'affirme rien ou se partage à égalité.
    """

    categorie: str
    menes: int
    presente: int
    absente: int

    @property
    def penche(self) -> str:
        return penchant(self.presente, self.absente)


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
    national : bool
        Tous territoires ensemble : une parole isolée n'y engage pas sa catégorie.
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
    national: bool = False

    @property
    def avis(self) -> str:
        """L'avis d'ensemble, l'un d'`evaluation.regles.AVIS`."""
        return REGLES.avis(self.presente, self.absente, self.hypothetique, len(self.positions))

    @property
    def accord(self) -> str:
        """« convergence », « divergence » ou rien, entre catégories d'acteurs."""
        return REGLES.accord(len(self.penchent(PRESENT)), len(self.penchent(ABSENT)), self.entretiens)

    @property
    def avis_en_clair(self) -> str:
        return AVIS.get(self.genre, AVIS[""])[self.avis]

    @property
    def nettete(self) -> int:
        """Entretiens qui portent l'avis : l'ordre dans lequel on présente les codes."""
        return {ABSENT: self.absente, HYPOTHETIQUE: self.hypothetique}.get(self.avis, self.presente)

    def penchent(self, vers: str) -> list[Position]:
        """Les catégories dont la parole penche d'un côté (`presente` ou `absente` ; `present`, `absent` : de même)."""
        cote = _COTES.get(vers, vers)
        return [position for position in self.positions if position.penche == cote and REGLES.engage(
            position.presente if cote == PRESENT else position.absente, position.menes, self.national)]


def constater(mentions: pd.DataFrame, entretiens: pd.DataFrame, codes: Iterable[CodeLisible],
              national: bool = False) -> list[Constat]:
    """Un constat par code de la grille, dans son ordre.

    Parameters
    ----------
    mentions : DataFrame
        Colonnes entretien, phrase, code, modalite ; celles d'autres entretiens sont laissées de côté.
    entretiens : DataFrame
        Colonnes entretien, categorie : ceux dont on parle, tous comptés. Une catégorie vide compte pour une,
        « Non précisée ».
    codes : Iterable[CodeLisible]
    national : bool
        Les entretiens sont ceux de plusieurs territoires.

    Returns
    -------
    list[Constat]
    """
    categories = entretiens["categorie"].fillna("").astype(str)
    menes = categories.value_counts().to_dict()
    ordre = [*[c for c in CATEGORIES if c in menes], *sorted(set(menes) - set(CATEGORIES))]
    situees = mentions.merge(entretiens.assign(categorie=categories)[["entretien", "categorie"]], on="entretien")
    par_code = dict(tuple(situees.groupby("code")))
    return [_constat(code, par_code.get(code.code, situees.head(0)), len(entretiens), menes, ordre, national) for code in codes]


def _constat(code: CodeLisible, siennes: pd.DataFrame, sur: int, menes: Mapping[str, int], ordre: list[str],
             national: bool) -> Constat:
    dits = siennes.drop_duplicates(["entretien", "modalite"])
    totaux = dits["modalite"].value_counts()
    croises = dits.groupby(["categorie", "modalite"]).size().to_dict()
    positions = tuple(
        Position(nom_de_categorie(c), menes[c], croises.get((c, "presente"), 0), croises.get((c, "absente"), 0))
        for c in ordre if any((c, modalite) in croises for modalite in MODALITES))
    presente, absente, hypothetique = (int(totaux.get(modalite, 0)) for modalite in MODALITES)
    return Constat(code.code, code.intitule, code.definition, code.genre, sur, dits["entretien"].nunique(),
                   len(siennes.drop_duplicates(["entretien", "phrase"])), presente, absente, hypothetique, positions, national)


def nom_de_categorie(categorie: str) -> str:
    """Une catégorie telle qu'on l'écrit."""
    return CATEGORIES.get(categorie, categorie) or "Non précisée"


def en_tete(constats: Iterable[Constat], nombre: int) -> list[Constat]:
    """Les constats dont on peut dire quelque chose, des plus portés aux moins portés."""
    parlants = [constat for constat in constats if constat.avis != PEU]
    return sorted(parlants, key=lambda constat: (-constat.nettete, -len(constat.positions), -constat.phrases))[:nombre]


def convergences(constats: Iterable[Constat]) -> list[Constat]:
    """Les codes sur lesquels des catégories disent toutes la même chose, des plus partagés aux moins partagés."""
    unanimes = [constat for constat in constats if constat.accord == CONVERGENCE]
    return sorted(unanimes, key=lambda c: -max(len(c.penchent(PRESENT)), len(c.penchent(ABSENT))))


def divergences(constats: Iterable[Constat]) -> list[Constat]:
    """Les codes que des catégories disent présents et d'autres absents, des plus disputés aux moins disputés."""
    disputes = [constat for constat in constats if constat.accord == DIVERGENCE]
    return sorted(disputes, key=lambda c: (-min(len(c.penchent(PRESENT)), len(c.penchent(ABSENT))), -c.entretiens))


def voix_isolees(constats: Iterable[Constat]) -> list[Constat]:
    """Les codes dont un seul entretien parle, ou une seule catégorie d'acteurs."""
    return [constat for constat in constats if len(constat.positions) == 1]
