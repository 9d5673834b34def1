"""L'inventaire d'une étude : quels entretiens, dans quels fichiers, avec quelles variables.

Deux manières de le tenir, contrôlées de même : les tableaux `entretiens.csv` et `territoires.csv`,
ou rien que les fichiers, dont on lit alors la tête `clé: valeur` et le nom de dossier.
"""

from __future__ import annotations

import difflib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from corpus.entretien import Document
from corpus.fautes import ErreurEtude, Faute
from corpus.formats import EXTENSIONS, lire
from corpus.tables_csv import lire_csv

CATEGORIES = ("etat", "collectivite_elu", "collectivite_technicien", "coordination", "spe", "social",
              "association", "entreprise", "habitant")
SANS_TERRITOIRE = "non précisé"

_COLONNES = ("entretien", "fichier", "territoire", "fonction", "categorie", "date")
_VARIABLES_TERRITOIRE = ("territoire", "echelle", "porteur", "annee")
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


@dataclass(frozen=True)
class Inventaire:
    """Ce que contient une étude, avant d'en lire les textes.

    Attributes
    ----------
    fiches : tuple[Fiche, ...]
    territoires : tuple[dict[str, str], ...]
        Colonnes territoire, nom, echelle, porteur, annee.
    fautes : tuple[Faute, ...]
    suppositions : tuple[str, ...]
    """

    fiches: tuple[Fiche, ...]
    territoires: tuple[dict[str, str], ...]
    fautes: tuple[Faute, ...]
    suppositions: tuple[str, ...]


def fichiers_de_transcription(dossier: Path) -> list[str]:
    """Chemins relatifs des transcriptions : celles d'`entretiens/` s'il existe, sinon du dossier.

    Les fichiers cachés, les fichiers temporaires de Word (`~$…`), `resultats/`, et les textes
    d'accompagnement (LISEZMOI, README) sont laissés de côté.
    """
    racine = dossier / "entretiens" if (dossier / "entretiens").is_dir() else dossier
    retenus = []
    for chemin in racine.rglob("*"):
        relatif = chemin.relative_to(dossier)
        ecarte = any(partie.startswith((".", "~$")) or partie in ("resultats", "references")
                     for partie in relatif.parts)
        accompagnement = chemin.stem.lower() in ("lisezmoi", "readme")
        if chemin.suffix.lower() in EXTENSIONS and chemin.is_file() and not ecarte and not accompagnement:
            retenus.append(relatif.as_posix())
    return sorted(retenus)


def dresser_inventaire(dossier: Path, categories: Iterable[str] = ()) -> Inventaire:
    """Dresse l'inventaire d'un dossier d'étude et le contrôle.

    Parameters
    ----------
    dossier : Path
    categories : Iterable[str]
        Catégories d'acteurs admises en plus de `CATEGORIES`.

    Returns
    -------
    Inventaire
        Toutes les fautes trouvées dans les tableaux ; les fiches fautives n'y figurent pas moins,
        pour que leurs autres fautes soient vues aussi.

    Raises
    ------
    ErreurEtude
        Tableau illisible, ou aucun entretien.
    """
    admises = (*CATEGORIES, *categories)
    territoires, fautes, suppositions = _lire_territoires(dossier)
    if (dossier / "entretiens.csv").exists():
        fiches = _fiches_du_tableau(dossier, admises, territoires, fautes, suppositions)
    else:
        fiches = _fiches_des_fichiers(dossier, admises, territoires, fautes, suppositions)
    if not fiches and not fautes:
        raise ErreurEtude([Faute(".", 0, "aucun entretien dans ce dossier",
                                 "déposez les transcriptions dans entretiens/ "
                                 f"({', '.join(sorted(EXTENSIONS))})")])
    if not (dossier / "territoires.csv").exists():
        noms = dict.fromkeys(fiche.territoire for fiche in fiches)
        territoires = [{"territoire": nom, "nom": nom, "echelle": "", "porteur": "", "annee": ""} for nom in noms]
        suppositions.append("pas de territoires.csv : territoires déduits des entretiens "
                            f"({', '.join(noms)}) ; échelle, porteur et année inconnus")
    return Inventaire(tuple(fiches), tuple(territoires), tuple(fautes), tuple(suppositions))


