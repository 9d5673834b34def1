"""L'analyse de similitudes : quelles formes vont ensemble dans le propos.

Flament (« L'analyse de similitude », Cahiers du CERO 4, 1962, p. 63-81) ; appliquée aux textes par Marchand
et Ratinaud (« L'analyse de similitude appliquée aux corpus textuels », JADT 2012, p. 687-699). Deux formes
sont liées par leurs cooccurrences : le nombre de segments qui les portent toutes deux. Du graphe complet,
illisible, on garde l'arbre maximum : le plus court ensemble d'arêtes qui tient tout ce qui se tient, par
les liens les plus forts. Les communautés sont celles de cet arbre.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import minimum_spanning_tree

from modeles.communautes import communautes
from modeles.positions import placer

Indice = Literal["cooccurrence", "jaccard"]
COLONNES_SOMMETS = ("forme", "effectif", "communaute", "x", "y")
COLONNES_ARETES = ("source", "cible", "cooccurrences", "jaccard", "arbre")


def similitudes(
    segments: Iterable[Collection[str]],
    formes: Collection[str] | None = None,
    formes_max: int = 60,
    cooccurrences_min: int = 2,
    indice: Indice = "cooccurrence",
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Le graphe des cooccurrences et son arbre maximum.

    Parameters
    ----------
    segments : Iterable[Collection[str]]
        Les formes (ou lemmes pleins) de chaque segment ; une répétition dans un segment ne compte pas.
    formes : Collection[str], optional
        Les formes à étudier. Par défaut, les `formes_max` que portent le plus de segments (à égalité,
        les premières de l'alphabet).
    formes_max : int, default 60
        Nombre de formes au plus, quand `formes` n'est pas donné ; au-delà d'une centaine, le dessin ne se
        lit plus.
    cooccurrences_min : int, default 2
        Nombre de segments communs en deçà duquel deux formes ne sont pas liées.
    indice : {"cooccurrence", "jaccard"}
        La force d'un lien : cooccurrences, ou indice de Jaccard (segments communs / segments qui portent
        l'une ou l'autre), qui ne favorise pas les formes fréquentes.

    Returns
    -------
    sommets : pandas.DataFrame
        Colonnes forme, effectif (segments), communaute (0 pour la plus nombreuse), x et y (positions
        sans unité), du plus au moins fréquent puis par ordre alphabétique. Une forme que rien ne lie
        reste, seule dans sa communauté ; une forme demandée que nul segment ne porte n'y est pas.
    aretes : pandas.DataFrame
        Colonnes source, cible (formes, dans l'ordre des sommets), cooccurrences (segments communs),
        jaccard (0 à 1) et arbre (vrai pour une arête de l'arbre maximum), de la plus forte à la plus
        faible selon `indice`.

    Raises
    ------
    ValueError
        Indice inconnu, `formes_max` ou `cooccurrences_min` inférieur à 1.
    """
    if indice not in ("cooccurrence", "jaccard"):
        raise ValueError(f"l'indice est cooccurrence ou jaccard (reçu : « {indice} »)")
    for nom, valeur in (("formes_max", formes_max), ("cooccurrences_min", cooccurrences_min)):
        if valeur < 1:
            raise ValueError(f"{nom} doit être au moins 1, reçu {valeur}")
    ensembles = [set(segment) for segment in segments]
    effectifs = Counter(forme for ensemble in ensembles for forme in ensemble)
    admises = effectifs if formes is None else {f: effectifs[f] for f in set(formes) if f in effectifs}
    noms = sorted(admises, key=lambda forme: (-effectifs[forme], forme))
    if formes is None:
        noms = noms[:formes_max]
    aretes = _aretes(_cooccurrences(ensembles, noms), noms, cooccurrences_min, indice)
    rang = {nom: place for place, nom in enumerate(noms)}
    arbre = aretes[aretes["arbre"]]
    forces = np.zeros((len(noms), len(noms)))
    bouts = arbre["source"].map(rang).to_numpy(dtype=np.int64), arbre["cible"].map(rang).to_numpy(dtype=np.int64)
    valeurs = arbre["cooccurrences" if indice == "cooccurrence" else "jaccard"].to_numpy(dtype=np.float64)
    forces[bouts] = forces[bouts[::-1]] = valeurs
    places = placer(_longueurs(forces))
    sommets = pd.DataFrame(
        {
            "forme": pd.Series(noms, dtype="str"),
            "effectif": pd.Series([effectifs[nom] for nom in noms], dtype="int64"),
            "communaute": communautes(forces),
            "x": places[:, 0],
            "y": places[:, 1],
        }
    )
    return sommets, aretes


def _cooccurrences(ensembles: Sequence[set[str]], noms: Sequence[str]) -> NDArray[np.int64]:
    """Matrice (formes, formes) du nombre de segments communs ; la diagonale compte ceux de la forme."""
    rang = {nom: place for place, nom in enumerate(noms)}
    cases = [(ligne, rang[f]) for ligne, ensemble in enumerate(ensembles) for f in ensemble if f in rang]
    lignes, colonnes = np.array(cases, dtype=np.int64).reshape(-1, 2).T
    forme = (len(ensembles), len(noms))
    presence = csr_array((np.ones(len(cases), dtype=np.int64), (lignes, colonnes)), shape=forme)
    communes: NDArray[np.int64] = (presence.T @ presence).toarray()
    return communes


def _aretes(
    communes: NDArray[np.int64], noms: Sequence[str], cooccurrences_min: int, indice: Indice
) -> pd.DataFrame:
    seules = np.diag(communes)
    i, j = np.nonzero(np.triu(communes >= cooccurrences_min, k=1))
    table = pd.DataFrame({"i": i, "j": j, "cooccurrences": communes[i, j]})
    table["jaccard"] = communes[i, j] / np.maximum(1, seules[i] + seules[j] - communes[i, j])
    forces = ["cooccurrences", "jaccard"][:: 1 if indice == "cooccurrence" else -1]
    # Des sommets rangés et deux indices départagent les arêtes : l'arbre maximum est unique.
    table = table.sort_values([*forces, "i", "j"], ascending=[False, False, True, True], ignore_index=True)
    rangs = np.arange(len(table))
    # L'arbre minimum des opposés ; les rangs, sans égalité, tiennent lieu de forces.
    opposes = csr_array((rangs - len(table), (table["i"], table["j"])), shape=communes.shape)
    gardees = minimum_spanning_tree(opposes).data.astype(np.int64) + len(table)
    table["arbre"] = np.isin(rangs, gardees)
    etiquettes = np.array(noms, dtype=object)
    table["source"] = pd.Series(etiquettes[table["i"]], dtype="str")
    table["cible"] = pd.Series(etiquettes[table["j"]], dtype="str")
    return table[list(COLONNES_ARETES)]


def _longueurs(forces: NDArray[np.float64]) -> NDArray[np.float64]:
    """Longueur d'une arête pour le dessin : plus un sommet a de voisins, plus il leur faut de place."""
    voisins = (forces > 0).sum(axis=1)
    longueurs: NDArray[np.float64] = np.where(forces > 0, 1 + np.sqrt(voisins[:, None] + voisins) / 4, 0.0)
    return longueurs
