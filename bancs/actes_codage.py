"""Ce que les propositions de la machine épargnent à qui code : `python -m bancs.actes_codage`.

On rejoue, au clavier, le codage de référence de chaque entretien de la démonstration (codeur A) dans l'application,
phrase par phrase ; ce qu'il faut de lecture et de déplacement est le même avec et sans propositions, et n'est pas compté.

- *sans* : poser un code coûte « / », de quoi le désigner sans ambiguïté, et Entrée ; une modalité autre que présente, une
  touche de plus ;
- *avec* : s'il est parmi les cinq codes probables de la phrase, une touche (son rang), et une de plus si la modalité
  proposée n'est pas la bonne ; sinon, comme sans. Rien n'oblige à juger une proposition fausse : elle ne coûte rien.

Les propositions viennent de machines qui n'ont pas vu le territoire (`bancs.justesse`, mêmes notes). Écrit
`bancs/resultats/actes_codage.md`.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from bancs.hors_apprentissage import codages_hors_apprentissage
from extraction.mentions import PROBABLES

RESULTATS = Path(__file__).parent / "resultats" / "actes_codage.md"


def frappes_pour_designer(codes: list[str]) -> dict[str, int]:
    """Touches qui posent un code par la palette : « / », le plus court début qui le met en tête, Entrée."""

    def debut(code: str) -> int:
        return next(n for n in range(1, len(code) + 1) if next(c for c in codes if c.startswith(code[:n])) == code)

    return {code: 2 + debut(code) for code in codes}


def principal() -> None:
    """Compte les touches et écrit le tableau."""
    tables = codages_hors_apprentissage()
    frappes = np.array([frappes_pour_designer(tables.codes)[code] for code in tables.codes])
    rangs = (-tables.probabilites).argsort(axis=1, kind="stable").argsort(axis=1)
    offerts = (rangs < PROBABLES.nombre) & (tables.probabilites >= PROBABLES.plancher)
    vraies, posee = tables.modalites_vraies, tables.reference
    sans = np.where(posee, frappes + (vraies != "presente"), 0)
    avec = np.where(posee, np.where(offerts, 1 + (tables.modalites != vraies), sans), 0)
    table = {"sans": sans, "avec": avec}
    entretiens = np.unique(tables.entretiens)
    par_entretien = {nom: np.array([compte[tables.entretiens == e].sum() for e in entretiens]) for nom, compte in table.items()}
    codes = par_entretien["sans"] > 0
    rapports = par_entretien["sans"][codes] / par_entretien["avec"][codes]
    n = int(posee.sum())
    texte = (
        f"{len(entretiens)} entretiens, {n} codes posés ; `python -m bancs.actes_codage`.\n\n"
        "| | touches | par code |\n| --- | --- | --- |\n"
        + "".join(f"| {nom} propositions | {int(c.sum())} | {c.sum() / n:.2f} |\n".replace(".", ",") for nom, c in table.items())
        + f"\nRapport : {sans.sum() / avec.sum():.2f} ; par entretien, médiane {np.median(rapports):.2f}, "
        f"du premier au dernier décile {np.percentile(rapports, 10):.2f} à {np.percentile(rapports, 90):.2f}. ".replace(".", ",")
        + f"Le code juste est parmi les cinq probables {(posee & offerts).sum() / n:.0%} du temps.\n".replace("%", " %")
    )
    RESULTATS.write_text(texte, encoding="utf-8")
    print(texte)


if __name__ == "__main__":
    principal()
