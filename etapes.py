"""Les étapes d'une analyse, telles qu'un processus les exécute : lire, analyser, coder, plonger, regrouper.

Chaque fonction prend une tâche qui se transmet d'un processus à l'autre, lit et écrit dans le cache par
contenu, et ne rend rien de lourd.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from corpus.cache import Cache
from corpus.etude import lire_entretien
from corpus.fautes import ErreurEtude, Faute
from corpus.fiches import PORTEE_NATIONALE, Fiche
from corpus.reglages import Etiquettes
from corpus.segments import segmenter

if TYPE_CHECKING:
    from modeles.ancrage import Reperes

MOTS_PAR_SEGMENT = 40
NATIONAL = PORTEE_NATIONALE
_REPERES = ("centres", "moyenne", "centres_reduits", "vecteurs", "essais")


@dataclass(frozen=True)
class Tache:
    """Un entretien à traiter : sa fiche et les clés de ses étapes dans le cache."""

    dossier: Path
    cache: Path
    fiche: Fiche
    lecture: str
    langue: str = ""
    mentions: str = ""
    plongements: str = ""
    grille: Path | None = None


@dataclass(frozen=True)
class TacheThemes:
    """Une portée à regrouper : le national, ou un territoire (qui a besoin des repères du national)."""

    portee: str
    cache: Path
    entretiens: tuple[Tache, ...]
    cle: str
    cle_nationale: str
    graine: int


def preparer_processus() -> None:
    """Un fil de calcul par processus : les processus se partagent déjà les cœurs."""
    from threadpoolctl import threadpool_limits

    threadpool_limits(1)


def lire(tache: Tache, etiquettes: Etiquettes) -> list[Faute]:
    """Lit un entretien, garde ses tours, ses phrases et ses suppositions ; rend ses fautes."""
    garde = Cache(tache.cache)
    try:
        lu = lire_entretien(tache.dossier, tache.fiche, etiquettes)
    except ErreurEtude as erreur:
        return list(erreur.fautes)
    garde.table("tours", tache.lecture, lambda: lu.tours)
    garde.table("phrases", tache.lecture, lambda: lu.phrases)
    garde.table("suppositions", tache.lecture, lambda: pd.DataFrame({"supposition": list(lu.suppositions)}, dtype=str))
    return []


@lru_cache(maxsize=1)
def _outils(etude: Path, chemin: Path | None) -> tuple[Any, Any, Any, Any]:
    """Grille, codeur livré, plongeur et codeur de l'étude d'un processus, chargés une fois."""
    from extraction.codeur_etude import Regard, charger_codeur_etude
    from extraction.grille import Grille
    from extraction.mentions import codes_appris
    from modeles.codeur_livre import charger_codeur
    from modeles.plongements import Plongeur

    grille, livre, plongeur = Grille.charger(chemin), charger_codeur(), Plongeur(fils=1)
    appris = charger_codeur_etude(etude, grille, livre)
    regard = None if appris is None else (Regard(grille, livre, plongeur, codes_appris(grille, livre)), appris)
    return grille, livre, plongeur, regard


def traiter(tache: Tache) -> None:
    """Langue, mentions et plongements d'un entretien déjà lu."""
    from extraction.mentions import analyser_phrases, reperer_mentions

    garde = Cache(tache.cache)
    grille, codeur, plongeur, etude = _outils(tache.dossier, tache.grille)
    phrases = garde.relire("phrases", tache.lecture)
    langue = garde.table("langue", tache.langue, lambda: analyser_phrases(phrases))
    fonctions = {tache.fiche.entretien: tache.fiche.fonction}
    garde.table("mentions", tache.mentions, lambda: reperer_mentions(
        phrases, langue, grille, codeur, fonctions, etude))
    segments = garde.table("segments", tache.plongements, lambda: segmenter(phrases, MOTS_PAR_SEGMENT))
    garde.tableau("plongements", tache.plongements, lambda: plongeur.transform(list(segments["texte"])))


