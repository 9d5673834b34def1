"""Le QDPX et le QDC : aller-retour, schéma, lecteurs indépendants, fichiers d'ailleurs."""

from __future__ import annotations

import dataclasses
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pyrefiqda.refiproject import RefiProject

from codage.positions import Fins, en_lf, noter_fins, rendre_fins
from codage.projet import CODAGES, ENTRETIENS, MEMOS, TERRITOIRES, Projet, table
from codage.qdpx import ecrire_qdc, ecrire_qdpx
from codage.qdpx_lecture import lire_qdc, lire_qdpx
from corpus.fautes import ErreurEtude
from extraction.ecriture_grille import en_yaml
from extraction.grille import Grille
from tests.lecteur_refi import FACONS, passages

SCHEMAS = Path(__file__).parent.parent / "codage" / "schemas"
GRILLE = Grille.livree("cites_emploi")
TEXTE = "Enquêtrice : Ça va ? 😀\r\nEnquêtée : Non, e\u0301puisée.\rOn court\n\naprès l'argent. 🚋🚋\r\n"
TERRITOIRES_ESSAI = table(TERRITOIRES, [["T1", "Aulne", "epci", "commune", "2020"], ["T2", "", "", "", ""]])

MORCEAUX = st.sampled_from(["\r\n", "\r", "\n", "😀", "e\u0301", "\ufeff", "à", "a", " ", "\u2028", "«", "<&>", "🇫🇷", "\t"])
TEXTES = st.lists(MORCEAUX, min_size=1, max_size=30).map("".join).filter(lambda texte: bool(texte.strip("\ufeff \r\n\t\u2028")))


@contextmanager
def dossier_provisoire() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as nom:
        yield Path(nom)


def projet(texte: str = TEXTE, codages: list[list[object]] | None = None, memos: list[list[object]] | None = None) -> Projet:
    entretiens = table([*ENTRETIENS, "âge"], [["T1-E1", texte, "T1", "Maire & élue", "collectivite_elu", "2022-09-14", "52"],
                                             ["E2", "Rien.", "T2", "", "", "", ""]])
    return Projet("Étude « d'essai »", GRILLE, entretiens, TERRITOIRES_ESSAI, table(CODAGES, codages or []),
                  table(MEMOS, memos or []))


def lignes(cadre: pd.DataFrame) -> list[list[object]]:
    return sorted(cadre.values.tolist())


def assert_memes(lu: Projet, ecrit: Projet) -> None:
    assert lu.remarques == ()
    assert (lu.titre, lu.grille) == (ecrit.titre, ecrit.grille)
    pd.testing.assert_frame_equal(lu.entretiens, ecrit.entretiens)
    pd.testing.assert_frame_equal(lu.territoires, ecrit.territoires)
    assert lignes(lu.codages) == lignes(ecrit.codages) and lignes(lu.memos) == lignes(ecrit.memos)


def valider(chemin: Path, schema: str = "Project-mrt2019.xsd") -> None:
    octets = chemin.read_bytes()
    if chemin.suffix == ".qdpx":
        with zipfile.ZipFile(chemin) as archive:
            octets = archive.read("project.qde")
    etree.XMLSchema(etree.parse(str(SCHEMAS / schema))).assertValid(etree.fromstring(octets).getroottree())


@st.composite
def projets(tirer: st.DrawFn) -> Projet:
    texte = tirer(TEXTES)
    # Une position entre CR et LF désigne le même point que celle d'avant : on ne la tire pas.
    places = [p for p in range(len(texte) + 1) if texte[max(0, p - 1):p + 1] != "\r\n"]
    bornes = st.lists(st.sampled_from(places), min_size=2, max_size=2, unique=True).map(sorted)
    memo = st.sampled_from(["", "Mémo", "sur\ndeux lignes", "<b>&\r\nx", "😀"])
    date = st.sampled_from(["", "2024-05-01T09:30:00", "2024-05-01T09:30:00Z"])
    auteur = st.sampled_from(["", "AB", "Zoé", "machine:0.1.0"])
    codages = tirer(st.lists(st.tuples(auteur, bornes, st.sampled_from([c.code for c in GRILLE]), st.sampled_from(
        ["", "presente", "absente", "hypothetique"]), memo, date), max_size=6)) if len(places) > 1 else []
    memos = tirer(st.lists(st.tuples(auteur, st.sampled_from(["etude", "entretien", "code", "extrait"]), bornes,
                                     memo.filter(bool), date), max_size=4)) if len(places) > 1 else []
    cibles = {"etude": "", "entretien": "T1-E1", "code": "O01", "extrait": "T1-E1"}
    return projet(texte, [list(ligne) for ligne in dict.fromkeys(
        (c, "T1-E1", d, f, code, modalite, m, date) for c, (d, f), code, modalite, m, date in codages)], [
        [a, objet, cibles[objet], *(bornes if objet == "extrait" else (0, 0)), m, date] for a, objet, bornes, m, date in memos])


