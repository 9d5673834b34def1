"""Qui voit et fait quoi.

- *lecteur* : lit tout, n'écrit rien ;
- *codeur* : lit et code les entretiens qu'on lui a affectés ;
- *responsable* : lit et code tout, affecte, arbitre, tient la grille et les comptes.

Quel que soit son rôle, qui code un entretien à l'aveugle n'y voit que son propre codage, et ni accord, ni journal,
ni mémo des autres, tant que tous ceux qui le codent à l'aveugle n'ont pas terminé. Toute lecture passe par
`Acces` : aucune route n'a ses propres règles.

La grille reste commune à tous, codes inductifs compris, sans quoi rien ne se comparerait. Restent hors d'atteinte de
ces règles les fichiers de l'étude : qui en est propriétaire, sur la machine, y lit tout.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, or_, select, true

from codage.journal import Refus
from codage.tables import affectation, personne


@dataclass(frozen=True)
class Acces:
    """Ce qu'une personne peut voir et faire, à l'instant d'une transaction.

    Parameters
    ----------
    connexion : sqlalchemy.Connection
    personne : str
    """

    connexion: Connection
    personne: str

    @cached_property
    def role(self) -> str:
        """Le rôle de la personne.

        Raises
        ------
        Refus
            Compte inconnu ou fermé.
        """
        fiche = self.connexion.execute(select(personne).where(personne.c.id == self.personne)).first()
        if fiche is None or not fiche.actif:
            raise Refus("ce compte est fermé")
        return str(fiche.role)

    @cached_property
    def _affectations(self) -> dict[str, list[Any]]:
        par_entretien: dict[str, list[Any]] = {}
        for ligne in self.connexion.execute(select(affectation)):
            par_entretien.setdefault(ligne.entretien, []).append(ligne)
        return par_entretien

    def affectation(self, entretien: str) -> Any | None:
        """L'affectation de la personne sur un entretien, s'il y en a une."""
        return next((a for a in self._affectations.get(entretien, []) if a.personne == self.personne), None)

    def voit(self, entretien: str) -> bool:
        """Peut lire cet entretien."""
        return self.role != "codeur" or self.affectation(entretien) is not None

    def aveugle(self, entretien: str) -> bool:
        """N'y voit que son propre codage."""
        sienne = self.affectation(entretien)
        return sienne is not None and sienne.aveugle and not all(
            a.termine for a in self._affectations[entretien] if a.aveugle)

    @cached_property
    def aveugle_quelque_part(self) -> bool:
        """Code au moins un entretien à l'aveugle, dont tous n'ont pas terminé."""
        return any(self.aveugle(nom) for nom in self._affectations)

    def voit_le_codage(self, entretien: str, auteur: str) -> bool:
        """Voit ce qu'une personne a codé ou noté dans un entretien."""
        return auteur == self.personne or (self.voit(entretien) and not self.aveugle(entretien))

    def voit_la_machine(self, entretien: str) -> bool:
        """Y voit les propositions de la machine."""
        sienne = self.affectation(entretien)
        return self.voit(entretien) and (sienne is None or sienne.propositions or (
            sienne.aveugle and not self.aveugle(entretien)))

    def exiger_codeur(self, entretien: str) -> None:
        """Raises Refus si la personne ne code pas cet entretien, ou l'a déclaré terminé."""
        sienne = self.affectation(entretien)
        if self.role == "lecteur" or (self.role == "codeur" and sienne is None):
            raise Refus("vous ne codez pas cet entretien")
        if sienne is not None and sienne.aveugle and sienne.termine:
            raise Refus("vous avez déclaré ce codage terminé : demandez au responsable de le rouvrir")

    def exiger_responsable(self) -> None:
        """Raises Refus si la personne n'est pas responsable."""
        if self.role != "responsable":
            raise Refus("seul un responsable le peut")

    def filtre(self, table: Table, entretien: ColumnElement[str] | None = None) -> ColumnElement[bool]:
        """La condition SQL des lignes visibles d'une table qui a une colonne `personne`.

        Parameters
        ----------
        table : sqlalchemy.Table
        entretien : colonne, optional
            Celle qui nomme l'entretien ; par défaut `table.c.entretien`.
        """
        lieu: ColumnElement[str] = table.c.entretien if entretien is None else entretien
        siens = self._affectations
        fermes = [nom for nom in siens if self.aveugle(nom)]
        lisibles = true() if self.role != "codeur" else lieu.in_([nom for nom in siens if self.voit(nom)])
        return or_(table.c.personne == self.personne, lisibles & ~lieu.in_(fermes) if fermes else lisibles)
