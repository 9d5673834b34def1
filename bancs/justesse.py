"""Ce que vaut le codeur machine sur un territoire qu'il n'a pas vu.

    python -m bancs.justesse [--territoires T01,T02] [--sortie bancs/resultats]

À chaque tour, un territoire de la démonstration est tenu à l'écart : le codeur apprend sur les neuf
autres et sur les entretiens d'apprentissage, seuils choisis à l'intérieur de l'apprentissage, puis code
le territoire. À côté, dans la même exécution : une régression logistique TF-IDF sur la phrase seule, le
lexique de la grille (sans apprentissage), et l'accord de deux codages indépendants (T03 et T07).

Écrit `justesse.md`, `justesse.json`, et `mentions_hors_apprentissage.csv` au format de `mentions.csv`.
"""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score
from sklearn.model_selection import GroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from corpus.references import APPRENTISSAGE, DEMONSTRATION, charger_references
from evaluation.justesse import Justesse, Mesure, ece, mesurer
from extraction.grille import Grille
from extraction.lexique import CodeurLexique
from extraction.mentions import COLONNES, analyser_phrases, genre_de_modalite
from modeles.apprendre import CODEUR_DE_REFERENCE, Exemples, codes_des_references, rassembler_exemples
from modeles.codeur import SEUILS_ESSAYES, CodeurMachine

Reels = npt.NDArray[np.float64]
Booleens = npt.NDArray[np.bool_]
SORTIE = Path(__file__).parent / "resultats"


def reference_tfidf(appris: Exemples, tenu: Exemples) -> Booleens:
    """Régression logistique sur les mots de la phrase seule ; seuil choisi dans l'apprentissage."""
    def modele() -> object:
        return make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
                             OneVsRestClassifier(LogisticRegression(C=4, solver="liblinear")))

    interne = np.zeros(appris.y.shape)
    for a, b in GroupKFold(3).split(appris.X, groups=appris.groupes):
        interne[b] = modele().fit(appris.X["texte"].iloc[a], appris.y[a]).predict_proba(appris.X["texte"].iloc[b])
    kappas = [cohen_kappa_score(appris.y.ravel(), (interne >= seuil).ravel()) for seuil in SEUILS_ESSAYES]
    probabilites = modele().fit(appris.X["texte"], appris.y).predict_proba(tenu.X["texte"])
    resultat: Booleens = probabilites >= SEUILS_ESSAYES[int(np.argmax(kappas))]
    return resultat


def mentions_du_pli(codeur: CodeurMachine, tenu: Exemples, probabilites: Reels, territoire: str) -> pd.DataFrame:
    """Les codes posés, sans modalité ni positions encore."""
    lignes, rangs = np.nonzero(probabilites >= codeur.seuil_)
    codes = [codeur.codes[rang] for rang in rangs]
    return pd.DataFrame({
        "entretien": tenu.X["entretien"].to_numpy()[lignes], "phrase": tenu.X["phrase"].to_numpy()[lignes],
        "code": codes, "confiance": probabilites[lignes, rangs].round(4),
        "codeur": f"machine:lexical-hors-{territoire}",
        "preuve": codeur.preuves(list(tenu.X["texte"].iloc[lignes]), codes)})


def completer(mentions: pd.DataFrame, grille: Grille) -> pd.DataFrame:
    """Joint positions, texte et modalité : le format de `mentions.csv`."""
    phrases = charger_references(DEMONSTRATION).phrases
    langue = analyser_phrases(phrases)
    table = mentions.merge(phrases[["entretien", "phrase", "debut", "fin", "texte"]], on=["entretien", "phrase"])
    table = table.merge(langue, on=["entretien", "phrase"])
    genres = [genre_de_modalite(grille[code].genre) for code in table["code"]]
    for cible, source in (("modalite", "modalite"), ("indices_modalite", "indices")):
        table[cible] = [ligne[f"{source}_{genre}"] for genre, (_, ligne) in zip(genres, table.iterrows(), strict=True)]
    return table[list(COLONNES)]


def accord_humain(codes: list[str]) -> Justesse:
    """Accord du codeur B avec le codeur A, sur les entretiens que B a codés."""
    codages = charger_references(DEMONSTRATION).codages
    entretiens = set(codages.loc[codages["codeur"] == "B", "entretien"])
    phrases = charger_references(DEMONSTRATION).phrases
    phrases = phrases[(phrases["role"] == "enquete") & phrases["entretien"].isin(entretiens)].reset_index(drop=True)
    lignes = {cle: rang for rang, cle in enumerate(zip(phrases["entretien"], phrases["phrase"], strict=True))}
    portes = {codeur: np.zeros((len(phrases), len(codes)), dtype=bool) for codeur in "AB"}
    for codage in codages[codages["entretien"].isin(entretiens)].itertuples():
        portes[codage.codeur][lignes[codage.entretien, codage.phrase], codes.index(codage.code)] = True
    return mesurer(portes["A"], portes["B"], list(phrases["entretien"]), codes)


