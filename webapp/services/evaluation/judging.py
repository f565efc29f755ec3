"""Judging the answers of a run after all were given: kept in small batches under the fence, so that a kill loses little.

What must not live here: what is asked and how a reply is read (``webapp.domain.scorers.judge``).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from webapp.acts import jobs
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Job, Judgement, Run, ScoreRow
from webapp.domain.evaluation.tally import value_of
from webapp.domain.policy import JudgeRule
from webapp.domain.scorers import interface
from webapp.domain.scorers.judge import NAME, rubric_digest
from webapp.services.evaluation.asking import storable
from webapp.services.evaluation.budgets import count_tokens
from webapp.services.evaluation.judge_calls import JudgedAnswer, ToJudge, judge_all
from webapp.services.evaluation.keeping import Stopping, findings_document
from webapp.services.evaluation.work import Work, require_going_on

ANSWERS_AT_ONCE = 64


def judge_answers(outside: Outside, job: Job, work: Work, is_stopping: Callable[[], bool]) -> None:
    """Every answer that counts has the judge's score; nothing happens where the policy names no judge.

    Answers that were judged before are not asked about again. Conflict, Stopping and BudgetSpent as for answers themselves;
    nothing is asked where the day's budget is used up before.
    """
    judge = work.rules.judge
    if judge is None:
        return
    keeper = JudgeKeeper(outside, job, judge, is_stopping)
    while page := _unjudged(outside, work):
        keeper.keep(())
        asyncio.run(judge_all(outside.models, judge, page, keeper.keep))


def judge_facts(session: Session, run_id: str, judge: JudgeRule | None) -> dict[str, Any]:
    """Who judged by which questions, how often it was asked and for what cost; nothing without a judge."""
    if judge is None:
        return {}
    rubric = rubric_digest(judge)
    query = (
        select(func.count(), func.coalesce(func.sum(Judgement.cost_microusd), 0))
        .join(Answer, Answer.id == Judgement.answer_id)
        .where(Answer.run_id == run_id, Judgement.judge_sha256 == rubric)
    )
    calls, cost = session.execute(query).one()
    return {"judge": {"model": judge.model, "rubric": rubric, "calls": calls, "cost_microusd": int(cost or 0)}}


@dataclass(frozen=True)
class JudgeKeeper:
    """Stores what the judge said for the worker that holds the run's job."""

    outside: Outside
    job: Job
    judge: JudgeRule
    is_stopping: Callable[[], bool]

    def keep(self, batch: Sequence[JudgedAnswer[int]]) -> None:
        """The batch is stored with its scores, its cost counts, and the lease is renewed."""
        rows = [self._row(one) for one in batch if one.attempts]
        with self.outside.database.writing() as session:
            jobs.renew(self.outside, session, self.job.id, self.job.fence, made_progress=bool(batch))
            run = session.get_one(Run, self.job.subject_id, with_for_update=True)
            require_going_on(run)
            session.add_all(rows)
            session.add_all(_score_row(one) for one in batch)
            run.cost_microusd += sum(row.cost_microusd or 0 for row in rows)
            took = sum((row.tokens_in or 0) + (row.tokens_out or 0) for row in rows)
            spent = count_tokens(self.outside, session, run.id, self.judge.model, took)
        if spent is not None:
            raise spent
        if self.is_stopping():
            raise Stopping

    def _row(self, one: JudgedAnswer[int]) -> Judgement:
        done = one.completion
        return Judgement(
            answer_id=one.key,
            judge_sha256=rubric_digest(self.judge) or "",
            model=self.judge.model,
            labels=one.labels,
            text=storable(done.text) if done else "",
            error=one.error,
            tokens_in=done.tokens_in if done else None,
            tokens_out=done.tokens_out if done else None,
            cost_microusd=done.cost_microusd if done else None,
            latency_ms=done.latency_ms if done else None,
            attempts=one.attempts,
            judged_at=self.outside.now(),
        )


def _score_row(one: JudgedAnswer[int]) -> ScoreRow:
    return ScoreRow(
        answer_id=one.key,
        metric=NAME,
        state=one.score.state,
        value=value_of(one.score),
        findings=findings_document(one.score.findings),
    )


def _unjudged(outside: Outside, work: Work) -> list[ToJudge[int]]:
    """The next answers without the judge's score; those given only to look at a finding again are not judged."""
    is_scored = exists().where(ScoreRow.answer_id == Answer.id, ScoreRow.metric == NAME)
    query = (
        select(Answer)
        .where(Answer.run_id == work.run_id, Answer.error.is_(None), Answer.repeat < work.repeats, ~is_scored)
        .order_by(Answer.id)
        .limit(ANSWERS_AT_ONCE)
    )
    cases = {case.id: case for case in work.cases}
    with outside.database.reading() as session:
        return [ToJudge(row.id, cases[row.case_id], _answer(row)) for row in session.scalars(query)]


def _answer(row: Answer) -> interface.Answer:
    return interface.Answer(
        row.text, row.finish_reason or "", row.tokens_in or 0, row.tokens_out or 0, row.cost_microusd, row.latency_ms
    )
