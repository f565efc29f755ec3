"""One entry of the audit log as it is hashed: digests and closed codes only, never typed text.

What must not live here: how an entry gets its place (``webapp.adapters.store.ledger``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from webapp.domain.record.canonical import canonical
from webapp.domain.record.kinds import KINDS
from webapp.errors import InvalidInput

LARGEST_LEAF_BYTES = 16 * 1024


@dataclass(frozen=True)
class LeafActor:
    """Who acted: a person, a token of a person, the console or the system itself."""

    id: str
    name: str
    roles: tuple[str, ...]
    via: str


@dataclass(frozen=True)
class Entry:
    """What is to be entered; place and time are given when it is appended.

    ``before`` and ``after`` are (state, sha256) or None. ``reason`` is a closed code. ``payload`` is (sha256, length in bytes,
    media type) of the detached text. ``attest`` holds digests of DSSE envelopes.
    """

    type: str
    actor: LeafActor
    entity_type: str
    entity_id: str
    entity_version: int | None = None
    before: tuple[str, str | None] | None = None
    after: tuple[str, str | None] | None = None
    reason: str | None = None
    payload: tuple[str, int, str] | None = None
    attest: tuple[str, ...] = ()


@dataclass(frozen=True)
class Place:
    """Where and when an entry stands in its log. ``previous`` is the index of the entity's previous leaf."""

    origin: str
    seq: int
    at: datetime
    eid: str
    previous: int | None
    app_version: str
    config_sha256: str


def timestamp(at: datetime) -> str:
    """``YYYY-MM-DDTHH:MM:SS.mmmZ`` of an aware time; ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("a time in the record must state its zone")
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def leaf_bytes(entry: Entry, place: Place) -> bytes:
    """The canonical bytes of the leaf; InvalidInput for an unknown type or one over 16 KiB."""
    if entry.type not in KINDS:
        raise InvalidInput(f"The audit log knows no entry of type {entry.type}.")
    content = canonical(_document(entry, place))
    if len(content) > LARGEST_LEAF_BYTES:
        raise InvalidInput("An entry of the audit log may not be larger than 16 KiB.")
    return content


def _document(entry: Entry, place: Place) -> dict[str, Any]:
    return {
        "v": 1,
        "log": place.origin,
        "seq": place.seq,
        "ts": timestamp(place.at),
        "eid": place.eid,
        "type": entry.type,
        "actor": {
            "id": entry.actor.id,
            "name": entry.actor.name,
            "roles": list(entry.actor.roles),
            "via": entry.actor.via,
        },
        "entity": {"type": entry.entity_type, "id": entry.entity_id, "version": entry.entity_version},
        "prev": place.previous,
        "before": _state(entry.before),
        "after": _state(entry.after),
        "reason": entry.reason,
        "payload": _payload(entry.payload),
        "attest": list(entry.attest),
        "app": {"version": place.app_version, "config_sha256": place.config_sha256},
    }


def _state(state: tuple[str, str | None] | None) -> Mapping[str, str | None] | None:
    return None if state is None else {"state": state[0], "sha256": state[1]}


def _payload(payload: tuple[str, int, str] | None) -> Mapping[str, str | int] | None:
    return None if payload is None else {"sha256": payload[0], "len": payload[1], "media": payload[2]}
