"""Découper un tour de parole en phrases de l'oral, et dresser la table des phrases.

Deux régimes se partagent le travail, sans modèle à charger ni à installer.

*La transcription est ponctuée.* Une phrase finit à un point, un point d'interrogation ou
d'exclamation, des points de suspension suivis d'une majuscule, ou à une ligne vide. Ne finissent pas
une phrase : le point d'un titre ou d'une abréviation (« M. », « p. ex. », « art. 3 »), d'un sigle ou
d'une initiale (« Q.P.V. », « J. Dupont »), d'un nombre, d'une adresse ; les points de suspension
d'une hésitation (« c'était, euh... pas simple ») ; ce qui est entre parenthèses ou crochets ; une
citation qui se poursuit par une minuscule ou une virgule (« il dit « et toi ? » et s'en va »). Une
didascalie entre deux phrases (« [Rires.] ») ouvre celle qui suit. Un simple retour à la ligne ne
sépare rien, sauf devant une puce ou devant une majuscule qui ne peut être qu'une attaque de phrase
(« Je », « Mais »…).

*La ponctuation manque* (transcription automatique). Un morceau trop long est recoupé aux connecteurs
de l'oral, en unités lisibles : voir `corpus.unites`.

La référence de la démonstration coupe après tout signe fort suivi d'un blanc : ses phrases peuvent
commencer par un guillemet fermant (« … par qui ? | », je dis la vérité ») ou par la suite d'une
hésitation (« on l'a... | on l'a envoyée »). On s'en écarte là exprès : un évaluateur n'a pas à coder
un guillemet fermant ni une moitié d'hésitation. `python -m bancs.phrases` chiffre cet écart.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpus.entretien import Tour
from corpus.unites import LIANTS, recouper

if TYPE_CHECKING:
    import pandas as pd

COLONNES = ("entretien", "tour", "phrase", "role", "debut", "fin", "texte")

# Titres et annonces : toujours suivis de ce qu'ils annoncent, même avec une majuscule.
_ANNONCES = frozenset(
    "M MM Mme Mmes Mlle Mlles Mgr Dr Drs Pr Prs Me St Ste mme mlle dr cf Cf av bd boul tél Tél tel".split()
)
# Renvois : suivis d'un nombre (« art. 3 », « chap. IV ») ; sinon ce sont des mots (« un vol. »).
_RENVOIS = frozenset("art chap vol fig réf p pp n no num".split())
# Abréviations qui peuvent finir une phrase : une minuscule ou un nombre les prolonge.
_ABREVIATIONS = frozenset(
    "etc p ex h env min max hab adj dir resp arr dép coll éd ét al vs i.e c.-à-d c.à.d".split()
)
_MOIS = frozenset("janv févr avr juil sept oct nov déc".split())
_ANNEE = re.compile(r"(?:19|20)\d\d(?!\d)")
_ROMAIN = re.compile(r"[IVXLC]+\b")
_ARTICLE_DE_LOI = re.compile(r"\d{3,4}-\d")
# Mots qui, avec une majuscule, ouvrent une phrase : ils ne sont pas des noms propres.
_ATTAQUES = frozenset(
    "je j tu il ils elle elles on nous vous c ce ça cela cette ces cet y le la les l un une des de d du"
    " et mais donc alors puis après ensuite enfin voilà bon ben oui non si quand comme parce où qui que"
    " qu quoi pour par dans en à au aux avec sans sur chez mon ma mes ton ta tes son sa ses notre nos"
    " votre vos leur leurs moi toi lui eux tout tous toute toutes là ici maintenant aujourd ah oh eh euh"
    " hein bref sinon pas même aussi depuis avant pendant personne rien quel quelle est".split()
)
_INTERJECTIONS = frozenset(
    "ah oh eh hé ha ho hein hop ben bah bon oui non tiens allez ouf pff euh hélas".split()
)
# Déterminants : un nom de personne réduit à l'initiale ne les suit pas (« j'habite au F. »).
_DETERMINANTS = frozenset(
    "le la les l un une des du au aux ce cet cette ces mon ma mes ton ta son sa ses notre votre leur".split()
)

_SIGNES = ".!?…"
_BLANCS = " \t\u00a0\u202f"
_FORTS = re.compile(
    rf"""(?P<groupe>\[(?:[^\[\]\n]|\n(?![ \t\r]*\n)){{1,200}}\]|\((?:[^()\n]|\n(?![ \t\r]*\n)){{1,200}}\))
    |(?P<ligne>[\n\r\f\v\x1c-\x1e\x85\u2028\u2029]\s*+)
    |(?P<signes>[{_SIGNES}]++(?:[{_BLANCS}]*+[{_SIGNES}]++(?!\w))*+)""",
    re.VERBOSE,
)
_APRES = re.compile(rf"[{_BLANCS}]*+[{_SIGNES}]++(?!\w)")
_FERMANT = re.compile(r"\s*+(?:[»”›]|>>)|[)\]]|[’'](?!\w)")
_DROIT_COLLE = re.compile(r"\"(?=[\s,;:.!?…)\]]|\Z)")
_DROIT_ESPACE = re.compile(r"\s++\"(?=[\s,;:.!?…)\]]|\Z)")
_OUVRANTS = re.compile(
    r"(?:\s++|\[[^\[\]\n]{1,200}\]|\([^()\n]{1,200}\)|[«“‹‘\"'(\[<*•—–-]|[.…](?=[.…\w])){0,20}+"
)
_ESPACES = re.compile(r"\s*+")
_PUCE = re.compile(r"[•▪■◦‣·*][ \t]|\d{1,2}[.)][ \t]|[a-z]\)[ \t]")
_TIRET = re.compile(r"[-–—][ \t\u00a0]")
_MOT = re.compile(r"\w+")
_AVANT_POINT = re.compile(r"(?:\w|(?<=\w)(?:\.-|[.-])(?=\w))+\Z")
_ADRESSE = re.compile(r"@|://|www\.")


def decouper(texte: str) -> list[tuple[int, int]]:
    """Découper un texte (un tour de parole) en phrases.

    Parameters
    ----------
    texte : str
        La parole, ponctuée ou non, d'un ou plusieurs paragraphes.

    Returns
    -------
    list of tuple of (int, int)
        Étendues (debut, fin) en caractères dans `texte`, en ordre, disjointes, sans blanc au bord ;
        ensemble elles couvrent tous les caractères qui ne sont pas des blancs. Vide pour un texte
        vide ou blanc. Temps proportionnel à la longueur du texte.
    """
    etendues: list[tuple[int, int]] = []
    for debut, fin in _rogner(texte, _frontieres(texte)):
        etendues.extend(recouper(texte, debut, fin))
    return etendues


def _rogner(texte: str, coupes: Iterator[int]) -> list[tuple[int, int]]:
    """Étendues sans blancs au bord ; un morceau sans lettre ni chiffre rejoint son voisin."""
    etendues: list[tuple[int, int]] = []
    debut = 0
    attente = -1
    for coupe in [*coupes, len(texte)]:
        morceau = texte[debut:coupe]
        depart = debut + len(morceau) - len(morceau.lstrip())
        fin = debut + len(morceau.rstrip())
        debut = coupe
        if depart >= fin:
            continue
        if _MOT.search(texte, depart, fin):
            etendues.append((depart if attente < 0 else attente, fin))
            attente = -1
        elif etendues:
            etendues[-1] = (etendues[-1][0], fin)
        elif attente < 0:
            attente = depart
    if attente >= 0:
        etendues.append((attente, len(texte.rstrip())))
    return etendues


def _frontieres(texte: str) -> Iterator[int]:
    """Positions où une phrase s'arrête, en ordre strictement croissant.

    `debut` est le début de la phrase en cours, `attaque` celui de ses mots, passé les didascalies
    qui l'ouvrent ; `rang`, le dernier numéro d'une énumération ; `ouvert`, vrai quand un guillemet
    droit attend son fermant.
    """
    position = compte = rang = 0
    ouvert = False
    debut = attaque = _passer_blancs(texte, 0)
    while marque := _FORTS.search(texte, position):
        depart, position = marque.span()
        ouvert ^= texte.count('"', compte, depart) % 2 == 1
        compte = depart
        coupe = 0
        if marque["ligne"] is not None:
            coupe = _fin_a_la_ligne(texte, marque, debut)
            ouvert = ouvert and marque[0].count("\n") < 2
        elif marque["groupe"] is not None:
            if depart == attaque:
                attaque = _passer_blancs(texte, position)
            elif _finit_par_un_groupe(texte, marque):
                coupe = position
        else:
            position = _absorber(texte, position, ouvert)
            numero = texte[debut:depart] if depart - debut < 3 else ""
            if marque[0] == "." and numero.isdecimal() and int(numero) in (1, rang + 1):
                rang = int(numero)
            elif _finit(texte, marque, position, attaque):
                coupe = position
        if coupe > debut:
            debut = attaque = _passer_blancs(texte, coupe)
            yield coupe


def _passer_blancs(texte: str, position: int) -> int:
    """Première position, à partir de `position`, qui ne porte pas un blanc."""
    blancs = _ESPACES.match(texte, position)
    return blancs.end() if blancs else position


def _absorber(texte: str, fin: int, ouvert: bool) -> int:
    """Position après les fermants (guillemets, parenthèses) et les signes qui suivent un signe fort."""
    while True:
        suite = _FERMANT.match(texte, fin) or _APRES.match(texte, fin)
        if suite is None:
            suite = _DROIT_COLLE.match(texte, fin) or (_DROIT_ESPACE.match(texte, fin) if ouvert else None)
            ouvert = False
        if suite is None:
            return fin
        fin = suite.end()


def _fin_a_la_ligne(texte: str, marque: re.Match[str], debut: int) -> int:
    """Coupe à une ligne vide, devant une puce ou une attaque de phrase ; 0 s'il n'y en a pas."""
    fin = marque.end()
    if fin == len(texte) or marque.start() <= debut:
        return 0
    paragraphe = marque[0].replace("\r\n", "\n").count("\n") > 1 or "\u2029" in marque[0]
    avant = texte[max(debut, marque.start() - 40) : marque.start()].rstrip()[-1:]
    tiret = _TIRET.match(texte, fin) is not None
    mot = _MOT.match(texte, fin)
    attaque = mot is not None and mot[0][0].isupper() and mot[0].lower() in _ATTAQUES
    if (
        paragraphe
        or _PUCE.match(texte, fin)
        or (tiret and (avant in (":", ";") or texte[debut] == texte[fin]))
        or (attaque and (avant.isalnum() or avant in ("%", "€", "»", '"', ")", "]")))
    ):
        fermants = _FERMANT.match(texte, marque.start())
        return fermants.end() if fermants else marque.start()
    return 0


def _finit_par_un_groupe(texte: str, marque: re.Match[str]) -> bool:
    """Dire si la phrase s'arrête après une parenthèse qui se termine elle-même par un signe fort."""
    fin = marque.end()
    if marque[0][-2] not in _SIGNES or not texte[fin : fin + 1].isspace():
        return False
    suivant = _OUVRANTS.match(texte, fin)
    reste = suivant.end() if suivant else fin
    return texte[reste : reste + 1].isupper()


