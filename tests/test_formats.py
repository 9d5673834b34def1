"""Lire un fichier de transcription : aiguillage, encodages, tête, corpus IRaMuTeQ, fautes."""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.encodages import decoder
from corpus.entretien import Document
from corpus.fautes import ErreurEtude
from corpus.formats import EXTENSIONS, lire
from corpus.formats_tete import lire_tete

DEMONSTRATION = Path(str(files("corpus"))) / "demonstration"
PHRASE = "Enquêtrice : « C’est l’été, à Nœux ?\u00a0» — Oui… 12\u202f000 €, ça va."
ENCODAGES = {
    "utf-8": b"",
    "utf-8-sig": b"\xef\xbb\xbf",
    "utf-16-le": b"\xff\xfe",
    "utf-16-be": b"\xfe\xff",
}
FINS = {"unix": "\n", "windows": "\r\n", "ancien mac": "\r"}
REGLAGES = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)

lettres = st.characters(
    min_codepoint=32, max_codepoint=0x24F, exclude_characters="\x7f", exclude_categories=["Cc"]
)
textes = st.text(st.one_of(lettres, st.sampled_from("\n\t’«»œ…—\u00a0\u202f")), min_size=1, max_size=300)


def ecrire(dossier: Path, nom: str, octets: bytes) -> Path:
    chemin = dossier / nom
    chemin.write_bytes(octets)
    return chemin


def message(dossier: Path, nom: str, octets: bytes | None) -> str:
    """Le texte de l'erreur levée à la lecture."""
    chemin = dossier / nom if octets is None else ecrire(dossier, nom, octets)
    with pytest.raises(ErreurEtude) as erreur:
        lire(chemin, f"T01/{nom}")
    assert all(faute.fichier == f"T01/{nom}" and faute.remede for faute in erreur.value.fautes)
    return str(erreur.value)


@pytest.mark.parametrize("fin", FINS.values(), ids=FINS)
@pytest.mark.parametrize("encodage", ENCODAGES)
@pytest.mark.parametrize("extension", ["txt", "md"])
def test_texte_a_l_identique(tmp_path: Path, encodage: str, fin: str, extension: str) -> None:
    texte = f"{PHRASE}{fin}{fin}Enquêté : d'accord.{fin}"
    octets = ENCODAGES[encodage] + texte.encode(encodage.removesuffix("-sig"))
    document = lire(ecrire(tmp_path, f"e.{extension}", octets), "e")[0]
    assert (document.texte, document.encodage, document.suppositions) == (texte, encodage, ())
    assert (document.format, document.debut, document.metadonnees) == (extension, 0, {})


@pytest.mark.parametrize("encodage", ["utf-16-le", "utf-16-be"])
def test_utf16_sans_marque(tmp_path: Path, encodage: str) -> None:
    document = lire(ecrire(tmp_path, "e.txt", PHRASE.encode(encodage)), "e")[0]
    assert document.texte == PHRASE
    assert document.encodage == encodage
    assert document.suppositions


@pytest.mark.parametrize("encodage", ["cp1252", "mac_roman"])
@pytest.mark.parametrize("fin", FINS.values(), ids=FINS)
def test_encodages_a_un_octet(tmp_path: Path, encodage: str, fin: str) -> None:
    texte = fin.join(
        [PHRASE.replace("\u202f", "\u00a0"), "Là-bas, la coordonnatrice s’en occupait déjà."] * 3
    )
    document = lire(ecrire(tmp_path, "e.txt", texte.encode(encodage)), "e")[0]
    assert (document.texte, document.encodage) == (texte, encodage)
    assert "supposé" in document.suppositions[0]


def test_un_seul_accent_reste_windows(tmp_path: Path) -> None:
    """Trop peu d'indices pour Mac-Roman : Windows-1252, de loin le plus fréquent."""
    assert lire(ecrire(tmp_path, "e.txt", "Très".encode("cp1252")), "e")[0].texte == "Très"


@REGLAGES
@given(texte=textes, encodage=st.sampled_from(list(ENCODAGES)))
def test_aller_retour(texte: str, encodage: str) -> None:
    octets = ENCODAGES[encodage] + texte.encode(encodage.removesuffix("-sig"))
    assert decoder(octets, "e.txt")[:2] == (texte, encodage)


@REGLAGES
@given(texte=st.text(st.sampled_from("abcdefgh éèêàùçô’«»,.\n"), min_size=30, max_size=300))
def test_aller_retour_windows(texte: str) -> None:
    if texte.isascii():
        texte += "é"
    assert decoder(texte.encode("cp1252"), "e.txt")[:2] == (texte, "cp1252")


