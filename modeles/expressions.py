"""Des lemmes aux expressions lisibles : « garder », « enfant » redeviennent « garde d'enfants ».

Les thèmes se décrivent par des lemmes, mais un évaluateur lit des mots français. Ce module retrouve
chaque lemme dans le texte dont il vient, soude les couples de lemmes qui se suivent plus souvent que
le hasard (information mutuelle ponctuelle normalisée, Bouma 2009) et rend à chaque lemme ou couple
sa forme la plus employée. Il écarte les noms propres : ceux que donne l'appelant, et les mots qui
portent une majuscule ailleurs qu'en début de phrase.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

LIANTS = frozenset("de d du des à au aux en la le l les un une".split())
"""Petits mots admis entre les deux lemmes d'une expression (« garde d'enfants »)."""

MOTS_ORAUX = frozenset(
    """
    euh heu ben bah bon bof hein voilà voila ouais oui non enfin quoi truc trucs machin machins donc
    alors chose choses fois gens façon genre peu trop tout tous toute toutes autre autres même mêmes
    être avoir faire aller dire pouvoir vouloir devoir falloir savoir voir venir mettre prendre donner
    passer arriver parler croire penser trouver
    """.split()
)
"""Filet : mots de l'oral et verbes à tout faire, écartés même si l'appelant les a laissés."""

_JETON = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_RUPTURE = re.compile(r"[^\s'’-]")
_FIN_DE_PHRASE = re.compile(r"[.!?…:\n«»\"“”(\[—–]\s*[-–—]?\s*$")
_INFINITIF = re.compile(r".{2,}(?:er|ir|re|oir)$")
_NPMI_MIN = 0.35
_SUIVI_MIN = 3
_PART_PROPRE = 0.6
_AMORTI = 12.0


@dataclass(frozen=True)
class Expressions:
    """Les termes de chaque segment et leur écriture.

    Attributes
    ----------
    termes : tuple[tuple[str, ...], ...]
        Par segment, ses lemmes retenus et ses couples soudés (« garde_enfant »), répétitions gardées.
    formes : dict[str, str]
        L'écriture lisible de chaque terme.
    """

    termes: tuple[tuple[str, ...], ...]
    formes: dict[str, str]


def relever(
    textes: Sequence[str], lemmes: Sequence[str], propres: Collection[str] = ()
) -> Expressions:
    """Relève les termes de chaque segment et leur forme lisible.

    Parameters
    ----------
    textes : Sequence[str]
        Le texte de chaque segment.
    lemmes : Sequence[str]
        Les lemmes pleins de chaque segment, dans l'ordre du texte, séparés par des espaces.
    propres : Collection[str]
        Noms propres à écarter, en n'importe quelle casse ; un nom de plusieurs mots écarte chacun
        de ses mots à majuscule, un mot en minuscules s'écarte lui-même.

    Returns
    -------
    Expressions
        Autant de suites de termes que de segments.

    Raises
    ------
    ValueError
        Quand `textes` et `lemmes` n'ont pas la même longueur.
    """
    if len(textes) != len(lemmes):
        raise ValueError(f"{len(textes)} textes pour {len(lemmes)} suites de lemmes : il en faut autant")
    ecartes = MOTS_ORAUX | _mots_propres(propres) | _majuscules(textes)
    places = [
        list(_situer(texte, suite.lower().split())) for texte, suite in zip(textes, lemmes, strict=True)
    ]
    places = [
        [(lemme, ou) for lemme, ou in suite if lemme not in ecartes and _forme(texte, ou) not in ecartes]
        for texte, suite in zip(textes, places, strict=True)
    ]
    suivis = [list(_couples(texte, suite)) for texte, suite in zip(textes, places, strict=True)]
    gardes = _soudes(places, suivis)
    formes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    termes: list[tuple[str, ...]] = []
    for texte, suite, couples in zip(textes, places, suivis, strict=True):
        propres_au_segment: list[str] = []
        for lemme, ou in suite:
            propres_au_segment.append(lemme)
            formes[lemme][_forme(texte, ou) or lemme] += 1
        for gauche, droite, (debut, fin) in couples:
            if (gauche, droite) in gardes:
                terme = f"{gauche}_{droite}"
                propres_au_segment.append(terme)
                formes[terme][" ".join(texte[debut:fin].lower().replace("’", "'").split())] += 1
        termes.append(tuple(propres_au_segment))
    ecriture = {t: _ecrire(t, vues, formes) for t, vues in sorted(formes.items())}
    return Expressions(tuple(termes), ecriture)


def peser(expressions: Expressions, vecteurs: NDArray[np.float64]) -> dict[str, float]:
    """La pertinence des termes : cosinus moyen des couples de segments qui les emploient.

    Parameters
    ----------
    expressions : Expressions
        Les termes des segments.
    vecteurs : numpy.ndarray de forme (n, d)
        Plongements corrigés des mêmes segments, sans mélange du contexte, de norme 1.

    Returns
    -------
    dict[str, float]
        Par terme d'au moins deux segments, cette moyenne, amortie pour les termes rares et ramenée à
        zéro quand elle est négative.
    """
    places: dict[str, list[int]] = {}
    for rang, suite in enumerate(expressions.termes):
        for terme in sorted(set(suite)):
            places.setdefault(terme, []).append(rang)
    pertinence = {}
    for terme, rangs in places.items():
        if len(rangs) > 1:
            somme = vecteurs[rangs].sum(axis=0)
            carres = float((vecteurs[rangs] ** 2).sum())
            couples = len(rangs) * (len(rangs) - 1)
            pertinence[terme] = max(0.0, float(somme @ somme) - carres) / (couples + _AMORTI)
    return pertinence


def _mots_propres(propres: Iterable[str]) -> frozenset[str]:
    ecartes = set()
    for nom in propres:
        mots = _JETON.findall(nom)
        ecartes |= {m.lower() for m in mots if len(mots) == 1 or m[0].isupper()}
    return frozenset(ecartes - LIANTS)


def _majuscules(textes: Iterable[str]) -> frozenset[str]:
    """Mots presque toujours en majuscule initiale hors des débuts de phrase : noms propres."""
    vus: Counter[str] = Counter()
    grands: Counter[str] = Counter()
    for texte in textes:
        for jeton in _JETON.finditer(texte):
            if jeton.start() == 0 or _FIN_DE_PHRASE.search(texte[max(0, jeton.start() - 6) : jeton.start()]):
                continue
            mot = jeton.group()
            vus[mot.lower()] += 1
            grands[mot.lower()] += mot[0].isupper() and not mot.isupper()
    return frozenset(mot for mot, n in grands.items() if n and n >= _PART_PROPRE * vus[mot])


def _situer(texte: str, suite: Sequence[str]) -> Iterator[tuple[str, tuple[int, int] | None]]:
    """Place chaque lemme dans le texte, de gauche à droite ; None quand il reste introuvable."""
    jetons = list(_JETON.finditer(texte))
    suivant = 0
    for lemme in suite:
        for rang in range(suivant, len(jetons)):
            etendue = _reconnaitre(jetons[rang], lemme)
            if etendue is not None:
                suivant = rang if "-" in jetons[rang].group() else rang + 1
                yield lemme, etendue
                break
        else:
            yield lemme, None


def _reconnaitre(jeton: re.Match[str], lemme: str) -> tuple[int, int] | None:
    mot = jeton.group().lower()
    if _meme_mot(mot, lemme):
        return jeton.span()
    debut = jeton.start()
    for partie in mot.split("-") if "-" in mot else ():
        if _meme_mot(partie, lemme):
            return debut, debut + len(partie)
        debut += len(partie) + 1
    return None


def _meme_mot(mot: str, lemme: str) -> bool:
    """Une forme et un lemme sont le même mot quand ils partagent leur début, à la flexion près."""
    if mot == lemme:
        return True
    commun = 0
    for a, b in zip(mot, lemme, strict=False):
        if a != b:
            break
        commun += 1
    return commun >= max(3, len(lemme) - 3) and len(mot) - commun <= 6


def _forme(texte: str, etendue: tuple[int, int] | None) -> str:
    return "" if etendue is None else texte[etendue[0] : etendue[1]].lower()


def _couples(
    texte: str, suite: Sequence[tuple[str, tuple[int, int] | None]]
) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """Les couples de lemmes voisins que ne séparent que deux petits mots au plus."""
    for (gauche, a), (droite, b) in pairwise(suite):
        if a is None or b is None or gauche == droite or b[0] <= a[1] or (b[0] - a[1]) > 12:
            continue
        entre = texte[a[1] : b[0]]
        mots = _JETON.findall(entre.lower())
        if len(mots) > 2 or not LIANTS.issuperset(mots) or _RUPTURE.search(_JETON.sub("", entre)):
            continue
        yield gauche, droite, (a[0], b[1])


def _soudes(
    places: Sequence[Sequence[tuple[str, tuple[int, int] | None]]],
    suivis: Sequence[Sequence[tuple[str, str, tuple[int, int]]]],
) -> frozenset[tuple[str, str]]:
    """Les couples assez fréquents et assez liés pour se lire comme une seule expression."""
    seuls = Counter(lemme for suite in places for lemme, _ in suite)
    deux = Counter((g, d) for couples in suivis for g, d, _ in couples)
    total = max(1, sum(seuls.values()))
    gardes = set()
    for (g, d), n in deux.items():
        if n >= _SUIVI_MIN:
            commune = n / total
            pmi = math.log(commune * total * total / (seuls[g] * seuls[d]))
            if pmi / -math.log(commune) >= _NPMI_MIN:
                gardes.add((g, d))
    return frozenset(gardes)


def _plus_vue(vues: Counter[str]) -> str:
    return min(vues.items(), key=lambda paire: (-paire[1], paire[0]))[0]


def _ecrire(terme: str, vues: Counter[str], formes: dict[str, Counter[str]]) -> str:
    """La forme la plus vue ; l'infinitif pour un verbe conjugué."""
    if "_" in terme:
        forme = _plus_vue(vues)
        gauche = terme.split("_")[0]
        premier, _, reste = forme.partition(" ")
        conjugue = not premier.endswith(("é", "ée", "és", "ées")) and _verbe(gauche, formes[gauche])
        return f"{gauche} {reste}" if reste and conjugue else forme
    return terme if _verbe(terme, vues) else _plus_vue(vues)


def _verbe(lemme: str, vues: Counter[str]) -> bool:
    """Un lemme à l'infinitif dont une forme vue n'est ni lui, ni son pluriel, ni son féminin."""
    flexions = {lemme, lemme + "s", lemme + "x", lemme + "e", lemme + "es"}
    if lemme.endswith("er"):
        flexions |= {lemme[:-2] + "ère", lemme[:-2] + "ères"}
    return bool(_INFINITIF.match(lemme)) and any(forme not in flexions for forme in vues)
