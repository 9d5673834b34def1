"""Ce que le repérage des noms propres laisse passer, sur les données identifiantes de la démonstration.

    python -m bancs.pseudonymes

Chaque occurrence d'un identifiant relevé (`references/identifiants.csv`) dans une phrase d'enquêté : masquée en
entier, en partie (« monsieur [personne] »), ou pas du tout. Et la part des étendues masquées qu'aucun identifiant
relevé n'explique. Les règles n'ont pas été réglées sur ces relevés.
"""

from __future__ import annotations

import re
from collections import Counter

import pandas as pd

from corpus.noms_propres import NomsPropres
from corpus.references import DEMONSTRATION, charger_references
from extraction.grille import Grille
from restitution.typographie import nombre, pourcent
from restitution.verbatims import textes_de_la_grille

EN_ENTIER, EN_PARTIE, MANQUEE = "en entier", "en partie", "pas du tout"


def mesurer(phrases: pd.DataFrame, identifiants: pd.DataFrame, noms: NomsPropres) -> tuple[Counter[tuple[str, str]], int, int]:
    """Compte les occurrences par (type, sort), les étendues masquées, et celles que rien n'explique.

    Parameters
    ----------
    phrases : pandas.DataFrame
        Colonnes entretien, texte.
    identifiants : pandas.DataFrame
        Colonnes entretien, texte, type.
    noms : NomsPropres
    """
    comptes: Counter[tuple[str, str]] = Counter()
    masquees = inexpliquees = 0
    par_entretien = {cle: list(zip(siens["texte"], siens["type"], strict=True))
                     for cle, siens in identifiants.groupby("entretien")}
    for entretien, texte, etendues in zip(phrases["entretien"], phrases["texte"], noms.reperer(phrases["texte"].tolist()),
                                          strict=True):
        releves = [(trouve.start(), trouve.end(), sorte) for forme, sorte in par_entretien.get(entretien, [])
                   for trouve in re.finditer(rf"(?<!\w){re.escape(forme)}(?!\w)", texte)]
        for debut, fin, sorte in releves:
            if any(nom.debut <= debut and fin <= nom.fin for nom in etendues):
                sort = EN_ENTIER
            else:
                sort = EN_PARTIE if any(nom.debut < fin and debut < nom.fin for nom in etendues) else MANQUEE
            comptes[sorte, sort] += 1
        masquees += len(etendues)
        inexpliquees += sum(not any(nom.debut < fin and debut < nom.fin for debut, fin, _ in releves) for nom in etendues)
    return comptes, masquees, inexpliquees


def principal() -> None:
    references = charger_references(DEMONSTRATION)
    identifiants = pd.read_csv(DEMONSTRATION / "references" / "identifiants.csv", keep_default_na=False)
    noms = NomsPropres(references.phrases["texte"], textes_de_la_grille(Grille.charger()))
    dites = references.phrases[references.phrases["role"] == "enquete"]
    comptes, masquees, inexpliquees = mesurer(dites, identifiants, noms)
    print("| identifiant | occurrences | masquées en entier | en partie | pas du tout |\n| --- | --- | --- | --- | --- |")
    for sorte in sorted({sorte for sorte, _ in comptes}):
        sorts = [comptes[sorte, sort] for sort in (EN_ENTIER, EN_PARTIE, MANQUEE)]
        print(f"| {sorte} | {nombre(sum(sorts))} | {' | '.join(pourcent(n / sum(sorts), 1) for n in sorts)} |")
    print(f"\n{nombre(masquees)} étendues masquées, dont {pourcent(inexpliquees / masquees)} qu'aucun identifiant relevé "
          "n'explique.")


if __name__ == "__main__":
    principal()