def _finit(texte: str, marque: re.Match[str], fin: int, attaque: int) -> bool:
    """Dire si la phrase dont les mots commencent en `attaque` finit en `fin`, passé les signes `marque`."""
    if fin >= len(texte):
        return False
    suivant = _OUVRANTS.match(texte, fin)
    reste = suivant.end() if suivant else fin
    lettre = texte[reste : reste + 1]
    ferme = texte[marque.end() : fin].strip(_BLANCS + _SIGNES) != ""
    if not texte[fin].isspace():
        return _finit_colle(texte, marque, fin, lettre, ferme)
    if lettre and lettre in ",;:%€/+=":
        return False
    if ferme and texte[fin - 1] not in _SIGNES:
        return not lettre.islower()
    signes = marque[0] if not ferme else texte[fin - 1]
    if "!" in signes or "?" in signes:
        seul = texte[attaque : marque.start()].strip().lower() if marque.start() - attaque < 12 else ""
        return not (lettre.islower() and seul in _INTERJECTIONS)
    if "…" in signes or ".." in signes:
        return texte[marque.start() - 1 : marque.start()].strip() != "" and not (
            lettre.islower() or lettre.isdecimal()
        )
    return ferme or not _point_interne(texte, marque.start(), reste, lettre)


def _finit_colle(texte: str, marque: re.Match[str], fin: int, lettre: str, ferme: bool) -> bool:
    """Le cas d'une espace oubliée (« fini.Ensuite »), hors sigles, nombres et adresses."""
    if texte[fin] in "«“—[(":
        return not lettre.islower()
    suite = texte[fin : fin + 2]
    if not (suite[0].isupper() and (suite[1:] in ("'", "’", " ") or suite[1:].islower())):
        return False
    avant = texte[max(0, marque.start() - 60) : marque.start()]
    if ferme:
        return True
    if _ADRESSE.search(avant.split()[-1] if avant.split() else "") or "@" in texte[fin : fin + 60].split()[0]:
        return False
    return marque[0] != "." or (avant[-2:].isalpha() and avant[-2:].islower())


