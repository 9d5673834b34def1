"""Matrices territoire × code × modalité : effectifs distincts comptés à la main."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.matrices import MODALITES, matrice

CODES = ["C1", "O1", "O2"]
ENTRETIENS = pd.DataFrame(
    {
        "entretien": ["e1", "e2", "e3", "e4"],
        "territoire": ["B", "B", "A", "Z"],
        "categorie": ["etat", "spe", "etat", ""],
    }
)
PHRASES = pd.DataFrame([(e, f"p{n}") for e in ENTRETIENS["entretien"] for n in range(1, 5)])
PHRASES.columns = ["entretien", "phrase"]


def _mentions(*lignes: tuple[str, str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(lignes, columns=["entretien", "phrase", "code", "modalite"])


MENTIONS = _mentions(
    ("e1", "p1", "O1", "presente"),
    ("e1", "p1", "O1", "presente"),  # second codeur, même phrase : ne compte pas deux fois
    ("e1", "p2", "O1", "presente"),
    ("e2", "p1", "O1", "presente"),  # même numéro de phrase, autre entretien : compte
    ("e2", "p1", "O1", "absente"),
    ("e3", "p1", "O1", "presente"),
    ("e4", "p3", "C1", "hypothetique"),
)


def _case(table: pd.DataFrame, **cles: str) -> tuple[int, int, int]:
    garde = table
    for colonne, valeur in cles.items():
        garde = garde[garde[colonne] == valeur]
    assert len(garde) == 1
    return tuple(int(garde.iloc[0][c]) for c in ("phrases", "entretiens", "categories"))  # type: ignore[return-value]


def test_effectifs_comptes_a_la_main() -> None:
    table = matrice(MENTIONS, ENTRETIENS, PHRASES, CODES)
    assert _case(table, territoire="B", code="O1", modalite="presente") == (3, 2, 2)
    assert _case(table, territoire="B", code="O1", modalite="absente") == (1, 1, 1)
    assert _case(table, territoire="A", code="O1", modalite="presente") == (1, 1, 1)
    assert _case(table, territoire="A", code="C1", modalite="presente") == (0, 0, 0)
    # Une catégorie d'acteurs non renseignée n'en est pas une.
    assert _case(table, territoire="Z", code="C1", modalite="hypothetique") == (1, 1, 0)


def test_toutes_les_combinaisons_dans_un_ordre_fixe() -> None:
    table = matrice(MENTIONS, ENTRETIENS, PHRASES, CODES)
    assert list(table.columns) == ["territoire", "code", "modalite", "phrases", "entretiens", "categories"]
    attendu = [(t, c, m) for t in ("A", "B", "Z") for c in CODES for m in MODALITES]
    assert list(table[["territoire", "code", "modalite"]].itertuples(index=False, name=None)) == attendu
    melange = matrice(MENTIONS[::-1], ENTRETIENS[::-1], PHRASES[::-1], CODES)
    pd.testing.assert_frame_equal(table, melange)


def test_sans_mention_tout_est_a_zero() -> None:
    table = matrice(_mentions(), ENTRETIENS, PHRASES, CODES)
    assert len(table) == 27
    assert not table[["phrases", "entretiens", "categories"]].to_numpy().any()


@pytest.mark.parametrize(
    ("mention", "message"),
    [
        (("e1", "p1", "O9", "presente"), "O9"),
        (("e1", "p1", "O1", "certaine"), "certaine"),
        (("e9", "p1", "O1", "presente"), "e9"),
        (("e1", "p9", "O1", "presente"), "e1 p9"),
    ],
)
def test_une_mention_hors_des_tables_est_refusee(mention: tuple[str, str, str, str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        matrice(_mentions(mention), ENTRETIENS, PHRASES, CODES)


def test_entretien_ou_code_en_double_refuse() -> None:
    with pytest.raises(ValueError, match="deux fois"):
        matrice(MENTIONS, pd.concat([ENTRETIENS, ENTRETIENS]), PHRASES, CODES)
    with pytest.raises(ValueError, match="deux fois"):
        matrice(MENTIONS, ENTRETIENS, PHRASES, ["C1", "O1", "O1", "O2"])


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["e1", "e2", "e3", "e4"]),
            st.sampled_from(["p1", "p2", "p3", "p4"]),
            st.sampled_from(CODES),
            st.sampled_from(MODALITES),
        ),
        max_size=40,
    )
)
def test_egale_un_comptage_naif(lignes: list[tuple[str, str, str, str]]) -> None:
    table = matrice(_mentions(*lignes), ENTRETIENS, PHRASES, CODES)
    territoire = dict(zip(ENTRETIENS["entretien"], ENTRETIENS["territoire"], strict=True))
    for t, c, m, phrases, entretiens, _ in table.itertuples(index=False, name=None):
        dans = {(e, p) for e, p, code, modalite in lignes if (territoire[e], code, modalite) == (t, c, m)}
        assert phrases == len(dans)
        assert entretiens == len({e for e, _ in dans})
