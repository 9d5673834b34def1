"""Les images des monographies et de la synthèse, relues dans les fichiers."""

from __future__ import annotations

import re
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from etude_rapport import etude_de_demonstration
from lxml import etree
from test_png import points

from restitution.documents import ecrire_documents
from restitution.donnees import DonneesRapport
from restitution.figures import LARGEUR, Figure
from restitution.opendocument import ESPACES

WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
NOMS = ("monographies/T03", "monographies/T07", "synthese")


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    return etude_de_demonstration(territoires=["T03", "T07"])


@pytest.fixture(scope="module")
def ecrits(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("documents")
    ecrire_documents(dossier, donnees, dossier)
    return dossier


def images_docx(chemin: Path) -> list[tuple[str, str, bytes, float]]:
    """Titre, texte de remplacement, octets et largeur (cm) de chaque image, dans l'ordre."""
    doc = Document(str(chemin))
    lues = []
    for cadre in doc.element.body.iter(f"{WP}inline"):
        proprietes, relation = cadre.find(f"{WP}docPr"), next(cadre.iter(f"{A}blip")).get(f"{R}embed")
        lues.append((proprietes.get("title"), proprietes.get("descr"), doc.part.related_parts[relation].blob,
                     int(cadre.find(f"{WP}extent").get("cx")) / 360000))
    return lues


def images_odt(chemin: Path) -> list[tuple[str, str, bytes, float]]:
    archive = zipfile.ZipFile(chemin)
    declares = {entree.get(f"{{{ESPACES['manifest']}}}full-path") for entree in etree.fromstring(
        archive.read("META-INF/manifest.xml"))}
    racine, lues, noms = etree.fromstring(archive.read("content.xml")), [], []
    for cadre in racine.iter(f"{{{ESPACES['draw']}}}frame"):
        cible = cadre.find(f"{{{ESPACES['draw']}}}image").get(f"{{{ESPACES['xlink']}}}href")
        assert cible in declares
        noms.append(cadre.get(f"{{{ESPACES['draw']}}}name"))
        titre, texte = (cadre.findtext(f"{{{ESPACES['svg']}}}{nom}") for nom in ("title", "desc"))
        lues.append((titre, f"{titre}. {texte}", archive.read(cible), float(cadre.get(f"{{{ESPACES['svg']}}}width")[:-2])))
    assert len(set(noms)) == len(noms)
    return lues


@pytest.mark.parametrize("nom", NOMS)
def test_les_deux_formats_portent_les_memes_images_decrites(ecrits: Path, nom: str) -> None:
    docx, odt = images_docx(ecrits / f"{nom}.docx"), images_odt(ecrits / f"{nom}.odt")
    assert [image[:3] for image in docx] == [image[:3] for image in odt] and len(docx) == 3
    titres = [titre for titre, *_ in docx]
    assert titres[:2] == [f"{genre}\u00a0: ce que disent les entretiens" for genre in ("Conditions de réussite", "Obstacles")]
    assert titres[2].endswith("les thèmes dont on parle")
    for (titre, texte, png, large), (*_, autre) in zip(docx, odt, strict=True):
        assert texte.startswith(titre) and len(texte) > len(titre) + 60
        assert large == pytest.approx(autre, abs=0.02) and large <= LARGEUR + 0.01
        vus = points(png)
        assert vus.shape[1] / (large / 2.54) > 200  # points par pouce, à l'impression
        assert (vus < 250).any(axis=2).mean() > 0.01


def test_le_texte_de_remplacement_dit_les_effectifs(ecrits: Path, donnees: DonneesRapport) -> None:
    siennes = donnees.matrice[donnees.matrice["territoire"] == "T03"]
    siennes = siennes.pivot(index="code", columns="modalite", values="entretiens")
    motif, dits = re.compile(r"(\S+) Intitulé[^:]*: présent (\d+), absent (\d+)"), {}
    for _, texte, *_ in images_docx(ecrits / "monographies/T03.docx")[:2]:
        for code, presente, absente in motif.findall(texte.replace("\u00a0", " ")):
            dits[code] = (int(presente), int(absente))
    portes = siennes[siennes.sum(axis=1) > 0]
    assert dits == {str(code): (ligne["presente"], ligne["absente"]) for code, ligne in portes.iterrows()}


def test_une_image_n_est_mise_que_s_il_y_a_de_quoi(donnees: DonneesRapport, tmp_path: Path) -> None:
    conditions = donnees.mentions[donnees.mentions["code"].str.startswith("C")]
    sans = replace(donnees, themes=donnees.themes.head(0), mentions=conditions)
    ecrire_documents(tmp_path, sans, tmp_path)
    for lues in (images_docx(tmp_path / "synthese.docx"), images_odt(tmp_path / "synthese.odt")):
        assert [titre for titre, *_ in lues] == ["Conditions de réussite\u00a0: ce que disent les entretiens"]


def test_les_pseudonymes_valent_aussi_dans_les_images(donnees: DonneesRapport, ecrits: Path, tmp_path: Path) -> None:
    libelle = str(donnees.themes.loc[donnees.themes["portee"] == "T03", "libelle"].iloc[0]).split(" · ")[0]
    (tmp_path / "pseudonymes.csv").write_text(f"forme,remplacement\n{libelle},XXXXX\n", encoding="utf-8")
    ecrire_documents(tmp_path, donnees, tmp_path)
    for lire, suffixe in ((images_docx, "docx"), (images_odt, "odt")):
        avant, apres = (lire(dossier / f"monographies/T03.{suffixe}")[2] for dossier in (ecrits, tmp_path))
        assert libelle in avant[1] and libelle not in apres[1] and "XXXXX" in apres[1]
        assert avant[2] != apres[2]  # ce qui est dessiné l'est aussi


def test_une_figure_trop_haute_est_reduite() -> None:
    longue = Figure.dessiner('<svg xmlns="http://www.w3.org/2000/svg" width="100" height="1000"><title>T</title><desc>D</desc>'
                             "</svg>")
    assert (longue.largeur, longue.hauteur, longue.titre, longue.description) == (2.2, 22.0, "T", "D")
    assert str(longue) == "[T]"


def test_un_gabarit_de_l_etude_peut_poser_une_figure_ou_non(donnees: DonneesRapport, tmp_path: Path) -> None:
    gabarits = tmp_path / "gabarits"
    gabarits.mkdir()
    doc = Document()
    for texte in ("Avant", "{{ figure_themes }}", "{% for g in groupes %}{{ g.intitule }}{% endfor %}"):
        doc.add_paragraph(texte)
    doc.save(str(gabarits / "monographie.docx"))
    ecrire_documents(tmp_path, donnees, tmp_path)
    (image,) = images_docx(tmp_path / "monographies/T03.docx")
    assert image[0].endswith("les thèmes dont on parle")
    assert [p.text for p in Document(str(tmp_path / "monographies/T03.docx")).paragraphs] == [
        "Avant", "", "Conditions de réussiteObstacles"]
