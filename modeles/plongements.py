"""Plongements de phrases, sans réseau et sans PyTorch.

L'encodeur est multilingual-e5-small (Wang et al., 2024, arXiv:2402.05672), réduit au français et
quantifié ; `modeles/poids/LISEZMOI.md` dit d'où viennent ses poids. onnxruntime l'exécute.

Le plongement d'un texte ne dépend que de ce texte, au bit près sur une même machine : un lot ne réunit
que des textes de même longueur (donc sans remplissage), les activations sont quantifiées jeton par
jeton, et un lot est calculé par un seul fil. On peut le mettre en cache par contenu.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import joblib
import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, TransformerMixin

from corpus.fautes import ErreurEtude, Faute
from modeles.sessions import POIDS, SEGMENTEUR, SOCLE, Ouvert, ouvrir

Reels = npt.NDArray[np.float32]
PREFIXES = ("passage", "query")
DIMENSION = 384
POSITIONS = 512
JETONS_PAR_LOT = 256  # au-delà, les activations sortent du cache du processeur
_DEBUT, _FIN = 0, 2


class _Fenetre(NamedTuple):
    texte: int
    jetons: list[int]


def _faute_de_poids(chemin: Path, message: str) -> ErreurEtude:
    remede = "réinstallez Monographies, ou refaites les poids : « python -m bancs.fabriquer_encodeur »"
    return ErreurEtude([Faute(str(chemin), 0, message, remede)])


@lru_cache(maxsize=2)
def empreintes(dossier: Path = POIDS) -> dict[str, str]:
    """Empreintes sha256 attendues des fichiers de l'encodeur.

    Raises
    ------
    ErreurEtude
        Quand `encodeur.json` manque ou ne se lit pas.
    """
    chemin = dossier / "encodeur.json"
    try:
        contenu = chemin.read_bytes()
    except OSError as erreur:
        raise _faute_de_poids(chemin, "ce fichier ne peut pas être lu") from erreur
    try:
        lues = json.loads(contenu)["empreintes"]
        return {nom: str(lues[nom]) for nom in (SOCLE, "encodeur.onnx", SEGMENTEUR)}
    except (ValueError, KeyError, TypeError) as erreur:
        raise _faute_de_poids(chemin, "la fiche de l'encodeur est abîmée") from erreur


@lru_cache(maxsize=1)
def charger_encodeur(dossier: Path = POIDS) -> Ouvert:
    """Charge l'encodeur et vérifie ses empreintes ; une fois par processus.

    Parameters
    ----------
    dossier : pathlib.Path
        Celui qui porte `encodeur.json`, `socle.onnx`, `encodeur.onnx` et `segmenteur.json`.

    Raises
    ------
    ErreurEtude
        Quand un fichier manque ou n'a pas l'empreinte attendue.
    """
    return ouvrir(dossier, "encodeur.onnx", empreintes(dossier), _faute_de_poids)


class Plongeur(TransformerMixin, BaseEstimator):  # type: ignore[misc]
    """Change des textes en plongements de norme 1.

    Les textes plus longs que `longueur_max` sont découpés en fenêtres consécutives, dont les moyennes
    sont pondérées par leur nombre de jetons : rien n'est perdu. Un texte vide a le plongement du préfixe
    seul. Les blancs du bord ne comptent pas. Les lettres d'autres alphabets que le latin sont inconnues.

    C'est un transformateur scikit-learn (`clone`, `Pipeline`, `set_output("pandas")`). Il lit des textes, non un
    tableau de nombres : de `check_estimator`, seuls les contrôles d'interface lui conviennent, comme à
    `TfidfVectorizer` ; les autres sont refaits sur des textes dans `tests/test_contrats_sklearn.py`.

    Parameters
    ----------
    prefixe : {"passage", "query"}
        Préfixe d'e5 : `passage` pour ce qu'on range, `query` pour ce qu'on cherche.
    taille_lot : int
        Nombre maximal de textes calculés ensemble. Ne change pas les plongements.
    longueur_max : int
        Nombre maximal de jetons d'une fenêtre, entre 3 et 512.
    fils : int, optional
        Nombre de fils de calcul ; par défaut, tous les cœurs. Ne change pas les plongements.
    """

    def __init__(self, prefixe: Literal["passage", "query"] = "passage", taille_lot: int = 64,
                 longueur_max: int = 256, fils: int | None = None) -> None:
        self.prefixe = prefixe
        self.taille_lot = taille_lot
        self.longueur_max = longueur_max
        self.fils = fils

    @property
    def version(self) -> str:
        """Nom court de l'encodeur, tiré de l'empreinte de ses poids."""
        reunies = "".join(empreinte for _, empreinte in sorted(empreintes().items()))
        return "e5-fr-" + hashlib.sha256(reunies.encode()).hexdigest()[:8]

    def fit(self, textes: Iterable[str], y: object = None) -> Plongeur:
        """Ne fait rien : l'encodeur est déjà appris."""
        return self

    def __sklearn_tags__(self) -> Any:
        etiquettes = super().__sklearn_tags__()
        etiquettes.input_tags.string, etiquettes.input_tags.two_d_array = True, False
        etiquettes.requires_fit = False
        return etiquettes

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def get_feature_names_out(self, input_features: object = None) -> npt.NDArray[np.object_]:
        """Noms des dimensions : `plongement0` à `plongement383`."""
        return np.array([f"plongement{i}" for i in range(DIMENSION)], dtype=object)

    def transform(self, textes: Iterable[str]) -> Reels:
        """Plonge les textes.

        Parameters
        ----------
        textes : Iterable[str]

        Returns
        -------
        numpy.ndarray de forme (n, 384), float32
            Un plongement de norme 1 par texte, dans l'ordre donné.

        Raises
        ------
        ValueError
            Quand un paramètre est hors de ses bornes.
        TypeError
            Quand `textes` est un texte seul, ou contient autre chose que des textes.
        ErreurEtude
            Quand les poids manquent ou sont abîmés.
        """
        self._verifier_les_parametres()
        if isinstance(textes, str):
            raise TypeError("transform attend une suite de textes, pas un texte seul : donnez [texte]")
        suite = list(textes)
        for rang, texte in enumerate(suite):
            if not isinstance(texte, str):
                raise TypeError(f"le texte de rang {rang} est de type {type(texte).__name__}, pas str")
        encodeur = charger_encodeur()
        fenetres = [_Fenetre(i, jetons) for i, texte in enumerate(suite)
                    for jetons in self._jetons(encodeur, texte)]
        moyennes = np.empty((len(fenetres), DIMENSION), dtype=np.float32)

        def calculer(lot: list[int]) -> None:
            entree = np.array([fenetres[i].jetons for i in lot], dtype=np.int64)
            moyennes[lot] = encodeur.session.run(["moyenne"], {"input_ids": entree})[0]

        with ThreadPoolExecutor(self.fils or joblib.cpu_count()) as equipe:
            for _ in equipe.map(calculer, self._lots(fenetres)):
                pass
        poids = np.array([len(fenetre.jetons) - 2 for fenetre in fenetres], dtype=np.float32)
        plongements = np.zeros((len(suite), DIMENSION), dtype=np.float32)
        np.add.at(plongements, [fenetre.texte for fenetre in fenetres], moyennes * poids[:, None])
        resultat: Reels = plongements / np.linalg.norm(plongements, axis=1, keepdims=True)
        return resultat

    def _verifier_les_parametres(self) -> None:
        if self.prefixe not in PREFIXES:
            raise ValueError(f"prefixe doit être l'un de {PREFIXES}, pas {self.prefixe!r}")
        if self.taille_lot < 1:
            raise ValueError(f"taille_lot doit être au moins 1, pas {self.taille_lot}")
        if not 3 <= self.longueur_max <= POSITIONS:
            raise ValueError(f"longueur_max doit être entre 3 et {POSITIONS}, pas {self.longueur_max}")
        if self.fils is not None and self.fils < 1:
            raise ValueError(f"fils doit être au moins 1, pas {self.fils}")

    def _jetons(self, encodeur: Ouvert, texte: str) -> Iterator[list[int]]:
        """Les fenêtres du texte, chacune entre ses marques de début et de fin."""
        lisible = texte.encode("utf-8", "replace").decode()  # un demi-codet isolé devient « ? »
        ids = encodeur.segmenteur.encode(f"{self.prefixe}: {lisible}", add_special_tokens=False).ids
        utile = self.longueur_max - 2
        for debut in range(0, len(ids), utile):
            yield [_DEBUT, *ids[debut : debut + utile], _FIN]

    def _lots(self, fenetres: list[_Fenetre]) -> Iterator[list[int]]:
        """Rangs de fenêtres de même longueur, des plus longues aux plus courtes."""
        par_longueur: defaultdict[int, list[int]] = defaultdict(list)
        for rang, fenetre in enumerate(fenetres):
            par_longueur[len(fenetre.jetons)].append(rang)
        for longueur in sorted(par_longueur, reverse=True):
            rangs = par_longueur[longueur]
            taille = min(self.taille_lot, max(1, JETONS_PAR_LOT // longueur))
            for debut in range(0, len(rangs), taille):
                yield rangs[debut : debut + taille]
