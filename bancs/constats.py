"""Le rang des conditions et des obstacles selon la machine, contre les codages de référence : `python -m bancs.constats`.

Sur la démonstration, machine hors apprentissage (`bancs.hors_apprentissage`). Dans chaque territoire, les codes sont
rangés par nombre d'entretiens qui les portent ; corrélation de rang de Spearman avec le même compte sur le codage de
référence. Trois comptages de la machine :

- *posés* : entretiens où elle pose le code ;
- *attendus* : entretiens attendus d'après ses confiances calibrées, Σ 1 − Π (1 − p), phrases tenues pour indépendantes
  sachant le texte ;
- *phrases* : Σ p, nombre de phrases attendu.

À côté, deux repères : le rang national des neuf autres territoires selon la référence (ce qu'on saurait sans lire le
territoire), et le second codeur (T03, T07). Deux essais de mieux faire, pour savoir ce qu'on y gagnerait :

- *étalonnés* : la probabilité qu'un entretien porte un code vient d'une régression logistique sur la plus forte confiance
  de ses phrases et la fréquence du code, apprise sur le codage de référence des neuf autres territoires ;
- *resserrés* : les attendus, tirés à moitié vers leur moyenne nationale (rétrécissement ; Fay et Herriot 1979, JASA 74).
  La moitié n'est pas réglée ; aucun codage humain n'y entre.

L'outil n'emploie ni l'un ni l'autre : le premier demande des codages de l'étude, le second efface ce qu'un territoire a
de propre.

Ce que l'outil emploie : le codage des personnes, là où il y en a (`evaluation.retenus`). Combien d'entretiens faut-il coder
dans chaque territoire ? On en tire au sort (sans remise) pour qui la référence remplace la machine, et l'on refait les
*attendus*. Écrit `bancs/resultats/constats.md` et `.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import logit
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression

from bancs.hors_apprentissage import HorsApprentissage, codages_hors_apprentissage
from corpus.references import DEMONSTRATION, charger_references

RESULTATS = Path(__file__).parent / "resultats"
CODES_A_LA_MAIN, TIRAGES = (0, 1, 2, 3, 4, 6, 8), 500
Reels = npt.NDArray[np.float64]


def par_entretien(valeurs: Reels, entretiens: npt.NDArray[np.str_], reunir: Callable[[Reels], Reels]) -> Reels:
    """Réunit les phrases de chaque entretien, puis somme les entretiens : (codes,)."""
    return np.sum([reunir(valeurs[entretiens == nom]) for nom in np.unique(entretiens)], axis=0)


def comptages(table: HorsApprentissage, ici: npt.NDArray[np.bool_]) -> dict[str, Reels]:
    """Les comptages d'un territoire, référence comprise : chacun (codes,)."""
    entretiens, p = table.entretiens[ici], table.probabilites[ici]
    return {"référence": par_entretien(table.reference[ici].astype(float), entretiens, lambda v: v.max(axis=0)),
            "posés": par_entretien(table.posees[ici].astype(float), entretiens, lambda v: v.max(axis=0)),
            "attendus": par_entretien(p, entretiens, lambda v: 1 - np.prod(1 - v, axis=0)),
            "phrases": p.sum(axis=0)}


def etalonnes(table: HorsApprentissage, territoire: str) -> Reels:
    """Entretiens attendus d'un territoire, d'après ce que valent les confiances dans les autres : (codes,)."""
    noms, rangs = np.unique(table.entretiens, return_inverse=True)
    lieux = np.array([table.territoires[rangs == rang][0] for rang in range(len(noms))])
    fortes = np.stack([table.probabilites[rangs == rang].max(axis=0) for rang in range(len(noms))])
    portes = np.stack([table.reference[rangs == rang].any(axis=0) for rang in range(len(noms))])
    appris = lieux != territoire
    frequences = (portes[appris].sum(axis=0) + 0.5) / (appris.sum() + 1)
    traits = np.stack([logit(fortes), np.broadcast_to(logit(frequences), fortes.shape)], axis=2)
    modele = LogisticRegression(C=1e6).fit(traits[appris].reshape(-1, 2), portes[appris].ravel())
    rendu: Reels = modele.predict_proba(traits[~appris].reshape(-1, 2))[:, 1].reshape(-1, len(table.codes)).sum(axis=0)
    return rendu


