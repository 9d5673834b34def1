"""Ouvrir sans risque les documents qui sont des archives zip (.docx, .odt), et en joindre les blocs."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterable

from corpus.encodages import nature
from corpus.fautes import ErreurEtude, Faute

PLAFOND = 300 * 2**20
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def chiffre(nom: str) -> ErreurEtude:
    """La faute d'un document protégé par un mot de passe.

    Parameters
    ----------
    nom : str
        Chemin relatif à l'étude.

    Returns
    -------
    ErreurEtude
        À lever par l'appelant.
    """
    return ErreurEtude(
        [
            Faute(
                nom,
                0,
                "le document est chiffré : il est protégé par un mot de passe",
                "Ouvrez-le, retirez le mot de passe, puis enregistrez-le.",
            )
        ]
    )


def corrompu(nom: str, sorte: str, cause: object = "") -> ErreurEtude:
    """La faute d'un document que sa bibliothèque ne parvient pas à lire.

    Parameters
    ----------
    nom : str
        Chemin relatif à l'étude.
    sorte : str
        Ce que le fichier devrait être (« document Word »).
    cause : object
        L'erreur d'origine, citée entre parenthèses.

    Returns
    -------
    ErreurEtude
        À lever par l'appelant.
    """
    detail = f" ({cause})" if str(cause) else ""
    return ErreurEtude(
        [
            Faute(
                nom,
                0,
                f"le fichier est corrompu ou n'est pas un {sorte}{detail}",
                "Ouvrez-le dans l'outil qui l'a produit et enregistrez-le de nouveau.",
            )
        ]
    )


def controler_archive(octets: bytes, nom: str, sorte: str, extension: str) -> zipfile.ZipFile:
    """Ouvrir l'archive d'un document, après avoir écarté les faux et les trop gros.

    Parameters
    ----------
    octets : bytes
        Contenu du fichier.
    nom : str
        Chemin relatif à l'étude.
    sorte : str
        Ce que le fichier devrait être (« document Word »).
    extension : str
        L'extension attendue, pour le remède.

    Returns
    -------
    zipfile.ZipFile

    Raises
    ------
    ErreurEtude
        Document chiffré, ancien format renommé, archive corrompue ou démesurée.
    """
    if octets.startswith(_OLE):
        if "EncryptedPackage".encode("utf-16-le") in octets:
            raise chiffre(nom)
        raise ErreurEtude(
            [
                Faute(
                    nom,
                    0,
                    "c'est un ancien document Word (.doc) renommé",
                    f"Ouvrez-le dans Word ou LibreOffice et enregistrez-le en {extension}.",
                )
            ]
        )
    if not octets.startswith(b"PK"):
        contenu = nature(octets)
        raise corrompu(nom, sorte, f"il contient {contenu}" if contenu else "")
    try:
        archive = zipfile.ZipFile(io.BytesIO(octets))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as erreur:
        raise corrompu(nom, sorte, erreur) from erreur
    if sum(membre.file_size for membre in archive.infolist()) > PLAFOND:
        raise ErreurEtude(
            [
                Faute(
                    nom,
                    0,
                    f"le document dépasse {PLAFOND // 2**20} Mo une fois décompressé",
                    "Retirez-en les images et les pièces jointes.",
                )
            ]
        )
    if any(membre.flag_bits & 1 for membre in archive.infolist()):
        raise chiffre(nom)
    return archive


def lire_membre(archive: zipfile.ZipFile, membre: str, nom: str, sorte: str) -> bytes:
    """Lire un membre d'une archive.

    Parameters
    ----------
    archive : zipfile.ZipFile
    membre : str
        Chemin dans l'archive.
    nom, sorte : str
        Pour le message.

    Returns
    -------
    bytes
        Vide si le membre n'existe pas.

    Raises
    ------
    ErreurEtude
        Membre illisible.
    """
    if membre not in archive.namelist():
        return b""
    try:
        return archive.read(membre)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        ValueError,
        NotImplementedError,
        EOFError,
        RuntimeError,
    ) as err:
        raise corrompu(nom, sorte, err) from err


def joindre(blocs: Iterable[tuple[str, bool]]) -> str:
    """Joindre paragraphes et tableaux, un par ligne.

    Parameters
    ----------
    blocs : Iterable[tuple[str, bool]]
        Texte d'un bloc, et s'il est un tableau de transcription : celui-ci est séparé par une ligne
        vide de ce qui l'entoure.

    Returns
    -------
    str
    """
    lignes: list[str] = []
    apres_tableau = False
    for texte, tableau in blocs:
        if lignes and texte and (tableau or apres_tableau) and lignes[-1].strip():
            lignes.append("")
        lignes.append(texte)
        apres_tableau = tableau
    return "\n".join(lignes)
