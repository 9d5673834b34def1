"""Concordances : positions exactes, contextes, options de recherche, tris."""

from __future__ import annotations

import re
import unicodedata

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.entretien import Role, Tour
from corpus.phrases import tableau_phrases
from modeles.concordances import COLONNES, concordances, trier

TEXTE = (
    "La garde d’enfants, c'est dur. On a une crèche à Courlay.  Et les enfants attendent.\n"
    "Et la garde d'enfants le soir ?\n"
    "Le soir ? Rien. Un Œuf de Pâques à la CRÈCHE."
)


def _table(texte: str = TEXTE, entretien: str = "e1") -> pd.DataFrame:
    """Une ligne par tour ; le deuxième est de l'enquêteur."""
    tours = []
    for rang, trouve in enumerate(re.finditer(r"[^\n]+", texte), start=1):
        role: Role = "enqueteur" if rang == 2 else "enquete"
        dit = trouve[0].strip()
        debut = texte.index(dit, trouve.start()) if dit else trouve.start()
        tours.append(Tour(rang, "", role, debut, debut + len(dit), "", dit))
    return tableau_phrases(entretien, tours)


def _pivots(motif: str, texte: str = TEXTE, **options: bool) -> list[str]:
    return concordances(_table(texte), motif, **options)["pivot"].tolist()  # type: ignore[arg-type]


def test_exemple_a_la_main() -> None:
    table = concordances(_table(), "crèche", contexte=3)
    assert tuple(table.columns) == COLONNES
    assert table.drop(columns=["debut", "fin"]).to_numpy().tolist() == [
        ["e1", "p002", "On a une ", "crèche", " à Courlay. Et"],
        ["e1", "p006", "Pâques à la ", "CRÈCHE", "."],
    ]
    assert [TEXTE[d:f] for d, f in zip(table["debut"], table["fin"], strict=True)] == ["crèche", "CRÈCHE"]


def test_le_contexte_reste_chez_le_meme_locuteur() -> None:
    table = concordances(_table(), "attendent", contexte=50)
    assert table["gauche"].tolist() == [
        "La garde d’enfants, c'est dur. On a une crèche à Courlay. Et les enfants "
    ]
    assert table["droite"].tolist() == ["."]
    assert concordances(_table(), "rien", contexte=0)[["gauche", "droite"]].to_numpy().tolist() == [["", ""]]


def test_les_questions_ne_se_cherchent_que_sur_demande() -> None:
    assert len(concordances(_table(), "garde d'enfants")) == 1
    partout = concordances(_table(), "garde d'enfants", roles=("enquete", "enqueteur"))
    assert partout["pivot"].tolist() == ["garde d’enfants", "garde d'enfants"]
    assert partout["phrase"].tolist() == ["p001", ""]


@pytest.mark.parametrize(
    ("motif", "options", "pivots"),
    [
        ("creche", {}, ["crèche", "CRÈCHE"]),
        ("creche", {"respecter_accents": True}, []),
        ("crèche", {"respecter_accents": True}, ["crèche", "CRÈCHE"]),
        ("crèche", {"respecter_casse": True}, ["crèche"]),
        ("Creche", {"respecter_casse": True}, []),
        ("enfant", {}, []),
        ("enfant*", {}, ["enfants", "enfants"]),
        ("*f*", {}, ["enfants", "enfants", "Œuf"]),
        ("oeuf", {}, ["Œuf"]),
        ("oeuf", {"respecter_accents": True}, []),
        ("courlay. et", {}, []),
        ("a  une", {}, ["a une"]),
        ("d'enfants", {}, ["d’enfants"]),
        (r"cr[eé]che|enfants?\b", {"regex": True}, ["enfants", "crèche", "enfants", "CRÈCHE"]),
        (r"(\w)\1", {"regex": True}, ["tt"]),
        (r"x*", {"regex": True}, []),
        (r"\bR\w+", {"regex": True, "respecter_casse": True}, ["Rien"]),
    ],
)
def test_options_de_recherche(motif: str, options: dict[str, bool], pivots: list[str]) -> None:
    assert _pivots(motif, **options) == pivots


