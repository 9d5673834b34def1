"""L'échantillon à coder à la main : ce que l'outil a tiré, ce que les évaluateurs y ont codé.

`echantillon.csv`, à la racine de l'étude, se remplit dans un tableur : la colonne `codes` reçoit les codes de la phrase
et leur modalité, « C1.1 présente ; O04 absente », ou « aucun ». Le reste du tirage est gardé à part, dans
`echantillon/`, à l'abri d'un tableur qui trierait ou arrondirait.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corpus.codages import MODALITES
from corpus.codages import NOM as NOM_CODAGES
from corpus.decisions import CodageHumain
from corpus.fautes import ErreurEtude, Faute
from corpus.tables_csv import LigneCSV, lire_csv

NOM = "echantillon.csv"
AUCUN = "aucun"
COLONNES = ("entretien", "phrase", "territoire", "strate", "probabilite", "avant", "texte", "apres", "codes")
MONTREES = 5
_BLANCS = re.compile(r"\s+")


@dataclass(frozen=True)
class EchantillonLu:
    """Ce qu'`echantillon.csv` dit.

    Attributes
    ----------
    codages : pandas.DataFrame
        Colonnes entretien, phrase, code, modalite (vide si elle n'est pas dite).
    vide : bool
        Vrai si personne n'a rien écrit dans la colonne `codes`.
    """

    codages: pd.DataFrame
    vide: bool


def presenter(tirees: pd.DataFrame, phrases: pd.DataFrame) -> pd.DataFrame:
    """Le tableau à remplir : colonnes de `COLONNES`, dans l'ordre des textes.

    Parameters
    ----------
    tirees : pandas.DataFrame
        Colonnes entretien, phrase, territoire, strate, probabilite.
    phrases : pandas.DataFrame
        Toutes les phrases de l'étude, enquêteur compris : `avant` et `apres` sont celles qui entourent.
    """
    voisines = phrases[["entretien", "phrase", "role", "texte"]].copy()
    par_entretien = voisines.groupby("entretien", sort=False)["texte"]
    voisines["avant"], voisines["apres"] = par_entretien.shift(1).fillna(""), par_entretien.shift(-1).fillna("")
    enquetes = voisines[voisines["role"] == "enquete"]
    return enquetes.merge(tirees, on=["entretien", "phrase"], validate="1:1").assign(codes="")[list(COLONNES)]


def lire_echantillon(dossier: Path, tirees: pd.DataFrame, codes: Collection[str]) -> EchantillonLu:
    """Lit l'échantillon rempli.

    Parameters
    ----------
    dossier : Path
        Le dossier d'étude.
    tirees : pandas.DataFrame
        Colonnes entretien, phrase, texte : les phrases que l'outil a tirées.
    codes : Collection[str]
        Codes de la grille.

    Raises
    ------
    ErreurEtude
        Fichier absent ou mal formé ; phrase ajoutée, retirée, répétée ou changée ; code ou modalité inconnus ; codage
        inachevé. Toutes les fautes en une fois.
    """
    chemin = dossier / NOM
    if not chemin.is_file():
        raise ErreurEtude([Faute(NOM, 0, "l'échantillon à coder n'est plus là",
                                 "remettez le fichier rempli à la racine de l'étude")])
    lue = lire_csv(chemin, NOM, ("entretien", "phrase", "codes"))
    textes = dict(zip(zip(tirees["entretien"], tirees["phrase"], strict=True), tirees["texte"], strict=True))
    admis = {code.casefold(): code for code in codes}
    fautes, codages, lus, non_codees = list(lue.fautes), [], set(), []
    for ligne in lue.lignes:
        cle = ligne.valeurs["entretien"], ligne.valeurs["phrase"]
        fautes += _controler(ligne, textes.get(cle), cle in lus)
        lus.add(cle)
        if not ligne.valeurs["codes"]:
            non_codees.append(ligne.ligne)
        poses, siennes = _decoder(ligne, admis)
        fautes += siennes
        codages += [(*cle, *pose) for pose in poses]
    if manquantes := [cle for cle in textes if cle not in lus]:
        fautes.append(Faute(NOM, 0, f"il manque {len(manquantes)} des {len(textes)} phrases tirées ({_apercu(manquantes)})",
                            "remettez leurs lignes : une phrase retirée fausse le tirage"))
    vide = len(non_codees) == len(lue.lignes)
    if non_codees and not vide:
        fautes.append(Faute(NOM, non_codees[0], f"phrases non codées : {len(non_codees)}",
                            f"codez-les toutes ; « {AUCUN} » pour une phrase sans code"))
    if fautes:
        raise ErreurEtude(fautes)
    table = pd.DataFrame(codages, columns=["entretien", "phrase", "code", "modalite"], dtype=str)
    return EchantillonLu(table.drop_duplicates(ignore_index=True), vide)


def reunir_codages(humain: CodageHumain, tirees: pd.DataFrame) -> pd.DataFrame:
    """Les codes que les évaluateurs ont posés sur les entretiens tirés, dans `codages.csv`.

    Ceux que `CodageHumain.retenir` garde. Chaque entretien doit avoir été lu en entier par une personne.

    Parameters
    ----------
    humain : CodageHumain
    tirees : pandas.DataFrame
        Colonnes entretien, phrase.

    Returns
    -------
    pandas.DataFrame
        Colonnes entretien, phrase, code, modalite.

    Raises
    ------
    ErreurEtude
        Entretiens tirés que personne n'a lus, ou pas finis.
    """
    lus = humain.lus
    sans = [str(nom) for nom in tirees["entretien"].unique() if nom not in lus]
    if sans:
        raise ErreurEtude([Faute(NOM_CODAGES, 0, f"entretiens tirés que personne n'a codés en entier : {len(sans)} "
                                 f"({', '.join(sans[:MONTREES])}{' …' if len(sans) > MONTREES else ''})",
                                 "codez-les et déclarez-les terminés ; sans aucun code à y poser, remplissez "
                                 f"{NOM} (« {AUCUN} »)")])
    siens = humain.retenir()
    siens = siens.loc[siens["entretien"].isin(tirees["entretien"]), ["entretien", "phrase", "code", "modalite"]]
    return siens.reset_index(drop=True)


def _apercu(cles: Sequence[tuple[str, str]]) -> str:
    return ", ".join(" ".join(cle) for cle in cles[:MONTREES]) + (" …" if len(cles) > MONTREES else "")


def _nu(texte: str) -> str:
    return "".join(signe for signe in unicodedata.normalize("NFKC", texte).casefold() if signe.isalnum())


def _controler(ligne: LigneCSV, tiree: str | None, repetee: bool) -> list[Faute]:
    nom = f"« {ligne.valeurs['phrase']} » de « {ligne.valeurs['entretien']} »"
    if tiree is None:
        return [Faute(NOM, ligne.ligne, f"la phrase {nom} n'a pas été tirée",
                      "ôtez cette ligne : une phrase ajoutée fausse le tirage")]
    if repetee:
        return [Faute(NOM, ligne.ligne, f"la phrase {nom} est déjà plus haut", "gardez une seule ligne")]
    texte = ligne.valeurs.get("texte", "")
    if texte and _nu(texte) != _nu(tiree):
        return [Faute(NOM, ligne.ligne, f"le texte de la phrase {nom} n'est pas celui qui a été tiré",
                      "une colonne a été triée sans les autres, ou le texte retouché : reprenez la ligne d'origine")]
    return []


def _decoder(ligne: LigneCSV, admis: dict[str, str]) -> tuple[list[tuple[str, str]], list[Faute]]:
    """Les (code, modalité) d'une case."""
    poses, fautes = [], []
    dites = [dite for dite in re.split(r"[;,|\n]", ligne.valeurs["codes"]) if dite.strip()]
    for dite in dites:
        nu = _BLANCS.sub(" ", dite.strip()).casefold()
        if nu == AUCUN and len(dites) == 1:
            continue
        code, _, modalite = nu.partition(" ")
        modalite = "".join(signe for signe in unicodedata.normalize("NFD", modalite) if not unicodedata.combining(signe))
        if code not in admis:
            fautes.append(Faute(NOM, ligne.ligne, f"code « {dite.strip()} » absent de la grille",
                                f"écrivez « CODE modalité ; CODE modalité », ou « {AUCUN} » seul"))
        elif modalite not in ("", *MODALITES):
            fautes.append(Faute(NOM, ligne.ligne, f"modalité « {modalite} » inconnue",
                                f"écrivez {', '.join(MODALITES)}, ou rien"))
        else:
            poses.append((admis[code], modalite))
    return poses, fautes
