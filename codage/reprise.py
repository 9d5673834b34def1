"""De la base de codage au dossier d'étude, et retour : `codages.csv`, `memos.csv`, `decisions.csv`, la grille.

Les autres commandes (apprendre, evaluer, exporter, analyser) lisent les fichiers de l'étude. La base les y écrit, et
reprend ce qu'un import y a mis ; ce que quelqu'un a retiré dans l'application n'en revient pas.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from sqlalchemy import Connection, select

from codage.actes import ligne
from codage.base import Base
from codage.journal import Changement, inscrire
from codage.projet import CODAGES, MEMOS, table
from codage.tables import (
    MODALITES,
    acte,
    arbitrage,
    codage,
    code,
    decision,
    entretien,
    memo,
    personne,
    proposition,
)
from corpus.cache import empreinte
from corpus.decisions import EN_COURS, NE_PORTE_PAS, PORTE, REFUSE, TERMINE
from extraction.grille import Code, Grille

PLUS, MOINS = "+ ", "− "
INDUCTIF = "inductif"
REPRENDRE = "reprendre"
_LIEU = ("entretien", "debut", "fin", "code", "personne")


def definition_en_texte(un: Code) -> str:
    """La définition d'un code, suivie de ce qu'il inclut (+) et exclut (−), une ligne chacun."""
    return "\n".join([un.definition, *(PLUS + i for i in un.inclusions), *(MOINS + e for e in un.exclusions)])


def grille_de_la_base(connexion: Connection, origine: Grille) -> Grille:
    """La grille telle que la base la tient, codes retirés exclus ; le reste (règles, modalités) vient de l'origine."""
    familles = {f.intitule: f.identifiant for f in origine.familles}
    genres = {g.identifiant: g.intitule for g in origine.genres}
    codes = []
    for un in connexion.execute(select(code).where(~code.c.retire).order_by(code.c.rang, code.c.code)).mappings():
        dites = un["definition"].split("\n")
        ancien = origine[un["code"]] if un["code"] in origine else None
        famille = familles.setdefault(un["famille"], f"f{empreinte(un['famille'])[:8]}") if un["famille"] else ""
        genre = un["genre"] or INDUCTIF
        if genre == INDUCTIF:
            genres.setdefault(INDUCTIF, "Codes inductifs")
        codes.append(
            {
                "code": un["code"],
                "intitule": un["intitule"],
                "genre": genre,
                "famille": famille,
                "couleur": un["couleur"],
                "definition": "\n".join(d for d in dites if not d.startswith((PLUS, MOINS))).strip() or un["intitule"],
                "inclusions": [d[len(PLUS) :] for d in dites if d.startswith(PLUS)],
                "exclusions": [d[len(MOINS) :] for d in dites if d.startswith(MOINS)],
                "mots": list(ancien.mots) if ancien else [],
                "exemples": list(un["exemples"]),
            }
        )
    return Grille.model_validate(
        {
            **origine.model_dump(mode="json", exclude={"codes", "genres", "familles"}),
            "codes": codes,
            "genres": [{"identifiant": i, "intitule": t} for i, t in genres.items()],
            "familles": [{"identifiant": i, "intitule": t} for t, i in familles.items()],
        }
    )


