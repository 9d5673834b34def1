"""Des plongements de segments aux numéros de thème.

Les étapes sont décrites et justifiées dans `modeles.themes`. Toutes rendent, pour les mêmes entrées, les
mêmes octets, à condition de tourner sur un seul fil de calcul.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from modeles.expressions import Expressions

Reels = NDArray[np.float64]
Entiers = NDArray[np.int64]

HORS_THEME = -1

_RETRAIT = 10.0
_VOISINS = 0.5
_PART_LEXICALE = 0.8
_TERMES_MAX = 1000
_COMPOSANTES = 30
_PROCHES = 10
_AMORCE_MAX = 1500
_SILHOUETTE_MAX = 1000
_SILHOUETTE_VISEE = 0.95
_REPRESENTATIFS = 3
_DIVERSITE = 0.4


def corriger(plongements: Reels, entretiens: Sequence[str] | None) -> Reels:
    """Retire des plongements ce qui est commun à tous et ce qui est propre à chaque voix.

    Parameters
    ----------
    plongements : numpy.ndarray de forme (n, d)
    entretiens : Sequence[str], optional
        Entretien de chaque segment ; None ne retire que la moyenne générale.

    Returns
    -------
    numpy.ndarray de forme (n, d)
        Vecteurs de norme 1 (nuls pour des segments confondus avec la moyenne).
    """
    if not len(plongements):
        return plongements
    corriges = plongements - plongements.mean(axis=0)
    noms = np.asarray(() if entretiens is None else entretiens, dtype=str)
    for nom in np.unique(noms):
        membres = noms == nom
        nombre = int(membres.sum())
        corriges[membres] -= corriges[membres].mean(axis=0) * nombre / (nombre + _RETRAIT)
    return normer(corriges)


def joindre_lexique(
    corriges: Reels, expressions: Expressions, pertinence: Mapping[str, float]
) -> Reels:
    """Adjoint aux plongements les termes des segments, pesés par leur rareté et leur pertinence.

    Parameters
    ----------
    corriges : numpy.ndarray de forme (n, d)
        Vecteurs rendus par `corriger`.
    expressions : Expressions
        Les termes des mêmes segments.
    pertinence : Mapping[str, float]
        Pertinence des termes (`modeles.expressions.peser`).

    Returns
    -------
    numpy.ndarray de forme (n, d + v)
        Vecteurs de norme 1 ; v est le nombre de termes retenus, 1 000 au plus.
    """
    n = len(corriges)
    porteurs = Counter(t for suite in expressions.termes for t in set(suite))
    forces = {
        t: pertinence.get(t, 0.0) * float(np.log(n / k))
        for t, k in porteurs.items()
        if 2 <= k <= max(2.0, n / 4) and pertinence.get(t, 0.0) > 0
    }
    retenus = sorted(forces, key=lambda t: (-forces[t] * porteurs[t], t))[:_TERMES_MAX]
    if not retenus:
        return corriges
    colonne = {terme: j for j, terme in enumerate(retenus)}
    lexique = np.zeros((n, len(retenus)))
    for rang, suite in enumerate(expressions.termes):
        for terme, k in sorted(Counter(suite).items()):
            if terme in colonne:
                lexique[rang, colonne[terme]] = np.log1p(k) * forces[terme]
    return normer(np.hstack([corriges, _PART_LEXICALE * normer(lexique)]))


def situer(corriges: Reels, entretiens: Sequence[str]) -> Reels:
    """Mêle à chaque segment une part de ses voisins dans l'entretien.

    Parameters
    ----------
    corriges : numpy.ndarray de forme (n, d)
        Vecteurs rendus par `corriger`, dans l'ordre du propos.
    entretiens : Sequence[str]
        Entretien de chaque segment.

    Returns
    -------
    numpy.ndarray de forme (n, d)
        Vecteurs de norme 1.
    """
    noms = np.asarray(entretiens, dtype=object)
    memes = (noms[1:] == noms[:-1])[:, None]
    situes = corriges.copy()
    situes[1:] += _VOISINS * memes * corriges[:-1]
    situes[:-1] += _VOISINS * memes * corriges[1:]
    return normer(situes)


def normer(vecteurs: Reels) -> Reels:
    """Ramène chaque vecteur à la norme 1 ; un vecteur nul le reste.

    Parameters
    ----------
    vecteurs : numpy.ndarray de forme (n, d)

    Returns
    -------
    numpy.ndarray de forme (n, d)
    """
    normes = np.linalg.norm(vecteurs, axis=1, keepdims=True)
    unitaires: Reels = np.where(normes > 1e-6, vecteurs / np.maximum(normes, 1e-6), 0.0)
    return unitaires


def reduire(vecteurs: Reels) -> Reels:
    """Garde les 30 premières composantes principales.

    Parameters
    ----------
    vecteurs : numpy.ndarray de forme (n, d)

    Returns
    -------
    numpy.ndarray de forme (n, min(30, n, d))
        Vecteurs de norme 1 ; l'entrée telle quelle quand il n'y a rien à réduire.
    """
    from sklearn.decomposition import PCA

    n, d = vecteurs.shape
    composantes = min(_COMPOSANTES, n, d)
    if n < 3 or composantes < 2 or not vecteurs.any():
        return vecteurs
    analyse = PCA(composantes, svd_solver="full" if n <= d else "covariance_eigh")
    return normer(analyse.fit_transform(vecteurs))


def regrouper(reduits: Reels, bas: int, haut: int, graine: int) -> Entiers:
    """Partage les segments en un nombre de thèmes pris entre deux bornes.

    Parameters
    ----------
    reduits : numpy.ndarray de forme (n, d)
        Vecteurs rendus par `reduire`.
    bas, haut : int
        Bornes du nombre de thèmes ; il n'y en a jamais plus que de segments distincts.
    graine : int
        Graine du sous-échantillon qui porte l'arbre au-delà de 1 500 segments.

    Returns
    -------
    numpy.ndarray de forme (n,)
        Numéros de thème, 0 pour le plus fourni.
    """
    n = len(reduits)
    distincts = len(np.unique(reduits.round(6), axis=0)) if n else 0
    haut, bas = min(haut, distincts), min(bas, distincts)
    if haut < 2:
        return np.zeros(n, dtype=np.int64)
    from scipy.cluster.hierarchy import fcluster, linkage
    from sklearn.cluster import KMeans
    from sklearn.metrics import silhouette_score

    amorce = np.arange(n)
    if n > _AMORCE_MAX:
        amorce = np.sort(np.random.default_rng(graine).choice(n, size=_AMORCE_MAX, replace=False))
    vecteurs = _vecteurs_propres(reduits[amorce], haut)
    mesures = np.unique(np.linspace(0, n - 1, min(n, _SILHOUETTE_MAX)).astype(np.int64))
    essais: list[tuple[float, Entiers]] = []
    for nombre in range(max(2, bas), haut + 1):
        axes = reduits[amorce] if vecteurs is None else normer(vecteurs[:, -nombre:])
        coupe = fcluster(linkage(axes, method="ward"), nombre, criterion="maxclust") - 1
        departs = barycentres(reduits[amorce], coupe, int(coupe.max()) + 1)
        numeros = KMeans(len(departs), init=departs, n_init=1).fit(reduits).labels_.astype(np.int64)
        comparable = bas < haut and 1 < len(np.unique(numeros[mesures])) < len(mesures)
        silhouette = float(silhouette_score(reduits[mesures], numeros[mesures])) if comparable else -1.0
        essais.append((silhouette, numeros))
    meilleure = max(silhouette for silhouette, _ in essais)
    visee = meilleure * _SILHOUETTE_VISEE if meilleure > 0 else meilleure
    return renumeroter(next(numeros for silhouette, numeros in essais if silhouette >= visee))


def _vecteurs_propres(reduits: Reels, nombre: int) -> Reels | None:
    """Premiers vecteurs propres du graphe des plus proches voisins, le premier en dernière colonne.

    None quand il y a trop peu de segments pour un tel graphe.
    """
    n = len(reduits)
    proches = min(_PROCHES, n // 2)
    if n < 3 * nombre or proches < 2:
        return None
    from scipy.linalg import eigh
    from sklearn.neighbors import kneighbors_graph

    graphe = kneighbors_graph(reduits, proches, include_self=True).toarray()
    graphe = (graphe + graphe.T) / 2
    racine = 1 / np.sqrt(graphe.sum(axis=1))
    _, vecteurs = eigh(racine[:, None] * graphe * racine, subset_by_index=[n - nombre, n - 1])
    propres: Reels = vecteurs * racine[:, None]
    return propres


def renumeroter(numeros: Entiers) -> Entiers:
    """Numérote les thèmes par effectif décroissant, à égalité par premier segment.

    Parameters
    ----------
    numeros : numpy.ndarray de forme (n,)
        Numéros quelconques ; -1, hors thème, le reste.

    Returns
    -------
    numpy.ndarray de forme (n,)
    """
    presents = [int(t) for t in np.unique(numeros) if t != HORS_THEME]
    ordre = sorted(presents, key=lambda t: (-int((numeros == t).sum()), int(np.argmax(numeros == t))))
    rang = {theme: nouveau for nouveau, theme in enumerate(ordre)} | {HORS_THEME: HORS_THEME}
    return np.array([rang[int(t)] for t in numeros], dtype=np.int64)


def barycentres(vecteurs: Reels, numeros: Entiers, nombre: int) -> Reels:
    """Moyenne des vecteurs de chaque thème.

    Parameters
    ----------
    vecteurs : numpy.ndarray de forme (n, d)
    numeros : numpy.ndarray de forme (n,)
    nombre : int
        Nombre de thèmes, tous représentés.

    Returns
    -------
    numpy.ndarray de forme (nombre, d)
    """
    if not nombre:
        return np.zeros((0, vecteurs.shape[1]))
    return np.stack([vecteurs[numeros == theme].mean(axis=0) for theme in range(nombre)])


def rattacher(reduits: Reels, numeros: Entiers) -> Reels:
    """Force du rattachement de chaque segment à son thème.

    Parameters
    ----------
    reduits : numpy.ndarray de forme (n, d)
        Vecteurs rendus par `reduire`.
    numeros : numpy.ndarray de forme (n,)
        Numéros de thème, sans hors thème.

    Returns
    -------
    numpy.ndarray de forme (n,)
        Cosinus au centre du thème, ramené à zéro s'il est négatif ; 1 pour des segments tous confondus.
    """
    if not reduits.any():
        return np.ones(len(numeros))
    centres = normer(barycentres(reduits, numeros, int(numeros.max(initial=-1)) + 1))
    poids: Reels = np.clip((reduits * centres[numeros]).sum(axis=1), 0.0, 1.0)
    return poids


def representer(reduits: Reels, rangs: Entiers, poids: Reels, voix: Sequence[str]) -> list[int]:
    """Choisit les segments à montrer : proches du centre, variés, de voix différentes si possible.

    Pertinence marginale maximale (Carbonell et Goldstein 1998), parmi le tiers le plus central.

    Parameters
    ----------
    reduits : numpy.ndarray de forme (n, d)
        Vecteurs rendus par `reduire`.
    rangs : numpy.ndarray
        Rangs des segments du thème.
    poids : numpy.ndarray de forme (n,)
        Forces de rattachement.
    voix : Sequence[str]
        L'entretien de chaque segment.

    Returns
    -------
    list[int]
        Trois rangs au plus, pris dans `rangs`.
    """
    ordre = rangs[np.argsort(-poids[rangs], kind="stable")]
    candidats = [int(r) for r in ordre[: max(10, len(ordre) // 3)]]
    choisis: list[int] = []
    while candidats and len(choisis) < _REPRESENTATIFS:
        neufs = [r for r in candidats if voix[r] not in {voix[c] for c in choisis}] or candidats
        redite = [max((float(reduits[r] @ reduits[c]) for c in choisis), default=0.0) for r in neufs]
        notes = [(1 - _DIVERSITE) * poids[r] - _DIVERSITE * d for r, d in zip(neufs, redite, strict=True)]
        choisis.append(neufs[int(np.argmax(notes))])
        candidats.remove(choisis[-1])
    return choisis
