"""Les thèmes des entretiens, par territoire et pour toute l'étude.

Un évaluateur attend d'un thème qu'il se retrouve demain à l'identique, qu'il se lise, et qu'il ne se
confonde pas avec la façon de parler d'une personne. D'où les étapes, choisies par la mesure
(`python -m bancs.themes`) :

1. *Corriger les plongements.* Ceux d'e5 ont une forte composante commune, et chaque enquêté a la
   sienne : on retire la moyenne générale, puis celle de l'entretien, d'autant plus qu'il compte de
   segments. On leur adjoint les termes, pesés par leur pertinence (`modeles.expressions.peser`), puis
   chaque segment reçoit une part de ses voisins dans l'entretien, car un propos se comprend dans son
   contexte. Une analyse en composantes principales débruite le tout.
2. *Regrouper.* Pour chaque nombre de thèmes k : k premiers vecteurs propres du graphe des plus proches
   voisins (Ng, Jordan et Weiss 2001), arbre de Ward coupé en k, affinage par k-moyennes. Rien n'y est
   tiré au sort : la graine ne sert qu'au sous-échantillon au-delà de 1 500 segments et à la mesure de
   stabilité. Le k retenu est le plus petit dont la silhouette (Rousseeuw 1987) approche la meilleure.
3. *Écarter* les segments loin de tout thème, rares par construction.
4. *Nommer* avec BERTopic : `modeles.libelles`.
5. *Éprouver* chaque thème sur des extraits de l'étude : `modeles.stabilite_themes`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils.validation import validate_data

from modeles import stabilite_themes
from modeles.expressions import Expressions, peser, relever
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
_POIDS_RELATIF = 0.5
_MOTS_DU_LIBELLE = 3
_SEGMENTS_MIN = 20
_ESSAIS, _ESSAIS_GRAND_CORPUS = 20, 5


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
        moyenne ; de 2 à 15 thèmes, de 12 à 24 à partir de 1 000 segments.
    graine : int
        Graine du sous-échantillonnage (très gros corpus, mesure de stabilité).
    mots_par_theme : int
        Nombre de mots qui décrivent un thème.
    part_hors_theme_max : float
        Part maximale, entre 0 et 1, des segments laissés hors thème.
    essais_stabilite : int, optional
        Nombre d'extraits de la mesure de stabilité ; 0 la saute. None : 20, ou 5 à partir de 1 000
        segments, où chaque essai coûte et où le hasard du tirage pèse moins.

    Attributes
    ----------
    labels_ : numpy.ndarray de forme (n,)
        Thème de chaque segment, de 0 (le plus fourni) à `nb_themes_` - 1 ; -1 hors thème.
    poids_ : numpy.ndarray de forme (n,)
        Force du rattachement, de 0 à 1 : cosinus, ramené à zéro s'il est négatif, entre le segment et
        le centre de son thème (du plus proche pour un segment hors thème).
    nb_themes_ : int
    themes_ : pandas.DataFrame
        Colonnes theme, libelle, mots (liste), effectif (segments), part (des segments, 0 à 1),
        representatifs (rangs de segments, proches du centre et variés), stabilite (indice de Jaccard
        moyen avec le thème qui lui correspond dans les extraits, 0 à 1 ; nan si non mesuré).
    centres_ : numpy.ndarray de forme (nb_themes_, d)
        Centres des thèmes dans l'espace des plongements corrigés, de norme 1 : comparables d'un
        ajustement à l'autre.
    pertinence_ : dict[str, float]
        Pertinence des termes, à donner à l'ajustement d'un sous-corpus.
    stabilite_ : float
        Indice de Rand ajusté moyen entre ces thèmes et ceux d'extraits ; nan si non mesuré.
    """

    def __init__(
        self,
        nb_themes: int | None = None,
        nb_min: int | None = None,
        nb_max: int | None = None,
        graine: int = 0,
        mots_par_theme: int = 8,
        part_hors_theme_max: float = 0.10,
        essais_stabilite: int | None = None,
    ) -> None:
        self.nb_themes = nb_themes
        self.nb_min = nb_min
        self.nb_max = nb_max
        self.graine = graine
        self.mots_par_theme = mots_par_theme
        self.part_hors_theme_max = part_hors_theme_max
        self.essais_stabilite = essais_stabilite

    def fit(
        self,
        X: Any,
        y: None = None,
        *,
        textes: Sequence[str] | None = None,
        lemmes: Sequence[str] | None = None,
        propres: Collection[str] = (),
        entretiens: Sequence[str] | None = None,
        pertinence: Mapping[str, float] | None = None,
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
        pertinence : Mapping[str, float], optional
            Pertinence de termes apprise sur davantage de segments (attribut `pertinence_` du modèle
            national) ; elle l'emporte sur celle de ces segments-ci pour choisir les mots.

        Returns
        -------
        Themes
            L'estimateur ajusté.

        Raises
        ------
        ValueError
            Quand les longueurs diffèrent, qu'un plongement n'est pas un nombre fini ou qu'un paramètre
            est hors de ses bornes.
        """
        from threadpoolctl import threadpool_limits

        vide = not sparse.issparse(X) and np.shape(X) == (0,)  # aucun segment : aucun thème
        donnees = validate_data(self, np.zeros((0, 1)) if vide else X, dtype=np.float64, ensure_min_samples=0,
                                ensure_all_finite=False)
        n = len(donnees)
        textes, lemmes = ([""] * n if suite is None else suite for suite in (textes, lemmes))
        self._controler(donnees, len(textes), len(lemmes), n if entretiens is None else len(entretiens))
        voix = [""] * n if entretiens is None else [str(e) for e in entretiens]
        with threadpool_limits(limits=1):  # l'ordre des sommes, donc les octets, dépend du nombre de fils
            expressions = relever(textes, lemmes, propres)
            connus = None if entretiens is None else voix
            propos, self.pertinence_, reduits = _representer(donnees, expressions, connus, pertinence)
            numeros = regrouper(reduits, *self._bornes(n), self.graine)
            self.poids_ = rattacher(reduits, numeros)
            self.labels_ = self._ecarter(numeros, self.poids_)
            self.nb_themes_ = int(self.labels_.max(initial=HORS_THEME)) + 1
            contexte = propos if entretiens is None else situer(propos, voix)
            self.centres_ = normer(barycentres(contexte, self.labels_, self.nb_themes_))
            self.themes_ = self._decrire(propos, reduits, expressions, voix)

            def refaire(rangs: Entiers) -> Entiers:
                nombre = int(numeros.max(initial=0)) + 1
                part = Expressions(tuple(expressions.termes[rang] for rang in rangs), expressions.formes)
                siens = None if connus is None else [connus[rang] for rang in rangs]
                _, _, refaits = _representer(donnees[rangs], part, siens, pertinence)
                return regrouper(refaits, nombre, nombre, self.graine)

            extraits = stabilite_themes.tirer(voix, self._essais(numeros), self.graine)
            self.stabilite_, stables = stabilite_themes.mesurer(numeros, extraits, refaire)
            # Un thème garde ses segments quand on en écarte : le premier dit de quel numéro il vient.
            origines = [int(numeros[self.labels_ == theme][0]) for theme in range(self.nb_themes_)]
            self.themes_["stabilite"] = stables[np.array(origines, dtype=np.int64)]
        return self

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

    def _bornes(self, n: int) -> tuple[int, int]:
        if self.nb_themes is not None:
            return min(self.nb_themes, n), min(self.nb_themes, n)
        haut = max(1, min(n // _SEGMENTS_PAR_THEME, 15 if n < _GRAND_CORPUS else 24))
        if self.nb_max is not None:
            haut = min(self.nb_max, n)
        usuel = 12 if n >= _GRAND_CORPUS else 2
        return min(usuel if self.nb_min is None else self.nb_min, haut), haut

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

    def _essais(self, numeros: Entiers) -> int:
        """Nombre d'extraits ; aucun quand il n'y a pas de quoi les comparer."""
        if int(numeros.max(initial=-1)) < 1 or len(numeros) < _SEGMENTS_MIN:
            return 0
        if self.essais_stabilite is not None:
            return self.essais_stabilite
        return _ESSAIS if len(numeros) < _GRAND_CORPUS else _ESSAIS_GRAND_CORPUS

    def _decrire(
        self, propos: Reels, reduits: Reels, expressions: Expressions, voix: list[str]
    ) -> pd.DataFrame:
        from modeles.libelles import nommer

        mots = nommer(propos, self.labels_, expressions, voix, self.pertinence_, self.mots_par_theme)
        lignes = []
        for theme in range(self.nb_themes_):
            rangs = np.flatnonzero(self.labels_ == theme)
            libelle = ", ".join(mots[theme][:_MOTS_DU_LIBELLE]) or f"thème {theme + 1}"
            choisis = representer(reduits, rangs, self.poids_, voix)
            lignes.append((theme, libelle, mots[theme], len(rangs), len(rangs) / len(voix), choisis))
        colonnes = ["theme", "libelle", "mots", "effectif", "part", "representatifs"]
        return pd.DataFrame(lignes, columns=colonnes)


def _representer(
    plongements: Reels,
    expressions: Expressions,
    voix: Sequence[str] | None,
    pertinence: Mapping[str, float] | None,
) -> tuple[Reels, dict[str, float], Reels]:
    """Des plongements aux vecteurs à regrouper : plongements corrigés, pertinence, vecteurs réduits."""
    propos = corriger(plongements, voix)
    pesees = peser(expressions, propos) | dict(pertinence or {})
    vecteurs = joindre_lexique(propos, expressions, pesees)
    return propos, pesees, reduire(vecteurs if voix is None else situer(vecteurs, voix))
