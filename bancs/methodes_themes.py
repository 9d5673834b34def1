"""Les façons de trouver des thèmes que `bancs.themes` compare.

Chacune prend une table de segments (colonnes texte, lemmes, entretien), leurs plongements (n, d) et une
graine, et rend le thème de chaque segment, -1 hors thème. Celles à qui il faut un nombre de thèmes en
cherchent 15.

BERTopic par défaut demande UMAP et HDBSCAN (`umap-learn`, `hdbscan`), que l'environnement du projet n'installe
pas : il n'est comparé que s'ils sont là (`bertopic_installable`). À défaut, la variante PCA et HDBSCAN de
scikit-learn en tient lieu, sans valoir pour lui.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
import pandas as pd
from bertopic import BERTopic
from scipy import sparse
from sklearn.cluster import HDBSCAN, KMeans
from sklearn.decomposition import NMF, PCA, LatentDirichletAllocation
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

from modeles.reinert import Reinert
from modeles.themes import Themes

NB_REFERENCE = 15
SEGMENTS_PAR_FORME = 8
"""Une forme doit être dans autant de segments, au moins, pour entrer dans la classification de Reinert."""

Methode = Callable[[pd.DataFrame, np.ndarray, int], np.ndarray]


def themes(pertinence: dict[str, float] | None, essais_stabilite: int | None = 0) -> Methode:
    """Les thèmes du projet, avec ou sans la pertinence nationale des termes, avec ou sans leur stabilité."""

    def ajuster(segments: pd.DataFrame, plongements: np.ndarray, graine: int) -> np.ndarray:
        modele = Themes(graine=graine, essais_stabilite=essais_stabilite)
        modele.fit(
            plongements,
            textes=segments["texte"].tolist(),
            lemmes=segments["lemmes"].tolist(),
            entretiens=segments["entretien"].tolist(),
            pertinence=pertinence,
        )
        return modele.labels_

    return ajuster


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


def methodes(pertinence: dict[str, float] | None) -> dict[str, Methode]:
    """Les méthodes comparées, dans l'ordre du tableau.

    Parameters
    ----------
    pertinence : dict[str, float], optional
        Pertinence nationale des termes, pour les thèmes du projet.

    Returns
    -------
    dict[str, Methode]
        BERTopic par défaut n'y est que s'il est installable.
    """
    toutes: dict[str, Methode] = {
        "Themes": themes(pertinence),
        "Themes, sans pertinence nationale": themes(None),
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
