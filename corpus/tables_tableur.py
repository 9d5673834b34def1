"""Lire un tableau d'une étude, qu'il soit en CSV ou dans un classeur de tableur (.xlsx, .ods)."""

from __future__ import annotations

import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

from corpus.encodages import nature
from corpus.fautes import ErreurEtude, Faute
from corpus.formats_zip import chiffre, controler_archive, corrompu
from corpus.tables_csv import TableCSV, assembler, lire_csv

EXTENSIONS = (".csv", ".xlsx", ".ods")
_SORTE = "classeur de tableur"


def chercher_tableau(dossier: Path, nom: str) -> str:
    """Le nom du fichier qui porte un tableau de l'étude : `nom` suivi d'une des `EXTENSIONS`.

    Returns
    -------
    str
        Vide s'il n'y en a pas.

    Raises
    ------
    ErreurEtude
        Plusieurs fichiers prétendent porter le même tableau.
    """
    presents = [nom + extension for extension in EXTENSIONS if (dossier / (nom + extension)).is_file()]
    if len(presents) > 1:
        raise ErreurEtude([Faute(presents[1], 0, f"le même tableau est aussi dans {presents[0]}", "gardez un seul des deux")])
    return presents[0] if presents else ""


def lire_tableau(chemin: Path, nom: str, obligatoires: tuple[str, ...]) -> TableCSV:
    """Lit un tableau CSV (voir `lire_csv`) ou la première feuille d'un classeur.

    Parameters
    ----------
    chemin : Path
    nom : str
        Nom à montrer dans les messages (chemin relatif à l'étude).
    obligatoires : tuple[str, ...]
        Colonnes sans lesquelles le tableau ne sert à rien.

    Returns
    -------
    TableCSV
        Les cases d'un classeur en texte : un nombre entier sans décimales, une date AAAA-MM-JJ, un
        booléen « oui » ou « non » ; une formule vaut son dernier résultat enregistré.

    Raises
    ------
    ErreurEtude
        Fichier illisible, chiffré, corrompu ; colonne obligatoire absente ou répétée.
    """
    if chemin.suffix.lower() == ".csv":
        return lire_csv(chemin, nom, obligatoires)
    feuille, rangees, autres = _premiere_feuille(chemin, nom)
    suppositions = [f"{nom} : feuille « {feuille} » lue, autres feuilles laissées de côté ({', '.join(autres)})"] * bool(autres)
    numerotees = ((rang, [_texte(case) for case in cases]) for rang, cases in enumerate(rangees, start=1))
    return assembler(numerotees, nom, obligatoires, suppositions, "donnez un titre à chaque colonne remplie, en première ligne")


def _premiere_feuille(chemin: Path, nom: str) -> tuple[str, list[list[Any]], list[str]]:
    """Le nom et les cases de la première feuille d'un classeur, et le nom des autres."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        octets = chemin.read_bytes()
    except OSError as erreur:
        raise ErreurEtude([Faute(nom, 0, f"fichier illisible ({erreur.strerror})",
                                 "vérifiez les droits de lecture du fichier")]) from erreur
    if nature(octets).startswith("un ancien document Office") and "EncryptedPackage".encode("utf-16-le") not in octets:
        raise ErreurEtude([Faute(nom, 0, "c'est un ancien classeur Excel (.xls) renommé",
                                 "ouvrez-le dans un tableur et enregistrez-le en .xlsx")])
    controler_archive(octets, nom, _SORTE, chemin.suffix)
    try:
        classeur = CalamineWorkbook.from_filelike(io.BytesIO(octets))
        if not classeur.sheet_names:
            raise corrompu(nom, _SORTE, "aucune feuille")
        premiere, *autres = classeur.sheet_names
        return premiere, classeur.get_sheet_by_name(premiere).to_python(skip_empty_area=False), autres
    except PasswordError as erreur:
        raise chiffre(nom) from erreur
    except (CalamineError, OSError, ValueError) as erreur:
        raise corrompu(nom, _SORTE, erreur) from erreur


def _texte(case: Any) -> str:
    if isinstance(case, bool):
        return "oui" if case else "non"
    if isinstance(case, float):
        return str(int(case)) if case.is_integer() else repr(case)
    if isinstance(case, datetime) and not case.time():
        return case.date().isoformat()
    return case.isoformat() if isinstance(case, date) else str(case)
