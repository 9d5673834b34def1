"""Les documents Word (.docx), lus avec python-docx.

python-docx ouvre le document, ses styles et ses listes ; le texte est lu dans l'ordre du document en
descendant nous-mêmes dans chaque paragraphe, parce que `Paragraph.text` oublie le texte inséré en
suivi des modifications et les contrôles de contenu.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from corpus.entretien import Document
from corpus.formats_tableaux import rendre_tableau
from corpus.formats_zip import controler_archive, corrompu, joindre

if TYPE_CHECKING:
    from docx.document import Document as DocumentWord

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_ECARTES = frozenset(_W + nom for nom in ("del", "moveFrom", "pPr", "rPr", "txbxContent", "rt")) | {
    "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
}
_SIGNES = {
    _W + "tab": "\t",
    _W + "ptab": "\t",
    _W + "br": "\n",
    _W + "cr": "\n",
    _W + "noBreakHyphen": "\u2011",
    _W + "softHyphen": "\u00ad",
}
_TIRETS = {"-": "-", "–": "–", "—": "—", "―": "―", "\uf02d": "-", "\u2212": "-"}
_SORTE = "document Word (.docx)"


def lire_docx(octets: bytes, nom: str) -> Document:
    """Lire un document Word.

    Parameters
    ----------
    octets : bytes
        Contenu du fichier.
    nom : str
        Chemin relatif à l'étude, pour les messages.

    Returns
    -------
    Document
        Un paragraphe par ligne, tableaux à leur place ; texte inséré et hyperliens compris ; texte
        supprimé, commentaires, notes, en-têtes, pieds de page et zones de texte exclus. Un paragraphe
        en liste à tirets reprend son tiret, que Word ne garde pas dans le texte.

    Raises
    ------
    ErreurEtude
        Document chiffré, corrompu, ou d'un autre format.
    """
    import docx

    controler_archive(octets, nom, _SORTE, ".docx")
    try:
        document = docx.Document(io.BytesIO(octets))
        texte = joindre(_blocs(document.element.body, _listes_a_tirets(document)))
        suppositions = _laisses_de_cote(document)
    except Exception as erreur:  # un paquet abîmé fait lever à python-docx et lxml toutes sortes d'erreurs
        raise corrompu(nom, _SORTE, type(erreur).__name__) from erreur
    return Document(texte, format="docx", suppositions=suppositions)


def _blocs(conteneur: Any, tirets: dict[tuple[str, str], str]) -> Iterator[tuple[str, bool]]:
    """Les blocs d'un corps ou d'une cellule : (texte, est un tableau de transcription)."""
    en_attente = ""
    for bloc in _enfants(conteneur):
        if bloc.tag == _W + "tbl":
            yield rendre_tableau(_grille(bloc, tirets))
        else:
            en_attente += _tiret(bloc, tirets) + "".join(_morceaux(bloc))
            if bloc.find(f"{_W}pPr/{_W}rPr/{_W}del") is None:
                yield en_attente, False
                en_attente = ""
    if en_attente:
        yield en_attente, False


def _enfants(conteneur: Any) -> Iterator[Any]:
    """Paragraphes et tableaux, à travers les contrôles de contenu et les marques d'insertion."""
    for enfant in conteneur:
        if enfant.tag in (_W + "p", _W + "tbl"):
            yield enfant
        elif enfant.tag in (_W + "sdt", _W + "sdtContent", _W + "ins", _W + "moveTo", _W + "customXml"):
            yield from _enfants(enfant)


def _morceaux(element: Any) -> Iterator[str]:
    for enfant in element:
        if enfant.tag in _ECARTES:
            continue
        if enfant.tag == _W + "t":
            yield enfant.text or ""
        elif enfant.tag in _SIGNES:
            yield _SIGNES[enfant.tag]
        else:
            yield from _morceaux(enfant)


