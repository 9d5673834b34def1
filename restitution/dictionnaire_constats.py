"""Ce que dit chaque colonne des tables de constats : feuilles du classeur et fichiers CSV."""

from __future__ import annotations

from evaluation import configurations, qca, regards
from evaluation.constats_etude import COLONNES_VERITE, TERRITOIRES_MIN
from evaluation.regles import REGLES

FEUILLES: dict[str, str] = {
    "regards": "Constats",
    "regards_categories": "Constats par catégorie",
    "configurations": "Configurations",
    "table_verite": "Table de vérité",
    "formules_qca": "Formules",
}

_R = REGLES
_PORTEE = "« national » ou le territoire (son nom dans le classeur, son identifiant dans le fichier CSV)."
_BAS, _HAUT = "Borne basse de l'intervalle de Wilson à 95 %.", "Borne haute."
_SENS: dict[str, dict[str, str]] = {
    "regards": {
        "portee": _PORTEE,
        "code": "Code de la grille.",
        "entretiens": "Nombre d'entretiens qui en parlent.",
        "attendus": "Nombre d'entretiens attendus d'après les confiances de la machine, hésitations comprises : la somme, sur "
                    "les entretiens, de la probabilité qu'une phrase au moins porte le code. C'est l'ordre du rapport.",
        "sur": "Nombre d'entretiens menés.",
        "part": "entretiens / sur.",
        "bas": _BAS,
        "haut": _HAUT,
        "territoires": "Nombre de territoires où l'on en parle.",
        "categories": "Nombre de catégories d'acteurs qui en parlent.",
        "appuyees": f"Nombre de catégories qui l'appuient : {_R.voix} de leurs entretiens en parlent (tous, si elles en ont "
                    "moins ; un seul dans un territoire).",
        "hors_pilotage": "Parmi elles, celles qui ne conçoivent ni ne conduisent la politique (tout sauf État, coordination, "
                         "collectivités).",
        "presente": "Nombre d'entretiens qui le disent présent ; un entretien peut compter dans plusieurs modalités.",
        "absente": "Nombre d'entretiens qui le disent absent.",
        "hypothetique": "Nombre d'entretiens qui en parlent comme d'une hypothèse.",
        "avis": f"presente ou absente : au moins {_R.entretiens} entretiens l'affirment, et deux fois plus que le contraire ; "
                "partage : ni l'un ni l'autre ; hypothetique : plus d'entretiens le souhaitent ou le redoutent que ne "
                f"l'affirment ; vide : trop peu d'entretiens, ou moins de {_R.diversite} catégories d'acteurs.",
        "accord": "Entre les catégories qui l'appuient. convergence : trois au moins, toutes du même côté ; divergence : une au "
                  "moins de chaque côté ; vide : ni l'un ni l'autre.",
        "ecart": f"Du plus grand au plus petit avis moyen des catégories qui ont {_R.voix} avis : 0, toutes disent pareil ; 1, "
                 "l'une toujours présent, l'autre toujours absent.",
        "p": "Probabilité d'avis aussi inégaux entre catégories si elles n'y étaient pour rien : avis redistribués dans chaque "
             f"territoire {regards.TIRAGES} fois ; corrigée pour le nombre de codes (Holm). Échelle nationale seulement.",
        "voix_isolee": "entretien : un seul en parle ; categorie : une seule ; vide sinon.",
        "retenu": f"Vrai quand l'ensemble des acteurs en parle : un avis ; {_R.categories} catégories, et la moitié de celles "
                  f"qu'on a interrogées, l'appuient, dont une hors pilotage ; à l'échelle nationale, "
                  f"{_R.territoires} territoires et la moitié d'entre eux.",
        "raison": "Ce qui manque pour le retenir.",
        "liste": "Identifiants des entretiens, séparés par « ; ».",
    },
    "regards_categories": {
        "portee": _PORTEE,
        "code": "Code de la grille.",
        "categorie": "Catégorie d'acteurs interrogée.",
        "entretiens": "Nombre de ses entretiens qui en parlent.",
        "sur": "Nombre de ses entretiens.",
        "part": "entretiens / sur.",
        "bas": _BAS,
        "haut": _HAUT,
        "presente": "Nombre de ses entretiens qui le disent présent.",
        "absente": "Nombre de ses entretiens qui le disent absent.",
        "penche": "Le plus nombreux des deux : presente ou absente ; vide à égalité.",
        "liste": "Identifiants des entretiens, séparés par « ; ».",
    },
    "configurations": {
        "caracteristique": "echelle, porteur ou anciennete (première moitié des territoires, par année).",
        "valeur": "Ce que les territoires comparés aux autres ont en commun.",
        "code": "Code de la grille.",
        "territoires": "Nombre de territoires qui ont cette valeur.",
        "autres": "Nombre des autres.",
        "part": "Part moyenne d'entretiens qui parlent du code dans ces territoires, à catégories d'acteurs égales.",
        "part_autres": "La même dans les autres.",
        "ecart": "part moins part_autres.",
        "bas": "Le plus petit écart que le test ne rejette pas à 5 % (sans ajustement).",
        "haut": "Le plus grand.",
        "p": "Part des façons de donner la caractéristique à autant de territoires qui font un écart au moins aussi grand.",
        "p_ajuste": "La même, ajustée pour tous les codes et toutes les valeurs de la caractéristique (Westfall et Young, 1993).",
        "p_minimal": "Le plus petit p que ces effectifs permettent.",
        "conclusion": "plus, moins (p ajusté d'au plus 0,05) ou non concluant.",
        "raison": "Pourquoi l'on ne conclut pas.",
        "liste": "Territoires qui ont cette valeur, séparés par « ; ».",
    },
    "table_verite": {
        "code": f"Code qu'au moins {TERRITOIRES_MIN} territoires ont (leurs entretiens le disent présent) et qu'au moins "
                f"{TERRITOIRES_MIN} n'ont pas.",
        "echelle": "L'échelle la plus répandue, ou « autre » ; vide si elle ne sépare pas les territoires ou manque à l'un.",
        "porteur": "Le porteur le plus répandu, ou « autre » ; vide de même.",
        "anciennete": "Première ou seconde moitié des années ; vide de même.",
        "territoires": "Nombre de territoires qui ont cette combinaison.",
        "positifs": "Ceux qui ont le code.",
        "coherence": "positifs / territoires.",
        "couverture": "Part des territoires qui ont le code que la combinaison rassemble.",
        "contradictoire": "Vrai quand des territoires de la combinaison ont le code et d'autres non.",
        "non_observees": "Nombre de combinaisons que nul territoire n'a.",
        "liste": "Territoires, séparés par « ; ».",
    },
    "formules_qca": {
        "code": "Code de la table de vérité.",
        "territoires": "Nombre de territoires.",
        "positifs": "Ceux qui ont le code.",
        "formule": "La plus courte qui rassemble les combinaisons où "
                   f"{100 * qca.COHERENCE:.0f} % des territoires au moins ont le code ; vide s'il n'y en a pas.",
        "coherence": "Part des territoires de la formule qui ont le code.",
        "couverture": "Part des territoires qui ont le code que la formule rassemble.",
        "expliques": "Nombre de territoires que la formule range bien.",
        "p": "Part des façons de donner le code à autant de territoires qui s'expliquent aussi bien.",
        "p_ajuste": "La même, corrigée pour le nombre de codes (Holm, 1979).",
        "p_minimal": "La plus petite que ces territoires permettent.",
        "conclusion": "accompagne (p ajusté d'au plus 0,05) ou non concluant.",
        "raison": "Pourquoi l'on ne conclut pas.",
    },
}

_COLONNES: dict[str, tuple[str, ...]] = {
    "regards": tuple(c for colonne in regards.COLONNES for c in (("attendus", "sur") if colonne == "sur" else (colonne,))),
    "regards_categories": regards.COLONNES_CATEGORIES,
    "configurations": configurations.COLONNES,
    "table_verite": COLONNES_VERITE,
    "formules_qca": qca.COLONNES_FORMULES,
}
_INTITULE = ("intitule", "Intitulé du code (classeur seulement).")

DICTIONNAIRE_CONSTATS: tuple[tuple[str, str, str], ...] = tuple(
    (FEUILLES[table], colonne, sens)
    for table, colonnes in _COLONNES.items()
    for nom in colonnes
    for colonne, sens in (((nom, _SENS[table][nom]), _INTITULE) if nom == "code" else ((nom, _SENS[table][nom]),))
)
"""Feuille, colonne, sens ; l'ordre est celui des colonnes."""
