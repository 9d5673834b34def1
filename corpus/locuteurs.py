"""Qui parle : du texte d'un entretien à ses tours de parole et à leurs rôles.

Quatre voies, de la plus sûre à la moins sûre :

- des **étiquettes** de locuteur (`corpus.conventions` dit lesquelles en sont) ; si un seul des deux
  côtés est étiqueté (« Q : », puis la réponse sans rien), le reste est l'autre côté ;
- des **tirets** : chacun ouvre un tour, les rôles se déduisent de la suite (`corpus.roles`) ;
- des **questions en gras** ou en italique, les réponses en caractères ordinaires ;
- **rien** : les paragraphes sont répartis entre questions et réponses d'après leurs tournures ; les
  paragraphes voisins de même rôle font un tour.

Ce qui est déduit est dit dans `Reperage.suppositions`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from corpus.amorces import Ligne, lire_lignes, sans_temps_final
from corpus.conventions import retenir
from corpus.entretien import Reperage, Role, Tour
from corpus.etiquettes import cle, role_annonce
from corpus.paroles import (
    Prise,
    autre_cote,
    debuts_de_paragraphe,
    fin_de_phrase,
    hors_parole,
    prises_de_parole,
)
from corpus.roles import (
    Locuteur,
    indices_d_interrogation,
    roles_des_locuteurs,
    roles_en_suite,
)

# Un entretien mis à plat sur une ligne : une étiquette ou un tiret après une fin de phrase.
_EN_LIGNE = re.compile(
    r"(?<=[.?!…»)\]])\s+(?=(?:[A-ZÀ-ÖØ-Þ][\w.]{0,20}[ _]?){1,3}(?:\(e\))?\d{0,2}\s?:\s|[—–]\s)"
)
_CONVENTIONS = {
    "seule": "étiquettes sur leur ligne",
    "seule horodatée": "étiquettes sur leur ligne, avec horodatage",
    "crochets": "étiquettes entre crochets",
    "chevrons": "étiquettes entre chevrons",
    "tabulation": "étiquettes suivies d'une tabulation",
}


@dataclass(frozen=True)
class _Essai:
    """Ce qu'une voie a trouvé."""

    prises: Sequence[Prise]
    roles: Sequence[Role]
    convention: str
    suppositions: Sequence[str]


def reperer_tours(
    texte: str,
    debut: int = 0,
    horodatages: Sequence[tuple[int, str]] = (),
    enqueteurs: Collection[str] = (),
    enquetes: Collection[str] = (),
) -> Reperage:
    """Repère les tours de parole d'un entretien et le rôle de chaque locuteur.

    Parameters
    ----------
    texte : str
        Texte de l'entretien (`Document.texte`), fins de ligne quelconques.
    debut : int
        Position où commence l'entretien ; ce qui précède n'est pas lu.
    horodatages : Sequence[tuple[int, str]]
        Couples (position, « HH:MM:SS ») en ordre croissant, pour les formats qui portent leurs temps
        à part ; un tour prend celui de la plus grande position qui ne dépasse pas son début.
    enqueteurs, enquetes : Collection[str]
        Étiquettes dont `etude.toml` impose le rôle, comparées sans casse ni accents ; elles
        l'emportent sur toute déduction. Une étiquette dans les deux listes est un enquêteur.

    Returns
    -------
    Reperage
        Tours numérotés de 1 à n, dans l'ordre du texte, sans recouvrement ;
        `texte[tour.debut:tour.fin] == tour.texte`.

    Notes
    -----
    Un horodatage à la fin d'une parole (usage de f4 et de MAXQDA) marque sa fin : il donne l'heure du
    tour suivant.
    """
    imposes: dict[str, Role] = {cle(nom): "enquete" for nom in enquetes}
    imposes |= {cle(nom): "enqueteur" for nom in enqueteurs}
    lignes = lire_lignes(texte, debut, frozenset(imposes))
    if not lignes:
        return Reperage((), "vide", ("Le texte ne contient aucune parole.",))
    essai = (
        _au_fil_du_texte(texte, debut, lignes, imposes)
        or _par_etiquettes(texte, debut, lignes, imposes)
        or _par_tirets(texte, lignes)
        or _questions_en_gras(texte, lignes)
        or _sans_indication(texte, lignes)
    )
    positions = [position for position, _ in horodatages]
    tours: list[Tour] = []
    fin_precedente = ""
    for prise, role in zip(essai.prises, essai.roles, strict=True):
        fin, temps_final = sans_temps_final(texte, prise.debut, prise.fin)
        rang = bisect_right(positions, prise.debut)
        temps = prise.horodatage or fin_precedente or (horodatages[rang - 1][1] if rang else "")
        fin_precedente = temps_final
        if fin > prise.debut:
            parole = texte[prise.debut : fin]
            tours.append(Tour(len(tours) + 1, prise.nom, role, prise.debut, fin, temps, parole))
    return Reperage(tuple(tours), essai.convention, tuple(essai.suppositions))


