"""L'inventaire d'une étude : quels entretiens, dans quels fichiers, avec quelles variables.

Deux manières de le tenir, contrôlées de même : les tableaux `entretiens.csv` et `territoires.csv`,
ou rien que les fichiers, dont on lit alors la tête `clé: valeur` et le nom de dossier.
"""

from __future__ import annotations

import difflib
import hashlib
import posixpath
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.entretien import Document
from corpus.fautes import ErreurEtude, Faute
from corpus.fiches import (
    CATEGORIES,
    SANS_TERRITOIRE,
    Fiche,
    controler_fiche,
    controler_territoire,
    identifiant_sur,
)
from corpus.formats import EXTENSIONS, lire
from corpus.tables_csv import lire_csv

_COLONNES = ("entretien", "fichier", "territoire", "fonction", "categorie", "date")
_VARIABLES_TERRITOIRE = ("territoire", "echelle", "porteur", "annee")


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


def fichiers_de_l_etude(dossier: Path) -> list[str]:
    """Chemins relatifs de tous les fichiers d'une étude, hors `resultats/` et fichiers cachés, triés."""
    relatifs = (chemin.relative_to(dossier) for chemin in dossier.rglob("*") if chemin.is_file())
    return sorted(relatif.as_posix() for relatif in relatifs
                  if relatif.parts[0] != "resultats" and not any(p.startswith(".") for p in relatif.parts))


def fichiers_de_transcription(dossier: Path) -> list[str]:
    """Chemins relatifs des transcriptions : celles d'`entretiens/` s'il existe, sinon du dossier.

    Les fichiers cachés, les fichiers temporaires de Word (`~$…`), `resultats/`, `references/`, et les
    textes d'accompagnement (LISEZMOI, README) sont laissés de côté.
    """
    tous = [Path(fichier) for fichier in fichiers_de_l_etude(dossier)]
    if (dossier / "entretiens").is_dir():
        tous = [fichier for fichier in tous if fichier.parts[0] == "entretiens"]
    return [fichier.as_posix() for fichier in tous
            if fichier.suffix.lower() in EXTENSIONS and not fichier.name.startswith("~")
            and "references" not in fichier.parts and fichier.stem.lower() not in ("lisezmoi", "readme")]


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
    try:
        territoires, fautes, suppositions = _lire_territoires(dossier)
    except ErreurEtude as erreur:
        territoires, fautes, suppositions = [], list(erreur.fautes), []
    if (dossier / "entretiens.csv").exists():
        try:
            fiches = _fiches_du_tableau(dossier, admises, territoires, fautes, suppositions)
        except ErreurEtude as erreur:
            raise ErreurEtude([*fautes, *erreur.fautes]) from erreur
    else:
        fiches = _fiches_des_fichiers(dossier, admises, territoires, fautes, suppositions)
    if not fiches and not fautes:
        raise ErreurEtude([Faute(".", 0, "aucun entretien dans ce dossier",
                                 "déposez les transcriptions dans entretiens/ "
                                 f"({', '.join(sorted(EXTENSIONS))})")])
    suppositions.extend(_doublons(dossier, fiches))
    if not (dossier / "territoires.csv").exists():
        noms = dict.fromkeys(fiche.territoire for fiche in fiches)
        territoires = [{"territoire": nom, "nom": nom, "echelle": "", "porteur": "", "annee": ""} for nom in noms]
        suppositions.append("pas de territoires.csv : territoires déduits des entretiens "
                            f"({', '.join(noms)}) ; échelle, porteur et année inconnus")
    return Inventaire(tuple(fiches), tuple(territoires), tuple(fautes), tuple(suppositions))


