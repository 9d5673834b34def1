"""Les grilles en codes REFI-QDA : QDC, autres logiciels, noms quelconques."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from codage.qdpx import ecrire_qdc
from codage.qdpx_lecture import lire_qdc
from extraction.ecriture_grille import en_yaml
from extraction.grille import Grille
from tests.projets_refi import GRILLE, dossier_provisoire, valider


@pytest.mark.parametrize("nom", ["cites_emploi", "cites_educatives"])
def test_grille_qdc(tmp_path: Path, nom: str) -> None:
    grille = Grille.livree(nom)
    ecrire_qdc(tmp_path / "g.qdc", grille)
    valider(tmp_path / "g.qdc", "Codebook.xsd")
    lue = lire_qdc(tmp_path / "g.qdc")
    assert lue.grille == grille and lue.remarques == ()
    (tmp_path / "g.yaml").write_text(en_yaml(grille), encoding="utf-8")
    assert Grille.charger(tmp_path / "g.yaml").empreinte == grille.empreinte


def test_grille_sans_son_ensemble(tmp_path: Path) -> None:
    """QualCoder ne garde pas les ensembles de codes : identifiants, familles et définitions survivent."""
    ecrire_qdc(tmp_path / "g.qdc", GRILLE)
    racine = etree.parse(str(tmp_path / "g.qdc"))
    racine.getroot().remove(racine.getroot()[1])
    racine.write(str(tmp_path / "h.qdc"))
    lue = lire_qdc(tmp_path / "h.qdc").grille
    assert lue is not None
    champs = ("code", "intitule", "definition", "inclusions", "exclusions", "mots", "exemples", "couleur")
    for champ in champs:
        assert [getattr(c, champ) for c in lue] == [getattr(c, champ) for c in GRILLE], champ
    assert {f.intitule for f in lue.familles} >= {"Conditions de réussite / Actions adaptées", "Obstacles"}


def test_grille_retouchee_ailleurs(tmp_path: Path) -> None:
    """Un code ajouté, un renommé, un déplacé dans un autre logiciel : la tête de la grille est gardée."""
    ecrire_qdc(tmp_path / "g.qdc", GRILLE)
    texte = (tmp_path / "g.qdc").read_text(encoding="utf-8")
    texte = texte.replace('name="O01 Crédits', 'name="O01 Budgets').replace(
        "</Codes>", '<Code guid="abcdabcd-abcd-abcd-abcd-abcdabcdabcd" name="Rumeurs" isCodable="true"/></Codes>')
    (tmp_path / "g.qdc").write_text(texte, encoding="utf-8")
    lue = lire_qdc(tmp_path / "g.qdc").grille
    assert lue is not None and lue["O01"].intitule.startswith("Budgets") and lue.regles == GRILLE.regles
    assert lue["Rumeurs"].intitule == "Rumeurs" and [c.code for c in lue][:-1] == [c.code for c in GRILLE]


def test_etiquettes_plates_de_taguette(tmp_path: Path) -> None:
    """Le QDC de Taguette : des noms à plat, un bloc Sets vide."""
    (tmp_path / "t.qdc").write_text(
        '<?xml version="1.0" encoding="utf-8"?>\n<CodeBook xmlns="urn:QDA-XML:codebook:1.0" origin="Taguette 1.5"><Codes>'
        '<Code guid="0D62985D-B147-5D01-A9B5-CAE5DCD98342" name="bus" isCodable="true"/>'
        '<Code guid="DFE5C38E-9449-5959-A1F7-E3D895CFA87F" name="bus · Absente" isCodable="true"/></Codes><Sets/></CodeBook>',
        encoding="utf-8")
    lue = lire_qdc(tmp_path / "t.qdc")
    assert lue.grille is not None and [c.code for c in lue.grille] == ["bus"]
    assert sorted(lue.poses.values()) == [("bus", ""), ("bus", "absente")]


@pytest.mark.parametrize(("avant", "apres"), [
    ("modalites:\n", "modalites: oui\nautres:\n"), ("intitule: ", "nom: "), ("genres:\n", "genres: []\nx:\n"),
    ("identifiant: ", "identifiant: ["), ("presente:", "present:"), ("familles:\n", "familles: a\ny:\n")])
def test_tete_abimee_laissee_de_cote(tmp_path: Path, avant: str, apres: str) -> None:
    ecrire_qdc(tmp_path / "g.qdc", GRILLE)
    texte = (tmp_path / "g.qdc").read_text(encoding="utf-8")
    devant, balise, tete = texte.rpartition("<Description>")
    assert avant in tete
    (tmp_path / "g.qdc").write_text(devant + balise + tete.replace(avant, apres), encoding="utf-8")
    lue = lire_qdc(tmp_path / "g.qdc").grille
    assert lue is not None and lue.titre == "g" and {c.code for c in lue} == {c.code for c in GRILLE}


def test_description_d_ailleurs_rien_ne_se_perd(tmp_path: Path) -> None:
    """Un titre de section suivi d'autre chose que des puces reste du texte."""
    (tmp_path / "t.qdc").write_text(
        '<CodeBook xmlns="urn:QDA-XML:codebook:1.0"><Codes><Code guid="0D62985D-B147-5D01-A9B5-CAE5DCD98342" name="bus" '
        'isCodable="true" color="#abc"><Description>Le bus.\n\nMots :\n– ligne 4\narrêt, horaire\n</Description></Code></Codes>'
        '</CodeBook>', encoding="utf-8")
    lue = lire_qdc(tmp_path / "t.qdc").grille
    assert lue is not None
    assert (lue["bus"].definition, lue["bus"].mots, lue["bus"].couleur) == ("Le bus. arrêt, horaire", ("ligne 4",), "#AABBCC")


NOMS = st.text(st.sampled_from("abCÉ1. ·:–-😀\u00a0<"), min_size=1, max_size=12)


@given(st.lists(st.tuples(NOMS, st.sampled_from(["", "Un texte.\nMots :\n– x\n– ", "Mots :"])), min_size=1, max_size=8))
def test_codes_d_ailleurs_donnent_une_grille(codes: list[tuple[str, str]]) -> None:
    """Quels que soient les noms : une grille juste, qui se relit en YAML et survit à un aller-retour."""
    racine = etree.Element("CodeBook", nsmap={None: "urn:QDA-XML:codebook:1.0"})
    parent = etree.SubElement(racine, "Codes")
    for rang, (nom, description) in enumerate(codes):
        code = etree.SubElement(parent, "Code", guid=f"{rang:08d}-0000-0000-0000-000000000000", name=nom, isCodable="true")
        etree.SubElement(code, "Description").text = description
        parent = code if rang % 3 else parent
    with dossier_provisoire() as dossier:
        (dossier / "a.qdc").write_bytes(etree.tostring(racine))
        lue = lire_qdc(dossier / "a.qdc")
        assert lue.grille is not None and len(lue.poses) == len(codes)
        assert {code for code, _ in lue.poses.values()} == {code.code for code in lue.grille}
        (dossier / "g.yaml").write_text(en_yaml(lue.grille), encoding="utf-8")
        assert Grille.charger(dossier / "g.yaml") == lue.grille
        ecrire_qdc(dossier / "b.qdc", lue.grille)
        assert lire_qdc(dossier / "b.qdc").grille == lue.grille
