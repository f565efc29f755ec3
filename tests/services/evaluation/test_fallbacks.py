"""Fallback models: each is evaluated by a run of its own, and stands in a release only where that run held."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from tests.conftest import Staff
from tests.services.evaluation.conftest import ScriptedModels, execute
from tests.services.submissions import good, prompt_bytes, suite_bytes
from tests.stages import stage_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Change, Manifest, Run
from webapp.services import evaluation
from webapp.services.change import show_change
from webapp.services.submission import Submitted, submit

MAIN, SPARE = "gpt-4o", "gemini-2.0-pro"
CASES = 40
FULL = "Subjective: well. Objective: well. Assessment: diabetes. Plan: metformin 500 mg twice daily."


@pytest.fixture
def models(outside: Outside) -> ScriptedModels:
    usable = {"closed_because": None, "configured": True, "retired": False, "offline": False}
    return ScriptedModels(outside.models, say=lambda call: FULL, changed=usable)


@pytest.fixture
def sent(house: Outside, staff: Staff) -> Submitted:
    asked = {"must_include": ["500 mg"], "must_not_include": ["50 g"]}
    prompt = prompt_bytes(model_compatibility=[MAIN, SPARE], model=MAIN, fallbacks=[SPARE], risk_class="administrative")
    suite = suite_bytes(CASES, category="safety", expected=asked)
    return submit(house, staff.act_as("ada"), good(prompt=prompt, suite=suite, risk_class="administrative"))


def fallback_run(house: Outside) -> Run:
    with house.database.reading() as session:
        return session.scalars(select(Run).where(Run.purpose == "fallback")).one()


def test_the_fallback_is_evaluated_after_the_main_model_and_then_review_opens(
    house: Outside, staff: Staff, models: ScriptedModels, sent: Submitted
) -> None:
    execute(house, sent.run_id)
    assert stage_of(house, sent.change_id) == "evaluation"
    spare = fallback_run(house)
    assert (spare.candidate_model, spare.state, spare.number) == (SPARE, "queued", 2)
    execute(house, spare.id)
    assert {call.model for call in models.calls} == {MAIN, SPARE}
    assert stage_of(house, sent.change_id) == "review"


def test_the_manifest_names_the_run_of_each_fallback(house: Outside, sent: Submitted) -> None:
    execute(house, sent.run_id)
    spare = fallback_run(house)
    execute(house, spare.id)
    with house.database.reading() as session:
        digest = session.get_one(Change, sent.change_id).manifest_sha256
        manifest = json.loads(session.get_one(Manifest, digest).content)
        done = session.get_one(Run, spare.id)
    assert manifest["fallbacks"] == [SPARE]
    assert manifest["evaluation"]["run"] == sent.run_id
    assert manifest["evaluation"]["fallbacks"] == [
        {"model": SPARE, "run": spare.id, "result_sha256": done.result_sha256, "verdict": "pass"}
    ]


def test_a_fallback_that_does_not_hold_keeps_the_change_in_evaluation_and_says_so(
    house: Outside, staff: Staff, models: ScriptedModels, sent: Submitted
) -> None:
    models.say = lambda call: FULL if call.model == MAIN else "Nothing."
    execute(house, sent.run_id)
    execute(house, fallback_run(house).id)
    assert stage_of(house, sent.change_id) == "evaluation"
    view = show_change(house, staff.act_as("ada"), sent.change_id)
    assert SPARE in str(view)
    lines = evaluation.show_evaluation(house, staff.act_as("ada"), sent.change_id).runs
    assert [(line.number, line.is_fallback, line.is_present) for line in lines] == [(2, True, False), (1, False, True)]


def test_no_fallback_is_evaluated_for_a_version_that_is_worse(
    house: Outside, models: ScriptedModels, sent: Submitted
) -> None:
    models.say = lambda call: "Nothing."
    execute(house, sent.run_id)
    with house.database.reading() as session:
        assert session.scalars(select(Run).where(Run.purpose == "fallback")).all() == []


def test_a_fallback_that_other_checks_marked_counts_for_nothing(house: Outside, staff: Staff, sent: Submitted) -> None:
    execute(house, sent.run_id)
    with house.database.writing() as session:
        spare = session.scalars(select(Run).where(Run.purpose == "fallback")).one()
        spare.state, spare.verdict, spare.scorers_sha256 = "complete", "pass", "0" * 64
    evaluation.settle(house, sent.change_id)
    assert stage_of(house, sent.change_id) == "evaluation"
