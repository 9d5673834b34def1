"""Ce que la page montre des constats : regards croisés, configurations, table de vérité."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd

from evaluation.configurations import NON, RISQUE
from evaluation.constats_etude import CONDITIONS, TERRITOIRES_MIN
from evaluation.qca import COHERENCE
from evaluation.regles import REGLES
from restitution.colonnes import rangs_dans, textes_de
from restitution.typographie import francais

_REGARDS = ("portee", "code", "entretiens", "attendus", "sur", "part", "bas", "haut", "territoires", "categories",
            "appuyees", "hors_pilotage", "presente", "absente", "avis", "accord", "ecart", "p", "voix_isolee", "retenu", "raison")
_CATEGORIES = ("portee", "code", "categorie", "entretiens", "sur", "presente", "absente", "penche")
_CONFIGURATIONS = ("caracteristique", "valeur", "code", "territoires", "autres", "part", "part_autres", "ecart", "bas", "haut",
                   "p_ajuste", "conclusion", "raison")
_FORMULES = ("code", "formule", "coherence", "couverture", "p_ajuste", "conclusion", "raison")
_VERITE = ("code", *CONDITIONS, "territoires", "positifs", "coherence", "couverture", "contradictoire", "non_observees", "liste")


def preparer_constats(tables: Mapping[str, pd.DataFrame], codes: Sequence[str]) -> dict[str, Any] | None:
    """Les tables de constats, prêtes pour la page.

    Parameters
    ----------
    tables : Mapping[str, pandas.DataFrame]
        `DonneesRapport.constats`.
    codes : Sequence[str]
        Les codes de la grille, dans son ordre.

    Returns
    -------
    dict or None
        None si l'étude n'est pas croisée. Chaque table : `colonnes` et `lignes`, codes rendus par leur rang, manques par
        None ; les `regles` et le `risque` sous lesquels elles concluent.

    Raises
    ------
    ValueError
        Un code n'est pas dans la grille.
    """
    if not tables:
        return None
    choisies = {"regards": _REGARDS, "regards_categories": _CATEGORIES, "configurations": _CONFIGURATIONS,
                "table_verite": _VERITE, "formules_qca": _FORMULES}
    return {
        "regles": {**asdict(REGLES), "separe": TERRITOIRES_MIN, "coherence": COHERENCE},
        "risque": RISQUE, "non": NON,
        **{nom: _en_lignes(tables[nom], colonnes, codes) for nom, colonnes in choisies.items()},
    }


def _en_lignes(table: pd.DataFrame, colonnes: Sequence[str], codes: Sequence[str]) -> dict[str, Any]:
    lue = table[list(colonnes)].assign(code=rangs_dans(textes_de(table, "code"), list(codes), "code"))
    for colonne in {"raison", "valeur", "anciennete", "formule"} & {*colonnes}:
        lue[colonne] = lue[colonne].map(francais)
    return {"colonnes": list(colonnes),
            "lignes": [[_valeur(valeur) for valeur in ligne]
                       for ligne in lue.astype(object).itertuples(index=False, name=None)]}


def _valeur(valeur: Any) -> Any:
    if isinstance(valeur, float):
        return None if math.isnan(valeur) else round(valeur, 4)
    return valeur
