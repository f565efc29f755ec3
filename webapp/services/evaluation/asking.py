"""Asking models: many calls at once, answers handed on in small batches. Nothing here knows tables or runs.

A call that failed for good is an answer with an error; what a provider does never ends the run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from webapp.adapters.llm.calls import CallFailed, Completion, ModelCall
from webapp.adapters.llm.gateway import Models, expected_tokens
from webapp.domain.evaluation.call_digest import call_digest
from webapp.domain.evaluation.planning import Call
from webapp.domain.prompts.canary import case_messages
from webapp.domain.prompts.prompt_file import PromptFile
from webapp.domain.prompts.template import template_values
from webapp.domain.scorers.interface import Answer
from webapp.errors import InvalidInput

AT_ONCE = 16
BATCH = 16
GATHER_SECONDS = 0.03
KEEP_SECONDS = 3.0
BAD_INPUT = "bad_input"


@dataclass(frozen=True)
class Arm:
    """What one arm of a run asks: a prompt and the model that gets it; ``fallbacks`` answer where that model's provider fails.

    ``identity`` is what the model's name stands for in the models file now.
    """

    prompt: PromptFile = field(repr=False)
    model: str
    prompt_sha256: str = ""
    fallbacks: tuple[str, ...] = ()
    identity: str = ""


@dataclass(frozen=True)
class Asked:
    """One call with its completion, or with the code of the failure that remained after all attempts.

    ``model`` was asked; the completion says who answered. ``call_sha256`` is the digest of the whole question,
    ``expected_tokens`` the most it was expected to take.
    """

    call: Call
    model: str
    completion: Completion | None
    error: str | None = None
    attempts: int = 1
    call_sha256: str | None = None
    expected_tokens: int = 0
    told: str = field(default="", repr=False)

    @property
    def answer(self) -> Answer | None:
        """The answer as checks read it; None where there is none."""
        done = self.completion
        if done is None:
            return None
        return Answer(
            text=storable(done.text),
            finish_reason=done.finish_reason,
            tokens_in=done.tokens_in,
            tokens_out=done.tokens_out,
            cost_microusd=done.cost_microusd,
            latency_ms=done.latency_ms,
            ttft_ms=done.ttft_ms,
            is_cached=done.is_cached,
            told=self.told,
        )


def question(call: Call, arm: Arm) -> ModelCall | None:
    """What the arm asks in this call; None where the case lacks something that the template asks for."""
    inputs = template_values(call.case)
    try:
        texts = tuple((message.role, message.text) for message in case_messages(arm.prompt, call.case))
    except InvalidInput:
        return None
    return ModelCall(
        arm.model, texts, arm.prompt.parameters, call.repeat, arm.fallbacks, inputs, arm.prompt.label, arm.prompt_sha256
    )


def digest_of(asked: ModelCall, arm: Arm) -> str:
    """The digest of the whole question; a name that stands for another model now makes it another question."""
    return call_digest(f"{asked.model} {arm.identity}".strip(), asked.messages, asked.parameters, asked.repeat)


async def ask(models: Models, call: Call, arm: Arm) -> Asked:
    """The call is answered, or has failed for good."""
    asked = question(call, arm)
    if asked is None:
        return Asked(call, arm.model, None, BAD_INPUT, attempts=0)
    digest, tokens = digest_of(asked, arm), expected_tokens(asked)
    try:
        done = await models.complete(asked)
    except CallFailed as failure:
        return Asked(call, arm.model, None, failure.code, failure.attempts, digest, tokens)
    return Asked(call, arm.model, done, None, done.attempts, digest, tokens, told=arm.prompt.system_prompt)


async def ask_all(
    models: Models, calls: Iterable[Call], arms: dict[str, Arm], keep: Callable[[list[Asked]], None]
) -> None:
    """Every call was answered or failed, and all were kept in batches.

    ``AT_ONCE`` calls are open at any time, also while answers are kept; at most ``AT_ONCE + BATCH`` are asked and not yet kept,
    which is what a kill may repeat. ``keep`` runs in a thread of its own, one batch at a time, also with an empty batch every few
    seconds while models are slow; what it raises ends everything at once.
    """
    waiting, room, answered = iter(calls), asyncio.Semaphore(AT_ONCE + BATCH), asyncio.Queue[Asked]()

    async def ask_on() -> None:
        """Asks one call after the other until none waits."""
        for call in waiting:
            await room.acquire()
            answered.put_nowait(await ask(models, call, arms[call.arm]))

    async def keep_on() -> None:
        """Keeps what was answered until it is cancelled."""
        while True:
            batch = await _batch(answered)
            await asyncio.to_thread(keep, batch)
            for _ in batch:
                room.release()
                answered.task_done()

    async def ask_everything() -> None:
        """All calls were asked and what came was kept."""
        await asyncio.gather(*askers)
        await answered.join()

    askers = [asyncio.create_task(ask_on()) for _ in range(AT_ONCE)]
    ends = [asyncio.create_task(ask_everything()), asyncio.create_task(keep_on())]
    try:
        done, _ = await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in (*askers, *ends):
            task.cancel()
        await asyncio.gather(*askers, *ends, return_exceptions=True)  # or asyncio would log their faults with texts


async def _batch(answered: asyncio.Queue[Asked]) -> list[Asked]:
    """What was answered within a short while, at most ``BATCH``; empty when nothing was for ``KEEP_SECONDS``."""
    try:
        async with asyncio.timeout(KEEP_SECONDS):
            batch = [await answered.get()]
    except TimeoutError:
        return []
    if answered.qsize() < BATCH - 1:
        await asyncio.sleep(GATHER_SECONDS)
    while len(batch) < BATCH and not answered.empty():
        batch.append(answered.get_nowait())
    return batch


def storable(text: str) -> str:
    """The text as every database takes it: half characters and NUL are replaced by the replacement character."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\x00", "\ufffd")
