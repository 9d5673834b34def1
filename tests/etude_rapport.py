"""De quoi écrire un rapport d'essai : l'étude de démonstration, ses codages de référence pour mentions.

Les confiances, les preuves et les thèmes sont inventés par une règle : ils ne servent qu'à remplir la page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from corpus.fautes import Faute
from corpus.segments import segmenter
from evaluation.constats_etude import COLONNES_VERITE, constater_etude
from evaluation.matrices import matrice
from evaluation.saturation import saturations
from evaluation.themes_grille import EtudeCodee, couverture, proposer, recouvrements
from evaluation.themes_territoires import comparer, repartir
from modeles.classes_lexicales import Propos
from modeles.formes import decouper
from modeles.textometrie import mesurer
from restitution.donnees import DonneesRapport
from restitution.rapport import ecrire_rapport

PIEGE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> & <!-- fin"
STABILITES = (float("nan"), 0.9, 0.6, 0.3)
"""Stabilités inventées des thèmes, tour à tour : non mesurée, stable, à confirmer, instable."""
LIEUX = ((0, 0, 1), (4, 0, 0.8), (-1, 3, 0.5), (-3, -3, 0.9), (0, 1, 0.2), (1, -2, 0.4), (-2, 1, 0.6), (1, 0, 0.1))
"""Places et qualités inventées des thèmes dans le plan."""
DEMONSTRATION = Path(__file__).parent.parent / "corpus" / "demonstration"


@dataclass(frozen=True)
class CodeEssai:
    code: str
    intitule: str
    genre: str
    famille: str
    definition: str = "Ce que l'on code."
    couleur: str = "#88AADD"


@dataclass
class GrilleEssai:
    codes: list[CodeEssai]
    genres: dict[str, str] = field(
        default_factory=lambda: {"condition": "Conditions de réussite", "obstacle": "Obstacles"}
    )

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter(self.codes)


def grille_essai(codes: list[str]) -> GrilleEssai:
    return GrilleEssai(
        [
            CodeEssai(c, f"Intitulé du code {c}", "condition" if c[0] == "C" else "obstacle", c[:2])
            for c in codes
        ]
    )


def execution(**autres: Any) -> dict[str, Any]:
    return {
        "version": "0.1.0",
        "date": "2026-02-03T09:05:00",
        "codeur": "machine:0.1.0",
        "empreintes": {
            "grille": "9f2c" * 16,
            "modele": "41aa" * 16,
            "fichiers": {"T01/T01-E01.txt": "77" * 32},
        },
        "fautes": [
            Faute(
                "T02/T02-E99.docx", 0, "le fichier est vide", "remplacez-le par la transcription", "T02-E99"
            )
        ],
        "suppositions": {"T07-E02": ["« Claire » pose les questions et parle peu : tenue pour l'enquêtrice"]},
        "avertissements": [
            "Textes et codages fictifs, écrits pour le projet\u00a0; ce ne sont pas ceux de l’évaluation."
        ],
        "mesures": {"F1 par phrase et code": 0.713, "entretiens relus": 27},
    } | autres


def _themes(phrases: pd.DataFrame, territoires: list[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    dites = phrases[phrases["role"] == "enquete"].reset_index(drop=True)
    lignes, liens = [], []
    for portee in ["national", *territoires]:
        dans = dites if portee == "national" else dites[dites["entretien"].str.startswith(portee)]
        for rang, groupe in dans.groupby(dans["texte"].str.len() % (8 if portee == "national" else 4)):
            if rang == 0:
                continue  # hors thème
            # Le dernier thème d'un territoire lui est propre ; t01 seul a des thèmes proches.
            theme, proche = f"t{rang:02}", "" if portee == "national" or rang == 3 else "t01"
            mots = groupe["texte"].str.cat(sep=" ").lower()
            mots = (
                pd.Series(mots.replace("'", " ").split())
                .loc[lambda s: s.str.len() > 6]
                .value_counts()
                .index[:6]
            )
            lignes.append(
                (
                    portee,
                    theme,
                    " · ".join(mots[:3]),
                    ";".join(mots),
                    len(groupe),
                    len(groupe) / len(dans),
                    proche,
                    STABILITES[rang % len(STABILITES)],
                    0.41,
                    *LIEUX[rang],
                )
            )
            poids = (groupe["texte"].str.len() % 97) / 97
            liens.append(
                pd.DataFrame(
                    {
                        "portee": portee,
                        "theme": theme,
                        "entretien": groupe["entretien"],
                        "phrase": groupe["phrase"],
                        "poids": poids,
                    }
                )
            )
    colonnes = ["portee", "theme", "libelle", "mots", "phrases", "part", "theme_national", "stabilite"]
    colonnes += ["stabilite_portee", "x", "y", "qualite"]
    return pd.DataFrame(lignes, columns=colonnes), pd.concat(liens, ignore_index=True)


def formes_longues(texte: str) -> list[str]:
    """Ce qui tient lieu de lemmes dans les essais : les mots de plus de cinq lettres."""
    return [forme for forme in decouper(texte) if len(forme) > 5]


@lru_cache(maxsize=4)
def _textometrie(territoires: tuple[str, ...]) -> dict[str, pd.DataFrame]:
    """Les tables de textométrie des entretiens de ces territoires."""
    entretiens = pd.read_csv(DEMONSTRATION / "entretiens.csv", keep_default_na=False)
    entretiens = entretiens[entretiens["territoire"].isin(territoires)].set_index("entretien")
    phrases = pd.read_csv(DEMONSTRATION / "references" / "phrases.csv", keep_default_na=False)
    segments = segmenter(phrases[phrases["entretien"].isin(entretiens.index)])
    variables = entretiens.loc[segments["entretien"], ["territoire", "categorie"]].reset_index(drop=True)
    return mesurer(Propos(segments, [formes_longues(texte) for texte in segments["texte"]], variables))


def _texte_du_tour(phrases: pd.DataFrame) -> str:
    """Les phrases d'un tour à leur place, des blancs entre elles."""
    depart, texte = phrases["debut"].min(), ""
    for debut, phrase in zip(phrases["debut"], phrases["texte"], strict=True):
        texte = texte.ljust(debut - depart) + phrase
    return texte


