"""Plongements : formes, norme, indépendance au lot, à l'ordre et aux fils, sens, poids abîmés."""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone

from corpus.fautes import ErreurEtude
from modeles.plongements import POIDS, Plongeur, charger_encodeur, empreintes

TEXTES = [
    "Les mères seules n'ont pas de place en crèche.",
    "La crèche est complète depuis la rentrée.",
    "On se voit tous les mardis à la mission locale avec les conseillères.",
    "Le bus ne passe plus après vingt heures.",
    "Le bus, il ne passe plus du tout le soir.",
    "Oui.",
    "Non.",
    "",
    "Alors ça, le permis de conduire, c'est le premier frein, et de loin, " * 12,
]


@pytest.fixture(scope="module")
def plongements() -> np.ndarray:
    return Plongeur().transform(TEXTES)


def test_forme_type_et_norme(plongements: np.ndarray) -> None:
    assert plongements.shape == (len(TEXTES), 384)
    assert plongements.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(plongements, axis=1), 1, atol=1e-5)


def test_aucun_texte() -> None:
    assert Plongeur().transform([]).shape == (0, 384)


def test_memes_octets_quel_que_soit_l_ordre(plongements: np.ndarray) -> None:
    ordre = list(range(len(TEXTES)))
    random.Random(1).shuffle(ordre)
    melanges = Plongeur().transform([TEXTES[i] for i in ordre])
    assert melanges.tobytes() == plongements[ordre].tobytes()


def test_memes_octets_seul_ou_en_compagnie(plongements: np.ndarray) -> None:
    for texte, attendu in zip(TEXTES, plongements, strict=True):
        assert Plongeur().transform([texte])[0].tobytes() == attendu.tobytes()


@pytest.mark.parametrize(("taille_lot", "fils"), [(1, 1), (3, 1), (64, 1), (64, 3)])
def test_memes_octets_quels_que_soient_lots_et_fils(taille_lot: int, fils: int) -> None:
    textes = [f"Le centre social numéro {n} ouvre à {h} heures." for n in range(10, 16) for h in range(6, 9)]
    attendus = np.concatenate([Plongeur(fils=1).transform([texte]) for texte in textes])
    assert Plongeur(taille_lot=taille_lot, fils=fils).transform(textes).tobytes() == attendus.tobytes()


@pytest.mark.parametrize(("phrase", "paraphrase", "autre"), [
    ("Les mères seules n'ont pas de place en crèche.",
     "Faire garder son enfant, pour une femme isolée, c'est impossible.",
     "L'équipe a perdu le match dimanche après-midi."),
    ("Le bus ne passe plus après vingt heures.",
     "Il n'y a pas de transports en commun le soir.",
     "La conseillère départementale préside le comité de pilotage."),
    ("On travaille main dans la main avec Pôle emploi.",
     "Le partenariat avec France Travail se passe très bien.",
     "Ajoutez la farine et le sucre, puis laissez lever la pâte."),
    ("Beaucoup de jeunes n'osent pas pousser la porte de la mission locale.",
     "Les moins de vingt-cinq ans ne vont pas vers les structures d'insertion.",
     "Les crédits de l'État sont notifiés au mois de juillet."),
    ("Mon médecin m'a mis en arrêt pour mon dos.",
     "J'ai des soucis de santé, je ne peux plus porter de charges.",
     "Le forum des métiers a réuni trente entreprises."),
    ("Je ne sais pas me servir d'un ordinateur.",
     "Les démarches sur internet, je n'y arrive pas toute seule.",
     "Le chantier d'insertion a retapé le jardin partagé."),
])
def test_la_paraphrase_est_plus_proche(phrase: str, paraphrase: str, autre: str) -> None:
    a, b, c = Plongeur().transform([phrase, paraphrase, autre])
    assert a @ b > a @ c


def test_la_question_trouve_sa_reponse() -> None:
    questions = ["Quels transports pour venir ?", "Où peut-on faire garder son bébé ?"]
    reponses = ["Le tramway et le bus 12 s'arrêtent devant la place.",
                "La halte-garderie accueille douze bébés."]
    accords = Plongeur(prefixe="query").transform(questions) @ Plongeur().transform(reponses).T
    assert accords.argmax(axis=1).tolist() == [0, 1]


def test_le_prefixe_compte() -> None:
    un, autre = (Plongeur(prefixe=prefixe).transform(["le permis"]) for prefixe in ("passage", "query"))
    assert not np.array_equal(un, autre)


def test_les_blancs_du_bord_ne_comptent_pas() -> None:
    a, b, vide, blancs = Plongeur().transform(["le permis", "  le\u00a0 permis \n", "", " \t\n"])
    assert a.tobytes() == b.tobytes()
    assert vide.tobytes() == blancs.tobytes()


