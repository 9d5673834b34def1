"""L'estimation corrigée : calculs à la main, absence de biais par énumération, couverture sur données simulées."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, t

import evaluation.estimation as estimation
from evaluation.estimation import COLONNES, Estimateur, Mesures, Parts, estimer, korn_graubard, wilson
from evaluation.plans import Tirage, ecarts_prevus, tirer

VALEURS = np.array([1, 0, 1, 1, 0, 0, 1, 0, 1], dtype=float)
PREVUES = np.array([0.9, 0.2, 0.4, 0.8, 0.1, 0.3, 0.6, 0.5, 0.7])


@pytest.fixture
def sans_seuil(monkeypatch: pytest.MonkeyPatch) -> None:
    """De petits exemples : on corrige quel que soit l'effectif."""
    monkeypatch.setattr(estimation, "PORTEURS_MINIMUM", 0)
    monkeypatch.setattr(estimation, "TIREES_MINIMUM", 0)


def estimer_part(rangs: list[int], probabilites: list[float], strates: list[str] | None = None, poids: float | None = 1.0,
                 valeurs: np.ndarray = VALEURS, prevues: np.ndarray = PREVUES, tailles: np.ndarray | None = None) -> Parts:
    """Une part sur des unités tirées de la petite population ; `poids` vide : λ réglé."""
    tailles = np.ones(len(valeurs)) if tailles is None else tailles
    tirage = Tirage(np.array(rangs), np.array(probabilites), np.array(strates or ["x"] * len(rangs)))
    estimateur = Estimateur(tirage, Mesures(valeurs[rangs, None], prevues[rangs, None], tailles[rangs]))
    regle = estimateur.poids_machine() if poids is None else np.array([poids])
    return estimateur.parts(regle, np.array([prevues.sum() / tailles.sum()]))


@pytest.mark.usefixtures("sans_seuil")
def test_sondage_simple_a_la_main() -> None:
    """Unités 0, 1, 2, 4 sur 9 : t = 1 0 1 0, f = 0,9 0,2 0,4 0,1."""
    parts = estimer_part([0, 1, 2, 4], [4 / 9] * 4)
    assert parts.echantillon[0] == pytest.approx(0.5)
    # f en moyenne 0,5 sur la population ; écarts 0,1 −0,2 0,6 −0,1, en moyenne 0,1.
    assert parts.corrige[0] == pytest.approx(0.6)
    # s² = (0 + 0,09 + 0,25 + 0,04) / 3 ; V = (1 − 4/9) s² / 4.
    assert parts.variance[0] == pytest.approx(5 / 9 * 0.38 / 3 / 4)
    assert parts.portent[0] == 2


@pytest.mark.usefixtures("sans_seuil")
def test_poids_regle_contre_une_formule_independante() -> None:
    """λ de PPI++ en population finie : pente de régression de t sur f dans l'échantillon, bornée à [0, 1]."""
    rangs = [0, 1, 2, 5, 7, 8]
    y, f = VALEURS[rangs], PREVUES[rangs]
    pente = np.cov(y, f)[0, 1] / np.var(f, ddof=1)
    assert pente > 1  # bornée
    parts = estimer_part(rangs, [6 / 9] * 6, poids=None)
    assert parts.corrige[0] == pytest.approx(PREVUES.mean() + (y - f).mean())
    parts = estimer_part(rangs, [6 / 9] * 6, poids=None, prevues=2 * PREVUES)
    assert 0 < pente / 2 < 1
    assert parts.corrige[0] == pytest.approx(pente / 2 * 2 * PREVUES.mean() + (y - pente * f).mean())
    assert parts.variance[0] == pytest.approx((1 - 6 / 9) * np.var(y - pente * f, ddof=1) / 6)


@pytest.mark.usefixtures("sans_seuil")
def test_egale_le_pseudo_codage_du_dsl() -> None:
    """λ = 1, chances égales : la moyenne des f + (tirée/π)(t − f) sur toute la population."""
    tirees = np.isin(np.arange(9), [1, 3, 6, 8])
    pseudo = PREVUES + tirees / (4 / 9) * (VALEURS - PREVUES)
    assert estimer_part([1, 3, 6, 8], [4 / 9] * 4).corrige[0] == pytest.approx(pseudo.mean())


