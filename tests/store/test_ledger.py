from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from tests.conftest import Clock
from tests.whole_log import check_log
from webapp.acts.actors import SYSTEM
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf, Payload, Person
from webapp.assembly import prepare
from webapp.errors import FormularyError, InvalidInput, Unavailable

WRITERS = 8
EACH = 10


@dataclass
class Entered:
    """A row that keeps the number of its entry."""

    entry_seq: int | None = None


def write_one(house: Outside, name: str, **more: object) -> int:
    row = Entered()
    with house.database.writing() as session:
        enter(house, session, SYSTEM, "person.changed", ("person", name, None), numbered=row, **more)  # type: ignore[arg-type]
    assert row.entry_seq is not None
    return row.entry_seq


def leaves(house: Outside) -> list[dict]:
    with house.database.reading() as session:
        return [json.loads(content) for content in session.scalars(select(Leaf.content).order_by(Leaf.seq))]


def test_many_writers_at_once_leave_no_gap_and_one_root(house: Outside) -> None:
    prepare(house)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(EACH):
                write_one(house, f"w{number}-{turn}")
        except FormularyError as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert [leaf["seq"] for leaf in leaves(house)] == list(range(2 + WRITERS * EACH))
    assert check_log(house)[2]


def test_a_failed_act_leaves_neither_entry_nor_payload(house: Outside) -> None:
    prepare(house)
    before = check_log(house)
    with pytest.raises(RuntimeError), house.database.writing() as session:
        enter(house, session, SYSTEM, "person.changed", ("person", "x", None), payload={"typed": "words"})
        raise RuntimeError("the plug was pulled")
    assert check_log(house) == before
    with house.database.reading() as session:
        assert session.scalars(select(Payload).where(Payload.content.contains(b"words"))).all() == []


def test_time_never_goes_back_along_the_log(house: Outside) -> None:
    prepare(house)
    clock = house.now
    assert isinstance(clock, Clock)
    write_one(house, "later")
    clock.at -= timedelta(hours=2)
    write_one(house, "earlier")
    times = [leaf["ts"] for leaf in leaves(house)]
    assert times == sorted(times)


def test_each_entry_names_the_one_before_of_the_same_thing(house: Outside) -> None:
    prepare(house)
    first, _, third = write_one(house, "a"), write_one(house, "b"), write_one(house, "a")
    found = {leaf["seq"]: leaf["prev"] for leaf in leaves(house)}
    assert found[first] is None
    assert found[third] == first


def test_typed_text_stands_in_the_payload_and_in_no_entry(house: Outside) -> None:
    prepare(house)
    write_one(house, "a", payload={"reason": "marker-7731 is what somebody typed"})
    with house.database.reading() as session:
        assert not any(b"marker-7731" in content for content in session.scalars(select(Leaf.content)))
        assert any(b"marker-7731" in content for content in session.scalars(select(Payload.content)))


def test_the_same_typed_text_twice_has_two_digests(house: Outside) -> None:
    prepare(house)
    write_one(house, "a", payload={"reason": "yes"})
    write_one(house, "a", payload={"reason": "yes"})
    digests = [leaf["payload"]["sha256"] for leaf in leaves(house) if leaf["type"] == "person.changed"]
    assert len(set(digests)) == 2


def test_an_entry_of_an_unknown_type_is_refused(house: Outside) -> None:
    prepare(house)
    with pytest.raises(InvalidInput, match="no entry of type"), house.database.writing() as session:
        enter(house, session, SYSTEM, "person.praised", ("person", "a", None))


def test_nothing_is_entered_before_the_log_is_open(house: Outside) -> None:
    from webapp.adapters.store.migrating import migrate

    migrate(house.database)
    with pytest.raises(Unavailable, match="not open"):
        write_one(house, "a")


def test_a_reading_transaction_cannot_write(house: Outside) -> None:
    prepare(house)
    person = Person(id="per_x", name="X", email="x@example.org", created_at=datetime.now(UTC))
    with (
        pytest.raises((Unavailable, DBAPIError)) as caught,
        house.database.reading() as session,
    ):
        session.add(person)
        session.flush()
    assert "read" in str(caught.value.__cause__ or caught.value)


def test_readers_do_not_wait_for_a_writer(house: Outside) -> None:
    prepare(house)
    with house.database.writing() as session:
        enter(house, session, SYSTEM, "person.changed", ("person", "a", None))
        with house.database.reading() as reader:
            assert reader.scalar(select(Leaf.seq).order_by(Leaf.seq.desc()).limit(1)) == 1
