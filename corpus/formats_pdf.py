"""Les PDF, lus avec pypdfium2 : lignes recollées en paragraphes, un tour par paragraphe.

Un PDF ne dit ni où finit un paragraphe ni si un trait d'union de fin de ligne est une césure. On le
déduit de la mise en page :

- un saut de ligne est *voulu* quand le premier mot de la ligne suivante aurait tenu sur la ligne ;
- un interligne nettement plus grand que l'ordinaire sépare deux paragraphes ;
- une ligne qui s'ouvre par un horodatage, ou par une étiquette « Nom : » vue ailleurs après un saut
  voulu, ouvre un paragraphe, même après une ligne pleine ; un tiret aussi, après une fin de phrase ;
- sinon, la ligne continue la précédente.

Limites : colonnes, tableaux et notes de bas de page sont rendus dans l'ordre du PDF.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from statistics import median
from typing import Any

from corpus.cesures import recoller
from corpus.encodages import nature
from corpus.entretien import Document
from corpus.fautes import ErreurEtude, Faute
from corpus.formats_etiquettes import HORODATAGE, TIRET, etiquette
from corpus.formats_tete import CLES, normaliser_cle
from corpus.formats_zip import chiffre, corrompu

_SORTE = "PDF"
_FOLIO = re.compile(r"(?:page|p\.?)?\s*[-–—]?\s*\d{1,4}(?:\s*(?:/|sur|de)\s*\d{1,4})?\s*[-–—]?", re.I)
_FIN_DE_PHRASE = re.compile(r"[.!?…»”\")\]]\s*\Z")
# Un guillemet ouvrant ne finit pas une ligne ; un signe double ou un guillemet fermant n'en commence pas.
_PREMIER_MOT = re.compile(r"(?:[«“] )?[^ ]+(?: [?!:;»%€][^ ]*)*")
_GRAND_INTERLIGNE = 1.25
_MEME_HAUTEUR = 3.0


@dataclass
class _Ligne:
    """Une ligne imprimée ; positions en points, l'origine en bas à gauche de la page."""

    page: int
    texte: str
    hauteur: float
    droite: float
    premier_mot: float
    cesure: bool


def lire_pdf(octets: bytes, nom: str) -> Document:
    """Lire un PDF.

    Parameters
    ----------
    octets : bytes
        Contenu du fichier.
    nom : str
        Chemin relatif à l'étude, pour les messages.

    Returns
    -------
    Document
        Paragraphes recollés ; numéros de page, en-têtes et pieds de page répétés retirés ; ligatures
        défaites et lettres accentuées composées.

    Raises
    ------
    ErreurEtude
        PDF chiffré, corrompu, ou sans texte (image scannée).
    """
    import pypdfium2

    if b"%PDF" not in octets[:1024]:
        contenu = nature(octets)
        raise corrompu(nom, _SORTE, f"il contient {contenu}" if contenu else "")
    try:
        pdf = pypdfium2.PdfDocument(octets)
        pages = [_lignes(page, rang) for rang, page in enumerate(pdf)]
        pdf.close()
    except pypdfium2.PdfiumError as erreur:
        if "password" in str(erreur).lower():
            raise chiffre(nom) from erreur
        raise corrompu(nom, _SORTE, erreur) from erreur
    if not any(pages):
        raise ErreurEtude(
            [
                Faute(
                    nom,
                    0,
                    "le PDF n'a pas de texte : ce sont des images (document scanné)",
                    "Passez-le d'abord à la reconnaissance de caractères (OCR), "
                    "ou demandez le fichier d'origine.",
                )
            ]
        )
    muettes = [str(rang) for rang, page in enumerate(pages, 1) if not page]
    suppositions: tuple[str, ...] = ("les fins de paragraphe ont été déduites de la mise en page du PDF",)
    if muettes:
        suppositions += (f"pages sans texte (images ?) : {', '.join(muettes)}",)
    return Document(_recoller(_sans_marges(pages)), format="pdf", suppositions=suppositions)