@given(projets())
def test_aller_retour_sans_perte(ecrit: Projet) -> None:
    with dossier_provisoire() as dossier:
        ecrire_qdpx(dossier / "a.qdpx", ecrit)
        valider(dossier / "a.qdpx")
        assert_memes(lire_qdpx(dossier / "a.qdpx"), ecrit)


@given(projets())
def test_chaque_logiciel_voit_le_bon_passage(ecrit: Projet) -> None:
    textes, modalites = ecrit.textes(), {m.identifiant: m.intitule for m in GRILLE.modalites}
    attendus = []
    for c in ecrit.codages.to_dict("records"):
        code = GRILLE[c["code"]]
        chemin = [dict((g.identifiant, g.intitule) for g in GRILLE.genres)[code.genre],
                  *(f.intitule for f in GRILLE.familles if f.identifiant == code.famille), f"{code.code} {code.intitule}",
                  *([f"{code.code} · {modalites[c['modalite']]}"] if c["modalite"] else [])]
        memo = c["memo"].replace("\r\n", "\n")
        attendus.append((c["entretien"], c["codeur"], " > ".join(chemin), memo,
                         en_lf(textes[c["entretien"]][c["debut"]:c["fin"]])))
    with dossier_provisoire() as dossier:
        ecrire_qdpx(dossier / "a.qdpx", ecrit)
        marque = textes["T1-E1"].startswith("\ufeff")  # le fichier en porte alors une de plus, qu'ATLAS.ti ôte
        for facon in FACONS if not marque else ["ATLAS.ti : CR LF compte pour un"]:
            vus = [(*v[:3], v[3].replace("\r\n", "\n"), v[4]) for v in passages(dossier / "a.qdpx", facon)]
            assert vus == sorted(attendus), facon


def test_lecteur_independant(tmp_path: Path) -> None:
    """pyrefiqda, engendré depuis le schéma officiel, relit le projet."""
    debut = TEXTE.index("après l'argent")
    ecrit = projet(codages=[["machine:0.1.0", "T1-E1", debut, debut + 14, "O01", "presente", "Confiance 0,80", ""],
                            ["AB", "T1-E1", debut, debut + 14, "O01", "absente", "", "2024-05-01T09:30:00Z"]],
                   memos=[["AB", "entretien", "T1-E1", 0, 0, "À revoir", ""]])
    ecrire_qdpx(tmp_path / "a.qdpx", ecrit)
    lu = RefiProject.load(tmp_path / "a.qdpx", extract_dir=str(tmp_path / "x"))
    assert lu.name == ecrit.titre and [u.name for u in lu.users.user] == ["machine:0.1.0", "AB"]
    source = lu.sources.text_source[0]
    texte = RefiProject.resolve_source_path(source.plain_text_path, tmp_path / "x").read_bytes().decode("utf-8")
    vus = {(next(u.name for u in lu.users.user if u.guid == s.creating_user), s.description or "",
            texte[s.start_position:s.end_position]) for s in source.plain_text_selection}
    assert vus == {("machine:0.1.0", "Confiance 0,80", "après l'argent"), ("AB", "", "après l'argent")}
    assert [(c.name, len(c.source_ref)) for c in lu.cases.case] == [("T1-E1", 1), ("E2", 1), ("T1", 1), ("T2", 1)]
    assert [note.plain_text_content for note in lu.notes.note] == ["À revoir"]
    genres = lu.code_book.codes.code
    assert [(g.name, g.is_codable, len(g.code)) for g in genres] == [("Conditions de réussite", False, 4), ("Obstacles", False, 14)]


