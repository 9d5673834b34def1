"""Des étapes calculées aux résultats : assembler les tables, décrire l'exécution, écrire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.cache import Cache
from corpus.decisions import CodageHumain
from corpus.etude import Etude
from corpus.fautes import Faute
from etapes import Tache, TacheThemes
from etapes_textometrie import TacheTextometrie
from provenance import codeur_livre, decrire

if TYPE_CHECKING:
    import pandas as pd

    from corpus.questionnaire import Questionnaire
    from extraction.grille import Grille


@dataclass
class Lecture:
    """Ce que la lecture de tous les entretiens a donné."""

    taches: list[Tache]
    fautes: list[Faute]
    humain: CodageHumain
    suppositions: dict[str, list[str]] = field(default_factory=dict)
    questionnaire: Questionnaire | None = None


def restituer(resultats: Path, etude: Etude, grille: Grille, lecture: Lecture, taches: Sequence[Tache],
              themes: Sequence[TacheThemes], textometrie: TacheTextometrie, entrees: dict[str, str],
              signature: str) -> dict[str, Any]:
    """Assemble les tables, décrit l'exécution, écrit `resultats/` ; rend la description."""
    import pandas as pd

    from corpus.etude import compter_mots, tableau_entretiens
    from estimations_etude import estimations_a_montrer
    from evaluation.constats_etude import constater_etude
    from evaluation.matrices import matrice
    from evaluation.rapprochement import etudier
    from evaluation.retenus import retenir
    from evaluation.saturation import saturations
    from evaluation.themes_grille import EtudeCodee, couverture, proposer, recouvrements
    from evaluation.themes_territoires import comparer, repartir
    from extraction.mentions import partager
    from restitution.documents import ecrire_documents
    from restitution.donnees import DonneesRapport
    from restitution.resultats import ecrire_resultats

    garde = Cache(resultats / ".cache")

    def tout(etape: str, cles: Sequence[str]) -> pd.DataFrame:
        return pd.concat([garde.relire(etape, cle) for cle in cles], ignore_index=True)

    phrases = [garde.relire("phrases", tache.lecture) for tache in taches]
    entretiens = tableau_entretiens([(tache.fiche, compter_mots(siennes))
                                     for tache, siennes in zip(taches, phrases, strict=True)])
    machine, hesitations, probables = partager(tout("mentions", [tache.mentions for tache in taches]))
    table_phrases = pd.concat(phrases, ignore_index=True)
    retenus = retenir(machine, table_phrases, lecture.humain)
    mentions = retenus.mentions
    codes = [code.code for code in grille]
    codee = EtudeCodee(
        themes=tout("themes", [tache.cle for tache in themes]),
        themes_phrases=tout("themes_phrases", [tache.cle for tache in themes]),
        mentions=mentions, phrases=table_phrases, entretiens=entretiens, codes=codes,
        hesitations=retenus.de_la_machine(hesitations))
    regroupees = (codee.themes, codee.themes_phrases, table_phrases, entretiens)
    estimations, echantillon = estimations_a_montrer(etude.dossier, grille, table_phrases, entretiens, machine)
    couverts = couverture(codee)[["portee", "theme", "part_codee", "code_dominant"]]
    donnees = DonneesRapport(
        titre=etude.titre, grille=grille, entretiens=entretiens, territoires=etude.territoires,
        phrases=table_phrases, tours=tout("tours", [tache.lecture for tache in taches]), mentions=mentions, machine=machine,
        hesitations=hesitations, probables=probables, codes_par=retenus.entretiens,
        themes=codee.themes.merge(couverts, on=["portee", "theme"], how="left", validate="1:1"),
        themes_phrases=codee.themes_phrases, themes_codes=recouvrements(codee), codes_proposes=proposer(codee),
        lemmes=tout("langue", [tache.langue for tache in taches])[["entretien", "phrase", "lemmes"]],
        textometrie={nom: garde.relire(nom, cle) for nom, cle in textometrie.entrees}
        | saturations(mentions, codee.themes_phrases, entretiens, etude.reglages.graine),
        themes_territoires=repartir(*regroupees), themes_ecarts=comparer(*regroupees),
        matrice=matrice(mentions, entretiens, table_phrases, codes),
        estimations=estimations,
        constats=constater_etude(mentions, retenus.de_la_machine(hesitations), retenus.de_la_machine(probables), entretiens,
                                 etude.territoires, codes, etude.reglages.graine, codeur_livre()),
        questionnaire=None if lecture.questionnaire is None else etudier(
            lecture.questionnaire, mentions, entretiens, codes, etude.reglages.questionnaire))
    execution = decrire(etude, grille, donnees, entrees, lecture.fautes, lecture.suppositions) | {"echantillon": echantillon}
    donnees.execution = {**execution, "fautes": lecture.fautes,
                         "suppositions": {entretien or "étude": dites
                                          for entretien, dites in lecture.suppositions.items()}}
    ecrire_resultats(resultats, donnees)
    documents = ecrire_documents(resultats, donnees, etude.dossier)
    return {**execution, "signature": signature,
            "documents": sorted(document.relative_to(resultats).as_posix() for document in documents)}
