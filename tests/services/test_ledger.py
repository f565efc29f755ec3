"""Reading the audit log: filters, proofs, the root recomputed, stages replayed from entries alone."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.stages import change_in
from tests.whole_log import check_log, count_entries, replay_stages
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, CheckpointRow, Payload
from webapp.domain.record.entry_words import PHRASES
from webapp.domain.record.kinds import KINDS
from webapp.domain.record.merkle import includes
from webapp.errors import NotFound, Refused
from webapp.services import comments, ledger, people
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
    assert replay_stages(outside) == stored
    size, root, is_whole = check_log(outside)
    assert is_whole
    assert (size, len(root)) == (count_entries(outside), 64)


def test_a_changed_leaf_breaks_the_root(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    assert check_log(outside)[2]
    r.tamper(outside, "UPDATE ledger_leaves SET content = CAST(CAST(content AS TEXT) || ' ' AS BLOB) WHERE seq = 3")
    assert not check_log(outside)[2]
    assert not ledger.show_entry(outside, staff.act_as("quinn"), 3).is_included


def test_every_entry_carries_a_proof_that_verifies(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    size = count_entries(outside)
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
        ledger.show_entry(outside, staff.act_as("quinn"), count_entries(outside) + beyond)


def test_the_newest_entry_stands_first_and_pages_lead_to_the_oldest(outside: Outside, staff: Staff) -> None:
    for label in ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6"):
        change_in(outside, staff, "signoff", **r.version(label))
    size, seen, before = count_entries(outside), [], None
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


def test_every_entry_of_a_journey_is_said_in_words_with_names(outside: Outside, staff: Staff) -> None:
    change_id = r.live_first(outside, staff)
    r.roll_back(outside, staff, change_id)
    with outside.database.reading() as session:
        title = session.get_one(Change, change_id).title
    said = {row.type: row.sentence for row in reversed(everything(outside, staff))}
    assert said["change.sign"] == f"Osei signed the release of the change “{title}” of {r.NAME}"
    assert said["release.made"].startswith(f"Osei made the release of {r.NAME} version 1 (1.0)")
    assert said["release.live"].startswith("Osei took what was live away, so that nothing is served: the prompt")
    assert said["signature.applied"].startswith("Osei gave the signature with the meaning “roll back” on the change")
    assert not any(
        code in sentence for sentence in said.values() for code in ("chg_", "rel_", "per_", "sig_", "{", "}")
    )
    assert {row.prompt for row in everything(outside, staff) if row.entity_type in ("run", "release")} == {r.NAME}


def everything(outside: Outside, staff: Staff) -> list[ledger.EntryRow]:
    seen: list[ledger.EntryRow] = []
    before = None
    while True:
        view = ledger.show_ledger(outside, staff.act_as("quinn"), Filters(before_seq=before))
        seen += view.rows
        before = view.next_before_seq
        if before is None:
            return seen


def test_a_prompt_brings_everything_that_hangs_on_it(outside: Outside, staff: Staff) -> None:
    r.live_first(outside, staff)
    found = {row.entity_type for row in entries(outside, staff, prompt=r.NAME)}
    assert {"change", "run", "release", "signature", "prompt", "version"} <= found
    assert "suite" not in found


def test_a_heading_brings_all_its_types_and_nothing_else(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "rollout")
    kinds = {row.type for row in entries(outside, staff, group="Signatures and decisions")}
    assert {"change.sign", "change.approve", "signature.applied"} <= kinds
    assert kinds <= set(PHRASES["Signatures and decisions"])


def test_pages_and_counts_stay_while_the_log_grows(outside: Outside, staff: Staff, monkeypatch: Any) -> None:
    monkeypatch.setattr("webapp.services.ledger.listing.PAGE", 2)
    change_in(outside, staff, "review")
    quinn = staff.act_as("quinn")
    first = ledger.show_ledger(outside, quinn, Filters(person_id="system"))
    change_in(outside, staff, "review", **r.version("1.1"))
    second = ledger.show_ledger(
        outside, quinn, Filters(person_id="system", before_seq=first.next_before_seq, up_to=first.up_to)
    )
    assert (second.total, second.up_to) == (first.total, first.up_to)
    assert (first.first, second.first) == (1, 3)
    assert second.newer > 0
    assert {row.seq for row in first.rows} & {row.seq for row in second.rows} == set()
    back = ledger.show_ledger(
        outside, quinn, Filters(person_id="system", after_seq=second.rows[0].seq, up_to=first.up_to)
    )
    assert [row.seq for row in back.rows] == [row.seq for row in first.rows]
    assert back.previous_after_seq is None


def test_every_entry_names_the_first_seal_over_it(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    with outside.database.reading() as session:
        sizes = sorted(session.scalars(select(CheckpointRow.size)))
    assert len(sizes) > 1
    for row in everything(outside, staff):
        assert row.seal is not None
        assert row.seal.size == min(size for size in sizes if size > row.seq)


def test_an_entry_leads_to_its_neighbours_about_the_same_thing(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff")
    chain = [row.seq for row in reversed(entries(outside, staff, entity_id=change_id))]
    views = [ledger.show_entry(outside, staff.act_as("quinn"), seq) for seq in chain]
    assert [view.previous_seq for view in views] == [None, *chain[:-1]]
    assert [view.next_seq for view in views] == [*chain[1:], None]


def test_an_entry_names_the_signatures_it_rests_on(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "rollout")
    (signed,) = entries(outside, staff, type="change.sign")
    view = ledger.show_entry(outside, staff.act_as("quinn"), signed.seq)
    assert [(one.name, one.meaning, one.level, one.valid) for one in view.signatures] == [
        ("Osei", "approval", "L1", True)
    ]
    (made,) = entries(outside, staff, type="release.made")
    view = ledger.show_entry(outside, staff.act_as("quinn"), made.seq)
    assert view.signatures == ()
    assert len(view.other_envelopes) == 1


def test_what_was_erased_is_said_so(outside: Outside, staff: Staff, monkeypatch: pytest.MonkeyPatch) -> None:
    change_id = r.second(outside, staff)
    r.hold(outside, staff, change_id, "live")
    (row,) = entries(outside, staff, type="change.hold")
    with outside.database.writing() as session:
        digest = ledger.show_entry(outside, staff.act_as("quinn"), row.seq).payload_sha256
        session.delete(session.get_one(Payload, digest))
        monkeypatch.setattr("webapp.domain.record.leaf.KINDS", KINDS | {"payload.erased"})
        enter(outside, session, staff.act_as("ruth"), "payload.erased", ("payload", digest or "", None))
    view = ledger.show_entry(outside, staff.act_as("quinn"), row.seq)
    assert view.payload is None
    assert (view.why_no_payload or "").startswith("Erased")
    (erasing,) = entries(outside, staff, type="payload.erased")
    assert view.erased_seq == erasing.seq
    assert not view.is_withheld
    with pytest.raises(NotFound):
        ledger.payload_bytes(outside, staff.act_as("quinn"), row.seq)


def test_words_about_a_hold_outs_case_are_withheld_from_authors(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "review")
    comments.write(
        outside, staff.act_as("kim"), change_id, comments.Draft("note", "Says ramipril.", anchor="case:case-001")
    )
    (row,) = entries(outside, staff, type="comment.written")
    assert "ramipril" in (ledger.show_entry(outside, staff.act_as("ada"), row.seq).payload or "")
    for column in ("is_held_out", "contains_phi"):
        r.tamper(outside, "UPDATE suites SET is_held_out = 0, contains_phi = 0")
        r.tamper(outside, f"UPDATE suites SET {column} = 1")
        view = ledger.show_entry(outside, staff.act_as("ada"), row.seq)
        assert view.is_withheld
        assert "ramipril" not in view.document
        with pytest.raises(Refused):
            ledger.payload_bytes(outside, staff.act_as("ada"), row.seq)


def test_addresses_and_devices_are_read_by_those_who_read_people(outside: Outside, staff: Staff) -> None:
    people.invite(outside, staff.act_as("ruth"), "Dana Fox", "dana@example.org", ["author"])
    (row,) = entries(outside, staff, type="person.invited")
    for name, reads in (("ruth", True), ("quinn", True), ("ada", False), ("osei", False)):
        payload = ledger.show_entry(outside, staff.act_as(name), row.seq).payload
        assert (payload is not None and "dana@example.org" in payload) == reads


def test_a_filter_as_a_table_has_its_rows_neutral_cells_and_an_entry_of_its_own(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff", title="=1+2")
    size = count_entries(outside)
    lines = b"".join(ledger.table_lines(outside, staff.act_as("quinn"), Filters())).decode()
    rows = list(csv.reader(io.StringIO(lines)))
    assert [int(row[0]) for row in rows[1:]] == list(range(size))
    assert count_entries(outside) == size + 1
    assert entries(outside, staff, type="export.made")[0].reason == "ledger_table"
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    some = list(ledger.table_lines(outside, staff.act_as("quinn"), Filters(type="change.approve")))
    assert len(some) == 2
    with pytest.raises(Refused):
        ledger.table_lines(outside, staff.act_as("ada"), Filters())
