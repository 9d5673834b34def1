"""Word, OpenDocument et RTF : paragraphes, tableaux, suivi des modifications, documents protégés."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.fautes import ErreurEtude
from corpus.formats import lire
from corpus.formats_docx import lire_docx
from corpus.formats_odt import lire_odt
from corpus.formats_rtf import lire_rtf

Lignes = list[list[str]]
TABLEAUX: dict[str, tuple[Lignes, str]] = {
    "deux colonnes": (
        [["Locuteur", "Propos"], ["Q", "Bonjour."], ["R :", "Oui.\nEnfin."], ["", "Voilà."], ["Q", "Bien."]],
        "Q : Bonjour.\n\nR : Oui.\nEnfin.\nVoilà.\n\nQ : Bien.",
    ),
    "questions et réponses": (
        [
            ["Depuis quand êtes-vous là ?", "Depuis 2019. C'était un hasard."],
            ["Et la mairie ?", "On se voit le mardi."],
            ["Et ensuite ?", "Je ne sais pas."],
        ],
        "Question : Depuis quand êtes-vous là ?\n\nRéponse : Depuis 2019. C'était un hasard.\n\n"
        "Question : Et la mairie ?\n\nRéponse : On se voit le mardi.\n\n"
        "Question : Et ensuite ?\n\nRéponse : Je ne sais pas.",
    ),
    "en-tête de questionnaire": (
        [["Questions", "Réponses"], ["Votre parcours", "Infirmière."], ["La suite", "On verra."]],
        "Question : Votre parcours\n\nRéponse : Infirmière.\n\nQuestion : La suite\n\nRéponse : On verra.",
    ),
    "sans en-tête": (
        [
            ["Mme Ferrand", "Je suis coordonnatrice."],
            ["Enquêteur", "Depuis quand ?"],
            ["Mme Ferrand", "2021."],
        ],
        "Mme Ferrand : Je suis coordonnatrice.\n\nEnquêteur : Depuis quand ?\n\nMme Ferrand : 2021.",
    ),
    "horodatage": (
        [["00:00:04", "Q", "Bonjour."], ["[00:00:09]", "R", "Oui."], ["00:01:12", "Q", "Bien."]],
        "[00:00:04] Q : Bonjour.\n\n[00:00:09] R : Oui.\n\n[00:01:12] Q : Bien.",
    ),
    "numéro": (
        [["N°", "Intervenant", "Verbatim"], ["1", "Q", "Bonjour."], ["2", "R", "Oui."]],
        "Q : Bonjour.\n\nR : Oui.",
    ),
    "colonne de remarques": (
        [["Locuteur", "Propos", "Remarques"], ["Q", "Bonjour.", "rires"], ["R", "Oui.", ""]],
        "Q : Bonjour.\n\nR : Oui.",
    ),
    "données": (
        [["Quartier", "Habitants", "Part"], ["Les Navettes", "1 200", "12 %"], ["Bel-Orient", "800", "8 %"]],
        "Quartier\tHabitants\tPart\nLes Navettes\t1 200\t12 %\nBel-Orient\t800\t8 %",
    ),
    "tête": ([["id", "T01-E01"], ["Territoire :", "Valombre"]], "id : T01-E01\nTerritoire : Valombre\n"),
}


def en_docx(document: object) -> bytes:
    tampon = io.BytesIO()
    document.save(tampon)  # type: ignore[attr-defined]
    return tampon.getvalue()


def docx_tableau(lignes: Lignes) -> bytes:
    document = docx.Document()
    tableau = document.add_table(len(lignes), len(lignes[0]))
    for rangee, ligne in zip(tableau.rows, lignes, strict=True):
        for cellule, texte in zip(rangee.cells, ligne, strict=True):
            cellule.text = texte
    return en_docx(document)


def odt(corps: str, manifeste: str = "", styles: str = "") -> bytes:
    noms = " ".join(
        f'xmlns:{p}="urn:oasis:names:tc:opendocument:xmlns:{n}:1.0"'
        for p, n in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("draw", "drawing"),
            ("style", "style"),
        )
    )
    tampon = io.BytesIO()
    with zipfile.ZipFile(tampon, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr("META-INF/manifest.xml", manifeste or "<manifest/>")
        archive.writestr(
            "content.xml",
            f"<office:document-content {noms}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:text>{corps}</office:text>"
            "</office:body></office:document-content>",
        )
    return tampon.getvalue()


def odt_tableau(lignes: Lignes) -> bytes:
    def cellule(texte: str) -> str:
        paragraphes = "".join(f"<text:p>{ligne}</text:p>" for ligne in texte.splitlines())
        return f"<table:table-cell>{paragraphes}</table:table-cell>"

    rangees = "".join(
        f"<table:table-row>{''.join(map(cellule, ligne))}</table:table-row>" for ligne in lignes
    )
    return odt(f"<table:table>{rangees}</table:table>")


def rtf(corps: str) -> bytes:
    return (r"{\rtf1\ansi\ansicpg1252\uc1 " + corps + "}").encode("ascii")


def rtf_signes(texte: str) -> str:
    return "".join(signe if signe.isascii() else rf"\u{ord(signe)}?" for signe in texte)


def rtf_tableau(lignes: Lignes) -> bytes:
    def rangee(ligne: list[str]) -> str:
        cellules = "".join(rf"\intbl {rtf_signes(texte)}\cell ".replace("\n", r"\par ") for texte in ligne)
        return r"\trowd\cellx1000\cellx5000 " + cellules + r"\row "

    return rtf("".join(map(rangee, lignes)))


FABRIQUES = {
    "docx": (docx_tableau, lire_docx),
    "odt": (odt_tableau, lire_odt),
    "rtf": (rtf_tableau, lire_rtf),
}


@pytest.mark.parametrize("cas", TABLEAUX)
@pytest.mark.parametrize("format_", FABRIQUES)
def test_tableaux(format_: str, cas: str) -> None:
    lignes, attendu = TABLEAUX[cas]
    fabriquer, lecteur = FABRIQUES[format_]
    assert lecteur(fabriquer(lignes), "e").texte.strip("\n") == attendu.strip("\n")


def test_docx_tableau_fusionne_et_intertitre() -> None:
    document = docx.Document()
    document.add_paragraph("Entretien n° 3")
    tableau = document.add_table(5, 2)
    for rangee, (nom, propos) in zip(
        tableau.rows, [("Q", "Bonjour."), ("R", "Oui."), ("", ""), ("Q", "Et ?"), ("R", "Rien.")], strict=True
    ):
        rangee.cells[0].text, rangee.cells[1].text = nom, propos
    fusion = tableau.rows[2].cells[0].merge(tableau.rows[2].cells[1])
    fusion.text = "Deuxième partie"
    document.add_paragraph("Fin.")
    assert lire_docx(en_docx(document), "e").texte == (
        "Entretien n° 3\n\nQ : Bonjour.\n\nR : Oui.\n\nDeuxième partie\n\nQ : Et ?\n\nR : Rien.\n\nFin."
    )


@settings(max_examples=30, deadline=None)
@given(st.text(st.sampled_from("abcé ’«»\u00a0\u202f—:\t\n"), max_size=200))
def test_docx_ligne_a_ligne(texte: str) -> None:
    document = docx.Document()
    for ligne in texte.split("\n"):
        document.add_paragraph(ligne)
    assert lire_docx(en_docx(document), "e").texte == texte


def test_docx_suivi_des_modifications() -> None:
    document = docx.Document()
    noms = nsdecls("w")
    document.element.body.insert(
        0,
        parse_xml(
            f'<w:p {noms}><w:r><w:t xml:space="preserve">On a </w:t></w:r>'
            '<w:del w:id="1"><w:r><w:delText>trois</w:delText></w:r></w:del>'
            '<w:ins w:id="2"><w:r><w:t>quatre</w:t></w:r></w:ins>'
            '<w:hyperlink><w:r><w:t xml:space="preserve"> quartiers</w:t></w:r></w:hyperlink>'
            "<w:r><w:br/><w:t>et voilà.</w:t></w:r></w:p>"
        ),
    )
    document.element.body.insert(
        1,
        parse_xml(
            f'<w:p {noms}><w:pPr><w:rPr><w:del w:id="3"/></w:rPr></w:pPr><w:r><w:t>Deux </w:t></w:r></w:p>'
        ),
    )
    document.element.body.insert(
        2,
        parse_xml(
            f"<w:sdt {noms}><w:sdtContent><w:p><w:r><w:t>ensemble.</w:t></w:r></w:p></w:sdtContent></w:sdt>"
        ),
    )
    lu = lire_docx(en_docx(document), "e")
    assert lu.texte == "On a quatre quartiers\net voilà.\nDeux ensemble."
    assert "accepté" in lu.suppositions[0]


def test_docx_sans_en_tete_ni_pied_ni_commentaire() -> None:
    document = docx.Document()
    paragraphe = document.add_paragraph("Bonjour.")
    document.sections[0].header.paragraphs[0].text = "En-tête"
    document.sections[0].footer.paragraphs[0].text = "Pied"
    document.add_comment(paragraphe.runs, text="À vérifier", author="A")
    assert lire_docx(en_docx(document), "e").texte == "Bonjour."


def test_docx_liste_a_tirets() -> None:
    """Word change « - Oui » tapé en début de ligne en une liste : le tiret n'est plus dans le texte."""
    document = docx.Document()
    style = document.styles["List Bullet"].element
    numero = style.find(".//{*}numId").get(
        "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}val"
    )
    racine = document.part.numbering_part.element
    renvoi = next(
        num.find("{*}abstractNumId") for num in racine.iter("{*}num") if numero in num.attrib.values()
    )
    for abstraite in racine.iter("{*}abstractNum"):
        if set(renvoi.attrib.values()) & set(abstraite.attrib.values()):
            puce = abstraite.find(".//{*}lvlText")
            puce.set(next(iter(puce.attrib)), "–")
    document.add_paragraph("Vous êtes prêt ?", style="List Bullet")
    document.add_paragraph("Oui.", style="List Bullet")
    assert lire_docx(en_docx(document), "e").texte == "– Vous êtes prêt ?\n– Oui."


