"""L'analyse entière sur une petite étude : contrats, reprise, cache, fautes."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock

import chaine
from chaine import analyser
from corpus.fautes import ErreurEtude
from corpus.references import DEMONSTRATION, charger_references
from evaluation.saturation import SATURATIONS
from evaluation.themes_grille import COLONNES_CODES, COLONNES_PROPOSITIONS, ENTRETIENS_MIN
from modeles.textometrie import COLONNES as COLONNES_TEXTOMETRIE

DATE = 1_700_000_000
"""Dernière modification des fichiers de l'étude : le 14 novembre 2023."""
TEXTOMETRIE = COLONNES_TEXTOMETRIE | SATURATIONS
CONSTATS = ("regards", "regards_categories", "configurations", "table_verite", "formules_qca")
RETENUS = ("T01-E01", "T01-E02", "T03-E03", "T03-E04")
SORTIES = {"entretiens.csv", "phrases.parquet", "tours.parquet", "mentions.parquet", "mentions.csv", "retenues.parquet",
           "retenues.csv", "themes.csv", "themes_phrases.csv", "themes_codes.csv", "codes_proposes.csv", "matrice.csv", "hesitations.csv",
           "themes_territoires.csv", "themes_ecarts.csv", *(f"{nom}.csv" for nom in TEXTOMETRIE),
           *(f"{nom}.csv" for nom in CONSTATS), "probables.csv",
           "questionnaire_resultats.csv", "questionnaire_poids.csv", "rapprochement.csv",
           "rapport.html", "tableaux.xlsx", "tableaux.ods", "synthese.docx", "synthese.odt", "execution.json"}
IMAGES = {"images/similitudes.svg", "images/saturation_codes.svg", "images/saturation_themes.svg"}
DOCUMENTS = {f"monographies/{lieu}.{format_}" for lieu in ("T01", "T03") for format_ in ("docx", "odt")}


def petite_etude(dossier: Path) -> Path:
    """Quatre entretiens de la démonstration, sur deux territoires, et son questionnaire."""
    entretiens = charger_references(DEMONSTRATION).entretiens
    choisis = entretiens[entretiens["entretien"].isin(RETENUS)]
    for fichier in choisis["fichier"]:
        (dossier / "entretiens" / fichier).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(DEMONSTRATION / "entretiens" / fichier, dossier / "entretiens" / fichier)
    choisis.to_csv(dossier / "entretiens.csv", index=False)
    for nom in ("territoires", "questionnaire", "questionnaire_variables", "questionnaire_cites"):
        shutil.copy(DEMONSTRATION / f"{nom}.csv", dossier)
    for fichier in dossier.rglob("*.*"):
        os.utime(fichier, (DATE, DATE))
    return dossier


def suivi() -> tuple[dict[str, int], chaine.Progres]:
    """Le nombre d'éléments traités par étape, et la fonction de progrès qui le remplit."""
    faits: dict[str, int] = {}
    return faits, lambda etape, fait, total: faits.update({etape: total})


@pytest.fixture(scope="module")
def analysee(tmp_path_factory: pytest.TempPathFactory) -> Path:
    dossier = petite_etude(tmp_path_factory.mktemp("etude"))
    assert analyser(dossier).refait
    return dossier


