"""Les thèmes face à la grille : quels codes un thème recouvre, et ce que la grille ne prévoit pas.

Les thèmes sortent des propos sans connaître la grille ; les codes viennent de la grille sans connaître les
thèmes. Les croiser dit deux choses : de quels codes un thème est fait, et quels thèmes portent trop peu de
codes pour que la grille en rende compte — autant de codes nouveaux à proposer aux évaluateurs.

Dans chaque portée (toute l'étude, ou un territoire), la référence est l'ensemble des phrases d'enquêtés,
hors thème compris. Un thème dont on tirerait les phrases au hasard parmi elles porterait un nombre de codes
qui suit la loi hypergéométrique : c'est le modèle des spécificités de Lafon (`modeles.specificites`), et le test
exact de Fisher à une queue.

Deux réserves. Les phrases d'un même propos se suivent : elles ne sont pas indépendantes, et les probabilités
sont un peu trop petites ; aussi une proposition doit-elle montrer un écart net et venir de plusieurs
entretiens. Et une phrase sans code peut être une phrase que la machine a manquée, non que la grille ignore :
`part_hesitee` dit combien elle a failli en coder.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from corpus.fiches import PORTEE_NATIONALE

Reels = NDArray[np.float64]
Entiers = NDArray[np.int64]

RISQUE = 0.05
"""Probabilité de proposer à tort un code, pour toute une portée (correction de Holm)."""
RAPPORT_MAX = 2 / 3
"""Un thème n'est proposé que si sa part codée est au plus les deux tiers de celle de sa portée : sur des
milliers de phrases, un écart minime serait déjà certain."""
ENTRETIENS_MIN = 3
"""Nombre d'entretiens, au moins, où une proposition doit avoir des phrases sans code."""
VERBATIMS = 3

COLONNES_CODES = ("portee", "theme", "code", "phrases", "part", "attendu", "specificite", "p")
COLONNES_COUVERTURE = ("portee", "theme", "phrases", "codees", "part_codee", "part_portee", "code_dominant", "p")
COLONNES_PROPOSITIONS = ("portee", "theme", "libelle", "mots", "phrases", "entretiens", "part_codee", "part_hesitee",
                         "part_portee", "p", "verbatims")


@dataclass(frozen=True)
class EtudeCodee:
    """Les tables qu'on croise.

    Attributes
    ----------
    themes : pandas.DataFrame
        Colonnes portee, theme, libelle, mots ; une ligne par thème.
    themes_phrases : pandas.DataFrame
        Colonnes portee, theme, entretien, phrase, poids ; une phrase n'a qu'un thème dans une portée.
    mentions : pandas.DataFrame
        Colonnes entretien, phrase, code. Plusieurs mentions d'un code dans une phrase comptent une fois.
    phrases : pandas.DataFrame
        Colonnes entretien, phrase, role, texte ; seules comptent celles des enquêtés.
    entretiens : pandas.DataFrame
        Colonnes entretien, territoire.
    codes : Sequence[str]
        Les codes de la grille, dans son ordre.
    hesitations : pandas.DataFrame, optional
        Colonnes entretien, phrase : les codes que la machine n'a pas posés sans les exclure.
    """

    themes: pd.DataFrame
    themes_phrases: pd.DataFrame
    mentions: pd.DataFrame
    phrases: pd.DataFrame
    entretiens: pd.DataFrame
    codes: Sequence[str]
    hesitations: pd.DataFrame | None = None

    @cached_property
    def portees(self) -> dict[str, _Portee]:
        """Chaque portée croisée, dans l'ordre des thèmes : le travail que les trois tables se partagent."""
        return dict(_croiser(self))


