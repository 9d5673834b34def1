"""Les mentions : quels passages parlent d'une condition ou d'un obstacle, et comment.

Un passage est ici une phrase d'enquêté. Le code vient du codeur machine appris sur la grille
(`modeles.codeur`) ou, pour un code qu'il n'a pas appris, du lexique de la grille
(`extraction.lexique`) ; la modalité vient des règles sur l'analyse spaCy (`extraction.modalite`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

import numpy as np
import pandas as pd

from extraction.grille import Grille
from extraction.langue import analyser, lemmes_pleins
from extraction.lexique import CodeurLexique
from extraction.modalite import GENRES, Genre, predire
from modeles.codeur_poids import CodeurGarde
from modeles.contexte import mettre_en_contexte

INDICES_MONTRES = 5
COLONNES = ("entretien", "phrase", "debut", "fin", "texte", "code", "modalite", "confiance", "codeur", "preuve",
            "indices_modalite")


def analyser_phrases(phrases: pd.DataFrame) -> pd.DataFrame:
    """Analyse la langue de chaque phrase d'enquêté : lemmes et modalité.

    Parameters
    ----------
    phrases : pandas.DataFrame
        Table des phrases d'un ou plusieurs entretiens, enquêteur compris, dans l'ordre des textes.

    Returns
    -------
    pandas.DataFrame
        Une ligne par phrase d'enquêté : entretien, phrase, lemmes (séparés par des espaces), et pour
        chaque genre de code `modalite_<genre>` et `indices_<genre>` (« nom : « mots » », séparés par
        « ; » ; les cinq plus favorables au verdict).
    """
    lignes = []
    precedent, lieu = None, None
    textes = [unicodedata.normalize("NFC", texte) for texte in phrases["texte"]]
    roles = zip(phrases["entretien"], phrases["phrase"], phrases["role"], analyser(textes), strict=True)
    for entretien, phrase, role, doc in roles:
        if entretien != lieu:
            precedent, lieu = None, entretien
        if role == "enquete":
            ligne = {"entretien": entretien, "phrase": phrase, "lemmes": " ".join(lemmes_pleins(doc))}
            for genre in GENRES:
                verdict = predire(doc, genre, precedent)
                ligne[f"modalite_{genre}"] = verdict.modalite
                dits = (f"{indice.nom} : « {indice.texte} »" if indice.texte else f"{indice.nom} (phrase d'avant)"
                        for indice in verdict.indices)  # les plus favorables au verdict d'abord
                ligne[f"indices_{genre}"] = "; ".join(list(dict.fromkeys(dits))[:INDICES_MONTRES])
            lignes.append(ligne)
        precedent = doc
    colonnes = ["entretien", "phrase", "lemmes"] + [f"{quoi}_{genre}" for genre in GENRES
                                                    for quoi in ("modalite", "indices")]
    return pd.DataFrame(lignes, columns=colonnes, dtype=str)


def genre_de_modalite(genre: str) -> Genre:
    """Le genre dont les règles de modalité s'appliquent ; un genre propre à une grille suit les conditions."""
    return "obstacle" if genre == "obstacle" else "condition"


def codes_appris(grille: Grille, garde: CodeurGarde) -> tuple[str, ...]:
    """Les codes de la grille que le codeur a appris ; aucun si c'est le codeur d'une autre grille."""
    if grille.identifiant != garde.grille:
        return ()
    return tuple(code.code for code in grille if code.code in garde.codeur.codes)


