"""What happened in a rollout, read from the audit log: who started, advanced, held and stopped it, when and why."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Leaf, Payload
from webapp.domain.record.entry_words import line_of
from webapp.domain.workflow import MOVES, Stage

SERVED = frozenset({Stage.ROLLOUT, Stage.POST_AUDIT, Stage.CLOSED})
ELSEWHERE = {move.name for move in MOVES if move.source not in SERVED} | {"conclude"}
OF_A_ROLLOUT = tuple(dict.fromkeys(f"change.{move.name}" for move in MOVES if move.name not in ELSEWHERE))
"""The entries of all moves that are made while a release is served, and at no other time; a new one belongs by itself."""
STOPS = ("hold", "pause", "roll_back")


@dataclass(frozen=True)
class RolloutEvent:
    """One move of the rollout; ``seq`` is its entry in the audit log, ``detail`` what was typed or the rule that acted."""

    move: str
    at: datetime
    actor: str
    what: str
    system: bool
    detail: str
    seq: int


def rollout_events(session: Session, change_id: str) -> tuple[RolloutEvent, ...]:
    """Every move of the change's rollout, oldest first."""
    query = select(Leaf).where(Leaf.entity_type == "change", Leaf.entity_id == change_id, Leaf.type.in_(OF_A_ROLLOUT))
    return tuple(_event(session, leaf) for leaf in session.scalars(query.order_by(Leaf.seq)))


def steps_entered(events: tuple[RolloutEvent, ...]) -> tuple[datetime, ...]:
    """When each step that was reached was entered, in the order of the plan."""
    return tuple(event.at for event in events if event.move in ("start", "advance"))


def _event(session: Session, leaf: Leaf) -> RolloutEvent:
    entry = json.loads(leaf.content)
    after = (entry.get("after") or {}).get("state")
    return RolloutEvent(
        move=leaf.type.removeprefix("change."),
        at=leaf.at,
        actor=entry["actor"]["name"],
        what=line_of(leaf.type, after, entry.get("reason"), entry["entity"]["version"]),
        system=entry["actor"]["via"] == "system",
        detail=_reason(session, entry),
        seq=leaf.seq,
    )


def _reason(session: Session, entry: Mapping[str, Any]) -> str:
    """What was written with the move; empty where its text was erased."""
    return str(typed_with(session, entry).get("reason") or "")


def typed_with(session: Session, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """What was typed with an act; nothing where it was erased or is damaged, because whoever stops a rollout has to see its page."""
    payload = session.get(Payload, (entry.get("payload") or {}).get("sha256") or "")
    try:
        found = {} if payload is None else json.loads(payload.content or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
