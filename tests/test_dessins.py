"""Dessins SVG : bien formés, lisibles, dans leur cadre, et insensibles aux textes piégés."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lecture_svg import SVG, cadre, heurts, lire, textes
from playwright.sync_api import Browser

from modeles.similitudes import similitudes
from restitution.dessins import Division, barres, carte, dendrogramme, graphe_similitudes
from restitution.svg import COULEURS, FOND, propre

ADMISES = {SVG + nom for nom in ("svg", "title", "desc", "rect", "text", "polyline", "circle")}
PIEGE = "</title><script>alert(1)</script> & ]]> \"'<b onclick='x()'> \u202efin \x00\x1f"

DIVISIONS = [
    Division("racine", None, ("g", "d"), 10.0, "", 100),
    Division("g", "racine", (), 0.0, "garde d'enfants, crèche", 60),
    Division("d", "racine", ("d1", "d2"), 4.0, "", 40),
    Division("d1", "d", (), 0.0, "bus, permis de conduire", 30),
    Division("d2", "d", (), 0.0, "comité de pilotage", 10),
]


def _graphe(mots: list[str] | None = None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Deux cents segments de cinq formes, les premières plus fréquentes."""
    noms = mots or [f"{mot}{rang or ''}" for rang in range(6) for mot in ("emploi", "crèche", "ville", "je", "a")]
    hasard = np.random.default_rng(0)
    poids = 1 / np.arange(1, len(noms) + 1)
    tires = [hasard.choice(len(noms), size=5, replace=False, p=poids / poids.sum()) for _ in range(200)]
    return similitudes([[noms[rang] for rang in tire] for tire in tires])


