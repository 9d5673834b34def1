"""Alembic : la connexion est donnée par `codage.base`."""

from alembic import context

from codage.tables import donnees

context.configure(connection=context.config.attributes["connection"], target_metadata=donnees)
with context.begin_transaction():
    context.run_migrations()
