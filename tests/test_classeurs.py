"""Le classeur : ce qu'un tableur y lit, et ce qu'un texte piégé n'y peut pas faire."""

from __future__ import annotations

import datetime
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import odfdo
import pandas as pd
import pytest
from etude_rapport import etude_de_demonstration, execution
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from modeles.stabilite_themes import juger
from restitution.classeurs import ecrire_classeur
from restitution.dictionnaire_constats import FEUILLES as FEUILLES_CONSTATS
from restitution.dictionnaire_textometrie import FEUILLES as FEUILLES_TEXTOMETRIE
from restitution.donnees import DonneesRapport
from restitution.feuilles import LONGUEUR_MAXIMALE, texte_sur

FEUILLES = ["Lisez-moi", "Matrice", "Constats", "Constats par catégorie", "Configurations", "Table de vérité", "Formules",
            "Mentions", "Thèmes", "Thèmes par territoire", "Écarts de thèmes", "Thèmes et codes", "Codes proposés",
            "Classes de Reinert", "Profils de Reinert", "Spécificités", "Similitudes", "AFC", "Saturation", "Entretiens",
            "Dictionnaire"]


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    return etude_de_demonstration(territoires=["T03", "T07"])


@pytest.fixture(scope="module")
def classeur(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chemin = tmp_path_factory.mktemp("classeur") / "tableaux.xlsx"
    ecrire_classeur(chemin, donnees)
    return chemin


def lignes(chemin: Path, feuille: str, entete: int = 1) -> pd.DataFrame:
    valeurs = list(load_workbook(chemin)[feuille].iter_rows(min_row=entete, values_only=True))
    return pd.DataFrame(valeurs[1:], columns=valeurs[0])


def test_les_feuilles_leur_entete_fige_et_leurs_filtres(classeur: Path) -> None:
    lu = load_workbook(classeur)
    assert lu.sheetnames == FEUILLES
    for nom in FEUILLES[2:]:
        feuille = lu[nom]
        assert feuille.freeze_panes == "B2"
        assert (
            feuille.auto_filter.ref
            == f"A1:{feuille.cell(1, feuille.max_column).column_letter}{feuille.max_row}"
        )
        assert all(feuille.column_dimensions[c.column_letter].width > 6 for c in feuille[1])
    assert lu["Matrice"].freeze_panes == "E3"


def test_la_matrice_egale_la_table(donnees: DonneesRapport, classeur: Path) -> None:
    lue = lignes(classeur, "Matrice", entete=2)
    libelles = {"presente": "présente", "absente": "absente", "hypothetique": "hypothétique"}
    par_case = lue.set_index(["nom", "modalite"])
    noms = dict(zip(donnees.territoires["territoire"], donnees.territoires["nom"], strict=True))
    for ligne in donnees.matrice.itertuples():
        assert (
            par_case.loc[(noms[ligne.territoire], libelles[ligne.modalite]), ligne.code] == ligne.entretiens
        )
    for code in ("O11", "C1.4"):
        portes = donnees.mentions[donnees.mentions["code"] == code]["entretien"]
        assert par_case.loc[("Ensemble", "toutes"), code] == portes.nunique()
        du_lieu = portes[portes.str.startswith("T03")].nunique()
        assert par_case.loc[("Département de la Sarvine", "toutes"), code] == du_lieu > 0
    assert set(par_case.loc["Ensemble"]["entretiens"]) == {len(donnees.entretiens)}


def test_les_tables_sont_entieres(donnees: DonneesRapport, classeur: Path) -> None:
    mentions = lignes(classeur, "Mentions")
    assert list(mentions["texte"]) == list(donnees.mentions["texte"])
    assert list(mentions["debut"]) == list(donnees.mentions["debut"])
    assert list(mentions["confiance"]) == list(donnees.mentions["confiance"])
    themes = lignes(classeur, "Thèmes")
    assert len(themes) == len(donnees.themes)
    liens = donnees.themes_phrases[
        (donnees.themes_phrases["portee"] == "T03") & (donnees.themes_phrases["theme"] == "t01")
    ].merge(donnees.phrases, on=["entretien", "phrase"])
    liens = liens.assign(longueur=liens["texte"].str.len())
    liens = liens.sort_values(["poids", "longueur"], ascending=False, kind="stable")
    premiere = liens.iloc[0]
    lu = themes[(themes["portee"] == "Département de la Sarvine") & (themes["theme"] == "t01")].iloc[0]
    assert lu["verbatim 1"] == f"{premiere['texte']} ({premiere['entretien']})"
    assert lu["jugement"] == "stable" and lu["stabilite"] == 0.9
    assert (themes.loc[themes["theme"] == "t03", "jugement"] == "instable").all()
    entretiens = lignes(classeur, "Entretiens").set_index("entretien")
    assert entretiens.loc["T03-E02", "date"] == datetime.datetime(2022, 9, 14)
    portees = donnees.mentions[donnees.mentions["entretien"] == "T03-E02"]
    assert entretiens.loc["T03-E02", "mentions"] == len(portees)
    assert entretiens.loc["T03-E02", "codes"] == portees["code"].nunique()


def test_les_themes_croises_avec_la_grille(donnees: DonneesRapport, classeur: Path) -> None:
    codes = lignes(classeur, "Thèmes et codes")
    table = donnees.themes_codes
    assert table is not None and len(codes) == (table["phrases"] > 0).sum()
    ici = codes[(codes["portee"] == "Département de la Sarvine") & (codes["theme"] == "t01")]
    assert ici["phrases"].is_monotonic_decreasing
    attendus = table[(table["portee"] == "T03") & (table["theme"] == "t01")].set_index("code")["attendu"]
    assert list(ici["attendu"]) == pytest.approx(list(attendus[ici["code"]]))
    assert set(ici["intitule"]) <= {c.intitule for c in donnees.grille}
    proposes = lignes(classeur, "Codes proposés")
    assert donnees.codes_proposes is not None and len(proposes) == len(donnees.codes_proposes) > 0
    premiere = donnees.codes_proposes.iloc[0]
    assert (proposes["portee"][0], proposes["theme"][0]) == ("national", "t03")
    entretien, phrase = premiere["verbatims"].split(";")[0].split(":")
    dite = donnees.phrases[(donnees.phrases["entretien"] == entretien) & (donnees.phrases["phrase"] == phrase)]
    assert proposes["verbatim 1"][0] == f"{dite['texte'].iloc[0]} ({entretien})"


def test_les_themes_par_territoire(donnees: DonneesRapport, classeur: Path) -> None:
    parts, ecarts = lignes(classeur, "Thèmes par territoire"), lignes(classeur, "Écarts de thèmes")
    assert donnees.themes_territoires is not None and donnees.themes_ecarts is not None
    assert list(parts["phrases"]) == list(donnees.themes_territoires["phrases"])
    assert list(parts["part"]) == pytest.approx(list(donnees.themes_territoires["part"]))
    ici = parts[(parts["territoire"] == "Département de la Sarvine") & parts["categorie"].isna()]
    nationaux = donnees.themes[donnees.themes["portee"] == "national"].set_index("theme")["libelle"]
    assert list(ici["libelle"]) == list(nationaux[ici["theme"]]) and len(ici) == len(nationaux)
    assert {"État", "Habitants"} <= set(parts["categorie"].dropna())
    assert list(ecarts["p"]) == pytest.approx(list(donnees.themes_ecarts["p"]))
    assert list(ecarts["etat"]) == list(donnees.themes_ecarts["etat"])
    themes = lignes(classeur, "Thèmes")
    assert set(themes.loc[themes["portee"] != "national", "theme_national"].dropna()) == {"t01"}


def test_le_dictionnaire_decrit_toutes_les_colonnes(donnees: DonneesRapport, classeur: Path) -> None:
    dictionnaire = lignes(classeur, "Dictionnaire")
    for feuille in FEUILLES[1:-1]:
        entete = 2 if feuille == "Matrice" else 1
        decrites = list(dictionnaire[dictionnaire["feuille"] == feuille]["colonne"])
        colonnes = list(lignes(classeur, feuille, entete).columns)
        if feuille == "Matrice":
            decrites.remove("(un code par colonne)")
        if feuille in ("Thèmes", "Codes proposés", "Classes de Reinert"):
            quoi = decrites.pop().split()[0]
            decrites += [f"{quoi} 1", f"{quoi} 2", f"{quoi} 3"]
        assert decrites == colonnes
    for nom, table in donnees.textometrie.items():
        if nom not in FEUILLES_TEXTOMETRIE:
            assert list(dictionnaire[dictionnaire["feuille"] == f"{nom}.csv"]["colonne"]) == list(table.columns)


def test_le_vocabulaire_en_clair(donnees: DonneesRapport, classeur: Path) -> None:
    tables = donnees.textometrie
    classes = lignes(classeur, "Classes de Reinert")
    assert list(classes["libelle"]) == list(tables["classes_reinert"]["libelle"]) and len(classes) >= 2
    segments = tables["segments_reinert"]
    meilleur = segments[segments["classe"] == 1].sort_values("score", ascending=False, kind="stable").iloc[0]
    assert classes["segment 1"][0] == f"{meilleur['texte']} ({meilleur['entretien']})"
    assert classes["jugement"][0] == juger(tables["classes_reinert"]["stabilite"].iloc[0])
    lues = lignes(classeur, "Spécificités")
    assert len(lues) == (tables["specificites"]["score"].abs() >= 2).sum() > 0
    assert {"Département de la Sarvine", "Hautes-Forges", "Habitants"} <= set(lues["partie"])
    arbre = lignes(classeur, "Similitudes")["arbre"].fillna("")
    assert list(arbre == "oui") == list(tables["similitudes"]["arbre"])
    assert lignes(classeur, "AFC")["axe_2"].isna().all()  # deux territoires : un seul axe


def test_les_constats_en_clair(donnees: DonneesRapport, classeur: Path) -> None:
    regards, lus = donnees.constats["regards"], lignes(classeur, "Constats")
    assert list(lus["attendus"]) == pytest.approx(list(regards["attendus"]))
    assert list(lus["entretiens"]) == list(regards["entretiens"])
    assert set(lus["portee"]) == {"national", "Département de la Sarvine", "Hautes-Forges"}
    assert list(lus["retenu"] == "oui") == list(regards["retenu"]) and set(lus["retenu"]) == {"oui", "non"}
    assert lus["intitule"][0] == f"Intitulé du code {regards['code'][0]}"
    par_categorie = lignes(classeur, "Constats par catégorie")
    assert "Habitants" in set(par_categorie["categorie"]) and len(par_categorie) == len(donnees.constats["regards_categories"])
    dictionnaire = lignes(classeur, "Dictionnaire")
    for nom, feuille in FEUILLES_CONSTATS.items():
        expliquees = list(dictionnaire[dictionnaire["feuille"] == feuille]["colonne"])
        assert expliquees == list(lignes(classeur, feuille).columns)
        assert set(expliquees) - {"intitule"} == set(donnees.constats[nom].columns)


def test_lisez_moi_dit_la_provenance_et_les_avertissements(classeur: Path) -> None:
    feuille = load_workbook(classeur)["Lisez-moi"]
    texte = "\n".join(str(v) for ligne in feuille.iter_rows(values_only=True) for v in ligne if v is not None)
    for attendu in (
        "Textes et codages fictifs",
        "9f2c9f2c",
        "T02/T02-E99.docx",
        "« Claire »",
        "0,713",
        "2026-02-03",
    ):
        assert attendu in texte


@pytest.mark.parametrize(
    "piege",
    [
        "=1+1",
        "+33 6",
        "-2 postes",
        "@untel",
        '=HYPERLINK("http://x")',
        "#N/A",
        "\t=1",
        "\r=1",
        "12",
        "2022-01-01",
        "TRUE",
    ],
)
def test_une_phrase_ne_devient_ni_formule_ni_nombre(
    piege: str, donnees: DonneesRapport, tmp_path: Path
) -> None:
    chemin = tmp_path / "piege.xlsx"
    mentions = donnees.mentions.head(2).assign(texte=piege, preuve=piege)
    pieges = replace(donnees, mentions=mentions, titre=piege, execution=execution(avertissements=[piege]))
    ecrire_classeur(chemin, pieges)
    feuille = load_workbook(chemin)["Mentions"]
    colonne = [c.value for c in feuille[1]].index("texte") + 1
    for rang in (2, 3):
        cellule = feuille.cell(rang, colonne)
        assert cellule.data_type == "s"
        assert cellule.value.replace("_x000D_", "\r") == piege
        assert (cellule.number_format == "@") == (piege[0] in "=+-@\t\r")
    with zipfile.ZipFile(chemin) as archive:
        assert not any(b"<f>" in archive.read(n) for n in archive.namelist() if "worksheets" in n)


def test_caracteres_interdits_et_textes_trop_longs() -> None:
    assert texte_sur("a\x00b\x1fc") == "a␀b␟c"
    assert texte_sur("page\x0cligne\x0b") == "page\nligne\n"
    assert texte_sur("seule \ud83d\uffff") == "seule ��"
    assert texte_sur("é\n\t🚌") == "é\n\t🚌"
    assert texte_sur("x" * LONGUEUR_MAXIMALE) == "x" * LONGUEUR_MAXIMALE
    coupe = texte_sur("🚌" * 20_000)
    assert len(coupe.encode("utf-16-le")) // 2 <= LONGUEUR_MAXIMALE
    assert coupe.endswith("[…coupé : une cellule ne peut en contenir plus]") and "🚌" in coupe


@given(st.text())
@settings(deadline=None)
def test_tout_texte_devient_admissible(texte: str) -> None:
    sur = texte_sur(texte)
    assert not ILLEGAL_CHARACTERS_RE.search(sur)
    sur.encode("utf-8")


def test_memes_donnees_memes_octets(donnees: DonneesRapport, classeur: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.xlsx"
    ecrire_classeur(second, donnees)
    assert second.read_bytes() == classeur.read_bytes()
    assert second.with_suffix(".ods").read_bytes() == classeur.with_suffix(".ods").read_bytes()
    proprietes = load_workbook(classeur).properties
    assert proprietes.created == proprietes.modified == datetime.datetime(2026, 2, 3, 9, 5)
    with zipfile.ZipFile(classeur) as archive:
        assert {piece.date_time for piece in archive.infolist()} == {(2026, 2, 3, 9, 5, 0)}


def test_une_date_fausse_laisse_l_ancien_classeur_intact(donnees: DonneesRapport, tmp_path: Path) -> None:
    chemin = tmp_path / "tableaux.xlsx"
    chemin.write_text("ancien")
    with pytest.raises(ValueError, match="hier"):
        ecrire_classeur(chemin, replace(donnees, execution=execution(date="hier")))
    assert chemin.read_text() == "ancien"
    assert [p.name for p in tmp_path.iterdir()] == ["tableaux.xlsx"]


def test_une_analyse_sans_mention_ni_theme_s_ecrit(donnees: DonneesRapport, tmp_path: Path) -> None:
    chemin = tmp_path / "vide.xlsx"
    vide = replace(
        donnees,
        mentions=donnees.mentions.head(0),
        themes=donnees.themes.head(0),
        themes_phrases=donnees.themes_phrases.head(0),
        themes_codes=None,
        textometrie={},
        constats={},
        themes_territoires=None,
        themes_ecarts=None,
        codes_proposes=None if donnees.codes_proposes is None else donnees.codes_proposes.head(0),
        execution={"version": "0.1.0", "date": "2026-02-03T10:00:00+01:00", "codeur": "aucun"},
    )
    ecrire_classeur(chemin, vide)
    lu = load_workbook(chemin)
    assert not {"Thèmes et codes", "Thèmes par territoire", "Écarts de thèmes", "Spécificités", "Constats"} & set(lu.sheetnames)
    assert lu["Codes proposés"].max_row == 1
    assert lu["Mentions"].max_row == 1
    assert lu.properties.created == datetime.datetime(2026, 2, 3, 9, 0)
    assert set(lignes(chemin, "Entretiens")["mentions"]) == {0}


def test_le_ods_a_les_memes_feuilles_et_les_memes_valeurs(classeur: Path) -> None:
    xlsx, ods = load_workbook(classeur), odfdo.Document(classeur.with_suffix(".ods"))
    assert [table.name for table in ods.body.tables] == xlsx.sheetnames
    for table in ods.body.tables:
        attendues = xlsx[table.name].iter_rows(values_only=True)
        for attendue, lue in zip(attendues, table.get_values(), strict=True):
            assert [float(v) if isinstance(v, Decimal) else v for v in lue if v is not None] == [
                v.date() if isinstance(v, datetime.datetime) else v for v in attendue if v is not None]
    assert ods.meta.title == xlsx.properties.title and ods.get_type() == "spreadsheet"


@pytest.mark.parametrize("piege", ["=1+1", "a  b", "  bord  ", "une\nligne\tpuis", "<b>&amp;", "12"])
def test_dans_le_ods_aussi_un_texte_reste_du_texte(piege: str, donnees: DonneesRapport, tmp_path: Path) -> None:
    ecrire_classeur(tmp_path / "piege.xlsx", replace(donnees, mentions=donnees.mentions.head(1).assign(texte=piege)))
    table = odfdo.Document(tmp_path / "piege.ods").body.get_table(name="Mentions")
    cellule = table.get_cell((list(table.get_row_values(0)).index("texte"), 1))
    assert cellule.type == "string" and cellule.get_attribute("table:formula") is None
    assert "\n".join(p.inner_text for p in cellule.get_elements("text:p")) == piege