def _lire_territoires(dossier: Path) -> tuple[list[dict[str, str]], list[Faute], list[str]]:
    nom = "territoires.csv"
    if not (dossier / nom).exists():
        return [], [], []
    table = lire_csv(dossier / nom, nom, ("territoire",))
    fautes = list(table.fautes)
    territoires: list[dict[str, str]] = []
    vus: dict[str, int] = {}
    for ligne in table.lignes:
        identifiant = ligne.valeurs["territoire"]
        if not identifiant:
            fautes.append(Faute(nom, ligne.ligne, "territoire sans identifiant",
                                "remplissez la colonne « territoire »"))
            continue
        if identifiant in vus:
            fautes.append(Faute(nom, ligne.ligne, f"territoire « {identifiant} » déjà donné ligne {vus[identifiant]}",
                                "gardez une seule ligne par territoire"))
            continue
        vus[identifiant] = ligne.ligne
        annee = ligne.valeurs.get("annee", "")
        if annee and not re.fullmatch(r"(19|20)\d\d", annee):
            fautes.append(Faute(nom, ligne.ligne, f"année « {annee} » incorrecte", "écrivez l'année en quatre chiffres"))
        territoires.append({"territoire": identifiant, "nom": ligne.valeurs.get("nom") or identifiant,
                            **{cle: ligne.valeurs.get(cle, "") for cle in _VARIABLES_TERRITOIRE[1:]}})
    return territoires, fautes, list(table.suppositions)


def _fiches_du_tableau(dossier: Path, admises: tuple[str, ...], territoires: list[dict[str, str]],
                       fautes: list[Faute], suppositions: list[str]) -> list[Fiche]:
    nom = "entretiens.csv"
    table = lire_csv(dossier / nom, nom, ("entretien", "fichier", "territoire"))
    fautes.extend(table.fautes)
    suppositions.extend(table.suppositions)
    for absente in sorted(set(_COLONNES) - set(table.colonnes)):
        suppositions.append(f"entretiens.csv n'a pas de colonne « {absente} » : valeur laissée vide")
    presents = set(fichiers_de_transcription(dossier))
    fiches: list[Fiche] = []
    vus: dict[str, int] = {}
    for ligne in table.lignes:
        valeurs = {cle: ligne.valeurs.get(cle, "") for cle in _COLONNES}
        identifiant = valeurs["entretien"]
        fiche = Fiche(identifiant, _resoudre(dossier, valeurs["fichier"]), valeurs["territoire"], valeurs["fonction"],
                      valeurs["categorie"], valeurs["date"], ligne=ligne.ligne)
        fiches.append(_controler_fiche(fiche, nom, ligne.ligne, admises, fautes, suppositions))
        if identifiant and identifiant in vus:
            fautes.append(Faute(nom, ligne.ligne, f"entretien « {identifiant} » déjà donné ligne {vus[identifiant]}",
                                "donnez à chaque entretien un identifiant qui ne sert qu'à lui", identifiant))
        vus.setdefault(identifiant, ligne.ligne)
        _controler_territoire(fiche, nom, ligne.ligne, dossier, territoires, fautes)
        _controler_fichier(fiche, dossier, presents, fautes)
    fiches = _numeroter_sections(dossier, fiches, fautes)
    oublies = sorted(presents - {fiche.fichier for fiche in fiches})
    if oublies:
        suppositions.append(f"{len(oublies)} fichier(s) absent(s) d'entretiens.csv, laissé(s) de côté : "
                            + ", ".join(oublies[:5]) + (" …" if len(oublies) > 5 else ""))
    return fiches


