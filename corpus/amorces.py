"""Lire le début de chaque ligne : horodatage, tiret, ce qui a la forme d'une étiquette de locuteur.

Rien n'est décidé ici : une ligne porte ses *amorces*, une au plus par style d'écriture ;
`corpus.conventions` dit lesquelles sont de vraies étiquettes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from corpus.etiquettes import Forme, cle, forme, nom_et_fonction

_TEMPS = r"\d{1,3}:[0-5]\d(?::[0-5]\d)?(?:[.,]\d{1,3})?"
_INTERVALLE = rf"{_TEMPS}(?:\s*(?:-->|->|[-–—→])\s*{_TEMPS})?"
BALISE_TEMPS = rf"(?:[\[(<{{]\s*{_INTERVALLE}\s*[\])>}}]|#{_TEMPS}(?:-\d)?#|{_TEMPS}\s*-->\s*{_TEMPS})"
_BALISE = re.compile(BALISE_TEMPS)
_BALISE_FINALE = re.compile(rf"{BALISE_TEMPS}\s*\Z")
_TEMPS_NU = re.compile(rf"{_INTERVALLE}(?=\s|\Z)")
_TIRET = re.compile(r"[-‐‑‒–—―−•]{1,2}(?=[^\S\r\n]|[^\W\d_]|[«\"“‘\[*<…])(?!\w+-)")
_EMPHASE = re.compile(r"\*{1,3}|_{1,3}(?=\S)")
_INVISIBLES = "\ufeff\u200b\u200c\u200d\u200e\u200f\u2060"

# Le nom : d'une lettre au séparateur, sans ponctuation de phrase.
_NOM = (
    r"(?P<nom>\?{1,3}(?=[^\S\r\n]?:)|"
    r"[^\W\d_](?:[^:\t\r\n?!;…«»“”\"<>\[\]{}()*#|—–=]|\((?!\s*\d+:)[^()\r\n]{0,60}\)){0,70}?)"
)
_MARQUE = r"(?:\*{1,3}|_{1,3})?"
_TEMPS_LIE = rf"(?:[^\S\r\n]*,?[^\S\r\n]*(?P<temps>{BALISE_TEMPS}|(?<=\s){_TEMPS}))?"
_SEPARATEURS = {
    "deux-points": r"(?<!\d):(?!//)|:(?!//|\d)",
    "tabulation": r"\t",
    "barre": r"\|",
    "tiret": r"\.?\s*[—–](?=\s)|\.?\s?-(?=\s)",
    "point": r"(?:\.|\)|/)(?=\s)",
}
_AVANT = {
    style: re.compile(rf"{_NOM}{_MARQUE}{_TEMPS_LIE}[^\S\r\n\t]*(?:{separateur}){_MARQUE}")
    for style, separateur in _SEPARATEURS.items()
}
_INITIALES = re.compile(r"[A-ZÀ-ÖØ-Þ]{2,4}")
_CHEVRONS = re.compile(rf"<(?:v\s+)?{_NOM}>\s*:?")
_CROCHETS = re.compile(rf"[\[(]{_NOM}[\])]{_MARQUE}(?:\s*(?P<temps>{BALISE_TEMPS}|{_TEMPS}(?=\s|$)))?\s*:?")
_SEULE = re.compile(rf"{_NOM}{_MARQUE}{_TEMPS_LIE}{_MARQUE}\s*\Z")


@dataclass(frozen=True)
class Amorce:
    """Ce qui, en début de ligne, a la forme d'une étiquette de locuteur.

    Attributes
    ----------
    etiquette, cle : str
        Le nom tel qu'il est écrit (sans sa précision) et sa forme de comparaison.
    entiere : str
        L'étiquette avec sa précision (« Claire (enquêtrice) »).
    forme : Forme
    style : str
        Ce qui sépare l'étiquette de la parole.
    apres : int
        Position juste après l'étiquette.
    horodatage : str
    """

    etiquette: str
    cle: str
    entiere: str
    forme: Forme
    style: str
    apres: int
    horodatage: str


@dataclass(frozen=True)
class Ligne:
    """Une ligne non vide.

    Attributes
    ----------
    debut, fin : int
        Étendue sans les blancs du bord.
    bloc : int
        Rang du paragraphe (suite de lignes sans ligne vide).
    corps : int
        Position après l'horodatage et le tiret de tête.
    tiret : bool
    horodatage : str
        Horodatage de tête, « HH:MM:SS ».
    amorces : tuple[Amorce, ...]
        Étiquettes possibles, une au plus par style.
    """

    debut: int
    fin: int
    bloc: int
    corps: int
    tiret: bool
    horodatage: str
    amorces: tuple[Amorce, ...]


def horodatage(brut: str | None) -> str:
    """Met un temps sous la forme « HH:MM:SS » : « 0:03 » → « 00:00:03 », « #00:01:23-4# » → « 00:01:23 ».

    Parameters
    ----------
    brut : str or None
        Texte qui contient un temps ; le premier compte.

    Returns
    -------
    str
        Vide quand il n'y en a pas.
    """
    trouve = re.search(_TEMPS, brut or "")
    if trouve is None:
        return ""
    parts = [int(part) for part in re.split(r"[.,]", trouve[0])[0].split(":")]
    secondes = parts[-1] + 60 * parts[-2] + (3600 * parts[0] if len(parts) == 3 else 0)
    return f"{secondes // 3600:02d}:{secondes // 60 % 60:02d}:{secondes % 60:02d}"


def sans_temps_final(texte: str, debut: int, fin: int) -> tuple[int, str]:
    """Retire l'horodatage qui clôt une parole (« … voilà. #00:01:23-4# »).

    Parameters
    ----------
    texte : str
    debut, fin : int
        Étendue de la parole.

    Returns
    -------
    tuple[int, str]
        La nouvelle fin et l'horodatage retiré (vide s'il n'y en a pas).
    """
    final = ""
    while trouve := _BALISE_FINALE.search(texte, max(debut, fin - 40), fin):
        fin, final = debut + len(texte[debut : trouve.start()].rstrip()), horodatage(trouve[0])
    return fin, final


def debut_de_parole(texte: str, position: int, fin: int) -> tuple[int, str]:
    """Avance après les blancs et les horodatages.

    Parameters
    ----------
    texte : str
    position, fin : int

    Returns
    -------
    tuple[int, str]
        La position du premier caractère de parole et l'horodatage rencontré.
    """
    temps = ""
    while position < fin:
        if texte[position].isspace() or texte[position] in _INVISIBLES:
            position += 1
        elif balise := _BALISE.match(texte, position, fin):
            temps, position = temps or horodatage(balise[0]), balise.end()
        else:
            break
    return position, temps


def lire_lignes(texte: str, debut: int, imposees: frozenset[str] = frozenset()) -> list[Ligne]:
    """Découpe le texte en lignes non vides et lit le début de chacune.

    Parameters
    ----------
    texte : str
    debut : int
        Première position lue.
    imposees : frozenset[str]
        Clés (`corpus.etiquettes.cle`) d'étiquettes à reconnaître quelle que soit leur forme.

    Returns
    -------
    list[Ligne]
    """
    lignes: list[Ligne] = []
    bloc, precedente = 0, debut
    for trouve in re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+").finditer(texte, debut):
        contenu = trouve[0].strip()
        if not contenu:
            continue
        entre = texte[precedente : trouve.start()]
        if lignes and len(re.findall(r"\r\n|[\n\r\x85\u2028\u2029]", entre)) > 1:
            bloc += 1
        tete = trouve.start() + len(trouve[0]) - len(trouve[0].lstrip())
        lignes.append(_lire_ligne(texte, tete, tete + len(contenu), bloc, imposees))
        precedente = trouve.end()
    return lignes


def _lire_ligne(texte: str, debut: int, fin: int, bloc: int, imposees: frozenset[str]) -> Ligne:
    """Lit l'horodatage, le tiret et les étiquettes possibles d'une ligne."""
    position, temps = debut_de_parole(texte, debut, fin)
    citation = re.compile(r"(?:>{1,2}|#{1,6})\s+").match(texte, position, fin)
    position = citation.end() if citation else position
    tiret = _TIRET.match(texte, position, fin)
    if tiret:
        position, autre = debut_de_parole(texte, tiret.end(), fin)
        temps = temps or autre
    corps, depart = position, position
    nu = _TEMPS_NU.match(texte, position, fin)
    if nu and not temps:
        depart, _ = debut_de_parole(texte, nu.end(), fin)
        if depart == fin:
            corps, temps = fin, horodatage(nu[0])
    emphase = _EMPHASE.match(texte, depart, fin)
    amorces = _amorces(texte, emphase.end() if emphase else depart, fin, imposees)
    if nu and not temps and amorces:
        temps, corps = horodatage(nu[0]), depart
    if temps:
        amorces = [replace(amorce, horodatage=amorce.horodatage or temps) for amorce in amorces]
    return Ligne(debut, fin, bloc, corps, tiret is not None, temps, tuple(amorces))


def _amorces(texte: str, position: int, fin: int, imposees: frozenset[str]) -> list[Amorce]:
    """Les étiquettes possibles à cette position, une au plus par style."""
    essais = [(style, motif.match(texte, position, fin)) for style, motif in _AVANT.items()]
    essais.append(("chevrons", _CHEVRONS.match(texte, position, fin)))
    essais.append(("crochets", _CROCHETS.match(texte, position, fin)))
    essais.append(("seule", _SEULE.match(texte, position, fin)))
    amorces = []
    for style, trouve in essais:
        if trouve is None:
            continue
        entiere = trouve["nom"].strip().strip("*_ ,")
        nom = nom_et_fonction(entiere)[0]
        allure: Forme = "parlante" if {cle(nom), cle(entiere)} & imposees else forme(entiere)
        temps = horodatage(trouve.groupdict().get("temps"))
        if style == "seule":
            style = "seule horodatée" if temps else "seule"
            if allure == "autre" or (
                entiere.endswith(".") and allure == "nom" and len(entiere.split()[-1]) > 2
            ):
                continue
        if style == "point" and not (_INITIALES.fullmatch(entiere) or (allure == "parlante" and len(entiere) <= 12)):
            continue
        if allure:
            amorces.append(Amorce(nom.rstrip("."), cle(nom), entiere, allure, style, trouve.end(), temps))
    return amorces
