"""Les tableaux de transcription : une ligne par tour, une colonne par chose dite.

Word et LibreOffice servent souvent à transcrire dans un tableau « locuteur | propos », précédé au
besoin d'un numéro et d'un horodatage. On le rend « [horodatage] Locuteur : propos ». Un autre
tableau est rendu tel quel, cellules séparées par une tabulation.
"""

from __future__ import annotations

import re

from corpus.formats_etiquettes import HEURE
from corpus.formats_tete import CLES, normaliser_cle

_ENTETES = {
    **dict.fromkeys(
        (
            "locuteur",
            "locutrice",
            "locuteurs",
            "intervenant",
            "intervenante",
            "intervenants",
            "interlocuteur",
            "interlocutrice",
            "personne",
            "nom",
            "qui",
            "speaker",
            "participant",
        ),
        "locuteur",
    ),
    **dict.fromkeys(
        (
            "propos",
            "parole",
            "paroles",
            "verbatim",
            "verbatims",
            "texte",
            "transcription",
            "discours",
            "contenu",
            "enonce",
            "intervention",
            "text",
        ),
        "propos",
    ),
    **dict.fromkeys(
        ("horodatage", "temps", "heure", "minutage", "timecode", "time", "timing", "debut", "chrono"),
        "horodatage",
    ),
    **dict.fromkeys(("n", "no", "num", "numero", "ligne", "tour", "tdp", "rang", "id", "#"), "numero"),
}
_HEURE_SEULE = re.compile(rf"[\[(]?\s*{HEURE}(?:\s*(?:-->|[-–—>à])\s*{HEURE})?\s*[\])]?")
_NUMERO = re.compile(r"\d{1,5}\s*[.)]?")
_LONGUEUR_NOM = 40


def rendre_tableau(lignes: list[list[str]]) -> tuple[str, bool]:
    """Rendre un tableau en texte.

    Parameters
    ----------
    lignes : list[list[str]]
        Textes des cellules ; une cellule fusionnée compte pour une cellule suivie de cellules vides.

    Returns
    -------
    texte : str
    transcription : bool
        Vrai si le tableau a été reconnu comme des tours de parole (ou une tête `clé | valeur`).

    Notes
    -----
    Les colonnes sont reconnues à leur en-tête (« Locuteur », « Propos », « Temps », « N° »), sinon à
    leur contenu (questions à gauche et réponses à droite sont rendues « Question : », « Réponse : ») : la
    dernière est celle des propos, les autres ne contiennent que des numéros, des
    heures ou des noms courts qui reviennent. Une ligne sans locuteur continue le tour précédent. Les
    numéros et les colonnes d'un autre en-tête (« Remarques ») ne sont pas des paroles : écartés.
    """
    lignes = [[cellule.strip() for cellule in ligne] for ligne in lignes]
    lignes = [ligne for ligne in lignes if any(ligne)]
    largeur = max((len(ligne) for ligne in lignes), default=0)
    lignes = [ligne + [""] * (largeur - len(ligne)) for ligne in lignes]
    utiles = [colonne for colonne in range(largeur) if any(ligne[colonne] for ligne in lignes)]
    lignes = [[ligne[colonne] for colonne in utiles] for ligne in lignes]
    if len(utiles) < 2:
        return "\n".join("".join(ligne) for ligne in lignes), False
    if len(utiles) == 2 and _est_tete(lignes):
        return "\n".join(f"{cle.rstrip(' :')} : {valeur}" for cle, valeur in lignes) + "\n", True
    roles = _roles_entete(lignes[0])
    if roles:
        entete = lignes[0]
        lignes = [ligne for ligne in lignes if ligne != entete]
    else:
        roles = _roles_contenu(lignes)
    if not roles and len(utiles) == 2 and _est_questionnaire(lignes):
        sans_entete = lignes[1:] if _est_entete_de_questionnaire(lignes[0]) else lignes
        return "\n\n".join(f"{cote} : {cellule}" for ligne in sans_entete
                           for cote, cellule in zip(("Question", "Réponse"), ligne, strict=True) if cellule), True
    if not roles:
        return "\n".join("\t".join(ligne).rstrip() for ligne in lignes), False
    return "\n\n".join(_tours(lignes, roles)), True


