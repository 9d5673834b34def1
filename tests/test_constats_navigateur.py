"""L'onglet « Constats » dans un vrai navigateur, contre les tables."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from etude_rapport import PIEGE, etude_de_demonstration, etude_minuscule
from navigateur_rapport import Ouvrir, entier, suivre
from playwright.sync_api import expect

from restitution.donnees import CATEGORIES, DonneesRapport
from restitution.rapport import ecrire_rapport, nombre


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    """Trois territoires : trop peu pour conclure, alors une conclusion et une table de vérité y sont écrites à la main."""
    etude = etude_de_demonstration(territoires=["T01", "T03", "T07"])
    tables = dict(etude.constats)
    tables["configurations"] = tables["configurations"].copy()
    nette = {"territoires": 2, "autres": 1, "part": 0.54, "part_autres": 0.33, "ecart": 0.21, "bas": 0.05, "haut": 0.4,
             "p": 0.01, "p_ajuste": 0.012, "conclusion": "plus", "raison": ""}
    tables["configurations"].loc[0, list(nette)] = list(nette.values())
    code = next(iter(etude.grille)).code
    tables["table_verite"] = pd.DataFrame([{
        "code": code, "echelle": "epci", "porteur": "", "anciennete": "jusqu'en 2020", "territoires": 2, "positifs": 1,
        "coherence": 0.5, "couverture": 1.0, "contradictoire": True, "non_observees": 2, "liste": "T01;T07"}])
    tables["formules_qca"] = pd.DataFrame([{
        "code": code, "territoires": 3, "positifs": 1, "formule": "échelle epci et jusqu'en 2020", "coherence": 0.5,
        "couverture": 1.0, "expliques": 2, "p": 0.3, "p_ajuste": 0.6, "p_minimal": 0.1, "conclusion": "non concluant",
        "raison": "30 % des résultats s'expliqueraient aussi bien"}])
    regards = tables["regards"].copy()
    disputee = regards.index[(regards["portee"] == "national") & regards["ecart"].notna()][0]
    regards.loc[disputee, ["accord", "ecart", "p"]] = ["divergence", 0.8, 0.012]
    tables["regards"] = regards
    return replace(etude, constats=tables)


@pytest.fixture(scope="module")
def rapport(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chemin = tmp_path_factory.mktemp("rapport") / "rapport.html"
    ecrire_rapport(chemin, donnees)
    return chemin


@pytest.mark.parametrize("portee", ["national", "T07"])
def test_chaque_ligne_dit_la_table_dans_l_ordre_des_attendus(
    donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir, portee: str
) -> None:
    page = ouvrir(rapport, "#constats" + ("" if portee == "national" else f"?portee={portee}"))
    regards = donnees.constats["regards"]
    siens = regards[regards["portee"] == portee]
    lues = []
    for rang, genre in enumerate(("C", "O")):
        attendus = siens[siens["code"].str.startswith(genre)].sort_values("attendus", ascending=False, kind="stable")
        table = page.locator(".regards").nth(rang)
        lues += table.locator("tbody th .sigle").all_inner_texts()
        assert lues[-len(attendus):] == list(attendus["code"])
        for ligne, rangee in zip(attendus.itertuples(), table.locator("tbody tr:first-child").all(), strict=True):
            entretiens, qui, avis, retenu = (re.sub(r"\s", " ", texte) for texte in rangee.locator("td").all_inner_texts())
            assert entretiens.startswith(f"{ligne.entretiens} sur {ligne.sur} {nombre(100 * ligne.part)} % "
                                         f"[{nombre(100 * ligne.bas)} ; {nombre(100 * ligne.haut)}]")
            assert qui.startswith(f"{ligne.categories} catégorie") and f"{ligne.appuyees} l’appui" in qui
            assert f"dont {ligne.hors_pilotage} hors pilotage" in qui
            assert ("territoire" in qui) == (portee == "national")
            assert f"présente {ligne.presente}" in avis and f"absente {ligne.absente}" in avis
            assert ("Convergence" in avis, "Divergence" in avis) == (ligne.accord == "convergence", ligne.accord == "divergence")
            assert ("plus grand que le hasard" in avis) == (ligne.accord == "divergence" and ligne.p <= 0.05)
            mesuree = ligne.accord == "divergence" and ligne.ecart == ligne.ecart
            assert (f"écart {nombre(ligne.ecart, 2)}" in avis) == mesuree
            assert ("Voix isolée" in avis) == (ligne.voix_isolee != "" and not ligne.accord)
            assert retenu == ("✓ retenu" if ligne.retenu else retenu) and retenu.startswith("non retenu") == (not ligne.retenu)
            assert ligne.raison.replace("'", "’") in retenu
    assert len(lues) == len(siens)
    assert page.locator(".chiffres dd").first.inner_text() == f"{siens['retenu'].sum()} sur {len(siens)}"


def test_tout_chiffre_mene_a_ses_verbatims(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    """Le panneau ouvert compte ce que le constat disait, quels que soient les filtres d'avant."""
    regards, categories = donnees.constats["regards"], donnees.constats["regards_categories"]
    ligne = regards[(regards["portee"] == "T07") & (regards["absente"] > 0) & (regards["presente"] > 0)].iloc[0]
    du_code = categories[(categories["portee"] == "T07") & (categories["code"] == ligne["code"])]
    position = du_code[du_code["entretiens"] > 0].iloc[0]
    # Un filtre posé ailleurs ne fausse pas le compte.
    page = ouvrir(rapport, "#constats?portee=T07&cat=entreprise&mod=hypothetique&conf=0.9")
    rangee = page.locator(".regards tbody").filter(has=page.locator(f".sigle:text-is('{ligne['code']}')"))
    rangee.locator("summary").click()
    siennes = rangee.locator(".positions li").filter(has=page.get_by_text(CATEGORIES[position["categorie"]], exact=True))
    for lien, attendu, unite in ((rangee.locator("td").nth(0).locator("a"), ligne["entretiens"], "entretiens"),
                                 (rangee.locator("td").nth(1).locator("a"), ligne["categories"], "categories"),
                                 (rangee.locator("td").nth(2).locator("a").nth(0), ligne["presente"], "entretiens"),
                                 (rangee.locator("td").nth(2).locator("a").nth(1), ligne["absente"], "entretiens"),
                                 (siennes.locator("a").first, position["entretiens"], "entretiens")):
        lien.focus()
        page.keyboard.press("Enter")
        suivre(page)
        assert page.locator("#h-panneau .sigle").inner_text() == ligne["code"]
        assert entier(page.inner_text(f"#compte-panneau [data-n={unite}]")) == attendu
        assert page.locator(".panneau .verbatim").count() > 0
        page.go_back()
        suivre(page)
        if rangee.locator(".positions").get_attribute("open") is None:
            rangee.locator("summary").click()


