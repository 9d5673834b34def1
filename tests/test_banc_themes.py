"""Le banc des thèmes : extraits, mesures, corpus grossi et choix des méthodes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from joblib import Parallel
from sklearn.metrics import adjusted_rand_score
from test_themes import fabriquer

from bancs.echelle_themes import grossir
from bancs.methodes_themes import Portee, choisir, lda, methodes, moyennes_tfidf, nmf, reinert, reperer_etude, themes
from bancs.mots_themes import diversite, npmi, tetes
from bancs.themes import autres_tirages, comparer, mesurer, par_territoire, rapporter, tirer_extraits
from modeles import regroupement

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


def test_coherence_calculee_a_la_main() -> None:
    """« a » et « b » toujours ensemble, une fois sur deux : 1 ; « a » et « c » jamais : -1 ; sans thème : rien."""
    etude = pd.Series(["aa bb", "aa bb", "cc", "cc"])
    assert npmi(["aa", "bb", "cc"], np.array([[2.0, 1.0, 0.0]]), etude) == pytest.approx(1.0)
    assert npmi(["aa", "bb", "cc"], np.array([[2.0, 0.0, 1.0]]), etude) == -1.0
    assert np.isnan(npmi(*tetes(pd.DataFrame({"lemmes": etude}), np.full(4, -1)), etude))


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


@pytest.mark.parametrize("methode", [lda, reinert, nmf, moyennes_tfidf])
def test_les_methodes_lexicales_retrouvent_des_sujets_nets(methode) -> None:
    """Plus de classes que de sujets : aucune n'en mêle deux."""
    segments, sujets = _segments()
    numeros = methode(Portee(segments, np.zeros((len(segments), 2))), 0)
    assert numeros.shape == (len(segments),) and numeros.min() >= -1
    assert (numeros >= 0).mean() > 0.9
    for theme in set(numeros.tolist()) - {-1}:
        assert len(set(sujets[numeros == theme])) == 1


def test_choisir_les_methodes() -> None:
    toutes = methodes()
    assert choisir(toutes, None) == toutes
    assert list(choisir(toutes, ["LDA", "Reinert"])) == ["LDA (15)", "Reinert (15 classes au plus)"]
    assert list(choisir(toutes, ["Themes"])) == ["Themes"]
    assert list(choisir(toutes, ["Themes,"])) == ["Themes, sans national"]
    assert len(choisir(toutes, ["BERTopic"])) == 1
    with pytest.raises(SystemExit, match="aucune méthode"):
        choisir(toutes, ["UMAP"])


def _etude() -> tuple[Portee, np.ndarray]:
    """Deux territoires de quatre sujets ; la portée et le sujet de chaque segment."""
    plongements, textes, lemmes, entretiens, sujets = fabriquer()
    nord = np.arange(len(textes)) % 2 == 0
    segments = pd.DataFrame({
        "texte": textes, "lemmes": lemmes, "rang": range(len(textes)), "territoire": np.where(nord, "nord", "sud"),
        "entretien": [f"{lieu}-{nom}" for lieu, nom in zip(nord, entretiens, strict=True)],
        "phrases": [[f"p{rang}"] for rang in range(len(textes))]})
    return Portee(segments, plongements), sujets


def test_un_extrait_garde_quatre_entretiens_sur_cinq_de_chaque_territoire() -> None:
    etude, _ = _etude()
    tous = etude.segments.groupby("territoire")["entretien"].unique()
    extraits = tirer_extraits(etude.segments)
    assert len(extraits) == 5
    for rangs in extraits:
        gardes = etude.segments.iloc[rangs]
        assert (np.diff(rangs) > 0).all()
        for territoire, noms in gardes.groupby("territoire")["entretien"].unique().items():
            assert len(noms) == int(0.8 * len(tous[territoire]))
        assert len(gardes) == etude.segments["entretien"].isin(set(gardes["entretien"])).sum()


def test_restreindre_une_portee_restreint_ses_reperes() -> None:
    etude, sujets = _etude()
    ancree = replace(etude, reperes={0: reperer_etude(etude)})
    nord = par_territoire(ancree)["nord"]
    assert nord.segments["rang"].tolist() == list(range(0, 120, 2))
    assert nord.reperes[0].vecteurs.tolist() == ancree.reperes[0].vecteurs[::2].tolist()
    numeros = themes(nord, 0)
    dedans = numeros >= 0
    assert adjusted_rand_score(sujets[::2][dedans], numeros[dedans]) == 1.0


def test_mesures_calculees_a_la_main() -> None:
    """Une méthode qui rend les sujets, sauf avec une autre graine que 0 : un seul thème."""
    etude, sujets = _etude()
    nord = par_territoire(etude)["nord"]
    extrait = nord.restreindre(np.arange(40))
    codages = nord.segments[["entretien", "phrases"]].explode("phrases").rename(columns={"phrases": "phrase"})
    codages = codages.assign(code=[f"C{sujet}" for sujet in sujets[::2]])

    def methode(portee: Portee, graine: int) -> np.ndarray:
        siens = sujets[portee.segments["rang"]]
        return siens if graine == 0 else np.zeros_like(siens)

    lues = mesurer(methode, nord, [extrait], codages, etude.segments["lemmes"])
    assert lues["V"] == lues["AMI"] == lues["ARI entretiens"] == 1.0
    assert lues["ARI graines"] == lues["hors thème"] == 0.0
    assert lues["thèmes"] == 4 and -1 <= lues["NPMI"] <= 1 and 0 < lues["diversité"] <= 1


def test_le_banc_mesure_chaque_territoire_et_chaque_methode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bancs.themes.GRAINES", 2)
    etude, sujets = _etude()
    codages = pd.DataFrame({"entretien": etude.segments["entretien"], "phrase": etude.segments["phrases"].str[0],
                            "code": [f"C{sujet}" for sujet in sujets]})
    with Parallel(n_jobs=1) as repartir:
        table = comparer(["Themes", "NMF (15) sur TF-IDF"], etude, codages, repartir)
    assert table["territoire"].tolist() == ["nord", "nord", "sud", "sud"]
    assert table["méthode"].tolist() == ["Themes", "NMF (15) sur TF-IDF"] * 2
    assert (table.loc[table["méthode"] == "Themes", "V"] > 0.95).all()
    texte = rapporter(table, {"segments": 120, "entretiens": 12, "themes": 4, "stabilite": 0.5, "autres_tirages": 1.0})
    assert "| Themes |" in texte and "ARI 0,50" in texte and "## Themes, par territoire" in texte
    assert "## Themes" not in rapporter(table, {"segments": 120, "entretiens": 12})


def test_d_autres_tirages_du_consensus_ne_changent_pas_des_sujets_nets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bancs.themes.GRAINES", 2)
    etude, _ = _etude()
    with Parallel(n_jobs=1) as repartir:
        assert autres_tirages(etude, repartir) == pytest.approx(1.0, abs=0.05)
    assert regroupement.TIRAGES == 0
