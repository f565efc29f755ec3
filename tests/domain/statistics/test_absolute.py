"""A first version against thresholds."""

from __future__ import annotations

import math

import pytest
from scipy import stats

from webapp.domain.statistics.absolute import Absolute, Single, hold_against
from webapp.domain.verdict import Verdict
from webapp.errors import InvalidInput


def held(values: list[float], threshold: float = 0.9, clusters: int | None = None, **more: int) -> Absolute:
    singles = [Single(f"c{i}", f"p{i % clusters}" if clusters else "", value) for i, value in enumerate(values)]
    counts = {"least_cases": 30, "total_cases": len(values), "unscored": 0, **more}
    return hold_against(singles, threshold=threshold, **counts)


def test_a_clearly_good_version_holds_and_a_clearly_bad_one_does_not() -> None:
    assert held([1.0] * 196 + [0.0] * 4).verdict is Verdict.PASS
    assert held([1.0] * 150 + [0.0] * 50).verdict is Verdict.FAIL
    assert held([1.0] * 92 + [0.0] * 8).verdict is Verdict.INSUFFICIENT


def test_yes_no_results_have_the_one_sided_wilson_bound() -> None:
    known = held([1.0] * 180 + [0.0] * 20)
    expected = stats.binomtest(180, 200).proportion_ci(0.90, method="wilson")
    assert known.bound == pytest.approx(expected.low)


def test_marks_have_the_t_bound() -> None:
    marks = [0.9, 0.95, 0.8, 1.0, 0.85] * 20
    known = held(marks, 0.85)
    reach = stats.t.ppf(0.95, 99) * stats.sem(marks)
    assert known.bound == pytest.approx(sum(marks) / 100 - reach)
    assert known.verdict is Verdict.PASS


def test_the_same_marks_in_few_clusters_promise_less() -> None:
    marks = [1.0, 0.5, 0.9, 0.6, 0.8] * 20
    assert held(marks, clusters=5).bound < held(marks).bound


def test_perfect_marks_leave_what_the_rule_of_three_leaves() -> None:
    assert held([1.0] * 60, clusters=30).bound == pytest.approx(0.05 ** (1 / 30))


def test_what_is_not_known_never_holds() -> None:
    assert held([]).verdict is Verdict.UNMEASURED
    assert held([1.0]).verdict is Verdict.INSUFFICIENT
    assert held([1.0] * 29).verdict is Verdict.INSUFFICIENT
    assert held([1.0] * 200, unscored=5).verdict is Verdict.UNMEASURED
    assert held([1.0] * 200, total_cases=260).verdict is Verdict.UNMEASURED
    assert held([1.0] * 190 + [math.nan] * 10).verdict is Verdict.UNMEASURED
    assert held([1.0] * 190 + [7.0] * 10).verdict is Verdict.UNMEASURED


def test_documents_hold_integers_and_strings_only() -> None:
    for known in (held([1.0] * 100), held([])):
        assert all(type(value) in (int, str) for value in known.to_document().values())


def test_a_threshold_outside_the_scale_is_refused() -> None:
    with pytest.raises(InvalidInput):
        held([1.0] * 40, threshold=90)
