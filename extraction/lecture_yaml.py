"""Lire un YAML en retenant la ligne de chaque valeur, et dire ses fautes en français.

Le YAML admis est celui qu'un évaluateur écrit à la main : des clés, des listes, des textes. Tout ce
qui n'est pas un bloc ou une liste est rendu comme du **texte, tel qu'il est écrit** : `1.10`, `non`
ou `2024-05-01` restent « 1.10 », « non » et « 2024-05-01 », avec ou sans guillemets ; une valeur
laissée vide (ou `~`, `null`) est le texte vide. Aucun objet Python n'est construit ; les ancres, les
renvois et les étiquettes de type sont refusés, ce qui écarte les « bombes » de renvois.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from corpus.fautes import ErreurEtude, Faute

TAILLE_MAXIMALE = 256 * 1024
"""Taille maximale d'un fichier, en octets : dix fois une grille de trente codes."""

PROFONDEUR_MAXIMALE = 10
"""Nombre maximal de blocs emboîtés."""

# Ce que le YAML prendrait pour une fin de ligne mais pas l'éditeur de texte, et ce qui ne s'affiche
# pas : le numéro de ligne ne serait plus celui que voit l'utilisateur.
_INTERDITS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_INDENTATION = re.compile(r"[ ]*([^\S ]+)[^\S\n]*\S")
_CLE = re.compile(r"\s*(- +)?[a-z_]+:(\s|$)")
_NULS = frozenset({"", "~", "null", "Null", "NULL"})

_GUILLEMET_OUVERT = (
    "un guillemet ouvert ici n'est pas refermé sur cette valeur",
    "refermez-le ; dans un texte entre apostrophes, doublez l'apostrophe (l''État)",
)

# (fragment du message de ruamel.yaml, faut-il la ligne où commence la construction ?, message, remède)
_TRADUCTIONS: tuple[tuple[str, bool, str, str], ...] = (
    (
        "cannot start any token",
        False,
        "une valeur commence par un caractère réservé par le YAML",
        "mettez toute la valeur entre guillemets",
    ),
    (
        "could not find expected ':'",
        True,
        "cette ligne n'est ni une clé suivie de deux-points, ni la suite alignée d'un texte",
        "écrivez « clé: valeur », ou décalez la ligne de deux espaces sous le texte qu'elle continue",
    ),
    (
        "mapping values are not allowed here",
        False,
        "un deux-points suivi d'un espace est mal placé",
        "s'il fait partie du texte, mettez tout le texte entre guillemets ou dans un bloc « >- » ; "
        "sinon, vérifiez les espaces en début de ligne",
    ),
    (
        "sequence entries are not allowed here",
        False,
        "un tiret de liste est mal placé",
        "mettez chaque tiret sur sa propre ligne, sous la clé ; s'il fait partie du texte, "
        "mettez le texte entre guillemets",
    ),
    (
        "expected <block end>",
        False,
        "cette ligne n'est pas alignée avec celles qui précèdent",
        "donnez aux éléments d'un même bloc le même nombre d'espaces en début de ligne, et mettez "
        "entre guillemets un texte qui commence ou contient des guillemets",
    ),
    ("unexpected end of stream", True, *_GUILLEMET_OUVERT),
    (
        "unknown escape character",
        False,
        "une barre oblique inversée est mal employée dans un texte entre guillemets",
        "écrivez-la deux fois, ou retirez-la",
    ),
    (
        "expected ',' or",
        True,
        "un crochet ou une accolade ouvert ici n'est pas refermé, ou une virgule manque",
        "refermez-le ; s'il fait partie du texte, mettez le texte entre guillemets",
    ),
    (
        "expected '<document start>'",
        False,
        "ce qui suit n'appartient plus au bloc commencé plus haut",
        "vérifiez les espaces en début de ligne, et qu'aucun crochet ni aucune accolade n'est en trop",
    ),
)


