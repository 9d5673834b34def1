"""Ce que la page montre des thèmes : leurs phrases, leur stabilité, ce que la grille n'en prévoit pas."""

from __future__ import annotations

import math
import re
from typing import Any

import pandas as pd

from evaluation.themes_grille import ENTRETIENS_MIN, RAPPORT_MAX, RISQUE
from evaluation.themes_territoires import RISQUE as RISQUE_ECARTS
from modeles.stabilite_themes import (
    A_CONFIRMER,
    INSTABLE,
    NON_MESUREE,
    SEUIL_INSTABLE,
    SEUIL_STABLE,
    STABLE,
    juger,
)
from restitution.colonnes import rangs_de, textes_de

AVERTISSEMENTS: dict[str, str] = {
    STABLE: "il se retrouve presque entier quand on écarte un cinquième des propos.",
    A_CONFIRMER: "il ne se retrouve qu’en partie quand on écarte un cinquième des propos. Lisez ses verbatims "
    "avant de le citer.",
    INSTABLE: "il ne se retrouve pas quand on écarte un cinquième des propos. N’en tirez aucune conclusion.",
    NON_MESUREE: "il y a trop peu de propos pour l’éprouver. Une piste, pas un résultat.",
}
"""Ce qu'un lecteur doit savoir d'un thème, selon sa stabilité ; l'ordre est celui des filets de la page."""


def mots_du_theme(valeur: object) -> list[str]:
    """Les mots d'un thème, donnés en liste ou séparés par des virgules, points-virgules ou barres."""
    if isinstance(valeur, str):
        return [mot for mot in re.split(r"\s*[,;|]\s*", valeur.strip()) if mot]
    return [str(mot) for mot in valeur]  # type: ignore[attr-defined]


def jugements(themes: pd.DataFrame) -> list[str]:
    """La stabilité de chaque thème en mots ; « non mesurée » si la table n'a pas la colonne."""
    return [juger(valeur) for valeur in _nombres(themes, "stabilite")]


def preparer_themes(
    themes: pd.DataFrame, themes_phrases: pd.DataFrame, reperees: pd.DataFrame
) -> list[dict[str, Any]]:
    """Les thèmes, chacun avec ses phrases : par poids, puis la plus longue d'abord.

    Les phrases d'un même segment ont le même poids ; la plus longue se lit le mieux hors de son contexte.

    Parameters
    ----------
    themes, themes_phrases : pandas.DataFrame
        Aux colonnes de `DonneesRapport`.
    reperees : pandas.DataFrame
        Les phrases qui ont un identifiant : colonnes entretien, phrase, texte, rang.

    Returns
    -------
    list[dict]
        Par thème : portee, theme, libelle, mots, part, national, stabilite et accord (de la portée ; None
        si non mesurés), jugement, lieu (x, y) et qualite (voir `modeles.plan_themes` ; None sans plan), phrases (rangs).

    Raises
    ------
    ValueError
        Une phrase d'un thème est introuvable.
    """
    places = rangs_de(themes_phrases, ["entretien", "phrase"], reperees, "phrase d'un thème")
    liens = pd.DataFrame(
        {
            "portee": textes_de(themes_phrases, "portee"),
            "theme": textes_de(themes_phrases, "theme"),
            "rang": reperees["rang"].to_numpy()[places],
            "poids": themes_phrases["poids"].astype(float).to_numpy(),
            "longueur": reperees["texte"].str.len().to_numpy()[places],
        }
    ).sort_values(["poids", "longueur", "rang"], ascending=[False, False, True], kind="stable")
    par_theme = {cle: groupe["rang"].tolist() for cle, groupe in liens.groupby(["portee", "theme"])}
    mesures = zip(
        themes["part"].astype(float).tolist(),
        _nombres(themes, "stabilite"),
        _nombres(themes, "stabilite_portee"),
        jugements(themes),
        *(_nombres(themes, nom) for nom in ("x", "y", "qualite")),
        strict=True,
    )
    return [
        {
            "portee": str(t.portee),
            "theme": str(t.theme),
            "libelle": str(t.libelle),
            "mots": mots_du_theme(t.mots),
            "part": round(part, 5),
            "national": str(getattr(t, "theme_national", "")),
            "stabilite": _arrondi(stabilite),
            "accord": _arrondi(accord),
            "lieu": [_arrondi(x), _arrondi(y)],
            "qualite": _arrondi(qualite),
            "jugement": jugement,
            "phrases": par_theme.get((str(t.portee), str(t.theme)), []),
        }
        for t, (part, stabilite, accord, jugement, x, y, qualite) in zip(
            themes.itertuples(index=False), mesures, strict=True
        )
    ]


