"""Les images d'une analyse : dendrogramme, similitudes, plan factoriel, saturation, spécificités."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from restitution.dessins import Division, barres, carte, dendrogramme, graphe_similitudes
from restitution.dessins_courbes import courbe_de_saturation

FORMES_PAR_CLASSE = 8
SUREMPLOIS, SOUS_EMPLOIS = 20, 8
"""Nombre de formes suremployées et sous-employées qu'une image de spécificités montre, au plus."""
SCORE_MIN = 2.0
"""Score en dessous duquel (en valeur absolue) une spécificité n'est pas montrée."""
FORMES_DU_PLAN = 50
"""Nombre de formes que montre le plan factoriel : celles qui contribuent le plus aux deux axes."""

UNITES = {"code": "codes", "theme": "thèmes nationaux"}


@dataclass(frozen=True)
class Image:
    """Une image : le nom de son fichier (sans extension), son titre et le document SVG."""

    nom: str
    titre: str
    svg: str


def dessiner(tables: Mapping[str, pd.DataFrame], territoires: Mapping[str, str], categories: Mapping[str, str]) -> list[Image]:
    """Toutes les images que les tables permettent de dessiner.

    Parameters
    ----------
    tables : Mapping[str, pandas.DataFrame]
        `DonneesRapport.textometrie` ; vide, il n'y a aucune image.
    territoires, categories : Mapping[str, str]
        Identifiant → ce qu'on en écrit.

    Returns
    -------
    list[Image]
        Noms : dendrogramme, similitudes, plan_afc, saturation_codes, saturation_themes,
        specificites_<variable>_<rang>_<partie> ; une table sans ligne n'a pas d'image.
    """
    if not tables:
        return []
    noms = {"territoire": territoires, "categorie": categories}
    images = [
        _dendrogramme(tables["arbre_reinert"], tables["profils_reinert"]),
        _similitudes(tables["similitudes_formes"], tables["similitudes"]),
        _plan(tables["afc"], tables["afc_axes"], territoires),
        *(_saturation(tables["saturation"], tables["saturation_series"], element) for element in UNITES),
    ]
    specificites = tables["specificites"]
    for (variable, partie), nom in noms_des_specificites(specificites).items():
        sienne = specificites[(specificites["variable"] == variable) & (specificites["partie"] == partie)]
        images.append(_specificites(sienne, nom, noms[variable].get(partie, partie)))
    return [image for image in images if image is not None]


def noms_des_specificites(table: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Le nom de l'image de chaque (variable, partie) : lisible, unique, sans rien qu'un système de fichiers refuse."""
    noms = {}
    for variable, siennes in table.groupby("variable", sort=False)["partie"]:
        for rang, partie in enumerate(siennes.unique(), start=1):
            nu = unicodedata.normalize("NFKD", str(partie)).encode("ascii", "ignore").decode()
            lisible = re.sub(r"[^A-Za-z0-9-]+", "_", nu)[:40].strip("_")
            noms[str(variable), str(partie)] = f"specificites_{variable}_{rang:02}_{lisible}".rstrip("_")
    return noms


def _dendrogramme(arbre: pd.DataFrame, profils: pd.DataFrame) -> Image | None:
    if not len(arbre):
        return None
    propres = profils[(profils["genre"] == "forme") & (profils["khi2"] > 0)]
    formes = propres.groupby("classe")["element"].apply(lambda siennes: ", ".join(siennes.head(FORMES_PAR_CLASSE)))
    divisions = []
    for noeud in arbre.to_dict("records"):
        enfants = tuple(str(enfant) for enfant in arbre.loc[arbre["parent"] == noeud["noeud"], "noeud"])
        libelle = f"Classe {noeud['classe']} : {formes.get(noeud['classe'], '')}" if noeud["classe"] else ""
        parent = None if noeud["parent"] < 0 else str(noeud["parent"])
        divisions.append(Division(str(noeud["noeud"]), parent, enfants, noeud["hauteur"], libelle, noeud["segments"]))
    titre, sous_titre = "Classes de Reinert", "Les formes les plus propres à chaque classe (χ² décroissant)"
    return Image("dendrogramme", titre, dendrogramme(divisions, titre, sous_titre))


def _similitudes(sommets: pd.DataFrame, aretes: pd.DataFrame) -> Image | None:
    if not len(aretes):
        return None
    titre = "Graphe de similitudes"
    sous_titre = "Les formes les plus fréquentes, jointes par leurs cooccurrences les plus fortes (arbre maximum)"
    return Image("similitudes", titre, graphe_similitudes(sommets, aretes, titre, sous_titre))


def _plan(afc: pd.DataFrame, axes: pd.DataFrame, territoires: Mapping[str, str]) -> Image | None:
    if len(axes) < 2:
        return None
    formes = afc[afc["genre"] == "forme"]
    apports = sum(formes[f"contribution_{axe}"] * axes["valeur_propre"].iloc[axe - 1] for axe in (1, 2))
    formes = formes.loc[apports.sort_values(ascending=False, kind="stable").index[:FORMES_DU_PLAN]]
    lieux = afc[afc["genre"] == "territoire"]
    points = pd.concat([lieux, formes], ignore_index=True)
    titre = "Analyse factorielle : territoires et formes"
    en_tout = int((afc["genre"] == "forme").sum())
    sous_titre = f"Les {len(formes)} formes, sur {en_tout}, qui contribuent le plus aux deux premiers axes"
    parts = [f"axe {axe} ({part:.0%})".replace("%", "\u202f%") for axe, part in zip(axes["axe"], axes["part"], strict=True)][:2]
    svg = carte(
        points[["axe_1", "axe_2"]],
        [*lieux["element"].map(lambda lieu: territoires.get(lieu, lieu)), *formes["element"]],
        titre,
        sous_titre,
        groupes=["territoires"] * len(lieux) + ["formes"] * len(formes),
        # Les territoires prennent place d'abord, puis les formes qui contribuent le plus.
        poids=[1.0] * len(lieux) + (apports[formes.index] / (2 * apports.max())).tolist(),
        axes=(parts[0], parts[1]),
    )
    return Image("plan_afc", titre, svg)


def _saturation(courbes: pd.DataFrame, series: pd.DataFrame, element: str) -> Image | None:
    courbe = courbes[courbes["element"] == element]
    if not courbe["nouveaux"].any():
        return None
    unite = UNITES[element]
    atteintes = series.loc[(series["element"] == element) & series["atteinte"], "avant"]
    titre = f"Saturation en {unite}"
    sous_titre = f"Nombre de {unite} différents rencontrés au fil des entretiens"
    return Image(f"saturation_{'codes' if element == 'code' else 'themes'}", titre, courbe_de_saturation(
        courbe, titre, sous_titre, unite, int(atteintes.iloc[0]) if len(atteintes) else 0))


def _specificites(table: pd.DataFrame, nom: str, partie: str) -> Image | None:
    marquees = table[table["score"].abs() >= SCORE_MIN]
    choisies = pd.concat([marquees[marquees["score"] > 0].head(SUREMPLOIS), marquees[marquees["score"] < 0].tail(SOUS_EMPLOIS)])
    if not len(choisies):
        return None
    titre = f"Vocabulaire spécifique : {partie}"
    sous_titre = "Score de Lafon : au-delà de 2 ou de −2, moins d’une chance sur cent que ce soit le hasard"
    return Image(nom, titre, barres(choisies["forme"], choisies["score"], titre, sous_titre))
