"""Essais de `corpus.locuteurs` : qui parle, où, et dans quel rôle."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from paroles_d_essai import (
    ALTERNES,
    PAROLES,
    QUESTIONS,
    REPONSES,
    entretien,
    verifier_alternance,
)

from corpus.amorces import horodatage
from corpus.locuteurs import reperer_tours

ETIQUETTES = {
    "Enquêtrice : / Enquêté :": ("Enquêtrice : ", "Enquêté : "),
    "Q : / R :": ("Q : ", "R : "),
    "collé": ("Q:", "R:"),
    "insécable": ("Enquêteur\u00a0: ", "Enquêtée\u202f: "),
    "inclusif": ("Enquêteur·rice : ", "Enquêté(e) : "),
    "initiales": ("ML : ", "BC : "),
    "initiales pointées": ("M.L. : ", "B.C. : "),
    "Enquêteur : / Mme Ferrand :": ("Enquêteur : ", "Mme Ferrand : "),
    "prénoms": ("Claire : ", "Nathalie : "),
    "prénoms en minuscules": ("claire : ", "nathalie : "),
    "prénoms en capitales": ("CLAIRE : ", "NATHALIE : "),
    "INT : / E :": ("INT : ", "E : "),
    "E : / R :": ("E : ", "R : "),
    "I : / E :": ("I : ", "E : "),
    "E : / I :": ("E : ", "I : "),
    "Question : / Réponse :": ("Question : ", "Réponse : "),
    "Enq. :": ("Enq. : ", "M. Bo : "),
    "nom, fonction": ("Claire Bost, sociologue : ", "Ana Ruiz, directrice du centre : "),
    "nom (fonction)": ("Claire (enquêtrice) : ", "Ana (habitante, 45 ans) : "),
    "SPEAKER_00:": ("SPEAKER_00: ", "SPEAKER_01: "),
    "SPEAKER inversé": ("SPEAKER_01: ", "SPEAKER_00: "),
    "S00:": ("S00: ", "S01: "),
    "Intervenant 1 :": ("Intervenant 1 : ", "Intervenant 2 : "),
    "Participant 1 :": ("Participant 1 : ", "Participant 2 : "),
    "gras markdown": ("**Claire :** ", "**Nathalie :** "),
    "gras avant les deux-points": ("**Claire** : ", "**Nathalie** : "),
    "chevrons": ("<Claire> ", "<Nathalie> "),
    "tabulation": ("Claire\t", "Nathalie\t"),
    "tabulation après deux-points": ("Claire :\t", "Nathalie :\t"),
    "point tiret": ("Claire. – ", "Nathalie. – "),
    "tiret": ("CL – ", "NF – "),
    "initiales et point": ("CL. ", "NF. "),
    "étiquette seule": ("Claire\n", "Nathalie\n"),
    "étiquette seule et deux-points": ("Claire :\n", "Nathalie :\n"),
    "étiquette seule, ligne vide": ("Enquêtrice\n\n", "Enquêtée\n\n"),
    "parenthèses": ("(Claire) ", "(Nathalie) "),
    "crochets": ("[Claire] ", "[Nathalie] "),
    "barre oblique": ("Q/ ", "R/ "),
    "pronoms": ("Moi : ", "Elle : "),
    "groupes sans majuscule": ("la sociologue : ", "un habitant : "),
    "chevrons doubles": (">> Claire: ", ">> Nathalie: "),
    "inconnu": ("Claire : ", "? : "),
    "titres markdown": ("### Claire\n\n", "### Nathalie\n\n"),
    "Locuteur seul": ("Locuteur 1\n", "Locuteur 2\n"),
}
SANS_NOM = {
    "crochets et tirets": ("— [Question] ", "— "),
    "cadratins": ("— ", "— "),
    "demi-cadratins": ("– ", "– "),
    "traits d'union": ("- ", "- "),
    "tirets collés": ("—", "—"),
    "tirets aux questions": ("– ", ""),
    "tirets aux réponses": ("", "– "),
    "questions étiquetées seules": ("Q : ", ""),
    "paragraphes nus": ("", ""),
}


@pytest.mark.parametrize("etiquettes", ETIQUETTES.values(), ids=ETIQUETTES.keys())
@pytest.mark.parametrize("fin", ["\n\n", "\n", "\r\n\r\n", "\r"], ids=["vide", "n", "rnrn", "r"])
def test_etiquettes(etiquettes: tuple[str, str], fin: str) -> None:
    verifier_alternance(
        entretien(*etiquettes, fin).replace("\n", "\r\n") if "\r\n" in fin else entretien(*etiquettes, fin)
    )


@pytest.mark.parametrize("etiquettes", SANS_NOM.values(), ids=SANS_NOM.keys())
@pytest.mark.parametrize("fin", ["\n\n", "\n", "\r\n"], ids=["vide", "n", "rn"])
def test_sans_nom(etiquettes: tuple[str, str], fin: str) -> None:
    verifier_alternance(entretien(*etiquettes, fin))


def test_locuteur_tel_qu_il_est_ecrit() -> None:
    verifier_alternance(entretien("Enquêtrice : ", "Mme Ferrand : "), ("Enquêtrice", "Mme Ferrand"))
    verifier_alternance(
        entretien("**Claire :** ", "**Jean-Paul Le Goff :** "), ("Claire", "Jean-Paul Le Goff")
    )
    verifier_alternance(entretien("Claire Bost, sociologue : ", "Ana : "), ("Claire Bost", "Ana"))
    verifier_alternance(entretien("— [Question] ", "— "), ("Question", ""))
    verifier_alternance(entretien("", ""), ("", ""))


def test_ligne_entiere_en_gras() -> None:
    texte = "".join(
        f"**Claire : {q}**\n\nNathalie : {r}\n\n" for q, r in zip(QUESTIONS, REPONSES, strict=True)
    )
    verifier_alternance(texte)


def test_questions_en_gras_sans_etiquette() -> None:
    texte = "".join(f"**{q}**\n\n{r}\n\n" for q, r in zip(QUESTIONS, REPONSES, strict=True))
    verifier_alternance(texte)
    assert reperer_tours(texte).convention == "questions en gras"


@pytest.mark.parametrize("patron", ["*{q}*\n{r}\n\n", "## {q}\n\n{r}\n\n", "**{q}**\n\nR : {r}\n\n"])
def test_autres_questions_marquees(patron: str) -> None:
    verifier_alternance("".join(patron.format(q=q, r=r) for q, r in zip(QUESTIONS, REPONSES, strict=True)))


def test_segments_horodates_sans_locuteur() -> None:
    texte = "".join(
        f"[00:0{rang}.000 --> 00:0{rang + 1}.000]  {parole}\n" for rang, parole in enumerate(PAROLES)
    )
    verifier_alternance(texte)
    assert reperer_tours(texte).tours[3].horodatage == "00:00:03"


def test_questions_numerotees() -> None:
    texte = "".join(
        f"Q{rang}. {q}\n\nR{rang}. {r}\n\n"
        for rang, (q, r) in enumerate(zip(QUESTIONS, REPONSES, strict=True), 1)
    )
    verifier_alternance(texte, ("Q", "R"))


def test_mis_a_plat_sur_une_ligne() -> None:
    verifier_alternance(entretien("Q : ", "R : ", " ").strip())


# --- Horodatages -------------------------------------------------------------------------------

HEURES = ["00:00:06", "00:00:12", "00:00:30", "00:00:41", "00:01:02", "00:01:09", "00:01:30", "00:01:44"]


def horodate(patron: str) -> str:
    noms = ["Claire Bost", "Ana Ruiz"] * 4
    return "".join(
        patron.format(h=heure, court=heure[4:], nom=nom, parole=parole)
        for heure, nom, parole in zip(HEURES, noms, PAROLES, strict=True)
    )


@pytest.mark.parametrize(
    "patron",
    [
        "[{h}] {nom} : {parole}\n\n",
        "({court}) {nom} : {parole}\n\n",
        "{nom} [{h}] : {parole}\n\n",
        "{nom} : [{h}] {parole}\n\n",
        "{nom}   {court}\n{parole}\n\n",
        "{nom} {h}\n{parole}\n\n",
        "[{nom}] {h}\n{parole}\n\n",
        "{h} {nom}\n{parole}\n\n",
        "{h}\n{nom} : {parole}\n\n",
        "#{h}-4# {nom}: {parole}\n",
        "**{nom}** ({court})\n\n{parole}\n\n",
    ],
)
def test_horodatages(patron: str) -> None:
    texte = horodate(patron)
    verifier_alternance(texte, ("Claire Bost", "Ana Ruiz"))
    assert [tour.horodatage for tour in reperer_tours(texte).tours] == HEURES


def test_horodatage_final_donne_l_heure_du_tour_suivant() -> None:
    texte = horodate("{nom}: {parole} #{h}-4#\n")
    verifier_alternance(texte)
    assert [tour.horodatage for tour in reperer_tours(texte).tours] == ["", *HEURES[:-1]]


def test_horodatages_a_part() -> None:
    texte = entretien("", "")
    tours = reperer_tours(texte).tours
    places = [
        (tours[1].debut, "00:00:05"),
        (tours[3].debut - 1, "00:00:20"),
        (tours[3].debut + 1, "00:00:21"),
    ]
    rendus = [tour.horodatage for tour in reperer_tours(texte, horodatages=places).tours]
    assert rendus == ["", "00:00:05", "00:00:05", "00:00:20", *["00:00:21"] * 4]


@pytest.mark.parametrize(
    ("brut", "attendu"),
    [
        ("0:03", "00:00:03"),
        ("(75:30)", "01:15:30"),
        ("#00:01:23-4#", "00:01:23"),
        ("1:02:03.450", "01:02:03"),
        ("", ""),
    ],
)
def test_forme_des_horodatages(brut: str, attendu: str) -> None:
    assert horodatage(brut) == attendu


# --- Étendues ----------------------------------------------------------------------------------


def test_parole_sur_plusieurs_paragraphes() -> None:
    texte = "Claire : Ça va ?\n\nAna : Oui.\n\nMieux qu'hier.\n\n  Et demain aussi. \n\nClaire : Bon ?\n\n"
    texte += "Ana : Bon."
    tours = reperer_tours(texte).tours
    assert [tour.texte for tour in tours] == [
        "Ça va ?",
        "Oui.\n\nMieux qu'hier.\n\n  Et demain aussi.",
        "Bon ?",
        "Bon.",
    ]
    assert (tours[1].debut, tours[1].fin) == (texte.index("Oui"), texte.index("aussi.") + 6)


def test_didascalies() -> None:
    texte = "[Début de l'enregistrement]\n\n" + entretien("Q : ", "R : ") + "[Fin de l'enregistrement]\n"
    tours = reperer_tours(texte).tours
    assert tours[0].texte == QUESTIONS[0]
    assert tours[-1].texte == REPONSES[-1] + "\n\n[Fin de l'enregistrement]"
    nus = reperer_tours("(silence)\n\n" + entretien("", "")).tours
    assert nus[0].texte == QUESTIONS[0]


def test_didascalie_en_tete_de_parole_en_fait_partie() -> None:
    texte = entretien("— ", "— [Rires.] ")
    assert [tour.texte for tour in reperer_tours(texte).tours][1] == "[Rires.] " + REPONSES[0]


def test_la_tete_n_est_pas_lue() -> None:
    tete = "Q : ceci est une clé\nR : cela aussi\n\n"
    tours = reperer_tours(tete + entretien("Claire : ", "Ana : "), debut=len(tete)).tours
    assert tours[0].debut == len(tete) + len("Claire : ") and len(tours) == 8


def test_titre_avant_le_premier_tour() -> None:
    reperage = reperer_tours("Entretien avec Mme Ruiz\nLieu : mairie\n\n" + entretien("Claire : ", "Ana : "))
    assert reperage.tours[0].texte == QUESTIONS[0]
    assert any("Entretien avec Mme Ruiz" in phrase for phrase in reperage.suppositions)


def test_rien() -> None:
    for texte in ("", "  \n\r\n ", "\ufeff"):
        assert reperer_tours(texte).tours == ()
    assert reperer_tours("Q : bonjour", debut=11).tours == ()


# --- Pièges ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "piege",
    [
        "Résultat : trois mois de retard.",
        "Résultat : Trois mois de retard.",
        "Exemple : la navette.",
        "Il m'a dit : fais-le.",
        "Boulot : rien depuis mars.",
        "Question : est-ce que je devais partir ?",
        "Réponse officielle : On verra.",
        "Autre chose : J'ai gardé la clé.",
        "Les horaires : c'est ça, le nœud.",
        "Rendez-vous à 14:30 devant la gare.",
        "Bilan\nOn recommence.",
        "https://exemple.fr",
    ],
)
@pytest.mark.parametrize(
    "etiquettes", [("Claire : ", "Nathalie : "), ("Enquêtrice : ", "Enquêté : "), ("ML : ", "BC : ")]
)
def test_un_mot_suivi_de_deux_points_n_est_pas_un_locuteur(piege: str, etiquettes: tuple[str, str]) -> None:
    for separateur in ("\n\n", "\n"):
        texte = entretien(*etiquettes).replace(REPONSES[1], REPONSES[1] + separateur + piege)
        tours = reperer_tours(texte).tours
        assert len(tours) == 8
        assert tours[3].texte == REPONSES[1] + separateur + piege


def test_piege_recurrent() -> None:
    texte = entretien("Claire : ", "Nathalie : ")
    for reponse in REPONSES[:3]:
        texte = texte.replace(reponse, f"{reponse}\n\nRésultat : trois mois.\n\nBoulot : rien du tout.")
    assert [tour.role for tour in reperer_tours(texte).tours] == ALTERNES


def test_piege_en_paragraphes_nus() -> None:
    texte = entretien("", "").replace(
        REPONSES[1], REPONSES[1] + "\n\nRésultat : trois mois de retard pour moi."
    )
    tours = reperer_tours(texte).tours
    assert [tour.role for tour in tours] == ALTERNES
    assert tours[3].texte.endswith("de retard pour moi.")


def test_propos_rapportes() -> None:
    ajout = "\n\nM. Petit : « On verra. »"
    texte = entretien("Claire : ", "Nathalie : ").replace(REPONSES[1], REPONSES[1] + ajout)
    tours = reperer_tours(texte).tours
    assert len(tours) == 8 and tours[3].texte.endswith(ajout)


def test_legende_de_tete() -> None:
    legende = "CB : Claire Bost, enquêtrice\nAR : Ana Ruiz, directrice\n\n"
    assert [tour.texte for tour in reperer_tours(legende + entretien("CB : ", "AR : ")).tours] == PAROLES


def test_titre_devant_des_paragraphes_nus() -> None:
    reperage = reperer_tours("ENTRETIEN AVEC MME RUIZ\n\n" + entretien("", ""))
    assert [tour.texte for tour in reperage.tours] == PAROLES
    assert any("ENTRETIEN" in phrase for phrase in reperage.suppositions)


@pytest.mark.parametrize("nom", ["Julien", "Mme Petit", "Secrétaire", "Voix d'homme"])
def test_tiers_qui_n_apparait_qu_une_fois(nom: str) -> None:
    texte = entretien("Claire : ", "Nathalie : ")
    coupure = f"{nom} : Pardon, le camion est là.\n\nNathalie : J'arrive.\n\n"
    texte = texte.replace(f"Claire : {QUESTIONS[2]}", f"{coupure}Claire : {QUESTIONS[2]}")
    reperage = reperer_tours(texte)
    assert (reperage.tours[4].locuteur, reperage.tours[4].role) == (nom, "enquete")
    assert reperage.tours[4].texte == "Pardon, le camion est là."
    assert len(reperage.tours) == 10
    assert any(nom in phrase for phrase in reperage.suppositions)


# --- Robustesse --------------------------------------------------------------------------------

FRAGMENTS = st.sampled_from(
    [
        "Claire : ",
        "Q : ",
        "R :",
        "— ",
        "- ",
        "\n",
        "\n\n",
        "\r\n",
        "\r",
        "[00:01] ",
        "#00:01:02-3#",
        "**",
        "<A>",
        "\t",
        "Oui.",
        "Pourquoi ?",
        "SPEAKER_00: ",
        "[Rires]",
        "0:03",
        "\u00a0",
        "# ",
        "(",
        "Bob\n",
        " : ",
        "é",
        "\ufeff",
        "_",
        "Résultat : ",
    ]
)


@given(
    st.one_of(st.text(), st.lists(FRAGMENTS, max_size=40).map("".join)),
    st.integers(0, 12),
    st.lists(st.sampled_from(["Claire", "bob", ""]), max_size=2),
)
@example("Q : ", 0, [])
@example("** **\n\n** **\n\nA\n\nB", 0, [])
def test_texte_quelconque(texte: str, debut: int, enqueteurs: list[str]) -> None:
    debut = min(debut, len(texte))
    reperage = reperer_tours(texte, debut, [(0, "00:00:00"), (3, "00:00:02")], enqueteurs)
    fin = debut
    for rang, tour in enumerate(reperage.tours, 1):
        assert tour.tour == rang and tour.role in {"enqueteur", "enquete"}
        assert fin <= tour.debut < tour.fin <= len(texte)
        assert texte[tour.debut : tour.fin] == tour.texte == tour.texte.strip()
        fin = tour.fin
    assert reperage == reperer_tours(texte, debut, [(0, "00:00:00"), (3, "00:00:02")], enqueteurs)


def test_un_sigle_qui_ouvre_quelques_phrases_n_est_pas_une_etiquette() -> None:
    """« RSA. Trois lettres… » revient, mais ne couvre pas l'entretien ; « MM. Petit et Roux » n'y revient pas."""
    texte = ("Comment cela s'est-il passé ?\n\nMM. Petit et Roux sont venus. On a parlé longtemps.\n\nEt ensuite ?\n\n"
             "RSA. Trois lettres, et tout le monde se tait.\n\nPourquoi ce silence ?\n\nRSA. C'est le mot qu'ils ont tous.\n")
    tours = reperer_tours(texte).tours
    assert {tour.locuteur for tour in tours} == {""}
    assert [tour.texte[:4] for tour in tours if tour.role == "enquete"] == ["MM. ", "RSA.", "RSA."]
