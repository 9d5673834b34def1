"""PDF : paragraphes, césures, marges, documents scannés ou chiffrés."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from corpus.cesures import recoller
from corpus.fautes import ErreurEtude
from corpus.formats import lire
from corpus.formats_pdf import lire_pdf

DEMONSTRATION = Path(str(files("corpus"))) / "demonstration" / "entretiens"


def pdf(pages: list[list[tuple[float, str]]], entete: str = "") -> bytes:
    """Un PDF minimal : des lignes (hauteur, texte) en Courier 10, marge gauche à 50 points."""
    objets = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "",
        "<</Type/Font/Subtype/Type1/BaseFont/Courier/Encoding/WinAnsiEncoding>>",
    ]
    rangs = []
    for lignes in pages:
        flux = (
            "BT /F1 10 Tf "
            + " ".join(f"1 0 0 1 50 {hauteur} Tm ({texte}) Tj" for hauteur, texte in lignes)
            + " ET"
        )
        objets.append(f"<</Length {len(flux.encode('cp1252'))}>>stream\n{flux}\nendstream")
        objets.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objets)} 0 R"
            "/Resources<</Font<</F1 3 0 R>>>>>>"
        )
        rangs.append(len(objets))
    objets[1] = f"<</Type/Pages/Count {len(pages)}/Kids[{' '.join(f'{rang} 0 R' for rang in rangs)}]>>"
    octets = b"%PDF-1.4\n"
    positions = []
    for rang, objet in enumerate(objets, 1):
        positions.append(len(octets))
        octets += f"{rang} 0 obj{objet}endobj\n".encode("cp1252")
    table = len(octets)
    octets += f"xref\n0 {len(objets) + 1}\n0000000000 65535 f \n".encode()
    octets += b"".join(f"{position:010d} 00000 n \n".encode() for position in positions)
    return (
        octets + f"trailer<</Root 1 0 R/Size {len(objets) + 1}{entete}>>\nstartxref\n{table}\n%%EOF".encode()
    )


def lignes(*textes: str, haut: float = 780, pas: float = 12) -> list[tuple[float, str]]:
    """Une ligne par texte, à interligne constant ; une ligne vide laisse un blanc."""
    return [(haut - rang * pas, texte) for rang, texte in enumerate(textes) if texte]


def test_paragraphes() -> None:
    lu = lire_pdf(
        pdf(
            [
                lignes(
                    "Q : Bonjour, vous êtes en poste depuis combien de temps ?",
                    "R : Depuis mars 2021. Avant cela, je travaillais au Plie, à",
                    "Ormelet, comme conseillère, et encore avant à la mairie du",
                    "chef-lieu.",
                    "Q : Et la Cité ?",
                    "",
                    "R : On nous a appelés un vendredi soir, la réponse était à",
                    "rendre le lundi.",
                )
            ]
        ),
        "e.pdf",
    )
    assert lu.texte == (
        "Q : Bonjour, vous êtes en poste depuis combien de temps ?\n"
        "R : Depuis mars 2021. Avant cela, je travaillais au Plie, à Ormelet, comme conseillère, et encore "
        "avant à la mairie du chef-lieu.\n"
        "Q : Et la Cité ?\n\n"
        "R : On nous a appelés un vendredi soir, la réponse était à rendre le lundi.\n"
    )


def test_etiquette_apres_une_ligne_pleine() -> None:
    """« Q » est connu : il ouvre un tour. « Montaudray » ne l'est pas : la phrase continue."""
    lu = lire_pdf(
        pdf(
            [
                lignes(
                    "Q : Vous connaissez ?",
                    "R : Trois quartiers dont un qui est un peu plus loin, à",
                    "Montaudray : les Glacis, on y va le mardi en camionnette.",
                    "Q : Et les habitants viennent vous voir sans rendez-vous ?",
                    "R : Oui.",
                )
            ]
        ),
        "e.pdf",
    )
    assert lu.texte.splitlines() == [
        "Q : Vous connaissez ?",
        "R : Trois quartiers dont un qui est un peu plus loin, à Montaudray : les Glacis, on y va le "
        "mardi en camionnette.",
        "Q : Et les habitants viennent vous voir sans rendez-vous ?",
        "R : Oui.",
    ]


