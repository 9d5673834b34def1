"""Organiser le travail à plusieurs : comptes, affectations, fin d'un codage à l'aveugle."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import delete, func, select

from codage.actes import deja_inscrit, exiger, ligne
from codage.droits import Acces
from codage.journal import Acte, Changement, Refus, inscrire
from codage.tables import ROLES, affectation, codage, entretien, personne, seance


def compte(acces: Acces, cle: str, identifiant: str, **champs: Any) -> Acte:
    """Ouvre un compte ou le change (nom, role, actif).

    Raises
    ------
    Refus
        Pas responsable ; identifiant mal formé ou réservé à la machine ; plus aucun responsable.
    """
    if deja := deja_inscrit(acces, cle, "compte"):
        return deja
    acces.exiger_responsable()
    avant = ligne(acces.connexion, personne, id=identifiant)
    neuf = controler_compte({"nom": identifiant, "role": "codeur", "actif": True, **(avant or {}), "id": identifiant, **{
        nom: v for nom, v in champs.items() if nom in ("nom", "role", "actif") and v is not None}})
    if neuf == avant:
        raise Refus("rien ne change")
    if avant and avant["role"] == "responsable" and (neuf["role"] != "responsable" or not neuf["actif"]):
        autres = acces.connexion.execute(select(func.count()).select_from(personne).where(
            (personne.c.role == "responsable") & personne.c.actif & (personne.c.id != identifiant))).scalar()
        if not autres:
            raise Refus("il faut au moins un responsable")
    if not neuf["actif"]:
        acces.connexion.execute(delete(seance).where(seance.c.personne == identifiant))
    return inscrire(acces.connexion, cle, acces.personne, "compte", [Changement("personne", avant, neuf)])


def controler_compte(neuf: dict[str, Any]) -> dict[str, Any]:
    """La fiche, si elle convient ; lève `Refus` sinon."""
    if not re.fullmatch(r"[\w.@-]{1,64}", neuf["id"]):
        raise Refus("un identifiant a de 1 à 64 lettres, chiffres, points ou tirets")
    if neuf["role"] not in ROLES:
        raise Refus(f"le rôle est l'un de : {', '.join(ROLES)}")
    return neuf


def affecter(acces: Acces, cle: str, nom: str, qui: str, aveugle: bool, propositions: bool) -> Acte:
    """Affecte un entretien à une personne, à l'aveugle ou non, avec ou sans les propositions de la machine.

    Raises
    ------
    Refus
        Pas responsable ; rendre aveugle quelqu'un qui a pu voir le codage d'un autre.
    """
    if deja := deja_inscrit(acces, cle, "affecter"):
        return deja
    acces.exiger_responsable()
    exiger(acces.connexion, entretien, "entretien", id=nom)
    if exiger(acces.connexion, personne, "compte", id=qui)["role"] == "lecteur":
        raise Refus("un lecteur ne code pas")
    avant = ligne(acces.connexion, affectation, entretien=nom, personne=qui)
    if aveugle and not (avant and avant["aveugle"]) and _autre_codage(acces, nom, qui):
        raise Refus(f"{qui} a pu voir le codage d'un autre sur cet entretien : l'aveugle n'y serait qu'un mot")
    neuf = {"entretien": nom, "personne": qui, "aveugle": aveugle, "propositions": propositions, "termine": False}
    if neuf == avant:
        raise Refus("rien ne change")
    return inscrire(acces.connexion, cle, acces.personne, "affecter", [Changement("affectation", avant, neuf)], nom)


def retirer(acces: Acces, cle: str, nom: str, qui: str) -> Acte:
    """Retire une affectation ; les codages restent.

    Raises
    ------
    Refus
        Pas responsable ; affectation inconnue.
    """
    if deja := deja_inscrit(acces, cle, "desaffecter"):
        return deja
    acces.exiger_responsable()
    avant = exiger(acces.connexion, affectation, "affectation", entretien=nom, personne=qui)
    if avant["aveugle"] and acces.aveugle(nom):
        raise Refus("vous codez cet entretien à l'aveugle : lever l'aveugle vous le montrerait")
    return inscrire(acces.connexion, cle, acces.personne, "desaffecter", [Changement("affectation", avant, None)], nom)


def terminer(acces: Acces, cle: str, nom: str, termine: bool = True, qui: str | None = None) -> Acte:
    """Déclare son codage terminé ; un responsable peut rouvrir celui d'un autre tant que l'aveugle tient.

    Raises
    ------
    Refus
        Pas affecté ; rouvrir un codage à l'aveugle quand tous ont terminé, donc pu se lire.
    """
    if deja := deja_inscrit(acces, cle, "terminer"):
        return deja
    lui = qui or acces.personne
    if lui != acces.personne:
        acces.exiger_responsable()
    avant = exiger(acces.connexion, affectation, "affectation", entretien=nom, personne=lui)
    if avant["termine"] == termine:
        raise Refus("rien ne change")
    if not termine and avant["aveugle"] and not Acces(acces.connexion, lui).aveugle(nom):
        raise Refus("tous ont terminé et ont pu se lire : arbitrez, ne recodez pas")
    return inscrire(acces.connexion, cle, acces.personne, "terminer",
                    [Changement("affectation", avant, {**avant, "termine": termine})], nom)


def _autre_codage(acces: Acces, nom: str, qui: str) -> bool:
    """Un autre a codé cet entretien, et `qui` n'y est pas aveugle."""
    cache = Acces(acces.connexion, qui)
    autres = acces.connexion.execute(select(func.count()).select_from(codage).where(
        (codage.c.entretien == nom) & (codage.c.personne != qui))).scalar()
    return bool(autres) and cache.voit(nom) and not cache.aveugle(nom)
