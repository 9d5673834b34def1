"""Un petit projet d'échange, et la validation de ce qui en est écrit."""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lxml import etree

from codage.projet import CODAGES, ENTRETIENS, MEMOS, TERRITOIRES, Projet, table
from extraction.grille import Grille

SCHEMAS = Path(__file__).parent.parent / "codage" / "schemas"
GRILLE = Grille.livree("cites_emploi")
TEXTE = "Enquêtrice : Ça va ? 😀\r\nEnquêtée : Non, e\u0301puisée.\rOn court\n\naprès l'argent. 🚋🚋\r\n"
TERRITOIRES_ESSAI = table(TERRITOIRES, [["T1", "Aulne", "epci", "commune", "2020"], ["T2", "", "", "", ""]])


@contextmanager
def dossier_provisoire() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as nom:
        yield Path(nom)


def projet(texte: str = TEXTE, codages: list[list[object]] | None = None, memos: list[list[object]] | None = None) -> Projet:
    entretiens = table([*ENTRETIENS, "âge"], [["T1-E1", texte, "T1", "Maire & élue", "collectivite_elu", "2022-09-14", "52"],
                                             ["E2", "Rien.", "T2", "", "", "", ""]])
    return Projet("Étude « d'essai »", GRILLE, entretiens, TERRITOIRES_ESSAI, table(CODAGES, codages or []),
                  table(MEMOS, memos or []))


def valider(chemin: Path, schema: str = "Project-mrt2019.xsd") -> None:
    octets = chemin.read_bytes()
    if chemin.suffix == ".qdpx":
        with zipfile.ZipFile(chemin) as archive:
            octets = archive.read("project.qde")
    etree.XMLSchema(etree.parse(str(SCHEMAS / schema))).assertValid(etree.fromstring(octets).getroottree())
