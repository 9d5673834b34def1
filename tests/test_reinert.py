"""La classification descendante de Reinert : calculs à la main, référence naïve, contrats."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, event, example, given
from hypothesis import strategies as st
from reference_reinert import AxeIndecis, classer, khi2, khi2_du_partage
from reference_reinert import deplacer as deplacer_naivement
from scipy import sparse
from scipy.cluster.hierarchy import fcluster, is_valid_linkage
from scipy.stats import chi2_contingency
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator

from modeles.division_reinert import axe, couper, deplacer, diviser, ranger, retirer
from modeles.reinert import Reinert, binariser, reunir, unites_de_contexte

# Quatre segments sur les formes a, b, c, d : ab, abc, cd, d. Deux porteurs par forme, huit présences.
QUATRE = binariser([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 1], [0, 0, 0, 1]])


def tirer(n: int, p: int, themes: int, graine: int = 0, accent: float = 8.0) -> tuple[sparse.csr_array, np.ndarray]:
    """Segments de dix à vingt formes, chacun d'un thème qui a ses formes ; la matrice et les thèmes."""
    hasard = np.random.default_rng(graine)
    numeros = hasard.integers(0, themes, n)
    lignes, colonnes = [], []
    for i, theme in enumerate(numeros):
        chances = np.where(np.arange(p) % themes == theme, accent, 1.0)
        choix = hasard.choice(p, size=hasard.integers(10, 21), replace=False, p=chances / chances.sum())
        lignes += [i] * len(choix)
        colonnes += choix.tolist()
    return sparse.csr_array((np.ones(len(lignes)), (lignes, colonnes)), shape=(n, p)), numeros


@pytest.fixture(scope="module")
def jeu() -> tuple[sparse.csr_array, np.ndarray]:
    return tirer(240, 90, 4)


@pytest.fixture(scope="module")
def ajuste(jeu) -> Reinert:
    return Reinert(k=6).fit(jeu[0])


# À la main


def test_khi2_de_la_coupure_a_la_main():
    """Coupures du rangement : 8/3, 88/15, 24/7.

    Deux premières lignes : a 2, b 2, c 1, soit une masse de 5 sur 8. Attendus 5/4 à gauche, 3/4 à droite ;
    écarts 3/4, 3/4, -1/4, -5/4, de carrés de somme 11/4 : χ² = (11/4) / (5/4) + (11/4) / (3/4) = 88/15.
    """
    assert couper(QUATRE) == (2, pytest.approx(88 / 15))
    assert couper(QUATRE[[3, 0, 2, 1]]) == (1, pytest.approx(24 / 7))
    assert khi2([[2, 2, 1, 0], [0, 0, 1, 2]]) == pytest.approx(88 / 15)


def test_coupure_a_egalite_la_plus_courte():
    """Trois lignes disjointes d'une forme : couper après une ou deux donne χ² = 3."""
    assert couper(binariser(np.eye(3))) == (1, pytest.approx(3.0))


def test_deplacement_a_la_main():
    """De {ab, cd} (χ² nul) : abc passe à gauche (24/7, contre 8/3, 8/3 et 8/5), puis cd à droite (88/15)."""
    partage, valeur, nombre = deplacer(QUATRE, np.array([True, False, True, False]), 0.0)
    assert partage.tolist() == [True, True, False, False]
    assert valeur == pytest.approx(88 / 15)
    assert nombre == 2


def test_deplacement_ne_vide_pas_un_cote():
    seul = np.array([True, False, False, False])
    partage, valeur, _ = deplacer(QUATRE, seul, 8 / 3)
    assert 0 < partage.sum() < 4
    assert valeur >= 8 / 3


