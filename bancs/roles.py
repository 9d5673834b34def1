"""Banc : les tours de parole et les rôles, sur une étude annotée et sur ses réécritures.

    python -m bancs.roles [--dossier DOSSIER] [--sans-reecritures]

Le dossier porte `entretiens.csv`, `entretiens/` et `phrases.csv` (ou `references/phrases.csv`). Deux
mesures : telle quelle, par territoire ; puis chaque entretien réécrit dans d'autres conventions, la
plupart sans étiquette parlante, graine fixe. Un tour de référence est retrouvé quand un tour rendu a
le même début ; il est juste quand le rôle est aussi le bon. « En trop » : tours rendus qui ne
correspondent à aucun tour de référence. Aucune attente n'est réglée ici : la commande imprime.
"""

from __future__ import annotations

import argparse
import random
import re
import textwrap
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from corpus.entretien import Role
from corpus.formats import lire
from corpus.locuteurs import reperer_tours

PRENOMS = "Anouk Bastien Coline Damien Edwige Firmin Garance Hakim Ines Joris Katell Loan Maud Nils".split()
NOMS = "Arvieux Bellanger Crozon Delpech Estival Fontenoy Grandval Hossein Izard Jourdan".split()


@dataclass(frozen=True)
class Attendu:
    """Un tour de référence : sa place, son locuteur, son rôle, sa parole."""

    debut: int
    locuteur: str
    role: Role
    texte: str


@dataclass
class Compte:
    """Effectifs d'une mesure."""

    attendus: int = 0
    retrouves: int = 0
    justes: int = 0
    en_trop: int = 0

    def ajouter(self, texte: str, debut: int, attendus: Sequence[Attendu]) -> None:
        """Repère les tours d'un texte et les compare à la référence."""
        rendus = {tour.debut: tour.role for tour in reperer_tours(texte, debut).tours}
        places = {attendu.debut: attendu.role for attendu in attendus}
        self.attendus += len(places)
        self.retrouves += len(places.keys() & rendus.keys())
        self.justes += sum(rendus.get(place) == role for place, role in places.items())
        self.en_trop += len(rendus.keys() - places.keys())

    def ligne(self, nom: str) -> str:
        """Une ligne du tableau."""
        total = max(1, self.attendus)
        return (
            f"{nom:<46} {self.attendus:>6} tours   retrouvés {self.retrouves / total:7.2%}   "
            f"justes {self.justes / total:7.2%}   en trop {self.en_trop}"
        )


def charger(dossier: Path) -> dict[str, tuple[str, int, list[Attendu]]]:
    """Les entretiens d'un dossier annoté : texte, début, tours de référence."""
    chemin = dossier / "references" / "phrases.csv"
    phrases = pd.read_csv(chemin if chemin.exists() else dossier / "phrases.csv", dtype={"phrase": str})
    fichiers = pd.read_csv(dossier / "entretiens.csv").set_index("entretien")["fichier"]
    rendus = {}
    for entretien, lignes in phrases.groupby("entretien", sort=True):
        document = lire(dossier / "entretiens" / fichiers[entretien], fichiers[entretien])[0]
        texte, debut = document.texte, document.debut
        noms = {tour.debut: tour.locuteur for tour in reperer_tours(texte, debut).tours}
        attendus = []
        for _, tour in lignes.groupby("tour", sort=True):
            place, fin, role = int(tour["debut"].min()), int(tour["fin"].max()), tour["role"].iloc[0]
            attendus.append(Attendu(place, f"{role} {noms.get(place, '')}", role, texte[place:fin]))
        rendus[str(entretien)] = (texte, debut, attendus)
    return rendus


# --- Réécritures -------------------------------------------------------------------------------

Ecriture = Callable[[Sequence[Attendu], random.Random], tuple[str, list[Attendu]]]


def _assembler(
    tours: Sequence[Attendu], devant: Sequence[str], derriere: Sequence[str]
) -> tuple[str, list[Attendu]]:
    """Écrit les tours l'un après l'autre et note où commence chaque parole."""
    texte, attendus = "", []
    for tour, avant, apres in zip(tours, devant, derriere, strict=True):
        texte += avant
        attendus.append(Attendu(len(texte), tour.locuteur, tour.role, tour.texte))
        texte += tour.texte + apres
    return texte, attendus


