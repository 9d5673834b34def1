"""Regrouper les phrases d'enquêtés en segments de taille voisine.

La classification de Reinert et les thèmes ont besoin d'unités plus longues qu'une phrase de l'oral.
Un segment est une suite de phrases entières du même tour ; un tour très court (« Oui. Voilà. ») n'a
pas de quoi en faire un : il rejoint le tour d'enquêté suivant de l'entretien. La table des phrases ne
dit pas qui parle : dans un entretien à plusieurs enquêtés, ce tour suivant peut être d'un autre.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

MOTS_TOUR_COURT = 10
COLONNES = ("entretien", "segment", "debut", "fin", "texte", "phrases")
_ATTENDUES = ("entretien", "tour", "phrase", "role", "debut", "fin", "texte")


def segmenter(phrases: pd.DataFrame, mots: int = 40) -> pd.DataFrame:
    """Regrouper les phrases d'enquêtés en segments d'environ `mots` mots, sans couper de phrase.

    Un bloc de phrases (un tour, précédé des tours trop courts qui le rejoignent) de n mots donne
    l'entier le plus proche de n / `mots` segments (au moins un) : il est partagé en autant de parts
    égales, et chaque phrase va à la part où tombe son milieu. Un segment ne dépasse donc pas une fois
    et demie `mots`, plus la longueur d'une phrase.

    Parameters
    ----------
    phrases : pandas.DataFrame
        Table des phrases (`corpus.phrases.tableau_phrases`) d'un ou plusieurs entretiens, en ordre.
        Les phrases d'enquêteur sont ignorées.
    mots : int, default 40
        Taille visée, en mots (suites de caractères sans blanc).

    Returns
    -------
    pandas.DataFrame
        Colonnes entretien, segment (« s001 »…, à nouveau à chaque entretien), debut, fin (positions
        dans le texte de l'entretien, de la première à la dernière phrase), texte (phrases jointes
        par une espace), phrases (liste des identifiants de phrases). Chaque phrase d'enquêté est
        dans exactement un segment.

    Raises
    ------
    ValueError
        Si `mots` est inférieur à 1 ou si une colonne manque.
    """
    import pandas as pd

    if mots < 1:
        raise ValueError(f"« mots » doit être au moins 1 (reçu : {mots})")
    manquantes = [nom for nom in _ATTENDUES if nom not in phrases.columns]
    if manquantes:
        raise ValueError(f"table des phrases sans les colonnes : {', '.join(manquantes)}")
    lignes: list[tuple[str, str, int, int, str, list[str]]] = []
    enquetes = phrases[phrases["role"] == "enquete"]
    for entretien, table in enquetes.groupby("entretien", sort=False):
        tailles = table["texte"].str.split().str.len().tolist()
        bornes = _segments(table["tour"].tolist(), tailles, mots)
        for numero, (debut, fin) in enumerate(bornes, start=1):
            part = table.iloc[debut:fin]
            etendue = (int(part["debut"].iloc[0]), int(part["fin"].iloc[-1]))
            lignes.append(
                (str(entretien), f"s{numero:03d}", *etendue, " ".join(part["texte"]), part["phrase"].tolist())
            )
    types = {"entretien": "str", "segment": "str", "debut": "int64", "fin": "int64", "texte": "str"}
    return pd.DataFrame(lignes, columns=list(COLONNES)).astype({**types, "phrases": "object"})


def _segments(tours: list[int], tailles: list[int], mots: int) -> Iterator[tuple[int, int]]:
    """Bornes des segments, en rangs de phrases, d'un entretien ; `tailles` compte les mots."""
    debut = 0
    while debut < len(tours):
        fin, total = _bloc(tours, tailles, debut)
        parts = max(1, (2 * total + mots) // (2 * mots))
        courante = passes = 0
        depart = debut
        for rang in range(debut, fin):
            part = (2 * passes + tailles[rang]) * parts // (2 * max(1, total))
            if part > courante and rang > depart:
                yield depart, rang
                depart = rang
            courante = part
            passes += tailles[rang]
        yield depart, fin
        debut = fin


def _bloc(tours: list[int], tailles: list[int], debut: int) -> tuple[int, int]:
    """Fin et nombre de mots du bloc qui commence en `debut` : un tour, ou des tours courts et le suivant."""
    fin, total = debut, 0
    while fin < len(tours) and total < MOTS_TOUR_COURT:
        tour = tours[fin]
        while fin < len(tours) and tours[fin] == tour:
            total += tailles[fin]
            fin += 1
    return fin, total
