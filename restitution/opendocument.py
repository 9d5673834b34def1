"""Ce que les fichiers OpenDocument ont en commun : espaces de noms, paquet zip, description datée."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

_OASIS = "urn:oasis:names:tc:opendocument:xmlns:"
ESPACES = {
    "office": f"{_OASIS}office:1.0",
    "style": f"{_OASIS}style:1.0",
    "text": f"{_OASIS}text:1.0",
    "table": f"{_OASIS}table:1.0",
    "fo": f"{_OASIS}xsl-fo-compatible:1.0",
    "number": f"{_OASIS}datastyle:1.0",
    "draw": f"{_OASIS}drawing:1.0",
    "svg": f"{_OASIS}svg-compatible:1.0",
    "xlink": "http://www.w3.org/1999/xlink",
    "meta": f"{_OASIS}meta:1.0",
    "config": f"{_OASIS}config:1.0",
    "manifest": f"{_OASIS}manifest:1.0",
    "dc": "http://purl.org/dc/elements/1.1/",
    "calcext": "urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0",
}
ENTETE = '<?xml version="1.0" encoding="UTF-8"?>\n'
NOMS = " ".join(f'xmlns:{prefixe}="{adresse}"' for prefixe, adresse in ESPACES.items())


def description(titre: str, date: datetime) -> bytes:
    """La pièce `meta.xml` : titre, langue, dates, outil (OpenDocument 1.3, partie 3, § 4)."""
    iso = date.strftime("%Y-%m-%dT%H:%M:%SZ")
    return (f'{ENTETE}<office:document-meta {NOMS} office:version="1.3"><office:meta>'
            f"<meta:generator>Monographies</meta:generator><dc:title>{escape(titre)}</dc:title>"
            f"<dc:creator>Monographies</dc:creator><meta:initial-creator>Monographies</meta:initial-creator>"
            f"<meta:creation-date>{iso}</meta:creation-date><dc:date>{iso}</dc:date><dc:language>fr-FR</dc:language>"
            "</office:meta></office:document-meta>").encode()


def empaqueter(genre: str, pieces: Mapping[str, bytes]) -> bytes:
    """Un paquet OpenDocument (partie 2, § 3) : `mimetype` d'abord, les pièces, leur manifeste.

    Parameters
    ----------
    genre : str
        « spreadsheet », « text ».
    pieces : Mapping[str, bytes]
        Nom → contenu XML.
    """
    nature = f"application/vnd.oasis.opendocument.{genre}"
    entrees = "".join(f'<manifest:file-entry manifest:full-path={quoteattr(nom)} manifest:media-type="text/xml"/>'
                      for nom in pieces)
    manifeste = (f'{ENTETE}<manifest:manifest xmlns:manifest="{ESPACES["manifest"]}" manifest:version="1.3">'
                 f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{nature}"/>{entrees}'
                 "</manifest:manifest>")
    sortie = io.BytesIO()
    with zipfile.ZipFile(sortie, "w") as archive:
        for nom, octets in {"mimetype": nature.encode(), **pieces, "META-INF/manifest.xml": manifeste.encode()}.items():
            archive.writestr(nom, octets)
    return sortie.getvalue()
