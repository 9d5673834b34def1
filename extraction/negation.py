"""La négation à l'oral : qui nie, ce qui est nié, et dans quelle proposition.

À l'oral « ne » tombe (« y a pas », « on a plus ») et « plus » nie ou compare selon ce qui l'entoure. Une
négation de façade (« il n'y a pas que », « je ne dis pas que », « pas mal ») ne nie pas le fait.
"""

from __future__ import annotations

from collections.abc import Iterator

from spacy.tokens import Doc, Token

from extraction.langue import trait
from extraction.lexique_modalite import NEGATIONS_NEUTRES, VERBES_TRANSPARENTS

NE = frozenset({"ne", "n'"})
PORTEE = 5
"""Nombre de mots que couvre une négation, dans sa proposition."""

_FORCLUSIFS = {"pas", "jamais", "rien", "aucun", "aucune", "personne", "guère", "nullement", "ni", "plus"}
_BORNES = {",", ";", ":", ".", "!", "?", "…", "...", "—", "–", "«", "»", "(", ")", "mais", "parce", "puisque"}
_AVANT_UN_COMPARATIF = {"de", "d'", "en", "le", "la", "les", "un", "beaucoup", "bien", "au", "non"}
_DETERMINANTS = {"un", "le", "la", "une", "cette", "chaque", "premier", "du", "au"}
_RENFORTS = {"rien", "personne", "jamais", "aucun", "aucune"}


def minuscules(doc: Doc) -> str:
    """Le texte en minuscules, caractère pour caractère : les positions restent celles du document."""
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in doc.text)


def est_conjugue(mot: Token) -> bool:
    """Le mot est-il un verbe ou un auxiliaire à un mode personnel ?"""
    return mot.pos_ in {"VERB", "AUX"} and "Fin" in trait(mot, "VerbForm")


def est_subordonne(mot: Token) -> bool:
    """Le mot appartient-il à une subordonnée qui n'est pas le vrai propos de la phrase ?"""
    for courant in (mot, *mot.ancestors):
        if courant.dep_ in {"acl:relcl", "acl", "advcl"}:
            return True
        if courant.dep_ == "ccomp" and courant.head.lemma_ not in VERBES_TRANSPARENTS:
            return True
    return False


def est_cite(mot: Token) -> bool:
    """Le mot est-il entre guillemets, à l'intérieur d'une phrase qui n'est pas toute citée ?"""
    avant = mot.doc.text[: mot.idx]
    ouvert = avant.rfind("«")
    return ouvert > 0 and "»" not in avant[ouvert:]


def meme_proposition(mot: Token, pas: int) -> Iterator[Token]:
    """Les mots voisins, vers la gauche (pas = -1) ou la droite, jusqu'à une borne."""
    position = mot.i + pas
    while 0 <= position < len(mot.doc):
        voisin = mot.doc[position]
        if voisin.lower_ in _BORNES:
            return
        yield voisin
        position += pas


def portee(mot: Token) -> list[Token]:
    """Les mots que nie un forclusif, à sa droite."""
    return list(meme_proposition(mot, 1))[:PORTEE]


def _plus_est_negatif(mot: Token) -> bool:
    """« plus » nie-t-il (« y a plus de bus ») ou compare-t-il (« plus de bus qu'avant ») ?"""
    gauche = list(meme_proposition(mot, -1))
    droite = list(meme_proposition(mot, 1))
    if any(m.lower_ in NE for m in gauche[:4]):
        return True
    if not gauche or gauche[0].lower_ in _AVANT_UN_COMPARATIF:
        return not gauche and bool(droite) and droite[0].lower_ in _RENFORTS
    if any(m.lower_ in {"que", "qu'"} for m in droite):
        return False
    if not (est_conjugue(gauche[0]) or gauche[0].lower_ in {"pas", "a", "ai", "est"}):
        return False
    if not droite or droite[0].lower_ in _RENFORTS | {"du", "besoin"}:
        return True
    if droite[0].lower_ in {"de", "d'"}:
        suivant = droite[1] if len(droite) > 1 else None
        return suivant is None or "Plur" not in trait(suivant, "Number")
    return "Part" in trait(droite[0], "VerbForm") or droite[0].pos_ in {"ADP", "PRON", "DET"}


def _est_negation(mot: Token) -> bool:
    forme = mot.lower_
    if forme not in _FORCLUSIFS:
        return False
    precedent = mot.nbor(-1) if mot.i else None
    if forme == "plus":
        return _plus_est_negatif(mot)
    if precedent is not None and precedent.lower_ in _DETERMINANTS:
        return False
    if forme == "personne":
        return mot.pos_ != "NOUN" or not any(m.pos_ in {"DET", "NUM", "ADJ"} for m in mot.lefts)
    return True


def facades(doc: Doc) -> list[tuple[int, int]]:
    """Les étendues, en caractères, des négations qui ne nient pas le fait."""
    return [m.span() for m in NEGATIONS_NEUTRES.finditer(minuscules(doc))]


def negations(doc: Doc) -> list[Token]:
    """Les mots qui nient, sans les négations de façade (« pas mal », « je ne dis pas que »).

    Parameters
    ----------
    doc : Doc

    Returns
    -------
    list[Token]
        Dans l'ordre du texte.
    """
    neutres = facades(doc)
    return [
        mot for mot in doc if _est_negation(mot) and not any(debut <= mot.idx < fin for debut, fin in neutres)
    ]


def est_nie(mot: Token, nies: list[Token]) -> bool:
    """Le mot est-il sous une négation proche, dans la même proposition ?"""
    gauche = list(meme_proposition(mot, -1))[:PORTEE]
    if any(m in nies or m.lower_ == "sans" for m in gauche):
        return True
    droite = list(meme_proposition(mot, 1))[:2]
    return est_conjugue(mot) and any(m in nies for m in droite)