def _nuage(n: int = 60) -> tuple[np.ndarray, list[str], list[str], list[float]]:
    hasard = np.random.default_rng(1)
    noms = [f"forme {rang}" for rang in range(n)]
    return hasard.normal(size=(n, 2)), noms, ["formes", "territoires"] * (n // 2), list(hasard.random(n))


def _dessins(mot: str = "mot") -> dict[str, str]:
    """Un dessin de chaque sorte ; `mot` entre partout où un texte de l'étude peut entrer."""
    sommets, aretes = _graphe([f"{mot} {rang}" for rang in range(12)])
    points, noms, groupes, poids = _nuage()
    return {
        "barres": barres([f"{mot} a", mot, "c"], [3, -1.5, 0.25], f"Titre {mot}", f"Unité {mot}"),
        "dendrogramme": dendrogramme([replace(d, libelle=f"{mot} {d.libelle}") for d in DIVISIONS], mot, mot, mot),
        "graphe": graphe_similitudes(sommets, aretes, mot, mot),
        "carte": carte(points, [f"{mot} {nom}" for nom in noms], mot, mot, [f"{mot} {g}" for g in groupes], poids,
                       (mot, mot)),
    }  # fmt: skip


def _controler_lecadre(svg: str) -> None:
    large, haut = cadre(svg)
    for texte in textes(svg):
        gauche, sommet, droite, bas = texte.boite
        assert gauche >= -0.1, texte
        assert sommet >= -0.1, texte
        assert droite <= large + 0.1, texte
        assert bas <= haut + 0.1, texte
    for element in lire(svg).iter(SVG + "rect"):
        x, y, w, h = (float(element.get(nom, 0)) for nom in ("x", "y", "width", "height"))
        assert -0.1 <= x <= x + w <= large + 0.1
        assert -0.1 <= y <= y + h <= haut + 0.1


@pytest.mark.parametrize("sorte", ["barres", "dendrogramme", "graphe", "carte"])
def test_accessible_autonome_et_dans_soncadre(sorte: str) -> None:
    svg = _dessins()[sorte]
    racine = lire(svg)
    assert racine.tag == SVG + "svg"
    assert racine.get("role") == "img"
    titre, texte = racine[0], racine[1]
    assert [titre.tag, texte.tag] == [SVG + "title", SVG + "desc"]
    assert racine.get("aria-labelledby").split() == [titre.get("id"), texte.get("id")]
    assert titre.text.endswith("mot")
    assert "mot" in texte.text
    assert {element.tag for element in racine.iter()} <= ADMISES
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    _controler_lecadre(svg)


@pytest.mark.parametrize("sorte", ["barres", "dendrogramme", "graphe", "carte"])
def test_un_texte_piege_reste_du_texte(sorte: str) -> None:
    piege, sage = lire(_dessins(PIEGE)[sorte]), lire(_dessins("sage")[sorte])
    assert {element.tag for element in piege.iter()} <= ADMISES
    assert not [nom for element in piege.iter() for nom in element.attrib if nom.startswith("on")]
    assert piege.findtext(SVG + "title").replace("Titre ", "") == propre(PIEGE)
    assert "<script>alert(1)</script>" in "".join(piege.itertext())
    for nom in ("rect", "polyline", "circle"):  # les mêmes marques qu'avec un mot ordinaire
        assert len(piege.findall(SVG + nom)) == len(sage.findall(SVG + nom))
    _controler_lecadre(_dessins(PIEGE)[sorte])


def test_memes_donnees_memes_octets_et_identifiants_distincts() -> None:
    premiers, seconds = _dessins(), _dessins()
    assert premiers == seconds
    identifiants = [e.get("id") for svg in premiers.values() for e in lire(svg).iter() if e.get("id")]
    assert len(identifiants) == len(set(identifiants)) == 8


def test_contraste_des_textes() -> None:
    """Rapport de contraste des WCAG 2.1 (§ 1.4.3) : 4,5 au moins."""

    def clarte(couleur: str) -> float:
        canaux = [int(couleur[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        lineaires = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux]
        return float(np.dot(lineaires, [0.2126, 0.7152, 0.0722]))

    employees = {texte.couleur for svg in _dessins().values() for texte in textes(svg)} | set(COULEURS)
    assert len(employees) > len(COULEURS)
    for couleur in employees:
        assert (clarte(FOND) + 0.05) / (clarte(couleur) + 0.05) >= 4.5, couleur


# Barres


def test_barres_proportionnelles_et_negatives_a_gauche() -> None:
    svg = barres(["a", "b", "c"], [4, -2, 0], "Barres")
    rects = lire(svg).findall(SVG + "rect")[1:]
    longueurs = [float(r.get("width")) for r in rects]
    assert longueurs[1] == pytest.approx(longueurs[0] / 2, abs=0.2)
    assert longueurs[2] == 0
    zero = float(rects[0].get("x"))
    assert float(rects[1].get("x")) + longueurs[1] == pytest.approx(zero, abs=0.2)
    assert [r.findtext(SVG + "title") for r in rects] == ["a : 4", "b : −2", "c : 0"]
    assert [t.texte for t in textes(svg)] == ["Barres", "a", "4", "b", "−2", "c", "0"]


def test_barres_fautives_refusees() -> None:
    with pytest.raises(ValueError, match="2 libellés pour 1"):
        barres(["a", "b"], [1], "t")
    with pytest.raises(ValueError, match="nombre fini"):
        barres(["a"], [np.nan], "t")


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.text(max_size=60), st.floats(allow_nan=False, allow_infinity=False)), max_size=8),
    st.text(max_size=150),
)
def test_barres_dans_le_cadre_quoi_qu_il_arrive(lignes: list[tuple[str, float]], titre: str) -> None:
    svg = barres([nom for nom, _ in lignes], [valeur for _, valeur in lignes], titre, titre[::-1])
    _controler_lecadre(svg)
    assert len(lire(svg).findall(SVG + "rect")) == 1 + len(lignes)


# Dendrogramme


def test_dendrogramme_a_la_main() -> None:
    svg = dendrogramme(DIVISIONS[::-1], "Arbre")
    visibles = textes(svg)
    assert [t.texte for t in visibles if t.gras][1:] == [
        "garde d'enfants, crèche", "bus, permis de conduire", "comité de pilotage",
    ]  # fmt: skip
    comptes = [t.texte for t in visibles if not t.gras]
    assert comptes == ["60 segments (60 %)", "30 segments (30 %)", "10 segments (10 %)"]
    lignes = [trait.get("points").split() for trait in lire(svg).iter(SVG + "polyline")]
    traits = [[float(point.split(",")[0]) for point in ligne] for ligne in lignes]
    racine, division = sorted(debut for debut, fin in traits if debut == fin)
    classes = max(max(trait) for trait in traits)
    # Hauteurs 10, 4 et 0 : l'abscisse leur est proportionnelle.
    assert (classes - division) / (classes - racine) == pytest.approx(0.4, abs=0.01)


