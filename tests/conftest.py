"""A whole house for tests: real SQLite file, real migrations; only clock, chance, queue and models are replaced."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings as property_settings

from tests.people import join
from webapp.acts.actors import actor_of
from webapp.adapters.keys import Keyring, ServiceKey
from webapp.adapters.notary.book import Book
from webapp.adapters.notary.client import Notary
from webapp.adapters.notary.desk import answer
from webapp.adapters.outside import Outside
from webapp.adapters.phi import IdentifierSearch
from webapp.adapters.store.database import Database
from webapp.adapters.store.ledger import Stamp
from webapp.adapters.store.schema import Person
from webapp.assembly import build_models, prepare
from webapp.domain.workflow import Actor
from webapp.errors import Unavailable
from webapp.settings import read_settings

property_settings.register_profile("house", deadline=None)  # no test asserts a time; a loaded machine is no fault
property_settings.load_profile("house")
EXAMPLES = Path(__file__).resolve().parent.parent / "prompts"


@dataclass
class Clock:
    """A clock that stands still until a test moves it."""

    at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **units: float) -> None:
        self.at += timedelta(**units)


@dataclass
class SilentQueue:
    """A queue that remembers for whom the bell rang; it can be switched off."""

    rung: list[str] = field(default_factory=list)
    is_up: bool = True

    def ring(self, job_id: str) -> None:
        if not self.is_up:
            raise Unavailable("The queue does not answer; work goes on by itself when it is back.")
        self.rung.append(job_id)

    def workers(self) -> int:
        if not self.is_up:
            raise Unavailable("The queue does not answer; work goes on by itself when it is back.")
        return 1


def counted_chance() -> object:
    """Bytes that never repeat and are the same in every run."""
    counter = itertools.count(1)
    return lambda size: (next(counter).to_bytes(8) * (size // 8 + 1))[:size]


@pytest.fixture(scope="session")
def blank_database(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The bytes of a migrated and opened SQLite database, made once."""
    folder = tmp_path_factory.mktemp("blank")
    house = make_outside(folder, f"sqlite:///{folder / 'blank.sqlite'}")
    prepare(house)
    house.database.close()
    return (folder / "blank.sqlite").read_bytes()


def make_notary(folder: Path, origin: str) -> Notary:
    """A notary with its real book, asked without a socket. Its first key is of 32 times 0x01, its second of 0x02, ..."""

    def chance(size: int) -> bytes:
        """Bytes of the next key's number."""
        numbers = [1 if path.name == "log.key" else int(path.name.split(".")[1]) for path in folder.glob("log*.key")]
        return bytes([max(numbers, default=0) + 1]) * size

    book = Book(folder, origin, chance)
    return Notary(lambda question: answer(book, question))


def make_outside(folder: Path, url: str, **changed: Any) -> Outside:
    settings = replace(read_settings({"FORMULARY_VAR_DIR": str(folder)}), database_url=url, **changed)
    return Outside(
        settings=settings,
        database=Database(url),
        now=Clock(),
        chance=counted_chance(),  # type: ignore[arg-type]
        keyring=Keyring(ServiceKey.from_seed(b"\x03" * 32), b"\x04" * 32, b"\x05" * 32),
        queue=SilentQueue(),
        models=build_models(settings),
        notary=make_notary(folder / "notary", settings.log_origin),
        stamp=Stamp("test", "0" * 64),
    )


@pytest.fixture
def outside(tmp_path: Path, blank_database: bytes) -> Iterator[Outside]:
    """A prepared house with nobody in it."""
    path = tmp_path / "formulary.sqlite"
    path.write_bytes(blank_database)
    house = make_outside(tmp_path, f"sqlite:///{path}")
    yield house
    house.database.close()


@pytest.fixture
def clock(outside: Outside) -> Clock:
    assert isinstance(outside.now, Clock)
    return outside.now


@dataclass(frozen=True)
class Staff:
    """People in every role; ``act_as`` reads the actor anew, with the roles held now. Everybody's password is ``PASSWORD``."""

    outside: Outside
    ids: dict[str, str]

    def act_as(self, name: str, via: str = "session") -> Actor:
        with self.outside.database.reading() as session:
            return actor_of(session.get_one(Person, self.ids[name]), via)


@pytest.fixture
def staff(outside: Outside) -> Staff:
    """Two authors, two informaticists, three physicians, an auditor, two administrators."""
    roles = {
        "ada": ("author",),
        "ben": ("author",),
        "kim": ("informaticist",),
        "lee": ("informaticist",),
        "osei": ("physician",),
        "lund": ("physician",),
        "moss": ("physician", "informaticist"),
        "quinn": ("auditor",),
        "ruth": ("administrator",),
        "sam": ("administrator",),
    }
    return Staff(outside, {name: join(outside, name, given) for name, given in roles.items()})


def required(part: str) -> bool:
    """Must this part be there, instead of skipping its tests?"""
    return part in os.environ.get("TEST_REQUIRE", "").split(",")


@pytest.fixture(scope="session")
def real_search() -> Iterator[IdentifierSearch]:
    """The search for identifiers with its language model, started once."""
    search = IdentifierSearch()
    yield search
    search.close()
