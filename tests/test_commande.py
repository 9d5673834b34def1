"""La ligne de commande, telle qu'on la tape."""

from __future__ import annotations

import ast
import errno
import inspect
import re
import subprocess
import sys
from pathlib import Path

import click
import pandas as pd
import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from click.testing import CliRunner

import monographies
from corpus.references import DEMONSTRATION
from monographies import principal


def lancer(*arguments: str) -> tuple[int, str]:
    resultat = CliRunner().invoke(principal, list(arguments))
    return resultat.exit_code, resultat.output


ANGLAIS = re.compile(r"Usage|Show|Commands|Options:|INTEGER|FLOAT|TEXT\b|RANGE|PATH|FILENAME|BOOLEAN|required|default:"
                     r"|Error|Missing|Invalid|No such|Try |does not|is not|deprecated")


@pytest.mark.parametrize("commande", [(), *((nom,) for nom in sorted(principal.commands))], ids=" ".join)
def test_aide_en_francais(commande: tuple[str, ...]) -> None:
    code, sortie = lancer(*commande, "--aide")
    assert code == 0
    assert "Emploi : " in sortie and "Options :" in sortie and ("Commandes :" in sortie) == (not commande)
    assert "Affiche cette aide." in sortie and not ANGLAIS.findall(sortie)


# Ce que click ne dit qu'à qui écrit des commandes, ou pour ce dont aucune commande ne se sert.
POUR_QUI_PROGRAMME = ("Could not determine name", "No options defined", "Arguments take exactly", "Name '{name}' defined",
                      "Boolean option", "Invalid start character", "Unknown color", "Choice({choices})")


def test_tout_ce_que_click_peut_dire_est_traduit() -> None:
    """Une version nouvelle de click qui dirait autre chose se verrait ici."""
    dites = {"required"}
    for module in (click.core, click.decorators, click.exceptions, click.formatting, click.parser, click.termui, click.types):
        for noeud in ast.walk(ast.parse(inspect.getsource(module))):
            if isinstance(noeud, ast.Call) and isinstance(noeud.func, ast.Name) and noeud.func.id in ("_", "ngettext"):
                dites |= {mot.value for mot in noeud.args[:2] if isinstance(mot, ast.Constant) and isinstance(mot.value, str)}
    assert len(dites) > 50
    connues = {phrase for phrases in _catalogue("po") for phrase in phrases}
    assert not sorted(dite for dite in dites - connues if not dite.startswith(POUR_QUI_PROGRAMME))


def test_le_catalogue_compile_est_celui_du_texte() -> None:
    ecrit = _catalogue("po")
    assert ecrit == _catalogue("mo")
    for originaux, traduits in ecrit.items():
        champs = [set(re.findall(r"\{\w+", " ".join(phrases))) for phrases in (originaux, traduits)]
        assert all(traduits) and champs[1] <= champs[0], originaux


def _catalogue(sorte: str) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Ce que dit click et ce que l'on y met : singulier, et pluriel s'il y en a un."""
    chemin = Path(monographies.__file__).parent / "restitution" / "langues" / "fr" / "LC_MESSAGES" / f"messages.{sorte}"
    with chemin.open("rb") as fichier:
        lu = read_po(fichier, locale="fr") if sorte == "po" else read_mo(fichier)
    return {_suite(message.id): _suite(message.string) for message in lu if message.id}


def _suite(dite: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (dite,) if isinstance(dite, str) else tuple(dite)


@pytest.mark.parametrize(("arguments", "attendu"), [
    (("analyzer",), "Vouliez-vous dire 'analyser'"),
    (("analyser",), "Il manque l'argument 'ETUDE'"),
    (("analyser", "x", "--travaux", "0"), "hors de l'intervalle"),
    (("analyser", "x", "--travaux", "un"), "'un' n'est pas un nombre entier"),
    (("analyser", "x", "--travaux"), "L'option '--travaux' demande une valeur"),
    (("analyser", "x", "y"), "Argument en trop (y)"),
    (("analyser", "x", "--continue"), "Option '--continue' inconnue. Vouliez-vous dire '--continuer' ?"),
    (("analyser", "x", "--continuer=oui"), "L'option '--continuer' ne prend pas de valeur"),
    (("echantillon", "x"), "Il manque l'option '--taille'"),
    (("exporter", "x", "docx"), "'docx' n'est pas parmi 'qdpx', 'qdc', 'iramuteq', 'txm', 'quanteda'"),
    (("exporter", "x"), "Au choix :"),
    (("analyser", "dossier_qui_n_existe_pas"), "ce dossier d'étude n'existe pas"),
    (("verifier", "dossier_qui_n_existe_pas"), "ce dossier d'étude n'existe pas"),
])
def test_erreurs_d_emploi_en_francais(arguments: tuple[str, ...], attendu: str) -> None:
    code, sortie = lancer(*arguments)
    assert code != 0
    assert attendu in sortie
    assert "Traceback" not in sortie and not ANGLAIS.findall(sortie)


def test_deux_mots_de_passe_differents_se_disent_en_francais(tmp_path: Path) -> None:
    resultat = CliRunner().invoke(principal, ["mot-de-passe", str(tmp_path), "claire"], input="un\ndeux\n")
    assert "Mot de passe : " in resultat.output and "Erreur : les deux saisies diffèrent." in resultat.output
    assert not ANGLAIS.findall(resultat.output)


def test_verifier_la_demonstration() -> None:
    code, sortie = lancer("verifier", str(DEMONSTRATION))
    assert code == 0, sortie
    assert "Aucune faute : 135 entretiens, 10 territoires." in sortie
    assert "Questionnaire : 81 répondantes sur 84, 35 questions." in sortie


def test_verifier_liste_toutes_les_fautes(tmp_path: Path) -> None:
    (tmp_path / "entretiens.csv").write_text(
        "entretien,fichier,territoire,categorie\nE1,a.txt,T1,maire\nE1,b.txt,T1,etat\n", encoding="utf-8")
    (tmp_path / "etude.toml").write_text("graine = 'x'\n", encoding="utf-8")
    code, sortie = lancer("verifier", str(tmp_path))
    assert code == 1
    for attendu in ("5 fautes :", "entretiens.csv, ligne 2 : fichier « a.txt » absent de l'étude", "« maire » hors liste",
                    "entretiens.csv, ligne 3 : entretien « E1 » déjà donné ligne 2", "etude.toml, ligne 1", "→"):
        assert attendu in sortie


def test_demo_ne_recouvre_pas_un_dossier_etranger(tmp_path: Path) -> None:
    (tmp_path / "mes_photos.txt").write_text("x", encoding="utf-8")
    code, sortie = lancer("demo", "--sortie", str(tmp_path))
    assert code == 1 and "n'est pas une étude" in sortie
    assert [chemin.name for chemin in tmp_path.iterdir()] == ["mes_photos.txt"]


def test_la_commande_ne_charge_rien_de_lourd() -> None:
    """L'aide ne doit attendre ni spaCy, ni scikit-learn, ni BERTopic."""
    programme = ("import sys, monographies; "
                 "print([m for m in ('spacy', 'sklearn', 'bertopic', 'onnxruntime', 'pandas') if m in sys.modules])")
    sortie = subprocess.run([sys.executable, "-c", programme], capture_output=True, text=True, check=True).stdout
    assert sortie.strip() == "[]"


