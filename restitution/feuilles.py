"""Une feuille de tableur remplie ligne à ligne, où tout texte reste du texte."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from openpyxl import Workbook

LONGUEUR_MAXIMALE = 32_767
"""Nombre de caractères (unités UTF-16) qu'une cellule de tableur peut contenir."""

FORMULES = "=+-@\t\r"
"""Les premiers caractères qu'un tableur prendrait pour le début d'une formule."""

STYLES = ("entête", "titre", "orienté", "texte", "protégé")
"""Les styles de cellule du classeur."""

_COUPURE = " […coupé : une cellule ne peut en contenir plus]"
_INTERDITS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def texte_sur(texte: str) -> str:
    """Un texte que le format xlsx admet.

    Parameters
    ----------
    texte : str

    Returns
    -------
    str
        Les sauts de ligne et de page de Word deviennent des retours à la ligne ; les autres caractères de
        contrôle sont rendus visibles (« ␀ ») ; une moitié isolée de paire UTF-16 devient « � » ; au-delà
        de `LONGUEUR_MAXIMALE`, le texte est coupé et le dit.
    """

    def remplacer(trouve: re.Match[str]) -> str:
        caractere = trouve[0]
        if caractere in "\x0b\x0c":
            return "\n"
        return chr(0x2400 + ord(caractere)) if caractere < " " else "\ufffd"

    texte = _INTERDITS.sub(remplacer, texte)
    if 2 * len(texte) <= LONGUEUR_MAXIMALE or len(texte.encode("utf-16-le")) // 2 <= LONGUEUR_MAXIMALE:
        return texte
    place = LONGUEUR_MAXIMALE - len(_COUPURE)
    return texte.encode("utf-16-le")[: 2 * place].decode("utf-16-le", errors="ignore") + _COUPURE


class Feuille:
    """Une feuille qu'on remplit ligne à ligne : en-tête figé, filtres, largeurs.

    openpyxl écrit chaque ligne dès qu'on la donne ; une même cellule sert donc à toutes les lignes d'une
    colonne et d'un style, ce qui évite de refaire le style à chaque valeur.
    """

    def __init__(self, classeur: Workbook, nom: str, largeurs: Sequence[float], figer: str = "") -> None:
        from openpyxl.utils import get_column_letter
        from openpyxl.worksheet.properties import PageSetupProperties

        self._cellules: dict[tuple[int, str], Any] = {}
        self._largeurs, self._rang = largeurs, 0
        self.feuille: Any = classeur.create_sheet(nom)
        self.feuille.page_setup.orientation = "landscape"
        self.feuille.page_setup.fitToHeight = 0
        self.feuille.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        if figer:
            self.feuille.freeze_panes = figer
            self.feuille.print_title_rows = f"1:{int(figer[1:]) - 1}"
        for rang, largeur in enumerate(largeurs, 1):
            self.feuille.column_dimensions[get_column_letter(rang)].width = largeur

    def _cellule(self, rang: int, style: str) -> Any:
        """La cellule réemployée pour une colonne et un style (ou un format de nombre)."""
        from openpyxl.cell import WriteOnlyCell
        from openpyxl.styles import Alignment

        if (rang, style) not in self._cellules:
            cellule = WriteOnlyCell(self.feuille)
            if style in STYLES:
                cellule.style = style
            else:
                cellule.alignment = Alignment(horizontal="center", vertical="top")
                cellule.number_format = style or "General"
            self._cellules[rang, style] = cellule
        return self._cellules[rang, style]

    def ligne(
        self, valeurs: Iterable[Any], style: str = "", formats: Mapping[int, str] | None = None
    ) -> None:
        """Ajoute une ligne.

        `style` est un nom de `STYLES`, ou rien ; `formats` donne le format de nombre d'une colonne.
        """
        cellules, lignes = [], 1
        for rang, valeur in enumerate(valeurs):
            if isinstance(valeur, str):
                if valeur and rang < len(self._largeurs):
                    lignes = max(
                        lignes, int(len(valeur) / self._largeurs[rang] / 1.1) + 1 + valeur.count("\n")
                    )
                protege = valeur[:1] in FORMULES and valeur
                cellule = self._cellule(rang, style or ("protégé" if protege else "texte"))
                cellule.value = texte_sur(valeur)
                cellule.data_type = "s"  # jamais une formule ni une erreur, quoi que dise le texte
            else:
                cellule = self._cellule(rang, style or (formats or {}).get(rang, ""))
                cellule.value = valeur
            cellules.append(cellule)
        self._rang += 1
        # Sans hauteur écrite, LibreOffice laisse se chevaucher les textes qui vont à la ligne.
        if lignes > 1 and style in ("", "entête"):
            self.feuille.row_dimensions[self._rang].height = min(15 * lignes, 409)
        self.feuille.append(cellules)

    def filtrer(self, entete: int, lignes: int, colonnes: int) -> None:
        """Pose les filtres sur l'en-tête de la ligne donnée et les `lignes` qui le suivent."""
        from openpyxl.utils import get_column_letter

        self.feuille.auto_filter.ref = f"A{entete}:{get_column_letter(colonnes)}{entete + lignes}"


def declarer_styles(classeur: Workbook) -> None:
    """Inscrit les styles nommés dans le classeur."""
    from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill

    police, gras = Font(name="Calibri", size=11), Font(name="Calibri", size=11, bold=True)
    haut = Alignment(vertical="top", wrap_text=True)
    entete = NamedStyle("entête", Font(name="Calibri", size=11, bold=True, color="FFFFFF"))
    entete.fill = PatternFill("solid", fgColor="1F4E8C")
    entete.alignment = Alignment(vertical="center", wrap_text=True)
    for style in (
        entete,
        NamedStyle("titre", gras),
        NamedStyle(
            "orienté", police, alignment=Alignment(text_rotation=90, vertical="bottom", wrap_text=True)
        ),
        NamedStyle("texte", police, alignment=haut),
        # Format « texte » : même retouchée dans le tableur, la cellule ne devient pas une formule.
        NamedStyle("protégé", police, alignment=haut, number_format="@"),
    ):
        classeur.add_named_style(style)
