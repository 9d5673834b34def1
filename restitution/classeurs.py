"""Le classeur `tableaux.xlsx`, et le même en `.ods` : les tables de l'étude, prêtes à filtrer dans un tableur.

Un texte d'entretien y reste du texte : ce qui commence par « = », « + », « - » ou « @ » n'est jamais une
formule. Mêmes données, mêmes octets : les dates du fichier sont celles de l'analyse.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from corpus.cache import ecriture_atomique
from corpus.fiches import PORTEE_NATIONALE
from evaluation.matrices import MODALITES
from evaluation.themes_grille import VERBATIMS
from restitution.archives import figer, instant
from restitution.dictionnaire import DICTIONNAIRE
from restitution.dictionnaire_constats import DICTIONNAIRE_CONSTATS
from restitution.dictionnaire_textometrie import DICTIONNAIRE_TEXTOMETRIE
from restitution.donnees import CATEGORIES, LIBELLES_MODALITES, DonneesRapport, table_des_territoires
from restitution.donnees_questionnaire import feuilles_du_questionnaire
from restitution.donnees_themes import jugements, mots_du_theme, verbatims_cites
from restitution.feuilles import Feuille, declarer_styles, texte_sur
from restitution.feuilles_constats import feuilles_de_constats
from restitution.feuilles_estimations import DICTIONNAIRE_ESTIMATIONS, feuille_des_estimations
from restitution.feuilles_textometrie import feuilles_de_textometrie
from restitution.ods import en_ods
from restitution.typographie import nombre

if TYPE_CHECKING:
    from openpyxl import Workbook


def _valeur(valeur: Any) -> Any:
    """Une valeur de DataFrame, rendue telle que le tableur l'attend ; vide si elle manque."""
    if isinstance(valeur, str):
        return valeur
    if valeur is None or valeur is pd.NA or valeur != valeur:
        return None
    return valeur.item() if hasattr(valeur, "item") else valeur


def _date(iso: object) -> Any:
    """Une date ISO en date de tableur ; toute autre écriture reste du texte."""
    try:
        return date.fromisoformat(str(iso))
    except ValueError:
        return _valeur(iso)


def _table(
    classeur: Workbook, nom: str, table: pd.DataFrame, largeurs: Sequence[float], formats: Mapping[str, str]
) -> None:
    """Une feuille faite d'un DataFrame : une ligne d'en-tête, puis les données."""
    feuille = Feuille(classeur, nom, largeurs, figer="B2")
    feuille.ligne(table.columns, "entête")
    rangs = {list(table.columns).index(colonne): motif for colonne, motif in formats.items()}
    for valeurs in zip(*(table[c].tolist() for c in table.columns), strict=True):
        feuille.ligne(map(_valeur, valeurs), formats=rangs)
    feuille.filtrer(1, len(table), len(table.columns))


def _lisez_moi(classeur: Workbook, donnees: DonneesRapport) -> None:
    """D'où viennent les tables et ce qu'il faut savoir avant de s'en servir."""
    feuille = Feuille(classeur, "Lisez-moi", [34, 110])
    execution = donnees.execution
    feuille.ligne([donnees.titre], "titre")
    for avertissement in execution.get("avertissements", []):
        feuille.ligne(["Avertissement", avertissement])
    feuille.ligne(["Version de Monographies", str(execution["version"])])
    feuille.ligne(["Données arrêtées au", str(execution["date"])])
    feuille.ligne(["Codeur", str(execution["codeur"])])
    feuille.ligne(["Entretiens analysés", nombre(len(donnees.entretiens))])
    feuille.ligne(["Mentions", nombre(len(donnees.mentions))])
    feuille.ligne(
        [
            "Unité",
            "L'entretien : un code compte une fois par entretien, quel que soit le nombre de "
            "phrases qui le portent.",
        ]
    )
    feuille.ligne(
        [
            "Codeur machine",
            "Une ligne dont la colonne « codeur » commence par « machine: » n'a pas été relue.",
        ]
    )
    for titre, cle in (("Ce que vaut le codeur", "mesures"), ("Empreintes", "empreintes")):
        if execution.get(cle):
            feuille.ligne([])
            feuille.ligne([titre], "titre")
            for nom, valeur in _aplatir(execution[cle]):
                feuille.ligne([nom, valeur])
    feuille.ligne([])
    feuille.ligne(["Entretiens écartés"], "titre")
    fautes = execution.get("fautes", [])
    for faute in fautes:
        lieu = f"{faute.fichier}, ligne {faute.ligne}" if faute.ligne else faute.fichier
        feuille.ligne([lieu, f"{faute.message} → {faute.remede}"])
    if not fautes:
        feuille.ligne(["Aucun"])
    feuille.ligne([])
    feuille.ligne(["Ce qui a été supposé"], "titre")
    suppositions = [(e, s) for e, phrases in execution.get("suppositions", {}).items() for s in phrases]
    for entretien, supposition in suppositions or [("Rien", "")]:
        feuille.ligne([entretien, supposition])