def test_toutes_les_fautes_meme_quand_un_tableau_ne_se_lit_pas(tmp_path: Path) -> None:
    (tmp_path / "entretiens.csv").write_text('entretien,fichier,territoire\nE1,"a.txt,T1\n', encoding="utf-8")
    (tmp_path / "territoires.csv").write_text("territoire,annee\nT1,deux mille\n", encoding="utf-8")
    (tmp_path / "etude.toml").write_text("titer = 'x'\n", encoding="utf-8")
    (tmp_path / "entretiens").mkdir()
    (tmp_path / "entretiens" / "a.txt").write_text("", encoding="utf-8")
    code, sortie = lancer("verifier", str(tmp_path))
    assert code == 1
    for attendu in ("entretiens.csv", "territoires.csv, ligne 2", "« titer »", "entretiens/a.txt"):
        assert attendu in sortie


def test_continuer_dit_ce_qui_bloque(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Q : Ça va ?\n\nR : Oui, très bien.\n", encoding="utf-8")
    (tmp_path / "etude.toml").write_text("titer = 'x'\n", encoding="utf-8")
    code, sortie = lancer("analyser", str(tmp_path), "--continuer")
    assert code == 1 and "elles touchent toute l'étude (1)" in sortie


def test_resultats_impossibles_a_ecrire(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Q : Ça va ?\n\nR : Oui, très bien.\n", encoding="utf-8")
    (tmp_path / "resultats").write_text("un fichier à la place du dossier", encoding="utf-8")
    code, sortie = lancer("analyser", str(tmp_path))
    assert code == 1 and "lecture ou écriture impossible" in sortie and "Traceback" not in sortie


@pytest.mark.parametrize(("panne", "code", "dite"), [
    (OSError(errno.ENOSPC, "No space left on device"), 1, "disque plein"),
    (KeyboardInterrupt(), 130, "Interrompu")])
def test_apprendre_dit_les_pannes(panne: BaseException, code: int, dite: str, tmp_path: Path,
                                  monkeypatch: pytest.MonkeyPatch) -> None:
    def echouer(*_: object) -> None:
        raise panne

    monkeypatch.setattr("coder.synchroniser", lambda _: None)
    monkeypatch.setattr("apprentissage.apprendre", echouer)
    obtenu, sortie = lancer("apprendre", str(tmp_path))
    assert obtenu == code and dite in sortie and "le codeur de l'étude n'a pas changé" in sortie


def test_pseudonymiser_propose_sans_rien_changer(tmp_path: Path) -> None:
    (tmp_path / "E1.txt").write_text("Enquêteur : Qui vous aide ?\nEnquêtée : Ma conseillère, c'est Nadège Pellerat, "
                                     "et Nadège répond au 06 39 98 12 47.\n", encoding="utf-8")
    code, sortie = lancer("pseudonymiser", str(tmp_path))
    assert code == 0 and "à relire" in sortie
    propose = pd.read_csv(tmp_path / "resultats" / "pseudonymes_proposes.csv", dtype=str).set_index("forme")
    assert {"Nadège Pellerat", "Nadège", "06 39 98 12 47"} <= set(propose.index) and propose["remplacement"].is_unique
    assert not (tmp_path / "pseudonymes.csv").exists()
