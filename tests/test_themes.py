"""Les thèmes : regroupement, mots et libellés, tables contractuelles."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score

from modeles.expressions import MOTS_ORAUX, peser, relever
from modeles.regroupement import (
    accorder,
    barycentres,
    corriger,
    normer,
    partager,
    regrouper,
    renumeroter,
    representer,
    situer,
)
from modeles.tableaux_themes import (
    COLONNES_PHRASES,
    COLONNES_THEMES,
    reperer,
    tableaux_portee,
    tableaux_themes,
)
from modeles.themes import Themes

SUJETS = {
    "garde": ["garde d'enfants", "crèche", "horaires", "nourrice", "berceau"],
    "bus": ["bus", "permis de conduire", "voiture", "trajet", "mobilité"],
    "budget": ["crédits", "convention", "appel à projets", "notification", "subvention"],
    "pilotage": ["comité", "sous-préfète", "réunion", "copil", "arbitrage"],
}
LEMMES = {
    "garde d'enfants": "garde enfant",
    "permis de conduire": "permis conduire",
    "appel à projets": "appel projet",
    "crédits": "crédit",
    "horaires": "horaire",
}


def fabriquer(
    par_sujet: int = 30, graine: int = 3, bruit: float = 0.35
) -> tuple[np.ndarray, list[str], list[str], list[str], np.ndarray]:
    """Segments de quatre sujets bien séparés : plongements, textes, lemmes, entretiens, sujets."""
    hasard = np.random.default_rng(graine)
    axes = np.linalg.qr(hasard.normal(size=(48, 48)))[0][:5]
    plongements, textes, lemmes, entretiens, sujets = [], [], [], [], []
    for numero, mots in enumerate(SUJETS.values()):
        for rang in range(par_sujet):
            choix = [mots[j] for j in hasard.permutation(len(mots))[:3]]
            textes.append(f"Bon, ben voilà, pour la {choix[0]}, Ginette a vu {choix[1]} et puis {choix[2]}.")
            lemmes.append("voilà ginette " + " ".join(LEMMES.get(mot, mot) for mot in choix))
            entretiens.append(f"E{rang % 6}-{numero}")
            sujets.append(numero)
            plongements.append(2 * axes[4] + axes[numero] + bruit * hasard.normal(size=48) / np.sqrt(48))
    vecteurs = np.array(plongements)
    vecteurs /= np.linalg.norm(vecteurs, axis=1, keepdims=True)
    return vecteurs.astype(np.float32), textes, lemmes, entretiens, np.array(sujets)


@pytest.fixture(scope="module")
def jeu() -> tuple[np.ndarray, list[str], list[str], list[str], np.ndarray]:
    return fabriquer()


@pytest.fixture(scope="module")
def ajuste(jeu: tuple[np.ndarray, list[str], list[str], list[str], np.ndarray]) -> Themes:
    plongements, textes, lemmes, _, _ = jeu
    return Themes().fit(plongements, textes=textes, lemmes=lemmes)


def test_groupes_separes_retrouves_et_leur_nombre_choisi(jeu, ajuste):
    dedans = ajuste.labels_ >= 0
    assert ajuste.nb_themes_ == 4
    assert adjusted_rand_score(jeu[4][dedans], ajuste.labels_[dedans]) == 1.0
    assert ajuste.stabilite_ == pytest.approx(1.0)
    assert (ajuste.themes_["stabilite"] > 0.97).all()  # hors thème, un segment peut manquer


def test_hors_theme_borne(jeu):
    plongements, textes, lemmes, _, _ = jeu
    hasard = np.random.default_rng(0)
    flous = hasard.random((120, 1)) < 0.5
    bruites = normer(plongements + 0.25 * hasard.normal(size=plongements.shape) * flous)
    for maximum in (0.0, 0.05, 0.10):
        modele = Themes(nb_themes=4, part_hors_theme_max=maximum, essais_stabilite=0).fit(bruites, textes=textes, lemmes=lemmes)
        assert (modele.labels_ == -1).mean() <= maximum
    ecartes = modele.labels_ == -1
    assert ecartes.any()
    assert modele.poids_[ecartes].max() <= np.median(modele.poids_)


def test_poids_entre_zero_et_un(ajuste):
    assert ajuste.poids_.min() >= 0.0
    assert ajuste.poids_.max() <= 1.0


def test_deterministe_a_l_octet(jeu):
    plongements, textes, lemmes, entretiens, _ = jeu
    un, deux = (
        Themes(graine=7, essais_stabilite=2).fit(plongements, textes=textes, lemmes=lemmes, entretiens=entretiens)
        for _ in range(2)
    )
    assert un.labels_.tobytes() == deux.labels_.tobytes()
    assert un.poids_.tobytes() == deux.poids_.tobytes()
    assert un.centres_.tobytes() == deux.centres_.tobytes()
    assert un.themes_.to_csv() == deux.themes_.to_csv()


def test_la_graine_ne_change_pas_les_themes(jeu):
    plongements, textes, lemmes, _, _ = jeu
    premier, autre = (Themes(graine=graine, essais_stabilite=0).fit(plongements, textes=textes, lemmes=lemmes).labels_
                      for graine in (0, 1))
    assert (premier == autre).all()


def test_libelles_lisibles(ajuste):
    libelles = ajuste.themes_["libelle"].str.split(", ").explode().tolist()
    assert not MOTS_ORAUX.intersection(libelles)
    assert "ginette" not in " ".join(libelles).lower()
    tous = {mot for mots in ajuste.themes_["mots"] for mot in mots}
    assert {"garde d'enfants", "permis de conduire", "appel à projets", "crédits"} <= tous
    assert "enfant" not in tous
    for libelle in ajuste.themes_["libelle"]:
        sujets = {nom for nom, mots in SUJETS.items() if any(mot in libelle for mot in mots)}
        assert len(sujets) == 1
        assert 3 <= len(libelle.split(", ")) <= 4


def test_propres_donnes_par_l_appelant_sont_ecartes(jeu):
    plongements, textes, lemmes, _, _ = jeu
    minuscules = [texte.lower() for texte in textes]
    sans = Themes(essais_stabilite=0).fit(plongements, textes=minuscules, lemmes=lemmes, propres={"Nourrice"})
    assert not any("nourrice" in mot for mots in sans.themes_["mots"] for mot in mots)
    assert any("crèche" in mot for mots in sans.themes_["mots"] for mot in mots)


def test_representatifs_dans_leur_theme_et_de_voix_differentes(jeu):
    plongements, textes, lemmes, entretiens, _ = jeu
    modele = Themes(nb_themes=4, essais_stabilite=0).fit(plongements, textes=textes, lemmes=lemmes, entretiens=entretiens)
    for fiche in modele.themes_.itertuples():
        assert 1 <= len(fiche.representatifs) <= 3
        assert len(set(fiche.representatifs)) == len(fiche.representatifs)
        assert (modele.labels_[fiche.representatifs] == fiche.theme).all()
        dans = {entretiens[r] for r in np.flatnonzero(modele.labels_ == fiche.theme)}
        voix = {entretiens[r] for r in fiche.representatifs}
        assert len(voix) >= min(2, len(dans))


def test_effectifs_et_parts_coherents(ajuste, jeu):
    for fiche in ajuste.themes_.itertuples():
        assert fiche.effectif == (ajuste.labels_ == fiche.theme).sum()
        assert fiche.part == pytest.approx(fiche.effectif / len(jeu[1]))
    assert ajuste.themes_["effectif"].is_monotonic_decreasing


@pytest.mark.parametrize("nombre", [0, 1, 2, 3, 5, 13, 25])
def test_petites_entrees(jeu, nombre):
    plongements, textes, lemmes, entretiens, _ = jeu
    modele = Themes().fit(plongements[:nombre], textes=textes[:nombre], lemmes=lemmes[:nombre], entretiens=entretiens[:nombre])
    assert modele.labels_.shape == modele.poids_.shape == (nombre,)
    assert modele.themes_["effectif"].sum() == (modele.labels_ >= 0).sum()
    assert (modele.nb_themes_ >= 1) == (nombre >= 1)


def test_segments_tous_identiques(jeu):
    plongements, textes, lemmes, _, _ = jeu
    modele = Themes().fit(np.repeat(plongements[:1], 80, axis=0), textes=textes[:1] * 80, lemmes=lemmes[:1] * 80)
    assert modele.nb_themes_ == 1
    assert (modele.labels_ == 0).all()
    assert (modele.poids_ == 1).all()


def test_segments_sans_aucun_lemme(jeu):
    plongements, textes, _, _, _ = jeu
    modele = Themes(essais_stabilite=0).fit(plongements, textes=textes, lemmes=[""] * len(textes))
    assert modele.nb_themes_ == 4
    assert modele.themes_["libelle"].tolist() == ["thème 1", "thème 2", "thème 3", "thème 4"]


def test_nombre_impose_et_bornes(jeu):
    plongements, textes, lemmes, _, _ = jeu
    assert Themes(nb_themes=6, essais_stabilite=0).fit(plongements, textes=textes, lemmes=lemmes).nb_themes_ == 6
    entre = Themes(nb_min=5, nb_max=7, essais_stabilite=0).fit(plongements, textes=textes, lemmes=lemmes)
    assert 5 <= entre.nb_themes_ <= 7
    assert Themes(nb_max=3, essais_stabilite=0).fit(plongements, textes=textes, lemmes=lemmes).nb_themes_ <= 3


def test_entrees_fausses_refusees(jeu):
    plongements, textes, lemmes, entretiens, _ = jeu
    with pytest.raises(ValueError, match="autant de plongements"):
        Themes().fit(plongements[:3], textes=textes, lemmes=lemmes)
    with pytest.raises(ValueError, match="autant de plongements"):
        Themes().fit(plongements, textes=textes, lemmes=lemmes, entretiens=entretiens[:-1])
    with pytest.raises(ValueError, match="nombre fini"):
        Themes().fit(np.full((2, 4), np.nan), textes=textes[:2], lemmes=lemmes[:2])
    with pytest.raises(ValueError, match="part_hors_theme_max"):
        Themes(part_hors_theme_max=1.5).fit(plongements, textes=textes, lemmes=lemmes)
    with pytest.raises(ValueError, match="nb_themes"):
        Themes(nb_themes=0).fit(plongements, textes=textes, lemmes=lemmes)
    with pytest.raises(ValueError, match="essais_stabilite"):
        Themes(essais_stabilite=-1).fit(plongements, textes=textes, lemmes=lemmes)


def test_parametres_et_clonage():
    modele = Themes(nb_themes=5, graine=3, mots_par_theme=6)
    copie = clone(modele)
    assert copie is not modele
    assert copie.get_params() == modele.get_params()
    assert copie.set_params(nb_max=9).nb_max == 9


def test_fit_predict_rend_les_memes_numeros(jeu, ajuste):
    plongements, textes, lemmes, _, _ = jeu
    assert (Themes(essais_stabilite=0).fit_predict(plongements, textes=textes, lemmes=lemmes) == ajuste.labels_).all()


def test_bertopic_ne_fait_pas_taire_les_avertissements():
    import warnings

    avant = list(warnings.filters)
    import modeles.libelles  # noqa: F401

    assert list(warnings.filters) == avant


# Expressions


def test_expression_soudee_et_forme_la_plus_vue():
    textes = ["La garde d'enfants, c'est dur.", "Une garde d'enfants le matin.", "Les gardes d’enfants."]
    expressions = relever(textes, ["garde enfant dur", "garde enfant matin", "garde enfant"])
    assert expressions.termes[0] == ("garde", "enfant", "dur", "garde_enfant")
    assert expressions.formes["garde_enfant"] == "garde d'enfants"
    assert expressions.formes["enfant"] == "enfants"


def test_une_ponctuation_separe_les_lemmes():
    textes = ["Il y a la garde. Des enfants jouent."] * 3
    assert "garde_enfant" not in relever(textes, ["garde enfant"] * 3).formes


def test_verbe_a_l_infinitif_et_nom_propre_ecarte():
    textes = ["On a recruté avec Ginette.", "Elle recrute, Ginette.", "Il recrutait beaucoup."]
    expressions = relever(textes, ["recruter ginette", "recruter ginette", "recruter"])
    assert expressions.formes == {"recruter": "recruter"}


def test_pertinence_calculee_a_la_main():
    expressions = relever(["le bus", "un bus", "la moitié", "une moitié"], ["bus", "bus", "moitié", "moitié"])
    vecteurs = np.array([[1.0, 0.0], [0.8, 0.6], [1.0, 0.0], [-1.0, 0.0]])
    pertinence = peser(expressions, vecteurs)
    assert pertinence["bus"] == pytest.approx(2 * 0.8 / (2 + 12))
    assert pertinence["moitié"] == 0.0


def test_longueurs_differentes_refusees():
    with pytest.raises(ValueError, match="2 textes pour 1"):
        relever(["a", "b"], ["c"])


# Regroupement


def test_corriger_retire_la_voix():
    """Un décalage propre au second de deux entretiens s'amenuise ; les vecteurs sont de norme 1."""
    hasard = np.random.default_rng(1)
    base = hasard.normal(size=(40, 6))
    decales = base.copy()
    decales[20:] += 5.0
    voix = ["a"] * 20 + ["b"] * 20
    ecart = np.abs(corriger(decales, voix)[:20].mean(0) - corriger(decales, voix)[20:].mean(0)).max()
    sans = np.abs(corriger(decales, None)[:20].mean(0) - corriger(decales, None)[20:].mean(0)).max()
    assert ecart < sans
    assert np.linalg.norm(corriger(decales, voix), axis=1) == pytest.approx(np.ones(40))


