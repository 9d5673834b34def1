"""Convertir une transcription `.txt` en vrais fichiers Word, OpenDocument, RTF, PDF, VTT et SRT.

pandoc écrit le premier document Word ; LibreOffice en tire les autres formats de bureau. Les temps des
sous-titres sont calculés à débit constant. Mêmes entrées, mêmes octets : les dates et les identifiants
que ces outils écrivent sont effacés.
"""

from __future__ import annotations

import html
import io
import os
import re
import subprocess
import uuid
import zipfile
from pathlib import Path

from corpus.formats_etiquettes import etiquette
from corpus.formats_tete import lire_tete

MOTS_PAR_SECONDE = 150 / 60
PAUSE_ENTRE_TOURS = 0.6
SIGNES_PAR_REPLIQUE = 84
EPOQUE = "1672531200"  # date écrite dans les fichiers fabriqués : 1er janvier 2023


class Atelier:
    """Les convertisseurs, dans un dossier de travail.

    Parameters
    ----------
    dossier : Path
        Dossier vide, effacé ensuite par l'appelant.
    """

    def __init__(self, dossier: Path) -> None:
        self.dossier = dossier
        self.modele = dossier / "modele.docx"
        brut = subprocess.run(
            ["pandoc", "--print-default-data-file", "reference.docx"], check=True, capture_output=True
        ).stdout
        self.modele.write_bytes(brut)
        _habiller(self.modele)

    def convertir(self, texte: str, facon: str, entretien: str) -> bytes:
        """Convertir un entretien.

        Parameters
        ----------
        texte : str
            Le `.txt` de l'entretien, tête comprise.
        facon : str
            Une façon de faire du plan (« docx-tableau », « pdf »…).
        entretien : str
            Identifiant, pour nommer les fichiers et les répliques.

        Returns
        -------
        bytes
            Contenu du fichier.
        """
        debut, _ = lire_tete(texte)
        paragraphes = [p for p in texte[debut:].strip("\n").split("\n") if p.strip()]
        if facon == "vtt":
            return _vtt(paragraphes, entretien).encode("utf-8")
        if facon == "srt":
            return _srt(paragraphes).encode("utf-8")
        tete = texte[:debut].strip("\n").split("\n")
        page = _html_tableau(tete, paragraphes) if facon == "docx-tableau" else _html(tete, paragraphes)
        depart = self._pandoc(page, entretien)
        if facon in ("docx-pandoc", "docx-tableau"):
            return _dater(depart.read_bytes())
        if facon == "docx-libreoffice":
            return _dater(self._libreoffice(self._libreoffice(depart, "odt"), "docx").read_bytes())
        return _dater(self._libreoffice(depart, facon).read_bytes())

    def _pandoc(self, page: str, entretien: str) -> Path:
        sortie = self.dossier / f"{entretien}.docx"
        subprocess.run(
            [
                "pandoc",
                "--from",
                "html+empty_paragraphs",
                "--to",
                "docx+empty_paragraphs",
                "--reference-doc",
                str(self.modele),
                "--output",
                str(sortie),
            ],
            input=page,
            text=True,
            check=True,
            env={**os.environ, "SOURCE_DATE_EPOCH": EPOQUE},
        )
        return sortie

    def _libreoffice(self, depart: Path, extension: str) -> Path:
        dossier = depart.parent / extension
        filtre = {"pdf": "pdf:writer_pdf_Export", "odt": "odt:writer8", "docx": "docx:MS Word 2007 XML"}
        subprocess.run(
            [
                "soffice",
                "--headless",
                f"-env:UserInstallation={(self.dossier / 'profil').as_uri()}",
                "--convert-to",
                filtre.get(extension, extension),
                "--outdir",
                str(dossier),
                str(depart),
            ],
            check=True,
            capture_output=True,
            env={**os.environ, "SOURCE_DATE_EPOCH": EPOQUE},
        )
        return dossier / f"{depart.stem}.{extension}"


def _habiller(modele: Path) -> None:
    """Donner au modèle une police libre, un en-tête et des numéros de page, comme un vrai document."""
    import docx
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt

    document = docx.Document(str(modele))
    for polices in document.styles.element.iter(qn("w:rFonts")):
        polices.attrib.clear()
        for alphabet in ("w:ascii", "w:hAnsi", "w:cs", "w:eastAsia"):
            polices.set(qn(alphabet), "Liberation Serif")
    for nom in ("Body Text", "First Paragraph"):
        document.styles[nom].paragraph_format.space_before = Pt(0)
        document.styles[nom].paragraph_format.space_after = Pt(6)
    section = document.sections[0]
    section.header.paragraphs[0].text = "Évaluation des Cités de l'emploi — entretien retranscrit"
    course = section.footer.paragraphs[0].add_run()
    for sorte in ("begin", "", "end"):
        element = OxmlElement("w:fldChar" if sorte else "w:instrText")
        if sorte:
            element.set(qn("w:fldCharType"), sorte)
        else:
            element.text = "PAGE"
        course._r.append(element)
    document.save(str(modele))


def _html(tete: list[str], paragraphes: list[str]) -> str:
    lignes = [*tete, "", *paragraphes]
    return "\n".join(f"<p>{html.escape(ligne)}</p>" for ligne in lignes)