def recouvrements(etude: EtudeCodee) -> pd.DataFrame:
    """Thème × code : combien de phrases du thème portent le code, et combien le hasard en donnerait.

    Parameters
    ----------
    etude : EtudeCodee

    Returns
    -------
    pandas.DataFrame
        Une ligne par portée, thème et code de la grille, zéros compris. Colonnes portee, theme, code ;
        phrases (du thème qui portent le code) ; part (de ses phrases, 0 à 1) ; attendu (phrases qui
        porteraient le code si le thème était tiré au hasard dans sa portée) ; specificite (logarithme
        décimal de 1/p, négatif si le code est plus rare qu'attendu ; 2 vaut une chance sur cent) ; p
        (probabilité d'un effectif au moins aussi loin de l'attendu, du même côté).

    Raises
    ------
    ValueError
        Code hors grille, phrase d'un thème introuvable dans sa portée ou rangée dans deux thèmes.
    """
    tables = []
    for portee, croisee in etude.portees.items():
        vus, connus, tailles, total = croisee.effectifs
        specificites = croisee.specificites
        for rang, theme in enumerate(croisee.membres):
            tables.append(pd.DataFrame({
                "portee": portee, "theme": theme, "code": list(etude.codes), "phrases": vus[:, rang],
                "part": vus[:, rang] / max(tailles[rang], 1), "attendu": connus * tailles[rang] / max(total, 1),
                "specificite": specificites[:, rang], "p": 10.0 ** -np.abs(specificites[:, rang])}))
    if not tables:
        return pd.DataFrame(columns=list(COLONNES_CODES))
    return pd.concat(tables, ignore_index=True)[list(COLONNES_CODES)]


def couverture(etude: EtudeCodee) -> pd.DataFrame:
    """Ce que la grille couvre de chaque thème.

    Parameters
    ----------
    etude : EtudeCodee

    Returns
    -------
    pandas.DataFrame
        Une ligne par thème. Colonnes portee, theme ; phrases (du thème) ; codees (qui portent au moins un
        code) ; part_codee (de ses phrases, 0 à 1 ; nan sans phrase) ; part_portee (des phrases de la
        portée) ; code_dominant (porté par le plus de phrases ; à égalité le plus spécifique, puis l'ordre
        de la grille ; vide sans code) ; p (probabilité d'en porter si peu au hasard, corrigée pour le
        nombre de thèmes de la portée : `corriger_holm`).

    Raises
    ------
    ValueError
        Comme `recouvrements`.
    """
    from scipy.stats import hypergeom

    tables = []
    for portee, croisee in etude.portees.items():
        connues = int(croisee.codees.sum())
        vus, _, tailles, total = croisee.effectifs
        codees = np.array([croisee.codees[membres].sum() for membres in croisee.membres.values()], dtype=np.int64)
        ordres = [np.lexsort((-croisee.specificites[:, rang], -vus[:, rang])) for rang in range(len(tailles))]
        queues: Reels = np.asarray(hypergeom.cdf(codees, total, connues, tailles), dtype=np.float64)
        tables.append(pd.DataFrame({
            "portee": portee, "theme": list(croisee.membres), "phrases": tailles, "codees": codees,
            "part_codee": np.where(tailles > 0, codees / np.maximum(tailles, 1), np.nan),
            "part_portee": connues / max(total, 1),
            "code_dominant": [etude.codes[ordre[0]] if vus[:, rang].any() else "" for rang, ordre in enumerate(ordres)],
            "p": corriger_holm(queues)}))
    if not tables:
        return pd.DataFrame(columns=list(COLONNES_COUVERTURE))
    return pd.concat(tables, ignore_index=True)


