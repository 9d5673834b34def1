"""L'application de codage à travers le relais d'un vrai JupyterLab."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import nbformat
import pytest
from nbclient import NotebookClient

import coder_jupyter
from corpus.fautes import ErreurEtude

pytest.importorskip("jupyter_server_proxy", reason="extra labo")
DEPOT = Path(__file__).parent.parent
CONFIGURATION = "import coder_jupyter\nc.ServerProxy.servers = {'monographies': coder_jupyter.depuis_le_lanceur()}\n"


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    etude = tmp_path / "etude"
    (etude / "entretiens").mkdir(parents=True)
    (etude / "entretiens" / "E1.txt").write_text("Q : Qui ?\nR : Le préfet et le maire travaillent ensemble.\n", encoding="utf-8")
    return etude


@pytest.fixture
def labo(dossier: Path) -> Iterator[tuple[str, str]]:
    """Un JupyterLab lancé dans l'étude : son adresse et son jeton."""
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        port = libre.getsockname()[1]
    reglages = dossier.parent / "jupyter_server_config.py"
    reglages.write_text(CONFIGURATION, encoding="utf-8")
    lance = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--allow-root", "--ServerApp.base_url=/labo/",
         f"--config={reglages}", "--IdentityProvider.token=jeton-du-labo"], cwd=dossier, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(DEPOT)})
    adresse = f"http://127.0.0.1:{port}/labo/"
    for _ in range(300):
        try:
            if httpx.get(adresse + "api").status_code == 200:
                break
        except httpx.HTTPError:
            time.sleep(0.2)
    else:
        lance.kill()
        pytest.fail(str(lance.stderr and lance.stderr.read()))
    yield adresse, "jeton-du-labo"
    lance.terminate()
    lance.wait()


def test_le_lanceur_ouvre_l_application_derriere_le_relais(labo: tuple[str, str]) -> None:
    adresse, jeton = labo
    sans = httpx.get(adresse + "monographies/api/moi")
    assert sans.status_code in (302, 403)  # le relais demande la séance Jupyter
    client = httpx.Client(base_url=adresse, headers={"Authorization": f"token {jeton}"}, timeout=120)
    # Une installation modifiable lancée de son dossier se déclare deux fois : l'entrée est la même.
    entree = next(s for s in client.get("server-proxy/servers-info").json()["server_processes"] if s["name"] == "monographies")
    chemin = entree["launcher_entry"]["path_info"]
    assert entree["launcher_entry"]["enabled"] and chemin.startswith("monographies/?jeton=")
    # La séance Jupyter ne suffit pas : il faut aussi le jeton de l'application.
    assert client.get("monographies/api/moi").status_code == 401
    assert client.get("monographies/?jeton=faux").status_code == 403
    ouverte = client.get(chemin)
    assert ouverte.status_code == 303 and ouverte.headers["location"] == "./"
    assert "Path=/labo/monographies;" in ouverte.headers["set-cookie"] + ";"
    page = client.get("monographies/")
    assert page.status_code == 200 and "frame-ancestors 'self'" in page.headers["content-security-policy"]
    assert client.get("monographies/statiques/appli.js").status_code == 200
    moi = client.get("monographies/api/moi").json()
    assert moi["local"] and [e["id"] for e in client.get("monographies/api/etude").json()["entretiens"]] == ["E1"]
    note = {"genre": "noter", "cle": "0123456789", "cible": "entretien", "id": "E1", "texte": "depuis le lanceur"}
    assert client.post("monographies/api/actes", json=note).status_code == 403
    assert client.post("monographies/api/actes", json=note, headers={"X-CSRF": moi["csrf"]}).status_code == 200


def test_un_carnet_ouvre_l_application(dossier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Dans un vrai noyau, hors de tout relais : un lien vers l'application, qui répond."""
    monkeypatch.setenv("PYTHONPATH", str(DEPOT))
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)
    cellules = [f"from coder_jupyter import dans_jupyter\nouverte = dans_jupyter({str(dossier)!r})\nouverte",
                "import httpx\nclient = httpx.Client(follow_redirects=True)\nprint(client.get(ouverte.adresse).status_code)\n"
                "base = ouverte.adresse.split('?')[0]\nprint(client.get(base + 'api/etude').json()['entretiens'][0]['id'])",
                "moi = client.get(base + 'api/moi').json()\n"
                "client.post(base + 'api/actes', headers={'X-CSRF': moi['csrf']}, json={'genre': 'noter', 'cle': '0123456789', "
                "'cible': 'entretien', 'id': 'E1', 'texte': 'du carnet'}).raise_for_status()\nouverte.fermer()"]
    carnet = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(c) for c in cellules])  # type: ignore[no-untyped-call]
    NotebookClient(carnet, timeout=120).execute()
    assert "Coder dans un onglet" in carnet.cells[0].outputs[0]["data"]["text/html"]
    assert carnet.cells[1].outputs[0]["text"] == "200\nE1\n"
    assert "du carnet" in (dossier / "memos.csv").read_text(encoding="utf-8")  # arrêtée, elle a mis l'étude à jour


def test_une_etude_fautive_le_dit(tmp_path: Path) -> None:
    with pytest.raises(ErreurEtude, match="ne s'ouvre pas"):
        coder_jupyter.dans_jupyter(tmp_path / "rien")
