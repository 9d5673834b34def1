"""Redresser la non-réponse : calage à la main, contre une boucle naïve, couverture des intervalles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import hypergeom

from evaluation.calage import CalageImpossible, caler, redresser
from evaluation.population_finie import estimer_moyenne, estimer_part

N = 84


def indicatrices(lignes: np.ndarray, colonnes: np.ndarray) -> np.ndarray:
    """Constante, puis indicatrices sauf la première de chaque variable."""
    autres = [(v == c).astype(float) for v in (lignes, colonnes) for c in np.unique(v)[1:]]
    return np.column_stack([np.ones(len(lignes)), *autres])


def base_de(effectifs: dict[tuple[str, str], int]) -> pd.DataFrame:
    lignes = [paire for paire, n in effectifs.items() for _ in range(n)]
    return pd.DataFrame(lignes, columns=["echelle", "porteur"]).assign(cite=[f"K{rang:02d}" for rang in range(len(lignes))])


def test_un_calage_de_deux_sur_deux_resolu_a_la_main() -> None:
    """Sept répondantes [[3, 1], [1, 2]], marges (6, 4) et (5, 5).

    Le raking garde le rapport des produits croisés, ici 6. Si x est la première case calée, les marges donnent
    [[x, 6 − x], [5 − x, x − 1]] et x(x − 1) = 6(6 − x)(5 − x), soit x = 4 : [[4, 2], [1, 3]], donc des poids
    4/3, 2, 1 et 3/2.
    """
    lignes = np.array([0, 0, 0, 0, 1, 1, 1])
    colonnes = np.array([0, 0, 0, 1, 0, 1, 1])
    poids = caler(np.full(7, 10 / 7), indicatrices(lignes, colonnes), np.array([10.0, 4.0, 5.0]))
    assert poids == pytest.approx([4 / 3] * 3 + [2, 1, 1.5, 1.5])


@pytest.mark.parametrize("graine", range(5))
def test_le_raking_est_celui_de_la_boucle_naive(graine: int) -> None:
    alea = np.random.default_rng(graine)
    lignes, colonnes = alea.integers(0, 3, 200), alea.integers(0, 4, 200)
    vraies = alea.uniform(1, 3, (3, 4))[lignes, colonnes]
    totaux_lignes, totaux_colonnes = (np.bincount(v, vraies) for v in (lignes, colonnes))
    depart = np.full(200, vraies.sum() / 200)
    naifs = depart.copy()
    for _ in range(500):
        naifs *= (totaux_lignes / np.bincount(lignes, naifs))[lignes]
        naifs *= (totaux_colonnes / np.bincount(colonnes, naifs))[colonnes]
    x = indicatrices(lignes, colonnes)
    assert caler(depart, x, np.array([vraies.sum(), *totaux_lignes[1:], *totaux_colonnes[1:]])) == pytest.approx(naifs, rel=1e-6)


@pytest.mark.parametrize("bornes", [(0.4, 2.0), (0.7, 1.6)])
def test_le_calage_borne(bornes: tuple[float, float]) -> None:
    """Marges rendues, bornes tenues, et la forme qui le caractérise : le logit du rapport est linéaire en x."""
    alea = np.random.default_rng(3)
    lignes, colonnes = alea.integers(0, 3, 150), alea.integers(0, 2, 150)
    x = indicatrices(lignes, colonnes)
    depart = np.full(150, 2.0)
    vraies = depart * np.array([0.8, 1.0, 1.25])[lignes] * np.array([0.95, 1.05])[colonnes]
    poids = caler(depart, x, x.T @ vraies, bornes)
    assert x.T @ poids == pytest.approx(x.T @ vraies)
    rapport = poids / depart
    bas, haut = bornes
    assert bas < rapport.min() < 1 < rapport.max() < haut
    logit = np.log((rapport - bas) / (haut - rapport)) - np.log((1 - bas) / (haut - 1))
    assert x @ np.linalg.lstsq(x, logit, rcond=None)[0] == pytest.approx(logit, abs=1e-6)


def test_un_calage_impossible_le_dit() -> None:
    x = indicatrices(np.array([0, 0, 1, 1]), np.array([0, 1, 0, 1]))
    with pytest.raises(CalageImpossible):
        caler(np.full(4, 2.0), x, np.array([8.0, 7.5, 4.0]), (0.5, 1.5))  # il faudrait un rapport de 1,875
    vide = np.column_stack([x, np.zeros(4)])
    with pytest.raises(CalageImpossible):
        caler(np.full(4, 2.0), vide, np.array([8.0, 4.0, 4.0, 2.0]))  # catégorie sans répondante


def test_redresser_sur_une_marge_est_la_post_stratification() -> None:
    """40 communes dont 20 répondent, 44 intercommunalités dont 40 : poids 2 et 1,1."""
    base = base_de({("commune", "x"): 40, ("epci", "x"): 44})
    repondantes = [*base["cite"][:20], *base["cite"][40:80]]
    redressement = redresser(base, repondantes, ["echelle"])
    assert list(redressement.poids) == pytest.approx([2.0] * 20 + [1.1] * 40)
    assert redressement.marges == ("echelle",) and redressement.notes == () and redressement.population == N
    assert redressement.effet_plan == pytest.approx(60 * (20 * 4 + 40 * 1.21) / N**2)


def test_ce_que_le_redressement_ne_peut_pas() -> None:
    base = base_de({("commune", "x"): 40, ("commune", "y"): 10, ("epci", "x"): 30, ("departement", "x"): 4})
    muettes = set(base["cite"][80:]) | set(base["cite"][40:48])  # aucun département ; deux porteurs y sur dix
    repondantes = [cite for cite in base["cite"] if cite not in muettes]
    redressement = redresser(base, repondantes, ["echelle", "porteur"])
    assert redressement.marges == ("echelle",)
    assert [note.split(" : ")[0] for note in redressement.notes] == ["echelle", "porteur"]
    assert "« departement » regroupée avec « epci » (aucune de ses 4 Cités n'a répondu)" in redressement.notes[0]
    assert "« y » regroupée avec « x » (2 répondante(s) sur 10)" in redressement.notes[1]
    assert redressement.poids.sum() == pytest.approx(N)
    assert redressement.poids.min() >= 1
    # Les années se regroupent avec leur voisine, pas avec la moins fournie.
    annees = base_de({("2019", "x"): 12, ("2020", "x"): 40, ("2021", "x"): 3, ("2022", "x"): 29})
    regroupees = redresser(annees, list(annees["cite"][:-1]), ["echelle"])
    assert "« 2021 » regroupée avec « 2022 »" in regroupees.notes[0]
    assert redresser(base, list(base["cite"]), ["echelle"]).notes == ("Toutes les Cités ont répondu : rien à redresser.",)
    rares = [f"K{rang:02d}" for rang in [*range(54), *range(60, 65)]]  # 5 sur 24 : il faudrait un rapport de 3,4
    trop = redresser(base_de({("a", "x"): 60, ("b", "x"): 24}), rares, ["echelle"], plafond=2)
    assert trop.marges == () and "aucun poids admissible" in trop.notes[0] and trop.effet_plan == pytest.approx(1)


def test_une_part_en_sondage_simple_a_la_main() -> None:
    """30 oui sur 60, parmi 84 : variance (1 − 60/84) × 0,25/59, effet de plan 1, bornes 30/84 et 54/84."""
    valeurs = np.repeat([1.0, 0.0], 30)
    estimation = estimer_part(valeurs, np.full(60, N / 60), np.ones((60, 1)), N)
    assert (estimation.brut, estimation.redresse, estimation.effet_plan) == pytest.approx((0.5, 0.5, 1))
    assert (estimation.certain_bas, estimation.certain_haut) == pytest.approx((30 / N, 54 / N))
    ecart = 1.96 * np.sqrt((1 - 60 / N) * 0.25 / 59)
    assert estimation.haut - estimation.bas == pytest.approx(2 * ecart, abs=2 / N)
    infinie = estimer_part(valeurs, np.ones(60), np.ones((60, 1)), None)
    assert infinie.haut - infinie.bas > 1.8 * (estimation.haut - estimation.bas) and np.isnan(infinie.certain_bas)
    unanimes = [estimer_part(np.ones(n), np.ones(n), np.ones((n, 1)), N).bas for n in (N, 81)]
    assert unanimes == pytest.approx([1, 83 / N])


def test_la_variance_de_la_post_stratification() -> None:
    """Deux strates de 40 et 44, 20 et 40 répondantes : résidus autour de la moyenne de chaque strate."""
    valeurs = np.array([1.0] * 15 + [0.0] * 5 + [1.0] * 10 + [0.0] * 30)
    poids = np.repeat([2.0, 1.1], [20, 40])
    x = np.column_stack([np.ones(60), np.repeat([1.0, 0.0], [20, 40])])
    estimation = estimer_part(valeurs, poids, x, N)
    assert estimation.redresse == pytest.approx((40 * 0.75 + 44 * 0.25) / N)
    variance = (1 - 60 / N) * 60 / 58 * (20 * 4 * 0.1875 + 40 * 1.21 * 0.1875) / N**2
    brut = 25 / 60
    assert estimation.effet_plan == pytest.approx(variance / ((1 - 60 / N) * brut * (1 - brut) / 59))


def test_une_moyenne_de_nombres() -> None:
    valeurs = np.array([1.0, 2.0, 3.0, 6.0])
    estimation = estimer_moyenne(valeurs, np.full(4, 2.0), np.ones((4, 1)), 8)
    assert (estimation.redresse, estimation.reponses) == (3, 4)
    assert estimation.haut - 3 == pytest.approx(3.18245 * np.sqrt(0.5 * valeurs.var(ddof=1) / 4), rel=1e-5)


@pytest.mark.parametrize("n", [20, 40, 60, 81])
def test_couverture_exacte_en_sondage_simple(n: int) -> None:
    """Énumération de tous les tirages (loi hypergéométrique), pour tout nombre de oui dans la population."""
    poids, x = np.full(n, N / n), np.ones((n, 1))
    bornes = [estimer_part(np.repeat([1.0, 0.0], [k, n - k]), poids, x, N) for k in range(n + 1)]
    for oui in range(N + 1):
        couverts = [k for k, e in enumerate(bornes) if e.bas - 1e-9 <= oui / N <= e.haut + 1e-9]
        assert hypergeom.pmf(couverts, N, oui, n).sum() >= 0.95, (n, oui)


def test_le_redressement_debiaise_et_couvre() -> None:
    """Des Cités répondent selon leur échelle, dont dépend aussi la réponse : 400 tirages."""
    alea = np.random.default_rng(0)
    base = base_de({("commune", "x"): 30, ("commune", "y"): 10, ("epci", "x"): 24, ("epci", "y"): 20})
    commune = (base["echelle"] == "commune").to_numpy()
    oui = alea.random(N) < np.where(commune, 0.8, 0.25)
    vraie, ecarts, bruts, couverts = oui.mean(), [], [], 0
    for _ in range(400):
        repondent = alea.random(N) < np.where(commune, 0.5, 0.9)
        redressement = redresser(base, list(base["cite"][repondent]), ["echelle", "porteur"])
        valeurs = oui[repondent].astype(float)
        e = estimer_part(valeurs, redressement.poids.to_numpy(), redressement.disjonctif.to_numpy(), N)
        ecarts.append(e.redresse - vraie)
        bruts.append(e.brut - vraie)
        couverts += e.bas <= vraie <= e.haut
    assert abs(np.mean(ecarts)) < 0.006 < 0.05 < abs(np.mean(bruts))
    assert couverts / 400 >= 0.93
