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
from tempfile import TemporaryDirectory
from typing import Annotated, Any

from fastapi import FastAPI, HTTPException, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, JSONResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles
from pydantic import BaseModel, Field
from sqlalchemy.exc import OperationalError
from starlette.middleware.trustedhost import TrustedHostMiddleware

from codage import actes_equipe, comptes, lectures, lectures_accord
from codage.actes import exiger, ligne
from codage.base import Base
from codage.demandes import Demande, Nom
from codage.droits import Acces
from codage.journal import Refus
from codage.tables import personne, secret
from corpus.fautes import ErreurEtude

ICI = Path(__file__).parent
COOKIE = "monographies_seance"
Mot = Annotated[str, Field(max_length=1000)]
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
    marque : str
        Fin du nom du cookie : deux études ouvertes sur une machine ne s'y disputent pas la séance.
    """

    titre: str
    responsable: str = ""
    jeton: str = ""
    hotes: tuple[str, ...] = ("127.0.0.1", "localhost")
    https: bool = False
    racine: str = ""
    marque: str = ""

    @property
    def cookie(self) -> str:
        """Le nom du cookie de séance."""
        return COOKIE + self.marque


class Identite(BaseModel):
    """De quoi ouvrir une séance."""

    personne: Nom
    mot_de_passe: Mot


class MotDePasse(BaseModel):
    """Un mot de passe neuf, pour soi (avec l'ancien, s'il y en a un) ou, si l'on est responsable, pour un autre."""

    personne: Nom
    mot_de_passe: Mot
    ancien: Mot = ""


