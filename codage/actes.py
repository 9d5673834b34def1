"""Ce qu'une personne fait : poser un code, décider d'une proposition, écrire un mémo, arbitrer, annuler.

Chaque fonction contrôle le droit de le faire, calcule les changements et les inscrit au journal, le tout dans la
transaction qu'on lui donne. `cle` est choisie par qui appelle : le même appel répété n'a d'effet qu'une fois.
Les actes sur la grille sont dans `codage.actes_grille`, ceux qui organisent le travail dans `codage.actes_equipe`.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import Connection, Table, and_, func, select

from codage.droits import Acces
from codage.journal import Acte, Changement, Refus, inscrire, inverser, lu
from codage.tables import (
    MODALITES,
    VERDICTS,
    acte,
    arbitrage,
    codage,
    code,
    decision,
    entretien,
    memo,
    proposition,
)

ANNULER, REFAIRE = "annuler", "refaire"
TAILLE_MEMO = 20_000
DE_CODAGE = ("poser", "modifier", "retirer", "decider", "noter", ANNULER, REFAIRE)
"""Les actes qu'« annuler » défait ; les autres (grille, équipe, arbitrage) engagent plus d'une personne."""


def ligne(connexion: Connection, table: Table, **cle: Any) -> dict[str, Any] | None:
    """Une ligne par sa clé, ou None."""
    trouvee = connexion.execute(select(table).where(and_(*(table.c[nom] == v for nom, v in cle.items())))).mappings().first()
    return None if trouvee is None else dict(trouvee)


def exiger(connexion: Connection, table: Table, quoi: str, **cle: Any) -> dict[str, Any]:
    """Une ligne par sa clé ; lève `Refus` (« quoi introuvable ») si elle n'existe pas."""
    trouvee = ligne(connexion, table, **cle)
    if trouvee is None:
        raise Refus(f"{quoi} introuvable")
    return trouvee


def poser(acces: Acces, cle: str, nom: str, debut: int, fin: int, code_id: str, modalite: str = "presente") -> Acte:
    """Pose un code sur une étendue d'un entretien.

    Parameters
    ----------
    acces : Acces
    cle : str
    nom : str
        L'entretien.
    debut, fin : int
        Points de code dans son texte, fin exclue.
    code_id : str
    modalite : str

    Raises
    ------
    Refus
        Droit, entretien, étendue, code ou modalité qui ne conviennent pas ; déjà posé au même endroit.
    """
    neuf = {"id": identifiant_de(cle), "entretien": nom, "debut": debut, "fin": fin, "code": code_id, "modalite": modalite,
            "personne": acces.personne, "proposition": None}
    if deja := deja_inscrit(acces, cle, "poser"):
        return deja
    _controler(acces, neuf)
    return inscrire(acces.connexion, cle, acces.personne, "poser", [Changement("codage", None, neuf)], nom)


def modifier(acces: Acces, cle: str, codage_id: str, **apres: Any) -> Acte:
    """Change le code, la modalité ou l'étendue d'un de ses codages.

    Raises
    ------
    Refus
        Comme `poser` ; ou le codage d'un autre.
    """
    if deja := deja_inscrit(acces, cle, "modifier"):
        return deja
    avant = _le_mien(acces, codage_id)
    neuf = {**avant, **{nom: v for nom, v in apres.items() if nom in ("code", "modalite", "debut", "fin") and v is not None}}
    if neuf == avant:
        raise Refus("rien ne change")
    _controler(acces, neuf)
    return inscrire(acces.connexion, cle, acces.personne, "modifier", [Changement("codage", avant, neuf)], avant["entretien"])


def retirer(acces: Acces, cle: str, codage_id: str) -> Acte:
    """Retire un de ses codages, et la décision dont il venait : la proposition redevient à juger."""
    if deja := deja_inscrit(acces, cle, "retirer"):
        return deja
    avant = _le_mien(acces, codage_id)
    acces.exiger_codeur(avant["entretien"])
    changements = [Changement("codage", avant, None)]
    if avant["proposition"]:
        jugee = ligne(acces.connexion, decision, proposition=avant["proposition"], personne=acces.personne)
        if jugee is not None:
            changements.append(Changement("decision", jugee, None))
    changements += [Changement("memo", dict(note), None) for note in acces.connexion.execute(
        select(memo).where((memo.c.cible == "codage") & (memo.c.cle == codage_id))).mappings()]
    return inscrire(acces.connexion, cle, acces.personne, "retirer", changements, avant["entretien"])