def test_resultats_complets_et_contrats(analysee: Path) -> None:
    resultats = analysee / "resultats"
    ecrits = {chemin.relative_to(resultats).as_posix() for chemin in resultats.rglob("*")
              if chemin.is_file() and ".cache" not in chemin.parts}
    assert {nom for nom in ecrits if not nom.startswith("images/")} == SORTIES | DOCUMENTS
    phrases = pd.read_parquet(resultats / "phrases.parquet")
    assert list(phrases.columns) == ["entretien", "tour", "phrase", "role", "debut", "fin", "texte"]
    mentions = pd.read_parquet(resultats / "mentions.parquet")
    assert list(mentions.columns)[:10] == ["entretien", "phrase", "debut", "fin", "texte", "code", "modalite",
                                           "confiance", "codeur", "preuve"]
    assert set(mentions["modalite"]) <= {"presente", "absente", "hypothetique"}
    assert mentions["confiance"].between(0, 1).all() and mentions["codeur"].str.fullmatch(r"machine:lecteur-\w+").all()
    hesitations = pd.read_csv(resultats / "hesitations.csv")
    assert list(hesitations.columns) == list(mentions.columns)
    assert hesitations["a_relire"].all() and not mentions["a_relire"].all()
    assert hesitations["confiance"].max() < mentions["confiance"].min() + 1e-4
    assert not set(zip(hesitations["phrase"], hesitations["entretien"], hesitations["code"], strict=True)) & set(
        zip(mentions["phrase"], mentions["entretien"], mentions["code"], strict=True))
    relues = pd.read_csv(resultats / "mentions.csv", keep_default_na=False)
    pd.testing.assert_frame_equal(relues, mentions, check_dtype=False)
    themes = pd.read_csv(resultats / "themes.csv")
    assert set(themes["portee"]) == {"national", "T01", "T03"}
    assert {"portee", "theme", "libelle", "mots", "phrases", "part", "x", "y", "qualite"} <= set(themes.columns)
    parts = pd.read_csv(resultats / "themes_territoires.csv", keep_default_na=False)
    ensemble = parts[(parts["territoire"] == "") & (parts["categorie"] == "")]
    nationaux = themes[themes["portee"] == "national"]
    assert list(ensemble["phrases"]) == list(nationaux["phrases"])
    assert list(ensemble["part"]) == pytest.approx(list(nationaux["part"]))
    ecarts = pd.read_csv(resultats / "themes_ecarts.csv", keep_default_na=False)
    assert list(ecarts["territoire"].unique()) == ["T01", "T03"] and len(ecarts) == 2 * len(nationaux)
    assert {"themes-territoires-national.svg", "themes-categories-national.svg", "themes-ecarts-T01.svg"} <= {
        image.name for image in (resultats / "images").iterdir()}
    assert list(pd.read_csv(resultats / "themes_phrases.csv").columns) == ["portee", "theme", "entretien", "phrase", "poids"]
    assert themes["stabilite"].dropna().between(0, 1).all() and themes["stabilite"].notna().any()
    assert (themes.groupby("portee")["stabilite_portee"].nunique(dropna=False) == 1).all()
    croises = pd.read_csv(resultats / "themes_codes.csv")
    assert list(croises.columns) == list(COLONNES_CODES) and len(croises) == 27 * len(themes)
    liens = pd.read_csv(resultats / "themes_phrases.csv").merge(
        mentions[["entretien", "phrase", "code"]].drop_duplicates(), on=["entretien", "phrase"])
    recomptes = liens.groupby(["portee", "theme", "code"]).size()
    portes = croises[croises["phrases"] > 0].set_index(["portee", "theme", "code"])["phrases"]
    assert portes.sort_index().to_dict() == recomptes.to_dict()
    parts = liens.drop_duplicates(["portee", "theme", "entretien", "phrase"]).groupby(["portee", "theme"]).size()
    attendues = [parts.get((t.portee, t.theme), 0) / t.phrases for t in themes.itertuples()]
    assert list(themes["part_codee"]) == pytest.approx(attendues)
    proposes = pd.read_csv(resultats / "codes_proposes.csv")
    assert list(proposes.columns) == list(COLONNES_PROPOSITIONS)
    assert (proposes["entretiens"] >= ENTRETIENS_MIN).all()
    matrice = pd.read_csv(resultats / "matrice.csv")
    assert len(matrice) == 2 * 27 * 3
    assert matrice["phrases"].sum() == len(mentions)