def _f(valeur: float) -> str:
    return f"{valeur:.2f}".replace(".", ",")


def _cellule(mesure: Mesure) -> str:
    return f"{_f(mesure.valeur)} [{_f(mesure.bas)} ; {_f(mesure.haut)}]"


def tableau(mesures: dict[str, Justesse]) -> str:
    """Tableau Markdown des codeurs."""
    lignes = ["| codeur | κ par (phrase, code) | F1 | F1 macro par code | κ phrase codée ou non | précision | rappel |",
              "| --- | --- | --- | --- | --- | --- | --- |"]
    lignes += [f"| {nom} | {_cellule(m.kappa)} | {_cellule(m.f1)} | {_cellule(m.f1_macro)} | "
               f"{_cellule(m.kappa_phrase)} | {_f(m.precision)} | {_f(m.rappel)} |" for nom, m in mesures.items()]
    return "\n".join(lignes)


def principal() -> None:
    analyseur = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    analyseur.add_argument("--territoires", default="", help="territoires à tenir à l'écart, séparés par des virgules")
    analyseur.add_argument("--sortie", type=Path, default=SORTIE)
    analyseur.add_argument("--travaux", type=int, default=2)
    options = analyseur.parse_args()
    dossiers = (DEMONSTRATION, APPRENTISSAGE)
    codes = codes_des_references(dossiers)
    grille = Grille.charger()
    exemples = rassembler_exemples(dossiers, codes)
    territoires = options.territoires.split(",") if options.territoires else sorted(
        charger_references(DEMONSTRATION).entretiens["territoire"].unique())

    references, entretiens, posees, probabilites, mentions = [], [], {}, [], []
    for territoire in territoires:
        tenus = exemples.groupes == territoire
        appris, tenu = exemples.partie(~tenus), exemples.partie(tenus)
        codeur = CodeurMachine(tuple(codes), travaux=options.travaux).fit(appris.X, appris.y, appris.groupes)
        p = codeur.predict_proba(tenu.X)
        lexique = CodeurLexique([grille[code] for code in codes]).reperer(list(tenu.X["texte"]))[0]
        for nom, pose in (("codeur machine", p >= codeur.seuil_),
                          ("régression TF-IDF, phrase seule", reference_tfidf(appris, tenu)),
                          ("lexique de la grille, sans apprentissage", lexique > 0)):
            posees.setdefault(nom, []).append(pose)
        references.append(tenu.y)
        entretiens.extend(tenu.X["entretien"])
        probabilites.append(p)
        mentions.append(mentions_du_pli(codeur, tenu, p, territoire))
        pli = mesurer(tenu.y, p >= codeur.seuil_, list(tenu.X["entretien"]), codes, tirages=0)
        print(f"{territoire} : κ {pli.kappa.valeur:.3f}, F1 macro {pli.f1_macro.valeur:.3f}, "
              f"seuil {codeur.seuil_:.2f}", flush=True)

    y = np.vstack(references)
    mesures = {nom: mesurer(y, np.vstack(poses), entretiens, codes) for nom, poses in posees.items()}
    mesures["second codeur humain (T03, T07)"] = accord_humain(codes)
    calibration = ece(np.vstack(probabilites), y)
    nombre = len(set(entretiens))
    lignes = [f"Territoires tenus à l'écart tour à tour : {', '.join(territoires)} ({nombre} entretiens, {len(y)} "
              "phrases). Entre crochets, intervalles à 95 % par rééchantillonnage des entretiens.", "",
              tableau(mesures), "", f"Calibration du codeur machine : ECE {calibration:.4f}.".replace(".", ",", 1), "",
              "| code | intitulé | phrases | κ | F1 |", "| --- | --- | --- | --- | --- |"]
    lignes += [f"| {code} | {grille[code].intitule} | {effectif} | {_f(k)} | {_f(f)} |"
               for code, effectif, k, f in mesures["codeur machine"].par_code]
    options.sortie.mkdir(parents=True, exist_ok=True)
    texte = "\n".join(lignes) + "\n"
    (options.sortie / "justesse.md").write_text(texte, encoding="utf-8")
    (options.sortie / "justesse.json").write_text(json.dumps(
        {"territoires": territoires, "codeur_de_reference": CODEUR_DE_REFERENCE, "ece": calibration,
         "mesures": {nom: asdict(m) for nom, m in mesures.items()}}, ensure_ascii=False, indent=1) + "\n",
        encoding="utf-8")
    completer(pd.concat(mentions, ignore_index=True), grille).to_csv(
        options.sortie / "mentions_hors_apprentissage.csv", index=False, lineterminator="\n")
    print(texte)


if __name__ == "__main__":
    principal()
