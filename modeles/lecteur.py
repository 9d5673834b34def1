"""Le lecteur : l'encodeur affiné sur des entretiens codés, qui note chaque phrase pour chaque code.

multilingual-e5-small (Wang et al. 2024, arXiv:2402.05672), réduit au français et affiné par
`modeles.affinage` ; onnxruntime l'exécute, sans réseau et sans PyTorch. `modeles/poids/LISEZMOI.md` dit
d'où viennent ses poids. Une fenêtre d'entretien est calculée à la fois : ce que vaut une phrase ne dépend
que de son entretien.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from corpus.fautes import ErreurEtude, Faute
from modeles.fenetres import assembler, decouper, lisible, regards, segmenter_propos
from modeles.sessions import POIDS, ouvrir

Reels = npt.NDArray[np.float32]
MODALITES = ("presente", "absente", "hypothetique")
REMEDE = "réinstallez Monographies, ou refaites les poids : « python -m modeles.affinage.apprendre »"
CACHE = np.float32(-50)
"""Ce qu'on ajoute à l'accord de deux jetons qui ne se regardent pas : assez pour n'y rien laisser, pas assez pour que le
softmax rende des nombres dénormalisés, que le processeur multiplie très lentement."""
_MOT = re.compile(r"\w+")


@dataclass(frozen=True)
class Notes:
    """Ce que le lecteur pense d'un entretien.

    Attributes
    ----------
    codes : ndarray (phrases, codes), float32
        Log-cotes ; celles des phrases de l'enquêteur n'ont pas de sens.
    modalites : ndarray (phrases, codes, 3), float32
        Log-cotes des modalités, dans l'ordre de `MODALITES`, si le code est porté.
    jetons : tuple d'ndarray (jetons, codes), float32
        Par phrase, ce que chaque jeton vaut pour chaque code : la note d'une phrase en est la moyenne.
    """

    codes: Reels
    modalites: Reels
    jetons: tuple[Reels, ...]


class Lecteur:
    """Le lecteur livré.

    Parameters
    ----------
    dossier : pathlib.Path
        Celui qui porte `lecteur.json`, `socle.onnx`, `lecteur.onnx` et `segmenteur.json`.
    fils : int
        Fenêtres calculées en même temps. Ne change pas les notes.

    Attributes
    ----------
    codes : tuple[str, ...]
    fiche : dict
        Le contenu de `lecteur.json`.

    Raises
    ------
    ErreurEtude
        Quand un fichier manque ou n'a pas l'empreinte attendue.
    """

    def __init__(self, dossier: Path = POIDS, fils: int = 1) -> None:
        self.dossier = dossier
        self.fils = fils
        self.fiche = _lire_fiche(dossier)
        self.codes = tuple(self.fiche["codes"])
        self._segmenteur, self._session = ouvrir(dossier, "lecteur.onnx", self.fiche["empreintes"], faute_du_codeur)

    def noter(self, phrases: pd.DataFrame, fonction: str = "") -> Notes:
        """Note les phrases d'un entretien.

        Parameters
        ----------
        phrases : pandas.DataFrame de n lignes
            Colonnes role et texte ; un entretien entier, enquêteur compris, dans l'ordre du texte.
        fonction : str
            Fonction de l'enquêté, si on la connaît.

        Returns
        -------
        Notes
            De n phrases.
        """
        propos = segmenter_propos(self._segmenteur, phrases, fonction)
        fenetres = decouper(propos)
        nombre = len(self.codes)
        moyennes = np.zeros((len(propos.phrases), nombre + len(MODALITES) * (nombre + 1)), dtype=np.float32)
        jetons: list[Reels] = [np.zeros((0, nombre), dtype=np.float32)] * len(propos.phrases)

        def calculer(rang: int) -> None:
            entree = assembler(propos, fenetres[rang])
            masque = np.where(regards(entree.phrases, entree.questions), 0, CACHE).astype(np.float32)
            notes = self._session.run(["notes"], {
                "input_ids": entree.ids[None], "roles": entree.roles[None], "masque": masque[None, None]})[0]
            for phrase, (debut, fin) in enumerate(entree.bornes, start=fenetres[rang].premiere):
                moyennes[phrase] = notes[debut:fin].mean(axis=0)
                jetons[phrase] = notes[debut:fin, :nombre]

        with ThreadPoolExecutor(self.fils) as equipe:
            for _ in equipe.map(calculer, range(len(fenetres))):
                pass
        codes, communes, propres = np.split(moyennes, [nombre, nombre + len(MODALITES)], axis=1)
        return Notes(codes, communes[:, None, :] + propres.reshape(-1, nombre, len(MODALITES)), tuple(jetons))

    def preuves(self, textes: Sequence[str], jetons: Sequence[Reels], nombre: int = 3,
                ecartes: Collection[str] = ()) -> list[str]:
        """Les mots de chaque phrase qui ont le plus pesé pour un code.

        Parameters
        ----------
        textes : Sequence[str]
        jetons : Sequence[ndarray (jetons,)]
            Ce que chaque jeton de la phrase vaut pour le code (une colonne de `Notes.jetons`).
        nombre : int, default=3
        ecartes : Collection[str]
            Mots, en minuscules, qui ne font une preuve que s'il n'y en a pas d'autre.

        Returns
        -------
        list[str]
            Mots tels qu'ils sont écrits, dans l'ordre de la phrase, séparés par « ; ». Seuls comptent les
            mots de plus de trois lettres et les sigles, au-dessus de la moyenne de la phrase.
        """
        preuves = []
        for texte, valeurs, lue in zip(textes, jetons, self._segmenteur.encode_batch(
                [lisible(texte) for texte in textes], add_special_tokens=False), strict=True):
            moyenne = float(valeurs.mean())
            forces = []
            for mot in _MOT.finditer(lisible(texte)):
                if len(mot.group()) <= 3 and not (mot.group().isupper() and len(mot.group()) > 1):
                    continue
                siens = [float(valeur) for (debut, fin), valeur in zip(lue.offsets, valeurs, strict=False)
                         if debut < mot.end() and fin > mot.start()]
                if siens and max(siens) > moyenne:
                    forces.append((max(siens), mot.start(), mot.group()))
            pleins = [force for force in forces if force[2].lower() not in ecartes] or forces
            retenus = sorted(sorted(pleins, key=lambda f: (-f[0], f[1]))[:nombre], key=lambda f: f[1])
            preuves.append("; ".join(dict.fromkeys(mot for *_, mot in retenus)))
        return preuves


def faute_du_codeur(chemin: Path, message: str) -> ErreurEtude:
    """L'erreur à lever quand un fichier du codeur machine n'est pas bon."""
    return ErreurEtude([Faute(str(chemin), 0, message, REMEDE)])


@lru_cache(maxsize=2)
def _lire_fiche(dossier: Path) -> dict[str, Any]:
    chemin = dossier / "lecteur.json"
    try:
        fiche: dict[str, Any] = json.loads(chemin.read_text(encoding="utf-8"))
        if not {"codes", "empreintes", "version", "grille"} <= set(fiche):
            raise ValueError("clés manquantes")
    except (OSError, ValueError, TypeError) as erreur:
        raise faute_du_codeur(chemin, f"la fiche du codeur machine ne se lit pas ({erreur})") from erreur
    return fiche
