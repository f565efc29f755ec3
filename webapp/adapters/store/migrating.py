"""Running migrations from the package's own folder, over a connection of the database given."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from webapp.adapters.store.database import Database
from webapp.settings import resource_dir

HEAD = "head"
NOTHING = "base"


def migrate(database: Database, revision: str = HEAD) -> None:
    """The schema is at ``revision``, all in one transaction."""
    with database.engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        going_down = revision == NOTHING
        (command.downgrade if going_down else command.upgrade)(config, revision)


def is_current(database: Database) -> bool:
    """Is the schema the newest one that this program knows?"""
    with database.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
    return present == ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(resource_dir("migrations")).replace("%", "%%"))
    return config
