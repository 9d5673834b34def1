"""L'application de codage : une page et une API JSON, sur cette machine ou pour une équipe.

En local, un jeton tiré à chaque lancement, donné dans l'adresse qui s'ouvre, tient lieu de mot de passe (à la manière
de Jupyter). En serveur, il faut un compte. Dans les deux cas : séance en cookie inaccessible aux scripts, jeton CSRF
exigé de toute écriture, nom d'hôte contrôlé, politique de contenu sans rien d'extérieur ni d'écrit dans la page.
"""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from sqlalchemy import select
from starlette.middleware.trustedhost import TrustedHostMiddleware

from codage import comptes, lectures, lectures_accord
from codage.actes import exiger
from codage.base import Base
from codage.demandes import Demande, Nom
from codage.droits import Acces
from codage.journal import Refus
from codage.tables import personne

ICI = Path(__file__).parent
COOKIE = "monographies_seance"
TAILLE_MAX = 1_000_000
"""Octets d'une demande, au plus."""
POLITIQUE = ("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
             "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {cadres}")


@dataclass(frozen=True)
class Mode:
    """Comment l'application s'ouvre.

    Attributes
    ----------
    titre : str
        Celui de l'étude.
    responsable : str
        En local, la personne qui code.
    jeton : str
        En local, le jeton d'ouverture ; vide en serveur.
    hotes : tuple[str, ...]
        Noms sous lesquels l'application répond.
    https : bool
        Le cookie ne part que sur une liaison chiffrée.
    racine : str
        Préfixe des adresses, derrière un relais (JupyterLab).
    """

    titre: str
    responsable: str = ""
    jeton: str = ""
    hotes: tuple[str, ...] = ("127.0.0.1", "localhost")
    https: bool = False
    racine: str = ""


class Identite(BaseModel):
    """De quoi ouvrir une séance."""

    personne: Nom
    mot_de_passe: Annotated[str, Field(max_length=1000)]


class MotDePasse(BaseModel):
    """Un mot de passe neuf, pour soi ou, si l'on est responsable, pour un autre."""

    personne: Nom
    mot_de_passe: Annotated[str, Field(max_length=1000)]


