"""A rate alone: its bounds cross a margin exactly when the bet is won."""

from __future__ import annotations

import pytest

from webapp.domain.statistics.rates import rate_bounds
from webapp.domain.statistics.sequential import evidence_above, evidence_below


def test_nothing_seen_says_nothing() -> None:
    assert rate_bounds([], 0.95) is None


@pytest.mark.parametrize("values", [[0.0] * 92, [0.0] * 93, [0.0, 0.0, 0.0, 1.0] * 30, [1.0] * 40, [0.0]])
def test_a_bound_crosses_a_margin_with_the_verdict(values: list[float]) -> None:
    found = rate_bounds(values, 0.95)
    assert found is not None
    assert found.low <= found.estimate == sum(values) / len(values) <= found.high
    for margin in (0.05, 0.1, 0.3):
        assert (found.high < margin) is (evidence_below(values, margin) >= 20)
        assert (found.low > margin) is (evidence_above(values, margin) >= 20)
