"""Evaluating on this machine: the same calls, checks and comparison as a run, without database, queue or change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from webapp.adapters.llm.gateway import Models
from webapp.domain.evaluation.conclusion import Conclusion, conclude, missing_sentence, result_document
from webapp.domain.evaluation.planning import BASELINE, CANDIDATE, Call, calls_again, plan_calls
from webapp.domain.evaluation.sameness import changed_application_sentence
from webapp.domain.evaluation.stated import LEAST_REPEATS, read_stated
from webapp.domain.evaluation.tally import Tally, marks_of
from webapp.domain.policy import ClassPolicy
from webapp.domain.prompts.suite import Suite
from webapp.domain.scorers.judge import rubric_digest
from webapp.domain.scorers.table import scorer_set_digest
from webapp.errors import Refused
from webapp.services.evaluation.asking import Arm, Asked, ask_all
from webapp.services.evaluation.judge_calls import JudgedAnswer, ToJudge, judge_all
from webapp.services.evaluation.keeping import stated
from webapp.services.evaluation.scoring import Checks


def evaluate_here(
    models: Models, arms: dict[str, Arm], suite: Suite, rules: ClassPolicy, tell: Callable[[int, int], None]
) -> dict[str, Any]:
    """The evaluation as the API would show it: run, sentence, counts, measures, worst cases. ``tell`` hears (done, planned).

    Nothing is stored. A run that lost calls is incomplete and holds no measures.
    """
    for model in (*(arm.model for arm in arms.values()), *((rules.judge.model,) if rules.judge else ())):
        _require_open(models, model)
    has_baseline = BASELINE in arms
    calls = plan_calls(suite.cases, rules.repeats, has_baseline=has_baseline)
    checks = Checks(suite.cases)
    states = set[tuple[str | None, str | None]]()
    tally, done, answered = Tally(has_baseline=has_baseline, repeats=rules.repeats), 0, 0
    unjudged = list[ToJudge[Call]]()

    def keep(batch: list[Asked]) -> None:
        """The marks of the batch count."""
        nonlocal done, answered
        for asked, scores in zip(batch, checks.score(batch), strict=True):
            answered += asked.completion is not None
            if asked.completion is not None and asked.completion.code_version is not None:
                states.add((asked.completion.code_version, asked.completion.index_id))
            facts = read_stated(stated(asked)) if rules.repeats >= LEAST_REPEATS else None
            if facts is not None:
                tally.add_stated(asked.call.case.id, asked.call.arm, asked.call.repeat, facts)
            for mark in marks_of(asked.call.case.id, asked.call.arm, asked.call.repeat, scores):
                tally.add(mark)
            if rules.judge and asked.answer and asked.call.repeat < rules.repeats:
                unjudged.append(ToJudge(asked.call, asked.call.case, asked.answer))
        done += len(batch)
        tell(done, len(calls))

    asyncio.run(ask_all(models, calls, arms, keep))
    dangerous = {one.case for one in tally.criticals()} if answered == len(calls) else set()
    again = calls_again(suite.cases, dangerous, rules.repeats, has_baseline=has_baseline)
    calls = (*calls, *again)
    asyncio.run(ask_all(models, again, arms, keep))
    if rules.judge:
        asyncio.run(judge_all(models, rules.judge, unjudged, lambda batch: _add_judged(tally, batch)))
    conclusion = conclude(tally, suite.cases, rules)
    lost = missing_sentence(len(calls) - answered, len(calls))
    failure = lost or changed_application_sentence(states) or conclusion.incomplete_because
    return _document(models, arms, suite, rules, conclusion, failure, len(calls))


def _add_judged(tally: Tally, batch: list[JudgedAnswer[Call]]) -> None:
    for one in batch:
        for mark in marks_of(one.key.case.id, one.key.arm, one.key.repeat, [one.score]):
            tally.add(mark)


def _require_open(models: Models, model: str) -> None:
    closed = models.fact(model).closed_because
    if closed:
        raise Refused(closed, code="model_closed")


def _document(
    models: Models,
    arms: dict[str, Arm],
    suite: Suite,
    rules: ClassPolicy,
    conclusion: Conclusion,
    failure: str | None,
    planned: int,
) -> dict[str, Any]:
    is_offline = any(models.fact(arm.model).offline for arm in arms.values())
    run = {
        "state": "incomplete" if failure else "complete",
        "verdict": None if failure else conclusion.verdict.value,
        "failure": failure,
        "planned_calls": planned,
        "done_calls": planned,
        "offline": is_offline,
    }
    if failure:
        return {"run": run}
    rubric = rubric_digest(rules.judge)
    facts = {
        "suite": suite.digest,
        "models": {name: arm.model for name, arm in arms.items() if name in (CANDIDATE, BASELINE)},
        "offline": "yes" if is_offline else "no",
        "scorers": scorer_set_digest(rubric),
        **({"judge": {"model": rules.judge.model, "rubric": rubric}} if rules.judge else {}),
    }
    return {**result_document(conclusion, facts), "run": run}
