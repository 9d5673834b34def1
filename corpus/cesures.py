"""Recoller un mot coupé en fin de ligne, en gardant les vrais traits d'union.

Heuristique, dans l'ordre :

1. le mot composé paraît ailleurs dans le texte avec son trait : le trait reste ; le mot soudé y
   paraît : le trait part ;
2. le trait reste après un premier élément de mot composé (« demi-, celui-, là-, vingt-… »), devant une
   capitale ou un chiffre (« Saint-Denis »), devant « -même » ;
3. il reste devant un pronom d'inversion quand ce qui précède a la terminaison qu'il demande :
   « est-ce », « prend-il » (t ou d), « vas-tu » (s ou x), « prenez-le » (-ez, -ons) ;
4. sinon c'était une césure, il part. Un mot composé rare, coupé à son trait, est donc soudé.
"""

from __future__ import annotations

import re

_AVANT = frozenset(
    "demi mi semi non sous vice ex après avant arrière contre quasi celui celle ceux celles quelques "
    "lui elle elles eux soi nous vous moi toi au par peut c à là jusque aussi dit vis tout toute "
    "grand grande grands grandes petit petite petits petites beau belle chef rendez saint sainte haut "
    "haute bas basse nord sud mieux bien outre entre porte monte sans socio quant "
    "vingt trente quarante cinquante soixante quatre dix cent a t".split()
)
_APRES = (
    (frozenset({"même", "mêmes", "je", "nous", "vous", "t"}), re.compile(r"")),
    (frozenset({"ce"}), re.compile(r"\A(?:est|était|sera|serait|sont|étaient|fut|soit)\Z")),
    (frozenset({"il", "ils", "elle", "elles", "on"}), re.compile(r"[td]\Z")),
    (frozenset({"tu"}), re.compile(r"[sx]\Z")),
    (frozenset({"le", "la", "les", "lui", "leur", "moi", "toi", "y", "en"}), re.compile(r"(?:ez|ons)\Z")),
    (frozenset({"là"}), re.compile(r"(?<!\Avoi)\Z")),
)


def recoller(debut: str, suite: str, lexique: frozenset[str]) -> str:
    """Joindre deux lignes dont la première finit par un trait d'union.

    Parameters
    ----------
    debut : str
        Texte qui finit par `-`.
    suite : str
        La ligne suivante.
    lexique : frozenset[str]
        Les mots du texte, en minuscules, traits d'union compris.

    Returns
    -------
    str

    Examples
    --------
    >>> recoller("un accompa-", "gnement social", frozenset())
    'un accompagnement social'
    >>> recoller("qu'est-", "ce que", frozenset())
    "qu'est-ce que"
    """
    avant = re.search(r"([\w'’-]*)-\Z", debut)
    apres = re.match(r"[\w'’-]+", suite)
    if not avant or not avant.group(1) or not apres:
        return debut + (" " if avant and not avant.group(1) else "") + suite
    gauche, droite = avant.group(1).casefold(), apres.group().casefold()
    if f"{gauche}-{droite}" in lexique:
        return debut + suite
    if gauche + droite in lexique:
        return debut[:-1] + suite
    dernier, premier = re.split(r"['’-]", gauche)[-1], re.split(r"['’-]", droite)[0]
    compose = (
        dernier in _AVANT
        or not suite[0].islower()
        or any(premier in mots and terminaison.search(dernier) for mots, terminaison in _APRES)
    )
    return debut + suite if compose else debut[:-1] + suite
