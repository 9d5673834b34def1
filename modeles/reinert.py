"""La classification hiérarchique descendante de Reinert (Alceste, IRaMuTeQ, rainette).

Des segments qui partagent un vocabulaire forment un « monde lexical ». On les cherche de haut en bas :
toutes les unités sont coupées en deux classes que leurs formes opposent le plus (`modeles.division_reinert`),
puis la plus grande classe à son tour, jusqu'à k classes. L'arbre se coupe à tout nombre de classes.

Les unités sont les segments ou, si `min_uc` le demande, des suites de segments du même document assez
riches (`unites_de_contexte`).

Sources : Reinert 1983 (Cahiers de l'analyse des données 8(2)) et 1990 (Bulletin de méthodologie
sociologique 26) ; choix de mise en œuvre du paquet R rainette (J. Barnier), dont le code, sous GPL, n'est
pas repris. Écarts à rainette : la phase de déplacement (voir `modeles.division_reinert.deplacer`), les
égalités et le sens de l'axe, fixés ici pour un résultat reproductible, donc la numérotation des classes.

Examples
--------
>>> from modeles.reinert import Reinert
>>> modele = Reinert(k=2, min_split_members=3).fit([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 0, 1, 1]])
>>> modele.labels_
array([1, 1, 2, 2])
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import check_is_fitted, validate_data

from modeles.division_reinert import diviser
from modeles.profils_reinert import NON_CLASSE, ProfilsDeClasses, nommer_formes

Reels = NDArray[np.float64]
Entiers = NDArray[np.int64]

_COTE_MIN = 3
_COLONNES_DIVISIONS = ("parent", "gauche", "droite", "khi2", "unites", "unites_gauche", "unites_droite",
                       "formes", "deplacements")


@dataclass(eq=False, repr=False)
class Reinert(ProfilsDeClasses):
    """Classe des segments selon les formes qu'ils portent.

    L'estimateur passe les contrôles de `check_estimator` (scikit-learn), deux exceptés : l'erreur sur un effectif
    négatif est dite en français ; `check_clustering` donne des nombres négatifs, qu'un tableau de présences n'a pas.

    Parameters
    ----------
    k : int
        Nombre de classes, au plus.
    min_uc : int
        Nombre minimal de formes d'une unité de contexte ; en dessous de 2, chaque segment est une unité.
    min_split_members : int
        Une classe de moins d'unités n'est pas divisée ; 3 au moins.
    cc_test : float
        Coefficient de contingence, de 0 à 1, au-delà duquel une forme ne reste que du côté qui la
        surreprésente.
    tsj : int
        Effectif, en unités, en dessous duquel une forme quitte un côté ; 1 au moins.

    Attributes
    ----------
    labels_ : numpy.ndarray de forme (n,)
        Classe de chaque segment, de 1 à `nb_classes_`, dans l'ordre des branches de l'arbre ; 0, non
        classé : l'unité n'avait plus de forme quand sa classe a été divisée.
    nb_classes_ : int
        Nombre de classes trouvées ; 1 quand rien n'a pu être divisé.
    arret_ : str
        Pourquoi il y a moins de k classes ; vide quand il y en a k.
    divisions_ : pandas.DataFrame
        Une ligne par division, dans l'ordre. Colonnes parent, gauche, droite (nœuds : 0 la racine,
        2i + 1 et 2i + 2 les enfants de la division i), khi2, unites, unites_gauche, unites_droite
        (effectifs, en unités de contexte ; celles du parent qui n'ont plus de forme ne sont d'aucun
        côté), formes (distinctes, à la division), deplacements (unités déplacées).
    hauteurs_ : numpy.ndarray de forme (nb_classes_ - 1,)
        Hauteurs des nœuds du dendrogramme, croissantes : sommes cumulées des χ² des divisions, de la
        dernière à la première.
    noeuds_ : numpy.ndarray de booléens, de forme (2 (nb_classes_ - 1), n)
        Les segments de chaque nœud sauf la racine : ligne j - 1 pour le nœud j.
    unites_ : numpy.ndarray de forme (n,)
        Unité de contexte de chaque segment, numérotée de 0 dans l'ordre.
    presence_ : scipy.sparse.csr_array de forme (n, p)
        La matrice, ramenée à 0 et 1.
    noms_formes_ : list[str]
        Noms des colonnes.
    """

    k: int = 10
    min_uc: int = 0
    min_split_members: int = 5
    cc_test: float = 0.3
    tsj: int = 3

    def fit(
        self,
        X: Any,
        y: None = None,
        documents: Sequence[str] | None = None,
        formes: Sequence[str] | None = None,
    ) -> Self:
        """Classe les segments.

        Parameters
        ----------
        X : matrice creuse, tableau ou pandas.DataFrame de forme (n, p)
            Segments × formes : présences ou effectifs, ramenés à 0 et 1.
        y : None
            Ignoré.
        documents : Sequence[str], optional
            Document de chaque segment, les segments d'un document se suivant ; nécessaire quand
            `min_uc` dépasse 1.
        formes : Sequence[str], optional
            Nom de chaque colonne ; None : les colonnes de la table, ou « forme 0 »…

        Returns
        -------
        Reinert
            L'estimateur ajusté.

        Raises
        ------
        ValueError
            Quand un effectif est négatif, un paramètre hors de ses bornes, ou k plus grand que le nombre
            d'unités qui ont une forme.
        """
        self._controler()
        self.presence_ = binariser(validate_data(self, X, accept_sparse="csr"))
        n, p = self.presence_.shape
        self.noms_formes_ = nommer_formes(formes, getattr(self, "feature_names_in_", None), p)
        if documents is None and self.min_uc > 1:
            raise ValueError(f"min_uc = {self.min_uc} : il faut dire de quel document vient chaque segment")
        voix = [""] * n if documents is None else documents
        self.unites_ = unites_de_contexte(self.presence_, voix, self.min_uc)
        unites = reunir(self.presence_, self.unites_)
        pleines = int(np.count_nonzero(np.diff(unites.indptr)))
        if self.k > max(pleines, 2):
            raise ValueError(
                f"k = {self.k} classes demandées pour {pleines} unités qui ont une forme ({n} segments en tout)"
            )
        noeuds = self._descendre(unites)
        self.nb_classes_ = len(self.divisions_) + 1
        self.hauteurs_: Reels = np.cumsum(self.divisions_["khi2"].to_numpy()[::-1])
        appartenance = np.zeros((len(noeuds), unites.shape[0]), dtype=bool)
        for rang, membres in enumerate(noeuds):
            appartenance[rang, membres] = True
        self.noeuds_ = appartenance[:, self.unites_]
        self.labels_ = self.couper()
        return self

    def _controler(self) -> None:
        for nom, minimum in (("k", 2), ("min_uc", 0), ("min_split_members", _COTE_MIN), ("tsj", 1)):
            if getattr(self, nom) < minimum:
                raise ValueError(f"{nom} doit être au moins {minimum}, reçu {getattr(self, nom)}")
        if not 0 <= self.cc_test <= 1:
            raise ValueError(f"cc_test doit être dans [0, 1], reçu {self.cc_test}")

    def _descendre(self, unites: sparse.csr_array) -> list[Entiers]:
        """Divise la plus grande classe jusqu'à k ; rend les unités des nœuds, sauf de la racine."""
        feuilles = [(0, np.arange(unites.shape[0]), unites)]
        noeuds: list[Entiers] = []
        lignes = []
        self.arret_ = ""
        while len(feuilles) < self.k:
            rang = int(np.argmax([len(membres) for _, membres, _ in feuilles]))
            noeud, membres, presence = feuilles[rang]
            if len(membres) < self.min_split_members:
                self.arret_ = f"la plus grande classe a moins de {self.min_split_members} unités"
                break
            coupure = diviser(presence, self.cc_test, self.tsj) if presence.shape[1] >= _COTE_MIN else None
            if coupure is None:
                self.arret_ = "rien ne distingue les unités de la plus grande classe"
                break
            cotes = ((coupure.gauche, coupure.formes_gauche), (coupure.droite, coupure.formes_droite))
            enfants = [
                (len(noeuds) + numero, membres[cote], presence[cote][:, gardees])
                for numero, (cote, gardees) in enumerate(cotes, start=1)
            ]
            feuilles[rang : rang + 1] = enfants
            noeuds += [enfant for _, enfant, _ in enfants]
            distinctes = np.count_nonzero(np.bincount(presence.indices, minlength=presence.shape[1]))
            lignes.append((noeud, enfants[0][0], enfants[1][0], coupure.khi2, len(membres), len(coupure.gauche),
                           len(coupure.droite), int(distinctes), coupure.deplacements))
        types = {nom: "float64" if nom == "khi2" else "int64" for nom in _COLONNES_DIVISIONS}
        self.divisions_ = pd.DataFrame(lignes, columns=list(_COLONNES_DIVISIONS)).astype(types)
        return noeuds

    def couper(self, k: int | None = None) -> Entiers:
        """Coupe l'arbre en k classes.

        Parameters
        ----------
        k : int, optional
            De 1 à `nb_classes_` ; None : `nb_classes_`.

        Returns
        -------
        numpy.ndarray de forme (n,)
            Classe de chaque segment, de 1 à k ; 0, non classé.

        Raises
        ------
        ValueError
            Quand l'arbre n'a pas k classes.
        """
        check_is_fitted(self, "noeuds_")
        nombre = self.nb_classes_ if k is None else k
        if not 1 <= nombre <= self.nb_classes_:
            motif = f" ({self.arret_})" if self.arret_ else ""
            raise ValueError(f"{nombre} classes demandées : l'arbre en a de 1 à {self.nb_classes_}{motif}")
        if nombre == 1:
            formes_par_unite = np.bincount(self.unites_, np.diff(self.presence_.indptr))
            return (formes_par_unite[self.unites_] > 0).astype(np.int64)
        etiquettes = np.full(self.noeuds_.shape[1], NON_CLASSE, dtype=np.int64)
        for classe, noeud in enumerate(self._feuilles(nombre), start=1):
            etiquettes[self.noeuds_[noeud - 1]] = classe
        return etiquettes

    def _feuilles(self, k: int) -> list[int]:
        """Nœuds des k classes, dans l'ordre des branches."""
        feuilles = [0]
        for parent, gauche, droite in self.divisions_[["parent", "gauche", "droite"]].to_numpy()[: k - 1].tolist():
            rang = feuilles.index(parent)
            feuilles[rang : rang + 1] = [gauche, droite]
        return feuilles

    def dendrogramme(self) -> Reels:
        """L'arbre au format de `scipy.cluster.hierarchy`, prêt à dessiner.

        Returns
        -------
        numpy.ndarray de forme (nb_classes_ - 1, 4)
            Une ligne par réunion, de la dernière division à la première : les deux nœuds réunis (de 0 à
            `nb_classes_` - 1 les classes, dans leur ordre ; puis les réunions), leur hauteur
            (`hauteurs_`), le nombre de classes réunies.
        """
        check_is_fitted(self, "noeuds_")
        nombre = self.nb_classes_
        numeros = {noeud: (classe, 1) for classe, noeud in enumerate(self._feuilles(nombre))}
        lignes = np.zeros((nombre - 1, 4))
        fusions = self.divisions_[["parent", "gauche", "droite"]].to_numpy()[::-1].tolist()
        for rang, (parent, gauche, droite) in enumerate(fusions):
            (un, classes_un), (deux, classes_deux) = numeros[gauche], numeros[droite]
            numeros[parent] = (nombre + rang, classes_un + classes_deux)
            lignes[rang] = (un, deux, self.hauteurs_[rang], classes_un + classes_deux)
        return lignes


