"""The whole judgement of a step, looked at again and again: how often it stops a harmless version, and how surely a harmful one."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from scipy import stats

from webapp.domain.assignment import bucket_of, gets_new_version
from webapp.domain.guardrails import TABLE
from webapp.domain.plan import Step, read_plan
from webapp.domain.rollout import StepSeen, Unit, has_passed, judge_step, react

SEEDS = range(400)
LOOKS = range(25, 1_001, 25)
ENTERED = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = ENTERED + timedelta(days=3)
EVERY_LIMIT = ["errors", "harm_reports", "phi_flags", "edits", "rejections", "latency", "cost"]


def half(**changed: Any) -> Step:
    """The second step of the clinical plan that ships, with every second unit in."""
    step = {"kind": "canary", "share_basis_points": 5_000, "bake_seconds": 172_800, "min_units": 150, **changed}
    return read_plan({"steps": [step, {"kind": "direct"}]}).steps[0]


def stopped_after(step: Step, units: tuple[Unit, ...]) -> int | None:
    """After how many units per version the step is stopped, looking every 25; units of both versions take turns."""
    for n in LOOKS:
        if step.guardrails == half().guardrails and fails_no_more(units[: 2 * n]):
            continue  # no limit stops here, so that nothing has to be judged
        reaction = react(step, "running", ENTERED, None, StepSeen(units[: 2 * n], last_report_at=LATER), LATER)
        if reaction is not None and reaction.move in ("pause", "roll_back"):
            return n
    return None


def fails_no_more(units: tuple[Unit, ...]) -> bool:
    """Do so few more calls of the new version fail that the estimate is below the margin?"""
    more = sum(unit.had_error if unit.is_new else -unit.had_error for unit in units)
    return more <= TABLE["errors"].margin * len(units) / 2


def failing(seed: int, live: float, new: float) -> tuple[Unit, ...]:
    """1,000 units of each version in turns; each comes to harm, as a failed call, with its version's chance."""
    happened = np.random.default_rng(seed).random((LOOKS[-1], 2)) < (live, new)
    kinds = [[Unit(is_new, "unit", sent_text=True, had_error=bad) for bad in (False, True)] for is_new in (False, True)]
    return tuple(kinds[is_new][bad] for row in happened.astype(int).tolist() for is_new, bad in enumerate(row))


def alike(seed: int) -> tuple[Unit, ...]:
    """1,000 units of each version in turns that differ by chance alone, in everything that a limit watches."""
    draw = np.random.default_rng(seed)
    happened, slow = draw.random((2 * LOOKS[-1], 3)), draw.lognormal(7.0, 0.6, (2 * LOOKS[-1], 2))
    return tuple(
        Unit(
            bool(number % 2), "unit", sent_text=True, had_error=bool(bad[0] < 0.04), was_edited=bool(bad[1] < 0.2),
            was_rejected=bool(bad[2] < 0.04), milliseconds=float(amounts[0]), microusd=float(amounts[1]),
        )
        for number, (bad, amounts) in enumerate(zip(happened, slow, strict=True))
    )  # fmt: skip


def test_a_harmless_version_is_stopped_in_at_most_five_of_a_hundred_rollouts() -> None:
    stopped = sum(stopped_after(half(), failing(seed, 0.04, 0.04)) is not None for seed in SEEDS)
    assert stopped <= 0.05 * len(SEEDS)


def test_all_limits_together_stop_no_more_harmless_versions_than_one() -> None:
    some = SEEDS[:20]
    step = half(guardrails=EVERY_LIMIT)
    assert sum(stopped_after(step, alike(seed)) is not None for seed in some) <= 0.05 * len(some), "400 in docs/soak.md"


@pytest.mark.parametrize("guardrails", [["errors", "harm_reports", "phi_flags"], EVERY_LIMIT])
def test_three_times_the_harm_is_stopped_in_at_least_ninety_nine_of_a_hundred_rollouts(guardrails: list[str]) -> None:
    step = half(guardrails=guardrails)
    found = [stopped_after(step, failing(seed, 0.04, 0.12)) for seed in SEEDS]
    stopped = [n for n in found if n is not None]
    assert len(stopped) >= 0.99 * len(SEEDS)
    assert np.median(stopped) <= 250


def test_harm_as_large_as_the_margin_is_promoted_in_at_most_five_of_a_hundred_rollouts() -> None:
    some, step = SEEDS[:100], half()

    def ever_passes(seed: int) -> bool:
        units = failing(seed, 0.04, 0.09)
        looks = (StepSeen(units[: 2 * n], last_report_at=LATER) for n in LOOKS if fails_no_more(units[: 2 * n]))
        return any(has_passed(step, seen, judge_step(step, seen)) for seen in looks)

    assert sum(map(ever_passes, some)) <= 0.05 * len(some)


def test_what_is_not_shown_to_hold_is_never_promoted_however_long_it_takes() -> None:
    step = half(advance="auto", max_seconds=200_000)
    for seed in range(20):
        units = failing(seed, 0.04, 0.04)
        seen = [StepSeen(units[: 2 * n], last_report_at=LATER) for n in LOOKS[:12]]
        holds = [has_passed(step, one, judge_step(step, one)) for one in seen]
        found = [react(step, "running", ENTERED, None, one, LATER) for one in seen]
        assert [one is not None and one.move == "advance" for one in found] == holds
        assert {one.code for one in found if one is not None} <= {"passed", "overdue", "limit"}
        assert not any(holds[:4]), "fewer units than the plan wants"


# -- assignment


@pytest.mark.parametrize("share", [100, 500, 2_500, 5_000])
def test_the_share_of_20_000_units_is_the_planned_one_within_half_a_point(share: int) -> None:
    for salt in ("0123456789abcdef", "fedcba9876543210", "0000000000000000"):
        inside = sum(gets_new_version(f"encounter-{number}", salt, share) for number in range(20_000))
        assert abs(inside / 20_000 - share / 10_000) < 0.005


def test_widening_keeps_every_one_of_20_000_units_that_is_in() -> None:
    salt = "0123456789abcdef"
    before: set[str] = set()
    for share in (100, 500, 2_500, 5_000, 10_000):
        inside = {f"encounter-{n}" for n in range(20_000) if gets_new_version(f"encounter-{n}", salt, share)}
        assert before <= inside
        before = inside


def test_who_is_in_one_rollout_says_nothing_of_another() -> None:
    table = np.zeros((4, 4))
    for number in range(20_000):
        first, second = (bucket_of(f"encounter-{number}", salt) for salt in ("0123456789abcdef", "0123456789abcdee"))
        table[first // 2_500, second // 2_500] += 1
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_the_buckets_are_filled_evenly() -> None:
    counts = np.bincount([bucket_of(f"encounter-{n}", "0123456789abcdef") // 100 for n in range(20_000)], minlength=100)
    assert stats.chisquare(counts).pvalue > 0.001
    assert math.isclose(counts.sum(), 20_000)
