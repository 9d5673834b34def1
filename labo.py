"""Ouvrir JupyterLab sur une étude et des carnets prêts, sans rien demander au réseau."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import secrets
import socket
import tempfile
from collections.abc import Callable
from pathlib import Path

from corpus.cache import ecriture_atomique
from corpus.etude import Etude
from corpus.fautes import ErreurEtude, Faute

LIVRES = Path(__file__).parent / "notebooks"
DOSSIER = "carnets"
VARIABLE = "MONOGRAPHIES_ETUDE"
LOCAL = "127.0.0.1"
_ORIGINE = ".origine.json"
# Les extensions qui interrogent le réseau : nouvelles de JupyterLab, gestionnaire d'extensions.
_EN_LIGNE = ("@jupyterlab/apputils-extension:announcements", "@jupyterlab/extensionmanager-extension")
# Menus et messages en français, par défaut : qui a choisi une autre langue dans JupyterLab la garde.
_EN_FRANCAIS = {"@jupyterlab/translation-extension:plugin": {"locale": "fr_FR"}}


def preparer(etude: Path) -> tuple[list[str], list[str]]:
    """Copie les carnets dans l'étude, sans toucher à ceux que l'on a modifiés.

    Parameters
    ----------
    etude : Path
        Le dossier d'étude.

    Returns
    -------
    copies, gardes : list[str]
        Carnets copiés ou mis à jour ; carnets modifiés, dont la version livrée a changé, laissés tels quels.
    """
    dossier = etude / DOSSIER
    origine = _lire_origine(dossier / _ORIGINE)
    copies, gardes = [], []
    for livre in sorted(LIVRES.glob("*.ipynb")):
        octets, place = livre.read_bytes(), dossier / livre.name
        neuve, connue = hashlib.sha256(octets).hexdigest(), origine.get(livre.name)
        if place.exists():
            if connue == neuve:
                continue
            if hashlib.sha256(place.read_bytes()).hexdigest() not in (connue, neuve):
                gardes.append(livre.name)
                continue
        with ecriture_atomique(place) as provisoire:
            provisoire.write_bytes(octets)
        origine[livre.name] = neuve
        copies.append(livre.name)
    with ecriture_atomique(dossier / _ORIGINE) as provisoire:
        provisoire.write_text(json.dumps(origine, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return copies, gardes


def _lire_origine(chemin: Path) -> dict[str, str]:
    """Empreinte de chaque carnet tel qu'il a été copié ; rien si le fichier manque ou est abîmé."""
    try:
        lue = json.loads(chemin.read_text(encoding="utf-8"))
        return {str(nom): str(empreinte) for nom, empreinte in lue.items()}
    except (OSError, ValueError, AttributeError):
        return {}


def servir(dossier: Path, port: int = 0, navigateur: bool = True, annoncer: Callable[[str], None] = print) -> None:
    """Sert JupyterLab, sur cette machine seulement et avec un jeton, jusqu'à ce qu'on l'arrête.

    Parameters
    ----------
    dossier : Path
        Le dossier d'étude ; les carnets le trouvent dans la variable `MONOGRAPHIES_ETUDE`.
    port : int
        0 : un port libre.
    navigateur : bool
        Ouvrir le navigateur.
    annoncer : callable
        Reçoit ce qu'il faut dire à l'utilisateur.

    Raises
    ------
    ErreurEtude
        Étude qui ne s'ouvre pas, JupyterLab absent, port pris.
    """
    Etude.ouvrir(dossier)
    manquent = [nom for nom in ("jupyterlab", "ipykernel", "itables", "altair") if importlib.util.find_spec(nom) is None]
    if manquent:
        raise ErreurEtude([Faute("labo", 0, f"il manque {', '.join(manquent)}",
                                 "installez le labo : pip install 'monographies[labo]'")])
    copies, gardes = preparer(dossier)
    if copies:
        annoncer(f"{len(copies)} carnets copiés dans {dossier / DOSSIER}/")
    for nom in gardes:
        annoncer(f"{DOSSIER}/{nom} : vous l'avez modifié, la nouvelle version livrée ne l'a pas remplacé ; "
                 "renommez-le pour la recevoir.")
    port, jeton = _reserver(port), secrets.token_urlsafe(24)
    annoncer(f"JupyterLab s'ouvre : http://{LOCAL}:{port}/lab?token={jeton}")
    annoncer("Arrêtez-le par Ctrl+C, après avoir enregistré vos carnets.")
    with tempfile.TemporaryDirectory() as reglages:
        _ecrire_reglages(Path(reglages), dossier, port, navigateur)
        os.environ |= {VARIABLE: str(dossier.resolve()), "JUPYTER_TOKEN": jeton, "JUPYTER_CONFIG_PATH": os.pathsep.join(
            filter(None, (reglages, os.environ.get("JUPYTER_CONFIG_PATH"))))}
        from jupyterlab.labapp import LabApp

        LabApp.launch_instance(argv=["-y"])


def _reserver(port: int) -> int:
    """Vérifie que le port peut servir ; en trouve un libre s'il vaut 0."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as essai:
        essai.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            essai.bind((LOCAL, port))
        except OSError as erreur:
            raise ErreurEtude([Faute("--port", 0, f"le port {port} ne peut pas servir ({erreur.strerror})",
                                     "choisissez-en un autre, ou laissez l'outil en trouver un")]) from erreur
        return int(essai.getsockname()[1])


def _ecrire_reglages(reglages: Path, etude: Path, port: int, navigateur: bool) -> None:
    """Les réglages du serveur et de la page : tout sur cette machine, rien en ligne, en français."""
    serveur = {
        "ServerApp": {"ip": LOCAL, "port": port, "port_retries": 0, "open_browser": navigateur, "allow_root": True,
                      "log_level": "ERROR", "root_dir": str(etude.resolve()), "default_url": f"/lab/tree/{DOSSIER}"},
        "LabApp": {"log_level": "ERROR", "default_url": f"/lab/tree/{DOSSIER}", "news_url": None,
                   "extension_manager": "readonly",
                   "check_for_updates_class": "jupyterlab.NeverCheckForUpdate"}}
    (reglages / "jupyter_server_config.json").write_text(json.dumps(serveur), encoding="utf-8")
    lab = reglages / "labconfig"
    lab.mkdir()
    (lab / "page_config.json").write_text(json.dumps({"disabledExtensions": dict.fromkeys(_EN_LIGNE, True)}), encoding="utf-8")
    (lab / "default_setting_overrides.json").write_text(json.dumps(_EN_FRANCAIS), encoding="utf-8")
