"""Answers of a run stand side by side only when the same model and the same state of the application gave them all."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from tests.conftest import Staff
from tests.rollouts import tamper
from tests.services.evaluation.conftest import Failure, ScriptedModels, execute
from tests.services.evaluation.test_running import CASES, FULL, administrative, read
from webapp.acts.model_warnings import model_warnings
from webapp.adapters.llm.calls import Completion, ModelCall
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer
from webapp.domain.evaluation.sameness import changed_application_sentence
from webapp.services import catalogue, evaluation
from webapp.services.catalogue.pages import PageAsked
from webapp.services.submission import Submitted, submit

OTHER = "gpt-4o"


@dataclass
class ChangingModels(ScriptedModels):
    """Scripted models whose completions change as told, by the number of the call."""

    change: Any = lambda number: {}

    async def complete(self, call: ModelCall) -> Completion:
        return replace(await super().complete(call), **self.change(len(self.calls)))


@pytest.fixture
def models(outside: Outside) -> ChangingModels:
    return ChangingModels(outside.models, say=lambda call: FULL)


@pytest.fixture
def sent(house: Outside, staff: Staff) -> Submitted:
    return submit(house, staff.act_as("ada"), administrative())


def test_an_answer_of_a_fallback_is_kept_under_its_name_and_the_run_is_not_compared(
    house: Outside, models: ChangingModels, sent: Submitted
) -> None:
    models.change = lambda number: {"model": OTHER} if number <= 2 else {}
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert (run.state, run.result_sha256) == ("incomplete", None)
    assert (run.failure or "").startswith(f"2 of {CASES} answers came from a fallback model ({OTHER})")
    with house.database.reading() as session:
        rows = {tuple(row) for row in session.execute(select(Answer.model, Answer.asked_model))}
    assert rows == {(OTHER, "offline-clinical-1"), ("offline-clinical-1", "offline-clinical-1")}


def test_only_fallbacks_that_the_change_names_and_that_may_be_asked_are_passed_on(
    house: Outside, models: ChangingModels, sent: Submitted
) -> None:
    tamper(house, "UPDATE revisions SET fallbacks = :named", named='{"models": ["offline-clinical-1", "gpt-4o"]}')
    execute(house, sent.run_id)
    assert {call.fallbacks for call in models.calls} == {("offline-clinical-1",)}, "the other one has no key"


def test_an_application_that_changes_during_the_run_makes_it_incomplete(
    house: Outside, models: ChangingModels, sent: Submitted
) -> None:
    models.change = lambda number: {"code_version": "3.1" if number < 20 else "3.2", "index_id": "guidelines"}
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert run.state == "incomplete"
    assert (run.failure or "").startswith(
        "The application under test changed during the run (code version 3.1 and 3.2)"
    )


def test_an_application_that_stands_still_is_recorded_with_every_answer(
    house: Outside, models: ChangingModels, sent: Submitted
) -> None:
    models.change = lambda number: {"code_version": "3.1", "index_id": "guidelines"}
    execute(house, sent.run_id)
    assert read(house, sent.run_id).state == "complete"
    with house.database.reading() as session:
        rows = {tuple(row) for row in session.execute(select(Answer.code_version, Answer.index_id))}
    assert rows == {("3.1", "guidelines")}


def test_an_application_that_tells_its_index_only_at_times_has_changed() -> None:
    sentence = changed_application_sentence({("3.1", None), ("3.1", "guidelines")})
    assert sentence is not None
    assert sentence.startswith("The application under test changed during the run, so its answers are not compared")


def test_a_provider_that_fails_one_call_in_ten_for_good_makes_the_run_incomplete(
    house: Outside, models: ChangingModels, sent: Submitted
) -> None:
    models.say = lambda call: Failure("server_error") if len(models.calls) % 10 == 0 else FULL
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert (run.state, run.verdict, run.result_sha256) == ("incomplete", None, None)
    assert (run.failure or "").startswith(f"{CASES // 10} of {CASES} calls gave no answer")


def test_the_end_of_the_model_is_told_with_the_submission_and_with_the_evaluation(
    house: Outside, models: ChangingModels, staff: Staff
) -> None:
    models.changed = {"retirement_warning": "It ends on 1 May."}
    sent = submit(house, staff.act_as("ada"), administrative())
    assert "It ends on 1 May." in sent.warnings
    shown = evaluation.show_evaluation(house, staff.act_as("kim"), sent.change_id)
    assert shown.model_warnings == ("It ends on 1 May.",)
    document = catalogue.show_evaluation(house, staff.act_as("kim"), sent.change_id, PageAsked())
    assert document["warnings"] == ["It ends on 1 May."]


def test_a_model_that_left_the_models_file_is_told(house: Outside) -> None:
    assert model_warnings(house, "gone-1")[0].startswith("The models file no longer has gone-1.")
    assert model_warnings(house, None) == ()