def _resoudre(dossier: Path, fichier: str) -> str:
    """Chemin relatif à l'étude ; la colonne `fichier` peut être relative à `entretiens/`."""
    relatif = fichier.replace("\\", "/")
    if relatif and not (dossier / relatif).is_file() and (dossier / "entretiens" / relatif).is_file():
        return f"entretiens/{relatif}"
    return relatif


def _controler_fiche(fiche: Fiche, nom: str, ligne: int, admises: tuple[str, ...], fautes: list[Faute],
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
    lisible = _lire_date(fiche.date)
    if lisible is None:
        fautes.append(Faute(nom, ligne, f"date « {fiche.date} » incorrecte",
                            "écrivez la date AAAA-MM-JJ, par exemple 2022-09-14", cible))
        return fiche
    if lisible != fiche.date:
        suppositions.append(f"{nom}, ligne {ligne} : date « {fiche.date} » lue {lisible} (jour/mois/année)")
    return replace(fiche, date=lisible)


def _lire_date(brut: str) -> str | None:
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


def _controler_territoire(fiche: Fiche, nom: str, ligne: int, dossier: Path, territoires: list[dict[str, str]],
                          fautes: list[Faute]) -> None:
    if not fiche.territoire:
        fautes.append(Faute(nom, ligne, "entretien sans territoire", "remplissez la colonne « territoire »",
                            fiche.entretien))
        return
    connus = [territoire["territoire"] for territoire in territoires]
    if (dossier / "territoires.csv").exists() and fiche.territoire not in connus:
        proche = difflib.get_close_matches(fiche.territoire, connus, n=1)
        remede = f"vouliez-vous dire « {proche[0]} » ? Sinon ajoutez" if proche else "ajoutez"
        fautes.append(Faute(nom, ligne, f"territoire « {fiche.territoire} » sans ligne dans territoires.csv",
                            f"{remede} sa ligne à territoires.csv", fiche.entretien))


def _controler_fichier(fiche: Fiche, dossier: Path, presents: set[str], fautes: list[Faute]) -> None:
    if not fiche.fichier:
        fautes.append(Faute("entretiens.csv", fiche.ligne, "entretien sans fichier",
                            "remplissez la colonne « fichier »", fiche.entretien))
        return
    if Path(fiche.fichier).is_absolute() or ".." in Path(fiche.fichier).parts:
        fautes.append(Faute("entretiens.csv", fiche.ligne, f"« {fiche.fichier} » sort du dossier d'étude",
                            "donnez un chemin relatif au dossier entretiens/", fiche.entretien))
        return
    if not (dossier / fiche.fichier).is_file():
        noms = {Path(present).name: present for present in presents}
        proche = difflib.get_close_matches(Path(fiche.fichier).name, noms, n=1, cutoff=0.8)
        remede = f"vouliez-vous dire « {noms[proche[0]]} » ?" if proche else "déposez-le dans entretiens/"
        fautes.append(Faute("entretiens.csv", fiche.ligne, f"fichier « {fiche.fichier} » absent",
                            remede, fiche.entretien))


def _numeroter_sections(dossier: Path, fiches: list[Fiche], fautes: list[Faute]) -> list[Fiche]:
    """Répartit les fiches qui nomment le même fichier entre ses sections (corpus IRaMuTeQ)."""
    par_fichier: dict[str, list[int]] = defaultdict(list)
    for rang, fiche in enumerate(fiches):
        if fiche.fichier and (dossier / fiche.fichier).is_file():
            par_fichier[fiche.fichier].append(rang)
    for fichier, rangs in par_fichier.items():
        if len(rangs) == 1:
            continue
        try:
            documents = lire(dossier / fichier, fichier)
        except ErreurEtude:
            documents = []  # la faute de lecture est rendue avec l'entretien, à la lecture des textes
        sections = {document.metadonnees.get("entretien", document.metadonnees.get("id", "")): rang
                    for rang, document in enumerate(documents)}
        for ordre, rang in enumerate(rangs):
            fiche = fiches[rang]
            section = sections.get(fiche.entretien, ordre if len(documents) == len(rangs) else -1)
            if len(documents) > 1 and section >= 0:
                fiches[rang] = replace(fiche, section=section)
            elif ordre:
                premiere = fiches[rangs[0]].ligne
                fautes.append(Faute("entretiens.csv", fiche.ligne,
                                    f"fichier « {fichier} » donné plusieurs fois (d'abord ligne {premiere})",
                                    "donnez à chaque entretien son fichier", fiche.entretien))
    return fiches


def _fiches_des_fichiers(dossier: Path, admises: tuple[str, ...], territoires: list[dict[str, str]],
                         fautes: list[Faute], suppositions: list[str]) -> list[Fiche]:
    suppositions.append("pas d'entretiens.csv : variables lues en tête des fichiers et dans leur chemin")
    codes = {territoire["nom"]: territoire["territoire"] for territoire in territoires}
    brutes: list[Fiche] = []
    for fichier in fichiers_de_transcription(dossier):
        secours = Path(fichier).stem
        try:
            documents = lire(dossier / fichier, fichier)
        except ErreurEtude as erreur:
            fautes.extend(replace(faute, entretien=_identifiant_sur(secours)) for faute in erreur.fautes)
            continue
        for section, document in enumerate(documents):
            numero = f"-{section + 1:02d}" if len(documents) > 1 else ""
            brutes.append(_fiche_du_document(document, fichier, secours + numero, section, codes))
    doubles = {nom for nom, effectif in Counter(fiche.entretien for fiche in brutes).items() if effectif > 1}
    fiches: list[Fiche] = []
    for fiche in brutes:
        if fiche.entretien in doubles:
            nouveau = _identifiant_sur(Path(fiche.fichier).with_suffix("").as_posix().removeprefix("entretiens/"))
            nouveau += f"-{fiche.section + 1:02d}" if fiche.section else ""
            autres = [autre.fichier for autre in brutes
                      if autre.entretien == fiche.entretien and autre.fichier != fiche.fichier]
            if nouveau == fiche.entretien or nouveau in {autre.entretien for autre in fiches}:
                fautes.append(Faute(fiche.fichier, 0, f"identifiant « {fiche.entretien} » déjà pris "
                                    f"({', '.join(autres) or 'même fichier'})",
                                    "changez la ligne « id: » en tête de fichier", fiche.entretien))
            else:
                suppositions.append(f"{fiche.fichier} : identifiant « {fiche.entretien} » partagé avec "
                                    f"{', '.join(autres)} ; « {nouveau} » à la place")
                fiche = replace(fiche, entretien=nouveau)
        _controler_territoire(fiche, fiche.fichier, 0, dossier, territoires, fautes)
        fiches.append(_controler_fiche(fiche, fiche.fichier, 0, admises, fautes, suppositions))
    sans_categorie = [fiche.entretien for fiche in fiches if not fiche.categorie]
    if sans_categorie:
        suppositions.append(f"catégorie d'acteur inconnue pour {len(sans_categorie)} entretien(s) : "
                            + ", ".join(sans_categorie[:5]) + (" …" if len(sans_categorie) > 5 else ""))
    return fiches


def _identifiant_sur(nom: str) -> str:
    return re.sub(r"[^\w.-]+", "-", nom).strip("-") or "entretien"


def _fiche_du_document(document: Document, fichier: str, secours: str, section: int,
                       codes: dict[str, str]) -> Fiche:
    tete = document.metadonnees
    parents = Path(fichier).parts[:-1]
    dossier_parent = parents[-1] if parents and parents != ("entretiens",) else SANS_TERRITOIRE
    territoire = tete.get("territoire") or dossier_parent
    return Fiche(
        entretien=_identifiant_sur(tete.get("id") or tete.get("entretien") or secours),
        fichier=fichier,
        territoire=codes.get(territoire, territoire),
        fonction=tete.get("fonction", ""),
        categorie=tete.get("categorie", ""),
        date=tete.get("date", ""),
        section=section,
    )
