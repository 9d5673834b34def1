"""Tout le parcours d'une équipe, dans un vrai navigateur et par la vraie commande : coder au clavier, juger la machine, un
mémo, deux comptes, un double codage à l'aveugle, un arbitrage, l'export QDPX, et sa réimportation dans une étude neuve."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from navigateur_codage import (
    affecter_a_l_aveugle,
    dit,
    ouvrir_un_compte,
    page_de,
    passage,
    taper_code,
    terminer,
    trancher_le_premier,
)
from playwright.sync_api import Browser, expect

from monographies import principal

TEXTE = "Enquêteur : Qui décide ?\nEnquêté : Le préfet et le maire 😀 travaillent ensemble. Rien ne bouge.\n"
PREMIERE, SECONDE = "Le préfet et le maire 😀 travaillent ensemble.", "Rien ne bouge."
COLONNES = ["codeur", "entretien", "debut", "fin", "texte", "code", "modalite", "memo"]


@pytest.fixture
def etude(tmp_path: Path) -> Path:
    """Deux entretiens, et ce que la machine aurait proposé sur chacun."""
    dossier = tmp_path / "etude"
    (dossier / "entretiens").mkdir(parents=True)
    (dossier / "resultats").mkdir()
    mentions = []
    for nom in ("E1", "E2"):
        (dossier / "entretiens" / f"{nom}.txt").write_text(TEXTE, encoding="utf-8")
        for phrase, texte, code in (("p001", PREMIERE, "C1.1"), ("p002", SECONDE, "O05")):
            debut = TEXTE.index(texte)
            mentions.append((nom, phrase, debut, debut + len(texte), texte, code, "presente", 0.7, "machine:essai", "préfet",
                             "", ""))
    table = pd.DataFrame(mentions, columns=["entretien", "phrase", "debut", "fin", "texte", "code", "modalite", "confiance",
                                            "codeur", "preuve", "indices_modalite", "a_relire"])
    table.to_csv(dossier / "resultats" / "mentions.csv", index=False)
    return dossier


@contextmanager
def ouverte(dossier: Path) -> Iterator[tuple[str, str]]:
    """L'adresse de l'application, sans puis avec le jeton d'ouverture ; arrêtée comme par Ctrl+C."""
    lancee = subprocess.Popen([sys.executable, "-m", "monographies", "coder", str(dossier), "--sans-navigateur"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent)
    try:
        assert lancee.stdout is not None and lancee.stderr is not None
        trouvee = re.search(r"(http://\S+?/)\?jeton=\S+", lancee.stdout.readline())
        assert trouvee, lancee.stderr.read()
        yield trouvee[1], trouvee[0]
        lancee.send_signal(signal.SIGINT)
        lancee.wait(60)
    finally:
        lancee.kill()
        lancee.wait()


def test_de_la_premiere_touche_au_projet_reimporte(navigateur: Browser, etude: Path, tmp_path: Path) -> None:
    with ouverte(etude) as (adresse, entree):
        page = page_de(navigateur, entree)
        page.get_by_role("link", name="E1").click()
        passage(page, PREMIERE)
        page.keyboard.press("o")
        dit(page, "C1.1 accepté")
        page.keyboard.press("ArrowDown")
        passage(page, SECONDE)
        page.keyboard.press("n")
        dit(page, "O05 refusé")
        taper_code(page, "O08")
        dit(page, "O08 posé")
        page.keyboard.press("h")
        dit(page, "O08 : hypothétique")
        page.keyboard.press("m")
        page.get_by_label("Le vôtre").fill("Dit en soupirant 😀.")
        page.get_by_role("button", name="Valider").click()
        dit(page, "Mémo gardé")
        terminer(page)
        page.get_by_role("button", name="Rouvrir").click()
        dit(page, "Codage rouvert")
        terminer(page)

        page.get_by_role("link", name="Équipe").click()
        for qui in ("bob", "cleo"):
            ouvrir_un_compte(page, qui)
            affecter_a_l_aveugle(page, "E2", qui)
        for qui, code in (("bob", "C1.1"), ("cleo", "C1.2")):
            sienne = page_de(navigateur, adresse, qui)
            sienne.get_by_role("link", name="E2").click()
            passage(sienne, PREMIERE)
            expect(sienne.locator(".jeton")).to_have_count(0)
            taper_code(sienne, code)
            dit(sienne, f"{code} posé")
            terminer(sienne)
            expect(sienne.get_by_role("link", name="Télécharger l'étude (QDPX)")).to_have_count(0)

        page.goto(adresse + "#/desaccords/E2")
        expect(page.get_by_text("2 désaccords, 0 arbitré")).to_be_visible()
        trancher_le_premier(page, "Le maire y est nommé.")
        page.get_by_role("link", name="Entretiens").click()
        with page.expect_download() as recu:
            page.get_by_role("link", name="Télécharger l'étude (QDPX)").click()
        recu.value.save_as(tmp_path / "etude.qdpx")

    moi = pd.read_csv(etude / "codages.csv", keep_default_na=False)["codeur"].iloc[0]
    attendus = sorted([
        (moi, "E1", PREMIERE, "C1.1", "presente", ""), (moi, "E1", SECONDE, "O08", "hypothetique", "Dit en soupirant 😀."),
        ("bob", "E2", PREMIERE, "C1.1", "presente", ""), ("cleo", "E2", PREMIERE, "C1.2", "presente", "")])
    for dossier in (etude, tmp_path / "neuve"):
        if dossier != etude:
            rendu = CliRunner().invoke(principal, ["importer", str(dossier), str(tmp_path / "etude.qdpx")])
            assert rendu.exit_code == 0, rendu.output
        lus = pd.read_csv(dossier / "codages.csv", keep_default_na=False)[COLONNES]
        assert [TEXTE[un.debut:un.fin] for un in lus.itertuples()] == lus["texte"].tolist()
        humains = lus[~lus["codeur"].str.startswith("machine:")]
        assert sorted(humains.drop(columns=["debut", "fin"]).itertuples(index=False, name=None)) == attendus

    decisions = pd.read_csv(etude / "decisions.csv", keep_default_na=False)
    assert sorted(decisions[["personne", "decision", "entretien", "phrase", "code"]].itertuples(index=False, name=None)) == sorted([
        (moi, "termine", "E1", "", ""), (moi, "refuse", "E1", "p002", "O05"), ("bob", "termine", "E2", "", ""),
        ("cleo", "termine", "E2", "", ""), (moi, "porte", "E2", "p001", "C1.1")])

    with ouverte(tmp_path / "neuve") as (_, entree):
        page = page_de(navigateur, entree)
        page.get_by_role("link", name="E1").click()
        page.get_by_role("button", name="Codage O08").click()
        expect(page.locator(".fiche .memo")).to_have_text(f"{moi} : Dit en soupirant 😀.")
        page.goto(re.sub(r"\?.*", "", entree) + "#/entretien/E2")
        for qui, code in (("bob", "C1.1"), ("cleo", "C1.2")):
            expect(page.get_by_role("button", name=f"Codage {code}")).to_have_attribute(
                "aria-label", re.compile(rf"^Codage {re.escape(code)} .*, présente, {qui}$"))
