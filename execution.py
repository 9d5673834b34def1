"""`execution.json` : ce qu'une analyse a fait, de quoi savoir si elle est à refaire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from corpus.cache import ecriture_atomique
from empreintes_etapes import empreinte_fichier

NOM = "execution.json"
PSEUDONYMES_PROPOSES = "pseudonymes_proposes.csv"
D_AILLEURS = (PSEUDONYMES_PROPOSES, "accord.csv", "estimations.csv")
"""Ce que d'autres commandes écrivent là, ou qu'une personne y retouche : l'analyse n'en répond pas."""


def execution_intacte(resultats: Path, signature: str) -> dict[str, Any] | None:
    """L'exécution précédente si elle porte la même signature et que ses fichiers n'ont pas bougé."""
    try:
        execution: dict[str, Any] = json.loads((resultats / NOM).read_text(encoding="utf-8"))
        intacte = execution["signature"] == signature and all(
            (resultats / nom).is_file() and empreinte_fichier(resultats / nom) == attendue
            for nom, attendue in execution["sorties"].items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # jamais faite, ou abîmée : on la refait
    return execution if intacte else None


def ecrire_execution(resultats: Path, execution: Mapping[str, Any], durees: Mapping[str, float]) -> dict[str, Any]:
    """Écrit `execution.json`, en dernier : l'empreinte de chaque fichier de résultats, l'heure, les durées.

    Efface les documents qu'une exécution précédente a écrits et celle-ci non : ceux d'un territoire qui n'est plus
    dans l'étude.

    Parameters
    ----------
    resultats : Path
    execution : Mapping[str, Any]
        Sa clé `documents` liste les documents écrits.
    durees : Mapping[str, float]
        Étape → secondes.

    Returns
    -------
    dict[str, Any]
        Ce qui a été écrit.
    """
    try:
        anciens = json.loads((resultats / NOM).read_text(encoding="utf-8"))["documents"]
    except (OSError, ValueError, KeyError, TypeError):
        anciens = []
    for perime in set(anciens) - set(execution["documents"]):
        (resultats / perime).unlink(missing_ok=True)
    fichiers = {fichier.relative_to(resultats).as_posix() for fichier in [*resultats.glob("*"), *resultats.glob("images/*")]
                if fichier.is_file() and fichier.name[0] != "."}
    noms = {*execution["documents"], *fichiers} - {NOM, *D_AILLEURS}
    ecrite = {**execution, "faite_le": datetime.now().astimezone().isoformat(timespec="seconds"), "durees": dict(durees),
              "sorties": {nom: empreinte_fichier(resultats / nom) for nom in sorted(noms)}}
    with ecriture_atomique(resultats / NOM) as provisoire:
        provisoire.write_text(json.dumps(ecrite, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return ecrite
