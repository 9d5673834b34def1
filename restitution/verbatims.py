"""Choisir les phrases qu'un document cite, dire d'où elles viennent, et masquer ce qui y identifie."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from corpus.noms_propres import NomsPropres
from corpus.pseudonymes import Pseudonymes
from restitution.constats import nom_de_categorie
from restitution.donnees import DonneesRapport, GrilleLisible

MOTS = (12, 60)
"""Longueurs entre lesquelles une phrase se comprend seule sans lasser ; au-delà, on ne la cite que faute de mieux."""


@dataclass(frozen=True)
class Verbatim:
    """Une phrase citée et sa source.

    Attributes
    ----------
    texte : str
        La phrase, pseudonymisée.
    entretien, categorie, fonction, phrase, tour, codeur : str
    """

    texte: str
    entretien: str
    categorie: str
    fonction: str
    phrase: str
    tour: str
    codeur: str

    @property
    def source(self) -> str:
        """« T01-E03, Coordination, coordonnatrice, tour 12, phrase p031 »."""
        qui = ", ".join(filter(None, (self.entretien, self.categorie, self.fonction)))
        return f"{qui}, tour {self.tour}, phrase {self.phrase}"


class Citations:
    """De quoi citer une étude.

    Parameters
    ----------
    donnees : DonneesRapport
    pseudonymes : Pseudonymes
        La table de l'étude. Ce qu'elle ne dit pas est masqué par le repérage de `corpus.noms_propres`.
    """

    def __init__(self, donnees: DonneesRapport, pseudonymes: Pseudonymes) -> None:
        self._pseudonymes = pseudonymes
        # « Caf » dans la grille, « Valombre-Métropole » au titre de la monographie : rien à masquer.
        connus = [*textes_de_la_grille(donnees.grille), *donnees.territoires["nom"].astype(str), *pseudonymes.table.values()]
        self._noms = NomsPropres(donnees.phrases["texte"], connus)
        fiches = donnees.entretiens[["entretien", "categorie", "fonction", "territoire"]].fillna("")
        colonnes = ["entretien", "phrase", "code", "modalite", "confiance", "codeur", "a_relire"]
        table = donnees.mentions.reindex(columns=colonnes).merge(
            donnees.phrases[["entretien", "phrase", "tour", "texte"]], on=["entretien", "phrase"]).merge(fiches, on="entretien")
        mots = table["texte"].str.split().str.len()
        table = table.assign(
            nomme=[self._noms.suspecte(pseudonymes.appliquer(texte)) for texte in table["texte"]], hors=~mots.between(*MOTS),
            doute=table["a_relire"].eq(True), humaine=~table["codeur"].astype(str).str.startswith("machine:"),
        ).sort_values(["humaine", "hors", "nomme", "doute", "confiance", "entretien", "phrase"],
                      ascending=[False, True, True, True, False, True, True], kind="stable")
        self._par_code = dict(tuple(table.groupby(["code", "modalite"])))

    def choisir(self, code: str, modalite: str, nombre: int, entretiens: Iterable[str]) -> list[Verbatim]:
        """Les meilleures phrases d'un code dans une modalité.

        Parameters
        ----------
        code, modalite : str
        nombre : int
            Au plus ; une par entretien, et d'abord une par territoire puis par catégorie d'acteurs.
        entretiens : Iterable[str]
            Ceux où chercher.

        Returns
        -------
        list[Verbatim]
            Codées par une personne d'abord, puis celles dont la machine ne doute pas, sans nom propre et d'une longueur
            qui se lit ; la confiance départage.
        """
        candidates = self._par_code.get((code, modalite))
        if candidates is None:
            return []
        candidates = candidates[candidates["entretien"].isin(list(entretiens))].drop_duplicates("entretien")
        variees = [candidates.groupby(cle, sort=False).cumcount() for cle in ("territoire", "categorie")]
        tours = candidates.assign(premier=variees[0], second=variees[1]).sort_values(
            ["premier", "second"] if candidates["territoire"].nunique() > 1 else ["second"], kind="stable")
        retenues = tours.head(nombre)
        textes, fonctions = (self._noms.masquer([self._pseudonymes.appliquer(t) for t in retenues[colonne].astype(str)])
                             for colonne in ("texte", "fonction"))
        return [Verbatim(_cite(texte), str(ligne.entretien), nom_de_categorie(str(ligne.categorie)), fonction,
                         str(ligne.phrase), str(ligne.tour), str(ligne.codeur))
                for texte, fonction, ligne in zip(textes, fonctions, retenues.itertuples(index=False), strict=True)]


def textes_de_la_grille(grille: GrilleLisible) -> list[str]:
    """Tout ce que la grille écrit : les noms qu'on y lit n'identifient personne."""
    return [str(texte) for code in grille for texte in (
        code.intitule, code.definition,
        *(dit for nom in ("inclusions", "exclusions", "mots", "exemples") for dit in getattr(code, nom, ())))]


def _cite(texte: str) -> str:
    """Les guillemets d'une phrase qu'on va mettre entre guillemets deviennent de second rang (“ ”)."""
    texte = re.sub(r"«\s*", "“", re.sub(r"\s*»", "”", texte))
    return re.sub(r'"([^"]*)"', r"“\1”", texte)