def _grille(tableau: Any, tirets: dict[tuple[str, str], str]) -> list[list[str]]:
    lignes = []
    for rangee in _descendre(tableau, "tr"):
        if rangee.find(f"{_W}trPr/{_W}del") is not None:
            continue
        ligne: list[str] = []
        for cellule in _descendre(rangee, "tc"):
            fusion = cellule.find(f"{_W}tcPr/{_W}gridSpan")
            etendue = int(fusion.get(_W + "val", "1")) if fusion is not None else 1
            ligne += [joindre(_blocs(cellule, tirets)), *[""] * (min(etendue, 63) - 1)]
        lignes.append(ligne)
    return lignes


def _descendre(element: Any, nom: str) -> Iterator[Any]:
    for enfant in element:
        if enfant.tag == _W + nom:
            yield enfant
        elif enfant.tag in (_W + "sdt", _W + "sdtContent", _W + "ins", _W + "customXml"):
            yield from _descendre(enfant, nom)


def _listes_a_tirets(document: DocumentWord) -> dict[tuple[str, str], str]:
    """(identifiant de liste, niveau) → tiret, pour les listes dont la puce est un tiret."""
    from docx.opc.constants import RELATIONSHIP_TYPE

    try:
        racine = document.part.part_related_by(RELATIONSHIP_TYPE.NUMBERING).element  # type: ignore[attr-defined]
    except KeyError:
        return {}
    abstraites: dict[str, dict[str, str]] = {}
    for abstraite in racine.iter(_W + "abstractNum"):
        niveaux = abstraites.setdefault(abstraite.get(_W + "abstractNumId", ""), {})
        for niveau in abstraite.iter(_W + "lvl"):
            puce = niveau.find(_W + "lvlText")
            signe = puce.get(_W + "val", "").strip() if puce is not None else ""
            if signe in _TIRETS:
                niveaux[niveau.get(_W + "ilvl", "0")] = _TIRETS[signe]
    tirets = {}
    for liste in racine.iter(_W + "num"):
        renvoi = liste.find(_W + "abstractNumId")
        cle = renvoi.get(_W + "val", "") if renvoi is not None else ""
        for rang, signe in abstraites.get(cle, {}).items():
            tirets[liste.get(_W + "numId", ""), rang] = signe
    if tirets:
        _ajouter_styles(document, tirets)
    return tirets


def _ajouter_styles(document: DocumentWord, tirets: dict[tuple[str, str], str]) -> None:
    """Ajouter (« style », identifiant de style) → tiret, pour les listes portées par un style."""
    for style in document.styles.element.iter(_W + "style"):
        numero = style.find(f"{_W}pPr/{_W}numPr/{_W}numId")
        if numero is not None:
            niveau = style.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
            rang = niveau.get(_W + "val", "0") if niveau is not None else "0"
            signe = tirets.get((numero.get(_W + "val", ""), rang))
            if signe:
                tirets["style", style.get(_W + "styleId", "")] = signe


def _tiret(paragraphe: Any, tirets: dict[tuple[str, str], str]) -> str:
    if not tirets:
        return ""
    numero = paragraphe.find(f"{_W}pPr/{_W}numPr/{_W}numId")
    if numero is not None:
        niveau = paragraphe.find(f"{_W}pPr/{_W}numPr/{_W}ilvl")
        rang = niveau.get(_W + "val", "0") if niveau is not None else "0"
        signe = tirets.get((numero.get(_W + "val", ""), rang), "")
    else:
        style = paragraphe.find(f"{_W}pPr/{_W}pStyle")
        signe = tirets.get(("style", style.get(_W + "val", "")), "") if style is not None else ""
    return f"{signe} " if signe else ""


def _laisses_de_cote(document: DocumentWord) -> tuple[str, ...]:
    corps = document.element.body
    suppositions = []
    if any("".join(boite.itertext()).strip() for boite in corps.iter(_W + "txbxContent")):
        suppositions.append("zones de texte flottantes laissées de côté")
    if next(corps.iter(_W + "footnoteReference", _W + "endnoteReference"), None) is not None:
        suppositions.append("notes de bas de page laissées de côté")
    if next(corps.iter(_W + "del", _W + "ins"), None) is not None:
        suppositions.append("suivi des modifications : texte lu comme si tout était accepté")
    return tuple(suppositions)
