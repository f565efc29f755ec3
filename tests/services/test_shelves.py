"""Delivery from memory and disk: it answers while everything else is down, and never what was not signed, sealed and live."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, Staff
from webapp.acts.fetches import Met, last_fetches
from webapp.adapters.outside import Outside
from webapp.adapters.stop_flags import StopFlags
from webapp.adapters.store.database import Database
from webapp.adapters.store.schema import Leaf, LogState, Payload, Prompt
from webapp.domain.cohorts import Place
from webapp.domain.serving_document import read_shelf_document, shelf_document
from webapp.errors import AlreadyDone, Conflict, InvalidInput, NotFound, Refused, Unavailable
from webapp.services import delivery, rollout
from webapp.services.delivery import KnownToken, Shelves


def filled(outside: Outside) -> Shelves:
    shelves = Shelves(outside)
    assert shelves.look()
    return shelves


def without_database(outside: Outside) -> Outside:
    """The same house whose database does not answer."""
    return replace(outside, database=Database("sqlite:////proc/nowhere.db"))


def label(shelves: Shelves, unit: str) -> str:
    return str(shelves.serve(r.NAME, Place(unit)).document["version"]["label"])


def test_memory_serves_what_the_database_would(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    shelves = filled(outside)
    for unit in (next(r.inside_units(outside, change_id)), next(r.outside_units(outside, change_id)), ""):
        served = shelves.serve(r.NAME, Place(unit))
        assert served == delivery.serve(outside, r.NAME, Place(unit))
        assert json.loads(served.to_json()) == served.document


@pytest.mark.parametrize("mode", ["plan", "freeze", "live", "silent", "cohort"])
def test_a_shelf_comes_back_from_its_document_the_same(outside: Outside, staff: Staff, mode: str) -> None:
    cohort = {"kind": "canary", "share_basis_points": 10_000, "cohort": {"sites": ["North"]}}
    silent = {"kind": "shadow", "share_basis_points": 10_000}
    first = {"silent": [silent], "cohort": [cohort]}.get(mode, [])
    change_id = r.second(outside, staff, {"steps": [*first, *r.PLAN["steps"]]})
    r.call(outside, staff, next(r.inside_units(outside, change_id)))
    if mode in ("freeze", "live"):
        r.hold(outside, staff, change_id, mode)
    shelves = filled(outside)
    shelf = shelves.stock.shelves[r.NAME]
    served = shelves.serve(r.NAME, Place("encounter-1"))
    assert json.loads(served.to_json()) == served.document
    assert (served.document["shadow"] is not None) == (mode == "silent")
    assert read_shelf_document(json.loads(json.dumps(shelf_document(shelf)))) == shelf


def test_a_look_follows_every_act(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = r.second(outside, staff)
    unit = next(r.inside_units(outside, change_id))
    shelves = filled(outside)
    assert label(shelves, unit) == "1.1"
    r.hold(outside, staff, change_id, "live")
    assert label(shelves, unit) == "1.1", "memory is at most one look old"
    shelves.look()
    assert label(shelves, unit) == "1.0"
    r.resume(outside, staff, change_id)
    clock.forward(seconds=60)
    rollout.watch(outside)
    shelves.look()
    assert label(shelves, unit) == "1.1"
    r.roll_back(outside, staff, change_id)
    shelves.look()
    assert label(shelves, unit) == "1.0"


def test_without_a_database_memory_goes_on_and_the_new_version_ends_with_the_watch(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = r.second(outside, staff)
    unit = next(r.inside_units(outside, change_id))
    shelves = filled(outside)
    shelves.outside = without_database(outside)
    assert not shelves.look()
    assert label(shelves, unit) == "1.1"
    clock.forward(seconds=301)
    assert label(shelves, unit) == "1.0"


def test_what_an_application_fetched_is_noted_as_of_the_last_look_and_never_later(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    r.live_first(outside, staff)
    shelves, began = filled(outside), clock.at
    with outside.database.reading() as session:
        met = Met(began, session.scalar(select(LogState.size)) or 0)
    shelves.serve(r.NAME, Place("u", application="Ward system"))
    shelves.serve(r.NAME, Place("u"))
    shelves.outside = without_database(outside)
    clock.forward(seconds=600)
    assert not shelves.look()
    shelves.serve(r.NAME, Place("u", application="Letters"))
    shelves.outside = outside
    assert shelves.look()
    with outside.database.reading() as session:
        prompt_id = session.scalars(select(Prompt.id).where(Prompt.name == r.NAME)).one()
        noted = last_fetches(session, prompt_id)
    assert noted == {"Ward system": met, "Letters": met}, "cut off, it answers from a state of before"
    shelves.snapshot(KnownToken("tok", "Letters", ("deliver",), (), clock.at))
    assert shelves.look()
    with outside.database.reading() as session:
        assert last_fetches(session, prompt_id)["Letters"].at > began


def test_a_process_that_starts_without_a_database_serves_from_its_disk(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    secret = r.token(outside, staff, ("deliver",))
    filled(outside)
    alone = Shelves(without_database(outside))
    assert not alone.look()
    with pytest.raises(Unavailable, match="not seen the database"):
        alone.serve(r.NAME, Place("u"))
    assert alone.load()
    assert label(alone, "u") == "1.0"
    token = alone.find_token(secret)
    assert token is not None
    assert token.application == "Ward system"


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-40])


def _edit(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"You write", b"You wrote"))


def _forge(path: Path) -> None:
    document = json.loads(path.read_bytes())
    path.write_text(json.dumps({**document, "mac": "0" * 32}))


def _empty(path: Path) -> None:
    path.write_text("{}")


@pytest.mark.parametrize("spoil", [_cut, _edit, _forge, _empty, Path.unlink])
def test_a_copy_on_the_disk_that_is_not_whole_and_ours_is_not_used(
    outside: Outside, staff: Staff, spoil: Callable[[Path], None]
) -> None:
    r.live_first(outside, staff)
    spoil(filled(outside).path)
    alone = Shelves(without_database(outside))
    assert not alone.load()
    with pytest.raises(Unavailable):
        alone.serve(r.NAME, Place("u"))


def test_a_token_ends_at_its_time_also_without_a_database(outside: Outside, staff: Staff, clock: Clock) -> None:
    r.live_first(outside, staff)
    secret = r.token(outside, staff, ("deliver",), days=1)
    report_only = r.token(outside, staff, ("report",))
    shelves = filled(outside)
    assert shelves.find_token(secret) is not None
    assert shelves.find_token(report_only) is None
    assert shelves.find_token("pf_" + "A" * 43) is None
    clock.at += timedelta(days=1)
    assert shelves.find_token(secret) is None


def test_a_tampered_release_stands_on_the_shelf_and_is_served_to_nobody(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    r.tamper(outside, "UPDATE versions SET content = :content", content=b"name: other\n")
    with pytest.raises(Refused) as refused:
        filled(outside).serve(r.NAME, Place("u"))
    assert refused.value.code == "release_tampered"


def test_an_unknown_prompt_is_not_found_once_the_database_was_seen(outside: Outside, staff: Staff) -> None:
    with pytest.raises(NotFound):
        filled(outside).serve("no-such-prompt", Place("u"))


# -- stops


def test_a_stop_holds_at_once_with_everything_down_and_is_entered_afterwards(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    r.live_first(outside, staff)
    shelves = filled(outside)
    down = without_database(outside)
    delivery.stop(down, shelves.flags, r.NAME, "Doses are wrong.", "root")
    for serve in (shelves.serve, lambda name, place: delivery.serve(outside, name, place)):
        with pytest.raises(Conflict, match=r"stopped: Doses are wrong\. Use the fallback") as refused:
            serve(r.NAME, Place("u"))
        assert refused.value.code == "stopped"
        assert refused.value.details["downtime_text"] == "Write the note by hand."
    clock.forward(minutes=10)
    assert shelves.look()
    assert shelves.look()
    with outside.database.reading() as session:
        (leaf,) = [
            json.loads(one) for one in session.scalars(select(Leaf.content).where(Leaf.type == "delivery.stopped"))
        ]
        typed = json.loads(session.get_one(Payload, leaf["payload"]["sha256"]).content)
    assert (leaf["actor"]["via"], leaf["reason"]) == ("console", "late")
    assert (typed["prompt"], typed["reason"], typed["by"]) == (r.NAME, "Doses are wrong.", "root")
    assert "Doses" not in json.dumps(leaf)


def test_a_lift_serves_again_what_is_signed_and_is_entered(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    shelves = filled(outside)
    delivery.stop(outside, shelves.flags, r.NAME, "Odd.", "root")
    delivery.lift(outside, shelves.flags, r.NAME, "Explained.", "root")
    assert label(shelves, "u") == "1.0"
    shelves.look()
    with outside.database.reading() as session:
        query = select(Leaf.type).where(Leaf.type.like("delivery.%")).order_by(Leaf.seq)
        assert list(session.scalars(query)) == ["delivery.stopped", "delivery.resumed"]


def test_everything_can_be_stopped_and_one_stop_does_not_lift_another(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    flags = filled(outside).flags
    delivery.stop(outside, flags, "*", "Provider compromised.", "root")
    delivery.stop(outside, flags, r.NAME, "Odd.", "root")
    delivery.lift(outside, flags, "*", "Provider is well.", "root")
    assert (flags.reason_for(r.NAME), flags.reason_for("another")) == ("Odd.", None)
    with pytest.raises(AlreadyDone):
        delivery.stop(outside, flags, r.NAME, "Again.", "root")
    with pytest.raises(NotFound, match="not stopped"):
        delivery.lift(outside, flags, "*", "Again.", "root")
    with pytest.raises(InvalidInput, match="Write why"):
        delivery.stop(outside, flags, "another", "  ", "root")


@pytest.mark.parametrize("content", [b"", b"[", b"{}x", b'[{"id": 1}]', b"\xff\xfe"])
def test_a_list_of_stops_that_cannot_be_read_stops_everything(outside: Outside, staff: Staff, content: bytes) -> None:
    r.live_first(outside, staff)
    shelves = filled(outside)
    shelves.flags.path.write_bytes(content)
    with pytest.raises(Conflict, match="cannot be read"):
        shelves.serve(r.NAME, Place("u"))


def test_a_reader_that_was_slow_takes_no_stop_back(
    outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one request reads the list, a stop is written, and a second request reads it."""
    flags, host = (StopFlags(delivery.stops_file(outside.settings.var_dir)) for _ in range(2))
    delivery.stop(outside, host, "another", "Odd.", "root")
    read = Path.read_bytes

    def slowly(path: Path) -> bytes:
        old = read(path)
        monkeypatch.setattr(Path, "read_bytes", read)
        delivery.stop(outside, host, r.NAME, "Doses are wrong.", "root")
        assert flags.reason_for(r.NAME) == "Doses are wrong."
        return old

    monkeypatch.setattr(Path, "read_bytes", slowly)
    assert flags.reason_for("another") == "Odd."
    assert flags.reason_for(r.NAME) == "Doses are wrong."


def test_half_a_character_is_refused_in_a_sentence(outside: Outside, staff: Staff) -> None:
    with pytest.raises(InvalidInput, match="half a character"):
        filled(outside).serve(r.NAME, Place("\ud800"))
