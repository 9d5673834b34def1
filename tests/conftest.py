"""Réglages communs des essais."""

from __future__ import annotations

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("bases")

# Pas de délai par exemple (les essais ne chronomètrent rien) et un tirage qui se rejoue à l'identique.
settings.register_profile("essais", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("essais")