def construire(base: Base, mode: Mode) -> FastAPI:
    """L'application d'une étude.

    Parameters
    ----------
    base : Base
    mode : Mode
    """
    appli = FastAPI(title="Monographies, codage", docs_url=None, redoc_url=None, root_path=mode.racine)
    appli.add_middleware(TrustedHostMiddleware, allowed_hosts=list(mode.hotes))
    essais = comptes.Essais()

    @contextmanager
    def acces(requete: Request, ecrire: bool = False) -> Iterator[Acces]:
        with (base.ecrire() if ecrire else base.lire()) as connexion:
            ouverte = comptes.retrouver(connexion, requete.cookies.get(COOKIE, ""))
            if ouverte is None:
                raise HTTPException(401, "ouvrez une séance")
            if ecrire and not secrets.compare_digest(requete.headers.get("x-csrf", "").encode(), ouverte.csrf.encode()):
                raise HTTPException(403, "rechargez la page : jeton de formulaire périmé")
            yield Acces(connexion, ouverte.personne)

    def remettre(reponse: Response, identifiant: str) -> None:
        with base.ecrire() as connexion:
            jeton = comptes.ouvrir(connexion, identifiant)
        reponse.set_cookie(COOKIE, jeton, max_age=comptes.DUREE, httponly=True, samesite="strict", secure=mode.https,
                           path=mode.racine or "/")

    @appli.middleware("http")
    async def garder(requete: Request, suite: Callable[[Request], Awaitable[Response]]) -> Response:
        taille = requete.headers.get("content-length", "0")
        if "chunked" in requete.headers.get("transfer-encoding", "") or not taille.isdigit() or int(taille) > TAILLE_MAX:
            return JSONResponse({"detail": "demande trop grande"}, 413)
        reponse = await suite(requete)
        reponse.headers["Content-Security-Policy"] = POLITIQUE.format(cadres="'self'" if mode.racine else "'none'")
        reponse.headers["X-Content-Type-Options"] = "nosniff"
        reponse.headers["Referrer-Policy"] = "no-referrer"
        reponse.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        reponse.headers.setdefault("Cache-Control", "no-store")
        return reponse

    @appli.exception_handler(Refus)
    async def refuser(_: Request, refus: Refus) -> Response:
        return JSONResponse({"detail": str(refus)}, 409)

    @appli.exception_handler(RequestValidationError)
    async def corriger(_: Request, erreur: RequestValidationError) -> Response:
        fautes = [{"lieu": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in erreur.errors()]
        return JSONResponse({"detail": "demande mal formée", "fautes": fautes}, 422)

    @appli.get("/", include_in_schema=False)
    def page(requete: Request, jeton: str = "") -> Response:
        if mode.jeton and jeton:
            if not secrets.compare_digest(jeton.encode(), mode.jeton.encode()):
                raise HTTPException(403, "ce jeton n'est pas celui de ce lancement : reprenez l'adresse affichée")
            suite = RedirectResponse(f"{mode.racine}/", 303)
            remettre(suite, mode.responsable)
            return suite
        return FileResponse(ICI / "gabarits" / "appli.html", headers={"Cache-Control": "no-cache"})

    @appli.post("/api/connexion", responses={401: {}, 409: {}})
    def connecter(requete: Request, qui: Identite, reponse: Response) -> dict[str, str]:
        """Ouvre une séance par mot de passe."""
        essais.compter(qui.personne, requete.client.host if requete.client else "")
        with base.lire() as connexion:
            juste = comptes.verifier_mot_de_passe(connexion, qui.personne, qui.mot_de_passe)
        if not juste:
            raise HTTPException(401, "compte ou mot de passe inconnu")
        remettre(reponse, qui.personne)
        return {"personne": qui.personne}

    @appli.post("/api/deconnexion", status_code=204, responses={401: {}, 403: {}})
    def deconnecter(requete: Request, reponse: Response) -> None:
        """Ferme la séance."""
        with acces(requete, ecrire=True) as vu:
            comptes.fermer(vu.connexion, requete.cookies.get(COOKIE, ""))
        reponse.delete_cookie(COOKIE, path=mode.racine or "/")

    @appli.post("/api/mot_de_passe", status_code=204, responses={401: {}, 403: {}, 409: {}})
    def changer(requete: Request, neuf: MotDePasse) -> None:
        """Change un mot de passe ; ferme les séances du compte."""
        with acces(requete, ecrire=True) as vu:
            if neuf.personne != vu.personne:
                vu.exiger_responsable()
            exiger(vu.connexion, personne, "compte", id=neuf.personne)
            comptes.changer_mot_de_passe(vu.connexion, neuf.personne, neuf.mot_de_passe)

    @appli.get("/api/moi", responses={401: {}})
    def moi(requete: Request) -> dict[str, Any]:
        """La personne de la séance, son rôle, le jeton à joindre aux écritures."""
        with acces(requete) as vu:
            ouverte = comptes.retrouver(vu.connexion, requete.cookies[COOKIE])
            return {"personne": vu.personne, "role": vu.role, "csrf": ouverte.csrf if ouverte else "", "titre": mode.titre,
                    "local": bool(mode.jeton), "nom": vu.connexion.scalar(select(personne.c.nom).where(
                        personne.c.id == vu.personne))}

    @appli.get("/api/etude", responses={401: {}})
    def etude(requete: Request) -> dict[str, Any]:
        """La grille, les entretiens visibles, l'équipe."""
        with acces(requete) as vu:
            return lectures.etude(vu)

    @appli.get("/api/entretien", responses={401: {}, 409: {}})
    def entretien(requete: Request, nom: Nom) -> dict[str, Any]:
        """Un entretien, ses codages visibles, les propositions de la machine."""
        with acces(requete) as vu:
            return lectures.lire_entretien(vu, nom)

    @appli.get("/api/desaccords", responses={401: {}, 409: {}})
    def desaccords(requete: Request, nom: Nom) -> list[dict[str, Any]]:
        """Les phrases que les codeurs d'un entretien n'ont pas codées de même."""
        with acces(requete) as vu:
            return lectures_accord.desaccords(vu, nom)

    @appli.get("/api/codages", responses={401: {}, 409: {}})
    def codages(requete: Request, code: Nom) -> list[dict[str, Any]]:
        """Les codages visibles d'un code, avec leurs mots."""
        with acces(requete) as vu:
            return lectures.codages_du_code(vu, code)

    @appli.get("/api/accord", responses={401: {}})
    def accord(requete: Request, machine: bool = True) -> list[dict[str, Any]]:
        """κ par paire et par code, α de tous."""
        with acces(requete) as vu:
            return lectures_accord.accord(vu, machine)

    @appli.get("/api/file", responses={401: {}})
    def file(requete: Request, nombre: Annotated[int, Query(ge=1, le=200)] = lectures_accord.NOMBRE) -> dict[str, Any]:
        """Les propositions les plus utiles à juger, et la règle d'arrêt."""
        with acces(requete) as vu:
            return lectures_accord.file(vu, nombre)

    @appli.get("/api/journal", responses={401: {}})
    def journal(requete: Request, avant: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
                entretien: Nom = "") -> list[dict[str, Any]]:
        """Les actes, cent par cent, du plus récent au plus ancien."""
        with acces(requete) as vu:
            return lectures.journal(vu, avant, entretien)

    @appli.post("/api/actes", responses={401: {}, 403: {}, 409: {}})
    def agir(requete: Request, demande: Demande) -> dict[str, Any]:
        """Fait un acte et rend son numéro ; la réponse ne part qu'une fois l'acte écrit sur le disque."""
        with acces(requete, ecrire=True) as vu:
            fait = demande.faire(vu)
        return {"numero": fait.numero, "quand": fait.quand, "genre": fait.genre}

    appli.mount("/statiques", StaticFiles(directory=ICI / "statiques"), name="statiques")
    return appli
