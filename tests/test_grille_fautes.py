"""Les fautes d'une grille : chacune à sa ligne avec son remède, toutes en une fois, et rien d'autre."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from petite_grille import PETITE
from ruamel.yaml import YAML

from corpus.fautes import ErreurEtude, Faute
from extraction.grille import Grille
from extraction.lecture_yaml import PROFONDEUR_MAXIMALE, TAILLE_MAXIMALE

ANGLAIS = re.compile(r"\b(expected|found|while|should|input|valid|mapping|scanning|token|object)\b", re.I)


def ecrite(dossier: Path, contenu: str | bytes) -> Path:
    chemin = dossier / "grille.yaml"
    chemin.write_bytes(contenu.encode("utf-8") if isinstance(contenu, str) else contenu)
    return chemin


def fautes(dossier: Path, contenu: str | bytes) -> tuple[Faute, ...]:
    with pytest.raises(ErreurEtude) as prise:
        Grille.charger(ecrite(dossier, contenu), nom="etude/grille.yaml")
    assert all(faute.fichier == "etude/grille.yaml" for faute in prise.value.fautes)
    return prise.value.fautes


FAUTES = {
    "clé inconnue, la plus proche est proposée": (
        "    genre: obstacle", "    génre: obstacle", 25, "la clé « génre » est inconnue", "« genre »"),
    "clé inconnue en tête": ("titre:", "titres:", 2, "la clé « titres »", "vouliez-vous « titre »"),
    "clé sans voisine": ("genre: obstacle", "genre: obstacle\n    zzz: 1", 26, "« zzz »", "clés admises"),
    "code en double": ("code: B", "code: '1.10'", 23, "le code « 1.10 » est en double", "différent"),
    "genre hors liste": ("genre: obstacle", "genre: obstacl", 25, "le genre « obstacl »", "« obstacle »"),
    "famille inconnue": ("famille: 1", "famille: 7", 18, "la famille « 7 » est inconnue", "déclarés"),
    "champ manquant": ("    genre: obstacle\n", "", 23, "code « B » : « genre » manque", "« genre: … »"),
    "titre manquant": ("titre: Grille d'essai\n", "", 1, "tête de la grille : « titre » manque", "titre"),
    "code manquant": ("- code: B\n    int", "- int", 23, "code n° 2 : « code » manque", "« code: … »"),
    "intitulé vide": ("intitule: Retard", "intitule:", 24, "« intitule » est vide", "écrivez un texte"),
    "intitulé blanc": ("intitule: Retard", 'intitule: " "', 24, "« intitule » est vide", "écrivez un texte"),
    "identifiant à espace": ("code: B", "code: B 2", 23, "ne peut pas être « B 2 »", "sans espace"),
    "modalité inconnue": ("  absente:", "  absent:", 5, "la modalité « absent » est inconnue", "« absente »"),
    "modalité manquante": (
        "  absente: {intitule: Non, quand: Ce n'est pas le cas}\n", "", 3, "« absente » manque", "« quand »"),
    "modalité en double": ("  hypothetique:", "  absente:", 6, "la clé « absente » est répétée", "une seule"),
    "clé répétée": ("genre: obstacle", "genre: obstacle\n    genre: condition", 26, "ligne 25", "une seule"),
    "liste attendue": ("mots: [accord, ensemble]", "mots: accord", 22, "« mots » doit être une", "tiret"),
    "deux-points dans un texte": (
        "Retard de paiement", "Retard : paiement", 28, "l'élément n° 1 de « inclusions »", "guillemets"),
    "deux-points mal placé": ("Tout arrive tard", "Tout : arrive tard", 26, "deux-points", "guillemets"),
    "couleur sans guillemets": ('"#82cd73"', "#82cd73", 29, "« couleur » est vide", "guillemets"),
    "couleur inconnue": ('"#82cd73"', "vert", 29, "ne peut pas être « vert »", "#82CD73"),
    "couleur sombre": ("#82cd73", "#102030", 29, "trop sombre", "plus claire"),
    "langue": ("titre:", "langue: français\ntitre:", 2, "« français »", "fr"),
    "tabulation": ("    genre: obstacle", "\tgenre: obstacle", 25, "une tabulation", "espaces ordinaires"),
    "espace insécable": ("    genre: obstacle", "  \u00a0 genre: obstacle", 25, "espace spéciale", "espaces"),
    "mal aligné": ("    genre: obstacle", "   genre: obstacle", 25, "pas alignée", "même nombre d'espaces"),
    "clé sans deux-points": ("genre: obstacle", "genre obstacle", 25, "suivie de deux-points", "clé: valeur"),
    "guillemet ouvert": ("Tout arrive tard", "'Tout arrive tard", 26, "pas refermé", "refermez"),
    "guillemet refermé trop loin": ("Tout arrive tard", '"Tout arrive tard', 26, "pas refermé", "refermez"),
    "crochet ouvert": ("ensemble]", "ensemble", 22, "crochet", "refermez"),
    "caractère réservé": ("Tout arrive tard", "@tous", 26, "caractère réservé", "guillemets"),
    "échappement": ("Tout arrive tard", r'"C:\dossier"', 26, "barre oblique", "deux fois"),
    "renvoi": ("Tout arrive tard", "*tard", 26, "un renvoi « *tard »", "guillemets"),
    "ancre": ("Tout arrive tard", "&tard Tout", 26, "une ancre « &tard »", "retirez"),
    "objet Python": ("Tout arrive tard", '!!python/object:os.system "ls"', 26, "étiquette", "retirez"),
    "caractère invisible": ("Tout arrive tard", "Tout\u2028tard", 26, "U+2028", "retapez"),
    "caractère invisible échappé": ("Tout arrive tard", r'"Tout\u0007"', 26, "U+0007", "retapez"),
    "deux grilles": ("codes:\n", "---\ncodes:\n", 14, "une deuxième grille", "une grille par fichier"),
    "code qui n'est pas un bloc": (
        "  - code: B\n", "  - rien\n  - code: B\n", 23, "n° 2 : ce bloc", "- code"),
    "genres en texte": (
        "  condition: Conditions\n  obstacle: Obstacles\n", "  Conditions\n", 7, "« genres »", "un"),
}  # fmt: skip


@pytest.mark.parametrize("cas", FAUTES)
def test_chaque_faute_a_sa_ligne_et_son_remede(cas: str, tmp_path: Path) -> None:
    avant, apres, ligne, message, remede = FAUTES[cas]
    assert PETITE.count(avant) == 1, "l'essai doit changer un seul endroit"
    trouvees = fautes(tmp_path, PETITE.replace(avant, apres))
    visees = [f for f in trouvees if f.ligne == ligne and message in f.message and remede in f.remede]
    assert len(visees) == 1, trouvees
    assert not any(ANGLAIS.search(faute.message + faute.remede) for faute in trouvees)


@pytest.mark.parametrize("codes", ["codes:\n", "codes: []\n"])
def test_aucun_code(codes: str, tmp_path: Path) -> None:
    (faute,) = fautes(tmp_path, PETITE.split("codes:\n")[0] + codes)
    assert (faute.ligne, faute.message) == (14, "tête de la grille : « codes » est vide")


@pytest.mark.parametrize(
    ("contenu", "ligne", "message"),
    [
        (b"", 0, "vide"),
        (b"# rien\n", 0, "commentaires"),
        (b"bonjour\n", 1, "n'est pas une grille"),
        (b"- a\n- b\n", 1, "n'est pas une grille"),
        ("titre: x\n# été\n".encode("latin-1"), 2, "UTF-8"),
        (PETITE.encode("utf-16"), 1, "UTF-8"),
        (b"a" * (TAILLE_MAXIMALE + 1), 0, "dépasse"),
        (b"[" * 50_000, 1, "emboîtés"),
        (b"a: [" + b"[" * PROFONDEUR_MAXIMALE + b"]" * PROFONDEUR_MAXIMALE + b"]", 1, "emboîtés"),
        (b'a: "\\UFFFFFFFF"', 0, "mal formé"),
        (b"? [a]\n: b\n", 1, "n'est pas un texte"),
    ],
)
def test_ce_qui_n_est_pas_une_grille(contenu: bytes, ligne: int, message: str, tmp_path: Path) -> None:
    (faute,) = fautes(tmp_path, contenu)
    assert faute.ligne == ligne and message in faute.message


def test_bombe_de_renvois(tmp_path: Path) -> None:
    bombe = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 60))
    lignes = {faute.ligne for faute in fautes(tmp_path, bombe) if "renvoi" in faute.message}
    assert lignes == set(range(2, 61))


def test_fichier_absent_ou_dossier(tmp_path: Path) -> None:
    for chemin, message in ((tmp_path / "absent.yaml", "introuvable"), (tmp_path, "pas un fichier")):
        with pytest.raises(ErreurEtude, match=message) as prise:
            Grille.charger(chemin)
        assert prise.value.fautes[0].fichier == chemin.name
    with pytest.raises(ErreurEtude, match="cites_educatives, cites_emploi"):
        Grille.livree("../grille")


def test_toutes_les_fautes_en_une_fois(tmp_path: Path) -> None:
    texte = PETITE
    for avant, apres in (
        ("titre:", "titres:"),
        ("  absente:", "  absent:"),
        ("famille: 1", "famille: 7"),
        ("mots: [accord, ensemble]", "mots: accord"),
        ("code: B", "code: '1.10'"),
        ("intitule: Retard", "intitule:"),
        ("genre: obstacle", "genre: frein\n    genre: frein"),
        ("#82cd73", "#000000"),
    ):
        texte = texte.replace(avant, apres)
    trouvees = fautes(tmp_path, texte)
    assert [faute.ligne for faute in trouvees] == [1, 2, 3, 5, 18, 22, 23, 24, 25, 26, 30]


def _lit(octets: bytes, dossier: Path) -> None:
    """Rend une grille ou lève ErreurEtude en français ; toute autre erreur fait échouer l'essai."""
    chemin = ecrite(dossier, octets)
    try:
        grille = Grille.charger(chemin)
    except ErreurEtude as erreur:
        nombre_de_lignes = len(re.findall(rb"\r\n|\r|\n", octets)) + 1
        for faute in erreur.fautes:
            assert 0 <= faute.ligne <= nombre_de_lignes and faute.message and faute.remede
        str(erreur).encode("utf-8")
    else:
        assert len(grille.empreinte) == 64 and grille.en_markdown() and grille._repr_html_()


