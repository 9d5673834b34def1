"""Lire le questionnaire d'une étude : une ligne par Cité répondante.

Trois tableaux à la racine de l'étude, chacun en .csv, .xlsx ou .ods ::

    questionnaire             cite, puis une colonne par question ; case vide : pas de réponse
    questionnaire_variables   le dictionnaire des questions (voir `corpus.variables`)
    questionnaire_cites       la base de sondage, facultative : toutes les Cités, répondantes ou non
                              cite, nom, echelle, porteur, annee ; territoire si l'identifiant du
                              territoire monographié n'est pas celui de la Cité

Sans base de sondage, on ne sait pas qui n'a pas répondu : ni redressement, ni correction de population
finie. Les réponses d'un choix multiple se séparent par « | » ou « ; » ; un nombre s'écrit à la française
ou à l'anglaise.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corpus.fautes import ErreurEtude, Faute
from corpus.tables_csv import TableCSV
from corpus.tables_tableur import chercher_tableau, lire_tableau
from corpus.variables import OBLIGATOIRES, Variable, comparable, lire_variables, proche

REPONSES, VARIABLES, BASE = "questionnaire", "questionnaire_variables", "questionnaire_cites"
MARGES = ("echelle", "porteur", "annee")
"""Variables de la base de sondage sur lesquelles on redresse, faute d'un autre choix."""


@dataclass(frozen=True)
class Questionnaire:
    """Un questionnaire lu et contrôlé.

    Attributes
    ----------
    variables : tuple[Variable, ...]
    reponses : pandas.DataFrame
        Une ligne par Cité répondante : `cite`, puis une colonne par variable. Une modalité est écrite comme
        dans le dictionnaire, un choix multiple est un tuple de modalités, un nombre un flottant ; None sans
        réponse.
    base : pandas.DataFrame
        Une ligne par Cité : `cite`, `nom`, `territoire` et les `marges`, en texte. Sans base de sondage, les
        seules répondantes.
    marges : tuple[str, ...]
        Variables de calage.
    complete : bool
        La base de sondage est connue.
    suppositions : tuple[str, ...]
    """

    variables: tuple[Variable, ...]
    reponses: pd.DataFrame
    base: pd.DataFrame
    marges: tuple[str, ...]
    complete: bool
    suppositions: tuple[str, ...]


