"""Couper en unités lisibles un long morceau de parole que la ponctuation ne coupe pas.

Une transcription automatique peut ne porter ni ponctuation ni majuscule, ou des virgules seulement.
Un morceau sans ponctuation finale, ou haché de points de suspension, est recoupé au-delà de
`MOTS_SANS_PONCTUATION` mots ; un morceau ponctué ne l'est qu'au-delà de `MOTS_PONCTUES` mots.

On avance de gauche à droite. Chaque unité prend de `MOTS_MIN` à `MOTS_MAX` mots ; dans cette fenêtre
on retient la place la moins coûteuse, c'est-à-dire son prix plus le quart de l'écart, en mots, à
`MOTS_VISES` (la première en cas d'égalité). Les prix, du plus bas au plus haut : après des points de
suspension ou un point-virgule ; virgule devant un connecteur de l'oral (« et puis », « donc »,
« mais », « du coup », « parce que »…) ; connecteur seul ; virgule ; devant un sujet (« je »,
« c'est »…) ; mot quelconque ; après un mot qui appelle la suite (« de », « que », « je »…). On ne
coupe jamais dans un mot. L'heuristique est propre au projet ; `python -m bancs.phrases` la mesure sur
un corpus dont on efface la ponctuation, contre des coupes à longueur fixe.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator

MOTS_VISES = 18
MOTS_MIN = 9
MOTS_MAX = 30
MOTS_SANS_PONCTUATION = 30
MOTS_PONCTUES = 60

# Mots après lesquels une phrase ne s'arrête pas.
LIANTS = frozenset(
    "le la les l un une des du de d au aux à en dans par pour sur sous avec sans chez vers entre et ou ni"
    " mais donc que qu qui dont quand si comme parce ce cet cette ces mon ma mes ton ta tes son sa ses"
    " notre nos votre vos leur leurs je j tu il ils on nous vous ne n se s me m te t y c est était sont a"
    " ai as ont suis sommes être avoir avait très trop plus moins tout tous toute toutes puis alors euh"
    " bon ben enfin même quel quelle aussi fait".split()
)

_SIGNES = ".!?…"
_JETON = re.compile(r"\S+")
_MOT = re.compile(r"\w+")
_GROUPE = re.compile(r"\[[^\[\]\n]{1,200}\]|\([^()\n]{1,200}\)")

_CONNECTEUR = re.compile(
    r"(?:et|ou|mais|bon|ben|donc)\s+(?:puis|après|donc|alors|là|ensuite|du\s+coup|enfin|en\s+fait|ben|bon)\b"
    r"|(?:donc|mais|alors|puis|ensuite|après|bref|sinon|voilà|car|puisque|sauf\s+que|du\s+coup"
    r"|parce\s+qu[e'’]|par\s+contre|c['’]est[\s-]à[\s-]dire|en\s+fait|au\s+début|quand|enfin)\b"
    r"|et\s+(?:je|j['’]|tu|il|ils|elle|elles|on|nous|vous|c['’]est|ça|y\s+a|moi|eux|lui)\b",
    re.IGNORECASE,
)
_SUJET = re.compile(
    r"(?:je|tu|on|ils?|elles?|nous|vous|y\s+a|moi|ça|bon|ben|si|oui|non|ah)\b|[jc]['’]", re.IGNORECASE
)


def recouper(texte: str, debut: int, fin: int) -> Iterator[tuple[int, int]]:
    """Rendre un morceau tel quel, ou recoupé en unités lisibles s'il est trop long.

    Parameters
    ----------
    texte : str
        Le tour de parole.
    debut, fin : int
        Étendue du morceau dans `texte`, en caractères, sans blancs au bord.

    Yields
    ------
    tuple of (int, int)
        Étendues des unités, en ordre, sans blancs au bord ; elles couvrent tous les mots du morceau.
    """
    corps, queue = texte[debut : fin - 6], texte[max(debut, fin - 6) : fin]
    ponctue = any(signe in queue for signe in _SIGNES) and ".." not in corps and "…" not in corps
    limite = MOTS_PONCTUES if ponctue else MOTS_SANS_PONCTUATION
    if fin - debut < 2 * limite:
        yield debut, fin
        return
    jetons: list[tuple[int, int]] = []
    for jeton in _JETON.finditer(texte, debut, fin):
        if jetons and not _MOT.search(jeton[0]):
            jetons[-1] = (jetons[-1][0], jeton.end())
        else:
            jetons.append(jeton.span())
    if len(jetons) <= limite:
        yield debut, fin
        return
    groupes = [groupe.span() for groupe in _GROUPE.finditer(texte, debut, fin)]
    prix = [_prix(texte, jetons, rang, groupes) for rang in range(len(jetons))]
    depart = 0
    while len(jetons) - depart > MOTS_MAX:
        borne = max(MOTS_MIN + 1, min(MOTS_MAX, len(jetons) - depart - MOTS_MIN))
        rang = min(
            range(depart + MOTS_MIN, depart + borne + 1),
            key=lambda r: prix[r] + abs(r - depart - MOTS_VISES) / 4,
        )
        yield jetons[depart][0], jetons[rang - 1][1]
        depart = rang
    yield jetons[depart][0], jetons[-1][1]


def _prix(texte: str, jetons: list[tuple[int, int]], rang: int, groupes: list[tuple[int, int]]) -> float:
    """Le prix d'une coupe devant le jeton `rang`, de 0 (points de suspension) à 100 (à éviter)."""
    if rang == 0:
        return 100.0
    debut = jetons[rang][0]
    avant = texte[slice(*jetons[rang - 1])]
    if not (texte[debut].isalnum() or texte[debut] in "«“‹[(—–"):
        return 100.0
    place = bisect_left(groupes, (debut, debut))
    if place and groupes[place - 1][1] > debut:
        return 100.0
    if avant[-1] in "…;!?" or avant.endswith(".."):
        return 0.0
    if not avant[-1].isalnum() and avant[-1] not in ",:»”)]%€":
        return 50.0
    connecteur = _CONNECTEUR.match(texte, debut) is not None
    if avant[-1] == ",":
        return 1.0 if connecteur else 3.0
    if avant[-1] == ":":
        return 3.0
    mots = _MOT.findall(avant)
    if mots and mots[-1].lower() in LIANTS:
        return 20.0
    if connecteur:
        return 1.5
    return 4.0 if _SUJET.match(texte, debut) else 9.0