def test_situer_ne_traverse_pas_les_entretiens():
    vecteurs = np.eye(3)
    situes = situer(vecteurs, ["a", "a", "b"])
    assert situes[0] == pytest.approx(np.array([1.0, 0.5, 0.0]) / np.sqrt(1.25))
    assert situes[2] == pytest.approx([0.0, 0.0, 1.0])


def test_renumeroter_par_effectif():
    assert renumeroter(np.array([5, 2, 2, -1, 5, 2, 9])).tolist() == [1, 0, 0, -1, 1, 0, 2]


def test_barycentres():
    centres = barycentres(np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 4.0], [9.0, 9.0]]), np.array([0, 0, 1, -1]))
    assert centres.tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert barycentres(np.zeros((2, 3)), np.array([-1, -1])).shape == (0, 3)


def test_corriger_d_une_moyenne_donnee():
    plongements = np.array([[1.0, 2.0], [3.0, 2.0]])
    assert corriger(plongements, None, np.array([1.0, 1.0])) == pytest.approx(
        np.array([[0.0, 1.0], [2 / np.sqrt(5), 1 / np.sqrt(5)]]))


def test_accorder_suit_la_majorite_des_partages():
    """Quatre segments, trois partages en deux : {01|23} deux fois, {02|13} une fois."""
    partages = sparse.csr_array(np.array([[1, 0, 1, 0, 1, 0], [1, 0, 1, 0, 0, 1], [0, 1, 0, 1, 1, 0], [0, 1, 0, 1, 0, 1]]) * 1.0)
    groupes = accorder(partages, [2])[0]
    assert groupes[0] == groupes[1] != groupes[2] == groupes[3]


