"""Tiles and checkpoints on both databases: what is committed is sealed, and nothing else ever is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from tests.conftest import Clock, make_notary, make_outside
from tests.store.test_ledger import write_one
from tests.whole_log import check_log
from webapp.acts.actors import SYSTEM
from webapp.acts.recording import enter
from webapp.acts.sealing import seal, seal_growth, seal_if_possible
from webapp.adapters.keys import is_signed_by
from webapp.adapters.notary.client import Notary
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import first_checkpoint_over, newest_checkpoint
from webapp.adapters.store.migrating import migrate
from webapp.adapters.store.schema import CheckpointRow, Leaf, TileRow
from webapp.adapters.store.tiles import tree_of
from webapp.assembly import prepare
from webapp.domain.record.checkpoints import read_checkpoint
from webapp.domain.record.merkle import includes, leaf_hash, root_of
from webapp.domain.record.notes import read_note
from webapp.errors import Conflict, Unavailable


def grow(house: Outside, size: int, name: str = "p") -> None:
    """The log has ``size`` entries."""
    with house.database.writing() as session:
        have = session.scalar(select(func.count()).select_from(Leaf)) or 0
        for number in range(have, size):
            enter(house, session, SYSTEM, "person.changed", ("person", f"{name}{number}", None))


def silent(question: object) -> dict[str, object]:
    raise Unavailable("The notary does not answer.")


def hashes_of(house: Outside) -> list[bytes]:
    with house.database.reading() as session:
        return [leaf_hash(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]


@pytest.mark.parametrize("size", [2, 3, 255, 256, 257, 520])
def test_roots_and_proofs_come_from_stored_tiles(house: Outside, size: int) -> None:
    prepare(house)
    grow(house, size)
    hashes = hashes_of(house)
    with house.database.reading() as session:
        tree = tree_of(session, size)
        assert tree.root() == root_of(hashes)
        assert session.scalar(select(func.count()).select_from(TileRow)) == size // 256
        for index in {0, 1, 254, 255, 256, size - 1} & set(range(size)):
            assert includes(tree.root(), size, index, hashes[index], tree.inclusion_proof(index))


def test_a_log_that_grew_before_there_were_tiles_gets_them_at_the_migration(house: Outside) -> None:
    prepare(house)
    grow(house, 600)
    migrate(house.database, "0007")
    migrate(house.database)
    with house.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(TileRow)) == 2
        assert tree_of(session, 600).root() == root_of(hashes_of(house))


def test_a_checkpoint_is_the_log_as_it_is_committed_signed_by_the_notary(house: Outside) -> None:
    prepare(house)
    assert seal(house) == 2
    grow(house, 300)
    assert seal(house) == 300 == seal(house)
    with house.database.reading() as session:
        row = newest_checkpoint(session)
        assert row is not None
        note = read_note(row.content)
        assert read_checkpoint(note.text).root == root_of(hashes_of(house))
        assert note.is_signed_by(house.notary.held().key, is_signed_by)
        assert session.scalars(select(CheckpointRow.size).order_by(CheckpointRow.size)).all() == [2, 300]
        covering = [first_checkpoint_over(session, seq) for seq in (0, 1, 2, 299, 300)]
    assert [row.size if row else None for row in covering] == [2, 2, 300, 300, None]


def test_an_entry_that_is_not_committed_is_never_sent_to_the_notary(house: Outside) -> None:
    prepare(house)
    with house.database.writing() as session:
        enter(house, session, SYSTEM, "person.changed", ("person", "a", None))
        if not house.database.is_sqlite:  # there a checkpoint would wait for this writer
            assert seal(house) == 2
        session.rollback()
    assert seal(house) == 2
    assert house.notary.held().checkpoint.size == 2


def test_a_silent_notary_stops_nothing_and_what_waited_is_sealed_when_it_is_back(house: Outside) -> None:
    prepare(house)
    alone = replace(house, notary=Notary(silent))
    write_one(alone, "a")
    assert not seal_if_possible(alone)
    assert check_log(alone)[0] == 3
    assert seal_if_possible(house)


def test_growth_is_sealed_within_a_minute(house: Outside) -> None:
    prepare(house)
    clock = house.now
    assert isinstance(clock, Clock)
    assert seal_growth(house)
    write_one(house, "a")
    assert not seal_growth(house)
    clock.forward(seconds=55)
    assert seal_growth(house)
    clock.forward(seconds=55)
    assert not seal_growth(house)


def test_a_rewound_database_obtains_no_signature(house: Outside, tmp_path: Path) -> None:
    prepare(house)
    grow(house, 300)
    seal(house)
    other = tmp_path / "other"
    other.mkdir()
    rewound = replace(make_outside(other, f"sqlite:///{other / 'rewound.sqlite'}"), notary=house.notary)
    prepare(rewound)
    for size in (2, 299, 300, 301):
        grow(rewound, size, "other")
        with pytest.raises(Conflict) as refused:
            seal(rewound)
        assert refused.value.code == "log_rewound"
    assert house.notary.held().checkpoint.size == 300
    with rewound.database.reading() as session:
        assert newest_checkpoint(session) is None
    rewound.database.close()


def test_a_checkpoint_is_never_changed_or_removed(house: Outside) -> None:
    prepare(house)
    seal(house)
    for statement in ("UPDATE checkpoints SET root_sha256 = ''", "DELETE FROM checkpoints"):
        with pytest.raises(DBAPIError, match="append-only"), house.database.engine.begin() as connection:
            connection.execute(text(statement))


def test_a_new_notary_signs_the_whole_log_at_once(house: Outside, tmp_path: Path) -> None:
    prepare(house)
    grow(house, 260)
    fresh = replace(house, notary=make_notary(tmp_path / "fresh", house.settings.log_origin))
    assert seal(fresh) == 260
