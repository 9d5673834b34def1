"""La courbe de saturation, en SVG (voir `restitution.dessins`)."""

from __future__ import annotations

import math

import pandas as pd

from restitution.svg import (
    CENTRER,
    COULEURS,
    ENCRE,
    FILET,
    MARGE,
    SOURD,
    Disque,
    Marque,
    Texte,
    Trait,
    enumerer,
    largeur,
    nombre,
    rendre,
    titrer,
)

_PETITE = 12.0
_HAUTEUR = 300.0
_REPERES = 8
"""Nombre de graduations qu'un axe porte, environ."""
_COURBES = (
    ("cumul", "dans l’ordre de collecte", COULEURS[0], 2.5, False),
    ("moyenne", "en moyenne sur tous les ordres", COULEURS[1], 1.5, False),
    ("bas", "95 % des ordres tirés au sort", SOURD, 1.0, True),
    ("haut", "", SOURD, 1.0, True),
)
"""Colonne, légende (vide : la même que la précédente), couleur, épaisseur et tirets de chaque courbe."""


def courbe_de_saturation(
    courbe: pd.DataFrame, titre: str, sous_titre: str = "", unite: str = "codes", atteinte: int = 0, cadre: float = 760.0
) -> str:
    """Ce qu'on a rencontré au fil des entretiens.

    Parameters
    ----------
    courbe : pandas.DataFrame
        Table d'`evaluation.saturation.courbe_saturation`.
    titre, sous_titre, cadre
        Voir `restitution.dessins.barres`.
    unite : str, default "codes"
        Ce que compte la courbe, au pluriel.
    atteinte : int, default 0
        Nombre d'entretiens après lesquels la saturation est atteinte, marqué d'un trait ; 0, aucun.

    Returns
    -------
    str
        Un document SVG.
    """
    titres, haut = titrer(titre, sous_titre, cadre - 2 * MARGE)
    marques: list[Marque] = [*titres]
    for _, legende, couleur, epaisseur, tirets in _COURBES:
        if legende:
            marques.append(Trait(((MARGE, haut), (MARGE + 26, haut)), couleur, epaisseur, tirets))
            marques.append(Texte(MARGE + 34, haut + CENTRER * _PETITE, legende, _PETITE, SOURD))
            haut += 19
    rangs, sommet = courbe["rang"].tolist(), float(courbe["haut"].max()) if len(courbe) else 1.0
    gauche = MARGE + largeur(nombre(sommet), _PETITE) + 10
    haut, droite, bas = haut + 16, cadre - MARGE - 10, haut + 16 + _HAUTEUR
    dernier = max(rangs, default=1)

    def place(rang: float, valeur: float) -> tuple[float, float]:
        return gauche + rang / dernier * (droite - gauche), bas - valeur / (sommet or 1.0) * _HAUTEUR

    for valeur in _graduations(sommet):
        y = place(0, valeur)[1]
        marques.append(Trait(((gauche, y), (droite, y)), ENCRE if valeur == 0 else FILET, 1.0 if valeur == 0 else 0.5))
        marques.append(Texte(gauche - 6, y + CENTRER * _PETITE, nombre(valeur), _PETITE, SOURD, "end"))
    for rang in _graduations(dernier)[1:]:
        x = place(rang, 0)[0]
        marques.append(Trait(((x, bas), (x, bas + 5)), ENCRE))
        marques.append(Texte(x, bas + 18, nombre(rang), _PETITE, SOURD, "middle"))
    marques.append(Texte(droite, bas + 36, "entretiens", _PETITE, SOURD, "end"))
    marques.append(Texte(gauche, haut - 8, unite, _PETITE, SOURD))
    if atteinte:
        x = place(atteinte, 0)[0]
        dit, a_droite = f"saturation : {atteinte} entretiens", x < (gauche + droite) / 2
        marques.append(Trait(((x, haut), (x, bas)), ENCRE, 1.0, tirets=True, bulle=dit))
        marques.append(Texte(x + (6 if a_droite else -6), bas - 10, dit, _PETITE, ENCRE, "start" if a_droite else "end",
                             halo=True))  # fmt: skip
    for colonne, legende, couleur, epaisseur, tirets in _COURBES[::-1]:
        points = tuple(place(rang, valeur) for rang, valeur in zip(rangs, courbe[colonne].tolist(), strict=True))
        if len(points) == 1:
            marques.append(Disque(*points[0], 3, couleur, legende))
        elif points:
            marques.append(Trait(points, couleur, epaisseur, tirets, legende))
    lus = [f"{rang} : {cumul}" for rang, cumul, nouveaux in zip(
        rangs, courbe["cumul"].tolist(), courbe["nouveaux"].tolist(), strict=True) if nouveaux or rang == dernier]
    texte = enumerer(sous_titre, lus, f"Entretiens et {unite} rencontrés")
    return rendre((cadre, bas + 36 + MARGE), titre, texte, marques)


def _graduations(sommet: float) -> list[float]:
    """Des nombres ronds et entiers de 0 au sommet : 0, 5, 10… ou 0, 20, 40…"""
    brut = max(1.0, sommet / _REPERES)
    ordre = 10.0 ** math.floor(math.log10(brut))
    pas = next(ordre * facteur for facteur in (1, 2, 5, 10) if ordre * facteur >= brut)
    return [pas * rang for rang in range(int(sommet / pas) + 1)]