def test_accorder_a_plusieurs_nombres_sur_des_groupes_nets():
    """Six blocs, toujours séparés : à six groupes ils sont tous retrouvés, à trois aucun n'est coupé."""
    blocs = np.repeat(np.arange(6), 20)
    partages = sparse.csr_array(np.eye(6)[blocs].repeat(2, axis=1))
    trois, six = accorder(partages, [3, 6])
    assert adjusted_rand_score(blocs, six) == 1.0
    assert all(len(set(trois[blocs == bloc])) == 1 for bloc in range(6))


def test_partager_compte_les_partages_et_ne_voit_que_la_moitie_des_entretiens():
    hasard = np.random.default_rng(0)
    vecteurs = np.vstack([hasard.normal(0, 0.01, (30, 2)), hasard.normal(5, 0.01, (30, 2))])
    partages = partager(vecteurs, [f"e{rang % 10}" for rang in range(60)], [2, 3], essais=40)
    assert partages.shape == (60, 20 * 2 + 20 * 3)
    assert (partages.sum(axis=1) == 40).all()
    ensemble = (partages @ partages.T).toarray() / 40
    assert ensemble[:30, 30:].max() == 0.0 and ensemble[:30, :30].mean() > 0.6


def test_regrouper_sur_un_sous_echantillon(monkeypatch):
    """Au-delà de l'amorce, les autres segments vont au centre le plus proche."""
    monkeypatch.setattr("modeles.regroupement._AMORCE_MAX", 60)
    plongements, _, _, entretiens, sujets = fabriquer(par_sujet=50, bruit=0.2)
    numeros = regrouper(corriger(plongements.astype(np.float64), None), range(2, 9), 0, entretiens)
    assert adjusted_rand_score(sujets, numeros) == 1.0


