"""Stops and holds of a delivery host: what applications then get, and a file that loses none of them."""

from __future__ import annotations

import errno
import json
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Staff
from tests.services.test_shelves import filled, label, without_database
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import EVERYTHING, HOLD, Stop, StopFlags
from webapp.adapters.store.schema import Leaf
from webapp.domain.cohorts import Place
from webapp.domain.serving_document import read_shelf_document, shelf_document
from webapp.errors import AlreadyDone, Conflict, NotFound
from webapp.services import delivery
from webapp.services.delivery import Shelves


def hold(outside: Outside, shelves: Shelves, prompt: str = r.NAME) -> None:
    delivery.stop(without_database(outside), shelves.flags, prompt, "Odd notes.", "root", kind=HOLD)


def lift(outside: Outside, shelves: Shelves, prompt: str = r.NAME) -> None:
    delivery.lift(without_database(outside), shelves.flags, prompt, "Explained.", "root")


@pytest.mark.parametrize("prompt", [r.NAME, EVERYTHING])
def test_a_hold_keeps_the_new_version_back_from_the_next_request_on(
    outside: Outside, staff: Staff, prompt: str
) -> None:
    change_id = r.second(outside, staff)
    unit = next(r.inside_units(outside, change_id))
    shelves = filled(outside)
    hold(outside, shelves, prompt)
    served = shelves.serve(r.NAME, Place(unit))
    assert (label(shelves, unit), served.document["arm"]) == ("1.0", "live"), "a unit that is under way moves too"
    assert delivery.serve(outside, r.NAME, Place(unit)) == served, "the web application of this host holds as well"
    lift(outside, shelves, prompt)
    assert label(shelves, unit) == "1.1"


def test_a_hold_in_the_last_step_makes_what_was_live_before_live_again(outside: Outside, staff: Staff) -> None:
    r.second(outside, staff, r.DIRECT)
    shelves = filled(outside)
    assert label(shelves, "u") == "1.1"
    shelf = shelves.stock.shelves[r.NAME]
    assert read_shelf_document(json.loads(json.dumps(shelf_document(shelf)))) == shelf, (
        "also after a start from the disk"
    )
    hold(outside, shelves)
    assert label(shelves, "u") == "1.0"


def test_a_hold_of_a_first_version_serves_nothing(outside: Outside, staff: Staff) -> None:
    r.started(outside, staff, r.DIRECT)
    shelves = filled(outside)
    hold(outside, shelves)
    with pytest.raises(Conflict) as nothing:
        shelves.serve(r.NAME, Place("u"))
    assert nothing.value.code == "nothing_live"
    assert nothing.value.details["downtime_text"] == "Write the note by hand."


