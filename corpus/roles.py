"""Qui enquête, qui répond : déduire les rôles de la façon de parler.

Deux cas. Quand les locuteurs sont nommés, chacun reçoit une note (il interroge, parle peu, ouvre
l'entretien) et la plus haute désigne l'enquêteur. Quand ils ne le sont pas (tirets, paragraphes nus),
la suite des rôles la plus vraisemblable est cherchée par l'algorithme de Viterbi (1967) sur une chaîne
à deux états, dont les passages et les longueurs de parole sont réestimés sur l'entretien lui-même.

Les poids des indices sont fixés à la main, en partant d'une régression logistique sur le corpus
d'apprentissage sans la longueur (un enquêté peut être laconique) ; `python -m bancs.roles` mesure ce
qu'ils valent.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.entretien import Role
from corpus.etiquettes import role_annonce

_I = re.IGNORECASE
_INTERROGATIF_EN_TETE = re.compile(
    r"\W*(?:(?:et|mais|donc|alors|du coup|bon|sinon|ok|d'accord|justement|concrètement)\W+){0,2}"
    r"(?:est-ce|qu'est-ce|comment|pourquoi|quand|combien|où|qui|que|quoi|quel(?:le)?s?|lequel|laquelle|"
    r"(?:à|de|en|avec|par|pour|depuis|sur) (?:qui|quoi|quel(?:le)?s?|quand|où|combien)|c'est quoi)\b",
    _I,
)
_INTERROGATIF = re.compile(
    r"\b(?:est-ce qu|qu'est-ce|comment|pourquoi|combien|quel(?:le)?s?|lequel|laquelle|"
    r"c'est quoi|en quoi|à quoi)\b",
    _I,
)
_INVERSION = re.compile(r"\w-(?:vous|tu|t-(?:il|elle|on|ils|elles)|ils|elles|on|il|elle)\b", _I)
_RELANCE = re.compile(
    r"\b(?:racont(?:ez|e[- ]moi)|parl(?:ez|e)-|dites-|décri(?:vez|s-)|expliqu(?:ez|e-)|présent(?:ez|e-)|"
    r"précisez|revenons|venons-en|parlons|passons|commençons|reprenons|poursuivez|continuez|c'est-à-dire)",
    _I,
)
_VOUS = re.compile(r"\b(?:vous|votre|vos|tu|t'|ton|ta|tes)\b", _I)
_JE = re.compile(r"\b(?:je|j'|moi|mon|ma|mes|nous|notre|nos|m')", _I)
_FORMULE = re.compile(
    r"pour (?:commencer|finir|terminer|conclure)|derni(?:er|ère) (?:question|point|chose|mot)|"
    r"merci (?:de (?:m|n|votre)|d'avoir|beaucoup|à vous|à tous|pour)|je vous remercie|on enregistre|"
    r"l'enregistrement|anonym|confidenti|(?:chose|point|mot)s? à ajouter|on arrive au bout|"
    r"on va commencer|vous présenter",
    _I,
)
_REPONSE_EN_TETE = re.compile(
    r"\W*(?:oui|non|ben|bah|ah|oh|alors|euh|si|bon|voilà|ouais|bien sûr|tout à fait|"
    r"exactement|écoutez|moi)\b",
    _I,
)
_DIDASCALIE = re.compile(r"\[[^\[\]]{0,80}\]|\([^()]{0,80}\)")
_MOT = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")

Roles = tuple[Role, ...]
_ETATS: tuple[Role, Role] = ("enqueteur", "enquete")


def nombre_de_mots(texte: str) -> int:
    """Nombre de mots d'une parole, didascalies comprises ; au moins 1."""
    return max(1, len(_MOT.findall(texte)))


