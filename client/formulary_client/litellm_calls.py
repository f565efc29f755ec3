"""Each call that an application makes with litellm is reported by itself: ``litellm.callbacks.append(CallReports(client))``.

A call is reported when it carries a decision: ``litellm.completion(..., metadata=prompt.as_metadata())``. What must not live here:
resolving. litellm's own hook for prompts is applied twice by ``acompletion`` and its cache keeps what was rolled back.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from formulary_client.resolved import METADATA

REDACTED = "redacted-by-litellm"
MICRO = 1_000_000
LONGEST_WORD = 60
"""As many characters of a finish reason, a class of error or a site as the server takes."""
log = logging.getLogger("formulary_client")
_custom_logger: Any = importlib.import_module("litellm.integrations.custom_logger").CustomLogger


class Reporter(Protocol):
    """What reports go to: a ``Client``."""

    def report(self, decision: str, *, model: str, displayed: bool = True, event_id: str = "", **fields: Any) -> None:
        """The call waits to be reported."""
        ...


class CallReports(_custom_logger):  # type: ignore[misc]
    """Reports every answer and every failure once, with the model that answered, tokens, cost and times; never raises.

    ``with_texts``: also what the user's messages and the answer say, which the limits on identifiers and unsafe words need.
    """

    def __init__(self, client: Reporter, *, with_texts: bool = True) -> None:
        super().__init__()
        self._client, self._with_texts = client, with_texts

    def log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """litellm calls this after ``completion``, and once a stream is at its end."""
        self._report(kwargs, response_obj, start_time, end_time, has_failed=False)

    def log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """litellm calls this where ``completion`` raises."""
        self._report(kwargs, response_obj, start_time, end_time, has_failed=True)

    async def async_log_success_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """litellm calls this after ``acompletion``, and once a stream is at its end."""
        self._report(kwargs, response_obj, start_time, end_time, has_failed=False)

    async def async_log_failure_event(self, kwargs: Any, response_obj: Any, start_time: Any, end_time: Any) -> None:
        """litellm calls this where ``acompletion`` raises."""
        self._report(kwargs, response_obj, start_time, end_time, has_failed=True)

    def _report(self, call: Any, response: Any, start: Any, end: Any, *, has_failed: bool) -> None:
        try:
            told = _told(call)
            if told is None:
                return
            fields = _of_failure(call) if has_failed else _of_answer(call, response, start)
            if self._with_texts:
                fields |= _texts(call, None if has_failed else response)
            fields |= {"latency_ms": _milliseconds(start, end), **told}
            model = str(fields.pop("model", None) or getattr(response, "model", None) or call["model"])
            event_id = f"{call['litellm_call_id']}-{start.timestamp():.6f}-{'failed' if has_failed else 'done'}"[-80:]
            self._client.report(fields.pop("decision_id"), model=model, event_id=event_id, **_without_none(fields))
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError) as error:  # litellm gave something else
            log.warning("a call could not be reported: %s", type(error).__name__)


def _told(call: Mapping[str, Any]) -> dict[str, Any] | None:
    """What ``as_metadata`` put into the call; None where it is not the formulary's."""
    metadata = (call.get("litellm_params") or {}).get("metadata") or {}
    told = metadata.get(METADATA)
    return dict(told) if isinstance(told, Mapping) and "decision_id" in told else None


def _of_failure(call: Mapping[str, Any]) -> dict[str, Any]:
    """The error by its class: its words may hold a patient's."""
    error = call.get("exception")
    return {"error": "Error" if error is None else type(error).__name__[:LONGEST_WORD]}


def _of_answer(call: Mapping[str, Any], response: Any, start: datetime) -> dict[str, Any]:
    usage, cost = getattr(response, "usage", None), call.get("response_cost")
    begun = call.get("completion_start_time") if call.get("stream") else None
    return {
        "tokens_in": getattr(usage, "prompt_tokens", None),
        "tokens_out": getattr(usage, "completion_tokens", None),
        "cost_microusd": None if cost is None else round(cost * MICRO),
        "ttft_ms": None if begun is None else _milliseconds(start, begun),
        "finish_reason": getattr(_choice(response), "finish_reason", None),
    }


def _texts(call: Mapping[str, Any], response: Any) -> dict[str, Any]:
    """What the user's messages and the answer say; neither where litellm was told to keep texts out of its loggers."""
    asked = [_words(one.get("content")) for one in call.get("messages") or () if one.get("role") == "user"]
    answered = getattr(getattr(_choice(response), "message", None), "content", None)
    return {"request": _shown("\n\n".join(asked)), "response": _shown(_words(answered))}


def _words(content: Any) -> str:
    """The text of a message that is one, or whose parts hold some."""
    if isinstance(content, str):
        return content
    parts: Iterable[Any] = content if isinstance(content, list) else ()
    return "\n".join(str(part["text"]) for part in parts if isinstance(part, Mapping) and "text" in part)


def _shown(text: str) -> str | None:
    return None if not text or REDACTED in text else text


def _choice(response: Any) -> Any:
    choices = getattr(response, "choices", None)
    return choices[0] if choices else None


def _milliseconds(start: datetime, end: datetime) -> int:
    return max(0, round((end - start).total_seconds() * 1_000))


def _without_none(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}
