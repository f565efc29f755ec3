"""Dates of a plan at a prompt's own volume, and plans that cannot finish at it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from webapp.domain.guardrails import DEFAULTS, TABLE
from webapp.domain.plan import Plan, read_plan
from webapp.domain.plan_dates import (
    Volume,
    calendar,
    days_words,
    faults_of,
    is_quiet,
    least_units,
    pace_of,
    pace_words,
    quiet_plan,
    refuse_unfinishable,
)
from webapp.errors import InvalidInput

DAY = 86_400
NOW = datetime(2026, 12, 12, 9, tzinfo=UTC)
SIXTY = Volume("encounter", 28, (("North", "Ward system", 28 * 45), ("South", "Clinic", 28 * 15)))


def canary(share: int = 500, units: int = 93, **more: Any) -> dict[str, Any]:
    return {"kind": "canary", "share_basis_points": share, "min_units": units, "bake_seconds": DAY, **more}


def plan_of(*steps: dict[str, Any]) -> Plan:
    return read_plan({"steps": [*steps, {"kind": "direct", "bake_seconds": DAY, "min_units": 120}]})


def faults(*steps: dict[str, Any], volume: Volume | None = SIXTY, has_live: bool = True) -> str:
    return " ".join(faults_of(plan_of(*steps), volume, has_live=has_live))


def test_so_many_quiet_units_show_that_the_usual_limits_hold() -> None:
    assert least_units("canary", DEFAULTS, is_alone=False) == 78
    assert least_units("canary", DEFAULTS, is_alone=True) == 93
    assert least_units("canary", ("harm_reports", "phi_flags"), is_alone=False) == 0, "these need no comparison"
    assert least_units("canary", (*DEFAULTS, "edits", "rejections"), is_alone=False) > 78, "more limits, more units"


def test_for_every_limit_it_is_known_how_many_quiet_units_show_that_it_holds() -> None:
    for limit in TABLE.values():
        for kind in limit.kinds:
            assert least_units(kind, (limit.name,), is_alone=kind == "direct") < 200, limit.name


def test_a_step_says_how_long_its_units_take() -> None:
    step = plan_of(canary()).steps[0]
    pace = pace_of(step, SIXTY, has_live=True)
    assert pace_words(step, pace) == "93 encounters per version at 5 % of 60 a day take 31 days."
    assert pace.seconds == 31 * DAY


@pytest.mark.parametrize(
    ("step", "has_live", "needed", "part"),
    [
        (canary(500, 10), True, 78, 500),
        (canary(500, 10), False, 93, 500),
        (canary(8_000, 10), True, 78, 2_000),
        (canary(10_000, 10, cohort={"sites": ["North"]}), True, 93, 10_000),
        ({**canary(5_000, 10), "kind": "shadow"}, True, 79, 5_000),
    ],
    ids=["fewer asked for than can show anything", "nothing live", "live gets fewer", "a whole cohort", "silent run"],
)
def test_the_version_that_gets_fewer_decides(step: dict[str, Any], has_live: bool, needed: int, part: int) -> None:
    pace = pace_of(plan_of(step).steps[0], SIXTY, has_live=has_live)
    assert (pace.needed, pace.part) == (needed, part)


def test_only_units_that_are_meant_count() -> None:
    def per_day(**cohort: list[str]) -> float | None:
        return pace_of(plan_of(canary(cohort=cohort)).steps[0], SIXTY, has_live=True).meant_per_day

    assert per_day(sites=["North"]) == 45
    assert per_day(sites=["North"], applications=["Clinic"]) == 0
    assert per_day(departments=["ICU"]) is None, "reports name no departments"
    assert per_day(units=["dr-a"]) is None


def test_dates_follow_from_units_and_waiting_times() -> None:
    plan = plan_of(canary(2_500, 150), canary(5_000, 100, bake_seconds=30 * DAY))
    days = calendar(plan, SIXTY, NOW, has_live=True)
    assert [days_words(one) for one in days] == [
        "About 12 Dec - 22 Dec 2026",
        "About 22 Dec 2026 - 21 Jan 2027",
        "About 21 Jan - 23 Jan 2027",
    ]


def test_the_present_step_counts_from_its_entry_and_what_it_saw() -> None:
    plan, entered = plan_of(canary(2_500, 150)), NOW - timedelta(days=8)
    days = calendar(plan, SIXTY, NOW, has_live=True, entered=entered, seen=120)
    assert days[0] is not None
    assert (days[0].begins, days[0].ends) == (entered, NOW + timedelta(days=2))
    waiting = calendar(plan, SIXTY, NOW, has_live=True, entered=NOW - timedelta(hours=1), seen=500)
    assert waiting[0] is not None
    assert waiting[0].ends == NOW + timedelta(hours=23)


def test_without_a_volume_no_date_is_told_and_nothing_refused() -> None:
    plan = plan_of(canary(1, 100_000, max_seconds=DAY))
    assert [days_words(one) for one in calendar(plan, None, NOW, has_live=True)] == ["Dates cannot be told"] * 2
    refuse_unfinishable(plan, None, has_live=True)
    assert not is_quiet(plan, None, has_live=True)
    in_clinicians = plan_of(canary(unit="clinician", max_seconds=DAY))
    refuse_unfinishable(in_clinicians, SIXTY, has_live=True)


def test_a_plan_that_cannot_finish_is_refused_with_how_much_and_what_to_change() -> None:
    with pytest.raises(InvalidInput) as refused:
        refuse_unfinishable(plan_of(canary(max_seconds=14 * DAY)), SIXTY, has_live=True)
    assert refused.value.code == "plan_cannot_finish"
    assert refused.value.sentence == (
        "Step 1 of the rollout plan cannot finish: 93 encounters per version at 5 % of 60 a day take 31 days, 17 days more "
        "than its longest time of 14 days. Give it 31 days (max_seconds 2678400), or a share of at least 11.08 %, or watch fewer "
        "limits: to show that errors hold takes at least 78 units however few it asks for."
    )


def test_what_the_sentence_advises_makes_the_plan_finish() -> None:
    assert "takes at least 78 units" in faults(canary(units=10, max_seconds=14 * DAY)), "few asked for, many needed"
    assert "ask for at most 84 units" in faults(canary(units=300, max_seconds=28 * DAY))
    assert faults(canary(units=84, max_seconds=28 * DAY)) == ""
    assert faults(canary(units=93, share=1_108, max_seconds=14 * DAY)) == ""
    assert faults(canary(units=93, max_seconds=2_678_400)) == ""
    slow = faults(canary(1, 78))
    assert "max_seconds" not in slow, "no step may last longer than a year"


def test_a_cohort_without_anybody_and_a_silent_run_beside_nothing_never_finish() -> None:
    assert "needs 93 encounters per version and reaches 0" in faults(canary(cohort={"sites": ["West"]}))
    assert "nothing of this prompt is live" in faults({**canary(), "kind": "shadow"}, volume=None, has_live=False)


def test_what_is_held_against_the_live_version_alone_needs_one() -> None:
    timed = canary(guardrails=["errors", "latency", "cost"])
    assert "latency, cost are held against the live version, and nothing" in faults(timed, volume=None, has_live=False)
    assert faults(timed, volume=None) == ""


def test_clinicians_do_not_grow_in_number_however_long_one_waits() -> None:
    some = Volume("clinician", 28, (("North", "Ward system", 400),))
    few = faults(canary(500, unit="clinician"), volume=some)
    assert "needs 93 clinicians per version and reaches 20 in 28 days, 73 too few" in few
    assert faults(canary(2_500, unit="clinician"), volume=some) == ""


def test_a_quiet_prompt_begins_with_a_silent_run_and_a_cohort_to_be_named() -> None:
    usual = plan_of(canary(500), canary(2_500))
    assert is_quiet(usual, SIXTY, has_live=True)
    busy = Volume("encounter", 28, (("North", "Ward system", 28 * 600),))
    assert not is_quiet(usual, busy, has_live=True)
    quiet = quiet_plan(usual, SIXTY)
    assert [(step.kind, step.share_basis_points, step.cohort) for step in quiet.steps] == [
        ("shadow", 10_000, None),
        ("canary", 10_000, None),
        ("direct", 10_000, None),
    ]
    with pytest.raises(InvalidInput, match="name its cohort"):
        read_plan(quiet.document())
    document = quiet.document()
    document["steps"][1]["cohort"] = {"units": ["dr-a", "dr-b"]}
    assert not is_quiet(read_plan(document), SIXTY, has_live=True)
    assert quiet_plan(usual, Volume("encounter", 28, (("", "Clinic", 56),))).steps[0].silence_seconds == 5 * DAY