def indices_d_interrogation(texte: str) -> float:
    """Penchant d'une prise de parole vers l'enquêteur, sans égard à sa longueur.

    Parameters
    ----------
    texte : str

    Returns
    -------
    float
        Log-rapport de vraisemblance approché, entre -4 et 4 : positif pour une question, négatif
        pour une réponse.
    """
    parole = _DIDASCALIE.sub(" ", texte).replace("’", "'").strip()
    mots = nombre_de_mots(parole)
    note = -1.4
    if parole.rstrip(' \u00a0\u202f»"”*_.…').endswith("?"):
        note += 4.5
    elif "?" in parole:
        note += 0.5
    note += 1.2 * bool(_INTERROGATIF_EN_TETE.match(parole))
    note += 0.3 * bool(_INTERROGATIF.search(parole))
    note += 0.6 * bool(_INVERSION.search(parole))
    note += 1.2 * bool(_RELANCE.search(parole))
    note += 1.4 * bool(_FORMULE.search(parole))
    note -= 1.5 * bool(_REPONSE_EN_TETE.match(parole))
    note -= 1.0 * bool(re.search(r"\d", parole))
    note += 6.5 * min(0.3, len(_VOUS.findall(parole)) / mots)
    note -= 5.0 * min(0.3, len(_JE.findall(parole)) / mots)
    return max(-4.0, min(4.0, note))


def note_de_question(texte: str) -> float:
    """Les indices d'interrogation, plus ce que dit la longueur : une question est courte."""
    return indices_d_interrogation(texte) + _borne(
        1.2 * (math.log(22) - math.log(nombre_de_mots(texte))), 2.0
    )


# --- Sans étiquette : la suite la plus vraisemblable --------------------------------------------


def roles_en_suite(paroles: Sequence[str], alternance: bool) -> Roles:
    """Les rôles d'une suite de prises de parole sans nom.

    Parameters
    ----------
    paroles : Sequence[str]
        Les prises de parole (tirets) ou les paragraphes nus, dans l'ordre.
    alternance : bool
        True quand chaque élément est un changement de locuteur (tirets) ; False quand deux éléments
        voisins peuvent être du même (paragraphes nus).

    Returns
    -------
    tuple[Role, ...]
        Un rôle par élément. Une seule parole est celle de l'enquêté.
    """
    if len(paroles) < 2:
        return (_ETATS[1],) * len(paroles)
    indices = [indices_d_interrogation(parole) for parole in paroles]
    longueurs = [math.log(nombre_de_mots(parole)) for parole in paroles]
    # Changer de rôle : (enquêteur → enquêté, enquêté → enquêteur) ; poids des croyances de départ.
    attendu = (0.97, 0.93) if alternance else (0.92, 0.7)
    poids = 40.0 if alternance else 8.0
    passages = attendu
    notes = [note_de_question(parole) for parole in paroles]
    roles: Roles = ()
    for _ in range(6):
        nouveaux = _viterbi(notes, passages)
        if nouveaux == roles:
            break
        roles = nouveaux
        passages = _passages(roles, attendu, poids)
        notes = [i + c for i, c in zip(indices, _contraste(longueurs, roles), strict=True)]
    questions = [note for note, role in zip(notes, roles, strict=True) if role == "enqueteur"]
    # Un récit en paragraphes : ce qui passerait pour des questions n'en a pas l'allure.
    if not alternance and questions and sum(questions) / len(questions) < 0.5:
        return (_ETATS[1],) * len(paroles)
    return roles


def _borne(valeur: float, limite: float) -> float:
    return max(-limite, min(limite, valeur))


def _viterbi(notes: Sequence[float], passages: tuple[float, float]) -> Roles:
    """La suite d'états de plus grande vraisemblance (log), les notes étant des log-rapports."""
    changer = [math.log(p) for p in passages]
    rester = [math.log(1 - p) for p in passages]
    gain = [math.log(0.8) + notes[0] / 2, math.log(0.2) - notes[0] / 2]
    origines: list[tuple[int, int]] = []
    for note in notes[1:]:
        venues = [(gain[0] + rester[0], gain[1] + changer[1]), (gain[0] + changer[0], gain[1] + rester[1])]
        origines.append((int(venues[0][1] > venues[0][0]), int(venues[1][1] > venues[1][0])))
        gain = [max(venues[0]) + note / 2, max(venues[1]) - note / 2]
    etat = int(gain[1] >= gain[0])
    suite = [etat]
    for origine in reversed(origines):
        etat = origine[etat]
        suite.append(etat)
    return tuple(_ETATS[e] for e in reversed(suite))