REGLAGES = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
valeurs = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.dates() | st.text(max_size=12),
    lambda enfants: st.lists(enfants, max_size=3)
    | st.dictionaries(st.sampled_from(["code", "intitule", "genre", "presente", "x"]), enfants, max_size=4),
    max_leaves=12,
)


@REGLAGES
@given(octets=st.binary(max_size=200))
def test_octets_quelconques(octets: bytes, tmp_path: Path) -> None:
    _lit(octets, tmp_path)


@REGLAGES
@given(texte=st.text(alphabet="ab:-?[]{}#&*!|>'\"%@`\\,. \n\t\r~<=UxÉ\u00a0\u2028", max_size=80))
def test_texte_aux_signes_du_yaml(texte: str, tmp_path: Path) -> None:
    _lit(texte.encode("utf-8"), tmp_path)


@REGLAGES
@given(contenu=st.dictionaries(st.sampled_from(list(Grille.model_fields)), valeurs, max_size=9))
def test_yaml_quelconque(contenu: dict[str, object], tmp_path: Path) -> None:
    sortie = io.StringIO()
    YAML(typ="safe", pure=True).dump(contenu, sortie)
    _lit(sortie.getvalue().encode("utf-8"), tmp_path)


@REGLAGES
@given(debut=st.integers(0, len(PETITE)), longueur=st.integers(0, 40), ajout=st.text(max_size=5))
def test_petite_grille_abimee(debut: int, longueur: int, ajout: str, tmp_path: Path) -> None:
    _lit((PETITE[:debut] + ajout + PETITE[debut + longueur :]).encode("utf-8"), tmp_path)
