"""Coder dans un vrai navigateur : au clavier, avec la machine, à deux, à l'aveugle, jusqu'à l'arbitrage."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
import uvicorn
from axe_playwright_python.sync_playwright import Axe
from bases import TEXTE, cle, etude
from navigateur_codage import (
    MOT,
    affecter_a_l_aveugle,
    dit,
    ouvrir_un_compte,
    page_de,
    passage,
    taper_code,
    terminer,
    trancher_le_premier,
)
from playwright.sync_api import Browser, Route, expect
from sqlalchemy import select

from codage import comptes
from codage.actes_equipe import affecter, compte
from codage.appli import Mode, construire
from codage.base import Base
from codage.chargement import charger
from codage.droits import Acces
from codage.journal import controler
from codage.tables import arbitrage, codage, code
from extraction.grille import Grille

JETON = "?jeton=jeton-d-essai"
PIEGE = TEXTE.replace("Rien ne bouge.", "<img src=x onerror=document.title='PIEGE'>")
PHRASE = "Le préfet et le maire 😀 travaillent ensemble."


@pytest.fixture
def base(tmp_path: Path) -> Iterator[Base]:
    ouverte = Base.ouvrir(tmp_path)
    charger(ouverte, etude({"E1": TEXTE, "E2": PIEGE}), Grille.charger(), "ana")
    yield ouverte
    ouverte.fermer()


@pytest.fixture
def adresse(base: Base) -> Iterator[str]:
    with servie(base) as adresse:
        yield adresse


@contextmanager
def servie(base: Base) -> Iterator[str]:
    """Un vrai serveur, jeton d'ouverture compris."""
    with socket.socket() as prise:
        prise.bind(("127.0.0.1", 0))
        port = prise.getsockname()[1]
    serveur = uvicorn.Server(uvicorn.Config(construire(base, Mode("Étude", responsable="ana", jeton="jeton-d-essai")), port=port,
                                            log_level="error"))
    fil = threading.Thread(target=serveur.run)
    fil.start()
    while not serveur.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}/"
    serveur.should_exit = True
    fil.join()


def poses(base: Base) -> list[tuple[str, str, str, str]]:
    with base.lire() as connexion:
        lus = connexion.execute(select(codage.c.personne, code.c.code, codage.c.modalite, codage.c.debut, codage.c.fin).join(
            code, code.c.id == codage.c.code).order_by(codage.c.debut, code.c.code))
        return [(a, b, c, TEXTE[d:f]) for a, b, c, d, f in lus]


def test_coder_au_clavier_accepter_refuser_annuler(navigateur: Browser, adresse: str, base: Base) -> None:
    page = page_de(navigateur, adresse + JETON)
    page.get_by_role("link", name="E1").click()
    passage(page, PHRASE)
    expect(page.get_by_role("button", name="Proposition C1.1")).to_have_count(1)
    page.keyboard.press("o")
    dit(page, "C1.1 accepté")
    assert poses(base) == [("ana", "C1.1", "presente", PHRASE)]
    page.keyboard.press("ArrowDown")
    passage(page, "Rien ne bouge.")
    taper_code(page, "coordination frag")
    dit(page, "O05 posé")
    page.keyboard.press("a")
    dit(page, "O05 : absente")
    page.keyboard.press("Shift+ArrowLeft")  # le point, puis un mot de moins
    page.keyboard.press("Shift+ArrowLeft")
    passage(page, "Rien ne")
    taper_code(page, "O08")
    dit(page, "O08 posé")
    assert poses(base)[1:] == [("ana", "O05", "absente", "Rien ne bouge."), ("ana", "O08", "presente", "Rien ne")]
    page.keyboard.press("Control+z")
    dit(page, "Annulé")
    page.keyboard.press("Control+z")
    dit(page, "Annulé")
    expect(page.get_by_role("button", name="Codage O05")).to_have_attribute(
        "aria-label", "Codage O05 Coordination fragilisée, présente, ana"
    )
    page.keyboard.press("Control+y")
    dit(page, "Refait")
    assert poses(base)[1:] == [("ana", "O05", "absente", "Rien ne bouge.")]
    page.get_by_role("button", name="Codage O05").click()
    page.keyboard.press("m")
    page.get_by_label("Le vôtre").fill("Dit en soupirant.")
    page.get_by_role("button", name="Valider").click()
    dit(page, "Mémo gardé")
    expect(page.locator(".fiche .memo")).to_have_text("ana : Dit en soupirant.")
    page.keyboard.press("Delete")
    dit(page, "O05 retiré")
    assert poses(base) == [("ana", "C1.1", "presente", PHRASE)]


