"""Running migrations from the package's own folder, over a connection of the database given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from webapp.adapters.store.database import Database
from webapp.errors import Unavailable
from webapp.settings import resource_dir

HEAD = "head"
NOTHING = "base"


def migrate(database: Database, revision: str = HEAD) -> None:
    """The schema is at ``revision``, all in one transaction; ``-1`` is one step back from where it is."""
    with _without_following_keys(database) as connection, connection.begin():
        config = _config()
        config.attributes["connection"] = connection
        going_down = revision == NOTHING or revision.startswith("-")
        (command.downgrade if going_down else command.upgrade)(config, revision)
        if database.is_sqlite and connection.exec_driver_sql("PRAGMA foreign_key_check").first() is not None:
            raise Unavailable(
                "The migration would leave rows that point nowhere; nothing was changed. Restore a back-up."
            )


@contextmanager
def _without_following_keys(database: Database) -> Iterator[Connection]:
    """A connection on which SQLite lets a table be built anew while others point to it (sqlite.org/lang_altertable.html, 7)."""
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        try:
            if database.is_sqlite and raw is not None:
                raw.execute("PRAGMA foreign_keys=OFF")
            yield connection
        finally:
            if database.is_sqlite and raw is not None:
                raw.execute("PRAGMA foreign_keys=ON")


def is_current(database: Database) -> bool:
    """Is the schema the newest one that this program knows?"""
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resource_dir("migrations")).replace("%", "%%"))
    return config