def _passages(roles: Roles, attendu: tuple[float, float], poids: float) -> tuple[float, float]:
    """Fréquence des changements de rôle, tirée vers l'attendu."""
    rendus = []
    for etat, croyance in zip(_ETATS, attendu, strict=True):
        suivants = [apres for avant, apres in zip(roles, roles[1:], strict=False) if avant == etat]
        changes = sum(apres != etat for apres in suivants)
        rendus.append(min(0.98, (changes + croyance * poids) / (len(suivants) + poids)))
    return rendus[0], rendus[1]


def _contraste(longueurs: Sequence[float], roles: Roles) -> list[float]:
    """Ce que la longueur dit du rôle dans cet entretien-ci : rapport de deux lois normales, borné."""
    moyennes = []
    for etat, attendue in zip(_ETATS, (math.log(10), math.log(50)), strict=True):
        siennes = [long for long, role in zip(longueurs, roles, strict=True) if role == etat]
        moyennes.append((sum(siennes) + 3 * attendue) / (len(siennes) + 3))
    ecarts = [(long - moyennes[_ETATS.index(role)]) ** 2 for long, role in zip(longueurs, roles, strict=True)]
    variance = max(0.36, sum(ecarts) / len(ecarts))
    return [
        _borne(((long - moyennes[1]) ** 2 - (long - moyennes[0]) ** 2) / (2 * variance), 2.5)
        for long in longueurs
    ]


# --- Avec étiquettes : une note par locuteur ----------------------------------------------------


@dataclass(frozen=True)
class Locuteur:
    """Ce qu'on sait d'un locuteur nommé.

    Attributes
    ----------
    nom : str
        L'étiquette, avec sa précision (« Claire (enquêtrice) »).
    paroles : tuple[str, ...]
    ouvre : bool
        Il parle le premier.
    impose : Role | None
        Rôle imposé par `etude.toml`.
    """

    nom: str
    paroles: tuple[str, ...]
    ouvre: bool = False
    impose: Role | None = None


def roles_des_locuteurs(locuteurs: Sequence[Locuteur]) -> tuple[Roles, tuple[str, ...]]:
    """Le rôle de chaque locuteur nommé.

    Ce qui est imposé l'emporte, puis ce que dit une étiquette parlante ; sinon l'enquêteur est celui
    dont la note est la plus haute. D'autres enquêteurs ne sont reconnus que s'ils se conduisent
    franchement comme tels ; un locuteur rare et sans étiquette parlante est tenu pour un enquêté.

    Parameters
    ----------
    locuteurs : Sequence[Locuteur]

    Returns
    -------
    roles : tuple[Role, ...]
    suppositions : tuple[str, ...]
        Ce qui a été déduit, en phrases.
    """
    connus: list[Role | None] = [_role_connu(locuteur) for locuteur in locuteurs]
    inconnus = [rang for rang, role in enumerate(connus) if role is None]
    if not inconnus:
        return tuple(role for role in connus if role is not None), ()
    notes = _notes(locuteurs)
    deduits: dict[int, Role] = dict.fromkeys(inconnus, "enquete")
    if "enqueteur" not in connus and len(locuteurs) > 1:
        deduits[max(inconnus, key=lambda rang: (notes[rang], -rang))] = "enqueteur"
    meneurs = [r for r in range(len(locuteurs)) if (connus[r] or deduits.get(r)) == "enqueteur"]
    for rang in inconnus:
        if rang not in meneurs and _second_enqueteur(locuteurs, rang, notes, meneurs):
            deduits[rang] = "enqueteur"
    roles = tuple(connus[rang] or deduits[rang] for rang in range(len(locuteurs)))
    # « R » face à « Q » dit assez ce qu'il est : rien à signaler.
    annoncent = [
        r for r in inconnus if role_annonce(locuteurs[r].nom)[0] == deduits[r] and len(connus) > len(inconnus)
    ]
    phrases = [_phrase(locuteurs[r], deduits[r], len(locuteurs)) for r in inconnus if r not in annoncent]
    return roles, tuple(phrases)


