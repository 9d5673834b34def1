"""Les dessins à deux dimensions : graphe de similitudes et plan factoriel (voir `restitution.dessins`)."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from restitution.placements import Boite, Reels, attacher, ecarter, raccourcir
from restitution.svg import (
    BAS_DU_TEXTE,
    CENTRER,
    COULEURS,
    FILET,
    HAUT_DU_TEXTE,
    MARGE,
    SOURD,
    TAILLE,
    Disque,
    Marque,
    Rectangle,
    Texte,
    Trait,
    abreger,
    composer,
    enumerer,
    largeur,
    nombre,
    propre,
    rendre,
    titrer,
)

_PETITE = 12.0
_INTERLIGNE = HAUT_DU_TEXTE + BAS_DU_TEXTE
_DENSITE = 0.12
"""Part du dessin que couvrent les mots d'un graphe."""
_ECART = 10.0
"""Espace laissé entre deux mots d'un graphe, en pixels, pour que le lien se voie."""
_BORD = 0.1
"""Bord laissé autour des points d'une carte, en part de sa largeur, pour leurs libellés."""


def graphe_similitudes(
    sommets: pd.DataFrame,
    aretes: pd.DataFrame,
    titre: str,
    sous_titre: str = "",
    indice: str = "cooccurrences",
) -> str:
    """L'arbre maximum d'une analyse de similitudes.

    Parameters
    ----------
    sommets : pandas.DataFrame
        Colonnes forme, effectif, communaute, x, y (`modeles.similitudes.similitudes`). Une forme est écrite
        d'autant plus grande qu'elle est fréquente, dans la couleur de sa communauté.
    aretes : pandas.DataFrame
        Colonnes source, cible, arbre et `indice`. Seules les arêtes de l'arbre sont dessinées, d'autant
        plus épaisses que l'indice est fort.
    titre, sous_titre : str
        Voir `barres`.
    indice : str, default "cooccurrences"
        Colonne des arêtes qui donne l'épaisseur.

    Returns
    -------
    str
        Un document SVG, dont le cadre s'ajuste au graphe ; aucun mot n'en recouvre un autre.

    Raises
    ------
    ValueError
        Une arête joint une forme qui n'est pas un sommet.
    """
    retenues = aretes[aretes["arbre"].astype(bool)]
    inconnues = {*retenues["source"], *retenues["cible"]} - {*sommets["forme"]}
    if inconnues:
        raise ValueError(f"arêtes vers des formes absentes des sommets : {', '.join(sorted(inconnues)[:5])}")
    noms = [abreger(propre(forme), 260, 24) for forme in sommets["forme"]]
    polices = 12 + 12 * np.sqrt(_part(sommets["effectif"]))
    tailles = np.array([[largeur(nom, police, True), police * _INTERLIGNE]
                        for nom, police in zip(noms, polices, strict=True)]).reshape(-1, 2)  # fmt: skip
    centres = ecarter(_etaler(sommets[["x", "y"]].to_numpy(dtype=np.float64), tailles), tailles, _ECART)
    coins = np.concatenate([centres - tailles / 2, centres + tailles / 2]).reshape(-1, 2)
    debut, fin = (coins.min(axis=0), coins.max(axis=0)) if len(coins) else (np.zeros(2), np.zeros(2))
    cadre = max(560.0, float(fin[0] - debut[0]) + 2 * MARGE)
    marques, haut = titrer(titre, sous_titre, cadre)
    centres += [cadre / 2 - (debut[0] + fin[0]) / 2, haut - debut[1]]
    rang = {forme: place for place, forme in enumerate(sommets["forme"])}
    for lien, part in zip(retenues.to_dict("records"), _part(retenues[indice]), strict=True):
        a, b = rang[lien["source"]], rang[lien["cible"]]
        bouts = raccourcir(centres[a], centres[b], tailles[a], tailles[b])
        bulle = f"{lien['source']} – {lien['cible']} : {nombre(float(lien[indice]))}"
        marques.append(Trait(bouts, FILET, 1.2 + 4.8 * float(part), bulle=bulle))
    for forme, nom, (x, y), police in zip(sommets.to_dict("records"), noms, centres.tolist(), polices, strict=True):
        base = y + (HAUT_DU_TEXTE - BAS_DU_TEXTE) / 2 * police
        couleur = COULEURS[int(forme["communaute"]) % len(COULEURS)]
        bulle = f"{forme['forme']} : {nombre(int(forme['effectif']))} segments"
        marques.append(Texte(x, base, nom, float(police), couleur, "middle", gras=True, halo=True, bulle=bulle))
    groupes = [", ".join(membres[:8]) for _, membres in sommets.groupby("communaute")["forme"]]
    hauteur = haut + float(fin[1] - debut[1]) + MARGE
    return rendre((cadre, hauteur), titre, enumerer(sous_titre, groupes, "Communautés"), marques)