def test_trois_amas_font_trois_themes():
    hasard = np.random.default_rng(2)
    coins = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    loin = np.vstack([coin + hasard.normal(0, 0.5, (40, 2)) for coin in coins])
    assert len(set(regrouper(loin, range(2, 8), 0).tolist())) == 3


def test_representer_prefere_une_autre_voix():
    reduits = normer(np.array([[1.0, 0.0], [0.99, 0.1], [0.9, -0.4], [0.0, 1.0]]))
    poids = np.array([0.9, 0.89, 0.7, 0.1])
    assert representer(reduits, np.array([0, 1, 2]), poids, ["a", "a", "b", "c"])[:2] == [0, 2]


# Tables


def etude() -> tuple[pd.DataFrame, np.ndarray, list[str], dict[str, str]]:
    """Deux territoires : « nord » parle de quatre sujets, « sud » de deux ; un entretien sans territoire."""
    plongements, textes, lemmes, entretiens, sujets = fabriquer(par_sujet=32)
    segments = pd.DataFrame({"entretien": entretiens, "texte": textes})
    segments["entretien"] = np.where(
        (sujets < 2) & (np.arange(len(textes)) % 2 == 0), "S-" + segments["entretien"], segments["entretien"]
    )
    segments["phrases"] = [[f"p{2 * i:03d}", f"p{2 * i + 1:03d}"][: 1 + i % 2] for i in range(len(textes))]
    territoires = {e: "sud" if e.startswith("S-") else "nord" for e in segments["entretien"]}
    territoires.pop("E5-3")
    return segments, plongements, lemmes, territoires


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    return tableaux_themes(*etude(), modele=Themes(essais_stabilite=0))