def _doublons(dossier: Path, fiches: list[Fiche]) -> list[str]:
    """Les fichiers de même contenu, qui feraient compter deux fois les mêmes propos."""
    par_contenu: dict[bytes, list[str]] = defaultdict(list)
    for fichier in dict.fromkeys(fiche.fichier for fiche in fiches):
        if fichier and (dossier / fichier).is_file():
            par_contenu[hashlib.sha256((dossier / fichier).read_bytes()).digest()].append(fichier)
    return [f"fichiers de même contenu, comptés chacun : {', '.join(memes)}"
            for memes in par_contenu.values() if len(memes) > 1]


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
    if not territoires and not fautes:
        fautes.append(Faute(nom, 0, "aucun territoire", "ajoutez une ligne par territoire, ou retirez ce fichier"))
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
    reels = {_comparable(fichier): fichier for fichier in fichiers_de_l_etude(dossier)}
    fiches: list[Fiche] = []
    vus: dict[str, int] = {}
    for ligne in table.lignes:
        valeurs = {cle: ligne.valeurs.get(cle, "") for cle in _COLONNES}
        identifiant = valeurs["entretien"]
        fiche = Fiche(identifiant, _resoudre(valeurs["fichier"], reels), valeurs["territoire"], valeurs["fonction"],
                      valeurs["categorie"], valeurs["date"], ligne=ligne.ligne)
        fiches.append(controler_fiche(fiche, nom, ligne.ligne, admises, fautes, suppositions))
        if identifiant and identifiant in vus:
            fautes.append(Faute(nom, ligne.ligne, f"entretien « {identifiant} » déjà donné ligne {vus[identifiant]}",
                                "donnez à chaque entretien un identifiant qui ne sert qu'à lui", identifiant))
        vus.setdefault(identifiant, ligne.ligne)
        controler_territoire(fiche, nom, ligne.ligne, territoires, fautes)
        _controler_fichier(fiche, reels, presents, fautes)
    fiches = _repartir_sections(dossier, fiches, fautes, suppositions)
    oublies = sorted(presents - {fiche.fichier for fiche in fiches})
    if oublies:
        suppositions.append(f"{len(oublies)} fichier(s) absent(s) d'entretiens.csv, laissé(s) de côté : "
                            + ", ".join(oublies[:5]) + (" …" if len(oublies) > 5 else ""))
    return fiches


def _comparable(chemin: str) -> str:
    """Ce qui rapproche un chemin écrit d'un chemin réel : barres, casse, accents en un ou deux signes."""
    return unicodedata.normalize("NFC", posixpath.normpath(chemin.replace("\\", "/"))).casefold()


def _resoudre(fichier: str, reels: dict[str, str]) -> str:
    """Chemin réel du fichier, relatif à l'étude ; la colonne `fichier` peut être relative à `entretiens/`.

    Rend le chemin tel qu'il est écrit si aucun fichier de l'étude ne lui correspond.
    """
    for candidat in (fichier, f"entretiens/{fichier}"):
        if fichier and _comparable(candidat) in reels:
            return reels[_comparable(candidat)]
    return fichier


def _controler_fichier(fiche: Fiche, reels: dict[str, str], presents: set[str], fautes: list[Faute]) -> None:
    if not fiche.fichier:
        fautes.append(Faute("entretiens.csv", fiche.ligne, "entretien sans fichier",
                            "remplissez la colonne « fichier »", fiche.entretien))
        return
    if fiche.fichier not in reels.values():
        noms = {Path(present).name: present for present in presents}
        proche = difflib.get_close_matches(Path(fiche.fichier).name, noms, n=1, cutoff=0.8)
        remede = (f"vouliez-vous dire « {noms[proche[0]]} » ?" if proche
                  else "déposez-le dans entretiens/ (ni caché, ni hors du dossier d'étude)")
        fautes.append(Faute("entretiens.csv", fiche.ligne, f"fichier « {fiche.fichier} » absent de l'étude",
                            remede, fiche.entretien))


def _sections(dossier: Path, fichier: str) -> dict[str, int]:
    """Identifiant → rang des entretiens d'un corpus IRaMuTeQ ; vide pour tout autre fichier."""
    if Path(fichier).suffix.lower() != ".txt" or b"****" not in (dossier / fichier).read_bytes().replace(b"\0", b""):
        return {}
    try:
        documents = lire(dossier / fichier, fichier)
    except ErreurEtude:
        return {}  # la faute de lecture est rendue avec l'entretien, à la lecture des textes
    if len(documents) < 2:
        return {}
    return {document.metadonnees.get("entretien") or document.metadonnees.get("id") or f"n° {rang + 1}": rang
            for rang, document in enumerate(documents)}