def test_deplier_montre_la_position_de_chaque_categorie(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#constats?portee=T07")
    categories = donnees.constats["regards_categories"]
    code = page.locator(".regards tbody th .sigle").first.inner_text()
    siennes = categories[(categories["portee"] == "T07") & (categories["code"] == code)]
    premier = page.locator(".positions").first
    expect(premier.locator("ul")).to_be_hidden()
    premier.locator("summary").focus()
    page.keyboard.press("Enter")
    lues = premier.locator("li").all_inner_texts()
    assert len(lues) == len(siennes)
    for ligne in siennes.itertuples():
        (texte,) = [t for t in lues if t.startswith(CATEGORIES[ligne.categorie])]
        texte = re.sub(r"\s+", " ", texte)
        assert f"{ligne.entretiens} sur {ligne.sur} entretien" in texte
        cotes = {"presente": "penche vers « présente »", "absente": "penche vers « absente »"}
        dit = cotes.get(ligne.penche, "ne penche d’aucun côté")
        assert (dit if ligne.entretiens else "n’en parle pas") in texte


def test_les_configurations_concluent_ou_disent_pourquoi_non(donnees: DonneesRapport, rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#constats")
    table = donnees.constats["configurations"]
    nette, refus = table[table["conclusion"] == "plus"], table[table["conclusion"] == "non concluant"]
    (texte,) = page.locator(".conclusions li").all_inner_texts()
    lu = re.sub(r"\s", " ", texte)
    assert f"on y parle nettement plus de {nette['code'].iloc[0]}" in lu
    assert "54 % des entretiens contre 33 %, soit +21 points [5 ; 40], p ajusté 0,012" in lu
    groupes = refus.groupby(["caracteristique", "valeur"], sort=False)
    replies = page.locator(".refus")
    assert replies.count() == groupes.ngroups + 1  # et la table de vérité
    for rang, ((_, valeur), groupe) in enumerate(groupes):
        resume = re.sub(r"\s", " ", replies.nth(rang).locator("summary").inner_text())
        assert f"« {str(valeur).replace(chr(39), '’')} »" in resume and f"{len(groupe)} codes sans conclusion" in resume
        expect(replies.nth(rang).locator("ul")).to_be_hidden()
        replies.nth(rang).locator("summary").click()
        dites = [re.sub(r"\s", " ", dite) for dite in replies.nth(rang).locator("ul li").all_inner_texts()]
        comptes = groupe["raison"].value_counts()
        assert {entier(d.split(" code")[0]) for d in dites} == set(comptes) and len(dites) == len(comptes)
    replies.last.locator("summary").click()
    ligne = replies.last.locator("tbody tr").last.locator("th, td").all_inner_texts()
    assert [re.sub(r"\s", " ", case) for case in ligne] == [
        "epci", "jusqu’en 2020", "1 sur 2", "50 % (contradictoire)", "100 %", "Valombre-Métropole, Hautes-Forges"]
    tete = re.sub(r"\s", " ", replies.last.locator(".famille").inner_text())
    assert "Formule : échelle epci et jusqu’en 2020 (cohérence 50 %, couverture 100 %)." in tete
    assert "Non concluant : 30 % des résultats s’expliqueraient aussi bien." in tete
    assert "2 combinaisons sur 4" in re.sub(r"\s", " ", replies.last.inner_text())
    replies.last.locator("tbody td a").last.click()
    suivre(page)
    assert "lieu=T07" in page.url and page.locator("#h-panneau").count() == 1
    assert ouvrir(rapport, "#constats?portee=T07").locator(".configurations").count() == 0


@pytest.mark.parametrize("ancre", ["#constats", "#constats?portee=T07"])
def test_rien_ne_deborde_et_tout_se_nomme(rapport: Path, ouvrir: Ouvrir, ancre: str) -> None:
    for largeur in (1280, 400):
        page = ouvrir(rapport, ancre, viewport={"width": largeur, "height": 800})
        page.evaluate("document.querySelectorAll('#vue-constats details').forEach((d) => { d.open = true; })")
        assert page.evaluate("document.documentElement.scrollWidth") == largeur
        zones = page.locator(".zone-regards")
        assert zones.evaluate_all("zones => zones.filter((z) => z.scrollWidth > z.clientWidth).length") == 0
        expect(page.locator(".onglets a[data-vue=constats]")).to_have_attribute("aria-current", "page")
        vue = page.locator("#vue-constats")
        niveaux = vue.locator("h2, h3, h4").evaluate_all("titres => titres.map((t) => Number(t.tagName[1]))")
        assert all(suivant <= avant + 1 for avant, suivant in zip(niveaux, niveaux[1:], strict=False))
        assert all(vue.locator("table").evaluate_all("tables => tables.map((t) => Boolean(t.caption && t.tHead))"))
        resumes = vue.locator("summary").all_inner_texts()
        assert len(set(resumes)) == len(resumes)


def test_la_portee_se_choisit_au_clavier(rapport: Path, ouvrir: Ouvrir) -> None:
    page = ouvrir(rapport, "#constats")
    page.locator("#vue-constats .portees a").last.focus()
    page.keyboard.press("Enter")
    suivre(page)
    expect(page.locator("#vue-constats .portees a").last).to_be_focused()
    expect(page.locator("#vue-constats .portees a").last).to_have_attribute("aria-current", "true")
    assert "portee=T07" in page.url


def test_un_mot_piege_reste_un_mot(tmp_path: Path, ouvrir: Ouvrir) -> None:
    chemin = tmp_path / "piege.html"
    ecrire_rapport(chemin, etude_minuscule([PIEGE, "Suite."]))
    page = ouvrir(chemin, "#constats")
    for ou in (".regards tbody", ".positions li", ".refus summary", ".verite tbody"):
        assert "alert(1)" in (page.locator(ou).first.text_content() or ""), ou
    assert page.locator("img").count() == 0 and page.locator("script").count() == 2


def test_sans_constats_ou_sans_caracteristiques_la_page_le_dit(donnees: DonneesRapport, tmp_path: Path, ouvrir: Ouvrir) -> None:
    chemin = tmp_path / "sans.html"
    ecrire_rapport(chemin, replace(donnees, constats={}))
    page = ouvrir(chemin, "#constats")
    expect(page.locator(".onglets a[data-vue=constats]")).to_be_hidden()
    expect(page.locator("#vue-constats .vide")).to_be_visible()
    vides = {**donnees.constats, **{nom: donnees.constats[nom].head(0) for nom in ("configurations", "table_verite")}}
    ecrire_rapport(chemin, replace(donnees, constats=vides))
    page = ouvrir(chemin, "#constats")
    expect(page.locator(".configurations .vide")).to_contain_text("ne sont pas renseignés")
    expect(page.locator(".configurations")).to_contain_text("Pas de table de vérité")
