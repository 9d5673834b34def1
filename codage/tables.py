"""Les tables de la base de codage, les mêmes sous SQLite et sous PostgreSQL.

Le journal (`acte`) est la mémoire : chaque acte y est écrit une fois et ne change plus, chaîné au précédent
par son empreinte. Les autres tables tenues par des actes disent l'état présent, que le journal sait refaire.
Les étendues (`debut`, `fin`) sont en points de code dans le texte de l'entretien tel que `corpus` le rend.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

MODALITES = ("presente", "absente", "hypothetique")
ROLES = ("responsable", "codeur", "lecteur")
VERDICTS = ("accepte", "refuse", "corrige")

donnees = MetaData(naming_convention={
    "ix": "ix_%(table_name)s_%(column_0_name)s", "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s", "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s"})


def _parmi(colonne: str, valeurs: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{colonne} IN ({', '.join(repr(v) for v in valeurs)})", name=colonne)


personne = Table(
    "personne", donnees,
    Column("id", String(64), primary_key=True, doc="identifiant, celui que portent les codages"),
    Column("nom", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("actif", Boolean, nullable=False, default=True),
    _parmi("role", ROLES))

secret = Table(
    "secret", donnees,
    Column("personne", ForeignKey("personne.id"), primary_key=True),
    Column("argon2", Text, nullable=False, doc="empreinte argon2id du mot de passe ; jamais au journal"))

seance = Table(
    "seance", donnees,
    Column("empreinte", String(64), primary_key=True, doc="SHA-256 du jeton remis au navigateur"),
    Column("personne", ForeignKey("personne.id"), nullable=False),
    Column("csrf", String(64), nullable=False),
    Column("expire", Float, nullable=False, doc="secondes depuis 1970"))

entretien = Table(
    "entretien", donnees,
    Column("id", String(200), primary_key=True),
    Column("rang", Integer, nullable=False),
    Column("territoire", Text, nullable=False),
    Column("fonction", Text, nullable=False),
    Column("categorie", Text, nullable=False),
    Column("date", Text, nullable=False),
    Column("texte", Text, nullable=False),
    Column("empreinte", String(64), nullable=False, doc="SHA-256 du texte"))

tour = Table(
    "tour", donnees,
    Column("entretien", ForeignKey("entretien.id"), primary_key=True),
    Column("tour", Integer, primary_key=True),
    Column("locuteur", Text, nullable=False),
    Column("role", String(16), nullable=False),
    Column("debut", Integer, nullable=False),
    Column("fin", Integer, nullable=False))

phrase = Table(
    "phrase", donnees,
    Column("entretien", ForeignKey("entretien.id"), primary_key=True),
    Column("debut", Integer, primary_key=True),
    Column("fin", Integer, nullable=False),
    Column("phrase", String(32), nullable=False, doc="vide pour une question de l'enquêteur"),
    Column("role", String(16), nullable=False))

proposition = Table(
    "proposition", donnees,
    Column("id", String(64), primary_key=True),
    Column("entretien", ForeignKey("entretien.id"), nullable=False, index=True),
    Column("phrase", String(32), nullable=False),
    Column("debut", Integer, nullable=False),
    Column("fin", Integer, nullable=False),
    Column("code", String(32), nullable=False, doc="le code tel que la machine l'a nommé"),
    Column("modalite", String(16), nullable=False),
    Column("confiance", Float),
    Column("preuve", Text, nullable=False),
    Column("codeur", Text, nullable=False, doc="machine:<version>"),
    Column("posee", Boolean, nullable=False, doc="fausse : une hésitation, que la machine n'a pas posée"),
    _parmi("modalite", MODALITES),
    CheckConstraint("codeur LIKE 'machine:%'", name="codeur"))

code = Table(
    "code", donnees,
    Column("id", String(36), primary_key=True),
    Column("code", String(32), nullable=False, unique=True),
    Column("intitule", Text, nullable=False),
    Column("definition", Text, nullable=False),
    Column("exemples", JSON, nullable=False),
    Column("genre", Text, nullable=False),
    Column("famille", Text, nullable=False),
    Column("couleur", String(7), nullable=False),
    Column("rang", Integer, nullable=False),
    Column("hors_grille", Boolean, nullable=False, doc="code inductif, né en cours de codage"),
    Column("retire", Boolean, nullable=False))

affectation = Table(
    "affectation", donnees,
    Column("entretien", ForeignKey("entretien.id"), primary_key=True),
    Column("personne", ForeignKey("personne.id"), primary_key=True),
    Column("aveugle", Boolean, nullable=False, doc="ne voit ni les autres codeurs ni, sauf mention, la machine"),
    Column("propositions", Boolean, nullable=False, doc="voit les propositions de la machine"),
    Column("termine", Boolean, nullable=False))

codage = Table(
    "codage", donnees,
    Column("id", String(36), primary_key=True),
    Column("entretien", ForeignKey("entretien.id"), nullable=False),
    Column("debut", Integer, nullable=False),
    Column("fin", Integer, nullable=False),
    Column("code", ForeignKey("code.id"), nullable=False, index=True),
    Column("modalite", String(16), nullable=False),
    Column("personne", ForeignKey("personne.id"), nullable=False),
    Column("proposition", ForeignKey("proposition.id"), doc="celle que la personne a acceptée ou corrigée"),
    CheckConstraint("0 <= debut AND debut < fin", name="etendue"),
    _parmi("modalite", MODALITES),
    Index("ix_codage_lecture", "entretien", "personne"))

decision = Table(
    "decision", donnees,
    Column("proposition", ForeignKey("proposition.id"), primary_key=True),
    Column("personne", ForeignKey("personne.id"), primary_key=True),
    Column("verdict", String(8), nullable=False),
    _parmi("verdict", VERDICTS))

memo = Table(
    "memo", donnees,
    Column("id", String(36), primary_key=True),
    Column("personne", ForeignKey("personne.id"), nullable=False),
    Column("cible", String(16), nullable=False),
    Column("cle", String(200), nullable=False, index=True, doc="identifiant du codage, de l'entretien ou du code"),
    Column("texte", Text, nullable=False),
    _parmi("cible", ("codage", "entretien", "code")))

arbitrage = Table(
    "arbitrage", donnees,
    Column("id", String(36), primary_key=True),
    Column("entretien", ForeignKey("entretien.id"), nullable=False, index=True),
    Column("debut", Integer, nullable=False),
    Column("fin", Integer, nullable=False),
    Column("code", ForeignKey("code.id"), nullable=False),
    Column("porte", Boolean, nullable=False, doc="le passage porte le code"),
    Column("modalite", String(16), nullable=False),
    Column("personne", ForeignKey("personne.id"), nullable=False),
    Column("raison", Text, nullable=False),
    UniqueConstraint("entretien", "debut", "fin", "code", name="uq_arbitrage_passage"),
    _parmi("modalite", MODALITES))

acte = Table(
    "acte", donnees,
    Column("numero", Integer, primary_key=True, autoincrement=False),
    Column("cle", String(64), nullable=False, unique=True, doc="donnée par qui agit : un acte renvoyé n'est pas refait"),
    Column("quand", String(32), nullable=False, doc="ISO 8601, UTC"),
    Column("personne", String(64), nullable=False),
    Column("genre", String(32), nullable=False),
    Column("entretien", String(200), nullable=False, doc="vide si l'acte n'en touche pas un seul"),
    Column("changements", Text, nullable=False, doc="JSON : table, avant, après"),
    Column("annule", Integer, doc="numéro de l'acte que celui-ci défait"),
    Column("precedente", String(64), nullable=False),
    Column("empreinte", String(64), nullable=False),
    Index("ix_acte_personne", "personne", "numero"),
    Index("ix_acte_annule", "annule"))

TENUES = {table.name: table for table in (personne, code, affectation, codage, decision, memo, arbitrage)}
"""Les tables qui ne changent que par un acte."""
