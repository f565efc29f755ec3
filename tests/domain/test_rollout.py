"""Safety limits: what is not measured never passes, what is grave fails at once, and only what is shown to hold lets a step advance."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.guardrails import TABLE
from webapp.domain.plan import Step, read_plan
from webapp.domain.rollout import (
    LONGEST_PAUSE_SECONDS,
    StepSeen,
    Unit,
    has_wrong_shares,
    judge_step,
    limit_document,
    react,
    units_counted,
)
from webapp.domain.verdict import Verdict
from webapp.errors import InvalidInput

EVERY_LIMIT = [name for name, one in TABLE.items() if "canary" in one.kinds]
ENTERED = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = ENTERED + timedelta(hours=2)


def step_of(kind: str = "canary", share: int = 5_000, **changed: Any) -> Step:
    """The first step of a plan: enough after 100 units and an hour."""
    first = {"kind": kind, "share_basis_points": share, "min_units": 100, "bake_seconds": 3_600, **changed}
    steps = [first] if kind == "direct" else [first, {"kind": "direct"}]
    return read_plan({"steps": steps}).steps[0]


def units(count: int, is_new: bool, **met: Any) -> tuple[Unit, ...]:
    return tuple(Unit(is_new, f"unit-{number}", sent_text=True, **met) for number in range(count))


def both(live: int, new: int, *, live_errors: int = 0, new_errors: int = 0, **known: Any) -> StepSeen:
    """Units of both versions of which some, spread evenly, had an error."""
    arms = []
    for is_new, count, errors in ((False, live, live_errors), (True, new, new_errors)):
        failed = {number * count // errors for number in range(errors)} if errors else set()
        arms += [replace(unit, had_error=number in failed) for number, unit in enumerate(units(count, is_new))]
    return StepSeen(tuple(arms), last_report_at=LATER, **known)


def verdicts(step: Step, seen: StepSeen) -> dict[str, Verdict]:
    return {limit.name: limit.verdict for limit in judge_step(step, seen)}


def code(step: Step, seen: StepSeen, state: str = "running", now: datetime = LATER, **known: Any) -> str | None:
    found = react(step, state, ENTERED, known.get("stopped_at"), seen, now)
    return None if found is None else f"{found.move} {found.code}"


def test_nothing_seen_is_unmeasured() -> None:
    assert set(verdicts(step_of(guardrails=EVERY_LIMIT), StepSeen()).values()) == {Verdict.UNMEASURED}
    only_live = StepSeen(units(500, False))
    assert set(verdicts(step_of(guardrails=EVERY_LIMIT), only_live).values()) == {Verdict.UNMEASURED}


def test_quiet_units_hold_once_they_show_it_and_the_plan_has_enough() -> None:
    assert set(verdicts(step_of(), both(99, 99)).values()) == {Verdict.INSUFFICIENT}
    assert set(verdicts(step_of(), both(100, 100)).values()) == {Verdict.PASS}
    few = step_of(min_units=10)
    assert verdicts(few, both(20, 20))["errors"] is Verdict.INSUFFICIENT, "absence of alarm is not success"


def test_identifiers_are_measured_only_where_answers_were_sent() -> None:
    silent = StepSeen(tuple(replace(unit, sent_text=False) for unit in both(100, 100).units))
    assert verdicts(step_of(), silent)["phi_flags"] is Verdict.UNMEASURED
    some = StepSeen(tuple(replace(unit, sent_text=unit.key != "unit-0") for unit in both(100, 100).units))
    assert verdicts(step_of(), some)["phi_flags"] is Verdict.INSUFFICIENT


@pytest.mark.parametrize(("limit", "event"), [("harm_reports", "harm"), ("phi_flags", "identifiers")])
@pytest.mark.parametrize("count", [0, 1, 2_000])
def test_one_grave_event_fails_and_rolls_back_however_few_units_were_seen(limit: str, event: str, count: int) -> None:
    seen = replace(both(count, count), **{event: 1})
    assert verdicts(step_of(), seen)[limit] is Verdict.FAIL
    for state in ("running", "paused", "held"):
        assert code(step_of(), seen, state) == "roll_back critical_limit"
    assert code(step_of(guardrails=["errors"]), seen) == "roll_back critical_limit", "no plan switches them off"


@pytest.mark.parametrize(
    ("live_errors", "new_errors", "verdict"),
    [(0, 0, "pass"), (8, 8, "pass"), (8, 18, "insufficient"), (8, 60, "fail"), (60, 8, "pass")],
)
def test_errors_are_held_against_the_live_version_beside_it(live_errors: int, new_errors: int, verdict: str) -> None:
    seen = both(400, 400, live_errors=live_errors, new_errors=new_errors)
    assert verdicts(step_of(), seen)["errors"].value == verdict


@pytest.mark.parametrize(("errors", "verdict"), [(0, "pass"), (18, "insufficient"), (60, "fail")])
def test_where_nothing_is_live_errors_are_held_against_the_limit_itself(errors: int, verdict: str) -> None:
    seen = both(0, 400, new_errors=errors, has_live=False)
    assert verdicts(step_of(), seen)["errors"].value == verdict
    assert verdicts(step_of("direct", 10_000), seen)["errors"].value == verdict


def test_in_the_step_that_serves_everyone_errors_are_held_against_the_live_version_of_the_steps_before() -> None:
    step, often = step_of("direct", 10_000), {"new_errors": 80, "has_live": False}
    assert verdicts(step, both(0, 1_000, **often))["errors"] is Verdict.FAIL, "8 of 100, and nothing to compare with"
    before = both(1_000, 0, live_errors=80).units
    assert verdicts(step, both(0, 1_000, **often, live_before=before))["errors"] is Verdict.PASS, "no more than before"
    worse = both(0, 1_000, new_errors=180, has_live=False, live_before=before)
    assert verdicts(step, worse)["errors"] is Verdict.FAIL
    few = both(0, 1_000, **often, live_before=before[:99])
    assert verdicts(step, few)["errors"] is Verdict.FAIL, "too few to compare with"


def test_edits_and_rejections_count_only_units_of_which_clinicians_said_something() -> None:
    step = step_of(guardrails=["edits", "rejections"])
    said = StepSeen(units(200, False, was_edited=False, was_rejected=False) + units(200, True, was_edited=True))
    assert verdicts(step, said) == {"edits": Verdict.FAIL, "rejections": Verdict.UNMEASURED}


@pytest.mark.parametrize(("milliseconds", "verdict"), [(1_000, "pass"), (1_450, "insufficient"), (4_000, "fail")])
def test_time_to_answer_is_compared_as_a_ratio(milliseconds: float, verdict: str) -> None:
    step = step_of(guardrails=["latency"])
    spread = [0.8, 1.0, 1.25]
    live = [replace(unit, milliseconds=1_000 * spread[n % 3]) for n, unit in enumerate(units(120, False))]
    new = [replace(unit, milliseconds=milliseconds * spread[n % 3]) for n, unit in enumerate(units(120, True))]
    assert verdicts(step, StepSeen((*live, *new)))["latency"].value == verdict


@pytest.mark.parametrize(
    ("limit", "good", "bad"),
    [
        ("checks", {"check_score": 0.9}, {"check_score": 0.4}),
        ("unsafe_flags", {"was_unsafe": False}, {"was_unsafe": True}),
        ("quality", {"rating": 4.5}, {"rating": 2.0}),
    ],
)
def test_scores_flags_and_ratings_are_held_against_live(limit: str, good: dict[str, Any], bad: dict[str, Any]) -> None:
    step = step_of(guardrails=[limit])
    live, worse = units(400, False, **good), (*units(300, True, **good), *units(100, True, **bad))
    assert verdicts(step, StepSeen((*live, *units(400, True, **good))))[limit] is Verdict.PASS
    assert verdicts(step, StepSeen((*live, *worse)))[limit] is Verdict.FAIL
    assert verdicts(step, both(400, 400))[limit] is Verdict.UNMEASURED, "nobody reported any"
    assert verdicts(step, StepSeen((*live[:20], *worse[:20])))[limit] is Verdict.INSUFFICIENT


def test_without_a_live_version_scores_are_not_measured() -> None:
    alone = StepSeen(units(400, True, check_score=0.9, rating=4.0), has_live=False)
    found = verdicts(step_of(guardrails=["checks", "quality"]), alone)
    assert set(found.values()) == {Verdict.UNMEASURED}


def test_a_silent_run_compares_check_scores_on_the_same_encounters() -> None:
    step, spread = step_of("shadow", 10_000, guardrails=["checks", "unsafe_flags"]), [0.2, 0.6, 1.0]
    live, new = (
        [replace(one, check_score=spread[n % 3] - lost, was_unsafe=False) for n, one in enumerate(units(400, is_new))]
        for is_new, lost in ((False, 0.0), (True, 0.02))
    )
    found = {limit.name: limit for limit in judge_step(step, StepSeen((*live, *new)))}
    assert {name: limit.verdict for name, limit in found.items()} == dict.fromkeys(found, Verdict.PASS)
    assert found["checks"].found is not None
    assert found["checks"].found.estimate == pytest.approx(0.02), "the encounters differ far more than the versions"


@pytest.mark.parametrize(("kind", "limit"), [("shadow", "quality"), ("shadow", "harm_reports"), ("direct", "checks")])
def test_a_plan_cannot_name_a_limit_that_its_step_cannot_have(kind: str, limit: str) -> None:
    with pytest.raises(InvalidInput, match="guardrails of a step of this kind"):
        step_of(kind, 10_000, guardrails=[limit])


def test_a_silent_run_compares_the_same_units_and_counts_pairs() -> None:
    step = step_of("shadow", 10_000)
    half = StepSeen((*units(300, False), *units(150, True)))
    assert units_counted(step, half) == 150
    assert verdicts(step, half) == {"errors": Verdict.PASS, "phi_flags": Verdict.PASS}
    failing = StepSeen((*units(300, False), *units(150, True, had_error=True)))
    assert code(step, failing) == "pause limit"
    assert not has_wrong_shares(step, failing), "in a silent run every unit keeps the live version"


def test_shares_other_than_planned_pause() -> None:
    assert code(step_of(share=2_500), both(250, 250)) == "pause wrong_shares"
    assert code(step_of(share=2_500), both(250, 250, shares_are_planned=False)) is None
    assert not has_wrong_shares(step_of(share=2_500), both(375, 125))


def test_a_step_that_is_not_shown_to_hold_in_its_longest_time_pauses_and_is_never_promoted() -> None:
    step = step_of(max_seconds=7_200, advance="auto")
    assert code(step, both(50, 50)) == "pause overdue"
    assert code(step, both(50, 50), now=LATER - timedelta(seconds=1)) is None


def test_silence_pauses_and_a_pause_that_lasts_rolls_back() -> None:
    step = step_of(silence_seconds=3_600)
    silent = replace(both(50, 50), last_report_at=ENTERED)
    assert code(step, silent) == "pause no_reports"
    assert code(step, StepSeen()) == "pause no_reports", "also where nobody ever reported"
    quiet = replace(both(100, 100), last_report_at=ENTERED)
    assert code(step, quiet) is None, "everything holds and the waiting time is over: a person decides"
    waiting = step_of(silence_seconds=3_600, bake_seconds=86_400)
    assert code(waiting, quiet) == "pause no_reports", "what is not seen during the waiting time does not hold"
    long = LATER + timedelta(seconds=LONGEST_PAUSE_SECONDS + 1)
    assert code(step, silent, "paused", stopped_at=LATER) is None
    assert code(step, silent, "paused", now=long, stopped_at=LATER) == "roll_back pause_too_long"
    assert code(step, silent, "held", now=long, stopped_at=LATER) is None, "a person holds as long as it takes"


def test_a_step_advances_by_itself_only_where_the_plan_says_so_and_everything_holds() -> None:
    automatic = step_of(advance="auto")
    assert code(automatic, both(100, 100)) == "advance passed"
    assert code(step_of(), both(100, 100)) is None
    assert code(automatic, both(100, 100), now=ENTERED + timedelta(seconds=3_599)) is None, "the waiting time"
    assert code(automatic, both(99, 100)) is None
    for state in ("paused", "held"):
        assert code(automatic, both(100, 100), state) is None


def test_a_failing_limit_pauses_and_names_itself() -> None:
    found = react(step_of(), "running", ENTERED, None, both(200, 200, new_errors=60), LATER)
    assert found is not None
    assert (found.move, found.rule) == ("pause", "Safety limit failed: calls that failed")


def test_a_limit_is_written_for_the_record_without_fractions() -> None:
    (limit,) = judge_step(step_of(guardrails=["errors"]), both(200, 200, new_errors=60))
    document = limit_document(limit)
    assert (document["new"], document["live"], document["verdict"]) == (200, 200, "fail")
    assert document["estimate"] == "0.3000"
    assert not any(isinstance(value, float) for value in document.values())


COUNTS = st.integers(0, 160)


@given(COUNTS, COUNTS, COUNTS, st.booleans())
def test_nothing_passes_below_the_planned_units(live: int, new: int, errors: int, has_live: bool) -> None:
    seen = both(live, new, new_errors=min(errors, new), has_live=has_live)
    found = verdicts(step_of(), seen)
    if units_counted(step_of(), seen) < 100:
        assert found["errors"] is not Verdict.PASS
        assert Verdict.PASS not in found.values() or new >= 100
