"""Les thèmes d'un territoire, à partir de ceux de toute l'étude.

Deux ou trois cents segments ne suffisent pas à tenir une quinzaine de thèmes : deux extraits du même territoire en
donnent de tout autres. Toute l'étude les tient mieux. Un segment garde donc le thème national dont le centre est le
plus proche du sien ; à deux exceptions près :

- un groupe de segments que rien de national ne décrit est un *thème propre* au territoire : il se forme dans la
  plupart des partages de ses entretiens (`modeles.regroupement.partager`), plusieurs enquêtés le portent, et son
  centre est loin de tous les centres nationaux ;
- un thème national qui a moins de cinq segments dans le territoire n'y a pas de thème : ils vont au thème le plus
  proche.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from modeles.extraits import ABSENT
from modeles.regroupement import Entiers, Reels, accorder, barycentres, normer, partager

PROPRE = -1
"""Rang du thème national d'un thème propre : il n'en a pas."""

_SEGMENTS_PAR_GROUPE = 14
_SEGMENTS_PROPRES_MIN = 10
_ENTRETIENS_PROPRES_MIN = 3
_COHESION_MIN = 0.4
_RESSEMBLANCE_MAX = 0.5
_SEGMENTS_PRESENTS_MIN = 5


@dataclass(frozen=True)
class Reperes:
    """Ce qu'un territoire emprunte au modèle national.

    Attributes
    ----------
    codes : tuple[str, ...]
        Code de chaque thème national.
    libelles : tuple[str, ...]
        Leurs libellés.
    centres : numpy.ndarray de forme (k, d)
        Centres des thèmes nationaux dans l'espace des plongements corrigés (`Themes.centres_`).
    pertinence : dict[str, float]
        Pertinence des termes dans toute l'étude.
    specifiques : tuple[dict[str, float], ...]
        Par thème national, ses termes les plus spécifiques et leur spécificité (`modeles.libelles`).
    moyenne : numpy.ndarray de forme (d,)
        Moyenne des plongements de toute l'étude.
    centres_reduits : numpy.ndarray de forme (k, c)
        Centres des mêmes thèmes dans l'espace des vecteurs réduits.
    vecteurs : numpy.ndarray de forme (n, c)
        Vecteurs réduits des segments, dans l'ajustement national.
    essais : numpy.ndarray de forme (e, n)
        Thèmes refaits de ces segments dans chaque extrait de toute l'étude ; `ABSENT` pour ceux que l'extrait n'a pas.
    """

    codes: tuple[str, ...]
    libelles: tuple[str, ...]
    centres: Reels
    pertinence: dict[str, float]
    specifiques: tuple[dict[str, float], ...]
    moyenne: Reels
    centres_reduits: Reels
    vecteurs: Reels
    essais: Entiers

    def restreindre(self, rangs: Entiers) -> Reperes:
        """Les mêmes, pour les seuls segments de ces rangs."""
        return replace(self, vecteurs=self.vecteurs[rangs], essais=self.essais[:, rangs])


def ancrer(reperes: Reperes, entretiens: Sequence[str]) -> Entiers:
    """Les thèmes des segments d'un territoire.

    Parameters
    ----------
    reperes : Reperes
        Restreints aux segments du territoire.
    entretiens : Sequence[str]
        Entretien de chaque segment.

    Returns
    -------
    numpy.ndarray de forme (n,)
        Rang du thème national, de 0 à k - 1, ou, à partir de k, numéro d'un thème propre.
    """
    from sklearn.metrics import pairwise_distances_argmin

    vecteurs, nationaux = reperes.vecteurs, len(reperes.centres_reduits)
    if not len(vecteurs) or not nationaux:
        return np.zeros(len(vecteurs), dtype=np.int64)
    numeros: Entiers = pairwise_distances_argmin(vecteurs, reperes.centres_reduits).astype(np.int64)
    centres = list(reperes.centres_reduits)
    for membres in _groupes_propres(vecteurs, reperes.centres_reduits, entretiens):
        numeros[membres] = len(centres)
        centres.append(vecteurs[membres].mean(axis=0))
    presents = np.bincount(numeros, minlength=len(centres)) >= _SEGMENTS_PRESENTS_MIN
    absents = ~presents[numeros]
    if presents.any() and absents.any():
        gardes = np.flatnonzero(presents)
        numeros[absents] = gardes[pairwise_distances_argmin(vecteurs[absents], np.stack(centres)[gardes])]
    return numeros


def reancrer(reperes: Reperes, entretiens: Sequence[str]) -> Entiers:
    """Les thèmes refaits des segments d'un territoire dans chaque extrait de toute l'étude.

    Les thèmes nationaux sont ceux que l'extrait a refaits ; les thèmes propres sont cherchés à nouveau parmi les
    segments qui restent, mais avec les vecteurs et les centres de toute l'étude, ce qui les flatte un peu.

    Parameters
    ----------
    reperes, entretiens
        Comme `ancrer`.

    Returns
    -------
    numpy.ndarray de forme (e, n)
        Comme `Reperes.essais`.
    """
    refaits = reperes.essais.copy()
    voix = np.asarray(entretiens, dtype=str)
    for essai in refaits:
        rangs = np.flatnonzero(essai != ABSENT)
        premier = int(essai.max(initial=-1)) + 1
        groupes = _groupes_propres(reperes.vecteurs[rangs], reperes.centres_reduits, voix[rangs].tolist())
        for numero, membres in enumerate(groupes, start=premier):
            essai[rangs[membres]] = numero
    return refaits


def _groupes_propres(vecteurs: Reels, nationaux: Reels, entretiens: Sequence[str]) -> list[Entiers]:
    """Les rangs des segments de chaque thème propre."""
    nombre = len(vecteurs) // _SEGMENTS_PAR_GROUPE
    if nombre < 2 or len(nationaux) < 2:
        return []
    partages = partager(vecteurs, entretiens, [nombre])
    numeros = accorder(partages, [nombre])[0]
    unitaires = normer(nationaux)
    propres = []
    for groupe in np.unique(numeros):
        membres = np.flatnonzero(numeros == groupe)
        if len(membres) < _SEGMENTS_PROPRES_MIN or len({entretiens[r] for r in membres.tolist()}) < _ENTRETIENS_PROPRES_MIN:
            continue
        ensemble = np.asarray(partages[membres].sum(axis=0)).ravel()
        cohesion = float(ensemble @ ensemble) / (len(membres) * ensemble.sum())
        centre = normer(barycentres(vecteurs[membres], np.zeros(len(membres), dtype=np.int64)))[0]
        if cohesion >= _COHESION_MIN and float((unitaires @ centre).max()) < _RESSEMBLANCE_MAX:
            propres.append(membres)
    return propres
