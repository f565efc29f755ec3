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

from webapp.adapters.store.schema import Leaf, LogState
from webapp.adapters.store.tiles import store_full_tiles
from webapp.domain.record.leaf import Entry, Place, leaf_bytes
from webapp.domain.record.merkle import Frontier, leaf_hash
from webapp.errors import Unavailable

Thing = tuple[str, str]
"""The type and id of what entries are about."""

WAITING = "entries that wait for the commit"
CHECKS = "what must be true when they are entered"
_STATE: Table = LogState.__table__  # type: ignore[assignment]
_LEAF: Table = Leaf.__table__  # type: ignore[assignment]
_ENTERED = insert(_LEAF)
_LOCKED = select(_STATE).where(_STATE.c.id == 1).with_for_update()
_MOVED = update(_STATE).where(_STATE.c.id == 1)
_NEWEST = (
    select(_LEAF.c.seq)
    .where(_LEAF.c.entity_id == bindparam("id"), _LEAF.c.entity_type == bindparam("type"))
    .order_by(_LEAF.c.seq.desc())
    .limit(1)
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
    newest = {thing: _newest(connection, thing) for thing in {_thing(item.entry) for item in waiting}}
    rows, grown = _placed(state, waiting, newest)
    connection.execute(_ENTERED, rows)
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


def newest_entry(session: Session, thing: Thing) -> int | None:
    """The number of the newest entry about this thing; None where there is none."""
    return _newest(session.connection(), thing)


def _newest(connection: Connection, thing: Thing) -> int | None:
    return connection.execute(_NEWEST, {"type": thing[0], "id": thing[1]}).scalar()


def _thing(entry: Entry) -> Thing:
    return entry.entity_type, entry.entity_id


def _placed(
    state: Any, waiting: Sequence[Waiting], newest: dict[Thing, int | None]
) -> tuple[list[dict[str, Any]], Frontier]:
    """The entries as rows at the end of the log, and the right edge after them. ``newest`` moves on to them."""
    rows: list[dict[str, Any]] = []
    frontier, moment = Frontier.from_hex(state.size, state.frontier), state.last_ts
    for seq, item in enumerate(waiting, state.size):
        moment = item.at if moment is None else max(item.at, moment)
        thing = _thing(item.entry)
        place = Place(
            state.origin, seq, moment, item.eid, newest[thing], item.stamp.app_version, item.stamp.config_sha256
        )
        content = leaf_bytes(item.entry, place)
        digest = leaf_hash(content)
        rows.append(_row(item.entry, seq, content, digest, moment))
        frontier, newest[thing] = frontier.append(digest), seq
        if item.numbered is not None:
            item.numbered.entry_seq = seq
    return rows, frontier


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
