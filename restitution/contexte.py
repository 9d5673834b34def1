"""Ce que les monographies et la synthèse disent toutes deux : provenance, limites, tableaux, codes mis en avant.

Un contexte est un dictionnaire dont les clés sont les variables des gabarits ; `restitution/gabarits/LISEZMOI.md`
les décrit pour qui modifie un gabarit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from corpus.cache import empreinte
from evaluation.regles import ABSENT, PARTAGE, PEU, PRESENT, REGLES
from restitution.constats import AVIS, Constat, en_tete, nom_de_categorie
from restitution.donnees import CATEGORIES, DonneesRapport, intitules, table_des_territoires
from restitution.donnees_themes import jugements, mots_du_theme
from restitution.figures import Ecrire, Figure, figure_des_constats
from restitution.typographie import compte, date_en_clair, francais, nombre, pourcent
from restitution.verbatims import Citations, Verbatim

TETE = 5
"""Codes de chaque genre développés avec leurs verbatims."""
EN_CLAIR = {"epci": "EPCI", "commune": "commune", "departement": "département", "quartier": "quartier", "region": "région",
            "spe": "service public de l'emploi", "association": "association", "etat": "État"}
"""Échelles et porteurs que les études écrivent en abrégé ; les autres valeurs sont montrées telles quelles."""
_MODALITES_CITEES = {PRESENT: (("presente", 3),), ABSENT: (("absente", 3),), PARTAGE: (("presente", 2), ("absente", 2))}


@dataclass(frozen=True)
class Groupe:
    """Les codes d'un genre (conditions, obstacles…) et ce qu'on en met en avant.

    Attributes
    ----------
    identifiant, intitule : str
    constats : list[Constat]
        Un par code, dans l'ordre de la grille.
    avis : list[tuple[str, list[Constat]]]
        Par avis exprimé, ses codes, des plus portés aux moins portés.
    developpes : list[tuple[Constat, list[Verbatim]]]
        Les codes en tête et leurs verbatims.
    figure : Figure or None
        Leur dessin, si quelqu'un en parle.
    """

    identifiant: str
    intitule: str
    constats: list[Constat]
    avis: list[tuple[str, list[Constat]]]
    developpes: list[tuple[Constat, list[Verbatim]]]
    figure: Figure | None = None


def grouper(donnees: DonneesRapport, constats: Sequence[Constat], citations: Citations, entretiens: Sequence[str],
            ecrire: Ecrire = francais) -> list[Groupe]:
    """Les constats genre par genre, avec les verbatims des codes en tête."""
    groupes = []
    for genre, intitule in intitules(donnees.grille.genres).items():
        siens = [constat for constat in constats if constat.genre == genre]
        mots = AVIS.get(genre, AVIS[""])
        ranges = [(mots[avis], en_tete([c for c in siens if c.avis == avis], len(siens))) for avis in mots if avis != PEU]
        muets = [constat for constat in siens if constat.avis == PEU]
        groupes.append(Groupe(
            genre, intitule, siens,
            [(avis, codes) for avis, codes in [*ranges, (mots[PEU], muets)] if codes],
            [(constat, [verbatim for modalite, combien in _MODALITES_CITEES.get(constat.avis, (("hypothetique", 2),))
                        for verbatim in citations.choisir(constat.code, modalite, combien, entretiens)])
             for constat in en_tete(siens, TETE)],
            figure_des_constats(intitule, siens, ecrire)))
    return groupes


def themes_de(donnees: DonneesRapport, portee: str) -> list[dict[str, Any]]:
    """Les thèmes d'une portée, du plus parlé au moins parlé : libelle, mots, part, stabilite, code, part_codee."""
    table = donnees.themes.assign(jugement=jugements(donnees.themes)).reindex(
        columns=["portee", "libelle", "mots", "part", "jugement", "code_dominant", "part_codee"])
    table = table[table["portee"] == portee].sort_values("part", ascending=False, kind="stable")
    noms = {code.code: code.intitule for code in donnees.grille}
    return [{"libelle": str(t.libelle), "mots": ", ".join(mots_du_theme(t.mots)[:6]), "part": pourcent(float(t.part)),
             "stabilite": str(t.jugement), "code": noms.get(str(t.code_dominant), ""),
             "part_codee": "" if pd.isna(t.part_codee) else pourcent(float(t.part_codee))}
            for t in table.itertuples(index=False)]


