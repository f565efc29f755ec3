"""What goes into a model call and what comes out of it, good or bad.

What must not live here: anything that performs a call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, get_args

from webapp.errors import Unavailable

FailureCode = Literal[
    "rate_limited", "timeout", "server_error", "bad_request", "auth", "unreachable", "over_budget", "no_key"
]
FAILURE_CODES: tuple[str, ...] = get_args(FailureCode)
WORTH_ANOTHER_TRY = frozenset({"rate_limited", "timeout", "server_error", "unreachable"})


@dataclass(frozen=True)
class ModelCall:
    """One question to one model; messages are (role, text) in order, repeat counts from 0."""

    model: str
    messages: tuple[tuple[str, str], ...] = field(repr=False)
    parameters: Mapping[str, object] = field(default_factory=dict)
    repeat: int = 0


@dataclass(frozen=True)
class Completion:
    """One answer with what it took; cost is None without a price, latency is None where it would mean nothing.

    ``ttft_ms`` is the time to the first piece of a streamed answer; ``is_cached`` means that nobody was asked now.
    """

    text: str = field(repr=False)
    model: str
    provider: str
    finish_reason: str
    tokens_in: int
    tokens_out: int
    cost_microusd: int | None
    latency_ms: int | None
    attempts: int
    price_valid_from: date | None = None
    ttft_ms: int | None = None
    is_cached: bool = False


class CallFailed(Unavailable):
    """A model gave no answer; code is one of FAILURE_CODES. Neither prompt nor key nor the vendor's words are kept."""

    def __init__(self, code: FailureCode, sentence: str, *, attempts: int, retry_after_seconds: float | None = None):
        super().__init__(sentence, code=code, details={"attempts": attempts})
        self.retryable = code in WORTH_ANOTHER_TRY
        self.attempts = attempts
        self.retry_after_seconds = retry_after_seconds
