"""Les tableaux que les documents ajoutent aux constats : qui dit quoi, parts estimées, questionnaire.

Une table absente ne laisse pas de tableau vide : rien, ou une phrase qui dit ce qui manque quand on s'y attendrait.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from corpus.fiches import PORTEE_NATIONALE
from evaluation.configurations import RISQUE
from evaluation.estimation import CORRIGE
from evaluation.plans import ENTRETIENS, PHRASES
from evaluation.rapprochement import INDECIS, VERDICTS
from evaluation.regles import CONVERGENCE, DIVERGENCE
from evaluation.retenus import LU, MACHINE
from restitution.donnees import DonneesRapport, intitules
from restitution.tableaux import Case, Tableau
from restitution.typographie import FINE, INSECABLE, compte, nombre, pourcent

_REGARDS_LOCAUX = ("Code", "Entretiens qui en parlent", "Catégories qui l'appuient", "Accord", "Retenu")
_REGARDS_NATIONAUX = (*_REGARDS_LOCAUX[:3], "Territoires", *_REGARDS_LOCAUX[3:])
_PARTS = ("Code", "Comptage brut", "Part estimée", "Intervalle à 95 %", "Échantillon")
_RAPPROCHE = ("Code", "Entretiens", "Questionnaire", "Verdict")
_MODALITES = {"presente": "le disent présent", "absente": "le disent absent"}


def tableaux_des_regards(donnees: DonneesRapport, portee: str) -> list[Tableau]:
    """Qui dit quoi : un tableau par genre de codes, des plus portés aux moins portés.

    Parameters
    ----------
    donnees : DonneesRapport
        `constats["regards"]` et `constats["regards_categories"]`.
    portee : str
        `national` ou un territoire.

    Returns
    -------
    list[Tableau]
        Aucun si l'étude n'est pas croisée ou si nul code n'est évoqué.
    """
    if not donnees.constats:
        return []
    regards = _de_la_portee(donnees.constats["regards"], portee)
    positions = _de_la_portee(donnees.constats["regards_categories"], portee)
    interrogees = positions.groupby("code")["categorie"].nunique().to_dict()
    national = portee == PORTEE_NATIONALE
    ordre = ["attendus", "entretiens"] if "attendus" in regards else ["entretiens"]
    tableaux = []
    for genre, intitule in intitules(donnees.grille.genres).items():
        noms = {code.code: f"{code.code} {code.intitule}" for code in donnees.grille if code.genre == genre}
        siens = regards[regards["code"].isin(list(noms))].sort_values(ordre, ascending=False, kind="stable")
        dits = siens[siens["entretiens"] > 0]
        if dits.empty:
            continue
        tus = [nom for code, nom in noms.items() if code in set(siens.loc[siens["entretiens"] == 0, "code"])]
        note = ("Entre crochets, ce que serait la part si l'on avait pu rencontrer d'autres personnes (intervalle à 95 %). "
                "Retenu : l'ensemble des acteurs en parle, et pas seulement ceux qui pilotent."
                + (f" Nul n'en parle : {', '.join(tus)}." if tus else ""))
        tableaux.append(Tableau(f"Qui dit quoi : {intitule[:1].lower()}{intitule[1:]}", note,
                                _REGARDS_NATIONAUX if national else _REGARDS_LOCAUX,
                                tuple(_ligne_de_regard(ligne, noms, interrogees, donnees, national)
                                      for ligne in dits.to_dict("records"))))
    return tableaux


def _ligne_de_regard(ligne: dict[str, Any], noms: dict[str, str], interrogees: dict[str, int], donnees: DonneesRapport,
                     national: bool) -> tuple[Case, ...]:
    lieux = donnees.entretiens["territoire"].nunique()
    cases = [
        Case(noms[ligne["code"]]),
        Case(f"{ligne['entretiens']} sur {ligne['sur']} : {pourcent(ligne['part'])} {_crochets(ligne['bas'], ligne['haut'])}"),
        Case(f"{ligne['appuyees']} sur {interrogees.get(ligne['code'], 0)}, dont {ligne['hors_pilotage']} hors pilotage"),
        *([Case(f"{ligne['territoires']} sur {lieux}")] if national else []),
        Case(_accord(ligne)),
        Case("oui", True) if ligne["retenu"] else Case(f"non : {ligne['raison']}")]
    return tuple(cases)


def _accord(ligne: dict[str, Any]) -> str:
    """Convergence, divergence ou voix isolée ; « – » sinon."""
    if ligne["accord"] == CONVERGENCE:
        return "convergence"
    if ligne["accord"] == DIVERGENCE:
        p, ecart = ligne["p"], ligne["ecart"]
        hasard = "" if math.isnan(p) else f" (p = {nombre(p, 3 if p < 0.01 else 2)})"
        etablie = "" if math.isnan(p) or p <= RISQUE else " non établie"
        return f"divergence{etablie}" + ("" if math.isnan(ecart) or ecart < 0.005 else f", écart {nombre(ecart, 2)}{hasard}")
    return {"entretien": "voix isolée : un entretien", "categorie": "voix isolée : une catégorie"}.get(ligne["voix_isolee"], "–")


def tableaux_des_estimations(donnees: DonneesRapport, portee: str) -> list[Tableau]:
    """Les parts corrigées des erreurs de la machine, le comptage brut à côté.

    Parameters
    ----------
    donnees : DonneesRapport
        `estimations`, et `execution["echantillon"]`.
    portee : str
        `national` ou un territoire.

    Returns
    -------
    list[Tableau]
        Un par modalité dont une part au moins est corrigée ; sinon une phrase qui dit ce qui manque. Rien pour une étude
        que des personnes ont entièrement codée.
    """
    titre = "Parts estimées malgré les erreurs de la machine"
    if donnees.estimations is None:
        codes_par = _qui_code(donnees, portee)
        absent = donnees.execution.get("echantillon", {}).get("absent", "")
        if codes_par == {LU}:
            return []
        dit = (f"L'échantillon tiré dans cette étude ne permet pas encore d'estimer : {absent}. " if absent else
               "Aucun échantillon n'a été codé à la main dans cette étude. ")
        comptent = ("sont le comptage brut de la machine" if codes_par == {MACHINE} else
                    "réunissent ce que des personnes ont codé et, ailleurs, le comptage brut de la machine")
        return [Tableau(titre, dit + f"Les effectifs de ce document {comptent}, que ses erreurs faussent d'une quantité "
                        "inconnue ici.", _PARTS, ())]
    siennes = _de_la_portee(donnees.estimations, portee)
    unite = ENTRETIENS if siennes["unite"].isin([ENTRETIENS]).any() else PHRASES
    siennes = siennes[siennes["unite"] == unite]
    tirees = int(siennes["tirees"].max()) if len(siennes) else 0
    tableaux = [tableau for modalite, dit in _MODALITES.items()
                if (tableau := _parts(donnees, siennes[siennes["modalite"] == modalite], unite, dit)) is not None]
    if tableaux:
        return tableaux
    ici = "ici" if portee == PORTEE_NATIONALE else "sur ce territoire"
    return [Tableau(titre, f"Trop peu de cas dans l'échantillon codé à la main pour corriger une part {ici} "
                    f"({nombre(tirees)} unités tirées).", _PARTS, ())]


def _qui_code(donnees: DonneesRapport, portee: str) -> set[str]:
    """Les états (`evaluation.retenus`) des entretiens d'une portée."""
    if donnees.codes_par is None:
        machine = donnees.mentions["codeur"].astype(str).str.startswith("machine:")
        return ({MACHINE} if machine.any() else set()) | (set() if machine.any() and machine.all() else {LU})
    siens = donnees.entretiens if portee == PORTEE_NATIONALE else donnees.entretiens[donnees.entretiens["territoire"] == portee]
    return set(donnees.codes_par.loc[donnees.codes_par["entretien"].isin(siens["entretien"]), "etat"])


