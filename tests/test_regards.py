"""Croiser les regards : petits exemples comptés à la main."""

from __future__ import annotations

import pandas as pd
import pytest

from evaluation.regards import NATIONAL, Regles, attendus, croiser

ENTRETIENS = pd.DataFrame(
    [("E1", "T1", "etat"), ("E2", "T1", "spe"), ("E3", "T1", "association"), ("E4", "T2", "etat"), ("E5", "T2", "habitant")],
    columns=["entretien", "territoire", "categorie"])


def _mentions(*lignes: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(lignes, columns=["entretien", "code", "modalite"])


def _national(mentions: pd.DataFrame, regles: Regles = Regles()) -> pd.DataFrame:
    regards, _ = croiser(mentions, ENTRETIENS, ["C", "O"], regles)
    return regards[regards["portee"] == NATIONAL].set_index("code")


def test_un_bavard_ne_compte_qu_une_fois() -> None:
    ligne = _national(_mentions(*[("E1", "C", "presente")] * 9, ("E2", "C", "presente"))).loc["C"]
    assert (ligne["entretiens"], ligne["sur"], ligne["territoires"], ligne["categories"], ligne["liste"]) == (2, 5, 1, 2, "E1;E2")
    # Wilson, 2 sur 5 : (0,4 + z²/10 ± z √(0,048 + z²/100)) / (1 + z²/5), z = 1,96.
    assert (ligne["part"], ligne["bas"], ligne["haut"]) == pytest.approx((0.4, 0.1176, 0.7693), abs=1e-4)
    assert ligne["avis"] == "" and not ligne["retenu"]  # deux entretiens ne suffisent pas


def test_retenu_quand_l_ensemble_des_acteurs_en_parle_et_pas_les_seuls_pilotes() -> None:
    larges = _mentions(("E1", "C", "presente"), ("E2", "C", "presente"), ("E4", "C", "presente"), ("E5", "C", "presente"))
    assert _national(larges).loc["C", ["avis", "accord", "retenu", "hors_pilotage"]].tolist() == ["presente", "convergence", True, 2]
    pilotes = Regles(categories=1, territoires=1, pilotes=("etat", "spe", "association", "habitant"))
    assert not _national(larges, pilotes).loc["C", "retenu"]  # nul hors du pilotage
    assert not _national(larges, Regles(territoires=3)).loc["C", "retenu"]
    assert not _national(larges).loc["O", "retenu"] and _national(larges).loc["O", "entretiens"] == 0


def test_divergence_quand_des_categories_s_opposent() -> None:
    mentions = _mentions(("E1", "C", "presente"), ("E4", "C", "presente"), ("E3", "C", "absente"), ("E5", "C", "absente"))
    ligne = _national(mentions).loc["C"]
    assert (ligne["accord"], ligne["presente"], ligne["absente"]) == ("divergence", 2, 2) and ligne["avis"] == ""
    _, categories = croiser(mentions, ENTRETIENS, ["C"])
    penche = categories[categories["portee"] == NATIONAL].set_index("categorie")["penche"]
    assert penche.to_dict() == {"association": "absente", "etat": "presente", "habitant": "absente", "spe": ""}


def test_voix_isolees_et_avis_partage() -> None:
    assert _national(_mentions(("E1", "C", "presente"))).loc["C", "voix_isolee"] == "entretien"
    assert _national(_mentions(("E1", "C", "presente"), ("E4", "C", "presente"))).loc["C", "voix_isolee"] == "categorie"
    partage = _mentions(*[(f"E{i}", "C", "presente") for i in (1, 2, 3)], *[(f"E{i}", "C", "absente") for i in (3, 4, 5)])
    assert _national(partage).loc["C", "avis"] == "partage"


def test_un_territoire_ne_compte_que_les_siens_et_un_entretien_inconnu_est_laisse() -> None:
    regards, _ = croiser(_mentions(("E1", "C", "presente"), ("E5", "C", "absente"), ("X", "C", "presente")), ENTRETIENS, ["C"])
    assert regards.set_index("portee")["liste"].to_dict() == {NATIONAL: "E1;E5", "T1": "E1", "T2": "E5"}


def test_entretiens_attendus() -> None:
    p = pd.DataFrame([("E1", "C", 0.5), ("E1", "C", 0.5), ("E2", "C", 0.2), ("E1", "O", 1.0)], columns=["entretien", "code", "confiance"])
    assert attendus(p).set_index(["entretien", "code"])["probabilite"].to_dict() == pytest.approx(
        {("E1", "C"): 0.75, ("E1", "O"): 1.0, ("E2", "C"): 0.2})
