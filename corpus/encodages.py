"""Reconnaître l'encodage d'un fichier en texte, sans jamais changer le texte.

On essaie dans l'ordre : la marque d'ordre des octets (BOM), UTF-16 sans marque (reconnu à ses octets
nuls), UTF-8, puis les encodages à un octet d'avant Unicode. Windows-1252 et Mac-Roman se distinguent
par ce qu'ils donneraient à lire : on ne retient Mac-Roman que si Windows-1252 rend beaucoup de signes
étrangers au français et que Mac-Roman n'en rend aucun.
"""

from __future__ import annotations

import codecs
import re

from corpus.fautes import ErreurEtude, Faute

_MARQUES = (
    (codecs.BOM_UTF8, "utf-8", "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32-le", "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be", "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le", "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be", "utf-16-be"),
)
_FRANCAIS = frozenset(
    "àâäæçéèêëîïôöœùûüÿÀÂÄÆÇÉÈÊËÎÏÔÖŒÙÛÜŸáíóúñ«»‹›“”„‘’‚–—…•·°€£§²³½¼¾×±©®™\u00a0\u202f\u00ad"
)
_COMMANDES = re.compile("[\x01-\x08\x0e-\x19\x1b-\x1f\x7f]")
_SIGNATURES = (
    (b"PK\x03\x04", "une archive (document Word, OpenDocument ou zip)"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "un ancien document Office (.doc, .xls)"),
    (b"%PDF", "un PDF"),
    (b"{\\rtf", "un document RTF"),
    (b"\x89PNG", "une image PNG"),
    (b"\xff\xd8\xff", "une image JPEG"),
    (b"ID3", "un enregistrement MP3"),
    (b"RIFF", "un enregistrement audio ou vidéo"),
)


def nature(octets: bytes) -> str:
    """Dire ce que contient un fichier d'après ses premiers octets.

    Parameters
    ----------
    octets : bytes
        Le début du fichier (huit octets suffisent).

    Returns
    -------
    str
        Groupe nominal à montrer (« un PDF »), vide si rien n'est reconnu.
    """
    return next((nom for signature, nom in _SIGNATURES if octets.startswith(signature)), "")


