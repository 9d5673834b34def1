"""Les thèmes par territoire, contre les codes de référence : `python -m bancs.themes`.

Sur l'étude de démonstration, territoire par territoire, puis en moyenne :

- `V`, `AMI` : V-mesure et information mutuelle ajustée entre le thème du segment d'une phrase et ses
  codes (codeur A ; une phrase à plusieurs codes compte une fois par code). La V-mesure croît avec le
  nombre de thèmes, l'AMI en est corrigée. Hors thème compte comme un thème.
- `hors thème` : part des segments à -1.
- `ARI graines` : indice de Rand ajusté moyen entre la première graine et quatre autres. Les tirages du consensus de
  nos thèmes sont fixés : la graine n'y change rien. Le relevé dit aussi ce que donneraient d'autres tirages.
- `ARI entretiens` : indice de Rand ajusté moyen entre l'ajustement complet et ceux de 5 extraits de l'étude, qui
  gardent 80 % des entretiens de chaque territoire. Tout y est refait, thèmes nationaux compris.
- `NPMI` : cohérence des 8 lemmes de tête de chaque thème (même c-TF-IDF pour tous), leurs rencontres
  étant comptées sur les segments de toute l'étude.
- `diversité` : part de lemmes différents parmi les 25 lemmes de tête de tous les thèmes (Dieng, Ruiz et Blei
  2020, « Topic Modeling in Embedding Spaces », TACL 8, p. 439-453) ; 1, aucun thème n'en répète un autre. Qui ne
  rend que deux ou trois thèmes n'a guère l'occasion de se répéter.
- `secondes` : durée médiane d'un ajustement au territoire, thèmes nationaux non compris, autant de territoires à la
  fois que de cœurs.

Les méthodes sont dans `bancs.methodes_themes`. « Themes » ancre les thèmes du territoire dans ceux de toute l'étude ;
« Themes, sans national » n'emprunte rien.

Écrit `bancs/resultats/themes.md` et `.json` (avec `--echelle`, `themes_echelle.md`) ; une mesure partielle, ou sans
BERTopic par défaut, n'est pas écrite.

`--plongements FICHIER.npz` garde les plongements des segments d'une fois sur l'autre.
`--territoires T01 T03` se limite à ces territoires : les thèmes « nationaux » sont alors les leurs.
`--methodes Themes LDA` se limite aux méthodes de ce nom ou, faute d'en trouver une, dont le nom commence ainsi.
`--coeurs N` : nombre de territoires à la fois (par défaut, celui des cœurs).
`--libelles` affiche les thèmes et leurs verbatims.
`--echelle [MOTS]` ne mesure que le temps et la mémoire, sur 1,2 million de mots (`bancs.echelle_themes`).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from joblib import Parallel, cpu_count, delayed
from sklearn.metrics import adjusted_mutual_info_score, adjusted_rand_score, v_measure_score
from threadpoolctl import threadpool_limits

from bancs.echelle_themes import MOTS, passer_a_l_echelle
from bancs.methodes_themes import (
    Methode,
    Portee,
    ajuster,
    bertopic_installable,
    choisir,
    methodes,
    reperer_etude,
    themes,
)
from bancs.mots_themes import diversite, npmi, tetes
from corpus.segments import segmenter
from extraction.langue import analyser, lemmes_pleins
from modeles import regroupement
from modeles.extraits import tirer
from modeles.tableaux_themes import reperer
from modeles.themes import Themes

RESULTATS = Path(__file__).parent / "resultats"
GRAINES = 5
PART = 0.8


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


def par_territoire(etude: Portee) -> dict[str, Portee]:
    """La part de chaque territoire, dans l'ordre de leurs noms."""
    lieux = etude.segments["territoire"].to_numpy()
    return {str(nom): etude.restreindre(np.flatnonzero(lieux == nom)) for nom in np.unique(lieux)}


def tirer_extraits(segments: pd.DataFrame) -> list[np.ndarray]:
    """Des extraits de l'étude qui gardent 80 % des entretiens de chaque territoire : les rangs de leurs segments."""
    lieux = segments["territoire"].to_numpy()
    tirages = []
    for nom in np.unique(lieux):
        dedans = np.flatnonzero(lieux == nom)
        tirages.append([dedans[rangs] for rangs in tirer(segments["entretien"].iloc[dedans].tolist(), GRAINES, 1, PART)])
    return [np.sort(np.concatenate(parts)) for parts in zip(*tirages, strict=True)]


