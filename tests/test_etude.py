"""Le dossier d'étude : réglages, inventaire, contrôles."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.etude import Etude
from corpus.fautes import ErreurEtude, Faute
from corpus.fiches import CATEGORIES
from corpus.reglages import lire_reglages
from corpus.tables_csv import lire_csv

ENTETE = "entretien,fichier,territoire,fonction,categorie,date\n"
TEXTE = "Enquêteur : Vous êtes là depuis quand ?\n\nEnquêtée : Depuis trois ans. On a monté le point d'accueil.\n"


@pytest.fixture
def dossier(tmp_path: Path) -> Path:
    """Une petite étude sans faute : deux entretiens, deux territoires."""
    (tmp_path / "entretiens" / "T1").mkdir(parents=True)
    for nom in ("a", "b"):
        (tmp_path / "entretiens" / "T1" / f"{nom}.txt").write_text(TEXTE, encoding="utf-8")
    (tmp_path / "entretiens.csv").write_text(
        ENTETE + "E1,T1/a.txt,T1,Maire,collectivite_elu,2022-09-14\nE2,T1/b.txt,T2,Déléguée,etat,\n",
        encoding="utf-8")
    (tmp_path / "territoires.csv").write_text(
        "territoire,nom,echelle,porteur,annee\nT1,Aulne,commune,commune,2020\nT2,Orme,epci,epci,2021\n",
        encoding="utf-8")
    return tmp_path


def fautes(dossier: Path) -> list[Faute]:
    return Etude.ouvrir(dossier).verifier()


def remplacer(dossier: Path, nom: str, avant: str, apres: str) -> None:
    chemin = dossier / nom
    texte = chemin.read_text(encoding="utf-8")
    assert avant in texte
    chemin.write_text(texte.replace(avant, apres), encoding="utf-8")


def test_etude_sans_faute(dossier: Path) -> None:
    etude = Etude.ouvrir(dossier)
    assert etude.verifier() == []
    assert etude.entretiens.to_dict("records") == [
        {"entretien": "E1", "fichier": "entretiens/T1/a.txt", "territoire": "T1", "fonction": "Maire",
         "categorie": "collectivite_elu", "date": "2022-09-14", "mots": 14},
        {"entretien": "E2", "fichier": "entretiens/T1/b.txt", "territoire": "T2", "fonction": "Déléguée",
         "categorie": "etat", "date": "", "mots": 14}]
    assert list(etude.tours["role"]) == ["enqueteur", "enquete"] * 2
    assert list(etude.phrases["phrase"]) == ["", "p001", "p002"] * 2
    assert list(etude.territoires["nom"]) == ["Aulne", "Orme"]


@pytest.mark.parametrize(("avant", "apres", "ligne", "message", "remede"), [
    ("E2,", "E1,", 3, "« E1 » déjà donné ligne 2", "identifiant"),
    ("E2,", ",", 3, "sans identifiant", "colonne « entretien »"),
    ("E2,", "E 2,", 3, "« E 2 » incorrect", "sans espace"),
    ("T1/b.txt", "T1/zzzz.odt", 3, "« T1/zzzz.odt » absent", "déposez-le"),
    ("T1/b.txt", "T2/b.txt", 3, "« T2/b.txt » absent", "« entretiens/T1/b.txt »"),
    ("T1/b.txt", "T1/a.txt", 3, "plusieurs fois (d'abord ligne 2)", "son fichier"),
    ("T1/b.txt", "../../secret.txt", 3, "absent de l'étude", "hors du dossier"),
    ("T1/b.txt", "", 3, "sans fichier", "colonne « fichier »"),
    (",T2,", ",T3,", 3, "« T3 » sans ligne dans territoires.csv", "territoires.csv"),
    (",T2,", ",,", 3, "sans territoire", "colonne « territoire »"),
    (",etat,", ",états,", 3, "« états » hors liste", "« etat »"),
    ("2022-09-14", "2022-13-40", 2, "« 2022-13-40 » incorrecte", "AAAA-MM-JJ"),
    ("2022-09-14", "30/02/2022", 2, "incorrecte", "AAAA-MM-JJ"),
    ("Maire,", "Maire, adjointe,", 2, "7 cases pour 6 colonnes", "guillemets"),
    (",etat,", "", 3, "4 cases pour 6 colonnes", "complétez"),
])
def test_chaque_faute_d_entretiens_csv(dossier: Path, avant: str, apres: str, ligne: int, message: str,
                                       remede: str) -> None:
    remplacer(dossier, "entretiens.csv", avant, apres)
    trouvees = [faute for faute in fautes(dossier) if faute.fichier == "entretiens.csv"]
    assert [faute.ligne for faute in trouvees] == [ligne]
    assert message in trouvees[0].message
    assert remede in trouvees[0].remede


def test_fichiers_vide_et_illisible(dossier: Path) -> None:
    (dossier / "entretiens/T1/a.txt").write_text("  \n", encoding="utf-8")
    (dossier / "entretiens/T1/b.txt").write_bytes(b"\x00\x01\x02\xff" * 40)
    trouvees = fautes(dossier)
    assert [(faute.fichier, faute.entretien) for faute in trouvees] == [
        ("entretiens/T1/a.txt", "E1"), ("entretiens/T1/b.txt", "E2")]
    assert all(faute.remede for faute in trouvees)


def test_toutes_les_fautes_en_une_fois(dossier: Path) -> None:
    remplacer(dossier, "entretiens.csv", ",etat,", ",prefet,")
    remplacer(dossier, "entretiens.csv", "2022-09-14", "hier")
    remplacer(dossier, "territoires.csv", "2021", "21")
    (dossier / "etude.toml").write_text("tire = 'x'\ngraine = 'zéro'\n", encoding="utf-8")
    (dossier / "entretiens/T1/a.txt").write_text("", encoding="utf-8")
    lieux = [(faute.fichier, faute.ligne) for faute in fautes(dossier)]
    assert lieux == [("entretiens.csv", 2), ("entretiens.csv", 3), ("entretiens/T1/a.txt", 0),
                     ("etude.toml", 1), ("etude.toml", 2), ("territoires.csv", 3)]


@pytest.mark.parametrize(("contenu", "ligne", "message"), [
    ("titre = \n", 1, "TOML"),
    ("graine = 1\ngraine = 2\n", 2, "TOML"),
    ("graine = -1\n", 1, "négative"),
    ("classes_reinert = 1\n", 1, "hors de 2 à 10"),
    ("[locuteurs]\nenqueteur = ['ML']\n", 2, "« enqueteur »"),
    ("[locuteurs.entretiens.E9]\nenqueteurs = ['ML']\n", 0, "inconnu : « E9 »"),
])
def test_fautes_d_etude_toml(dossier: Path, contenu: str, ligne: int, message: str) -> None:
    (dossier / "etude.toml").write_text(contenu, encoding="utf-8")
    trouvees = fautes(dossier)
    assert [(faute.fichier, faute.ligne) for faute in trouvees] == [("etude.toml", ligne)]
    assert message in trouvees[0].message


def test_les_locuteurs_imposes_l_emportent(dossier: Path) -> None:
    (dossier / "etude.toml").write_text(
        "[locuteurs.entretiens.E1]\nenqueteurs = ['Enquêtée']\nenquetes = ['Enquêteur']\n", encoding="utf-8")
    tours = Etude.ouvrir(dossier).tours
    assert list(tours.loc[tours["entretien"] == "E1", "role"]) == ["enquete", "enqueteur"]
    assert list(tours.loc[tours["entretien"] == "E2", "role"]) == ["enqueteur", "enquete"]


def test_tableau_de_tableur_francais(dossier: Path) -> None:
    """Point-virgule, Windows-1252, dates jour/mois/année : lus, et dits."""
    (dossier / "entretiens.csv").write_text(
        "Entretien;Fichier;Territoire;Fonction;Categorie;Date\r\n"
        "E1;T1/a.txt;T1;Déléguée, adjointe;etat;14/09/2022\r\nE2;T1/b.txt;T2;;;\r\n;;;;;\r\n",
        encoding="cp1252", newline="")
    etude = Etude.ouvrir(dossier)
    assert etude.verifier() == []
    assert etude.fiches[0].fonction == "Déléguée, adjointe"
    assert etude.fiches[0].date == "2022-09-14"
    dites = " ".join(etude.inventaire.suppositions)
    assert "Windows-1252" in dites and "14/09/2022" in dites


def test_ligne_d_une_case_sur_plusieurs_lignes(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('a,b\n"un\ndeux",2\n3\n', encoding="utf-8")
    table = lire_csv(tmp_path / "t.csv", "t.csv", ("a",))
    assert [(ligne.ligne, ligne.valeurs) for ligne in table.lignes] == [(2, {"a": "un\ndeux", "b": "2"})]
    assert [faute.ligne for faute in table.fautes] == [4]


def test_dossier_de_textes_nus(tmp_path: Path) -> None:
    """Sans aucun tableau : identifiants, territoires et variables viennent des fichiers, et c'est dit."""
    (tmp_path / "Aulne").mkdir()
    (tmp_path / "Aulne" / "entretien 1.txt").write_text(TEXTE, encoding="utf-8")
    (tmp_path / "b.txt").write_text("id: X7\nterritoire: Orme\ncategorie: etat\ndate: 2022-01-02\n\n" + TEXTE,
                                    encoding="utf-8")
    etude = Etude.ouvrir(tmp_path)
    assert etude.verifier() == []
    assert [(f.entretien, f.territoire, f.categorie, f.date) for f in etude.fiches] == [
        ("entretien-1", "Aulne", "", ""), ("X7", "Orme", "etat", "2022-01-02")]
    dites = " ".join(etude.inventaire.suppositions)
    assert "pas d'entretiens.csv" in dites and "pas de territoires.csv" in dites and "entretien-1" in dites


