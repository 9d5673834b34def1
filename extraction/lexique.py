"""Repérer les codes d'une grille par son lexique, quand aucun exemple codé n'existe encore.

Une grille nouvelle n'a pas de codeur appris : restent les mots et expressions que chaque code déclare
(`mots`). Une phrase porte un code si elle en contient au moins une. C'est un point de départ à relire,
pas un codage : la confiance n'est pas calibrée et le rapport le dit.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from extraction.grille import Code

_MOT = re.compile(r"\w+")
_RACINE_MIN = 5


def _simplifier(texte: str) -> str:
    """Minuscules sans accents, caractère pour caractère : les positions sont celles du texte."""
    return "".join(unicodedata.normalize("NFD", signe)[0].lower()[:1] for signe in texte)


def _motif(expression: str) -> re.Pattern[str]:
    """Motif d'une expression : chaque mot long admet une autre terminaison (« partenaires », « coordonné »)."""
    morceaux = []
    for mot in _MOT.findall(_simplifier(expression)):
        racine = mot[:max(_RACINE_MIN, len(mot) - 2)]
        morceaux.append(re.escape(racine) + (r"\w{0,4}" if len(mot) >= _RACINE_MIN else ""))
    return re.compile(r"\b" + r"\W+".join(morceaux) + r"\b")


class CodeurLexique:
    """Codeur par lexique.

    Parameters
    ----------
    codes : Sequence[Code]
        Codes de la grille ; un code sans `mots` n'est jamais repéré.
    """

    version = "lexique-1"

    def __init__(self, codes: Sequence[Code]) -> None:
        self.codes = tuple(code.code for code in codes)
        self.muets = tuple(code.code for code in codes if not code.mots)
        self._motifs = [[_motif(mot) for mot in code.mots if _MOT.search(mot)] for code in codes]

    def reperer(self, textes: Sequence[str]) -> tuple[npt.NDArray[np.float64], list[list[str]]]:
        """Repère les codes dans des phrases.

        Returns
        -------
        confiances : ndarray (n, codes)
            0 sans expression trouvée ; sinon k / (k + 4) pour k expressions distinctes : un ordre, pas
            une probabilité.
        preuves : list[list[str]]
            Pour chaque phrase et chaque code, les mots trouvés, séparés par « ; ».
        """
        confiances = np.zeros((len(textes), len(self.codes)))
        preuves: list[list[str]] = []
        for ligne, brut in enumerate(textes):
            texte = unicodedata.normalize("NFC", brut)
            simple = _simplifier(texte)
            preuves.append([])
            for colonne, motifs in enumerate(self._motifs):
                trouves = [texte[t.start():t.end()] for motif in motifs if (t := motif.search(simple))]
                confiances[ligne, colonne] = len(trouves) / (len(trouves) + 4)
                preuves[-1].append("; ".join(dict.fromkeys(trouves)))
        return confiances, preuves
