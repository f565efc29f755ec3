"""What the estimate before a run promises is what happens."""

from __future__ import annotations

import pytest

from tests.domain.statistics.arms import compared, graded_arms
from webapp.domain.statistics.power import (
    cases_to_show,
    identical_cases,
    identical_reach,
    power_harmless,
    tidy,
)
from webapp.domain.verdict import Verdict
from webapp.errors import InvalidInput


@pytest.mark.parametrize("n", [40, 80, 160])
def test_a_harmless_change_holds_as_often_as_was_said(n: int) -> None:
    held = sum(compared(graded_arms(seed, n)).verdict is Verdict.PASS for seed in range(300)) / 300
    assert held == pytest.approx(power_harmless(n, 0.1, 0.03), abs=0.08)


def test_the_number_of_cases_reaches_the_power_asked_for_and_one_less_does_not() -> None:
    n = cases_to_show(0.3, 0.03, power=0.9)
    assert n is not None
    assert power_harmless(n, 0.3, 0.03) >= 0.9 > power_harmless(n - 1, 0.3, 0.03)


def test_no_number_of_cases_shows_a_margin_of_nothing() -> None:
    assert cases_to_show(0.3, 0.0) is None
    assert power_harmless(1000, 0.3, 0.0) == 0.0


def test_identical_cases_follow_the_rule_of_three() -> None:
    n = identical_cases(0.03)
    assert identical_reach(n) < 0.03 <= identical_reach(n - 1)
    assert n == 99
    assert power_harmless(99, 0.0, 0.03) == 1.0
    assert power_harmless(98, 0.0, 0.03) == 0.0


def test_estimates_are_rounded_up_to_look_like_estimates() -> None:
    assert [tidy(n) for n in (7, 94, 137, 1234)] == [7, 94, 140, 1300]


def test_a_spread_that_means_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput):
        power_harmless(10, float("nan"), 0.03)
