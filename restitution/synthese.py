"""La synthèse nationale : le contexte que son gabarit met en page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from corpus.fiches import PORTEE_NATIONALE
from evaluation.regles import ABSENT, PARTAGE, PRESENT
from restitution.complements import tableaux_des_estimations, tableaux_des_regards, tableaux_du_questionnaire
from restitution.constats import Constat, constater, convergences, divergences, en_tete, voix_isolees
from restitution.contexte import Groupe, fiches_des_territoires, grouper, limites, profil, provenance, themes_de
from restitution.donnees import DonneesRapport
from restitution.figures import Ecrire, figure_des_themes
from restitution.tableaux import Case, Tableau
from restitution.typographie import francais, nombre, pourcent
from restitution.verbatims import Citations

COLONNES_MAX = 14
"""Codes par tableau : au-delà, la page est trop étroite et la matrice se poursuit dans un autre."""
VARIABLES = {"echelle": "Selon l'échelle", "porteur": "Selon le porteur", "annee": "Selon l'année d'entrée"}
_CODES_COMPARES = 6


@dataclass(frozen=True)
class Bilan:
    """Un code sur toute l'étude.

    Attributes
    ----------
    constat : Constat
        Tous territoires ensemble.
    presents, absents, partages : list[str]
        Noms des territoires dont c'est l'avis.
    categories : int
        Catégories d'acteurs dont la parole penche vers « présent ».
    retenu : bool
        L'ensemble des acteurs en parle (`evaluation.regles.Regles.manques` : rien n'y manque).
    """

    constat: Constat
    presents: list[str]
    absents: list[str]
    partages: list[str]
    categories: int
    retenu: bool


def contexte_synthese(donnees: DonneesRapport, citations: Citations, table_de_pseudonymes: bool = False,
                      ecrire: Ecrire = francais) -> dict[str, Any]:
    """Tout ce que dit la synthèse nationale.

    Parameters
    ----------
    donnees, citations, table_de_pseudonymes, ecrire
        Comme `contexte_monographie`.

    Returns
    -------
    dict
        Les variables du gabarit (`restitution/gabarits/LISEZMOI.md`).
    """
    fiches = fiches_des_territoires(donnees)
    lieux = donnees.entretiens["territoire"].astype(str)
    constats = constater(donnees.mentions, donnees.entretiens, donnees.grille, national=True)
    par_lieu = {str(lieu): constater(donnees.mentions, siens, donnees.grille)
                for lieu, siens in donnees.entretiens.groupby(lieux)}
    groupes = grouper(donnees, constats, citations, donnees.entretiens["entretien"].tolist(), ecrire)
    retenus = _codes_retenus(donnees)
    bilans = {constat.code: _bilan(constat, fiches, par_lieu, rang, constat.code in retenus)
              for rang, constat in enumerate(constats)}
    themes = themes_de(donnees, PORTEE_NATIONALE)
    effectifs = donnees.entretiens.groupby(lieux)["mots"].agg(["size", "sum"])
    return {
        "etude": donnees.titre, "profil": profil(donnees.entretiens), "groupes": groupes,
        "territoires": [fiche | {"entretiens": int(effectifs.loc[fiche["territoire"], "size"]),
                                 "mots": nombre(int(effectifs.loc[fiche["territoire"], "sum"]))}
                        for fiche in fiches],
        "bilans": {groupe.identifiant: [bilans[c.code] for c in groupe.constats] for groupe in groupes},
        "retenus": {groupe.identifiant: [c for c in en_tete(groupe.constats, len(groupe.constats)) if c.code in retenus]
                    for groupe in groupes},
        "matrices": [matrice for groupe in groupes for matrice in _matrices(groupe, fiches, par_lieu, constats)],
        "comparaisons": list(_comparaisons(donnees, groupes, fiches)),
        "convergences": convergences(constats), "divergences": divergences(constats), "isolees": voix_isolees(constats),
        "regards": tableaux_des_regards(donnees, PORTEE_NATIONALE), "themes": themes,
        "figure_themes": figure_des_themes(themes, "Toute l'étude", ecrire),
        "complements": [*tableaux_des_estimations(donnees, PORTEE_NATIONALE),
                        *tableaux_du_questionnaire(donnees, PORTEE_NATIONALE)],
        "limites": limites(donnees, groupes), "provenance": provenance(donnees, table_de_pseudonymes),
    }


def _codes_retenus(donnees: DonneesRapport) -> set[str]:
    """Les codes que l'ensemble des acteurs porte, à l'échelle nationale ; aucun si l'étude n'est pas croisée."""
    regards = donnees.constats.get("regards")
    if regards is None:
        return set()
    return {str(code) for code in regards.loc[(regards["portee"] == PORTEE_NATIONALE) & regards["retenu"].astype(bool), "code"]}


def _bilan(constat: Constat, fiches: Sequence[dict[str, str]], par_lieu: dict[str, list[Constat]], rang: int,
           retenu: bool) -> Bilan:
    ranges: dict[str, list[str]] = {PRESENT: [], ABSENT: [], PARTAGE: []}
    for fiche in fiches:
        ranges.get(par_lieu[fiche["territoire"]][rang].avis, []).append(fiche["nom"])
    return Bilan(constat, ranges[PRESENT], ranges[ABSENT], ranges[PARTAGE], len(constat.penchent(PRESENT)), retenu)


def _matrices(groupe: Groupe, fiches: Sequence[dict[str, str]], par_lieu: dict[str, list[Constat]],
              ensemble: Sequence[Constat]) -> Iterator[Tableau]:
    """Territoires en lignes, codes d'un genre en colonnes : entretiens qui disent le code présent."""
    sigles = [constat.code for constat in groupe.constats]
    for depart in range(0, len(sigles), COLONNES_MAX):
        ici = sigles[depart:depart + COLONNES_MAX]
        lignes = []
        for lieu, nom in [*((fiche["territoire"], fiche["nom"]) for fiche in fiches), ("", "Ensemble")]:
            dits = {constat.code: constat for constat in (par_lieu[lieu] if lieu else ensemble)}
            lignes.append((Case(f"{nom} ({dits[ici[0]].sur})", not lieu), *(
                Case(str(dits[code].presente or "–"), 2 * dits[code].presente >= dits[code].sur) for code in ici)))
        suite = " (suite)" if depart else ""
        yield Tableau(f"{groupe.intitule} : entretiens qui les disent présents, par territoire{suite}",
                      "Entre parenthèses, les entretiens menés. En gras, la moitié d'entre eux au moins. « – » : aucun.",
                      ("Territoire", *ici), tuple(lignes))