def _par_locuteur(
    patron: str, noms: Callable[[int, random.Random], list[str]], fin: str = "\n\n"
) -> Ecriture:
    """Réécriture où chaque locuteur reçoit un nom ; `{nom}` et `{temps}` sont remplacés dans le patron."""

    def ecrire(tours: Sequence[Attendu], hasard: random.Random) -> tuple[str, list[Attendu]]:
        locuteurs = list(dict.fromkeys(tour.locuteur for tour in tours))
        tires = dict(zip(locuteurs, noms(len(locuteurs), hasard), strict=True))
        secondes, devant, derriere = 3, [], []
        for tour in tours:
            temps = f"{secondes // 60:02d}:{secondes % 60:02d}"
            devant.append(patron.format(nom=tires[tour.locuteur], temps=temps))
            secondes += max(1, len(tour.texte) // 15)
            derriere.append(fin.format(temps=f"{secondes // 60:02d}:{secondes % 60:02d}"))
        return _assembler(tours, devant, derriere)

    return ecrire


def _tires(liste: Sequence[str]) -> Callable[[int, random.Random], list[str]]:
    return lambda nombre, hasard: hasard.sample(list(liste), nombre)


def _nom_complet(nombre: int, hasard: random.Random) -> list[str]:
    paires = zip(hasard.sample(PRENOMS, nombre), hasard.sample(NOMS, nombre), strict=True)
    return [f"{prenom} {nom}" for prenom, nom in paires]


def _initiales(nombre: int, hasard: random.Random) -> list[str]:
    return [
        "".join(mot[0] for mot in nom.split()) + "X" * rang
        for rang, nom in enumerate(_nom_complet(nombre, hasard))
    ]


def _uniforme(devant: str, derriere: str) -> Ecriture:
    return lambda tours, _: _assembler(tours, [devant] * len(tours), [derriere] * len(tours))


def _selon_role(question: tuple[str, str], reponse: tuple[str, str]) -> Ecriture:
    """Réécriture où la forme dépend du rôle (un seul côté marqué)."""

    def ecrire(tours: Sequence[Attendu], _: random.Random) -> tuple[str, list[Attendu]]:
        formes = [question if tour.role == "enqueteur" else reponse for tour in tours]
        return _assembler(tours, [devant for devant, _ in formes], [derriere for _, derriere in formes])

    return ecrire


def _sans_ponctuation(suite: Ecriture) -> Ecriture:
    """Comme une reconnaissance vocale : ni points d'interrogation, ni virgules."""

    def ecrire(tours: Sequence[Attendu], hasard: random.Random) -> tuple[str, list[Attendu]]:
        nus = [
            Attendu(t.debut, t.locuteur, t.role, re.sub(r"[ \u00a0\u202f]*[?!,;…]+", "", t.texte))
            for t in tours
        ]
        return suite(
            [tour if tour.texte.strip() else vieux for tour, vieux in zip(nus, tours, strict=True)], hasard
        )

    return ecrire


def _en_paragraphes(suite: Ecriture, entre: str = "\n\n") -> Ecriture:
    """Les paroles longues sont coupées en paragraphes de trois phrases."""

    def ecrire(tours: Sequence[Attendu], hasard: random.Random) -> tuple[str, list[Attendu]]:
        coupes = []
        for tour in tours:
            phrases = re.split(r"(?<=[.!?…]) (?=[A-ZÀ-Þ])", tour.texte)
            morceaux = [" ".join(phrases[rang : rang + 3]) for rang in range(0, len(phrases), 3)]
            coupes.append(Attendu(tour.debut, tour.locuteur, tour.role, entre.join(morceaux)))
        return suite(coupes, hasard)

    return ecrire


def _a_largeur_fixe(suite: Ecriture) -> Ecriture:
    """Lignes coupées à 80 caractères, comme un PDF recopié."""

    def ecrire(tours: Sequence[Attendu], hasard: random.Random) -> tuple[str, list[Attendu]]:
        return suite(
            [Attendu(t.debut, t.locuteur, t.role, "\n".join(textwrap.wrap(t.texte, 80))) for t in tours],
            hasard,
        )

    return ecrire


def _ambigues(nombre: int, hasard: random.Random) -> list[str]:
    """E, I et R distribués au hasard, sans égard au rôle."""
    return hasard.sample(["E", "I", "R"], nombre) if nombre <= 3 else [f"E{rang}" for rang in range(nombre)]


REECRITURES: dict[str, Ecriture] = {
    "SPEAKER_00: (numéros au hasard)": _par_locuteur("SPEAKER_0{nom}: ", _tires("01234")),
    "S00: une ligne par tour": _par_locuteur("S0{nom}: ", _tires("0123"), "\n"),
    "[mm:ss] Intervenant 1 :": _par_locuteur("[{temps}] Intervenant {nom} : ", _tires("1234")),
    "Speaker 1 00:03 sur sa ligne": _par_locuteur("Speaker {nom} {temps}\n", _tires("1234")),
    "Prénom Nom   0:03 sur sa ligne": _par_locuteur("{nom}   {temps}\n", _nom_complet),
    "Locuteur 2 sur sa ligne": _par_locuteur("Locuteur {nom}\n", _tires("1234")),
    "prénoms inventés": _par_locuteur("{nom} : ", _tires(PRENOMS)),
    "prénoms, plusieurs paragraphes": _en_paragraphes(_par_locuteur("{nom}\u00a0: ", _tires(PRENOMS))),
    "prénoms, largeur fixe": _a_largeur_fixe(_par_locuteur("{nom} : ", _tires(PRENOMS), "\n")),
    "gras markdown **Prénom :**": _par_locuteur("**{nom} :** ", _tires(PRENOMS)),
    "<Prénom>": _par_locuteur("<{nom}> ", _tires(PRENOMS)),
    "Prénom. –": _par_locuteur("{nom}. – ", _tires(PRENOMS)),
    "initiales": _par_locuteur("{nom}: ", _initiales),
    "initiales et tabulation": _par_locuteur("{nom}\t", _initiales, "\n"),
    "initiales, f4 #00:01:23-4#": _par_locuteur("{nom}: ", _initiales, " #00:{temps}-4#\n"),
    "CL –": _par_locuteur("{nom} – ", _initiales),
    "CL.": _par_locuteur("{nom}. ", _initiales),
    "E, I, R tirés au hasard": _par_locuteur("{nom} : ", _ambigues),
    "mis à plat sur une ligne": _par_locuteur("{nom} : ", _tires(PRENOMS), " "),
    "SPEAKER_00 sans ponctuation": _sans_ponctuation(_par_locuteur("SPEAKER_0{nom}: ", _tires("0123"))),
    "tirets": _uniforme("— ", "\n\n"),
    "traits d'union, une ligne par tour": _uniforme("- ", "\n"),
    "tirets sans ponctuation": _sans_ponctuation(_uniforme("– ", "\n")),
    "Q : d'un seul côté": _selon_role(("Q : ", "\n\n"), ("", "\n\n")),
    "tirets aux questions seulement": _selon_role(("– ", "\n"), ("", "\n")),
    "questions en gras": _selon_role(("**", "**\n\n"), ("", "\n\n")),
    "paragraphes nus": _uniforme("", "\n\n"),
    "paragraphes nus, une ligne par tour": _uniforme("", "\n"),
    "nus, réponses en plusieurs paragraphes": _en_paragraphes(_uniforme("", "\n\n")),
    "nus, sans ponctuation": _sans_ponctuation(_uniforme("", "\n\n")),
}


def mesurer(dossier: Path, reecritures: bool = True) -> tuple[dict[str, Compte], dict[str, Compte]]:
    """Mesure un dossier annoté.

    Parameters
    ----------
    dossier : Path
    reecritures : bool
        Mesurer aussi les réécritures.

    Returns
    -------
    par_territoire : dict[str, Compte]
    par_reecriture : dict[str, Compte]
    """
    entretiens = charger(dossier)
    territoires: dict[str, Compte] = defaultdict(Compte)
    ecritures: dict[str, Compte] = defaultdict(Compte)
    for entretien, (texte, debut, attendus) in entretiens.items():
        territoires[entretien.split("-")[0]].ajouter(texte, debut, attendus)
        territoires["en tout"].ajouter(texte, debut, attendus)
        for nom, ecrire in REECRITURES.items() if reecritures else ():
            recrit, places = ecrire(attendus, random.Random(f"{nom} {entretien}"))
            ecritures[nom].ajouter(recrit, 0, places)
    territoires["en tout"] = territoires.pop("en tout")
    return dict(territoires), dict(ecritures)


def principal() -> None:
    """Imprime les deux tableaux."""
    lecteur = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    lecteur.add_argument(
        "--dossier", type=Path, default=Path(__file__).parents[1] / "corpus" / "demonstration"
    )
    lecteur.add_argument("--sans-reecritures", action="store_true")
    options = lecteur.parse_args()
    territoires, ecritures = mesurer(options.dossier, not options.sans_reecritures)
    print(f"Conventions d'origine ({options.dossier.name})")
    for nom, compte in territoires.items():
        print("  " + compte.ligne(nom))
    if ecritures:
        print("Réécritures")
        for nom, compte in ecritures.items():
            print("  " + compte.ligne(nom))


if __name__ == "__main__":
    principal()
