"""Ce que le rapport et le classeur montrent, et sa mise en colonnes pour la page HTML.

Les tables sont rangées en colonnes qui se renvoient l'une à l'autre par leur rang : la page les lit et
compte elle-même, pour que les filtres et les cases donnent toujours ce que montrent les verbatims.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import pandas as pd

from corpus.affichages import LIBELLES_MODALITES as LIBELLES_MODALITES
from evaluation.matrices import MODALITES
from evaluation.rapprochement import BilanQuestionnaire
from restitution.colonnes import rangs_dans, rangs_de, textes_de
from restitution.donnees_constats import preparer_constats
from restitution.donnees_estimations import preparer_estimations
from restitution.donnees_questionnaire import preparer_questionnaire
from restitution.donnees_themes import echelle_de_stabilite, preparer_ecarts, preparer_propositions, preparer_themes
from restitution.donnees_vocabulaire import preparer_vocabulaire
from restitution.images import Image, dessiner

CATEGORIES: dict[str, str] = {
    "etat": "État",
    "collectivite_elu": "Collectivité (élus)",
    "collectivite_technicien": "Collectivité (technique)",
    "coordination": "Coordination",
    "spe": "Service public de l’emploi",
    "social": "Action sociale",
    "association": "Associations",
    "entreprise": "Entreprises",
    "habitant": "Habitants",
}
"""Catégories d'acteurs, telles qu'on les écrit ; l'ordre est celui des tableaux."""


class CodeLisible(Protocol):
    """Ce que la restitution lit d'un code de la grille."""

    @property
    def code(self) -> str: ...
    @property
    def intitule(self) -> str: ...
    @property
    def genre(self) -> str: ...
    @property
    def famille(self) -> str: ...
    @property
    def definition(self) -> str: ...
    @property
    def couleur(self) -> str: ...


class Nomme(Protocol):
    """Un genre ou une famille de codes : son identifiant et ce qu'on en écrit."""

    @property
    def identifiant(self) -> str: ...
    @property
    def intitule(self) -> str: ...


class GrilleLisible(Protocol):
    """Ce que la restitution lit d'une grille : ses codes, dans l'ordre, ses genres et ses familles.

    Les genres se lisent aussi dans un dictionnaire identifiant → intitulé ; sans `familles`, la
    famille d'un code est montrée telle qu'il la porte.
    """

    @property
    def genres(self) -> Mapping[str, str] | Iterable[Nomme]: ...
    def __iter__(self) -> Iterator[CodeLisible]: ...


def intitules(nommes: Mapping[str, str] | Iterable[Nomme]) -> dict[str, str]:
    """Identifiant → intitulé, des genres ou des familles d'une grille."""
    if isinstance(nommes, Mapping):
        return {str(cle): str(nom) for cle, nom in nommes.items()}
    return {nomme.identifiant: nomme.intitule for nomme in nommes}


