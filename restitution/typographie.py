"""La typographie française : espaces insécables, guillemets, apostrophes, nombres, dates.

Règles du *Lexique des règles typographiques en usage à l'Imprimerie nationale* (2002) : espace fine insécable
avant « ; ! ? », espace insécable avant « : » et à l'intérieur des guillemets, milliers séparés d'une fine,
virgule décimale, « 1er » pour le premier du mois.
"""

from __future__ import annotations

import re
from datetime import datetime

FINE, INSECABLE = "\u202f", "\u00a0"
_BLANC = f"[ {FINE}{INSECABLE}]"
_MOIS = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre".split()

_REGLES: tuple[tuple[re.Pattern[str], str], ...] = tuple((re.compile(motif), par) for motif, par in (
    (r"\.{3}", "…"),
    (r'(?<![\w"])"([^"\n]+)"(?![\w"])', r"« \1 »"),
    (r"(?<=\w)'(?=[\w«])", "’"),
    (rf"«{_BLANC}*(?=\S)", f"«{INSECABLE}"),
    (rf"(?<=\S){_BLANC}*»", f"{INSECABLE}»"),
    # Pas d'espace ajoutée devant un signe collé à ce qui le suit : une adresse, une heure, « machine:… ».
    (rf"(?<=[\w»)\]%…’]){_BLANC}*([;!?]+)(?=[\s»)\],…]|$)", rf"{FINE}\1"),
    (rf"(?<=[\w»)\]%…’]){_BLANC}*:(?=\s|$)", f"{INSECABLE}:"),
    (rf"(?<=\d){_BLANC}*([%€])", rf"{INSECABLE}\1"),
    (rf"(?<![\w,.])(\d{{1,3}}){_BLANC}(?=\d{{3}}(?![\w,]))", rf"\1{FINE}"),
    (rf"(?<=\d){_BLANC}(?=(?:ans|mois|jours?|heures?|h|min|s|km|mots|entretiens?|territoires?)\b)", INSECABLE),
    (rf"(?<!\w)(M\.|MM\.|Mmes?|n°|p\.){_BLANC}(?=[\dA-ZÀ-Ý])", rf"\1{INSECABLE}"),
))


def francais(texte: str) -> str:
    """Un texte aux espaces, guillemets et apostrophes de la typographie française.

    Seuls les blancs, les guillemets droits, les apostrophes droites et les points de suspension changent ; aucun
    mot n'est touché. Appliquée deux fois, la fonction ne change plus rien.

    Parameters
    ----------
    texte : str

    Returns
    -------
    str
    """
    for motif, par in _REGLES:
        texte = motif.sub(par, texte)
    return texte


def nombre(valeur: float, decimales: int = 0) -> str:
    """Un nombre à la française : milliers séparés d'une espace fine insécable, virgule décimale."""
    return f"{valeur:,.{decimales}f}".replace(",", FINE).replace(".", ",")


def pourcent(part: float, decimales: int = 0) -> str:
    """Une part, de 0 à 1, en pourcentage : « 12 % »."""
    return f"{nombre(100 * part, decimales)}{INSECABLE}%"


def compte(effectif: int, nom: str, pluriel: str = "") -> str:
    """Un effectif et ce qu'il compte : « 0 entretien », « 1 entretien », « 12 entretiens »."""
    return f"{nombre(effectif)}{INSECABLE}{nom if effectif < 2 else pluriel or nom + 's'}"


def date_en_clair(iso: str) -> str:
    """« 2026-02-03T09:05:00 » → « 3 février 2026, 9 h 05 » ; une date non ISO est rendue telle quelle."""
    try:
        instant = datetime.fromisoformat(iso)
    except ValueError:
        return iso
    jour = "1er" if instant.day == 1 else str(instant.day)
    texte = f"{jour}{INSECABLE}{_MOIS[instant.month - 1]} {instant.year}"
    return (f"{texte}, {instant.hour}{INSECABLE}h{INSECABLE}{instant.minute:02d}"
            if "T" in iso or " " in iso else texte)
