"""Rapprocher le questionnaire des entretiens : confirme, nuance, contredit, ou ne permet pas de conclure.

Les deux sources sont lues de la même façon. Ceux qui se prononcent sur un code (un entretien qui le dit
présent ou absent, une Cité qui répond à une question qui le vise) valent de 0, le nier, à 1, l'affirmer. Leur
moyenne a un sens : « présente » à partir de `majorite`, « absente » jusqu'à 1 − `majorite`, « partagée » entre
les deux.

- même sens : le questionnaire **confirme** ;
- l'un partagé, l'autre non : il **nuance** ;
- sens opposés : il **contredit** ;
- il **ne permet pas de conclure** si trop peu d'entretiens ou de Cités se prononcent, ou si l'intervalle de la
  part redressée ne tranche pas entre confirmer et nuancer. Un verdict n'est rendu que si tout l'intervalle le
  soutient ; « nuance » est rendu quand tout l'intervalle s'écarte du sens des entretiens.

Le silence n'est pas un non : un entretien qui ne parle pas d'un code ne compte pas. C'est pourquoi un code dont
trop peu de territoires parlent n'est pas rapproché. Les entretiens ne sont pas un échantillon tiré au sort ; leur
part n'a pas d'intervalle.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from corpus.fiches import PORTEE_NATIONALE
from corpus.questionnaire import Questionnaire
from evaluation.questionnaire import Depouillement, depouiller

PRESENTE, PARTAGEE, ABSENTE = SENS = ("présente", "partagée", "absente")
CONFIRME, NUANCE, CONTREDIT, INDECIS = VERDICTS = ("confirme", "nuance", "contredit", "ne permet pas de conclure")
COLONNES_RAPPROCHEMENT = (
    "portee", "code", "entretiens", "entretiens_presente", "entretiens_absente", "territoires_presente",
    "territoires_partagee", "territoires_absente", "part_entretiens", "sens_entretiens", "questions", "reponses",
    "part_questionnaire", "bas", "haut", "sens_questionnaire", "verdict", "raison", "territoires_compares",
    "territoires_confirmes", "territoires_contredits")
_MARGE = 1e-9


@dataclass(frozen=True)
class Seuils:
    """Les seuils du rapprochement.

    Attributes
    ----------
    majorite : float
        Part à partir de laquelle un sens est net ; entre 1/2 et 1.
    entretiens : int
        Entretiens qui doivent se prononcer, dans un territoire, pour que le territoire ait un sens.
    territoires : float
        Part des territoires qui doivent avoir un sens pour que l'ensemble des entretiens en ait un.
    reponses : int
        Cités qui doivent se prononcer.
    """

    majorite: float = 2 / 3
    entretiens: int = 2
    territoires: float = 0.5
    reponses: int = 10

    def sens(self, part: float) -> str:
        """« présente », « partagée » ou « absente »."""
        if part >= self.majorite - _MARGE:
            return PRESENTE
        return ABSENTE if part <= 1 - self.majorite + _MARGE else PARTAGEE


@dataclass(frozen=True)
class BilanQuestionnaire:
    """Tout ce que le questionnaire apporte : son dépouillement, et son rapprochement des entretiens."""

    depouillement: Depouillement
    rapprochement: pd.DataFrame
    seuils: Seuils


def etudier(questionnaire: Questionnaire, mentions: pd.DataFrame, entretiens: pd.DataFrame, codes: Sequence[str],
            reglages: Mapping[str, Any]) -> BilanQuestionnaire:
    """Dépouille un questionnaire et le rapproche des entretiens.

    Parameters
    ----------
    questionnaire : Questionnaire
    mentions, entretiens, codes
        Voir `rapprocher`.
    reglages : Mapping[str, Any]
        La section [questionnaire] d'etude.toml : seuils du rapprochement et options de `depouiller`.
    """
    seuils = Seuils(**{champ.name: reglages[champ.name] for champ in fields(Seuils) if champ.name in reglages})
    options = {nom: reglages[nom] for nom in ("niveau", "minimum", "plafond") if nom in reglages}
    depouillement = depouiller(questionnaire, **options)
    return BilanQuestionnaire(depouillement, rapprocher(depouillement, mentions, entretiens, codes, seuils), seuils)


def juger(entretiens: str, bas: float, haut: float, seuils: Seuils) -> str:
    """Le verdict d'un intervalle, face au sens des entretiens.

    Parameters
    ----------
    entretiens : str
        L'un de `SENS`.
    bas, haut : float
        Bornes de la part redressée ; égales pour une réponse connue.
    seuils : Seuils

    Returns
    -------
    str
        L'un de `VERDICTS`.
    """
    rangs = sorted(SENS.index(seuils.sens(borne)) for borne in (bas, haut))
    distances = {abs(SENS.index(entretiens) - rang) for rang in range(rangs[0], rangs[1] + 1)}
    if 0 in distances:
        return CONFIRME if distances == {0} else INDECIS
    return CONTREDIT if distances == {2} else NUANCE


def rapprocher(depouillement: Depouillement, mentions: pd.DataFrame, entretiens: pd.DataFrame, codes: Sequence[str],
               seuils: Seuils = Seuils()) -> pd.DataFrame:
    """Rapproche, code par code, le questionnaire et les entretiens.

    Parameters
    ----------
    depouillement : Depouillement
    mentions : pandas.DataFrame
        Colonnes `entretien`, `code`, `modalite` au moins.
    entretiens : pandas.DataFrame
        Colonnes `entretien`, `territoire` au moins.
    codes : Sequence[str]
        Codes de la grille, dans son ordre.
    seuils : Seuils

    Returns
    -------
    pandas.DataFrame
        Colonnes de `COLONNES_RAPPROCHEMENT`. Pour la portée nationale, tous les codes ; puis, pour chaque
        territoire de l'étude dont la Cité a répondu, les codes que le questionnaire vise. `entretiens` compte
        ceux qui se prononcent ; un entretien qui dit le code présent ici et absent là compte dans les deux
        colonnes, et vaut 0,5. `territoires_compares`, `_confirmes` et `_contredits` (portée nationale) comptent
        les territoires où les deux sources se prononcent, celles qui concordent, celles qui s'opposent.
    """
    dits = _entretiens(mentions, entretiens)
    territoires = sorted(set(entretiens["territoire"]))
    cites = depouillement.poids[depouillement.poids["repond"]].set_index("territoire")["cite"]
    repondants = [territoire for territoire in territoires if territoire in cites.index]
    par_code = {code: groupe for code, groupe in dits.groupby("code")}
    locales = [_ligne_locale(territoire, str(cites[territoire]), code, par_code.get(code, dits.head(0)), depouillement, seuils)
               for territoire in repondants for code in codes if code in depouillement.questions]
    nationales = [_ligne_nationale(code, par_code.get(code, dits.head(0)), len(territoires), depouillement, seuils,
                                   [ligne["verdict"] for ligne in locales if ligne["code"] == code]) for code in codes]
    table = pd.DataFrame([*nationales, *locales], columns=list(COLONNES_RAPPROCHEMENT))
    return table.astype({colonne: "Int64" for colonne in COLONNES_RAPPROCHEMENT if colonne == "reponses"
                         or colonne.startswith(("entretiens", "territoires"))})


def _entretiens(mentions: pd.DataFrame, entretiens: pd.DataFrame) -> pd.DataFrame:
    """Une ligne par entretien et code sur lequel il se prononce : territoire, presente, absente, valeur de 0 à 1."""
    affirmees = mentions[mentions["modalite"].isin(["presente", "absente"])].drop_duplicates(["entretien", "code", "modalite"])
    dits = affirmees.assign(presente=affirmees["modalite"] == "presente", absente=affirmees["modalite"] == "absente")
    dits = dits.groupby(["code", "entretien"], as_index=False)[["presente", "absente"]].any()
    dits["valeur"] = dits["presente"] / (dits["presente"].astype(int) + dits["absente"].astype(int))
    return dits.merge(entretiens[["entretien", "territoire"]], on="entretien", how="left", validate="m:1")


def _ligne_nationale(code: str, dits: pd.DataFrame, territoires: int, depouillement: Depouillement, seuils: Seuils,
                     locaux: list[object]) -> dict[str, object]:
    par_territoire = dits.groupby("territoire")["valeur"].agg(["size", "mean"])
    sens = [seuils.sens(part) for part in par_territoire.loc[par_territoire["size"] >= seuils.entretiens, "mean"]]
    ligne: dict[str, object] = {
        "portee": PORTEE_NATIONALE, "code": code, **_comptes(dits),
        **{f"territoires_{nom}": sens.count(dit) for nom, dit in zip(("presente", "partagee", "absente"), SENS, strict=True)},
        "territoires_compares": sum(verdict != INDECIS for verdict in locaux),
        "territoires_confirmes": locaux.count(CONFIRME), "territoires_contredits": locaux.count(CONTREDIT)}
    raisons = []
    if len(sens) < max(seuils.territoires * territoires, 1):
        raisons.append(f"trop peu de territoires en parlent ({len(sens)} sur {territoires})")
    else:
        ligne["sens_entretiens"] = seuils.sens(float(dits["valeur"].mean()))
    avis = depouillement.avis[code].dropna() if code in depouillement.questions else pd.Series(dtype=float)
    ligne |= {"questions": ";".join(depouillement.questions.get(code, ())), "reponses": len(avis)}
    if code not in depouillement.questions:
        raisons.append("aucune question ne le vise")
    elif len(avis) < seuils.reponses:
        raisons.append(f"trop peu de Cités se prononcent ({len(avis)})")
    if len(avis):
        estimation = depouillement.estimer(avis)
        ligne |= {"part_questionnaire": estimation.redresse, "bas": estimation.bas, "haut": estimation.haut,
                  "sens_questionnaire": _sens_intervalle(estimation.bas, estimation.haut, seuils)}
    return {**ligne, **_conclure(ligne, raisons, seuils)}


def _ligne_locale(territoire: str, cite: str, code: str, dits: pd.DataFrame, depouillement: Depouillement,
                  seuils: Seuils) -> dict[str, object]:
    siens = dits[dits["territoire"] == territoire]
    avis = float(depouillement.avis.at[cite, code])
    ligne: dict[str, object] = {"portee": territoire, "code": code, **_comptes(siens),
                                "questions": ";".join(depouillement.questions[code]), "reponses": int(not math.isnan(avis))}
    raisons = []
    if len(siens) < seuils.entretiens:
        raisons.append(f"trop peu d'entretiens se prononcent ({len(siens)})")
    else:
        ligne["sens_entretiens"] = seuils.sens(float(siens["valeur"].mean()))
    if math.isnan(avis):
        raisons.append("la Cité ne se prononce pas")
    else:
        ligne |= {"part_questionnaire": avis, "bas": avis, "haut": avis, "sens_questionnaire": seuils.sens(avis)}
    return {**ligne, **_conclure(ligne, raisons, seuils)}


def _comptes(dits: pd.DataFrame) -> dict[str, object]:
    return {"entretiens": len(dits), "entretiens_presente": int(dits["presente"].sum()),
            "entretiens_absente": int(dits["absente"].sum()),
            "part_entretiens": float(dits["valeur"].mean()) if len(dits) else math.nan}


def _sens_intervalle(bas: float, haut: float, seuils: Seuils) -> str:
    """Le sens de tout l'intervalle, ou les deux (ou trois) entre lesquels il hésite."""
    return " ou ".join(SENS[SENS.index(seuils.sens(haut)):SENS.index(seuils.sens(bas)) + 1])


def _conclure(ligne: dict[str, object], raisons: list[str], seuils: Seuils) -> dict[str, str]:
    if raisons:
        return {"verdict": INDECIS, "raison": " ; ".join(raisons)}
    verdict = juger(str(ligne["sens_entretiens"]), float(str(ligne["bas"])), float(str(ligne["haut"])), seuils)
    lien = "l'intervalle du questionnaire hésite" if verdict == INDECIS else "questionnaire"
    return {"verdict": verdict, "raison": f"entretiens : {ligne['sens_entretiens']} ; {lien} : {ligne['sens_questionnaire']}"}
