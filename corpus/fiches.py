"""La fiche d'un entretien : ses variables, leurs valeurs admises, leur contrôle."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, replace
from datetime import date

from corpus.fautes import Faute

CATEGORIES = ("etat", "collectivite_elu", "collectivite_technicien", "coordination", "spe", "social",
              "association", "entreprise", "habitant")
SANS_TERRITOIRE = "non précisé"
PORTEE_NATIONALE = "national"
"""Nom de la portée d'ensemble dans les résultats ; aucun territoire ne peut le porter."""

_DATE_FRANCAISE = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_IDENTIFIANT = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Fiche:
    """Un entretien annoncé : ses variables et où le lire.

    Attributes
    ----------
    entretien, territoire, fonction, categorie, date : str
        Variables de l'entretien ; `date` au format AAAA-MM-JJ ; vide si inconnue.
    fichier : str
        Chemin relatif au dossier d'étude.
    section : int
        Rang de l'entretien dans son fichier (corpus IRaMuTeQ) ; 0 pour les autres formats.
    ligne : int
        Ligne d'`entretiens.csv` ; 0 sans tableau.
    """

    entretien: str
    fichier: str
    territoire: str
    fonction: str = ""
    categorie: str = ""
    date: str = ""
    section: int = 0
    ligne: int = 0


def controler_fiche(fiche: Fiche, nom: str, ligne: int, admises: tuple[str, ...], fautes: list[Faute],
                    suppositions: list[str]) -> Fiche:
    """Contrôle identifiant, catégorie et date ; rend la fiche, date ramenée à AAAA-MM-JJ."""
    cible = fiche.entretien
    if not fiche.entretien:
        fautes.append(Faute(nom, ligne, "entretien sans identifiant", "remplissez la colonne « entretien »"))
    elif not _IDENTIFIANT.fullmatch(fiche.entretien):
        fautes.append(Faute(nom, ligne, f"identifiant « {fiche.entretien} » incorrect",
                            "employez des lettres, des chiffres, des points et des tirets, sans espace", cible))
    if fiche.categorie and fiche.categorie not in admises:
        proche = difflib.get_close_matches(fiche.categorie.lower(), admises, n=1)
        remede = f"vouliez-vous dire « {proche[0]} » ? " if proche else ""
        fautes.append(Faute(nom, ligne, f"catégorie « {fiche.categorie} » hors liste",
                            f"{remede}catégories admises : {', '.join(admises)} "
                            "(etude.toml peut en ajouter : categories = [...])", cible))
    lisible = lire_date(fiche.date)
    if lisible is None:
        fautes.append(Faute(nom, ligne, f"date « {fiche.date} » incorrecte",
                            "écrivez la date AAAA-MM-JJ, par exemple 2022-09-14", cible))
        return fiche
    if lisible != fiche.date:
        lieu = f"{nom}, ligne {ligne}" if ligne else nom
        suppositions.append(f"{lieu} : date « {fiche.date} » lue {lisible} (jour/mois/année)")
    return replace(fiche, date=lisible)


def lire_date(brut: str) -> str | None:
    """La date au format AAAA-MM-JJ ; vide si vide ; None si elle n'existe pas au calendrier."""
    if not brut:
        return ""
    francaise = _DATE_FRANCAISE.fullmatch(brut)
    if francaise:
        jour, mois, annee = francaise.groups()
        brut = f"{annee}-{int(mois):02d}-{int(jour):02d}"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", brut):
        return None
    try:
        return date.fromisoformat(brut).isoformat()
    except ValueError:
        return None


def controler_territoire(fiche: Fiche, nom: str, ligne: int, territoires: list[dict[str, str]],
                         fautes: list[Faute]) -> None:
    """Contrôle que le territoire est donné, et connu de territoires.csv s'il y en a un."""
    if not fiche.territoire:
        fautes.append(Faute(nom, ligne, "entretien sans territoire", "remplissez la colonne « territoire »",
                            fiche.entretien))
        return
    if fiche.territoire == PORTEE_NATIONALE:
        fautes.append(Faute(nom, ligne, f"territoire nommé « {PORTEE_NATIONALE} »",
                            "ce nom est réservé aux résultats d'ensemble : donnez-en un autre", fiche.entretien))
        return
    connus = [territoire["territoire"] for territoire in territoires]
    if connus and fiche.territoire not in connus:
        proche = difflib.get_close_matches(fiche.territoire, connus, n=1)
        remede = f"vouliez-vous dire « {proche[0]} » ? Sinon ajoutez" if proche else "ajoutez"
        fautes.append(Faute(nom, ligne, f"territoire « {fiche.territoire} » sans ligne dans territoires.csv",
                            f"{remede} sa ligne à territoires.csv", fiche.entretien))


def identifiant_sur(nom: str) -> str:
    """Un identifiant d'entretien admis, au plus près d'un nom quelconque."""
    return re.sub(r"[^\w.-]+", "-", nom).strip("-") or "entretien"