def test_retrait_de_formes_a_la_main():
    """Huit lignes. commune : partout. gauche, droite : d'un seul côté. penche : 3 à gauche, 1 à droite.
    rare : une ligne. Masses 4 + 4 + 3 + 1 = 12 et 4 + 4 + 1 = 9.

    penche : attendu 16/7, écart 5/7, χ² = (5/7)² (7/16 + 7/12) = 0,5208, soit un coefficient de 0,339.
    gauche : attendu 16/7, χ² = (12/7)² (7/16 + 7/12) = 3, soit un coefficient de 0,655.
    """
    commune, gauche = [1] * 8, [1] * 4 + [0] * 4
    droite, penche, rare = [0] * 4 + [1] * 4, [1, 1, 1, 0, 1, 0, 0, 0], [1] + [0] * 7
    presence = binariser(np.array([commune, gauche, droite, penche, rare]).T)
    cote = np.arange(8) < 4

    def gardees(cc_test: float, tsj: int) -> list[list[int]]:
        return [formes.tolist() for formes in retirer(presence, cote, cc_test, tsj)]

    assert gardees(0.3, 1) == [[0, 1, 3, 4], [0, 2]]
    assert gardees(0.3, 2) == [[0, 1, 3], [0, 2]]
    assert gardees(0.35, 1) == [[0, 1, 3, 4], [0, 2, 3]]
    assert gardees(0.3, 5) == [[], []]


def test_axe_a_la_main():
    """Deux groupes sans forme commune : l'axe les oppose, à l'inverse de leurs masses (4 et 6)."""
    presence = binariser([[1, 1, 0, 0, 0], [1, 1, 0, 0, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 1]])
    assert axe(presence) == pytest.approx([1, 1, -2 / 3, -2 / 3])
    assert ranger(axe(presence)).tolist() == [2, 3, 0, 1]
    assert axe(binariser(np.ones((4, 3)))) is None


def test_unites_de_contexte_a_la_main():
    """Tailles 3, 1, 1, 2, 1 dans « a », 1 dans « b », 2 et 2 dans « c »."""
    tailles = [3, 1, 1, 2, 1, 1, 2, 2]
    matrice = np.array([[1] * t + [0] * (3 - t) for t in tailles])
    documents = list("aaaaabcc")
    assert unites_de_contexte(matrice, documents, 3).tolist() == [0, 1, 1, 1, 1, 2, 3, 3]
    assert unites_de_contexte(matrice, documents, 4).tolist() == [0, 0, 1, 1, 1, 2, 3, 3]
    assert unites_de_contexte(matrice, documents, 5).tolist() == [0, 0, 0, 0, 0, 1, 2, 2]
    assert unites_de_contexte(matrice, documents, 1).tolist() == list(range(8))
    assert unites_de_contexte(matrice, pd.Series(documents, index=range(8, 0, -1)), 3).max() == 3
    with pytest.raises(ValueError, match="« a » ne se suivent pas"):
        unites_de_contexte(matrice, list("aabbaacc"), 3)
    with pytest.raises(ValueError, match="7 documents pour 8 segments"):
        unites_de_contexte(matrice, documents[:7], 3)


def test_une_unite_porte_les_formes_de_ses_segments():
    reunies = reunir(QUATRE, np.array([0, 0, 1, 1]))
    assert reunies.toarray().tolist() == [[1, 1, 1, 0], [0, 0, 1, 1]]


def test_profil_a_la_main():
    """Classe {ab, abc} sur quatre segments : a y est toujours (χ² = 4), c une fois sur deux (χ² nul)."""
    modele = Reinert(k=2, min_split_members=3).fit(QUATRE, formes=list("abcd"))
    assert modele.labels_.tolist() == [1, 1, 2, 2]
    profil = modele.formes(1)
    assert profil["forme"].tolist() == list("abcd")
    assert profil["khi2"].tolist() == pytest.approx([4, 4, 0, -4])
    assert profil["effectif"].tolist() == [2, 2, 1, 0]
    assert profil["part"].tolist() == pytest.approx([1, 1, 0.5, 0])
    assert profil["p"].tolist() == pytest.approx([0.0455, 0.0455, 1, 0.0455], abs=1e-4)
    assert modele.segments_caracteristiques(1).to_numpy().tolist() == [[0, 8], [1, 8]]
    table = pd.DataFrame({"lieu": ["nord", "nord", "sud", None], "âge": [1, 2, 1, 2]})
    variables = modele.variables(1, table).set_index(["variable", "modalite"])
    assert variables.loc[("lieu", "nord"), ["effectif", "total", "khi2"]].tolist() == pytest.approx([2, 2, 3])
    assert variables.loc[("lieu", "sud"), "khi2"] == pytest.approx(-3)
    assert variables.loc[("âge", "1"), "khi2"] == 0


