"""Enchaîner les étapes d'une analyse : lire, analyser la langue, coder, regrouper, restituer.

Chaque étape rend des tables gardées par contenu (`corpus.cache`) : une étape ne se refait que si ce
dont elle dépend a changé — le fichier de l'entretien, les réglages qui le touchent, les modules qui la
calculent, le codeur, la grille. Interrompue, l'analyse reprend où elle en était.
"""

from __future__ import annotations

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from corpus.cache import Cache, EntreeAbimee, empreinte
from corpus.codages import NOM as CODAGES
from corpus.decisions import NOM as DECISIONS
from corpus.decisions import CodageHumain, lire_codage_humain
from corpus.etude import Etude
from corpus.fautes import ErreurEtude, Faute
from empreintes_etapes import (
    empreinte_fichier,
    empreintes_entrees,
    sources_corpus,
    sources_langue,
    sources_mentions,
    sources_plongements,
    sources_themes,
    sources_toutes,
)
from etapes import (
    MOTS_PAR_SEGMENT,
    NATIONAL,
    Tache,
    TacheThemes,
    entrees_de_lecture,
    entrees_de_themes,
    entrees_de_traitement,
    entrees_gardees,
    lire,
    preparer_processus,
    regrouper,
    traiter,
)
from etapes_textometrie import TacheTextometrie, compter
from execution import ecrire_execution, execution_intacte
from restituer import Lecture, restituer

if TYPE_CHECKING:
    import pandas as pd

    from extraction.grille import Grille

Progres = Callable[[str, int, int], None]
"""Reçoit l'étape en cours, ce qui est fait, ce qu'il y a à faire."""
CODEUR_ETUDE = "codeur/codeur.json"


@dataclass(frozen=True)
class Bilan:
    """Ce qu'une analyse a fait.

    Attributes
    ----------
    resultats : Path
    refait : bool
        Faux quand rien n'avait changé.
    execution : dict[str, Any]
        Le contenu d'`execution.json`.
    """

    resultats: Path
    refait: bool
    execution: dict[str, Any]


def chemin_grille(etude: Etude) -> Path | None:
    """Le fichier de grille de l'étude : etude.toml, sinon `grille.yaml` ; None pour la grille livrée."""
    if etude.reglages.grille:
        chemin = etude.dossier / etude.reglages.grille
        relatif = Path(os.path.normpath(etude.reglages.grille))
        if (not relatif.parts or relatif.is_absolute() or relatif.anchor or relatif.parts[0] in ("..", "resultats")
                or any(partie.startswith(".") for partie in relatif.parts)):
            raise ErreurEtude([Faute("etude.toml", 0, f"la grille « {etude.reglages.grille} » n'est pas dans l'étude",
                                     "copiez-la dans le dossier d'étude et donnez son chemin relatif")])
        return chemin
    return etude.dossier / "grille.yaml" if (etude.dossier / "grille.yaml").exists() else None


def charger_grille(etude: Etude) -> Grille:
    """La grille de l'étude.

    Raises
    ------
    ErreurEtude
        Toutes les fautes de la grille.
    """
    from extraction.grille import Grille

    chemin = chemin_grille(etude)
    return Grille.charger(chemin, None if chemin is None else chemin.relative_to(etude.dossier).as_posix())


def verifier(dossier: Path) -> tuple[Etude | None, list[Faute]]:
    """Contrôle tout un dossier d'étude : réglages, tableaux, textes, grille, questionnaire.

    Returns
    -------
    etude : Etude or None
        None si le dossier ne peut pas être ouvert.
    fautes : list[Faute]
    """
    try:
        etude = Etude.ouvrir(dossier)
    except ErreurEtude as erreur:
        return None, sorted({*erreur.fautes, *_fautes_des_textes(dossier)})
    fautes: list[Faute] = []
    codes = None
    try:
        codes = [code.code for code in charger_grille(etude)]
    except ErreurEtude as erreur:
        fautes.extend(erreur.fautes)
    fautes_des_textes = etude.verifier(codes)
    if codes is not None and any((dossier / nom).is_file() for nom in (CODAGES, DECISIONS)):
        fautifs = {faute.entretien for faute in fautes_des_textes if faute.entretien}
        lisibles = [etude.lire(fiche).phrases for fiche in etude.fiches
                    if fiche.entretien not in fautifs and (dossier / fiche.fichier).is_file()]
        try:
            lire_codage_humain(dossier, _reunir(lisibles), codes, fautifs)
        except ErreurEtude as erreur:
            fautes.extend(erreur.fautes)
    return etude, sorted({*fautes, *fautes_des_textes, *_fautes_des_documents(dossier)})


