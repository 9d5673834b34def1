"""Estimer des parts malgré les erreurs de la machine, d'après un échantillon codé à la main.

Compter les étiquettes de la machine biaise. Ici la machine ne sert que d'appui : la part estimée est ce qu'elle
prévoit sur toute la population, corrigé de l'écart moyen, constaté sur l'échantillon tiré au sort, entre le codage
humain et ce qu'elle prévoyait. Le tirage seul fonde l'intervalle : il vaut même si la machine se trompe beaucoup, elle
n'en décide que la largeur. C'est l'estimateur par différence (Särndal, Swensson et Wretman, *Model Assisted Survey
Sampling*, 1992, § 6.3), retrouvé sous les noms de *prediction-powered inference* (Angelopoulos et al., Science 382,
2023 ; poids λ réglé : PPI++, Angelopoulos, Duchi et Zrnic 2023, arXiv:2311.01453) et de *design-based supervised
learning* (Egami, Hinck, Stewart et Wei, NeurIPS 2023, arXiv:2306.04746, éq. 5 : c'est λ = 1).

Soient t la valeur humaine d'une unité tirée, f ce que prévoit la machine, m la taille, π la probabilité d'inclusion :

    part = λ Σ_U f / Σ_U m + R,    R = Σ_s (t − λf)/π / Σ_s m/π

λ dans [0, 1], celui qui minimise la variance (PPI++), commun à tous les codes d'une modalité : réglé code par code sur
une poignée de phrases, il raccourcirait les intervalles à l'excès. La variance est celle de Deville (1999, *Survey
Methodology* 25, p. 193-203) pour un plan à probabilités inégales et taille fixe, appliquée à la valeur linéarisée
(t − λf − Rm)/π ; à probabilités égales c'est la formule usuelle du sondage aléatoire simple, stratifié ou par grappes.
Une grappe (un entretien tiré en entier) est une seule unité : la ressemblance de ses phrases est dans la variance.

L'intervalle est celui de Wilson à effectif équivalent p(1 − p)/V, qui reste dans [0, 1] (Dean et Pagano 2015, *Journal
of Survey Statistics and Methodology* 3, p. 484-503), au quantile de Student. Quand trop peu d'unités portent le code,
on ne corrige pas : reste l'échantillon seul, à l'intervalle de Korn et Graubard (1998, *Survey Methodology* 24,
p. 193-201), un Clopper-Pearson à effectif équivalent.

Ce que l'intervalle dit : l'incertitude du tirage dans l'étude, pas celle du choix des enquêtés, qui n'ont pas été tirés
au sort dans le pays. La machine doit être celle d'avant le tirage : apprise sur l'échantillon, elle y paraîtrait plus juste
qu'ailleurs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.stats import beta, norm, t

from corpus.codages import MODALITES
from evaluation.plans import ENTRETIENS, PHRASES, UNITES, Entiers, Reels, Tirage, dit_quelque_part, sommer

NATIONAL = "national"
TOUTES = "toutes"
LUES = (TOUTES, *MODALITES)
CORRIGE, TROP_PEU = "corrigé", "trop peu"
PORTEURS_MINIMUM = 5
TIREES_MINIMUM = 10
NIVEAU = 0.95
COLONNES = ("portee", "unite", "code", "modalite", "population", "tirees", "portent", "brut", "echantillon",
            "echantillon_bas", "echantillon_haut", "corrige", "corrige_bas", "corrige_haut", "conclusion", "poids_machine")


@dataclass(frozen=True)
class Mesures:
    """Ce qui est vrai ou prévu de chaque unité, J colonnes (modalité, code) de front.

    Attributes
    ----------
    valeurs : ndarray (unités, J)
        Phrases qui portent le code dans l'unité, ou 1 si l'entretien le dit.
    prevues : ndarray (unités, J)
        La même chose, selon la machine : une espérance.
    tailles : ndarray (unités,)
        Phrases de l'unité, ou 1.
    """

    valeurs: Reels
    prevues: Reels
    tailles: Reels


@dataclass(frozen=True)
class Parts:
    """J parts estimées, chacune un ndarray (J,), bornes à 95 %.

    `variance` est celle de l'estimation corrigée.
    """

    portent: Entiers
    echantillon: Reels
    echantillon_bas: Reels
    echantillon_haut: Reels
    corrige: Reels
    corrige_bas: Reels
    corrige_haut: Reels
    variance: Reels


class Estimateur:
    """Estime des parts d'après un tirage.

    Parameters
    ----------
    tirage : Tirage
    mesures : Mesures
        Des unités tirées, dans l'ordre du tirage.
    """

    def __init__(self, tirage: Tirage, mesures: Mesures) -> None:
        self._mesures = mesures
        self._poids = 1 / tirage.probabilites
        noms, numeros = np.unique(tirage.strates, return_inverse=True)
        dans = (numeros == np.arange(len(noms))[:, None]).astype(np.float64)
        hasardeuses = dans @ (tirage.probabilites < 1)
        facteurs = np.divide(hasardeuses, hasardeuses - 1, out=np.zeros_like(hasardeuses), where=hasardeuses > 1)
        # Coefficients de Deville : (1 − π) n/(n − 1), n sans les unités prises d'office ; puis par strate.
        self._c = (1 - tirage.probabilites) * facteurs[numeros]
        self._strates = dans * self._c

    def _linearises(self, valeurs: Reels, dedans: Reels) -> tuple[Reels, Reels]:
        """Rapport R (J,) des valeurs aux tailles, et sa valeur linéarisée pondérée (n, J)."""
        poids = self._poids * dedans
        total = poids @ self._mesures.tailles
        rapports: Reels = poids @ valeurs / total
        return rapports, (valeurs - np.outer(self._mesures.tailles, rapports)) * (poids / total)[:, None]

    def _covariances(self, a: Reels, b: Reels) -> Reels:
        sommes = self._strates.sum(axis=1, keepdims=True)
        centres = (self._strates @ a) * (self._strates @ b) / np.where(sommes > 0, sommes, 1)
        covariances: Reels = self._c @ (a * b) - centres.sum(axis=0)
        return covariances

    def poids_machine(self, groupes: int = 1) -> Reels:
        """λ de chaque colonne (J,) : celui qui minimise la variance sommée de son groupe de colonnes voisines."""
        tous = np.ones(len(self._poids))
        _, humain = self._linearises(self._mesures.valeurs, tous)
        _, prevu = self._linearises(self._mesures.prevues, tous)
        commun, propre = (self._covariances(a, prevu).reshape(groupes, -1).sum(axis=1) for a in (humain, prevu))
        poids = np.clip(np.divide(commun, propre, out=np.zeros(groupes), where=propre > 1e-15), 0, 1)
        return np.repeat(poids, humain.shape[1] // groupes)

    def parts(self, poids_machine: Reels, prevues: Reels, dedans: Reels | None = None) -> Parts:
        """Les parts d'une portée.

        Parameters
        ----------
        poids_machine : ndarray (J,)
            λ de chaque colonne.
        prevues : ndarray (J,)
            Part que la machine prévoit sur toute la population de la portée.
        dedans : ndarray (n,), facultatif
            1 pour les unités tirées de la portée, 0 ailleurs ; par défaut, toutes.
        """
        dedans = np.ones(len(self._poids)) if dedans is None else dedans
        valeurs, tirees = self._mesures.valeurs, int(dedans.sum())
        porte = (valeurs > 0) & (dedans > 0)[:, None]
        portent: Entiers = porte.sum(axis=0)
        if not tirees:
            vide = np.full(valeurs.shape[1], np.nan)
            return Parts(portent, *[vide] * 7)
        ddl = max(tirees - int((self._strates @ dedans > 0).sum()), 1)
        certain = not (self._c * dedans).any()
        seul, linearises = self._linearises(valeurs, dedans)
        variance = self._covariances(linearises, linearises)
        assez = (portent >= PORTEURS_MINIMUM) & (tirees - portent >= PORTEURS_MINIMUM) & (tirees >= TIREES_MINIMUM)
        bas, haut = wilson(seul, variance, ddl)
        poids = self._poids * dedans
        rares = korn_graubard(seul, variance, poids.sum() ** 2 / (poids ** 2).sum(), ddl)
        bas, haut = (np.where(assez | certain, large, rare) for large, rare in zip((bas, haut), rares, strict=True))
        ecart, linearises = self._linearises(valeurs - poids_machine * self._mesures.prevues, dedans)
        corrige = poids_machine * prevues + ecart
        conclu = (assez & (corrige > 0) & (corrige < 1)) | certain
        variance = self._covariances(linearises, linearises)
        corrige, corrige_bas, corrige_haut = (np.where(conclu, v, np.nan) for v in (
            np.clip(corrige, 0, 1), *wilson(corrige, variance, ddl)))
        return Parts(portent, seul, bas, haut, corrige, corrige_bas, corrige_haut, variance)


def wilson(parts: Reels, variances: Reels, ddl: int) -> tuple[Reels, Reels]:
    """Bornes de Wilson à effectif équivalent p(1 − p)/V ; la part elle-même quand la variance est nulle."""
    q2 = t.ppf((1 + NIVEAU) / 2, ddl) ** 2
    p = np.clip(parts, 0, 1)
    # q² divisé par l'effectif équivalent
    k = q2 * np.divide(np.maximum(variances, 0), p * (1 - p), out=np.zeros_like(p), where=(p > 0) & (p < 1))
    centre, demie = (p + k / 2) / (1 + k), np.sqrt(k * (p * (1 - p) + k / 4)) / (1 + k)
    return centre - demie, centre + demie


def korn_graubard(parts: Reels, variances: Reels, effectif: float, ddl: int) -> tuple[Reels, Reels]:
    """Bornes de Clopper-Pearson à effectif équivalent p(1 − p)/V ; `effectif` quand la variance est nulle."""
    variances = np.maximum(variances, 0)
    n = np.divide(parts * (1 - parts), variances, out=np.full_like(parts, effectif), where=variances > 1e-15)
    n *= (norm.ppf((1 + NIVEAU) / 2) / t.ppf((1 + NIVEAU) / 2, ddl)) ** 2
    x, marge = n * parts, (1 - NIVEAU) / 2
    bas = np.where(x > 0, beta.ppf(marge, np.maximum(x, 1e-9), n - x + 1), 0.0)
    haut = np.where(x < n, beta.ppf(1 - marge, x + 1, np.maximum(n - x, 1e-9)), 1.0)
    return bas, haut


@dataclass(frozen=True)
class Population:
    """Les phrases d'enquêtés d'une étude, rangées pour l'estimation.

    Attributes
    ----------
    phrases : pandas.DataFrame
        Colonnes entretien, phrase.
    codes : tuple[str, ...]
    groupes : ndarray (phrases,)
        Numéro de l'entretien de chaque phrase.
    entretiens : tuple[str, ...]
        Leurs noms, dans l'ordre des numéros.
    territoires : ndarray (entretiens,) de textes
    """

    phrases: pd.DataFrame
    codes: tuple[str, ...]
    groupes: Entiers
    entretiens: tuple[str, ...]
    territoires: np.ndarray[tuple[int], np.dtype[np.str_]]

    @classmethod
    def ranger(cls, phrases: pd.DataFrame, entretiens: pd.DataFrame, codes: Sequence[str]) -> Population:
        """Range les tables d'une étude (colonnes : `estimer`)."""
        siennes = phrases.loc[phrases["role"] == "enquete", ["entretien", "phrase"]].reset_index(drop=True)
        groupes, noms = pd.factorize(siennes["entretien"])
        lieux = entretiens.set_index("entretien")["territoire"].reindex(noms)
        if lieux.isna().any():
            raise ValueError(f"entretiens sans territoire connu : {', '.join(map(str, lieux.index[lieux.isna()][:5]))}")
        return cls(siennes, tuple(codes), groupes, tuple(map(str, noms)), lieux.to_numpy(dtype=str))

    def unites(self, unite: str) -> tuple[Entiers, np.ndarray[tuple[int], np.dtype[np.str_]]]:
        """Numéro de l'unité de chaque phrase, et territoire de chaque unité."""
        if unite not in UNITES:
            raise ValueError(f"unité « {unite} » inconnue : {', '.join(UNITES)}")
        if unite == ENTRETIENS:
            return self.groupes, self.territoires
        return np.arange(len(self.phrases)), self.territoires[self.groupes]

    def matrice(self, table: pd.DataFrame, colonne: str = "") -> Reels:
        """Une table (entretien, phrase, code, modalite) en (phrases, modalités de `LUES` × codes).

        Vaut 1, ou `colonne`, là où la table a une ligne ; le plus grand si elle en a plusieurs.

        Raises
        ------
        ValueError
            Phrase ou code inconnus.
        """
        lignes = pd.MultiIndex.from_frame(self.phrases).get_indexer(pd.MultiIndex.from_frame(table[["entretien", "phrase"]]))
        colonnes = pd.Index(self.codes).get_indexer(pd.Index(table["code"]))
        for manque, quoi in ((lignes < 0, ["entretien", "phrase"]), (colonnes < 0, ["code"])):
            if manque.any():
                raise ValueError(f"{' '.join(quoi)} hors de l'étude : {' '.join(table.loc[manque, quoi].iloc[0])}")
        valeurs = table[colonne].to_numpy(dtype=np.float64) if colonne else np.ones(len(table))
        tableau: Reels = np.zeros((len(self.phrases), len(LUES), len(self.codes)))
        for rang, modalite in enumerate(LUES):
            celles = np.ones(len(table), dtype=bool) if modalite == TOUTES else (table["modalite"] == modalite).to_numpy()
            np.maximum.at(tableau[:, rang], (lignes[celles], colonnes[celles]), valeurs[celles])
        return tableau.reshape(len(self.phrases), -1)

    def mesurer(self, tirage: str, cible: str, humain: Reels, machine: Reels) -> Mesures:
        """Mesure chaque unité de tirage pour une cible (`PHRASES` ou `ENTRETIENS`), d'après deux `matrice`."""
        if tirage == PHRASES:
            return Mesures(humain, machine, np.ones(len(humain)))
        if cible == ENTRETIENS:
            return Mesures((sommer(humain, self.groupes) > 0).astype(np.float64),
                           dit_quelque_part(machine, self.groupes), np.ones(len(self.entretiens)))
        return Mesures(sommer(humain, self.groupes), sommer(machine, self.groupes),
                       np.bincount(self.groupes).astype(np.float64))