def test_hauteurs_qui_remontent_ou_nulles() -> None:
    remonte = [replace(d, hauteur=20.0) if d.identifiant == "d" else d for d in DIVISIONS]
    nulles = [replace(d, hauteur=0.0) for d in DIVISIONS]
    for divisions in (remonte, nulles, DIVISIONS[1:2], []):
        seules = [replace(d, parent=None) if len(divisions) == 1 else d for d in divisions]
        _controler_lecadre(dendrogramme(seules, "Arbre"))


@pytest.mark.parametrize(
    ("divisions", "message"),
    [
        ([*DIVISIONS, DIVISIONS[0]], "même identifiant"),
        (DIVISIONS[:-1], "division inconnue : « d2 »"),
        ([*DIVISIONS, Division("seule", None, (), 0.0)], "une racine et une seule"),
        ([*DIVISIONS[:4], replace(DIVISIONS[4], parent="racine")], "ne s'accordent pas"),
        ([replace(DIVISIONS[0], hauteur=-1.0), *DIVISIONS[1:]], "la hauteur de « racine »"),
        ([replace(DIVISIONS[0], hauteur=np.nan), *DIVISIONS[1:]], "la hauteur de « racine »"),
        ([DIVISIONS[1], Division("x", "y", ("y",), 1.0), Division("y", "x", ("x",), 1.0)], "inconnue : « racine »"),
        ([replace(DIVISIONS[1], parent=None), Division("x", "y", ("y",), 1.0), Division("y", "x", ("x",), 1.0)],
         "ne descendent pas de la racine"),
    ],
)  # fmt: skip
def test_arbres_fautifs_refuses(divisions: list[Division], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        dendrogramme(divisions, "Arbre")


# Graphe de similitudes


def test_graphe_de_l_arbre_sans_recouvrement() -> None:
    sommets, aretes = _graphe()
    svg = graphe_similitudes(sommets, aretes, "Graphe", "Arbre maximum")
    traits = lire(svg).findall(SVG + "polyline")
    arbre = aretes[aretes["arbre"]]
    assert len(traits) == len(arbre) == len(sommets) - 1
    assert traits[0].findtext(SVG + "title") == (
        f"{arbre['source'].iloc[0]} – {arbre['cible'].iloc[0]} : {arbre['cooccurrences'].iloc[0]}"
    )
    epaisseurs = [float(trait.get("stroke-width")) for trait in traits]
    assert epaisseurs == sorted(epaisseurs, reverse=True)
    mots = [texte for texte in textes(svg) if texte.ancre == "middle"]
    assert [mot.texte for mot in mots] == sommets["forme"].tolist()
    assert not heurts([mot.boite for mot in mots])
    tailles = [mot.taille for mot in mots]
    assert tailles == sorted(tailles, reverse=True)
    couleurs = {(numero, mot.couleur) for numero, mot in zip(sommets["communaute"], mots, strict=True)}
    assert len(couleurs) == sommets["communaute"].nunique()


def test_graphe_vide_isole_ou_fautif() -> None:
    sommets, aretes = similitudes([["seule"]])
    for nombre_ in (0, 1):
        svg = graphe_similitudes(sommets.head(nombre_), aretes, "Graphe")
        _controler_lecadre(svg)
        assert len(textes(svg)) == 1 + nombre_
    sommets, aretes = _graphe()
    with pytest.raises(ValueError, match=f"absentes des sommets : {sommets['forme'].iloc[0]}"):
        graphe_similitudes(sommets.iloc[1:], aretes, "Graphe")


# Carte


def test_carte_a_la_meme_echelle_sur_les_deux_axes() -> None:
    points = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [-0.5, -0.25]])
    svg = carte(points, list("abcd"), "Carte", groupes=["g", "g", "h", "h"])
    disques = [(float(c.get("cx")), float(c.get("cy"))) for c in lire(svg).findall(SVG + "circle")[1:]]
    carres = [(float(r.get("x")) + float(r.get("width")) / 2, float(r.get("y")) + float(r.get("height")) / 2)
              for r in lire(svg).findall(SVG + "rect")[2:]]  # fmt: skip
    places = np.array([*disques, *carres])
    unite = places[1, 0] - places[0, 0]
    assert unite > 100
    assert (places - places[0]) / [unite, -unite] == pytest.approx(points, abs=0.01)
    assert {"g", "h", "axe 1", "axe 2", *"abcd"} <= {t.texte for t in textes(svg)}
    # Des colonnes de tables font l'affaire, quel que soit leur index.
    table = pd.DataFrame(points, columns=["x", "y"], index=[9, 7, 5, 3]).assign(nom=list("abcd"), g=list("gghh"))
    assert carte(table[["x", "y"]], table["nom"], "Carte", groupes=table["g"]) == svg