def test_tete_dans_un_docx(tmp_path: Path) -> None:
    document = docx.Document()
    for ligne in ("id : T01-E01", "Fonction : élue", "", "Q : Bonjour."):
        document.add_paragraph(ligne)
    (tmp_path / "e.docx").write_bytes(en_docx(document))
    lu = lire(tmp_path / "e.docx", "e.docx")[0]
    assert lu.metadonnees == {"id": "T01-E01", "fonction": "élue"}
    assert lu.texte[lu.debut :] == "Q : Bonjour."


def test_odt_blancs_listes_et_suivi() -> None:
    corps = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>supprimé</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:p>Deux<text:s text:c='3'/>mots\n   et<text:tab/>un<text:line-break/>saut "
        "<text:span>gras</text:span><text:note><text:note-body><text:p>note</text:p></text:note-body></text:note>"
        "<office:annotation><text:p>commentaire</text:p></office:annotation>.</text:p><text:p/>"
        "<text:list text:style-name='L1'><text:list-item><text:p>Oui.</text:p></text:list-item></text:list>"
        "<text:section><text:h>Titre</text:h></text:section>"
    )
    styles = (
        "<text:list-style style:name='L1'><text:list-level-style-bullet text:level='1' text:bullet-char='–'/>"
        "</text:list-style>"
    )
    lu = lire_odt(odt(corps, styles=styles), "e")
    assert lu.texte == "Deux   mots et\tun\nsaut gras.\n\n– Oui.\nTitre"
    assert any("notes" in dite for dite in lu.suppositions)


