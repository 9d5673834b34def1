"""Le lexique de la modalité : ce qui, dans une phrase orale, souhaite, craint, nie, lève ou regrette.

Deux tables, lues par `extraction.indices` : des lemmes (toutes leurs formes comptent) et des
expressions régulières, appliquées au texte en minuscules. Les noms des indices sont ceux que
l'évaluateur voit ; ajouter un mot suffit à l'étendre, il faut ensuite réapprendre les poids
(`python -m extraction.modalite_apprentissage`).
"""

from __future__ import annotations

import re

LEMMES: dict[str, frozenset[str]] = {
    nom: frozenset(mots.split())
    for nom, mots in {
        "souhait": """souhaiter espérer préconiser recommander suggérer réclamer rêver vœu souhait
            préconisation recommandation idéal""",
        "proposition": "proposer proposition demander",
        "crainte": "craindre redouter risquer appréhender menacer crainte risque menace inquiéter",
        "levee": """régler résoudre débloquer lever terminer arranger éviter disparaître cesser améliorer
            apaiser surmonter dépasser contourner supprimer alléger simplifier desserrer rattraper
            débrouiller rétablir réconcilier dénouer corriger réparer soulager fluidifier raccourcir
            réduire dispenser""",
        "entente": """accord ensemble partager répartir coordonner concerter mutualiser co-construire
            coconstruire complémentaire conjoint binôme tandem entente coopérer coopération collectif
            commun associer réunir rapprocher croiser articuler égal pair""",
        "positif": """bon mieux super formidable excellent excellente chance facile facilement simple
            simplement rapide vite rapidement utile réussir réussite plaisir fier fierté précieux efficace
            souple souplesse confiance écouter légitime neutre content heureux ravi merci bravo chapeau
            génial apprécier aider marcher fonctionner avancer gagner adapter réactif disponible clair juste
            solide fort naturel avantage atout bénéfice progrès preuve sérieux humain fluide liberté libre
            possible pertinent engagé mobilisé investi présent volontaire""",
        "negatif": """mal pire difficile difficulté compliqué complexe dur lourd lourdeur long lent problème
            souci absurde honte impossible fou fatigué fatigue fatiguer épuisant pénible galère galérer
            bloquer coincer traîner perdre perdu flou frein obstacle échec échouer rater dommage regretter
            regret plaindre subir souffrir refuser refus fermer fâcher énerver râler conflit concurrence
            concurrent concurrencer bataille disputer dispute chamailler battre guerre piquer voler doublon
            empiler noyer usine cloison silo cloisonner éloigné loin opposer ignorer isolé méfiance méfier
            peur rigide opaque illisible fragile faible inutile triste grave malheureusement désolé bazar
            jungle casse-tête gâcher absurdité défaut limite gêner déranger reproche reprocher tort""",
        "manque": "manquer manque absence trou vide vacant insuffisant dépourvu pénurie carence priver",
        "exclusion": """absent exclure écarter oublier invité excuser seul découvrir imposer apprendre
            spectateur décoratif figurant tardif""",
        "attente": "attendre attente retard tarder délai traîner lenteur toujours",
        "redondance": "même doublon redire répéter refaire rajouter empiler encore autre",
        "mise_en_place": """ouvrir monter créer signer détacher réserver construire installer lancer
            embaucher recruter financer obtenir organiser inscrire bâtir trouver accompagner animer
            adapter caler fixer déplacer greffer décrocher nommer valider""",
    }.items()
}
"""Indice → lemmes qui le donnent."""

