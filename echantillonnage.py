"""Tirer au sort ce que des évaluateurs codent à la main, puis en estimer les parts que la machine seule fausserait."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from chaine import charger_grille
from corpus.cache import ecriture_atomique
from corpus.echantillon import NOM, presenter
from corpus.etude import Etude
from corpus.fautes import ErreurEtude, Faute
from estimations_etude import CONFIANCES, DOSSIER, ESTIMATIONS, FICHE, TIREES, empreinte_phrases, estimer_parts
from evaluation.estimation import CORRIGE, LUES, NATIONAL, Population
from evaluation.plans import (
    ENTRETIENS,
    INEGAL,
    PART_UNIFORME,
    PART_UNIFORME_VISEE,
    PLANS,
    STRATIFIE,
    UNITES,
    Reels,
    dit_quelque_part,
    ecarts_prevus,
    tirer,
)
from extraction.codeur_etude import Regard, charger_codeur_etude
from extraction.grille import Grille
from extraction.lexique import CodeurLexique
from extraction.mentions import codes_appris
from modeles.codeur_livre import charger_codeur
from modeles.plongements import Plongeur

PLANCHER = 0.001  # une confiance plus faible ne pèse rien dans une part
Progres = Callable[[str, int, int], None]


@dataclass(frozen=True)
class BilanTirage:
    """Ce qui a été tiré.

    Attributes
    ----------
    unite, plan : str
    codes : tuple[str, ...]
        Codes que le plan inégal vise ; vide pour tous.
    tirees, population : int
        Unités tirées, unités de l'étude.
    phrases, entretiens : int
        Phrases à coder, et entretiens où elles sont.
    machine : str
        Version de la machine, dont les confiances sont gardées.
    """

    unite: str
    plan: str
    codes: tuple[str, ...]
    tirees: int
    population: int
    phrases: int
    entretiens: int
    machine: str


def echantillonner(dossier: Path, taille: int, unite: str = ENTRETIENS, plan: str = STRATIFIE, vises: Sequence[str] = (),
                   graine: int | None = None, progres: Progres = lambda etape, fait, total: None) -> BilanTirage:
    """Tire l'échantillon d'une étude et écrit `echantillon.csv`, à remplir.

    Garde à côté (`echantillon/`) le tirage et ce que la machine pense de toute l'étude à ce moment : l'estimation s'en
    sert, même si la machine apprend ensuite de cet échantillon.

    Parameters
    ----------
    dossier : Path
    taille : int
        Nombre d'unités à tirer.
    unite : str
        « entretiens » ou « phrases ».
    plan : str
        « simple », « stratifie » (par territoire) ou « inegal » (où la machine doute).
    vises : Sequence[str]
        Codes dont l'estimation importe ; le plan inégal les vise. Par défaut, tous.
    graine : int, facultatif
        Par défaut celle d'etude.toml.
    progres : fonction (étape, fait, total)

    Raises
    ------
    ErreurEtude
        Fautes de l'étude ; échantillon déjà là ; taille, plan ou codes qui ne vont pas.
    """
    etude = Etude.ouvrir(dossier)
    grille = charger_grille(etude)
    codes = tuple(code.code for code in grille)
    fautes = [Faute("la grille", 0, f"code « {code} » absent de la grille", f"codes admis : {', '.join(codes)}")
              for code in vises if code not in codes]
    if (dossier / NOM).exists():
        fautes.append(Faute(NOM, 0, "un échantillon est déjà là, peut-être codé",
                            "estimez-le (« monographies estimer »), ou déplacez-le avant d'en tirer un autre"))
    fautes += [Faute(quoi, 0, f"« {valeur} » inconnu", f"écrivez {', '.join(admis)}") for quoi, valeur, admis in (
        ("unité", unite, UNITES), ("plan", plan, PLANS)) if valeur not in admis]
    if fautes:
        raise ErreurEtude(fautes)
    population = Population.ranger(etude.phrases, etude.entretiens, codes)
    machine, confiances, calibres = _confiances(etude, grille, progres)
    sans = [code for code in vises or codes if code not in calibres]
    if plan == INEGAL and sans:
        raise ErreurEtude([Faute("plan", 0, f"codes que la machine n'a pas appris, repérés par lexique : {', '.join(sans)}",
                                 "le plan inégal demande des confiances calibrées : prenez « simple » ou « stratifie », ou "
                                 "apprenez d'abord le codeur de l'étude (« monographies apprendre »)")])
    p = population.matrice(confiances, "confiance")[:, [codes.index(code) for code in vises or codes]]
    numeros, territoires = population.unites(unite)
    ecarts = ecarts_prevus(dit_quelque_part(p, population.groupes) if unite == ENTRETIENS else p)
    graine = etude.reglages.graine if graine is None else graine
    try:
        tirage = tirer(plan, taille, list(territoires), ecarts, graine, PART_UNIFORME_VISEE if vises else PART_UNIFORME)
    except ValueError as erreur:
        raise ErreurEtude([Faute("taille", 0, str(erreur), f"l'étude a {len(territoires)} {unite}")]) from erreur
    tirees = _phrases_tirees(population, numeros, pd.DataFrame({
        "unite_": tirage.rangs, "strate": tirage.strates, "probabilite": tirage.probabilites})).assign(unite=unite)
    fiche = {"unite": unite, "plan": plan, "codes": list(vises), "taille": taille, "graine": graine, "machine": machine,
             "grille": grille.empreinte, "phrases": empreinte_phrases(etude.phrases)}
    for nom, table in ((TIREES, tirees), (CONFIANCES, confiances)):
        with ecriture_atomique(dossier / nom) as provisoire:
            table.to_parquet(provisoire, index=False)
    with ecriture_atomique(dossier / FICHE) as provisoire:
        provisoire.write_text(json.dumps(fiche, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    with ecriture_atomique(dossier / NOM) as provisoire:  # en dernier : s'il est là, le reste y est
        presenter(tirees, etude.phrases).to_csv(provisoire, index=False, encoding="utf-8", lineterminator="\n")
    return BilanTirage(unite, plan, tuple(vises), taille, len(territoires), len(tirees), tirees["entretien"].nunique(), machine)


def estimer_etude(dossier: Path) -> pd.DataFrame:
    """Estime les parts de chaque code d'après l'échantillon codé ; écrit et rend `resultats/estimations.csv`.

    Les codes viennent de la colonne `codes` d'`echantillon.csv` ; si personne ne l'a remplie et que l'on a tiré des
    entretiens, de `codages.csv`. Le comptage brut est celui de la dernière analyse ; l'appui, la machine du tirage.

    Returns
    -------
    pandas.DataFrame
        Voir `evaluation.estimation.estimer`.

    Raises
    ------
    ErreurEtude
        Échantillon absent, inachevé ou retouché ; étude ou grille changées depuis le tirage ; étude non analysée.
    """
    etude = Etude.ouvrir(dossier)
    grille = charger_grille(etude)
    mentions = dossier / "resultats" / "mentions.parquet"
    if (dossier / FICHE).is_file() and not mentions.is_file():
        raise ErreurEtude([Faute("resultats/mentions.parquet", 0, "cette étude n'a pas été analysée",
                                 "lancez d'abord « monographies analyser »")])
    posees = pd.read_parquet(mentions) if mentions.is_file() else pd.DataFrame()
    table = estimer_parts(dossier, grille, etude.phrases, etude.entretiens, posees)
    with ecriture_atomique(dossier / ESTIMATIONS) as provisoire:
        table.to_csv(provisoire, index=False, encoding="utf-8", lineterminator="\n")
    return table


def _phrases_tirees(population: Population, numeros: np.ndarray[Any, Any], unites: pd.DataFrame) -> pd.DataFrame:
    """Les phrases des unités tirées : entretien, phrase, territoire, strate, probabilite."""
    toutes = population.phrases.assign(unite_=numeros, territoire=population.territoires[population.groupes])
    return toutes.merge(unites, on="unite_", validate="m:1").drop(columns="unite_")


def _confiances(etude: Etude, grille: Grille, progres: Progres) -> tuple[str, pd.DataFrame, tuple[str, ...]]:
    """Version de la machine, ce qu'elle pense de chaque (phrase, code) de l'étude, et les codes qu'elle a appris."""
    livre = charger_codeur()
    connus = codes_appris(grille, livre)
    codes = tuple(code.code for code in grille)
    ici, la = [codes.index(code) for code in connus], [livre.codes.index(code) for code in connus]
    appris = charger_codeur_etude(etude.dossier, grille, livre)
    etude_apprise = None if appris is None else (appris, Regard(grille, livre, Plongeur(), connus))
    lexique = CodeurLexique([code for code in grille if code.code not in connus])
    tables = []
    for rang, fiche in enumerate(etude.fiches):
        siennes = etude.phrases[etude.phrases["entretien"] == fiche.entretien]
        enquetes = siennes[siennes["role"] == "enquete"]
        p, modalites = np.zeros((len(enquetes), len(codes))), np.full((len(enquetes), len(codes)), "", dtype="<U16")
        codage = None
        if etude_apprise is not None:
            codeur, regard = etude_apprise
            bruts = regard.lire(siennes, fiche.fonction)
            p, (codage,) = codeur.predict_proba(bruts), bruts.codages
        else:
            if connus:
                codage = livre.coder(siennes, fiche.fonction)
                p[:, ici] = codage.probabilites[:, la]
            p[:, [codes.index(code) for code in lexique.codes]] = lexique.reperer(list(enquetes["texte"]))[0]
        if codage is not None:
            modalites[:, ici] = codage.modalites[:, la]
        tables.append(_longue(enquetes, codes, p, modalites))
        progres("entretiens lus", rang + 1, len(etude.fiches))
    version = appris.version if appris is not None else livre.version if connus else lexique.version
    return f"machine:{version}", pd.concat(tables, ignore_index=True), codes if appris is not None else connus


