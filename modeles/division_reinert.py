"""Couper une classe en deux : le pas élémentaire de la classification de Reinert.

Une classe est une matrice creuse de présence (unités × formes). Sa coupure se cherche en trois temps
(Reinert 1983, « Une méthode de classification descendante hiérarchique », Cahiers de l'analyse des
données 8(2) ; l'implémentation suit la description du paquet R rainette de Julien Barnier, réécrite) :

1. *L'axe* (`axe`) : les unités sont rangées le long de la première composante de l'analyse factorielle
   des correspondances.
2. *La coupure* (`couper`) : on coupe ce rangement là où le χ² du tableau 2 × formes est le plus grand.
3. *Le déplacement* (`deplacer`) : l'unité dont le changement de côté augmente le plus le χ² en change,
   et ainsi de suite jusqu'à ce qu'aucune ne l'augmente.

Puis chaque côté perd les formes rares chez lui et celles de l'autre (`retirer`).

Tout repose sur une écriture du χ². Soient, pour la forme j, tⱼ son effectif à gauche et cⱼ l'effectif
total ; S la masse (somme des présences) à gauche, N la masse totale. Alors

    χ² = (Σⱼ tⱼ²/cⱼ − S²/N) · N² / (S (N − S))

et changer de côté une unité ne modifie que S et, pour ses propres formes, tⱼ : le coût d'une unité est le
nombre de ses formes. La matrice n'est jamais densifiée.

Deux valeurs de χ², deux coordonnées sur l'axe, un coefficient et son seuil sont tenus pour égaux quand
ils le sont aux erreurs d'arrondi près, et le rang départage : le résultat ne dépend pas de l'ordre des
sommes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

Reels = NDArray[np.float64]
Entiers = NDArray[np.int64]
Booleens = NDArray[np.bool_]

_EGALITE = 1e-9
_PETITE_TABLE = 60
_INERTIE_NULLE = 1e-10


@dataclass(frozen=True)
class Coupure:
    """Une classe coupée en deux.

    Attributes
    ----------
    gauche, droite : numpy.ndarray
        Rangs des lignes de chaque côté, croissants ; le côté gauche contient la première ligne classée.
        Les lignes sans forme ne sont d'aucun côté.
    formes_gauche, formes_droite : numpy.ndarray
        Rangs, croissants, des colonnes qu'y garde la suite de la classification.
    khi2 : float
        χ² du tableau 2 × formes.
    deplacements : int
        Nombre d'unités déplacées après la coupure de l'axe.
    """

    gauche: Entiers
    droite: Entiers
    formes_gauche: Entiers
    formes_droite: Entiers
    khi2: float
    deplacements: int


def diviser(presence: sparse.csr_array, cc_test: float, tsj: int) -> Coupure | None:
    """Coupe une classe en deux.

    Parameters
    ----------
    presence : scipy.sparse.csr_array de forme (n, p)
        Zéros et uns.
    cc_test : float
        Coefficient de contingence au-delà duquel une forme ne reste que du côté qui la surreprésente.
    tsj : int
        Effectif d'un côté en dessous duquel une forme n'y reste pas.

    Returns
    -------
    Coupure, optional
        None quand rien ne distingue les unités (moins de deux lignes ou colonnes non vides, ou des
        lignes toutes pareilles).
    """
    lignes = np.flatnonzero(np.diff(presence.indptr))
    colonnes = np.flatnonzero(np.bincount(presence.indices, minlength=presence.shape[1]))
    pleine = presence[lignes][:, colonnes]
    coordonnees = axe(pleine)
    if coordonnees is None:
        return None
    ordre = ranger(coordonnees)
    rangee = pleine[ordre]
    premiers, khi2 = couper(rangee)
    cote = np.arange(len(ordre)) < premiers
    cote, khi2, deplacements = deplacer(rangee, cote, khi2)
    gauche = np.zeros(len(lignes), dtype=bool)
    gauche[ordre] = cote
    if not gauche[0]:
        gauche = ~gauche
    formes_gauche, formes_droite = retirer(pleine, gauche, cc_test, tsj)
    return Coupure(lignes[gauche], lignes[~gauche], colonnes[formes_gauche], colonnes[formes_droite],
                   khi2, deplacements)


def axe(presence: sparse.csr_array) -> Reels | None:
    """Première composante de l'analyse factorielle des correspondances, du côté des lignes.

    C'est le premier vecteur singulier de (P − r cᵀ) / √(r cᵀ), où P est la matrice de somme 1, r et c ses
    marges. Le terme r cᵀ est retranché à chaque produit par un vecteur, sans former de matrice pleine ; on
    cherche le vecteur propre de la plus petite des deux matrices de produits (Lanczos, ARPACK).

    Parameters
    ----------
    presence : scipy.sparse.csr_array de forme (n, p)
        Sans ligne ni colonne vide.

    Returns
    -------
    numpy.ndarray de forme (n,), optional
        Coordonnées, à un facteur près ; leur plus grande valeur absolue est 1 et positive. None quand
        l'inertie est nulle : toutes les lignes ont le même profil.
    """
    n, p = presence.shape
    if min(n, p) < 2:
        return None
    lignes, colonnes = _marges(presence)
    racine_lignes, racine_colonnes = np.sqrt(lignes / lignes.sum()), np.sqrt(colonnes / lignes.sum())
    poids = presence.data / np.sqrt(np.repeat(lignes, np.diff(presence.indptr)) * colonnes[presence.indices])
    if poids @ poids - 1 < _INERTIE_NULLE:
        return None
    reduite = sparse.csr_array((poids, presence.indices, presence.indptr), shape=presence.shape)
    transposee = reduite.T.tocsr()
    if n <= p:
        vecteur = _premier_vecteur(reduite, transposee, racine_lignes)
    else:
        vecteur = _premier_vecteur(transposee, reduite, racine_colonnes)
        vecteur = reduite @ vecteur - racine_lignes * (racine_colonnes @ vecteur)
    coordonnees = vecteur / racine_lignes
    amplitude = np.abs(coordonnees)
    return np.asarray(coordonnees / coordonnees[_premier_maximum(amplitude)], dtype=np.float64)


def _premier_vecteur(a: sparse.csr_array, at: sparse.csr_array, trivial: Reels) -> Reels:
    """Premier vecteur propre de a aᵀ, privée du vecteur propre trivial (de norme 1, de valeur 1)."""
    m = a.shape[0]
    if m <= _PETITE_TABLE:
        produits = (a @ at).toarray() - np.outer(trivial, trivial)
        return np.asarray(np.linalg.eigh(produits)[1][:, -1])
    from scipy.sparse.linalg import LinearOperator, eigsh

    def produit(v: Reels) -> Reels:
        w = v.ravel()
        return np.asarray(a @ (at @ w) - trivial * (trivial @ w))

    depart = np.random.default_rng(0).normal(size=m)
    depart -= trivial * (trivial @ depart)
    operateur = LinearOperator((m, m), matvec=produit, dtype=np.float64)
    return np.asarray(eigsh(operateur, k=1, which="LA", v0=depart, tol=0)[1][:, 0])


def ranger(coordonnees: Reels) -> Entiers:
    """Rangs des lignes par coordonnée croissante ; à égalité (1e-9 près), la première d'abord.

    Parameters
    ----------
    coordonnees : numpy.ndarray de forme (n,)
        Coordonnées rendues par `axe`.

    Returns
    -------
    numpy.ndarray de forme (n,)
    """
    return np.argsort(np.round(coordonnees / _EGALITE), kind="stable").astype(np.int64)


def couper(presence: sparse.csr_array) -> tuple[int, float]:
    """Cherche le début de la matrice qui se distingue le plus de la fin.

    Ajouter une ligne au début ajoute à Σ t²/c, pour chacune de ses formes, (2t + 1)/c, où t compte les
    lignes précédentes qui ont la forme : une somme cumulée donne le χ² des n − 1 coupures.

    Parameters
    ----------
    presence : scipy.sparse.csr_array de forme (n, p)
        Lignes rangées le long de l'axe ; sans ligne ni colonne vide, n ≥ 2.

    Returns
    -------
    tuple[int, float]
        Nombre de lignes du début et χ² ; à égalité, le plus petit.
    """
    par_forme = presence.tocsc()
    effectifs = np.diff(par_forme.indptr)
    deja = np.arange(par_forme.nnz) - np.repeat(par_forme.indptr[:-1], effectifs)
    apports = np.bincount(par_forme.indices, (2 * deja + 1) / np.repeat(effectifs, effectifs), presence.shape[0])
    masses = np.cumsum(np.diff(presence.indptr)).astype(np.float64)
    khi2 = _khi2(np.cumsum(apports), masses, float(presence.nnz))[:-1]
    rang = _premier_maximum(khi2)
    return rang + 1, float(khi2[rang])


def deplacer(presence: sparse.csr_array, gauche: Booleens, khi2: float) -> tuple[Booleens, float, int]:
    """Change de côté, une à une, les unités dont le changement augmente le plus le χ².

    À chaque pas, le χ² de tous les changements possibles vient d'une expression vectorielle : changer de
    côté la ligne i ajoute Σ (1 ± 2tⱼ)/cⱼ, sur ses formes, à Σ t²/c. Après un changement, seules sont
    reprises les lignes qui partagent une forme avec la ligne déplacée.

    rainette (fonction `switch_docs`, version 0.3.2) vise la même suite de changements, mais désigne la
    ligne à déplacer d'après le rangement de départ alors que les χ² sont rendus dans l'ordre des deux
    groupes : dès le deuxième changement, ce n'est plus forcément la bonne. Ici c'est toujours celle dont
    le χ² est le plus grand, et le χ² rendu est celui de la partition rendue.

    Parameters
    ----------
    presence : scipy.sparse.csr_array de forme (n, p)
        Sans ligne ni colonne vide.
    gauche : numpy.ndarray de booléens, de forme (n,)
        Les lignes du côté gauche, ni aucune ni toutes.
    khi2 : float
        χ² de cette partition.

    Returns
    -------
    tuple[numpy.ndarray, float, int]
        La nouvelle partition, son χ² et le nombre de changements.
    """
    gauche = gauche.copy()
    n = len(gauche)
    lignes, colonnes = _marges(presence)
    total, inverses = float(lignes.sum()), 1.0 / colonnes
    par_forme = presence.tocsc()
    debuts, porteurs = par_forme.indptr.tolist(), par_forme.indices
    a_gauche = presence.T @ gauche.astype(np.float64)
    fixes = presence @ inverses
    croises = presence @ (a_gauche * inverses)
    sens = np.where(gauche, -1.0, 1.0)
    deplacements = 0
    while True:
        somme = float(a_gauche @ (a_gauche * inverses))
        essais = _khi2(somme + 2 * sens * croises + fixes, float(a_gauche.sum()) + sens * lignes, total)
        rang = _premier_maximum(essais)
        if not essais[rang] > khi2 + _EGALITE * (1 + khi2):
            return gauche, khi2, deplacements
        khi2 = float(essais[rang])
        formes = presence.indices[presence.indptr[rang] : presence.indptr[rang + 1]]
        a_gauche[formes] += sens[rang]
        touchees = np.concatenate([porteurs[debuts[j] : debuts[j + 1]] for j in formes.tolist()])
        apports = np.repeat(inverses[formes], colonnes[formes].astype(np.int64))
        croises += sens[rang] * np.bincount(touchees, apports, n)
        sens[rang] = -sens[rang]
        gauche[rang] = not gauche[rang]
        deplacements += 1


def retirer(
    presence: sparse.csr_array, gauche: Booleens, cc_test: float, tsj: int
) -> tuple[Entiers, Entiers]:
    """Les formes que garde chaque côté pour la suite de la classification.

    Un côté garde une forme qu'y portent au moins `tsj` unités, si elle ne distingue guère les deux côtés
    (coefficient de contingence √(χ²/(χ² + c)) au plus `cc_test`, où χ² compare ses effectifs aux masses
    des deux côtés et c est son effectif total) ou si ce côté la surreprésente.

    Parameters
    ----------
    presence : scipy.sparse.csr_array de forme (n, p)
        Sans ligne ni colonne vide.
    gauche : numpy.ndarray de booléens, de forme (n,)
    cc_test : float
        Entre 0 et 1.
    tsj : int
        En nombre d'unités.

    Returns
    -------
    tuple[numpy.ndarray, numpy.ndarray]
        Rangs des formes gardées à gauche et à droite.
    """
    lignes, colonnes = _marges(presence)
    total, masse = float(lignes.sum()), float(lignes[gauche].sum())
    a_gauche = presence.T @ gauche.astype(np.float64)
    ecart = a_gauche * total - colonnes * masse  # entiers : le signe est exact
    khi2 = ecart**2 / (colonnes * masse * (total - masse))
    communes = np.sqrt(khi2 / (khi2 + colonnes)) <= cc_test + _EGALITE
    gardees_gauche = (a_gauche >= tsj) & (communes | (ecart > 0))
    gardees_droite = (colonnes - a_gauche >= tsj) & (communes | (ecart < 0))
    return np.flatnonzero(gardees_gauche), np.flatnonzero(gardees_droite)


def _marges(presence: sparse.csr_array) -> tuple[Reels, Reels]:
    """Nombres de formes par ligne et de lignes par forme."""
    lignes = np.diff(presence.indptr).astype(np.float64)
    return lignes, np.bincount(presence.indices, minlength=presence.shape[1]).astype(np.float64)


def _khi2(sommes: Reels, masses: Reels, total: float) -> Reels:
    """χ² de partages en deux, d'après Σ t²/c et la masse à gauche ; -inf quand un côté est vide."""
    produit = masses * (total - masses)
    vides = produit <= 0
    khi2 = (sommes - masses**2 / total) * total**2 / np.where(vides, 1.0, produit)
    return np.where(vides, -np.inf, khi2)


def _premier_maximum(valeurs: Reels) -> int:
    """Rang de la première valeur égale au maximum, aux arrondis près."""
    maximum = float(valeurs.max())
    return int(np.argmax(valeurs >= maximum - _EGALITE * (1 + abs(maximum))))
