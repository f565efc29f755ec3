"""Answers that are not asked anew: the live version's for a change of model, and repeated questions within a week."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from tests import rollouts as r
from tests.conftest import Clock, Staff
from tests.services.evaluation.conftest import Failure, ScriptedModels, execute
from tests.services.submissions import good, prompt_bytes, suite_bytes
from webapp.acts.results import open_result
from webapp.adapters.llm.facts import ModelFacts
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Run
from webapp.domain.evaluation.call_digest import call_digest
from webapp.errors import Refused
from webapp.services import evaluation, submission
from webapp.services.submission import Submitted, submit

CASES = 6
HOSTED = "gpt-4o"


@pytest.fixture
def models(outside: Outside) -> ScriptedModels:
    """Every model can be asked, and none is the offline one."""
    return ScriptedModels(
        outside.models, changed={"closed_because": None, "configured": True, "retired": False, "offline": False}
    )


def sent(house: Outside, staff: Staff, author: str = "ada", **fields: object) -> Submitted:
    """A version on a hosted model, with a test set of its own."""
    prompt = prompt_bytes(model_compatibility=[HOSTED], **fields)
    return submit(house, staff.act_as(author), good(prompt=prompt, suite=suite_bytes(CASES)))


def answers(house: Outside, run_id: str, arm: str = "candidate") -> list[Answer]:
    with house.database.reading() as session:
        query = select(Answer).where(Answer.run_id == run_id, Answer.arm == arm).order_by(Answer.case_id)
        return list(session.scalars(query))


def run_of(house: Outside, run_id: str) -> Run:
    with house.database.reading() as session:
        return session.get_one(Run, run_id)


def test_the_same_question_is_not_asked_twice_within_a_week(
    house: Outside, staff: Staff, models: ScriptedModels, clock: Clock
) -> None:
    first = sent(house, staff)
    execute(house, first.run_id)
    asked = len(models.calls)
    clock.forward(days=6)
    second = sent(house, staff, "ben", name="discharge")
    execute(house, second.run_id)
    assert len(models.calls) == asked == CASES
    kept = answers(house, second.run_id)
    assert [row.text for row in kept] == [row.text for row in answers(house, first.run_id)]
    assert {(row.is_cached, row.cost_microusd, row.latency_ms, row.attempts) for row in kept} == {(True, 0, None, 0)}
    assert run_of(house, second.run_id).cost_microusd == 0


def test_an_answer_older_than_a_week_is_asked_for_again(
    house: Outside, staff: Staff, models: ScriptedModels, clock: Clock
) -> None:
    execute(house, sent(house, staff).run_id)
    clock.forward(days=7, seconds=1)
    execute(house, sent(house, staff, "ben", name="discharge").run_id)
    assert len(models.calls) == 2 * CASES


def test_a_kept_answer_is_never_kept_from_a_kept_one(
    house: Outside, staff: Staff, models: ScriptedModels, clock: Clock
) -> None:
    """Otherwise a question asked once a week would never be asked again."""
    execute(house, sent(house, staff).run_id)
    clock.forward(days=5)
    execute(house, sent(house, staff, "ben", name="discharge").run_id)
    clock.forward(days=5)
    execute(house, sent(house, staff, name="referral").run_id)
    assert len(models.calls) == 2 * CASES


@pytest.mark.parametrize(
    "fields",
    [
        {"parameters": {"temperature": 0.5, "max_tokens": 800}},
        {"system_prompt": "You write other notes.\n"},
        {"model_compatibility": ["gemini-2.0-pro"]},
    ],
)
def test_another_question_is_asked(
    house: Outside, staff: Staff, models: ScriptedModels, fields: dict[str, object]
) -> None:
    execute(house, sent(house, staff).run_id)
    prompt = prompt_bytes(**{"name": "discharge", "model_compatibility": [HOSTED], **fields})
    made = submit(house, staff.act_as("ben"), good(prompt=prompt, suite=suite_bytes(CASES)))
    execute(house, made.run_id)
    assert len(models.calls) == 2 * CASES


def test_a_name_that_stands_for_another_model_now_is_asked_again(
    house: Outside, staff: Staff, models: ScriptedModels
) -> None:
    execute(house, sent(house, staff).run_id)
    models.changed = {**models.changed, "identity": "openai/gpt-4o-of-another-place"}
    execute(house, sent(house, staff, "ben", name="discharge").run_id)
    assert len(models.calls) == 2 * CASES


def test_an_application_of_the_hospital_is_always_asked(house: Outside, staff: Staff, models: ScriptedModels) -> None:
    models.changed = {**models.changed, "is_endpoint": True}
    execute(house, sent(house, staff).run_id)
    execute(house, sent(house, staff, "ben", name="discharge").run_id)
    assert len(models.calls) == 2 * CASES


def test_a_failed_call_is_not_kept(house: Outside, staff: Staff, models: ScriptedModels) -> None:
    models.say = lambda call: Failure("server_error")
    execute(house, sent(house, staff).run_id)
    models.say = lambda call: "Plan: rest."
    again = sent(house, staff, "ben", name="discharge")
    execute(house, again.run_id)
    assert {row.text for row in answers(house, again.run_id)} == {"Plan: rest."}


def test_running_a_complete_revision_again_asks_everything(
    house: Outside, staff: Staff, models: ScriptedModels
) -> None:
    made = sent(house, staff)
    execute(house, made.run_id)
    assert run_of(house, made.run_id).state == "complete"
    again = submission.run_again(house, staff.act_as("ada"), made.change_id, made.digest)
    del again
    with house.database.reading() as session:
        newest = session.scalars(select(Run).order_by(Run.number.desc())).first()
    assert newest is not None
    execute(house, newest.id)
    assert len(models.calls) == 2 * CASES


def test_a_change_of_model_is_compared_with_the_kept_live_answers(
    outside: Outside, staff: Staff, models: ScriptedModels
) -> None:
    r.live_first(outside, staff)
    house = replace(outside, models=models)  # type: ignore[arg-type]
    prompt = prompt_bytes(version="1.1", model_compatibility=[HOSTED])
    made = submit(house, staff.act_as("ada"), good(prompt=prompt))
    run = run_of(house, made.run_id)
    assert (run.candidate_model, run.baseline_model) == (HOSTED, "offline-clinical-1")
    assert run.recorded_run_id is not None
    execute(house, made.run_id)
    assert {call.model for call in models.calls} == {HOSTED}
    live = answers(house, made.run_id, "baseline")
    recorded = answers(house, run.recorded_run_id)
    assert [row.text for row in live] == [row.text for row in recorded]
    assert {row.is_cached for row in live} == {True}
    assert run_of(house, made.run_id).state == "complete"
    with house.database.reading() as session:
        result = open_result(session, run_of(house, made.run_id))
    assert result["live_answers"] == "recorded 2026-03-02"
    line = evaluation.show_evaluation(house, staff.act_as("kim"), made.change_id).runs[0]
    assert line.live_answers == "Live answers recorded 2 March 2026."


def test_a_live_model_that_is_gone_and_was_never_asked_these_cases_is_refused_in_words(
    outside: Outside, staff: Staff, models: ScriptedModels
) -> None:
    r.live_first(outside, staff)
    gone = ScriptedModels(outside.models)
    house = replace(outside, models=_WithoutOffline(gone))  # type: ignore[arg-type]
    prompt = prompt_bytes(version="1.1", model_compatibility=[HOSTED])
    with pytest.raises(Refused, match="its answers to this test set were never kept"):
        submit(house, staff.act_as("ada"), good(prompt=prompt, suite=suite_bytes(9)))


class _WithoutOffline:
    """A models file from which the live model was taken out."""

    def __init__(self, models: ScriptedModels) -> None:
        self.models = models

    def fact(self, name: str) -> object:
        return self.models.fact(name)

    def facts(self) -> tuple[object, ...]:
        return tuple(
            replace(fact, closed_because=None, configured=True)
            for fact in self.models.facts()
            if fact.name != "offline-clinical-1"
        )


def test_the_digest_of_a_call_covers_everything_that_is_asked() -> None:
    asked = ("m", [("user", "text")], {"temperature": 0.5}, 0)
    digests = {
        call_digest(*asked),
        call_digest("n", *asked[1:]),
        call_digest("m", [("system", "text")], *asked[2:]),
        call_digest("m", [("user", "text.")], *asked[2:]),
        call_digest(*asked[:2], {"temperature": 0.4}, 0),
        call_digest(*asked[:3], 1),
    }
    assert len(digests) == 6
    assert call_digest(*asked) == call_digest("m", [("user", "text")], {"temperature": 0.5}, 0)


def test_a_live_model_that_lost_its_agreement_gets_no_patient_data_even_where_a_kept_answer_is_missing(
    outside: Outside, staff: Staff, models: ScriptedModels
) -> None:
    r.live_first(outside, staff)
    house = replace(outside, models=_WithoutAgreement(outside.models, changed=models.changed))  # type: ignore[arg-type]
    made = submit(house, staff.act_as("ada"), good(prompt=prompt_bytes(version="1.1", model_compatibility=[HOSTED])))
    recorded = run_of(house, made.run_id).recorded_run_id
    r.tamper(house, "UPDATE suites SET contains_phi = 1")
    r.tamper(house, "UPDATE answers SET error = 'timeout' WHERE run_id = :run AND case_id = 'case-001'", run=recorded)
    execute(house, made.run_id)
    assert {call.model for call in house.models.calls} == {HOSTED}  # type: ignore[attr-defined]
    run = run_of(house, made.run_id)
    assert run.state == "incomplete"
    assert "1 of" in (run.failure or "")


class _WithoutAgreement(ScriptedModels):
    """The live model may no longer receive patient data, and a hosted one may."""

    def fact(self, name: str) -> ModelFacts:
        return replace(super().fact(name), may_receive_phi=name == HOSTED)
