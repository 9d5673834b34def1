"""Les mots d'un thème et son libellé, avec BERTopic.

BERTopic (Grootendorst 2022) reçoit ici un regroupement déjà fait et n'en tire que la représentation :
le c-TF-IDF sur les termes de `modeles.expressions`, puis `MotsDistinctifs`, qui garde les termes propres
au thème, portés par plusieurs segments et plusieurs entretiens, et n'en garde qu'un par famille de mots.
Sur quelques centaines de segments oraux, le c-TF-IDF seul met en tête « moitié », « montrer », « pouce » :
chaque terme y est donc pondéré par sa pertinence, la ressemblance moyenne des segments qui l'emploient.
Les segments où l'on dit « crèche » se ressemblent ; ceux où l'on dit « moitié », non.

Importer ce module charge BERTopic (deux à trois secondes) : `modeles.themes` ne le fait qu'à l'ajustement.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

with warnings.catch_warnings():  # bertopic fait taire tous les avertissements du processus
    from bertopic import BERTopic
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.representation import BaseRepresentation
    from bertopic.vectorizers import ClassTfidfTransformer

from modeles.expressions import Expressions

HORS_THEME = -1
_PART_MAX = 0.25
_PART_MIN = 0.04
_RAPPORT_MIN = 1.5
_PART_EXPRESSION = 0.4
_PREFIXE = 5
_MOTS_MIN = 3
_PERTINENCE_MIN = 0.001


class MotsDistinctifs(BaseRepresentation):  # type: ignore[misc]
    """Choisit, parmi les termes du c-TF-IDF, ceux qui nomment le thème.

    Parameters
    ----------
    expressions : Expressions
        Les termes des segments, dans l'ordre des documents donnés à BERTopic.
    entretiens : Sequence[str]
        L'entretien de chaque segment.
    pertinence : Mapping[str, float]
        Pertinence des termes, au moins 0.
    nombre : int
        Nombre de termes par thème.
    """

    def __init__(
        self,
        expressions: Expressions,
        entretiens: Sequence[str],
        pertinence: Mapping[str, float],
        nombre: int,
    ) -> None:
        self.expressions = expressions
        self.entretiens = entretiens
        self.pertinence = pertinence
        self.nombre = nombre

    def extract_topics(
        self,
        topic_model: Any,
        documents: Any,
        c_tf_idf: Any,
        topics: Mapping[int, list[tuple[str, float]]],
    ) -> dict[int, list[tuple[str, float]]]:
        """Rend les termes de chaque thème, du plus au moins distinctif (contrat de BERTopic).

        Parameters
        ----------
        topic_model : BERTopic
            Le modèle en cours d'ajustement.
        documents : pandas.DataFrame
            Colonnes `ID` (rang du segment) et `Topic`.
        c_tf_idf : scipy.sparse.csr_matrix
            Une ligne par thème, hors thème compris, dans l'ordre des numéros.
        topics : Mapping[int, list[tuple[str, float]]]
            Les termes que le c-TF-IDF seul mettrait en tête ; seules ses clés servent.

        Returns
        -------
        dict[int, list[tuple[str, float]]]
            Couples (terme, poids) par thème.
        """
        mots = topic_model.vectorizer_model.get_feature_names_out()
        pertinence = np.array([self.pertinence.get(mot, 0.0) for mot in mots])
        partout = Counter(t for suite in self.expressions.termes for t in set(suite))
        choisis: dict[int, list[tuple[str, float]]] = {}
        for ligne, theme in enumerate(sorted(topics)):
            rangs = documents.loc[documents["Topic"] == theme, "ID"].tolist()
            poids = c_tf_idf[ligne].toarray().ravel() * np.sqrt(pertinence + _PERTINENCE_MIN)
            classes = [(mots[i], float(poids[i])) for i in np.argsort(-poids, kind="stable") if poids[i] > 0]
            choisis[theme] = self._choisir(classes, rangs, partout)
        return choisis

    def _choisir(
        self, classes: list[tuple[str, float]], rangs: list[int], partout: Counter[str]
    ) -> list[tuple[str, float]]:
        ici: Counter[str] = Counter()
        voix: dict[str, set[str]] = {}
        for rang in rangs:
            for terme in set(self.expressions.termes[rang]):
                ici[terme] += 1
                voix.setdefault(terme, set()).add(self.entretiens[rang])
        attendu = len(rangs) / max(1, len(self.expressions.termes))
        voix_min = min(2, len({self.entretiens[rang] for rang in rangs}))
        porteurs_min = max(min(2, len(rangs)), _PART_MIN * len(rangs))
        portes = {t for t in ici if len(voix[t]) >= voix_min and ici[t] >= porteurs_min}
        distinctifs = {t for t in portes if attendu == 1 or ici[t] >= _RAPPORT_MIN * attendu * partout[t]}
        classes = sorted(classes, key=lambda paire: -paire[1] * np.log1p(len(voix.get(paire[0], ()))))
        dans_ordre = [(t, p) for t, p in classes if t in distinctifs]
        dans_ordre += [(t, p) for t, p in classes if t in portes - distinctifs]
        dans_ordre += [(t, p) for t, p in classes if t not in portes]
        retenus: list[tuple[str, float]] = []
        for terme, poids in dans_ordre:
            if len(retenus) == self.nombre or (terme not in distinctifs and len(retenus) >= _MOTS_MIN):
                break
            expression = self._deployer(terme, ici)
            if not any(_parents(expression, deja) for deja, _ in retenus):
                retenus.append((expression, poids))
        return retenus

    def _deployer(self, terme: str, ici: Counter[str]) -> str:
        """L'expression qui porte le plus souvent ce lemme dans le thème, sinon le lemme."""
        if "_" in terme:
            return terme
        contenants = [e for e in ici if "_" in e and terme in e.split("_")]
        meilleur = min(contenants, key=lambda e: (-ici[e], e), default=terme)
        return meilleur if ici[meilleur] >= max(2.0, _PART_EXPRESSION * ici[terme]) else terme


