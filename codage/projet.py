"""Un projet d'échange : ce qui passe d'une étude à un autre logiciel, d'où que viennent ses tables.

Le dossier d'étude, la base de l'application de codage ou un fichier QDPX le remplissent de même ; les écritures
(QDPX, QDC) et le versement dans un dossier d'étude ne connaissent que lui.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from corpus.codages import MODALITES
from corpus.fautes import ErreurEtude, Faute
from extraction.grille import Grille

ENTRETIENS = ("entretien", "texte", "territoire", "fonction", "categorie", "date")
TERRITOIRES = ("territoire", "nom", "echelle", "porteur", "annee")
CODAGES = ("codeur", "entretien", "debut", "fin", "code", "modalite", "memo", "date")
MEMOS = ("auteur", "objet", "cible", "debut", "fin", "texte", "date")
OBJETS = ("etude", "entretien", "code", "extrait")
"""Ce que vise un mémo ; `cible` est alors vide, un entretien, un code, l'entretien de l'extrait."""


def table(colonnes: Sequence[str], lignes: Iterable[Sequence[Any]] = ()) -> pd.DataFrame:
    """Une table de textes ; `debut` et `fin` y sont des entiers."""
    cadre = pd.DataFrame(list(lignes), columns=list(colonnes))
    return cadre.astype({colonne: "int64" if colonne in ("debut", "fin") else object for colonne in colonnes})


@dataclass(frozen=True)
class Projet:
    """Un projet d'échange. Ses tables tiennent des textes, jamais de valeur manquante : ce qu'on ne sait pas est vide.

    Attributes
    ----------
    titre : str
    grille : Grille or None
        None quand le projet n'a aucun code.
    entretiens : pandas.DataFrame
        Colonnes de `ENTRETIENS` ; toute autre colonne est une variable de plus. `texte` est celui que `corpus`
        rend, fins de ligne comprises.
    territoires : pandas.DataFrame
        Colonnes de `TERRITOIRES`.
    codages : pandas.DataFrame
        Colonnes de `CODAGES`. `debut` et `fin` (exclue) sont des points de code dans le texte ; `codeur` commence
        par « machine: » pour une machine ; `modalite` est vide si elle n'est pas dite ; `date` en ISO 8601, ou vide.
    memos : pandas.DataFrame
        Colonnes de `MEMOS` ; `debut` et `fin` ne servent qu'à l'objet « extrait ».
    remarques : tuple[str, ...]
        Ce que la lecture n'a pas repris, ou a supposé, en phrases à montrer.
    """

    titre: str
    grille: Grille | None
    entretiens: pd.DataFrame
    territoires: pd.DataFrame = field(default_factory=lambda: table(TERRITOIRES))
    codages: pd.DataFrame = field(default_factory=lambda: table(CODAGES))
    memos: pd.DataFrame = field(default_factory=lambda: table(MEMOS))
    remarques: tuple[str, ...] = ()

    @property
    def variables(self) -> list[str]:
        """Les colonnes de `entretiens` qui décrivent l'entretien."""
        return [colonne for colonne in self.entretiens.columns if colonne not in ("entretien", "texte")]

    def textes(self) -> dict[str, str]:
        """Le texte de chaque entretien."""
        return dict(zip(self.entretiens["entretien"], self.entretiens["texte"], strict=True))

    def controler(self) -> None:
        """Vérifie que tout renvoi aboutit.

        Raises
        ------
        ErreurEtude
            Entretien en double ; codage ou mémo sur un entretien, un code ou un passage qui n'existe pas ;
            modalité ou date inconnue. Toutes les fautes en une fois.
        """
        textes = self.textes()
        doubles = self.entretiens["entretien"][self.entretiens["entretien"].duplicated()]
        fautes = [Faute("entretiens", 0, f"entretien « {nom} » en double", "donnez à chacun son identifiant")
                  for nom in doubles]
        for rang, codage in enumerate(self.codages.to_dict("records"), start=1):
            dits = [*_passage(codage["entretien"], codage["debut"], codage["fin"], textes), *_date(codage["date"])]
            if self.grille is None or codage["code"] not in self.grille:
                dits.append(f"code « {codage['code']} » absent de la grille")
            if codage["modalite"] not in ("", *MODALITES):
                dits.append(f"modalité « {codage['modalite']} » inconnue")
            fautes += [Faute("codages", rang, dit, "corrigez ou retirez ce codage") for dit in dits]
        for rang, memo in enumerate(self.memos.to_dict("records"), start=1):
            dits, objet, cible = _date(memo["date"]), memo["objet"], memo["cible"]
            if objet == "extrait":
                dits += _passage(cible, memo["debut"], memo["fin"], textes)
            elif objet == "entretien" and cible not in textes:
                dits.append(f"entretien « {cible} » inconnu")
            elif objet == "code" and (self.grille is None or cible not in self.grille):
                dits.append(f"code « {cible} » absent de la grille")
            elif objet not in OBJETS:
                dits.append(f"objet « {objet} » inconnu (admis : {', '.join(OBJETS)})")
            fautes += [Faute("memos", rang, dit, "corrigez ou retirez ce mémo") for dit in dits]
        if fautes:
            raise ErreurEtude(fautes)


def _passage(entretien: str, debut: int, fin: int, textes: dict[str, str]) -> list[str]:
    if entretien not in textes:
        return [f"entretien « {entretien} » inconnu"]
    if not 0 <= debut < fin <= len(textes[entretien]):
        return [f"passage {debut}–{fin} hors de l'entretien « {entretien} » ({len(textes[entretien])} caractères)"]
    return []


def _date(date: str) -> list[str]:
    try:
        date_iso(date)
    except ValueError:
        return [f"date « {date} » illisible (forme attendue : 2024-05-01T09:30:00)"]
    return []


def date_iso(date: str) -> str:
    """La date et l'heure en ISO 8601 à la seconde, comme les veut le XML ; vide si vide.

    Raises
    ------
    ValueError
    """
    if not date:
        return ""
    lue = datetime.fromisoformat(date)
    return re.sub(r"\+00:00$", "Z", lue.isoformat(timespec="microseconds" if lue.microsecond else "seconds"))
