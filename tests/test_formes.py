"""Formes et tableaux lexicaux : comptages faits à la main."""

from __future__ import annotations

import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeles.formes import decouper, tableau_lexical


@pytest.mark.parametrize(
    ("texte", "formes"),
    [
        ("L’accès à l'emploi, c'est ça.", ["l'", "accès", "à", "l'", "emploi", "c'", "est", "ça"]),
        ("Aujourd'hui quelqu'un a eu 12 rendez-vous", ["aujourd'hui", "quelqu'un", "a", "eu", "rendez-vous"]),
        ("Est-ce que, a-t-il dit, là-bas…", ["est", "ce", "que", "a", "il", "dit", "là-bas"]),
        ("elle-même, vis-à-vis d'eux", ["elle-même", "vis-à-vis", "d'", "eux"]),
        ("2022, 50 % ! –", []),
    ],
)
def test_decouper(texte: str, formes: list[str]) -> None:
    assert decouper(texte) == formes
    assert decouper(unicodedata.normalize("NFD", texte)) == formes


def test_tableau_compte_a_la_main() -> None:
    tableau = tableau_lexical(
        [["bus", "bus", "crèche"], ["crèche"], ["bus"], ["emploi"]], ["sud", "nord", "nord", None]
    )
    assert tableau.index.tolist() == ["bus", "crèche"]
    assert tableau.columns.tolist() == ["nord", "sud"]
    assert tableau.to_numpy().tolist() == [[1, 2], [1, 1]]


def test_unites_sans_partie_et_longueurs_differentes() -> None:
    assert tableau_lexical([["a"], ["b"], ["c"]], ["", None, np.nan]).empty
    assert tableau_lexical([], []).empty
    with pytest.raises(ValueError, match="2 suites de formes pour 1"):
        tableau_lexical([["a"], ["b"]], ["nord"])


@given(st.lists(st.tuples(st.lists(st.sampled_from("abc")), st.sampled_from(["nord", "sud", ""])), max_size=12))
def test_egale_un_comptage_naif(unites: list[tuple[list[str], str]]) -> None:
    tableau = tableau_lexical([suite for suite, _ in unites], [partie for _, partie in unites])
    attendu = Counter((forme, partie) for suite, partie in unites if partie for forme in suite)
    assert {cle: n for cle, n in tableau.stack().items() if n} == dict(attendu) if attendu else tableau.empty
