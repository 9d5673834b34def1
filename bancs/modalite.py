"""Que valent les modalités prédites ? `python -m bancs.modalite`.

Sur les mentions de référence de l'étude de démonstration (codeur A, code donné), compare quatre
méthodes : toujours « présente », des règles sans poids, les poids appris sur `modeles/apprentissage`
(jamais sur la démonstration), et, là où deux personnes ont codé, l'accord entre elles.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

from extraction.modalite import GENRES, MODALITES, Modalite, predire
from extraction.modalite_apprentissage import Reference, lire_references

HYPOTHESES = frozenset(
    """conditionnel conditionnel_passe futur futur_proche souhait crainte que_souhait il_faut_que
    si_imparfait avenir""".split()
)
LEVEES = frozenset("levee mal_nie autrefois_desormais autrefois_imparfait besoin_nie".split())
NEGATIONS = frozenset("negation_principale negation_sans_verbe manque".split())


def par_regles(reference: Reference) -> Modalite:
    """Modalité par trois règles sans poids : hypothèse, puis levée ou négation selon le genre."""
    noms = reference.noms()
    if noms & HYPOTHESES:
        return "hypothetique"
    return "absente" if noms & (LEVEES if reference.genre == "obstacle" else NEGATIONS) else "presente"


def mesurer(vrai: NDArray[np.str_], predit: NDArray[np.str_]) -> dict[str, float]:
    """Exactitude, F1 macro et F1 de chaque modalité, entre 0 et 1.

    Parameters
    ----------
    vrai, predit : numpy.ndarray of str
        Modalités, de même longueur.

    Returns
    -------
    dict[str, float]
    """
    f1 = f1_score(vrai, predit, labels=list(MODALITES), average=None, zero_division=0)
    return {
        "mentions": len(vrai),
        "exactitude": accuracy_score(vrai, predit),
        "F1 macro": float(np.mean(f1)),
        **{f"F1 {m}": float(v) for m, v in zip(MODALITES, f1, strict=True)},
    }


def _tableau(lignes: dict[str, dict[str, float]]) -> str:
    tableau = pd.DataFrame(lignes).T.astype({"mentions": int})
    return str(tableau.to_string(float_format=lambda v: f"{v:.3f}"))


def principal() -> None:
    """Affiche les tableaux."""
    toutes = lire_references(Path(str(files("corpus"))) / "demonstration" / "references")
    references = [r for r in toutes if r.codeur == "A"]
    verdicts = [predire(r.doc, r.genre, r.contexte) for r in references]
    vrai = np.array([r.modalite for r in references])
    predit = np.array([v.modalite for v in verdicts])
    regles = np.array([par_regles(r) for r in references])
    presente = np.full(len(vrai), "presente")

    print("Toutes les mentions\n")
    methodes = {"toujours présente": presente, "règles sans poids": regles, "poids appris": predit}
    print(_tableau({nom: mesurer(vrai, p) for nom, p in methodes.items()}))

    print("\nPar genre\n")
    lignes = {}
    for genre in GENRES:
        siennes = np.array([r.genre == genre for r in references])
        for nom, p in methodes.items():
            lignes[f"{genre}, {nom}"] = mesurer(vrai[siennes], p[siennes])
    print(_tableau(lignes))

    print("\nMatrice de confusion (lignes : codeur A ; colonnes : machine)\n")
    print(pd.DataFrame(confusion_matrix(vrai, predit, labels=MODALITES), index=MODALITES, columns=MODALITES))

    print("\nMentions posées par les deux codeurs, contre le codeur A\n")
    de_b = {(r.entretien, r.phrase, r.code): r.modalite for r in toutes if r.codeur == "B"}
    communes = [i for i, r in enumerate(references) if (r.entretien, r.phrase, r.code) in de_b]
    b = np.array([de_b[r.entretien, r.phrase, r.code] for r in (references[i] for i in communes)])
    lignes = {"codeur B": mesurer(vrai[communes], b)}
    lignes |= {nom: mesurer(vrai[communes], p[communes]) for nom, p in methodes.items()}
    print(_tableau(lignes))

    print("\nConfiance annoncée et exactitude\n")
    confiance = np.array([v.confiance for v in verdicts])
    tranches = pd.cut(confiance, [0, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0])
    juste = pd.DataFrame({"tranche": tranches, "confiance": confiance, "exactitude": vrai == predit})
    print(
        juste.groupby("tranche", observed=True)
        .agg(
            mentions=("confiance", "size"), confiance=("confiance", "mean"), exactitude=("exactitude", "mean")
        )
        .to_string(float_format=lambda v: f"{v:.3f}")
    )


if __name__ == "__main__":
    principal()