@dataclass
class DonneesRapport:
    """Tout ce que le rapport et le classeur montrent.

    Attributes
    ----------
    titre : str
        Titre de l'étude.
    grille : GrilleLisible
        La grille de codage.
    entretiens, territoires, phrases, tours, mentions, themes, themes_phrases, matrice : DataFrame
        Les tables de l'étude, aux colonnes du contrat. `themes.portee` vaut « national » ou un
        territoire ; `themes.part` est une part, entre 0 et 1 ; `mentions` est ce que l'étude retient
        (`evaluation.retenus`), `mentions.confiance` est entre 0 et 1, ou manquante si une personne a codé.
    machine : DataFrame, facultative
        Toutes les mentions de la machine, même là où des personnes ont codé. Par défaut, celles de `mentions`.
    codes_par : DataFrame, facultative
        Qui a codé chaque entretien : `evaluation.retenus.Retenus.entretiens`.
    probables : DataFrame, facultative
        Codes ni posés ni hésités, mais parmi les plus probables de leur phrase ; pour qui code.
    hesitations : DataFrame, facultative
        Aux colonnes de `mentions` : les codes que le codeur machine n'a pas posés sans les exclure.
    themes_codes, codes_proposes : DataFrame, facultatives
        Le croisement des thèmes et de la grille : tables de `recouvrements` et de `proposer`
        (`evaluation.themes_grille`).
    textometrie : dict de DataFrame
        Les tables de `modeles.textometrie.COLONNES` et de `evaluation.saturation.SATURATIONS`, par nom ;
        vide si le vocabulaire n'a pas été mesuré.
    lemmes : DataFrame, facultative
        Les lemmes pleins de chaque phrase d'enquêté : `entretien`, `phrase`, `lemmes` (séparés d'espaces).
    themes_territoires, themes_ecarts : DataFrame, facultatives
        Les thèmes nationaux par territoire : tables de `repartir` et de `comparer`
        (`evaluation.themes_territoires`).
    constats : dict de DataFrame
        Les tables de `evaluation.constats_etude.constater_etude`, par nom ; vide si l'étude n'est pas croisée.
    estimations : DataFrame, facultative
        Les parts corrigées d'après l'échantillon codé à la main (`evaluation.estimation.estimer`) ; None s'il n'y en a pas,
        et `execution["echantillon"]` dit alors, s'il y a lieu, pourquoi.
    execution : dict
        `version`, `date` (ISO 8601) et `codeur` ; facultatifs : `empreintes` et `mesures`
        (dictionnaires, imbriqués ou non), `fautes` (liste de `corpus.fautes.Faute`), `suppositions`
        (entretien → phrases), `avertissements` (phrases montrées en bandeau).

    Notes
    -----
    Des colonnes s'ajoutent quand elles sont là : `mentions.indices_modalite` (les mots qui ont décidé de
    la modalité), `mentions.a_relire` (le codeur machine doute), `themes.theme_national` (le thème national
    que prolonge un thème de territoire), `themes.stabilite` et `themes.stabilite_portee`
    (`modeles.stabilite_themes`), `themes.x`, `themes.y` et `themes.qualite` (`modeles.plan_themes`),
    `themes.part_codee` et `themes.code_dominant` (`evaluation.themes_grille`).
    """

    titre: str
    grille: GrilleLisible
    entretiens: pd.DataFrame
    territoires: pd.DataFrame
    phrases: pd.DataFrame
    tours: pd.DataFrame
    mentions: pd.DataFrame
    themes: pd.DataFrame
    themes_phrases: pd.DataFrame
    matrice: pd.DataFrame
    execution: dict[str, Any] = field(default_factory=dict)
    hesitations: pd.DataFrame | None = None
    probables: pd.DataFrame | None = None
    themes_codes: pd.DataFrame | None = None
    codes_proposes: pd.DataFrame | None = None
    questionnaire: BilanQuestionnaire | None = None
    textometrie: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    lemmes: pd.DataFrame | None = None
    themes_territoires: pd.DataFrame | None = None
    themes_ecarts: pd.DataFrame | None = None
    constats: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    estimations: pd.DataFrame | None = None
    machine: pd.DataFrame | None = None
    codes_par: pd.DataFrame | None = None

    @cached_property
    def images(self) -> list[Image]:
        """Les images de la textométrie (voir `restitution.images.dessiner`)."""
        territoires = table_des_territoires(self)
        noms = dict(zip(territoires["territoire"], territoires["nom"], strict=True))
        return dessiner(self.textometrie, noms, CATEGORIES)


def table_des_territoires(donnees: DonneesRapport) -> pd.DataFrame:
    """Les territoires dans l'ordre de leur table, puis ceux que seuls les entretiens nomment.

    Returns
    -------
    DataFrame
        Colonnes `territoire`, `nom`, `echelle`, `porteur`, `annee`, toutes en texte.
    """
    colonnes = ["territoire", "nom", "echelle", "porteur", "annee"]
    table = donnees.territoires.reindex(columns=colonnes)
    table = table.astype(object).where(table.notna(), "").astype(str)
    nommes = donnees.entretiens["territoire"].astype(str)
    inconnus = sorted(set(nommes) - set(table["territoire"]))
    ajout = pd.DataFrame({"territoire": inconnus, "nom": inconnus}).reindex(columns=colonnes, fill_value="")
    table = pd.concat([table, ajout], ignore_index=True)
    return table.assign(nom=table["nom"].where(table["nom"] != "", table["territoire"]))


