"""Essais du regroupement des phrases en segments."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.entretien import Role, Tour
from corpus.phrases import tableau_phrases
from corpus.segments import COLONNES, segmenter


def table(*tours: tuple[Role, list[int]], entretien: str = "X") -> pd.DataFrame:
    """Table des phrases de tours donnés par leur rôle et la taille, en mots, de chaque phrase."""
    position = 0
    parole = []
    for rang, (role, tailles) in enumerate(tours, start=1):
        texte = " ".join("Mot" + " mot" * (taille - 1) + "." for taille in tailles)
        parole.append(Tour(rang, "", role, position, position + len(texte), "", texte))
        position += len(texte) + 10
    return tableau_phrases(entretien, parole)


def groupes(segments: pd.DataFrame) -> list[list[str]]:
    return [list(identifiants) for identifiants in segments["phrases"]]


def test_un_tour_se_partage_en_parts_egales() -> None:
    # 80 mots, segments de 40 : deux parts ; la 4e phrase a son milieu à 35 mots, la 5e à 45.
    segments = segmenter(table(("enquete", [10] * 8)), mots=40)
    assert groupes(segments) == [["p001", "p002", "p003", "p004"], ["p005", "p006", "p007", "p008"]]
    assert segments["segment"].tolist() == ["s001", "s002"]


def test_le_nombre_de_parts_est_l_entier_le_plus_proche() -> None:
    assert len(segmenter(table(("enquete", [10] * 5)), mots=40)) == 1  # 50 / 40 = 1,25
    assert len(segmenter(table(("enquete", [10] * 6)), mots=40)) == 2  # 60 / 40 = 1,5
    assert len(segmenter(table(("enquete", [3])), mots=40)) == 1


def test_une_phrase_longue_n_est_pas_coupee() -> None:
    segments = segmenter(table(("enquete", [5, 58, 5])), mots=20)
    assert groupes(segments) == [["p001"], ["p002"], ["p003"]]


def test_un_tour_court_rejoint_le_tour_d_enquete_suivant() -> None:
    questions: tuple[Role, list[int]] = ("enqueteur", [6])
    phrases = table(("enquete", [2]), questions, ("enquete", [3]), questions, ("enquete", [12]))
    segments = segmenter(phrases)
    assert groupes(segments) == [["p001", "p002", "p003"]]
    premiere, derniere = phrases.iloc[0], phrases.iloc[-1]
    assert (segments["debut"].iloc[0], segments["fin"].iloc[0]) == (premiere["debut"], derniere["fin"])
    enquete = phrases[phrases["role"] == "enquete"]
    assert segments["texte"].iloc[0] == " ".join(enquete["texte"])


def test_dix_mots_suffisent_a_faire_un_tour() -> None:
    dix = table(("enquete", [10]), ("enqueteur", [5]), ("enquete", [10]))
    neuf = table(("enquete", [9]), ("enqueteur", [5]), ("enquete", [10]))
    assert groupes(segmenter(dix)) == [["p001"], ["p002"]]
    assert groupes(segmenter(neuf)) == [["p001", "p002"]]


def test_un_tour_court_en_fin_d_entretien_reste_seul() -> None:
    phrases = table(("enquete", [20]), ("enqueteur", [5]), ("enquete", [2]))
    assert groupes(segmenter(phrases)) == [["p001"], ["p002"]]


def test_les_entretiens_ne_se_melangent_pas() -> None:
    phrases = pd.concat(
        [table(("enquete", [3]), entretien="A"), table(("enquete", [3]), entretien="B")], ignore_index=True
    )
    segments = segmenter(phrases)
    assert segments[["entretien", "segment"]].values.tolist() == [["A", "s001"], ["B", "s001"]]


@pytest.mark.parametrize("phrases", [table(), table(("enqueteur", [5]))])
def test_sans_enquete_table_vide_bien_typee(phrases: pd.DataFrame) -> None:
    vide = segmenter(phrases)
    pleine = segmenter(table(("enquete", [5])))
    assert tuple(vide.columns) == COLONNES
    assert len(vide) == 0
    assert vide.dtypes.tolist() == pleine.dtypes.tolist()


def test_entrees_fausses() -> None:
    with pytest.raises(ValueError, match="au moins 1"):
        segmenter(table(("enquete", [5])), mots=0)
    with pytest.raises(ValueError, match="colonnes : tour"):
        segmenter(table(("enquete", [5])).drop(columns="tour"))


TAILLES = st.lists(st.integers(1, 50), min_size=1, max_size=8)
ROLES: list[Role] = ["enquete", "enqueteur"]
TOURS = st.lists(st.tuples(st.sampled_from(ROLES), TAILLES), max_size=10)


@given(TOURS, st.integers(1, 60))
@settings(max_examples=60, deadline=None)
def test_chaque_phrase_d_enquete_est_dans_un_segment_et_un_seul(
    tours: list[tuple[Role, list[int]]], mots: int
) -> None:
    phrases = table(*tours)
    segments = segmenter(phrases, mots)
    rangees = [identifiant for groupe in groupes(segments) for identifiant in groupe]
    assert rangees == [identifiant for identifiant in phrases["phrase"] if identifiant]
    assert all(groupes(segments))
    assert (segments["debut"] < segments["fin"]).all()
    assert (segments["fin"].iloc[:-1].to_numpy() < segments["debut"].iloc[1:].to_numpy()).all()
    longues = [taille for role, tailles in tours if role == "enquete" for taille in tailles]
    plafond = 1.5 * mots + max(longues, default=0)
    assert all(len(texte.split()) <= plafond for texte in segments["texte"])
