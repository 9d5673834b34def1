"""Des gabarits Word à balises Jinja, remplis par docxtpl."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from docx.oxml.ns import qn
from docx.shared import Cm
from docxtpl import DocxTemplate
from jinja2 import Environment
from lxml import etree
from markupsafe import Markup

from restitution.archives import figer
from restitution.colonnes import largeurs_libres, longueurs_moyennes
from restitution.figures import Figure

_TEXTES = re.compile(r"word/(document|header\d*|footer\d*|footnotes|endnotes)\.xml")
_LIBRE = "colonnes libres"


def variables(gabarit: bytes, jinja: Environment) -> set[str]:
    """Les variables qu'un gabarit emploie ; mêmes erreurs que `rendre`."""
    employees: set[str] = DocxTemplate(io.BytesIO(gabarit)).get_undeclared_template_variables(jinja)
    return employees


def rendre(gabarit: bytes, contexte: Mapping[str, Any], jinja: Environment, retoucher: Callable[[str], str], titre: str,
           date: datetime) -> bytes:
    """Remplit un gabarit.

    Parameters
    ----------
    gabarit : bytes
    contexte : Mapping[str, Any]
        Une `Figure` y devient une image, et son texte de remplacement.
    jinja : Environment
        Échappe le XML (`autoescape`).
    retoucher : callable
        Reçoit et rend chaque morceau de texte du document rempli.
    titre : str
    date : datetime
        Celle des propriétés et du zip.

    Returns
    -------
    bytes

    Raises
    ------
    jinja2.TemplateError
        Balise fautive.
    """
    modele = DocxTemplate(io.BytesIO(gabarit))
    modele.init_docx()
    for table in modele.docx.element.body.iter(qn("w:tbl")):
        # docxtpl donne la même largeur à toutes les colonnes d'une table qu'il élargit : on saura laquelle reprendre.
        if "{%tc" in "".join(table.itertext()):
            etree.SubElement(table.tblPr, qn("w:tblCaption")).set(qn("w:val"), _LIBRE)
    ecrire = jinja.finalize or (lambda valeur: valeur)
    jinja.finalize = lambda valeur: _image(modele, valeur) if isinstance(valeur, Figure) else ecrire(valeur)
    modele.render(dict(contexte), jinja)
    proprietes = modele.docx.core_properties
    proprietes.title, proprietes.language, proprietes.revision = titre[:255], "fr-FR", 1
    proprietes.author = proprietes.last_modified_by = "Monographies"
    proprietes.created = proprietes.modified = date
    sortie = io.BytesIO()
    modele.save(sortie)
    return figer(sortie.getvalue(), date, lambda nom, octets: _retoucher(octets, retoucher) if _TEXTES.fullmatch(nom) else octets)


def _image(modele: DocxTemplate, figure: Figure) -> Markup:
    """L'image dans le texte (le fragment en cours est coupé, puis repris), à la façon de `docxtpl.InlineImage`."""
    image = modele.current_rendering_part.new_pic_inline(io.BytesIO(figure.png), Cm(figure.largeur), Cm(figure.hauteur))
    image.docPr.set("name", "Figure")
    image.docPr.set("title", figure.titre)
    image.docPr.set("descr", f"{figure.titre}. {figure.description}")
    return Markup(f'</w:t></w:r><w:r><w:drawing>{image.xml}</w:drawing></w:r><w:r><w:t xml:space="preserve">')


def _retoucher(octets: bytes, retoucher: Callable[[str], str]) -> bytes:
    racine = etree.fromstring(octets)
    for noeud in racine.iter(qn("w:t")):
        noeud.text = retoucher(noeud.text or "")
    for marque in list(racine.iter(qn("w:tblCaption"))):
        if marque.get(qn("w:val")) == _LIBRE:
            proprietes = marque.getparent()
            proprietes.remove(marque)
            _elargir(proprietes.getparent())
    retouches: bytes = etree.tostring(racine, xml_declaration=True, encoding="UTF-8", standalone=True)
    return retouches


def _elargir(table: Any) -> None:
    """Répartit la largeur d'une table aux colonnes libres."""
    colonnes = table.find(qn("w:tblGrid")).findall(qn("w:gridCol"))
    lignes = [["".join(cellule.itertext()) for cellule in ligne.findall(qn("w:tc"))] for ligne in table.iter(qn("w:tr"))]
    total = sum(int(float(colonne.get(qn("w:w"), 0))) for colonne in colonnes)
    largeurs = largeurs_libres(total, len(colonnes), longueurs_moyennes(lignes[1:]))
    for colonne, largeur in zip(colonnes, largeurs, strict=True):
        colonne.set(qn("w:w"), str(int(largeur)))
    for ligne in table.iter(qn("w:tr")):
        for cellule, largeur in zip(ligne.findall(qn("w:tc")), largeurs, strict=False):
            voulue = cellule.find(f"{qn('w:tcPr')}/{qn('w:tcW')}")
            if voulue is not None:
                voulue.set(qn("w:w"), str(int(largeur)))