def _unites(texte: str, position: int) -> int:
    """Une position en points de code, convertie en unités UTF-16 (celles de JavaScript)."""
    return position + sum(c > "\uffff" for c in texte[:position])


def _situer_phrases(donnees: DonneesRapport, textes_tours: list[str]) -> dict[str, list[Any]]:
    """Chaque phrase comme une tranche du texte de son tour, en unités UTF-16."""
    rangs = rangs_de(donnees.phrases, ["entretien", "tour"], donnees.tours, "tour de parole")
    debuts_tours = donnees.tours["debut"].tolist()
    debuts, fins = [], []
    lignes = zip(
        rangs,
        donnees.phrases["debut"].tolist(),
        donnees.phrases["fin"].tolist(),
        donnees.phrases["texte"].tolist(),
        donnees.phrases["entretien"].tolist(),
        strict=True,
    )
    for rang, debut, fin, texte, entretien in lignes:
        tour, depart = textes_tours[rang], debuts_tours[rang]
        debut, fin = debut - depart, fin - depart
        if debut < 0 or tour[debut:fin] != texte:
            raise ValueError(f"{entretien} : la phrase « {texte[:60]} » n'est pas à sa place dans son tour")
        if not tour.isascii() and max(tour) > "\uffff":
            debut, fin = _unites(tour, debut), _unites(tour, fin)
        debuts.append(debut)
        fins.append(fin)
    return {"tour": rangs, "id": textes_de(donnees.phrases, "phrase"), "debut": debuts, "fin": fins}


def _mots_cites(indices: str) -> str:
    """Les mots entre guillemets d'une liste d'indices (« negation : « pas » »), sans le nom des règles."""
    mots = dict.fromkeys(re.findall(r"«\s*([^»]*[^\s»])\s*»", indices))
    return ", ".join(f"«\u00a0{mot}\u00a0»" for mot in mots)


def _situer_mentions(
    donnees: DonneesRapport, reperees: pd.DataFrame, codes: list[str]
) -> tuple[dict[str, list[Any]], list[str]]:
    """Les mentions : rang de la phrase, étendue dans la phrase, code, modalité, codeur."""
    mentions = donnees.mentions
    indices = textes_de(mentions.reindex(columns=["indices_modalite"]), "indices_modalite")
    rangs_reperes = rangs_de(mentions, ["entretien", "phrase"], reperees, "phrase d'une mention")
    phrases = reperees.iloc[rangs_reperes]
    textes, preuves = phrases["texte"].tolist(), textes_de(mentions, "preuve")
    debuts, fins = [], []
    etendues = zip(
        textes, phrases["debut"].tolist(), mentions["debut"].tolist(), mentions["fin"].tolist(), strict=True
    )
    for texte, depart, debut, fin in etendues:
        debut, fin = max(0, debut - depart), min(len(texte), fin - depart)
        debuts.append(_unites(texte, debut))
        fins.append(_unites(texte, fin))
    codeurs = sorted(set(textes_de(mentions, "codeur")))
    confiance = mentions["confiance"].astype(float)
    colonnes: dict[str, list[Any]] = {
        "phrase": phrases["rang"].tolist(),
        "debut": debuts,
        "fin": fins,
        "code": rangs_dans(textes_de(mentions, "code"), codes, "code"),
        "modalite": rangs_dans(textes_de(mentions, "modalite"), list(MODALITES), "modalité"),
        "confiance": [None if c != c else round(c, 3) for c in confiance.tolist()],
        "codeur": rangs_dans(textes_de(mentions, "codeur"), codeurs, "codeur"),
        "preuve": ["" if p == t else p for p, t in zip(preuves, textes, strict=True)],
        "indice": [_mots_cites(texte) for texte in indices],
        "relire": mentions.reindex(columns=["a_relire"])["a_relire"].eq(True).tolist(),
    }
    return colonnes, codeurs


def _dans_l_ordre(table: pd.DataFrame, rang_entretien: Mapping[str, int]) -> pd.DataFrame:
    """Les lignes dans l'ordre des entretiens, puis du texte."""
    rangs = table["entretien"].map(rang_entretien)
    return table.assign(_rang=rangs).sort_values(["_rang", "debut"], kind="stable", ignore_index=True)