def test_meme_projet_memes_octets(tmp_path: Path) -> None:
    for nom in ("a", "b"):
        ecrire_qdpx(tmp_path / nom, projet(codages=[["AB", "T1-E1", 0, 5, "O01", "", "", ""]]))
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_projet_incoherent_toutes_les_fautes(tmp_path: Path) -> None:
    faux = projet(codages=[["AB", "E9", 0, 5, "O01", "", "", ""], ["AB", "E2", 0, 99, "X1", "peut-être", "", "hier"]],
                  memos=[["AB", "phrase", "", 0, 0, "x", ""]])
    with pytest.raises(ErreurEtude) as erreur:
        ecrire_qdpx(tmp_path / "a.qdpx", faux)
    messages = " | ".join(faute.message for faute in erreur.value.fautes)
    for attendu in ("entretien « E9 » inconnu", "passage 0–99 hors", "date « hier »", "code « X1 »", "modalité « peut-être »",
                    "objet « phrase »"):
        assert attendu in messages
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------ fins de ligne


@given(st.lists(MORCEAUX, max_size=40).map("".join))
def test_fins_de_ligne_rendues(texte: str) -> None:
    assert rendre_fins(en_lf(texte), noter_fins(texte)) == texte
    fins = Fins.de(texte)
    for place in range(len(texte) + 1):
        assert fins.vers_lf(place) == len(en_lf(texte[:place])) - (texte[max(0, place - 1):place + 1] == "\r\n")
        if texte[max(0, place - 1):place + 1] != "\r\n":
            assert fins.depuis_lf(fins.vers_lf(place)) == place


def test_note_qui_ne_va_plus_au_texte() -> None:
    assert rendre_fins("a\nb\nc", "CRLF ×1, LF ×5") == "a\nb\nc"
    assert rendre_fins("a\nb", "n'importe quoi") == "a\nb"


# ------------------------------------------------------- fichiers d'ailleurs

QDE = """<?xml version="1.0" encoding="utf-8"?>
<Project xmlns="urn:QDA-XML:project:1.0" name="Ailleurs" origin="{origine}">
  <Users><User guid="{{11111111-1111-1111-1111-111111111111}}" name="Ana"/></Users>
  <CodeBook><Codes>{codes}</Codes></CodeBook>
  {avant}
  <Sources>{sources}</Sources>
  {apres}
</Project>"""
CODE = '<Code guid="2222{0}222-2222-2222-2222-222222222222" name="{1}" isCodable="true" color="#0000ff"/>'
SELECTION = """<PlainTextSelection guid="3333{0}333-3333-3333-3333-333333333333" name="{1}" startPosition="{2}"
 endPosition="{3}" creatingUser="11111111-1111-1111-1111-111111111111"><Coding guid="4444{0}444-4444-4444-4444-444444444444">
 <CodeRef targetGUID="2222{0}222-2222-2222-2222-222222222222"/></Coding></PlainTextSelection>"""


def ailleurs(chemin: Path, texte: bytes, sources: str, codes: str = CODE.format(0, "Faim"), origine: str = "Autre 1.0",
             avant: str = "", apres: str = "", dossier: str = "Sources") -> Path:
    with zipfile.ZipFile(chemin, "w") as archive:
        archive.writestr("project.qde", QDE.format(origine=origine, codes=codes, sources=sources, avant=avant, apres=apres))
        archive.writestr(f"{dossier}/t.txt", texte)
    return chemin


def source(selections: str, nom: str = "Robert 1.txt") -> str:
    return (f'<TextSource guid="55550555-5555-5555-5555-555555555555" name="{nom}" plainTextPath="internal://T.TXT">'
            f"{selections}</TextSource>")