def mesurer(
    methode: Methode, portee: Portee, extraits: Sequence[Portee], codages: pd.DataFrame, etude: pd.Series
) -> dict[str, float]:
    """Les mesures d'une méthode sur un territoire.

    Parameters
    ----------
    methode : Methode
    portee : Portee
        Le territoire ; colonne rang en plus, croissante.
    extraits : Sequence[Portee]
        Ce que chaque extrait de l'étude en garde.
    codages : pandas.DataFrame
        Colonnes entretien, phrase, code.
    etude : pandas.Series
        Les lemmes des segments de toute l'étude.

    Returns
    -------
    dict[str, float]
        Par mesure (voir le module).
    """
    durees, essais = [], []
    for graine in range(GRAINES):
        depart = time.perf_counter()
        essais.append(methode(portee, graine))
        durees.append(time.perf_counter() - depart)
    numeros, *autres = essais
    phrases = portee.segments.assign(theme=numeros)[["entretien", "phrases", "theme"]].explode("phrases")
    croise = codages.merge(phrases, left_on=["entretien", "phrase"], right_on=["entretien", "phrases"])
    graines = [adjusted_rand_score(numeros, essai) for essai in autres]
    refaits = []
    for extrait in extraits:
        gardes = np.searchsorted(portee.segments["rang"], extrait.segments["rang"])
        refaits.append(adjusted_rand_score(numeros[gardes], methode(extrait, 0)))
    mots, poids = tetes(portee.segments, numeros)
    return {
        "V": v_measure_score(croise["code"], croise["theme"]),
        "AMI": adjusted_mutual_info_score(croise["code"], croise["theme"]),
        "hors thème": float((numeros == -1).mean()),
        "ARI graines": float(np.mean(graines)),
        "ARI entretiens": float(np.mean(refaits)),
        "NPMI": npmi(mots, poids, etude),
        "diversité": diversite(poids),
        "thèmes": len(set(numeros.tolist()) - {-1}),
        "secondes": float(np.median(durees)),
    }


def _mesurer_territoire(
    nom: str, retenues: Sequence[str], portee: Portee, extraits: Sequence[Portee], codages: pd.DataFrame, etude: pd.Series
) -> list[dict[str, Any]]:
    toutes = methodes()
    with threadpool_limits(limits=1):
        lignes = [{"territoire": nom, "méthode": methode, **mesurer(toutes[methode], portee, extraits, codages, etude)}
                  for methode in retenues]
    print(pd.DataFrame(lignes).round(3).to_string(index=False), flush=True)
    return lignes


def comparer(retenues: Sequence[str], etude: Portee, codages: pd.DataFrame, repartir: Parallel) -> pd.DataFrame:
    """Une ligne de mesures par territoire et méthode."""
    extraits = [etude.restreindre(rangs) for rangs in tirer_extraits(etude.segments)]
    if "Themes" in retenues:
        taches = [(etude, graine) for graine in range(GRAINES)] + [(extrait, 0) for extrait in extraits]
        reperes = repartir(delayed(reperer_etude)(*tache) for tache in taches)
        etude = replace(etude, reperes=dict(enumerate(reperes[:GRAINES])))
        extraits = [replace(extrait, reperes={0: siens}) for extrait, siens in zip(extraits, reperes[GRAINES:], strict=True)]
    parts = [par_territoire(extrait) for extrait in extraits]
    lignes = repartir(
        delayed(_mesurer_territoire)(nom, retenues, portee, [part[nom] for part in parts], codages, etude.segments["lemmes"])
        for nom, portee in par_territoire(etude).items())
    return pd.DataFrame([ligne for siennes in lignes for ligne in siennes])


def _ancrer(etude: Portee, tirages: int) -> list[np.ndarray]:
    """Nos thèmes de chaque territoire, quand le consensus est tiré autrement."""
    ordinaires, regroupement.TIRAGES = regroupement.TIRAGES, tirages
    try:
        with threadpool_limits(limits=1):
            reperes = {0: reperer_etude(etude)}
            return [themes(portee, 0) for portee in par_territoire(replace(etude, reperes=reperes)).values()]
    finally:
        regroupement.TIRAGES = ordinaires


