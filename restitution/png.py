"""Changer un dessin SVG en image PNG, pour les documents : Word et LibreOffice ne lisent pas tous le SVG.

Ne connaît que ce qu'écrit `restitution.svg` (gabarit `dessin.svg`) : rectangles, lignes brisées, disques, textes d'une
ligne. Le dessin est reporté sur une page PDF, que PDFium (pypdfium2, déjà employé pour lire les transcriptions) met en
points ; ses polices de base évitent d'en demander une à la machine. Elles ne vont pas au-delà de l'alphabet latin
occidental : les autres signes sont remplacés par le plus proche, sinon par « ? ».
"""

from __future__ import annotations

import ctypes
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from lxml import etree

ECHELLE = 2.0
"""Points d'image par pixel du dessin : net à l'impression, léger dans le fichier."""
_ESPACE = "{http://www.w3.org/2000/svg}"
_COURBE = 0.5522847498
"""Où placer les points d'appui d'une courbe de Bézier pour qu'elle suive un quart de cercle."""
_PROCHES = str.maketrans({"\u202f": "\u00a0", "−": "–", "▲": "+", "▼": "–", "●": "•", "χ": "X"})


def en_png(svg: str, echelle: float = ECHELLE) -> tuple[bytes, float, float]:
    """Met un dessin en points.

    Parameters
    ----------
    svg : str
        Un document écrit par `restitution.svg.rendre`.
    echelle : float
        Points d'image par pixel du dessin.

    Returns
    -------
    octets : bytes
        Un fichier PNG. Même dessin, mêmes octets.
    largeur, hauteur : float
        Dimensions du dessin, en pixels.

    Raises
    ------
    ValueError
        Ce n'est pas un dessin de `restitution.svg`.
    """
    try:
        racine = etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
        largeur, hauteur = (float(racine.get(cote)) for cote in ("width", "height"))
    except (etree.XMLSyntaxError, TypeError, ValueError) as erreur:
        raise ValueError(f"dessin illisible : {erreur}") from erreur
    document = pypdfium2.PdfDocument.new()
    try:
        page = document.new_page(largeur, hauteur)
        feuille = _Feuille(document, page, hauteur)
        for element in racine:
            tracer = _TRACES.get(etree.QName(element).localname)
            if tracer is not None:
                tracer(feuille, element)
        page.gen_content()
        points = page.render(scale=echelle).to_numpy()[..., 2::-1]  # PDFium range bleu, vert, rouge
        return _ecrire_png(points), largeur, hauteur
    finally:
        document.close()


def textes_de_remplacement(svg: str) -> tuple[str, str]:
    """Le titre et la description d'un dessin : ce qu'en lit qui ne le voit pas."""
    racine = etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    return str(racine.findtext(f"{_ESPACE}title", "")), str(racine.findtext(f"{_ESPACE}desc", ""))


