"""Poser, juger, annuler, arbitrer : les actes et leur journal, sur de vraies bases."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DBAPIError

from bases import DEBUT, FIN, MILIEU, TEXTE, base, cle, etude, postgresql  # noqa: F401 (fixtures)
from codage import actes, actes_equipe, actes_grille, lectures, lectures_accord
from codage.base import Base
from codage.chargement import charger
from codage.droits import Acces
from codage.journal import Refus, controler
from codage.tables import acte, arbitrage, codage, code, decision, memo, proposition
from corpus.fautes import ErreurEtude
from extraction.grille import Grille


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
        return sorted(connexion.execute(select(codage.c.personne, code.c.code, codage.c.debut, codage.c.fin, codage.c.modalite).join(
            code, code.c.id == codage.c.code)).all())


def journal_juste(base: Base) -> None:
    with base.lire() as connexion:
        assert controler(connexion) == []


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
        assert dict(connexion.execute(select(decision.c.proposition, decision.c.verdict)).all()) == {une: "accepte", autre: "refuse"}
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
        connexion.execute(insert(acte).values(numero=99, cle="x" * 8, quand="", personne="ana", genre="poser", entretien="", changements="[]",
                                              precedente="", empreinte=""))
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


def _aveugles(base: Base) -> None:
    """Bob et Cléo codent E1 à l'aveugle."""
    for qui in ("bob", "cleo"):
        faire(base, "ana", actes_equipe.compte, qui, role="codeur")
        faire(base, "ana", actes_equipe.affecter, "E1", qui, True, False)


def test_un_codeur_aveugle_ne_voit_rien_des_autres_avant_que_tous_aient_fini(base: Base) -> None:
    _aveugles(base)
    c, d = code_id(base, "C1.1"), code_id(base, "O05")
    faire(base, "bob", actes.poser, "E1", DEBUT, MILIEU - 1, c)
    faire(base, "cleo", actes.poser, "E1", DEBUT, MILIEU - 1, d)
    faire(base, "cleo", actes.noter, "entretien", "E1", "secret de Cléo")
    with base.lire() as connexion:
        celui_de_cleo = connexion.scalar(select(codage.c.id).where(codage.c.personne == "cleo"))
    lu = voir(base, "bob", lectures.lire_entretien, "E1")
    assert [x["personne"] for x in lu["codages"]] == ["bob"] and lu["propositions"] == lu["memos"] == lu["arbitrages"] == []
    assert {a["personne"] for a in voir(base, "bob", lectures.journal)} == {"bob"}
    assert voir(base, "bob", lectures_accord.accord) == []
    assert voir(base, "bob", lectures.codages_du_code, d) == []
    with pytest.raises(Refus, match="aveugle"):
        voir(base, "bob", lectures_accord.desaccords, "E1")
    for action, arguments in ((actes.retirer, (celui_de_cleo,)), (actes.modifier, (celui_de_cleo,)), (actes.noter, ("codage", celui_de_cleo, "x"))):
        with pytest.raises(Refus, match="codage introuvable"):
            faire(base, "bob", action, *arguments)
    with pytest.raises(Refus, match="introuvable"):
        voir(base, "bob", lectures.lire_entretien, "E2")  # pas affecté
    faire(base, "bob", actes_equipe.terminer, "E1")
    assert [x["personne"] for x in voir(base, "bob", lectures.lire_entretien, "E1")["codages"]] == ["bob"]
    with pytest.raises(Refus, match="terminé"):
        faire(base, "bob", actes.poser, "E1", MILIEU, FIN, c)
    faire(base, "cleo", actes_equipe.terminer, "E1")
    assert {x["personne"] for x in voir(base, "bob", lectures.lire_entretien, "E1")["codages"]} == {"bob", "cleo"}
    with pytest.raises(Refus, match="tous ont terminé"):
        faire(base, "ana", actes_equipe.terminer, "E1", False, "bob")
    journal_juste(base)


def test_un_responsable_qui_code_a_l_aveugle_l_est_aussi(base: Base) -> None:
    _aveugles(base)
    faire(base, "ana", actes_equipe.affecter, "E1", "ana", True, False)
    c, d = code_id(base, "C1.1"), code_id(base, "O05")
    faire(base, "bob", actes.poser, "E1", DEBUT, MILIEU - 1, c)
    faire(base, "ana", actes_grille.fusionner, [c], d)  # touche le codage de Bob
    assert voir(base, "ana", lectures.lire_entretien, "E1")["codages"] == []
    vus = [a for a in voir(base, "ana", lectures.journal) if a["personne"] == "bob" or any(x[0] == "codage" for x in a["changements"])]
    assert vus == []
    with pytest.raises(Refus, match="aveugle"):
        faire(base, "ana", actes_equipe.retirer, "E1", "ana")


