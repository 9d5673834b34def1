"""Le XML des fichiers REFI-QDA : l'écrire, le lire sans risque."""

from __future__ import annotations

import re
import uuid
from typing import Any, TypeAlias

from lxml import etree

from corpus.fautes import ErreurEtude, Faute

Element: TypeAlias = "etree._Element"
INTERDITS = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Ce que le XML 1.0 n'admet pas."""
_ESPACE = uuid.UUID("5f0c5bb6-54a5-5f0e-9d6c-6a0f0f0c1b51")
_DOCTYPE = re.compile(rb"<\0?!\0?D\0?O\0?C\0?T\0?Y\0?P\0?E")


def guid(*cles: str) -> str:
    """Un identifiant qui ne dépend que de ses clés (UUID version 5)."""
    return str(uuid.uuid5(_ESPACE, "\0".join(cles))).upper()


def cle(brut: str) -> str:
    """Un identifiant lu, ramené à une seule écriture (accolades, casse)."""
    return brut.strip().strip("{}").upper()


def lisible(texte: str) -> str:
    """Le texte, ce que le XML n'admet pas remplacé par « � »."""
    return INTERDITS.sub("\N{REPLACEMENT CHARACTER}", texte)


def nouvelle_racine(nom: str, espace: str, **attributs: str) -> Element:
    """Une racine dans l'espace de noms donné."""
    racine = etree.Element(f"{{{espace}}}{nom}", nsmap={None: espace})
    for cle, valeur in attributs.items():
        racine.set(cle, lisible(valeur))
    return racine


def sous_element(parent: Element, nom: str, texte: str | None = None, **attributs: str) -> Element:
    """Ajoute un élément dans l'espace de noms de son parent ; un attribut vide n'est pas écrit."""
    espace = etree.QName(parent).namespace
    element = etree.SubElement(parent, f"{{{espace}}}{nom}" if espace else nom)
    for cle, valeur in attributs.items():
        if valeur:
            element.set(cle, lisible(valeur))
    if texte is not None:
        element.text = lisible(texte)
    return element


def en_octets(racine: Element) -> bytes:
    """Le document, indenté, en UTF-8 sans marque d'ordre des octets."""
    etree.indent(racine)
    return bytes(etree.tostring(racine, xml_declaration=True, encoding="UTF-8"))


def lire_xml(octets: bytes, nom: str, racine: str) -> Element:
    """Lit un document XML venu d'ailleurs.

    Parameters
    ----------
    octets : bytes
    nom : str
        Pour les messages.
    racine : str
        Nom attendu de l'élément racine.

    Raises
    ------
    ErreurEtude
        XML mal formé ; déclaration DOCTYPE (elle seule permet entités externes et bombes) ; autre racine.
    """
    if _DOCTYPE.search(octets):
        raise ErreurEtude([Faute(nom, 0, "le XML déclare un DOCTYPE, ce que le format n'admet pas",
                                 "n'ouvrez ce fichier que si vous connaissez sa provenance ; exportez-le à nouveau")])
    analyseur = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True,
                                remove_pis=True)
    try:
        element = etree.fromstring(octets, analyseur)
    except (etree.XMLSyntaxError, ValueError) as erreur:
        ligne = getattr(erreur, "lineno", 0) or 0
        raise ErreurEtude([Faute(nom, ligne, f"XML mal formé ({erreur})",
                                 "exportez-le à nouveau depuis le logiciel d'origine")]) from erreur
    if nom_local(element) != racine:
        raise ErreurEtude([Faute(nom, 0, f"racine « {nom_local(element)} » au lieu de « {racine} »",
                                 "vérifiez que c'est bien un fichier REFI-QDA")])
    return element


def nom_local(element: Any) -> str:
    """Le nom de l'élément, sans son espace de noms (il varie d'une version à l'autre)."""
    return str(etree.QName(element).localname)


def enfants(element: Element | None, *noms: str) -> list[Element]:
    """Les enfants de ces noms, dans l'ordre."""
    return [] if element is None else [enfant for enfant in element if nom_local(enfant) in noms]


def enfant(element: Element | None, nom: str) -> Element | None:
    """Le premier enfant de ce nom."""
    return next(iter(enfants(element, nom)), None)


def texte_de(element: Element | None, nom: str) -> str:
    """Le texte du premier enfant de ce nom ; vide s'il n'y est pas."""
    trouve = enfant(element, nom)
    return "" if trouve is None else "".join(trouve.itertext())
