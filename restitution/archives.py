"""Les fichiers bureautiques sont des zip : les réécrire pour que mêmes données donnent mêmes octets."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

Retouche = Callable[[str, bytes], bytes]
"""Reçoit le nom d'une pièce et son contenu ; rend le contenu à écrire."""


def instant(iso: str) -> datetime:
    """La date d'une exécution en temps universel, sans fuseau, comme les formats bureautiques l'écrivent.

    Raises
    ------
    ValueError
        Ce n'est pas une date ISO 8601.
    """
    lu = datetime.fromisoformat(iso)
    return lu.astimezone(UTC).replace(tzinfo=None) if lu.tzinfo else lu


def figer(contenu: bytes, date: datetime, retoucher: Retouche = lambda nom, octets: octets,
          ajouts: Mapping[str, bytes] | None = None) -> bytes:
    """Le même zip, pièces retouchées, toutes datées pareil.

    Parameters
    ----------
    contenu : bytes
    date : datetime
        Le format zip ne connaît rien d'avant 1980.
    retoucher : callable
    ajouts : Mapping[str, bytes], facultatif
        Pièces à mettre après les autres : nom → contenu.

    Returns
    -------
    bytes
        Les pièces gardent leur ordre ; `mimetype` reste sans compression, comme OpenDocument l'exige.
    """
    moment = (max(date.year, 1980), *date.timetuple()[1:6])
    sortie = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(contenu)) as lu, zipfile.ZipFile(sortie, "w") as ecrit:
        pieces = {piece.filename: retoucher(piece.filename, lu.read(piece)) for piece in lu.infolist()}
        for nom, octets in (pieces | dict(ajouts or {})).items():
            fiche = zipfile.ZipInfo(nom, moment)
            fiche.compress_type = zipfile.ZIP_STORED if nom == "mimetype" else zipfile.ZIP_DEFLATED
            fiche.external_attr = 0o644 << 16
            ecrit.writestr(fiche, octets)
    return sortie.getvalue()
