"""L'accord entre codeurs : exemples calculés à la main, et par des bibliothèques."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from evaluation.accord import TOUS, accords, phrases_codees


def _phrases(entretiens: int = 3, par: int = 10) -> pd.DataFrame:
    return pd.DataFrame([(f"E{e}", f"p{p:03d}", "enquete", 10 * p, 10 * p + 8) for e in range(entretiens) for p in range(par)],
                        columns=["entretien", "phrase", "role", "debut", "fin"])


def test_un_mot_code_sa_phrase_et_un_passage_celles_qu_il_recouvre() -> None:
    passages = pd.DataFrame([("A", "E0", 2, 5, "C"), ("A", "E0", 10, 38, "D"), ("A", "E0", 47, 51, "F"), ("A", "E0", 8, 10, "G")],
                            columns=["codeur", "entretien", "debut", "fin", "code"])
    codees = phrases_codees(passages, _phrases())
    assert codees.groupby("code")["phrase"].agg(list).to_dict() == {"C": ["p000"], "D": ["p001", "p002", "p003"]}


def test_une_question_ne_porte_pas_de_code() -> None:
    phrases = _phrases().assign(role="enqueteur")
    passages = pd.DataFrame([("A", "E0", 0, 8, "C")], columns=["codeur", "entretien", "debut", "fin", "code"])
    assert phrases_codees(passages, phrases).empty


def test_kappa_calcule_a_la_main() -> None:
    # Dix phrases : les deux sur p0 et p1, A seul sur p2, B seul sur p3. po = 0,8 ; pe = 0,3² + 0,7² = 0,58.
    codees = pd.DataFrame([("A", "E0", p, "C") for p in ("p000", "p001", "p002")]
                          + [("B", "E0", p, "C") for p in ("p000", "p001", "p003")],
                          columns=["codeur", "entretien", "phrase", "code"])
    lus = pd.DataFrame([("A", "E0"), ("B", "E0")], columns=["codeur", "entretien"])
    table = accords(codees, _phrases(1), lus, ["C"]).set_index(["mesure", "code"])
    assert table.loc[("kappa", "C"), "valeur"] == pytest.approx((0.8 - 0.58) / 0.42)
    assert table.loc[("kappa", "C"), ["entretiens", "phrases", "portent"]].tolist() == [1, 10, 4]
    # α = 1 - (n - 1) Σ désaccords / (oui × non) = 1 - 19 × 2 / (6 × 14).
    assert table.loc[("alpha", "C"), "valeur"] == pytest.approx(1 - 19 * 2 / 84)
    assert np.isnan(table.loc[("kappa", "C"), "bas"])  # un seul entretien : pas d'intervalle


def test_un_code_pose_hors_de_ce_qu_on_a_lu_ne_se_compare_pas() -> None:
    """B a posé C dans E1 sans l'avoir fini : seul E0 se compare."""
    codees = pd.DataFrame([("A", "E0", "p000", "C"), ("B", "E0", "p000", "C"), ("A", "E1", "p000", "C"), ("B", "E1", "p001", "C")],
                          columns=["codeur", "entretien", "phrase", "code"])
    lus = pd.DataFrame([("A", "E0"), ("B", "E0"), ("A", "E1")], columns=["codeur", "entretien"])
    table = accords(codees, _phrases(2), lus, ["C", "D"]).set_index(["mesure", "code"])
    assert table.loc[("kappa", "C"), ["valeur", "entretiens", "phrases", "portent"]].tolist() == [1.0, 1, 10, 1]


def test_alpha_a_trois_codeurs_et_lectures_partielles_suit_la_bibliotheque() -> None:
    hasard = np.random.default_rng(1)
    phrases = _phrases(4, 12)
    lus = pd.DataFrame([(c, f"E{e}") for c in "ABM" for e in range(4) if (c, e) != ("B", 3)], columns=["codeur", "entretien"])
    vraies = hasard.random((len(phrases), 2)) < 0.3
    lignes = [(c, p.entretien, p.phrase, code) for c in "ABM" for i, p in enumerate(phrases.itertuples())
              for j, code in enumerate(("C", "D")) if (c, p.entretien) != ("B", "E3") and vraies[i, j] ^ (hasard.random() < 0.1)]
    codees = pd.DataFrame(lignes, columns=["codeur", "entretien", "phrase", "code"])
    table = accords(codees, phrases, lus, ["C", "D"]).set_index(["codeurs", "code"])
    assert set(table.index.get_level_values(0)) == {"A, B", "A, M", "B, M", TOUS}
    a, b = (np.array([(p.entretien, p.phrase) in set(codees.loc[(codees.codeur == c) & (codees.code == "C"),
                     ["entretien", "phrase"]].itertuples(index=False, name=None)) for p in phrases.itertuples()
                      if p.entretien != "E3"]) for c in "AB")
    assert table.loc[("A, B", "C"), "valeur"] == pytest.approx(cohen_kappa_score(a, b))
    assert table.loc[("A, B", "C"), "phrases"] == 36 and table.loc[("A, M", "C"), "phrases"] == 48
    for code in ("C", "D"):
        ligne = table.loc[(TOUS, code)]
        assert ligne["bas"] <= ligne["valeur"] <= ligne["haut"]
    # La formule des sommes, qui porte les intervalles, donne ce que donne la bibliothèque.
    from evaluation import accord

    lues = np.array([[1, 1, 0, 0, np.nan], [1, 0, 0, 1, 1], [1, 1, 0, np.nan, 0]])
    oui, lecteurs = np.nansum(lues, axis=0), (~np.isnan(lues)).sum(axis=0)
    sommes = np.array([oui.sum(), (lecteurs - oui).sum(), (oui * (lecteurs - oui) / (lecteurs - 1)).sum()])
    assert accord._alpha(sommes) == pytest.approx(accord._krippendorff(lues))


def test_un_code_que_personne_ne_porte_n_a_pas_d_accord() -> None:
    codees = pd.DataFrame([("A", "E0", "p000", "C"), ("B", "E0", "p000", "C")], columns=["codeur", "entretien", "phrase", "code"])
    lus = pd.DataFrame([(c, f"E{e}") for c in "AB" for e in range(3)], columns=["codeur", "entretien"])
    table = accords(codees, _phrases(), lus, ["C", "D"]).set_index(["mesure", "code"])
    assert table.loc[("kappa", "D"), "portent"] == 0 and table.loc[("kappa", "D"), ["valeur", "bas"]].isna().all()
    assert table.loc[("kappa", "C"), "valeur"] == 1.0
