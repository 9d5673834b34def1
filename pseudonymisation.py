"""Proposer les pseudonymes d'une étude : un tableau à relire, jamais appliqué tel quel."""

from __future__ import annotations

from pathlib import Path

from chaine import charger_grille
from corpus.cache import ecriture_atomique
from corpus.etude import Etude
from corpus.noms_propres import NomsPropres
from execution import PSEUDONYMES_PROPOSES
from restitution.verbatims import textes_de_la_grille


def proposer_pseudonymes(dossier: Path) -> tuple[Path, int]:
    """Écrit `resultats/pseudonymes_proposes.csv` : ce qui identifie dans les propos, à relire.

    Returns
    -------
    chemin : Path
    formes : int
        Nombre de formes proposées.

    Raises
    ------
    ErreurEtude
        Étude illisible ; entretien fautif.
    """
    etude = Etude.ouvrir(dossier)
    propose = NomsPropres(etude.phrases["texte"], textes_de_la_grille(charger_grille(etude))).proposer(etude.phrases)
    chemin = dossier / "resultats" / PSEUDONYMES_PROPOSES
    with ecriture_atomique(chemin) as provisoire:
        propose.to_csv(provisoire, index=False, encoding="utf-8", lineterminator="\n")
    return chemin, len(propose)
