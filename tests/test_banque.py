"""La banque d'exemples : format, couverture, et rien de repris des entretiens."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from tokenizers import Tokenizer

from corpus.fautes import ErreurEtude
from corpus.references import APPRENTISSAGE, DEMONSTRATION, charger_references
from modeles.affinage.exemples import BANQUE, MODALITES, Exemple, exemples_de_la_banque, exemples_des_references
from modeles.exemples import codes_des_references
from modeles.sessions import POIDS

MOTS_DE_SUITE = 12


@pytest.fixture(scope="module")
def segmenteur() -> Tokenizer:
    return Tokenizer.from_file(str(POIDS / "segmenteur.json"))


@pytest.fixture(scope="module")
def banque(segmenteur: Tokenizer) -> list[Exemple]:
    return exemples_de_la_banque(BANQUE, codes_des_references((DEMONSTRATION,)), segmenteur)


def test_chaque_code_a_ses_exemples_dans_chaque_modalite(banque: list[Exemple]) -> None:
    codes = codes_des_references((DEMONSTRATION,))
    effectifs = Counter((code, MODALITES[modalite]) for exemple in banque for ligne in exemple.modalites
                        for code, modalite in zip(codes, ligne, strict=True) if modalite >= 0)
    assert {(code, modalite) for code in codes for modalite in MODALITES if effectifs[code, modalite] < 25} == set()
    assert sum(int((~exemple.propos.enqueteur).sum()) for exemple in banque) > 20_000


def test_rien_n_est_repris_des_entretiens() -> None:
    """Aucune suite de douze mots de la banque ne se lit dans un entretien de la démonstration ou d'apprentissage."""
    def suites(texte: str) -> set[str]:
        mots = re.findall(r"\w+", texte.casefold())
        return {" ".join(mots[rang : rang + MOTS_DE_SUITE]) for rang in range(len(mots) - MOTS_DE_SUITE + 1)}

    connues = {suite for dossier in (DEMONSTRATION, APPRENTISSAGE)
               for texte in charger_references(dossier).phrases["texte"] for suite in suites(texte)}
    assert len(connues) > 50_000
    reprises = [ligne for chemin in sorted(BANQUE.glob("*/*.txt"))
                for ligne in chemin.read_text(encoding="utf-8").splitlines() if suites(ligne) & connues]
    assert reprises == []


def test_lecture_d_un_extrait(tmp_path: Path, segmenteur: Tokenizer) -> None:
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "BUS.txt").write_text(
        "## Chauffeur\n? Et le car ?\nIl passe plus. | BUS-\n\n## Élue\nOn verra. | BUS? GARE+\nVoilà.\n", encoding="utf-8")
    premier, second = exemples_de_la_banque(tmp_path, ("BUS", "GARE"), segmenteur)
    assert (premier.nom, premier.territoire) == ("BUS#1", "BUS")
    assert premier.propos.enqueteur.tolist() == [True, False]
    assert premier.modalites.tolist() == [[-1, -1], [1, -1]]
    assert second.modalites.tolist() == [[2, 0], [-1, -1]] and second.codes.tolist() == [[True, True], [False, False]]


def test_toutes_les_fautes_en_une_fois(tmp_path: Path, segmenteur: Tokenizer) -> None:
    (tmp_path / "codes").mkdir()
    (tmp_path / "codes" / "BUS.txt").write_text("Orpheline.\n## Élue\nOui. | TRAIN+\nNon. | BUS!\n", encoding="utf-8")
    with pytest.raises(ErreurEtude) as erreur:
        exemples_de_la_banque(tmp_path, ("BUS",), segmenteur)
    assert [(faute.ligne, faute.message) for faute in erreur.value.fautes] == [
        (1, "phrase avant tout extrait"), (3, "mention « TRAIN+ » inconnue"), (4, "mention « BUS! » inconnue")]


def test_les_references_gardent_leurs_codages(segmenteur: Tokenizer) -> None:
    codes = codes_des_references((APPRENTISSAGE,))
    exemples = exemples_des_references(APPRENTISSAGE, codes, segmenteur)
    references = charger_references(APPRENTISSAGE)
    assert [exemple.nom for exemple in exemples] == list(references.entretiens["entretien"])
    codages = references.codages[references.codages["codeur"] == "A"].drop_duplicates(["entretien", "phrase", "code"])
    assert sum(int(exemple.codes.sum()) for exemple in exemples) == len(codages)
    assert all(not exemple.codes[exemple.propos.enqueteur].any() for exemple in exemples)
