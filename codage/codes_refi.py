"""La grille en arbre de codes REFI-QDA, et retour.

L'arbre : genre → famille → code → modalité. Genres et familles ne se posent pas (`isCodable="false"`). La modalité
d'un codage est portée par un code enfant (« C1.1 · Absente ») : c'est la seule forme que NVivo, ATLAS.ti, MAXQDA,
QualCoder et Taguette lisent, comptent et laissent corriger ; un codage sans modalité est posé sur le code lui-même.
L'identifiant est repris dans le nom de l'enfant parce que QualCoder et Taguette veulent des noms uniques.

La description d'un code porte sa définition, puis ce qu'on code, ce qu'on ne code pas, ses mots, ses exemples. Ce
que l'arbre ne dit pas (titre, modalités, règles, ordre) est dans la description d'un ensemble de codes, que les deux
schémas admettent.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree
from pydantic import ValidationError

from codage.xml_refi import Element, cle, enfants, guid, sous_element, texte_de
from corpus.fautes import ErreurEtude
from extraction.ecriture_grille import tete_en_yaml
from extraction.grille import CONTRASTE_MINIMAL, Code, Grille, contraste_avec_le_noir
from extraction.lecture_yaml import lire, nettoyer

SEPARATEUR = " · "
_SECTIONS = {"inclusions": "À coder :", "exclusions": "À ne pas coder :", "mots": "Mots :", "exemples": "Exemples :"}
_PUCE = "– "
_IDENTIFIANT = r"\w[\w.\-]{0,31}"
_ORDRE = "# codes : "
_ILLISIBLES = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class CodesLus:
    """Ce que dit un arbre de codes.

    Attributes
    ----------
    grille : Grille or None
        None pour un arbre vide.
    poses : dict[str, tuple[str, str]]
        Code et modalité (vide si non dite) que désigne chaque identifiant de l'arbre.
    remarques : tuple[str, ...]
    """

    grille: Grille | None
    poses: dict[str, tuple[str, str]]
    remarques: tuple[str, ...]


# ------------------------------------------------------------------ écrire


def identifiant_pose(projet: str, code: str, modalite: str) -> str:
    """L'identifiant du code qui porte une modalité."""
    return guid(projet, "code", code, modalite)


def ecrire_codes(racine: Element, projet: str, grille: Grille, memos: dict[str, list[str]]) -> None:
    """Ajoute à `racine` l'arbre des codes ; `memos` : identifiants des notes de chaque code."""
    branches: dict[tuple[str, ...], Element] = {}
    couleurs = {code.code: code.couleur for code in grille}
    for code in grille:
        parent, chemin = racine, tuple[str, ...]()
        for sorte, blocs, valeur in (("genre", grille.genres, code.genre), ("famille", grille.familles, code.famille)):
            if not valeur:
                continue
            chemin = (*chemin, sorte, valeur)
            if chemin not in branches:
                intitule = next(bloc.intitule for bloc in blocs if bloc.identifiant == valeur)
                branches[chemin] = sous_element(parent, "Code", guid=guid(projet, *chemin), name=intitule,
                                                isCodable="false")
            parent = branches[chemin]
        noeud = sous_element(parent, "Code", guid=identifiant_pose(projet, code.code, ""),
                             name=f"{code.code} {code.intitule}", isCodable="true", color=couleurs[code.code])
        sous_element(noeud, "Description", _description(code))
        for note in memos.get(code.code, ()):
            sous_element(noeud, "NoteRef", targetGUID=note)
        for modalite in grille.modalites:
            sous_element(noeud, "Code", guid=identifiant_pose(projet, code.code, modalite.identifiant),
                         name=f"{code.code}{SEPARATEUR}{modalite.intitule}", isCodable="true", color=couleurs[code.code])


def ecrire_ensemble(racine: Element, projet: str, grille: Grille, attribut: str) -> None:
    """Ajoute à `racine` l'ensemble qui porte le titre, les modalités et les règles de la grille.

    `attribut` : « guid » dans une grille QDC, « targetGUID » dans un projet QDPX.
    """
    ensemble = sous_element(racine, "Set", guid=guid(projet, "grille"), name=grille.titre)
    ordre = _ORDRE + " ".join(code.code for code in grille)
    sous_element(ensemble, "Description", f"{tete_en_yaml(grille)}\n{ordre}")
    for code in grille:
        sous_element(ensemble, "MemberCode", **{attribut: identifiant_pose(projet, code.code, "")})


