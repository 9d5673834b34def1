"""Le questionnaire dans le rapport HTML, le classeur et les tables."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from etude_rapport import etude_de_demonstration
from navigateur_rapport import Ouvrir, suivre
from openpyxl import load_workbook
from playwright.sync_api import expect

from corpus.questionnaire import lire_questionnaire
from corpus.references import DEMONSTRATION
from evaluation.rapprochement import VERDICTS, etudier
from restitution.donnees import DonneesRapport
from restitution.resultats import ecrire_resultats

FEUILLES = ["Rapprochement", "Questionnaire", "Cités"]


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    etude = etude_de_demonstration(territoires=["T03", "T07"])
    codes = [code.code for code in etude.grille]
    lu = lire_questionnaire(DEMONSTRATION, codes)
    assert lu is not None
    return replace(etude, questionnaire=etudier(lu, etude.mentions, etude.entretiens, codes, {}))


@pytest.fixture(scope="module")
def resultats(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("resultats")
    ecrire_resultats(dossier, donnees)
    return dossier


def test_les_tables_ecrites(donnees: DonneesRapport, resultats: Path) -> None:
    bilan = donnees.questionnaire
    assert bilan is not None
    for nom, table in (("questionnaire_resultats", bilan.depouillement.resultats), ("rapprochement", bilan.rapprochement),
                       ("questionnaire_poids", bilan.depouillement.poids)):
        relue = pd.read_csv(resultats / f"{nom}.csv", dtype={"annee": str})
        pd.testing.assert_frame_equal(relue.replace("", None), table.replace("", None), check_dtype=False)


def test_les_feuilles_du_classeur_et_leur_dictionnaire(donnees: DonneesRapport, resultats: Path) -> None:
    classeur = load_workbook(resultats / "tableaux.xlsx")
    noms = classeur.sheetnames
    assert noms[noms.index("Entretiens") - 3:noms.index("Entretiens")] == FEUILLES
    dictionnaire = list(classeur["Dictionnaire"].iter_rows(min_row=2, values_only=True))
    for nom in FEUILLES:
        colonnes = [cellule.value for cellule in classeur[nom][1]]
        decrites = [colonne for feuille, colonne, _ in dictionnaire if feuille == nom]
        if nom == "Cités":
            decrites[-1:] = ["echelle", "porteur", "annee"]
        assert decrites == colonnes
        assert classeur[nom].freeze_panes == "B2" and all(
            classeur[nom].column_dimensions[cellule.column_letter].width > 6 for cellule in classeur[nom][1])
    bilan = donnees.questionnaire
    assert bilan is not None
    portees = bilan.rapprochement["portee"].replace({"T03": "Département de la Sarvine", "T07": "Hautes-Forges"})
    assert [ligne[0] for ligne in classeur["Rapprochement"].iter_rows(min_row=2, values_only=True)] == list(portees)


def test_la_vue_montre_le_rapprochement(donnees: DonneesRapport, resultats: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    bilan = donnees.questionnaire
    assert bilan is not None
    page = ouvrir(resultats / "rapport.html")
    page.click(".onglets >> text=Questionnaire")
    for portee, nom in (("national", "National"), ("T07", "Hautes-Forges")):
        page.click(f"#vue-questionnaire .portees >> text={nom}")
        suivre(page)
        lignes = bilan.rapprochement[bilan.rapprochement["portee"] == portee].set_index("code")
        chiffres = page.locator("#vue-questionnaire .chiffres dd").all_inner_texts()
        assert chiffres == ["81 sur 84", *(str((lignes["verdict"] == verdict).sum()) for verdict in VERDICTS)]
        rangees = page.locator(".rapproches tbody tr")
        assert rangees.count() == len(lignes)
        for rang in range(rangees.count()):
            cases = rangees.nth(rang).locator("th, td").all_inner_texts()
            ligne = lignes.loc[cases[0].split()[0]]
            assert re.findall(r"\d+", cases[1]) == [str(ligne["entretiens_presente"]), str(ligne["entretiens_absente"])]
            if not pd.isna(ligne["part_questionnaire"]):
                assert cases[2].startswith(f"{100 * ligne['part_questionnaire']:.0f}\u202f%")
            assert cases[3].split("\u00a0", 1)[1].startswith(ligne["verdict"])
    page.click(".rapproches tbody th a >> nth=0")
    suivre(page)
    assert page.url.endswith("#matrice?code=C1.1&lieu=T07")
    expect(page.locator(".panneau .lieu")).to_have_text("Hautes-Forges")


def test_les_reponses_question_par_question(donnees: DonneesRapport, resultats: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    bilan = donnees.questionnaire
    assert bilan is not None
    page = ouvrir(resultats / "rapport.html", "#questionnaire")
    table = bilan.depouillement.resultats
    assert page.locator(".reponses tbody").count() == table["variable"].nunique()
    parts = table[table["mesure"] == "part"]
    lues = [cases.split("\t") for cases in page.locator(".reponses tbody tr:not(.famille)").all_inner_texts()]
    lues = [cases for cases in lues if "\u202f%" in cases[2]]
    assert [(cases[0], int(cases[1])) for cases in lues] == list(zip(parts["modalite"], parts["effectif"], strict=True))
    assert [cases[3] for cases in lues] == [f"{100 * bas:.0f} à {100 * haut:.0f}\u202f%" for bas, haut in
                                            zip(parts["certain_bas"].round(4), parts["certain_haut"].round(4), strict=True)]


@pytest.mark.parametrize("largeur", [1280, 400])
def test_la_vue_tient_en_largeur(resultats: Path, ouvrir: Ouvrir, largeur: int) -> None:  # noqa: F811
    page = ouvrir(resultats / "rapport.html", "#questionnaire", viewport={"width": largeur, "height": 900})
    suivre(page)
    for zone in ("html", ".zone-rapproches", ".zone-reponses"):
        assert page.locator(zone).first.evaluate("e => e.scrollWidth <= e.clientWidth"), zone
    # Rien n'est dit par la seule couleur : chaque dessin est doublé d'un texte.
    assert page.locator("#vue-questionnaire .portee-part:not([aria-hidden=true])").count() == 0
    titres = page.locator("#vue-questionnaire table caption h3").all_inner_texts()
    assert titres == ["Conditions de réussite", "Obstacles", "Réponses, question par question"]


def test_sans_questionnaire_pas_d_onglet(donnees: DonneesRapport, tmp_path: Path, ouvrir: Ouvrir) -> None:  # noqa: F811
    ecrire_resultats(tmp_path, replace(donnees, questionnaire=None))
    assert not list(tmp_path.glob("questionnaire*")) and not (tmp_path / "rapprochement.csv").exists()
    assert not set(FEUILLES) & set(load_workbook(tmp_path / "tableaux.xlsx").sheetnames)
    page = ouvrir(tmp_path / "rapport.html", "#questionnaire")
    expect(page.locator(".onglets a[data-vue=questionnaire]")).to_be_hidden()
    expect(page.locator("#vue-questionnaire .vide")).to_be_visible()
