"""Which prompts a token is for: an empty list means every prompt.

What must not live here: scopes (``auth``).
"""

from __future__ import annotations

from typing import Any

from flask import g

from webapp.errors import Refused
from webapp.services import catalogue
from webapp.web.context import outside


def token_prompts() -> tuple[str, ...]:
    """The prompts that the caller's token is limited to."""
    return tuple(g.token.scopes.get("prompts") or ())


def require_prompt(name: str) -> None:
    """The caller's token is for this prompt."""
    allowed = token_prompts()
    if allowed and name not in allowed:
        raise Refused(f"This token is for {', '.join(allowed)} only.", code="scope")


def require_change(change_id: str) -> dict[str, Any]:
    """The caller's token is for the change's prompt; returns the change as a document."""
    document = catalogue.show_change(outside(), g.actor, change_id)
    require_prompt(document["prompt"])
    return document