def test_rtf_caracteres_et_suivi() -> None:
    corps = (
        r"Enqu\'eat\'e9e\~: d\rquote accord, 12\u8239?000 \u8364\'80, \'9cuvre\par "
        r"On a {\deleted trois}{\revised quatre} \{quartiers\}.\par "
        r'{\field{\*\fldinst{HYPERLINK "http://exemple.fr"}}{\fldrslt{le site}}}\par'
        r"{\header\pard En-t\'eate\par}{\*\inconnu rien}\u-10179?\u-8704?\par"
    )
    lu = lire_rtf(rtf(corps), "e")
    assert lu.texte == (
        "Enquêtée\u00a0: d’accord, 12\u202f000 €, œuvre\nOn a quatre {quartiers}.\nle site\n\U0001f600"
    )
    assert lu.encodage == "cp1252"


def test_rtf_autre_page_de_code() -> None:
    assert lire_rtf(rb"{\rtf1\mac \'8et\'8e\par}", "e").texte == "été"


CHIFFRES = {
    "docx": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    + bytes(600)
    + "EncryptedPackage".encode("utf-16-le")
    + bytes(100),
    "odt": odt("", manifeste="<manifest><file-entry><encryption-data/></file-entry></manifest>"),
}


@pytest.mark.parametrize("extension", CHIFFRES)
def test_documents_chiffres(tmp_path: Path, extension: str) -> None:
    (tmp_path / f"e.{extension}").write_bytes(CHIFFRES[extension])
    with pytest.raises(ErreurEtude, match="mot de passe"):
        lire(tmp_path / f"e.{extension}", "e")


@pytest.mark.parametrize(
    ("extension", "octets", "attendu"),
    [
        ("docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "ancien document Word"),
        ("docx", b"%PDF-1.4", "il contient un PDF"),
        ("docx", odt("<text:p>Oui</text:p>"), "corrompu ou n'est pas un document Word"),
        ("docx", en_docx(docx.Document()), "aucun texte"),
        ("odt", b"PK\x03\x04tronc", "corrompu"),
        ("odt", en_docx(docx.Document()), "content.xml manque"),
        ("odt", odt("<text:p/>"), "aucun texte"),
        ("odt", odt("<text:p>"), "corrompu"),
        ("rtf", b"bonjour", "n'est pas un document RTF"),
        ("rtf", rtf(""), "aucun texte"),
    ],
)
def test_documents_faux(tmp_path: Path, extension: str, octets: bytes, attendu: str) -> None:
    (tmp_path / f"e.{extension}").write_bytes(octets)
    with pytest.raises(ErreurEtude, match=attendu):
        lire(tmp_path / f"e.{extension}", "e")
