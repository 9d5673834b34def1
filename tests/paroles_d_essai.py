"""Un petit entretien inventé de huit tours, que les essais écrivent dans toutes les conventions."""

from __future__ import annotations

from corpus.entretien import Role
from corpus.locuteurs import reperer_tours

QUESTIONS = [
    "Vous êtes arrivée quand sur le territoire ?",
    "Et comment travaillez-vous avec la mairie ?",
    "Qu'est-ce que ça a changé pour vous ?",
    "Pour finir, vous souhaitez ajouter quelque chose ?",
]
REPONSES = [
    "En 2019. Je venais de l'hôpital, j'avais envie de changer d'air et de revoir la mer.",
    "Plutôt bien. On se voit tous les mardis, et moi je leur envoie mes tableaux la veille.",
    "Beaucoup de choses. Les gens viennent me voir sans rendez-vous, je les reçois, et voilà.",
    "Non, je crois que j'ai fait le tour de ce que j'avais à dire aujourd'hui.",
]
PAROLES = [parole for paire in zip(QUESTIONS, REPONSES, strict=True) for parole in paire]
ALTERNES: list[Role] = ["enqueteur", "enquete"] * 4


def entretien(question: str, reponse: str, derriere: str = "\n\n") -> str:
    """Huit tours, l'étiquette de question puis celle de réponse."""
    return "".join(
        devant + parole + derriere for devant, parole in zip([question, reponse] * 4, PAROLES, strict=True)
    )


def verifier_alternance(texte: str, locuteurs: tuple[str, str] | None = None) -> None:
    """Les huit paroles, au caractère près, dans leurs rôles."""
    reperage = reperer_tours(texte)
    assert [tour.texte for tour in reperage.tours] == PAROLES
    assert [tour.role for tour in reperage.tours] == ALTERNES
    assert [tour.tour for tour in reperage.tours] == list(range(1, 9))
    for tour in reperage.tours:
        assert texte[tour.debut : tour.fin] == tour.texte
    if locuteurs is not None:
        assert [tour.locuteur for tour in reperage.tours] == list(locuteurs) * 4
