"""Lire un fichier de transcription, quel que soit son format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from corpus.encodages import decoder
from corpus.entretien import Document
from corpus.fautes import ErreurEtude, Faute
from corpus.formats_docx import lire_docx
from corpus.formats_iramuteq import est_iramuteq, lire_iramuteq
from corpus.formats_odt import lire_odt
from corpus.formats_pdf import lire_pdf
from corpus.formats_rtf import lire_rtf
from corpus.formats_soustitres import lire_srt, lire_vtt
from corpus.formats_tete import lire_tete

_LECTEURS: dict[str, Callable[[bytes, str], Document]] = {
    ".docx": lire_docx,
    ".odt": lire_odt,
    ".rtf": lire_rtf,
    ".pdf": lire_pdf,
    ".vtt": lire_vtt,
    ".srt": lire_srt,
}
_TEXTES = (".txt", ".md")
_SOUS_TITRES = frozenset({"vtt", "srt"})

EXTENSIONS: frozenset[str] = frozenset({*_LECTEURS, *_TEXTES})
"""Les extensions lues, en minuscules, avec leur point."""

PLAFOND = 100 * 2**20
"""Taille au-delà de laquelle un fichier n'est pas lu, en octets."""

_REMEDES = {
    ".doc": "Ouvrez-le dans Word ou LibreOffice et enregistrez-le en .docx.",
    ".dot": "Ouvrez-le dans Word ou LibreOffice et enregistrez-le en .docx.",
    ".docm": "Ouvrez-le dans Word ou LibreOffice et enregistrez-le en .docx.",
    ".wps": "Ouvrez-le dans Word ou LibreOffice et enregistrez-le en .docx.",
    ".pages": "Dans Pages, exportez-le vers Word (.docx).",
    ".html": "Ouvrez-le dans Word ou LibreOffice et enregistrez-le en .docx ou en .odt.",
    **dict.fromkeys(
        (".mp3", ".wav", ".m4a", ".ogg", ".flac", ".mp4", ".mov", ".aac", ".wma"),
        "C'est un enregistrement : transcrivez-le d'abord (par exemple en .vtt ou .docx).",
    ),
}


def lire(chemin: Path, nom: str) -> list[Document]:
    """Lire un fichier de transcription.

    Parameters
    ----------
    chemin : Path
        Où est le fichier.
    nom : str
        Son chemin relatif à l'étude, pour les messages.

    Returns
    -------
    list[Document]
        Un document ; plusieurs pour un corpus IRaMuTeQ (un par ligne étoilée).

    Raises
    ------
    ErreurEtude
        Fichier absent, illisible, corrompu, chiffré, vide, sans texte, de format inconnu, ou
        temporaire.
    """
    extension = chemin.suffix.lower()
    if chemin.name.startswith(("~$", "._", ".~lock.")):
        raise _faute(
            nom,
            "c'est un fichier temporaire laissé par Word, LibreOffice ou macOS, pas une transcription",
            "Fermez le document dans votre traitement de texte, puis supprimez ce fichier.",
        )
    if extension not in EXTENSIONS:
        raise _faute(
            nom,
            f"format inconnu : « {extension or 'sans extension'} »",
            _REMEDES.get(extension, f"Formats lus : {', '.join(sorted(EXTENSIONS))}."),
        )
    octets = _octets(chemin, nom)
    if extension in _TEXTES:
        documents = _lire_texte(octets, nom, extension)
    else:
        documents = [_LECTEURS[extension](octets, nom)]
    if documents[0].format in _SOUS_TITRES or documents[0].format == "iramuteq":
        return documents
    document = documents[0]
    debut, metadonnees = lire_tete(document.texte)
    if not document.texte[debut:].strip():
        raise _faute(
            nom,
            "le fichier n'a aucun texte" + (" après sa tête" if debut else ""),
            "Vérifiez que la transcription a bien été enregistrée.",
        )
    return [replace(document, debut=debut, metadonnees=metadonnees)]


def _octets(chemin: Path, nom: str) -> bytes:
    try:
        if chemin.is_dir():
            raise _faute(nom, "c'est un dossier, pas un fichier", "Indiquez un fichier de transcription.")
        if chemin.stat().st_size > PLAFOND:
            raise _faute(
                nom,
                f"le fichier dépasse {PLAFOND // 2**20} Mo",
                "Vérifiez que c'est bien une transcription ; retirez-en les images.",
            )
        octets = chemin.read_bytes()
    except FileNotFoundError as erreur:
        raise _faute(
            nom, "le fichier est introuvable", "Vérifiez le nom et le dossier, majuscules et accents compris."
        ) from erreur
    except OSError as erreur:
        raise _faute(
            nom,
            f"le fichier ne peut pas être lu ({erreur.strerror or erreur})",
            "Vérifiez vos droits sur ce fichier, et qu'aucun logiciel ne le tient ouvert.",
        ) from erreur
    if not octets:
        raise _faute(nom, "le fichier est vide", "Vérifiez que la transcription a bien été enregistrée.")
    return octets


def _lire_texte(octets: bytes, nom: str, extension: str) -> list[Document]:
    texte, encodage, suppositions = decoder(octets, nom)
    if extension == ".txt" and est_iramuteq(texte):
        return lire_iramuteq(texte, nom, encodage, suppositions)
    return [Document(texte, format=extension[1:], encodage=encodage, suppositions=suppositions)]


def _faute(nom: str, message: str, remede: str) -> ErreurEtude:
    return ErreurEtude([Faute(nom, 0, message, remede)])