def _reunir(phrases: Sequence[pd.DataFrame]) -> pd.DataFrame:
    import pandas as pd

    colonnes = ["entretien", "tour", "phrase", "role", "debut", "fin", "texte"]
    return pd.concat(phrases, ignore_index=True) if phrases else pd.DataFrame(columns=colonnes)


def _fautes_des_documents(dossier: Path) -> list[Faute]:
    """Les fautes des gabarits et des pseudonymes de l'étude : mieux vaut les dire avant de coder."""
    from corpus.pseudonymes import lire_pseudonymes
    from restitution.documents import controler_gabarits

    fautes = controler_gabarits(dossier)
    try:
        lire_pseudonymes(dossier)
    except ErreurEtude as erreur:
        fautes.extend(erreur.fautes)
    return fautes


def _fautes_des_textes(dossier: Path) -> list[Faute]:
    """Les fautes de lecture de toutes les transcriptions, quand l'inventaire ne peut pas être dressé."""
    from corpus.formats import lire as lire_fichier
    from corpus.inventaire import fichiers_de_transcription

    fautes: list[Faute] = []
    if not dossier.is_dir():
        return fautes
    for fichier in fichiers_de_transcription(dossier):
        try:
            lire_fichier(dossier / fichier, fichier)
        except ErreurEtude as erreur:
            fautes.extend(erreur.fautes)
    return fautes


def _repartir(fonction: Callable[..., Any], lots: Sequence[tuple[Any, ...]], travaux: int, etape: str,
              progres: Progres) -> list[Any]:
    """Exécute une fonction sur des lots d'arguments, dans des processus ; rend les résultats dans l'ordre."""
    if not lots:
        return []
    progres(etape, 0, len(lots))
    resultats: list[Any] = [None] * len(lots)
    contexte = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(travaux, len(lots)), contexte, preparer_processus) as processus:
        rangs = {processus.submit(fonction, *lot): rang for rang, lot in enumerate(lots)}
        try:
            for fait, futur in enumerate(as_completed(rangs), start=1):
                resultats[rangs[futur]] = futur.result()
                progres(etape, fait, len(lots))
        except BaseException:
            processus.shutdown(wait=False, cancel_futures=True)
            raise
    return resultats


def analyser(dossier: str | Path, continuer: bool = False, travaux: int | None = None,
             progres: Progres = lambda etape, fait, total: None) -> Bilan:
    """Analyse une étude et écrit `resultats/`.

    Parameters
    ----------
    dossier : str or Path
        Le dossier d'étude.
    continuer : bool, default=False
        Écarter les entretiens fautifs et analyser les autres.
    travaux : int, optional
        Nombre de processus ; par défaut, le nombre de cœurs (8 au plus).
    progres : callable
        Appelé à chaque avancée avec (étape, fait, total).

    Returns
    -------
    Bilan

    Raises
    ------
    ErreurEtude
        Toutes les fautes du dossier. Avec `continuer`, seulement s'il en est une qui touche toute
        l'étude.
    """
    chemin = Path(dossier)
    if not chemin.is_dir():
        Etude.ouvrir(chemin)  # lève l'erreur qui convient
    entrees = empreintes_entrees(chemin)
    signature = empreinte(entrees, sources_toutes(), continuer)
    precedente = execution_intacte(chemin / "resultats", signature)
    if precedente is not None:
        return Bilan(chemin / "resultats", False, precedente)

    travaux = min(travaux or min(os.cpu_count() or 1, 8), 61)  # 61 : limite de Windows
    with _seule(chemin / "resultats" / ".cache"):
        return _analyser_ou_recommencer(chemin, entrees, signature, continuer, travaux, progres)


