"""L'onglet « Thèmes » dans un vrai navigateur : territoires, catégories, images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from etude_rapport import etude_de_demonstration
from navigateur_rapport import Ouvrir, suivre
from playwright.sync_api import expect

from restitution.donnees import CATEGORIES, DonneesRapport
from restitution.images_themes import images_themes
from restitution.rapport import ecrire_rapport, nombre


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    """Trois territoires ; en T03, un écart net sur t02, aucun thème proche de t04, et t05 dont nul n'y parle."""
    etude = etude_de_demonstration(territoires=["T01", "T03", "T07"])
    ecarts = etude.themes_ecarts
    assert ecarts is not None
    lieu = ecarts["territoire"] == "T03"
    ecarts.loc[lieu & (ecarts["theme"] == "t02"), ["moyenne", "attendue", "p", "constat"]] = [0.21, 0.124, 0.0004, "plus"]
    ecarts.loc[lieu & (ecarts["theme"] == "t05"), ["phrases", "entretiens", "etat"]] = [0, 0, "absent"]
    return etude


@pytest.fixture(scope="module")
def rapport(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chemin = tmp_path_factory.mktemp("rapport") / "rapport.html"
    ecrire_rapport(chemin, donnees)
    return chemin


def _libelle(donnees: DonneesRapport, theme: str, portee: str = "national") -> str:
    return str(donnees.themes.set_index(["portee", "theme"])["libelle"][portee, theme])


def _parts(donnees: DonneesRapport, axe: str) -> dict[tuple[str, str], str]:
    """Par thème et territoire (ou catégorie), la part écrite."""
    table = donnees.themes_territoires
    assert table is not None
    autre = "categorie" if axe == "territoire" else "territoire"
    table = table[(table[autre] == "") & (table[axe] != "")]
    return {(ligne["theme"], ligne[axe]): f"{nombre(100 * ligne['part'], 1)}\u202f%" for ligne in table.to_dict("records")}


@pytest.mark.parametrize(("axe", "cle"), [("territoire", "lieu"), ("categorie", "qui")])
def test_les_parts_affichees_sont_celles_de_la_table(
    axe: str, cle: str, donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir  # noqa: F811
) -> None:
    page = ouvrir(rapport, "#themes")
    lues = page.evaluate(
        """(cle) => [...document.querySelectorAll(`.croisee a[href*="${cle}="]`)].map(a => {
             const q = new URLSearchParams(a.hash.split('?')[1]);
             return [q.get('theme'), q.get(cle), a.querySelector('.n').firstChild.textContent];
           })""", cle)  # fmt: skip
    assert {(theme, groupe): part for theme, groupe, part in lues} == _parts(donnees, axe)


def test_une_case_ouvre_ses_phrases_et_se_referme_au_clavier(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    page = ouvrir(rapport, "#themes")
    page.get_by_role("button", name="Par territoire").click()
    expect(page.locator("#h-lieu")).to_be_focused()
    case = page.locator(".croisee a[href*='theme=t02'][href*='lieu=T03']")
    liens = donnees.themes_phrases
    liens = liens[(liens["portee"] == "national") & (liens["theme"] == "t02") & liens["entretien"].str.startswith("T03")]
    dit = case.get_attribute("aria-label") or ""
    assert f"{len(liens)}\u00a0phrases sur" in dit and f"{liens['entretien'].nunique()}\u00a0entretiens sur" in dit
    assert dit.endswith("nettement plus qu’attendu") and "▲" in case.inner_text()
    case.click()
    expect(page.locator("#h-panneau-theme")).to_be_focused()
    assert page.locator(".panneau .lieu").inner_text() == "Département de la Sarvine"
    while page.locator(".panneau .suite:visible").count():
        page.click(".panneau .suite")
    cites = page.locator(".panneau .reference a").all_inner_texts()
    assert sorted(cites) == sorted(liens["entretien"])
    page.keyboard.press("Escape")
    expect(page.locator(".panneau")).to_have_count(0)
    expect(case).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".croisee a[href*='theme=t02'][href*='lieu=T07']")).to_be_focused()


