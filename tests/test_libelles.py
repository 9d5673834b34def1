"""Les mots d'un thème : dits par assez d'enquêtés, propres au thème, aidés du national dans un territoire."""

from __future__ import annotations

import numpy as np
import pytest

from modeles.expressions import Expressions
from modeles.libelles import nommer

# Deux thèmes de trente segments, dix entretiens chacun ; « emploi » est partout, « courge » n'a qu'un conteur, « nourrice »
# deux.
VOIX = [f"e{rang % 10}" for rang in range(60)]
NUMEROS = np.repeat([0, 1], 30)


def _expressions() -> Expressions:
    termes = []
    for rang in range(60):
        siens = ["emploi", "mot"]
        if rang < 30:
            siens += ["crèche"] * (rang % 3 == 0) + ["berceau"] * (rang % 4 == 0)
            siens += ["courge"] * (rang % 10 == 1) + ["nourrice"] * (rang % 10 in (2, 5))
        else:
            siens += ["bus"] * (rang % 3 == 0) + ["gare"] * (rang % 4 == 0) + ["permis"] * (rang % 5 == 0)
        termes.append(tuple(siens))
    noms = {terme for suite in termes for terme in suite}
    return Expressions(tuple(termes), {nom: nom for nom in noms})


def _nommer(nationaux: dict[int, dict[str, float]] | None = None) -> tuple[dict[int, list[str]], dict[int, dict[str, float]]]:
    plongements = np.eye(2)[NUMEROS]
    pertinence = {nom: 0.1 for nom in ("crèche", "berceau", "courge", "nourrice", "bus", "gare", "permis")}
    return nommer(plongements, NUMEROS, _expressions(), VOIX, pertinence, 8, nationaux or {})


def test_un_mot_d_anecdote_ne_nomme_pas_un_theme() -> None:
    """« courge », qu'un seul enquêté dit, « nourrice » et « permis », que deux disent, ne passent pas."""
    mots, _ = _nommer()
    assert mots == {0: ["crèche", "berceau"], 1: ["bus", "gare"]}


def test_faute_de_mieux_deux_mots_moins_surs() -> None:
    """Quatre enquêtés, un mot chacun : rien de sûr."""
    termes = tuple((nom, "emploi") for nom in ("a", "b", "c", "d")) + (("emploi",),) * 4
    expressions = Expressions(termes, {nom: nom for nom in ("a", "b", "c", "d", "emploi")})
    mots, _ = nommer(np.eye(2)[[0] * 4 + [1] * 4], np.array([0] * 4 + [1] * 4), expressions, list("efghefgh"), {}, 8, {})
    assert len(mots[0]) == 2


def test_les_mots_du_theme_national_se_contentent_de_deux_enquetes() -> None:
    mots, _ = _nommer({0: {"nourrice": 9.0}})
    assert set(mots[0]) == {"crèche", "berceau", "nourrice"}
    # Un mot du national que nul ne dit ici n'y entre pas.
    assert "licorne" not in _nommer({0: {"licorne": 50.0}})[0][0]


def test_termes_specifiques_rendus_avec_leur_specificite() -> None:
    from math import comb, log10

    _, specifiques = _nommer()
    assert set(specifiques[0]) == {"crèche", "berceau"}
    # Dix segments sur soixante disent « crèche », tous parmi les trente du thème.
    assert specifiques[0]["crèche"] == pytest.approx(-log10(comb(30, 10) / comb(60, 10)))


def test_les_numeros_de_bertopic_ne_changent_rien() -> None:
    """BERTopic range les thèmes par effectif : à effectifs égaux, les siens peuvent être échangés."""
    plongements = np.eye(2)[NUMEROS]
    droit = nommer(plongements, NUMEROS, _expressions(), VOIX, {}, 8, {0: {"nourrice": 9.0}})
    envers = nommer(plongements, 1 - NUMEROS, _expressions(), VOIX, {}, 8, {1: {"nourrice": 9.0}})
    for un, autre in zip(droit, envers, strict=True):
        assert un[0] == autre[1] and un[1] == autre[0]
