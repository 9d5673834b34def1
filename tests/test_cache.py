"""Le cache par contenu."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from corpus.cache import Cache, EntreeAbimee, ecriture_atomique, empreinte


def test_empreinte_distingue_les_decoupages() -> None:
    assert empreinte("ab", "c") != empreinte("a", "bc")
    assert empreinte({"a": 1, "b": 2}) == empreinte({"b": 2, "a": 1})
    assert empreinte(b"x") == empreinte(b"x") != empreinte("x")


def test_calcule_une_fois_puis_relit(tmp_path: Path) -> None:
    cache, appels = Cache(tmp_path), []

    def calculer() -> pd.DataFrame:
        appels.append(1)
        return pd.DataFrame({"a": ["é", ""], "n": [1, 2]})

    premiere, seconde = cache.table("t", "cle", calculer), cache.table("t", "cle", calculer)
    pd.testing.assert_frame_equal(premiere, seconde)
    assert len(appels) == 1 and cache.contient("t", "cle") and not cache.contient("t", "autre")


@pytest.mark.parametrize("octets", [b"", b"n'importe quoi", b"\x93NUMPY\x01\x00"])
def test_une_entree_abimee_est_recalculee(tmp_path: Path, octets: bytes) -> None:
    cache = Cache(tmp_path)
    for chemin in (cache.chemin("t", "cle", ".parquet"), cache.chemin("t", "cle", ".npy")):
        chemin.parent.mkdir(exist_ok=True)
        chemin.write_bytes(octets)
    assert cache.table("t", "cle", lambda: pd.DataFrame({"a": [1]}))["a"].tolist() == [1]
    assert cache.tableau("t", "cle", lambda: np.array([3.0])).tolist() == [3.0]
    assert cache.tableau("t", "cle", lambda: np.array([9.0])).tolist() == [3.0]


def test_un_pickle_n_est_jamais_charge(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    chemin = cache.chemin("t", "cle", ".npy")
    chemin.parent.mkdir()
    np.save(chemin, np.array([{"piege": 1}], dtype=object), allow_pickle=True)
    assert cache.tableau("t", "cle", lambda: np.array([1.0])).tolist() == [1.0]


def test_ecriture_interrompue_ne_laisse_rien(tmp_path: Path) -> None:
    (tmp_path / "f.txt").write_text("ancien")
    with pytest.raises(RuntimeError), ecriture_atomique(tmp_path / "f.txt") as provisoire:
        provisoire.write_text("à moitié")
        raise RuntimeError("panne")
    assert (tmp_path / "f.txt").read_text() == "ancien"
    assert [chemin.name for chemin in tmp_path.iterdir()] == ["f.txt"]


def test_elaguer_garde_ce_qui_sert(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for cle in "ab":
        cache.table("t", cle, lambda: pd.DataFrame({"a": [1]}))
    assert cache.elaguer({("t", "a")}) == 1
    assert cache.contient("t", "a") and not cache.contient("t", "b")


def test_purger_efface_tout_ce_qui_ne_se_lit_plus(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    for cle in "abc":
        cache.table("t", cle, lambda: pd.DataFrame({"a": [1]}))
        cache.tableau("n", cle, lambda: np.arange(50.0))
    for chemin in (cache.chemin("t", "a", ".parquet"), cache.chemin("n", "b", ".npy")):
        chemin.write_bytes(chemin.read_bytes()[:40])
    with pytest.raises(EntreeAbimee, match="t/a.parquet"):
        cache.relire("t", "a")
    assert cache.purger() == 2
    assert [cache.contient("t", cle) for cle in "abc"] == [False, True, True]
    assert [cache.contient("n", cle) for cle in "abc"] == [True, False, True]
    assert cache.relire_tableau("n", "c").tolist() == list(np.arange(50.0))
