"""Le codeur machine : apprentissage, suite des phrases, preuves, poids gardés."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from corpus.fautes import ErreurEtude
from corpus.references import APPRENTISSAGE, DEMONSTRATION, charger_references
from modeles.apprendre import codes_des_references, rassembler_exemples
from modeles.codeur import CodeurMachine
from modeles.codeur_poids import POIDS, EntretienAppris, empreinte_phrase, empreinte_propos, garder_codeur, relire_codeur
from modeles.contexte import mettre_en_contexte

CODES = ("CRECHE", "BUS")


def phrases(textes: list[tuple[str, int, str, str]]) -> pd.DataFrame:
    """(entretien, tour, role, texte) → table des phrases."""
    lignes = []
    rangs: dict[str, int] = {}
    for entretien, tour, role, texte in textes:
        rangs[entretien] = rangs.get(entretien, 0) + (role == "enquete")
        lignes.append((entretien, tour, f"p{rangs[entretien]:03d}" if role == "enquete" else "", role, texte))
    return pd.DataFrame(lignes, columns=["entretien", "tour", "phrase", "role", "texte"])


@pytest.fixture(scope="module")
def appris() -> CodeurMachine:
    """Un codeur appris sur quatre territoires jouets."""
    creche = ["la crèche ouvre trop tard", "pas de place en crèche", "la garde des petits bloque tout"]
    bus = ["le bus passe deux fois par jour", "sans bus on ne va nulle part", "le dernier bus part tôt"]
    rien = ["on a pris un café", "il faisait beau ce matin", "je suis arrivé en mars", "la salle était pleine"]
    textes, y, groupes = [], [], []
    for territoire in range(4):
        for tour, (lot, codes) in enumerate([(creche, (1, 0)), (bus, (0, 1)), (rien, (0, 0)), (rien, (0, 0))]):
            for texte in lot:
                textes.append((f"T{territoire}", tour, "enquete", texte))
                y.append(codes)
                groupes.append(f"T{territoire}")
    return CodeurMachine(CODES, plis=2, traits_max=500).fit(
        mettre_en_contexte(phrases(textes)), np.array(y, dtype=bool), groupes)


def test_mettre_en_contexte() -> None:
    table = mettre_en_contexte(phrases([
        ("E1", 1, "enqueteur", "Q1 ?"), ("E1", 1, "enqueteur", "Q2 ?"), ("E1", 2, "enquete", "a"),
        ("E1", 2, "enquete", "b"), ("E2", 1, "enquete", "c")]))
    assert table[["texte", "precedente", "suivante", "question"]].to_numpy().tolist() == [
        ["a", "Q2 ?", "b", "Q1 ? Q2 ?"], ["b", "a", "", "Q1 ? Q2 ?"], ["c", "", "", ""]]


def test_retrouve_les_codes_sur_des_phrases_nouvelles(appris: CodeurMachine) -> None:
    nouvelles = mettre_en_contexte(phrases([
        ("N", 1, "enquete", "il n'y a plus de place en crèche ici"), ("N", 2, "enquete", "le bus ne passe plus"),
        ("N", 3, "enquete", "on a pris un café")]))
    probabilites = appris.predict_proba(nouvelles)
    assert probabilites.shape == (3, 2)
    assert probabilites[0].argmax() == 0 and probabilites[1].argmax() == 1
    assert probabilites[2].max() < min(probabilites[0, 0], probabilites[1, 1])
    assert (appris.predict(nouvelles) == (probabilites >= appris.seuil_)).all()


def test_preuves_sont_des_mots_de_la_phrase(appris: CodeurMachine) -> None:
    texte = "Là-haut, plus aucune place en crèche."
    preuve, = appris.preuves([texte], ["CRECHE"])
    assert "crèche" in preuve.split("; ")
    assert all(mot in texte for mot in preuve.split("; "))
    assert appris.preuves(["1234 5678"], ["BUS"]) == [""]


def test_un_pli_n_a_pas_vu_ses_territoires() -> None:
    """Un mot qui n'existe que dans un territoire ne pèse rien dans le pli qui l'a tenu à l'écart."""
    textes, y, groupes = [], [], []
    for territoire in range(4):
        for tour in range(6):
            porte = tour % 2 == 0
            textes.append((f"T{territoire}", tour, "enquete", f"mot{territoire} crèche" if porte else "rien de tel ici"))
            y.append((porte,))
            groupes.append(f"T{territoire}")
    codeur = CodeurMachine(("CRECHE",), plis=4, traits_max=500).fit(
        mettre_en_contexte(phrases(textes)), np.array(y), groupes)
    assert sorted(codeur.pli_du_groupe_.values()) == [0, 1, 2, 3]
    for territoire, pli in codeur.pli_du_groupe_.items():
        seul = f"mot{territoire[1]}"
        assert seul in codeur.etage_.traits.vectoriseurs_["mots"].vocabulary_
        assert seul not in codeur.etages_des_plis_[pli].traits.vectoriseurs_["mots"].vocabulary_


