"""Ouvrir l'application de codage d'une étude, sauvegarder et restaurer sa base."""

from __future__ import annotations

import getpass
import re
import secrets
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import uvicorn

from chaine import charger_grille
from codage.appli import Mode, construire
from codage.base import Base
from codage.chargement import Chargees, charger
from corpus.etude import Etude
from corpus.fautes import ErreurEtude, Faute

LOCAL = "127.0.0.1"


def preparer(dossier: Path, responsable: str) -> tuple[Etude, Base]:
    """Ouvre la base de codage d'une étude et y met ses transcriptions, sa grille et les propositions de la machine.

    Raises
    ------
    ErreurEtude
        Fautes de l'étude ; base injoignable ; transcriptions codées qui ont changé.
    """
    etude = Etude.ouvrir(dossier)
    lus = [etude.lire(fiche) for fiche in etude.fiches]
    if etude.fautes:
        raise ErreurEtude(etude.fautes)
    base = Base.ouvrir(dossier, etude.reglages.base)
    charger(base, Chargees(etude.entretiens, etude.tours, etude.phrases, {lu.fiche.entretien: lu.document.texte for lu in lus},
                           _propositions(dossier / "resultats")), charger_grille(etude), responsable)
    return etude, base


def _propositions(resultats: Path) -> pd.DataFrame:
    """Mentions et hésitations de la dernière analyse ; une table vide s'il n'y en a pas."""
    lues = [pd.read_csv(resultats / nom, keep_default_na=False).assign(posee=posee)
            for nom, posee in (("mentions.csv", True), ("hesitations.csv", False)) if (resultats / nom).is_file()]
    if not lues:
        return pd.DataFrame(columns=["entretien"])
    table = pd.concat(lues, ignore_index=True)
    return table.assign(confiance=pd.to_numeric(table["confiance"], errors="coerce"))


def personne_locale() -> str:
    """Le nom de session de qui lance l'application, en lettres qu'un compte admet."""
    return re.sub(r"[^\w.@-]", "-", getpass.getuser())[:64] or "responsable"


def servir(dossier: Path, port: int = 0, hote: str = "", noms: tuple[str, ...] = (), navigateur: bool = True,
           annoncer: Callable[[str], None] = print, racine: str = "") -> None:
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
    navigateur : bool
        Ouvrir le navigateur.
    annoncer : callable
        Reçoit ce qu'il faut dire à l'utilisateur.
    racine : str
        Préfixe des adresses, derrière un relais.

    Raises
    ------
    ErreurEtude
        Comme `preparer` ; en serveur, aucun mot de passe n'a été donné.
    """
    qui = personne_locale()
    etude, base = preparer(dossier, qui)
    jeton = "" if hote else secrets.token_urlsafe(24)
    if hote and not _un_mot_de_passe(base):
        raise ErreurEtude([Faute("codages.sqlite", 0, "aucun compte n'a de mot de passe",
                                 f"donnez-en un au responsable : monographies mot-de-passe {dossier} {qui}")])
    ouvert = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    ouvert.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        ouvert.bind((hote or LOCAL, port))
    except OSError as erreur:
        raise ErreurEtude([Faute("--port", 0, f"le port {port} ne peut pas servir ({erreur.strerror})",
                                 "choisissez-en un autre, ou laissez l'outil en trouver un")]) from erreur
    mode = Mode(etude.titre, responsable=qui, jeton=jeton, hotes=(LOCAL, "localhost", *noms, *([hote] if hote else [])), racine=racine)
    adresse = f"http://{hote or LOCAL}:{ouvert.getsockname()[1]}{racine}/" + (f"?jeton={jeton}" if jeton else "")
    annoncer(f"L'application de codage est ouverte : {adresse}")
    annoncer("Arrêtez-la par Ctrl+C ; tout ce qui est codé est déjà enregistré.")
    if navigateur and not hote:
        webbrowser.open(adresse)
    serveur = uvicorn.Server(uvicorn.Config(construire(base, mode), log_level="warning", access_log=False, server_header=False))
    try:
        serveur.run(sockets=[ouvert])
    finally:
        base.fermer()


def _un_mot_de_passe(base: Base) -> bool:
    from sqlalchemy import select

    from codage.tables import secret

    with base.lire() as connexion:
        return connexion.execute(select(secret.c.personne).limit(1)).first() is not None
