"""Reports of applications: stored once, believed only with a decision of ours, masked, and refused whole when one is bad."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import func, select

from tests import rollouts as r
from tests.conftest import Staff
from webapp.acts.rollout_facts import step_seen
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Base, Interaction, ProblemReport, Prompt, Quarantined
from webapp.domain.decision import grant_of, unit_hash
from webapp.errors import InvalidInput, Refused
from webapp.services import interactions, rollout
from webapp.services.tokens import find_bearer

GOOD: dict[str, Any] = {
    "event_id": "e1",
    "decision_id": "dec_x",
    "happened_at": "2026-03-02T09:00:00Z",
    "model": "offline-clinical-1",
}


@pytest.fixture
def decision_id(outside: Outside, staff: Staff) -> str:
    """A decision of a running rollout."""
    change_id = r.started(outside, staff)
    return str(r.serve(outside, next(r.inside_units(outside, change_id)))["decision_id"])


def rows(outside: Outside) -> list[Interaction]:
    with outside.database.reading() as session:
        return list(session.scalars(select(Interaction).order_by(Interaction.id)))


def quarantined(outside: Outside) -> int:
    with outside.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Quarantined)) or 0


def test_a_report_is_bound_to_release_arm_step_and_unit(outside: Outside, staff: Staff, decision_id: str) -> None:
    done = r.report(outside, staff, decision_id, tokens_in=10, latency_ms=900, outcome="edited")
    assert done == interactions.Received(accepted=1, duplicates=0, quarantined=0)
    (row,) = rows(outside)
    assert (row.arm, row.step_index, row.outcome, row.latency_ms) == ("candidate", 0, "edited", 900)
    assert row.rollout_id is not None
    assert row.subgroup == {"site": "North"}


def test_the_same_event_counts_once_in_one_batch_and_across_batches(
    outside: Outside, staff: Staff, decision_id: str
) -> None:
    token_id = r.token_id(outside, staff)
    item = interactions.Report("e1", decision_id, outside.now(), "offline-clinical-1")
    assert interactions.report(outside, token_id, [item, item]) == interactions.Received(1, 1, 0)
    assert interactions.report(outside, token_id, [item]) == interactions.Received(0, 1, 0)
    assert len(rows(outside)) == 1


def changed_decisions(decision_id: str) -> list[str]:
    parts = decision_id.split(".")
    return [
        decision_id[:-1] + ("0" if decision_id[-1] != "0" else "1"),
        ".".join([parts[0], "live", *parts[2:]]),
        ".".join([*parts[:2], "1", *parts[3:]]),
        ".".join([*parts[:3], "0" * 16, *parts[4:]]),
        "dec_made-up",
        "",
        "é" * 30,
        decision_id * 5,
    ]


def test_a_decision_that_is_not_ours_is_set_apart_and_never_counted(
    outside: Outside, staff: Staff, decision_id: str
) -> None:
    changed = changed_decisions(decision_id)
    for text in changed:
        assert r.report(outside, staff, text).quarantined == 1
    assert rows(outside) == []
    assert quarantined(outside) == len(changed)


def test_a_token_for_other_prompts_reports_nothing_of_this_one(
    outside: Outside, staff: Staff, decision_id: str
) -> None:
    with outside.database.writing() as session:
        session.add(Prompt(id="prm_x", name="letters", risk_class="administrative", created_at=outside.now()))
    bearer = find_bearer(outside, r.token(outside, staff, prompts=("letters",)))
    item = interactions.Report("e1", decision_id, outside.now(), "offline-clinical-1")
    assert interactions.report(outside, bearer.id, [item]) == interactions.Received(0, 0, 1)
    with outside.database.reading() as session:
        assert session.scalars(select(Quarantined.reason)).one() == "prompt_not_allowed"
    with pytest.raises(Refused, match="not for this prompt") as refused:
        interactions.report_problem(outside, bearer.id, decision_id, "Wrong dose", True)
    assert refused.value.code == "prompt_not_allowed"
    assert rows(outside) == []


def test_identifiers_are_blotted_out_before_anything_is_stored(
    outside: Outside, staff: Staff, decision_id: str
) -> None:
    planted = ["rosa.larkin@example.org", "123-45-6789", "44567781", "1961-04-05", "212-555-0187", "Larkin"]
    request = "Mrs Larkin, MRN: 44567781, DOB 1961-04-05, SSN 123-45-6789."
    response = "Wrote to rosa.larkin@example.org and called 212-555-0187."
    r.report(outside, staff, decision_id, request_text=request, response_text=response)
    (row,) = rows(outside)
    stored = f"{row.request_text} {row.response_text}"
    assert [text for text in planted if text in stored] == []
    assert row.masked_count >= 6
    assert row.phi_flagged


def test_content_may_be_left_out(outside: Outside, staff: Staff, decision_id: str) -> None:
    r.report(outside, staff, decision_id, request_text=None, response_text=None, source_ref="note/1")
    (row,) = rows(outside)
    assert (row.request_text, row.response_text, row.source_ref, row.phi_flagged) == (None, None, "note/1", False)


def test_the_reference_to_the_record_stands_with_its_call_and_in_no_log_and_no_entry(
    outside: Outside, staff: Staff, decision_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        r.report(outside, staff, decision_id, source_ref="enc-90210-x")
        r.report(outside, staff, "dec_made-up", source_ref="enc-90210-x")
        interactions.report_problem(outside, r.token_id(outside, staff), decision_id, "Wrong dose", True)
    holding = []
    with outside.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            if any("enc-90210-x" in str(row) for row in session.execute(select(table))):
                holding.append(table.name)
    assert holding == ["interactions"]
    assert "enc-90210-x" not in caplog.text


def test_at_most_500_events_come_in_one_batch(outside: Outside, staff: Staff, decision_id: str) -> None:
    token_id = r.token_id(outside, staff)
    batch = [interactions.Report(f"e{n}", decision_id, outside.now(), "m") for n in range(501)]
    with pytest.raises(InvalidInput, match="At most 500"):
        interactions.report(outside, token_id, batch)
    assert rows(outside) == []
    assert interactions.report(outside, token_id, batch[:500]).accepted == 500


BAD: dict[str, tuple[object, str]] = {
    "not an object": (["e1"], "not an object"),
    "unknown field": ({**GOOD, "patient_name": "x"}, "no field patient_name"),
    "no event id": ({**GOOD, "event_id": ""}, "event_id is missing"),
    "no decision": ({k: v for k, v in GOOD.items() if k != "decision_id"}, "decision_id is missing"),
    "number as text": ({**GOOD, "tokens_in": "12"}, "tokens_in has the wrong type"),
    "fraction": ({**GOOD, "latency_ms": 1.5}, "latency_ms has the wrong type"),
    "yes as a number": ({**GOOD, "tokens_in": True}, "tokens_in has the wrong type"),
    "negative": ({**GOOD, "cost_microusd": -1}, "from 0 to"),
    "endless number": ({**GOOD, "tokens_out": 10**30}, "from 0 to"),
    "time without zone": ({**GOOD, "happened_at": "2026-03-02T09:00:00"}, "with its zone"),
    "no time": ({**GOOD, "happened_at": "yesterday"}, "RFC 3339"),
    "time before the calendar": ({**GOOD, "happened_at": "0001-01-01T00:00:00+14:00"}, "RFC 3339"),
    "long event id": ({**GOOD, "event_id": "e" * 81}, "at most 80"),
    "long model": ({**GOOD, "model": "m" * 201}, "at most 200"),
    "long error": ({**GOOD, "error": "e" * 61}, "at most 60"),
    "odd outcome": ({**GOOD, "outcome": "liked"}, "outcome is one of"),
    "NUL": ({**GOOD, "response": "a\0b"}, "NUL"),
    "half a character": ({**GOOD, "site": "\ud800"}, "half a character"),
}


@pytest.mark.parametrize(("document", "sentence"), BAD.values(), ids=BAD)
def test_bad_input_is_one_sentence_that_names_the_place(document: object, sentence: str) -> None:
    with pytest.raises(InvalidInput, match=sentence) as refused:
        interactions.read_report(document, "Event 3")
    assert refused.value.sentence.startswith("Event 3")


def test_a_good_report_is_read_with_its_time_in_utc() -> None:
    given = {**GOOD, "happened_at": "2026-03-02T11:00:00+02:00", "displayed": False, "response": "x", "outcome": None}
    report = interactions.read_report(given, "Event 1")
    assert report.happened_at == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    assert (report.is_displayed, report.response_text, report.outcome) == (False, "x", None)


def test_a_problem_marks_its_call_and_is_masked(outside: Outside, staff: Staff, decision_id: str) -> None:
    r.report(outside, staff, decision_id)
    token_id = r.token_id(outside, staff)
    assert interactions.report_problem(outside, token_id, decision_id, "Wrong dose for Mrs Larkin", False)
    (row,) = rows(outside)
    assert not row.harm_reported
    with outside.database.reading() as session:
        assert session.scalars(select(ProblemReport.words)).one() == "Wrong dose for [name]"
    assert interactions.report_problem(outside, token_id, decision_id, "It was given", True)
    (row,) = rows(outside)
    assert row.harm_reported
    assert interactions.report_problem(outside, token_id, decision_id, "Not sure any more", False)
    assert rows(outside)[0].harm_reported


def test_a_problem_may_come_before_its_call(outside: Outside, staff: Staff, decision_id: str) -> None:
    token_id = r.token_id(outside, staff)
    assert interactions.report_problem(outside, token_id, decision_id, "Wrong dose", True)
    assert r.report(outside, staff, decision_id).accepted == 1
    assert sum(row.harm_reported for row in rows(outside)) == 1


def test_a_problem_without_a_decision_of_ours_is_not_stored(outside: Outside, staff: Staff, decision_id: str) -> None:
    token_id = r.token_id(outside, staff)
    for text in changed_decisions(decision_id):
        assert not interactions.report_problem(outside, token_id, text, "Wrong dose", True)
    with pytest.raises(InvalidInput, match="NUL"):
        interactions.report_problem(outside, token_id, decision_id, "a\0b", True)
    assert rows(outside) == []


def local_decisions(outside: Outside, change_id: str, units: list[str], arm: str = "candidate") -> list[str]:
    """What an application writes that decides by itself: under one grant, whatever the unit."""
    found, release = r.rollout_of(outside, change_id), r.release_of(outside, change_id)
    release_id = release.id if arm == "candidate" else found.baseline_release_id
    grant = grant_of(str(release_id), arm, 0, outside.keyring.mac)
    at = int(outside.now().timestamp())
    return [f"loc_{release_id}.{arm}.0.{unit_hash(unit, found.salt)}.{at}.{grant}" for unit in units]


def test_problems_of_two_units_under_one_grant_are_both_stored(outside: Outside, staff: Staff) -> None:
    change_id, token_id = r.started(outside, staff), r.token_id(outside, staff)
    for decision in local_decisions(outside, change_id, ["encounter-1", "encounter-2"]):
        assert interactions.report_problem(outside, token_id, decision, "It was given", True)
    assert len({row.unit_hash for row in rows(outside) if row.harm_reported}) == 2


def test_a_problem_of_a_request_with_a_silent_run_is_of_the_answer_that_was_shown(
    outside: Outside, staff: Staff
) -> None:
    r.live_first(outside, staff)
    before = len(rows(outside))
    steps = [{"kind": "shadow", "share_basis_points": 10_000, "min_units": r.MIN_UNITS}, *r.DIRECT["steps"]]
    change_id = r.started(outside, staff, {"steps": steps}, **r.version("1.1"))
    (decision,) = local_decisions(outside, change_id, ["encounter-1"], "shadowed")
    r.report(outside, staff, decision, is_displayed=False)
    assert interactions.report_problem(outside, r.token_id(outside, staff), decision, "It was given", True)
    assert [(row.arm, row.harm_reported) for row in rows(outside)[before:]] == [("shadow", False), ("live", True)]


def test_what_an_earlier_rollout_showed_is_no_evidence_for_a_later_one(outside: Outside, staff: Staff) -> None:
    """An application's disk may hold reports for days; a hostile one may send old decisions again under new event ids."""
    first = r.second(outside, staff)
    first_id = r.rollout_of(outside, first).id
    units = [next(r.inside_units(outside, first)), next(r.outside_units(outside, first))]
    decided = [r.serve(outside, unit)["decision_id"] for unit in units]
    r.roll_back(outside, staff, first)
    outside.now.forward(seconds=3_600)  # type: ignore[attr-defined]
    later = r.started(outside, staff, **r.version("1.2"))
    before = len(rows(outside))
    for decision in decided:
        r.report(outside, staff, decision)
    late = rows(outside)[before:]
    assert [(row.arm, row.rollout_id) for row in late] == [("candidate", first_id), ("live", first_id)]
    with outside.database.reading() as session:
        assert step_seen(session, r.rollout_of(outside, later)).units == ()


def test_harm_of_a_request_that_names_no_unit_rolls_back_too(outside: Outside, staff: Staff) -> None:
    """In the last step it gets the new version, and counts in no step."""
    r.live_first(outside, staff)
    change_id = r.started(outside, staff, r.DIRECT, **r.version("1.1"))
    decision = r.serve(outside, None)["decision_id"]
    assert interactions.report_problem(outside, r.token_id(outside, staff), decision, "It was given", True)
    assert rollout.watch(outside) == [f"roll_back {change_id}"]
