"""Asking a model: the key, the pace, the attempts, the price, and one closed set of failures.

What must not live here: litellm (see transport), prompts, scoring, and logs of any text.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from webapp.adapters.llm import transport
from webapp.adapters.llm.calls import CallFailed, Completion, FailureCode, ModelCall
from webapp.adapters.llm.library import litellm
from webapp.adapters.llm.models_file import ModelEntry, ModelTable, Price
from webapp.adapters.llm.pace import Pace
from webapp.adapters.llm.retries import RetryPlan

CHARACTERS_PER_TOKEN = 4
LOCAL_KEY = "not-needed"
SENTENCES: dict[FailureCode, str] = {
    "rate_limited": "{model} is asked too often at the moment. Try again in a few minutes or lower rpm in the models file.",
    "timeout": "{model} did not answer within {seconds} seconds. Try again, or raise timeout_seconds in the models file.",
    "server_error": "{model} failed on the side of {provider}. Try again later.",
    "bad_request": "{provider} refused the request for {model}. Check the prompt's parameters and length.",
    "auth": "{provider} did not accept the key for {model}. Ask the administrator to check {key}.",
    "unreachable": "{provider} cannot be reached for {model}. Check the network and the proxy, then try again.",
    "over_budget": "This request may take more tokens of {model} than the models file allows at once. Shorten the text or max_tokens.",
    "no_key": "{model} is not configured: the key {key} is not set. Ask the administrator to set it.",
}


@dataclass(frozen=True)
class Surroundings:
    """Keys, day, clock, waiting and chance, passed in so that tests neither wait nor guess.

    ``monotonic`` counts seconds; ``chance`` gives a number in 0..1; ``secret_of`` gives the key kept under a name.
    """

    secret_of: Callable[[str], str | None]
    today: Callable[[], date]
    monotonic: Callable[[], float]
    sleep: Callable[[float], Awaitable[None]]
    chance: Callable[[], float]


@dataclass(frozen=True)
class ModelFacts:
    """What pages and policies say of a model today; ``closed_because`` is None when it can be asked."""

    name: str
    provider: str
    region: str
    baa: bool
    offline: bool
    may_receive_phi: bool
    configured: bool
    closed_because: str | None
    nominal_price: bool
    price_valid_from: date | None
    retires_on: date | None
    retired: bool
    note: str
    rpm: int
    price: Price | None
    request_tokens: int | None = None
    daily_tokens: int | None = None


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
        """The model's answer after as many attempts as the plan allows; CallFailed when there is none."""
        entry = self._table.entry(call.model)
        request = self._request(entry, call)
        for attempt in range(1, self._plan.attempts + 1):
            await self._keep_pace(entry, call)
            started = self._around.monotonic()
            outcome = await transport.send(request)
            if isinstance(outcome, transport.Reply):
                return self._completion(entry, call, outcome, attempt, started)
            failure = _failure(entry, outcome.code, attempt, outcome.retry_after_seconds)
            wait = self._plan.wait_seconds(attempt, self._around.chance(), outcome.retry_after_seconds)
            if not failure.retryable or wait is None:
                break
            await self._around.sleep(wait)
        raise failure

    def _request(self, entry: ModelEntry, call: ModelCall) -> transport.Request:
        if entry.request_tokens is not None and expected_tokens(call) > entry.request_tokens:
            raise _failure(entry, "over_budget", 0, None)
        if not self._is_configured(entry):
            raise _failure(entry, "no_key", 0, None)
        return transport.Request(
            litellm_name=entry.litellm_name,
            messages=call.messages,
            parameters=call.parameters,
            repeat=call.repeat,
            timeout_seconds=entry.timeout_seconds,
            api_key=self._key(entry) or LOCAL_KEY,
            api_base=entry.api_base,
        )

    def _key(self, entry: ModelEntry) -> str | None:
        return self._around.secret_of(entry.api_key_env) if entry.api_key_env else None

    def _is_configured(self, entry: ModelEntry) -> bool:
        return entry.api_key_env is None or bool(self._key(entry))

    async def _keep_pace(self, entry: ModelEntry, call: ModelCall) -> None:
        if entry.offline:
            return
        pace = self._paces.setdefault(entry.provider, Pace(entry.rpm, entry.tpm))
        wait = pace.take(expected_tokens(call), self._around.monotonic())
        if wait > 0:
            await self._around.sleep(wait)

    def _completion(
        self, entry: ModelEntry, call: ModelCall, reply: transport.Reply, attempts: int, started: float
    ) -> Completion:
        latency_ms = round((self._around.monotonic() - started) * 1000)
        price = entry.price_on(self._around.today())
        asked = sum(len(text) for _, text in call.messages)
        tokens_in = tokens_of(asked) if reply.tokens_in is None else reply.tokens_in
        tokens_out = tokens_of(len(reply.text)) if reply.tokens_out is None else reply.tokens_out
        return Completion(
            text=reply.text,
            model=entry.name,
            provider=entry.provider,
            finish_reason=reply.finish_reason,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_microusd=price.cost_microusd(tokens_in, tokens_out) if price else None,
            latency_ms=None if entry.offline else latency_ms,
            attempts=attempts,
            price_valid_from=price.valid_from if price else None,
        )

    def _facts(self, entry: ModelEntry) -> ModelFacts:
        today, configured = self._around.today(), self._is_configured(entry)
        price = entry.price_on(today)
        return ModelFacts(
            name=entry.name,
            provider=entry.provider,
            region=entry.region,
            baa=entry.baa,
            offline=entry.offline,
            may_receive_phi=entry.may_receive_phi(),
            configured=configured,
            closed_because=None if configured else _sentence(entry, "no_key"),
            nominal_price=bool(price and price.nominal),
            price_valid_from=price.valid_from if price else None,
            retires_on=entry.retires_on,
            retired=entry.has_retired(today),
            note=entry.note,
            rpm=entry.rpm,
            price=price,
            request_tokens=entry.request_tokens,
            daily_tokens=entry.daily_tokens,
        )


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
    )
