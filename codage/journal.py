"""Le journal : qui, quand, quoi, avant, après. On y ajoute, on n'y change rien.

Tout ce qui change une table tenue passe par `inscrire` : les changements et leur acte s'écrivent dans la même
transaction. Chaque acte porte l'empreinte du précédent : en ôter ou en retoucher un se voit (`controler`), et la
base elle-même refuse de modifier ou d'effacer une ligne du journal.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, delete, insert, select, update

from codage.tables import TENUES, acte
from corpus.cache import empreinte

Ligne = Mapping[str, Any]
ORIGINE = "0" * 64


class Refus(Exception):
    """Un acte que l'on n'a pas fait ; le message dit pourquoi, en français."""


class Changement(NamedTuple):
    """Une ligne d'une table tenue, avant et après ; None : elle n'y est pas."""

    table: str
    avant: dict[str, Any] | None
    apres: dict[str, Any] | None


@dataclass(frozen=True)
class Acte:
    """Une ligne du journal."""

    numero: int
    cle: str
    quand: str
    personne: str
    genre: str
    entretien: str
    changements: tuple[Changement, ...]
    annule: int | None


def inscrire(connexion: Connection, cle: str, personne: str, genre: str, changements: Iterable[Changement],
             entretien: str = "", annule: int | None = None) -> Acte:
    """Fait des changements et les inscrit au journal.

    Parameters
    ----------
    connexion : sqlalchemy.Connection
        Celle de `Base.ecrire`.
    cle : str
        Choisie par qui agit. Un acte déjà inscrit sous cette clé par la même personne est rendu tel quel : un
        envoi répété ne double rien.
    personne, genre : str
    changements : Iterable[Changement]
    entretien : str
    annule : int, optional

    Raises
    ------
    Refus
        La ligne a changé entre-temps, ou la clé a servi à un autre acte.
    """
    deja = connexion.execute(select(acte).where(acte.c.cle == cle)).first()
    if deja is not None:
        if (deja.personne, deja.genre) != (personne, genre):
            raise Refus("cette clé a déjà servi à un autre acte")
        return lu(deja)
    faits = tuple(changements)
    for changement in faits:
        _appliquer(connexion, changement)
    dernier = connexion.execute(select(acte.c.numero, acte.c.empreinte).order_by(acte.c.numero.desc()).limit(1)).first()
    ligne: dict[str, Any] = {
        "numero": dernier.numero + 1 if dernier else 1, "cle": cle, "quand": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "personne": personne, "genre": genre, "entretien": entretien,
        "changements": json.dumps(faits, ensure_ascii=False, sort_keys=True, separators=(",", ":")), "annule": annule,
        "precedente": dernier.empreinte if dernier else ORIGINE}
    ligne["empreinte"] = empreinte(ligne)
    connexion.execute(insert(acte).values(**ligne))
    return Acte(ligne["numero"], cle, ligne["quand"], personne, genre, entretien, faits, annule)


def lu(ligne: Any) -> Acte:
    """Une ligne de la table `acte`, changements relus."""
    return Acte(ligne.numero, ligne.cle, ligne.quand, ligne.personne, ligne.genre, ligne.entretien,
                tuple(Changement(*c) for c in json.loads(ligne.changements)), ligne.annule)


def controler(connexion: Connection) -> list[str]:
    """Ce qui ne va pas dans le journal : numéros qui manquent, actes retouchés, état que les actes ne donnent pas."""
    fautes: list[str] = []
    precedente, attendu = ORIGINE, 1
    etats: dict[str, dict[tuple[Any, ...], dict[str, Any]]] = {nom: {} for nom in TENUES}
    for ligne in connexion.execute(select(acte).order_by(acte.c.numero)).mappings():
        sans = {nom: valeur for nom, valeur in ligne.items() if nom != "empreinte"}
        if ligne["numero"] != attendu:
            fautes.append(f"acte {attendu} absent du journal")
        if ligne["precedente"] != precedente or empreinte(sans) != ligne["empreinte"]:
            fautes.append(f"acte {ligne['numero']} retouché, ou retiré de la suite")
        precedente, attendu = ligne["empreinte"], ligne["numero"] + 1
        for nom, avant, apres in json.loads(ligne["changements"]):
            if avant is not None:
                etats[nom].pop(_cle(TENUES[nom], avant), None)
            if apres is not None:
                etats[nom][_cle(TENUES[nom], apres)] = apres
    for nom, table in TENUES.items():
        present = {_cle(table, dict(ligne)): dict(ligne) for ligne in connexion.execute(select(table)).mappings()}
        if present != etats[nom]:
            fautes.append(f"la table « {nom} » n'est pas celle que le journal raconte")
    return fautes


def inverser(faits: Iterable[Changement]) -> list[Changement]:
    """Les changements qui défont ceux-là, dans l'ordre où les faire."""
    return [Changement(table, apres, avant) for table, avant, apres in reversed(list(faits))]


def _cle(table: Table, ligne: Ligne) -> tuple[Any, ...]:
    return tuple(ligne[colonne.name] for colonne in table.primary_key)


def _appliquer(connexion: Connection, changement: Changement) -> None:
    table = TENUES[changement.table]
    avant, apres = changement.avant, changement.apres
    connue = avant if avant is not None else apres
    assert connue is not None
    ici = and_(*(colonne == connue[colonne.name] for colonne in table.primary_key))
    presente = connexion.execute(select(table).where(ici)).mappings().first()
    if (None if presente is None else dict(presente)) != avant:
        raise Refus("la ligne a changé entre-temps : rechargez la page")
    if avant is None:
        connexion.execute(insert(table).values(**connue))
    elif apres is None:
        connexion.execute(delete(table).where(ici))
    else:
        connexion.execute(update(table).where(ici).values(**apres))
