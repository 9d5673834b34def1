"""Similitudes : cooccurrences, arbre maximum, communautés et positions, comptés à la main."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modeles.communautes import communautes, modularite
from modeles.positions import placer
from modeles.similitudes import COLONNES_ARETES, COLONNES_SOMMETS, Indice, similitudes

SEGMENTS = [
    ["bus", "permis", "bus"],
    ["bus", "permis", "crèche"],
    ["bus", "permis"],
    ["bus", "crèche", "horaires"],
    ["crèche", "horaires"],
    ["mairie"],
]


def _liens(aretes: pd.DataFrame, *colonnes: str) -> list[tuple[object, ...]]:
    return list(aretes[list(colonnes)].itertuples(index=False, name=None))


def test_exemple_compte_a_la_main() -> None:
    sommets, aretes = similitudes(SEGMENTS, cooccurrences_min=1)
    assert tuple(sommets.columns) == COLONNES_SOMMETS
    assert tuple(aretes.columns) == COLONNES_ARETES
    assert _liens(sommets, "forme", "effectif") == [
        ("bus", 4), ("crèche", 3), ("permis", 3), ("horaires", 2), ("mairie", 1),
    ]  # fmt: skip
    assert _liens(aretes, "source", "cible", "cooccurrences", "arbre") == [
        ("bus", "permis", 3, True),
        ("crèche", "horaires", 2, True),
        ("bus", "crèche", 2, True),
        ("bus", "horaires", 1, False),
        ("crèche", "permis", 1, False),
    ]
    assert aretes["jaccard"].tolist() == pytest.approx([3 / 4, 2 / 3, 2 / 5, 1 / 5, 1 / 5])


def test_l_indice_change_l_arbre() -> None:
    """« emploi » est partout : les cooccurrences y rattachent tout, Jaccard y rattache moins."""
    couples = [["emploi", "nounou"]] * 4 + [["emploi", "berceau"]] * 3 + [["nounou", "berceau"]] * 2
    attendus: dict[Indice, set[tuple[str, str]]] = {
        "cooccurrence": {("emploi", "nounou"), ("emploi", "berceau")},
        "jaccard": {("emploi", "nounou"), ("nounou", "berceau")},
    }
    for indice, attendu in attendus.items():
        aretes = similitudes([["emploi"]] * 6 + couples, indice=indice)[1]
        liees = set(_liens(aretes[aretes["arbre"]], "source", "cible"))
        assert {frozenset(lien) for lien in liees} == {frozenset(lien) for lien in attendu}


def test_seuil_et_formes_demandees() -> None:
    assert len(similitudes(SEGMENTS, cooccurrences_min=2)[1]) == 3
    sommets, aretes = similitudes(SEGMENTS, formes=["permis", "bus", "licorne"])
    assert sommets["forme"].tolist() == ["bus", "permis"]
    assert len(aretes) == 1
    assert similitudes(SEGMENTS, formes_max=2)[0]["forme"].tolist() == ["bus", "crèche"]


def test_sans_segment_ni_lien() -> None:
    for segments in ([], [[]], [["seul"], ["autre"]]):
        sommets, aretes = similitudes(segments)
        assert len(sommets) == sum(map(len, segments))
        assert aretes.empty
        assert tuple(aretes.columns) == COLONNES_ARETES
        assert sommets["communaute"].tolist() == list(range(len(sommets)))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"indice": "dice"}, "dice"), ({"formes_max": 0}, "formes_max"), ({"cooccurrences_min": 0}, "au moins 1")],
)
def test_reglages_fautifs_refuses(options: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        similitudes(SEGMENTS, **options)  # type: ignore[arg-type]


def _composantes(noms: list[str], liens: list[tuple[str, str]]) -> set[frozenset[str]]:
    groupes = {nom: {nom} for nom in noms}
    for a, b in liens:
        uni = groupes[a] | groupes[b]
        for nom in uni:
            groupes[nom] = uni
    return {frozenset(groupe) for groupe in groupes.values()}


_SEGMENTS = st.lists(st.lists(st.sampled_from("abcdefg"), max_size=4), max_size=25)


@given(_SEGMENTS, st.sampled_from(["cooccurrence", "jaccard"]))
def test_l_arbre_est_maximum(segments: list[list[str]], indice: Indice) -> None:
    """Même découpage que le graphe entier, sans cycle, et nulle arête laissée n'y ferait mieux."""
    sommets, aretes = similitudes(segments, indice=indice, cooccurrences_min=1)
    noms = sommets["forme"].tolist()
    for lien in aretes.itertuples():
        assert lien.cooccurrences == sum({lien.source, lien.cible} <= set(segment) for segment in segments)
    arbre = _liens(aretes[aretes["arbre"]], "source", "cible")
    composantes = _composantes(noms, arbre)
    assert composantes == _composantes(noms, _liens(aretes, "source", "cible"))
    assert len(arbre) == len(noms) - len(composantes)
    force = "cooccurrences" if indice == "cooccurrence" else "jaccard"
    for lien in aretes[~aretes["arbre"]].itertuples():
        plus_fortes = aretes[aretes["arbre"] & (aretes[force] >= getattr(lien, force))]
        ensemble = _composantes(noms, _liens(plus_fortes, "source", "cible"))
        assert any({lien.source, lien.cible} <= groupe for groupe in ensemble)
    # Une communauté de l'arbre est d'un seul tenant.
    for _, membres in sommets.groupby("communaute")["forme"]:
        dedans = [lien for lien in arbre if set(lien) <= set(membres)]
        assert len(_composantes(list(membres), dedans)) == 1


