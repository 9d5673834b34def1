"""Le contexte d'une phrase : ce qu'un codeur lit autour d'elle avant de décider.

Le guide de codage demande de lire la phrase « dans son contexte » : la question qui l'appelle, ce qui
vient d'être dit, ce qui suit.
"""

from __future__ import annotations

import unicodedata

import pandas as pd

COLONNES = ("entretien", "tour", "phrase", "texte", "precedente", "suivante", "question")


def mettre_en_contexte(phrases: pd.DataFrame) -> pd.DataFrame:
    """Joint à chaque phrase d'enquêté ce qui l'entoure.

    Parameters
    ----------
    phrases : pandas.DataFrame
        Colonnes entretien, tour, phrase, role, texte ; enquêteur compris, dans l'ordre des textes.

    Returns
    -------
    pandas.DataFrame
        Une ligne par phrase d'enquêté, index neuf, colonnes de `COLONNES` : `precedente` et `suivante`
        (la phrase voisine, qui que ce soit qui parle), `question` (le dernier tour de l'enquêteur).
        Vide au bord de l'entretien.
    """
    table = phrases.reset_index(drop=True)
    # Une lettre accentuée peut s'écrire en un ou deux signes : on les ramène à un seul.
    table["texte"] = [unicodedata.normalize("NFC", texte) for texte in table["texte"]]
    par_entretien = table.groupby("entretien", sort=False)["texte"]
    table = table.assign(precedente=par_entretien.shift(1).fillna(""), suivante=par_entretien.shift(-1).fillna(""))
    questions = (table[table["role"] == "enqueteur"].groupby(["entretien", "tour"], sort=False)["texte"]
                 .agg(" ".join).rename("question").reset_index())
    table = table.merge(questions, how="left", on=["entretien", "tour"])
    table["question"] = table.groupby("entretien", sort=False)["question"].ffill().fillna("")
    return table.loc[table["role"] == "enquete", list(COLONNES)].reset_index(drop=True)
