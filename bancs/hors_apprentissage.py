"""Le codage de la démonstration par des machines qui n'ont pas vu chaque territoire, et le codage de référence à côté.

Les notes viennent de `bancs.affinage` (deux territoires tenus à l'écart ensemble) ; le second étage et le seuil d'un
territoire sont réglés sur l'autre de sa paire.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.references import APPRENTISSAGE, DEMONSTRATION, charger_references
from modeles.exemples import CODEUR_DE_REFERENCE, Exemples, codes_des_references, rassembler_exemples
from modeles.lecteur import MODALITES
from modeles.modalite_lexicale import reunir
from modeles.suite import JEUX, SecondEtage, log_cotes

NOTES = Path(__file__).parent / "resultats" / "notes_hors_apprentissage.npz"


@dataclass(frozen=True)
class HorsApprentissage:
    """Les phrases d'enquêtés de la démonstration, codées par la machine et par la référence.

    Attributes
    ----------
    codes : list[str]
    entretiens, phrases, territoires : ndarray (n,) de textes
    probabilites : ndarray (n, codes)
        Confiances calibrées.
    seuils : dict[str, float]
        Par territoire, la confiance à partir de laquelle un code est posé.
    modalites : ndarray (n, codes) de textes
        Celles de la machine, code donné.
    reference : ndarray (n, codes) de booléens
    modalites_vraies : ndarray (n, codes) de textes
        Vides là où la référence ne pose pas le code.
    """

    codes: list[str]
    entretiens: npt.NDArray[np.str_]
    phrases: npt.NDArray[np.str_]
    territoires: npt.NDArray[np.str_]
    probabilites: npt.NDArray[np.float64]
    seuils: dict[str, float]
    modalites: npt.NDArray[np.str_]
    reference: npt.NDArray[np.bool_]
    modalites_vraies: npt.NDArray[np.str_]

    @property
    def posees(self) -> npt.NDArray[np.bool_]:
        """Les codes que la machine pose : (n, codes)."""
        return self.probabilites >= np.array([self.seuils[t] for t in self.territoires])[:, None]


def voisin(territoires: list[str], territoire: str) -> str:
    """Le territoire tenu à l'écart avec lui (`bancs.affinage`) : il sert à régler."""
    return territoires[territoires.index(territoire) ^ 1]


def modalites_de_reference(codes: list[str], exemples: Exemples) -> npt.NDArray[np.str_]:
    """Modalité de référence de chaque (phrase, code) porté ; vide ailleurs."""
    codages = charger_references(DEMONSTRATION).codages
    codages = codages[codages["codeur"] == CODEUR_DE_REFERENCE]
    lues = {(c.entretien, c.phrase, c.code): c.modalite for c in codages.itertuples()}
    return np.array([[lues.get((entretien, phrase, code), "") for code in codes] for entretien, phrase in zip(
        exemples.X["entretien"], exemples.X["phrase"], strict=True)])


def codages_hors_apprentissage(notes: Path = NOTES) -> HorsApprentissage:
    """Réunit les dix territoires, chacun noté par une machine qui ne l'a pas vu.

    Parameters
    ----------
    notes : pathlib.Path
        Fichier écrit par `bancs.affinage`.
    """
    codes = list(codes_des_references((DEMONSTRATION, APPRENTISSAGE)))
    exemples = rassembler_exemples((DEMONSTRATION, APPRENTISSAGE), codes)
    territoires = sorted(charger_references(DEMONSTRATION).entretiens["territoire"].unique())
    with np.load(notes, allow_pickle=False) as lues:
        jeux = {t: [lues[f"{t}.{jeu}"].astype(np.float64) for jeu in JEUX] for t in territoires}
        modalites = {t: np.array(MODALITES)[reunir(lues[f"{t}.modalites"], lues[f"{t}.modalites_lexicales"])]
                     for t in territoires}
    parties, probabilites, seuils = [], [], {}
    for territoire in territoires:
        tenu, reglage = (exemples.partie(exemples.groupes == t) for t in (territoire, voisin(territoires, territoire)))
        appris = exemples.partie(exemples.groupes != territoire)
        etage = SecondEtage.apprendre(jeux[voisin(territoires, territoire)], reglage.X, reglage.y, log_cotes(appris.y))
        parties.append(tenu)
        probabilites.append(etage.probabilites(jeux[territoire], tenu.X))
        seuils[territoire] = etage.seuil
    return HorsApprentissage(
        codes, np.concatenate([p.X["entretien"].to_numpy(str) for p in parties]),
        np.concatenate([p.X["phrase"].to_numpy(str) for p in parties]), np.concatenate([p.groupes for p in parties]).astype(str),
        np.vstack(probabilites), seuils, np.vstack([modalites[t] for t in territoires]), np.vstack([p.y for p in parties]),
        np.vstack([modalites_de_reference(codes, p) for p in parties]))