# Contre la référence

tables = st.integers(3, 6).flatmap(
    lambda p: st.lists(st.lists(st.integers(0, 1), min_size=p, max_size=p), min_size=4, max_size=10)
)


# La première division donne à la deuxième forme un coefficient de contingence d'exactement 0,3.
COEFFICIENT_AU_SEUIL = [
    [1, 0, 0, 0, 0, 1], [1, 1, 0, 1, 1, 0], [0, 1, 0, 0, 1, 1], [0, 1, 0, 0, 0, 0],
    [1, 1, 0, 1, 0, 1], [1, 1, 1, 0, 0, 0], [1, 1, 1, 0, 0, 0],
]


@given(tables, st.integers(2, 4), st.sampled_from([0.1, 0.3, 0.6]), st.integers(1, 2))
@example(COEFFICIENT_AU_SEUIL, 4, 0.3, 1)
def test_comme_la_reference_naive(table, k, cc_test, tsj):
    assume(sum(map(any, table)) >= k)
    try:
        attendu = classer(table, k, 3, cc_test, tsj)
    except AxeIndecis:
        assume(False)
    event(f"{len(attendu.khi2)} divisions")
    modele = Reinert(k, min_split_members=3, cc_test=cc_test, tsj=tsj).fit(table)
    assert modele.divisions_["khi2"].tolist() == pytest.approx([float(v) for v in attendu.khi2])
    for classes in attendu.niveaux:
        etiquettes = modele.couper(len(classes))
        assert [np.flatnonzero(etiquettes == c + 1).tolist() for c in range(len(classes))] == classes


@given(tables, st.data())
def test_deplacement_comme_la_reference_naive(table, tirage):
    """Depuis un partage quelconque, où il y a plus à déplacer qu'après la coupure de l'axe."""
    presence = np.array(table)
    presence = presence[presence.any(axis=1)][:, presence.any(axis=0)]
    n = len(presence)
    assume(n >= 3)
    cote = np.array(tirage.draw(st.lists(st.booleans(), min_size=n, max_size=n)))
    assume(0 < cote.sum() < n)
    pleine = presence.tolist()
    depart = [np.flatnonzero(cote).tolist(), np.flatnonzero(~cote).tolist()]
    attendu = deplacer_naivement(pleine, range(n), *depart)
    partage, valeur, nombre = deplacer(binariser(presence), cote, float(khi2_du_partage(pleine, *depart)))
    event("déplacements : " + ("0" if not nombre else "1" if nombre == 1 else "plusieurs"))
    assert (np.flatnonzero(partage).tolist(), np.flatnonzero(~partage).tolist()) == attendu
    assert valeur == pytest.approx(float(khi2_du_partage(pleine, *attendu)))


@pytest.mark.parametrize(("n", "p"), [(150, 90), (90, 150)])
def test_axe_comme_la_decomposition_pleine(n, p):
    presence = tirer(n, p, 2, graine=n)[0]
    pleine = presence.toarray() / presence.nnz
    r, c = pleine.sum(axis=1), pleine.sum(axis=0)
    u = np.linalg.svd((pleine - np.outer(r, c)) / np.sqrt(np.outer(r, c)))[0][:, 0] / np.sqrt(r)
    assert axe(presence) == pytest.approx(u / u[np.abs(u).argmax()], abs=1e-8)


