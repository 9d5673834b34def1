"""Ce que dit chaque colonne des tables de textométrie : feuilles du classeur et fichiers CSV."""

from __future__ import annotations

from evaluation.saturation import SATURATIONS
from modeles.textometrie import COLONNES, EMPLOIS_PAR_FORME

_SCORE = ("Spécificité de Lafon : logarithme décimal de 1/p, négatif quand la forme est plus rare qu'attendu ; au-delà de 2 "
          "ou de −2, moins d'une chance sur cent que ce soit le hasard.")
_SENS: dict[str, dict[str, str]] = {
    "classes_reinert": {
        "classe": "Numéro de la classe, dans l'ordre des branches de l'arbre.",
        "libelle": "Les formes les plus propres à la classe.",
        "segments": "Nombre de segments d'enquêtés (une quarantaine de mots) de la classe.",
        "part": "Part des segments classés.",
        "entretiens": "Nombre d'entretiens qui ont un segment dans la classe.",
        "formes": "Nombre de formes spécifiques de la classe (χ² positif, p < 0,05).",
        "stabilite": "Part commune de la classe et de celle qui lui ressemble le plus quand on refait l'arbre sans un "
                     "cinquième des entretiens (indice de Jaccard moyen, 0 à 1) ; vide si elle n'est pas mesurée.",
    },
    "coupes_reinert": {
        "classes": "Nombre de classes de la coupe.",
        "khi2": "χ² de la division qui mène à ce nombre de classes.",
        "hasard": "Le plus grand χ² de dix-neuf tirages où les formes de la classe divisée sont réparties au hasard : une "
                  "division qui ne le dépasse pas ne montre rien.",
        "plus_petite": "Part des segments de la classe la moins fournie.",
        "stabilite": "Stabilité moyenne des deux classes que donne la division.",
        "accord": "Indice de Rand ajusté moyen entre la coupe et celles qu'on refait sans un cinquième des entretiens.",
        "retenue": "Vrai pour la coupe gardée.",
    },
    "arbre_reinert": {
        "noeud": "Numéro du nœud ; 0 pour la racine.",
        "parent": "Nœud dont il est issu ; −1 pour la racine.",
        "classe": "Numéro de la classe ; 0 pour une division.",
        "hauteur": "Hauteur de la division (somme des χ² des divisions, de la dernière à celle-ci) ; 0 pour une classe.",
        "segments": "Nombre de segments classés du nœud.",
    },
    "profils_reinert": {
        "classe": "Numéro de la classe.",
        "genre": "« forme », « territoire » ou « categorie ».",
        "element": "La forme (lemme), le territoire ou la catégorie d'acteurs.",
        "effectif": "Nombre de segments de la classe qui portent l'élément.",
        "total": "Nombre de segments classés qui le portent.",
        "part": "Effectif rapporté au total.",
        "khi2": "χ² du lien entre la classe et l'élément, négatif quand il y est moins fréquent qu'ailleurs.",
        "p": "Probabilité d'un χ² au moins aussi grand (un degré de liberté). Formes : p < 0,05 seulement.",
    },
    "segments_reinert": {
        "entretien": "Identifiant de l'entretien.",
        "segment": "Identifiant du segment dans l'entretien.",
        "debut": "Position du premier caractère, à partir de 0, dans le texte de l'entretien.",
        "fin": "Position qui suit le dernier caractère.",
        "phrases": "Identifiants de ses phrases, séparés par « ; ».",
        "classe": "Classe du segment ; 0 s'il n'est pas classé.",
        "score": "Somme des χ² des formes spécifiques de sa classe qu'il porte : les plus grands sont les segments "
                 "caractéristiques.",
        "texte": "Le segment, tel que dit.",
    },
    "specificites": {
        "variable": "« territoire » ou « categorie ».",
        "partie": "Le territoire ou la catégorie d'acteurs.",
        "forme": f"La forme (lemme), employée au moins {EMPLOIS_PAR_FORME[1]} fois dans l'étude (moins dans une petite étude).",
        "effectif": "Nombre d'emplois dans la partie.",
        "entretiens": "Nombre d'entretiens de la partie qui l'emploient : un seul, et ce n'est peut-être qu'un tic.",
        "total": "Nombre d'emplois dans toutes les parties.",
        "attendu": "Nombre d'emplois si la forme était répartie au hasard.",
        "score": _SCORE,
    },
    "similitudes": {
        "source": "Une forme (lemme), parmi les plus fréquentes.",
        "cible": "Une autre forme.",
        "cooccurrences": "Nombre de segments qui emploient les deux.",
        "jaccard": "Segments communs rapportés aux segments qui emploient l'une ou l'autre (0 à 1).",
        "arbre": "Le lien est dans l'arbre maximum, celui que montre l'image.",
    },
    "similitudes_formes": {
        "forme": "La forme (lemme).",
        "effectif": "Nombre de segments qui l'emploient.",
        "communaute": "Communauté de l'arbre maximum ; 0 pour la plus nombreuse.",
        "x": "Abscisse dans le graphe.",
        "y": "Ordonnée dans le graphe.",
    },
    "afc": {
        "genre": "« territoire » ou « forme ».",
        "element": "Le territoire ou la forme (lemme).",
        "masse": "Part des emplois comptés.",
        "inertie": "Part qu'il prend aux écarts entre territoires (inertie, sans unité).",
        "axe_1": "Coordonnée sur le premier axe.",
        "contribution_1": "Part de l'élément dans le premier axe (0 à 1, par genre).",
        "cos2_1": "Part de l'écart de l'élément au profil moyen que rend le premier axe (0 à 1).",
        "axe_2": "Coordonnée sur le second axe ; vide s'il n'y en a qu'un.",
        "contribution_2": "Part de l'élément dans le second axe.",
        "cos2_2": "Part de l'écart au profil moyen que rend le second axe.",
        "qualite": "Part de l'écart que rendent les deux axes : proche de 0, sa place sur le plan ne se lit pas.",
    },
    "afc_axes": {
        "axe": "Numéro de l'axe.",
        "valeur_propre": "Inertie de l'axe.",
        "part": "Part de l'inertie totale.",
        "part_cumulee": "Part de l'axe et de ceux qui le précèdent.",
    },
    "saturation": {
        "element": "Ce qu'on compte : « code » de la grille ou « theme » national.",
        "rang": "Rang de l'entretien dans l'ordre de collecte (les dates ; sans date, l'ordre du tableau).",
        "entretien": "Identifiant de l'entretien.",
        "nouveaux": "Nombre d'éléments qu'aucun entretien d'avant ne portait.",
        "cumul": "Nombre d'éléments différents rencontrés jusque-là.",
        "moyenne": "Ce nombre en moyenne sur tous les ordres possibles des entretiens.",
        "bas": "Borne basse de 95 % de mille ordres tirés au sort.",
        "haut": "Borne haute.",
    },
    "saturation_series": {
        "element": "« code » ou « theme ».",
        "avant": "Nombre d'entretiens qui précèdent la série.",
        "premier": "Premier entretien de la série.",
        "dernier": "Dernier entretien de la série (deux entretiens).",
        "nouveaux": "Nombre d'éléments absents de tout ce qui précède.",
        "base": "Nombre d'éléments différents des quatre premiers entretiens.",
        "part": "Nouveaux rapportés à la base.",
        "atteinte": "Vrai quand la part ne dépasse pas 5 % (règle de Guest, Namey et Chen, 2020).",
    },
}

FEUILLES: dict[str, str] = {
    "classes_reinert": "Classes de Reinert",
    "profils_reinert": "Profils de Reinert",
    "specificites": "Spécificités",
    "similitudes": "Similitudes",
    "afc": "AFC",
    "saturation": "Saturation",
}
"""Les tables qui ont leur feuille dans le classeur ; les autres ne sont que dans les fichiers CSV."""

_AJOUTS: dict[str, tuple[tuple[str, str], ...]] = {
    "classes_reinert": (
        ("jugement", "Stabilité en mots, aux mêmes seuils que les thèmes."),
        ("segment 1, 2, 3", "Les segments les plus caractéristiques."),
    ),
}
"""Les colonnes que la feuille ajoute à la table."""

DICTIONNAIRE_TEXTOMETRIE: tuple[tuple[str, str, str], ...] = tuple(
    (FEUILLES.get(table, f"{table}.csv"), colonne, sens)
    for table, colonnes in (COLONNES | SATURATIONS).items()
    for colonne, sens in (*((colonne, _SENS[table][colonne]) for colonne in colonnes), *_AJOUTS.get(table, ()))
)
"""Feuille ou fichier, colonne, sens ; l'ordre est celui des colonnes."""
