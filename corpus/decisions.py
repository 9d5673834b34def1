"""Ce que des personnes ont décidé en codant, en plus de leurs codages : `decisions.csv`, à la racine de l'étude.

L'application de codage l'écrit (`monographies coder`) ; on peut y ajouter des lignes à la main, qu'elle garde. Colonnes :
personne, decision, entretien ; pour une décision sur un passage, code, et phrase ou texte (une phrase se retrouve à son texte
si son numéro a changé), et facultatifs debut, fin, modalite, raison. `origine` vaut « application » dans les lignes de
l'application ; laissez-la vide dans les vôtres. Quand deux lignes se contredisent, la dernière l'emporte. Les décisions :

- `termine`, `en_cours` : la personne a lu tout l'entretien, ou pas encore. Sans l'un ni l'autre, qui a codé un entretien
  est tenu pour l'avoir lu en entier ;
- `refuse` : la personne écarte un code que la machine avait posé sur la phrase ;
- `porte`, `ne_porte_pas` : un désaccord tranché.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from corpus.codages import COLONNES as COLONNES_CODAGES
from corpus.codages import MACHINE, MODALITES, Index, lire_codages_s_il_y_en_a
from corpus.fautes import ErreurEtude, Faute
from corpus.tables_csv import LigneCSV, lire_csv

NOM = "decisions.csv"
COLONNES = ("personne", "decision", "entretien", "phrase", "code", "modalite", "debut", "fin", "texte", "raison", "origine")
APPLICATION = "application"
ETATS = TERMINE, EN_COURS = ("termine", "en_cours")
SUR_UN_PASSAGE = REFUSE, PORTE, NE_PORTE_PAS = ("refuse", "porte", "ne_porte_pas")
_CLE = ["entretien", "phrase", "code"]


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
    def lus(self) -> dict[str, list[str]]:
        """Les entretiens lus en entier, et par qui."""
        lecteurs: dict[str, list[str]] = {}
        for (personne, entretien), fini in self.lectures.items():
            if fini:
                lecteurs.setdefault(entretien, []).append(personne)
        return lecteurs

    def retenir(self) -> pd.DataFrame:
        """Ce que les personnes codent, ensemble, dans les entretiens lus en entier.

        Un code est retenu sur une phrase quand la moitié au moins de ceux qui ont lu l'entretien en entier l'y ont posé, ou
        qu'un arbitrage l'y a donné ; jamais si un arbitrage l'en a retiré.

        Returns
        -------
        pandas.DataFrame
            Colonnes entretien, phrase, code, modalite, codeur (les noms, séparés par « , ») ; une ligne par phrase et code.
            La modalité est la plus donnée ; la première, à égalité.
        """
        finis = [self.lectures[cle] for cle in zip(self.codages["codeur"], self.codages["entretien"], strict=True)]
        codages = self.codages[pd.Series(finis, index=self.codages.index, dtype=bool)]
        lecteurs = {entretien: len(noms) for entretien, noms in self.lus.items()}
        return self.arbitrer(reunir(codages, lecteurs), set(lecteurs))

    def commences(self) -> pd.DataFrame:
        """Ce que les personnes codent dans les entretiens que nul n'a lus en entier : colonnes de `retenir`."""
        lus = self.lus
        codages = self.codages[~self.codages["entretien"].isin(list(lus))]
        autres = set(self.codages["entretien"]) | set(self.decisions["entretien"])
        return self.arbitrer(reunir(codages, {}), autres - set(lus))

    def arbitrer(self, poses: pd.DataFrame, entretiens: Collection[str]) -> pd.DataFrame:
        """Les codes posés, une fois tranchés les désaccords de ces entretiens ; le dernier arbitrage l'emporte."""
        tranches = self.decisions[self.decisions["decision"].isin([PORTE, NE_PORTE_PAS])
                                  & self.decisions["entretien"].isin(list(entretiens))].drop_duplicates(_CLE, keep="last")
        restes = poses[~pd.MultiIndex.from_frame(poses[_CLE]).isin(pd.MultiIndex.from_frame(tranches[_CLE]))]
        donnes = tranches[tranches["decision"] == PORTE]
        donnes = donnes.assign(codeur=donnes["personne"], modalite=donnes["modalite"].replace("", MODALITES[0]))
        return pd.concat([restes, donnes[list(poses.columns)]], ignore_index=True)

    @property
    def ecartes(self) -> pd.DataFrame:
        """Les codes que des personnes refusent à la machine : entretien, phrase, code."""
        tranches = self.decisions[self.decisions["decision"].isin([PORTE, NE_PORTE_PAS])].drop_duplicates(_CLE, keep="last")
        refus = self.decisions[self.decisions["decision"] == REFUSE]
        return pd.concat([refus[_CLE], tranches.loc[tranches["decision"] == NE_PORTE_PAS, _CLE]]).drop_duplicates()


