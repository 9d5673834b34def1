"""Des gabarits OpenDocument à balises Jinja, dans la syntaxe de docxtpl : un seul langage pour Word et LibreOffice.

`{{ … }}` et `{% … %}` s'écrivent dans le texte. `{%p … %}`, `{%tr … %}` et `{%tc … %}` emportent le paragraphe, la
ligne de tableau ou la cellule où ils sont écrits : c'est ainsi qu'on répète l'un d'eux. secretary, qui faisait de
même, n'est plus tenue depuis 2019 ; relatorio l'est, mais demande une autre syntaxe (Genshi).
"""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Mapping
from html import unescape
from typing import Any

from jinja2 import Environment
from lxml import etree
from markupsafe import Markup, escape

from restitution.colonnes import largeurs_libres, longueurs_moyennes
from restitution.figures import Figure
from restitution.opendocument import ESPACES

PIECES = ("content.xml", "styles.xml")
MANIFESTE = "META-INF/manifest.xml"
_TEXTE, _TABLE, _STYLE, _BUREAU = (f"{{{ESPACES[nom]}}}" for nom in ("text", "table", "style", "office"))
_PARAGRAPHES = (f"{_TEXTE}p", f"{_TEXTE}h")
_PORTEURS = {"p": _PARAGRAPHES, "tr": (f"{_TABLE}table-row",), "tc": (f"{_TABLE}table-cell",)}
_DESSIN = f"{{{ESPACES['svg']}}}"
_BALISE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}|\{#.*?#\}", re.DOTALL)
_PORTEUSE = re.compile(r"\{%(-?)\s*(p|tr|tc)\s+(.*?)\s*(-?)%\}", re.DOTALL)
_ID = "{http://www.w3.org/XML/1998/namespace}id"
_LIBRE = "colonnes-libres"
_FIGURE, _NOM = "Figure", f"{{{ESPACES['draw']}}}name"
_REDRESSES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "})


def sources(gabarit: bytes) -> dict[str, str]:
    """Le texte Jinja de chaque pièce d'un gabarit.

    Parameters
    ----------
    gabarit : bytes
        Un fichier .odt.

    Returns
    -------
    dict[str, str]
        Pièce → source Jinja.

    Raises
    ------
    zipfile.BadZipFile, KeyError, lxml.etree.XMLSyntaxError
        Ce n'est pas un .odt.
    """
    with zipfile.ZipFile(io.BytesIO(gabarit)) as archive:
        return {piece: _source(archive.read(piece)) for piece in PIECES}


def rendre(gabarit: bytes, contexte: Mapping[str, Any], jinja: Environment, retoucher: Callable[[str], str]) -> dict[str, bytes]:
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

    Returns
    -------
    dict[str, bytes]
        Les pièces à mettre à la place de celles du gabarit, et les images à y ajouter.

    Raises
    ------
    jinja2.TemplateError, lxml.etree.XMLSyntaxError
        Balise fautive, ou qui coupe un élément en deux.
    """
    rendues: dict[str, bytes] = {}
    images: dict[str, bytes] = {}
    ecrire = jinja.finalize or (lambda valeur: valeur)
    jinja.finalize = lambda valeur: _image(images, valeur) if isinstance(valeur, Figure) else ecrire(valeur)
    for piece, source in sources(gabarit).items():
        racine = etree.fromstring(jinja.from_string(source).render(contexte).encode())
        for paragraphe in racine.iter(*_PARAGRAPHES):
            for noeud, ou in _morceaux(paragraphe):
                setattr(noeud, ou, retoucher(getattr(noeud, ou)))
        for rang, table in enumerate(racine.iter(f"{_TABLE}table")):
            if table.attrib.pop(_LIBRE, ""):
                _elargir(racine, table, f"libre{rang}")
        for rang, cadre in enumerate(racine.iter(f"{{{ESPACES['draw']}}}frame"), 1):
            if cadre.get(_NOM) == _FIGURE:
                cadre.set(_NOM, f"{_FIGURE} {rang}")
        rendues[piece] = etree.tostring(racine, xml_declaration=True, encoding="UTF-8")
    if images:
        rendues |= images | {MANIFESTE: _declarer(gabarit, images)}
    return rendues


def _image(images: dict[str, bytes], figure: Figure) -> Markup:
    """Le cadre d'une figure (OpenDocument 1.3, partie 3, § 10.4) ; l'image est mise de côté."""
    nom = f"Pictures/{hashlib.sha256(figure.png).hexdigest()[:20]}.png"
    images[nom] = figure.png
    noms = " ".join(f'xmlns:{prefixe}="{ESPACES[prefixe]}"' for prefixe in ("draw", "text", "svg", "xlink"))
    return Markup(
        f'<draw:frame {noms} draw:name="{_FIGURE}" text:anchor-type="as-char" svg:width="{figure.largeur}cm" '
        f'svg:height="{figure.hauteur}cm"><draw:image xlink:href="{nom}" xlink:type="simple" xlink:show="embed" '
        f'xlink:actuate="onLoad"/><svg:title>{escape(figure.titre)}</svg:title>'
        f"<svg:desc>{escape(figure.description)}</svg:desc></draw:frame>")


def _declarer(gabarit: bytes, images: Mapping[str, bytes]) -> bytes:
    """Le manifeste du gabarit, ses images en plus."""
    with zipfile.ZipFile(io.BytesIO(gabarit)) as archive:
        racine = etree.fromstring(archive.read(MANIFESTE))
    espace = f"{{{ESPACES['manifest']}}}"
    for nom in images:
        etree.SubElement(racine, f"{espace}file-entry", {f"{espace}full-path": nom, f"{espace}media-type": "image/png"})
    declare: bytes = etree.tostring(racine, xml_declaration=True, encoding="UTF-8")
    return declare


def _source(xml: bytes) -> str:
    racine = etree.fromstring(xml, etree.XMLParser(resolve_entities=False, no_network=True))
    for element in racine.iter("*"):
        for unique in (_ID, f"{_TEXTE}continue-list"):
            element.attrib.pop(unique, None)  # répété par une boucle, un identifiant ne serait plus unique
    for paragraphe in list(racine.iter(*_PARAGRAPHES)):
        _recoller(paragraphe)
    for sorte, noms in _PORTEURS.items():
        for element in list(racine.iter(*noms)):
            porteuse = next((trouve for trouve in _PORTEUSE.finditer("".join(element.itertext())) if trouve[2] == sorte), None)
            if porteuse is not None:
                if sorte == "tc":
                    next(element.iterancestors(f"{_TABLE}table")).set(_LIBRE, "oui")
                _remplacer(element, f"{{%{porteuse[1]} {porteuse[3]} {porteuse[4]}%}}")
    return _BALISE.sub(lambda balise: unescape(balise[0]), etree.tostring(racine, encoding="unicode"))


def _morceaux(element: Any) -> list[tuple[Any, str]]:
    """Les textes d'un paragraphe dans l'ordre où on les lit : (nœud, « text » ou « tail »)."""
    trouves = [(element, "text")] if element.text else []
    for enfant in element:
        # Un texte de remplacement est déjà retouché ; un paragraphe l'est pour son compte.
        trouves += _morceaux(enfant) if enfant.tag not in _PARAGRAPHES and not str(enfant.tag).startswith(_DESSIN) else []
        trouves += [(enfant, "tail")] if enfant.tail else []
    return trouves


def _recoller(paragraphe: Any) -> None:
    """Rassemble chaque balise que la mise en forme a coupée, dans le morceau où elle commence."""
    morceaux = _morceaux(paragraphe)
    textes = [getattr(noeud, ou) for noeud, ou in morceaux]
    bornes = [0]
    for texte in textes:
        bornes.append(bornes[-1] + len(texte))
    for balise in reversed(list(_BALISE.finditer("".join(textes)))):
        premier = max(rang for rang in range(len(textes)) if bornes[rang] <= balise.start())
        dernier = max(rang for rang in range(len(textes)) if bornes[rang] < balise.end())
        debut, fin = balise.start() - bornes[premier], balise.end() - bornes[dernier]
        reste = textes[dernier][fin:]
        textes[premier] = textes[premier][:debut] + balise[0].translate(_REDRESSES) + (reste if premier == dernier else "")
        for rang in range(premier + 1, dernier + 1):
            textes[rang] = reste if rang == dernier else ""
    for (noeud, ou), texte in zip(morceaux, textes, strict=True):
        setattr(noeud, ou, texte)


def _remplacer(element: Any, texte: str) -> None:
    """Met un texte à la place d'un élément."""
    parent, avant = element.getparent(), element.getprevious()
    texte += element.tail or ""
    if avant is not None:
        avant.tail = (avant.tail or "") + texte
    else:
        parent.text = (parent.text or "") + texte
    parent.remove(element)


def _elargir(racine: Any, table: Any, nom: str) -> None:
    """Déclare autant de colonnes que les lignes ont de cellules, et répartit entre elles la largeur de la table."""
    lignes = [["".join(cellule.itertext()) for cellule in ligne.findall(f"{_TABLE}table-cell")]
              for ligne in table.iter(f"{_TABLE}table-row")]
    nombre = len(lignes[0])
    styles = racine.find(f"{_BUREAU}automatic-styles")
    sien = next((style for style in styles if style.get(f"{_STYLE}name") == table.get(f"{_TABLE}style-name")), None)
    trouvee = re.fullmatch(r"([\d.]+)(\w+)", "" if sien is None or not len(sien) else sien[0].get(f"{_STYLE}width", ""))
    total, unite = (float(trouvee[1]), trouvee[2]) if trouvee else (17.0, "cm")
    for colonne in list(table.iter(f"{_TABLE}table-column")):
        colonne.getparent().remove(colonne)
    for rang, largeur in reversed(list(enumerate(largeurs_libres(total, nombre, longueurs_moyennes(lignes[1:]))))):
        style = etree.SubElement(styles, f"{_STYLE}style", {f"{_STYLE}name": f"{nom}.{rang}", f"{_STYLE}family": "table-column"})
        etree.SubElement(style, f"{_STYLE}table-column-properties", {f"{_STYLE}column-width": f"{largeur:.3f}{unite}"})
        table.insert(0, etree.Element(f"{_TABLE}table-column", {f"{_TABLE}style-name": f"{nom}.{rang}"}))
