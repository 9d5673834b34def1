"""Les étiquettes de locuteur : les comparer, dire de quelle forme elles sont, ce que leur mot annonce.

Aucune liste de noms propres : un nom se reconnaît à ses majuscules, une étiquette « parlante »
(« Enquêtrice », « Q », « Réponse ») à un petit vocabulaire du métier.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Literal

from corpus.entretien import Role

Forme = Literal["parlante", "generique", "nom", "sigle", "autre", ""]

# Mots qui nomment la place tenue dans l'entretien : ils décident du rôle.
PLACES: dict[Role, frozenset[str]] = {
    "enqueteur": frozenset(
        "enqueteur enquetrice enqueteuse enqueteurs enquetrices intervieweur intervieweuse "
        "interviewer intervieweurs interviewers question questions quest q intw itw".split()
    ),
    "enquete": frozenset(
        "enquete enquetee enquetes enquetees interviewe interviewee interviewes interviewees "
        "repondant repondante repondants reponse reponses rep respondent interroge interrogee".split()
    ),
}
# Métiers et positions qui penchent d'un côté sans trancher : (un sociologue peut être l'enquêté).
PENCHANTS: dict[Role, frozenset[str]] = {
    "enqueteur": frozenset(
        "chercheur chercheuse sociologue ethnologue anthropologue animateur animatrice moderateur "
        "moderatrice moderator facilitateur facilitatrice consultant consultante evaluateur "
        "evaluatrice journaliste investigateur investigatrice doctorant doctorante host".split()
    ),
    "enquete": frozenset(
        "r participant participante participants habitant habitante beneficiaire usager usagere temoin "
        "invite invitee stagiaire directeur directrice elu elue maire guest".split()
    ),
}
# Abréviations reconnues comme étiquettes, dont le rôle se déduit du comportement.
AMBIGUES = frozenset("e i int enq inter interv intervenant intervenante ie".split())

GENERIQUE = re.compile(
    r"(?:speaker|spk|spkr|s|locuteur|locutrice|intervenant|intervenante|participant|participante|"
    r"voix(?: d'homme| de femme| off)?|"
    r"personne|orateur|oratrice|interlocuteur|interlocutrice|homme|femme|unknown speaker|inconnu|inconnue|"
    r"unknown|tous|toutes|plusieurs|plusieurs voix)[ _-]?(?:n° ?)?(?:\d{1,3}|[a-z]|\?)?"
)
# Mots qui ne valent que seuls : « Question : » annonce quelqu'un, non « Réponse officielle : ».
SEULES = frozenset("question questions quest q reponse reponses rep r e i int".split())
# Lettres seules qui exigent un nombre pour nommer quelqu'un (« S00 », et non « S »).
GENERIQUE_SEULE = frozenset({"s"})

# Mots qui ouvrent une phrase ou une rubrique : suivis de « : », ils n'annoncent personne.
DISCOURS = frozenset(
    "resultat resultats exemple exemples bref conclusion conclusions moralite attention note notes "
    "remarque remarques total bilan objectif objectifs constat constats probleme problemes consequence "
    "consequences premierement deuxiemement troisiemement premier deuxieme troisieme premiere "
    "avantage avantages inconvenient inconvenients solution solutions preuve precision rappel reste nb ps "
    "autrement autre autres idem pareil point points mot mots chose choses idee idees fait faits "
    "raison raisons cause causes question reponse verdict bonus sujet "
    "oui non bon ben bah ah oh eh hein alors donc mais et ou or car ni puis ensuite enfin apres avant "
    "sinon surtout voila voici tiens ecoutez ecoute attendez attends bien certes soit peut-etre parfois "
    "toujours jamais aujourd'hui hier demain maintenant ici la-bas la-dessus dessus dedans "
    "je tu il on vous ils elles toi eux c'est ca cela ceci ce j'ai j'avais c'etait "
    "qu'est-ce est-ce comment pourquoi quand combien qui que quoi ou quel quelle quels quelles "
    "a au aux en dans sur sous avec sans pour par chez vers entre depuis pendant selon comme si "
    "plus moins tres trop assez beaucoup peu rien tout toute personne quelqu'un "
    "date lieu duree titre entretien transcription transcripteur profession age sexe fichier theme "
    "themes annexe objet contexte consigne relance relances sommaire partie chapitre introduction "
    "source sources commune territoire fonction categorie enregistrement audio version page".split()
)
# « Moi : / Elle : » : des locuteurs quand ils reviennent, jamais pour une seule fois.
PRONOMS = frozenset("moi nous lui elle".split())
DETERMINANTS = frozenset(
    "le la les l' un une des du mon ma mes notre nos son sa ses leur leurs ce cette ces".split()
)
PARTICULES = frozenset("de du des d' la le les l' et van von der den ben bel el al di da dos y".split())
DIDASCALIES = re.compile(
    r"rires?|sourires?|silences?|soupirs?|pauses?|inaudible|hesitations?|toux|bruits?|coupures?|debut|fin|"
    r"musique|applaudissements?|brouhaha|telephone|interruption|rit|incomprehensible|"
    r"chevauchement|passage|anonymise|nom|prenom|ville|sic|sonnerie"
)

_MAJ = "A-ZÀ-ÖØ-ÞŒŠŽ"
_SIGLE = re.compile(rf"(?:[{_MAJ}]{{1,5}}|(?:[{_MAJ}]\.?[ -]?){{1,3}})[ _-]?\d{{0,2}}")
_PRENOM = re.compile(rf"[{_MAJ}][^\W\d_]+(?:[- ][{_MAJ}][^\W\d_]+)?")
_FONCTIONS = PLACES["enqueteur"] | PLACES["enquete"] | PENCHANTS["enqueteur"] | PENCHANTS["enquete"]
_NOMBRE = re.compile(r"[ _-]*(?:n° ?|no |#)?(\d{1,3})$|(?<=[^\W\d_]{3}) ([a-z])$")
_MOT = re.compile(r"[^\W_]+(?:['.-][^\W_]+)*\.?")


@lru_cache(maxsize=4096)
def cle(etiquette: str) -> str:
    """La forme qui sert à comparer deux étiquettes : sans casse, accents, ni blancs superflus.

    Parameters
    ----------
    etiquette : str

    Returns
    -------
    str
        « Enquêté(e) n° 1 » → « enquete n° 1 ».
    """
    plate = unicodedata.normalize("NFKD", etiquette.replace("’", "'").replace("°", "\0"))
    plate = "".join(c for c in plate if not unicodedata.combining(c)).replace("\0", "°").casefold()
    plate = re.sub(r"(?:\((?:e|es|s|trice|euse|rice)\)|[·•](?:\w{1,5})|/(?:trice|euse|rice|e)\b)", "", plate)
    return " ".join(plate.split()).strip(" .:*_")


def nom_et_fonction(etiquette: str) -> tuple[str, str]:
    """Sépare le nom de ce qui le précise : « Claire Bost, sociologue » → (« Claire Bost », « sociologue »).

    Parameters
    ----------
    etiquette : str

    Returns
    -------
    tuple[str, str]
        Le nom tel qu'il est écrit et la précision (vide s'il n'y en a pas).
    """
    morceaux = re.match(r"([^,(]*[^,(\s])\s*(?:,\s*(.*)|\((.*)\)?\s*)?$", etiquette)
    # « Enquêté(e) » : la parenthèse fait partie du mot.
    if morceaux is None or re.search(r"\w\((?:e|es|s|trice|euse|rice)\)", etiquette):
        return etiquette.strip(), ""
    precision = (morceaux[2] or morceaux[3] or "").strip(" )")
    # « Martin, Claire » : ce qui suit la virgule est un prénom, non une fonction.
    if morceaux[2] and _PRENOM.fullmatch(precision) and not set(cle(precision).split()) & _FONCTIONS:
        return etiquette.strip(), ""
    return morceaux[1].strip(), precision


def racine(cle_etiquette: str) -> tuple[str, str]:
    """Sépare le mot de son numéro : « enquete 2 » → (« enquete », « 2 »), « q14 » → (« q », « 14 »).

    Parameters
    ----------
    cle_etiquette : str
        Étiquette passée par `cle`.

    Returns
    -------
    tuple[str, str]
    """
    trouve = _NOMBRE.search(cle_etiquette)
    if trouve is None or trouve.start() == 0:
        return cle_etiquette, ""
    return cle_etiquette[: trouve.start()], trouve[1] or trouve[2]


def role_annonce(etiquette: str) -> tuple[Role | None, bool]:
    """Le rôle qu'annonce une étiquette, d'après le vocabulaire du métier.

    Parameters
    ----------
    etiquette : str
        Étiquette entière, précision comprise (« Claire (enquêtrice) »).

    Returns
    -------
    tuple[Role | None, bool]
        Le rôle, ou None ; et si le mot tranche (True) ou penche seulement (False).
    """
    nom, fonction = nom_et_fonction(etiquette)
    base = racine(cle(nom))[0]
    mots = {base, *cle(fonction).split()[:1], *(set(base.split()[:1]) - SEULES)}
    for table, tranche in ((PLACES, True), (PENCHANTS, False)):
        for role, vocabulaire in table.items():
            if mots & vocabulaire:
                return role, tranche
    if re.match(
        r"personne (?:interrogee|interviewee|enquetee)|charge d'etudes?|chargee d'etudes?", cle(etiquette)
    ):
        return ("enquete" if cle(etiquette).startswith("personne") else "enqueteur"), True
    return None, False


def forme(etiquette: str) -> Forme:
    """La forme d'une étiquette possible.

    Parameters
    ----------
    etiquette : str

    Returns
    -------
    {"parlante", "generique", "nom", "sigle", "autre", ""}
        « parlante » : un mot du métier (Enquêtrice, Q, Réponse, E1) ; « generique » : une étiquette
        de logiciel (SPEAKER_00, Intervenant 1) ; « nom » : des mots à majuscule (Claire, Mme Ferrand) ;
        « sigle » : des initiales (ML) ; « autre » : quelques mots sans majuscule (la directrice) ;
        vide : ce n'est pas une étiquette (phrase, didascalie, mot de discours).
    """
    nom, fonction = nom_et_fonction(etiquette)
    clef = cle(nom)
    if clef and not clef.strip("?"):
        return "generique"
    mots = _MOT.findall(nom.replace("’", "'"))
    if not mots or len(nom) > 40 or len(mots) > 5 or len(fonction.split()) > 12:
        return ""
    base, nombre = racine(clef)
    connus = (
        PLACES["enqueteur"] | PLACES["enquete"] | PENCHANTS["enqueteur"] | PENCHANTS["enquete"] | AMBIGUES
    )
    if base in connus or (role_annonce(etiquette)[1] and len(mots) <= 3):
        return "parlante"
    if GENERIQUE.fullmatch(clef) and not (clef in GENERIQUE_SEULE or (clef == "personne")):
        return "generique"
    premiers = [cle(mot) for mot in mots]
    # Deux capitales sont des initiales avant d'être un mot (« NI », « EH »).
    if len(nom) == 2 and nom.isupper() and nom.isalpha():
        return "sigle"
    if clef in PRONOMS:
        return "autre"
    if (
        premiers[0] in DISCOURS
        or premiers[0] in PRONOMS
        or (premiers[0] in DETERMINANTS and len(premiers) > 1 and premiers[1] in DISCOURS)
    ):
        return ""
    if DIDASCALIES.fullmatch(premiers[0]) or (nombre and not base):
        return ""
    if _SIGLE.fullmatch(nom):
        return "sigle"
    if mots[0][0].isupper() and all(
        mot[0].isupper() or mot[0].isdigit() or cle(mot) in PARTICULES for mot in mots
    ):
        return "nom" if premiers[0] not in DETERMINANTS or len(mots) > 1 else ""
    return "autre"