@REGLAGES
@given(
    octets=st.binary(min_size=1, max_size=200),
    extension=st.sampled_from(sorted(EXTENSIONS)),
    amorce=st.sampled_from(
        [
            b"",
            b"WEBVTT\n\n",
            b"{\\rtf1\\ansi ",
            b"%PDF-1.4\n",
            b"PK\x03\x04",
            b"1\n00:00:01,000 --> 00:00:02,000\n",
            b"\xff\xfe",
            b"**** *a_b\n",
        ]
    ),
)
def test_octets_au_hasard(tmp_path: Path, octets: bytes, extension: str, amorce: bytes) -> None:
    """Un document ou une erreur d'étude, jamais une autre exception."""
    try:
        documents = lire(ecrire(tmp_path, "hasard" + extension, amorce + octets), "hasard")
    except ErreurEtude as erreur:
        assert erreur.fautes
    else:
        assert all(document.texte[document.debut :].strip() for document in documents)


@pytest.mark.parametrize("extension", ["docx", "odt", "rtf", "pdf", "vtt", "srt"])
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tirage=st.data())
def test_fichiers_abimes(tmp_path: Path, extension: str, tirage: st.DataObject) -> None:
    """De vrais fichiers tronqués ou mutilés : un document ou une erreur d'étude."""
    modele = sorted((DEMONSTRATION / "entretiens").rglob(f"*.{extension}"))[0].read_bytes()
    debut = tirage.draw(st.integers(0, len(modele) - 1))
    fin = tirage.draw(st.integers(debut, min(len(modele), debut + 200)))
    abime = modele[:debut] + tirage.draw(st.binary(max_size=20)) + modele[fin:]
    try:
        documents = lire(ecrire(tmp_path, f"abime.{extension}", abime), "abime")
    except ErreurEtude as erreur:
        assert erreur.fautes
    else:
        assert all(isinstance(document, Document) for document in documents)


TETE = "id: T01-E01\nTerritoire : Valombre\nCatégorie: etat\ndate :2022-09-14\nlieu: mairie\n\n"


def test_tete(tmp_path: Path) -> None:
    document = lire(ecrire(tmp_path, "e.txt", (b"\xef\xbb\xbf" + f"{TETE}Q : Bonjour.\n".encode())), "e")[0]
    assert document.metadonnees == {
        "id": "T01-E01",
        "territoire": "Valombre",
        "categorie": "etat",
        "date": "2022-09-14",
        "lieu": "mairie",
    }
    assert document.texte[document.debut :] == "Q : Bonjour.\n"


@pytest.mark.parametrize("fin", FINS.values(), ids=FINS)
def test_tete_et_fins_de_ligne(fin: str) -> None:
    texte = TETE.replace("\n", fin) + "Q : Bonjour."
    debut, metadonnees = lire_tete(texte)
    assert texte[debut:] == "Q : Bonjour."
    assert metadonnees["lieu"] == "mairie"


@pytest.mark.parametrize(
    ("texte", "reste", "cles"),
    [
        ("Q : Bonjour.\n\nR : Oui.\n", "Q : Bonjour.\n\nR : Oui.\n", set()),
        ("Entretien avec Mme D.\nid: 3\n\nQ : Oui", "Entretien avec Mme D.\nid: 3\n\nQ : Oui", set()),
        (
            "id: 3\ndate: 2022\nQ : Bonjour.\nR : Oui.\nQ : Bien.\n",
            "Q : Bonjour.\nR : Oui.\nQ : Bien.\n",
            {"id", "date"},
        ),
        (
            "id: 3\nEnquêtrice : Bonjour.\nEnquêté : Oui.\nEnquêtrice : Bon.\n\nEnquêté : Non.",
            "Enquêtrice : Bonjour.\nEnquêté : Oui.\nEnquêtrice : Bon.\n\nEnquêté : Non.",
            {"id"},
        ),
        ("---\nid: 3\nlieu: x\n---\nQ : Oui", "Q : Oui", {"id", "lieu"}),
        ("\n\nid: 3\n\ndate: 2022\n\nQ : Oui", "Q : Oui", {"id", "date"}),
        ("date:\n\nQ : Oui", "Q : Oui", {"date"}),
    ],
    ids=[
        "tours seuls",
        "titre avant",
        "sans ligne vide",
        "locuteur qui revient",
        "markdown",
        "lignes vides",
        "valeur vide",
    ],
)
def test_tete_ou_pas(texte: str, reste: str, cles: set[str]) -> None:
    debut, metadonnees = lire_tete(texte)
    assert texte[debut:] == reste
    assert set(metadonnees) == cles