def test_on_ne_devient_pas_aveugle_apres_avoir_vu(base: Base) -> None:
    faire(base, "ana", actes_equipe.compte, "bob", role="codeur")
    faire(base, "ana", actes_equipe.affecter, "E1", "bob", False, True)
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, code_id(base, "C1.1"))
    with pytest.raises(Refus, match="a pu voir"):
        faire(base, "ana", actes_equipe.affecter, "E1", "bob", True, False)


def test_desaccords_cote_a_cote_et_arbitrage_garde(base: Base) -> None:
    _aveugles(base)
    c, d = code_id(base, "C1.1"), code_id(base, "O05")
    faire(base, "bob", actes.poser, "E1", DEBUT, MILIEU - 1, c)
    faire(base, "cleo", actes.poser, "E1", DEBUT, DEBUT + 9, c, "absente")  # même phrase, autre modalité
    faire(base, "bob", actes.poser, "E1", MILIEU, FIN, d)
    for qui in ("bob", "cleo"):
        faire(base, qui, actes_equipe.terminer, "E1")
    trouves = voir(base, "ana", lectures_accord.desaccords, "E1")
    assert [(x["phrase"], x["code"], x["avis"]) for x in trouves] == [
        ("p001", c, {"bob": "presente", "cleo": "absente"}), ("p002", d, {"bob": "presente", "cleo": None})]
    with pytest.raises(Refus, match="responsable"):
        faire(base, "bob", actes.arbitrer, "E1", MILIEU, FIN, d, True, "presente", "je le dis")
    with pytest.raises(Refus, match="motive"):
        faire(base, "ana", actes.arbitrer, "E1", MILIEU, FIN, d, True, "presente", " ")
    faire(base, "ana", actes.arbitrer, "E1", MILIEU, FIN, d, False, "presente", "hors sujet")
    faire(base, "ana", actes.arbitrer, "E1", MILIEU, FIN, d, True, "presente", "relu : il y est")
    assert voir(base, "bob", lectures_accord.desaccords, "E1")[1]["arbitrage"]["raison"] == "relu : il y est"
    with base.lire() as connexion:
        assert len(connexion.execute(select(arbitrage)).all()) == 1
    assert len(codages(base)) == 3  # l'arbitrage ne change pas les codages
    lignes = {(x["codeurs"], x["code"]): x for x in voir(base, "ana", lectures_accord.accord)}
    # Deux phrases, C1.1 porté par les deux sur la même : κ = 1. O05 : Bob seul sur une des deux : po = ½, pe = ½, κ = 0.
    assert lignes["bob, cleo", "C1.1"]["valeur"] == 1 and lignes["bob, cleo", "O05"]["valeur"] == 0
    journal_juste(base)


def test_un_lecteur_n_ecrit_rien(base: Base) -> None:
    faire(base, "ana", actes_equipe.compte, "lea", role="lecteur")
    c = code_id(base, "C1.1")
    with base.lire() as connexion:
        une = connexion.scalar(select(proposition.c.id))
    for action, arguments in ((actes.poser, ("E1", DEBUT, MILIEU, c)), (actes.decider, (une, "accepte")), (actes.noter, ("code", c, "x")),
                              (actes.annuler, ("E1",)), (actes.refaire, ("E1",)), (actes.arbitrer, ("E1", 0, 3, c, True, "presente", "r")),
                              (actes_grille.creer, ({"code": "X", "intitule": "x"}, True)), (actes_grille.modifier, (c, {"intitule": "y"})),
                              (actes_grille.fusionner, ([c], c)), (actes_grille.scinder, (c, [], {})), (actes_grille.retirer, (c,)),
                              (actes_equipe.compte, ("x",)), (actes_equipe.affecter, ("E1", "ana", False, True)),
                              (actes_equipe.retirer, ("E1", "ana")), (actes_equipe.terminer, ("E1",))):
        with pytest.raises(Refus):
            faire(base, "lea", action, *arguments)
    assert voir(base, "lea", lectures.lire_entretien, "E1")["code"] is False
    with base.lire() as connexion:
        assert connexion.scalar(select(acte.c.numero).order_by(acte.c.numero.desc())) == 2  # l'ouverture et le compte


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
    with pytest.raises(Refus, match="2 codages"):
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
    with pytest.raises(Refus, match="1 codages ne sont pas répartis"):
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
