"""A clock may be moved by ten minutes and no more, forward or back, while a program runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.adapters.clock import counted_seconds, measured_step, now
from webapp.domain.record.steady_clock import CLOCK_STEPPED, is_steady, require_steady, step_sentence
from webapp.errors import Unavailable


@pytest.mark.parametrize(
    ("minutes", "good"), [(0, True), (10, True), (-10, True), (10.01, False), (-10.01, False), (60 * 24 * 365, False)]
)
def test_ten_minutes_are_the_limit_both_ways(minutes: float, good: bool) -> None:
    step = timedelta(minutes=minutes)
    assert is_steady(step) is good
    if good:
        require_steady(step)
        return
    with pytest.raises(Unavailable) as refused:
        require_steady(step)
    assert refused.value.code == CLOCK_STEPPED


def test_the_sentence_says_how_far_and_which_way() -> None:
    assert "forward by 2 h 5 min" in step_sentence(timedelta(minutes=125))
    assert "back by 11 min" in step_sentence(-timedelta(minutes=11))


def test_a_step_is_what_the_clock_shows_beyond_the_seconds_that_went_by() -> None:
    wall, counted = [datetime(2026, 3, 2, 9, 0, tzinfo=UTC)], [100.0]
    step = measured_step(lambda: wall[0], lambda: counted[0])
    assert step() == timedelta(0)
    wall[0] += timedelta(hours=3)
    counted[0] += 3 * 3600
    assert step() == timedelta(0), "time that really went by, also while the machine slept, is no step"
    wall[0] -= timedelta(hours=1)
    assert step() == -timedelta(hours=1)
    wall[0] += timedelta(hours=1)
    assert step() == timedelta(0), "a clock that was set right again is right"


def test_the_real_clocks_agree_with_each_other() -> None:
    assert is_steady(measured_step(now, counted_seconds)())
