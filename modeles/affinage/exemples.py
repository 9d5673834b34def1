"""Les exemples de l'affinage : entretiens codés et banque, segmentés, avec leurs codes et leurs modalités."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpus.fautes import ErreurEtude, Faute
from corpus.references import charger_references
from modeles.contexte import mettre_en_contexte
from modeles.exemples import Exemples
from modeles.fenetres import Propos, segmenter_propos
from modeles.lecteur import MODALITES

BANQUE = Path(__file__).resolve().parent.parent / "banque"
SIGNES = dict(zip("+-?", MODALITES, strict=True))
CODEUR_DE_REFERENCE = "A"


@dataclass(frozen=True)
class Exemple:
    """Un entretien codé, ou un extrait.

    Attributes
    ----------
    nom, territoire : str
    propos : Propos
    codes : ndarray (phrases, codes) de booléens
    modalites : ndarray (phrases, codes), int8
        Rang dans `MODALITES` ; -1 là où le code n'est pas porté.
    """

    nom: str
    territoire: str
    propos: Propos
    codes: npt.NDArray[np.bool_]
    modalites: npt.NDArray[np.int8]


def exemples_des_references(dossier: Path, codes: Sequence[str], segmenteur: Any) -> list[Exemple]:
    """Les entretiens d'un corpus codé (codeur de référence), dans l'ordre de sa table des entretiens."""
    references = charger_references(dossier)
    codages = references.codages[references.codages["codeur"] == CODEUR_DE_REFERENCE]
    poses: dict[tuple[str, str], dict[str, str]] = {}
    for codage in codages.itertuples():
        poses.setdefault((codage.entretien, codage.phrase), {}).setdefault(codage.code, codage.modalite)
    exemples = []
    groupes = dict(list(references.phrases.groupby("entretien", sort=False)))
    for fiche in references.entretiens.itertuples():
        phrases = groupes[fiche.entretien]
        portes = [poses.get((fiche.entretien, phrase), {}) for phrase in phrases["phrase"]]
        exemples.append(_exemple(fiche.entretien, fiche.territoire, fiche.fonction, phrases, portes, codes, segmenteur))
    return exemples


def exemples_de_la_banque(dossier: Path, codes: Sequence[str], segmenteur: Any) -> list[Exemple]:
    """Les extraits et entretiens de la banque (format : `modeles/banque/LISEZMOI.md`), par nom de fichier.

    Raises
    ------
    ErreurEtude
        Toutes les lignes qui ne suivent pas le format, chacune avec son fichier et son numéro.
    """
    fautes: list[Faute] = []
    exemples = []
    for chemin in _fichiers(dossier):
        for numero, (fonction, lignes) in enumerate(_extraits(chemin, codes, fautes)):
            phrases = pd.DataFrame([(role, texte) for role, texte, _ in lignes], columns=["role", "texte"])
            exemples.append(_exemple(f"{chemin.stem}#{numero + 1}", chemin.stem, fonction, phrases,
                                     [portes for *_, portes in lignes], codes, segmenteur))
    if fautes:
        raise ErreurEtude(fautes)
    return exemples


def banque_en_contexte(dossier: Path, codes: Sequence[str]) -> Exemples:
    """Les mêmes extraits, en phrases en contexte pour l'étage lexical ; le groupe est le nom du fichier.

    Raises
    ------
    ErreurEtude
        Comme `exemples_de_la_banque`.
    """
    fautes: list[Faute] = []
    lignes: list[tuple[str, int, str, str, str]] = []
    portes: list[dict[str, str]] = []
    groupes: list[str] = []
    for chemin in _fichiers(dossier):
        for numero, (_, extrait) in enumerate(_extraits(chemin, codes, fautes)):
            tour, dernier, phrase = 0, "", 0
            for role, texte, mentions in extrait:
                tour, dernier = tour + (role != dernier), role
                phrase += role == "enquete"
                lignes.append((f"{chemin.stem}#{numero + 1}", tour, f"p{phrase:03d}" if role == "enquete" else "", role, texte))
                if role == "enquete":
                    portes.append(mentions)
                    groupes.append(chemin.stem)
    if fautes:
        raise ErreurEtude(fautes)
    table = pd.DataFrame(lignes, columns=["entretien", "tour", "phrase", "role", "texte"])
    return Exemples(mettre_en_contexte(table), np.array([[code in mentions for code in codes] for mentions in portes]),
                    np.array(groupes))


def modalites_de_la_banque(dossier: Path, codes: Sequence[str]) -> pd.DataFrame:
    """Une ligne par code porté : texte, code, modalite.

    Raises
    ------
    ErreurEtude
        Comme `exemples_de_la_banque`.
    """
    fautes: list[Faute] = []
    lignes = [(texte, code, modalite) for chemin in _fichiers(dossier) for _, extrait in _extraits(chemin, codes, fautes)
              for _, texte, portes in extrait for code, modalite in portes.items()]
    if fautes:
        raise ErreurEtude(fautes)
    return pd.DataFrame(lignes, columns=["texte", "code", "modalite"])


def modalites_des_references(dossier: Path, ecartes: Collection[str] = ()) -> pd.DataFrame:
    """Une ligne par codage de référence, hors des territoires `ecartes` : texte, code, modalite."""
    references = charger_references(dossier)
    codages = references.codages[references.codages["codeur"] == CODEUR_DE_REFERENCE]
    lieux = references.entretiens[["entretien", "territoire"]]
    tables = codages[["entretien", "phrase", "code", "modalite"]].merge(lieux, on="entretien")
    tables = tables[~tables["territoire"].isin(list(ecartes))]
    textes = references.phrases.loc[references.phrases["role"] == "enquete", ["entretien", "phrase", "texte"]]
    return tables.merge(textes, on=["entretien", "phrase"])[["texte", "code", "modalite"]]


def _fichiers(dossier: Path) -> list[Path]:
    return sorted(chemin for nom in ("codes", "entretiens") for chemin in dossier.glob(f"{nom}/*.txt"))


def _extraits(chemin: Path, codes: Sequence[str],
              fautes: list[Faute]) -> list[tuple[str, list[tuple[str, str, dict[str, str]]]]]:
    extraits: list[tuple[str, list[tuple[str, str, dict[str, str]]]]] = []
    for numero, brute in enumerate(chemin.read_text(encoding="utf-8").splitlines(), 1):
        ligne = brute.strip()
        if ligne.startswith("## "):
            extraits.append((ligne[3:], []))
        elif ligne and not extraits:
            fautes.append(Faute(str(chemin), numero, "phrase avant tout extrait", "ouvrez l'extrait par « ## fonction »"))
        elif ligne.startswith("? "):
            extraits[-1][1].append(("enqueteur", ligne[2:], {}))
        elif ligne:
            texte, _, suite = ligne.partition(" | ")
            for mention in suite.split():
                if mention[:-1] not in codes or mention[-1] not in SIGNES:
                    fautes.append(Faute(str(chemin), numero, f"mention « {mention} » inconnue",
                                        "écrivez un code de la grille suivi de +, - ou ?"))
            portes = {m[:-1]: SIGNES[m[-1]] for m in suite.split() if m[-1] in SIGNES}
            extraits[-1][1].append(("enquete", texte, portes))
    return [extrait for extrait in extraits if extrait[1]]


def _exemple(nom: str, territoire: str, fonction: str, phrases: pd.DataFrame, portes: Sequence[dict[str, str]],
             codes: Sequence[str], segmenteur: Any) -> Exemple:
    rangs = {code: rang for rang, code in enumerate(codes)}
    modalites = np.full((len(phrases), len(codes)), -1, dtype=np.int8)
    for ligne, mentions in enumerate(portes):
        for code, modalite in mentions.items():
            if code in rangs:
                modalites[ligne, rangs[code]] = MODALITES.index(modalite)
    return Exemple(nom, territoire, segmenter_propos(segmenteur, phrases, fonction), modalites >= 0, modalites)
