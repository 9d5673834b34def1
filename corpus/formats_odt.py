"""Les documents OpenDocument (.odt), lus avec lxml.

Le texte d'un `.odt` tient dans un seul fichier XML (`content.xml`) dont la norme fixe la lecture
(OASIS OpenDocument 1.3, partie 3, § 6.1) : on la suit directement. les
bibliothèques odfpy et odfdo rendent un texte habillé (notes, images, listes) qui ne garde pas les lignes
telles quelles.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from corpus.entretien import Document
from corpus.formats_tableaux import rendre_tableau
from corpus.formats_zip import chiffre, controler_archive, corrompu, joindre, lire_membre

_ESPACE_DE_NOMS = "urn:oasis:names:tc:opendocument:xmlns:"
_TEXTE = f"{{{_ESPACE_DE_NOMS}text:1.0}}"
_TABLE = f"{{{_ESPACE_DE_NOMS}table:1.0}}"
_BUREAU = f"{{{_ESPACE_DE_NOMS}office:1.0}}"
_DESSIN = f"{{{_ESPACE_DE_NOMS}drawing:1.0}}"
_ECARTES = frozenset(
    {
        _TEXTE + "tracked-changes",
        _TEXTE + "note",
        _TEXTE + "ruby-text",
        _BUREAU + "annotation",
        _BUREAU + "annotation-end",
        _DESSIN + "frame",
        _TEXTE + "table-of-content",
        _BUREAU + "forms",
        _TEXTE + "sequence-decls",
        _TEXTE + "alphabetical-index",
    }
)
# Pendant la réduction des blancs, ces non-caractères tiennent la place des blancs voulus.
_VOULUS = {"\ufdd0": " ", "\ufdd1": "\t", "\ufdd2": "\n"}
_TIRETS = frozenset("-–—―")
_MAX_ESPACES = 1000
_SORTE = "document OpenDocument (.odt)"


def lire_odt(octets: bytes, nom: str) -> Document:
    """Lire un document OpenDocument.

    Parameters
    ----------
    octets : bytes
        Contenu du fichier.
    nom : str
        Chemin relatif à l'étude, pour les messages.

    Returns
    -------
    Document
        Un paragraphe par ligne, tableaux à leur place ; espaces multiples, tabulations et sauts de
        ligne gardés ; texte supprimé, commentaires, notes, en-têtes, pieds de page et cadres exclus.

    Raises
    ------
    ErreurEtude
        Document chiffré, corrompu, ou d'un autre format.
    """
    from lxml import etree

    archive = controler_archive(octets, nom, _SORTE, ".odt")
    manifeste = lire_membre(archive, "META-INF/manifest.xml", nom, _SORTE)
    if b"encryption-data" in manifeste or "encrypted-package" in archive.namelist():
        raise chiffre(nom)
    contenu = lire_membre(archive, "content.xml", nom, _SORTE)
    if not contenu:
        raise corrompu(nom, _SORTE, "content.xml manque")
    try:
        lecteur = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
        racine = etree.fromstring(contenu, lecteur)
    except (etree.XMLSyntaxError, ValueError) as erreur:
        raise corrompu(nom, _SORTE, erreur) from erreur
    corps = racine.find(f"{_BUREAU}body/{_BUREAU}text")
    if corps is None:
        raise corrompu(nom, _SORTE, "ce n'est pas un texte")
    tirets = _listes_a_tirets(racine)
    try:
        texte = joindre(_blocs(corps, tirets))
    except RecursionError as erreur:
        raise corrompu(nom, _SORTE, "imbrications sans fin") from erreur
    return Document(texte, format="odt", suppositions=_laisses_de_cote(corps))


def _blocs(conteneur: Any, tirets: dict[str, str], tiret: str = "") -> Iterator[tuple[str, bool]]:
    """Les blocs d'un corps, d'une section, d'une liste ou d'une cellule."""
    for enfant in conteneur:
        if enfant.tag in _ECARTES or not isinstance(enfant.tag, str):
            continue
        if enfant.tag in (_TEXTE + "p", _TEXTE + "h"):
            yield tiret + _paragraphe(enfant), False
            tiret = ""
        elif enfant.tag == _TABLE + "table":
            yield rendre_tableau(_grille(enfant, tirets))
        elif enfant.tag == _TEXTE + "list":
            signe = tirets.get(enfant.get(_TEXTE + "style-name", ""), "")
            for element in enfant:
                yield from _blocs(element, tirets, signe)
        elif enfant.tag.startswith(_TEXTE):
            yield from _blocs(enfant, tirets)


def _paragraphe(paragraphe: Any) -> str:
    brut = re.sub(r"[ \t\r\n]+", " ", "".join(_morceaux(paragraphe))).strip(" ")
    return re.sub("[\ufdd0-\ufdd2]", lambda signe: _VOULUS[signe.group()], brut)


def _morceaux(element: Any) -> Iterator[str]:
    yield element.text or ""
    for enfant in element:
        if enfant.tag == _TEXTE + "s":
            compte = enfant.get(_TEXTE + "c", "1")
            yield "\ufdd0" * min(int(compte) if compte.isdecimal() else 1, _MAX_ESPACES)
        elif enfant.tag == _TEXTE + "tab":
            yield "\ufdd1"
        elif enfant.tag == _TEXTE + "line-break":
            yield "\ufdd2"
        elif enfant.tag not in _ECARTES and isinstance(enfant.tag, str):
            yield from _morceaux(enfant)
        yield enfant.tail or ""


def _grille(tableau: Any, tirets: dict[str, str]) -> list[list[str]]:
    lignes = []
    for rangee in _rangees(tableau):
        ligne: list[str] = []
        for cellule in rangee:
            if cellule.tag == _TABLE + "covered-table-cell":
                ligne.append("")
            elif cellule.tag == _TABLE + "table-cell":
                ligne.append(joindre(_blocs(cellule, tirets)))
        lignes.append(ligne)
    return lignes


def _rangees(tableau: Any) -> Iterator[Any]:
    for enfant in tableau:
        if enfant.tag == _TABLE + "table-row":
            yield enfant
        elif enfant.tag in (_TABLE + "table-header-rows", _TABLE + "table-rows", _TABLE + "table-row-group"):
            yield from _rangees(enfant)


def _listes_a_tirets(racine: Any) -> dict[str, str]:
    """Nom de style de liste → tiret, pour les listes dont la puce de premier niveau est un tiret."""
    tirets = {}
    for style in racine.iter(_TEXTE + "list-style"):
        nom = style.get(f"{{{_ESPACE_DE_NOMS}style:1.0}}name", "")
        for niveau in style.iter(_TEXTE + "list-level-style-bullet"):
            signe = niveau.get(_TEXTE + "bullet-char", "")
            if niveau.get(_TEXTE + "level") == "1" and signe in _TIRETS:
                tirets[nom] = f"{signe} "
    return tirets


def _laisses_de_cote(corps: Any) -> tuple[str, ...]:
    suppositions = []
    if any("".join(cadre.itertext()).strip() for cadre in corps.iter(_DESSIN + "text-box")):
        suppositions.append("zones de texte flottantes laissées de côté")
    if next(corps.iter(_TEXTE + "note"), None) is not None:
        suppositions.append("notes de bas de page laissées de côté")
    if next(corps.iter(_TEXTE + "tracked-changes"), None) is not None:
        suppositions.append("suivi des modifications : texte lu comme si tout était accepté")
    return tuple(suppositions)
