"""Les thèmes par territoire, contre les codes de référence : `python -m bancs.themes`.

Sur l'étude de démonstration, territoire par territoire, puis en moyenne :

- `V`, `AMI` : V-mesure et information mutuelle ajustée entre le thème du segment d'une phrase et ses
  codes (codeur A ; une phrase à plusieurs codes compte une fois par code). La V-mesure croît avec le
  nombre de thèmes, l'AMI en est corrigée. Hors thème compte comme un thème.
- `hors thème` : part des segments à -1.
- `ARI graines`, `ARI extraits` : indice de Rand ajusté moyen entre 5 graines, et entre l'ajustement
  complet et 5 ajustements sur 80 % des segments tirés au sort.
- `NPMI` : cohérence des 8 lemmes de tête de chaque thème (même c-TF-IDF pour tous), leurs rencontres
  étant comptées sur les segments de toute l'étude.
- `diversité` : part de lemmes différents parmi les 25 lemmes de tête de tous les thèmes (Dieng, Ruiz et Blei
  2020, « Topic Modeling in Embedding Spaces », TACL 8, p. 439-453) ; 1, aucun thème n'en répète un autre.

Les méthodes sont dans `bancs.methodes_themes`.

`--plongements FICHIER.npz` garde les plongements des segments d'une fois sur l'autre.
`--territoires T01 T03` se limite à ces territoires : la pertinence « nationale » est alors la leur.
`--methodes Themes LDA` se limite aux méthodes de ce nom ou, faute d'en trouver une, dont le nom commence ainsi.
`--libelles` affiche les thèmes et leurs verbatims.
`--echelle [MOTS]` ne mesure que le temps et la mémoire, sur 1,2 million de mots (`bancs.echelle_themes`).
"""

from __future__ import annotations

import argparse
import itertools
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd
from bertopic.vectorizers import ClassTfidfTransformer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score

from bancs.echelle_themes import MOTS, passer_a_l_echelle
from bancs.methodes_themes import Methode, bertopic_installable, choisir, methodes
from corpus.segments import segmenter
from extraction.langue import analyser, lemmes_pleins
from modeles.themes import Themes

GRAINES = 5
MOTS_NPMI = 8
MOTS_DIVERSITE = 25