def test_identifiants_partages_sans_tableau(tmp_path: Path) -> None:
    for nom in ("A", "B"):
        (tmp_path / nom).mkdir()
        (tmp_path / nom / "e1.txt").write_text(TEXTE, encoding="utf-8")
    etude = Etude.ouvrir(tmp_path)
    assert [f.entretien for f in etude.fiches] == ["A-e1", "B-e1"]
    assert any("partagé" in s for s in etude.inventaire.suppositions)


def test_corpus_iramuteq_reparti_entre_plusieurs_lignes(tmp_path: Path) -> None:
    (tmp_path / "entretiens").mkdir()
    (tmp_path / "entretiens" / "tout.txt").write_text(
        f"**** *id_E1 *terr_T1\n{TEXTE}\n**** *id_E2 *terr_T2\n{TEXTE.replace('trois', 'quatre')}", encoding="utf-8")
    (tmp_path / "entretiens.csv").write_text(
        ENTETE + "E2,tout.txt,T2,,,\nE1,tout.txt,T1,,,\n", encoding="utf-8")
    etude = Etude.ouvrir(tmp_path)
    assert etude.verifier() == []
    textes = etude.phrases.groupby("entretien")["texte"].agg(" ".join)
    assert "quatre ans" in textes["E2"] and "trois ans" in textes["E1"]