def test_accents_composes_ou_non() -> None:
    a, b = Plongeur().transform(["l'été à Évry", "l'e\u0301te\u0301 a\u0300 E\u0301vry"])
    assert a.tobytes() == b.tobytes()


def test_la_fin_d_un_texte_long_compte() -> None:
    debut = "Le permis coûte cher. " * 80
    sans, avec = Plongeur(longueur_max=64).transform([debut, debut + "La crèche refuse les bébés. " * 80])
    assert sans @ avec < 0.99


def test_fenetres_ponderees_par_leurs_jetons() -> None:
    texte = "La mission locale accompagne les jeunes du quartier vers un emploi ou une formation."
    encodeur = charger_encodeur()
    ids = encodeur.segmenteur.encode("passage: " + texte, add_special_tokens=False).ids
    assert 10 < len(ids) <= 20
    attendu = np.zeros(384)
    for morceau in (ids[:10], ids[10:]):
        entree = np.array([[0, *morceau, 2]], dtype=np.int64)
        attendu += len(morceau) * encodeur.session.run(["moyenne"], {"input_ids": entree})[0][0]
    attendu /= np.linalg.norm(attendu)
    np.testing.assert_allclose(Plongeur(longueur_max=12).transform([texte])[0], attendu, atol=1e-6)


def test_la_moyenne_est_celle_des_jetons() -> None:
    entree = np.array([[0, 50, 60, 70, 2], [0, 8, 9, 10, 2]], dtype=np.int64)
    moyenne, etats = charger_encodeur().session.run(["moyenne", "last_hidden_state"], {"input_ids": entree})
    assert etats.shape == (2, 5, 384)
    np.testing.assert_allclose(moyenne, etats.mean(axis=1), atol=1e-6)


@pytest.mark.parametrize("mot", ["œuvre", "Ÿ", "ÎLE", "Łukasz", "anticonstitutionnel", "8h45", "😂", "€"])
def test_tout_mot_latin_se_segmente(mot: str) -> None:
    assert 3 not in charger_encodeur().segmenteur.encode(mot).ids


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=60), max_size=4))
def test_texte_quelconque(textes: list[str]) -> None:
    plongements = Plongeur(longueur_max=16).transform(textes)
    assert plongements.shape == (len(textes), 384)
    np.testing.assert_allclose(np.linalg.norm(plongements, axis=1), 1, atol=1e-5)


def test_conventions_scikit_learn() -> None:
    plongeur = Plongeur(prefixe="query", taille_lot=8, longueur_max=128, fils=1)
    assert clone(plongeur).get_params() == plongeur.get_params()
    assert plongeur.fit(["a"]) is plongeur
    noms = plongeur.get_feature_names_out()
    assert (len(noms), noms[0], noms[-1]) == (384, "plongement0", "plongement383")
    assert plongeur.set_output(transform="pandas").transform(["oui"]).columns.tolist() == noms.tolist()


@pytest.mark.parametrize("parametres", [
    {"prefixe": "document"}, {"taille_lot": 0}, {"longueur_max": 2}, {"longueur_max": 513}, {"fils": 0},
])
def test_parametre_hors_bornes(parametres: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(parametres))):
        Plongeur(**parametres).transform(["oui"])  # type: ignore[arg-type]


def test_un_texte_seul_ou_un_nombre() -> None:
    with pytest.raises(TypeError, match="suite de textes"):
        Plongeur().transform("oui")
    with pytest.raises(TypeError, match="rang 1"):
        Plongeur().transform(["oui", 3])  # type: ignore[list-item]


def _copie(dossier: Path) -> Path:
    for nom in ("encodeur.json", "segmenteur.json", "socle.onnx", "encodeur.onnx"):
        shutil.copy(POIDS / nom, dossier / nom)
    return dossier


def test_empreinte_fausse(tmp_path: Path) -> None:
    abime = _copie(tmp_path) / "encodeur.onnx"
    octets = bytearray(abime.read_bytes())
    octets[len(octets) // 2] ^= 1
    abime.write_bytes(octets)
    with pytest.raises(ErreurEtude, match="encodeur.onnx.*empreinte attendue"):
        charger_encodeur(tmp_path)


def test_poids_absents_ou_fiche_abimee(tmp_path: Path) -> None:
    with pytest.raises(ErreurEtude, match="ne peut pas être lu"):
        charger_encodeur(tmp_path / "rien")
    (tmp_path / "encodeur.json").write_text('{"empreintes": {}}', encoding="utf-8")
    with pytest.raises(ErreurEtude, match="abîmée"):
        charger_encodeur(tmp_path)


def test_la_version_vient_des_empreintes() -> None:
    assert Plongeur().version.startswith("e5-fr-")
    assert json.loads((POIDS / "encodeur.json").read_text(encoding="utf-8"))["empreintes"] == empreintes()
