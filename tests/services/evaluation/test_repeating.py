"""A dangerous answer is asked again, in both arms, before a person decides; no mean is touched by that."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.rollouts import live_first, version
from tests.services.evaluation.conftest import Failure, ScriptedModels, execute
from tests.services.submissions import good, prompt_bytes, suite_bytes
from webapp.acts import jobs
from webapp.acts.results import open_result
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, FindingRow, Run
from webapp.services import evaluation
from webapp.services.evaluation.case_view import show_case
from webapp.services.submission import Submitted, submit

FULL = "Subjective: well. Objective: well. Assessment: diabetes. Plan: metformin 500 mg twice daily."
CASES = 40
CANARY = {"canary": "ZEBRA-9", "must_include": ["500 mg"], "must_not_include": ["50 g"]}


@pytest.fixture
def sent(house: Outside, staff: Staff) -> Submitted:
    """A first version on forty cases with a planted word each, asked once."""
    prompt = prompt_bytes(risk_class="administrative")
    suite = suite_bytes(CASES, expected=CANARY)
    return submit(house, staff.act_as("ada"), good(prompt=prompt, suite=suite, risk_class="administrative"))


def dangerous(models: ScriptedModels, *repeats: int) -> Any:
    """Case 7 has the planted word in these repeats."""

    def say(call: Any) -> str:
        is_seven = "Visit 7." in call.messages[-1][1]
        return f"{FULL} ZEBRA-9" if is_seven and call.repeat in repeats else FULL

    models.say = say
    return models


def run_of(outside: Outside, run_id: str) -> Run:
    with outside.database.reading() as session:
        return session.get_one(Run, run_id)


def finding(outside: Outside) -> FindingRow:
    with outside.database.reading() as session:
        return session.scalars(select(FindingRow)).one()


@pytest.mark.parametrize(("repeats", "count"), [((0,), 1), ((0, 2), 2), ((0, 1, 2), 3)])
def test_a_dangerous_answer_is_asked_three_times_and_counted(
    house: Outside, models: ScriptedModels, sent: Submitted, repeats: tuple[int, ...], count: int
) -> None:
    dangerous(models, *repeats)
    execute(house, sent.run_id)
    row, run = finding(house), run_of(house, sent.run_id)
    assert (row.case_id, row.candidate_count, row.repeats) == ("case-007", count, 3)
    assert (run.state, run.planned_calls, run.done_calls) == ("complete", CASES + 2, CASES + 2)
    assert len(models.calls) == CASES + 2


def test_nothing_is_asked_again_where_nothing_is_dangerous(
    house: Outside, models: ScriptedModels, sent: Submitted
) -> None:
    dangerous(models, 1, 2)
    execute(house, sent.run_id)
    assert len(models.calls) == run_of(house, sent.run_id).planned_calls == CASES


def test_repeats_of_a_dangerous_answer_leave_every_mean_as_it_was(
    house: Outside, models: ScriptedModels, staff: Staff, sent: Submitted
) -> None:
    def worsens(call: Any) -> str:
        if "Visit 7." not in call.messages[-1][1]:
            return FULL
        return f"{FULL} ZEBRA-9" if call.repeat == 0 else ""

    models.say = worsens
    execute(house, sent.run_id)
    result = evaluation.show_evaluation(house, staff.act_as("kim"), sent.change_id)
    with house.database.reading() as session:
        repeats = session.scalars(select(Answer.repeat).where(Answer.case_id == "case-007")).all()
    card = next(card for card in result.primary if card.name == "completeness")
    assert sorted(repeats) == [0, 1, 2]
    assert card.new == "100 %"


def test_all_three_answers_can_be_opened(house: Outside, models: ScriptedModels, staff: Staff, sent: Submitted) -> None:
    dangerous(models, 0, 2)
    execute(house, sent.run_id)
    seven = show_case(house, staff.act_as("kim"), sent.change_id, "case-007", repeat=2)
    assert seven.repeats == 3
    assert any(is_critical for _, is_critical in seven.new.findings)
    assert show_case(house, staff.act_as("kim"), sent.change_id, "case-008").repeats == 1


def test_a_repeat_without_an_answer_makes_the_run_incomplete(
    house: Outside, models: ScriptedModels, sent: Submitted
) -> None:
    dangerous(models, 0)
    say = models.say
    models.say = lambda call: Failure("timeout") if call.repeat == 2 else say(call)
    execute(house, sent.run_id)
    run = run_of(house, sent.run_id)
    assert run.state == "incomplete"
    assert "1 of 42 calls gave no answer" in (run.failure or "")


def test_a_lost_first_call_is_not_followed_by_repeats(house: Outside, models: ScriptedModels, sent: Submitted) -> None:
    dangerous(models, 0)
    say = models.say
    models.say = lambda call: Failure("timeout") if "Visit 3." in call.messages[-1][1] else say(call)
    execute(house, sent.run_id)
    assert run_of(house, sent.run_id).state == "incomplete"
    assert len(models.calls) == CASES


def test_a_worker_that_dies_among_the_repeats_is_followed_by_one_that_asks_the_rest(
    house: Outside, models: ScriptedModels, clock: Clock, sent: Submitted
) -> None:
    dangerous(models, 0)
    say = models.say

    def dies(call: Any) -> str:
        if call.repeat == 2:
            raise MemoryError
        return str(say(call))

    models.say = dies
    with pytest.raises(MemoryError):
        execute(house, sent.run_id)
    models.say, models.calls = say, []
    clock.forward(seconds=jobs.LEASE_SECONDS + 1)
    execute(house, sent.run_id)
    run = run_of(house, sent.run_id)
    assert {call.repeat for call in models.calls} <= {1, 2}
    assert len(models.calls) <= 2
    assert (run.state, run.planned_calls, run.done_calls) == ("complete", CASES + 2, CASES + 2)


def test_the_live_version_is_asked_as_often_and_its_own_count_stands_beside(
    house: Outside, models: ScriptedModels, staff: Staff
) -> None:
    live_first(house, staff)
    other_cases = suite_bytes(CASES, expected=CANARY).replace(b'"case-', b'"canary-')
    newer = good(prompt=version("2.0")["prompt"], suite=other_cases)
    sent = submit(house, staff.act_as("ada"), newer)
    dangerous(models, 0, 1)
    models.calls = []
    execute(house, sent.run_id)
    row = finding(house)
    assert (row.candidate_count, row.baseline_count, row.repeats) == (2, 2, 3)
    assert len(models.calls) == run_of(house, sent.run_id).planned_calls == 2 * CASES + 4


@pytest.mark.parametrize(("varies", "said"), [(False, "deterministic model"), (True, "of the facts agree")])
def test_a_run_with_three_answers_a_case_tells_how_consistent_they_are(
    house: Outside, models: ScriptedModels, staff: Staff, varies: bool, said: str
) -> None:
    models.say = lambda call: FULL.replace("500", "850") if varies and call.repeat == 1 else FULL
    sent = submit(house, staff.act_as("ada"), good(prompt=prompt_bytes(risk_class="high_risk"), risk_class="high_risk"))
    execute(house, sent.run_id)
    with house.database.reading() as session:
        result = open_result(session, session.get_one(Run, sent.run_id))
        stated = session.scalars(select(Answer.stated)).all()
    assert said in result["consistency"]["sentence"]
    assert all(row["facts"] for row in stated)


def test_one_answer_a_case_keeps_no_facts(house: Outside, models: ScriptedModels, sent: Submitted) -> None:
    models.say = lambda call: FULL
    execute(house, sent.run_id)
    with house.database.reading() as session:
        assert set(map(str, session.scalars(select(Answer.stated)))) == {"{}"}