def construire(base: Base, mode: Mode, exporter: Callable[[Path], None] | None = None) -> FastAPI:
    """L'application d'une étude.

    Parameters
    ----------
    base : Base
    mode : Mode
    exporter : callable, optional
        Écrit l'étude, codages compris, en QDPX dans le fichier qu'on lui donne.
    """
    appli = FastAPI(title="Monographies, codage", docs_url=None, redoc_url=None)
    appli.add_middleware(TrustedHostMiddleware, allowed_hosts=list(mode.hotes))
    essais = comptes.Essais()

    @contextmanager
    def acces(requete: Request, ecrire: bool = False) -> Iterator[Acces]:
        with (base.ecrire() if ecrire else base.lire()) as connexion:
            ouverte = comptes.retrouver(connexion, requete.cookies.get(mode.cookie, ""))
            if ouverte is None:
                raise HTTPException(401, "ouvrez une séance")
            if ecrire and not secrets.compare_digest(requete.headers.get("x-csrf", "").encode(), ouverte.csrf.encode()):
                raise HTTPException(403, "rechargez la page : jeton de formulaire périmé")
            yield Acces(connexion, ouverte.personne)

    def remettre(reponse: Response, identifiant: str) -> None:
        with base.ecrire() as connexion:
            jeton = comptes.ouvrir(connexion, identifiant)
        reponse.set_cookie(mode.cookie, jeton, max_age=comptes.DUREE, httponly=True, samesite="strict", secure=mode.https,
                           path=mode.racine or "/")

    def verifier(requete: Request, identifiant: str, mot: str, etat: int) -> None:
        adresse = requete.client.host if requete.client else ""
        essais.compter(identifiant, adresse)
        with base.lire() as connexion:
            if not comptes.verifier_mot_de_passe(connexion, identifiant, mot):
                raise HTTPException(etat, "compte ou mot de passe inconnu")
        essais.oublier(identifiant, adresse)

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
        reponse.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        reponse.headers.setdefault("Cache-Control", "no-cache" if requete.url.path.startswith("/statiques/") else "no-store")
        return reponse

    @appli.exception_handler(Refus)
    async def refuser(_: Request, refus: Refus) -> Response:
        return JSONResponse({"detail": str(refus)}, 409)

    @appli.exception_handler(OperationalError)
    async def patienter(_: Request, erreur: OperationalError) -> Response:
        return JSONResponse({"detail": "la base est occupée ou ne répond pas : rien n'a été écrit, réessayez"}, 503)

    @appli.exception_handler(RequestValidationError)
    async def corriger(_: Request, erreur: RequestValidationError) -> Response:
        fautes = [{"lieu": ".".join(map(str, e["loc"])), "message": e["msg"]} for e in erreur.errors()]
        return JSONResponse({"detail": "demande mal formée", "fautes": fautes}, 422)

    @appli.get("/", include_in_schema=False)
    def page(requete: Request, jeton: str = "") -> Response:
        if mode.jeton and jeton:
            if not secrets.compare_digest(jeton.encode(), mode.jeton.encode()):
                raise HTTPException(403, "ce jeton n'est pas celui de ce lancement : reprenez l'adresse affichée")
            suite = RedirectResponse("./", 303)  # relatif : vaut derrière un relais qui change le chemin
            remettre(suite, mode.responsable)
            return suite
        return FileResponse(ICI / "gabarits" / "appli.html", headers={"Cache-Control": "no-cache"})

    @appli.post("/api/connexion", responses={401: {}, 409: {}})
    def connecter(requete: Request, qui: Identite, reponse: Response) -> dict[str, str]:
        """Ouvre une séance par mot de passe."""
        verifier(requete, qui.personne, qui.mot_de_passe, 401)
        remettre(reponse, qui.personne)
        return {"personne": qui.personne}

    @appli.post("/api/deconnexion", status_code=204, responses={401: {}, 403: {}})
    def deconnecter(requete: Request, reponse: Response) -> None:
        """Ferme la séance."""
        with acces(requete, ecrire=True) as vu:
            comptes.fermer(vu.connexion, requete.cookies.get(mode.cookie, ""))
        reponse.delete_cookie(mode.cookie, path=mode.racine or "/")

    @appli.post("/api/mot_de_passe", status_code=204, responses={401: {}, 403: {}, 409: {}})
    def changer(requete: Request, neuf: MotDePasse) -> None:
        """Change un mot de passe ; ferme les séances du compte."""
        with acces(requete) as vu:
            sien = neuf.personne == vu.personne and ligne(vu.connexion, secret, personne=vu.personne) is not None
        if sien:
            verifier(requete, neuf.personne, neuf.ancien, 403)
        with acces(requete, ecrire=True) as vu:
            actes_equipe.mot_de_passe(vu, secrets.token_hex(16), neuf.personne, neuf.mot_de_passe)

    @appli.get("/api/moi", responses={401: {}})
    def moi(requete: Request) -> dict[str, Any]:
        """La personne de la séance, son rôle, le jeton à joindre aux écritures."""
        with acces(requete) as vu:
            ouverte = comptes.retrouver(vu.connexion, requete.cookies[mode.cookie])
            fiche = exiger(vu.connexion, personne, "compte", id=vu.personne)
            return {"personne": vu.personne, "role": vu.role, "nom": fiche["nom"], "csrf": ouverte.csrf if ouverte else "",
                    "titre": mode.titre, "local": bool(mode.jeton), "exporte": exporter is not None and vu.role == "responsable"}

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

    @appli.get("/api/export", response_class=Response, responses={401: {}, 404: {}, 409: {}})
    def export(requete: Request) -> Response:
        """L'étude et tous ses codages, en QDPX : pour un responsable à qui rien n'est caché."""
        with acces(requete) as vu:
            vu.exiger_responsable()
            if vu.aveugle_quelque_part:
                raise Refus("vous codez à l'aveugle : l'export vous montrerait le codage des autres")
        if exporter is None:
            raise HTTPException(404, "cette étude ne s'exporte que par « monographies exporter »")
        with TemporaryDirectory() as lieu:
            fichier = Path(lieu) / "etude.qdpx"
            try:
                exporter(fichier)
            except ErreurEtude as erreur:
                raise HTTPException(409, str(erreur)) from erreur
            return Response(fichier.read_bytes(), media_type="application/zip",
                            headers={"Content-Disposition": 'attachment; filename="etude.qdpx"'})

    @appli.post("/api/actes", responses={401: {}, 403: {}, 409: {}})
    def agir(requete: Request, demande: Demande) -> dict[str, Any]:
        """Fait un acte et rend son numéro ; la réponse ne part qu'une fois l'acte écrit sur le disque."""
        with acces(requete, ecrire=True) as vu:
            fait = demande.faire(vu)
        return {"numero": fait.numero, "quand": fait.quand, "genre": fait.genre}

    appli.mount("/statiques", StaticFiles(directory=ICI / "statiques"), name="statiques")
    return appli
