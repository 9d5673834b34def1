"""Sous-titres WebVTT et SubRip : Teams, Whisper, noScribe, YouTube, fichiers cassés."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.entretien import Document
from corpus.fautes import ErreurEtude
from corpus.formats_soustitres import lire_srt, lire_vtt

TEAMS = """WEBVTT

NOTE confidentiel

aa11/0-0
00:00:04.000 --> 00:00:06.000
<v Claire Dupont>Vous couvrez
quels quartiers&nbsp;?</v>

aa11/1-0
00:00:07.500 --> 00:00:09.000
<v Olivier T.>Les <i>cinq</i>. R&amp;D</v>

aa11/2-0
01:00:09.000 --> 01:00:12.000
<v Olivier T.><00:00:10.000><c.jaune>Voilà.</c></v>
"""


def vtt(texte: str) -> Document:
    return lire_vtt(texte.encode(), "e.vtt")


def srt(texte: str) -> Document:
    return lire_srt(texte.encode(), "e.srt")


def test_teams() -> None:
    lu = vtt(TEAMS)
    assert (
        lu.texte
        == "Claire Dupont : Vous couvrez quels quartiers\u00a0?\n\nOlivier T. : Les cinq. R&D Voilà.\n"
    )
    assert lu.horodatages == (
        (16, "00:00:04"),
        (lu.texte.index("Les"), "00:00:07"),
        (lu.texte.index("Voilà"), "01:00:09"),
    )


def test_deux_voix_dans_une_replique() -> None:
    lu = vtt("WEBVTT\n\n00:01.000 --> 00:02.000\n<v A>Oui ?</v>\n<v B>Non.</v>\n")
    assert lu.texte == "A : Oui ?\n\nB : Non.\n"
    assert [temps for _, temps in lu.horodatages] == ["00:00:01", "00:00:01"]


def test_whisper() -> None:
    lu = srt(
        "1\n00:00:01,000 --> 00:00:02,000\n[SPEAKER_00]: Bonjour.\n\n"
        "2\n00:00:02,000 --> 00:00:03,000\n[SPEAKER_01]: Oui.\n\n"
        "3\n00:00:03,000 --> 00:00:04,000\n[SPEAKER_01]: Trois choses : un.\n"
    )
    assert lu.texte == "SPEAKER_00 : Bonjour.\n\nSPEAKER_01 : Oui. Trois choses : un.\n"


def test_noscribe_point_et_heures_absentes() -> None:
    lu = srt(
        "1\n00:01.000 --> 00:02.000\nS00: Bonjour. (3s)\n\n2\n00:02.500 --> 00:03.000\nS01: Oui,\n\n"
        "3\n00:03.000 --> 00:04.000\nbien sûr.\n\n4\n00:04.000 --> 00:05.000\nS00: Bon.\n\n"
        "5\n00:06.000 --> 00:07.000\nS01: Voilà.\n"
    )
    assert lu.texte == "S00 : Bonjour. (3s)\n\nS01 : Oui, bien sûr.\n\nS00 : Bon.\n\nS01 : Voilà.\n"


def test_sans_nom_pauses_et_tirets() -> None:
    lu = srt(
        "1\n00:00:01,000 --> 00:00:02,000\nBonjour.\n\n2\n00:00:02,500 --> 00:00:03,000\nRésultat : rien.\n\n"
        "3\n00:00:06,000 --> 00:00:07,000\nPlus tard.\n\n4\n00:00:07,000 --> 00:00:08,000\n- Oui ?\n- Non.\n"
    )
    assert lu.texte == "Bonjour. Résultat : rien.\n\nPlus tard.\n\n- Oui ?\n\n- Non.\n"
    assert [lu.texte[position:].split()[0] for position, _ in lu.horodatages] == [
        "Bonjour.",
        "Résultat",
        "Plus",
        "-",
        "-",
    ]


def test_sous_titres_deroulants() -> None:
    lu = vtt(
        "WEBVTT\nKind: captions\nLanguage: fr\n\n"
        "00:00:01.000 --> 00:00:03.000 align:start position:0%\n \nbonjour<00:00:01.500><c> à tous</c>\n\n"
        "00:00:03.000 --> 00:00:03.010 align:start position:0%\nbonjour à tous\n \n\n"
        "00:00:03.010 --> 00:00:05.000 align:start position:0%\nbonjour à tous\n"
        "on<00:00:04.000><c> va parler</c>\n\n"
        "00:00:05.000 --> 00:00:05.010\non va parler\n \n\n"
        "00:00:05.010 --> 00:00:06.000\non va parler\nd'emploi\n"
    )
    assert lu.texte == "bonjour à tous on va parler d'emploi\n"


def test_repetition_gardee() -> None:
    """Un « Oui » dit deux fois n'est pas un sous-titre déroulant."""
    repliques = ["Oui.", "Oui.", "Je crois.", "Enfin.", "Bref.", "Voilà."]
    lu = srt("\n".join(f"{i}\n00:00:0{i},000 --> 00:00:0{i},900\n{r}\n" for i, r in enumerate(repliques, 1)))
    assert lu.texte == "Oui. Oui. Je crois. Enfin. Bref. Voilà.\n"


