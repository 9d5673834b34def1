"""Spécificités de Lafon : contre des probabilités exactes, en nombres entiers."""

from __future__ import annotations

from fractions import Fraction
from math import comb, log10

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeles.specificites import COLONNES, specificites


def _log10(rapport: Fraction) -> float:
    """log10 d'une fraction, même trop petite pour un nombre à virgule flottante."""
    chiffres = len(str(rapport.denominator)) - len(str(rapport.numerator))
    return log10(rapport * 10**chiffres) - chiffres


def _exact(f: int, total: int, forme: int, partie: int) -> float:
    """Le score signé, par dénombrement."""
    haut = min(forme, partie)
    bas = max(0, forme + partie - total)
    if f * total > forme * partie:
        signe, favorables = -1, range(f, haut + 1)
    elif f * total < forme * partie:
        signe, favorables = 1, range(bas, f + 1)
    else:
        return 0.0
    cas = sum(comb(forme, k) * comb(total - forme, partie - k) for k in favorables)
    return signe * _log10(Fraction(cas, comb(total, partie)))


def _comptes(lignes: list[list[int]]) -> pd.DataFrame:
    noms = [f"f{rang}" for rang in range(len(lignes))]
    return pd.DataFrame(lignes, index=noms, columns=[f"p{rang}" for rang in range(len(lignes[0]))])


def test_exemple_a_la_main() -> None:
    """Dix occurrences, cinq par partie ; « bus » quatre fois, toutes au nord."""
    comptes = pd.DataFrame({"nord": [4, 1], "sud": [0, 5]}, index=["bus", "crèche"])
    table = specificites(comptes)
    assert tuple(table.columns) == COLONNES
    assert table[["partie", "forme", "effectif"]].to_numpy().tolist() == [
        ["nord", "bus", 4],
        ["nord", "crèche", 1],
        ["sud", "crèche", 5],
        ["sud", "bus", 0],
    ]
    assert table["attendu"].tolist() == [2.0, 3.0, 3.0, 2.0]
    # P(X ≥ 4) = C(4,4) C(6,1) / C(10,5) = 6 / 252 = 1 / 42, et par symétrie les trois autres.
    assert table["score"].tolist() == pytest.approx([log10(42), -log10(42), log10(42), -log10(42)])


def test_un_effectif_attendu_n_a_pas_de_score() -> None:
    assert specificites(_comptes([[2, 4], [3, 6]]))["score"].tolist() == [0.0] * 4


def test_une_seule_partie_ou_aucune_forme() -> None:
    assert specificites(_comptes([[3], [5]]))["score"].tolist() == [0.0, 0.0]
    vide = specificites(pd.DataFrame())
    assert vide.empty
    assert tuple(vide.columns) == COLONNES


def test_scores_trop_grands_pour_une_probabilite_ordinaire() -> None:
    comptes = _comptes([[1500, 0], [1000, 6000], [5, 5]])
    table = specificites(comptes)
    assert np.isfinite(table["score"]).all()
    for ligne in table.itertuples():
        forme, partie = comptes.loc[ligne.forme].sum(), comptes[ligne.partie].sum()
        attendu = _exact(ligne.effectif, 8510, int(forme), int(partie))
        assert ligne.score == pytest.approx(attendu, rel=1e-9), (ligne.partie, ligne.forme)
    assert table["score"].max() > 700


def test_les_tailles_donnees_remplacent_les_sommes() -> None:
    table = specificites(_comptes([[6, 2]]), tailles={"p0": 100, "p1": 300})
    assert table["attendu"].tolist() == [2.0, 6.0]
    assert table["score"].tolist() == pytest.approx([_exact(6, 400, 8, 100), _exact(2, 400, 8, 300)])


def test_effectif_min_cache_sans_changer_les_scores() -> None:
    comptes = _comptes([[9, 3], [1, 0], [4, 8]])
    tout = specificites(comptes)
    reste = specificites(comptes, effectif_min=2)
    pd.testing.assert_frame_equal(reste, tout[tout["forme"] != "f1"].reset_index(drop=True))


@pytest.mark.parametrize(
    ("comptes", "options", "message"),
    [
        (_comptes([[1, -1]]), {}, "nombres entiers"),
        (_comptes([[1, 2]]) * 0.5, {}, "nombres entiers"),
        (_comptes([[1, 2]]) * np.nan, {}, "nombres entiers"),
        (pd.concat([_comptes([[1, 2]])] * 2), {}, "forme en double : f0"),
        (pd.concat([_comptes([[1, 2]])] * 2, axis=1), {}, "partie en double : p0"),
        (_comptes([[1, 2]]), {"tailles": {"p0": 3}}, "parties sans taille : p1"),
        (_comptes([[1, 2]]), {"tailles": {"p0": 3, "p1": 1}}, "compte 2 occurrences pour une taille de 1"),
        (_comptes([[1, 2]]), {"effectif_min": 0}, "effectif_min"),
    ],
)
def test_entrees_fautives_refusees(comptes: pd.DataFrame, options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        specificites(comptes, **options)  # type: ignore[arg-type]


@given(
    st.integers(1, 4).flatmap(
        lambda parties: st.lists(
            st.lists(st.one_of(st.integers(0, 12), st.integers(0, 150)), min_size=parties, max_size=parties),
            min_size=1,
            max_size=5,
        )
    )
)
def test_egale_le_denombrement_exact(lignes: list[list[int]]) -> None:
    comptes = _comptes(lignes)
    formes, parties, total = comptes.sum(axis=1), comptes.sum(), int(comptes.to_numpy().sum())
    table = specificites(comptes)
    gardees = formes[formes > 0]
    assert len(table) == len(gardees) * len(parties)
    for ligne in table.itertuples():
        forme, partie = int(formes[ligne.forme]), int(parties[ligne.partie])
        assert ligne.effectif == comptes.at[ligne.forme, ligne.partie]
        assert ligne.attendu == pytest.approx(forme * partie / total)
        assert ligne.score == pytest.approx(_exact(ligne.effectif, total, forme, partie), rel=1e-7, abs=1e-12)
        ecart = ligne.effectif * total - forme * partie
        assert np.sign(ligne.score) == np.sign(ecart)
    for _, scores in table.groupby("partie")["score"]:
        assert scores.is_monotonic_decreasing
