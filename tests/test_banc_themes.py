"""Le banc des thèmes : diversité, corpus grossi et choix des méthodes, vérifiés à la main."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from test_themes import fabriquer

from bancs.echelle_themes import grossir
from bancs.methodes_themes import Etude, choisir, lda, methodes, reinert, themes
from bancs.themes import diversite

SUJETS = (
    "bus train car trajet gare ligne",
    "crèche nourrice berceau enfant garde école",
    "crédit subvention budget euro enveloppe convention",
)


def _segments(par_sujet: int = 30) -> tuple[pd.DataFrame, np.ndarray]:
    """Trois sujets sans mot commun, chaque segment privé d'un mot de son sujet."""
    lemmes = [" ".join(mot for rang, mot in enumerate(sujet.split()) if rang != n % 6)
              for sujet in SUJETS for n in range(par_sujet)]
    table = pd.DataFrame({"lemmes": lemmes, "texte": lemmes, "entretien": [f"e{n % 9}" for n in range(len(lemmes))]})
    return table, np.repeat(np.arange(len(SUJETS)), par_sujet)


def test_diversite_calculee_a_la_main() -> None:
    # Mots a et b en tête du premier thème, b et c du second : trois différents sur quatre.
    assert diversite(np.array([[2.0, 1.0, 0.0], [0.0, 1.0, 3.0]])) == 3 / 4
    assert diversite(np.array([[1.0, 0.0], [0.0, 1.0]])) == 1.0
    assert diversite(np.array([[1.0, 2.0], [2.0, 1.0]])) == 1 / 2
    assert np.isnan(diversite(np.zeros((0, 3))))


def test_diversite_ne_lit_que_les_tetes() -> None:
    """Trente mots communs, mais les vingt-cinq premiers de chaque thème n'en ont que vingt en commun."""
    premier = np.arange(30, 0, -1.0)
    second = premier.copy()
    second[20:25], second[25:30] = 0.5, premier[20:25]
    assert diversite(np.array([premier, second])) == 30 / 50


def test_corpus_grossi_au_nombre_de_mots_voulu() -> None:
    segments, _ = _segments(4)  # douze segments de cinq mots
    vecteurs = np.arange(12.0)[:, None]
    grossis, plongements = grossir(segments, vecteurs, 203)
    assert len(grossis) == 41  # 205 mots : le premier nombre de segments entiers qui atteint 203
    assert [segments["lemmes"][int(rang)] for rang in plongements[:, 0]] == grossis["lemmes"].tolist()
    for copie in range(3):
        assert sorted(plongements[12 * copie : 12 * copie + 12, 0]) == list(range(12))
    noms = grossis["entretien"].tolist()
    assert noms[:12] == [f"0-{nom}" for nom in segments["entretien"]] and noms[-1].startswith("3-")
    assert grossis["lemmes"].tolist()[:12] != segments["lemmes"].tolist()


@pytest.mark.parametrize("methode", [lda, reinert])
def test_les_methodes_ajoutees_retrouvent_des_sujets_nets(methode) -> None:
    """Plus de classes que de sujets : aucune n'en mêle deux."""
    segments, sujets = _segments()
    numeros = methode(segments, np.zeros((len(segments), 2)), 0)
    assert numeros.shape == (len(segments),) and numeros.min() >= -1
    assert (numeros >= 0).mean() > 0.9
    for theme in set(numeros.tolist()) - {-1}:
        assert len(set(sujets[numeros == theme])) == 1


def test_choisir_les_methodes() -> None:
    toutes = methodes(Etude(*_segments()))
    assert choisir(toutes, None) == toutes
    assert list(choisir(toutes, ["LDA", "Reinert"])) == ["LDA (15)", "Reinert (15 classes au plus)"]
    assert list(choisir(toutes, ["Themes"])) == ["Themes"]
    assert list(choisir(toutes, ["Themes,"])) == ["Themes, national refait", "Themes, sans national"]
    assert "Themes" not in methodes()
    with pytest.raises(SystemExit, match="aucune méthode"):
        choisir(toutes, ["UMAP"])


def test_national_fige_ou_refait() -> None:
    """Deux territoires de trois sujets ; écarter des segments d'un territoire ne les ôte du national que s'il est refait."""
    plongements, textes, lemmes, entretiens, sujets = fabriquer()
    segments = pd.DataFrame({"texte": textes, "lemmes": lemmes, "entretien": entretiens, "rang": range(len(textes)),
                             "territoire": np.where(np.arange(len(textes)) % 2, "nord", "sud")})
    etude = Etude(segments, plongements)
    nord = segments[segments["territoire"] == "nord"]
    garde = nord.iloc[:-6].reset_index(drop=True)
    for refaire, attendus in ((False, {120}), (True, {120, 114})):
        methode = themes(etude, refaire)
        tous = methode(nord.reset_index(drop=True), plongements[nord.index], 0)
        dedans = tous >= 0
        assert adjusted_rand_score(sujets[nord.index][dedans], tous[dedans]) == 1.0
        assert methode(garde, plongements[garde["rang"]], 0).shape == (54,)
        assert {len(rangs) for _, rangs in etude._faits.values()} == attendus
