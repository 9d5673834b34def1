"""Ouvrir l'application de codage d'une étude, sauvegarder et restaurer sa base."""

from __future__ import annotations

import getpass
import re
import secrets
import signal
import socket
import webbrowser
from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd
import uvicorn
from sqlalchemy import select

from chaine import charger_grille, chemin_grille
from codage import sauvegarde
from codage.actes import ligne
from codage.actes_equipe import mot_de_passe
from codage.appli import Mode, construire
from codage.base import FICHIER, Base
from codage.chargement import Chargees, charger
from codage.droits import Acces
from codage.journal import Refus
from codage.phrases_codees import phrases_couvertes
from codage.projet import Projet
from codage.reprise import decisions_de_la_base, grille_de_la_base, reprendre, tables_de_la_base
from codage.tables import personne, secret
from codage.versement import COLONNES_CODAGES, MEMOS_CSV
from corpus.cache import ecriture_atomique
from corpus.codages import MACHINE
from corpus.codages import NOM as CODAGES_CSV
from corpus.decisions import APPLICATION, ETATS, lire_codage_humain
from corpus.decisions import COLONNES as COLONNES_DECISIONS
from corpus.decisions import NOM as DECISIONS_CSV
from corpus.etude import Etude
from corpus.fautes import ErreurEtude, Faute
from corpus.tables_csv import lire_csv
from echanges import exporter, lire_tout, projet_de_l_etude
from evaluation.accord import TOUS, accords, phrases_codees
from extraction.ecriture_grille import en_yaml
from extraction.grille import Grille
from modeles.codeur_livre import charger_codeur

LOCAL = "127.0.0.1"


def preparer(dossier: Path, responsable: str) -> tuple[Etude, Base]:
    """Ouvre la base de codage d'une étude et y met ses transcriptions, sa grille et les propositions de la machine.

    Raises
    ------
    ErreurEtude
        Fautes de l'étude ; base injoignable ; transcriptions codées qui ont changé.
    """
    etude = Etude.ouvrir(dossier)
    lus = lire_tout(etude)
    grille = charger_grille(etude)
    base = Base.ouvrir(dossier, etude.reglages.base)
    try:
        charger(
            base,
            Chargees(
                etude.entretiens,
                etude.tours,
                etude.phrases,
                {lu.fiche.entretien: lu.document.texte for lu in lus},
                _propositions(dossier / "resultats"),
            ),
            grille,
            responsable,
        )
        _synchroniser(base, etude, projet_de_l_etude(etude, lus), grille, responsable)
    except BaseException:
        base.fermer()
        raise
    return etude, base


def synchroniser(dossier: Path) -> None:
    """Met `codages.csv`, `memos.csv`, `decisions.csv` et la grille de l'étude au jour de sa base de codage, si elle en a une.

    Raises
    ------
    ErreurEtude
        Comme `preparer`.
    """
    etude = Etude.ouvrir(dossier)
    if etude.reglages.base or (dossier / FICHIER).is_file():
        preparer(dossier, personne_locale())[1].fermer()


def _synchroniser(base: Base, etude: Etude, projet: Projet, grille: Grille, responsable: str) -> None:
    reprendre(base, projet.codages, projet.memos, responsable)
    with base.lire() as connexion:
        codages, memos = tables_de_la_base(connexion)
        decisions = decisions_de_la_base(connexion)
        vivante = grille_de_la_base(connexion, grille)
    dossier = etude.dossier
    for nom, lignes in (
        (CODAGES_CSV, _avec_phrases(codages, etude.phrases)),
        (MEMOS_CSV, memos),
        (DECISIONS_CSV, _toutes_les_decisions(dossier, decisions, etude.phrases)),
    ):
        contenu = lignes.to_csv(index=False, lineterminator="\n").encode() if len(lignes) else b""
        ancien = (dossier / nom).read_bytes() if (dossier / nom).is_file() else b""
        if contenu and contenu != ancien:  # inchangé, le fichier garde sa date, que portent les documents
            with ecriture_atomique(dossier / nom) as provisoire:
                provisoire.write_bytes(contenu)
        elif not contenu:
            (dossier / nom).unlink(missing_ok=True)
    if vivante != grille:
        with ecriture_atomique(chemin_grille(etude) or dossier / "grille.yaml") as provisoire:
            provisoire.write_text(en_yaml(vivante), encoding="utf-8")


