"""Coder avec peu d'exemples : la définition d'abord, les exemples ensuite."""

from __future__ import annotations

import numpy as np
import pytest

from modeles.peu_d_exemples import SANS_EXEMPLE, SEUIL_SANS_EXEMPLE, CodeurPeuDExemples


def phrases(nombre: int, graine: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str]]:
    """Deux codes : le premier suit l'indice, le second une direction des plongements que l'indice ignore."""
    hasard = np.random.default_rng(graine)
    X = hasard.normal(size=(nombre, 8))
    indices = hasard.normal(size=(nombre, 2, 1))
    y = np.column_stack([indices[:, 0, 0] > 1, X[:, 3] > 1])
    return X, indices, y, [f"E{rang % 6}" for rang in range(nombre)]


def test_sans_exemple_seule_la_definition_decide() -> None:
    X, indices, y, groupes = phrases(50, 0)
    codeur = CodeurPeuDExemples().fit(X[:0], indices[:0], y[:0], [])
    pente, ordonnee = SANS_EXEMPLE
    np.testing.assert_allclose(codeur.predict_proba(X, indices), 1 / (1 + np.exp(-(pente * indices[..., 0] + ordonnee))))
    assert codeur.seuil_ == SEUIL_SANS_EXEMPLE


def test_les_exemples_apprennent_ce_que_la_definition_ne_dit_pas() -> None:
    X, indices, y, groupes = phrases(600, 1)
    codeur = CodeurPeuDExemples(C=0.5).fit(X, indices, y, groupes)
    nouvelles, autres, vrai, _ = phrases(400, 2)
    pose = codeur.predict(nouvelles, autres)
    assert (pose == vrai).mean(axis=0).min() > 0.9
    assert abs(codeur.propres_[1, 3]) == np.abs(codeur.propres_[1, :8]).max()


def test_un_code_sans_exemple_garde_la_cote_commune() -> None:
    X, indices, y, groupes = phrases(300, 3)
    y[:, 1] = False
    codeur = CodeurPeuDExemples().fit(X, indices, y, groupes)
    assert codeur.propres_[1, :-2].tolist() == [0.0] * 8 and codeur.propres_[1, -2:].tolist() == [1.0, 0.0]
    commune = 1 / (1 + np.exp(-(indices[:, 1, 0] * codeur.commun_[0] + codeur.commun_[1])))
    np.testing.assert_allclose(codeur.predict_proba(X, indices)[:, 1], commune)


def test_formes_incompatibles() -> None:
    X, indices, y, groupes = phrases(10, 4)
    with pytest.raises(ValueError, match="formes incompatibles"):
        CodeurPeuDExemples().fit(X, indices[:, :1], y, groupes)
