"""Un dossier d'étude, ouvert : ses entretiens et leurs tables.

Examples
--------
>>> from corpus.etude import Etude
>>> etude = Etude.ouvrir("corpus/demonstration")
>>> etude.titre
"Cités de l'emploi : étude de démonstration (fictive)"
>>> etude.entretiens.columns.tolist()
['entretien', 'fichier', 'territoire', 'fonction', 'categorie', 'date', 'mots']
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import pandas as pd

from corpus.affichages import Affichage, CodeMontre, montrer_entretien, montrer_etude
from corpus.entretien import Document, Tour
from corpus.fautes import ErreurEtude, Faute
from corpus.fiches import Fiche
from corpus.formats import lire
from corpus.inventaire import Inventaire, dresser_inventaire
from corpus.locuteurs import reperer_tours
from corpus.phrases import tableau_phrases
from corpus.questionnaire import Questionnaire, lire_questionnaire
from corpus.reglages import Etiquettes, Reglages, lire_reglages

COLONNES_TOURS = ("entretien", "tour", "locuteur", "role", "debut", "fin", "horodatage", "texte")


@dataclass(frozen=True)
class EntretienLu:
    """Un entretien lu et découpé.

    Attributes
    ----------
    fiche : Fiche
    document : Document
    tours : pandas.DataFrame
        Colonnes de `COLONNES_TOURS`.
    phrases : pandas.DataFrame
        Colonnes entretien, tour, phrase, role, debut, fin, texte.
    suppositions : tuple[str, ...]
        Ce que la lecture et le repérage des locuteurs ont supposé.
    """

    fiche: Fiche
    document: Document
    tours: pd.DataFrame
    phrases: pd.DataFrame
    suppositions: tuple[str, ...]

    def surligner(self, mentions: pd.DataFrame, grille: Iterable[CodeMontre] = ()) -> Affichage:
        """L'entretien et ses mentions, à montrer dans un carnet (voir `corpus.affichages.montrer_entretien`)."""
        return montrer_entretien(self, mentions, grille)

    def _repr_html_(self) -> str:
        return montrer_entretien(self).html


def lire_entretien(dossier: Path, fiche: Fiche, etiquettes: Etiquettes = Etiquettes()) -> EntretienLu:
    """Lit un entretien, repère ses tours et le découpe en phrases.

    Parameters
    ----------
    dossier : Path
        Le dossier d'étude.
    fiche : Fiche
    etiquettes : Etiquettes
        Étiquettes de locuteurs dont le rôle est imposé.

    Raises
    ------
    ErreurEtude
        Fichier absent, illisible, vide, chiffré ; entretien sans parole d'enquêté.
    """
    try:
        documents = lire(dossier / fiche.fichier, fiche.fichier)
    except ErreurEtude as erreur:
        raise ErreurEtude(Faute(**{**asdict(faute), "entretien": fiche.entretien})
                          for faute in erreur.fautes) from erreur
    if fiche.section >= len(documents):
        raise ErreurEtude([Faute(fiche.fichier, 0, f"entretien n° {fiche.section + 1} absent du fichier",
                                 "vérifiez les lignes étoilées du corpus", fiche.entretien)])
    document = documents[fiche.section]
    reperage = reperer_tours(document.texte, document.debut, document.horodatages,
                             etiquettes.enqueteurs, etiquettes.enquetes)
    tours = _tableau_tours(fiche.entretien, reperage.tours)
    phrases = tableau_phrases(fiche.entretien, reperage.tours)
    if not (phrases["role"] == "enquete").any():
        raise ErreurEtude([Faute(fiche.fichier, 0, "aucune parole d'enquêté reconnue",
                                 "dites qui parle dans etude.toml, section [locuteurs]", fiche.entretien)])
    return EntretienLu(fiche, document, tours, phrases,
                       (*_ecarts_de_tete(fiche, document), *document.suppositions, *reperage.suppositions))