@dataclass(frozen=True)
class Noeud:
    """Une valeur du YAML et sa ligne.

    Attributes
    ----------
    ligne : int
        Ligne où la valeur commence, à partir de 1 ; pour la valeur d'une clé, ligne de la clé.
    valeur : str | list[Noeud] | dict[str, Noeud]
    """

    ligne: int
    valeur: str | list[Noeud] | dict[str, Noeud]

    def en_clair(self) -> Any:
        """Rend la valeur sans les lignes : texte, liste ou dictionnaire, emboîtés."""
        if isinstance(self.valeur, dict):
            return {cle: noeud.en_clair() for cle, noeud in self.valeur.items()}
        if isinstance(self.valeur, list):
            return [noeud.en_clair() for noeud in self.valeur]
        return self.valeur

    def ligne_de(self, chemin: tuple[str | int, ...]) -> int:
        """Rend la ligne de la valeur désignée, ou du bloc le plus proche qui la contiendrait.

        Parameters
        ----------
        chemin : tuple[str | int, ...]
            Clés et rangs (à partir de 0) ; un rang dans un bloc de clés désigne sa n-ième clé.
        """
        noeud = self
        for pas in chemin:
            enfants = noeud.valeur
            if isinstance(enfants, dict) and isinstance(pas, int):
                enfants = list(enfants.values())
            if isinstance(enfants, dict) and pas in enfants:
                noeud = enfants[str(pas)]
            elif isinstance(enfants, list) and isinstance(pas, int) and pas < len(enfants):
                noeud = enfants[pas]
            else:
                break
        return noeud.ligne


@dataclass
class _Ouvert:
    """Un bloc en cours de lecture ; `cle` est la clé qui attend sa valeur."""

    noeud: Noeud
    cle: str | None = None
    ligne_cle: int = 0
    lignes_cles: dict[str, int] = field(default_factory=dict)


def lire(octets: bytes, nom: str) -> tuple[Noeud, list[Faute]]:
    """Lit un YAML.

    Parameters
    ----------
    octets : bytes
        Contenu du fichier, en UTF-8 avec ou sans marque d'ordre.
    nom : str
        Nom du fichier dans les fautes.

    Returns
    -------
    noeud : Noeud
        La racine.
    fautes : list[Faute]
        Ce qui est refusé sans empêcher de lire la suite : clé répétée (la première est gardée),
        renvoi, ancre, étiquette de type, caractère interdit, guillemet qui englobe les clés suivantes.

    Raises
    ------
    ErreurEtude
        Fichier trop gros, qui n'est pas en UTF-8, vide, indenté par autre chose que des espaces, ou
        dont le YAML est mal formé.
    """
    texte = _decoder(octets, nom)
    fautes = list(_fautes_de_caracteres(texte, nom))
    if fautes:
        raise ErreurEtude(fautes)
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    evenements = YAML(typ="safe", pure=True).parse(texte)
    try:
        return _construire(evenements, re.split(r"\r\n|\r|\n", texte), nom)
    except YAMLError as erreur:
        raise ErreurEtude([_traduire(erreur, nom)]) from erreur
    except (ValueError, OverflowError, IndexError, AttributeError, TypeError, AssertionError) as erreur:
        # ruamel.yaml laisse échapper ces erreurs sur quelques constructions rares (« \UFFFFFFFF »,
        # directives tronquées), sans position.
        raise ErreurEtude([_mal_forme(nom, 0)]) from erreur


def _decoder(octets: bytes, nom: str) -> str:
    if len(octets) > TAILLE_MAXIMALE:
        message = f"le fichier dépasse {TAILLE_MAXIMALE // 1024} Kio"
        raise ErreurEtude([Faute(nom, 0, message, "vérifiez que c'est bien le fichier voulu")])
    try:
        return octets.decode("utf-8-sig")
    except UnicodeDecodeError as erreur:
        ligne = len(re.findall(rb"\r\n|\r|\n", octets[: erreur.start])) + 1
        faute = Faute(
            nom,
            ligne,
            "le fichier n'est pas enregistré en UTF-8",
            "dans l'éditeur de texte : Enregistrer sous, codage « UTF-8 »",
        )
        raise ErreurEtude([faute]) from erreur