def _aplatir(dictionnaire: Mapping[str, Any], prefixe: str = "") -> Iterable[tuple[str, str]]:
    """Les feuilles d'un dictionnaire imbriqué, sous leur chemin."""
    for cle, valeur in dictionnaire.items():
        nom = f"{prefixe}{cle}"
        if isinstance(valeur, Mapping):
            yield from _aplatir(valeur, f"{nom} / ")
        else:
            if isinstance(valeur, float | int):
                valeur = nombre(valeur, 3 if isinstance(valeur, float) else 0)
            yield nom, valeur if isinstance(valeur, str) else ", ".join(map(str, valeur))


def _matrice(classeur: Workbook, donnees: DonneesRapport, territoires: pd.DataFrame) -> None:
    """Territoires et modalités en lignes, codes en colonnes : nombre d'entretiens."""
    from openpyxl.formatting.rule import ColorScaleRule
    from openpyxl.utils import get_column_letter

    codes = list(donnees.grille)
    sigles = [code.code for code in codes]
    lieux = donnees.entretiens[["entretien", "territoire"]]
    situees = (
        donnees.mentions[["entretien", "code"]].merge(lieux, on="entretien", how="left").drop_duplicates()
    )
    toutes = situees.groupby(["territoire", "code"], as_index=False).size()
    cles = zip(
        donnees.matrice["territoire"], donnees.matrice["code"], donnees.matrice["modalite"], strict=True
    )
    effectifs: dict[tuple[str, str, str], int] = dict(
        zip(cles, donnees.matrice["entretiens"].tolist(), strict=True)
    )
    colonnes = (toutes[c].tolist() for c in ("territoire", "code", "size"))
    effectifs |= {(lieu, code, "toutes"): n for lieu, code, n in zip(*colonnes, strict=True)}
    menes = lieux.groupby("territoire").size().to_dict()

    feuille = Feuille(classeur, "Matrice", [12, 32, 14, 11, *[7.5] * len(codes)], figer="E3")
    feuille.feuille.row_dimensions[1].height = 150
    feuille.ligne([None] * 4 + [code.intitule for code in codes], "orienté")
    feuille.ligne(["territoire", "nom", "modalite", "entretiens", *sigles], "entête")
    modalites = ["toutes", *MODALITES]
    for modalite in modalites:
        sommes = [sum(effectifs.get((t, c, modalite), 0) for t in territoires["territoire"]) for c in sigles]
        feuille.ligne(
            [None, "Ensemble", LIBELLES_MODALITES.get(modalite, modalite), len(lieux), *sommes], "titre"
        )
    for lieu, nom in zip(territoires["territoire"], territoires["nom"], strict=True):
        for modalite in modalites:
            valeurs = [effectifs.get((lieu, c, modalite), 0) for c in sigles]
            feuille.ligne(
                [lieu, nom, LIBELLES_MODALITES.get(modalite, modalite), menes.get(lieu, 0), *valeurs]
            )
    lignes = len(modalites) * (1 + len(territoires))
    feuille.filtrer(2, lignes, 4 + len(codes))
    if len(territoires):
        echelle: Any = ColorScaleRule(
            start_type="num", start_value=0, start_color="FFFFFF", end_type="max", end_color="8FBBE8"
        )
        premiere = 3 + len(modalites)
        plage = f"E{premiere}:{get_column_letter(4 + len(codes))}{2 + lignes}"
        feuille.feuille.conditional_formatting.add(plage, echelle)


