"""Les estimateurs tiennent les contrats de scikit-learn : paramètres, clones, Pipeline, sorties pandas.

`Reinert` et `ReinertDouble` sont contrôlés de même dans leurs propres essais.
"""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.decomposition import TruncatedSVD
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.pipeline import make_pipeline
from sklearn.utils.estimator_checks import check_estimator

from extraction.etiqueteur import Etiqueteur, en_table, indicatrice
from extraction.grille import Grille
from extraction.lexique import CodeurLexique
from extraction.mentions import analyser_phrases, reperer_mentions
from modeles.codeur import CodeurLexical
from modeles.codeur_livre import charger_codeur
from modeles.peu_d_exemples import CodeurPeuDExemples
from modeles.plongements import Plongeur
from modeles.themes import Themes
from modeles.traits import TraitsLexicaux

TEXTES = ["Le bus ne passe plus après dix-neuf heures, personne ne peut venir.",
          "On a copiloté avec la préfecture, à égalité.", "Oui.", "",
          "Les crédits arrivent en octobre et il faut tout dépenser avant décembre."]


def entretien(nom: str, textes: list[str] = TEXTES) -> pd.DataFrame:
    """Un entretien où l'enquêteur pose une question avant chaque réponse."""
    lignes = [(nom, 2 * rang + tour, "" if tour else f"p{rang:03d}", role, texte)
              for rang, dite in enumerate(textes)
              for tour, role, texte in ((1, "enqueteur", "Et sur le terrain ?"), (0, "enquete", dite))]
    return pd.DataFrame(lignes, columns=["entretien", "tour", "phrase", "role", "texte"])


@pytest.fixture(scope="module")
def etiqueteur() -> Etiqueteur:
    return Etiqueteur().fit()


def test_themes_passe_check_estimator() -> None:
    # Un territoire peut n'avoir aucun segment : il a zéro thème, et ce n'est pas une erreur.
    ecart = {"check_estimators_empty_data_messages": "aucun segment : aucun thème"}
    faits = check_estimator(Themes(nb_themes=2, essais_stabilite=2), expected_failed_checks=ecart, on_skip=None)
    assert {fait["check_name"] for fait in faits if fait["status"] == "xfail"} == set(ecart)
    assert sum(fait["status"] == "passed" for fait in faits) > 40


@pytest.mark.filterwarnings("ignore:Can't test estimator")
@pytest.mark.parametrize("estimateur", [Plongeur(), Etiqueteur()], ids=["Plongeur", "Etiqueteur"])
def test_les_estimateurs_de_textes_passent_les_controles_d_interface(estimateur: Any) -> None:
    assert [fait["status"] for fait in check_estimator(estimateur)] == ["passed"]


# Les contrôles de check_estimator qui fabriquent des tableaux de nombres, refaits sur des textes : chaque essai
# ci-dessous nomme ceux qu'il remplace.

ESTIMATEURS = pytest.mark.parametrize("neuf", [Plongeur, Etiqueteur], ids=lambda classe: classe.__name__)


@ESTIMATEURS
def test_parametres_intacts(neuf: type[Any]) -> None:
    """check_dont_overwrite_attributes, check_dict_unchanged, check_estimators_overwrite_params."""
    estimateur = neuf(fils=1)
    avant = estimateur.get_params()
    assert estimateur.fit(TEXTES) is estimateur
    ajuste = dict(vars(estimateur))
    estimateur.transform(TEXTES)
    assert estimateur.get_params() == avant == clone(estimateur).get_params()
    assert vars(estimateur).keys() == ajuste.keys()


@ESTIMATEURS
def test_un_texte_ne_depend_pas_des_autres(neuf: type[Any]) -> None:
    """check_methods_sample_order_invariance, check_methods_subset_invariance, check_fit_idempotent."""
    estimateur = neuf().fit(TEXTES)
    tout = estimateur.transform(TEXTES)
    assert (estimateur.transform(TEXTES[::-1])[::-1] == tout).all()
    assert (np.vstack([estimateur.transform([texte]) for texte in TEXTES]) == tout).all()
    assert (estimateur.fit(TEXTES).transform(TEXTES) == tout).all()


@ESTIMATEURS
def test_toute_suite_de_textes_convient(neuf: type[Any]) -> None:
    """check_transformer_data_not_an_array, check_readonly_memmap_input, check_dtype_object."""
    estimateur = neuf().fit(TEXTES)
    tout = estimateur.transform(TEXTES)
    fige = np.array(TEXTES, dtype=object)
    fige.flags.writeable = False
    for suite in (tuple(TEXTES), iter(TEXTES), pd.Series(TEXTES, index=list("vwxyz")), fige):
        assert (estimateur.transform(suite) == tout).all()
    assert estimateur.transform([]).shape == (0, tout.shape[1])


