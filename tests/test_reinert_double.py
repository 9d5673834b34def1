"""La double classification de Reinert : classes croisées, meilleure partition, contrats."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, event, given
from hypothesis import strategies as st
from scipy import sparse
from scipy.stats import chi2_contingency
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import check_estimator

from modeles.reinert import Reinert
from modeles.reinert_double import (
    ClassesCroisees,
    ReinertDouble,
    croiser_noeuds,
    khi2_de_yates,
    meilleure_partition,
)


def tirer(graine: int = 0) -> tuple[sparse.csr_array, np.ndarray, list[str]]:
    """360 segments de cinq à douze formes, par suites d'un même thème dans douze documents."""
    hasard = np.random.default_rng(graine)
    themes = np.repeat(hasard.integers(0, 4, 60), 6)
    lignes, colonnes = [], []
    for i, theme in enumerate(themes):
        chances = np.where(np.arange(80) % 4 == theme, 8.0, 1.0)
        choix = hasard.choice(80, size=hasard.integers(5, 13), replace=False, p=chances / chances.sum())
        lignes += [i] * len(choix)
        colonnes += choix.tolist()
    documents = [f"d{i // 30:02d}" for i in range(360)]
    return sparse.csr_array((np.ones(len(lignes)), (lignes, colonnes)), shape=(360, 80)), themes, documents


@pytest.fixture(scope="module")
def jeu() -> tuple[sparse.csr_array, np.ndarray, list[str]]:
    return tirer()


@pytest.fixture(scope="module")
def ajuste(jeu) -> ReinertDouble:
    return ReinertDouble(k=5).fit(jeu[0], documents=jeu[2])


def croisees(membres: list[list[int]], khi2: list[float], n: int) -> ClassesCroisees:
    table = np.zeros((len(membres), n), dtype=bool)
    for rang, segments in enumerate(membres):
        table[rang, segments] = True
    noeuds = np.arange(2 * len(membres)).reshape(-1, 2)
    return ClassesCroisees(noeuds, table, table.sum(axis=1), np.array(khi2, dtype=float))


# À la main


def test_khi2_de_yates_a_la_main():
    """Dix et dix sur vingt, huit en commun : écart 3 à l'espérance 5, (3 - 1/2)² × 4/5 = 5."""
    assert khi2_de_yates(np.array(8.0), np.array(10), np.array(10), 20) == pytest.approx(5.0)
    assert khi2_de_yates(np.array(2.0), np.array(10), np.array(10), 20) == pytest.approx(-5.0)
    assert khi2_de_yates(np.array(10.0), np.array(20), np.array(10), 20) == 0


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30))
def test_khi2_de_yates_comme_scipy(a, b, c, d):
    attendu = chi2_contingency([[a, b], [c, d]], correction=True)
    obtenu = khi2_de_yates(np.array(float(a)), np.array(a + b), np.array(a + c), a + b + c + d)
    assert abs(obtenu) == pytest.approx(attendu.statistic)
    assert obtenu * (a - attendu.expected_freq[0, 0]) >= 0


def test_croisement_a_la_main():
    """Douze segments. Premier arbre : six et six. Second : cinq et sept, puis les sept en quatre et trois."""
    premiers = np.zeros((2, 12), dtype=bool)
    premiers[0, :6] = premiers[1, 6:] = True
    seconds = np.zeros((4, 12), dtype=bool)
    seconds[0, :5] = seconds[1, 5:] = seconds[2, 5:9] = seconds[3, 9:] = True
    obtenu = croiser_noeuds(premiers, seconds, 2, 0.5)
    assert obtenu.noeuds.tolist() == [[1, 1], [2, 2], [2, 4]]
    assert obtenu.effectifs.tolist() == [5, 6, 3]
    assert np.flatnonzero(obtenu.membres[2]).tolist() == [9, 10, 11]
    assert obtenu.khi2[0] == pytest.approx(chi2_contingency([[5, 1], [0, 6]]).statistic)
    assert croiser_noeuds(premiers, seconds, 3, 0.5).noeuds.tolist() == [[1, 1], [2, 2]]
    assert croiser_noeuds(premiers, seconds, 2, 3).noeuds.tolist() == [[1, 1], [2, 2]]


