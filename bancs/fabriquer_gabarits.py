"""Fabriquer les gabarits livrés : monographie et synthèse, en .docx, puis convertis en .odt par LibreOffice.

    python -m bancs.fabriquer_gabarits [--sortie restitution/gabarits]

Demande `soffice`. Les gabarits sont des documents ordinaires : on peut aussi les retoucher dans Word ou LibreOffice.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
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
from restitution.documents import LIVRES
from restitution.opendocument import description

BLEU, GRIS, FOND = RGBColor(0x1F, 0x4E, 0x8C), RGBColor(0x45, 0x4F, 0x5B), "E8EEF6"
POLICE = "Arial"
"""LibreOffice a toujours de quoi la rendre à la même chasse (Liberation Sans)."""
PAGE = 16.8
"""Largeur des tableaux, en centimètres."""
_DATE = datetime(2022, 1, 1)


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
                ("Citation parlée", 10, None, True), ("Cellule", 8.5, None, False), ("Cellule étroite", 7.5, None, False)):
            style = styles.add_style(nom, WD_STYLE_TYPE.PARAGRAPH)
            style.base_style, style.font.size, style.font.italic = normal, Pt(taille), italique
            if couleur is not None:
                style.font.color.rgb = couleur
            style.paragraph_format.space_after = Pt(2)
        for nom in ("Cellule", "Cellule étroite"):
            styles[nom].paragraph_format.space_after, styles[nom].paragraph_format.line_spacing = Pt(0), 1.0
        for nom in ("Citation parlée", "Source"):
            styles[nom].paragraph_format.left_indent = Cm(0.7)
        styles["Citation parlée"].paragraph_format.keep_with_next = True
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

    def ecrire(self, chemin: Path) -> None:
        proprietes = self.doc.core_properties
        proprietes.author, proprietes.language, proprietes.comments = "Monographies", "fr-FR", ""
        proprietes.created = proprietes.modified = _DATE
        self.doc.save(chemin)
        chemin.write_bytes(figer(chemin.read_bytes(), _DATE))


def _groupes(gabarit: Gabarit, ou: str) -> None:
    """Les codes genre par genre : tableau, puis codes en tête et verbatims."""
    gabarit.texte("{%p for groupe in groupes %}")
    gabarit.titre("{{ groupe.intitule }}", 1)
    gabarit.texte("Nombre d’entretiens qui l’affirment, le nient ou ne font que le souhaiter ou le craindre, sur "
                  "{{ profil.entretiens }} menés. Un même entretien peut faire les deux.", "Note")
    gabarit.tableau(
        ("Code", "Intitulé", "Présent", "Absent", "Hypothétique", "Catégories", "Ce qu’on peut en dire"),
        "constat in groupe.constats",
        ("{{ constat.code }}", "{{ constat.intitule }}", "{{ constat.presente }}", "{{ constat.absente }}",
         "{{ constat.hypothetique }}", "{{ constat.positions | length }}", "{{ constat.avis_en_clair }}"),
        (1.2, 4.9, 1.6, 1.5, 2.2, 2, 3.4), (2, 3, 4, 5))
    gabarit.texte("{%p for constat, verbatims in groupe.developpes %}")
    gabarit.titre("{{ constat.intitule }} ({{ constat.code }})", 2)
    gabarit.texte(f"**{{{{ constat.avis_en_clair | capitalize }}}}** {ou}. Sur {{{{ constat.sur | compte(\"entretien\") }}}}, "
                  "{{ constat.presente }} le disent présent, {{ constat.absente }} absent, {{ constat.hypothetique }} "
                  "hypothétique ; "
                  "{{ constat.positions | length | compte(\"catégorie\") }} d’acteurs en parlent.")
    gabarit.texte("{%p for verbatim in verbatims %}")
    gabarit.texte("« {{ verbatim.texte }} »", "Citation parlée")
    gabarit.texte("{{ verbatim.source }}", "Source")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("{%p endfor %}")


def _points_de_vue(gabarit: Gabarit) -> None:
    gabarit.titre("Points de vue", 1)
    gabarit.texte("Une catégorie penche vers « présent » quand plus de ses entretiens l’affirment que le nient. Elle ne compte "
                  "parfois qu’un ou deux entretiens : c’est alors une personne qui parle.", "Note")
    qui = "{% for p in constat.penchent(\"SENS\") %}{{ p.categorie }} ({{ p.NOMBRE }}/{{ p.menes }})" \
          "{% if not loop.last %}, {% endif %}{% endfor %}"
    presents, absents = qui.replace("SENS", "present").replace("NOMBRE", "presente"), qui.replace("SENS", "absent").replace(
        "NOMBRE", "absente")
    gabarit.titre("Convergences", 2)
    gabarit.texte("{%p if convergences %}")
    gabarit.tableau(("Code", "Sens", "Catégories d’accord (entretiens qui l’affirment / menés)"), "constat in convergences",
                    ("{{ constat.code }} {{ constat.intitule }}",
                     "{% if constat.penchent(\"present\") %}présent{% else %}absent{% endif %}", presents + absents),
                    (4.8, 1.8, 10.2))
    gabarit.texte("{%p else %}")
    gabarit.texte("Aucun code n’est affirmé dans le même sens par trois catégories.")
    gabarit.texte("{%p endif %}")
    gabarit.titre("Divergences", 2)
    gabarit.texte("{%p if divergences %}")
    gabarit.tableau(("Code", "Présent, disent", "Absent, disent"), "constat in divergences",
                    ("{{ constat.code }} {{ constat.intitule }}", presents, absents), (4.8, 6, 6))
    gabarit.texte("{%p else %}")
    gabarit.texte("Aucun code n’est dit présent par les uns et absent par les autres.")
    gabarit.texte("{%p endif %}")


def _essentiel(gabarit: Gabarit) -> None:
    gabarit.titre("L’essentiel", 1)
    gabarit.texte("{%p for groupe in groupes %}")
    gabarit.titre("{{ groupe.intitule }}", 2)
    gabarit.texte("{%p for avis, codes in groupe.avis %}")
    gabarit.puce("**{{ avis | capitalize }} ({{ codes | length }})** : {% for constat in codes %}{{ constat.intitule }}"
                 "{% if constat.nettete %} ({{ constat.nettete }}){% endif %}{% if not loop.last %} ; {% endif %}{% endfor %}.")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("Entre parenthèses, le nombre d’entretiens qui l’affirment, sur {{ profil.entretiens }}.", "Note")


def _fin(gabarit: Gabarit) -> None:
    """Thèmes, compléments, limites, provenance."""
    gabarit.titre("Thèmes", 1)
    gabarit.texte("Regroupements de propos faits sans la grille. Un thème « instable » ne se retrouve pas quand on écarte un "
                  "cinquième des propos : n’en tirez aucune conclusion.", "Note")
    gabarit.tableau(
        ("Thème", "Part des phrases", "Stabilité", "Code le plus porté", "Part codée"), "theme in themes",
        ("{{ theme.libelle }}", "{{ theme.part }}", "{{ theme.stabilite }}", "{{ theme.code }}", "{{ theme.part_codee }}"),
        (6.1, 2, 2.4, 4.3, 2), (1, 4))
    gabarit.texte("{%p for tableau in complements %}")
    _tableau_titre(gabarit, 1)
    gabarit.texte("{%p endfor %}")
    gabarit.titre("Limites", 1)
    gabarit.texte("{%p for limite in limites %}")
    gabarit.puce("{{ limite }}")
    gabarit.texte("{%p endfor %}")
    gabarit.titre("Provenance", 1)
    gabarit.tableau(("Rubrique", "Valeur"), "nom, valeur in provenance", ("**{{ nom }}**", "{{ valeur }}"), (4.8, 12))


def _tableau_titre(gabarit: Gabarit, niveau: int) -> None:
    gabarit.titre("{{ tableau.titre }}", niveau)
    gabarit.texte("{{ tableau.note }}", "Note")
    gabarit.tableau_libre()


def monographie() -> Gabarit:
    gabarit = Gabarit("{{ territoire.nom }}", "{{ territoire.nom }}, monographie — {{ etude }}")
    gabarit.texte("Monographie — {{ etude }}", "Chapeau")
    gabarit.titre("Le territoire et l’enquête", 1)
    gabarit.fiche((("Échelle", "{{ territoire.echelle or \"non précisée\" }}"),
                   ("Porteur", "{{ territoire.porteur or \"non précisé\" }}"),
                   ("Année d’entrée", "{{ territoire.annee or \"non précisée\" }}"),
                   ("Entretiens", "{{ profil.entretiens }}, menés {{ profil.dates }}"), ("Mots", "{{ profil.mots }}")))
    gabarit.tableau(("Catégorie d’acteurs", "Entretiens", "Mots"), "categorie in profil.categories",
                    ("{{ categorie.nom }}", "{{ categorie.entretiens }}", "{{ categorie.mots }}"), (8.8, 4, 4), (1, 2))
    _essentiel(gabarit)
    _groupes(gabarit, "sur ce territoire")
    _points_de_vue(gabarit)
    gabarit.texte("{%p if isolees %}")
    gabarit.titre("Voix isolées", 2)
    gabarit.texte("Un seul entretien en parle : {% for constat in isolees %}{{ constat.intitule }} ({{ constat.code }}"
                  "{% for p in constat.positions %}, {{ p.categorie }}{% endfor %})"
                  "{% if not loop.last %} ; {% endif %}{% endfor %}.")
    gabarit.texte("{%p endif %}")
    _fin(gabarit)
    return gabarit


def synthese() -> Gabarit:
    gabarit = Gabarit("Synthèse nationale", "Synthèse nationale — {{ etude }}")
    gabarit.texte("{{ etude }}", "Chapeau")
    gabarit.titre("L’enquête", 1)
    gabarit.texte("{{ territoires | length | compte(\"territoire\") }}, {{ profil.entretiens | compte(\"entretien\") }} menés "
                  "{{ profil.dates }}, {{ profil.mots }} mots.")
    gabarit.tableau(("Territoire", "Échelle", "Porteur", "Année", "Entretiens", "Mots"), "t in territoires",
                    ("{{ t.nom }}", "{{ t.echelle }}", "{{ t.porteur }}", "{{ t.annee }}", "{{ t.entretiens }}", "{{ t.mots }}"),
                    (5.2, 2.8, 3.2, 1.6, 2, 2), (3, 4, 5))
    gabarit.tableau(("Catégorie d’acteurs", "Entretiens", "Mots"), "categorie in profil.categories",
                    ("{{ categorie.nom }}", "{{ categorie.entretiens }}", "{{ categorie.mots }}"), (8.8, 4, 4), (1, 2))
    gabarit.titre("Ce qui ressort partout", 1)
    gabarit.texte("Un code ressort quand il est dit présent dans la moitié des territoires au moins, et que la moitié des "
                  "catégories d’acteurs au moins penchent ainsi : pas seulement ceux qui pilotent.", "Note")
    gabarit.texte("{%p for groupe in groupes %}")
    gabarit.puce("**{{ groupe.intitule }}** : {% for constat in retenus[groupe.identifiant] %}{{ constat.intitule }} "
                 "({{ constat.presente }} entretiens){% if not loop.last %} ; {% endif %}{% else %}aucun{% endfor %}.")
    gabarit.texte("{%p endfor %}")
    gabarit.texte("{%p for groupe in groupes %}")
    gabarit.titre("{{ groupe.intitule }} : où, et selon combien d’acteurs", 2)
    gabarit.tableau(
        ("Code", "Intitulé", "Entretiens", "Territoires : présent", "Absent", "Partagé", "Catégories", "Ressort"),
        "bilan in bilans[groupe.identifiant]",
        ("{{ bilan.constat.code }}", "{{ bilan.constat.intitule }}", "{{ bilan.constat.presente }}",
         "{{ bilan.presents | length }}",
         "{{ bilan.absents | length }}", "{{ bilan.partages | length }}", "{{ bilan.categories }}",
         "{% if bilan.retenu %}**oui**{% else %}non{% endif %}"),
        (1.2, 4.7, 2, 2, 1.6, 1.7, 2, 1.6), (2, 3, 4, 5, 6, 7))
    gabarit.texte("{%p endfor %}")
    gabarit.titre("Territoires et codes", 1)
    gabarit.texte("{%p for tableau in matrices %}")
    _tableau_titre(gabarit, 2)
    gabarit.texte("{%p endfor %}")
    _groupes(gabarit, "dans l’ensemble de l’étude")
    gabarit.titre("Comparaisons", 1)
    gabarit.texte("{%p for tableau in comparaisons %}")
    _tableau_titre(gabarit, 2)
    gabarit.texte("{%p else %}")
    gabarit.texte("Tous les territoires ont même échelle, même porteur, même année, ou on ne les connaît pas.")
    gabarit.texte("{%p endfor %}")
    _points_de_vue(gabarit)
    _fin(gabarit)
    return gabarit


def _sans_hasard(nom: str, octets: bytes) -> bytes:
    """Une pièce de LibreOffice sans l'heure de la conversion ni les identifiants qu'il tire au sort."""
    if nom == "meta.xml":
        return description("Gabarit", _DATE)
    return re.sub(rb' xml:id="[^"]*"|<config:config-item config:name="Rsid[^>]*>[^<]*</config:config-item>', b"", octets) \
        if nom in ("content.xml", "settings.xml") else octets


def principal() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--sortie", type=Path, default=LIVRES)
    sortie: Path = analyseur.parse_args().sortie
    for nom, gabarit in (("monographie", monographie()), ("synthese", synthese())):
        chemin = sortie / f"{nom}.docx"
        gabarit.ecrire(chemin)
        with tempfile.TemporaryDirectory() as profil:
            subprocess.run(["soffice", f"-env:UserInstallation=file://{profil}", "--headless", "--convert-to", "odt",
                            "--outdir", str(sortie), str(chemin)], check=True, capture_output=True)
        odt = chemin.with_suffix(".odt")
        odt.write_bytes(figer(odt.read_bytes(), _DATE, _sans_hasard))


if __name__ == "__main__":
    principal()
