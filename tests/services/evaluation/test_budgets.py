"""Daily budgets of tokens: reserved, settled, a hard stop that loses nothing."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select

from tests.conftest import Clock, Staff
from tests.services.evaluation.conftest import ScriptedModels, execute, job_of
from tests.services.submissions import good, prompt_bytes, suite_bytes
from webapp.acts import jobs
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Job, Run, TokenDay, TokenReservation
from webapp.services.evaluation import progress
from webapp.services.submission import Submitted, submit

CASES = 6
MODEL = "offline-clinical-1"
TAKEN = 30  # the scripted model takes 10 tokens in and 20 out
AT_MOST = 850  # of a case: 800 of max_tokens and what is sent


def sent(house: Outside, staff: Staff, name: str = "clinical-summarization", author: str = "ada") -> Submitted:
    return submit(house, staff.act_as(author), good(prompt=prompt_bytes(name=name), suite=suite_bytes(CASES)))


def run_of(house: Outside, run_id: str) -> Run:
    with house.database.reading() as session:
        return session.get_one(Run, run_id)


def used(house: Outside) -> dict[date, int]:
    with house.database.reading() as session:
        return {row.day: row.used for row in session.scalars(select(TokenDay))}


def test_what_a_run_took_counts_against_its_day(house: Outside, staff: Staff, models: ScriptedModels) -> None:
    models.changed = {"daily_tokens": 100_000}
    execute(house, sent(house, staff).run_id)
    assert used(house) == {house.now().date(): CASES * TAKEN}
    with house.database.reading() as session:
        assert [row.tokens for row in session.scalars(select(TokenReservation))] == [0]


def test_a_run_that_does_not_fit_into_the_day_waits_for_the_next_one(
    house: Outside, staff: Staff, models: ScriptedModels, clock: Clock
) -> None:
    models.changed = {"daily_tokens": CASES * AT_MOST}
    execute(house, sent(house, staff).run_id)
    asked = len(models.calls)
    second = sent(house, staff, "discharge", "ben")
    execute(house, second.run_id)
    assert len(models.calls) == asked, "not one call of a run that does not fit"
    waiting = run_of(house, second.run_id)
    assert waiting.state == "queued"
    assert "goes on by itself after midnight UTC" in (waiting.failure or "")
    assert jobs.lease(house, job_of(house, second.run_id).id) is None
    assert "is used up" in (progress.progress_of(house, waiting).trouble or "")
    clock.forward(days=1)
    execute(house, second.run_id)
    assert run_of(house, second.run_id).state in ("complete", "incomplete")
    assert run_of(house, second.run_id).failure is None or "used up" not in str(run_of(house, second.run_id).failure)
    assert sum(used(house).values()) == 2 * CASES * TAKEN


def test_a_run_that_takes_more_than_expected_stops_and_keeps_its_answers(
    house: Outside, staff: Staff, models: ScriptedModels, clock: Clock
) -> None:
    models.changed = {"daily_tokens": CASES * AT_MOST}
    with house.database.writing() as session:
        session.add(TokenDay(day=house.now().date(), model=MODEL, used=0))
    made = sent(house, staff)
    models.tokens_out = 40 * AT_MOST
    execute(house, made.run_id)
    with house.database.reading() as session:
        kept = len(session.scalars(select(Answer).where(Answer.run_id == made.run_id)).all())
    assert run_of(house, made.run_id).state == "queued"
    assert kept > 0
    models.tokens_out = 20
    clock.forward(days=1)
    execute(house, made.run_id)
    assert len(models.calls) == CASES, "what was answered before is not asked again"


def test_a_run_that_no_day_can_hold_fails_in_words(house: Outside, staff: Staff, models: ScriptedModels) -> None:
    models.changed = {"daily_tokens": AT_MOST}
    made = sent(house, staff)
    execute(house, made.run_id)
    run = run_of(house, made.run_id)
    assert run.state == "failed"
    assert "more than its daily budget of 850" in (run.failure or "")
    assert models.calls == []


def test_a_case_larger_than_a_request_may_be_fails_in_words(
    house: Outside, staff: Staff, models: ScriptedModels
) -> None:
    models.changed = {"request_tokens": 500}
    made = sent(house, staff)
    execute(house, made.run_id)
    assert "One case may take up to" in (run_of(house, made.run_id).failure or "")
    assert models.calls == []


def test_a_run_with_nothing_left_to_ask_waits_for_no_budget(
    house: Outside, staff: Staff, models: ScriptedModels
) -> None:
    models.changed = {"daily_tokens": CASES * AT_MOST}
    models.tokens_out = 40 * AT_MOST
    made = sent(house, staff)
    execute(house, made.run_id)
    assert run_of(house, made.run_id).state == "queued"
    with house.database.writing() as session:
        session.scalars(select(Job).where(Job.subject_id == made.run_id)).one().run_after = house.now()
    execute(house, made.run_id)
    assert run_of(house, made.run_id).concluded_at is not None
    assert len(models.calls) == CASES


def test_reservations_of_a_running_run_bind_others(house: Outside, staff: Staff, models: ScriptedModels) -> None:
    models.changed = {"daily_tokens": CASES * AT_MOST}
    first, second = sent(house, staff), sent(house, staff, "discharge", "ben")
    with house.database.writing() as session:
        session.get_one(Run, first.run_id).state = "running"
        session.add(TokenReservation(run_id=first.run_id, model=MODEL, tokens=AT_MOST))
    execute(house, second.run_id)
    assert run_of(house, second.run_id).state == "queued"


def test_reservations_of_an_ended_run_bind_nobody(house: Outside, staff: Staff, models: ScriptedModels) -> None:
    models.changed = {"daily_tokens": CASES * AT_MOST}
    first, second = sent(house, staff), sent(house, staff, "discharge", "ben")
    with house.database.writing() as session:
        session.get_one(Run, first.run_id).state = "failed"
        session.add(TokenReservation(run_id=first.run_id, model=MODEL, tokens=CASES * AT_MOST))
    execute(house, second.run_id)
    assert run_of(house, second.run_id).state != "queued"


def test_a_model_without_a_budget_is_not_counted(house: Outside, staff: Staff, models: ScriptedModels) -> None:
    del models
    execute(house, sent(house, staff).run_id)
    assert used(house) == {}


@pytest.mark.parametrize(("daily", "fits"), [(CASES * AT_MOST, True), (CASES * 800, False)])
def test_what_is_expected_counts_the_longest_answer_and_what_is_sent(
    house: Outside, staff: Staff, models: ScriptedModels, daily: int, fits: bool
) -> None:
    models.changed = {"daily_tokens": daily}
    made = sent(house, staff)
    execute(house, made.run_id)
    assert (run_of(house, made.run_id).state != "failed") is fits