def _mentions(donnees: DonneesRapport, noms: Mapping[str, str]) -> pd.DataFrame:
    """Les mentions, chacune avec son entretien et l'intitulé de son code."""
    fiches = donnees.entretiens[["entretien", "fichier", "territoire", "fonction", "categorie"]]
    table = donnees.mentions.merge(fiches, on="entretien", how="left", validate="m:1")
    table["territoire"] = table["territoire"].map(noms)
    table["categorie"] = table["categorie"].map(lambda c: CATEGORIES.get(c, c))
    table["intitule"] = table["code"].map({c.code: c.intitule for c in donnees.grille})
    table["modalite"] = table["modalite"].map(LIBELLES_MODALITES)
    doute = donnees.mentions.reindex(columns=["a_relire"])["a_relire"]
    table["a_relire"] = doute.eq(True).map({True: "oui", False: ""}).to_numpy()
    return table[[colonne for feuille, colonne, _ in DICTIONNAIRE if feuille == "Mentions"]]


def _themes(donnees: DonneesRapport, noms: Mapping[str, str]) -> pd.DataFrame:
    """Les thèmes, chacun avec trois phrases : une par entretien, par poids puis la plus longue."""
    liens = donnees.themes_phrases.merge(
        donnees.phrases[["entretien", "phrase", "texte"]], on=["entretien", "phrase"], how="left"
    )
    liens["longueur"] = liens["texte"].str.len()
    liens = liens.sort_values(["poids", "longueur"], ascending=False, kind="stable")
    liens = liens.drop_duplicates(["portee", "theme", "entretien"])
    tetes = liens.groupby(["portee", "theme"], sort=False).head(3)
    cites: dict[tuple[Any, Any], list[str]] = {}
    for ligne in tetes.itertuples(index=False):
        cites.setdefault((ligne.portee, ligne.theme), []).append(f"{ligne.texte} ({ligne.entretien})")
    colonnes = ["portee", "theme", "libelle", "mots", "phrases", "part", "theme_national", "stabilite", "part_codee",
                "code_dominant"]  # fmt: skip
    table = donnees.themes.reindex(columns=colonnes)
    table.insert(8, "jugement", jugements(donnees.themes))
    paires = list(zip(table["portee"], table["theme"], strict=True))
    table["mots"] = [", ".join(mots_du_theme(mots)) for mots in table["mots"]]
    for rang in range(3):
        table[f"verbatim {rang + 1}"] = [(cites.get(p, []) + [""] * 3)[rang] for p in paires]
    table["portee"] = table["portee"].map(lambda p: noms.get(p, p))
    return table


def _nommer_themes(donnees: DonneesRapport, table: pd.DataFrame, feuille: str, noms: Mapping[str, str]) -> pd.DataFrame:
    """Une table des thèmes nationaux, avec leurs libellés et les noms des territoires et des catégories."""
    nationaux = donnees.themes[donnees.themes["portee"] == PORTEE_NATIONALE]
    libelles = dict(zip(nationaux["theme"], nationaux["libelle"], strict=True))
    table = table.assign(libelle=table["theme"].map(libelles), territoire=table["territoire"].map(lambda t: noms.get(t, t)))
    if "categorie" in table:
        table["categorie"] = table["categorie"].map(lambda c: CATEGORIES.get(c, c))
    return table[[colonne for celle, colonne, _ in DICTIONNAIRE if celle == feuille]]


def _themes_codes(donnees: DonneesRapport, table: pd.DataFrame, noms: Mapping[str, str]) -> pd.DataFrame:
    """Les cases thème × code qui ont au moins une phrase, du code le plus porté au moins porté."""
    libelles = donnees.themes[["portee", "theme", "libelle"]]
    table = table[table["phrases"] > 0].merge(libelles, on=["portee", "theme"], how="left", validate="m:1")
    table["rang"] = table.groupby(["portee", "theme"], sort=False).ngroup()
    table = table.sort_values(["rang", "phrases"], ascending=[True, False], kind="stable")
    table["intitule"] = table["code"].map({c.code: c.intitule for c in donnees.grille})
    table["portee"] = table["portee"].map(lambda p: noms.get(p, p))
    return table[[colonne for feuille, colonne, _ in DICTIONNAIRE if feuille == "Thèmes et codes"]]


