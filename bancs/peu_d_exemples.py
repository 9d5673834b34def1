"""Combien faut-il coder pour une grille nouvelle ? `python -m bancs.peu_d_exemples`.

La grille des Cités de l'emploi est tenue pour inconnue : ni le codeur livré ni son lecteur ne servent, seuls
les plongements d'e5 figés et les définitions. À chaque tour, un territoire est tenu à l'écart ; des autres,
on tire 0, 5, 10, 25 ou 50 phrases par code, avec leur codage entier, et deux phrases sans code pour une
codée. Deux tirages par tour. Écrit `peu_d_exemples.md` et `peu_d_exemples.json`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.references import DEMONSTRATION
from evaluation.justesse import Justesse, mesurer
from extraction.grille import Grille
from modeles.exemples import codes_des_references, rassembler_exemples
from modeles.peu_d_exemples import CodeurPeuDExemples
from modeles.plongements import Plongeur

SORTIE = Path(__file__).parent / "resultats"
NOMBRES = (0, 5, 10, 25, 50)
TIRAGES = 2
SANS_CODE_POUR_UNE_CODEE = 2

Reels = npt.NDArray[np.float64]
Booleens = npt.NDArray[np.bool_]


def proximites(phrases: Reels, definitions: Reels) -> Reels:
    """Proximité de chaque phrase à chaque définition, réduite code par code : (n, codes, 1)."""
    brutes = (phrases - phrases.mean(axis=0)) @ (definitions - definitions.mean(axis=0)).T
    reduites: Reels = ((brutes - brutes.mean(axis=0)) / brutes.std(axis=0))[:, :, None]
    return reduites


def tirer(y: Booleens, nombre: int, hasard: np.random.Generator) -> npt.NDArray[np.int64]:
    """Rangs tirés : `nombre` phrases par code (moins s'il n'y en a pas tant), puis des phrases sans code."""
    choisies = {int(rang) for code in range(y.shape[1]) for rang in hasard.permutation(np.flatnonzero(y[:, code]))[:nombre]}
    vides = hasard.permutation(np.flatnonzero(~y.any(axis=1)))[: SANS_CODE_POUR_UNE_CODEE * len(choisies)]
    return np.array(sorted(choisies | {int(rang) for rang in vides}), dtype=np.int64)


def courbe(graine: int = 0) -> dict[int, Justesse]:
    """Justesse hors apprentissage pour chaque nombre d'exemples par code."""
    codes = codes_des_references((DEMONSTRATION,))
    exemples = rassembler_exemples((DEMONSTRATION,), codes)
    plongeur = Plongeur("query")
    seules = plongeur.transform(list(exemples.X["texte"])).astype(np.float64)
    suivies = plongeur.transform(list(exemples.X["precedente"] + " " + exemples.X["texte"])).astype(np.float64)
    X = np.hstack([seules, suivies])
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    grille = Grille.charger()
    indices = proximites(seules, plongeur.transform(
        [f"{grille[code].intitule} : {grille[code].definition}" for code in codes]).astype(np.float64))
    entretiens = exemples.X["entretien"].to_numpy()
    hasard = np.random.default_rng(graine)
    mesures = {}
    for nombre in NOMBRES:
        y, poses, lieux = [], [], []
        for territoire in dict.fromkeys(exemples.groupes):
            tenus = exemples.groupes == territoire
            for tirage in range(TIRAGES if nombre else 1):
                reserve = np.flatnonzero(~tenus)
                rangs = reserve[tirer(exemples.y[reserve], nombre, hasard)]
                codeur = CodeurPeuDExemples().fit(X[rangs], indices[rangs], exemples.y[rangs], list(entretiens[rangs]))
                y.append(exemples.y[tenus])
                poses.append(codeur.predict(X[tenus], indices[tenus]))
                lieux.extend(entretiens[tenus])
        mesures[nombre] = mesurer(np.vstack(y), np.vstack(poses), lieux, codes)
        print(f"{nombre} : κ {mesures[nombre].kappa.valeur:.3f}, F1 macro {mesures[nombre].f1_macro.valeur:.3f}", flush=True)
    return mesures


def principal() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--sortie", type=Path, default=SORTIE)
    options = analyseur.parse_args()
    mesures = courbe()

    def f(valeur: float) -> str:
        return f"{valeur:.2f}".replace(".", ",")

    lignes = ["| exemples par code | κ par (phrase, code) | F1 macro par code | précision | rappel |",
              "| --- | --- | --- | --- | --- |",
              *(f"| {nombre} | {f(m.kappa.valeur)} [{f(m.kappa.bas)} ; {f(m.kappa.haut)}] | {f(m.f1_macro.valeur)} | "
                f"{f(m.precision)} | {f(m.rappel)} |" for nombre, m in mesures.items())]
    texte = "\n".join(lignes) + "\n"
    options.sortie.mkdir(parents=True, exist_ok=True)
    (options.sortie / "peu_d_exemples.md").write_text(texte, encoding="utf-8")
    (options.sortie / "peu_d_exemples.json").write_text(json.dumps(
        {str(nombre): {"kappa": m.kappa.valeur, "f1_macro": m.f1_macro.valeur} for nombre, m in mesures.items()},
        indent=1) + "\n", encoding="utf-8")
    print(texte)


if __name__ == "__main__":
    principal()
