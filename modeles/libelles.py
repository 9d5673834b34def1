"""Les mots d'un thème et son libellé, avec BERTopic.

BERTopic (Grootendorst 2022) reçoit ici un regroupement déjà fait et n'en tire que la représentation, confiée à
`MotsDistinctifs`. Sur quelques centaines de segments oraux, le c-TF-IDF met en tête des mots d'anecdote, dits dans une
ou deux histoires : « moitié », « courge », « pouce ». On range donc les termes par leur spécificité au thème (Lafon,
`modeles.specificites`), qui tient compte de leur effectif, pesée par leur pertinence (`modeles.expressions.peser` :
les segments où l'on dit « crèche » se ressemblent ; ceux où l'on dit « moitié », non) et par le nombre d'enquêtés qui
les y disent. Et un mot ne nomme un thème que si assez d'enquêtés l'y disent. Dans un territoire, où peu de mots passent
cette barre, deux enquêtés suffisent pour un mot qui est déjà de ceux du thème national.

Importer ce module charge BERTopic (deux à trois secondes) : `modeles.themes` ne le fait qu'à l'ajustement.
"""

from __future__ import annotations

import math
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer

with warnings.catch_warnings():  # bertopic fait taire tous les avertissements du processus
    from bertopic import BERTopic
    from bertopic.cluster import BaseCluster
    from bertopic.dimensionality import BaseDimensionalityReduction
    from bertopic.representation import BaseRepresentation
    from bertopic.vectorizers import ClassTfidfTransformer

from modeles.expressions import Expressions
from modeles.regroupement import HORS_THEME
from modeles.specificites import scores

_PART_MAX = 0.25
_VOIX_MIN = 3
_PART_VOIX_MIN = 0.05
_SPECIFICITE_MIN = 1.0
_SPECIFICITE_NATIONALE_MAX = 10.0
_POIDS_NATIONAL = 0.3
_PART_EXPRESSION = 0.4
_PREFIXE = 5
_MOTS_PAR_DEFAUT = 2
_TERMES_SPECIFIQUES = 40
_PERTINENCE_MIN = 0.001

Specifiques = dict[str, float]


class MotsDistinctifs(BaseRepresentation):  # type: ignore[misc]
    """Choisit les termes qui nomment chaque thème.

    Parameters
    ----------
    expressions : Expressions
        Les termes des segments, dans l'ordre des documents donnés à BERTopic.
    entretiens : Sequence[str]
        L'entretien de chaque segment.
    pertinence : Mapping[str, float]
        Pertinence des termes, au moins 0.
    nombre : int
        Nombre de termes par thème, au plus.
    numeros : Sequence[int]
        Thème de chaque segment ; BERTopic numérote les siens autrement.
    nationaux : Mapping[int, Specifiques]
        Spécificité des termes du thème national que prolonge chaque thème ; rien pour les autres.

    Attributes
    ----------
    specifiques : dict[int, Specifiques]
        Les quarante termes les plus spécifiques de chaque thème, de ceux qu'assez d'enquêtés y disent.
    """

    def __init__(
        self,
        expressions: Expressions,
        entretiens: Sequence[str],
        pertinence: Mapping[str, float],
        nombre: int,
        numeros: Sequence[int],
        nationaux: Mapping[int, Specifiques],
    ) -> None:
        self.expressions = expressions
        self.entretiens = entretiens
        self.pertinence = pertinence
        self.nombre = nombre
        self.numeros = numeros
        self.nationaux = nationaux
        self.specifiques: dict[int, Specifiques] = {}

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
            Colonnes `ID` (rang du segment), `Document` (ses termes) et `Topic`.
        c_tf_idf : scipy.sparse.csr_matrix
            Non lu.
        topics : Mapping[int, list[tuple[str, float]]]
            Les termes que le c-TF-IDF mettrait en tête ; seules ses clés servent.

        Returns
        -------
        dict[int, list[tuple[str, float]]]
            Couples (terme, poids) par thème.
        """
        termes = topic_model.vectorizer_model.get_feature_names_out().tolist()
        presence = sparse.csr_array(topic_model.vectorizer_model.transform(documents["Document"]) > 0, dtype=np.int64)
        themes = sorted(topics)
        membres = [np.flatnonzero(documents["Topic"] == theme) for theme in themes]
        vus = np.stack([presence[rangs].sum(axis=0) for rangs in membres], axis=1)
        tailles = np.array([len(rangs) for rangs in membres], dtype=np.int64)
        specificites = scores(vus, presence.sum(axis=0), tailles, len(documents))
        voix = np.array([self.entretiens[rang] for rang in documents["ID"]], dtype=str)
        poids = np.array([self.pertinence.get(terme, 0.0) for terme in termes]) + _PERTINENCE_MIN
        choisis: dict[int, list[tuple[str, float]]] = {}
        for colonne, (theme, rangs) in enumerate(zip(themes, membres, strict=True)):
            porteurs, enquetes = _compter_voix(presence[rangs], voix[rangs])
            voix_min = max(min(_VOIX_MIN, math.ceil(enquetes / 3)), math.ceil(_PART_VOIX_MIN * enquetes))
            specifique = specificites[:, colonne]
            propres = np.where(porteurs >= voix_min, specifique, 0.0)
            numero = self.numeros[documents["ID"].iloc[rangs[0]]]
            self.specifiques[numero] = {
                termes[rang]: float(propres[rang])
                for rang in np.argsort(-propres, kind="stable")[:_TERMES_SPECIFIQUES]
                if propres[rang] >= _SPECIFICITE_MIN
            }
            siens = self.nationaux.get(numero, {})
            national = np.array([min(siens.get(terme, 0.0), _SPECIFICITE_NATIONALE_MAX) for terme in termes])
            notes = (specifique + _POIDS_NATIONAL * national) * poids * np.sqrt(porteurs)
            assez = (porteurs >= voix_min) | ((national > 0) & (porteurs >= min(2, enquetes)))
            # Des mots sûrs à ceux qui ne servent qu'à ne pas laisser un thème sans nom.
            degres = np.select(
                [assez & (specifique >= _SPECIFICITE_MIN), (specifique > 0) & (porteurs >= min(2, enquetes)),
                 (national > 0) & (porteurs > 0), porteurs > 0], [0, 1, 2, 3], 4)
            ordre = np.lexsort((-porteurs * poids, -notes, degres))
            ranges = [(termes[rang], float(notes[rang]), bool(degres[rang] == 0)) for rang in ordre if degres[rang] < 4]
            choisis[theme] = self._choisir(ranges, documents["ID"].to_numpy()[rangs].tolist())
        return choisis

    def _choisir(self, ranges: list[tuple[str, float, bool]], rangs: list[int]) -> list[tuple[str, float]]:
        """Un terme par famille de mots, parmi les sûrs ; s'il n'y en a aucun, deux autres au plus."""
        ici = Counter(terme for rang in rangs for terme in set(self.expressions.termes[rang]))
        retenus: list[tuple[str, float]] = []
        surs = [(terme, note) for terme, note, sur in ranges if sur]
        nombre = self.nombre if surs else min(self.nombre, _MOTS_PAR_DEFAUT)
        for terme, note in surs or [(terme, note) for terme, note, _ in ranges]:
            if len(retenus) == nombre:
                break
            expression = self._deployer(terme, ici)
            if not any(_parents(expression, deja) for deja, _ in retenus):
                retenus.append((expression, note))
        return retenus

    def _deployer(self, terme: str, ici: Counter[str]) -> str:
        """L'expression qui porte le plus souvent ce lemme dans le thème, sinon le lemme."""
        if "_" in terme:
            return terme
        contenants = [e for e in ici if "_" in e and terme in e.split("_")]
        meilleur = min(contenants, key=lambda e: (-ici[e], e), default=terme)
        return meilleur if ici[meilleur] >= max(2.0, _PART_EXPRESSION * ici[terme]) else terme