def test_divisions_comme_un_khi2_de_contingence(jeu):
    """Sur une grande matrice : χ² exact, et aucun déplacement ne l'augmente."""
    presence = binariser(jeu[0])
    coupure = diviser(presence, 0.3, 3)

    def contingence(gauche: np.ndarray) -> float:
        tableau = [presence[gauche].sum(axis=0), presence[~gauche].sum(axis=0)]
        return float(chi2_contingency(np.array(tableau), correction=False).statistic)

    gauche = np.isin(np.arange(240), coupure.gauche)
    assert coupure.khi2 == pytest.approx(contingence(gauche))
    assert coupure.deplacements > 0
    for i in range(240):
        autre = gauche.copy()
        autre[i] = not autre[i]
        assert contingence(autre) <= coupure.khi2 + 1e-6


def test_profils_comme_un_khi2_de_contingence(jeu, ajuste):
    presence, dans = binariser(jeu[0]).toarray(), ajuste.labels_ == 2
    classes = ajuste.labels_ > 0
    for fiche in ajuste.formes(2).iloc[::9].itertuples():
        porte = presence[:, int(fiche.forme.split()[1])] > 0
        tableau = pd.crosstab(dans[classes], porte[classes])
        attendu = chi2_contingency(tableau, correction=False)
        signe = np.sign(tableau.loc[True, True] - attendu.expected_freq[1, 1])
        assert fiche.khi2 == pytest.approx(signe * attendu.statistic)
        assert fiche.p == pytest.approx(attendu.pvalue)


# Sur des thèmes connus


def test_retrouve_les_themes(jeu):
    assert adjusted_rand_score(jeu[1], Reinert(k=4).fit_predict(jeu[0])) > 0.9


def test_arbre_coherent(jeu, ajuste):
    liens = ajuste.dendrogramme()
    assert is_valid_linkage(liens)
    assert liens[:, 2].tolist() == ajuste.hauteurs_.tolist()
    assert np.diff(np.concatenate([[0.0], ajuste.hauteurs_])) == pytest.approx(ajuste.divisions_["khi2"][::-1])
    for k in range(1, 7):
        fines, grosses = ajuste.couper(k + 1 if k < 6 else 6), ajuste.couper(k)
        assert set(np.unique(grosses)) - {0} == set(range(1, k + 1))
        assert all(len(set(grosses[fines == c])) == 1 for c in np.unique(fines) if c)
        feuilles = fcluster(liens, k, "maxclust")  # la classe de chaque feuille, k classes
        groupes = {tuple(np.unique(grosses[ajuste.labels_ == f + 1])) for f in range(6)}
        assert len(set(feuilles)) == k == len(groupes)


def test_segments_caracteristiques_portent_les_formes_de_la_classe(jeu, ajuste):
    choisis = ajuste.segments_caracteristiques(3, n=5)
    profil = ajuste.formes(3)
    fortes = profil[(profil["khi2"] > 0) & (profil["p"] < 0.05)].set_index("forme")["khi2"]
    assert len(choisis) == 5
    assert (ajuste.labels_[choisis["segment"]] == 3).all()
    assert choisis["score"].is_monotonic_decreasing
    for fiche in choisis.itertuples():
        portees = [f"forme {j}" for j in jeu[0][[fiche.segment]].indices]
        assert fiche.score == pytest.approx(fortes.reindex(portees).sum())


def test_unites_de_contexte_classees_ensemble(jeu):
    documents = [f"d{i // 12:02d}" for i in range(240)]
    modele = Reinert(k=4, min_uc=40).fit(jeu[0], documents=documents)
    assert modele.unites_.max() + 1 < 120
    classes = pd.DataFrame({"unite": modele.unites_, "classe": modele.labels_, "document": documents})
    assert (classes.groupby("unite").nunique() == 1).all(axis=None)
    assert modele.divisions_.loc[0, "unites"] == modele.unites_.max() + 1


# Contrats


def test_deterministe_et_indifferent_a_l_ecriture_de_la_matrice(jeu, ajuste):
    comptes = jeu[0] * 3
    for matrice in (comptes, comptes.tocsc(), comptes.tocoo(), comptes.toarray(), comptes.astype(bool)):
        refait = Reinert(k=6).fit(matrice)
        assert refait.labels_.tobytes() == ajuste.labels_.tobytes()
        assert refait.hauteurs_.tobytes() == ajuste.hauteurs_.tobytes()


