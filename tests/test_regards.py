"""Croiser les regards : petits exemples comptés à la main."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

from evaluation.regards import COLONNES, COLONNES_CATEGORIES, NATIONAL, TIRAGES, attendus, croiser
from evaluation.regles import REGLES, Regles

ENTRETIENS = pd.DataFrame(
    [("E1", "T1", "etat"), ("E2", "T1", "spe"), ("E3", "T1", "association"), ("E4", "T2", "etat"), ("E5", "T2", "habitant")],
    columns=["entretien", "territoire", "categorie"],
)


def _mentions(*lignes: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(lignes, columns=["entretien", "code", "modalite"])


def _national(mentions: pd.DataFrame, regles: Regles = REGLES) -> pd.DataFrame:
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
    assert _national(larges).loc["C", ["avis", "accord", "retenu", "hors_pilotage"]].tolist() == [
        "presente",
        "convergence",
        True,
        2,
    ]
    pilotes = Regles(categories=1, territoires=1, pilotes=("etat", "spe", "association", "habitant"))
    assert not _national(larges, pilotes).loc["C", "retenu"]  # nul hors du pilotage
    assert not _national(larges, Regles(territoires=3)).loc["C", "retenu"]
    assert not _national(larges).loc["O", "retenu"] and _national(larges).loc["O", "entretiens"] == 0


def test_divergence_quand_des_categories_s_opposent() -> None:
    mentions = _mentions(("E1", "C", "presente"), ("E4", "C", "presente"), ("E3", "C", "absente"), ("E5", "C", "absente"))
    ligne = _national(mentions).loc["C"]
    assert (ligne["accord"], ligne["presente"], ligne["absente"]) == ("divergence", 2, 2)
    assert ligne["avis"] == ""
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
    p = pd.DataFrame(
        [("E1", "C", 0.5), ("E1", "C", 0.5), ("E2", "C", 0.2), ("E1", "O", 1.0)], columns=["entretien", "code", "confiance"]
    )
    assert attendus(p).set_index(["entretien", "code"])["probabilite"].to_dict() == pytest.approx(
        {("E1", "C"): 0.75, ("E1", "O"): 1.0, ("E2", "C"): 0.2}
    )


def test_une_parole_isolee_n_appuie_pas_un_code() -> None:
    # Quatre entretiens de l'association : un seul qui en parle n'engage pas la catégorie ; deux, si.
    entretiens = pd.concat(
        [ENTRETIENS, pd.DataFrame([(f"A{i}", "T2", "association") for i in range(3)], columns=ENTRETIENS.columns)],
        ignore_index=True,
    )
    lignes = [("E1", "C", "presente"), ("E4", "C", "presente"), ("E3", "C", "absente")]
    seule = croiser(_mentions(*lignes), entretiens, ["C"])[0].iloc[0]
    assert (seule["categories"], seule["appuyees"], seule["hors_pilotage"], seule["accord"], seule["retenu"]) == (
        2,
        1,
        0,
        "",
        False,
    )
    deux = croiser(_mentions(*lignes, ("A0", "C", "absente")), entretiens, ["C"])[0].iloc[0]
    assert (deux["appuyees"], deux["hors_pilotage"], deux["accord"], deux["ecart"]) == (2, 1, "divergence", 1.0)
    assert not deux["retenu"]  # deux catégories sur quatre, il en faut trois
    locale = croiser(_mentions(*lignes, ("E5", "C", "presente")), entretiens, ["C"])[0].set_index("portee").loc["T2"]
    assert (locale["appuyees"], locale["hors_pilotage"]) == (2, 1)  # dans un territoire, un entretien suffit


def test_p_comme_toutes_les_permutations_dans_les_territoires() -> None:
    hasard = np.random.default_rng(4)
    entretiens = pd.DataFrame(
        [(f"E{i}", f"T{i // 5}", ("etat", "spe", "association")[i % 3]) for i in range(10)],
        columns=["entretien", "territoire", "categorie"],
    )
    avis = hasard.integers(0, 2, 10)
    mentions = _mentions(*[(f"E{i}", "C", ("absente", "presente")[a]) for i, a in enumerate(avis)])

    def dispersion(valeurs: np.ndarray) -> float:
        groupes = [valeurs[(entretiens["categorie"] == c).to_numpy()] for c in ("etat", "spe", "association")]
        return sum(len(g) * (g.mean() - valeurs.mean()) ** 2 for g in groupes)

    toutes = [dispersion(np.array([*a, *b])) for a in itertools.permutations(avis[:5]) for b in itertools.permutations(avis[5:])]
    exact = float(np.mean(np.array(toutes) >= dispersion(avis) - 1e-9))
    p = croiser(mentions, entretiens, ["C"])[0].iloc[0]["p"]
    assert 0.05 < exact < 0.95 and p == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / TIRAGES))
    # Corrigé pour le nombre de codes : un code muet compte dans la correction, non dans le calcul.
    assert croiser(mentions, entretiens, ["C", "O"])[0].iloc[0]["p"] == pytest.approx(min(1.0, 2 * p))


def test_un_ecart_entre_territoires_n_est_pas_un_ecart_entre_categories() -> None:
    # T0 dit toujours présent, T1 toujours absent ; l'État n'est interrogé qu'en T0 : rien n'oppose les catégories.
    entretiens = pd.DataFrame(
        [(f"E{i}", f"T{i // 6}", "etat" if i < 4 else "spe") for i in range(12)], columns=["entretien", "territoire", "categorie"]
    )
    mentions = _mentions(*[(f"E{i}", "C", "presente" if i < 6 else "absente") for i in range(12)])
    ligne = croiser(mentions, entretiens, ["C"])[0].iloc[0]
    assert (ligne["accord"], ligne["ecart"], ligne["p"]) == ("divergence", 0.75, 1.0)


def test_les_colonnes() -> None:
    regards, categories = croiser(_mentions(), ENTRETIENS, ["C"])
    assert tuple(regards.columns) == COLONNES and tuple(categories.columns) == COLONNES_CATEGORIES