def test_choisir_a_la_souris_un_passage_a_cheval_sur_deux_tours(navigateur: Browser, adresse: str, base: Base) -> None:
    page = page_de(navigateur, adresse + JETON)
    page.get_by_role("link", name="E1").click()
    expect(page.locator(".jeton")).to_have_count(1)
    debut, fin = page.locator(".propos").nth(0).bounding_box(), page.locator(".propos").nth(1).bounding_box()
    assert debut and fin
    page.mouse.move(debut["x"] + 2, debut["y"] + 14)
    page.mouse.down()
    page.mouse.move(fin["x"] + 40, fin["y"] + 14, steps=5)
    page.mouse.move(fin["x"] + fin["width"] - 2, fin["y"] + 14, steps=5)
    page.mouse.up()
    expect(page.locator(".passage blockquote")).to_contain_text("Bonjour ?\nR : Le préfet")
    page.get_by_role("option", name="C1.3").click()
    dit(page, "C1.3 posé")
    (_, nom, _, texte), = poses(base)
    assert nom == "C1.3" and texte.startswith("Bonjour ?\nR : Le préfet") and texte.endswith("bouge.")
    expect(page.locator(".r6o-annotation").first).to_be_attached()


def test_corriger_une_proposition_et_suivre_la_file(navigateur: Browser, adresse: str, base: Base) -> None:
    page = page_de(navigateur, adresse + JETON)
    page.get_by_role("link", name="File d'attente").click()
    expect(page.get_by_text("0 proposition jugée, 2 à juger")).to_be_visible()
    page.get_by_role("link", name=f"« {PHRASE} »").first.click()
    passage(page, PHRASE)
    page.keyboard.press("c")
    page.keyboard.type("C1.2")
    page.keyboard.press("Enter")
    dit(page, "C1.2 posé à la place")
    assert [p[1] for p in poses(base)] == ["C1.2"]
    page.get_by_role("link", name="File d'attente").click()
    expect(page.get_by_text("1 proposition jugée, 1 à juger")).to_be_visible()


def test_la_file_mene_a_la_proposition_et_les_touches_visent_ce_qu_on_vient_de_poser(
        navigateur: Browser, tmp_path: Path) -> None:
    """Deux propositions sur la même phrase : la file mène à la bonne ; une fois acceptée, « a » en dit la modalité."""
    deux = etude({"E1": TEXTE})
    seconde = deux.mentions.assign(code="O05", confiance=0.2)
    ouverte = Base.ouvrir(tmp_path)
    charger(ouverte, replace(deux, mentions=pd.concat([deux.mentions, seconde], ignore_index=True)), Grille.charger(), "ana")
    with servie(ouverte) as adresse:
        page = page_de(navigateur, adresse + JETON)
        page.get_by_role("link", name="File d'attente").click()
        page.get_by_role("row", name="O05").get_by_role("link").click()
        expect(page.locator(".fiche.visee")).to_contain_text("O05")
        page.keyboard.press("s")
        expect(page.locator(".fiche.visee")).to_contain_text("C1.1")
        page.keyboard.press("s")
        expect(page.locator(".fiche.visee")).to_contain_text("O05")
        page.keyboard.press("o")
        dit(page, "O05 accepté")
        page.keyboard.press("a")
        dit(page, "O05 : absente")
        assert poses(ouverte) == [("ana", "O05", "absente", PHRASE)]
        page.keyboard.press("Delete")
        dit(page, "O05 retiré")
        page.evaluate("document.activeElement.dispatchEvent(new KeyboardEvent('keydown', "
                      "{key: '&', code: 'Digit1', bubbles: true, cancelable: true}))")  # clavier AZERTY, sans Maj
        dit(page, "C1.1 accepté")
    page.keyboard.press("ArrowDown")
    taper_code(page, "O08")
    expect(page.locator("#annonce")).to_contain_text("ne répond plus", timeout=60_000)
    ouverte.fermer()


