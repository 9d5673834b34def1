"""Lire les codages d'une étude : ce que des évaluateurs ont codé, phrase par phrase.

`codages.csv`, à la racine du dossier d'étude : codeur, entretien, phrase, code, modalite ; facultatifs :
texte, qui permet de retrouver une phrase dont le numéro a changé ; debut et fin, le passage exact (un codage venu
d'un autre logiciel peut ne couvrir aucune phrase d'enquêté : il a un passage et pas de phrase).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corpus.fautes import ErreurEtude, Faute
from corpus.tables_csv import LigneCSV, lire_csv

NOM = "codages.csv"
OBLIGATOIRES = ("codeur", "entretien", "phrase", "code")
COLONNES = ("codeur", "entretien", "phrase", "code", "modalite")
MODALITES = ("presente", "absente", "hypothetique")
MACHINE = "machine:"


@dataclass(frozen=True)
class Codages:
    """Des codages humains.

    Attributes
    ----------
    table : pandas.DataFrame
        Colonnes de `COLONNES`, une ligne par codage, phrase retrouvée dans l'étude.
    machine : int
        Lignes laissées de côté parce qu'une machine les a posées.
    sans_phrase : int
        Lignes laissées de côté parce que leur passage ne couvre aucune phrase d'enquêté.
    """

    table: pd.DataFrame
    machine: int
    sans_phrase: int = 0


@dataclass(frozen=True)
class Index:
    """Retrouve une phrase d'enquêté par son numéro, sinon par son texte, sinon par sa place si le texte s'y recoupe."""

    textes: dict[tuple[str, str], str]
    par_texte: dict[tuple[str, str], list[str]]
    places: dict[str, list[tuple[int, int, str]]]

    @classmethod
    def de(cls, phrases: pd.DataFrame) -> Index:
        enquetes = phrases[phrases["role"] == "enquete"]
        textes = dict(zip(zip(enquetes["entretien"], enquetes["phrase"], strict=True), enquetes["texte"], strict=True))
        places: dict[str, list[tuple[int, int, str]]] = {}
        if {"debut", "fin"} <= set(enquetes):
            for place in enquetes[["entretien", "debut", "fin", "phrase"]].itertuples(index=False):
                places.setdefault(place.entretien, []).append((int(place.debut), int(place.fin), place.phrase))
        par_texte: dict[tuple[str, str], list[str]] = {}
        for (entretien, phrase), texte in textes.items():
            par_texte.setdefault((entretien, _nu(texte)), []).append(phrase)
        return cls(textes, par_texte, places)

    def retrouver(self, ligne: LigneCSV) -> str:
        """La phrase que désigne la ligne, ou vide : par son texte, sinon par son numéro si le texte n'est pas donné.

        Un texte que plusieurs phrases disent se départage par sa place (`debut`, `fin`), sinon par son numéro. Un texte
        qu'aucune ne dit (un autre outil a coupé les phrases ailleurs) se retrouve par sa place : la phrase que le passage
        recouvre le plus, pourvu que le texte de l'une soit dans celui de l'autre.
        """
        entretien, phrase = ligne.valeurs["entretien"], ligne.valeurs["phrase"]
        texte = _nu(ligne.valeurs.get("texte", ""))
        if not texte:
            return phrase if (entretien, phrase) in self.textes and not ligne.valeurs.get("texte") else ""
        pareilles = self.par_texte.get((entretien, texte), [])
        if len(pareilles) == 1:
            return pareilles[0]
        a_sa_place = self._a_sa_place(ligne)
        return a_sa_place if a_sa_place in pareilles or not pareilles else phrase if phrase in pareilles else ""

    def _a_sa_place(self, ligne: LigneCSV) -> str:
        entretien, texte = ligne.valeurs["entretien"], _nu(ligne.valeurs["texte"])
        bornes = [ligne.valeurs.get(nom, "") for nom in ("debut", "fin")]
        if not texte or not all(borne.isdecimal() for borne in bornes):
            return ""
        debut, fin = map(int, bornes)
        commun, phrase = max(((min(fin, f) - max(debut, d), phrase) for d, f, phrase in self.places.get(entretien, ())),
                             default=(0, ""))
        trouve = _nu(self.textes[entretien, phrase]) if commun > 0 else ""
        return phrase if trouve and (texte in trouve or trouve in texte) else ""


def lire_codages(dossier: Path, phrases: pd.DataFrame, codes: Collection[str]) -> Codages:
    """Lit les codages d'une étude.

    Parameters
    ----------
    dossier : Path
        Le dossier d'étude.
    phrases : pandas.DataFrame
        Table des phrases de l'étude.
    codes : Collection[str]
        Codes de la grille.

    Raises
    ------
    ErreurEtude
        Fichier absent ou mal formé ; code, modalité ou phrase inconnus. Toutes les fautes en une fois.
    """
    chemin = dossier / NOM
    if not chemin.is_file():
        raise ErreurEtude([Faute(NOM, 0, "aucun codage dans cette étude",
                                 f"écrivez {NOM} à la racine de l'étude, colonnes : {', '.join(COLONNES)}")])
    lus = lire_codages_s_il_y_en_a(dossier, phrases, codes)
    if lus.table.empty:
        raise ErreurEtude([Faute(NOM, 0, "aucun codage posé par une personne",
                                 "le codeur d'une ligne est le nom ou les initiales d'un évaluateur")])
    return lus


def lire_codages_s_il_y_en_a(dossier: Path, phrases: pd.DataFrame, codes: Collection[str],
                             ecartes: Collection[str] = ()) -> Codages:
    """Comme `lire_codages`, mais une étude sans codage, ou sans codage de personne, n'est pas une faute.

    Parameters
    ----------
    ecartes : Collection[str]
        Entretiens mis de côté : leurs codages sont ignorés.
    """
    chemin = dossier / NOM
    if not chemin.is_file():
        return Codages(pd.DataFrame(columns=list(COLONNES), dtype=str), 0)
    lue = lire_csv(chemin, NOM, OBLIGATOIRES)
    index = Index.de(phrases)
    fautes = list(lue.fautes)
    lignes: list[tuple[str, ...]] = []
    machine = sans_phrase = 0
    for ligne in lue.lignes:
        if ligne.valeurs["codeur"].startswith(MACHINE):
            machine += 1
            continue
        if ligne.valeurs["entretien"] in ecartes:
            continue
        if not ligne.valeurs["phrase"] and ligne.valeurs.get("debut") and ligne.valeurs.get("fin"):
            sans_phrase += 1
            continue
        phrase = index.retrouver(ligne)
        siennes = controler(ligne, phrase, codes)
        fautes += siennes
        if not siennes:
            v = ligne.valeurs
            lignes.append((v["codeur"], v["entretien"], phrase, v["code"], v.get("modalite", "")))
    if fautes:
        raise ErreurEtude(fautes)
    table = pd.DataFrame(lignes, columns=list(COLONNES), dtype=str)
    return Codages(table.drop_duplicates(["codeur", "entretien", "phrase", "code"], ignore_index=True), machine,
                   sans_phrase)


def _nu(texte: str) -> str:
    return "".join(signe for signe in texte.casefold() if signe.isalnum())


def controler(ligne: LigneCSV, phrase: str, codes: Collection[str]) -> list[Faute]:
    """Les fautes d'une ligne de codages, sa phrase une fois retrouvée (vide si elle ne l'est pas)."""
    valeurs, fautes = ligne.valeurs, []
    if not valeurs["codeur"]:
        fautes.append(Faute(NOM, ligne.ligne, "codage sans codeur", "nommez l'évaluateur qui l'a posé"))
    if valeurs["code"] not in codes:
        fautes.append(Faute(NOM, ligne.ligne, f"code « {valeurs['code']} » absent de la grille",
                            "employez un code de la grille de l'étude"))
    if valeurs.get("modalite", "") not in ("", *MODALITES):
        fautes.append(Faute(NOM, ligne.ligne, f"modalité « {valeurs['modalite']} » inconnue",
                            f"écrivez {', '.join(MODALITES)}, ou rien"))
    if not phrase:
        fautes.append(Faute(
            NOM, ligne.ligne, f"phrase « {valeurs['phrase']} » de l'entretien « {valeurs['entretien']} » introuvable",
            "reprenez entretien et phrase de resultats/mentions.csv ou de phrases.parquet, ou donnez son texte exact"))
    return fautes
