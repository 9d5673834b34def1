"""Ce que la construction du site tire du dépôt : grille, commandes, colonnes, mesures, référence d'API.

Les pages sont des gabarits Jinja : `{{ grille }}`, `{{ banc("justesse").ece | nombre(3) }}`… Rien n'y est recopié.
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from textwrap import dedent
from typing import Any

import click
from jinja2 import Environment, StrictUndefined
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

import corpus.reglages
from corpus.fiches import CATEGORIES
from evaluation.regles import Regles
from extraction.grille import Grille
from modeles.codeur_livre import DOUTE
from modeles.stabilite_themes import SEUIL_INSTABLE, SEUIL_STABLE
from monographies import principal
from restitution.dictionnaire import DICTIONNAIRE
from restitution.dictionnaire_constats import DICTIONNAIRE_CONSTATS
from restitution.dictionnaire_textometrie import DICTIONNAIRE_TEXTOMETRIE
from restitution.feuilles_estimations import DICTIONNAIRE_ESTIMATIONS
from restitution.typographie import francais, nombre, pourcent

RACINE = Path(__file__).parent.parent
LARGEUR = 78
"""Caractères d'une ligne de l'aide, pour qu'elle tienne dans la page."""
PAQUETS = ("corpus", "extraction", "modeles", "evaluation", "codage", "restitution")


def modules(paquet: str) -> list[tuple[str, str]]:
    """Les modules d'un paquet et la première phrase de leur docstring."""
    lus = [(chemin, ast.get_docstring(ast.parse(chemin.read_text(encoding="utf-8"))))
           for chemin in sorted((RACINE / paquet).glob("[!_]*.py"))]
    return [(f"{paquet}.{chemin.stem}", dite.splitlines()[0]) for chemin, dite in lus if dite]


def guide(nom: str) -> str:
    """Le guide de codage d'une grille livrée, titres d'un cran plus bas."""
    return re.sub(r"^#", "##", Grille.livree(nom).en_markdown(), flags=re.M)


def commandes() -> str:
    """L'aide de chaque commande, telle que l'outil l'affiche."""
    contexte = click.Context(principal, info_name="monographies", **principal.context_settings)
    aides = {nom: commande.get_help(click.Context(commande, contexte, nom, max_content_width=LARGEUR))
             for nom, commande in sorted(principal.commands.items())}
    return "\n\n".join(f"## {nom} {{ #{nom} }}\n\n```text\n{aide}\n```" for nom, aide in aides.items())


def colonnes(lignes: tuple[tuple[str, str, str], ...]) -> str:
    """Le dictionnaire des colonnes, un tableau par feuille ou par fichier."""
    feuilles: dict[str, list[str]] = {}
    for feuille, colonne, sens in lignes:
        feuilles.setdefault(feuille, []).append(f"| `{colonne}` | {sens.replace('|', chr(92) + '|')} |")
    return "\n\n".join(f"### {feuille}\n\n| colonne | sens |\n| --- | --- |\n" + "\n".join(siennes)
                       for feuille, siennes in feuilles.items())


def carnets() -> str:
    """Les carnets livrés et leur titre."""
    lus = {chemin.name: "".join(json.loads(chemin.read_text(encoding="utf-8"))["cells"][0]["source"]).splitlines()[0]
           for chemin in sorted((RACINE / "notebooks").glob("*.ipynb"))}
    return "| carnet | sujet |\n| --- | --- |\n" + "\n".join(f"| `{nom}` | {titre.lstrip('# ')} |" for nom, titre in lus.items())


@cache
def banc(nom: str) -> Any:
    """Les mesures d'un banc, `bancs/resultats/NOM.json`."""
    return json.loads((RACINE / "bancs" / "resultats" / f"{nom}.json").read_text(encoding="utf-8"))


def releve(nom: str) -> str:
    """Le relevé d'un banc, `bancs/resultats/NOM.md`."""
    return (RACINE / "bancs" / "resultats" / f"{nom}.md").read_text(encoding="utf-8")


def justes(decision: str) -> float:
    """La part de codes justes parmi ceux de la décision « oui » ou « à relire » (relevé de justesse)."""
    ligne = next(ligne for ligne in releve("justesse").splitlines() if ligne.startswith(f"| {decision} |"))
    return float(ligne.split("|")[4].replace(",", "."))


def reglages() -> str:
    """L'exemple d'etude.toml que donne `corpus.reglages`."""
    return dedent((corpus.reglages.__doc__ or "").split("::")[1]).strip()


def reference(paquet: str) -> str:
    """Le tableau des modules d'un paquet."""
    return "| module | sujet |\n| --- | --- |\n" + "\n".join(
        f"| [`{nom}`]({nom.replace('.', '/')}.md) | {dite} |" for nom, dite in modules(paquet))


GABARITS = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
GABARITS.filters |= {"nombre": nombre, "pourcent": pourcent}
GABARITS.globals |= {
    "guide": guide, "commandes": commandes, "carnets": carnets, "banc": banc, "releve": releve, "justes": justes,
    "reglages": reglages, "reference": reference, "PAQUETS": PAQUETS,
    "categories": ", ".join(f"`{categorie}`" for categorie in CATEGORIES), "regles": Regles(), "doute": DOUTE,
    "stable": SEUIL_STABLE, "instable": SEUIL_INSTABLE,
    "colonnes": lambda: colonnes(DICTIONNAIRE), "colonnes_constats": lambda: colonnes(DICTIONNAIRE_CONSTATS),
    "colonnes_textometrie": lambda: colonnes(DICTIONNAIRE_TEXTOMETRIE),
    "colonnes_estimations": lambda: colonnes(DICTIONNAIRE_ESTIMATIONS)}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Range dans le menu une page de référence par module."""
    assert config.nav is not None
    config.nav[-1]["Référence"] += [
        {paquet: [{nom: f"reference/{nom.replace('.', '/')}.md"} for nom, _ in modules(paquet)]} for paquet in PAQUETS]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Ajoute les pages de référence."""
    for paquet in PAQUETS:
        for nom, _ in modules(paquet):
            files.append(File.generated(config, f"reference/{nom.replace('.', '/')}.md", content=f"::: {nom}\n"))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Remplit le gabarit d'une page."""
    return markdown if page.file.generated_by else GABARITS.from_string(markdown).render()


class _Typographie(HTMLParser):
    """Passe le texte courant d'une page par la typographie française ; laisse le code et les balises tels quels."""

    INTACTES = frozenset({"code", "pre", "script", "style"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.morceaux: list[str] = []
        self._intactes = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._intactes += tag in self.INTACTES
        self.morceaux.append(self.get_starttag_text() or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.morceaux.append(self.get_starttag_text() or "")

    def handle_endtag(self, tag: str) -> None:
        self._intactes -= tag in self.INTACTES
        self.morceaux.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self.morceaux.append(data if self._intactes else francais(data))

    def handle_entityref(self, name: str) -> None:
        self.morceaux.append(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.morceaux.append(f"&#{name};")

    def handle_decl(self, decl: str) -> None:
        self.morceaux.append(f"<!{decl}>")

    def handle_comment(self, data: str) -> None:
        self.morceaux.append(f"<!--{data}-->")


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Met les espaces insécables, les guillemets et les apostrophes de toute la page, menus compris."""
    lecteur = _Typographie()
    lecteur.feed(output)
    lecteur.close()
    return "".join(lecteur.morceaux)
