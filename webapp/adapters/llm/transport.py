"""The only module that knows litellm: one request out, one reply or one fault back.

What must not live here: retries, prices, waiting, the choice of a model. Calls do not go around it.

This is the one place that sets environment variables: litellm reads them while it is imported and offers no other
switch. Without them it downloads a price list, loads a .env file of the working folder and may phone home.
"""

from __future__ import annotations

import asyncio
import functools
import importlib
import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from webapp.adapters.llm.calls import FailureCode
from webapp.adapters.llm.offline.answer import answer_messages
from webapp.adapters.llm.retries import retry_after_seconds

OFFLINE_PROVIDER = "formulary-offline"
GUARDS = {
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "LITELLM_MODE": "PRODUCTION",
    "LITELLM_OFFLINE_MODE": "true",
    "LITELLM_LOG": "ERROR",
}
# On level DEBUG these write whole requests: prompts and patients' texts.
TALKATIVE_LOGS = ("LiteLLM", "LiteLLM Router", "LiteLLM Proxy", "openai", "anthropic", "httpx", "httpcore", "aiohttp")
BY_STATUS: Mapping[int, FailureCode] = {401: "auth", 403: "auth", 408: "timeout", 429: "rate_limited"}
UNREACHABLE = frozenset({"ConnectError", "ClientConnectorError", "APIConnectionError", "gaierror", "ConnectTimeout"})
CAUSES_FOLLOWED = 8


@dataclass(frozen=True)
class Request:
    """Everything one call needs; neither key nor text shows when it is printed."""

    litellm_name: str
    messages: tuple[tuple[str, str], ...] = field(repr=False)
    parameters: Mapping[str, object]
    repeat: int
    timeout_seconds: int
    api_key: str | None = field(repr=False)
    api_base: str | None


@dataclass(frozen=True)
class Reply:
    """A model's answer as it came; tokens as the provider counted them, None where it did not."""

    text: str = field(repr=False)
    finish_reason: str
    tokens_in: int | None
    tokens_out: int | None


@dataclass(frozen=True)
class Fault:
    """Why no answer came, reduced to a closed code: the provider's own words may quote prompt or key."""

    code: FailureCode
    retry_after_seconds: float | None = None


async def send(request: Request) -> Reply | Fault:
    """The reply of one single attempt, or its fault; never raises for what a provider does."""
    litellm = _litellm()
    try:
        answer = await asyncio.wait_for(litellm.acompletion(**_arguments(request)), request.timeout_seconds + 1)
        return _reply(answer)
    except TimeoutError:
        return Fault("timeout")
    except Exception as fault:  # noqa: BLE001 - litellm raises whatever its providers raise; this is the edge
        return _fault(fault)


def _arguments(request: Request) -> dict[str, Any]:
    arguments: dict[str, Any] = {
        **request.parameters,
        "model": request.litellm_name,
        "messages": [{"role": role, "content": text} for role, text in request.messages],
        "timeout": float(request.timeout_seconds),
        "max_retries": 0,
        "num_retries": 0,
        "api_key": request.api_key,
    }
    if request.api_base:
        arguments["api_base"] = request.api_base
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


@functools.cache
def _litellm() -> Any:
    """litellm, imported once (about two seconds) with its downloads, logs and messages off."""
    os.environ.update(GUARDS)
    litellm: Any = importlib.import_module("litellm")
    litellm.suppress_debug_info = True
    litellm.turn_off_message_logging = True
    litellm.telemetry = False
    for name in TALKATIVE_LOGS:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    litellm.custom_provider_map = [{"provider": OFFLINE_PROVIDER, "custom_handler": _offline_provider(litellm)}]
    litellm.utils.custom_llm_setup()
    return litellm


def _offline_provider(litellm: Any) -> Any:
    """The offline model in the form litellm asks of a provider."""

    class OfflineProvider(litellm.CustomLLM):  # type: ignore[misc]
        async def acompletion(self, *_: Any, **asked: Any) -> Any:
            settings = asked["optional_params"]
            metadata = (asked.get("litellm_params") or {}).get("metadata") or {}
            written = answer_messages(
                tuple((row["role"], row["content"]) for row in asked["messages"]),
                temperature=float(settings.get("temperature") or 0),
                repeat=int(metadata.get("repeat", 0)),
                max_tokens=settings.get("max_tokens"),
            )
            reply = asked["model_response"]
            reply.choices[0].message.content = written.text
            reply.choices[0].finish_reason = written.finish_reason
            tokens = written.tokens_in + written.tokens_out
            reply.usage = litellm.Usage(
                prompt_tokens=written.tokens_in, completion_tokens=written.tokens_out, total_tokens=tokens
            )
            return reply

    return OfflineProvider()
