"""Thèmes face à la grille : effectifs, probabilités et propositions calculés à la main."""

from __future__ import annotations

from dataclasses import replace
from math import comb, log10

import numpy as np
import pandas as pd
import pytest

from evaluation.themes_grille import (
    COLONNES_CODES,
    COLONNES_COUVERTURE,
    COLONNES_PROPOSITIONS,
    EtudeCodee,
    corriger_holm,
    couverture,
    proposer,
    recouvrements,
)

ENTRETIENS = pd.DataFrame({"entretien": ["e1", "e2", "e3"], "territoire": ["A", "A", "B"]})


def _phrases(**nombres: int) -> pd.DataFrame:
    """Tant de phrases par entretien, et une question d'enquêteur qui ne doit compter nulle part."""
    lignes = [(e, f"p{n}", "enquete", "x" * n) for e, nombre in nombres.items() for n in range(1, nombre + 1)]
    return pd.DataFrame([("e1", "", "enqueteur", "?"), *lignes], columns=["entretien", "phrase", "role", "texte"])


def _liens(*lignes: tuple[str, str, str, str], poids: float = 1.0) -> pd.DataFrame:
    table = pd.DataFrame(lignes, columns=["portee", "theme", "entretien", "phrase"])
    return table.assign(poids=poids)