def decoder(octets: bytes, nom: str) -> tuple[str, str, tuple[str, ...]]:
    """Décoder un fichier en texte.

    Parameters
    ----------
    octets : bytes
        Le contenu du fichier.
    nom : str
        Chemin relatif à l'étude, pour les messages.

    Returns
    -------
    texte : str
        Le texte à l'identique : fins de ligne, insécables et apostrophes gardées, pas de
        normalisation Unicode ; seule la marque d'ordre des octets est retirée.
    encodage : str
        `utf-8`, `utf-8-sig`, `utf-16-le`, `utf-16-be`, `utf-32-le`, `utf-32-be`, `cp1252` ou
        `mac_roman`.
    suppositions : tuple[str, ...]
        Vide quand l'encodage est sûr.

    Raises
    ------
    ErreurEtude
        Octets qui ne sont pas du texte, ou texte abîmé.
    """
    contenu = nature(octets)
    if contenu:
        raise _faute(
            nom,
            f"le fichier contient {contenu}, pas du texte",
            "Donnez-lui l'extension de son vrai format, ou exportez-le en texte.",
        )
    texte, encodage, suppositions = _decoder_brut(octets, nom)
    commandes = _COMMANDES.findall(texte)
    if "\0" in texte or len(commandes) > max(2, len(texte) // 200):
        raise _faute(
            nom,
            "le fichier contient des octets qui ne sont pas du texte",
            "Vérifiez que c'est bien une transcription, puis enregistrez-la en texte UTF-8.",
        )
    return texte, encodage, suppositions


def _decoder_brut(octets: bytes, nom: str) -> tuple[str, str, tuple[str, ...]]:
    for marque, codec, encodage in _MARQUES:
        if octets.startswith(marque):
            try:
                return octets[len(marque) :].decode(codec), encodage, ()
            except UnicodeDecodeError as erreur:
                ligne = 0 if codec != "utf-8" else octets[: len(marque) + erreur.start].count(b"\n") + 1
                raise _faute(
                    nom,
                    f"le fichier s'annonce en {codec.upper()} mais ses octets ne le sont pas",
                    "Ouvrez-le dans l'outil qui l'a produit et enregistrez-le en UTF-8.",
                    ligne,
                ) from erreur
    if b"\0" in octets:
        sans_marque = _utf16_sans_marque(octets)
        if sans_marque:
            return (
                octets.decode(sans_marque),
                sans_marque,
                (f"encodage reconnu sans marque : {sans_marque.upper()}",),
            )
        raise _faute(
            nom,
            "le fichier contient des octets nuls : ce n'est pas du texte",
            "Vérifiez que c'est bien une transcription, puis enregistrez-la en texte UTF-8.",
        )
    try:
        return octets.decode("utf-8"), "utf-8", ()
    except UnicodeDecodeError as erreur:
        justes = sum(ord(signe) > 127 for signe in octets.decode("utf-8", errors="ignore"))
        faux = octets.decode("utf-8", errors="replace").count("\ufffd")
        if justes > 2 * faux:  # un texte d'avant Unicode ne contient presque jamais d'UTF-8 juste
            ligne = octets[: erreur.start].count(b"\n") + 1
            raise _faute(
                nom,
                "le fichier est en UTF-8, mais des octets y sont abîmés",
                "Corrigez la ligne (ou retapez ses accents), puis enregistrez en UTF-8.",
                ligne,
            ) from erreur
        return _un_octet(octets, nom)


def _utf16_sans_marque(octets: bytes) -> str:
    """`utf-16-le`, `utf-16-be`, ou vide si les octets nuls ne dessinent pas de l'UTF-16 latin."""
    if len(octets) % 2:
        return ""
    moitie = len(octets) // 2
    nuls_pairs, nuls_impairs = octets[0::2].count(0), octets[1::2].count(0)
    if nuls_impairs > 0.5 * moitie and nuls_pairs == 0:
        candidat = "utf-16-le"
    elif nuls_pairs > 0.5 * moitie and nuls_impairs == 0:
        candidat = "utf-16-be"
    else:
        return ""
    try:
        octets.decode(candidat)
    except UnicodeDecodeError:
        return ""
    return candidat


def _etrangers(octets: bytes, codec: str) -> float:
    """Part des signes non ASCII que le français n'emploie pas, une fois les octets lus ainsi."""
    signes = [signe for signe in octets.decode(codec, errors="replace") if ord(signe) > 127]
    return sum(signe not in _FRANCAIS for signe in signes) / len(signes)


def _part_de_texte(octets: bytes) -> float:
    """Part des octets qui sont des lettres, des blancs ou de la ponctuation ASCII."""
    return sum(32 <= octet < 127 or octet in b"\t\r\n" for octet in octets) / len(octets)


def _un_octet(octets: bytes, nom: str) -> tuple[str, str, tuple[str, ...]]:
    if min(_etrangers(octets, "cp1252"), _etrangers(octets, "mac_roman")) > 0.5 and _part_de_texte(octets) < 0.8:
        raise _faute(nom, "les octets de ce fichier ne sont pas du texte",
                     "Vérifiez que c'est bien une transcription, puis enregistrez-la en texte UTF-8.")
    if _etrangers(octets, "cp1252") > 0.3 and _etrangers(octets, "mac_roman") == 0:
        codec, clair = "mac_roman", "Mac-Roman"
    else:
        codec, clair = "cp1252", "Windows-1252"
    try:
        texte = octets.decode(codec)
    except UnicodeDecodeError as erreur:
        ligne = octets[: erreur.start].count(b"\n") + 1
        raise _faute(
            nom,
            "encodage inconnu : ni UTF-8, ni UTF-16, ni Windows-1252",
            "Ouvrez le fichier dans l'outil qui l'a produit et enregistrez-le en UTF-8.",
            ligne,
        ) from erreur
    return texte, codec, (f"encodage supposé : {clair} (le fichier n'est pas en UTF-8)",)


def _faute(nom: str, message: str, remede: str, ligne: int = 0) -> ErreurEtude:
    return ErreurEtude([Faute(nom, ligne, message, remede)])
