"""Des textes aux tableaux de formes que demandent les spécificités, l'AFC et les similitudes.

Une forme est ce que compte le chercheur : un mot tel qu'il est écrit, ou son lemme. `decouper` donne les
mots d'un texte ; les lemmes pleins viennent de `extraction.mentions.analyser_phrases` (colonne `lemmes`,
à couper aux espaces). `tableau_lexical` les compte par partie : territoire, catégorie d'acteurs, entretien…
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

import pandas as pd

_PRONOM = r"(?:je|tu|ils?|elles?|on|nous|vous|ce|moi|toi|lui|leur|l[ae]s?|y|en)\b(?!-)"
_FORME = re.compile(
    r"aujourd'hui|quelqu'une?s?\b|presqu'îles?\b|prud'hom\w+|entr'\w+|rendez-vous\b"
    rf"|(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quoiqu)'|\w+(?:-(?!{_PRONOM})\w+)*"
)
_EUPHONIE = re.compile(r"-t-(?=(?:ils?|elles?|on)\b)")
_LETTRE = re.compile(r"[^\W\d_]")


def decouper(texte: str) -> list[str]:
    """Coupe un texte en formes.

    Parameters
    ----------
    texte : str

    Returns
    -------
    list[str]
        Les mots, dans l'ordre, en minuscules et en Unicode NFC. L'élision est une forme (« l' », « qu' »),
        un mot composé aussi (« là-bas », « rendez-vous »), mais pas le pronom inversé (« a-t-il » donne
        « a », « il ») ; ce qui n'a aucune lettre (nombres, ponctuation) est écarté.
    """
    plat = unicodedata.normalize("NFC", texte).lower().replace("’", "'").replace("ʼ", "'")
    return [forme for forme in _FORME.findall(_EUPHONIE.sub(" ", plat)) if _LETTRE.search(forme)]


def tableau_lexical(suites: Iterable[Sequence[str]], parties: Iterable[str]) -> pd.DataFrame:
    """Compte les formes de chaque partie d'un corpus.

    Parameters
    ----------
    suites : Iterable[Sequence[str]]
        Les formes de chaque unité (phrase, segment, entretien), répétitions gardées.
    parties : Iterable[str]
        La partie de chaque unité, autant que de suites. Une unité sans partie (None, nan, chaîne vide)
        n'est comptée nulle part.

    Returns
    -------
    pandas.DataFrame de forme (formes, parties)
        Effectifs (int64) ; formes en index, parties en colonnes, en ordre alphabétique.

    Raises
    ------
    ValueError
        Quand `suites` et `parties` n'ont pas la même longueur.
    """
    unites, lieux = list(suites), list(parties)
    if len(unites) != len(lieux):
        raise ValueError(f"{len(unites)} suites de formes pour {len(lieux)} parties : il en faut autant")
    occurrences = pd.DataFrame(
        [
            (forme, lieu)
            for suite, lieu in zip(unites, lieux, strict=True)
            if not pd.isna(lieu) and lieu != ""
            for forme in suite
        ],
        columns=["forme", "partie"],
    )
    return pd.crosstab(occurrences["forme"], occurrences["partie"]).astype("int64")
