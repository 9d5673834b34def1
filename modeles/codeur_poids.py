"""Garder et relire un codeur machine, sans pickle : un `.npz` de nombres et un `.json` lisible.

Le JSON porte l'empreinte SHA-256 du `.npz`, vérifiée au chargement, et dit sur quels entretiens le
codeur a appris.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpus.cache import ecriture_atomique
from corpus.fautes import ErreurEtude, Faute
from modeles.codeur import CodeurMachine
from modeles.traits import BLOCS, TraitsLexicaux

POIDS = Path(__file__).parent / "poids"
FORMAT = 1


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
    appris : Mapping[str, str]
        Empreinte des propos de chaque entretien appris → identifiant de l'entretien.
    """

    codeur: CodeurMachine
    version: str
    grille: str
    appris: Mapping[str, str]


def empreinte_propos(textes: Iterable[str]) -> str:
    """Empreinte de ce que disent les enquêtés d'un entretien, quel que soit le format du fichier.

    Seules comptent les lettres et les chiffres, en minuscules : le même entretien en .txt, en .docx ou
    découpé autrement a la même empreinte.
    """
    lettres = "".join(signe for texte in textes for signe in texte.casefold() if signe.isalnum())
    return hashlib.sha256(lettres.encode()).hexdigest()[:32]


def garder_codeur(codeur: CodeurMachine, dossier: Path, grille: str, appris: Mapping[str, str]) -> str:
    """Écrit `codeur.npz` et `codeur.json` dans un dossier ; rend la version du codeur.

    Parameters
    ----------
    codeur : CodeurMachine
        Ajusté.
    dossier : Path
    grille : str
        Identifiant de la grille apprise.
    appris : Mapping[str, str]
        Empreinte des propos → identifiant, pour chaque entretien appris.
    """
    tableaux: dict[str, Any] = {
        "coefficients": codeur.coefficients_.astype(np.float16), "biais": codeur.biais_,
        "suite": codeur.suite_, "frequences": codeur.frequences_,
    }
    for nom, vectoriseur in codeur.traits_.vectoriseurs_.items():
        traits = "\n".join(vectoriseur.get_feature_names_out())
        tableaux[f"traits_{nom}"] = np.frombuffer(traits.encode(), dtype=np.uint8)
        tableaux[f"idf_{nom}"] = vectoriseur.idf_.astype(np.float32)
    tampon = io.BytesIO()
    np.savez_compressed(tampon, allow_pickle=False, **tableaux)
    octets = tampon.getvalue()
    empreinte = hashlib.sha256(octets).hexdigest()
    version = f"lexical-{FORMAT}.{empreinte[:8]}"
    carte = {"format": FORMAT, "version": version, "grille": grille, "codes": list(codeur.codes),
             "seuil": codeur.seuil_, "parametres": {"C": codeur.C, "plis": codeur.plis,
                                                    "traits_max": codeur.traits_max},
             "sha256": empreinte, "appris": dict(sorted(appris.items(), key=lambda paire: paire[1]))}
    with ecriture_atomique(dossier / "codeur.npz") as provisoire:
        provisoire.write_bytes(octets)
    with ecriture_atomique(dossier / "codeur.json") as provisoire:
        provisoire.write_text(json.dumps(carte, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return version


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
    with np.load(io.BytesIO(octets), allow_pickle=False) as tableaux:
        codeur = CodeurMachine(tuple(carte["codes"]), **carte["parametres"])
        codeur.coefficients_ = tableaux["coefficients"].astype(np.float32)
        codeur.biais_, codeur.suite_ = tableaux["biais"], tableaux["suite"]
        codeur.frequences_, codeur.seuil_ = tableaux["frequences"], float(carte["seuil"])
        codeur.traits_ = TraitsLexicaux(traits_max=carte["parametres"]["traits_max"])
        codeur.traits_.vectoriseurs_ = {}
        for bloc in BLOCS:
            if f"traits_{bloc.nom}" in tableaux:
                traits = tableaux[f"traits_{bloc.nom}"].tobytes().decode().split("\n")
                vectoriseur = bloc.vectoriseur(vocabulary=traits)
                vectoriseur.idf_ = tableaux[f"idf_{bloc.nom}"]
                codeur.traits_.vectoriseurs_[bloc.nom] = vectoriseur
    return CodeurGarde(codeur, carte["version"], carte["grille"], carte["appris"])