def test_croisements_de_memes_segments_gardes_une_fois():
    """Le nœud 3, division d'après, croise le nœud 1 sur les mêmes segments que le nœud 1 : il est de trop."""
    premiers = np.array([[True] * 4 + [False] * 4, [False] * 4 + [True] * 4])
    seconds = np.array([[True] * 5 + [False] * 3, [False] * 5 + [True] * 3,
                        [True] * 4 + [False] * 4, [False] * 4 + [True] + [False] * 3])
    assert croiser_noeuds(premiers, seconds, 1, 0).noeuds.tolist() == [[1, 1], [2, 2]]


def test_meilleure_partition_a_la_main():
    """Les deux plus forts χ² se recouvrent ; les deux plus gros, non."""
    classes = croisees([[0, 1, 2], [3, 4, 5], [1, 2], [6]], [4, 5, 10, 4.5], 7)
    assert meilleure_partition(classes, 2, "khi2").tolist() == [1, 2]
    assert meilleure_partition(classes, 2, "effectif").tolist() == [0, 1]
    assert meilleure_partition(classes, 3, "khi2").tolist() == [1, 2, 3]
    assert meilleure_partition(classes, 4, "khi2") is None
    assert meilleure_partition(classes, 5, "khi2") is None


def test_egalite_departagee_par_l_autre_critere():
    classes = croisees([[0, 1], [2], [4, 5, 6]], [5, 5, 5], 7)
    assert meilleure_partition(classes, 2, "khi2").tolist() == [2, 0]
    classes = croisees([[0, 1], [2, 3], [4, 5]], [1, 3, 2], 6)
    assert meilleure_partition(classes, 2, "effectif").tolist() == [1, 2]


# Contre l'énumération


@given(
    st.lists(st.sets(st.integers(0, 11), min_size=1, max_size=5), min_size=3, max_size=9, unique_by=frozenset),
    st.data(),
    st.integers(2, 4),
)
def test_meilleure_partition_comme_l_enumeration(membres, tirage, k):
    assume(len(membres) >= k)
    khi2 = tirage.draw(st.lists(st.integers(1, 40), min_size=len(membres), max_size=len(membres)))
    classes = croisees([sorted(m) for m in membres], khi2, 12)
    valeurs = [
        (sum(khi2[r] for r in choix), sum(len(membres[r]) for r in choix))
        for choix in combinations(range(len(membres)), k)
        if sum(len(membres[r]) for r in choix) == len(set().union(*(membres[r] for r in choix)))
    ]
    event("des partitions" if valeurs else "aucune partition")
    for critere, clef in (("khi2", lambda v: v), ("effectif", lambda v: v[::-1])):
        choix = meilleure_partition(classes, k, critere)
        if not valeurs:
            assert choix is None
            continue
        assert classes.membres[choix].sum(axis=0).max() == 1
        obtenu = (classes.khi2[choix].sum(), classes.effectifs[choix].sum())
        assert obtenu == max(valeurs, key=clef)
        assert (np.diff(classes.effectifs[choix]) <= 0).all()


# Sur des thèmes connus


def test_retrouve_les_themes(jeu, ajuste):
    etiquettes = ajuste.couper(4)
    classes = etiquettes > 0
    assert classes.mean() > 0.8
    assert adjusted_rand_score(jeu[1][classes], etiquettes[classes]) > 0.95


