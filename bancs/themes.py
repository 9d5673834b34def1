"""Les thèmes par territoire, contre les codes de référence : `python -m bancs.themes`.

Sur l'étude de démonstration, territoire par territoire, puis en moyenne :

- `V`, `AMI` : V-mesure et information mutuelle ajustée entre le thème du segment d'une phrase et ses
  codes (codeur A ; une phrase à plusieurs codes compte une fois par code). La V-mesure croît avec le
  nombre de thèmes, l'AMI en est corrigée. Hors thème compte comme un thème.
- `hors thème` : part des segments à -1.
- `ARI graines` : indice de Rand ajusté moyen entre 5 graines. Les tirages du consensus de nos thèmes sont fixés :
  la graine n'y change rien. Le résultat dit aussi ce que donneraient d'autres tirages.
- `ARI segments`, `ARI entretiens` : indice de Rand ajusté moyen entre l'ajustement complet et 5 ajustements sur 80 %
  des segments du territoire tirés un à un, ou sur les segments de 80 % de ses entretiens.
- `NPMI` : cohérence des 8 lemmes de tête de chaque thème (même c-TF-IDF pour tous), leurs rencontres
  étant comptées sur les segments de toute l'étude.
- `diversité` : part de lemmes différents parmi les 25 lemmes de tête de tous les thèmes (Dieng, Ruiz et Blei
  2020, « Topic Modeling in Embedding Spaces », TACL 8, p. 439-453) ; 1, aucun thème n'en répète un autre.

Les méthodes sont dans `bancs.methodes_themes`. Nos thèmes d'un territoire partent de ceux de toute l'étude ; deux
lignes le mesurent. « Themes » : les thèmes nationaux restent ceux de toute l'étude, segments écartés compris ; c'est
trop favorable. « Themes, national refait » : les thèmes nationaux sont refaits sans les segments écartés ; c'est la
ligne à comparer aux autres. « Themes, sans national » n'emprunte rien.

Écrit `bancs/resultats/themes.md` et `.json` (avec `--echelle`, `themes_echelle.md`) ; une mesure partielle n'est pas
écrite.

`--plongements FICHIER.npz` garde les plongements des segments d'une fois sur l'autre.
`--territoires T01 T03` se limite à ces territoires : les thèmes « nationaux » sont alors les leurs.
`--methodes Themes LDA` se limite aux méthodes de ce nom ou, faute d'en trouver une, dont le nom commence ainsi.
`--libelles` affiche les thèmes et leurs verbatims.
`--echelle [MOTS]` ne mesure que le temps et la mémoire, sur 1,2 million de mots (`bancs.echelle_themes`).
"""

from __future__ import annotations

import argparse
import itertools
import json
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
from bancs.methodes_themes import Etude, Methode, ajuster, bertopic_installable, choisir, methodes
from corpus.segments import segmenter
from extraction.langue import analyser, lemmes_pleins
from modeles import regroupement
from modeles.extraits import tirer
from modeles.themes import Themes

RESULTATS = Path(__file__).parent / "resultats"
GRAINES = 5
PART = 0.8
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
    segments["rang"] = range(len(segments))
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
    accords = [adjusted_rand_score(numeros, methode(segments, plongements, graine)) for graine in range(1, GRAINES)]
    tirages = {"ARI segments": range(len(segments)), "ARI entretiens": segments["entretien"]}
    refaits = {
        nom: [adjusted_rand_score(numeros[rangs], methode(segments.iloc[rangs].reset_index(drop=True), plongements[rangs], 0))
              for rangs in tirer([str(unite) for unite in unites], GRAINES, 1, PART)]
        for nom, unites in tirages.items()
    }
    mots, poids = tetes(segments, numeros)
    return {
        "V": v_measure_score(croise["code"], croise["theme"]),
        "AMI": adjusted_mutual_info_score(croise["code"], croise["theme"]),
        "hors thème": float((numeros == -1).mean()),
        "ARI graines": float(np.mean(accords)),
        **{nom: float(np.mean(valeurs)) for nom, valeurs in refaits.items()},
        "NPMI": npmi(mots, poids, etude),
        "diversité": diversite(poids),
        "thèmes": len(set(numeros.tolist()) - {-1}),
        "secondes": duree,
    }


def comparer(
    retenues: dict[str, Methode], segments: pd.DataFrame, plongements: np.ndarray, codages: pd.DataFrame
) -> pd.DataFrame:
    """Une ligne de mesures par territoire et méthode."""
    lignes = []
    for territoire, part in segments.groupby("territoire", sort=True):
        for nom, methode in retenues.items():
            mesures = mesurer(methode, part.reset_index(drop=True), plongements[part.index], codages, segments["lemmes"])
            lignes.append({"territoire": territoire, "méthode": nom, **mesures})
            print(lignes[-1], flush=True)
    return pd.DataFrame(lignes)


def autres_tirages(segments: pd.DataFrame, plongements: np.ndarray) -> float:
    """ARI moyen, par territoire, entre nos thèmes et ceux que donneraient d'autres tirages du consensus."""
    numeros = []
    for tirages in range(GRAINES):
        regroupement.TIRAGES = tirages
        ancres = methodes(Etude(segments, plongements))["Themes"]
        numeros.append([ancres(part.reset_index(drop=True), plongements[part.index], 0)
                        for _, part in segments.groupby("territoire", sort=True)])
    regroupement.TIRAGES = 0
    return float(np.mean([adjusted_rand_score(un, autre) for autres in numeros[1:]
                          for un, autre in zip(numeros[0], autres, strict=True)]))


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
    complet = not (options.territoires or options.methodes)
    if options.echelle:
        texte = tableau_markdown(passer_a_l_echelle(segments, plongements, options.echelle, options.methodes)) + "\n"
        print("\n" + texte)
        if complet and options.echelle == MOTS:
            (RESULTATS / "themes_echelle.md").write_text(texte, encoding="utf-8")
        return

    etude = Etude(segments, plongements)
    depart = time.perf_counter()
    national = ajuster(segments, plongements, essais_stabilite=Themes().essais_stabilite)
    duree = time.perf_counter() - depart
    portee = "National" if options.territoires is None else "Territoires choisis"
    print(f"{portee} : {len(segments)} segments, {national.nb_themes_} thèmes, accord entre extraits "
          f"{national.stabilite_:.2f}, {duree:.1f} s")
    retenues = choisir(methodes(etude), options.methodes)
    table = comparer(retenues, segments, plongements, codages)
    moyennes = table.drop(columns="territoire").groupby("méthode", sort=False).mean().reset_index()
    nos = table[table["méthode"] == "Themes"].drop(columns="méthode")
    texte = tableau_markdown(moyennes) + "\n"
    if "Themes" in retenues:
        tirages = autres_tirages(segments, plongements)
        texte += (f"\nD'autres tirages du consensus que ceux que l'outil fixe : ARI {tirages:.2f}".replace(".", ",")
                  + " avec les thèmes qu'il rend, en moyenne des territoires.\n\n## Themes, par territoire\n\n"
                  + tableau_markdown(nos) + "\n")
    print("\n" + texte)
    if complet:
        (RESULTATS / "themes.md").write_text(texte, encoding="utf-8")
        (RESULTATS / "themes.json").write_text(
            json.dumps(table.to_dict("records"), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.libelles:
        montrer("national", national, segments)
        reperes, _ = etude.reperes()
        for territoire, part in segments.groupby("territoire", sort=True):
            siens = reperes.restreindre(part.index.to_numpy())
            montrer(str(territoire), ajuster(part, plongements[part.index], reperes=siens), part)


if __name__ == "__main__":
    principal()
