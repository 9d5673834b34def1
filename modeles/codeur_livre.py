"""Le codeur machine livré : un lecteur affiné et un étage lexical, le second étage qui les réunit et calibre.

Ses fichiers, dans `modeles/poids/` : `socle.onnx` et `lecteur.onnx` (le réseau), `segmenteur.json`, `lexical.npz` (l'étage
lexical), `modalite_lexicale.npz` (celui de la modalité), `lecteur.json` (la fiche : codes, grille, version, second étage,
entretiens appris, empreintes),
`appris.npz` (empreintes des phrases apprises). Aucun pickle ; chaque empreinte est vérifiée au chargement.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpus.cache import ecriture_atomique
from modeles.contexte import mettre_en_contexte
from modeles.etage_lexical import EtageLexical
from modeles.lecteur import MODALITES, Lecteur, faute_du_codeur
from modeles.modalite_lexicale import EtageModalite, reunir
from modeles.sessions import POIDS, SEGMENTEUR, SOCLE, lire_verifie
from modeles.suite import SecondEtage

FORMAT = 6
LETTRES_D_UNE_PHRASE_LONGUE = 30
PART_RECONNUE = 0.2


class Doute(NamedTuple):
    """Confiances entre lesquelles un code est à relire : en dessous c'est non, au-dessus c'est oui."""

    bas: float
    haut: float


DOUTE = Doute(0.15, 0.5)

Booleens = npt.NDArray[np.bool_]
Reels = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Codage:
    """Ce que le codeur pense des n phrases d'enquêtés d'un entretien.

    Attributes
    ----------
    probabilites : ndarray (n, codes)
        Probabilité calibrée que la phrase porte le code.
    modalites : ndarray (n, codes) de textes
        La modalité la plus probable si la phrase porte le code.
    jetons : tuple d'ndarray (jetons, codes)
        Ce que chaque jeton de la phrase vaut pour chaque code.
    """

    probabilites: Reels
    modalites: npt.NDArray[np.str_]
    jetons: tuple[npt.NDArray[np.float32], ...]


@dataclass(frozen=True)
class CodeurLivre:
    """Le codeur machine et sa carte d'identité.

    Attributes
    ----------
    lecteur : Lecteur
    lexical : EtageLexical
    modalite : EtageModalite
    etage : SecondEtage
    version : str
        Nom sous lequel il signe ses mentions (« machine:<version> »).
    grille : str
        Identifiant de la grille apprise.
    appris : Mapping[str, str]
        Empreinte des propos de chaque entretien appris → son nom.
    phrases_apprises : frozenset[int]
        Empreintes des phrases longues apprises.
    """

    lecteur: Lecteur
    lexical: EtageLexical
    modalite: EtageModalite
    etage: SecondEtage
    version: str
    grille: str
    appris: Mapping[str, str]
    phrases_apprises: frozenset[int]

    @property
    def codes(self) -> tuple[str, ...]:
        """Les codes appris."""
        return self.lecteur.codes

    @property
    def seuil(self) -> float:
        """Probabilité à partir de laquelle un code est posé."""
        return self.etage.seuil

    def connait(self, propos: Iterable[str]) -> bool:
        """L'entretien a-t-il servi à apprendre ?

        Un entretien retouché depuis l'apprentissage est reconnu à ses phrases : il suffit qu'un cinquième
        de ses phrases longues aient été apprises.
        """
        phrases = list(propos)
        if empreinte_propos(phrases) in self.appris:
            return True
        cles = {cle for texte in phrases if (cle := empreinte_phrase(texte)) is not None}
        return bool(cles) and len(cles & self.phrases_apprises) >= PART_RECONNUE * len(cles)

    def coder(self, phrases: pd.DataFrame, fonction: str = "") -> Codage:
        """Code un entretien.

        Parameters
        ----------
        phrases : pandas.DataFrame
            Colonnes entretien, tour, role, texte ; un entretien entier, enquêteur compris, dans l'ordre.
        fonction : str
            Fonction de l'enquêté, si on la connaît.

        Returns
        -------
        Codage
            Des phrases d'enquêtés, dans l'ordre.
        """
        enquete = (phrases["role"] == "enquete").to_numpy()
        if not enquete.any():
            return Codage(np.zeros((0, len(self.codes))), np.zeros((0, len(self.codes)), dtype="<U12"), ())
        notes = self.lecteur.noter(phrases, fonction)
        jeux = [notes.codes[enquete].astype(np.float64), self.lexical.noter(mettre_en_contexte(phrases))]
        probabilites = self.etage.probabilites(jeux, phrases[enquete])
        modalites = reunir(notes.modalites[enquete], self.modalite.noter(list(phrases.loc[enquete, "texte"])))
        return Codage(probabilites, np.array(MODALITES)[modalites],
                      tuple(jetons for jetons, garde in zip(notes.jetons, enquete, strict=True) if garde))


def empreinte_propos(textes: Iterable[str]) -> str:
    """Empreinte de ce que disent les enquêtés d'un entretien, quel que soit le format du fichier.

    Seules comptent les lettres et les chiffres, en minuscules : le même entretien en .txt, en .docx ou
    découpé autrement a la même empreinte.
    """
    lettres = "".join(signe for texte in textes for signe in texte.casefold() if signe.isalnum())
    return hashlib.sha256(lettres.encode()).hexdigest()[:32]


def empreinte_phrase(texte: str) -> int | None:
    """Empreinte sur 48 bits des lettres et chiffres d'une phrase ; None si elle en a moins de trente."""
    lettres = "".join(signe for signe in texte.casefold() if signe.isalnum())
    if len(lettres) < LETTRES_D_UNE_PHRASE_LONGUE:
        return None
    return int.from_bytes(hashlib.sha256(lettres.encode()).digest()[:6], "big")


