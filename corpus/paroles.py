"""Les paroles d'un texte : ce qu'une ligne ouvre, où commence un paragraphe, ce qui n'est pas dit.

Outils communs aux quatre voies de `corpus.locuteurs`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.amorces import Amorce, Ligne, debut_de_parole
from corpus.entretien import Role
from corpus.roles import note_de_question

_DIDASCALIE = re.compile(r"(?:\[[^\[\]]*\]|\([^()]*\)|\*\([^()]*\)\*|#{1,6}\s.*[^?])[\s.]*\Z")
_PONCTUATION_FINALE = '.?!…»"”):'
_GRAS = re.compile(r"(\*{1,3}|_{1,3})(?=\S)(.+?)(?<=\S)\1\Z", re.DOTALL)


@dataclass(frozen=True)
class Prise:
    """Une parole repérée, avant qu'on sache son rôle : `parole == texte[debut:fin]`."""

    debut: int
    fin: int
    parole: str
    nom: str = ""
    entiere: str = ""
    cle: str = ""
    horodatage: str = ""


def prise_de_parole(
    texte: str, ligne: Ligne, borne: int, amorce: Amorce | None = None, temps: str = ""
) -> Prise | None:
    """La parole d'une ligne jusqu'à une borne, sans blancs au bord ; None si elle est vide."""
    debut, trouve = debut_de_parole(texte, amorce.apres if amorce else ligne.corps, borne)
    fin = debut + len(texte[debut:borne].rstrip())
    # « **Claire : Vous êtes d'ici ?** » : la marque de gras qui fermait la ligne n'est pas de la parole.
    marque = re.compile(r"\*{1,3}|_{1,3}").match(texte, ligne.corps)
    if marque and texte.endswith(marque[0], debut, fin) and texte.count(marque[0], debut, fin) == 1:
        fin = debut + len(texte[debut : fin - len(marque[0])].rstrip())
    if fin <= debut:
        return None
    gras = _GRAS.match(texte, debut, fin) if amorce is None else None
    if gras and gras[1] not in gras[2]:
        debut, fin = gras.span(2)
    parole = texte[debut:fin]
    if amorce is None:
        return Prise(debut, fin, parole, horodatage=ligne.horodatage or temps or trouve)
    temps = amorce.horodatage or temps or trouve
    return Prise(debut, fin, parole, amorce.etiquette, amorce.entiere, amorce.cle, temps)


def prises_de_parole(
    texte: str,
    lignes: Sequence[Ligne],
    ouvertures: Sequence[int],
    etiquettes: dict[int, Amorce] | None = None,
) -> list[tuple[int, Prise]]:
    """Les paroles non vides qu'ouvrent des lignes, avec le rang de leur ligne."""
    rendues = []
    for numero, rang in enumerate(ouvertures):
        suivante = ouvertures[numero + 1] if numero + 1 < len(ouvertures) else len(lignes)
        # Un horodatage seul sur sa ligne appartient au tour qu'il précède.
        while suivante - 1 > rang and lignes[suivante - 1].corps == lignes[suivante - 1].fin:
            suivante -= 1
        borne = lignes[suivante].debut if suivante < len(lignes) else lignes[-1].fin
        au_dessus = lignes[rang - 1] if rang else None
        temps = au_dessus.horodatage if au_dessus and au_dessus.corps == au_dessus.fin else ""
        prise = prise_de_parole(texte, lignes[rang], borne, (etiquettes or {}).get(rang), temps)
        if prise is not None:
            rendues.append((rang, prise))
    return rendues


