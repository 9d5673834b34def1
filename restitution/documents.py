"""Écrire les monographies et la synthèse, en .docx et en .odt, d'après des gabarits que l'utilisateur peut changer.

Un gabarit est un document ordinaire, à balises Jinja. Celui de l'étude (`gabarits/monographie.docx`…) passe avant
celui livré. Ses expressions s'exécutent dans le bac à sable de Jinja : un dossier d'étude reçu d'ailleurs ne peut
rien faire d'autre que mettre en page.
"""

from __future__ import annotations

import difflib
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError, meta
from jinja2.sandbox import SandboxedEnvironment
from lxml import etree

from corpus.cache import ecriture_atomique
from corpus.fautes import ErreurEtude, Faute
from corpus.pseudonymes import lire_pseudonymes
from restitution.archives import figer, instant
from restitution.contexte import fiches_des_territoires
from restitution.donnees import DonneesRapport
from restitution.feuilles import texte_sur
from restitution.gabarits_odt import rendre as rendre_odt
from restitution.gabarits_odt import sources as sources_odt
from restitution.monographies import contexte_monographie
from restitution.opendocument import description
from restitution.synthese import contexte_synthese
from restitution.typographie import compte, date_en_clair, francais, nombre, pourcent
from restitution.verbatims import Citations

LIVRES = Path(__file__).parent / "gabarits"
DOSSIER = "gabarits"
_COMMUNES = {"etude", "profil", "groupes", "convergences", "divergences", "isolees", "regards", "themes", "figure_themes",
             "complements", "limites", "provenance"}
VARIABLES: dict[str, set[str]] = {
    "monographie": _COMMUNES | {"territoire"},
    "synthese": _COMMUNES | {"territoires", "bilans", "retenus", "matrices", "comparaisons"},
}
"""Les variables de chaque document."""
FORMATS = ("docx", "odt")


def _jinja() -> SandboxedEnvironment:
    jinja = SandboxedEnvironment(autoescape=True, undefined=StrictUndefined,
                                 finalize=lambda valeur: texte_sur(valeur) if isinstance(valeur, str) else valeur)
    jinja.filters |= {"nombre": nombre, "pourcent": pourcent, "compte": compte, "date": date_en_clair}
    return jinja


@dataclass(frozen=True)
class Gabarit:
    """Un gabarit et le nom sous lequel on le montre.

    Attributes
    ----------
    modele : str
        `monographie` ou `synthese`.
    format : str
        `docx` ou `odt`.
    nom : str
    chemin : Path
    """

    modele: str
    format: str
    nom: str
    chemin: Path

    @cached_property
    def octets(self) -> bytes:
        return self.chemin.read_bytes()

    def controler(self) -> list[Faute]:
        """Les fautes qui se voient sans données : fichier illisible, balise mal écrite, variable inconnue."""
        try:
            with self._fautes():
                jinja = _jinja()
                if self.format == "docx":
                    from restitution.gabarits_docx import variables

                    employees = variables(self.octets, jinja)
                else:
                    employees = set().union(*(meta.find_undeclared_variables(jinja.parse(source))
                                              for source in sources_odt(self.octets).values()))
        except ErreurEtude as erreur:
            return list(erreur.fautes)
        connues = VARIABLES[self.modele]
        return [self._inconnue(variable) for variable in sorted(employees - connues)]

    def remplir(self, contexte: Mapping[str, Any], titre: str, date: datetime, retoucher: Callable[[str], str]) -> bytes:
        """Le document rempli.

        Parameters
        ----------
        contexte : Mapping[str, Any]
        titre : str
            Titre du document, dans ses propriétés.
        date : datetime
        retoucher : callable
            Reçoit et rend chaque morceau de texte.

        Returns
        -------
        bytes

        Raises
        ------
        ErreurEtude
            Le gabarit est fautif.
        """
        with self._fautes():
            if self.format == "odt":
                pieces = rendre_odt(self.octets, contexte, _jinja(), retoucher) | {"meta.xml": description(titre, date)}
                return figer(self.octets, date, lambda nom, octets: pieces.get(nom, octets), pieces)
            from restitution.gabarits_docx import rendre as rendre_docx

            return rendre_docx(self.octets, contexte, _jinja(), retoucher, titre, date)

    @contextmanager
    def _fautes(self) -> Iterator[None]:
        """Dit en français ce qui ne va pas dans un gabarit ; il est écrit par d'autres et peut fauter de toutes façons."""
        try:
            yield
        except (zipfile.BadZipFile, KeyError, OSError, ValueError, etree.XMLSyntaxError) as erreur:
            if isinstance(erreur, etree.XMLSyntaxError):
                raise ErreurEtude([Faute(self.nom, 0, f"une balise coupe un paragraphe ou un tableau en deux ({erreur.msg})",
                                         "mettez {% if %}, {% for %} et leur fin dans le même paragraphe, ou {%p … %} seul dans "
                                         "le sien, {%tr … %} seul dans sa ligne")]) from erreur
            raise ErreurEtude([Faute(
                self.nom, 0, f"ce n'est pas un document .{self.format} lisible ({erreur})",
                "repartez du gabarit livré (restitution/gabarits) et enregistrez-le dans ce format")]) from erreur
        except UndefinedError as erreur:
            manquante = re.search(r"'([^']+)' is undefined|attribute '([^']+)'", str(erreur))
            raise ErreurEtude([self._inconnue(next(filter(None, manquante.groups())) if manquante else str(erreur))]) from erreur
        except TemplateSyntaxError as erreur:
            lieu = _alentours(erreur)
            raise ErreurEtude([Faute(self.nom, 0, f"balise mal écrite{lieu} ({erreur.message})",
                                     "chaque {% for %} et {% if %} se ferme par {% endfor %} ou {% endif %}, de la même sorte "
                                     "(p, tr, tc)")]) from erreur
        except (TemplateError, TypeError, ArithmeticError, AttributeError, LookupError) as erreur:
            raise ErreurEtude([Faute(self.nom, 0, f"une expression ne peut pas être calculée ({erreur})",
                                     "corrigez-la d'après restitution/gabarits/LISEZMOI.md")]) from erreur

    def _inconnue(self, variable: str) -> Faute:
        connues = VARIABLES[self.modele]
        proche = difflib.get_close_matches(variable, connues, n=1)
        return Faute(self.nom, 0, f"variable inconnue « {variable} »",
                     f"vouliez-vous dire « {proche[0]} » ?" if proche else
                     f"variables : {', '.join(sorted(connues))} (restitution/gabarits/LISEZMOI.md dit ce qu'elles contiennent)")


