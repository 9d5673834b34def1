"""Les carnets s'exécutent de bout en bout et sont livrés sans sorties."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

CARNETS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def test_il_y_a_des_carnets() -> None:
    assert CARNETS


@pytest.mark.parametrize("chemin", CARNETS, ids=lambda chemin: chemin.stem)
def test_carnet(chemin: Path) -> None:
    carnet = nbformat.read(chemin, as_version=4)
    nbformat.validate(carnet)
    assert not any(cellule.get("outputs") for cellule in carnet.cells), "livré avec des sorties"
    NotebookClient(carnet, timeout=600, kernel_name="python3").execute()  # lève si une cellule échoue
    assert any(cellule.get("outputs") for cellule in carnet.cells)
