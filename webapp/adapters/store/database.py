"""The database: two session makers, one commit.

``reading()`` never queues behind a writer; ``writing()`` is one serialised transaction. What must not live here: tables and queries.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from psycopg.pq import TransactionStatus
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, InternalError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from webapp.adapters.store.ledger import append_waiting
from webapp.errors import Conflict, InvalidInput, Unavailable

BUSY_SECONDS = 20
CONNECT_SECONDS = 5
"""How long a server that is not there is waited for; a page that says so must come soon."""
SILENT_MILLISECONDS = 10_000
"""How long a server may acknowledge nothing on an open connection, as when its machine was cut off."""
READ_ONLY = {"read_only": True}


class Database:
    """A database with its two kinds of transactions."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        self.engine = _sqlite_engine(url) if self.is_sqlite else _postgresql_engine(url)
        self._reading = self.engine.execution_options(**READ_ONLY)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A consistent view; any attempt to write fails."""
        with _spoken_faults(), Session(self._reading, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One transaction that is committed at the end of the block with its entries, or leaves no trace when the block raises."""
        with _spoken_faults(), Session(self.engine, expire_on_commit=False) as session:
            yield session
            append_waiting(session)
            session.commit()

    def close(self) -> None:
        """All connections are closed."""
        self.engine.dispose()


@contextmanager
def _spoken_faults() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, InternalError, PoolTimeout) as error:
        raise Unavailable("The database does not answer now; nothing was changed. Try again in a moment.") from error
    except IntegrityError as error:
        raise Conflict("Somebody stored the same thing at the same moment; load the page again.") from error
    except (DataError, UnicodeEncodeError, OverflowError) as error:
        sentence = "What was sent holds a character or a number that cannot be stored; correct it and send it again."
        raise InvalidInput(sentence, code="not_storable") from error


def _leave_nothing_open(connection: Any, _record: object) -> None:
    """A commit that failed (a full disk) may leave its transaction open; the next user of the connection must not find it."""
    if connection is None:
        return
    is_open = (
        connection.in_transaction
        if isinstance(connection, sqlite3.Connection)
        else connection.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR)
    )
    if is_open:
        connection.rollback()


def _sqlite_engine(url: str) -> Engine:
    """An error names its statement and never what was typed, which would stand in the application's log (``hide_parameters``)."""
    path = url.removeprefix("sqlite:///")
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        """Every connection keeps the log durable and the keys honest."""
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """A writer takes the lock at once (a deferred one would fail whatever the time-out); a reader never does."""
        read_only = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    event.listen(engine, "checkin", _leave_nothing_open)
    return engine


def _postgresql_engine(url: str) -> Engine:
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    engine = create_engine(
        url,
        pool_pre_ping=True,
        pool_size=20,
        max_overflow=10,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": SILENT_MILLISECONDS},
    )

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        """A reader sees one snapshot and cannot write."""
        if connection.get_execution_options().get("read_only", False):
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))

    event.listen(engine, "checkin", _leave_nothing_open)
    return engine
