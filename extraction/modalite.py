"""La modalité d'une mention : présente, absente ou hypothétique, avec les indices qui le montrent.

Les indices (négation, conditionnel, souhait, levée, manque…) sont relevés par règles sur l'analyse
spaCy (`extraction.indices`). Leur poids, lui, est appris par régression logistique, pour chaque genre de
code, car la même négation ne dit pas la même chose d'une condition (« pas de diagnostic partagé » : absente)
et d'un obstacle (« il n'y a pas assez de monde » : le manque est présent). Les poids livrés, lisibles,
sont dans `modeles/poids/modalite.json` ; `python -m extraction.modalite_apprentissage` les refait.

Examples
--------
>>> from extraction.langue import analyser
>>> from extraction.modalite import predire
>>> doc = next(analyser(["Il faudrait un vrai diagnostic partagé."]))
>>> verdict = predire(doc, "condition")
>>> verdict.modalite, verdict.indices[0].texte
('hypothetique', 'faudrait')

Limites
-------
- Une absence dite sans aucun mot pour la dire échappe à la méthode : « la Caf, je la vois aux
  inaugurations », « leur chaise prend la poussière », l'ironie, le récit dont on tire soi-même la
  conclusion. Un obstacle levé se raconte souvent ainsi (« elle a détaché une conseillère le mardi »).
- Nier un verbe ne suffit pas à rendre une condition absente (« on n'a rien inventé » la dit réunie) : sans
  nom ni verbe de `extraction.lexique_modalite.BIENS` reconnu sous la négation, « le conseil départemental ne
  participe à rien » ou « on n'a pas pu travailler avec la Caf » restent `presente`, à confiance moyenne.
- Entre deux mots identiques à l'écrit l'oral tranche par la prononciation : « on a plus de bus » est lu
  comme une négation, « on a plus de moyens » comme une comparaison, sur la seule foi du nombre du nom.
- Une réponse elliptique (« un binôme », « des bras ») ne se comprend que par la question posée : donner
  `contexte`.
- « Si » suivi d'un présent marque aussi bien l'habitude (« si un jeune décroche, on l'appelle ») que la
  crainte (« si elle part, on recommence »).
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, get_args

from spacy.tokens import Doc

from extraction.indices import Indice, relever_avec_contexte

Modalite = Literal["presente", "absente", "hypothetique"]
Genre = Literal["condition", "obstacle"]
MODALITES: tuple[Modalite, ...] = get_args(Modalite)
GENRES: tuple[Genre, ...] = get_args(Genre)


@dataclass(frozen=True)
class Verdict:
    """La modalité retenue et ce qui la fonde.

    Attributes
    ----------
    modalite : {"presente", "absente", "hypothetique"}
    confiance : float
        Probabilité de cette modalité d'après le modèle, entre 0 et 1. Les modalités rares sont
        retenues dès que leur probabilité est nette par rapport à leur fréquence : la confiance d'un
        verdict peut donc être inférieure à 0,5.
    indices : tuple[Indice, ...]
        Les indices relevés, les plus favorables au verdict d'abord.
    """

    modalite: Modalite
    confiance: float
    indices: tuple[Indice, ...]


@dataclass(frozen=True)
class Poids:
    """Les poids d'un genre de code.

    Attributes
    ----------
    biais : Mapping[str, float]
        Modalité → ordonnée à l'origine de la régression (logit).
    coefficients : Mapping[str, Mapping[str, float]]
        Indice → modalité → poids (logit).
    preference : Mapping[str, float]
        Modalité → facteur appliqué à sa probabilité au moment de choisir.
    """

    biais: Mapping[str, float]
    coefficients: Mapping[str, Mapping[str, float]]
    preference: Mapping[str, float]

    def probabilites(self, noms: Iterable[str]) -> dict[Modalite, float]:
        """Probabilité de chaque modalité quand les indices nommés sont présents.

        Parameters
        ----------
        noms : Iterable[str]
            Noms d'indices ; les répétitions ne comptent pas, un nom inconnu ne pèse rien.

        Returns
        -------
        dict[str, float]
            Somme 1.
        """
        presents = [self.coefficients[nom] for nom in sorted(set(noms)) if nom in self.coefficients]
        logits = {m: self.biais[m] + math.fsum(p[m] for p in presents) for m in MODALITES}
        sommet = max(logits.values())
        exponentielles = {m: math.exp(v - sommet) for m, v in logits.items()}
        total = math.fsum(exponentielles.values())
        return {m: v / total for m, v in exponentielles.items()}

    def choisir(self, probabilites: Mapping[Modalite, float]) -> Modalite:
        """La modalité retenue, préférence comprise."""
        return max(MODALITES, key=lambda m: probabilites[m] * self.preference[m])

    def appui(self, nom: str, modalite: Modalite) -> float:
        """Ce que pèse un indice en faveur d'une modalité, contre la plus forte des autres."""
        poids = self.coefficients.get(nom)
        if poids is None:
            return 0.0
        return poids[modalite] - max(poids[m] for m in MODALITES if m != modalite)


