"""Fabriquer l'étude de démonstration : convertir une partie des entretiens `.txt` en vrais fichiers.

    python -m bancs.fabriquer_demonstration SOURCE DESTINATION

SOURCE est un dossier d'étude tout en `.txt` (entretiens/, entretiens.csv, territoires.csv) avec ses
références (phrases.csv, codages.csv, identifiants.csv). La commande copie l'étude dans DESTINATION,
remplace les entretiens du plan par des fichiers Word, OpenDocument, RTF, PDF, VTT et SRT, met à jour
la colonne `fichier` d'entretiens.csv et recalcule les positions des références (DESTINATION/references)
dans le texte que `corpus.formats.lire` rend.

Les conversions sont faites par de vrais outils, qui doivent être installés : `pandoc` et `soffice`. La
commande échoue si un seul caractère du corps d'un entretien, blancs mis à part, n'est pas retrouvé après
conversion.
"""

from __future__ import annotations

import argparse
import csv
import io
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from bancs.conversions import Atelier
from corpus.entretien import Document
from corpus.formats import lire
from corpus.formats_tete import lire_tete

# (façon de faire, rang du territoire, rang de l'entretien dans le territoire), à partir de 0
PLAN: tuple[tuple[str, int, int], ...] = (
    ("docx-pandoc", 0, 1),
    ("docx-tableau", 3, 0),
    ("docx-libreoffice", 8, 2),
    ("odt", 1, 2),
    ("odt", 4, 1),
    ("odt", 9, 3),
    ("rtf", 5, 3),
    ("rtf", 2, 4),
    ("rtf", 7, 5),
    ("pdf", 2, 0),
    ("pdf", 4, 4),
    ("pdf", 1, 6),
    ("vtt", 6, 0),
    ("vtt", 5, 1),
    ("vtt", 0, 4),
    ("srt", 8, 0),
    ("srt", 9, 1),
    ("srt", 7, 2),
)
_REFERENCES = ("phrases.csv", "codages.csv", "identifiants.csv")


def fabriquer(source: Path, destination: Path) -> list[str]:
    """Fabriquer l'étude de démonstration.

    Parameters
    ----------
    source : Path
        Étude en `.txt`, avec ses références à la racine.
    destination : Path
        Dossier d'étude à écrire ; ses autres fichiers ne sont pas touchés.

    Returns
    -------
    list[str]
        Une ligne par fichier converti, à montrer.

    Raises
    ------
    ValueError
        Un entretien converti ne rend pas le même texte, aux blancs près.
    subprocess.CalledProcessError
        pandoc ou LibreOffice échoue.
    """
    entretiens = _lire_csv(source / "entretiens.csv")
    references = {nom: _lire_csv(source / nom) for nom in _REFERENCES}
    plan = _plan(entretiens)
    compte_rendu = []
    with tempfile.TemporaryDirectory() as temporaire:
        atelier = Atelier(Path(temporaire))
        for ligne in entretiens:
            entretien, chemin = ligne["entretien"], source / "entretiens" / ligne["fichier"]
            cible = destination / "entretiens" / ligne["fichier"]
            facon = plan.get(entretien)
            if facon is None:
                _ecrire(cible, chemin.read_bytes())
                continue
            texte = chemin.read_bytes().decode("utf-8")
            octets = atelier.convertir(texte, facon, entretien)
            cible = cible.with_suffix("." + facon.partition("-")[0])
            _ecrire(cible, octets)
            cible.with_suffix(".txt").unlink(missing_ok=True)
            ligne["fichier"] = str(Path(ligne["fichier"]).with_suffix(cible.suffix))
            document = lire(cible, ligne["fichier"])[0]
            deplacer = _aligner(texte, document, entretien)
            for nom in ("phrases.csv", "codages.csv"):
                _reporter(references[nom], entretien, document.texte, deplacer)
            references["identifiants.csv"] = [
                autre
                for autre in references["identifiants.csv"]
                if autre["entretien"] != entretien or autre["texte"] in document.texte
            ]
            compte_rendu.append(f"{entretien} {facon} : {len(octets)} octets")
    _ecrire(destination / "entretiens.csv", _en_csv(entretiens))
    _ecrire(destination / "territoires.csv", (source / "territoires.csv").read_bytes())
    for nom, lignes in references.items():
        _ecrire(destination / "references" / nom, _en_csv(lignes))
    return compte_rendu


