"""La recette du lecteur livré : ce qu'il apprend, dans quel ordre, avec quels réglages.

Deux temps. La base apprend sur la banque d'exemples et les entretiens d'apprentissage : elle ne voit
jamais l'étude de démonstration, et sert telle quelle à tous les tours de la mesure. L'achèvement reprend
la base sur les entretiens codés, ceux d'apprentissage et ceux de la démonstration : tous pour le lecteur
livré, moins les territoires tenus à l'écart pour le mesurer.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd
from tokenizers import Tokenizer

from corpus.references import APPRENTISSAGE, DEMONSTRATION, charger_references
from modeles.affinage.affiner import Reglages, affiner, centrer, charger_segmenteur, garder, reprendre, reseau_de_depart
from modeles.affinage.exemples import (
    BANQUE,
    Exemple,
    banque_en_contexte,
    exemples_de_la_banque,
    exemples_des_references,
    modalites_de_la_banque,
    modalites_des_references,
)
from modeles.affinage.graphe import COUCHES_COMMUNES
from modeles.affinage.reseau import Reseau
from modeles.etage_lexical import EtageLexical
from modeles.exemples import rassembler_exemples
from modeles.lecteur import MODALITES
from modeles.modalite_lexicale import EtageModalite

GRAINE = 0
ACHEVE = "acheve.npz"
TRAVAUX = 2
BASE = Reglages(epoques=3, taux=1.5e-4, graine=GRAINE)
ACHEVEMENT = Reglages(epoques=3, taux=1e-4, taux_des_tetes=5e-4, graine=GRAINE)


class Atelier:
    """Les exemples et les poids intermédiaires d'un affinage.

    Parameters
    ----------
    travail : pathlib.Path
        Dossier où garder la base ; elle n'est refaite que si elle n'y est pas.
    banque : bool, default=True
        Apprendre aussi sur la banque d'exemples.

    Attributes
    ----------
    codes : tuple[str, ...]
        Les codes des références, triés.
    """

    def __init__(self, travail: Path, banque: bool = True) -> None:
        self.travail = travail
        self.segmenteur: Tokenizer = charger_segmenteur()
        self.codes = tuple(sorted({code for dossier in (DEMONSTRATION, APPRENTISSAGE)
                                   for code in charger_references(dossier).codages["code"]}))
        self.apprentissage = exemples_des_references(APPRENTISSAGE, self.codes, self.segmenteur)
        self.demonstration = exemples_des_references(DEMONSTRATION, self.codes, self.segmenteur)
        self.banque: list[Exemple] = (
            exemples_de_la_banque(BANQUE, self.codes, self.segmenteur) if banque else [])

    def lexical(self, ecartes: Collection[str] = ()) -> EtageLexical:
        """L'étage lexical, appris sur la banque et sur tous les entretiens codés, moins les territoires `ecartes`."""
        codes = rassembler_exemples((DEMONSTRATION, APPRENTISSAGE), self.codes)
        codes = codes.partie(~np.isin(codes.groupes, list(ecartes)))
        X, y = codes.X, codes.y
        if self.banque:
            banque = banque_en_contexte(BANQUE, self.codes)
            X, y = pd.concat([X, banque.X], ignore_index=True), np.vstack([y, banque.y])
        return EtageLexical.apprendre(X, y, travaux=TRAVAUX)

    def modalite(self, ecartes: Collection[str] = ()) -> EtageModalite:
        """L'étage lexical de la modalité, appris sur la banque et tous les entretiens codés, moins les territoires `ecartes`."""
        table = pd.concat([*([modalites_de_la_banque(BANQUE, self.codes)] if self.banque else []),
                           *(modalites_des_references(dossier, ecartes) for dossier in (APPRENTISSAGE, DEMONSTRATION))],
                          ignore_index=True)
        codes, modalites = (table[nom].map({cle: rang for rang, cle in enumerate(rangs)}).to_numpy(np.int64)
                            for nom, rangs in (("code", self.codes), ("modalite", MODALITES)))
        return EtageModalite.apprendre(list(table["texte"]), codes, modalites, self.codes)

    def base(self) -> Reseau:
        """La base, reprise du dossier de travail ou apprise."""
        reseau = self._depart()
        chemin = self.travail / ("base.npz" if self.banque else "base-sans-banque.npz")
        if chemin.is_file():
            return reprendre(reseau, chemin)
        exemples = [*self.banque, *self.apprentissage]
        centrer(reseau, exemples)
        affiner(reseau, exemples, BASE)
        self.travail.mkdir(parents=True, exist_ok=True)
        garder(reseau, chemin)
        return reseau

    def achever(self, ecartes: Collection[str] = ()) -> Reseau:
        """La base, achevée sur les entretiens codés, moins les territoires `ecartes`."""
        exemples = [e for e in (*self.apprentissage, *self.demonstration) if e.territoire not in ecartes]
        return affiner(self.base(), exemples, ACHEVEMENT)

    def acheve(self) -> Reseau:
        """Le lecteur achevé sur tous les entretiens codés, repris du dossier de travail ou appris."""
        chemin = self.travail / ACHEVE
        if chemin.is_file():
            return reprendre(self._depart(), chemin)
        reseau = self.achever()
        garder(reseau, chemin)
        return reseau

    def _depart(self) -> Reseau:
        return reseau_de_depart(len(self.codes), gelees=COUCHES_COMMUNES, graine=GRAINE)