def test_partitions_coherentes(ajuste):
    assert ajuste.premiere_.unites_.max() > ajuste.seconde_.unites_.max()
    assert len(ajuste.partitions_) == 2 * (ajuste.nb_classes_ - 1)
    for fiche in ajuste.partitions_.itertuples():
        etiquettes = ajuste.couper(fiche.k, fiche.critere)
        tailles = np.bincount(etiquettes, minlength=fiche.k + 1)
        assert (np.diff(tailles[1:]) <= 0).all()
        assert tailles[1:].min() > ajuste.min_effectif
        assert tailles[1:].sum() == fiche.effectif == round(fiche.part * len(etiquettes))
        for classe, (un, deux) in enumerate(fiche.classes, start=1):
            attendus = ajuste.premiere_.noeuds_[un - 1] & ajuste.seconde_.noeuds_[deux - 1]
            assert ((etiquettes == classe) == attendus).all()
    par_critere = ajuste.partitions_.pivot(index="k", columns="critere")
    assert (par_critere["khi2", "khi2"] >= par_critere["khi2", "effectif"] - 1e-9).all()
    assert (par_critere["effectif", "effectif"] >= par_critere["effectif", "khi2"]).all()


def test_methode_d_origine_moins_riche(jeu, ajuste):
    mutuelle = ReinertDouble(k=5, complete=False).fit(jeu[0], documents=jeu[2])
    assert set(mutuelle.partitions_["critere"]) == {"khi2"}
    toutes = {tuple(couple): valeur for couple, valeur in
              zip(ajuste.croisees_.noeuds.tolist(), ajuste.croisees_.khi2, strict=True)}
    assert 2 <= len(mutuelle.croisees_.khi2) < len(toutes)
    for un, deux in mutuelle.croisees_.noeuds.tolist():
        rivales = [valeur for (a, b), valeur in toutes.items() if a == un or b == deux]
        assert toutes[un, deux] == max(rivales)


def test_profils_de_la_double_classification(jeu, ajuste):
    """Les formes spécifiques d'une classe sont celles du thème dominant de ses segments."""
    for classe in range(1, 5):
        theme = np.bincount(jeu[1][ajuste.couper(4) == classe]).argmax()
        tete = ajuste.formes(classe, k=4)["forme"].head(10)
        assert {int(nom.split()[1]) % 4 for nom in tete} == {theme}
        segments = ajuste.segments_caracteristiques(classe, n=3, k=4)["segment"]
        assert (jeu[1][segments] == theme).all()


# Contrats


def test_fit_comme_deux_classifications_croisees(jeu, ajuste):
    simples = [Reinert(5, minimum, 10).fit(jeu[0], documents=jeu[2]) for minimum in (10, 15)]
    croise = ReinertDouble(k=5).croiser(*simples)
    assert croise.labels_.tobytes() == ajuste.labels_.tobytes()
    pd.testing.assert_frame_equal(croise.partitions_, ajuste.partitions_)


def test_contrats_scikit_learn():
    modele = ReinertDouble(k=3, complete=False)
    assert clone(modele).get_params() == modele.get_params()
    echecs = {
        "check_positive_only_tag_during_fit": "message en français",
        "check_clustering": "nuages de points centrés : des effectifs négatifs",
    }
    sans_documents = ReinertDouble(k=2, min_uc=0, min_uc_seconde=0, min_effectif=3)
    check_estimator(sans_documents, expected_failed_checks=echecs, on_skip=None)


def test_rien_a_croiser():
    modele = ReinertDouble(k=2, min_uc=0, min_uc_seconde=0).fit(np.ones((20, 4)))
    assert modele.nb_classes_ == 1
    assert modele.labels_.tolist() == [1] * 20
    assert modele.partitions_.empty
    with pytest.raises(ValueError, match="pas de partition en 2 classes"):
        modele.couper(2)


def test_entrees_fausses_refusees(jeu, ajuste):
    petite = Reinert(k=2, min_split_members=3).fit(np.eye(4))
    with pytest.raises(ValueError, match="n'ont pas les mêmes segments : 360 et 4"):
        ReinertDouble().croiser(ajuste.premiere_, petite)
    with pytest.raises(ValueError, match="critere doit être l'un de"):
        ReinertDouble(critere="taille").fit(jeu[0], documents=jeu[2])
    with pytest.raises(ValueError, match="complete=True"):
        ReinertDouble(complete=False, critere="effectif").fit(jeu[0], documents=jeu[2])
    with pytest.raises(ValueError, match="de quel document"):
        ReinertDouble().fit(jeu[0])
    with pytest.raises(ValueError, match="classe 9 inconnue"):
        ajuste.formes(9)
