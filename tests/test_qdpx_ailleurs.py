"""Lire des QDPX venus d'ailleurs : autres logiciels, archives piégées, fichiers abîmés."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codage.projet import Projet
from codage.qdpx import ecrire_qdpx
from codage.qdpx_lecture import lire_qdc, lire_qdpx
from corpus.fautes import ErreurEtude
from tests.projets_refi import dossier_provisoire, projet, valider

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
    (b"a\r\nb\r\nfaim", 6, 10, "faim", "Autre", ""),
    (b"a\r\nb\r\nfaim", 4, 8, "", "ATLAS.ti 23", "CR LF comptées pour un"),
    (b"a\r\nb\r\nfaim", 4, 8, "faim", "Autre", "CR LF comptées pour un"),
    (b"a\r\nb\r\nfaim", 6, 10, "faim", "ATLAS.ti 23", ""),
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
        <PictureSelection guid="66661666-6666-6666-6666-666666666666" firstX="0" firstY="0" secondX="1" secondY="1"/>
      </PictureSource>
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
    apres = """<Notes><Note guid="99990999-9999-9999-9999-999999999999" name="n"
        creatingUser="11111111-1111-1111-1111-111111111111">
        <PlainTextContent>annotation</PlainTextContent></Note></Notes>
      <Links><Link guid="99991999-9999-9999-9999-999999999999" originGUID="99990999-9999-9999-9999-999999999999"
        targetGUID="33330333-3333-3333-3333-333333333333"/><Link guid="99992999-9999-9999-9999-999999999999"/></Links>
      <Sets><Set guid="99993999-9999-9999-9999-999999999999" name="Pilotes"><MemberSource
        targetGUID="55550555-5555-5555-5555-555555555555"/></Set></Sets>
      <Graphs><Graph guid="99994999-9999-9999-9999-999999999999"/></Graphs>"""
    avant = """<Variables><Variable guid="aaaa0aaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa" name="Catégorie" typeOfVariable="Text"/>
      </Variables>
      <Cases><Case guid="aaaa1aaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa" name="Élus"><VariableValue><VariableRef
        targetGUID="aaaa0aaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"/><TextValue>maire</TextValue></VariableValue><SourceRef
        targetGUID="55550555-5555-5555-5555-555555555555"/></Case></Cases>"""
    codes = CODE.format(0, "Faim") + CODE.format(1, "Soif")
    chemin = ailleurs(tmp_path / "a.qdpx", b"J'ai faim.", sources, codes, avant=avant, apres=apres)
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


def test_rendu_par_qualcoder(tmp_path: Path) -> None:
    """La forme des exports de QualCoder : marque, cas sans texte, date et auteur sur la sélection, note située."""
    cas = """<Variables><Variable guid="aaaa0aaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa" name="fonction" typeOfVariable="Text"/></Variables>
      <Cases><Case guid="aaaa1aaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa" name="E1"><VariableValue><VariableRef
        targetGUID="aaaa0aaa-aaaa-aaaa-aaaa-aaaaaaaaaaaa"/><TextValue>Maire</TextValue></VariableValue></Case></Cases>"""
    notes = """<Notes><Note guid="99990999-9999-9999-9999-999999999999" creatingUser="11111111-1111-1111-1111-111111111111"
        creationDateTime="2024-05-01T09:30:00Z"><PlainTextContent>annotation</PlainTextContent><PlainTextSelection
        guid="99991999-9999-9999-9999-999999999999" startPosition="0" endPosition="2"/></Note></Notes>"""
    selection = SELECTION.format(0, "faim", 1, 5).replace(
        "endPosition", 'creationDateTime="2024-05-02T10:00:00Z" endPosition').replace(
        "<Coding", "<Description>m</Description><Coding")
    chemin = ailleurs(tmp_path / "a.qdpx", "\ufeff\nfaim".encode(),
                      source(selection + '<NoteRef targetGUID="99990999-9999-9999-9999-999999999999"/>', "E1"), avant=cas,
                      apres=notes, origine="QualCoder 4.0")
    valider(chemin)
    lu = lire_qdpx(chemin)
    assert lu.remarques == ("code « Faim » : couleur #0000ff éclaircie en " + lu.grille["Faim"].couleur  # type: ignore[index]
                            + ", pour qu'un texte noir s'y lise",)
    assert lu.codages.values.tolist() == [["Ana", "E1", 1, 5, "Faim", "", "m", "2024-05-02T10:00:00Z"]]
    assert lu.memos.values.tolist() == [["Ana", "extrait", "E1", 0, 2, "annotation", "2024-05-01T09:30:00Z"]]
    assert lu.entretiens.iloc[0][["texte", "fonction"]].tolist() == ["\nfaim", "Maire"]


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
