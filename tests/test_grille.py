"""La grille : celles qui sont livrées, leur lecture, leur empreinte, leurs mises en page."""

from __future__ import annotations

import io
import json
import pickle
import re
from pathlib import Path

import pytest
from petite_grille import PETITE
from pydantic import ValidationError
from ruamel.yaml import YAML

from extraction.grille import CONTRASTE_MINIMAL, DOSSIER, Grille, contraste_avec_le_noir

GUIDE = {
    "C1.1": "Copilotage État–collectivité",
    "C1.2": "Double engagement de l'État",
    "C1.3": "Coopération horizontale",
    "C1.4": "Partenaires du social et de l'insertion",
    "C2.1": "Échelle adaptée",
    "C2.2": "Financement souple",
    "C2.3": "Rendu-compte mesuré",
    "C3.1": "Coordination et ingénierie confortées",
    "C3.2": "Instances rationalisées",
    "C4.1": "Diagnostic partagé",
    "C4.2": "Adapter plutôt que créer",
    "C4.3": "Continuum social–emploi",
    "C4.4": "Aller-vers",
    "O01": "Crédits à dépenser vite, avenir incertain",
    "O02": "Cohortes et chiffres pesants",
    "O03": "Empilement de dispositifs",
    "O04": "Binôme État–collectivité déséquilibré",
    "O05": "Coordination fragilisée",
    "O06": "Périmètre inadapté",
    "O07": "Services cloisonnés",
    "O08": "Manque d'ingénierie",
    "O09": "Appels à projets lourds",
    "O10": "Publics défiants ou invisibles",
    "O11": "Freins sociaux à l'emploi",
    "O12": "Droit commun et SPE peu mobilisés",
    "O13": "Concurrence entre opérateurs",
    "O14": "Coupure social / emploi",
}



def ecrite(dossier: Path, contenu: str | bytes) -> Path:
    chemin = dossier / "grille.yaml"
    chemin.write_bytes(contenu.encode("utf-8") if isinstance(contenu, str) else contenu)
    return chemin


@pytest.fixture(scope="module")
def livree() -> Grille:
    return Grille.livree("cites_emploi")


def test_la_grille_livree_est_celle_du_guide(livree: Grille) -> None:
    assert {code.code: code.intitule for code in livree} == GUIDE
    assert [code.code for code in livree.codes] == list(GUIDE)
    assert [code.code for code in livree.conditions] == [c for c in GUIDE if c.startswith("C")]
    assert [code.code for code in livree.obstacles] == [c for c in GUIDE if c.startswith("O")]
    assert all(code.famille == code.code[1] for code in livree.conditions)
    assert [f.identifiant for f in livree.familles] == ["1", "2", "3", "4"]
    assert [m.identifiant for m in livree.modalites] == ["presente", "absente", "hypothetique"]
    assert len(livree.regles) == 6
    assert Grille.charger() == livree


def test_acces_aux_codes(livree: Grille) -> None:
    assert len(livree) == 27
    assert livree["O08"].exclusions[0] == "Hors poste de coordonnateur : O05"
    assert "C1.1" in livree and "C9.9" not in livree
    assert livree.du_genre("levier") == ()
    with pytest.raises(KeyError, match=r"le code « C9\.9 » n'est pas dans la grille"):
        livree["C9.9"]
    with pytest.raises(ValidationError):
        livree.titre = "autre"


@pytest.mark.parametrize("nom", ["cites_emploi", "cites_educatives"])
def test_une_grille_livree_est_complete(nom: str) -> None:
    grille = Grille.livree(nom)
    assert grille.identifiant == nom
    for code in grille:
        assert code.inclusions and code.exclusions, code.code
        assert 2 <= len(code.exemples) <= 3 and len(code.mots) >= 5, code.code
        renvois = re.findall(r"\b(?:[A-D]\d|C\d\.\d|O\d\d)\b(?!\.)", " ".join(code.exclusions))
        assert all(renvoi in grille and renvoi != code.code for renvoi in renvois), code.code


