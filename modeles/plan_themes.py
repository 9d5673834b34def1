"""Le plan où l'on dessine les thèmes : deux thèmes y sont d'autant plus proches qu'on en parle de même.

Analyse en composantes principales des centres des thèmes nationaux, tous de même poids : des plans possibles,
c'est celui qui garde le plus de leurs écarts. Les thèmes d'un territoire y sont projetés comme des points
supplémentaires ; toutes les cartes d'une étude ont donc les mêmes axes. Deux axes gardent rarement plus du tiers des
écarts : la qualité de représentation dit, thème par thème, si l'on peut se fier à sa place (Lebart, Morineau et
Piron, *Statistique exploratoire multidimensionnelle*, Dunod, 1995, § 1.1).
"""

from __future__ import annotations

import numpy as np

from modeles.regroupement import Reels

_DECIMALES = 6


def placer_themes(centres: Reels, nationaux: Reels) -> Reels:
    """Place des thèmes dans le plan des thèmes nationaux.

    Parameters
    ----------
    centres : numpy.ndarray de forme (n, d)
        Centres des thèmes à placer (`Themes.centres_`).
    nationaux : numpy.ndarray de forme (k, d)
        Centres des thèmes nationaux, dans l'espace de `centres`.

    Returns
    -------
    numpy.ndarray de forme (n, 3)
        Par thème : abscisse et ordonnée, dans l'unité des centres (l'origine est la moyenne des thèmes nationaux ;
        le plus excentré d'entre eux est du côté positif de chaque axe) ; qualité, part de 0 à 1 de son écart à
        l'origine que le plan garde. Six décimales. nan partout s'il y a moins de deux thèmes nationaux ; ordonnées
        nulles s'il y en a deux.
    """
    from threadpoolctl import threadpool_limits

    if len(nationaux) < 2:
        return np.full((len(centres), 3), np.nan)
    milieu = nationaux.mean(axis=0)
    with threadpool_limits(limits=1):  # l'ordre des sommes, donc les octets, dépend du nombre de fils
        gauche, forces, axes = np.linalg.svd(nationaux - milieu, full_matrices=False)
        axes = axes[:2] * (forces[:2, None] > 1e-9 * forces[0])
        ecarts = centres - milieu
        lieux = ecarts @ axes.T
    bouts = np.abs(gauche[:, :2]).argmax(axis=0)
    lieux *= np.where(gauche[bouts, range(len(bouts))] < 0, -1.0, 1.0)
    lieux = np.hstack([lieux, np.zeros((len(centres), 2 - lieux.shape[1]))])
    normes = (ecarts**2).sum(axis=1)
    qualites = np.divide((lieux**2).sum(axis=1), normes, out=np.full(len(centres), np.nan), where=normes > 0)
    places: Reels = np.column_stack([lieux, qualites]).round(_DECIMALES) + 0.0  # + 0.0 : jamais de « -0.0 »
    return places