def lire_questionnaire(dossier: Path, codes: Collection[str] | None = None, territoires: Collection[str] = (),
                       marges: Collection[str] = ()) -> Questionnaire | None:
    """Lit et contrôle le questionnaire d'un dossier d'étude.

    Parameters
    ----------
    dossier : Path
    codes : Collection[str], optional
        Codes de la grille ; None pour ne pas les contrôler.
    territoires : Collection[str]
        Territoires monographiés, que la base de sondage peut nommer.
    marges : Collection[str]
        Variables de calage ; par défaut, celles de `MARGES` que la base de sondage contient.

    Returns
    -------
    Questionnaire or None
        None si l'étude n'a pas de questionnaire.

    Raises
    ------
    ErreurEtude
        Toutes les fautes des trois tableaux en une fois.
    """
    fautes: list[Faute] = []
    suppositions: list[str] = []

    def ouvrir(tableau: str, obligatoires: tuple[str, ...]) -> tuple[str, TableCSV | None]:
        try:
            nom = chercher_tableau(dossier, tableau)
            table = lire_tableau(dossier / nom, nom, obligatoires) if nom else None
        except ErreurEtude as erreur:
            fautes.extend(erreur.fautes)
            return erreur.fautes[0].fichier, None
        suppositions.extend(table.suppositions if table else ())
        return nom, table

    nom_reponses, brutes = ouvrir(REPONSES, ("cite",))
    nom_variables, dictionnaire = ouvrir(VARIABLES, OBLIGATOIRES)
    nom_base, sondage = ouvrir(BASE, ("cite", *marges))
    if not (nom_reponses or nom_variables or nom_base):
        return None
    if not nom_reponses:
        fautes.append(Faute(nom_variables or nom_base, 0, "le tableau des réponses manque",
                            f"ajoutez {REPONSES}.csv, .xlsx ou .ods, ou retirez ce fichier"))
    elif not nom_variables:
        fautes.append(Faute(nom_reponses, 0, "le dictionnaire des variables manque",
                            f"ajoutez {VARIABLES}.csv : colonnes {', '.join(OBLIGATOIRES)}, modalites, code…"))
    variables: list[Variable] = []
    if dictionnaire is not None:
        variables, siennes = lire_variables(dictionnaire, nom_variables, codes)
        fautes.extend(siennes)
    base, retenues = None, tuple(marges)
    if sondage is not None:
        retenues = retenues or tuple(marge for marge in MARGES if marge in sondage.colonnes)
        base = _lire_base(sondage, nom_base, retenues, territoires, fautes)
    reponses = None
    if brutes is not None and dictionnaire is not None:
        ecrites = {comparable(ligne.valeurs["variable"]) for ligne in dictionnaire.lignes}
        reponses = _lire_reponses(brutes, nom_reponses, variables, ecrites, None if base is None else set(base["cite"]),
                                  fautes, suppositions)
    if fautes or reponses is None:
        raise ErreurEtude(sorted(set(fautes)))
    if base is None:
        suppositions.append(f"pas de {BASE} : on ignore quelles Cités n'ont pas répondu ; ni redressement, ni correction "
                            "de population finie")
        base = reponses[["cite"]].assign(nom=reponses["cite"], territoire=reponses["cite"])
        retenues = ()
    if territoires and not set(base["territoire"]) & set(territoires):
        suppositions.append(f"{nom_base or nom_reponses} : aucune Cité n'est rapprochée d'un territoire de l'étude ; donnez "
                            "aux deux le même identifiant, ou une colonne « territoire »")
    return Questionnaire(tuple(variables), reponses, base, retenues, sondage is not None, tuple(suppositions))


def _identifiants(table: TableCSV, nom: str, fautes: list[Faute]) -> None:
    """Chaque Cité a un identifiant, et une seule ligne."""
    vues: dict[str, int] = {}
    for ligne in table.lignes:
        cite = ligne.valeurs["cite"]
        if not cite:
            fautes.append(Faute(nom, ligne.ligne, "Cité sans identifiant", "remplissez la colonne « cite »"))
        elif cite in vues:
            fautes.append(Faute(nom, ligne.ligne, f"Cité « {cite} » déjà donnée ligne {vues[cite]}",
                                "gardez une seule ligne par Cité"))
        vues.setdefault(cite, ligne.ligne)


def _lire_base(table: TableCSV, nom: str, marges: tuple[str, ...], territoires: Collection[str],
               fautes: list[Faute]) -> pd.DataFrame:
    fautes.extend(table.fautes)
    _identifiants(table, nom, fautes)
    lignes = []
    for ligne in table.lignes:
        valeurs = ligne.valeurs
        for marge in marges:
            if not valeurs[marge]:
                fautes.append(Faute(nom, ligne.ligne, f"Cité « {valeurs['cite']} » sans « {marge} »",
                                    "remplissez la case, ou choisissez d'autres marges dans etude.toml : "
                                    "[questionnaire] marges = [...]"))
        territoire = valeurs.get("territoire", "")
        if territoire and territoires and territoire not in territoires:
            fautes.append(Faute(nom, ligne.ligne, f"territoire « {territoire} » absent de l'étude",
                                f"{proche(territoire, territoires)}laissez la case vide si la Cité n'a pas de monographie"))
        lignes.append({"cite": valeurs["cite"], "nom": valeurs.get("nom") or valeurs["cite"],
                       "territoire": territoire if "territoire" in valeurs else valeurs["cite"],
                       **{marge: valeurs[marge] for marge in marges}})
    if not lignes and not table.fautes:
        fautes.append(Faute(nom, 0, "aucune Cité dans la base de sondage", "ajoutez une ligne par Cité, ou retirez ce fichier"))
    base = pd.DataFrame(lignes, columns=["cite", "nom", "territoire", *marges], dtype=str)
    nommes = base.loc[base["territoire"] != "", "territoire"]
    fautes.extend(Faute(nom, 0, f"territoire « {double} » donné à plusieurs Cités", "rapprochez-le d'une seule")
                  for double in sorted(set(nommes[nommes.duplicated()])) if "territoire" in table.colonnes)
    return base


