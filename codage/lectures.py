"""Ce qu'une personne voit : l'étude, un entretien, le journal. Tout passe par `Acces`."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Select, and_, func, select

from codage.actes import exiger
from codage.droits import Acces
from codage.journal import Refus
from codage.tables import (
    acte,
    affectation,
    arbitrage,
    codage,
    code,
    decision,
    entretien,
    memo,
    personne,
    phrase,
    proposition,
    tour,
)

ACTES_PAR_PAGE = 100


def _lignes(acces: Acces, requete: Select[Any]) -> list[dict[str, Any]]:
    return [dict(ligne) for ligne in acces.connexion.execute(requete).mappings()]


def etude(acces: Acces) -> dict[str, Any]:
    """La grille, les entretiens visibles et où en est chacun, les personnes et les affectations.

    Returns
    -------
    dict
        codes, personnes, entretiens (id, rang, territoire, fonction, categorie, date, codages : les siens, propositions :
        celles que la machine a posées et qu'il lui reste à juger, aveugle), affectations (les siennes ; toutes pour un
        responsable), memos (ceux des codes).
    """
    siens: dict[str, int] = dict(
        acces.connexion.execute(
            select(codage.c.entretien, func.count()).where(codage.c.personne == acces.personne).group_by(codage.c.entretien)
        ).all()
    )
    jugees = and_(decision.c.proposition == proposition.c.id, decision.c.personne == acces.personne)
    restent: dict[str, int] = dict(
        acces.connexion.execute(
            select(proposition.c.entretien, func.count())
            .outerjoin(decision, jugees)
            .where(decision.c.proposition.is_(None) & proposition.c.posee)
            .group_by(proposition.c.entretien)
        ).all()
    )
    colonnes = [c for c in entretien.c if c.name not in ("texte", "empreinte")]
    fiches = [
        {
            **fiche,
            "codages": siens.get(fiche["id"], 0),
            "propositions": restent.get(fiche["id"], 0) if acces.voit_la_machine(fiche["id"]) else 0,
            "aveugle": acces.aveugle(fiche["id"]),
        }
        for fiche in _lignes(acces, select(*colonnes).order_by(entretien.c.rang))
        if acces.voit(fiche["id"])
    ]
    toutes = _lignes(acces, select(affectation).order_by(affectation.c.entretien, affectation.c.personne))
    notes = _lignes(acces, select(memo).where(memo.c.cible == "code").order_by(memo.c.personne))
    return {
        "codes": _lignes(acces, select(code).order_by(code.c.rang, code.c.code)),
        "personnes": _lignes(acces, select(personne).order_by(personne.c.id)),
        "entretiens": fiches,
        "affectations": [a for a in toutes if acces.role == "responsable" or a["personne"] == acces.personne],
        # Un mémo sur un code peut raconter ce qu'on en a codé : l'aveugle les cache tous, sauf les siens.
        "memos": [m for m in notes if m["personne"] == acces.personne or not acces.aveugle_quelque_part],
    }


def lire_entretien(acces: Acces, nom: str) -> dict[str, Any]:
    """Un entretien : texte, tours, phrases, et ce que la personne a le droit d'y voir.

    Returns
    -------
    dict
        fiche, tours, phrases, codages, propositions (avec le verdict de la personne, ou None), memos, arbitrages,
        aveugle, machine (voit les propositions), code (peut coder), affecte, termine.

    Raises
    ------
    Refus
        Entretien inconnu ou caché.
    """
    if not acces.voit(nom):
        raise Refus("entretien introuvable")
    fiche = exiger(acces.connexion, entretien, "entretien", id=nom)
    try:
        acces.exiger_codeur(nom)
        peut = True
    except Refus:
        peut = False
    sienne = acces.affectation(nom)
    vus = _lignes(
        acces,
        select(codage)
        .where((codage.c.entretien == nom) & acces.filtre(codage))
        .order_by(codage.c.debut, codage.c.fin, codage.c.id),
    )
    jugee = and_(decision.c.proposition == proposition.c.id, decision.c.personne == acces.personne)
    machine = acces.voit_la_machine(nom)
    propositions = (
        _lignes(
            acces,
            select(proposition, decision.c.verdict)
            .outerjoin(decision, jugee)
            .where(proposition.c.entretien == nom)
            .order_by(proposition.c.debut, proposition.c.code),
        )
        if machine
        else []
    )
    cibles = [c["id"] for c in vus]
    memos = _lignes(
        acces,
        select(memo).where(
            ((memo.c.cible == "codage") & memo.c.cle.in_(cibles)) | ((memo.c.cible == "entretien") & (memo.c.cle == nom))
        ),
    )
    memos = [m for m in memos if acces.voit_le_codage(nom, m["personne"])]
    arbitrages = [] if acces.aveugle(nom) else _lignes(acces, select(arbitrage).where(arbitrage.c.entretien == nom))
    return {
        "fiche": fiche,
        "tours": _lignes(acces, select(tour).where(tour.c.entretien == nom).order_by(tour.c.debut)),
        "phrases": _lignes(acces, select(phrase).where(phrase.c.entretien == nom).order_by(phrase.c.debut)),
        "codages": vus,
        "propositions": propositions,
        "memos": memos,
        "arbitrages": arbitrages,
        "aveugle": acces.aveugle(nom),
        "machine": machine,
        "code": peut,
        "affecte": sienne is not None,
        "termine": bool(sienne and sienne.termine),
    }


def codages_du_code(acces: Acces, code_id: str) -> list[dict[str, Any]]:
    """Les codages visibles d'un code, avec leurs mots (colonne texte), dans l'ordre des entretiens."""
    exiger(acces.connexion, code, "code", id=code_id)
    siens = _lignes(
        acces,
        select(codage, entretien.c.texte.label("entier"))
        .join(entretien, entretien.c.id == codage.c.entretien)
        .where((codage.c.code == code_id) & acces.filtre(codage))
        .order_by(entretien.c.rang, codage.c.debut),
    )
    for sien in siens:
        sien["texte"] = sien.pop("entier")[sien["debut"] : sien["fin"]]
    return siens


def journal(acces: Acces, avant: int | None = None, nom: str = "") -> list[dict[str, Any]]:
    """Cent actes, les plus récents d'abord, parmi ceux que la personne peut voir.

    Un codeur voit les siens et ceux des entretiens qu'on lui a affectés ; personne ne voit par là ce que l'aveugle
    lui cache.

    Parameters
    ----------
    avant : int, optional
        Numéro à partir duquel remonter (exclu).
    nom : str
        Se limiter à un entretien.
    """
    requete = select(acte).where(acces.filtre(acte)).order_by(acte.c.numero.desc()).limit(ACTES_PAR_PAGE)
    if acces.role == "codeur":
        requete = requete.where((acte.c.entretien != "") | (acte.c.personne == acces.personne))
    if avant is not None:
        requete = requete.where(acte.c.numero < avant)
    if nom:
        requete = requete.where(acte.c.entretien == nom)
    lignes = _lignes(acces, requete)
    for ligne in lignes:
        ligne["changements"] = [c for c in json.loads(ligne["changements"]) if not _cache(acces, c)]
    return lignes


def _cache(acces: Acces, changement: list[Any]) -> bool:
    """Un acte sur la grille, ou une reprise, touche les codages et les mémos de tous : les mêmes règles y valent."""
    table, avant, apres = changement
    touche = apres or avant
    if table == "codage":
        return not acces.voit_le_codage(touche["entretien"], touche["personne"])
    if table != "memo" or touche["personne"] == acces.personne:
        return False
    if touche["cible"] == "entretien":
        return not acces.voit_le_codage(touche["cle"], touche["personne"])
    return acces.aveugle_quelque_part