def fiches_des_territoires(donnees: DonneesRapport) -> list[dict[str, str]]:
    """Les territoires qui ont des entretiens : territoire, nom, echelle, porteur, annee, en toutes lettres."""
    table = table_des_territoires(donnees)
    presents = set(donnees.entretiens["territoire"].astype(str))
    for colonne in ("echelle", "porteur"):
        table[colonne] = table[colonne].map(lambda valeur: EN_CLAIR.get(valeur, valeur))
    fiches: list[dict[str, str]] = table[table["territoire"].isin(presents)].to_dict("records")
    return fiches


def profil(entretiens: pd.DataFrame) -> dict[str, Any]:
    """Les entretiens d'un document : effectifs, dates, et une ligne par catégorie d'acteurs."""
    dates = sorted(date for date in entretiens["date"].dropna().astype(str) if date)
    categories = entretiens["categorie"].fillna("").astype(str).map(nom_de_categorie)
    par_categorie = entretiens.assign(nom=categories).groupby("nom", sort=False)["mots"].agg(["size", "sum"])
    ordre = list(dict.fromkeys([nom_de_categorie(c) for c in sorted(
        entretiens["categorie"].fillna("").astype(str), key=_rang_de_categorie)]))
    return {
        "entretiens": len(entretiens), "mots": nombre(int(entretiens["mots"].sum())),
        "dates": (f"du {date_en_clair(dates[0])} au {date_en_clair(dates[-1])}" if len(set(dates)) > 1
                  else date_en_clair(dates[0]) if dates else "non précisées"),
        "categories": [{"nom": nom, "entretiens": int(par_categorie.loc[nom, "size"]),
                        "mots": nombre(int(par_categorie.loc[nom, "sum"]))} for nom in ordre],
    }


def _rang_de_categorie(categorie: str) -> tuple[int, str]:
    return (list(CATEGORIES).index(categorie) if categorie in CATEGORIES else len(CATEGORIES), categorie)


def provenance(donnees: DonneesRapport, table_de_pseudonymes: bool) -> list[tuple[str, str]]:
    """D'où vient le document : de quoi le refaire et le juger."""
    execution = donnees.execution
    grille = execution.get("grille", {})
    empreintes = execution.get("empreintes", {})
    humaine = execution.get("codage_humain", {})
    lignes = [
        ("Étude", donnees.titre),
        ("Données arrêtées au", date_en_clair(str(execution["date"])[:10])),
        ("Entretiens analysés", nombre(len(donnees.entretiens))),
        ("Entretiens écartés", ", ".join(execution.get("ecartes", [])) or "aucun"),
        ("Monographies", f"version {execution['version']}"),
        ("Grille", " ".join(filter(None, (str(grille.get("titre", "")), f"version {grille['version']}"
                                          if grille.get("version") else "")))),
        ("Codeur", str(execution["codeur"])),
        ("Part codée par des humains", _part_humaine(donnees, humaine)),
        ("Accord de la machine et des humains", _accord(humaine)),
        ("Échantillon codé à la main", _echantillon(execution.get("echantillon", {}))),
        ("Pseudonymes", "table pseudonymes.csv, et noms propres repérés masqués dans les verbatims"
         if table_de_pseudonymes else "aucune table ; noms propres repérés masqués dans les verbatims"),
        ("Empreinte de la grille", str(empreintes.get("grille", ""))[:16]),
        ("Empreinte des fichiers", empreinte(empreintes.get("fichiers", {}))[:16]),
        ("Bibliothèques", ", ".join(f"{nom} {version}" for nom, version in execution.get("bibliotheques", {}).items())),
    ]
    return [(nom, valeur) for nom, valeur in lignes if valeur]


def _part_humaine(donnees: DonneesRapport, humaine: Mapping[str, Any]) -> str:
    posees = ~donnees.mentions["codeur"].astype(str).str.startswith("machine:")
    part = pourcent(float(posees.mean()) if len(posees) else 0.0)
    dite = f"{part} des mentions de l'étude"
    if humaine.get("entretiens"):
        dite += (f" ; entretiens codés en entier par des personnes : {len(humaine['entretiens'])} sur {len(donnees.entretiens)}, "
                 f"par {', '.join(humaine['codeurs'])}")
    if humaine.get("en_cours"):
        dite += f" ; en cours : {len(humaine['en_cours'])}"
    return dite


