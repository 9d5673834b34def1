"""Qui voit et fait quoi : un essai par règle d'accès, l'aveugle d'abord, sur de vraies bases."""

from __future__ import annotations

from typing import Any

import pytest
from bases import DEBUT, FIN, MILIEU, codages, code_id, faire, journal_juste, voir
from sqlalchemy import select

from codage import actes, actes_equipe, actes_grille, lectures, lectures_accord
from codage.base import Base
from codage.journal import Refus
from codage.tables import acte, arbitrage, codage, proposition

pytest_plugins = ("bases",)


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
    for action, arguments in (
        (actes.retirer, (celui_de_cleo,)),
        (actes.modifier, (celui_de_cleo,)),
        (actes.noter, ("codage", celui_de_cleo, "x")),
    ):
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
    vus = [
        a
        for a in voir(base, "ana", lectures.journal)
        if a["personne"] == "bob" or any(x[0] == "codage" for x in a["changements"])
    ]
    assert vus == []
    with pytest.raises(Refus, match="aveugle"):
        faire(base, "ana", actes_equipe.retirer, "E1", "ana")


def test_un_responsable_aveugle_ne_se_rouvre_pas_les_yeux(base: Base) -> None:
    _aveugles(base)
    faire(base, "ana", actes_equipe.affecter, "E1", "ana", True, False)
    c, d = code_id(base, "C1.1"), code_id(base, "O05")
    faire(base, "bob", actes.poser, "E1", DEBUT, MILIEU - 1, c)
    for action, arguments in (
        (actes_equipe.affecter, ("E1", "ana", False, True)),
        (actes_equipe.affecter, ("E1", "ana", True, True)),
        (actes_equipe.retirer, ("E1", "bob")),
        (actes_equipe.mot_de_passe, ("bob", "un mot de passe assez long")),
    ):
        with pytest.raises(Refus, match="aveugle"):
            faire(base, "ana", action, *arguments)
    # Ni un compte d'occurrences : le refus est le même que le code soit posé par un autre ou par personne.
    refus = set()
    essais: list[Any] = [(actes_grille.retirer, (x,)) for x in (c, d)]
    essais += [(actes_grille.scinder, (x, [{}, {}], {})) for x in (c, d)]
    for action, arguments in essais:
        with pytest.raises(Refus) as refuse:
            faire(base, "ana", action, *arguments)
        refus.add(str(refuse.value))
    assert len(refus) == 2 and all("aveugle" in r for r in refus)


def test_l_aveugle_cache_aussi_les_memos_de_codes_et_les_reprises(base: Base) -> None:
    from codage.projet import CODAGES, MEMOS, table
    from codage.reprise import reprendre

    _aveugles(base)
    faire(base, "ana", actes_equipe.affecter, "E1", "ana", True, False)
    c = code_id(base, "C1.1")
    faire(base, "cleo", actes.noter, "code", c, "dans E1, Cléo le voit partout")
    faire(base, "ana", actes.noter, "code", c, "note d'Ana")
    reprendre(base, table(CODAGES, [("cleo", "E1", DEBUT, MILIEU, "C1.1", "presente", "secret repris", "")]),
              table(MEMOS, [("cleo", "entretien", "E1", 0, 0, "autre secret", "")]), "ana")
    for qui in ("ana", "bob"):
        assert "Cléo" not in str(voir(base, qui, lectures.etude)["memos"])
        assert not [a for a in voir(base, qui, lectures.journal) if "secret" in str(a) or "Cléo" in str(a)]
        assert "secret" not in str(voir(base, qui, lectures.lire_entretien, "E1"))
    assert [m["texte"] for m in voir(base, "ana", lectures.etude)["memos"]] == ["note d'Ana"]
    for qui in ("ana", "bob", "cleo"):
        faire(base, qui, actes_equipe.terminer, "E1")
    assert len(voir(base, "bob", lectures.etude)["memos"]) == 2
    assert {m["texte"] for m in voir(base, "bob", lectures.lire_entretien, "E1")["memos"]} == {"secret repris", "autre secret"}
    journal_juste(base)


