"""How far the audit log was reviewed, and when the next review is due.

A review is an entry ``trail.reviewed`` about ``trail/FIRST-LAST``; the next one begins where the last one ended, so nothing is left out.
What must not live here: reviewing (``services.trail``).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Leaf

REVIEWED, TRAIL = "trail.reviewed", "trail"


@dataclass(frozen=True)
class TrailStanding:
    """Where the next review begins, when it is due, and the newest one's entry, time and reviewer (None before the first)."""

    first: int
    due_at: datetime
    is_overdue: bool
    last_seq: int | None
    last_at: datetime | None


def trail_standing(outside: Outside, session: Session) -> TrailStanding | None:
    """How the review of the log stands; None while there is no log."""
    newest = session.scalars(select(Leaf).where(Leaf.type == REVIEWED).order_by(Leaf.seq.desc()).limit(1)).first()
    opened = session.get(Leaf, 0)
    if opened is None:
        return None
    due = (newest or opened).at + timedelta(days=outside.settings.trail_review_days)
    return TrailStanding(
        first=0 if newest is None else range_of(newest)[1] + 1,
        due_at=due,
        is_overdue=due < outside.now(),
        last_seq=None if newest is None else newest.seq,
        last_at=None if newest is None else newest.at,
    )


def range_of(leaf: Leaf) -> tuple[int, int]:
    """The first and the last entry that a review covers."""
    first, _, last = leaf.entity_id.partition("-")
    return int(first), int(last)
