"""Ouvrir les réseaux livrés : lire leurs fichiers, vérifier leurs empreintes, les donner à onnxruntime.

Les deux réseaux partagent les plongements de mots et leurs premières couches, rangés une fois dans
`socle.onnx`. Un fichier ONNX est un message Protocol Buffers : deux messages mis bout à bout n'en font qu'un,
dont les listes se suivent (https://protobuf.dev/programming-guides/encoding/#last-one-wins). Le socle suivi
d'un réseau est donc un réseau complet.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from corpus.fautes import ErreurEtude

POIDS = Path(__file__).parent / "poids"
SOCLE, SEGMENTEUR = "socle.onnx", "segmenteur.json"


class Ouvert(NamedTuple):
    """Le segmenteur (`tokenizers`) et la session d'onnxruntime."""

    segmenteur: Any
    session: Any


def ouvrir(dossier: Path, reseau: str, empreintes: Mapping[str, str],
           faute: Callable[[Path, str], ErreurEtude]) -> Ouvert:
    """Ouvre un réseau livré et son segmenteur.

    Parameters
    ----------
    dossier : Path
    reseau : str
        Nom du fichier du réseau, sans son socle.
    empreintes : Mapping[str, str]
        Nom de fichier → sha256 attendu, pour le socle, le segmenteur et le réseau.
    faute : fonction
        Fait d'un chemin et d'un message l'erreur à lever.

    Raises
    ------
    ErreurEtude
        Quand un fichier manque ou n'a pas l'empreinte attendue.
    """
    contenus = {nom: lire_verifie(dossier / nom, empreintes.get(nom), faute) for nom in (SOCLE, SEGMENTEUR, reseau)}
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session = onnxruntime.InferenceSession(contenus[SOCLE] + contenus[reseau], options,
                                           providers=["CPUExecutionProvider"])
    return Ouvert(Tokenizer.from_str(contenus[SEGMENTEUR].decode()), session)


def lire_verifie(chemin: Path, empreinte: str | None, faute: Callable[[Path, str], ErreurEtude]) -> bytes:
    """Les octets d'un fichier, s'ils ont l'empreinte attendue ; sinon lève la faute."""
    try:
        octets = chemin.read_bytes()
    except OSError as erreur:
        raise faute(chemin, "ce fichier ne peut pas être lu") from erreur
    if hashlib.sha256(octets).hexdigest() != empreinte:
        raise faute(chemin, "ce fichier n'a pas l'empreinte attendue")
    return octets
