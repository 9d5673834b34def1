"""Les monographies et la synthèse : ce qu'elles disent, comment elles l'écrivent, et les gabarits fautifs."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import odfdo
import pandas as pd
import pytest
from docx import Document
from etude_rapport import etude_de_demonstration, etude_minuscule, execution
from lxml import etree

from corpus.fautes import ErreurEtude
from restitution.documents import LIVRES, controler_gabarits, ecrire_documents
from restitution.donnees import DonneesRapport
from restitution.opendocument import ESPACES

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
FICHIERS = {f"{nom}.{format_}" for nom in ("monographies/T03", "monographies/T07", "synthese") for format_ in ("docx", "odt")}


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    return etude_de_demonstration(territoires=["T03", "T07"])


@pytest.fixture(scope="module")
def ecrits(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("documents")
    (dossier / "etude").mkdir()
    rendus = ecrire_documents(dossier, donnees, dossier / "etude")
    assert {chemin.relative_to(dossier).as_posix() for chemin in rendus} == FICHIERS
    return dossier


def tables_docx(chemin: Path) -> list[list[list[str]]]:
    return [[[cellule.text for cellule in ligne.cells] for ligne in table.rows] for table in Document(str(chemin)).tables]


def tables_odt(chemin: Path) -> list[list[list[str]]]:
    racine = etree.fromstring(zipfile.ZipFile(chemin).read("content.xml"))
    noms = {"t": ESPACES["table"]}
    return [[["\n".join("".join(p.itertext()) for p in cellule) for cellule in ligne.findall("t:table-cell", noms)]
             for ligne in table.iterfind(".//t:table-row", noms)] for table in racine.iterfind(".//t:table", noms)]


def texte_docx(chemin: Path) -> str:
    return "\n".join(p.text for p in Document(str(chemin)).paragraphs)


def texte_odt(chemin: Path) -> str:
    racine = etree.fromstring(zipfile.ZipFile(chemin).read("content.xml"))
    return "\n".join("".join(p.itertext()) for p in racine.iter(f"{{{ESPACES['text']}}}p", f"{{{ESPACES['text']}}}h"))


@pytest.mark.parametrize("lire", [tables_docx, tables_odt])
def test_chaque_effectif_du_territoire_egale_la_matrice(
        lire: Callable[[Path], list[list[list[str]]]], ecrits: Path, donnees: DonneesRapport) -> None:
    lues = lire(ecrits / "monographies" / ("T03.docx" if lire is tables_docx else "T03.odt"))
    par_code = {ligne[0]: ligne for table in lues if table[0][0] == "Code" and len(table[0]) == 7 for ligne in table[1:]}
    assert list(par_code) == [code.code for code in donnees.grille]
    siennes = donnees.matrice[donnees.matrice["territoire"] == "T03"]
    attendus = siennes.pivot(index="code", columns="modalite", values="entretiens")
    categories = donnees.mentions.merge(donnees.entretiens, on="entretien").query("territoire == 'T03'").groupby(
        "code")["categorie"].nunique()
    for code, ligne in par_code.items():
        assert ligne[2:5] == [str(attendus.loc[code, modalite]) for modalite in ("presente", "absente", "hypothetique")]
        assert ligne[5] == str(categories.get(code, 0))


@pytest.mark.parametrize("lire", [tables_docx, tables_odt])
def test_la_matrice_de_la_synthese_egale_la_table(
        lire: Callable[[Path], list[list[list[str]]]], ecrits: Path, donnees: DonneesRapport) -> None:
    lues = lire(ecrits / ("synthese.docx" if lire is tables_docx else "synthese.odt"))
    matrices = [table for table in lues if table[0][0] == "Territoire" and "Échelle" not in table[0]]
    presentes = donnees.matrice[donnees.matrice["modalite"] == "presente"].set_index(["territoire", "code"])["entretiens"]
    vus = []
    for matrice in matrices:
        for rang, code in enumerate(matrice[0][1:], 1):
            colonne = [ligne[rang].replace("–", "0") for ligne in matrice[1:]]
            effectifs = [presentes["T03", code], presentes["T07", code]]
            assert [int(n) for n in colonne] == [*effectifs, sum(effectifs)]
            vus.append(code)
    assert vus == [code.code for code in donnees.grille]
    menes = (donnees.entretiens["territoire"] == "T03").sum()
    assert matrices[0][1][0] == f"Département de la Sarvine ({menes})"


def test_les_deux_formats_disent_la_meme_chose(ecrits: Path) -> None:
    for nom in ("monographies/T07", "synthese"):
        assert tables_docx(ecrits / f"{nom}.docx") == tables_odt(ecrits / f"{nom}.odt")
        docx = [ligne for ligne in texte_docx(ecrits / f"{nom}.docx").split("\n") if ligne]
        odt = texte_odt(ecrits / f"{nom}.odt").split("\n")
        assert len(docx) > 60 and set(docx) <= set(odt)


def test_chaque_verbatim_est_une_phrase_codee_et_dit_d_ou_il_vient(ecrits: Path, donnees: DonneesRapport) -> None:
    paragraphes = Document(str(ecrits / "monographies/T03.docx")).paragraphs
    cites = [(p.text, suivant.text) for p, suivant in zip(paragraphes, paragraphes[1:], strict=False)
             if p.style.name == "Citation parlée"]
    phrases = donnees.phrases.set_index(["entretien", "phrase"])
    codees = set(zip(donnees.mentions["entretien"], donnees.mentions["phrase"], strict=True))
    masques = 0
    for texte, source in cites:
        lue = re.fullmatch(r"(T03-E\d+), .*, tour (\d+), phrase (p\d+)", source)
        assert lue, source
        ligne = phrases.loc[(lue[1], lue[3])]
        assert (lue[1], lue[3]) in codees and ligne["tour"] == int(lue[2])
        morceaux = re.split(r"\[\w+\]", texte)
        masques += len(morceaux) - 1
        dits = [re.findall(r"\w+", morceau) for morceau in morceaux]
        position, mots = 0, re.findall(r"\w+", ligne["texte"])
        for suite in dits:  # mêmes mots, dans l'ordre, hors ce qui est masqué
            while suite and mots[position:position + len(suite)] != suite:
                position += 1
                assert position < len(mots), texte
            position += len(suite)
    assert len(cites) >= 20


def test_typographie_partout_meme_dans_le_texte_du_gabarit(ecrits: Path) -> None:
    for lire, extension in ((texte_docx, "docx"), (texte_odt, "odt")):
        texte = lire(ecrits / f"monographies/T03.{extension}")
        assert not re.search(r"\w [;!?:»]|« |\w'\w|\d %|\.\.\.", texte)
        assert "\u202f;" in texte and "\u00a0:" in texte and "’" in texte


def test_titres_langue_et_entetes_de_tableaux(ecrits: Path) -> None:
    for nom in ("monographies/T03", "synthese"):
        doc = Document(str(ecrits / f"{nom}.docx"))
        niveaux = [int(p.style.name[-1]) for p in doc.paragraphs if p.style.name.startswith("Heading")]
        assert niveaux[0] == 1 and all(apres <= avant + 1 for avant, apres in zip(niveaux, niveaux[1:], strict=False))
        assert all(table.rows[0]._tr.find(f"{W}trPr/{W}tblHeader") is not None for table in doc.tables)
        assert {langue.get(f"{W}val") for langue in doc.styles.element.iter(f"{W}lang")} == {"fr-FR"}
        assert doc.core_properties.language == "fr-FR" and doc.core_properties.title
        archive = zipfile.ZipFile(ecrits / f"{nom}.odt")
        contenu, styles = (etree.fromstring(archive.read(piece)) for piece in ("content.xml", "styles.xml"))
        tables = list(contenu.iter(f"{{{ESPACES['table']}}}table"))
        assert all(table.find(f"{{{ESPACES['table']}}}table-header-rows") is not None for table in tables)
        titres = [int(h.get(f"{{{ESPACES['text']}}}outline-level")) for h in contenu.iter(f"{{{ESPACES['text']}}}h")]
        assert [n for n in titres if n < 9] == niveaux
        assert {n.get(f"{{{ESPACES['fo']}}}language") for n in styles.iter() if n.get(f"{{{ESPACES['fo']}}}language")} == {"fr"}


def test_provenance_et_limites(ecrits: Path, donnees: DonneesRapport, tmp_path: Path) -> None:
    provenance = dict(tables_docx(ecrits / "monographies/T03.docx")[-1][1:])
    assert provenance["Codeur"] == "machine:0.1.0" and provenance["Données arrêtées au"] == "3\u00a0février 2026"
    assert provenance["Part codée par des humains"].startswith("0\u00a0%")
    assert provenance["Accord de la machine et des humains"].startswith("inconnu")
    assert "κ" not in texte_docx(ecrits / "monographies/T03.docx")
    juge = replace(
        donnees, mentions=donnees.mentions.assign(codeur=["MD"] * 10 + ["machine:1"] * (len(donnees.mentions) - 10)),
        execution=execution(
            codage_humain={"entretiens": ["T03-E01"], "codeurs": ["MD"], "kappa": 0.614, "bas": None, "haut": None,
                           "appris": True},
            justesse_du_codeur={"entretiens": 135, "precision": 0.456, "rappel": 0.52,
                                "kappa": {"valeur": 0.4806, "bas": 0.464, "haut": 0.497}}))
    ecrire_documents(tmp_path, juge, tmp_path)
    provenance = dict(tables_odt(tmp_path / "synthese.odt")[-1][1:])
    part = f"{100 * 10 / len(donnees.mentions):.0f}"
    dite = provenance["Part codée par des humains"]
    assert dite.startswith(f"{part}\u00a0%") and dite.endswith("MD")
    assert provenance["Accord de la machine et des humains"].startswith("κ = 0,61 sur 1\u00a0entretien\u202f; flatteur")
    assert "κ = 0,48 [0,46\u202f; 0,50]" in texte_odt(tmp_path / "synthese.odt")


def test_memes_donnees_memes_octets(ecrits: Path, donnees: DonneesRapport, tmp_path: Path) -> None:
    ecrire_documents(tmp_path, donnees, tmp_path)
    for fichier in FICHIERS:
        assert (tmp_path / fichier).read_bytes() == (ecrits / fichier).read_bytes()
    for fichier in ("synthese.docx", "synthese.odt"):
        with zipfile.ZipFile(tmp_path / fichier) as archive:
            assert {piece.date_time for piece in archive.infolist()} == {(2026, 2, 3, 9, 5, 0)}
    assert zipfile.ZipFile(tmp_path / "synthese.odt").infolist()[0].filename == "mimetype"
    assert odfdo.Document(tmp_path / "synthese.odt").get_type() == "text"


def test_les_pseudonymes_s_appliquent_partout(donnees: DonneesRapport, tmp_path: Path) -> None:
    (tmp_path / "pseudonymes.csv").write_text("forme,remplacement\nDépartement de la Sarvine,Territoire A\n", encoding="utf-8")
    ecrire_documents(tmp_path, donnees, tmp_path)
    for fichier in FICHIERS:
        with zipfile.ZipFile(tmp_path / fichier) as archive:
            tout = "".join(archive.read(n).decode("utf-8", "replace") for n in archive.namelist() if n.endswith(".xml"))
        assert "Département de la Sarvine" not in tout
    assert Document(str(tmp_path / "monographies/T03.docx")).paragraphs[0].text == "Territoire A"


def gabarit_docx(chemin: Path, *paragraphes: str) -> None:
    doc = Document()
    for paragraphe in paragraphes:
        doc.add_paragraph(paragraphe)
    chemin.parent.mkdir(exist_ok=True)
    doc.save(str(chemin))


def gabarit_odt(chemin: Path, corps: str) -> None:
    """Le gabarit livré, son corps remplacé."""
    chemin.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(LIVRES / "monographie.odt") as livre, zipfile.ZipFile(chemin, "w") as sien:
        for nom in livre.namelist():
            octets = livre.read(nom)
            if nom == "content.xml":
                octets = re.sub(rb"(<office:text[^>]*>).*(</office:text>)",
                                lambda trouve: trouve[1] + corps.encode() + trouve[2], octets, flags=re.DOTALL)
            sien.writestr(nom, octets)


def test_le_gabarit_de_l_etude_passe_avant_celui_livre(donnees: DonneesRapport, tmp_path: Path) -> None:
    gabarit_docx(tmp_path / "gabarits/monographie.docx", "Ici : {{ territoire.nom }} & <rien>", "{%p for g in groupes %}",
                 "{{ g.intitule }}", "{%p endfor %}")
    gabarit_odt(tmp_path / "gabarits/monographie.odt", "<text:p>Ici : {{ terri<text:span>toire.nom</text:span> }} &amp; "
                "&lt;rien&gt;</text:p><text:p>{%p for g in groupes if g.constats|length &gt; 0 %}</text:p>"
                "<text:p>{{ g.intitule }}</text:p>"
                "<text:p>{%p endfor %}</text:p>")
    assert controler_gabarits(tmp_path) == []
    ecrire_documents(tmp_path, donnees, tmp_path)
    attendu = ["Ici\u00a0: Hautes-Forges & <rien>", "Conditions de réussite", "Obstacles"]
    assert [p.text for p in Document(str(tmp_path / "monographies/T07.docx")).paragraphs] == attendu
    assert texte_odt(tmp_path / "monographies/T07.odt").split("\n") == attendu
    assert "Provenance" in texte_docx(tmp_path / "synthese.docx")


@pytest.mark.parametrize(("texte", "message"), [
    ("{{ teritoire.nom }}", "variable inconnue « teritoire »"),
    ("{% for x in themes %}{{ x.libelle }}", "balise mal écrite"),
    ("{{ themes | inconnu }}", "balise mal écrite"),
])
@pytest.mark.parametrize("format_", ["docx", "odt"])
def test_un_gabarit_fautif_se_voit_avant_l_analyse(texte: str, message: str, format_: str, tmp_path: Path) -> None:
    chemin = tmp_path / f"gabarits/monographie.{format_}"
    gabarit_docx(chemin, texte) if format_ == "docx" else gabarit_odt(chemin, f"<text:p>{texte}</text:p>")
    (faute,) = controler_gabarits(tmp_path)
    assert faute.fichier == f"gabarits/monographie.{format_}" and faute.message.startswith(message)
    if "teritoire" in texte:
        assert faute.remede == "vouliez-vous dire « territoire » ?"


@pytest.mark.parametrize(("texte", "message"), [
    ("{{ territoire.nmo }}", "variable inconnue « nmo »"),
    ("{{ 1 / 0 }}", "une expression ne peut pas être calculée"),
    ("{{ ''.__class__.__mro__ }}", "une expression ne peut pas être calculée"),
])
@pytest.mark.parametrize("format_", ["docx", "odt"])
def test_un_gabarit_fautif_au_remplissage_est_une_erreur_claire(
        texte: str, message: str, format_: str, donnees: DonneesRapport, tmp_path: Path) -> None:
    chemin = tmp_path / f"gabarits/monographie.{format_}"
    gabarit_docx(chemin, texte) if format_ == "docx" else gabarit_odt(chemin, f"<text:p>{texte}</text:p>")
    with pytest.raises(ErreurEtude) as erreur:
        ecrire_documents(tmp_path, donnees, tmp_path)
    assert erreur.value.fautes[0].fichier == f"gabarits/monographie.{format_}"
    assert erreur.value.fautes[0].message.startswith(message)


def test_fichiers_abimes_et_noms_inconnus(tmp_path: Path) -> None:
    (tmp_path / "gabarits").mkdir()
    for nom in ("monographie.docx", "monographie.odt"):
        (tmp_path / "gabarits" / nom).write_bytes(b"pas un zip")
    shutil.copy(LIVRES / "synthese.docx", tmp_path / "gabarits" / "synthese.odt")
    (tmp_path / "gabarits" / "Monographies.docx").write_bytes(b"")
    fautes = {faute.fichier: faute.message for faute in controler_gabarits(tmp_path)}
    assert fautes["gabarits/Monographies.docx"] == "gabarit inconnu"
    assert {nom for nom, message in fautes.items() if "lisible" in message} == {
        "gabarits/monographie.docx", "gabarits/monographie.odt", "gabarits/synthese.odt"}


@pytest.mark.parametrize("texte", ["</w:t> {{ 1 }} & <b>", "=1+1 {% raw %}", "fini\x00\x0c", "🚌 « été »"])
def test_un_texte_piege_reste_du_texte(texte: str, tmp_path: Path) -> None:
    donnees = etude_minuscule([texte] * 3)
    donnees.entretiens["categorie"] = "habitant"
    ecrire_documents(tmp_path, donnees, tmp_path)
    titre = Document(str(tmp_path / "monographies/A.docx")).paragraphs[0].text
    assert re.findall(r"\w", titre) == re.findall(r"\w", texte) or "\x00" in texte
    assert texte_odt(tmp_path / "monographies/A.odt").split("\n")[0].split() == titre.split()


def test_une_etude_sans_mention_ni_theme_ni_variable(donnees: DonneesRapport, tmp_path: Path) -> None:
    vide = replace(donnees, mentions=donnees.mentions.head(0), themes=donnees.themes.head(0), constats={},
                   themes_phrases=donnees.themes_phrases.head(0), territoires=donnees.territoires.head(0),
                   entretiens=donnees.entretiens.assign(categorie="", date=pd.NA, fonction=pd.NA),
                   execution={"version": "0.1.0", "date": "2026-02-03", "codeur": "aucun"})
    ecrire_documents(tmp_path, vide, tmp_path)
    assert "Trop peu évoquée (13)" in texte_docx(tmp_path / "monographies/T03.docx")
    assert "Non précisée" in str(tables_docx(tmp_path / "synthese.docx"))
    octets = (tmp_path / "synthese.docx").read_bytes()
    archive = zipfile.ZipFile(io.BytesIO(octets))
    assert archive.testzip() is None and not any(nom.startswith("word/media") for nom in archive.namelist())
    assert "les regards n’ont pas été croisés" in texte_docx(tmp_path / "monographies/T03.docx")


def test_des_territoires_qui_se_confondent_ont_chacun_leur_fichier(donnees: DonneesRapport, tmp_path: Path) -> None:
    noms = {"T03": "Nord/Est", "T07": "nord est"}
    deux = replace(donnees, territoires=donnees.territoires.assign(territoire=donnees.territoires["territoire"].map(noms)),
                   entretiens=donnees.entretiens.assign(territoire=donnees.entretiens["territoire"].map(noms)))
    ecrits = ecrire_documents(tmp_path, deux, tmp_path)
    assert {chemin.name for chemin in ecrits if chemin.suffix == ".odt"} == {"Nord_Est.odt", "nord_est-2.odt", "synthese.odt"}
