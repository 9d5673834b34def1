"""Les sous-titres (.vtt, .srt) : Teams, Zoom, YouTube, Whisper, noScribe…

webvtt-py lit les répliques ; ce module contrôle d'abord les lignes de temps (webvtt-py laisse tomber
sans rien dire une réplique mal formée), puis assemble les répliques en tours de parole.
"""

from __future__ import annotations

import html
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace

from corpus.encodages import decoder
from corpus.entretien import Document
from corpus.fautes import ErreurEtude, Faute
from corpus.formats_etiquettes import TIRET, etiquette

PAUSE = 2.0
"""Silence entre deux répliques sans nom au-delà duquel on change de paragraphe, en secondes."""

_TEMPS = r"(?:(\d{1,4})\s*:\s*)?(\d{1,2})\s*:\s*(\d{1,2})(?:\s*[.,]\s*(\d{1,3})\d*)?"
_LIGNE_TEMPS = re.compile(rf"\s*{_TEMPS}\s*-->\s*{_TEMPS}(?:\s.*)?", re.ASCII)
_BALISES = re.compile(
    r"</?(?:v|c|i|b|u|s|ruby|rt|lang|font|span)(?:[.\s][^<>]*)?>|<\d[\d:.]*>|\{\\[^{}]*\}", re.I
)
_VOIX = re.compile(r"<v(?:\.[^\s<>]+)*\s+([^<>]+)>")
_BLANCS = re.compile(r"[ \t\r\n\f\v]+")
_HORS_PAROLE = re.compile(r"(?:NOTE|STYLE|REGION)(?:\s|\Z)")
_PART_DEROULANTE = 0.3
_PART_ETIQUETEE = 0.8


@dataclass(frozen=True)
class _Parole:
    """Une ligne d'une réplique : qui parle (vide si la ligne ne le dit pas), ce qui est dit, quand."""

    nom: str
    texte: str
    debut: float
    fin: float
    replique: int


def lire_vtt(octets: bytes, nom: str) -> Document:
    """Lire des sous-titres WebVTT.

    Parameters
    ----------
    octets : bytes
        Contenu du fichier.
    nom : str
        Chemin relatif à l'étude, pour les messages.

    Returns
    -------
    Document
        « Nom : texte », une ligne vide entre les tours ; répliques successives d'un même locuteur
        jointes par une espace. Sans aucun nom, un paragraphe par suite de répliques sans silence de
        plus de `PAUSE` secondes ni tiret d'ouverture. Les temps sont dans `horodatages`.

    Raises
    ------
    ErreurEtude
        Ligne de temps mal formée, texte hors d'une réplique, fichier sans parole.
    """
    return _lire(octets, nom, "vtt")


def lire_srt(octets: bytes, nom: str) -> Document:
    """Lire des sous-titres SubRip ; mêmes règles que `lire_vtt`.

    Parameters
    ----------
    octets : bytes
        Contenu du fichier.
    nom : str
        Chemin relatif à l'étude, pour les messages.

    Returns
    -------
    Document

    Raises
    ------
    ErreurEtude
        Ligne de temps mal formée, texte hors d'une réplique, fichier sans parole.
    """
    return _lire(octets, nom, "srt")


def _lire(octets: bytes, nom: str, extension: str) -> Document:
    import webvtt
    from webvtt.errors import MalformedCaptionError, MalformedFileError

    texte, encodage, suppositions = decoder(octets, nom)
    lignes = [ligne.strip() for ligne in re.split(r"\r\n|\r|\n", texte)]
    # Un outil se trompe parfois d'extension : c'est la première ligne qui dit le format.
    lu = "vtt" if texte.lstrip().startswith("WEBVTT") else "srt"
    if extension == "vtt" and lu == "srt" and not any("-->" in ligne for ligne in lignes):
        raise ErreurEtude(
            [
                Faute(
                    nom,
                    1,
                    "ce n'est pas un fichier WebVTT : il ne commence pas par « WEBVTT »",
                    "Exportez de nouveau les sous-titres, ou enregistrez le texte en .txt.",
                )
            ]
        )
    canoniques = _canoniser(lignes, nom, lu)
    try:
        repliques = webvtt.WebVTT.from_buffer(canoniques, format=lu).captions
    except (MalformedFileError, MalformedCaptionError) as erreur:
        raise ErreurEtude(
            [
                Faute(
                    nom,
                    1,
                    f"sous-titres illisibles ({erreur})",
                    "Exportez de nouveau les sous-titres depuis l'outil de transcription.",
                )
            ]
        ) from erreur
    paroles: list[_Parole] = []
    for rang, replique in enumerate(repliques):
        debut, fin = _secondes(replique.start), _secondes(replique.end)
        for voix, ligne in _lignes(replique.raw_text):
            paroles.append(_Parole(voix, ligne, debut, fin, rang))
    paroles = _nommer(_sans_deroulement(paroles))
    if not paroles:
        raise ErreurEtude(
            [
                Faute(
                    nom,
                    0,
                    "le fichier n'a aucune parole",
                    "Vérifiez que la transcription a bien été enregistrée.",
                )
            ]
        )
    rendu, horodatages = _rendre(paroles)
    return Document(
        rendu, horodatages=horodatages, format=extension, encodage=encodage, suppositions=suppositions
    )