def _avant_le_premier_tour(texte: str, lignes: Sequence[Ligne], premiere: int) -> list[str]:
    """Dit ce qui n'est attribué à personne."""
    perdues = [ligne for ligne in lignes[:premiere] if not hors_parole(texte, ligne)]
    if not perdues:
        return []
    debut, fin = perdues[0].debut, perdues[0].fin
    extrait = texte[debut:fin] if fin - debut <= 60 else texte[debut : debut + 60] + "…"
    return [f"Ce qui précède le premier tour (« {extrait} ») n'est attribué à personne."]


# --- Étiquettes --------------------------------------------------------------------------------


def _par_etiquettes(
    texte: str, debut: int, lignes: Sequence[Ligne], imposes: dict[str, Role]
) -> _Essai | None:
    """Les tours que des étiquettes annoncent."""
    lignes = _sans_legende(texte, lignes)
    retenues, style = retenir(texte, debut, lignes, frozenset(imposes))
    if not retenues:
        return None
    etiquettes = dict(retenues)
    convention = _CONVENTIONS.get(style, "étiquettes")
    # « — [Question] … » puis « — … » : un tiret sans étiquette ouvre aussi un tour.
    autres = [rang for rang, ligne in enumerate(lignes) if ligne.tiret and rang not in etiquettes]
    if autres and sum(lignes[rang].tiret for rang in etiquettes) >= 0.8 * len(etiquettes):
        convention += " et tirets"
    else:
        cles = {amorce.cle for _, amorce in retenues}
        seul = retenues[0][1] if len(cles) == 1 else None
        autres = []
        if seul is not None:
            annonce = imposes.get(seul.cle) or role_annonce(seul.entiere)[0]
            autres = autre_cote(texte, lignes, sorted(etiquettes), annonce)[0]
        if autres:
            convention = "étiquettes d'un seul côté"
    couples = prises_de_parole(texte, lignes, sorted({*etiquettes, *autres}), etiquettes)
    if not couples:
        return None
    prises = [prise for _, prise in couples]
    roles, suppositions = _roles_par_nom(prises, imposes)
    frequence = Counter(prise.cle for prise in prises)
    for rang, prise in couples:
        if (
            frequence[prise.cle] == 1 < max(frequence.values())
            and rang in etiquettes
            and etiquettes[rang].forme in {"nom", "sigle"}
        ):
            suppositions.append(
                f"« {prise.nom} » n'apparaît qu'une fois : pris pour un locuteur, non pour un mot."
            )
    suppositions += _avant_le_premier_tour(texte, lignes, couples[0][0])
    return _Essai(prises, roles, convention, suppositions)


