"""Les conventions de transcription : retenir, parmi les amorces de ligne, les vraies étiquettes.

Un « mot : » en début de ligne n'est une étiquette de locuteur que si l'une de ces conditions tient :

1. `etude.toml` l'impose ;
2. il est du vocabulaire du métier ou des logiciels (« Enquêtrice », « Q », « SPEAKER_00 ») ; mais
   « Question : » ou « Réponse : » écrit une seule fois, quand d'autres étiquettes reviennent, est
   de la parole ;
3. il revient : deux fois pour un nom ou des initiales, trois pour une autre forme, et la parole qui
   le suit commence comme celle des autres (majuscule après une étiquette, minuscule après « Résultat : ») ;
4. il n'apparaît qu'une fois mais tout l'entretien suit la même forme (même séparateur, mêmes
   horodatages, même place dans les paragraphes), il a l'allure d'un nom, la parole commence par une
   majuscule et le mot n'est pas employé ailleurs comme nom commun : c'est l'intervention d'un tiers.

Les mots qui ouvrent une phrase ou une rubrique (« Exemple », « Bref », « Durée ») n'en sont jamais.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

from corpus.amorces import Amorce, Ligne, debut_de_parole
from corpus.etiquettes import DISCOURS, Forme, racine


def _nombres_de_questions(amorces: list[tuple[int, Amorce]]) -> list[tuple[int, Amorce]]:
    """« Q1. », « Q2. », « Q3. » numérotent les questions, non les personnes : rend « Q » partout."""
    nombres: dict[str, list[str]] = defaultdict(list)
    for _, amorce in amorces:
        base, nombre = racine(amorce.cle)
        if base in {"q", "r", "question", "reponse"} and nombre:
            nombres[base].append(nombre)
    bases = {b for b, n in nombres.items() if len(n) > 1 and len(set(n)) == len(n)}
    if bases:
        bases |= {b for b, n in nombres.items() if len(set(n)) == len(n)}
    rendues = []
    for rang, amorce in amorces:
        base = racine(amorce.cle)[0]
        if base in bases:
            nom = re.sub(r"[\s_-]*(?:n°\s*)?\d+\.?$", "", amorce.etiquette)
            amorce = replace(amorce, cle=base, etiquette=nom)
        rendues.append((rang, amorce))
    return rendues


def _commence_haut(texte: str, lignes: Sequence[Ligne], rang: int, amorce: Amorce) -> bool:
    """La parole après l'étiquette ne commence pas par une minuscule."""
    position, _ = debut_de_parole(texte, amorce.apres, lignes[rang].fin)
    suite = texte[position : lignes[rang].fin].lstrip("*_«»\"“” \u00a0\u202f'’([—–-")
    return not suite[:1].islower()


def _noms_communs(texte: str, debut: int) -> frozenset[str]:
    """Les mots employés sans majuscule : des noms communs plutôt que des noms de personne."""
    return frozenset(mot for mot in re.findall(r"\w+", texte[debut:]) if mot.islower())


def retenir(
    texte: str, debut: int, lignes: Sequence[Ligne], imposees: frozenset[str]
) -> tuple[list[tuple[int, Amorce]], str]:
    """Choisit, parmi les amorces, les vraies étiquettes (règle en tête du module).

    Parameters
    ----------
    texte : str
    debut : int
        Première position lue.
    lignes : Sequence[Ligne]
    imposees : frozenset[str]
        Clés des étiquettes imposées par `etude.toml`.

    Returns
    -------
    tuple[list[tuple[int, Amorce]], str]
        Couples (rang de la ligne, amorce) dans l'ordre, et le style dominant (vide si rien n'est retenu).
    """
    par_style: dict[str, list[tuple[int, Amorce]]] = defaultdict(list)
    for rang, ligne in enumerate(lignes):
        for amorce in ligne.amorces:
            par_style[amorce.style].append((rang, amorce))
    meilleur: list[tuple[int, Amorce]] = []
    dominant = ""
    for style, amorces in par_style.items():
        retenues = _retenir_style(texte, debut, lignes, _nombres_de_questions(amorces), imposees)
        if len(retenues) > len(meilleur):
            meilleur, dominant = retenues, style
    if not meilleur:
        return [], ""
    # Une étiquette déjà retenue peut s'écrire autrement ailleurs (« Claire : » puis « Claire » seule).
    cles, prises = {amorce.cle for _, amorce in meilleur}, {rang for rang, _ in meilleur}
    for style, amorces in par_style.items():
        if style == dominant or style in {"tiret", "tabulation", "point", "barre"}:
            continue
        for rang, amorce in _nombres_de_questions(amorces):
            if rang not in prises and amorce.cle in cles:
                meilleur.append((rang, amorce))
                prises.add(rang)
    return sorted(meilleur, key=lambda couple: couple[0]), dominant


