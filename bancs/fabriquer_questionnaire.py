"""Fabriquer le questionnaire fictif de la démonstration : 84 Cités, dont 81 répondent.

    python -m bancs.fabriquer_questionnaire [DESTINATION]

Écrit `questionnaire.csv`, `questionnaire_variables.csv` et `questionnaire_cites.csv` dans DESTINATION (par
défaut, l'étude de démonstration), qui doit contenir `territoires.csv` et `references/codages.csv`. Tout est
inventé : noms, réponses, et les propensions dont elles sont tirées. Graine fixée : mêmes octets à chaque fois.

Les réponses des dix territoires monographiés penchent du côté de ce que disent leurs entretiens (codages de
référence), sans les suivre toujours : c'est la personne qui coordonne qui répond. Les métropoles répondent
moins que les autres. Quelques questions restent sans réponse, et quelques Cités s'arrêtent en route.
"""

from __future__ import annotations

import argparse
import math
from pathlib import Path
from random import Random

import pandas as pd

from bancs.questions_demonstration import CONCLUSIONS, PROPENSIONS, QUESTIONS, REUSSITES
from corpus.cache import ecriture_atomique
from corpus.references import DEMONSTRATION

GRAINE = 2022
CITES, MUETTES = 84, 3
_METROPOLES = 10
_RADICAUX = ("Bréz", "Corv", "Dourn", "Essar", "Fauvr", "Glandr", "Hérim", "Issond", "Jauz", "Lorv", "Maudr", "Név",
             "Orgr", "Pélis", "Quér", "Rouv", "Sarvr", "Tourv", "Ulvar", "Véz", "Aubr", "Chamvr", "Ombr", "Yvremb")
_FINALES = ("ac", "ange", "on", "ières", "igny", "ancourt", "elles", "ois")
_PORTEURS = {"commune": {"commune": 75, "association": 15, "spe": 10}, "departement": {"spe": 60, "association": 40},
             "epci": {"epci": 72, "spe": 14, "association": 14}}
_COMMUNES = ("{}", "{}-sur-Avère", "{}-les-Forges", "{}-le-Château")
_EPCI = ("{} Agglomération", "{} Communauté", "Grand {}")


def fabriquer(destination: Path) -> None:
    """Écrit les trois tableaux du questionnaire dans un dossier d'étude."""
    alea = Random(GRAINE)
    base = _base(pd.read_csv(destination / "territoires.csv", dtype=str), alea)
    penchants = _penchants(destination)
    poids = [25.0 if "Métropole" in nom else 1.0 for nom in base["nom"]]
    muettes: set[int] = set()
    while len(muettes) < MUETTES:
        muettes.add(alea.choices(range(CITES), poids)[0])
    reponses = [_repondre(cite, penchants, alea) for cite in base.to_dict("records")]
    reponses = [reponse for rang, reponse in enumerate(reponses) if rang not in muettes]
    for nom, table in (("questionnaire_cites", base), ("questionnaire", pd.DataFrame(reponses)),
                       ("questionnaire_variables", pd.DataFrame(QUESTIONS))):
        with ecriture_atomique(destination / f"{nom}.csv") as provisoire:
            table.to_csv(provisoire, index=False, lineterminator="\n")


def _base(territoires: pd.DataFrame, alea: Random) -> pd.DataFrame:
    """Les Cités : les territoires monographiés, puis d'autres, aux noms inventés."""
    racines = [radical + finale for radical in _RADICAUX for finale in _FINALES]
    alea.shuffle(racines)
    lignes = territoires.rename(columns={"territoire": "cite"}).to_dict("records")
    metropoles = sum("Métropole" in ligne["nom"] for ligne in lignes)
    for racine in racines[:CITES - len(lignes)]:
        echelle = alea.choices(("commune", "epci", "departement"), (40, 48, 12))[0]
        if echelle == "commune":
            nom = alea.choice(_COMMUNES).format(racine)
        elif echelle == "departement":
            nom = ("Département d'" if racine[0] in "AEHIOUY" else "Département de ") + racine
        else:
            nom = f"{racine} Métropole" if metropoles < _METROPOLES else alea.choice(_EPCI).format(racine)
            metropoles += metropoles < _METROPOLES
        porteurs = _PORTEURS[echelle]
        porteur = alea.choices(list(porteurs), list(porteurs.values()))[0]
        annee = alea.choices(("2020", "2021"), (28, 72))[0]
        lignes.append({"cite": f"T{len(lignes) + 1:02d}", "nom": nom, "echelle": echelle, "porteur": porteur, "annee": annee})
    return pd.DataFrame(lignes)


