"""Erasing so that the database's files keep no trace: what was deleted is overwritten, and old copies of pages are let go.

What must not live here: what may be erased. Backups and the database's archive are beyond reach; the documentation says so.
"""

from __future__ import annotations

import logging

from sqlalchemy import text
from sqlalchemy.orm import Session

from webapp.adapters.store.database import Database

TABLES = (
    "payloads",
    "suites",
    "results",
    "answers",
    "scores",
    "judgements",
    "findings",
    "comments",
    "waivers",
    "signatures",
    "interactions",
    "grades",
)
log = logging.getLogger("formulary.store")


def without_traces(session: Session) -> None:
    """What this connection deletes is overwritten with zeros (SQLite); PostgreSQL does so when it is cleaned."""
    if session.get_bind().dialect.name == "sqlite":
        session.execute(text("PRAGMA secure_delete=ON"))


def scrub(database: Database) -> None:
    """Old copies of what was erased are gone from the database's own files, as far as nobody still reads them."""
    statements = ["PRAGMA wal_checkpoint(TRUNCATE)"] if database.is_sqlite else [f"VACUUM {name}" for name in TABLES]
    pooled = database.engine.raw_connection()  # outside of any transaction, in which neither statement may stand
    try:
        connection = pooled.driver_connection
        assert connection is not None
        if not database.is_sqlite:
            connection.rollback()
            connection.autocommit = True
        for statement in statements:
            connection.execute(statement)
    except Exception as error:  # noqa: BLE001 - drivers' errors differ, and what was erased stays erased
        log.warning("old copies of erased texts go with the next cleaning of the database (%s)", type(error).__name__)
    finally:
        pooled.invalidate()
        pooled.close()