def test_la_textometrie_tient_ses_contrats(analysee: Path) -> None:
    resultats = analysee / "resultats"
    lues = {nom: pd.read_csv(resultats / f"{nom}.csv") for nom in TEXTOMETRIE}
    assert {nom: tuple(table.columns) for nom, table in lues.items()} == TEXTOMETRIE
    segments, classes = lues["segments_reinert"], lues["classes_reinert"]
    assert segments[segments["classe"] > 0].groupby("classe").size().to_dict() == classes.set_index(
        "classe")["segments"].to_dict()
    phrases = pd.read_parquet(resultats / "phrases.parquet")
    dites = phrases[phrases["role"] == "enquete"]
    assert sum(len(suite.split(";")) for suite in segments["phrases"]) == len(dites)
    # Recompté sans passer par les segments : les entretiens d'un territoire qui emploient une forme.
    specificites = lues["specificites"]
    assert set(specificites["partie"][specificites["variable"] == "territoire"]) == {"T01", "T03"}
    ville = specificites[(specificites["forme"] == "ville") & (specificites["partie"] == "T03")].iloc[0]
    porteurs = dites[dites["texte"].str.contains(r"\bvilles?\b", case=False) & dites["entretien"].str.startswith("T03")]
    assert ville["entretiens"] == porteurs["entretien"].nunique()
    assert set(lues["saturation"]["entretien"]) == set(RETENUS)
    execution = json.loads((resultats / "execution.json").read_text(encoding="utf-8"))
    images = {f"images/{chemin.name}" for chemin in (resultats / "images").iterdir()}
    assert images == {nom for nom in execution["sorties"] if nom.startswith("images/")}
    assert any("T03" in nom for nom in images)


def test_une_image_touchee_est_refaite_une_image_de_trop_effacee(analysee: Path, tmp_path: Path) -> None:
    copie = tmp_path / "etude"
    shutil.copytree(analysee, copie)
    image = copie / "resultats" / "images" / "similitudes.svg"
    avant = image.read_bytes()
    image.write_text("abîmée", encoding="utf-8")
    (copie / "resultats" / "images" / "specificites_territoire_09_ancien.svg").write_text("<svg/>", encoding="utf-8")
    faits, progres = suivi()
    assert analyser(copie, progres=progres).refait and faits == {"écriture des résultats": 1}
    assert image.read_bytes() == avant
    assert not list(image.parent.glob("*ancien*"))
def test_le_questionnaire_est_rapproche(analysee: Path) -> None:
    table = pd.read_csv(analysee / "resultats" / "rapprochement.csv")
    assert table["portee"].value_counts().to_dict() == {"national": 27, "T01": 27, "T03": 27}
    mentions = pd.read_parquet(analysee / "resultats" / "mentions.parquet")
    dits = mentions[mentions["modalite"].isin(["presente", "absente"])].groupby("code")["entretien"].nunique()
    national = table[table["portee"] == "national"].set_index("code")["entretiens"]
    assert national[national > 0].to_dict() == dits.to_dict()


def test_changer_le_questionnaire_ne_refait_que_l_ecriture(analysee: Path, tmp_path: Path) -> None:
    copie = tmp_path / "etude"
    shutil.copytree(analysee, copie)
    (copie / "questionnaire_cites.csv").unlink()
    faits, progres = suivi()
    bilan = analyser(copie, progres=progres)
    assert faits == {"écriture des résultats": 1}
    assert any("pas de questionnaire_cites" in dite for dite in bilan.execution["suppositions"][""])


def test_un_questionnaire_fautif(tmp_path: Path) -> None:
    """Une faute du questionnaire touche toute l'étude : elle est dite avec les autres, avant toute analyse."""
    petite_etude(tmp_path)
    (tmp_path / "entretiens/T01/T01-E01.txt").write_text("", encoding="utf-8")
    chemin = tmp_path / "questionnaire_variables.csv"
    chemin.write_text(chemin.read_text(encoding="utf-8").replace(",C1.2,", ",C9.9,"), encoding="utf-8")
    for continuer in (False, True):
        with pytest.raises(ErreurEtude) as leve:
            analyser(tmp_path, continuer=continuer)
        assert [faute.fichier for faute in leve.value.fautes] == ["entretiens/T01/T01-E01.txt", "questionnaire_variables.csv"]