def _fautes_de_caracteres(texte: str, nom: str) -> Iterator[Faute]:
    for numero, ligne in enumerate(re.split(r"\r\n|\r|\n", texte), start=1):
        interdit = _INTERDITS.search(ligne)
        if interdit:
            yield _caractere_interdit(nom, numero, interdit.group())
        indentation = _INDENTATION.match(ligne)
        if indentation:
            nature = "une tabulation" if "\t" in indentation.group(1) else "une espace spéciale"
            yield Faute(
                nom,
                numero,
                f"{nature} décale cette ligne",
                "décalez les lignes avec des espaces ordinaires, deux par niveau",
            )
    if not texte.strip():
        yield Faute(nom, 0, "le fichier est vide", "repartez d'une grille livrée, et modifiez-la")


def _construire(evenements: Any, lignes: list[str], nom: str) -> tuple[Noeud, list[Faute]]:
    from ruamel.yaml import events

    racine: Noeud | None = None
    pile: list[_Ouvert] = []
    fautes: list[Faute] = []
    documents = 0
    for evenement in evenements:
        ligne = evenement.start_mark.line + 1
        if isinstance(evenement, events.DocumentStartEvent):
            documents += 1
            if documents > 1:
                remede = "ne gardez qu'une grille par fichier, sans ligne « --- » au milieu"
                raise ErreurEtude([Faute(nom, ligne, "une deuxième grille commence ici", remede)])
        if isinstance(evenement, events.CollectionEndEvent):
            pile.pop()
        if not isinstance(evenement, events.NodeEvent):
            continue
        parent = pile[-1] if pile else None
        if parent is not None and isinstance(parent.noeud.valeur, dict) and parent.cle is None:
            if isinstance(evenement, events.CollectionStartEvent):
                remede = "une clé est un mot suivi de deux-points ; mettez le texte entre guillemets"
                raise ErreurEtude([Faute(nom, ligne, "cette clé n'est pas un texte", remede)])
            fautes += _refus(evenement, nom, ligne)
            parent.cle, parent.ligne_cle = _texte(evenement), ligne
            continue
        fautes += _refus(evenement, nom, ligne)
        entre_guillemets = isinstance(evenement, events.ScalarEvent) and evenement.style in ("'", '"')
        if entre_guillemets and any(map(_CLE.match, lignes[ligne : evenement.end_mark.line + 1])):
            fautes.append(Faute(nom, ligne, *_GUILLEMET_OUVERT))
        depart = parent.ligne_cle if parent is not None and parent.cle is not None else ligne
        if isinstance(evenement, events.MappingStartEvent):
            noeud = Noeud(depart, {})
        elif isinstance(evenement, events.SequenceStartEvent):
            noeud = Noeud(depart, [])
        else:
            noeud = Noeud(depart, _texte(evenement))
        if parent is None:
            racine = noeud
        elif isinstance(parent.noeud.valeur, list):
            parent.noeud.valeur.append(noeud)
        else:
            fautes += _ranger(parent, noeud, nom)
        if isinstance(evenement, events.CollectionStartEvent):
            pile.append(_Ouvert(noeud))
            if len(pile) > PROFONDEUR_MAXIMALE:
                remede = "une grille n'a pas besoin de plus de quatre niveaux ; vérifiez les crochets"
                raise ErreurEtude([Faute(nom, ligne, "trop de blocs emboîtés", remede)])
    if racine is None:
        remede = "repartez d'une grille livrée, et modifiez-la"
        raise ErreurEtude([Faute(nom, 0, "le fichier ne contient que des commentaires", remede)])
    return racine, fautes