def test_lignes_vides_numeros_manquants_et_extension_trompeuse() -> None:
    lu = vtt("\n00:00:01,5 --> 00:00:02,000\nUn\n\n deux\n2024\n\n3\n00:00:02,000 --> 00:00:03,000\ntrois\n")
    assert lu.texte == "Un deux 2024 trois\n"
    assert srt("WEBVTT\n\n00:01.000 --> 00:02.000\nUn\n\nsuite\n").texte == "Un suite\n"


@pytest.mark.parametrize(
    ("texte", "attendu"),
    [
        ("WEBVTT\n\n00:01.000 -> 00:02.000\nOui\n", "ligne 3 : ce texte n'appartient à aucune réplique"),
        (
            "WEBVTT\n\n00:01.000 --> deux\nOui\n\n00:61.000 --> 00:62.000\nNon\n",
            "ligne 3 : ligne de temps mal formée",
        ),
        ("Bonjour\n", "il ne commence pas par « WEBVTT »"),
        ("WEBVTT\n\n00:01.000 --> 00:02.000\n\n", "aucune parole"),
        ("WEBVTT\n", "aucune parole"),
    ],
)
def test_vtt_casses(texte: str, attendu: str) -> None:
    with pytest.raises(ErreurEtude, match=attendu):
        vtt(texte)


def test_toutes_les_fautes_d_un_coup() -> None:
    with pytest.raises(ErreurEtude) as erreur:
        srt("1\n00:00:01,000 --> 00:99:02,000\nOui\n\n2\nfaux --> faux\nNon\n")
    assert [faute.ligne for faute in erreur.value.fautes] == [2, 6]


mots = st.text(st.sampled_from("abcdéêœ’"), min_size=1, max_size=8)


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(mots, min_size=1, max_size=6), min_size=1, max_size=8), st.sampled_from(["vtt", "srt"])
)
def test_aucun_mot_perdu(repliques: list[list[str]], extension: str) -> None:
    """Sans nom ni répétition, le texte rendu est la suite des mots."""
    lignes = ["WEBVTT", ""] if extension == "vtt" else []
    for rang, dits in enumerate(repliques):
        lignes += [
            str(rang + 1),
            f"00:00:{rang:02d}.000 --> 00:00:{rang:02d}.500",
            f"{rang} {' '.join(dits)}",
            "",
        ]
    lu = (vtt if extension == "vtt" else srt)("\n".join(lignes))
    assert lu.texte.split() == [mot for rang, dits in enumerate(repliques) for mot in [str(rang), *dits]]
    assert len(lu.horodatages) == len(repliques)
    assert list(lu.horodatages) == sorted(lu.horodatages)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["A", "Mme B", "Élu (ville)"]), mots), min_size=1, max_size=10))
def test_tours_par_voix(repliques: list[tuple[str, str]]) -> None:
    lignes = ["WEBVTT", ""]
    for rang, (nom, dit) in enumerate(repliques):
        lignes += [f"00:00:{rang:02d}.000 --> 00:00:{rang:02d}.500", f"<v {nom}>{rang}{dit}</v>", ""]
    attendus: list[list[str]] = []
    for rang, (nom, dit) in enumerate(repliques):
        if rang and repliques[rang - 1][0] == nom:
            attendus[-1].append(f"{rang}{dit}")
        else:
            attendus.append([f"{nom} :", f"{rang}{dit}"])
    assert vtt("\n".join(lignes)).texte == "\n\n".join(map(" ".join, attendus)) + "\n"


@pytest.mark.parametrize(("une", "autre"), [
    ("Claire :", "Paul :"), ("Claire (enquêtrice) :", "Paul (directeur) :"), ("enquêtrice :", "enquêté :"),
    ("CB:", "PD:"), ("[Claire]", "[Paul]"), ("SPEAKER_00:", "SPEAKER_01:"),
])
def test_les_noms_dans_la_replique_font_des_tours(une: str, autre: str) -> None:
    paroles = [(une, "Vous êtes là depuis quand ?"), (autre, "Trois ans. Résultat : on connaît tout le monde."),
               (une, "Et la suite ?"), (autre, "On verra, les crédits s'arrêtent en décembre.")]
    texte = "WEBVTT\n\n" + "".join(
        f"00:00:{4 * rang:02}.000 --> 00:00:{4 * rang + 4:02}.000\n{nom} {parole}\n\n"
        for rang, (nom, parole) in enumerate(paroles))
    rendu = lire_vtt(texte.encode(), "x.vtt").texte
    assert [bloc.split(" : ", 1)[1] for bloc in rendu.strip().split("\n\n")] == [parole for _, parole in paroles]


def test_un_fichier_d_une_autre_forme_ne_fait_pas_mille_fautes() -> None:
    with pytest.raises(ErreurEtude) as leve:
        lire_srt(b"bla bla\n\n" * 500, "x.srt")
    assert len(leve.value.fautes) <= 4
