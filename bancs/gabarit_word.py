"""Écrire un gabarit Word de haut en bas : styles, titres, textes, tableaux ordinaires ou aux colonnes libres."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from restitution.archives import figer

BLEU, GRIS, FOND = RGBColor(0x1F, 0x4E, 0x8C), RGBColor(0x45, 0x4F, 0x5B), "E8EEF6"
POLICE = "Arial"
"""LibreOffice a toujours de quoi la rendre à la même chasse (Liberation Sans)."""
PAGE = 16.8
"""Largeur des tableaux, en centimètres."""
DATE = datetime(2022, 1, 1)


class Gabarit:
    """Un gabarit qu'on écrit de haut en bas."""

    def __init__(self, titre: str, pied: str) -> None:
        self.doc: Any = Document()
        section = self.doc.sections[0]
        section.orientation, section.page_width, section.page_height = WD_ORIENT.PORTRAIT, Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2)
        section.top_margin, section.bottom_margin = Cm(2), Cm(1.8)
        self._styles()
        self.doc.add_paragraph(titre, "Title")
        self._pied(section, pied)

    def _styles(self) -> None:
        styles = self.doc.styles
        for style in styles.element.findall(f".//{qn('w:lang')}"):
            for cle in list(style.attrib):
                style.set(cle, "fr-FR")
        normal = styles["Normal"]
        normal.font.name, normal.font.size = POLICE, Pt(10)
        normal.paragraph_format.space_after, normal.paragraph_format.line_spacing = Pt(5), 1.1
        for nom, corps, avant in (("Title", 22, 0), ("Heading 1", 15, 18), ("Heading 2", 12, 11), ("Heading 3", 11, 8)):
            style = styles[nom]
            style.font.name, style.font.size, style.font.bold, style.font.color.rgb = POLICE, Pt(corps), True, BLEU
            fontes = style.element.rPr.rFonts
            for cle in [cle for cle in fontes.attrib if "Theme" in cle]:
                del fontes.attrib[cle]
            style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(avant), Pt(4)
            style.paragraph_format.keep_with_next = True
        bordure = styles["Title"].element.find(f".//{qn('w:pBdr')}")
        if bordure is not None:
            bordure.getparent().remove(bordure)
        for nom, taille, couleur, italique in (
                ("Chapeau", 11, GRIS, False), ("Note", 9, GRIS, False), ("Source", 8.5, GRIS, False),
                ("Figure", 10, None, False),
                ("Citation parlée", 10, None, True), ("Cellule", 8.5, None, False), ("Cellule étroite", 7.5, None, False)):
            style = styles.add_style(nom, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style, style.font.size, style.font.italic = normal, Pt(taille), italique
            if couleur is not None:
                style.font.color.rgb = couleur
            style.paragraph_format.space_after = Pt(2)
        styles["Figure"].paragraph_format.line_spacing, styles["Figure"].paragraph_format.space_after = 1.0, Pt(6)
        for nom in ("Cellule", "Cellule étroite"):
            styles[nom].paragraph_format.space_after, styles[nom].paragraph_format.line_spacing = Pt(0), 1.0
        for nom in ("Citation parlée", "Source"):
            styles[nom].paragraph_format.left_indent = Cm(0.7)
        for nom in ("Citation parlée", "Note"):
            styles[nom].paragraph_format.keep_with_next = True
        styles["Source"].paragraph_format.space_after = Pt(7)

    def _pied(self, section: Any, texte: str) -> None:
        paragraphe = section.footer.paragraphs[0]
        paragraphe.style = self.doc.styles["Note"]
        paragraphe.add_run(f"{texte} — page ")
        for sorte, instruction in (("begin", ""), ("", "PAGE"), ("end", "")):
            element = OxmlElement("w:fldChar" if sorte else "w:instrText")
            if sorte:
                element.set(qn("w:fldCharType"), sorte)
            else:
                element.text = instruction
            paragraphe.add_run()._r.append(element)

    def titre(self, texte: str, niveau: int) -> None:
        self.doc.add_heading(texte, niveau)

    def texte(self, texte: str, style: str = "Normal") -> None:
        """Un paragraphe ; `**…**` y met en gras."""
        paragraphe = self.doc.add_paragraph(style=style)
        for rang, morceau in enumerate(texte.split("**")):
            if morceau:
                paragraphe.add_run(morceau).bold = True if rang % 2 else None

    def puce(self, texte: str) -> None:
        self.texte(texte, "List Bullet")

    def tableau(self, entetes: Sequence[str], boucle: str, cases: Sequence[str], largeurs: Sequence[float],
                nombres: Sequence[int] = ()) -> None:
        """Un en-tête répété d'une page à l'autre, puis une ligne par tour de boucle ; colonnes de nombres au centre."""
        table = self._table(len(entetes), 4, largeurs)
        for colonne, (entete, case) in enumerate(zip(entetes, cases, strict=True)):
            self._case(table.cell(0, colonne), entete, entete=True, centre=colonne in nombres)
            self._case(table.cell(2, colonne), case, centre=colonne in nombres)
        self._case(table.cell(1, 0), f"{{%tr for {boucle} %}}")
        self._case(table.cell(3, 0), "{%tr endfor %}")
        self._apres()

    def tableau_libre(self) -> None:
        """Un `Tableau`, au nombre de colonnes quelconque."""
        largeurs = [PAGE - 3 * 4, 4, 4, 4]
        table = self._table(4, 4, largeurs)
        for rang, balise in enumerate(("{%tc for entete in tableau.entetes %}", "{{ entete }}", "{%tc endfor %}")):
            self._case(table.cell(0, rang), balise, entete=True, style="Cellule étroite")
        self._case(table.cell(1, 0), "{%tr for ligne in tableau.lignes %}")
        self._case(table.cell(2, 0), "{%tc for case in ligne %}")
        self._case(table.cell(2, 1), "{% if case.forte %}**{{ case.texte }}**{% else %}{{ case.texte }}{% endif %}",
                   style="Cellule étroite")
        self._case(table.cell(2, 2), "{%tc endfor %}")
        self._case(table.cell(3, 0), "{%tr endfor %}")
        for rang in (0, 2):
            ligne = table.rows[rang]._tr
            ligne.remove(ligne.tc_lst[3])
        self._apres()

    def fiche(self, lignes: Sequence[tuple[str, str]]) -> None:
        """Un tableau à deux colonnes : intitulé, valeur."""
        table = self._table(2, len(lignes) + 1, (4.8, 12))
        for colonne, texte in enumerate(("Rubrique", "Valeur")):
            self._case(table.cell(0, colonne), texte, entete=True)
        for rang, (nom, valeur) in enumerate(lignes, 1):
            self._case(table.cell(rang, 0), f"**{nom}**")
            self._case(table.cell(rang, 1), valeur)
        self._apres()

    def _table(self, colonnes: int, lignes: int, largeurs: Sequence[float]) -> Any:
        table = self.doc.add_table(lignes, colonnes)
        table.style = "Table Grid"
        proprietes = table._tbl.tblPr
        bords = OxmlElement("w:tblBorders")
        for cote in ("top", "bottom", "insideH"):
            bord = OxmlElement(f"w:{cote}")
            for cle, valeur in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "B8C4D2")):
                bord.set(qn(f"w:{cle}"), valeur)
            bords.append(bord)
        for cote in ("left", "right", "insideV"):
            bord = OxmlElement(f"w:{cote}")
            bord.set(qn("w:val"), "nil")
            bords.append(bord)
        proprietes.append(bords)
        marges = OxmlElement("w:tblCellMar")
        for cote, vide in (("top", 25), ("left", 45), ("bottom", 25), ("right", 45)):
            marge = OxmlElement(f"w:{cote}")
            marge.set(qn("w:w"), str(vide))
            marge.set(qn("w:type"), "dxa")
            marges.append(marge)
        proprietes.append(marges)
        for rang, largeur in enumerate(largeurs):
            table.columns[rang].width = Cm(largeur)
            for cellule in table.columns[rang].cells:
                cellule.width = Cm(largeur)
        entete = table.rows[0]._tr.get_or_add_trPr()
        entete.append(OxmlElement("w:tblHeader"))
        for ligne in table.rows:
            ligne._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        return table

    def _case(self, cellule: Any, texte: str, entete: bool = False, centre: bool = False, style: str = "Cellule") -> None:
        paragraphe = cellule.paragraphs[0]
        paragraphe.style = self.doc.styles[style]
        if centre:
            paragraphe.alignment = WD_ALIGN_PARAGRAPH.CENTER
        for rang, morceau in enumerate(texte.split("**")):
            if morceau:
                fragment = paragraphe.add_run(morceau)
                fragment.bold = True if entete or rang % 2 else None
                if entete:
                    fragment.font.color.rgb = BLEU
        if entete:
            fond = OxmlElement("w:shd")
            for cle, valeur in (("val", "clear"), ("color", "auto"), ("fill", FOND)):
                fond.set(qn(f"w:{cle}"), valeur)
            cellule._tc.get_or_add_tcPr().append(fond)

    def _apres(self) -> None:
        self.texte("", "Note")
        self.doc.paragraphs[-1].paragraph_format.keep_with_next = False

    def ecrire(self, chemin: Path) -> None:
        proprietes = self.doc.core_properties
        proprietes.author, proprietes.language, proprietes.comments = "Monographies", "fr-FR", ""
        proprietes.created = proprietes.modified = DATE
        self.doc.save(chemin)
        chemin.write_bytes(figer(chemin.read_bytes(), DATE))