def _comparaisons(donnees: DonneesRapport, groupes: Sequence[Groupe], fiches: Sequence[dict[str, str]]) -> Iterator[Tableau]:
    """Les codes en tête de chaque genre, selon ce que sont les territoires : parts d'entretiens."""
    codes = [constat for groupe in groupes for constat in en_tete(groupe.constats, _CODES_COMPARES)]
    lieux = donnees.entretiens["territoire"].astype(str)
    for variable, titre in VARIABLES.items():
        valeurs = {fiche["territoire"]: fiche[variable] for fiche in fiches}
        presentes = sorted({valeur for valeur in valeurs.values() if valeur})
        if len(presentes) < 2 or not codes:
            continue
        groupe_de = {valeur: donnees.entretiens[lieux.map(valeurs) == valeur] for valeur in presentes}
        dits = {valeur: {c.code: c for c in constater(donnees.mentions, siens, donnees.grille)}
                for valeur, siens in groupe_de.items()}
        entetes = tuple(f"{valeur} ({siens['territoire'].nunique()} terr., {len(siens)} entr.)"
                        for valeur, siens in groupe_de.items())
        yield Tableau(
            f"{titre} : part des entretiens qui disent le code présent",
            "Description de ces territoires-là. Ils sont trop peu nombreux pour qu'un écart prouve quoi que ce soit.",
            ("Code", *entetes),
            tuple((Case(f"{c.code} {c.intitule}"), *(Case(pourcent(dits[v][c.code].presente / dits[v][c.code].sur))
                                                     for v in presentes)) for c in codes))