def binariser(matrice: Any) -> sparse.csr_array:
    """Ramène une matrice d'effectifs à des zéros et des uns.

    Parameters
    ----------
    matrice : matrice creuse ou tableau de forme (n, p)

    Returns
    -------
    scipy.sparse.csr_array de forme (n, p)
        Indices triés, sans zéro explicite.

    Raises
    ------
    ValueError
        Quand un effectif est négatif.
    """
    presence = sparse.csr_array(matrice, dtype=np.float64, copy=True)
    presence.sum_duplicates()
    presence.eliminate_zeros()
    if presence.nnz and presence.data.min() < 0:
        raise ValueError("un effectif est négatif")
    presence.data[:] = 1.0
    return presence


def unites_de_contexte(matrice: Any, documents: Sequence[str], minimum: int) -> Entiers:
    """Réunit les segments trop courts au suivant du même document.

    Une unité s'étend de segment en segment jusqu'à compter au moins `minimum` formes, une forme comptant
    autant de fois que de segments qui la portent. La fin d'un document, trop courte, rejoint l'unité qui
    la précède, s'il y en a une.

    Parameters
    ----------
    matrice : matrice creuse ou tableau de forme (n, p)
        Segments × formes.
    documents : Sequence[str]
        Document de chaque segment ; ceux d'un document se suivent.
    minimum : int
        Nombre de formes ; en dessous de 2, chaque segment est une unité.

    Returns
    -------
    numpy.ndarray de forme (n,)
        Unité de chaque segment, numérotée de 0 dans l'ordre.

    Raises
    ------
    ValueError
        Quand il n'y a pas un document par segment ou que les segments d'un document ne se suivent pas.
    """
    tailles = np.diff(binariser(matrice).indptr).tolist()
    if len(documents) != len(tailles):
        raise ValueError(f"{len(documents)} documents pour {len(tailles)} segments : il en faut autant")
    if minimum < 2:
        return np.arange(len(tailles))
    noms = [str(document) for document in documents]
    unites: list[int] = []
    vus: set[str] = set()
    for document, suite in groupby(range(len(tailles)), key=noms.__getitem__):
        if document in vus:
            raise ValueError(f"les segments du document « {document} » ne se suivent pas")
        vus.add(document)
        premiere = unites[-1] + 1 if unites else 0
        unite, taille = premiere, 0
        debut = len(unites)
        for rang in suite:
            if taille >= minimum:
                unite, taille = unite + 1, 0
            unites.append(unite)
            taille += tailles[rang]
        if taille < minimum and unite > premiere:
            unites[debut:] = [min(u, unite - 1) for u in unites[debut:]]
    return np.array(unites, dtype=np.int64)


def reunir(presence: sparse.csr_array, unites: Entiers) -> sparse.csr_array:
    """La matrice de présence des unités : une unité porte les formes de ses segments.

    Parameters
    ----------
    presence : scipy.sparse.csr_array de forme (n, p)
    unites : numpy.ndarray de forme (n,)
        Unités rendues par `unites_de_contexte`.

    Returns
    -------
    scipy.sparse.csr_array de forme (nombre d'unités, p)
    """
    n = len(unites)
    nombre = int(unites.max(initial=-1)) + 1
    if nombre == n:
        return presence
    groupes = sparse.csr_array((np.ones(n), (unites, np.arange(n))), shape=(nombre, n))
    return binariser(groupes @ presence)
