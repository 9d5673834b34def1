"""Les thèmes d'un territoire : hérités du national, propres ou absents ; ce que l'ancrage garde et refuse."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from test_themes import fabriquer

from modeles.ancrage import PROPRE, Reperes, ancrer, reancrer
from modeles.extraits import ABSENT
from modeles.tableaux_themes import reperer
from modeles.themes import Themes

VOIX = [f"e{rang % 8}" for rang in range(64)]


def _reperes(vecteurs: np.ndarray, essais: np.ndarray | None = None) -> Reperes:
    """Trois thèmes nationaux, un par axe."""
    sans = np.zeros((0, len(vecteurs)), dtype=np.int64) if essais is None else essais
    return Reperes(("t01", "t02", "t03"), ("un", "deux", "trois"), np.eye(3), {}, ({}, {}, {}), np.zeros(3), np.eye(4)[:3],
                   vecteurs, sans)


def _amas(*effectifs: int, axes: tuple[int, ...] = (0, 1, 2, 3)) -> tuple[np.ndarray, np.ndarray]:
    """Des segments serrés autour d'axes ; leurs vecteurs et leur axe."""
    hasard = np.random.default_rng(4)
    sujets = np.repeat(axes[: len(effectifs)], effectifs)
    return np.eye(4)[sujets] + 0.05 * hasard.normal(size=(len(sujets), 4)), sujets


def test_un_segment_garde_le_theme_national_le_plus_proche() -> None:
    vecteurs, sujets = _amas(30, 20, 14)
    assert ancrer(_reperes(vecteurs), VOIX).tolist() == sujets.tolist()


def test_un_groupe_que_rien_de_national_ne_decrit_est_propre() -> None:
    vecteurs, sujets = _amas(20, 14, 14, 16)
    numeros = ancrer(_reperes(vecteurs), VOIX)
    assert (numeros[sujets == 3] == 3).all()
    assert (numeros[sujets != 3] == sujets[sujets != 3]).all()


def test_un_theme_propre_demande_plusieurs_entretiens_et_des_segments() -> None:
    vecteurs, sujets = _amas(20, 14, 14, 16)
    deux = np.array(VOIX)
    deux[sujets == 3] = np.where(np.arange(16) % 2, "e0", "e1")
    assert ancrer(_reperes(vecteurs), deux.tolist()).max() < 3
    peu, _ = _amas(24, 16, 16, 8)
    assert ancrer(_reperes(peu), VOIX).max() < 3


def test_un_theme_presque_sans_segment_est_absent() -> None:
    """Quatre segments du troisième thème, qui tirent vers le deuxième, le rejoignent."""
    vecteurs, sujets = _amas(40, 20, 4)
    vecteurs[sujets == 2, 1] += 0.4
    numeros = ancrer(_reperes(vecteurs), VOIX)
    assert set(numeros.tolist()) == {0, 1}
    assert (numeros[sujets == 2] == 1).all()


def test_reancrer_reprend_les_themes_refaits_et_cherche_les_propres_a_nouveau() -> None:
    vecteurs, sujets = _amas(20, 14, 14, 16)
    essai = np.where(sujets == 3, 0, sujets)
    essai[:4] = ABSENT
    refaits = reancrer(_reperes(vecteurs, essai[None, :]), VOIX)[0]
    assert (refaits[:4] == ABSENT).all()
    assert (refaits[4:] == np.where(sujets == 3, 3, essai)[4:]).all()


def test_aucun_segment_ou_aucun_theme_national() -> None:
    assert ancrer(_reperes(np.zeros((0, 4))), []).shape == (0,)
    sans = replace(_reperes(np.ones((3, 4))), codes=(), centres_reduits=np.zeros((0, 4)))
    assert ancrer(sans, ["a", "b", "c"]).tolist() == [0, 0, 0]


def test_restreindre_garde_les_lignes_demandees() -> None:
    vecteurs, _ = _amas(30, 20, 14)
    essais = np.arange(2 * 64).reshape(2, 64)
    siens = _reperes(vecteurs, essais).restreindre(np.array([5, 7]))
    assert siens.vecteurs.tolist() == vecteurs[[5, 7]].tolist()
    assert siens.essais.tolist() == [[5, 7], [69, 71]]


def test_un_territoire_prolonge_le_national() -> None:
    """Quatre sujets ; le territoire en a deux : deux thèmes, de mêmes codes, éprouvés par les extraits nationaux."""
    plongements, textes, lemmes, entretiens, sujets = fabriquer()
    national = Themes(nb_themes=4, essais_stabilite=2).fit(
        plongements, textes=textes, lemmes=lemmes, entretiens=entretiens)
    reperes = reperer(national, pd.DataFrame({"phrases": [["p"]] * len(textes)}))
    rangs = np.flatnonzero(sujets < 2)
    local = Themes().fit(plongements[rangs], textes=[textes[r] for r in rangs], lemmes=[lemmes[r] for r in rangs],
                         entretiens=[entretiens[r] for r in rangs], reperes=reperes.restreindre(rangs))
    assert local.nb_themes_ == 2
    assert PROPRE not in local.nationaux_
    for theme, ancre in enumerate(local.nationaux_):
        dedans = local.labels_ == theme
        assert (national.labels_[rangs][dedans] == ancre).all()
        assert local.themes_["libelle"][theme] == national.themes_["libelle"][ancre]
        assert local.centres_[theme] @ national.centres_[ancre] > 0.95
    assert local.stabilite_ == pytest.approx(1.0)
    with pytest.raises(ValueError, match="repères de 120 segments pour 60"):
        Themes().fit(plongements[rangs], entretiens=[entretiens[r] for r in rangs], reperes=reperes)
