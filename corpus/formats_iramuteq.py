"""Les corpus IRaMuTeQ : un seul fichier texte, une section par entretien.

Une section s'ouvre par une ligne étoilée `**** *variable_modalite *variable2_modalite2`. Les lignes
thématiques `-*theme` sont retirées du texte : ce sont des repères posés par l'analyste, pas des
paroles. Référence : P. Ratinaud, IRaMuTeQ, documentation du format des corpus texte.
"""

from __future__ import annotations

import re

from corpus.entretien import Document
from corpus.fautes import ErreurEtude, Faute
from corpus.formats_tete import normaliser_cle

_FIN = r"[ \t]*(?:\r\n|\n|\r|\Z)"
_ETOILEE = re.compile(r"^[ \t]*\*{4}(?:[ \t]+\*[^\s*]+)+" + _FIN, re.M)
_SECTION = re.compile(r"^[ \t]*\*{4}(?P<variables>(?:[ \t]+\*[^\s*]+)*)" + _FIN, re.M)
_THEMATIQUE = re.compile(r"^[ \t]*-\*[^\r\n]*(?:\r\n|\n|\r|\Z)", re.M)


def est_iramuteq(texte: str) -> bool:
    """Dire si un texte est un corpus IRaMuTeQ (il y paraît au moins une ligne étoilée).

    Parameters
    ----------
    texte : str

    Returns
    -------
    bool
    """
    return _ETOILEE.search(_retours(texte)) is not None


def lire_iramuteq(texte: str, nom: str, encodage: str, suppositions: tuple[str, ...]) -> list[Document]:
    """Partager un corpus IRaMuTeQ en documents, un par section.

    Parameters
    ----------
    texte : str
        Le texte du fichier.
    nom : str
        Chemin relatif à l'étude, pour les messages.
    encodage : str
        Encodage reconnu, recopié dans chaque document.
    suppositions : tuple[str, ...]
        Suppositions de la lecture, recopiées dans chaque document.

    Returns
    -------
    list[Document]
        `texte` est celui de la section, sans sa ligne étoilée ni ses lignes thématiques ; les
        positions y commencent à 0. `metadonnees` porte les variables (coupées au premier `_`).

    Raises
    ------
    ErreurEtude
        Texte avant la première ligne étoilée, ou sections vides : toutes les fautes.
    """
    decoupe = _retours(texte)
    sections = list(_SECTION.finditer(decoupe))
    fautes = []
    if texte[: sections[0].start()].strip():
        fautes.append(
            Faute(
                nom,
                1,
                "du texte précède la première ligne étoilée « **** *variable_modalite »",
                "Ouvrez chaque entretien par sa ligne étoilée, ou supprimez ce texte.",
            )
        )
    documents = []
    bornes = [section.start() for section in sections[1:]] + [len(texte)]
    for section, borne in zip(sections, bornes, strict=True):
        contenu = _sans_thematiques(texte[section.end() : borne])
        if not contenu.strip():
            ligne = decoupe.count("\n", 0, section.start("variables")) + 1
            fautes.append(
                Faute(
                    nom,
                    ligne,
                    "cette ligne étoilée n'est suivie d'aucun texte",
                    "Ajoutez le texte de l'entretien, ou supprimez la ligne.",
                )
            )
        documents.append(
            Document(
                contenu,
                metadonnees=_variables(section.group("variables")),
                format="iramuteq",
                encodage=encodage,
                suppositions=suppositions,
            )
        )
    if fautes:
        raise ErreurEtude(fautes)
    return documents


def _retours(texte: str) -> str:
    """Même longueur, mais chaque ligne finit par `\\n` : `re.M` ne connaît pas le retour chariot seul."""
    return re.sub(r"\r(?!\n)", "\n", texte)


def _sans_thematiques(texte: str) -> str:
    morceaux = []
    position = 0
    for thematique in _THEMATIQUE.finditer(_retours(texte)):
        morceaux.append(texte[position : thematique.start()])
        position = thematique.end()
    return "".join(morceaux) + texte[position:]


def _variables(etoilees: str) -> dict[str, str]:
    variables = {}
    for etoilee in etoilees.split():
        variable, _, modalite = etoilee.removeprefix("*").partition("_")
        variables[normaliser_cle(variable)] = modalite
    return variables