def etude_de_demonstration(grille: Any = None, territoires: list[str] | None = None) -> DonneesRapport:
    """Les tables de l'étude de démonstration ; `territoires` n'en garde que quelques-uns."""
    entretiens = pd.read_csv(DEMONSTRATION / "entretiens.csv")
    noms = pd.read_csv(DEMONSTRATION / "territoires.csv")
    if territoires:
        entretiens = entretiens[entretiens["territoire"].isin(territoires)]
        noms = noms[noms["territoire"].isin(territoires)]
    phrases = pd.read_csv(DEMONSTRATION / "references" / "phrases.csv", keep_default_na=False)
    phrases = phrases[phrases["entretien"].isin(entretiens["entretien"])].reset_index(drop=True)
    codages = pd.read_csv(DEMONSTRATION / "references" / "codages.csv")
    codages = codages[(codages["codeur"] == "A") & codages["entretien"].isin(entretiens["entretien"])]
    codages = codages.reset_index(drop=True)
    tours = phrases.groupby(["entretien", "tour"], sort=False, as_index=False).agg(
        role=("role", "first"), debut=("debut", "min"), fin=("fin", "max")
    )
    tours["texte"] = [
        _texte_du_tour(groupe) for _, groupe in phrases.groupby(["entretien", "tour"], sort=False)
    ]
    tours["locuteur"] = np.where(tours["role"] == "enquete", "Enquêtée", "Enquêteur")
    tours["horodatage"] = ""
    mots = phrases["texte"].str.split().str.len().groupby(phrases["entretien"]).sum()
    confiance = 0.35 + (codages["debut"] * 37 % 61) / 100
    preuve = codages["texte"].str.split().map(lambda m: " ".join(m[len(m) // 4 : len(m) // 4 + 5]))
    mentions = codages.assign(confiance=confiance.round(2), codeur="machine:0.1.0", preuve=preuve)
    grille = grille or grille_essai(sorted(mentions["code"].unique()))
    themes, themes_phrases = _themes(phrases, list(noms["territoire"]))
    # Le thème national t03 perd presque toutes ses mentions : la grille ne l'explique pas.
    muettes = themes_phrases[(themes_phrases["portee"] == "national") & (themes_phrases["theme"] == "t03")]
    cles = pd.MultiIndex.from_frame(mentions[["entretien", "phrase"]])
    tues = cles.isin(pd.MultiIndex.from_frame(muettes[["entretien", "phrase"]].iloc[10:]))
    mentions = mentions[~tues].reset_index(drop=True)
    codes = [c.code for c in grille]
    dites = phrases[phrases["role"] == "enquete"]
    codee = EtudeCodee(themes, themes_phrases, mentions, phrases, entretiens, codes)
    regroupees = (themes, themes_phrases, phrases, entretiens)
    couverts = couverture(codee)[["portee", "theme", "part_codee", "code_dominant"]]
    return DonneesRapport(
        titre="Cités de l’emploi : étude de démonstration",
        grille=grille,
        entretiens=entretiens.assign(mots=entretiens["entretien"].map(mots)),
        territoires=noms,
        phrases=phrases,
        tours=tours,
        mentions=mentions,
        themes=themes.merge(couverts, on=["portee", "theme"]),
        themes_phrases=themes_phrases,
        themes_codes=recouvrements(codee),
        codes_proposes=proposer(codee),
        themes_territoires=repartir(*regroupees),
        themes_ecarts=comparer(*regroupees, tirages=999),
        matrice=matrice(mentions, entretiens, phrases, codes),
        constats=constater_etude(mentions, mentions.iloc[:0], mentions.iloc[:0], entretiens, noms, codes),
        textometrie=_textometrie(tuple(noms["territoire"])) | saturations(mentions, themes_phrases, entretiens),
        lemmes=dites[["entretien", "phrase"]].assign(lemmes=[" ".join(formes_longues(t)) for t in dites["texte"]]),
        execution=execution(),
    )


def etude_minuscule(phrases: list[str], **execution_: Any) -> DonneesRapport:
    """Un entretien, un tour par phrase ; la première phrase porte la seule mention."""
    demonstration = etude_de_demonstration(territoires=["T01"])
    debuts = [sum(len(p) + 1 for p in phrases[:i]) for i in range(len(phrases))]
    table = pd.DataFrame({
        "entretien": "e1", "tour": range(1, len(phrases) + 1), "role": "enquete",
        "phrase": [f"p{i}" for i in range(len(phrases))],
        "debut": debuts, "fin": [d + len(p) for d, p in zip(debuts, phrases, strict=True)],
        "texte": phrases,
    })  # fmt: skip
    code = next(iter(demonstration.grille)).code
    mention = {
        "entretien": "e1", "phrase": "p0", "debut": 0, "fin": len(phrases[0]), "texte": phrases[0],
        "code": code, "modalite": "presente", "confiance": float("nan"), "codeur": phrases[0],
        "preuve": phrases[0],
    }  # fmt: skip
    fiche = {"entretien": "e1", "fichier": phrases[0], "territoire": "A", "fonction": phrases[0], "date": ""}
    return replace(
        demonstration,
        titre=phrases[0],
        entretiens=pd.DataFrame([fiche | {"categorie": phrases[0], "mots": 3}]),
        territoires=pd.DataFrame([{"territoire": "A", "nom": phrases[0]}]),
        phrases=table,
        tours=table.drop(columns="phrase").assign(locuteur=phrases[0], horodatage=""),
        mentions=pd.DataFrame([mention]),
        themes=pd.DataFrame(
            [
                {
                    "portee": "national",
                    "theme": 0,
                    "libelle": phrases[0],
                    "mots": [phrases[0]],
                    "phrases": 1,
                    "part": 1,
                }
            ]
        ),
        themes_phrases=table[["entretien", "phrase"]].assign(portee="national", theme=0, poids=1.0),
        themes_codes=None,
        codes_proposes=None,
        themes_territoires=None,
        themes_ecarts=None,
        matrice=demonstration.matrice.head(0),
        constats=_constats_pieges(phrases[0], demonstration.constats, code),
        textometrie=_piegee(phrases[0], demonstration.textometrie),
        lemmes=pd.DataFrame([{"entretien": "e1", "phrase": "p0", "lemmes": "piege"}]),
        execution=execution(**execution_),
    )


def _piegee(texte: str, tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Une textométrie d'une ligne par table (deux nœuds pour l'arbre), tous ses mots remplacés par un texte."""
    un = {nom: table.head(1) for nom, table in tables.items()}
    segment = un["segments_reinert"].assign(entretien="e1", phrases="p0", classe=1, texte=texte)
    return un | {
        "arbre_reinert": un["arbre_reinert"].assign(parent=-1, classe=1, hauteur=0.0),
        "classes_reinert": un["classes_reinert"].assign(libelle=texte),
        "profils_reinert": un["profils_reinert"].assign(element=texte),
        "segments_reinert": segment,
        "specificites": un["specificites"].assign(partie="A", forme=texte, score=3.0),
        "similitudes": un["similitudes"].assign(source=texte, cible=f"{texte} 2"),
        "similitudes_formes": pd.concat([un["similitudes_formes"].assign(forme=nom) for nom in (texte, f"{texte} 2")]),
        "afc": un["afc"].assign(element="A"),
        "saturation": un["saturation"].assign(entretien="e1"),
        "saturation_series": un["saturation_series"].head(0),
    }


def _constats_pieges(texte: str, tables: Mapping[str, pd.DataFrame], code: str) -> dict[str, pd.DataFrame]:
    """Des constats d'une ligne par table, leurs mots remplacés par un texte."""
    un = {nom: table.head(1).assign(code=code) for nom, table in tables.items()}
    textes = {"code": code, "echelle": texte, "porteur": "", "anciennete": "", "liste": texte}
    verite = pd.DataFrame([dict.fromkeys(COLONNES_VERITE, 1) | textes])
    return un | {
        "regards": un["regards"].assign(raison=texte, retenu=False),
        "regards_categories": un["regards_categories"].assign(categorie=texte),
        "configurations": un["configurations"].assign(valeur=texte, raison=texte),
        "table_verite": verite,
    }


def distincts(donnees: DonneesRapport, unite: str, modalite: str = "") -> dict[tuple[str, str], int]:
    """Les effectifs attendus, recomptés sur les mentions."""
    mentions = donnees.mentions.merge(donnees.entretiens, on="entretien")
    if modalite:
        mentions = mentions[mentions["modalite"] == modalite]
    attendus = {(c.code, t): 0 for c in donnees.grille for t in donnees.territoires["territoire"]}
    cle = {"phrases": ["entretien", "phrase"], "entretiens": ["entretien"], "categories": ["categorie"]}[
        unite
    ]
    groupes = mentions.drop_duplicates(["code", "territoire", *cle]).groupby(["code", "territoire"]).size()
    return attendus | {(str(c), str(t)): int(n) for (c, t), n in groupes.items()}  # type: ignore[misc]


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    """Trois territoires de la démonstration."""
    return etude_de_demonstration(territoires=["T01", "T03", "T07"])


@pytest.fixture(scope="module")
def rapport(donnees: DonneesRapport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    chemin = tmp_path_factory.mktemp("rapport") / "rapport.html"
    ecrire_rapport(chemin, donnees)
    return chemin
