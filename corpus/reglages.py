"""Les réglages d'une étude : le fichier facultatif `etude.toml`.

::

    titre = "Évaluation des Cités de l'emploi"
    avertissements = ["Textes fictifs"]      # montrés en tête du rapport
    grille = "grille.yaml"                   # sinon grille.yaml s'il existe, sinon la grille livrée
    base = "sqlite:///codages.sqlite"        # base de l'application de codage
    graine = 0
    classes_reinert = 5                      # de 2 à 10 ; sinon, choisi d'après leur stabilité
    categories = ["benevole"]                # catégories d'acteurs en plus de la liste commune

    [locuteurs]                              # étiquettes imposées, pour toute l'étude…
    enqueteurs = ["ML"]
    enquetes = []

    [locuteurs.entretiens."T04-E02"]         # … ou pour un seul entretien
    enqueteurs = ["NF"]

    [questionnaire]                          # si l'étude en a un (voir evaluation/rapprochement.py)
    marges = ["echelle", "porteur"]          # variables de calage, de la plus à la moins importante
    majorite = 0.6667                        # part à partir de laquelle un sens est net
    entretiens = 2                           # entretiens qui doivent se prononcer par territoire
    territoires = 0.5                        # part des territoires qui doivent se prononcer
    reponses = 10                            # Cités qui doivent se prononcer
    niveau = 0.95                            # niveau des intervalles
    minimum = 5                              # répondantes par catégorie de calage
    plafond = 3.0                            # rapport maximal d'un poids au poids de départ
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.fautes import ErreurEtude, Faute

NOM = "etude.toml"

_CLES: dict[str, type | tuple[type, ...]] = {
    "titre": str, "avertissements": list, "grille": str, "base": str, "graine": int,
    "classes_reinert": int, "categories": list, "locuteurs": dict, "questionnaire": dict,
}
_BORNES: dict[str, tuple[type, float, float]] = {
    "majorite": (float, 0.5, 1), "entretiens": (int, 1, 1e9), "territoires": (float, 0, 1), "reponses": (int, 1, 1e9),
    "niveau": (float, 0.5, 0.999), "minimum": (int, 1, 1e9), "plafond": (float, 1.01, 1e9)}
"""Seuils de [questionnaire] : type, plus petite et plus grande valeur."""
_TYPES_CLAIRS = {str: "du texte entre guillemets", int: "un nombre entier", list: "une liste de textes",
                 dict: "une section [entre crochets]"}


@dataclass(frozen=True)
class Etiquettes:
    """Étiquettes de locuteurs dont le rôle est imposé."""

    enqueteurs: tuple[str, ...] = ()
    enquetes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reglages:
    """Les réglages d'une étude, valeurs par défaut comprises."""

    titre: str = ""
    avertissements: tuple[str, ...] = ()
    grille: str = ""
    base: str = ""
    graine: int = 0
    classes_reinert: int = 0
    categories: tuple[str, ...] = ()
    locuteurs: Etiquettes = Etiquettes()
    locuteurs_entretiens: Mapping[str, Etiquettes] = field(default_factory=dict)
    questionnaire: Mapping[str, Any] = field(default_factory=dict)

    def etiquettes(self, entretien: str) -> Etiquettes:
        """Les étiquettes imposées pour un entretien ; celles de l'entretien l'emportent."""
        return self.locuteurs_entretiens.get(entretien, self.locuteurs)


def lire_reglages(dossier: Path) -> tuple[Reglages, tuple[Faute, ...]]:
    """Lit `etude.toml` dans un dossier d'étude.

    Returns
    -------
    reglages : Reglages
        Valeurs par défaut si le fichier n'existe pas ; une clé fautive garde la valeur par défaut.
    fautes : tuple[Faute, ...]
        Clés inconnues, valeurs du mauvais type.

    Raises
    ------
    ErreurEtude
        Fichier illisible ou TOML mal formé : rien ne peut en être tiré.
    """
    chemin = dossier / NOM
    if not chemin.exists():
        return Reglages(), ()
    try:
        texte = chemin.read_text(encoding="utf-8-sig")
    except OSError as erreur:
        raise ErreurEtude([Faute(NOM, 0, f"fichier illisible ({erreur.strerror})",
                                 "vérifiez les droits de lecture du fichier")]) from erreur
    except UnicodeDecodeError as erreur:
        raise ErreurEtude([Faute(NOM, erreur.object[:erreur.start].count(b"\n") + 1, "le fichier n'est pas en UTF-8",
                                 "enregistrez-le en UTF-8")]) from erreur
    try:
        brut = tomllib.loads(texte)
    except tomllib.TOMLDecodeError as erreur:
        trouve = re.search(r"line (\d+)", str(erreur))
        ligne = int(trouve.group(1)) if trouve else texte.count("\n") + 1
        raise ErreurEtude([Faute(NOM, ligne, "écriture TOML incorrecte",
                                 'chaque ligne s\'écrit clé = valeur, les textes entre guillemets : '
                                 'titre = "Mon étude"')]) from erreur
    return _interpreter(brut, texte)


