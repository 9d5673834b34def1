"""La monographie d'un territoire : le contexte que son gabarit met en page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from restitution.constats import constater, convergences, divergences, voix_isolees
from restitution.contexte import Tableau, fiches_des_territoires, grouper, limites, profil, provenance, themes_de
from restitution.donnees import DonneesRapport
from restitution.verbatims import Citations


def contexte_monographie(donnees: DonneesRapport, territoire: str, citations: Citations, table_de_pseudonymes: bool = False,
                         complements: Sequence[Tableau] = ()) -> dict[str, Any]:
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
    complements : Sequence[Tableau]
        Tableaux ajoutés après les thèmes.

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
    groupes = grouper(donnees, constats, citations, entretiens["entretien"].tolist())
    return {
        "etude": donnees.titre, "territoire": fiche, "profil": profil(entretiens), "groupes": groupes,
        "convergences": convergences(constats), "divergences": divergences(constats),
        "isolees": voix_isolees(constats), "themes": themes_de(donnees, territoire), "complements": list(complements),
        "limites": limites(donnees, groupes), "provenance": provenance(donnees, table_de_pseudonymes),
    }
