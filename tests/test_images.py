"""Les images d'une analyse : bien formées, nommées sans risque, absentes quand il n'y a rien à montrer."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from etude_rapport import etude_de_demonstration
from lecture_svg import SVG, cadre, lire, textes

from restitution.dessins_courbes import courbe_de_saturation
from restitution.donnees import DonneesRapport
from restitution.images import dessiner, noms_des_specificites
from restitution.images_themes import images_themes, noms_de_fichiers
from restitution.resultats import ecrire_resultats

COURBE = pd.DataFrame({
    "rang": [1, 2, 3, 4], "entretien": list("abcd"), "nouveaux": [3, 0, 2, 0], "cumul": [3, 3, 5, 5],
    "moyenne": [2.0, 3.5, 4.5, 5.0], "bas": [1.0, 2.0, 3.0, 5.0], "haut": [3.0, 5.0, 5.0, 5.0],
})


@pytest.fixture(scope="module")
def donnees() -> DonneesRapport:
    return etude_de_demonstration(territoires=["T01", "T03", "T07"])


def test_toutes_les_images_se_lisent_et_se_decrivent(donnees: DonneesRapport) -> None:
    noms = [image.nom for image in donnees.images]
    assert {"dendrogramme", "similitudes", "plan_afc", "saturation_codes", "saturation_themes"} <= set(noms)
    assert len([nom for nom in noms if nom.startswith("specificites_territoire_")]) == 3
    assert len(set(noms)) == len(noms)
    for image in donnees.images:
        racine = lire(image.svg)
        assert racine.find(SVG + "title").text == image.titre
        assert len(racine.find(SVG + "desc").text) > 40
        large, haut = cadre(image.svg)
        assert all(0 <= x and 0 <= y <= haut and droite <= large for x, y, droite, _ in
                   (texte.boite for texte in textes(image.svg)))


def test_le_dendrogramme_et_le_plan_disent_les_tables(donnees: DonneesRapport) -> None:
    images = {image.nom: image.svg for image in donnees.images}
    classes = donnees.textometrie["classes_reinert"]
    dits = " ".join(texte.texte for texte in textes(images["dendrogramme"]))
    for classe in classes.itertuples():
        assert f"Classe {classe.classe} : {classe.libelle.split(',')[0]}" in dits and f"{classe.segments} segments" in dits
    assert {"Valombre-Métropole", "Hautes-Forges"} <= {texte.texte for texte in textes(images["plan_afc"])}
    part = donnees.textometrie["afc_axes"]["part"].iloc[0]
    assert f"axe 1 ({100 * part:.0f} %)" in {texte.texte for texte in textes(images["plan_afc"])}


def test_les_noms_de_fichiers_sont_surs_et_uniques() -> None:
    parties = ["Été", "Ete", "a/b", "../x", "CON:", "東京", "x" * 200, ""]
    noms = noms_des_specificites(pd.DataFrame({"variable": "territoire", "partie": parties}))
    assert [partie for _, partie in noms] == parties
    assert len({nom.lower() for nom in noms.values()}) == len(parties)
    assert all(re.fullmatch(r"specificites_territoire_\d\d[\w-]{0,41}", nom, re.ASCII) for nom in noms.values())


def test_sans_rien_a_montrer_pas_d_image(donnees: DonneesRapport) -> None:
    assert dessiner({}, {}, {}) == []
    vides = {nom: table.head(0) for nom, table in donnees.textometrie.items()}
    assert dessiner(vides, {}, {}) == []
    deux = dict(donnees.textometrie) | {"afc_axes": donnees.textometrie["afc_axes"].head(1)}
    assert "plan_afc" not in [image.nom for image in dessiner(deux, {}, {})]


def test_la_courbe_passe_par_ses_points() -> None:
    svg = courbe_de_saturation(COURBE, "Saturation", "Codes au fil des entretiens", atteinte=2)
    traits = [[tuple(map(float, point.split(","))) for point in trait.get("points").split()]
              for trait in lire(svg).iter(SVG + "polyline")]
    haut, bas, moyenne, cumul = [trait for trait in traits if len(trait) == 4]
    assert [y for _, y in cumul] == sorted((y for _, y in cumul), reverse=True)
    sous_la_courbe = [trait for trait in traits if len(trait) == 2 and trait[0][1] > cumul[0][1]]
    zero = next(trait[0][1] for trait in sous_la_courbe if trait[1][0] > cumul[-1][0] - 1)
    hauteurs = [zero - y for _, y in cumul]
    assert [h / hauteurs[-1] for h in hauteurs] == pytest.approx([0.6, 0.6, 1, 1], abs=0.01)
    assert [zero - y for _, y in bas] == pytest.approx([h * hauteurs[-1] for h in (0.2, 0.4, 0.6, 1)], abs=0.3)
    assert [zero - y for _, y in moyenne] == pytest.approx([h * hauteurs[-1] for h in (0.4, 0.7, 0.9, 1)], abs=0.3)
    assert [zero - y for _, y in haut] == pytest.approx([h * hauteurs[-1] for h in (0.6, 1, 1, 1)], abs=0.3)
    pas = cumul[1][0] - cumul[0][0]
    assert [x for x, _ in cumul] == pytest.approx([cumul[0][0] + pas * rang for rang in range(4)], abs=0.3)
    reperes = [trait for trait in traits if len(trait) == 2 and trait[0][0] == trait[1][0] == pytest.approx(cumul[1][0], abs=0.1)]
    assert reperes and "saturation : 2 entretiens" in [texte.texte for texte in textes(svg)]
    assert "1 : 3 ; 3 : 5 ; 4 : 5" in lire(svg).find(SVG + "desc").text


def test_une_courbe_d_un_entretien_est_un_point() -> None:
    svg = courbe_de_saturation(COURBE.head(1), "Un")
    assert len(list(lire(svg).iter(SVG + "circle"))) == 4
    assert lire(courbe_de_saturation(COURBE.head(0), "Rien")) is not None


def test_ecrire_les_resultats_efface_les_images_d_avant(donnees: DonneesRapport, tmp_path: Path) -> None:
    ecrire_resultats(tmp_path, donnees)
    des_themes = set(noms_de_fichiers(images_themes(donnees)).values())
    siennes = {f"{image.nom}.svg" for image in donnees.images}
    assert {chemin.name for chemin in (tmp_path / "images").iterdir()} == siennes | des_themes
    for image in donnees.images:
        assert (tmp_path / "images" / f"{image.nom}.svg").read_text(encoding="utf-8") == image.svg
    for nom, table in donnees.textometrie.items():
        assert list(pd.read_csv(tmp_path / f"{nom}.csv").columns) == list(table.columns)
    (tmp_path / "images" / "photo.png").write_bytes(b"png")
    ecrire_resultats(tmp_path, replace(donnees, textometrie={}))
    assert {chemin.name for chemin in (tmp_path / "images").iterdir()} == {"photo.png"} | des_themes
