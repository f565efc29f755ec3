"""The buckets of a provider under many calls at once, on a clock of our own."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace

import pytest

from tests.adapters.llm.conftest import COMMON, Quiet, table
from webapp.adapters.llm import transport
from webapp.adapters.llm.calls import ModelCall
from webapp.adapters.llm.gateway import Models
from webapp.adapters.llm.models_file import models_of
from webapp.adapters.llm.pace import Allowance, Turn
from webapp.adapters.llm.transport import Fault, Reply, Request

STEP = 0.3


def test_tokens_that_were_not_used_shorten_the_wait_of_those_who_wait_already() -> None:
    allowance = Allowance(per_minute=600)
    assert allowance.take(600, 0.0).wait_seconds(0.0) == 0.0
    waiting = allowance.take(300, 0.0)
    assert waiting.wait_seconds(0.0) == pytest.approx(30.0)
    allowance.settle(600, 500, 10.0)
    assert waiting.wait_seconds(10.0) == pytest.approx(10.0)
    assert waiting.wait_seconds(20.0) == pytest.approx(0.0)


def test_tokens_used_beyond_what_was_reserved_are_owed() -> None:
    allowance = Allowance(per_minute=600)
    allowance.take(100, 0.0)
    allowance.settle(100, 700, 0.0)
    assert allowance.take(100, 0.0).wait_seconds(0.0) == pytest.approx(10.0)


def test_what_is_given_back_never_fills_the_bucket_beyond_its_size() -> None:
    allowance = Allowance(per_minute=60)
    allowance.take(60, 0.0)
    allowance.settle(60, 0, 86_400.0)
    assert [allowance.take(1, 86_400.0).wait_seconds(86_400.0) for _ in range(60)] == [0.0] * 60
    assert allowance.take(1, 86_400.0).wait_seconds(86_400.0) == pytest.approx(1.0)


@pytest.mark.parametrize("seed", range(20))
def test_no_stretch_of_time_sees_more_than_a_full_bucket_and_what_came_in_meanwhile(seed: int) -> None:
    chance, allowance, now = random.Random(seed), Allowance(6_000), 0.0
    waiting: list[tuple[Turn, int]] = []
    started: list[tuple[float, int]] = []
    for _ in range(400):
        expected = chance.randrange(1, 400)
        waiting.append((allowance.take(expected, now), expected))
        now += chance.choice((0.0, 0.0, STEP))
        for turn, amount in [one for one in waiting if one[0].wait_seconds(now) <= 1e-9]:
            used = chance.randrange(0, amount + 1)
            started.append((now, used))
            allowance.settle(amount, used, now)
            waiting.remove((turn, amount))
    assert len(started) > 60
    for place, (begin, _) in enumerate(started):
        total = 0
        for end, used in started[place:]:
            total += used
            assert total <= 6_000 + 100 * (end - begin + STEP), "a caller wakes a step late at most"


def test_the_pace_belongs_to_the_provider_and_its_strictest_model_sets_it(
    monkeypatch: pytest.MonkeyPatch, quiet: Quiet
) -> None:
    async def send(request: Request) -> Reply | Fault:
        return Reply("fine", "stop", 1, 1)

    monkeypatch.setattr(transport, "send", send)
    rows = [
        {
            **COMMON,
            "name": name,
            "provider": "one",
            "litellm_name": f"openai/{name}",
            "api_key_env": "SOME_API_KEY",
            "rpm": rpm,
        }
        for name, rpm in (("fast", 6_000), ("slow", 60))
    ]
    models = Models(models_of({"models": rows}, "models.yaml"), quiet.around())
    for turn in range(61):
        asyncio.run(models.complete(ModelCall(("fast", "slow")[turn % 2], (("user", "hello"),))))
    assert quiet.waits == [pytest.approx(1.0)]


def test_many_calls_at_once_take_turns_and_settle_what_they_really_used(
    monkeypatch: pytest.MonkeyPatch, quiet: Quiet
) -> None:
    async def send(request: Request) -> Reply | Fault:
        return Reply("fine", "stop", 50, 50)

    async def ask_all() -> None:
        call = ModelCall("vendor-1", (("user", "x" * 400),), {"max_tokens": 900})
        await asyncio.gather(*(models.complete(replace(call, repeat=number)) for number in range(60)))

    monkeypatch.setattr(transport, "send", send)
    models = Models(table(tpm=10_000), quiet.around())
    asyncio.run(ask_all())
    assert quiet.clock < 10, "sixty calls of 100 tokens fit into a minute of 10,000, whatever they reserved"