def test_tout_chiffre_redescend_au_fichier(analysee: Path) -> None:
    """Une mention d'un .txt se relit dans le fichier, à ses positions."""
    mentions = pd.read_parquet(analysee / "resultats" / "mentions.parquet")
    fichiers = pd.read_csv(analysee / "resultats" / "entretiens.csv").set_index("entretien")["fichier"]
    relues = 0
    for mention in mentions.itertuples():
        chemin = analysee / fichiers[mention.entretien]
        if chemin.suffix == ".txt":
            texte = chemin.read_text(encoding="utf-8")
            assert texte[mention.debut:mention.fin] == mention.texte
            relues += 1
    assert relues > 20


def test_execution_dit_la_provenance(analysee: Path) -> None:
    execution = json.loads((analysee / "resultats" / "execution.json").read_text(encoding="utf-8"))
    assert {nom for nom in execution["sorties"] if not nom.startswith("images/")} == (SORTIES | DOCUMENTS) - {"execution.json"}
    assert {nom for nom in execution["sorties"] if nom.startswith("images/")} >= IMAGES
    assert set(execution["durees"]) == {"lecture", "langue, mentions, plongements", "thèmes", "textométrie",
                                        "restitution"}
    assert len([nom for nom in execution["empreintes"]["fichiers"] if nom.startswith("entretiens/")]) == 4
    assert any("4 des 4 entretiens codés par la machine lui ont servi à apprendre" in dit for dit in execution["avertissements"])


def test_relancer_ne_refait_rien(analysee: Path) -> None:
    faits, progres = suivi()
    instants = {chemin: chemin.stat().st_mtime_ns for chemin in (analysee / "resultats").iterdir()}
    bilan = analyser(analysee, progres=progres)
    assert not bilan.refait and faits == {}
    assert {chemin: chemin.stat().st_mtime_ns for chemin in (analysee / "resultats").iterdir()} == instants


def test_un_resultat_touche_est_refait_depuis_le_cache(analysee: Path) -> None:
    avant = (analysee / "resultats" / "mentions.csv").read_bytes()
    (analysee / "resultats" / "mentions.csv").write_text("abîmé", encoding="utf-8")
    faits, progres = suivi()
    assert analyser(analysee, progres=progres).refait
    assert faits == {"écriture des résultats": 1}
    assert (analysee / "resultats" / "mentions.csv").read_bytes() == avant


def test_changer_un_entretien_ne_recalcule_que_lui(analysee: Path, tmp_path: Path) -> None:
    copie = tmp_path / "etude"
    shutil.copytree(analysee, copie)
    avant = pd.read_parquet(copie / "resultats" / "mentions.parquet")
    with open(copie / "entretiens/T01/T01-E01.txt", "a", encoding="utf-8") as fichier:
        fichier.write(" Et on manque de places en crèche, c'est le premier frein.\n")
    faits, progres = suivi()
    analyser(copie, progres=progres)
    # Les thèmes dépendent de tous les propos de leur portée, et ceux d'un territoire des repères nationaux.
    assert faits == {"entretiens lus": 1, "entretiens analysés": 1, "thèmes nationaux": 1, "thèmes par territoire": 2,
                     "textométrie": 1, "écriture des résultats": 1}
    apres = pd.read_parquet(copie / "resultats" / "mentions.parquet")
    autres = RETENUS[1:]
    pd.testing.assert_frame_equal(avant[avant["entretien"].isin(autres)].reset_index(drop=True),
                                  apres[apres["entretien"].isin(autres)].reset_index(drop=True))
    assert pd.read_parquet(copie / "resultats" / "phrases.parquet")["texte"].str.contains("premier frein").any()
    # Retouché, l'entretien reste reconnu comme appris.
    execution = json.loads((copie / "resultats" / "execution.json").read_text(encoding="utf-8"))
    assert any("4 des 4 entretiens codés par la machine lui ont servi à apprendre" in dit for dit in execution["avertissements"])