def test_rien_n_est_fige_sur_les_cites_de_l_emploi(livree: Grille) -> None:
    autre = Grille.livree("cites_educatives")
    assert 10 <= len(autre) <= 14
    assert {code.genre for code in autre} == {"condition", "obstacle"}
    assert [g.intitule for g in autre.genres] == ["Leviers", "Freins"]
    assert not {code.intitule for code in autre} & set(GUIDE.values())
    assert autre.empreinte != livree.empreinte


def test_un_genre_libre(tmp_path: Path) -> None:
    texte = PETITE.replace("obstacle: Obstacles", "effet: Effets").replace("genre: obstacle", "genre: effet")
    grille = Grille.charger(ecrite(tmp_path, texte))
    assert [code.code for code in grille.du_genre("effet")] == ["B"]
    assert grille.obstacles == ()


def test_les_exemples_ne_viennent_pas_des_entretiens() -> None:
    def suites(texte: str) -> set[tuple[str, ...]]:
        mots = re.findall(r"\w+", texte.lower())
        return {tuple(mots[i : i + 7]) for i in range(len(mots) - 6)}

    references = Path(__file__).parent.parent / "corpus" / "demonstration" / "references"
    entendues = suites((references / "phrases.csv").read_text(encoding="utf-8"))
    assert len(entendues) > 10_000
    for nom in ("cites_emploi", "cites_educatives"):
        for code in Grille.livree(nom):
            for exemple in code.exemples:
                assert not suites(exemple) & entendues, exemple


def test_contraste_calcule_a_la_main() -> None:
    assert contraste_avec_le_noir("#FFFFFF") == pytest.approx(21)
    assert contraste_avec_le_noir("#000000") == pytest.approx(1)
    assert contraste_avec_le_noir("#FF0000") == pytest.approx((0.2126 + 0.05) / 0.05)


