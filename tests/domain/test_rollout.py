"""Safety limits: what is not measured never passes, and what is grave fails at once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.domain.plan import read_plan
from webapp.domain.rollout import StepCounts, judge_guardrails
from webapp.domain.verdict import Verdict

STEP = read_plan(
    {"steps": [{"kind": "canary", "share_basis_points": 500, "min_units": 100}, {"kind": "direct"}]}
).steps[0]


def judge(**counts: int) -> dict[str, Verdict]:
    return judge_guardrails(STEP, StepCounts(**counts))


def test_nothing_seen_is_unmeasured() -> None:
    assert set(judge().values()) == {Verdict.UNMEASURED}
    assert set(judge(units_live=500).values()) == {Verdict.UNMEASURED}


def test_too_few_units_are_insufficient() -> None:
    assert set(judge(units_new=99, units_new_with_text=99).values()) == {Verdict.INSUFFICIENT}


def test_enough_quiet_units_pass() -> None:
    assert set(judge(units_new=100, units_new_with_text=100).values()) == {Verdict.PASS}


def test_identifiers_are_measured_only_where_answers_were_sent() -> None:
    assert judge(units_new=100)["phi_flags"] is Verdict.UNMEASURED
    assert judge(units_new=100, units_new_with_text=99)["phi_flags"] is Verdict.INSUFFICIENT


@pytest.mark.parametrize(
    ("name", "field"), [("harm_reports", "units_new_with_harm"), ("phi_flags", "units_new_with_phi")]
)
def test_one_grave_event_fails_however_few_units_were_seen(name: str, field: str) -> None:
    assert judge(**{field: 1})[name] is Verdict.FAIL
    assert judge(units_new=5_000, units_new_with_text=5_000, **{field: 1})[name] is Verdict.FAIL


@pytest.mark.parametrize(
    ("new_errors", "live_errors", "verdict"),
    [(5, 0, Verdict.PASS), (6, 0, Verdict.FAIL), (15, 10, Verdict.PASS), (16, 10, Verdict.FAIL)],
)
def test_errors_may_be_five_points_of_100_above_live(new_errors: int, live_errors: int, verdict: Verdict) -> None:
    found = judge(units_new=100, units_live=100, units_new_with_error=new_errors, units_live_with_error=live_errors)
    assert found["errors"] is verdict


COUNTS = st.builds(StepCounts, *[st.integers(0, 300)] * 7)


@given(COUNTS)
def test_nothing_passes_below_the_planned_units(counts: StepCounts) -> None:
    if counts.units_new < STEP.min_units:
        verdicts = judge_guardrails(STEP, counts)
        assert verdicts["errors"] is not Verdict.PASS
        assert verdicts["harm_reports"] is not Verdict.PASS
