"""La classification de Reinert, écrite pour être relue : lente, exacte, sans rien de vectoriel.

Les χ² sont des fractions, d'après la définition (écarts à l'indépendance) ; l'axe vient d'une
décomposition complète de la matrice pleine. Les essais y comparent `modeles.reinert`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

Table = list[list[int]]


class AxeIndecis(Exception):
    """Les deux premiers axes portent la même inertie : le premier n'est pas défini."""


@dataclass
class Classement:
    """Par nombre de classes, les lignes de chaque classe ; les χ² des divisions, dans l'ordre."""

    niveaux: list[list[list[int]]] = field(default_factory=list)
    khi2: list[Fraction] = field(default_factory=list)


def khi2(deux_lignes: Sequence[Sequence[int]]) -> Fraction:
    """χ² d'un tableau 2 × p sans colonne vide : somme des (observé - attendu)² / attendu."""
    total = sum(map(sum, deux_lignes))
    somme = Fraction(0)
    for ligne in deux_lignes:
        for j, observe in enumerate(ligne):
            attendu = Fraction(sum(ligne) * sum(autre[j] for autre in deux_lignes), total)
            somme += (observe - attendu) ** 2 / attendu
    return somme


def effectifs(table: Table, lignes: Sequence[int]) -> list[int]:
    return [sum(table[i][j] for i in lignes) for j in range(len(table[0]))]


def khi2_du_partage(table: Table, gauche: Sequence[int], droite: Sequence[int]) -> Fraction:
    """-1 quand un côté est vide : ce n'est pas un partage."""
    if not gauche or not droite:
        return Fraction(-1)
    return khi2([effectifs(table, gauche), effectifs(table, droite)])


def ranger(table: Table) -> list[int] | None:
    """Lignes dans l'ordre du premier axe factoriel ; None quand l'inertie est nulle."""
    p = np.array(table, dtype=float)
    p /= p.sum()
    r, c = p.sum(axis=1), p.sum(axis=0)
    u, valeurs, _ = np.linalg.svd((p - np.outer(r, c)) / np.sqrt(np.outer(r, c)))
    if valeurs[0] < 1e-5:
        return None
    if valeurs[0] - valeurs[1] < 1e-3:
        raise AxeIndecis
    axe = u[:, 0] / np.sqrt(r)
    loin = next(i for i in range(len(axe)) if abs(axe[i]) > abs(axe).max() - 1e-9)
    return sorted(range(len(axe)), key=lambda i: (round(axe[i] / axe[loin], 8), i))


def partager(table: Table) -> tuple[list[int], list[int]] | None:
    """Coupe le long de l'axe, puis déplace."""
    ordre = ranger(table)
    if ordre is None:
        return None
    coupes = [(ordre[:i], ordre[i:]) for i in range(1, len(ordre))]
    return deplacer(table, ordre, *max(coupes, key=lambda coupe: khi2_du_partage(table, *coupe)))


def deplacer(
    table: Table, ordre: Sequence[int], gauche: list[int], droite: list[int]
) -> tuple[list[int], list[int]]:
    """Change de côté, une à une, la ligne qui augmente le plus le χ² ; à égalité, la première de l'ordre."""
    while True:
        essais = []
        for ligne in ordre:
            if ligne in gauche:
                essais.append(([i for i in gauche if i != ligne], [*droite, ligne]))
            else:
                essais.append(([*gauche, ligne], [i for i in droite if i != ligne]))
        meilleur = max(essais, key=lambda essai: khi2_du_partage(table, *essai))
        if khi2_du_partage(table, *meilleur) <= khi2_du_partage(table, gauche, droite):
            return sorted(gauche), sorted(droite)
        gauche, droite = meilleur


def formes_gardees(
    table: Table, ici: Sequence[int], ailleurs: Sequence[int], cc_test: float, tsj: int
) -> list[int]:
    t, autre = effectifs(table, ici), effectifs(table, ailleurs)
    gardees = []
    for j in range(len(t)):
        total = t[j] + autre[j]
        attendus = [Fraction(total * masse, sum(t) + sum(autre)) for masse in (sum(t), sum(autre))]
        ecart = sum((o - a) ** 2 / a for o, a in zip((t[j], autre[j]), attendus, strict=True))
        commune = ecart / (ecart + total) <= Fraction(str(cc_test)) ** 2
        if t[j] >= tsj and (commune or t[j] > attendus[0]):
            gardees.append(j)
    return gardees


def classer(table: Table, k: int, min_split_members: int, cc_test: float, tsj: int) -> Classement:
    """Divise la plus grande classe jusqu'à k ; une classe est ses lignes et les formes qu'elle garde."""
    classes = [(list(range(len(table))), list(range(len(table[0]))))]
    resultat = Classement()
    while len(classes) < k:
        tailles = [len(lignes) for lignes, _ in classes]
        rang = tailles.index(max(tailles))
        lignes, formes = classes[rang]
        if len(lignes) < min_split_members or len(formes) < 3:
            break
        lignes = [i for i in lignes if any(table[i][j] for j in formes)]
        formes = [j for j in formes if any(table[i][j] for i in lignes)]
        if len(lignes) < 2 or len(formes) < 2:
            break
        reduite = [[table[i][j] for j in formes] for i in lignes]
        partage = partager(reduite)
        if partage is None:
            break
        cotes = sorted(partage)
        resultat.khi2.append(khi2_du_partage(reduite, *cotes))
        classes[rang : rang + 1] = [
            ([lignes[i] for i in ici], [formes[j] for j in formes_gardees(reduite, ici, la, cc_test, tsj)])
            for ici, la in (cotes, cotes[::-1])
        ]
        resultat.niveaux.append([lignes for lignes, _ in classes])
    return resultat
