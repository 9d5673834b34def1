"""Exporter et importer une étude, par la ligne de commande."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from lxml import etree

from codage.qdpx_lecture import lire_qdpx
from corpus.codages import lire_codages
from corpus.etude import Etude
from extraction.grille import Grille
from monographies import principal
from tests.lecteur_refi import FACONS, passages

E1 = ("Enquêtrice : Vous êtes là depuis quand ?\r\n\r\nEnquêtée : Depuis trois ans 😀. Le poste est resté vacant six mois.\r\n"
      "\r\nEnquêtrice : Et l'équipe ?\r\n\r\nEnquêtée : On est deux, c'est peu. On s'e\u0301puise.\r\n")
E2 = "Q : Le bus passe ?\n\nR : Non. Il ne passe plus. Le bus ne monte plus ici.\n\nQ : Ah ?\n\nR : Le bus ne monte plus ici.\n"


def lancer(*arguments: object) -> tuple[int, str]:
    resultat = CliRunner().invoke(principal, [str(argument) for argument in arguments])
    if resultat.exception and not isinstance(resultat.exception, SystemExit):
        raise resultat.exception
    return resultat.exit_code, resultat.output


def reussir(*arguments: object) -> str:
    code, sortie = lancer(*arguments)
    assert code == 0, sortie
    return sortie


@pytest.fixture
def etude(tmp_path: Path) -> Path:
    """Deux entretiens (marque et CR LF pour l'un), codés par deux personnes et une machine, avec mémos."""
    dossier = tmp_path / "etude"
    (dossier / "entretiens").mkdir(parents=True)
    (dossier / "entretiens" / "E1.txt").write_bytes(("\ufeff" + E1).encode())
    (dossier / "entretiens" / "E2.txt").write_bytes(E2.encode())
    ecrire(dossier, "etude.toml", 'titre = "Étude & essai"\n')
    ecrire(dossier, "entretiens.csv", "entretien;fichier;territoire;fonction;categorie;date;âge\n"
           "E1;E1.txt;T1;Cheffe de projet;coordination;14/09/2022;41\nE2;E2.txt;T2;;habitant;;\n")
    ecrire(dossier, "territoires.csv", "territoire,nom,echelle,porteur,annee\nT1,Aulne,epci,epci,2020\nT2,Orme,commune,,2021\n")
    debut = E1.index("On est deux")
    ecrire(dossier, "codages.csv", "codeur,entretien,phrase,debut,fin,code,modalite,texte,memo\n"
           "AB,E1,p002,,,O05,presente,,\"Un mémo,\nsur deux lignes\"\n"
           f"CD,E1,p003,{debut},{debut + 11},O08,,,\n"
           "AB,E2,p001,,,O11,hypothetique,,\n")
    ecrire(dossier, "memos.csv", "auteur,objet,cible,debut,fin,texte,date\n"
           "AB,etude,,,,Revoir la grille,\nCD,entretien,E2,,,Très court,2024-05-01T09:30:00\n"
           "AB,code,O05,,,Voir O08,\n,extrait,E1,14,20,Ton las,\n")
    phrases = Etude.ouvrir(dossier).phrases
    vacant = phrases[phrases["phrase"] == "p002"].iloc[0]
    mention = {"entretien": "E1", "phrase": "p002", "debut": vacant["debut"], "fin": vacant["fin"], "texte": vacant["texte"],
               "code": "O05", "modalite": "presente", "confiance": 0.634, "codeur": "machine:0.1.0", "preuve": "vacant",
               "indices_modalite": "", "a_relire": True}
    (dossier / "resultats").mkdir()
    pd.DataFrame([mention, mention | {"code": "O08", "texte": "autre texte"}]).to_parquet(
        dossier / "resultats" / "mentions.parquet")
    return dossier


def ecrire(dossier: Path, nom: str, texte: str) -> None:
    (dossier / nom).write_text(texte, encoding="utf-8", newline="")


def contenu(dossier: Path) -> dict[str, bytes]:
    return {chemin.relative_to(dossier).as_posix(): chemin.read_bytes() for chemin in dossier.rglob("*") if chemin.is_file()}


def test_aller_retour_d_une_etude(etude: Path, tmp_path: Path) -> None:
    qdpx, neuve = tmp_path / "a.qdpx", tmp_path / "neuve"
    sortie = reussir("exporter", etude, "qdpx", "--sortie", qdpx)
    assert "2 entretiens, 27 codes, 3 codages de personnes, 1 mentions de machines, 4 mémos." in sortie
    assert "1 mentions laissées de côté" in sortie

    vus = passages(qdpx, "norme : points de code du fichier")
    assert [(v[0], v[1], v[2].rpartition(" > ")[2], v[4]) for v in vus] == [
        ("E1", "AB", "O05 · Présente", "Le poste est resté vacant six mois."),
        ("E1", "CD", "O08 Manque d'ingénierie", "On est deux"),
        ("E1", "machine:0.1.0", "O05 · Présente", "Le poste est resté vacant six mois."),
        ("E2", "AB", "O11 · Hypothétique", "Non.")]
    assert [v[3] for v in vus] == ["Un mémo,\nsur deux lignes", "", "Confiance 0,63 ; preuve : « vacant » ; à relire", ""]
    assert all(passages(qdpx, facon) == vus for facon in FACONS)

    sortie = reussir("importer", neuve, qdpx)
    assert "2 entretiens ajoutés, 0 déjà là, 4 lignes de codage, 4 mémos." in sortie and "Attention" not in sortie
    relue, origine = Etude.ouvrir(neuve), Etude.ouvrir(etude)
    assert relue.verifier() == [] and relue.titre == "Étude & essai"
    pd.testing.assert_frame_equal(relue.entretiens.drop(columns="fichier"), origine.entretiens.drop(columns="fichier"))
    for table in ("tours", "phrases", "territoires"):
        pd.testing.assert_frame_equal(getattr(relue, table), getattr(origine, table))
    assert (neuve / "entretiens" / "E1.txt").read_bytes().decode() == E1
    assert Grille.charger(neuve / "grille.yaml") == Grille.livree("cites_emploi")
    codes = [code.code for code in Grille.livree("cites_emploi")]
    lus, avant = (lire_codages(d, origine.phrases, codes) for d in (neuve, etude))
    pd.testing.assert_frame_equal(lus.table, avant.table)
    assert (lus.machine, lus.sans_phrase) == (1, 0)

    # Un second tour rend le même projet, aux mentions de la machine près, qui sont maintenant dans codages.csv.
    reussir("exporter", neuve, "qdpx", "--sortie", tmp_path / "b.qdpx")
    a, b = lire_qdpx(qdpx), lire_qdpx(tmp_path / "b.qdpx")
    for table in ("entretiens", "territoires", "codages", "memos"):
        pd.testing.assert_frame_equal(getattr(a, table), getattr(b, table))
    assert passages(tmp_path / "b.qdpx", "QualCoder") == vus


def test_reimporter_n_ajoute_rien(etude: Path, tmp_path: Path) -> None:
    reussir("exporter", etude, "qdpx", "--sortie", tmp_path / "a.qdpx")
    reussir("importer", tmp_path / "neuve", tmp_path / "a.qdpx")
    avant = contenu(tmp_path / "neuve")
    assert "0 entretiens ajoutés, 2 déjà là, 0 lignes de codage, 0 mémos." in reussir(
        "importer", tmp_path / "neuve", tmp_path / "a.qdpx")
    assert contenu(tmp_path / "neuve") == avant
    # Dans l'étude d'origine : les codages par phrase y sont déjà, seule la mention de la machine est nouvelle.
    assert "0 entretiens ajoutés, 2 déjà là, 1 lignes de codage, 0 mémos." in reussir("importer", etude, tmp_path / "a.qdpx")
    assert [chemin.name for chemin in etude.iterdir() if chemin.name.startswith(".")] == []


def test_completer_une_etude(etude: Path, tmp_path: Path) -> None:
    """L'étude n'a plus que E2, avec une colonne et un codage à elle : tout y reste, E1 s'y ajoute."""
    reussir("exporter", etude, "qdpx", "--sortie", tmp_path / "a.qdpx")
    (etude / "entretiens" / "E1.txt").unlink()
    ecrire(etude, "entretiens.csv", "entretien,fichier,territoire,note\nE2,E2.txt,T2,à garder\n")
    ecrire(etude, "codages.csv", "codeur,entretien,phrase,code,avis\nZZ,E2,p001,O11,sûr\n")
    ecrire(etude, "entretiens.csv", "entretien,fichier,territoire,note\nE2,E2.txt,T2,à garder\n")
    assert "1 entretiens ajoutés, 1 déjà là, 4 lignes de codage, 0 mémos." in reussir("importer", etude, tmp_path / "a.qdpx")
    assert Etude.ouvrir(etude).verifier() == []
    assert (etude / "entretiens.csv").read_text(encoding="utf-8").splitlines() == [
        "entretien,fichier,territoire,note,fonction,categorie,date,age", "E2,E2.txt,T2,à garder,,,,",
        "E1,entretiens/E1.txt,T1,,Cheffe de projet,coordination,2022-09-14,41"]
    entete, premiere = (etude / "codages.csv").read_text(encoding="utf-8").splitlines()[:2]
    assert entete.startswith("codeur,entretien,phrase,code,avis,debut,fin,modalite")
    assert premiere.startswith("ZZ,E2,p001,O11,sûr,")


def test_import_refuse_dit_tout_et_n_ecrit_rien(etude: Path, tmp_path: Path) -> None:
    reussir("exporter", etude, "qdpx", "--sortie", tmp_path / "a.qdpx")
    ecrire(etude, "entretiens/E2.txt", E2.replace("bus", "tram"))
    ecrire(etude, "codages.csv", "codeur,entretien,phrase,code\n")
    ecrire(etude, "grille.yaml", Path("extraction/grilles/cites_educatives.yaml").read_text(encoding="utf-8"))
    avant = contenu(etude)
    code, sortie = lancer("importer", etude, tmp_path / "a.qdpx")
    assert code == 1 and "4 fautes" in sortie
    for attendu in ("l'entretien « E2 » est déjà dans l'étude, avec un autre texte", "« O05 Coordination fragilisée » absent",
                    "« O08 Manque d'ingénierie » absent", "« O11 Freins sociaux à l'emploi » absent"):
        assert attendu in sortie
    assert contenu(etude) == avant


@pytest.mark.parametrize(("preparer", "arguments", "attendu"), [
    ("", ("exporter", "{etude}", "pptx"), "pptx"),
    ("", ("exporter", "rien_ici", "qdpx"), "n'existe pas"),
    ("", ("exporter", "{etude}", "qdc", "--sortie", "{etude}/etude.toml"), "existe déjà"),
    ("codages.csv", ("exporter", "{etude}", "qdpx", "--sortie", "x.qdpx"), "2 fautes"),
    ("", ("importer", "{etude}", "rien.qdpx"), "fichier illisible"),
    ("", ("importer", "{etude}", "{etude}/etude.toml"), "format « .toml » inconnu"),
    ("", ("importer", "neuve", "{etude}/codages.csv"), "créez d'abord l'étude"),
    ("", ("importer", "{etude}/resultats", "{etude}/b.qdc"), "aucun entretien"),
])
def test_emplois_fautifs(etude: Path, preparer: str, arguments: tuple[str, ...], attendu: str, tmp_path: Path,
                         monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    if preparer:
        ecrire(etude, preparer, "codeur,entretien,phrase,code\nAB,E1,p001,X1\nAB,E9,p001,O05\n")
    avant = contenu(tmp_path)
    code, sortie = lancer(*(argument.format(etude=etude) for argument in arguments))
    assert code != 0 and attendu in sortie and "Traceback" not in sortie
    assert contenu(tmp_path) == avant


def test_grille_seule(etude: Path, tmp_path: Path) -> None:
    reussir("exporter", etude, "qdc", "--sortie", tmp_path / "g.qdc")
    reussir("importer", tmp_path / "neuve", tmp_path / "g.qdc")
    assert Grille.charger(tmp_path / "neuve" / "grille.yaml") == Grille.livree("cites_emploi")
    # L'étude sans entretien encore se complète d'un projet.
    reussir("exporter", etude, "qdpx", "--sortie", tmp_path / "a.qdpx")
    assert "2 entretiens ajoutés" in reussir("importer", tmp_path / "neuve", tmp_path / "a.qdpx")
    assert Etude.ouvrir(tmp_path / "neuve").verifier() == []


def test_selection_libre_vers_phrases(etude: Path, tmp_path: Path) -> None:
    """Un passage à cheval sur deux phrases fait deux lignes ; sur l'enquêtrice seule, une ligne sans phrase."""
    trois, question = E1.index("trois ans"), E1.index("Et l'équipe")
    ecrire(etude, "codages.csv", "codeur,entretien,phrase,debut,fin,code\n"
           f"AB,E1,p001,{trois},{E1.index(' six mois')},O05\nAB,E1,,{question},{question + 8},O08\n")
    reussir("exporter", etude, "qdpx", "--sortie", tmp_path / "a.qdpx")
    sortie = reussir("importer", tmp_path / "neuve", tmp_path / "a.qdpx")
    assert "1 codages ne couvrent aucune phrase d'enquêté" in sortie
    lus = pd.read_csv(tmp_path / "neuve" / "codages.csv", keep_default_na=False)
    humains = lus[lus["codeur"] == "AB"]
    assert humains[["phrase", "code"]].to_numpy().tolist() == [["p001", "O05"], ["p002", "O05"], ["", "O08"]]
    assert set(humains["debut"]) == {trois, question}
    codes = [code.code for code in Grille.livree("cites_emploi")]
    assert lire_codages(tmp_path / "neuve", Etude.ouvrir(tmp_path / "neuve").phrases, codes).sans_phrase == 1
    reussir("exporter", tmp_path / "neuve", "qdpx", "--sortie", tmp_path / "b.qdpx")
    assert passages(tmp_path / "b.qdpx", "QualCoder") == passages(tmp_path / "a.qdpx", "QualCoder")


# -------------------------------------------------------------- textométrie


def test_iramuteq_aller_retour(etude: Path, tmp_path: Path) -> None:
    reussir("exporter", etude, "iramuteq", "--sortie", tmp_path / "c.txt")
    texte = (tmp_path / "c.txt").read_text(encoding="utf-8")
    assert texte.startswith("**** *entretien_E1 *territoire_T1 *fonction_Cheffe_de_projet *categorie_coordination "
                            "*date_2022-09-14\nEnquêtrice : Vous")
    (tmp_path / "relue" / "entretiens").mkdir(parents=True)
    (tmp_path / "c.txt").rename(tmp_path / "relue" / "entretiens" / "c.txt")
    relue, origine = Etude.ouvrir(tmp_path / "relue"), Etude.ouvrir(etude)
    assert relue.verifier() == []
    variables = ["entretien", "territoire", "categorie", "date", "mots"]
    pd.testing.assert_frame_equal(relue.entretiens[variables], origine.entretiens[variables])
    colonnes = ["entretien", "tour", "locuteur", "role", "texte"]
    pd.testing.assert_frame_equal(relue.tours[colonnes], origine.tours[colonnes])


def test_iramuteq_balises_et_enquetes_seuls(etude: Path, tmp_path: Path) -> None:
    ecrire(etude, "entretiens/E2.txt", E2.replace("Q : Ah ?", "**** *x_y\n-*theme"))
    ecrire(etude, "entretiens.csv", "entretien,fichier,territoire\nE1,E1.txt,T1\n")
    ecrire(etude, "entretiens/E1.txt", E1.replace("\r\n", "\n").replace("On est deux", "\n-* On est deux"))
    sortie = reussir("exporter", etude, "iramuteq", "--sortie", tmp_path / "c.txt")
    assert "E1 : 1 débuts de ligne" in sortie
    assert "\n- * On est deux" in (tmp_path / "c.txt").read_text(encoding="utf-8")
    reussir("exporter", etude, "iramuteq", "--enquetes", "--sortie", tmp_path / "d.txt")
    seuls = (tmp_path / "d.txt").read_text(encoding="utf-8")
    assert "Depuis trois ans 😀." in seuls and "Enquêt" not in seuls and "Et l'équipe" not in seuls


def test_txm(etude: Path, tmp_path: Path) -> None:
    reussir("exporter", etude, "txm", "--sortie", tmp_path / "t")
    assert sorted(chemin.name for chemin in (tmp_path / "t").iterdir()) == ["E1.xml", "E2.xml", "metadata.csv"]
    metadonnees = pd.read_csv(tmp_path / "t" / "metadata.csv", keep_default_na=False)
    assert metadonnees.to_numpy().tolist() == [["E1", "T1", "Cheffe de projet", "coordination", "2022-09-14"],
                                               ["E2", "T2", "", "habitant", ""]]
    n = {"t": "http://www.tei-c.org/ns/1.0"}
    document = etree.parse(str(tmp_path / "t" / "E1.xml"))
    assert document.getroot().tag == "{http://www.tei-c.org/ns/1.0}TEI"
    for partie in ("titleStmt/t:title", "publicationStmt/t:p", "sourceDesc/t:p"):
        assert document.xpath(f"t:teiHeader/t:fileDesc/t:{partie}", namespaces=n)[0].text
    declares = {f"#{i}" for i in document.xpath("//t:person/@xml:id", namespaces=n)}
    enonces = [(u.get("who"), u.get("n"), u.text) for u in document.xpath("t:text/t:body/t:div/t:u", namespaces=n)]
    tours = Etude.ouvrir(etude).tours.query("entretien == 'E1'")
    assert enonces == [(f"#{role}", nom, texte) for role, nom, texte in
                       zip(tours["role"], tours["locuteur"], tours["texte"], strict=True)]
    assert {who for who, _, _ in enonces} <= declares


def test_quanteda(etude: Path, tmp_path: Path) -> None:
    reussir("exporter", etude, "quanteda", "--sortie", tmp_path / "q.csv")
    lu = pd.read_csv(tmp_path / "q.csv", keep_default_na=False)
    tours = Etude.ouvrir(etude).tours
    assert list(lu.columns[:2]) == ["doc_id", "text"] and lu["doc_id"].is_unique
    assert list(lu["text"]) == list(tours["texte"]) and list(lu["role"]) == list(tours["role"])
    assert set(lu["territoire"][lu["entretien"] == "E1"]) == {"T1"}
    reussir("exporter", etude, "quanteda", "--enquetes", "--sortie", tmp_path / "r.csv")
    assert set(pd.read_csv(tmp_path / "r.csv")["role"]) == {"enquete"}


# ----------------------------------------------------------------- Taguette


def test_taguette(etude: Path, tmp_path: Path) -> None:
    """Trouvé aux blancs et aux accents près, ambigu, introuvable, document inconnu, deux étiquettes, aucune."""
    (etude / "codages.csv").unlink()
    for fichier in (etude / "resultats").iterdir():
        fichier.unlink()
    (etude / "resultats").rmdir()
    ecrire(tmp_path, "t.csv", "id,document,tag,content\r\n"
           "1,E1.txt,bus · Absente,Le poste   est resté\r\n1,E1.txt,équipe,Le poste   est resté\r\n"
           "2,e1,équipe,\"On est deux, c'est peu.\nOn s'épuise.\"\r\n3,E2,bus,Le bus ne monte plus ici.\r\n"
           "4,E2,bus,Le tram\r\n5,E7,bus,Non.\r\n6,E2,,Il ne passe plus.\r\n")
    sortie = reussir("importer", etude, tmp_path / "t.csv")
    for attendu in ("t.csv, ligne 6 : « Le bus ne monte plus ici. » : ambigu, 2 fois dans E2",
                    "t.csv, ligne 7 : « Le tram » : introuvable dans E2", "document « E7 » inconnu de l'étude",
                    "0 entretiens ajoutés, 2 déjà là, 4 lignes de codage, 1 mémos."):
        assert attendu in sortie, sortie
    lus = pd.read_csv(etude / "codages.csv", keep_default_na=False)
    assert [(e, p, E1[d:f], c, m) for e, p, d, f, c, m in lus[["entretien", "phrase", "debut", "fin", "code", "modalite"]]
            .itertuples(index=False)] == [
        ("E1", "p002", "Le poste est resté", "bus", "absente"), ("E1", "p002", "Le poste est resté", "équipe", ""),
        ("E1", "p003", "On est deux, c'est peu. On s'e\u0301puise.", "équipe", ""),
        ("E1", "p004", "On est deux, c'est peu. On s'e\u0301puise.", "équipe", "")]
    assert set(lus["codeur"]) == {"taguette"}
    assert [code.code for code in Grille.charger(etude / "grille.yaml")] == ["équipe", "bus"]
    assert Etude.ouvrir(etude).verifier() == []


def test_taguette_dans_une_etude_codee_garde_sa_grille(etude: Path, tmp_path: Path) -> None:
    ecrire(tmp_path, "t.csv", "id,document,tag,content\n1,E1,Coordination fragilisée,Le poste est resté\n1,E1,O08,Le poste est\n")
    assert "2 lignes de codage" in reussir("importer", etude, tmp_path / "t.csv")
    assert not (etude / "grille.yaml").exists()
    lus = pd.read_csv(etude / "codages.csv", keep_default_na=False)
    assert list(lus["code"][lus["codeur"] == "taguette"]) == ["O05", "O08"]
    ecrire(tmp_path, "u.csv", "id,document,tag,content\n1,E1,rumeur,Le poste\n")
    code, sortie = lancer("importer", etude, tmp_path / "u.csv")
    assert code == 1 and "« rumeur rumeur » absent de la grille de l'étude" in sortie


def test_etude_existante_fins_de_ligne_differentes(etude: Path, tmp_path: Path) -> None:
    """L'étude tient les mêmes paroles en LF, le projet en CR LF : les codages tombent juste."""
    reussir("exporter", etude, "qdpx", "--sortie", tmp_path / "a.qdpx")
    (etude / "entretiens" / "E1.txt").write_bytes(E1.replace("\r\n", "\n").encode())
    (etude / "codages.csv").unlink()
    reussir("importer", etude, tmp_path / "a.qdpx")
    lus = pd.read_csv(etude / "codages.csv", keep_default_na=False)
    texte = E1.replace("\r\n", "\n")
    assert {texte[d:f] for d, f in zip(lus["debut"], lus["fin"], strict=True) if f < len(texte)} >= {
        "On est deux", "Le poste est resté vacant six mois."}


def test_rien_ne_s_ecrit_hors_du_dossier(etude: Path, tmp_path: Path) -> None:
    """Un nom de source qui ressemble à un chemin ne sort pas de entretiens/."""
    reussir("exporter", etude, "qdpx", "--sortie", tmp_path / "a.qdpx")
    with zipfile.ZipFile(tmp_path / "a.qdpx") as archive, zipfile.ZipFile(tmp_path / "b.qdpx", "w") as autre:
        for nom in archive.namelist():
            octets = archive.read(nom)
            autre.writestr(nom, octets.replace(b'name="E1" plain', b'name="../../E1" plain'))
    sortie = reussir("importer", tmp_path / "x" / "neuve", tmp_path / "b.qdpx")
    assert "source « ../../E1 » nommée « E1 »" in sortie
    assert sorted(contenu(tmp_path / "x")) == sorted(f"neuve/{nom}" for nom in (
        "codages.csv", "entretiens.csv", "entretiens/E1.txt", "entretiens/E2.txt", "etude.toml", "grille.yaml", "memos.csv",
        "territoires.csv"))