def _plan(entretiens: list[dict[str, str]]) -> dict[str, str]:
    territoires = sorted({ligne["territoire"] for ligne in entretiens})
    plan = {}
    for facon, territoire, rang in PLAN:
        du_lieu = sorted(e["entretien"] for e in entretiens if e["territoire"] == territoires[territoire])
        plan[du_lieu[rang]] = facon
    if len(plan) != len(PLAN):
        raise ValueError("le plan convertit deux fois le même entretien")
    return plan


def _aligner(source: str, document: Document, entretien: str) -> Callable[[int, int], tuple[int, int]]:
    """Correspondance des étendues entre le `.txt` et le texte rendu, après avoir vérifié leur égalité."""
    debut, _ = lire_tete(source)
    avant = [i for i in range(debut, len(source)) if not source[i].isspace()]
    apres = [i for i in range(document.debut, len(document.texte)) if not document.texte[i].isspace()]
    for rang, (i, j) in enumerate(zip(avant, apres, strict=False)):
        if source[i] != document.texte[j]:
            raise ValueError(
                f"{entretien} : « {source[i - 30 : i + 30]} » devient "
                f"« {document.texte[j - 30 : j + 30]} » (caractère {rang})"
            )
    if len(avant) != len(apres):
        raise ValueError(f"{entretien} : {len(avant)} caractères avant conversion, {len(apres)} après")
    rangs = {i: rang for rang, i in enumerate(avant)}
    return lambda debut, fin: (apres[rangs[debut]], apres[rangs[fin - 1]] + 1)


def _reporter(
    lignes: list[dict[str, str]], entretien: str, texte: str, deplacer: Callable[[int, int], tuple[int, int]]
) -> None:
    for ligne in lignes:
        if ligne["entretien"] == entretien:
            debut, fin = deplacer(int(ligne["debut"]), int(ligne["fin"]))
            if "".join(texte[debut:fin].split()) != "".join(ligne["texte"].split()):
                raise ValueError(f"{entretien} : phrase perdue, « {ligne['texte']} »")
            ligne["debut"], ligne["fin"], ligne["texte"] = str(debut), str(fin), texte[debut:fin]


def _lire_csv(chemin: Path) -> list[dict[str, str]]:
    with chemin.open(encoding="utf-8", newline="") as flux:
        return list(csv.DictReader(flux))


def _en_csv(lignes: list[dict[str, str]]) -> bytes:
    tampon = io.StringIO()
    ecrivain = csv.DictWriter(tampon, list(lignes[0]), lineterminator="\n")
    ecrivain.writeheader()
    ecrivain.writerows(lignes)
    return tampon.getvalue().encode("utf-8")


def _ecrire(chemin: Path, octets: bytes) -> None:
    chemin.parent.mkdir(parents=True, exist_ok=True)
    partiel = chemin.with_name(chemin.name + ".partiel")
    partiel.write_bytes(octets)
    os.replace(partiel, chemin)


def principal() -> None:
    """Point d'entrée de la commande."""
    arguments = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    arguments.add_argument("source", type=Path)
    arguments.add_argument("destination", type=Path)
    choix = arguments.parse_args()
    for outil in ("pandoc", "soffice"):
        if shutil.which(outil) is None:
            arguments.error(f"{outil} n'est pas installé")
    print("\n".join(fabriquer(choix.source, choix.destination)))


if __name__ == "__main__":
    principal()