def test_entrees_fausses(appris: CodeurMachine) -> None:
    X = mettre_en_contexte(phrases([("E1", 1, "enquete", "a"), ("E2", 1, "enquete", "b")]))
    with pytest.raises(ValueError, match="formes incompatibles"):
        clone(appris).fit(X, np.ones((2, 3), dtype=bool), ["T1", "T2"])
    with pytest.raises(ValueError, match="sans aucun exemple : BUS"):
        clone(appris).fit(X, np.array([[True, False]] * 2), ["T1", "T2"])
    with pytest.raises(ValueError, match="2 territoires"):
        clone(appris).fit(X, np.ones((2, 2), dtype=bool), ["T1", "T1"])
    assert appris.predict_proba(X.iloc[:0]).shape == (0, 2)


def test_garder_et_relire(appris: CodeurMachine, tmp_path: Path) -> None:
    X = mettre_en_contexte(phrases([("N", 1, "enquete", "la crèche est pleine"), ("N", 1, "enquete", "et le bus")]))
    connus = {empreinte_propos(["Déjà vu."]): EntretienAppris("E1", 1)}
    longue = "Les familles du quartier ne viennent plus aux permanences depuis la rentrée."
    phrases_vues = {empreinte_phrase(longue): 0}
    version = garder_codeur(appris, tmp_path, "jouet", connus, phrases_vues)
    garde = relire_codeur(tmp_path)
    assert (garde.version, garde.grille, garde.appris) == (version, "jouet", connus)
    assert garde.pli(["déjà", "vu"]) == 1 and garde.pli(["jamais vu"]) is None
    neuves = [f"Une phrase tout à fait nouvelle, la numéro {rang}, assez longue." for rang in range(6)]
    assert garde.pli([longue.upper(), "Bon.", *neuves[:4]]) == 0  # une phrase longue sur cinq : retouché
    assert garde.pli([longue, *neuves[:5]]) is None
    for pli in (None, 0, 1):
        np.testing.assert_allclose(garde.codeur.predict_proba(X, pli), appris.predict_proba(X, pli), atol=5e-3)
    octets = [(tmp_path / nom).read_bytes() for nom in ("codeur.npz", "codeur.json")]
    garder_codeur(appris, tmp_path, "jouet", connus, phrases_vues)
    assert octets == [(tmp_path / nom).read_bytes() for nom in ("codeur.npz", "codeur.json")]


def test_poids_alteres_refuses(appris: CodeurMachine, tmp_path: Path) -> None:
    garder_codeur(appris, tmp_path, "jouet", {}, {})
    octets = bytearray((tmp_path / "codeur.npz").read_bytes())
    octets[len(octets) // 2] ^= 1
    (tmp_path / "codeur.npz").write_bytes(octets)
    with pytest.raises(ErreurEtude, match="empreinte"):
        relire_codeur(tmp_path)
    carte = json.loads((tmp_path / "codeur.json").read_text())
    (tmp_path / "codeur.json").write_text(json.dumps({**carte, "format": 99}))
    with pytest.raises(ErreurEtude, match="format 99"):
        relire_codeur(tmp_path)
    with pytest.raises(ErreurEtude, match="illisible"):
        relire_codeur(tmp_path / "rien")


def test_le_codeur_livre_dit_sur_quoi_il_a_appris() -> None:
    """La carte nomme chaque entretien codé du projet, reconnu à ses propos."""
    garde = relire_codeur(POIDS)
    for dossier in (DEMONSTRATION, APPRENTISSAGE):
        enquetes = charger_references(dossier).phrases.query("role == 'enquete'")
        for entretien, textes in enquetes.groupby("entretien")["texte"]:
            connu = garde.appris[empreinte_propos(textes)]
            assert connu.entretien == entretien
            assert connu.pli == garde.codeur.pli_du_groupe_[entretien.split("-")[0]]
    assert list(garde.codeur.codes) == codes_des_references((DEMONSTRATION,))


def test_empreinte_des_propos_ignore_le_format() -> None:
    assert empreinte_propos(["Bonjour, Mme Dupont.", "On a fini !"]) == empreinte_propos(["bonjour Mme  DUPONT on a fini"])
    assert empreinte_propos(["a"]) != empreinte_propos(["b"])


def test_apprendre_sur_un_territoire_vaut_mieux_que_le_hasard() -> None:
    """Appris sur trois territoires réels, le codeur trouve des codes d'un quatrième, jamais vu."""
    exemples = rassembler_exemples((DEMONSTRATION,), codes_des_references((DEMONSTRATION,)))
    frequents = exemples.y.sum(axis=0).argsort()[-3:]
    vus = exemples.partie(np.isin(exemples.groupes, ["T01", "T02", "T03"]))
    tenu = exemples.partie(exemples.groupes == "T04")
    codeur = CodeurMachine(("a", "b", "c"), plis=3, traits_max=5000).fit(vus.X, vus.y[:, frequents], vus.groupes)
    probabilites = codeur.predict_proba(tenu.X)
    for rang, code in enumerate(frequents):
        portees, autres = probabilites[tenu.y[:, code], rang], probabilites[~tenu.y[:, code], rang]
        assert portees.mean() > 2 * autres.mean()
