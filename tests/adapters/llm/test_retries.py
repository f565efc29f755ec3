"""Waiting between attempts, and keeping to a provider's pace."""

from __future__ import annotations

import pytest

from webapp.adapters.llm.pace import Allowance, Pace, wait_seconds
from webapp.adapters.llm.retries import RetryPlan, retry_after_seconds

PLAN = RetryPlan(attempts=4, first_wait_seconds=1.0, longest_wait_seconds=3.0, longest_obeyed_seconds=60.0)


def test_waits_double_up_to_the_longest_and_chance_spreads_them_over_the_upper_half() -> None:
    assert [PLAN.wait_seconds(attempt, 1.0, None) for attempt in (1, 2, 3)] == [1.0, 2.0, 3.0]
    assert [PLAN.wait_seconds(attempt, 0.0, None) for attempt in (1, 2, 3)] == [0.5, 1.0, 1.5]


def test_after_the_last_attempt_there_is_no_wait() -> None:
    assert PLAN.wait_seconds(4, 0.5, None) is None
    assert PLAN.wait_seconds(4, 0.5, 1.0) is None


def test_a_wait_asked_for_is_never_cut_short() -> None:
    assert PLAN.wait_seconds(1, 0.5, 20.0) == 20.0
    assert PLAN.wait_seconds(3, 1.0, 0.1) == 3.0


def test_a_wait_longer_than_we_obey_ends_the_call() -> None:
    assert PLAN.wait_seconds(1, 0.5, 61.0) is None


@pytest.mark.parametrize(
    ("header", "sent_at", "seconds"),
    [
        ("7", None, 7.0),
        ("0", None, 0.0),
        ("1.5", None, 1.5),
        ("Mon, 23 Nov 2026 10:00:30 GMT", "Mon, 23 Nov 2026 10:00:00 GMT", 30.0),
        ("Mon, 23 Nov 2026 09:00:00 GMT", "Mon, 23 Nov 2026 10:00:00 GMT", 0.0),
        ("Mon, 23 Nov 2026 10:00:30 GMT", None, None),
        ("soon", "Mon, 23 Nov 2026 10:00:00 GMT", None),
        ("-3", None, None),
        ("nan", None, None),
        ("inf", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_retry_after_is_read_as_number_or_date(header: str | None, sent_at: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, sent_at) == seconds


def wait(allowance: Allowance, amount: int, now: float) -> float:
    return allowance.take(amount, now).wait_seconds(now)


def test_an_allowance_lets_a_minutes_worth_through_and_then_makes_takers_wait_in_order() -> None:
    allowance = Allowance(per_minute=60)
    assert [wait(allowance, 1, 0.0) for _ in range(60)] == [0.0] * 60
    assert wait(allowance, 1, 0.0) == pytest.approx(1.0)
    assert wait(allowance, 1, 0.0) == pytest.approx(2.0)
    assert wait(allowance, 1, 10.0) == 0.0


def test_an_allowance_never_saves_up_more_than_a_minute() -> None:
    allowance = Allowance(per_minute=60)
    allowance.take(1, now=0.0)
    assert [wait(allowance, 1, 86_400.0) for _ in range(60)] == [0.0] * 60
    assert wait(allowance, 1, 86_400.0) == pytest.approx(1.0)


def test_a_call_larger_than_the_allowance_still_goes_through() -> None:
    assert wait(Allowance(per_minute=60), 1_000_000, 0.0) == 0.0


def test_a_pace_waits_for_the_slower_of_requests_and_tokens() -> None:
    pace = Pace(rpm=600, tpm=600)
    assert wait_seconds(pace.take(600, now=0.0), 0.0) == 0.0
    assert wait_seconds(pace.take(60, now=0.0), 0.0) == pytest.approx(6.0)