def _canoniser(lignes: list[str], nom: str, lu: str) -> list[str]:
    """Contrôler les lignes et les écrire comme webvtt-py les attend.

    Millisecondes à la virgule ou au point, heures facultatives, numéros de réplique manquants et
    lignes vides au milieu d'une réplique sont admis.
    """
    fautes: list[Faute] = []
    sortie: list[str] = []
    ouverte = False
    hors_parole = lu == "vtt"  # l'en-tête « WEBVTT … » court jusqu'à la première ligne vide
    for rang, ligne in enumerate(lignes, 1):
        vide_avant = rang == 1 or not lignes[rang - 2]
        apres = (
            lignes[rang : rang + 1] if lu == "vtt" else [autre for autre in lignes[rang : rang + 9] if autre]
        )
        annonce = bool(apres) and "-->" in apres[0] and (ligne.isdigit() if lu == "srt" else vide_avant)
        if "-->" in ligne:
            temps = _temps(ligne)
            if not temps:
                fautes.append(
                    Faute(
                        nom,
                        rang,
                        f"ligne de temps mal formée : « {ligne[:60]} »",
                        "Écrivez-la « 00:01:02.500 --> 00:01:05.000 ».",
                    )
                )
            if lu == "srt" and not (sortie and sortie[-1].isdigit()):
                sortie += ["", "1"]
            sortie.append(temps)
            ouverte, hors_parole = True, False
        elif not ligne:
            hors_parole = hors_parole and not any(sortie)
            if not ouverte:
                sortie.append("")
        elif lu == "vtt" and (hors_parole or (vide_avant and _HORS_PAROLE.match(ligne))):
            if not hors_parole:
                sortie.append("")
            hors_parole, ouverte = True, False
            sortie.append(ligne)
        elif annonce:  # numéro ou identifiant de la réplique qui suit
            sortie += ["", ligne]
            ouverte = False
        elif ouverte:
            sortie.append(ligne)
        else:
            fautes.append(
                Faute(
                    nom,
                    rang,
                    "ce texte n'appartient à aucune réplique",
                    "Mettez-le sous une ligne de temps, ou supprimez-le.",
                )
            )
    if len(fautes) > 5:  # tout le fichier est d'une autre forme : le dire une fois suffit
        fautes = [*fautes[:3], Faute(nom, 0, f"{len(fautes) - 3} autres lignes mal formées",
                                     "Exportez de nouveau les sous-titres, ou enregistrez le texte en .txt.")]
    if fautes:
        raise ErreurEtude(fautes)
    while sortie and not sortie[0]:
        sortie.pop(0)
    return sortie


def _temps(ligne: str) -> str:
    """La ligne de temps canonique, vide si elle est fausse."""
    trouve = _LIGNE_TEMPS.fullmatch(ligne)
    if not trouve:
        return ""
    bornes = []
    for rang in (0, 4):
        heures, minutes, secondes, milliemes = trouve.groups()[rang : rang + 4]
        if int(minutes) > 59 or int(secondes) > 59:
            return ""
        bornes.append(
            f"{int(heures or 0):02d}:{int(minutes):02d}:{int(secondes):02d}"
            f".{(milliemes or '0').ljust(3, '0')}"
        )
    return " --> ".join(bornes)


