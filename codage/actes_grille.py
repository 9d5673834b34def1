"""La grille vit : créer, modifier, fusionner, scinder, retirer un code, avec report des codages déjà posés.

Un code retiré reste dans la base, avec son histoire au journal ; il ne se pose plus.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import func, select

from codage.actes import deja_inscrit, exiger, identifiant_de, ligne
from codage.droits import Acces
from codage.journal import Acte, Changement, Refus, inscrire
from codage.tables import codage, code
from extraction.grille import CONTRASTE_MINIMAL, contraste_avec_le_noir

CHAMPS = ("code", "intitule", "definition", "exemples", "genre", "famille", "couleur", "rang")


def creer(acces: Acces, cle: str, champs: Mapping[str, Any], hors_grille: bool = False) -> Acte:
    """Crée un code ; un codeur ne crée que des codes inductifs, hors grille.

    Raises
    ------
    Refus
        Identifiant vide ou déjà pris, intitulé vide, couleur mal écrite ou trop sombre ; droit.
    """
    if deja := deja_inscrit(acces, cle, "creer_code"):
        return deja
    if acces.role == "lecteur":
        raise Refus("un lecteur n'écrit rien")
    if not hors_grille:
        acces.exiger_responsable()
    neuf = _neuf(acces, identifiant_de(cle), champs, hors_grille)
    return inscrire(acces.connexion, cle, acces.personne, "creer_code", [Changement("code", None, neuf)])


def modifier(acces: Acces, cle: str, code_id: str, champs: Mapping[str, Any]) -> Acte:
    """Renomme, redéfinit, déplace ou rend à la grille un code.

    Raises
    ------
    Refus
        Comme `creer` ; rien ne change.
    """
    if deja := deja_inscrit(acces, cle, "modifier_code"):
        return deja
    acces.exiger_responsable()
    avant = exiger(acces.connexion, code, "code", id=code_id)
    neuf = {**avant, **{nom: v for nom, v in champs.items() if nom in (*CHAMPS, "retire", "hors_grille") and v is not None}}
    if neuf == avant:
        raise Refus("rien ne change")
    _controler(acces, neuf)
    return inscrire(acces.connexion, cle, acces.personne, "modifier_code", [Changement("code", avant, neuf)])


def fusionner(acces: Acces, cle: str, sources: Sequence[str], cible_id: str) -> Acte:
    """Reporte sur un code les codages d'autres codes, qui sont retirés.

    Là où la même personne avait déjà posé la cible au même endroit, le codage reporté ferait double : il est retiré.

    Raises
    ------
    Refus
        Aucune source, ou la cible parmi elles.
    """
    if deja := deja_inscrit(acces, cle, "fusionner_codes"):
        return deja
    acces.exiger_responsable()
    if not sources or cible_id in sources:
        raise Refus("choisissez des codes à fusionner, autres que celui qui les reçoit")
    cible = exiger(acces.connexion, code, "code", id=cible_id)
    if cible["retire"]:
        raise Refus("le code qui reçoit les autres est retiré de la grille")
    changements: list[Changement] = []
    for source in dict.fromkeys(sources):
        changements += _retrait(acces, source, cible_id, {(c[2]["entretien"], c[2]["debut"], c[2]["fin"], c[2]["personne"])
                                                           for c in changements if c.table == "codage" and c[2]})
    return inscrire(acces.connexion, cle, acces.personne, "fusionner_codes", changements)


def scinder(acces: Acces, cle: str, code_id: str, nouveaux: Sequence[Mapping[str, Any]],
            repartition: Mapping[str, int]) -> Acte:
    """Remplace un code par plusieurs, et répartit ses codages.

    Parameters
    ----------
    nouveaux : Sequence[Mapping]
        Champs de chaque code neuf.
    repartition : Mapping[str, int]
        Identifiant de chaque codage du code scindé, rang de son nouveau code ; tous doivent y être.

    Raises
    ------
    Refus
        Moins de deux codes neufs ; codages oubliés ; un codage à l'aveugle en cours, dont il faudrait montrer les autres.
    """
    if deja := deja_inscrit(acces, cle, "scinder_code"):
        return deja
    acces.exiger_responsable()
    if acces.aveugle_quelque_part:
        raise Refus("vous codez à l'aveugle : répartir les codages d'un code vous montrerait ceux des autres")
    if len(nouveaux) < 2:
        raise Refus("scinder donne au moins deux codes")
    ancien = exiger(acces.connexion, code, "code", id=code_id)
    changements, ids = [], []
    for rang, champs in enumerate(nouveaux):
        neuf = _neuf(acces, identifiant_de(f"{cle}/{rang}"), {**ancien, **champs}, ancien["hors_grille"])
        ids.append(neuf["id"])
        changements.append(Changement("code", None, neuf))
    portes = [dict(c) for c in acces.connexion.execute(select(codage).where(codage.c.code == code_id)).mappings()]
    oublies = [c["id"] for c in portes if repartition.get(c["id"]) not in range(len(ids))]
    if oublies:
        raise Refus(f"codages qui ne sont pas répartis : {len(oublies)}")
    changements += [Changement("codage", c, {**c, "code": ids[repartition[c["id"]]]}) for c in portes]
    changements.append(Changement("code", ancien, {**ancien, "retire": True}))
    return inscrire(acces.connexion, cle, acces.personne, "scinder_code", changements)


def retirer(acces: Acces, cle: str, code_id: str, report: str | None = None) -> Acte:
    """Retire un code de la grille.

    Parameters
    ----------
    report : str, optional
        Le code qui reçoit ses codages ; sans lui, un code déjà posé ne peut être retiré.

    Raises
    ------
    Refus
        Des codages le portent et aucun code ne les reçoit. À l'aveugle, il en faut toujours un : le refus dirait qu'il y en a.
    """
    if report is not None:
        return fusionner(acces, cle, [code_id], report)
    if deja := deja_inscrit(acces, cle, "retirer_code"):
        return deja
    acces.exiger_responsable()
    if acces.aveugle_quelque_part:
        raise Refus("vous codez à l'aveugle : dites quel code reçoit les codages de celui-ci, s'il y en a")
    portes = acces.connexion.execute(select(func.count()).select_from(codage).where(codage.c.code == code_id)).scalar()
    if portes:
        raise Refus(f"ce code est posé {portes} fois : dites quel code reçoit ses codages")
    avant = exiger(acces.connexion, code, "code", id=code_id)
    return inscrire(acces.connexion, cle, acces.personne, "retirer_code",
                    [Changement("code", avant, {**avant, "retire": True})])


def _retrait(acces: Acces, source: str, cible_id: str, occupes: set[tuple[Any, ...]]) -> list[Changement]:
    avant = exiger(acces.connexion, code, "code", id=source)
    lieu = (codage.c.entretien, codage.c.debut, codage.c.fin, codage.c.personne)
    prises = occupes | {tuple(c) for c in acces.connexion.execute(select(*lieu).where(codage.c.code == cible_id))}
    changements = []
    for porte in acces.connexion.execute(select(codage).where(codage.c.code == source).order_by(codage.c.id)).mappings():
        ici = (porte["entretien"], porte["debut"], porte["fin"], porte["personne"])
        changements.append(Changement("codage", dict(porte), None if ici in prises else {**porte, "code": cible_id}))
        prises.add(ici)
    return [*changements, Changement("code", avant, {**avant, "retire": True})]


def _neuf(acces: Acces, identifiant: str, champs: Mapping[str, Any], hors_grille: bool) -> dict[str, Any]:
    rang = (acces.connexion.execute(select(func.max(code.c.rang))).scalar() or 0) + 1
    neuf = {"definition": "", "exemples": [], "genre": "", "famille": "", "couleur": "#E6E6E6", "rang": rang,
            **{nom: champs[nom] for nom in CHAMPS if champs.get(nom) is not None},
            "id": identifiant, "hors_grille": hors_grille, "retire": False}
    _controler(acces, neuf)
    return neuf


def _controler(acces: Acces, neuf: dict[str, Any]) -> None:
    if not str(neuf.get("code", "")).strip() or not str(neuf.get("intitule", "")).strip():
        raise Refus("un code a un identifiant et un intitulé")
    homonyme = ligne(acces.connexion, code, code=neuf["code"])
    if homonyme is not None and homonyme["id"] != neuf["id"]:
        raise Refus(f"le code « {neuf['code']} » existe déjà")
    try:
        clair = contraste_avec_le_noir(neuf["couleur"]) >= CONTRASTE_MINIMAL and len(neuf["couleur"]) == 7
    except (ValueError, IndexError):
        clair = False
    if not clair:
        raise Refus("la couleur s'écrit « #RRVVBB », assez claire pour un texte noir")