@pytest.mark.parametrize(("octets", "debut", "fin", "nom", "origine", "ecart"), [
    ("a\r\nb\r\nfaim".encode(), 6, 10, "faim", "Autre", ""),
    ("a\r\nb\r\nfaim".encode(), 4, 8, "", "ATLAS.ti 23", "CR LF comptées pour un"),
    ("a\r\nb\r\nfaim".encode(), 4, 8, "faim", "Autre", "CR LF comptées pour un"),
    ("a\r\nb\r\nfaim".encode(), 6, 10, "faim", "ATLAS.ti 23", ""),
    ("😀😀faim".encode(), 2, 6, "faim", "Autre", ""),
    ("😀😀faim".encode(), 4, 8, "faim", "Autre", "UTF-16"),
    ("\ufeff😀\r\nfaim".encode(), 3, 7, "faim", "Autre", ""),
    ("\ufeffé\r\nfaim et soif".encode(), 4, 8, "faim", "Autre", "marque"),
    ("😀😀\r\nj'ai faim".encode(), 5, 14, "j'ai f…", "ATLAS.ti", "UTF-16, fins de ligne CR LF"),
])
def test_facons_de_compter(tmp_path: Path, octets: bytes, debut: int, fin: int, nom: str, origine: str, ecart: str) -> None:
    lu = lire_qdpx(ailleurs(tmp_path / "a.qdpx", octets, source(SELECTION.format(0, nom, debut, fin)), origine=origine))
    codage, texte = lu.codages.iloc[0], lu.entretiens["texte"][0]
    assert texte == octets.decode("utf-8-sig")
    assert texte[codage["debut"]:codage["fin"]].endswith("faim") and codage["codeur"] == "Ana"
    dites = [remarque for remarque in lu.remarques if "positions" in remarque]
    assert dites == [] if not ecart else len(dites) == 1 and ecart in dites[0]


def test_ce_qui_ne_peut_etre_repris_est_liste(tmp_path: Path) -> None:
    sources = source(SELECTION.format(0, "", 0, 3) + SELECTION.format(1, "loin", 90, 95)) + """
      <PictureSource guid="66660666-6666-6666-6666-666666666666" name="plan.png" path="internal://p.png">
        <PictureSelection guid="66661666-6666-6666-6666-666666666666" firstX="0" firstY="0" secondX="1" secondY="1"/></PictureSource>
      <PDFSource guid="66662666-6666-6666-6666-666666666666" name="note.pdf" path="internal://n.pdf">
        <PDFSelection guid="66663666-6666-6666-6666-666666666666" page="0" firstX="0" firstY="0" secondX="1" secondY="1"/>
        <Representation guid="66664666-6666-6666-6666-666666666666" name="r"><PlainTextContent>Le texte du PDF</PlainTextContent>
          <PlainTextSelection guid="66665666-6666-6666-6666-666666666666" startPosition="3" endPosition="8"><Coding
           guid="66666666-6666-6666-6666-666666666666"><CodeRef targetGUID="22220222-2222-2222-2222-222222222222"/></Coding>
          </PlainTextSelection></Representation></PDFSource>
      <AudioSource guid="77770777-7777-7777-7777-777777777777" name="son.m4a" path="relative:///son.m4a">
        <Transcript guid="77771777-7777-7777-7777-777777777777" name="t"><PlainTextContent>Bonjour à tous</PlainTextContent>
          <SyncPoint guid="77772777-7777-7777-7777-777777777777" timeStamp="0" position="8"/>
          <SyncPoint guid="77773777-7777-7777-7777-777777777777" timeStamp="9" position="14"/>
          <TranscriptSelection guid="77774777-7777-7777-7777-777777777777" fromSyncPoint="77772777-7777-7777-7777-777777777777"
           toSyncPoint="77773777-7777-7777-7777-777777777777"><Coding guid="77775777-7777-7777-7777-777777777777"><CodeRef
           targetGUID="22220222-2222-2222-2222-222222222222"/></Coding></TranscriptSelection></Transcript></AudioSource>
      <TextSource guid="88880888-8888-8888-8888-888888888888" name="dehors" plainTextPath="absolute:///etc/passwd"/>"""
    apres = """<Notes><Note guid="99990999-9999-9999-9999-999999999999" name="n" creatingUser="11111111-1111-1111-1111-111111111111">
        <PlainTextContent>annotation</PlainTextContent></Note></Notes>
      <Links><Link guid="99991999-9999-9999-9999-999999999999" originGUID="99990999-9999-9999-9999-999999999999"
        targetGUID="33330333-3333-3333-3333-333333333333"/><Link guid="99992999-9999-9999-9999-999999999999"/></Links>
      <Sets><Set guid="99993999-9999-9999-9999-999999999999" name="Pilotes"><MemberSource
        targetGUID="55550555-5555-5555-5555-555555555555"/></Set></Sets>
      <Graphs><Graph guid="99994999-9999-9999-9999-999999999999"/></Graphs>"""
    avant = """<Variables><Variable guid="aaaa0aaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa" name="Catégorie" typeOfVariable="Text"/></Variables>
      <Cases><Case guid="aaaa1aaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa" name="Élus"><VariableValue><VariableRef
        targetGUID="aaaa0aaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"/><TextValue>maire</TextValue></VariableValue><SourceRef
        targetGUID="55550555-5555-5555-5555-555555555555"/></Case></Cases>"""
    codes = CODE.format(0, "Faim") + CODE.format(1, "Soif")
    chemin = ailleurs(tmp_path / "a.qdpx", "J'ai faim.".encode(), sources, codes, avant=avant, apres=apres)
    valider(chemin)
    lu = lire_qdpx(chemin)
    dites = "\n".join(lu.remarques)
    for attendu in ("sélection 90–95 hors du texte de « Robert-1 »", "« plan.png » (image sans texte)", "« dehors »",
                    "1 × zone d'image", "1 × zone de page PDF", "2 × repère de temps", "1 × lien", "1 × graphe",
                    "ensemble « Pilotes »", "« Robert 1.txt » nommée « Robert-1 »", "« note.pdf » (PDF), seul le texte",
                    "« son.m4a » (enregistrement sonore), seul le texte", "couleur #0000ff éclaircie"):
        assert attendu in dites, attendu
    textes = lu.textes()
    assert sorted((c["entretien"], c["code"], textes[c["entretien"]][c["debut"]:c["fin"]])
                  for c in lu.codages.to_dict("records")) == [
        ("Robert-1", "Faim", "J'a"), ("note", "Faim", "texte"), ("son.m4a", "Faim", "à tous")]
    assert lu.memos.values.tolist() == [["Ana", "extrait", "Robert-1", 0, 3, "annotation", ""]]
    fiche = lu.entretiens.iloc[0]
    assert (fiche["categorie"], fiche["cas"]) == ("maire", "Élus")