def _point_interne(texte: str, point: int, reste: int, lettre: str) -> bool:
    """Dire si le point seul en `point` appartient à un mot (titre, abréviation, sigle, initiale)."""
    zone = texte[max(0, point - 24) : point]
    trouve = _AVANT_POINT.search(zone)
    if trouve is None:
        return False
    mot = trouve[0]
    bas = mot.lower()
    if mot in _ANNONCES or bas == "ex" and zone.lower().endswith(("p. ex", "par ex")):
        return True
    if bas in _RENVOIS and (lettre.isdecimal() or _ROMAIN.match(texte, reste)):
        return True
    if bas in _MOIS:
        return _ANNEE.match(texte, reste) is not None
    if bas in _ABREVIATIONS:
        return lettre.islower() or (lettre.isdecimal() and bas != "etc")
    parties = re.split(r"[.-]+", mot)
    if not all(len(partie) == 1 and partie.isupper() for partie in parties):
        return False
    return lettre.islower() or _initiale(texte, zone[: trouve.start()].rstrip(), parties, reste)


def _initiale(texte: str, avant: str, parties: list[str], reste: int) -> bool:
    """Dire si des majuscules pointées annoncent un nom propre (« J.-P. Dupont ») ou un sigle épelé."""
    suivant = _MOT.match(texte, reste)
    if suivant is None:
        return False
    if len(suivant[0]) == 1 and suivant[0].isupper() and texte[suivant.end() : suivant.end() + 1] == ".":
        return True
    if suivant[0].isdecimal():
        return parties[0] in "LRD" and _ARTICLE_DE_LOI.match(texte, reste) is not None
    if len(parties) > 2 or suivant[0].lower() in _ATTAQUES:
        return False
    precedent = _MOT.findall(avant)[-1:]
    if not precedent or not avant[-1].isalnum():
        return avant[-1:] != ","
    mot = precedent[0]
    return (mot[0].isupper() or mot in LIANTS) and mot.lower() not in _DETERMINANTS


