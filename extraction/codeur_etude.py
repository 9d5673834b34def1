"""Le codeur d'une étude : le codeur livré, repris d'après ce que les évaluateurs ont codé.

Il lit trois choses dans chaque phrase : son plongement et celui de la suite qu'elle forme avec la phrase
d'avant, sa proximité à la définition de chaque code, et, pour un code que le codeur livré connaît, ce
qu'il en pense. `modeles.peu_d_exemples` en apprend le reste. Il se garde dans le dossier d'étude,
`codeur/codeur.npz` et `codeur/codeur.json` : des nombres et du texte, jamais de pickle.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpus.cache import ecriture_atomique
from corpus.fautes import ErreurEtude, Faute
from extraction.grille import Grille
from modeles.codeur_livre import Codage, CodeurLivre
from modeles.contexte import mettre_en_contexte
from modeles.peu_d_exemples import CodeurPeuDExemples
from modeles.plongements import Plongeur

DOSSIER = "codeur"
FORMAT = 1
_TABLEAUX = ("definitions", "centre", "etendue", "centre_proximites", "etendue_proximites", "commun", "propres")

Reels = npt.NDArray[np.float64]
Booleens = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Bruts:
    """Ce qu'on lit dans les n phrases d'enquêtés d'un ou plusieurs entretiens, avant toute mise à l'échelle.

    Attributes
    ----------
    plongements : ndarray (n, 768)
    proximites : ndarray (n, codes)
        Cosinus à la définition de chaque code.
    cotes : ndarray (n, codes)
        Log-cote du codeur livré ; zéro pour un code qu'il ne connaît pas.
    codages : tuple[Codage, ...]
        Ce que le codeur livré pense de chaque entretien.
    """

    plongements: Reels
    proximites: Reels
    cotes: Reels
    codages: tuple[Codage, ...]


class Regard:
    """Lit les phrases d'un entretien pour une grille.

    Parameters
    ----------
    grille : Grille
    livre : CodeurLivre
    plongeur : Plongeur
    connus : Sequence[str]
        Codes de la grille que le codeur livré a appris.
    """

    def __init__(self, grille: Grille, livre: CodeurLivre, plongeur: Plongeur, connus: Sequence[str]) -> None:
        self.codes = tuple(code.code for code in grille)
        self.connus = np.array([code in connus for code in self.codes])
        self.livre = livre
        self.plongeur = plongeur
        self.definitions = plongeur.transform(
            [f"{code.intitule} : {code.definition}" for code in grille]).astype(np.float64)

    def lire(self, phrases: pd.DataFrame, fonction: str) -> Bruts:
        """Lit un entretien entier, enquêteur compris, dans l'ordre du texte."""
        contexte = mettre_en_contexte(phrases)
        seules = self.plongeur.transform(list(contexte["texte"])).astype(np.float64)
        suivies = self.plongeur.transform(list(contexte["precedente"] + " " + contexte["texte"]))
        codage = self.livre.coder(phrases, fonction)
        cotes = np.zeros((len(contexte), len(self.codes)))
        rangs = [self.livre.codes.index(code) for code, connu in zip(self.codes, self.connus, strict=True) if connu]
        p = np.clip(codage.probabilites[:, rangs], 1e-6, 1 - 1e-6)
        cotes[:, self.connus] = np.log(p / (1 - p))
        return Bruts(np.hstack([seules, suivies]), seules @ self.definitions.T, cotes, (codage,))


def reunir(bruts: Sequence[Bruts]) -> Bruts:
    """Met bout à bout plusieurs entretiens."""
    return Bruts(np.vstack([b.plongements for b in bruts]), np.vstack([b.proximites for b in bruts]),
                 np.vstack([b.cotes for b in bruts]), tuple(codage for b in bruts for codage in b.codages))