def _lignes(page: Any, rang: int) -> list[_Ligne]:
    """Les lignes imprimées d'une page, dans l'ordre du PDF."""
    import ctypes

    import pypdfium2.raw as pdfium

    texte = page.get_textpage()
    x, y = ctypes.c_double(), ctypes.c_double()
    bords = [ctypes.c_double() for _ in range(4)]
    lignes: list[_Ligne] = []
    signes: list[str] = []
    boites: list[tuple[float, float]] = []
    hauteurs: list[float] = []

    def clore(cesure: bool) -> None:
        contenu = "".join(signes)
        if contenu.strip():
            debut = len(contenu) - len(contenu.lstrip())
            mot = _PREMIER_MOT.match(contenu, debut)
            fin = (mot.end() if mot else len(contenu)) - 1
            droite = max(bord for (_, bord), signe in zip(boites, signes, strict=True) if not signe.isspace())
            lignes.append(
                _Ligne(
                    rang,
                    _composer(contenu).strip(),
                    median(hauteurs),
                    droite,
                    boites[fin][1] - boites[debut][0],
                    cesure,
                )
            )
        for liste in (signes, boites, hauteurs):
            liste.clear()

    total = texte.count_chars()
    espace_ajoutee = False
    for i in range(total):
        code = pdfium.FPDFText_GetUnicode(texte, i)
        if code in (10, 13):
            clore(False)
            continue
        signe = (
            chr(code) if code not in (0, 0xFFFE) and code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        )
        cesure = (
            code in (2, 0xFFFE)
            or pdfium.FPDFText_IsHyphen(texte, i) == 1
            or (
                code == 45
                and espace_ajoutee
                and i + 1 < total
                and pdfium.FPDFText_GetUnicode(texte, i + 1) in (10, 13)
            )
        )
        if not cesure and (not signe or unicodedata.category(signe) == "Cc"):
            continue
        if not pdfium.FPDFText_IsGenerated(texte, i) and pdfium.FPDFText_GetCharOrigin(texte, i, x, y):
            hauteurs.append(y.value)
        if pdfium.FPDFText_GetCharBox(texte, i, *bords) and bords[1].value > bords[0].value:
            boites.append((bords[0].value, bords[1].value))
        else:
            boites.append(boites[-1] if boites else (x.value, x.value))
        if cesure and len(signes) > 1 and espace_ajoutee:  # l'espace d'une ligne étirée, pas du texte
            signes.pop()
            boites.pop()
        espace_ajoutee = signe == " " and pdfium.FPDFText_IsGenerated(texte, i) == 1
        signes.append("-" if cesure else signe)
        if not hauteurs:
            hauteurs.append(y.value)
        if cesure:
            clore(True)
    clore(False)
    return lignes


def _composer(texte: str) -> str:
    """Défaire les ligatures (« ﬁ ») et composer les lettres accentuées."""
    defait = re.sub(
        "[\ufb00-\ufb06]", lambda ligature: unicodedata.normalize("NFKC", ligature.group()), texte
    )
    return unicodedata.normalize("NFC", defait)


