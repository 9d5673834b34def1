"""Apprendre des évaluateurs : des codages d'une étude au codeur de cette étude."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.model_selection import GroupKFold

from chaine import charger_grille
from corpus.codages import lire_codages
from corpus.decisions import NOM as DECISIONS
from corpus.decisions import lire_codage_humain
from corpus.etude import Etude
from corpus.fautes import ErreurEtude, Faute
from evaluation.justesse import mesurer
from extraction.codeur_etude import Bruts, CodeurEtude, Regard, reunir
from extraction.grille import Grille
from extraction.lexique import CodeurLexique
from extraction.mentions import codes_appris
from modeles.codeur_livre import CodeurLivre, charger_codeur
from modeles.plongements import Plongeur

PLIS = 5
ENTRETIENS_POUR_MESURER = 3
Booleens = npt.NDArray[np.bool_]
Progres = Callable[[str, int, int], None]


@dataclass(frozen=True)
class BilanApprentissage:
    """Ce qu'un apprentissage a donné.

    Attributes
    ----------
    version : str
        Du codeur de l'étude ; vide s'il n'a pas été retenu.
    codeurs : tuple[str, ...]
        Évaluateurs dont les codages ont servi.
    entretiens : tuple[str, ...]
        Entretiens codés.
    phrases, codages, machine : int
        Phrases de ces entretiens, codages retenus, lignes de machine laissées de côté.
    exemples : dict[str, int]
        Phrases codées par code de la grille.
    avant, apres : float
        κ par (phrase, code) du codeur de départ et du codeur de l'étude, entretiens tenus à l'écart ;
        NaN s'il y a trop peu d'entretiens pour mesurer.
    deja_appris : tuple[str, ...]
        Entretiens qui avaient servi à apprendre le codeur livré : la mesure y est flatteuse.
    """

    version: str
    codeurs: tuple[str, ...]
    entretiens: tuple[str, ...]
    phrases: int
    codages: int
    machine: int
    exemples: dict[str, int]
    avant: float
    apres: float
    deja_appris: tuple[str, ...]


def apprendre(dossier: Path, progres: Progres = lambda etape, fait, total: None) -> BilanApprentissage:
    """Apprend le codeur d'une étude sur ses codages, et le garde s'il code mieux.

    Les entretiens appris sont ceux que quelqu'un a lus en entier (`corpus.decisions`) ; leurs phrases sans code sont des
    contre-exemples. À plusieurs codeurs : `CodageHumain.retenir`.

    Parameters
    ----------
    dossier : Path
    progres : fonction (étape, fait, total)

    Raises
    ------
    ErreurEtude
        Toutes les fautes de l'étude ou des codages.
    """
    etude = Etude.ouvrir(dossier)
    grille = charger_grille(etude)
    phrases = etude.phrases
    lus = lire_codages(dossier, phrases, [code.code for code in grille])
    humain = lire_codage_humain(dossier, phrases, [code.code for code in grille])
    codages = humain.retenir()
    if codages.empty:
        raise ErreurEtude([Faute(DECISIONS, 0, "aucun entretien codé n'a été déclaré terminé",
                                 "terminez-en (« monographies coder », bouton Terminer)")])
    entretiens = [nom for nom in phrases["entretien"].unique() if nom in humain.lus]
    phrases = phrases[phrases["entretien"].isin(entretiens)]
    livre, plongeur = charger_codeur(), Plongeur()
    regard = Regard(grille, livre, plongeur, codes_appris(grille, livre))
    fonctions = {fiche.entretien: fiche.fonction for fiche in etude.fiches}
    bruts = []
    for rang, nom in enumerate(entretiens):
        bruts.append(regard.lire(phrases[phrases["entretien"] == nom], fonctions[nom]))
        progres("entretiens lus", rang + 1, len(entretiens))
    enquetes = phrases[phrases["role"] == "enquete"].reset_index(drop=True)
    y = codes_portes(codages, enquetes, regard.codes)
    tous, groupes = reunir(bruts), enquetes["entretien"].to_numpy(dtype=str)
    avant, apres = _comparer(regard, tous, y, groupes, enquetes, grille, livre)
    codeur = _neuf(regard, grille, livre).fit(tous, y, list(groupes), regard.definitions)
    retenu = apres > avant  # NaN, trop peu d'entretiens pour mesurer : rien ne permet d'y croire
    noms = tuple(sorted({nom for lecteurs in humain.lus.values() for nom in lecteurs}))
    version = codeur.garder(dossier, entretiens=entretiens, codeurs=list(noms), codages=int(y.sum())) if retenu else ""
    propos = enquetes.groupby("entretien", sort=False)["texte"]
    return BilanApprentissage(
        version, noms, tuple(entretiens), len(enquetes), int(y.sum()), lus.machine,
        dict(zip(regard.codes, map(int, y.sum(axis=0)), strict=True)), avant, apres,
        tuple(str(nom) for nom, textes in propos if livre.connait(textes)))


def codes_portes(codages: pd.DataFrame, enquetes: pd.DataFrame, codes: tuple[str, ...]) -> Booleens:
    """Codes de chaque phrase d'enquêté, d'après `CodageHumain.retenir` : (n, codes)."""
    lignes = {cle: rang for rang, cle in enumerate(zip(enquetes["entretien"], enquetes["phrase"], strict=True))}
    colonnes = {code: rang for rang, code in enumerate(codes)}
    portes = np.zeros((len(enquetes), len(codes)), dtype=bool)
    for entretien, phrase, code in zip(codages["entretien"], codages["phrase"], codages["code"], strict=True):
        portes[lignes[entretien, phrase], colonnes[code]] = True
    return portes


def _neuf(regard: Regard, grille: Grille, livre: CodeurLivre) -> CodeurEtude:
    return CodeurEtude(regard.codes, regard.connus, grille.empreinte, livre.version)


def _comparer(regard: Regard, bruts: Bruts, y: Booleens, groupes: npt.NDArray[np.str_], enquetes: pd.DataFrame,
              grille: Grille, livre: CodeurLivre) -> tuple[float, float]:
    """κ du codeur de départ et du codeur de l'étude, par validation croisée sur les entretiens."""
    if len(np.unique(groupes)) < ENTRETIENS_POUR_MESURER:
        return float("nan"), float("nan")
    depart = 1 / (1 + np.exp(-bruts.cotes)) >= livre.seuil
    inconnus = [code for code, connu in zip(grille, regard.connus, strict=True) if not connu]
    if inconnus:
        depart[:, ~regard.connus] = CodeurLexique(inconnus).reperer(list(enquetes["texte"]))[0] > 0
    appris = np.zeros_like(y)
    for a, b in GroupKFold(min(PLIS, len(np.unique(groupes)))).split(y, groups=groupes):
        codeur = _neuf(regard, grille, livre).fit(_partie(bruts, a), y[a], list(groupes[a]), regard.definitions)
        appris[b] = codeur.predict_proba(_partie(bruts, b)) >= codeur.seuil
    return tuple(mesurer(y, pose, list(groupes), list(regard.codes), tirages=0).kappa.valeur  # type: ignore[return-value]
                 for pose in (depart, appris))


