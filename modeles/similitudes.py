"""L'analyse de similitudes : quelles formes vont ensemble dans le propos.

Proposée par Flament (« L'analyse de similitude », Cahiers du Centre de recherche opérationnelle, 1962) ; appliquée
aux textes par Marchand et Ratinaud (« L'analyse de similitude appliquée aux corpus textuels », JADT 2012). Deux
formes sont liées par leurs cooccurrences : le nombre de segments qui les portent toutes deux. Du graphe complet,
illisible, on garde l'arbre maximum : le plus court ensemble d'arêtes qui tient tout ce qui se tient, par les liens
les plus forts. Les communautés sont celles de cet arbre, par fusion gloutonne de la modularité (Clauset, Newman et
Moore, « Finding community structure in very large networks », Physical Review E 70, 066111, 2004), l'un des
partages qu'offre IRaMuTeQ ; rien n'y est tiré au sort.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Literal

import networkx as nx
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.decomposition import PCA

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
    aretes, arbre = _aretes(_cooccurrences(ensembles, noms), noms, cooccurrences_min, indice)
    places = _placer(arbre)
    sommets = pd.DataFrame(
        {
            "forme": pd.Series(noms, dtype="str"),
            "effectif": pd.Series([effectifs[nom] for nom in noms], dtype="int64"),
            "communaute": _communautes(arbre, indice),
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
) -> tuple[pd.DataFrame, nx.Graph]:
    """Les arêtes, de la plus forte à la plus faible, et l'arbre maximum (sommets : rangs dans `noms`)."""
    seules = np.diag(communes)
    i, j = np.nonzero(np.triu(communes >= cooccurrences_min, k=1))
    table = pd.DataFrame({"i": i, "j": j, "cooccurrences": communes[i, j]})
    table["jaccard"] = communes[i, j] / np.maximum(1, seules[i] + seules[j] - communes[i, j])
    forces = ["cooccurrences", "jaccard"][:: 1 if indice == "cooccurrence" else -1]
    # Des sommets rangés et deux indices départagent les arêtes : l'arbre maximum est unique.
    table = table.sort_values([*forces, "i", "j"], ascending=[False, False, True, True], ignore_index=True)
    table["rang"] = np.arange(len(table))
    graphe = nx.empty_graph(len(noms))
    graphe.update(nx.from_pandas_edgelist(table, "i", "j", ["rang", *forces]))
    arbre = nx.minimum_spanning_tree(graphe, weight="rang")
    table["arbre"] = table["rang"].isin([rang for _, _, rang in arbre.edges(data="rang")])
    etiquettes = np.array(noms, dtype=object)
    table["source"] = pd.Series(etiquettes[table["i"]], dtype="str")
    table["cible"] = pd.Series(etiquettes[table["j"]], dtype="str")
    return table[list(COLONNES_ARETES)], arbre


def _communautes(arbre: nx.Graph, indice: Indice) -> NDArray[np.int64]:
    """Communauté de chaque sommet, 0 pour la plus nombreuse (à égalité, celle du premier sommet)."""
    force = "cooccurrences" if indice == "cooccurrence" else "jaccard"
    groupes = nx.community.greedy_modularity_communities(arbre, weight=force)
    numeros = np.empty(len(arbre), dtype=np.int64)
    for numero, groupe in enumerate(sorted(groupes, key=lambda groupe: (-len(groupe), min(groupe)))):
        numeros[list(groupe)] = numero
    return numeros


def _placer(arbre: nx.Graph) -> NDArray[np.float64]:
    """Place les sommets (n, 2) selon Kamada et Kawai, l'axe le plus étalé couché."""
    for i, j, arete in arbre.edges(data=True):  # plus un sommet a de voisins, plus il leur faut de place
        arete["longueur"] = 1 + math.sqrt(arbre.degree(i) + arbre.degree(j)) / 4
    chemins = dict(nx.shortest_path_length(arbre, weight="longueur"))
    # Deux morceaux se tiennent à la distance du plus étendu, plus un écart.
    loin = 1 + max((longueur for vers in chemins.values() for longueur in vers.values()), default=0.0)
    distances = {i: {j: vers.get(j, loin) for j in arbre} for i, vers in chemins.items()}
    places = np.array(list(nx.kamada_kawai_layout(arbre, dist=distances).values())).reshape(-1, 2)
    return PCA().fit_transform(places) if len(places) > 1 else places
