"""Les façons de trouver des thèmes que `bancs.themes` compare.

Chacune prend une table de segments (colonnes texte, lemmes, entretien ; territoire et rang dans l'étude pour les
thèmes ancrés), leurs plongements (n, d) et une graine, et rend le thème de chaque segment, -1 hors thème. Celles
à qui il faut un nombre de thèmes en cherchent 15.

BERTopic par défaut demande UMAP et HDBSCAN (`umap-learn`, `hdbscan`), que l'environnement du projet n'installe
pas : il n'est comparé que s'ils sont là (`bertopic_installable`). À défaut, la variante PCA et HDBSCAN de
scikit-learn en tient lieu, sans valoir pour lui.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec

import numpy as np
import pandas as pd
from bertopic import BERTopic
from scipy import sparse
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import NMF, PCA, LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from modeles.ancrage import Reperes
from modeles.reinert import Reinert
from modeles.tableaux_themes import reperer
from modeles.themes import Themes

NB_REFERENCE = 15
SEGMENTS_PAR_FORME = 8
"""Une forme doit être dans autant de segments, au moins, pour entrer dans la classification de Reinert."""

Methode = Callable[[pd.DataFrame, np.ndarray, int], np.ndarray]


@dataclass(frozen=True, eq=False)
class Etude:
    """Tous les segments de l'étude (colonnes texte, lemmes, entretien, territoire, rang) et leurs plongements."""

    segments: pd.DataFrame
    plongements: np.ndarray

    _faits: dict[tuple[frozenset[int], int], tuple[Reperes, np.ndarray]] = field(default_factory=dict)

    def reperes(self, exclus: frozenset[int] = frozenset(), graine: int = 0) -> tuple[Reperes, np.ndarray]:
        """Les repères nationaux, ajustés sans certains segments, et les rangs de ceux qui restent."""
        if (exclus, graine) not in self._faits:
            rangs = np.array([rang for rang in range(len(self.segments)) if rang not in exclus])
            restants = self.segments.iloc[rangs]
            national = ajuster(restants, self.plongements[rangs], graine)
            self._faits[exclus, graine] = reperer(national, restants.assign(phrases=[[""]] * len(restants))), rangs
        return self._faits[exclus, graine]


def ajuster(
    segments: pd.DataFrame,
    plongements: np.ndarray,
    graine: int = 0,
    reperes: Reperes | None = None,
    essais_stabilite: int = 0,
) -> Themes:
    """Les thèmes du projet sur ces segments."""
    modele = Themes(graine=graine, essais_stabilite=essais_stabilite)
    return modele.fit(plongements, textes=segments["texte"].tolist(), lemmes=segments["lemmes"].tolist(),
                      entretiens=segments["entretien"].tolist(), reperes=reperes)


def themes_seuls(essais_stabilite: int = 0) -> Methode:
    """Les thèmes du projet, sans rien emprunter à une autre portée, avec ou sans leur stabilité."""
    return lambda segments, plongements, graine: ajuster(
        segments, plongements, graine, essais_stabilite=essais_stabilite).labels_


def themes(etude: Etude, refaire: bool) -> Methode:
    """Les thèmes du projet dans un territoire, ancrés dans ceux de l'étude.

    `refaire` : les thèmes nationaux sont refaits sans les segments du territoire qu'on ne donne pas, et avec la graine ;
    sinon, ce sont toujours ceux de toute l'étude.
    """

    def methode(segments: pd.DataFrame, plongements: np.ndarray, graine: int) -> np.ndarray:
        exclus: frozenset[int] = frozenset()
        if refaire:
            dedans = etude.segments["territoire"].isin(set(segments["territoire"]))
            exclus = frozenset(np.flatnonzero(dedans).tolist()) - set(segments["rang"])
        reperes, rangs = etude.reperes(exclus, graine if refaire else 0)
        siens = reperes.restreindre(np.searchsorted(rangs, segments["rang"].to_numpy()))
        return ajuster(segments, plongements, graine, siens).labels_

    return methode


def moyennes(segments: pd.DataFrame, plongements: np.ndarray, graine: int) -> np.ndarray:
    """k-moyennes sur les plongements tels quels."""
    return KMeans(NB_REFERENCE, n_init=10, random_state=graine).fit_predict(plongements)


def _tfidf(segments: pd.DataFrame) -> sparse.csr_matrix:
    return TfidfVectorizer(min_df=2, max_df=0.3, sublinear_tf=True).fit_transform(segments["lemmes"])


def moyennes_tfidf(segments: pd.DataFrame, plongements: np.ndarray, graine: int) -> np.ndarray:
    """k-moyennes sur le TF-IDF des lemmes."""
    return KMeans(NB_REFERENCE, n_init=10, random_state=graine).fit_predict(_tfidf(segments))


