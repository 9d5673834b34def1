"""Ce que les tableaux comptent : le codage des personnes là où elles ont codé, celui de la machine ailleurs.

Trois sortes d'entretiens :

- **lu** : une personne au moins l'a lu en entier. Seul compte le codage de celles qui ont fini : un code y est retenu
  quand la moitié d'entre elles au moins l'a posé sur la phrase, ou qu'un arbitrage l'a donné ; jamais si un arbitrage
  l'a retiré. La machine n'y compte plus ;
- **en cours** : des personnes y ont codé ou jugé, aucune n'a fini. Leurs codes s'ajoutent à ceux de la machine, moins
  ceux qu'elles ont refusés ;
- **machine** : personne n'y a touché.

Une mention porte toujours le nom de qui l'a posée. Les méthodes automatiques aident qui lit, elles ne le remplacent pas
(Grimmer et Stewart 2013, « Text as Data », *Political Analysis* 21, p. 270). Des parts estimées d'après un échantillon codé,
qui corrigent la machine là où personne n'a codé : `evaluation.estimation`.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from corpus.decisions import NE_PORTE_PAS, PORTE, REFUSE, CodageHumain

LU, COMMENCE, MACHINE = "lu", "en cours", "machine"
_CLE = ["entretien", "phrase", "code"]


@dataclass(frozen=True)
class Retenus:
    """Ce qu'une étude retient.

    Attributes
    ----------
    mentions : pandas.DataFrame
        Aux colonnes de la table de la machine ; une ligne par entretien, phrase et code. Celles de personnes : `codeur`
        les nomme, séparées par « , » ; `confiance` manque ; `preuve` et `indices_modalite` sont vides.
    entretiens : pandas.DataFrame
        Colonnes entretien, etat (`LU`, `COMMENCE`, `MACHINE`), codeurs (séparés par « , », vide pour la machine) ; une ligne
        par entretien qui a des phrases, dans leur ordre.
    """

    mentions: pd.DataFrame
    entretiens: pd.DataFrame

    def noms(self, etat: str) -> list[str]:
        """Les entretiens dans cet état, dans l'ordre de l'étude."""
        return list(self.entretiens.loc[self.entretiens["etat"] == etat, "entretien"])

    def sans_lus(self, table: pd.DataFrame) -> pd.DataFrame:
        """Une table de la machine, sans les entretiens que des personnes ont lus en entier."""
        return table[~table["entretien"].isin(self.noms(LU))].reset_index(drop=True)


def retenir(machine: pd.DataFrame, phrases: pd.DataFrame, humain: CodageHumain) -> Retenus:
    """Réunit le codage de la machine et celui des personnes.

    Parameters
    ----------
    machine : pandas.DataFrame
        Les mentions de la machine : entretien, phrase, debut, fin, texte, code, modalite, confiance, codeur, et d'autres.
    phrases : pandas.DataFrame
        Toutes les phrases de l'étude : entretien, phrase, role, debut, fin, texte.
    humain : CodageHumain
    """
    etats = _etats(phrases, humain)
    if humain.vide:
        return Retenus(machine, etats)
    etat = dict(zip(etats["entretien"], etats["etat"], strict=True))
    commences = humain.codages[humain.codages["entretien"].map(etat) == COMMENCE]
    lecteurs = pd.Series([entretien for (_, entretien), fini in humain.lectures.items() if fini], dtype=str).value_counts()
    poses = _poser(pd.concat([humain.codages_finis, commences]), lecteurs.to_dict())
    poses = _arbitrer(poses, humain.decisions)
    places = phrases.loc[phrases["role"] == "enquete", ["entretien", "phrase", "debut", "fin", "texte"]]
    poses = poses.merge(places, on=["entretien", "phrase"], how="inner").assign(
        preuve="", indices_modalite="", a_relire=False).reindex(columns=list(machine.columns))
    ecartees = pd.MultiIndex.from_frame(pd.concat([poses[_CLE], humain.decisions.loc[
        humain.decisions["decision"].isin([REFUSE, NE_PORTE_PAS]), _CLE]]))
    gardees = machine[(machine["entretien"].map(etat) != LU) & ~pd.MultiIndex.from_frame(machine[_CLE]).isin(ecartees)]
    tables = [table for table in (gardees, poses) if len(table)]
    reunies = pd.concat(tables, ignore_index=True) if tables else machine.iloc[:0]
    rangs = {nom: rang for rang, nom in enumerate(etats["entretien"])}
    ordre = reunies.assign(_rang=reunies["entretien"].map(rangs)).sort_values(["_rang", "debut", "code"], kind="stable")
    mentions = ordre.drop(columns="_rang").reset_index(drop=True)
    return Retenus(mentions.assign(confiance=mentions["confiance"].astype(float), a_relire=mentions["a_relire"].astype(bool)),
                   etats)


def _etats(phrases: pd.DataFrame, humain: CodageHumain) -> pd.DataFrame:
    par_entretien: dict[str, dict[bool, list[str]]] = {}
    for (personne, entretien), fini in sorted(humain.lectures.items()):
        par_entretien.setdefault(entretien, {}).setdefault(fini, []).append(personne)
    lignes = []
    for nom in phrases["entretien"].unique():
        lecteurs = par_entretien.get(nom, {})
        etat = LU if True in lecteurs else COMMENCE if lecteurs else MACHINE
        lignes.append((nom, etat, ", ".join(lecteurs.get(etat == LU, []))))
    return pd.DataFrame(lignes, columns=["entretien", "etat", "codeurs"])


def _poser(codages: pd.DataFrame, lecteurs: dict[str, int]) -> pd.DataFrame:
    """Les codes des personnes : une ligne par phrase et code, la modalité la plus donnée (la première dite, à égalité)."""
    lignes = []
    for (entretien, phrase, code), siens in codages.groupby(_CLE, sort=False):
        if 2 * siens["codeur"].nunique() >= lecteurs.get(entretien, 0):
            modalites = siens["modalite"].replace("", "presente")
            lignes.append((entretien, phrase, code, modalites.value_counts(sort=False).idxmax(),
                           ", ".join(sorted(siens["codeur"].unique()))))
    return pd.DataFrame(lignes, columns=[*_CLE, "modalite", "codeur"], dtype=str)


def _arbitrer(poses: pd.DataFrame, decisions: pd.DataFrame) -> pd.DataFrame:
    """Les codes des personnes, une fois tranchés les désaccords."""
    tranchees = decisions[decisions["decision"].isin([PORTE, NE_PORTE_PAS])]
    restes = poses[~pd.MultiIndex.from_frame(poses[_CLE]).isin(pd.MultiIndex.from_frame(tranchees[_CLE]))]
    donnes = tranchees[tranchees["decision"] == PORTE].drop_duplicates(_CLE, keep="last")
    donnes = donnes.assign(codeur=donnes["personne"], modalite=donnes["modalite"].replace("", "presente"))
    return pd.concat([restes, donnes[list(poses.columns)]], ignore_index=True)
