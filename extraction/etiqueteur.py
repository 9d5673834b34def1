"""Étiqueter des phrases : le codeur machine, vu comme un classifieur scikit-learn.

Examples
--------
>>> from extraction.etiqueteur import Etiqueteur
>>> Etiqueteur().fit().codes(["Le bus ne passe plus après dix-neuf heures, et il n'y a pas de place en crèche."])
[('O11',)]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from extraction.codeur_etude import Bruts, CodeurEtude, Regard, reunir
from extraction.grille import Grille
from extraction.lexique import CodeurLexique
from extraction.mentions import codes_appris
from modeles.codeur_livre import CodeurLivre, charger_codeur
from modeles.plongements import Plongeur

Reels = npt.NDArray[np.float64]
Booleens = npt.NDArray[np.bool_]
COLONNES = ("entretien", "tour", "phrase", "role", "texte")


@lru_cache(maxsize=1)
def _livre(fils: int) -> CodeurLivre:
    return charger_codeur(fils=fils)


class Etiqueteur(ClassifierMixin, TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Dit quels codes d'une grille porte chaque phrase.

    Sans exemples (`fit()`), il code comme « monographies analyser » : le codeur livré pour les codes qu'il a
    appris, les mots de la grille pour les autres. Avec des exemples (`fit(X, y)`), il apprend le codeur de
    l'étude comme « monographies apprendre » (`extraction.codeur_etude`).

    Parameters
    ----------
    grille : Grille, optional
        None : celle des Cités de l'emploi.
    seuil : float, optional
        Probabilité, de 0 à 1, à partir de laquelle un code est posé ; None : celle du codeur.
    fils : int
        Fils de calcul. Ne change pas les probabilités.

    Attributes
    ----------
    classes_ : numpy.ndarray de forme (codes,)
        Les codes, dans l'ordre de la grille : celui des colonnes de `predict` et de `predict_proba`.
    connus_ : numpy.ndarray de booléens, de forme (codes,)
        Ceux que le codeur livré a appris.
    seuils_ : numpy.ndarray de forme (codes,)
    version_ : str
        Du codeur livré, suivie de « +exemples » quand il a appris des exemples.

    Notes
    -----
    `X` est une suite de textes, chacun lu seul, ou la table des phrases (`Etude.phrases`) d'entretiens entiers,
    enquêteur compris : le codeur y lit le contexte, et code mieux. Une colonne `fonction` y dit, si on la connaît,
    la fonction de l'enquêté. Il y a toujours une ligne rendue par ligne reçue ; une phrase d'enquêteur ne porte
    aucun code (probabilité nulle).

    De `check_estimator`, seuls les contrôles d'interface conviennent à des textes, comme pour
    `TfidfVectorizer` ; les autres sont refaits sur des textes dans `tests/test_contrats_sklearn.py`. Pour un code
    repéré par les mots de la grille, la « probabilité » n'est qu'un ordre (`extraction.lexique`).
    """

    def __init__(self, grille: Grille | None = None, seuil: float | None = None, fils: int = 1) -> None:
        self.grille = grille
        self.seuil = seuil
        self.fils = fils

    def __sklearn_tags__(self) -> Any:
        etiquettes = super().__sklearn_tags__()
        etiquettes.input_tags.string, etiquettes.input_tags.two_d_array = True, False
        etiquettes.classifier_tags.multi_label, etiquettes.classifier_tags.multi_class = True, False
        etiquettes.target_tags.required = False
        return etiquettes

    def fit(self, X: Iterable[str] | pd.DataFrame | None = None, y: npt.ArrayLike | None = None) -> Self:
        """Charge le codeur livré ou, avec des exemples, en apprend un.

        Parameters
        ----------
        X : suite de n textes, ou table de n phrases, optional
        y : matrice (n, codes) de booléens, optional
            Les codes que porte chaque phrase (`indicatrice` la tire d'une table de codages) ; une phrase d'enquêté
            sans code est un contre-exemple. Toute fausse : il ne reste que la proximité aux définitions.

        Raises
        ------
        TypeError, ValueError
            Comme `predict_proba` ; `seuil` hors de [0, 1] ; `y` d'une autre forme ; `y` sans `X`.
        ErreurEtude
            Quand le codeur livré manque ou est abîmé.
        """
        if self.seuil is not None and not 0 <= self.seuil <= 1:
            raise ValueError(f"seuil doit être entre 0 et 1, reçu {self.seuil}")
        grille, livre = self._grille(), _livre(self.fils)
        self.classes_ = np.array([code.code for code in grille])
        self.connus_: Booleens = np.isin(self.classes_, codes_appris(grille, livre))
        self._appris: CodeurEtude | None = None
        self.version_ = livre.version
        seuils = np.where(self.connus_, livre.seuil, np.nextafter(0.0, 1.0))  # du lexique, tout ce qu'il trouve
        if y is not None:
            if X is None:
                raise ValueError("des codes (y) sans phrases (X)")
            table, portes = en_table(X), np.asarray(y, dtype=bool)
            if portes.shape != (len(table), len(self.classes_)):
                raise ValueError(f"y doit être de forme ({len(table)}, {len(self.classes_)}) : une ligne par phrase, une "
                                 f"colonne par code de la grille ; reçu {portes.shape}")
            regard = self._regard()
            lus = list(_par_entretien(table))
            dits = np.concatenate([rangs for rangs, _, _ in lus]) if lus else np.zeros(0, dtype=np.int64)
            if not len(dits):
                raise ValueError("aucune phrase d'enquêté à apprendre")
            self._appris = CodeurEtude(tuple(self.classes_), self.connus_, grille.empreinte, livre.version).fit(
                self._bruts(regard, lus), portes[dits], list(table["entretien"].iloc[dits]), regard.definitions)
            self.version_ += "+exemples"
            seuils = np.full(len(self.classes_), self._appris.seuil)
        self.seuils_: Reels = seuils if self.seuil is None else np.full(len(self.classes_), float(self.seuil))
        return self

    def predict_proba(self, X: Iterable[str] | pd.DataFrame) -> Reels:
        """Probabilité que chaque phrase porte chaque code.

        Parameters
        ----------
        X : suite de n textes, ou table de n phrases

        Returns
        -------
        numpy.ndarray de forme (n, codes)

        Raises
        ------
        TypeError
            `X` est un texte seul, ou contient autre chose que des textes.
        ValueError
            Table sans les colonnes `COLONNES`.
        """
        check_is_fitted(self, "classes_")
        table = en_table(X)
        probabilites = np.zeros((len(table), len(self.classes_)))
        lus = list(_par_entretien(table))
        if not lus:
            return probabilites
        dits = np.concatenate([rangs for rangs, _, _ in lus])
        if self._appris is not None:
            probabilites[dits] = self._appris.predict_proba(self._bruts(self._regard(), lus))
            return probabilites
        livre, grille = _livre(self.fils), self._grille()
        if self.connus_.any():
            colonnes = [livre.codes.index(code) for code in self.classes_[self.connus_]]
            for rangs, siennes, fonction in lus:
                probabilites[np.ix_(rangs, self.connus_)] = livre.coder(siennes, fonction).probabilites[:, colonnes]
        if not self.connus_.all():
            lexique = CodeurLexique([grille[code] for code in self.classes_[~self.connus_]])
            probabilites[np.ix_(dits, ~self.connus_)] = lexique.reperer(list(table["texte"].iloc[dits]))[0]
        return probabilites

    def predict(self, X: Iterable[str] | pd.DataFrame) -> Booleens:
        """Codes posés : (n, codes) de booléens."""
        poses: Booleens = self.predict_proba(X) >= self.seuils_
        return poses

    def codes(self, X: Iterable[str] | pd.DataFrame) -> list[tuple[str, ...]]:
        """Codes posés sur chaque phrase, dans l'ordre de la grille."""
        return [tuple(map(str, self.classes_[poses])) for poses in self.predict(X)]

    def transform(self, X: Iterable[str] | pd.DataFrame) -> Reels:
        """Les probabilités, pour l'étape suivante d'un `Pipeline` ou pour `set_output("pandas")`."""
        return self.predict_proba(X)

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Les codes."""
        check_is_fitted(self, "classes_")
        return self.classes_.astype(object)

    def _grille(self) -> Grille:
        return Grille.charger() if self.grille is None else self.grille

    def _regard(self) -> Regard:
        return Regard(self._grille(), _livre(self.fils), Plongeur(fils=self.fils), list(self.classes_[self.connus_]))

    def _bruts(self, regard: Regard, lus: list[tuple[npt.NDArray[np.int64], pd.DataFrame, str]]) -> Bruts:
        return reunir([regard.lire(siennes, fonction) for _, siennes, fonction in lus])


def en_table(X: Iterable[str] | pd.DataFrame) -> pd.DataFrame:
    """La table des phrases : celle qu'on donne, ou une phrase d'enquêté, seule de son entretien, par texte."""
    if isinstance(X, pd.DataFrame):
        manquantes = [nom for nom in COLONNES if nom not in X.columns]
        if manquantes:
            raise ValueError(f"table des phrases sans les colonnes : {', '.join(manquantes)}")
        return X.reset_index(drop=True)
    if isinstance(X, str):
        raise TypeError("il faut une suite de textes, pas un texte seul : donnez [texte]")
    textes = list(X)
    for rang, texte in enumerate(textes):
        if not isinstance(texte, str):
            raise TypeError(f"le texte de rang {rang} est de type {type(texte).__name__}, pas str")
    return pd.DataFrame({"entretien": [str(rang) for rang in range(len(textes))], "tour": 1, "phrase": "p0001",
                         "role": "enquete", "texte": textes})


def _par_entretien(table: pd.DataFrame) -> Iterator[tuple[npt.NDArray[np.int64], pd.DataFrame, str]]:
    """Par entretien où un enquêté parle : rangs de ses phrases d'enquêté, toutes ses phrases, fonction de l'enquêté."""
    enquete = (table["role"] == "enquete").to_numpy()
    for rangs in table.groupby("entretien", sort=False).indices.values():
        siennes = table.iloc[rangs]
        if enquete[rangs].any():
            yield rangs[enquete[rangs]], siennes, str(siennes["fonction"].iloc[0]) if "fonction" in siennes else ""


def indicatrice(codages: pd.DataFrame, phrases: pd.DataFrame, codes: Iterable[str]) -> Booleens:
    """Une table de codages en matrice de booléens, telle que `Etiqueteur.fit` l'attend.

    Parameters
    ----------
    codages : pandas.DataFrame
        Colonnes entretien, phrase, code ; les codages de phrases ou de codes absents ne comptent pas.
    phrases : pandas.DataFrame
        Colonnes entretien, phrase ; n lignes.
    codes : Iterable[str]

    Returns
    -------
    numpy.ndarray de forme (n, codes)
    """
    rangs = {code: rang for rang, code in enumerate(codes)}
    retenus = codages[codages["code"].isin(rangs)]
    lignes = {cle: ligne for ligne, cle in enumerate(zip(phrases["entretien"], phrases["phrase"], strict=True))}
    portes = np.zeros((len(phrases), len(rangs)), dtype=bool)
    for entretien, phrase, code in zip(retenus["entretien"], retenus["phrase"], retenus["code"], strict=True):
        ligne = lignes.get((entretien, phrase))
        if ligne is not None:
            portes[ligne, rangs[code]] = True
    return portes
