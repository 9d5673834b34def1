"""Réglages communs des essais."""

from __future__ import annotations

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("bases", "navigateur_codage")
pytest_plugins = ["navigateur_rapport"]  # le navigateur des essais

# Pas de délai par exemple (les essais ne chronomètrent rien) et un tirage qui se rejoue à l'identique.
settings.register_profile("essais", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("essais")

LONGS = ("test_carnets.py", "test_documentation.py", "test_chaine.py", "test_apprendre_etude.py", "test_contrats_sklearn.py",
         "test_themes.py")
"""Les fichiers les plus longs, lancés d'abord : en dernier, un seul processus les ferait pendant que l'autre attend."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda essai: LONGS.index(essai.path.name) if essai.path.name in LONGS else len(LONGS))
