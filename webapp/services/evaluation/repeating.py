"""Asking again where an answer was dangerous, so that a person decides on three answers of each version and not on one.

What must not live here: what counts as dangerous (the checks) and who decides (``deciding``).
"""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from webapp.acts import jobs
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Job, Run, ScoreRow
from webapp.domain.evaluation.planning import CANDIDATE, Call, arms, calls_again
from webapp.services.evaluation.work import Work, require_going_on, stored_keys

ROWS_AT_ONCE = 2_000


def plan_again(outside: Outside, job: Job, work: Work) -> tuple[Call, ...]:
    """The further calls of cases with a critical finding that have no stored answer yet; the run's plan counts them.

    Worked out anew from the stored first answers each time, so that a worker that takes over plans the same. None where a
    call of the first pass was lost: such a run is not compared.
    """
    first_pass = len(work.cases) * work.repeats * len(arms(work.has_baseline))
    with outside.database.reading() as session:
        if _answered(session, work) < first_pass:
            return ()
        dangerous, stored = _dangerous_cases(session, work), stored_keys(session, work.run_id)
    again = calls_again(work.cases, dangerous, work.repeats, has_baseline=work.live_can_be_asked)
    if again:
        _plan(outside, job, work.run_id, first_pass + len(again))
    return tuple(call for call in again if call.key not in stored)


def _answered(session: Session, work: Work) -> int:
    query = select(func.count()).where(
        Answer.run_id == work.run_id, Answer.error.is_(None), Answer.repeat < work.repeats
    )
    return session.scalar(query) or 0


def _dangerous_cases(session: Session, work: Work) -> set[str]:
    """The cases in which the new version has a critical finding in the first pass."""
    query = (
        select(Answer.case_id, ScoreRow.findings)
        .join(ScoreRow, ScoreRow.answer_id == Answer.id)
        .where(Answer.run_id == work.run_id, Answer.arm == CANDIDATE, Answer.repeat < work.repeats)
        .execution_options(yield_per=ROWS_AT_ONCE)
    )
    return {
        case
        for case, document in session.execute(query)
        if any(finding["critical"] for finding in document.get("findings", ()))
    }


def _plan(outside: Outside, job: Job, run_id: str, calls: int) -> None:
    with outside.database.writing() as session:
        jobs.renew(outside, session, job.id, job.fence)
        run = session.get_one(Run, run_id, with_for_update=True)
        require_going_on(run)
        run.planned_calls = calls
