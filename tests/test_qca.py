"""Formules et refus de conclure de l'analyse quali-quantitative comparée : à la main, et par énumération naïve."""

from __future__ import annotations

import itertools

import pandas as pd
import pytest

from evaluation.qca import COLONNES_FORMULES, formule, resumer


@pytest.mark.parametrize("n", [1, 2, 3])
def test_la_formule_est_vraie_la_et_seulement_la(n: int) -> None:
    noms = [f"cond{i}" for i in range(n)]
    for taille in range(2**n + 1):
        for choisies in itertools.combinations(itertools.product([False, True], repeat=n), taille):
            texte = formule(noms, choisies)
            for cas in itertools.product([False, True], repeat=n):
                valeurs = dict(zip(noms, cas, strict=True))
                vraie = texte == "toujours" or (
                    texte != ""
                    and any(
                        all(valeurs[lit.removeprefix("non ")] != lit.startswith("non ") for lit in produit.split(" et "))
                        for produit in texte.split(", ou ")
                    )
                )
                assert vraie == (cas in choisies), (texte, choisies)


def test_la_formule_est_la_plus_courte() -> None:
    # Vrai si ville (qu'elle soit ancienne ou non) : l'autre condition disparaît.
    assert formule(["ville", "ancien"], [(True, True), (True, False)]) == "ville"
    assert formule(["ville", "ancien"], [(True, True), (False, False)]) == "non ville et non ancien, ou ville et ancien"


def _cas(**suites: str) -> pd.DataFrame:
    """Une colonne par suite, une lettre par territoire : « + » vrai, « - » faux."""
    table = pd.DataFrame({nom: [lettre == "+" for lettre in suite] for nom, suite in suites.items()})
    return table.rename(index=lambda rang: f"T{rang}")


def test_une_configuration_nette_est_dite_et_son_p_compte_a_la_main() -> None:
    # Dix territoires, cinq communes : le code est présent dans les communes, et seulement là.
    formules = resumer(_cas(commune="+++++-----"), _cas(C="+++++-----"))
    (ligne,) = formules.to_dict("records")
    assert tuple(formules.columns) == COLONNES_FORMULES
    assert [ligne[c] for c in ("formule", "coherence", "couverture", "expliques")] == ["commune", 1.0, 1.0, 10]
    # C(10, 5) = 252 redistributions : celle-là et son contraire (« non commune ») s'expliquent aussi bien.
    assert [ligne[c] for c in ("p", "p_ajuste", "p_minimal")] == pytest.approx([2 / 252] * 3)
    assert (ligne["conclusion"], ligne["raison"]) == ("accompagne", "")


def test_coherence_et_couverture_a_la_main() -> None:
    # Communes : 4 sur 5 ont le code (cohérence 0,8, assez) ; les autres, 1 sur 5.
    (ligne,) = resumer(_cas(commune="+++++-----"), _cas(C="++++-+----")).to_dict("records")
    assert [ligne[c] for c in ("formule", "coherence", "couverture", "expliques")] == ["commune", 0.8, 0.8, 8]


def test_p_comme_une_enumeration_naive() -> None:
    cas, suite = _cas(commune="++++-----", ancien="++-+--+-+"), "++-+--+-+"[::-1]
    (ligne,) = resumer(cas, _cas(C=suite)).to_dict("records")

    def expliques(positifs: set[str]) -> int:
        total = 0
        for _, siens in cas.groupby(list(cas.columns)):
            dedans = len(positifs & set(siens.index))
            total += dedans if dedans / len(siens) >= 0.75 else len(siens) - dedans
        return total

    observe = expliques({f"T{rang}" for rang, lettre in enumerate(suite) if lettre == "+"})
    tires = [expliques(set(choix)) for choix in itertools.combinations(cas.index, suite.count("+"))]
    assert ligne["expliques"] == observe
    assert ligne["p"] == pytest.approx(sum(t >= observe for t in tires) / len(tires))
    assert ligne["p_minimal"] == pytest.approx(tires.count(max(tires)) / len(tires))


def test_on_refuse_de_conclure_et_l_on_dit_pourquoi() -> None:
    raisons = resumer(_cas(commune="++++----"), _cas(C="++-+++-+", D="+--++---"))["raison"].tolist()
    assert raisons[1] == "aucune combinaison n'y mène assez régulièrement"
    # C : six territoires sur huit ; trois communes sur quatre, trois autres sur quatre : « toujours », comme souvent au hasard.
    assert raisons[0].endswith("des résultats tirés au hasard s'expliqueraient entièrement")
    # Quatre territoires : sur 6 redistributions, 2 s'expliquent entièrement.
    (peu,) = resumer(_cas(commune="++--"), _cas(C="++--")).to_dict("records")
    assert peu["raison"] == "avec si peu de territoires, 33 % des résultats tirés au hasard s'expliqueraient entièrement"
    assert peu["conclusion"] == "non concluant"


def test_le_p_est_corrige_pour_le_nombre_de_codes() -> None:
    resultats = _cas(**{f"C{i}": "+++++-----" if i == 0 else "+-+-+-+-+-" for i in range(10)})
    ligne = resumer(_cas(commune="+++++-----"), resultats).to_dict("records")[0]
    assert ligne["p_ajuste"] == pytest.approx(10 * 2 / 252) and ligne["conclusion"] == "non concluant"
    assert ligne["raison"] == "1 % des résultats tirés au hasard s'expliqueraient aussi bien, et plusieurs codes sont essayés"