def _longue(enquetes: pd.DataFrame, codes: Sequence[str], p: Reels, modalites: np.ndarray[Any, Any]) -> pd.DataFrame:
    lignes, rangs = np.nonzero(p >= PLANCHER)
    return pd.DataFrame({
        "entretien": enquetes["entretien"].to_numpy()[lignes], "phrase": enquetes["phrase"].to_numpy()[lignes],
        "code": np.array(codes)[rangs], "modalite": modalites[lignes, rangs], "confiance": p[lignes, rangs]})


def raconter_tirage(bilan: BilanTirage) -> list[str]:
    """Le tirage en phrases."""
    accord = "s" if bilan.unite == ENTRETIENS else "es"
    vises = f", visant {', '.join(bilan.codes)}" if bilan.codes and bilan.plan == INEGAL else ""
    return [f"{bilan.tirees} {bilan.unite} tiré{accord} au sort sur {bilan.population} (plan {bilan.plan}{vises}) : "
            f"{bilan.phrases} phrases à coder, dans {bilan.entretiens} entretiens.",
            f"À remplir : {NOM}, colonne « codes » (« C1.1 présente ; O04 absente », ou « aucun »), sans regarder ce qu'a "
            "posé la machine." + (" Ou bien codez ces entretiens en entier dans l'application." if bilan.unite == ENTRETIENS
                                  else ""),
            f"Confiances de {bilan.machine} gardées dans {DOSSIER}/ : l'estimation se fera avec elles.",
            "Ensuite : « monographies estimer »."]


