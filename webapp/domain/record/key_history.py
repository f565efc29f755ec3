"""The keys of the record over time, as the log itself tells: which one counted for which entries, and what was revoked.

A checkpoint of ``n`` entries is "of" its last entry, ``n - 1``; a range is from its first entry to before its last. The log's old key
counts up to and with the first checkpoint over its rotation, which both keys sign.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

LOG, SERVICE = "log", "service"
OPENED, ROTATED, REVOKED = "log.opened", "key.rotated", "key.revoked"
KEY_ENTRIES = (OPENED, ROTATED, REVOKED)


@dataclass(frozen=True)
class KeyRow:
    """One key. ``name`` is a verifier key line for the log, the raw public key in hexadecimal for the service.

    ``until_seq`` is exclusive, None for the present key. ``revoked_from`` is the first entry that it must not vouch for, and
    ``compromise_time`` (as in entries) from when on nothing that it signed is believed; both None for a key that was not revoked.
    """

    name: str
    from_seq: int
    until_seq: int | None = None
    revoked_from: int | None = None
    compromise_time: str | None = None

    def covers(self, seq: int) -> bool:
        """Does this key count for entry ``seq``?"""
        ends = [end for end in (self.until_seq, self.revoked_from) if end is not None]
        return self.from_seq <= seq and all(seq < end for end in ends)

    def to_document(self) -> dict[str, Any]:
        """The row as policy/keys.json has it, without the key."""
        is_revoked = self.revoked_from is not None
        revoked = {"from_seq": self.revoked_from, "compromise_time": self.compromise_time} if is_revoked else None
        return {"from_seq": self.from_seq, "until_seq": self.until_seq, "revoked": revoked}


@dataclass(frozen=True)
class KeyHistory:
    """All keys, oldest first, the present one last."""

    log: tuple[KeyRow, ...]
    service: tuple[KeyRow, ...]


def history_of(
    entries: Iterable[tuple[int, str, Mapping[str, Any]]], sealed_at: Callable[[int], int | None], log_key: str
) -> KeyHistory:
    """The history that these entries (index, type, payload), in order, tell. ``log_key`` is the log's present key line.

    ``sealed_at(seq)`` is the size of the first checkpoint over an entry, None before there is one.
    """
    rows: dict[str, list[KeyRow]] = {LOG: [KeyRow(log_key, 0)], SERVICE: []}
    for seq, kind, payload in entries:
        which = str(payload.get("key", SERVICE))
        known = rows.setdefault(which, [])
        if kind == REVOKED:
            named = [_revoked(row, payload) if row.name == payload["public"] else row for row in known]
            rows[which] = named
        elif kind == ROTATED and which == LOG:
            old = KeyRow(str(payload["old"]), 0) if len(known) == 1 else known[-1]
            rows[LOG] = [*known[:-1], replace(old, until_seq=sealed_at(seq)), KeyRow(str(payload["new"]), seq)]
        elif "service_public_key" in payload:
            ended = [replace(row, until_seq=row.until_seq or seq) for row in known]
            rows[SERVICE] = [*ended, KeyRow(str(payload["service_public_key"]), seq)]
    return KeyHistory(tuple(rows[LOG]), tuple(rows[SERVICE]))


def _revoked(row: KeyRow, payload: Mapping[str, Any]) -> KeyRow:
    """The earliest revocation counts."""
    start, time = int(payload["from_seq"]), str(payload["compromise_time"])
    if row.revoked_from is not None and row.compromise_time is not None:
        start, time = min(start, row.revoked_from), min(time, row.compromise_time)
    return replace(row, revoked_from=start, compromise_time=time)