def _description(code: Code) -> str:
    blocs = [code.definition]
    for champ, titre in _SECTIONS.items():
        elements = getattr(code, champ)
        if elements:
            blocs.append("\n".join([titre, *(_PUCE + element for element in elements)]))
    return "\n\n".join(blocs)


# -------------------------------------------------------------------- lire


@dataclass
class _Noeud:
    guid: str
    nom: str
    description: str
    couleur: str
    codable: bool
    ancetres: tuple[str, ...]
    feuille: bool
    code: str = ""
    modalite: str = ""


@dataclass
class _Tete:
    """Ce que l'ensemble de la grille dit, s'il y est : la tête, l'ordre des codes."""

    brut: dict[str, Any] = field(default_factory=dict)
    ordre: tuple[str, ...] = ()

    def intitules(self, section: str) -> dict[str, str]:
        """Intitulé (sans casse) → identifiant, d'une section de la tête."""
        blocs = self.brut.get(section) or {}
        return {_nu(intitule): identifiant for identifiant, intitule in blocs.items()}


class _Identifiants:
    """Donne à chaque nom un identifiant que la grille admet, et qui ne sert qu'à lui."""

    def __init__(self, ordre: Iterable[str], pris: Iterable[str] = ()) -> None:
        self._attendus = set(ordre)
        self._pris = {identifiant.casefold() for identifiant in (*self._attendus, *pris)}

    def donner(self, nom: str) -> tuple[str, str]:
        """Identifiant et intitulé d'un code d'après son nom : « C1.1 Copilotage », « 2: Light », « Coke::light »."""
        premier, _, reste = nom.partition(" ")
        if reste and premier in self._attendus:
            self._attendus.discard(premier)
            return premier, reste
        premier, reste = premier.rstrip(":"), reste.lstrip(":–- ")
        if reste and re.search(r"\d", premier) and re.fullmatch(_IDENTIFIANT, premier) and premier.casefold() not in self._pris:
            self._pris.add(premier.casefold())
            return premier, reste
        return self.libre(nom), nom

    def libre(self, nom: str) -> str:
        """Un identifiant nouveau : le nom lui-même s'il convient, sinon tiré de lui."""
        base = re.sub(r"\W+", "-", _nu(nom, garder=True)).strip("-_")[:28].rstrip("-") or "code"
        identifiant, rang = nom if re.fullmatch(_IDENTIFIANT, nom) else base, 2
        while identifiant.casefold() in self._pris:
            identifiant, rang = f"{base}-{rang}", rang + 1
        self._pris.add(identifiant.casefold())
        return identifiant


