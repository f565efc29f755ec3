"""Appending to the audit log: the last and shortest thing a transaction does.

What must not live here: what is worth an entry (the acts decide).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import EntityHead, Leaf, LogState
from webapp.adapters.store.tiles import store_full_tiles
from webapp.domain.record.leaf import Entry, Place, leaf_bytes
from webapp.domain.record.merkle import Frontier, leaf_hash
from webapp.errors import Unavailable


@dataclass(frozen=True)
class Stamp:
    """What the log says of the program that writes."""

    app_version: str
    config_sha256: str


def open_log(session: Session, origin: str) -> bool:
    """The log's one row exists; True when it was made now."""
    if session.get(LogState, 1) is not None:
        return False
    session.add(LogState(id=1, origin=origin, size=0, frontier="", last_ts=None))
    session.flush()
    return True


def append(session: Session, entry: Entry, *, at: datetime, eid: str, stamp: Stamp) -> int:
    """The entry stands at the end of the log; returns its index.

    Time never decreases along the log: an earlier ``at`` is entered as the last entry's time.
    """
    state = session.execute(select(LogState).where(LogState.id == 1).with_for_update()).scalar_one_or_none()
    if state is None:
        raise Unavailable("The audit log is not open; start the server once to open it.")
    moment = at if state.last_ts is None else max(at, state.last_ts)
    previous = _move_head(session, entry, state.size)
    place = Place(state.origin, state.size, moment, eid, previous, stamp.app_version, stamp.config_sha256)
    content = leaf_bytes(entry, place)
    digest = leaf_hash(content)
    session.add(_row(entry, state.size, content, digest, moment))
    state.frontier = Frontier.from_hex(state.size, state.frontier).append(digest).to_hex()
    state.size, state.last_ts = state.size + 1, moment
    session.flush()
    store_full_tiles(session, state.size)
    return state.size - 1


def head(session: Session) -> tuple[int, str]:
    """The size of the log and its root hash in hexadecimal (RFC 6962, 2.1)."""
    state = session.get(LogState, 1)
    if state is None:
        return 0, Frontier().root().hex()
    return state.size, Frontier.from_hex(state.size, state.frontier).root().hex()


def _move_head(session: Session, entry: Entry, seq: int) -> int | None:
    """The entity's newest leaf is ``seq``; returns the one before."""
    newest = session.get(EntityHead, (entry.entity_type, entry.entity_id))
    if newest is None:
        session.add(EntityHead(entity_type=entry.entity_type, entity_id=entry.entity_id, seq=seq))
        return None
    previous, newest.seq = newest.seq, seq
    return previous


def _row(entry: Entry, seq: int, content: bytes, digest: bytes, at: datetime) -> Leaf:
    return Leaf(
        seq=seq,
        leaf_sha256=digest.hex(),
        content=content,
        type=entry.type,
        actor_id=entry.actor.id,
        entity_type=entry.entity_type,
        entity_id=entry.entity_id,
        at=at,
    )