def reperer_mentions(phrases: pd.DataFrame, langue: pd.DataFrame, grille: Grille, garde: CodeurGarde) -> pd.DataFrame:
    """Repère les mentions de la grille.

    Parameters
    ----------
    phrases : pandas.DataFrame
        Table des phrases d'entretiens entiers, enquêteur compris.
    langue : pandas.DataFrame
        Ce que rend `analyser_phrases` sur les mêmes phrases.
    grille : Grille
    garde : CodeurGarde
        Codeur machine appris.

    Returns
    -------
    pandas.DataFrame
        Colonnes de `COLONNES`, dans l'ordre des textes puis de la grille. `codeur` vaut
        « machine:<version> », suivi de « /pliN » pour un entretien que le codeur avait appris et que code
        le pli qui n'a pas vu son territoire ; la `confiance` est la probabilité calibrée que la phrase porte le code
        (pour un code repéré par lexique, un simple ordre : voir `CodeurLexique`).
    """
    enquetes = phrases[phrases["role"] == "enquete"].reset_index(drop=True)
    if not (enquetes["phrase"].to_numpy() == langue["phrase"].to_numpy()).all():
        raise ValueError("l'analyse de la langue ne porte pas sur les mêmes phrases")
    appris = codes_appris(grille, garde)
    trouvees = []
    if appris:
        trouvees.append(_par_le_codeur(phrases, garde, appris))
    autres = [code for code in grille if code.code not in appris]
    if autres:
        trouvees.append(_par_le_lexique(enquetes, CodeurLexique(autres)))
    mentions = pd.concat(trouvees, ignore_index=True)
    return _completer(mentions, enquetes, langue, grille)


def _par_le_codeur(phrases: pd.DataFrame, garde: CodeurGarde, appris: Sequence[str]) -> pd.DataFrame:
    """Codes posés par le codeur appris.

    Un entretien qui a servi à apprendre est codé par le pli qui n'a pas vu son territoire.
    """
    codeur = garde.codeur
    contexte = mettre_en_contexte(phrases)
    colonnes = [list(codeur.codes).index(code) for code in appris]
    parties = []
    for _, rangs in contexte.groupby("entretien", sort=False).indices.items():
        X = contexte.iloc[rangs]
        pli = garde.pli(X["texte"])
        probabilites = codeur.predict_proba(X, pli)[:, colonnes]
        lignes, places = np.nonzero(probabilites >= codeur.seuil_)
        codes = [appris[int(place)] for place in places]
        hors = "" if pli is None else f"/pli{pli + 1}"
        parties.append(pd.DataFrame({
            "ligne": rangs[lignes], "code": codes, "confiance": probabilites[lignes, places],
            "codeur": f"machine:{garde.version}{hors}",
            "preuve": codeur.preuves(list(X["texte"].iloc[lignes]), codes, pli=pli)}))
    return pd.concat(parties, ignore_index=True)


def _par_le_lexique(enquetes: pd.DataFrame, codeur: CodeurLexique) -> pd.DataFrame:
    confiances, preuves = codeur.reperer(list(enquetes["texte"]))
    lignes, rangs = np.nonzero(confiances > 0)
    return pd.DataFrame({"ligne": lignes, "code": [codeur.codes[rang] for rang in rangs],
                         "confiance": confiances[lignes, rangs], "codeur": f"machine:{codeur.version}",
                         "preuve": [preuves[ligne][rang] for ligne, rang in zip(lignes, rangs, strict=True)]})


def _completer(mentions: pd.DataFrame, enquetes: pd.DataFrame, langue: pd.DataFrame, grille: Grille) -> pd.DataFrame:
    """Joint phrase, étendue et modalité ; range dans l'ordre des textes puis de la grille."""
    ordre = {code.code: rang for rang, code in enumerate(grille)}
    mentions = mentions.assign(rang=mentions["code"].map(ordre)).sort_values(["ligne", "rang"], kind="stable")
    lignes = mentions["ligne"].to_numpy(dtype=np.int64)
    for colonne in ("entretien", "phrase", "debut", "fin", "texte"):
        mentions[colonne] = enquetes[colonne].to_numpy()[lignes]
    genres = [genre_de_modalite(grille[code].genre) for code in mentions["code"]]
    for cible, source in (("modalite", "modalite"), ("indices_modalite", "indices")):
        mentions[cible] = [langue[f"{source}_{genre}"].iat[ligne] for genre, ligne in zip(genres, lignes, strict=True)]
    mentions["confiance"] = mentions["confiance"].astype("float64").round(4)
    return mentions[list(COLONNES)].reset_index(drop=True)