def _retenir_style(
    texte: str,
    debut: int,
    lignes: Sequence[Ligne],
    amorces: list[tuple[int, Amorce]],
    imposees: frozenset[str],
) -> list[tuple[int, Amorce]]:
    """Applique la règle aux amorces d'un même style."""
    compte = Counter(amorce.cle for _, amorce in amorces)
    formes = {amorce.cle: amorce.forme for _, amorce in amorces}
    hautes = Counter(amorce.cle for rang, amorce in amorces if _commence_haut(texte, lignes, rang, amorce))
    haut = {c: hautes[c] / n for c, n in compte.items()}
    temps_lie = {a.cle for _, a in amorces if a.style == "seule horodatée"}

    fortes = {c for c in compte if c in imposees or formes[c] in {"parlante", "generique"} or c in temps_lie}
    seuil = {"nom": 2, "sigle": 2, "autre": 3}
    courantes = {c for c, n in compte.items() if c not in fortes and n >= seuil.get(formes[c], 2)}

    def part_haute(cles: set[str]) -> float:
        return sum(haut[c] * compte[c] for c in cles) / max(1, sum(compte[c] for c in cles))

    # « Boulot : rien » trois fois : la parole des autres commence par une majuscule, pas celle-là.
    courantes = {c for c in courantes if haut[c] >= 0.5 or part_haute((fortes | courantes) - {c}) < 0.7}
    majuscules = part_haute(fortes | courantes) >= 0.85
    if len(fortes - {"question", "reponse"}) + len(courantes) >= 2:
        for seule in ({"question", "reponse"} & fortes) - imposees:
            if compte[seule] == 1:
                fortes.discard(seule)
    nombre_de_blocs = lignes[-1].bloc + 1
    blocs = nombre_de_blocs if nombre_de_blocs > 2 else len(lignes)

    def couverture(cles: set[str]) -> float:
        return sum(compte[c] for c in cles) / blocs

    # Rien du vocabulaire : il faut que les étiquettes se répondent ou couvrent l'entretien.
    if not fortes and not (len(courantes) >= 2 or couverture(courantes) >= 0.4):
        courantes = set()
    if not fortes | courantes:
        return _extrait_court(texte, lignes, amorces, compte, formes, haut, blocs)
    sures = fortes | courantes
    choisies = [(r, a) for r, a in amorces if a.cle in sures]
    if len(choisies) == 1 and not imposees & sures and choisies[0][0] > 2 and couverture(sures) < 0.3:
        return []
    # Ces styles-là ressemblent à d'autres usages (titre, didascalie, incise) : il en faut davantage.
    exige = {"crochets": 0.5, "seule": 0.25, "tiret": 0.25, "tabulation": 0.25, "point": 0.5, "barre": 0.25}
    part_exigee = exige.get(choisies[0][1].style, 0.0)
    if part_exigee and not fortes and (len(choisies) < 2 or couverture(sures) < part_exigee):
        return []
    rares = _rares(texte, debut, lignes, amorces, choisies, blocs) if len(choisies) >= 4 else set()
    return [
        (r, a)
        for r, a in amorces
        if (a.cle in sures and (a.cle in imposees or _tient(texte, lignes, r, a, majuscules, compte)))
        or a.cle in rares
    ]


def _tient(
    texte: str, lignes: Sequence[Ligne], rang: int, amorce: Amorce, majuscules: bool, compte: Counter[str]
) -> bool:
    """Écarte, d'une étiquette peu courante, l'emploi suivi d'une minuscule, si les autres ne le sont pas."""
    return not majuscules or compte[amorce.cle] >= 4 or _commence_haut(texte, lignes, rang, amorce)


def _rares(
    texte: str,
    debut: int,
    lignes: Sequence[Ligne],
    amorces: list[tuple[int, Amorce]],
    choisies: list[tuple[int, Amorce]],
    blocs: int,
) -> set[str]:
    """Les locuteurs d'une seule fois, quand le reste de l'entretien suit la même forme."""
    if len(choisies) / blocs < 0.5:
        return set()
    premiere = choisies[0][0]
    sures = {amorce.cle for _, amorce in choisies}

    def ouvre_bloc(rang: int) -> bool:
        return rang == 0 or lignes[rang].bloc != lignes[rang - 1].bloc

    def part(essai: list[bool]) -> float:
        return sum(essai) / len(essai)

    toutes_ouvrent = part([ouvre_bloc(r) for r, _ in choisies]) >= 0.9
    toutes_datees = part([bool(a.horodatage) for _, a in choisies]) >= 0.8
    toutes_tiret = part([lignes[r].tiret for r, _ in choisies]) >= 0.8
    communs = _noms_communs(texte, debut)
    rares = set()
    for rang, amorce in amorces:
        if amorce.cle in sures or rang < premiere or amorce.forme not in {"nom", "sigle"}:
            continue
        if (toutes_ouvrent and not ouvre_bloc(rang)) or (toutes_datees and not amorce.horodatage):
            continue
        if toutes_tiret != lignes[rang].tiret or not _commence_haut(texte, lignes, rang, amorce):
            continue
        # « M. Petit : « On verra » » : des propos rapportés.
        if texte[debut_de_parole(texte, amorce.apres, lignes[rang].fin)[0] :][:1] in {"«", "“", '"'}:
            continue
        if amorce.cle in DISCOURS or (amorce.forme == "nom" and amorce.etiquette.lower() in communs):
            continue
        rares.add(amorce.cle)
    return rares


def _extrait_court(
    texte: str,
    lignes: Sequence[Ligne],
    amorces: list[tuple[int, Amorce]],
    compte: Counter[str],
    formes: dict[str, Forme],
    haut: dict[str, float],
    blocs: int,
) -> list[tuple[int, Amorce]]:
    """Aucune étiquette ne revient : un extrait où presque chaque paragraphe en porte une, ou un monologue."""
    noms = {c for c in compte if formes[c] in {"nom", "sigle"} and haut[c] == 1}
    choisies = [(r, a) for r, a in amorces if a.cle in noms and a.style not in {"seule", "tiret", "point"}]
    if not choisies or choisies[0][1].style not in {"deux-points", "chevrons"}:
        return []
    if len(choisies) == 1 and choisies[0][0] == 0:
        return choisies
    return choisies if blocs <= 6 and len(choisies) / blocs >= 0.7 and choisies[0][0] == 0 else []