@pytest.mark.usefixtures("sans_seuil")
def test_sans_biais_sur_tous_les_echantillons_simples() -> None:
    estimees = [estimer_part(list(rangs), [5 / 9] * 5) for rangs in itertools.combinations(range(9), 5)]
    assert len(estimees) == 126
    for valeurs in ([p.corrige[0] for p in estimees], [p.echantillon[0] for p in estimees]):
        assert np.mean(valeurs) == pytest.approx(VALEURS.mean(), abs=1e-12)
    assert np.mean([p.variance[0] for p in estimees]) == pytest.approx(np.var([p.corrige[0] for p in estimees]))


@pytest.mark.usefixtures("sans_seuil")
def test_sans_biais_sur_tous_les_echantillons_stratifies() -> None:
    """Quatre et cinq unités, deux et trois tirées."""
    tous = itertools.product(itertools.combinations(range(4), 2), itertools.combinations(range(4, 9), 3))
    estimees = [estimer_part([*a, *b], [2 / 4] * 2 + [3 / 5] * 3, list("aabbb")) for a, b in tous]
    assert len(estimees) == 60
    assert np.mean([p.corrige[0] for p in estimees]) == pytest.approx(VALEURS.mean(), abs=1e-12)
    assert np.mean([p.echantillon[0] for p in estimees]) == pytest.approx(VALEURS.mean(), abs=1e-12)
    assert np.mean([p.variance[0] for p in estimees]) == pytest.approx(np.var([p.corrige[0] for p in estimees]))


@pytest.mark.usefixtures("sans_seuil")
def test_grappes_a_la_main() -> None:
    """Trois entretiens tirés sur six : 2 phrases sur 10, 1 sur 20, 3 sur 10 portent le code. R = 6/40."""
    valeurs, tailles = np.array([2.0, 1, 3, 0, 4, 1]), np.array([10.0, 20, 10, 15, 10, 5])
    parts = estimer_part([0, 1, 2], [0.5] * 3, poids=0.0, valeurs=valeurs, prevues=np.zeros(6), tailles=tailles)
    assert parts.echantillon[0] == parts.corrige[0] == pytest.approx(0.15)
    # Écarts à R × taille : 0,5, −2, 1,5, de somme nulle ; V = (1 − 1/2) × 3/2 × 6,5 / 40².
    assert parts.variance[0] == pytest.approx(0.5 * 1.5 * 6.5 / 40**2)


@pytest.mark.usefixtures("sans_seuil")
def test_machine_parfaite_machine_inutile_et_recensement() -> None:
    rangs, chances = [0, 1, 4, 6], [4 / 9] * 4
    parfaite = estimer_part(rangs, chances, poids=None, prevues=VALEURS)
    assert parfaite.corrige[0] == parfaite.corrige_bas[0] == parfaite.corrige_haut[0] == pytest.approx(VALEURS.mean())
    inutile = estimer_part(rangs, chances, poids=None, prevues=np.full(9, 0.3))
    assert inutile.corrige[0] == inutile.echantillon[0]
    assert inutile.corrige_bas[0] == inutile.echantillon_bas[0]
    tout = estimer_part(list(range(9)), [1.0] * 9, poids=None)
    assert [v[0] for v in (tout.corrige, tout.corrige_bas, tout.corrige_haut, tout.echantillon_bas, tout.echantillon_haut)] == (
        pytest.approx([VALEURS.mean()] * 5))