def nmf(segments: pd.DataFrame, plongements: np.ndarray, graine: int) -> np.ndarray:
    """Factorisation non négative du TF-IDF ; le thème est la composante dominante."""
    modele = NMF(NB_REFERENCE, init="nndsvdar", random_state=graine, max_iter=500)
    return modele.fit_transform(_tfidf(segments)).argmax(axis=1)


def lda(segments: pd.DataFrame, plongements: np.ndarray, graine: int) -> np.ndarray:
    """Allocation latente de Dirichlet (Blei, Ng et Jordan 2003) sur les effectifs des lemmes ; sujet dominant.

    Réglages de scikit-learn, sauf le nombre de passes, porté à 50.
    """
    effectifs = CountVectorizer(min_df=2, max_df=0.3).fit_transform(segments["lemmes"])
    modele = LatentDirichletAllocation(NB_REFERENCE, max_iter=50, random_state=graine)
    return modele.fit_transform(effectifs).argmax(axis=1)


def reinert(segments: pd.DataFrame, plongements: np.ndarray, graine: int) -> np.ndarray:
    """Classification descendante de Reinert sur les lemmes pleins ; un segment non classé est hors thème."""
    presence = CountVectorizer(min_df=SEGMENTS_PAR_FORME, binary=True).fit_transform(segments["lemmes"])
    return Reinert(NB_REFERENCE).fit(presence).labels_ - 1


def bertopic_pca(segments: pd.DataFrame, plongements: np.ndarray, graine: int) -> np.ndarray:
    """BERTopic avec une analyse en composantes principales et le HDBSCAN de scikit-learn."""
    modele = BERTopic(
        language="multilingual",
        embedding_model=None,
        umap_model=PCA(5, random_state=graine),
        hdbscan_model=HDBSCAN(min_cluster_size=5, cluster_selection_method="eom", copy=True),
        vectorizer_model=CountVectorizer(),
    )
    return np.array(modele.fit_transform(segments["texte"].tolist(), embeddings=plongements)[0])


def bertopic_installable() -> bool:
    """Vrai si UMAP et HDBSCAN sont installés."""
    return find_spec("umap") is not None and find_spec("hdbscan") is not None


def bertopic_defaut(segments: pd.DataFrame, plongements: np.ndarray, graine: int) -> np.ndarray:
    """BERTopic avec ses réglages par défaut, la graine d'UMAP en plus."""
    from umap import UMAP

    modele = BERTopic(
        language="multilingual",
        embedding_model=None,
        umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=graine),
    )
    return np.array(modele.fit_transform(segments["texte"].tolist(), embeddings=plongements)[0])


def methodes(etude: Etude | None = None) -> dict[str, Methode]:
    """Les méthodes comparées, dans l'ordre du tableau.

    Parameters
    ----------
    etude : Etude, optional
        Ce dont les thèmes d'un territoire ont besoin ; None : seuls y sont ceux qui n'empruntent rien.

    Returns
    -------
    dict[str, Methode]
        BERTopic par défaut n'y est que s'il est installable.
    """
    ancres = {} if etude is None else {"Themes": themes(etude, False), "Themes, national refait": themes(etude, True)}
    toutes: dict[str, Methode] = ancres | {
        "Themes, sans national": themes_seuls(),
        f"k-moyennes ({NB_REFERENCE}) sur e5": moyennes,
        f"k-moyennes ({NB_REFERENCE}) sur TF-IDF": moyennes_tfidf,
        f"NMF ({NB_REFERENCE}) sur TF-IDF": nmf,
        f"LDA ({NB_REFERENCE})": lda,
        f"Reinert ({NB_REFERENCE} classes au plus)": reinert,
        "BERTopic, PCA et HDBSCAN": bertopic_pca,
    }
    if bertopic_installable():
        toutes["BERTopic par défaut (UMAP, HDBSCAN)"] = bertopic_defaut
    return toutes


def choisir(toutes: dict[str, Methode], debuts: list[str] | None) -> dict[str, Methode]:
    """Les méthodes nommées ou, faute de l'être, dont le nom commence par un des débuts donnés ; toutes sans début.

    Raises
    ------
    SystemExit
        Aucune ne commence ainsi.
    """
    if not debuts:
        return toutes
    retenues = {nom: methode for nom, methode in toutes.items()
                if any(nom == debut or debut not in toutes and nom.startswith(debut) for debut in debuts)}
    if not retenues:
        raise SystemExit(f"aucune méthode ne commence ainsi ; choisissez parmi : {', '.join(toutes)}")
    return retenues