def proposer(etude: EtudeCodee) -> pd.DataFrame:
    """Les codes que les thèmes proposent : ceux qui portent nettement moins de codes que leur portée.

    Un thème est proposé quand sa part codée est sûrement plus basse que le hasard (`RISQUE`, test exact
    corrigé pour le nombre de thèmes), nettement plus basse (`RAPPORT_MAX`), et que ses phrases sans code
    viennent d'assez d'entretiens (`ENTRETIENS_MIN`).

    Parameters
    ----------
    etude : EtudeCodee

    Returns
    -------
    pandas.DataFrame
        Par portée, du thème le moins codé au plus codé. Colonnes portee, theme, libelle, mots ; phrases (du
        thème) ; entretiens (où il a des phrases sans code) ; part_codee, part_hesitee (sans code, mais où
        la machine a hésité à en poser un), de ses phrases ; part_portee (part codée de toute la portée) ;
        p (voir `couverture`) ; verbatims (ses phrases sans code les plus représentatives, une par
        entretien, trois au plus : « entretien:phrase » séparés par « ; »).

    Raises
    ------
    ValueError
        Comme `recouvrements`.
    """
    fiches = {(portee, theme): (libelle, mots) for portee, theme, libelle, mots in
              etude.themes[["portee", "theme", "libelle", "mots"]].itertuples(index=False, name=None)}
    couvertes = couverture(etude)
    cles = zip(couvertes["portee"], couvertes["theme"], strict=True)
    mesures = dict(zip(cles, couvertes[["part_codee", "part_portee", "p"]].to_numpy(dtype=np.float64), strict=True))
    hesitees = set() if etude.hesitations is None else _paires(etude.hesitations)
    longueurs = dict(zip(zip(etude.phrases["entretien"], etude.phrases["phrase"], strict=True),
                         etude.phrases["texte"].str.len().tolist(), strict=True))
    lignes = []
    for portee, croisee in etude.portees.items():
        for theme, membres in croisee.membres.items():
            part, moyenne, p = map(float, mesures[portee, theme])
            net = part <= RAPPORT_MAX * moyenne
            libres = [(float(poids), *croisee.phrases[rang])
                      for rang, poids in zip(membres, croisee.poids[theme], strict=True)
                      if not croisee.codees[rang]]
            voix = {entretien for _, entretien, _ in libres}
            if not (p < RISQUE and net and len(voix) >= ENTRETIENS_MIN):
                continue
            libres.sort(key=lambda dite: (-dite[0], -longueurs[dite[1:]], dite[1:]))
            un_par_entretien: dict[str, str] = {}
            for _, entretien, phrase in libres:
                un_par_entretien.setdefault(entretien, f"{entretien}:{phrase}")
            doutes = sum(dite[1:] in hesitees for dite in libres) / len(membres)
            cites = ";".join(list(un_par_entretien.values())[:VERBATIMS])
            dits = fiches[portee, theme]
            lignes.append((portee, theme, *dits, len(membres), len(voix), part, doutes, moyenne, p, cites))
    table = pd.DataFrame(lignes, columns=list(COLONNES_PROPOSITIONS))
    rangs = {portee: rang for rang, portee in enumerate(dict.fromkeys(etude.themes["portee"]))}
    return table.assign(rang=table["portee"].map(rangs)).sort_values(
        ["rang", "part_codee"], kind="stable", ignore_index=True).drop(columns="rang")


def corriger_holm(probabilites: Reels) -> Reels:
    """Corrige des probabilités pour leur nombre (Holm 1979, Scandinavian Journal of Statistics 6, p. 65-70).

    Parameters
    ----------
    probabilites : numpy.ndarray de forme (m,)

    Returns
    -------
    numpy.ndarray de forme (m,)
        Dans le même ordre, 1 au plus.
    """
    m = len(probabilites)
    ordre = np.argsort(probabilites, kind="stable")
    corrigees = np.empty(m)
    corrigees[ordre] = np.minimum(np.maximum.accumulate(probabilites[ordre] * np.arange(m, 0, -1)), 1.0)
    return corrigees


