"""Les débuts de ligne qui annoncent une parole : étiquette « Nom : », horodatage, tiret.

Sert aux formats qui doivent recoller des lignes (PDF) ou chercher un nom dans une réplique
(sous-titres) ; le repérage des locuteurs proprement dit se fait ensuite, sur le texte rendu.
"""

from __future__ import annotations

import re

HEURE = r"\d{1,2}\s?[:hH]\s?\d{2}(?:\s?[:mM'’]\s?\d{2})?(?:[.,]\d{1,3})?"
HORODATAGE = re.compile(rf"[\[(]\s*{HEURE}\s*[\])]|{HEURE}(?=\s|\Z)")
TIRET = re.compile(r"[-–—―‒]\s*(?=\S)")

_ETIQUETTE = re.compile(
    r"[\[(]?(?P<nom>[^\W\d_a-zà-öø-ÿœ][^\s:\[\]()]*(?:[ \u00a0\u202f][^\s:\[\]()]+){0,4})[\])]?"
    r"[ \u00a0\u202f]{0,2}:(?=[ \t\u00a0\u202f]|\Z)[ \t\u00a0\u202f]*"
)
_LONGUEUR = 40


def etiquette(texte: str) -> tuple[str, int]:
    """Lire l'étiquette « Nom : » qui ouvre un texte.

    Parameters
    ----------
    texte : str
        Une ligne ou une réplique.

    Returns
    -------
    nom : str
        Le nom, sans crochets ni deux-points ; vide s'il n'y a pas d'étiquette. Un nom commence par
        une capitale, compte cinq mots et quarante caractères au plus.
    longueur : int
        Nombre de caractères à sauter pour atteindre la parole ; 0 sans étiquette.
    """
    trouve = _ETIQUETTE.match(texte)
    if not trouve or len(trouve.group("nom")) > _LONGUEUR:
        return "", 0
    return trouve.group("nom"), trouve.end()
