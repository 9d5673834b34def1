"""Configurations : permutations énumérées à la main, et par scipy."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import permutation_test

from evaluation.configurations import anciennetes, caracteristiques, comparer, parts_standardisees, table_de_verite


def _territoires(n: int, avec: int) -> pd.DataFrame:
    return pd.DataFrame(
        [(f"T{i:02d}", "ville" if i < avec else "agglo", "", 2020) for i in range(n)],
        columns=["territoire", "echelle", "porteur", "annee"],
    )


def test_standardiser_efface_une_difference_de_personnes_interrogees() -> None:
    # Partout, les associations portent le code et l'État non ; T1 a surtout interrogé des associations.
    entretiens = pd.DataFrame(
        [(f"E{i}", "T1", "association") for i in range(3)]
        + [("E3", "T1", "etat"), ("E4", "T2", "association")]
        + [(f"E{i}", "T2", "etat") for i in range(5, 8)],
        columns=["entretien", "territoire", "categorie"],
    )
    mentions = pd.DataFrame([(e, "C") for e in ("E0", "E1", "E2", "E4", "E4")], columns=["entretien", "code"])
    parts = parts_standardisees(mentions, entretiens, ["C", "O"])
    assert parts["C"].to_dict() == {"T1": 0.5, "T2": 0.5} and parts["O"].to_dict() == {"T1": 0.0, "T2": 0.0}


def test_p_exact_comme_scipy_et_a_la_main() -> None:
    parts = pd.DataFrame({"C": [0.9, 0.8, 0.7, 0.1, 0.2, 0.0]}, index=[f"T{i:02d}" for i in range(6)])
    # C(6, 3) = 20 attributions : seules l'observée et son opposée font aussi grand écart, p = 2/20.
    (ligne,) = comparer(parts, _territoires(6, 3)).query("caracteristique == 'echelle' and valeur == 'agglo'").to_dict("records")
    assert (
        ligne["p"] == pytest.approx(0.1) and ligne["p_ajuste"] == pytest.approx(0.1) and ligne["p_minimal"] == pytest.approx(0.1)
    )
    assert ligne["conclusion"] == "non concluant" and "même le plus grand écart" in ligne["raison"]
    assert ligne["ecart"] == pytest.approx(0.1 - 0.8)
    hasard = np.random.default_rng(3)
    autres = pd.DataFrame({"C": hasard.random(9)}, index=[f"T{i:02d}" for i in range(9)])
    nous = comparer(autres, _territoires(9, 4)).query("caracteristique == 'echelle'").iloc[0]["p"]
    a, b = autres["C"].to_numpy()[4:], autres["C"].to_numpy()[:4]
    lui = permutation_test((a, b), lambda x, y: abs(x.mean() - y.mean()), alternative="greater", n_resamples=np.inf)
    assert nous == pytest.approx(lui.pvalue)


def test_le_p_ajuste_est_celui_du_plus_grand_ecart() -> None:
    hasard = np.random.default_rng(5)
    parts = pd.DataFrame(hasard.random((10, 3)), columns=list("CDE"), index=[f"T{i:02d}" for i in range(10)])
    parts.iloc[:5, 0] += 3.0
    table = comparer(parts, _territoires(10, 5)).query("caracteristique == 'echelle'").set_index("code")
    nuls = np.array(
        [
            parts.iloc[list(c)].mean() - parts.iloc[[i for i in range(10) if i not in c]].mean()
            for c in itertools.combinations(range(10), 5)
        ]
    )
    reduits = np.abs(nuls) / nuls.std(axis=0)
    observe = (parts.iloc[5:].mean() - parts.iloc[:5].mean()).to_numpy()
    attendu = [(reduits.max(axis=1) >= abs(o) / s - 1e-9).mean() for o, s in zip(observe, nuls.std(axis=0), strict=True)]
    assert table.loc[list("CDE"), "p_ajuste"].tolist() == pytest.approx(attendu)
    assert table.loc["C", "conclusion"] == "moins" and table.loc["D", "conclusion"] == "non concluant"
    assert (table["p_ajuste"] >= table["p"] - 1e-12).all()


def test_le_p_ajuste_couvre_toutes_les_valeurs() -> None:
    hasard = np.random.default_rng(6)
    parts = pd.DataFrame(hasard.random((7, 2)), columns=list("CD"), index=[f"T{i:02d}" for i in range(7)])
    fiches = pd.DataFrame({"territoire": parts.index, "echelle": list("aabbccc"), "porteur": "", "annee": 2020})
    table = comparer(parts, fiches).set_index(["valeur", "code"])
    valeurs = parts.to_numpy()

    def ecarts(etiquettes: tuple[str, ...]) -> dict[tuple[str, str], float]:
        rendus = {}
        for lettre in "abc":
            ont = np.array(etiquettes) == lettre
            rendus |= {
                (lettre, code): d for code, d in zip("CD", valeurs[ont].mean(axis=0) - valeurs[~ont].mean(axis=0), strict=True)
            }
        return rendus

    nuls = pd.DataFrame([ecarts(e) for e in sorted(set(itertools.permutations("aabbccc")))]).abs()
    assert len(nuls) == 210
    etendue = pd.DataFrame([ecarts(e) for e in sorted(set(itertools.permutations("aabbccc")))]).std(ddof=0)
    plus_grand = (nuls / etendue).max(axis=1)
    for cle, observe in ecarts(tuple("aabbccc")).items():
        assert table.loc[cle, "p"] == pytest.approx((nuls[cle] >= abs(observe) - 1e-9).mean())
        assert table.loc[cle, "p_ajuste"] == pytest.approx((plus_grand >= abs(observe) / etendue[cle] - 1e-9).mean())
    assert table.loc[("c", "C"), "liste"] == "T04;T05;T06"


def test_un_territoire_inconnu_n_est_pas_compare() -> None:
    parts = pd.DataFrame({"C": [0.9, 0.8, 0.7, 0.1, 0.2, 0.0, 1.0]}, index=[f"T{i:02d}" for i in range(7)])
    sans, avec = comparer(parts.iloc[:6], _territoires(6, 3)), comparer(parts, _territoires(6, 3))
    pd.testing.assert_frame_equal(sans, avec)


def test_les_caracteristiques_en_mots() -> None:
    fiches = pd.DataFrame({"echelle": "", "porteur": None, "annee": ["2020", "2021", "?"]})
    rendues = caracteristiques(fiches)
    assert rendues["anciennete"].tolist() == ["jusqu'en 2020", "après 2020", ""] and set(rendues["porteur"]) == {""}
    assert set(caracteristiques(fiches.assign(annee=2021))["anciennete"]) == {""}



def test_sous_l_hypothese_nulle_on_conclut_rarement() -> None:
    hasard = np.random.default_rng(0)
    faux = sum(
        (
            comparer(pd.DataFrame(hasard.random((10, 12)), index=[f"T{i:02d}" for i in range(10)]), _territoires(10, 5)).query(
                "caracteristique == 'echelle'"
            )["conclusion"]
            != "non concluant"
        ).any()
        for _ in range(100)
    )
    assert faux <= 11  # 5 attendus sur 100 ; 11 et plus arriverait moins d'une fois sur cent


def test_l_intervalle_couvre_l_ecart_vrai() -> None:
    hasard = np.random.default_rng(2)
    dedans = 0
    for _ in range(60):
        valeurs = pd.DataFrame(
            {"C": np.clip(hasard.normal(0.5, 0.08, 10) + np.repeat([0.0, 0.3], 5), 0, 1)}, index=[f"T{i:02d}" for i in range(10)]
        )
        ligne = (
            comparer(valeurs, _territoires(10, 5)).query("caracteristique == 'echelle'").iloc[0]
        )  # « agglo » : les cinq derniers
        dedans += ligne["bas"] <= 0.3 <= ligne["haut"]
    assert dedans >= 52


def test_trop_peu_de_territoires_ou_aucun_ecart() -> None:
    parts = pd.DataFrame({"C": [0.5] * 10}, index=[f"T{i:02d}" for i in range(10)])
    assert comparer(parts, _territoires(10, 9)).query("caracteristique == 'echelle'")["raison"].tolist() == [
        "moins de 2 territoires d'un côté"
    ]
    assert comparer(parts, _territoires(10, 5)).query("caracteristique == 'echelle'")["raison"].tolist() == [
        "tous les territoires en disent autant"
    ]


def test_table_de_verite_a_la_main() -> None:
    conditions = pd.DataFrame({"ville": [True, True, False, False], "ancien": [True, True, True, False]}, index=list("ABCD"))
    table = table_de_verite(conditions, pd.Series([True, False, True, False], index=list("ABCD")))
    colonnes = ["ville", "ancien", "territoires", "positifs", "coherence", "couverture", "contradictoire", "liste"]
    assert table[colonnes].to_numpy().tolist() == [
        [False, False, 1, 0, 0.0, 0.0, False, "D"], [False, True, 1, 1, 1.0, 0.5, False, "C"],
        [True, True, 2, 1, 0.5, 0.5, True, "A;B"]]
    assert table.attrs["non_observees"] == 1
    with pytest.raises(ValueError, match="mêmes territoires"):
        table_de_verite(conditions, pd.Series([True], index=["A"]))


@pytest.mark.parametrize(("annees", "pivot"), [
    ([2020, 2021, 2021], 2020.0), ([2018, 2022], 2018.0), ([2019, 2020, 2021, "?"], 2020.0), ([2020, 2020], None),
    ([None, None], None)])
def test_l_anciennete_separe_toujours_les_territoires(annees: list[object], pivot: float | None) -> None:
    """La médiane est parfois l'année la plus récente : « jusqu'à elle » rassemblerait tout le monde."""
    _, trouve = anciennetes(pd.Series(annees, dtype=object))
    assert trouve == pivot if pivot else trouve != trouve
