"""Verser un projet d'échange dans un dossier d'étude, neuf ou existant, sans rien écraser.

Écrit `entretiens/*.txt`, `entretiens.csv`, `territoires.csv`, `grille.yaml`, `etude.toml`, `codages.csv` et `memos.csv`.
Dans une étude existante : ses entretiens, sa grille et ses lignes de tableaux restent ; on n'ajoute que ce qui manque.
Tout est contrôlé avant la première écriture, et toutes les fautes sont dites en une fois.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from codage.phrases_codees import phrases_couvertes
from codage.positions import Fins, en_lf
from codage.projet import MEMOS, TERRITOIRES, Projet
from codage.tableaux import Tableau, ajouter_lignes, lire_tableau
from corpus.cache import ecriture_atomique
from corpus.codages import NOM as CODAGES_CSV
from corpus.etude import Etude, lire_entretien
from corpus.fautes import ErreurEtude, Faute
from corpus.fiches import CATEGORIES, SANS_TERRITOIRE, Fiche, lire_date
from corpus.formats import lire
from corpus.formats_tete import normaliser_cle
from corpus.inventaire import fichiers_de_transcription
from extraction.ecriture_grille import en_yaml
from extraction.grille import Grille
from extraction.lecture_yaml import TAILLE_MAXIMALE

MEMOS_CSV = "memos.csv"
COLONNES_CODAGES = ("codeur", "entretien", "phrase", "debut", "fin", "code", "modalite", "texte", "memo", "date")
SANS_NOM = "sans nom"
_CLES_CODAGES = ("codeur", "entretien", "phrase", "code", "modalite", "memo", "debut", "fin")
_FICHE = ("entretien", "fichier", "territoire", "fonction", "categorie", "date")


@dataclass(frozen=True)
class Bilan:
    """Ce qu'un versement a fait.

    Attributes
    ----------
    dossier : Path
    ecrits : tuple[str, ...]
        Fichiers écrits ou complétés, relatifs au dossier.
    entretiens, connus : int
        Entretiens ajoutés ; déjà là, avec le même texte.
    codages, memos : int
        Lignes ajoutées.
    remarques : tuple[str, ...]
        Ce qui n'a pas été repris, ou a été supposé.
    """

    dossier: Path
    ecrits: tuple[str, ...]
    entretiens: int
    connus: int
    codages: int
    memos: int
    remarques: tuple[str, ...]


def ouvrir_etude(dossier: Path) -> Etude | None:
    """L'étude de ce dossier ; None s'il est à créer, vide, ou s'il n'a encore que des réglages ou une grille.

    Raises
    ------
    ErreurEtude
        Le dossier existe et l'étude a des fautes, ou ce n'est pas une étude.
    """
    if not dossier.exists() or (dossier.is_dir() and not any(dossier.iterdir())):
        return None
    if any((dossier / nom).exists() for nom in ("etude.toml", "grille.yaml")) and not (
            (dossier / "entretiens.csv").exists() or fichiers_de_transcription(dossier)):
        return None
    etude = Etude.ouvrir(dossier)
    fautes = etude.verifier()
    if fautes:
        raise ErreurEtude(fautes)
    return etude


def verser(projet: Projet, dossier: Path, etude: Etude | None, grille: Grille | None) -> Bilan:
    """Verse un projet dans un dossier d'étude.

    Parameters
    ----------
    projet : Projet
    dossier : Path
    etude : Etude or None
        L'étude existante, None pour un dossier neuf (voir `ouvrir_etude`).
    grille : Grille or None
        La grille à laquelle ramener les codes ; None pour écrire celle du projet.

    Raises
    ------
    ErreurEtude
        Entretien déjà là avec un autre texte, code absent de la grille de l'étude, catégorie hors liste, texte qui ne
        se relit pas : toutes les fautes, et rien n'est écrit.
    """
    dossier.parent.mkdir(parents=True, exist_ok=True)
    neuf = not dossier.exists() or not any(dossier.iterdir())
    atelier = Path(tempfile.mkdtemp(prefix=".import-", dir=dossier.parent if neuf else dossier))
    try:
        versement = _Versement(projet, dossier, atelier, etude, grille)
        bilan = versement.preparer()
        if neuf:
            if dossier.exists():
                dossier.rmdir()
            atelier.chmod(0o755)
            atelier.rename(dossier)
        else:
            for nom in bilan.ecrits:
                (dossier / nom).parent.mkdir(parents=True, exist_ok=True)
                (atelier / nom).replace(dossier / nom)
        return bilan
    finally:
        shutil.rmtree(atelier, ignore_errors=True)


class _Versement:
    """La préparation d'un versement, dans un atelier caché : l'étude n'est touchée qu'une fois tout prêt."""

    def __init__(self, projet: Projet, dossier: Path, atelier: Path, etude: Etude | None, grille: Grille | None) -> None:
        self.projet, self.dossier, self.atelier, self.etude, self.grille = projet, dossier, atelier, etude, grille
        self.remarques = list(projet.remarques)
        self.fautes: list[Faute] = []
        self.ecrits: list[str] = []
        self.connus = {fiche.entretien: fiche for fiche in etude.fiches} if etude else {}
        self.fiches: dict[str, Fiche] = {}
        self.phrases: dict[str, pd.DataFrame] = {}
        self.deplacements: dict[str, tuple[Fins, Fins]] = {}

    def preparer(self) -> Bilan:
        self._entretiens()
        codes = self._codes()
        nouveaux = self._codages(codes)
        memos = self._memos(codes)
        if self.fautes:
            raise ErreurEtude(self.fautes)
        self._tableau_des_entretiens()
        self._territoires()
        if self.grille is None and self.projet.grille is not None:
            self._ecrire("grille.yaml", en_yaml(self.projet.grille))
        self._reglages()
        codages = self._completer(CODAGES_CSV, COLONNES_CODAGES, nouveaux, _CLES_CODAGES)
        ajoutes = self._completer(MEMOS_CSV, MEMOS, memos, MEMOS)
        return Bilan(self.dossier, tuple(self.ecrits), len(self.fiches), len(self.projet.entretiens) - len(self.fiches),
                     codages, ajoutes, tuple(self.remarques))

    def _ecrire(self, nom: str, texte: str) -> None:
        with ecriture_atomique(self.atelier / nom) as provisoire:
            provisoire.write_text(texte, encoding="utf-8", newline="")
        self.ecrits.append(nom)

    # ---------------------------------------------------------- entretiens

    def _entretiens(self) -> None:
        admises = (*CATEGORIES, *(self.etude.reglages.categories if self.etude else ()))
        for ligne in self.projet.entretiens.to_dict("records"):
            nom = ligne["entretien"]
            if nom in self.connus:
                self._retrouver(nom, ligne["texte"])
                continue
            date = lire_date(ligne["date"].partition("T")[0])
            if date is None:
                self.remarques.append(f"{nom} : date « {ligne['date']} » illisible, laissée vide")
            fiche = Fiche(nom, self._nom_de_fichier(nom), ligne["territoire"] or SANS_TERRITOIRE, ligne["fonction"],
                          ligne["categorie"], date or "")
            if (self.dossier / "etude.toml").exists() and fiche.categorie and fiche.categorie not in admises:
                self.fautes.append(Faute("entretiens.csv", 0, f"catégorie « {fiche.categorie} » hors liste ({nom})",
                                         "ajoutez-la d'abord dans etude.toml : categories = [...]", nom))
            self._deposer(fiche, ligne["texte"])

    def _nom_de_fichier(self, nom: str) -> str:
        fichier, rang = f"entretiens/{nom}.txt", 2
        while (self.dossier / fichier).exists() or (self.atelier / fichier).exists():
            fichier, rang = f"entretiens/{nom}-{rang}.txt", rang + 1
        return fichier

    def _deposer(self, fiche: Fiche, texte: str) -> None:
        """Écrit le texte dans l'atelier, vérifie qu'il se relit à l'identique, le découpe."""
        chemin = self.atelier / fiche.fichier
        chemin.parent.mkdir(parents=True, exist_ok=True)
        marque = "\ufeff" if texte.startswith("\ufeff") else ""
        chemin.write_bytes((marque + texte).encode("utf-8"))
        self.ecrits.append(fiche.fichier)
        self.fiches[fiche.entretien] = fiche
        try:
            documents = lire(chemin, fiche.fichier)
        except ErreurEtude as erreur:
            self.fautes += [replace(faute, entretien=fiche.entretien) for faute in erreur.fautes]
            return
        if [document.texte for document in documents] != [texte]:
            self.fautes.append(Faute(fiche.fichier, 0, "ce texte ne se relit pas à l'identique une fois écrit "
                                     "(ligne étoilée « **** », octets nuls ?)", "corrigez-le dans le logiciel d'origine",
                                     fiche.entretien))
            return
        try:
            self.phrases[fiche.entretien] = lire_entretien(self.atelier, fiche).phrases
        except ErreurEtude as erreur:
            self.remarques += [f"{fiche.entretien} : {faute.message} ; {faute.remede}" for faute in erreur.fautes]

    def _retrouver(self, nom: str, texte: str) -> None:
        """Un entretien déjà dans l'étude : mêmes paroles, fins de ligne mises à part, ou faute."""
        assert self.etude is not None
        lu = self.etude.lire(self.connus[nom])
        if en_lf(lu.document.texte) != en_lf(texte):
            self.fautes.append(Faute(lu.fiche.fichier, 0, f"l'entretien « {nom} » est déjà dans l'étude, avec un autre texte",
                                     "importez dans un nouveau dossier, ou renommez l'un des deux", nom))
        self.deplacements[nom] = (Fins.de(texte), Fins.de(lu.document.texte))
        self.phrases[nom] = lu.phrases

    def _place(self, entretien: str, position: int) -> int:
        if entretien not in self.deplacements:
            return position
        depart, arrivee = self.deplacements[entretien]
        return arrivee.depuis_lf(depart.vers_lf(position))

    def _tableau_des_entretiens(self) -> None:
        if not self.fiches:
            return
        nom = "entretiens.csv"
        anciens = lire_tableau(self.dossier / nom, nom)
        if self.etude is not None and not anciens.colonnes:
            if any(fiche.section for fiche in self.etude.fiches):
                raise ErreurEtude([Faute(nom, 0, "cette étude tient plusieurs entretiens dans un fichier, sans entretiens.csv",
                                         "écrivez d'abord entretiens.csv, ou importez dans un nouveau dossier")])
            anciens = Tableau(_FICHE, [{colonne: getattr(fiche, colonne) for colonne in _FICHE} for fiche in self.etude.fiches])
        autres = self._autres_variables()
        lignes = [{**{colonne: getattr(self.fiches[ligne["entretien"]], colonne) for colonne in _FICHE},
                   **{propre: ligne[variable] for variable, propre in autres.items()}}
                  for ligne in self.projet.entretiens.to_dict("records") if ligne["entretien"] in self.fiches]
        self._ecrire(nom, ajouter_lignes(anciens, (*_FICHE, *autres.values()), lignes))

    def _autres_variables(self) -> dict[str, str]:
        """Nom de colonne, unique une fois normalisé, de chaque variable de plus."""
        prises = {*_FICHE}
        noms: dict[str, str] = {}
        for variable in self.projet.variables:
            if variable in _FICHE:
                continue
            base = propre = normaliser_cle(" ".join(variable.split())) or "variable"
            rang = 2
            while propre in prises:
                propre, rang = f"{base} {rang}", rang + 1
            prises.add(propre)
            noms[variable] = propre
        return noms

    def _territoires(self) -> None:
        """Complète territoires.csv, s'il y est ou si le projet décrit ses territoires."""
        nom = "territoires.csv"
        decrits = {t["territoire"]: t for t in self.projet.territoires.to_dict("records")}
        anciens = lire_tableau(self.dossier / nom, nom)
        if not anciens.colonnes and (not decrits or self.etude):
            return
        presents = {ligne["territoire"] for ligne in anciens.lignes}
        voulus = dict.fromkeys([*decrits, *(fiche.territoire for fiche in self.fiches.values())])
        nouveaux = [decrits.get(t, {"territoire": t, "nom": t}) for t in voulus if t not in presents]
        if nouveaux:
            self._ecrire(nom, ajouter_lignes(anciens, TERRITOIRES, nouveaux))

    def _reglages(self) -> None:
        inconnues = sorted({f.categorie for f in self.fiches.values()} - {"", *CATEGORIES})
        if (self.dossier / "etude.toml").exists() or (self.etude is not None and not inconnues):
            return
        lignes = [f"titre = {json.dumps(self.projet.titre, ensure_ascii=False)}"]
        if inconnues:
            lignes.append(f"categories = {json.dumps(inconnues, ensure_ascii=False)}")
            self.remarques.append(f"catégories ajoutées dans etude.toml : {', '.join(inconnues)}")
        self._ecrire("etude.toml", "\n".join(lignes) + "\n")

    # ---------------------------------------------------- codes et codages

    def _codes(self) -> dict[str, str]:
        """Le code de l'étude pour chaque code du projet : même identifiant et intitulé, sinon même intitulé."""
        if self.projet.grille is None:
            return {}
        if self.grille is None:
            if len(en_yaml(self.projet.grille).encode("utf-8")) > TAILLE_MAXIMALE:
                self.fautes.append(Faute("grille.yaml", 0, f"la grille importée dépasse {TAILLE_MAXIMALE // 1024} Kio",
                                         "réduisez-la, ou ses descriptions, dans le logiciel d'origine"))
            return {code.code: code.code for code in self.projet.grille}
        par_intitule = {_nu(code.intitule): code.code for code in self.grille}
        codes = {}
        employes = {*self.projet.codages["code"], *self.projet.memos["cible"][self.projet.memos["objet"] == "code"]}
        for code in self.projet.grille:
            trouve = par_intitule.get(_nu(code.intitule)) or (code.code if code.code in self.grille else "")
            if trouve:
                codes[code.code] = trouve
            elif code.code in employes:
                self.fautes.append(Faute("grille.yaml", 0, f"code « {code.code} {code.intitule} » absent de la grille de l'étude",
                                         "ajoutez-le à la grille, ou importez dans un nouveau dossier"))
            else:
                self.remarques.append(f"code « {code.code} {code.intitule} » absent de la grille de l'étude, et jamais posé : "
                                      "laissé de côté")
        return codes

    def _codages(self, codes: dict[str, str]) -> list[dict[str, str]]:
        """Une ligne par phrase couverte ; une seule, sans phrase, si le passage n'en couvre aucune."""
        lignes: list[dict[str, str]] = []
        anonymes = sans_phrase = 0
        for codage in self.projet.codages.to_dict("records"):
            entretien = codage["entretien"]
            debut, fin = (self._place(entretien, codage[borne]) for borne in ("debut", "fin"))
            couvertes = [(c.phrase, c.texte) for c in phrases_couvertes(self.phrases[entretien], debut, fin)
                         ] if entretien in self.phrases else []
            anonymes += not codage["codeur"]
            sans_phrase += not couvertes
            lignes += [{"codeur": codage["codeur"] or SANS_NOM, "entretien": entretien, "phrase": phrase,
                        "debut": str(debut), "fin": str(fin), "code": codes.get(codage["code"], codage["code"]),
                        "modalite": codage["modalite"], "texte": texte, "memo": codage["memo"].strip(),
                        "date": codage["date"]} for phrase, texte in couvertes or [("", "")]]
        if anonymes:
            self.remarques.append(f"{anonymes} codages sans auteur, mis au nom de « {SANS_NOM} »")
        if sans_phrase:
            self.remarques.append(f"{sans_phrase} codages ne couvrent aucune phrase d'enquêté : gardés dans {CODAGES_CSV} "
                                  "avec leur passage, mais ni appris ni comptés par phrase")
        return lignes

    def _memos(self, codes: dict[str, str]) -> list[dict[str, str]]:
        lignes = []
        for memo in self.projet.memos.to_dict("records"):
            bornes = (str(self._place(memo["cible"], memo[borne])) if memo["objet"] == "extrait" else ""
                      for borne in ("debut", "fin"))
            cible = codes.get(memo["cible"], memo["cible"]) if memo["objet"] == "code" else memo["cible"]
            lignes.append({**memo, "cible": cible, **dict(zip(("debut", "fin"), bornes, strict=True))})
        return lignes

    def _completer(self, nom: str, colonnes: tuple[str, ...], lignes: Iterable[dict[str, str]],
                   cles: tuple[str, ...]) -> int:
        """Ajoute au tableau les lignes qu'il n'a pas ; rend leur nombre."""
        anciens = lire_tableau(self.dossier / nom, nom)
        deja = {tuple(ligne.get(cle, "") for cle in cles) for ligne in anciens.lignes}
        nouvelles = list(_inedites(lignes, cles, deja))
        if nouvelles:
            self._ecrire(nom, ajouter_lignes(anciens, colonnes, nouvelles))
        return len(nouvelles)


def _inedites(lignes: Iterable[dict[str, str]], cles: tuple[str, ...], deja: set[tuple[str, ...]]) -> Iterator[dict[str, str]]:
    """Les lignes nouvelles ; un codage déjà là sans son passage (écrit à la main, par phrase) n'est pas redit."""
    for ligne in lignes:
        valeurs = tuple(ligne[cle].strip() for cle in cles)
        sans_passage = (*valeurs[:-2], "", "") if cles == _CLES_CODAGES and ligne["phrase"] else valeurs
        if valeurs not in deja and sans_passage not in deja:
            deja.add(valeurs)
            yield ligne


def _nu(texte: str) -> str:
    return "".join(s for s in unicodedata.normalize("NFKD", texte.casefold()) if s.isalnum())