def reunir(codages: pd.DataFrame, lecteurs: Mapping[str, int]) -> pd.DataFrame:
    """Les codes qu'au moins la moitié des lecteurs ont posés : colonnes de `CodageHumain.retenir`."""
    lignes = []
    for (entretien, phrase, code), siens in codages.groupby(_CLE, sort=False):
        if 2 * siens["codeur"].nunique() >= lecteurs.get(entretien, 0):
            modalites = siens["modalite"].replace("", MODALITES[0])
            lignes.append((entretien, phrase, code, modalites.value_counts(sort=False).idxmax(),
                           ", ".join(sorted(siens["codeur"].unique()))))
    return pd.DataFrame(lignes, columns=[*_CLE, "modalite", "codeur"], dtype=str)


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
        Décision, entretien, phrase, code ou modalité inconnus ; personne sans nom.
    """
    colonnes = ["personne", "decision", "entretien", "phrase", "code", "modalite"]
    if not (dossier / NOM).is_file():
        return pd.DataFrame(columns=colonnes, dtype=str)
    lue = lire_csv(dossier / NOM, NOM, ("personne", "decision", "entretien"))
    fautes = list(lue.fautes)
    index, entretiens = Index.de(phrases), set(phrases["entretien"])
    lignes: list[tuple[str, ...]] = []
    for brute in lue.lignes:
        v = {"phrase": "", "code": "", "modalite": ""} | brute.valeurs
        v |= {"decision": _cle(v["decision"]), "modalite": _cle(v["modalite"])}
        if v["entretien"] in ecartes or v["personne"].startswith(MACHINE):
            continue
        ligne = LigneCSV(brute.ligne, v)
        sur_un_passage = v["decision"] in SUR_UN_PASSAGE
        phrase = index.retrouver(ligne) if sur_un_passage else ""
        siennes = _controler(ligne, phrase, codes, entretiens)
        fautes += siennes
        if not siennes:
            lignes.append((v["personne"], v["decision"], v["entretien"], phrase, v["code"] if sur_un_passage else "",
                           v["modalite"] if sur_un_passage else ""))
    if fautes:
        raise ErreurEtude(fautes)
    return pd.DataFrame(lignes, columns=colonnes, dtype=str)


def _cle(mot: str) -> str:
    """« Terminé », « ne porte pas » : sans accents ni capitales, les blancs en « _ »."""
    nu = "".join(signe for signe in unicodedata.normalize("NFD", mot.casefold()) if not unicodedata.combining(signe))
    return "_".join(nu.split())


def _controler(ligne: LigneCSV, phrase: str, codes: Collection[str], entretiens: Collection[str]) -> list[Faute]:
    v, fautes = ligne.valeurs, []
    if not v["personne"]:
        fautes.append(Faute(NOM, ligne.ligne, "décision sans personne", "nommez qui l'a prise"))
    if v["decision"] not in (*ETATS, *SUR_UN_PASSAGE):
        return [*fautes, Faute(NOM, ligne.ligne, f"décision « {v['decision']} » inconnue",
                               f"écrivez {', '.join((*ETATS, *SUR_UN_PASSAGE))}")]
    if v["entretien"] not in entretiens:
        fautes.append(Faute(NOM, ligne.ligne, f"entretien « {v['entretien']} » inconnu",
                            "reprenez son nom d'entretiens.csv, ou ôtez la ligne"))
    elif v["decision"] in SUR_UN_PASSAGE and not phrase:
        dite = v["phrase"] or v.get("texte", "")
        fautes.append(Faute(NOM, ligne.ligne, f"phrase « {dite} » de l'entretien « {v['entretien']} » introuvable",
                            "corrigez la phrase, donnez son texte exact, ou ôtez la ligne"))
    if v["decision"] in SUR_UN_PASSAGE and v["code"] not in codes:
        fautes.append(Faute(NOM, ligne.ligne, f"code « {v['code']} » absent de la grille",
                            "employez un code de la grille de l'étude"))
    if v["modalite"] not in ("", *MODALITES):
        fautes.append(Faute(NOM, ligne.ligne, f"modalité « {v['modalite']} » inconnue",
                            f"écrivez {', '.join(MODALITES)}, ou rien"))
    return fautes