def tableau_phrases(entretien: str, tours: Sequence[Tour]) -> pd.DataFrame:
    """Dresser la table des phrases d'un entretien.

    Parameters
    ----------
    entretien : str
        Identifiant de l'entretien.
    tours : Sequence of Tour
        Les tours de parole, dans l'ordre de l'entretien.

    Returns
    -------
    pandas.DataFrame
        Une ligne par phrase, d'enquêté comme d'enquêteur, aux colonnes entretien, tour, phrase, role,
        debut, fin, texte. `debut` et `fin` sont des positions (points de code) dans le texte de
        l'entretien. `phrase` numérote en continu les phrases d'enquêtés (« p001 », « p002 »…,
        « p1000 » au-delà de 999) ; elle est vide pour l'enquêteur. `tour`, `debut` et `fin` sont des
        int64, le reste des chaînes, même sans aucun tour.
    """
    import pandas as pd

    lignes: list[tuple[str, int, str, str, int, int, str]] = []
    numero = 0
    for tour in tours:
        for debut, fin in decouper(tour.texte):
            phrase = ""
            if tour.role == "enquete":
                numero += 1
                phrase = f"p{numero:03d}"
            etendue = (tour.debut + debut, tour.debut + fin)
            lignes.append((entretien, tour.tour, phrase, tour.role, *etendue, tour.texte[debut:fin]))
    table = pd.DataFrame(lignes, columns=list(COLONNES))
    return table.astype({nom: "int64" if nom in ("tour", "debut", "fin") else "str" for nom in COLONNES})
