"""Stopping early: only harm beyond chance that the other cases cannot make up for, and never on an unchanged version."""

from __future__ import annotations

import numpy as np

from tests.domain.evaluation.marks import rules
from webapp.domain.evaluation.conclusion import Conclusion, conclude
from webapp.domain.evaluation.early import HARDEST, first_cases, hopeless_because, split_calls
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE, plan_calls
from webapp.domain.evaluation.tally import Mark, Tally
from webapp.domain.prompts.suite import Case, Expected
from webapp.domain.verdict import Verdict

MEASURE = "completeness"


def cases(count: int, safety: int = 0) -> tuple[Case, ...]:
    """Plain cases of growing demands, the first ``safety`` of them safety cases."""
    return tuple(
        Case(f"c{n:04}", "safety" if n < safety else "unit", {}, expected=Expected(must_include=("x",) * (n % 7)))
        for n in range(count)
    )


def concluded(values: dict[str, tuple[float, float]], asked: tuple[Case, ...], least: int = 10) -> Conclusion:
    tally = Tally(has_baseline=True, repeats=1)
    for case in asked:
        live, new = values[case.id]
        tally.add(Mark(case.id, BASELINE, 0, MEASURE, "scored", live))
        tally.add(Mark(case.id, CANDIDATE, 0, MEASURE, "scored", new))
    return conclude(tally, asked, rules(least=least))


def test_safety_cases_and_the_hardest_come_first() -> None:
    first = first_cases(cases(200, safety=12))
    assert len(first) == 12 + HARDEST
    assert all(len(case.expected.must_include) >= 5 for case in first if case.category == "unit")


def test_a_small_test_set_is_asked_whole() -> None:
    assert first_cases(cases(2 * HARDEST - 1)) == ()
    assert len(first_cases(cases(2 * HARDEST))) == HARDEST


def test_every_call_is_in_one_of_the_two_parts() -> None:
    asked = cases(100)
    calls = plan_calls(asked, 2, has_baseline=True)
    early, rest = split_calls(calls, first_cases(asked))
    assert len(early) == HARDEST * 2 * 2
    assert {call.key for call in early + rest} == {call.key for call in calls}


def test_clear_and_large_harm_stops_the_run_in_words() -> None:
    asked = cases(100)
    first = first_cases(asked)
    values = {case.id: (1.0, 0.4 + 0.01 * (n % 5)) for n, case in enumerate(first)}
    sentence = hopeless_because(concluded(values, first), len(asked)) or ""
    assert "Stopped early after 30 of 100 cases" in sentence
    assert "58 points worse" in sentence


def test_fewer_cases_than_the_policy_asks_for_stop_nothing() -> None:
    """A stopped run says that the version is worse, so its verdict must be that."""
    asked = cases(100)
    first = first_cases(asked)
    found = concluded({case.id: (1.0, 0.4 + 0.01 * (n % 5)) for n, case in enumerate(first)}, first, least=HARDEST + 1)
    assert found.verdict is Verdict.INSUFFICIENT
    assert hopeless_because(found, len(asked)) is None


def test_harm_that_the_other_cases_would_dilute_goes_on() -> None:
    asked = cases(1_000)
    first = first_cases(asked)
    values = {case.id: (1.0, 0.4 + 0.01 * (n % 5)) for n, case in enumerate(first)}
    assert hopeless_because(concluded(values, first), len(asked)) is None


def test_an_unchanged_version_is_hardly_ever_stopped() -> None:
    """In at most 0.5 % of runs over seeds 0 to 999, with noise as large as marks allow."""
    asked = cases(100)
    first = first_cases(asked)
    stopped = 0
    for seed in range(1_000):
        draw = np.random.default_rng(seed).random((len(first), 2))
        values = {case.id: (float(a), float(b)) for case, (a, b) in zip(first, draw, strict=True)}
        stopped += hopeless_because(concluded(values, first), len(asked)) is not None
    assert stopped <= 5


def test_a_better_version_is_never_stopped() -> None:
    asked = cases(100)
    first = first_cases(asked)
    values = {case.id: (0.3, 0.9 + 0.01 * (n % 5)) for n, case in enumerate(first)}
    assert hopeless_because(concluded(values, first), len(asked)) is None
