"""Les images des thèmes : la carte, les parts par territoire et par catégorie, les écarts d'un territoire.

Les mêmes images sont dans le rapport et dans le dossier `resultats/images/`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from corpus.cache import ecriture_atomique
from corpus.fiches import PORTEE_NATIONALE
from evaluation.themes_territoires import RISQUE
from restitution.dessins import barres, carte
from restitution.dessins_themes import SIGNES, matrice_de_barres, pourcent
from restitution.donnees import CATEGORIES, DonneesRapport, table_des_territoires
from restitution.svg import nombre

PREFIXE = "themes-"
_NETS = "▲ ▼ : écart net avec ce qu'on attend des mêmes catégories d'acteurs"


def images_themes(donnees: DonneesRapport) -> dict[tuple[str, str], str]:
    """Toutes les images des thèmes.

    Parameters
    ----------
    donnees : DonneesRapport
        `themes.x`, `y` et `qualite` donnent la carte ; `themes_territoires` et `themes_ecarts`, les autres images.

    Returns
    -------
    dict[tuple[str, str], str]
        Un document SVG par sorte (« carte », « territoires », « categories », « ecarts ») et portée (« national » ou
        un territoire). Ce dont les tables manquent n'y est pas.
    """
    territoires = table_des_territoires(donnees)
    noms = dict(zip(territoires["territoire"], territoires["nom"], strict=True))
    nationaux = donnees.themes[donnees.themes["portee"].astype(str) == PORTEE_NATIONALE]
    images: dict[tuple[str, str], str] = {}
    if nationaux.empty:
        return images
    if {"x", "y", "qualite"} <= set(donnees.themes.columns) and nationaux["x"].notna().all():
        for portee in (PORTEE_NATIONALE, *noms):
            locaux = donnees.themes[donnees.themes["portee"].astype(str) == portee]
            if len(locaux):
                images["carte", portee] = _carte(nationaux, locaux, noms.get(portee, ""))
    libelles = dict(zip(nationaux["theme"], nationaux["libelle"].map(str), strict=True))
    parts, ecarts = donnees.themes_territoires, donnees.themes_ecarts
    constats = None
    if ecarts is not None:
        constats = _croiser(ecarts, "territoire", "constat", noms, libelles).fillna("")
        for territoire, siens in ecarts.groupby("territoire", sort=False):
            if siens["ecart"].notna().all():
                images["ecarts", str(territoire)] = _ecarts(siens, libelles, noms[str(territoire)])
    if parts is not None:
        lieux = _croiser(parts[parts["categorie"].eq("") & parts["territoire"].ne("")], "territoire", "part", noms, libelles)
        acteurs = _croiser(parts[parts["territoire"].eq("") & parts["categorie"].ne("")], "categorie", "part",
                           CATEGORIES, libelles)  # fmt: skip
        des_phrases = "Part des phrases d'enquêtés rangées dans le thème"
        if lieux.shape[1]:
            images["territoires", PORTEE_NATIONALE] = matrice_de_barres(
                lieux, "Les thèmes nationaux dans chaque territoire", f"{des_phrases} ; {_NETS}.", constats)
        if acteurs.shape[1]:
            images["categories", PORTEE_NATIONALE] = matrice_de_barres(
                acteurs, "Qui parle de chaque thème", f"{des_phrases}, par catégorie d'acteurs.")
    return images


def images_pour_la_page(donnees: DonneesRapport) -> dict[str, dict[str, dict[str, str]]]:
    """Les images de `images_themes`, rangées par sorte puis portée : `fichier` (nom) et `svg` (document)."""
    images = images_themes(donnees)
    rangees: dict[str, dict[str, dict[str, str]]] = {}
    for (sorte, portee), fichier in noms_de_fichiers(images).items():
        rangees.setdefault(sorte, {})[portee] = {"fichier": fichier, "svg": images[sorte, portee]}
    return rangees


def ecrire_images(dossier: Path, images: dict[tuple[str, str], str]) -> None:
    """Écrit les images dans un dossier et en retire celles d'une analyse précédente.

    Parameters
    ----------
    dossier : Path
        Créé s'il n'existe pas ; seuls les fichiers « themes-….svg » y sont touchés.
    images : dict[tuple[str, str], str]
        Voir `images_themes`.
    """
    dossier.mkdir(parents=True, exist_ok=True)
    fichiers = noms_de_fichiers(images)
    for cle, fichier in fichiers.items():
        with ecriture_atomique(dossier / fichier) as provisoire:
            provisoire.write_text(images[cle], encoding="utf-8", newline="\n")
    for ancien in dossier.glob(f"{PREFIXE}*.svg"):
        if ancien.name not in fichiers.values():
            ancien.unlink()


def noms_de_fichiers(cles: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
    """Le nom de fichier de chaque image : « themes-carte-T01.svg ».

    Parameters
    ----------
    cles : Iterable[tuple[str, str]]
        Sorte et portée.

    Returns
    -------
    dict[tuple[str, str], str]
        Des noms différents, même pour qui ne distingue pas les majuscules ; ce qu'un système refuserait dans un nom de
        fichier est remplacé par « _ ».
    """
    fichiers: dict[tuple[str, str], str] = {}
    pris: set[str] = set()
    for sorte, portee in cles:
        racine = nom = PREFIXE + sorte + "-" + re.sub(r"[^\w-]", "_", portee)[:80]
        rang = 1
        while nom.casefold() in pris:
            rang += 1
            nom = f"{racine}-{rang}"
        pris.add(nom.casefold())
        fichiers[sorte, portee] = f"{nom}.svg"
    return fichiers


def _croiser(
    table: pd.DataFrame, colonne: str, valeur: str, noms: dict[str, str], libelles: dict[str, str]
) -> pd.DataFrame:
    """Thèmes en lignes, dans leur ordre ; territoires ou catégories en colonnes, dans celui de leurs noms."""
    croisee = table.pivot(index="theme", columns=colonne, values=valeur).reindex(index=list(libelles))
    connues = [cle for cle in noms if cle in croisee.columns]
    croisee = croisee[[*connues, *(cle for cle in croisee.columns if cle not in noms)]]
    return croisee.set_axis(list(libelles.values()), axis=0).rename(columns=noms)


def _carte(nationaux: pd.DataFrame, locaux: pd.DataFrame, nom: str) -> str:
    """La carte des thèmes nationaux ; avec un nom de territoire, les siens aussi."""
    carres = nationaux[["x", "y"]] ** 2
    connus = nationaux["qualite"] > 0
    normes = float((carres[connus].sum(axis=1) / nationaux.loc[connus, "qualite"]).sum())
    gardes = (carres.sum() / normes).tolist() if normes else [0.0, 0.0]
    axes = (f"axe 1 ({pourcent(gardes[0])})", f"axe 2 ({pourcent(gardes[1])})")
    lecture = ("Un point par thème, d'autant plus gros que sa part est grande ; proches, deux thèmes se disent de façon "
               f"proche. Le plan garde {pourcent(sum(gardes))} des écarts entre thèmes nationaux")  # fmt: skip
    noms_nationaux = nationaux["libelle"].map(str).tolist()
    if not nom:
        return carte(nationaux[["x", "y"]].to_numpy(), noms_nationaux, "Carte des thèmes nationaux", f"{lecture}.",
                     poids=nationaux["part"].tolist(), axes=axes)  # fmt: skip
    propres = locaux.reindex(columns=["theme_national"])["theme_national"].fillna("").eq("")
    siens = [f"* {libelle}" if seul else str(libelle) for libelle, seul in zip(locaux["libelle"], propres, strict=True)]
    tous = pd.concat([locaux, nationaux])
    groupes = [nom] * len(locaux) + ["toute l'étude"] * len(nationaux)
    return carte(tous[["x", "y"]].to_numpy(), [*siens, *noms_nationaux], f"{nom} : ses thèmes parmi les thèmes nationaux",
                 f"{lecture}. * : thème propre au territoire.", groupes, tous["part"].tolist(), axes)  # fmt: skip


def _ecarts(siens: pd.DataFrame, libelles: dict[str, str], nom: str) -> str:
    """Les écarts d'un territoire, du thème le plus surreprésenté au plus sous-représenté."""
    ranges = siens.sort_values("ecart", ascending=False, kind="stable")
    dits = [f"{SIGNES.get(constat, '')} {libelles[theme]}".strip()
            for theme, constat in zip(ranges["theme"], ranges["constat"], strict=True)]  # fmt: skip
    lecture = ("Écart, en points, entre la part moyenne du thème dans un entretien du territoire et ce que donnent les "
               f"mêmes catégories d'acteurs dans toute l'étude ; ▲ ▼ : écart net (risque de {nombre(100 * RISQUE)} %).")
    return barres(dits, (100 * ranges["ecart"]).round(2).tolist(), f"{nom} : ce qui distingue ce territoire", lecture)