def test_l_ordre_des_segments_ne_compte_pas() -> None:
    hasard = np.random.default_rng(0)
    segments = [list(hasard.choice(list("abcdefghij"), size=4)) for _ in range(60)]
    premier = similitudes(segments)
    for _ in range(3):
        melange = [segments[i][::-1] for i in hasard.permutation(len(segments))]
        for un, autre in zip(premier, similitudes(melange), strict=True):
            pd.testing.assert_frame_equal(un, autre, check_exact=True)


# Communautés


def _matrice(n: int, aretes: list[tuple[int, int]]) -> np.ndarray:
    poids = np.zeros((n, n))
    for i, j in aretes:
        poids[i, j] = poids[j, i] = 1.0
    return poids


def test_deux_triangles_et_un_pont() -> None:
    poids = _matrice(6, [(0, 1), (1, 2), (0, 2), (3, 4), (4, 5), (3, 5), (2, 3)])
    numeros = communautes(poids)
    assert numeros.tolist() == [0, 0, 0, 1, 1, 1]
    # Six arêtes internes sur sept ; chaque moitié porte la moitié des forces.
    assert modularite(poids, numeros) == pytest.approx(6 / 7 - 2 * (1 / 2) ** 2)
    assert modularite(poids, np.zeros(6, dtype=np.int64)) == pytest.approx(0.0)


def test_les_poids_comptent() -> None:
    chaine = _matrice(4, [(0, 1), (1, 2), (2, 3)])
    chaine[1, 2] = chaine[2, 1] = 9.0
    assert communautes(chaine).tolist() != communautes(_matrice(4, [(0, 1), (1, 2), (2, 3)])).tolist()


def test_graphes_vides_et_fautifs() -> None:
    assert communautes(np.zeros((0, 0))).tolist() == []
    assert communautes(np.zeros((3, 3))).tolist() == [0, 1, 2]
    assert modularite(np.zeros((3, 3)), np.arange(3)) == 0.0
    for fautive in (np.zeros((2, 3)), np.array([[0.0, 1.0], [2.0, 0.0]]), -_matrice(2, [(0, 1)]), np.eye(2)):
        with pytest.raises(ValueError, match="matrice carrée"):
            communautes(fautive)


@given(st.sets(st.sampled_from(list(combinations(range(8), 2)))))
def test_la_fusion_ne_perd_jamais_de_modularite(aretes: set[tuple[int, int]]) -> None:
    poids = _matrice(8, sorted(aretes))
    numeros = communautes(poids)
    assert set(numeros) == set(range(numeros.max() + 1))
    assert (np.diff(np.bincount(numeros)) <= 0).all()
    gagnee = modularite(poids, numeros)
    assert gagnee >= max(modularite(poids, np.arange(8)), 0.0) - 1e-9
    # Aucune fusion de deux communautés ne ferait mieux.
    for a, b in combinations(range(numeros.max() + 1), 2):
        assert modularite(poids, np.where(numeros == b, a, numeros)) <= gagnee + 1e-9


# Positions


def _ecarts(places: np.ndarray) -> np.ndarray:
    ecarts: np.ndarray = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    return ecarts


def test_distances_qui_tiennent_dans_le_plan() -> None:
    chaine = _ecarts(placer(_matrice(4, [(0, 1), (1, 2), (2, 3)])))
    assert chaine == pytest.approx(np.abs(np.subtract.outer(np.arange(4), np.arange(4))), abs=0.02)
    triangle = _ecarts(placer(_matrice(3, [(0, 1), (1, 2), (0, 2)])))
    assert triangle == pytest.approx(1 - np.eye(3), abs=0.02)


def test_aucun_sommet_confondu() -> None:
    etoile = placer(_matrice(12, [(0, k) for k in range(1, 12)]))
    epars = placer(np.zeros((9, 9)))
    for places in (etoile, epars):
        ecarts = _ecarts(places)
        assert ecarts[~np.eye(len(places), dtype=bool)].min() > 0.3
        assert places.mean(axis=0) == pytest.approx([0.0, 0.0], abs=1e-9)
    assert placer(np.zeros((1, 1))).tolist() == [[0.0, 0.0]]
    assert placer(np.zeros((0, 0))).shape == (0, 2)
