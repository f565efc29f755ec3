"""Since when a signer held the role, who gave it and who confirmed it: what a signature's statement says of it, in words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webapp.domain.workflow.stages import ROLE_WORDS, Role


def role_held_words(claims: Mapping[str, Any]) -> str:
    """One line of the statement's ``role`` and ``role_held``; empty where the statement does not tell (before 0.3.0)."""
    held = claims.get("role_held")
    if not held:
        return ""
    given = (
        f"{ROLE_WORDS[Role(claims['role'])]} since {_moment(held['since'])}, granted by {held['granted_by']['name']}"
    )
    second = held["confirmed"]
    return given if second is None else f"{given}, confirmed by {second['by']['name']} on {_moment(second['at'])}"


def _moment(text: str) -> str:
    return f"{datetime.fromisoformat(text):%-d %B %Y, %H:%M} UTC"
