"""L'onglet « Vocabulaire » et le concordancier dans un vrai navigateur."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from etude_rapport import PIEGE, etude_de_demonstration, etude_minuscule
from navigateur_rapport import Ouvrir, entier, suivre
from playwright.sync_api import Page, expect

from modeles.concordances import concordances, trier
from restitution.donnees import DonneesRapport
from restitution.rapport import ecrire_rapport, nombre

PARTIES = ("", "?partie=specificites", "?partie=similitudes", "?partie=afc", "?partie=saturation")


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    return etude_de_demonstration(territoires=["T01", "T03", "T07"])


@pytest.fixture(scope="module")
def rapport(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chemin = tmp_path_factory.mktemp("rapport") / "rapport.html"
    ecrire_rapport(chemin, donnees)
    return chemin


def phrases_de(donnees: DonneesRapport, forme: str, **ou: str) -> pd.DataFrame:
    """Les phrases d'enquêtés qui emploient une forme, sur un territoire ou dans une catégorie."""
    assert donnees.lemmes is not None
    dites = donnees.lemmes.merge(donnees.entretiens, on="entretien")
    for colonne, valeur in ou.items():
        dites = dites[dites[colonne] == valeur]
    return dites[[forme in suite.split() for suite in dites["lemmes"]]]


def lire_concordances(page: Page) -> list[tuple[str, ...]]:
    """Les lignes affichées, toutes : entretien, gauche, pivot, droite."""
    suivre(page)
    while page.locator("#vue-concordances .suite:visible").count():
        page.click("#vue-concordances .suite")
    lues = page.evaluate("""() => [...document.querySelectorAll('.concordances tbody tr')].map(
        (ligne) => [...ligne.cells].map((cellule) => cellule.textContent))""")
    return [tuple(ligne) for ligne in lues]


@pytest.mark.parametrize("requete", ["emploi", "EMPLOI*", "mission locale", "préfet", "l'école", "*tion", "on a", "(.*"])
def test_le_concordancier_rend_ce_que_rend_la_bibliotheque(
    donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir, requete: str
) -> None:
    page = ouvrir(rapport, "#concordances")
    page.fill("#q-concordances", requete)
    page.press("#q-concordances", "Enter")
    attendues = concordances(donnees.phrases, requete)
    colonnes = ["entretien", "gauche", "pivot", "droite"]
    lues = lire_concordances(page)
    assert lues == [tuple(ligne) for ligne in attendues[colonnes].to_numpy().tolist()]
    assert (len(lues) > 0) == (requete != "(.*")
    texte = page.inner_text("#compte-concordances")
    assert entier(texte.split("\u00a0emploi")[0]) == len(attendues)


