"""Apprend le poids des indices de modalité : `python -m extraction.modalite_apprentissage`.

Une régression logistique multinomiale sur la présence ou l'absence de chaque indice
(`extraction.indices`), apprise sur les codages de `modeles/apprentissage`. Le poids d'un indice est la
somme d'une part commune aux deux genres de code et d'un écart propre à chacun, pénalisés de même : un
souhait se dit pareil d'une condition et d'un obstacle, une négation non, et les mentions hypothétiques
d'obstacles sont trop rares pour être apprises seules (partage partiel des paramètres : Daumé III,
« Frustratingly Easy Domain Adaptation », ACL 2007). Le résultat est un JSON
lisible, `modeles/poids/modalite.json`, que l'on peut relire et discuter indice par indice.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from spacy.tokens import Doc

from corpus.cache import ecriture_atomique
from extraction.grille import Grille
from extraction.indices import relever_avec_contexte
from extraction.langue import analyser
from extraction.modalite import GENRES, MODALITES, Genre, Poids

REGULARISATION = 0.3
"""Inverse de la force de la pénalité L2 (`C` de scikit-learn), choisi par validation croisée."""
PREFERENCE = 0.6
"""Exposant : une modalité de fréquence f est préférée d'un facteur f ** -PREFERENCE au moment de choisir."""
ORIGINE = 3.0
"""Échelle de l'ordonnée à l'origine propre à chaque genre : grande, donc peu pénalisée."""
PRESENCE_MINIMALE = 3
"""Un indice vu dans moins de mentions que cela ne reçoit pas de poids."""


@dataclass(frozen=True)
class Reference:
    """Une mention codée par une personne.

    Attributes
    ----------
    codeur, entretien, phrase, code : str
    genre : {"condition", "obstacle"}
    modalite : str
    doc : Doc
        La phrase.
    contexte : Doc or None
        Ce qui la précède dans l'entretien, parole de l'enquêteur comprise.
    """

    codeur: str
    entretien: str
    phrase: str
    code: str
    genre: Genre
    modalite: str
    doc: Doc
    contexte: Doc | None

    def noms(self) -> set[str]:
        """Les noms des indices relevés."""
        return {indice.nom for indice in relever_avec_contexte(self.doc, self.contexte)}


def lire_references(dossier: Path) -> list[Reference]:
    """Lit et analyse les mentions codées d'un dossier de références.

    Parameters
    ----------
    dossier : Path
        Dossier qui tient `phrases.csv` et `codages.csv`.

    Returns
    -------
    list[Reference]
        Dans l'ordre de `codages.csv`.

    Raises
    ------
    FileNotFoundError
        Quand l'un des deux fichiers manque.
    ValueError
        Quand un codage porte sur une phrase absente de `phrases.csv`.
    """
    phrases = pd.read_csv(dossier / "phrases.csv", keep_default_na=False)
    codages = pd.read_csv(dossier / "codages.csv", keep_default_na=False)
    rangs = {(e, p): i for i, (e, p) in enumerate(zip(phrases.entretien, phrases.phrase, strict=True)) if p}
    inconnues = [cle for cle in zip(codages.entretien, codages.phrase, strict=True) if cle not in rangs]
    if inconnues:
        raise ValueError(f"{dossier} : codage d'une phrase inconnue ({inconnues[0][0]}, {inconnues[0][1]})")
    codes = [rangs[cle] for cle in zip(codages.entretien, codages.phrase, strict=True)]
    genres: dict[str, Genre] = {
        code.code: "obstacle" if code.genre == "obstacle" else "condition" for code in Grille.charger()
    }
    entretiens = phrases.entretien.tolist()
    avant = {i: i - 1 for i in codes if i and entretiens[i - 1] == entretiens[i]}
    utiles = sorted({*codes, *avant.values()})
    docs = dict(zip(utiles, analyser([phrases.texte[i] for i in utiles]), strict=True))
    return [
        Reference(
            codage.codeur,
            codage.entretien,
            codage.phrase,
            codage.code,
            genres[codage.code],
            codage.modalite,
            docs[i],
            docs[avant[i]] if i in avant else None,
        )
        for codage, i in zip(codages.itertuples(), codes, strict=True)
    ]


