"""What a judge does to a verdict: it may lower it and never raise it, and it changes no other measure."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from tests.domain.evaluation.marks import Values, cases, rule, rules, tally
from webapp.domain.evaluation.conclusion import Conclusion, conclude, result_document
from webapp.domain.policy import ClassPolicy, JudgeRule
from webapp.domain.verdict import GRAVEST_FIRST, Verdict

N = 100
JUDGE = JudgeRule("judge-1", {"grounded": "Is it supported?"}, rule("judge"))
WORDS = {
    "good": lambda n: 0.9,
    "lower": lambda n: 0.3 + n % 5 / 20,
    "unknown": lambda n: None,
    "mixed": lambda n: float(n % 2),
}


def policy(*, judged: bool) -> ClassPolicy:
    made = rules(rule("completeness"), rule("safety_language"))
    return replace(made, judge=JUDGE) if judged else made


def concluded(checks: Values, judge: Values | None, *, judged: bool = True, is_first: bool = False) -> Conclusion:
    new = {"completeness": checks, "safety_language": WORDS["good"], **({"judge": judge} if judge else {})}
    live = {"completeness": WORDS["good"], "safety_language": WORDS["good"], "judge": WORDS["good"]}
    return conclude(tally(N, new, None if is_first else live), cases(N), policy(judged=judged))


@pytest.mark.parametrize("is_first", [False, True])
@pytest.mark.parametrize(("checks", "judge"), list(product(WORDS, WORDS)))
def test_a_judge_never_raises_what_the_checks_say(checks: str, judge: str, is_first: bool) -> None:
    with_judge = concluded(WORDS[checks], WORDS[judge], is_first=is_first)
    without = concluded(WORDS[checks], None, judged=False, is_first=is_first)
    assert GRAVEST_FIRST.index(with_judge.verdict) <= GRAVEST_FIRST.index(without.verdict)
    assert with_judge.incomplete_because == without.incomplete_because
    kept = {one.measure.name: one for one in with_judge.measures}
    assert [kept[one.measure.name] for one in without.measures] == list(without.measures)


def test_a_judge_that_sees_a_loss_lowers_a_verdict_that_held() -> None:
    found = concluded(WORDS["good"], WORDS["lower"])
    assert found.verdict is Verdict.FAIL
    assert found.counts["worse"] == N
    assert found.worst[0].sentence.startswith("Judge's questions answered well: 30 %, live 90 %")
    row = result_document(found, {})["measures"][-1]
    assert (row["measure"], row["primary"], row["verdict"]) == ("judge", True, "fail")


def test_a_judge_that_sees_a_gain_makes_no_case_better() -> None:
    new = {"completeness": WORDS["good"], "safety_language": WORDS["good"], "judge": WORDS["good"]}
    live = {**new, "judge": WORDS["lower"]}
    found = conclude(tally(N, new, live), cases(N), policy(judged=True))
    assert (found.verdict, found.counts["better"], found.counts["same"]) == (Verdict.PASS, 0, N)


@pytest.mark.parametrize("missing", [3, N])
def test_a_judge_that_was_not_heard_lets_nothing_pass_and_rescues_nothing(missing: int) -> None:
    def heard(number: int) -> float | None:
        return None if number < missing else 0.9

    found = concluded(WORDS["good"], heard)
    assert (found.verdict, found.incomplete_because, found.counts["unscored"]) == (Verdict.UNMEASURED, None, 0)
    assert concluded(WORDS["lower"], heard).verdict is Verdict.FAIL


def test_a_case_without_the_judges_mark_is_unscored_and_not_left_out() -> None:
    made = tally(N, {"completeness": WORDS["good"], "safety_language": WORDS["good"]},
                 {"completeness": WORDS["good"], "safety_language": WORDS["good"]})  # fmt: skip
    found = conclude(made, cases(N), policy(judged=True))
    judge = found.measures[-1]
    assert (found.verdict, judge.cases, judge.known.unscored) == (Verdict.UNMEASURED, N, N)


def test_without_a_judge_nothing_of_it_stands_in_the_result() -> None:
    found = concluded(WORDS["good"], None, judged=False)
    assert "judge" not in {row["measure"] for row in result_document(found, {})["measures"]}
