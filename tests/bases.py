"""Une base de codage vide pour les essais : SQLite, et un vrai PostgreSQL lancé pour l'occasion."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import create_engine, select, text

from codage.base import Base
from codage.chargement import Chargees, charger
from codage.droits import Acces
from codage.journal import controler
from codage.tables import codage, code
from extraction.grille import Grille

TEXTE = "Q : Bonjour ?\nR : Le préfet et le maire 😀 travaillent ensemble. Rien ne bouge.\n"
DEBUT = TEXTE.index("Le préfet")
MILIEU = TEXTE.index("Rien")
FIN = len(TEXTE) - 1


def etude(textes: dict[str, str] | None = None, mentions: int = 1) -> Chargees:
    """Deux entretiens de deux phrases, une proposition par entretien."""
    textes = textes or {"E1": TEXTE, "E2": TEXTE}
    fiches, tours, phrases, propositions = [], [], [], []
    for nom in textes:
        fiches.append((nom, f"{nom}.txt", "T01", "déléguée", "etat", "", 12))
        fin = len(textes[nom].rstrip())
        tours += [(nom, 1, "Q", "enqueteur", 4, 13, "", ""), (nom, 2, "R", "enquete", DEBUT, fin, "", "")]
        phrases += [(nom, 1, "", "enqueteur", 4, 13, ""), (nom, 2, "p001", "enquete", DEBUT, MILIEU - 1, ""),
                    (nom, 2, "p002", "enquete", MILIEU, fin, "")]
        propositions += [(nom, "p001", DEBUT, MILIEU - 1, "C1.1", "presente", 0.7, "préfet", "machine:essai", True)] * mentions
    return Chargees(
        pd.DataFrame(fiches, columns=["entretien", "fichier", "territoire", "fonction", "categorie", "date", "mots"]),
        pd.DataFrame(tours, columns=["entretien", "tour", "locuteur", "role", "debut", "fin", "horodatage", "texte"]),
        pd.DataFrame(phrases, columns=["entretien", "tour", "phrase", "role", "debut", "fin", "texte"]), textes,
        pd.DataFrame(propositions, columns=["entretien", "phrase", "debut", "fin", "code", "modalite", "confiance", "preuve",
                                            "codeur", "posee"]))


def cle() -> str:
    """La clé d'un acte neuf."""
    return uuid.uuid4().hex


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """L'adresse d'un PostgreSQL vide ; les essais qui le demandent sont passés s'il n'est pas installé."""
    lieux = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [Path(ou).parent for ou in [shutil.which("initdb")] if ou]
    if not lieux:
        if os.environ.get("CI"):
            pytest.fail("PostgreSQL n'est pas installé : apt-get install postgresql")
        pytest.skip("PostgreSQL n'est pas installé")
    # PostgreSQL refuse de tourner en root : on le confie au compte que Debian crée pour lui.
    sous = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    dossier = Path(tempfile.mkdtemp(prefix="pg"))
    if sous:
        shutil.chown(dossier, "postgres")
    try:
        subprocess.run(
            [*sous, lieux[-1] / "initdb", "-D", dossier / "d", "-A", "trust", "-U", "essai", "-E", "UTF8", "--no-sync"],
            check=True,
            capture_output=True,
        )
        subprocess.run([*sous, lieux[-1] / "pg_ctl", "-D", dossier / "d", "-w", "-l", dossier / "journal", "-o",
                        f"-k {dossier} -c listen_addresses= -c max_connections=60", "start"], check=True, capture_output=True)
        yield f"postgresql://essai@/postgres?host={dossier}"
        subprocess.run(
            [*sous, lieux[-1] / "pg_ctl", "-D", dossier / "d", "-m", "immediate", "stop"], check=True, capture_output=True
        )
    finally:
        shutil.rmtree(dossier, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def base(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Base]:
    """Une base chargée de la petite étude, responsable « ana », sous chaque moteur."""
    adresse = ""
    if request.param == "postgresql":
        racine = request.getfixturevalue("postgresql")
        nom = f"essai_{uuid.uuid4().hex}"
        moteur = create_engine(racine.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
        with moteur.connect() as connexion:
            connexion.execute(text(f"CREATE DATABASE {nom}"))
        moteur.dispose()
        adresse = racine.replace("/postgres?", f"/{nom}?")
    ouverte = Base.ouvrir(tmp_path, adresse)
    charger(ouverte, etude(), Grille.charger(), "ana")
    yield ouverte
    ouverte.fermer()


def faire(base: Base, qui: str, action: Any, *arguments: Any, **nommes: Any) -> Any:
    """Un acte dans sa transaction."""
    with base.ecrire() as connexion:
        return action(Acces(connexion, qui), cle(), *arguments, **nommes)


def voir(base: Base, qui: str, lecture: Any, *arguments: Any) -> Any:
    with base.lire() as connexion:
        return lecture(Acces(connexion, qui), *arguments)


def code_id(base: Base, nom: str) -> str:
    with base.lire() as connexion:
        return str(connexion.scalar(select(code.c.id).where(code.c.code == nom)))


def codages(base: Base) -> list[tuple[str, str, int, int, str]]:
    with base.lire() as connexion:
        return sorted(
            connexion.execute(
                select(codage.c.personne, code.c.code, codage.c.debut, codage.c.fin, codage.c.modalite).join(
                    code, code.c.id == codage.c.code
                )
            ).all()
        )


def journal_juste(base: Base) -> None:
    with base.lire() as connexion:
        assert controler(connexion) == []