def _parents(a: str, b: str) -> bool:
    """Deux termes de la même famille : un lemme commun, ou un même début de mot."""
    return any(
        g == d or (min(len(g), len(d)) >= _PREFIXE and g[:_PREFIXE] == d[:_PREFIXE])
        for g in a.split("_")
        for d in b.split("_")
    )


def nommer(
    plongements: np.ndarray,
    numeros: np.ndarray,
    expressions: Expressions,
    entretiens: Sequence[str],
    pertinence: Mapping[str, float],
    nombre: int,
) -> dict[int, list[str]]:
    """Les mots lisibles de chaque thème.

    Parameters
    ----------
    plongements : numpy.ndarray de forme (n, d)
        Plongements des segments.
    numeros : numpy.ndarray de forme (n,)
        Numéro de thème de chaque segment, -1 hors thème.
    expressions : Expressions
        Les termes des mêmes segments.
    entretiens : Sequence[str]
        L'entretien de chaque segment.
    pertinence : Mapping[str, float]
        Pertinence des termes (`peser`).
    nombre : int
        Nombre de mots par thème, au plus.

    Returns
    -------
    dict[int, list[str]]
        Par thème, ses mots du plus au moins distinctif ; liste vide quand les segments n'ont aucun terme.
    """
    segments_par_terme = Counter(t for suite in expressions.termes for t in set(suite))
    n = len(expressions.termes)
    vocabulaire: list[str] = []
    for minimum in (3 if n >= 100 else 2, 1):
        plafond = max(2.0, _PART_MAX * n) if minimum > 1 else n
        vocabulaire = sorted(t for t, k in segments_par_terme.items() if minimum <= k <= plafond)
        if len(vocabulaire) > 1:
            break
    if len(vocabulaire) < 2:  # le c-TF-IDF de BERTopic demande au moins deux termes
        return {
            theme: [
                expressions.formes[terme]
                for terme in vocabulaire
                if any(terme in expressions.termes[rang] for rang in np.flatnonzero(numeros == theme))
            ]
            for theme in sorted(set(numeros.tolist()) - {HORS_THEME})
        }
    modele = BERTopic(
        language="multilingual",
        embedding_model=None,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(
            vocabulary=vocabulaire, tokenizer=str.split, token_pattern=None, lowercase=False
        ),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        representation_model=MotsDistinctifs(expressions, entretiens, pertinence, nombre),
        top_n_words=nombre,
    )
    modele.fit([" ".join(suite) for suite in expressions.termes], embeddings=plongements, y=numeros.tolist())
    origine = dict(zip(modele.topics_, numeros.tolist(), strict=True))
    return {
        origine[theme]: [expressions.formes[terme] for terme, _ in termes]
        for theme, termes in modele.get_topics().items()
        if theme != HORS_THEME
    }
