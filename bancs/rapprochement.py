"""Le rapprochement avec le questionnaire, vu par la machine et par une personne : `python -m bancs.rapprochement`.

Le questionnaire fictif de la démonstration est rapproché deux fois des entretiens : codés par le codeur A, puis
par des machines qui n'avaient pas vu le territoire (`bancs/resultats/mentions_hors_apprentissage.csv`). Les réponses
étant inventées, leurs verdicts n'apprennent rien des Cités ; on mesure ce que les erreurs de la machine changent.

Affiche le redressement, puis le nombre de verdicts de chaque sorte et la part de verdicts communs.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from corpus.etude import Etude
from corpus.fiches import PORTEE_NATIONALE
from corpus.references import DEMONSTRATION, charger_references
from evaluation.rapprochement import INDECIS, VERDICTS, etudier
from extraction.grille import Grille
from restitution.rapport import nombre

MENTIONS = Path(__file__).parent / "resultats" / "mentions_hors_apprentissage.csv"


def principal() -> None:
    """Rapproche deux fois et affiche."""
    references = charger_references(DEMONSTRATION)
    codes = [code.code for code in Grille.charger()]
    questionnaire = Etude.ouvrir(DEMONSTRATION).questionnaire(codes)
    if questionnaire is None:
        raise SystemExit("la démonstration n'a pas de questionnaire : python -m bancs.fabriquer_questionnaire")
    personne = references.codages[references.codages["codeur"] == "A"]
    bilans = {nom: etudier(questionnaire, mentions, references.entretiens, codes, {})
              for nom, mentions in (("codeur A", personne), ("machine", pd.read_csv(MENTIONS, keep_default_na=False)))}
    depouillement = bilans["codeur A"].depouillement
    redressement, parts = depouillement.redressement, depouillement.resultats.query("mesure == 'part'")
    largeurs = [100 * (parts[haut] - parts[bas]).mean() for bas, haut in (("bas", "haut"), ("certain_bas", "certain_haut"))]
    print(f"{len(redressement.poids)} Cités sur {redressement.population} ; calage sur {', '.join(redressement.marges)} ; poids "
          f"de {nombre(redressement.poids.min(), 2)} à {nombre(redressement.poids.max(), 2)} ; effet de plan "
          f"{nombre(redressement.effet_plan, 3)}")
    print(f"écart moyen entre part brute et redressée : {nombre(100 * (parts['redresse'] - parts['brut']).abs().mean(), 2)} "
          f"point ; largeur moyenne des intervalles à 95 % : {nombre(largeurs[0], 1)} points, des bornes certaines : "
          f"{nombre(largeurs[1], 1)}")
    tables = pd.DataFrame({nom: bilan.rapprochement.set_index(["portee", "code"])["verdict"] for nom, bilan in bilans.items()})
    nationaux = tables.index.get_level_values("portee") == PORTEE_NATIONALE
    for portee, table in (("national", tables[nationaux]), ("territoires", tables[~nationaux])):
        for nom in bilans:
            print(f"{portee}, {nom} : " + ", ".join(f"{(table[nom] == verdict).sum()} {verdict}" for verdict in VERDICTS))
        conclus = table[(table != INDECIS).all(axis=1)]
        print(f"{portee} : même verdict {(table['codeur A'] == table['machine']).sum()} fois sur {len(table)}, et "
              f"{(conclus['codeur A'] == conclus['machine']).sum()} sur {len(conclus)} quand les deux concluent")


if __name__ == "__main__":
    principal()