def test_stop_and_hold_stand_beside_each_other_and_a_lift_ends_both(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    unit = next(r.inside_units(outside, change_id))
    shelves = filled(outside)
    hold(outside, shelves)
    with pytest.raises(AlreadyDone, match="held here already"):
        hold(outside, shelves)
    delivery.stop(outside, shelves.flags, r.NAME, "Worse.", "root")
    with pytest.raises(Conflict, match="stopped: Worse"):
        shelves.serve(r.NAME, Place(unit))
    lift(outside, shelves)
    assert label(shelves, unit) == "1.1"
    with pytest.raises(NotFound):
        lift(outside, shelves)


def test_a_hold_is_entered_as_what_it_is(outside: Outside, staff: Staff) -> None:
    r.second(outside, staff)
    shelves = filled(outside)
    hold(outside, shelves)
    lift(outside, shelves)
    assert shelves.look()
    with outside.database.reading() as session:
        query = select(Leaf.content).where(Leaf.type.like("delivery.%")).order_by(Leaf.seq)
        held, resumed = [json.loads(one) for one in session.scalars(query)]
    assert (held["type"], held["after"]) == ("delivery.stopped", {"state": "held", "sha256": None})
    assert (resumed["type"], resumed["after"]) == ("delivery.resumed", None)


# -- the file


def flag(number: int, prompt: str = "") -> Stop:
    return Stop(f"stp_{number}", prompt or f"prompt-{number}", "Odd.", "2026-03-02T09:00:00+00:00", "root")


def test_of_many_stops_at_once_none_is_lost(tmp_path: Path) -> None:
    """Processes have a list each and share only the file."""
    start = threading.Barrier(8)

    def make(number: int) -> None:
        flags = StopFlags(tmp_path / "delivery" / "stops.json")
        start.wait(10)
        flags.add(flag(number))

    threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(StopFlags(tmp_path / "delivery" / "stops.json").all()) == 8


def test_a_list_that_cannot_be_read_is_never_written_over(outside: Outside, staff: Staff) -> None:
    """What stood in it is not known; one new stop in its place would let everything else go on."""
    assert staff.ids
    flags = Shelves(outside).flags
    flags.add(flag(1))
    flags.path.write_bytes(b"[")
    with pytest.raises(AlreadyDone, match="everything is stopped"):
        delivery.stop(outside, flags, r.NAME, "Odd.", "root")
    with pytest.raises(Conflict, match="Mend or remove"):
        delivery.lift(outside, flags, "prompt-1", "Odd.", "root")
    assert flags.path.read_bytes() == b"["


def test_where_the_disk_takes_nothing_a_stop_holds_in_this_process_until_it_does(tmp_path: Path) -> None:
    in_the_way = tmp_path / "delivery"
    in_the_way.write_text("a file where the folder should be")
    flags = StopFlags(in_the_way / "stops.json")
    with pytest.raises(OSError):
        flags.add(flag(1))
    flags.save()
    assert flags.unsaved == (flag(1),)
    in_the_way.unlink()
    assert flags.reason_for("prompt-1") == "Odd."
    assert not flags.add(flag(2, "prompt-1"))
    flags.save()
    assert flags.unsaved == ()
    assert [one.id for one in StopFlags(flags.path).all()] == ["stp_1"]


def test_a_stop_that_the_disk_refused_is_not_lost_while_an_earlier_one_is_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second is refused, and before it is noted in memory the first one comes to the disk after all."""
    flags = StopFlags(tmp_path / "stops.json")
    write, has = flags._write, flags._has
    is_refused, is_written = threading.Event(), threading.Event()

    def refuse(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    def has_later(stop: Stop) -> bool:
        if is_refused.is_set() and stop == flag(2):
            is_written.wait(0.3)
        return has(stop)

    def refuse_and_tell(_: object) -> None:
        is_refused.set()
        refuse(_)

    def write_first(stops: tuple[Stop, ...]) -> None:
        write(stops)
        is_written.set()
        second.join(0.3)

    def add_second() -> None:
        with pytest.raises(OSError):
            flags.add(flag(2))

    monkeypatch.setattr(flags, "_write", refuse)
    with pytest.raises(OSError):
        flags.add(flag(1))
    monkeypatch.setattr(flags, "_write", refuse_and_tell)
    monkeypatch.setattr(flags, "_has", has_later)
    second = threading.Thread(target=add_second)
    second.start()
    assert is_refused.wait(20)
    monkeypatch.setattr(flags, "_write", write_first)
    flags.save()
    second.join(20)
    assert {one.id for one in flags.all()} == {"stp_1", "stp_2"}


def test_a_stop_holds_at_the_moment_at_which_it_comes_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags = StopFlags(tmp_path / "stops.json")
    flags.unsaved = (flag(1),)
    read = flags._read

    def read_just_before() -> object:
        found = read()
        monkeypatch.undo()
        flags.save()
        return found

    monkeypatch.setattr(flags, "_read", read_just_before)
    assert flags.reason_for("prompt-1") == "Odd."
    assert flags.unsaved == ()


def test_a_list_that_cannot_be_read_for_a_moment_keeps_its_stops(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As while a process has too many files open."""
    StopFlags(tmp_path / "stops.json").add(flag(1))
    flags = StopFlags(tmp_path / "stops.json")

    def refuse(_: Path) -> bytes:
        raise OSError(errno.EMFILE, "Too many open files")

    with monkeypatch.context() as now:
        now.setattr(Path, "read_bytes", refuse)
        assert not flags.is_readable
        with pytest.raises(OSError):
            flags.add(flag(2))
    assert flags.is_readable
    assert {one.id for one in flags.all()} == {"stp_1", "stp_2"}


def test_a_list_of_an_older_version_is_read(tmp_path: Path) -> None:
    path = tmp_path / "stops.json"
    path.write_text(
        '[{"id": "stp_1", "prompt": "*", "reason": "Odd.", "at": "2026-03-02T09:00:00+00:00", "by": "root"}]'
    )
    assert StopFlags(path).reason_for("anything") == "Odd."