def lire_poids(texte: str) -> dict[Genre, Poids]:
    """Lit les poids écrits par `extraction.modalite_apprentissage`.

    Parameters
    ----------
    texte : str
        Le JSON.

    Returns
    -------
    dict[str, Poids]
        Un jeu de poids par genre.

    Raises
    ------
    ValueError
        Quand un genre ou une modalité manque, ou que le JSON est mal formé.
    """
    try:
        lu: dict[str, Any] = json.loads(texte)["genres"]
        jeux = {genre: Poids(**lu[genre]) for genre in GENRES}
        complets = all(
            set(MODALITES) == set(table)
            for jeu in jeux.values()
            for table in (jeu.biais, jeu.preference, *jeu.coefficients.values())
        )
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError) as erreur:
        raise ValueError(f"poids de modalité illisibles : {erreur!r}") from erreur
    if not complets:
        raise ValueError(f"poids de modalité incomplets : chaque table doit porter {', '.join(MODALITES)}")
    return jeux


@lru_cache(maxsize=1)
def poids_livres() -> dict[Genre, Poids]:
    """Les poids livrés avec l'outil, lus une fois par processus."""
    return lire_poids(files("modeles").joinpath("poids", "modalite.json").read_text(encoding="utf-8"))


def predire(
    doc: Doc,
    genre: Genre,
    contexte: Doc | None = None,
    poids: Mapping[Genre, Poids] | None = None,
) -> Verdict:
    """Dit la modalité d'une mention.

    Parameters
    ----------
    doc : Doc
        La phrase, analysée par `extraction.langue.analyser`.
    genre : {"condition", "obstacle"}
        Genre du code que porte la phrase.
    contexte : Doc, optional
        Ce qui précède la phrase dans l'entretien : phrase précédente du même tour, ou question de
        l'enquêteur. Une phrase elliptique en hérite (« et que faudrait-il ? — Un binôme. »).
    poids : Mapping[str, Poids], optional
        Par défaut, ceux livrés.

    Returns
    -------
    Verdict

    Raises
    ------
    ValueError
        Quand `genre` n'est pas l'un des deux admis.
    """
    if genre not in GENRES:
        raise ValueError(f"genre inconnu : « {genre} » (attendu : {' ou '.join(GENRES)})")
    jeu = (poids if poids is not None else poids_livres())[genre]
    indices = relever_avec_contexte(doc, contexte)
    probabilites = jeu.probabilites(indice.nom for indice in indices)
    modalite = jeu.choisir(probabilites)
    ranges = sorted(indices, key=lambda indice: (-jeu.appui(indice.nom, modalite), indice))
    return Verdict(modalite, probabilites[modalite], tuple(ranges))