def test_livre_de_codes_comme_l_ecrit_atlas(tmp_path: Path) -> None:
    """Codes emboîtés et posables, aucun texte : la forme des exports d'ATLAS.ti."""
    codes = """<Code guid="A182CD3A-D83C-4D8C-BC80-26D9103EC6D6" name="Commits" isCodable="true">
        <Code guid="2D2466F0-D77F-4F8C-BDF9-628966B6B74D" name="2022-05-10T02:05:59Z 19e4dce" isCodable="true"/>
        <Code guid="086AC733-7B1C-4749-A138-D7182F63A5C9" name="Coke::light" isCodable="true"/></Code>"""
    with zipfile.ZipFile(tmp_path / "a.qdpx", "w") as archive:
        archive.writestr("project.qde", QDE.format(origine="ATLAS.ti for Windows 23", codes=codes, sources="", avant="",
                                                   apres="").replace("<Sources></Sources>", ""))
    lu = lire_qdpx(tmp_path / "a.qdpx")
    assert lu.grille is not None and lu.remarques == () and len(lu.entretiens) == 0
    assert [(c.code, c.intitule, c.famille) for c in lu.grille] == [
        ("Commits", "Commits", ""), ("2022-05-10t02-05-59z-19e4dce", "2022-05-10T02:05:59Z 19e4dce", "Commits"),
        ("coke-light", "Coke::light", "Commits")]


# ---------------------------------------------------------------- hostiles


