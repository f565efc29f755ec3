"""Intervals and bounds for shares: Wilson, Clopper-Pearson, Newcombe's paired difference. Pure numbers, no verdicts."""

from __future__ import annotations

import math

from scipy import special

from webapp.errors import InvalidInput


def normal_quantile(probability: float) -> float:
    """The value a standard normal stays below with that probability."""
    return float(special.ndtri(probability))


def wilson(successes: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The two-sided Wilson score interval for a share (Wilson 1927)."""
    _require_counts(successes, n)
    z = normal_quantile((1 + confidence) / 2)
    share, spread = successes / n, z * z / n
    centre = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / n + spread / (4 * n)) / (1 + spread)
    return max(0.0, centre - half), min(1.0, centre + half)


def clopper_pearson_upper(successes: int, n: int, confidence: float = 0.95) -> float:
    """The exact one-sided upper bound for a share (Clopper and Pearson 1934); for 0 of n the rule of three."""
    _require_counts(successes, n)
    if successes == n:
        return 1.0
    return float(special.betaincinv(successes + 1, n - successes, confidence))


def newcombe_paired(
    both: int, only_first: int, only_second: int, neither: int, confidence: float = 0.95
) -> tuple[float, float]:
    """The two-sided interval for share one minus share two of paired yes/no results (Newcombe 1998, method 10)."""
    n = both + only_first + only_second + neither
    one, two = (both + only_first) / n, (both + only_second) / n
    low_one, high_one = wilson(both + only_first, n, confidence)
    low_two, high_two = wilson(both + only_second, n, confidence)
    link = _correlation(both, only_first, only_second, neither)
    below = _distance(one - low_one, high_two - two, link)
    above = _distance(high_one - one, two - low_two, link)
    return one - two - below, one - two + above


def words_for_none(n: int, confidence: float = 0.95) -> str:
    """What n cases without an event show, as "0 of 300: below 1.0 %"."""
    return words_for_events(0, n, confidence)


def words_for_events(events: int, n: int, confidence: float = 0.95) -> str:
    """Events of n with the upper bound of their share in percent, rounded up so that it never promises too much."""
    if n == 0:
        return "0 of 0: nothing is known"
    percent = math.ceil(clopper_pearson_upper(events, n, confidence) * 1000 - 1e-9) / 10
    return f"{events} of {n}: below {percent:.1f} %"


def _correlation(both: int, only_first: int, only_second: int, neither: int) -> float:
    """The phi coefficient, zero where a margin is empty; a positive one is corrected for continuity."""
    n = both + only_first + only_second + neither
    margins = (both + only_first) * (only_second + neither) * (both + only_second) * (only_first + neither)
    if margins == 0:
        return 0.0
    product = both * neither - only_first * only_second
    return (max(product - n / 2, 0.0) if product > 0 else product) / math.sqrt(margins)


def _distance(one: float, two: float, link: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * link * one * two + two * two))


def _require_counts(successes: int, n: int) -> None:
    if not 0 <= successes <= n or n == 0:
        raise InvalidInput("A share needs at least one case and no more successes than cases.")
