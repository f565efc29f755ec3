"""What an application gets: the texts and settings to run, and what its report has to carry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Runnable:
    """A version to run. All of it is the application's own copy. ``version``: number, label, sha256."""

    release_id: str
    version: dict[str, Any]
    model: str
    fallbacks: list[str]
    parameters: dict[str, Any]
    messages: list[dict[str, str]]


@dataclass(frozen=True)
class Resolved(Runnable):
    """What is run and shown. ``shadow``: what runs beside it and is only reported (``report(..., displayed=False)``).

    ``arm``: live or candidate; ``reason``: SPLIT, STATIC or TARGETING_MATCH; ``age_seconds``: how old the server's word is.
    """

    prompt: str
    arm: str
    reason: str
    decision_id: str
    downtime_text: str
    age_seconds: float
    shadow: Runnable | None = None