@contextmanager
def _seule(garde: Path) -> Iterator[None]:
    """Une analyse à la fois : deux s'écriraient l'une sur l'autre. Le verrou tombe avec le processus, même tué."""
    garde.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(garde / "verrou", timeout=0):
            yield
    except Timeout as prise:
        raise ErreurEtude([Faute("resultats", 0, "une autre analyse de cette étude est en cours",
                                 "attendez qu'elle finisse, ou arrêtez-la")]) from prise


def _analyser_ou_recommencer(chemin: Path, entrees: dict[str, str], signature: str, continuer: bool, travaux: int,
                             progres: Progres) -> Bilan:
    """L'analyse ; une pièce abîmée du cache est effacée et refaite, une fois."""
    try:
        return _analyser(chemin, entrees, signature, continuer, travaux, progres)
    except EntreeAbimee:
        Cache(chemin / "resultats" / ".cache").purger()
    try:
        return _analyser(chemin, entrees, signature, continuer, travaux, progres)
    except EntreeAbimee as erreur:
        raise ErreurEtude([Faute(f"resultats/.cache/{erreur}", 0, "cette pièce du cache ne se relit pas",
                                 "vérifiez le disque, puis effacez resultats/.cache")]) from erreur


def _analyser(chemin: Path, entrees: dict[str, str], signature: str, continuer: bool, travaux: int,
              progres: Progres) -> Bilan:
    resultats = chemin / "resultats"
    durees: dict[str, float] = {}
    with _chronometrer(durees, "lecture"):
        etude, grille, lecture = _lire_etude(chemin, entrees, continuer, travaux, progres)
    garde = Cache(resultats / ".cache")
    with _chronometrer(durees, "langue, mentions, plongements"):
        taches = _donner_les_cles(lecture.taches, etude, grille)
        a_faire = [tache for tache in taches if not all(
            garde.contient(*entree) for entree in entrees_de_traitement(tache))]
        _repartir(traiter, [(tache,) for tache in a_faire], travaux, "entretiens analysés", progres)
    with _chronometrer(durees, "thèmes"):
        themes = _taches_themes(taches, etude.reglages.graine)
        a_faire_themes = [tache for tache in themes if not all(
            garde.contient(*entree) for entree in entrees_de_themes(tache))]
        # Les territoires ont besoin des repères du national : lui d'abord.
        for rang in (True, False):
            lots = [(tache,) for tache in a_faire_themes if (tache.portee == NATIONAL) is rang]
            _repartir(regrouper, lots, travaux, "thèmes nationaux" if rang else "thèmes par territoire", progres)
    with _chronometrer(durees, "textométrie"):
        textometrie = TacheTextometrie.preparer(taches, etude.reglages)
        if not all(garde.contient(*entree) for entree in textometrie.entrees):
            _repartir(compter, [(textometrie,)], 1, "textométrie", progres)
    with _chronometrer(durees, "restitution"):
        progres("écriture des résultats", 0, 1)
        execution = restituer(resultats, etude, grille, lecture, taches, themes, textometrie, entrees, signature)
        progres("écriture des résultats", 1, 1)
    execution = ecrire_execution(resultats, execution, durees)
    garde.elaguer(entrees_gardees(taches, themes) | {*textometrie.entrees})
    return Bilan(resultats, True, execution)


@contextmanager
def _chronometrer(durees: dict[str, float], etape: str) -> Iterator[None]:
    debut = time.perf_counter()
    yield
    durees[etape] = round(time.perf_counter() - debut, 2)


