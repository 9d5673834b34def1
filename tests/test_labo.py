"""`monographies labo` : les carnets copiés sans rien écraser, un vrai serveur à jeton, rien demandé au réseau."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

import labo
from corpus.fautes import ErreurEtude
from empreintes_etapes import empreintes_entrees
from monographies import principal

RACINE = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def etude(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("labo") / "étude d'essai"
    (dossier / "entretiens").mkdir(parents=True)
    for nom, dite in (("E1", "Le bus ne passe plus après dix-neuf heures."), ("E2", "Il n'y a pas de place en crèche.")):
        (dossier / "entretiens" / f"{nom}.txt").write_text(
            f"Enquêtrice : Qu'est-ce qui bloque ?\n\nEnquêté : {dite}\n", encoding="utf-8")
    (dossier / "etude.toml").write_text('titre = "Une étude à moi"\n', encoding="utf-8")
    return dossier


@pytest.fixture
def livres(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    dossier = tmp_path / "livres"
    dossier.mkdir()
    for nom in ("01.ipynb", "02.ipynb"):
        (dossier / nom).write_text(f'{{"{nom}": 1}}')
    monkeypatch.setattr(labo, "LIVRES", dossier)
    return dossier


def test_tous_les_carnets_livres_sont_copies(tmp_path: Path) -> None:
    copies, gardes = labo.preparer(tmp_path)
    assert copies == sorted(chemin.name for chemin in (RACINE / "notebooks").glob("*.ipynb")) and len(copies) >= 7
    assert gardes == []
    assert labo.preparer(tmp_path) == ([], [])


def test_un_carnet_modifie_n_est_pas_ecrase(tmp_path: Path, livres: Path) -> None:
    labo.preparer(tmp_path)
    carnets = tmp_path / labo.DOSSIER
    (carnets / "01.ipynb").write_text("à moi")
    assert labo.preparer(tmp_path) == ([], [])  # rien de neuf à recevoir
    for nom in ("01.ipynb", "02.ipynb"):
        (livres / nom).write_text('{"neuf": 2}')
    assert labo.preparer(tmp_path) == (["02.ipynb"], ["01.ipynb"])
    assert (carnets / "01.ipynb").read_text() == "à moi"
    assert (carnets / "02.ipynb").read_text() == '{"neuf": 2}'
    (carnets / "01.ipynb").rename(carnets / "le mien.ipynb")
    assert labo.preparer(tmp_path) == (["01.ipynb"], [])
    assert (carnets / "le mien.ipynb").read_text() == "à moi"


@pytest.mark.parametrize("abimee", ["", "[]", "pas du json", '{"01.ipynb": null}'])
def test_une_origine_abimee_n_ecrase_rien(tmp_path: Path, livres: Path, abimee: str) -> None:
    labo.preparer(tmp_path)
    carnets = tmp_path / labo.DOSSIER
    (carnets / "01.ipynb").write_text("à moi")
    (carnets / ".origine.json").write_text(abimee)
    assert labo.preparer(tmp_path)[1] == ["01.ipynb"]
    assert (carnets / "01.ipynb").read_text() == "à moi"


def test_les_carnets_ne_refont_pas_l_analyse(etude: Path) -> None:
    avant = empreintes_entrees(etude)
    labo.preparer(etude)
    assert empreintes_entrees(etude) == avant


def test_sans_jupyterlab_l_erreur_dit_quoi_installer(etude: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trouver = importlib.util.find_spec

    def sans(nom: str, paquet: str | None = None) -> ModuleSpec | None:
        return None if nom in ("jupyterlab", "itables") else trouver(nom, paquet)

    monkeypatch.setattr(importlib.util, "find_spec", sans)
    resultat = CliRunner().invoke(principal, ["labo", str(etude), "--sans-navigateur"])
    assert resultat.exit_code == 1
    assert "il manque jupyterlab, itables" in resultat.output and "pip install 'monographies[labo]'" in resultat.output


def test_un_port_pris_est_dit(etude: Path) -> None:
    with socket.socket() as pris:
        pris.bind((labo.LOCAL, 0))
        pris.listen()
        with pytest.raises(ErreurEtude, match="ne peut pas servir"):
            labo.servir(etude, pris.getsockname()[1], navigateur=False)


def test_une_etude_absente_est_dite() -> None:
    resultat = CliRunner().invoke(principal, ["labo", "nulle_part"])
    assert resultat.exit_code == 1 and "ce dossier d'étude n'existe pas" in resultat.output


@pytest.fixture(scope="module")
def adresse(etude: Path) -> Iterator[str]:
    """Le labo, lancé comme on le lance ; rend son adresse, jeton compris."""
    environnement = os.environ | {"PYTHONPATH": str(RACINE), "PYTHONUNBUFFERED": "1", "HOME": str(etude.parent)}
    serveur = subprocess.Popen([sys.executable, "-m", "monographies", "labo", str(etude), "--sans-navigateur"],
                               env=environnement, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert serveur.stdout is not None
    dites = []
    for ligne in serveur.stdout:
        dites.append(ligne)
        if trouvee := re.search(r"http://\S+", ligne):
            break
    else:
        pytest.fail("".join(dites))
    for _ in range(240):
        try:
            urllib.request.urlopen(trouvee.group(), timeout=5)
            break
        except OSError:
            assert serveur.poll() is None, serveur.stdout.read()
            time.sleep(0.5)
    yield trouvee.group()
    serveur.send_signal(signal.SIGINT)
    assert serveur.wait(timeout=60) == 0


def test_le_serveur_demande_son_jeton(adresse: str) -> None:
    racine, jeton = adresse.split("/lab?token=")
    assert racine.startswith("http://127.0.0.1:") and len(jeton) >= 32
    with pytest.raises(urllib.error.HTTPError) as refus:
        urllib.request.urlopen(f"{racine}/api/contents")
    assert refus.value.code == 403
    for mauvais in ("", "?token=", "?token=faux"):
        with pytest.raises(urllib.error.HTTPError):
            urllib.request.urlopen(f"{racine}/api/contents{mauvais}")
    with urllib.request.urlopen(f"{racine}/api/contents/carnets?token={jeton}") as reponse:
        assert {fichier["name"] for fichier in json.load(reponse)["content"]} >= {"01_decouvrir_le_corpus.ipynb"}


def test_un_carnet_s_ouvre_sur_l_etude_sans_rien_demander_ailleurs(adresse: str, navigateur: Browser) -> None:  # noqa: F811
    racine, jeton = adresse.split("/lab?token=")
    page = navigateur.new_page(viewport={"width": 1400, "height": 900})
    ailleurs: list[str] = []
    page.on("request", lambda requete: requete.url.startswith((racine, "data:", "blob:")) or ailleurs.append(requete.url))
    page.goto(f"{racine}/lab/tree/carnets/01_decouvrir_le_corpus.ipynb?token={jeton}")
    carnet = page.locator(".jp-NotebookPanel")
    expect(page.locator("#jp-main-statusbar")).to_contain_text("Inactif", timeout=120_000)  # le noyau est prêt
    carnet.locator(".jp-CodeCell").first.click()
    page.keyboard.press("Shift+Enter")
    expect(carnet.locator(".jp-CodeCell").first.locator(".monographies h3")).to_have_text("Une étude à moi", timeout=120_000)
    menus = page.locator("#jp-MainMenu .lm-MenuBar-itemLabel").all_inner_texts()
    assert menus[:4] == ["Fichier", "Édition", "Affichage", "Exécution"] and "Noyau" in menus
    page.wait_for_timeout(3_000)  # ce que JupyterLab demanderait de lui-même une fois ouvert
    page.close()
    assert ailleurs == []
