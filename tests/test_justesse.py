"""La mesure de la justesse, sur des tables calculées à la main."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score, f1_score

from evaluation.justesse import ece, f1, kappa, mesurer


def test_kappa_a_la_main() -> None:
    # Cohen 1960 : 20 oui-oui, 5 non-oui, 10 oui-non, 15 non-non ; accord 0,7, hasard 0,5.
    assert kappa(*(np.array(x) for x in (20.0, 5.0, 10.0, 15.0))) == pytest.approx(0.4)


def test_kappa_de_codages_constants() -> None:
    zero, dix = np.array(0.0), np.array(10.0)
    assert kappa(zero, zero, zero, dix) == 1.0
    assert kappa(zero, zero, np.array(2.0), dix) == pytest.approx(0.0)


def test_f1_sans_rien_de_juste() -> None:
    assert f1(np.array([0.0, 3.0]), np.array([0.0, 1.0]), np.array([0.0, 1.0])) == pytest.approx([0.0, 0.75])


def test_mesurer_s_accorde_avec_scikit_learn() -> None:
    hasard = np.random.default_rng(3)
    reference = hasard.random((400, 5)) < 0.2
    pose = np.where(hasard.random((400, 5)) < 0.8, reference, ~reference)
    entretiens = [f"E{rang // 40}" for rang in range(400)]
    mesures = mesurer(reference, pose, entretiens, "abcde", tirages=200)
    assert mesures.kappa.valeur == pytest.approx(cohen_kappa_score(reference.ravel(), pose.ravel()))
    assert mesures.f1_macro.valeur == pytest.approx(f1_score(reference, pose, average="macro"))
    assert mesures.kappa_phrase.valeur == pytest.approx(cohen_kappa_score(reference.any(1), pose.any(1)))
    assert mesures.kappa.bas < mesures.kappa.valeur < mesures.kappa.haut
    assert [code for code, *_ in mesures.par_code] == list("abcde")


def test_un_code_absent_de_la_reference_ne_compte_pas_dans_la_moyenne() -> None:
    reference = np.array([[True, False], [False, False]])
    mesures = mesurer(reference, reference, ["E1", "E2"], ["a", "b"], tirages=10)
    assert mesures.f1_macro.valeur == 1.0
    assert mesures.par_code == [("a", 1, 1.0, 1.0)]


def test_intervalle_par_entretien_plus_large_que_par_phrase() -> None:
    """Des erreurs groupées dans un entretien élargissent l'intervalle."""
    reference = np.tile([[True], [False]], (100, 1))
    pose = reference.copy()
    pose[:50] = ~pose[:50]
    groupe = mesurer(reference, pose, [f"E{rang // 50}" for rang in range(200)], ["a"])
    seul = mesurer(reference, pose, [f"E{rang}" for rang in range(200)], ["a"])
    assert groupe.kappa.haut - groupe.kappa.bas > 2 * (seul.kappa.haut - seul.kappa.bas)


def test_ece_a_la_main() -> None:
    # Deux tranches : 0,1 annoncé, 0 vrai (écart 0,1) ; 0,85 annoncé, 1 vrai (écart 0,15).
    assert ece(np.array([0.1, 0.1, 0.85, 0.85]), np.array([False, False, True, True])) == pytest.approx(0.125)