def debuts_de_paragraphe(texte: str, lignes: Sequence[Ligne]) -> list[int]:
    """Les rangs des lignes qui ouvrent un paragraphe.

    Une ligne est un paragraphe, sauf quand le texte est coupé à largeur fixe : il faut alors une ligne
    vide, ou une ligne courte terminée par une ponctuation.
    """
    suites = [r for r in range(1, len(lignes)) if lignes[r].bloc == lignes[r - 1].bloc]
    closes = [fin_de_phrase(texte, lignes[r - 1]) for r in suites]
    coupee = bool(suites) and sum(closes) / len(suites) < 0.6
    largeur = max(ligne.fin - ligne.debut for ligne in lignes)

    def ouvre(rang: int) -> bool:
        if rang == 0 or lignes[rang].bloc != lignes[rang - 1].bloc or not coupee:
            return True
        avant = lignes[rang - 1]
        return fin_de_phrase(texte, avant) and avant.fin - avant.debut < 0.75 * largeur

    return [rang for rang in range(len(lignes)) if ouvre(rang) and not hors_parole(texte, lignes[rang])]


def fin_de_phrase(texte: str, ligne: Ligne) -> bool:
    """La ligne finit par une ponctuation de phrase."""
    return texte[ligne.debut : ligne.fin].rstrip("*_ ")[-1:] in tuple(_PONCTUATION_FINALE)


def hors_parole(texte: str, ligne: Ligne) -> bool:
    """Une didascalie, un titre ou un horodatage seul sur sa ligne."""
    return ligne.corps == ligne.fin or _DIDASCALIE.match(texte, ligne.debut, ligne.fin) is not None


def autre_cote(
    texte: str, lignes: Sequence[Ligne], ouvertures: Sequence[int], role: Role | None
) -> tuple[list[int], Role | None]:
    """Quand un seul côté est marqué, les lignes où l'autre prend la parole.

    Parameters
    ----------
    texte : str
    lignes : Sequence[Ligne]
    ouvertures : Sequence[int]
        Rangs des lignes marquées.
    role : Role | None
        Rôle de ce côté, s'il est connu.

    Returns
    -------
    tuple[list[int], Role | None]
        Rangs (vide si le côté marqué n'est pas seul à l'être) et rôle du côté marqué.
    """
    if len(ouvertures) < 2:
        return [], role
    unites = debuts_de_paragraphe(texte, lignes)
    reperes = sorted({*unites, *ouvertures, len(lignes)})
    places = [bisect_right(unites, rang) for rang in ouvertures]
    avant = [rang for rang in unites[: places[0]] if rang != ouvertures[0]]
    entre = [
        [rang for rang in unites[ici:suivante] if rang not in set(ouvertures[i : i + 2])]
        for i, (ici, suivante) in enumerate(zip(places, [*places[1:], len(unites)], strict=True))
    ]

    def moyenne(rangs: Sequence[int], depuis_amorce: bool = False) -> float:
        notes = []
        for rang in rangs:
            ligne = lignes[rang]
            depart = ligne.amorces[0].apres if depuis_amorce and ligne.amorces else ligne.corps
            dernier = reperes[bisect_right(reperes, rang)] - 1
            notes.append(note_de_question(texte[depart : lignes[dernier].fin]))
        return sum(notes) / max(1, len(notes))

    apres = [groupe[0] for groupe in entre if groupe]
    # L'enquêté peut avoir ouvert l'entretien ; un titre, lui, ne finit pas par un point.
    if avant and fin_de_phrase(texte, lignes[avant[0]]):
        apres.insert(0, avant[0])
    questions_marquees = role != "enquete" and sum(map(bool, entre)) >= 0.8 * len(entre)
    if questions_marquees and (role or moyenne(ouvertures, True) > max(0.3, moyenne(apres) + 0.8)):
        return apres, "enqueteur"
    precedent = [groupe[-1] for groupe in [avant, *entre[:-1]] if groupe]
    reponses_marquees = role != "enqueteur" and len(precedent) >= max(1, 0.8 * (len(entre) - 1))
    if reponses_marquees and moyenne(precedent) > max(0.3, moyenne(ouvertures, True) + 0.8):
        return precedent, "enquete"
    return [], role
