"""L'application de codage dans JupyterLab : depuis un carnet (`dans_jupyter`) ou depuis le lanceur.

Elle passe par le relais de JupyterLab (`jupyter-server-proxy`, extra `labo`), qui demande d'abord la séance Jupyter.
Elle garde pourtant son propre jeton : son port n'est ouvert qu'à cette machine, mais à tous ceux qui y ont un compte.
Le jeton passe au serveur par l'environnement, jamais par la ligne de commande, que `ps` montre à tous. Servie à la même
adresse que JupyterLab, la page en partage l'origine : sa politique de contenu n'y admet toujours aucun script d'ailleurs.
"""

from __future__ import annotations

import atexit
import html
import importlib.util
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from corpus.fautes import ErreurEtude, Faute

ETUDE, JETON = "MONOGRAPHIES_ETUDE", "MONOGRAPHIES_JETON"
ATTENTE = 120
"""Secondes laissées à l'application pour ouvrir l'étude."""


class Application:
    """L'application ouverte par un carnet ; affichée, elle est un cadre (par le relais), sinon un lien.

    Attributes
    ----------
    adresse : str
        Où l'ouvrir ; le jeton qu'elle porte ne vaut que pour ce lancement.
    """

    def __init__(self, processus: subprocess.Popen[bytes], adresse: str, cadre: bool) -> None:
        self._processus, self.adresse, self._cadre = processus, adresse, cadre
        atexit.register(self.fermer)

    def fermer(self) -> None:
        """Arrête l'application ; elle met alors `codages.csv` et `decisions.csv` à jour."""
        if self._processus.poll() is None:
            self._processus.terminate()
            self._processus.wait()

    def _repr_html_(self) -> str:
        adresse = html.escape(self.adresse)
        lien = f'<p><a href="{adresse}" target="_blank">Coder dans un onglet</a></p>'
        return lien + (f'<iframe src="{adresse}" title="Coder" width="100%" height="800"></iframe>' if self._cadre else "")


def dans_jupyter(dossier: str | Path, noms: Sequence[str] = ()) -> Application:
    """Ouvre l'application de codage d'une étude depuis un carnet, jusqu'à la fin de celui-ci.

    Parameters
    ----------
    dossier : str or pathlib.Path
    noms : Sequence[str]
        Les noms sous lesquels on vient à JupyterLab, s'il n'est pas sur cette machine.

    Raises
    ------
    ErreurEtude
        L'application ne s'ouvre pas ; sa propre explication est alors dans la sortie du carnet.
    """
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        port = libre.getsockname()[1]
    racine = _racine_du_relais()
    prefixe = f"{racine}proxy/{port}" if racine else ""
    jeton = secrets.token_urlsafe(24)
    processus = subprocess.Popen(_commande(str(dossier), str(port), prefixe, noms), env={**os.environ, JETON: jeton},
                                 stdout=subprocess.DEVNULL, start_new_session=True)  # interrompre une cellule ne l'arrête pas
    fin = time.monotonic() + ATTENTE
    while processus.poll() is None and time.monotonic() < fin:
        with socket.socket() as essai:
            if essai.connect_ex(("127.0.0.1", port)) == 0:
                return Application(processus, f"{prefixe or f'http://127.0.0.1:{port}'}/?jeton={jeton}", bool(racine))
        time.sleep(0.1)
    processus.kill()
    raise ErreurEtude(
        [Faute(str(dossier), 0, "l'application de codage ne s'ouvre pas", "lancez « monographies coder » pour voir pourquoi")]
    )


def depuis_le_lanceur() -> dict[str, Any]:
    """Ce que `jupyter-server-proxy` demande pour une entrée du lanceur de JupyterLab.

    L'étude est celle de la variable `MONOGRAPHIES_ETUDE`, sinon le dossier où JupyterLab a été lancé.
    """
    dossier = Path(os.environ.get(ETUDE, ".")).resolve()
    jeton = secrets.token_urlsafe(24)
    return {
        "command": _commande(str(dossier), "{port}", "{base_url}monographies", ()),
        "environment": {JETON: jeton},
        "timeout": ATTENTE,
        "new_browser_tab": False,
        "request_headers_override": {"Host": "localhost"},
        # Le chemin, jeton compris, n'est donné qu'à qui a déjà une séance Jupyter.
        "launcher_entry": {"title": "Coder l'étude", "category": "Monographies", "path_info": f"monographies/?jeton={jeton}",
                           "enabled": (dossier / "entretiens").is_dir()},
    }


def _commande(dossier: str, port: str, racine: str, noms: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "monographies", "coder", dossier, "--port", port, "--sans-navigateur", "--racine", racine,
            *(mot for nom in noms for mot in ("--nom", nom))]


def _racine_du_relais() -> str:
    """Le chemin du serveur Jupyter de ce carnet, s'il a le relais ; sinon vide."""
    if importlib.util.find_spec("jupyter_server_proxy") is None:
        return ""
    from jupyter_server.serverapp import list_running_servers

    parent = os.environ.get("JPY_PARENT_PID")
    return next((str(serveur["base_url"]) for serveur in list_running_servers() if str(serveur["pid"]) == parent), "")
