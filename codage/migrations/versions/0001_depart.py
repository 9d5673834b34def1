"""Schéma de départ, et un journal que la base refuse de retoucher."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_MODALITES = "IN ('presente', 'absente', 'hypothetique')"
_SQLITE = """CREATE TRIGGER acte_{quoi} BEFORE {quoi} ON acte
BEGIN SELECT RAISE(ABORT, 'le journal ne se retouche pas'); END"""
_POSTGRESQL = (
    """CREATE FUNCTION journal_intouchable() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'le journal ne se retouche pas'; END $$""",
    """CREATE TRIGGER acte_intouchable BEFORE UPDATE OR DELETE OR TRUNCATE ON acte
    FOR EACH STATEMENT EXECUTE FUNCTION journal_intouchable()""")


def _exigee(nom: str, genre: sa.types.TypeEngine[Any]) -> sa.Column[Any]:
    return sa.Column(nom, genre, nullable=False)


def _vers(table: str, colonne: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([colonne], [f"{colonne}.id"], name=f"fk_{table}_{colonne}")


def _cle(table: str, *colonnes: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*colonnes, name=f"pk_{table}")


def _garde(table: str, nom: str, condition: str) -> sa.CheckConstraint:
    return sa.CheckConstraint(condition, name=op.f(f"ck_{table}_{nom}"))


def _texte(*noms: str) -> list[sa.Column[Any]]:
    return [_exigee(nom, sa.Text()) for nom in noms]


def _entiers(*noms: str) -> list[sa.Column[Any]]:
    return [_exigee(nom, sa.Integer()) for nom in noms]


def upgrade() -> None:
    """Crée les tables et les gardes du journal."""
    op.create_table(
        "personne", _exigee("id", sa.String(64)), *_texte("nom"), _exigee("role", sa.String(16)), _exigee("actif", sa.Boolean()),
        _cle("personne", "id"), _garde("personne", "role", "role IN ('responsable', 'codeur', 'lecteur')"))
    op.create_table(
        "secret", _exigee("personne", sa.String(64)), *_texte("argon2"), _cle("secret", "personne"),
        _vers("secret", "personne"))
    op.create_table(
        "seance", _exigee("empreinte", sa.String(64)), _exigee("personne", sa.String(64)), _exigee("csrf", sa.String(64)),
        _exigee("expire", sa.Float()), _cle("seance", "empreinte"), _vers("seance", "personne"))
    op.create_table(
        "entretien",
        _exigee("id", sa.String(200)),
        *_entiers("rang"),
        *_texte("territoire", "fonction", "categorie", "date", "texte"),
        _exigee("empreinte", sa.String(64)),
        _cle("entretien", "id"),
    )
    op.create_table(
        "tour", _exigee("entretien", sa.String(200)), *_entiers("tour"), *_texte("locuteur"), _exigee("role", sa.String(16)),
        *_entiers("debut", "fin"), _cle("tour", "entretien", "tour"), _vers("tour", "entretien"))
    op.create_table(
        "phrase", _exigee("entretien", sa.String(200)), *_entiers("debut", "fin"), _exigee("phrase", sa.String(32)),
        _exigee("role", sa.String(16)), _cle("phrase", "entretien", "debut"), _vers("phrase", "entretien"))
    op.create_table(
        "proposition",
        _exigee("id", sa.String(64)),
        _exigee("entretien", sa.String(200)),
        _exigee("phrase", sa.String(32)),
        *_entiers("debut", "fin"),
        _exigee("code", sa.String(32)),
        _exigee("modalite", sa.String(16)),
        sa.Column("confiance", sa.Float()),
        *_texte("preuve", "codeur"),
        _exigee("posee", sa.Boolean()),
        _cle("proposition", "id"),
        _vers("proposition", "entretien"),
        _garde("proposition", "modalite", f"modalite {_MODALITES}"),
        _garde("proposition", "codeur", "codeur LIKE 'machine:%'"),
    )
    op.create_table(
        "code", _exigee("id", sa.String(36)), _exigee("code", sa.String(32)), *_texte("intitule", "definition"),
        _exigee("exemples", sa.JSON()), *_texte("genre", "famille"), _exigee("couleur", sa.String(7)), *_entiers("rang"),
        _exigee("hors_grille", sa.Boolean()), _exigee("retire", sa.Boolean()), _cle("code", "id"),
        sa.UniqueConstraint("code", name="uq_code_code"))
    op.create_table(
        "affectation", _exigee("entretien", sa.String(200)), _exigee("personne", sa.String(64)), _exigee("aveugle", sa.Boolean()),
        _exigee("propositions", sa.Boolean()), _exigee("termine", sa.Boolean()), _cle("affectation", "entretien", "personne"),
        _vers("affectation", "entretien"), _vers("affectation", "personne"))
    op.create_table(
        "codage", _exigee("id", sa.String(36)), _exigee("entretien", sa.String(200)), *_entiers("debut", "fin"),
        _exigee("code", sa.String(36)), _exigee("modalite", sa.String(16)), _exigee("personne", sa.String(64)),
        sa.Column("proposition", sa.String(64)), _cle("codage", "id"), _vers("codage", "entretien"),
        _vers("codage", "code"), _vers("codage", "personne"),
        _vers("codage", "proposition"), _garde("codage", "etendue", "0 <= debut AND debut < fin"),
        _garde("codage", "modalite", f"modalite {_MODALITES}"))
    op.create_table(
        "decision", _exigee("proposition", sa.String(64)), _exigee("personne", sa.String(64)), _exigee("verdict", sa.String(8)),
        _cle("decision", "proposition", "personne"), _vers("decision", "proposition"),
        _vers("decision", "personne"),
        _garde("decision", "verdict", "verdict IN ('accepte', 'refuse', 'corrige')"))
    op.create_table(
        "memo", _exigee("id", sa.String(36)), _exigee("personne", sa.String(64)), _exigee("cible", sa.String(16)),
        _exigee("cle", sa.String(200)), *_texte("texte"), _cle("memo", "id"), _vers("memo", "personne"),
        _garde("memo", "cible", "cible IN ('codage', 'entretien', 'code')"))
    op.create_table(
        "arbitrage", _exigee("id", sa.String(36)), _exigee("entretien", sa.String(200)), *_entiers("debut", "fin"),
        _exigee("code", sa.String(36)), _exigee("porte", sa.Boolean()), _exigee("modalite", sa.String(16)),
        _exigee("personne", sa.String(64)), *_texte("raison"), _cle("arbitrage", "id"),
        _vers("arbitrage", "entretien"), _vers("arbitrage", "code"),
        _vers("arbitrage", "personne"),
        sa.UniqueConstraint("entretien", "debut", "fin", "code", name="uq_arbitrage_passage"),
        _garde("arbitrage", "modalite", f"modalite {_MODALITES}"))
    op.create_table(
        "acte",
        sa.Column("numero", sa.Integer(), autoincrement=False, nullable=False),
        _exigee("cle", sa.String(64)),
        _exigee("quand", sa.String(32)),
        _exigee("personne", sa.String(64)),
        _exigee("genre", sa.String(32)),
        _exigee("entretien", sa.String(200)),
        *_texte("changements"),
        sa.Column("annule", sa.Integer()),
        _exigee("precedente", sa.String(64)),
        _exigee("empreinte", sa.String(64)),
        _cle("acte", "numero"),
        sa.UniqueConstraint("cle", name="uq_acte_cle"),
    )
    for table, nom, colonnes in (
        ("proposition", "entretien", ["entretien"]),
        ("codage", "code", ["code"]),
        ("codage", "lecture", ["entretien", "personne"]),
        ("memo", "cle", ["cle"]),
        ("arbitrage", "entretien", ["entretien"]),
        ("acte", "personne", ["personne", "numero"]),
        ("acte", "annule", ["annule"]),
    ):
        op.create_index(f"ix_{table}_{nom}", table, colonnes)
    sqlite = op.get_bind().dialect.name == "sqlite"
    for ordre in [_SQLITE.format(quoi=quoi) for quoi in ("UPDATE", "DELETE")] if sqlite else _POSTGRESQL:
        op.execute(ordre)
