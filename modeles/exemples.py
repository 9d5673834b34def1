"""Les entretiens codés du projet, en phrases en contexte et en codes portés."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpus.references import charger_references
from modeles.contexte import mettre_en_contexte

GRILLE = "cites_emploi"
CODEUR_DE_REFERENCE = "A"


@dataclass(frozen=True)
class Exemples:
    """Des phrases en contexte et leurs codes.

    Attributes
    ----------
    X : pandas.DataFrame
        Phrases en contexte.
    y : ndarray (n, codes) de booléens
    groupes : ndarray (n,)
        Territoire de chaque phrase.
    """

    X: pd.DataFrame
    y: npt.NDArray[np.bool_]
    groupes: npt.NDArray[np.str_]

    def partie(self, garde: npt.NDArray[np.bool_]) -> Exemples:
        """Les lignes où `garde` est vrai."""
        return Exemples(self.X[garde].reset_index(drop=True), self.y[garde], self.groupes[garde])


def rassembler_exemples(dossiers: Sequence[Path], codes: Sequence[str]) -> Exemples:
    """Rassemble les phrases d'enquêtés de plusieurs corpus codés (codeur de référence)."""
    contextes, groupes, portes = [], [], []
    rangs = {code: rang for rang, code in enumerate(codes)}
    for dossier in dossiers:
        references = charger_references(dossier)
        contexte = mettre_en_contexte(references.phrases)
        lignes = {cle: ligne for ligne, cle in enumerate(zip(contexte["entretien"], contexte["phrase"], strict=True))}
        y = np.zeros((len(contexte), len(codes)), dtype=bool)
        codages = references.codages[references.codages["codeur"] == CODEUR_DE_REFERENCE]
        for entretien, phrase, code in zip(codages["entretien"], codages["phrase"], codages["code"], strict=True):
            y[lignes[entretien, phrase], rangs[code]] = True
        territoires = references.entretiens.set_index("entretien")["territoire"]
        contextes.append(contexte)
        portes.append(y)
        groupes.append(contexte["entretien"].map(territoires).to_numpy(dtype=str))
    return Exemples(pd.concat(contextes, ignore_index=True), np.vstack(portes), np.concatenate(groupes))


def codes_des_references(dossiers: Sequence[Path]) -> list[str]:
    """Les codes employés dans les références, triés."""
    return sorted({code for dossier in dossiers for code in charger_references(dossier).codages["code"]})
