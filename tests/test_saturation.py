"""Saturation : courbes et règle de Guest, Namey et Chen, suivies à la main."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.saturation import (
    COLONNES_COURBE,
    COLONNES_POINTS,
    COLONNES_SERIES,
    courbe_saturation,
    ordre_de_collecte,
    points_de_guest,
    series_de_guest,
)

ORDRE = [f"e{n}" for n in range(1, 9)]
CODES = {"e1": "AB", "e2": "BC", "e3": "", "e4": "AD", "e5": "E", "e6": "AE", "e7": "C", "e8": "F"}


def _table(codes: dict[str, str]) -> pd.DataFrame:
    lignes = [(entretien, code) for entretien, siens in codes.items() for code in siens]
    return pd.DataFrame(lignes, columns=["entretien", "code"])


def test_courbe_suivie_a_la_main() -> None:
    courbe = courbe_saturation(_table(CODES), "code", ORDRE)
    assert tuple(courbe.columns) == COLONNES_COURBE
    assert courbe["rang"].tolist() == list(range(1, 9))
    assert courbe["entretien"].tolist() == ORDRE
    assert courbe["nouveaux"].tolist() == [2, 1, 0, 1, 1, 0, 0, 1]
    assert courbe["cumul"].tolist() == [2, 3, 3, 4, 5, 5, 5, 6]
    # Un entretien au hasard porte en moyenne 11 codes / 8 ; tous les portent tous.
    assert courbe["moyenne"].iloc[0] == pytest.approx(11 / 8)
    assert courbe[["moyenne", "bas", "haut"]].iloc[-1].tolist() == pytest.approx([6.0, 6.0, 6.0])


def test_moyenne_egale_celle_de_tous_les_ordres() -> None:
    codes = {"e1": "AB", "e2": "BC", "e3": "", "e4": "BD", "e5": "A"}
    cumuls = []
    for ordre in permutations(codes):
        vus: set[str] = set()
        cumuls.append([len(vus := vus | set(codes[entretien])) for entretien in ordre])
    courbe = courbe_saturation(_table(codes), "code", list(codes), tirages=4000)
    assert courbe["moyenne"].tolist() == pytest.approx(np.mean(cumuls, axis=0).tolist())
    bas, haut = np.percentile(cumuls, [2.5, 97.5], axis=0)
    assert courbe["bas"].tolist() == pytest.approx(bas.tolist(), abs=0.2)
    assert courbe["haut"].tolist() == pytest.approx(haut.tolist(), abs=0.2)


def test_la_graine_rejoue_l_intervalle() -> None:
    premiere, meme, autre = (
        courbe_saturation(_table(CODES), "code", ORDRE, tirages=7, graine=graine) for graine in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(premiere, meme, check_exact=True)
    assert (premiere["cumul"] == autre["cumul"]).all()
    assert (premiere[["bas", "haut"]] != autre[["bas", "haut"]]).any(axis=None)


def test_regle_suivie_a_la_main() -> None:
    """Base de quatre entretiens : A, B, C, D ; e5 apporte E, e8 apporte F."""
    series = series_de_guest(_table(CODES), "code", ORDRE, base=4, serie=2, seuil=0.05)
    assert tuple(series.columns) == COLONNES_SERIES
    assert list(series.itertuples(index=False, name=None)) == [
        (4, "e5", "e6", 1, 4, 0.25, False),
        (5, "e6", "e7", 0, 4, 0.0, True),  # saturation à 5 + 2
        (6, "e7", "e8", 1, 4, 0.25, False),
    ]
    assert series_de_guest(_table(CODES), "code", ORDRE, seuil=0.25)["atteinte"].all()
    assert series_de_guest(_table(CODES), "code", ORDRE, base=2, serie=3)["nouveaux"].tolist() == [2, 2, 1, 1]


def test_trop_peu_d_entretiens_ou_base_vide() -> None:
    court = series_de_guest(_table(CODES).head(3), "code", ORDRE[:5])
    assert court.empty
    assert tuple(court.columns) == COLONNES_SERIES
    vide = series_de_guest(_table({"e6": "A"}), "code", ORDRE)
    assert vide["part"].isna().all()
    assert not vide["atteinte"].any()
    rien = courbe_saturation(_table({}), "code", ORDRE)
    assert not rien[["nouveaux", "cumul", "moyenne", "bas", "haut"]].to_numpy().any()
    assert points_de_guest(_table({}), "code", ORDRE).empty
    assert courbe_saturation(_table({}), "code", []).empty


def test_points_sur_tous_les_ordres() -> None:
    """Chaque entretien porte tout : la première série suffit. Chacun porte le sien : jamais."""
    tous = points_de_guest(_table(dict.fromkeys(ORDRE, "ABC")), "code", ORDRE, tirages=20)
    assert tuple(tous.columns) == COLONNES_POINTS
    assert tous.to_numpy().tolist() == [[4, 20, 1.0]]
    chacun = _table(dict(zip(ORDRE, "ABCDEFGH", strict=True)))
    assert points_de_guest(chacun, "code", ORDRE, tirages=20).empty


def test_points_egalent_l_enumeration() -> None:
    codes = {"e1": "A", "e2": "AB", "e3": "B", "e4": "C", "e5": "AC"}
    attendu: dict[int, float] = {}
    for ordre in permutations(codes):
        series = series_de_guest(_table(codes), "code", ordre, base=1, serie=2)
        if series["atteinte"].any():
            avant = int(series.loc[series["atteinte"], "avant"].iloc[0])
            attendu[avant] = attendu.get(avant, 0.0) + 1 / 120
    points = points_de_guest(_table(codes), "code", list(codes), base=1, serie=2, tirages=4000)
    obtenu = dict(zip(points["avant"], points["ordres"] / 4000, strict=True))
    assert obtenu == pytest.approx(attendu, abs=0.03)
    assert points["part_cumulee"].iloc[-1] == pytest.approx(sum(obtenu.values()))
    assert points["part_cumulee"].iloc[-1] < 1


def test_ordre_de_collecte() -> None:
    entretiens = pd.DataFrame(
        {"entretien": ["a", "b", "c", "d", "e"], "date": ["2022-10-01", "", "2022-09-01", "2022-10-01", None]}
    )
    assert ordre_de_collecte(entretiens) == ["c", "a", "d", "b", "e"]


def test_entrees_fautives_refusees() -> None:
    table = _table(CODES)
    with pytest.raises(ValueError, match="hors de l'ordre de collecte : e8"):
        courbe_saturation(table, "code", ORDRE[:-1])
    with pytest.raises(ValueError, match="deux fois"):
        courbe_saturation(table, "code", [*ORDRE, "e1"])
    with pytest.raises(ValueError, match="sans les colonnes : theme"):
        courbe_saturation(table, "theme", ORDRE)
    with pytest.raises(ValueError, match="plusieurs portées"):
        courbe_saturation(table.assign(portee=["national", "T01"] * 5 + ["T01"]), "code", ORDRE)
    for options in ({"base": 0}, {"serie": 0}, {"seuil": -0.1}, {"seuil": np.nan}):
        with pytest.raises(ValueError, match=r"au moins un entretien|le seuil est une part"):
            series_de_guest(table, "code", ORDRE, **options)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="au moins un tirage"):
        courbe_saturation(table, "code", ORDRE, tirages=0)
    with pytest.raises(ValueError, match="au moins un tirage"):
        points_de_guest(table, "code", ORDRE, tirages=0)


@given(st.lists(st.text("ABCDE", max_size=4), min_size=1, max_size=9), st.integers(1, 4), st.integers(1, 3))
def test_courbe_et_series_contre_un_suivi_naif(portes: list[str], base: int, serie: int) -> None:
    ordre = [f"e{n}" for n in range(len(portes))]
    table = _table(dict(zip(ordre, portes, strict=True)))
    courbe = courbe_saturation(table, "code", ordre, tirages=20)
    vus = [len(set("".join(portes[: rang + 1]))) for rang in range(len(portes))]
    assert courbe["cumul"].tolist() == vus
    assert courbe["nouveaux"].tolist() == list(np.diff([0, *vus]))
    for colonne in ("cumul", "moyenne", "bas", "haut"):
        assert (courbe[colonne].diff().dropna() >= -1e-9).all()
        assert courbe[colonne].iloc[-1] == pytest.approx(vus[-1])
    series = series_de_guest(table, "code", ordre, base, serie)
    assert len(series) == max(0, len(ordre) - base - serie + 1)
    for ligne in series.itertuples():
        connus = set("".join(portes[: ligne.avant]))
        dites = set("".join(portes[ligne.avant : ligne.avant + serie]))
        assert (ligne.nouveaux, ligne.base) == (len(dites - connus), len(set("".join(portes[:base]))))
        assert ligne.premier == ordre[ligne.avant]
        assert ligne.dernier == ordre[ligne.avant + serie - 1]
