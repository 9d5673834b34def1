"""Le rapport HTML : un seul fichier, qui s'ouvre sans réseau, et où tout chiffre mène à ses verbatims.

Les textes d'entretien n'entrent dans la page que comme du texte : rien de ce qu'un fichier contient ne
peut devenir une balise ou un script.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from corpus.cache import ecriture_atomique
from restitution.constats import AVIS
from restitution.donnees import DonneesRapport, intitules, json_incorpore, preparer, table_des_territoires
from restitution.images_themes import images_pour_la_page
from restitution.typographie import date_en_clair, nombre

__all__ = ["DonneesRapport", "ecrire_rapport"]

GABARITS = Path(__file__).parent / "gabarits"
SCRIPTS = (
    "rapport-donnees.js",
    "rapport-elements.js",
    "rapport-etat.js",
    "rapport-chiffres.js",
    "rapport-themes.js",
    "rapport-territoires.js",
    "rapport-vocabulaire.js",
    "rapport-concordances.js",
    "rapport-questionnaire.js",
    "rapport-constats.js",
    "rapport-estimations.js",
    "rapport-lecture.js",
    "rapport-depart.js",
)


def _empreinte(texte: str) -> str:
    """L'empreinte d'un script ou d'un style, pour la politique de sécurité de la page."""
    return "sha256-" + base64.b64encode(hashlib.sha256(texte.encode()).digest()).decode()


def ecrire_rapport(chemin: Path, donnees: DonneesRapport) -> None:
    """Écrit le rapport HTML, en un seul fichier.

    La page n'a besoin d'aucun réseau et s'interdit d'en user (politique de sécurité dans l'en-tête :
    seuls s'exécutent le style et le script dont elle porte l'empreinte). Mêmes données, mêmes octets.

    Parameters
    ----------
    chemin : Path
        Fichier à écrire, remplacé d'un coup s'il existe.
    donnees : DonneesRapport

    Raises
    ------
    ValueError
        Les tables se contredisent (voir `preparer`).
    OSError
        Le fichier ne peut pas être écrit.
    """
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    style = (GABARITS / "rapport.css").read_text(encoding="utf-8")
    corps = "\n".join((GABARITS / nom).read_text(encoding="utf-8") for nom in SCRIPTS)
    script = f'(() => {{\n"use strict";\n{corps}}})();\n'
    environnement = Environment(
        loader=FileSystemLoader(GABARITS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environnement.filters |= {"nombre": nombre, "date_en_clair": date_en_clair}
    environnement.tests["dictionnaire"] = lambda valeur: isinstance(valeur, Mapping)
    facultatifs: dict[str, Any] = {
        "empreintes": {},
        "fautes": [],
        "suppositions": {},
        "avertissements": [],
        "mesures": {},
    }
    presentes = donnees.matrice[donnees.matrice["modalite"] == "presente"]
    effectifs = {(ligne.code, str(ligne.territoire)): ligne.entretiens for ligne in presentes.itertuples()}
    page = environnement.get_template("rapport.html").render(
        titre=donnees.titre,
        execution=facultatifs | donnees.execution,
        grille=list(donnees.grille),
        familles=intitules(getattr(donnees.grille, "familles", ())),
        territoires=table_des_territoires(donnees).to_dict("records"),
        effectifs=effectifs,
        questionnaire=donnees.questionnaire is not None,
        constats=bool(donnees.constats),
        estimations=donnees.estimations is not None,
        style=style,
        script=script,
        empreinte_style=_empreinte(style),
        empreinte_script=_empreinte(script),
        json=json_incorpore(preparer(donnees) | {"images_themes": images_pour_la_page(donnees), "avis": AVIS}),
    )
    with ecriture_atomique(chemin) as provisoire:
        provisoire.write_bytes(page.encode("utf-8", errors="replace"))
