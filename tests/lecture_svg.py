"""Relire un dessin SVG dans les essais."""

from __future__ import annotations

from itertools import combinations

from lxml import etree

from restitution.svg import Texte

SVG = "{http://www.w3.org/2000/svg}"


def lire(svg: str) -> etree._Element:
    """La racine du document ; une faute de syntaxe lève une erreur."""
    return etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True))


def textes(svg: str) -> list[Texte]:
    """Les textes visibles, relus dans le document."""
    rendus = []
    for element in lire(svg).iter(SVG + "text"):
        visible = "".join([element.text or "", *(enfant.tail or "" for enfant in element)])
        x, y, taille = (float(element.get(nom)) for nom in ("x", "y", "font-size"))
        gras = element.get("font-weight") == "bold"
        rendus.append(Texte(x, y, visible, taille, element.get("fill"), element.get("text-anchor", "start"), gras))
    return rendus


def cadre(svg: str) -> tuple[float, float]:
    """Largeur et hauteur du dessin."""
    x, y, large, haut = map(float, lire(svg).get("viewBox").split())
    assert (x, y) == (0, 0)
    return large, haut


def heurts(boites: list[tuple[float, float, float, float]]) -> list[tuple[int, int]]:
    """Les couples de boîtes (gauche, haut, droite, bas) qui se recouvrent."""
    return [
        (i, j)
        for (i, a), (j, b) in combinations(enumerate(boites), 2)
        if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
    ]