@ESTIMATEURS
@pytest.mark.parametrize("faux", ["un texte seul", [1.5], [None], np.zeros((2, 2))], ids=str)
def test_ce_qui_n_est_pas_des_textes_est_refuse(neuf: type[Any], faux: Any) -> None:
    """check_complex_data, check_estimators_nan_inf, check_estimator_sparse_tag, check_fit1d."""
    with pytest.raises(TypeError, match="texte"):
        neuf().fit(TEXTES).transform(faux)


@ESTIMATEURS
def test_pandas_et_serialisation(neuf: type[Any]) -> None:
    """check_set_output_transform, check_transformer_get_feature_names_out, check_estimators_pickle."""
    estimateur = neuf().set_output(transform="pandas").fit(TEXTES)
    table = estimateur.transform(pd.Series(TEXTES, index=list("vwxyz")))
    assert table.columns.tolist() == list(estimateur.get_feature_names_out())
    assert table.index.tolist() == list("vwxyz")
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(estimateur)).transform(TEXTES),
                                  table.reset_index(drop=True))


@ESTIMATEURS
def test_dans_un_pipeline(neuf: type[Any]) -> None:
    """check_pipeline_consistency, check_transformer_general."""
    suite = make_pipeline(neuf(), TruncatedSVD(2, random_state=0))
    attendu = TruncatedSVD(2, random_state=0).fit_transform(neuf().fit(TEXTES).transform(TEXTES))
    np.testing.assert_allclose(clone(suite).fit_transform(TEXTES), attendu)


@pytest.mark.parametrize("interne", [CodeurLexical(("C1.1", "O04"), C=2.0), CodeurPeuDExemples(plis=2),
                                     TraitsLexicaux(effectif_min=3)], ids=lambda interne: type(interne).__name__)
def test_les_estimateurs_internes_se_clonent(interne: Any) -> None:
    """Leur docstring dit pourquoi check_estimator ne s'y applique pas."""
    assert clone(interne).get_params() == interne.get_params()
    assert type(interne)(**interne.get_params()).get_params() == interne.get_params()
    assert "check_estimator" in (type(interne).__doc__ or "")


def test_plonger_puis_regrouper() -> None:
    textes = [f"{debut} {fin}" for debut in ("Le bus ne passe pas", "Le comité se réunit") for fin in (
        "le soir.", "le matin.", "en ville.", "cette année.", "avec nous.", "à la mairie.", "au quartier.", "souvent.")]
    suite = make_pipeline(Plongeur(), Themes(nb_themes=2))
    etiquettes = suite.fit_predict(textes)
    assert len(set(etiquettes[:8])) == len(set(etiquettes[8:])) == 1 and etiquettes[0] != etiquettes[8]
    assert suite[-1].themes_["libelle"].tolist() == ["thème 1", "thème 2"]
    nommes = make_pipeline(Plongeur(), Themes(nb_themes=2)).fit(
        textes, themes__textes=textes, themes__lemmes=["bus passer"] * 8 + ["comité réunir"] * 8)[-1]
    assert {"bus", "comité"} <= {mot for mots in nommes.themes_["mots"] for mot in mots}


def test_plongeur_dans_un_classifieur() -> None:
    porte = np.array([[1, 0], [0, 1], [0, 0], [0, 0], [1, 1]])
    suite = make_pipeline(Plongeur(), MultiOutputClassifier(LogisticRegression(C=1e6)))
    assert (suite.fit(TEXTES, porte).predict(TEXTES) == porte).all()


# L'étiqueteur


def test_etiqueter_c_est_coder(etiqueteur: Etiqueteur) -> None:
    livre = charger_codeur()
    deux = pd.concat([entretien("N1"), entretien("N2", TEXTES[::-1])])
    p = etiqueteur.predict_proba(deux)
    attendu = np.vstack([livre.coder(entretien("N1")).probabilites, livre.coder(entretien("N2", TEXTES[::-1])).probabilites])
    dits = (deux["role"] == "enquete").to_numpy()
    rangs = [livre.codes.index(code) for code in etiqueteur.classes_]
    assert (p[dits] == attendu[:, rangs]).all()
    assert (p[~dits] == 0).all()
    assert etiqueteur.connus_.all() and (etiqueteur.seuils_ == livre.seuil).all() and etiqueteur.version_ == livre.version


