"""La double classification de Reinert : ne garder que les classes que deux découpages retrouvent.

Une classe peut tenir au découpage des segments. On classe donc deux fois, sur des unités de contexte de
tailles différentes (`modeles.reinert`), et on croise les deux arbres (Reinert 1990, Bulletin de
méthodologie sociologique 26 ; la mise en œuvre suit la description de `rainette2`, J. Barnier) :

1. chaque nœud du premier arbre est croisé avec chaque nœud du second ; on garde les *classes croisées*
   assez fournies et assez liées (χ² du tableau 2 × 2 d'appartenance, corrigé de Yates) ;
2. parmi les ensembles de k classes croisées sans segment commun, on cherche le meilleur, soit par la somme
   des χ², soit par le nombre de segments classés.

rainette énumère toutes les partitions, dont le nombre explose avec k. Ici, c'est un programme linéaire en
nombres entiers : retenir ou non chaque classe croisée, chaque segment dans une au plus, k en tout. Les
segments qui portent les mêmes classes croisées ne donnent qu'une contrainte ; l'optimum est exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from sklearn.utils.validation import check_is_fitted

from modeles.profils_reinert import NON_CLASSE, ProfilsDeClasses
from modeles.reinert import Reinert

Reels = NDArray[np.float64]
Entiers = NDArray[np.int64]
Booleens = NDArray[np.bool_]

CRITERES = ("khi2", "effectif")

_CORRECTION_DE_YATES = 0.5
_TOLERANCE = 1e-6
_UNITES_MIN = 3


@dataclass(frozen=True)
class ClassesCroisees:
    """Les classes croisées retenues.

    Attributes
    ----------
    noeuds : numpy.ndarray de forme (m, 2)
        Nœud du premier et du second arbre (numéros de `Reinert.divisions_`).
    membres : numpy.ndarray de booléens, de forme (m, n)
        Segments de chaque classe.
    effectifs : numpy.ndarray de forme (m,)
        Nombres de segments.
    khi2 : numpy.ndarray de forme (m,)
        χ² d'association des deux nœuds.
    """

    noeuds: Entiers
    membres: Booleens
    effectifs: Entiers
    khi2: Reels


@dataclass(eq=False, repr=False)
class ReinertDouble(ProfilsDeClasses):
    """Croise deux classifications de Reinert faites sur des unités de tailles différentes.

    L'estimateur passe les contrôles de `check_estimator` aux mêmes exceptions près que `modeles.reinert.Reinert`,
    quand `min_uc` et `min_uc_seconde` ne demandent pas de documents (ces contrôles n'en donnent pas).

    Parameters
    ----------
    k : int
        Nombre de classes, au plus ; c'est aussi celui des deux classifications simples.
    min_uc, min_uc_seconde : int
        Nombres minimaux de formes des unités de contexte de chacune.
    min_effectif : int
        Une classe croisée compte plus de segments que ce nombre ; une classe simple de moins d'unités
        n'est pas divisée.
    khi2_min : float
        Une classe croisée a un χ² plus grand que ce nombre.
    complete : bool
        Vrai : toutes les classes croisées. Faux : celles dont chacun des deux nœuds est le plus lié à
        l'autre (la méthode d'origine) ; seul le critère « khi2 » a alors un sens.
    critere : {"khi2", "effectif"}
        Ce que maximise la partition de `labels_` : la somme des χ² ou le nombre de segments classés.
    cc_test : float
        Voir `modeles.reinert.Reinert`.
    tsj : int
        Voir `modeles.reinert.Reinert`.

    Attributes
    ----------
    labels_ : numpy.ndarray de forme (n,)
        Classe de chaque segment dans la partition en `nb_classes_` classes, de 1 (la plus fournie) à
        `nb_classes_` ; 0, non classé.
    nb_classes_ : int
        Le plus grand nombre de classes disjointes trouvé, au plus k ; 1 quand il n'y en a pas deux.
    partitions_ : pandas.DataFrame
        La meilleure partition pour chaque nombre de classes et chaque critère. Colonnes k, critere, khi2
        (somme), effectif (segments classés), part (de tous les segments, de 0 à 1), classes (liste de
        couples de nœuds, dans l'ordre des numéros de classe).
    croisees_ : ClassesCroisees
    premiere_, seconde_ : Reinert
        Les deux classifications simples.
    presence_, noms_formes_
        Ceux de la première.
    """

    k: int = 5
    min_uc: int = 10
    min_uc_seconde: int = 15
    min_effectif: int = 10
    khi2_min: float = 3.84
    complete: bool = True
    critere: str = "khi2"
    cc_test: float = 0.3
    tsj: int = 3

    def fit(
        self,
        X: Any,
        y: None = None,
        documents: Sequence[str] | None = None,
        formes: Sequence[str] | None = None,
    ) -> Self:
        """Classe deux fois les segments et croise les deux classifications.

        Parameters
        ----------
        X, y, documents, formes
            Ceux de `Reinert.fit`.

        Returns
        -------
        ReinertDouble
            L'estimateur ajusté.

        Raises
        ------
        ValueError
            Comme `Reinert.fit`, et quand un paramètre est hors de ses bornes.
        """
        self._controler()
        simples = [
            Reinert(self.k, minimum, max(_UNITES_MIN, self.min_effectif), self.cc_test, self.tsj)
            for minimum in (self.min_uc, self.min_uc_seconde)
        ]
        return self.croiser(*(simple.fit(X, documents=documents, formes=formes) for simple in simples))

    def croiser(self, premiere: Reinert, seconde: Reinert) -> Self:
        """Croise deux classifications déjà faites des mêmes segments.

        Parameters
        ----------
        premiere, seconde : Reinert
            Ajustés sur la même matrice ; leurs paramètres l'emportent sur ceux de l'estimateur.

        Returns
        -------
        ReinertDouble
            L'estimateur ajusté.

        Raises
        ------
        ValueError
            Quand un paramètre est hors de ses bornes ou que les deux n'ont pas le même nombre de segments.
        """
        self._controler()
        n = len(premiere.labels_)
        if len(seconde.labels_) != n:
            raise ValueError(
                f"les deux classifications n'ont pas les mêmes segments : {n} et {len(seconde.labels_)}"
            )
        self.premiere_, self.seconde_ = premiere, seconde
        self.presence_, self.noms_formes_ = premiere.presence_, premiere.noms_formes_
        self.n_features_in_ = premiere.n_features_in_
        if hasattr(premiere, "feature_names_in_"):
            self.feature_names_in_ = premiere.feature_names_in_
        croisees = croiser_noeuds(premiere.noeuds_, seconde.noeuds_, self.min_effectif, self.khi2_min)
        self.croisees_ = croisees if self.complete else _mutuelles(croisees)
        self._partitions: dict[tuple[int, str], Entiers] = {}
        haut = min(self.k, premiere.nb_classes_, seconde.nb_classes_)
        for k in range(2, haut + 1):
            for critere in CRITERES if self.complete else CRITERES[:1]:
                choix = meilleure_partition(self.croisees_, k, critere)
                if choix is not None:
                    self._partitions[k, critere] = choix
        self.nb_classes_ = max((k for k, _ in self._partitions), default=1)
        self.partitions_ = self._decrire(n)
        self.labels_ = self.couper()
        return self

    def _controler(self) -> None:
        if self.k < 2:
            raise ValueError(f"k doit être au moins 2, reçu {self.k}")
        if self.critere not in CRITERES:
            raise ValueError(f"critere doit être l'un de {', '.join(CRITERES)}, reçu {self.critere!r}")
        if not self.complete and self.critere == "effectif":
            raise ValueError("le critère « effectif » demande toutes les classes croisées (complete=True)")

    def couper(self, k: int | None = None, critere: str | None = None) -> Entiers:
        """La meilleure partition en k classes.

        Parameters
        ----------
        k : int, optional
            De 1 à `nb_classes_` ; None : `nb_classes_`.
        critere : {"khi2", "effectif"}, optional
            None : celui de l'estimateur.

        Returns
        -------
        numpy.ndarray de forme (n,)
            Classe de chaque segment, de 1 (la plus fournie) à k ; 0, non classé. Pour k = 1, tous les
            segments que classe la première classification simple.

        Raises
        ------
        ValueError
            Quand il n'y a pas de partition en k classes selon ce critère.
        """
        check_is_fitted(self, "croisees_")
        nombre, choisi = self.nb_classes_ if k is None else k, self.critere if critere is None else critere
        if nombre == 1:
            return self.premiere_.couper(1)
        if (nombre, choisi) not in self._partitions:
            raise ValueError(
                f"pas de partition en {nombre} classes selon « {choisi} » : il y en a de 1 à {self.nb_classes_}"
            )
        etiquettes = np.full(self.croisees_.membres.shape[1], NON_CLASSE, dtype=np.int64)
        for classe, rang in enumerate(self._partitions[nombre, choisi], start=1):
            etiquettes[self.croisees_.membres[rang]] = classe
        return etiquettes

    def _decrire(self, n: int) -> pd.DataFrame:
        lignes = []
        for (k, critere), choix in self._partitions.items():
            effectif = int(self.croisees_.effectifs[choix].sum())
            khi2 = float(self.croisees_.khi2[choix].sum())
            couples = [(int(un), int(deux)) for un, deux in self.croisees_.noeuds[choix]]
            lignes.append((k, critere, khi2, effectif, effectif / n, couples))
        return pd.DataFrame(lignes, columns=["k", "critere", "khi2", "effectif", "part", "classes"])


def croiser_noeuds(
    premiers: Booleens, seconds: Booleens, min_effectif: float, khi2_min: float
) -> ClassesCroisees:
    """Croise deux familles de classes des mêmes segments.

    Parameters
    ----------
    premiers, seconds : numpy.ndarray de booléens, de formes (a, n) et (b, n)
        Les segments de chaque nœud, dans l'ordre de `Reinert.noeuds_`.
    min_effectif, khi2_min : float
        On ne garde que ce qui dépasse ces deux seuils.

    Returns
    -------
    ClassesCroisees
        De deux classes de mêmes segments, celle que donnent les divisions les plus hautes, dans le premier
        arbre d'abord.
    """
    n = premiers.shape[1]
    communs = premiers.astype(np.float64) @ seconds.T.astype(np.float64)
    khi2 = khi2_de_yates(communs, premiers.sum(axis=1)[:, None], seconds.sum(axis=1)[None, :], n)
    gardes = np.argwhere((communs > min_effectif) & (khi2 > khi2_min))
    ordre = sorted(gardes.tolist(), key=lambda couple: (couple[0] // 2, couple[1] // 2, couple))
    distincts: dict[bytes, tuple[int, int]] = {}
    for i, j in ordre:
        distincts.setdefault(np.packbits(premiers[i] & seconds[j]).tobytes(), (i, j))
    retenus = np.array(list(distincts.values()), dtype=np.int64).reshape(-1, 2)
    membres = premiers[retenus[:, 0]] & seconds[retenus[:, 1]]
    return ClassesCroisees(retenus + 1, membres, membres.sum(axis=1), khi2[retenus[:, 0], retenus[:, 1]])


def khi2_de_yates(communs: Reels, un: Entiers, deux: Entiers, ensemble: int) -> Reels:
    """χ² d'association signés de deux classes, corrigés de Yates.

    Parameters
    ----------
    communs : numpy.ndarray
        Segments des deux classes à la fois.
    un, deux : numpy.ndarray
        Segments de chacune.
    ensemble : int
        Segments en tout.

    Returns
    -------
    numpy.ndarray
        Négatifs quand `communs` est sous son espérance ; 0 quand une marge est nulle. La correction est
        d'un demi-segment, ou de l'écart à l'espérance s'il est plus petit (comme `chisq.test` de R).
    """
    attendus = un * deux / ensemble
    ecarts = communs - attendus
    marges = un * deux * (ensemble - un) * (ensemble - deux) / ensemble**3
    corriges = np.maximum(np.abs(ecarts) - _CORRECTION_DE_YATES, 0.0)
    nulles = marges <= 0
    khi2: Reels = np.where(nulles, 0.0, corriges**2 / np.where(nulles, 1.0, marges))
    return np.sign(ecarts) * khi2


def _mutuelles(croisees: ClassesCroisees) -> ClassesCroisees:
    """Les classes croisées dont chacun des deux nœuds est le plus lié à l'autre."""
    premiers, seconds = croisees.noeuds.T
    meilleur = [
        {noeud: int(rangs[np.argmax(croisees.khi2[rangs])]) for noeud in np.unique(cote)
         for rangs in [np.flatnonzero(cote == noeud)]}
        for cote in (premiers, seconds)
    ]
    gardes = [r for r, (un, deux) in enumerate(croisees.noeuds) if meilleur[0][un] == meilleur[1][deux] == r]
    return ClassesCroisees(croisees.noeuds[gardes], croisees.membres[gardes], croisees.effectifs[gardes],
                           croisees.khi2[gardes])


def meilleure_partition(croisees: ClassesCroisees, k: int, critere: str) -> Entiers | None:
    """Les k classes croisées, sans segment commun, de plus grand χ² total ou de plus grand effectif.

    Parameters
    ----------
    croisees : ClassesCroisees
    k : int
    critere : {"khi2", "effectif"}
        À égalité, l'autre critère départage ; à égalité encore, l'une ou l'autre.

    Returns
    -------
    numpy.ndarray de forme (k,), optional
        Rangs dans `croisees`, par effectif décroissant, puis par premier segment ; None quand il n'y a pas
        k classes disjointes.
    """
    m = len(croisees.khi2)
    if m < k:
        return None
    profils = np.unique(croisees.membres.T, axis=0)
    exclusions = sparse.csr_array(profils[profils.sum(axis=1) > 1].astype(np.float64))
    poids = {"khi2": croisees.khi2, "effectif": croisees.effectifs.astype(np.float64)}
    second = CRITERES[1 - CRITERES.index(critere)]
    choix = _choisir(poids[critere], exclusions, k)
    if choix is None:
        return None
    plancher = float(poids[critere][choix].sum())
    departage = _choisir(poids[second], exclusions, k, (poids[critere], plancher))
    if departage is not None and poids[critere][departage].sum() >= plancher * (1 - _TOLERANCE):
        choix = departage
    premiers = croisees.membres[choix].argmax(axis=1)
    return choix[np.lexsort((premiers, -croisees.effectifs[choix]))]


def _choisir(
    poids: Reels, exclusions: sparse.csr_array, k: int, plancher: tuple[Reels, float] | None = None
) -> Entiers | None:
    """k classes compatibles de plus grand poids, sous un poids plancher éventuel (HiGHS, optimum exact)."""
    from scipy.optimize import Bounds, LinearConstraint, milp

    m = len(poids)
    contraintes = [LinearConstraint(np.ones((1, m)), k, k)]
    if exclusions.shape[0]:
        contraintes.append(LinearConstraint(exclusions, -np.inf, 1))
    if plancher is not None:
        autres, valeur = plancher
        contraintes.append(LinearConstraint(autres[None, :] / valeur, 1 - _TOLERANCE / 10, np.inf))
    echelle = float(np.abs(poids).max()) or 1.0
    trouve = milp(-poids / echelle, integrality=np.ones(m), bounds=Bounds(0, 1), constraints=contraintes,
                  options={"mip_rel_gap": 0.0})
    return None if trouve.x is None else np.flatnonzero(trouve.x > 0.5)
