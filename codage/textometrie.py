"""Exporter les textes vers les logiciels de textométrie : IRaMuTeQ, TXM, quanteda.

- IRaMuTeQ : un fichier, une ligne étoilée « **** *variable_modalite » par entretien (P. Ratinaud, documentation du
  format des corpus) ; `corpus.formats_iramuteq` le relit.
- TXM : un dossier, un document TEI par entretien, un énoncé `<u who="#enquete">` par tour, et `metadata.csv` dont la
  colonne `id` est le nom du fichier : les sources du module d'import « XTZ + CSV » (documentation de TXM).
- quanteda : un tableau, une ligne par tour, `doc_id` et `text` puis les variables : `corpus(readr::read_csv(…))`.
"""

from __future__ import annotations

import csv
import io
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from codage.positions import en_lf
from codage.xml_refi import en_octets, nouvelle_racine, sous_element
from corpus.cache import ecriture_atomique
from corpus.etude import EntretienLu

VARIABLES = ("territoire", "fonction", "categorie", "date")
TEI = "http://www.tei-c.org/ns/1.0"
_XML_ID = "{http://www.w3.org/XML/1998/namespace}id"
_ROLES = {"enqueteur": "Enquêteur", "enquete": "Enquêté"}
_BALISE = re.compile(r"^([ \t]*)(\*{4}|-\*)", re.M)


def ecrire_iramuteq(chemin: Path, entretiens: Iterable[EntretienLu], enquetes_seuls: bool) -> list[str]:
    """Écrit un corpus IRaMuTeQ ; rend ce qu'il a fallu changer aux textes.

    Parameters
    ----------
    chemin : Path
    entretiens : iterable of EntretienLu
    enquetes_seuls : bool
        Ne garder que les propos des enquêtés, sans les noms de locuteurs.
    """
    morceaux, remarques = [], []
    for lu in entretiens:
        variables = {"entretien": lu.fiche.entretien, **{nom: getattr(lu.fiche, nom) for nom in VARIABLES}}
        etoilees = " ".join(f"*{nom}_{_modalite(valeur)}" for nom, valeur in variables.items() if valeur)
        texte = "\n".join(lu.tours["texte"][lu.tours["role"] == "enquete"]) if enquetes_seuls else (
            lu.document.texte[lu.document.debut:])
        propre, changees = _BALISE.subn(lambda balise: balise[1] + " ".join(balise[2]), en_lf(texte).strip("\n"))
        if changees:
            remarques.append(f"{lu.fiche.entretien} : {changees} débuts de ligne « **** » ou « -* », qu'IRaMuTeQ prendrait "
                             "pour des balises, écrits avec des espaces")
        morceaux.append(f"**** {etoilees}\n{propre}\n")
    with ecriture_atomique(chemin) as provisoire:
        provisoire.write_text("\n".join(morceaux), encoding="utf-8", newline="")
    return remarques


def _modalite(valeur: str) -> str:
    """Une modalité qu'IRaMuTeQ admet : ni blanc ni ponctuation."""
    return re.sub(r"[^\w.-]+", "_", valeur).strip("_")


def ecrire_quanteda(chemin: Path, entretiens: Iterable[EntretienLu], enquetes_seuls: bool) -> None:
    """Écrit le tableau de quanteda : doc_id, text, entretien, tour, role, locuteur, puis les variables."""
    lignes: list[Sequence[object]] = []
    for lu in entretiens:
        variables = [getattr(lu.fiche, nom) for nom in VARIABLES]
        for tour in lu.tours.itertuples():
            if tour.role == "enquete" or not enquetes_seuls:
                lignes.append([f"{lu.fiche.entretien}.{tour.tour:04d}", tour.texte, lu.fiche.entretien, tour.tour, tour.role,
                               tour.locuteur, *variables])
    with ecriture_atomique(chemin) as provisoire:
        provisoire.write_text(_csv(["doc_id", "text", "entretien", "tour", "role", "locuteur", *VARIABLES], lignes),
                              encoding="utf-8", newline="")


def ecrire_txm(dossier: Path, entretiens: Iterable[EntretienLu], titre: str, enquetes_seuls: bool) -> None:
    """Écrit le dossier source de TXM, qui ne doit pas exister : un TEI par entretien, et metadata.csv."""
    dossier.parent.mkdir(parents=True, exist_ok=True)
    atelier = Path(tempfile.mkdtemp(prefix=f".{dossier.name}-", dir=dossier.parent))
    try:
        lignes = []
        for lu in entretiens:
            (atelier / f"{lu.fiche.entretien}.xml").write_bytes(_tei(lu, titre, enquetes_seuls))
            lignes.append([lu.fiche.entretien, *(getattr(lu.fiche, nom) for nom in VARIABLES)])
        (atelier / "metadata.csv").write_text(_csv(["id", *VARIABLES], lignes), encoding="utf-8", newline="")
        atelier.chmod(0o755)
        atelier.rename(dossier)
    finally:
        shutil.rmtree(atelier, ignore_errors=True)


def _tei(lu: EntretienLu, titre: str, enquetes_seuls: bool) -> bytes:
    racine = nouvelle_racine("TEI", TEI)
    tete = sous_element(racine, "teiHeader")
    fichier = sous_element(tete, "fileDesc")
    sous_element(sous_element(fichier, "titleStmt"), "title", lu.fiche.entretien)
    sous_element(sous_element(fichier, "publicationStmt"), "p", titre)
    sous_element(sous_element(fichier, "sourceDesc"), "p", f"Transcription d'entretien : {lu.fiche.fichier}")
    personnes = sous_element(sous_element(sous_element(tete, "profileDesc"), "particDesc"), "listPerson")
    for role, nom in _ROLES.items():
        personne = sous_element(personnes, "person", **{_XML_ID: role})
        sous_element(personne, "p", nom)
    corps = sous_element(sous_element(sous_element(racine, "text"), "body"), "div")
    for tour in lu.tours.itertuples():
        if tour.role == "enquete" or not enquetes_seuls:
            sous_element(corps, "u", str(tour.texte), who=f"#{tour.role}", n=str(tour.locuteur))
    return en_octets(racine)


def _csv(entete: Sequence[str], lignes: Iterable[Sequence[object]]) -> str:
    sortie = io.StringIO()
    redacteur = csv.writer(sortie, lineterminator="\n")
    redacteur.writerow(entete)
    redacteur.writerows(lignes)
    return sortie.getvalue()