def test_deux_analyses_donnent_les_memes_octets(analysee: Path, tmp_path: Path) -> None:
    autre = petite_etude(tmp_path / analysee.name)
    assert analyser(autre, travaux=1).execution["date"] == "2023-11-14"
    for nom in (SORTIES | DOCUMENTS) - {"execution.json"}:  # lui seul porte l'heure et les durées
        assert (autre / "resultats" / nom).read_bytes() == (analysee / "resultats" / nom).read_bytes(), nom
    for image in (analysee / "resultats" / "images").iterdir():
        assert (autre / "resultats" / "images" / image.name).read_bytes() == image.read_bytes(), image.name


def test_reprise_apres_interruption(tmp_path: Path) -> None:
    """Arrêtée après un entretien, l'analyse ne refait pas ce qui est gardé."""
    petite_etude(tmp_path)

    def interrompre(etape: str, fait: int, total: int) -> None:
        if etape == "entretiens analysés" and fait == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        analyser(tmp_path, travaux=1, progres=interrompre)
    assert not (tmp_path / "resultats" / "execution.json").exists()
    faits, progres = suivi()
    assert analyser(tmp_path, travaux=1, progres=progres).refait
    assert "entretiens lus" not in faits
    assert faits["entretiens analysés"] < 4


def test_un_entretien_fautif(tmp_path: Path) -> None:
    petite_etude(tmp_path)
    (tmp_path / "entretiens/T01/T01-E01.txt").write_text("", encoding="utf-8")
    with pytest.raises(ErreurEtude) as leve:
        analyser(tmp_path)
    assert [faute.entretien for faute in leve.value.fautes] == ["T01-E01"]
    assert not (tmp_path / "resultats" / "mentions.csv").exists()
    bilan = analyser(tmp_path, continuer=True)
    assert bilan.execution["ecartes"] == ["T01-E01"]
    assert any("T01-E01" in avertissement for avertissement in bilan.execution["avertissements"])
    assert "T01-E01" not in set(pd.read_parquet(tmp_path / "resultats" / "mentions.parquet")["entretien"])
    assert "T01-E01.txt" in (tmp_path / "resultats" / "rapport.html").read_text(encoding="utf-8")


def test_textes_nus_et_autre_grille(tmp_path: Path) -> None:
    """Rien que des .txt, et la grille d'une autre évaluation : l'analyse marche et dit ce qu'elle suppose."""
    for nom in ("premier", "second"):
        (tmp_path / f"{nom}.txt").write_text(
            "Vous travaillez ici depuis longtemps ?\n\nDepuis dix ans. Les parents viennent peu à l'école, ils se "
            "méfient de l'institution.\n\nEt comment faites-vous ?\n\nOn va vers eux, on les reçoit autour d'un café.\n",
            encoding="utf-8")
    shutil.copy(Path(chaine.__file__).parent / "extraction/grilles/cites_educatives.yaml", tmp_path / "grille.yaml")
    bilan = analyser(tmp_path)
    dites = " ".join(bilan.execution["suppositions"][""])
    assert "pas d'entretiens.csv" in dites and "catégorie d'acteur inconnue" in dites
    assert {"premier", "second"} <= set(bilan.execution["suppositions"])
    assert any("lexique" in avertissement for avertissement in bilan.execution["avertissements"])
    assert not any("servi à apprendre" in avertissement for avertissement in bilan.execution["avertissements"])
    tours = pd.read_parquet(tmp_path / "resultats" / "tours.parquet")
    assert list(tours["role"]) == ["enqueteur", "enquete"] * 4
    mentions = pd.read_parquet(tmp_path / "resultats" / "mentions.parquet")
    assert (mentions["codeur"] == "machine:lexique-1").all() and len(mentions) > 0