def _html_tableau(tete: list[str], paragraphes: list[str]) -> str:
    rangees = ["<tr><th>Locuteur</th><th>Propos</th></tr>"]
    for paragraphe in paragraphes:
        nom, longueur = _locuteur(paragraphe)
        rangees.append(f"<tr><td>{html.escape(nom)}</td><td>{html.escape(paragraphe[longueur:])}</td></tr>")
    largeurs = '<colgroup><col style="width: 12%"/><col style="width: 88%"/></colgroup>'
    return _html(tete, []) + f"<table>{largeurs}{''.join(rangees)}</table>"


def _locuteur(paragraphe: str) -> tuple[str, int]:
    nom, longueur = etiquette(paragraphe)
    if not nom:
        raise ValueError(f"pas d'étiquette de locuteur : « {paragraphe[:60]} »")
    return nom, longueur


def _repliques(paragraphes: list[str]) -> list[tuple[float, float, str, bool, str]]:
    """(début, fin en secondes, locuteur, ouvre le tour, texte), à un débit constant."""
    repliques = []
    instant = 1.0
    for paragraphe in paragraphes:
        nom, longueur = _locuteur(paragraphe)
        courante: list[str] = []
        morceaux: list[str] = []
        for mot in paragraphe[longueur:].split(" "):
            taille = len(" ".join([*courante, mot]))
            coupe = courante and courante[-1][-1:] in ".?!…;" and taille > SIGNES_PAR_REPLIQUE / 2
            if courante and (taille > SIGNES_PAR_REPLIQUE or coupe):
                morceaux.append(" ".join(courante))
                courante = []
            courante.append(mot)
        morceaux.append(" ".join(courante))
        for rang, morceau in enumerate(morceaux):
            duree = max(0.4, len(morceau.split()) / MOTS_PAR_SECONDE)
            repliques.append((instant, instant + duree, nom, rang == 0, morceau))
            instant += duree
        instant += PAUSE_ENTRE_TOURS
    return repliques


def _temps(secondes: float, virgule: str) -> str:
    milliemes = round(secondes * 1000)
    return (
        f"{milliemes // 3600000:02d}:{milliemes // 60000 % 60:02d}:{milliemes // 1000 % 60:02d}"
        f"{virgule}{milliemes % 1000:03d}"
    )


def _vtt(paragraphes: list[str], entretien: str) -> str:
    """Des sous-titres comme Teams les exporte : identifiant de réplique, `<v Nom>` partout."""
    cle = uuid.uuid5(uuid.NAMESPACE_URL, entretien)
    lignes = ["WEBVTT", ""]
    for rang, (debut, fin, nom, _, texte) in enumerate(_repliques(paragraphes)):
        lignes += [
            f"{cle}/{rang}-0",
            f"{_temps(debut, '.')} --> {_temps(fin, '.')}",
            f"<v {nom}>{html.escape(texte, quote=False)}</v>",
            "",
        ]
    return "\n".join(lignes)


def _srt(paragraphes: list[str]) -> str:
    """Des sous-titres comme Whisper en écrit : « Nom: » à l'ouverture de chaque tour."""
    lignes = []
    for rang, (debut, fin, nom, ouvre, texte) in enumerate(_repliques(paragraphes), 1):
        lignes += [
            str(rang),
            f"{_temps(debut, ',')} --> {_temps(fin, ',')}",
            f"{nom}: {texte}" if ouvre else texte,
            "",
        ]
    return "\n".join(lignes)


def _dater(octets: bytes) -> bytes:
    """Effacer d'un fichier converti les dates et identifiants du jour : mêmes entrées, mêmes octets."""
    if octets.startswith(b"PK"):
        return _dater_archive(octets)
    if octets.startswith(b"{\\rtf"):
        octets = re.sub(rb"\{\\(creatim|revtim|printim)[^{}]*\}", b"", octets)
        return re.sub(rb"\\rsid\d+|\{\\\*\\rsidtbl[^{}]*\}", b"", octets)
    octets = re.sub(rb"/CreationDate\(D:[^)]*\)", b"/CreationDate(D:20230101000000Z)", octets)
    vide = b"<" + b"0" * 32 + b">"
    octets = re.sub(rb"<[0-9A-F]{32}>(\s*)<[0-9A-F]{32}>", vide + rb"\1" + vide, octets)
    return re.sub(rb"/DocChecksum /[0-9A-F]{32}", b"/DocChecksum /" + b"0" * 32, octets)


def _dater_archive(octets: bytes) -> bytes:
    tampon = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(octets)) as lue, zipfile.ZipFile(tampon, "w") as ecrite:
        for membre in lue.infolist():
            contenu = lue.read(membre)
            if membre.filename == "Thumbnails/thumbnail.png":
                continue
            if membre.filename in ("meta.xml", "docProps/core.xml"):
                contenu = re.sub(rb"(\d{4}-\d\d-\d\dT)[\d:.]+Z?(?=<)", b"2023-01-01T00:00:00", contenu)
                contenu = re.sub(rb"(duration>)[^<]*", rb"\1PT0S", contenu)
            if membre.filename == "settings.xml":
                contenu = re.sub(
                    rb'<config:config-item config:name="Rsid(Root)?"[^>]*>\d+</config:config-item>',
                    b"",
                    contenu,
                )
            if membre.filename == "META-INF/manifest.xml":
                contenu = re.sub(rb"\s*<manifest:file-entry[^>]*thumbnail\.png[^>]*/>", b"", contenu)
            fixe = zipfile.ZipInfo(membre.filename, (1980, 1, 1, 0, 0, 0))
            fixe.compress_type = zipfile.ZIP_STORED if membre.filename == "mimetype" else zipfile.ZIP_DEFLATED
            ecrite.writestr(fixe, contenu)
    return tampon.getvalue()