IRAMUTEQ = (
    "**** *ent_1 *territoire_Port_Esquive *Catégorie_etat\r\nOn s'appelle.\r\n"
    "-*pilotage\r\nTous les lundis.\r\n"
    "**** *ent_2\r\nNon.\r\n"
)


@pytest.mark.parametrize("fin", FINS.values(), ids=FINS)
def test_iramuteq(tmp_path: Path, fin: str) -> None:
    premier, second = lire(ecrire(tmp_path, "c.txt", IRAMUTEQ.replace("\r\n", fin).encode()), "c.txt")
    assert premier.texte == f"On s'appelle.{fin}Tous les lundis.{fin}"
    assert premier.metadonnees == {"ent": "1", "territoire": "Port_Esquive", "categorie": "etat"}
    assert (second.texte, second.metadonnees, second.format) == (f"Non.{fin}", {"ent": "2"}, "iramuteq")


def test_iramuteq_fautes(tmp_path: Path) -> None:
    dit = message(tmp_path, "c.txt", b"Avant.\n**** *ent_1\n\n**** *ent_2\nOui.\n")
    assert "précède la première ligne étoilée" in dit
    assert "ligne 2 : cette ligne étoilée n'est suivie d'aucun texte" in dit


def test_markdown_n_est_pas_iramuteq(tmp_path: Path) -> None:
    assert lire(ecrire(tmp_path, "c.md", b"**** *ent_1\nOui.\n"), "c.md")[0].format == "md"


@pytest.mark.parametrize(
    ("nom", "octets", "attendu"),
    [
        ("absent.txt", None, "introuvable"),
        ("vide.txt", b"", "le fichier est vide"),
        ("blanc.txt", b" \n\n", "aucun texte"),
        ("tete.txt", b"id: 3\n\n", "aucun texte après sa tête"),
        ("ancien.doc", b"x", "enregistrez-le en .docx"),
        ("son.mp3", b"x", "transcrivez-le d'abord"),
        ("sans_extension", b"x", "format inconnu"),
        ("~$entretien.docx", b"x", "fichier temporaire"),
        ("image.txt", b"\x89PNG\r\n\x1a\n\0\0", "une image PNG"),
        ("binaire.txt", bytes(range(256)), "octets nuls"),
        ("commandes.txt", b"\x01\x02\x03\x04\x05abc", "pas du texte"),
        ("word.txt", b"PK\x03\x04abc", "une archive"),
        ("faux.txt", b"\xef\xbb\xbfun\n\xff", "ligne 2 : le fichier s'annonce en UTF-8"),
        ("abime.txt", "été à\n".encode() + b"\xe9t\xc3\xa9 fini", "ligne 2 : le fichier est en UTF-8"),
        ("inconnu.txt", b"un\ndeux \x81\n", "ligne 2 : encodage inconnu"),
    ],
)
def test_fautes(tmp_path: Path, nom: str, octets: bytes | None, attendu: str) -> None:
    assert attendu in message(tmp_path, nom, octets)


def test_dossier_et_extension_en_capitales(tmp_path: Path) -> None:
    (tmp_path / "d.txt").mkdir()
    assert "c'est un dossier" in message(tmp_path, "d.txt", None)
    assert lire(ecrire(tmp_path, "E.TXT", b"Oui."), "E.TXT")[0].format == "txt"


def test_demonstration() -> None:
    """Toute phrase de référence est, mot pour mot, à ses positions dans le texte rendu."""
    with (DEMONSTRATION / "entretiens.csv").open(encoding="utf-8", newline="") as flux:
        fichiers = {ligne["entretien"]: ligne["fichier"] for ligne in csv.DictReader(flux)}
    assert {Path(fichier).suffix for fichier in fichiers.values()} == EXTENSIONS - {".md"}
    documents = {
        entretien: lire(DEMONSTRATION / "entretiens" / fichier, fichier)[0]
        for entretien, fichier in fichiers.items()
    }
    for nom in ("phrases.csv", "codages.csv"):
        with (DEMONSTRATION / "references" / nom).open(encoding="utf-8", newline="") as flux:
            for ligne in csv.DictReader(flux):
                document = documents[ligne["entretien"]]
                debut, fin = int(ligne["debut"]), int(ligne["fin"])
                assert document.debut <= debut < fin
                assert document.texte[debut:fin] == ligne["texte"]
    for entretien, document in documents.items():
        if document.format in {"vtt", "srt"}:
            assert document.horodatages
        else:
            assert document.metadonnees["id"] == entretien
