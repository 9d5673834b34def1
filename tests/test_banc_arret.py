"""Le banc de la règle d'arrêt, sur une étude dont on connaît la réponse."""

from __future__ import annotations

import pandas as pd
import pytest

from bancs.arret_codage import Arret, ecrire, suivre


def test_on_juge_tout_quand_la_machine_doute_de_tout_et_la_part_vraie_se_compte() -> None:
    table = pd.DataFrame({"id": [f"{n:02d}" for n in range(40)], "entretien": "E1", "code": "C1.1", "confiance": 0.5,
                          "vraie": [n % 2 == 0 for n in range(40)]})
    rendu = suivre("T", table)
    assert (rendu.propositions, rendu.justes, rendu.jugees, rendu.trouvee) == (40, 20, 40, 1.0)


def test_on_s_arrete_avant_la_fin_quand_la_machine_dit_vrai() -> None:
    """Quarante sûres et justes, soixante très improbables et fausses : jamais toutes jugées."""
    table = pd.DataFrame({"id": [f"{n:03d}" for n in range(100)], "entretien": "E1", "code": "C1.1",
                          "confiance": [0.95] * 40 + [0.005] * 60, "vraie": [True] * 40 + [False] * 60})
    rendu = suivre("T", table)
    assert rendu.jugees == 40 and rendu.trouvee == 1.0 and rendu.annonce == pytest.approx(40 / (40 + 60 * 0.005))
    assert rendu.au_hasard == pytest.approx(40 * 101 / 41)  # la quarantième de quarante justes, en moyenne


def test_le_tableau_dit_l_annonce_et_le_vrai_cote_a_cote() -> None:
    texte = ecrire([Arret("T01", 100, 40, 60, 0.96, 0.9)])
    assert "| T01 | 100 | 40 | 60 (60 %) | 96 % | 90 % | 89 |" in texte