def ecrire_codeur(dossier: Path, reseau: bytes, lexical: EtageLexical, modalite: EtageModalite, etage: SecondEtage,
                  codes: Iterable[str], grille: str, propos: Mapping[str, list[str]]) -> str:
    """Écrit le codeur dans un dossier qui porte déjà le socle et le segmenteur ; rend sa version.

    Parameters
    ----------
    dossier : Path
    reseau : bytes
        Le graphe ONNX, sans ce que porte le socle.
    lexical : EtageLexical
    modalite : EtageModalite
    etage : SecondEtage
    codes : Iterable[str]
        Dans l'ordre des notes.
    grille : str
        Identifiant de la grille apprise.
    propos : Mapping[str, list[str]]
        Nom de chaque entretien appris → ses phrases d'enquêtés.
    """
    longues = sorted({cle for textes in propos.values() for texte in textes
                      if (cle := empreinte_phrase(texte)) is not None})
    contenus = {"lecteur.onnx": reseau, "lexical.npz": _en_npz(lexical.en_tableaux()),
                "modalite_lexicale.npz": _en_npz(modalite.en_tableaux()),
                "appris.npz": _en_npz({"phrases": np.array(longues, dtype=np.uint64)})}
    empreintes = {nom: hashlib.sha256(octets).hexdigest() for nom, octets in contenus.items()}
    empreintes |= {nom: hashlib.sha256((dossier / nom).read_bytes()).hexdigest() for nom in (SOCLE, SEGMENTEUR)}
    second = {"poids": etage.poids.tolist(), "frequences": etage.frequences.tolist(), "seuil": etage.seuil}
    version = "lecteur-" + hashlib.sha256(json.dumps([empreintes, second]).encode()).hexdigest()[:8]
    fiche = {"format": FORMAT, "version": version, "grille": grille, "codes": list(codes), "second_etage": second,
             "empreintes": empreintes,
             "appris": {empreinte_propos(textes): nom for nom, textes in sorted(propos.items())}}
    for nom, octets in contenus.items():
        with ecriture_atomique(dossier / nom) as provisoire:
            provisoire.write_bytes(octets)
    with ecriture_atomique(dossier / "lecteur.json") as provisoire:
        provisoire.write_text(json.dumps(fiche, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return version


def _en_npz(tableaux: Mapping[str, Any]) -> bytes:
    tampon = io.BytesIO()
    np.savez_compressed(tampon, allow_pickle=False, **tableaux)
    return tampon.getvalue()


def _lire_npz(chemin: Path, empreinte: str) -> dict[str, Any]:
    octets = lire_verifie(chemin, empreinte, faute_du_codeur)
    with np.load(io.BytesIO(octets), allow_pickle=False) as tableaux:
        return {nom: tableaux[nom] for nom in tableaux.files}


def charger_codeur(dossier: Path = POIDS, fils: int = 1) -> CodeurLivre:
    """Charge le codeur livré.

    Raises
    ------
    ErreurEtude
        Fichier absent, format inconnu, ou empreinte qui ne correspond pas.
    """
    lecteur = Lecteur(dossier, fils)
    fiche: dict[str, Any] = lecteur.fiche
    if fiche.get("format") != FORMAT:
        raise faute_du_codeur(dossier / "lecteur.json", f"format {fiche.get('format')!r} inconnu de cette version")
    lexical, modalite, appris = (_lire_npz(dossier / nom, fiche["empreintes"][nom])
                                 for nom in ("lexical.npz", "modalite_lexicale.npz", "appris.npz"))
    phrases = frozenset(appris["phrases"].tolist())
    second = fiche["second_etage"]
    etage = SecondEtage(np.array(second["poids"]), np.array(second["frequences"]), second["seuil"])
    return CodeurLivre(lecteur, EtageLexical.des_tableaux(lexical), EtageModalite.des_tableaux(modalite), etage,
                       fiche["version"], fiche["grille"], fiche["appris"], phrases)
