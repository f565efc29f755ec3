"""When a notary may let a new key take over, and when it may sign a log that does not hold everything it signed: only if the log says so.

Both are judged by an entry that is shown with the proof that it stands in the log. Without key, file or socket.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.domain.record.canonical import sha256_hex
from webapp.domain.record.checkpoints import Checkpoint
from webapp.domain.record.growth import UNPROVEN
from webapp.domain.record.merkle import includes, is_consistent, leaf_hash
from webapp.domain.record.notes import NoteKey
from webapp.errors import Conflict

ROTATED, RESTORED = "key.rotated", "log.restored"


@dataclass(frozen=True)
class Shown:
    """An entry with its place in the log and the proof that it stands there."""

    content: bytes
    seq: int
    proof: tuple[bytes, ...]


@dataclass(frozen=True)
class Known:
    """A checkpoint that the notary signed earlier, and the proof that the log of now continues it."""

    checkpoint: Checkpoint
    proof: tuple[bytes, ...]


def require_handover(shown: Shown, head: Checkpoint, old: NoteKey, new: NoteKey, since: int) -> None:
    """The entry hands over from ``old`` to ``new``, stands under ``head``, and every checkpoint over it bears both signatures.

    ``since`` is the size from which both keys signed. Conflict says what is wrong.
    """
    entry = _included(shown, head, ROTATED)
    if (_sha256(entry, "before"), _sha256(entry, "after")) != (sha256_hex(old.public), sha256_hex(new.public)):
        raise Conflict("This entry hands over between other keys; nothing was changed.", code=UNPROVEN)
    if shown.seq < since:
        raise Conflict("Checkpoints over this entry bear one signature only; rotate anew.", code=UNPROVEN)


def require_restored(shown: Shown, held: Checkpoint, asked: Checkpoint, known: Known) -> None:
    """The log says itself that it lost what ``held`` covers, and continues an earlier checkpoint of this notary. Conflict when not."""
    entry = _included(shown, asked, RESTORED)
    if entry.get("before") != {"state": str(held.size), "sha256": held.root.hex()}:
        raise Conflict("The entry of the restore names another loss than the notary remembers.", code=UNPROVEN)
    old = known.checkpoint
    is_kept = entry.get("after") == {"state": str(old.size), "sha256": old.root.hex()}
    if not is_kept or not 0 < old.size <= shown.seq or old.origin != asked.origin:
        raise Conflict("The entry of the restore keeps another checkpoint than the log shows.", code=UNPROVEN)
    if not is_consistent(old.size, asked.size, old.root, asked.root, known.proof):
        raise Conflict("The restored log was not shown to continue what the notary signed earlier.", code=UNPROVEN)


def _included(shown: Shown, head: Checkpoint, kind: str) -> Mapping[str, Any]:
    if not includes(head.root, head.size, shown.seq, leaf_hash(shown.content), shown.proof):
        raise Conflict("The entry that allows this was not shown to stand in the log.", code=UNPROVEN)
    try:
        entry = json.loads(shown.content)
    except ValueError as error:
        raise Conflict("What was shown is no entry of a log.", code=UNPROVEN) from error
    if not isinstance(entry, dict) or (entry.get("type"), entry.get("log")) != (kind, head.origin):
        raise Conflict("The entry that was shown does not allow this.", code=UNPROVEN)
    return entry


def _sha256(entry: Mapping[str, Any], side: str) -> str | None:
    value = entry.get(side)
    return value.get("sha256") if isinstance(value, dict) else None
