"""Les façons de trouver des thèmes que `bancs.themes` compare.

Chacune prend une portée et une graine, et rend le thème de chaque segment, -1 hors thème. Celles à qui il faut un
nombre de thèmes en cherchent 15.

BERTopic par défaut demande UMAP et HDBSCAN (`umap-learn`, `hdbscan`), que l'environnement du projet n'installe
pas. S'ils manquent (`bertopic_installable`), une variante, PCA et HDBSCAN de scikit-learn, prend sa place sans valoir
pour lui.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
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


@dataclass(frozen=True, eq=False)
class Portee:
    """Les segments à partager en thèmes : toute l'étude, un extrait d'elle, ou un de leurs territoires.

    Attributes
    ----------
    segments : pandas.DataFrame
        Colonnes texte, lemmes, entretien.
    plongements : numpy.ndarray de forme (n, d)
    reperes : Mapping[int, Reperes]
        Par graine, ce que les thèmes d'un territoire empruntent à ceux de toute l'étude, restreint à ces segments.
    """

    segments: pd.DataFrame
    plongements: np.ndarray
    reperes: Mapping[int, Reperes] = field(default_factory=dict)

    def restreindre(self, rangs: np.ndarray) -> Portee:
        """La même, pour les seuls segments de ces rangs."""
        return Portee(self.segments.iloc[rangs].reset_index(drop=True), self.plongements[rangs],
                      {graine: reperes.restreindre(rangs) for graine, reperes in self.reperes.items()})


Methode = Callable[[Portee, int], np.ndarray]


def ajuster(portee: Portee, graine: int = 0, reperes: Reperes | None = None, essais_stabilite: int = 0) -> Themes:
    """Les thèmes du projet sur ces segments."""
    segments = portee.segments
    return Themes(graine=graine, essais_stabilite=essais_stabilite).fit(
        portee.plongements, textes=segments["texte"].tolist(), lemmes=segments["lemmes"].tolist(),
        entretiens=segments["entretien"].tolist(), reperes=reperes)


def reperer_etude(etude: Portee, graine: int = 0) -> Reperes:
    """Ce que les thèmes de toute l'étude (colonne phrases en plus) prêtent à ceux de ses territoires."""
    return reperer(ajuster(etude, graine), etude.segments)


def themes(portee: Portee, graine: int) -> np.ndarray:
    """Les thèmes du projet dans un territoire, ancrés dans ceux de l'étude."""
    return ajuster(portee, graine, portee.reperes[graine]).labels_


def themes_seuls(portee: Portee, graine: int, essais_stabilite: int = 0) -> np.ndarray:
    """Les thèmes du projet, sans rien emprunter à une autre portée, avec ou sans leur stabilité."""
    return ajuster(portee, graine, essais_stabilite=essais_stabilite).labels_


def moyennes(portee: Portee, graine: int) -> np.ndarray:
    """k-moyennes sur les plongements tels quels."""
    return np.asarray(KMeans(NB_REFERENCE, n_init=10, random_state=graine).fit_predict(portee.plongements))


def _tfidf(portee: Portee) -> sparse.csr_matrix:
    return TfidfVectorizer(min_df=2, max_df=0.3, sublinear_tf=True).fit_transform(portee.segments["lemmes"])


def moyennes_tfidf(portee: Portee, graine: int) -> np.ndarray:
    """k-moyennes sur le TF-IDF des lemmes."""
    return np.asarray(KMeans(NB_REFERENCE, n_init=10, random_state=graine).fit_predict(_tfidf(portee)))


def nmf(portee: Portee, graine: int) -> np.ndarray:
    """Factorisation non négative du TF-IDF ; le thème est la composante dominante."""
    modele = NMF(NB_REFERENCE, init="nndsvdar", random_state=graine, max_iter=500)
    return np.asarray(modele.fit_transform(_tfidf(portee)).argmax(axis=1))


def lda(portee: Portee, graine: int) -> np.ndarray:
    """Allocation latente de Dirichlet (Blei, Ng et Jordan 2003) sur les effectifs des lemmes ; sujet dominant.

    Réglages de scikit-learn, sauf le nombre de passes, porté à 50.
    """
    effectifs = CountVectorizer(min_df=2, max_df=0.3).fit_transform(portee.segments["lemmes"])
    modele = LatentDirichletAllocation(NB_REFERENCE, max_iter=50, random_state=graine)
    return np.asarray(modele.fit_transform(effectifs).argmax(axis=1))


def reinert(portee: Portee, graine: int) -> np.ndarray:
    """Classification descendante de Reinert sur les lemmes pleins ; un segment non classé est hors thème."""
    presence = CountVectorizer(min_df=SEGMENTS_PAR_FORME, binary=True).fit_transform(portee.segments["lemmes"])
    return Reinert(NB_REFERENCE).fit(presence).labels_ - 1


def bertopic_pca(portee: Portee, graine: int) -> np.ndarray:
    """BERTopic avec une analyse en composantes principales et le HDBSCAN de scikit-learn."""
    modele = BERTopic(
        language="multilingual",
        embedding_model=None,
        umap_model=PCA(5, random_state=graine),
        hdbscan_model=HDBSCAN(min_cluster_size=5, cluster_selection_method="eom", copy=True),
        vectorizer_model=CountVectorizer(),
    )
    return np.array(modele.fit_transform(portee.segments["texte"].tolist(), embeddings=portee.plongements)[0])


def bertopic_installable() -> bool:
    """Vrai si UMAP et HDBSCAN sont installés."""
    return find_spec("umap") is not None and find_spec("hdbscan") is not None


def bertopic_defaut(portee: Portee, graine: int) -> np.ndarray:
    """BERTopic avec ses réglages par défaut, la graine d'UMAP en plus."""
    from umap import UMAP

    modele = BERTopic(
        language="multilingual",
        embedding_model=None,
        umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=graine),
    )
    return np.array(modele.fit_transform(portee.segments["texte"].tolist(), embeddings=portee.plongements)[0])


def methodes() -> dict[str, Methode]:
    """Les méthodes comparées, dans l'ordre du tableau ; « Themes » veut des repères."""
    return {
        "Themes": themes,
        "Themes, sans national": themes_seuls,
        f"k-moyennes ({NB_REFERENCE}) sur e5": moyennes,
        f"k-moyennes ({NB_REFERENCE}) sur TF-IDF": moyennes_tfidf,
        f"NMF ({NB_REFERENCE}) sur TF-IDF": nmf,
        f"LDA ({NB_REFERENCE})": lda,
        f"Reinert ({NB_REFERENCE} classes au plus)": reinert,
        **({"BERTopic par défaut (UMAP, HDBSCAN)": bertopic_defaut} if bertopic_installable()
           else {"BERTopic, PCA et HDBSCAN": bertopic_pca}),
    }


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
