"""Rollout: start, steps, limits, stops, roll back, and where the live pointer stands after each."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.services.submissions import prompt_bytes
from tests.stages import change_in, stage_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.database import Database
from webapp.adapters.store.schema import Leaf, LivePeriod, Payload, Prompt, Release, Signature
from webapp.domain.workflow.evidence import Conclusion
from webapp.errors import Conflict, FormularyError, InvalidInput, Refused
from webapp.services import interactions, post_audit, rollout


def live_id(outside: Outside) -> str | None:
    with outside.database.reading() as session:
        return session.scalars(select(Prompt).where(Prompt.name == r.NAME)).one().live_release_id


def periods(outside: Outside) -> list[tuple[str | None, bool]]:
    """What was live, in order, and whether that is over."""
    with outside.database.reading() as session:
        rows = session.scalars(select(LivePeriod).order_by(LivePeriod.entry_seq))
        return [(row.release_id, row.ended_at is not None) for row in rows]


def arms(outside: Outside, units: list[str]) -> list[str]:
    return [r.serve(outside, unit)["arm"] for unit in units]


def take(units: object, count: int) -> list[str]:
    return [next(units) for _ in range(count)]  # type: ignore[call-overload]


# -- start


def test_nothing_is_served_before_the_author_starts(outside: Outside, staff: Staff) -> None:
    r.signed(outside, staff)
    with pytest.raises(Conflict, match="fallback workflow"):
        r.serve(outside, "encounter-1")


def test_only_a_contributor_starts(outside: Outside, staff: Staff) -> None:
    change_id = r.signed(outside, staff)
    for name in ("ben", "kim", "osei", "ruth"):
        with pytest.raises(Refused):
            rollout.start(outside, staff.act_as(name), change_id, r.digest(outside, change_id))
    with pytest.raises(FormularyError, match="signed in"):
        rollout.start(outside, staff.act_as("ada", via="token"), change_id, r.digest(outside, change_id))


def test_a_change_without_its_signatures_cannot_start(outside: Outside, staff: Staff) -> None:
    change_id = r.signed(outside, staff)
    r.tamper(outside, "DELETE FROM signatures WHERE move = 'sign'")
    with pytest.raises(Conflict, match="missing"):
        rollout.start(outside, staff.act_as("ada"), change_id, r.digest(outside, change_id))
    assert live_id(outside) is None


def test_a_change_in_sign_off_cannot_start(outside: Outside, staff: Staff) -> None:
    change_id = change_in(outside, staff, "signoff", plan=r.PLAN)
    with pytest.raises(Conflict):
        rollout.start(outside, staff.act_as("ada"), change_id, r.digest(outside, change_id))


def test_after_thirty_days_the_signature_lapses_and_the_release_is_void(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = r.signed(outside, staff)
    clock.forward(days=30)
    with pytest.raises(Conflict, match="older than 30 days"):
        rollout.start(outside, staff.act_as("ada"), change_id, r.digest(outside, change_id))
    assert rollout.lapse_old_signatures(outside) == [change_id]
    assert rollout.lapse_old_signatures(outside) == []
    assert stage_of(outside, change_id) == "signoff"
    assert r.release_of(outside, change_id).state == "void"
    with outside.database.reading() as session:
        rows = session.scalars(select(Signature).where(Signature.change_id == change_id)).all()
        assert {row.move: row.voided_at is not None for row in rows if row.move in ("approve", "sign")} == {
            "approve": False,
            "sign": True,
        }


def test_a_fresh_signature_does_not_lapse(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = r.signed(outside, staff)
    clock.forward(days=29)
    assert rollout.lapse_old_signatures(outside) == []
    rollout.start(outside, staff.act_as("ada"), change_id, r.digest(outside, change_id))
    clock.forward(days=60)
    assert rollout.lapse_old_signatures(outside) == []


def test_one_rollout_of_a_prompt_at_a_time(outside: Outside, staff: Staff) -> None:
    waiting = r.signed(outside, staff)
    r.started(outside, staff, **r.version("1.1"))
    with pytest.raises(Conflict, match="Another rollout"):
        rollout.start(outside, staff.act_as("ada"), waiting, r.digest(outside, waiting))


def test_a_change_compared_with_an_older_release_cannot_start(outside: Outside, staff: Staff) -> None:
    waiting = r.signed(outside, staff)
    other = r.started(outside, staff, r.DIRECT, **r.version("1.1"))
    r.pass_step(outside, staff, other)
    r.complete(outside, staff, other)
    with pytest.raises(Conflict, match="rebase"):
        rollout.start(outside, staff.act_as("ada"), waiting, r.digest(outside, waiting))


# -- steps


def test_with_nothing_live_a_first_version_serves_its_share_and_nothing_else(outside: Outside, staff: Staff) -> None:
    change_id = r.started(outside, staff)
    assert live_id(outside) is None
    assert arms(outside, take(r.inside_units(outside, change_id), 5)) == ["candidate"] * 5
    for unit in take(r.outside_units(outside, change_id), 5):
        with pytest.raises(Conflict) as refused:
            r.serve(outside, unit)
        assert refused.value.code == "nothing_live"
        assert refused.value.details["downtime_text"] == "Write the note by hand."


def test_widening_keeps_everyone_who_is_in(outside: Outside, staff: Staff, clock: Clock) -> None:
    wide = {
        "steps": [
            {**r.PLAN["steps"][0]},
            {**r.PLAN["steps"][0], "share_basis_points": 6_000},
            {**r.PLAN["steps"][1]},
        ]
    }
    change_id = r.second(outside, staff, wide)
    units = [f"encounter-{number}" for number in range(40)]
    first = {unit for unit in units if r.serve(outside, unit)["arm"] == "candidate"}
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    second = {unit for unit in units if r.serve(outside, unit)["arm"] == "candidate"}
    assert first < second < set(units)
    r.pass_step(outside, staff, change_id)
    beyond = take(r.outside_units(outside, change_id, 6_000), r.MIN_UNITS)
    for unit in beyond:
        r.call(outside, staff, unit)
    r.advance(outside, staff, change_id)
    assert live_id(outside) == r.release_of(outside, change_id).id
    assert {r.serve(outside, unit)["version"]["label"] for unit in units} == {"1.1"}


def test_advance_waits_for_time_units_and_limits_each_with_its_sentence(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = r.second(outside, staff)
    with pytest.raises(Conflict) as refused:
        r.advance(outside, staff, change_id)
    codes = {row["code"] for row in refused.value.details["refusals"]}
    assert codes == {"waiting_time", "too_few_units", "safety_limits"}
    assert "The waiting time of this step ends on 2 March 2026 at 11:00 UTC." in refused.value.sentence
    assert f"needs {r.MIN_UNITS} units per version; {r.MIN_UNITS} more to go" in refused.value.sentence
    r.call_all(outside, staff, change_id, take(r.inside_units(outside, change_id), r.MIN_UNITS))
    clock.forward(seconds=r.BAKE_SECONDS)
    with pytest.raises(Conflict, match="4 more to go"):
        r.advance(outside, staff, change_id)
    r.call_all(outside, staff, change_id, take(r.outside_units(outside, change_id), r.MIN_UNITS))
    with pytest.raises(Conflict, match=r"^Safety limits not shown to hold: calls that failed\.$"):
        r.advance(outside, staff, change_id)
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    assert r.rollout_of(outside, change_id).step_index == 1


def test_scores_flags_and_ratings_of_reports_feed_their_limits(outside: Outside, staff: Staff) -> None:
    names = ["checks", "unsafe_flags", "quality"]
    change_id = r.second(outside, staff, {"steps": [{**r.PLAN["steps"][0], "guardrails": names}, r.PLAN["steps"][1]]})
    r.call_all(outside, staff, change_id, [f"encounter-{number}" for number in range(1_000)])
    view = rollout.show_rollout(outside, staff.act_as("kim"), change_id)
    assert {limit.verdict for limit in view.guardrails} == {"unmeasured"}
    assert all(limit.missing for limit in view.guardrails), "the page says what applications have to report"
    judged = {"check_score": 0.875, "unsafe": False, "rating": 4}
    r.call_all(outside, staff, change_id, [f"encounter-{number}" for number in range(1_000)], **judged)
    view = rollout.show_rollout(outside, staff.act_as("kim"), change_id)
    assert {limit.verdict for limit in view.guardrails} == {"pass"}
    assert "12.5 points of 100 lost on average" in {limit.name: limit.new for limit in view.guardrails}["checks"]


def test_one_unit_counts_once_however_often_it_calls(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = r.started(outside, staff)
    (unit,) = take(r.inside_units(outside, change_id), 1)
    for _ in range(10):
        r.call(outside, staff, unit)
    clock.forward(seconds=r.BAKE_SECONDS)
    with pytest.raises(Conflict, match="3 more to go"):
        r.advance(outside, staff, change_id)


def test_limits_that_were_not_measured_never_pass(outside: Outside, staff: Staff, clock: Clock) -> None:
    free = {"steps": [{**step, "min_units": 0, "bake_seconds": 0} for step in r.PLAN["steps"]]}
    change_id = r.started(outside, staff, free)
    with pytest.raises(Conflict, match="not shown to hold: calls that failed, reports of possible harm, identifiers"):
        r.advance(outside, staff, change_id)
    units = take(r.inside_units(outside, change_id), r.SHOWING_UNITS)
    r.call_all(outside, staff, change_id, units, response_text=None)
    with pytest.raises(Conflict, match="not shown to hold: identifiers in answers"):
        r.advance(outside, staff, change_id)
    r.call_all(outside, staff, change_id, units[:1])
    r.advance(outside, staff, change_id)


def test_an_author_never_advances_their_own_change(outside: Outside, staff: Staff) -> None:
    change_id = r.started(outside, staff)
    r.pass_step(outside, staff, change_id)
    with pytest.raises(Refused):
        r.advance(outside, staff, change_id, "ada")
    with pytest.raises(FormularyError):
        rollout.advance(outside, staff.act_as("kim"), change_id, r.digest(outside, change_id), "Quiet.", "wrong")
    assert r.rollout_of(outside, change_id).step_index == 0


def test_the_last_step_makes_live_and_complete_ends(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    before = live_id(outside)
    r.pass_step(outside, staff, change_id)
    with pytest.raises(Conflict, match="Steps remain"):
        r.complete(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    release = r.release_of(outside, change_id)
    assert live_id(outside) == release.id
    with pytest.raises(Conflict, match="last step"):
        r.pass_step(outside, staff, change_id)
        r.advance(outside, staff, change_id)
    r.complete(outside, staff, change_id)
    assert stage_of(outside, change_id) == "post_audit"
    assert r.rollout_of(outside, change_id).state == "complete"
    assert periods(outside) == [(before, True), (release.id, False)]
    with outside.database.reading() as session:
        assert session.get_one(Release, before or "").state == "superseded"


# -- limits at work


def test_a_harm_report_rolls_back_by_itself_with_its_evidence(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    before = live_id(outside)
    (unit,) = take(r.inside_units(outside, change_id), 1)
    decision_id = r.call(outside, staff, unit)
    assert rollout.watch(outside) == []
    assert interactions.report_problem(outside, r.token_id(outside, staff), decision_id or "", "Wrong dose", True)
    assert rollout.watch(outside) == [f"roll_back {change_id}"]
    assert rollout.watch(outside) == []
    assert stage_of(outside, change_id) == "rolled_back"
    assert live_id(outside) == before
    assert arms(outside, [unit]) == ["live"]
    with outside.database.reading() as session:
        leaf = session.scalars(select(Leaf).where(Leaf.type == "change.roll_back")).one()
        document = json.loads(leaf.content)
        payload = session.get_one(Payload, document["payload"]["sha256"]).content.decode()
    assert document["actor"]["via"] == "system"
    assert document["reason"] == "critical_limit"
    assert {"limit": "harm_reports", "verdict": "fail", "events": 1, "new": 1, "live": None} in json.loads(payload)[
        "limits"
    ]


def test_harm_of_an_earlier_step_rolls_back_a_later_one(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    (unit,) = take(r.inside_units(outside, change_id), 1)
    early = r.call(outside, staff, unit)
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    interactions.report_problem(outside, r.token_id(outside, staff), early or "", "Wrong dose", True)
    assert rollout.watch(outside) == [f"roll_back {change_id}"]


@pytest.mark.parametrize("mode", ["freeze", "live"])
def test_harm_reported_while_held_still_rolls_back(outside: Outside, staff: Staff, mode: str) -> None:
    change_id = r.second(outside, staff)
    (unit,) = take(r.inside_units(outside, change_id), 1)
    decision_id = r.call(outside, staff, unit)
    r.hold(outside, staff, change_id, mode)
    interactions.report_problem(outside, r.token_id(outside, staff), decision_id or "", "Wrong dose", True)
    assert rollout.watch(outside) == [f"roll_back {change_id}"]


def test_an_identifier_that_the_request_did_not_hold_rolls_back(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    inside = r.inside_units(outside, change_id)
    r.call(outside, staff, next(inside), request_text="MRN: 4456 7781", response_text="Seen, mrn: 4456  7781.")
    assert rollout.watch(outside) == []
    r.call(outside, staff, next(inside), response_text="Call Mrs Larkin on 212-555-0187.")
    assert rollout.watch(outside) == [f"roll_back {change_id}"]


def test_errors_pause_and_a_person_resumes(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    inside, beyond = r.inside_units(outside, change_id), r.outside_units(outside, change_id)
    seen = next(inside)
    r.call(outside, staff, seen, error="timeout", response_text=None)
    assert rollout.watch(outside) == [], "one failed call shows nothing yet"
    units = [seen, *take(inside, 29)]
    r.call_all(outside, staff, change_id, units, error="timeout", response_text=None)
    r.call_all(outside, staff, change_id, take(beyond, 70))
    assert rollout.watch(outside) == [f"pause {change_id}"]
    row = r.rollout_of(outside, change_id)
    assert (row.state, row.serves) == ("paused", "freeze")
    assert "calls that failed" in (row.state_reason or "")
    assert arms(outside, [seen, next(inside), next(beyond)]) == ["candidate", "live", "live"]
    with pytest.raises(Conflict, match="not running"):
        r.advance(outside, staff, change_id)
    r.resume(outside, staff, change_id)
    assert r.rollout_of(outside, change_id).state == "running"


def test_errors_no_worse_than_live_do_not_pause(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    for unit in (*take(r.inside_units(outside, change_id), 4), *take(r.outside_units(outside, change_id), 4)):
        r.call(outside, staff, unit, error="timeout", response_text=None)
    assert rollout.watch(outside) == []


def test_a_step_that_never_passes_pauses_at_its_longest_time(outside: Outside, staff: Staff, clock: Clock) -> None:
    plan = {"steps": [{**r.PLAN["steps"][0], "max_seconds": 7_200}, r.PLAN["steps"][1]]}
    change_id = r.second(outside, staff, plan)
    clock.forward(seconds=7_199)
    assert rollout.watch(outside) == []
    clock.forward(seconds=1)
    assert rollout.watch(outside) == [f"pause {change_id}"]
    assert "longest time" in (r.rollout_of(outside, change_id).state_reason or "")


def test_a_rollout_that_cannot_be_read_keeps_no_other_from_being_stopped(outside: Outside, staff: Staff) -> None:
    broken = r.started(outside, staff, prompt=prompt_bytes(name="another-prompt"))
    harmful = r.started(outside, staff)
    decision_id = r.call(outside, staff, next(r.inside_units(outside, harmful)))
    interactions.report_problem(outside, r.token_id(outside, staff), decision_id or "", "Wrong dose", True)
    r.tamper(outside, "UPDATE rollouts SET plan = '{}' WHERE change_id = :id", id=broken)
    with pytest.raises(InvalidInput, match="steps"):
        rollout.watch(outside)
    assert stage_of(outside, harmful) == "rolled_back"


# -- stops


def test_freeze_keeps_who_is_in_and_lets_nobody_new_in(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    seen, new = take(r.inside_units(outside, change_id), 2)
    r.call(outside, staff, seen)
    assert arms(outside, [seen, new]) == ["candidate", "candidate"]
    r.hold(outside, staff, change_id, "freeze")
    assert arms(outside, [seen, new]) == ["candidate", "live"]
    r.resume(outside, staff, change_id)
    assert arms(outside, [seen, new]) == ["candidate", "candidate"]


def test_hold_live_sends_everyone_back(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    seen, new = take(r.inside_units(outside, change_id), 2)
    r.call(outside, staff, seen)
    r.hold(outside, staff, change_id, "live")
    assert arms(outside, [seen, new]) == ["live", "live"]


@pytest.mark.parametrize(("mode", "kept"), [("freeze", "1.1"), ("live", "1.0")])
def test_a_hold_in_the_last_step_makes_the_version_before_live_again(
    outside: Outside, staff: Staff, mode: str, kept: str
) -> None:
    change_id = r.second(outside, staff)
    before = live_id(outside)
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    r.call(outside, staff, "seen-in-last-step")
    r.hold(outside, staff, change_id, mode)
    assert live_id(outside) == before
    assert r.serve(outside, "never-seen")["version"]["label"] == "1.0"
    assert r.serve(outside, "seen-in-last-step")["version"]["label"] == kept
    r.resume(outside, staff, change_id)
    release = r.release_of(outside, change_id)
    assert (live_id(outside), release.state) == (release.id, "live")
    assert periods(outside) == [(before, True), (release.id, True), (before, True), (release.id, False)]


def test_who_may_hold_and_how(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    for name in ("ada", "quinn", "ruth"):
        with pytest.raises(Refused):
            r.hold(outside, staff, change_id, "live", name)
    with pytest.raises(FormularyError, match="Choose whether"):
        r.hold(outside, staff, change_id, "forever")
    for name in ("kim", "lund"):
        r.hold(outside, staff, change_id, "live", name)
        r.resume(outside, staff, change_id)


# -- roll back


def test_a_first_version_rolls_back_to_nothing(outside: Outside, staff: Staff) -> None:
    change_id = r.started(outside, staff, r.DIRECT)
    r.roll_back(outside, staff, change_id)
    assert live_id(outside) is None
    assert r.release_of(outside, change_id).state == "rolled_back"
    with pytest.raises(Conflict) as refused:
        r.serve(outside, "encounter-1")
    assert refused.value.details["downtime_text"] == "Write the note by hand."
    assert [is_over for _, is_over in periods(outside)] == [True, False]


def test_a_canary_rolls_back_without_touching_what_is_live(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    before, history = live_id(outside), periods(outside)
    r.roll_back(outside, staff, change_id)
    assert (live_id(outside), periods(outside)) == (before, history)
    (unit,) = take(r.inside_units(outside, change_id), 1)
    assert arms(outside, [unit]) == ["live"]


@pytest.mark.parametrize("stage", ["rollout", "post_audit", "closed"])
def test_what_is_live_rolls_back_from_every_later_stage(outside: Outside, staff: Staff, stage: str) -> None:
    change_id = r.second(outside, staff)
    before = live_id(outside)
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    if stage != "rollout":
        r.pass_step(outside, staff, change_id)
        r.complete(outside, staff, change_id)
    if stage == "closed":
        close(outside, staff, change_id)
    assert stage_of(outside, change_id) == stage
    r.roll_back(outside, staff, change_id)
    assert stage_of(outside, change_id) == "rolled_back"
    assert live_id(outside) == before
    assert r.serve(outside, "encounter-1")["version"]["label"] == "1.0"
    assert periods(outside)[-1] == (before, False)
    with pytest.raises(FormularyError):
        r.roll_back(outside, staff, change_id)


def close(outside: Outside, staff: Staff, change_id: str) -> None:
    view = post_audit.show_audit(outside, staff.act_as("kim"), change_id)
    given = post_audit.GradeGiven(True, True, "none", {name: 4 for name, _ in post_audit.RUBRIC})
    for sample in view.samples:
        for name in ("kim", "osei"):
            post_audit.grade(outside, staff.act_as(name), change_id, sample.id, given)
    conclusion = Conclusion("Kept.", outside.now().date().replace(year=2026, month=9))
    post_audit.conclude(outside, staff.act_as("osei"), change_id, r.digest(outside, change_id), conclusion, r.PASSWORD)


def test_a_superseded_release_is_not_rolled_back(outside: Outside, staff: Staff) -> None:
    first = r.live_first(outside, staff)
    second = r.started(outside, staff, r.DIRECT, **r.version("1.1"))
    assert live_id(outside) == r.release_of(outside, second).id
    with pytest.raises(Conflict, match="Another release is live"):
        r.roll_back(outside, staff, first)


def test_a_release_that_was_rolled_back_never_comes_back(outside: Outside, staff: Staff) -> None:
    """1.0 live, 1.1 in its first step, 1.0 rolled back meanwhile, 1.1 goes to everyone and is rolled back too."""
    first = r.live_first(outside, staff)
    second = r.started(outside, staff, **r.version("1.1"))
    r.pass_step(outside, staff, second)
    r.roll_back(outside, staff, first)
    assert live_id(outside) is None
    r.advance(outside, staff, second)
    assert r.serve(outside, "encounter-1")["version"]["label"] == "1.1"
    r.roll_back(outside, staff, second)
    assert live_id(outside) is None
    with pytest.raises(Conflict):
        r.serve(outside, "encounter-1")


def test_a_damaged_predecessor_does_not_keep_a_roll_back_from_happening(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    r.pass_step(outside, staff, change_id)
    r.advance(outside, staff, change_id)
    r.tamper(outside, "UPDATE versions SET content = x'00' WHERE label = '1.0'")
    r.tamper(outside, "UPDATE results SET content = x'00'")
    r.tamper(outside, "UPDATE manifests SET content = x'00'")
    r.roll_back(outside, staff, change_id)
    assert live_id(outside) is None


# -- restart


def test_a_restart_in_the_middle_of_a_step_changes_nothing(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    units = [f"encounter-{number}" for number in range(20)]
    before = [r.serve(outside, unit) for unit in units]
    again = replace(outside, database=Database(outside.settings.database_url))
    try:
        assert [r.serve(again, unit) for unit in units] == before
        assert rollout.watch(again) == []
        r.pass_step(again, staff, change_id)
        r.advance(again, staff, change_id)
    finally:
        again.database.close()
    assert r.rollout_of(outside, change_id).step_index == 1


def test_the_page_shows_steps_limits_and_open_moves(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    r.pass_step(outside, staff, change_id)
    view = rollout.show_rollout(outside, staff.act_as("kim"), change_id)
    assert [step.state for step in view.steps] == ["current", "waiting"]
    assert view.steps[0].units_seen > r.MIN_UNITS == view.steps[0].units_needed
    errors = next(limit for limit in view.guardrails if limit.words.startswith("Calls that failed"))
    seen = view.steps[0].units_seen
    assert errors.new == f"0 of {seen} encounters with a failed call (0.0\N{NO-BREAK SPACE}%)"
    outside_it = r.SHOWING_UNITS * 10_000 // r.SHARE - 1 - seen
    assert errors.live == f"0 of {outside_it} encounters (0.0\N{NO-BREAK SPACE}%)"
    assert errors.difference.startswith("0.0 points (\N{MINUS SIGN}")
    assert [look.n_new for look in errors.looks][-1] == seen
    assert (errors.looks[-1].verdict, errors.looks[0].verdict) == ("pass", "insufficient")
    assert {limit.verdict for limit in view.guardrails} == {"pass"}
    assert (view.live_label, view.new_label) == ("1.0", "1.1")
    assert [row.name for row in view.applications] == ["Ward system"]
    assert [offer.move.name for offer in view.offers][:2] == ["hold", "roll_back"]
    assert {offer.move.name for offer in view.offers if offer.is_open} >= {"advance", "hold", "roll_back"}