def decider(acces: Acces, cle: str, proposition_id: str, verdict: str, **correction: Any) -> Acte:
    """Accepte, refuse ou corrige une proposition de la machine.

    Accepter ou corriger pose un codage au nom de la personne, qui garde d'où il vient ; refuser ne pose rien.

    Parameters
    ----------
    verdict : {"accepte", "refuse", "corrige"}
    **correction
        Pour « corrige » : code (identifiant), modalite, debut, fin.

    Raises
    ------
    Refus
        Proposition déjà jugée par cette personne, ou qu'elle ne peut pas voir ; code inconnu de la grille.
    """
    if deja := deja_inscrit(acces, cle, "decider"):
        return deja
    if verdict not in VERDICTS:
        raise Refus(f"le verdict est l'un de : {', '.join(VERDICTS)}")
    vue = ligne(acces.connexion, proposition, id=proposition_id)
    if vue is None or not acces.voit_la_machine(vue["entretien"]):
        raise Refus("proposition introuvable")
    nom = vue["entretien"]
    acces.exiger_codeur(nom)
    if ligne(acces.connexion, decision, proposition=proposition_id, personne=acces.personne):
        raise Refus("vous avez déjà jugé cette proposition")
    changements = [Changement("decision", None, {
        "proposition": proposition_id, "personne": acces.personne, "verdict": verdict})]
    if verdict != "refuse":
        nomme = ligne(acces.connexion, code, code=vue["code"])
        choix = {"code": nomme["id"] if nomme else "", "modalite": vue["modalite"], "debut": vue["debut"], "fin": vue["fin"]}
        if verdict == "corrige":
            choix |= {champ: v for champ, v in correction.items() if champ in choix and v is not None}
        neuf = {"id": identifiant_de(cle), "entretien": nom, **choix, "personne": acces.personne, "proposition": proposition_id}
        pareil = _pareil(acces, neuf)
        if pareil is None:
            _controler(acces, neuf)
            changements.append(Changement("codage", None, neuf))
    return inscrire(acces.connexion, cle, acces.personne, "decider", changements, nom)


def noter(acces: Acces, cle: str, cible: str, cible_id: str, texte: str) -> Acte:
    """Écrit son mémo sur un codage, un entretien ou un code ; un texte vide l'efface.

    Raises
    ------
    Refus
        Cible introuvable ou cachée ; texte de plus de 20 000 caractères.
    """
    if deja := deja_inscrit(acces, cle, "noter"):
        return deja
    if acces.role == "lecteur":
        raise Refus("un lecteur n'écrit rien")
    if len(texte) > TAILLE_MEMO:
        raise Refus(f"un mémo a au plus {TAILLE_MEMO} caractères")
    nom = _entretien_de_la_cible(acces, cible, cible_id)
    if nom:
        acces.exiger_codeur(nom)
    avant = ligne(acces.connexion, memo, cible=cible, cle=cible_id, personne=acces.personne)
    if not texte.strip() and avant is None:
        raise Refus("ce mémo est vide")
    apres = {"id": avant["id"] if avant else identifiant_de(cle), "personne": acces.personne, "cible": cible, "cle": cible_id,
             "texte": texte} if texte.strip() else None
    return inscrire(acces.connexion, cle, acces.personne, "noter", [Changement("memo", avant, apres)], nom)


def arbitrer(acces: Acces, cle: str, nom: str, debut: int, fin: int, code_id: str, porte: bool, modalite: str,
             raison: str) -> Acte:
    """Tranche un désaccord et garde ses raisons ; les codages des codeurs ne changent pas.

    Raises
    ------
    Refus
        Pas responsable ; codage à l'aveugle encore en cours ; pas de raison.
    """
    if deja := deja_inscrit(acces, cle, "arbitrer"):
        return deja
    acces.exiger_responsable()
    if acces.aveugle(nom):
        raise Refus("vous codez cet entretien à l'aveugle : attendez que tous aient terminé")
    if not raison.strip() or len(raison) > TAILLE_MEMO:
        raise Refus("un arbitrage se motive, en moins de 20 000 caractères")
    neuf = {"id": identifiant_de(cle), "entretien": nom, "debut": debut, "fin": fin, "code": code_id, "porte": porte,
            "modalite": modalite, "personne": acces.personne, "raison": raison}
    _controler_etendue(acces.connexion, neuf)
    avant = ligne(acces.connexion, arbitrage, entretien=nom, debut=debut, fin=fin, code=code_id)
    if avant is not None:
        neuf["id"] = avant["id"]
    return inscrire(acces.connexion, cle, acces.personne, "arbitrer", [Changement("arbitrage", avant, neuf)], nom)


def annuler(acces: Acces, cle: str, nom: str) -> Acte:
    """Défait son dernier acte de codage dans un entretien, parmi ceux qui ne le sont pas déjà.

    Raises
    ------
    Refus
        Rien à annuler ; ou ce que l'acte avait touché a changé depuis.
    """
    if deja := deja_inscrit(acces, cle, ANNULER):
        return deja
    acces.exiger_codeur(nom)
    defaits = select(acte.c.annule).where((acte.c.personne == acces.personne) & acte.c.annule.is_not(None))
    cible = acces.connexion.execute(_actes(acces, nom).where(
        acte.c.genre != ANNULER, acte.c.numero.not_in(defaits)).order_by(acte.c.numero.desc()).limit(1)).first()
    if cible is None:
        raise Refus("rien à annuler")
    return _defaire(acces, cle, ANNULER, lu(cible))


