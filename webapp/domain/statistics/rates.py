"""A rate alone with bounds that hold at every look: the limits against which the bet of ``sequential`` would have won.

What must not live here: which limit applies, and what follows from a bound.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from webapp.domain.statistics.sequential import Difference, evidence_above, evidence_below

HALVINGS = 12


def rate_bounds(values: Sequence[float], confidence: float) -> Difference | None:
    """The mean of ``values`` (each 0..1, in order of arrival) with one-sided bounds for every look; None where there are none.

    A bound is the rate at which the bet would just have won, so it crosses a margin exactly when the verdict does.
    """
    if not values:
        return None
    needed, estimate = 1 / (1 - confidence), sum(values) / len(values)
    low, _ = _crossing(0.0, estimate, lambda rate: evidence_above(values, rate) < needed)
    _, high = _crossing(estimate, 1.0, lambda rate: evidence_below(values, rate) >= needed)
    return Difference(estimate, low, high)


def _crossing(start: float, end: float, is_beyond: Callable[[float], bool]) -> tuple[float, float]:
    """Between which two rates, one part in some thousands from each other, ``is_beyond`` becomes true."""
    for _ in range(HALVINGS):
        middle = (start + end) / 2
        start, end = (start, middle) if is_beyond(middle) else (middle, end)
    return start, end
