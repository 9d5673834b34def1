"""Ce que les documents ajoutent aux constats : qui dit quoi, parts estimées, questionnaire."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from docx import Document
from echantillon_d_essai import avec_estimations, national
from etude_rapport import etude_de_demonstration
from test_documents import tables_docx, tables_odt, texte_docx, texte_odt

from corpus.questionnaire import lire_questionnaire
from corpus.references import DEMONSTRATION
from evaluation.rapprochement import INDECIS, etudier
from restitution.complements import tableaux_des_estimations, tableaux_des_regards, tableaux_du_questionnaire
from restitution.documents import ecrire_documents
from restitution.donnees import DonneesRapport
from restitution.tableaux import Tableau


@pytest.fixture(scope="module")
def nue() -> DonneesRapport:
    return etude_de_demonstration(territoires=["T03", "T07"])


@pytest.fixture(scope="module")
def donnees(nue: DonneesRapport) -> DonneesRapport:
    """La même, estimée d'après un échantillon, et son questionnaire."""
    codes = [code.code for code in nue.grille]
    lu = lire_questionnaire(DEMONSTRATION, codes)
    assert lu is not None
    return replace(avec_estimations(nue), questionnaire=etudier(lu, nue.mentions, nue.entretiens, codes, {}))


def nu(texte: str) -> str:
    """Le texte, toutes ses espaces ordinaires."""
    return re.sub(r"\s", " ", texte)


def codes_de(tableau: Tableau) -> list[str]:
    return [ligne[0].texte.split()[0] for ligne in tableau.lignes]


@pytest.mark.parametrize("portee", ["national", "T03"])
def test_qui_dit_quoi_dit_la_table(nue: DonneesRapport, portee: str) -> None:
    tableaux = tableaux_des_regards(nue, portee)
    assert [t.titre for t in tableaux] == ["Qui dit quoi : conditions de réussite", "Qui dit quoi : obstacles"]
    regards = nue.constats["regards"]
    siens = regards[(regards["portee"] == portee) & (regards["entretiens"] > 0)].set_index("code")
    assert sorted(code for t in tableaux for code in codes_de(t)) == sorted(siens.index)
    for tableau in tableaux:
        attendus = siens.loc[codes_de(tableau), "attendus"]
        assert attendus.is_monotonic_decreasing
        for ligne in tableau.lignes:
            regard = siens.loc[ligne[0].texte.split()[0]]
            assert len(ligne) == len(tableau.entetes) == (6 if portee == "national" else 5)
            assert ligne[1].texte.startswith(f"{regard['entretiens']} sur {regard['sur']} : {100 * regard['part']:.0f}")
            assert ligne[2].texte.startswith(f"{regard['appuyees']} sur ")
            assert f"dont {regard['hors_pilotage']} hors" in ligne[2].texte
            if portee == "national":
                assert ligne[3].texte == f"{regard['territoires']} sur 2"
            assert ligne[-2].texte.startswith(regard["accord"] or ("voix isolée" if regard["voix_isolee"] else "–"))
            assert ligne[-1].texte == ("oui" if regard["retenu"] else f"non : {regard['raison']}")


def test_une_divergence_dit_si_le_hasard_en_ferait_autant(nue: DonneesRapport) -> None:
    regards = nue.constats["regards"].copy()
    ici = regards.index[(regards["portee"] == "national") & (regards["entretiens"] > 3)][:3]
    regards.loc[ici[2], ["accord", "ecart", "p"]] = ["divergence", 0.5, 1.0]
    regards.loc[ici[0], ["accord", "ecart", "p"]] = ["divergence", 0.8, 0.004]
    regards.loc[ici[1], ["accord", "voix_isolee", "entretiens"]] = ["", "entretien", 1]
    tableaux = tableaux_des_regards(replace(nue, constats={**nue.constats, "regards": regards}), "national")
    dits = {ligne[0].texte.split()[0]: ligne[4].texte for t in tableaux for ligne in t.lignes}
    assert dits[regards.loc[ici[0], "code"]] == "divergence, écart 0,80 (p = 0,004)"
    assert dits[regards.loc[ici[1], "code"]] == "voix isolée : un entretien"
    assert dits[regards.loc[ici[2], "code"]] == "divergence non établie, écart 0,50 (p = 1,00)"


def test_les_parts_estimees_a_cote_du_comptage_brut(donnees: DonneesRapport) -> None:
    table = donnees.estimations
    assert table is not None
    presents, absents = tableaux_des_estimations(donnees, "national")[:1], tableaux_des_estimations(donnees, "national")[1:]
    (tableau,) = presents
    assert tableau.titre == "Parts estimées : entretiens qui le disent présent"
    assert all(t.titre.endswith("absent") for t in absents)
    lignes = national(table, "presente")
    corriges = lignes[lignes["conclusion"] == "corrigé"]
    assert len(corriges) > 3 and sorted(codes_de(tableau)) == sorted(corriges.index)
    assert corriges.loc[codes_de(tableau), "corrige"].is_monotonic_decreasing
    for ligne in tableau.lignes:
        vue = corriges.loc[ligne[0].texte.split()[0]]
        assert [nu(case.texte) for case in ligne[1:4]] == [
            f"{100 * vue['brut']:.0f} %", f"{100 * vue['corrige']:.0f} %",
            f"[{100 * vue['corrige_bas']:.0f} ; {100 * vue['corrige_haut']:.0f}]"]
        assert ligne[1].forte == (vue["brut"] < vue["corrige_bas"] or vue["brut"] > vue["corrige_haut"])
        assert ligne[4].texte.startswith(f"{vue['portent']} sur {vue['tirees']} :")
    # La machine d'essai oublie : ses parts sont trop basses, l'estimation les relève.
    assert (corriges["corrige"] > corriges["brut"]).mean() > 0.7
    trop_peu = len(lignes) - len(corriges)
    assert f"{trop_peu}\u00a0autres codes : trop peu" in tableau.note


