"""Similitudes : cooccurrences, arbre maximum, communautés et positions, comptés à la main."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

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


def _modularite(sommets: pd.DataFrame, arbre: pd.DataFrame, groupes: dict[str, int]) -> float:
    """Newman et Girvan (2004) : part interne du poids de l'arbre, moins celle qu'y mettrait le hasard."""
    total = 2 * arbre["cooccurrences"].sum()
    if not total:
        return 0.0
    forces = {f: arbre.loc[(arbre["source"] == f) | (arbre["cible"] == f), "cooccurrences"].sum() for f in sommets["forme"]}
    internes = sum(2 * lien.cooccurrences for lien in arbre.itertuples() if groupes[lien.source] == groupes[lien.cible])
    par_groupe = [sum(forces[f] for f in forces if groupes[f] == g) for g in set(groupes.values())]
    return internes / total - sum((force / total) ** 2 for force in par_groupe)


def test_deux_etoiles_et_un_pont() -> None:
    """Cinq branches et quatre, des liens de trois segments, un pont de deux."""
    etoiles = [["bus", f"b{n}"] for n in range(5)] + [["crèche", f"c{n}"] for n in range(4)]
    sommets, _ = similitudes(3 * etoiles + 2 * [["bus", "crèche"]])
    groupes = sommets.set_index("forme")["communaute"].to_dict()
    assert groupes == {"bus": 0, "crèche": 1} | {f"b{n}": 0 for n in range(5)} | {f"c{n}": 1 for n in range(4)}


@given(_SEGMENTS)
def test_aucune_fusion_de_communautes_ne_ferait_mieux(segments: list[list[str]]) -> None:
    sommets, aretes = similitudes(segments, cooccurrences_min=1)
    arbre = aretes[aretes["arbre"]]
    assert (np.diff(sommets["communaute"].value_counts().sort_index()) <= 0).all()
    groupes = sommets.set_index("forme")["communaute"].to_dict()
    gagnee = _modularite(sommets, arbre, groupes)
    for a, b in combinations(set(groupes.values()), 2):
        fusion = {forme: a if groupe == b else groupe for forme, groupe in groupes.items()}
        assert _modularite(sommets, arbre, fusion) <= gagnee + 1e-9


# Positions


def _ecarts(sommets: pd.DataFrame) -> np.ndarray:
    places = sommets[["x", "y"]].to_numpy()
    ecarts: np.ndarray = np.linalg.norm(places[:, None] - places[None, :], axis=2)
    return ecarts


def test_une_chaine_se_couche() -> None:
    chaine = [["b", "c"]] * 2 + [["a", "b"]] * 2 + [["c", "d"]] * 2
    sommets = similitudes(chaine)[0].set_index("forme").loc[list("abcd")]
    assert sommets["y"].abs().max() < 0.01
    assert abs(np.diff(np.sign(np.diff(sommets["x"])))).sum() == 0
    # Les bouts n'ont qu'un voisin : leur arête est un peu plus courte, (1 + √3 / 4) contre (1 + √4 / 4).
    longueurs = sommets["x"].diff().abs().to_numpy()[1:]
    assert longueurs / longueurs[1] == pytest.approx([0.955, 1, 0.955], abs=0.02)


def test_aucun_sommet_confondu() -> None:
    etoile = [["bus", f"b{n}"] for n in range(11)] * 2
    epars = [[f"b{n}"] for n in range(9)]
    for segments in (etoile, epars):
        sommets = similitudes(segments)[0]
        ecarts = _ecarts(sommets)
        assert ecarts[~np.eye(len(sommets), dtype=bool)].min() > 0.1 * ecarts.max()
        assert sommets[["x", "y"]].mean().to_numpy() == pytest.approx([0.0, 0.0], abs=1e-9)
    assert similitudes([["seul"]])[0][["x", "y"]].to_numpy().tolist() == [[0.0, 0.0]]