def test_accents_ecrits_en_deux_caracteres() -> None:
    deux = unicodedata.normalize("NFD", TEXTE)
    assert len(deux) > len(TEXTE)
    for options in ({}, {"respecter_accents": True}):
        table = concordances(_table(deux), "crèche", **options)
        assert [unicodedata.normalize("NFC", p) for p in table["pivot"]] == ["crèche", "CRÈCHE"]
        assert [deux[d:f] for d, f in zip(table["debut"], table["fin"], strict=True)] == table["pivot"].tolist()
    # L'accent qui finit un emploi en fait partie, et ne se trouve pas une seconde fois.
    assert _pivots(".", "x\u0302y", regex=True, respecter_accents=True) == ["x\u0302", "y"]
    ete = unicodedata.normalize("NFD", "été")
    assert _pivots("été", f"En {ete}.") == _pivots("ete", f"En {ete}.") == [ete]


@pytest.mark.parametrize(
    ("motif", "regex", "message"),
    [
        ("", False, "le motif est vide"),
        ("  ", True, "le motif est vide"),
        (" * ", False, "n'importe quel mot"),
        ("(crèche", True, r"« \(crèche » n'est pas une expression régulière valide, au caractère 1"),
        ("[", True, "expression régulière"),
        ("a{99999999999}", True, "expression régulière"),
    ],
)
def test_motif_fautif_refuse(motif: str, regex: bool, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        concordances(_table(), motif, regex=regex)


def test_autres_entrees_fautives_refusees() -> None:
    with pytest.raises(ValueError, match="nombre de mots"):
        concordances(_table(), "crèche", contexte=-1)
    with pytest.raises(ValueError, match="sans les colonnes : tour"):
        concordances(_table().drop(columns="tour"), "crèche")
    with pytest.raises(ValueError, match="on trie selon"):
        trier(concordances(_table(), "crèche"), "code")  # type: ignore[arg-type]


def test_aucun_emploi_garde_les_colonnes() -> None:
    vide = concordances(_table(), "introuvable")
    assert vide.empty
    assert tuple(vide.columns) == COLONNES
    assert vide["debut"].dtype == "int64"
    assert trier(vide, "gauche").empty


def test_tris() -> None:
    textes = ["Le bus du soir passe.", "Un bus à vide.", "Ce bus, enfin !", "Élu : bus bondé."]
    tables = [_table(texte, f"e{rang}") for rang, texte in enumerate(textes)]
    table = concordances(pd.concat(tables, ignore_index=True), "bus")
    for selon, ordre in (("gauche", "e2 e3 e0 e1"), ("droite", "e1 e3 e0 e2"), ("texte", "e0 e1 e2 e3")):
        range_ = trier(table, selon)  # type: ignore[arg-type]
        assert range_["entretien"].tolist() == ordre.split()
        assert range_.index.tolist() == [0, 1, 2, 3]
    # À gauche, le mot le plus proche du pivot compte d'abord.
    deux = pd.concat([_table("Un vieux bus.", "a"), _table("Zut, ce bus.", "b")], ignore_index=True)
    assert trier(concordances(deux, "bus"), "gauche")["entretien"].tolist() == ["b", "a"]


_SIGNES = st.sampled_from([*"aàébœ ", "e\u0301", "x\u0302", " ", "\n", ".", "’", "-", "𝄞", "ß"])
_TEXTES = st.lists(_SIGNES, max_size=60).map("".join)


@given(_TEXTES, st.sampled_from(["a", "e", "b*", "oe", "œ", "é a", "a’b", "[ae]+", ".", r"\S+", "ss|𝄞"]),
       st.booleans(), st.booleans(), st.booleans())  # fmt: skip
def test_chaque_emploi_se_retrouve_dans_le_texte(
    texte: str, motif: str, regex: bool, casse: bool, accents: bool
) -> None:
    table = concordances(
        _table(texte), motif, 3, regex=regex, respecter_casse=casse, respecter_accents=accents
    )
    plat = " ".join(texte.split())
    for ligne in table.itertuples():
        assert texte[ligne.debut : ligne.fin] == ligne.pivot
        assert " ".join(f"{ligne.gauche}{ligne.pivot}{ligne.droite}".split()) in plat
    suivants = table["debut"].to_numpy()[1:]
    assert (table["fin"].to_numpy()[:-1] <= suivants).all()


@given(st.lists(st.sampled_from(["bus", "Bus", "bûs", "busé", "abus", "l'bus", "crèche"]), max_size=20))
def test_les_mots_entiers_egalent_un_comptage_naif(mots: list[str]) -> None:
    texte = " ".join(mots)
    attendu = sum(mot in ("bus", "Bus", "bûs", "l'bus") for mot in mots)
    assert len(concordances(_table(texte), "BUS")) == attendu
    assert len(concordances(_table(texte), "bus", respecter_casse=True, respecter_accents=True)) == sum(
        mot in ("bus", "l'bus") for mot in mots
    )
