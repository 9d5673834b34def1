"""Ce qu'il y a dans la banque d'exemples, et l'accord de ses deux codages : `python -m bancs.banque`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from corpus.references import DEMONSTRATION
from evaluation.justesse import mesurer
from modeles.affinage.exemples import BANQUE, SIGNES
from modeles.exemples import codes_des_references

Ligne = tuple[str, dict[str, str]]


def lire(chemin: Path) -> list[Ligne]:
    """Les phrases d'enquêtés d'un fichier de la banque : texte, code → signe."""
    lignes = []
    for ligne in chemin.read_text(encoding="utf-8").splitlines():
        if ligne.strip() and not ligne.startswith(("## ", "? ")):
            texte, _, suite = ligne.strip().partition(" | ")
            lignes.append((texte, {mention[:-1]: mention[-1] for mention in suite.split()}))
    return lignes


def principal() -> None:
    codes = codes_des_references((DEMONSTRATION,))
    banque = {chemin: lire(chemin) for chemin in sorted(BANQUE.glob("*/*.txt"))}
    phrases = [ligne for lignes in banque.values() for ligne in lignes]
    modalites = Counter(SIGNES[signe] for _, portes in phrases for signe in portes.values())
    print(f"{len(phrases)} phrases, {sum(bool(portes) for _, portes in phrases)} codées, {modalites.total()} codages : "
          + ", ".join(f"{nombre} {nom}" for nom, nombre in modalites.most_common()))
    premiers = {texte: portes for texte, portes in phrases}
    seconds = [ligne for ligne in lire(BANQUE / "double_codage.txt") if ligne[0] in premiers]
    y = [np.array([[code in portes for code in codes] for portes in cotes])
         for cotes in ([premiers[texte] for texte, _ in seconds], [portes for _, portes in seconds])]
    accord = mesurer(*y, [str(rang) for rang in range(len(seconds))], codes)
    paires = [(premiers[texte][code], signe) for texte, portes in seconds for code, signe in portes.items()
              if code in premiers[texte]]
    print(f"Double codage de {len(seconds)} phrases : κ par (phrase, code) {accord.kappa.valeur:.2f} "
          f"[{accord.kappa.bas:.2f} ; {accord.kappa.haut:.2f}], phrase codée ou non {accord.kappa_phrase.valeur:.2f} ; "
          f"même modalité {np.mean([a == b for a, b in paires]):.2f} de {len(paires)} codages communs")


if __name__ == "__main__":
    principal()
