"""Ce que vaut le codeur machine sur un territoire qu'il n'a pas vu.

    python -m bancs.justesse [--territoires T01,T02] [--sortie bancs/resultats]

Les notes du lecteur viennent de `bancs.affinage` (long, demande PyTorch) : chaque territoire y est noté
par un lecteur qui n'a appris ni sur lui ni sur un second, tenu à l'écart avec lui ; le second étage et le
seuil se règlent ici sur ce second territoire. À côté, dans la même exécution : le codeur lexical
(`modeles.codeur`), une régression logistique TF-IDF sur la phrase seule, une régression sur les plongements
d'e5 figés, la définition la plus proche par plongement (sans apprentissage), le lexique de la grille (sans
apprentissage), et l'accord de deux codages indépendants (T03 et T07). Leurs seuils sont choisis dans
l'apprentissage.

Écrit `justesse.md`, `justesse.json`, et `mentions_hors_apprentissage.csv` au format de `mentions.csv`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import cohen_kappa_score, f1_score
from sklearn.model_selection import GroupKFold
from sklearn.multiclass import OneVsRestClassifier
from sklearn.pipeline import make_pipeline

from bancs.hors_apprentissage import modalites_de_reference, voisin
from corpus.references import APPRENTISSAGE, DEMONSTRATION, charger_references
from evaluation.justesse import Justesse, Mesure, ece, mesurer, tranches_de_calibration
from extraction.grille import Grille
from extraction.lexique import CodeurLexique
from extraction.mentions import COLONNES
from modeles.codeur import CodeurLexical
from modeles.codeur_livre import DOUTE, charger_codeur
from modeles.exemples import CODEUR_DE_REFERENCE, Exemples, codes_des_references, rassembler_exemples
from modeles.lecteur import MODALITES
from modeles.modalite_lexicale import reunir
from modeles.plongements import Plongeur
from modeles.sessions import POIDS
from modeles.suite import JEUX, SEUILS_ESSAYES, SecondEtage, log_cotes

Reels = npt.NDArray[np.float64]
Booleens = npt.NDArray[np.bool_]
SORTIE = Path(__file__).parent / "resultats"
NOTES = "notes_hors_apprentissage"


def seuil_interne(appris: Exemples, noter: Callable[[Exemples, Exemples], Reels]) -> float:
    """Le seuil qui maximise le κ sur un tiers des territoires de l'apprentissage, noté par les deux autres."""
    a, b = next(GroupKFold(3).split(appris.X, groups=appris.groupes))
    garde = np.isin(np.arange(len(appris.X)), a)
    interne = noter(appris.partie(garde), appris.partie(~garde))
    kappas = [cohen_kappa_score(appris.y[b].ravel(), (interne >= seuil).ravel()) for seuil in SEUILS_ESSAYES]
    return float(SEUILS_ESSAYES[int(np.argmax(kappas))])


def par_tfidf(appris: Exemples, tenu: Exemples) -> Reels:
    """Probabilités d'une régression logistique sur les mots de la phrase seule."""
    modele: Any = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True),
                                OneVsRestClassifier(LogisticRegression(C=4, solver="liblinear")))
    probabilites: Reels = modele.fit(appris.X["texte"], appris.y).predict_proba(tenu.X["texte"])
    return probabilites


class ParPlongements:
    """Les références qui lisent les plongements d'e5 figés, calculés une fois."""

    def __init__(self, exemples: Exemples, grille: Grille, codes: list[str]) -> None:
        self.plongements = dict(zip(exemples.X["texte"], Plongeur("query").transform(list(exemples.X["texte"])),
                                    strict=True))
        self.definitions = Plongeur("query").transform(
            [f"{grille[code].intitule} : {grille[code].definition}" for code in codes])

    def _de(self, exemples: Exemples) -> npt.NDArray[np.float32]:
        return np.stack([self.plongements[texte] for texte in exemples.X["texte"]])

    def regression(self, appris: Exemples, tenu: Exemples) -> Reels:
        """Probabilités d'une régression logistique sur les plongements centrés et réduits."""
        plongements = self._de(appris)
        centre, etendue = plongements.mean(axis=0), plongements.std(axis=0)
        modele: Any = OneVsRestClassifier(LogisticRegression(C=0.05, max_iter=200))
        modele.fit((plongements - centre) / etendue, appris.y)
        probabilites: Reels = modele.predict_proba((self._de(tenu) - centre) / etendue)
        return probabilites

    def definition(self, appris: Exemples, tenu: Exemples) -> Booleens:
        """Un code par phrase, celui de la définition la plus proche, si elle l'est assez.

        La proximité minimale est la seule chose prise à l'apprentissage : celle qui maximise le κ.
        """
        def plus_proche(exemples: Exemples) -> tuple[Reels, Booleens]:
            proximites = self._de(exemples) @ self.definitions.T
            proximites = proximites - proximites.mean(axis=0)
            rangs = proximites.argmax(axis=1)
            return proximites.max(axis=1), np.eye(len(self.definitions), dtype=bool)[rangs]

        forces, codes = plus_proche(appris)
        seuils = np.quantile(forces, np.linspace(0, 0.98, 50))
        kappas = [cohen_kappa_score(appris.y.ravel(), (codes & (forces >= s)[:, None]).ravel()) for s in seuils]
        forces, codes = plus_proche(tenu)
        posees: Booleens = codes & (forces >= seuils[int(np.argmax(kappas))])[:, None]
        return posees


