"""Ouvrir la base de codage d'une étude : SQLite dans son dossier, ou PostgreSQL par l'adresse d'`etude.toml`."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError

from corpus.fautes import ErreurEtude, Faute

FICHIER = "codages.sqlite"
ATTENTE = 30
"""Secondes qu'une écriture attend son tour sous SQLite."""
_VERROU = 0x6D6F6E6F  # verrou consultatif de PostgreSQL : un seul acte s'écrit à la fois


class Base:
    """Une base ouverte, à la dernière version de son schéma.

    Attributes
    ----------
    moteur : sqlalchemy.Engine
    """

    def __init__(self, moteur: Engine) -> None:
        self.moteur = moteur
        # SQLite fait attendre qui veut écrire par des sommes au hasard : sous la charge, un malchanceux n'y passe jamais.
        self._tour: AbstractContextManager[object] = threading.Lock() if moteur.dialect.name == "sqlite" else nullcontext()

    @classmethod
    def ouvrir(cls, dossier: Path, adresse: str = "") -> Base:
        """Ouvre la base d'une étude, la crée ou la met à jour s'il le faut.

        Parameters
        ----------
        dossier : pathlib.Path
            Le dossier d'étude.
        adresse : str
            Le réglage `base` d'etude.toml : adresse SQLAlchemy ; vide, `codages.sqlite` du dossier.
            Un mot de passe n'a pas à y être : PostgreSQL le prend aussi dans `PGPASSWORD` ou `~/.pgpass`.

        Raises
        ------
        ErreurEtude
            Adresse mal écrite, base injoignable, ou schéma d'une version plus récente du programme.
        """
        try:
            moteur = _moteur(_adresse(dossier, adresse))
            base = cls(moteur)
            with base.ecrire() as connexion:
                _mettre_a_jour(connexion)
        except (ArgumentError, ModuleNotFoundError) as erreur:
            raise _faute("l'adresse de la base est mal écrite",
                         "écrivez base = \"sqlite:///codages.sqlite\" ou base = \"postgresql://machine/base\"") from erreur
        except DBAPIError as erreur:
            raise _faute(f"la base de codage ne s'ouvre pas ({str(erreur.orig).splitlines()[0]})",
                         "vérifiez l'adresse, les droits, et que le serveur répond") from erreur
        except CommandError as erreur:
            raise _faute("la base vient d'une version plus récente de Monographies",
                         "mettez le programme à jour, ou restaurez une sauvegarde") from erreur
        return base

    @contextmanager
    def lire(self) -> Iterator[Connection]:
        """Une lecture : un état cohérent, que rien ne retient."""
        with self.moteur.connect() as connexion:
            if connexion.dialect.name == "postgresql":  # sans cela, chaque requête verrait un état différent
                connexion = connexion.execution_options(isolation_level="REPEATABLE READ")
            yield connexion

    @contextmanager
    def ecrire(self) -> Iterator[Connection]:
        """Une écriture : tout ou rien, une seule à la fois."""
        with self._tour, self.moteur.connect() as connexion:
            connexion = connexion.execution_options(ecriture=True)
            with connexion.begin():
                if connexion.dialect.name == "postgresql":
                    connexion.execute(text("SELECT pg_advisory_xact_lock(:verrou)"), {"verrou": _VERROU})
                yield connexion

    def fermer(self) -> None:
        """Rend les connexions."""
        self.moteur.dispose()


def _adresse(dossier: Path, adresse: str) -> URL:
    lue = make_url(adresse or f"sqlite:///{FICHIER}")
    if lue.get_backend_name() == "sqlite":
        return lue.set(database=str((dossier / (lue.database or FICHIER)).resolve()))
    if lue.get_backend_name() == "postgresql":
        return lue.set(drivername="postgresql+psycopg")
    raise ArgumentError(f"base inconnue : {lue.get_backend_name()}")


def _moteur(adresse: URL) -> Engine:
    if adresse.get_backend_name() != "sqlite":
        return create_engine(adresse, pool_pre_ping=True, pool_size=10, max_overflow=20, isolation_level="READ COMMITTED")
    moteur = create_engine(adresse, connect_args={"timeout": ATTENTE, "check_same_thread": False})
    # Un codage est confidentiel : seul son propriétaire ouvre le fichier.
    chemin = Path(str(adresse.database))
    if not chemin.exists():
        chemin.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(chemin, os.O_CREAT | os.O_RDWR, 0o600))

    @event.listens_for(moteur, "connect")
    def regler(brute: Any, _: object) -> None:
        brute.isolation_level = None  # c'est `ouvrir_transaction` qui les ouvre, et non le pilote
        # synchronous=FULL : un acte acquitté survit à une coupure de courant.
        for reglage in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            brute.execute(f"PRAGMA {reglage}")

    @event.listens_for(moteur, "begin")
    def ouvrir_transaction(connexion: Connection) -> None:
        # Une écriture prend son tour dès le début : deux lectures qui veulent écrire se bloqueraient l'une l'autre.
        connexion.exec_driver_sql("BEGIN IMMEDIATE" if connexion.get_execution_options().get("ecriture") else "BEGIN")

    return moteur


def _mettre_a_jour(connexion: Connection) -> None:
    reglages = Config()
    reglages.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    reglages.attributes["connection"] = connexion
    versions = ScriptDirectory.from_config(reglages)
    presente = MigrationContext.configure(connexion).get_current_revision()
    if presente is not None and presente not in {version.revision for version in versions.walk_revisions()}:
        raise CommandError(presente)
    if presente != versions.get_current_head():
        command.upgrade(reglages, "head")


def _faute(message: str, remede: str) -> ErreurEtude:
    return ErreurEtude([Faute("etude.toml", 0, message, remede)])
