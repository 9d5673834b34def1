"""Des mentions aux matrices : qui parle de quoi, où, et dans quelle modalité.

L'unité qui compte est l'entretien, pas la phrase : un locuteur disert ne pèse pas plus qu'un autre.
Les phrases et les catégories d'acteurs sont données à côté, pour juger de l'insistance et de la
diversité des points de vue.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

MODALITES: tuple[str, ...] = ("presente", "absente", "hypothetique")
"""Les modalités d'une mention, dans l'ordre où on les présente."""

_EFFECTIFS = ["phrases", "entretiens", "categories"]


def _apercu(valeurs: set[object]) -> str:
    """Quelques valeurs fautives, triées, pour un message d'erreur."""
    triees = sorted(map(str, valeurs))
    return ", ".join(triees[:5]) + (f" et {len(triees) - 5} autres" if len(triees) > 5 else "")


def _situer(
    mentions: pd.DataFrame, entretiens: pd.DataFrame, phrases: pd.DataFrame, grille_codes: Sequence[str]
) -> pd.DataFrame:
    """Contrôle les mentions et leur ajoute le territoire et la catégorie de leur entretien."""
    repetes = entretiens.loc[entretiens["entretien"].duplicated(), "entretien"]
    if len(repetes):
        raise ValueError(f"entretiens inscrits deux fois : {_apercu(set(repetes))}")
    if len(set(grille_codes)) != len(grille_codes):
        raise ValueError("la grille donne deux fois le même code")
    for colonne, connus, ou in (
        ("code", grille_codes, "la grille"),
        ("modalite", MODALITES, "les modalités admises (" + ", ".join(MODALITES) + ")"),
        ("entretien", entretiens["entretien"], "la table des entretiens"),
    ):
        inconnus = set(mentions[colonne]) - set(connus)
        if inconnus:
            raise ValueError(f"mentions dont la colonne « {colonne} » sort de {ou} : {_apercu(inconnus)}")
    connues = pd.MultiIndex.from_frame(phrases[["entretien", "phrase"]])
    citees = pd.MultiIndex.from_frame(mentions[["entretien", "phrase"]])
    orphelines = citees[~citees.isin(connues)]
    if len(orphelines):
        raise ValueError(f"mentions de phrases introuvables : {_apercu({' '.join(c) for c in orphelines})}")
    situees = mentions[["entretien", "phrase", "code", "modalite"]].merge(
        entretiens[["entretien", "territoire", "categorie"]], on="entretien", how="left", validate="m:1"
    )
    situees["categorie"] = situees["categorie"].replace("", None)
    return situees


def _compter(situees: pd.DataFrame, cles: list[str], lignes: pd.MultiIndex, sur: list[str]) -> pd.DataFrame:
    """Compte ce qui est distinct dans chaque case, zéros compris."""
    groupes = situees.groupby(cles, sort=False)
    comptes = groupes[sur].nunique()
    comptes["phrases"] = situees.drop_duplicates([*cles, "entretien", "phrase"]).groupby(cles).size()
    comptes = comptes.rename(columns={"entretien": "entretiens", "categorie": "categories"})
    comptes = comptes.rename(columns={"territoire": "territoires"})
    return comptes.reindex(lignes, fill_value=0).astype("int64").reset_index()


def matrice(
    mentions: pd.DataFrame,
    entretiens: pd.DataFrame,
    phrases: pd.DataFrame,
    grille_codes: Sequence[str],
) -> pd.DataFrame:
    """La matrice territoire × code × modalité.

    Parameters
    ----------
    mentions : DataFrame
        Colonnes `entretien`, `phrase`, `code`, `modalite` au moins. Plusieurs mentions d'un même code
        dans une même phrase (étendues ou codeurs différents) ne comptent qu'une fois.
    entretiens : DataFrame
        Colonnes `entretien`, `territoire`, `categorie` au moins ; un entretien par ligne. Un territoire
        dont aucun entretien n'a de mention figure quand même, à zéro.
    phrases : DataFrame
        Colonnes `entretien`, `phrase` au moins ; sert à refuser une mention sans phrase.
    grille_codes : Sequence[str]
        Les codes de la grille, dans son ordre.

    Returns
    -------
    DataFrame
        Colonnes `territoire`, `code`, `modalite`, puis trois effectifs distincts : `phrases`,
        `entretiens`, `categories` (catégories d'acteurs ; une catégorie vide ne compte pas). Une ligne
        par combinaison, zéros compris, rangée par territoire (ordre alphabétique), code (ordre de la
        grille), modalité (ordre de `MODALITES`).

    Raises
    ------
    ValueError
        Code hors grille, modalité inconnue, entretien ou phrase introuvable, entretien en double.
    """
    situees = _situer(mentions, entretiens, phrases, grille_codes)
    cles = ["territoire", "code", "modalite"]
    territoires = sorted(entretiens["territoire"].unique())
    lignes = pd.MultiIndex.from_product([territoires, list(grille_codes), list(MODALITES)], names=cles)
    return _compter(situees, cles, lignes, ["entretien", "categorie"])[[*cles, *_EFFECTIFS]]
