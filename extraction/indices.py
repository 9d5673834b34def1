"""Les indices de modalité d'une phrase : négation, conditionnel, futur, souhait, levée, manque…

Un indice est un passage de la phrase et un nom. Les indices de syntaxe disent s'ils portent sur la
proposition principale ou sur une subordonnée : « le conseiller **n'**est **pas** venu » nie le fait,
« les gens qui **ne** travaillent **pas** viennent » ne le nie pas. Le lexique est dans
`extraction.lexique_modalite`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from spacy.tokens import Doc, Token

from extraction.langue import trait
from extraction.lexique_modalite import (
    BIENS,
    CHARGES,
    EXPRESSIONS,
    LEMMES,
    MAUX,
)
from extraction.negation import (
    NE,
    PORTEE,
    est_cite,
    est_conjugue,
    est_nie,
    est_subordonne,
    facades,
    meme_proposition,
    minuscules,
    negations,
    portee,
)

_MOUVEMENT = {"chercher", "voir", "frapper", "rencontrer", "boire", "toquer", "trouver", "parler"}
_ADRESSE = {"dire", "voir", "avouer", "rassurer", "cacher", "excuser", "raconter", "expliquer"}
_INTERROGATIFS = {"savoir", "demander", "demande", "voir", "vérifier", "dire", "ignorer", "regarder"}
_NOMS_PAR_LEMME: dict[str, tuple[str, ...]] = {
    lemme: tuple(nom for nom, lemmes in LEMMES.items() if lemme in lemmes)
    for lemme in sorted(frozenset().union(*LEMMES.values()))
}
_NIABLES = {"positif", "entente", "mise_en_place", "levee"}
_CACHE = "monographies_indices"


@dataclass(frozen=True, order=True)
class Indice:
    """Un passage qui renseigne sur la modalité.

    Attributes
    ----------
    debut, fin : int
        Positions en caractères dans la phrase. Un indice tiré de ce qui précède la phrase a une
        étendue vide, en tête.
    texte : str
        Le passage, vide pour un indice tiré du contexte.
    nom : str
        Nom de l'indice (« negation_principale », « souhait », « suite_souhait »…).
    """

    debut: int
    fin: int
    texte: str
    nom: str


def _mot(nom: str, mot: Token) -> Indice:
    return Indice(mot.idx, mot.idx + len(mot.text), mot.text, nom)


def _negations(doc: Doc, nies: list[Token]) -> Iterator[Indice]:
    for debut, fin in facades(doc):
        yield Indice(debut, fin, doc.text[debut:fin], "negation_de_facade")
    mal_nie = {m.i for m in doc if m.lemma_.lower() in MAUX and est_nie(m, nies)}
    for mot in nies:
        voisinage = range(mot.i - 1, mot.i + 1 + PORTEE)
        if any(i in mal_nie for i in voisinage):
            nom = "mal_nie"
        elif mot.head.lower_ == "besoin" or (mot.i + 1 < len(doc) and mot.nbor(1).lower_ == "besoin"):
            nom = "besoin_nie"
        elif est_cite(mot):
            nom = "negation_citee"
        elif not any(est_conjugue(m) for m in doc):
            nom = "negation_sans_verbe"
        elif est_subordonne(mot):
            nom = "negation_subordonnee"
        else:
            nom = "negation_principale"
        yield _mot(nom, mot)
        lemmes = {m.lemma_.lower() for m in (*doc[max(0, mot.i - 2) : mot.i], *portee(mot))}
        if nom != "mal_nie" and lemmes & CHARGES:
            yield _mot("charge_niee", mot)
        elif nom != "mal_nie" and lemmes & BIENS:
            yield _mot("bien_nie", mot)
        if mot.lower_ == "plus":
            yield _mot("ne_plus", mot)
        elif mot.lower_ in {"jamais", "aucun", "aucune", "personne", "rien", "ni"}:
            yield _mot("negation_totale", mot)
    for mot in doc:
        if mot.lower_ == "sans":
            yield _mot("sans", mot)
        elif mot.lower_ in NE and not any(m in nies for m in portee(mot)):
            if any(m.lower_ in {"que", "qu'"} for m in list(meme_proposition(mot, 1))[:8]):
                yield _mot("restriction", mot)
    if doc and doc[0].lower_ in {"non", "si", "oui", "jamais", "rien", "pas", "aucune", "aucun", "personne"}:
        suite = doc[1].lower_ if len(doc) > 1 else ""
        if doc[0].lower_ != "si" or suite in {",", ".", "!", ""}:
            yield _mot("reponse_oui" if doc[0].lower_ in {"oui", "si"} else "reponse_non", doc[0])
    for mot in doc[1:]:
        if mot.lower_ in {"non", "oui"} and not est_cite(mot):
            yield _mot("non" if mot.lower_ == "non" else "oui", mot)


def _est_au_present(mot: Token) -> bool:
    return "Ind" in trait(mot, "Mood") and "Pres" in trait(mot, "Tense")


def _temps(doc: Doc, nies: list[Token]) -> Iterator[Indice]:
    verbes = [m for m in doc if est_conjugue(m)]
    for mot in verbes:
        subordonne = "_subordonne" if est_subordonne(mot) else ""
        temps, mode = trait(mot, "Tense"), trait(mot, "Mood")
        if "Cnd" in mode and mot.lemma_ not in _ADRESSE:
            suite = list(meme_proposition(mot, 1))[:3]
            passe = mot.pos_ == "AUX" and any("Part" in trait(m, "VerbForm") for m in suite)
            yield _mot(("conditionnel_passe" if passe else "conditionnel") + subordonne, mot)
        elif "Fut" in temps and mot.lemma_ not in _ADRESSE:
            yield _mot("futur" + subordonne, mot)
        elif mot.lemma_ == "aller" and "Pres" in temps:
            suite = list(meme_proposition(mot, 1))[:3]
            infinitif = next((m for m in suite if "Inf" in trait(m, "VerbForm")), None)
            if infinitif is not None and infinitif.lemma_ not in _MOUVEMENT | _ADRESSE:
                yield _mot("futur_proche" + subordonne, mot)
        if "Sub" in mode:
            yield _mot("subjonctif", mot)
        if "Imp" in mode:
            yield _mot("imperatif", mot)
    racines = [m for m in verbes if not est_subordonne(m)]
    for mot in racines:
        suite = list(meme_proposition(mot, 1))[:3]
        if "Imp" in trait(mot, "Tense"):
            yield _mot("imparfait", mot)
        elif mot.lemma_ in {"avoir", "être"} and _est_au_present(mot):
            if any("Part" in trait(m, "VerbForm") and "Past" in trait(m, "Tense") for m in suite):
                yield _mot("passe_compose_nie" if any(m in nies for m in suite) else "passe_compose", mot)


def _amorces(doc: Doc) -> Iterator[Indice]:
    """Ce que disent le début, la fin et la forme de la phrase."""
    mots = [m for m in doc if not m.is_punct and not m.is_space]
    if not mots:
        return
    premiers = [
        m
        for m in mots[:4]
        if m.lower_ not in {"et", "mais", "ou", "alors", "donc", "ah", "ben", "un", "deux"}
    ]
    if premiers and premiers[0].lower_ in {"que", "qu'"}:
        verbe = next((m for m in doc[premiers[0].i + 1 :] if est_conjugue(m)), None)
        subjonctif = verbe is not None and (
            "Sub" in trait(verbe, "Mood") or (verbe.lemma_.endswith("er") and verbe.lemma_ != "aller")
        )
        yield _mot("que_souhait" if subjonctif else "que_initial", premiers[0])
    if premiers and "Inf" in trait(premiers[0], "VerbForm"):
        yield _mot("infinitif_initial", premiers[0])
    fin = len(doc.text.rstrip(' »"'))
    if doc.text[:fin].endswith(("?", "!")):
        nom = "question" if doc.text[fin - 1] == "?" else "exclamation"
        yield Indice(fin - 1, fin, doc.text[fin - 1], nom)
    for mot in mots:
        if mot.lower_ not in {"si", "s'"} or mot.pos_ == "PRON":
            continue
        suivant = mot.nbor(1).lower_ if mot.i + 1 < len(doc) else ""
        precedent = mot.nbor(-1).lower_ if mot.i else ""
        if suivant in {",", ".", "!", "bien", ""} or precedent in {"même", "comme"}:
            continue
        if any(m.lemma_ in _INTERROGATIFS for m in list(meme_proposition(mot, -1))[:4]):
            continue
        verbe = next((m for m in meme_proposition(mot, 1) if est_conjugue(m)), None)
        if verbe is not None:
            nom = "si_imparfait" if "Imp" in trait(verbe, "Tense") else "si_present"
            yield Indice(mot.idx, verbe.idx + len(verbe), doc.text[mot.idx : verbe.idx + len(verbe)], nom)
    if not any(est_conjugue(m) for m in mots):
        yield Indice(0, len(doc.text), doc.text, "sans_verbe")
    if len(mots) <= 4:
        yield Indice(0, len(doc.text), doc.text, "phrase_breve")
    chiffre = re.search(r"\d+", doc.text)
    if chiffre is not None:
        yield Indice(chiffre.start(), chiffre.end(), chiffre[0], "chiffre")


def _lexique(doc: Doc, nies: list[Token]) -> Iterator[Indice]:
    for mot in doc:
        lemme = mot.lemma_.lower()
        noms = {*_NOMS_PAR_LEMME.get(lemme, ()), *_NOMS_PAR_LEMME.get(mot.lower_, ())}
        if not noms:
            continue
        nie = est_nie(mot, nies)
        for nom in noms:
            if not nie:
                yield _mot(nom, mot)
            elif nom in _NIABLES:
                yield _mot(nom + "_nie", mot)
    texte = minuscules(doc)
    for nom, motifs in EXPRESSIONS.items():
        for motif in motifs:
            for trouve in motif.finditer(texte):
                if trouve.end() > trouve.start():
                    yield Indice(trouve.start(), trouve.end(), doc.text[trouve.start() : trouve.end()], nom)


def relever(doc: Doc) -> tuple[Indice, ...]:
    """Relève les indices d'une phrase.

    Parameters
    ----------
    doc : Doc
        Une phrase analysée par `extraction.langue.analyser`.

    Returns
    -------
    tuple[Indice, ...]
        Sans doublon, par position puis par nom. Gardés dans `doc.user_data` : un second appel ne
        recalcule rien.
    """
    gardes: tuple[Indice, ...] | None = doc.user_data.get(_CACHE)
    if gardes is not None:
        return gardes
    nies = negations(doc)
    indices = {*_negations(doc, nies), *_temps(doc, nies), *_amorces(doc), *_lexique(doc, nies)}
    craintes = [i for i in indices if i.nom == "crainte"]
    indices -= {
        i for i in indices for c in craintes if i.nom == "negatif" and c.debut <= i.debut and i.fin <= c.fin
    }
    noms = {i.nom for i in indices}
    repere = min((i for i in indices if i.nom == "autrefois"), default=None)
    if repere is not None:
        for nom in ("desormais", "imparfait"):
            if nom in noms:
                indices.add(replace(repere, nom="autrefois_" + nom))
    doc.user_data[_CACHE] = tuple(sorted(indices))
    return relever(doc)


_SUITES: dict[str, frozenset[str]] = {
    "suite_souhait": frozenset(
        """souhait il_faut il_faut_que que_souhait conditionnel conditionnel_passe crainte avenir
        si_imparfait futur""".split()
    ),
    "suite_negation": frozenset(
        "negation_principale negation_totale negation_sans_verbe manque exclusion".split()
    ),
    "suite_bonne": frozenset("positif levee entente ca_va desormais mal_nie".split()),
    "suite_mauvaise": frozenset("negatif attente exces".split()),
    "suite_question": frozenset({"question"}),
}


def relever_avec_contexte(doc: Doc, contexte: Doc | None) -> tuple[Indice, ...]:
    """Relève les indices d'une phrase et ceux qu'elle hérite de ce qui la précède.

    Parameters
    ----------
    doc : Doc
    contexte : Doc or None
        Ce qui précède la phrase dans l'entretien.

    Returns
    -------
    tuple[Indice, ...]
        Les indices de la phrase, puis les indices de suite (« suite_souhait », et
        « sans_verbe_suite_souhait » quand la phrase n'a pas de verbe à elle), d'étendue vide.
    """
    indices = relever(doc)
    if contexte is None:
        return indices
    precedents = {i.nom for i in relever(contexte)}
    elliptique = any(i.nom in {"sans_verbe", "phrase_breve"} for i in indices)
    suites: list[Indice] = []
    for nom, sources in _SUITES.items():
        if sources & precedents:
            suites.append(Indice(0, 0, "", nom))
            if elliptique:
                suites.append(Indice(0, 0, "", "sans_verbe_" + nom))
    return (*suites, *indices)
