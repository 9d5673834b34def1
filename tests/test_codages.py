"""Lire les codages d'une étude."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.codages import COLONNES, lire_codages
from corpus.fautes import ErreurEtude

PHRASES = pd.DataFrame(
    [("E1", "", "enqueteur", "Et le bus ?"), ("E1", "p001", "enquete", "Il ne passe plus."),
     ("E1", "p002", "enquete", "Voilà."), ("E2", "p001", "enquete", "On s'entend bien.")],
    columns=["entretien", "phrase", "role", "texte"])


def ecrire(dossier: Path, *lignes: str, entete: str = "codeur,entretien,phrase,code,modalite,texte") -> Path:
    (dossier / "codages.csv").write_text("\n".join([entete, *lignes]) + "\n", encoding="utf-8")
    return dossier


def test_codages_lus(tmp_path: Path) -> None:
    lus = lire_codages(ecrire(
        tmp_path, "AB,E1,p001,BUS,presente,Il ne passe plus.", "AB,E1,p001,BUS,presente,Il ne passe plus.",
        "CD,E2,p009,LIEN,,on s'entend bien", "machine:x,E1,p002,BUS,presente,Voilà."), PHRASES, ("BUS", "LIEN"))
    assert list(lus.table.columns) == list(COLONNES) and lus.machine == 1
    # Le second a changé de numéro : son texte le retrouve.
    assert lus.table.to_numpy().tolist() == [["AB", "E1", "p001", "BUS", "presente"], ["CD", "E2", "p001", "LIEN", ""]]


def test_une_phrase_coupee_ailleurs_se_retrouve_a_sa_place(tmp_path: Path) -> None:
    """Un autre outil a réuni deux phrases, ou en a coupé une : la place les rend, si le texte s'y recoupe."""
    phrases = PHRASES.assign(debut=[0, 13, 31, 0], fin=[12, 30, 37, 16])
    entete = "codeur,entretien,phrase,debut,fin,code,modalite,texte"
    lus = lire_codages(ecrire(tmp_path, "AB,E1,p009,13,37,BUS,,Il ne passe plus. Voilà.", "CD,E1,p009,16,30,BUS,,ne passe plus.",
                              entete=entete), phrases, ("BUS",))
    assert lus.table["phrase"].tolist() == ["p001", "p001"]
    for fautive in ("AB,E1,p009,13,30,BUS,,Un tout autre texte.", "AB,E1,p009,200,230,BUS,,Il ne passe plus. Voilà.",
                    "AB,E1,p009,13,,BUS,,Il ne passe plus. Voilà.", "AB,E1,p009,13,x,BUS,,Il ne passe plus. Voilà.",
                    "AB,E3,p009,13,30,BUS,,Il ne passe plus. Voilà."):
        with pytest.raises(ErreurEtude, match="introuvable"):
            lire_codages(ecrire(tmp_path, fautive, entete=entete), phrases, ("BUS",))


def test_un_texte_repete_se_retrouve_a_sa_place_sinon_a_son_numero(tmp_path: Path) -> None:
    phrases = pd.DataFrame([("E1", f"p{rang:03d}", "enquete", texte, 10 * rang, 10 * rang + 4) for rang, texte in enumerate(
        ("Oui.", "Non.", "Oui.", "Oui."), 1)], columns=["entretien", "phrase", "role", "texte", "debut", "fin"])
    entete = "codeur,entretien,phrase,debut,fin,code,modalite,texte"
    lus = lire_codages(ecrire(tmp_path, "AB,E1,p003,10,14,BUS,,Oui.", "AB,E1,p001,30,34,BUS,,Oui.", "CD,E1,p004,,,BUS,,Oui.",
                              "CD,E1,p009,20,24,BUS,,Non.", entete=entete), phrases, ("BUS",))
    assert lus.table["phrase"].tolist() == ["p001", "p003", "p004", "p002"]
    with pytest.raises(ErreurEtude, match="introuvable"):  # laquelle ?
        lire_codages(ecrire(tmp_path, "AB,E1,p009,,,BUS,,Oui.", entete=entete), phrases, ("BUS",))


def test_toutes_les_fautes_en_une_fois(tmp_path: Path) -> None:
    ecrire(tmp_path, ",E1,p001,BUS,presente,", "AB,E1,p001,TRAM,presente,", "AB,E1,p001,BUS,peut-être,",
           "AB,E1,p007,BUS,presente,", "AB,E1,p002,BUS,presente,Un autre texte.")
    with pytest.raises(ErreurEtude) as erreur:
        lire_codages(tmp_path, PHRASES, ("BUS",))
    assert [(faute.ligne, faute.message.split(" «")[0]) for faute in erreur.value.fautes] == [
        (2, "codage sans codeur"), (3, "code"), (4, "modalité"), (5, "phrase"), (6, "phrase")]
    assert all(faute.fichier == "codages.csv" and faute.remede for faute in erreur.value.fautes)


def test_sans_codage_humain(tmp_path: Path) -> None:
    with pytest.raises(ErreurEtude, match="aucun codage dans cette étude"):
        lire_codages(tmp_path, PHRASES, ("BUS",))
    with pytest.raises(ErreurEtude, match="aucun codage posé par une personne"):
        lire_codages(ecrire(tmp_path, "machine:x,E1,p001,BUS,presente,"), PHRASES, ("BUS",))
    with pytest.raises(ErreurEtude, match="colonne « code » absente"):
        lire_codages(ecrire(tmp_path, "AB,E1,p001", entete="codeur,entretien,phrase"), PHRASES, ("BUS",))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(max_size=200))
def test_un_fichier_quelconque_est_lu_ou_refuse_en_francais(tmp_path: Path, contenu: str) -> None:
    (tmp_path / "codages.csv").write_text(contenu, encoding="utf-8", errors="replace")
    with pytest.raises(ErreurEtude):
        lire_codages(tmp_path, PHRASES, ("BUS",))
