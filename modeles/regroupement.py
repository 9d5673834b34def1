"""Des plongements de segments aux numéros de thème.

Les étapes sont décrites et justifiées dans `modeles.themes`. Toutes rendent, pour les mêmes entrées, les
mêmes octets, à condition de tourner sur un seul fil de calcul.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from modeles.expressions import Expressions
from modeles.extraits import tirer

Reels = NDArray[np.float64]
Entiers = NDArray[np.int64]

HORS_THEME = -1
TIRAGES = 0
"""Graine des tirages du consensus : toujours la même, pour que les thèmes d'une étude ne dépendent pas d'un réglage."""

_RETRAIT = 10.0
_VOISINS = 0.5
_PART_LEXICALE = 0.8
_TERMES_MAX = 1000
_COMPOSANTES = 30
_PARTAGES = 300
_PARTAGES_DU_CHOIX = 150
_PART_DU_PARTAGE = 0.5
_AMORCE_MAX = 3000
_SILHOUETTE_MAX = 1000
_SILHOUETTE_VISEE = 0.95
_REPRESENTATIFS = 3
_DIVERSITE = 0.4


def corriger(plongements: Reels, entretiens: Sequence[str] | None, moyenne: Reels | None = None) -> Reels:
    """Retire des plongements ce qui est commun à tous et ce qui est propre à chaque voix.

    Parameters
    ----------
    plongements : numpy.ndarray de forme (n, d)
    entretiens : Sequence[str], optional
        Entretien de chaque segment ; None ne retire que la moyenne générale.
    moyenne : numpy.ndarray de forme (d,), optional
        La moyenne générale ; None : celle de ces plongements.

    Returns
    -------
    numpy.ndarray de forme (n, d)
        Vecteurs de norme 1 (nuls pour des segments confondus avec la moyenne).
    """
    if not len(plongements):
        return plongements
    corriges = plongements - (plongements.mean(axis=0) if moyenne is None else moyenne)
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


def partager(
    vecteurs: Reels, entretiens: Sequence[str], nombres: Sequence[int], essais: int = _PARTAGES
) -> sparse.csr_array:
    """Partage de nombreuses fois les segments, chaque fois d'après la moitié des entretiens.

    Chaque partage est celui des k-moyennes de cette moitié, étendu à tous les segments par le centre le plus proche.
    Les tirages sont toujours les mêmes.

    Parameters
    ----------
    vecteurs : numpy.ndarray de forme (n, d)
    entretiens : Sequence[str]
        Entretien de chaque segment.
    nombres : Sequence[int]
        Nombres de groupes, à tour de rôle.
    essais : int, default 300
        Nombre de partages.

    Returns
    -------
    scipy.sparse.csr_array de forme (n, nombre total de groupes)
        1 quand le segment est dans le groupe : `essais` par ligne.
    """
    from sklearn.cluster import KMeans

    distincts = np.unique(vecteurs.round(6), axis=0, return_inverse=True)[1].ravel()
    groupes: list[Entiers] = []
    total = 0
    for essai, rangs in enumerate(tirer(entretiens, essais, TIRAGES, _PART_DU_PARTAGE)):
        nombre = min(nombres[essai % len(nombres)], len(np.unique(distincts[rangs])))
        moyennes = KMeans(nombre, n_init=1, random_state=essais * TIRAGES + essai).fit(vecteurs[rangs])
        groupes.append(total + moyennes.predict(vecteurs))
        total += nombre
    colonnes = np.stack(groupes, axis=1).ravel()
    debuts = np.arange(0, len(colonnes) + 1, essais)
    return sparse.csr_array((np.ones(len(colonnes)), colonnes, debuts), shape=(len(vecteurs), total))


def accorder(partages: sparse.csr_array, nombres: Sequence[int]) -> list[Entiers]:
    """Le consensus de partages : deux segments y sont d'autant plus liés que plus de partages les réunissent.

    Fred et Jain (« Combining multiple clusterings using evidence accumulation », IEEE Transactions on Pattern
    Analysis and Machine Intelligence 27(6), 2005) pour la liaison ; vecteurs propres du graphe ainsi pesé (Ng, Jordan
    et Weiss 2001), coupés par une factorisation QR, sans tirage (Damle, Minden et Ying, « Simple, direct and efficient
    multi-way spectral clustering », Information and Inference 8(1), 2019).

    Parameters
    ----------
    partages : scipy.sparse.csr_array
        Rendus par `partager`.
    nombres : Sequence[int]
        Nombres de groupes voulus, au moins 2 et au plus n.

    Returns
    -------
    list[numpy.ndarray de forme (n,)]
        Les groupes, pour chaque nombre ; il peut y en avoir moins.
    """
    from scipy.linalg import qr, svd
    from scipy.sparse.linalg import svds

    haut = max(nombres)
    masses = partages @ (partages.T @ np.ones(partages.shape[0]))
    normes = sparse.diags_array(1 / np.sqrt(masses)) @ partages
    if 3 * haut < min(normes.shape):
        depart = np.random.default_rng(0).normal(size=min(normes.shape))
        axes, valeurs, _ = svds(normes, haut, v0=depart)
        axes = axes[:, np.argsort(-valeurs)]
    else:
        axes = svd(normes.toarray(), full_matrices=False)[0]
    consensus = []
    for nombre in nombres:
        premiers = axes[:, :nombre]
        pivots = qr(premiers.T, mode="r", pivoting=True)[1][: premiers.shape[1]]
        gauche, _, droite = svd(premiers[pivots].T)
        consensus.append(np.abs(premiers @ (gauche @ droite)).argmax(axis=1).astype(np.int64))
    return consensus


def regrouper(
    reduits: Reels, nombres: Sequence[int], graine: int, entretiens: Sequence[str] | None = None
) -> Entiers:
    """Partage les segments en thèmes : le consensus de partages, étendu à tous par le centre le plus proche.

    Parameters
    ----------
    reduits : numpy.ndarray de forme (n, d)
        Vecteurs rendus par `reduire`.
    nombres : Sequence[int]
        Nombres de thèmes entre lesquels choisir, croissants ; il n'y en a jamais plus que de segments distincts.
    graine : int
        Graine du sous-échantillon qui porte le consensus au-delà de 3 000 segments.
    entretiens : Sequence[str], optional
        Entretien de chaque segment ; None : un par segment.

    Returns
    -------
    numpy.ndarray de forme (n,)
        Numéros de thème, 0 pour le plus fourni.
    """
    n = len(reduits)
    distincts = len(np.unique(reduits.round(6), axis=0)) if n else 0
    possibles = sorted({min(nombre, distincts) for nombre in nombres} - {0, 1})
    if not possibles:
        return np.zeros(n, dtype=np.int64)
    from sklearn.metrics import pairwise_distances_argmin

    amorce = np.arange(n)
    if n > _AMORCE_MAX:
        amorce = np.sort(np.random.default_rng(graine).choice(n, size=_AMORCE_MAX, replace=False))
    vecteurs, voix = reduits[amorce], np.asarray(range(n) if entretiens is None else entretiens, dtype=str)[amorce]
    nombre = _choisir(vecteurs, voix.tolist(), possibles)
    groupes = renumeroter(accorder(partager(vecteurs, voix.tolist(), [nombre]), [nombre])[0])
    return renumeroter(pairwise_distances_argmin(reduits, barycentres(vecteurs, groupes)))


def _choisir(vecteurs: Reels, entretiens: Sequence[str], nombres: Sequence[int]) -> int:
    """Le nombre de thèmes de meilleure silhouette (Rousseeuw 1987), augmenté tant qu'il la garde à 5 % près."""
    if len(nombres) == 1:
        return nombres[0]
    from sklearn.metrics import silhouette_score

    haut = max(nombres)
    partages = partager(vecteurs, entretiens, range(max(2, haut // 2), haut + 1), _PARTAGES_DU_CHOIX)
    mesures = np.unique(np.linspace(0, len(vecteurs) - 1, min(len(vecteurs), _SILHOUETTE_MAX)).astype(np.int64))
    silhouettes = []
    for groupes in accorder(partages, nombres):
        comparable = 1 < len(np.unique(groupes[mesures])) < len(mesures)
        silhouettes.append(float(silhouette_score(vecteurs[mesures], groupes[mesures])) if comparable else -1.0)
    choix = int(np.argmax(silhouettes))
    visee = _SILHOUETTE_VISEE * silhouettes[choix]
    while choix + 1 < len(nombres) and silhouettes[choix + 1] >= visee:
        choix += 1
    return nombres[choix]


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


def barycentres(vecteurs: Reels, numeros: Entiers) -> Reels:
    """Moyenne des vecteurs de chaque thème.

    Parameters
    ----------
    vecteurs : numpy.ndarray de forme (n, d)
    numeros : numpy.ndarray de forme (n,)
        Numéros de thème, de 0 à k - 1, tous représentés ; -1, hors thème, n'est d'aucun.

    Returns
    -------
    numpy.ndarray de forme (k, d)
    """
    nombre = int(numeros.max(initial=HORS_THEME)) + 1
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
    centres = normer(barycentres(reduits, numeros))
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
