"""Écrire une grille en YAML, tel que `Grille.charger` la relit à l'identique."""

from __future__ import annotations

import json
from collections.abc import Iterator

from extraction.grille import Code, Grille

TETE = ("identifiant", "titre", "version", "langue", "description")


def en_yaml(grille: Grille) -> str:
    """La grille entière."""
    lignes = [tete_en_yaml(grille), "codes:"]
    for code in grille:
        lignes += _code(code)
    return "\n".join(lignes) + "\n"


def tete_en_yaml(grille: Grille) -> str:
    """La grille sans ses codes : identité, modalités, genres, familles, règles."""
    lignes = [f"{champ}: {_texte(getattr(grille, champ))}" for champ in TETE]
    lignes.append("modalites:")
    for modalite in grille.modalites:
        lignes += [f"  {modalite.identifiant}:", f"    intitule: {_texte(modalite.intitule)}",
                   f"    quand: {_texte(modalite.quand)}"]
    for section, blocs in (("genres", grille.genres), ("familles", grille.familles)):
        if blocs:
            lignes += [f"{section}:", *(f"  {_texte(bloc.identifiant)}: {_texte(bloc.intitule)}" for bloc in blocs)]
    if grille.regles:
        lignes += ["regles:", *(f"  - {_texte(regle)}" for regle in grille.regles)]
    return "\n".join(lignes)


def _code(code: Code) -> Iterator[str]:
    tiret = "  - "
    for champ, valeur in code.model_dump().items():
        if isinstance(valeur, str) and valeur:
            yield f"{tiret}{champ}: {_texte(valeur)}"
        elif valeur:
            yield f"    {champ}:"
            yield from (f"      - {_texte(element)}" for element in valeur)
        tiret = "    "


def _texte(texte: str) -> str:
    """Un texte entre guillemets : le JSON est un YAML, et rien n'y est pris pour autre chose qu'un texte."""
    return json.dumps(texte, ensure_ascii=False)
