"""What is said before a run: effort, and how often a harmless change would hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.evaluation.marks import cases, rule, rules
from tests.domain.statistics.arms import compared, graded_arms
from webapp.domain.evaluation.estimate import ASSUMED, EARLIER, Estimate, asking, outlooks, spread_in
from webapp.domain.prompts.suite import Expected
from webapp.domain.statistics.power import power_harmless
from webapp.domain.verdict import Verdict


def estimate(*found: object, calls: int = 240, cases: int = 120) -> Estimate:
    return Estimate(calls, cases, 120_000, 130, tuple(found))  # type: ignore[arg-type]


def test_the_sentence_names_effort_and_power_and_where_the_spread_is_from() -> None:
    found = outlooks(rules(rule("completeness", 30_000)), {"completeness": 240}, {"completeness": 0.18}, 1)
    assert estimate(*found, calls=480, cases=240).words == (
        "About 480 calls, $0.120000, 3 minutes. With these 240 cases a harmless change holds in about 83 of 100 runs; "
        "240 more cases would make it 98 (spread taken from earlier runs on this test set)."
    )


def test_all_primary_measures_must_hold_at_once() -> None:
    policy = rules(rule("completeness"), rule("safety_language"))
    found = outlooks(policy, {"completeness": 120, "safety_language": 120}, {"completeness": 0.2}, 1)
    assert [one.source for one in found] == [EARLIER, ASSUMED]
    document = estimate(*found).to_document()
    assert document["holds_ppm"] == pytest.approx(found[0].holds * found[1].holds * 1_000_000, abs=1)
    assert "else assumed" in document["words"]


def test_repeats_narrow_an_assumed_spread() -> None:
    once, thrice = (outlooks(rules(), {"completeness": 100}, {}, repeats)[0].holds for repeats in (1, 3))
    assert once < thrice


@pytest.mark.parametrize(("n", "holds"), [(0, False), (9, False), (5000, True)])
def test_a_measure_that_too_few_cases_ask_for_never_holds(n: int, holds: bool) -> None:
    assert (outlooks(rules(), {"completeness": n}, {}, 1)[0].holds > 0) is holds


def test_a_measure_that_counts_only_where_asked_is_left_out_where_nobody_asks() -> None:
    policy = rules(rule("completeness"), rule("icd10_correct", only_where_asked=True))
    assert [one.measure for one in outlooks(policy, {"completeness": 50}, {}, 1)] == ["completeness"]


def test_a_first_version_has_no_power_to_speak_of() -> None:
    words = Estimate(40, 40, None, None, ()).words
    assert words == "About 40 calls. A first version is held against thresholds; there is nothing to compare it with."


def test_the_case_alone_says_which_checks_it_asks_for() -> None:
    wanted = (
        replace(cases(1)[0], expected=Expected(must_include=("500 mg",), icd10=("E11.9",))),
        replace(cases(1)[0], expected=Expected(must_not_include=("50 g",))),
    )
    assert asking(wanted, ("completeness", "icd10_correct", "safety_language", "medication_extracted")) == {
        "completeness": 2,
        "icd10_correct": 1,
        "safety_language": 1,
        "medication_extracted": 0,
    }


def test_the_spread_of_an_earlier_run_is_read_from_its_stored_numbers() -> None:
    known = compared(graded_arms(1, 400))
    spread = spread_in(known.to_document())
    assert spread == pytest.approx(0.1, abs=0.01)
    assert spread_in({"n": 3}) is None


def test_the_promise_is_kept_by_runs_that_use_it() -> None:
    spread = spread_in(compared(graded_arms(0, 60)).to_document())
    assert spread is not None
    held = sum(compared(graded_arms(seed, 80)).verdict is Verdict.PASS for seed in range(1, 201)) / 200
    assert held == pytest.approx(power_harmless(80, spread, 0.03), abs=0.1)


def test_a_large_test_set_is_looked_at_in_part_and_scaled_up() -> None:
    every_third = tuple(
        replace(case, expected=Expected(icd10=("E11.9",) if number % 3 == 0 else ()))
        for number, case in enumerate(cases(1000))
    )
    assert asking(every_third, ("icd10_correct",))["icd10_correct"] == pytest.approx(333, abs=15)
    assert asking((), ("icd10_correct",)) == {"icd10_correct": 0}
