"""Réglages communs des essais."""

from __future__ import annotations

from hypothesis import settings

# Pas de délai par exemple (les essais ne chronomètrent rien) et un tirage qui se rejoue à l'identique.
settings.register_profile("essais", deadline=None, derandomize=True, max_examples=60)
settings.load_profile("essais")