def test_carte_cache_ce_qui_se_recouvrirait_et_le_dit() -> None:
    points, noms, groupes, poids = _nuage(200)
    svg = carte(points, noms, "Carte", "Nuage", groupes, poids)
    ecrits = [t for t in textes(svg) if t.texte.startswith("forme ")]
    assert 0 < len(ecrits) < 200
    assert any(t.texte.startswith(f"{200 - len(ecrits)} libellés sur 200 n'ont pas trouvé") for t in textes(svg))
    assert not heurts([t.boite for t in ecrits])
    bulles = [e.text for e in lire(svg).iter(SVG + "title")]
    assert all(any(bulle.startswith(f"{nom} (") for bulle in bulles) for nom in noms)
    # Le plus lourd est servi d'abord.
    assert noms[int(np.argmax(poids))] in {t.texte for t in ecrits}


def test_cartes_fautives_refusees() -> None:
    with pytest.raises(ValueError, match="2 points, 1 libellés"):
        carte(np.zeros((2, 2)), ["a"], "Carte")
    with pytest.raises(ValueError, match="finis"):
        carte(np.array([[np.inf, 0]]), ["a"], "Carte")


_REELS = st.floats(allow_nan=False, allow_infinity=False)


@settings(max_examples=40)
@given(st.lists(st.tuples(_REELS, _REELS, st.text(max_size=60)), max_size=12), st.text(max_size=40))
def test_carte_dans_le_cadre_quoi_qu_il_arrive(points: list[tuple[float, float, str]], axe: str) -> None:
    lieux = np.array([(x, y) for x, y, _ in points]).reshape(-1, 2)
    svg = carte(lieux, [nom for _, _, nom in points], axe, axe, axes=(axe, axe))
    _controler_lecadre(svg)
    large, haut = cadre(svg)
    disques = lire(svg).findall(SVG + "circle")
    assert len(disques) == len(points)
    for disque in disques:
        assert 0 <= float(disque.get("cx")) <= large
        assert 0 <= float(disque.get("cy")) <= haut


# Dans un vrai navigateur, avec de vraies polices


def test_chromium_ne_voit_ni_debordement_ni_recouvrement(navigateur: Browser) -> None:  # noqa: F811
    longs = "Wœuvré MWMW 100 % — accompagnement socioprofessionnel des bénéficiaires du RSA " * 3
    dessins = [*_dessins().values(), *_dessins(PIEGE).values(), *_dessins(longs).values()]
    sommets, aretes = _graphe()
    points, noms, groupes, poids = _nuage(150)
    dessins += [graphe_similitudes(sommets, aretes, "g"), carte(points, noms, "c", "", groupes, poids)]
    page = navigateur.new_page()
    plaintes: list[str] = []
    page.on("dialog", lambda dialogue: (plaintes.append(dialogue.message), dialogue.dismiss()))
    page.on("pageerror", lambda erreur: plaintes.append(str(erreur)))
    page.set_content("<!DOCTYPE html><meta charset=utf-8>" + "".join(dessins))
    vus = page.evaluate(
        """() => [...document.querySelectorAll('svg')].map(svg => ({
             cadre: [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height],
             textes: [...svg.querySelectorAll('text')].map(t => {
               const b = t.getBBox();
               return [b.x, b.y, b.x + b.width, b.y + b.height];
             }),
           }))"""
    )
    page.close()
    assert plaintes == []
    assert len(vus) == len(dessins)
    for vu in vus:
        assert vu["textes"]
        for gauche, haut, droite, bas in vu["textes"]:
            assert gauche >= 0
            assert haut >= 0
            assert droite <= vu["cadre"][0]
            assert bas <= vu["cadre"][1]
        # Un pixel de tolérance : la hauteur d'une ligne dépend de la police.
        assert not heurts([(g, h + 1, d, b - 1) for g, h, d, b in vu["textes"]])
