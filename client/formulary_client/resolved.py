"""What an application gets: the texts and settings to run, and what its report has to carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

PLACEHOLDER = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
METADATA = "formulary"


@dataclass(frozen=True)
class Runnable:
    """A version to run. All of it is the application's own copy. ``version``: number, label, sha256."""

    release_id: str
    version: dict[str, Any]
    model: str
    fallbacks: list[str]
    parameters: dict[str, Any]
    messages: list[dict[str, str]]

    def filled(self, **inputs: str) -> list[dict[str, str]]:
        """The messages with every ``{name}`` of the user's part replaced once, as in evaluation; KeyError names what is missing.

        Inputs are never looked at for placeholders, and no text of an encounter enters the system prompt.
        """
        return [
            {**one, "content": PLACEHOLDER.sub(lambda found: inputs[found[1]], one["content"])}
            if one["role"] == "user"
            else dict(one)
            for one in self.messages
        ]


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

    def as_metadata(self, **fields: Any) -> dict[str, Any]:
        """What a call of litellm takes as ``metadata``, so that it is reported (``litellm_calls``).

        ``fields``: what only the application knows of the call, as in docs/client.md: ``displayed``, ``site``, ``source_ref``.
        """
        return {METADATA: {**fields, "decision_id": self.decision_id}}