def _sans_legende(texte: str, lignes: Sequence[Ligne]) -> Sequence[Ligne]:
    """Ôte leurs étiquettes aux lignes d'une légende de tête (« CB : Claire Bost, enquêtrice »).

    Une légende est un premier paragraphe d'au moins deux lignes « mot : valeur » courtes, sans
    ponctuation finale, quand d'autres paragraphes suivent.
    """
    tete = [ligne for ligne in lignes if ligne.bloc == lignes[0].bloc]
    if len(tete) < 2 or lignes[-1].bloc < 2:
        return lignes
    for ligne in tete:
        contenu = texte[ligne.debut : ligne.fin]
        if (
            not re.match(r"[^:]{1,40}[:=]\s*\S", contenu)
            or len(contenu.split()) > 14
            or contenu[-1] in ".?!…»"
        ):
            return lignes
    return [replace(ligne, amorces=()) if ligne.bloc == lignes[0].bloc else ligne for ligne in lignes]


def _roles_par_nom(prises: Sequence[Prise], imposes: dict[str, Role]) -> tuple[list[Role], list[str]]:
    """Le rôle de chaque prise, d'après son locuteur."""
    par_cle: dict[str, list[Prise]] = {}
    for prise in prises:
        par_cle.setdefault(prise.cle, []).append(prise)
    locuteurs = []
    for clef, siennes in par_cle.items():
        ecrites = [clef, *(cle(prise.entiere) for prise in siennes)]
        impose = next((imposes[ecrite] for ecrite in ecrites if ecrite in imposes), None)
        entiere = max((prise.entiere for prise in siennes), key=len)
        paroles = tuple(prise.parole for prise in siennes)
        locuteurs.append(Locuteur(entiere, paroles, clef == prises[0].cle, impose))
    roles, suppositions = roles_des_locuteurs(locuteurs)
    rendus = dict(zip(par_cle, roles, strict=True))
    return [rendus[prise.cle] for prise in prises], list(suppositions)


def _au_fil_du_texte(
    texte: str, debut: int, lignes: Sequence[Ligne], imposes: dict[str, Role]
) -> _Essai | None:
    """Un entretien mis à plat sur quelques lignes : coupe avant chaque étiquette, puis lit comme d'ordinaire.

    La coupe remplace un blanc par une fin de ligne : les positions restent celles du texte.
    """
    if len(lignes) > 3:
        return None
    coupes = [trouve.start() for trouve in _EN_LIGNE.finditer(texte, debut)]
    dans_les_lignes = [c for c in coupes if any(ligne.debut < c < ligne.fin for ligne in lignes)]
    if len(dans_les_lignes) < 3:
        return None
    lettres = list(texte)
    for coupe in dans_les_lignes:
        lettres[coupe] = "\n"
    coupe_texte = "".join(lettres)
    coupees = lire_lignes(coupe_texte, debut, frozenset(imposes))
    essai = _par_etiquettes(coupe_texte, debut, coupees, imposes) or _par_tirets(coupe_texte, coupees)
    if essai is None or len(essai.prises) < 4:
        return None
    phrase = "Le texte est d'un seul tenant : les tours ont été coupés devant chaque étiquette."
    return replace(essai, suppositions=[*essai.suppositions, phrase])


# --- Sans étiquette ----------------------------------------------------------------------------


def _par_tirets(texte: str, lignes: Sequence[Ligne]) -> _Essai | None:
    """Des tirets ouvrent les tours, ou ceux d'un seul côté."""
    tirets = [rang for rang, ligne in enumerate(lignes) if ligne.tiret and ligne.corps < ligne.fin]
    unites = debuts_de_paragraphe(texte, lignes)
    if len(tirets) < 2:
        return None
    autres, role = autre_cote(texte, lignes, tirets, None)
    if autres and role is not None:
        couples = prises_de_parole(texte, lignes, sorted({*tirets, *autres}))
        autre: Role = "enquete" if role == "enqueteur" else "enqueteur"
        roles = [role if rang in tirets else autre for rang, _ in couples]
        cote = "questions" if role == "enqueteur" else "réponses"
        phrases = [f"Aucun nom de locuteur : les tirets ouvrent les {cote}, le reste est l'autre côté."]
        phrases += _avant_le_premier_tour(texte, lignes, couples[0][0])
        return _Essai([prise for _, prise in couples], roles, "tirets d'un seul côté", phrases)
    if len(tirets) < 0.5 * len(unites) or not unites or tirets[0] > unites[min(2, len(unites) - 1)]:
        return None
    couples = prises_de_parole(texte, lignes, tirets)
    prises = [prise for _, prise in couples]
    suite = roles_en_suite([prise.parole for prise in prises], alternance=True)
    phrases = [
        "Aucun nom de locuteur : chaque tiret ouvre un tour ; "
        f"{suite.count('enqueteur')} tours sur {len(suite)} "
        "tenus pour des questions, d'après leur tournure et l'alternance."
    ]
    phrases += _avant_le_premier_tour(texte, lignes, couples[0][0] if couples else 0)
    return _Essai(prises, suite, "tirets", phrases) if prises else None


