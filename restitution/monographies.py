"""La monographie d'un territoire : le contexte que son gabarit met en page."""

from __future__ import annotations

from typing import Any

from restitution.complements import tableaux_des_estimations, tableaux_des_regards, tableaux_du_questionnaire
from restitution.constats import constater, convergences, divergences, voix_isolees
from restitution.contexte import fiches_des_territoires, grouper, limites, profil, provenance, themes_de
from restitution.donnees import DonneesRapport
from restitution.figures import Ecrire, figure_des_themes
from restitution.typographie import francais
from restitution.verbatims import Citations


def contexte_monographie(donnees: DonneesRapport, territoire: str, citations: Citations, table_de_pseudonymes: bool = False,
                         ecrire: Ecrire = francais) -> dict[str, Any]:
    """Tout ce que dit la monographie d'un territoire.

    Parameters
    ----------
    donnees : DonneesRapport
    territoire : str
        Identifiant du territoire.
    citations : Citations
        De quoi choisir les verbatims.
    table_de_pseudonymes : bool
        L'étude a-t-elle une table de pseudonymes ? Le document le dit.
    ecrire : callable
        Reçoit et rend ce qu'on dessine dans les figures : typographie, pseudonymes.

    Returns
    -------
    dict
        Les variables du gabarit (`restitution/gabarits/LISEZMOI.md`).

    Raises
    ------
    ValueError
        Territoire sans entretien.
    """
    entretiens = donnees.entretiens[donnees.entretiens["territoire"].astype(str) == territoire]
    if entretiens.empty:
        raise ValueError(f"aucun entretien pour le territoire « {territoire} »")
    fiche = next(fiche for fiche in fiches_des_territoires(donnees) if fiche["territoire"] == territoire)
    constats = constater(donnees.mentions, entretiens, donnees.grille)
    groupes = grouper(donnees, constats, citations, entretiens["entretien"].tolist(), ecrire)
    themes = themes_de(donnees, territoire)
    return {
        "etude": donnees.titre, "territoire": fiche, "profil": profil(entretiens), "groupes": groupes,
        "convergences": convergences(constats), "divergences": divergences(constats),
        "isolees": voix_isolees(constats), "regards": tableaux_des_regards(donnees, territoire), "themes": themes,
        "figure_themes": figure_des_themes(themes, fiche["nom"], ecrire),
        "complements": [*tableaux_des_estimations(donnees, territoire), *tableaux_du_questionnaire(donnees, territoire)],
        "limites": limites(donnees, groupes), "provenance": provenance(donnees, table_de_pseudonymes),
    }
