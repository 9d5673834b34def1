"""Les cartes de thèmes du rapport dans un vrai navigateur : portées, stabilité, codes recouverts, thèmes hors grille."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from etude_rapport import donnees, rapport  # noqa: F401
from navigateur_rapport import Ouvrir, suivre
from playwright.sync_api import expect

from modeles.stabilite_themes import juger
from restitution.donnees import DonneesRapport
from restitution.rapport import ecrire_rapport, nombre


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
