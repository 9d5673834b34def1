"""Fenêtres d'entretien : chaque phrase une fois, dans l'ordre, avec son contexte."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from modeles.fenetres import (
    ENQUETE,
    ENQUETEUR,
    FONCTION,
    Fenetre,
    Propos,
    assembler,
    decouper,
    regards,
    segmenter_propos,
)
from modeles.sessions import POIDS


def propos(tailles: list[int], entete: int = 3) -> Propos:
    """Des phrases de tailles données, dont les jetons sont le rang de la phrase."""
    return Propos([0] * entete, [[rang + 10] * taille for rang, taille in enumerate(tailles)],
                  np.arange(len(tailles)) % 3 == 0)


def test_decoupage_calcule_a_la_main() -> None:
    """Fenêtres de 20 jetons, dont 3 d'en-tête et 5 de contexte au plus."""
    un = propos([4, 4, 4, 4, 4])
    fenetres = decouper(un, longueur=20, gauche=5)
    # 20 - 3 = 17 jetons : quatre phrases ; puis la dernière, et celle d'avant pour contexte (4 ≤ 5).
    assert [tuple(f) for f in fenetres] == [(0, 0, 4), (3, 4, 5)]
    entree = assembler(un, fenetres[1])
    assert entree.ids.tolist() == [0] * 3 + [13] * 4 + [14] * 4
    assert entree.roles.tolist() == [FONCTION] * 3 + [ENQUETEUR] * 4 + [ENQUETE] * 4
    assert entree.phrases.tolist() == [0] * 3 + [1] * 4 + [2] * 4
    assert entree.questions.tolist() == [0] * 7 + [1] * 4
    assert entree.bornes.tolist() == [[7, 11]]


def test_regards_calcules_a_la_main() -> None:
    """Fonction, question, trois phrases d'un jeton chacune : la troisième ne voit plus la première, mais la question."""
    entree = assembler(Propos([9], [[1], [2], [3], [4]], np.array([True, False, False, False])), Fenetre(0, 0, 4))
    assert entree.questions.tolist() == [0, 0, 1, 1, 1]
    assert regards(entree.phrases, entree.questions).astype(int).tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 1, 1, 1, 0],
        [1, 1, 0, 1, 1]]


def test_le_remplissage_n_est_regarde_par_aucune_phrase() -> None:
    """Un lot de fenêtres inégales se complète : la fonction (rang 0) ne doit pas voir le rang -1."""
    assert regards(np.array([0, 1, 2, -1, -1]), np.array([0, 0, 1, -1, -1])).astype(int).tolist() == [
        [1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0],
        [1, 1, 1, 0, 0],
        [1, 0, 0, 1, 1],
        [1, 0, 0, 1, 1]]


@given(st.lists(st.integers(1, 121), max_size=60), st.floats(0.05, 1.0))
def test_chaque_phrase_est_codee_une_fois(tailles: list[int], amorce: float) -> None:
    un = propos(tailles)
    fenetres = decouper(un, amorce=amorce)
    assert [rang for f in fenetres for rang in range(f.premiere, f.derniere)] == list(range(len(tailles)))
    for f in fenetres:
        entree = assembler(un, f)
        assert len(entree.ids) <= 256 and f.debut <= f.premiere < f.derniere
        for rang, (debut, fin) in zip(range(f.premiere, f.derniere), entree.bornes, strict=True):
            assert set(entree.ids[debut:fin]) == {rang + 10} and fin - debut == tailles[rang]


@given(st.text(max_size=300))
def test_un_texte_quelconque_se_segmente(texte: str) -> None:
    segmenteur = Tokenizer.from_file(str(POIDS / "segmenteur.json"))
    phrases = pd.DataFrame([("enqueteur", "Et alors ?"), ("enquete", texte)], columns=["role", "texte"])
    un = segmenter_propos(segmenteur, phrases, "Déléguée du préfet")
    assert un.enqueteur.tolist() == [True, False]
    assert un.phrases[1][-1] == 2 and 1 <= len(un.phrases[1]) <= 121 and len(un.entete) <= 26
