"""Ce que les tableaux comptent, sur de petits exemples calculés à la main."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import pytest

from corpus.decisions import CodageHumain
from evaluation.retenus import COMMENCE, LU, MACHINE, retenir

PHRASES = pd.DataFrame(
    [(nom, phrase, role, debut, debut + 5, f"mots{debut}") for nom in ("E1", "E2", "E3") for phrase, role, debut in (
        ("", "enqueteur", 0), ("p001", "enquete", 6), ("p002", "enquete", 12))],
    columns=["entretien", "phrase", "role", "debut", "fin", "texte"])
COLONNES = ["entretien", "phrase", "debut", "fin", "texte", "code", "modalite", "confiance", "codeur", "preuve",
            "indices_modalite", "a_relire"]
MENTIONS = pd.DataFrame(
    [(nom, phrase, debut, debut + 5, f"mots{debut}", code, "presente", 0.4, "machine:x", "mots", "", True)
     for nom in ("E1", "E2", "E3") for phrase, debut, code in (("p001", 6, "BUS"), ("p002", 12, "LIEN"))], columns=COLONNES)


def humain(codages: Sequence[tuple[str, ...]] = (), decisions: Sequence[tuple[str, ...]] = ()) -> CodageHumain:
    return CodageHumain(pd.DataFrame(codages, columns=["codeur", "entretien", "phrase", "code", "modalite"], dtype=str),
                        pd.DataFrame(decisions, columns=["personne", "decision", "entretien", "phrase", "code", "modalite"],
                                     dtype=str))


def retenues(codages: Sequence[tuple[str, ...]] = (), decisions: Sequence[tuple[str, ...]] = ()) -> dict[str, list[str]]:
    """Entretien → « phrase code modalite codeur »."""
    mentions = retenir(MENTIONS, PHRASES, humain(codages, decisions)).mentions
    assert list(mentions.columns) == COLONNES and mentions["texte"].eq("mots" + mentions["debut"].astype(str)).all()
    assert not mentions.duplicated(["entretien", "phrase", "code"]).any()
    machine = mentions["codeur"].str.startswith("machine:")
    assert (mentions["confiance"].notna() == machine).all() and not mentions.loc[~machine, "a_relire"].any()
    return {str(nom): [f"{m.phrase} {m.code} {m.modalite} {m.codeur}" for m in siennes.itertuples()]
            for nom, siennes in mentions.groupby("entretien")}


DE_LA_MACHINE = ["p001 BUS presente machine:x", "p002 LIEN presente machine:x"]


def test_sans_personne_rien_ne_change() -> None:
    rendues = retenir(MENTIONS, PHRASES, humain())
    pd.testing.assert_frame_equal(rendues.mentions, MENTIONS)
    assert set(rendues.entretiens["etat"]) == {MACHINE} and rendues.de_la_machine(MENTIONS).equals(MENTIONS)


def test_un_entretien_lu_ne_doit_plus_rien_a_la_machine() -> None:
    assert retenues([("ana", "E1", "p002", "BUS", "absente")]) == {
        "E1": ["p002 BUS absente ana"], "E2": DE_LA_MACHINE, "E3": DE_LA_MACHINE}
    assert "E1" not in retenues(decisions=[("ana", "termine", "E1", "", "", "")])  # lu, et rien à y coder


def test_commence_les_codes_poses_et_refuses_corrigent_la_machine() -> None:
    assert retenues([("ana", "E1", "p001", "BUS", "absente"), ("ana", "E1", "p001", "LIEN", "")],
                    [("ana", "en_cours", "E1", "", "", ""), ("ana", "refuse", "E2", "p002", "LIEN", "")]) == {
        "E1": ["p001 BUS absente ana", "p001 LIEN presente ana", "p002 LIEN presente machine:x"],
        "E2": ["p001 BUS presente machine:x"], "E3": DE_LA_MACHINE}


def test_a_plusieurs_la_moitie_de_qui_a_fini() -> None:
    """Trois ont fini (dont cleo, sans rien poser), dan non : BUS a deux voix sur trois, LIEN une, CODE celle de dan."""
    assert retenues([("ana", "E1", "p001", "BUS", "absente"), ("bob", "E1", "p001", "BUS", ""), ("bob", "E1", "p001", "LIEN", ""),
                     ("dan", "E1", "p001", "CODE", "")],
                    [("cleo", "termine", "E1", "", "", ""), ("dan", "en_cours", "E1", "", "", "")])["E1"] == [
        "p001 BUS absente ana, bob"]


@pytest.mark.parametrize(("decision", "attendu"), [
    ("porte", ["p001 BUS absente eva", "p002 LIEN presente ana"]), ("ne_porte_pas", ["p002 LIEN presente ana"])])
def test_un_arbitrage_tranche(decision: str, attendu: list[str]) -> None:
    codages = [("ana", "E1", "p001", "BUS", "presente"), ("ana", "E1", "p002", "LIEN", "presente")]
    assert retenues(codages, [("eva", decision, "E1", "p001", "BUS", "absente")])["E1"] == attendu


def test_qui_a_code_quoi() -> None:
    rendues = retenir(MENTIONS, PHRASES, humain(
        [("bob", "E1", "p001", "BUS", ""), ("ana", "E1", "p001", "BUS", "")],
        [("dan", "en_cours", "E1", "", "", ""), ("ana", "refuse", "E2", "p001", "BUS", "")]))
    assert rendues.entretiens.to_numpy().tolist() == [["E1", LU, ("ana", "bob")], ["E2", COMMENCE, ("ana",)], ["E3", MACHINE, ()]]
    # Hésitations et codes probables perdent aussi ce qui a été refusé (BUS, en E2).
    assert rendues.de_la_machine(MENTIONS)[["entretien", "code"]].to_numpy().tolist() == [["E2", "LIEN"], ["E3", "BUS"], ["E3", "LIEN"]]
    assert rendues.noms(COMMENCE) == ["E2"]


def test_un_arbitrage_seul_commence_un_entretien_et_le_dernier_l_emporte() -> None:
    decisions = [("eva", "porte", "E1", "p001", "CODE", ""), ("eva", "ne_porte_pas", "E1", "p001", "BUS", "")]
    assert retenues(decisions=decisions)["E1"] == ["p001 CODE presente eva", "p002 LIEN presente machine:x"]
    rendues = retenir(MENTIONS, PHRASES, humain(decisions=decisions))
    assert rendues.entretiens.to_numpy().tolist()[0] == ["E1", COMMENCE, ("eva",)]
    renverse = [*decisions, ("ana", "ne_porte_pas", "E1", "p001", "CODE", ""), ("ana", "porte", "E1", "p001", "BUS", "absente")]
    assert retenues(decisions=renverse)["E1"] == ["p001 BUS absente ana", "p002 LIEN presente machine:x"]


def test_tout_est_lu_et_vide() -> None:
    decisions = [("ana", "termine", nom, "", "", "") for nom in ("E1", "E2", "E3")]
    mentions = retenir(MENTIONS, PHRASES, humain(decisions=decisions)).mentions
    assert mentions.empty and mentions["confiance"].dtype == float and list(mentions.columns) == COLONNES
