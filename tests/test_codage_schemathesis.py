"""Des demandes tirées au sort d'après le contrat de l'API : jamais d'erreur du serveur, toujours une réponse annoncée."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
import schemathesis
from bases import etude
from hypothesis import settings
from schemathesis.checks import not_a_server_error
from sqlalchemy import select

from codage import comptes
from codage.appli import COOKIE, Mode, construire
from codage.base import Base
from codage.chargement import charger
from codage.journal import controler
from codage.tables import seance
from extraction.grille import Grille

_dossier = tempfile.TemporaryDirectory()
_base = Base.ouvrir(Path(_dossier.name))
charger(_base, etude(), Grille.charger(), "ana")
_appli = construire(_base, Mode("Étude", responsable="ana", jeton="jeton-d-essai", hotes=("*",)))
contrat = schemathesis.openapi.from_asgi("/openapi.json", _appli)


@pytest.fixture(scope="module", autouse=True)
def _fermer() -> object:
    yield
    _base.fermer()
    _dossier.cleanup()


@contrat.parametrize()
@settings(max_examples=25, deadline=None, derandomize=True)
def test_aucune_demande_ne_fait_tomber_le_serveur(case: schemathesis.Case) -> None:
    with _base.ecrire() as connexion:  # une séance neuve : la demande précédente a pu la fermer
        jeton = comptes.ouvrir(connexion, "ana")
        csrf = connexion.scalar(select(seance.c.csrf).order_by(seance.c.expire.desc()).limit(1))
    case.call_and_validate(cookies={COOKIE: jeton}, headers={"X-CSRF": csrf}, checks=(not_a_server_error,))


def test_le_journal_en_sort_intact() -> None:
    with _base.lire() as connexion:
        assert controler(connexion) == []