def preparer(donnees: DonneesRapport) -> dict[str, Any]:
    """Range les tables en colonnes, pour la page.

    Parameters
    ----------
    donnees : DonneesRapport

    Returns
    -------
    dict
        De quoi faire un JSON : listes de même longueur, renvois par rang d'une table à l'autre.
        Les positions internes aux tours et aux phrases sont en unités UTF-16, celles de JavaScript ;
        celles des tours dans l'entretien restent en points de code.

    Raises
    ------
    ValueError
        Une mention ou un thème renvoie à une phrase, un code ou une modalité inconnus ; une phrase
        n'est pas à sa place dans son tour.
    """
    territoires, images = table_des_territoires(donnees), donnees.images
    entretiens = donnees.entretiens
    rang_entretien = {identifiant: i for i, identifiant in enumerate(entretiens["entretien"])}
    donnees = replace(
        donnees,
        tours=_dans_l_ordre(donnees.tours, rang_entretien),
        phrases=_dans_l_ordre(donnees.phrases, rang_entretien),
    )
    tours = donnees.tours
    textes_tours = textes_de(tours, "texte")
    noms = textes_de(territoires, "territoire")
    codes = [code.code for code in donnees.grille]
    familles = intitules(getattr(donnees.grille, "familles", ()))
    # Une phrase sans identifiant (question de l'enquêteur) ne peut être ni codée ni rangée.
    reperees = donnees.phrases.assign(rang=range(len(donnees.phrases)))
    reperees = reperees[pd.Series(textes_de(reperees, "phrase"), index=reperees.index) != ""]
    mentions, codeurs = _situer_mentions(donnees, reperees, codes)
    return {
        "titre": donnees.titre,
        "categories": CATEGORIES,
        "modalites": [[cle, LIBELLES_MODALITES[cle]] for cle in MODALITES],
        "genres": list(intitules(donnees.grille.genres).items()),
        "codes": [
            [c.code, c.intitule, c.genre, familles.get(c.famille, c.famille), c.definition, c.couleur]
            for c in donnees.grille
        ],
        "territoires": territoires[["territoire", "nom"]].to_numpy().tolist(),
        "entretiens": {
            "id": textes_de(entretiens, "entretien"),
            "territoire": rangs_dans(textes_de(entretiens, "territoire"), noms, "territoire"),
            "mots": entretiens["mots"].tolist(),
            **{c: textes_de(entretiens, c) for c in ("fichier", "fonction", "categorie", "date")},
        },
        "tours": {
            "entretien": rangs_de(tours, ["entretien"], entretiens, "entretien d'un tour"),
            "tour": tours["tour"].tolist(),
            "locuteur": textes_de(tours, "locuteur"),
            "enquete": [int(role == "enquete") for role in tours["role"]],
            "debut": tours["debut"].tolist(),
            "horodatage": textes_de(tours, "horodatage"),
            "texte": textes_tours,
        },
        "phrases": _situer_phrases(donnees, textes_tours),
        "mentions": mentions,
        "codeurs": codeurs,
        "themes": preparer_themes(donnees.themes, donnees.themes_phrases, reperees),
        "stabilite": echelle_de_stabilite(),
        "questionnaire": preparer_questionnaire(donnees.questionnaire),
        "proposes": preparer_propositions(donnees.codes_proposes, reperees),
        "vocabulaire": preparer_vocabulaire(donnees.textometrie, donnees.lemmes, images, reperees),
        "ecarts": preparer_ecarts(donnees.themes_ecarts),
        "constats": preparer_constats(donnees.constats, codes),
        "estimations": preparer_estimations(donnees.estimations, codes, donnees.execution.get("echantillon", {})),
    }


def json_incorpore(objet: object) -> str:
    """Un JSON qu'on peut poser dans un `<script>` : aucun `<`, `>`, `&` ni séparateur de ligne Unicode.

    Une moitié isolée de paire UTF-16 (fichier abîmé) est rendue par « � ».
    """
    texte = json.dumps(objet, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    texte = re.sub("[\ud800-\udfff]", "\ufffd", texte)
    return re.sub("[<>&\u2028\u2029]", lambda m: f"\\u{ord(m[0]):04x}", texte)
