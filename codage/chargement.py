"""Mettre une étude dans sa base de codage : transcriptions, grille, propositions de la machine.

Les transcriptions et les propositions suivent l'étude : on les recharge à chaque ouverture. La grille n'est lue
qu'une fois ; elle vit ensuite dans la base, par des actes.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd
from sqlalchemy import Connection, delete, func, insert, select

from codage.actes_equipe import controler_compte
from codage.base import Base
from codage.journal import Changement, inscrire
from codage.reprise import definition_en_texte
from codage.tables import acte, affectation, arbitrage, codage, decision, entretien, memo, phrase, proposition, tour
from corpus.cache import empreinte
from corpus.fautes import ErreurEtude, Faute
from extraction.grille import Grille


@dataclass(frozen=True)
class Chargees:
    """Ce qu'il faut d'une étude pour la coder.

    Attributes
    ----------
    entretiens, tours, phrases : pandas.DataFrame
        Tables de l'étude.
    textes : dict[str, str]
        Texte de chaque entretien, celui où se comptent les étendues.
    mentions : pandas.DataFrame
        Mentions et hésitations de la machine, colonne posee en plus ; vide si l'étude n'a pas été analysée.
    """

    entretiens: pd.DataFrame
    tours: pd.DataFrame
    phrases: pd.DataFrame
    textes: dict[str, str]
    mentions: pd.DataFrame


def charger(base: Base, etude: Chargees, grille: Grille, responsable: str) -> None:
    """Met la base au jour de l'étude ; le premier responsable et la grille y entrent à la première fois.

    Raises
    ------
    ErreurEtude
        Des transcriptions déjà codées ont changé ou disparu : leurs codages ne tomberaient plus sur les mêmes mots.
    """
    with base.ecrire() as connexion:
        _refuser_les_textes_changes(connexion, etude.textes)
        _ouvrir(connexion, grille, responsable)
        _transcriptions(connexion, etude)
        _propositions(connexion, etude.mentions)
        _oublier(connexion, etude.textes)


def _refuser_les_textes_changes(connexion: Connection, textes: dict[str, str]) -> None:
    codes = {nom for table in (codage, arbitrage) for nom in connexion.scalars(select(table.c.entretien).distinct())}
    codes |= set(connexion.scalars(select(memo.c.cle).where(memo.c.cible == "entretien")))
    codes |= set(connexion.scalars(select(proposition.c.entretien).join(decision, decision.c.proposition == proposition.c.id)))
    fautes = []
    for nom, ancienne in connexion.execute(select(entretien.c.id, entretien.c.empreinte).where(entretien.c.id.in_(codes))):
        if nom not in textes:
            fautes.append(Faute(nom, 0, "cet entretien est codé, mais sa transcription a disparu",
                                "remettez le fichier, ou restaurez une sauvegarde de l'étude"))
        elif empreinte(textes[nom]) != ancienne:
            fautes.append(Faute(nom, 0, "cet entretien est codé, mais sa transcription a changé depuis",
                                "remettez le texte d'alors : les codages n'y tomberaient plus sur les mêmes mots"))
    if fautes:
        raise ErreurEtude(fautes)


def _oublier(connexion: Connection, textes: dict[str, str]) -> None:
    """Les entretiens que l'étude n'a plus et dont personne n'a rien fait."""
    affectes = set(connexion.scalars(select(affectation.c.entretien)))
    for nom in set(connexion.scalars(select(entretien.c.id))) - textes.keys() - affectes:
        for table in (tour, phrase):
            connexion.execute(delete(table).where(table.c.entretien == nom))
        connexion.execute(delete(entretien).where(entretien.c.id == nom))


def _ouvrir(connexion: Connection, grille: Grille, responsable: str) -> None:
    if connexion.scalar(select(func.count()).select_from(acte)):
        return
    fiche = controler_compte({"id": responsable, "nom": responsable, "role": "responsable", "actif": True})
    familles = {famille.identifiant: famille.intitule for famille in grille.familles}
    codes = [{"id": empreinte(grille.empreinte, un.code)[:36], "code": un.code, "intitule": un.intitule,
              "definition": definition_en_texte(un),
              "exemples": list(un.exemples), "genre": un.genre, "famille": familles.get(un.famille, un.famille),
              "couleur": un.couleur, "rang": rang, "hors_grille": False, "retire": False} for rang, un in enumerate(grille)]
    inscrire(connexion, f"ouverture-{grille.empreinte[:32]}", responsable, "ouvrir",
             [Changement("personne", None, fiche), *(Changement("code", None, un) for un in codes)])


def _transcriptions(connexion: Connection, etude: Chargees) -> None:
    connues = dict(connexion.execute(select(entretien.c.id, entretien.c.empreinte)).all())
    tours, phrases = (dict(list(table.groupby("entretien", sort=False))) for table in (etude.tours, etude.phrases))
    for rang, fiche in enumerate(etude.entretiens.to_dict("records")):
        nom = fiche["entretien"]
        neuve = {"id": nom, "rang": rang, **{c: str(fiche[c]) for c in ("territoire", "fonction", "categorie", "date")},
                 "texte": etude.textes[nom], "empreinte": empreinte(etude.textes[nom])}
        if nom in connues:
            connexion.execute(entretien.update().where(entretien.c.id == nom).values(**neuve))
            for table in (tour, phrase):
                connexion.execute(delete(table).where(table.c.entretien == nom))
        else:
            connexion.execute(insert(entretien).values(**neuve))
        for table, siennes in ((tour, tours.get(nom)), (phrase, phrases.get(nom))):
            if siennes is not None and len(siennes):
                colonnes = [c.name for c in table.columns]
                connexion.execute(insert(table), siennes[colonnes].astype(object).to_dict("records"))


def _propositions(connexion: Connection, mentions: pd.DataFrame) -> None:
    """Les propositions de l'étude, moins celles d'analyses passées que personne n'a jugées."""
    jugees = set(connexion.scalars(select(decision.c.proposition))) | set(
        connexion.scalars(select(codage.c.proposition).where(codage.c.proposition.is_not(None))))
    champs = ("entretien", "phrase", "debut", "fin", "code", "modalite", "codeur")
    neuves = {}
    for ligne in mentions.to_dict("records"):
        une = {**{nom: ligne[nom] for nom in champs}, "debut": int(ligne["debut"]), "fin": int(ligne["fin"]),
               "confiance": None if pd.isna(ligne["confiance"]) else float(ligne["confiance"]), "preuve": str(ligne["preuve"]),
               "posee": bool(ligne["posee"])}
        une["id"] = empreinte(*(une[nom] for nom in champs))
        neuves[une["id"]] = une
    restent = {une["id"]: dict(une) for une in connexion.execute(select(proposition)).mappings()}
    perimees = sorted(nom for nom, une in restent.items() if nom not in jugees and neuves.get(nom) != une)
    for debut in range(0, len(perimees), 500):
        connexion.execute(delete(proposition).where(proposition.c.id.in_(perimees[debut:debut + 500])))
    a_mettre = [une for nom, une in neuves.items() if neuves.get(nom) != restent.get(nom) and nom not in jugees]
    if a_mettre:
        connexion.execute(insert(proposition), a_mettre)