def _alentours(erreur: TemplateSyntaxError) -> str:
    """La ligne fautive, débarrassée de son XML, quand on la connaît."""
    lignes = (erreur.source or "").splitlines()
    if not 0 < erreur.lineno <= len(lignes):
        return ""
    balises = re.findall(r"\{[{%#][^{}]*[}%#]\}", lignes[erreur.lineno - 1])
    return f", près de « {balises[0]} »" if len(balises) == 1 else ""


def gabarits_de(dossier: Path) -> dict[tuple[str, str], Gabarit]:
    """Les gabarits d'une étude, par (modèle, format) : les siens, sinon ceux livrés."""
    trouves = {}
    for modele in VARIABLES:
        for format_ in FORMATS:
            nom = f"{DOSSIER}/{modele}.{format_}"
            sien = (dossier / nom).is_file()
            trouves[modele, format_] = Gabarit(modele, format_, nom if sien else f"restitution/{nom}",
                                               (dossier if sien else LIVRES.parent) / nom)
    return trouves


def controler_gabarits(dossier: Path) -> list[Faute]:
    """Contrôle les gabarits propres à une étude.

    Parameters
    ----------
    dossier : Path

    Returns
    -------
    list[Faute]
        Toutes leurs fautes ; aucune si l'étude n'a pas de gabarits.
    """
    siens = sorted((dossier / DOSSIER).glob("*")) if (dossier / DOSSIER).is_dir() else []
    attendus = {f"{modele}.{format_}" for modele in VARIABLES for format_ in FORMATS}
    fautes = [Faute(f"{DOSSIER}/{fichier.name}", 0, "gabarit inconnu", f"noms admis : {', '.join(sorted(attendus))}")
              for fichier in siens if fichier.suffix in (".docx", ".odt") and fichier.name not in attendus
              and fichier.name[0] not in ".~"]
    presents = {fichier.name for fichier in siens}
    return fautes + [faute for gabarit in gabarits_de(dossier).values() if gabarit.chemin.name in presents
                     for faute in gabarit.controler()]


def ecrire_documents(resultats: Path, donnees: DonneesRapport, dossier: Path) -> list[Path]:
    """Écrit `monographies/<territoire>.docx` et `.odt`, `synthese.docx` et `.odt`.

    Parameters
    ----------
    resultats : Path
        Où écrire.
    donnees : DonneesRapport
    dossier : Path
        Le dossier d'étude : ses gabarits et ses pseudonymes.

    Returns
    -------
    list[Path]
        Les fichiers écrits, chacun en une fois. Mêmes données, mêmes gabarits, mêmes octets.

    Raises
    ------
    ErreurEtude
        Gabarit ou table de pseudonymes fautifs.
    """
    pseudonymes = lire_pseudonymes(dossier)
    citations, gabarits = Citations(donnees, pseudonymes), gabarits_de(dossier)
    date = instant(str(donnees.execution["date"]))
    ecrits = []

    def retoucher(texte: str) -> str:
        return francais(pseudonymes.appliquer(texte))

    def ecrire(modele: str, chemin: Path, contexte: dict[str, Any], titre: str) -> None:
        for format_ in FORMATS:
            octets = gabarits[modele, format_].remplir(
                contexte, texte_sur(pseudonymes.appliquer(titre)), date, retoucher)
            complet = chemin.with_name(f"{chemin.name}.{format_}")
            with ecriture_atomique(complet) as provisoire:
                provisoire.write_bytes(octets)
            ecrits.append(complet)

    fiches = fiches_des_territoires(donnees)
    for fiche, nom in zip(fiches, _noms_de_fichiers([fiche["territoire"] for fiche in fiches]), strict=True):
        ecrire("monographie", resultats / "monographies" / nom,
               contexte_monographie(donnees, fiche["territoire"], citations, bool(pseudonymes), retoucher),
               f"{fiche['nom']} : monographie")
    ecrire("synthese", resultats / "synthese", contexte_synthese(donnees, citations, bool(pseudonymes), retoucher),
           f"{donnees.titre} : synthèse")
    return ecrits


def _noms_de_fichiers(territoires: Sequence[str]) -> list[str]:
    """Un nom par territoire, que tous les systèmes admettent, même ceux qui confondent majuscules et minuscules."""
    noms: list[str] = []
    for territoire in territoires:
        nom = base = re.sub(r"[^\w.-]+", "_", territoire).strip(". ") or "_"
        pris = {autre.casefold() for autre in noms}
        rang = 1
        while nom.casefold() in pris:
            rang += 1
            nom = f"{base}-{rang}"
        noms.append(nom)
    return noms
