"""Alembic's way in: migrations run over the connection that the caller hands over, or over the configured database."""

from __future__ import annotations

from alembic import context

from webapp.adapters.store.database import Database
from webapp.adapters.store.schema import Base
from webapp.settings import read_settings


def run() -> None:
    """Every migration asked for has run, each in the one transaction that the caller or this function opened."""
    connection = context.config.attributes.get("connection")
    if connection is not None:
        _migrate(connection)
        return
    database = Database(read_settings().database_url)
    with database.engine.begin() as own_connection:
        _migrate(own_connection)


def _migrate(connection: object) -> None:
    context.configure(connection=connection, target_metadata=Base.metadata, compare_type=True, render_as_batch=False)
    with context.begin_transaction():
        context.run_migrations()


run()
