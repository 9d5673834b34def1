"""Ce que la grille ne prévoit pas, vu par la machine et par une personne : `python -m bancs.themes_grille`.

Sur l'étude de démonstration, les thèmes nationaux et de chaque territoire sont confrontés deux fois à la grille :
avec les mentions du codeur A, puis avec celles de machines qui n'avaient pas vu le territoire
(`bancs/resultats/mentions_hors_apprentissage.csv`). Un code que la machine propose et que le codeur A propose
aussi vient des propos ; un code qu'elle est seule à proposer vient peut-être de ce qu'elle a manqué.

Affiche le nombre de propositions de chacun et de propositions communes, la stabilité des thèmes par portée, puis
les propositions. `--territoires` et `--plongements` : comme `bancs.themes`.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from bancs.themes import lire, plonger, tableau_markdown
from corpus.references import DEMONSTRATION, charger_references
from evaluation.themes_grille import EtudeCodee, proposer
from extraction.grille import Grille
from modeles.stabilite_themes import juger
from modeles.tableaux_themes import tableaux_themes

MENTIONS = Path(__file__).parent / "resultats" / "mentions_hors_apprentissage.csv"


def principal() -> None:
    """Compare les propositions et affiche les tableaux."""
    lecteur = argparse.ArgumentParser(description="Banc des codes proposés.")
    lecteur.add_argument("--plongements", type=Path, help="fichier .npz où garder les plongements")
    lecteur.add_argument("--territoires", nargs="+", help="se limiter à ces territoires")
    options = lecteur.parse_args()
    segments, personne = lire(options.territoires)
    plongements = plonger(segments["texte"].tolist(), options.plongements)
    lieux = dict(zip(segments["entretien"], segments["territoire"], strict=True))
    themes, liens = tableaux_themes(segments, plongements, segments["lemmes"].tolist(), lieux)
    machine = pd.read_csv(MENTIONS, keep_default_na=False)
    references = charger_references(DEMONSTRATION)
    phrases, entretiens = (t[t["entretien"].isin(lieux)] for t in (references.phrases, references.entretiens))
    codes = [code.code for code in Grille.charger()]
    proposes = {
        nom: proposer(EtudeCodee(themes, liens, mentions, phrases, entretiens, codes))
        for nom, mentions in (("codeur A", personne), ("machine", machine[machine["entretien"].isin(lieux)]))
    }
    trouves = {nom: set(zip(table["portee"], table["theme"], strict=True)) for nom, table in proposes.items()}
    communs = trouves["codeur A"] & trouves["machine"]
    print(f"{len(themes)} thèmes ; propositions : codeur A {len(trouves['codeur A'])}, machine "
          f"{len(trouves['machine'])}, communes {len(communs)}")
    mots = pd.crosstab(themes["portee"], themes["stabilite"].map(juger)).reset_index()
    accords = themes.groupby("portee")["stabilite_portee"].first()
    print("\n" + tableau_markdown(mots.assign(accord=mots["portee"].map(accords))))
    fiches = proposes["machine"].drop(columns=["mots", "part_hesitee", "verbatims"])
    paires = zip(fiches["portee"], fiches["theme"], strict=True)
    fiches["codeur A"] = ["aussi" if paire in communs else "" for paire in paires]
    print("\n" + tableau_markdown(fiches))


if __name__ == "__main__":
    principal()
