"""Les constats d'une étude : six territoires comptés à la main."""

from __future__ import annotations

import pandas as pd
import pytest

from evaluation.constats_etude import COLONNES_VERITE, constater_etude
from evaluation.regards import NATIONAL

LIEUX = [f"T{rang}" for rang in range(1, 7)]
ENTRETIENS = pd.DataFrame([(f"{lieu}-{rang}", lieu, categorie) for lieu in LIEUX
                           for rang, categorie in enumerate(("etat", "spe", "association"))],
                          columns=["entretien", "territoire", "categorie"])
TERRITOIRES = pd.DataFrame([("T1", "epci", "epci", 2020), ("T2", "epci", "spe", 2020), ("T3", "epci", "epci", 2021),
                            ("T4", "commune", "epci", 2021), ("T5", "commune", "commune", 2021), ("T6", "epci", "commune", 2020)],
                           columns=["territoire", "echelle", "porteur", "annee"])


def _mentions(*lignes: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(lignes, columns=["entretien", "code", "confiance"])
    return table.assign(modalite="presente")


def _partout(code: str, lieux: list[str]) -> list[tuple[str, str, float]]:
    return [(entretien, code, 0.5) for entretien, lieu in zip(ENTRETIENS["entretien"], ENTRETIENS["territoire"], strict=True)
            if lieu in lieux]


def _constater(mentions: pd.DataFrame, hesitations: pd.DataFrame | None = None, territoires: pd.DataFrame = TERRITOIRES,
               entretiens: pd.DataFrame = ENTRETIENS) -> dict[str, pd.DataFrame]:
    vide = mentions.iloc[:0]
    return constater_etude(mentions, vide if hesitations is None else hesitations, vide, entretiens, territoires, ["C", "O", "X"])


def test_les_entretiens_attendus_reunissent_les_confiances_et_tiennent_un_humain_pour_sur() -> None:
    constats = _constater(_mentions(("T1-0", "C", 0.5), ("T2-0", "C", float("nan")), ("inconnu", "C", 0.9)),
                          _mentions(("T1-0", "C", 0.2), ("T1-1", "C", 0.3), ("T1-1", "O", 0.1)))
    table = constats["regards"].set_index(["portee", "code"])["attendus"]
    assert table[("T1", "C")] == pytest.approx(1 - 0.5 * 0.8 + 0.3)
    assert table[("T2", "C")] == pytest.approx(1.0)
    assert table[(NATIONAL, "C")] == pytest.approx(table[[(lieu, "C") for lieu in LIEUX]].sum())
    assert table[("T1", "O")] == pytest.approx(0.1) and table[("T3", "X")] == 0
    entretiens = constats["regards"].set_index(["portee", "code"])["entretiens"]
    assert entretiens[(NATIONAL, "C")] == 2 and entretiens[(NATIONAL, "O")] == 0  # une hésitation n'est pas une mention


def test_la_table_de_verite_ne_garde_que_les_codes_qui_separent() -> None:
    table = _constater(_mentions(*_partout("C", ["T1", "T2", "T4"]), *_partout("O", LIEUX[:4])))["table_verite"]
    assert list(table.columns) == list(COLONNES_VERITE) and set(table["code"]) == {"C"}  # O : 4 sur 6, X : aucun
    lues = {tuple(ligne) for ligne in table[["echelle", "porteur", "anciennete", "liste", "positifs", "coherence",
                                             "contradictoire", "non_observees"]].itertuples(index=False)}
    assert lues == {  # années médianes entre 2020 et 2021 : « jusqu'en 2020 » contre « après 2020 »
        ("epci", "epci", "jusqu'en 2020", "T1", 1, 1.0, False, 3), ("epci", "autre", "jusqu'en 2020", "T2;T6", 1, 0.5, True, 3),
        ("epci", "epci", "après 2020", "T3", 0, 0.0, False, 3), ("autre", "epci", "après 2020", "T4", 1, 1.0, False, 3),
        ("autre", "autre", "après 2020", "T5", 0, 0.0, False, 3)}
    assert table["couverture"].sum() == pytest.approx(1)


def test_une_condition_mal_renseignee_ou_constante_est_laissee() -> None:
    trouee = TERRITOIRES.assign(echelle="epci", porteur=["epci", None, *["spe"] * 4])
    table = _constater(_mentions(*_partout("C", LIEUX[:3])), territoires=trouee)["table_verite"]
    assert set(table["echelle"]) == {""} == set(table["porteur"])
    assert set(zip(table["anciennete"], table["positifs"], strict=True)) == {("jusqu'en 2020", 2), ("après 2020", 1)}


def test_une_fiche_sans_rien_ou_un_seul_territoire_ne_conclut_rien() -> None:
    nue = _constater(_mentions(*_partout("C", LIEUX[:3])), territoires=TERRITOIRES[["territoire"]])
    assert nue["configurations"].empty and nue["table_verite"].empty
    assert list(nue["table_verite"].columns) == list(COLONNES_VERITE)
    seul = _constater(_mentions(*_partout("C", ["T1"])), entretiens=ENTRETIENS[ENTRETIENS["territoire"] == "T1"])
    assert seul["table_verite"].empty and set(seul["configurations"]["conclusion"]) == {"non concluant"}


def test_un_code_non_retenu_dit_tout_ce_qui_manque() -> None:
    regards = _constater(_mentions(("T1-0", "C", 0.5), *_partout("O", LIEUX)))["regards"].set_index(["portee", "code"])
    assert regards.loc[(NATIONAL, "C"), "raison"] == (
        "moins de 3 entretiens affirment la même chose ; moins de 3 catégories d'acteurs l'appuient ; "
        "nul ne l'appuie hors du pilotage ; moins de 3 territoires en parlent")
    assert regards.loc[("T1", "C"), "raison"].count(" ; ") == 2  # pas de règle de territoires dans un territoire
    assert regards.loc[(NATIONAL, "O"), "retenu"] and regards.loc[(NATIONAL, "O"), "raison"] == ""


def test_des_confiances_qui_ne_sont_pas_des_probabilites_ne_comptent_pas() -> None:
    posees = _mentions(("T1-0", "C", 0.5), ("T2-0", "C", 0.4)).assign(codeur=["machine:l", "machine:lexique-1"])
    hesitations = _mentions(("T1-1", "C", 0.3), ("T2-1", "C", 0.2)).assign(codeur=["machine:l", "machine:lexique-1"])
    vide = posees.iloc[:0]
    tables = constater_etude(posees, hesitations, vide, ENTRETIENS, TERRITOIRES, ["C"], calibre="machine:l")
    table = tables["regards"].set_index("portee")["attendus"]
    # La mention du lexique est tenue pour sûre, son hésitation ignorée.
    assert table["T1"] == pytest.approx(0.8) and table["T2"] == pytest.approx(1)


def test_les_formules_des_codes_qui_separent() -> None:
    tables = _constater(_mentions(*_partout("C", ["T1", "T2", "T4"]), *_partout("O", LIEUX[:4])))
    (ligne,) = tables["formules_qca"].to_dict("records")
    # Combinaisons : T1 et T4 seuls dans la leur, présents ; T2 et T6 se contredisent ; T3, T5 absents.
    assert (ligne["code"], ligne["territoires"], ligne["positifs"], ligne["expliques"]) == ("C", 6, 3, 5)
    assert ligne["formule"] == ("non échelle epci et porteur epci et non jusqu'en 2020, ou "
                                "échelle epci et porteur epci et jusqu'en 2020")
    assert (ligne["coherence"], ligne["couverture"]) == (1.0, pytest.approx(2 / 3)) and ligne["conclusion"] == "non concluant"
    assert tables["table_verite"]["code"].unique().tolist() == ["C"]
