"""Une référence externe pour la modalité : edsnlp. `python -m bancs.modalite_edsnlp`.

edsnlp (Assistance publique - Hôpitaux de Paris) repère par règles, dans des comptes rendus médicaux en
français, ce qui est nié (`eds.negation`) ou supposé (`eds.hypothesis`), à la manière de NegEx (Chapman
et al., 2001). Il n'est pas une dépendance du projet : « pip install edsnlp » dans un environnement à
part où le projet est installé.

Chaque phrase des mentions de référence (codeur A, code donné) passe par sa chaîne, d'un seul tenant.
Une mention niée est `absente`, une mention supposée `hypothetique`. Quatre choix sont tranchés en faveur d'edsnlp, par
le F1 macro sur `modeles/apprentissage`, jamais sur la démonstration : l'étendue qualifiée (la phrase
entière, indices compris, ou chacun de ses noms et verbes) ; la part des noms et verbes qui doit
être niée ou supposée pour que la mention le soit ; ce qui l'emporte quand la phrase est à la fois niée et
supposée ; si la négation compte pour un obstacle, ou pour les seules conditions (nier, c'est souvent dire l'obstacle).

`eds.reported_speech` n'est pas employé : une parole rapportée peut être de toute modalité. Écrit
`modalite_edsnlp.json`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from bancs.modalite import mesurer, par_regles
from corpus.cache import ecriture_atomique
from corpus.references import APPRENTISSAGE, DEMONSTRATION
from extraction.modalite import GENRES, Modalite, predire
from extraction.modalite_apprentissage import Reference, lire_references

SORTIE = Path(__file__).parent / "resultats" / "modalite_edsnlp.json"
PARTS = (0.01, 0.25, 0.5)
"""Parts essayées des noms et verbes : un seul suffit, un quart, la moitié."""


@dataclass(frozen=True)
class Variante:
    """Une façon de tirer une modalité des sorties d'edsnlp ; `part` vaut 1 pour la phrase entière."""

    etendue: str
    part: float
    priorite: Modalite
    obstacles_nies: bool

    def __str__(self) -> str:
        part = "" if self.etendue == "phrase" else f", part ≥ {self.part:g}".replace(".", ",")
        nies = "" if self.obstacles_nies else ", négation pour les seules conditions"
        return f"{self.etendue}{part}, {self.priorite} d'abord{nies}"


PRIORITES: tuple[Modalite, ...] = ("hypothetique", "absente")
VARIANTES = tuple(
    Variante(etendue, part, priorite, obstacles_nies)
    for etendue, part in (("phrase", 1.0), *(("noms et verbes", part) for part in PARTS))
    for priorite in PRIORITES
    for obstacles_nies in (True, False)
)


def qualifier(references: Sequence[Reference], etendue: str) -> NDArray[np.float64]:
    """Part niée et part supposée de chaque mention, (mentions, 2), entre 0 et 1.

    Parameters
    ----------
    references : Sequence[Reference]
    etendue : {"phrase", "noms et verbes"}
        La phrase entière contient ses indices (`within_ents`). Sans nom ni verbe, tous les mots comptent.
    """
    import edsnlp  # type: ignore[import-untyped]

    entiere = etendue == "phrase"
    chaine = edsnlp.blank("eds")
    chaine.add_pipe("eds.normalizer")
    for composant in ("eds.negation", "eds.hypothesis"):
        chaine.add_pipe(composant, config={"span_getter": ["mentions"], "within_ents": entiere})
    parts = []
    for reference in references:
        doc = chaine.make_doc(reference.doc.text)
        for mot in doc:
            mot.is_sent_start = mot.i == 0
        pleins = [m for m in reference.doc if m.pos_ in {"NOUN", "PROPN", "VERB", "AUX"}]
        mots = [(m.idx, m.idx + len(m)) for m in pleins or reference.doc]
        etendues = [doc.char_span(debut, fin, alignment_mode="expand") for debut, fin in mots]
        doc.spans["mentions"] = [doc[:]] if entiere else etendues
        verdicts = [(s._.negation, s._.hypothesis) for s in chaine(doc).spans["mentions"]]
        parts.append(np.mean(np.array(verdicts, dtype=bool), axis=0))
    return np.array(parts)


def trancher(parts: NDArray[np.float64], genres: NDArray[np.str_], variante: Variante) -> NDArray[np.str_]:
    """Modalité de chaque mention, (mentions,), d'après les parts niées et supposées et le genre du code."""
    niee, supposee = (parts >= variante.part).T
    if not variante.obstacles_nies:
        niee = niee & (genres != "obstacle")
    if variante.priorite == "absente":
        return np.select([niee, supposee], ["absente", "hypothetique"], "presente")
    return np.select([supposee, niee], ["hypothetique", "absente"], "presente")


def _lire(dossier: Path) -> tuple[list[Reference], NDArray[np.str_]]:
    references = [r for r in lire_references(dossier) if r.codeur == "A"]
    return references, np.array([r.modalite for r in references])


def _afficher(titre: str, lignes: dict[str, dict[str, float]]) -> None:
    tableau = pd.DataFrame(lignes).T.astype({"mentions": int})
    print(f"{titre}\n\n{tableau.to_string(float_format=lambda v: f'{v:.3f}')}\n")


def principal() -> None:
    """Choisit la variante, la mesure sur la démonstration, affiche et écrit les chiffres."""
    if find_spec("edsnlp") is None:
        sys.exit("edsnlp manque : « pip install edsnlp », de préférence dans un environnement à part")

    # Les deux lectures d'abord : edsnlp importé, spaCy ne sait plus charger le modèle du projet.
    appris, vrai_appris = _lire(APPRENTISSAGE)
    references, vrai = _lire(DEMONSTRATION / "references")
    parts = {etendue: qualifier(appris, etendue) for etendue in ("phrase", "noms et verbes")}
    genres_appris = np.array([r.genre for r in appris])
    essais = {v: mesurer(vrai_appris, trancher(parts[v.etendue], genres_appris, v)) for v in VARIANTES}
    choisie = max(VARIANTES, key=lambda v: essais[v]["F1 macro"])
    _afficher("Choix sur les entretiens d'apprentissage", {str(v): m for v, m in essais.items()})

    genres = np.array([r.genre for r in references])
    predit = trancher(qualifier(references, choisie.etendue), genres, choisie)
    methodes = {
        "toujours présente": np.full(len(vrai), "presente"),
        "règles sans poids": np.array([par_regles(r) for r in references]),
        "poids appris": np.array([predire(r.doc, r.genre, r.contexte).modalite for r in references]),
        "edsnlp": predit,
    }
    _afficher(f"Démonstration (edsnlp : {choisie})", {n: mesurer(vrai, p) for n, p in methodes.items()})
    mesures = {"toutes": mesurer(vrai, predit)}
    mesures |= {genre: mesurer(vrai[genres == genre], predit[genres == genre]) for genre in GENRES}
    _afficher("edsnlp par genre de code", mesures)

    contenu: dict[str, Any] = {"edsnlp": version("edsnlp"), "variante": str(choisie)}
    contenu |= {"mentions": len(references), "demonstration": mesures}
    contenu["apprentissage"] = {str(v): m for v, m in essais.items()}
    arrondi = json.loads(json.dumps(contenu), parse_float=lambda v: round(float(v), 4))
    with ecriture_atomique(SORTIE) as provisoire:
        provisoire.write_text(json.dumps(arrondi, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    principal()
