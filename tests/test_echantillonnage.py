"""`monographies echantillon` puis `estimer` : du dossier d'étude à ses estimations."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from petite_grille import PETITE
from test_apprendre_etude import EQUIVALENTS, GRILLE

from apprentissage import apprendre
from chaine import Bilan, charger_grille
from corpus.etude import Etude
from corpus.fautes import ErreurEtude
from corpus.references import APPRENTISSAGE, charger_references
from echantillonnage import echantillonner, estimer_etude
from estimations_etude import CONFIANCES, ESTIMATIONS, TIREES, estimations_a_montrer
from evaluation.estimation import COLONNES
from extraction.lexique import CodeurLexique
from monographies import _montrer_bilan, principal

SORTIES = ("echantillon.csv", TIREES, CONFIANCES, "echantillon/tirage.json")


@pytest.fixture(scope="module")
def etude(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six entretiens de trois territoires."""
    dossier = tmp_path_factory.mktemp("etude")
    choisis = charger_references(APPRENTISSAGE).entretiens.groupby("territoire").head(2).head(6)
    for fichier in choisis["fichier"]:
        (dossier / "entretiens" / fichier).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(APPRENTISSAGE / "entretiens" / fichier, dossier / "entretiens" / fichier)
    choisis.to_csv(dossier / "entretiens.csv", index=False)
    return dossier


