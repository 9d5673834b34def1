"""Les débuts de ligne qui annoncent une parole : étiquette « Nom : », horodatage, tiret.

Sert aux formats qui doivent recoller des lignes (PDF) ou chercher un nom dans une réplique
(sous-titres) ; le repérage des locuteurs proprement dit se fait ensuite, sur le texte rendu.
"""

from __future__ import annotations

import re

from corpus.etiquettes import forme

HEURE = r"\d{1,2}\s?[:hH]\s?\d{2}(?:\s?[:mM'’]\s?\d{2})?(?:[.,]\d{1,3})?"
HORODATAGE = re.compile(rf"[\[(]\s*{HEURE}\s*[\])]|{HEURE}(?=\s|\Z)")
TIRET = re.compile(r"[-–—―‒]\s*(?=\S)")

_BLANC = "[ \\t\u00a0\u202f]"
_ETIQUETTE = re.compile(
    rf"(?:[\[<](?P<entre>[^\[\]<>:\n]{{1,60}})[\]>]|(?P<nu>[^\[\]<>:\n]{{1,60}}?)){_BLANC}{{0,2}}:"
    rf"(?={_BLANC}|\Z){_BLANC}*"
    rf"|\[(?P<seul>[^\[\]:\n]{{1,40}})\]{_BLANC}+(?=\S)"
)
_FORMES = frozenset({"parlante", "generique", "nom", "sigle"})


def etiquette(texte: str) -> tuple[str, int]:
    """Lire l'étiquette « Nom : » qui ouvre un texte.

    Parameters
    ----------
    texte : str
        Une ligne ou une réplique.

    Returns
    -------
    nom : str
        Le nom, sans crochets ni deux-points ; vide s'il n'y a pas d'étiquette. Les formes admises sont
        celles de `corpus.etiquettes.forme` : le repérage des locuteurs les reconnaîtra ensuite.
    longueur : int
        Nombre de caractères à sauter pour atteindre la parole ; 0 sans étiquette.
    """
    trouve = _ETIQUETTE.match(texte)
    nom = (trouve["entre"] or trouve["nu"] or trouve["seul"]).strip() if trouve else ""
    if not trouve or forme(nom) not in _FORMES:
        return "", 0
    return nom, trouve.end()
