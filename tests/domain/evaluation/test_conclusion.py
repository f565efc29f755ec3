"""From marks to a verdict: what passes, what fails, what is incomplete, which cases are the worst."""

from __future__ import annotations

import math
from typing import Any

import pytest

from tests.domain.evaluation.marks import cases, found, mark, rule, rules, tally
from webapp.domain.evaluation.conclusion import Conclusion, conclude, missing_sentence, result_document
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE
from webapp.domain.evaluation.tally import Tally
from webapp.domain.record.canonical import canonical
from webapp.domain.verdict import Verdict
from webapp.errors import NotFound

N = 100


def good(_number: int) -> float:
    return 0.9


def concluded(made: Tally, policy: Any = None, count: int = N) -> Conclusion:
    return conclude(made, cases(count), policy or rules())


def verdict(conclusion: Conclusion, measure: str) -> str:
    return next(one.verdict for one in conclusion.measures if one.measure.name == measure)


def test_the_same_answers_hold() -> None:
    found = concluded(tally(N, {"completeness": good}, {"completeness": good}))
    assert found.verdict is Verdict.PASS
    assert found.counts == {"cases": N, "critical": 0, "worse": 0, "better": 0, "same": N, "unscored": 0}


def test_a_large_loss_is_worse() -> None:
    falls = tally(N, {"completeness": lambda n: 0.5 + n % 5 / 20}, {"completeness": lambda n: 0.8 + n % 3 / 20})
    conclusion = concluded(falls)
    assert conclusion.verdict is Verdict.FAIL
    assert conclusion.counts["worse"] == N


def test_too_few_cases_decide_nothing() -> None:
    assert concluded(tally(5, {"completeness": good}, {"completeness": good}), count=5).verdict is Verdict.INSUFFICIENT


def test_the_gravest_measure_decides() -> None:
    policy = rules(rule("completeness"), rule("safety_language"), rule("medication_extracted"))
    new = {"completeness": good, "safety_language": lambda n: 0.2 + n % 3 / 10, "medication_extracted": good}
    live = {"completeness": good, "safety_language": good, "medication_extracted": good}
    assert concluded(tally(N, new, live), policy).verdict is Verdict.FAIL


def test_a_measure_nobody_asks_for_stops_unless_the_policy_says_otherwise() -> None:
    made = tally(N, {"completeness": good}, {"completeness": good})
    strict = concluded(made, rules(rule("completeness"), rule("icd10_correct")))
    lenient = concluded(made, rules(rule("completeness"), rule("icd10_correct", only_where_asked=True)))
    assert (strict.verdict, verdict(strict, "icd10_correct")) == (Verdict.UNMEASURED, "unmeasured")
    assert (lenient.verdict, verdict(lenient, "icd10_correct")) == (Verdict.PASS, "not_asked")


def test_where_nothing_is_asked_for_nothing_passes() -> None:
    made = tally(N, {"phi_free": good}, {"phi_free": good})
    assert concluded(made, rules(rule("completeness", only_where_asked=True))).verdict is Verdict.UNMEASURED


def test_a_policy_with_an_unknown_measure_is_refused() -> None:
    with pytest.raises(NotFound, match="There is no measure"):
        concluded(tally(N, {"completeness": good}), rules(rule("charm")))


def test_watched_measures_never_decide() -> None:
    new = {"completeness": good, "refusal": lambda n: 0.0}
    live = {"completeness": good, "refusal": lambda n: 1.0}
    found = concluded(tally(N, new, live))
    assert (found.verdict, verdict(found, "refusal")) == (Verdict.PASS, "not_asked")


@pytest.mark.parametrize(("lost", "is_complete"), [(2, True), (3, False)])
def test_more_than_two_in_a_hundred_unscored_make_a_run_incomplete(lost: int, is_complete: bool) -> None:
    made = tally(N, {"completeness": lambda n: None if n < lost else 0.9}, {"completeness": good})
    found = concluded(made)
    assert (found.incomplete_because is None) is is_complete
    assert found.counts["unscored"] == lost


def test_a_watched_check_that_could_not_look_makes_a_run_incomplete() -> None:
    """Otherwise "no new dangerous answer" would be said where nobody looked for identifiers."""
    blind = {"completeness": good, "phi_free": lambda n: None}
    found = concluded(tally(N, blind, blind))
    assert "Identifiers left out: 100 of 100 cases could not be scored" in (found.incomplete_because or "")


def test_a_case_with_one_unscored_repeat_has_no_value() -> None:
    made = Tally(has_baseline=False)
    made.add(mark("c000", CANDIDATE, 1.0, repeat=0))
    made.add(mark("c000", CANDIDATE, None, repeat=1))
    assert made.cell("completeness", "c000", CANDIDATE).value is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_mark_that_is_no_finite_number_is_unscored_and_never_the_same(value: float) -> None:
    made = tally(40, {"completeness": lambda n: value if n == 0 else 1.0}, {"completeness": lambda n: 1.0})
    assert made.cell("completeness", "c000", CANDIDATE).value is None
    found = conclude(made, cases(40), rules())
    assert found.counts["unscored"] == 1
    assert found.incomplete_because is not None


@pytest.mark.parametrize(("value", "expected"), [(0.9, Verdict.PASS), (0.3, Verdict.FAIL), (0.6, Verdict.INSUFFICIENT)])
def test_a_first_version_is_held_against_thresholds(value: float, expected: Verdict) -> None:
    spread = tally(N, {"completeness": lambda n: value + (n % 3 - 1) / 20})
    conclusion = concluded(spread)
    assert conclusion.verdict is expected
    assert "First version" in conclusion.sentence