def mentions_du_territoire(codes: list[str], tenu: Exemples, probabilites: Reels, modalites: npt.NDArray[np.str_],
                           seuil: float, territoire: str) -> pd.DataFrame:
    """Les codes posés sur un territoire tenu à l'écart, au format de `mentions.csv`."""
    phrases = charger_references(DEMONSTRATION).phrases
    lignes, rangs = np.nonzero(probabilites >= seuil)
    confiances = probabilites[lignes, rangs]
    table = pd.DataFrame({
        "entretien": tenu.X["entretien"].to_numpy()[lignes], "phrase": tenu.X["phrase"].to_numpy()[lignes],
        "code": [codes[rang] for rang in rangs], "modalite": modalites[lignes, rangs],
        "confiance": confiances.round(4), "codeur": f"machine:lecteur-hors-{territoire}", "preuve": "",
        "indices_modalite": "", "a_relire": confiances < DOUTE.haut})
    return table.merge(phrases[["entretien", "phrase", "debut", "fin", "texte"]], on=["entretien", "phrase"])[
        list(COLONNES)]


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
    analyseur.add_argument("--rapide", action="store_true", help="sans les références, longues à apprendre")
    options = analyseur.parse_args()
    dossiers = (DEMONSTRATION, APPRENTISSAGE)
    codes = codes_des_references(dossiers)
    grille = Grille.charger()
    exemples = rassembler_exemples(dossiers, codes)
    tous = sorted(charger_references(DEMONSTRATION).entretiens["territoire"].unique())
    territoires = options.territoires.split(",") if options.territoires else tous
    with np.load(SORTIE / f"{NOTES}.npz", allow_pickle=False) as lues:
        notes = {nom: lues[nom].astype(np.float64) for nom in lues.files}
    plongements = None if options.rapide else ParPlongements(exemples, grille, codes)

    references, entretiens, posees, probabilites, mentions, modalites = [], [], {}, [], [], []
    for territoire in territoires:
        tenu, reglage = (exemples.partie(exemples.groupes == t) for t in (territoire, voisin(tous, territoire)))
        appris = exemples.partie(exemples.groupes != territoire)
        jeux = {lieu: [notes[f"{lieu}.{jeu}"] for jeu in JEUX] for lieu in (territoire, voisin(tous, territoire))}
        etage = SecondEtage.apprendre(jeux[voisin(tous, territoire)], reglage.X, reglage.y, log_cotes(appris.y))
        p = etage.probabilites(jeux[territoire], tenu.X)
        parts = {f"dont {nom} seul": SecondEtage.apprendre(
            [jeux[voisin(tous, territoire)][rang]], reglage.X, reglage.y, log_cotes(appris.y)) for rang, nom in enumerate(
                ("lecteur", "étage lexical, banque comprise"))}
        lues_ici = np.array(MODALITES)[reunir(notes[f"{territoire}.modalites"], notes[f"{territoire}.modalites_lexicales"])]
        codages = {"codeur machine": p >= etage.seuil}
        codages |= {nom: part.probabilites([jeux[territoire][rang]], tenu.X) >= part.seuil
                    for rang, (nom, part) in enumerate(parts.items())}
        if plongements is not None:
            codages |= _references(appris, tenu, plongements, grille, codes, options.travaux)
        for nom, pose in codages.items():
            posees.setdefault(nom, []).append(pose)
        references.append(tenu.y)
        entretiens.extend(tenu.X["entretien"])
        probabilites.append(p)
        mentions.append(mentions_du_territoire(codes, tenu, p, lues_ici, etage.seuil, territoire))
        vraies = modalites_de_reference(codes, tenu)
        modalites.append((vraies[tenu.y], lues_ici[tenu.y]))
        pli = mesurer(tenu.y, p >= etage.seuil, list(tenu.X["entretien"]), codes, tirages=0)
        print(f"{territoire} : κ {pli.kappa.valeur:.3f}, F1 macro {pli.f1_macro.valeur:.3f}, "
              f"seuil {etage.seuil:.2f}", flush=True)

    y, p = np.vstack(references), np.vstack(probabilites)
    mesures = {nom: mesurer(y, np.vstack(poses), entretiens, codes) for nom, poses in posees.items()}
    mesures["second codeur humain (T03, T07)"] = accord_humain(codes)
    calibration = ece(p, y)
    modalite = mesurer_modalite(*(np.concatenate(cotes) for cotes in zip(*modalites, strict=True)))
    lignes = [f"Territoires tenus à l'écart tour à tour : {', '.join(territoires)} ({len(set(entretiens))} entretiens, "
              f"{len(y)} phrases). Entre crochets, intervalles à 95 % par rééchantillonnage des entretiens.", "",
              tableau(mesures), "",
              "Modalité du codeur machine, code donné : exactitude {exactitude}, F1 macro {f1_macro} (présente "
              "{presente}, absente {absente}, hypothétique {hypothetique}).".format(
                  **{nom: _f(valeur) for nom, valeur in modalite.items()}), "",
              f"Calibration du codeur machine : ECE {calibration:.4f}.".replace(".", ",", 1), "",
              "| confiance annoncée | part de codes justes | couples (phrase, code) |", "| --- | --- | --- |",
              *(f"| {_f(annonce)} | {_f(constate)} | {n} |" for annonce, constate, n in tranches_de_calibration(p, y)),
              "", *zone_a_relire(p, y), "",
              "| code | intitulé | phrases | κ | F1 |", "| --- | --- | --- | --- | --- |"]
    lignes += [f"| {code} | {grille[code].intitule} | {effectif} | {_f(k)} | {_f(f)} |"
               for code, effectif, k, f in mesures["codeur machine"].par_code]
    options.sortie.mkdir(parents=True, exist_ok=True)
    texte = "\n".join(lignes) + "\n"
    (options.sortie / "justesse.md").write_text(texte, encoding="utf-8")
    (options.sortie / "justesse.json").write_text(json.dumps(
        {"territoires": territoires, "codeur_de_reference": CODEUR_DE_REFERENCE, "ece": calibration,
         "modalite": modalite, "mesures": {nom: asdict(m) for nom, m in mesures.items()}},
        ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if territoires == tous:
        ecrire_fiche(asdict(mesures["codeur machine"]), len(set(entretiens)))
    pd.concat(mentions, ignore_index=True).to_csv(
        options.sortie / "mentions_hors_apprentissage.csv", index=False, lineterminator="\n")
    print(texte)


def ecrire_fiche(mesures: dict[str, Any], entretiens: int) -> None:
    """Ce que vaut le codeur livré, pour que les documents d'une étude le disent."""
    fiche = {"codeur": charger_codeur().version, "entretiens": entretiens,
             **{nom: mesures[nom] for nom in ("kappa", "precision", "rappel")}}
    (POIDS / "justesse.json").write_text(json.dumps(fiche, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _references(appris: Exemples, tenu: Exemples, plongements: ParPlongements, grille: Grille, codes: list[str],
                travaux: int) -> dict[str, Booleens]:
    lexical = CodeurLexical(tuple(codes), plis=2, travaux=travaux).fit(appris.X, appris.y, appris.groupes)
    lexique = CodeurLexique([grille[code] for code in codes]).reperer(list(tenu.X["texte"]))[0]
    return {
        "codeur lexical, phrase et contexte": lexical.predict(tenu.X),
        "régression TF-IDF, phrase seule": par_tfidf(appris, tenu) >= seuil_interne(appris, par_tfidf),
        "régression sur e5 figé": plongements.regression(appris, tenu) >= seuil_interne(appris, plongements.regression),
        "définition la plus proche, e5 figé": plongements.definition(appris, tenu),
        "lexique de la grille, sans apprentissage": lexique > 0}


def mesurer_modalite(vraies: npt.NDArray[np.str_], lues: npt.NDArray[np.str_]) -> dict[str, float]:
    """Exactitude, F1 macro et F1 de chaque modalité, sur les mentions de référence."""
    f1s = f1_score(vraies, lues, labels=list(MODALITES), average=None, zero_division=0)
    return {"exactitude": float((vraies == lues).mean()), "f1_macro": float(np.mean(f1s)),
            **{nom: float(f) for nom, f in zip(MODALITES, f1s, strict=True)}}


def zone_a_relire(p: Reels, y: Booleens) -> list[str]:
    """Ce que valent le oui, le non et l'hésitation du codeur."""
    zones = {"oui": p >= DOUTE.haut, "à relire": (p >= DOUTE.bas) & (p < DOUTE.haut), "non": p < DOUTE.bas}
    return ["| décision | confiance | propositions par 100 phrases | part de codes justes | part des codes de référence |",
            "| --- | --- | --- | --- | --- |",
            *(f"| {nom} | {bornes} | {_f(100 * zone.sum() / len(p))} | {_f(y[zone].mean())} | {_f(zone[y].mean())} |"
              for (nom, zone), bornes in zip(zones.items(), (
                  f"≥ {_f(DOUTE.haut)}", f"{_f(DOUTE.bas)} à {_f(DOUTE.haut)}", f"< {_f(DOUTE.bas)}"), strict=True))]


if __name__ == "__main__":
    principal()
