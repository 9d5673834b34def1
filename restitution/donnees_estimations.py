"""Ce que la page montre des parts estimées : comptage brut, part corrigée, échantillon seul."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from evaluation.estimation import CORRIGE, LUES, PORTEURS_MINIMUM, TIREES_MINIMUM, TOUTES
from restitution.colonnes import rangs_dans, textes_de

_COLONNES = ("portee", "unite", "code", "modalite", "population", "tirees", "portent", "brut", "echantillon",
             "echantillon_bas", "echantillon_haut", "corrige", "corrige_bas", "corrige_haut")


def preparer_estimations(table: pd.DataFrame | None, codes: Sequence[str], tirage: Mapping[str, Any]) -> dict[str, Any] | None:
    """Les estimations, pour la page.

    Parameters
    ----------
    table : pandas.DataFrame or None
        `DonneesRapport.estimations`.
    codes : Sequence[str]
        Les codes de la grille, dans son ordre.
    tirage : Mapping[str, Any]
        `execution["echantillon"]` : `unite`, `plan`, `taille`, `machine`.

    Returns
    -------
    dict or None
        None sans estimation. `colonnes`, `lignes` (codes rendus par leur rang ; `corrige` et ses bornes manquent quand trop
        peu de cas), `unites`, `modalites` (la première : toutes ensemble), `tirage`, et les `minimums` sous lesquels on ne
        corrige pas. Les lignes dont rien n'a été posé ni trouvé n'y sont pas.

    Raises
    ------
    ValueError
        Un code n'est pas dans la grille.
    """
    if table is None:
        return None
    vues = table[(table["brut"] > 0) | (table["portent"] > 0)]
    vues = vues.assign(code=rangs_dans(textes_de(vues, "code"), list(codes), "code"),
                       corrige=vues["corrige"].where(vues["conclusion"] == CORRIGE))
    return {
        "colonnes": list(_COLONNES), "unites": list(dict.fromkeys(table["unite"])), "modalites": list(LUES), "toutes": TOUTES,
        "lignes": [[_valeur(valeur) for valeur in ligne]
                   for ligne in vues[list(_COLONNES)].astype(object).itertuples(index=False, name=None)],
        "tirage": {cle: tirage.get(cle, "") for cle in ("unite", "plan", "taille", "machine")},
        "minimums": {"portent": PORTEURS_MINIMUM, "tirees": TIREES_MINIMUM},
    }


def _valeur(valeur: Any) -> Any:
    if isinstance(valeur, float):
        return None if math.isnan(valeur) else round(valeur, 6)
    return valeur
