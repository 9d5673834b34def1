"""Le rapport HTML : le fichier écrit, et ce qu'il refuse d'écrire."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace
from pathlib import Path

import pytest
from etude_rapport import PIEGE, etude_de_demonstration, etude_minuscule

from restitution.donnees import DonneesRapport, json_incorpore, preparer
from restitution.rapport import ecrire_rapport


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    return etude_de_demonstration(territoires=["T01", "T03", "T07"])


@pytest.fixture(scope="module")
def rapport(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chemin = tmp_path_factory.mktemp("rapport") / "rapport.html"
    ecrire_rapport(chemin, donnees)
    return chemin


def test_memes_donnees_memes_octets_et_rien_a_aller_chercher(
    donnees: DonneesRapport, rapport: Path, tmp_path: Path
) -> None:
    second = tmp_path / "second.html"
    ecrire_rapport(second, copy.deepcopy(donnees))
    assert second.read_bytes() == rapport.read_bytes()
    page = rapport.read_text(encoding="utf-8")
    assert "default-src 'none'" in page
    assert not re.search(r"<(?:script|img|iframe|link|source)[^>]*(?:src|href)=", page)
    assert "url(" not in page and "@import" not in page


def test_une_donnee_fausse_laisse_l_ancien_rapport_intact(donnees: DonneesRapport, tmp_path: Path) -> None:
    chemin = tmp_path / "rapport.html"
    chemin.write_text("ancien")
    perdue = donnees.mentions.head(1).assign(phrase="p9999")
    with pytest.raises(ValueError, match=r"introuvable : T01-E01 p9999"):
        ecrire_rapport(chemin, replace(donnees, mentions=perdue))
    hors_grille = donnees.mentions.head(1).assign(code="Z9")
    with pytest.raises(ValueError, match="code hors liste : Z9"):
        ecrire_rapport(chemin, replace(donnees, mentions=hors_grille))
    decalees = donnees.phrases.assign(debut=donnees.phrases["debut"] + 1)
    with pytest.raises(ValueError, match="pas à sa place"):
        ecrire_rapport(chemin, replace(donnees, phrases=decalees))
    assert [p.name for p in tmp_path.iterdir()] == ["rapport.html"]
    assert chemin.read_text() == "ancien"


def test_le_json_incorpore_ne_ferme_pas_le_script() -> None:
    objet = {"texte": PIEGE + "\u2028\u2029"}
    ecrit = json_incorpore(objet)
    assert not set("<>&\u2028\u2029") & set(ecrit)
    assert json.loads(ecrit) == objet
    assert json.loads(json_incorpore(["\ud83d seule"])) == ["\ufffd seule"]


def test_les_positions_comptent_en_unites_de_javascript() -> None:
    etude = etude_minuscule(["Le 🚌 passe.", "Rien."])
    etude.mentions["debut"], etude.mentions["fin"] = 3, 10  # « 🚌 passe » : 7 points de code, 8 unités
    pret = preparer(etude)
    assert (pret["phrases"]["debut"][0], pret["phrases"]["fin"][0]) == (0, 12)
    assert (pret["mentions"]["debut"], pret["mentions"]["fin"]) == ([3], [11])