def _penchants(etude: Path) -> dict[tuple[str, str], float]:
    """(territoire, code) → écart, de −1 à 1, entre ce que disent ses entretiens et l'ensemble (codeur A)."""
    codages = pd.read_csv(etude / "references" / "codages.csv")
    entretiens = pd.read_csv(etude / "entretiens.csv")[["entretien", "territoire"]]
    dits = codages[(codages["codeur"] == "A") & (codages["modalite"] != "hypothetique")].merge(entretiens, on="entretien")
    dits = dits.assign(presente=(dits["modalite"] == "presente").astype(float))
    ecarts = dits.groupby(["territoire", "code"])["presente"].mean() - dits.groupby("code")["presente"].mean()
    return {(str(territoire), str(code)): float(ecart) for (territoire, code), ecart in ecarts.items()}


def _propension(cite: dict[str, str], code: str, penchants: dict[tuple[str, str], float], alea: Random) -> float:
    """Le logit de la probabilité d'affirmer un code."""
    traits = {cite["echelle"], cite["porteur"], cite["annee"], "metropole" if "Métropole" in cite["nom"] else ""}
    depart, effets = PROPENSIONS[code]
    return (math.log(depart / (1 - depart)) + sum(effet for trait, effet in effets.items() if trait in traits)
            + 2.5 * penchants.get((cite["cite"], code), 0.0) + alea.gauss(0, 0.7))


def _repondre(cite: dict[str, str], penchants: dict[tuple[str, str], float], alea: Random) -> dict[str, str]:
    propensions = {code: _propension(cite, code, penchants, alea) for code in PROPENSIONS}
    arret = alea.randrange(len(QUESTIONS) // 2, len(QUESTIONS)) if alea.random() < 0.06 else len(QUESTIONS)
    reponse = {"cite": cite["cite"]}
    for rang, question in enumerate(QUESTIONS):
        manque = 0.45 if question["type"] == "texte" else 0.02
        donnee = _reponse(question, propensions, alea)
        reponse[question["variable"]] = "" if rang >= arret or alea.random() < manque else donnee
    return reponse


def _reponse(question: dict[str, str], propensions: dict[str, float], alea: Random) -> str:
    modalites = question["modalites"].split("|")
    code = question["code"].split("|")[0]
    signe = -1 if question["sens"] == "inverse" else 1
    if question["type"] == "echelle":
        uniforme = alea.random()
        degre = signe * propensions[code] + math.log(uniforme / (1 - uniforme))
        return modalites[sum(degre > seuil for seuil in (-1.6, 0, 1.6))]
    if question["type"] == "choix" and "ne sait pas" in modalites and alea.random() < 0.05:
        return "ne sait pas"
    affirme = bool(code) and alea.random() < 1 / (1 + math.exp(-signe * propensions[code]))
    if question["type"] == "choix":
        oui = question["affirme"].split("|") if question["affirme"] else ["oui"]
        autres = [modalite for modalite in modalites if modalite not in oui and modalite != "ne sait pas"]
        return alea.choice(oui if affirme else autres)
    if question["variable"] == "obstacles_principaux":
        tires = sorted(range(len(modalites)), key=lambda rang: -propensions[f"O{rang + 1:02d}"] - alea.gauss(0, 0.8))
        return "|".join(modalites[rang] for rang in sorted(tires[:3]))
    if question["type"] == "multiple":
        codes = question["code"].split("|")
        coches = [modalite for modalite, vise in zip(modalites, codes, strict=True)
                  if modalite != "aucun" and alea.random() < (0.6 if not vise else 0.5 if affirme else 0.05)]
        return "|".join(coches) or "aucun"
    if question["type"] == "nombre":
        etp = alea.choice(("1", "1", "1,5", "2") if affirme else ("0", "0,2", "0,5"))
        return {"etp_coordination": etp, "instances": str(alea.randrange(1, 9)),
                "accompagnes": str(round(alea.lognormvariate(5, 0.6)))}[question["variable"]]
    return alea.choice(CONCLUSIONS if question["variable"] == "a_changer" else REUSSITES)


def principal() -> None:
    """Point d'entrée de la commande."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("destination", type=Path, nargs="?", default=DEMONSTRATION)
    fabriquer(arguments.parse_args().destination)


if __name__ == "__main__":
    principal()