def _partie(bruts: Bruts, rangs: npt.NDArray[np.int64]) -> Bruts:
    return Bruts(bruts.plongements[rangs], bruts.proximites[rangs], bruts.cotes[rangs], ())


def raconter(bilan: BilanApprentissage) -> list[str]:
    """Le bilan en phrases."""
    def k(valeur: float) -> str:
        return f"{valeur:.2f}".replace(".", ",")

    dites = [f"{len(bilan.entretiens)} entretiens codés par {', '.join(bilan.codeurs)} : {bilan.phrases} phrases, "
             f"{bilan.codages} codages retenus."]
    if bilan.machine:
        dites.append(f"{bilan.machine} codages de machine laissés de côté : on n'apprend que des personnes.")
    vides = [code for code, nombre in bilan.exemples.items() if not nombre]
    if vides:
        dites.append(f"Codes sans aucun exemple, repérés par leur définition : {', '.join(vides)}.")
    if bilan.avant == bilan.avant:
        dites.append(f"κ sur des entretiens tenus à l'écart : {k(bilan.avant)} avant, {k(bilan.apres)} après.")
    else:
        dites.append(f"Trop peu d'entretiens codés pour mesurer ce que l'on gagne (il en faut {ENTRETIENS_POUR_MESURER}) : le "
                     "codeur n'a pas été gardé.")
        return dites
    if bilan.deja_appris:
        dites.append(f"{len(bilan.deja_appris)} de ces entretiens avaient servi à apprendre le codeur livré : le κ "
                     "d'avant y est trop beau.")
    dites.append(f"Codeur de l'étude : machine:{bilan.version}. « monographies analyser » l'emploiera." if bilan.version
                 else "Le codeur de l'étude ne code pas mieux que le codeur de départ : il n'a pas été gardé, "
                 "l'analyse continue avec celui qu'elle avait.")
    return dites