def _oklab(couleur: str) -> tuple[float, float, float]:
    """Coordonnées OKLab (Ottosson, 2020), où la distance suit l'écart perçu."""
    canaux = [int(couleur[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    r, v, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in canaux)
    g = (0.4122214708 * r + 0.5363325363 * v + 0.0514459929 * b) ** (1 / 3)
    m = (0.2119034982 * r + 0.6806995451 * v + 0.1073969566 * b) ** (1 / 3)
    p = (0.0883024619 * r + 0.2817188376 * v + 0.6299787005 * b) ** (1 / 3)
    return (
        0.2104542553 * g + 0.7936177850 * m - 0.0040720468 * p,
        1.9779984951 * g - 2.4285922050 * m + 0.4505937099 * p,
        0.0259040371 * g + 0.7827717662 * m - 0.8086757660 * p,
    )


def test_les_couleurs_livrees_se_lisent_et_se_distinguent(livree: Grille) -> None:
    points = [_oklab(code.couleur) for code in livree]
    ecarts = [
        sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
        for rang, a in enumerate(points)
        for b in points[:rang]
    ]
    assert all(contraste_avec_le_noir(code.couleur) >= CONTRASTE_MINIMAL for code in livree)
    assert min(ecarts) > 0.08  # quatre fois l'écart juste perceptible, d'environ 0,02


def test_un_code_sans_couleur_en_recoit_une_lisible(tmp_path: Path) -> None:
    bloc = "  - {{code: X{0}, intitule: Code {0}, genre: condition, definition: Rien}}\n"
    codes = "".join(bloc.format(rang) for rang in range(300))
    grille = Grille.charger(ecrite(tmp_path, PETITE.split("  - code: 1.10")[0] + codes))
    couleurs = [code.couleur for code in grille]
    assert len(set(couleurs[:30])) == 30
    assert all(contraste_avec_le_noir(couleur) >= CONTRASTE_MINIMAL for couleur in couleurs)


def test_lecture_de_la_petite_grille(tmp_path: Path) -> None:
    grille = Grille.charger(ecrite(tmp_path, PETITE))
    assert [code.code for code in grille] == ["1.10", "B"]  # le texte écrit, jamais le nombre 1,1
    assert grille.modalites[1].intitule == "Non"
    assert grille["1.10"].definition == "On s'entend bien."
    assert grille["1.10"].famille == "1"
    assert grille["1.10"].mots == ("accord", "ensemble")
    assert grille["B"].couleur == "#82CD73"
    assert (grille.version, grille.langue, grille["B"].exemples) == ("", "fr", ())


def test_empreinte_insensible_a_la_mise_en_forme(tmp_path: Path) -> None:
    reference = Grille.charger(ecrite(tmp_path, PETITE)).empreinte
    assert re.fullmatch("[0-9a-f]{64}", reference)
    autre_forme = (
        PETITE.replace("definition: >-\n      On s'entend\n      bien.", 'definition: "On s\'entend   bien."')
        .replace("identifiant: essai\n", "# un mot\n")
        .replace("titre: Grille d'essai", "titre: 'Grille d''essai'\nidentifiant: essai")
        .replace("mots: [accord, ensemble]", "mots:\n      - accord  # oui\n      - ensemble")
        .replace("#82cd73", "#82CD73")
        .replace("Première", "Premie\u0300re")
        .replace("\n", "\r\n")
    )
    assert Grille.charger(ecrite(tmp_path, b"\xef\xbb\xbf" + autre_forme.encode())).empreinte == reference
    for avant, apres in (("bien.", "mal."), ("accord, ensemble", "ensemble, accord"), ("#82cd73", "#82cd74")):
        assert Grille.charger(ecrite(tmp_path, PETITE.replace(avant, apres))).empreinte != reference


@pytest.mark.parametrize("nom", ["cites_emploi", "cites_educatives"])
def test_allers_retours(nom: str, tmp_path: Path) -> None:
    grille = Grille.livree(nom)
    assert Grille.model_validate(json.loads(grille.model_dump_json())) == grille
    assert pickle.loads(pickle.dumps(grille)) == grille  # les moteurs répartis l'envoient ainsi
    sortie = io.StringIO()
    YAML(typ="safe", pure=True).dump(grille.model_dump(mode="json"), sortie)
    relue = Grille.charger(ecrite(tmp_path, sortie.getvalue()))
    assert relue == grille and relue.empreinte == grille.empreinte


def test_tableau_et_guides(livree: Grille) -> None:
    tableau = livree.tableau()
    assert list(tableau["code"]) == list(GUIDE)
    assert tableau.loc[0, "exclusions"].splitlines() == list(livree["C1.1"].exclusions)
    guide = livree.en_markdown()
    assert re.findall(r"^\*\*(\S+) ", guide, re.MULTILINE) == list(GUIDE)
    assert "### 4. Actions adaptées" in guide and "| `hypothetique` | Hypothétique |" in guide


def test_les_textes_sont_echappes(tmp_path: Path) -> None:
    texte = PETITE.replace("Retard\n", "<script>alert(1)</script> *gras* | fin\n")
    grille = Grille.charger(ecrite(tmp_path, texte))
    assert "<script>" not in grille._repr_html_()
    assert "&lt;script&gt;alert(1)&lt;/script&gt; *gras*" in grille._repr_html_()
    assert r"\<script\>alert(1)\</script\> \*gras\* \| fin" in grille.en_markdown()


def test_une_grille_construite_en_python_est_controlee() -> None:
    contenu = Grille.livree("cites_educatives").model_dump()
    contenu["codes"][0]["genre"] = "autre"
    with pytest.raises(ValueError, match="le genre « autre » est inconnu"):
        Grille.model_validate(contenu)


def test_les_grilles_livrees_s_expliquent() -> None:
    for fichier in DOSSIER.glob("*.yaml"):
        tete = fichier.read_text(encoding="utf-8").split("identifiant:")[0]
        assert "- code:" in tete and "tabulation" in tete and ">-" in tete