def _lire_reponses(table: TableCSV, nom: str, variables: list[Variable], decrites: set[str], connues: set[str] | None,
                   fautes: list[Faute], suppositions: list[str]) -> pd.DataFrame:
    fautes.extend(table.fautes)
    _identifiants(table, nom, fautes)
    questions = {comparable(colonne): colonne for colonne in table.colonnes if colonne and colonne != "cite"}
    fautes.extend(Faute(nom, 0, f"la variable « {variable.variable} » du dictionnaire n'a pas de colonne",
                        f"{proche(variable.variable, questions)}ajoutez la colonne, ou retirez la variable du dictionnaire")
                  for variable in variables if variable.variable not in questions)
    ignorees = [colonne for question, colonne in questions.items() if question not in decrites]
    if ignorees:
        suppositions.append(f"{nom} : colonnes absentes du dictionnaire, laissées de côté : {', '.join(ignorees)}")
    lignes: list[dict[str, object]] = []
    for ligne in table.lignes:
        cite = ligne.valeurs["cite"]
        if cite and connues is not None and cite not in connues:
            fautes.append(Faute(nom, ligne.ligne, f"Cité « {cite} » absente de la base de sondage",
                                f"{proche(cite, connues)}ajoutez-la à {BASE}, ou corrigez l'identifiant"))
        lue: dict[str, object] = {"cite": cite}
        for variable in variables:
            brut = ligne.valeurs.get(questions.get(variable.variable, ""), "")
            lue[variable.variable], plainte = _interpreter(variable, brut)
            if plainte:
                fautes.append(Faute(nom, ligne.ligne, f"{variable.variable} : {plainte[0]}", plainte[1]))
        lignes.append(lue)
    if not lignes and not table.fautes:
        fautes.append(Faute(nom, 0, "aucune réponse", "ajoutez une ligne par Cité répondante"))
    return pd.DataFrame(lignes, columns=["cite", *(variable.variable for variable in variables)], dtype=object)


def _interpreter(variable: Variable, brut: str) -> tuple[object, tuple[str, str] | None]:
    """La réponse, None si elle manque ; et, si elle est fausse, le message et le remède."""
    if not brut:
        return None, None
    if variable.type == "texte":
        return brut, None
    if variable.type == "nombre":
        nu = re.sub(r"\s", "", brut).replace(",", ".")
        try:
            nombre = float(nu)
        except ValueError:
            nombre = math.nan
        return (nombre, None) if math.isfinite(nombre) else (None, (f"« {brut} » n'est pas un nombre", "écrivez un nombre, "
                                                                     "ou videz la case"))
    ecritures = {comparable(modalite): modalite for modalite in variable.modalites}
    morceaux = re.split(r"[|;\n]", brut) if variable.type == "multiple" else [brut]
    cochees = [comparable(morceau) for morceau in morceaux if morceau.strip()]
    inconnues = [cochee for cochee in cochees if cochee not in ecritures]
    if inconnues:
        return None, (f"réponse « {inconnues[0]} » hors des modalités",
                      f"{proche(inconnues[0], variable.modalites)}modalités : {', '.join(variable.modalites)}")
    if variable.type == "multiple":
        return tuple(modalite for modalite in variable.modalites if comparable(modalite) in cochees) or None, None
    return ecritures[cochees[0]], None
