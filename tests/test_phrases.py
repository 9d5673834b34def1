"""Essais du découpage en phrases : cas faits à la main, propriétés, table des phrases, référence."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import corpus
from corpus.entretien import Role, Tour
from corpus.phrases import COLONNES, decouper, tableau_phrases
from corpus.unites import MOTS_MAX, MOTS_MIN

DEMONSTRATION = Path(corpus.__file__).parent / "demonstration"


def phrases(texte: str) -> list[str]:
    return [texte[debut:fin] for debut, fin in decouper(texte)]


# Une barre marque chaque fin de phrase attendue ; le texte découpé est le même sans les barres.
CAS = [
    # Ponctuation forte
    "On a commencé en mars. | C'était le printemps. | Et voilà.",
    "Vous y croyez ? | Moi oui ! | Enfin, un peu.",
    "Mais non ?! | Si, je vous jure !!! | D'accord.",
    "C'est quoi ? ! | Je ne sais pas.",
    "on a fait ça. | et puis on est partis. | voilà.",
    "Il me dit quoi ? | que c'est fini.",
    "Ah ! mais oui, je la connais. | Elle est venue.",
    "Hein ? non, rien. | Continuez.",
    "C'est fini.|Ensuite on est rentrés.",
    "Tu crois ?|Moi pas.",
    # Points de suspension
    "C'était, euh... pas très confortable. | On a tenu.",
    "On l'a… on l'a envoyée dehors.",
    "Alors là… | La première année, rien.",
    "On attendait... | Personne n'est venu.",
    "Il y en avait... 28 je crois. | C'est peu.",
    "Attendez... (silence) oui, c'est ça. | Merci.",
    "[Coupure.] …vous m'entendez ? | Oui, je disais.",
    "Les cafés, les réunions, etc… et puis rien. | Voilà.",
    "Je sais plus...? | Si, en mai.",
    # Titres, abréviations, renvois
    "J'ai vu M. Astier hier. | Il est parti.",
    "C'est Mme. Roche et le Dr. Blin qui décident. | Pas moi.",
    "Sans M. ou Mme Machin, rien. | C'est dit.",
    "Les ateliers, les stages, etc. | Tout y passe.",
    "Les ateliers, les stages, etc. et encore. | Bon.",
    "Un métier, p. ex. soudeur, ça s'apprend. | En six mois.",
    "Des villes, p. ex. Marseille, ont dit oui. | Pas nous.",
    "On applique l'art. 3 et la p. 12 du guide. | Rien d'autre.",
    "C'est au chap. IV du contrat. | Je crois.",
    "On m'a tout pris, c'est du vol. | Je suis parti.",
    "Il a cité cf. Annexe deux. | Bref.",
    "Depuis sept. 2021 on est trois. | C'est court.",
    "On était sept. | Maintenant dix.",
    "C'est le n° 3. | Pas le 4.",
    "Il faut l'art. L. 5131-4 du code. | C'est écrit.",
    # Sigles et initiales
    "Les Q.P.V. c'est trois quartiers. | Voilà.",
    "Je travaille en S.P.I.E. | C'est nouveau.",
    "Avec J. Dupont on s'entend. | Pas toujours.",
    "C'est J.-P. Morel qui signe. | Lui seul.",
    "Je suis avec Mme K. | Elle est bien.",
    "On habite au F. | Trois enfants.",
    "La tour C. | La seule debout.",
    "Les catégories A, B, C. | Agence de la gare.",
    "Les Q. P. V. sont trois. | Oui.",
    # Nombres, heures, adresses
    "On est à 3.5 pour cent. | C'est peu.",
    "Il a eu 10.000 euros. | Plus 6 400 d'aide.",
    "Rendez-vous à 14h30. | À 15 h. on ferme.",
    "C'était en 2009. | 28 salariés en tout.",
    "Allez voir www.caf.fr. | C'est écrit.",
    "Écrivez à jean.Dupont@caf.fr pour ça. | Il répond.",
    "C'est sur https://exemple.fr/a?q=1.Bis je crois. | Oui.",
    "1. Le premier point. | 2. Le deuxième point. | 3. Le dernier.",
    # Guillemets
    "Il dit « et toi ? » et il s'en va. | Bon.",
    "Il dit « t'es envoyé par qui ? », je dis la vérité. | Voilà.",
    "Elle a dit « combien ? ». | Huit mille.",
    "Il dit « On ne crée rien. » | Élodie le répète.",
    "« Encore vous. » | Même s'ils nous avaient jamais vues.",
    "« Viens ! » | « Non. » | « Bon. »",
    "« Tu viens. | Tu t'assois. » | Elle a souri.",
    'Il dit "et toi ?" et il part. | Bon.',
    'Il dit "viens." | Elle vient.',
    'Il dit " viens ! " et elle vient. | Voilà.',
    "Il dit “ Viens. ” | Elle vient.",
    "Ils disent « le Pôle ». | « Le Pôle m'a écrit. » | C'est tout.",
    "Tu crois « à mon âge... ? » et voilà. | Parti.",
    # Parenthèses, didascalies, tirets
    "Il conduit mal. | [rires] Le directeur aussi.",
    "[Rires.] Je pense que oui. | Si.",
    "Ah. | [Elle boit.] Bon. | On continue.",
    "[Rires.] [Elle boit.] Bon. | Voilà.",
    "Correctement. | (silence) Bon.",
    "Il est venu (je crois. enfin, bon) ce jour-là. | Oui.",
    "Il est venu (je crois.) | Ensuite il est parti.",
    "Il a crié (fort !) et puis rien. | Voilà.",
    "On a, je veux dire – enfin – tout essayé. | Rien.",
    "C'est quand elle est chez le podologue. | — Ça va, Moussa ?",
    "Oui ? — dit-il — peut-être. | Non.",
]


@pytest.mark.parametrize("cas", CAS)
def test_cas_faits_a_la_main(cas: str) -> None:
    attendu = [morceau.strip() for morceau in cas.split("|")]
    texte = cas.replace(" | ", " ").replace("|", "")
    assert phrases(texte) == attendu


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("On a fait\nle tour du\r\nquartier. Bon.", ["On a fait\nle tour du\r\nquartier.", "Bon."]),
        ("On a fait le tour\n\nmais sans lui", ["On a fait le tour", "mais sans lui"]),
        ("On a fait le tour\r\n\r\nmais sans lui", ["On a fait le tour", "mais sans lui"]),
        ("On a vu tout le monde à\nMarseille hier", ["On a vu tout le monde à\nMarseille hier"]),
        ("On a fait le tour\nMais sans lui", ["On a fait le tour", "Mais sans lui"]),
        ("Deux choses :\n- le bus\n- la garde", ["Deux choses :", "- le bus", "- la garde"]),
        ("Deux choses\n• le bus\n• la garde", ["Deux choses", "• le bus", "• la garde"]),
        ("Il hésite...\n\nbon", ["Il hésite...", "bon"]),
        ("Il dit « viens.\n\n» Elle vient.", ["Il dit « viens.\n\n»", "Elle vient."]),
        ("", []),
        (" \n\t ", []),
        ("…", ["…"]),
        ("— ", ["—"]),
        ("Oui. …", ["Oui. …"]),
        ("« »\n\nOui.", ["« »\n\nOui."]),
    ],
)
def test_lignes_et_bords(texte: str, attendu: list[str]) -> None:
    assert phrases(texte) == attendu


SANS_PONCTUATION = (
    "alors moi je suis arrivée ici en deux mille douze avec mes deux enfants et puis on a trouvé un logement"
    " dans la tour du fond mais il n'y avait pas de travail donc j'ai fait des ménages le soir pendant trois"
    " ans parce que les horaires du bus ne permettaient pas autre chose du coup la voisine gardait les petits"
    " après elle a déménagé et là je me suis retrouvée toute seule"
)


def test_sans_ponctuation_on_coupe_aux_connecteurs() -> None:
    unites = phrases(SANS_PONCTUATION)
    assert " ".join(unites) == SANS_PONCTUATION
    assert all(MOTS_MIN <= len(unite.split()) <= MOTS_MAX for unite in unites)
    assert [" ".join(unite.split()[:2]) for unite in unites[1:]] == ["et puis", "donc j'ai", "du coup"]


def test_des_virgules_seulement() -> None:
    texte = ", ".join(["on va à la mission locale", "ils nous donnent un papier"] * 8)
    unites = phrases(texte)
    assert len(unites) > 2
    assert all(unite.endswith(",") for unite in unites[:-1])
    assert all(len(unite.split()) <= MOTS_MAX for unite in unites)


def test_un_mot_repete_reste_entier() -> None:
    unites = phrases(" ".join(["anticonstitutionnellement"] * 200))
    assert {mot for unite in unites for mot in unite.split()} == {"anticonstitutionnellement"}
    assert all(len(unite.split()) <= MOTS_MAX for unite in unites)


def test_une_phrase_ponctuee_de_quarante_mots_reste_entiere() -> None:
    texte = "On a vu " + ", ".join(["le maire et ses adjoints"] * 8) + "."
    assert phrases(texte) == [texte]


def test_une_parenthese_n_est_pas_coupee() -> None:
    incise = "(" + " ".join(["et puis là on rit encore"] * 4) + ")"
    debut, suite = "voilà comment ça se passe " * 3, " donc on rentre et on mange" * 6
    texte = debut + incise + suite
    assert sum(incise in unite for unite in phrases(texte)) == 1


MORCEAUX = st.sampled_from(
    ["Oui", "non", "M", "etc", "J", "2021", "euh", "Je", "mais", "donc", "l'", "1", "Q.P.V.", "É", "œ", "🙂"]
    + ["www.caf.fr", "a@b.fr", "«", "»", '"', "“", "”", "(", ")", "[", "]", ".", "...", "…", "?", "!"]
    + [",", ";", ":", "—", "-", "'", "’", " ", " ", " ", "\u00a0", "\u202f", "\n", "\r\n", "\n\n"]
    + ["\t", "\x0c", "\u2029"]
)
TEXTES = st.one_of(st.text(max_size=200), st.lists(MORCEAUX, max_size=150).map("".join))


@given(TEXTES)
@settings(max_examples=400, deadline=None)
def test_couverture_ordre_et_bords(texte: str) -> None:
    etendues = decouper(texte)
    atteint = 0
    for debut, fin in etendues:
        assert atteint <= debut < fin <= len(texte)
        assert texte[atteint:debut].strip() == ""
        assert texte[debut:fin] == texte[debut:fin].strip()
        atteint = fin
    assert texte[atteint:].strip() == ""
    assert decouper(texte) == etendues
    if len(etendues) > 1:
        assert all(re.search(r"\w", texte[debut:fin]) for debut, fin in etendues)
        assert not any(texte[debut] in "»”" for debut, _ in etendues[1:])


@given(st.lists(st.sampled_from([cas.replace(" | ", " ").replace("|", "") for cas in CAS]), max_size=6))
@settings(max_examples=60, deadline=None)
def test_les_paragraphes_se_decoupent_separement(paragraphes: list[str]) -> None:
    ensemble = phrases("\n\n".join(paragraphes))
    assert ensemble == [phrase for paragraphe in paragraphes for phrase in phrases(paragraphe)]


@given(st.text(max_size=80), st.text(alphabet=" \n\t", max_size=5), st.text(alphabet=" \n\t", max_size=5))
def test_les_blancs_du_bord_ne_comptent_pas(texte: str, avant: str, apres: str) -> None:
    coeur = texte.strip()
    decale = [(debut + len(avant), fin + len(avant)) for debut, fin in decouper(coeur)]
    assert decouper(avant + coeur + apres) == decale


@pytest.mark.parametrize(
    ("motif", "lettres"),
    [("(", 0), ("[", 0), ("(a.) ", 1), ("[a!] ", 1), ('" ', 0), ("« ", 0), ("\n", 0), ("\n- a", 1), (".", 0)]
    + [(". ", 0), ("! a", 1), ("... a", 1), ("a", 1), ("a ", 1), ("1. ", 1), ("A. ", 1), ("a\n", 1)]
    + [("M. A", 2)],
)
def test_les_textes_hostiles_se_decoupent(motif: str, lettres: int) -> None:
    # Une lecture qui reviendrait sur ses pas ne finirait pas : 60 000 caractères par motif.
    repetitions = 60_000 // len(motif)
    rendues = "".join(phrases(motif * repetitions))
    assert sum(lettre.isalnum() for lettre in rendues) == lettres * repetitions


def reference() -> pd.DataFrame:
    return pd.read_csv(DEMONSTRATION / "references" / "phrases.csv", keep_default_na=False)


def tours_de_reference(table: pd.DataFrame) -> list[Tour]:
    """Reconstituer des tours en joignant par une espace leurs phrases de référence."""
    tours = []
    for numero, groupe in table.groupby("tour", sort=True):
        texte = " ".join(groupe["texte"])
        tours.append(Tour(int(numero), "", groupe["role"].iloc[0], 0, len(texte), "", texte))
    return tours


def test_la_demonstration_se_decoupe_comme_la_reference() -> None:
    communes = rendues = attendues = 0
    for _, table in reference().groupby("entretien"):
        for tour, (_, groupe) in zip(tours_de_reference(table), table.groupby("tour"), strict=True):
            obtenues = set(phrases(tour.texte))
            voulues = set(groupe["texte"])
            communes += len(obtenues & voulues)
            rendues += len(obtenues)
            attendues += len(voulues)
    assert 2 * communes / (rendues + attendues) >= 0.97


def test_une_phrase_deja_coupee_ne_se_recoupe_pas() -> None:
    textes = [
        tour.texte
        for _, table in reference().groupby("entretien")
        for tour in tours_de_reference(table)
        if table["entretien"].iloc[0].endswith("E01")
    ]
    morceaux = [phrase for texte in textes for phrase in phrases(texte)]
    assert len(morceaux) > 500
    assert sum(phrases(morceau) != [morceau] for morceau in morceaux) == 0


def test_la_table_numerote_les_seuls_enquetes() -> None:
    texte = "Q : Ça va ? Vous êtes là ?\nR : Oui. Et vous ?\nQ : Bon.\nR : Voilà."
    tours = []
    for rang, ligne in enumerate(texte.split("\n"), start=1):
        debut = texte.index(ligne) + 4
        role: Role = "enqueteur" if ligne[0] == "Q" else "enquete"
        tours.append(Tour(rang, "", role, debut, debut + len(ligne) - 4, "", ligne[4:]))
    table = tableau_phrases("X-01", tours)
    assert tuple(table.columns) == COLONNES
    assert table["phrase"].tolist() == ["", "", "p001", "p002", "", "p003"]
    assert table["tour"].tolist() == [1, 1, 2, 2, 3, 4]
    assert table["texte"].tolist() == ["Ça va ?", "Vous êtes là ?", "Oui.", "Et vous ?", "Bon.", "Voilà."]
    assert [texte[d:f] for d, f in zip(table["debut"], table["fin"], strict=True)] == table["texte"].tolist()
    assert set(table["entretien"]) == {"X-01"}


def test_au_dela_de_999_phrases() -> None:
    texte = "Oui. " * 1001
    table = tableau_phrases("X", [Tour(1, "", "enquete", 0, len(texte) - 1, "", texte[:-1])])
    assert table["phrase"].iloc[998:].tolist() == ["p999", "p1000", "p1001"]


def test_table_vide_bien_typee() -> None:
    vide = tableau_phrases("X", [])
    pleine = tableau_phrases("X", [Tour(1, "", "enquete", 0, 4, "", "Oui.")])
    assert len(vide) == 0
    assert vide.dtypes.tolist() == pleine.dtypes.tolist()
    assert [str(vide[nom].dtype) for nom in ("tour", "debut", "fin")] == ["int64"] * 3
    assert all(pd.api.types.is_string_dtype(vide[nom]) for nom in ("entretien", "phrase", "role", "texte"))
