"""Le tirage de l'échantillon : probabilités, répartition, tailles."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.plans import (
    ENSEMBLE,
    PLANS,
    _systematique,
    dit_quelque_part,
    ecarts_prevus,
    probabilites_inegales,
    repartir,
    tirer,
)


def test_repartir_a_la_main() -> None:
    """Deux par strate, puis 4 places pour 48 et 28 unités libres : 2,53 et 1,47, la dernière au plus fort reste."""
    assert repartir(10, np.array([50, 30, 2])).tolist() == [5, 3, 2]
    assert repartir(82, np.array([50, 30, 2])).tolist() == [50, 30, 2]
    with pytest.raises(ValueError, match="au moins 6 tirages pour 3 strates"):
        repartir(5, np.array([50, 30, 2]))


def test_probabilites_inegales_a_la_main() -> None:
    # 2 × (0 ; 1/4 ; 3/4) dépasse 1 : la troisième est prise d'office, la deuxième a l'autre place.
    assert probabilites_inegales(2, np.array([0.0, 1.0, 3.0]), 0.0).tolist() == [0, 1, 1]
    # À moitié uniforme : parts 1/6, 7/24, 13/24 ; la troisième d'office, reste une place à partager 4 contre 7.
    assert probabilites_inegales(2, np.array([0.0, 1.0, 3.0]), 0.5) == pytest.approx([4 / 11, 7 / 11, 1])
    assert probabilites_inegales(2, np.zeros(4)).tolist() == [0.5] * 4


def test_ecarts_et_cumul_a_la_main() -> None:
    p = np.array([[0.5, 0.0], [0.5, 0.2], [1.0, 0.0]])
    assert ecarts_prevus(p) == pytest.approx([np.sqrt(0.275), np.sqrt(0.275 + 0.164), np.sqrt(0.1)])
    assert dit_quelque_part(p, np.array([0, 0, 1])) == pytest.approx(np.array([[0.75, 0.2], [1.0, 0.0]]))


class _Impose:
    """Un hasard dont on choisit l'ordre et le départ."""

    def __init__(self, ordre: tuple[int, ...], depart: float) -> None:
        self.ordre, self.depart = ordre, depart

    def permutation(self, unites: np.ndarray) -> np.ndarray:
        return unites[list(self.ordre)]

    def random(self) -> float:
        return self.depart


def test_probabilites_d_inclusion_exactes() -> None:
    """Tous les ordres de cinq unités, et pour chacun tous les départs : chaque unité a exactement sa probabilité."""
    probabilites = np.array([0.1, 0.7, 0.45, 0.25, 0.5])
    vues = np.zeros(5)
    for ordre in itertools.permutations(range(5)):
        ruptures = np.unique(np.concatenate([[0, 1], np.cumsum(probabilites[list(ordre)]) % 1]))
        for bas, haut in itertools.pairwise(ruptures):
            tires = _systematique(probabilites, np.arange(5), 2, _Impose(ordre, (bas + haut) / 2))  # type: ignore[arg-type]
            assert len(set(tires)) == 2
            vues[tires] += (haut - bas) / 120
    assert vues == pytest.approx(probabilites, abs=1e-9)


@given(st.sampled_from(PLANS), st.lists(st.tuples(st.sampled_from("ABC"), st.floats(0, 50)), min_size=8, max_size=60),
       st.data())
def test_un_tirage_tient_ses_promesses(plan: str, unites: list[tuple[str, float]], data: st.DataObject) -> None:
    territoires, ecarts = [lieu for lieu, _ in unites], np.array([ecart for _, ecart in unites])
    taille = data.draw(st.integers(6, len(unites)))
    tirage = tirer(plan, taille, territoires, ecarts, graine=data.draw(st.integers(0, 99)))
    assert len(tirage.rangs) == taille == len(set(tirage.rangs))
    assert (tirage.probabilites > 0).all() and (tirage.probabilites <= 1).all()
    if plan == "inegal":
        assert probabilites_inegales(taille, ecarts).sum() == pytest.approx(taille)
    if plan == "stratifie":
        assert tirage.strates.tolist() == [territoires[rang] for rang in tirage.rangs]
        assert (1 / tirage.probabilites).sum() == pytest.approx(len(unites))
    else:
        assert set(tirage.strates) == {ENSEMBLE}


def test_la_graine_fait_le_tirage() -> None:
    un, autre, encore = (tirer("simple", 10, ["A"] * 100, np.zeros(100), graine).rangs.tolist() for graine in (1, 2, 1))
    assert un == encore != autre


@pytest.mark.parametrize(("plan", "taille", "attendu"), [
    ("quotas", 5, "plan « quotas » inconnu"), ("simple", 1, "la taille va de 2 à 9"), ("simple", 10, "la taille va de 2 à 9"),
    ("stratifie", 3, "au moins 4 tirages")])
def test_tirages_refuses(plan: str, taille: int, attendu: str) -> None:
    with pytest.raises(ValueError, match=attendu):
        tirer(plan, taille, list("AAAABBBBB"), np.ones(9))