def cibles(tirage: str) -> tuple[str, ...]:
    """Ce qu'un tirage permet d'estimer : d'un entretien lu par bribes, on ne sait pas ce qu'il ne dit pas."""
    return (ENTRETIENS, PHRASES) if tirage == ENTRETIENS else (PHRASES,)


def estimer(phrases: pd.DataFrame, entretiens: pd.DataFrame, mentions: pd.DataFrame, echantillon: pd.DataFrame,
            codages: pd.DataFrame, codes: Sequence[str], confiances: pd.DataFrame | None = None) -> pd.DataFrame:
    """Les parts de chaque code : comptage brut de la machine, échantillon seul, et estimation corrigée.

    Parameters
    ----------
    phrases : pandas.DataFrame
        Colonnes entretien, phrase, role : toute l'étude.
    entretiens : pandas.DataFrame
        Colonnes entretien, territoire.
    mentions : pandas.DataFrame
        Colonnes entretien, phrase, code, modalite, confiance : ce que la machine a posé.
    echantillon : pandas.DataFrame
        Colonnes entretien, phrase, unite (« entretiens » ou « phrases »), strate, probabilite : les phrases tirées,
        toutes codées.
    codages : pandas.DataFrame
        Colonnes entretien, phrase, code, modalite : les codes qu'une personne y a posés.
    codes : Sequence[str]
        Codes de la grille.
    confiances : pandas.DataFrame, facultatif
        Colonnes de `mentions`, hésitations comprises et jusqu'aux plus faibles : plus elles sont complètes, plus
        l'intervalle est court. Par défaut, `mentions`. Un code absent vaut 0.

    Returns
    -------
    pandas.DataFrame
        Colonnes de `COLONNES`, une ligne par portée (« national » puis chaque territoire), unité, code et modalité
        (« toutes » d'abord). Parts entre 0 et 1 des `population` unités ; `tirees` et `portent` comptent les unités du
        tirage (l'entretien s'il a été tiré en entier). `corrige` est vide quand `conclusion` vaut « trop peu » : moins
        de cinq unités tirées portent le code, moins de cinq ne le portent pas, ou moins de dix ont été tirées.
        `poids_machine` : λ, ce que la machine pèse, de 0 (rien) à 1.

    Raises
    ------
    ValueError
        Échantillon vide ou de deux unités, entretien tiré en partie, codage hors de l'échantillon, nom inconnu.
    """
    population = Population.ranger(phrases, entretiens, codes)
    tirage, unite = _relire_tirage(population, echantillon)
    cles = [pd.MultiIndex.from_frame(table[["entretien", "phrase"]]) for table in (codages, echantillon)]
    if not (dedans := cles[0].isin(cles[1])).all():
        raise ValueError(f"codage hors de l'échantillon : {' '.join(map(str, cles[0][~dedans][0]))}")
    humain, posees = population.matrice(codages), population.matrice(mentions)
    machine = population.matrice(mentions if confiances is None else confiances, "confiance")
    territoires = population.unites(unite)[1]
    tables = []
    for cible in cibles(unite):
        entier, brutes = (population.mesurer(unite, cible, humain, autre) for autre in (machine, posees))
        tirees = Mesures(*(valeurs[tirage.rangs] for valeurs in (entier.valeurs, entier.prevues, entier.tailles)))
        estimateur = Estimateur(tirage, tirees)
        poids = estimateur.poids_machine(len(LUES))
        for portee in (NATIONAL, *sorted(set(population.territoires))):
            ici = np.ones(len(territoires), dtype=bool) if portee == NATIONAL else territoires == portee
            taille = entier.tailles[ici].sum()
            prevues, brut = (m.prevues[ici].sum(axis=0) / taille for m in (entier, brutes))
            parts = estimateur.parts(poids, prevues, ici[tirage.rangs].astype(np.float64))
            tables.append(pd.DataFrame({
                "portee": portee, "unite": cible, "code": list(population.codes) * len(LUES),
                "modalite": np.repeat(LUES, len(population.codes)), "population": int(taille),
                "tirees": int(ici[tirage.rangs].sum()), "brut": brut, **vars(parts),
                "conclusion": np.where(np.isnan(parts.corrige), TROP_PEU, CORRIGE), "poids_machine": poids}))
    return pd.concat(tables, ignore_index=True)[list(COLONNES)]


def _relire_tirage(population: Population, echantillon: pd.DataFrame) -> tuple[Tirage, str]:
    """Les unités tirées, d'après la table des phrases tirées."""
    unites = echantillon["unite"].unique()
    if len(unites) != 1:
        raise ValueError(f"l'échantillon a une seule unité de tirage, reçu : {', '.join(map(str, unites)) or 'aucune'}")
    unite = str(unites[0])
    numeros = population.unites(unite)[0]
    lignes = pd.MultiIndex.from_frame(population.phrases).get_indexer(
        pd.MultiIndex.from_frame(echantillon[["entretien", "phrase"]]))
    if (lignes < 0).any() or len(set(lignes)) != len(lignes):
        raise ValueError("phrase de l'échantillon en double, ou hors de l'étude")
    rangs, premieres, effectifs = np.unique(numeros[lignes], return_index=True, return_counts=True)
    if (effectifs != np.bincount(numeros)[rangs]).any():
        raise ValueError("un entretien tiré l'est en entier : il manque de ses phrases à l'échantillon")
    return Tirage(rangs, echantillon["probabilite"].to_numpy(dtype=np.float64)[premieres],
                  echantillon["strate"].to_numpy(dtype=str)[premieres]), unite
