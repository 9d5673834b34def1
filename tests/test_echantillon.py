"""Lire l'échantillon codé à la main."""

from __future__ import annotations

import csv
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.codages import MODALITES
from corpus.decisions import CodageHumain
from corpus.echantillon import COLONNES, lire_echantillon, presenter, reunir_codages
from corpus.fautes import ErreurEtude

PHRASES = pd.DataFrame(
    [("E1", "", "enqueteur", "Et le bus ?"), ("E1", "p001", "enquete", "Il ne passe plus."), ("E1", "p002", "enquete", "Voilà."),
     ("E2", "p001", "enquete", "On s'entend bien.")], columns=["entretien", "phrase", "role", "texte"])
TIREES = PHRASES[PHRASES["role"] == "enquete"]
CODES = ("BUS", "C1.1")


def ecrire(dossier: Path, lignes: list[tuple[str, ...]], separateur: str = ",", encodage: str = "utf-8") -> Path:
    with open(dossier / "echantillon.csv", "w", encoding=encodage, newline="") as fichier:
        csv.writer(fichier, delimiter=separateur).writerows([("entretien", "phrase", "texte", "codes"), *lignes])
    return dossier


def test_presenter_le_tableau_a_remplir() -> None:
    tirees = pd.DataFrame([("E2", "p001", "T2", "x", 0.5), ("E1", "p001", "T1", "x", 0.1)],
                          columns=["entretien", "phrase", "territoire", "strate", "probabilite"])
    tableau = presenter(tirees, PHRASES)
    assert tuple(tableau.columns) == COLONNES
    assert tableau.to_numpy().tolist() == [
        ["E1", "p001", "T1", "x", 0.1, "Et le bus ?", "Il ne passe plus.", "Voilà.", ""],
        ["E2", "p001", "T2", "x", 0.5, "", "On s'entend bien.", "", ""]]


@pytest.mark.parametrize(("separateur", "encodage"), [(",", "utf-8"), (";", "cp1252")])
def test_echantillon_lu(tmp_path: Path, separateur: str, encodage: str) -> None:
    lu = lire_echantillon(ecrire(tmp_path, [
        ("E2", "p001", "on s'entend bien", "c1.1 Présente ; bus ; BUS"), ("E1", "p002", "", "Aucun"),
        ("E1", "p001", "Il ne passe plus.", "BUS  absente")], separateur, encodage), TIREES, CODES)
    assert not lu.vide
    assert lu.codages.to_numpy().tolist() == [["E2", "p001", "C1.1", "presente"], ["E2", "p001", "BUS", ""],
                                              ["E1", "p001", "BUS", "absente"]]


def test_personne_n_a_code(tmp_path: Path) -> None:
    ecrire(tmp_path, [(*cle, "", "") for cle in zip(TIREES["entretien"], TIREES["phrase"], strict=True)])
    lu = lire_echantillon(tmp_path, TIREES, CODES)
    assert lu.vide and not len(lu.codages)


def test_toutes_les_fautes_en_une_fois(tmp_path: Path) -> None:
    ecrire(tmp_path, [("E1", "p001", "Voilà.", "aucun"), ("E1", "p001", "", "BUS"), ("E1", "p009", "", "aucun"),
                      ("E2", "p001", "", "TRAM ; BUS parfois ; aucun"), ("E1", "p002", "", "")])
    with pytest.raises(ErreurEtude) as erreur:
        lire_echantillon(tmp_path, TIREES, CODES)
    assert [(faute.ligne, faute.message) for faute in erreur.value.fautes] == [
        (2, "le texte de la phrase « p001 » de « E1 » n'est pas celui qui a été tiré"),
        (3, "la phrase « p001 » de « E1 » est déjà plus haut"), (4, "la phrase « p009 » de « E1 » n'a pas été tirée"),
        (5, "code « TRAM » absent de la grille"), (5, "modalité « parfois » inconnue"),
        (5, "code « aucun » absent de la grille"), (6, "phrases non codées : 1")]
    assert all(faute.fichier == "echantillon.csv" and faute.remede for faute in erreur.value.fautes)
    ecrire(tmp_path, [("E1", "p001", "", "aucun")])
    with pytest.raises(ErreurEtude, match=r"il manque 2 des 3 phrases tirées \(E1 p002, E2 p001\)"):
        lire_echantillon(tmp_path, TIREES, CODES)
    (tmp_path / "echantillon.csv").unlink()
    with pytest.raises(ErreurEtude, match="n'est plus là"):
        lire_echantillon(tmp_path, TIREES, CODES)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.tuples(st.sampled_from(CODES), st.sampled_from(("", *MODALITES))), max_size=4, unique=True),
                min_size=3, max_size=3), st.sampled_from(["; ", ",", " | ", "\n"]))