def preparer_propositions(proposes: pd.DataFrame | None, reperees: pd.DataFrame) -> dict[str, Any] | None:
    """Les codes proposés et les règles qui les ont choisis.

    Parameters
    ----------
    proposes : pandas.DataFrame, optional
        Table de `evaluation.themes_grille.proposer` ; None : on n'a pas cherché.
    reperees : pandas.DataFrame
        Comme `preparer_themes`.

    Returns
    -------
    dict or None
        risque, rapport, entretiens (les seuils), liste : par proposition, portee, theme, phrases,
        entretiens, parts (codee, hesitee, portee, de 0 à 1), verbatims (rangs de phrases).

    Raises
    ------
    ValueError
        Un verbatim est introuvable.
    """
    if proposes is None:
        return None
    ordre = reperees["rang"].tolist()
    liste = []
    for ligne in proposes.to_dict("records"):
        cites = verbatims_cites(ligne["verbatims"])
        places = rangs_de(cites, ["entretien", "phrase"], reperees, "phrase d'un code proposé")
        parts = {nom: round(float(ligne[f"part_{nom}"]), 5) for nom in ("codee", "hesitee", "portee")}
        liste.append(
            {
                "portee": str(ligne["portee"]),
                "theme": str(ligne["theme"]),
                "phrases": int(ligne["phrases"]),
                "entretiens": int(ligne["entretiens"]),
                "parts": parts,
                "verbatims": [ordre[place] for place in places],
            }
        )
    return {"risque": RISQUE, "rapport": round(RAPPORT_MAX, 3), "entretiens": ENTRETIENS_MIN, "liste": liste}


def preparer_ecarts(ecarts: pd.DataFrame | None) -> dict[str, Any] | None:
    """Ce qui distingue chaque territoire, et le risque admis.

    Parameters
    ----------
    ecarts : pandas.DataFrame, optional
        Table de `evaluation.themes_territoires.comparer` ; None : on n'a pas comparé.

    Returns
    -------
    dict or None
        risque ; liste : par territoire et thème national, territoire, theme, phrases, entretiens, moyenne, attendue,
        p (None si manquantes), constat, etat.
    """
    if ecarts is None:
        return None
    liste = [
        {
            "territoire": str(ligne["territoire"]),
            "theme": str(ligne["theme"]),
            "phrases": int(ligne["phrases"]),
            "entretiens": int(ligne["entretiens"]),
            **{nom: _arrondi(float(ligne[nom]), 5) for nom in ("moyenne", "attendue", "p")},
            "constat": str(ligne["constat"]),
            "etat": str(ligne["etat"]),
        }
        for ligne in ecarts.to_dict("records")
    ]
    return {"risque": RISQUE_ECARTS, "liste": liste}


def echelle_de_stabilite() -> dict[str, Any]:
    """Les seuils de stabilité et ce que chaque mot veut dire, pour la légende."""
    return {"stable": SEUIL_STABLE, "instable": SEUIL_INSTABLE, "mots": list(AVERTISSEMENTS.items())}


def verbatims_cites(verbatims: object) -> pd.DataFrame:
    """Les phrases d'une colonne `verbatims` (« entretien:phrase;… ») : colonnes entretien, phrase."""
    paires = [dite.split(":") for dite in str(verbatims).split(";") if dite]
    return pd.DataFrame(paires, columns=["entretien", "phrase"], dtype=str)


def _nombres(table: pd.DataFrame, colonne: str) -> list[float]:
    valeurs: list[float] = table.reindex(columns=[colonne])[colonne].astype(float).tolist()
    return valeurs


def _arrondi(valeur: float, decimales: int = 3) -> float | None:
    return None if math.isnan(valeur) else round(valeur, decimales)