def test_ce_qui_manque_se_dit(nue: DonneesRapport, donnees: DonneesRapport) -> None:
    (sans,) = tableaux_des_estimations(nue, "national")
    assert sans.lignes == () and sans.note.startswith("Aucun échantillon n'a été codé à la main")
    (inacheve,) = tableaux_des_estimations(
        replace(nue, execution=nue.execution | {"echantillon": {"absent": "phrases non codées : 2"}}), "T03")
    assert "ne permet pas encore d'estimer : phrases non codées : 2." in inacheve.note
    assert tableaux_des_estimations(replace(nue, mentions=nue.mentions.assign(codeur="MD")), "national") == []
    table = donnees.estimations
    assert table is not None
    (peu,) = tableaux_des_estimations(replace(donnees, estimations=table.assign(conclusion="trop peu")), "T07")
    assert peu.lignes == () and "sur ce territoire" in peu.note
    assert tableaux_du_questionnaire(nue, "national") == []
    assert tableaux_des_regards(replace(nue, constats={}), "national") == []
    (muette,) = tableaux_du_questionnaire(donnees, "ailleurs")
    assert muette.lignes == () and "n'a pas répondu" in muette.note


@pytest.mark.parametrize("portee", ["national", "T03"])
def test_le_questionnaire_confirme_nuance_contredit(donnees: DonneesRapport, portee: str) -> None:
    bilan = donnees.questionnaire
    assert bilan is not None
    (tableau,) = tableaux_du_questionnaire(donnees, portee)
    siens = bilan.rapprochement[bilan.rapprochement["portee"] == portee].set_index("code")
    conclus = siens[siens["verdict"] != INDECIS]
    assert sorted(codes_de(tableau)) == sorted(conclus.index) and len(conclus)
    for ligne in tableau.lignes:
        vue = conclus.loc[ligne[0].texte.split()[0]]
        assert ligne[1].texte == (
            f"{vue['entretiens_presente']} présent, {vue['entretiens_absente']} absent : {vue['sens_entretiens']}")
        assert ligne[2].texte.startswith(f"{100 * vue['part_questionnaire']:.0f}\u00a0%")
        assert (" [" in ligne[2].texte) == (portee == "national")
        assert ligne[3].texte == vue["verdict"]
    assert f"onfirme : {(siens['verdict'] == 'confirme').sum()}, " in tableau.note
    assert f"{INDECIS} : {(siens['verdict'] == INDECIS).sum()}" in tableau.note


@pytest.fixture(scope="module")
def ecrits(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = tmp_path_factory.mktemp("documents")
    ecrire_documents(dossier, donnees, dossier)
    return dossier


@pytest.mark.parametrize("nom", ["monographies/T03", "synthese"])
def test_les_documents_les_contiennent(donnees: DonneesRapport, ecrits: Path, nom: str) -> None:
    portee = "national" if nom == "synthese" else "T03"
    attendus = [*tableaux_des_regards(donnees, portee), *tableaux_des_estimations(donnees, portee),
                *tableaux_du_questionnaire(donnees, portee)]
    blancs = re.compile(r"\s")
    lues = {lire: [[[blancs.sub(" ", case) for case in ligne] for ligne in table] for table in lire(ecrits / f"{nom}{suffixe}")]
            for lire, suffixe in ((tables_docx, ".docx"), (tables_odt, ".odt"))}
    for tableau in attendus:
        if tableau.lignes:
            voulu = [[blancs.sub(" ", case.texte).replace("'", "’") for case in ligne] for ligne in tableau.lignes]
            entetes = [entete.replace("'", "’") for entete in tableau.entetes]
            for tables in lues.values():
                trouvees = [table[1:] for table in tables if table[0] == entetes and table[1:] == voulu]
                assert len(trouvees) == 1, tableau.titre
    for texte in (texte_docx(ecrits / f"{nom}.docx"), texte_odt(ecrits / f"{nom}.odt")):
        sans_fine = blancs.sub(" ", texte)
        assert all(blancs.sub(" ", t.titre).replace("'", "’") in sans_fine for t in attendus)
    titres = [p.text for p in Document(str(ecrits / f"{nom}.docx")).paragraphs if p.style.name == "Heading 1"]
    assert titres.index("Points de vue") < titres.index("Thèmes") < titres.index("Ce que le questionnaire en dit") < titres.index(
        "Limites")


def test_la_provenance_dit_le_tirage(ecrits: Path, donnees: DonneesRapport) -> None:
    provenance = dict(tables_docx(ecrits / "synthese.docx")[-1][1:])
    taille = donnees.execution["echantillon"]["taille"]
    assert provenance["Échantillon codé à la main"].replace("\u00a0", " ") == (
        f"{taille} entretiens tirés au sort (plan simple), confiances de machine:0.1.0")
