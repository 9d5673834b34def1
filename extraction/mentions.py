"""Les mentions : quels passages parlent d'une condition ou d'un obstacle, et comment.

Un passage est ici une phrase d'enquêté. Le code et sa modalité viennent du codeur machine appris sur la
grille (`modeles.codeur_livre`) ; pour un code qu'il n'a pas appris, le code vient du lexique de la grille
(`extraction.lexique`) et la modalité des règles sur l'analyse spaCy (`extraction.modalite`).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from extraction.codeur_etude import CodeurEtude, Regard
from extraction.grille import Grille
from extraction.langue import MOTS_VIDES, analyser, lemmes_pleins
from extraction.lexique import CodeurLexique
from extraction.modalite import GENRES, Genre, predire
from modeles.codeur_livre import DOUTE, CodeurLivre

INDICES_MONTRES = 5


class Probables(NamedTuple):
    """Les codes que l'on propose d'abord à qui code une phrase : combien, et à partir de quelle confiance."""

    nombre: int
    plancher: float


PROBABLES = Probables(5, 0.02)
COLONNES = ("entretien", "phrase", "debut", "fin", "texte", "code", "modalite", "confiance", "codeur", "preuve",
            "indices_modalite", "a_relire")


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


def codes_appris(grille: Grille, garde: CodeurLivre) -> tuple[str, ...]:
    """Les codes de la grille que le codeur a appris ; aucun si c'est le codeur d'une autre grille."""
    if grille.identifiant != garde.grille:
        return ()
    return tuple(code.code for code in grille if code.code in garde.codes)


def reperer_mentions(phrases: pd.DataFrame, langue: pd.DataFrame, grille: Grille, garde: CodeurLivre,
                     fonctions: Mapping[str, str], etude: tuple[Regard, CodeurEtude] | None = None) -> pd.DataFrame:
    """Repère les mentions de la grille, et les passages où le codeur hésite.

    Parameters
    ----------
    phrases : pandas.DataFrame
        Table des phrases d'entretiens entiers, enquêteur compris.
    langue : pandas.DataFrame
        Ce que rend `analyser_phrases` sur les mêmes phrases.
    grille : Grille
    garde : CodeurLivre
        Codeur machine appris.
    fonctions : Mapping[str, str]
        Entretien → fonction de l'enquêté, là où on la connaît.
    etude : (Regard, CodeurEtude), facultatif
        Le codeur appris sur les codages de l'étude : il pose alors tous les codes.

    Returns
    -------
    pandas.DataFrame
        Colonnes de `COLONNES`, `posee` et `hesitee`, dans l'ordre des textes puis de la grille. `codeur` vaut
        « machine:<version> » ; la `confiance` est la probabilité calibrée que la phrase porte le code (pour
        un code repéré par lexique, un simple ordre : voir `CodeurLexique`). `hesitee` est vrai
        d'un code que le codeur n'a pas posé sans l'exclure ; un code ni posé ni hésité est seulement parmi les plus
        probables de sa phrase (`PROBABLES`). `a_relire` est vrai partout où il doute.
    """
    enquetes = phrases[phrases["role"] == "enquete"].reset_index(drop=True)
    if not (enquetes["phrase"].to_numpy() == langue["phrase"].to_numpy()).all():
        raise ValueError("l'analyse de la langue ne porte pas sur les mêmes phrases")
    appris = codes_appris(grille, garde)
    if etude is not None:
        return _completer(_par_le_codeur_de_l_etude(phrases, *etude, fonctions), enquetes, langue, grille)
    trouvees = []
    if appris:
        trouvees.append(_par_le_codeur(phrases, garde, appris, fonctions))
    autres = [code for code in grille if code.code not in appris]
    if autres:
        trouvees.append(_par_le_lexique(enquetes, CodeurLexique(autres)))
    return _completer(pd.concat(trouvees, ignore_index=True), enquetes, langue, grille)


def partager(reperees: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Sépare les mentions posées, les hésitations et les autres codes probables : trois tables aux colonnes de `COLONNES`."""
    posee, hesitee = reperees["posee"], reperees["hesitee"]
    posees, hesitations, probables = (reperees.loc[choisies, list(COLONNES)].reset_index(drop=True)
                                      for choisies in (posee, hesitee, ~posee & ~hesitee))
    return posees, hesitations, probables


def _garder(probabilites: npt.NDArray[np.floating], bas: float) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Phrase et code des confiances à garder : au moins `bas`, ou parmi les plus fortes de leur phrase."""
    rangs = (-probabilites).argsort(axis=1, kind="stable").argsort(axis=1)
    lignes, codes = np.nonzero((probabilites >= bas) | ((rangs < PROBABLES.nombre) & (probabilites >= PROBABLES.plancher)))
    return lignes, codes


def _par_le_codeur(phrases: pd.DataFrame, garde: CodeurLivre, appris: Sequence[str],
                   fonctions: Mapping[str, str]) -> pd.DataFrame:
    """Codes posés par le codeur appris, ou qu'il hésite à poser, avec leur modalité."""
    colonnes = [garde.codes.index(code) for code in appris]
    parties = []
    rang = 0
    for entretien, siennes in phrases.groupby("entretien", sort=False):
        codage = garde.coder(siennes, fonctions.get(str(entretien), ""))
        bas = min(DOUTE.bas, garde.seuil)
        lignes, places = _garder(codage.probabilites[:, colonnes], bas)
        rangs = [colonnes[place] for place in places]
        confiances = codage.probabilites[lignes, rangs]
        textes = siennes.loc[siennes["role"] == "enquete", "texte"].to_numpy()
        parties.append(pd.DataFrame({
            "ligne": lignes + rang, "code": [appris[int(place)] for place in places], "confiance": confiances,
            "codeur": f"machine:{garde.version}", "modalite": codage.modalites[lignes, rangs],
            "preuve": garde.lecteur.preuves(
                list(textes[lignes]), [codage.jetons[ligne][:, code] for ligne, code in zip(lignes, rangs, strict=True)],
                ecartes=MOTS_VIDES),
            "a_relire": confiances < DOUTE.haut, "posee": confiances >= garde.seuil,
            "hesitee": (confiances >= bas) & (confiances < garde.seuil)}))
        rang += len(textes)
    return pd.concat(parties, ignore_index=True)


