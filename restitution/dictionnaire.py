"""Ce que dit chaque colonne du classeur `tableaux.xlsx`, feuille par feuille."""

from __future__ import annotations

from evaluation.themes_territoires import RISQUE
from modeles.stabilite_themes import SEUIL_INSTABLE, SEUIL_STABLE


def _decimal(valeur: float) -> str:
    return f"{valeur:.2f}".replace(".", ",")


DICTIONNAIRE: tuple[tuple[str, str, str], ...] = (
    ("Matrice", "territoire", "Identifiant du territoire ; vide pour l'ensemble."),
    ("Matrice", "nom", "Nom du territoire, ou « Ensemble »."),
    ("Matrice", "modalite", "présente, absente, hypothétique ; « toutes » compte un entretien une fois, "
     "quelle que soit la modalité."),
    ("Matrice", "entretiens", "Nombre d'entretiens menés sur le territoire."),
    ("Matrice", "(un code par colonne)", "Nombre d'entretiens où le code est mentionné dans cette modalité."),
    ("Mentions", "entretien", "Identifiant de l'entretien."),
    ("Mentions", "territoire", "Nom du territoire."),
    ("Mentions", "fonction", "Fonction de la personne interrogée."),
    ("Mentions", "categorie", "Catégorie d'acteurs."),
    ("Mentions", "code", "Code de la grille."),
    ("Mentions", "intitule", "Intitulé du code."),
    ("Mentions", "modalite", "Ce que le locuteur affirme du code : présente, absente, hypothétique."),
    ("Mentions", "texte", "L'étendue codée, telle que dite."),
    ("Mentions", "preuve", "Les mots qui ont décidé du code."),
    ("Mentions", "confiance", "Entre 0 et 1 ; calibrée pour le codeur livré, non pour un codeur d'étude ou le lexique ; "
     "vide quand le codeur n'en donne pas."),
    ("Mentions", "a_relire", "Oui quand le codeur machine a posé le code mais en doute."),
    ("Mentions", "codeur", "« machine:version » ou l'identifiant de la personne qui a codé."),
    ("Mentions", "fichier", "Fichier de l'entretien dans le dossier d'étude."),
    ("Mentions", "phrase", "Identifiant de la phrase dans l'entretien."),
    ("Mentions", "debut", "Position du premier caractère, à partir de 0, dans le texte de l'entretien."),
    ("Mentions", "fin", "Position qui suit le dernier caractère."),
    ("Thèmes", "portee", "« national » ou le nom du territoire dont les entretiens ont donné le thème."),
    ("Thèmes", "theme", "Numéro du thème dans sa portée."),
    ("Thèmes", "libelle", "Nom donné au thème."),
    ("Thèmes", "mots", "Mots les plus propres au thème."),
    ("Thèmes", "phrases", "Nombre de phrases du thème."),
    ("Thèmes", "part", "Part des phrases de la portée."),
    ("Thèmes", "theme_national", "Thème national proche d'un thème de territoire ; vide : thème propre au territoire."),
    ("Thèmes", "stabilite", "Part commune du thème et de celui qui lui ressemble le plus quand on refait les "
     "thèmes en écartant un cinquième des propos (indice de Jaccard moyen, 0 à 1) ; vide si elle n'est pas mesurée."),
    ("Thèmes", "jugement", f"stable ({_decimal(SEUIL_STABLE)} et plus), à confirmer, instable (moins de "
     f"{_decimal(SEUIL_INSTABLE)} : n'en rien conclure), non mesurée."),
    ("Thèmes", "part_codee", "Part des phrases du thème qui portent au moins un code."),
    ("Thèmes", "code_dominant", "Code que portent le plus de phrases du thème."),
    ("Thèmes", "verbatim 1, 2, 3", "Phrases représentatives, une par entretien : celle du plus grand poids, "
     "la plus longue."),
    ("Thèmes par territoire", "theme", "Numéro du thème national."),
    ("Thèmes par territoire", "libelle", "Nom donné au thème."),
    ("Thèmes par territoire", "territoire", "Nom du territoire ; vide pour toute l'étude."),
    ("Thèmes par territoire", "categorie", "Catégorie d'acteurs ; vide pour toutes."),
    ("Thèmes par territoire", "phrases", "Nombre de phrases du thème dites là."),
    ("Thèmes par territoire", "phrases_dites", "Nombre de phrases que les enquêtés y ont dites, hors thème compris."),
    ("Thèmes par territoire", "part", "Part des phrases dites : phrases / phrases_dites."),
    ("Thèmes par territoire", "entretiens", "Nombre d'entretiens où le thème a au moins une phrase."),
    ("Thèmes par territoire", "entretiens_menes", "Nombre d'entretiens menés là."),
    ("Thèmes par territoire", "part_entretiens", "Part des entretiens : entretiens / entretiens_menes."),
    ("Écarts de thèmes", "territoire", "Nom du territoire."),
    ("Écarts de thèmes", "theme", "Numéro du thème national."),
    ("Écarts de thèmes", "libelle", "Nom donné au thème."),
    ("Écarts de thèmes", "phrases", "Nombre de phrases du thème dites dans le territoire."),
    ("Écarts de thèmes", "part", "Part des phrases dites dans le territoire."),
    ("Écarts de thèmes", "entretiens", "Nombre d'entretiens du territoire où le thème a au moins une phrase."),
    ("Écarts de thèmes", "moyenne", "Part du thème dans un entretien du territoire, en moyenne : chaque entretien compte "
     "autant, court ou long."),
    ("Écarts de thèmes", "attendue", "Ce que serait cette moyenne si chacun en parlait comme sa catégorie d'acteurs dans "
     "toute l'étude."),
    ("Écarts de thèmes", "ecart", "moyenne moins attendue."),
    ("Écarts de thèmes", "p", "Probabilité d'un écart au moins aussi grand si les territoires étaient tirés au sort entre "
     "les entretiens d'une même catégorie (test de permutation, corrigé pour le nombre de thèmes : Holm)."),
    ("Écarts de thèmes", "constat", f"plus ou moins : écart net (p < {_decimal(RISQUE)}) ; vide : rien à conclure."),
    ("Écarts de thèmes", "etat", "commun : un thème du territoire ressemble à ce thème national ; dispersé : on en parle, "
     "mais aucun ne lui ressemble ; absent : aucune phrase n'en parle."),
    ("Écarts de thèmes", "themes_proches", "Numéros des thèmes du territoire qui ressemblent à ce thème national."),
    ("Thèmes et codes", "portee", "« national » ou le nom du territoire."),
    ("Thèmes et codes", "theme", "Numéro du thème dans sa portée."),
    ("Thèmes et codes", "libelle", "Nom donné au thème."),
    ("Thèmes et codes", "code", "Code de la grille ; themes_codes.csv donne aussi ceux que le thème ne porte pas."),
    ("Thèmes et codes", "intitule", "Intitulé du code."),
    ("Thèmes et codes", "phrases", "Nombre de phrases du thème qui portent le code."),
    ("Thèmes et codes", "part", "Part des phrases du thème."),
    ("Thèmes et codes", "attendu", "Nombre de phrases qui porteraient le code si le thème prenait ses phrases au "
     "hasard dans la portée."),
    ("Thèmes et codes", "specificite", "Spécificité de Lafon : logarithme décimal de 1/p, négatif quand le code est "
     "plus rare qu'attendu ; au-delà de 2 ou de −2, moins d'une chance sur cent que ce soit le hasard."),
    ("Thèmes et codes", "p", "Probabilité, au hasard, d'un nombre au moins aussi loin de l'attendu, du même côté."),
    ("Codes proposés", "portee", "« national » ou le nom du territoire."),
    ("Codes proposés", "theme", "Numéro du thème que la grille n'explique pas."),
    ("Codes proposés", "libelle", "Nom donné au thème : un point de départ pour nommer le code."),
    ("Codes proposés", "mots", "Mots les plus propres au thème."),
    ("Codes proposés", "phrases", "Nombre de phrases du thème."),
    ("Codes proposés", "entretiens", "Nombre d'entretiens où le thème a des phrases sans code."),
    ("Codes proposés", "part_codee", "Part des phrases du thème qui portent au moins un code."),
    ("Codes proposés", "part_hesitee", "Part des phrases du thème, sans code, où la machine a hésité à en poser un : "
     "élevée, le thème est peut-être déjà dans la grille."),
    ("Codes proposés", "part_portee", "Part codée de toutes les phrases de la portée."),
    ("Codes proposés", "p", "Probabilité, au hasard, d'une part codée aussi basse (test exact, corrigé pour le nombre "
     "de thèmes)."),
    ("Codes proposés", "verbatim 1, 2, 3", "Phrases sans code du thème, une par entretien, les plus représentatives."),
    ("Entretiens", "entretien", "Identifiant de l'entretien."),
    ("Entretiens", "fichier", "Fichier dans le dossier d'étude."),
    ("Entretiens", "territoire", "Nom du territoire."),
    ("Entretiens", "fonction", "Fonction de la personne interrogée."),
    ("Entretiens", "categorie", "Catégorie d'acteurs."),
    ("Entretiens", "date", "Date de l'entretien."),
    ("Entretiens", "mots", "Nombre de mots de l'entretien."),
    ("Entretiens", "mentions", "Nombre de mentions dans l'entretien."),
    ("Entretiens", "codes", "Nombre de codes différents mentionnés dans l'entretien."),
)
"""Feuille, colonne, sens ; l'ordre est celui des colonnes."""
