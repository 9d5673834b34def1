"""Garder et relire un codeur machine, sans pickle : un `.npz` de nombres et un `.json` lisible.

Le JSON porte l'empreinte SHA-256 du `.npz`, vérifiée au chargement, et dit sur quels entretiens le
codeur a appris.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from corpus.cache import ecriture_atomique
from corpus.fautes import ErreurEtude, Faute
from modeles.codeur import CodeurMachine, PremierEtage
from modeles.traits import BLOCS, TraitsLexicaux

POIDS = Path(__file__).parent / "poids"
FORMAT = 3
LETTRES_D_UNE_PHRASE_LONGUE = 30
PART_RECONNUE = 0.2


class EntretienAppris(NamedTuple):
    """Un entretien qui a servi à apprendre, et le pli où il a été tenu à l'écart."""

    entretien: str
    pli: int


@dataclass(frozen=True)
class CodeurGarde:
    """Un codeur relu et sa carte d'identité.

    Attributes
    ----------
    codeur : CodeurMachine
    version : str
        Nom sous lequel il signe ses mentions (« machine:<version> »).
    grille : str
        Identifiant de la grille apprise.
    appris : Mapping[str, EntretienAppris]
        Empreinte des propos de chaque entretien appris → ce qu'on en sait.
    phrases_apprises : Mapping[int, int]
        Empreinte de chaque phrase longue apprise → le pli où elle a été tenue à l'écart.
    """

    codeur: CodeurMachine
    version: str
    grille: str
    appris: Mapping[str, EntretienAppris]
    phrases_apprises: Mapping[int, int]

    def pli(self, propos: Iterable[str]) -> int | None:
        """Le pli qui n'a pas vu le territoire de cet entretien ; None s'il n'a pas servi à apprendre.

        Un entretien retouché depuis l'apprentissage est reconnu à ses phrases : il suffit qu'un cinquième
        de ses phrases longues aient été apprises.
        """
        phrases = list(propos)
        connu = self.appris.get(empreinte_propos(phrases))
        if connu is not None:
            return connu.pli
        cles = {cle for texte in phrases if (cle := empreinte_phrase(texte)) is not None}
        plis = Counter(self.phrases_apprises[cle] for cle in cles if cle in self.phrases_apprises)
        if not cles or plis.total() < PART_RECONNUE * len(cles):
            return None
        return min(plis, key=lambda pli: (-plis[pli], pli))


def empreinte_propos(textes: Iterable[str]) -> str:
    """Empreinte de ce que disent les enquêtés d'un entretien, quel que soit le format du fichier.

    Seules comptent les lettres et les chiffres, en minuscules : le même entretien en .txt, en .docx ou
    découpé autrement a la même empreinte.
    """
    lettres = "".join(signe for texte in textes for signe in texte.casefold() if signe.isalnum())
    return hashlib.sha256(lettres.encode()).hexdigest()[:32]


def empreinte_phrase(texte: str) -> int | None:
    """Empreinte sur 48 bits des lettres et chiffres d'une phrase ; None si elle en a moins de trente."""
    lettres = "".join(signe for signe in texte.casefold() if signe.isalnum())
    if len(lettres) < LETTRES_D_UNE_PHRASE_LONGUE:
        return None
    return int.from_bytes(hashlib.sha256(lettres.encode()).digest()[:6], "big")