def test_indifferent_a_l_ordre_des_formes(jeu, ajuste):
    melange = np.random.default_rng(5).permutation(90)
    assert Reinert(k=6).fit(jeu[0][:, melange]).labels_.tolist() == ajuste.labels_.tolist()


def test_contrats_scikit_learn():
    modele = Reinert(k=3, tsj=2)
    assert clone(modele).get_params() == modele.get_params()
    en_francais = "message en français"
    echecs = {
        "check_positive_only_tag_during_fit": en_francais,
        "check_clustering": "nuages de points centrés : des effectifs négatifs",
    }
    check_estimator(Reinert(k=2), expected_failed_checks=echecs, on_skip=None)


def test_noms_des_formes():
    table = pd.DataFrame(QUATRE.toarray(), columns=list("wxyz"))
    modele = Reinert(k=2, min_split_members=3)
    assert modele.fit(table).noms_formes_ == list("wxyz")
    assert modele.fit(QUATRE).noms_formes_ == ["forme 0", "forme 1", "forme 2", "forme 3"]
    with pytest.raises(ValueError, match="2 noms de formes pour 4 colonnes"):
        modele.fit(QUATRE, formes=["a", "b"])


def test_segments_vides_non_classes():
    table = np.vstack([np.zeros((2, 4)), QUATRE.toarray(), np.zeros((1, 4))])
    modele = Reinert(k=2, min_split_members=3).fit(table)
    assert modele.labels_.tolist() == [0, 0, 1, 1, 2, 2, 0]
    assert modele.couper(1).tolist() == [0, 0, 1, 1, 1, 1, 0]
    assert modele.formes(1)["total"].tolist() == [2, 2, 2, 2]


@pytest.mark.parametrize("table", [np.ones((12, 1)), np.ones((12, 6)), np.zeros((12, 6)), np.eye(12)[:, :2]])
def test_rien_a_diviser(table):
    modele = Reinert(k=2).fit(table)
    assert modele.nb_classes_ == 1
    assert modele.arret_
    assert modele.labels_.tolist() == table.any(axis=1).astype(int).tolist()
    assert modele.dendrogramme().shape == (0, 4)
    assert modele.divisions_.empty


def test_arret_sur_petites_classes(jeu):
    modele = Reinert(k=30, min_split_members=50).fit(jeu[0])
    assert 1 < modele.nb_classes_ < 30
    assert np.bincount(modele.labels_)[1:].max() < 50
    assert "moins de 50 unités" in modele.arret_
    with pytest.raises(ValueError, match="l'arbre en a de 1 à"):
        modele.couper(30)


def test_entrees_fausses_refusees(ajuste):
    with pytest.raises(ValueError, match="k = 9 classes demandées pour 4 unités"):
        Reinert(k=9).fit(QUATRE)
    with pytest.raises(ValueError, match="négatif"):
        Reinert(k=2).fit([[1, -1], [0, 1]])
    with pytest.raises(ValueError, match="de quel document"):
        Reinert(k=2, min_uc=10).fit(QUATRE)
    for faux in ({"k": 1}, {"min_split_members": 2}, {"tsj": 0}, {"cc_test": 1.5}, {"min_uc": -1}):
        with pytest.raises(ValueError, match=next(iter(faux))):
            Reinert(**{"k": 2, **faux}).fit(QUATRE)
    with pytest.raises(ValueError, match="classe 7 inconnue : les classes vont de 1 à 6"):
        ajuste.formes(7)
    with pytest.raises(ValueError, match="classe 3 inconnue : les classes vont de 1 à 2"):
        ajuste.formes(3, k=2)
    with pytest.raises(ValueError, match="table de 2 lignes pour 240 segments"):
        ajuste.variables(1, pd.DataFrame({"lieu": ["a", "b"]}))
    with pytest.raises(ValueError, match="négatif"):
        ajuste.segments_caracteristiques(1, n=-1)