def _parts(donnees: DonneesRapport, siennes: pd.DataFrame, unite: str, dit: str) -> Tableau | None:
    corrigees = siennes[siennes["conclusion"] == CORRIGE].sort_values("corrige", ascending=False, kind="stable")
    if corrigees.empty:
        return None
    noms = {code.code: f"{code.code} {code.intitule}" for code in donnees.grille}
    trop_peu = len(siennes) - len(corrigees)
    autres = f" {compte(trop_peu, 'autre code', 'autres codes')} : trop peu de cas pour corriger." if trop_peu else ""
    note = ("Comptage brut : ce que la machine a posé. Part estimée : ce qu'elle prévoit, corrigé de l'écart constaté sur "
            "l'échantillon tiré au sort et codé à la main ; l'intervalle est l'incertitude de ce tirage. En gras, le comptage "
            f"brut en sort.{autres}")
    d = 1 if unite == PHRASES else 0  # un code prend peu des phrases
    lignes = tuple((
        Case(noms.get(str(ligne.code), str(ligne.code))),
        Case(pourcent(ligne.brut, d), not ligne.corrige_bas <= ligne.brut <= ligne.corrige_haut),
        Case(pourcent(ligne.corrige, d)), Case(_crochets(ligne.corrige_bas, ligne.corrige_haut, d)),
        Case(f"{nombre(ligne.portent)} sur {nombre(ligne.tirees)} : {pourcent(ligne.echantillon, d)}"))
        for ligne in corrigees.itertuples(index=False))
    return Tableau(f"Parts estimées : {unite} qui {dit}", note, _PARTS, lignes)