@pytest.fixture(scope="module")
def tiree(etude: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """La même, 150 phrases tirées là où la machine doute ; ses mentions sont les confiances d'au moins un tiers."""
    dossier = tmp_path_factory.mktemp("tiree") / "etude"
    shutil.copytree(etude, dossier)
    echantillonner(dossier, 150, "phrases", "inegal")
    confiances = pd.read_parquet(dossier / CONFIANCES)
    (dossier / "resultats").mkdir()
    confiances[confiances["confiance"] >= 1 / 3].to_parquet(dossier / "resultats" / "mentions.parquet")
    return dossier


def remplir(dossier: Path) -> pd.DataFrame:
    """Code l'échantillon comme le codeur de référence ; rend ses codages sur les phrases tirées."""
    table = pd.read_csv(dossier / "echantillon.csv", dtype=str, keep_default_na=False)
    codages = charger_references(APPRENTISSAGE).codages
    codages = codages[codages["codeur"] == "A"].merge(table[["entretien", "phrase"]])
    dits = codages.assign(dit=codages["code"] + " " + codages["modalite"]).groupby(["entretien", "phrase"])["dit"].agg("; ".join)
    cles = pd.MultiIndex.from_frame(table[["entretien", "phrase"]])
    table.assign(codes=dits.reindex(cles, fill_value="aucun").to_numpy()).to_csv(dossier / "echantillon.csv", index=False)
    return codages


def test_tirer_puis_estimer(tiree: Path, tmp_path: Path) -> None:
    dossier = tmp_path / "etude"
    shutil.copytree(tiree, dossier)
    tirees, confiances = pd.read_parquet(dossier / TIREES), pd.read_parquet(dossier / CONFIANCES)
    assert len(tirees) == 150 and tirees["probabilite"].between(0, 1, inclusive="right").all()
    assert tirees["probabilite"].nunique() > 100
    assert confiances["confiance"].between(0.001, 1).all() and confiances["confiance"].min() < 0.01
    # Le plan va où la machine attend des codes.
    attendus = confiances.groupby(["entretien", "phrase"])["confiance"].sum()
    pris = attendus.index.isin(pd.MultiIndex.from_frame(tirees[["entretien", "phrase"]]))
    assert attendus[pris].mean() > 1.1 * attendus[~pris].mean()
    etude = Etude.ouvrir(dossier)
    lues = (dossier, charger_grille(etude), etude.phrases, etude.entretiens,
            pd.read_parquet(dossier / "resultats" / "mentions.parquet"))
    assert estimations_a_montrer(*lues) == (None, {"absent": "personne n'a encore codé l'échantillon"})
    assert estimations_a_montrer(tmp_path, *lues[1:]) == (None, {})
    codages = remplir(dossier)
    table = estimer_etude(dossier)
    montree, fiche = estimations_a_montrer(*lues)
    pd.testing.assert_frame_equal(montree, table)
    assert (fiche["unite"], fiche["plan"], fiche["taille"]) == ("phrases", "inegal", 150)
    assert fiche["machine"].startswith("machine:")
    relue = pd.read_csv(dossier / ESTIMATIONS, keep_default_na=False)
    assert tuple(relue.columns) == COLONNES and len(relue) == len(table) == 4 * 4 * 27
    toutes = table[(table["portee"] == "national") & (table["modalite"] == "toutes")].set_index("code")
    assert toutes["portent"].to_dict() == codages.drop_duplicates(["entretien", "phrase", "code"])["code"].value_counts().reindex(
        toutes.index, fill_value=0).to_dict()
    corriges = toutes[toutes["conclusion"] == "corrigé"]
    assert len(corriges) and (corriges["portent"] >= 5).all()
    assert (corriges["corrige_bas"] < corriges["corrige"]).all() and (corriges["corrige"] < corriges["corrige_haut"]).all()
    octets = (dossier / ESTIMATIONS).read_bytes()
    estimer_etude(dossier)
    assert octets == (dossier / ESTIMATIONS).read_bytes()


def test_le_tirage_se_rejoue_a_l_octet(etude: Path, tiree: Path, tmp_path: Path) -> None:
    dossier = tmp_path / "etude"
    shutil.copytree(etude, dossier)
    echantillonner(dossier, 150, "phrases", "inegal")
    assert all((dossier / nom).read_bytes() == (tiree / nom).read_bytes() for nom in SORTIES)


def test_entretiens_codes_dans_l_application(etude: Path, tmp_path: Path) -> None:
    """Quatre entretiens ne font pas deux par territoire ; à chances égales, codés dans codages.csv, ils sont estimés."""
    dossier = tmp_path / "etude"
    shutil.copytree(etude, dossier)
    with pytest.raises(ErreurEtude, match="il faut au moins 6 tirages pour 3 strates"):
        echantillonner(dossier, 4, "entretiens", "stratifie")
    bilan = echantillonner(dossier, 4, "entretiens", "simple", graine=3)
    assert (bilan.tirees, bilan.population, bilan.entretiens) == (4, 6, 4)
    tirees = pd.read_parquet(dossier / TIREES)
    assert set(tirees["probabilite"]) == {4 / 6}
    (dossier / "resultats").mkdir()
    pd.read_parquet(dossier / CONFIANCES).query("confiance > 0.3").to_parquet(dossier / "resultats" / "mentions.parquet")
    with pytest.raises(ErreurEtude, match="personne n'a encore codé"):
        estimer_etude(dossier)
    codages = charger_references(APPRENTISSAGE).codages
    codages[codages["entretien"].isin(tirees["entretien"]) & (codages["codeur"] == "A")][
        ["codeur", "entretien", "phrase", "code", "modalite"]].to_csv(dossier / "codages.csv", index=False)
    table = estimer_etude(dossier)
    ligne = table[(table["portee"] == "national") & (table["unite"] == "entretiens") & (table["modalite"] == "toutes")]
    attendus = codages[codages["entretien"].isin(tirees["entretien"])].groupby("code")["entretien"].nunique()
    assert ligne.set_index("code")["portent"].to_dict() == attendus.reindex(ligne["code"], fill_value=0).to_dict()
    assert np.allclose(ligne["echantillon"], ligne["portent"] / 4)
    assert set(table["conclusion"]) == {"trop peu"}  # quatre entretiens ne permettent rien


@pytest.mark.parametrize(("quoi", "attendu"), [
    ("texte", "les entretiens ont changé depuis le tirage"), ("grille", "la grille a changé depuis le tirage"),
    ("analyse", "cette étude n'a pas été analysée"), ("fiche", "le tirage gardé ne se relit pas"),
    ("tirage", "aucun échantillon n'a été tiré"), ("code", "phrases non codées : 2")])
def test_estimations_refusees(tiree: Path, tmp_path: Path, quoi: str, attendu: str) -> None:
    dossier = tmp_path / "etude"
    shutil.copytree(tiree, dossier)
    remplir(dossier)
    if quoi == "texte":
        chemin = next((dossier / "entretiens").rglob("*.txt"))
        chemin.write_text(chemin.read_text(encoding="utf-8") + "\nEt puis voilà, c'est tout.\n", encoding="utf-8")
    elif quoi == "grille":
        (dossier / "grille.yaml").write_text(PETITE, encoding="utf-8")
    elif quoi == "analyse":
        shutil.rmtree(dossier / "resultats")
    elif quoi == "fiche":
        (dossier / "echantillon" / "tirage.json").write_text("{", encoding="utf-8")
    elif quoi == "tirage":
        shutil.rmtree(dossier / "echantillon")
    else:
        table = pd.read_csv(dossier / "echantillon.csv", dtype=str, keep_default_na=False)
        table.loc[[3, 8], "codes"] = ""
        table.to_csv(dossier / "echantillon.csv", index=False)
    with pytest.raises(ErreurEtude, match=attendu):
        estimer_etude(dossier)


def test_la_commande(tiree: Path, etude: Path, tmp_path: Path) -> None:
    def lancer(*arguments: str) -> tuple[int, str]:
        resultat = CliRunner().invoke(principal, list(arguments))
        return resultat.exit_code, resultat.output

    code, sortie = lancer("echantillon", str(tiree), "--taille", "20", "--codes", "C1.1,Z9")
    assert code == 1 and "un échantillon est déjà là" in sortie and "code « Z9 » absent de la grille" in sortie
    neuve = tmp_path / "neuve"
    shutil.copytree(etude, neuve)
    code, sortie = lancer("echantillon", str(neuve), "--taille", "40", "--unite", "phrases", "--plan", "inegal",
                          "--codes", "O01", "--graine", "5")
    assert code == 0 and "40 phrases tirées au sort" in sortie and "visant O01" in sortie and "machine:lecteur-" in sortie
    fiche = json.loads((neuve / "echantillon" / "tirage.json").read_text(encoding="utf-8"))
    assert (fiche["plan"], fiche["codes"], fiche["graine"]) == ("inegal", ["O01"], 5)
    code, sortie = lancer("estimer", str(neuve))
    assert code == 1 and "cette étude n'a pas été analysée" in sortie
    dossier = tmp_path / "codee"
    shutil.copytree(tiree, dossier)
    remplir(dossier)
    code, sortie = lancer("estimer", str(dossier))
    assert code == 0 and "Part des phrases :" in sortie and "Par territoire : " in sortie
    assert ESTIMATIONS in sortie


def test_avec_le_codeur_de_l_etude(etude: Path, tmp_path: Path) -> None:
    """Une grille neuve, apprise sur les codages de l'étude : ses confiances sont calibrées, le plan inégal est permis."""
    dossier = tmp_path / "etude"
    shutil.copytree(etude, dossier)
    (dossier / "grille.yaml").write_text(GRILLE, encoding="utf-8")
    codages = charger_references(APPRENTISSAGE).codages
    codages = codages[codages["code"].isin(EQUIVALENTS)].assign(code=codages["code"].map(EQUIVALENTS))
    codages = codages[codages["entretien"].isin(pd.read_csv(dossier / "entretiens.csv")["entretien"])]
    codages[["codeur", "entretien", "phrase", "code", "modalite"]].to_csv(dossier / "codages.csv", index=False)
    version = apprendre(dossier).version
    assert version and echantillonner(dossier, 50, "phrases", "inegal").machine == f"machine:{version}"
    confiances = pd.read_parquet(dossier / CONFIANCES)
    assert set(confiances["code"]) == {"AR", "PU"}
    vrais = confiances.merge(codages[["entretien", "phrase", "code"]].drop_duplicates(), indicator=True, how="left")
    assert vrais.loc[vrais["_merge"] == "both", "confiance"].mean() > 3 * vrais["confiance"].mean()


def test_plan_inegal_refuse_sans_confiances_calibrees(etude: Path, tmp_path: Path) -> None:
    """Une grille que la machine n'a pas apprise : repérée par lexique, elle ne dit pas où elle doute."""
    dossier = tmp_path / "etude"
    shutil.copytree(etude, dossier)
    (dossier / "grille.yaml").write_text(PETITE, encoding="utf-8")
    with pytest.raises(ErreurEtude, match="codes que la machine n'a pas appris, repérés par lexique"):
        echantillonner(dossier, 50, "phrases", "inegal")
    assert not (dossier / "echantillon.csv").exists()
    assert echantillonner(dossier, 50, "phrases", "simple").machine == f"machine:{CodeurLexique.version}"


def test_l_analyse_dit_pourquoi_elle_n_estime_rien(capsys: pytest.CaptureFixture[str]) -> None:
    execution = {"avertissements": [], "suppositions": {}, "ecartes": [], "fautes": [], "effectifs": dict.fromkeys(
        ("entretiens", "mots", "mentions", "themes"), 1)}
    for echantillon, dit in (({}, False), ({"unite": "entretiens"}, False), ({"absent": "personne n'a codé"}, True)):
        _montrer_bilan(Bilan(Path("resultats"), True, {**execution, "echantillon": echantillon}))
        assert ("Pas de parts estimées : personne n'a codé." in capsys.readouterr().out) == dit
