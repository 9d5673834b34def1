"""Les fautes d'un dossier d'étude, telles qu'on les montre à l'utilisateur.

Une faute nomme le fichier, la ligne quand il y en a une, ce qui ne va pas et le remède. Un contrôle
rend une liste de fautes ; une lecture qui ne peut pas continuer lève `ErreurEtude`, qui les porte
toutes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Faute:
    """Une faute dans un dossier d'étude.

    Parameters
    ----------
    fichier : str
        Chemin du fichier en cause, relatif au dossier d'étude.
    ligne : int
        Numéro de ligne, à partir de 1 ; 0 quand la faute porte sur le fichier entier.
    message : str
        Ce qui ne va pas, en une phrase.
    remede : str
        Ce que l'utilisateur peut faire.
    entretien : str
        Identifiant de l'entretien en cause ; vide quand la faute touche toute l'étude. Une faute
        qui porte un entretien n'empêche pas d'analyser les autres.
    """

    fichier: str
    ligne: int
    message: str
    remede: str
    entretien: str = ""

    def __str__(self) -> str:
        lieu = f"{self.fichier}, ligne {self.ligne}" if self.ligne else self.fichier
        return f"{lieu} : {self.message}\n    → {self.remede}"


class ErreurEtude(Exception):
    """Le dossier d'étude (ou l'un de ses fichiers) ne peut pas être lu.

    Parameters
    ----------
    fautes : Iterable[Faute]
        Toutes les fautes trouvées, au moins une.
    """

    def __init__(self, fautes: Iterable[Faute]) -> None:
        self.fautes: tuple[Faute, ...] = tuple(fautes)
        if not self.fautes:
            raise ValueError("ErreurEtude demande au moins une faute")
        super().__init__("\n".join(str(faute) for faute in self.fautes))
