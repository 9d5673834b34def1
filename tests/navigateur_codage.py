"""Les gestes d'un codeur dans un vrai navigateur, pour les essais de l'application de codage."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

MOT = "correct cheval batterie agrafe"


def page_de(navigateur: Browser, adresse: str, qui: str = "") -> Page:
    """Une page dans sa propre séance, ouverte sur les entretiens : par le jeton de l'adresse, ou par le mot de passe de `qui`."""
    page = navigateur.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.set_default_timeout(30_000)
    expect.set_options(timeout=30_000)
    page.on("pageerror", lambda erreur: pytest.fail(f"erreur de script : {erreur}"))
    page.goto(adresse)
    if qui:
        page.get_by_label("Compte").fill(qui)
        page.get_by_label("Mot de passe").fill(MOT)
        page.get_by_role("button", name="Entrer").click()
    expect(page.get_by_role("heading", name="Entretiens", level=2)).to_be_visible()
    return page


def dit(page: Page, texte: str) -> None:
    expect(page.locator("#annonce")).to_have_text(texte)


def passage(page: Page, texte: str) -> None:
    expect(page.locator(".passage blockquote")).to_have_text(texte)


def taper_code(page: Page, mots: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(mots)
    page.keyboard.press("Enter")


def terminer(page: Page) -> None:
    page.get_by_role("button", name="Terminer").click()
    page.locator("dialog").get_by_role("button", name="Terminer").click()
    dit(page, "Codage terminé")


def ouvrir_un_compte(page: Page, qui: str) -> None:
    page.get_by_role("button", name="Nouveau compte").click()
    page.get_by_label("Identifiant").fill(qui)
    page.get_by_label("Nom").fill(qui.capitalize())
    page.get_by_label("Mot de passe").fill(MOT)
    page.get_by_role("button", name="Valider").click()
    expect(page.get_by_role("rowheader", name=qui, exact=True).first).to_be_visible()


def affecter_a_l_aveugle(page: Page, entretien: str, qui: str) -> None:
    page.get_by_role("button", name="Affecter un entretien").click()
    page.locator("dialog select[name=entretien]").select_option(entretien)
    page.locator("dialog select[name=personne]").select_option(qui)
    page.get_by_label("À l'aveugle").check()
    page.locator("dialog").get_by_role("button", name="Affecter").click()
    expect(page.locator("dialog")).to_have_count(0)


def trancher_le_premier(page: Page, raison: str) -> None:
    page.get_by_role("button", name="Trancher").first.click()
    page.get_by_label("Raison (gardée)").fill(raison)
    page.get_by_role("button", name="Trancher", exact=True).last.click()
    dit(page, "Arbitrage gardé")
