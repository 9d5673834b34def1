"""La file d'attente et sa règle d'arrêt, contre des valeurs calculées à la main."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from codage.file_attente import Avancement, avancement, ordonner


def table(*lignes: tuple[str, str, str, float | None, bool, bool]) -> pd.DataFrame:
    return pd.DataFrame(list(lignes), columns=["id", "entretien", "code", "confiance", "jugee", "juste"]).astype(
        {"confiance": float, "jugee": bool, "juste": bool})


def test_sans_proposition_rien_a_faire_et_l_on_peut_s_arreter() -> None:
    assert ordonner(table()).empty
    assert avancement(table()) == Avancement(0, 0, 0, 0.0, 1.0, 0.0, True)


def test_une_proposition_sans_confiance_compte_pour_une_demie() -> None:
    rendu = ordonner(table(("a", "E1", "C1", None, False, False)))
    assert rendu["utilite"].tolist() == [pytest.approx((1 + 0.5) / 2)]  # entropie de ½ : un bit
    assert avancement(table(("a", "E1", "C1", None, False, False))).attendus == pytest.approx(0.5)


def test_le_doute_et_la_chance_d_etre_juste_comptent_a_parts_egales() -> None:
    rendu = ordonner(table(("a", "E1", "C1", 0.2, False, False), ("b", "E2", "C2", 0.5, False, False),
                           ("c", "E3", "C3", 0.9, False, False), ("d", "E4", "C4", 0.99, True, True)))
    assert rendu["id"].tolist() == ["b", "c", "a"]  # 0,75 ; (0,469 + 0,9) / 2 = 0,684 ; (0,722 + 0,2) / 2 = 0,461
    assert rendu["utilite"].tolist() == pytest.approx([0.75, 0.6845, 0.4610], abs=1e-4)


def test_un_code_deja_juge_quinze_fois_vaut_moitie_moins_qu_un_neuf() -> None:
    juges = [(f"j{i:02d}", "E9", "C1", 0.5, True, True) for i in range(15)]
    rendu = ordonner(table(("a", "E1", "C1", 0.5, False, False), ("b", "E2", "C2", 0.5, False, False), *juges))
    assert rendu["id"].tolist() == ["b", "a"] and rendu["utilite"].tolist() == [0.75, 0.375]  # 16 ** ¼ = 2


def test_la_file_varie_les_codes_et_les_entretiens_meme_hors_de_la_grille() -> None:
    """Même utilité pour tous : le deuxième de même code vaut 0,7, de même entretien 0,85 ; les codes sont de simples noms."""
    rendu = ordonner(table(("a", "E1", "C1", 0.5, False, False), ("b", "E1", "C1", 0.5, False, False),
                           ("c", "E1", "inconnu", 0.5, False, False), ("d", "E2", "C1", 0.5, False, False)), 3)
    assert rendu["id"].tolist() == ["a", "c", "d"]  # puis c : 0,85 ; d : 0,7 ; b : 0,7 × 0,85


def test_l_attendu_se_corrige_tranche_par_tranche() -> None:
    """Cinq jugées à 0,8, dont deux justes : rapport (2 + 5) / (4 + 5). La tranche de 0,4, jamais jugée, n'est pas corrigée."""
    juges = [(f"j{i}", "E1", "C1", 0.8, True, i < 2) for i in range(5)]
    rendu = avancement(table(*juges, ("a", "E1", "C1", 0.9, False, False), ("b", "E1", "C1", 0.4, False, False)))
    attendus = 0.9 * 7 / 9 + 0.4
    assert (rendu.jugees, rendu.restent, rendu.trouves) == (5, 2, 2)
    assert rendu.attendus == pytest.approx(attendus) and rendu.gain == pytest.approx(attendus)
    assert rendu.rappel == pytest.approx(2 / (2 + attendus)) and not rendu.arret


def test_l_arret_vient_a_quatre_vingt_quinze_pour_cent() -> None:
    juges = [(f"j{i:02d}", "E1", "C1", 1.0, True, True) for i in range(19)]
    assert avancement(table(*juges, ("a", "E1", "C1", 0.999, False, False))).arret  # 19 / 19,999 ≥ 0,95
    assert not avancement(table(*juges[:18], ("a", "E1", "C1", 0.999, False, False))).arret


def test_le_gain_ne_compte_que_les_cinquante_prochaines() -> None:
    confiances = np.linspace(0.01, 0.99, 80)
    rendu = avancement(table(*((f"{i:02d}", "E1", "C1", float(p), False, False) for i, p in enumerate(confiances))))
    assert rendu.gain == pytest.approx(confiances[30:].sum()) and rendu.attendus == pytest.approx(confiances.sum())
