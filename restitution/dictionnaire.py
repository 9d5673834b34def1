"""Ce que dit chaque colonne du classeur `tableaux.xlsx`, feuille par feuille."""

from __future__ import annotations

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
    ("Thèmes", "verbatim 1, 2, 3", "Phrases représentatives, une par entretien : celle du plus grand poids, "
     "la plus longue."),
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
