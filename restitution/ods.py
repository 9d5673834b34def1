"""Le classeur en OpenDocument (.ods), tiré du classeur .xlsx : mêmes feuilles, mêmes valeurs, mêmes réglages.

Écrit d'après la norme OpenDocument 1.3 (OASIS, 2021). odfpy n'est plus tenue depuis 2020 ; odfdo construit un nœud
par cellule, ce qui demande des minutes pour cent mille cellules.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import date, datetime
from itertools import groupby
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from restitution.archives import figer
from restitution.opendocument import ENTETE, NOMS, description, empaqueter

_CM_PAR_LARGEUR = 0.19
"""Largeur d'un caractère de la police du classeur : l'unité des colonnes d'un .xlsx."""


def en_ods(xlsx: bytes, date: datetime) -> bytes:
    """Traduit en .ods un classeur écrit par `restitution.classeurs`.

    Parameters
    ----------
    xlsx : bytes
    date : datetime
        Date du fichier.

    Returns
    -------
    bytes
        Toutes les feuilles : valeurs typées, styles, largeurs, en-têtes figés et répétés, filtres, échelles de
        couleur. Une cellule de texte reste du texte.
    """
    from openpyxl import load_workbook

    classeur = load_workbook(io.BytesIO(xlsx))
    styles = _Styles()
    feuilles = [_feuille(feuille, styles) for feuille in classeur.worksheets]
    filtres = "".join(
        f'<table:database-range table:name="filtre{rang}" table:target-range-address={quoteattr(_plage(feuille, ref))} '
        'table:display-filter-buttons="true"/>'
        for rang, feuille in enumerate(classeur.worksheets) if (ref := feuille.auto_filter.ref))
    contenu = (f'{ENTETE}<office:document-content {NOMS} office:version="1.3"><office:automatic-styles>{styles.xml()}'
               f"</office:automatic-styles><office:body><office:spreadsheet>{''.join(feuilles)}<table:database-ranges>"
               f"{filtres}</table:database-ranges></office:spreadsheet></office:body></office:document-content>")
    return figer(empaqueter("spreadsheet", {
        "content.xml": contenu.encode(), "styles.xml": _STYLES.encode(),
        "meta.xml": description(str(classeur.properties.title or ""), date),
        "settings.xml": _reglages(classeur.worksheets).encode()}), date)


class _Styles:
    """Les styles automatiques, un par combinaison de réglages rencontrée."""

    def __init__(self) -> None:
        self._noms: dict[tuple[str, str], str] = {}
        self._rangs: dict[int, str] = {}

    def nommer(self, famille: str, corps: str, attributs: str = "", avant: str = "") -> str:
        cle = (famille, attributs + corps)
        if cle not in self._noms:
            nom = f"{famille[6:8]}{len(self._noms)}"
            self._noms[cle] = nom
            self._rangs[len(self._rangs)] = (avant + f'<style:style style:name="{nom}" style:family="{famille}" {attributs}>'
                                             f"{corps}</style:style>").replace("NOM", nom)
        return self._noms[cle]

    def cellule(self, cellule: Any) -> str:
        """Le style d'une cellule : police, fond, alignement, format de nombre."""
        police, alignement, fond = cellule.font, cellule.alignment, cellule.fill
        proprietes = [f'style:vertical-align="{ {"center": "middle"}.get(alignement.vertical, alignement.vertical) }"'
                      if alignement.vertical else ""]
        if alignement.wrap_text:
            proprietes.append('fo:wrap-option="wrap"')
        if alignement.textRotation:
            proprietes.append(f'style:rotation-angle="{alignement.textRotation}"')
        if fond.fill_type == "solid":
            proprietes.append(f'fo:background-color="#{fond.fgColor.rgb[-6:]}"')
        corps = f"<style:table-cell-properties {' '.join(proprietes)}/>"
        if alignement.horizontal:
            corps += f'<style:paragraph-properties fo:text-align="{alignement.horizontal}"/>'
        couleur = police.color.rgb if police.color is not None and isinstance(police.color.rgb, str) else "000000"
        corps += (f'<style:text-properties fo:color="#{couleur[-6:]}" fo:font-size="{police.sz or 11:g}pt"'
                  f'{" fo:font-weight=" + quoteattr("bold") if police.b else ""}/>')
        format_ = _format(cellule.number_format)
        return self.nommer("table-cell", corps, 'style:data-style-name="NOMf"' if format_ else "", format_)

    def xml(self) -> str:
        return "".join(self._rangs.values())


