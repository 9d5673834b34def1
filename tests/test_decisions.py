"""Lire `decisions.csv` : lectures finies ou non, refus, arbitrages."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.decisions import lire_codage_humain, lire_decisions
from corpus.fautes import ErreurEtude

PHRASES = pd.DataFrame(
    [("E1", "", "enqueteur", "Et le bus ?"), ("E1", "p001", "enquete", "Il ne passe plus."),
     ("E1", "p002", "enquete", "Voilà."), ("E2", "p001", "enquete", "On s'entend bien.")],
    columns=["entretien", "phrase", "role", "texte"])
ENTETE = "personne,decision,entretien,phrase,code,modalite,texte"


def ecrire(dossier: Path, *lignes: str, entete: str = ENTETE) -> Path:
    (dossier / "decisions.csv").write_text("\n".join([entete, *lignes]) + "\n", encoding="utf-8")
    return dossier


def test_decisions_lues(tmp_path: Path) -> None:
    lues = lire_decisions(ecrire(
        tmp_path, "AB,termine,E1,,,,", "CD,en_cours,E2,,,,", "CD,refuse,E2,p009,LIEN,,on s'entend bien",
        "AB,Ne porte pas,E1,p001,BUS,Présente,", "EF,termine,E9,,,,",
        "AB,porte,E1,,BUS,absente,Voilà", "machine:x,termine,E1,,,,"), PHRASES, ("BUS", "LIEN"), ecartes=("E9",))
    # La phrase refusée a changé de numéro : son texte la retrouve, comme une phrase sans numéro. L'entretien mis de côté et la
    # machine sont ignorés.
    assert lues.to_numpy().tolist() == [
        ["AB", "termine", "E1", "", "", ""], ["CD", "en_cours", "E2", "", "", ""], ["CD", "refuse", "E2", "p001", "LIEN", ""],
        ["AB", "ne_porte_pas", "E1", "p001", "BUS", "presente"], ["AB", "porte", "E1", "p002", "BUS", "absente"]]


def test_une_lecture_seule_se_dit_en_trois_colonnes(tmp_path: Path) -> None:
    ecrire(tmp_path, "AB,termine,E1", entete="personne,decision,entretien")
    assert lire_codage_humain(tmp_path, PHRASES, ("BUS",)).lectures == {("AB", "E1"): True}


def test_toutes_les_fautes_en_une_fois(tmp_path: Path) -> None:
    ecrire(tmp_path, ",termine,E1,,,,", "AB,fini,E1,,,,", "AB,termine,E7,,,,", "AB,refuse,E1,p007,BUS,,", "AB,refuse,E1,p001,TRAM,,",
           "AB,porte,E1,p001,BUS,peut-être,")
    (tmp_path / "codages.csv").write_text("codeur,entretien,phrase,code\nAB,E1,p001,TRAM\n", encoding="utf-8")
    with pytest.raises(ErreurEtude) as erreur:
        lire_codage_humain(tmp_path, PHRASES, ("BUS",))
    assert [(faute.fichier, faute.ligne, faute.message.split(" «")[0]) for faute in erreur.value.fautes] == [
        ("codages.csv", 2, "code"), ("decisions.csv", 2, "décision sans personne"), ("decisions.csv", 3, "décision"),
        ("decisions.csv", 4, "entretien"), ("decisions.csv", 5, "phrase"), ("decisions.csv", 6, "code"),
        ("decisions.csv", 7, "modalité")]
    assert all(faute.remede for faute in erreur.value.fautes)


def test_qui_a_code_est_tenu_pour_avoir_tout_lu_sauf_s_il_dit_le_contraire(tmp_path: Path) -> None:
    """AB a codé sans rien dire, CD dit n'avoir pas fini, EF n'a fait que refuser, GH a tout lu sans rien poser, IJ a tranché."""
    (tmp_path / "codages.csv").write_text(
        "codeur,entretien,phrase,code\nAB,E1,p001,BUS\nCD,E1,p002,BUS\nmachine:x,E2,p001,BUS\n", encoding="utf-8")
    ecrire(tmp_path, "CD,en_cours,E1,,,,", "EF,refuse,E1,p001,BUS,,", "GH,termine,E1,,,,", "IJ,ne_porte_pas,E1,p001,BUS,,")
    humain = lire_codage_humain(tmp_path, PHRASES, ("BUS",))
    assert humain.lectures == {("AB", "E1"): True, ("CD", "E1"): False, ("EF", "E1"): False, ("GH", "E1"): True}
    assert not humain.vide and humain.lus == {"E1": ["AB", "GH"]}
    # BUS, p001 : une voix sur deux suffirait, mais l'arbitrage l'en retire.
    assert humain.retenir().empty and humain.ecartes.to_numpy().tolist() == [["E1", "p001", "BUS"]]


def test_la_derniere_ligne_l_emporte(tmp_path: Path) -> None:
    ecrire(tmp_path, "AB,en_cours,E1,,,,", "AB,termine,E1,,,,", "AB,termine,E2,,,,", "AB,en_cours,E2,,,,")
    assert lire_codage_humain(tmp_path, PHRASES, ("BUS",)).lectures == {("AB", "E1"): True, ("AB", "E2"): False}


def test_une_etude_que_personne_n_a_codee(tmp_path: Path) -> None:
    assert lire_codage_humain(tmp_path, PHRASES, ("BUS",)).vide
    (tmp_path / "codages.csv").write_text("codeur,entretien,phrase,code\nmachine:x,E2,p001,BUS\n", encoding="utf-8")
    assert lire_codage_humain(tmp_path, PHRASES, ("BUS",)).vide


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=200), st.text(max_size=120).map(lambda suite: f"{ENTETE}\n{suite}".encode())))
def test_un_fichier_quelconque_est_lu_ou_refuse_en_francais(tmp_path: Path, contenu: bytes) -> None:
    (tmp_path / "decisions.csv").write_bytes(contenu)
    try:
        assert lire_decisions(tmp_path, PHRASES, ("BUS",)).empty
    except ErreurEtude as erreur:
        assert all(faute.fichier == "decisions.csv" and faute.message and faute.remede for faute in erreur.fautes)
