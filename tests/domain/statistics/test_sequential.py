"""Evidence for every look, by simulations: how often a harmless version is called worse, and a harmful one is not."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from webapp.domain.statistics.sequential import (
    difference,
    evidence_above,
    evidence_below,
    evidence_of_wrong_shares,
    paired_difference,
)

SEEDS = range(400)
LOOKS = range(25, 1_001, 25)


def events(seed: int, share: float, n: int = 1_000) -> list[float]:
    return [float(one) for one in np.random.default_rng(seed).random(n) < share]


def alarm_at(seed: int, live: float, new: float) -> int | None:
    """After how many units per version the bound of harm leaves zero, looking every 25."""
    first, second = events(seed, live), events(seed + 10_000, new)
    for n in LOOKS:
        found = difference(second[:n], first[:n], planned=200, confidence=0.95, is_share=True)
        if found is not None and found.low > 0:
            return n
    return None


def test_a_harmless_version_is_seldom_called_worse_however_often_one_looks() -> None:
    assert sum(alarm_at(seed, 0.04, 0.04) is not None for seed in SEEDS) <= 0.05 * len(SEEDS)
    assert sum(alarm_at(seed, 0.2, 0.2) is not None for seed in SEEDS) <= 0.05 * len(SEEDS)


def test_an_ordinary_test_at_every_look_would_call_many_more_harmless_versions_worse() -> None:
    def is_called_worse(seed: int) -> bool:
        live, new = np.cumsum(events(seed, 0.04)), np.cumsum(events(seed + 10_000, 0.04))
        for n in LOOKS:
            a, b = live[n - 1] / n, new[n - 1] / n
            error = math.sqrt(max(1e-12, (a * (1 - a) + b * (1 - b)) / n))
            if (b - a) / error > stats.norm.ppf(0.95):
                return True
        return False

    assert sum(map(is_called_worse, SEEDS)) > 0.15 * len(SEEDS)


def test_three_times_the_harm_is_found() -> None:
    found = [alarm_at(seed, 0.04, 0.12) for seed in SEEDS]
    assert sum(one is not None for one in found) >= 0.99 * len(SEEDS)
    assert np.median([one for one in found if one is not None]) <= 250


def test_the_bounds_hold_the_truth_at_every_look() -> None:
    outside = 0
    for seed in SEEDS:
        first, second = events(seed, 0.10), events(seed + 10_000, 0.13)
        found = [difference(second[:n], first[:n], planned=200, confidence=0.975, is_share=True) for n in LOOKS]
        outside += any(one is not None and not one.low <= 0.03 <= one.high for one in found)
    assert outside <= 0.05 * len(SEEDS)


def test_amounts_are_compared_like_shares() -> None:
    draw = np.random.default_rng(7)
    live, slower = draw.normal(7.0, 0.5, 400), draw.normal(7.5, 0.5, 400)
    found = difference(list(slower), list(live), planned=100, confidence=0.95, is_share=False)
    assert found is not None
    assert 0.3 < found.low < found.estimate < found.high < 0.7


def test_fewer_than_two_units_say_nothing() -> None:
    assert difference([1.0], [0.0, 0.0], planned=50, confidence=0.95, is_share=True) is None
    assert paired_difference([0.0], planned=50, confidence=0.95, is_share=True) is None


def test_pairs_that_never_differ_still_leave_some_doubt() -> None:
    few, many = (paired_difference([0.0] * n, planned=50, confidence=0.95, is_share=True) for n in (20, 400))
    assert few is not None and many is not None
    assert few.high > 0.1 > 0.02 > many.high > 0


@pytest.mark.parametrize(("share", "limit"), [(0.05, 0.05), (0.03, 0.05), (0.5, 0.5)])
def test_a_bet_on_a_rate_that_is_not_above_its_limit_seldom_wins(share: float, limit: float) -> None:
    assert sum(evidence_above(events(seed, share), limit) >= 20 for seed in SEEDS) <= 0.05 * len(SEEDS)


def test_a_bet_on_a_rate_that_is_above_its_limit_wins() -> None:
    assert sum(evidence_above(events(seed, 0.12), 0.05) >= 20 for seed in SEEDS) >= 0.99 * len(SEEDS)


def test_none_of_a_hundred_shows_that_fewer_than_five_of_a_hundred_fail() -> None:
    assert evidence_below([0.0] * 100, 0.05) >= 20 > evidence_below([0.0] * 50, 0.05)


@pytest.mark.parametrize("limit", [0.0, 1.0, -0.1, 1.5])
def test_no_bet_is_placed_on_a_limit_that_nothing_could_cross(limit: float) -> None:
    assert evidence_above([1.0, 1.0, 1.0], limit) == 1.0


def test_no_unit_is_no_evidence() -> None:
    assert evidence_above([], 0.05) == evidence_below([], 0.05) == 1.0


@pytest.mark.parametrize("share", [0.01, 0.05, 0.25, 0.5])
def test_the_planned_share_is_not_called_wrong(share: float) -> None:
    def is_called_wrong(seed: int) -> bool:
        new = np.cumsum(np.random.default_rng(seed).random(4_000) < share)
        return any(
            evidence_of_wrong_shares(int(new[n - 1]), n - int(new[n - 1]), share) >= 1_000 for n in range(25, 4_001, 25)
        )

    assert sum(map(is_called_wrong, SEEDS)) <= 2


def test_another_share_than_planned_is_found() -> None:
    assert evidence_of_wrong_shares(500, 500, 0.25) > 1_000
    assert evidence_of_wrong_shares(0, 400, 0.05) > 1_000, "nobody gets the new version"
    assert evidence_of_wrong_shares(255, 745, 0.25) < 1
