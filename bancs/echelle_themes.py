"""Les thèmes à l'échelle d'une étude nationale : `python -m bancs.themes --echelle`.

Le corpus est grossi en répétant les segments de la démonstration jusqu'au nombre de mots voulu (1,2 million par
défaut). À chaque répétition, les segments sont mélangés puis répartis dans des entretiens nouveaux, de mêmes
longueurs : les propos se ressemblent d'une copie à l'autre, mais ni leur voisinage ni leur voix ne se répètent.
Cela ne mesure que le temps et la mémoire : les thèmes trouvés n'ont pas de sens.

Chaque méthode tourne dans un processus à part, sur un seul fil de calcul. La mémoire est la crête de la mémoire
résidente du processus, données et bibliothèques comprises, relevée tous les vingtièmes de seconde ; la colonne
d'avant en dit le départ.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from math import ceil
from pathlib import Path

import numpy as np
import pandas as pd
import psutil

from bancs.methodes_themes import Methode, Portee, choisir, methodes, themes, themes_seuls
from modeles.themes import Themes

MOTS = 1_200_000
STABILITE = "Themes, stabilité comprise"


def grossir(
    segments: pd.DataFrame, plongements: np.ndarray, mots: int, graine: int = 0
) -> tuple[pd.DataFrame, np.ndarray]:
    """Répète et mélange les segments jusqu'au nombre de mots voulu.

    Parameters
    ----------
    segments : pandas.DataFrame
        Colonnes entretien, texte, lemmes.
    plongements : numpy.ndarray de forme (n, d)
    mots : int
        Nombre de mots (suites de caractères sans blanc), au moins.
    graine : int

    Returns
    -------
    segments : pandas.DataFrame
        Mêmes colonnes ; les entretiens de la répétition r s'appellent « r-entretien ».
    plongements : numpy.ndarray
        Leurs plongements.
    """
    hasard = np.random.default_rng(graine)
    tailles = segments["texte"].str.split().str.len().to_numpy()
    copies = ceil(mots / tailles.sum())
    rangs = np.concatenate([hasard.permutation(len(segments)) for _ in range(copies)])
    copie = np.repeat(np.arange(copies), len(segments))
    noms = [f"{c}-{nom}" for c, nom in zip(copie, np.tile(segments["entretien"], copies), strict=True)]
    garder = np.cumsum(tailles[rangs]) - tailles[rangs] < mots
    grossis = segments.iloc[rangs][["texte", "lemmes"]].assign(entretien=noms)[garder]
    return grossis.reset_index(drop=True), plongements[rangs[garder]]


@contextmanager
def _crete() -> Iterator[list[int]]:
    """La mémoire résidente du processus (octets) : au départ, puis sa crête, qui ne fait que monter."""
    processus, fini = psutil.Process(), threading.Event()
    depart = processus.memory_info().rss
    releve = [depart, depart]

    def relever() -> None:
        while not fini.wait(0.05):
            releve[1] = max(releve[1], processus.memory_info().rss)

    fil = threading.Thread(target=relever, daemon=True)
    fil.start()
    try:
        yield releve
    finally:
        releve[1] = max(releve[1], processus.memory_info().rss)
        fini.set()
        fil.join()


def _mesurer(nom: str, dossier: str) -> tuple[float, int, int, int]:
    """Secondes, crêtes de mémoire avant et après (octets), nombre de thèmes d'une méthode."""
    from threadpoolctl import threadpool_limits

    segments = pd.read_pickle(Path(dossier) / "segments.pkl")
    plongements = np.load(Path(dossier) / "plongements.npy")
    portee = Portee(segments, plongements)
    with threadpool_limits(limits=1), _crete() as releve:
        debut = time.perf_counter()
        numeros = _methodes()[nom](portee, 0)
        duree = time.perf_counter() - debut
    return duree, releve[0], releve[1], len(set(numeros.tolist()) - {-1})


def _methodes() -> dict[str, Methode]:
    """Celles qu'on mesure : toutes, sauf celles qui veulent des repères ; les nôtres, avec et sans leur stabilité."""
    eprouves = partial(themes_seuls, essais_stabilite=Themes().essais_stabilite)
    return {STABILITE: eprouves} | {nom: methode for nom, methode in methodes().items() if methode is not themes}


def passer_a_l_echelle(
    segments: pd.DataFrame, plongements: np.ndarray, mots: int, debuts: list[str] | None
) -> pd.DataFrame:
    """Mesure chaque méthode sur le corpus grossi.

    Parameters
    ----------
    segments, plongements
        Comme `grossir`.
    mots : int
        Nombre de mots visé.
    debuts : list[str], optional
        Débuts des noms des méthodes à mesurer.

    Returns
    -------
    pandas.DataFrame
        Colonnes méthode, segments, mots, secondes, Mio avant, Mio en crête, thèmes.
    """
    grossis, vecteurs = grossir(segments, plongements, mots)
    total = int(grossis["texte"].str.split().str.len().sum())
    voulues = choisir(_methodes(), debuts)
    contexte = multiprocessing.get_context("spawn")
    lignes = []
    with tempfile.TemporaryDirectory() as dossier:
        grossis.to_pickle(Path(dossier) / "segments.pkl")
        np.save(Path(dossier) / "plongements.npy", vecteurs)
        for nom in voulues:
            with contexte.Pool(1) as processus:
                duree, avant, apres, trouves = processus.apply(_mesurer, (nom, dossier))
            lignes.append({"méthode": nom, "segments": len(grossis), "mots": total, "secondes": duree,
                           "Mio avant": round(avant / 2**20), "Mio en crête": round(apres / 2**20), "thèmes": trouves})
            print(lignes[-1], flush=True)
    return pd.DataFrame(lignes)
