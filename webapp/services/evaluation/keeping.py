"""Keeping answers: scored outside any transaction, stored in small batches under the fence, so that a kill loses little."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert

from webapp.acts import jobs
from webapp.adapters.lookups import lookups
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Answer, Job, ScoreRow
from webapp.domain.evaluation.stated import LEAST_REPEATS, stated_facts
from webapp.domain.evaluation.tally import value_of
from webapp.domain.scorers.interface import Finding, Score
from webapp.services.evaluation.asking import Asked
from webapp.services.evaluation.budgets import settle_tokens
from webapp.services.evaluation.scoring import Checks
from webapp.services.evaluation.work import add_to_run

ADD_ANSWERS = insert(Answer).returning(Answer.id, sort_by_parameter_order=True)
ADD_SCORES = insert(ScoreRow)


class Stopping(Exception):
    """The worker was asked to stop; the job goes back as it is."""


@dataclass(frozen=True)
class Keeper:
    """Stores the answers of one run for the worker that holds its job."""

    outside: Outside
    job: Job
    checks: Checks
    is_stopping: Callable[[], bool]
    repeats: int = 1

    def keep(self, batch: Sequence[Asked]) -> None:
        """The batch is stored with its scores and the lease is renewed.

        Conflict when another worker took the job (fenced) or the run ended; BudgetSpent where the day's tokens are used up;
        Stopping after the batch where the worker was asked to.
        """
        scored = [
            (asked, scores, self._stated(asked)) for asked, scores in zip(batch, self.checks.score(batch), strict=True)
        ]
        with self.outside.database.writing() as session:
            jobs.renew(self.outside, session, self.job.id, self.job.fence, made_progress=bool(batch))
            self._store(session.connection(), scored)
            spent = settle_tokens(self.outside, session, self.job.subject_id, batch)
        if spent:
            raise spent
        if self.is_stopping():
            raise Stopping

    def _stated(self, asked: Asked) -> dict[str, Any]:
        """The facts of the answer as digests, where there are enough answers a case to compare them."""
        return stated(asked) if self.repeats >= LEAST_REPEATS else {}

    def _store(self, connection: Connection, scored: Sequence[tuple[Asked, tuple[Score, ...], dict[str, Any]]]) -> None:
        """Through tables instead of rows of objects: half the work."""
        rows = [_answer(self.outside, self.job.subject_id, asked) | {"stated": facts} for asked, _, facts in scored]
        add_to_run(connection, self.job.subject_id, len(rows), sum(row["cost_microusd"] or 0 for row in rows))
        if not rows:
            return
        ids = connection.scalars(ADD_ANSWERS, rows).all()
        marks = [_score_row(id_, one) for id_, (_, scores, _facts) in zip(ids, scored, strict=True) for one in scores]
        if marks:
            connection.execute(ADD_SCORES, marks)


def stated(asked: Asked) -> dict[str, Any]:
    """What the answer states, as the table keeps it; empty where there is no answer."""
    answer = asked.answer
    return {} if answer is None else stated_facts(answer.text, lookups().code_exists).to_document()


def findings_document(findings: Sequence[Finding]) -> dict[str, Any]:
    """Findings as the table keeps them."""
    if not findings:
        return {}
    return {
        "findings": [
            {"code": one.code, "sentence": one.sentence, "critical": one.critical, "span": list(one.span or ())}
            for one in findings
        ]
    }


def read_findings(metric: str, document: dict[str, Any]) -> tuple[Finding, ...]:
    """The findings that ``findings_document`` wrote."""
    return tuple(
        Finding(metric, row["code"], row["sentence"], row["critical"], tuple(row["span"]) or None)
        for row in document.get("findings", ())
    )


def _answer(outside: Outside, run_id: str, asked: Asked) -> dict[str, Any]:
    done, case = asked.completion, asked.call.case
    answer = asked.answer
    return {
        "run_id": run_id,
        "case_id": case.id,
        "cluster": case.cluster,
        "subgroup": dict(case.subgroup),
        "arm": asked.call.arm,
        "repeat": asked.call.repeat,
        "model": done.model if done else asked.model,
        "asked_model": asked.model,
        "text": answer.text if answer else "",
        "error": asked.error,
        "finish_reason": done.finish_reason[:60] if done else None,
        "tokens_in": done.tokens_in if done else None,
        "tokens_out": done.tokens_out if done else None,
        "cost_microusd": done.cost_microusd if done else None,
        "latency_ms": done.latency_ms if done else None,
        "ttft_ms": done.ttft_ms if done else None,
        "is_cached": done.is_cached if done else False,
        "call_sha256": asked.call_sha256,
        "code_version": done.code_version if done else None,
        "index_id": done.index_id if done else None,
        "attempts": asked.attempts,
        "answered_at": outside.now(),
    }


def _score_row(answer_id: int, one: Score) -> dict[str, Any]:
    return {
        "answer_id": answer_id,
        "metric": one.metric,
        "state": one.state,
        "value": value_of(one),
        "findings": findings_document(one.findings),
    }