def _codes_proposes(donnees: DonneesRapport, proposes: pd.DataFrame, noms: Mapping[str, str]) -> pd.DataFrame:
    """Les codes proposés, leurs verbatims en toutes lettres."""
    textes = donnees.phrases.set_index(["entretien", "phrase"])["texte"].to_dict()
    table = proposes.drop(columns="verbatims")
    table["mots"] = [", ".join(mots_du_theme(mots)) for mots in table["mots"]]
    cites = [[f"{textes[paire]} ({paire[0]})" for paire in verbatims_cites(dits).itertuples(index=False, name=None)]
             for dits in proposes["verbatims"]]
    for rang in range(VERBATIMS):
        table[f"verbatim {rang + 1}"] = [(siens + [""] * VERBATIMS)[rang] for siens in cites]
    table["portee"] = table["portee"].map(lambda p: noms.get(p, p))
    return table


def _entretiens(donnees: DonneesRapport, noms: Mapping[str, str]) -> pd.DataFrame:
    """Les entretiens et ce qu'ils portent."""
    groupes = donnees.mentions.groupby("entretien")["code"]
    cles = donnees.entretiens["entretien"]
    return pd.DataFrame(
        {
            "entretien": cles,
            "fichier": donnees.entretiens["fichier"],
            "territoire": donnees.entretiens["territoire"].map(noms),
            "fonction": donnees.entretiens["fonction"],
            "categorie": donnees.entretiens["categorie"].map(lambda c: CATEGORIES.get(c, c)),
            "date": pd.Series([_date(d) for d in donnees.entretiens["date"]], index=cles.index, dtype=object),
            "mots": donnees.entretiens["mots"],
            "mentions": cles.map(groupes.size()).fillna(0).astype(int),
            "codes": cles.map(groupes.nunique()).fillna(0).astype(int),
        }
    )


def _dater(nom: str, octets: bytes, moment: datetime) -> bytes:
    """La date de modification, qu'openpyxl prend à l'horloge, ramenée à celle de l'exécution."""
    iso = moment.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    return re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + iso, octets) if nom == "docProps/core.xml" else octets