def iramuteq(dossier: Path, lignes: str) -> None:
    (dossier / "entretiens").mkdir()
    (dossier / "entretiens" / "tout.txt").write_text(
        "\n".join(f"**** *id_{nom} *terr_T1\n{TEXTE.replace('trois', nom)}" for nom in ("A", "B", "C")), encoding="utf-8")
    (dossier / "entretiens.csv").write_text(ENTETE + lignes, encoding="utf-8")


def test_une_seule_ligne_pour_un_corpus_iramuteq(tmp_path: Path) -> None:
    """La ligne prend sa section, pas la première ; les autres sont dites."""
    iramuteq(tmp_path, "B,tout.txt,T1,,,\n")
    etude = Etude.ouvrir(tmp_path)
    assert etude.verifier() == []
    assert "Depuis B ans." in set(etude.phrases["texte"])
    assert any("laissés de côté : A, C" in supposition for supposition in etude.inventaire.suppositions)


def test_une_ligne_sans_section_dans_le_corpus_iramuteq(tmp_path: Path) -> None:
    iramuteq(tmp_path, "X,tout.txt,T1,,,\nB,tout.txt,T1,,,\n")
    assert [(faute.ligne, faute.entretien) for faute in fautes(tmp_path)] == [(2, "X")]


@pytest.mark.parametrize("ecrit", ["./T1/a.txt", "T1\\\\a.txt", "t1/A.TXT", "entretiens/T1/a.txt", "T1/../T1/a.txt"])
def test_le_chemin_ecrit_se_ramene_au_fichier_reel(dossier: Path, ecrit: str) -> None:
    remplacer(dossier, "entretiens.csv", "T1/a.txt", ecrit)
    etude = Etude.ouvrir(dossier)
    assert etude.verifier() == []
    assert etude.fiches[0].fichier == "entretiens/T1/a.txt"