def test_double_codage_a_l_aveugle_desaccord_arbitrage(navigateur: Browser, adresse: str, base: Base) -> None:
    with base.ecrire() as connexion:
        for qui in ("bob", "cleo"):
            compte(Acces(connexion, "ana"), cle(), qui, role="codeur")
            comptes.changer_mot_de_passe(connexion, qui, MOT)
            affecter(Acces(connexion, "ana"), cle(), "E1", qui, True, False)
    for qui, nom in (("bob", "C1.1"), ("cleo", "C1.2")):
        page = page_de(navigateur, adresse, qui)
        page.get_by_role("link", name="E1").click()
        expect(page.get_by_text("Codage à l'aveugle")).to_be_visible()
        expect(page.get_by_role("link", name="Désaccords")).to_have_count(1)  # celui du menu, qui l'explique
        page.goto(f"{adresse}#/desaccords/E1")
        expect(page.get_by_text("Les désaccords se montreront quand tous")).to_be_visible()
        page.goto(f"{adresse}#/entretien/E1")
        passage(page, PHRASE)
        expect(page.locator(".jeton")).to_have_count(0)  # ni la machine, ni l'autre
        taper_code(page, nom)
        dit(page, f"{nom} posé")
        terminer(page)
    page = page_de(navigateur, adresse + JETON)
    page.goto(adresse + "#/desaccords/E1")
    expect(page.get_by_text("2 désaccords, 0 arbitré")).to_be_visible()
    trancher_le_premier(page, "Le maire y est nommé.")
    expect(page.get_by_text("2 désaccords, 1 arbitré")).to_be_visible()
    page.goto(f"{adresse}#/entretien/E1")
    expect(page.locator(".arbitrage")).to_contain_text("Le maire y est nommé.")
    page.get_by_role("link", name="Accord", exact=True).click()
    expect(page.get_by_role("region", name="κ — bob, cleo")).to_be_visible()
    with base.lire() as connexion:
        assert connexion.scalars(select(arbitrage.c.raison)).all() == ["Le maire y est nommé."] and controler(connexion) == []


@pytest.mark.parametrize(("lente", "vue"), [("journal", "journal"), ("entretien?", "entretien/E1")])
def test_une_page_lente_ne_remplace_pas_celle_ou_l_on_est_passe(navigateur: Browser, adresse: str, lente: str, vue: str) -> None:
    page = page_de(navigateur, adresse + JETON)
    retenues: list[Route] = []
    page.route(lambda url: f"/api/{lente}" in url + "?", lambda route: retenues.append(route))
    page.goto(f"{adresse}#/{vue}")
    page.wait_for_function("location.hash.length > 3")
    while not retenues:
        page.wait_for_timeout(20)
    page.get_by_role("link", name="Grille").click()
    expect(page.get_by_role("heading", name="Grille", level=2)).to_be_visible()
    with page.expect_response(f"**/api/{lente}*"):
        retenues[0].continue_()
    page.wait_for_timeout(200)
    expect(page.get_by_role("heading", name="Grille", level=2)).to_be_visible()


def test_un_texte_piege_s_affiche_comme_du_texte(navigateur: Browser, adresse: str) -> None:
    page = page_de(navigateur, adresse + JETON)
    page.get_by_role("link", name="E2").click()
    expect(page.locator(".propos").last).to_contain_text("<img src=x onerror")
    assert page.locator(".texte img").count() == 0 and "PIEGE" not in page.title()


