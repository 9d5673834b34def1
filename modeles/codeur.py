"""Le codeur machine : quels codes de la grille une phrase porte, et ce qui a pesé.

Deux étages. Le premier, une régression logistique par code sur des traits lexicaux
(`modeles.traits`), lit la phrase et son entourage immédiat. Le second, une régression logistique
commune à tous les codes, relit les notes du premier dans leur suite — un sujet abordé court souvent sur
plusieurs phrases — et rend des probabilités calibrées. Il est appris sur des notes posées hors
apprentissage (validation croisée par territoire), comme dans l'empilement de Wolpert (1992, *Stacked
generalization*, Neural Networks 5).

Les premiers étages de la validation croisée sont gardés : un entretien qui a servi à apprendre peut être
codé par celui qui n'a pas vu son territoire, donc sans se flatter (*cross-fitting*, Chernozhukov et al.
2018, The Econometrics Journal 21).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from joblib import Parallel, delayed
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import GroupKFold
from sklearn.utils.validation import check_is_fitted

from modeles.traits import TraitsLexicaux

Booleens = npt.NDArray[np.bool_]
Reels = npt.NDArray[np.float64]

SEUILS_ESSAYES = np.round(np.arange(0.05, 0.61, 0.01), 2)
_MOT = re.compile(r"\w+")
_NEUTRE = -4.0  # note d'une phrase voisine qui n'existe pas : « ne porte pas ce code »


@dataclass(frozen=True)
class PremierEtage:
    """Une régression logistique par code sur des traits lexicaux.

    Attributes
    ----------
    traits : TraitsLexicaux
    coefficients : ndarray (codes, traits), float32
    biais : ndarray (codes,)
    """

    traits: TraitsLexicaux
    coefficients: npt.NDArray[np.float32]
    biais: Reels

    def noter(self, X: pd.DataFrame) -> Reels:
        """Note (log-cote) de chaque code pour chaque phrase : (n, codes)."""
        return np.asarray(self.traits.transform(X) @ self.coefficients.T, dtype=np.float64) + self.biais


class CodeurMachine(BaseEstimator):  # type: ignore[misc]
    """Codeur multi-étiquettes de phrases en contexte.

    Parameters
    ----------
    codes : Sequence[str]
        Les codes, dans l'ordre des colonnes de `y`.
    C : float, default=4.0
        Inverse de la régularisation du premier étage.
    plis : int, default=4
        Plis de la validation croisée interne, par groupe (territoire).
    traits_max : int, default=40_000
        Nombre de traits lexicaux gardés.
    travaux : int, default=1
        Processus employés par `fit`.

    Attributes
    ----------
    etage_ : PremierEtage
        Appris sur toutes les phrases.
    etages_des_plis_ : tuple[PremierEtage, ...]
        Appris chacun sans les territoires de son pli.
    pli_du_groupe_ : dict[str, int]
        Le pli où chaque territoire a été tenu à l'écart.
    suite_ : ndarray (6,)
        Poids du second étage : note, note d'avant, d'après, moyenne du tour, log-cote du code, biais.
    frequences_ : ndarray (codes,)
        Log-cote de chaque code dans l'apprentissage.
    seuil_ : float
        Probabilité à partir de laquelle un code est posé : celle qui maximise le κ de Cohen par
        (phrase, code) dans la validation croisée interne.
    """

    def __init__(self, codes: Sequence[str] = (), C: float = 4.0, plis: int = 4, traits_max: int = 40_000,
                 travaux: int = 1) -> None:
        self.codes = codes
        self.C = C
        self.plis = plis
        self.traits_max = traits_max
        self.travaux = travaux

    def fit(self, X: pd.DataFrame, y: Booleens, groupes: Sequence[str] | npt.NDArray[np.str_]) -> CodeurMachine:
        """Apprend sur des phrases codées.

        Parameters
        ----------
        X : pandas.DataFrame de n lignes
            Phrases en contexte (`modeles.contexte.mettre_en_contexte`), dans l'ordre des textes.
        y : ndarray (n, codes) de booléens
            Chaque code doit être porté par au moins une phrase.
        groupes : Sequence[str] de longueur n
            Territoire de chaque phrase ; au moins `plis` territoires.

        Raises
        ------
        ValueError
            Formes incompatibles, code sans exemple, trop peu de territoires.
        """
        y = np.asarray(y, dtype=bool)
        territoires = np.asarray(groupes)
        if y.shape != (len(X), len(self.codes)) or len(territoires) != len(X):
            raise ValueError(f"formes incompatibles : {len(X)} phrases, y {y.shape}, {len(self.codes)} codes, "
                             f"{len(territoires)} groupes")
        vides = [code for code, porte in zip(self.codes, list(y.sum(axis=0)), strict=True) if not porte]
        if vides:
            raise ValueError(f"codes sans aucun exemple : {', '.join(vides)}")
        if len(np.unique(territoires)) < self.plis:
            raise ValueError(f"{self.plis} territoires au moins sont nécessaires pour {self.plis} plis")
        notes = np.zeros(y.shape)
        etages: list[PremierEtage] = []
        self.pli_du_groupe_: dict[str, int] = {}
        for pli, (appris, tenus) in enumerate(GroupKFold(self.plis).split(X, groups=territoires)):
            etages.append(self._premier_etage(X.iloc[appris], y[appris]))
            notes[tenus] = etages[pli].noter(X.iloc[tenus])
            self.pli_du_groupe_.update(dict.fromkeys(map(str, territoires[tenus]), pli))
        self.etages_des_plis_ = tuple(etages)
        self.etage_ = self._premier_etage(X, y)
        frequences = y.mean(axis=0)
        self.frequences_: Reels = np.log(frequences / (1 - frequences))
        self.suite_ = self._second_etage(X, notes, y)
        probabilites = self._probabilites(X, notes)
        kappas = [cohen_kappa_score(y.ravel(), (probabilites >= seuil).ravel()) for seuil in SEUILS_ESSAYES]
        self.seuil_ = float(SEUILS_ESSAYES[int(np.argmax(kappas))])
        return self

    def _premier_etage(self, X: pd.DataFrame, y: Booleens) -> PremierEtage:
        traits = TraitsLexicaux(traits_max=self.traits_max).fit(X, y)
        matrice = traits.transform(X).astype(np.float64)  # liblinear ne connaît que la double précision
        matrice.sort_indices()  # partagée en lecture seule entre processus : à ranger avant
        paires = Parallel(n_jobs=self.travaux)(
            delayed(_apprendre_un_code)(matrice, y[:, rang], self.C) for rang in range(len(self.codes)))
        return PremierEtage(traits, np.vstack([poids for poids, _ in paires]).astype(np.float32),
                            np.array([biais for _, biais in paires]))

    def _second_etage(self, X: pd.DataFrame, notes: Reels, y: Booleens) -> Reels:
        suite = self._suite(X, notes)
        modele = LogisticRegression(C=1e6, max_iter=500).fit(suite.reshape(-1, suite.shape[2]), y.ravel())
        return np.append(modele.coef_[0], modele.intercept_[0])

    def _suite(self, X: pd.DataFrame, notes: Reels) -> Reels:
        """Les notes de chaque (phrase, code) replacées dans leur suite : (n, codes, 5)."""
        tour = pd.factorize(X["entretien"].astype(str) + "\0" + X["tour"].astype(str))[0]
        meme = tour[1:] == tour[:-1]
        avant, apres = np.full_like(notes, _NEUTRE), np.full_like(notes, _NEUTRE)
        avant[1:][meme] = notes[:-1][meme]
        apres[:-1][meme] = notes[1:][meme]
        moyenne = pd.DataFrame(notes).groupby(tour).transform("mean").to_numpy()
        return np.stack([notes, avant, apres, moyenne, np.broadcast_to(self.frequences_, notes.shape)], axis=2)

    def _probabilites(self, X: pd.DataFrame, notes: Reels) -> Reels:
        cote = self._suite(X, notes) @ self.suite_[:-1] + self.suite_[-1]
        probabilites: Reels = 1.0 / (1.0 + np.exp(-cote))
        return probabilites

    def _etage(self, pli: int | None) -> PremierEtage:
        check_is_fitted(self, "suite_")
        return self.etage_ if pli is None else self.etages_des_plis_[pli]

    def predict_proba(self, X: pd.DataFrame, pli: int | None = None) -> Reels:
        """Probabilité calibrée que chaque phrase porte chaque code.

        Parameters
        ----------
        X : pandas.DataFrame de n lignes
            Entretiens entiers, dans l'ordre des textes : la suite des phrases compte.
        pli : int, optional
            Employer le premier étage appris sans ce pli (voir `pli_du_groupe_`).

        Returns
        -------
        ndarray (n, codes)
        """
        etage = self._etage(pli)
        if not len(X):
            return np.zeros((0, len(self.codes)))
        return self._probabilites(X, etage.noter(X))

    def predict(self, X: pd.DataFrame) -> Booleens:
        """Codes posés : (n, codes) de booléens."""
        return self.predict_proba(X) >= self.seuil_

    def preuves(self, textes: Sequence[str], codes: Sequence[str], nombre: int = 3,
                pli: int | None = None) -> list[str]:
        """Les mots de la phrase qui ont le plus pesé pour un code.

        L'apport d'un mot est la somme des coefficients, pondérés par l'idf, du mot et de ses fragments ;
        un mot qui pèse moins du quart du premier, ou de moins de quatre lettres (sigles exceptés), n'est pas
        montré.

        Parameters
        ----------
        textes, codes : suites de même longueur
            Une phrase et le code qu'elle porte.
        nombre : int, default=3
        pli : int, optional
            Comme dans `predict_proba`.

        Returns
        -------
        list[str]
            Mots tels qu'ils sont écrits, dans l'ordre de la phrase, séparés par « ; » ; vide quand
            aucun mot de la phrase n'a pesé pour ce code (c'est alors l'entourage qui a pesé).
        """
        etage = self._etage(pli)
        rangs = {code: rang for rang, code in enumerate(self.codes)}
        tranches = etage.traits.etendues()
        blocs = [(etage.traits.vectoriseurs_[nom], etage.coefficients[:, tranches[nom]])
                 for nom in ("mots", "fragments") if nom in tranches]
        lecteurs = [(vectoriseur.build_analyzer(), vectoriseur.vocabulary_, coefficients * vectoriseur.idf_)
                    for vectoriseur, coefficients in blocs]

        def apport(mot: str, rang: int) -> float:
            return sum(float(poids[rang, vocabulaire[trait]]) for analyser, vocabulaire, poids in lecteurs
                       for trait in analyser(mot) if trait in vocabulaire)

        preuves = []
        for texte, code in zip(textes, codes, strict=True):
            apports = [(apport(mot, rangs[code]), place, mot) for place, mot in enumerate(_MOT.findall(texte))
                       if len(mot) > 3 or mot.isupper()]
            forts = sorted((a for a in apports if a[0] > 0), key=lambda a: (-a[0], a[1]))[:nombre]
            retenus = sorted((place, mot) for force, place, mot in forts if force >= forts[0][0] / 4)
            preuves.append("; ".join(dict.fromkeys(mot for _, mot in retenus)))
        return preuves


def _apprendre_un_code(matrice: sparse.csr_matrix, porte: Booleens, C: float) -> tuple[Reels, float]:
    modele = LogisticRegression(C=C, solver="liblinear", random_state=0).fit(matrice, porte)
    return modele.coef_[0], float(modele.intercept_[0])
