"""Le dictionnaire des variables d'un questionnaire : `questionnaire_variables` (.csv, .xlsx ou .ods).

Une ligne par question. Colonnes `variable`, `libelle`, `type`, puis, selon le type :

=========  ===================================================================================================
modalites  réponses admises, séparées par « | » ; pour une `echelle`, de la moins à la plus favorable à l'énoncé
code       code de la grille que la question éclaire (facultatif) ; pour un choix `multiple`, un seul, ou un par
           modalité, séparés par « | », vide pour une modalité qui n'en vise aucun
sens       `direct` (par défaut) : acquiescer affirme le code ; `inverse` : acquiescer le nie
affirme    `choix` : les modalités qui affirment le code (par défaut « oui ») ; `nombre` : la condition qui
           l'affirme, par exemple « >= 1 »
sans_avis  modalités qui n'affirment ni ne nient (« ne sait pas »)
=========  ===================================================================================================

Affirmer un code, c'est dire que la condition est réunie ou que l'obstacle est rencontré.
"""

from __future__ import annotations

import difflib
import operator
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from corpus.fautes import Faute
from corpus.formats_tete import normaliser_cle
from corpus.tables_csv import TableCSV

TYPES = ("echelle", "choix", "multiple", "nombre", "texte")
OBLIGATOIRES = ("variable", "libelle", "type")
_COMPARAISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt, "=": operator.eq}
_CONDITION = re.compile(r"(>=|<=|>|<|=)\s*(-?\d+(?:[.,]\d+)?)")


@dataclass(frozen=True)
class Variable:
    """Une question.

    Attributes
    ----------
    variable, libelle, type : str
    modalites : tuple[str, ...]
        Réponses admises, dans l'ordre du dictionnaire ; vide pour un nombre ou un texte.
    codes : tuple[str, ...]
        Code visé : un seul, le même pour toute la question, ou (choix multiple) un par modalité ; vide si
        la question n'en vise aucun.
    inverse : bool
        Acquiescer nie le code.
    affirme : tuple[str, ...]
        Modalités qui affirment le code (`choix`), ou la condition (`nombre`), telle qu'écrite.
    sans_avis : tuple[str, ...]
    """

    variable: str
    libelle: str
    type: str
    modalites: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    inverse: bool = False
    affirme: tuple[str, ...] = ()
    sans_avis: tuple[str, ...] = ()

    def code_de(self, rang: int) -> str:
        """Le code que vise la modalité de ce rang ; vide si elle n'en vise aucun."""
        return (self.codes[rang] if len(self.codes) > 1 else self.codes[0]) if self.codes else ""

    def avis(self, reponse: object) -> dict[str, float]:
        """Ce qu'une réponse dit de chaque code visé.

        Parameters
        ----------
        reponse : str, float, tuple[str, ...] or None
            Une modalité, un nombre, ou les modalités cochées ; None sans réponse.

        Returns
        -------
        dict[str, float]
            Code → 1 (affirmé), 0 (nié) ou 0,5 (milieu d'une échelle impaire). Vide si la question ne vise
            aucun code, ou si la réponse manque ou est sans avis. Un choix multiple répondu nie les codes
            dont aucune modalité n'est cochée.
        """
        if not self.codes or reponse is None or reponse in self.sans_avis:
            return {}
        if isinstance(reponse, tuple):
            if set(reponse) & set(self.sans_avis):
                return {}
            coches = {self.code_de(self.modalites.index(modalite)) for modalite in reponse}
            brut = {code: float(code in coches) for code in self.codes if code}
        elif self.type == "nombre":
            comparaison, seuil = _lire_condition(self.affirme[0])
            brut = {self.codes[0]: float(comparaison(float(str(reponse)), seuil))}
        elif self.type == "choix":
            brut = {self.codes[0]: float(reponse in self.affirme)}
        else:
            degres = [modalite for modalite in self.modalites if modalite not in self.sans_avis]
            rang, milieu = degres.index(str(reponse)), (len(degres) - 1) / 2
            brut = {self.codes[0]: 0.5 if rang == milieu else float(rang > milieu)}
        return {code: 1 - part if self.inverse else part for code, part in brut.items()}


