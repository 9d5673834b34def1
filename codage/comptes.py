"""Ouvrir une séance : jeton d'ouverture en local, mot de passe (argon2id) en serveur."""

from __future__ import annotations

import hashlib
import secrets
import time
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import Connection, delete, insert, select

from codage.actes import ligne
from codage.journal import Refus
from codage.tables import personne, seance, secret

DUREE = 12 * 3600
"""Secondes d'une séance."""
MOT_DE_PASSE_MIN = 12
ESSAIS_PAR_MINUTE = 5
_argon2 = PasswordHasher()
_LEURRE = _argon2.hash(secrets.token_urlsafe())


@dataclass(frozen=True)
class Seance:
    """Une séance ouverte."""

    personne: str
    csrf: str


class Essais:
    """Limite les essais de mot de passe manqués : par compte depuis une adresse, par compte, par adresse.

    Un essai réussi efface les siens : derrière un relais qui ne dit pas les adresses, toutes sont la même, et une équipe
    qui se connecte à la même heure ne doit pas s'y fermer la porte.
    """

    def __init__(self) -> None:
        self._limite = MovingWindowRateLimiter(MemoryStorage())

    def compter(self, identifiant: str, adresse: str) -> None:
        """Compte un essai, avant qu'il soit fait.

        Raises
        ------
        Refus
            Plus de cinq par minute pour un compte depuis une adresse, de trente pour un compte, ou pour une adresse.
        """
        for limite, qui in self._limites(identifiant, adresse):
            if not self._limite.hit(limite, *qui):
                raise Refus("trop d'essais : attendez une minute")

    def oublier(self, identifiant: str, adresse: str) -> None:
        """L'essai était le bon."""
        for limite, qui in self._limites(identifiant, adresse):
            self._limite.clear(limite, *qui)

    @staticmethod
    def _limites(identifiant: str, adresse: str) -> list[tuple[RateLimitItemPerMinute, tuple[str, ...]]]:
        large = RateLimitItemPerMinute(6 * ESSAIS_PAR_MINUTE)
        return [(RateLimitItemPerMinute(ESSAIS_PAR_MINUTE), ("les deux", identifiant, adresse)), (large, ("compte", identifiant)),
                (large, ("adresse", adresse))]


def changer_mot_de_passe(connexion: Connection, identifiant: str, mot: str) -> None:
    """Garde l'empreinte argon2id d'un mot de passe et ferme les séances du compte.

    Raises
    ------
    Refus
        Moins de douze caractères.
    """
    if len(mot) < MOT_DE_PASSE_MIN:
        raise Refus(f"un mot de passe a au moins {MOT_DE_PASSE_MIN} caractères")
    connexion.execute(delete(secret).where(secret.c.personne == identifiant))
    connexion.execute(delete(seance).where(seance.c.personne == identifiant))
    connexion.execute(insert(secret).values(personne=identifiant, argon2=_argon2.hash(mot)))


def verifier_mot_de_passe(connexion: Connection, identifiant: str, mot: str) -> bool:
    """Le mot de passe est celui du compte, ouvert ; même durée que le compte existe ou non."""
    garde = ligne(connexion, secret, personne=identifiant)
    fiche = ligne(connexion, personne, id=identifiant)
    try:
        _argon2.verify(garde["argon2"] if garde else _LEURRE, mot)
    except (VerifyMismatchError, InvalidHashError):
        return False
    return garde is not None and fiche is not None and bool(fiche["actif"])


def ouvrir(connexion: Connection, identifiant: str) -> str:
    """Ouvre une séance ; rend le jeton à remettre au navigateur, dont la base ne garde que l'empreinte."""
    jeton = secrets.token_urlsafe(32)
    connexion.execute(delete(seance).where(seance.c.expire < time.time()))
    connexion.execute(insert(seance).values(empreinte=_empreinte(jeton), personne=identifiant,
                                            csrf=secrets.token_urlsafe(32), expire=time.time() + DUREE))
    return jeton


def retrouver(connexion: Connection, jeton: str) -> Seance | None:
    """La séance d'un jeton, si elle court encore et que le compte est ouvert."""
    trouvee = connexion.execute(select(seance).join(personne).where(
        (seance.c.empreinte == _empreinte(jeton)) & (seance.c.expire > time.time()) & personne.c.actif)).first()
    return None if trouvee is None else Seance(trouvee.personne, trouvee.csrf)


def fermer(connexion: Connection, jeton: str) -> None:
    """Ferme une séance."""
    connexion.execute(delete(seance).where(seance.c.empreinte == _empreinte(jeton)))


def _empreinte(jeton: str) -> str:
    return hashlib.sha256(jeton.encode()).hexdigest()