def lire_codes(codes: Element | None, ensembles: Iterable[Element], titre: str, poses: frozenset[str]) -> CodesLus:
    """Lit un arbre de codes, d'où qu'il vienne.

    Parameters
    ----------
    codes : élément Codes, ou None
    ensembles : éléments Set
    titre : str
        Titre de la grille si l'arbre n'en dit rien.
    poses : frozenset[str]
        Identifiants qu'un codage emploie : ils sont tenus pour des codes, même dits non posables.
    """
    noeuds = list(_parcourir(codes, ())) if codes is not None else []
    tete = _lire_tete(ensembles)
    modalites = {_nu(valeur): identifiant for identifiant, bloc in _modalites(tete).items()
                 for valeur in (identifiant, bloc["intitule"])}
    blocs: list[dict[str, Any]] = []
    remarques: list[str] = []
    par_nom: dict[str, str] = {}
    noms = _Identifiants(tete.ordre)
    genres = dict(tete.brut.get("genres") or {"code": "Codes"})
    familles = dict(tete.brut.get("familles") or {})
    for noeud in noeuds:
        _reconnaitre_modalite(noeud, modalites, noeuds)
        if noeud.modalite or not (noeud.codable or noeud.guid in poses or noeud.feuille):
            continue
        noeud.code, intitule = noms.donner(noeud.nom)
        par_nom.setdefault(noeud.nom, noeud.code)
        genre, famille = _ranger(noeud.ancetres, tete, genres, familles)
        couleur, eclaircie = _couleur(noeud.couleur)
        if eclaircie:
            remarques.append(f"code « {noeud.nom} » : couleur {noeud.couleur} éclaircie en {couleur}, "
                             "pour qu'un texte noir s'y lise")
        blocs.append({"code": noeud.code, "intitule": intitule, "genre": genre, "famille": famille,
                      **_lire_description(noeud.description, intitule), **({"couleur": couleur} if couleur else {})})
    for noeud in noeuds:
        if noeud.modalite:
            parent = noeud.nom.rpartition(SEPARATEUR)[0] if SEPARATEUR in noeud.nom else noeud.ancetres[-1]
            noeud.code = par_nom.get(parent) or next((bloc["code"] for bloc in blocs if bloc["code"] == parent), "")
            if not noeud.code:
                noeud.code, intitule = noms.donner(parent)
                par_nom[parent] = noeud.code
                blocs.append({"code": noeud.code, "intitule": intitule, "genre": next(iter(genres)),
                              "definition": intitule})
    rangs = {code: rang for rang, code in enumerate(tete.ordre)}
    blocs.sort(key=lambda bloc: rangs.get(bloc["code"], len(rangs)))
    grille = _grille(blocs, tete, genres, familles, titre) if blocs else None
    return CodesLus(grille, {noeud.guid: (noeud.code, noeud.modalite) for noeud in noeuds if noeud.code},
                    tuple(remarques))


def lire_noms(noms: Iterable[str], titre: str) -> CodesLus:
    """Lit une liste plate de noms de codes (les étiquettes de Taguette) ; `poses` y est par nom."""
    par_cle = {str(rang): nom for rang, nom in enumerate(dict.fromkeys(noms))}
    racine = etree.Element("Codes")
    for rang, nom in par_cle.items():
        sous_element(racine, "Code", guid=rang, name=nom, isCodable="true")
    lus = lire_codes(racine, (), titre, frozenset())
    return CodesLus(lus.grille, {par_cle[rang]: pose for rang, pose in lus.poses.items()}, lus.remarques)


def est_la_grille(ensemble: Element) -> bool:
    """Vrai si cet ensemble est celui qui porte la tête de la grille."""
    return bool(_lire_tete([ensemble]).ordre)


def _parcourir(parent: Element, ancetres: tuple[str, ...]) -> Iterator[_Noeud]:
    for element in enfants(parent, "Code"):
        nom = nettoyer(_ILLISIBLES.sub(" ", element.get("name") or "")) or "sans nom"
        yield _Noeud(cle(element.get("guid") or nom), nom, texte_de(element, "Description"),
                     element.get("color") or "", element.get("isCodable") in ("true", "1", None), ancetres,
                     not enfants(element, "Code"))
        yield from _parcourir(element, (*ancetres, nom))


def _lire_tete(ensembles: Iterable[Element]) -> _Tete:
    for ensemble in ensembles:
        brut, _, ordre = texte_de(ensemble, "Description").partition(f"\n{_ORDRE}")
        if not ordre:
            continue
        try:
            racine, fautes = lire(brut.encode("utf-8"), "grille")
        except (ErreurEtude, UnicodeEncodeError):
            continue
        clair = racine.en_clair()
        if not fautes and _tete_juste(clair):
            return _Tete(clair, tuple(ordre.split()))
    return _Tete()


def _tete_juste(brut: Any) -> bool:
    """Une tête retouchée à la main dans un autre logiciel peut ne plus l'être : elle est alors laissée de côté."""
    if not isinstance(brut, dict) or not isinstance(brut.get("genres"), dict) or not brut["genres"]:
        return False
    code = {"code": "x", "intitule": "x", "definition": "x", "genre": next(iter(brut["genres"]))}
    try:
        Grille.model_validate({**brut, "codes": [code]})
    except ValidationError:
        return False
    return all(isinstance(brut.get(section, {}), dict) for section in ("modalites", "familles"))


def _modalites(tete: _Tete) -> dict[str, dict[str, str]]:
    modalites: dict[str, dict[str, str]] | None = tete.brut.get("modalites")
    if modalites:
        return modalites
    return {modalite.identifiant: {"intitule": modalite.intitule, "quand": modalite.quand}
            for modalite in Grille.livree("cites_emploi").modalites}