def _role_connu(locuteur: Locuteur) -> Role | None:
    """Le rôle imposé ou dit par une étiquette qui tranche."""
    if locuteur.impose is not None:
        return locuteur.impose
    role, tranche = role_annonce(locuteur.nom)
    return role if tranche else None


def _notes(locuteurs: Sequence[Locuteur]) -> list[float]:
    """La note d'enquêteur de chaque locuteur : indices moyens, brièveté relative, ouverture, étiquette."""
    mots = [[nombre_de_mots(parole) for parole in locuteur.paroles] for locuteur in locuteurs]
    moyennes = [sum(compte) / max(1, len(compte)) for compte in mots]
    notes = []
    autres = len(locuteurs) - 1
    for rang, locuteur in enumerate(locuteurs):
        note = sum(indices_d_interrogation(parole) for parole in locuteur.paroles) / max(
            1, len(locuteur.paroles)
        )
        # Peu de paroles : la note moyenne est incertaine, on la rapproche de zéro.
        note *= len(locuteur.paroles) / (len(locuteur.paroles) + 1)
        if autres:
            moyenne_des_autres = (sum(moyennes) - moyennes[rang]) / autres
            note += _borne(0.8 * math.log(max(1.0, moyenne_des_autres) / max(1.0, moyennes[rang])), 1.5)
        note += 0.5 * locuteur.ouvre
        penchant = role_annonce(locuteur.nom)[0]
        note += {"enqueteur": 2.5, "enquete": -1.5}.get(penchant or "", 0.0)
        notes.append(note)
    return notes


def _second_enqueteur(
    locuteurs: Sequence[Locuteur], rang: int, notes: Sequence[float], meneurs: Sequence[int]
) -> bool:
    """Un autre enquêteur : il interroge presque autant que le premier et parle moins que les enquêtés."""
    if len(locuteurs) < 3:
        return False
    penche = role_annonce(locuteurs[rang].nom)[0] == "enqueteur"
    interroge = [indices_d_interrogation(parole) > 0.5 for parole in locuteurs[rang].paroles]
    if penche:
        return notes[rang] > 1.0
    premiere = max(notes[meneur] for meneur in meneurs) if meneurs else math.inf
    franches = sum(interroge) / max(1, len(interroge)) >= 0.6
    return len(interroge) >= 3 and franches and notes[rang] > 1.0 and notes[rang] >= premiere - 2.0


def _phrase(locuteur: Locuteur, role: Role, nombre: int) -> str:
    """La déduction, dite pour un évaluateur."""
    if not locuteur.nom:
        cote = "l'enquêté" if role == "enquete" else "l'enquêteur"
        return f"Les paroles sans étiquette sont tenues pour celles de {cote}."
    nom = f"« {locuteur.nom} »"
    prises = len(locuteur.paroles)
    if role == "enqueteur":
        questions = sum("?" in parole for parole in locuteur.paroles)
        moyenne = sum(map(nombre_de_mots, locuteur.paroles)) / max(1, prises)
        if questions:
            return (
                f"{nom} pose des questions ({questions} de ses {prises} tours) et parle peu "
                f"({moyenne:.0f} mots par tour) : tenu pour l'enquêteur."
            )
        return (
            f"{nom} parle peu ({moyenne:.0f} mots par tour) et s'adresse aux autres : tenu pour l'enquêteur."
        )
    if nombre == 1:
        return f"{nom} est seul à parler : tenu pour l'enquêté."
    if prises == 1:
        return f"{nom} n'intervient qu'une fois et rien ne dit qu'il enquête : tenu pour un enquêté."
    return f"{nom} répond plus qu'il n'interroge : tenu pour un enquêté."