class CodeurEtude:
    """Un codeur appris sur les codages d'une étude.

    Parameters
    ----------
    codes : Sequence[str]
        Les codes de la grille, dans l'ordre.
    connus : ndarray (codes,) de booléens
        Ceux que le codeur livré connaît.
    grille : str
        Empreinte de la grille.
    livre : str
        Version du codeur livré dont il part.

    Attributes
    ----------
    modele_ : CodeurPeuDExemples
    """

    def __init__(self, codes: Sequence[str], connus: Booleens, grille: str, livre: str) -> None:
        self.codes = tuple(codes)
        self.connus = connus
        self.grille = grille
        self.livre = livre
        self.fiche: dict[str, Any] = {}

    def fit(self, bruts: Bruts, y: Booleens, groupes: Sequence[str], definitions: Reels) -> CodeurEtude:
        """Apprend sur des phrases codées (formes : `Bruts`, `CodeurPeuDExemples.fit`)."""
        self.definitions_ = definitions
        self.centre_, self.etendue_ = bruts.plongements.mean(axis=0), bruts.plongements.std(axis=0) + 1e-9
        self.centre_proximites_ = bruts.proximites.mean(axis=0)
        self.etendue_proximites_ = bruts.proximites.std(axis=0) + 1e-9
        self.modele_ = CodeurPeuDExemples().fit(*self._traits(bruts), y, groupes)
        return self

    def _traits(self, bruts: Bruts) -> tuple[Reels, Reels]:
        proximites = (bruts.proximites - self.centre_proximites_) / self.etendue_proximites_
        connus = np.broadcast_to(self.connus.astype(float), proximites.shape)
        return (bruts.plongements - self.centre_) / self.etendue_, np.stack([proximites, bruts.cotes, connus], axis=2)

    def predict_proba(self, bruts: Bruts) -> Reels:
        """Probabilité que chaque phrase porte chaque code : (n, codes)."""
        return self.modele_.predict_proba(*self._traits(bruts))

    @property
    def seuil(self) -> float:
        """Probabilité à partir de laquelle un code est posé."""
        return self.modele_.seuil_

    @property
    def version(self) -> str:
        """« <codeur livré>+etude-<empreinte> »."""
        return str(self.fiche["version"])

    def garder(self, etude: Path, **fiche: object) -> str:
        """Écrit le codeur dans le dossier d'étude ; rend sa version. `fiche` : ce qu'on veut y joindre."""
        tableaux = dict(zip(_TABLEAUX, (
            self.definitions_, self.centre_, self.etendue_, self.centre_proximites_, self.etendue_proximites_,
            self.modele_.commun_, self.modele_.propres_), strict=True))
        tampon = io.BytesIO()
        np.savez_compressed(tampon, allow_pickle=False, **tableaux)
        octets = tampon.getvalue()
        somme = hashlib.sha256(octets).hexdigest()
        self.fiche = {"format": FORMAT, "version": f"{self.livre}+etude-{somme[:8]}", "livre": self.livre,
                      "grille": self.grille, "codes": list(self.codes), "connus": self.connus.tolist(),
                      "seuil": self.seuil, "sha256": somme, **fiche}
        with ecriture_atomique(etude / DOSSIER / "codeur.npz") as provisoire:
            provisoire.write_bytes(octets)
        with ecriture_atomique(etude / DOSSIER / "codeur.json") as provisoire:
            provisoire.write_text(json.dumps(self.fiche, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        return self.version


def charger_codeur_etude(etude: Path, grille: Grille, livre: CodeurLivre) -> CodeurEtude | None:
    """Charge le codeur d'une étude ; None si elle n'en a pas.

    Raises
    ------
    ErreurEtude
        Fichier abîmé, grille changée depuis l'apprentissage, codeur livré d'une autre version.
    """
    if not (etude / DOSSIER).is_dir():
        return None
    lieu = f"{DOSSIER}/codeur.json"
    remede = "refaites-le : « monographies apprendre », ou supprimez le dossier « codeur » pour vous en passer"
    try:
        fiche: dict[str, Any] = json.loads((etude / lieu).read_text(encoding="utf-8"))
        octets = (etude / DOSSIER / "codeur.npz").read_bytes()
        codeur = CodeurEtude(fiche["codes"], np.array(fiche["connus"], dtype=bool), fiche["grille"], fiche["livre"])
        if fiche["format"] != FORMAT or hashlib.sha256(octets).hexdigest() != fiche["sha256"]:
            raise ValueError("format ou empreinte inattendus")
        codeur.fiche = fiche
        with np.load(io.BytesIO(octets), allow_pickle=False) as lus:
            (codeur.definitions_, codeur.centre_, codeur.etendue_, codeur.centre_proximites_,
             codeur.etendue_proximites_, commun, propres) = (lus[nom] for nom in _TABLEAUX)
        codeur.modele_ = CodeurPeuDExemples()
        codeur.modele_.commun_, codeur.modele_.propres_ = commun, propres
        codeur.modele_.seuil_ = float(fiche["seuil"])
    except (OSError, ValueError, KeyError, TypeError) as erreur:
        raise ErreurEtude([Faute(lieu, 0, f"le codeur de l'étude ne se lit pas ({erreur})", remede)]) from erreur
    fautes = []
    if codeur.grille != grille.empreinte:
        fautes.append(Faute(lieu, 0, "la grille a changé depuis que ce codeur a été appris", remede))
    if codeur.livre != livre.version:
        fautes.append(Faute(lieu, 0, f"ce codeur part du codeur livré {codeur.livre}, celui-ci est {livre.version}",
                            remede))
    if fautes:
        raise ErreurEtude(fautes)
    return codeur
