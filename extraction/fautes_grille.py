"""Les fautes d'une grille, en français : ce qui ne va pas d'un bloc à l'autre, et dans chaque bloc."""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from pydantic_core import ErrorDetails

from corpus.fautes import Faute
from extraction.lecture_yaml import Noeud, court

MODALITES = ("presente", "absente", "hypothetique")
"""Les identifiants des modalités, les mêmes pour toutes les grilles."""

Chemin = tuple[str | int, ...]
"""Clés et rangs (à partir de 0) qui mènent à une valeur de la grille."""

# section : (champ qui identifie un bloc, nature, article, accord, comment l'écrire)
_SECTIONS: dict[str, tuple[str, str, str, str, str]] = {
    "genres": (
        "identifiant",
        "genre",
        "le ",
        "",
        "écrivez sous « genres: » une ligne « identifiant: Intitulé » par genre",
    ),
    "familles": (
        "identifiant",
        "famille",
        "la ",
        "e",
        "écrivez sous « familles: » une ligne « identifiant: Intitulé » par famille",
    ),
    "modalites": (
        "identifiant",
        "modalité",
        "la ",
        "e",
        "écrivez sous « modalites: » les blocs presente, absente et hypothetique",
    ),
    "codes": ("code", "code", "le ", "", "commencez chaque code par « - code: … », sous « codes: »"),
}


def incoherences(brut: Mapping[str, Any]) -> Iterator[tuple[Chemin, str, str]]:
    """Rend ce qui ne va pas d'un bloc à l'autre, même quand certains blocs sont mal formés.

    Parameters
    ----------
    brut : Mapping[str, Any]
        La grille, sections en listes de dictionnaires.

    Yields
    ------
    chemin, message, remede : tuple[str | int, ...], str, str
        Identifiant en double ; modalité inconnue ou manquante ; genre ou famille non déclarés.
    """
    connus: dict[str, list[str]] = {}
    for section, (champ, nature, article, _, _) in _SECTIONS.items():
        connus[section] = []
        vus: set[str] = set()
        for rang, valeur in _valeurs(brut, section, champ):
            if valeur and valeur.casefold() in vus:
                remede = "donnez à chacun un identifiant différent, majuscules mises à part"
                yield (section, rang, champ), f"{article}{nature} « {court(valeur)} » est en double", remede
            vus.add(valeur.casefold())
            connus[section].append(valeur)
    for rang, valeur in _valeurs(brut, "modalites", "identifiant"):
        if valeur not in MODALITES:
            remede = f"{_proche(valeur, MODALITES)}les modalités sont {', '.join(MODALITES)}"
            yield ("modalites", rang), f"la modalité « {court(valeur)} » est inconnue", remede
    for modalite in MODALITES if "modalites" in brut else ():
        if modalite not in connus["modalites"]:
            remede = "ajoutez-la sous « modalites: », avec « intitule » et « quand »"
            yield ("modalites",), f"la modalité « {modalite} » manque", remede
    for section, champ in (("genres", "genre"), ("familles", "famille")):
        _, nature, article, accord, _ = _SECTIONS[section]
        for rang, valeur in _valeurs(brut, "codes", champ):
            if valeur and valeur not in connus[section]:
                sujet = _sujet(("codes", rang, champ), brut)
                admis = ", ".join(connus[section]) or "rien pour l'instant"
                yield (
                    ("codes", rang, champ),
                    f"{sujet} : {article}{nature} « {court(valeur)} » est inconnu{accord}",
                    f"{_proche(valeur, connus[section])}sont déclarés sous « {section}: » : {admis}",
                )


def en_francais(
    erreurs: Sequence[ErrorDetails],
    brut: Mapping[str, Any],
    champs: Mapping[str, Sequence[str]],
    racine: Noeud,
    nom: str,
) -> Iterator[Faute]:
    """Traduit les erreurs de pydantic, bloc par bloc.

    Parameters
    ----------
    erreurs : Sequence[ErrorDetails]
        `ValidationError.errors()` ; une erreur sans lieu est celle d'`incoherences`, déjà dite : passée.
    brut : Mapping[str, Any]
        La grille, sections en listes de dictionnaires.
    champs : Mapping[str, Sequence[str]]
        Clés admises dans un bloc de chaque section ; sous « », celles de la tête.
    racine : Noeud
        Le même contenu avec ses lignes.
    nom : str
        Nom du fichier dans les fautes.
    """
    for erreur in erreurs:
        chemin, genre = erreur["loc"], erreur["type"]
        if not chemin:
            continue
        champ = next(str(pas) for pas in reversed(chemin) if isinstance(pas, str))
        admis = champs[str(chemin[0]) if len(chemin) > 2 else ""]
        if genre == "grille":
            message, remede = f"« {champ} » {erreur['ctx']['message']}", erreur["ctx"]["remede"]
        elif genre == "missing":
            message, remede = f"« {champ} » manque", f"ajoutez une ligne « {champ}: … »"
        elif genre == "extra_forbidden":
            message = f"la clé « {court(champ)} » est inconnue"
            remede = _proche(champ, admis).strip() or f"clés admises : {', '.join(admis)}"
        elif champ in _SECTIONS:
            quoi = "ce bloc" if isinstance(chemin[-1], int) else f"« {champ} »"
            message, remede = f"{quoi} n'a pas la forme attendue", _SECTIONS[champ][4]
        elif genre == "string_type":
            message = f"« {champ} » doit être un texte"
            if isinstance(chemin[-1], int):
                message = f"l'élément n° {chemin[-1] + 1} de « {champ} » doit être un texte"
            remede = (
                "si le texte contient un deux-points suivi d'un espace, ou commence par un tiret ou un "
                "crochet, mettez-le entre guillemets"
            )
        else:
            message = f"« {champ} » doit être une liste"
            remede = "écrivez un élément par ligne, sous la clé, chacun précédé d'un tiret et d'un espace"
        yield Faute(nom, racine.ligne_de(chemin), f"{_sujet(chemin, brut)} : {message}", remede)


def _valeurs(brut: Mapping[str, Any], section: str, champ: str) -> Iterator[tuple[int, str]]:
    """Rend (rang, texte) pour chaque bloc de la section où le champ est un texte."""
    blocs = brut.get(section)
    for rang, bloc in enumerate(blocs if isinstance(blocs, (list, tuple)) else ()):
        if isinstance(bloc, dict) and isinstance(bloc.get(champ), str):
            yield rang, bloc[champ]


def _sujet(chemin: Chemin, brut: Mapping[str, Any]) -> str:
    """Rend « code « C1.1 » », « modalité « absente » »… ; « tête de la grille » hors de tout bloc."""
    if len(chemin) < 2 or not isinstance(chemin[1], int) or chemin[0] not in _SECTIONS:
        return "tête de la grille"
    champ, nature, *_ = _SECTIONS[str(chemin[0])]
    bloc = brut[str(chemin[0])][chemin[1]]
    identifiant = bloc.get(champ) if isinstance(bloc, dict) else None
    if isinstance(identifiant, str) and identifiant:
        return f"{nature} « {court(identifiant)} »"
    return f"{nature} n° {chemin[1] + 1}"


def _proche(mot: str, choix: Sequence[str]) -> str:
    """Rend « vouliez-vous « … » ? » suivi d'un espace, ou rien quand aucun choix ne ressemble au mot."""
    sans_accents = unicodedata.normalize("NFD", mot.casefold()).encode("ascii", "ignore").decode()
    proches = difflib.get_close_matches(sans_accents, choix, n=1)
    return f"vouliez-vous « {proches[0]} » ? " if proches else ""