def _repartir_sections(dossier: Path, fiches: list[Fiche], fautes: list[Faute],
                       suppositions: list[str]) -> list[Fiche]:
    """Donne à chaque fiche d'un corpus IRaMuTeQ sa section ; une seule fiche par fichier sinon."""
    par_fichier: dict[str, list[int]] = defaultdict(list)
    for rang, fiche in enumerate(fiches):
        if fiche.fichier and (dossier / fiche.fichier).is_file():
            par_fichier[fiche.fichier].append(rang)
    for fichier, rangs in par_fichier.items():
        sections = _sections(dossier, fichier)
        if not sections:
            fautes.extend(Faute("entretiens.csv", fiches[rang].ligne,
                                f"fichier « {fichier} » donné plusieurs fois (d'abord ligne {fiches[rangs[0]].ligne})",
                                "donnez à chaque entretien son fichier", fiches[rang].entretien)
                          for rang in rangs[1:])
            continue
        reclamees = {fiches[rang].entretien for rang in rangs}
        for rang in rangs:
            if fiches[rang].entretien in sections:
                fiches[rang] = replace(fiches[rang], section=sections[fiches[rang].entretien])
            else:
                fautes.append(Faute("entretiens.csv", fiches[rang].ligne,
                                    f"« {fichier} » n'a pas d'entretien « {fiches[rang].entretien} »",
                                    f"employez l'un de ceux qu'il contient : {', '.join(sections)} (variable *id_ ou "
                                    "*entretien_ des lignes étoilées)", fiches[rang].entretien))
        oubliees = [nom for nom in sections if nom not in reclamees]
        if oubliees:
            suppositions.append(f"{fichier} : entretiens absents d'entretiens.csv, laissés de côté : "
                                + ", ".join(oubliees))
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
            fautes.extend(replace(faute, entretien=identifiant_sur(secours)) for faute in erreur.fautes)
            continue
        for section, document in enumerate(documents):
            numero = f"-{section + 1:02d}" if len(documents) > 1 else ""
            brutes.append(_fiche_du_document(document, fichier, secours + numero, section, codes))
    doubles = {nom for nom, effectif in Counter(fiche.entretien for fiche in brutes).items() if effectif > 1}
    fiches: list[Fiche] = []
    for fiche in brutes:
        if fiche.entretien in doubles:
            nouveau = identifiant_sur(Path(fiche.fichier).with_suffix("").as_posix().removeprefix("entretiens/"))
            nouveau += f"-{fiche.section + 1:02d}" if fiche.section else ""
            autres = [autre.fichier for autre in brutes
                      if autre.entretien == fiche.entretien and autre.fichier != fiche.fichier]
            if nouveau == fiche.entretien or nouveau in {autre.entretien for autre in fiches}:
                fautes.append(Faute(fiche.fichier, 0, f"identifiant « {fiche.entretien} » déjà pris "
                                    f"({', '.join(autres) or 'même fichier'})",
                                    "renommez le fichier, ou changez la ligne « id: » en tête de fichier", fiche.entretien))
            else:
                suppositions.append(f"{fiche.fichier} : identifiant « {fiche.entretien} » partagé avec "
                                    f"{', '.join(autres)} ; « {nouveau} » à la place")
                fiche = replace(fiche, entretien=nouveau)
        controler_territoire(fiche, fiche.fichier, 0, territoires, fautes)
        fiches.append(controler_fiche(fiche, fiche.fichier, 0, admises, fautes, suppositions))
    sans_categorie = [fiche.entretien for fiche in fiches if not fiche.categorie]
    if sans_categorie:
        suppositions.append(f"catégorie d'acteur inconnue pour {len(sans_categorie)} entretien(s) : "
                            + ", ".join(sans_categorie[:5]) + (" …" if len(sans_categorie) > 5 else ""))
    return fiches


def _fiche_du_document(document: Document, fichier: str, secours: str, section: int,
                       codes: dict[str, str]) -> Fiche:
    tete = document.metadonnees
    parents = Path(fichier).parts[:-1]
    dossier_parent = parents[-1] if parents and parents != ("entretiens",) else SANS_TERRITOIRE
    territoire = tete.get("territoire") or dossier_parent
    return Fiche(
        entretien=identifiant_sur(tete.get("id") or tete.get("entretien") or secours),
        fichier=fichier,
        territoire=codes.get(territoire, territoire),
        fonction=tete.get("fonction", ""),
        categorie=tete.get("categorie", ""),
        date=tete.get("date", ""),
        section=section,
    )
