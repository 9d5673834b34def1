"""Lire un questionnaire : CSV, classeurs réels, dictionnaire, fautes."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from corpus.fautes import ErreurEtude
from corpus.questionnaire import lire_questionnaire
from corpus.reglages import lire_reglages
from corpus.tables_tableur import lire_tableau
from corpus.variables import Variable, comparable

CLASSEURS = Path(__file__).parent / "classeurs"
ACCORD = "pas d'accord|plutôt d'accord|tout à fait d'accord|ne sait pas"
VARIABLES = (
    "variable,libelle,type,modalites,code,sens,affirme,sans_avis\n"
    "etp,Combien d'ETP ?,nombre,,C1,,>= 1,\n"
    f"engage,L'État est engagé.,echelle,{ACCORD},C2,,,ne sait pas\n"
    "suivi,Qui participe ?,multiple,Caf|CCAS|Pôle emploi|aucun,C3|C3||,,,\n")


def etude(dossier: Path, reponses: str = "cite,etp,engage,suivi\nT01,1,plutôt d'accord,Caf\n", variables: str = VARIABLES,
          base: str = "") -> Path:
    (dossier / "questionnaire.csv").write_text(reponses, encoding="utf-8")
    (dossier / "questionnaire_variables.csv").write_text(variables, encoding="utf-8")
    if base:
        (dossier / "questionnaire_cites.csv").write_text(base, encoding="utf-8")
    return dossier


def fautes(dossier: Path, *arguments: object) -> list[tuple[str, int, str]]:
    with pytest.raises(ErreurEtude) as leve:
        lire_questionnaire(dossier, *arguments)  # type: ignore[arg-type]
    assert all(faute.remede for faute in leve.value.fautes)
    return [(faute.fichier, faute.ligne, faute.message) for faute in leve.value.fautes]


def test_sans_questionnaire(tmp_path: Path) -> None:
    assert lire_questionnaire(tmp_path) is None


@pytest.mark.parametrize("extension", [".xlsx", ".ods"])
def test_un_classeur_de_libreoffice(tmp_path: Path, extension: str) -> None:
    """Le même tableau enregistré par LibreOffice : nombre, date, case vide, ligne vide, apostrophe courbe, deux feuilles."""
    etude(tmp_path)
    (tmp_path / "questionnaire.csv").unlink()
    shutil.copy(CLASSEURS / f"questionnaire{extension}", tmp_path)
    lu = lire_questionnaire(tmp_path, ["C1", "C2", "C3"])
    assert lu is not None
    assert lu.reponses.to_dict("records") == [
        {"cite": "T01", "etp": 1.5, "engage": "plutôt d'accord", "suivi": ("Caf", "CCAS")},
        {"cite": "T02", "etp": 2.0, "engage": "tout à fait d'accord", "suivi": None},
        {"cite": "T03", "etp": 0.0, "engage": "ne sait pas", "suivi": ("aucun",)}]
    assert not lu.complete and list(lu.base["cite"]) == ["T01", "T02", "T03"]
    dites = " ".join(lu.suppositions)
    assert "feuille « Réponses » lue" in dites and "laissées de côté : date" in dites and "pas de questionnaire_cites" in dites
    numeros = [ligne.ligne for ligne in lire_tableau(CLASSEURS / f"questionnaire{extension}", "q", ("cite",)).lignes]
    assert numeros == [2, 3, 5]


def test_un_csv_de_tableur_francais(tmp_path: Path) -> None:
    etude(tmp_path)
    (tmp_path / "questionnaire.csv").write_text(
        'Cite;ETP;Engage;Suivi\r\nT01;"1,5";TOUT À FAIT D’ACCORD;"Caf ; pôle emploi"\r\n', encoding="cp1252", newline="")
    lu = lire_questionnaire(tmp_path)
    assert lu is not None
    assert lu.reponses.to_dict("records") == [
        {"cite": "T01", "etp": 1.5, "engage": "tout à fait d'accord", "suivi": ("Caf", "Pôle emploi")}]
    assert any("Windows-1252" in dite for dite in lu.suppositions)


def test_toutes_les_fautes_en_une_fois(tmp_path: Path) -> None:
    etude(tmp_path,
          "cite,etp,engage,suivi\nT01,beaucoup,plutôt,Caf|Ville\nT09,1,,\nT01,1,,\n,1,,\n",
          VARIABLES + "etp,Encore,nombre,,,,,\nx,X,echele,a|b,,,,\ny,Y,choix,a|b,Z9,,,\nz,Z,choix,oui|Oui,,envers,,\n",
          "cite,nom,echelle,porteur,annee,territoire\nT01,A,epci,spe,2020,T01\nT02,B,,spe,2020,T7\n")
    assert fautes(tmp_path, ["C1", "C2", "C3"], ["T01", "T07"]) == [
        ("questionnaire.csv", 2, "engage : réponse « plutot » hors des modalités"),
        ("questionnaire.csv", 2, "etp : « beaucoup » n'est pas un nombre"),
        ("questionnaire.csv", 2, "suivi : réponse « ville » hors des modalités"),
        ("questionnaire.csv", 3, "Cité « T09 » absente de la base de sondage"),
        ("questionnaire.csv", 4, "Cité « T01 » déjà donnée ligne 2"),
        ("questionnaire.csv", 5, "Cité sans identifiant"),
        ("questionnaire_cites.csv", 3, "Cité « T02 » sans « echelle »"),
        ("questionnaire_cites.csv", 3, "territoire « T7 » absent de l'étude"),
        ("questionnaire_variables.csv", 5, "variable « etp » déjà décrite ligne 2"),
        ("questionnaire_variables.csv", 6, "type « echele » inconnu"),
        ("questionnaire_variables.csv", 7, "code « Z9 » absent de la grille"),
        ("questionnaire_variables.csv", 7, "on ne sait quelles réponses affirment le code"),
        ("questionnaire_variables.csv", 8, "deux modalités de même nom"),
        ("questionnaire_variables.csv", 8, "sens « envers » inconnu")]


@pytest.mark.parametrize(("ligne", "message"), [
    ("v,V,echelle,a,,,,", "moins de deux modalités"),
    ("v,V,nombre,a|b,,,,", "modalités données à une variable de type nombre"),
    ("v,V,nombre,,C1,,,", "on ne sait quels nombres"),
    ("v,V,nombre,,C1,,environ 1,", "on ne sait quels nombres"),
    ("v,V,texte,,C1,,,", "question ouverte qui vise un code"),
    ("v,V,echelle,a|b,C1|C2,,,", "2 codes pour 2 modalités"),
    ("v,V,multiple,a|b,C1|C2|C3,,,", "3 codes pour 2 modalités"),
    ("v,V,multiple,a;c|b,C1,,,", "point-virgule"),
    ("v,V,choix,a|b,C1,,c,", "« c » n'est pas une modalité"),
    ("v,V,echelle,a|b,C1,,a,", "colonne « affirme » remplie"),
    ("v,V,echelle,a|b,C1,,,a", "moins de deux degrés"),
    (",V,texte,,,,,", "variable sans nom"),
    ("cite,V,texte,,,,,", "l'identifiant des Cités"),
])
def test_chaque_faute_du_dictionnaire(tmp_path: Path, ligne: str, message: str) -> None:
    etude(tmp_path, variables=f"variable,libelle,type,modalites,code,sens,affirme,sans_avis\n{ligne}\n")
    trouvees = [dite for fichier, numero, dite in fautes(tmp_path, ["C1", "C2", "C3"]) if numero == 2]
    assert len(trouvees) == 1 and message in trouvees[0]


def test_tableaux_en_trop_ou_absents(tmp_path: Path) -> None:
    etude(tmp_path)
    shutil.copy(CLASSEURS / "questionnaire.ods", tmp_path)
    assert fautes(tmp_path) == [("questionnaire.ods", 0, "le même tableau est aussi dans questionnaire.csv")]
    (tmp_path / "questionnaire.ods").unlink()
    (tmp_path / "questionnaire_variables.csv").unlink()
    assert fautes(tmp_path) == [("questionnaire.csv", 0, "le dictionnaire des variables manque")]
    (tmp_path / "questionnaire.csv").rename(tmp_path / "questionnaire_cites.csv")
    assert fautes(tmp_path) == [("questionnaire_cites.csv", 0, "le tableau des réponses manque")]


@pytest.mark.parametrize(("octets", "message"), [
    (b"", "corrompu"), (b"%PDF-1.7", "un PDF"), (b"PK\x03\x04abc", "corrompu"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "ancien classeur Excel"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "mot de passe")])
def test_un_classeur_qui_n_en_est_pas_un(tmp_path: Path, octets: bytes, message: str) -> None:
    (tmp_path / "q.xlsx").write_bytes(octets)
    with pytest.raises(ErreurEtude, match=message):
        lire_tableau(tmp_path / "q.xlsx", "q.xlsx", ("cite",))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([".xlsx", ".ods"]), st.integers(0, 10**6), st.binary(min_size=1, max_size=40), st.booleans())
def test_un_classeur_abime_ne_leve_qu_une_erreur_d_etude(tmp_path: Path, extension: str, ou: int, bruit: bytes,
                                                         coupe: bool) -> None:
    octets = (CLASSEURS / f"questionnaire{extension}").read_bytes()
    ou %= len(octets)
    (tmp_path / f"q{extension}").write_bytes(octets[:ou] + bruit + (b"" if coupe else octets[ou + len(bruit):]))
    try:
        lire_tableau(tmp_path / f"q{extension}", "q", ("cite",))
    except ErreurEtude:
        pass


_MODALITES = ("oui", "non", "ne sait pas", "plutôt d'accord")
_REPONSES = st.lists(st.tuples(st.sampled_from(("", *_MODALITES)), st.sets(st.sampled_from(_MODALITES)),
                               st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda x: round(x, 3)))), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_REPONSES, st.sampled_from([",", ";", "\t", "xlsx"]), st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]),
       st.sampled_from(["|", " ; ", "\n"]), st.booleans())
def test_ce_qui_est_ecrit_est_relu(tmp_path: Path, lignes: list[tuple[str, set[str], float | None]], separateur: str,
                                   encodage: str, entre: str, virgule: bool) -> None:
    """Quels que soient le format, le séparateur, l'encodage et la casse."""
    for reste in tmp_path.iterdir():
        reste.unlink()
    jointes = "|".join(_MODALITES)
    etude(tmp_path, variables=f"variable,libelle,type,modalites\nc,C,choix,{jointes}\nm,M,multiple,{jointes}\nn,N,nombre,\n")
    (tmp_path / "questionnaire.csv").unlink()
    rangees: list[list[object]] = [["cite", "C", "M", "n"]]
    for rang, (choix, coches, nombre) in enumerate(lignes):
        ecrit = "" if nombre is None else str(nombre).replace(".", "," if virgule else ".")
        rangees.append([f"K{rang}", choix.upper(), entre.join(sorted(coches)), ecrit])
    if separateur == "xlsx":
        classeur = Workbook()
        for rangee in rangees:
            classeur.active.append(rangee)
        classeur.save(tmp_path / "questionnaire.xlsx")
    else:
        tampon = io.StringIO()
        csv.writer(tampon, delimiter=separateur).writerows(rangees)
        (tmp_path / "questionnaire.csv").write_bytes(tampon.getvalue().encode(encodage))
    lu = lire_questionnaire(tmp_path)
    assert lu is not None
    attendues = [(choix or None, tuple(m for m in _MODALITES if m in coches) or None, nombre) for choix, coches, nombre in lignes]
    assert list(lu.reponses[["c", "m", "n"]].itertuples(index=False, name=None)) == attendues


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(st.text(max_size=12), min_size=4, max_size=4), max_size=6),
       st.lists(st.lists(st.text(max_size=8) | st.sampled_from(["echelle", "choix", "a|b", "C1"]), min_size=8, max_size=8),
                max_size=5))
