"""Lire un projet QDPX ou une grille QDC, d'où qu'ils viennent.

Tout ce qu'un dossier d'étude sait tenir est repris : textes (ceux des PDF et des transcriptions compris), codes,
codages et auteurs, mémos, cas et variables. Le reste est compté et dit dans `Projet.remarques`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import reduce
from pathlib import Path
from typing import Any

from codage.archive_qdpx import ArchiveQDPX
from codage.codes_refi import CodesLus, est_la_grille, lire_codes
from codage.positions import Conversion, Fins, en_lf, lire_positions, rendre_fins
from codage.projet import CODAGES, ENTRETIENS, MEMOS, TERRITOIRES, Projet, date_iso, table
from codage.qdpx import FINS_DE_LIGNE, SANS_DATE, TERRITOIRE, VARIABLES_TERRITOIRE
from codage.xml_refi import Element, cle, enfant, enfants, lire_xml, nom_local, texte_de
from corpus.encodages import decoder
from corpus.fautes import ErreurEtude, Faute
from corpus.formats_tete import normaliser_cle

_SOURCES = ("TextSource", "PictureSource", "PDFSource", "AudioSource", "VideoSource")
_SORTES = {"PictureSource": "image", "PDFSource": "PDF", "AudioSource": "enregistrement sonore", "VideoSource": "vidéo",
           "PictureSelection": "zone d'image", "PDFSelection": "zone de page PDF", "AudioSelection": "extrait sonore",
           "VideoSelection": "extrait vidéo", "SyncPoint": "repère de temps de transcription"}
_COLONNES = ("territoire", "fonction", "categorie", "date")
_RESERVEES = ("entretien", "texte", "fichier", "cas")


def lire_qdpx(chemin: Path) -> Projet:
    """Lit un projet QDPX.

    Raises
    ------
    ErreurEtude
        Archive ou XML refusés (voir `codage.archive_qdpx`, `codage.xml_refi`).
    """
    with ArchiveQDPX(chemin) as archive:
        return _Lecture(archive, lire_xml(archive.projet(), f"{chemin.name}/project.qde", "Project")).projet()


def lire_qdc(chemin: Path) -> CodesLus:
    """Lit une grille QDC.

    Raises
    ------
    ErreurEtude
        Fichier illisible, XML refusé, aucun code.
    """
    try:
        octets = chemin.read_bytes()
    except OSError as erreur:
        raise ErreurEtude([Faute(str(chemin), 0, f"fichier illisible ({erreur.strerror})",
                                 "vérifiez le chemin et vos droits")]) from erreur
    racine = lire_xml(octets, chemin.name, "CodeBook")
    lus = lire_codes(enfant(racine, "Codes"), enfants(enfant(racine, "Sets"), "Set"), chemin.stem, frozenset())
    if lus.grille is None:
        raise ErreurEtude([Faute(chemin.name, 0, "cette grille n'a aucun code", "vérifiez l'export")])
    return lus


class _Lecture:
    """La lecture d'un projet : les tables se remplissent au fil des éléments."""

    def __init__(self, archive: ArchiveQDPX, racine: Element) -> None:
        self.archive, self.racine = archive, racine
        self.utilisateurs: dict[str, str] = {cle(u.get("guid", "")): u.get("name") or u.get("id") or u.get("guid", "")
                             for u in enfants(enfant(racine, "Users"), "User")}
        self.titre = racine.get("name") or archive.nom
        self.entretiens: dict[str, dict[str, str]] = {}
        self.codages: list[tuple[Any, ...]] = []
        self.memos: list[tuple[Any, ...]] = []
        self.remarques: list[str] = []
        self.pertes: Counter[str] = Counter()
        self.par_source: dict[str, str] = {}
        self.cibles: dict[str, tuple[str, str, int, int]] = {}  # élément → objet, cible, début, fin d'un mémo
        self.notes = {cle(note.get("guid", "")): note for note in enfants(enfant(racine, "Notes"), "Note")}
        self.notes_lues: set[str] = set()
        self.variables = {cle(v.get("guid", "")): v.get("name") or "" for v in enfants(enfant(racine, "Variables"), "Variable")}
        poses = frozenset(cle(ref.get("targetGUID", "")) for ref in racine.iter() if nom_local(ref) == "CodeRef")
        self.codes = lire_codes(enfant(enfant(racine, "CodeBook"), "Codes"), enfants(enfant(racine, "Sets"), "Set"),
                                self.titre, poses)

    def projet(self) -> Projet:
        self.remarques += self.codes.remarques
        for source in enfants(enfant(self.racine, "Sources"), *_SOURCES):
            self._source(source)
        self._codes_et_leurs_notes()
        territoires = self._cas()
        self._notes_et_liens()
        self._ensembles_et_graphes()
        if texte_de(self.racine, "Description").strip():
            self._memo("", ("etude", "", 0, 0), texte_de(self.racine, "Description"), "")
        perdues = [f"non repris : {nombre} × {sorte}" for sorte, nombre in sorted(self.pertes.items())]
        colonnes = list(dict.fromkeys([*ENTRETIENS, *(c for fiche in self.entretiens.values() for c in fiche)]))
        lignes = [[fiche.get(colonne, "") for colonne in colonnes] for fiche in self.entretiens.values()]
        return Projet(self.titre, self.codes.grille, table(colonnes, lignes), table(TERRITOIRES, territoires),
                      table(CODAGES, self.codages).drop_duplicates(ignore_index=True), table(MEMOS, self.memos),
                      tuple([*self.remarques, *perdues]))

    # ------------------------------------------------------------- sources

    def _source(self, source: Element) -> None:
        sorte, nom = nom_local(source), source.get("name") or source.get("guid", "")
        textes = [source] if sorte == "TextSource" else enfants(source, "Representation", "TextDescription", "Transcript")
        if not textes:
            self.remarques.append(f"non reprise : source « {nom} » ({_SORTES[sorte]} sans texte)")
        elif sorte != "TextSource":
            self.remarques.append(f"de la source « {nom} » ({_SORTES[sorte]}), seul le texte est repris")
        if sorte != "TextSource":
            self.pertes.update(_SORTES[nom_local(e)] for e in source.iter() if nom_local(e) in _SORTES and e is not source)
        for rang, porteur in enumerate(textes):
            self._texte(source, porteur, nom if len(textes) == 1 else f"{nom}-{rang + 1}")

    def _texte(self, source: Element, porteur: Element, nom: str) -> None:
        lu = self._contenu(porteur)
        if lu is None or not lu[0].strip():
            self.remarques.append(f"non reprise : source « {nom} », dont le texte brut est vide, illisible ou hors de l'archive")
            return
        texte, marque = lu
        entretien = self._nommer(nom)
        fiche = self.entretiens[entretien] = {"entretien": entretien, **self._valeurs(porteur)}
        if source is not porteur:
            fiche.update(self._valeurs(source))
        selections = [(e, *bornes) for e in enfants(porteur, "PlainTextSelection", "TranscriptSelection")
                      if (bornes := self._bornes(e, porteur)) is not None]
        reperes = [(debut, fin, e.get("name") or "") for e, debut, fin in selections]
        convertir, ecart = lire_positions(texte, marque, reperes, "atlas" in (self.racine.get("origin") or "").lower())
        if ecart:
            self.remarques.append(f"{entretien} : positions lues en s'écartant de la norme ({ecart})")
        fins = fiche.pop(FINS_DE_LIGNE, "")
        rendu = rendre_fins(en_lf(texte), fins) if fins else texte
        if rendu != texte:
            convertir = _enchainer(convertir, Fins.de(texte).vers_lf, Fins.de(rendu).depuis_lf)
        fiche["texte"] = rendu
        for element in {id(source): source, id(porteur): porteur}.values():
            self.par_source[cle(element.get("guid", ""))] = entretien
            deja = len(self.memos)
            self._viser(element, ("entretien", entretien, 0, 0))
            description = texte_de(element, "Description").strip()
            if description and description != "\n\n".join(memo[5] for memo in self.memos[deja:]):  # redite des notes
                self._memo(self._auteur(element), ("entretien", entretien, 0, 0), description, self._date(element))
            for codage in enfants(element, "Coding"):
                for code, modalite in self._poses(codage):
                    self._memo(self._auteur(codage), ("entretien", entretien, 0, 0),
                               f"Entretien codé en entier : {code} {modalite}".strip(), self._date(codage))
                    self.remarques.append(f"{entretien} : code « {code} » posé sur l'entretien entier, repris en mémo")
        for element, debut, fin in selections:
            self._selection(element, entretien, convertir(debut), convertir(fin), len(rendu))

    def _contenu(self, porteur: Element) -> tuple[str, bool] | None:
        """Le texte brut, et s'il portait une marque d'ordre des octets ; None s'il n'est pas dans l'archive."""
        direct = enfant(porteur, "PlainTextContent")
        if direct is not None:
            return "".join(direct.itertext()), False
        octets = self.archive.source(porteur.get("plainTextPath") or "")
        if octets is None:
            return None
        if not octets.strip():
            return "", False
        try:
            texte, encodage, suppositions = decoder(octets, porteur.get("name") or "")
        except ErreurEtude as erreur:
            self.remarques += [f"« {faute.fichier} » : {faute.message}" for faute in erreur.fautes]
            return None
        self.remarques += [f"{porteur.get('name')} : {dite}" for dite in suppositions]
        return texte, encodage == "utf-8-sig"

    def _nommer(self, nom: str) -> str:
        """Un identifiant d'entretien tiré du nom de la source, et qui ne sert qu'à elle."""
        base = re.sub(r"[^\w.-]+", "-", re.sub(r"\.(txt|docx?|rtf|odt|pdf|md)$", "", nom, flags=re.I)).strip("-.")
        base = identifiant = base or "entretien"
        rang = 2
        while identifiant in self.entretiens:
            identifiant, rang = f"{base}-{rang}", rang + 1
        if identifiant != nom:
            self.remarques.append(f"source « {nom} » nommée « {identifiant} »")
        return identifiant

    def _bornes(self, selection: Element, porteur: Element) -> tuple[int, int] | None:
        if nom_local(selection) == "TranscriptSelection":
            reperes = {cle(p.get("guid", "")): p.get("position") for p in enfants(porteur, "SyncPoint")}
            bornes = [reperes.get(cle(selection.get(cote) or "")) for cote in ("fromSyncPoint", "toSyncPoint")]
        else:
            bornes = [selection.get(cote) for cote in ("startPosition", "endPosition")]
        try:
            debut, fin = (int(borne or "") for borne in bornes)
        except ValueError:
            self.pertes["sélection sans position"] += 1
            return None
        return debut, fin

    def _selection(self, element: Element, entretien: str, debut: int, fin: int, longueur: int) -> None:
        nom = (element.get("name") or "")[:40]
        if not 0 <= debut < fin <= longueur:
            self.remarques.append(f"non reprise : sélection {debut}–{fin} hors du texte de « {entretien} » ({nom})")
            return
        self._viser(element, ("extrait", entretien, debut, fin))
        memo, codages = texte_de(element, "Description").strip(), enfants(element, "Coding")
        notes = [texte for codage in codages for texte, _, _ in self._notes_de(codage)]
        for codage in codages:
            siennes = "\n\n".join([*filter(None, [memo]), *notes])
            for code, modalite in self._poses(codage):
                self.codages.append((self._auteur(codage) or self._auteur(element), entretien, debut, fin, code, modalite,
                                     siennes, self._date(codage) or self._date(element)))
        if memo and not codages:
            self._memo(self._auteur(element), ("extrait", entretien, debut, fin), memo, self._date(element))

    def _poses(self, codage: Element) -> Iterator[tuple[str, str]]:
        for reference in enfants(codage, "CodeRef"):
            pose = self.codes.poses.get(cle(reference.get("targetGUID", "")))
            if pose is None:
                self.pertes["codage d'un code absent du livre de codes"] += 1
            else:
                yield pose

    def _auteur(self, element: Element) -> str:
        brut = str(element.get("creatingUser") or element.get("modifyingUser") or "")
        return self.utilisateurs.get(cle(brut), brut)

    @staticmethod
    def _date(element: Element) -> str:
        try:
            date = date_iso(element.get("creationDateTime") or "")
            return "" if date == SANS_DATE else date
        except ValueError:
            return ""

    # --------------------------------------------------- variables et cas

    def _valeurs(self, element: Element) -> dict[str, str]:
        valeurs = {}
        for valeur in enfants(element, "VariableValue"):
            reference = enfant(valeur, "VariableRef")
            nom = self.variables.get(cle(reference.get("targetGUID", "")), "") if reference is not None else ""
            dite = next(("".join(e.itertext()) for e in valeur if nom_local(e) != "VariableRef"), "")
            if nom and dite:
                nu = normaliser_cle(nom)
                valeurs[nu if nu in _COLONNES else f"{nom} (variable)" if nu in _RESERVEES else nom] = dite
        return valeurs

    def _cas(self) -> list[list[str]]:
        """Verse les variables des cas dans les entretiens ; rend les territoires."""
        territoires = []
        for cas in enfants(enfant(self.racine, "Cases"), "Case"):
            nom, valeurs = cas.get("name") or "", self._valeurs(cas)
            siens = [self.par_source[source] for ref in enfants(cas, "SourceRef")
                     if (source := cle(ref.get("targetGUID", ""))) in self.par_source]
            if nom in self.entretiens and not siens:  # QualCoder rend ses cas sans leurs textes
                siens = [nom]
            self.pertes["passage rattaché à un cas"] += len(enfants(cas, "SelectionRef"))
            if texte_de(cas, "Description") == TERRITOIRE:
                territoires.append([nom, *(valeurs.get(v, "") for v in VARIABLES_TERRITOIRE.values())])
                continue
            if not siens:
                self.remarques.append(f"non repris : cas « {nom} », sans texte" + (f" ({valeurs})" if valeurs else ""))
            for entretien in siens:
                self._rattacher(entretien, nom, valeurs)
        self.pertes = +self.pertes
        return territoires

    def _rattacher(self, entretien: str, cas: str, valeurs: dict[str, str]) -> None:
        fiche = self.entretiens[entretien]
        if cas and cas != entretien:
            fiche["cas"] = " ; ".join(filter(None, [fiche.get("cas", ""), cas]))
        for variable, valeur in valeurs.items():
            if variable != FINS_DE_LIGNE and fiche.setdefault(variable, valeur) != valeur:
                self.remarques.append(f"{entretien} : variable « {variable} », « {fiche[variable]} » d'après le texte, "
                                      f"« {valeur} » d'après le cas « {cas} » ; la première est gardée")

    # -------------------------------------------------------------- mémos

    def _viser(self, element: Element, cible: tuple[str, str, int, int]) -> None:
        self.cibles[cle(element.get("guid", ""))] = cible
        for texte, auteur, date in self._notes_de(element, cible):
            self._memo(auteur, cible, texte, date)

    def _notes_de(self, element: Element, cible: tuple[str, str, int, int] | None = None) -> Iterator[tuple[str, str, str]]:
        """Les notes auxquelles renvoie un élément ; celles que QualCoder situe dans le texte sont des extraits."""
        for reference in enfants(element, "NoteRef"):
            identifiant = cle(reference.get("targetGUID", ""))
            note = self.notes.get(identifiant)
            if note is None:
                self.pertes["renvoi à une note absente"] += 1
                continue
            self.notes_lues.add(identifiant)
            contenu = self._contenu(note)
            situees = [(int(s.get("startPosition", "0")), int(s.get("endPosition", "0")))
                       for s in enfants(note, "PlainTextSelection")] if cible and cible[0] == "entretien" else []
            if contenu is None:
                self.pertes["note sans texte dans l'archive"] += 1
            elif situees and cible:
                for debut, fin in situees:
                    if 0 <= debut < fin <= len(self.entretiens[cible[1]]["texte"]):
                        self._memo(self._auteur(note), ("extrait", cible[1], debut, fin), contenu[0], self._date(note))
            else:
                yield contenu[0], self._auteur(note), self._date(note)

    def _memo(self, auteur: str, cible: tuple[str, str, int, int], texte: str, date: str) -> None:
        self.memos.append((auteur, *cible, texte.strip(), date))

    def _codes_et_leurs_notes(self) -> None:
        for code in (e for e in self.racine.iter() if nom_local(e) == "Code"):
            pose = self.codes.poses.get(cle(code.get("guid", "")))
            if pose:
                self._viser(code, ("code", pose[0], 0, 0))
        for texte, auteur, date in self._notes_de(self.racine):
            self._memo(auteur, ("etude", "", 0, 0), texte, date)

    def _notes_et_liens(self) -> None:
        """Les liens d'une note à un élément (annotations de NVivo), puis les notes que rien ne situe."""
        for lien in enfants(enfant(self.racine, "Links"), "Link"):
            bouts = [cle(lien.get(bout, "")) for bout in ("originGUID", "targetGUID")]
            note = next((bout for bout in bouts if bout in self.notes), "")
            cible = next((self.cibles[bout] for bout in bouts if bout in self.cibles), None)
            contenu = self._contenu(self.notes[note]) if note else None
            if cible and contenu:
                self.notes_lues.add(note)
                self._memo(self._auteur(self.notes[note]), cible, contenu[0], self._date(self.notes[note]))
            else:
                self.pertes["lien entre éléments"] += 1
        for identifiant, note in self.notes.items():
            contenu = None if identifiant in self.notes_lues else self._contenu(note)
            if contenu and contenu[0].strip():
                self._memo(self._auteur(note), ("etude", "", 0, 0), contenu[0], self._date(note))

    def _ensembles_et_graphes(self) -> None:
        for ensemble in enfants(enfant(self.racine, "Sets"), "Set"):
            if not est_la_grille(ensemble):
                self.remarques.append(f"non repris : ensemble « {ensemble.get('name')} » ({len(ensemble)} éléments)")
        self.pertes["graphe"] += len(enfants(enfant(self.racine, "Graphs"), "Graph"))
        self.pertes = +self.pertes


def _enchainer(*conversions: Conversion) -> Conversion:
    return lambda position: reduce(lambda lue, convertir: convertir(lue), conversions, position)
