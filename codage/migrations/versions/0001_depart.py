"""Schéma de départ, et un journal que la base refuse de retoucher."""

from alembic import op

from codage.tables import donnees

revision = "0001"
down_revision = None

_SQLITE = """CREATE TRIGGER acte_{quoi} BEFORE {quoi} ON acte
BEGIN SELECT RAISE(ABORT, 'le journal ne se retouche pas'); END"""
_POSTGRESQL = (
    """CREATE FUNCTION journal_intouchable() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'le journal ne se retouche pas'; END $$""",
    """CREATE TRIGGER acte_intouchable BEFORE UPDATE OR DELETE OR TRUNCATE ON acte
    FOR EACH STATEMENT EXECUTE FUNCTION journal_intouchable()""")


def upgrade() -> None:
    """Crée les tables et les gardes du journal."""
    connexion = op.get_bind()
    donnees.create_all(connexion)
    sqlite = connexion.dialect.name == "sqlite"
    for ordre in [_SQLITE.format(quoi=quoi) for quoi in ("UPDATE", "DELETE")] if sqlite else _POSTGRESQL:
        op.execute(ordre)
