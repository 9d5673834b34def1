"""Les objets que `corpus` fait circuler : document lu, tour de parole, repérage.

Toutes les positions sont des positions en caractères (points de code Unicode) dans `Document.texte`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Role = Literal["enqueteur", "enquete"]


@dataclass(frozen=True)
class Document:
    """Le texte d'un entretien, tel qu'un fichier le donne.

    Attributes
    ----------
    texte : str
        Le texte rendu. Pour un `.txt` ou un `.md` en UTF-8, c'est le texte du fichier à
        l'identique (fins de ligne comprises), sans la marque d'ordre des octets.
    debut : int
        Position où commence l'entretien, après l'éventuelle tête `clé: valeur`.
    metadonnees : dict[str, str]
        Ce que dit la tête `clé: valeur` (ou les variables étoilées d'IRaMuTeQ), clés en minuscules
        et sans accents.
    horodatages : tuple[tuple[int, str], ...]
        Pour les formats qui portent leurs temps à part (`.vtt`, `.srt`) : couples (position dans
        `texte`, « HH:MM:SS »), en ordre croissant de position.
    format : str
        Extension sans le point, en minuscules ; `iramuteq` pour un corpus IRaMuTeQ.
    encodage : str
        Encodage reconnu pour les formats en texte, vide pour les autres.
    suppositions : tuple[str, ...]
        Ce que la lecture a supposé, en phrases à montrer à l'utilisateur.
    """

    texte: str
    debut: int = 0
    metadonnees: dict[str, str] = field(default_factory=dict)
    horodatages: tuple[tuple[int, str], ...] = ()
    format: str = "txt"
    encodage: str = ""
    suppositions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Tour:
    """Un tour de parole : ce que dit un locuteur avant qu'un autre ne parle.

    Attributes
    ----------
    tour : int
        Rang du tour dans l'entretien, à partir de 1.
    locuteur : str
        Le nom tel qu'il est écrit dans la transcription (« Enquêtrice », « Mme Ferrand », « Q »,
        « SPEAKER_00 ») ; vide quand la transcription n'en donne pas.
    role : {"enqueteur", "enquete"}
    debut, fin : int
        Étendue de la parole dans le texte, sans l'étiquette du locuteur ni l'horodatage, sans
        blancs au bord : `texte_du_document[debut:fin] == texte`.
    horodatage : str
        « HH:MM:SS » du début du tour, vide si inconnu.
    texte : str
    """

    tour: int
    locuteur: str
    role: Role
    debut: int
    fin: int
    horodatage: str
    texte: str


@dataclass(frozen=True)
class Reperage:
    """Les tours d'un entretien et la manière dont on les a trouvés.

    Attributes
    ----------
    tours : tuple[Tour, ...]
    convention : str
        Nom court de la convention reconnue (« étiquettes », « tirets », « sans indication »…).
    suppositions : tuple[str, ...]
        Ce qui a été déduit sans être écrit, en phrases à montrer à l'utilisateur (par exemple :
        « « ML » pose les questions et parle peu : tenu pour l'enquêteur »).
    """

    tours: tuple[Tour, ...]
    convention: str
    suppositions: tuple[str, ...] = ()