def refaire(acces: Acces, cle: str, nom: str) -> Acte:
    """Refait ce que la dernière annulation a défait, si aucun autre acte n'est venu depuis.

    Raises
    ------
    Refus
        Rien à refaire.
    """
    if deja := deja_inscrit(acces, cle, REFAIRE):
        return deja
    acces.exiger_codeur(nom)
    neufs = _actes(acces, nom).where(acte.c.genre.not_in((ANNULER, REFAIRE)))
    dernier_neuf = acces.connexion.scalar(neufs.with_only_columns(func.max(acte.c.numero))) or 0
    defaits = select(acte.c.annule).where((acte.c.personne == acces.personne) & acte.c.annule.is_not(None))
    cible = acces.connexion.execute(_actes(acces, nom).where(
        acte.c.genre == ANNULER, acte.c.numero > dernier_neuf, acte.c.numero.not_in(defaits))
        .order_by(acte.c.numero.desc()).limit(1)).first()
    if cible is None:
        raise Refus("rien à refaire")
    return _defaire(acces, cle, REFAIRE, lu(cible))


def _actes(acces: Acces, nom: str) -> Any:
    return select(acte).where(acte.c.personne == acces.personne, acte.c.entretien == nom, acte.c.genre.in_(DE_CODAGE))


def _defaire(acces: Acces, cle: str, genre: str, cible: Acte) -> Acte:
    changements = inverser(cible.changements)
    for changement in changements:
        if changement.table == "codage" and changement.apres is not None:  # la grille a pu changer depuis
            _controler(acces, changement.apres)
    return inscrire(acces.connexion, cle, acces.personne, genre, changements, cible.entretien, cible.numero)


def identifiant_de(cle: str) -> str:
    """L'identifiant de ce qu'un acte crée, tiré de sa clé."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, cle))


def deja_inscrit(acces: Acces, cle: str, genre: str) -> Acte | None:
    """L'acte déjà inscrit sous cette clé, ou None ; lève `Refus` si la clé a servi à autre chose."""
    if not 8 <= len(cle) <= 64:
        raise Refus("la clé d'un acte a de 8 à 64 caractères")
    deja = acces.connexion.execute(select(acte).where(acte.c.cle == cle)).first()
    return None if deja is None else inscrire(acces.connexion, cle, acces.personne, genre, ())


def _controler(acces: Acces, neuf: dict[str, Any]) -> None:
    acces.exiger_codeur(neuf["entretien"])
    _controler_etendue(acces.connexion, neuf)
    if _pareil(acces, neuf) is not None:
        raise Refus("ce code est déjà posé sur ce passage")


def _controler_etendue(connexion: Connection, neuf: dict[str, Any]) -> None:
    if neuf["modalite"] not in MODALITES:
        raise Refus(f"la modalité est l'une de : {', '.join(MODALITES)}")
    longueur = connexion.execute(select(func.length(entretien.c.texte)).where(entretien.c.id == neuf["entretien"])).scalar()
    if longueur is None:
        raise Refus("entretien introuvable")
    if not 0 <= neuf["debut"] < neuf["fin"] <= longueur:
        raise Refus("cette étendue n'est pas dans le texte")
    pose = ligne(connexion, code, id=neuf["code"])
    if pose is None or pose["retire"]:
        raise Refus("ce code n'est pas, ou plus, dans la grille")


def _pareil(acces: Acces, neuf: dict[str, Any]) -> dict[str, Any] | None:
    """Un autre codage de la même personne, au même endroit, du même code."""
    lieu = ("entretien", "debut", "fin", "code", "personne")
    trouve = acces.connexion.execute(select(codage).where(
        codage.c.id != neuf["id"], *(codage.c[champ] == neuf[champ] for champ in lieu))).mappings().first()
    return None if trouve is None else dict(trouve)


def _le_mien(acces: Acces, codage_id: str) -> dict[str, Any]:
    trouve = exiger(acces.connexion, codage, "codage", id=codage_id)
    if trouve["personne"] != acces.personne:
        # Le même refus que s'il n'existait pas : un codeur aveugle n'apprend rien.
        raise Refus("codage introuvable")
    return trouve


def _entretien_de_la_cible(acces: Acces, cible: str, cible_id: str) -> str:
    if cible == "codage":
        vu = acces.connexion.execute(select(codage.c.entretien).where((codage.c.id == cible_id) & acces.filtre(codage))).scalar()
        if vu is None:
            raise Refus("codage introuvable")
        return str(vu)
    if cible == "entretien":
        if not acces.voit(cible_id) or ligne(acces.connexion, entretien, id=cible_id) is None:
            raise Refus("entretien introuvable")
        return cible_id
    if cible == "code":
        exiger(acces.connexion, code, "code", id=cible_id)
        return ""
    raise Refus("un mémo porte sur un codage, un entretien ou un code")
