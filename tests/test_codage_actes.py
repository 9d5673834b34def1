"""Poser, juger, annuler, arbitrer : les actes et leur journal, sur de vraies bases."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from bases import DEBUT, FIN, MILIEU, TEXTE, cle, codages, code_id, etude, faire, journal_juste, voir
from sqlalchemy import CheckConstraint, delete, insert, inspect, select, update
from sqlalchemy.exc import DBAPIError

from codage import actes, actes_equipe, actes_grille, lectures, lectures_accord
from codage.base import Base
from codage.chargement import charger
from codage.droits import Acces
from codage.journal import Refus, controler
from codage.tables import acte, codage, decision, donnees, memo, proposition
from corpus.fautes import ErreurEtude
from extraction.grille import Grille

pytest_plugins = ("bases",)


def test_un_acte_renvoye_n_est_fait_qu_une_fois(base: Base) -> None:
    c, envoi = code_id(base, "C1.1"), cle()
    numeros = set()
    for _ in range(3):
        with base.ecrire() as connexion:
            numeros.add(actes.poser(Acces(connexion, "ana"), envoi, "E1", DEBUT, MILIEU - 1, c).numero)
    assert len(numeros) == 1 and codages(base) == [("ana", "C1.1", DEBUT, MILIEU - 1, "presente")]
    with base.ecrire() as connexion, pytest.raises(Refus, match="déjà servi"):
        actes.noter(Acces(connexion, "ana"), envoi, "entretien", "E1", "autre acte")


def test_une_etendue_se_compte_en_points_de_code(base: Base) -> None:
    c = code_id(base, "C1.1")
    assert TEXTE[FIN - 1] == "."
    faire(base, "ana", actes.poser, "E1", FIN - 1, len(TEXTE), c)
    for debut, fin in ((0, len(TEXTE) + 1), (5, 5), (9, 3)):
        with pytest.raises(Refus, match="étendue"):
            faire(base, "ana", actes.poser, "E1", debut, fin, c)
    assert len(codages(base)) == 1


def test_accepter_garde_d_ou_vient_le_codage_et_refuser_ne_pose_rien(base: Base) -> None:
    with base.lire() as connexion:
        une, autre = connexion.scalars(select(proposition.c.id).order_by(proposition.c.entretien)).all()
    faire(base, "ana", actes.decider, une, "accepte")
    faire(base, "ana", actes.decider, autre, "refuse")
    with pytest.raises(Refus, match="déjà jugé"):
        faire(base, "ana", actes.decider, une, "refuse")
    with base.lire() as connexion:
        assert connexion.execute(select(codage.c.personne, codage.c.proposition)).all() == [("ana", une)]
        assert dict(connexion.execute(select(decision.c.proposition, decision.c.verdict)).all()) == {
            une: "accepte",
            autre: "refuse",
        }
    assert voir(base, "ana", lectures_accord.file)["avancement"]["restent"] == 0
    # Retirer le codage remet la proposition en jeu.
    with base.lire() as connexion:
        pose = connexion.scalar(select(codage.c.id))
    faire(base, "ana", actes.retirer, pose)
    assert voir(base, "ana", lectures_accord.file)["avancement"]["restent"] == 1
    journal_juste(base)


def test_corriger_pose_le_code_et_l_etendue_choisis(base: Base) -> None:
    with base.lire() as connexion:
        une = connexion.scalar(select(proposition.c.id).where(proposition.c.entretien == "E1"))
    faire(base, "ana", actes.decider, une, "corrige", code=code_id(base, "O05"), modalite="absente", fin=DEBUT + 9)
    assert codages(base) == [("ana", "O05", DEBUT, DEBUT + 9, "absente")]


def test_annuler_et_refaire_suivent_l_ordre(base: Base) -> None:
    c, d = code_id(base, "C1.1"), code_id(base, "O05")
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, c)
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, d)
    faire(base, "ana", actes.poser, "E2", DEBUT, MILIEU, d)
    avec = codages(base)
    faire(base, "ana", actes.annuler, "E1")
    assert [x[1] for x in codages(base)] == ["C1.1", "O05"]
    faire(base, "ana", actes.annuler, "E1")
    assert [x[1] for x in codages(base)] == ["O05"]  # celui d'E2 n'est pas touché
    with pytest.raises(Refus, match="rien à annuler"):
        faire(base, "ana", actes.annuler, "E1")
    faire(base, "ana", actes.refaire, "E1")
    faire(base, "ana", actes.refaire, "E1")
    assert codages(base) == avec
    with pytest.raises(Refus, match="rien à refaire"):
        faire(base, "ana", actes.refaire, "E1")
    faire(base, "ana", actes.annuler, "E1")
    faire(base, "ana", actes.poser, "E1", MILIEU, FIN, c)
    with pytest.raises(Refus, match="rien à refaire"):
        faire(base, "ana", actes.refaire, "E1")
    journal_juste(base)


def test_le_journal_ne_se_retouche_pas_et_se_controle(base: Base) -> None:
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, code_id(base, "C1.1"))
    for ordre in (update(acte).values(personne="x"), delete(acte)):
        with pytest.raises(DBAPIError, match="ne se retouche pas"), base.ecrire() as connexion:
            connexion.execute(ordre)
    journal_juste(base)
    with base.ecrire() as connexion:  # une écriture qui passe à côté du journal
        connexion.execute(update(codage).values(modalite="absente"))
    with base.lire() as connexion:
        assert controler(connexion) == ["la table « codage » n'est pas celle que le journal raconte"]
    with base.ecrire() as connexion:  # un acte forgé
        connexion.execute(
            insert(acte).values(
                numero=99,
                cle="x" * 8,
                quand="",
                personne="ana",
                genre="poser",
                entretien="",
                changements="[]",
                precedente="",
                empreinte="",
            )
        )
    with base.lire() as connexion:
        assert any("acte 99" in faute for faute in controler(connexion))


def test_une_ecriture_interrompue_ne_laisse_rien(base: Base) -> None:
    c = code_id(base, "C1.1")
    with pytest.raises(RuntimeError), base.ecrire() as connexion:
        actes.poser(Acces(connexion, "ana"), cle(), "E1", DEBUT, MILIEU, c)
        raise RuntimeError
    assert codages(base) == []
    journal_juste(base)


def test_le_memo_est_a_son_auteur_et_s_efface_vide(base: Base) -> None:
    faire(base, "ana", actes.noter, "entretien", "E1", "Ton agacé.")
    faire(base, "ana", actes.noter, "entretien", "E1", "Ton <b>agacé</b>.")
    assert [m["texte"] for m in voir(base, "ana", lectures.lire_entretien, "E1")["memos"]] == ["Ton <b>agacé</b>."]
    faire(base, "ana", actes.noter, "entretien", "E1", " ")
    with base.lire() as connexion:
        assert connexion.execute(select(memo)).all() == []


def test_le_code_d_un_acte_annule_doit_etre_encore_dans_la_grille(base: Base) -> None:
    c = code_id(base, "C1.1")
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, c)
    with base.lire() as connexion:
        pose = connexion.scalar(select(codage.c.id))
    faire(base, "ana", actes.retirer, pose)
    faire(base, "ana", actes_grille.retirer, c)
    with pytest.raises(Refus, match="plus, dans la grille"):
        faire(base, "ana", actes.annuler, "E1")
    journal_juste(base)


def test_deux_fils_qui_ecrivent_ensemble_ne_perdent_ni_ne_doublent_rien(base: Base) -> None:
    """Douze fils : chacun pose quatre codages à lui, et tous envoient ensemble le même acte, sous la même clé."""
    for rang in range(12):
        faire(base, "ana", actes_equipe.compte, f"c{rang}", role="responsable")
    c, commune = code_id(base, "C1.1"), cle()
    depart, numeros = threading.Barrier(12), []

    def ecrire(rang: int) -> None:
        depart.wait()
        for fin in range(4):
            faire(base, f"c{rang}", actes.poser, "E1", DEBUT, DEBUT + 1 + fin, c)
        with base.ecrire() as connexion:
            numeros.append(actes.poser(Acces(connexion, "ana"), commune, "E2", DEBUT, MILIEU, c).numero)

    with ThreadPoolExecutor(12) as fils:
        list(fils.map(ecrire, range(12)))
    assert len(numeros) == 12 and len(set(numeros)) == 1
    assert len(codages(base)) == len(set(codages(base))) == 12 * 4 + 1
    journal_juste(base)


def test_une_lecture_voit_un_seul_etat(base: Base) -> None:
    c = code_id(base, "C1.1")
    with base.lire() as connexion:
        acces = Acces(connexion, "ana")
        assert lectures.lire_entretien(acces, "E1")["codages"] == []
        faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, c)
        assert lectures.lire_entretien(acces, "E1")["codages"] == []
    assert len(voir(base, "ana", lectures.lire_entretien, "E1")["codages"]) == 1


def test_recharger_met_les_propositions_au_jour_et_oublie_un_entretien_parti(base: Base) -> None:
    neuve = etude()
    charger(base, replace(neuve, mentions=neuve.mentions.assign(confiance=0.9)), Grille.charger(), "ana")
    with base.lire() as connexion:
        assert connexion.scalars(select(proposition.c.confiance)).all() == [0.9, 0.9]
    charger(base, etude({"E1": TEXTE}), Grille.charger(), "ana")
    assert [e["id"] for e in voir(base, "ana", lectures.etude)["entretiens"]] == ["E1"]


def test_les_migrations_donnent_le_schema_des_tables(base: Base) -> None:
    """Une table changée sans migration se voit : Alembic ne trouve rien à y faire."""
    with base.lire() as connexion:
        contexte = MigrationContext.configure(connexion, opts={"compare_type": True})
        assert compare_metadata(contexte, donnees) == []
        gardes = {table: {(c["name"], c["sqltext"].replace("(", "").replace(")", "").replace("::text", ""))
                          for c in inspect(connexion).get_check_constraints(table)} for table in donnees.tables}
        if connexion.dialect.name == "sqlite":  # PostgreSQL réécrit les conditions : leurs noms suffisent
            attendues = {t.name: {(c.name, str(c.sqltext).replace("(", "").replace(")", "")) for c in t.constraints
                                  if isinstance(c, CheckConstraint)} for t in donnees.sorted_tables}
            assert gardes == attendues
        else:
            assert {t: {nom for nom, _ in g} for t, g in gardes.items()} == {
                t.name: {c.name for c in t.constraints if isinstance(c, CheckConstraint)} for t in donnees.sorted_tables}


def test_il_reste_toujours_un_responsable_et_un_compte_ferme_ne_fait_plus_rien(base: Base) -> None:
    with pytest.raises(Refus, match="au moins un responsable"):
        faire(base, "ana", actes_equipe.compte, "ana", role="codeur")
    faire(base, "ana", actes_equipe.compte, "bob", role="codeur")
    faire(base, "ana", actes_equipe.compte, "bob", actif=False)
    with pytest.raises(Refus, match="fermé"):
        voir(base, "bob", lectures.etude)
    with pytest.raises(Refus, match="identifiant"):
        faire(base, "ana", actes_equipe.compte, "machine:x")


def test_fusionner_reporte_les_codages_sans_doublon(base: Base) -> None:
    c, d = code_id(base, "C1.1"), code_id(base, "O05")
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, c)
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, d)
    faire(base, "ana", actes.poser, "E2", DEBUT, MILIEU, c)
    with pytest.raises(Refus, match="posé 2 fois"):
        faire(base, "ana", actes_grille.retirer, c)
    faire(base, "ana", actes_grille.fusionner, [c], d)
    assert [x[:2] for x in codages(base)] == [("ana", "O05"), ("ana", "O05")]
    with pytest.raises(Refus, match="plus, dans la grille"):
        faire(base, "ana", actes.poser, "E1", MILIEU, FIN, c)
    faire(base, "ana", actes_grille.modifier, c, {"retire": False})
    faire(base, "ana", actes.poser, "E1", MILIEU, FIN, c)
    journal_juste(base)


def test_scinder_repartit_tous_les_codages(base: Base) -> None:
    c = code_id(base, "C1.1")
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, c)
    faire(base, "ana", actes.poser, "E2", DEBUT, MILIEU, c)
    ids = [x["id"] for x in voir(base, "ana", lectures.codages_du_code, c)]
    neufs = [{"code": "C1.1a", "intitule": "Copilotage dit"}, {"code": "C1.1b", "intitule": "Copilotage fait"}]
    with pytest.raises(Refus, match="répartis : 1"):
        faire(base, "ana", actes_grille.scinder, c, neufs, {ids[0]: 0})
    faire(base, "ana", actes_grille.scinder, c, neufs, {ids[0]: 0, ids[1]: 1})
    assert [x[1] for x in codages(base)] == ["C1.1a", "C1.1b"]
    journal_juste(base)


def test_un_code_neuf_est_controle(base: Base) -> None:
    for champs, motif in (({"code": "C1.1", "intitule": "x"}, "existe déjà"), ({"code": " ", "intitule": "x"}, "identifiant"),
                          ({"code": "N1", "intitule": "x", "couleur": "#000000"}, "claire")):
        with pytest.raises(Refus, match=motif):
            faire(base, "ana", actes_grille.creer, champs)
    faire(base, "ana", actes_equipe.compte, "bob", role="codeur")
    with pytest.raises(Refus, match="responsable"):
        faire(base, "bob", actes_grille.creer, {"code": "N1", "intitule": "x"})
    faire(base, "bob", actes_grille.creer, {"code": "N1", "intitule": "Rumeur"}, True)
    assert next(c for c in voir(base, "bob", lectures.etude)["codes"] if c["code"] == "N1")["hors_grille"]


def test_recharger_l_etude_garde_ce_qui_est_juge_et_refuse_un_texte_change(base: Base) -> None:
    with base.lire() as connexion:
        une = connexion.scalar(select(proposition.c.id).where(proposition.c.entretien == "E1"))
    faire(base, "ana", actes.decider, une, "accepte")
    charger(base, etude(mentions=0), Grille.charger(), "ana")
    with base.lire() as connexion:
        assert connexion.scalars(select(proposition.c.id)).all() == [une]  # celle d'E2, jamais jugée, est partie
    charger(base, etude({"E1": TEXTE, "E2": TEXTE + " Suite."}), Grille.charger(), "ana")  # E2 n'est pas codé
    with pytest.raises(ErreurEtude, match="a changé depuis"):
        charger(base, etude({"E1": TEXTE + "x", "E2": TEXTE}), Grille.charger(), "ana")
    with pytest.raises(ErreurEtude, match="disparu"):
        charger(base, etude({"E2": TEXTE}), Grille.charger(), "ana")
    journal_juste(base)


def test_une_base_plus_recente_est_refusee(tmp_path: Path) -> None:
    ouverte = Base.ouvrir(tmp_path)
    with ouverte.ecrire() as connexion:
        connexion.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    ouverte.fermer()
    with pytest.raises(ErreurEtude, match="plus récente"):
        Base.ouvrir(tmp_path)
    assert (tmp_path / "codages.sqlite").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("adresse", ["mysql://x/y", "n'importe quoi", "postgresql://essai@/rien?host=/nulle/part"])
def test_une_adresse_qui_ne_mene_a_rien_se_dit_en_clair(tmp_path: Path, adresse: str) -> None:
    with pytest.raises(ErreurEtude, match="base"):
        Base.ouvrir(tmp_path, adresse)
