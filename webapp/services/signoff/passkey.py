"""Asking a person's passkey to sign: a release, or any other signed move of a change."""

from __future__ import annotations

from typing import Any

from webapp.acts.asking import ask_for_move
from webapp.adapters.outside import Outside
from webapp.domain.workflow import Actor
from webapp.domain.workflow.evidence import Decision

__all__ = ["ask_for_move", "ask_to_sign"]


def ask_to_sign(
    outside: Outside, actor: Actor, change_id: str, digest: str, decision: Decision | None = None
) -> dict[str, Any]:
    """What the browser is told to have the passkey sign this release; Stale or Refused where it could not be signed now."""
    return ask_for_move(outside, actor, change_id, "sign", digest, decision or Decision())
