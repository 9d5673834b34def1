"""Les règles de lecture, une à une."""

from __future__ import annotations

import pytest

from evaluation.regles import ABSENT, HYPOTHETIQUE, PARTAGE, PEU, PRESENT, REGLES, Regles, penchant


@pytest.mark.parametrize(("presente", "absente", "hypothetique", "categories", "attendu"), [
    (3, 0, 0, 2, PRESENT), (2, 0, 0, 2, PEU), (4, 2, 0, 2, PRESENT), (5, 3, 0, 2, PARTAGE), (1, 3, 0, 2, ABSENT),
    (3, 0, 0, 1, PEU),  # une seule catégorie : on n'en dit rien
    (3, 0, 5, 2, HYPOTHETIQUE), (3, 0, 3, 2, PRESENT), (0, 0, 2, 2, PEU), (0, 0, 3, 2, HYPOTHETIQUE), (0, 0, 0, 0, PEU)])
def test_l_avis(presente: int, absente: int, hypothetique: int, categories: int, attendu: str) -> None:
    assert REGLES.avis(presente, absente, hypothetique, categories) == attendu


def test_le_penchant_et_l_accord() -> None:
    assert [penchant(*c) for c in ((2, 1), (1, 2), (1, 1), (0, 0))] == [PRESENT, ABSENT, "", ""]
    assert [REGLES.accord(*c) for c in ((3, 0, 3), (0, 4, 9), (2, 0, 9), (1, 1, 3), (3, 1, 2))] == [
        "convergence", "convergence", "", "divergence", ""]


def test_une_parole_engage_sa_categorie() -> None:
    assert REGLES.engage(2, 5, True) and not REGLES.engage(1, 5, True)
    assert REGLES.engage(1, 1, True) and REGLES.engage(1, 5, False) and not REGLES.engage(0, 5, False)


def test_ce_qui_manque_pour_retenir() -> None:
    appuient = ["etat", "spe", "association"]
    assert REGLES.manques(PRESENT, 5, appuient, 5, 2, 3, True) == []
    assert REGLES.manques(PRESENT, 5, appuient, 7, 1, 3, True) == [
        "moins de 4 catégories d'acteurs l'appuient", "moins de 2 territoires en parlent"]
    assert REGLES.manques(PRESENT, 5, appuient, 5, 1, 3, False) == []  # dans un territoire, le nombre de lieux ne compte pas
    assert REGLES.manques(HYPOTHETIQUE, 1, appuient, 5, 2, 3, True) == ["surtout souhaité ou redouté, plus qu'affirmé"]
    assert REGLES.manques(PEU, 2, appuient, 5, 2, 3, True) == ["moins de 3 entretiens affirment la même chose"]
    assert REGLES.manques(PRESENT, 5, ["etat", "coordination", "collectivite_elu"], 5, 2, 3, True) == [
        "nul ne l'appuie hors du pilotage"]
    une = Regles(categories=1, part=0)
    assert une.manques(une.avis(4, 0, 0, 1), 4, ["spe"], 5, 2, 3, True) == ["moins de 2 catégories d'acteurs en parlent"]
