"""Le dessin des constats : pour chaque code, combien d'entretiens le disent présent, absent, ou seulement souhaité ou craint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from restitution.svg import (
    CENTRER,
    COULEURS,
    ENCRE,
    FILET,
    MARGE,
    SOURD,
    TAILLE,
    Marque,
    Rectangle,
    Texte,
    Trait,
    abreger,
    enumerer,
    largeur,
    propre,
    rendre,
    titrer,
)

_PAS, _BARRE = 22.0, 14.0


@dataclass(frozen=True)
class Dits:
    """Ce que des entretiens disent d'un code.

    Attributes
    ----------
    libelle : str
    presente, absente, hypothetique : int
        Entretiens qui en parlent dans cette modalité.
    """

    libelle: str
    presente: int
    absente: int
    hypothetique: int


def barres_des_constats(dits: Sequence[Dits], titre: str, sous_titre: str = "", cadre: float = 720.0) -> str:
    """Une ligne par code : vers la droite ceux qui le disent présent, puis hypothétique ; vers la gauche, absent.

    Parameters
    ----------
    dits : Sequence[Dits]
        Dans l'ordre où on les montre.
    titre, sous_titre : str
    cadre : float
        Largeur du dessin, en pixels.

    Returns
    -------
    str
        Un document SVG. Chaque nombre est écrit à côté de sa barre.
    """
    noms = [propre(un.libelle) for un in dits]
    marques, haut = titrer(titre, sous_titre, cadre)
    colonne = min(0.46 * cadre, max((largeur(nom, TAILLE) for nom in noms), default=0.0))
    place = largeur("00 + 00 hyp.", TAILLE) + 6
    gauche = MARGE + colonne + 12 + largeur("00", TAILLE) + 6
    etendue = max(cadre - MARGE - place - gauche, 40.0)
    negatifs = max((un.absente for un in dits), default=0)
    total = negatifs + max((un.presente + un.hypothetique for un in dits), default=0)
    pas = etendue / max(total, 1)
    zero = gauche + negatifs * pas
    if dits:
        for ancre, x, texte in (("end", zero - 6, "absent"), ("start", zero + 6, "présent")):
            marques.append(Texte(x, haut + 2, texte, TAILLE - 1, SOURD, ancre, gras=True))  # type: ignore[arg-type]
    depart = haut + 12
    for rang, (nom, un) in enumerate(zip(noms, dits, strict=True)):
        marques += _ligne(nom, un, depart + (rang + 0.5) * _PAS, zero, pas, colonne)
    fond = depart + _PAS * len(dits)
    if dits:
        marques.append(Trait(((zero, depart), (zero, fond)), ENCRE))
    texte = enumerer(sous_titre, [f"{nom} : {_compter(un)}" for nom, un in zip(noms, dits, strict=True)], limite=40)
    return rendre((cadre, fond + MARGE), titre, texte, marques)


def _compter(un: Dits) -> str:
    possible = f", hypothétique {un.hypothetique}" if un.hypothetique else ""
    return f"présent {un.presente}, absent {un.absente}{possible}"


def _ligne(nom: str, un: Dits, milieu: float, zero: float, pas: float, colonne: float) -> list[Marque]:
    ligne, haut = milieu + CENTRER * TAILLE, milieu - _BARRE / 2
    droite, bulle = zero + un.presente * pas, f"{nom} : {_compter(un)}"
    bout = droite + un.hypothetique * pas
    marques: list[Marque] = [Texte(MARGE + colonne, ligne, abreger(nom, colonne, TAILLE), ancre="end", bulle=bulle)]
    if un.absente:
        marques += [Rectangle(zero - un.absente * pas, haut, un.absente * pas, _BARRE, COULEURS[1], bulle),
                    Texte(zero - un.absente * pas - 5, ligne, str(un.absente), couleur=SOURD, ancre="end")]
    if un.presente:
        marques.append(Rectangle(zero, haut, droite - zero, _BARRE, COULEURS[0], bulle))
    if un.hypothetique:
        marques.append(Rectangle(droite, haut + 3, bout - droite, _BARRE - 6, FILET, bulle))
    ecrit = " + ".join(filter(None, (str(un.presente) if un.presente else "",
                                     f"{un.hypothetique} hyp." if un.hypothetique else "")))
    return [*marques, Texte(bout + 5, ligne, ecrit, couleur=SOURD)] if ecrit else marques
