# make installer, make demo, make essais ; make types, make documentation.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: installer demo essais types documentation verrouiller

installer: $(VENV)/.installe

# Refait seulement si les versions ou le paquet ont changé. --no-deps : requirements.txt est complet,
# pip n'a rien à résoudre (BERTopic se passe ainsi de sentence-transformers, donc de PyTorch).
$(VENV)/.installe: requirements.txt pyproject.toml
	@echo "Installation dans $(VENV)/ (quelques minutes la première fois)…"
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 ou plus est nécessaire")'
	@test -x $(PY) || $(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
	@$(PY) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

demo: installer
	@$(VENV)/bin/monographies demo

# Les essais lancent des dizaines de processus : que chacun ne recompile pas les modules, même si l'environnement le demande.
essais: installer
	PYTHONDONTWRITEBYTECODE= $(PY) -m pytest

# Contrôle les annotations de tous les modules (mypy strict, réglé dans pyproject.toml).
types: installer
	$(PY) -m mypy

# Construit le site de documentation dans site/ ; tout avertissement est une erreur.
documentation: installer
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict --quiet
	@echo "Site : site/index.html"

# Réécrit requirements.txt d'après pyproject.toml (demande uv).
verrouiller:
	uv pip compile pyproject.toml --extra labo --extra essais --extra documentation --universal --python-version 3.11 \
	    --no-header --no-annotate --output-file requirements.txt
