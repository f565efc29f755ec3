"""Asking the judge: one call per answer that can be judged, many at once. Nothing here knows tables or runs.

A call that failed for good, a refusal and a reply of another form leave the answer unscored; they never end the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from webapp.adapters.llm.calls import CallFailed, Completion, ModelCall
from webapp.adapters.llm.gateway import Models
from webapp.domain.policy import JudgeRule
from webapp.domain.prompts.suite import Case
from webapp.domain.scorers import judge as judging
from webapp.domain.scorers.interface import Answer, Score

Key = TypeVar("Key")
AT_ONCE = 16
KEEP_SECONDS = 1.0


@dataclass(frozen=True)
class ToJudge(Generic[Key]):
    """An answer to one case; ``key`` tells whoever asked which one."""

    key: Key
    case: Case = field(repr=False)
    answer: Answer = field(repr=False)


@dataclass(frozen=True)
class JudgedAnswer(Generic[Key]):
    """The judge's score of one answer. ``attempts`` 0: nobody was asked; ``completion`` None: there is no reply."""

    key: Key
    score: Score
    labels: dict[str, str]
    completion: Completion | None = field(repr=False)
    error: str | None
    attempts: int


async def judge_one(models: Models, judge: JudgeRule, one: ToJudge[Key]) -> JudgedAnswer[Key]:
    """The answer is scored, or unscored for the judge."""
    settled = judging.settled(one.case, one.answer)
    if settled is not None:
        return JudgedAnswer(one.key, settled, {}, None, None, 0)
    texts = tuple(
        (message.role, message.text) for message in judging.judge_messages(judge, one.case, one.answer)
    )  # fmt: skip
    try:
        done = await models.complete(ModelCall(judge.model, texts, judging.judge_parameters(judge)))
    except CallFailed as failure:
        return JudgedAnswer(one.key, judging.no_score(failure.code), {}, None, failure.code, failure.attempts)
    labels = judging.read_reply(judge, done.text)
    score = judging.score_of(judge, labels)
    error = score.findings[0].code if score.state == "unscored" else None
    return JudgedAnswer(one.key, score, labels or {}, done, error, done.attempts)


async def judge_all(
    models: Models,
    judge: JudgeRule,
    answers: Iterable[ToJudge[Key]],
    keep: Callable[[list[JudgedAnswer[Key]]], None],
) -> None:
    """Every answer is judged and kept, in batches as they come; ``keep`` runs in a thread, also with an empty batch."""
    room = asyncio.Semaphore(AT_ONCE)

    async def in_turn(one: ToJudge[Key]) -> JudgedAnswer[Key]:
        async with room:
            return await judge_one(models, judge, one)

    pending = {asyncio.create_task(in_turn(one)) for one in answers}
    finished = set[asyncio.Task[JudgedAnswer[Key]]]()
    try:
        while pending:
            finished, pending = await asyncio.wait(pending, timeout=KEEP_SECONDS)
            await asyncio.to_thread(keep, [task.result() for task in finished])
    finally:
        for task in pending:
            task.cancel()
        await asyncio.gather(
            *pending, *finished, return_exceptions=True
        )  # or asyncio would log their faults with texts
