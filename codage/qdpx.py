"""Écrire un projet QDPX (REFI-QDA 1.5) et une grille QDC.

Choix, quand la norme en laisse :

- un texte est écrit en UTF-8 sans marque, fins de ligne LF : toutes les façons de compter s'y accordent (voir
  `codage.positions`) ; ses fins de ligne d'origine sont la variable « fins de ligne » ;
- une sélection par (passage, codeur, mémo, date), pour que QualCoder, qui prend l'auteur sur la sélection, le garde ; son
  nom est le passage ; le mémo d'un codage est la description de la sélection ;
- une modalité est un code enfant (voir `codage.codes_refi`) ;
- un mémo d'extrait est une sélection sans code ; ceux d'un entretien, d'un code, de l'étude sont des notes, datées et
  de noms différents (QualCoder s'arrête sur les autres) ; ceux d'un entretien sont redits dans sa description, seule
  lue par QualCoder ;
- une variable est écrite sur le texte (MAXQDA, QualCoder) et sur le cas de même nom (NVivo) ; un territoire est
  un cas qui réunit ses entretiens ;
- un identifiant ne dépend que de ce qu'il nomme, aucune heure d'écriture : même projet, mêmes octets.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from codage.codes_refi import ecrire_codes, ecrire_ensemble, identifiant_pose
from codage.positions import Fins, en_lf, noter_fins
from codage.projet import TERRITOIRES, Projet, date_iso
from codage.xml_refi import Element, en_octets, guid, lisible, nouvelle_racine, sous_element
from corpus.cache import ecriture_atomique
from extraction.grille import Grille

ESPACE = "urn:QDA-XML:project:1.0"
ESPACE_QDC = "urn:QDA-XML:codebook:1.0"
ORIGINE = "Monographies"
FINS_DE_LIGNE = "fins de ligne"
TERRITOIRE = "Territoire"
"""Description des cas qui sont des territoires."""
VARIABLES_TERRITOIRE = {colonne: f"{colonne} du territoire" for colonne in TERRITOIRES[1:]}
LONGUEUR_NOM = 100
SANS_DATE = "1970-01-01T00:00:00Z"
"""Date d'une note dont on ne sait pas la date : QualCoder ne lit pas une note sans date."""
_JOUR_ZIP = (1980, 1, 1, 0, 0, 0)


def ecrire_qdpx(chemin: Path, projet: Projet) -> None:
    """Écrit un projet QDPX.

    Raises
    ------
    ErreurEtude
        Projet incohérent (voir `Projet.controler`).
    """
    projet.controler()
    redaction = _Redaction(projet)
    membres = {"project.qde": en_octets(redaction.racine()), **redaction.fichiers}
    with ecriture_atomique(chemin) as provisoire, zipfile.ZipFile(provisoire, "w", zipfile.ZIP_DEFLATED) as archive:
        for nom, octets in membres.items():
            membre = zipfile.ZipInfo(nom, _JOUR_ZIP)
            membre.compress_type, membre.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(membre, octets)


def ecrire_qdc(chemin: Path, grille: Grille) -> None:
    """Écrit une grille QDC."""
    racine = nouvelle_racine("CodeBook", ESPACE_QDC, origin=ORIGINE)
    ecrire_codes(sous_element(racine, "Codes"), grille.identifiant, grille, {})
    ecrire_ensemble(sous_element(racine, "Sets"), grille.identifiant, grille, "guid")
    with ecriture_atomique(chemin) as provisoire:
        provisoire.write_bytes(en_octets(racine))