def _secondes(temps: str) -> float:
    heures, minutes, secondes = temps.split(":")
    return int(heures) * 3600 + int(minutes) * 60 + float(secondes)


def _lignes(brut: str) -> list[tuple[str, str]]:
    """Les lignes d'une réplique, sans balises : (voix de `<v>`, texte)."""
    morceaux = _VOIX.split(brut)
    lignes = [("", ligne) for ligne in morceaux[0].split("\n")]
    for voix, contenu in zip(morceaux[1::2], morceaux[2::2], strict=True):
        nom = _nettoyer(voix.replace(":", " "))
        lignes += [(nom, ligne) for ligne in contenu.split("\n")]
    propres = [(voix, _nettoyer(ligne)) for voix, ligne in lignes]
    return [(voix, ligne) for voix, ligne in propres if ligne]


def _nettoyer(brut: str) -> str:
    return _BLANCS.sub(" ", html.unescape(_BALISES.sub("", brut))).strip()


def _sans_deroulement(paroles: list[_Parole]) -> list[_Parole]:
    """Retirer les lignes répétées des sous-titres déroulants (chaque réplique reprend la précédente)."""
    repliques: dict[int, list[_Parole]] = {}
    for parole in paroles:
        repliques.setdefault(parole.replique, []).append(parole)
    suite = list(repliques.values())
    gardees: list[_Parole] = []
    reprises = 0
    precedentes: list[str] = []
    for replique in suite:
        textes = [parole.texte for parole in replique]
        communes = next(
            (
                nombre
                for nombre in range(min(len(textes), len(precedentes)), 0, -1)
                if precedentes[-nombre:] == textes[:nombre]
            ),
            0,
        )
        reprises += communes > 0
        gardees += replique[communes:]
        precedentes = textes
    return gardees if len(suite) > 2 and reprises >= _PART_DEROULANTE * (len(suite) - 1) else paroles


def _nommer(paroles: list[_Parole]) -> list[_Parole]:
    """Chercher « Nom : » en tête de ligne, si aucune balise `<v>` ne nomme les locuteurs.

    Un nom vaut s'il revient, ou si presque toutes les répliques en portent un : « Résultat : … »
    n'est pas un locuteur.
    """
    if any(parole.nom for parole in paroles):
        return paroles
    trouvees = [etiquette(parole.texte) for parole in paroles]
    comptes = Counter(nom for nom, _ in trouvees if nom)
    noms = {nom for nom, compte in comptes.items() if compte > 1}
    portent = {parole.replique for parole, (nom, _) in zip(paroles, trouvees, strict=True) if nom}
    part = len(portent) / len({parole.replique for parole in paroles}) if paroles else 0.0
    if part >= _PART_ETIQUETEE:
        noms = set(comptes)
    elif len(noms) < 2:
        return paroles
    nommees = []
    for parole, (nom, longueur) in zip(paroles, trouvees, strict=True):
        if nom in noms:
            parole = replace(parole, nom=nom, texte=parole.texte[longueur:])
        nommees.append(parole)
    return nommees


def _rendre(paroles: list[_Parole]) -> tuple[str, tuple[tuple[int, str], ...]]:
    """Assembler les paroles en texte ; noter où commence chaque réplique."""
    nomme = any(parole.nom for parole in paroles)
    change: Callable[[_Parole, _Parole, str], bool] = (
        (lambda avant, parole, courant: bool(parole.nom) and parole.nom != courant)
        if nomme
        else (
            lambda avant, parole, courant: parole.debut - avant.fin > PAUSE or bool(TIRET.match(parole.texte))
        )
    )
    texte = ""
    courant = ""
    horodatages: list[tuple[int, str]] = []
    for rang, parole in enumerate(paroles):
        nouveau = rang == 0 or change(paroles[rang - 1], parole, courant)
        if nouveau:
            courant = parole.nom
            texte += ("\n\n" if texte else "") + (f"{parole.nom} : " if parole.nom else "")
        elif parole.texte and not texte.endswith(" "):
            texte += " "
        if nouveau or parole.replique != paroles[rang - 1].replique:
            secondes = int(parole.debut)
            horodatages.append(
                (len(texte), f"{secondes // 3600:02d}:{secondes // 60 % 60:02d}:{secondes % 60:02d}")
            )
        texte += parole.texte
    return texte + "\n", tuple(horodatages)