def test_trop_peu_pour_corriger() -> None:
    """Quatre porteurs sur douze : l'échantillon seul reste, avec l'intervalle exact."""
    valeurs = np.zeros(1000)
    valeurs[:4] = 1
    parts = estimer_part(list(range(12)), [12 / 1000] * 12, valeurs=valeurs, prevues=valeurs)
    assert np.isnan([parts.corrige[0], parts.corrige_bas[0], parts.corrige_haut[0]]).all()
    assert parts.echantillon[0] == pytest.approx(1 / 3) and parts.portent[0] == 4
    assert parts.echantillon_bas[0] < 0.12 and parts.echantillon_haut[0] > 0.62  # Clopper-Pearson : 0,099 à 0,651
    rien = estimer_part(list(range(10, 22)), [12 / 1000] * 12, valeurs=valeurs, prevues=valeurs)
    assert rien.echantillon_bas[0] == 0 and 0.25 < rien.echantillon_haut[0] < 0.4  # 12 tirées, aucune : au plus 0,265


def test_korn_graubard_retrouve_clopper_pearson() -> None:
    for x, n in ((3, 20), (0, 15), (15, 15), (1, 200)):
        bas, haut = korn_graubard(np.array([x / n]), np.array([x / n * (1 - x / n) / n]), float(n), 10**9)
        exact = binomtest(x, n).proportion_ci(0.95, "exact")
        assert (bas[0], haut[0]) == pytest.approx((exact.low, exact.high))


