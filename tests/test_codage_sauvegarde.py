"""Sauvegarder, restaurer, passer d'un moteur à l'autre."""

from __future__ import annotations

from pathlib import Path

import pytest
from bases import DEBUT, MILIEU, cle
from sqlalchemy import select

from codage import actes, comptes
from codage.base import Base
from codage.droits import Acces
from codage.journal import controler
from codage.sauvegarde import restaurer, sauvegarder
from codage.tables import codage, code, donnees, seance
from corpus.fautes import ErreurEtude

pytest_plugins = ("bases",)


def _contenu(base: Base) -> dict[str, list[object]]:
    with base.lire() as connexion:
        return {
            t.name: sorted(map(tuple, connexion.execute(select(t))), key=str) for t in donnees.sorted_tables if t is not seance
        }


@pytest.fixture
def codee(base: Base) -> Base:
    with base.ecrire() as connexion:
        c = str(connexion.scalar(select(code.c.id).where(code.c.code == "O05")))
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


def test_une_sauvegarde_sqlite_passe_a_postgresql(codee: Base, tmp_path: Path, postgresql: str) -> None:
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


def test_la_base_rend_la_grille_et_les_codages_et_les_reprend(codee: Base, tmp_path: Path) -> None:
    from bases import etude

    from codage.actes_grille import creer
    from codage.chargement import charger
    from codage.reprise import grille_de_la_base, reprendre, tables_de_la_base
    from extraction.grille import Grille

    origine = Grille.charger()
    with codee.ecrire() as connexion:
        assert grille_de_la_base(connexion, origine) == origine
        pose = str(connexion.scalar(select(codage.c.id)))
        ana = Acces(connexion, "ana")
        actes.noter(ana, cle(), "codage", pose, "à revoir")
        actes.noter(ana, cle(), "entretien", "E1", "ton agacé")
        creer(ana, cle(), {"code": "N1", "intitule": "Rumeur", "famille": "Terrain"}, True)
        neuve = grille_de_la_base(connexion, origine)
        codages, memos = tables_de_la_base(connexion)
    assert [c.code for c in neuve][-1] == "N1" and neuve["N1"].genre == "inductif" and len(neuve) == len(origine) + 1
    assert codages.drop(columns="date").to_numpy().tolist() == [["ana", "E1", DEBUT, MILIEU, "O05", "absente", "à revoir"]]
    assert memos.drop(columns="date").to_numpy().tolist() == [["ana", "entretien", "E1", 0, 0, "ton agacé"]]
    # Rien à reprendre de ce qu'elle a déjà, même retiré ; un auteur neuf reçoit un compte fermé.
    assert reprendre(codee, codages, memos, "ana") == 0
    with codee.ecrire() as connexion:
        actes.retirer(Acces(connexion, "ana"), cle(), pose)
    venus = codages.assign(codeur="bob")
    assert reprendre(codee, codages, memos, "ana") == 0 and reprendre(codee, venus, memos, "ana") == 2
    assert reprendre(codee, venus.assign(codeur="machine:x"), memos, "ana") == 0
    with codee.lire() as connexion:
        rendus, _ = tables_de_la_base(connexion)
        assert controler(connexion) == []
    assert rendus.drop(columns="date").to_numpy().tolist() == [["bob", "E1", DEBUT, MILIEU, "O05", "absente", "à revoir"]]
    charger(codee, etude(), origine, "ana")