def hostile(chemin: Path, *membres: tuple[str, bytes]) -> Path:
    with zipfile.ZipFile(chemin, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in membres:
            archive.writestr(nom, octets)
    return chemin


VIDE = b'<Project xmlns="urn:QDA-XML:project:1.0" name="x"/>'
ENTITE = b'<!DOCTYPE p [<!ENTITY e SYSTEM "file:///etc/passwd">]><Project xmlns="urn:QDA-XML:project:1.0" name="&e;"/>'
BOMBE = b'<!DOCTYPE p [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><Project xmlns="urn:QDA-XML:project:1.0" name="&b;"/>'


@pytest.mark.parametrize(("membres", "message"), [
    ([("project.qde", VIDE), ("../dehors.txt", b"x")], "sort de l'archive"),
    ([("project.qde", VIDE), ("/etc/cron.d/x", b"x")], "sort de l'archive"),
    ([("project.qde", VIDE), ("C:\\x.txt", b"x")], "sort de l'archive"),
    ([("sources/..\\..\\x", b"x"), ("project.qde", VIDE)], "sort de l'archive"),
    ([("project.qde", ENTITE)], "DOCTYPE"),
    ([("project.qde", BOMBE)], "DOCTYPE"),
    ([("project.qde", ENTITE.decode().encode("utf-16"))], "DOCTYPE"),
    ([("project.qde", b"<Project")], "XML mal formé"),
    ([("project.qde", b"<html/>")], "racine « html »"),
    ([("notes.txt", b"x")], "pas de fichier project.qde"),
    ([("project.qde", VIDE[:-2] + b">" + b" " * (101 * 2**20) + b"</Project>")], "démesuré"),
])
def test_archives_piegees(tmp_path: Path, membres: list[tuple[str, bytes]], message: str) -> None:
    chemin = hostile(tmp_path / "a.qdpx", *membres)
    with pytest.raises(ErreurEtude, match=message):
        lire_qdpx(chemin)
    assert [fichier.name for fichier in tmp_path.iterdir()] == ["a.qdpx"]


@given(st.binary(max_size=200) | st.text(alphabet="<>/ProjectCdeSurs=\"' \n&;!", max_size=80).map(str.encode))
def test_contenu_quelconque(octets: bytes) -> None:
    with dossier_provisoire() as dossier:
        (dossier / "a.qdc").write_bytes(octets)
        hostile(dossier / "b.qdpx", ("project.qde", octets))
        (dossier / "c.qdpx").write_bytes(octets)
        for lire, nom in ((lire_qdc, "a.qdc"), (lire_qdpx, "b.qdpx"), (lire_qdpx, "c.qdpx")):
            with pytest.raises(ErreurEtude):
                lire(dossier / nom)


@given(st.data())
def test_projet_abime(tirage: st.DataObject) -> None:
    """Un octet changé : une faute claire, ou un projet."""
    with dossier_provisoire() as dossier:
        ecrire_qdpx(dossier / "a.qdpx", projet(codages=[["AB", "T1-E1", 0, 5, "O01", "absente", "m", ""]]))
        with zipfile.ZipFile(dossier / "a.qdpx") as archive:
            qde = bytearray(archive.read("project.qde"))
            autres = [(nom, archive.read(nom)) for nom in archive.namelist() if nom != "project.qde"]
        place = tirage.draw(st.integers(0, len(qde) - 1))
        qde[place] = tirage.draw(st.integers(0, 255))
        hostile(dossier / "b.qdpx", ("project.qde", bytes(qde)), *autres)
        try:
            assert isinstance(lire_qdpx(dossier / "b.qdpx"), Projet)
        except ErreurEtude:
            pass


# ------------------------------------------------------------------ grilles


@pytest.mark.parametrize("nom", ["cites_emploi", "cites_educatives"])
def test_grille_qdc(tmp_path: Path, nom: str) -> None:
    grille = Grille.livree(nom)
    ecrire_qdc(tmp_path / "g.qdc", grille)
    valider(tmp_path / "g.qdc", "Codebook.xsd")
    lue = lire_qdc(tmp_path / "g.qdc")
    assert lue.grille == grille and lue.remarques == ()
    (tmp_path / "g.yaml").write_text(en_yaml(grille), encoding="utf-8")
    assert Grille.charger(tmp_path / "g.yaml").empreinte == grille.empreinte


def test_grille_sans_son_ensemble(tmp_path: Path) -> None:
    """QualCoder ne garde pas les ensembles de codes : identifiants, familles et définitions survivent."""
    ecrire_qdc(tmp_path / "g.qdc", GRILLE)
    racine = etree.parse(str(tmp_path / "g.qdc"))
    racine.getroot().remove(racine.getroot()[1])
    racine.write(str(tmp_path / "h.qdc"))
    lue = lire_qdc(tmp_path / "h.qdc").grille
    assert lue is not None
    champs = ("code", "intitule", "definition", "inclusions", "exclusions", "mots", "exemples", "couleur")
    for champ in champs:
        assert [getattr(c, champ) for c in lue] == [getattr(c, champ) for c in GRILLE], champ
    assert {f.intitule for f in lue.familles} >= {"Conditions de réussite / Actions adaptées", "Obstacles"}


def test_grille_retouchee_ailleurs(tmp_path: Path) -> None:
    """Un code ajouté, un renommé, un déplacé dans un autre logiciel : la tête de la grille est gardée."""
    ecrire_qdc(tmp_path / "g.qdc", GRILLE)
    texte = (tmp_path / "g.qdc").read_text(encoding="utf-8")
    texte = texte.replace('name="O01 Crédits', 'name="O01 Budgets').replace(
        "</Codes>", '<Code guid="abcdabcd-abcd-abcd-abcd-abcdabcdabcd" name="Rumeurs" isCodable="true"/></Codes>')
    (tmp_path / "g.qdc").write_text(texte, encoding="utf-8")
    lue = lire_qdc(tmp_path / "g.qdc").grille
    assert lue is not None and lue["O01"].intitule.startswith("Budgets") and lue.regles == GRILLE.regles
    assert lue["Rumeurs"].intitule == "Rumeurs" and [c.code for c in lue][:-1] == [c.code for c in GRILLE]


def test_etiquettes_plates_de_taguette(tmp_path: Path) -> None:
    """Le QDC de Taguette : des noms à plat, un bloc Sets vide."""
    (tmp_path / "t.qdc").write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Taguette 1.5"><Codes>'
        '<Code guid="0D62985D-B147-5D01-A9B5-CAE5DCD98342" name="bus" isCodable="true"/>'
        '<Code guid="DFE5C38E-9449-5959-A1F7-E3D895CFA87F" name="bus · Absente" isCodable="true"/></Codes><Sets/></CodeBook>',
        encoding="utf-8")
    lue = lire_qdc(tmp_path / "t.qdc")
    assert lue.grille is not None and [c.code for c in lue.grille] == ["bus"]
    assert sorted(lue.poses.values()) == [("bus", ""), ("bus", "absente")]


