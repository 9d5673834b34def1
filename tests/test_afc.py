"""AFC : un tableau résolu à la main, puis les identités que toute AFC vérifie."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import chi2_contingency

from modeles.afc import Afc, afc

# Effectif (i, j) = 4 + 2 u_i u_j + v_i v_j, avec u = (1, 1, -1, -1) et v = (1, -1, 1, -1) : des masses
# égales, deux axes u et v, de valeurs propres (2/4)² et (1/4)².
U, V = np.array([1, 1, -1, -1]), np.array([1, -1, 1, -1])
TABLEAU = pd.DataFrame(
    [[7, 5, 3, 1], [5, 7, 1, 3], [3, 1, 7, 5], [1, 3, 5, 7]],
    index=["bus", "car", "crèche", "nounou"],
    columns=["nord", "sud", "est", "ouest"],
)


def test_tableau_resolu_a_la_main() -> None:
    analyse = afc(TABLEAU)
    assert analyse.inertie == pytest.approx(5 / 16)
    assert analyse.axes["axe"].tolist() == [1, 2]
    assert analyse.axes["valeur_propre"].tolist() == pytest.approx([1 / 4, 1 / 16])
    assert analyse.axes["part"].tolist() == pytest.approx([0.8, 0.2])
    assert analyse.axes["part_cumulee"].tolist() == pytest.approx([0.8, 1.0])
    for elements, noms in ((analyse.lignes, TABLEAU.index), (analyse.colonnes, TABLEAU.columns)):
        assert elements["element"].tolist() == list(noms)
        assert elements["masse"].tolist() == pytest.approx([1 / 4] * 4)
        assert elements["inertie"].tolist() == pytest.approx([5 / 64] * 4)
        assert elements["axe_1"].tolist() == pytest.approx(list(U / 2))
        assert elements["axe_2"].tolist() == pytest.approx(list(V / 4))
        for colonne, valeur in (("contribution_1", 0.25), ("contribution_2", 0.25), ("cos2_1", 0.8),
                                ("cos2_2", 0.2), ("qualite", 1.0)):  # fmt: skip
            assert elements[colonne].tolist() == pytest.approx([valeur] * 4)


def test_element_au_centre_et_axe_unique() -> None:
    """Trois lignes de même poids, de profils (3/4, 1/4), (1/4, 3/4) et (1/2, 1/2) : λ = 1/6."""
    analyse = afc(pd.DataFrame([[6, 2], [2, 6], [4, 4]]), axes=5)
    assert analyse.axes["valeur_propre"].tolist() == pytest.approx([1 / 6])
    assert analyse.lignes["axe_1"].tolist() == pytest.approx([0.5, -0.5, 0.0], abs=1e-12)
    assert analyse.lignes["cos2_1"].tolist() == pytest.approx([1.0, 1.0, 0.0])
    assert analyse.colonnes["axe_1"].tolist() == pytest.approx([6**-0.5, -(6**-0.5)])
    assert "axe_2" not in analyse.lignes


@pytest.mark.parametrize(
    ("tableau", "axes", "message"),
    [
        (TABLEAU, 0, "au moins un axe"),
        (TABLEAU.iloc[:, :1], 2, "deux lignes et deux colonnes"),
        (-TABLEAU, 2, "positifs ou nuls"),
        (TABLEAU * np.nan, 2, "sans manque"),
        (TABLEAU.assign(nord=0), 2, "colonne sans aucun effectif, à retirer : nord"),
        (pd.concat([TABLEAU, TABLEAU.iloc[:1]]), 2, "ligne en double : bus"),
        (pd.DataFrame([[1, 2], [2, 4], [4, 8]]), 2, "même profil"),
    ],
)
def test_tableaux_fautifs_refuses(tableau: pd.DataFrame, axes: int, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        afc(tableau, axes)


@st.composite
def _tableaux(tirer: st.DrawFn) -> pd.DataFrame:
    colonnes = tirer(st.integers(2, 5))
    ligne = st.lists(st.integers(0, 40), min_size=colonnes, max_size=colonnes)
    tableau = pd.DataFrame(tirer(st.lists(ligne, min_size=2, max_size=6)))
    assume(tableau.sum().all() and tableau.sum(axis=1).all())
    assume(chi2_contingency(tableau, correction=False).statistic > 1e-6)
    return tableau


def _tout(tableau: pd.DataFrame) -> tuple[Afc, np.ndarray, np.ndarray]:
    analyse = afc(tableau, axes=9)
    axes = [f"axe_{k}" for k in analyse.axes["axe"]]
    return analyse, analyse.lignes[axes].to_numpy(), analyse.colonnes[axes].to_numpy()


@given(_tableaux())
def test_identites(tableau: pd.DataFrame) -> None:
    analyse, lignes, colonnes = _tout(tableau)
    total = tableau.to_numpy().sum()
    valeurs = analyse.axes["valeur_propre"].to_numpy()
    assert analyse.inertie == pytest.approx(chi2_contingency(tableau, correction=False).statistic / total)
    assert valeurs.sum() == pytest.approx(analyse.inertie)
    assert (np.diff(valeurs) <= 1e-12).all()
    masses = [elements["masse"].to_numpy() for elements in (analyse.lignes, analyse.colonnes)]
    # Formule de reconstitution : les coordonnées et les masses redonnent le tableau.
    ecarts = 1 + (lignes / np.sqrt(valeurs)) @ colonnes.T
    assert total * np.outer(*masses) * ecarts == pytest.approx(tableau.to_numpy(), abs=1e-6)
    for elements, coordonnees, poids in ((analyse.lignes, lignes, masses[0]),
                                         (analyse.colonnes, colonnes, masses[1])):  # fmt: skip
        assert poids @ coordonnees == pytest.approx(np.zeros(len(valeurs)), abs=1e-9)
        assert poids @ coordonnees**2 == pytest.approx(valeurs)
        assert elements["inertie"].sum() == pytest.approx(analyse.inertie)
        contributions = elements[[f"contribution_{k}" for k in analyse.axes["axe"]]].to_numpy()
        assert contributions * valeurs == pytest.approx(poids[:, None] * coordonnees**2, abs=1e-12)
        loin = elements["inertie"] / elements["masse"] > 1e-9
        assert elements.loc[loin, "qualite"].tolist() == pytest.approx([1.0] * loin.sum())


@given(_tableaux())
def test_transposer_echange_lignes_et_colonnes(tableau: pd.DataFrame) -> None:
    analyse, lignes, _ = _tout(tableau)
    autre, _, colonnes = _tout(tableau.T)
    assert autre.axes["valeur_propre"].tolist() == pytest.approx(analyse.axes["valeur_propre"].tolist(), abs=1e-9)
    # À l'orientation des axes près, les distances entre lignes sont les mêmes.
    assert colonnes @ colonnes.T == pytest.approx(lignes @ lignes.T, abs=1e-6)


def test_axes_orientes_par_la_ligne_qui_contribue_le_plus() -> None:
    tableau = pd.DataFrame([[20, 10, 5], [5, 15, 20], [10, 10, 30], [1, 2, 3]])
    for forme in (tableau, tableau.iloc[:, ::-1], tableau * 3):
        lignes = afc(forme).lignes
        for k in (1, 2):
            assert lignes.loc[lignes[f"contribution_{k}"].idxmax(), f"axe_{k}"] > 0
