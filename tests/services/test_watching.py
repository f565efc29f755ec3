"""The watch over rollouts: silence, dead schedulers, wrong shares, silent runs, cohorts, and steps that advance by themselves."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select, update

from tests import rollouts as r
from tests.conftest import Clock, Staff
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Interaction, Leaf, Rollout
from webapp.domain.cohorts import Place
from webapp.errors import Conflict
from webapp.services import delivery, rollout

HOURS = 3_600
SILENT: dict[str, Any] = {
    "steps": [
        {"kind": "shadow", "share_basis_points": 10_000, "min_units": 5, "guardrails": ["phi_flags"]},
        *r.PLAN["steps"],
    ]
}
COHORT: dict[str, Any] = {
    "steps": [
        {"kind": "canary", "share_basis_points": 10_000, "cohort": {"sites": ["North"]}, "min_units": 5},
        *r.PLAN["steps"],
    ]
}


def state_of(outside: Outside, change_id: str) -> str:
    return r.rollout_of(outside, change_id).state


def newest(outside: Outside, kind: str) -> dict[str, Any]:
    with outside.database.reading() as session:
        content = session.scalars(select(Leaf.content).where(Leaf.type == kind).order_by(Leaf.seq.desc())).first()
    return dict(json.loads(content or "{}"))


def test_nobody_gets_the_new_version_when_nobody_watches(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = r.second(outside, staff)
    unit = next(r.inside_units(outside, change_id))
    assert r.serve(outside, unit)["arm"] == "candidate"
    clock.forward(seconds=299)
    assert r.serve(outside, unit)["arm"] == "candidate"
    clock.forward(seconds=1)
    assert r.serve(outside, unit)["arm"] == "live", "a dead scheduler is a return to live"
    rollout.watch(outside)
    assert r.serve(outside, unit)["arm"] == "candidate"


@pytest.mark.parametrize("version", ["second", "first"])
def test_a_last_step_that_nobody_watches_is_a_return_to_what_was_live_before(
    outside: Outside, staff: Staff, clock: Clock, version: str
) -> None:
    """The first version of a prompt has nothing before it, and stays."""
    everyone = {"steps": [{"kind": "direct", "share_basis_points": 10_000}]}
    if version == "second":
        r.second(outside, staff, everyone)
    else:
        r.started(outside, staff, everyone)
    new, before = ("1.1", "1.0") if version == "second" else ("1.0", "1.0")
    assert r.serve(outside, "encounter-1")["version"]["label"] == new
    clock.forward(seconds=300)
    assert r.serve(outside, "encounter-1")["version"]["label"] == before
    rollout.watch(outside)
    assert r.serve(outside, "encounter-1")["version"]["label"] == new


def test_a_look_is_marked_twice_a_minute_and_not_at_every_tick(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = r.second(outside, staff)
    marks = []
    for _ in range(13):
        clock.forward(seconds=5)
        rollout.watch(outside)
        marks.append(r.rollout_of(outside, change_id).watched_at)
    assert len(set(marks)) == 3


def test_silence_pauses_and_a_pause_of_four_hours_rolls_back(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = r.second(outside, staff)
    clock.forward(seconds=24 * HOURS)
    assert rollout.watch(outside) == [f"pause {change_id}"]
    assert newest(outside, "change.pause")["reason"] == "no_reports"
    clock.forward(seconds=4 * HOURS)
    assert rollout.watch(outside) == []
    clock.forward(seconds=1)
    assert rollout.watch(outside) == [f"roll_back {change_id}"]
    assert newest(outside, "change.roll_back")["reason"] == "pause_too_long"


def test_a_pause_that_a_person_ended_does_not_roll_back(outside: Outside, staff: Staff, clock: Clock) -> None:
    change_id = r.second(outside, staff)
    clock.forward(seconds=24 * HOURS)
    rollout.watch(outside)
    r.resume(outside, staff, change_id)
    r.call_all(outside, staff, change_id, ["encounter-1"])
    clock.forward(seconds=5 * HOURS)
    assert rollout.watch(outside) == []
    assert state_of(outside, change_id) == "running"


def test_applications_that_share_out_wrongly_pause(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    units = r.inside_units(outside, change_id)
    r.call_all(outside, staff, change_id, [next(units) for _ in range(40)])
    assert rollout.watch(outside) == [f"pause {change_id}"]
    assert newest(outside, "change.pause")["reason"] == "wrong_shares"
    r.resume(outside, staff, change_id)
    assert rollout.watch(outside) == [], "who was kept out meanwhile makes the shares uneven by itself"


def test_a_silent_run_shows_the_live_version_and_counts_pairs(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff, SILENT)
    for number in range(5):
        served = r.serve(outside, f"encounter-{number}")
        assert served["arm"] == "live"
        assert (served["version"]["label"], served["shadow"]["version"]["label"]) == ("1.0", "1.1")
        r.report(outside, staff, served["decision_id"])
        assert rollout.show_rollout(outside, staff.act_as("kim"), change_id).steps[0].units_seen == number
        r.report(outside, staff, served["decision_id"], is_displayed=False)
    with outside.database.reading() as session:
        silent = session.scalars(select(Interaction).where(Interaction.arm == "shadow")).all()
        new_release = r.release_of(outside, change_id).id
    assert {(row.release_id, row.is_displayed) for row in silent} == {(new_release, False)}
    r.advance(outside, staff, change_id)
    assert r.rollout_of(outside, change_id).step_index == 1


def test_a_leak_in_a_silent_run_rolls_back_although_nobody_saw_it(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff, SILENT)
    decision_id = r.serve(outside, "encounter-1")["decision_id"]
    r.report(outside, staff, decision_id)
    r.report(outside, staff, decision_id, is_displayed=False, response_text="Call Anna Lindqvist, MRN 00123456.")
    assert rollout.watch(outside) == [f"roll_back {change_id}"]


def test_a_silent_report_without_a_silent_run_stays_with_the_version_that_was_served(
    outside: Outside, staff: Staff
) -> None:
    change_id = r.second(outside, staff)
    unit = next(r.outside_units(outside, change_id))
    r.call(outside, staff, unit, is_displayed=False)
    with outside.database.reading() as session:
        row = session.scalars(select(Interaction).order_by(Interaction.id.desc())).first()
    assert row is not None
    assert row.arm == "live"


def test_a_cohort_gets_the_new_version_and_nobody_else_counts(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff, COHORT)

    def served(unit: str, site: str) -> dict[str, Any]:
        return delivery.serve(outside, r.NAME, Place(unit, site)).document

    assert (served("a", "North")["arm"], served("a", "North")["reason"]) == ("candidate", "TARGETING_MATCH")
    assert served("b", "South")["arm"] == "live"
    for number in range(5):
        r.report(outside, staff, served(f"n{number}", "North")["decision_id"])
        r.report(outside, staff, served(f"s{number}", "South")["decision_id"])
    view = rollout.show_rollout(outside, staff.act_as("kim"), change_id)
    assert view.steps[0].share == "All encounters of a cohort (sites North)"
    with outside.database.reading() as session:
        counted = select(Interaction.arm).where(Interaction.rollout_id == r.rollout_of(outside, change_id).id)
        assert set(session.scalars(counted)) == {"candidate"}


def test_a_whole_cohort_is_held_against_the_limits_themselves_and_the_step_can_be_left(
    outside: Outside, staff: Staff
) -> None:
    named = [f"encounter-{number}" for number in range(r.SHOWING_UNITS)]
    named_units = {"steps": [{**COHORT["steps"][0], "cohort": {"units": named}}, *r.PLAN["steps"]]}
    change_id = r.second(outside, staff, named_units)
    r.call_all(outside, staff, change_id, [*named, "somebody-else"])
    assert rollout.watch(outside) == [], "nobody of the cohort gets the live version, as planned"
    r.advance(outside, staff, change_id)
    assert r.rollout_of(outside, change_id).step_index == 1


def test_a_frozen_rollout_keeps_who_is_in_also_when_their_plan_step_names_a_cohort(
    outside: Outside, staff: Staff
) -> None:
    change_id = r.second(outside, staff, COHORT)
    place = Place("a", "North")
    r.report(outside, staff, delivery.serve(outside, r.NAME, place).document["decision_id"])
    r.hold(outside, staff, change_id, "freeze")
    assert delivery.serve(outside, r.NAME, place).document["arm"] == "candidate"
    assert delivery.serve(outside, r.NAME, Place("b", "North")).document["arm"] == "live"


def test_a_plan_that_advances_by_itself_is_for_administrative_prompts(outside: Outside, staff: Staff) -> None:
    automatic = {"steps": [{**r.PLAN["steps"][0], "advance": "auto"}, r.PLAN["steps"][1]]}
    with pytest.raises(Exception, match="administrative"):
        r.started(outside, staff, automatic)


def test_an_administrative_step_advances_by_itself_once_everything_holds(
    outside: Outside, staff: Staff, clock: Clock
) -> None:
    change_id = r.second(outside, staff)
    _let_it_advance(outside, change_id)
    assert rollout.watch(outside) == []
    r.pass_step(outside, staff, change_id)
    assert r.rollout_of(outside, change_id).step_index == 1
    assert newest(outside, "change.advance")["actor"]["via"] == "system"


def _let_it_advance(outside: Outside, change_id: str) -> None:
    """As a plan of an administrative prompt has it; the class is set by hand, because its way is shorter than this one."""
    plan = {"steps": [{**r.PLAN["steps"][0], "advance": "auto"}, r.PLAN["steps"][1]]}
    with outside.database.writing() as session:
        session.execute(update(Rollout).where(Rollout.change_id == change_id).values(plan=plan))
    r.tamper(outside, "UPDATE changes SET risk_class = 'administrative' WHERE id = :id", id=change_id)


def test_a_clinical_step_never_advances_by_itself(outside: Outside, staff: Staff) -> None:
    change_id = r.second(outside, staff)
    plan = {"steps": [{**r.PLAN["steps"][0], "advance": "auto"}, r.PLAN["steps"][1]]}
    with outside.database.writing() as session:
        session.execute(update(Rollout).where(Rollout.change_id == change_id).values(plan=plan))
    r.pass_step(outside, staff, change_id)
    assert r.rollout_of(outside, change_id).step_index == 0
    with pytest.raises(Conflict):
        r.complete(outside, staff, change_id)
