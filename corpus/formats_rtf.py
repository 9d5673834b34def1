"""Les documents RTF, lus avec striprtf.

Limites : les notes, en-têtes, commentaires et zones de texte sont écartés ; une puce de liste n'est
rendue que si le fichier l'écrit (`\\listtext`, ce que font Word et LibreOffice) ; les lettres d'une
police de symboles sont rendues comme des lettres latines ; une police d'un autre alphabet est lue
selon sa page de code, dont striprtf ne connaît que les principales.
"""

from __future__ import annotations

import codecs
import re

from corpus.encodages import nature
from corpus.entretien import Document
from corpus.formats_tableaux import rendre_tableau
from corpus.formats_zip import corrompu, joindre

_CELLULE, _FIN_RANGEE, _RANGEE = "\ufdd0", "\ufdd1", "\ufdd2"
_REPERES = {
    "cell": _CELLULE,
    "nestcell": _CELLULE,
    "row": _FIN_RANGEE,
    "nestrow": _FIN_RANGEE,
    "trowd": _RANGEE,
}
_MOT = re.compile(r"\\\\|\\(cell|nestcell|row|nestrow|trowd|deleted)(?![a-zA-Z0-9-]) ?")
_PAGE_DE_CODE = re.compile(rb"\\ansicpg(\d{3,5})")
_LIEN = re.compile(r'HYPERLINK(?=\s*(?:\\[a-z]+\s*)?\\?")', re.I)
_SORTE = "document RTF"


def lire_rtf(octets: bytes, nom: str) -> Document:
    """Lire un document RTF.

    Parameters
    ----------
    octets : bytes
        Contenu du fichier.
    nom : str
        Chemin relatif à l'étude, pour les messages.

    Returns
    -------
    Document
        Un paragraphe par ligne, tableaux à leur place ; texte supprimé en suivi des modifications
        exclu. `encodage` est la page de code que le fichier annonce.

    Raises
    ------
    ErreurEtude
        Fichier qui n'est pas du RTF, ou que striprtf ne lit pas.
    """
    from striprtf.striprtf import rtf_to_text

    octets = octets.removeprefix(codecs.BOM_UTF8).lstrip()
    if not octets.startswith(b"{\\rtf"):
        contenu = nature(octets)
        raise corrompu(nom, _SORTE, f"il contient {contenu}" if contenu else "")
    codec = _page_de_code(octets)
    source = octets.decode(codec, errors="replace")
    source = _LIEN.sub("RENVOI", _MOT.sub(_reperer, source))
    try:
        texte: str = rtf_to_text(source, encoding=codec)  # type: ignore[no-untyped-call]
        texte = texte.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except (
        Exception
    ) as erreur:  # un fichier tronqué ou mal codé fait lever à striprtf toutes sortes d'erreurs
        raise corrompu(nom, _SORTE, erreur) from erreur
    # En RTF, chaque paragraphe finit par \\par, le dernier compris.
    return Document(_avec_tableaux(texte.removesuffix("\n")), format="rtf", encodage=codec)


def _page_de_code(octets: bytes) -> str:
    annonce = _PAGE_DE_CODE.search(octets, 0, 4096)
    if annonce:
        codec = f"cp{annonce.group(1).decode()}"
    else:
        codec = next(
            (
                nom
                for mot, nom in ((rb"\mac", "mac_roman"), (rb"\pca", "cp850"), (rb"\pc", "cp437"))
                if re.match(rb"\{\\rtf\d*[^{}]{0,40}?" + re.escape(mot) + rb"(?![a-z])", octets)
            ),
            "cp1252",
        )
    codec = {"cp65001": "utf-8", "cp10000": "mac_roman"}.get(codec, codec)
    try:
        codecs.lookup(codec)
    except LookupError:
        return "cp1252"
    return codec


def _reperer(mot: re.Match[str]) -> str:
    """Remplacer les mots de tableau par un repère ; rendre ignorable le texte supprimé."""
    if mot.group(1) is None:
        return mot.group()
    if mot.group(1) == "deleted":
        return "\\*\\deleted "
    return "{" + _REPERES[mot.group(1)] + "}"


def _avec_tableaux(texte: str) -> str:
    """Rendre les rangées repérées ; le texte entre les tableaux est gardé tel quel."""
    blocs: list[tuple[str, bool]] = []
    rangees: list[list[str]] = []

    def clore() -> None:
        if rangees:
            blocs.append(rendre_tableau(list(rangees)))
            rangees.clear()

    position = 0
    for rangee in re.finditer(f"{_RANGEE}([^{_FIN_RANGEE}]*){_FIN_RANGEE}", texte):
        avant = texte[position : rangee.start()]
        if avant.strip():
            clore()
            blocs.append((avant.removesuffix("\n"), False))
        cellules = rangee.group(1).replace(_RANGEE, "").split(_CELLULE)
        rangees.append([cellule.strip("\n") for cellule in cellules[:-1]])
        position = rangee.end()
    clore()
    reste = texte[position:]
    if reste or not blocs:
        blocs.append((reste.removeprefix("\n") if blocs else reste, False))
    rendu = joindre(blocs)
    return re.sub(f"[{_CELLULE}{_FIN_RANGEE}{_RANGEE}]", "", rendu)
