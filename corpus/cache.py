"""Un cache par contenu : ce qui a été calculé se retrouve par l'empreinte de ce dont il dépend.

Une entrée est un fichier Parquet (tables) ou NumPy `.npy` (tableaux), jamais un pickle : un dossier
d'étude reçu d'ailleurs ne peut rien faire exécuter. Les écritures sont atomiques ; une entrée abîmée
est recalculée.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd


def empreinte(*morceaux: object) -> str:
    """Empreinte SHA-256 (hexadécimale) d'une suite de valeurs.

    Les `bytes` sont pris tels quels ; le reste passe par JSON à clés triées.
    """
    condense = hashlib.sha256()
    for morceau in morceaux:
        octets = morceau if isinstance(morceau, bytes) else json.dumps(
            morceau, sort_keys=True, ensure_ascii=False).encode()
        condense.update(len(octets).to_bytes(8, "little"))
        condense.update(octets)
    return condense.hexdigest()


@contextmanager
def ecriture_atomique(chemin: Path) -> Iterator[Path]:
    """Donne un chemin voisin où écrire ; il ne prend sa place qu'une fois l'écriture réussie."""
    chemin.parent.mkdir(parents=True, exist_ok=True)
    descripteur, nom = tempfile.mkstemp(dir=chemin.parent, prefix=f".{chemin.name}.")
    os.close(descripteur)
    provisoire = Path(nom)
    try:
        yield provisoire
        provisoire.chmod(0o644)
        os.replace(provisoire, chemin)
    finally:
        provisoire.unlink(missing_ok=True)


class Cache:
    """Un dossier d'entrées nommées par étape et par empreinte.

    Parameters
    ----------
    dossier : Path
        Créé au premier besoin.
    """

    def __init__(self, dossier: Path) -> None:
        self.dossier = dossier

    def chemin(self, etape: str, cle: str, extension: str) -> Path:
        return self.dossier / etape / f"{cle}{extension}"

    def table(self, etape: str, cle: str, calculer: Callable[[], pd.DataFrame]) -> pd.DataFrame:
        """La table de cette clé, relue ou calculée puis gardée."""
        chemin = self.chemin(etape, cle, ".parquet")
        gardee = _relire(pd.read_parquet, chemin)
        if gardee is not None:
            return gardee
        table = calculer()
        with ecriture_atomique(chemin) as provisoire:
            table.to_parquet(provisoire, index=False)
        return table

    def relire(self, etape: str, cle: str) -> pd.DataFrame:
        """La table de cette clé, qui doit avoir été gardée."""
        return pd.read_parquet(self.chemin(etape, cle, ".parquet"))

    def tableau(self, etape: str, cle: str, calculer: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Le tableau NumPy de cette clé, relu ou calculé puis gardé."""
        chemin = self.chemin(etape, cle, ".npy")
        garde: npt.NDArray[Any] | None = _relire(lambda c: np.load(c, allow_pickle=False), chemin)
        if garde is not None:
            return garde
        tableau = calculer()
        with ecriture_atomique(chemin) as provisoire, open(provisoire, "wb") as fichier:
            np.save(fichier, tableau, allow_pickle=False)
        return tableau

    def contient(self, etape: str, cle: str) -> bool:
        return any(self.chemin(etape, cle, extension).exists() for extension in (".parquet", ".npy"))

    def elaguer(self, gardees: set[tuple[str, str]]) -> int:
        """Efface les entrées dont le couple (étape, clé) n'est pas dans `gardees` ; rend leur nombre."""
        effacees = 0
        for chemin in sorted(self.dossier.glob("*/*")):
            if (chemin.parent.name, chemin.stem) not in gardees:
                chemin.unlink()
                effacees += 1
        return effacees


def _relire(lecteur: Callable[[Path], Any], chemin: Path) -> Any | None:
    """L'entrée relue ; None si elle manque ou si elle est abîmée (elle sera recalculée)."""
    if not chemin.exists():
        return None
    try:
        return lecteur(chemin)
    except (OSError, ValueError, EOFError):  # ArrowInvalid est une ValueError
        return None
