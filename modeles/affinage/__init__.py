"""Affiner l'encodeur sur des entretiens codés : demande PyTorch (extra « entrainement »), rien à l'exécution."""