def test_les_codes_sont_ceux_de_l_analyse(etiqueteur: Etiqueteur) -> None:
    table = entretien("N1").assign(debut=0, fin=1)
    mentions = reperer_mentions(table, analyser_phrases(table), Grille.charger(), charger_codeur(), {})
    posees = mentions[mentions["posee"]].groupby("phrase")["code"].agg(tuple).to_dict()
    assert posees
    assert [posees.get(phrase, ()) for phrase in table["phrase"]] == etiqueteur.codes(table)
    assert etiqueteur.score(table, etiqueteur.predict(table)) == 1.0


def test_la_fonction_de_l_enquete_compte(etiqueteur: Etiqueteur) -> None:
    table = entretien("N1").assign(fonction="préfète déléguée pour l'égalité des chances")
    dits = (table["role"] == "enquete").to_numpy()
    attendu = charger_codeur().coder(table, "préfète déléguée pour l'égalité des chances").probabilites
    rangs = [charger_codeur().codes.index(code) for code in etiqueteur.classes_]
    assert (etiqueteur.predict_proba(table)[dits] == attendu[:, rangs]).all()


def test_entretiens_entremeles(etiqueteur: Etiqueteur) -> None:
    deux = pd.concat([entretien("N1"), entretien("N2", TEXTES[::-1])], ignore_index=True)
    melange = deux.iloc[[rang for paire in zip(range(10), range(10, 20), strict=True) for rang in paire]]
    assert (etiqueteur.predict_proba(melange) == etiqueteur.predict_proba(deux)[melange.index]).all()


def test_une_autre_grille_se_lit_par_ses_mots() -> None:
    grille = Grille.livree("cites_educatives")
    estimateur = Etiqueteur(grille).fit()
    textes = [code.exemples[0] for code in grille if code.exemples]
    confiances = CodeurLexique(list(grille)).reperer(textes)[0]
    assert not estimateur.connus_.any() and confiances.any()
    assert (estimateur.predict_proba(textes) == confiances).all()
    assert (estimateur.predict(textes) == (confiances > 0)).all()


def test_apprendre_d_exemples() -> None:
    grille = Grille.livree("cites_educatives")
    textes = [exemple for code in grille for exemple in code.exemples]
    y = np.array([[autre is code for autre in grille] for code in grille for _ in code.exemples])
    appris = Etiqueteur(grille).fit(textes, y)
    p = appris.predict_proba(textes)
    assert appris.version_.endswith("+exemples")
    assert (p.argmax(axis=1) == y.argmax(axis=1)).mean() > 0.9  # il reconnaît ce qu'on lui a appris
    assert (appris.predict(textes) == (p >= appris.seuils_)).all()
    assert (Etiqueteur(grille, seuil=0.0).fit(textes, y).predict(textes)).all()


def test_entrees_fausses(etiqueteur: Etiqueteur) -> None:
    with pytest.raises(ValueError, match="sans les colonnes : tour, role"):
        etiqueteur.predict(entretien("N1")[["entretien", "phrase", "texte"]])
    with pytest.raises(ValueError, match=r"forme \(5, 27\).*reçu \(5,\)"):
        Etiqueteur().fit(TEXTES, [0, 1, 0, 0, 1])
    with pytest.raises(ValueError, match="entre 0 et 1"):
        Etiqueteur(seuil=2.0).fit()
    with pytest.raises(ValueError, match="sans phrases"):
        Etiqueteur().fit(y=np.zeros((1, 27)))
    with pytest.raises(ValueError, match="aucune phrase d'enquêté"):
        muet = entretien("N1").query("role == 'enqueteur'")
        Etiqueteur().fit(muet, np.zeros((len(muet), 27)))


def test_indicatrice_a_la_main() -> None:
    codages = pd.DataFrame([("N1", "p001", "B"), ("N1", "p001", "A"), ("N1", "p009", "A"), ("N1", "p002", "Z")],
                           columns=["entretien", "phrase", "code"])
    table = entretien("N1").query("role == 'enquete'")
    assert indicatrice(codages, table, ["A", "B"]).tolist() == [[False, False], [True, True]] + [[False, False]] * 3


def test_un_texte_est_un_entretien() -> None:
    table = en_table(TEXTES)
    assert table["entretien"].nunique() == len(TEXTES) and set(table["role"]) == {"enquete"}