def test_cesures_dans_un_pdf() -> None:
    lu = lire_pdf(pdf([lignes("Il y a un accompa-", "gnement, qu'est-", "ce que c'est ?")]), "e.pdf")
    assert lu.texte == "Il y a un accompagnement, qu'est-ce que c'est ?\n"


@pytest.mark.parametrize(
    ("debut", "suite", "attendu"),
    [
        ("un accompa-", "gnement", "un accompagnement"),
        ("est-", "ce que", "est-ce que"),
        ("un servi-", "ce public", "un service public"),
        ("prend-", "il", "prend-il"),
        ("de nouv-", "elles aides", "de nouvelles aides"),
        ("allez-", "y", "allez-y"),
        ("celui-", "ci", "celui-ci"),
        ("là-", "bas", "là-bas"),
        ("Saint-", "Denis", "Saint-Denis"),
        ("une demi-", "journée", "une demi-journée"),
        ("quatre-", "vingts", "quatre-vingts"),
        ("eux-", "mêmes", "eux-mêmes"),
        ("a-t-", "elle", "a-t-elle"),
        ("il vient -", "enfin, parfois", "il vient - enfin, parfois"),
    ],
)
def test_cesures(debut: str, suite: str, attendu: str) -> None:
    assert recoller(debut, suite, frozenset()) == attendu


def test_cesures_selon_le_texte() -> None:
    assert recoller("un porte-", "drapeau", frozenset({"portedrapeau"})) == "un portedrapeau"
    assert recoller("le brise-", "glace", frozenset({"brise-glace"})) == "le brise-glace"


def test_marges_repetees() -> None:
    pages = [
        [
            (810, "Entretien retranscrit"),
            *lignes(*(f"Ligne {page}{rang} du propos" for rang in "abc")),
            (40, f"{page} / 3"),
        ]
        for page in (1, 2, 3)
    ]
    texte = lire_pdf(pdf(pages), "e.pdf").texte
    assert "retranscrit" not in texte
    assert "/ 3" not in texte
    assert texte.count("du propos") == 9


def test_reponse_courte_gardee() -> None:
    """Une dernière ligne qui n'est qu'un nombre, mais serrée contre le texte, est une parole."""
    assert "12" in lire_pdf(pdf([lignes("Q : Combien ?", "R : Attendez.", "12")]), "e.pdf").texte


def test_demonstration() -> None:
    """Un paragraphe par tour : chaque ligne s'ouvre par une étiquette, un horodatage ou un tiret."""
    fichiers = sorted(DEMONSTRATION.rglob("*.pdf"))
    assert fichiers
    for fichier in fichiers:
        lu = lire(fichier, fichier.name)[0]
        assert lu.metadonnees["id"] == fichier.stem
        paragraphes = [ligne for ligne in lu.texte[lu.debut :].splitlines() if ligne]
        assert len(paragraphes) > 15
        assert all(re.match(r"—|\[\d\d:|[A-Z]\S* ?\d? :", paragraphe) for paragraphe in paragraphes)


CLE = "00" * 32


@pytest.mark.parametrize(
    ("octets", "attendu"),
    [
        (pdf([[], []]), "n'a pas de texte"),
        (
            pdf(
                [lignes("Oui.")], f"/Encrypt<</Filter/Standard/V 1/R 2/O<{CLE}>/U<{CLE}>/P -4>>/ID[<00><00>]"
            ),
            "mot de passe",
        ),
        (b"%PDF-1.4\nrien", "corrompu"),
        (b"PK\x03\x04", "il contient une archive"),
    ],
    ids=["scanné", "chiffré", "corrompu", "autre"],
)
def test_pdf_illisibles(octets: bytes, attendu: str) -> None:
    with pytest.raises(ErreurEtude, match=attendu):
        lire_pdf(octets, "e.pdf")


def test_page_muette_signalee() -> None:
    lu = lire_pdf(pdf([lignes("Oui."), []]), "e.pdf")
    assert lu.texte == "Oui.\n"
    assert "pages sans texte (images ?) : 2" in lu.suppositions