def test_qui_a_lu_les_autres_ne_recode_plus_a_l_aveugle(base: Base) -> None:
    _aveugles(base)
    c = code_id(base, "C1.1")
    for qui in ("bob", "cleo"):
        faire(base, qui, actes.poser, "E1", DEBUT, MILIEU - 1, c)
        faire(base, qui, actes_equipe.terminer, "E1")
    with pytest.raises(Refus, match="a pu voir"):  # une nouvelle affectation rouvrirait son codage
        faire(base, "ana", actes_equipe.affecter, "E1", "bob", True, True)
    faire(base, "ana", actes_equipe.compte, "dan", role="codeur")
    faire(base, "ana", actes_equipe.affecter, "E1", "dan", True, False)  # un troisième, qui n'a rien lu
    assert voir(base, "dan", lectures.lire_entretien, "E1")["codages"] == []
    with pytest.raises(Refus, match="ont pu se lire"):  # Bob est de nouveau à l'aveugle, mais il a lu
        faire(base, "ana", actes_equipe.terminer, "E1", False, "bob")
    faire(base, "ana", actes_equipe.retirer, "E1", "bob")
    with pytest.raises(Refus, match="a pu voir"):
        faire(base, "ana", actes_equipe.affecter, "E1", "bob", True, False)


def test_une_affectation_a_l_aveugle_se_corrige_tant_que_rien_n_est_lu(base: Base) -> None:
    faire(base, "ana", actes_equipe.compte, "bob", role="codeur")
    faire(base, "ana", actes_equipe.affecter, "E1", "bob", False, True)  # une erreur
    faire(base, "ana", actes_equipe.affecter, "E1", "bob", True, True)
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU, code_id(base, "C1.1"))
    faire(base, "ana", actes_equipe.affecter, "E1", "bob", True, False)
    faire(base, "bob", actes_equipe.terminer, "E1")


def test_le_journal_d_un_ancien_responsable_ne_montre_que_ses_entretiens(base: Base) -> None:
    """Une fusion faite par Bob, alors responsable, touchait le codage d'Ana sur un entretien qu'il ne voit plus."""
    faire(base, "ana", actes_equipe.compte, "bob", role="responsable")
    c, d = code_id(base, "C1.1"), code_id(base, "O05")
    faire(base, "ana", actes.poser, "E2", DEBUT, MILIEU, c)
    faire(base, "bob", actes_grille.fusionner, [c], d)
    faire(base, "ana", actes_equipe.compte, "bob", role="codeur")
    assert [x[0] for x in voir(base, "bob", lectures.journal)[0]["changements"]] == ["code"]


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
    for action, arguments in (
        (actes.poser, ("E1", DEBUT, MILIEU, c)),
        (actes.decider, (une, "accepte")),
        (actes.noter, ("code", c, "x")),
        (actes.annuler, ("E1",)),
        (actes.refaire, ("E1",)),
        (actes.arbitrer, ("E1", 0, 3, c, True, "presente", "r")),
        (actes_grille.creer, ({"code": "X", "intitule": "x"}, True)),
        (actes_grille.modifier, (c, {"intitule": "y"})),
        (actes_grille.fusionner, ([c], c)),
        (actes_grille.scinder, (c, [], {})),
        (actes_grille.retirer, (c,)),
        (actes_equipe.compte, ("x",)),
        (actes_equipe.affecter, ("E1", "ana", False, True)),
        (actes_equipe.retirer, ("E1", "ana")),
        (actes_equipe.terminer, ("E1",)),
    ):
        with pytest.raises(Refus):
            faire(base, "lea", action, *arguments)
    assert voir(base, "lea", lectures.lire_entretien, "E1")["code"] is False
    with base.lire() as connexion:
        assert connexion.scalar(select(acte.c.numero).order_by(acte.c.numero.desc())) == 2  # l'ouverture et le compte