def garder_codeur(codeur: CodeurMachine, dossier: Path, grille: str, appris: Mapping[str, EntretienAppris],
                  phrases_apprises: Mapping[int, int]) -> str:
    """Écrit `codeur.npz` et `codeur.json` dans un dossier ; rend la version du codeur.

    Parameters
    ----------
    codeur : CodeurMachine
        Ajusté.
    dossier : Path
    grille : str
        Identifiant de la grille apprise.
    appris : Mapping[str, EntretienAppris]
        Empreinte des propos → entretien et pli, pour chaque entretien appris.
    phrases_apprises : Mapping[int, int]
        Empreinte de chaque phrase longue apprise → pli.
    """
    tableaux: dict[str, Any] = {
        "suite": codeur.suite_, "frequences": codeur.frequences_,
        "phrases": np.array(sorted(phrases_apprises), dtype=np.uint64),
        "phrases_plis": np.array([phrases_apprises[cle] for cle in sorted(phrases_apprises)], dtype=np.uint8)}
    for rang, etage in enumerate((codeur.etage_, *codeur.etages_des_plis_)):
        tableaux |= {f"{rang}.{nom}": tableau for nom, tableau in _en_tableaux(etage).items()}
    tampon = io.BytesIO()
    np.savez_compressed(tampon, allow_pickle=False, **tableaux)
    octets = tampon.getvalue()
    empreinte = hashlib.sha256(octets).hexdigest()
    version = f"lexical-{FORMAT}.{empreinte[:8]}"
    carte = {"format": FORMAT, "version": version, "grille": grille, "codes": list(codeur.codes),
             "seuil": codeur.seuil_, "plis": codeur.pli_du_groupe_,
             "parametres": {"C": codeur.C, "plis": codeur.plis, "traits_max": codeur.traits_max},
             "sha256": empreinte, "appris": dict(sorted(appris.items(), key=lambda paire: paire[1]))}
    with ecriture_atomique(dossier / "codeur.npz") as provisoire:
        provisoire.write_bytes(octets)
    with ecriture_atomique(dossier / "codeur.json") as provisoire:
        provisoire.write_text(json.dumps(carte, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return version


def _en_tableaux(etage: PremierEtage) -> dict[str, Any]:
    tableaux: dict[str, Any] = {"coefficients": etage.coefficients.astype(np.float16), "biais": etage.biais}
    for nom, vectoriseur in etage.traits.vectoriseurs_.items():
        traits = "\n".join(vectoriseur.get_feature_names_out())
        tableaux[f"traits_{nom}"] = np.frombuffer(traits.encode(), dtype=np.uint8)
        tableaux[f"idf_{nom}"] = vectoriseur.idf_.astype(np.float32)
    return tableaux


def _des_tableaux(tableaux: Mapping[str, Any], rang: int, traits_max: int) -> PremierEtage:
    traits = TraitsLexicaux(traits_max=traits_max)
    traits.vectoriseurs_ = {}
    for bloc in BLOCS:
        if f"{rang}.traits_{bloc.nom}" in tableaux:
            vectoriseur = bloc.vectoriseur(
                vocabulary=tableaux[f"{rang}.traits_{bloc.nom}"].tobytes().decode().split("\n"))
            vectoriseur.idf_ = tableaux[f"{rang}.idf_{bloc.nom}"]
            traits.vectoriseurs_[bloc.nom] = vectoriseur
    return PremierEtage(traits, tableaux[f"{rang}.coefficients"].astype(np.float32), tableaux[f"{rang}.biais"])


def relire_codeur(dossier: Path = POIDS) -> CodeurGarde:
    """Relit un codeur gardé.

    Raises
    ------
    ErreurEtude
        Fichier absent, format inconnu, ou empreinte qui ne correspond pas.
    """
    remede = "réinstallez le paquet, ou refaites le codeur : python -m modeles.apprendre"
    try:
        carte = json.loads((dossier / "codeur.json").read_text(encoding="utf-8"))
        octets = (dossier / "codeur.npz").read_bytes()
    except (OSError, ValueError) as erreur:
        raise ErreurEtude([Faute(str(dossier), 0, f"codeur machine illisible ({erreur})", remede)]) from erreur
    if carte.get("format") != FORMAT:
        raise ErreurEtude([Faute("codeur.json", 0, f"format {carte.get('format')!r} inconnu de cette version",
                                 remede)])
    if hashlib.sha256(octets).hexdigest() != carte["sha256"]:
        raise ErreurEtude([Faute("codeur.npz", 0, "l'empreinte des poids ne correspond pas à codeur.json", remede)])
    codeur = CodeurMachine(tuple(carte["codes"]), **carte["parametres"])
    with np.load(io.BytesIO(octets), allow_pickle=False) as tableaux:
        etages = [_des_tableaux(tableaux, rang, codeur.traits_max) for rang in range(codeur.plis + 1)]
        codeur.suite_, codeur.frequences_ = tableaux["suite"], tableaux["frequences"]
        phrases = dict(zip(tableaux["phrases"].tolist(), tableaux["phrases_plis"].tolist(), strict=True))
    codeur.etage_, codeur.etages_des_plis_ = etages[0], tuple(etages[1:])
    codeur.seuil_, codeur.pli_du_groupe_ = float(carte["seuil"]), carte["plis"]
    appris = {empreinte: EntretienAppris(*connu) for empreinte, connu in carte["appris"].items()}
    return CodeurGarde(codeur, carte["version"], carte["grille"], appris, phrases)
