"""Sauvegarder et restaurer une base de codage.

Une sauvegarde est un fichier SQLite au même schéma, d'où que vienne la base : elle passe donc aussi une étude de SQLite
à PostgreSQL, ou l'inverse. Les séances ouvertes n'y sont pas.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, make_url, select

from codage.base import FICHIER, Base
from codage.journal import controler
from codage.tables import acte, donnees, seance
from corpus.cache import ecriture_atomique
from corpus.fautes import ErreurEtude, Faute

LOT = 1000


def sauvegarder(base: Base, fichier: Path) -> int:
    """Copie une base, telle qu'elle est à cet instant, dans un fichier.

    Returns
    -------
    int
        Nombre d'actes sauvegardés.

    Raises
    ------
    ErreurEtude
        Le fichier existe déjà ; le journal de la base n'est pas intègre.
    """
    if fichier.exists():
        raise ErreurEtude([Faute(str(fichier), 0, "ce fichier existe déjà", "donnez un autre nom, ou déplacez-le")])
    with ecriture_atomique(fichier.resolve()) as provisoire:
        copie = Base.ouvrir(provisoire.parent, f"sqlite:///{provisoire.name}")
        try:
            with base.ecrire() as source, copie.ecrire() as cible:  # `ecrire` : aucun acte ne passe pendant la copie
                nombre = _copier(source, cible, "base")
            with copie.moteur.connect() as connexion:  # un seul fichier, sans journal d'écriture à côté
                connexion.exec_driver_sql("COMMIT")
                connexion.exec_driver_sql("PRAGMA journal_mode=DELETE")
        finally:
            copie.fermer()
    return nombre


def restaurer(fichier: Path, dossier: Path, adresse: str = "") -> int:
    """Remet une sauvegarde dans la base d'une étude, qui doit être vide ou ne pas exister.

    Returns
    -------
    int
        Nombre d'actes restaurés.

    Raises
    ------
    ErreurEtude
        Ce n'est pas une sauvegarde ; la base a déjà des actes ; le journal sauvegardé n'est pas intègre.
    """
    if not fichier.is_file():
        raise ErreurEtude([Faute(str(fichier), 0, "ce fichier n'existe pas", "donnez une sauvegarde")])
    source = Base.ouvrir(fichier.parent.resolve(), f"sqlite:///{fichier.name}")
    cible = Base.ouvrir(dossier, adresse)
    try:
        with source.lire() as lue, cible.ecrire() as ecrite:
            if ecrite.execute(select(acte.c.numero).limit(1)).first():
                remede = (f"déplacez d'abord {FICHIER} hors de l'étude"
                          if make_url(adresse or "sqlite://").get_backend_name() == "sqlite" else "donnez une base vide")
                raise ErreurEtude([Faute(adresse or FICHIER, 0, "cette base a déjà des actes, qui seraient perdus", remede)])
            return _copier(lue, ecrite, str(fichier))
    finally:
        source.fermer()
        cible.fermer()


def _copier(source: Connection, cible: Connection, nom: str) -> int:
    fautes = controler(source)
    if fautes:
        raise ErreurEtude([Faute(nom, 0, f"le journal n'est pas intègre : {faute}", "repartez d'une sauvegarde antérieure")
                           for faute in fautes])
    for table in donnees.sorted_tables:
        if table is seance:
            continue
        lignes = [dict(ligne) for ligne in source.execute(select(table)).mappings()]
        for debut in range(0, len(lignes), LOT):
            cible.execute(insert(table), lignes[debut:debut + LOT])
    return len(source.execute(select(acte.c.numero)).all())
