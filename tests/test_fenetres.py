"""Fenêtres d'entretien : chaque phrase une fois, dans l'ordre, avec son contexte."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from modeles.fenetres import ENQUETE, ENQUETEUR, FONCTION, Propos, assembler, decouper, segmenter_propos
from modeles.lecteur import POIDS


def propos(tailles: list[int], entete: int = 3) -> Propos:
    """Des phrases de tailles données, dont les jetons sont le rang de la phrase."""
    return Propos([0] * entete, [[rang + 10] * taille for rang, taille in enumerate(tailles)],
                  np.arange(len(tailles)) % 3 == 0)


def test_decoupage_calcule_a_la_main() -> None:
    """Fenêtres de 20 jetons, dont 3 d'en-tête, 5 de contexte à gauche au plus et 4 à droite au plus."""
    fenetres = decouper(propos([4, 4, 4, 4, 4]), longueur=20, gauche=5, droite=4)
    # 20 - 3 - 4 = 13 jetons : trois phrases, puis une de contexte ; ensuite une phrase d'avant (4 ≤ 5), 9 restent.
    assert [tuple(f) for f in fenetres] == [(0, 4, 0, 3), (2, 5, 3, 5)]
    entree = assembler(propos([4, 4, 4, 4, 4]), fenetres[1])
    assert entree.ids.tolist() == [0] * 3 + [12] * 4 + [13] * 4 + [14] * 4
    assert entree.roles.tolist() == [FONCTION] * 3 + [ENQUETE] * 4 + [ENQUETEUR] * 4 + [ENQUETE] * 4
    assert entree.bornes.tolist() == [[7, 11], [11, 15]]


@given(st.lists(st.integers(1, 121), max_size=60), st.floats(0.05, 1.0))
def test_chaque_phrase_est_codee_une_fois(tailles: list[int], amorce: float) -> None:
    un = propos(tailles)
    fenetres = decouper(un, amorce=amorce)
    assert [rang for f in fenetres for rang in range(f.premiere, f.derniere)] == list(range(len(tailles)))
    for f in fenetres:
        entree = assembler(un, f)
        assert len(entree.ids) <= 256 and f.debut <= f.premiere < f.derniere <= f.fin
        for rang, (debut, fin) in zip(range(f.premiere, f.derniere), entree.bornes, strict=True):
            assert set(entree.ids[debut:fin]) == {rang + 10} and fin - debut == tailles[rang]


@given(st.text(max_size=300))
def test_un_texte_quelconque_se_segmente(texte: str) -> None:
    segmenteur = Tokenizer.from_file(str(POIDS / "segmenteur.json"))
    phrases = pd.DataFrame([("enqueteur", "Et alors ?"), ("enquete", texte)], columns=["role", "texte"])
    un = segmenter_propos(segmenteur, phrases, "Déléguée du préfet")
    assert un.enqueteur.tolist() == [True, False]
    assert un.phrases[1][-1] == 2 and 1 <= len(un.phrases[1]) <= 121 and len(un.entete) <= 26
