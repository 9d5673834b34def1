"""Les questions fictives de la démonstration, et les propensions à y répondre, inventées elles aussi."""

from __future__ import annotations

PROPENSIONS: dict[str, tuple[float, dict[str, float]]] = {
    "C1.1": (0.72, {"association": -0.6, "2020": 0.3}),
    "C1.2": (0.58, {"departement": 0.7, "metropole": -0.5}),
    "C1.3": (0.76, {"commune": 0.4}),
    "C1.4": (0.45, {"departement": 0.9}),
    "C2.1": (0.72, {"departement": -1.0}),
    "C2.2": (0.82, {}),
    "C2.3": (0.22, {"metropole": -0.5}),
    "C3.1": (0.95, {}),
    "C3.2": (0.20, {"2020": 0.5}),
    "C4.1": (0.62, {"2020": 0.5}),
    "C4.2": (0.82, {}),
    "C4.3": (0.86, {"spe": -0.5}),
    "C4.4": (0.92, {"departement": -0.6}),
    "O01": (0.93, {}),
    "O02": (0.84, {"metropole": 0.5}),
    "O03": (0.86, {"metropole": 0.6}),
    "O04": (0.27, {"spe": 0.5}),
    "O05": (0.42, {"association": 0.8}),
    "O06": (0.26, {"departement": 1.3, "metropole": 0.6}),
    "O07": (0.50, {"metropole": 0.9}),
    "O08": (0.82, {"commune": 0.4}),
    "O09": (0.52, {"association": 0.8}),
    "O10": (0.90, {}),
    "O11": (0.97, {}),
    "O12": (0.48, {"spe": -0.8}),
    "O13": (0.50, {"metropole": 0.7}),
    "O14": (0.24, {"spe": 0.8}),
}
"""Code → probabilité moyenne de l'affirmer, et ce qu'y ajoutent (en logit) l'échelle, le porteur, l'année."""

_ACCORD = "pas du tout d'accord|plutôt pas d'accord|plutôt d'accord|tout à fait d'accord"
_OUI_NON = "oui|non|ne sait pas"
_OBSTACLES = ("crédits à dépenser vite|cohortes et chiffres pesants|empilement de dispositifs|binôme déséquilibré|"
              "coordination fragilisée|périmètre inadapté|services cloisonnés|manque d'ingénierie|appels à projets lourds|"
              "publics défiants ou invisibles|freins sociaux|droit commun peu mobilisé|concurrence entre opérateurs|"
              "coupure social-emploi")


def _question(variable: str, libelle: str, type: str, modalites: str = "", code: str = "", sens: str = "", affirme: str = "",
              sans_avis: str = "") -> dict[str, str]:
    return {"variable": variable, "libelle": libelle, "type": type, "modalites": modalites, "code": code, "sens": sens,
            "affirme": affirme, "sans_avis": sans_avis}


def _accord(variable: str, libelle: str, code: str, sens: str = "") -> dict[str, str]:
    return _question(variable, libelle, "echelle", _ACCORD, code, sens)


def _oui_non(variable: str, libelle: str, code: str) -> dict[str, str]:
    return _question(variable, libelle, "choix", _OUI_NON, code, sans_avis="ne sait pas")


