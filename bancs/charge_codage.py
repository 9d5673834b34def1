"""Vingt codeurs à la fois sur l'application de codage : `python -m bancs.charge_codage [--base ADRESSE] [--tuer]`.

Un vrai serveur, dans son processus ; vingt clients qui posent, modifient, retirent, annulent, jugent, sans repos autre
que `--pause`. Mesuré chez le client : durée de chaque écriture (p50, p95, plus longue). Vérifié ensuite dans la base :
tout acte acquitté y est, une fois ; le journal est intègre. `--tuer` tue le serveur (SIGKILL) au milieu, le relance, et
vérifie de même ; les clients renvoient alors leur acte sous la même clé.

Écrit une ligne par passage dans `bancs/resultats/charge_codage.md`.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path

import httpx
import numpy as np
from sqlalchemy import select

from codage import comptes
from codage.actes_equipe import affecter, compte
from codage.base import Base
from codage.droits import Acces
from codage.journal import controler
from codage.tables import acte, code, entretien, phrase
from coder import preparer
from corpus.references import DEMONSTRATION

CODEURS = 20
MOT = "mot de passe du banc"
RESULTATS = Path(__file__).parent / "resultats" / "charge_codage.md"
SERVEUR = """
import sys, uvicorn
from pathlib import Path
from codage.appli import Mode, construire
from codage.base import Base
uvicorn.run(construire(Base.ouvrir(Path(sys.argv[1]), sys.argv[2]), Mode("banc")), host="127.0.0.1", port=int(sys.argv[3]),
            log_level="error", access_log=False)
"""


class Serveur:
    """Le serveur, que l'on peut tuer et relancer sur le même port."""

    def __init__(self, dossier: Path, adresse: str) -> None:
        with socket.socket() as libre:
            libre.bind(("127.0.0.1", 0))
            self.port = libre.getsockname()[1]
        self.commande = [sys.executable, "-c", SERVEUR, str(dossier), adresse, str(self.port)]
        self.processus: subprocess.Popen[bytes] | None = None

    def lancer(self) -> None:
        """Lance et attend qu'il réponde."""
        self.processus = subprocess.Popen(self.commande)
        for _ in range(600):
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/", timeout=2)
                return
            except httpx.HTTPError:
                time.sleep(0.1)
        raise SystemExit("le serveur ne répond pas")

    def tuer(self) -> None:
        """SIGKILL."""
        assert self.processus is not None
        self.processus.send_signal(signal.SIGKILL)
        self.processus.wait()


class Codeur(threading.Thread):
    """Un client qui écrit jusqu'à la fin et retient ce qu'on lui a acquitté."""

    def __init__(
        self, nom: str, port: int, entretien: str, phrases: list[tuple[int, int]], codes: list[str], fin: float, pause: float
    ) -> None:
        super().__init__()
        self.nom, self.port, self.entretien, self.phrases, self.codes, self.fin = nom, port, entretien, phrases, codes, fin
        self.pause = pause
        self.hasard = random.Random(nom)
        self.durees: list[float] = []
        self.acquittes: list[str] = []
        self.inattendus: list[str] = []

    def run(self) -> None:
        """Écrit."""
        client = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=60)
        reponse = client.post("/api/connexion", json={"personne": self.nom, "mot_de_passe": MOT})
        reponse.raise_for_status()
        client.headers["X-CSRF"] = client.get("/api/moi").json()["csrf"]
        while time.monotonic() < self.fin:
            self._envoyer(client, self._acte(client))
            time.sleep(self.hasard.expovariate(1 / self.pause) if self.pause else 0)

    def _acte(self, client: httpx.Client) -> dict[str, object]:
        tire = self.hasard.random()
        acte_neuf: dict[str, object] = {"cle": uuid.UUID(int=self.hasard.getrandbits(128)).hex, "entretien": self.entretien}
        if tire < 0.15:
            return {**acte_neuf, "genre": "annuler"}
        if tire < 0.2:
            return {**acte_neuf, "genre": "refaire"}
        debut, fin = self.hasard.choice(self.phrases)
        return {
            **acte_neuf,
            "genre": "poser",
            "debut": debut,
            "fin": self.hasard.randint(debut + 1, fin),
            "code": self.hasard.choice(self.codes),
        }

    def _envoyer(self, client: httpx.Client, neuf: dict[str, object]) -> None:
        while True:
            depart = time.perf_counter()
            try:
                reponse = client.post("/api/actes", json=neuf)
            except httpx.HTTPError:  # serveur tué : le même acte, sous la même clé
                time.sleep(0.2)
                continue
            if reponse.status_code == 200:
                self.durees.append(time.perf_counter() - depart)
                self.acquittes.append(str(neuf["cle"]))
            elif reponse.status_code != 409:  # 409 : rien à annuler, ou déjà posé
                self.inattendus.append(f"{reponse.status_code} {reponse.text[:100]}")
            return