def codes_a_la_main(table: HorsApprentissage, graine: int = 0) -> dict[int, list[Reels]]:
    """Spearman des attendus quand n entretiens de chaque territoire sont codés à la main.

    Returns
    -------
    dict[int, list[ndarray (TIRAGES,)]]
        Par nombre d'entretiens codés, un tableau par territoire.
    """
    hasard = np.random.default_rng(graine)
    rendus: dict[int, list[Reels]] = {nombre: [] for nombre in CODES_A_LA_MAIN}
    for territoire in sorted(table.seuils):
        siens = table.territoires == territoire
        noms, rangs = np.unique(table.entretiens[siens], return_inverse=True)
        attendus = np.stack([1 - np.prod(1 - table.probabilites[siens][rangs == r], axis=0) for r in range(len(noms))])
        portes = np.stack([table.reference[siens][rangs == r].any(axis=0) for r in range(len(noms))]).astype(float)
        for nombre in CODES_A_LA_MAIN:
            tires = np.argsort(hasard.random((TIRAGES, len(noms))), axis=1) < nombre
            comptes = np.where(tires[:, :, None], portes, attendus).sum(axis=1)
            rendus[nombre].append(np.array([spearmanr(compte, portes.sum(axis=0))[0] for compte in comptes]))
    return rendus


def second_codeur(codes: list[str]) -> dict[str, float]:
    """Spearman des deux codages indépendants, par territoire codé deux fois."""
    references = charger_references(DEMONSTRATION)
    codages = references.codages.merge(references.entretiens[["entretien", "territoire"]], on="entretien")
    rendus = {}
    for territoire, siens in codages.groupby("territoire"):
        if siens["codeur"].nunique() > 1:
            comptes = siens.groupby(["codeur", "code"])["entretien"].nunique().unstack(fill_value=0)
            comptes = comptes.reindex(columns=codes, fill_value=0)
            rendus[str(territoire)] = float(spearmanr(*comptes.to_numpy()[:2])[0])
    return rendus


def principal() -> None:
    """Mesure et écrit le tableau."""
    table = codages_hors_apprentissage()
    familles = {"conditions": np.array([c.startswith("C") for c in table.codes]),
                "obstacles": np.array([c.startswith("O") for c in table.codes])}
    familles["tous"] = familles["conditions"] | familles["obstacles"]
    territoires = sorted(table.seuils)
    comptes = {t: comptages(table, table.territoires == t) for t in territoires}
    for t in territoires:
        comptes[t]["étalonnés"] = etalonnes(table, t)
        menes = {u: len(np.unique(table.entretiens[table.territoires == u])) for u in territoires}
        nationale = np.sum([comptes[u]["attendus"] for u in territoires], axis=0) / sum(menes.values())
        comptes[t]["resserrés"] = (comptes[t]["attendus"] + menes[t] * nationale) / 2
        comptes[t]["autres territoires"] = np.sum([comptes[u]["référence"] for u in territoires if u != t], axis=0)
    mesures = {nom: {famille: [float(spearmanr(comptes[t]["référence"][ici], comptes[t][nom][ici])[0]) for t in territoires]
                     for famille, ici in familles.items()} for nom in ("posés", "attendus", "phrases", "étalonnés", "resserrés",
                                                                               "autres territoires")}
    humains = second_codeur(table.codes)

    def d(valeur: float) -> str:
        return f"{valeur:.2f}".replace(".", ",")

    lignes = [f"Corrélation de rang avec le codage de référence, {len(territoires)} territoires tenus à l'écart ; "
              "`python -m bancs.constats`.", "",
              "| comptage | médiane, tous codes | médiane, conditions | médiane, obstacles | " + " | ".join(territoires) + " |",
              "| --- |" + " --- |" * (3 + len(territoires))]
    lignes += [f"| {nom} | {d(np.median(m['tous']))} | {d(np.median(m['conditions']))} | {d(np.median(m['obstacles']))} | "
               + " | ".join(map(d, m["tous"])) + " |" for nom, m in mesures.items()]
    lignes += ["", "Second codeur : " + ", ".join(f"{t} {d(v)}" for t, v in humains.items()) + ".", "",
               f"Entretiens codés à la main dans chaque territoire ({TIRAGES} tirages) : médiane des territoires, en moyenne des "
               "tirages ; entre crochets, du premier au dernier décile des tirages.", "",
               "| entretiens codés | médiane, tous codes |", "| --- | --- |"]
    medianes = {nombre: np.median(np.stack(siens), axis=0) for nombre, siens in codes_a_la_main(table).items()}
    lignes += [f"| {nombre} | {d(m.mean())} [{d(np.quantile(m, 0.1))} ; {d(np.quantile(m, 0.9))}] |"
               for nombre, m in medianes.items()]
    texte = "\n".join(lignes) + "\n"
    (RESULTATS / "constats.md").write_text(texte, encoding="utf-8")
    releve = {"territoires": territoires, "spearman": mesures, "second_codeur": humains,
              "codes_a_la_main": {str(nombre): float(m.mean()) for nombre, m in medianes.items()}}
    (RESULTATS / "constats.json").write_text(json.dumps(releve, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(texte)


if __name__ == "__main__":
    principal()