def _ligne(texte: str, cle: str) -> int:
    trouve = re.search(rf"^[ \t]*\[?[^\n=]*\b{re.escape(cle)}\b", texte, flags=re.MULTILINE)
    return texte[:trouve.end()].count("\n") + 1 if trouve else 0


def _interpreter(brut: dict[str, Any], texte: str) -> tuple[Reglages, tuple[Faute, ...]]:
    fautes: list[Faute] = []
    valeurs: dict[str, Any] = {}
    for cle, valeur in brut.items():
        attendu = _CLES.get(cle)
        if attendu is None:
            proche = difflib.get_close_matches(cle, _CLES, n=1)
            remede = f"vouliez-vous dire « {proche[0]} » ?" if proche else f"clés admises : {', '.join(_CLES)}"
            fautes.append(Faute(NOM, _ligne(texte, cle), f"clé inconnue « {cle} »", remede))
        elif not _est_du_type(valeur, attendu):
            fautes.append(_faute_type(texte, cle, attendu))
        elif cle == "graine" and valeur < 0:
            fautes.append(Faute(NOM, _ligne(texte, cle), f"graine négative ({valeur})",
                                "donnez un nombre entier positif ou nul"))
        elif cle == "classes_reinert" and not 2 <= valeur <= 10:
            fautes.append(Faute(NOM, _ligne(texte, cle), f"nombre de classes hors de 2 à 10 ({valeur})",
                                "donnez un nombre de 2 à 10, ou retirez la ligne : il sera choisi d'après les propos"))
        else:
            valeurs[cle] = tuple(valeur) if attendu is list else valeur
    valeurs["questionnaire"] = _questionnaire(valeurs.pop("questionnaire", {}), texte, fautes)
    locuteurs = valeurs.pop("locuteurs", {})
    entretiens = locuteurs.pop("entretiens", {})
    valeurs["locuteurs"] = _etiquettes(locuteurs, "locuteurs", texte, fautes)
    if not isinstance(entretiens, dict):
        fautes.append(_faute_type(texte, "entretiens", dict))
        entretiens = {}
    valeurs["locuteurs_entretiens"] = {
        entretien: _etiquettes(table, entretien, texte, fautes) for entretien, table in entretiens.items()}
    return Reglages(**valeurs), tuple(fautes)


def _est_du_type(valeur: object, attendu: Any) -> bool:
    if attendu is list:
        return isinstance(valeur, list) and all(isinstance(v, str) for v in valeur)
    if attendu is int:
        return isinstance(valeur, int) and not isinstance(valeur, bool)
    return isinstance(valeur, attendu)


def _faute_type(texte: str, cle: str, attendu: Any) -> Faute:
    return Faute(NOM, _ligne(texte, cle), f"« {cle} » n'a pas la forme attendue",
                 f"écrivez {_TYPES_CLAIRS[attendu]}")


def _questionnaire(table: dict[str, Any], texte: str, fautes: list[Faute]) -> dict[str, Any]:
    """Les réglages du questionnaire qui sont sans faute."""
    retenus: dict[str, Any] = {}
    for cle, valeur in table.items():
        if cle == "marges":
            if _est_du_type(valeur, list):
                retenus[cle] = tuple(valeur)
            else:
                fautes.append(_faute_type(texte, cle, list))
        elif cle not in _BORNES:
            fautes.append(Faute(NOM, _ligne(texte, cle), f"clé inconnue « {cle} » dans [questionnaire]",
                                f"clés admises : marges, {', '.join(_BORNES)}"))
        else:
            sorte, bas, haut = _BORNES[cle]
            nombre = isinstance(valeur, int if sorte is int else int | float) and not isinstance(valeur, bool)
            if nombre and bas <= valeur <= haut:
                retenus[cle] = valeur
            else:
                fautes.append(Faute(NOM, _ligne(texte, cle), f"« {cle} » vaut {valeur!r}",
                                    f"écrivez un nombre {'entier ' * (sorte is int)}"
                                    + (f"d'au moins {bas:g}" if haut == 1e9 else f"de {bas:g} à {haut:g}")))
    return retenus


def _etiquettes(table: object, cle: str, texte: str, fautes: list[Faute]) -> Etiquettes:
    if not isinstance(table, dict):
        fautes.append(_faute_type(texte, cle, dict))
        return Etiquettes()
    retenues: dict[str, tuple[str, ...]] = {}
    for sorte, valeur in table.items():
        if sorte not in ("enqueteurs", "enquetes"):
            fautes.append(Faute(NOM, _ligne(texte, sorte), f"clé inconnue « {sorte} » dans [locuteurs]",
                                "clés admises : enqueteurs, enquetes, entretiens"))
        elif not _est_du_type(valeur, list):
            fautes.append(_faute_type(texte, sorte, list))
        else:
            retenues[sorte] = tuple(valeur)
    return Etiquettes(**retenues)