QUESTIONS: tuple[dict[str, str], ...] = (
    _accord("copilotage", "L'État et la collectivité pilotent la Cité ensemble.", "C1.1"),
    _question("qui_pilote", "Qui pilote la Cité de l'emploi ?", "choix",
              "l'État et la collectivité en binôme|surtout l'État|surtout la collectivité|une autre structure", "C1.1",
              affirme="l'État et la collectivité en binôme"),
    _accord("etat_engage", "La préfecture et la DDETS sont toutes deux engagées et se coordonnent.", "C1.2"),
    _accord("egal_a_egal", "Les partenaires décident d'égal à égal.", "C1.3"),
    _question("partenaires_sociaux", "Quels partenaires participent au comité technique ?", "multiple",
              "conseil départemental|Caf|CCAS|mission locale|Pôle emploi|aucun", "C1.4|C1.4|C1.4|||"),
    _question("perimetre", "Le périmètre de la Cité est…", "choix", "trop petit|adapté|trop grand", "C2.1", affirme="adapté"),
    _oui_non("credits_souples", "Les crédits de la Cité se mobilisent-ils vite, hors appel à projets ?", "C2.2"),
    _accord("compte_mesure", "Le rendu-compte demandé aide l'action sans l'étouffer.", "C2.3"),
    _question("etp_coordination", "Combien d'équivalents temps plein pour la coordination ?", "nombre", code="C3.1",
              affirme=">= 1"),
    _accord("coordination_legitime", "La coordination est reconnue par tous les partenaires.", "C3.1"),
    _accord("instances_redondantes", "Nos instances font souvent double emploi.", "C3.2", "inverse"),
    _question("instances", "Dans combien d'instances la Cité siège-t-elle ?", "nombre"),
    _oui_non("diagnostic", "Un diagnostic partagé a-t-il été mis à jour depuis un an ?", "C4.1"),
    _accord("adapter", "La Cité adapte l'offre existante plutôt que d'en créer une autre.", "C4.2"),
    _accord("continuum", "L'accompagnement relie la levée des freins sociaux et l'accès à l'emploi.", "C4.3"),
    _question("aller_vers", "Quelles démarches d'aller-vers la Cité finance-t-elle ?", "multiple",
              "pied d'immeuble|adultes-relais|permanences dans le quartier|aucun", "C4.4|C4.4|C4.4|"),
    _accord("calendrier", "Le calendrier budgétaire oblige à dépenser trop vite.", "O01"),
    _accord("visibilite", "Nous connaissons les crédits des deux années à venir.", "O01", "inverse"),
    _accord("cohortes", "Le suivi des cohortes prend trop de temps.", "O02"),
    _accord("empilement", "Les dispositifs sont trop nombreux et mal articulés.", "O03"),
    _accord("decide_seul", "L'un des deux pilotes décide souvent sans l'autre.", "O04"),
    _oui_non("poste_vacant", "Le poste de coordination a-t-il été vacant ou a-t-il changé de titulaire ?", "O05"),
    _accord("trop_loin", "Le périmètre laisse de côté des quartiers ou des communes.", "O06"),
    _accord("services", "Les services de l'État ou de la collectivité travaillent chacun de leur côté.", "O07"),
    _accord("ingenierie", "Il manque du monde pour monter et suivre les projets.", "O08"),
    _oui_non("appels_lourds", "Des porteurs ont-ils renoncé devant la lourdeur des dossiers ?", "O09"),
    _accord("publics", "Une partie des habitants se méfie des institutions ou leur échappe.", "O10"),
    _accord("freins", "Les freins sociaux (mobilité, garde d'enfants, santé, langue) bloquent l'accès à l'emploi.", "O11"),
    _accord("droit_commun", "Le service public de l'emploi est peu présent dans les quartiers.", "O12"),
    _oui_non("concurrence", "Des opérateurs se disputent-ils le même public ?", "O13"),
    _accord("deux_mondes", "Le social et l'emploi s'ignorent encore sur notre territoire.", "O14"),
    _question("obstacles_principaux", "Quels sont les trois principaux obstacles ?", "multiple", _OBSTACLES),
    _question("accompagnes", "Combien de personnes la Cité a-t-elle accompagnées depuis un an ?", "nombre"),
    _question("a_changer", "S'il fallait changer une chose ?", "texte"),
    _question("reussite", "De quoi êtes-vous le plus satisfait ?", "texte"),
)
"""Le dictionnaire des variables, dans l'ordre du questionnaire."""

CONCLUSIONS = (
    "Des crédits sur trois ans, qu'on puisse enfin prévoir.",
    "Moins de tableaux à remplir, plus de temps sur le terrain.",
    "Un deuxième poste de coordination, un seul ne suffit pas.",
    "Que la DDETS et la préfecture parlent d'une même voix.",
    "Associer la Caf dès le départ.",
    "Un périmètre qui suive les quartiers, pas les limites administratives.",
    "Arrêter d'ajouter des dispositifs à ceux qui existent.",
    "Des indicateurs décidés avec nous.",
    "Que la mission locale revienne dans le quartier.",
    "Un vrai interlocuteur au conseil départemental.",
    "Pouvoir financer de petites actions sans passer par un appel à projets.",
    "Que les élus s'approprient la démarche.",
    "Des solutions de garde d'enfants, c'est le premier frein.",
    "Rien, il faut surtout que cela dure.",
)
"""Réponses ouvertes à « S'il fallait changer une chose ? »."""

REUSSITES = (
    "Le réseau des partenaires, qui se connaissent maintenant.",
    "Les permanences en pied d'immeuble.",
    "Le travail avec les adultes-relais.",
    "Les actions montées en quelques semaines grâce à la souplesse des crédits.",
    "Avoir fait venir des entreprises dans le quartier.",
    "La confiance entre la ville et la préfecture.",
    "Le diagnostic, que tout le monde a partagé.",
    "Les femmes qu'on ne voyait nulle part et qui viennent.",
    "L'accompagnement qui ne lâche personne.",
    "Le fait d'avoir adapté ce qui existait.",
    "La place prise par la coordination.",
    "Les parcours mobilité, avec le permis au bout.",
)
"""Réponses ouvertes à « De quoi êtes-vous le plus satisfait ? »."""
