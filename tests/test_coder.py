"""La ligne de commande du codage : ouvrir, coder, exporter, réimporter, évaluer, sauvegarder, restaurer."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pandas as pd
import pytest
from bases import cle
from click.testing import CliRunner

from coder import evaluer
from corpus.references import DEMONSTRATION, charger_references
from modeles.codeur_livre import charger_codeur
from monographies import _reprendre_la_base, principal

TEXTE = "Enquêteur : Qui décide ?\nEnquêté : Le préfet et le maire 😀 travaillent ensemble. Rien ne bouge.\n"
PREMIERE = "Le préfet et le maire 😀 travaillent ensemble."


@pytest.fixture
def etude(tmp_path: Path) -> Path:
    dossier = tmp_path / "etude"
    (dossier / "entretiens").mkdir(parents=True)
    for nom in ("E1", "E2", "E3"):
        (dossier / "entretiens" / f"{nom}.txt").write_text(TEXTE, encoding="utf-8")
    return dossier


@pytest.fixture
def ouverte(etude: Path) -> Iterator[tuple[Path, httpx.Client, subprocess.Popen[str]]]:
    """L'application lancée comme le ferait un utilisateur, et un client dans sa séance."""
    lancee = subprocess.Popen([sys.executable, "-m", "monographies", "coder", str(etude), "--sans-navigateur"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=Path(__file__).parent.parent)
    assert lancee.stdout is not None
    adresse = re.search(r"(http://\S+?/)\?jeton=(\S+)", lancee.stdout.readline())
    assert adresse, lancee.stderr and lancee.stderr.read()
    client = httpx.Client(base_url=adresse[1], timeout=30)
    client.get("/", params={"jeton": adresse[2]})
    client.headers["X-CSRF"] = client.get("/api/moi").json()["csrf"]
    yield etude, client, lancee
    client.close()
    lancee.kill()
    lancee.wait()


def agir(client: httpx.Client, genre: str, **champs: object) -> None:
    reponse = client.post("/api/actes", json={"genre": genre, "cle": cle(), **champs})
    assert reponse.status_code == 200, reponse.text


def commande(*mots: object, entree: str = "") -> str:
    rendu = CliRunner().invoke(principal, [str(m) for m in mots], input=entree)
    assert rendu.exit_code == 0, rendu.output
    return rendu.output


def test_coder_puis_tout_retrouver(ouverte: tuple[Path, httpx.Client, subprocess.Popen[str]], tmp_path: Path) -> None:
    etude, client, lancee = ouverte
    lu = client.get("/api/entretien", params={"nom": "E1"}).json()
    texte = lu["fiche"]["texte"]
    debut = texte.index(PREMIERE)
    codes = {c["code"]: c["id"] for c in client.get("/api/etude").json()["codes"]}
    moi = client.get("/api/moi").json()["personne"]
    agir(client, "poser", entretien="E1", debut=debut, fin=debut + len(PREMIERE), code=codes["C1.1"])
    agir(client, "poser", entretien="E1", debut=debut, fin=len(texte.rstrip()), code=codes["O05"], modalite="absente")
    agir(client, "noter", cible="entretien", id="E1", texte="ton agacé")
    agir(client, "creer_code", champs={"code": "N1", "intitule": "Rumeur"}, hors_grille=True)
    agir(client, "terminer", entretien="E1")
    agir(client, "poser", entretien="E2", debut=debut, fin=debut + len(PREMIERE), code=codes["C1.1"])
    agir(client, "annuler", entretien="E2")
    # Une analyse lancée pendant que l'application est ouverte lit ce qui vient d'y être codé.
    assert not (etude / "codages.csv").exists()
    _reprendre_la_base(etude)
    assert len(pd.read_csv(etude / "codages.csv")) == 3 and "termine,E1" in (etude / "decisions.csv").read_text(encoding="utf-8")
    lancee.send_signal(signal.SIGINT)
    lancee.wait(60)
    codages = pd.read_csv(etude / "codages.csv", keep_default_na=False)
    assert codages[["codeur", "entretien", "texte", "code", "modalite"]].to_numpy().tolist() == [
        [moi, "E1", PREMIERE, "C1.1", "presente"],
        [moi, "E1", PREMIERE, "O05", "absente"],
        [moi, "E1", "Rien ne bouge.", "O05", "absente"],
    ]
    decisions = pd.read_csv(etude / "decisions.csv", keep_default_na=False)
    assert decisions[["personne", "decision", "entretien"]].to_numpy().tolist() == [
        [moi, "termine", "E1"], [moi, "en_cours", "E2"]]
    assert "N1" in (etude / "grille.yaml").read_text(encoding="utf-8")

    # Vers un autre logiciel, et retour dans une étude neuve.
    commande("exporter", etude, "qdpx", "--sortie", tmp_path / "x.qdpx")
    commande("importer", tmp_path / "neuve", tmp_path / "x.qdpx")
    revenus = pd.read_csv(tmp_path / "neuve" / "codages.csv", keep_default_na=False)
    colonnes = ["codeur", "entretien", "debut", "fin", "code", "modalite", "texte"]
    assert revenus[colonnes].to_numpy().tolist() == codages[colonnes].to_numpy().tolist()

    # Un second codeur, venu par codages.csv, entre dans la base ; l'accord se mesure.
    second = codages.assign(codeur="bob")[codages["code"] == "C1.1"]
    pd.concat([codages, second]).to_csv(etude / "codages.csv", index=False)
    dit = commande("evaluer", etude)
    assert f"κ {', '.join(sorted(['bob', moi]))}" in dit
    table = pd.read_csv(etude / "resultats" / "accord.csv").set_index(["mesure", "code"])
    assert table.loc[("kappa", "C1.1"), "valeur"] == 1.0 and table.loc[("kappa", "tous"), "entretiens"] == 1

    # La lecture de bob, dont l'application ne sait rien, peut se dire dans le fichier : elle y reste.
    with (etude / "decisions.csv").open("a", encoding="utf-8") as fichier:
        fichier.write("bob,en_cours,E1,,,,,,,,\n")
    refus = CliRunner().invoke(principal, ["evaluer", str(etude)])
    assert refus.exit_code == 1 and "déclarez vos entretiens terminés" in refus.output
    ecrites = (etude / "decisions.csv").read_text(encoding="utf-8")
    assert "bob,en_cours,E1" in ecrites and ecrites.count(f"{moi},termine,E1") == 1

    # Une ligne mal formée n'est pas perdue : on le dit, et rien n'est récrit.
    (etude / "decisions.csv").write_text(ecrites + "bob,termine,E3\n", encoding="utf-8")
    refus = CliRunner().invoke(principal, ["evaluer", str(etude)])
    assert refus.exit_code == 1 and "3 cases pour 11 colonnes" in refus.output
    assert (etude / "decisions.csv").read_text(encoding="utf-8").endswith("bob,termine,E3\n")
    (etude / "decisions.csv").write_text(ecrites, encoding="utf-8")

    # Un entretien ôté de l'étude emporte ses décisions.
    (etude / "entretiens" / "E2.txt").unlink()
    commande("exporter", etude, "qdpx", "--sortie", tmp_path / "z.qdpx")
    assert "E2" not in (etude / "decisions.csv").read_text(encoding="utf-8")

    # Sauvegarder, perdre, restaurer.
    assert re.match(r"\d+ actes sauvegardés", commande("sauvegarder", etude, tmp_path / "garde.sqlite"))
    (etude / "codages.sqlite").unlink()
    commande("restaurer", etude, tmp_path / "garde.sqlite")
    commande("exporter", etude, "qdpx", "--sortie", tmp_path / "y.qdpx")
    assert len(pd.read_csv(etude / "codages.csv")) == 4
    refus = CliRunner().invoke(principal, ["restaurer", str(etude), str(tmp_path / "garde.sqlite")])
    assert refus.exit_code == 1 and "déjà des actes" in refus.output


def test_une_base_qui_ne_se_reprend_pas_est_dite(ouverte: tuple[Path, httpx.Client, subprocess.Popen[str]],
                                                 capsys: pytest.CaptureFixture[str]) -> None:
    etude, client, _ = ouverte
    code = client.get("/api/etude").json()["codes"][0]["id"]
    agir(client, "poser", entretien="E1", debut=30, fin=40, code=code)
    (etude / "entretiens" / "E1.txt").write_text(TEXTE.replace("préfet", "sous-préfet"), encoding="utf-8")
    _reprendre_la_base(etude)
    assert "base de codage non reprise" in capsys.readouterr().err and not (etude / "codages.csv").exists()


def test_servir_une_equipe_demande_un_mot_de_passe(etude: Path) -> None:
    refus = CliRunner().invoke(principal, ["coder", str(etude), "--hote", "127.0.0.1"])
    assert refus.exit_code == 1 and "mot-de-passe" in refus.output
    compte = re.search(r"mot-de-passe \S+ (\S+)", refus.output)
    assert compte
    court = CliRunner().invoke(principal, ["mot-de-passe", str(etude), compte[1], "--mot", "court"])
    assert court.exit_code == 1 and "12 caractères" in court.output
    assert "changé" in commande("mot-de-passe", etude, compte[1], "--mot", "un mot de passe assez long")
    inconnu = CliRunner().invoke(principal, ["mot-de-passe", str(etude), "personne", "--mot", "un mot de passe assez long"])
    assert inconnu.exit_code == 1 and "inconnu" in inconnu.output


def test_deux_codeurs_sont_necessaires_pour_un_accord(etude: Path) -> None:
    refus = CliRunner().invoke(principal, ["evaluer", str(etude)])
    assert refus.exit_code == 1 and "deux codeurs" in refus.output
    assert not (etude / "resultats").exists()


def test_l_accord_avec_une_machine_qui_a_appris_l_entretien_est_dit_flatteur(tmp_path: Path) -> None:
    references = charger_references(DEMONSTRATION)
    (fiche,) = references.entretiens[references.entretiens["entretien"] == "T01-E01"].to_dict("records")
    (tmp_path / "entretiens").mkdir()
    shutil.copy(DEMONSTRATION / "entretiens" / fiche["fichier"], tmp_path / "entretiens" / "T01-E01.txt")
    siens = references.codages[(references.codages["entretien"] == "T01-E01") & (references.codages["codeur"] == "A")]
    siens.to_csv(tmp_path / "codages.csv", index=False)
    (tmp_path / "resultats").mkdir()
    for machine, dit in ((f"machine:{charger_codeur().version}", True), ("machine:lexique-1", False)):
        siens.assign(codeur=machine, confiance=0.7, preuve="").to_parquet(tmp_path / "resultats" / "mentions.parquet")
        dites = evaluer(tmp_path)
        assert any("1 des 1 entretiens que des personnes ont codés ont servi à apprendre" in une for une in dites) == dit