@given(st.floats(0.001, 0.999), st.floats(1e-8, 0.5), st.integers(1, 500))
def test_wilson_resout_son_equation(part: float, variance: float, ddl: int) -> None:
    """Chaque borne b vérifie (p − b)² = q² b(1 − b) / n, avec n = p(1 − p)/V."""
    effectif, q = part * (1 - part) / variance, t.ppf(0.975, ddl)
    for borne in wilson(np.array([part]), np.array([variance]), ddl):
        assert 0 <= borne[0] <= 1
        assert (part - borne[0]) ** 2 == pytest.approx(q**2 * borne[0] * (1 - borne[0]) / effectif, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("plan", ["simple", "inegal"])
def test_couverture_et_largeur_sur_donnees_simulees(plan: str) -> None:
    """Une machine trop sûre d'elle : comptage brut faux, intervalle corrigé juste, plus court que l'échantillon seul."""
    hasard = np.random.default_rng(7)
    vraie = hasard.beta(0.3, 1.2, 3000)
    valeurs = (hasard.random(3000) < vraie).astype(float)
    prevues = np.clip(vraie * 1.5, 0, 1)
    ecarts = ecarts_prevus(prevues[:, None])
    couverts, corriges, seules = [], [], []
    for graine in range(400):
        tirages = [tirer(p, 200, ["x"] * 3000, ecarts, graine) for p in (plan, "simple")]
        corrige, seul = (estimer_part(list(tire.rangs), list(tire.probabilites), poids=None, valeurs=valeurs, prevues=prevues)
                         for tire in tirages)
        couverts.append(corrige.corrige_bas[0] <= valeurs.mean() <= corrige.corrige_haut[0])
        corriges.append((corrige.corrige[0], corrige.corrige_haut[0] - corrige.corrige_bas[0]))
        seules.append(seul.echantillon_haut[0] - seul.echantillon_bas[0])
    assert abs((prevues > 0.5).mean() - valeurs.mean()) > 0.02
    assert 0.92 <= np.mean(couverts) <= 0.98
    centres, largeurs = np.array(corriges).T
    assert abs(centres.mean() - valeurs.mean()) < 4 * centres.std() / np.sqrt(400)
    assert largeurs.mean() < 0.85 * np.mean(seules)


def petite_etude(nombre: int = 24) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`nombre` entretiens de quatre phrases d'enquêtés, une sur deux dans le territoire T2."""
    noms = [f"E{rang:02d}" for rang in range(nombre)]
    phrases = pd.DataFrame([(nom, f"p{rang}" if rang else "", "enquete" if rang else "enqueteur")
                            for nom in noms for rang in range(5)], columns=["entretien", "phrase", "role"])
    return phrases, pd.DataFrame({"entretien": noms, "territoire": ["T1", "T2"] * (nombre // 2)})


def poser(lignes: list[tuple[str, str, str, str, float]]) -> pd.DataFrame:
    return pd.DataFrame(lignes, columns=["entretien", "phrase", "code", "modalite", "confiance"])


def test_estimer_une_etude() -> None:
    """Vingt entretiens tirés sur 24 ; A est dit (présent) dans E00 à E11, la machine le voit partout, B jamais dit."""
    phrases, entretiens = petite_etude()
    noms = list(entretiens["entretien"])
    mentions = poser([(nom, "p1", "A", "presente", 0.6) for nom in noms])
    tires = noms[:10] + noms[12:22]
    echantillon = pd.DataFrame([(nom, f"p{rang}", "entretiens", "ensemble", 20 / 24) for nom in tires for rang in range(1, 5)],
                               columns=["entretien", "phrase", "unite", "strate", "probabilite"])
    codages = poser([(nom, "p2", "A", "presente", 1.0) for nom in noms[:10]]).drop(columns="confiance")
    table = estimer(phrases, entretiens, mentions, echantillon, codages, ["A", "B"])
    assert tuple(table.columns) == COLONNES
    assert len(table) == 3 * 2 * 4 * 2  # portées, unités, modalités, codes
    lues = table.set_index(["portee", "unite", "code", "modalite"])
    a = lues.loc[("national", "entretiens", "A", "toutes")]
    assert (a["population"], a["tirees"], a["portent"], a["brut"], a["echantillon"]) == (
        24, 20, 10, 1, pytest.approx(0.5))
    assert a["conclusion"] == "corrigé" and a["poids_machine"] == 0 and a["corrige"] == pytest.approx(0.5)
    assert a["corrige_bas"] < 0.5 < a["corrige_haut"] < 0.65  # 20 sur 24 : le tirage laisse peu d'inconnu
    phrase = lues.loc[("national", "phrases", "A", "presente")]
    assert (phrase["population"], phrase["brut"], phrase["echantillon"]) == (96, 0.25, pytest.approx(10 / 80))
    assert lues.loc[("national", "entretiens", "A", "absente"), "portent"] == 0
    b = lues.loc[("national", "entretiens", "B", "toutes")]
    assert b["conclusion"] == "trop peu" and np.isnan(b["corrige"]) and b["echantillon_bas"] == 0 < b["echantillon_haut"] < 0.2
    assert lues.loc[("T2", "entretiens", "A", "toutes"), "tirees"] == 10
    # Les phrases seules ne disent rien de ce qu'un entretien tait.
    par_phrase = echantillon.assign(unite="phrases")
    assert set(estimer(phrases, entretiens, mentions, par_phrase, codages, ["A", "B"])["unite"]) == {"phrases"}


@pytest.mark.parametrize(("quoi", "attendu"), [
    ("unites", "une seule unité de tirage"), ("partie", "il manque de ses phrases"), ("double", "en double"),
    ("hors", "codage hors de l'échantillon"), ("code", "code hors de l'étude : Z"), ("lieu", "sans territoire connu : E00")])
def test_echantillons_refuses(quoi: str, attendu: str) -> None:
    phrases, entretiens = petite_etude()
    echantillon = phrases[(phrases["role"] == "enquete") & (phrases["entretien"] < "E20")].assign(
        unite="entretiens", strate="ensemble", probabilite=20 / 24).drop(columns="role")
    codages = poser([("E01", "p2", "A", "presente", 1.0)])
    mentions = codages
    if quoi == "unites":
        echantillon.iloc[0, echantillon.columns.get_loc("unite")] = "phrases"
    elif quoi == "partie":
        echantillon = echantillon.iloc[1:]
    elif quoi == "double":
        echantillon = pd.concat([echantillon, echantillon.head(1)])
    elif quoi == "hors":
        codages = poser([("E22", "p2", "A", "presente", 1.0)])
    elif quoi == "code":
        mentions = poser([("E01", "p2", "Z", "presente", 1.0)])
    else:
        entretiens = entretiens.iloc[1:]
    with pytest.raises(ValueError, match=attendu):
        estimer(phrases, entretiens, mentions, echantillon, codages, ["A"])
