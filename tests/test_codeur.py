"""Le codeur lexical : apprentissage et suite des phrases."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from corpus.references import DEMONSTRATION
from modeles.codeur import CodeurLexical
from modeles.contexte import mettre_en_contexte
from modeles.exemples import codes_des_references, rassembler_exemples

CODES = ("CRECHE", "BUS")


def phrases(textes: list[tuple[str, int, str, str]]) -> pd.DataFrame:
    """(entretien, tour, role, texte) → table des phrases."""
    lignes = []
    rangs: dict[str, int] = {}
    for entretien, tour, role, texte in textes:
        rangs[entretien] = rangs.get(entretien, 0) + (role == "enquete")
        lignes.append((entretien, tour, f"p{rangs[entretien]:03d}" if role == "enquete" else "", role, texte))
    return pd.DataFrame(lignes, columns=["entretien", "tour", "phrase", "role", "texte"])


@pytest.fixture(scope="module")
def appris() -> CodeurLexical:
    """Un codeur appris sur quatre territoires jouets."""
    creche = ["la crèche ouvre trop tard", "pas de place en crèche", "la garde des petits bloque tout"]
    bus = ["le bus passe deux fois par jour", "sans bus on ne va nulle part", "le dernier bus part tôt"]
    rien = ["on a pris un café", "il faisait beau ce matin", "je suis arrivé en mars", "la salle était pleine"]
    textes, y, groupes = [], [], []
    for territoire in range(4):
        for tour, (lot, codes) in enumerate([(creche, (1, 0)), (bus, (0, 1)), (rien, (0, 0)), (rien, (0, 0))]):
            for texte in lot:
                textes.append((f"T{territoire}", tour, "enquete", texte))
                y.append(codes)
                groupes.append(f"T{territoire}")
    return CodeurLexical(CODES, plis=2, traits_max=500).fit(
        mettre_en_contexte(phrases(textes)), np.array(y, dtype=bool), groupes)


def test_mettre_en_contexte() -> None:
    table = mettre_en_contexte(phrases([
        ("E1", 1, "enqueteur", "Q1 ?"), ("E1", 1, "enqueteur", "Q2 ?"), ("E1", 2, "enquete", "a"),
        ("E1", 2, "enquete", "b"), ("E2", 1, "enquete", "c")]))
    assert table[["texte", "precedente", "suivante", "question"]].to_numpy().tolist() == [
        ["a", "Q2 ?", "b", "Q1 ? Q2 ?"], ["b", "a", "", "Q1 ? Q2 ?"], ["c", "", "", ""]]


def test_retrouve_les_codes_sur_des_phrases_nouvelles(appris: CodeurLexical) -> None:
    nouvelles = mettre_en_contexte(phrases([
        ("N", 1, "enquete", "il n'y a plus de place en crèche ici"), ("N", 2, "enquete", "le bus ne passe plus"),
        ("N", 3, "enquete", "on a pris un café")]))
    probabilites = appris.predict_proba(nouvelles)
    assert probabilites.shape == (3, 2)
    assert probabilites[0].argmax() == 0 and probabilites[1].argmax() == 1
    assert probabilites[2].max() < min(probabilites[0, 0], probabilites[1, 1])
    assert (appris.predict(nouvelles) == (probabilites >= appris.suite_.seuil)).all()


def test_entrees_fausses(appris: CodeurLexical) -> None:
    X = mettre_en_contexte(phrases([("E1", 1, "enquete", "a"), ("E2", 1, "enquete", "b")]))
    with pytest.raises(ValueError, match="formes incompatibles"):
        clone(appris).fit(X, np.ones((2, 3), dtype=bool), ["T1", "T2"])
    with pytest.raises(ValueError, match="sans aucun exemple : BUS"):
        clone(appris).fit(X, np.array([[True, False]] * 2), ["T1", "T2"])
    with pytest.raises(ValueError, match="2 territoires"):
        clone(appris).fit(X, np.ones((2, 2), dtype=bool), ["T1", "T1"])
    assert appris.predict_proba(X.iloc[:0]).shape == (0, 2)


def test_apprendre_sur_un_territoire_vaut_mieux_que_le_hasard() -> None:
    """Appris sur trois territoires réels, le codeur trouve des codes d'un quatrième, jamais vu."""
    exemples = rassembler_exemples((DEMONSTRATION,), codes_des_references((DEMONSTRATION,)))
    frequents = exemples.y.sum(axis=0).argsort()[-3:]
    vus = exemples.partie(np.isin(exemples.groupes, ["T01", "T02", "T03"]))
    tenu = exemples.partie(exemples.groupes == "T04")
    codeur = CodeurLexical(("a", "b", "c"), plis=3, traits_max=5000).fit(vus.X, vus.y[:, frequents], vus.groupes)
    probabilites = codeur.predict_proba(tenu.X)
    for rang, code in enumerate(frequents):
        portees, autres = probabilites[tenu.y[:, code], rang], probabilites[~tenu.y[:, code], rang]
        assert portees.mean() > 2 * autres.mean()
