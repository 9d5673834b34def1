"""Chargement, débit et mémoire du codeur machine : `python -m bancs.lecteur`.

Le débit est pris en rapport, dans la même exécution, avec l'encodeur d'e5 figé (`modeles.plongements`) sur
les mêmes phrases. La mémoire est celle d'un processus qui ne fait que coder.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable

import pandas as pd
import psutil

from corpus.references import DEMONSTRATION, charger_references

ENTRETIENS = 40
_MESURE = """
import time, psutil
debut = time.monotonic()
from modeles.codeur_livre import charger_codeur
codeur = charger_codeur()
chargement = time.monotonic() - debut
from bancs.lecteur import entretiens
for fonction, phrases in entretiens(10):
    codeur.coder(phrases, fonction)
print(chargement, psutil.Process().memory_info().rss / 2**20)
"""


def entretiens(nombre: int) -> list[tuple[str, pd.DataFrame]]:
    """Les premiers entretiens de la démonstration : fonction, table des phrases."""
    references = charger_references(DEMONSTRATION)
    groupes = dict(list(references.phrases.groupby("entretien", sort=False)))
    return [(fiche.fonction, groupes[fiche.entretien]) for fiche in references.entretiens.head(nombre).itertuples()]


def debit(coder: Callable[[], object], phrases: int) -> float:
    """Phrases par seconde, au meilleur de trois passages."""
    durees = []
    for _ in range(3):
        debut = time.monotonic()
        coder()
        durees.append(time.monotonic() - debut)
    return phrases / min(durees)


def principal() -> None:
    from modeles.codeur_livre import charger_codeur
    from modeles.plongements import Plongeur

    propos = entretiens(ENTRETIENS)
    enquetes = sum(int((phrases["role"] == "enquete").sum()) for _, phrases in propos)
    textes = [texte for _, phrases in propos for texte in phrases.loc[phrases["role"] == "enquete", "texte"]]
    for fils in (1, psutil.cpu_count()):
        codeur = charger_codeur(fils=fils)
        vitesse = debit(lambda codeur=codeur: [codeur.coder(p, f) for f, p in propos], enquetes)  # type: ignore[misc]
        fige = debit(lambda fils=fils: Plongeur(fils=fils).transform(textes), enquetes)  # type: ignore[misc]
        print(f"{fils} fil(s) : {vitesse:.0f} phrases d'enquêtés par seconde, {vitesse / fige:.2f} fois e5 figé")
    sortie = subprocess.run([sys.executable, "-c", _MESURE], capture_output=True, text=True, check=True).stdout
    chargement, memoire = map(float, sortie.split())
    print(f"chargement {chargement:.1f} s, mémoire {memoire:.0f} Mio")


if __name__ == "__main__":
    principal()