class _Feuille:
    """La page sur laquelle on reporte le dessin ; le PDF compte vers le haut, le SVG vers le bas."""

    def __init__(self, document: Any, page: Any, hauteur: float) -> None:
        self._document, self._page, self._hauteur = document, page, hauteur
        self._polices = {gras: pdfium.FPDFText_LoadStandardFont(document, nom)
                         for gras, nom in ((False, b"Helvetica"), (True, b"Helvetica-Bold"))}

    def y(self, valeur: float) -> float:
        return self._hauteur - valeur

    def poser(self, objet: Any) -> None:
        pdfium.FPDFPage_InsertObject(self._page, objet)

    def texte(self, element: Any) -> None:
        """Un texte, calé sur sa chasse vraie ; un halo est le même texte, d'abord en gros trait de la couleur du fond."""
        dit = _lisible("".join(element.xpath("text()")))
        if not dit.strip():
            return
        taille, gras = _nombre(element, "font-size"), element.get("font-weight") == "bold"
        for trait in ([element.get("stroke")] if element.get("stroke") else []) + [""]:
            objet = pdfium.FPDFPageObj_CreateTextObj(self._document, self._polices[gras], taille)
            pdfium.FPDFText_SetText(objet, _utf16(dit))
            recul = {"middle": 0.5, "end": 1.0}.get(element.get("text-anchor", ""), 0.0) * self._chasse(dit, gras, taille)
            if trait:
                pdfium.FPDFTextObj_SetTextRenderMode(objet, pdfium.FPDF_TEXTRENDERMODE_STROKE)
                pdfium.FPDFPageObj_SetStrokeColor(objet, *_couleur(trait), 255)
                pdfium.FPDFPageObj_SetStrokeWidth(objet, _nombre(element, "stroke-width"))
            pdfium.FPDFPageObj_SetFillColor(objet, *_couleur(element.get("fill")), 255)
            pdfium.FPDFPageObj_Transform(objet, 1, 0, 0, 1, _nombre(element, "x") - recul, self.y(_nombre(element, "y")))
            self.poser(objet)

    def _chasse(self, dit: str, gras: bool, taille: float) -> float:
        total, large = 0.0, ctypes.c_float()
        for signe in dit:
            if pdfium.FPDFFont_GetGlyphWidth(self._polices[gras], ord(signe), taille, ctypes.byref(large)):
                total += large.value
        return total

    def rectangle(self, element: Any) -> None:
        x, y, large, haut = (_nombre(element, cle) for cle in ("x", "y", "width", "height"))
        objet = pdfium.FPDFPageObj_CreateNewRect(x, self.y(y + haut), large, haut)
        self._remplir(objet, element)

    def disque(self, element: Any) -> None:
        x, y, r = (_nombre(element, cle) for cle in ("cx", "cy", "r"))
        y, appui = self.y(y), _COURBE * r
        objet = pdfium.FPDFPageObj_CreateNewPath(x + r, y)
        for a, b in ((1, 0), (0, 1), (-1, 0), (0, -1)):  # quatre quarts de tour, de (a, b) à (-b, a)
            pdfium.FPDFPath_BezierTo(objet, x + a * r - b * appui, y + b * r + a * appui,
                                     x - b * r + a * appui, y + a * r + b * appui, x - b * r, y + a * r)
        pdfium.FPDFPath_Close(objet)
        self._remplir(objet, element)

    def trait(self, element: Any) -> None:
        points = [tuple(map(float, point.split(","))) for point in element.get("points", "").split()]
        if not points:
            return
        objet = pdfium.FPDFPageObj_CreateNewPath(points[0][0], self.y(points[0][1]))
        for x, y in points[1:]:
            pdfium.FPDFPath_LineTo(objet, x, self.y(y))
        pdfium.FPDFPageObj_SetStrokeColor(objet, *_couleur(element.get("stroke")), 255)
        pdfium.FPDFPageObj_SetStrokeWidth(objet, _nombre(element, "stroke-width"))
        if tirets := [float(longueur) for longueur in element.get("stroke-dasharray", "").split()]:
            pdfium.FPDFPageObj_SetDashArray(objet, (ctypes.c_float * len(tirets))(*tirets), len(tirets), 0.0)
        pdfium.FPDFPath_SetDrawMode(objet, pdfium.FPDF_FILLMODE_NONE, True)
        self.poser(objet)

    def _remplir(self, objet: Any, element: Any) -> None:
        pdfium.FPDFPageObj_SetFillColor(objet, *_couleur(element.get("fill")), 255)
        pdfium.FPDFPath_SetDrawMode(objet, pdfium.FPDF_FILLMODE_WINDING, False)
        self.poser(objet)


_TRACES: dict[str, Callable[[_Feuille, Any], None]] = {
    "text": _Feuille.texte, "rect": _Feuille.rectangle, "circle": _Feuille.disque, "polyline": _Feuille.trait}


def _nombre(element: Any, cle: str) -> float:
    return float(element.get(cle, "0"))


def _couleur(dite: str | None) -> tuple[int, int, int]:
    trouvee = re.fullmatch(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})", dite or "")
    if trouvee is None:
        raise ValueError(f"couleur « {dite} » : il faut #rrvvbb")
    rouge, vert, bleu = (int(ton, 16) for ton in trouvee.groups())
    return rouge, vert, bleu


def _lisible(texte: str) -> str:
    """Le texte, réduit aux signes que les polices de base du PDF savent dessiner (Windows-1252)."""
    def proche(signe: str) -> str:
        for candidat in (signe, unicodedata.normalize("NFKD", signe)[:1]):
            try:
                candidat.encode("cp1252")
            except UnicodeEncodeError:
                continue
            return candidat
        return "?"

    return "".join(map(proche, unicodedata.normalize("NFC", texte).translate(_PROCHES)))


def _utf16(texte: str) -> Any:
    octets = texte.encode("utf-16-le") + b"\0\0"
    return ctypes.cast(ctypes.create_string_buffer(octets, len(octets)), ctypes.POINTER(ctypes.c_ushort))


def _ecrire_png(points: np.ndarray[Any, Any]) -> bytes:
    """Un PNG (ISO 15948) de points rouge, vert, bleu : en-tête, lignes sans filtre comprimées, fin."""
    haut, large = points.shape[:2]
    lignes = np.zeros((haut, 1 + 3 * large), dtype=np.uint8)
    lignes[:, 1:] = points.reshape(haut, -1)

    def morceau(nom: bytes, contenu: bytes) -> bytes:
        return struct.pack(">I", len(contenu)) + nom + contenu + struct.pack(">I", zlib.crc32(nom + contenu))

    entete = struct.pack(">IIBBBBB", large, haut, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + morceau(b"IHDR", entete) + morceau(b"IDAT", zlib.compress(lignes.tobytes(), 9)) \
        + morceau(b"IEND", b"")