def _par_le_codeur_de_l_etude(phrases: pd.DataFrame, regard: Regard, codeur: CodeurEtude,
                              fonctions: Mapping[str, str]) -> pd.DataFrame:
    """Codes posés par le codeur de l'étude, ou qu'il hésite à poser ; modalité et preuve du codeur livré."""
    parties = []
    rang = 0
    for entretien, siennes in phrases.groupby("entretien", sort=False):
        bruts = regard.lire(siennes, fonctions.get(str(entretien), ""))
        codage, = bruts.codages
        probabilites = codeur.predict_proba(bruts)
        bas = min(DOUTE.bas, codeur.seuil)
        lignes, rangs = _garder(probabilites, bas)
        confiances = probabilites[lignes, rangs]
        textes = siennes.loc[siennes["role"] == "enquete", "texte"].to_numpy()
        livres = [regard.livre.codes.index(regard.codes[code]) if regard.connus[code] else -1 for code in rangs]
        preuves = iter(regard.livre.lecteur.preuves(
            [textes[ligne] for ligne, livre in zip(lignes, livres, strict=True) if livre >= 0],
            [codage.jetons[ligne][:, livre] for ligne, livre in zip(lignes, livres, strict=True) if livre >= 0],
            ecartes=MOTS_VIDES))
        parties.append(pd.DataFrame({
            "ligne": lignes + rang, "code": [regard.codes[code] for code in rangs], "confiance": confiances,
            "codeur": f"machine:{codeur.version}",
            "modalite": [codage.modalites[ligne, livre] if livre >= 0 else np.nan
                         for ligne, livre in zip(lignes, livres, strict=True)],
            "preuve": [next(preuves) if livre >= 0 else "" for livre in livres],
            "a_relire": confiances < DOUTE.haut, "posee": confiances >= codeur.seuil,
            "hesitee": (confiances >= bas) & (confiances < codeur.seuil)}))
        rang += len(textes)
    return pd.concat(parties, ignore_index=True)


def _par_le_lexique(enquetes: pd.DataFrame, codeur: CodeurLexique) -> pd.DataFrame:
    confiances, preuves = codeur.reperer(list(enquetes["texte"]))
    lignes, rangs = np.nonzero(confiances > 0)
    return pd.DataFrame({"ligne": lignes, "code": [codeur.codes[rang] for rang in rangs],
                         "confiance": confiances[lignes, rangs], "codeur": f"machine:{codeur.version}",
                         "preuve": [preuves[ligne][rang] for ligne, rang in zip(lignes, rangs, strict=True)],
                         "a_relire": True, "posee": True, "hesitee": False})


def _completer(mentions: pd.DataFrame, enquetes: pd.DataFrame, langue: pd.DataFrame, grille: Grille) -> pd.DataFrame:
    """Joint phrase, étendue et modalité ; range dans l'ordre des textes puis de la grille."""
    ordre = {code.code: rang for rang, code in enumerate(grille)}
    mentions = mentions.assign(rang=mentions["code"].map(ordre)).sort_values(["ligne", "rang"], kind="stable")
    lignes = mentions["ligne"].to_numpy(dtype=np.int64)
    for colonne in ("entretien", "phrase", "debut", "fin", "texte"):
        mentions[colonne] = enquetes[colonne].to_numpy()[lignes]
    genres = [genre_de_modalite(grille[code].genre) for code in mentions["code"]]
    regles, indices = ([langue[f"{source}_{genre}"].iat[ligne] for genre, ligne in zip(genres, lignes, strict=True)]
                       for source in ("modalite", "indices"))
    lue = mentions.get("modalite", pd.Series(np.nan, index=mentions.index, dtype=object))
    mentions["modalite"] = lue.where(lue.notna(), pd.Series(regles, index=mentions.index, dtype=object))
    # Les indices sont ceux des règles : ils n'expliquent la modalité que là où elles s'accordent au codeur.
    mentions["indices_modalite"] = [dits if modalite == regle else "" for dits, modalite, regle in zip(
        indices, mentions["modalite"], regles, strict=True)]
    mentions["confiance"] = mentions["confiance"].astype("float64").round(4)
    drapeaux = ["a_relire", "posee", "hesitee"]
    mentions[drapeaux] = mentions[drapeaux].astype(bool)
    return mentions[[*COLONNES, "posee", "hesitee"]].reset_index(drop=True)
