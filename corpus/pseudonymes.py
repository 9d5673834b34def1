"""Les pseudonymes d'une étude : la table `pseudonymes.csv`, appliquée à tout ce qui sort dans un document.

::

    forme,remplacement
    Nadège Pellerat,la cheffe de projet
    Bel-Orient,le quartier A
    Caf,Caf

Une forme remplacée par elle-même est gardée en clair : on a regardé, elle n'identifie personne. Majuscules et
minuscules comptent (« Navettes », un quartier, n'est pas « navettes ») ; une forme tout en capitales est remplacée
aussi. Les apostrophes droites et courbes se valent, les blancs aussi.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from corpus.fautes import ErreurEtude, Faute
from corpus.tables_csv import lire_csv

NOM = "pseudonymes.csv"
COLONNES = ("forme", "remplacement")


class Pseudonymes:
    """Des formes et ce qu'on écrit à leur place.

    Parameters
    ----------
    table : Mapping[str, str]
        Forme → remplacement.
    """

    def __init__(self, table: Mapping[str, str]) -> None:
        self.table = dict(table)
        capitales = {forme.upper(): remplacement.upper() for forme, remplacement in table.items()}
        formes = capitales | self.table
        self._formes = {_nue(forme): remplacement for forme, remplacement in formes.items()}
        motifs = map(_motif, sorted(formes, key=lambda forme: (-len(forme), forme)))
        self._motif = re.compile(rf"(?<!\w)(?:{'|'.join(motifs)})(?!\w)") if table else None

    def __bool__(self) -> bool:
        return bool(self.table)

    def appliquer(self, texte: str) -> str:
        """Le texte, chaque forme remplacée ; la plus longue l'emporte, un remplacement n'est pas repris.

        Parameters
        ----------
        texte : str

        Returns
        -------
        str
        """
        if self._motif is None:
            return texte
        return self._motif.sub(lambda trouve: self._formes[_nue(trouve[0])], texte)


def _nue(forme: str) -> str:
    return re.sub(r"\s+", " ", forme.replace("’", "'"))


def _motif(forme: str) -> str:
    return re.sub(r"(?:\\?\s)+", r"\\s+", re.escape(forme)).replace("’", "'").replace("'", "['’]")


def lire_pseudonymes(dossier: Path) -> Pseudonymes:
    """Lit `pseudonymes.csv` dans un dossier d'étude ; une table vide s'il n'existe pas.

    Parameters
    ----------
    dossier : Path

    Returns
    -------
    Pseudonymes

    Raises
    ------
    ErreurEtude
        Tableau illisible ; forme ou remplacement vide ; forme donnée deux fois ; remplacement qui contient une autre
        forme, et désignerait donc quelqu'un d'autre. Toutes les fautes en une fois.
    """
    if not (dossier / NOM).is_file():
        return Pseudonymes({})
    lue = lire_csv(dossier / NOM, NOM, COLONNES)
    fautes = list(lue.fautes)
    table: dict[str, str] = {}
    lieux: dict[str, int] = {}
    for ligne in lue.lignes:
        forme, remplacement = (ligne.valeurs[colonne] for colonne in COLONNES)
        if not forme or not remplacement:
            fautes.append(Faute(NOM, ligne.ligne, "forme ou remplacement vide",
                                "donnez les deux, ou retirez la ligne ; pour garder une forme, répétez-la"))
            continue
        lieux.setdefault(forme, ligne.ligne)
        if table.setdefault(forme, remplacement) != remplacement:
            fautes.append(Faute(NOM, ligne.ligne, f"« {forme} » a déjà un autre remplacement, « {table[forme]} »",
                                "gardez une seule des deux lignes"))
    pseudonymes = Pseudonymes(table)
    fautes += [Faute(NOM, lieux[forme], f"le remplacement « {remplacement} » contient une forme à remplacer",
                     "choisissez un pseudonyme que personne ne porte dans l'étude")
               for forme, remplacement in table.items() if pseudonymes.appliquer(remplacement) != remplacement]
    if fautes:
        raise ErreurEtude(sorted(fautes))
    return pseudonymes
