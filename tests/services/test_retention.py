"""Retention: six years from last in effect, legal holds, and texts erased by two people for good (45 CFR 164.316(b)(2))."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update
from sqlalchemy.exc import DBAPIError

from tests import erasures, people, rollouts
from tests.conftest import Clock, Staff
from tests.erasures import REASON, SECRET, Old, ask, confirm, entries, erase, lease
from tests.passkeys import add_passkey
from tests.people import PASSWORD, again
from tests.services.submissions import suite_bytes
from tests.whole_log import check_log
from webapp.acts import jobs
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    Answer,
    Base,
    Comment,
    Envelope,
    Erased,
    Erasure,
    Payload,
    Result,
    Signature,
    SuiteRow,
)
from webapp.domain.retention import is_weaker, years_after
from webapp.errors import AlreadyDone, Conflict, FormularyError, InvalidInput, NotFound, Refused, Stale
from webapp.services import evaluation, ledger, retention, suites
from webapp.services.people import invite, join
from webapp.services.retention import (
    execute_erasure,
    lift_hold,
    place_hold,
    retention_report,
    show_erasure,
    show_preview,
)
from webapp.services.suites import SuiteGiven, import_suite


@pytest.fixture
def old(outside: Outside, staff: Staff) -> Old:
    """A change and a test set whose six years are over."""
    erasures.enough_apps(outside, staff)
    found = erasures.ended(outside, staff)
    erasures.six_years_later(outside)
    return found


def everything(outside: Outside) -> str:
    """All that the database holds, as text."""
    with outside.database.engine.connect() as connection:
        return "\n".join(
            str(tuple(bytes(cell) if isinstance(cell, memoryview) else cell for cell in row))
            for table in Base.metadata.sorted_tables
            for row in connection.execute(select(table))
        )


def hold(outside: Outside, staff: Staff, scope: str = "all", subject: str = "", by: str = "sam") -> str:
    actor = staff.act_as(by)
    return place_hold(outside, actor, scope, subject, "Case 4711 at the district court.", again(outside, actor.id))


def prompt_of(outside: Outside, change_id: str) -> str:
    with outside.database.reading() as session:
        return str(session.scalar(text("SELECT prompt_id FROM changes WHERE id = :id"), {"id": change_id}))


@pytest.mark.parametrize(
    ("ended", "years", "on"),
    [((2026, 3, 2), 6, (2032, 3, 2)), ((2024, 2, 29), 6, (2030, 3, 1)), ((2024, 2, 29), 8, (2032, 2, 29))],
)
def test_years_are_counted_from_the_day_it_was_last_in_effect(
    ended: tuple[int, int, int], years: int, on: tuple[int, int, int]
) -> None:
    assert years_after(datetime(*ended, tzinfo=UTC), years) == datetime(*on, tzinfo=UTC)


def test_fewer_years_than_the_rule_asks_for_are_called_weaker(outside: Outside, staff: Staff) -> None:
    assert [is_weaker(years) for years in (5, 6, 10)] == [True, False, False]
    short = replace(outside, settings=replace(outside.settings, retention_years=3))
    assert retention_report(short, staff.act_as("quinn")).is_weaker
    assert not retention_report(outside, staff.act_as("quinn")).is_weaker


def test_what_is_open_live_or_named_by_something_live_is_in_effect(outside: Outside, staff: Staff) -> None:
    first = rollouts.live_first(outside, staff)
    rejected = erasures.ended(outside, staff).change
    lines = {line.subject: line for line in retention_report(outside, staff.act_as("quinn")).lines}
    assert lines[first].until is None
    assert "it is open" in str(lines[first].refusal)
    assert lines[rejected].until == outside.now()
    second = rollouts.signed(outside, staff, **rollouts.version("3.0"))
    with outside.database.writing() as session:
        session.execute(text("UPDATE changes SET stage = 'closed' WHERE id = :id"), {"id": first})
        session.execute(text("UPDATE prompts SET live_release_id = NULL"))
    line = next(one for one in retention_report(outside, staff.act_as("quinn")).lines if one.subject == first)
    assert line.until is None
    assert "was compared with it, and it is open" in str(line.refusal)
    with outside.database.writing() as session:
        session.execute(text("UPDATE changes SET stage = 'withdrawn' WHERE id = :id"), {"id": second})
    line = next(one for one in retention_report(outside, staff.act_as("quinn")).lines if one.subject == first)
    assert line.until is not None


def test_a_live_release_keeps_its_change_and_the_one_it_replaced(outside: Outside, staff: Staff) -> None:
    first = rollouts.live_first(outside, staff)
    with outside.database.writing() as session:
        session.execute(text("UPDATE changes SET stage = 'closed' WHERE id = :id"), {"id": first})
    erasures.six_years_later(outside)
    preview = show_preview(outside, staff.act_as("quinn"), "change", first)
    assert (
        preview.refusal == "It is in effect: its release is live. Its texts may be erased 6 years after that has ended."
    )
    assert not preview.may_ask


def test_the_newest_version_of_a_test_set_is_in_effect(outside: Outside, staff: Staff, old: Old) -> None:
    newest = import_suite(outside, staff.act_as("ada"), SuiteGiven(suite_bytes(6), "old-notes")).digest
    assert "newest version" in str(show_preview(outside, staff.act_as("ruth"), "suite", newest).refusal)
    assert show_preview(outside, staff.act_as("ruth"), "suite", old.suite).refusal is None


def test_within_its_years_nothing_is_erased_and_the_day_is_told(outside: Outside, staff: Staff, clock: Clock) -> None:
    erasures.enough_apps(outside, staff)
    found = erasures.ended(outside, staff)
    clock.forward(days=5 * 365)
    with pytest.raises(
        Refused, match=r"last in effect on 2 March 2026; its texts may be erased from 2 March 2032"
    ) as told:
        ask(outside, staff, "change", found.change)
    assert told.value.code == "too_early"
    assert str(told.value.details["erasable_from"]).startswith("2032-03-02")
    assert entries(outside, "signature.refused")[-1]["reason"] == "too_early"


def test_two_people_erase_and_nothing_of_the_text_is_left(outside: Outside, staff: Staff, old: Old) -> None:
    assert SECRET in everything(outside)
    erase(outside, staff, "change", old.change)
    erase(outside, staff, "suite", old.suite)
    assert SECRET not in everything(outside)
    with outside.database.reading() as session:
        assert session.get_one(SuiteRow, old.suite).content == b""
        assert set(session.scalars(select(Comment.body))) == {"(erased)"}
        assert set(session.scalars(select(Answer.text))) == {"(erased)"}
        assert set(session.scalars(select(Result.content))) == {b""}
    files = Path(outside.settings.database_url.removeprefix("sqlite:///"))
    for file in files.parent.glob(f"{files.name}*"):
        assert SECRET.encode() not in file.read_bytes(), file.name


def test_each_document_has_its_entry_with_both_signatures_and_the_log_still_holds(
    outside: Outside, staff: Staff, old: Old
) -> None:
    before = check_log(outside)[0]
    erasure_id = erase(outside, staff, "change", old.change)
    with outside.database.reading() as session:
        row = session.get_one(Erasure, erasure_id)
        gone = {erased.sha256: erased.entry_seq for erased in session.scalars(select(Erased))}
        envelopes = set(session.scalars(select(Envelope.sha256)))
        signatures = session.scalars(select(Signature)).all()
        assert not [digest for digest in gone if session.get(Payload, digest)]
    found = entries(outside, "payload.erased")
    assert {leaf["entity"]["id"]: leaf["seq"] for leaf in found} == gone
    assert {(leaf["actor"]["name"], leaf["actor"]["via"], leaf["reason"]) for leaf in found} == {
        ("Quinn", "worker", "retention_over")
    }
    assert {tuple(leaf["attest"]) for leaf in found} == {(row.request_envelope, row.confirm_envelope)}
    assert {signature.envelope_sha256 for signature in signatures} <= envelopes
    assert {signature.signer_name for signature in signatures} >= {"Kim", "Ruth", "Quinn"}
    size, _, is_whole = check_log(outside)
    assert is_whole
    assert size > before
    assert [leaf["type"] for leaf in entries(outside, "erasure.requested", "erasure.confirmed", "erasure.completed")] == [
        "erasure.requested", "erasure.confirmed", "erasure.completed",
    ]  # fmt: skip


def test_no_typed_word_of_holds_and_erasures_stands_in_a_leaf(outside: Outside, staff: Staff, old: Old) -> None:
    lift = hold(outside, staff)
    lift_hold(outside, staff.act_as("ruth"), lift, "Settled out of court.", again(outside, staff.ids["ruth"]))
    erase(outside, staff, "change", old.change)
    with outside.database.engine.connect() as connection:
        leaves = b"".join(bytes(row[0]) for row in connection.execute(text("SELECT content FROM ledger_leaves")))
    for words in (b"Case 4711", b"Settled", b"data protection officer", SECRET.encode()):
        assert words not in leaves


def test_the_reason_of_a_hold_cannot_be_guessed_from_any_digest(outside: Outside, staff: Staff, old: Old) -> None:
    """Whoever has the log tries short texts: the document without its salt must not be among what is stored or signed."""
    hold_id = hold(outside, staff)
    with outside.database.reading() as session:
        row = session.scalars(select(Signature).where(Signature.move == "place_hold")).one()
        shown = session.get_one(Payload, row.display_sha256).content
    assert b"Case 4711" not in shown
    reason = "The case was settled."
    sam = staff.act_as("sam")
    lift_hold(outside, sam, hold_id, reason, again(outside, sam.id))
    with outside.database.reading() as session:
        lifted = session.scalars(select(Signature).where(Signature.move == "lift_hold")).one()
        assert b"settled" not in session.get_one(Payload, lifted.display_sha256).content
    (entry,) = entries(outside, "hold.lifted")
    with outside.database.reading() as session:
        assert reason.encode() in session.get_one(Payload, entry["payload"]["sha256"]).content


def test_one_person_alone_erases_nothing(outside: Outside, staff: Staff, old: Old) -> None:
    erasure_id = ask(outside, staff, "change", old.change)
    view = show_erasure(outside, staff.act_as("ruth"), erasure_id)
    assert view.why_not == "You asked for this; another person confirms it."
    with pytest.raises(Refused, match="another person") as told:
        confirm(outside, staff, erasure_id, by="ruth")
    assert told.value.code == "oneself"
    assert SECRET in everything(outside)


def test_one_person_with_both_roles_is_one_person(outside: Outside, staff: Staff, old: Old) -> None:
    with outside.database.writing() as session:
        session.execute(
            text("INSERT INTO role_grants (id, person_id, role, granted_at) VALUES ('rol_x', :id, 'auditor', :at)"),
            {"id": staff.ids["ruth"], "at": outside.now().replace(tzinfo=None)},
        )
    erasure_id = ask(outside, staff, "change", old.change)
    with pytest.raises(Refused, match="another person"):
        confirm(outside, staff, erasure_id, by="ruth")


def test_an_auditor_made_after_the_request_is_no_second_person_for_it(
    outside: Outside, staff: Staff, old: Old, clock: Clock
) -> None:
    """An administrator could else make the auditor who confirms."""
    erasure_id = ask(outside, staff, "change", old.change, by="ruth")
    clock.forward(minutes=1)
    guest = invite(outside, staff.act_as("ruth"), "Sock Puppet", "sock@example.org", ["auditor"])
    join(outside, guest.secret, PASSWORD)
    people.add_app(outside, guest.person_id)
    staff.ids["sock"] = guest.person_id
    with pytest.raises(Refused, match="only after this was asked for") as told:
        confirm(outside, staff, erasure_id, by="sock")
    assert told.value.code == "role_too_new"
    assert SECRET in everything(outside)


def test_a_refused_request_names_nothing_that_was_typed_into_an_address(
    outside: Outside, staff: Staff, old: Old
) -> None:
    ruth = staff.act_as("ruth")
    key = add_passkey(outside, ruth.id)
    spent = key.answer({"challenge": "c3BlbnQ"})
    with pytest.raises(NotFound):
        retention.request_erasure(outside, ruth, "change", "Mrs-Larkin-4711", "0" * 64, REASON, spent)
    assert "Larkin" not in "".join(str(row) for row in entries(outside, "signature.refused"))


def test_two_administrators_are_not_enough(outside: Outside, staff: Staff, old: Old) -> None:
    erasure_id = ask(outside, staff, "change", old.change, by="ruth")
    with pytest.raises(Refused, match="role auditor"):
        confirm(outside, staff, erasure_id, by="sam")
    other = ask(outside, staff, "suite", old.suite, by="quinn")
    assert show_erasure(outside, staff.act_as("sam"), other).why_not is None


@pytest.mark.parametrize("name", ["ada", "kim", "osei"])
def test_nobody_else_sees_or_asks(outside: Outside, staff: Staff, old: Old, name: str) -> None:
    for act in (
        lambda: retention_report(outside, staff.act_as(name)),
        lambda: show_preview(outside, staff.act_as(name), "change", old.change),
        lambda: retention.request_erasure(
            outside, staff.act_as(name), "change", old.change, "0" * 64, REASON, PASSWORD
        ),
        lambda: place_hold(outside, staff.act_as(name), "all", "", REASON, PASSWORD),
    ):
        with pytest.raises(Refused):
            act()


def test_a_password_alone_does_not_sign_an_erasure(outside: Outside, staff: Staff, old: Old) -> None:
    ruth = staff.act_as("ruth")
    digest = show_preview(outside, ruth, "change", old.change).digest
    with pytest.raises(Refused, match="authenticator app"):
        retention.request_erasure(outside, ruth, "change", old.change, digest, REASON, PASSWORD)


def test_an_empty_reason_and_an_unknown_thing_are_refused(outside: Outside, staff: Staff, old: Old) -> None:
    ruth = staff.act_as("ruth")
    with pytest.raises(InvalidInput, match="reason"):
        retention.request_erasure(outside, ruth, "change", old.change, "0" * 64, "  ", PASSWORD)
    with pytest.raises(NotFound):
        show_preview(outside, ruth, "change", "chg_none")
    with pytest.raises(NotFound):
        show_preview(outside, ruth, "person", staff.ids["kim"])


@pytest.mark.parametrize("scope", ["all", "prompt", "person"])
def test_a_hold_keeps_what_it_covers_until_it_is_lifted(outside: Outside, staff: Staff, old: Old, scope: str) -> None:
    subject = {"all": "", "prompt": prompt_of(outside, old.change), "person": staff.ids["kim"]}[scope]
    hold_id = hold(outside, staff, scope, subject)
    for kind, thing in (("change", old.change), ("suite", old.suite)):
        with pytest.raises(Refused, match=r"A legal hold on .* keeps it, placed by Sam") as told:
            ask(outside, staff, kind, thing)
        assert told.value.code == "held"
    lift_hold(outside, staff.act_as("ruth"), hold_id, "Settled.", again(outside, staff.ids["ruth"]))
    ask(outside, staff, "change", old.change)
    placed, lifted = entries(outside, "hold.placed", "hold.lifted")
    assert (placed["actor"]["name"], lifted["actor"]["name"]) == ("Sam", "Ruth")
    assert len(placed["attest"]) == len(lifted["attest"]) == 1


def test_a_hold_on_somebody_else_keeps_nothing_of_this(outside: Outside, staff: Staff, old: Old) -> None:
    hold(outside, staff, "person", staff.ids["lund"])
    ask(outside, staff, "change", old.change)


def test_lifting_a_hold_takes_more_than_a_password_and_placing_it_does_not(
    outside: Outside, staff: Staff, old: Old
) -> None:
    sam = staff.act_as("sam")
    hold_id = place_hold(outside, sam, "all", "", "Now.", PASSWORD)
    with pytest.raises(Refused, match="authenticator app"):
        lift_hold(outside, sam, hold_id, "Over.", PASSWORD)
    with pytest.raises(Refused):
        place_hold(outside, staff.act_as("quinn"), "all", "", "Now.", PASSWORD)
    with pytest.raises(InvalidInput):
        place_hold(outside, sam, "prompt", "prm_none", "Now.", PASSWORD)
    lift_hold(outside, sam, hold_id, "Over.", again(outside, sam.id))
    with pytest.raises(AlreadyDone):
        lift_hold(outside, sam, hold_id, "Over.", again(outside, sam.id))


def test_a_hold_between_request_and_confirmation_stops_it(outside: Outside, staff: Staff, old: Old) -> None:
    erasure_id = ask(outside, staff, "change", old.change)
    hold(outside, staff, "prompt", prompt_of(outside, old.change))
    assert "legal hold" in str(show_erasure(outside, staff.act_as("quinn"), erasure_id).why_not)
    with pytest.raises(Refused, match="legal hold"):
        confirm(outside, staff, erasure_id)
    assert SECRET in everything(outside)


def test_a_hold_placed_while_a_worker_erases_stops_the_rest(outside: Outside, staff: Staff, old: Old) -> None:
    erasure_id = ask(outside, staff, "change", old.change)
    confirm(outside, staff, erasure_id)
    hold(outside, staff)
    execute_erasure(outside, lease(outside, erasure_id))
    view = show_erasure(outside, staff.act_as("quinn"), erasure_id)
    assert (view.state, view.done) == ("stopped", 0)
    assert "legal hold on everything" in str(view.failure)
    assert entries(outside, "erasure.stopped")[0]["reason"] == "held"
    assert SECRET in everything(outside)


def test_what_changed_since_it_was_read_is_not_signed(outside: Outside, staff: Staff, old: Old) -> None:
    ruth = staff.act_as("ruth")
    digest = show_preview(outside, ruth, "change", old.change).digest
    erasure_id = ask(outside, staff, "change", old.change)
    with outside.database.writing() as session:
        session.execute(update(Comment).values(body="(erased)"))
    with pytest.raises(Stale):
        retention.request_erasure(outside, ruth, "change", old.change, digest, REASON, again(outside, ruth.id))
    assert show_erasure(outside, staff.act_as("quinn"), erasure_id).is_stale
    with pytest.raises(Stale):
        confirm(outside, staff, erasure_id)


def test_two_people_at_once_ask_once_and_confirm_once(outside: Outside, staff: Staff, old: Old) -> None:
    given = {name: again(outside, staff.ids[name]) for name in ("ruth", "sam")}
    digest = show_preview(outside, staff.act_as("ruth"), "change", old.change).digest

    def request(name: str) -> str:
        try:
            return retention.request_erasure(
                outside, staff.act_as(name), "change", old.change, digest, REASON, given[name]
            )
        except FormularyError as error:
            return type(error).__name__

    with ThreadPoolExecutor(2) as pool:
        made = sorted(pool.map(request, ("ruth", "sam")))
    assert made[0] == "AlreadyDone"
    assert made[1].startswith("ers_")
    confirm(outside, staff, made[1])
    with pytest.raises(Conflict):
        confirm(outside, staff, made[1])
    assert len(entries(outside, "erasure.confirmed")) == 1


def test_a_withdrawn_request_erases_nothing_and_can_be_made_anew(outside: Outside, staff: Staff, old: Old) -> None:
    erasure_id = ask(outside, staff, "change", old.change)
    retention.withdraw_erasure(outside, staff.act_as("quinn"), erasure_id)
    with pytest.raises(Conflict):
        confirm(outside, staff, erasure_id)
    assert ask(outside, staff, "change", old.change) != erasure_id


def test_a_worker_that_is_killed_in_the_middle_leaves_the_rest_to_the_next(
    outside: Outside, staff: Staff, old: Old, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("webapp.services.retention.erasing.DOCUMENTS_AT_ONCE", 2)
    monkeypatch.setattr("webapp.services.retention.erasing.ROWS_AT_ONCE", 3)
    erasure_id = ask(outside, staff, "change", old.change)
    confirm(outside, staff, erasure_id)
    first = lease(outside, erasure_id)
    steps = iter(range(100))

    def killed() -> bool:
        if next(steps) == 2:
            raise KeyboardInterrupt
        return False

    with pytest.raises(KeyboardInterrupt):
        execute_erasure(outside, first, is_stopping=killed)
    part = show_erasure(outside, staff.act_as("quinn"), erasure_id)
    assert part.state == "working"
    assert 0 < part.done < part.planned
    clock.forward(seconds=jobs.LEASE_SECONDS + 1)
    execute_erasure(outside, lease(outside, erasure_id))
    execute_erasure(outside, first)  # the dead one comes back, and writes nothing
    whole = show_erasure(outside, staff.act_as("quinn"), erasure_id)
    assert (whole.state, whole.done) == ("complete", part.planned)
    digests = [leaf["entity"]["id"] for leaf in entries(outside, "payload.erased")]
    assert len(digests) == len(set(digests))
    assert len(entries(outside, "erasure.completed")) == 1
    assert check_log(outside)[2]


def test_a_stopping_worker_gives_the_erasure_back(outside: Outside, staff: Staff, old: Old) -> None:
    erasure_id = ask(outside, staff, "change", old.change)
    confirm(outside, staff, erasure_id)
    execute_erasure(outside, lease(outside, erasure_id), is_stopping=lambda: True)
    execute_erasure(outside, lease(outside, erasure_id))
    assert show_erasure(outside, staff.act_as("quinn"), erasure_id).state == "complete"


def test_a_failed_erasure_says_so_and_the_rest_can_be_asked_for(outside: Outside, staff: Staff, old: Old) -> None:
    erasure_id = ask(outside, staff, "change", old.change)
    confirm(outside, staff, erasure_id)
    retention.fail_erasure(outside, lease(outside, erasure_id), "The worker ended five times.")
    assert show_erasure(outside, staff.act_as("quinn"), erasure_id).state == "stopped"
    assert erase(outside, staff, "change", old.change)


def test_the_database_itself_refuses_to_empty_what_no_erasure_names(outside: Outside, staff: Staff, old: Old) -> None:
    for statement in (
        "UPDATE suites SET content = x''",
        "UPDATE results SET content = x''",
        "DELETE FROM suites",
        "UPDATE suites SET content = x'41'",
        "UPDATE suites SET content = x'', case_count = 1",
    ):
        with pytest.raises(DBAPIError, match="append-only"), outside.database.engine.begin() as connection:
            connection.exec_driver_sql(statement)
    erase(outside, staff, "suite", old.suite)
    for statement in ("DELETE FROM erased", "UPDATE erased SET entry_seq = 1"):
        with pytest.raises(DBAPIError, match="append-only"), outside.database.engine.begin() as connection:
            connection.exec_driver_sql(statement)


def test_nothing_is_left_to_erase_twice(outside: Outside, staff: Staff, old: Old) -> None:
    erase(outside, staff, "change", old.change)
    preview = show_preview(outside, staff.act_as("ruth"), "change", old.change)
    assert preview.refusal == "Nothing is left to erase here."
    assert preview.goes == ()
    line = next(one for one in retention_report(outside, staff.act_as("ruth")).lines if one.subject == old.change)
    assert line.is_erased


def test_an_erased_test_set_is_shown_as_such_and_not_stored_again(outside: Outside, staff: Staff, old: Old) -> None:
    erase(outside, staff, "suite", old.suite)
    ada = staff.act_as("ada")
    view: Any = suites.show_suite(outside, ada, old.suite)
    assert view.is_erased
    assert view.cases == ()
    assert suites.suite_document(outside, ada, old.suite)["rows"] == []
    with pytest.raises(NotFound, match="erased"):
        suites.open_suite_case(outside, ada, old.suite, "case-001")
    with pytest.raises(Conflict, match="erased"):
        import_suite(outside, ada, SuiteGiven(suite_bytes(4), "old-notes"))
    with pytest.raises(NotFound, match="erased"):
        evaluation.open_case(outside, ada, old.change, "case-001")


def test_what_was_erased_is_read_as_erased(outside: Outside, staff: Staff, old: Old) -> None:
    erase(outside, staff, "change", old.change)
    seq = entries(outside, "change.reject")[0]["seq"]
    assert ledger.show_entry(outside, staff.act_as("quinn"), seq).payload is None
    assert evaluation.show_evaluation(outside, staff.act_as("kim"), old.change).primary == ()
    lines = evaluation.export_run(outside, staff.act_as("kim"), old.change, None, "json").lines
    assert {row["text"] for row in json.loads(b"".join(lines))["answers"]} == {"(erased)"}


def test_the_report_has_what_may_be_erased_first(outside: Outside, staff: Staff, old: Old) -> None:
    fresh = erasures.ended(outside, staff, "new-notes", 7)
    lines = retention_report(outside, staff.act_as("quinn")).lines
    order = [line.subject for line in lines]
    assert set(order[:2]) == {old.change, old.suite}
    assert lines[0].until is not None
    assert order.index(fresh.change) > 1
    assert timedelta(days=6 * 365) < lines[order.index(fresh.change)].on - outside.now()  # type: ignore[operator]