def _reconnaitre_modalite(noeud: _Noeud, modalites: dict[str, str], noeuds: list[_Noeud]) -> None:
    """« C1.1 · Absente », ou « Absente » sous un code posable."""
    devant, separateur, derniere = noeud.nom.rpartition(SEPARATEUR)
    if not noeud.feuille or _nu(derniere) not in modalites:
        return
    parent = next((autre for autre in noeuds if noeud.ancetres and autre.nom == noeud.ancetres[-1]
                   and autre.ancetres == noeud.ancetres[:-1]), None)
    if devant if separateur else parent is not None and parent.codable:
        noeud.modalite = modalites[_nu(derniere)]


def _ranger(ancetres: tuple[str, ...], tete: _Tete, genres: dict[str, str], familles: dict[str, str]) -> tuple[str, str]:
    """Genre et famille d'un code ; une famille nouvelle prend le chemin de ses ancêtres pour intitulé."""
    genre, restants = next(iter(genres)), list(ancetres)
    if restants and _nu(restants[0]) in tete.intitules("genres"):
        genre = tete.intitules("genres")[_nu(restants.pop(0))]
    if not restants:
        return genre, ""
    intitule = " / ".join(restants)
    connue = next((identifiant for identifiant, autre in familles.items() if _nu(autre) == _nu(intitule)), "")
    if not connue:
        connue = _Identifiants((), familles).libre(intitule)
        familles[connue] = intitule
    return genre, connue


def _lire_description(description: str, intitule: str) -> dict[str, Any]:
    champs: dict[str, Any] = {"definition": []}
    courant = "definition"
    titres = {titre: champ for champ, titre in _SECTIONS.items()}
    for ligne in description.splitlines():
        if ligne.strip() in titres and champs["definition"]:
            courant = titres[ligne.strip()]
            champs.setdefault(courant, [])
        elif courant != "definition" and ligne.startswith(_PUCE):
            champs[courant].append(_ILLISIBLES.sub(" ", ligne.removeprefix(_PUCE)))
        elif ligne.strip():
            champs["definition"].append(_ILLISIBLES.sub(" ", ligne))
    champs = {champ: [ligne for ligne in lignes if nettoyer(ligne)] for champ, lignes in champs.items()}
    champs["definition"] = nettoyer(" ".join(champs["definition"])) or intitule
    return champs


def _couleur(brute: str) -> tuple[str, bool]:
    """La couleur en « #RRVVBB », assez claire pour un texte noir ; et s'il a fallu l'éclaircir."""
    if re.fullmatch(r"#[0-9A-Fa-f]{3}", brute):
        brute = "#" + "".join(2 * chiffre for chiffre in brute[1:])
    if not re.fullmatch(r"#[0-9A-Fa-f]{6}", brute):
        return "", False
    canaux = [int(brute[rang:rang + 2], 16) for rang in (1, 3, 5)]
    for part in range(21):
        couleur = "#" + "".join(f"{canal + (255 - canal) * part // 20:02X}" for canal in canaux)
        if contraste_avec_le_noir(couleur) >= CONTRASTE_MINIMAL:
            return couleur, part > 0
    raise AssertionError("le blanc contraste avec le noir")


def _grille(blocs: list[dict[str, Any]], tete: _Tete, genres: dict[str, str], familles: dict[str, str],
            titre: str) -> Grille:
    defaut = {"identifiant": re.sub(r"\W+", "-", _nu(titre, garder=True)).strip("-_")[:32] or "grille",
              "titre": nettoyer(_ILLISIBLES.sub(" ", titre)) or "Grille importée"}
    reste = {"genres": genres, "familles": familles, "codes": blocs}
    return Grille.model_validate({**defaut, "modalites": _modalites(tete), **tete.brut, **reste})


def _nu(texte: str, garder: bool = False) -> str:
    """Sans casse ni accents ; les signes sont ôtés, sauf `garder`."""
    plat = unicodedata.normalize("NFKD", texte.casefold())
    return "".join(signe for signe in plat if signe.isalnum() or (garder and not unicodedata.combining(signe)))