def raconter_estimations(table: pd.DataFrame) -> list[str]:
    """Les estimations en phrases : combien de parts corrigées, et ce que le comptage brut fausse le plus."""
    toutes = table[(table["portee"] == NATIONAL) & (table["modalite"] == LUES[0])]
    dites = []
    for unite, siennes in toutes.groupby("unite", sort=False):
        corrigees = siennes[siennes["conclusion"] == CORRIGE]
        dites.append(f"Part des {unite} : {len(corrigees)} codes sur {len(siennes)} estimés, toutes modalités ensemble ; "
                     f"{len(siennes) - len(corrigees)} trop peu trouvés dans l'échantillon pour corriger.")
        faux = corrigees[(corrigees["brut"] < corrigees["corrige_bas"]) | (corrigees["brut"] > corrigees["corrige_haut"])]
        if len(faux):
            ecart = faux.assign(ecart=(faux["brut"] - faux["corrige"]).abs()).nlargest(1, "ecart").iloc[0]
            p = {nom: f"{100 * ecart[nom]:.1f}".replace(".", ",") for nom in ("brut", "corrige", "corrige_bas", "corrige_haut")}
            dites.append(f"Le comptage brut de la machine sort de l'intervalle pour {len(faux)} codes ; au plus loin, "
                         f"{ecart['code']} : {p['brut']} % bruts, {p['corrige']} % corrigés [{p['corrige_bas']} ; "
                         f"{p['corrige_haut']}].")
    locales = table[(table["portee"] != NATIONAL) & (table["modalite"] == LUES[0])]
    dites.append(f"Par territoire : {(locales['conclusion'] == CORRIGE).sum()} parts estimées sur {len(locales)}, les autres "
                 "sur trop peu de cas.")
    return dites
