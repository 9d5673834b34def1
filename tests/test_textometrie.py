"""La textométrie d'une étude : classes retenues, tables recomptées, études trop courtes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from evaluation.saturation import SATURATIONS, courbe_saturation, saturations, series_de_guest
from modeles.classes_lexicales import CLASSES_MAX, PART_MIN, UNITES_MIN, Propos
from modeles.stabilite_themes import SEUIL_INSTABLE
from modeles.textometrie import COLONNES, emplois_min, mesurer

MONDES = tuple([mot, *(f"{mot}{rang:02}" for rang in range(1, 40))] for mot in ("bus", "crèche", "contrat"))
"""Trois vocabulaires de quarante formes."""


def propos(par_monde: int = 100, territoires: int = 3, graine: int = 1) -> Propos:
    """Des segments de dix formes d'un des trois mondes, assez pour être chacun une unité de contexte.

    T1 parle surtout de bus, T2 de crèche, T3 de contrats.
    """
    hasard = np.random.default_rng(graine)
    lignes, lemmes = [], []
    for rang in range(par_monde * len(MONDES)):
        monde = rang % len(MONDES)
        entretien = rang * 12 // (par_monde * len(MONDES))
        lieu = monde if hasard.random() < 0.8 else int(hasard.integers(len(MONDES)))
        lignes.append((f"E{entretien:02}", f"s{rang:03}", rang * 10, rang * 10 + 9, f"texte {rang}",
                       [f"p{rang}", f"q{rang}"], f"T{lieu % territoires + 1}", ("etat", "habitant", "")[rang % 3]))
        lemmes.append([*hasard.choice(MONDES[monde], 10, replace=False)])
    colonnes = ["entretien", "segment", "debut", "fin", "texte", "phrases", "territoire", "categorie"]
    table = pd.DataFrame(lignes, columns=colonnes)
    return Propos(table.iloc[:, :6], lemmes, table[["territoire", "categorie"]])


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return mesurer(propos())


def test_chaque_table_tient_son_contrat(tables: dict[str, pd.DataFrame]) -> None:
    assert {nom: tuple(table.columns) for nom, table in tables.items()} == COLONNES
    assert all(len(table) for table in tables.values())


def test_les_mondes_plantes_sont_retrouves(tables: dict[str, pd.DataFrame]) -> None:
    classes, segments = tables["classes_reinert"], tables["segments_reinert"]
    assert list(classes["segments"]) == [100, 100, 100] and (classes["stabilite"] > 0.9).all()
    mondes = pd.Series(np.arange(300) % 3)
    assert (pd.crosstab(segments["classe"], mondes) > 0).sum().tolist() == [1, 1, 1]
    for classe in classes.itertuples():
        monde = mondes[segments["classe"] == classe.classe].iloc[0]
        assert set(classe.libelle.split(", ")) <= set(MONDES[monde]) and classe.formes == 40
        assert classe.entretiens == segments.loc[segments["classe"] == classe.classe, "entretien"].nunique()
    assert list(segments["phrases"][:2]) == ["p0;q0", "p1;q1"]


def test_la_coupe_retenue_suit_la_regle(tables: dict[str, pd.DataFrame]) -> None:
    coupes = tables["coupes_reinert"]
    assert list(coupes["classes"]) == list(range(2, CLASSES_MAX + 1))
    fortes = coupes["khi2"] > coupes["hasard"]
    bonnes = fortes & (coupes["plus_petite"] >= PART_MIN) & (coupes["stabilite"] >= SEUIL_INSTABLE)
    # Les trois mondes s'opposent bien plus que le hasard ; à l'intérieur d'un monde, il n'y a que du hasard.
    assert (coupes["khi2"] > 3 * coupes["hasard"])[:2].all() and not fortes[2:].all()
    assert list(bonnes[:3]) == [True, True, False] and list(coupes.loc[coupes["retenue"], "classes"]) == [3]


@pytest.mark.parametrize("voulues", [2, 5])
def test_le_nombre_de_classes_peut_etre_impose(voulues: int) -> None:
    tables = mesurer(propos(), classes=voulues)
    assert list(tables["classes_reinert"]["classe"]) == list(range(1, voulues + 1))
    assert set(tables["segments_reinert"]["classe"]) == set(range(1, voulues + 1))
    assert (tables["arbre_reinert"]["classe"] > 0).sum() == voulues


def test_l_arbre_se_tient(tables: dict[str, pd.DataFrame]) -> None:
    arbre = tables["arbre_reinert"].set_index("noeud")
    assert len(arbre) == 5 and arbre.loc[0, "parent"] == -1 and arbre.loc[0, "segments"] == 300
    for noeud, ligne in arbre.iterrows():
        enfants = arbre[arbre["parent"] == noeud]
        assert len(enfants) == (0 if ligne["classe"] else 2)
        if len(enfants):
            assert enfants["segments"].sum() == ligne["segments"] and (enfants["hauteur"] < ligne["hauteur"]).all()
    assert sorted(arbre.loc[arbre["classe"] > 0, "classe"]) == [1, 2, 3]


def test_profils_et_specificites_se_recomptent(tables: dict[str, pd.DataFrame]) -> None:
    etude = propos()
    classes = tables["segments_reinert"]["classe"]
    bus = pd.Series(["bus" in suite for suite in etude.lemmes])
    ligne = tables["profils_reinert"].query("element == 'bus' and khi2 > 0").iloc[0]
    assert (ligne["effectif"], ligne["total"]) == (int((bus & (classes == ligne["classe"])).sum()), int(bus.sum()))
    lieux = tables["profils_reinert"].query("genre == 'territoire'")
    assert len(lieux) == 9 and lieux.groupby("element")["effectif"].sum().to_dict() == etude.variables[
        "territoire"].value_counts().to_dict()
    # Une catégorie inconnue ne compte pas.
    assert set(tables["profils_reinert"].query("genre == 'categorie'")["element"]) == {"etat", "habitant"}
    specificites = tables["specificites"]
    ici = etude.variables["territoire"] == "T1"
    case = specificites[(specificites["partie"] == "T1") & (specificites["forme"] == "bus")].iloc[0]
    assert case["effectif"] == (bus & ici).sum() and case["total"] == bus.sum()
    assert case["entretiens"] == etude.segments.loc[bus & ici, "entretien"].nunique()
    assert case["score"] > 2 and case["attendu"] == pytest.approx(bus.sum() * ici.sum() / 300)


def test_une_petite_etude_garde_des_formes_moins_frequentes(tables: dict[str, pd.DataFrame]) -> None:
    for emplois, attendu in ((0, 3), (600, 3), (7_999, 7), (8_000, 8), (50_000, 10)):
        assert emplois_min(pd.DataFrame({"T1": [emplois], "T2": [0]})) == attendu
    assert tables["specificites"]["total"].min() >= 3


def test_les_variables_d_un_seul_groupe_ne_se_comparent_pas() -> None:
    tables = mesurer(propos(territoires=1))
    assert set(tables["specificites"]["variable"]) == {"categorie"}
    assert not len(tables["afc"]) and not len(tables["afc_axes"])
    deux = mesurer(propos(territoires=2))["afc"]
    assert set(deux["genre"]) == {"territoire", "forme"} and deux["axe_2"].isna().all() and deux["axe_1"].notna().all()


@pytest.mark.parametrize("nombre", [0, 1, 5])
def test_une_etude_trop_courte_rend_des_tables_vides(nombre: int) -> None:
    etude = propos()
    courte = Propos(etude.segments.head(nombre), etude.lemmes[:nombre], etude.variables.head(nombre))
    assert nombre < UNITES_MIN
    tables = mesurer(courte)
    assert {nom: tuple(table.columns) for nom, table in tables.items()} == COLONNES
    segments = tables.pop("segments_reinert")
    assert list(segments["segment"]) == list(etude.segments["segment"][:nombre]) and not segments["classe"].any()
    assert not any(len(table) for nom, table in tables.items() if nom.endswith("reinert") or nom.startswith("afc"))


def test_memes_propos_memes_tables() -> None:
    for une, autre in zip(mesurer(propos()).values(), mesurer(propos()).values(), strict=True):
        pd.testing.assert_frame_equal(une, autre)


def test_la_saturation_compte_codes_et_themes_nationaux() -> None:
    entretiens = pd.DataFrame({"entretien": list("abcdefgh"), "date": [f"2022-01-{9 - rang:02}" for rang in range(8)]})
    mentions = pd.DataFrame({"entretien": list("ahhb"), "code": ["O1", "O2", "O1", "O3"]})
    themes = pd.DataFrame({"portee": ["national", "national", "T1"], "entretien": list("abc"), "theme": ["t1", "t2", "t9"]})
    tables = saturations(mentions, themes, entretiens, graine=3)
    assert {nom: tuple(table.columns) for nom, table in tables.items()} == SATURATIONS
    codes = tables["saturation"].query("element == 'code'").reset_index(drop=True)
    assert list(codes["entretien"]) == list("hgfedcba") and list(codes["cumul"]) == [2, 2, 2, 2, 2, 2, 3, 3]
    attendue = courbe_saturation(mentions, "code", list("hgfedcba"), graine=3)
    pd.testing.assert_frame_equal(codes.drop(columns="element"), attendue)
    assert tables["saturation"].query("element == 'theme'")["cumul"].max() == 2
    series = tables["saturation_series"]
    pd.testing.assert_frame_equal(series[series["element"] == "code"].drop(columns="element"),
                                  series_de_guest(mentions, "code", list("hgfedcba")))
