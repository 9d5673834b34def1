"""Le second étage : les notes replacées dans leur suite, les probabilités calibrées."""

from __future__ import annotations

import numpy as np
import pandas as pd

from modeles.suite import NEUTRE, SecondEtage, en_suite, log_cotes


def test_suite_calculee_a_la_main() -> None:
    """Trois phrases : deux d'un même tour, une d'un autre."""
    X = pd.DataFrame({"entretien": ["E1"] * 3, "tour": [2, 2, 4]})
    suite = en_suite([np.array([[1.0], [3.0], [-2.0]])], X, np.array([-4.5]))
    assert suite[:, 0].tolist() == [[1.0, NEUTRE, 3.0, 2.0, -4.5], [3.0, 1.0, NEUTRE, 2.0, -4.5],
                                    [-2.0, NEUTRE, NEUTRE, -2.0, -4.5]]


def test_log_cotes() -> None:
    np.testing.assert_allclose(log_cotes(np.array([[1], [0], [0], [0]], dtype=bool)), [-np.log(3)])


def test_calibre_des_notes_trop_sures() -> None:
    """Des notes deux fois trop fortes : les probabilités rendues retrouvent la part de codes portés."""
    hasard = np.random.default_rng(0)
    cotes = hasard.normal(-2, 2, size=(4000, 2))
    y = hasard.random(cotes.shape) < 1 / (1 + np.exp(-cotes))
    X = pd.DataFrame({"entretien": "E1", "tour": np.arange(len(y))})
    etage = SecondEtage.apprendre([2 * cotes], X, y, log_cotes(y))
    p = etage.probabilites([2 * cotes], X)
    for bas, haut in ((0.1, 0.3), (0.4, 0.6), (0.7, 0.9)):
        tranche = (p >= bas) & (p < haut)
        assert abs(p[tranche].mean() - y[tranche].mean()) < 0.05
    assert 0.05 <= etage.seuil <= 0.6