@dataclass(frozen=True)
class _Portee:
    """Une portée croisée : ses phrases, les codes que chacune porte, et les phrases de chaque thème."""

    phrases: list[tuple[str, str]]
    porte: NDArray[np.bool_]  # phrases × codes
    membres: dict[str, Entiers]  # thème → rangs dans `phrases`
    poids: dict[str, Reels]

    @cached_property
    def codees(self) -> NDArray[np.bool_]:
        """Vrai pour chaque phrase qui porte au moins un code."""
        au_moins_un: NDArray[np.bool_] = np.asarray(self.porte.any(axis=1))
        return au_moins_un

    @cached_property
    def effectifs(self) -> tuple[Entiers, Entiers, Entiers, int]:
        """Phrases par code et thème (codes, thèmes), par code, par thème, et de toute la portée."""
        colonnes = [self.porte[membres].sum(axis=0, dtype=np.int64) for membres in self.membres.values()]
        tailles = np.array([len(membres) for membres in self.membres.values()], dtype=np.int64)
        return np.stack(colonnes, axis=1), self.porte.sum(axis=0, dtype=np.int64), tailles, len(self.porte)

    @cached_property
    def specificites(self) -> Reels:
        """Spécificité de chaque code dans chaque thème, de forme (codes, thèmes)."""
        from modeles.specificites import scores

        specificites: Reels = scores(*self.effectifs) + 0.0  # jamais « -0.0 » dans un tableau
        return specificites


def _croiser(etude: EtudeCodee) -> Iterator[tuple[str, _Portee]]:
    """Croise chaque portée, dans l'ordre des thèmes."""
    dites = etude.phrases.loc[etude.phrases["role"] == "enquete", ["entretien", "phrase"]]
    territoires = dict(zip(etude.entretiens["entretien"], etude.entretiens["territoire"], strict=True))
    lieux = dites["entretien"].map(territoires)
    colonne = {code: rang for rang, code in enumerate(etude.codes)}
    inconnus = sorted(set(etude.mentions["code"]) - set(colonne))
    if inconnus:
        raise ValueError(f"mentions de codes hors de la grille : {', '.join(inconnus[:5])}")
    codages = etude.mentions[["entretien", "phrase", "code"]].drop_duplicates()
    for portee, fiches in etude.themes.groupby("portee", sort=False):
        siennes = dites if portee == PORTEE_NATIONALE else dites[lieux == portee]
        phrases = list(zip(siennes["entretien"], siennes["phrase"], strict=True))
        rangs = {phrase: rang for rang, phrase in enumerate(phrases)}
        porte = np.zeros((len(phrases), len(colonne)), dtype=bool)
        for entretien, phrase, code in codages.itertuples(index=False, name=None):
            if (entretien, phrase) in rangs:
                porte[rangs[entretien, phrase], colonne[code]] = True
        liens = etude.themes_phrases[etude.themes_phrases["portee"] == portee]
        _controler(str(portee), liens, rangs)
        citees = zip(liens["entretien"], liens["phrase"], strict=True)
        places = np.array([rangs[paire] for paire in citees], dtype=np.int64)
        choix = {theme: (liens["theme"] == theme).to_numpy() for theme in fiches["theme"]}
        poids = liens["poids"].to_numpy(dtype=np.float64)
        yield str(portee), _Portee(phrases, porte, {theme: places[siens] for theme, siens in choix.items()},
                                   {theme: poids[siens] for theme, siens in choix.items()})


def _controler(portee: str, liens: pd.DataFrame, connues: dict[tuple[str, str], int]) -> None:
    paires = list(zip(liens["entretien"], liens["phrase"], strict=True))
    perdues = sorted({" ".join(paire) for paire in paires if paire not in connues})
    if perdues:
        raise ValueError(f"{portee} : phrase d'un thème introuvable : {', '.join(perdues[:5])}")
    if len(set(paires)) != len(paires):
        raise ValueError(f"{portee} : une phrase est rangée dans deux thèmes")


def _paires(table: pd.DataFrame) -> set[tuple[str, str]]:
    return set(zip(table["entretien"], table["phrase"], strict=True))