def test_tables_contractuelles(tables):
    themes, phrases = tables
    segments, _, _, territoires = etude()
    assert tuple(themes.columns) == COLONNES_THEMES
    assert tuple(phrases.columns) == COLONNES_PHRASES
    assert list(dict.fromkeys(themes["portee"])) == ["national", "nord", "sud"]
    assert not phrases.duplicated(["portee", "entretien", "phrase"]).any()
    assert phrases["poids"].between(0, 1).all()
    totaux = {"national": segments["phrases"].map(len).sum()}
    for portee in ("nord", "sud"):
        dedans = segments["entretien"].map(territoires) == portee
        totaux[portee] = segments.loc[dedans, "phrases"].map(len).sum()
    comptes = phrases.groupby(["portee", "theme"]).size()
    for portee, fiches in themes.groupby("portee"):
        assert fiches["theme"].tolist() == [f"t{i:02d}" for i in range(1, len(fiches) + 1)]
        assert fiches["part"].is_monotonic_decreasing
        assert 0.85 <= fiches["part"].sum() <= 1.0 + 1e-9
        for fiche in fiches.itertuples():
            assert fiche.phrases == comptes[(portee, fiche.theme)]
            assert fiche.part == pytest.approx(fiche.phrases / totaux[portee])
            assert np.isnan(fiche.stabilite) and np.isnan(fiche.stabilite_portee)  # essais_stabilite=0
    nord = set(phrases.loc[phrases["portee"] == "nord", "entretien"])
    assert all(territoires.get(entretien) == "nord" for entretien in nord)
    assert "E5-3" in set(phrases.loc[phrases["portee"] == "national", "entretien"])


def test_theme_national_rapproche(tables):
    themes, _ = tables
    assert (themes.loc[themes["portee"] == "national", "theme_national"] == "").all()
    nationaux = themes[themes["portee"] == "national"].set_index("theme")["libelle"]
    locaux = themes[(themes["portee"] == "nord") & (themes["theme_national"] != "")]
    assert len(locaux) == 4
    for fiche in locaux.itertuples():
        sujet = next(mots for mots in SUJETS.values() if any(m in fiche.libelle for m in mots))
        assert any(mot in nationaux[fiche.theme_national] for mot in sujet)


def test_etude_vide():
    vide = pd.DataFrame({"entretien": [], "texte": [], "phrases": []}).astype(object)
    themes, phrases = tableaux_themes(vide, np.zeros((0, 8)), [], {})
    assert themes.empty
    assert phrases.empty
    assert tuple(themes.columns) == COLONNES_THEMES


def test_tables_refusent_les_entrees_fausses(jeu, ajuste):
    segments, plongements, lemmes, territoires = etude()
    with pytest.raises(ValueError, match="autant de plongements"):
        tableaux_themes(segments, plongements[:2], lemmes, territoires)
    with pytest.raises(ValueError, match="national"):
        tableaux_themes(segments, plongements, lemmes, dict.fromkeys(territoires, "national"))
    with pytest.raises(ValueError, match="segments pour un modèle"):
        tableaux_portee("nord", ajuste, segments.iloc[:3])


def test_reperes_codent_les_themes_par_phrases():
    plongements, textes, lemmes, entretiens, sujets = fabriquer()
    modele = Themes(nb_themes=4, part_hors_theme_max=0.0, essais_stabilite=0).fit(plongements, textes=textes, lemmes=lemmes)
    segments = pd.DataFrame({"entretien": entretiens, "phrases": [["p"] * (1 + s) for s in sujets]})
    reperes = reperer(modele, segments)
    for theme, code in enumerate(reperes.codes):
        sujet = int(sujets[modele.labels_ == theme][0])
        assert code == f"t{4 - sujet:02d}"
