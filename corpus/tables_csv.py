"""Lire un tableau CSV rempli à la main (tableur, éditeur de texte) en gardant les numéros de ligne.

Un fichier enregistré par un tableur français est admis tel quel : séparateur point-virgule ou
tabulation, Windows-1252, marque d'ordre des octets.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.encodages import decoder
from corpus.fautes import ErreurEtude, Faute
from corpus.formats_tete import normaliser_cle


@dataclass(frozen=True)
class LigneCSV:
    """Une ligne d'un tableau : son numéro dans le fichier (à partir de 1) et ses valeurs."""

    ligne: int
    valeurs: dict[str, str]


@dataclass(frozen=True)
class TableCSV:
    """Un tableau lu : ses colonnes, ses lignes, ce que la lecture a supposé."""

    colonnes: tuple[str, ...]
    lignes: tuple[LigneCSV, ...]
    suppositions: tuple[str, ...]
    fautes: tuple[Faute, ...]


def _separateur(entete: str) -> str:
    """Le séparateur qui découpe la première ligne en le plus de colonnes."""
    return max(",;\t", key=entete.count)


def lire_csv(chemin: Path, nom: str, obligatoires: tuple[str, ...]) -> TableCSV:
    """Lit un tableau CSV dont la première ligne nomme les colonnes.

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
        Valeurs sans blancs au bord ; lignes entièrement vides écartées. Une ligne qui n'a pas le
        bon nombre de cases est rendue dans `fautes`, pas dans `lignes`.

    Raises
    ------
    ErreurEtude
        Fichier illisible, sans en-tête, colonne obligatoire absente ou répétée.
    """
    try:
        octets = chemin.read_bytes()
    except OSError as erreur:
        raise ErreurEtude([Faute(nom, 0, f"fichier illisible ({erreur.strerror})",
                                 "vérifiez les droits de lecture du fichier")]) from erreur
    texte, _, suppositions = decoder(octets, nom)
    entete = next((ligne for ligne in texte.splitlines() if ligne.strip()), "")
    annonce = re.fullmatch(r"\s*sep=(.)\s*", entete)  # première ligne d'Excel
    separateur = annonce[1] if annonce else _separateur(entete)
    lecteur = csv.reader(io.StringIO(texte, newline=""), delimiter=separateur, strict=True)

    def rangees() -> Iterator[tuple[int, list[str]]]:
        precedente, a_sauter = 0, bool(annonce)
        for cases in lecteur:
            # Une case peut courir sur plusieurs lignes : la ligne montrée est celle où elle commence.
            numero, precedente = precedente + 1, lecteur.line_num
            if a_sauter and cases and cases[0].strip().startswith("sep="):
                a_sauter = False
            else:
                yield numero, cases

    try:
        return assembler(rangees(), nom, obligatoires, [f"{nom} : {dite}" for dite in suppositions],
                         f"mettez entre guillemets les cases qui contiennent le séparateur « {separateur} »")
    except csv.Error as erreur:
        raise ErreurEtude([Faute(nom, lecteur.line_num, "tableau mal formé (guillemets non fermés ?)",
                                 "ouvrez le fichier dans un tableur et enregistrez-le à nouveau en CSV")
                           ]) from erreur


def assembler(rangees: Iterable[tuple[int, Sequence[str]]], nom: str, obligatoires: tuple[str, ...],
              suppositions: Iterable[str], remede_debord: str) -> TableCSV:
    """Fait un tableau de rangées numérotées, dont la première non vide nomme les colonnes.

    Parameters
    ----------
    rangees : Iterable[tuple[int, Sequence[str]]]
        Numéro de ligne et cases ; les rangées vides sont écartées.
    nom, obligatoires
        Comme `lire_csv`.
    suppositions : Iterable[str]
    remede_debord : str
        Que faire d'une rangée qui a plus de cases que l'en-tête.

    Raises
    ------
    ErreurEtude
        Pas d'en-tête, colonne obligatoire absente ou répétée.
    """
    colonnes: tuple[str, ...] = ()
    lignes: list[LigneCSV] = []
    fautes: list[Faute] = []
    for numero, cases in rangees:
        valeurs = [case.strip() for case in cases]
        if not any(valeurs):
            continue
        if not colonnes:
            while not valeurs[-1]:
                valeurs.pop()
            colonnes = tuple(normaliser_cle(valeur) for valeur in valeurs)
            _controler_colonnes(colonnes, obligatoires, nom, numero)
        elif any(valeurs[len(colonnes):]):
            fautes.append(Faute(nom, numero, f"{len(valeurs)} cases pour {len(colonnes)} colonnes", remede_debord))
        elif len(valeurs) < len(colonnes):
            fautes.append(Faute(nom, numero, f"{len(valeurs)} cases pour {len(colonnes)} colonnes",
                                "complétez la ligne ; une case vide s'écrit entre deux séparateurs"))
        else:
            lignes.append(LigneCSV(numero, dict(zip(colonnes, valeurs, strict=False))))
    if not colonnes:
        raise ErreurEtude([Faute(nom, 0, "tableau vide", f"première ligne attendue : {','.join(obligatoires)}")])
    return TableCSV(colonnes, tuple(lignes), tuple(suppositions), tuple(fautes))


def _controler_colonnes(colonnes: tuple[str, ...], obligatoires: tuple[str, ...], nom: str, ligne: int) -> None:
    fautes = [Faute(nom, ligne, f"colonne « {absente} » absente",
                    f"ajoutez-la à l'en-tête ; colonnes lues : {', '.join(colonnes)}")
              for absente in obligatoires if absente not in colonnes]
    fautes += [Faute(nom, ligne, f"colonne « {nommee} » répétée", "gardez-en une seule")
               for nommee in sorted({c for c in colonnes if c and colonnes.count(c) > 1})]
    if fautes:
        raise ErreurEtude(fautes)