def _format(motif: str) -> str:
    """Le style de nombre d'un motif du classeur ; rien pour du texte ou un nombre ordinaire."""
    if motif == "DD/MM/YYYY":
        return ('<number:date-style style:name="NOMf"><number:day number:style="long"/><number:text>/</number:text>'
                '<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/>'
                "</number:date-style>")
    if not re.fullmatch(r"0(\.0+)?(%|E\+00)?", motif):
        return ""
    decimales = len(re.sub(r"[^0]", "", motif.partition(".")[2].partition("E")[0]))
    if motif.endswith("%"):
        return (f'<number:percentage-style style:name="NOMf"><number:number number:decimal-places="{decimales}" '
                'number:min-integer-digits="1"/><number:text>%</number:text></number:percentage-style>')
    sorte = 'scientific-number number:min-exponent-digits="2"' if "E" in motif else "number"
    return (f'<number:number-style style:name="NOMf"><number:{sorte} number:decimal-places="{decimales}" '
            'number:min-integer-digits="1"/></number:number-style>')


def _feuille(feuille: Any, styles: _Styles) -> str:
    """Une feuille : colonnes, en-tête répété à l'impression, lignes, échelle de couleur."""
    from openpyxl.utils import get_column_letter

    largeurs = [feuille.column_dimensions[get_column_letter(rang)].width for rang in range(1, feuille.max_column + 1)]
    colonnes = "".join(
        f'<table:table-column table:style-name="{styles.nommer("table-column", _largeur(largeur))}" '
        f'table:number-columns-repeated="{len(list(pareilles))}"/>' for largeur, pareilles in groupby(largeurs))
    entetes = int(re.sub(r"\D", "", feuille.freeze_panes or "1")) - 1
    par_cellule: dict[int, str] = {}
    lignes = [_ligne(feuille, rang, ligne, styles, par_cellule) for rang, ligne in enumerate(feuille.iter_rows(), 1)]
    figees = f"<table:table-header-rows>{''.join(lignes[:entetes])}</table:table-header-rows>" if entetes else ""
    page = styles.nommer("table", '<style:table-properties table:display="true"/>', 'style:master-page-name="Paysage"')
    return (f'<table:table table:name={quoteattr(feuille.title)} table:style-name="{page}">{colonnes}{figees}'
            f"{''.join(lignes[entetes:])}{_echelles(feuille)}</table:table>")


def _largeur(largeur: float) -> str:
    return f'<style:table-column-properties style:column-width="{largeur * _CM_PAR_LARGEUR:.2f}cm"/>'


def _ligne(feuille: Any, rang: int, ligne: tuple[Any, ...], styles: _Styles, connus: dict[int, str]) -> str:
    hauteur = feuille.row_dimensions[rang].height
    fixe = f'style:row-height="{hauteur}pt" style:use-optimal-row-height="false"' if hauteur else \
        'style:use-optimal-row-height="true"'
    nom = styles.nommer("table-row", f"<style:table-row-properties {fixe}/>")
    return f'<table:table-row table:style-name="{nom}">{"".join(_cellules(ligne, styles, connus))}</table:table-row>'


def _cellules(ligne: tuple[Any, ...], styles: _Styles, connus: dict[int, str]) -> Iterator[str]:
    for cellule in ligne:
        if cellule.value is None:
            yield "<table:table-cell/>"
            continue
        if cellule.style_id not in connus:
            connus[cellule.style_id] = styles.cellule(cellule)
        yield f'<table:table-cell table:style-name="{connus[cellule.style_id]}" {_valeur(cellule.value)}</table:table-cell>'


def _valeur(valeur: Any) -> str:
    """Les attributs de type d'une cellule et son texte."""
    if isinstance(valeur, datetime | date):
        return f'office:value-type="date" office:date-value="{valeur:%Y-%m-%d}"><text:p>{valeur:%d/%m/%Y}</text:p>'
    if isinstance(valeur, str):
        lignes = valeur.replace("_x000D_", "\n").split("\n")
        return 'office:value-type="string">' + "".join(f"<text:p>{_blancs(ligne)}</text:p>" for ligne in lignes)
    return f'office:value-type="float" office:value="{valeur!r}"><text:p>{valeur}</text:p>'


