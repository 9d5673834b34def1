"""Ce qui compare les codages : accord, désaccords, file d'attente. L'aveugle y vaut comme partout (`Acces`)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd
from sqlalchemy import and_, select, union

from codage.actes import exiger
from codage.droits import Acces
from codage.file_attente import avancement, ordonner
from codage.journal import Refus
from codage.reprise import lectures_dites
from codage.tables import affectation, arbitrage, codage, code, decision, entretien, phrase, proposition
from evaluation.accord import accords, phrases_codees

NOMBRE = 20


def accord(acces: Acces, machine: bool = True) -> list[dict[str, Any]]:
    """κ de chaque paire et α de tous, par code, sur les entretiens que la personne peut comparer.

    Returns
    -------
    list[dict]
        Colonnes d'`evaluation.accord.accords` ; None là où il n'y a rien à mesurer.
    """
    compares = _comparables(acces)
    passages, lus = _passages(acces, compares, machine)
    dites = lectures_dites(acces.connexion)  # comme « evaluer » : qui n'a pas fini ne se compare pas encore
    lus = lus[[dites.get(cle, True) for cle in zip(lus["codeur"], lus["entretien"], strict=True)]]
    phrases = _table(acces, select(phrase).where(phrase.c.entretien.in_(compares)))
    codes = list(acces.connexion.scalars(select(code.c.code).order_by(code.c.rang, code.c.code)))
    employes = [c for c in codes if c in set(passages["code"])]
    if not employes or phrases.empty:
        return []
    table = accords(phrases_codees(passages, phrases), phrases, lus, employes, tirages=200)
    return [{nom: None if isinstance(v, float) and v != v else v for nom, v in ligne.items()}
            for ligne in table.to_dict("records")]


def desaccords(acces: Acces, nom: str) -> list[dict[str, Any]]:
    """Les phrases d'un entretien que ses codeurs n'ont pas codées de même, côte à côte.

    Returns
    -------
    list[dict]
        Par phrase et code en désaccord : phrase, debut, fin, code, avis (personne : modalité, ou None si elle ne l'a
        pas posé), arbitrage (la décision, ou None).

    Raises
    ------
    Refus
        Entretien caché, ou codage à l'aveugle encore en cours.
    """
    if not acces.voit(nom):
        raise Refus("entretien introuvable")
    if acces.aveugle(nom):
        raise Refus("vous codez cet entretien à l'aveugle : attendez que tous aient terminé")
    exiger(acces.connexion, entretien, "entretien", id=nom)
    passages, lus = _passages(acces, [nom], machine=False)
    phrases = _table(acces, select(phrase).where(phrase.c.entretien == nom))
    if passages.empty or phrases.empty:
        return []
    # Une phrase porte la modalité du passage qui la code ; le dernier posé l'emporte.
    modalites = {}
    for modalite, siens in passages.groupby("modalite"):
        for c in phrases_codees(siens, phrases).itertuples():
            modalites[c.phrase, c.code, c.codeur] = modalite
    codeurs = sorted(lus["codeur"])
    places = phrases.set_index("phrase")
    tranches = {(a["debut"], a["fin"], a["code"]): a for a in map(dict, acces.connexion.execute(
        select(arbitrage).where(arbitrage.c.entretien == nom)).mappings())}
    ids: dict[str, str] = dict(acces.connexion.execute(select(code.c.code, code.c.id)).all())
    trouves = []
    for ou, quoi in sorted({(p, c) for p, c, _ in modalites}):
        avis = {qui: modalites.get((ou, quoi, qui)) for qui in codeurs}
        if len(set(avis.values())) > 1:
            debut, fin = int(places.loc[ou, "debut"]), int(places.loc[ou, "fin"])
            trouves.append({"phrase": ou, "debut": debut, "fin": fin, "code": ids[quoi], "avis": avis,
                            "arbitrage": tranches.get((debut, fin, ids[quoi]))})
    return trouves


def file(acces: Acces, nombre: int = NOMBRE) -> dict[str, Any]:
    """Les propositions les plus utiles à juger, et où l'on en est.

    Returns
    -------
    dict
        propositions (id, entretien, debut, fin, code, modalite, confiance, preuve, utilite, texte), avancement.
    """
    visibles = [nom for nom in acces.connexion.scalars(select(entretien.c.id)) if acces.voit_la_machine(nom)]
    jugee = and_(decision.c.proposition == proposition.c.id, decision.c.personne == acces.personne)
    table = _table(acces, select(proposition, decision.c.verdict).outerjoin(decision, jugee).where(
        proposition.c.entretien.in_(visibles), proposition.c.posee).order_by(proposition.c.id))
    table["jugee"] = table["verdict"].notna()
    table["juste"] = table["verdict"].isin(["accepte", "corrige"])
    choisies = ordonner(table, nombre).drop(columns=["jugee", "juste", "verdict"])
    textes: dict[str, str] = dict(acces.connexion.execute(select(entretien.c.id, entretien.c.texte).where(
        entretien.c.id.in_(choisies["entretien"]))).all())
    lignes = choisies.astype(object).where(choisies.notna(), None).to_dict("records")
    return {"propositions": [{**ligne, "texte": textes[ligne["entretien"]][ligne["debut"]:ligne["fin"]]} for ligne in lignes],
            "avancement": asdict(avancement(table))}


def _comparables(acces: Acces) -> list[str]:
    return [nom for nom in acces.connexion.scalars(select(entretien.c.id)) if acces.voit(nom) and not acces.aveugle(nom)]


def _passages(acces: Acces, compares: list[str], machine: bool) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Les passages codés de certains entretiens, et qui a lu lesquels : qui y a codé, ou déclaré avoir fini."""
    passages = _table(acces, select(codage.c.personne.label("codeur"), codage.c.entretien, codage.c.debut, codage.c.fin,
                                    code.c.code, codage.c.modalite).join(code, code.c.id == codage.c.code).where(
        codage.c.entretien.in_(compares)).order_by(codage.c.id))
    lus = _table(acces, union(
        select(codage.c.personne.label("codeur"), codage.c.entretien).where(codage.c.entretien.in_(compares)),
        select(affectation.c.personne, affectation.c.entretien).where(
            affectation.c.entretien.in_(compares), affectation.c.termine)))
    if machine:
        vus = [nom for nom in compares if acces.voit_la_machine(nom)]
        siens = _table(acces, select(proposition.c.codeur, proposition.c.entretien, proposition.c.debut, proposition.c.fin,
                                     proposition.c.code, proposition.c.modalite).where(
            proposition.c.entretien.in_(vus), proposition.c.posee))
        passages = pd.concat([passages, siens], ignore_index=True)
        # La machine a lu tous les entretiens, même ceux où elle n'a rien posé.
        machines = pd.DataFrame([(nom, vu) for nom in siens["codeur"].unique() for vu in vus], columns=["codeur", "entretien"])
        lus = pd.concat([lus, machines], ignore_index=True)
    return passages, lus


def _table(acces: Acces, requete: Any) -> pd.DataFrame:
    lues = acces.connexion.execute(requete)
    return pd.DataFrame(lues.mappings().all(), columns=list(lues.keys()))