def _toutes_les_decisions(dossier: Path, prises: pd.DataFrame, phrases: pd.DataFrame) -> pd.DataFrame:
    """Les lignes de decisions.csv que l'application n'a pas écrites, puis les décisions prises dans l'application.

    Raises
    ------
    ErreurEtude
        Fichier mal formé : le récrire perdrait des lignes.
    """
    lignes: list[dict[str, object]] = []
    if (dossier / DECISIONS_CSV).is_file():
        ecrites = lire_csv(dossier / DECISIONS_CSV, DECISIONS_CSV, ("personne", "decision", "entretien"))
        if ecrites.fautes:
            raise ErreurEtude(ecrites.fautes)
        lignes += [dict(une.valeurs) for une in ecrites.lignes if une.valeurs.get("origine") != APPLICATION]
    autres = list(dict.fromkeys(nom for ligne in lignes for nom in ligne if nom not in COLONNES_DECISIONS))
    par_entretien = dict(list(phrases.groupby("entretien")))
    for prise in prises.assign(origine=APPLICATION).to_dict("records"):
        siennes = par_entretien.get(prise["entretien"])
        if siennes is not None and prise["decision"] in ETATS:
            lignes.append({**prise, "debut": "", "fin": ""})
        elif siennes is not None:
            lignes += [{**prise, "phrase": une.phrase, "texte": une.texte} for une in phrases_couvertes(
                siennes, prise["debut"], prise["fin"])]
    return pd.DataFrame(lignes, columns=[*COLONNES_DECISIONS, *autres], dtype=object).fillna("")


def _avec_phrases(codages: pd.DataFrame, phrases: pd.DataFrame) -> pd.DataFrame:
    """Les codages aux colonnes de codages.csv : une ligne par phrase couverte, ou le passage seul s'il n'en couvre aucune."""
    par_entretien = dict(list(phrases.groupby("entretien")))
    lignes = []
    for codage in codages.to_dict("records"):
        couvertes = phrases_couvertes(par_entretien[codage["entretien"]], codage["debut"], codage["fin"])
        lignes += [{**codage, "phrase": une.phrase, "texte": une.texte} for une in couvertes] or [
            {**codage, "phrase": "", "texte": ""}
        ]
    return pd.DataFrame(lignes, columns=list(COLONNES_CODAGES))


def _propositions(resultats: Path) -> pd.DataFrame:
    """Mentions, hésitations et codes probables de la dernière analyse ; une table vide s'il n'y en a pas."""
    lues = [
        pd.read_csv(resultats / nom, keep_default_na=False).assign(posee=posee)
        for nom, posee in (("mentions.csv", True), ("hesitations.csv", False), ("probables.csv", False))
        if (resultats / nom).is_file()
    ]
    if not lues:
        return pd.DataFrame(columns=["entretien"])
    table = pd.concat(lues, ignore_index=True)
    return table.assign(confiance=pd.to_numeric(table["confiance"], errors="coerce"))


def personne_locale() -> str:
    """Le nom de session de qui lance l'application, en lettres qu'un compte admet."""
    return re.sub(r"[^\w.@-]", "-", getpass.getuser())[:64] or "responsable"


