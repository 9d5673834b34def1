"""Les thèmes par territoire : effectifs comptés à la main, probabilités contre le dénombrement exact."""

from __future__ import annotations

from itertools import combinations, product

import numpy as np
import pandas as pd
import pytest

from evaluation.themes_territoires import COLONNES_ECARTS, COLONNES_REPARTITION, comparer, repartir

Tables = tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]


def _etude(fiches: list[tuple[str, str, str, int, int, int]], locaux: list[tuple[str, str, str]] = ()) -> Tables:  # type: ignore[assignment]
    """Par entretien : territoire, catégorie, phrases dites, phrases du thème t01 puis du thème t02."""
    entretiens = pd.DataFrame([f[:3] for f in fiches], columns=["entretien", "territoire", "categorie"])
    phrases, liens = [], []
    for nom, _, _, dites, un, deux in fiches:
        phrases.append((nom, "", "enqueteur"))
        phrases += [(nom, f"p{n}", "enquete") for n in range(dites)]
        themes = ["t01"] * un + ["t02"] * deux
        liens += [("national", theme, nom, f"p{n}") for n, theme in enumerate(themes)]
        liens += [("A", "t01", nom, f"p{n}") for n in range(dites) if nom == "e1"]  # un thème local ne compte pas
    themes = [("national", "t01", ""), ("national", "t02", ""), *locaux]
    return (pd.DataFrame(themes, columns=["portee", "theme", "theme_national"]),
            pd.DataFrame(liens, columns=["portee", "theme", "entretien", "phrase"]),
            pd.DataFrame(phrases, columns=["entretien", "phrase", "role"]), entretiens)  # fmt: skip


PETITE = _etude(
    [("e1", "A", "etat", 10, 5, 0), ("e2", "A", "spe", 10, 1, 2), ("e3", "B", "etat", 20, 0, 4),
     ("e4", "B", "", 0, 0, 0), ("e5", "", "spe", 5, 1, 0)],
    [("A", "t01", "t01"), ("A", "t02", ""), ("A", "t03", "t01"), ("B", "t01", "t02")],
)  # fmt: skip


def test_repartition_comptee_a_la_main() -> None:
    table = repartir(*PETITE)
    assert tuple(table.columns) == COLONNES_REPARTITION
    lues = table.set_index(["theme", "territoire", "categorie"])
    attendues = {
        ("", ""): (7, 45, 3, 5), ("", "etat"): (5, 30, 1, 2), ("", "spe"): (2, 15, 2, 2),
        ("A", ""): (6, 20, 2, 2), ("A", "etat"): (5, 10, 1, 1), ("A", "spe"): (1, 10, 1, 1),
        ("B", ""): (0, 20, 0, 2), ("B", "etat"): (0, 20, 0, 1),
    }  # fmt: skip
    un = lues.loc["t01", ["phrases", "phrases_dites", "entretiens", "entretiens_menes"]]
    assert {cle: tuple(un.loc[cle]) for cle in un.index} == attendues  # pas de ligne (B, spe) : personne
    assert lues.loc[("t01", "A", ""), ["part", "part_entretiens"]].tolist() == [0.3, 1.0]
    assert lues.loc[("t02", "", ""), "phrases"] == 6
    assert list(dict.fromkeys(table["theme"])) == ["t01", "t02"]


def test_moyennes_attendues_et_themes_proches_a_la_main() -> None:
    table = comparer(*PETITE, tirages=50)
    assert tuple(table.columns) == COLONNES_ECARTS
    lues = table.set_index(["territoire", "theme"])
    a = lues.loc[("A", "t01")]
    # Parts de t01 : e1 0,5 ; e2 0,1 ; e3 0. Attendues : État (0,5 + 0) / 2, SPE 0,1 (e5 n'a pas de territoire).
    assert (a["moyenne"], a["attendue"], a["part"]) == pytest.approx((0.3, (0.25 + 0.1) / 2, 0.3))
    assert a["ecart"] == pytest.approx(0.3 - 0.175)
    assert lues["themes_proches"].tolist() == ["t01;t03", "", "", "t01"]
    assert lues.index.tolist() == [("A", "t01"), ("A", "t02"), ("B", "t01"), ("B", "t02")]
    assert lues["etat"].tolist() == ["commun", "dispersé", "absent", "commun"]
    # e4 ne dit rien : B se résume à e3.
    assert lues.loc[("B", "t02"), "moyenne"] == pytest.approx(0.2)


def _exacte(parts: np.ndarray, dedans: list[bool], groupes: list[str]) -> float:
    """Probabilité exacte : toutes les façons de redistribuer le territoire dans chaque groupe."""
    choix = []
    for groupe in dict.fromkeys(groupes):
        membres = [rang for rang, nom in enumerate(groupes) if nom == groupe]
        choix.append(list(combinations(membres, sum(dedans[rang] for rang in membres))))
    sommes = np.array([sum(parts[rang] for part in tirage for rang in part) for tirage in product(*choix)])
    observee = parts[np.array(dedans)].sum()
    return float((np.abs(sommes - sommes.mean()) >= abs(observee - sommes.mean()) - 1e-9).mean())


