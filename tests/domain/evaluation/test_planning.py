"""The order and number of calls."""

from __future__ import annotations

from webapp.domain.evaluation.planning import calls_again, plan_calls
from webapp.domain.prompts.suite import Case, Expected


def case(name: str, category: str, demands: int = 0) -> Case:
    facts = tuple(str(number) for number in range(demands))
    return Case(name, category, {"text": "x"}, expected=Expected(must_include=facts))


CASES = (case("easy", "unit", 1), case("hard", "unit", 5), case("warns", "safety"), case("planted", "adversarial"))


def test_planted_instructions_and_safety_come_first_then_the_most_demanding() -> None:
    calls = plan_calls(CASES, 1, has_baseline=False)
    assert [call.case.id for call in calls] == ["planted", "warns", "hard", "easy"]


def test_every_case_is_asked_in_both_arms_as_often_as_the_policy_says() -> None:
    calls = plan_calls(CASES, 3, has_baseline=True)
    assert len(calls) == len({call.key for call in calls}) == 4 * 3 * 2


def test_both_arms_of_a_case_stand_next_to_each_other() -> None:
    first, second = plan_calls(CASES, 1, has_baseline=True)[:2]
    assert (first.case.id, second.case.id) == ("planted", "planted")
    assert {first.arm, second.arm} == {"candidate", "baseline"}


def test_only_dangerous_cases_are_asked_again_up_to_three_times_in_both_arms() -> None:
    again = calls_again(CASES, {"planted"}, 1, has_baseline=True)
    assert [call.key for call in again] == [
        ("planted", "candidate", 1),
        ("planted", "baseline", 1),
        ("planted", "candidate", 2),
        ("planted", "baseline", 2),
    ]
    assert calls_again(CASES, {"planted"}, 3, has_baseline=True) == ()
    assert calls_again(CASES, set(), 1, has_baseline=True) == ()
