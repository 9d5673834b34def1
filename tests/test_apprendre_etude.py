"""`monographies apprendre` : des codages d'une étude à son codeur, puis à son analyse."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from petite_grille import PETITE

from apprentissage import apprendre, codes_portes, raconter
from chaine import analyser
from corpus.fautes import ErreurEtude
from corpus.references import APPRENTISSAGE, charger_references

GRILLE = PETITE[: PETITE.index("codes:")] + """\
codes:
  - code: AR
    intitule: Argent
    genre: obstacle
    famille: 1
    definition: Le manque d'argent, les crédits qui arrivent tard, le budget, les subventions incertaines.
  - code: PU
    intitule: Publics
    genre: obstacle
    famille: 1
    definition: Les habitants qui ne viennent pas, la défiance, les personnes que l'on ne voit jamais.
"""
EQUIVALENTS = {"O01": "AR", "C2.2": "AR", "O10": "PU", "C4.4": "PU"}


@pytest.fixture(scope="module")
def etude(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cinq entretiens d'apprentissage, une grille que le codeur livré ne connaît pas, des codages de deux personnes."""
    dossier = tmp_path_factory.mktemp("etude")
    references = charger_references(APPRENTISSAGE)
    choisis = references.entretiens.groupby("territoire").head(1).head(5)
    for fichier in choisis["fichier"]:
        (dossier / "entretiens" / fichier).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(APPRENTISSAGE / "entretiens" / fichier, dossier / "entretiens" / fichier)
    choisis.to_csv(dossier / "entretiens.csv", index=False)
    (dossier / "grille.yaml").write_text(GRILLE, encoding="utf-8")
    codages = references.codages[references.codages["entretien"].isin(choisis["entretien"])
                                 & references.codages["code"].isin(EQUIVALENTS)]
    codages = codages.assign(code=codages["code"].map(EQUIVALENTS), codeur="AB")
    codages = pd.concat([codages, codages.head(3).assign(codeur="machine:essai")])
    codages[["codeur", "entretien", "phrase", "code", "modalite", "texte"]].to_csv(dossier / "codages.csv", index=False)
    return dossier


def test_codes_portes() -> None:
    enquetes = pd.DataFrame({"entretien": ["E1", "E1", "E2"], "phrase": ["p1", "p2", "p1"]})
    codages = pd.DataFrame([("E1", "p1", "X"), ("E1", "p1", "Y"), ("E2", "p1", "Y")], columns=["entretien", "phrase", "code"])
    assert codes_portes(codages, enquetes, ("X", "Y")).tolist() == [[True, True], [False, False], [False, True]]


def test_apprendre_puis_analyser(etude: Path, tmp_path: Path) -> None:
    dossier = tmp_path / "etude"
    shutil.copytree(etude, dossier)
    bilan = apprendre(dossier)
    assert bilan.codeurs == ("AB",) and bilan.machine == 3 and len(bilan.entretiens) == 5
    assert bilan.apres > bilan.avant  # sans exemple, une grille sans mots n'est jamais repérée
    assert bilan.version and any(bilan.version in dite for dite in raconter(bilan))
    # AB n'a pas fini le premier entretien : la machine, corrigée par lui, y compte.
    codages = pd.read_csv(dossier / "codages.csv", dtype=str)
    (dossier / "decisions.csv").write_text(
        f"personne,decision,entretien\nAB,en_cours,{codages['entretien'].iloc[0]}\n", encoding="utf-8")
    execution = analyser(dossier).execution
    mentions = pd.read_parquet(dossier / "resultats" / "mentions.parquet")
    assert set(mentions["code"]) == {"AR", "PU"} and set(mentions["codeur"]) == {f"machine:{bilan.version}"}
    assert execution["codeur"] == f"AB, machine:{bilan.version}"
    assert any("appris sur 5 de ses entretiens codés par AB" in dit for dit in execution["avertissements"])
    assert not any("lexique" in dit for dit in execution["avertissements"])
    (dossier / "decisions.csv").unlink()
    octets = [(dossier / "codeur" / nom).read_bytes() for nom in ("codeur.npz", "codeur.json")]
    apprendre(dossier)
    assert octets == [(dossier / "codeur" / nom).read_bytes() for nom in ("codeur.npz", "codeur.json")]


@pytest.mark.parametrize("abimer", ["grille", "npz", "json"])
def test_un_codeur_qui_ne_va_pas_avec_l_etude_est_refuse(etude: Path, tmp_path: Path, abimer: str) -> None:
    dossier = tmp_path / "etude"
    shutil.copytree(etude, dossier)
    apprendre(dossier)
    if abimer == "grille":
        (dossier / "grille.yaml").write_text(GRILLE.replace("le budget", "les crédits"), encoding="utf-8")
    elif abimer == "npz":
        chemin = dossier / "codeur" / "codeur.npz"
        chemin.write_bytes(chemin.read_bytes()[:-1] + b"?")
    else:
        fiche = json.loads((dossier / "codeur" / "codeur.json").read_text(encoding="utf-8"))
        (dossier / "codeur" / "codeur.json").write_text(json.dumps({**fiche, "livre": "autre"}), encoding="utf-8")
    with pytest.raises(ErreurEtude) as erreur:
        analyser(dossier)
    faute, = erreur.value.fautes
    assert faute.fichier == "codeur/codeur.json" and "monographies apprendre" in faute.remede


def test_sans_codages(etude: Path, tmp_path: Path) -> None:
    dossier = tmp_path / "etude"
    shutil.copytree(etude, dossier)
    (dossier / "codages.csv").unlink()
    with pytest.raises(ErreurEtude, match="aucun codage dans cette étude"):
        apprendre(dossier)


def test_trop_peu_d_entretiens_pour_mesurer(etude: Path, tmp_path: Path) -> None:
    dossier = tmp_path / "etude"
    shutil.copytree(etude, dossier)
    codages = pd.read_csv(dossier / "codages.csv", dtype=str)
    codages[codages["entretien"] == codages["entretien"].iloc[0]].to_csv(dossier / "codages.csv", index=False)
    bilan = apprendre(dossier)
    assert not bilan.version and np.isnan(bilan.avant) and not (dossier / "codeur").exists()
    assert "Trop peu d'entretiens" in raconter(bilan)[-1]
