"""Les concordances (KWIC) : chaque emploi d'un mot, d'une expression ou d'un motif, entre ses contextes.

On cherche phrase par phrase ; un emploi ne chevauche donc jamais deux phrases. Le contexte, lui, déborde
sur les phrases voisines du même tour de parole, sans jamais passer à un autre locuteur.

Le texte est cherché sous une forme pliée (sans accents, par défaut) dont chaque caractère garde la place
de celui dont il vient : les positions rendues sont celles du texte d'origine, en points de code, quelle que
soit la façon dont ses accents y sont écrits (« é » d'un seul caractère ou de deux).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from typing import Literal

import pandas as pd

COLONNES = ("entretien", "phrase", "gauche", "pivot", "droite", "debut", "fin")
_ATTENDUES = ("entretien", "tour", "phrase", "role", "debut", "fin", "texte")

_MARQUES = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_DIACRITIQUE = re.compile(_MARQUES)
_GROUPE = re.compile(f".{_MARQUES}*", re.DOTALL)
_LIGATURES = {"œ": "oe", "Œ": "OE", "æ": "ae", "Æ": "AE"}
_LIGATURE = re.compile("[œŒæÆ]")
_MOT = re.compile(r"\w")
_APOSTROPHES = "['’ʼ]"


def concordances(
    phrases: pd.DataFrame,
    motif: str,
    contexte: int = 8,
    *,
    regex: bool = False,
    respecter_casse: bool = False,
    respecter_accents: bool = False,
    roles: Collection[str] = ("enquete",),
) -> pd.DataFrame:
    r"""Relève tous les emplois d'un motif et les mots qui les entourent.

    Parameters
    ----------
    phrases : pandas.DataFrame
        Table des phrases (`corpus.phrases.tableau_phrases`) d'un ou plusieurs entretiens, en ordre.
    motif : str
        Sans `regex` : un mot ou une expression, trouvés en mots entiers. L'astérisque y vaut n'importe
        quelle suite de lettres, même vide (« emploi* ») ; une espace, n'importe quels blancs ;
        l'apostrophe droite ou courbe, l'une et l'autre ; « oe », « œ » si les accents ne comptent pas.
        Avec `regex` : une expression régulière du module `re` ; une trouvaille vide ne compte pas.
    contexte : int, default 8
        Nombre de mots rendus de chaque côté.
        Un mot est une suite de caractères sans blanc qui porte une lettre ou un chiffre.
    regex : bool, default False
    respecter_casse, respecter_accents : bool, default False
        Distinguer majuscules et minuscules, lettres accentuées ou non.
    roles : Collection[str], default ("enquete",)
        Rôles des phrases où chercher ; ("enquete", "enqueteur") cherche partout.

    Returns
    -------
    pandas.DataFrame
        Colonnes entretien, phrase (vide pour l'enquêteur), gauche, pivot, droite, debut, fin, dans l'ordre
        des textes. `debut` et `fin` sont les positions du pivot dans le texte de l'entretien, en points de
        code : `texte[debut:fin] == pivot`. Les blancs des contextes sont ramenés à une espace ; accolés,
        `gauche + pivot + droite` se lisent comme le texte.

    Raises
    ------
    ValueError
        Motif vide, expression régulière fautive, contexte négatif ou colonne manquante.
    """
    manquantes = [nom for nom in _ATTENDUES if nom not in phrases.columns]
    if manquantes:
        raise ValueError(f"table des phrases sans les colonnes : {', '.join(manquantes)}")
    if contexte < 0:
        raise ValueError(f"le contexte est un nombre de mots, positif ou nul (reçu : {contexte})")
    ligatures = not regex and not respecter_accents
    cherche = _compiler(motif, regex, respecter_casse, respecter_accents, ligatures)
    lignes: list[tuple[str, str, str, str, str, int, int]] = []
    dites = phrases[phrases["role"].isin(list(roles))]
    for (entretien, _), tour in dites.groupby(["entretien", "tour"], sort=False):
        textes = tour["texte"].tolist()
        places = list(zip(tour["phrase"], tour["debut"], strict=True))
        for rang, (texte, (phrase, debut)) in enumerate(zip(textes, places, strict=True)):
            for depart, fin in _emplois(texte, cherche, respecter_accents, ligatures):
                gauche = _entourer(texte[:depart], textes[:rang][::-1], contexte, -1)
                droite = _entourer(texte[fin:], textes[rang + 1 :], contexte, 1)
                etendue = (int(debut) + depart, int(debut) + fin)
                lignes.append((str(entretien), str(phrase), gauche, texte[depart:fin], droite, *etendue))
    types = {nom: "int64" if nom in ("debut", "fin") else "str" for nom in COLONNES}
    return pd.DataFrame(lignes, columns=list(COLONNES)).astype(types)


def trier(table: pd.DataFrame, selon: Literal["texte", "gauche", "pivot", "droite"]) -> pd.DataFrame:
    """Range des concordances pour faire voir ce qui se répète.

    Parameters
    ----------
    table : pandas.DataFrame
        Ce que rend `concordances`.
    selon : {"texte", "gauche", "pivot", "droite"}
        « gauche » compare le mot qui précède le pivot, puis celui d'avant, et ainsi de suite ; « droite »
        et « pivot » comparent les mots dans l'ordre ; « texte » rend l'ordre des entretiens et des
        positions. Ni la casse, ni les accents, ni la ponctuation ne comptent.

    Returns
    -------
    pandas.DataFrame
        Les mêmes lignes, renumérotées ; à égalité, l'ordre reçu est gardé.

    Raises
    ------
    ValueError
        Quand `selon` n'est pas l'un des quatre ordres.
    """
    if selon == "texte":
        return table.sort_values(["entretien", "debut"], kind="stable", ignore_index=True)
    if selon not in ("gauche", "pivot", "droite"):
        raise ValueError(f"on trie selon texte, gauche, pivot ou droite (reçu : « {selon} »)")
    pas = -1 if selon == "gauche" else 1
    cles = [re.findall(r"\w+", _plier(texte, False, True)[0].lower())[::pas] for texte in table[selon]]
    ordre = sorted(range(len(cles)), key=cles.__getitem__)
    return table.iloc[ordre].reset_index(drop=True)


class _SansAccents(dict[int, str]):
    """Table de `str.translate` : chaque caractère sans ses accents."""

    def __missing__(self, code: int) -> str:
        nu = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(c))
        self[code] = unicodedata.normalize("NFC", nu) or chr(code)
        return self[code]


_SANS_ACCENTS = _SansAccents()


def _plier(texte: str, accents: bool, ligatures: bool) -> tuple[str, list[tuple[int, int]]]:
    """Le texte plié, et l'étendue d'origine de chacun de ses caractères (vide quand rien ne bouge)."""
    if texte.isascii():
        return texte, []
    if not _DIACRITIQUE.search(texte) and not (ligatures and _LIGATURE.search(texte)):
        return (texte if accents else texte.translate(_SANS_ACCENTS)), []
    plie: list[str] = []
    etendues: list[tuple[int, int]] = []
    for groupe in _GROUPE.finditer(texte):
        rendu = unicodedata.normalize("NFC", groupe[0])
        if not accents:
            rendu = rendu.translate(_SANS_ACCENTS)
            rendu = _DIACRITIQUE.sub("", rendu) or rendu
        if ligatures:
            rendu = _LIGATURES.get(rendu, rendu)
        plie.append(rendu)
        etendues.extend([groupe.span()] * len(rendu))
    return "".join(plie), etendues


def _compiler(motif: str, regex: bool, casse: bool, accents: bool, ligatures: bool) -> re.Pattern[str]:
    """L'expression régulière à chercher dans un texte plié."""
    if not motif.strip():
        raise ValueError("le motif est vide : donnez un mot, une expression ou une expression régulière")
    plie = _plier(motif if regex else motif.strip(), accents, ligatures)[0]
    ecrit = plie if regex else _mots_entiers(plie)
    try:
        return re.compile(ecrit, 0 if casse else re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as erreur:
        place = f", au caractère {erreur.pos + 1}" if isinstance(erreur, re.error) and erreur.pos is not None else ""
        raise ValueError(f"« {motif} » n'est pas une expression régulière valide{place} ({erreur})") from erreur


def _mots_entiers(motif: str) -> str:
    """L'expression régulière d'un mot ou d'une expression : jokers, blancs, apostrophes, bords de mots."""
    if not re.search(r"[^\s*]", motif):
        raise ValueError(f"« {motif} » désigne n'importe quel mot : donnez au moins une lettre")
    morceaux = []
    for signe in re.findall(r"\s+|.", motif, re.DOTALL):
        if signe == "*":
            morceaux.append(r"\w*")
        elif signe.isspace():
            morceaux.append(r"\s+")
        else:
            morceaux.append(_APOSTROPHES if signe in _APOSTROPHES[1:-1] else re.escape(signe))
    avant = r"(?<!\w)" if re.match(r"[\w*]", motif) else ""
    apres = r"(?!\w)" if re.match(r"[\w*]", motif[-1]) else ""
    return avant + "".join(morceaux) + apres


def _emplois(
    texte: str, cherche: re.Pattern[str], accents: bool, ligatures: bool
) -> Iterator[tuple[int, int]]:
    """Étendues des emplois dans le texte d'origine, disjointes et en ordre."""
    plie, etendues = _plier(texte, accents, ligatures)
    passe = 0
    for trouve in cherche.finditer(plie):
        depart, fin = trouve.span()
        if depart == fin:
            continue
        if etendues:
            depart, fin = etendues[depart][0], etendues[fin - 1][1]
        if depart >= passe:  # deux emplois dans les deux moitiés d'une même ligature n'en font qu'un
            yield depart, fin
            passe = fin


def _entourer(morceau: str, voisines: Sequence[str], nombre: int, pas: Literal[-1, 1]) -> str:
    """Les `nombre` mots qui touchent le pivot, à sa gauche (`pas` = -1) ou à sa droite (1).

    `morceau` est ce qui reste de la phrase, `voisines` les phrases suivantes en s'éloignant du pivot. Un
    mot est une suite sans blanc qui porte une lettre ou un chiffre ; les signes isolés viennent en plus.
    """
    if not nombre:
        return ""
    pris: list[str] = []
    reste = nombre
    for texte in (morceau, *voisines):
        for jeton in texte.split()[::pas]:
            if _MOT.search(jeton):
                if not reste:
                    break
                reste -= 1
            pris.append(jeton)
        else:
            continue
        break
    colle = morceau and not morceau[0 if pas == 1 else -1].isspace()
    blanc = " " if pris and not colle else ""
    return blanc + " ".join(pris) if pas == 1 else " ".join(pris[::-1]) + blanc
