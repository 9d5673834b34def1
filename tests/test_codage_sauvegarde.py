"""Sauvegarder, restaurer, passer d'un moteur à l'autre."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from bases import DEBUT, MILIEU, base, cle, postgresql  # noqa: F401 (fixtures)
from codage import actes, comptes
from codage.base import Base
from codage.droits import Acces
from codage.journal import controler
from codage.sauvegarde import restaurer, sauvegarder
from codage.tables import codage, code, donnees, seance
from corpus.fautes import ErreurEtude


def _contenu(base: Base) -> dict[str, list[object]]:
    with base.lire() as connexion:
        return {t.name: sorted(map(tuple, connexion.execute(select(t))), key=str) for t in donnees.sorted_tables if t is not seance}


@pytest.fixture
def codee(base: Base) -> Base:  # noqa: F811
    with base.ecrire() as connexion:
        c = connexion.scalar(select(code.c.id).where(code.c.code == "O05"))
        actes.poser(Acces(connexion, "ana"), cle(), "E1", DEBUT, MILIEU, c, "absente")
        comptes.changer_mot_de_passe(connexion, "ana", "un mot de passe assez long")
        comptes.ouvrir(connexion, "ana")
    return base


def test_une_sauvegarde_rend_tout_sauf_les_seances(codee: Base, tmp_path: Path) -> None:
    attendu = _contenu(codee)
    fichier = tmp_path / "garde.sqlite"
    assert sauvegarder(codee, fichier) == 2
    assert sorted(p.name for p in tmp_path.iterdir() if "garde" in p.name) == ["garde.sqlite"]
    assert fichier.stat().st_mode & 0o077 == 0
    with pytest.raises(ErreurEtude, match="existe déjà"):
        sauvegarder(codee, fichier)
    ailleurs = tmp_path / "ailleurs"
    ailleurs.mkdir()
    assert restaurer(fichier, ailleurs) == 2
    rendue = Base.ouvrir(ailleurs)
    assert _contenu(rendue) == attendu
    with rendue.lire() as connexion:
        assert controler(connexion) == [] and connexion.execute(select(seance)).all() == []
    rendue.fermer()
    with pytest.raises(ErreurEtude, match="déjà des actes"):
        restaurer(fichier, ailleurs)


def test_une_base_retouchee_ne_se_sauvegarde_pas(codee: Base, tmp_path: Path) -> None:
    with codee.ecrire() as connexion:
        connexion.execute(codage.update().values(modalite="presente"))
    with pytest.raises(ErreurEtude, match="intègre"):
        sauvegarder(codee, tmp_path / "garde.sqlite")
    assert not (tmp_path / "garde.sqlite").exists()


def test_une_sauvegarde_sqlite_passe_a_postgresql(codee: Base, tmp_path: Path, postgresql: str) -> None:  # noqa: F811
    from sqlalchemy import create_engine, text

    moteur = create_engine(postgresql.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT")
    with moteur.connect() as connexion:
        connexion.execute(text("DROP DATABASE IF EXISTS neuve"))
        connexion.execute(text("CREATE DATABASE neuve"))
    moteur.dispose()
    attendu = _contenu(codee)
    sauvegarder(codee, tmp_path / "garde.sqlite")
    adresse = postgresql.replace("/postgres?", "/neuve?")
    restaurer(tmp_path / "garde.sqlite", tmp_path, adresse)
    rendue = Base.ouvrir(tmp_path, adresse)
    assert _contenu(rendue) == attendu
    rendue.fermer()
