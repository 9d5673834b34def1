"""Essais de `corpus.roles` à travers `reperer_tours` : qui enquête, ce qui est imposé, ce qui est dit."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from paroles_d_essai import ALTERNES, PAROLES, QUESTIONS, REPONSES, entretien

from bancs.roles import REECRITURES, Attendu, Compte, mesurer
from corpus.etiquettes import cle, forme, nom_et_fonction, role_annonce
from corpus.locuteurs import reperer_tours

DEMONSTRATION = Path(__file__).parents[1] / "corpus" / "demonstration"


def test_l_enquete_ouvre_et_demande() -> None:
    texte = "AB : Vous prenez un café ?\n\nCD : Volontiers, merci.\n\n" + entretien("CD : ", "AB : ")
    assert {tour.locuteur: tour.role for tour in reperer_tours(texte).tours} == {
        "AB": "enquete",
        "CD": "enqueteur",
    }


def test_enquete_laconique() -> None:
    reponses = ["Oui.", "Trois ans.", "Bof.", "Non, rien.", "Ma sœur.", "À pied."]
    texte = "".join(f"ML : {q}\n\nBC : {r}\n\n" for q, r in zip(QUESTIONS[:3] * 2, reponses, strict=True))
    assert {tour.locuteur: tour.role for tour in reperer_tours(texte).tours} == {
        "ML": "enqueteur",
        "BC": "enquete",
    }
    nus = "".join(f"{q}\n\n{r}\n\n" for q, r in zip(QUESTIONS[:3] * 2, reponses, strict=True))
    assert [tour.role for tour in reperer_tours(nus).tours] == ["enqueteur", "enquete"] * 6


@pytest.mark.parametrize(
    "noms",
    [
        ("INT", "E1", "E2"),
        ("Animatrice", "Fatou", "Marc"),
        ("SPEAKER_02", "SPEAKER_00", "SPEAKER_01"),
        ("ML", "AB", "CD"),
    ],
)
def test_entretien_collectif(noms: tuple[str, str, str]) -> None:
    meneur, un, deux = noms
    texte = ""
    for question, reponse in zip(QUESTIONS, REPONSES, strict=True):
        texte += f"{meneur} : {question}\n\n{un} : {reponse}\n\n"
        texte += f"{deux} : Moi pareil, je dirais la même chose qu'elle.\n\n"
    tours = reperer_tours(texte).tours
    assert [tour.locuteur for tour in tours] == list(noms) * 4
    assert [tour.role for tour in tours] == ["enqueteur", "enquete", "enquete"] * 4


def test_deux_enqueteurs() -> None:
    texte = ""
    for rang, (question, reponse) in enumerate(zip(QUESTIONS * 2, REPONSES * 2, strict=True)):
        texte += f"{('ML', 'PG')[rang % 2]} : {question}\n\nBC : {reponse}\n\n"
    roles = {tour.locuteur: tour.role for tour in reperer_tours(texte).tours}
    assert roles == {"ML": "enqueteur", "PG": "enqueteur", "BC": "enquete"}


def test_monologue() -> None:
    recit = "\n\n".join(REPONSES)
    (tour,) = reperer_tours(recit).tours
    assert (tour.texte, tour.role) == (recit, "enquete")
    (tour,) = reperer_tours("Nathalie : " + recit).tours
    assert (tour.texte, tour.role, tour.locuteur) == (recit, "enquete", "Nathalie")
    (tour,) = reperer_tours(" ".join(REPONSES)).tours
    assert tour.role == "enquete"


def test_etude_toml_l_emporte() -> None:
    texte = entretien("Enquêtrice : ", "Bénédicte : ")
    roles = {
        t.locuteur: t.role
        for t in reperer_tours(texte, enqueteurs=["BENEDICTE"], enquetes=["enquetrice"]).tours
    }
    assert roles == {"Enquêtrice": "enquete", "Bénédicte": "enqueteur"}
    impose = entretien("Claire : ", "Nathalie : ").replace(REPONSES[0], "Oui.\n\nBilan : on attend.")
    tours = reperer_tours(impose, enqueteurs=["bilan"]).tours
    assert [(t.locuteur, t.texte) for t in tours if t.locuteur == "Bilan"] == [("Bilan", "on attend.")]
    assert {t.locuteur: t.role for t in tours}["Nathalie"] == "enquete"


def test_suppositions() -> None:
    assert reperer_tours(entretien("Enquêtrice : ", "Enquêtée : ")).suppositions == ()
    assert reperer_tours(entretien("Q : ", "R : ")).suppositions == ()
    phrases = reperer_tours(entretien("ML : ", "BC : ")).suppositions
    assert len(phrases) == 2
    assert "« ML »" in phrases[0] and "4 de ses 4 tours" in phrases[0] and "enquêteur" in phrases[0]
    assert "tiret" in reperer_tours(entretien("— ", "— ")).suppositions[0]
    assert "Aucune indication" in reperer_tours(entretien("", "")).suppositions[0]


def test_vocabulaire() -> None:
    assert role_annonce("Intervieweuse") == ("enqueteur", True)
    assert role_annonce("Enquêté n° 2") == ("enquete", True)
    assert role_annonce("Sociologue") == ("enqueteur", False)
    assert role_annonce("E") == (None, False) == role_annonce("Nathalie")
    assert cle("  Enquêté(e)  :") == "enquete"
    assert nom_et_fonction("Ana Ruiz, directrice") == ("Ana Ruiz", "directrice")
    formes = {
        "Claire": "nom",
        "M. de La Tour": "nom",
        "JPM": "sigle",
        "E2": "parlante",
        "SPEAKER_03": "generique",
    }
    assert {nom: forme(nom) for nom in formes} == formes
    for phrase in ("Il m'a dit", "Exemple", "Rires", "Les horaires c'est simple et moi", "12"):
        assert forme(phrase) in {"", "autre"}


def test_roles_de_la_demonstration() -> None:
    territoires, _ = mesurer(DEMONSTRATION, reecritures=False)
    assert len(territoires) == 11
    for compte in territoires.values():
        assert compte.justes >= 0.99 * compte.attendus and compte.en_trop <= 0.01 * compte.attendus


def test_le_banc_compte_juste() -> None:
    compte = Compte()
    texte = "Q : Ça va ?\n\nR : Oui."
    compte.ajouter(
        texte,
        0,
        [Attendu(4, "", "enqueteur", ""), Attendu(17, "", "enqueteur", ""), Attendu(9, "", "enquete", "")],
    )
    assert (compte.attendus, compte.retrouves, compte.justes, compte.en_trop) == (3, 2, 1, 0)
    assert len(REECRITURES) > 20


@pytest.mark.parametrize("nom", list(REECRITURES))
def test_les_reecritures_portent_la_parole_de_reference(nom: str) -> None:
    """Le banc ne vaut que si ses places de référence sont justes."""
    paroles = [Attendu(0, role, role, parole) for role, parole in zip(ALTERNES, PAROLES, strict=True)]
    texte, places = REECRITURES[nom](paroles, random.Random(nom))
    assert [texte[place.debut : place.debut + len(place.texte)] for place in places] == [
        p.texte for p in places
    ]
    rendus = {tour.debut: tour.role for tour in reperer_tours(texte).tours}
    assert [rendus.get(place.debut) for place in places] == ALTERNES


@pytest.mark.parametrize(("question", "reponse"), [
    ("ENQ : ", "INT : "), ("INT : ", "ENQ : "), ("Enq. : ", "Int. : "), ("INT : ", "E : "), ("E : ", "INT : "),
    ("Martin, Claire : ", "Martin, Paul : "),
])
def test_l_usage_l_emporte_sur_une_etiquette_ambigue(question: str, reponse: str) -> None:
    """« INT » est l'intervieweur ou l'interviewé ; deux homonymes restent deux locuteurs."""
    tours = reperer_tours(entretien(question, reponse)).tours
    assert [tour.role for tour in tours] == ALTERNES
    assert len({tour.locuteur for tour in tours}) == 2
