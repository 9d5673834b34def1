"""Ce que l'application sait de plus que les codages : qui a fini, ce que l'on a refusé, ce que l'on a tranché."""

from __future__ import annotations

from typing import Any

import pytest
from bases import DEBUT, FIN, MILIEU, code_id, faire, journal_juste, voir
from sqlalchemy import select

from codage import actes, actes_equipe, actes_grille
from codage.base import Base
from codage.journal import Refus
from codage.lectures import lire_entretien
from codage.projet import CODAGES, MEMOS, table
from codage.reprise import decisions_de_la_base, reprendre
from codage.tables import proposition

pytest_plugins = ("bases",)


def decisions(base: Base) -> list[tuple[Any, ...]]:
    with base.lire() as connexion:
        prises = decisions_de_la_base(connexion)
    return list(prises[["personne", "decision", "entretien", "debut", "fin", "code", "modalite"]].itertuples(
        index=False, name=None))


def proposition_de(base: Base, nom: str) -> str:
    with base.lire() as connexion:
        return str(connexion.scalar(select(proposition.c.id).where(proposition.c.entretien == nom)))


def test_lectures_refus_arbitrages(base: Base) -> None:
    c11, c12 = code_id(base, "C1.1"), code_id(base, "C1.2")
    assert decisions(base) == []
    faire(base, "ana", actes.poser, "E1", DEBUT, MILIEU - 1, c12)
    faire(base, "ana", actes.decider, proposition_de(base, "E1"), "accepte")
    faire(base, "ana", actes.decider, proposition_de(base, "E2"), "refuse")
    refus = ("ana", "refuse", "E2", DEBUT, MILIEU - 1, "C1.1", "presente")
    en_cours = [("ana", "en_cours", nom, 0, 0, "", "") for nom in ("E1", "E2")]
    assert decisions(base) == [en_cours[0], en_cours[1], refus]
    faire(base, "ana", actes_equipe.terminer, "E1")
    faire(base, "ana", actes.arbitrer, "E1", MILIEU, FIN, c11, False, "presente", "Hors sujet.")
    assert decisions(base) == [("ana", "termine", "E1", 0, 0, "", ""),
                               ("ana", "ne_porte_pas", "E1", MILIEU, FIN, "C1.1", "presente"), en_cours[1], refus]
    faire(base, "ana", actes_equipe.terminer, "E1", False)
    assert decisions(base)[0] == en_cours[0]
    journal_juste(base)


def test_un_code_retire_de_la_grille_emporte_ses_decisions(base: Base) -> None:
    faire(base, "ana", actes.decider, proposition_de(base, "E1"), "refuse")
    faire(base, "ana", actes.arbitrer, "E1", MILIEU, FIN, code_id(base, "C1.1"), True, "presente", "Net.")
    faire(base, "ana", actes_grille.retirer, code_id(base, "C1.1"))
    assert decisions(base) == [("ana", "en_cours", "E1", 0, 0, "", "")]


def test_des_codages_importes_ne_disent_rien_de_leur_lecture(base: Base) -> None:
    venus = table(CODAGES, [("bob", "E1", DEBUT, MILIEU - 1, "C1.1", "presente", "", "")])
    assert reprendre(base, venus, table(MEMOS), "ana") == 1
    assert decisions(base) == []


def test_un_responsable_termine_sans_etre_affecte_un_codeur_non(base: Base) -> None:
    faire(base, "ana", actes_equipe.compte, "bob", role="codeur")
    with pytest.raises(Refus, match="vous ne codez pas"):
        faire(base, "bob", actes_equipe.terminer, "E1")
    with pytest.raises(Refus, match="introuvable"):
        faire(base, "ana", actes_equipe.terminer, "E1", True, "bob")
    faire(base, "ana", actes_equipe.terminer, "E1")
    lu = voir(base, "ana", lire_entretien, "E1")
    assert (lu["termine"], lu["code"], lu["aveugle"], lu["machine"]) == (True, True, False, True)
    with pytest.raises(Refus, match="rien ne change"):
        faire(base, "ana", actes_equipe.terminer, "E1")


def test_rouvrir_le_codage_d_un_autre_ne_dit_rien_du_sien(base: Base) -> None:
    """bob termine, ana rouvre puis retire l'affectation de bob après qu'il a terminé de nouveau : son codage reste fini."""
    faire(base, "ana", actes_equipe.compte, "bob", role="codeur")
    faire(base, "ana", actes_equipe.affecter, "E1", "bob", False, True)
    faire(base, "bob", actes_equipe.terminer, "E1")
    assert decisions(base) == [("bob", "termine", "E1", 0, 0, "", "")]
    faire(base, "ana", actes_equipe.terminer, "E1", False, "bob")
    assert decisions(base) == [("bob", "en_cours", "E1", 0, 0, "", "")]
    faire(base, "bob", actes_equipe.terminer, "E1")
    faire(base, "ana", actes_equipe.retirer, "E1", "bob")
    assert decisions(base) == [("bob", "termine", "E1", 0, 0, "", "")]


def test_un_arbitrage_renverse_ne_laisse_que_le_dernier(base: Base) -> None:
    c11 = code_id(base, "C1.1")
    for qui, porte in (("ana", True), ("eve", False)):
        if qui == "eve":
            faire(base, "ana", actes_equipe.compte, "eve", role="responsable")
        faire(base, qui, actes.arbitrer, "E1", DEBUT, MILIEU - 1, c11, porte, "presente", "Net.")
    assert decisions(base) == [("eve", "ne_porte_pas", "E1", DEBUT, MILIEU - 1, "C1.1", "presente")]
