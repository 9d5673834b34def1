"""La tête `clé: valeur` d'une transcription.

Une tête est une suite de lignes `clé : valeur` au tout début du texte, dont au moins une clé est
connue. Une étiquette de locuteur (« Q : … ») ne fait pas une tête à elle seule, et une clé inconnue
qui revient plus loin en début de ligne est tenue pour un locuteur : la tête s'arrête avant elle.
"""

from __future__ import annotations

import re
import unicodedata

CLES = frozenset({"id", "entretien", "territoire", "fonction", "categorie", "date"})

_LIGNE = re.compile(r"([^\r\n]*)(\r\n|\n|\r|\Z)")
_CLE_VALEUR = re.compile(r"[ \t]*([^\W\d_][\w'’-]*)[ \t\u00a0\u202f]*:[ \t\u00a0\u202f]*(.*?)\s*\Z")
_CLOTURE = "---"


def normaliser_cle(cle: str) -> str:
    """Mettre une clé en minuscules et sans accents (« Catégorie » → « categorie »).

    Parameters
    ----------
    cle : str

    Returns
    -------
    str
    """
    decomposee = unicodedata.normalize("NFKD", cle.strip().casefold())
    return "".join(signe for signe in decomposee if not unicodedata.combining(signe))


def lire_tete(texte: str) -> tuple[int, dict[str, str]]:
    """Lire la tête `clé: valeur` d'un texte.

    Parameters
    ----------
    texte : str
        Le texte rendu par un format.

    Returns
    -------
    debut : int
        Position du premier caractère après la tête et sa ligne vide ; 0 sans tête.
    metadonnees : dict[str, str]
        Clés normalisées et valeurs sans blancs au bord ; vide sans tête.

    Notes
    -----
    Le bloc finit à la première ligne vide, sauf si une autre clé connue la suit. S'il bute sur autre
    chose (une transcription sans ligne vide après sa tête), on ne garde que les clés connues qui
    l'ouvrent. Une tête entre deux lignes `---`, comme en Markdown, est admise.
    """
    lignes = _premieres_lignes(texte)
    while lignes and not lignes[0][0].strip():
        lignes.pop(0)
    cloture = bool(lignes) and lignes[0][0].strip() == _CLOTURE
    if cloture:
        lignes.pop(0)
    paires: list[tuple[str, str, int]] = []
    debut = 0
    ferme = True
    for rang, (contenu, fin) in enumerate(lignes):
        if not contenu.strip() and not cloture and _reprend(lignes[rang:], {cle for cle, _, _ in paires}):
            continue
        if not contenu.strip() or (cloture and contenu.strip() == _CLOTURE):
            debut = fin
            break
        trouve = _CLE_VALEUR.match(contenu)
        cle = normaliser_cle(trouve.group(1)) if trouve else ""
        deja = {autre for autre, _, _ in paires}
        if not trouve or cle in deja or (cle not in CLES and _revient(texte, trouve.group(1), fin)):
            ferme = False
            break
        paires.append((cle, trouve.group(2), fin))
        debut = fin
    if not ferme:
        connues = 0
        while connues < len(paires) and paires[connues][0] in CLES:
            connues += 1
        paires = paires[:connues]
        debut = paires[-1][2] if paires else 0
    if not any(cle in CLES for cle, _, _ in paires):
        return 0, {}
    return debut, {cle: valeur for cle, valeur, _ in paires}


def _premieres_lignes(texte: str, nombre: int = 60) -> list[tuple[str, int]]:
    """Les premières lignes : (contenu sans fin de ligne, position après la fin de ligne)."""
    lignes: list[tuple[str, int]] = []
    position = 0
    while position < len(texte) and len(lignes) < nombre:
        trouve = _LIGNE.match(texte, position)
        assert trouve is not None  # le motif accepte la ligne vide
        position = trouve.end()
        lignes.append((trouve.group(1), position))
    return lignes


def _reprend(lignes: list[tuple[str, int]], deja: set[str]) -> bool:
    """Après cette ligne vide, la tête reprend-elle par une clé connue ?"""
    suivante = next((contenu for contenu, _ in lignes if contenu.strip()), "")
    trouve = _CLE_VALEUR.match(suivante)
    return trouve is not None and normaliser_cle(trouve.group(1)) in CLES - deja


def _revient(texte: str, etiquette: str, depuis: int) -> bool:
    """L'étiquette ouvre-t-elle une autre ligne plus loin ? Alors c'est un locuteur."""
    motif = rf"(?:^|[\r\n])[ \t]*{re.escape(etiquette)}[ \t\u00a0\u202f]*:"
    return re.compile(motif).search(texte, max(0, depuis - 1)) is not None
