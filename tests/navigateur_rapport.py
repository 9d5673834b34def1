"""Un vrai navigateur pour les essais du rapport : Chromium, sans réseau, qui ne tait aucune plainte."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright


@pytest.fixture(scope="module")
def navigateur() -> Iterator[Browser]:
    binaire = os.environ.get("MONOGRAPHIES_CHROMIUM") or shutil.which("chromium")
    if not binaire:
        pytest.fail(
            "Chromium manque : « apt install chromium », ou donnez son chemin dans MONOGRAPHIES_CHROMIUM"
        )
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        ouvert = playwright.chromium.launch(executable_path=binaire, args=options)
        yield ouvert
        ouvert.close()


Ouvrir = Callable[..., Page]


@pytest.fixture
def ouvrir(navigateur: Browser) -> Iterator[Ouvrir]:
    """Ouvre un rapport ; à la fin, aucune page ne doit avoir protesté ni demandé quoi que ce soit."""
    plaintes, contextes = [], []

    def ouvrir_page(chemin: Path, ancre: str = "", **options: Any) -> Page:
        contexte = navigateur.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contextes.append(contexte)
        page = contexte.new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda m: plaintes.append(f"console : {m.text}"))
        page.on("pageerror", lambda e: plaintes.append(f"erreur : {e}"))
        page.on("dialog", lambda d: (plaintes.append(f"dialogue : {d.message}"), d.dismiss()))
        page.on("request", lambda r: r.url.startswith(("file:", "blob:")) or plaintes.append(f"requête : {r.url}"))
        page.goto(chemin.as_uri() + ancre)
        return page

    yield ouvrir_page
    for contexte in contextes:
        contexte.close()
    assert plaintes == []


def suivre(page: Page) -> None:
    """Attend que la page montre ce que dit son adresse."""
    expect(page.locator("html")).to_have_attribute("data-montre", page.evaluate("location.hash"))


def entier(texte: str) -> int:
    return int(re.sub(r"\D", "", texte))


def cases(page: Page) -> dict[tuple[str, str], int]:
    """Les cases de la matrice affichée, par code et territoire."""
    suivre(page)
    lues = page.evaluate(
        """() => [...document.querySelectorAll('#vue-matrice td:not(.ensemble) a')].map(a => {
             const q = new URLSearchParams(a.hash.split('?')[1]);
             return [q.get('code'), q.get('lieu'), a.querySelector('.n').textContent];
           })"""
    )
    return {(code, lieu): entier(n) for code, lieu, n in lues}
