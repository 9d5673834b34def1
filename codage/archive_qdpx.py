"""Ouvrir un QDPX sans risque : rien n'est extrait sur le disque, rien n'est lu hors de l'archive."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

from corpus.fautes import ErreurEtude, Faute
from corpus.formats_zip import corrompu, lire_membre

SORTE = "projet QDPX"
PLAFOND_MEMBRE = 100 * 2**20
PLAFOND_TOTAL = 500 * 2**20
PLAFOND_MEMBRES = 100_000
_INTERNE = "internal://"


class ArchiveQDPX:
    """Une archive QDPX ouverte.

    Parameters
    ----------
    chemin : Path

    Raises
    ------
    ErreurEtude
        Fichier absent, qui n'est pas une archive, chiffrée ; chemin qui sort de l'archive ; trop de membres.
    """

    def __init__(self, chemin: Path) -> None:
        self.nom = chemin.name
        try:
            self._archive = zipfile.ZipFile(chemin)
        except OSError as erreur:
            raise ErreurEtude([Faute(str(chemin), 0, f"fichier illisible ({erreur.strerror or erreur})",
                                     "vérifiez le chemin et vos droits")]) from erreur
        except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as erreur:
            raise corrompu(self.nom, SORTE, erreur) from erreur
        membres = self._archive.infolist()
        fautes = [self._faute(f"le chemin « {membre.filename[:80]} » sort de l'archive") for membre in membres
                  if _sort(membre.filename)]
        if len(membres) > PLAFOND_MEMBRES:
            fautes.append(self._faute(f"l'archive a plus de {PLAFOND_MEMBRES} fichiers"))
        if any(membre.flag_bits & 1 for membre in membres):
            fautes.append(self._faute("l'archive est chiffrée"))
        if fautes:
            self.fermer()
            raise ErreurEtude(fautes)
        self._noms = {membre.filename.lower(): membre for membre in reversed(membres)}
        self._lus = 0

    def __enter__(self) -> ArchiveQDPX:
        return self

    def __exit__(self, *_: object) -> None:
        self.fermer()

    def fermer(self) -> None:
        self._archive.close()

    def projet(self) -> bytes:
        """Le contenu de project.qde.

        Raises
        ------
        ErreurEtude
            Il n'y est pas, ou ne se lit pas.
        """
        nom = next((nom for nom in self._noms if nom.rpartition("/")[2] == "project.qde"), None) or next(
            (nom for nom in self._noms if nom.endswith(".qde")), None)
        if nom is None:
            raise ErreurEtude([self._faute("l'archive n'a pas de fichier project.qde")])
        return self._lire(nom)

    def source(self, chemin: str) -> bytes | None:
        """Le contenu d'une source « internal://… » ; None si elle est hors de l'archive ou n'y est pas."""
        if not chemin.lower().startswith(_INTERNE):
            return None
        relatif = chemin[len(_INTERNE):].lstrip("/").lower()
        nom = next((nom for nom in (f"sources/{relatif}", relatif) if nom in self._noms), None)
        return None if nom is None else self._lire(nom)

    def _lire(self, nom: str) -> bytes:
        membre = self._noms[nom]
        self._lus += membre.file_size
        if membre.file_size > PLAFOND_MEMBRE or self._lus > PLAFOND_TOTAL:
            raise ErreurEtude([self._faute(f"« {membre.filename} » est démesuré une fois décompressé "
                                           f"({membre.file_size // 2**20} Mo)")])
        return lire_membre(self._archive, membre.filename, self.nom, SORTE)

    def _faute(self, message: str) -> Faute:
        return Faute(self.nom, 0, message, "exportez à nouveau le projet depuis le logiciel d'origine")


def _sort(chemin: str) -> bool:
    """Un chemin absolu, à lecteur Windows, ou qui remonte."""
    propre = chemin.replace("\\", "/")
    return propre.startswith("/") or ".." in propre.split("/") or re.match(r"[A-Za-z]:", propre) is not None