def _sans_marges(pages: list[list[_Ligne]]) -> list[_Ligne]:
    """Retirer numéros de page, en-têtes et pieds de page.

    Est en marge ce qui se répète (chiffres mis à part) à la même hauteur sur la moitié des pages au
    moins, ou un numéro seul en bas, et qu'un blanc sépare du corps de la page.
    """
    reperes: Counter[tuple[str, int]] = Counter()
    for page in pages:
        reperes.update({_repere(ligne) for ligne in page[:2] + page[-2:]})
    seuil = max(2, (sum(map(bool, pages)) + 1) // 2)
    gardees: list[_Ligne] = []
    for page in pages:
        blanc = _GRAND_INTERLIGNE * _interligne_minimal(page)
        debut = _marge(page, reperes, seuil, blanc)
        fin = len(page) - _marge(page[debut:][::-1], reperes, seuil, blanc)
        if (
            fin - debut > 1
            and _FOLIO.fullmatch(page[fin - 1].texte)
            and (page[fin - 2].hauteur - page[fin - 1].hauteur > 2 * blanc)
        ):
            fin -= 1
        gardees += page[debut:fin]
    return gardees


def _marge(page: list[_Ligne], reperes: Counter[tuple[str, int]], seuil: int, blanc: float) -> int:
    """Combien de lignes, deux au plus, sont en marge au début de cette suite de lignes."""
    for nombre in (2, 1):
        if (
            len(page) >= nombre
            and all(_en_marge(ligne, reperes, seuil) for ligne in page[:nombre])
            and (len(page) == nombre or abs(page[nombre - 1].hauteur - page[nombre].hauteur) > blanc)
        ):
            return nombre
    return 0


def _repere(ligne: _Ligne) -> tuple[str, int]:
    return re.sub(r"\d+", "0", ligne.texte), round(ligne.hauteur / _MEME_HAUTEUR)


def _en_marge(ligne: _Ligne, reperes: Counter[tuple[str, int]], seuil: int) -> bool:
    motif, hauteur = _repere(ligne)
    return sum(reperes[motif, hauteur + ecart] for ecart in (-1, 0, 1)) >= seuil


def _interligne_minimal(page: list[_Ligne]) -> float:
    ecarts = [haut.hauteur - bas.hauteur for haut, bas in zip(page, page[1:], strict=False)]
    return min((ecart for ecart in ecarts if ecart > 1), default=0.0)


def _recoller(lignes: list[_Ligne]) -> str:
    """Joindre les lignes en paragraphes."""
    if not lignes:
        return ""
    droite = max(ligne.droite for ligne in lignes)
    paires = list(zip(lignes, lignes[1:], strict=False))
    # La marge n'est connue qu'à un signe près : la ligne la plus longue ne la touche pas toujours.
    pleines = [
        haut.cesure or haut.droite + 3 * _espace(bas) + bas.premier_mot > droite for haut, bas in paires
    ]
    ecarts = [haut.hauteur - bas.hauteur if haut.page == bas.page else 0.0 for haut, bas in paires]
    ordinaires = [ecart for ecart, pleine in zip(ecarts, pleines, strict=True) if pleine and ecart > 1]
    interligne = median(ordinaires) if ordinaires else min((e for e in ecarts if e > 1), default=1.0)
    voulus = [
        ecart > _GRAND_INTERLIGNE * interligne or ecart < 0 or not pleine
        for ecart, pleine in zip(ecarts, pleines, strict=True)
    ]
    connues = {etiquette(_sans_heure(lignes[0].texte))[0]} | {
        etiquette(_sans_heure(bas.texte))[0] for (_, bas), voulu in zip(paires, voulus, strict=True) if voulu
    }
    lexique = frozenset(re.findall(r"[\w'’-]+", " ".join(ligne.texte for ligne in lignes).casefold()))
    texte = lignes[0].texte
    for rang, (haut, bas) in enumerate(paires):
        grand = ecarts[rang] > _GRAND_INTERLIGNE * interligne or ecarts[rang] < 0
        if grand or (haut.page != bas.page and voulus[rang]):
            texte += "\n\n" + bas.texte
        elif voulus[rang] or _ouvre(bas.texte, haut.texte, connues - {""}):
            texte += "\n" + bas.texte
        elif haut.cesure or re.search(r"\w-\Z", haut.texte):
            texte = recoller(texte, bas.texte, lexique)
        else:
            texte += " " + bas.texte
    return texte + "\n"


def _espace(ligne: _Ligne) -> float:
    """Largeur approchée d'une espace, en points : la moitié d'un signe moyen de cette ligne."""
    return 0.5 * ligne.premier_mot / max(1, len(ligne.texte.split(" ")[0]))


def _sans_heure(texte: str) -> str:
    horodatage = HORODATAGE.match(texte)
    return texte[horodatage.end() :].lstrip(" -–—:\u00a0") if horodatage else texte


def _ouvre(texte: str, precedente: str, connues: set[str]) -> bool:
    """Cette ligne ouvre-t-elle un paragraphe, bien que la précédente soit pleine ?"""
    if re.match(r"[\[(]\s*\d", texte) and HORODATAGE.match(texte):
        return True
    if TIRET.match(texte) and _FIN_DE_PHRASE.search(precedente):
        return True
    cle = re.match(r"([^\W\d_]+)\s?:", texte)
    if cle and normaliser_cle(cle.group(1)) in CLES and re.match(r"[^\W\d_]+\s?:", precedente):
        return True
    return etiquette(_sans_heure(texte))[0] in connues
