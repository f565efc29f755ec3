"""Keys that take over and a restore, on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from tests.people import PASSWORD, join
from tests.store.test_sealing import grow, hashes_of
from webapp.acts.at_console import Present
from webapp.acts.genuine import verified_body
from webapp.acts.reauthentication import Given
from webapp.acts.record_keys import read_history, service_key
from webapp.acts.sealing import seal
from webapp.acts.standing import State, standing_of
from webapp.adapters.keys import open_keyring
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope
from webapp.assembly import prepare
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.merkle import consistency_proof, leaf_hash, root_of
from webapp.services.keys import plan_revocation, revoke_key, rotate_log_key, rotate_service_key
from webapp.services.restoring import find_loss, restore


@pytest.fixture
def house(house: Outside, tmp_path: Path) -> Outside:
    """An open log with two administrators, and keys in a folder."""
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "service.key").write_bytes(b"\x03" * 32)
    keyring = open_keyring(folder, "cookie", house.chance)
    house = replace(house, keyring=replace(house.keyring, folder=folder, service=keyring.service))
    prepare(house)
    for name in ("ruth", "sam"):
        join(house, name, ("administrator",))
    return house


def both(turn: int) -> Present:
    return Present(("ruth@example.org", "sam@example.org")[turn], Given(PASSWORD))


def test_keys_take_over_and_one_is_revoked(house: Outside) -> None:
    seal(house)
    first, card = house.keyring.service, house.notary.held().key
    in_log = rotate_log_key(house, both)
    in_service = rotate_service_key(house, both)
    with house.database.reading() as session:
        assert service_key(house, session).public.hex() == in_service.new
        assert all(verified_body(house, session, sealed) for sealed in session.scalars(select(Envelope)))
        history = read_history(session, house.notary.held().key)
    assert [row.name for row in history.log] == [card.to_vkey(), in_log.new]
    assert [row.name for row in history.service] == [first.public.hex(), in_service.new]
    revoke_key(house, plan_revocation(house, first.keyid, in_service.entry_seq, house.now()), both)
    with house.database.reading() as session:
        revoked = read_history(session).service[0]
    assert revoked.revoked_from == in_service.entry_seq
    assert standing_of(house, from_bytes=True).state is State.SEALED


def test_a_database_behind_its_notary_is_restored(house: Outside) -> None:
    """The notary signed eighty entries that this database never had."""
    grow(house, 300)
    seal(house)
    known = hashes_of(house)
    lost = [*known, *(leaf_hash(bytes([number])) for number in range(80))]
    held = house.notary.held()
    house.notary.sign(Checkpoint(held.checkpoint.origin, 380, root_of(lost)), consistency_proof(300, lost), held.key)
    grow(house, 303, "since")
    assert standing_of(house, from_bytes=True).state is State.BROKEN
    loss = find_loss(house)
    assert (loss.kept_size, loss.size, loss.lost_size) == (300, 303, 380)
    restore(house, loss, "The disk failed.", both)
    assert standing_of(house, from_bytes=True).state is State.SEALED
    grow(house, 400, "after")
    assert seal(house) == 400
