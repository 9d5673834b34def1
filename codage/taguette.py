"""Importer les surlignages qu'exporte Taguette : un CSV aux colonnes id, document, tag, content.

Taguette n'y écrit ni position ni auteur. Le passage est cherché dans le texte de l'étude, aux blancs et à l'écriture
des accents près ; s'il s'y trouve deux fois, rien ne dit laquelle : il est listé, pas importé. Un surlignage à
plusieurs étiquettes y tient plusieurs lignes de même id.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from codage.codes_refi import lire_noms
from codage.projet import CODAGES, ENTRETIENS, MEMOS, Projet, table
from corpus.etude import EntretienLu
from corpus.fautes import ErreurEtude
from corpus.tables_csv import lire_csv

COLONNES = ("document", "tag", "content")
CODEUR = "taguette"


def lire_taguette(chemin: Path, titre: str, entretiens: Sequence[EntretienLu]) -> Projet:
    """Lit un export de surlignages.

    Parameters
    ----------
    chemin : Path
    titre : str
        De l'étude.
    entretiens : sequence of EntretienLu
        Ceux de l'étude : un document est reconnu à l'identifiant de l'entretien ou au nom de son fichier.

    Returns
    -------
    Projet
        Les surlignages étiquetés sont des codages au nom de « taguette » ; les autres, des mémos d'extrait vides de
        code. `remarques` liste ce qui est introuvable ou ambigu, ligne par ligne.

    Raises
    ------
    ErreurEtude
        Tableau illisible, colonne absente.
    """
    lu = lire_csv(chemin, chemin.name, COLONNES)
    if lu.fautes:
        raise ErreurEtude(lu.fautes)
    par_nom = {nom.casefold(): entretien for entretien in entretiens for nom in _noms(entretien)}
    aplatis: dict[str, _Aplati] = {}
    codes = lire_noms((ligne.valeurs["tag"] for ligne in lu.lignes if ligne.valeurs["tag"]), titre)
    codages, memos, remarques = [], [], list(codes.remarques)
    for ligne in lu.lignes:
        document, tag, contenu = (ligne.valeurs[colonne] for colonne in COLONNES)
        lieu = f"{chemin.name}, ligne {ligne.ligne} : « {contenu[:60]}{'…' if len(contenu) > 60 else ''} »"
        entretien = par_nom.get(unicodedata.normalize("NFC", document).casefold())
        if entretien is None:
            remarques.append(f"{lieu} : document « {document} » inconnu de l'étude")
            continue
        nom = entretien.fiche.entretien
        places = aplatis.setdefault(nom, _Aplati(entretien.document.texte)).chercher(contenu)
        if len(places) != 1:
            remarques.append(f"{lieu} : " + (f"ambigu, {len(places)} fois dans {nom}" if places else f"introuvable dans {nom}"))
        elif tag:
            codages.append((CODEUR, nom, *places[0], *codes.poses[tag], "", ""))
        else:
            memos.append((CODEUR, "extrait", nom, *places[0], "surligné sans étiquette", ""))
    fiches = [[e.fiche.entretien, e.document.texte, *(getattr(e.fiche, c) for c in ENTRETIENS[2:])] for e in entretiens]
    return Projet(titre, codes.grille, table(ENTRETIENS, fiches), codages=table(CODAGES, codages).drop_duplicates(),
                  memos=table(MEMOS, memos), remarques=tuple(remarques))


def _noms(entretien: EntretienLu) -> list[str]:
    fichier = Path(unicodedata.normalize("NFC", entretien.fiche.fichier))
    return [entretien.fiche.entretien, fichier.name, fichier.stem]


class _Aplati:
    """Un texte sans blancs, accents décomposés, et la place de chaque signe dans le texte."""

    def __init__(self, texte: str) -> None:
        places = [(signe, place) for place, lettre in enumerate(texte) for signe in _aplatir(lettre)]
        self.texte = "".join(signe for signe, _ in places)
        self.places = [place for _, place in places]

    def chercher(self, passage: str) -> list[tuple[int, int]]:
        """Début et fin (exclue), dans le texte, de chaque occurrence du passage."""
        plat, trouvees, depart = _aplatir(passage), [], -1
        while plat and (depart := self.texte.find(plat, depart + 1)) >= 0:
            trouvees.append((self.places[depart], self.places[depart + len(plat) - 1] + 1))
        return trouvees


def _aplatir(texte: str) -> str:
    return "".join(unicodedata.normalize("NFD", texte).split())