_EXPRESSIONS: dict[str, tuple[str, ...]] = {
    "souhait": (
        r"\bl'idéal\b",
        r"\b(?:j'aimerais|on aimerait|j'aurais (?:bien )?(?:aimé|voulu|préféré)|(?:je|on) voudrai[st])\b",
        r"\b(?:je|on|nous) (?:veux|veut|voulons) (?:surtout |juste |bien |simplement )?(?:que|qu'|une?|du"
        r"|des|de)\b",
        r"\b(?:je|on|nous) (?:leur |lui |vous )?demand(?:e|ons) (?:une?|que|qu'|à|de|d'|l'|la|le|juste"
        r"|seulement)",
        r"\bce (?:que|qu'il) (?:je|nous|me|on) (?:veux|voudrais|faudrait|manquerait)",
        r"\b(?:vivement|pourvu) qu",
        r"\bil (?:est|serait) (?:urgent|nécessaire|indispensable|temps) (?:de|d'|qu)",
        r"\b(?:à condition|pour peu) (?:de|que|qu')",
        r"\bon n'a(?:urait)? qu'à\b",
        r"\bce serait (?:bien|mieux|l'idéal|pas mal|formidable|une)",
        r"\b(?:ça|cela) (?:vaudrait|irait) mieux|\bil vaudrait mieux",
        r"\bj'ai (?:demandé|réclamé|proposé)\b|\bon a (?:demandé|réclamé|proposé)\b",
        r"\bplaid(?:e|ons|erais?) pour\b|\bon rêve\b|\ben rêve\b",
    ),
    "il_faut_que": (r"\bfau(?:t|drait|dra) (?:surtout |absolument |vraiment |bien )?(?:que|qu')",),
    "il_faut": (
        r"\bfau(?:t|dra|drait)\b(?! (?:dire|reconna|avouer|voir|croire|rêver|être honnête|pas se (?:ment"
        r"|leurr)"
        r"|lui (?:reconna|rendre)|savoir|admettre|se dire|pas (?:croire|rêver)))",
        r"\b(?:doit|doivent|devrai(?:t|s|ent)|devra|devront)\b",
        r"\bbesoin (?:de|d'|qu)",
    ),
    "crainte": (
        r"\b(?:j'ai|on a|nous avons|ma|notre|mes|j'avais)(?: très| bien)? (?:peur|peurs|hantise)\b",
        r"\bce qui m'inquiète|\bje m'inquiète|\bon s'inquiète|\binqui(?:et|ète|étude)",
        r"\b(?:si|quand) (?:elle|il|ça|on)(?: s'en| se| s')? ?(?:va|part|arrête|change|retire)\b",
    ),
    "avenir": (
        r"\b(?:après-)?demain\b(?! matin,? on)",
        r"\b(?:l'an|l'année|la rentrée|le mois|la semaine|les années?) (?:prochaine?s?|qui vien(?:t|nent)"
        r"|d'après)\b",
        r"\bprochaine?s?\b(?! fois)",
        r"\bà (?:terme|l'avenir|venir|long terme|moyen terme)\b",
        r"\bd'ici (?:à |la |le |l'|deux|trois|un|20\d\d|quelques|fin|peu)",
        r"\bbientôt\b|\ble jour où\b|\bpour la suite\b|\bfrance travail\b",
        r"\bs(?:i|') ?(?:c'était|on pouvait|j'avais|on avait)\b",
    ),
    "au_cas_ou": (
        r"\bsinon\b",
        r"\bsans (?:elle|lui|eux|ça|cela|quoi)\b",
        r"\bau cas où\b|\bil suffi(?:t|rait) (?:de|d'|que|qu')|\bà moins (?:de|que)",
    ),
    "levee": (
        r"\bc'est (?:réglé|fini|terminé|derrière nous|du passé|bouclé|passé)\b",
        r"\bs'en (?:est|sont|sort|sortent)(?: bien)?(?: sorti)?",
        r"\bça s'est (?:\w+ )?(?:arrangé|calmé|détendu|amélioré|fait|débloqué|apaisé|tassé|bien passé)",
        r"\bon (?:a|s'est|est) (?:enfin |fini par |pu |réussi|arrivés? à|sorti)",
        r"\b(?:a|ai|ont|avons) (?:enfin|fini par|pu|réussi|arrêté)\b|\bne? (?:\w+ )?plus besoin\b"
        r"|\bplus besoin\b",
        r"\ben (?:deux|trois|quatre|cinq|six|huit|dix|quinze|48|\d+)(?: ou \w+)? (?:jours?|heures?"
        r"|minutes?|semaines?)\b",
        r"\bdu jour au lendemain\b|\ble (?:lendemain|soir même|jour même)\b|\btout de suite\b",
    ),
    "entente": (
        r"\b(?:se|s'|nous|vous) ?(?:parl|entend|connai|connaî|appel|voi[te]|voy|compl[èé]|téléphon|épaul"
        r"|dit les choses)",
        r"\bà (?:deux|trois|quatre|plusieurs|égalité|parité|parts égales)\b|\btou(?:te)?s les (?:deux"
        r"|trois)\b",
        r"\b(?:la|le|les|ma|mon) mêmes? (?:table|bureau|couloir|étage|pièce|maison|équipe|voiture|ligne)\b",
        r"\bmain dans la main\b|\bautour de la table\b|\bd'une seule voix\b|\bavec (?:eux|elle|lui|nous"
        r"|elles)\b",
    ),
    "manque": (
        r"\b(?:pas|plus|jamais) assez\b|\bfaute d[e']|\bà défaut\b|\bun seul\b|\bà peine\b|\bzéro\b"
        r"|\bnéant\b",
        r"\ben moins\b|\btrop peu\b|\bpeu de\b|\bla moitié de\b|\bil (?:me|nous|leur) manqu",
    ),
    "exclusion": (
        r"\bsans (?:nous|moi|le dire|prévenir|consulter|demander|concertation|les? (?:gens|habitants"
        r"|communes?))",
        r"\bdans (?:leur|mon|son|notre) (?:coin|dos)\b|\bà côté\b|\bau fond\b|\bderrière\b|\bde loin\b",
        r"\b(?:l'|les )?(?:ai|a|avons|ont) (?:su|appris|découvert)\b|\bmis(?:es?)? devant\b"
        r"|\bpour (?:la photo|info)",
    ),
    "attente": (
        r"\b(?:depuis|pendant|au bout de|après) (?:un an|(?:deux|trois|quatre|six|huit|neuf|dix"
        r"|\w+-\w+) (?:mois|ans))\b",
        r"\btoujours pas\b|\bpas encore\b|\ben attente\b|\bpour l'instant\b|\btarde|\bcommence à\b",
    ),
    "redondance": (r"\bles? mêmes?\b|\bla même chose\b", r"\bde plus\b|\bencore (?:un|une)\b"),
    "exces": (r"\btrop\b(?! peu)|\bbeaucoup trop\b|\btellement\b|\bplein de\b",),
    "autrefois": (
        r"\b(?:avant|autrefois|jusqu(?:'ici|e-?là)|à l'époque|au (?:tout )?début|auparavant|au départ"
        r"|jadis)\b"
        r"(?! (?:de|d'|que|qu'|le|la|les|l'|nous|moi|mon|eux|elle|lui|un|une|ça)\b)",
        r"\b(?:la première année|en 20(?:1\d|20)|il y a (?:un|deux|trois|dix|cinq) ans)\b",
    ),
    "desormais": (
        r"\b(?:maintenant|désormais|aujourd'hui|dorénavant|cette fois|pour une fois|à présent|enfin)\b",
        r"\bdepuis(?=[ ]?(?:[,.!]|$)| (?:qu|on|ça|ce|l'arrivée|la création|la mise))",
        r"^(?:et |mais |bon,? )?depuis\b(?! (?:un an|le début|toujours|\w+ (?:mois|ans)))",
    ),
    "opposition": (
        r"^(?:mais|sauf|or|seulement|pourtant|cependant|cela dit|reste que|après)\b",
        r"\b(?:sauf que|en revanche|par contre|n'empêche|malheureusement|cela étant)\b",
    ),
    "concession": (
        r"\bquand même\b|\bau moins\b|\bmalgré\b|\bbien que\b|\bmême si\b|[,;] mais\b|\bpourtant\b",
    ),
    "ca_va": (
        r"\bça (?:va|marche|tient|passe|roule|fonctionne|avance|suit|prend|aide|compte|change)\b",
        r"\b(?:très|plutôt|vraiment|assez) bien\b|\bbien fait\b|\bc'est (?:bien|bon|mieux|plus (?:simple"
        r"|rapide|léger))\b",
        r"\bva mieux\b|\bau top\b|\bun cadeau\b|\bde l'or\b|\ben or\b|\bplus facile\b|\bpour une fois\b",
    ),
    "question_posee": (
        r"\best-ce qu|\bqu'est-ce qu|\bcomment (?:on|je|vous)\b|\bpourquoi\b",
        r"\bje (?:ne )?sais pas (?:si|comment|qui|où|quand|ce)",
    ),
}