def _ranger(parent: _Ouvert, noeud: Noeud, nom: str) -> Iterator[Faute]:
    """Donne sa valeur à la clé qui l'attend ; une clé répétée garde sa première valeur."""
    assert isinstance(parent.noeud.valeur, dict) and parent.cle is not None
    if parent.cle in parent.noeud.valeur:
        yield Faute(
            nom,
            parent.ligne_cle,
            f"la clé « {court(parent.cle)} » est répétée : elle est déjà écrite "
            f"ligne {parent.lignes_cles[parent.cle]}",
            "gardez une seule des deux lignes",
        )
    else:
        parent.noeud.valeur[parent.cle] = noeud
        parent.lignes_cles[parent.cle] = parent.ligne_cle
    parent.cle = None


def _texte(evenement: Any) -> str:
    """Rend le texte d'une valeur simple ; un renvoi rend son nom, caractères interdits remplacés."""
    from ruamel.yaml.events import AliasEvent

    if isinstance(evenement, AliasEvent):
        return f"*{evenement.anchor}"
    if evenement.style is None and evenement.value in _NULS:
        return ""
    return nettoyer(_INTERDITS.sub("\N{REPLACEMENT CHARACTER}", evenement.value))


def _refus(evenement: Any, nom: str, ligne: int) -> Iterator[Faute]:
    """Rend les fautes d'une valeur : renvoi, ancre, étiquette de type, caractère interdit."""
    from ruamel.yaml.events import AliasEvent, ScalarEvent

    if isinstance(evenement, AliasEvent):
        remede = "recopiez le texte ; s'il commence par une étoile, mettez-le entre guillemets"
        yield Faute(nom, ligne, f"un renvoi « *{court(evenement.anchor)} » n'est pas admis", remede)
        return
    if evenement.anchor is not None:
        remede = "retirez-la ; si le texte commence par « & », mettez-le entre guillemets"
        yield Faute(nom, ligne, f"une ancre « &{court(evenement.anchor)} » n'est pas admise", remede)
    if evenement.tag is not None:
        remede = "retirez-la ; si le texte commence par « ! », mettez-le entre guillemets"
        yield Faute(nom, ligne, "une étiquette de type (« ! ») n'est pas admise", remede)
    if isinstance(evenement, ScalarEvent):
        interdit = _INTERDITS.search(evenement.value)
        if interdit:
            yield _caractere_interdit(nom, ligne, interdit.group())


def _caractere_interdit(nom: str, ligne: int, caractere: str) -> Faute:
    message = f"un caractère invisible (U+{ord(caractere):04X}) est présent"
    return Faute(nom, ligne, message, "effacez-le et retapez le texte au clavier")


def _traduire(erreur: Any, nom: str) -> Faute:
    probleme = str(getattr(erreur, "problem", "") or "")
    marque = getattr(erreur, "problem_mark", None)
    contexte = getattr(erreur, "context_mark", None)
    for fragment, au_debut, message, remede in _TRADUCTIONS:
        if fragment in probleme:
            lieu = (contexte if au_debut else marque) or marque or contexte
            return Faute(nom, lieu.line + 1 if lieu else 0, message, remede)
    lieu = marque or contexte
    return _mal_forme(nom, lieu.line + 1 if lieu else 0)


def _mal_forme(nom: str, ligne: int) -> Faute:
    return Faute(
        nom,
        ligne,
        "le YAML est mal formé",
        "comparez avec une grille livrée ; en cas de doute, mettez le texte entre guillemets",
    )


def nettoyer(texte: str) -> str:
    """Rend le texte en NFC, sans retours à la ligne, blancs répétés ni caractères de largeur nulle.

    Les espaces insécables sont gardées.
    """
    visible = re.sub("[\u00ad\u200b\ufeff]", "", unicodedata.normalize("NFC", texte))
    return re.sub("[ \t\r\n]+", " ", visible).strip(" ")


def court(texte: str) -> str:
    """Rend le texte sur une ligne, coupé à 60 caractères, pour un message."""
    ligne = " ".join(texte.split())
    return ligne if len(ligne) <= 60 else ligne[:59] + "…"
