"""Dépouiller un questionnaire et le rapprocher des entretiens : comptes à la main, et la démonstration."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from bancs.fabriquer_questionnaire import fabriquer
from corpus.etude import Etude
from corpus.questionnaire import Questionnaire, lire_questionnaire
from corpus.references import DEMONSTRATION, charger_references
from corpus.variables import Variable
from evaluation.questionnaire import COLONNES_RESULTATS, depouiller
from evaluation.rapprochement import COLONNES_RAPPROCHEMENT, Seuils, etudier, juger, rapprocher

CITES = ["T1", "T2", "T3", "T4"]


def questionnaire() -> Questionnaire:
    """Quatre Cités, trois répondantes ; deux questions sur C1, une sur O1 (inverse)."""
    variables = (Variable("duo", "Duo ?", "choix", ("oui", "non"), ("C1",), affirme=("oui",)),
                 Variable("equipe", "Équipe", "echelle", ("non", "bof", "oui"), ("C1",)),
                 Variable("calme", "Calme", "echelle", ("non", "oui"), ("O1",), inverse=True),
                 Variable("agents", "Agents", "nombre"), Variable("mot", "Un mot ?", "texte"))
    reponses = pd.DataFrame({"cite": CITES[:3], "duo": ["oui", "non", "oui"], "equipe": ["oui", "bof", None],
                             "calme": ["non", "non", None], "agents": [1.0, 3.0, None], "mot": [None, "Rien.", None]},
                            dtype=object)
    base = pd.DataFrame({"cite": CITES, "nom": CITES, "territoire": CITES, "echelle": ["epci"] * 4})
    return Questionnaire(variables, reponses, base, ("echelle",), True, ())


def test_depouiller_a_la_main() -> None:
    depouille = depouiller(questionnaire())
    assert depouille.questions == {"C1": ("duo", "equipe"), "O1": ("calme",)}
    assert depouille.avis.to_dict("list") == {"C1": [1, 0.25, 1], "O1": [1, 1, pytest.approx(float("nan"), nan_ok=True)]}
    resultats = depouille.resultats.set_index(["variable", "modalite"])
    oui = resultats.loc[("duo", "oui")]
    assert (oui["reponses"], oui["effectif"], oui["redresse"]) == (3, 2, pytest.approx(2 / 3))
    assert (oui["certain_bas"], oui["certain_haut"]) == (0.5, 0.75)
    assert tuple(resultats.loc[("calme", "non"), ["redresse", "certain_bas", "certain_haut"]]) == (1, 0.5, 1)
    assert tuple(resultats.loc[("agents", ""), ["mesure", "redresse", "reponses"]]) == ("moyenne", 2, 2)
    assert tuple(resultats.loc[("mot", ""), ["mesure", "reponses"]]) == ("réponses", 1)
    assert pd.isna(resultats.loc[("mot", ""), "redresse"])
    assert list(depouille.poids["poids"].fillna(-1)) == pytest.approx([4 / 3] * 3 + [-1])
    assert list(depouille.poids["reponses"]) == [4, 5, 1, 0]


@pytest.mark.parametrize(("entretiens", "bas", "haut", "attendu"), [
    ("présente", 0.7, 0.9, "confirme"), ("présente", 2 / 3, 1, "confirme"), ("présente", 0.6, 0.7, "ne permet pas de conclure"),
    ("présente", 0.4, 0.6, "nuance"), ("présente", 0.2, 0.5, "nuance"), ("présente", 0.1, 1 / 3, "contredit"),
    ("présente", 0.2, 0.8, "ne permet pas de conclure"), ("partagée", 0.4, 0.6, "confirme"), ("partagée", 0.7, 0.8, "nuance"),
    ("partagée", 0.1, 0.2, "nuance"), ("partagée", 0.6, 0.8, "ne permet pas de conclure"), ("absente", 0.1, 0.2, "confirme"),
    ("absente", 0.5, 0.8, "nuance"), ("absente", 0.7, 0.8, "contredit"), ("partagée", 0.1, 0.9, "ne permet pas de conclure"),
])
def test_la_regle(entretiens: str, bas: float, haut: float, attendu: str) -> None:
    assert juger(entretiens, bas, haut, Seuils()) == attendu


def test_les_seuils_changent_le_verdict() -> None:
    assert juger("présente", 0.6, 0.62, Seuils()) == "nuance"
    assert juger("présente", 0.6, 0.62, Seuils(majorite=0.55)) == "confirme"


MENTIONS = pd.DataFrame(
    [("a", "C1", "presente"), ("a", "C1", "presente"), ("b", "C1", "presente"), ("b", "C1", "absente"),
     ("c", "C1", "hypothetique"), ("d", "C1", "absente"), ("e", "C1", "absente"), ("a", "O1", "presente"),
     ("b", "O1", "presente")],
    columns=["entretien", "code", "modalite"])
ENTRETIENS = pd.DataFrame({"entretien": list("abcde"), "territoire": ["T1", "T1", "T1", "T2", "T2"]})


def test_rapprocher_a_la_main() -> None:
    """C1 : a vaut 1, b un demi, c ne se prononce pas, d et e valent 0 ; T1 présente (0,75), T2 absente."""
    table = rapprocher(depouiller(questionnaire()), MENTIONS, ENTRETIENS, ["C1", "O1", "Z"], Seuils(reponses=2))
    assert list(table.columns) == list(COLONNES_RAPPROCHEMENT)
    lignes = {(ligne["portee"], ligne["code"]): ligne for ligne in table.to_dict("records")}
    c1 = lignes["national", "C1"]
    assert [c1[nom] for nom in ("entretiens", "entretiens_presente", "entretiens_absente", "territoires_presente",
                                "territoires_partagee", "territoires_absente")] == [4, 2, 3, 1, 0, 1]
    assert c1["part_entretiens"] == pytest.approx(1.5 / 4) and c1["sens_entretiens"] == "partagée"
    assert c1["part_questionnaire"] == pytest.approx(0.75) and c1["questions"] == "duo;equipe"
    # Cité T1 : 1, comme ses entretiens ; Cité T2 : 0,25, comme les siens.
    assert [lignes[lieu, "C1"]["verdict"] for lieu in ("T1", "T2")] == ["confirme", "confirme"]
    assert [c1[f"territoires_{nom}"] for nom in ("compares", "confirmes", "contredits")] == [2, 2, 0]
    o1 = lignes["national", "O1"]
    # T1 seul se prononce, un territoire sur deux suffit ; deux Cités sur quatre, unanimes, ne suffisent pas.
    assert (o1["sens_entretiens"], o1["part_questionnaire"], o1["haut"]) == ("présente", 1, 1) and o1["bas"] < 2 / 3
    assert o1["raison"].startswith("entretiens : présente ; l'intervalle du questionnaire hésite : présente ou partagée")
    assert lignes["T2", "O1"]["raison"] == "trop peu d'entretiens se prononcent (0)"
    z = lignes["national", "Z"]
    assert z["verdict"] == "ne permet pas de conclure"
    assert z["raison"] == "trop peu de territoires en parlent (0 sur 2) ; aucune question ne le vise"
    assert {portee for portee, _ in lignes} == {"national", "T1", "T2"}  # T3 n'a pas d'entretien
    severe = rapprocher(depouiller(questionnaire()), MENTIONS, ENTRETIENS, ["O1"], Seuils(reponses=3, territoires=1))
    assert severe["raison"][0] == "trop peu de territoires en parlent (1 sur 2) ; trop peu de Cités se prononcent (2)"


def test_une_cite_qui_ne_se_prononce_pas() -> None:
    entretiens = ENTRETIENS.assign(territoire=["T3"] * 5)
    table = rapprocher(depouiller(questionnaire()), MENTIONS, entretiens, ["O1"], Seuils(reponses=2))
    assert list(table["raison"])[1] == "la Cité ne se prononce pas"


def test_la_demonstration_est_refaite_a_l_identique(tmp_path: Path) -> None:
    (tmp_path / "references").mkdir()
    for nom in ("territoires.csv", "entretiens.csv", "references/codages.csv"):
        shutil.copy(DEMONSTRATION / nom, tmp_path / nom)
    fabriquer(tmp_path)
    for nom in ("questionnaire.csv", "questionnaire_variables.csv", "questionnaire_cites.csv"):
        assert (tmp_path / nom).read_bytes() == (DEMONSTRATION / nom).read_bytes(), nom


def test_la_demonstration() -> None:
    """81 Cités sur 84, dont les dix territoires ; les muettes sont des métropoles, le calage leur rend leur place."""
    etude = Etude.ouvrir(DEMONSTRATION)
    codages = charger_references(DEMONSTRATION).codages
    codages = codages[codages["codeur"] == "A"]
    codes = sorted(set(codages["code"]))
    lu = etude.questionnaire(codes)
    assert lu is not None and lu.suppositions == ()
    assert (len(lu.reponses), len(lu.base), lu.marges) == (81, 84, ("echelle", "porteur", "annee"))
    bilan = etudier(lu, codages, pd.read_csv(DEMONSTRATION / "entretiens.csv"), codes, {"niveau": 0.9})
    depouille = bilan.depouillement
    assert set(depouille.questions) == set(codes)
    muettes = depouille.poids[~depouille.poids["repond"]]
    assert len(muettes) == 3 and muettes["nom"].str.contains("Métropole").all()
    for marge in lu.marges:
        rendues = depouille.poids.groupby(marge)["poids"].sum()
        assert rendues.to_dict() == pytest.approx(lu.base[marge].value_counts().to_dict())
    assert depouille.poids["poids"].min() >= 1 and depouille.redressement.effet_plan < 1.02
    resultats = depouille.resultats
    assert tuple(resultats.columns) == COLONNES_RESULTATS
    parts = resultats[resultats["mesure"] == "part"]
    assert (parts["bas"] <= parts["redresse"] + 1e-9).all() and (parts["redresse"] <= parts["haut"] + 1e-9).all()
    assert (parts["certain_bas"] <= parts["bas"] + 1e-9).all() and (parts["haut"] <= parts["certain_haut"] + 1e-9).all()
    fermees = parts[~parts["type"].isin(["multiple"])]
    assert fermees.groupby("variable")["redresse"].sum().to_numpy() == pytest.approx(1)
    national = bilan.rapprochement[bilan.rapprochement["portee"] == "national"]
    assert list(national["code"]) == codes and set(national["verdict"]) > {"confirme", "nuance"}
    assert len(bilan.rapprochement) == len(codes) * 11


def test_sans_base_de_sondage(tmp_path: Path) -> None:
    for nom in ("questionnaire.csv", "questionnaire_variables.csv"):
        shutil.copy(DEMONSTRATION / nom, tmp_path)
    lu = lire_questionnaire(tmp_path)
    assert lu is not None and not lu.complete
    depouille = depouiller(lu)
    assert depouille.redressement.population is None and (depouille.poids["poids"] == 1).all()
    assert depouille.resultats["certain_bas"].isna().all()
    avec = depouiller(lire_questionnaire(DEMONSTRATION)).resultats  # type: ignore[arg-type]
    largeur, finie = ((table["haut"] - table["bas"]).mean() for table in (depouille.resultats, avec))
    assert largeur > 3 * finie