def tables_de_la_base(connexion: Connection) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Les codages et les mémos de la base, aux colonnes de `codage.projet` ; la date est celle de l'acte qui a posé."""
    memos = [dict(m) for m in connexion.execute(select(memo).order_by(memo.c.id)).mappings()]
    notes: dict[str, list[str]] = {}
    for m in memos:
        if m["cible"] == "codage":
            notes.setdefault(m["cle"], []).append(m["texte"])
    dates = _dates(connexion)
    codages = [
        (
            c["personne"],
            c["entretien"],
            c["debut"],
            c["fin"],
            c["nom"],
            c["modalite"],
            "\n".join(notes.get(c["id"], [])),
            dates.get(c["id"], ""),
        )
        for c in connexion.execute(
            select(codage, code.c.code.label("nom"))
            .join(code, code.c.id == codage.c.code)
            .join(entretien, entretien.c.id == codage.c.entretien)
            .order_by(entretien.c.rang, codage.c.debut, codage.c.fin, code.c.rang, codage.c.personne)
        ).mappings()
    ]
    codes: dict[str, str] = dict(connexion.execute(select(code.c.id, code.c.code)).all())
    autres = [
        (m["personne"], m["cible"], codes.get(m["cle"], m["cle"]), 0, 0, m["texte"], dates.get(m["id"], ""))
        for m in memos
        if m["cible"] != "codage"
    ]
    return table(CODAGES, codages), table(MEMOS, autres)


def lectures_dites(connexion: Connection) -> dict[tuple[str, str], bool]:
    """Qui, ici, a codé, jugé ou terminé quel entretien, et l'a-t-il fini : (personne, entretien) → vrai ou faux.

    D'après le journal : une affectation retirée garde son dernier état, un codage venu d'un import ne dit rien.
    """
    lectures: dict[tuple[str, str], bool] = {}
    for fait in connexion.execute(select(acte.c.genre, acte.c.entretien, acte.c.changements).order_by(acte.c.numero)):
        for nom, avant, apres in json.loads(fait.changements):
            touche = apres or avant
            if nom == "affectation" and apres and (apres["termine"] or (touche["personne"], touche["entretien"]) in lectures):
                lectures[touche["personne"], touche["entretien"]] = apres["termine"]
            elif nom in ("codage", "decision") and fait.entretien and fait.genre != REPRENDRE:
                lectures.setdefault((touche["personne"], fait.entretien), False)
    return lectures


def decisions_de_la_base(connexion: Connection) -> pd.DataFrame:
    """Ce que des personnes ont décidé en codant ici : lectures finies ou non, codes de la machine refusés, arbitrages.

    Returns
    -------
    pandas.DataFrame
        Colonnes personne, decision (`corpus.decisions`), entretien, debut, fin (0 pour une lecture), code, modalite, raison.
        Qui n'a rien fait dans l'application, ses codages venant d'un import, n'y est pas.
    """
    rangs: dict[str, int] = dict(connexion.execute(select(entretien.c.id, entretien.c.rang)).all())
    lignes: list[tuple[Any, ...]] = [(qui, TERMINE if fini else EN_COURS, nom, 0, 0, "", "", "")
                                     for (qui, nom), fini in lectures_dites(connexion).items() if nom in rangs]
    vivants = list(connexion.scalars(select(code.c.code).where(~code.c.retire)))
    lignes += [
        (d.personne, REFUSE, d.entretien, d.debut, d.fin, d.code, d.modalite, "")
        for d in connexion.execute(select(decision, proposition).join(proposition, proposition.c.id == decision.c.proposition)
                                   .where(decision.c.verdict != "accepte", proposition.c.code.in_(vivants)))]
    lignes += [
        (a.personne, PORTE if a.porte else NE_PORTE_PAS, a.entretien, a.debut, a.fin, a.nom, a.modalite, a.raison)
        for a in connexion.execute(select(arbitrage, code.c.code.label("nom")).join(code, code.c.id == arbitrage.c.code).where(
            ~code.c.retire))]
    rangees = sorted(lignes, key=lambda une: (rangs[une[2]], une[3], une[4], une[1], une[5], une[0]))
    return table(("personne", "decision", "entretien", "debut", "fin", "code", "modalite", "raison"), rangees)


