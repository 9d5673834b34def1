"""L'onglet « Estimations » dans un vrai navigateur, contre la table."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from echantillon_d_essai import avec_estimations
from etude_rapport import etude_de_demonstration
from navigateur_rapport import Ouvrir, suivre
from openpyxl import load_workbook
from playwright.sync_api import expect

from evaluation.estimation import COLONNES
from restitution.donnees import DonneesRapport
from restitution.rapport import ecrire_rapport
from restitution.resultats import ecrire_resultats


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    return avec_estimations(etude_de_demonstration(territoires=["T03", "T07"]))


@pytest.fixture(scope="module")
def resultats(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("resultats")
    ecrire_resultats(dossier, donnees)
    return dossier


def test_la_table_est_ecrite(donnees: DonneesRapport, resultats: Path) -> None:
    assert donnees.estimations is not None
    relue = pd.read_csv(resultats / "estimations.csv")
    pd.testing.assert_frame_equal(relue, donnees.estimations, check_dtype=False)


def test_la_feuille_du_classeur_et_son_dictionnaire(donnees: DonneesRapport, resultats: Path) -> None:
    classeur = load_workbook(resultats / "tableaux.xlsx")
    lignes = list(classeur["Estimations"].iter_rows(values_only=True))
    assert donnees.estimations is not None and len(lignes) == 1 + len(donnees.estimations)
    assert tuple(lignes[0]) == COLONNES
    assert {ligne[0] for ligne in lignes[1:]} == {"national", "Département de la Sarvine", "Hautes-Forges"}
    decrites = [colonne for feuille, colonne, sens in classeur["Dictionnaire"].iter_rows(min_row=2, values_only=True)
                if feuille == "Estimations" and sens]
    assert decrites == list(COLONNES)


def nu(texte: str) -> str:
    return re.sub(r"\s", " ", texte)


@pytest.mark.parametrize(("ancre", "portee", "unite", "modalite"), [
    ("", "national", "entretiens", "toutes"), ("?portee=T03&unite=phrases&dite=presente", "T03", "phrases", "presente")])
def test_chaque_ligne_dit_la_table(donnees: DonneesRapport, resultats: Path, ouvrir: Ouvrir, ancre: str, portee: str, unite: str,
                                   modalite: str) -> None:
    table = donnees.estimations
    assert table is not None
    page = ouvrir(resultats / "rapport.html", f"#estimations{ancre}")
    suivre(page)
    attendues = table[(table["portee"] == portee) & (table["unite"] == unite) & (table["modalite"] == modalite)
                      & ((table["brut"] > 0) | (table["portent"] > 0))].set_index("code")
    lues = {}
    for rangee in page.locator("#vue-estimations .estimees tbody tr").all():
        lues[rangee.locator("th .sigle").inner_text()] = [nu(case) for case in rangee.locator("td").all_inner_texts()]
    assert sorted(lues) == sorted(attendues.index) and len(lues) > 10
    corriges = 0

    def ecrit(part: float) -> str:
        return f"{100 * part:.{int(unite == 'phrases')}f}".replace(".", ",")

    for code, (brut, corrige, seul) in lues.items():
        vue = attendues.loc[code]
        assert brut.startswith(f"{ecrit(vue['brut'])} %")
        sort = vue["conclusion"] == "corrigé" and not vue["corrige_bas"] <= vue["brut"] <= vue["corrige_haut"]
        assert ("hors de l’intervalle" in brut) == sort
        if vue["conclusion"] == "corrigé":
            corriges += 1
            bornes = f"[{ecrit(vue['corrige_bas'])} ; {ecrit(vue['corrige_haut'])}]"
            assert corrige.startswith(f"{ecrit(vue['corrige'])} % {bornes}")
        else:
            assert corrige == "trop peu de cas pour corriger"
        assert seul.startswith(f"{vue['portent']} sur {vue['tirees']} : {ecrit(vue['echantillon'])} %")
    chiffres = [nu(texte) for texte in page.locator("#vue-estimations .chiffres dd").all_inner_texts()]
    assert chiffres[1] == f"{corriges} sur {len(lues)}"
    assert chiffres[0].replace(" ", "") == f"{attendues['tirees'].iloc[0]}sur{attendues['population'].iloc[0]}"


def test_un_comptage_brut_mene_a_ses_verbatims(donnees: DonneesRapport, resultats: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(resultats / "rapport.html", "#estimations?dite=presente")
    suivre(page)
    ligne = page.locator("#vue-estimations .estimees tbody tr").first
    code = ligne.locator("th .sigle").inner_text()
    ligne.locator("td a").first.click()
    suivre(page)
    siennes = donnees.mentions[(donnees.mentions["code"] == code) & (donnees.mentions["modalite"] == "presente")]
    phrases = siennes.drop_duplicates(["entretien", "phrase"])
    assert f"code={code}" in page.url and "mod=presente" in page.url
    expect(page.locator("#vue-matrice .panneau .verbatim").first).to_be_visible()
    assert page.locator("#vue-matrice .panneau .verbatim").count() == min(50, len(phrases))


def test_naviguer_entre_modalites_et_portees(resultats: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(resultats / "rapport.html", "#estimations")
    onglet = page.locator(".onglets a[data-vue=estimations]")
    expect(onglet).to_be_visible()
    expect(onglet).to_have_attribute("aria-current", "page")
    page.get_by_role("link", name="qui le disent absent").click()
    suivre(page)
    page.locator("#vue-estimations nav.portees").first.get_by_role("link").nth(1).click()
    suivre(page)
    assert "dite=absente" in page.url and "portee=T03" in page.url
    expect(page.locator("#annonce")).to_have_text(re.compile(r"parts corrigées sur \d+"))


def test_sans_echantillon_pas_d_onglet(tmp_path: Path, ouvrir: Ouvrir) -> None:
    ecrire_rapport(tmp_path / "rapport.html", etude_de_demonstration(territoires=["T03"]))
    page = ouvrir(tmp_path / "rapport.html", "#estimations")
    expect(page.locator(".onglets a[data-vue=estimations]")).to_be_hidden()
    expect(page.locator("#vue-estimations")).to_contain_text("Aucun échantillon codé à la main")


@pytest.mark.parametrize("largeur", [1280, 400])
def test_accessible_et_sans_debordement(resultats: Path, ouvrir: Ouvrir, largeur: int) -> None:
    from axe_playwright_python.sync_playwright import Axe

    page = ouvrir(resultats / "rapport.html", "#estimations", viewport={"width": largeur, "height": 900}, bypass_csp=True)
    suivre(page)
    fautes = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert fautes == []
    assert page.evaluate("document.documentElement.scrollWidth") <= largeur
