"""Reviewing the audit log: signed, without a gap, due in time, and nobody but an auditor."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.people import PASSWORD, add_app, again
from tests.stages import change_in
from tests.whole_log import count_entries
from webapp import verify
from webapp.acts.recording import enter
from webapp.acts.sealing import seal
from webapp.acts.signatures_shown import signature_shown
from webapp.acts.trail import TrailStanding, trail_standing
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import CheckpointRow, Leaf, Payload, Signature
from webapp.domain.record.canonical import digest_of
from webapp.domain.workflow import Actor
from webapp.errors import Conflict, FormularyError, InvalidInput, NotSignedIn, Refused, Stale
from webapp.services import inbox, ledger, trail
from webapp.services.exporting import Wanted, export_here


def waiting(outside: Outside, staff: Staff, name: str = "quinn") -> trail.ToReview:
    seal(outside)
    found = trail.show_trail(outside, staff.act_as(name)).waiting
    assert found is not None
    return found


def given(outside: Outside, staff: Staff, **changed: Any) -> trail.Reviewing:
    found = waiting(outside, staff)
    fields: dict[str, Any] = {
        "first": found.first, "size": found.size, "nonce": "0123456789abcdef" * 2, "conclusion": "nothing_found",
        "findings": "",
    }  # fmt: skip
    return trail.Reviewing(**{**fields, **changed})


def review(outside: Outside, staff: Staff, name: str = "quinn", **changed: Any) -> None:
    trail.review_trail(outside, staff.act_as(name), given(outside, staff, **changed), PASSWORD)


def test_a_review_names_its_entries_and_their_checkpoint_and_is_signed(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "signoff")
    before = waiting(outside, staff)
    with outside.database.reading() as session:
        seal = session.get_one(CheckpointRow, before.size)
    review(outside, staff, conclusion="findings", findings="A lock-out at night; told Ruth.")
    (row,) = ledger.show_ledger(outside, staff.act_as("quinn"), ledger.Filters(type="trail.reviewed")).rows
    assert row.sentence == f"Quinn reviewed entries 0 to {before.size - 1} of this log (signed): findings"
    view = ledger.show_entry(outside, staff.act_as("quinn"), row.seq)
    assert "lock-out at night" not in view.document
    assert "lock-out at night" in (view.payload or "")
    with outside.database.reading() as session:
        signature = session.scalars(select(Signature).where(Signature.move == "review_trail")).one()
        document = json.loads(session.get_one(Payload, signature.display_sha256).content)
        assert signature_shown(outside, session, signature).valid
        typed = json.loads(view.payload or "")
    assert signature.entry_seq == row.seq
    assert (document["first"], document["last"]) == (0, before.size - 1)
    assert document["checkpoint"] == {"size": before.size, "root_sha256": seal.root_sha256}
    assert digest_of(document) == signature.subject_sha256
    typed.pop("salt")
    assert document["findings_sha256"] == digest_of(typed)


def test_the_next_review_begins_where_the_last_one_ended(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_in(outside, staff, "review")
    review(outside, staff)
    first_end = trail.show_trail(outside, staff.act_as("quinn")).done[0].last
    clock.forward(days=20)
    change_in(outside, staff, "review", **r.version("1.1"))
    assert waiting(outside, staff).first == first_end + 1
    review(outside, staff)
    done = trail.show_trail(outside, staff.act_as("quinn")).done
    assert [(one.first, one.continues) for one in done] == [(first_end + 1, True), (0, True)]
    covered = [seq for one in done for seq in range(one.first, one.last + 1)]
    assert sorted(covered) == list(range(max(covered) + 1))


def test_two_reviews_of_the_same_entries_are_one(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    same = given(outside, staff)
    trail.review_trail(outside, staff.act_as("quinn"), same, PASSWORD)
    with pytest.raises(Stale):
        trail.review_trail(outside, staff.act_as("quinn"), same, PASSWORD)
    assert len(trail.show_trail(outside, staff.act_as("quinn")).done) == 1


@pytest.mark.parametrize("name", ["ada", "kim", "osei", "ruth"])
def test_only_auditors_review(outside: Outside, staff: Staff, name: str) -> None:
    change_in(outside, staff, "review")
    assert not trail.show_trail(outside, staff.act_as(name)).may_review
    with pytest.raises(Refused):
        trail.review_trail(outside, staff.act_as(name), given(outside, staff), again(outside, staff.ids[name]))
    assert trail.show_trail(outside, staff.act_as("quinn")).done == ()


def test_a_token_or_a_job_reviews_nothing(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    with pytest.raises(Refused):
        trail.review_trail(outside, staff.act_as("quinn", via="token"), given(outside, staff), PASSWORD)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"conclusion": ""}, InvalidInput),
        ({"conclusion": "findings"}, InvalidInput),
        ({"findings": "x" * 4_001}, InvalidInput),
        ({"nonce": "short"}, InvalidInput),
        ({"first": 1}, Stale),
        ({"size": 1}, Conflict),
        ({"size": 10**9}, Conflict),
    ],
)
def test_what_is_not_whole_is_refused_and_leaves_nothing(
    outside: Outside, staff: Staff, changed: dict[str, Any], error: type[FormularyError]
) -> None:
    change_in(outside, staff, "review")
    with pytest.raises(error):
        review(outside, staff, **changed)
    assert trail.show_trail(outside, staff.act_as("quinn")).done == ()


def test_a_wrong_password_signs_nothing_and_an_app_asks_for_its_code(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    with pytest.raises(NotSignedIn):
        trail.review_trail(outside, staff.act_as("quinn"), given(outside, staff), "wrong")
    with pytest.raises(Refused):
        trail.review_trail(outside, staff.act_as("quinn"), given(outside, staff), None)
    add_app(outside, staff.ids["quinn"])
    with pytest.raises(Refused, match="code"):
        trail.review_trail(outside, staff.act_as("quinn"), given(outside, staff), PASSWORD)
    trail.review_trail(outside, staff.act_as("quinn"), given(outside, staff), again(outside, staff.ids["quinn"]))
    signature = trail.show_trail(outside, staff.act_as("quinn")).done[0].signature
    assert signature is not None
    assert signature.level == "L1"


def test_an_export_with_reviews_verifies_offline_and_one_with_a_gap_does_not(
    outside: Outside, staff: Staff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Actor(id="console", name="Console", via="console")
    with outside.database.writing() as session:
        for name in ("ada", "kim", "quinn"):
            for role in sorted(staff.act_as(name).roles):
                enter(outside, session, console, "role.granted", ("person", staff.ids[name], None), reason=role.value)
    change_in(outside, staff, "review")
    review(outside, staff)
    change_in(outside, staff, "review", **r.version("1.1"))
    review(outside, staff, conclusion="findings", findings="One more run than usual.")

    def verified() -> int:
        path = tmp_path / "bundle.zip"
        export_here(outside, staff.act_as("quinn"), Wanted("all"), path, lambda done, planned: None)
        return verify.main([str(path), f"--key={outside.notary.held().key.to_vkey()}"])

    assert verified() in (verify.GOOD, verify.WEAK)

    def later(house: Outside, session: Session) -> TrailStanding | None:
        found = trail_standing(house, session)
        return None if found is None else replace(found, first=found.first + 1)

    change_in(outside, staff, "review", **r.version("1.2"))
    monkeypatch.setattr(trail, "trail_standing", later)
    review(outside, staff)
    assert verified() == verify.BROKEN


def test_only_sealed_entries_are_reviewed(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "evaluation")
    assert trail.show_trail(outside, staff.act_as("quinn")).waiting is None
    seal(outside)
    found = trail.show_trail(outside, staff.act_as("quinn")).waiting
    assert found is not None
    assert found.size == count_entries(outside)


def test_what_stands_out_is_counted_first(outside: Outside, staff: Staff) -> None:
    change_id = r.live_first(outside, staff)
    r.roll_back(outside, staff, change_id)
    found = waiting(outside, staff)
    assert ("change.roll_back", "Releases that were rolled back", 1) in found.stands_out
    assert sum(count for _, count in found.kinds) == found.size


def test_a_due_review_stands_in_the_inbox_and_an_overdue_one_with_administrators_too(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    def due(name: str) -> inbox.TrailDue | None:
        return inbox.show_inbox(outside, staff.act_as(name)).trail

    days = outside.settings.trail_review_days
    assert due("quinn") is None
    clock.forward(days=days - 3)
    mine = due("quinn")
    assert mine is not None
    assert (mine.is_overdue, mine.is_mine) == (False, True)
    assert due("ruth") is None
    clock.forward(days=4)
    for name, is_mine in (("quinn", True), ("ruth", False)):
        row = due(name)
        assert row is not None
        assert (row.is_overdue, row.is_mine) == (True, is_mine)
    assert due("osei") is None
    change_in(outside, staff, "review")
    review(outside, staff)
    assert due("quinn") is None
    standing = trail.show_trail(outside, staff.act_as("quinn")).standing
    assert standing is not None
    assert standing.due_at == clock() + timedelta(days=days)


def test_a_gap_that_somebody_made_is_shown(outside: Outside, staff: Staff) -> None:
    change_in(outside, staff, "review")
    review(outside, staff)
    with outside.database.reading() as session:
        seq = session.scalars(select(Leaf.seq).where(Leaf.type == "trail.reviewed")).one()
    r.tamper(outside, f"UPDATE ledger_leaves SET entity_id = '2-9' WHERE seq = {seq}")
    assert not trail.show_trail(outside, staff.act_as("quinn")).done[0].continues
