"""Le codeur livré : ce qu'il sait, ce qu'il refuse, et qu'il se répète à l'octet."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corpus.fautes import ErreurEtude
from corpus.references import APPRENTISSAGE, DEMONSTRATION, charger_references
from extraction.grille import Grille
from extraction.mentions import COLONNES, PROBABLES, analyser_phrases, codes_appris, partager, reperer_mentions
from modeles.codeur_livre import (
    CodeurLivre,
    charger_codeur,
    ecrire_codeur,
    empreinte_phrase,
    empreinte_propos,
)
from modeles.exemples import codes_des_references
from modeles.lecteur import MODALITES, Lecteur
from modeles.sessions import POIDS

FICHIERS = ("socle.onnx", "lecteur.onnx", "segmenteur.json", "lecteur.json", "lexical.npz", "modalite_lexicale.npz",
            "appris.npz")


@pytest.fixture(scope="module")
def codeur() -> CodeurLivre:
    return charger_codeur()


@pytest.fixture(scope="module")
def entretien() -> pd.DataFrame:
    """Un entretien inventé ici, donc jamais appris."""
    lignes = [
        ("enqueteur", 1, "Qu'est-ce qui bloque, pour les gens du quartier ?"),
        ("enquete", 2, "Sans voiture et sans place en crèche, mes stagiaires refusent les horaires du matin."),
        ("enquete", 2, "Et le bus ne passe plus après dix-neuf heures."),
        ("enqueteur", 3, "Et du côté de l'argent ?"),
        ("enquete", 4, "On a su en octobre qu'il fallait tout dépenser avant décembre."),
        ("enquete", 4, "Il faudrait que les crédits soient garantis sur trois ans."),
        ("enquete", 4, "Voilà."),
    ]
    table = pd.DataFrame(lignes, columns=["role", "tour", "texte"])
    fins = table["texte"].str.len().cumsum()
    rang = (table["role"] == "enquete").cumsum()
    return table.assign(entretien="N01", debut=fins - table["texte"].str.len(), fin=fins, phrase=[
        f"p{numero:03d}" if role == "enquete" else "" for numero, role in zip(rang, table["role"], strict=True)])


@pytest.fixture
def poids(tmp_path: Path) -> Path:
    for nom in FICHIERS:
        shutil.copy(POIDS / nom, tmp_path / nom)
    return tmp_path


def test_il_dit_sur_quoi_il_a_appris(codeur: CodeurLivre) -> None:
    for dossier in (DEMONSTRATION, APPRENTISSAGE):
        enquetes = charger_references(dossier).phrases.query("role == 'enquete'")
        for entretien, textes in enquetes.groupby("entretien")["texte"]:
            assert codeur.appris[empreinte_propos(textes)] == entretien
            assert codeur.connait(textes)
    assert list(codeur.codes) == codes_des_references((DEMONSTRATION,))
    assert codes_appris(Grille.charger(), codeur) == tuple(code.code for code in Grille.charger())


def test_un_entretien_retouche_est_reconnu(codeur: CodeurLivre) -> None:
    phrases = charger_references(DEMONSTRATION).phrases.query("role == 'enquete' and entretien == 'T03-E03'")["texte"]
    longues = [texte for texte in phrases if empreinte_phrase(texte) is not None]
    neuves = [f"Une phrase tout à fait nouvelle, la numéro {rang}, assez longue." for rang in range(100)]
    assert codeur.connait([longues[0].upper(), "Bon.", *neuves[:4]])  # une phrase longue sur cinq
    assert not codeur.connait([longues[0], *neuves[:5]]) and not codeur.connait(["Oui.", "Non."])


def test_empreinte_des_propos_ignore_le_format() -> None:
    assert empreinte_propos(["Bonjour, Mme Dupont.", "On a fini !"]) == empreinte_propos(["bonjour Mme  DUPONT on a fini"])
    assert empreinte_propos(["a"]) != empreinte_propos(["b"])


def test_coder_un_entretien_nouveau(codeur: CodeurLivre, entretien: pd.DataFrame) -> None:
    codage = codeur.coder(entretien, "Directrice de chantier d'insertion")
    rangs = {code: rang for rang, code in enumerate(codeur.codes)}
    assert codage.probabilites.shape == (5, 27) and len(codage.jetons) == 5
    assert set(codage.modalites.ravel()) <= set(MODALITES)
    assert codage.probabilites[0].argmax() == rangs["O11"] and codage.probabilites[1].argmax() == rangs["O11"]
    assert codage.probabilites[2].argmax() == rangs["O01"]
    assert codage.probabilites[4].max() < codage.probabilites[:3].max(axis=1).min()


def test_sans_enquete_rien_n_est_code(codeur: CodeurLivre, entretien: pd.DataFrame) -> None:
    codage = codeur.coder(entretien[entretien["role"] == "enqueteur"])
    assert codage.probabilites.shape == codage.modalites.shape == (0, 27) and codage.jetons == ()


def test_memes_entrees_memes_octets(entretien: pd.DataFrame) -> None:
    notes = [Lecteur(fils=fils).noter(entretien, "Élue") for fils in (1, 2)]
    assert notes[0].codes.tobytes() == notes[1].codes.tobytes()
    assert notes[0].modalites.tobytes() == notes[1].modalites.tobytes()


def test_la_note_d_une_phrase_est_la_moyenne_de_ses_jetons(codeur: CodeurLivre, entretien: pd.DataFrame) -> None:
    notes = codeur.lecteur.noter(entretien)
    for phrase, jetons in zip(notes.codes, notes.jetons, strict=True):
        np.testing.assert_allclose(jetons.mean(axis=0), phrase, rtol=1e-4, atol=1e-4)


def test_reperer_les_mentions(codeur: CodeurLivre, entretien: pd.DataFrame) -> None:
    reperees = reperer_mentions(entretien, analyser_phrases(entretien), Grille.charger(), codeur, {})
    mentions, hesitations, probables = partager(reperees)
    assert list(mentions.columns) == list(hesitations.columns) == list(probables.columns) == list(COLONNES)
    assert len(mentions) + len(hesitations) + len(probables) == len(reperees)
    # Cinq codes probables par phrase, posés et hésités compris ; un code de plus n'y est que s'il est posé ou hésité.
    rangs = reperees.groupby("phrase")["confiance"].rank(ascending=False, method="first")
    bas = min(0.15, codeur.seuil)
    assert ((rangs <= PROBABLES.nombre) | (reperees["confiance"] >= bas)).all()
    assert probables["confiance"].between(PROBABLES.plancher, bas).all() and len(probables)
    assert (mentions["confiance"] >= round(codeur.seuil, 4)).all() and (mentions["codeur"] == f"machine:{codeur.version}").all()
    assert hesitations["a_relire"].all() and (hesitations["confiance"] < codeur.seuil).all()
    textes = entretien.set_index("phrase")["texte"]
    for mention in reperees.itertuples():
        assert mention.texte == textes[mention.phrase]
        assert all(mot in mention.texte for mot in mention.preuve.split("; "))


def test_une_grille_d_un_autre_nom_n_emploie_pas_le_codeur(codeur: CodeurLivre) -> None:
    assert codes_appris(Grille.livree("cites_educatives"), codeur) == ()


@pytest.mark.parametrize("nom", FICHIERS[:3] + FICHIERS[4:])
@pytest.mark.parametrize("abimer", [
    lambda chemin: chemin.unlink(),
    lambda chemin: chemin.write_bytes(chemin.read_bytes()[:-1] + b"?"),
], ids=["absent", "altere"])
def test_un_fichier_abime_est_refuse(poids: Path, nom: str, abimer: Callable[[Path], object]) -> None:
    abimer(poids / nom)
    with pytest.raises(ErreurEtude) as erreur:
        charger_codeur(poids)
    faute, = erreur.value.fautes
    assert faute.fichier.endswith(nom) and "réinstallez" in faute.remede


def test_une_fiche_illisible_ou_d_un_autre_format_est_refusee(poids: Path) -> None:
    fiche = json.loads((poids / "lecteur.json").read_text(encoding="utf-8"))
    (poids / "lecteur.json").write_text(json.dumps({**fiche, "format": 99}), encoding="utf-8")
    with pytest.raises(ErreurEtude, match="format 99"):
        charger_codeur(poids)


def test_une_fiche_tronquee_est_refusee(poids: Path) -> None:
    (poids / "lecteur.json").write_text("{", encoding="utf-8")
    with pytest.raises(ErreurEtude, match="ne se lit pas"):
        charger_codeur(poids)


def test_ecrire_puis_charger(codeur: CodeurLivre, poids: Path) -> None:
    reseau = (poids / "lecteur.onnx").read_bytes()
    propos = {"E1": ["Les familles du quartier ne viennent plus aux permanences depuis la rentrée.", "Voilà."]}
    versions = [ecrire_codeur(poids, reseau, codeur.lexical, codeur.modalite, codeur.etage, codeur.codes, "jouet", propos)
                for _ in range(2)]
    relu = charger_codeur(poids)
    assert versions[0] == versions[1] == relu.version
    assert relu.grille == "jouet" and set(relu.appris.values()) == {"E1"} and relu.connait(propos["E1"])
    assert (relu.etage.poids == codeur.etage.poids).all() and relu.seuil == codeur.seuil