def test_des_cases_quelconques_ne_levent_qu_une_erreur_d_etude(tmp_path: Path, reponses: list[list[str]],
                                                               variables: list[list[str]]) -> None:
    for nom, entete, lignes in (("questionnaire", ["cite", "a", "b", "c"], reponses),
                                ("questionnaire_variables", VARIABLES.splitlines()[0].split(","), variables)):
        tampon = io.StringIO()
        csv.writer(tampon).writerows([entete, *lignes])
        (tmp_path / f"{nom}.csv").write_bytes(tampon.getvalue().encode("utf-8", errors="replace"))
    try:
        lu = lire_questionnaire(tmp_path, ["C1"])
    except ErreurEtude as erreur:
        assert all(faute.message and faute.remede for faute in erreur.fautes)
    else:
        assert lu is not None and len(lu.reponses) >= 1


def test_ce_qu_une_reponse_dit_d_un_code() -> None:
    echelle = Variable("e", "E", "echelle", ("non", "plutôt non", "bof", "plutôt oui", "oui", "nsp"), ("C1",), sans_avis=("nsp",))
    assert [echelle.avis(modalite) for modalite in echelle.modalites] == [
        {"C1": 0}, {"C1": 0}, {"C1": 0.5}, {"C1": 1}, {"C1": 1}, {}]
    inverse = Variable("e", "E", "echelle", ("non", "oui"), ("C1",), inverse=True)
    assert [inverse.avis("non"), inverse.avis("oui"), inverse.avis(None)] == [{"C1": 1}, {"C1": 0}, {}]
    choix = Variable("c", "C", "choix", ("à deux", "l'État", "nsp"), ("C1",), affirme=("à deux",), sans_avis=("nsp",))
    assert [choix.avis(modalite) for modalite in choix.modalites] == [{"C1": 1}, {"C1": 0}, {}]
    nombre = Variable("n", "N", "nombre", codes=("C1",), affirme=(">= 0,5",))
    assert [nombre.avis(0.5), nombre.avis(0.4)] == [{"C1": 1}, {"C1": 0}]
    multiple = Variable("m", "M", "multiple", ("Caf", "CCAS", "SPE", "aucun"), ("C1", "C1", "C2", ""))
    assert multiple.avis(("CCAS",)) == {"C1": 1, "C2": 0}
    assert multiple.avis(("aucun",)) == {"C1": 0, "C2": 0}
    assert multiple.avis(None) == {}
    assert comparable("  TOUT à  Fait d’accord ") == "tout a fait d'accord"


@pytest.mark.parametrize(("reglage", "faute"), [
    ("majorite = 0.3", "« majorite » vaut 0.3"), ("marges = 'echelle'", "« marges » n'a pas la forme"),
    ("entretiens = 1.5", "« entretiens » vaut 1.5"), ("majorit = 0.6", "clé inconnue « majorit »")])
def test_reglages_du_questionnaire(tmp_path: Path, reglage: str, faute: str) -> None:
    (tmp_path / "etude.toml").write_text(f"[questionnaire]\n{reglage}\n", encoding="utf-8")
    reglages, fautes_ = lire_reglages(tmp_path)
    assert reglages.questionnaire == {}
    assert [(dite.ligne, faute in dite.message) for dite in fautes_] == [(2, True)]
    (tmp_path / "etude.toml").write_text('[questionnaire]\nmajorite = 0.6\nreponses = 5\nmarges = ["echelle"]\n',
                                         encoding="utf-8")
    reglages, fautes_ = lire_reglages(tmp_path)
    assert dict(reglages.questionnaire) == {"majorite": 0.6, "reponses": 5, "marges": ("echelle",)} and not fautes_
