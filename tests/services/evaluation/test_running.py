"""Runs from queue to verdict: what is stored, what is never asked twice, what makes a run incomplete or failed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NoReturn

import pytest
from sqlalchemy import func, select, update

from tests.conftest import Clock, Staff
from tests.rollouts import live_first, version
from tests.services.evaluation.conftest import Failure, ScriptedModels, execute, job_of
from tests.services.submissions import good, prompt_bytes, suite_bytes
from webapp.acts import jobs
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import (
    Answer,
    Change,
    Contributor,
    FindingRow,
    Leaf,
    Manifest,
    PolicyRow,
    Result,
    Run,
    ScoreRow,
)
from webapp.domain.scorers.table import SCORERS
from webapp.errors import Unavailable
from webapp.services import evaluation
from webapp.services.evaluation import scoring
from webapp.services.submission import Submitted, map_contributor, revise, submit

FULL = "Subjective: well. Objective: well. Assessment: diabetes. Plan: metformin 500 mg twice daily."
CASES = 40


@pytest.fixture
def sent(house: Outside, staff: Staff) -> Submitted:
    return submit(house, staff.act_as("ada"), administrative())


def administrative(count: int = CASES, **fields: Any) -> Any:
    prompt = prompt_bytes(risk_class="administrative")
    return good(prompt=prompt, suite=suite_bytes(count, **fields), risk_class="administrative")


def safety(count: int = CASES) -> Any:
    return administrative(count, category="safety", expected={"must_include": ["500 mg"], "must_not_include": ["50 g"]})


def read(outside: Outside, run_id: str) -> Run:
    with outside.database.reading() as session:
        return session.get_one(Run, run_id)


def stage(outside: Outside, change_id: str) -> str:
    with outside.database.reading() as session:
        return session.get_one(Change, change_id).stage


def result(outside: Outside, run_id: str) -> dict[str, Any]:
    with outside.database.reading() as session:
        row = session.scalars(select(Result).where(Result.run_id == run_id)).one()
        assert session.get_one(Run, run_id).result_sha256 == row.sha256
        return dict(json.loads(row.content))


def count(outside: Outside, table: Any) -> int:
    with outside.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_a_run_that_holds_is_complete_and_the_change_enters_review(
    house: Outside, models: ScriptedModels, staff: Staff
) -> None:
    models.say = lambda call: FULL
    sent = submit(house, staff.act_as("ada"), safety())
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert (run.state, run.verdict, run.done_calls) == ("complete", "pass", CASES)
    assert stage(house, sent.change_id) == "review"
    assert count(house, Manifest) == 1
    with house.database.reading() as session:
        change = session.get_one(Change, sent.change_id)
        assert change.digest == change.manifest_sha256
        kinds = list(session.scalars(select(Leaf.type).order_by(Leaf.seq)))
    assert kinds[-2:] == ["run.concluded", "change.evaluated"]


def test_every_answer_is_stored_once_with_its_scores(house: Outside, models: ScriptedModels, sent: Submitted) -> None:
    execute(house, sent.run_id)
    assert len(models.calls) == count(house, Answer) == CASES
    assert count(house, ScoreRow) == len(SCORERS) * CASES
    assert read(house, sent.run_id).cost_microusd == 7 * CASES


def test_the_result_counts_every_case_and_holds_no_fraction(house: Outside, sent: Submitted) -> None:
    execute(house, sent.run_id)
    document = result(house, sent.run_id)
    assert document["kind"] == "prompt-formulary/result/v1"
    assert document["arms"] == ["candidate"]
    assert document["counts"]["cases"] == len(document["cases"]) == CASES
    assert all(one["sentence"] for one in document["measures"] + document["worst_cases"])
    assert not any(isinstance(value, float) for value in _leaves(document))


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


def test_a_version_below_the_threshold_stays_in_evaluation(
    house: Outside, models: ScriptedModels, sent: Submitted
) -> None:
    models.say = lambda call: "Nothing to report today."
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert (run.state, run.verdict) == ("complete", "fail")
    assert stage(house, sent.change_id) == "evaluation"


@pytest.mark.parametrize("said", ["", "   ", "I'm sorry, but I can't help with that."])
def test_an_empty_answer_and_a_refusal_never_pass(
    house: Outside, models: ScriptedModels, sent: Submitted, said: str
) -> None:
    models.say = lambda call: said
    execute(house, sent.run_id)
    assert read(house, sent.run_id).verdict == "fail"


def test_a_measure_that_no_case_asks_for_stops_the_change(
    house: Outside, models: ScriptedModels, sent: Submitted
) -> None:
    models.say = lambda call: FULL
    execute(house, sent.run_id)
    measures = {one["measure"]: one for one in result(house, sent.run_id)["measures"]}
    assert measures["completeness"]["verdict"] == "pass"
    assert measures["safety_language"]["verdict"] == "unmeasured"
    assert read(house, sent.run_id).verdict == "unmeasured"


def test_a_lost_call_makes_the_run_incomplete_and_nothing_is_compared(
    house: Outside, models: ScriptedModels, sent: Submitted
) -> None:
    models.say = lambda call: Failure("timeout") if len(models.calls) == 3 else FULL
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert (run.state, run.verdict, run.result_sha256) == ("incomplete", None, None)
    assert (
        run.failure == f"1 of {CASES} calls gave no answer, so the run is incomplete and is not compared; run it again."
    )
    assert stage(house, sent.change_id) == "evaluation"


def test_a_worker_that_starts_anew_asks_only_what_is_missing(
    house: Outside, models: ScriptedModels, clock: Clock, sent: Submitted
) -> None:
    def dies(call: Any) -> str:
        if len(models.calls) > 25:
            raise MemoryError
        return FULL

    models.say = dies
    with pytest.raises(MemoryError):
        execute(house, sent.run_id)
    kept = count(house, Answer)
    assert 0 < kept < CASES
    models.say, models.calls = lambda call: FULL, []
    clock.forward(seconds=jobs.LEASE_SECONDS + 1)
    execute(house, sent.run_id)
    assert len(models.calls) == CASES - kept
    assert read(house, sent.run_id).done_calls == count(house, Answer) == CASES


def test_a_worker_whose_lease_was_taken_stops_writing(
    house: Outside, models: ScriptedModels, clock: Clock, sent: Submitted
) -> None:
    def loses_the_lease(call: Any) -> str:
        if len(models.calls) == 20:
            clock.forward(seconds=jobs.LEASE_SECONDS + 1)
            assert jobs.lease(house, job_of(house, sent.run_id).id) is not None
        return FULL

    models.say = loses_the_lease
    execute(house, sent.run_id)
    assert count(house, Answer) < CASES
    assert read(house, sent.run_id).state == "running"


def test_a_run_that_was_cancelled_meanwhile_ends_quietly(
    house: Outside, staff: Staff, models: ScriptedModels, sent: Submitted
) -> None:
    def is_overtaken(call: Any) -> str:
        if len(models.calls) == 20:
            newer = good(prompt=prompt_bytes(risk_class="administrative", version="1.1"), suite=suite_bytes(CASES))
            revise(house, staff.act_as("ada"), sent.change_id, sent.digest, newer)
        return FULL

    models.say = is_overtaken
    execute(house, sent.run_id)
    assert read(house, sent.run_id).state == "cancelled"
    assert job_of(house, sent.run_id).state == "done"
    assert len(models.calls) < CASES


def test_patient_data_never_goes_to_a_model_without_agreement(
    house: Outside, models: ScriptedModels, staff: Staff
) -> None:
    sent = submit(house, staff.act_as("ada"), replace(administrative(), suite_contains_phi=True))
    models.changed = {"may_receive_phi": False, "provider": "acme"}
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert run.state == "failed"
    assert "acme has no agreement" in (run.failure or "")
    assert models.calls == []


def test_a_model_without_its_key_fails_the_run_at_once(house: Outside, models: ScriptedModels, sent: Submitted) -> None:
    models.changed = {"closed_because": "It is not configured: the key X is not set."}
    execute(house, sent.run_id)
    assert read(house, sent.run_id).failure == "It is not configured: the key X is not set."
    assert job_of(house, sent.run_id).state == "failed"


@pytest.mark.parametrize(
    ("column", "words"),
    [("scorers_sha256", "The checks changed while this run waited"), ("policy_sha256", "The policy changed")],
)
def test_what_changed_meanwhile_fails_the_run_in_words(
    house: Outside, models: ScriptedModels, sent: Submitted, column: str, words: str
) -> None:
    with house.database.writing() as session:
        other = _another_policy(house, session) if column == "policy_sha256" else "0" * 64
        setattr(session.get_one(Run, sent.run_id), column, other)
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert (run.state, run.verdict) == ("failed", None)
    assert words in (run.failure or "")
    assert models.calls == []


def _another_policy(house: Outside, session: Any) -> str:
    """A policy with other margins, adopted since."""
    row = session.scalars(select(PolicyRow)).one()
    content = row.content.replace(b"50000", b"40000")
    digest = hashlib.sha256(content).hexdigest()
    assert digest != row.sha256
    session.add(PolicyRow(version=row.version + 1, sha256=digest, content=content, adopted_at=house.now()))
    session.flush()
    return digest


def test_answers_of_two_models_are_never_compared(house: Outside, models: ScriptedModels, sent: Submitted) -> None:
    def is_swapped(call: Any) -> str:
        if len(models.calls) == 40:
            with house.database.writing() as session:
                session.execute(update(Answer).values(model="another-model"))
        return FULL

    models.say = is_swapped
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert (run.state, run.verdict, run.result_sha256) == ("incomplete", None, None)
    assert "fallback model (another-model)" in (run.failure or "")


def test_a_fault_that_may_pass_is_raised_for_another_try(
    house: Outside, models: ScriptedModels, sent: Submitted
) -> None:
    def raise_it(call: Any) -> str:
        raise Unavailable("Something does not answer.")

    models.say = raise_it
    with pytest.raises(Unavailable):
        execute(house, sent.run_id)
    assert read(house, sent.run_id).state == "running"


def test_critical_findings_of_the_new_version_are_listed_for_a_decision(
    house: Outside, models: ScriptedModels, staff: Staff
) -> None:
    sent = submit(
        house, staff.act_as("ada"), administrative(expected={"canary": "ZEBRA-9", "must_include": ["500 mg"]})
    )
    models.say = lambda call: f"{FULL} ZEBRA-9" if "Visit 7." in call.messages[-1][1] else FULL
    execute(house, sent.run_id)
    with house.database.reading() as session:
        row = session.scalars(select(FindingRow)).one()
    assert (row.case_id, row.metric, row.candidate_count, row.baseline_count) == ("case-007", "injection", 3, 0)
    document = result(house, sent.run_id)
    assert document["counts"]["critical"] == 1
    assert document["worst_cases"][0]["case"] == "case-007"
    assert document["worst_cases"][0]["critical"] is True


def test_settling_waits_for_contributors_and_then_moves_on(
    house: Outside, models: ScriptedModels, staff: Staff
) -> None:
    models.say = lambda call: FULL
    sent = submit(house, staff.act_as("ada"), replace(safety(), contributors=(("Xu", "xu@elsewhere.example"),)))
    execute(house, sent.run_id)
    assert stage(house, sent.change_id) == "evaluation"
    assert evaluation.settle_all(house) == []
    with house.database.reading() as session:
        stranger = session.scalars(select(Contributor).where(Contributor.email == "xu@elsewhere.example")).one()
    map_contributor(house, staff.act_as("ada"), sent.change_id, stranger.id, None)
    assert evaluation.settle_all(house) == [sent.change_id]
    assert stage(house, sent.change_id) == "review"
    assert evaluation.settle(house, sent.change_id) is None


def test_text_that_no_database_takes_is_stored_with_replacement_characters(
    house: Outside, models: ScriptedModels, sent: Submitted
) -> None:
    models.say = lambda call: f"{FULL} \ud800 \x00"
    execute(house, sent.run_id)
    with house.database.reading() as session:
        texts = set(session.scalars(select(Answer.text)))
    assert texts == {f"{FULL} ? \ufffd"}


def test_a_run_without_the_search_for_identifiers_is_incomplete_and_says_so(
    house: Outside, models: ScriptedModels, sent: Submitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Missing:
        def find(self, texts: Sequence[str]) -> NoReturn:
            raise Unavailable("The search for identifiers does not start.")

    monkeypatch.setattr(scoring, "identifier_search", Missing)
    models.say = lambda call: FULL
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert (run.state, run.verdict) == ("incomplete", None)
    assert "Identifiers left out" in (run.failure or "")


def test_a_clearly_worse_version_is_stopped_after_the_hardest_cases(
    house: Outside, models: ScriptedModels, staff: Staff
) -> None:
    live_first(house, staff)
    expected = {"must_include": ["metformin", "500 mg"]}
    suite = suite_bytes(80, expected=expected).replace(b"case-", b"stop-")  # a used case is never edited
    wanted = good(**version("1.1"), suite=suite)
    sent = submit(house, staff.act_as("ada"), wanted)
    models.say = lambda call: (
        "Nothing."
        if "version 1.1" in call.messages[0][1]
        else "Subjective: a. Objective: b. Assessment: c. Plan: metformin 500 mg."
    )
    execute(house, sent.run_id)
    run = read(house, sent.run_id)
    assert (run.state, run.verdict) == ("stopped", "fail")
    assert "Stopped early after 30 of 80 cases" in (run.failure or "")
    assert len(models.calls) == 60
    view = evaluation.show_evaluation(house, staff.act_as("ada"), sent.change_id)
    assert view.stage == "evaluation"
    assert view.case_count == 30
    assert [offer.move.name for offer in view.offers if offer.is_open and offer.move.name == "ask_exception"] == []