def apprendre(references: Sequence[Reference]) -> dict[Genre, Poids]:
    """Apprend les poids de chaque genre.

    Parameters
    ----------
    references : Sequence[Reference]
        Au moins une mention de chaque modalité dans chaque genre.

    Returns
    -------
    dict[str, Poids]
        Poids arrondis à trois décimales.

    Raises
    ------
    ValueError
        Quand une modalité manque dans un genre.
    """
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    y = np.array([r.modalite for r in references])
    genres = np.array([r.genre for r in references])
    for genre in GENRES:
        if set(y[genres == genre]) != set(MODALITES):
            raise ValueError(f"il manque une modalité parmi les mentions de genre « {genre} »")
    vecteurs = DictVectorizer(sparse=False)
    communs = vecteurs.fit_transform([dict.fromkeys(sorted(r.noms()), 1) for r in references])
    gardes = np.flatnonzero(communs.sum(axis=0) >= PRESENCE_MINIMALE)
    communs = communs[:, gardes]
    propres = [communs * (genres == genre)[:, None] for genre in GENRES]
    origines = [ORIGINE * (genres == genre)[:, None] for genre in GENRES]
    x = np.hstack([communs, *propres, *origines])
    modele = LogisticRegression(C=REGULARISATION, max_iter=5000, tol=1e-8).fit(x, y)
    ordre = [list(modele.classes_).index(m) for m in MODALITES]
    taille = len(gardes)
    jeux: dict[Genre, Poids] = {}
    for rang, genre in enumerate(GENRES):
        debut = taille * (1 + rang)
        total = (modele.coef_[:, :taille] + modele.coef_[:, debut : debut + taille])[ordre]
        biais = (modele.intercept_ + ORIGINE * modele.coef_[:, rang - len(GENRES)])[ordre]
        jeux[genre] = Poids(
            biais=_table(biais),
            coefficients={
                str(nom): _table(total[:, j])
                for j, nom in enumerate(vecteurs.get_feature_names_out()[gardes])
            },
            preference=_table(np.array([np.mean(y[genres == genre] == m) ** -PREFERENCE for m in MODALITES])),
        )
    return jeux


def _table(valeurs: NDArray[np.float64]) -> dict[str, float]:
    return {m: round(float(v), 3) for m, v in zip(MODALITES, valeurs, strict=True)}


def ecrire_poids(jeux: dict[Genre, Poids], chemin: Path) -> None:
    """Écrit les poids en JSON, un indice par ligne, à côté puis d'un seul geste.

    Parameters
    ----------
    jeux : dict[str, Poids]
    chemin : Path
    """

    def ligne(table: object) -> str:
        return json.dumps(table, ensure_ascii=False)

    blocs = []
    for genre, jeu in jeux.items():
        indices = ",\n".join(f"        {ligne(n)}: {ligne(t)}" for n, t in sorted(jeu.coefficients.items()))
        blocs.append(
            f"    {ligne(genre)}: {{\n"
            f'      "biais": {ligne(jeu.biais)},\n'
            f'      "preference": {ligne(jeu.preference)},\n'
            f'      "coefficients": {{\n{indices}\n      }}\n    }}'
        )
    with ecriture_atomique(chemin) as provisoire:
        provisoire.write_text('{\n  "genres": {\n' + ",\n".join(blocs) + "\n  }\n}\n", encoding="utf-8")


def principal() -> None:
    """Réapprend les poids livrés sur le corpus d'apprentissage."""
    modeles = Path(str(files("modeles")))
    references = lire_references(modeles / "apprentissage")
    chemin = modeles / "poids" / "modalite.json"
    ecrire_poids(apprendre(references), chemin)
    print(f"{len(references)} mentions apprises, poids écrits dans {chemin.name}")


if __name__ == "__main__":
    principal()