EXPRESSIONS: dict[str, tuple[re.Pattern[str], ...]] = {
    nom: tuple(re.compile(motif) for motif in motifs) for nom, motifs in _EXPRESSIONS.items()
}
"""Indice → expressions régulières, sur le texte en minuscules à apostrophes droites."""

NEGATIONS_NEUTRES = re.compile(
    r"\b(?:je (?:ne )?(?:dis|vous dis|prétends) pas|(?:ce )?n'est pas qu|c'est pas (?:que|qu'|pour)"
    r"|pas (?:mal|seulement|uniquement|que|qu'|juste|forcément|exclusivement|si mal|trop mal)"
    r"|rien que|n'est-ce pas|pourquoi pas|non seulement|ne peut pas dire|peux pas dire|pas grave"
    r"|(?:je (?:ne )?sais|j'sais) pas(?: si| trop| combien| pourquoi|[,.]|$)|pas peu|rien d'autre"
    r"|plus que jamais"
    r"|(?:vingt|trente|dix|quinze|cinq|deux|trois) \w+,? pas (?:plus|un de plus))"
)
"""Négations qui ne nient pas le fait : « je ne dis pas que », « il n'y a pas que », « pas mal »."""

MAUX = (
    LEMMES["negatif"]
    | LEMMES["manque"]
    | LEMMES["crainte"]
    | frozenset("exclure écarter oublier imposer retard attente tarder doublon".split())
)
"""Lemmes dont la négation est une bonne nouvelle (« on ne se dispute plus »)."""

