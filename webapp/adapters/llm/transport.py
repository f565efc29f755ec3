"""One request out through litellm, one reply or one fault back.

What must not live here: retries, prices, waiting, the choice of a model, litellm's switches (see library). Calls do not go around it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from webapp.adapters.llm.calls import FailureCode
from webapp.adapters.llm.library import OFFLINE_PROVIDER, litellm, silent_record
from webapp.adapters.llm.retries import retry_after_seconds

BY_STATUS: Mapping[int, FailureCode] = {401: "auth", 403: "auth", 408: "timeout", 429: "rate_limited"}
UNREACHABLE = frozenset({"ConnectError", "ClientConnectorError", "APIConnectionError", "gaierror", "ConnectTimeout"})
CAUSES_FOLLOWED = 8


@dataclass(frozen=True)
class Request:
    """Everything one call needs; neither key nor text shows when it is printed.

    With a ``stream_clock`` the answer is streamed and the clock read at its first piece.
    """

    litellm_name: str
    messages: tuple[tuple[str, str], ...] = field(repr=False)
    parameters: Mapping[str, object]
    repeat: int
    timeout_seconds: int
    api_key: str | None = field(repr=False)
    api_base: str | None
    stream_clock: Callable[[], float] | None = None
    ca_file: Path | None = None


@dataclass(frozen=True)
class Reply:
    """A model's answer as it came; tokens as the provider counted them, None where it did not.

    ``first_piece_at`` is the time of the clock at the first piece of text, None where it was not streamed or is empty.
    """

    text: str = field(repr=False)
    finish_reason: str
    tokens_in: int | None
    tokens_out: int | None
    first_piece_at: float | None = None
    code_version: str | None = None
    index_id: str | None = None


@dataclass(frozen=True)
class Fault:
    """Why no answer came, reduced to a closed code: the provider's own words may quote prompt or key."""

    code: FailureCode
    retry_after_seconds: float | None = None


async def send(request: Request) -> Reply | Fault:
    """The reply of one single attempt, or its fault; never raises for what a provider does."""
    library = litellm()
    try:
        async with asyncio.timeout(request.timeout_seconds + 1):
            answer = await library.acompletion(**_arguments(request))
            return _reply(answer) if request.stream_clock is None else await _streamed(answer, request.stream_clock)
    except TimeoutError:
        return Fault("timeout")
    except Exception as fault:  # noqa: BLE001 - litellm raises whatever its providers raise; this is the edge
        return _fault(fault)


def _arguments(request: Request) -> dict[str, Any]:
    stream_options = None if request.stream_clock is None else {"include_usage": True}
    arguments: dict[str, Any] = {
        **request.parameters,
        "model": request.litellm_name,
        "messages": [{"role": role, "content": text} for role, text in request.messages],
        "timeout": float(request.timeout_seconds),
        "max_retries": 0,
        "num_retries": 0,
        "api_key": request.api_key,
        "litellm_logging_obj": silent_record(request.litellm_name, stream_options),
    }
    if request.api_base:
        arguments["api_base"] = request.api_base
    if request.ca_file:
        arguments["ssl_verify"] = str(request.ca_file)
    if stream_options is not None:
        arguments |= {"stream": True, "stream_options": stream_options}
    if request.litellm_name.startswith(OFFLINE_PROVIDER + "/"):
        arguments["metadata"] = {"repeat": request.repeat}
    return arguments


def _reply(answer: Any) -> Reply:
    choice, usage = answer.choices[0], getattr(answer, "usage", None)
    return Reply(
        text=choice.message.content or "",
        finish_reason=str(choice.finish_reason or "unknown"),
        tokens_in=getattr(usage, "prompt_tokens", None),
        tokens_out=getattr(usage, "completion_tokens", None),
    )


async def _streamed(pieces: Any, clock: Callable[[], float]) -> Reply:
    """The whole answer. litellm's own ``response_time`` of a stream is the time to its first event, which may hold no text."""
    texts, first_at, finish_reason, usage = list[str](), None, "unknown", None
    async for piece in pieces:
        usage = getattr(piece, "usage", None) or usage
        for choice in piece.choices[:1]:
            if choice.delta.content:
                first_at = clock() if first_at is None else first_at
                texts.append(choice.delta.content)
            finish_reason = str(choice.finish_reason or finish_reason)
    tokens = getattr(usage, "prompt_tokens", None), getattr(usage, "completion_tokens", None)
    return Reply("".join(texts), finish_reason, *tokens, first_piece_at=first_at)


def _fault(fault: Exception) -> Fault:
    status = getattr(fault, "status_code", None)
    if _is_unreachable(fault):
        return Fault("unreachable")
    headers = getattr(fault, "litellm_response_headers", None) or {}
    wait = retry_after_seconds(headers.get("retry-after"), headers.get("date"))
    if isinstance(status, int) and status in BY_STATUS:
        return Fault(BY_STATUS[status], wait)
    return Fault("bad_request" if isinstance(status, int) and 400 <= status < 500 else "server_error", wait)


def _is_unreachable(fault: BaseException) -> bool:
    cause: BaseException | None = fault
    for _ in range(CAUSES_FOLLOWED):
        if cause is None:
            return False
        # litellm's own APIConnectionError stands for any unknown fault, so only causes below the first one count.
        if cause is not fault and type(cause).__name__ in UNREACHABLE:
            return True
        cause = cause.__cause__ or cause.__context__
    return False