def reprendre(base: Base, codages: pd.DataFrame, memos: pd.DataFrame, responsable: str) -> int:
    """Verse dans la base des codages et des mémos venus d'ailleurs, sous le nom de leurs auteurs.

    Un auteur inconnu reçoit un compte fermé. Ce qui y est déjà, ou y a déjà été, n'est pas repris ; ni ce qu'une machine
    a posé.

    Parameters
    ----------
    codages : pandas.DataFrame
        Colonnes de `codage.projet.CODAGES`.
    memos : pandas.DataFrame
        Colonnes de `codage.projet.MEMOS` ; ceux d'un entretien ou d'un code.
    responsable : str
        À qui le journal attribue la reprise.

    Returns
    -------
    int
        Nombre de codages et de mémos repris.
    """
    with base.ecrire() as connexion:
        ids: dict[str, str] = dict(connexion.execute(select(code.c.code, code.c.id)).all())
        noms = set(connexion.scalars(select(entretien.c.id)))
        connus = _deja_vus(connexion)
        neufs: list[Changement] = []
        auteurs: set[str] = set()
        for c in codages.to_dict("records"):
            if c["codeur"].startswith("machine:") or c["code"] not in ids or c["entretien"] not in noms:
                continue
            un: dict[str, Any] = {
                "entretien": c["entretien"],
                "debut": int(c["debut"]),
                "fin": int(c["fin"]),
                "code": ids[c["code"]],
                "modalite": c["modalite"] or MODALITES[0],
                "personne": c["codeur"],
                "proposition": None,
            }
            lieu = tuple(un[champ] for champ in _LIEU)
            if lieu in connus:
                continue
            connus.add(lieu)
            auteurs.add(c["codeur"])
            un = {"id": empreinte("codage", *lieu)[:36], **un}
            neufs.append(Changement("codage", None, un))
            if c["memo"]:
                neufs.append(
                    Changement(
                        "memo",
                        None,
                        {
                            "id": empreinte("memo", un["id"])[:36],
                            "personne": c["codeur"],
                            "cible": "codage",
                            "cle": un["id"],
                            "texte": c["memo"],
                        },
                    )
                )
        for m in memos.to_dict("records"):
            cle = ids.get(m["cible"], "") if m["objet"] == "code" else m["cible"] if m["objet"] == "entretien" else ""
            lieu = (m["objet"], cle, m["auteur"])
            if not cle or (m["objet"] == "entretien" and cle not in noms) or lieu in connus:
                continue
            connus.add(lieu)
            auteurs.add(m["auteur"])
            neufs.append(
                Changement(
                    "memo",
                    None,
                    {
                        "id": empreinte("memo", *lieu)[:36],
                        "personne": m["auteur"],
                        "cible": m["objet"],
                        "cle": cle,
                        "texte": m["texte"],
                    },
                )
            )
        if not neufs:
            return 0
        comptes = [
            Changement("personne", None, {"id": qui, "nom": qui, "role": "codeur", "actif": False})
            for qui in sorted(auteurs)
            if ligne(connexion, personne, id=qui) is None
        ]
        inscrire(connexion, empreinte([list(n) for n in neufs])[:64], responsable, REPRENDRE, [*comptes, *neufs])
        return len(neufs)


def _changements(connexion: Connection) -> Any:
    for un in connexion.execute(select(acte.c.quand, acte.c.changements).order_by(acte.c.numero)):
        for nom, avant, apres in json.loads(un.changements):
            yield un.quand, nom, avant, apres


def _dates(connexion: Connection) -> dict[str, str]:
    return {apres["id"]: quand for quand, nom, _, apres in _changements(connexion) if apres and nom in ("codage", "memo")}


def _deja_vus(connexion: Connection) -> set[tuple[Any, ...]]:
    """Tous les codages et mémos que la base a ou a eus : leur place et leur auteur."""
    vus: set[tuple[Any, ...]] = set()
    for _, nom, avant, apres in _changements(connexion):
        for un in filter(None, (avant, apres)):
            if nom == "codage":
                vus.add(tuple(un[champ] for champ in _LIEU))
            elif nom == "memo":
                vus.add((un["cible"], un["cle"], un["personne"]))
    return vus