@pytest.mark.parametrize("categories", [["x"] * 9, ["x", "y", "y"] * 3])
def test_probabilites_contre_le_denombrement(categories: list[str]) -> None:
    comptes = [9, 8, 7, 2, 3, 1, 2, 0, 4]
    lieux = ["A"] * 4 + ["B"] * 5
    fiches = [(f"e{r}", lieu, categorie, 10, n, 0)
              for r, (lieu, categorie, n) in enumerate(zip(lieux, categories, comptes, strict=True))]  # fmt: skip
    lues = comparer(*_etude(fiches)).set_index(["territoire", "theme"])
    exacte = _exacte(np.array(comptes) / 10, [lieu == "A" for lieu in lieux], categories)
    # Holm sur deux thèmes : t02, que personne ne dit, a p = 1.
    assert lues.loc[("A", "t01"), "p"] == pytest.approx(min(1, 2 * exacte), abs=0.015)
    assert lues.loc[("A", "t02"), "p"] == 1
    assert lues.loc[("A", "t01"), "p"] == lues.loc[("B", "t01"), "p"]  # deux territoires : un seul écart, deux signes
    assert lues.loc[("A", "t01"), "ecart"] > 0 > lues.loc[("B", "t01"), "ecart"]


def test_un_bavard_ne_fait_pas_un_territoire_un_ecart_partage_si() -> None:
    bavard = [("a0", "A", "", 100, 90, 0), *((f"a{r}", "A", "", 10, 0, 0) for r in range(1, 8)),
              *((f"b{r}", "B", "", 10, 0, 0) for r in range(20))]  # fmt: skip
    assert set(comparer(*_etude(bavard))["constat"]) == {""}
    partage = [*((f"a{r}", "A", "", 10, 4 + r % 2, 0) for r in range(8)),
               *((f"b{r}", "B", "", 10, r % 3, 0) for r in range(20))]  # fmt: skip
    lues = comparer(*_etude(partage)).set_index(["territoire", "theme"])["constat"]
    assert lues.to_dict() == {("A", "t01"): "plus", ("A", "t02"): "", ("B", "t01"): "moins", ("B", "t02"): ""}


def test_l_ecart_du_aux_personnes_rencontrees_n_est_pas_celui_du_territoire() -> None:
    """A n'a que des employeurs, qui parlent de t01 partout : le territoire n'y est pour rien."""
    fiches = [*((f"a{r}", "A", "entreprise", 10, 5, 0) for r in range(8)),
              *((f"b{r}", "B", "entreprise", 10, 5, 0) for r in range(8)),
              *((f"c{r}", "B", "etat", 10, 0, 0) for r in range(20))]  # fmt: skip
    lues = comparer(*_etude(fiches)).set_index(["territoire", "theme"])
    assert lues.loc[("A", "t01"), "part"] == 0.5 > lues.loc[("B", "t01"), "part"]
    assert lues.loc[("A", "t01"), "ecart"] == pytest.approx(0) and set(lues["constat"]) == {""}


def test_le_test_tient_son_risque() -> None:
    """Territoires tirés au sort : sur 100 études, un écart est signalé à tort dans 5 % des territoires au plus."""
    hasard = np.random.default_rng(3)
    faux = 0
    for _ in range(100):
        fiches = [(f"e{r}", "AB"[r % 2], "xyz"[r % 3], 20, int(hasard.integers(0, 8)), int(hasard.integers(0, 8)))
                  for r in range(24)]  # fmt: skip
        table = comparer(*_etude(fiches), tirages=199)
        faux += bool((table.loc[table["territoire"] == "A", "constat"] != "").any())
    assert faux <= 12  # P(X > 12) < 0,002 pour X binomiale (100 ; 0,05)


def test_memes_entrees_memes_sorties_et_entrees_fausses() -> None:
    pd.testing.assert_frame_equal(comparer(*PETITE), comparer(*PETITE))
    themes, liens, phrases, entretiens = PETITE
    perdue = pd.concat([liens, liens.tail(1).assign(phrase="p99")])
    with pytest.raises(ValueError, match="introuvable : e5 p99"):
        repartir(themes, perdue, phrases, entretiens)
    with pytest.raises(ValueError, match="au moins un tirage"):
        comparer(*PETITE, tirages=0)


def test_cas_limites() -> None:
    themes, liens, phrases, entretiens = PETITE
    for rendre, colonnes in ((repartir, COLONNES_REPARTITION), (comparer, COLONNES_ECARTS)):
        vide = rendre(themes.head(0), liens.head(0), phrases, entretiens)
        assert vide.empty and tuple(vide.columns) == colonnes
        personne = rendre(themes, liens.head(0), phrases.head(0), entretiens.head(0))
        assert personne.empty and tuple(personne.columns) == colonnes
    muet = comparer(themes, liens.head(0), phrases.head(0), entretiens)
    assert muet["moyenne"].isna().all() and set(muet["constat"]) == {""} and (muet["p"] == 1).all()
