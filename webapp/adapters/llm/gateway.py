"""Asking a model: the key, the pace, the attempts, the price, and one closed set of failures.

What must not live here: litellm (see transport), prompts, scoring, and logs of any text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from webapp.adapters.llm import endpoint, transport
from webapp.adapters.llm.calls import WORTH_ANOTHER_TRY, CallFailed, Completion, FailureCode, ModelCall
from webapp.adapters.llm.facts import NO_REGION, ModelFacts, facts_of
from webapp.adapters.llm.library import litellm
from webapp.adapters.llm.models_file import Endpoint, ModelEntry, ModelTable
from webapp.adapters.llm.pace import Pace, wait_seconds
from webapp.adapters.llm.retries import RetryPlan

CHARACTERS_PER_TOKEN = 4
LEAST_WAIT_SECONDS = 0.001
LONGEST_LOOK_AWAY_SECONDS = 1.0
UNUSED = frozenset({"rate_limited", "unreachable", "auth", "bad_request"})
LOCAL_KEY = "not-needed"
SENTENCES: dict[FailureCode, str] = {
    "rate_limited": "{model} is asked too often at the moment. Try again in a few minutes or lower rpm in the models file.",
    "timeout": "{model} did not answer within {seconds} seconds. Try again, or raise timeout_seconds in the models file.",
    "server_error": "{model} failed on the side of {provider}. Try again later.",
    "bad_request": "{provider} refused the request for {model}. Check the prompt's parameters and length.",
    "auth": "{provider} did not accept the key for {model}. Ask the administrator to check {key}.",
    "bad_answer": "{model} answered in a form that is not understood. Compare its answer with the form in docs/models.md.",
    "forbidden_address": "{model} stands at an address that may not be asked. Ask the administrator to check it in the models file.",
    "forbidden_region": NO_REGION.replace("{name}", "{model}"),
    "unreachable": "{provider} cannot be reached for {model}. Check the network and the proxy, then try again.",
    "over_budget": "This request may take more tokens of {model} than the models file allows at once. Shorten the text or max_tokens.",
    "no_key": "{model} is not configured: the key {key} is not set. Ask the administrator to set it.",
}


@dataclass(frozen=True)
class Surroundings:
    """Keys, day, clock, waiting and chance, passed in so that tests neither wait nor guess.

    ``monotonic`` counts seconds; ``chance`` gives a number in 0..1; ``secret_of`` gives the key kept under a name. ``ca_file`` holds
    the hospital's own certificate authority; applications on this machine are asked only where that is allowed.
    """

    secret_of: Callable[[str], str | None]
    today: Callable[[], date]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    chance: Callable[[], float]
    ca_file: Path | None = None
    allows_loopback: bool = False


class Models:
    """All models of one models file, asked with one set of keys and at one pace per provider."""

    def __init__(self, table: ModelTable, around: Surroundings, plan: RetryPlan | None = None) -> None:
        self._table, self._around, self._plan = table, around, plan or RetryPlan()
        self._paces: dict[str, Pace] = {}

    def make_ready(self) -> None:
        """What calls need is loaded (two seconds once in a process); otherwise the first call loads it."""
        litellm()

    def facts(self) -> tuple[ModelFacts, ...]:
        """Facts of every model, in file order."""
        return tuple(self._facts(entry) for entry in self._table.entries)

    def fact(self, name: str) -> ModelFacts:
        """Facts of one model; NotFound lists the known ones."""
        return self._facts(self._table.entry(name))

    async def complete(self, call: ModelCall) -> Completion:
        """The answer of the model asked, or of its first fallback that gives one where the provider fails; else CallFailed.

        What we did wrong (parameters, key, length) no fallback mends. ``model`` of the answer says who gave it.
        """
        try:
            return await self._complete(self._table.entry(call.model), call)
        except CallFailed as failure:
            if not failure.retryable:
                raise
            for name in call.fallbacks:
                try:
                    return await self._complete(self._table.entry(name), call)
                except CallFailed:
                    continue
            raise failure from None

    async def _complete(self, entry: ModelEntry, call: ModelCall) -> Completion:
        """This model's answer after as many attempts as the plan allows; CallFailed when there is none."""
        self._require_open(entry, call)
        expected, attempt = expected_tokens(call), 0
        while True:
            attempt += 1
            await self._keep_pace(entry, expected)
            started = self._around.monotonic()
            outcome = await self._send(entry, call)
            if isinstance(outcome, transport.Reply):
                answer = self._completion(entry, call, outcome, attempt, started)
                self._settle(entry, expected, answer.tokens_in + answer.tokens_out)
                return answer
            if outcome.code in UNUSED:
                self._settle(entry, expected, 0)
            wait = self._plan.wait_seconds(attempt, self._around.chance(), outcome.retry_after_seconds)
            if outcome.code not in WORTH_ANOTHER_TRY or wait is None:
                raise _failure(entry, outcome.code, attempt, outcome.retry_after_seconds)
            await self._around.sleep(wait)

    def _require_open(self, entry: ModelEntry, call: ModelCall) -> None:
        if not self._table.allows(entry):
            raise _failure(entry, "forbidden_region", 0, None)
        if entry.request_tokens is not None and expected_tokens(call) > entry.request_tokens:
            raise _failure(entry, "over_budget", 0, None)
        if not self._is_configured(entry):
            raise _failure(entry, "no_key", 0, None)

    async def _send(self, entry: ModelEntry, call: ModelCall) -> transport.Reply | transport.Fault:
        if entry.endpoint is not None:
            return await endpoint.send(self._endpoint_request(entry, entry.endpoint, call))
        return await transport.send(
            transport.Request(
                litellm_name=entry.litellm_name,
                messages=call.messages,
                parameters=call.parameters,
                repeat=call.repeat,
                timeout_seconds=entry.timeout_seconds,
                api_key=self._key(entry) or LOCAL_KEY,
                api_base=entry.api_base,
                stream_clock=self._around.monotonic if entry.streams else None,
                ca_file=self._around.ca_file,
            )
        )

    def _endpoint_request(self, entry: ModelEntry, target: Endpoint, call: ModelCall) -> endpoint.EndpointRequest:
        body = {
            "inputs": dict(call.inputs),
            "prompt": {"label": call.prompt_label, "sha256": call.prompt_sha256},
            "messages": [{"role": role, "content": text} for role, text in call.messages],
            "parameters": dict(call.parameters),
            "repeat": call.repeat,
        }
        return endpoint.EndpointRequest(
            target.url, body, target.key_header, self._key(entry), entry.timeout_seconds,
            self._around.allows_loopback, self._around.ca_file,
        )  # fmt: skip

    def _key(self, entry: ModelEntry) -> str | None:
        return self._around.secret_of(entry.api_key_env) if entry.api_key_env else None

    def _is_configured(self, entry: ModelEntry) -> bool:
        return entry.api_key_env is None or bool(self._key(entry))

    async def _keep_pace(self, entry: ModelEntry, expected: int) -> None:
        """Waits for this call's turn with its provider; a turn may come earlier when others give back what they did not use."""
        if entry.offline:
            return
        turns = self._pace(entry).take(expected, self._around.monotonic())
        while (wait := wait_seconds(turns, self._around.monotonic())) > LEAST_WAIT_SECONDS:
            await self._around.sleep(min(wait, LONGEST_LOOK_AWAY_SECONDS))

    def _settle(self, entry: ModelEntry, expected: int, used: int) -> None:
        if not entry.offline:
            self._pace(entry).settle(expected, used, self._around.monotonic())

    def _pace(self, entry: ModelEntry) -> Pace:
        pace = self._paces.get(entry.provider)
        if pace is None:
            pace = self._paces[entry.provider] = Pace(*self._table.per_minute(entry.provider))
        return pace

    def _completion(
        self, entry: ModelEntry, call: ModelCall, reply: transport.Reply, attempts: int, started: float
    ) -> Completion:
        latency_ms = round((self._around.monotonic() - started) * 1000)
        price = entry.price_on(self._around.today())
        asked = sum(len(text) for _, text in call.messages)
        tokens_in = tokens_of(asked) if reply.tokens_in is None else reply.tokens_in
        tokens_out = tokens_of(len(reply.text)) if reply.tokens_out is None else reply.tokens_out
        is_counted = entry.endpoint is None or (reply.tokens_in is not None and reply.tokens_out is not None)
        first_at = reply.first_piece_at
        return Completion(
            text=reply.text,
            model=entry.name,
            provider=entry.provider,
            finish_reason=reply.finish_reason,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_microusd=price.cost_microusd(tokens_in, tokens_out) if price and is_counted else None,
            latency_ms=None if entry.offline else latency_ms,
            attempts=attempts,
            price_valid_from=price.valid_from if price else None,
            ttft_ms=None if first_at is None else round((first_at - started) * 1000),
            code_version=reply.code_version,
            index_id=reply.index_id,
        )

    def _facts(self, entry: ModelEntry) -> ModelFacts:
        configured = self._is_configured(entry)
        closed = None if configured else _sentence(entry, "no_key")
        if not self._table.allows(entry):
            closed = _sentence(entry, "forbidden_region")
        return facts_of(entry, self._around.today(), configured=configured, closed_because=closed)


def tokens_of(characters: int) -> int:
    """Tokens estimated from a number of characters, four to a token, rounded up."""
    return -(-characters // CHARACTERS_PER_TOKEN)


def expected_tokens(call: ModelCall) -> int:
    """The most tokens that the call is expected to take: what is sent, and the longest answer allowed."""
    most_out = call.parameters.get("max_tokens")
    asked = tokens_of(sum(len(text) for _, text in call.messages))
    return asked + (most_out if isinstance(most_out, int) else 0)


def _failure(entry: ModelEntry, code: FailureCode, attempts: int, wait: float | None) -> CallFailed:
    return CallFailed(code, _sentence(entry, code), attempts=attempts, retry_after_seconds=wait)


def _sentence(entry: ModelEntry, code: FailureCode) -> str:
    return SENTENCES[code].format(
        model=entry.name,
        provider=entry.provider,
        seconds=entry.timeout_seconds,
        key=entry.api_key_env or "its key",
        region=entry.region,
    )
