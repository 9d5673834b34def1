"""Les dessins de la textométrie, en SVG : barres, dendrogramme, graphe de similitudes, carte factorielle.

Chaque fonction rend un document SVG (voir `restitution.svg`) qu'on écrit dans un fichier ou qu'on pose
dans une page. La couleur n'y porte jamais seule une information ; un libellé abrégé ou caché reste entier
dans la bulle d'aide de sa marque.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence

from restitution.arbres import Division, disposer
from restitution.dessins_plans import carte, graphe_similitudes
from restitution.svg import (
    CENTRER,
    COULEURS,
    ENCRE,
    MARGE,
    SOURD,
    TAILLE,
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

__all__ = ["Division", "barres", "carte", "dendrogramme", "graphe_similitudes"]


def barres(
    libelles: Collection[str], valeurs: Collection[float], titre: str, sous_titre: str = "", cadre: float = 720.0
) -> str:
    """Des barres couchées, une par valeur, dans l'ordre reçu ; les négatives partent vers la gauche.

    Parameters
    ----------
    libelles : Collection[str]
    valeurs : Collection[float]
        Autant que de libellés.
    titre : str
    sous_titre : str, default ""
        L'unité, la source : ce qu'il faut savoir pour lire.
    cadre : float, default 720
        Largeur du dessin, en pixels.

    Returns
    -------
    str
        Un document SVG.

    Raises
    ------
    ValueError
        Longueurs différentes, ou valeur qui n'est pas un nombre fini.
    """
    if len(libelles) != len(valeurs):
        raise ValueError(f"{len(libelles)} libellés pour {len(valeurs)} valeurs : il en faut autant")
    nombres = [float(valeur) for valeur in valeurs]
    if not all(map(math.isfinite, nombres)):
        raise ValueError("une barre demande un nombre fini")
    noms, ecrits = [propre(libelle) for libelle in libelles], [nombre(valeur) for valeur in nombres]
    marques, haut = titrer(titre, sous_titre, cadre)
    colonne = min(0.4 * cadre, max((largeur(nom, TAILLE) for nom in noms), default=0.0))
    place = max((largeur(ecrit, TAILLE) for ecrit in ecrits), default=0.0) + 6
    bas, sommet = min([0.0, *nombres]), max([0.0, *nombres])
    gauche = MARGE + colonne + 10 + (place if bas < 0 else 0)
    etendue = cadre - MARGE - (place if sommet > 0 or bas == 0 else 0) - gauche
    # Les valeurs sont ramenées à l'étendue totale avant toute multiplication : aucune ne déborde.
    total = sommet / 2 - bas / 2
    longueurs = [valeur / 2 / total * etendue if total else 0.0 for valeur in nombres]
    zero = gauche - min([0.0, *longueurs])
    pas = 24.0
    for rang, (nom, ecrit, longueur, valeur) in enumerate(zip(noms, ecrits, longueurs, nombres, strict=True)):
        milieu = haut + (rang + 0.5) * pas
        ligne = milieu + CENTRER * TAILLE
        bulle, negative = f"{nom} : {ecrit}", valeur < 0
        bout = zero + longueur
        marques += [
            Texte(MARGE + colonne, ligne, abreger(nom, colonne, TAILLE), ancre="end", bulle=bulle),
            Rectangle(min(zero, bout), milieu - 8, abs(longueur), 16, COULEURS[int(negative)], bulle),
            Texte(bout + (-5 if negative else 5), ligne, ecrit, couleur=SOURD,
                  ancre="end" if negative else "start"),
        ]  # fmt: skip
    fond = haut + pas * len(noms)
    if noms:
        marques.append(Trait(((zero, haut), (zero, fond)), ENCRE))
    texte = enumerer(sous_titre, [f"{nom} : {ecrit}" for nom, ecrit in zip(noms, ecrits, strict=True)])
    return rendre((cadre, fond + MARGE), titre, texte, marques)


def dendrogramme(
    divisions: Sequence[Division], titre: str, sous_titre: str = "", unite: str = "segments", cadre: float = 860.0
) -> str:
    """L'arbre d'une classification, racine à gauche et classes à droite.

    Parameters
    ----------
    divisions : Sequence[Division]
        Tous les nœuds de l'arbre, dans n'importe quel ordre.
    titre, sous_titre, cadre
        Voir `barres`.
    unite : str, default "segments"
        Ce que compte l'effectif.

    Returns
    -------
    str
        Un document SVG. Chaque classe porte son libellé, son effectif et sa part de l'effectif des classes.

    Raises
    ------
    ValueError
        Les divisions ne forment pas un arbre (voir `restitution.arbres.disposer`).
    """
    noeuds = disposer(divisions)
    marques, haut = titrer(titre, sous_titre, cadre)
    gauche, droite = MARGE + 14, 0.42 * cadre
    place = cadre - MARGE - droite - 26
    feuilles = [noeud for noeud in noeuds if not noeud.enfants]
    total = sum(noeud.division.effectif for noeud in feuilles)
    ordonnees: dict[str, float] = {}
    textes: list[Marque] = []
    annonces: list[str] = []
    fond = haut
    for rang, noeud in enumerate(feuilles):
        effectif = noeud.division.effectif
        part = f" ({nombre(round(100 * effectif / total, 1))} %)" if total else ""
        compte = abreger(propre(f"{nombre(effectif)} {unite}{part}"), place, TAILLE - 1)
        nom = propre(noeud.division.libelle) or noeud.division.identifiant
        lignes = composer(nom, place, TAILLE, gras=True)
        hauteur = 17.0 * (len(lignes) + 1)
        couleur = COULEURS[rang % len(COULEURS)]
        ordonnees[noeud.division.identifiant] = fond + hauteur / 2
        textes.append(Rectangle(droite + 6, fond + 3, 8, hauteur - 4, couleur, f"{nom} : {compte}"))
        for numero, ligne in enumerate([*lignes, compte]):
            dernier = numero == len(lignes)
            textes.append(Texte(droite + 22, fond + 17.0 * numero + 14, ligne, TAILLE - dernier,
                                SOURD if dernier else couleur, gras=not dernier))  # fmt: skip
        annonces.append(f"{nom} : {compte}")
        fond += hauteur + 12
    abscisses = {n.division.identifiant: droite - n.hauteur * (droite - gauche) for n in noeuds}
    for noeud in noeuds[::-1]:  # les enfants avant leur parent
        if not noeud.enfants:
            continue
        x, bouts = abscisses[noeud.division.identifiant], [ordonnees[enfant] for enfant in noeud.enfants]
        ordonnees[noeud.division.identifiant] = (min(bouts) + max(bouts)) / 2
        bulle = f"hauteur {nombre(noeud.division.hauteur)} ; {nombre(noeud.division.effectif)} {unite}"
        marques.append(Trait(((x, min(bouts)), (x, max(bouts))), ENCRE, 1.5, bulle=bulle))
        marques += [Trait(((x, ordonnees[e]), (abscisses[e], ordonnees[e])), ENCRE, 1.5) for e in noeud.enfants]
    if noeuds:
        x, y = (d[noeuds[0].division.identifiant] for d in (abscisses, ordonnees))
        marques.append(Trait(((x - 12, y), (x, y)), ENCRE, 1.5))
    texte = enumerer(sous_titre, annonces)
    return rendre((cadre, fond + MARGE - 8), titre, texte, [*marques, *textes])
