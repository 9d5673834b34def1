"""Les thèmes des entretiens, par territoire et pour toute l'étude.

Un évaluateur attend d'un thème qu'il se retrouve demain à l'identique, qu'il se lise, et qu'il ne se
confonde pas avec la façon de parler d'une personne. D'où les étapes, choisies par la mesure
(`python -m bancs.themes`) :

1. *Corriger les plongements.* Ceux d'e5 ont une forte composante commune, et chaque enquêté a la
   sienne : on retire la moyenne générale, puis celle de l'entretien, d'autant plus qu'il compte de
   segments. On leur adjoint les termes, pesés par leur pertinence (`modeles.expressions.peser`), puis
   chaque segment reçoit une part de ses voisins dans l'entretien, car un propos se comprend dans son
   contexte. Une analyse en composantes principales débruite le tout.
2. *Regrouper.* Le consensus de 300 partages par k-moyennes, chacun d'après la moitié des entretiens, coupé à chaque
   nombre de thèmes (`modeles.regroupement`). Le nombre retenu est le plus grand qui garde la séparation du meilleur
   (silhouette, Rousseeuw 1987). Un territoire part des thèmes de toute l'étude, auxquels s'ajoutent les siens
   propres (`modeles.ancrage`). Les tirages du consensus sont fixés : la graine ne sert qu'au sous-échantillon au-delà
   de 3 000 segments et à la mesure de stabilité.
3. *Écarter* les segments loin de tout thème, rares par construction.
4. *Nommer* avec BERTopic : `modeles.libelles`.
5. *Éprouver* chaque thème sur des extraits de l'étude : `modeles.stabilite_themes`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import validate_data

from modeles import stabilite_themes
from modeles.ancrage import PROPRE, Reperes, ancrer, reancrer
from modeles.expressions import Expressions, peser, relever
from modeles.extraits import ABSENT
from modeles.regroupement import (
    HORS_THEME,
    Entiers,
    Reels,
    barycentres,
    corriger,
    joindre_lexique,
    normer,
    rattacher,
    reduire,
    regrouper,
    renumeroter,
    representer,
    situer,
)

_SEGMENTS_PAR_THEME = 12
_GRAND_CORPUS = 1000
_PAS_GRAND_CORPUS = 3
_POIDS_RELATIF = 0.5
_MOTS_DU_LIBELLE = 3
_SEGMENTS_MIN = 20
_ESSAIS = 5


@dataclass(eq=False, repr=False)
class Themes(ClusterMixin, BaseEstimator):  # type: ignore[misc]
    """Regroupe des segments d'entretien en thèmes nommés.

    L'estimateur passe les contrôles de `check_estimator` (scikit-learn), un excepté : sans segment, il ne proteste
    pas et n'a aucun thème, comme un territoire qui n'a rien dit.

    Parameters
    ----------
    nb_themes : int, optional
        Nombre de thèmes ; None le choisit entre `nb_min` et `nb_max`.
    nb_min, nb_max : int, optional
        Bornes du choix. None les tire du nombre de segments : au moins 12 segments par thème en
        moyenne ; de 2 à 15 thèmes, de 12 à 24, par trois, à partir de 1 000 segments. Avec des
        repères, ni elles ni `nb_themes` n'ont d'effet.
    graine : int
        Graine du sous-échantillonnage (très gros corpus, mesure de stabilité).
    mots_par_theme : int
        Nombre de mots qui décrivent un thème.
    part_hors_theme_max : float
        Part maximale, entre 0 et 1, des segments laissés hors thème.
    essais_stabilite : int
        Nombre d'extraits de la mesure de stabilité ; 0 la saute. Sans effet avec des repères :
        ce sont leurs extraits.

    Attributes
    ----------
    labels_ : numpy.ndarray de forme (n,)
        Thème de chaque segment, de 0 (le plus fourni) à `nb_themes_` - 1 ; -1 hors thème.
    poids_ : numpy.ndarray de forme (n,)
        Force du rattachement, de 0 à 1 : cosinus, ramené à zéro s'il est négatif, entre le segment et
        le centre de son thème (du plus proche pour un segment hors thème).
    nb_themes_ : int
    themes_ : pandas.DataFrame
        Colonnes theme, libelle (ses trois premiers mots, ou le libellé du thème national qu'il prolonge),
        mots (liste), effectif (segments), part (des segments, 0 à 1),
        representatifs (rangs de segments, proches du centre et variés), stabilite (indice de Jaccard
        moyen avec le thème qui lui correspond dans les extraits, 0 à 1 ; nan si non mesuré).
    centres_ : numpy.ndarray de forme (nb_themes_, d)
        Centres des thèmes dans l'espace des plongements corrigés, de norme 1 : comparables d'un
        ajustement à l'autre.
    nationaux_ : numpy.ndarray de forme (nb_themes_,)
        Rang du thème national que chaque thème prolonge ; `PROPRE` pour un thème propre, ou sans repères.
    stabilite_ : float
        Indice de Rand ajusté moyen entre ces thèmes et ceux d'extraits ; nan si non mesuré.
    moyenne_, pertinence_, specifiques_, centres_reduits_, vecteurs_, essais_
        Ce que les thèmes d'un territoire emprunteront à ceux-ci (`modeles.ancrage.Reperes`).
    """

    nb_themes: int | None = None
    nb_min: int | None = None
    nb_max: int | None = None
    graine: int = 0
    mots_par_theme: int = 8
    part_hors_theme_max: float = 0.10
    essais_stabilite: int = _ESSAIS

    def fit(
        self,
        X: Any,
        y: None = None,
        *,
        textes: Sequence[str] | None = None,
        lemmes: Sequence[str] | None = None,
        propres: Collection[str] = (),
        entretiens: Sequence[str] | None = None,
        reperes: Reperes | None = None,
    ) -> Self:
        """Trouve et nomme les thèmes.

        Parameters
        ----------
        X : numpy.ndarray de forme (n, d)
            Plongements des segments, de norme 1.
        y : None
            Ignoré.
        textes : Sequence[str], optional
            Textes des n segments.
        lemmes : Sequence[str], optional
            Lemmes pleins de chaque segment, dans l'ordre du texte, séparés par des espaces. Sans textes ni
            lemmes, les thèmes sont trouvés d'après les seuls plongements et n'ont pas de mots.
        propres : Collection[str]
            Noms propres à tenir hors des mots des thèmes.
        entretiens : Sequence[str], optional
            Entretien de chaque segment, les segments d'un entretien se suivant dans l'ordre du propos.
            Sans lui, ni correction par entretien, ni contexte, ni variété des représentatifs.
        reperes : Reperes, optional
            Pour les thèmes d'un territoire : ceux de toute l'étude, restreints à ces segments-ci.

        Returns
        -------
        Themes
            L'estimateur ajusté.

        Raises
        ------
        ValueError
            Quand les longueurs diffèrent (repères compris), qu'un plongement n'est pas un nombre fini ou
            qu'un paramètre est hors de ses bornes.
        """
        from threadpoolctl import threadpool_limits

        vide = not sparse.issparse(X) and np.shape(X) == (0,)  # aucun segment : aucun thème
        donnees = validate_data(self, np.zeros((0, 1)) if vide else X, dtype=np.float64, ensure_min_samples=0,
                                ensure_all_finite=False)
        n = len(donnees)
        textes, lemmes = ([""] * n if suite is None else suite for suite in (textes, lemmes))
        self._controler(donnees, len(textes), len(lemmes), n if entretiens is None else len(entretiens))
        voix = [""] * n if entretiens is None else [str(e) for e in entretiens]
        if reperes is not None and len(reperes.vecteurs) != n:
            raise ValueError(f"repères de {len(reperes.vecteurs)} segments pour {n} segments")
        with threadpool_limits(limits=1):  # l'ordre des sommes, donc les octets, dépend du nombre de fils
            expressions = relever(textes, lemmes, propres)
            connus = None if entretiens is None else voix
            if reperes is None:
                self.moyenne_ = donnees.mean(axis=0) if n else np.zeros(donnees.shape[1])
                propos, self.pertinence_, self.vecteurs_ = _representer(donnees, expressions, connus)
                numeros = regrouper(self.vecteurs_, self._nombres(n), self.graine, connus)
                self.essais_ = self._refaire(donnees, expressions, connus, numeros)
                ancres = np.full(n, PROPRE)
            else:
                self.moyenne_, self.vecteurs_ = reperes.moyenne, reperes.vecteurs
                propos = corriger(donnees, connus, self.moyenne_)
                self.pertinence_ = peser(expressions, propos) | reperes.pertinence
                ancres, self.essais_ = ancrer(reperes, voix), reancrer(reperes, voix)
                numeros = renumeroter(ancres)
                ancres[ancres >= len(reperes.codes)] = PROPRE
            self.poids_ = rattacher(self.vecteurs_, numeros)
            self.labels_ = self._ecarter(numeros, self.poids_)
            self.nb_themes_ = int(self.labels_.max(initial=HORS_THEME)) + 1
            contexte = propos if entretiens is None else situer(propos, voix)
            self.centres_ = normer(barycentres(contexte, self.labels_))
            self.centres_reduits_ = barycentres(self.vecteurs_, self.labels_)
            # Un thème garde ses segments quand on en écarte : le premier dit de quel numéro il vient.
            premiers = np.array([np.argmax(self.labels_ == theme) for theme in range(self.nb_themes_)], dtype=np.int64)
            self.nationaux_ = ancres[premiers]
            self.themes_ = self._decrire(propos, expressions, voix, reperes)
            self.stabilite_, stables = stabilite_themes.mesurer(numeros, self.essais_)
            self.themes_["stabilite"] = stables[numeros[premiers]]
        return self

    def _refaire(
        self, donnees: Reels, expressions: Expressions, voix: Sequence[str] | None, numeros: Entiers
    ) -> Entiers:
        """Les thèmes de chaque extrait, `ABSENT` ailleurs ; aucun extrait quand il n'y a pas de quoi les comparer."""
        n = len(numeros)
        essais = 0 if int(numeros.max(initial=HORS_THEME)) < 1 or n < _SEGMENTS_MIN else self.essais_stabilite
        refaits = np.full((essais, n), ABSENT)
        unites = [""] * n if voix is None else voix
        for essai, rangs in zip(refaits, stabilite_themes.extraire(unites, essais, self.graine), strict=True):
            part = Expressions(tuple(expressions.termes[rang] for rang in rangs), expressions.formes)
            siens = None if voix is None else [voix[rang] for rang in rangs]
            _, _, vecteurs = _representer(donnees[rangs], part, siens)
            essai[rangs] = regrouper(vecteurs, self._nombres(n), self.graine, siens)
        return refaits

    def _controler(self, donnees: Reels, n: int, nb_lemmes: int, nb_entretiens: int) -> None:
        if not len(donnees) == n == nb_lemmes == nb_entretiens:
            raise ValueError(
                f"il faut autant de plongements (forme {donnees.shape}), de textes ({n}), de suites de "
                f"lemmes ({nb_lemmes}) et d'entretiens ({nb_entretiens})"
            )
        if not np.isfinite(donnees).all():
            raise ValueError("un plongement contient une valeur qui n'est pas un nombre fini (NaN ou inf)")
        if not 0 <= self.part_hors_theme_max < 1:
            raise ValueError(f"part_hors_theme_max doit être dans [0, 1[, reçu {self.part_hors_theme_max}")
        for nom in ("nb_themes", "nb_min", "nb_max", "mots_par_theme"):
            valeur = getattr(self, nom)
            if valeur is not None and valeur < 1:
                raise ValueError(f"{nom} doit être au moins 1, reçu {valeur}")
        if self.essais_stabilite < 0:
            raise ValueError(f"essais_stabilite doit être au moins 0, reçu {self.essais_stabilite}")

    def _nombres(self, n: int) -> Sequence[int]:
        """Les nombres de thèmes entre lesquels choisir."""
        if self.nb_themes is not None:
            return [min(self.nb_themes, n)]
        haut = max(1, min(n // _SEGMENTS_PAR_THEME, 15 if n < _GRAND_CORPUS else 24))
        if self.nb_max is not None:
            haut = min(self.nb_max, n)
        usuel = 12 if n >= _GRAND_CORPUS else 2
        bas = min(usuel if self.nb_min is None else self.nb_min, haut)
        return range(bas, haut + 1, _PAS_GRAND_CORPUS if n >= _GRAND_CORPUS else 1)

    def _ecarter(self, numeros: Entiers, poids: Reels) -> Entiers:
        """Hors thème les rattachements les plus faibles ; un thème garde toujours deux segments."""
        if not len(numeros):
            return numeros
        seuil = _POIDS_RELATIF * float(np.median(poids))
        restants = np.bincount(numeros)
        quota = math.floor(self.part_hors_theme_max * len(numeros))
        apres = numeros.copy()
        for rang in np.argsort(poids, kind="stable"):
            if quota == 0 or poids[rang] >= seuil:
                break
            if restants[numeros[rang]] > 2:
                apres[rang] = HORS_THEME
                restants[numeros[rang]] -= 1
                quota -= 1
        return renumeroter(apres)

    def _decrire(
        self, propos: Reels, expressions: Expressions, voix: list[str], reperes: Reperes | None
    ) -> pd.DataFrame:
        from modeles.libelles import nommer

        prolonges = {theme: int(rang) for theme, rang in enumerate(self.nationaux_) if rang != PROPRE}
        nationaux = {} if reperes is None else {theme: reperes.specifiques[rang] for theme, rang in prolonges.items()}
        mots, specifiques = nommer(
            propos, self.labels_, expressions, voix, self.pertinence_, self.mots_par_theme, nationaux)
        self.specifiques_ = tuple(specifiques.get(theme, {}) for theme in range(self.nb_themes_))
        lignes = []
        for theme in range(self.nb_themes_):
            rangs = np.flatnonzero(self.labels_ == theme)
            if reperes is not None and theme in prolonges:
                libelle = reperes.libelles[prolonges[theme]]
            else:
                libelle = ", ".join(mots[theme][:_MOTS_DU_LIBELLE]) or f"thème {theme + 1}"
            choisis = representer(self.vecteurs_, rangs, self.poids_, voix)
            lignes.append((theme, libelle, mots[theme], len(rangs), len(rangs) / len(voix), choisis))
        colonnes = ["theme", "libelle", "mots", "effectif", "part", "representatifs"]
        return pd.DataFrame(lignes, columns=colonnes)


def _representer(
    plongements: Reels, expressions: Expressions, voix: Sequence[str] | None
) -> tuple[Reels, dict[str, float], Reels]:
    """Des plongements aux vecteurs à regrouper : plongements corrigés, pertinence, vecteurs réduits."""
    propos = corriger(plongements, voix)
    pesees = peser(expressions, propos)
    vecteurs = joindre_lexique(propos, expressions, pesees)
    return propos, pesees, reduire(vecteurs if voix is None else situer(vecteurs, voix))
