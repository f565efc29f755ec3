"""How a run went: retries, kept answers, lost calls and other models are counted and said."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from tests.conftest import Staff
from tests.services.evaluation.conftest import Failure, ScriptedModels, execute
from tests.services.submissions import good, suite_bytes
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Run
from webapp.services import evaluation
from webapp.services.evaluation.how_it_ran import HowItRan
from webapp.services.submission import submit


def ran(house: Outside, staff: Staff) -> HowItRan:
    sent = submit(house, staff.act_as("ada"), good(suite=suite_bytes(4)))
    execute(house, sent.run_id)
    with house.database.writing() as session:
        first = session.scalars(select(Answer).order_by(Answer.id)).first()
        assert first is not None
        if first.error is None:
            first.attempts, first.is_cached, first.model = 3, True, "another"
            first.code_version, first.index_id = "7.1", "idx-3"
    found = evaluation.show_evaluation(house, staff.act_as("kim"), sent.change_id).ran
    assert found is not None
    return found


def test_retries_kept_answers_and_other_models_are_counted(house: Outside, staff: Staff) -> None:
    new = ran(house, staff).new
    assert (new.answers, new.retried, new.attempts, new.kept, new.by_others) == (4, 1, 6, 1, 1)
    assert (new.retried_words, new.lost_words) == ("1 (6 attempts in all)", "none")


def test_lost_calls_say_why(house: Outside, staff: Staff, models: ScriptedModels) -> None:
    models.say = lambda call: Failure("timeout")
    found = ran(house, staff)
    assert found.new.lost_words == "4 no answer in time"
    assert replace(found.new, lost=(("odd_code", 2),)).lost_words == "2 odd_code"
    assert found.live is None
    assert ("Model", "–", "offline-clinical-1") in found.rows


def test_a_case_says_where_its_answer_came_from(house: Outside, staff: Staff) -> None:
    ran(house, staff)
    with house.database.reading() as session:
        change_id = session.scalars(select(Run.change_id)).one()
        case_id = session.scalars(select(Answer.case_id).order_by(Answer.id)).first()
    view = evaluation.show_case(house, staff.act_as("kim"), change_id, case_id or "")
    assert view.new.words == (
        "Answered by another in place of offline-clinical-1. The application reported version 7.1, index idx-3. "
        "Kept from an earlier run. Asked 3 times."
    )


def test_time_that_nobody_reported_is_no_finding_of_a_case(house: Outside, staff: Staff) -> None:
    ran(house, staff)
    with house.database.reading() as session:
        change_id = session.scalars(select(Run.change_id)).one()
    lines = evaluation.show_evaluation(house, staff.act_as("kim"), change_id).cases
    assert not any("no time" in sentence for line in lines for sentence, _ in line.findings)