def ecrire_classeur(chemin: Path, donnees: DonneesRapport) -> None:
    """Écrit le classeur : Lisez-moi, Matrice, feuilles de constats (`restitution.feuilles_constats`), Mentions, Thèmes,
    Thèmes par territoire, Écarts de thèmes, Thèmes et codes, Codes proposés, feuilles de textométrie
    (`restitution.feuilles_textometrie`), Estimations, Rapprochement, Questionnaire, Cités, Entretiens, Dictionnaire. Les
    feuilles dont `donnees` n'a pas la table manquent.

    Parameters
    ----------
    chemin : Path
        Fichier `.xlsx` à écrire, remplacé d'un coup s'il existe ; le `.ods` est écrit à côté.
    donnees : DonneesRapport
        Les mêmes que pour le rapport ; `execution["date"]` (ISO 8601) date le fichier.

    Raises
    ------
    ValueError
        La date d'exécution n'est pas une date ISO 8601.
    OSError
        Le fichier ne peut pas être écrit.
    """
    from openpyxl import Workbook

    moment = instant(str(donnees.execution["date"]))
    territoires = table_des_territoires(donnees)
    noms = dict(zip(territoires["territoire"], territoires["nom"], strict=True))
    classeur = Workbook(write_only=True)
    declarer_styles(classeur)
    proprietes = classeur.properties
    proprietes.title, proprietes.creator, proprietes.created = (
        texte_sur(donnees.titre),
        "Monographies",
        moment,
    )
    _lisez_moi(classeur, donnees)
    _matrice(classeur, donnees, territoires)
    for feuille in feuilles_de_constats(donnees.constats, noms, CATEGORIES, {c.code: c.intitule for c in donnees.grille}):
        _table(classeur, feuille.nom, feuille.table, feuille.largeurs, feuille.formats)
    _table(
        classeur,
        "Mentions",
        _mentions(donnees, noms),
        [11, 22, 30, 20, 8, 26, 13, 70, 34, 10, 16, 20, 9, 8, 8],
        {"confiance": "0.00"},
    )
    _table(
        classeur,
        "Thèmes",
        _themes(donnees, noms),
        [24, 8, 34, 44, 9, 8, 10, 10, 13, 11, 11, 60, 60, 60],
        {"part": "0.0%", "stabilite": "0.00", "part_codee": "0%"},
    )
    if donnees.themes_territoires is not None:
        _table(
            classeur,
            "Thèmes par territoire",
            _nommer_themes(donnees, donnees.themes_territoires, "Thèmes par territoire", noms),
            [8, 34, 26, 26, 9, 10, 8, 11, 11, 12],
            {"part": "0.0%", "part_entretiens": "0%"},
        )
    if donnees.themes_ecarts is not None:
        _table(
            classeur,
            "Écarts de thèmes",
            _nommer_themes(donnees, donnees.themes_ecarts, "Écarts de thèmes", noms),
            [26, 8, 34, 9, 8, 11, 10, 10, 9, 9, 10, 11, 14],
            {"part": "0.0%", "moyenne": "0.0%", "attendue": "0.0%", "ecart": "0.0%", "p": "0.000"},
        )
    if donnees.themes_codes is not None:
        _table(
            classeur,
            "Thèmes et codes",
            _themes_codes(donnees, donnees.themes_codes, noms),
            [24, 8, 34, 8, 30, 9, 8, 10, 12, 11],
            {"part": "0.0%", "attendu": "0.0", "specificite": "0.0", "p": "0.0E+00"},
        )
    if donnees.codes_proposes is not None:
        _table(
            classeur,
            "Codes proposés",
            _codes_proposes(donnees, donnees.codes_proposes, noms),
            [24, 8, 34, 44, 9, 11, 11, 12, 12, 11, 60, 60, 60],
            {"part_codee": "0%", "part_hesitee": "0%", "part_portee": "0%", "p": "0.0E+00"},
        )
    for feuille in feuilles_de_textometrie(donnees.textometrie, noms, CATEGORIES):
        _table(classeur, feuille.nom, feuille.table, feuille.largeurs, feuille.formats)
    if donnees.estimations is not None:
        feuille = feuille_des_estimations(donnees.estimations, noms)
        _table(classeur, feuille.nom, feuille.table, feuille.largeurs, feuille.formats)
    if donnees.questionnaire is not None:
        for nom, table, largeurs, formats in feuilles_du_questionnaire(donnees.questionnaire, noms):
            _table(classeur, nom, table, largeurs, formats)
    _table(
        classeur,
        "Entretiens",
        _entretiens(donnees, noms),
        [11, 20, 26, 50, 24, 12, 8, 10, 8],
        {"date": "DD/MM/YYYY"},
    )
    codes = [("Matrice", c.code, f"{c.intitule}. {c.definition}") for c in donnees.grille]
    vocabulaire = DICTIONNAIRE_TEXTOMETRIE if donnees.textometrie else ()
    constats = DICTIONNAIRE_CONSTATS if donnees.constats else ()
    estimations = DICTIONNAIRE_ESTIMATIONS if donnees.estimations is not None else ()
    sens = [*DICTIONNAIRE, *constats, *vocabulaire, *estimations, *codes]
    dictionnaire = pd.DataFrame(sens, columns=["feuille", "colonne", "sens"])
    _table(classeur, "Dictionnaire", dictionnaire, [14, 24, 110], {})
    contenu = io.BytesIO()
    classeur.save(contenu)
    fige = figer(contenu.getvalue(), moment, lambda nom, octets: _dater(nom, octets, moment))
    with ecriture_atomique(chemin) as provisoire:
        provisoire.write_bytes(fige)
    with ecriture_atomique(chemin.with_suffix(".ods")) as provisoire:
        provisoire.write_bytes(en_ods(fige, moment))
