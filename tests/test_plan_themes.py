"""La place des thèmes dans le plan, calculée à la main."""

from __future__ import annotations

import numpy as np
import pytest

from modeles.plan_themes import placer_themes

# Quatre thèmes autour de (1, 1, 1) : deux écartés de ±2 sur le premier axe, deux de ±1 sur le deuxième.
QUATRE = np.array([[3.0, 1.0, 1.0], [-1.0, 1.0, 1.0], [1.0, 2.0, 1.0], [1.0, 0.0, 1.0]])


def test_place_et_qualite_a_la_main() -> None:
    places = placer_themes(QUATRE, QUATRE)
    assert np.abs(places).tolist() == [[2, 0, 1], [2, 0, 1], [0, 1, 1], [0, 1, 1]]
    assert places[0, 0] == -places[1, 0] and places[2, 1] == -places[3, 1]
    # À trois axes, le plan garde les deux plus forts : (±2, 0, 0), (0, ±1, 0), mais rien de (0, 0, ±0,5).
    six = np.vstack([QUATRE, [[1.0, 1.0, 1.5], [1.0, 1.0, 0.5]]])
    assert placer_themes(six, six)[4:].tolist() == [[0, 0, 0], [0, 0, 0]]


def test_un_theme_de_territoire_est_projete() -> None:
    (lieu,) = placer_themes(np.array([[4.0, 1.0, 5.0]]), QUATRE)
    assert abs(lieu[0]) == 3 and lieu[1] == 0
    assert lieu[2] == pytest.approx(9 / (9 + 16))


def test_le_sens_des_axes_ne_depend_pas_de_celui_du_calcul() -> None:
    """L'axe est tourné vers le thème le plus excentré : renverser l'espace ne renverse pas la carte."""
    trois = np.array([[5.0, 0.0], [0.0, 1.0], [-1.0, -1.0]])
    lieux = placer_themes(trois, trois)
    assert placer_themes(-trois, -trois) == pytest.approx(lieux)
    assert lieux[np.abs(lieux[:, 0]).argmax(), 0] > 0 and lieux[np.abs(lieux[:, 1]).argmax(), 1] > 0


def test_peu_de_themes_nationaux() -> None:
    deux = QUATRE[:2]
    assert placer_themes(deux, deux)[:, 1].tolist() == [0, 0]
    assert placer_themes(deux, deux)[:, 2].tolist() == [1, 1]
    for nationaux in (deux[:1], deux[:0]):
        assert np.isnan(placer_themes(deux, nationaux)).all()
    assert placer_themes(deux[:0], QUATRE).shape == (0, 3)
    assert np.isnan(placer_themes(deux[[0, 0]], deux[[0, 0]])[:, 2]).all()  # confondus : aucun écart à garder
    # En une dimension, le plan n'a qu'un axe.
    assert placer_themes(np.array([[0.0], [4.0]]), np.array([[0.0], [4.0]]))[:, 1:].tolist() == [[0, 1], [0, 1]]