def autres_tirages(etude: Portee, repartir: Parallel) -> float:
    """ARI moyen, par territoire, entre nos thèmes et ceux que donneraient d'autres tirages du consensus."""
    premiers, *autres = repartir(delayed(_ancrer)(etude, tirages) for tirages in range(GRAINES))
    return float(np.mean([adjusted_rand_score(un, autre) for siens in autres
                          for un, autre in zip(premiers, siens, strict=True)]))


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


def rapporter(table: pd.DataFrame, resume: dict[str, Any]) -> str:
    """Le relevé en Markdown : les moyennes des territoires, puis nos thèmes, territoire par territoire."""
    moyennes = table.drop(columns="territoire").groupby("méthode", sort=False).mean().reset_index()
    lignes = [f"{resume['segments']} segments de {resume['entretiens']} entretiens ; moyennes de "
              f"{table['territoire'].nunique()} territoires ; `python -m bancs.themes`.", "", tableau_markdown(moyennes)]
    if "autres_tirages" in resume:
        nos = table[table["méthode"] == "Themes"].drop(columns="méthode")
        lignes += ["", f"Thèmes nationaux : {resume['themes']}, refaits sur des extraits de 80 % des entretiens : ARI "
                   f"{_decimal(resume['stabilite'])}. D'autres tirages du consensus que ceux que l'outil fixe : ARI "
                   f"{_decimal(resume['autres_tirages'])} avec les thèmes qu'il rend, en moyenne des territoires.",
                   "", "## Themes, par territoire", "", tableau_markdown(nos)]
    return "\n".join(lignes) + "\n"


def _decimal(valeur: float) -> str:
    return f"{valeur:.2f}".replace(".", ",")


def principal() -> None:
    """Mesure chaque méthode et affiche les tableaux."""
    lecteur = argparse.ArgumentParser(description="Banc des thèmes.")
    lecteur.add_argument("--plongements", type=Path, help="fichier .npz où garder les plongements")
    lecteur.add_argument("--territoires", nargs="+", help="se limiter à ces territoires")
    lecteur.add_argument("--methodes", nargs="+", help="se limiter aux méthodes dont le nom commence ainsi")
    lecteur.add_argument("--coeurs", type=int, default=cpu_count(), help="territoires mesurés à la fois")
    lecteur.add_argument("--libelles", action="store_true", help="afficher les thèmes et leurs verbatims")
    lecteur.add_argument("--echelle", nargs="?", type=int, const=MOTS, help="nombre de mots du corpus grossi")
    options = lecteur.parse_args()
    segments, codages = lire(options.territoires)
    plongements = plonger(segments["texte"].tolist(), options.plongements)
    complet = not (options.territoires or options.methodes)
    if not bertopic_installable():
        complet = False
        print("umap-learn et hdbscan ne sont pas installés : sans BERTopic par défaut, le relevé n'est pas écrit.")
    if options.echelle:
        texte = tableau_markdown(passer_a_l_echelle(segments, plongements, options.echelle, options.methodes)) + "\n"
        print("\n" + texte)
        if complet and options.echelle == MOTS:
            (RESULTATS / "themes_echelle.md").write_text(texte, encoding="utf-8")
        return

    etude = Portee(segments, plongements)
    retenues = list(choisir(methodes(), options.methodes))
    resume: dict[str, Any] = {"segments": len(segments), "entretiens": int(segments["entretien"].nunique())}
    with Parallel(n_jobs=options.coeurs, max_nbytes=None) as repartir:  # sinon, des tableaux en lecture seule
        table = comparer(retenues, etude, codages, repartir)
        if "Themes" in retenues or options.libelles:
            national = ajuster(etude, essais_stabilite=Themes().essais_stabilite)
        if "Themes" in retenues:
            resume |= {"themes": national.nb_themes_, "stabilite": national.stabilite_,
                       "autres_tirages": autres_tirages(etude, repartir)}
    texte = rapporter(table, resume)
    print("\n" + texte)
    if complet:
        mesures = {"etude": resume, "territoires": table.to_dict("records"),
                   "moyennes": table.drop(columns="territoire").groupby("méthode", sort=False).mean().to_dict("index")}
        (RESULTATS / "themes.md").write_text(texte, encoding="utf-8")
        (RESULTATS / "themes.json").write_text(
            json.dumps(mesures, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    if options.libelles:
        montrer("national", national, segments)
        ancree = replace(etude, reperes={0: reperer(national, segments)})
        for nom, portee in par_territoire(ancree).items():
            montrer(nom, ajuster(portee, reperes=portee.reperes[0]), portee.segments)


if __name__ == "__main__":
    principal()
