"""Le temps et la mémoire de la classification de Reinert : `python -m bancs.reinert`.

Deux jeux : des segments tirés au sort (thèmes de formes à fréquences de Zipf, 5 000 × 3 000 par défaut) et
les segments de l'étude de démonstration, formes comptées au plus simple (mots d'au moins trois lettres,
hors mots vides, dans trois segments au moins). Pour chacun, sur un seul fil de calcul :

- `simple` : `modeles.reinert.Reinert`, en k classes, chaque segment étant une unité ;
- `double` : `modeles.reinert_double.ReinertDouble`, deux classifications croisées, en k classes au plus.

Le temps est la médiane de trois ajustements ; la mémoire, la crête des allocations de Python et de numpy
pendant un quatrième (`tracemalloc`), matrice d'entrée non comprise. Écrit `bancs/resultats/reinert.md`, sauf à changer
la taille du jeu.
"""

from __future__ import annotations

import argparse
import re
import statistics
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer
from threadpoolctl import threadpool_limits

from corpus.references import DEMONSTRATION, charger_references
from corpus.segments import segmenter
from extraction.langue import MOTS_VIDES
from modeles.reinert import Reinert
from modeles.reinert_double import ReinertDouble

RESULTATS = Path(__file__).parent / "resultats" / "reinert.md"
REPETITIONS = 3
THEMES = 12
PAR_DOCUMENT = 50
MOT = r"[^\W\d_]{3,}"
Jeu = tuple[sparse.csr_array, list[str]]


def synthetique(segments: int, formes: int, graine: int = 0) -> Jeu:
    """Segments de 10 à 25 formes d'un des douze thèmes ; un thème accentue une forme sur douze."""
    hasard = np.random.default_rng(graine)
    zipf = 1 / np.arange(1, formes + 1)
    chances = [np.where(np.arange(formes) % THEMES == theme, 6 * zipf, zipf) for theme in range(THEMES)]
    tailles = hasard.integers(10, 26, segments)
    colonnes = [
        hasard.choice(formes, size=taille, replace=False, p=chances[theme] / chances[theme].sum())
        for taille, theme in zip(tailles, hasard.integers(0, THEMES, segments), strict=True)
    ]
    debuts = np.concatenate([[0], np.cumsum(tailles)])
    presences = (np.ones(debuts[-1]), np.concatenate(colonnes), debuts)
    return sparse.csr_array(presences, shape=(segments, formes)), [
        f"d{rang // PAR_DOCUMENT}" for rang in range(segments)
    ]


def demonstration() -> Jeu:
    """Segments de l'étude de démonstration et leur entretien."""
    segments = segmenter(charger_references(DEMONSTRATION).phrases)
    vides = sorted({partie for mot in MOTS_VIDES for partie in re.findall(MOT, mot)})
    compteur = CountVectorizer(token_pattern=MOT, stop_words=vides, min_df=3)
    return sparse.csr_array(compteur.fit_transform(segments["texte"])), segments["entretien"].tolist()


def mesurer(tache: Callable[[], object]) -> tuple[float, float]:
    """Durée médiane (secondes) et crête de mémoire (octets) d'une tâche."""
    durees = []
    for _ in range(REPETITIONS):
        debut = time.perf_counter()
        tache()
        durees.append(time.perf_counter() - debut)
    tracemalloc.start()
    tache()
    crete = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return statistics.median(durees), float(crete)


def principal() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--segments", type=int, default=5000, help="segments du jeu tiré au sort")
    analyseur.add_argument("--formes", type=int, default=3000, help="formes du jeu tiré au sort")
    analyseur.add_argument("--classes", type=int, default=10)
    choix = analyseur.parse_args()
    lignes = ["| jeu | segments × formes | présences | méthode | classes | segments classés | temps | crête |",
              "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    jeux = {"tiré au sort": synthetique(choix.segments, choix.formes), "démonstration": demonstration()}
    for nom, (matrice, documents) in jeux.items():
        for methode, modele in (("simple", Reinert(choix.classes)), ("double", ReinertDouble(choix.classes))):
            with threadpool_limits(limits=1):
                duree, crete = mesurer(partial(modele.fit, matrice, documents=documents))
            cellules = [nom, " × ".join(map(str, matrice.shape)), str(matrice.nnz), methode,
                        str(modele.nb_classes_), f"{100 * (modele.labels_ > 0).mean():.0f} %",
                        f"{duree:.2f} s".replace(".", ","), f"{crete / 2**20:.0f} Mio"]
            lignes.append("| " + " | ".join(cellules) + " |")
            print(lignes[-1], flush=True)
    if analyseur.parse_args([]) == choix:
        tete = f"{choix.classes} classes au plus, un seul fil de calcul ; `python -m bancs.reinert`.\n\n"
        RESULTATS.write_text(tete + "\n".join(lignes) + "\n", encoding="utf-8")


if __name__ == "__main__":
    principal()