def test_le_filtre_par_categorie_recompte_et_le_dit(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    page = ouvrir(rapport, "#themes?cat=etat")
    table = donnees.themes_territoires
    assert table is not None
    ligne = table[(table["theme"] == "t02") & (table["territoire"] == "T03") & (table["categorie"] == "etat")].iloc[0]
    case = page.locator(".croisee a[href*='theme=t02'][href*='lieu=T03']")
    assert case.locator(".n").inner_text() == f"{nombre(100 * ligne['part'], 1)}\u202f%"  # sans signe : le test porte sur tous
    assert f"{ligne['phrases']}\u00a0phrase" in (case.get_attribute("title") or "")
    assert "sans le filtre" in page.inner_text(".comparaison >> nth=0")


def test_ce_qui_distingue_un_territoire(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    page = ouvrir(rapport, "#themes?portee=T03")
    rubriques = {}
    for bloc in page.locator(".rubriques > div").all():
        rubriques[bloc.locator("dt").inner_text()] = bloc.locator("dd").all_inner_texts()
    plus, moins, propres, disperses, absents = rubriques.values()
    assert plus == [f"{_libelle(donnees, 't02')} 21,0\u202f% d’un entretien en moyenne, 12,4\u202f% attendus"]
    assert moins == ["Aucun écart net."]
    assert len(propres) == 1 and propres[0].startswith(_libelle(donnees, "t03", "T03"))
    assert {dit.split("\u00a0")[0].rsplit(" ", 1)[0] for dit in disperses} == {
        _libelle(donnees, theme) for theme in ("t02", "t03", "t04", "t06", "t07")}  # fmt: skip
    assert absents == [_libelle(donnees, "t05")]
    # Chaque fiche dit son état ; le tableau équivalent dit les mêmes écarts que l'image.
    etats = page.locator(".theme .etat-theme b").all_inner_texts()
    assert sorted(etats) == ["Commun", "Commun", "Propre au territoire"]
    page.locator(".distinctions .equivalent summary").click()
    ligne = page.locator(".distinctions table tbody tr").first.locator("th, td").all_inner_texts()
    assert ligne == [_libelle(donnees, "t02"), "21,0\u202f%", "12,4\u202f%", "8,6", "< 0,001", "▲ plus"]
    # Le lien mène aux phrases.
    page.locator(".rubriques a").first.click()
    suivre(page)
    assert page.locator(".panneau h3").inner_text().startswith(_libelle(donnees, "t02"))


def test_qui_parle_d_un_theme(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    page = ouvrir(rapport, "#themes?portee=T03")
    fiche = page.locator(".theme").filter(has=page.locator("h3", has_text=_libelle(donnees, "t01", "T03"))).first
    fiche.locator(".qui-en-parle summary").click()
    siens = donnees.entretiens[donnees.entretiens["territoire"] == "T03"]
    dites = donnees.phrases[donnees.phrases["role"] == "enquete"].merge(siens, on="entretien")
    liens = donnees.themes_phrases[(donnees.themes_phrases["portee"] == "T03") & (donnees.themes_phrases["theme"] == "t01")]
    liens = liens.merge(siens, on="entretien")
    parts = (liens.groupby("categorie").size() / dites.groupby("categorie").size()).fillna(0)
    attendues = {CATEGORIES[categorie]: f"{nombre(100 * part, 1)}\u202f%" for categorie, part in parts.items()}  # type: ignore[index]
    lues = {li.locator("a").inner_text(): li.locator("b").inner_text() for li in fiche.locator(".qui-en-parle li").all()}
    assert lues == attendues and len(lues) > 3


def test_chaque_image_s_enregistre_et_se_lit_sans_la_voir(
    donnees: DonneesRapport, rapport: Path, tmp_path: Path, ouvrir: Ouvrir  # noqa: F811
) -> None:
    images = images_themes(donnees)
    for portee, sortes in (("national", ["carte", "territoires", "categories"]), ("T03", ["ecarts", "carte"])):
        page = ouvrir(rapport, "#themes" if portee == "national" else f"#themes?portee={portee}", accept_downloads=True)
        figures = page.locator("figure.image")
        assert figures.count() == len(sortes)
        for figure, sorte in zip(figures.all(), sortes, strict=True):
            svg = figure.locator("svg")
            assert svg.get_attribute("role") == "img"
            for identifiant in (svg.get_attribute("aria-labelledby") or "").split():
                assert page.locator(f"[id='{identifiant}']").text_content()
            with page.expect_download() as telechargement:
                figure.get_by_role("button").click()
            assert telechargement.value.suggested_filename == f"themes-{sorte}-{portee}.svg"
            recu = tmp_path / f"{sorte}.svg"
            telechargement.value.save_as(recu)
            assert recu.read_text(encoding="utf-8") == images[sorte, portee]
            equivalent = figure.locator(".equivalent table")
            assert equivalent.count() == 1 or figure.locator("xpath=ancestor::section[1]").locator(".croisee").count() == 1


def test_sans_comparaison_ni_plan_l_onglet_s_ouvre(donnees: DonneesRapport, tmp_path: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    chemin = tmp_path / "sans.html"
    themes = donnees.themes.drop(columns=["x", "y", "qualite"])
    ecrire_rapport(chemin, replace(donnees, themes=themes, themes_territoires=None, themes_ecarts=None))
    for ancre in ("#themes", "#themes?portee=T03"):
        page = ouvrir(chemin, ancre)
        expect(page.locator(".theme h3").first).to_be_visible()
        assert page.locator("figure.image, .distinctions").count() == 0


def test_un_territoire_au_nom_piege(donnees: DonneesRapport, tmp_path: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    piege = "T\"'] </script>"
    nommes = ("entretiens", "territoires", "themes", "themes_phrases", "themes_territoires", "themes_ecarts")
    tables = {nom: _renommer(getattr(donnees, nom), piege) for nom in (*nommes, "codes_proposes")}
    chemin = tmp_path / "piege.html"
    ecrire_rapport(chemin, replace(donnees, **tables))
    page = ouvrir(chemin, "#themes")
    page.locator(".croisee tbody tr").first.locator("a").nth(1).click()
    suivre(page)
    expect(page.locator("#h-panneau-theme")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panneau")).to_have_count(0)
    page.locator(".portees a").nth(2).click()
    suivre(page)
    expect(page.locator("figure.image")).to_have_count(2)


def _renommer(table: pd.DataFrame, nom: str) -> pd.DataFrame:
    """La même table, le territoire T03 sous un autre identifiant."""
    return table.assign(**{c: table[c].replace("T03", nom) for c in ("territoire", "portee") if c in table})


@pytest.mark.parametrize("largeur", [1280, 400])
@pytest.mark.parametrize("ancre", ["#themes?portee=T03", "#themes?theme=t02&lieu=T03"])
def test_rien_ne_deborde_en_largeur(largeur: int, ancre: str, rapport: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    page = ouvrir(rapport, ancre, viewport={"width": largeur, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == largeur
    # Les textes d'une image restent lisibles : elle défile plutôt que de rapetisser.
    for figure in page.locator("figure.image svg").all():
        assert figure.evaluate("s => s.getBoundingClientRect().width / s.viewBox.baseVal.width") >= 0.84