def test_une_entree_abimee_du_cache_est_recalculee(analysee: Path, tmp_path: Path) -> None:
    copie = tmp_path / "etude"
    shutil.copytree(analysee, copie)
    avant = (copie / "resultats" / "mentions.csv").read_bytes()
    for etape in ("phrases", "mentions", "plongements"):
        sorted((copie / "resultats" / ".cache" / etape).iterdir())[0].write_bytes(b"PAR1")
    (copie / "resultats" / "execution.json").unlink()
    assert analyser(copie).refait
    assert (copie / "resultats" / "mentions.csv").read_bytes() == avant


def test_deux_analyses_a_la_fois_sont_refusees(tmp_path: Path) -> None:
    dossier = petite_etude(tmp_path)
    garde = dossier / "resultats" / ".cache"
    garde.mkdir(parents=True)
    with FileLock(garde / "verrou"), pytest.raises(ErreurEtude, match="une autre analyse de cette étude est en cours"):
        analyser(dossier)
    assert [chemin.name for chemin in dossier.glob("resultats/**/*") if chemin.is_file() and chemin.name != "verrou"] == []


@pytest.mark.parametrize("grille", ["/etc/grille.yaml", "../grille.yaml", ".cachee.yaml", "resultats/g.yaml", "absente.yaml"])
def test_la_grille_doit_etre_dans_l_etude(tmp_path: Path, grille: str) -> None:
    petite_etude(tmp_path)
    (tmp_path / "etude.toml").write_text(f'grille = "{grille}"\n', encoding="utf-8")
    with pytest.raises(ErreurEtude) as leve:
        analyser(tmp_path)
    assert len(leve.value.fautes) == 1 and Path(grille).name in str(leve.value)


@pytest.mark.parametrize(("variable", "refaits"), [
    ("categorie", {"textométrie": 1}), ("fonction", {"entretiens analysés": 4})])
def test_corriger_une_variable_ne_relit_rien(
        analysee: Path, tmp_path: Path, variable: str, refaits: dict[str, int]) -> None:
    """La fonction aide le codeur à lire, la catégorie fait comparer : les corriger ne fait rien relire."""
    copie = tmp_path / "etude"
    shutil.copytree(analysee, copie)
    table = pd.read_csv(copie / "entretiens.csv")
    table[variable] = "association"
    table.to_csv(copie / "entretiens.csv", index=False)
    faits, progres = suivi()
    analyser(copie, progres=progres)
    assert faits == refaits | {"écriture des résultats": 1}
    assert set(pd.read_csv(copie / "resultats" / "entretiens.csv")[variable]) == {"association"}


def test_grille_mal_formee(tmp_path: Path) -> None:
    petite_etude(tmp_path)
    (tmp_path / "grille.yaml").write_text("identifiant: x\ncodes: []\n", encoding="utf-8")
    with pytest.raises(ErreurEtude) as leve:
        analyser(tmp_path)
    assert {faute.fichier for faute in leve.value.fautes} == {"grille.yaml"}
    assert all(faute.remede for faute in leve.value.fautes)