def _echantillon(tire: Mapping[str, Any]) -> str:
    """Le tirage d'après lequel les parts sont estimées ; vide s'il n'y en a pas."""
    if not tire:
        return ""
    if tire.get("absent"):
        return f"tiré, mais sans estimation possible : {tire['absent']}"
    return f"{nombre(tire['taille'])} {tire['unite']} tirés au sort (plan {tire['plan']}), confiances de {tire['machine']}"


def _accord(humaine: Mapping[str, Any]) -> str:
    """L'accord mesuré dans l'étude, s'il l'est."""
    if not humaine.get("entretiens"):
        return "inconnu : aucun entretien de l'étude n'a été codé en entier par une personne"
    if humaine["kappa"] is None:
        return "inconnu : ni la machine ni les personnes n'ont posé de code sur les entretiens communs"
    return (_kappa(humaine["kappa"], humaine["bas"], humaine["haut"]) + f" sur {compte(len(humaine['entretiens']), 'entretien')}"
            + (" ; flatteur : la machine a appris sur tout ou partie d'entre eux" if humaine["appris"] else ""))


def _kappa(valeur: float, bas: float | None, haut: float | None) -> str:
    """« κ = 0,48 [0,46 ; 0,50] », l'intervalle s'il est connu."""
    intervalle = "" if bas is None or haut is None else f" [{nombre(bas, 2)} ; {nombre(haut, 2)}]"
    return f"κ = {nombre(valeur, 2)}{intervalle}"


def limites(donnees: DonneesRapport, groupes: Sequence[Groupe]) -> list[str]:
    """Ce qu'il faut savoir avant de citer un chiffre du document."""
    execution = donnees.execution
    livre = execution.get("justesse_du_codeur")
    dites = [*execution.get("avertissements", [])]
    if (donnees.mentions["codeur"].astype(str).str.startswith("machine:")).any():
        dites.append("La machine se trompe. Ce qui ne porte que sa signature n'a pas été relu : un code peut manquer, ou être posé "
                     "à tort.")
    if livre:
        k = livre["kappa"]
        dites.append(
            f"Sur {compte(livre['entretiens'], 'entretien')} fictifs de territoires qu'elle n'avait pas vus, son accord avec "
            f"le codage de référence est {_kappa(k['valeur'], k['bas'], k['haut'])} (1 : accord parfait ; 0 : le hasard) : "
            f"{pourcent(livre['precision'])} des codes qu'elle pose sont justes, et elle trouve "
            f"{pourcent(livre['rappel'])} de ceux qu'il fallait poser. Rien ne dit encore ce qu'elle vaut sur de vrais "
            "entretiens.")
    muets = sum(constat.avis == PEU for groupe in groupes for constat in groupe.constats)
    total = sum(len(groupe.constats) for groupe in groupes)
    dites += [
        "Un entretien compte une fois, quelle que soit sa longueur. Un code n'est dit « plutôt » réuni, rencontré, manquant ou "
        f"levé que si au moins {nombre(REGLES.rapport)} fois plus d'entretiens vont dans ce sens que dans l'autre, "
        f"{REGLES.entretiens} au moins, et si {REGLES.diversite} catégories d'acteurs en parlent. C'est une règle de lecture, "
        "pas un test.",
        *([f"Sur {total} codes, {muets} ne sont portés que par trop peu d'entretiens pour qu'on en dise quoi que ce soit. Ne pas "
           "en parler ne veut pas dire que la condition manque ou que l'obstacle est absent."] if muets else []),
        "Les entretiens disent ce que des personnes choisies en pensent, non ce qui est : ils ne mesurent ni la fréquence d'un "
        "fait, ni son effet.",
        "Les noms propres des verbatims sont masqués par un repérage automatique, qui en laisse passer. La fonction d'une "
        "personne suffit parfois à la reconnaître. À relire avant de diffuser.",
    ]
    return dites
