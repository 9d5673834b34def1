"""Les affichages des carnets : rien ne devient une balise, rien ne se perd, tout se lit sans la couleur."""

from __future__ import annotations

from pathlib import Path

import lxml.html
import pandas as pd
import pytest
from axe_playwright_python.sync_playwright import Axe
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser

from corpus.affichages import Affichage, couleur_sure, montrer_entretien
from corpus.entretien import Document
from corpus.etude import EntretienLu, Etude
from corpus.fiches import Fiche
from corpus.references import DEMONSTRATION
from evaluation.matrices import matrice
from extraction.grille import Grille
from restitution.affichages import montrer_matrice, montrer_theme

PIEGE = "<script>alert(1)</script> $\\href{javascript:alert(1)}{x}$ & \"'><img src=x onerror=alert(1)>"


def lu(textes: list[str], locuteur: str = "Mme Ferrand") -> EntretienLu:
    lignes, debut = [], 0
    for rang, texte in enumerate(textes, start=1):
        lignes.append(("E1", rang, locuteur, "enquete", debut, debut + len(texte), "", texte))
        debut += len(texte) + 1
    tours = pd.DataFrame(lignes, columns=["entretien", "tour", "locuteur", "role", "debut", "fin", "horodatage", "texte"])
    return EntretienLu(Fiche("E1", "E1.txt", "T01", PIEGE), Document("\n".join(textes)), tours, tours, (PIEGE,))


def mentions(*lignes: tuple[int, int, str, str]) -> pd.DataFrame:
    return pd.DataFrame(lignes, columns=["debut", "fin", "code", "modalite"]).assign(entretien="E1")


def lire(affichage: Affichage) -> lxml.html.HtmlElement:
    return lxml.html.fromstring(affichage._repr_html_())


def dits(page: lxml.html.HtmlElement) -> list[str]:
    """Ce que disent les tours, étiquettes ôtées."""
    for etiquette in page.xpath("//div[@class='dit']//span[@class='etiquette']"):
        etiquette.drop_tree()
    return [dit.text_content() for dit in page.xpath("//div[@class='dit']")]


TEXTES = st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40) | st.just(PIEGE),
                  min_size=1, max_size=4)


@settings(max_examples=60, deadline=None)
@given(TEXTES, st.lists(st.tuples(st.integers(0, 90), st.integers(1, 40), st.sampled_from(["C1", "O2", "<b>"]),
                                  st.sampled_from(["presente", "absente", "hypothetique", "", "<i>"])), max_size=6))
def test_aucun_signe_ne_se_perd_et_chaque_mention_a_son_etiquette(textes: list[str], posees: list[tuple]) -> None:
    entretien = lu(textes)
    page = lire(montrer_entretien(entretien, mentions(*((d, d + n, code, modalite) for d, n, code, modalite in posees))))
    assert not page.xpath("//script | //img | //b | //i")
    attendues = [(code, max(d, tour.debut), min(d + n, tour.fin)) for d, n, code, _ in posees
                 for tour in entretien.tours.itertuples()]
    etiquettes = [e.text_content() for e in page.xpath("//div[@class='dit']//span[@class='etiquette']")]
    assert len(etiquettes) == sum(debut < fin for _, debut, fin in attendues)
    surlignes = "".join(mark.text_content() for mark in page.xpath("//div[@class='dit']/mark"))
    couverts = {rang for _, debut, fin in attendues for rang in range(debut, fin)}
    assert surlignes == "".join(entretien.document.texte[rang] for rang in sorted(couverts))
    assert dits(page) == textes


def test_les_mentions_se_reperent_sans_la_couleur() -> None:
    grille = Grille.charger()
    page = lire(lu(["Le bus ne passe plus.", "Il faudrait un binôme."]).surligner(
        mentions((0, 21, "O11", "presente"), (22, 44, "C1.1", "hypothetique"), (22, 44, "O05", "absente")), grille))
    assert [e.text_content() for e in page.xpath("//div[@class='dit']/span")] == [
        "O11 présente", "C1.1 hypothétique", "O05 absente"]
    assert [m.get("class") for m in page.xpath("//div[@class='dit']/mark")] == ["presente", "hypothetique"]
    assert page.xpath("//div[@class='dit']/span/@title")[0].startswith(grille["O11"].intitule)
    assert "3 mentions, 3 codes" in page.text_content()


def test_les_mentions_des_autres_entretiens_sont_laissees() -> None:
    autres = mentions((0, 5, "O11", "presente")).assign(entretien="E2")
    assert not lire(lu(["Bonjour."]).surligner(autres)).xpath("//div[@class='dit']/mark")


@pytest.mark.parametrize("couleur", ["red", "#12345", "#123456; background: url(//ailleurs)", ""])
def test_une_couleur_douteuse_est_remplacee(couleur: str) -> None:
    assert couleur_sure(couleur) == "#FFE08A" and couleur_sure("#a2EBC7") == "#a2EBC7"


@pytest.fixture(scope="module")
def etude() -> Etude:
    return Etude.ouvrir(DEMONSTRATION)