CHARGES = frozenset(
    """dossier papier paperasse formulaire case tableau chef surprise appel cahier étiquette guichet
    reporting indicateur justificatif facture jury contrainte hiérarchie logo affiche circuit convention
    délibération procédure règlement jargon sigle guéguerre""".split()
)
"""Ce dont l'absence soulage (« pas de dossier, pas de jury »)."""

BIENS = frozenset(
    """diagnostic coordination coordinateur coordinatrice coordonnateur coordonnatrice coordo partenaire
    partenariat concertation dialogue échange lien interlocuteur réponse représentant référent référente
    avis consulter consultation inviter associer convier participer participation engagement soutien appui
    portage pilotage accompagnement parcours suivi souplesse financement argent crédit visibilité poste
    constat ingénierie répondre venir siéger représenter impliquer copilotage médiateur contact
    correspondant présence place connaître reconnaître écouter solliciter""".split()
)
"""Ce dont l'absence est un manque (« pas de diagnostic », « ils ne sont pas venus »)."""

VERBES_TRANSPARENTS = frozenset(
    """penser croire trouver dire voir sentir constater savoir paraître sembler avouer estimer considérer
    imaginer reconnaître expliquer apercevoir falloir""".split()
)
"""Verbes dont la complétive est le vrai propos (« je trouve qu'on ne les voit pas »)."""
