"""Écrire un dessin en SVG : marques, mesure des textes, gabarit.

Un dessin est un fichier qui se suffit, sans script, sans police jointe ni réseau. Il porte un titre et un
texte de remplacement (`<title>`, `<desc>`) que lisent les lecteurs d'écran. Tous les textes passent par
l'échappement du gabarit : rien de ce qu'un entretien contient ne peut devenir une balise.

Les longueurs sont en pixels, l'origine en haut à gauche. Faute de police à interroger, la largeur d'un
texte est estimée par excès, sur les chasses de DejaVu Sans, plus large que les autres polices demandées.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

if TYPE_CHECKING:
    from jinja2 import Template

FOND = "#ffffff"
ENCRE = "#1b1f24"
SOURD = "#565e68"
FILET = "#8d949c"
COULEURS = ("#1f4e8c", "#b04f06", "#75489c", "#1a6b4a", "#a3195b", "#0b6a7d", "#6b5200", "#7a3b2e")
"""Couleurs des groupes ; chacune se lit sur le fond (contraste d'au moins 4,5, WCAG 2.1, 1.4.3)."""
POLICE = "system-ui, 'Segoe UI', Roboto, 'Liberation Sans', 'DejaVu Sans', Arial, sans-serif"

TAILLE = 13.0
"""Taille de la police d'un texte ordinaire, en pixels."""
MARGE = 16.0
"""Bord laissé libre autour d'un dessin, en pixels."""
CENTRER = 0.35
"""De combien descendre un texte, en parts de sa taille, pour que son milieu soit à une ordonnée donnée."""
HAUT_DU_TEXTE = 0.95
BAS_DU_TEXTE = 0.25
"""Ce qu'un texte prend au-dessus et au-dessous de sa ligne, en parts de sa taille."""

_GABARITS = Path(__file__).parent / "gabarits"
_CHASSES = {
    signe: chasse
    for chasse, signes in (
        (0.33, "ijlIJ,.'’· \u00a0\u202f"),
        (0.37, "f/:;\\|-"),
        (0.43, "tr!()[]"),
        (0.56, 'csz?L"*_`–'),
        (0.79, "ABCDGHKNOQRUVXZ&"),
        (0.87, "wM#+<=>^~−"),
        (1.04, "mWæœ@…—%"),
    )
    for signe in signes
}
_CHASSE = 0.65
_CHASSE_LOINTAINE = 1.4
_GRAS = 1.14
_INTERDITS = re.compile(
    "[^\t\n\r\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|[\u202a-\u202e\u2066-\u2069]"
)


@dataclass(frozen=True)
class Texte:
    """Un texte d'une ligne, posé sur la ligne d'ordonnée `y` ; `ancre` dit quel bout est en `x`."""

    genre: ClassVar[str] = "texte"
    x: float
    y: float
    texte: str
    taille: float = TAILLE
    couleur: str = ENCRE
    ancre: Literal["start", "middle", "end"] = "start"
    gras: bool = False
    halo: bool = False
    bulle: str = ""

    @property
    def boite(self) -> tuple[float, float, float, float]:
        """Gauche, haut, droite, bas, par excès."""
        large = largeur(self.texte, self.taille, self.gras)
        gauche = self.x - {"start": 0.0, "middle": large / 2, "end": large}[self.ancre]
        return gauche, self.y - HAUT_DU_TEXTE * self.taille, gauche + large, self.y + BAS_DU_TEXTE * self.taille


@dataclass(frozen=True)
class Trait:
    """Une ligne brisée."""

    genre: ClassVar[str] = "trait"
    points: tuple[tuple[float, float], ...]
    couleur: str = FILET
    epaisseur: float = 1.0
    tirets: bool = False
    bulle: str = ""


@dataclass(frozen=True)
class Rectangle:
    """Un rectangle plein."""

    genre: ClassVar[str] = "rectangle"
    x: float
    y: float
    largeur: float
    hauteur: float
    couleur: str
    bulle: str = ""


@dataclass(frozen=True)
class Disque:
    """Un disque plein."""

    genre: ClassVar[str] = "disque"
    x: float
    y: float
    rayon: float
    couleur: str
    bulle: str = ""


Marque = Texte | Trait | Rectangle | Disque


def propre(texte: str) -> str:
    """Un texte d'une ligne, sans les caractères que XML interdit ni ceux qui retournent le sens de lecture."""
    return " ".join(_INTERDITS.sub("\ufffd", str(texte)).split())


def largeur(texte: str, taille: float, gras: bool = False) -> float:
    """Largeur d'un texte en pixels, estimée par excès.

    Parameters
    ----------
    texte : str
    taille : float
        Taille de la police, en pixels.
    gras : bool, default False

    Returns
    -------
    float
    """
    return sum(_chasse(signe) for signe in texte) * taille * (_GRAS if gras else 1.0)


@lru_cache(maxsize=4096)
def _chasse(signe: str) -> float:
    nu = unicodedata.normalize("NFD", signe)[0]
    latin = nu in _CHASSES or "\u0020" <= nu <= "\u024f"
    return _CHASSES.get(nu, _CHASSE if latin else _CHASSE_LOINTAINE)


def abreger(texte: str, place: float, taille: float, gras: bool = False) -> str:
    """Le texte, coupé d'un « … » s'il dépasse `place` pixels."""
    if largeur(texte, taille, gras) <= place:
        return texte
    garde = len(texte)
    while garde and largeur(texte[:garde].rstrip() + "…", taille, gras) > place:
        garde -= 1
    return texte[:garde].rstrip() + "…"


def composer(texte: str, place: float, taille: float, gras: bool = False, lignes: int = 3) -> list[str]:
    """Coupe un texte en lignes de `place` pixels au plus, aux espaces ; la dernière est abrégée.

    Parameters
    ----------
    texte : str
    place, taille : float
        Largeur admise et taille de la police, en pixels.
    gras : bool, default False
    lignes : int, default 3
        Nombre de lignes au plus.

    Returns
    -------
    list[str]
        Aucune ligne pour un texte vide.
    """
    mots = texte.split()
    rendues: list[str] = []
    while mots and len(rendues) < lignes - 1:
        pris = 1
        while pris < len(mots) and largeur(" ".join(mots[: pris + 1]), taille, gras) <= place:
            pris += 1
        rendues.append(abreger(" ".join(mots[:pris]), place, taille, gras))
        mots = mots[pris:]
    return [*rendues, abreger(" ".join(mots), place, taille, gras)] if mots else rendues


def nombre(valeur: float) -> str:
    """Un nombre à la française, à trois chiffres significatifs : « 1 204 », « 12,3 », « −0,25 »."""
    if valeur and not 0.005 <= abs(valeur) < 1e12:
        ecrit = f"{valeur:.1e}"
    else:
        decimales = 0 if valeur == round(valeur) or abs(valeur) >= 100 else 1 if abs(valeur) >= 10 else 2
        ecrit = f"{valeur + 0.0:,.{decimales}f}"
    return ecrit.replace(",", "\u202f").replace(".", ",").replace("-", "−")


def titrer(titre: str, sous_titre: str, cadre: float) -> tuple[list[Marque], float]:
    """Les premières marques d'un dessin de largeur `cadre` : titre et sous-titre ; l'ordonnée où commence le reste."""
    marques: list[Marque] = []
    y = 8.0
    for texte, taille, gras, couleur in ((titre, 17.0, True, ENCRE), (sous_titre, TAILLE, False, SOURD)):
        for ligne in composer(propre(texte), cadre - 2 * MARGE, taille, gras):
            y += taille * 1.35
            marques.append(Texte(MARGE, y, ligne, taille, couleur, gras=gras))
        y += 4.0
    return marques, y + 12.0


def enumerer(debut: str, elements: Sequence[str], annonce: str = "", limite: int = 30) -> str:
    """Le texte de remplacement : une phrase de début, puis les premiers éléments et le compte des autres."""
    suite = " ; ".join(elements[:limite])
    if len(elements) > limite:
        suite += f" ; et {len(elements) - limite} autres"
    if annonce and suite:
        suite = f"{annonce} : {suite}"
    return " ".join(f"{partie.rstrip('. ')}." for partie in (debut, suite) if partie.strip())


def rendre(cadre: tuple[float, float], titre: str, description: str, marques: Sequence[Marque]) -> str:
    """Écrit le dessin.

    Parameters
    ----------
    cadre : tuple of (float, float)
        Largeur et hauteur, en pixels.
    titre : str
        Ce que le dessin montre, en quelques mots.
    description : str
        Ce qu'on y lit, pour qui ne le voit pas.
    marques : Sequence[Marque]
        De la plus profonde à la plus haute.

    Returns
    -------
    str
        Le document SVG. Mêmes arguments, mêmes octets ; les identifiants dépendent du contenu, pour que
        plusieurs dessins tiennent dans une même page.
    """
    cle = "dessin-" + hashlib.sha256(repr((cadre, titre, description, marques)).encode()).hexdigest()[:12]
    return _gabarit().render(
        cle=cle,
        largeur=cadre[0],
        hauteur=cadre[1],
        titre=propre(titre),
        description=propre(description),
        marques=list(_propres(marques)),
        police=POLICE,
        fond=FOND,
    )


def _propres(marques: Sequence[Marque]) -> Iterator[Marque]:
    for marque in marques:
        if isinstance(marque, Texte):
            yield replace(marque, texte=propre(marque.texte), bulle=propre(marque.bulle))
        else:
            yield replace(marque, bulle=propre(marque.bulle))


def _mesure(valeur: float) -> str:
    """Une longueur, au dixième de pixel."""
    return f"{round(valeur, 1) + 0.0:.1f}".removesuffix(".0")  # + 0.0 : jamais de « -0 »


@lru_cache(maxsize=1)
def _gabarit() -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environnement = Environment(
        loader=FileSystemLoader(_GABARITS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environnement.filters["mesure"] = _mesure
    return environnement.get_template("dessin.svg")
