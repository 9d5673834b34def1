"""Ce que des personnes ont décidé en codant, en plus de leurs codages : `decisions.csv`, à la racine de l'étude.

L'application de codage l'écrit (`monographies coder`) ; on peut aussi l'écrire à la main. Colonnes : personne, decision,
entretien ; pour une décision sur un passage, phrase et code, et facultatifs texte, debut, fin (la phrase s'en retrouve si
son numéro a changé), modalite et raison. Les décisions :

- `termine`, `en_cours` : la personne a lu tout l'entretien, ou pas encore. Sans l'un ni l'autre, qui a codé un entretien
  est tenu pour l'avoir lu en entier ;
- `refuse` : la personne écarte un code que la machine avait posé sur la phrase ;
- `porte`, `ne_porte_pas` : un désaccord tranché.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from corpus.codages import COLONNES as COLONNES_CODAGES
from corpus.codages import MODALITES, Index, lire_codages_s_il_y_en_a
from corpus.fautes import ErreurEtude, Faute
from corpus.tables_csv import LigneCSV, lire_csv

NOM = "decisions.csv"
COLONNES = ("personne", "decision", "entretien", "phrase", "code", "modalite", "debut", "fin", "texte", "raison")
ETATS = TERMINE, EN_COURS = ("termine", "en_cours")
SUR_UN_PASSAGE = REFUSE, PORTE, NE_PORTE_PAS = ("refuse", "porte", "ne_porte_pas")


@dataclass(frozen=True)
class CodageHumain:
    """Ce que des personnes ont codé et décidé dans une étude.

    Attributes
    ----------
    codages : pandas.DataFrame
        Colonnes codeur, entretien, phrase, code, modalite (vide si elle n'est pas dite).
    decisions : pandas.DataFrame
        Colonnes personne, decision, entretien, phrase, code, modalite ; phrase et code vides pour un état de lecture.
    """

    codages: pd.DataFrame
    decisions: pd.DataFrame

    @property
    def vide(self) -> bool:
        """Personne n'a rien codé ni décidé."""
        return not len(self.codages) and not len(self.decisions)

    @cached_property
    def lectures(self) -> dict[tuple[str, str], bool]:
        """Qui a touché à quel entretien, et l'a-t-il lu en entier : (personne, entretien) → vrai ou faux."""
        dits = {(d.personne, d.entretien): d.decision == TERMINE for d in self.decisions.itertuples() if d.decision in ETATS}
        codes = dict.fromkeys(zip(self.codages["codeur"], self.codages["entretien"], strict=True), True)
        refus = {(d.personne, d.entretien): False for d in self.decisions.itertuples() if d.decision == REFUSE}
        return refus | codes | dits

    @property
    def codages_finis(self) -> pd.DataFrame:
        """Les codages de qui a lu l'entretien en entier."""
        finis = [self.lectures[cle] for cle in zip(self.codages["codeur"], self.codages["entretien"], strict=True)]
        return self.codages[pd.Series(finis, index=self.codages.index, dtype=bool)].reset_index(drop=True)


def lire_codage_humain(dossier: Path, phrases: pd.DataFrame, codes: Collection[str],
                       ecartes: Collection[str] = ()) -> CodageHumain:
    """Lit `codages.csv` et `decisions.csv`, s'ils sont là.

    Parameters
    ----------
    dossier : Path
        Le dossier d'étude.
    phrases : pandas.DataFrame
        Table des phrases de l'étude.
    codes : Collection[str]
        Codes de la grille.
    ecartes : Collection[str]
        Entretiens mis de côté : ce qui en est dit est ignoré.

    Raises
    ------
    ErreurEtude
        Toutes les fautes des deux fichiers.
    """
    codages, decisions = pd.DataFrame(columns=list(COLONNES_CODAGES), dtype=str), pd.DataFrame()
    fautes: list[Faute] = []
    try:
        codages = lire_codages_s_il_y_en_a(dossier, phrases, codes, ecartes).table
    except ErreurEtude as erreur:
        fautes += erreur.fautes
    try:
        decisions = lire_decisions(dossier, phrases, codes, ecartes)
    except ErreurEtude as erreur:
        fautes += erreur.fautes
    if fautes:
        raise ErreurEtude(fautes)
    return CodageHumain(codages, decisions)


def lire_decisions(dossier: Path, phrases: pd.DataFrame, codes: Collection[str],
                   ecartes: Collection[str] = ()) -> pd.DataFrame:
    """Lit `decisions.csv` ; une table vide s'il n'y est pas.

    Raises
    ------
    ErreurEtude
        Décision, entretien, phrase, code ou modalité inconnus ; personne sans nom ; deux états d'une même lecture.
    """
    colonnes = ["personne", "decision", "entretien", "phrase", "code", "modalite"]
    if not (dossier / NOM).is_file():
        return pd.DataFrame(columns=colonnes, dtype=str)
    lue = lire_csv(dossier / NOM, NOM, ("personne", "decision", "entretien"))
    fautes = list(lue.fautes)
    index, entretiens = Index.de(phrases), set(phrases["entretien"])
    lignes: list[tuple[str, ...]] = []
    etats: dict[tuple[str, str], str] = {}
    for ligne in lue.lignes:
        v = ligne.valeurs
        if v["entretien"] in ecartes:
            continue
        phrase = index.retrouver(ligne) if v.get("phrase") and v["decision"] in SUR_UN_PASSAGE else ""
        siennes = _controler(ligne, phrase, codes, entretiens)
        if v["decision"] in ETATS and etats.setdefault((v["personne"], v["entretien"]), v["decision"]) != v["decision"]:
            siennes.append(Faute(NOM, ligne.ligne, f"« {v['personne']} » a déjà un autre état pour « {v['entretien']} »",
                                 "gardez une seule ligne « termine » ou « en_cours » par personne et entretien"))
        fautes += siennes
        if not siennes:
            sur_un_passage = v["decision"] in SUR_UN_PASSAGE
            lignes.append((v["personne"], v["decision"], v["entretien"], phrase, v["code"] if sur_un_passage else "",
                           v.get("modalite", "") if sur_un_passage else ""))
    if fautes:
        raise ErreurEtude(fautes)
    return pd.DataFrame(lignes, columns=colonnes, dtype=str).drop_duplicates(ignore_index=True)


def _controler(ligne: LigneCSV, phrase: str, codes: Collection[str], entretiens: Collection[str]) -> list[Faute]:
    v, fautes = ligne.valeurs, []
    if not v["personne"]:
        fautes.append(Faute(NOM, ligne.ligne, "décision sans personne", "nommez qui l'a prise"))
    if v["decision"] not in (*ETATS, *SUR_UN_PASSAGE):
        return [*fautes, Faute(NOM, ligne.ligne, f"décision « {v['decision']} » inconnue",
                               f"écrivez {', '.join((*ETATS, *SUR_UN_PASSAGE))}")]
    if v["entretien"] not in entretiens:
        fautes.append(Faute(NOM, ligne.ligne, f"entretien « {v['entretien']} » inconnu", "reprenez son nom d'entretiens.csv"))
    elif v["decision"] in SUR_UN_PASSAGE and not phrase:
        fautes.append(Faute(NOM, ligne.ligne, f"phrase « {v.get('phrase', '')} » de l'entretien « {v['entretien']} » introuvable",
                            "rouvrez l'étude par « monographies coder », qui récrit ce fichier, ou corrigez la phrase"))
    if v["decision"] in SUR_UN_PASSAGE and v.get("code", "") not in codes:
        fautes.append(Faute(NOM, ligne.ligne, f"code « {v.get('code', '')} » absent de la grille",
                            "employez un code de la grille de l'étude"))
    if v.get("modalite", "") not in ("", *MODALITES):
        fautes.append(Faute(NOM, ligne.ligne, f"modalité « {v['modalite']} » inconnue",
                            f"écrivez {', '.join(MODALITES)}, ou rien"))
    return fautes