def test_rejouer_depuis_rien_redonne_les_memes_octets_et_efface_les_documents_perimes(
        analysee: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copie = tmp_path / analysee.name
    shutil.copytree(analysee, copie)
    premiers = {nom: (copie / "resultats" / nom).read_bytes() for nom in SORTIES | DOCUMENTS}
    for nom in SORTIES | DOCUMENTS:
        (copie / "resultats" / nom).unlink()
    assert analyser(copie).refait
    for nom in (SORTIES | DOCUMENTS) - {"execution.json"}:
        assert (copie / "resultats" / nom).read_bytes() == premiers[nom], nom
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1600000000")
    entretiens = pd.read_csv(copie / "entretiens.csv")
    entretiens[entretiens["territoire"] == "T03"].to_csv(copie / "entretiens.csv", index=False)
    (copie / "resultats" / "monographies" / "T01 relu.docx").write_bytes(b"a moi")
    execution = analyser(copie).execution
    assert execution["date"] == "2020-09-13"
    restes = {chemin.name for chemin in (copie / "resultats" / "monographies").iterdir()}
    assert restes == {"T03.docx", "T03.odt", "T01 relu.docx"}


def test_gabarits_et_pseudonymes_fautifs_se_disent_avant_de_coder(tmp_path: Path) -> None:
    etude = petite_etude(tmp_path)
    (etude / "gabarits").mkdir()
    (etude / "gabarits" / "synthese.docx").write_text("rien")
    (etude / "pseudonymes.csv").write_text("forme,remplacement\nSamia,\n", encoding="utf-8")
    attendus = {"gabarits/synthese.docx", "pseudonymes.csv"}
    assert {faute.fichier for faute in chaine.verifier(etude)[1]} == attendus
    with pytest.raises(ErreurEtude) as erreur:
        analyser(etude, continuer=True)
    assert {faute.fichier for faute in erreur.value.fautes} == attendus and not (etude / "resultats" / "rapport.html").exists()


def test_la_part_codee_par_des_humains_et_leur_accord(analysee: Path, tmp_path: Path) -> None:
    """Un évaluateur code comme la machine sauf une mention retirée : κ recalculé à part."""
    copie = tmp_path / "copie"
    shutil.copytree(analysee, copie)
    mentions = pd.read_csv(copie / "resultats" / "mentions.csv", keep_default_na=False)
    siennes = mentions[mentions["entretien"] == "T01-E01"].drop_duplicates(["phrase", "code"])
    siennes.iloc[1:].assign(codeur="MD")[["codeur", "entretien", "phrase", "code", "modalite"]].to_csv(
        copie / "codages.csv", index=False)
    humain = analyser(copie).execution["codage_humain"]
    phrases = pd.read_parquet(copie / "resultats" / "phrases.parquet")
    cases = 27 * ((phrases["entretien"] == "T01-E01") & (phrases["role"] == "enquete")).sum()
    n = len(siennes)
    observe, hasard = 1 - 1 / cases, (n * (n - 1) + (cases - n) * (cases - n + 1)) / cases**2
    assert humain["kappa"] == pytest.approx((observe - hasard) / (1 - hasard))
    assert (humain["entretiens"], humain["codeurs"], humain["appris"]) == (["T01-E01"], ["MD"], True)
    # Là où MD a codé, les tableaux comptent ce qu'il a posé ; mentions.csv garde toute la machine.
    retenues = pd.read_csv(copie / "resultats" / "retenues.csv", keep_default_na=False)
    ici = retenues[retenues["entretien"] == "T01-E01"]
    assert len(ici) == n - 1 and set(ici["codeur"]) == {"MD"} and set(ici["confiance"]) == {""}
    assert retenues[retenues["entretien"] != "T01-E01"].equals(mentions[mentions["entretien"] != "T01-E01"].set_axis(
        retenues.index[retenues["entretien"] != "T01-E01"]).astype(retenues.dtypes))
    assert pd.read_csv(copie / "resultats" / "mentions.csv", keep_default_na=False).equals(mentions)
    matrice = pd.read_csv(copie / "resultats" / "matrice.csv")
    assert matrice["phrases"].sum() == retenues.drop_duplicates(["entretien", "phrase", "code", "modalite"]).shape[0]
    avertissements = analyser(copie).execution["avertissements"]
    assert any("Codés en entier par des personnes (MD) : 1 des" in dit for dit in avertissements)


def test_des_codages_fautifs_arretent_l_analyse(analysee: Path, tmp_path: Path) -> None:
    copie = tmp_path / "copie"
    shutil.copytree(analysee, copie)
    (copie / "codages.csv").write_text("codeur,entretien,phrase,code\nMD,T01-E01,p001,X9\n", encoding="utf-8")
    (copie / "decisions.csv").write_text("personne,decision,entretien\nMD,fini,T01-E01\n", encoding="utf-8")
    attendues = [("codages.csv", 2), ("decisions.csv", 2)]
    assert [(f.fichier, f.ligne) for f in chaine.verifier(copie)[1]] == attendues
    with pytest.raises(ErreurEtude) as erreur:
        analyser(copie)
    assert [(f.fichier, f.ligne) for f in erreur.value.fautes] == attendues