def equiper(base: Base) -> None:
    """Vingt comptes, chacun affecté à un entretien ; deux par entretien."""
    with base.ecrire() as connexion:
        chef = Acces(connexion, "chef")
        noms = list(connexion.scalars(select(entretien.c.id).order_by(entretien.c.rang).limit(CODEURS // 2)))
        for rang in range(CODEURS):
            compte(chef, f"compte-{rang:04d}", f"c{rang}", role="codeur")
            comptes.changer_mot_de_passe(connexion, f"c{rang}", MOT)
        for rang in range(CODEURS):
            affecter(Acces(connexion, "chef"), f"affecter-{rang:04d}", noms[rang // 2], f"c{rang}", False, True)


def principal() -> None:
    """Passe le banc."""
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--base", default="", help="adresse PostgreSQL d'une base vide ; sans elle, SQLite")
    analyseur.add_argument("--secondes", type=float, default=120)
    analyseur.add_argument("--pause", type=float, default=1.0, help="secondes entre deux actes d'un codeur, en moyenne")
    analyseur.add_argument("--tuer", action="store_true")
    options = analyseur.parse_args()
    with tempfile.TemporaryDirectory() as lieu:
        dossier = Path(lieu) / "etude"
        shutil.copytree(DEMONSTRATION, dossier)
        if options.base:
            reglages = dossier / "etude.toml"
            reglages.write_text(f'base = "{options.base}"\n' + reglages.read_text(encoding="utf-8"), encoding="utf-8")
        _, base = preparer(dossier, "chef")
        equiper(base)
        with base.lire() as connexion:
            affectes = {a[1]: a[0] for a in connexion.exec_driver_sql("SELECT entretien, personne FROM affectation")}
            codes = list(connexion.scalars(select(code.c.id)))
            phrases = {
                nom: [
                    tuple(p)
                    for p in connexion.execute(
                        select(phrase.c.debut, phrase.c.fin).where((phrase.c.entretien == nom) & (phrase.c.role == "enquete"))
                    )
                ]
                for nom in set(affectes.values())
            }
        serveur = Serveur(dossier, options.base)
        serveur.lancer()
        fin = time.monotonic() + options.secondes
        codeurs = [
            Codeur(qui, serveur.port, nom, phrases[nom], codes, fin, options.pause) for qui, nom in sorted(affectes.items())
        ]
        for un in codeurs:
            un.start()
        if options.tuer:
            time.sleep(options.secondes / 2)
            serveur.tuer()
            serveur.lancer()
        for un in codeurs:
            un.join()
        serveur.tuer()
        with base.lire() as connexion:
            inscrits = list(connexion.scalars(select(acte.c.cle)))
            fautes = controler(connexion)
        base.fermer()
    acquittes = [c for un in codeurs for c in un.acquittes]
    perdus = len(set(acquittes) - set(inscrits))
    doubles = len(inscrits) - len(set(inscrits)) + len(acquittes) - len(set(acquittes))
    inattendus = [faute for un in codeurs for faute in un.inattendus]
    p50, p95 = np.percentile([d for un in codeurs for d in un.durees], [50, 95]) * 1000
    longue = max(d for un in codeurs for d in un.durees) * 1000
    moteur = "PostgreSQL" if options.base else "SQLite"
    ligne = (
        f"| {moteur}{', serveur tué au milieu' if options.tuer else ''} | {len(acquittes)} | {p50:.0f} | {p95:.0f} "
        f"| {longue:.0f} | {perdus} | {doubles} | {len(inattendus)} | {'intègre' if not fautes else fautes[0]} |"
    )
    print(ligne)
    if not RESULTATS.exists():
        RESULTATS.write_text(
            f"{CODEURS} codeurs, {options.secondes:.0f} s ; `python -m bancs.charge_codage`.\n\n"
            "| base | actes acquittés | p50 (ms) | p95 (ms) | plus longue (ms) | perdus | doublés "
            "| réponses inattendues | journal |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n",
            encoding="utf-8",
        )
    gardees = [
        autre for autre in RESULTATS.read_text(encoding="utf-8").splitlines() if autre.split("|")[:2] != ligne.split("|")[:2]
    ]
    RESULTATS.write_text("\n".join([*gardees, ligne]) + "\n", encoding="utf-8")
    if perdus or doubles or inattendus or fautes:
        raise SystemExit(f"écritures perdues, doublées ou refusées sans raison : {inattendus[:3]} {fautes[:3]}")


if __name__ == "__main__":
    principal()
