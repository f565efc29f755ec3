"""Appending to the audit log: the last and shortest thing a transaction does.

What must not live here: what is worth an entry (the acts decide).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Table, bindparam, event, insert, select, update
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import EntityHead, Leaf, LogState
from webapp.adapters.store.tiles import store_full_tiles
from webapp.domain.record.leaf import Entry, Place, leaf_bytes
from webapp.domain.record.merkle import Frontier, leaf_hash
from webapp.errors import Unavailable

Heads = dict[tuple[str, str], int]
"""The index of the newest leaf of each thing, by its type and id."""

WAITING = "entries that wait for the commit"
CHECKS = "what must be true when they are entered"
_STATE: Table = LogState.__table__  # type: ignore[assignment]
_HEAD: Table = EntityHead.__table__  # type: ignore[assignment]
_LEAF: Table = Leaf.__table__  # type: ignore[assignment]
_LOCKED = select(_STATE).where(_STATE.c.id == 1).with_for_update()
_MOVED = update(_STATE).where(_STATE.c.id == 1)
_HEADS = select(_HEAD).where(_HEAD.c.entity_id.in_(bindparam("ids", expanding=True)))
_HEAD_MADE = insert(_HEAD).values(entity_type=bindparam("kind"), entity_id=bindparam("thing"), seq=bindparam("newest"))
_HEAD_MOVED = (
    update(_HEAD)
    .where(_HEAD.c.entity_type == bindparam("kind"), _HEAD.c.entity_id == bindparam("thing"))
    .values(seq=bindparam("newest"))
)


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


class Numbered(Protocol):
    """A row that keeps the number of its entry."""

    entry_seq: Any


@dataclass(frozen=True)
class Waiting:
    """An entry of a transaction that is not committed yet."""

    entry: Entry
    at: datetime
    eid: str
    stamp: Stamp
    numbered: Numbered | None = None


def await_append(session: Session, waiting: Waiting) -> None:
    """The entry will stand at the end of the log when this transaction is committed, after those that wait already."""
    session.connection()  # the transaction has begun, so that a roll back forgets the entry
    session.info.setdefault(WAITING, []).append(waiting)


def require_at_append(session: Session, name: str, check: Callable[[Session], None]) -> None:
    """``check(session)`` will be asked when the log is locked for this transaction's entries, before they stand; it raises to forbid them."""
    session.info.setdefault(CHECKS, {})[name] = check


def append_waiting(session: Session) -> None:
    """What waits in this transaction stands at the end of the log, in order: the last thing before the commit, and short.

    The log's one row is locked only now, so that nobody who holds it ever waits for another row. Time never decreases along the log: an
    earlier moment is entered as the last entry's.
    """
    waiting: list[Waiting] = session.info.pop(WAITING, [])
    if not waiting:
        return
    session.flush()
    connection = session.connection()
    state = connection.execute(_LOCKED).one_or_none()
    if state is None:
        raise Unavailable("The audit log is not open; start the server once to open it.")
    for check in session.info.pop(CHECKS, {}).values():
        check(session)
    newest = _heads(connection, waiting)
    rows, moved, grown = _placed(state, waiting, newest)
    connection.execute(insert(_LEAF), rows)
    _move_heads(connection, newest, moved)
    connection.execute(_MOVED, {"size": grown.size, "frontier": grown.to_hex(), "last_ts": rows[-1]["at"]})
    for size in range(state.size + 1, grown.size + 1):
        store_full_tiles(session, size)


def head(session: Session) -> tuple[int, str]:
    """The size of the log and its root hash in hexadecimal (RFC 6962, 2.1)."""
    state = session.get(LogState, 1)
    if state is None:
        return 0, Frontier().root().hex()
    return state.size, Frontier.from_hex(state.size, state.frontier).root().hex()


@event.listens_for(Session, "after_soft_rollback")
def _forget_waiting(session: Session, _previous: object) -> None:
    """What was rolled back is not entered."""
    session.info.pop(WAITING, None)
    session.info.pop(CHECKS, None)


def _heads(connection: Connection, waiting: Sequence[Waiting]) -> Heads:
    """The newest leaf of each thing that these entries are about."""
    ids = {item.entry.entity_id for item in waiting}
    rows = connection.execute(_HEADS, {"ids": sorted(ids)})
    return {(row.entity_type, row.entity_id): row.seq for row in rows}


def _placed(state: Any, waiting: Sequence[Waiting], newest: Heads) -> tuple[list[dict[str, Any]], Heads, Frontier]:
    """The entries as rows at the end of the log, the newest leaf of each thing among them, and the right edge after them."""
    rows: list[dict[str, Any]] = []
    moved: Heads = {}
    frontier, moment = Frontier.from_hex(state.size, state.frontier), state.last_ts
    for seq, item in enumerate(waiting, state.size):
        moment = item.at if moment is None else max(item.at, moment)
        thing = (item.entry.entity_type, item.entry.entity_id)
        previous = moved.get(thing, newest.get(thing))
        place = Place(state.origin, seq, moment, item.eid, previous, item.stamp.app_version, item.stamp.config_sha256)
        content = leaf_bytes(item.entry, place)
        digest = leaf_hash(content)
        rows.append(_row(item.entry, seq, content, digest, moment))
        frontier, moved[thing] = frontier.append(digest), seq
        if item.numbered is not None:
            item.numbered.entry_seq = seq
    return rows, moved, frontier


def _move_heads(connection: Connection, newest: Heads, moved: Heads) -> None:
    rows = [{"kind": kind, "thing": thing, "newest": seq} for (kind, thing), seq in moved.items()]
    known = [row for row in rows if (row["kind"], row["thing"]) in newest]
    fresh = [row for row in rows if (row["kind"], row["thing"]) not in newest]
    if known:
        connection.execute(_HEAD_MOVED, known)
    if fresh:
        connection.execute(_HEAD_MADE, fresh)


def _row(entry: Entry, seq: int, content: bytes, digest: bytes, at: datetime) -> dict[str, Any]:
    return {
        "seq": seq,
        "leaf_sha256": digest.hex(),
        "content": content,
        "type": entry.type,
        "actor_id": entry.actor.id,
        "entity_type": entry.entity_type,
        "entity_id": entry.entity_id,
        "at": at,
    }
