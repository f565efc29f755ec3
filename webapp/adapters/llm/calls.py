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
    "rate_limited",
    "timeout",
    "server_error",
    "unreachable",
    "bad_request",
    "bad_answer",
    "auth",
    "over_budget",
    "no_key",
    "forbidden_address",
    "forbidden_region",
]
FAILURE_CODES: tuple[str, ...] = get_args(FailureCode)
WORTH_ANOTHER_TRY = frozenset({"rate_limited", "timeout", "server_error", "unreachable"})


@dataclass(frozen=True)
class ModelCall:
    """One question to one model; messages are (role, text) in order, repeat counts from 0.

    ``fallbacks`` may answer, in order, where the provider fails. An application of the hospital is also told the case's inputs and
    which prompt it is asked with.
    """

    model: str
    messages: tuple[tuple[str, str], ...] = field(repr=False)
    parameters: Mapping[str, object] = field(default_factory=dict)
    repeat: int = 0
    fallbacks: tuple[str, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict, repr=False)
    prompt_label: str = ""
    prompt_sha256: str = ""


@dataclass(frozen=True)
class Completion:
    """One answer with what it took; cost is None without a price, latency is None where it would mean nothing.

    ``model`` is who answered. ``ttft_ms`` is the time to the first piece of a streamed answer; ``is_cached`` means that nobody was
    asked now. ``code_version`` and ``index_id`` are what an application of the hospital says of itself.
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
    code_version: str | None = None
    index_id: str | None = None


class CallFailed(Unavailable):
    """A model gave no answer; code is one of FAILURE_CODES. Neither prompt nor key nor the vendor's words are kept."""

    def __init__(self, code: FailureCode, sentence: str, *, attempts: int, retry_after_seconds: float | None = None):
        super().__init__(sentence, code=code, details={"attempts": attempts})
        self.retryable = code in WORTH_ANOTHER_TRY
        self.attempts = attempts
        self.retry_after_seconds = retry_after_seconds
