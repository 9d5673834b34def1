"""Les constats, comptés à la main."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from evaluation.regards import NATIONAL, croiser
from restitution.constats import constater, convergences, divergences, en_tete, voix_isolees

CODES = [SimpleNamespace(code=c, intitule=c, definition="", genre=g, famille="", couleur="") for c, g in
         (("C1", "condition"), ("C2", "condition"), ("C3", "condition"), ("O1", "obstacle"), ("O2", "obstacle"))]
ENTRETIENS = pd.DataFrame({"entretien": list("abcdef"), "categorie": ["etat", "etat", "spe", "social", "habitant", ""]})
MENTIONS = pd.DataFrame([
    # C1 : présente en a (deux phrases), b, c, d ; absente en a aussi. 4 contre 1 : plutôt réunie.
    ("a", "p1", "C1", "presente"), ("a", "p2", "C1", "presente"), ("a", "p3", "C1", "absente"), ("b", "p1", "C1", "presente"),
    ("c", "p1", "C1", "presente"), ("d", "p1", "C1", "presente"),
    # C2 : trois catégories la nient, une l'affirme : 3 contre 1, plutôt manquante, et disputée.
    ("a", "p1", "C2", "absente"), ("c", "p1", "C2", "absente"), ("d", "p1", "C2", "absente"), ("e", "p1", "C2", "presente"),
    # C3 : un seul entretien.
    ("f", "p1", "C3", "presente"),
    # O1 : surtout redouté ; ailleurs : ignoré.
    *[(e, "p9", "O1", "hypothetique") for e in "abc"], ("d", "p9", "O1", "presente"), ("ailleurs", "p1", "O1", "presente"),
    # O2 : trois entretiens d'une même catégorie ne suffisent pas ; ici deux, d'une seule.
    ("a", "p8", "O2", "presente"), ("b", "p8", "O2", "presente"),
], columns=["entretien", "phrase", "code", "modalite"])


def test_les_comptes_et_les_avis() -> None:
    c1, c2, c3, o1, o2 = constats = constater(MENTIONS, ENTRETIENS, CODES)
    assert (c1.sur, c1.entretiens, c1.phrases, c1.presente, c1.absente, c1.hypothetique) == (6, 4, 6, 4, 1, 0)
    assert [(p.categorie, p.menes, p.presente, p.absente, p.penche) for p in c1.positions] == [
        ("État", 2, 2, 1, "presente"), ("Service public de l’emploi", 1, 1, 0, "presente"),
        ("Action sociale", 1, 1, 0, "presente")]
    assert [c.avis for c in constats] == ["presente", "absente", "", "hypothetique", ""]
    assert [c.avis_en_clair for c in (c1, c2, o1)] == ["plutôt réunie", "plutôt manquante", "surtout redouté"]
    assert [c.nettete for c in constats] == [4, 3, 1, 3, 2]
    assert o1.presente == 1 and c3.positions[0].categorie == "Non précisée"


def test_points_de_vue() -> None:
    constats = constater(MENTIONS, ENTRETIENS, CODES)
    assert [c.code for c in convergences(constats)] == ["C1"]
    assert [c.code for c in divergences(constats)] == ["C2"]
    assert [c.code for c in voix_isolees(constats)] == ["C3", "O2"]
    assert [c.code for c in en_tete(constats, 2)] == ["C1", "C2"]


def test_un_avis_partage_et_un_genre_inconnu() -> None:
    mentions = pd.DataFrame([(e, "p1", "X", "presente" if e in "ab" else "absente") for e in "abcd"],
                            columns=["entretien", "phrase", "code", "modalite"])
    (x,) = constater(mentions, ENTRETIENS, [SimpleNamespace(code="X", intitule="X", definition="", genre="autre", famille="",
                                                            couleur="")])
    assert x.avis == "" and x.avis_en_clair == "trop peu évoqué"  # deux contre deux : pas trois qui affirment la même chose
    mentions = pd.DataFrame([(e, "p1", "X", m) for e, m in zip("abcdef", ["presente", "absente"] * 3, strict=True)],
                            columns=mentions.columns)
    (x,) = constater(mentions, ENTRETIENS, [SimpleNamespace(code="X", intitule="X", definition="", genre="autre", famille="",
                                                            couleur="")])
    assert x.avis == "partage" and x.avis_en_clair == "avis partagés"


def test_les_documents_et_les_tables_disent_le_meme_avis_et_le_meme_accord() -> None:
    """Une seule définition : à chaque échelle, `constater` et `croiser` concluent pareil."""
    hasard = np.random.default_rng(7)
    entretiens = pd.DataFrame([(f"E{i}", f"T{i % 3}", ("etat", "spe", "association", "habitant")[i % 4]) for i in range(40)],
                              columns=["entretien", "territoire", "categorie"])
    codes = [SimpleNamespace(code=f"C{i}", intitule="", definition="", genre="condition", famille="", couleur="")
             for i in range(30)]
    modalites = ["presente", "absente", "hypothetique"]
    lignes = [(e, "p1", code.code, hasard.choice(modalites, p=[0.4, 0.3, 0.3]))
              for rang, code in enumerate(codes) for e in entretiens["entretien"] if hasard.random() < rang / 60]
    mentions = pd.DataFrame(lignes, columns=["entretien", "phrase", "code", "modalite"])
    regards, positions = croiser(mentions, entretiens, [code.code for code in codes])
    vus = set()
    for portee, siens in regards.groupby("portee"):
        national = portee == NATIONAL
        choisis = entretiens if national else entretiens[entretiens["territoire"] == portee]
        constats = constater(mentions, choisis, codes, national)
        assert [(c.code, c.avis, c.accord) for c in constats] == list(
            siens[["code", "avis", "accord"]].itertuples(index=False, name=None))
        assert [len(c.positions) for c in constats] == siens["categories"].tolist()
        vus |= set(siens["avis"]) | set(siens["accord"])
    assert vus == {"presente", "absente", "partage", "hypothetique", "", "convergence", "divergence"}