NOMS = st.text(st.sampled_from("abCÉ1. ·:–-😀\u00a0<"), min_size=1, max_size=12)


@given(st.lists(st.tuples(NOMS, st.sampled_from(["", "Un texte.\nMots :\n– x\n– ", "Mots :"])), min_size=1, max_size=8))
def test_codes_d_ailleurs_donnent_une_grille(codes: list[tuple[str, str]]) -> None:
    """Quels que soient les noms : une grille juste, qui se relit en YAML et survit à un aller-retour."""
    racine = etree.Element("CodeBook", nsmap={None: "urn:QDA-XML:codebook:1.0"})
    parent = etree.SubElement(racine, "Codes")
    for rang, (nom, description) in enumerate(codes):
        code = etree.SubElement(parent, "Code", guid=f"{rang:08d}-0000-0000-0000-000000000000", name=nom, isCodable="true")
        etree.SubElement(code, "Description").text = description
        parent = code if rang % 3 else parent
    with dossier_provisoire() as dossier:
        (dossier / "a.qdc").write_bytes(etree.tostring(racine))
        lue = lire_qdc(dossier / "a.qdc")
        assert lue.grille is not None and len(lue.poses) == len(codes)
        assert {code for code, _ in lue.poses.values()} == {code.code for code in lue.grille}
        (dossier / "g.yaml").write_text(en_yaml(lue.grille), encoding="utf-8")
        assert Grille.charger(dossier / "g.yaml") == lue.grille
        ecrire_qdc(dossier / "b.qdc", lue.grille)
        assert lire_qdc(dossier / "b.qdc").grille == lue.grille


def test_projet_sans_code(tmp_path: Path) -> None:
    ecrit = dataclasses.replace(projet(), grille=None)
    ecrire_qdpx(tmp_path / "a.qdpx", ecrit)
    valider(tmp_path / "a.qdpx")
    assert_memes(lire_qdpx(tmp_path / "a.qdpx"), ecrit)
