"""Écrire et relire un QDPX : aller-retour, schéma, lecteurs indépendants, positions."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyrefiqda.refiproject import RefiProject

from codage.positions import Fins, en_lf, noter_fins, rendre_fins
from codage.projet import Projet
from codage.qdpx import ecrire_qdpx
from codage.qdpx_lecture import lire_qdpx
from corpus.fautes import ErreurEtude
from tests.lecteur_refi import FACONS, passages
from tests.projets_refi import GRILLE, TEXTE, dossier_provisoire, projet, valider

MORCEAUX = st.sampled_from(["\r\n", "\r", "\n", "😀", "e\u0301", "\ufeff", "à", "a", " ", "\u2028", "«", "<&>", "🇫🇷", "\t"])
TEXTES = st.lists(MORCEAUX, min_size=1, max_size=30).map("".join).filter(lambda texte: bool(texte.strip("\ufeff \r\n\t\u2028")))


def lignes(cadre: pd.DataFrame) -> list[list[object]]:
    return sorted(cadre.values.tolist())


def assert_memes(lu: Projet, ecrit: Projet) -> None:
    assert lu.remarques == ()
    assert (lu.titre, lu.grille) == (ecrit.titre, ecrit.grille)
    pd.testing.assert_frame_equal(lu.entretiens, ecrit.entretiens)
    pd.testing.assert_frame_equal(lu.territoires, ecrit.territoires)
    assert lignes(lu.codages) == lignes(ecrit.codages) and lignes(lu.memos) == lignes(ecrit.memos)


@st.composite
def projets(tirer: st.DrawFn) -> Projet:
    texte = tirer(TEXTES)
    # Une position entre CR et LF désigne le même point que celle d'avant : on ne la tire pas.
    places = [p for p in range(len(texte) + 1) if texte[max(0, p - 1):p + 1] != "\r\n"]
    bornes = st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True).map(sorted)
    memo = st.sampled_from(["", "Mémo", "sur\ndeux lignes", "<b>&\r\nx", "😀"])
    date = st.sampled_from(["", "2024-05-01T09:30:00", "2024-05-01T09:30:00Z"])
    auteur = st.sampled_from(["", "AB", "Zoé", "machine:0.1.0"])
    codages = tirer(st.lists(st.tuples(auteur, bornes, st.sampled_from([c.code for c in GRILLE]), st.sampled_from(
        ["", "presente", "absente", "hypothetique"]), memo, date), max_size=6)) if len(places) > 1 else []
    memos = tirer(st.lists(st.tuples(auteur, st.sampled_from(["etude", "entretien", "code", "extrait"]), bornes,
                                     memo.filter(bool), date), max_size=4)) if len(places) > 1 else []
    cibles = {"etude": "", "entretien": "T1-E1", "code": "O01", "extrait": "T1-E1"}
    return projet(texte, [list(ligne) for ligne in dict.fromkeys(
        (c, "T1-E1", d, f, code, modalite, m, date) for c, (d, f), code, modalite, m, date in codages)], [
        [a, objet, cibles[objet], *(bornes if objet == "extrait" else (0, 0)), m, date] for a, objet, bornes, m, date in memos])


@given(projets())
def test_aller_retour_sans_perte(ecrit: Projet) -> None:
    with dossier_provisoire() as dossier:
        ecrire_qdpx(dossier / "a.qdpx", ecrit)
        valider(dossier / "a.qdpx")
        assert_memes(lire_qdpx(dossier / "a.qdpx"), ecrit)


@given(projets())
def test_chaque_logiciel_voit_le_bon_passage(ecrit: Projet) -> None:
    textes, modalites = ecrit.textes(), {m.identifiant: m.intitule for m in GRILLE.modalites}
    attendus = []
    for c in ecrit.codages.to_dict("records"):
        code = GRILLE[c["code"]]
        chemin = [dict((g.identifiant, g.intitule) for g in GRILLE.genres)[code.genre],
                  *(f.intitule for f in GRILLE.familles if f.identifiant == code.famille), f"{code.code} {code.intitule}",
                  *([f"{code.code} · {modalites[c['modalite']]}"] if c["modalite"] else [])]
        memo = c["memo"].replace("\r\n", "\n")
        attendus.append((c["entretien"], c["codeur"], " > ".join(chemin), memo,
                         en_lf(textes[c["entretien"]][c["debut"]:c["fin"]])))
    with dossier_provisoire() as dossier:
        ecrire_qdpx(dossier / "a.qdpx", ecrit)
        marque = textes["T1-E1"].startswith("\ufeff")  # le fichier en porte alors une de plus, qu'ATLAS.ti ôte
        for facon in FACONS if not marque else ["ATLAS.ti : CR LF compte pour un"]:
            vus = [(*v[:3], v[3].replace("\r\n", "\n"), v[4]) for v in passages(dossier / "a.qdpx", facon)]
            assert vus == sorted(attendus), facon


def test_lecteur_independant(tmp_path: Path) -> None:
    """pyrefiqda, engendré depuis le schéma officiel, relit le projet."""
    debut = TEXTE.index("après l'argent")
    ecrit = projet(codages=[["machine:0.1.0", "T1-E1", debut, debut + 14, "O01", "presente", "Confiance 0,80", ""],
                            ["AB", "T1-E1", debut, debut + 14, "O01", "absente", "", "2024-05-01T09:30:00Z"]],
                   memos=[["AB", "entretien", "T1-E1", 0, 0, "À revoir", ""]])
    ecrire_qdpx(tmp_path / "a.qdpx", ecrit)
    lu = RefiProject.load(tmp_path / "a.qdpx", extract_dir=str(tmp_path / "x"))
    assert lu.name == ecrit.titre and [u.name for u in lu.users.user] == ["machine:0.1.0", "AB"]
    source = lu.sources.text_source[0]
    texte = RefiProject.resolve_source_path(source.plain_text_path, tmp_path / "x").read_bytes().decode("utf-8")
    vus = {(next(u.name for u in lu.users.user if u.guid == s.creating_user), s.description or "",
            texte[s.start_position:s.end_position]) for s in source.plain_text_selection}
    assert vus == {("machine:0.1.0", "Confiance 0,80", "après l'argent"), ("AB", "", "après l'argent")}
    assert [(c.name, len(c.source_ref)) for c in lu.cases.case] == [("T1-E1", 1), ("E2", 1), ("T1", 1), ("T2", 1)]
    assert [(n.name, RefiProject.resolve_source_path(n.plain_text_path, tmp_path / "x").read_text(encoding="utf-8"))
            for n in lu.notes.note] == [("Mémo 1 : À revoir", "À revoir")]
    assert source.description == "À revoir"
    genres = lu.code_book.codes.code
    assert [(g.name, g.is_codable, len(g.code)) for g in genres] == [
        ("Conditions de réussite", False, 4), ("Obstacles", False, 14)]


def test_meme_projet_memes_octets(tmp_path: Path) -> None:
    for nom in ("a", "b"):
        ecrire_qdpx(tmp_path / nom, projet(codages=[["AB", "T1-E1", 0, 5, "O01", "", "", ""]]))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_projet_incoherent_toutes_les_fautes(tmp_path: Path) -> None:
    faux = projet(codages=[["AB", "E9", 0, 5, "O01", "", "", ""], ["AB", "E2", 0, 99, "X1", "peut-être", "", "hier"]],
                  memos=[["AB", "phrase", "", 0, 0, "x", ""]])
    with pytest.raises(ErreurEtude) as erreur:
        ecrire_qdpx(tmp_path / "a.qdpx", faux)
    messages = " | ".join(faute.message for faute in erreur.value.fautes)
    for attendu in ("entretien « E9 » inconnu", "passage 0–99 hors", "date « hier »", "code « X1 »", "modalité « peut-être »",
                    "objet « phrase »"):
        assert attendu in messages
    assert list(tmp_path.iterdir()) == []


@given(st.lists(MORCEAUX, max_size=40).map("".join))
def test_fins_de_ligne_rendues(texte: str) -> None:
    assert rendre_fins(en_lf(texte), noter_fins(texte)) == texte
    fins = Fins.de(texte)
    for place in range(len(texte) + 1):
        assert fins.vers_lf(place) == len(en_lf(texte[:place])) - (texte[max(0, place - 1):place + 1] == "\r\n")
        if texte[max(0, place - 1):place + 1] != "\r\n":
            assert fins.depuis_lf(fins.vers_lf(place)) == place


def test_note_qui_ne_va_plus_au_texte() -> None:
    assert rendre_fins("a\nb\nc", "CRLF ×1, LF ×5") == "a\nb\nc"
    assert rendre_fins("a\nb", "n'importe quoi") == "a\nb"


def test_projet_sans_code(tmp_path: Path) -> None:
    ecrit = dataclasses.replace(projet(), grille=None)
    ecrire_qdpx(tmp_path / "a.qdpx", ecrit)
    valider(tmp_path / "a.qdpx")
    assert_memes(lire_qdpx(tmp_path / "a.qdpx"), ecrit)
