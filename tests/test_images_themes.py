"""Les images des thèmes : ce qu'elles montrent, à quelle échelle, sous quel nom."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from etude_rapport import LIEUX, etude_de_demonstration
from hypothesis import given, settings
from hypothesis import strategies as st
from lecture_svg import SVG, cadre, heurts, lire, textes

from restitution.dessins_themes import matrice_de_barres, pourcent
from restitution.donnees import DonneesRapport
from restitution.images_themes import ecrire_images, images_themes, noms_de_fichiers

PARTS = pd.DataFrame({"Hautes-Forges": [0.10, 0.0], "Grand Ormelet": [0.05, np.nan]}, index=["bus, permis", "crèche"])


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    return etude_de_demonstration(territoires=["T01", "T03", "T07"])


def _barres(svg: str) -> list[tuple[str, float, str]]:
    """Bulle, longueur et couleur de chaque barre (le fond n'a pas de bulle)."""
    lues = [(r.findtext(SVG + "title"), float(r.get("width")), r.get("fill")) for r in lire(svg).iter(SVG + "rect")]
    return [(bulle, large, couleur) for bulle, large, couleur in lues if bulle]


def test_des_barres_proportionnelles_et_leurs_signes() -> None:
    constats = pd.DataFrame([["plus", ""], ["", "moins"]])
    lues = _barres(matrice_de_barres(PARTS, "Titre", "Unité", constats))
    assert [bulle for bulle, _, _ in lues] == [
        "bus, permis, Hautes-Forges : 10,0 % ▲", "bus, permis, Grand Ormelet : 5,0 %", "crèche, Hautes-Forges : 0,0 %"
    ]  # fmt: skip
    assert lues[0][1] == pytest.approx(2 * lues[1][1], abs=0.1) and lues[2][1] == 0
    assert lues[0][2] != lues[1][2]  # une couleur, mais aussi un signe
    sans = matrice_de_barres(PARTS, "Titre", "Unité")
    assert "▲" not in sans
    assert lire(sans).findtext(SVG + "desc") == (
        "Unité. bus, permis : de 5,0 % (Grand Ormelet) à 10,0 % (Hautes-Forges) ; crèche : de 0,0 % (Hautes-Forges) à "
        "0,0 % (Hautes-Forges).")  # fmt: skip


def test_des_parts_fausses_sont_refusees_et_rien_se_dessine() -> None:
    for fausse in (-0.1, float("inf")):
        with pytest.raises(ValueError, match="positif"):
            matrice_de_barres(pd.DataFrame([[fausse]]), "Titre")
    for rien in (pd.DataFrame(), pd.DataFrame(index=["a"]), pd.DataFrame({"a": [np.nan]})):
        assert _barres(matrice_de_barres(rien, "Titre")) == []


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.text(max_size=60), min_size=1, max_size=4),
    st.lists(st.text(max_size=60), min_size=1, max_size=12),
    st.floats(0, 1),
)
def test_dans_le_cadre_et_sans_recouvrement_quoi_qu_il_arrive(noms: list[str], tetes: list[str], part: float) -> None:
    parts = pd.DataFrame(np.linspace(0, part, len(noms) * len(tetes)).reshape(len(noms), -1), index=noms, columns=tetes)
    svg = matrice_de_barres(parts, "Titre", "", pd.DataFrame(np.full(parts.shape, "plus")))
    large, haut = cadre(svg)
    boites = [texte.boite for texte in textes(svg)]
    assert all(g >= -0.1 and d <= large + 0.1 and h >= -0.1 and b <= haut + 0.1 for g, h, d, b in boites)
    assert heurts(boites) == []


def test_les_images_d_une_etude(donnees: DonneesRapport) -> None:
    images = images_themes(donnees)
    lieux = ["T01", "T03", "T07"]
    assert set(images) == {
        ("carte", "national"), ("territoires", "national"), ("categories", "national"),
        *(("carte", lieu) for lieu in lieux), *(("ecarts", lieu) for lieu in lieux),
    }  # fmt: skip
    # La carte : un disque par thème national ; les axes disent la part des écarts, Σ x² / Σ (x² + y²) / qualité.
    carte = images["carte", "national"]
    assert len(list(lire(carte).iter(SVG + "circle"))) == 7
    x, y, q = np.array(LIEUX[1:8]).T
    axe = f"axe 1 ({pourcent((x**2).sum() / ((x**2 + y**2) / q).sum())})".replace("\u00a0", " ")
    assert axe in [texte.texte for texte in textes(carte)]
    # Dans un territoire, les siens (trois) et les nationaux (sept) ; un thème propre porte une étoile.
    locale = images["carte", "T07"]
    assert len(list(lire(locale).iter(SVG + "circle"))) == 3 + 1  # et celui de la légende
    propre = donnees.themes[(donnees.themes["portee"] == "T07") & (donnees.themes["theme_national"] == "")]["libelle"]
    assert len(propre) == 1 and f"* {propre.iloc[0]}" in lire(locale).findtext(SVG + "desc")
    # Les barres disent les parts de la table.
    parts = donnees.themes_territoires
    assert parts is not None
    ici = parts[(parts["theme"] == "t02") & (parts["territoire"] == "T03") & (parts["categorie"] == "")]["part"].iloc[0]
    libelle = donnees.themes.set_index(["portee", "theme"])["libelle"]["national", "t02"]
    bulles = [bulle.rstrip(" ▲▼") for bulle, _, _ in _barres(images["territoires", "national"])]
    assert f"{libelle}, Département de la Sarvine : {pourcent(ici)}".replace("\u00a0", " ") in bulles
    assert len(_barres(images["categories", "national"])) == 7 * donnees.entretiens["categorie"].nunique()


def test_sans_les_tables_pas_d_image(donnees: DonneesRapport) -> None:
    sans_plan = replace(donnees, themes=donnees.themes.drop(columns=["x", "y", "qualite"]))
    assert {sorte for sorte, _ in images_themes(sans_plan)} == {"territoires", "categories", "ecarts"}
    assert {sorte for sorte, _ in images_themes(replace(donnees, themes_ecarts=None, themes_territoires=None))} == {"carte"}
    assert images_themes(replace(donnees, themes=donnees.themes.head(0))) == {}


def test_des_noms_de_fichiers_surs_et_differents() -> None:
    cles = [("carte", "T01"), ("carte", "t01"), ("carte", "../é/a:b"), ("carte", "national"), ("ecarts", "x" * 300)]
    noms = list(noms_de_fichiers(cles).values())
    assert noms[:4] == ["themes-carte-T01.svg", "themes-carte-t01-2.svg", "themes-carte-___é_a_b.svg",
                        "themes-carte-national.svg"]  # fmt: skip
    assert len(noms[4]) < 120


def test_les_images_ecrites_remplacent_les_anciennes(tmp_path: Path) -> None:
    dossier = tmp_path / "images"
    ecrire_images(dossier, {("carte", "T01"): "<svg/>", ("carte", "T02"): "<svg/>"})
    (dossier / "arbre.svg").write_text("une autre image")
    ecrire_images(dossier, {("carte", "T02"): "<svg>2</svg>"})
    assert {f.name: f.read_text() for f in dossier.iterdir()} == {
        "arbre.svg": "une autre image", "themes-carte-T02.svg": "<svg>2</svg>"}  # fmt: skip