def _est_entete_de_questionnaire(ligne: list[str]) -> bool:
    mots = [normaliser_cle(cellule).rstrip(" :s") for cellule in ligne]
    return mots[0] in ("question", "enqueteur", "enquetrice") and mots[1] in ("reponse", "enquete", "enquetee")


def _est_questionnaire(lignes: list[list[str]]) -> bool:
    """Questions à gauche, réponses à droite : l'en-tête le dit, ou les points d'interrogation."""
    if _est_entete_de_questionnaire(lignes[0]):
        return True
    pleines = [ligne for ligne in lignes if all(ligne)]
    gauche, droite = (sum(ligne[cote].rstrip(" \u00a0»").endswith("?") for ligne in pleines) for cote in (0, 1))
    return len(pleines) >= 3 and gauche >= 0.6 * len(pleines) and droite <= 0.3 * len(pleines)


def _est_tete(lignes: list[list[str]]) -> bool:
    cles = [normaliser_cle(ligne[0].rstrip(" :")) for ligne in lignes]
    return (
        len(set(cles)) == len(cles)
        and any(cle in CLES for cle in cles)
        and all(re.fullmatch(r"[\w'’-]+", cle) for cle in cles)
        and not _roles_entete(lignes[0])
    )


def _roles_entete(ligne: list[str]) -> list[str]:
    """Rôles dits par une ligne d'en-tête ; vide si ce n'en est pas une."""
    roles = []
    for cellule in ligne:
        mots = re.findall(r"[a-z#]+", normaliser_cle(cellule))
        roles.append(_ENTETES.get(mots[0], "") if mots and len(cellule) <= _LONGUEUR_NOM else "")
    reconnus = [role for role in roles if role]
    if "propos" not in reconnus or len(reconnus) < 2 or len(set(reconnus)) < len(reconnus):
        return []
    return roles


def _roles_contenu(lignes: list[list[str]]) -> list[str]:
    """Rôles devinés au contenu ; vide si le tableau n'est pas une transcription."""
    pleines = [ligne for ligne in lignes if sum(map(bool, ligne)) > 1]
    if not pleines:
        return []
    roles = [
        _role_colonne([ligne[rang] for ligne in pleines if ligne[rang]])
        for rang in range(len(pleines[0]) - 1)
    ]
    if "" in roles or len(set(roles)) < len(roles) or not {"locuteur", "horodatage"} & set(roles):
        return []
    return [*roles, "propos"]


def _role_colonne(cellules: list[str]) -> str:
    if not cellules:
        return ""
    if all(_NUMERO.fullmatch(cellule) for cellule in cellules):
        return "numero"
    if all(_HEURE_SEULE.fullmatch(cellule) for cellule in cellules):
        return "horodatage"
    courts = all(
        len(cellule) <= _LONGUEUR_NOM
        and "\n" not in cellule
        and cellule[-1] not in ".?!…"
        or re.fullmatch(r"\w{1,4}\.", cellule)
        for cellule in cellules
    )
    return "locuteur" if courts and len(set(cellules)) <= max(2, 0.6 * len(cellules)) else ""


def _tours(lignes: list[list[str]], roles: list[str]) -> list[str]:
    parole = roles.index("propos")
    noms = (
        {ligne[roles.index("locuteur")] for ligne in lignes if ligne[parole]}
        if "locuteur" in roles
        else set()
    )
    tours: list[str] = []
    for ligne in lignes:
        cellules = {role: cellule for role, cellule in zip(roles, ligne, strict=True) if role and cellule}
        if not ligne[parole]:
            seules = [cellule for cellule in ligne if cellule]
            if len(seules) == 1 and seules[0] not in noms and not _NUMERO.fullmatch(seules[0]):
                tours.append(seules[0])  # intertitre sur toute la largeur
            continue
        locuteur = cellules.get("locuteur", "").rstrip(" \u00a0\u202f:")
        heure = cellules.get("horodatage", "").strip("[]() ")
        if tours and not locuteur and ("locuteur" in roles or not heure):
            tours[-1] += "\n" + ligne[parole]
        else:
            etiquette = f"{locuteur} : " if locuteur else ""
            tours.append((f"[{heure}] " if heure else "") + etiquette + ligne[parole])
    return tours