class _Redaction:
    """La rédaction d'un projet : le XML, et les fichiers qui l'accompagnent."""

    def __init__(self, projet: Projet) -> None:
        self.projet = projet
        self.titre = projet.titre
        self.fichiers: dict[str, bytes] = {}
        self.textes = projet.textes()
        self.notes = {objet: self._notes(objet) for objet in ("etude", "entretien", "code")}

    def racine(self) -> Element:
        projet, grille = self.projet, self.projet.grille
        racine = nouvelle_racine("Project", ESPACE, name=self.titre or "sans titre", origin=ORIGINE)
        noms = dict.fromkeys([*projet.codages["codeur"], *projet.memos["auteur"]])
        utilisateurs = [nom for nom in noms if nom]
        self._bloc(racine, "Users", [{"nom": "User", "guid": self.guid("codeur", nom), "name": nom} for nom in utilisateurs])
        if grille is not None:
            notes = {cible: [guid for guid, _ in siennes] for cible, siennes in self.notes["code"].items()}
            ecrire_codes(sous_element(sous_element(racine, "CodeBook"), "Codes"), self.titre, grille, notes)
        self._variables(racine)
        self._cas(racine)
        if self.textes:
            self._sources(sous_element(racine, "Sources"))
        notes_ecrites = [note for par_cible in self.notes.values() for siennes in par_cible.values() for note in siennes]
        if notes_ecrites:
            bloc = sous_element(racine, "Notes")
            for rang, (identifiant, memo) in enumerate(notes_ecrites, start=1):
                sous_element(bloc, "Note", guid=identifiant, name=_abreger(f"Mémo {rang} : {memo['texte']}"),
                             plainTextPath=f"internal://{identifiant}.txt", creatingUser=self.auteur(memo["auteur"]),
                             creationDateTime=date_iso(memo["date"]) or SANS_DATE)
                self.fichiers[f"sources/{identifiant}.txt"] = lisible(memo["texte"]).encode("utf-8")
        if grille is not None:
            ecrire_ensemble(sous_element(racine, "Sets"), self.titre, grille, "targetGUID")
        for identifiant, _ in self.notes["etude"].get("", ()):
            sous_element(racine, "NoteRef", targetGUID=identifiant)
        return racine

    def guid(self, *cles: object) -> str:
        return guid(self.titre, *map(str, cles))

    def auteur(self, nom: str) -> str:
        return self.guid("codeur", nom) if nom else ""

    def _notes(self, objet: str) -> dict[str, list[tuple[str, dict[str, Any]]]]:
        """Par cible, l'identifiant et le contenu des mémos de cet objet."""
        notes: dict[str, list[tuple[str, dict[str, Any]]]] = {}
        memos = self.projet.memos[self.projet.memos["objet"] == objet]
        for rang, memo in enumerate(memos.to_dict("records")):
            cible = "" if objet == "etude" else memo["cible"]
            notes.setdefault(cible, []).append((self.guid("note", objet, cible, rang), memo))
        return notes

    @staticmethod
    def _bloc(racine: Element, nom: str, elements: list[dict[str, str]]) -> None:
        """Un bloc et ses éléments ; rien s'il n'y en a aucun, que le schéma refuserait."""
        if elements:
            bloc = sous_element(racine, nom)
            for attributs in elements:
                sous_element(bloc, attributs.pop("nom"), **attributs)

    def _variables(self, racine: Element) -> None:
        entretiens = self.projet.entretiens
        noms = [*self.projet.variables, *([FINS_DE_LIGNE] if any(map(noter_fins, self.textes.values())) else []),
                *(VARIABLES_TERRITOIRE.values() if len(self.projet.territoires) else ())]
        self._bloc(racine, "Variables", [
            {"nom": "Variable", "guid": self.guid("variable", nom), "name": nom,
             "typeOfVariable": "Date" if nom in entretiens and _dates(entretiens[nom]) else "Text"} for nom in noms])

    def _valeurs(self, parent: Element, valeurs: Iterable[tuple[str, str]]) -> None:
        entretiens = self.projet.entretiens
        for nom, valeur in valeurs:
            if valeur:
                element = sous_element(parent, "VariableValue")
                sous_element(element, "VariableRef", targetGUID=self.guid("variable", nom))
                sorte = "DateValue" if nom in entretiens and _dates(entretiens[nom]) else "TextValue"
                sous_element(element, sorte, valeur)

    def _cas(self, racine: Element) -> None:
        entretiens = self.projet.entretiens
        if not len(entretiens):
            return
        bloc = sous_element(racine, "Cases")
        for fiche in entretiens.to_dict("records"):
            cas = sous_element(bloc, "Case", guid=self.guid("cas", fiche["entretien"]), name=fiche["entretien"])
            self._valeurs(cas, [(nom, fiche[nom]) for nom in self.projet.variables])
            sous_element(cas, "SourceRef", targetGUID=self.guid("source", fiche["entretien"]))
        for territoire in self.projet.territoires.to_dict("records"):
            nom = territoire["territoire"]
            siens = entretiens["entretien"][entretiens["territoire"] == nom]
            cas = sous_element(bloc, "Case", guid=self.guid("territoire", nom), name=nom)
            sous_element(cas, "Description", TERRITOIRE)
            self._valeurs(cas, [(variable, territoire[colonne]) for colonne, variable in VARIABLES_TERRITOIRE.items()])
            for entretien in siens:
                sous_element(cas, "SourceRef", targetGUID=self.guid("source", entretien))

    def _sources(self, bloc: Element) -> None:
        codages = {nom: groupe for nom, groupe in self.projet.codages.drop_duplicates().groupby("entretien", sort=False)}
        extraits = self.projet.memos[self.projet.memos["objet"] == "extrait"]
        memos = {nom: groupe for nom, groupe in extraits.groupby("cible", sort=False)}
        for fiche in self.projet.entretiens.to_dict("records"):
            nom, texte = fiche["entretien"], fiche["texte"]
            identifiant = self.guid("source", nom)
            brut, marque, fins = en_lf(texte), "\ufeff" if texte.startswith("\ufeff") else "", Fins.de(texte)
            self.fichiers[f"sources/{identifiant}.txt"] = (marque + brut).encode("utf-8")
            source = sous_element(bloc, "TextSource", guid=identifiant, name=nom,
                                  plainTextPath=f"internal://{identifiant}.txt")
            notes = self.notes["entretien"].get(nom, ())
            if notes:
                sous_element(source, "Description", "\n\n".join(memo["texte"] for _, memo in notes))
            if nom in codages:
                self._codages(source, nom, texte, fins, codages[nom])
            if nom in memos:
                for rang, memo in enumerate(memos[nom].to_dict("records")):
                    self._selection(source, texte, fins, (memo["debut"], memo["fin"]), memo["auteur"], memo["texte"],
                                    memo["date"], self.guid("extrait", nom, rang))
            for note, _ in notes:
                sous_element(source, "NoteRef", targetGUID=note)
            self._valeurs(source, [*((variable, fiche[variable]) for variable in self.projet.variables),
                                   (FINS_DE_LIGNE, noter_fins(texte))])

    def _codages(self, source: Element, nom: str, texte: str, fins: Fins, codages: pd.DataFrame) -> None:
        for cles, groupe in codages.groupby(["debut", "fin", "codeur", "memo", "date"], sort=True):
            debut, fin, codeur, memo, date = cles
            selection = self._selection(source, texte, fins, (debut, fin), codeur, memo, date,
                                        self.guid("selection", nom, *cles))
            for codage in groupe.to_dict("records"):
                element = sous_element(
                    selection, "Coding", guid=self.guid("codage", nom, *codage.values()),
                    creatingUser=self.auteur(codeur), creationDateTime=date_iso(codage["date"]))
                sous_element(element, "CodeRef",
                             targetGUID=identifiant_pose(self.titre, codage["code"], codage["modalite"]))

    def _selection(self, source: Element, texte: str, fins: Fins, bornes: tuple[int, int], auteur: str, memo: str,
                   date: str, identifiant: str) -> Element:
        debut, fin = bornes
        selection = sous_element(
            source, "PlainTextSelection", guid=identifiant, name=_abreger(texte[debut:fin]),
            startPosition=str(fins.vers_lf(debut)), endPosition=str(fins.vers_lf(fin)),
            creatingUser=self.auteur(auteur), creationDateTime=date_iso(date))
        if memo:
            sous_element(selection, "Description", memo)
        return selection


def _abreger(texte: str) -> str:
    """Le texte sur une ligne, coupé à `LONGUEUR_NOM` caractères."""
    ligne = " ".join(texte.split())
    return ligne if len(ligne) <= LONGUEUR_NOM else ligne[:LONGUEUR_NOM - 1].rstrip() + "…"


def _dates(valeurs: pd.Series) -> bool:
    """Toutes les valeurs remplies sont-elles des dates AAAA-MM-JJ (et y en a-t-il une) ?"""
    remplies = valeurs[valeurs != ""]
    return bool(len(remplies)) and bool(
        pd.to_datetime(remplies, format="%Y-%m-%d", errors="coerce").notna().all()
        and remplies.str.fullmatch(r"\d{4}-\d\d-\d\d").all())

