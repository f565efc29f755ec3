"""Reading the audit log: filters, proofs, the root recomputed, stages replayed from entries alone."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.stages import change_in
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change
from webapp.domain.record.merkle import includes
from webapp.errors import NotFound
from webapp.services import ledger
from webapp.services.ledger import Filters


def entries(outside: Outside, staff: Staff, **narrowed: object) -> tuple[ledger.EntryRow, ...]:
    return ledger.show_ledger(outside, staff.act_as("quinn"), Filters(**narrowed)).rows  # type: ignore[arg-type]


def test_a_whole_journey_replays_to_the_stored_stages(outside: Outside, staff: Staff, clock: Clock) -> None:
    first = r.live_first(outside, staff)
    second = r.started(outside, staff, **r.version("1.1"))
    r.pass_step(outside, staff, second)
    r.hold(outside, staff, second, "freeze")
    r.resume(outside, staff, second)
    r.advance(outside, staff, second)
    r.roll_back(outside, staff, second)
    change_in(outside, staff, "review", **r.version("1.2"))
    change_in(outside, staff, "evaluation", **r.version("1.3"))
    with outside.database.reading() as session:
        stored = {row.id: row.stage for row in session.scalars(select(Change))}
    assert (stored[first], stored[second]) == ("post_audit", "rolled_back")
    assert ledger.replay_stages(outside) == stored
    size, root, is_whole = ledger.check_log(outside)
    assert is_whole
    assert (size, len(root)) == (ledger.count_entries(outside), 64)


def test_a_changed_leaf_breaks_the_root(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    assert ledger.check_log(outside)[2]
    r.tamper(outside, "UPDATE ledger_leaves SET content = CAST(CAST(content AS TEXT) || ' ' AS BLOB) WHERE seq = 3")
    assert not ledger.check_log(outside)[2]
    assert not ledger.show_entry(outside, staff.act_as("quinn"), 3).is_included


def test_every_entry_carries_a_proof_that_verifies(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    size = ledger.count_entries(outside)
    for seq in range(size):
        view = ledger.show_entry(outside, staff.act_as("quinn"), seq)
        proof = [bytes.fromhex(item) for item in view.proof]
        assert view.is_included
        assert includes(bytes.fromhex(view.root), view.size, seq, bytes.fromhex(view.leaf_hash), proof)
        assert not includes(bytes.fromhex(view.root), view.size, seq, bytes(32), proof)
        assert json.loads(view.document)["seq"] == seq


@pytest.mark.parametrize("beyond", [0, 1, 10**30])
def test_an_entry_that_is_not_there_is_not_found(outside: Outside, staff: Staff, beyond: int) -> None:
    with pytest.raises(NotFound):
        ledger.show_entry(outside, staff.act_as("quinn"), ledger.count_entries(outside) + beyond)


def test_the_newest_entry_stands_first_and_pages_lead_to_the_oldest(outside: Outside, staff: Staff) -> None:
    for label in ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6"):
        change_in(outside, staff, "signoff", **r.version(label))
    size, seen, before = ledger.count_entries(outside), [], None
    while True:
        view = ledger.show_ledger(outside, staff.act_as("quinn"), Filters(before_seq=before))
        seen += [row.seq for row in view.rows]
        before = view.next_before_seq
        if before is None:
            break
    assert size > ledger.PAGE
    assert seen == list(range(size - 1, -1, -1))


def test_filters_narrow_by_person_type_thing_prompt_and_day(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = change_in(outside, staff, "review")
    clock.forward(days=3)
    later = clock()
    other = change_in(outside, staff, "signoff", **r.version("1.1"), author="ben")
    assert {row.actor_name for row in entries(outside, staff, person_id=staff.ids["kim"])} == {"Kim"}
    assert {row.type for row in entries(outside, staff, type="change.approve")} == {"change.approve"}
    assert {row.entity_id for row in entries(outside, staff, entity_id=other)} == {other}
    assert {change_id, other} <= {row.entity_id for row in entries(outside, staff, prompt=r.NAME)}
    assert entries(outside, staff, prompt="no-such-prompt") == ()
    assert {row.at for row in entries(outside, staff, since=later)} == {later}
    early = entries(outside, staff, until=later)
    assert early
    assert all(row.at < later for row in early)
    assert entries(outside, staff, since=later + timedelta(seconds=1)) == ()


def test_what_people_typed_never_stands_in_an_entry(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    r.hold(outside, staff, change_id, "live")
    (row,) = entries(outside, staff, type="change.hold")
    view = ledger.show_entry(outside, staff.act_as("quinn"), row.seq)
    assert "Odd notes." not in view.document
    assert "Odd notes." in (view.payload or "")
    assert row.reason == "live"
