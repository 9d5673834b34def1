"""Ce que le navigateur envoie : un acte, d'un genre parmi d'autres, et la clé qui l'empêche d'être fait deux fois."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from codage import actes, actes_equipe, actes_grille
from codage.droits import Acces
from codage.journal import Acte

Modalite = Literal["presente", "absente", "hypothetique"]
Position = Annotated[int, Field(ge=0, le=100_000_000)]


def _lisible(texte: str) -> str:
    """Ni caractère nul (PostgreSQL le refuse), ni moitié isolée de paire UTF-16 (rien ne l'écrit)."""
    if "\0" in texte or any("\ud800" <= signe <= "\udfff" for signe in texte):
        raise ValueError("ce texte porte un caractère qui ne s'écrit pas")
    return texte


Nom = Annotated[str, Field(max_length=200), AfterValidator(_lisible)]
Texte = Annotated[str, Field(max_length=20_000), AfterValidator(_lisible)]


class _Demande(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cle: Annotated[str, Field(pattern=r"^[\w\-]{8,64}$")]

    def faire(self, acces: Acces) -> Acte:
        """Fait l'acte."""
        raise NotImplementedError

    def _champs(self, *sauf: str) -> dict[str, Any]:
        return self.model_dump(exclude={"cle", "genre", *sauf}, exclude_none=True)


class Poser(_Demande):
    """Poser un code sur une étendue."""

    genre: Literal["poser"]
    entretien: Nom
    debut: Position
    fin: Position
    code: Nom
    modalite: Modalite = "presente"

    def faire(self, acces: Acces) -> Acte:
        return actes.poser(acces, self.cle, self.entretien, self.debut, self.fin, self.code, self.modalite)


class Modifier(_Demande):
    """Changer un de ses codages."""

    genre: Literal["modifier"]
    codage: Nom
    code: Nom | None = None
    modalite: Modalite | None = None
    debut: Position | None = None
    fin: Position | None = None

    def faire(self, acces: Acces) -> Acte:
        return actes.modifier(acces, self.cle, self.codage, **self._champs("codage"))


class Retirer(_Demande):
    """Retirer un de ses codages."""

    genre: Literal["retirer"]
    codage: Nom

    def faire(self, acces: Acces) -> Acte:
        return actes.retirer(acces, self.cle, self.codage)


class Decider(_Demande):
    """Accepter, refuser ou corriger une proposition de la machine."""

    genre: Literal["decider"]
    proposition: Nom
    verdict: Literal["accepte", "refuse", "corrige"]
    code: Nom | None = None
    modalite: Modalite | None = None
    debut: Position | None = None
    fin: Position | None = None

    def faire(self, acces: Acces) -> Acte:
        return actes.decider(acces, self.cle, self.proposition, self.verdict, **self._champs("proposition", "verdict"))


class Noter(_Demande):
    """Écrire ou effacer son mémo."""

    genre: Literal["noter"]
    cible: Literal["codage", "entretien", "code"]
    id: Nom
    texte: Texte

    def faire(self, acces: Acces) -> Acte:
        return actes.noter(acces, self.cle, self.cible, self.id, self.texte)


class Arbitrer(_Demande):
    """Trancher un désaccord."""

    genre: Literal["arbitrer"]
    entretien: Nom
    debut: Position
    fin: Position
    code: Nom
    porte: bool
    modalite: Modalite = "presente"
    raison: Texte

    def faire(self, acces: Acces) -> Acte:
        return actes.arbitrer(acces, self.cle, self.entretien, self.debut, self.fin, self.code, self.porte, self.modalite,
                              self.raison)


class Annuler(_Demande):
    """Annuler ou refaire, dans un entretien."""

    genre: Literal["annuler", "refaire"]
    entretien: Nom

    def faire(self, acces: Acces) -> Acte:
        return (actes.annuler if self.genre == "annuler" else actes.refaire)(acces, self.cle, self.entretien)


class Champs(BaseModel):
    """Les champs d'un code ; ceux qui manquent ne changent pas."""

    model_config = ConfigDict(extra="forbid")
    code: Annotated[str, Field(max_length=32, pattern=r"^\w[\w.\-]*$")] | None = None
    intitule: Nom | None = None
    definition: Texte | None = None
    exemples: list[Texte] | None = None
    genre: Nom | None = None
    famille: Nom | None = None
    couleur: Annotated[str, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] | None = None
    rang: Position | None = None
    retire: bool | None = None
    hors_grille: bool | None = None


class CreerCode(_Demande):
    """Créer un code."""

    genre: Literal["creer_code"]
    champs: Champs
    hors_grille: bool = False

    def faire(self, acces: Acces) -> Acte:
        return actes_grille.creer(acces, self.cle, _sans_vide(self.champs), self.hors_grille)


class ModifierCode(_Demande):
    """Renommer, redéfinir, déplacer un code, ou le rendre à la grille."""

    genre: Literal["modifier_code"]
    code: Nom
    champs: Champs

    def faire(self, acces: Acces) -> Acte:
        return actes_grille.modifier(acces, self.cle, self.code, _sans_vide(self.champs))


class FusionnerCodes(_Demande):
    """Reporter des codes sur un autre."""

    genre: Literal["fusionner_codes"]
    sources: Annotated[list[Nom], Field(max_length=200)]
    cible: Nom

    def faire(self, acces: Acces) -> Acte:
        return actes_grille.fusionner(acces, self.cle, self.sources, self.cible)


class ScinderCode(_Demande):
    """Remplacer un code par plusieurs."""

    genre: Literal["scinder_code"]
    code: Nom
    nouveaux: Annotated[list[Champs], Field(max_length=20)]
    repartition: dict[str, int]

    def faire(self, acces: Acces) -> Acte:
        return actes_grille.scinder(acces, self.cle, self.code, [_sans_vide(c) for c in self.nouveaux], self.repartition)


class RetirerCode(_Demande):
    """Retirer un code de la grille."""

    genre: Literal["retirer_code"]
    code: Nom
    report: Nom | None = None

    def faire(self, acces: Acces) -> Acte:
        return actes_grille.retirer(acces, self.cle, self.code, self.report)


class Compte(_Demande):
    """Ouvrir ou changer un compte."""

    genre: Literal["compte"]
    id: Annotated[str, Field(pattern=r"^[\w.@\-]{1,64}$")]
    nom: Nom | None = None
    role: Literal["responsable", "codeur", "lecteur"] | None = None
    actif: bool | None = None

    def faire(self, acces: Acces) -> Acte:
        return actes_equipe.compte(acces, self.cle, self.id, **self._champs("id"))


class Affecter(_Demande):
    """Affecter un entretien."""

    genre: Literal["affecter"]
    entretien: Nom
    personne: Nom
    aveugle: bool = False
    propositions: bool = True

    def faire(self, acces: Acces) -> Acte:
        return actes_equipe.affecter(acces, self.cle, self.entretien, self.personne, self.aveugle, self.propositions)


class Desaffecter(_Demande):
    """Retirer une affectation."""

    genre: Literal["desaffecter"]
    entretien: Nom
    personne: Nom

    def faire(self, acces: Acces) -> Acte:
        return actes_equipe.retirer(acces, self.cle, self.entretien, self.personne)


class Terminer(_Demande):
    """Déclarer un codage terminé, ou le rouvrir."""

    genre: Literal["terminer"]
    entretien: Nom
    termine: bool = True
    personne: Nom | None = None

    def faire(self, acces: Acces) -> Acte:
        return actes_equipe.terminer(acces, self.cle, self.entretien, self.termine, self.personne)


Demande = Annotated[
    Poser | Modifier | Retirer | Decider | Noter | Arbitrer | Annuler | CreerCode | ModifierCode | FusionnerCodes
    | ScinderCode | RetirerCode | Compte | Affecter | Desaffecter | Terminer, Field(discriminator="genre")]


def _sans_vide(champs: Champs) -> Mapping[str, Any]:
    return champs.model_dump(exclude_none=True)
