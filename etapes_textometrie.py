"""L'étape de textométrie d'une analyse : les propos de toute l'étude, comptés et classés."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd

from corpus.cache import Cache, empreinte
from corpus.reglages import Reglages
from empreintes_etapes import sources_textometrie
from etapes import Tache, lemmes_des_segments


@dataclass(frozen=True)
class TacheTextometrie:
    """Une étude à mesurer : ses entretiens, déjà traités, et la clé de ses tables dans le cache."""

    cache: Path
    entretiens: tuple[Tache, ...]
    cle: str
    graine: int
    classes: int

    @classmethod
    def preparer(cls, entretiens: Sequence[Tache], reglages: Reglages) -> TacheTextometrie:
        """La tâche d'une étude : ses tables dépendent des segments, de leur langue et des variables comparées."""
        dependances = [(tache.plongements, tache.langue, tache.fiche.territoire, tache.fiche.categorie)
                       for tache in entretiens]
        cle = empreinte(sources_textometrie(), reglages.graine, reglages.classes_reinert, dependances)
        return cls(entretiens[0].cache, tuple(entretiens), cle, reglages.graine, reglages.classes_reinert)

    @property
    def entrees(self) -> list[tuple[str, str]]:
        """Les couples (étape, clé) que la textométrie garde."""
        from modeles.textometrie import COLONNES

        return [(nom, self.cle) for nom in COLONNES]


def compter(tache: TacheTextometrie) -> None:
    """Mesure le vocabulaire d'une étude et garde ses tables."""
    from modeles.classes_lexicales import Propos
    from modeles.textometrie import mesurer

    garde = Cache(tache.cache)
    segments = [garde.relire("segments", t.plongements) for t in tache.entretiens]
    langues = pd.concat([garde.relire("langue", t.langue) for t in tache.entretiens], ignore_index=True)
    fiches = [tache.entretiens[rang].fiche for rang, siens in enumerate(segments) for _ in range(len(siens))]
    variables = pd.DataFrame({"territoire": [fiche.territoire for fiche in fiches],
                              "categorie": [fiche.categorie for fiche in fiches]}, dtype=str)
    tous = pd.concat(segments, ignore_index=True)
    lemmes = [suite.split() for suite in lemmes_des_segments(tous, langues)]
    tables = mesurer(Propos(tous, lemmes, variables), tache.graine, tache.classes)
    for nom, table in tables.items():
        garde.table(nom, tache.cle, partial(pd.DataFrame.copy, table))
