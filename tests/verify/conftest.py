"""A house whose physician signed one clinical change with a passkey, and the bundle of everything that it exports."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import Staff, make_outside
from tests.passkeys import add_passkey
from tests.people import join
from tests.stages import change_in, digests, open_worst_cases
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor
from webapp.services import signoff
from webapp.services.exporting import Wanted, export_here

CONSOLE = Actor(id="console", name="Console", via="console")
ROLES = {"ada": "author", "kim": "informaticist", "osei": "physician"}


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, blank_database: bytes) -> Iterator[Outside]:
    folder = tmp_path_factory.mktemp("house")
    (folder / "formulary.sqlite").write_bytes(blank_database)
    outside = make_outside(folder, f"sqlite:///{folder / 'formulary.sqlite'}")
    staff = Staff(outside, {name: join(outside, name, (role,)) for name, role in ROLES.items()})
    with outside.database.writing() as session:
        for name, role in ROLES.items():
            enter(outside, session, CONSOLE, "role.granted", ("person", staff.ids[name], None), reason=role)
    passkey = add_passkey(outside, staff.ids["osei"])
    change_id = change_in(outside, staff, "signoff")
    open_worst_cases(outside, staff, change_id, "osei")
    digest, seen = digests(outside, change_id)
    options = signoff.ask_to_sign(outside, staff.act_as("osei"), change_id, digest)
    signoff.sign(outside, staff.act_as("osei"), change_id, digest, passkey.answer(options), seen=seen)
    yield outside
    outside.database.close()


@pytest.fixture(scope="session")
def exported(house: Outside, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "bundle.zip"
    export_here(house, CONSOLE, Wanted("all"), path, lambda done, planned: None)
    return path


@pytest.fixture(scope="session")
def key(house: Outside) -> str:
    """The line of the house's key card."""
    return house.notary.held().key.to_vkey()