def _questions_en_gras(texte: str, lignes: Sequence[Ligne]) -> _Essai | None:
    """Les questions en gras ou en italique (Markdown), les réponses en caractères ordinaires."""
    couples = prises_de_parole(texte, lignes, debuts_de_paragraphe(texte, lignes))

    def moyenne(prises: Sequence[Prise]) -> float:
        return sum(indices_d_interrogation(prise.parole) for prise in prises) / len(prises)

    # Une marque de gras ou de titre, retirée par `_prise`, sépare le début de la ligne de la parole.
    marques = [lignes[r].debut < p.debut and texte[lignes[r].debut] in "*_#" for r, p in couples]
    grasses = [prise for (_, prise), marque in zip(couples, marques, strict=True) if marque]
    maigres = [prise for (_, prise), marque in zip(couples, marques, strict=True) if not marque]
    if len(grasses) < 2 or len(maigres) < 2 or moyenne(grasses) < max(0.0, moyenne(maigres) + 0.8):
        return None
    prises: list[Prise] = []
    roles: list[Role] = []
    for (_, prise), marque in zip(couples, marques, strict=True):
        role: Role = "enqueteur" if marque else "enquete"
        if roles and roles[-1] == role:
            prises[-1] = replace(prises[-1], fin=prise.fin, parole=texte[prises[-1].debut : prise.fin])
        else:
            prises.append(prise)
            roles.append(role)
    phrase = "Aucun nom de locuteur : les paragraphes en gras ou en italique sont tenus pour les questions."
    return _Essai(prises, roles, "questions en gras", [phrase])


def _sans_indication(texte: str, lignes: Sequence[Ligne]) -> _Essai:
    """Des paragraphes nus : répartis d'après leurs tournures."""
    unites = debuts_de_paragraphe(texte, lignes)
    # Un titre n'a pas de ponctuation finale, quand presque toutes les paroles en ont une.
    closes = [fin_de_phrase(texte, lignes[rang]) for rang in unites]
    while len(unites) > 2 and not closes[0] and sum(closes) >= 0.8 * (len(closes) - 1):
        unites, closes = unites[1:], closes[1:]
    couples = prises_de_parole(texte, lignes, unites)
    suite = roles_en_suite([prise.parole for _, prise in couples], alternance=False)
    ouvertures: list[int] = []
    roles: list[Role] = []
    for (rang, _), role in zip(couples, suite, strict=True):
        if not roles or roles[-1] != role:
            ouvertures.append(rang)
            roles.append(role)
    prises = [prise for _, prise in prises_de_parole(texte, lignes, ouvertures)]
    if not prises:
        return _Essai((), (), "vide", ("Le texte ne contient aucune parole.",))
    perdu = _avant_le_premier_tour(texte, lignes, ouvertures[0])
    if roles == ["enquete"]:
        phrase = (
            "Aucune indication de locuteur ni question reconnue : tout est tenu pour la parole de l'enquêté."
        )
        return _Essai(prises, roles, "d'un seul tenant", [phrase, *perdu])
    phrase = (
        f"Aucune indication de locuteur : {roles.count('enqueteur')} passage(s) tenu(s) pour des questions "
        "d'après la tournure, la longueur et l'alternance. À relire ; des étiquettes (« Q : », « R : ») "
        "seraient plus sûres."
    )
    return _Essai(prises, roles, "sans indication", [phrase, *perdu])
