"""Les pièces des dessins : nombres, coupes de textes, placements."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from lecture_svg import heurts

from restitution.placements import attacher, ecarter, raccourcir
from restitution.svg import abreger, composer, enumerer, largeur, nombre


def test_nombres_a_la_francaise() -> None:
    assert [nombre(v) for v in (0, 3, -2, 0.25, -12.34, 1204, 123.456, -0.0, 1e-9, 1e300)] == [
        "0", "3", "−2", "0,25", "−12,3", "1\u202f204", "123", "0", "1,0e−09", "1,0e+300",
    ]  # fmt: skip


def test_abreger_et_composer() -> None:
    assert abreger("court", 500, 13) == "court"
    abrege = abreger("un libellé bien trop long", 80, 13)
    assert abrege.endswith("…")
    assert largeur(abrege, 13) <= 80
    lignes = composer("un deux trois quatre cinq six", 80, 13, lignes=2)
    assert len(lignes) == 2
    assert lignes[1].endswith("…")
    assert composer("un deux", 500, 13) == ["un deux"]
    assert composer(" ", 500, 13) == []
    assert enumerer("Début.", list("abc"), "Lettres", limite=2) == "Début. Lettres : a ; b ; et 1 autres."
    assert enumerer("", [], "Lettres") == ""


@given(st.lists(st.tuples(st.floats(-300, 300), st.floats(-300, 300), st.floats(1, 80), st.floats(1, 30)), max_size=15))
def test_ecarter_separe_toujours(boites: list[tuple[float, float, float, float]]) -> None:
    table = np.array(boites).reshape(-1, 4)
    places = ecarter(table[:, :2], table[:, 2:], 3.0)
    demies = table[:, 2:] / 2
    assert not heurts([(*(p - d), *(p + d)) for p, d in zip(places, demies, strict=True)])
    if not heurts([(*(p - d - 1.5), *(p + d + 1.5)) for p, d in zip(table[:, :2], demies, strict=True)]):
        assert (places == table[:, :2]).all()


def test_attacher_prefere_la_droite_et_respecte_les_prises() -> None:
    point, taille, rayon = np.array([[50.0, 50.0]]), np.array([[20.0, 10.0]]), np.array([3.0])
    cadre = (0.0, 0.0, 100.0, 100.0)
    assert attacher(point, taille, rayon, cadre) == [(57.0, 45.0)]
    assert attacher(point, taille, rayon, cadre, prises=[(60.0, 40.0, 70.0, 60.0)]) == [(23.0, 45.0)]
    assert attacher(point, taille, rayon, (0.0, 0.0, 10.0, 10.0)) == [None]
    autour = [[50.0 + dx, 50.0 + dy] for dx in (-12, 0, 12) for dy in (-12, 0, 12) if dx or dy]
    serres = np.array([*point.tolist(), *autour])
    tailles, rayons = np.repeat(taille, 9, axis=0), np.repeat(rayon, 9)
    assert attacher(serres, tailles, rayons, cadre)[0] is None
    assert attacher(serres, tailles, rayons, cadre, tenaces=1)[0] == (57.0, 45.0)


def test_raccourcir_va_de_bord_a_bord() -> None:
    taille = np.array([20.0, 10.0])
    assert raccourcir(np.array([0.0, 0.0]), np.array([100.0, 0.0]), taille, taille) == ((12.0, 0.0), (88.0, 0.0))
    colles = raccourcir(np.array([0.0, 0.0]), np.array([10.0, 0.0]), taille, taille)
    assert colles == ((5.0, 0.0), (5.0, 0.0))