def servir(
    dossier: Path,
    port: int = 0,
    hote: str = "",
    noms: tuple[str, ...] = (),
    https: bool = False,
    navigateur: bool = True,
    annoncer: Callable[[str], None] = print,
    racine: str = "",
    jeton: str = "",
    relais: str = LOCAL,
) -> None:
    """Sert l'application jusqu'à ce qu'on l'arrête.

    Parameters
    ----------
    dossier : pathlib.Path
    port : int
        0 : un port libre.
    hote : str
        Adresse où écouter en serveur ; vide : cette machine seulement, avec un jeton d'ouverture.
    noms : tuple[str, ...]
        En serveur, les noms sous lesquels on y vient (`codage.exemple.fr`).
    https : bool
        En serveur, le cookie de séance ne part que sur une liaison chiffrée (un relais la tient devant l'application).
    navigateur : bool
        Ouvrir le navigateur.
    annoncer : callable
        Reçoit ce qu'il faut dire à l'utilisateur.
    racine : str
        Préfixe des adresses, derrière un relais.
    jeton : str
        En local, le jeton d'ouverture ; vide : tiré au sort.
    relais : str
        Adresses des relais que l'on croit sur celle de qui se connecte, séparées par des virgules.

    Raises
    ------
    ErreurEtude
        Comme `preparer` ; en serveur, aucun mot de passe n'a été donné.
    """
    qui = personne_locale()
    etude, base = preparer(dossier, qui)
    jeton = "" if hote else jeton or secrets.token_urlsafe(24)
    if hote and not _un_mot_de_passe(base):
        raise ErreurEtude(
            [
                Faute(
                    "codages.sqlite",
                    0,
                    "aucun compte n'a de mot de passe",
                    f"donnez-en un au responsable : monographies mot-de-passe {dossier} {qui}",
                )
            ]
        )
    ouvert = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    ouvert.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        ouvert.bind((hote or LOCAL, port))
        ouvert.listen()  # dès l'annonce de l'adresse, une visite attend au lieu d'être refusée
    except OSError as erreur:
        raise ErreurEtude(
            [
                Faute(
                    "--port",
                    0,
                    f"le port {port} ne peut pas servir ({erreur.strerror})",
                    "choisissez-en un autre, ou laissez l'outil en trouver un",
                )
            ]
        ) from erreur
    port = ouvert.getsockname()[1]
    mode = Mode(
        etude.titre,
        responsable=qui,
        jeton=jeton,
        hotes=(LOCAL, "localhost", *noms, *([hote] if hote else [])),
        https=https,
        racine=racine,
        marque=f"_{port}",
    )
    adresse = f"http://{hote or LOCAL}:{port}/" + (f"?jeton={jeton}" if jeton else "")
    annoncer(f"L'application de codage est ouverte : {adresse}")
    if hote:
        annoncer(f"Elle ne répond que sous ces noms (--nom pour un autre) : {', '.join(mode.hotes)}.")
    if hote and not https:
        annoncer("Attention : sans --https, mots de passe et codages passent en clair sur le réseau. Mettez devant un relais "
                 "qui chiffre, et ajoutez --https.")
    annoncer("Arrêtez-la par Ctrl+C ; tout ce qui est codé est déjà enregistré.")
    if navigateur and not hote:
        webbrowser.open(adresse)
    serveur = uvicorn.Server(
        uvicorn.Config(
            construire(base, mode, _export(dossier, base, qui)),
            log_level="warning",
            access_log=False,
            server_header=False,
            forwarded_allow_ips=relais,
        )
    )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # arrêtée par un autre programme, elle finit aussi proprement
    try:
        serveur.run(sockets=[ouvert])
    finally:
        base.fermer()
        synchroniser(dossier)


def _export(dossier: Path, base: Base, responsable: str) -> Callable[[Path], None]:
    def ecrire(fichier: Path) -> None:
        etude = Etude.ouvrir(dossier)
        _synchroniser(base, etude, projet_de_l_etude(etude, lire_tout(etude)), charger_grille(etude), responsable)
        exporter(dossier, "qdpx", fichier)

    return ecrire


def donner_mot_de_passe(dossier: Path, compte: str, mot: str) -> None:
    """Donne un mot de passe à un compte, que l'on a ouvert dans l'application ou qui est celui du premier responsable.

    Raises
    ------
    ErreurEtude
        Compte inconnu, mot de passe trop court ; fautes de l'étude.
    """
    _, base = preparer(dossier, personne_locale())
    try:
        with base.ecrire() as connexion:
            if ligne(connexion, personne, id=compte) is None:
                connus = ", ".join(sorted(connexion.scalars(select(personne.c.id))))
                raise ErreurEtude([Faute(FICHIER, 0, f"compte « {compte} » inconnu", f"comptes ouverts : {connus}")])
            mot_de_passe(Acces(connexion, compte), secrets.token_hex(16), compte, mot)
    except Refus as refus:
        raise ErreurEtude([Faute(FICHIER, 0, str(refus), "choisissez-en un autre")]) from refus
    finally:
        base.fermer()


def sauvegarder(dossier: Path, fichier: Path) -> int:
    """Copie la base de codage d'une étude dans un fichier (`codage.sauvegarde`) ; rend le nombre d'actes."""
    base = Base.ouvrir(dossier, Etude.ouvrir(dossier).reglages.base)
    try:
        return sauvegarde.sauvegarder(base, fichier)
    finally:
        base.fermer()