def test_l_etude_se_resume_sans_lire_les_textes(etude: Etude) -> None:
    page = lire(Affichage(etude._repr_html_()))
    lignes = {ligne[0].text_content().split()[0]: int(ligne[-1].text_content()) for ligne in page.xpath("//tbody/tr")}
    assert lignes == pd.Series([fiche.territoire for fiche in etude.fiches]).value_counts().to_dict()
    assert "_lus" not in vars(etude)


def tables() -> dict[str, pd.DataFrame]:
    """Trois entretiens de deux territoires, un thème, quatre mentions."""
    return {
        "entretiens": pd.DataFrame([("A1", "T1", "etat"), ("A2", "T1", "spe"), ("B1", "T2", PIEGE)],
                                   columns=["entretien", "territoire", "categorie"]),
        "phrases": pd.DataFrame([(e, p, f"{e} {p} {PIEGE}") for e in ("A1", "A2", "B1") for p in ("p1", "p2")],
                                columns=["entretien", "phrase", "texte"]),
        "mentions": pd.DataFrame([("A1", "p1", "O11", "presente"), ("A2", "p1", "O11", "presente"),
                                  ("A2", "p2", "O11", "presente"), ("B1", "p1", "C1.1", "absente")],
                                 columns=["entretien", "phrase", "code", "modalite"]),
        "themes": pd.DataFrame([("national", "t01", PIEGE, "bus;crèche", 0.125, 0.8)],
                               columns=["portee", "theme", "libelle", "mots", "part", "stabilite"]),
        "liens": pd.DataFrame([("national", "t01", "A1", "p1", 0.2), ("national", "t01", "A1", "p2", 0.9),
                               ("national", "t01", "B1", "p1", 0.5), ("national", "t01", "B1", "p2", 0.5)],
                              columns=["portee", "theme", "entretien", "phrase", "poids"])}


def test_la_matrice_montre_chaque_nombre() -> None:
    t, grille = tables(), Grille.charger()
    cases = matrice(t["mentions"], t["entretiens"], t["phrases"], [code.code for code in grille])
    for mesure, attendu in (("entretiens", 2), ("phrases", 3)):
        page = lire(montrer_matrice(cases, grille, mesure=mesure))
        lignes = {ligne[0].text_content().split()[0]: [case.text_content() for case in ligne[1:]]
                  for ligne in page.xpath("//tbody/tr[td]")}
        assert list(lignes) == [code.code for code in grille]
        assert lignes["O11"] == [str(attendu), "0"] and lignes["C1.1"] == ["0", "0"]
    absentes = lire(montrer_matrice(cases, grille, "absente"))
    assert absentes.xpath("//tr[contains(., 'C1.1')]/td[@class='nombre']/text()") == ["0", "1"]
    with pytest.raises(ValueError, match="modalité parmi"):
        montrer_matrice(cases, grille, "présente")


def test_un_theme_montre_une_phrase_par_entretien_la_plus_proche_d_abord() -> None:
    t = tables()
    t["phrases"].loc[5, "texte"] = "Oui."  # B1 p2, de même poids que B1 p1
    page = lire(montrer_theme("t01", t["themes"], t["liens"], t["phrases"], t["entretiens"]))
    verbatims = [bloc.text_content() for bloc in page.xpath("//blockquote")]
    assert [verbatim[:5] for verbatim in verbatims] == ["A1 p2", "B1 p1"]
    assert "A1, p2 · T1 · État" in verbatims[0]
    assert "12,5 % des phrases · 2 entretiens · stable" in page.text_content()
    assert not page.xpath("//script | //img") and PIEGE[:24] in verbatims[0]
    with pytest.raises(KeyError, match="t02"):
        montrer_theme("t02", t["themes"], t["liens"], t["phrases"])


@pytest.mark.parametrize("fond", ["clair", "sombre"])
def test_lisible_en_clair_et_en_sombre(navigateur: Browser, etude: Etude, tmp_path: Path, fond: str) -> None:  # noqa: F811
    t, grille = tables(), Grille.charger()
    cases = matrice(t["mentions"], t["entretiens"], t["phrases"], [code.code for code in grille])
    entretien = lu(["Le bus ne passe plus.", PIEGE])
    corps = [entretien.surligner(mentions((0, 21, "O11", "presente"), (3, 30, "C1.1", "absente")), grille), etude, grille,
             montrer_matrice(cases, grille), montrer_theme("t01", t["themes"], t["liens"], t["phrases"], t["entretiens"])]
    couleurs = "background: #fff; color: #1b1f24" if fond == "clair" else "background: #111; color: #e6e6e6"
    page_html = tmp_path / "page.html"
    page_html.write_text(f'<!doctype html><html lang="fr"><meta charset="utf-8"><title>Essai</title><body style="{couleurs}">'
                         + "<hr>".join(montre._repr_html_() for montre in corps), encoding="utf-8")
    page = navigateur.new_page()
    ailleurs: list[str] = []
    page.on("request", lambda requete: requete.url.startswith("file:") or ailleurs.append(requete.url))
    page.on("dialog", lambda dialogue: (ailleurs.append(dialogue.message), dialogue.dismiss()))
    page.goto(page_html.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(bloc => { bloc.open = true })")
    manquements = Axe().run(page, options={"runOnly": {"type": "rule", "values": ["color-contrast"]}}).response["violations"]
    page.close()
    assert [noeud["html"] for regle in manquements for noeud in regle["nodes"]] == []
    assert ailleurs == []