def _mentions(*lignes: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(lignes, columns=["entretien", "phrase", "code"])


def _themes(*lignes: tuple[str, str]) -> pd.DataFrame:
    fiches = [(portee, theme, f"libellé {theme}", "un;deux") for portee, theme in lignes]
    return pd.DataFrame(fiches, columns=["portee", "theme", "libelle", "mots"])


DIX = EtudeCodee(
    themes=_themes(("national", "t01"), ("national", "t02"), ("A", "t01")),
    themes_phrases=_liens(
        ("national", "t01", "e1", "p1"), ("national", "t01", "e1", "p2"), ("national", "t01", "e2", "p1"),
        ("national", "t02", "e1", "p3"), ("national", "t02", "e2", "p2"), ("national", "t02", "e2", "p3"),
        ("national", "t02", "e3", "p1"), ("A", "t01", "e1", "p1"), ("A", "t01", "e2", "p2"),
    ),
    mentions=_mentions(
        ("e1", "p1", "X"), ("e1", "p1", "X"),  # deux codeurs sur une phrase : une seule phrase
        ("e1", "p2", "X"), ("e2", "p1", "X"), ("e3", "p2", "X"), ("e1", "p3", "Y"),
    ),
    phrases=_phrases(e1=4, e2=3, e3=3),
    entretiens=ENTRETIENS,
    codes=["X", "Y", "Z"],
)  # fmt: skip


def _ligne(table: pd.DataFrame, **cles: str) -> pd.Series:
    garde = table
    for colonne, valeur in cles.items():
        garde = garde[garde[colonne] == valeur]
    assert len(garde) == 1
    return garde.iloc[0]


@pytest.mark.parametrize(("theme", "code", "phrases", "attendu", "p", "signe"), [
    ("t01", "X", 3, 1.2, 4 / comb(10, 3), 1),  # les 3 phrases parmi les 4 qui portent X
    ("t02", "X", 0, 1.6, comb(6, 4) / comb(10, 4), -1),
    ("t01", "Y", 0, 0.3, 7 / 10, -1),
    ("t02", "Y", 1, 0.4, 4 / 10, 1),
    ("t01", "Z", 0, 0.0, 1.0, 0),
])  # fmt: skip
def test_recouvrement_calcule_a_la_main(theme, code, phrases, attendu, p, signe) -> None:
    ligne = _ligne(recouvrements(DIX), portee="national", theme=theme, code=code)
    assert ligne["phrases"] == phrases
    assert ligne["part"] == pytest.approx(phrases / {"t01": 3, "t02": 4}[theme])
    assert ligne["attendu"] == pytest.approx(attendu)
    assert ligne["p"] == pytest.approx(p)
    assert ligne["specificite"] == pytest.approx(-signe * log10(p))


def test_un_territoire_ne_se_compare_qu_a_lui_meme() -> None:
    """Portée A : sept phrases, dont e1 et e2 seuls ; X y est porté par trois."""
    table = recouvrements(DIX)
    ligne = _ligne(table, portee="A", theme="t01", code="X")
    assert (ligne["phrases"], ligne["attendu"]) == (1, pytest.approx(3 * 2 / 7))
    # Une phrase sur les deux, contre 6/7 attendue : P(au moins une) = 1 - C(4,2)/C(7,2).
    assert ligne["p"] == pytest.approx(1 - comb(4, 2) / comb(7, 2))


def test_toutes_les_cases_dans_un_ordre_fixe() -> None:
    table = recouvrements(DIX)
    assert tuple(table.columns) == COLONNES_CODES
    attendu = [(p, t, c) for p, t in (("national", "t01"), ("national", "t02"), ("A", "t01")) for c in DIX.codes]
    assert list(table[["portee", "theme", "code"]].itertuples(index=False, name=None)) == attendu
    envers = {nom: getattr(DIX, nom)[::-1] for nom in ("mentions", "phrases", "themes_phrases")}
    melange = replace(DIX, **envers)
    pd.testing.assert_frame_equal(table, recouvrements(melange))


def test_couverture_calculee_a_la_main() -> None:
    """Cinq phrases codées sur dix : les trois du thème t01, une des quatre de t02, une hors thème."""
    table = couverture(DIX)
    assert tuple(table.columns) == COLONNES_COUVERTURE
    un, deux = (_ligne(table, portee="national", theme=t) for t in ("t01", "t02"))
    assert (un["phrases"], un["codees"], un["part_codee"], un["part_portee"]) == (3, 3, 1.0, 0.5)
    assert (deux["phrases"], deux["codees"], deux["part_codee"]) == (4, 1, 0.25)
    assert (un["code_dominant"], deux["code_dominant"]) == ("X", "Y")
    brute = (comb(5, 4) + comb(5, 1) * comb(5, 3)) / comb(10, 4)  # zéro ou une phrase codée parmi quatre
    assert deux["p"] == pytest.approx(2 * brute)  # deux thèmes dans la portée
    assert un["p"] == 1.0


def test_code_dominant_a_egalite_le_plus_specifique() -> None:
    """X et Y sur une phrase chacun du thème ; X est commun ailleurs, Y ne l'est pas."""
    mentions = _mentions(("e1", "p1", "X"), ("e1", "p2", "Y"), ("e3", "p1", "X"), ("e3", "p2", "X"))
    assert _ligne(couverture(replace(DIX, mentions=mentions)), portee="national", theme="t01")["code_dominant"] == "Y"
    vide = couverture(replace(DIX, mentions=_mentions()))
    assert set(vide["code_dominant"]) == {""}
    assert (vide["part_codee"] == 0).all() and (vide["p"] == 1).all()


def test_holm_calcule_a_la_main() -> None:
    # Rangées : 0,01 × 3 = 0,03 ; 0,03 × 2 = 0,06 ; 0,04 × 1, mais jamais moins que la précédente.
    assert corriger_holm(np.array([0.01, 0.04, 0.03])) == pytest.approx([0.03, 0.06, 0.06])
    assert corriger_holm(np.array([0.6, 0.9])).tolist() == [1.0, 1.0]
    assert corriger_holm(np.array([])).tolist() == []


# Propositions : 32 phrases ; les 12 du thème t01 sans code, 16 des 20 autres codées.

MUETTES = [("e1", n) for n in range(1, 5)] + [("e2", n) for n in range(1, 5)] + [("e3", n) for n in range(1, 5)]
AUTRES = [("e1", n) for n in range(5, 13)] + [("e2", n) for n in range(5, 11)] + [("e3", n) for n in range(5, 11)]


def _etude_muette(muettes: list[tuple[str, int]] = MUETTES, codees: int = 16) -> EtudeCodee:
    autres = [paire for paire in MUETTES + AUTRES if paire not in muettes]
    liens = _liens(*[("national", "t01", e, f"p{n}") for e, n in muettes],
                   *[("national", "t02", e, f"p{n}") for e, n in autres])
    liens["poids"] = np.where(liens["phrase"] == "p2", 0.9, 0.5)
    mentions = _mentions(*[(e, f"p{n}", "X") for e, n in autres[:codees]])
    return EtudeCodee(_themes(("national", "t01"), ("national", "t02")), liens, mentions,
                      _phrases(e1=12, e2=10, e3=10), ENTRETIENS, ["X", "Y"])


def test_un_theme_que_la_grille_n_explique_pas_est_propose() -> None:
    hesitations = pd.DataFrame({"entretien": ["e1", "e1", "e3", "e2"], "phrase": ["p1", "p4", "p3", "p9"]})
    table = proposer(replace(_etude_muette(), hesitations=hesitations))
    assert tuple(table.columns) == COLONNES_PROPOSITIONS
    assert len(table) == 1
    ligne = table.iloc[0]
    assert ligne[["portee", "theme", "libelle", "mots"]].tolist() == ["national", "t01", "libellé t01", "un;deux"]
    assert (ligne["phrases"], ligne["entretiens"], ligne["part_codee"], ligne["part_portee"]) == (12, 3, 0.0, 0.5)
    assert ligne["part_hesitee"] == 3 / 12
    assert ligne["p"] == pytest.approx(2 * comb(16, 12) / comb(32, 12))
    # p2 a le plus grand poids ; une phrase par entretien.
    assert ligne["verbatims"] == "e1:p2;e2:p2;e3:p2"


def test_verbatims_sans_code_du_plus_grand_poids_puis_les_plus_longs() -> None:
    etude = _etude_muette()
    table = proposer(replace(etude, mentions=pd.concat([etude.mentions, _mentions(("e1", "p2", "Y"))])))
    # e1 p2 porte maintenant un code : e1 est cité par sa phrase la plus longue à poids égal, p4.
    assert table["verbatims"].tolist() == ["e2:p2;e3:p2;e1:p4"]
    assert table["part_codee"].tolist() == [pytest.approx(1 / 12)]


def test_deux_entretiens_ne_suffisent_pas() -> None:
    muettes = [("e1", n) for n in range(1, 9)] + [("e2", n) for n in range(1, 9)]
    etude = _etude_muette(muettes)
    assert couverture(etude)["p"].iloc[0] < 1e-3
    assert proposer(etude).empty


def test_un_ecart_certain_mais_petit_ne_suffit_pas() -> None:
    """Quatre codées sur dix contre six sur dix, mille fois : certain, mais au-dessus des deux tiers."""
    mille = pd.DataFrame({"entretien": [f"e{n % 5}" for n in range(2000)], "phrase": [f"p{n}" for n in range(2000)]})
    liens = mille.assign(portee="national", theme=["t01"] * 1000 + ["t02"] * 1000, poids=1.0)
    codees = [n % 10 < (4 if n < 1000 else 6) for n in range(2000)]
    etude = EtudeCodee(_themes(("national", "t01"), ("national", "t02")), liens, mille[codees].assign(code="X"),
                       mille.assign(role="enquete", texte="x"),
                       pd.DataFrame({"entretien": [f"e{n}" for n in range(5)], "territoire": "A"}), ["X"])
    mesure = couverture(etude).iloc[0]
    assert mesure["part_codee"] == 0.4 and mesure["part_portee"] == 0.5 and mesure["p"] < 1e-10
    assert proposer(etude).empty


def test_un_ecart_net_mais_incertain_ne_suffit_pas() -> None:
    """Trois phrases muettes dans trois entretiens : le hasard suffit à l'expliquer."""
    etude = _etude_muette([("e1", 1), ("e2", 1), ("e3", 1)])
    mesure = couverture(etude).iloc[0]
    assert mesure["part_codee"] == 0.0
    assert mesure["p"] == pytest.approx(2 * comb(16, 3) / comb(32, 3))
    assert proposer(etude).empty


def test_sans_theme_les_tables_sont_vides_et_gardent_leurs_colonnes() -> None:
    vide = replace(DIX, themes=DIX.themes.head(0), themes_phrases=DIX.themes_phrases.head(0))
    for rendre, colonnes in ((recouvrements, COLONNES_CODES), (couverture, COLONNES_COUVERTURE),
                             (proposer, COLONNES_PROPOSITIONS)):
        assert rendre(vide).empty
        assert tuple(rendre(vide).columns) == colonnes


def test_tables_qui_se_contredisent_refusees() -> None:
    with pytest.raises(ValueError, match="hors de la grille : W"):
        recouvrements(replace(DIX, mentions=_mentions(("e1", "p1", "W"))))
    ailleurs = pd.concat([DIX.themes_phrases, _liens(("A", "t01", "e3", "p1"))])
    with pytest.raises(ValueError, match="A : phrase d'un thème introuvable : e3 p1"):
        recouvrements(replace(DIX, themes_phrases=ailleurs))
    double = pd.concat([DIX.themes_phrases, _liens(("national", "t02", "e1", "p1"))])
    with pytest.raises(ValueError, match="dans deux thèmes"):
        couverture(replace(DIX, themes_phrases=double))