def regrouper(tache: TacheThemes) -> None:
    """Thèmes d'une portée ; le national garde aussi ses repères pour les territoires."""
    from modeles.tableaux_themes import reperer, tableaux_portee
    from modeles.themes import Themes

    garde = Cache(tache.cache)
    segments = pd.concat([garde.relire("segments", t.plongements) for t in tache.entretiens], ignore_index=True)
    plongements = np.vstack([garde.relire_tableau("plongements", t.plongements) for t in tache.entretiens])
    langues = pd.concat([garde.relire("langue", t.langue) for t in tache.entretiens], ignore_index=True)
    reperes = None if tache.portee == NATIONAL else _relire_reperes(garde, tache.cle_nationale).restreindre(
        np.flatnonzero(garde.relire("rattachements", tache.cle_nationale)["entretien"].isin(set(segments["entretien"]))))
    modele = Themes(graine=tache.graine).fit(
        plongements, textes=segments["texte"].tolist(), lemmes=lemmes_des_segments(segments, langues),
        entretiens=segments["entretien"].tolist(), reperes=reperes)
    themes, phrases = tableaux_portee(tache.portee, modele, segments, reperes)
    if tache.portee == NATIONAL:
        propres = reperer(modele, segments)
        for nom in _REPERES:
            garde.tableau(nom, tache.cle, partial(getattr, propres, nom))
        garde.table("rattachements", tache.cle, lambda: segments[["entretien"]])
        garde.table("themes_nationaux", tache.cle, lambda: pd.DataFrame(
            {"code": list(propres.codes), "libelle": list(propres.libelles)}, dtype=str))
        garde.table("specifiques", tache.cle, lambda: pd.DataFrame(
            [(rang, terme, valeur) for rang, termes in enumerate(propres.specifiques) for terme, valeur in termes.items()],
            columns=["theme", "terme", "valeur"]))
        garde.table("pertinence", tache.cle, lambda: pd.DataFrame(
            {"terme": list(propres.pertinence), "valeur": list(propres.pertinence.values())}))
    garde.table("themes_phrases", tache.cle, lambda: phrases)
    garde.table("themes", tache.cle, lambda: themes)


def _relire_reperes(garde: Cache, cle: str) -> Reperes:
    """Les repères que le national a gardés, pour tous les segments."""
    from modeles.ancrage import Reperes

    pertinence, specifiques = garde.relire("pertinence", cle), garde.relire("specifiques", cle)
    nationaux = garde.relire("themes_nationaux", cle)
    par_theme = [specifiques[specifiques["theme"] == rang] for rang in range(len(nationaux))]
    return Reperes(tuple(nationaux["code"]), tuple(nationaux["libelle"]),
                   pertinence=dict(zip(pertinence["terme"], pertinence["valeur"], strict=True)),
                   specifiques=tuple(dict(zip(siens["terme"], siens["valeur"], strict=True)) for siens in par_theme),
                   **{nom: garde.relire_tableau(nom, cle) for nom in _REPERES})


def lemmes_des_segments(segments: pd.DataFrame, langues: pd.DataFrame) -> list[str]:
    """Les lemmes pleins de chaque segment, dans l'ordre du texte, séparés par des espaces."""
    lemmes = dict(zip(zip(langues["entretien"], langues["phrase"], strict=True), langues["lemmes"], strict=True))
    return [" ".join(filter(None, (lemmes[entretien, phrase] for phrase in phrases)))
            for entretien, phrases in zip(segments["entretien"], segments["phrases"], strict=True)]


def entrees_de_lecture(tache: Tache) -> list[tuple[str, str]]:
    """Les couples (étape, clé) que la lecture d'un entretien garde."""
    return [(etape, tache.lecture) for etape in ("tours", "phrases", "suppositions")]


def entrees_de_traitement(tache: Tache) -> list[tuple[str, str]]:
    """Les couples (étape, clé) que le traitement d'un entretien garde."""
    return [("langue", tache.langue), ("mentions", tache.mentions), ("segments", tache.plongements),
            ("plongements", tache.plongements)]


def entrees_de_themes(tache: TacheThemes) -> list[tuple[str, str]]:
    """Les couples (étape, clé) que le regroupement d'une portée garde."""
    propres = (*_REPERES, "themes_nationaux", "pertinence", "specifiques", "rattachements") if tache.portee == NATIONAL else ()
    return [(etape, tache.cle) for etape in ("themes", "themes_phrases", *propres)]


def entrees_gardees(taches: Sequence[Tache], themes: Sequence[TacheThemes]) -> set[tuple[str, str]]:
    """Les couples (étape, clé) du cache dont une analyse a besoin."""
    return {entree for tache in taches for entree in entrees_de_lecture(tache) + entrees_de_traitement(tache)} | {
        entree for portee in themes for entree in entrees_de_themes(portee)}
