"""Les parts de thèmes côte à côte : une matrice de barres, lignes et colonnes à la même échelle."""

from __future__ import annotations

import re

import pandas as pd

from restitution.svg import (
    CENTRER,
    COULEURS,
    ENCRE,
    FILET,
    MARGE,
    SOURD,
    Marque,
    Rectangle,
    Texte,
    Trait,
    abreger,
    composer,
    enumerer,
    largeur,
    propre,
    rendre,
    titrer,
)

SIGNES = {"plus": "▲", "moins": "▼"}
"""Ce qui marque, sans couleur, un écart net."""

_TAILLE = 13.0
_PETITE = 11.5
_PAS = 32.0
_EPAISSEUR = 7.0
_COLONNE = (58.0, 104.0)
"""Largeurs minimale et maximale d'une colonne, en pixels."""
_COUPE = "\u200b "
"""Où couper un mot composé qui ne tient pas dans sa colonne."""
_LIGNES_MAX = 4
_NOMS_MAX = 250.0


def pourcent(part: float) -> str:
    """Une part, de 0 à 1, en pourcentage à la française : « 4,2 % »."""
    return f"{100 * part:.1f}\u00a0%".replace(".", ",")


def matrice_de_barres(
    parts: pd.DataFrame, titre: str, sous_titre: str = "", constats: pd.DataFrame | None = None
) -> str:
    """Une barre par ligne et colonne, toutes à la même échelle (matrice de Bertin).

    Parameters
    ----------
    parts : pandas.DataFrame de forme (lignes, colonnes)
        Parts, de 0 à 1 (manquantes : rien n'est dessiné) ; les index donnent les noms.
    titre, sous_titre : str
        Voir `restitution.dessins.barres`.
    constats : pandas.DataFrame de forme (lignes, colonnes), optional
        « plus » ou « moins » pour une case nettement au-dessus ou au-dessous de ce qu'on attend, vide sinon : la barre
        change de couleur et porte un signe de `SIGNES`.

    Returns
    -------
    str
        Un document SVG, dont la largeur croît avec le nombre de colonnes. Le texte de remplacement donne, par ligne, la
        plus petite et la plus grande part ; les autres sont dans les bulles d'aide.

    Raises
    ------
    ValueError
        Part négative ou infinie.
    """
    if not ((parts >= 0) & (parts < float("inf")) | parts.isna()).all(axis=None):
        raise ValueError("une part est un nombre positif")
    noms, tetes = [[propre(str(nom)) for nom in axe] for axe in (parts.index, parts.columns)]
    marges = min(_NOMS_MAX, max((largeur(nom, _TAILLE) for nom in noms), default=0.0))
    coupees = [re.sub(r"-(?=\w)", f"-{_COUPE}", tete) for tete in tetes]
    mots = [largeur(mot, _PETITE) for tete in coupees for mot in tete.split()]
    lues: list[list[float]] = parts.to_numpy(dtype=float).tolist()
    constates = [[""] * len(tetes)] * len(noms) if constats is None else constats.astype(str).to_numpy().tolist()
    ecrits = [[_ecrire(*case) for case in zip(*ligne, strict=True)] for ligne in zip(lues, constates, strict=True)]
    chiffres = [largeur(ecrit, _PETITE, gras=True) for ligne in ecrits for ecrit in ligne]
    large = max([min(_COLONNE[1], max([_COLONNE[0], *mots])), *chiffres]) + 10
    cadre = max(420.0, 2 * MARGE + marges + 10 + large * len(tetes))
    titres, haut = titrer(titre, sous_titre, cadre - 2 * MARGE)
    marques: list[Marque] = [*titres]
    zeros = [MARGE + marges + 10 + large * rang for rang in range(len(tetes))]
    composees = [composer(tete, large - 6, _PETITE, lignes=_LIGNES_MAX) for tete in coupees]
    hauteur_tete = max((len(lignes) for lignes in composees), default=0) * 15.0
    for zero, tete, lignes in zip(zeros, tetes, composees, strict=True):
        bas = haut + hauteur_tete - 15.0 * len(lignes)
        marques += [Texte(zero, bas + 15.0 * rang + 11, ligne.replace(_COUPE, "").replace(_COUPE[0], ""), _PETITE, SOURD,
                          bulle=tete) for rang, ligne in enumerate(lignes)]  # fmt: skip
    haut += hauteur_tete + 6
    plus_grande = max((part for ligne in lues for part in ligne if part == part), default=0.0)
    annonces = []
    for rang, (nom, *ligne_lue) in enumerate(zip(noms, lues, constates, ecrits, strict=True)):
        milieu = haut + (rang + 0.5) * _PAS
        marques.append(Texte(MARGE + marges, milieu + CENTRER * _TAILLE, abreger(nom, marges, _TAILLE), _TAILLE,
                             ancre="end", bulle=nom))  # fmt: skip
        marques.append(Trait(((MARGE, milieu + _PAS / 2), (cadre - MARGE, milieu + _PAS / 2)), "#e6e6e2"))
        dits = []
        for zero, tete, part, constat, ecrit in zip(zeros, tetes, *ligne_lue, strict=True):
            if part != part:
                continue
            couleur = COULEURS[{"plus": 1, "moins": 2}.get(constat, 0)]
            bulle = f"{nom}, {tete} : {ecrit}"
            longueur = part / plus_grande * (large - 12) if plus_grande else 0.0
            marques += [
                Texte(zero + 3, milieu - 1, ecrit, _PETITE, couleur if constat else SOURD, gras=bool(constat), bulle=bulle),
                Rectangle(zero, milieu + 4, longueur, _EPAISSEUR, couleur, bulle),
            ]
            dits.append((part, tete))
        if dits:
            (peu, ou_peu), (tant, ou_tant) = min(dits), max(dits)
            annonces.append(f"{nom} : de {pourcent(peu)} ({ou_peu}) à {pourcent(tant)} ({ou_tant})")
    fond = haut + _PAS * len(noms)
    marques += [Trait(((zero, haut), (zero, fond)), ENCRE if rang == 0 else FILET) for rang, zero in enumerate(zeros) if noms]
    return rendre((cadre, fond + MARGE), titre, enumerer(sous_titre, annonces), marques)


def _ecrire(part: float, constat: str) -> str:
    """Ce qui s'écrit dans une case ; rien si la part manque."""
    return f"{pourcent(part)} {SIGNES.get(constat, '')}".strip() if part == part else ""
