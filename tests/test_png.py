"""Les dessins mis en points : relus point par point."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest

from restitution.dessins import barres
from restitution.dessins_constats import Dits, barres_des_constats
from restitution.png import en_png, textes_de_remplacement
from restitution.svg import Disque, Rectangle, Texte, Trait, rendre

ROUGE, BLEU = (163, 25, 91), (31, 78, 140)


def points(png: bytes) -> np.ndarray:
    """Un PNG relu sans bibliothèque d'images : contrôle des sommes, puis points rouge, vert, bleu."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    morceaux, position = {}, 8
    while position < len(png):
        taille, nom = struct.unpack(">I4s", png[position:position + 8])
        contenu = png[position + 8:position + 8 + taille]
        assert struct.unpack(">I", png[position + 8 + taille:position + 12 + taille])[0] == zlib.crc32(nom + contenu)
        morceaux[nom] = contenu
        position += 12 + taille
    large, haut, bits, sorte = struct.unpack(">IIBB", morceaux[b"IHDR"][:10])
    assert (bits, sorte) == (8, 2)
    lignes = np.frombuffer(zlib.decompress(morceaux[b"IDAT"]), dtype=np.uint8).reshape(haut, 1 + 3 * large)
    assert not lignes[:, 0].any()
    return lignes[:, 1:].reshape(haut, large, 3)


def test_chaque_marque_est_a_sa_place() -> None:
    marques = [Rectangle(10, 20, 30, 10, "#1f4e8c"), Disque(80, 25, 10, "#a3195b"), Trait(((10, 50), (90, 50)), "#1f4e8c", 4.0)]
    png, largeur, hauteur = en_png(rendre((100, 60), "Titre", "Texte", marques), 2.0)
    vus = points(png)
    assert (largeur, hauteur) == (100, 60) and vus.shape == (120, 200, 3)
    for (x, y), couleur in (((25, 25), BLEU), ((11, 21), BLEU), ((80, 25), ROUGE), ((87, 25), ROUGE), ((50, 50), BLEU),
                            ((8, 25), (255, 255, 255)), ((88, 33), (255, 255, 255)), ((50, 56), (255, 255, 255))):
        assert tuple(vus[2 * y, 2 * x]) == couleur, (x, y)


def bornes(texte: Texte) -> tuple[int, int]:
    """Première et dernière colonnes encrées."""
    encre = (points(en_png(rendre((200, 40), "t", "d", [texte]), 1.0)[0]) < 200).any(axis=(0, 2)).nonzero()[0]
    return int(encre[0]), int(encre[-1])


def test_les_textes_sont_cales_a_gauche_au_milieu_ou_a_droite() -> None:
    gauche, fin = bornes(Texte(100, 20, "Été à l’œuvre"))
    assert 99 <= gauche <= 103 and 160 < fin < 195
    debut, droite = bornes(Texte(100, 20, "Été à l’œuvre", ancre="end"))
    assert 97 <= droite <= 101 and droite - debut == pytest.approx(fin - gauche, abs=2)
    a, b = bornes(Texte(100, 20, "Été à l’œuvre", ancre="middle"))
    assert (a + b) / 2 == pytest.approx(100, abs=2)
    maigre, grasse = (np.ptp(bornes(Texte(10, 20, "Conditions", gras=gras))) for gras in (False, True))
    assert grasse > maigre


def test_les_signes_hors_du_latin_ne_manquent_pas_a_l_image() -> None:
    assert bornes(Texte(10, 20, "−5"))[1] > 15 and bornes(Texte(10, 20, "字🚌"))[1] > 15


def test_meme_dessin_memes_octets_et_texte_de_remplacement() -> None:
    svg = barres(["Un & <deux>", "Trois"], [3, -1.5], "Titre : « ceci »", "Lecture")
    assert en_png(svg) == en_png(svg)
    titre, texte = textes_de_remplacement(svg)
    assert titre == "Titre : « ceci »" and texte == "Lecture. Un & <deux> : 3 ; Trois : −1,50."


@pytest.mark.parametrize("svg", ["", "<svg/>", "pas du xml", "<svg width='10' height='dix'/>"])
def test_un_dessin_illisible_se_dit(svg: str) -> None:
    with pytest.raises(ValueError, match="dessin illisible"):
        en_png(svg)


def test_barres_des_constats() -> None:
    svg = barres_des_constats([Dits("C1 Un", 8, 2, 0), Dits("C2 Deux", 0, 4, 3)], "Conditions", "Sur 10.")
    titre, texte = textes_de_remplacement(svg)
    assert titre == "Conditions"
    assert texte == "Sur 10. C1 Un : présent 8, absent 2 ; C2 Deux : présent 0, absent 4, hypothétique 3."
    assert all(f">{dit}</text>" in svg for dit in ("8", "2", "4", "absent", "présent"))
    assert "3 hyp." in svg and "0 +" not in svg
    vus = points(en_png(svg)[0])
    assert (vus == BLEU).all(axis=2).any() and (vus == (176, 79, 6)).all(axis=2).any()
    assert points(en_png(barres_des_constats([], "Rien"))[0]).shape[2] == 3
