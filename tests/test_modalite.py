"""La modalité d'une mention, sur des phrases inventées : chaque modalité, chaque genre, et les pièges."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacy.tokens import Doc

from extraction.indices import relever
from extraction.langue import analyser
from extraction.modalite import GENRES, MODALITES, Genre, Poids, Verdict, lire_poids, poids_livres, predire
from extraction.modalite_apprentissage import apprendre, ecrire_poids, lire_references

PHRASES: dict[tuple[Genre, str], tuple[str, ...]] = {
    ("condition", "presente"): (
        "On a monté le diagnostic avec tous les partenaires autour de la table.",
        "La coordinatrice fait le lien entre tout le monde, et ça marche.",
        "Le préfet et le maire décident ensemble.",
        "Chaque mercredi, nos médiateurs vont au pied des immeubles.",
        "On n'a pas créé une action de plus, on a adapté les horaires de l'atelier.",
        "Ce n'est pas mal, leur façon de partager les décisions.",
        "Les gens qui n'ont jamais mis les pieds à l'agence, elle les accompagne jusqu'à l'emploi.",
        "Il n'y a pas que la mission locale : la Caf et le CCAS participent aussi.",
        "Depuis l'arrivée de la coordinatrice, les conseillers se parlent.",
        "J'ai obtenu l'argent en trois jours, c'est très souple.",
        "Le sous-préfet m'a dit que nos services travaillaient bien ensemble.",
        "Nous avons bâti le plan d'actions avec les habitants.",
        "Y a plus de souplesse qu'avant sur les crédits.",
        "Elle est neutre, tout le monde lui fait confiance.",
    ),
    ("condition", "absente"): (
        "On n'a jamais fait de diagnostic partagé.",
        "Le département n'est pas venu une seule fois.",
        "Personne ne nous a demandé notre avis.",
        "La Caf, non, on les voit jamais.",
        "Y a pas de coordination entre l'État et la ville.",
        "Le conseil départemental n'a jamais participé.",
        "Mais le diagnostic, on l'a découvert dans la presse.",
        "Aucun travailleur social n'est associé à la démarche.",
        "Malheureusement le CCAS n'a pas été invité.",
        "On n'a plus de coordinatrice depuis l'été.",
        "Je trouve que les partenaires ne sont pas associés aux décisions.",
        "Non, pas de diagnostic commun.",
        "Il n'y a aucune souplesse dans les crédits.",
        "On n'a pas été consultés au moment d'écrire le plan.",
    ),
    ("condition", "hypothetique"): (
        "Il faudrait un vrai diagnostic partagé.",
        "J'aimerais que la Caf soit autour de la table.",
        "L'idéal, ce serait un financement sur trois ans.",
        "On devrait aller chercher les gens chez eux.",
        "Si la coordinatrice était rattachée à l'agglomération, elle aurait plus de poids.",
        "J'espère que le département nous rejoindra.",
        "Qu'on nous laisse un peu de souplesse dans les dépenses.",
        "L'année prochaine, on fera le diagnostic avec les habitants.",
        "Je voudrais une seule instance pour tout le monde.",
        "Ce que je souhaite, c'est que le poste soit pérennisé.",
        "À terme, il faudra fusionner les deux comités.",
        "J'ai peur que le poste de coordination disparaisse.",
        "On aurait préféré être associés dès le départ.",
        "Il faut que l'État et la ville pilotent ensemble.",
    ),
    ("obstacle", "presente"): (
        "Il n'y a pas assez de monde pour monter les dossiers.",
        "On n'a aucune visibilité sur les crédits.",
        "Les gens n'osent pas pousser la porte, ils se méfient.",
        "Il y a trop de dispositifs, on s'y perd.",
        "Les services de l'État ne se parlent pas.",
        "Je ne dis pas qu'ils sont de mauvaise foi, mais les dossiers sont interminables.",
        "Y a plus de bus après vingt heures, les salariés sont coincés.",
        "La mission locale et le PLIE se disputent le même public.",
        "Il faut remplir quatre tableaux pour les mêmes personnes.",
        "Le poste est vacant depuis huit mois.",
        "Les femmes seules n'ont personne pour garder les enfants.",
        "Les crédits arrivent en octobre et il faut les dépenser avant Noël.",
        "Y a plus de dispositifs que d'habitants.",
        "Elle m'a dit qu'elle n'avait jamais entendu parler de nous.",
    ),
    ("obstacle", "absente"): (
        "Ça s'est arrangé, maintenant on se parle.",
        "On ne se dispute plus les jeunes, on s'est mis d'accord.",
        "Avant, chacun travaillait dans son coin, aujourd'hui on partage les dossiers.",
        "Le problème de garde est réglé depuis qu'on a ouvert la crèche.",
        "On n'a plus de souci de mobilité, la navette est en place.",
        "Maintenant on se réunit et on se répartit les candidats.",
        "Depuis, on a débloqué la situation avec la DDETS.",
        "C'est réglé, on a trouvé un accord avec le PLIE.",
        "On s'est mis d'accord pour éviter la concurrence.",
        "Pour une fois, pas de dossier à remplir, ça va vite.",
        "Ça va, on s'entend bien avec la mission locale, on partage.",
        "On a réussi à lever les freins de mobilité en deux semaines.",
        "Désormais les deux services travaillent ensemble.",
        "Avec eux il n'y a pas de concurrence, on est complémentaires.",
    ),
    ("obstacle", "hypothetique"): (
        "Si la coordinatrice s'en va, on recommencera à zéro.",
        "J'ai peur que les crédits s'arrêtent en décembre.",
        "Je crains qu'on nous rajoute encore des indicateurs.",
        "Le risque, c'est que tout le monde se dispute le public.",
        "On risquerait de se marcher dessus.",
        "Il faudrait des places en crèche tôt le matin.",
        "Que ça ne s'arrête pas au bout d'un an.",
        "Si demain la mission locale se retire, je ne pourrai pas continuer.",
        "J'aimerais qu'on arrête d'empiler les dispositifs.",
        "Sinon la préfecture décidera toute seule.",
        "Ma crainte, c'est que le poste soit supprimé.",
        "Si on avait élargi le périmètre, on aurait perdu les quartiers.",
        "J'espère qu'ils ne vont pas nous demander un tableau de plus.",
        "Je voudrais que les crédits durent plus de deux ans.",
    ),
}

ENTETE = "codeur,entretien,phrase,debut,fin,code,modalite,texte\n"


def doc_de(texte: str) -> Doc:
    return next(analyser([texte]))


def noms_de(texte: str) -> set[str]:
    return {indice.nom for indice in relever(doc_de(texte))}


@pytest.mark.parametrize(
    ("genre", "modalite", "texte"), [(g, m, t) for (g, m), textes in PHRASES.items() for t in textes]
)
def test_modalite_d_une_phrase(genre: Genre, modalite: str, texte: str) -> None:
    verdict = predire(doc_de(texte), genre)
    assert verdict.modalite == modalite, verdict.indices


def test_chaque_modalite_de_chaque_genre_a_ses_douze_phrases() -> None:
    assert set(PHRASES) == {(genre, modalite) for genre in GENRES for modalite in MODALITES}
    assert min(len(textes) for textes in PHRASES.values()) >= 12


@pytest.mark.parametrize(
    ("texte", "attendu", "exclu"),
    [
        ("Il n'y a pas que la mairie qui paye.", "negation_de_facade", "negation_principale"),
        ("Je ne dis pas que c'est leur faute.", "negation_de_facade", "negation_principale"),
        ("C'est pas mal du tout.", "negation_de_facade", "negation_principale"),
        ("Les jeunes qui ne travaillent pas viennent.", "negation_subordonnee", "negation_principale"),
        ("Je trouve qu'on ne les voit pas.", "negation_principale", "negation_subordonnee"),
        ("Elle m'a dit : « je n'y arrive pas ».", "negation_citee", "negation_principale"),
        ("On ne se dispute plus le public.", "mal_nie", "negation_principale"),
        ("On n'a plus besoin d'eux.", "besoin_nie", "negation_principale"),
        ("Pas de dossier à remplir.", "charge_niee", "bien_nie"),
        ("Aucun partenaire n'est là.", "bien_nie", "charge_niee"),
        ("Si, une matinée, en visio.", "reponse_oui", "si_present"),
        ("Si j'avais su, on aurait fait autrement.", "si_imparfait", "si_present"),
        ("On va perdre le poste.", "futur_proche", "futur"),
        ("Avant on s'ignorait, maintenant on se parle.", "autrefois_desormais", "negation_principale"),
        ("Qu'on arrête de tout changer.", "que_souhait", "que_initial"),
        ("Je vous le dirai, il faudra du monde.", "futur", "futur_proche"),
        ("J'ai peur que ça casse.", "crainte", "negatif"),
    ],
)
def test_les_pieges_de_la_negation_et_du_temps(texte: str, attendu: str, exclu: str) -> None:
    noms = noms_de(texte)
    assert attendu in noms
    assert exclu not in noms


@pytest.mark.parametrize(
    ("texte", "exclu"),
    [
        ("Y a plus de réunions qu'avant.", "ne_plus"),
        ("C'est de plus en plus souple.", "ne_plus"),
        ("Il est plus rapide.", "ne_plus"),
        ("C'est un pas en avant.", "negation_principale"),
        ("Une personne est venue.", "negation_principale"),
        ("On va chercher les gens chez eux.", "futur_proche"),
        ("Même si elle vient peu, elle compte.", "si_present"),
        ("Elle demande si ça viendra.", "si_present"),
        ("Avant de signer, on lit.", "autrefois"),
        ("La coordinatrice est là depuis l'été.", "desormais"),
    ],
)
def test_ce_qui_n_est_pas_un_indice(texte: str, exclu: str) -> None:
    assert exclu not in noms_de(texte)


@pytest.mark.parametrize(
    "texte",
    ["On n'a plus de médecin.", "Y a plus personne.", "On a plus le temps.", "Plus personne ne vient."],
)
def test_le_plus_qui_nie(texte: str) -> None:
    assert "ne_plus" in noms_de(texte)


def test_la_meme_negation_selon_le_genre() -> None:
    assert predire(doc_de("Il n'y a pas de diagnostic partagé."), "condition").modalite == "absente"
    assert predire(doc_de("Il n'y a pas assez de monde."), "obstacle").modalite == "presente"


def test_les_indices_donnent_leur_position_et_les_plus_probants_d_abord() -> None:
    texte = "Franchement, il faudrait qu’on ait un seul comité."
    verdict = predire(doc_de(texte), "condition")
    premier = verdict.indices[0]
    assert texte[premier.debut : premier.fin] == premier.texte == "faudrait"
    jeu = poids_livres()["condition"]
    appuis = [jeu.appui(indice.nom, verdict.modalite) for indice in verdict.indices]
    assert appuis == sorted(appuis, reverse=True)


def test_une_phrase_sans_verbe_prend_le_souhait_de_la_question() -> None:
    question = doc_de("Qu'est-ce qu'il faudrait pour que ça marche ?")
    seule = predire(doc_de("Un vrai binôme."), "condition")
    suivie = predire(doc_de("Un vrai binôme."), "condition", question)
    assert seule.modalite != "hypothetique"
    assert suivie.modalite == "hypothetique"
    herites = [indice for indice in suivie.indices if indice.nom.startswith(("suite", "sans_verbe_suite"))]
    assert herites and all(indice.debut == indice.fin == 0 for indice in herites)


def test_un_genre_inconnu_est_refuse() -> None:
    with pytest.raises(ValueError, match="genre inconnu"):
        predire(doc_de("Oui."), "frein")  # type: ignore[arg-type]


def verifier(verdict: Verdict, doc: Doc) -> None:
    assert verdict.modalite in MODALITES
    assert 0 < verdict.confiance <= 1
    for indice in verdict.indices:
        assert 0 <= indice.debut <= indice.fin <= len(doc.text)
        assert doc.text[indice.debut : indice.fin] == indice.texte


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(
        st.text(max_size=80),
        st.lists(
            st.sampled_from("on ne pas plus de si que jamais sans « » ? ! , faudrait avant n' avait".split()),
            max_size=14,
        ).map(" ".join),
    ),
    st.sampled_from(GENRES),
)
def test_tout_texte_recoit_un_verdict_valide(texte: str, genre: Genre) -> None:
    doc = doc_de(texte)
    verifier(predire(doc, genre, contexte=doc), doc)


def test_les_probabilites_calculees_a_la_main() -> None:
    jeu = Poids(
        biais={"presente": 0.0, "absente": 0.0, "hypothetique": 0.0},
        coefficients={"souhait": {"presente": 0.0, "absente": 0.0, "hypothetique": 0.6931471805599453}},
        preference={"presente": 1.0, "absente": 3.0, "hypothetique": 1.0},
    )
    # exp(ln 2) = 2 : une demie pour l'hypothèse, un quart pour chacune des deux autres.
    probabilites = jeu.probabilites(["souhait", "souhait", "inconnu"])
    assert probabilites == pytest.approx({"presente": 0.25, "absente": 0.25, "hypothetique": 0.5})
    assert jeu.choisir(probabilites) == "absente"
    assert jeu.appui("souhait", "hypothetique") == pytest.approx(0.6931471805599453)
    assert jeu.appui("inconnu", "presente") == 0


@pytest.mark.parametrize(
    "texte", ["", "[]", "{}", '{"genres": {"condition": {}}}', '{"genres": {"condition": 3, "obstacle": 3}}']
)
def test_des_poids_illisibles_sont_refuses(texte: str) -> None:
    with pytest.raises(ValueError, match="poids de modalité"):
        lire_poids(texte)


def test_des_poids_incomplets_sont_refuses() -> None:
    vide: dict[str, object] = {
        "biais": {"presente": 0.0},
        "coefficients": {},
        "preference": {"presente": 1.0},
    }
    with pytest.raises(ValueError, match="incomplets"):
        lire_poids(json.dumps({"genres": {"condition": vide, "obstacle": vide}}))


def petites_references(dossier: Path) -> Path:
    lignes, codages, position = [], [], 0
    for rang, ((genre, modalite), textes) in enumerate(PHRASES.items()):
        for i, texte in enumerate(textes):
            cle = f"p{rang}{i:02d}"
            fin = position + len(texte)
            lignes.append(f'E,1,enquete,{cle},{position},{fin},"{texte}"\n')
            code = "C1.1" if genre == "condition" else "O01"
            codages.append(f'A,E,{cle},{position},{fin},{code},{modalite},"{texte}"\n')
            position = fin + 1
    (dossier / "phrases.csv").write_text("entretien,tour,role,phrase,debut,fin,texte\n" + "".join(lignes))
    (dossier / "codages.csv").write_text(ENTETE + "".join(codages))
    return dossier


def test_apprendre_ecrire_et_relire_les_memes_poids(tmp_path: Path) -> None:
    references = lire_references(petites_references(tmp_path))
    assert references[0].contexte is None
    assert references[1].contexte is references[0].doc
    jeux = apprendre(references)
    ecrire_poids(jeux, tmp_path / "a.json")
    ecrire_poids(apprendre(references), tmp_path / "b.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert lire_poids((tmp_path / "a.json").read_text(encoding="utf-8")) == jeux
    assert jeux["condition"].coefficients["conditionnel"]["hypothetique"] > 0
    justes = [predire(r.doc, r.genre, r.contexte, jeux).modalite == r.modalite for r in references]
    assert sum(justes) > 0.9 * len(justes)


def test_apprendre_demande_toutes_les_modalites(tmp_path: Path) -> None:
    references = lire_references(petites_references(tmp_path))
    with pytest.raises(ValueError, match="obstacle"):
        apprendre([r for r in references if r.genre == "condition" or r.modalite != "absente"])


def test_un_codage_sur_une_phrase_inconnue_est_refuse(tmp_path: Path) -> None:
    petites_references(tmp_path)
    (tmp_path / "codages.csv").write_text(ENTETE + "A,E,p999,0,4,O01,presente,Oui.\n")
    with pytest.raises(ValueError, match="p999"):
        lire_references(tmp_path)
