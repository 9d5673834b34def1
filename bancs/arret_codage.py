"""La règle d'arrêt de la file d'attente arrête-t-elle au bon moment ? `python -m bancs.arret_codage`.

Une personne suit la file d'attente (`codage.file_attente`) par paquets de vingt, juge chaque proposition comme le codage de
référence, et s'arrête quand l'application le lui dit. On regarde alors la part des propositions justes qu'elle a vraiment
trouvée, à côté de celle que l'application annonce. Une étude par territoire, puis une seule pour les dix ; les propositions
sont les codes posés par des machines qui n'ont pas vu le territoire (`bancs.hors_apprentissage`). Juger au hasard jusqu'à la
même part trouvée sert de comparaison. Écrit `bancs/resultats/arret_codage.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from bancs.hors_apprentissage import HorsApprentissage, codages_hors_apprentissage
from codage.file_attente import RAPPEL_VISE, avancement, ordonner

RESULTATS = Path(__file__).parent / "resultats" / "arret_codage.md"
PAQUET = 20


@dataclass(frozen=True)
class Arret:
    """Où la file s'est arrêtée : comptes de propositions, et parts de 0 à 1."""

    etude: str
    propositions: int
    justes: int
    jugees: int
    annonce: float
    trouvee: float

    @property
    def au_hasard(self) -> float:
        """Propositions à juger au hasard pour trouver la même part des justes, en moyenne (tirage sans remise)."""
        trouvees = round(self.trouvee * self.justes)
        return trouvees * (self.propositions + 1) / (self.justes + 1)


def propositions(tables: HorsApprentissage) -> pd.DataFrame:
    """Les codes posés : id, territoire, entretien, code, confiance, vraie (selon la référence), rangés par texte."""
    lignes, codes = np.nonzero(tables.posees)
    return pd.DataFrame({"id": [f"{n:06d}" for n in range(len(lignes))], "territoire": tables.territoires[lignes],
                         "entretien": tables.entretiens[lignes], "code": np.array(tables.codes)[codes],
                         "confiance": tables.probabilites[lignes, codes], "vraie": tables.reference[lignes, codes]})


def suivre(nom: str, table: pd.DataFrame) -> Arret:
    """Juge les propositions d'une étude dans l'ordre de la file, jusqu'à l'arrêt."""
    table = table.assign(jugee=False, juste=False).reset_index(drop=True)
    while not (ou_on_en_est := avancement(table)).arret:
        choisies = ordonner(table, PAQUET).index
        table.loc[choisies, "jugee"] = True
        table.loc[choisies, "juste"] = table.loc[choisies, "vraie"]
    justes = int(table["vraie"].sum())
    return Arret(nom, len(table), justes, ou_on_en_est.jugees, ou_on_en_est.rappel,
                 ou_on_en_est.trouves / justes if justes else 1.0)


def ecrire(arrets: list[Arret]) -> str:
    """Le tableau, en Markdown."""
    lignes = [f"| {a.etude} | {a.propositions} | {a.justes} | {a.jugees} ({a.jugees / a.propositions:.0%}) | {a.annonce:.0%} | "
              f"{a.trouvee:.0%} | {a.au_hasard:.0f} |".replace("%", " %") for a in arrets]
    return (f"Règle : s'arrêter quand la part trouvée estimée atteint {RAPPEL_VISE:.0%} ; `python -m bancs.arret_codage`.\n\n"
            .replace("%", " %") +
            "| étude | propositions | justes | jugées à l'arrêt | part trouvée, annoncée | part trouvée, vraie | "
            "à juger au hasard |\n| --- | --- | --- | --- | --- | --- | --- |\n" + "\n".join(lignes) + "\n")


def principal() -> None:
    """Simule, affiche et écrit."""
    table = propositions(codages_hors_apprentissage())
    etudes = [(str(nom), siennes) for nom, siennes in table.groupby("territoire")] + [("les dix", table)]
    texte = ecrire([suivre(nom, siennes) for nom, siennes in etudes])
    RESULTATS.write_text(texte, encoding="utf-8")
    print(texte)


if __name__ == "__main__":
    principal()
