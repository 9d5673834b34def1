"""L'étage lexical de la modalité, sur de petits exemples."""

from __future__ import annotations

import numpy as np
import pytest

from modeles.lecteur import MODALITES
from modeles.modalite_lexicale import EtageModalite, reunir

PRESENTE, ABSENTE, HYPOTHETIQUE = range(3)
TEXTES = ["on le fait", "le préfet le fait bien", "il n'y en a pas", "personne ne le fait, pas un", "il faudrait le faire",
          "si on pouvait", "ça coince", "ça coince encore", "ça ne coince plus", "ça ne coince plus du tout"]
CODES = np.array([0, 0, 0, 0, 0, 0, 1, 1, 1, 1])
VRAIES = np.array([PRESENTE, PRESENTE, ABSENTE, ABSENTE, HYPOTHETIQUE, HYPOTHETIQUE, PRESENTE, PRESENTE, ABSENTE, ABSENTE])


@pytest.fixture(scope="module")
def etage() -> EtageModalite:
    return EtageModalite.apprendre(TEXTES * 3, np.tile(CODES, 3), np.tile(VRAIES, 3), ("C1", "O1"))


def test_les_exemples_appris_se_retrouvent(etage: EtageModalite) -> None:
    notes = etage.noter(TEXTES)
    assert notes.shape == (10, 2, 3) and np.allclose(np.exp(notes).sum(axis=2), 1)
    assert (notes[np.arange(10), CODES].argmax(axis=1) == VRAIES).all()
    assert etage.noter([]).shape == (0, 2, 3)


def test_un_mot_n_a_pas_le_meme_sens_pour_un_obstacle(etage: EtageModalite) -> None:
    """« plus » n'est appris qu'avec l'obstacle : il y rend l'absence plus probable que pour la condition."""
    condition, obstacle = etage.noter(["plus"])[0] - etage.noter(["autre"])[0]
    assert obstacle[ABSENTE] > condition[ABSENTE] > 0


def test_la_note_est_celle_de_la_regression_ecrite_a_la_main(etage: EtageModalite) -> None:
    """Une phrase d'un seul trait : son poids TF-IDF normé vaut 1, la cote est une somme de coefficients."""
    traits = list(etage.vectoriseur.get_feature_names_out())
    rang, n = traits.index("coince"), len(traits)
    for code, obstacle in ((0, 0.0), (1, 1.0)):
        cotes = (etage.coefficients[:, rang] + obstacle * etage.coefficients[:, n + rang] + etage.coefficients[:, 2 * n + code]
                 + etage.biais)
        np.testing.assert_allclose(np.exp(etage.noter(["coince"])[0, code]), np.exp(cotes) / np.exp(cotes).sum(), rtol=1e-5)


def test_garder_et_relire(etage: EtageModalite) -> None:
    relu = EtageModalite.des_tableaux(etage.en_tableaux())
    np.testing.assert_allclose(relu.noter(TEXTES), etage.noter(TEXTES), atol=2e-2)  # demi-précision


def test_les_trois_modalites_sont_demandees() -> None:
    with pytest.raises(ValueError, match="chaque modalité"):
        EtageModalite.apprendre(TEXTES[:4], CODES[:4], VRAIES[:4], ("C1", "O1"))


def test_reunir_multiplie_les_probabilites() -> None:
    """Le lecteur dit 0,5 / 0,4 / 0,1, les mots 0,2 / 0,5 / 0,3 : 0,10 / 0,20 / 0,03. Une cote ne compte qu'à une constante près."""
    lecteur, mots = np.log([[[0.5, 0.4, 0.1]]]) + 7.0, np.log([[[0.2, 0.5, 0.3]]])
    assert MODALITES[reunir(lecteur, mots)[0, 0]] == "absente"
    assert reunir(np.zeros((0, 2, 3)), np.zeros((0, 2, 3))).shape == (0, 2)