def carte(
    points: NDArray[np.float64] | pd.DataFrame,
    libelles: Collection[str],
    titre: str,
    sous_titre: str = "",
    groupes: Collection[str] | None = None,
    poids: Collection[float] | None = None,
    axes: tuple[str, str] = ("axe 1", "axe 2"),
    cadre: float = 760.0,
) -> str:
    """Des points dans le plan de deux axes, à la même échelle : le plan factoriel d'une AFC.

    Parameters
    ----------
    points : numpy.ndarray ou pandas.DataFrame de forme (n, 2)
        Abscisses et ordonnées (ordonnées croissantes vers le haut).
    libelles : Collection[str] de longueur n
    titre, sous_titre, cadre
        Voir `barres`.
    groupes : Collection[str] de longueur n, optional
        Groupe de chaque point (« formes », « territoires »…) : couleur, forme (disque ou carré) et légende.
    poids : Collection[float] de longueur n, optional
        Positifs : la taille des points, et l'ordre dans lequel leurs libellés prennent place. Par défaut,
        des points égaux, servis dans l'ordre reçu.
    axes : tuple of (str, str)
        Ce que dit chaque axe (« axe 1 (43 %) »).

    Returns
    -------
    str
        Un document SVG. Un libellé qui en recouvrirait un autre est caché ; le dessin dit combien.

    Raises
    ------
    ValueError
        Longueurs différentes ou coordonnée qui n'est pas un nombre fini.
    """
    lieux = np.asarray(points, dtype=np.float64).reshape(-1, 2)
    n = len(lieux)
    genres = [propre(groupe) for groupe in groupes] if groupes is not None else [""] * n
    forces = np.array([0.0] * n if poids is None else [float(un) for un in poids])
    entiers = [propre(libelle) for libelle in libelles]
    if not n == len(entiers) == len(genres) == len(forces):
        raise ValueError(f"{n} points, {len(entiers)} libellés, {len(genres)} groupes, {len(forces)} poids")
    if not (np.isfinite(lieux).all() and np.isfinite(forces).all()):
        raise ValueError("un point demande des coordonnées et un poids finis")
    marques, haut = titrer(titre, sous_titre, cadre)
    legende = {groupe: rang for rang, groupe in enumerate(dict.fromkeys(genres))}
    for groupe, rang in legende.items() if groupes is not None else ():
        nom = abreger(groupe, cadre - 50, TAILLE)
        marques.append(_point(MARGE + 6, haut, 5, rang, ""))
        marques.append(Texte(MARGE + 18, haut + CENTRER * TAILLE, nom, couleur=_couleur(rang)))
        haut += 20
    ramenes = lieux / (np.abs(lieux).max(initial=0.0) or 1.0)
    echelle, origine, hauteur = _cadrer(ramenes, cadre - 2 * MARGE)
    zone = (MARGE, haut, cadre - MARGE, haut + hauteur)
    pixels = np.array([MARGE, haut]) + origine + ramenes * [echelle, -echelle]
    traits, noms_axes = _axes((MARGE + origine[0], haut + origine[1]), zone, axes)
    marques += traits
    rayons = 3 + 5 * np.sqrt(_part(forces))
    ordre = np.argsort(-forces, kind="stable")
    noms = [abreger(nom, 0.35 * cadre, _PETITE) for nom in entiers]
    tailles = np.array([[largeur(nom, _PETITE), _PETITE * _INTERLIGNE] for nom in noms]).reshape(-1, 2)
    prises = [nom.boite for nom in noms_axes]
    places = attacher(pixels[ordre], tailles[ordre], rayons[ordre], zone, n // 4, prises)
    ecrits: list[Marque] = [*noms_axes]
    for place, rang in zip(places, ordre.tolist(), strict=True):
        genre, bulle = legende[genres[rang]], f"{entiers[rang]} ({', '.join(map(nombre, lieux[rang].tolist()))})"
        marques.append(_point(float(pixels[rang, 0]), float(pixels[rang, 1]), float(rayons[rang]), genre, bulle))
        if place:
            ligne = place[1] + _PETITE * HAUT_DU_TEXTE
            ecrits.append(Texte(place[0], ligne, noms[rang], _PETITE, _couleur(genre), halo=True, bulle=bulle))
    caches = places.count(None)
    fond = zone[3]
    if caches:
        note = f"{caches} libellés sur {n} n'ont pas trouvé de place : ils sont dans les bulles d'aide."
        for ligne_note in composer(note, cadre - 2 * MARGE, _PETITE):
            fond += 18
            ecrits.append(Texte(MARGE, fond, ligne_note, _PETITE, SOURD))
    debut = f"{sous_titre.rstrip('. ')}. Horizontalement, {axes[0]} ; verticalement, {axes[1]}"
    texte = enumerer(debut, [entiers[rang] for rang in ordre.tolist()], "Points")
    return rendre((cadre, fond + MARGE), titre, texte, [*marques, *ecrits])


def _axes(
    zero: tuple[float, float], zone: Boite, noms: tuple[str, str]
) -> tuple[list[Trait], list[Texte]]:
    """Les deux axes, et leurs noms au bout droit de l'horizontal et en haut du vertical."""
    (x, y), (gauche, haut, droite, bas) = zero, zone
    place = (droite - gauche) / 2
    horizontal, vertical = (abreger(propre(nom), place, _PETITE) for nom in noms)
    a_droite = x < gauche + place
    traits = [Trait(((gauche, y), (droite, y)), FILET, tirets=True), Trait(((x, haut), (x, bas)), FILET, tirets=True)]
    vers = x + (5 if a_droite else -5)
    return traits, [
        Texte(droite, y - 5, horizontal, _PETITE, SOURD, "end", halo=True),
        Texte(vers, haut + _PETITE, vertical, _PETITE, SOURD, "start" if a_droite else "end", halo=True),
    ]


def _part(valeurs: NDArray[np.float64] | pd.Series[float]) -> Reels:
    """Les valeurs ramenées entre 0 (la plus petite) et 1 ; 0 partout quand elles sont égales."""
    nombres = np.asarray(valeurs, dtype=np.float64)
    if not len(nombres) or nombres.max() == nombres.min():
        return np.zeros(len(nombres))
    parts: Reels = (nombres - nombres.min()) / (nombres.max() - nombres.min())
    return parts


def _etaler(places: Reels, tailles: Reels) -> Reels:
    """Agrandit des positions pour que les boîtes y tiennent à l'aise."""
    if len(places) < 2:
        return places * 0
    etendue = np.maximum(np.ptp(places, axis=0), 1e-9)
    facteur = np.sqrt(tailles.prod(axis=1).sum() / _DENSITE / etendue.prod())
    etalees: Reels = (places - places.mean(axis=0)) * min(facteur, 1200 / etendue.max())
    return etalees


def _cadrer(lieux: Reels, large: float) -> tuple[float, Reels, float]:
    """Échelle commune aux deux axes, place de l'origine dans la zone et hauteur de la zone, en pixels."""
    avec_zero = np.vstack([lieux, np.zeros((1, 2))])
    bas, haut = avec_zero.min(axis=0), avec_zero.max(axis=0)
    etendue = np.maximum(haut - bas, 1e-300)
    bord = _BORD * large
    hauteur_max = 1.1 * large
    echelle = float(min((large - 2 * bord) / etendue[0], (hauteur_max - 2 * bord) / etendue[1]))
    if not (haut > bas).any():
        return 1.0, np.array([large / 2, large / 4]), large / 2
    hauteur = max(0.45 * large, float(haut[1] - bas[1]) * echelle + 2 * bord)
    milieu = (bas + haut) / 2
    return echelle, np.array([large / 2 - milieu[0] * echelle, hauteur / 2 + milieu[1] * echelle]), hauteur


def _couleur(groupe: int) -> str:
    return COULEURS[groupe % len(COULEURS)]


def _point(x: float, y: float, rayon: float, groupe: int, bulle: str) -> Marque:
    """Un disque, ou un carré pour un groupe sur deux."""
    if groupe % 2 == 0:
        return Disque(x, y, rayon, _couleur(groupe), bulle)
    return Rectangle(x - rayon, y - rayon, 2 * rayon, 2 * rayon, _couleur(groupe), bulle)