def test_grille_et_equipe_se_tiennent_dans_la_page(navigateur: Browser, adresse: str, base: Base) -> None:
    page = page_de(navigateur, adresse + JETON)
    page.get_by_role("link", name="Grille").click()
    page.get_by_role("button", name="Nouveau code inductif").click()
    page.get_by_label("Identifiant").fill("N1")
    page.get_by_label("Intitulé").fill("Rumeur")
    page.get_by_role("button", name="Créer").click()
    dit(page, "Code créé")
    expect(page.get_by_text("N1 (inductif)")).to_be_visible()
    page.get_by_role("button", name="Mémo N1").click()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Mémo N1")).to_be_focused()  # la boîte rend le focus à qui l'a ouverte
    page.get_by_role("button", name="Mémo N1").click()
    page.get_by_label("Le vôtre").fill("À fondre dans C1.3 ?")
    page.get_by_role("button", name="Valider").click()
    dit(page, "Mémo gardé")
    page.get_by_text("Rumeur").click()
    expect(page.get_by_text("ana : À fondre dans C1.3 ?")).to_be_visible()
    page.get_by_role("button", name="Fusionner N1").click()
    page.locator("dialog select").select_option(label="C1.3 Coopération horizontale")
    page.locator("dialog").get_by_role("button", name="Fusionner").click()
    dit(page, "Codes fusionnés")
    page.get_by_role("link", name="Équipe").click()
    ouvrir_un_compte(page, "bob")
    dit(page, "Compte gardé")
    affecter_a_l_aveugle(page, "E1", "bob")
    dit(page, "Entretien affecté")
    page.get_by_role("link", name="Journal").click()
    for fait in ("fusionne des codes", "tient un compte", "affecte"):
        expect(page.get_by_role("cell", name=fait, exact=True).first).to_be_visible()


@pytest.mark.parametrize("largeur", [1280, 400])
def test_aucune_faute_d_accessibilite_grave_ni_debordement(navigateur: Browser, adresse: str, largeur: int) -> None:
    page = page_de(navigateur, adresse + JETON)
    page.set_viewport_size({"width": largeur, "height": 800})
    for vue in ("", "file", "accord", "desaccords/E1", "grille", "equipe", "journal", "entretien/E1"):
        page.goto(f"{adresse}#/{vue}")
        page.wait_for_function(
            "document.querySelector('main h2') && !document.querySelector('main').textContent.includes('Ouverture')"
        )
        page.wait_for_timeout(300)
        graves = [f"{vue} : {v['id']} {v['nodes'][0]['html'][:90]}" for v in Axe().run(page).response["violations"]
                  if v["impact"] in ("serious", "critical")]
        assert graves == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), vue


def test_le_panneau_du_telephone_ne_cache_pas_le_passage(navigateur: Browser, adresse: str) -> None:
    page = page_de(navigateur, adresse + JETON)
    page.set_viewport_size({"width": 400, "height": 800})
    page.get_by_role("link", name="E1").click()
    passage(page, PHRASE)
    for _ in range(2):
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(200)
    place = page.evaluate("""() => {
      const zone = [...document.querySelectorAll('.propos')].at(-1).getBoundingClientRect();
      return [zone.bottom, document.querySelector('.panneau').getBoundingClientRect().top];
    }""")
    assert place[0] <= place[1]


def test_les_positions_du_navigateur_sont_celles_du_serveur(navigateur: Browser, adresse: str) -> None:
    """`positions.js` contre le compte naïf de Python : emoji, accents décomposés, marque d'ordre, fins de ligne de Windows."""
    textes = ["", "😀", "a😀😀b", "\ufeffÉnquête\r\ne\u0301te\u0301 👩‍👧 fin", "🇫🇷" * 3 + "é\r\n" + "𝒳y" * 40, "sans rien"]
    page = page_de(navigateur, adresse + JETON)
    rendus = page.evaluate("""async (textes) => {
      const { Positions } = await import('/statiques/positions.js');
      return textes.map((texte) => {
        const p = new Positions(texte), n = [...texte].length;
        return Array.from({ length: n + 1 }, (_, i) => [p.unites(i), p.points(p.unites(i))]);
      });
    }""", textes)
    for texte, rendu in zip(textes, rendus, strict=True):
        assert rendu == [[len(texte[:i].encode("utf-16-le")) // 2, i] for i in range(len(texte) + 1)]