def tableaux_du_questionnaire(donnees: DonneesRapport, portee: str) -> list[Tableau]:
    """Ce que le questionnaire confirme, nuance ou contredit.

    Parameters
    ----------
    donnees : DonneesRapport
    portee : str
        `national` ou un territoire.

    Returns
    -------
    list[Tableau]
        Aucun sans questionnaire. Sans ligne si la Cité du territoire n'a pas répondu, ou si l'on ne conclut sur rien.
    """
    if donnees.questionnaire is None:
        return []
    national = portee == PORTEE_NATIONALE
    siens = _de_la_portee(donnees.questionnaire.rapprochement, portee)
    titre = "Ce que le questionnaire en dit"
    if siens.empty:
        return [Tableau(titre, "La Cité de ce territoire n'a pas répondu au questionnaire.", _RAPPROCHE, ())]
    conclus = siens[siens["verdict"] != INDECIS]
    conclus = conclus.assign(rang=conclus["verdict"].map(VERDICTS.index)).sort_values("rang", ascending=False, kind="stable")
    bilan = ", ".join(f"{verdict} : {(siens['verdict'] == verdict).sum()}" for verdict in VERDICTS)
    reponse = ("la part des Cités qui l'affirment, redressée de la non-réponse, et son intervalle" if national
               else "la part des réponses de sa Cité qui l'affirment")
    note = (f"{bilan[:1].upper()}{bilan[1:]}. Entretiens : ceux qui disent le code présent, absent. Questionnaire : {reponse}. "
            "Un désaccord peut venir d'une erreur de la machine : lisez les verbatims avant d'opposer les deux sources.")
    noms = {code.code: f"{code.code} {code.intitule}" for code in donnees.grille}
    return [Tableau(titre, note, _RAPPROCHE, tuple(_lignes_rapprochees(conclus, noms, national)))]


def _lignes_rapprochees(conclus: pd.DataFrame, noms: dict[str, str], national: bool) -> Iterator[tuple[Case, ...]]:
    for ligne in conclus.itertuples(index=False):
        part = pourcent(ligne.part_questionnaire)
        cites = f" {_crochets(ligne.bas, ligne.haut)}, {compte(int(ligne.reponses), 'Cité')}" if national else ""
        yield (Case(noms.get(str(ligne.code), str(ligne.code))),
               Case(f"{ligne.entretiens_presente} présent, {ligne.entretiens_absente} absent : {ligne.sens_entretiens}"),
               Case(f"{part}{cites} : {ligne.sens_questionnaire}"), Case(str(ligne.verdict), ligne.verdict != VERDICTS[0]))


def _de_la_portee(table: pd.DataFrame, portee: str) -> pd.DataFrame:
    return table[table["portee"].astype(str) == portee]


def _crochets(bas: float, haut: float, decimales: int = 0) -> str:
    """« [39 ; 56] », en pourcentages."""
    return f"[{nombre(100 * bas, decimales)}{FINE};{INSECABLE}{nombre(100 * haut, decimales)}]"