def test_a_lost_call_is_said_with_its_number() -> None:
    assert missing_sentence(0, 10) is None
    assert "2 of 10 calls" in (missing_sentence(2, 10) or "")


def with_findings(*, in_live: tuple[str, ...] = (), repeats: int = 1) -> Conclusion:
    made = tally(N, {"completeness": good}, {"completeness": good})
    for repeat in range(repeats):
        made.add(found("c050", CANDIDATE, "Dose 5000 mg; the case says 500 mg", repeat=repeat))
    for sentence in in_live:
        made.add(found("c050", BASELINE, sentence))
    return concluded(made)


def test_a_new_critical_finding_leads_the_worst_cases() -> None:
    conclusion = with_findings(repeats=2)
    assert [(one.case, one.candidate_count, one.is_new) for one in conclusion.criticals] == [("c050", 2, True)]
    assert conclusion.worst[0].outcome.case == "c050"
    assert conclusion.worst[0].sentence == "Dose 5000 mg; the case says 500 mg"
    assert conclusion.counts["critical"] == 1


def test_a_new_danger_stands_before_what_the_means_say() -> None:
    said = with_findings().sentence
    assert said.startswith(
        "New against live, on these 100 cases: 1 with a new dangerous answer; measured on all of them: holds;"
    )


def test_a_critical_finding_that_live_has_too_is_listed_but_not_new() -> None:
    conclusion = with_findings(in_live=("Dose 5000 mg; the case says 500 mg",))
    assert [(one.baseline_count, one.is_new) for one in conclusion.criticals] == [(1, False)]
    assert conclusion.counts["critical"] == 0


def test_another_danger_on_the_same_case_is_new() -> None:
    assert with_findings(in_live=("Dose 40 mg; the case says 4 mg",)).criticals[0].is_new


def test_a_danger_of_the_live_version_alone_is_no_finding() -> None:
    made = tally(N, {"completeness": good}, {"completeness": good})
    made.add(found("c001", BASELINE, "Dose 5000 mg; the case says 500 mg"))
    assert concluded(made).criticals == ()


def test_worst_cases_come_by_their_largest_loss_and_all_have_a_sentence() -> None:
    losses = {3: 0.1, 7: 0.4, 9: 0.2}
    made = tally(N, {"completeness": lambda n: 0.9 - losses.get(n, 0)}, {"completeness": good})
    conclusion = concluded(made)
    assert [one.outcome.case for one in conclusion.worst] == ["c007", "c009", "c003"]
    assert conclusion.worst[0].sentence == "Complete sections and key facts: 50 %, live 90 %"
    assert conclusion.counts["worse"] == 3


def test_without_any_loss_the_lowest_marks_are_shown() -> None:
    made = tally(N, {"completeness": lambda n: n / N}, {"completeness": lambda n: n / N})
    conclusion = concluded(made)
    assert [one.outcome.case for one in conclusion.worst] == ["c000", "c001", "c002"]
    assert conclusion.worst[0].sentence == "No loss against live; complete sections and key facts: 0 %"


def test_a_gain_elsewhere_does_not_hide_a_loss() -> None:
    policy = rules(rule("completeness"), rule("safety_language"))
    new = {"completeness": lambda n: 0.8, "safety_language": lambda n: 1.0}
    live = {"completeness": good, "safety_language": lambda n: 0.1}
    assert concluded(tally(N, new, live), policy).counts["worse"] == N


def test_the_document_is_canonical_and_complete() -> None:
    conclusion = with_findings()
    document = result_document(conclusion, {"run": "run_1", "offline": "yes"})
    assert canonical(document)
    assert [one["case"] for one in document["worst_cases"]] == ["c050", "c000", "c001"]
    assert len(document["cases"]) == N
    assert {one["measure"] for one in document["measures"]} >= {"completeness", "phi_free", "cost", "latency"}


def test_a_case_of_which_one_answer_asks_nothing_is_not_compared() -> None:
    made = tally(N, {"completeness": good}, {"completeness": good})
    made.add(mark("c000", CANDIDATE, 0.0, "safety_language"))
    assert not made.applies("safety_language", "c000")


def test_answers_asked_for_again_count_for_their_findings_only() -> None:
    made = Tally(has_baseline=False, repeats=1)
    made.add(mark("c000", CANDIDATE, 1.0))
    made.add(mark("c000", CANDIDATE, 0.0, repeat=1))
    made.add(mark("c000", CANDIDATE, None, repeat=2))
    assert made.cell("completeness", "c000", CANDIDATE).value == 1.0
    for repeat in (0, 2):
        made.add(found("c000", CANDIDATE, "Dose 5000 mg; the case says 500 mg", repeat=repeat))
    assert [(one.candidate_count, one.repeats) for one in made.criticals()] == [(2, 3)]


def test_the_document_lists_the_critical_findings_with_both_counts() -> None:
    document = result_document(with_findings(in_live=("Dose 5000 mg; the case says 500 mg",)), {})
    assert [(one["case"], one["new_count"], one["live_count"], one["repeats"]) for one in document["criticals"]] == [
        ("c050", 1, 1, 1)
    ]
    assert "live_count" not in result_document(concluded(alone_with_a_finding()), {})["criticals"][0]


def alone_with_a_finding() -> Tally:
    made = tally(N, {"completeness": good})
    made.add(found("c050", CANDIDATE, "Dose 5000 mg; the case says 500 mg"))
    return made
