"""Les positions d'un texte, d'un logiciel à l'autre.

La norme compte en points de code depuis 0 (REFI-QDA 1.5, § 10.2), la fin exclue dans tous ses exemples ; elle ne dit
rien des fins de ligne ni de la marque d'ordre des octets. Une fin de ligne CR LF compte pour un dans ATLAS.ti et pour
deux ailleurs (c'est ainsi que QualCoder les lit, refi.py) ; un emoji peut compter pour deux (unités UTF-16), la
marque pour un.

On écrit donc des textes où toutes ces façons de compter s'accordent, hors emoji : fins de ligne LF, pas de marque ;
les fins de ligne d'origine sont notées à part (`noter_fins`). On lit en essayant chacune : le nom d'une sélection
est d'ordinaire le début du passage choisi, et départage.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import groupby, product

_FIN = re.compile(r"\r\n|\r|\n")
_NOMS = {"\r\n": "CRLF", "\r": "CR", "\n": "LF"}
_SIGNES = {nom: signe for signe, nom in _NOMS.items()}
Conversion = Callable[[int], int]
_NOTE = re.compile(r"(CRLF|CR|LF) ×(\d+)")


@dataclass(frozen=True)
class Fins:
    """Les fins de ligne CR LF d'un texte : passe d'une position du texte à celle du même texte en LF, et retour."""

    crlf: tuple[int, ...]
    crlf_lf: tuple[int, ...]

    @classmethod
    def de(cls, texte: str) -> Fins:
        crlf = [fin.start() for fin in re.finditer("\r\n", texte)]
        return cls(tuple(crlf), tuple(place - rang for rang, place in enumerate(crlf)))

    def vers_lf(self, position: int) -> int:
        return position - bisect_left(self.crlf, position)

    def depuis_lf(self, position: int) -> int:
        return position + bisect_left(self.crlf_lf, position)


def en_lf(texte: str) -> str:
    """Le texte, toutes ses fins de ligne rendues LF."""
    return _FIN.sub("\n", texte)


def noter_fins(texte: str) -> str:
    """Les fins de ligne d'un texte : vide si elles sont toutes LF, « CRLF » ou « CR » si toutes le sont, sinon leur suite.

    >>> noter_fins("a\\r\\nb\\r\\nc\\n")
    'CRLF ×2, LF ×1'
    """
    suite = [(_NOMS[fin], len(list(groupe))) for fin, groupe in groupby(_FIN.findall(texte))]
    if len(suite) <= 1:
        return "" if not suite or suite[0][0] == "LF" else suite[0][0]
    return ", ".join(f"{nom} ×{nombre}" for nom, nombre in suite)


def rendre_fins(texte: str, note: str) -> str:
    """Le texte en LF, ses fins de ligne rendues d'après la note ; inchangé si la note ne lui va pas."""
    if note in _SIGNES:
        return texte.replace("\n", _SIGNES[note])
    fins = [_SIGNES[nom] for nom, nombre in _NOTE.findall(note)
            for _ in range(min(int(nombre), len(texte)))]
    if len(fins) != texte.count("\n"):
        return texte
    return "".join(ligne + fin for ligne, fin in zip(texte.split("\n"), [*fins, ""], strict=True))


def lire_positions(texte: str, marque: bool, reperes: Sequence[tuple[int, int, str]],
                   crlf_compte_un: bool) -> tuple[Conversion, str]:
    """Choisit la façon de compter qu'a eue l'auteur des positions.

    Parameters
    ----------
    texte : str
        Le texte lu, sans marque d'ordre des octets, fins de ligne d'origine.
    marque : bool
        Vrai si le fichier en portait une.
    reperes : sequence of (int, int, str)
        Début, fin et nom de chaque sélection.
    crlf_compte_un : bool
        Vrai s'il faut supposer d'abord que CR LF compte pour un.

    Returns
    -------
    conversion : callable
        D'une position lue à un point de code de `texte`.
    ecart : str
        En quoi l'auteur s'écarte de la norme, à dire à l'utilisateur ; vide s'il la suit.
    """
    fins, hors_plan = Fins.de(texte), any(ord(signe) > 0xFFFF for signe in texte)
    choix = product((False, True) if marque else (False,), (False, True) if hors_plan else (False,),
                    (crlf_compte_un, not crlf_compte_un) if fins.crlf else (False,))
    meilleur = -1
    gagnant: tuple[Conversion, str] = (_identite, "")
    for decale, utf16, crlf_un in choix:
        convertir = _conversion(texte, fins, decale, utf16, crlf_un)
        accords = sum(_accord(texte[max(0, convertir(debut)):max(0, convertir(fin))], nom)
                      for debut, fin, nom in reperes)
        if accords > meilleur:
            ecarts = ["marque d'ordre des octets comptée"] * decale + ["unités UTF-16"] * utf16 + [
                "fins de ligne CR LF comptées pour un"] * crlf_un
            meilleur, gagnant = accords, (convertir, ", ".join(ecarts))
    return gagnant


def _identite(position: int) -> int:
    return position


def _conversion(texte: str, fins: Fins, decale: bool, utf16: bool, crlf_un: bool) -> Conversion:
    if not (decale or utf16 or crlf_un):
        return _identite
    base = texte.replace("\r\n", "\n") if crlf_un else texte
    paires = [place + rang for rang, place in enumerate(
        place for place, signe in enumerate(base) if ord(signe) > 0xFFFF)] if utf16 else []

    def convertir(position: int) -> int:
        position -= decale
        position -= bisect_left(paires, position)
        return fins.depuis_lf(position) if crlf_un else position

    return convertir


def _accord(passage: str, nom: str) -> bool:
    """Le nom d'une sélection est-il son passage, entier ou coupé par des points de suspension ?"""
    lu, dit = "".join(passage.split()), "".join(nom.split())
    court = re.sub(r"(…|\.\.\.)$", "", dit)
    return bool(lu) and (lu == dit or (court != dit and bool(court) and lu.startswith(court)))