def restaurer(dossier: Path, fichier: Path) -> int:
    """Remet une sauvegarde dans la base, vide, d'une étude ; rend le nombre d'actes."""
    return sauvegarde.restaurer(fichier, dossier, Etude.ouvrir(dossier).reglages.base)


def evaluer(dossier: Path) -> list[str]:
    """Mesure l'accord des codeurs d'une étude, machine comprise, et l'écrit dans `resultats/accord.csv`.

    Returns
    -------
    list[str]
        Ce qu'il faut en dire, une phrase par ligne.

    Raises
    ------
    ErreurEtude
        Fautes de l'étude ; moins de deux codeurs.
    """
    synchroniser(dossier)
    etude = Etude.ouvrir(dossier)
    projet = projet_de_l_etude(etude, lire_tout(etude))
    passages, phrases = projet.codages, etude.phrases
    codes = [un.code for un in projet.grille or ()]
    machines = passages["codeur"].str.startswith(MACHINE)
    lectures = lire_codage_humain(dossier, phrases, codes).lectures
    lus = pd.concat(
        [
            pd.DataFrame([cle for cle, fini in lectures.items() if fini], columns=["codeur", "entretien"], dtype=str),
            pd.DataFrame(
                [(qui, nom) for qui in passages.loc[machines, "codeur"].unique() for nom in projet.entretiens["entretien"]],
                columns=["codeur", "entretien"],
            ),
        ],
        ignore_index=True,
    )
    if lus["codeur"].nunique() < 2 or lus["codeur"].str.startswith(MACHINE).all():
        raise ErreurEtude(
            [
                Faute(
                    CODAGES_CSV,
                    0,
                    "il faut deux codeurs, dont une personne, pour mesurer un accord",
                    "codez (« monographies coder »), déclarez vos entretiens terminés, et analysez l'étude pour comparer à "
                    "la machine",
                )
            ]
        )
    table = accords(phrases_codees(passages, phrases), phrases, lus, codes)
    with ecriture_atomique(dossier / "resultats" / "accord.csv") as provisoire:
        table.to_csv(provisoire, index=False, lineterminator="\n")
    dites = [
        f"{'κ' if un.mesure == 'kappa' else 'α'} {un.codeurs} : {_dire(un.valeur)}"
        + ("" if un.bas != un.bas else f" [{_dire(un.bas)} ; {_dire(un.haut)}]")
        + f", {un.entretiens} entretiens"
        for un in table[table["code"] == TOUS].itertuples()
    ]
    codes_par_des_personnes = lus.loc[~lus["codeur"].str.startswith(MACHINE), "entretien"].unique()
    en_cours = sorted(f"{nom} ({qui})" for (qui, nom), fini in lectures.items() if not fini)
    if en_cours:
        dites.append(f"Pas comparés, leur codage n'étant pas terminé : {', '.join(en_cours)}.")
    return [*dites, *_flatteurs(codes_par_des_personnes, passages["codeur"], phrases),
            f"Par code : {dossier / 'resultats' / 'accord.csv'}"]


def _flatteurs(codes: Sequence[str], codeurs: pd.Series, phrases: pd.DataFrame) -> list[str]:
    """Ce qu'il faut dire de l'accord avec une machine qui a appris sur des entretiens que des personnes ont codés."""
    garde = charger_codeur()
    if f"{MACHINE}{garde.version}" not in set(codeurs):
        return []
    enquetes = phrases[(phrases["role"] == "enquete") & phrases["entretien"].isin(codes)]
    connus = sum(garde.connait(propos) for _, propos in enquetes.groupby("entretien")["texte"])
    if not connus:
        return []
    return [f"{connus} des {len(codes)} entretiens que des personnes ont codés ont servi à apprendre le codeur machine : "
            "son accord avec elles y est flatteur."]


def _dire(valeur: float) -> str:
    return "sans objet" if valeur != valeur else f"{valeur:.2f}".replace(".", ",")


def _un_mot_de_passe(base: Base) -> bool:
    with base.lire() as connexion:
        return connexion.execute(select(secret.c.personne).limit(1)).first() is not None
