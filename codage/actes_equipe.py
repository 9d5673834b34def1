"""Organiser le travail à plusieurs : comptes, affectations, fin d'un codage à l'aveugle."""

from __future__ import annotations

import json
import re
from typing import Any

from sqlalchemy import delete, func, select

from codage.actes import deja_inscrit, exiger, ligne
from codage.comptes import changer_mot_de_passe
from codage.droits import Acces
from codage.journal import Acte, Changement, Refus, inscrire
from codage.tables import ROLES, acte, affectation, entretien, personne, seance


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


def mot_de_passe(acces: Acces, cle: str, identifiant: str, mot: str) -> Acte:
    """Donne un mot de passe à un compte, le sien ou celui d'un autre ; le journal dit à qui, jamais lequel.

    Raises
    ------
    Refus
        Pas responsable ; compte inconnu ; mot de passe trop court ; à l'aveugle, celui d'un autre : ce serait voir par lui.
    """
    if deja := deja_inscrit(acces, cle, "mot_de_passe"):
        return deja
    if identifiant != acces.personne:
        acces.exiger_responsable()
        if acces.aveugle_quelque_part:
            raise Refus("vous codez à l'aveugle : demandez-le à un autre responsable, ou à « monographies mot-de-passe »")
    fiche = exiger(acces.connexion, personne, "compte", id=identifiant)
    changer_mot_de_passe(acces.connexion, identifiant, mot)
    return inscrire(acces.connexion, cle, acces.personne, "mot_de_passe", [Changement("personne", fiche, fiche)])


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
        Pas responsable ; rendre aveugle quelqu'un qui a pu voir le codage d'un autre ; s'ouvrir soi-même les yeux.
    """
    if deja := deja_inscrit(acces, cle, "affecter"):
        return deja
    acces.exiger_responsable()
    exiger(acces.connexion, entretien, "entretien", id=nom)
    if exiger(acces.connexion, personne, "compte", id=qui)["role"] == "lecteur":
        raise Refus("un lecteur ne code pas")
    avant = ligne(acces.connexion, affectation, entretien=nom, personne=qui)
    if qui == acces.personne and acces.aveugle(nom):
        raise Refus("vous codez cet entretien à l'aveugle : un autre responsable peut en changer les conditions")
    if aveugle and _a_pu_voir(acces, nom, qui):
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

    Qui code un entretien sans y être affecté (un responsable) s'y affecte par là, à découvert.

    Raises
    ------
    Refus
        Ne code pas cet entretien ; rouvrir un codage à l'aveugle quand tous ont terminé, donc pu se lire.
    """
    if deja := deja_inscrit(acces, cle, "terminer"):
        return deja
    lui = qui or acces.personne
    if lui != acces.personne:
        acces.exiger_responsable()
    avant = ligne(acces.connexion, affectation, entretien=nom, personne=lui)
    if avant is None and lui == acces.personne:
        exiger(acces.connexion, entretien, "entretien", id=nom)
        acces.exiger_codeur(nom)
        neuf = {"entretien": nom, "personne": lui, "aveugle": False, "propositions": True, "termine": termine}
        return inscrire(acces.connexion, cle, acces.personne, "terminer", [Changement("affectation", None, neuf)], nom)
    if avant is None:
        raise Refus("affectation introuvable")
    if avant["termine"] == termine:
        raise Refus("rien ne change")
    if not termine and avant["aveugle"] and (not Acces(acces.connexion, lui).aveugle(nom) or _a_pu_voir(acces, nom, lui)):
        raise Refus("tous ont terminé et ont pu se lire : arbitrez, ne recodez pas")
    return inscrire(acces.connexion, cle, acces.personne, "terminer",
                    [Changement("affectation", avant, {**avant, "termine": termine})], nom)


def _a_pu_voir(acces: Acces, nom: str, qui: str) -> bool:
    """Une personne voit, ou a vu un jour d'après le journal, le codage d'un autre sur cet entretien."""
    lui = Acces(acces.connexion, qui)
    code, affectes = False, dict[str, dict[str, Any]]()
    for ligne_lue in acces.connexion.scalars(select(acte.c.changements).where(acte.c.entretien.in_((nom, ""))).order_by(
            acte.c.numero)):
        for table, avant, apres in json.loads(ligne_lue):
            touche = apres or avant
            if table not in ("affectation", "codage") or touche["entretien"] != nom:
                continue
            if table == "codage":
                code = code or touche["personne"] != qui
            elif apres:
                affectes[touche["personne"]] = apres
            else:
                del affectes[touche["personne"]]
            sien = affectes.get(qui)
            aveugles = [a for a in affectes.values() if a["aveugle"]]
            if code and sien and not (sien["aveugle"] and not all(a["termine"] for a in aveugles)):
                return True
    return code and lui.voit(nom) and not lui.aveugle(nom)
