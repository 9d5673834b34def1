"""La stabilité des thèmes : indices calculés à la main, extraits tirés par entretien, mots qui la disent."""

from __future__ import annotations

import math

import numpy as np
import pytest
from test_themes import fabriquer

from modeles.extraits import ABSENT, tirer
from modeles.regroupement import normer, regrouper
from modeles.stabilite_themes import jaccards, juger, mesurer
from modeles.themes import Themes


def test_jaccards_calcules_a_la_main():
    avant = np.array([0, 0, 0, 1, 1, 2])
    apres = np.array([0, 0, 1, 1, 1, 1])
    # {0,1,2} contre {0,1} : 2/3 ; {3,4} contre {2,3,4,5} : 2/4 ; {5} contre {2,3,4,5} : 1/4.
    assert jaccards(avant, apres) == pytest.approx([2 / 3, 1 / 2, 1 / 4])


def test_jaccards_hors_theme_et_theme_absent():
    avant = np.array([0, 0, -1, 2, 2])
    apres = np.array([0, 0, 0, -1, 1])
    lus = jaccards(avant, apres)
    assert lus[[0, 2]] == pytest.approx([2 / 3, 1 / 2])  # {0,1} contre {0,1,2} ; {3,4} contre {4}
    assert math.isnan(lus[1])


def test_mesurer_moyenne_les_extraits():
    numeros = np.array([0, 0, 0, 1, 1, 1])
    # Premier extrait : {0,1,2} contre {0,1}, 2/3 ; {3} contre {2,3}, 1/2. Second : le thème 1 n'y est pas.
    essais = np.array([[0, 0, 1, 1, ABSENT, ABSENT], [0, 0, 0, ABSENT, ABSENT, ABSENT]])
    portee, themes = mesurer(numeros, essais)
    assert themes == pytest.approx([(2 / 3 + 1) / 2, 1 / 2])
    # Indice de Rand ajusté de {3,1} × {2,2} : 1 couple commun sur 6, 3 et 2 couples, attendu 1 ; (1-1)/… = 0.
    assert portee == pytest.approx((0 + 1) / 2)


def test_sans_extrait_rien_n_est_mesure():
    portee, themes = mesurer(np.array([0, 0, 1]), np.zeros((0, 3), dtype=np.int64))
    assert math.isnan(portee)
    assert np.isnan(themes).tolist() == [True, True]


def test_un_extrait_garde_des_entretiens_entiers():
    voix = [f"e{rang // 4}" for rang in range(40)]
    extraits = tirer(voix, 6, graine=1, part=0.8)
    assert len(extraits) == 6
    for rangs in extraits:
        assert len(rangs) == 32
        assert (np.diff(rangs) > 0).all()
        assert len({voix[rang] for rang in rangs}) == 8
    assert any((extraits[0] != autre).any() for autre in extraits[1:])
    assert all((un == deux).all() for un, deux in zip(extraits, tirer(voix, 6, graine=1, part=0.8), strict=True))


def test_un_extrait_n_est_jamais_vide():
    assert [rangs.tolist() for rangs in tirer(["a"], 2, graine=0, part=0.5)] == [[0], [0]]
    assert [rangs.tolist() for rangs in tirer([], 1, graine=0, part=0.5)] == [[]]


def test_peu_d_entretiens_les_segments_sont_tires():
    rangs = tirer(["a"] * 10 + ["b"] * 10, 1, graine=0, part=0.8)[0]
    assert len(rangs) == 16
    assert len(set(rangs.tolist())) == 16


@pytest.mark.parametrize(("valeur", "mot"), [
    (1.0, "stable"), (0.75, "stable"), (0.7499, "à confirmer"), (0.5, "à confirmer"), (0.4999, "instable"),
    (0.0, "instable"), (math.nan, "non mesurée"),
])  # fmt: skip
def test_la_stabilite_se_dit_en_mots(valeur, mot):
    assert juger(valeur) == mot


def test_un_theme_net_tient_et_une_coupe_arbitraire_ne_tient_pas():
    """Deux amas serrés, et un cercle sans couture que k = 5 force à couper n'importe où en trois."""
    hasard = np.random.default_rng(5)
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    points = np.zeros((120, 4))
    points[:30, 0] = points[30:60, 1] = 1
    points[60:, 2], points[60:, 3] = np.cos(angles), np.sin(angles)
    points = normer(points + 0.02 * hasard.normal(size=points.shape))
    numeros = regrouper(points, [5], 0)
    essais = np.full((8, 120), ABSENT)
    for essai, rangs in zip(essais, tirer([f"e{rang}" for rang in range(120)], 8, graine=0, part=0.8), strict=True):
        essai[rangs] = regrouper(points[rangs], [5], 0)
    _, themes = mesurer(numeros, essais)
    amas = [int(numeros[0]), int(numeros[30])]
    assert themes[amas] == pytest.approx([1.0, 1.0])
    assert all(juger(themes[theme]) != "stable" for theme in range(5) if theme not in amas)


def test_trop_peu_de_segments_stabilite_non_mesuree():
    plongements, textes, lemmes, entretiens, _ = fabriquer()
    modele = Themes(nb_themes=2).fit(plongements[:15], textes=textes[:15], lemmes=lemmes[:15], entretiens=entretiens[:15])
    assert math.isnan(modele.stabilite_)
    assert modele.themes_["stabilite"].isna().all()
