"""Le rapport HTML dans un vrai navigateur, sans réseau : ce qu'on y voit, ce qu'on y fait."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from etude_rapport import PIEGE, distincts, etude_de_demonstration, etude_minuscule
from navigateur_rapport import Ouvrir, cases, entier, navigateur, ouvrir, suivre  # noqa: F401
from playwright.sync_api import expect

from corpus.fautes import Faute
from evaluation.matrices import MODALITES
from modeles.stabilite_themes import juger
from restitution.donnees import DonneesRapport
from restitution.rapport import ecrire_rapport, nombre


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    return etude_de_demonstration(territoires=["T01", "T03", "T07"])


@pytest.fixture(scope="module")
def rapport(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chemin = tmp_path_factory.mktemp("rapport") / "rapport.html"
    ecrire_rapport(chemin, donnees)
    return chemin


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


def test_les_themes_par_portee(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#themes")
    nationaux = donnees.themes[donnees.themes["portee"] == "national"].sort_values("part", ascending=False)
    titres = page.locator(".theme h3").all_inner_texts()
    assert titres == list(nationaux["libelle"])
    reste = nombre(100 * (1 - nationaux["part"].sum()), 1)
    assert f"{reste}\u202f% des phrases ne sont rangées dans aucun thème" in page.inner_text("#vue-themes")
    page.click(".portees >> text=Hautes-Forges")
    suivre(page)
    territoire = donnees.themes[
        (donnees.themes["portee"] == "T07") & (donnees.themes["theme"] == "t01")
    ].iloc[0]
    carte = page.locator(".theme").filter(has=page.locator("h3", has_text=territoire["libelle"])).first
    assert f"{nombre(100 * territoire['part'], 1)}\u202f%" in carte.inner_text()
    liens = donnees.themes_phrases
    liens = liens[(liens["portee"] == "T07") & (liens["theme"] == "t01")]
    liens = liens.merge(donnees.phrases, on=["entretien", "phrase"])
    liens = liens.assign(longueur=liens["texte"].str.len()).sort_values(
        ["poids", "longueur"], ascending=False
    )
    meilleure = liens.iloc[0]
    cites = carte.locator(".courts .reference a").all_inner_texts()
    assert cites == list(liens["entretien"].unique()[:3])
    proche = nationaux.set_index("theme")["libelle"]["t01"]
    assert f"Commun\u00a0: prolonge le thème national «\u00a0{proche}\u00a0»" in carte.inner_text()
    assert f"· {meilleure['phrase']} ·" in carte.locator(".verbatim").first.inner_text()


def test_un_theme_dit_sa_stabilite(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#themes")
    nationaux = donnees.themes[donnees.themes["portee"] == "national"].sort_values("part", ascending=False)
    mots = [juger(valeur) for valeur in nationaux["stabilite"]]
    assert set(mots) == {"stable", "à confirmer", "instable", "non mesurée"}
    lus = page.locator(".theme .stabilite b").all_inner_texts()[: len(mots)]
    assert lus == [f"Stabilité\u00a0: {mot}" for mot in mots]
    instable = page.locator(".theme .stabilite").nth(mots.index("instable"))
    assert "(0,30)" in instable.inner_text() and "N’en tirez aucune conclusion" in instable.inner_text()
    compte = {mot: mots.count(mot) for mot in mots}
    assert page.inner_text(".bilan-themes > p") == (
        f"{len(mots)}\u00a0thèmes\u00a0: {compte['stable']}\u00a0stables, {compte['à confirmer']}\u00a0à confirmer, "
        f"{compte['instable']}\u00a0instables, {compte['non mesurée']}\u00a0non éprouvé."
    )
    # Les filets diffèrent par leur trait, pas seulement par leur couleur.
    traits = page.locator(".theme .stabilite").evaluate_all(
        "e => e.map(x => [x.querySelector('b').textContent, getComputedStyle(x).borderLeftStyle])"
    )
    assert len({trait for _, trait in traits}) == len({mot for mot, _ in traits}) == 4
    page.click(".lire summary")
    assert "À partir de 0,75, stable" in page.inner_text(".lire") and "est de 0,41" in page.inner_text(".lire")


def test_un_theme_montre_les_codes_qu_il_recouvre(
    donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir
) -> None:
    page = ouvrir(rapport, "#themes?portee=T07")
    fiche = donnees.themes[(donnees.themes["portee"] == "T07") & (donnees.themes["theme"] == "t01")].iloc[0]
    carte = page.locator(".theme").filter(has=page.locator("h3", has_text=fiche["libelle"])).first
    assert f"{nombre(100 * fiche['part_codee'])}\u202f% de ses phrases portent un code" in carte.inner_text()
    assert donnees.themes_codes is not None
    cases_ = donnees.themes_codes[
        (donnees.themes_codes["portee"] == "T07") & (donnees.themes_codes["theme"] == "t01")
    ]
    premiers = cases_.sort_values("phrases", ascending=False, kind="stable").head(3)
    dits = carte.locator(".code-du-theme summary").all_inner_texts()
    for dit, case in zip(dits, premiers.itertuples(), strict=True):
        attendu = nombre(case.attendu, 1 if case.attendu < 10 else 0)
        assert dit.startswith(case.code) and f"{case.phrases}\u00a0phrase" in dit
        assert f"(attendu\u00a0: {attendu})" in dit
    volet = carte.locator(".code-du-theme").first
    volet.locator("summary").click()
    expect(volet.locator(".verbatim")).to_have_count(min(30, int(premiers["phrases"].iloc[0])))
    liens = donnees.themes_phrases[
        (donnees.themes_phrases["portee"] == "T07") & (donnees.themes_phrases["theme"] == "t01")
    ]
    portes = liens.merge(donnees.mentions[donnees.mentions["code"] == premiers["code"].iloc[0]])
    assert len(portes.drop_duplicates(["entretien", "phrase"])) == premiers["phrases"].iloc[0]
    # Filtrée, la carte recompte.
    page.select_option("#f-cat", "etat")
    suivre(page)
    gardes = donnees.entretiens[donnees.entretiens["categorie"] == "etat"]["entretien"]
    siennes = liens[liens["entretien"].isin(gardes)]
    codees = siennes.merge(donnees.mentions[["entretien", "phrase"]].drop_duplicates())
    assert 0 < len(codees) < len(siennes)
    assert f"{nombre(100 * len(codees) / len(siennes))}\u202f% de ses phrases" in carte.inner_text()


def test_ce_que_la_grille_ne_prevoit_pas(
    donnees: DonneesRapport, rapport: Path, tmp_path: Path, ouvrir: Ouvrir
) -> None:
    page = ouvrir(rapport, "#themes")
    proposes = donnees.codes_proposes
    assert proposes is not None and list(proposes["theme"][proposes["portee"] == "national"]) == ["t03"]
    propose = proposes.iloc[0]
    page.get_by_role("button", name="Ce que la grille ne prévoit pas (1)").click()
    expect(page.locator("#h-hors-grille")).to_be_focused()
    fiche = page.locator(".hors-grille .theme")
    assert fiche.locator("h4").all_inner_texts() == [propose["libelle"]]
    texte = fiche.inner_text()
    assert f"{nombre(100 * propose['part_codee'])}\u202f% de ses {propose['phrases']}\u00a0phrases" in texte
    assert f"contre {nombre(100 * propose['part_portee'])}\u202f% dans la portée" in texte
    assert "Stabilité\u00a0: instable" in texte
    cites = [tuple(dite.split(":")) for dite in propose["verbatims"].split(";")]
    assert fiche.locator(".reference a").all_inner_texts() == [entretien for entretien, _ in cites]
    codees = set(zip(donnees.mentions["entretien"], donnees.mentions["phrase"], strict=True))
    assert not codees & set(cites)
    siennes = donnees.themes_phrases[
        (donnees.themes_phrases["portee"] == "national") & (donnees.themes_phrases["theme"] == "t03")
    ]
    libres = len(set(zip(siennes["entretien"], siennes["phrase"], strict=True)) - codees)
    assert fiche.locator(".phrases-du-theme summary").inner_text() == f"Lire les {libres}\u00a0phrases sans code"
    fiche.locator(".reference a").first.click()
    suivre(page)
    dite = donnees.phrases.set_index(["entretien", "phrase"]).loc[cites[0], "texte"]
    assert page.locator(".visee").inner_text() == dite
    # Rien à proposer se dit ; ne pas avoir cherché ne dit rien.
    for propose, attendu in ((proposes.head(0), 1), (None, 0)):
        chemin = tmp_path / f"{attendu}.html"
        ecrire_rapport(chemin, replace(donnees, codes_proposes=propose))
        page = ouvrir(chemin, "#themes")
        expect(page.locator(".theme h3").first).to_be_visible()
        dit = page.get_by_text("Aucun thème de cette portée n’est nettement moins codé")
        assert dit.count() == page.locator(".hors-grille").count() == attendu
        assert page.locator(".bilan-themes button", has_text="Ce que la grille ne prévoit pas").count() == 0


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


def test_sans_script_la_matrice_se_lit_encore(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, java_script_enabled=False)
    ligne = page.locator("noscript tr").filter(has_text="O11").locator("td").all_inner_texts()
    table = donnees.matrice[(donnees.matrice["code"] == "O11") & (donnees.matrice["modalite"] == "presente")]
    assert [int(n) for n in ligne] == list(table.sort_values("territoire")["entretiens"])
    expect(page.locator("nav.onglets")).to_be_hidden()
