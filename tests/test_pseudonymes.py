"""Les pseudonymes : la table appliquée, ses fautes, et ce que le repérage trouve."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.fautes import ErreurEtude
from corpus.noms_propres import NomsPropres
from corpus.pseudonymes import Pseudonymes, lire_pseudonymes

TABLE = {"Nadège Pellerat": "la cheffe", "Nadège": "Brigitte", "L'Écho d'ici": "un journal", "Navettes": "quartier A",
         "Brigitte": "Odile", "Caf": "Caf"}


@pytest.mark.parametrize(("brut", "attendu"), [
    ("Nadège Pellerat et Nadège", "la cheffe et Brigitte"),
    ("Nadège\u00a0 Pellerat", "la cheffe"),
    ("NADÈGE, à la Caf", "BRIGITTE, à la Caf"),
    ("L’Écho d’ici parle", "un journal parle"),
    ("les navettes des Navettes", "les navettes des quartier A"),
    ("Nadègette", "Nadègette"),
    ("Brigitte", "Odile"),
])
def test_la_table_s_applique_en_une_passe(brut: str, attendu: str) -> None:
    assert Pseudonymes(TABLE).appliquer(brut) == attendu


@given(st.dictionaries(st.text(alphabet="abcé '’.(", min_size=1, max_size=6).filter(str.strip), st.just("X"), max_size=5),
       st.text(alphabet="abcé '’.(", max_size=20))
def test_aucune_forme_entiere_ne_reste(table: dict[str, str], texte: str) -> None:
    table = {forme.strip(): remplacement for forme, remplacement in table.items()}
    rendu = Pseudonymes(table).appliquer(texte)
    for forme in table:
        if re.fullmatch(r"\w+", forme):
            assert not re.search(rf"(?<!\w){forme}(?!\w)", rendu)


def test_toutes_les_fautes_du_tableau_en_une_fois(tmp_path: Path) -> None:
    assert not lire_pseudonymes(tmp_path)
    lignes = ("forme;remplacement", "Samia;A", "Samia;B", ";C", "René;", "Caf;Caf", "Inès;la Samia", "Léa;la Caf")
    (tmp_path / "pseudonymes.csv").write_text("\n".join(lignes), encoding="utf-8")
    with pytest.raises(ErreurEtude) as erreur:
        lire_pseudonymes(tmp_path)
    assert [(faute.fichier, faute.ligne) for faute in erreur.value.fautes] == [
        ("pseudonymes.csv", 3), ("pseudonymes.csv", 4), ("pseudonymes.csv", 5), ("pseudonymes.csv", 7)]


PHRASES = ["Alors hier on a vu Samia à la gare.", "Le chef de projet, Samia le connaît.",
           "Claire est venue, elle s'appelle Claire Dumas.", "La rue est claire, bien claire.",
           "On travaille avec la Caf et la DDETS.", "Écrivez à n.durand@ville.fr ou au 06 39 98 12 47.",
           "Alors on verra.", "Ouais, alors, ouais."]


def test_le_reperage_trouve_noms_et_contacts_et_laisse_les_sigles_de_la_grille() -> None:
    noms = NomsPropres(PHRASES, permis=["la Caf, le CCAS"])
    masques = noms.masquer(PHRASES)
    assert "Samia" not in " ".join(masques) and "Dumas" not in " ".join(masques)
    assert masques[3] == PHRASES[3] and masques[4] == PHRASES[4] and masques[6:] == PHRASES[6:]
    assert masques[5] == "Écrivez à [courriel] ou au [téléphone]."
    assert not noms.suspecte(PHRASES[4]) and noms.suspecte(PHRASES[0]) and noms.suspecte(PHRASES[5])
    for texte, trouves in zip(PHRASES, noms.reperer(PHRASES), strict=True):
        assert all(0 <= nom.debut < nom.fin <= len(texte) for nom in trouves)
        assert all(avant.fin < apres.debut for avant, apres in zip(trouves, trouves[1:], strict=False))


def test_les_propositions_comptent_et_numerotent() -> None:
    phrases = pd.DataFrame({"entretien": ["E1", "E2", *["E1"] * (len(PHRASES) - 2)], "texte": PHRASES})
    propose = NomsPropres(PHRASES).proposer(phrases).set_index("forme")
    assert tuple(propose.loc["Samia", ["occurrences", "entretiens"]]) == (2, 2)
    assert propose.loc["06 39 98 12 47", "remplacement"] == "Telephone 1"
    assert propose.index[0] == "Samia" and propose["remplacement"].is_unique