def _lire_condition(texte: str) -> tuple[Callable[[float, float], bool], float]:
    trouve = _CONDITION.fullmatch(texte)
    if trouve is None:
        raise ValueError(f"condition « {texte} » illisible")
    return _COMPARAISONS[trouve[1]], float(trouve[2].replace(",", "."))


def comparable(texte: str) -> str:
    """Ce qui rapproche deux écritures d'une même modalité : casse, accents, apostrophes, blancs."""
    return " ".join(normaliser_cle(texte).replace("’", "'").split())


def proche(valeur: str, admises: Collection[str]) -> str:
    """« vouliez-vous dire … ? » suivi d'une espace, ou rien, pour un remède."""
    trouvees = difflib.get_close_matches(valeur, list(admises), n=1)
    return f"vouliez-vous dire « {trouvees[0]} » ? " if trouvees else ""


def lire_variables(table: TableCSV, nom: str, codes: Collection[str] | None) -> tuple[list[Variable], list[Faute]]:
    """Les variables d'un dictionnaire.

    Parameters
    ----------
    table : TableCSV
    nom : str
        Nom du fichier, pour les messages.
    codes : Collection[str] or None
        Codes de la grille ; None pour ne pas les contrôler (grille illisible).

    Returns
    -------
    variables : list[Variable]
        Celles qui sont sans faute.
    fautes : list[Faute]
        Toutes.
    """
    variables: list[Variable] = []
    fautes = list(table.fautes)
    vues: dict[str, int] = {}
    for ligne in table.lignes:
        valeurs = ligne.valeurs
        variable = Variable(
            comparable(valeurs["variable"]), valeurs["libelle"] or valeurs["variable"], comparable(valeurs["type"]),
            _liste(valeurs.get("modalites", "")), _codes(valeurs.get("code", "")),
            comparable(valeurs.get("sens", "")) == "inverse", _liste(valeurs.get("affirme", "")),
            _liste(valeurs.get("sans_avis", "")))
        plaintes = [*_fautes_de_forme(variable, comparable(valeurs.get("sens", "")), vues), *_fautes_de_sens(variable, codes)]
        vues.setdefault(variable.variable, ligne.ligne)
        fautes += [Faute(nom, ligne.ligne, message, remede) for message, remede in plaintes]
        if not plaintes:
            variables.append(_completer(variable))
    if not variables and not fautes:
        fautes.append(Faute(nom, 0, "aucune variable", "ajoutez une ligne par question"))
    return variables, fautes


def _liste(texte: str) -> tuple[str, ...]:
    return tuple(morceau.strip() for morceau in texte.split("|") if morceau.strip())


def _codes(texte: str) -> tuple[str, ...]:
    codes = tuple(morceau.strip() for morceau in texte.split("|"))
    return codes if any(codes) else ()


