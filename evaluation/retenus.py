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

from dataclasses import dataclass, replace

import pandas as pd

from corpus.decisions import CodageHumain

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
        Colonnes entretien, etat (`LU`, `COMMENCE`, `MACHINE`), codeurs (tuple de noms, vide pour la machine) ; une ligne par
        entretien qui a des phrases, dans leur ordre.
    ecartes : pandas.MultiIndex
        Les (entretien, phrase, code) où la machine ne compte pas : posés ou refusés par des personnes.
    """

    mentions: pd.DataFrame
    entretiens: pd.DataFrame
    ecartes: pd.MultiIndex

    def noms(self, etat: str) -> list[str]:
        """Les entretiens dans cet état, dans l'ordre de l'étude."""
        return list(self.entretiens.loc[self.entretiens["etat"] == etat, "entretien"])

    def de_la_machine(self, table: pd.DataFrame) -> pd.DataFrame:
        """Une table de la machine (mentions, hésitations), là où elle compte encore."""
        comptees = ~table["entretien"].isin(self.noms(LU)) & ~pd.MultiIndex.from_frame(table[_CLE]).isin(self.ecartes)
        return table[comptees].reset_index(drop=True)


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
        return Retenus(machine, etats, pd.MultiIndex.from_frame(machine[_CLE].iloc[:0]))
    poses = pd.concat([humain.retenir(), humain.commences()], ignore_index=True)
    places = phrases.loc[phrases["role"] == "enquete", ["entretien", "phrase", "debut", "fin", "texte"]]
    poses = poses.merge(places, on=["entretien", "phrase"], how="inner").assign(
        preuve="", indices_modalite="", a_relire=False).reindex(columns=list(machine.columns))
    retenus = Retenus(poses, etats, pd.MultiIndex.from_frame(pd.concat([poses[_CLE], humain.ecartes])))
    tables = [table for table in (retenus.de_la_machine(machine), poses) if len(table)]
    reunies = pd.concat(tables, ignore_index=True) if tables else machine.iloc[:0]
    rangs = {nom: rang for rang, nom in enumerate(etats["entretien"])}
    ordre = reunies.assign(_rang=reunies["entretien"].map(rangs)).sort_values(["_rang", "debut", "code"], kind="stable")
    mentions = ordre.drop(columns="_rang").reset_index(drop=True)
    return replace(retenus, mentions=mentions.assign(confiance=mentions["confiance"].astype(float),
                                                     a_relire=mentions["a_relire"].astype(bool)))


def _etats(phrases: pd.DataFrame, humain: CodageHumain) -> pd.DataFrame:
    lus = humain.lus
    touches: dict[str, set[str]] = {}
    for personne, entretien in (*humain.lectures, *zip(humain.decisions["personne"], humain.decisions["entretien"], strict=True)):
        touches.setdefault(entretien, set()).add(personne)
    lignes = [(nom, LU if nom in lus else COMMENCE if nom in touches else MACHINE,
               tuple(sorted(lus.get(nom) or touches.get(nom, set())))) for nom in phrases["entretien"].unique()]
    return pd.DataFrame(lignes, columns=["entretien", "etat", "codeurs"])