def _ecarts_de_tete(fiche: Fiche, document: Document) -> list[str]:
    """Ce que la tête du fichier dit autrement que le tableau, qui l'emporte."""
    annonce = document.metadonnees.get("id") or document.metadonnees.get("entretien")
    if fiche.ligne and annonce and annonce != fiche.entretien:
        return [f"la tête du fichier dit « id: {annonce} », entretiens.csv dit « {fiche.entretien} » : "
                "entretiens.csv l'emporte"]
    return []


def _tableau_tours(entretien: str, tours: tuple[Tour, ...]) -> pd.DataFrame:
    lignes = [{"entretien": entretien, **asdict(tour)} for tour in tours]
    return pd.DataFrame(lignes, columns=list(COLONNES_TOURS)).astype(
        {"tour": "int64", "debut": "int64", "fin": "int64"})


class Etude:
    """Un dossier d'étude.

    S'obtient par `Etude.ouvrir`. Les tableaux et les réglages sont lus à l'ouverture ; les textes le
    sont à la première demande d'une table.

    Attributes
    ----------
    dossier : Path
    reglages : Reglages
    inventaire : Inventaire
    """

    def __init__(self, dossier: Path, reglages: Reglages, inventaire: Inventaire) -> None:
        self.dossier = dossier
        self.reglages = reglages
        self.inventaire = inventaire

    @classmethod
    def ouvrir(cls, dossier: str | Path) -> Etude:
        """Ouvre un dossier d'étude.

        Parameters
        ----------
        dossier : str or Path

        Returns
        -------
        Etude
            Les fautes qui n'empêchent pas d'ouvrir sont dans `fautes`.

        Raises
        ------
        ErreurEtude
            Dossier absent, sans entretien, ou tableau illisible.
        """
        chemin = Path(dossier)
        if not chemin.is_dir():
            message = "c'est un fichier, pas un dossier d'étude" if chemin.exists() else "ce dossier d'étude n'existe pas"
            raise ErreurEtude([Faute(str(dossier), 0, message, "donnez le chemin du dossier d'étude")])
        reglages = Reglages()
        fautes: list[Faute] = []
        try:
            reglages, fautes_reglages = lire_reglages(chemin)
            fautes.extend(fautes_reglages)
        except ErreurEtude as erreur:
            fautes.extend(erreur.fautes)
        try:
            inventaire = dresser_inventaire(chemin, reglages.categories)
        except ErreurEtude as erreur:
            raise ErreurEtude([*fautes, *erreur.fautes]) from erreur
        annonces = {fiche.entretien for fiche in inventaire.fiches}
        fautes.extend(Faute("etude.toml", 0, f"[locuteurs.entretiens] nomme un entretien inconnu : « {inconnu} »",
                            "employez un identifiant d'entretien de l'étude")
                      for inconnu in reglages.locuteurs_entretiens if inconnu not in annonces)
        complet = Inventaire(inventaire.fiches, inventaire.territoires, (*fautes, *inventaire.fautes),
                             inventaire.suppositions)
        return cls(chemin, reglages, complet)

    @property
    def titre(self) -> str:
        """Le titre donné par etude.toml, sinon le nom du dossier."""
        return self.reglages.titre or self.dossier.resolve().name

    @property
    def fautes(self) -> tuple[Faute, ...]:
        """Les fautes des réglages et des tableaux (les textes se contrôlent par `verifier`)."""
        return self.inventaire.fautes

    @property
    def fiches(self) -> tuple[Fiche, ...]:
        return self.inventaire.fiches

    def lire(self, fiche: Fiche) -> EntretienLu:
        """Lit un entretien de l'étude (voir `lire_entretien`)."""
        return lire_entretien(self.dossier, fiche, self.reglages.etiquettes(fiche.entretien))

    def verifier(self, codes: Collection[str] | None = None) -> list[Faute]:
        """Contrôle tout le dossier : réglages, tableaux, textes et questionnaire.

        Parameters
        ----------
        codes : Collection[str], optional
            Codes de la grille, que le questionnaire peut viser ; None pour ne pas les contrôler.

        Returns
        -------
        list[Faute]
            Toutes les fautes, dans l'ordre des fichiers et des lignes ; vide si tout va bien.
        """
        fautes = set(self.fautes)
        for fiche in self.fiches:
            if not (fiche.fichier and (self.dossier / fiche.fichier).is_file()):
                continue  # déjà dit par l'inventaire
            try:
                self.lire(fiche)
            except ErreurEtude as erreur:
                fautes.update(erreur.fautes)
        try:
            self.questionnaire(codes)
        except ErreurEtude as erreur:
            fautes.update(erreur.fautes)
        return sorted(fautes)

    @cached_property
    def _lus(self) -> tuple[EntretienLu, ...]:
        lus, fautes = [], list(self.fautes)
        for fiche in self.fiches:
            try:
                lus.append(self.lire(fiche))
            except ErreurEtude as erreur:
                fautes.extend(erreur.fautes)
        if fautes:
            raise ErreurEtude(sorted(set(fautes)))
        return tuple(lus)

    @property
    def entretiens(self) -> pd.DataFrame:
        """Table des entretiens : entretien, fichier, territoire, fonction, categorie, date, mots."""
        return tableau_entretiens([(lu.fiche, compter_mots(lu.phrases)) for lu in self._lus])

    @cached_property
    def tours(self) -> pd.DataFrame:
        """Table des tours : entretien, tour, locuteur, role, debut, fin, horodatage, texte."""
        return pd.concat([lu.tours for lu in self._lus], ignore_index=True)

    @cached_property
    def phrases(self) -> pd.DataFrame:
        """Table des phrases : entretien, tour, phrase, role, debut, fin, texte."""
        return pd.concat([lu.phrases for lu in self._lus], ignore_index=True)

    @cached_property
    def territoires(self) -> pd.DataFrame:
        """Table des territoires : territoire, nom, echelle, porteur, annee (textes)."""
        return pd.DataFrame(list(self.inventaire.territoires),
                            columns=["territoire", "nom", "echelle", "porteur", "annee"])

    def questionnaire(self, codes: Collection[str] | None = None) -> Questionnaire | None:
        """Le questionnaire de l'étude (voir `corpus.questionnaire.lire_questionnaire`) ; None si elle n'en a pas.

        Parameters
        ----------
        codes : Collection[str], optional
            Codes de la grille ; None pour ne pas les contrôler.

        Raises
        ------
        ErreurEtude
            Toutes les fautes du questionnaire.
        """
        territoires = [territoire["territoire"] for territoire in self.inventaire.territoires]
        return lire_questionnaire(self.dossier, codes, territoires, self.reglages.questionnaire.get("marges", ()))

    def _repr_html_(self) -> str:
        return montrer_etude(self).html

    def __repr__(self) -> str:
        return (f"Etude({self.titre!r}, {len(self.fiches)} entretiens, "
                f"{len(self.inventaire.territoires)} territoires, {len(self.fautes)} fautes)")


def compter_mots(phrases: pd.DataFrame) -> int:
    """Nombre de mots de toutes les phrases, enquêteur compris : suites sans blanc qui ont une lettre ou un chiffre."""
    return int(phrases["texte"].str.count(r"\S*\w\S*").sum())


def tableau_entretiens(fiches: list[tuple[Fiche, int]]) -> pd.DataFrame:
    """Table des entretiens à partir de couples (fiche, nombre de mots)."""
    colonnes = ["entretien", "fichier", "territoire", "fonction", "categorie", "date", "mots"]
    return pd.DataFrame([{**asdict(fiche), "mots": mots} for fiche, mots in fiches], columns=colonnes)