def test_ce_qu_on_ecrit_se_relit(tmp_path: Path, poses: list[list[tuple[str, str]]], separateur: str) -> None:
    cles = list(zip(TIREES["entretien"], TIREES["phrase"], strict=True))
    ecrire(tmp_path, [(*cle, "", separateur.join(" ".join(pose) for pose in siennes) or "aucun")
                      for cle, siennes in zip(cles, poses, strict=True)])
    lus = lire_echantillon(tmp_path, TIREES, CODES).codages
    assert [tuple(ligne) for ligne in lus.to_numpy()] == [(*cle, *pose) for cle, siennes in zip(cles, poses, strict=True)
                                                          for pose in siennes]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.text(max_size=200), st.text(max_size=120).map(lambda suite: "entretien,phrase,codes\n" + suite)))
def test_un_fichier_quelconque_est_lu_ou_refuse_en_francais(tmp_path: Path, contenu: str) -> None:
    (tmp_path / "echantillon.csv").write_text(contenu, encoding="utf-8", errors="replace")
    with pytest.raises(ErreurEtude):
        lire_echantillon(tmp_path, TIREES, CODES)


def test_reunir_a_la_moitie_des_codeurs() -> None:
    """E1 : deux codeurs, d'accord sur le code et non sur la modalité ; un code posé par un seul sur deux reste."""
    codages = pd.DataFrame([("A", "E1", "p001", "BUS", "absente"), ("B", "E1", "p001", "BUS", "presente"),
                            ("C", "E1", "p001", "BUS", "absente"), ("C", "E1", "p002", "C1.1", ""),
                            ("A", "E2", "p001", "C1.1", "presente"), ("A", "E9", "p001", "BUS", "")],
                           columns=["codeur", "entretien", "phrase", "code", "modalite"])
    def reunis(poses: pd.DataFrame, *decisions: tuple[str, ...]) -> set[tuple[str, ...]]:
        dites = pd.DataFrame([(*dite, *[""] * (6 - len(dite))) for dite in decisions], dtype=str,
                             columns=["personne", "decision", "entretien", "phrase", "code", "modalite"])
        return {tuple(ligne) for ligne in reunir_codages(CodageHumain(poses, dites), TIREES).to_numpy()}

    assert reunis(codages) == {
        ("E1", "p001", "BUS", "absente"), ("E2", "p001", "C1.1", "presente")}
    with pytest.raises(ErreurEtude, match=r"que personne n'a codés en entier : 1 \(E2\)"):
        reunis(codages[codages["entretien"] != "E2"])
    with pytest.raises(ErreurEtude, match=r"que personne n'a codés en entier : 1 \(E2\)"):
        reunis(codages, ("A", "en_cours", "E2"))
    # D a lu E1 et E2 sans rien y poser : une voix sur quatre ne suffit plus, une sur deux suffit.
    assert reunis(codages, ("D", "termine", "E1"), ("D", "termine", "E2")) == {
        ("E1", "p001", "BUS", "absente"), ("E2", "p001", "C1.1", "presente")}
    # Un arbitrage donne C1.1 à p002 de E1 et retire BUS de p001.
    assert reunis(codages, ("A", "porte", "E1", "p002", "C1.1"), ("A", "ne_porte_pas", "E1", "p001", "BUS")) == {
        ("E1", "p002", "C1.1", "presente"), ("E2", "p001", "C1.1", "presente")}