def _lire_etude(chemin: Path, entrees: dict[str, str], continuer: bool, travaux: int,
                progres: Progres) -> tuple[Etude, Grille, Lecture]:
    """Ouvre l'étude, lit tous les entretiens, rassemble toutes les fautes."""
    etude = Etude.ouvrir(chemin)
    fautes = {*etude.fautes, *_fautes_des_documents(chemin)}
    grille = None
    try:
        grille = charger_grille(etude)
    except ErreurEtude as erreur:
        fautes.update(erreur.fautes)
    if grille is not None and CODEUR_ETUDE in entrees:
        from extraction.codeur_etude import charger_codeur_etude
        from modeles.codeur_livre import charger_codeur

        try:
            charger_codeur_etude(chemin, grille, charger_codeur())
        except ErreurEtude as erreur:
            fautes.update(erreur.fautes)
    questionnaire = None
    try:
        questionnaire = etude.questionnaire(None if grille is None else [code.code for code in grille])
    except ErreurEtude as erreur:
        fautes.update(erreur.fautes)
    garde = Cache(chemin / "resultats" / ".cache")
    taches = [
        Tache(chemin, garde.dossier, fiche, empreinte(
            entrees[fiche.fichier], fiche.entretien, fiche.fichier, fiche.section, bool(fiche.ligne),
            asdict(etude.reglages.etiquettes(fiche.entretien)), sources_corpus()))
        for fiche in etude.fiches if fiche.fichier in entrees]
    lots = [(tache, etude.reglages.etiquettes(tache.fiche.entretien)) for tache in taches
            if not all(garde.contient(*entree) for entree in entrees_de_lecture(tache))]
    for rendues in _repartir(lire, lots, travaux, "entretiens lus", progres):
        fautes.update(rendues)
    fautifs = {faute.entretien for faute in fautes if faute.entretien}
    lues = [tache for tache in taches if tache.fiche.entretien not in fautifs]
    humain = None
    if grille is not None:
        try:
            humain = _lire_codage_humain(chemin, garde, lues, grille, fautifs)
        except ErreurEtude as erreur:
            fautes.update(erreur.fautes)
    if grille is None or humain is None or any(not (continuer and faute.entretien) for faute in fautes):
        raise ErreurEtude(sorted(fautes))
    lecture = Lecture(lues, sorted(fautes), humain, questionnaire=questionnaire)
    if not lecture.taches:
        raise ErreurEtude([*sorted(fautes), Faute(".", 0, "aucun entretien sans faute à analyser",
                                                  "corrigez au moins un entretien")])
    generales = [*etude.inventaire.suppositions, *(questionnaire.suppositions if questionnaire else ())]
    if generales:
        lecture.suppositions[""] = generales
    for tache in lecture.taches:
        supposees = list(garde.relire("suppositions", tache.lecture)["supposition"])
        if supposees:
            lecture.suppositions[tache.fiche.entretien] = supposees
    return etude, grille, lecture


def _lire_codage_humain(chemin: Path, garde: Cache, lues: Sequence[Tache], grille: Grille, fautifs: set[str]) -> CodageHumain:
    """Ce que des personnes ont codé dans les entretiens lus."""
    phrases = [garde.relire("phrases", tache.lecture) for tache in lues if garde.contient("phrases", tache.lecture)]
    return lire_codage_humain(chemin, _reunir(phrases), [code.code for code in grille], fautifs)


def _donner_les_cles(taches: Sequence[Tache], etude: Etude, grille: Grille) -> list[Tache]:
    """Complète chaque tâche des clés de ses étapes, qui descendent l'une de l'autre."""
    completes = []
    appris = etude.dossier / CODEUR_ETUDE
    codeur = empreinte_fichier(appris) if appris.is_file() else ""
    for tache in taches:
        langue = empreinte(tache.lecture, sources_langue())
        completes.append(replace(
            tache, grille=chemin_grille(etude), langue=langue,
            mentions=empreinte(langue, sources_mentions(), grille.empreinte, codeur, tache.fiche.fonction),
            plongements=empreinte(tache.lecture, sources_plongements(), MOTS_PAR_SEGMENT)))
    return completes


def _taches_themes(taches: Sequence[Tache], graine: int) -> list[TacheThemes]:
    """Le national, puis chaque territoire dans l'ordre où les entretiens le nomment."""
    def cle(*dependances: object) -> str:
        return empreinte(sources_themes(), graine, *dependances)

    nationale = cle(NATIONAL, [(tache.plongements, tache.langue) for tache in taches])
    themes = [TacheThemes(NATIONAL, taches[0].cache, tuple(taches), nationale, nationale, graine)]
    for territoire in dict.fromkeys(tache.fiche.territoire for tache in taches):
        siennes = tuple(tache for tache in taches if tache.fiche.territoire == territoire)
        propre = cle(territoire, [(tache.plongements, tache.langue) for tache in siennes], nationale)
        themes.append(TacheThemes(territoire, taches[0].cache, siennes, propre, nationale, graine))
    return themes
