"""Ce que vaut l'estimation corrigée : `python -m bancs.estimation` (deux minutes de calcul).

Sur l'étude de démonstration, où tout est codé, on tire 500 échantillons, on n'en montre que les phrases tirées à
l'estimateur, et l'on regarde si l'intervalle à 95 % contient la vraie part (celle du codeur de référence A), et sa
largeur. La machine est celle des notes posées hors apprentissage (territoire tenu à l'écart), recalibrée comme dans
`bancs.justesse`. Écrit `bancs/resultats/estimation.md` et `estimation.json`.

La largeur se compare toujours à celle de l'échantillon seul tiré au plan simple, de même taille.

Réserve : l'intervalle (Wilson plutôt que normal ou Hall, λ commun plutôt que par code, degrés de liberté), la part
uniforme (0,2 ; 0,5 pour des codes visés) et la prudence (0,9) ont été choisis en regardant ces mêmes simulations, entre
une dizaine de variantes proches : ce n'est pas une mesure sur un corpus neuf.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import binom

from bancs.justesse import NOTES, SORTIE, voisin
from corpus.cache import ecriture_atomique
from corpus.references import APPRENTISSAGE, DEMONSTRATION, charger_references
from evaluation.estimation import LUES, Estimateur, Mesures, Population
from evaluation.plans import (
    ENTRETIENS,
    INEGAL,
    PART_UNIFORME,
    PART_UNIFORME_VISEE,
    PHRASES,
    SIMPLE,
    STRATIFIE,
    Reels,
    dit_quelque_part,
    ecarts_prevus,
    tirer,
)
from modeles.codeur_livre import DOUTE
from modeles.exemples import CODEUR_DE_REFERENCE, codes_des_references, rassembler_exemples
from modeles.lecteur import MODALITES
from modeles.modalite_lexicale import reunir
from modeles.suite import JEUX, SecondEtage, log_cotes

TIRAGES = 500
BORNES = (0.93, 0.97)
TAILLES = {PHRASES: (1000, 2000), ENTRETIENS: (27, 40)}
Bilan = dict[str, Any]


@dataclass(frozen=True)
class Corpus:
    """La démonstration, rangée : `Population.matrice` du codage de référence, des confiances, de ce qui est posé."""

    population: Population
    humain: Reels
    machine: Reels
    posees: Reels

    @property
    def codes(self) -> list[str]:
        return list(self.population.codes)

    @property
    def frequents(self) -> list[int]:
        """Rangs du tiers des codes que la référence pose le plus, le premier d'abord."""
        nombre = len(self.codes)
        return list(np.argsort(-self.humain[:, :nombre].sum(axis=0), kind="stable")[: nombre // 3])


@dataclass(frozen=True)
class Simulation:
    """Ce que 500 tirages donnent, par colonne (modalité, code).

    Attributes
    ----------
    vraies, brutes : ndarray (J,)
        Part du codage de référence, part comptée sur les étiquettes de la machine.
    corrige, seul : ndarray (tirages, J, 3)
        Part, borne basse, borne haute ; nan quand l'estimateur refuse de corriger.
    """

    vraies: Reels
    brutes: Reels
    corrige: Reels
    seul: Reels

    def publie(self) -> Reels:
        """Ce que la table donne à lire : le corrigé, l'échantillon seul quand il est refusé."""
        return np.where(np.isnan(self.corrige), self.seul, self.corrige)

    def couvre(self, intervalles: Reels) -> Reels:
        """Vrai (1.0) si l'intervalle contient la vraie part ; nan sans intervalle : (tirages, J)."""
        bas, haut = intervalles[..., 1], intervalles[..., 2]
        contient: Reels = np.where(np.isnan(bas), np.nan, (bas <= self.vraies + 1e-12) & (self.vraies <= haut + 1e-12))
        return contient


def machine_hors_apprentissage(codes: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ce que dit la machine de chaque (phrase, code), et ce qu'elle pose, chaque territoire tenu à l'écart."""
    exemples = rassembler_exemples((DEMONSTRATION, APPRENTISSAGE), codes)
    tous = sorted(charger_references(DEMONSTRATION).entretiens["territoire"].unique())
    with np.load(SORTIE / f"{NOTES}.npz", allow_pickle=False) as lues:
        notes = {nom: lues[nom].astype(np.float64) for nom in lues.files}
    tables = []
    for territoire in tous:
        a_cote = voisin(tous, territoire)
        reglage = exemples.partie(exemples.groupes == a_cote)
        etage = SecondEtage.apprendre([notes[f"{a_cote}.{jeu}"] for jeu in JEUX], reglage.X, reglage.y,
                                      log_cotes(exemples.y[exemples.groupes != territoire]))
        tenu = exemples.X[exemples.groupes == territoire]
        p = etage.probabilites([notes[f"{territoire}.{jeu}"] for jeu in JEUX], tenu)
        lues_ici = np.array(MODALITES)[reunir(notes[f"{territoire}.modalites"], notes[f"{territoire}.modalites_lexicales"])]
        tables.append(pd.DataFrame({
            "entretien": np.repeat(tenu["entretien"].to_numpy(), len(codes)),
            "phrase": np.repeat(tenu["phrase"].to_numpy(), len(codes)), "code": codes * len(tenu),
            "modalite": lues_ici.ravel(), "confiance": p.ravel(), "posee": (p >= etage.seuil).ravel()}))
    confiances = pd.concat(tables, ignore_index=True)
    return confiances, confiances[confiances["posee"]]


def charger() -> Corpus:
    """Range la démonstration."""
    references = charger_references(DEMONSTRATION)
    codes = codes_des_references((DEMONSTRATION, APPRENTISSAGE))
    population = Population.ranger(references.phrases, references.entretiens, codes)
    humain = population.matrice(references.codages[references.codages["codeur"] == CODEUR_DE_REFERENCE])
    confiances, mentions = machine_hors_apprentissage(codes)
    return Corpus(population, humain, population.matrice(confiances, "confiance"), population.matrice(mentions))


def simuler(corpus: Corpus, unite: str, cible: str, plan: str, taille: int, territoire: str = "",
            vises: Sequence[str] = ()) -> Simulation:
    """Tire et estime `TIRAGES` fois, sur toute l'étude ou sur un territoire ; `vises` : codes du plan inégal."""
    population = corpus.population
    entier, brut = (population.mesurer(unite, cible, corpus.humain, m) for m in (corpus.machine, corpus.posees))
    territoires = population.unites(unite)[1]
    ici = territoires == territoire if territoire else np.ones(len(territoires), dtype=bool)
    p = corpus.machine[:, [population.codes.index(code) for code in vises or population.codes]]
    ecarts = ecarts_prevus(dit_quelque_part(p, population.groupes) if unite == ENTRETIENS else p)
    total = entier.tailles[ici].sum()
    prevues, vraies, brutes = (v[ici].sum(axis=0) / total for v in (entier.prevues, entier.valeurs, brut.prevues))
    corrige, seul = (np.full((TIRAGES, len(vraies), 3), np.nan) for _ in range(2))
    for rang in range(TIRAGES):
        tirage = tirer(plan, taille, list(territoires), ecarts, rang, PART_UNIFORME_VISEE if vises else PART_UNIFORME)
        estimateur = Estimateur(tirage, Mesures(*(v[tirage.rangs] for v in vars(entier).values())))
        parts = estimateur.parts(estimateur.poids_machine(len(LUES)), prevues, ici[tirage.rangs].astype(np.float64))
        corrige[rang] = np.stack([parts.corrige, parts.corrige_bas, parts.corrige_haut], axis=1)
        seul[rang] = np.stack([parts.echantillon, parts.echantillon_bas, parts.echantillon_haut], axis=1)
    return Simulation(vraies, brutes, corrige, seul)


def resumer(simulation: Simulation, repere: Simulation, codes: int, frequents: Sequence[int]) -> dict[str, float]:
    """Une ligne de tableau, toutes modalités ensemble (les `codes` premières colonnes) ; repère : l'échantillon seul
    du plan simple."""
    toutes = slice(0, codes)
    publie = simulation.publie()
    with np.errstate(invalid="ignore"):
        couvre = np.nanmean(simulation.couvre(publie)[:, toutes], axis=0)
        rapports = (np.nanmean(publie[..., 2] - publie[..., 1], axis=0) / np.nanmean(
            repere.seul[..., 2] - repere.seul[..., 1], axis=0))[toutes]
    conclut = ~np.isnan(simulation.corrige[:, toutes, 0])
    return {"couverture": float(couvre.mean()), "couverture_bas": float(couvre.min()), "couverture_haut": float(couvre.max()),
            "dans_les_bornes": int(((couvre >= BORNES[0]) & (couvre <= BORNES[1])).sum()), "codes": codes,
            "couverture_frequents_bas": float(couvre[frequents].min()),
            "couverture_frequents_haut": float(couvre[frequents].max()),
            "couverture_quand_corrige": _moyenne(simulation.couvre(simulation.corrige)[:, toutes]),
            "couverture_modalites": float(np.nanmean(simulation.couvre(publie)[:, codes:])),
            "corrige": float(conclut.mean()),
            "largeur_frequents": float(rapports[frequents].mean()), "largeur_frequents_bas": float(rapports[frequents].min()),
            "largeur_frequents_haut": float(rapports[frequents].max()), "largeur": float(rapports.mean())}


def par_code(simulation: Simulation, repere: Simulation, codes: Sequence[str]) -> list[Bilan]:
    """Le détail de chaque code, toutes modalités."""
    publie, couvre = simulation.publie(), np.nanmean(simulation.couvre(simulation.publie()), axis=0)
    largeurs, reperes = (np.nanmean(v[..., 2] - v[..., 1], axis=0) for v in (publie, repere.seul))
    corriges = ~np.isnan(simulation.corrige[..., 0])
    return [{"code": code, "part": float(simulation.vraies[rang]), "brut": float(simulation.brutes[rang]),
             "biais_brut": float(simulation.brutes[rang] - simulation.vraies[rang]),
             "biais_corrige": float(np.mean(publie[:, rang, 0]) - simulation.vraies[rang]),
             "couverture": float(couvre[rang]), "corrige": float(corriges[:, rang].mean()),
             "largeur": float(largeurs[rang]), "largeur_echantillon_seul": float(reperes[rang])}
            for rang, code in enumerate(codes)]


def _moyenne(valeurs: Reels) -> float:
    """Moyenne de ce qui n'est pas nan ; nan si tout l'est."""
    return float(np.nanmean(valeurs)) if not np.isnan(valeurs).all() else float("nan")


def _sans_nan(resume: dict[str, float]) -> dict[str, float | None]:
    """Pour JSON, qui n'a pas de nan."""
    return {cle: None if np.isnan(valeur) else valeur for cle, valeur in resume.items()}


def _d(valeur: float, decimales: int = 1) -> str:
    return "—" if np.isnan(valeur) else f"{100 * valeur:.{decimales}f}".replace(".", ",").replace("-", "−")


def _ligne(nom: str, r: dict[str, float]) -> str:
    return (f"| {nom} | {_d(r['couverture'])} | {_d(r['couverture_bas'])} à {_d(r['couverture_haut'])} | "
            f"{r['dans_les_bornes']} / {r['codes']} | {_d(r['couverture_frequents_bas'])} à "
            f"{_d(r['couverture_frequents_haut'])} | {_d(r['corrige'], 0)} | {_d(r['largeur_frequents'] - 1)} "
            f"({_d(r['largeur_frequents_bas'] - 1, 0)} à {_d(r['largeur_frequents_haut'] - 1, 0)}) | "
            f"{_d(r['largeur'] - 1)} |")


ENTETE = ("| plan et estimateur | couverture moyenne (%) | étendue par code | codes entre 93 et 97 % | étendue, codes fréquents "
          "| intervalles corrigés (%) | largeur, codes fréquents : moyenne (étendue) (%) | largeur, tous codes (%) |\n"
          "| --- | --- | --- | --- | --- | --- | --- | --- |")


def mesurer_plans(corpus: Corpus, unite: str, cible: str, taille: int) -> tuple[list[str], list[Bilan], Bilan]:
    """Tous les plans à une taille : lignes du tableau, scénarios, et détail par code du plan conseillé."""
    simple, stratifie, inegal = (simuler(corpus, unite, cible, plan, taille) for plan in (SIMPLE, STRATIFIE, INEGAL))
    essais = {"échantillon seul, plan simple": replace(simple, corrige=np.full_like(simple.corrige, np.nan)),
              "corrigé, plan simple": simple, "corrigé, plan stratifié par territoire": stratifie,
              "corrigé, plan inégal": inegal}
    if unite == PHRASES:
        tronque = replace(corpus, machine=np.where(corpus.machine >= DOUTE.bas, corpus.machine, 0.0))
        essais |= {f"corrigé, plan {nom}, confiances ≥ 0,15 seules": simuler(tronque, unite, cible, plan, taille)
                   for nom, plan in (("simple", SIMPLE), ("inégal", INEGAL))}
    cle = {"unite": unite, "cible": cible, "taille": taille}
    resumes = {nom: resumer(essai, simple, len(corpus.codes), corpus.frequents) for nom, essai in essais.items()}
    texte = ["", f"### Part des {cible} ; {taille} {unite} {'tirés' if unite == ENTRETIENS else 'tirées'} au sort", "", ENTETE,
             *(_ligne(nom, resume) for nom, resume in resumes.items())]
    scenarios = [{**cle, "essai": nom, **_sans_nan(resume)} for nom, resume in resumes.items()]
    if unite == PHRASES:
        vise = corpus.codes[corpus.frequents[0]]
        detail = par_code(simuler(corpus, unite, cible, INEGAL, taille, vises=[vise]), simple, corpus.codes)[corpus.frequents[0]]
        texte += ["", f"Plan inégal visant un seul code ({vise}) : couverture {_d(detail['couverture'])} %, largeur "
                  f"{_d(detail['largeur'] / detail['largeur_echantillon_seul'] - 1, 0)} %."]
        scenarios.append({**cle, "essai": f"vise {vise}", **detail})
    nom, conseille = ("inégal", inegal) if unite == PHRASES else ("stratifié", stratifie)
    return texte, scenarios, {f"Part des {cible}, {taille} {unite}, plan {nom}": par_code(conseille, simple, corpus.codes)}


def mesurer_territoires(corpus: Corpus, cible: str, taille: int) -> tuple[str, Bilan]:
    """Tous les territoires ensemble, entretiens tirés au plan stratifié : ligne du tableau et scénario."""
    essais = [simuler(corpus, ENTRETIENS, cible, STRATIFIE, taille, lieu)
              for lieu in sorted(set(corpus.population.territoires))]
    toutes = slice(0, len(corpus.codes))
    local = {"corrige": float(np.mean([~np.isnan(s.corrige[:, toutes, 0]) for s in essais])),
             "couverture_quand_corrige": _moyenne(np.array([s.couvre(s.corrige)[:, toutes] for s in essais])),
             "couverture": _moyenne(np.array([s.couvre(s.publie())[:, toutes] for s in essais]))}
    return (f"| part des {cible} | {taille} | " + " | ".join(_d(valeur) for valeur in local.values()) + " |",
            {"unite": ENTRETIENS, "cible": cible, "taille": taille, "essai": "par territoire", **_sans_nan(local)})


def detailler(titre: str, lignes: Sequence[Bilan]) -> list[str]:
    """Le tableau d'un plan, code par code."""
    return ["", f"### {titre}", "", "| code | vraie part (%) | comptage brut (%) | biais brut | biais corrigé | couverture (%) "
            "| intervalles corrigés (%) | largeur (points) | échantillon seul (points) | gain (%) |",
            "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |",
            *(f"| {r['code']} | {_d(r['part'], 2)} | {_d(r['brut'], 2)} | {_d(r['biais_brut'], 2)} | "
              f"{_d(r['biais_corrige'], 2)} | {_d(r['couverture'])} | {_d(r['corrige'], 0)} | {_d(r['largeur'], 2)} | "
              f"{_d(r['largeur_echantillon_seul'], 2)} | {_d(r['largeur'] / r['largeur_echantillon_seul'] - 1, 0)} |"
              for r in lignes)]


def principal() -> None:
    corpus = charger()
    population, nombre, frequents = corpus.population, len(corpus.codes), [corpus.codes[rang] for rang in corpus.frequents]
    bas, haut = (round(borne * TIRAGES) for borne in BORNES)
    attendus = nombre * float(binom.cdf(haut, TIRAGES, 0.95) - binom.cdf(bas - 1, TIRAGES, 0.95))
    texte = [f"{TIRAGES} tirages ; {len(population.phrases)} phrases d'enquêtés, {len(population.entretiens)} entretiens, "
             f"{nombre} codes. Codes fréquents : le tiers le plus porté ({', '.join(frequents)}). "
             f"Largeur : celle de l'intervalle publié, rapportée à celle de l'échantillon seul au plan simple de même taille. "
             f"Avec des intervalles exacts, {attendus:.0f} codes sur {nombre} tomberaient entre 93 et 97 % : le reste est le "
             f"hasard de {TIRAGES} tirages."]
    scenarios: list[Bilan] = []
    details: Bilan = {}
    for unite, cible in ((PHRASES, PHRASES), (ENTRETIENS, PHRASES), (ENTRETIENS, ENTRETIENS)):
        for taille in TAILLES[unite]:
            dits, siens, detail = mesurer_plans(corpus, unite, cible, taille)
            texte += dits
            scenarios += siens
        details |= detail
    texte += ["", "### Par territoire (entretiens tirés, plan stratifié)", "",
              "| unité | tirés dans l'étude | intervalles corrigés (%) | couverture quand corrigé (%) | couverture publiée (%) |",
              "| --- | --- | --- | --- | --- |"]
    for cible in (PHRASES, ENTRETIENS):
        for taille in (TAILLES[ENTRETIENS][-1], len(population.entretiens) * 3 // 4):
            ligne, scenario = mesurer_territoires(corpus, cible, taille)
            texte.append(ligne)
            scenarios.append(scenario)
    for titre, lignes in details.items():
        texte += detailler(titre, lignes)
    resultats = {"tirages": TIRAGES, "frequents": frequents, "scenarios": scenarios, "par_code": details}
    contenus = {"estimation.md": "\n".join(texte) + "\n",
                "estimation.json": json.dumps(resultats, ensure_ascii=False, indent=1, allow_nan=False) + "\n"}
    for nom, contenu in contenus.items():
        with ecriture_atomique(SORTIE / nom) as provisoire:
            provisoire.write_text(contenu, encoding="utf-8")
    print("\n".join(texte))


if __name__ == "__main__":
    principal()
