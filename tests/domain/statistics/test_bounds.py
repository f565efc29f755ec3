"""Intervals against published examples and against scipy."""

from __future__ import annotations

import pytest
from scipy import stats

from webapp.domain.statistics.bounds import (
    clopper_pearson_upper,
    newcombe_paired,
    wilson,
    words_for_events,
    words_for_none,
)
from webapp.errors import InvalidInput


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_gives_the_intervals_printed_by_newcombe_1998(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("successes", "n"), [(0, 10), (3, 40), (40, 40), (77, 400)])
def test_wilson_agrees_with_scipy(successes: int, n: int) -> None:
    expected = stats.binomtest(successes, n).proportion_ci(0.95, method="wilson")
    assert wilson(successes, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@pytest.mark.parametrize(("events", "n"), [(0, 300), (2, 240), (7, 50)])
def test_the_exact_bound_is_where_so_few_events_would_be_a_one_in_twenty_chance(events: int, n: int) -> None:
    bound = clopper_pearson_upper(events, n)
    assert stats.binom.cdf(events, n, bound) == pytest.approx(0.05, abs=1e-9)


def test_all_of_n_leaves_everything_open() -> None:
    assert clopper_pearson_upper(5, 5) == 1.0


def test_newcombe_gives_the_printed_interval_of_the_airway_example() -> None:
    # 21 children before and after transplantation: 1 both, 1 only before, 7 only after, 12 neither (Fagerland et al. 2014)
    low, high = newcombe_paired(1, 1, 7, 12)
    assert (round(low, 3), round(high, 3)) == (-0.507, -0.026)


def test_newcombe_turns_round_with_the_arms() -> None:
    low, high = newcombe_paired(40, 9, 4, 20)
    assert newcombe_paired(40, 4, 9, 20) == pytest.approx((-high, -low))


def test_newcombe_leaves_something_open_where_nothing_differs() -> None:
    low, high = newcombe_paired(100, 0, 0, 0)
    assert low < 0 < high
    assert high - low < 0.1


def test_no_event_is_said_with_its_bound() -> None:
    assert words_for_none(300) == "0 of 300: below 1.0 %"
    assert words_for_events(2, 240) == "2 of 240: below 2.6 %"
    assert words_for_none(0) == "0 of 0: nothing is known"


def test_no_case_gives_no_share() -> None:
    with pytest.raises(InvalidInput):
        wilson(0, 0)