def _fautes_de_forme(variable: Variable, sens: str, vues: dict[str, int]) -> list[tuple[str, str]]:
    """Nom, type, modalités : (message, remède)."""
    nom, modalites = variable.variable, variable.modalites
    plaintes = []
    if not nom:
        plaintes.append(("variable sans nom", "remplissez la colonne « variable »"))
    elif nom == "cite":
        plaintes.append(("« cite » est l'identifiant des Cités, pas une question", "retirez cette ligne"))
    elif nom in vues:
        plaintes.append((f"variable « {nom} » déjà décrite ligne {vues[nom]}", "gardez une seule ligne par variable"))
    if variable.type not in TYPES:
        plaintes.append((f"type « {variable.type} » inconnu",
                         f"{proche(variable.type, TYPES)}types admis : {', '.join(TYPES)}"))
        return plaintes
    if sens not in ("", "direct", "inverse"):
        plaintes.append((f"sens « {sens} » inconnu", "écrivez direct ou inverse, ou rien"))
    fermee = variable.type in ("echelle", "choix", "multiple")
    if fermee and len(modalites) < 2:
        plaintes.append(("moins de deux modalités", "séparez les réponses admises par « | » : oui|non"))
    if not fermee and modalites:
        plaintes.append((f"modalités données à une variable de type {variable.type}", "videz la colonne « modalites »"))
    if len({comparable(modalite) for modalite in modalites}) < len(modalites):
        plaintes.append(("deux modalités de même nom", "donnez à chaque réponse un nom différent"))
    if variable.type == "multiple" and any(";" in modalite for modalite in modalites):
        plaintes.append(("point-virgule dans une modalité de choix multiple",
                         "retirez-le : il sépare les réponses cochées"))
    return plaintes


def _fautes_de_sens(variable: Variable, codes: Collection[str] | None) -> list[tuple[str, str]]:
    """Code visé, modalités qui l'affirment : (message, remède)."""
    if variable.type not in TYPES:
        return []
    plaintes = []
    for code in dict.fromkeys(filter(None, variable.codes)):
        if codes is not None and code not in codes:
            plaintes.append((f"code « {code} » absent de la grille",
                             f"{proche(code, codes)}employez un code de la grille de l'étude, ou videz la case"))
    if len(variable.codes) > 1 and (variable.type != "multiple" or len(variable.codes) != len(variable.modalites)):
        plaintes.append((f"{len(variable.codes)} codes pour {len(variable.modalites)} modalités",
                         "un seul code par question, ou, pour un choix multiple, un par modalité"))
    if variable.codes and variable.type == "texte":
        plaintes.append(("question ouverte qui vise un code", "videz la colonne « code » : un texte ne s'additionne pas"))
    if variable.affirme and variable.type not in ("choix", "nombre"):
        plaintes.append((f"colonne « affirme » remplie pour une variable de type {variable.type}",
                         "videz-la : elle ne sert qu'aux types choix et nombre"))
    connues = {comparable(modalite) for modalite in variable.modalites}
    citees = (*(variable.affirme if variable.type == "choix" else ()), *variable.sans_avis)
    admises = ", ".join(variable.modalites) or "aucune"
    plaintes += [(f"« {citee} » n'est pas une modalité de la question", f"modalités : {admises}")
                 for citee in citees if comparable(citee) not in connues]
    if variable.codes and variable.type == "choix" and not variable.affirme and "oui" not in connues:
        plaintes.append(("on ne sait quelles réponses affirment le code", "nommez-les dans la colonne « affirme »"))
    if variable.type == "nombre" and (variable.codes or variable.affirme) and not (
            len(variable.affirme) == 1 and _CONDITION.fullmatch(variable.affirme[0])):
        plaintes.append(("on ne sait quels nombres affirment le code",
                         "écrivez une condition dans la colonne « affirme », par exemple >= 1"))
    degres = len(connues - {comparable(modalite) for modalite in variable.sans_avis})
    if variable.type == "echelle" and len(connues) > 1 and degres < 2:
        plaintes.append(("moins de deux degrés sur l'échelle", "retirez des modalités de la colonne « sans_avis »"))
    return plaintes


def _completer(variable: Variable) -> Variable:
    """La variable, modalités citées ramenées à leur écriture, « oui » affirmant par défaut."""
    ecritures = {comparable(modalite): modalite for modalite in variable.modalites}

    def ramener(citees: Sequence[str]) -> tuple[str, ...]:
        return tuple(ecritures.get(comparable(citee), citee) for citee in citees)

    par_defaut = ["oui"] if variable.type == "choix" and "oui" in ecritures else []
    return replace(variable, affirme=ramener(variable.affirme or par_defaut), sans_avis=ramener(variable.sans_avis))
