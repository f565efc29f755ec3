"""The timeline of a change: what the audit log says of it, its runs, findings, releases and signatures, in plain words.

What must not live here: entries of other changes, and checklists (other people's ticks stay hidden).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import FindingRow, Leaf, Payload, Release, Run, Signature
from webapp.domain.record.entry_words import line_of

LEFT_OUT = (
    "signature.applied",
    "release.live",
    "case.opened",
    "export.made",
)  # said by the move they belong to, or many
TYPED = ("reason", "sentence", "changes", "text")


@dataclass(frozen=True)
class Event:
    """One line of the timeline; ``seq`` is the entry in the audit log."""

    at: datetime
    actor: str
    what: str
    system: bool
    detail: str | None
    seq: int


def timeline_of(session: Session, change_id: str) -> tuple[Event, ...]:
    """Every event of the change, newest first."""
    query = select(Leaf).where(_belongs(session, change_id), Leaf.type.not_in(LEFT_OUT)).order_by(Leaf.seq.desc())
    return tuple(_event(session, leaf) for leaf in session.scalars(query))


def since_digest(session: Session, change_id: str, digest: str) -> int | None:
    """The newest entry that left the change at ``digest``; None where it never had it."""
    query = select(Leaf).where(Leaf.entity_type == "change", Leaf.entity_id == change_id).order_by(Leaf.seq.desc())
    for leaf in session.scalars(query):
        if (json.loads(leaf.content).get("after") or {}).get("sha256") == digest:
            return leaf.seq
    return None


def _belongs(session: Session, change_id: str) -> Any:
    """The entries of the change itself and of what hangs on it."""
    parts = {
        "run": select(Run.id).where(Run.change_id == change_id),
        "signature": select(Signature.id).where(Signature.change_id == change_id),
        "finding": select(FindingRow.id).join(Run, Run.id == FindingRow.run_id).where(Run.change_id == change_id),
        "release": select(Release.id).where(Release.change_id == change_id),
    }
    ids = {kind: list(session.scalars(query)) for kind, query in parts.items()}
    return or_(
        and_(Leaf.entity_type == "change", Leaf.entity_id == change_id),
        *(and_(Leaf.entity_type == kind, Leaf.entity_id.in_(found)) for kind, found in ids.items()),
    )


def _event(session: Session, leaf: Leaf) -> Event:
    entry = json.loads(leaf.content)
    after = (entry.get("after") or {}).get("state")
    return Event(
        at=leaf.at,
        actor=entry["actor"]["name"],
        what=line_of(leaf.type, after, entry.get("reason"), entry["entity"]["version"]),
        system=entry["actor"]["via"] == "system",
        detail=_typed(session, entry),
        seq=leaf.seq,
    )


def _typed(session: Session, entry: Mapping[str, Any]) -> str | None:
    """What the person typed with the act; None where the payload is erased or holds no words."""
    digest = (entry.get("payload") or {}).get("sha256")
    payload = session.get(Payload, digest or "")
    if payload is None or not payload.content:
        return None
    document = json.loads(payload.content)
    return next((str(document[name]) for name in TYPED if document.get(name)), None)
