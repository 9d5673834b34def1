"""Les figures des documents : des dessins mis en points, leurs textes de remplacement, leur taille sur la page."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from restitution.constats import Constat
from restitution.dessins import barres
from restitution.dessins_constats import Dits, barres_des_constats
from restitution.png import en_png, textes_de_remplacement
from restitution.typographie import compte, francais

LARGEUR, HAUTEUR = 16.8, 22.0
"""Place qu'une figure prend au plus sur une page A4, en centimètres."""
CODES_MAX, THEMES_MAX = 32, 15
Ecrire = Callable[[str], str]
"""Reçoit et rend un texte à dessiner : typographie, pseudonymes."""


@dataclass(frozen=True)
class Figure:
    """Une image à poser dans un document.

    Attributes
    ----------
    titre, description : str
        Ce qu'elle montre, et ce qu'on y lit : son texte de remplacement.
    png : bytes
    largeur, hauteur : float
        Sur la page, en centimètres.
    """

    titre: str
    description: str
    png: bytes
    largeur: float
    hauteur: float

    @classmethod
    def dessiner(cls, svg: str) -> Figure:
        """La figure d'un dessin de `restitution.svg`, à la largeur de la page ou moins haute qu'elle.

        Raises
        ------
        ValueError
            Dessin illisible.
        """
        png, large, haut = _en_points(svg)
        echelle = min(LARGEUR / large, HAUTEUR / haut)
        titre, description = map(francais, textes_de_remplacement(svg))  # un dessin n'a que des espaces ordinaires
        return cls(titre, description, png, round(large * echelle, 2), round(haut * echelle, 2))

    def __str__(self) -> str:
        """Dans un gabarit qui ne sait pas poser d'image."""
        return f"[{self.titre}]"


@lru_cache(maxsize=64)
def _en_points(svg: str) -> tuple[bytes, float, float]:
    return en_png(svg)


def figure_des_constats(intitule: str, constats: Sequence[Constat], ecrire: Ecrire = francais) -> Figure | None:
    """Ce que les entretiens disent des codes d'un genre, des plus dits présents aux plus dits absents.

    Parameters
    ----------
    intitule : str
        Du genre.
    constats : Sequence[Constat]
    ecrire : callable

    Returns
    -------
    Figure or None
        None si nul n'en parle. Au plus `CODES_MAX` codes, les plus portés.
    """
    portes = sorted((c for c in constats if c.entretiens), key=lambda c: -c.entretiens)[:CODES_MAX]
    if not portes:
        return None
    ranges = sorted(portes, key=lambda c: (-c.presente, c.absente, -c.hypothetique))
    tus = len(constats) - len(portes)
    lecture = (f"Nombre d'entretiens, sur {portes[0].sur} ; en gris (hyp.), ceux qui ne font que le souhaiter ou le craindre."
               + (f" {compte(tus, 'autre code', 'autres codes')} : voir le tableau." if tus else ""))
    svg = barres_des_constats(
        [Dits(ecrire(f"{c.code} {c.intitule}"), c.presente, c.absente, c.hypothetique) for c in ranges],
        ecrire(f"{intitule} : ce que disent les entretiens"), ecrire(lecture))
    return Figure.dessiner(svg)


def figure_des_themes(themes: Sequence[dict[str, Any]], lieu: str, ecrire: Ecrire = francais) -> Figure | None:
    """La part des phrases que prend chaque thème.

    Parameters
    ----------
    themes : Sequence[dict]
        `restitution.contexte.themes_de` : libelle, part (écrite), stabilite.
    lieu : str
        Ce dont on parle : un territoire, l'étude.
    ecrire : callable

    Returns
    -------
    Figure or None
        None sans thème. Au plus `THEMES_MAX` thèmes, les plus parlés.
    """
    montres = themes[:THEMES_MAX]
    if not montres:
        return None
    instables = any(theme["stabilite"] == "instable" for theme in montres)
    lecture = "Part des phrases des enquêtés, en %." + (" * : thème instable, à ne pas interpréter." if instables else "")
    svg = barres([ecrire(("* " if theme["stabilite"] == "instable" else "") + theme["libelle"]) for theme in montres],
                 [float(re.sub(r"[^\d,]", "", theme["part"]).replace(",", ".") or 0) for theme in montres],
                 ecrire(f"{lieu} : les thèmes dont on parle"), ecrire(lecture))
    return Figure.dessiner(svg)
