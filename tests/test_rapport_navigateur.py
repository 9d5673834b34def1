"""Le rapport HTML dans un vrai navigateur, sans réseau : ce qu'on y voit, ce qu'on y fait."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from etude_rapport import PIEGE, distincts, donnees, etude_minuscule, rapport  # noqa: F401
from navigateur_rapport import Ouvrir, cases, entier, suivre
from playwright.sync_api import expect

from corpus.fautes import Faute
from evaluation.matrices import MODALITES
from restitution.donnees import DonneesRapport
from restitution.rapport import ecrire_rapport, nombre


def test_la_matrice_affichee_egale_la_table(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#matrice")
    for unite in ("entretiens", "phrases", "categories"):
        page.check(f"input[name=unite][value={unite}]")
        assert cases(page) == distincts(donnees, unite)
        for modalite in MODALITES:
            page.select_option("#f-mod", modalite)
            table = donnees.matrice[donnees.matrice["modalite"] == modalite]
            attendu = {(ligne.code, ligne.territoire): getattr(ligne, unite) for ligne in table.itertuples()}
            assert cases(page) == attendu == distincts(donnees, unite, modalite)
        page.select_option("#f-mod", "")


def test_une_case_ouvre_exactement_ses_verbatims(
    donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir
) -> None:
    page = ouvrir(rapport, "#matrice?unite=phrases")
    fournies = sorted(cases(page).items(), key=lambda case: -case[1])
    for (code, lieu), effectif in [fournies[0], fournies[10], fournies[-1]]:
        page.click(f"#vue-matrice td:not(.ensemble) a[href*='code={code}&lieu={lieu}']")
        suivre(page)
        expect(page.locator("#h-panneau .sigle")).to_have_text(code)
        assert entier(page.inner_text("[data-n=phrases]")) == effectif
        while page.locator(".panneau .suite:visible").count():
            page.click(".panneau .suite")
        verbatims = page.locator(".panneau .verbatim")
        assert verbatims.count() == effectif
        dits = donnees.mentions.merge(donnees.phrases, on=["entretien", "phrase"], suffixes=("_m", ""))
        dits = dits[(dits["code"] == code) & dits["entretien"].str.startswith(lieu)]
        assert sorted(page.locator(".panneau .dit").all_inner_texts()) == sorted(
            re.sub(r"\s+", " ", t).strip() for t in dits.drop_duplicates(["entretien", "phrase"])["texte"]
        )
    assert fournies[-1][1] == 0
    expect(page.locator(".panneau .vide")).to_be_visible()


def test_un_verbatim_dit_d_ou_il_vient(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    mention = donnees.mentions[donnees.mentions["entretien"] == "T01-E01"].iloc[1]
    page = ouvrir(rapport, f"#matrice?code={mention['code']}&lieu=T01")
    carte = page.locator(".panneau .verbatim").filter(has_text=f"· {mention['phrase']} ·").first
    phrases = donnees.phrases.reset_index(drop=True)
    rang = phrases.index[(phrases["entretien"] == "T01-E01") & (phrases["phrase"] == mention["phrase"])][0]
    texte = carte.inner_text()
    for attendu in (phrases["texte"][rang - 1], phrases["texte"][rang], phrases["texte"][rang + 1]):
        assert attendu in texte
    assert f"caractères {nombre(mention['debut'])} à {nombre(mention['fin'])}" in texte
    assert f"confiance {nombre(mention['confiance'], 2)}" in texte
    assert "machine 0.1.0" in texte
    assert carte.locator("mark.preuve").inner_text() == mention["preuve"]
    assert "Déléguée du préfet, État · Valombre-Métropole · T01/T01-E01.txt" in page.inner_text(".panneau")
    carte.locator("a").click()
    suivre(page)
    visee = page.locator(".visee")
    expect(visee).to_be_in_viewport()
    assert visee.inner_text() == phrases["texte"][rang]


def test_une_preuve_en_plusieurs_mots_se_surligne_mot_par_mot(tmp_path: Path, ouvrir: Ouvrir) -> None:
    chemin = tmp_path / "mots.html"
    etude = etude_minuscule(["Le permis, personne ne l'a, le bus non plus.", "Suite."])
    etude.mentions["preuve"] = "Permis; plus; absent"
    etude.mentions["indices_modalite"] = "negation : « ne »; suite : « »; souhait : « il faudrait »"
    etude.mentions["modalite"] = "absente"
    ecrire_rapport(chemin, etude)
    page = ouvrir(chemin, f"#matrice?code={etude.mentions['code'][0]}")
    assert page.locator(".panneau mark.preuve").all_inner_texts() == ["permis", "plus"]
    assert "indice de modalité\u00a0: «\u00a0ne\u00a0», «\u00a0il faudrait\u00a0»" in page.inner_text(
        ".panneau .fiches"
    )


def test_les_filtres_reduisent_toutes_les_vues(
    donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir
) -> None:
    page = ouvrir(rapport)
    chiffre = page.locator(".chiffres div")
    mentions = chiffre.filter(has_text="mentions").locator("dd")
    assert entier(mentions.inner_text()) == len(donnees.mentions)
    page.fill("#f-conf", "0.7")
    page.locator("#f-conf").dispatch_event("change")
    suivre(page)
    assert entier(mentions.inner_text()) == (donnees.mentions["confiance"] >= 0.7).sum()
    assert page.inner_text("#f-conf-valeur") == "0,70"
    page.select_option("#f-cat", "etat")
    page.select_option("#f-ter", "T03")
    suivre(page)
    gardes = donnees.entretiens[
        (donnees.entretiens["categorie"] == "etat") & (donnees.entretiens["territoire"] == "T03")
    ]
    assert entier(chiffre.filter(has_text="entretiens").locator("dd").inner_text()) == len(gardes) > 0
    page.click(".onglets >> text=Entretiens")
    suivre(page)
    assert page.locator("#vue-entretiens tbody th").all_inner_texts() == list(gardes["entretien"])
    page.click(".onglets >> text=Vue nationale")
    page.click("#sans-filtre")
    suivre(page)
    assert entier(mentions.inner_text()) == len(donnees.mentions)


def test_le_bouton_retour_et_les_liens_partages(rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport)
    page.click(".onglets >> text=Matrice")
    page.select_option("#f-ter", "T03")
    page.click("#vue-matrice td:not(.ensemble) a >> nth=0")
    suivre(page)
    adresse, contenu = page.url, page.inner_text("#vue-matrice")
    page.go_back()
    expect(page.locator(".panneau")).to_have_count(0)
    expect(page.locator("#f-ter")).to_have_value("T03")
    page.go_back()
    expect(page.locator("#f-ter")).to_have_value("")
    page.go_back()
    expect(page.locator("#vue-nationale")).to_be_visible()
    ailleurs = ouvrir(rapport, "#" + adresse.split("#")[1])
    assert ailleurs.inner_text("#vue-matrice") == contenu


def test_le_retour_retrouve_la_hauteur_de_page(rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#entretiens")
    page.locator("#vue-entretiens tbody a").last.scroll_into_view_if_needed()
    hauteur = page.evaluate("scrollY")
    assert hauteur > 300
    page.locator("#vue-entretiens tbody a").last.click()
    suivre(page)
    assert page.evaluate("scrollY") == 0
    page.go_back()
    expect(page.locator("#vue-entretiens")).to_be_visible()
    suivre(page)
    assert abs(page.evaluate("scrollY") - hauteur) < 3


def test_tout_se_fait_au_clavier(rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#matrice")
    page.keyboard.press("Tab")
    expect(page.locator("#evitement")).to_be_focused()
    page.locator(".onglets a").last.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#h-apropos")).to_be_focused()
    page.locator(".onglets a[data-vue=matrice]").focus()
    page.keyboard.press("Enter")
    # Une seule case est sur le chemin de la touche Tabulation.
    assert page.locator("#vue-matrice td a[tabindex='0']").count() == 1
    page.locator("#vue-matrice td a[tabindex='0']").focus()
    for touche in (
        "ArrowRight",
        "ArrowRight",
        "ArrowDown",
        "ArrowLeft",
        "ArrowUp",
        "End",
        "Home",
        "ArrowRight",
    ):
        page.keyboard.press(touche)
    attendue = page.locator("#vue-matrice tbody tr:has(td) >> nth=0").locator("td a").nth(1)
    expect(attendue).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#h-panneau")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator(".panneau")).to_have_count(0)
    expect(page.locator("#vue-matrice tbody tr:has(td) >> nth=0").locator("td a").nth(1)).to_be_focused()


def test_la_recherche(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#recherche")
    dites = donnees.phrases[donnees.phrases["role"] == "enquete"]["texte"]

    def trouvees(requete: str) -> int:
        page.fill("#q-recherche", requete)
        page.press("#q-recherche", "Enter")
        suivre(page)
        return entier(page.inner_text("#compte-recherche").split(" phrase")[0].split("\u00a0phrase")[0])

    attendu = int(dites.str.contains(r"(?<!\w)pr[ée]f[eè]t", case=False, regex=True).sum())
    assert trouvees("PREFET") == trouvees("préfet") == attendu > 0
    assert page.locator("#vue-recherche mark.trouve").first.inner_text().lower() == "préfet"
    deux = dites.str.contains(r"(?<!\w)ville", case=False) & dites.str.contains(
        r"(?<!\w)politique", case=False
    )
    exacte = dites.str.contains(r"(?<!\w)mission locale(?!\w)", case=False)
    assert trouvees("ville politique") == int(deux.sum()) > 0
    assert trouvees('"ville politique"') == 0
    assert trouvees("« mission locale »") == int(exacte.sum()) > 0
    assert trouvees("(.*") == 0
    assert "q=" in page.url
    page.fill("#q-recherche", "préfet")
    page.check("#q-questions")
    toutes = int(donnees.phrases["texte"].str.contains(r"(?<!\w)pr[ée]f[eè]t", case=False).sum())
    expect(page.locator("#compte-recherche")).to_contain_text(nombre(toutes))


def test_un_entretien_distingue_qui_parle(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#entretien?id=T03-E02")
    tours = donnees.tours[donnees.tours["entretien"] == "T03-E02"]
    assert page.locator(".tours > li").count() == len(tours)
    assert page.locator(".tours > .enqueteur").count() == (tours["role"] == "enqueteur").sum()
    mentions = donnees.mentions[donnees.mentions["entretien"] == "T03-E02"]
    assert page.locator(".parole a.etiquette").count() == len(mentions)
    premiere = mentions.sort_values("debut").iloc[0]
    assert page.locator(".codee").first.inner_text() == premiere["texte"]
    page = ouvrir(rapport, "#entretien?id=inconnu")
    expect(page.locator("#h-entretien")).to_have_text("Entretien introuvable")


def test_un_texte_piege_reste_du_texte(tmp_path: Path, ouvrir: Ouvrir) -> None:
    chemin = tmp_path / "piege.html"
    etude = etude_minuscule(
        [PIEGE, "Suite."],
        avertissements=[PIEGE],
        suppositions={PIEGE: [PIEGE]},
        fautes=[Faute(PIEGE, 1, PIEGE, PIEGE, PIEGE)],
        empreintes={PIEGE: PIEGE},
    )
    ecrire_rapport(chemin, etude)
    assert "<script>alert" not in chemin.read_text(encoding="utf-8")
    code = etude.mentions["code"][0]
    vues = {
        "nationale": ".bandeau", f"matrice?code={code}": ".panneau .dit", "themes": ".theme h3",
        "entretiens": "#vue-entretiens td", "entretien?id=e1": ".parole", "recherche?q=alert": ".dit",
        "apropos": "#vue-apropos td",
    }  # fmt: skip
    for ancre, ou in vues.items():
        page = ouvrir(chemin, f"#{ancre}")
        assert PIEGE in page.locator(ou).first.text_content()  # type: ignore[operator]
        assert page.locator("img").count() == 0
        assert page.locator("script").count() == 2
        assert page.title().endswith(PIEGE)


def test_a_propos_dit_la_provenance(rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#apropos")
    page.get_by_text("Voir les empreintes").click()
    texte = page.inner_text("#vue-apropos")
    for attendu in (
        "9f2c9f2c",
        "T02-E99",
        "remplacez-le par la transcription",
        "« Claire »",
    ):
        assert attendu in texte
    assert "Textes et codages fictifs" in page.inner_text(".bandeau")


def test_humains_et_machine_se_distinguent(donnees: DonneesRapport, tmp_path: Path, ouvrir: Ouvrir) -> None:
    chemin = tmp_path / "deux.html"
    humains = donnees.mentions.assign(codeur="claire", confiance=float("nan"))
    ecrire_rapport(
        chemin, replace(donnees, mentions=pd.concat([donnees.mentions, humains], ignore_index=True))
    )
    page = ouvrir(chemin, "#matrice?unite=phrases")
    assert cases(page) == distincts(donnees, "phrases")  # deux codeurs sur une phrase : une seule phrase
    page.click("#vue-matrice td.ensemble a >> nth=0")
    suivre(page)
    fiches = page.locator(".panneau .verbatim >> nth=0 >> .fiches li")
    assert fiches.count() == 2
    assert "machine 0.1.0" in fiches.nth(0).inner_text()
    assert "codeur claire" in fiches.nth(1).inner_text()
    page.select_option("#f-cod", "claire")
    suivre(page)
    expect(page.locator(".panneau .verbatim >> nth=0 >> .fiches li")).to_have_count(1)
    assert page.locator(".panneau .machine").count() == 0


def test_une_analyse_vide_s_ouvre(donnees: DonneesRapport, tmp_path: Path, ouvrir: Ouvrir) -> None:
    chemin = tmp_path / "vide.html"
    vide = replace(
        donnees,
        mentions=donnees.mentions.head(0),
        themes=donnees.themes.head(0),
        themes_phrases=donnees.themes_phrases.head(0),
        execution={"version": "0.1.0", "date": "2026-02-03", "codeur": "aucun"},
    )
    ecrire_rapport(chemin, vide)
    for ancre in (
        "nationale",
        "matrice",
        "themes",
        "entretiens",
        "entretien?id=T01-E01",
        "recherche",
        "apropos",
    ):
        page = ouvrir(chemin, f"#{ancre}")
        expect(page.locator("section.vue:visible h2")).to_be_visible()
        assert page.locator(".bandeau").count() == 0


@pytest.mark.parametrize("largeur", [1280, 400])
@pytest.mark.parametrize(
    "ancre", ["nationale", "matrice?code=O11", "themes", "entretiens", "recherche?q=emploi"]
)
def test_rien_ne_deborde_en_largeur(largeur: int, ancre: str, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, f"#{ancre}", viewport={"width": largeur, "height": 800})
    assert page.evaluate("document.documentElement.scrollWidth") == largeur


@pytest.mark.parametrize("largeur", [1280, 400])
def test_aucune_faute_d_accessibilite_grave(largeur: int, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, viewport={"width": largeur, "height": 900}, bypass_csp=True)
    suivre(page)
    vues = page.eval_on_selector_all(".onglets a:not([hidden])", "liens => liens.map((lien) => lien.hash)")
    assert len(vues) >= 6
    graves = []
    for vue in vues:
        page.evaluate("ancre => { location.hash = ancre; }", vue)
        suivre(page)
        graves += [f"{vue} : {v['id']} {v['nodes'][0]['html'][:90]}" for v in Axe().run(page).response["violations"]
                   if v["impact"] in ("serious", "critical")]
    assert graves == []


def test_sans_script_la_matrice_se_lit_encore(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, java_script_enabled=False)
    ligne = page.locator("noscript tr").filter(has_text="O11").locator("td").all_inner_texts()
    table = donnees.matrice[(donnees.matrice["code"] == "O11") & (donnees.matrice["modalite"] == "presente")]
    assert [int(n) for n in ligne] == list(table.sort_values("territoire")["entretiens"])
    expect(page.locator("nav.onglets")).to_be_hidden()