def _compter_voix(presence: sparse.csr_array, voix: NDArray[np.str_]) -> tuple[NDArray[np.int64], int]:
    """Nombre d'enquêtés qui disent chaque terme, et nombre d'enquêtés, parmi ces segments."""
    noms, codes = np.unique(voix, return_inverse=True)
    groupes = sparse.csr_array((np.ones(len(voix), dtype=np.int64), (codes, np.arange(len(voix)))))
    return np.asarray(((groupes @ presence) > 0).sum(axis=0), dtype=np.int64), len(noms)


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
    nationaux: Mapping[int, Specifiques],
) -> tuple[dict[int, list[str]], dict[int, Specifiques]]:
    """Les mots lisibles de chaque thème, et ses termes spécifiques.

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
    nationaux : Mapping[int, Specifiques]
        Voir `MotsDistinctifs`.

    Returns
    -------
    mots : dict[int, list[str]]
        Par thème, ses mots du plus au moins distinctif ; liste vide quand les segments n'ont aucun terme.
    specifiques : dict[int, Specifiques]
        Voir `MotsDistinctifs`.
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
        themes = sorted(set(numeros.tolist()) - {HORS_THEME})
        portes = {theme: {t for rang in np.flatnonzero(numeros == theme) for t in expressions.termes[rang]} for theme in themes}
        return {theme: [expressions.formes[t] for t in vocabulaire if t in portes[theme]] for theme in themes}, {}
    representation = MotsDistinctifs(expressions, entretiens, pertinence, nombre, numeros.tolist(), nationaux)
    modele = BERTopic(
        language="multilingual",
        embedding_model=None,
        umap_model=BaseDimensionalityReduction(),
        hdbscan_model=BaseCluster(),
        vectorizer_model=CountVectorizer(
            vocabulary=vocabulaire, tokenizer=str.split, token_pattern=None, lowercase=False
        ),
        ctfidf_model=ClassTfidfTransformer(reduce_frequent_words=True),
        representation_model=representation,
        top_n_words=nombre,
    )
    modele.fit([" ".join(suite) for suite in expressions.termes], embeddings=plongements, y=numeros.tolist())
    origine = dict(zip(modele.topics_, numeros.tolist(), strict=True))
    mots = {
        origine[theme]: [expressions.formes[terme] for terme, _ in termes]
        for theme, termes in modele.get_topics().items()
        if theme != HORS_THEME
    }
    return mots, {theme: termes for theme, termes in representation.specifiques.items() if theme != HORS_THEME}