def test_les_concordances_se_rangent_et_se_filtrent(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#concordances?q=emploi")
    toutes = concordances(donnees.phrases, "emploi")
    for tri in ("gauche", "droite"):
        page.select_option("#tri-concordances", tri)
        attendues = trier(toutes, tri)  # type: ignore[arg-type]
        assert lire_concordances(page) == [
            tuple(ligne) for ligne in attendues[["entretien", "gauche", "pivot", "droite"]].to_numpy().tolist()
        ]
    page.check("#questions-concordances")
    assert len(lire_concordances(page)) == len(concordances(donnees.phrases, "emploi", roles=("enquete", "enqueteur")))
    page.uncheck("#questions-concordances")
    page.select_option("#f-ter", "T03")
    page.select_option("#f-cat", "etat")
    gardes = donnees.entretiens[(donnees.entretiens["territoire"] == "T03") & (donnees.entretiens["categorie"] == "etat")]
    assert len(lire_concordances(page)) == toutes["entretien"].isin(gardes["entretien"]).sum() > 0


def test_un_emploi_mene_a_sa_phrase(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#concordances?q=emploi")
    premier = concordances(donnees.phrases, "emploi").iloc[0]
    page.locator(".concordances tbody a").first.focus()
    page.keyboard.press("Enter")
    suivre(page)
    dite = donnees.phrases.set_index(["entretien", "phrase"]).loc[(premier["entretien"], premier["phrase"]), "texte"]
    assert page.locator(".visee").inner_text() == dite
    expect(page.locator(".onglets a[data-vue=entretiens]")).to_have_attribute("aria-current", "page")


def test_les_classes_montrent_formes_variables_et_segments(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#vocabulaire")
    tables = donnees.textometrie
    classes, segments = tables["classes_reinert"], tables["segments_reinert"]
    assert page.locator(".theme h3").all_inner_texts() == [
        f"Classe {c.classe}\u00a0: {c.libelle}" for c in classes.itertuples()]
    carte = page.locator("#classe-1")
    assert f"{nombre(100 * classes['part'].iloc[0], 1)}\u202f% des segments classés" in (carte.text_content() or "")
    propres = tables["profils_reinert"].query("classe == 1 and genre == 'forme' and khi2 > 0")
    formes = carte.locator(".mots li a").all_inner_texts()
    assert formes == list(propres["element"].head(20))
    # Une forme mène aux phrases de la classe qui l'emploient.
    siens = segments[segments["classe"] == 1]
    de_la_classe = {(e, p) for e, suite in zip(siens["entretien"], siens["phrases"], strict=True) for p in suite.split(";")}
    employees = phrases_de(donnees, formes[0])
    attendues = de_la_classe & set(zip(employees["entretien"], employees["phrase"], strict=True))
    carte.locator(".mots li a").first.click()
    suivre(page)
    texte = page.inner_text("#compte-concordances")
    assert entier(texte.split("\u00a0phrase")[0]) == len(attendues) > 0 and "dans la classe 1 de Reinert" in texte
    page.click("text=Toutes les classes")
    suivre(page)
    assert entier(page.inner_text("#compte-concordances").split("\u00a0phrase")[0]) == len(employees)
    page.go_back()
    page.go_back()
    suivre(page)
    meilleur = siens.sort_values("score", ascending=False, kind="stable").iloc[0]
    cite = carte.locator(".courts .verbatim").first
    assert re.sub(r"\s+", " ", cite.locator("blockquote").inner_text()) == re.sub(r"\s+", " ", meilleur["texte"])
    cite.locator("a").click()
    suivre(page)
    premiere = meilleur["phrases"].split(";")[0]
    dite = donnees.phrases.set_index(["entretien", "phrase"]).loc[(meilleur["entretien"], premiere), "texte"]
    assert page.locator(".visee").inner_text() == dite


def test_les_specificites_par_territoire_et_categorie(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#vocabulaire?partie=specificites")
    table = donnees.textometrie["specificites"]
    for variable, partie, nom in (("territoire", "T07", "Hautes-Forges"), ("categorie", "habitant", "Habitants")):
        page.focus("#choix-partie")
        page.select_option("#choix-partie", f"{variable}:{partie}")
        suivre(page)
        siennes = table[(table["variable"] == variable) & (table["partie"] == partie)]
        fortes = siennes[siennes["score"] >= 2].head(40)
        zone = page.locator(".zone-liste").first
        assert f"Formes suremployées\u00a0: {nom}" in zone.inner_text()
        assert zone.locator("tbody th").all_inner_texts() == list(fortes["forme"])
        lus = zone.locator("tbody tr").first.locator("td").all_inner_texts()
        premiere = fortes.iloc[0]
        assert lus == [nombre(premiere["effectif"]), nombre(premiere["attendu"], 1), nombre(premiere["entretiens"]),
                       nombre(premiere["total"]), nombre(premiere["score"], 1)]
        expect(page.locator("#choix-partie")).to_be_focused()
        assert page.locator(".image svg > title").text_content() == f"Vocabulaire spécifique : {nom}"
        zone.locator("tbody a").first.click()
        suivre(page)
        employees = phrases_de(donnees, premiere["forme"], **{variable: partie})
        assert entier(page.inner_text("#compte-concordances").split("\u00a0phrase")[0]) == len(employees)
        page.go_back()
        suivre(page)


def test_chaque_image_s_enregistre_en_svg(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir, tmp_path: Path) -> None:
    images = {image.nom: image for image in donnees.images}
    vues = set()
    for partie in PARTIES:
        page = ouvrir(rapport, f"#vocabulaire{partie}")
        boutons = page.get_by_role("button", name="Enregistrer l’image (SVG)")
        assert boutons.count() == page.locator(".image svg[role=img]").count()
        for rang in range(boutons.count()):
            with page.expect_download() as attente:
                boutons.nth(rang).focus()
                page.keyboard.press("Enter")
            telecharge = attente.value
            telecharge.save_as(tmp_path / "image.svg")
            nom = telecharge.suggested_filename.removesuffix(".svg")
            assert (tmp_path / "image.svg").read_text(encoding="utf-8") == images[nom].svg
            vues.add(nom)
    assert {"dendrogramme", "similitudes", "plan_afc", "saturation_codes", "saturation_themes"} < vues


def test_les_tableaux_egalent_les_tables(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    tables = donnees.textometrie
    page = ouvrir(rapport, "#vocabulaire?partie=similitudes")
    liens = tables["similitudes"][tables["similitudes"]["arbre"]].iloc[0]
    premier = page.locator(".zone-liste").nth(1).locator("tbody tr").first
    assert premier.inner_text().split("\t") == [f"{liens['source']} – {liens['cible']}", str(liens["cooccurrences"]),
                                                nombre(liens["jaccard"], 2)]
    page = ouvrir(rapport, "#vocabulaire?partie=afc")
    lieux = tables["afc"].query("genre == 'territoire'").reset_index(drop=True)
    lus = page.locator(".zone-liste").first.locator("tbody tr").all_inner_texts()
    assert len(lus) == 3 and lus[1].split("\t")[:2] == [
        "Département de la Sarvine", nombre(lieux["axe_1"][1], 2).replace("-", "−")]
    page = ouvrir(rapport, "#vocabulaire?partie=saturation")
    codes = tables["saturation"].query("element == 'code'")
    series = tables["saturation_series"].query("element == 'code' and atteinte")
    texte = page.inner_text("[aria-labelledby=h-saturation-code]")
    assert f"Atteinte après {series['avant'].iloc[0]}\u00a0entretiens" in texte
    assert f"{codes['cumul'].max()} codes rencontrés en {len(codes)}\u00a0entretiens" in texte
    page.locator("[aria-labelledby=h-saturation-code] summary").click()
    apports = page.locator("[aria-labelledby=h-saturation-code] tbody th").all_inner_texts()
    assert apports == list(codes.loc[codes["nouveaux"] > 0, "entretien"])


@pytest.mark.parametrize("ancre", [*(f"vocabulaire{partie}" for partie in PARTIES), "concordances?q=emploi"])
def test_rien_ne_deborde_et_tout_se_nomme(rapport: Path, ouvrir: Ouvrir, ancre: str) -> None:
    for largeur in (1280, 400):
        page = ouvrir(rapport, f"#{ancre}", viewport={"width": largeur, "height": 800})
        expect(page.locator("section.vue:visible h2")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") == largeur
        expect(page.locator(".onglets a[data-vue=vocabulaire]")).to_have_attribute("aria-current", "page")
        vue = page.locator("section.vue:visible")
        niveaux = vue.locator("h2, h3, h4").evaluate_all("titres => titres.map((t) => Number(t.tagName[1]))")
        assert all(suivant <= avant + 1 for avant, suivant in zip(niveaux, niveaux[1:], strict=False))
        assert all(vue.locator("table").evaluate_all("tables => tables.map((t) => Boolean(t.caption && t.tHead))"))
        sans_nom = vue.locator("select, input, button").evaluate_all(
            "champs => champs.filter((c) => !c.labels?.length && !c.textContent && !c.ariaLabel).length")
        assert sans_nom == 0
        for dessin in vue.locator("svg").all():
            identifiants = (dessin.get_attribute("aria-labelledby") or "").split()
            assert [page.locator(f"#{cle}").count() for cle in identifiants] == [1, 1]


def test_les_parties_se_parcourent_au_clavier(rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#vocabulaire")
    page.locator(".portees a").nth(1).focus()
    page.keyboard.press("Enter")
    suivre(page)
    expect(page.locator(".portees a").nth(1)).to_be_focused()
    expect(page.locator(".portees a").nth(1)).to_have_attribute("aria-current", "true")
    page.locator("#vue-vocabulaire .portees a").last.focus()
    page.keyboard.press("Enter")
    suivre(page)
    expect(page.locator("#h-concordances")).to_be_focused()
    assert page.title().startswith("Vocabulaire\u00a0: concordances")


def test_un_mot_piege_reste_un_mot(tmp_path: Path, ouvrir: Ouvrir) -> None:
    chemin = tmp_path / "piege.html"
    ecrire_rapport(chemin, etude_minuscule([PIEGE, "Suite."]))
    for ancre, ou in {"vocabulaire": ".theme h3", "vocabulaire?partie=specificites": ".image svg > desc",
                      "vocabulaire?partie=similitudes": ".image svg > desc", "concordances?q=script": ".concordances"}.items():
        page = ouvrir(chemin, f"#{ancre}")
        assert "alert(1)" in (page.locator(ou).first.text_content() or "")
        assert page.locator("img").count() == 0 and page.locator("script").count() == 2


def test_sans_mesure_ou_sans_matiere_la_page_le_dit(donnees: DonneesRapport, tmp_path: Path, ouvrir: Ouvrir) -> None:
    chemin = tmp_path / "sans.html"
    ecrire_rapport(chemin, replace(donnees, textometrie={}, lemmes=None))
    expect(ouvrir(chemin, "#vocabulaire").locator("#vue-vocabulaire .vide")).to_contain_text("n’a pas mesuré le vocabulaire")
    assert ouvrir(chemin, "#concordances?q=emploi").locator(".concordances tbody tr").count() > 0
    vides = {nom: table.head(0) for nom, table in donnees.textometrie.items()}
    ecrire_rapport(chemin, replace(donnees, textometrie=vides))
    for partie in PARTIES:
        page = ouvrir(chemin, f"#vocabulaire{partie}")
        expect(page.locator("#vue-vocabulaire .portees")).to_be_visible()
        assert page.locator(".image").count() == 0
        if partie != "?partie=saturation":
            expect(page.locator("#vue-vocabulaire .vide")).to_be_visible()
