"""Un petit lecteur QDPX naïf, écrit d'après la norme REFI-QDA 1.5 et non d'après le code essayé.

`passages` rend ce que chaque logiciel verrait surligné, selon sa façon de lire le texte d'une source.
"""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET
import zipfile
from collections.abc import Callable
from pathlib import Path

N = "{urn:QDA-XML:project:1.0}"

FACONS: dict[str, Callable[[bytes], str]] = {
    "norme : points de code du fichier": lambda octets: octets.decode("utf-8"),
    "ATLAS.ti : CR LF compte pour un": lambda octets: octets.decode("utf-8-sig").replace("\r\n", "\n"),
    # QualCoder, refi.py : ouverture en mode texte (fins de ligne universelles), une espace de plus par CR LF.
    "QualCoder": lambda octets: io.TextIOWrapper(io.BytesIO(octets), encoding="utf-8").read().replace(
        "\n", "\n " if b"\r\n" in octets else "\n"),
}


def passages(chemin: Path, facon: str) -> list[tuple[str, str, str, str, str]]:
    """Source, auteur de la sélection, code (chemin des noms), mémo, passage : un par codage, triés."""
    with zipfile.ZipFile(chemin) as archive:
        racine = ET.fromstring(archive.read("project.qde"))
        utilisateurs = {u.get("guid"): u.get("name") for u in racine.iter(f"{N}User")}
        codes: dict[str | None, str] = {}

        def parcourir(parent: ET.Element, devant: str) -> None:
            for code in parent.findall(f"{N}Code"):
                codes[code.get("guid")] = f"{devant}{code.get('name')}"
                parcourir(code, f"{devant}{code.get('name')} > ")

        for livre in racine.iter(f"{N}Codes"):
            parcourir(livre, "")
        vus = []
        for source in racine.iter(f"{N}TextSource"):
            fichier = (source.get("plainTextPath") or "").replace("internal://", "sources/")
            texte = FACONS[facon](archive.read(fichier))
            for selection in source.findall(f"{N}PlainTextSelection"):
                passage = texte[int(selection.get("startPosition", "")):int(selection.get("endPosition", ""))]
                memo = selection.findtext(f"{N}Description") or ""
                for codage in selection.findall(f"{N}Coding"):
                    reference = codage.find(f"{N}CodeRef")
                    assert reference is not None
                    vus.append((source.get("name") or "", utilisateurs.get(selection.get("creatingUser")) or "",
                                codes[reference.get("targetGUID")], memo, passage))
    return sorted(vus)
