"""Un cache par contenu : ce qui a été calculé se retrouve par l'empreinte de ce dont il dépend.

Une entrée est un fichier Parquet (tables) ou NumPy `.npy` (tableaux), jamais un pickle : un dossier
d'étude reçu d'ailleurs ne peut rien faire exécuter. Les écritures sont atomiques ; une entrée abîmée
est effacée puis recalculée.
"""

from __future__ import annotations

import hashlib
import json
import os
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
    provisoire = chemin.with_name(f".{chemin.name}.{os.getpid()}")
    try:
        yield provisoire
        os.replace(provisoire, chemin)
    finally:
        provisoire.unlink(missing_ok=True)


class EntreeAbimee(Exception):
    """Une entrée attendue manque ou ne se lit plus : l'étape qui la donne est à refaire."""


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
        """La table de cette clé, qui doit avoir été gardée.

        Raises
        ------
        EntreeAbimee
            Elle manque ou ne se lit plus.
        """
        table: pd.DataFrame = self._exiger(pd.read_parquet, self.chemin(etape, cle, ".parquet"))
        return table

    def relire_tableau(self, etape: str, cle: str) -> npt.NDArray[Any]:
        """Le tableau de cette clé, qui doit avoir été gardé ; mêmes erreurs que `relire`."""
        tableau: npt.NDArray[Any] = self._exiger(_lire_npy, self.chemin(etape, cle, ".npy"))
        return tableau

    def _exiger(self, lecteur: Callable[[Path], Any], chemin: Path) -> Any:
        entree = _relire(lecteur, chemin)
        if entree is None:
            raise EntreeAbimee(f"{chemin.parent.name}/{chemin.name}")
        return entree

    def tableau(self, etape: str, cle: str, calculer: Callable[[], npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """Le tableau NumPy de cette clé, relu ou calculé puis gardé."""
        chemin = self.chemin(etape, cle, ".npy")
        garde: npt.NDArray[Any] | None = _relire(_lire_npy, chemin)
        if garde is not None:
            return garde
        tableau = calculer()
        with ecriture_atomique(chemin) as provisoire, open(provisoire, "wb") as fichier:
            np.save(fichier, tableau, allow_pickle=False)
        return tableau

    def purger(self) -> int:
        """Efface toutes les entrées qui ne se lisent plus ; rend leur nombre."""
        effacees = 0
        for chemin in sorted(self.dossier.glob("*/*")):
            lecteur = _lire_npy if chemin.suffix == ".npy" else pd.read_parquet
            if _relire(lecteur, chemin) is None:
                chemin.unlink()
                effacees += 1
        return effacees

    def contient(self, etape: str, cle: str) -> bool:
        """Vrai si une entrée de cette clé existe (lisible ou non)."""
        return any(self.chemin(etape, cle, extension).exists() for extension in (".parquet", ".npy"))

    def elaguer(self, gardees: set[tuple[str, str]]) -> int:
        """Efface les entrées dont le couple (étape, clé) n'est pas dans `gardees` ; rend leur nombre."""
        effacees = 0
        for chemin in sorted(self.dossier.glob("*/*")):
            if (chemin.parent.name, chemin.stem) not in gardees:
                chemin.unlink()
                effacees += 1
        return effacees


def _lire_npy(chemin: Path) -> npt.NDArray[Any]:
    tableau: npt.NDArray[Any] = np.load(chemin, allow_pickle=False)
    return tableau


def _relire(lecteur: Callable[[Path], Any], chemin: Path) -> Any | None:
    """L'entrée relue ; None si elle manque ou si elle est abîmée (elle sera recalculée)."""
    if not chemin.exists():
        return None
    try:
        return lecteur(chemin)
    except (OSError, ValueError, EOFError):  # ArrowInvalid est une ValueError
        return None
