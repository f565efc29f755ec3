"""Executing a run from its job: taken up, asked, concluded; or failed with a sentence people can act on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from webapp.acts import jobs
from webapp.acts.actors import SYSTEM
from webapp.acts.recording import enter
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Job, Run
from webapp.domain.evaluation.early import first_cases, split_calls
from webapp.domain.evaluation.planning import BASELINE, Call
from webapp.errors import Conflict, InvalidInput, NotFound, Refused
from webapp.services.evaluation.asking import ask_all
from webapp.services.evaluation.budgets import BudgetSpent, reserve_tokens
from webapp.services.evaluation.concluding import LONGEST_FAILURE, conclude_run, stop_where_hopeless
from webapp.services.evaluation.judging import judge_answers
from webapp.services.evaluation.keeping import Keeper, Stopping
from webapp.services.evaluation.kept import take_kept
from webapp.services.evaluation.repeating import plan_again
from webapp.services.evaluation.scoring import Checks
from webapp.services.evaluation.work import GOING_ON, RUN_ENDED, Work, take_up

TAKEN_OVER = "fenced"


def execute_run(outside: Outside, job: Job, *, is_stopping: Callable[[], bool] = lambda: False) -> None:
    """The run of this leased job has ended: complete, incomplete or failed; or the job was given back or taken over.

    What is stored already is not asked again. Errors that another try may mend (Unavailable, unforeseen ones) are raised.
    """
    try:
        work = take_up(outside, job)
        keeper = Keeper(outside, job, Checks(work.cases), is_stopping, work.repeats)
        early, rest = split_calls(work.calls, first_cases(work.cases))
        _answer(outside, work, early, keeper)
        if stop_where_hopeless(outside, job, work):
            return
        _answer(outside, work, rest, keeper)
        _answer(outside, work, plan_again(outside, job, work), keeper)
        judge_answers(outside, job, work, is_stopping)
        conclude_run(outside, job, work)
    except Stopping:
        jobs.give_back(outside, job.id, job.fence)
    except BudgetSpent as spent:
        _wait(outside, job, spent)
    except (InvalidInput, NotFound, Refused) as error:
        fail_run(outside, job, error.sentence)
    except Conflict as error:
        if error.code == RUN_ENDED:
            _close_job(outside, job)
        elif error.code != TAKEN_OVER:
            raise


def _answer(outside: Outside, work: Work, calls: Sequence[Call], keeper: Keeper) -> None:
    """Every call has its answer: a kept one where there is one, else asked within the day's budget of tokens.

    A live version that may not be asked any more is not, whatever is missing of its kept answers: then the run is incomplete.
    """
    not_kept = take_kept(outside, work, calls, keeper.keep)
    open_calls = [call for call in not_kept if call.arm != BASELINE or work.live_can_be_asked]
    reserve_tokens(outside, work.run_id, open_calls, work.arms)
    asyncio.run(ask_all(outside.models, open_calls, work.arms, keeper.keep))


def _wait(outside: Outside, job: Job, spent: BudgetSpent) -> None:
    """The run says what it waits for, and its job goes on by itself when the budget is renewed."""
    try:
        with outside.database.writing() as session:
            jobs.postpone(outside, session, job.id, job.fence, spent.renewed_at)
            run = session.get_one(Run, job.subject_id, with_for_update=True)
            if run.state in GOING_ON:
                run.state, run.failure = "queued", spent.sentence[:LONGEST_FAILURE]
    except Conflict as error:
        if error.code != TAKEN_OVER:
            raise


def fail_run(outside: Outside, job: Job, sentence: str) -> None:
    """Job and run have failed visibly; authors may run it again. Nothing happens when another worker took the job."""
    try:
        with outside.database.writing() as session:
            jobs.fail(outside, session, job.id, job.fence, sentence)
            run = session.get(Run, job.subject_id, with_for_update=True)
            if run is None or run.state not in GOING_ON:
                return
            before = run.state
            run.state, run.failure, run.concluded_at = "failed", sentence[:LONGEST_FAILURE], outside.now()
            enter(
                outside, session, SYSTEM, "run.concluded", ("run", run.id, run.number),
                before=(before, None), after=("failed", None),
            )  # fmt: skip
    except Conflict as error:
        if error.code != TAKEN_OVER:
            raise


def _close_job(outside: Outside, job: Job) -> None:
    """A job whose run has ended is done."""
    try:
        with outside.database.writing() as session:
            jobs.finish(outside, session, job.id, job.fence)
    except Conflict as error:
        if error.code != TAKEN_OVER:
            raise