def test_un_fichier_cache_est_une_faute(dossier: Path) -> None:
    (dossier / ".brouillon").mkdir()
    (dossier / ".brouillon" / "a.txt").write_text(TEXTE, encoding="utf-8")
    remplacer(dossier, "entretiens.csv", "T1/a.txt", ".brouillon/a.txt")
    assert [faute.ligne for faute in fautes(dossier)] == [2]


def test_un_territoire_ne_peut_s_appeler_national(dossier: Path) -> None:
    remplacer(dossier, "entretiens.csv", ",T2,", ",national,")
    assert "réservé" in fautes(dossier)[0].remede


def test_entete_apres_des_lignes_vides_ou_sep(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("\nsep=;\na;b\n1;2,5\n", encoding="utf-8")
    table = lire_csv(tmp_path / "t.csv", "t.csv", ("a",))
    assert [(ligne.ligne, ligne.valeurs) for ligne in table.lignes] == [(4, {"a": "1", "b": "2,5"})]


@pytest.mark.parametrize("contenu", [None, ""])
def test_dossier_absent_ou_sans_entretien(tmp_path: Path, contenu: str | None) -> None:
    dossier = tmp_path / "rien"
    if contenu is not None:
        dossier.mkdir()
    with pytest.raises(ErreurEtude) as leve:
        Etude.ouvrir(dossier)
    assert leve.value.fautes[0].remede


@pytest.mark.parametrize("contenu", ["nom,annee\nAulne,2020\n", "territoire,nom\n"])
def test_un_tableau_de_territoires_inutilisable_fait_une_seule_faute(dossier: Path, contenu: str) -> None:
    """Les entretiens ne sont pas accusés, l'un après l'autre, de ce que le tableau ne se lit pas."""
    (dossier / "territoires.csv").write_text(contenu, encoding="utf-8")
    assert [faute.fichier for faute in fautes(dossier)] == ["territoires.csv"]


def test_categories_ajoutees_par_l_etude(dossier: Path) -> None:
    remplacer(dossier, "entretiens.csv", ",etat,", ",benevole,")
    assert len(fautes(dossier)) == 1
    (dossier / "etude.toml").write_text('categories = ["benevole"]\n', encoding="utf-8")
    assert fautes(dossier) == []
    assert "benevole" not in CATEGORIES


@given(octets=st.binary(max_size=300))
def test_tableau_quelconque(tmp_path_factory: pytest.TempPathFactory, octets: bytes) -> None:
    """N'importe quels octets : un tableau ou une ErreurEtude, jamais autre chose."""
    dossier = tmp_path_factory.mktemp("csv")
    (dossier / "t.csv").write_bytes(octets)
    try:
        table = lire_csv(dossier / "t.csv", "t.csv", ("entretien",))
    except ErreurEtude as erreur:
        assert all(faute.fichier == "t.csv" and faute.remede for faute in erreur.fautes)
    else:
        assert all(set(ligne.valeurs) == set(table.colonnes) for ligne in table.lignes)


@given(texte=st.text(max_size=200))
def test_reglages_quelconques(tmp_path_factory: pytest.TempPathFactory, texte: str) -> None:
    dossier = tmp_path_factory.mktemp("toml")
    (dossier / "etude.toml").write_text(texte, encoding="utf-8", errors="replace")
    try:
        reglages, _ = lire_reglages(dossier)
    except ErreurEtude as erreur:
        assert erreur.fautes[0].fichier == "etude.toml"
    else:
        assert isinstance(reglages.graine, int)
