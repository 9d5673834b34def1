"""La typographie française, règle par règle."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from restitution.typographie import FINE, INSECABLE, compte, date_en_clair, francais, nombre, pourcent


@pytest.mark.parametrize(("brut", "attendu"), [
    ("Ça va ? Oui !", f"Ça va{FINE}? Oui{FINE}!"),
    ("Quoi?! Bon; et puis", f"Quoi{FINE}?! Bon{FINE}; et puis"),
    ("Il dit : « oui »", f"Il dit{INSECABLE}: «{INSECABLE}oui{INSECABLE}»"),
    ('le "bon" mot', f"le «{INSECABLE}bon{INSECABLE}» mot"),
    ("l'eau d'ici... et", "l’eau d’ici… et"),
    ("12 % de 1 234 567 €", f"12{INSECABLE}% de 1{FINE}234{FINE}567{INSECABLE}€"),
    ("M. Dupont, n° 3, p. 12", f"M.{INSECABLE}Dupont, n°{INSECABLE}3, p.{INSECABLE}12"),
    ("en 2021 135 entretiens", f"en 2021 135{INSECABLE}entretiens"),
    ("machine:lecteur-1, à 9:05, http://exemple.fr/?a=b", "machine:lecteur-1, à 9:05, http://exemple.fr/?a=b"),
    ("06 39 98 12 47", "06 39 98 12 47"),
    ("(quoi ?) [vu !]", f"(quoi{FINE}?) [vu{FINE}!]"),
])
def test_chaque_regle(brut: str, attendu: str) -> None:
    assert francais(brut) == attendu


@given(st.text(alphabet=st.sampled_from(list("aà1Z' \"«»;:!?%.,…()[]-€’" + FINE + INSECABLE)), max_size=40))
def test_deux_fois_ne_change_plus_rien_et_aucun_mot_ne_bouge(texte: str) -> None:
    une = francais(texte)
    assert francais(une) == une
    assert re.findall(r"\w+", une) == re.findall(r"\w+", texte)


def test_nombres_et_dates_a_la_francaise() -> None:
    assert nombre(1234567) == "1\u202f234\u202f567"
    assert nombre(1234.567, 2) == "1\u202f234,57"
    assert pourcent(0.125, 1) == "12,5\u00a0%"
    assert [compte(n, "entretien") for n in (0, 1, 2)] == ["0\u00a0entretien", "1\u00a0entretien", "2\u00a0entretiens"]
    assert date_en_clair("2026-08-01") == "1er\u00a0août 2026"
    assert date_en_clair("2026-02-03T09:05:00") == "3\u00a0février 2026, 9\u00a0h\u00a005"
    assert date_en_clair("hier") == "hier"