def lire(voulus: Sequence[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Les segments (lemmes et territoire en plus) et les codes du codeur A, de certains territoires ou de tous."""
    dossier = files("corpus").joinpath("demonstration", "references")
    with dossier.joinpath("phrases.csv").open(encoding="utf-8") as flux:
        phrases = pd.read_csv(flux, keep_default_na=False)
    with dossier.joinpath("codages.csv").open(encoding="utf-8") as flux:
        codages = pd.read_csv(flux, keep_default_na=False)
    with files("corpus").joinpath("demonstration", "entretiens.csv").open(encoding="utf-8") as flux:
        territoires = pd.read_csv(flux, keep_default_na=False).set_index("entretien")["territoire"]
    if voulus:
        inconnus = sorted(set(voulus) - set(territoires))
        if inconnus:
            raise SystemExit(f"territoires inconnus : {', '.join(inconnus)}")
        phrases, codages = (t[t["entretien"].map(territoires).isin(voulus)] for t in (phrases, codages))
    segments = segmenter(phrases, mots=40)
    segments["lemmes"] = [" ".join(lemmes_pleins(doc)) for doc in analyser(segments["texte"].tolist())]
    segments["territoire"] = segments["entretien"].map(territoires)
    return segments, codages[codages["codeur"] == "A"]


def plonger(textes: list[str], garde: Path | None) -> np.ndarray:
    """Les plongements des segments, relus s'ils sont tous gardés."""
    if garde is not None and garde.exists():
        with np.load(garde) as lu:
            connus = dict(zip(lu["textes"].tolist(), lu["plongements"], strict=True))
        if connus.keys() >= set(textes):
            return np.stack([connus[texte] for texte in textes])
    from modeles.plongements import Plongeur

    plongements = Plongeur().transform(textes)
    if garde is not None:
        np.savez(garde, plongements=plongements, textes=np.array(textes))
    return plongements


def tetes(segments: pd.DataFrame, numeros: np.ndarray) -> tuple[list[str], np.ndarray]:
    """Les lemmes et leur c-TF-IDF par thème : mots, et poids de forme (thèmes, mots)."""
    dedans = segments[numeros != -1]
    joints = dedans.groupby(numeros[numeros != -1])["lemmes"].agg(" ".join)
    sac = CountVectorizer(min_df=3, max_df=0.3).fit(segments["lemmes"])
    mots = [m for m, k in zip(*_comptes(sac, dedans["lemmes"]), strict=True) if k > 0]
    comptes = CountVectorizer(vocabulary=mots).fit_transform(joints)
    poids = ClassTfidfTransformer(reduce_frequent_words=True).fit(comptes).transform(comptes).toarray()
    return mots, poids


def npmi(mots: list[str], poids: np.ndarray, etude: pd.Series) -> float:
    """Cohérence moyenne des lemmes de tête des thèmes, sur les lemmes des segments de toute l'étude."""
    presence = CountVectorizer(vocabulary=mots, binary=True).fit_transform(etude).toarray().astype(float)
    communs = presence.T @ presence / len(presence)
    seuls = np.diag(communs)
    notes = []
    for ligne in poids:
        for i, j in itertools.combinations(np.argsort(-ligne, kind="stable")[:MOTS_NPMI], 2):
            p = communs[i, j]
            notes.append(-1.0 if p == 0 else np.log(p / (seuls[i] * seuls[j])) / -np.log(p))
    return float(np.mean(notes)) if notes else float("nan")


def diversite(poids: np.ndarray) -> float:
    """Part de lemmes différents parmi les lemmes de tête de tous les thèmes, de 0 à 1 ; nan sans thème."""
    premiers = [int(rang) for ligne in poids for rang in np.argsort(-ligne, kind="stable")[:MOTS_DIVERSITE]
                if ligne[rang] > 0]
    return len(set(premiers)) / len(premiers) if premiers else float("nan")


def _comptes(sac: CountVectorizer, lemmes: pd.Series) -> tuple[list[str], list[int]]:
    totaux = np.asarray(sac.transform(lemmes).sum(axis=0)).ravel()
    return sac.get_feature_names_out().tolist(), totaux.tolist()


def mesurer(
    methode: Methode,
    segments: pd.DataFrame,
    plongements: np.ndarray,
    codages: pd.DataFrame,
    etude: pd.Series,
) -> dict[str, float]:
    """Les mesures d'une méthode sur un territoire."""
    depart = time.perf_counter()
    numeros = methode(segments, plongements, 0)
    duree = time.perf_counter() - depart
    phrases = segments.assign(theme=numeros)[["entretien", "phrases", "theme"]].explode("phrases")
    croise = codages.merge(phrases, left_on=["entretien", "phrase"], right_on=["entretien", "phrases"])
    accords, extraits = [], []
    for graine in range(1, GRAINES + 1):
        if graine < GRAINES:
            accords.append(adjusted_rand_score(numeros, methode(segments, plongements, graine)))
        tires = np.sort(
            np.random.default_rng(graine).choice(len(segments), int(0.8 * len(segments)), replace=False)
        )
        refaits = methode(segments.iloc[tires].reset_index(drop=True), plongements[tires], 0)
        extraits.append(adjusted_rand_score(numeros[tires], refaits))
    mots, poids = tetes(segments, numeros)
    return {
        "V": v_measure_score(croise["code"], croise["theme"]),
        "AMI": adjusted_mutual_info_score(croise["code"], croise["theme"]),
        "hors thème": float((numeros == -1).mean()),
        "ARI graines": float(np.mean(accords)),
        "ARI extraits": float(np.mean(extraits)),
        "NPMI": npmi(mots, poids, etude),
        "diversité": diversite(poids),
        "thèmes": len(set(numeros.tolist()) - {-1}),
        "secondes": duree,
    }


def tableau_markdown(table: pd.DataFrame) -> str:
    """Une table en Markdown, à la virgule décimale."""
    lignes = ["| " + " | ".join(table.columns) + " |", "|" + " --- |" * len(table.columns)]
    for ligne in table.itertuples(index=False):
        cases = (f"{c:.3f}".replace(".", ",") if isinstance(c, float) else str(c) for c in ligne)
        lignes.append("| " + " | ".join(cases) + " |")
    return "\n".join(lignes)


def montrer(portee: str, modele: Themes, segments: pd.DataFrame) -> None:
    """Affiche les thèmes d'une portée comme un évaluateur les lirait."""
    print(f"\n## {portee} : {modele.nb_themes_} thèmes, stabilité {modele.stabilite_:.2f}\n")
    for fiche in modele.themes_.itertuples():
        print(f"- **{fiche.libelle}** ({fiche.effectif}) : {', '.join(fiche.mots)}")
        for rang in fiche.representatifs:
            print(f"    - {segments['entretien'].iloc[rang]} « {segments['texte'].iloc[rang]} »")


def principal() -> None:
    """Mesure chaque méthode et affiche les tableaux."""
    lecteur = argparse.ArgumentParser(description="Banc des thèmes.")
    lecteur.add_argument("--plongements", type=Path, help="fichier .npz où garder les plongements")
    lecteur.add_argument("--territoires", nargs="+", help="se limiter à ces territoires")
    lecteur.add_argument("--methodes", nargs="+", help="se limiter aux méthodes dont le nom commence ainsi")
    lecteur.add_argument("--libelles", action="store_true", help="afficher les thèmes et leurs verbatims")
    lecteur.add_argument("--echelle", nargs="?", type=int, const=MOTS, help="nombre de mots du corpus grossi")
    options = lecteur.parse_args()
    segments, codages = lire(options.territoires)
    plongements = plonger(segments["texte"].tolist(), options.plongements)
    if not bertopic_installable():
        print("BERTopic par défaut n'est pas comparé : umap-learn et hdbscan ne sont pas installés.")
    if options.echelle:
        print("\n" + tableau_markdown(passer_a_l_echelle(segments, plongements, options.echelle, options.methodes)))
        return

    def ajuster(part: pd.DataFrame, donnees: np.ndarray, pertinence: dict[str, float] | None) -> Themes:
        return Themes().fit(
            donnees,
            textes=part["texte"].tolist(),
            lemmes=part["lemmes"].tolist(),
            entretiens=part["entretien"].tolist(),
            pertinence=pertinence,
        )

    depart = time.perf_counter()
    national = ajuster(segments, plongements, None)
    duree = time.perf_counter() - depart
    portee = "National" if options.territoires is None else "Territoires choisis"
    print(f"{portee} : {len(segments)} segments, {national.nb_themes_} thèmes, {duree:.1f} s")
    retenues = choisir(methodes(national.pertinence_), options.methodes)
    lignes = []
    for territoire, part in segments.groupby("territoire", sort=True):
        donnees = plongements[part.index]
        propre = part.reset_index(drop=True)
        for nom, methode in retenues.items():
            mesures = mesurer(methode, propre, donnees, codages, segments["lemmes"])
            lignes.append({"territoire": territoire, "méthode": nom, **mesures})
    table = pd.DataFrame(lignes)
    if "Themes" in retenues:
        print("\n" + tableau_markdown(table[table["méthode"] == "Themes"].drop(columns="méthode")))
    moyenne = table.drop(columns="territoire").groupby("méthode", sort=False).mean().reset_index()
    print("\n" + tableau_markdown(moyenne))
    if options.libelles:
        montrer("national", national, segments)
        for territoire, part in segments.groupby("territoire", sort=True):
            modele = ajuster(part, plongements[part.index], national.pertinence_)
            montrer(str(territoire), modele, part)


if __name__ == "__main__":
    principal()
