"""Percentiles of what answers took, and what a result says of them."""

from __future__ import annotations

import pytest

from tests.domain.evaluation.marks import cases, rules
from webapp.domain.evaluation.conclusion import Conclusion, conclude, result_document
from webapp.domain.evaluation.spread import Spread, spread_of
from webapp.domain.evaluation.tally import Mark, Tally


@pytest.mark.parametrize(
    ("values", "p50", "p95"),
    [
        ([7], 7, 7),
        ([1, 2], 1, 2),
        (list(range(1, 101)), 50, 95),
        (list(range(20, 0, -1)), 10, 19),
        ([0] * 99 + [9], 0, 0),
    ],
)
def test_percentiles_are_amounts_that_were_seen(values: list[float], p50: int, p95: int) -> None:
    assert spread_of(values) == Spread(p50, p95, len(values))


def test_nothing_measured_has_no_spread() -> None:
    assert spread_of([]) is None


def _conclusion(latencies: dict[str, list[float | None]]) -> Conclusion:
    """A run of as many cases as there are latencies, which knows nothing else."""
    tally = Tally(has_baseline="baseline" in latencies)
    count = len(latencies["candidate"])
    for arm, found in latencies.items():
        for case, value in zip(cases(count), found, strict=True):
            tally.add(Mark(case.id, arm, 0, "latency", "unscored" if value is None else "scored", value))
    return conclude(tally, cases(count), rules())


def test_a_result_holds_the_middle_and_the_ninety_fifth_percentile_of_both_arms() -> None:
    found = _conclusion({"candidate": [100.0 * n for n in range(1, 21)], "baseline": [50.0 * n for n in range(1, 21)]})
    row = next(one for one in result_document(found, {})["measures"] if one["measure"] == "latency")
    assert row["spread"] == {
        "candidate": {"p50": 1000, "p95": 1900, "answers": 20},
        "baseline": {"p50": 500, "p95": 950, "answers": 20},
    }
    assert row["sentence"].startswith(
        "New: half of the answers up to 1000 ms, 95 of 100 up to 1900 ms, measured on 20. "
        "Live: half of the answers up to 500 ms, 95 of 100 up to 950 ms, measured on 20. 525 ms more on average"
    )
    assert (row["primary"], row["verdict"]) == (False, "not_asked")


def test_a_spread_counts_only_the_answers_that_were_measured() -> None:
    found = _conclusion({"candidate": [None, 300.0, None, 100.0]})
    row = next(one for one in result_document(found, {})["measures"] if one["measure"] == "latency")
    assert row["spread"] == {"candidate": {"p50": 100, "p95": 300, "answers": 2}}


def test_where_nothing_was_measured_the_result_says_so_and_holds_no_zero() -> None:
    found = _conclusion({"candidate": [None, None], "baseline": [None, None]})
    row = next(one for one in result_document(found, {})["measures"] if one["measure"] == "latency")
    assert "spread" not in row
    assert "candidate_mean_ppm" not in row
    assert row["sentence"].startswith("Not measured. No answer reported it; the offline model has no time")
