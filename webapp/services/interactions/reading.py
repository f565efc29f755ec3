"""Reading what an application sends: the form of one report, checked field by field before anything is stored.

What must not live here: storing and masking (``storing``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from webapp.domain.prompts.kinds import storable
from webapp.errors import InvalidInput

OUTCOMES = ("accepted", "edited", "rejected")
LARGEST_NUMBER = 2**31 - 1


@dataclass(frozen=True)
class Report:
    """One call as an application reports it. Times are aware; counts are whole numbers; texts are optional.

    ``model``, ``version`` (its label) and ``index`` are what was really used. ``check_score`` (0 to 1) and ``unsafe`` are what the
    application's own checks say of the answer, ``rating`` (1 to 5) what a clinician says who saw it.
    """

    event_id: str
    decision_id: str
    happened_at: datetime
    model: str
    is_displayed: bool = True
    request_text: str | None = None
    response_text: str | None = None
    finish_reason: str | None = None
    tokens_in: int | None = None
    tokens_out: int | None = None
    latency_ms: int | None = None
    ttft_ms: int | None = None
    cost_microusd: int | None = None
    error: str | None = None
    outcome: str | None = None
    source_ref: str | None = None
    site: str = ""
    version: str | None = None
    index: str | None = None
    check_score: float | None = None
    unsafe: bool | None = None
    rating: int | None = None


FIELDS: Mapping[str, tuple[type, ...]] = {
    "event_id": (str,),
    "decision_id": (str,),
    "happened_at": (str,),
    "model": (str,),
    "displayed": (bool,),
    "request": (str,),
    "response": (str,),
    "finish_reason": (str,),
    "tokens_in": (int,),
    "tokens_out": (int,),
    "latency_ms": (int,),
    "ttft_ms": (int,),
    "cost_microusd": (int,),
    "error": (str,),
    "outcome": (str,),
    "source_ref": (str,),
    "site": (str,),
    "version": (str,),
    "index": (str,),
    "check_score": (float, int),
    "unsafe": (bool,),
    "rating": (int,),
}
BOUNDS = {"check_score": (0, 1), "rating": (1, 5)}
"""From where to where a number lies; any other from 0 to ``LARGEST_NUMBER``."""
REQUIRED = ("event_id", "decision_id", "happened_at", "model")
LONGEST = {
    "event_id": 80,
    "model": 200,
    "finish_reason": 60,
    "error": 60,
    "source_ref": 200,
    "site": 60,
    "version": 60,
    "index": 200,
}
RENAMED = {"displayed": "is_displayed", "request": "request_text", "response": "response_text"}


def read_report(document: Any, place: str) -> Report:
    """The report that ``document`` describes; InvalidInput names the place and field of the first fault."""
    if not isinstance(document, dict):
        raise InvalidInput(f"{place} is not an object.")
    for name, value in document.items():
        if name not in FIELDS:
            raise InvalidInput(f"{place}: there is no field {str(name)[:40]}.")
        if value is not None and (
            not isinstance(value, FIELDS[name]) or (isinstance(value, bool) and bool not in FIELDS[name])
        ):
            raise InvalidInput(f"{place}: {name} has the wrong type.")
        low, most = BOUNDS.get(name, (0, LARGEST_NUMBER))
        if isinstance(value, (int, float)) and not low <= value <= most:
            number = "number" if float in FIELDS[name] else "whole number"
            raise InvalidInput(f"{place}: {name} is a {number} from {low} to {most}.")
        if isinstance(value, str) and not storable(value):
            raise InvalidInput(f"{place}: {name} holds a NUL or half a character; remove it.")
    for name in REQUIRED:
        if not document.get(name):
            raise InvalidInput(f"{place}: {name} is missing.")
    values = {RENAMED.get(str(name), str(name)): value for name, value in document.items() if value is not None}
    values["happened_at"] = _moment(values["happened_at"], place)
    _check_lengths(values, place)
    if "rating" in values and not values.get("is_displayed", True):
        raise InvalidInput(f"{place}: only an answer that was displayed has a rating.")
    return Report(**values)


def _moment(text: str, place: str) -> datetime:
    """The time in UTC; one without a zone, or beyond the calendar's ends, is refused."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidInput(f"{place}: happened_at is an RFC 3339 time with its zone, like 2026-03-02T09:00:00Z.")


def _check_lengths(values: Mapping[str, Any], place: str) -> None:
    for name, most in LONGEST.items():
        if len(values.get(name) or "") > most:
            raise InvalidInput(f"{place}: {name} has at most {most} characters.")
    if values.get("outcome") not in (None, *OUTCOMES):
        raise InvalidInput(f"{place}: outcome is one of {', '.join(OUTCOMES)}.")