def _blancs(texte: str) -> str:
    """Le texte échappé, tabulations et suites d'espaces écrites comme la norme le veut (§ 6.1.2 et 6.1.3)."""
    sur = escape(texte).replace("\t", "<text:tab/>")
    return re.sub("^ | (?= )| $|(?<= ) ", "<text:s/>", sur)


def _plage(feuille: Any, reference: str) -> str:
    """« A1:C3 » → « 'Nom'.A1:'Nom'.C3 »."""
    nom = "'" + feuille.title.replace("'", "''") + "'"
    return ":".join(f"{nom}.{coin}" for coin in reference.split(":"))


def _echelles(feuille: Any) -> str:
    """Les échelles de couleur, que LibreOffice lit dans son extension de la norme."""
    formats = ""
    for zone in feuille.conditional_formatting:
        for regle in zone.rules:
            bornes = "".join(
                f'<calcext:color-scale-entry calcext:value="{borne.val or 0}" calcext:color="#{couleur.rgb[-6:]}" '
                f'calcext:type="{ {"num": "number", "max": "maximum", "min": "minimum"}[borne.type] }"/>'
                for borne, couleur in zip(regle.colorScale.cfvo, regle.colorScale.color, strict=True))
            formats += (f"<calcext:conditional-format calcext:target-range-address={quoteattr(_plage(feuille, str(zone.sqref)))}>"
                        f"<calcext:color-scale>{bornes}</calcext:color-scale></calcext:conditional-format>")
    return f"<calcext:conditional-formats>{formats}</calcext:conditional-formats>" if formats else ""


def _reglages(feuilles: list[Any]) -> str:
    """La pièce `settings.xml` : lignes et colonnes figées (les noms sont ceux de LibreOffice)."""
    from openpyxl.utils.cell import column_index_from_string, coordinate_from_string

    def item(nom: str, valeur: int, genre: str = "int") -> str:
        return f'<config:config-item config:name="{nom}" config:type="{genre}">{valeur}</config:config-item>'

    vues = ""
    for feuille in feuilles:
        if feuille.freeze_panes:
            lettres, ligne = coordinate_from_string(feuille.freeze_panes)
            colonne = column_index_from_string(lettres) - 1
            vues += (f"<config:config-item-map-entry config:name={quoteattr(feuille.title)}>"
                     + item("HorizontalSplitMode", 2, "short") + item("VerticalSplitMode", 2, "short")
                     + item("HorizontalSplitPosition", colonne) + item("VerticalSplitPosition", ligne - 1)
                     + item("PositionRight", colonne) + item("PositionBottom", ligne - 1) + "</config:config-item-map-entry>")
    return (f'{ENTETE}<office:document-settings {NOMS} xmlns:ooo="http://openoffice.org/2004/office" '
            'office:version="1.3"><office:settings><config:config-item-set config:name="ooo:view-settings">'
            '<config:config-item-map-indexed config:name="Views"><config:config-item-map-entry>'
            f'<config:config-item-map-named config:name="Tables">{vues}</config:config-item-map-named>'
            "</config:config-item-map-entry></config:config-item-map-indexed></config:config-item-set></office:settings>"
            "</office:document-settings>")


_STYLES = (
    f'{ENTETE}<office:document-styles {NOMS} office:version="1.3"><office:styles>'
    '<style:default-style style:family="table-cell"><style:text-properties fo:font-family="Calibri" fo:font-size="11pt" '
    'fo:language="fr" fo:country="FR"/></style:default-style></office:styles><office:automatic-styles>'
    '<style:page-layout style:name="paysage"><style:page-layout-properties style:print-orientation="landscape" '
    'fo:page-width="29.7cm" fo:page-height="21cm" style:scale-to-X="1" style:scale-to-Y="0"/></style:page-layout>'
    '</office:automatic-styles><office:master-styles><style:master-page style:name="Paysage" '
    'style:page-layout-name="paysage"/></office:master-styles></office:document-styles>')
