"""Les spécificités : les formes qu'une partie du corpus emploie plus, ou moins, que le hasard ne le veut.

Modèle de Lafon (« Sur la variabilité de la fréquence des formes dans un corpus », Mots 1, 1980,
p. 127-165). Le corpus compte T occurrences, la partie t, la forme F. Si les T occurrences étaient réparties
au hasard, l'effectif de la forme dans la partie suivrait une loi hypergéométrique H(T, F, t), de moyenne
F·t / T. On rend la probabilité d'un effectif au moins aussi éloigné de cette moyenne, du même côté.

À lire avec prudence : le modèle tient chaque occurrence pour indépendante. Un enquêté qui répète un mot
suffit à le rendre spécifique de son territoire ; un score élevé invite à ouvrir les concordances, il ne
prouve rien. Et parmi des milliers de formes, quelques scores au-delà de 2 ou 3 viennent du seul hasard.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.stats import hypergeom

COLONNES = ("partie", "forme", "effectif", "attendu", "score")

_Entiers = NDArray[np.int64]
_Reels = NDArray[np.float64]
_PROBABILITE_SURE = 1e-290
"""En deçà, la probabilité se calcule en logarithmes, faute de place dans un nombre à virgule flottante."""


def specificites(
    comptes: pd.DataFrame, tailles: Mapping[str, int] | None = None, effectif_min: int = 1
) -> pd.DataFrame:
    """Mesure la spécificité de chaque forme dans chaque partie.

    Parameters
    ----------
    comptes : pandas.DataFrame de forme (formes, parties)
        Effectifs, formes en index et parties en colonnes (`modeles.formes.tableau_lexical`) : territoires,
        catégories d'acteurs, entretiens…
    tailles : Mapping[str, int], optional
        Nombre d'occurrences de chaque partie, quand `comptes` ne donne pas toutes les formes du corpus.
        Par défaut, la somme de chaque colonne.
    effectif_min : int, default 1
        Effectif total en deçà duquel une forme n'est pas rendue ; elle compte dans les tailles.

    Returns
    -------
    pandas.DataFrame
        Colonnes partie, forme, effectif, attendu (F·t / T, en occurrences) et score : par partie, dans
        l'ordre des colonnes de `comptes`, du score le plus élevé au plus bas, puis par ordre alphabétique.
        Le score est -log10 P(X ≥ effectif) pour un suremploi, log10 P(X ≤ effectif) pour un sous-emploi,
        donc toujours fini ; 0 quand l'effectif est celui qu'on attend. |score| ≥ 2 : moins d'une chance
        sur cent.

    Raises
    ------
    ValueError
        Effectif négatif, non entier ou manquant ; forme ou partie en double ; taille manquante ou
        inférieure à ce que compte la colonne ; effectif_min inférieur à 1.
    """
    if effectif_min < 1:
        raise ValueError(f"effectif_min doit être au moins 1, reçu {effectif_min}")
    effectifs = _effectifs(comptes)
    dans_la_partie = _tailles(comptes, effectifs, tailles)
    du_corpus = effectifs.sum(axis=1)
    gardees = du_corpus >= effectif_min
    effectifs, du_corpus = effectifs[gardees], du_corpus[gardees]
    total = int(dans_la_partie.sum())
    attendus = np.outer(du_corpus, dans_la_partie) / max(1, total)
    lus = scores(effectifs, du_corpus, dans_la_partie, total)
    table = pd.DataFrame(
        {
            "partie": np.repeat(comptes.columns.to_numpy(), len(effectifs)),
            "forme": np.tile(comptes.index.to_numpy()[gardees], comptes.shape[1]),
            "effectif": effectifs.ravel(order="F"),
            "attendu": attendus.ravel(order="F"),
            "score": lus.ravel(order="F"),
        }
    )
    rang = table["partie"].map({partie: rang for rang, partie in enumerate(comptes.columns)})
    ordre = np.lexsort((table["forme"].astype(str), -table["score"], rang))
    return table.iloc[ordre].reset_index(drop=True)


def _effectifs(comptes: pd.DataFrame) -> _Entiers:
    for nom, noms in (("forme", comptes.index), ("partie", comptes.columns)):
        if noms.has_duplicates:
            raise ValueError(f"{nom} en double : {noms[noms.duplicated()][0]}")
    valeurs: _Reels = comptes.to_numpy(dtype=np.float64)
    if not (np.isfinite(valeurs) & (valeurs >= 0) & (valeurs == np.floor(valeurs))).all():
        raise ValueError("les effectifs sont des nombres entiers, positifs ou nuls, sans manque")
    return valeurs.astype(np.int64)


def _tailles(comptes: pd.DataFrame, effectifs: _Entiers, tailles: Mapping[str, int] | None) -> _Entiers:
    sommes: _Entiers = effectifs.sum(axis=0)
    if tailles is None:
        return sommes
    manquantes = [str(partie) for partie in comptes.columns if partie not in tailles]
    if manquantes:
        raise ValueError(f"parties sans taille : {', '.join(manquantes)}")
    donnees = np.array([tailles[partie] for partie in comptes.columns], dtype=np.int64)
    for partie, taille, somme in zip(comptes.columns, donnees, sommes, strict=True):
        if taille < somme:
            raise ValueError(f"la partie « {partie} » compte {somme} occurrences pour une taille de {taille}")
    return donnees


def scores(effectifs: _Entiers, du_corpus: _Entiers, parties: _Entiers, total: int) -> _Reels:
    """Les scores de spécificité, à partir des seuls effectifs.

    Parameters
    ----------
    effectifs : numpy.ndarray de forme (formes, parties)
        Effectif de chaque forme dans chaque partie.
    du_corpus : numpy.ndarray de forme (formes,)
        Effectif de chaque forme dans le corpus.
    parties : numpy.ndarray de forme (parties,)
        Taille de chaque partie, dans l'unité qu'on compte (occurrences, phrases…).
    total : int
        Taille du corpus ; les parties peuvent n'en couvrir qu'une part.

    Returns
    -------
    numpy.ndarray de forme (formes, parties)
        Voir `specificites`.
    """
    grille = np.broadcast_arrays(effectifs, du_corpus[:, None], parties[None, :])
    # Chaque cas distinct n'est calculé qu'une fois.
    cas, places = np.unique(np.stack([g.ravel() for g in grille], axis=1), axis=0, return_inverse=True)
    f, forme, partie = cas.T
    ecart = f * total - forme * partie  # en entiers : l'égalité à l'attendu est exacte
    lus = np.zeros(len(cas))
    plus, moins = ecart > 0, ecart < 0
    lus[plus] = -_log10_queue(f[plus], total, forme[plus], partie[plus])
    # P(X ≤ f) : la forme tombe au moins F - f fois hors de la partie.
    dehors = forme - f
    lus[moins] = _log10_queue(dehors[moins], total, forme[moins], total - partie[moins])
    resultat: _Reels = lus[places.ravel()].reshape(effectifs.shape)
    return resultat


def _log10_queue(f: _Entiers, total: int, forme: _Entiers, partie: _Entiers) -> _Reels:
    """log10 P(X ≥ f) pour X hypergéométrique ; f est un effectif possible."""
    # La loi est la même si l'on échange F et t : le plus petit borne le nombre de termes à sommer.
    tires, marques = np.minimum(forme, partie), np.maximum(forme, partie)
    queues = hypergeom.sf(f - 1, total, marques, tires)
    petites = ~(queues > _PROBABILITE_SURE)
    logarithmes = np.log(np.where(petites, 1.0, queues))
    logarithmes[petites] = hypergeom.logsf(f[petites] - 1, total, marques[petites], tires[petites])
    resultat: _Reels = np.minimum(logarithmes, 0.0) / np.log(10)
    return resultat
