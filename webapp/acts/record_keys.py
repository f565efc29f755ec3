"""The keys of the record as this log knows them: which service key signs now, which one signed then, and the history for bundles.

A running process goes on with the service key that it read at its start until the log says that another one counts; then it reads
that one from the key folder, so that nobody has to restart anything. What must not live here: rotating (``services.keys``).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.keys import ServiceKey
from webapp.adapters.outside import Outside
from webapp.adapters.store.checkpoints import first_checkpoint_over
from webapp.adapters.store.ledger import newest_entry, require_at_append
from webapp.adapters.store.schema import Leaf, Payload, Release, Signature
from webapp.domain.record.canonical import sha256_hex
from webapp.domain.record.key_history import KEY_ENTRIES, LOG, SERVICE, KeyHistory, history_of
from webapp.domain.record.notes import NoteKey
from webapp.errors import Conflict

KEY_ENTITY = "key"


def service_key(outside: Outside, session: Session) -> ServiceKey:
    """The service key that the log names as the present one; Unavailable when its file is not here."""
    keyid = _present_keyid(session)
    mine = outside.keyring.service
    key = mine if keyid is None or keyid == mine.keyid else outside.keyring.service_of(keyid)

    def require_same(locked: Session) -> None:
        """No rotation came between this signature and its entry."""
        if _present_keyid(locked) not in (keyid, key.keyid):
            raise Conflict("The service's key was rotated at this moment; nothing was stored. Do it again.")

    require_at_append(session, "service key", require_same)
    return key


def service_public(
    outside: Outside, session: Session, keyid: str, envelope_sha256: str, signed_at: str
) -> bytes | None:
    """The raw public key that may have signed this envelope; None when the key is unknown, or did not count for its entry.

    ``signed_at`` as in entries: what a key signed after it was compromised is not believed.
    """
    mine = outside.keyring.service
    if _present_keyid(session) is None:
        return mine.public if keyid == mine.keyid else None
    row = next((row for row in read_history(session).service if sha256_hex(bytes.fromhex(row.name)) == keyid), None)
    if row is None or (row.compromise_time is not None and signed_at >= row.compromise_time):
        return None
    seq = _entry_of(session, envelope_sha256)
    return bytes.fromhex(row.name) if seq is None or row.covers(seq) else None


def read_history(session: Session, log_key: NoteKey | None = None, size: int | None = None) -> KeyHistory:
    """All keys of log and service in the first ``size`` entries. ``log_key`` is the notary's, wanted only for the log's part."""

    def sealed_at(seq: int) -> int | None:
        """The size of the first checkpoint over an entry."""
        found = first_checkpoint_over(session, seq)
        return None if found is None or (size is not None and found.size > size) else found.size

    entries = [entry for entry in _entries(session) if size is None or entry[0] < size]
    return history_of(entries, sealed_at, "" if log_key is None else log_key.to_vkey())


def rotation_to(session: Session, which: str, new_sha256: str) -> Leaf | None:
    """The entry by which this key takes over; None when there is none."""
    head = newest_entry(session, _key(which))
    leaf = None if head is None else session.get_one(Leaf, head)
    return leaf if leaf is not None and _after(leaf) == new_sha256 else None


def _entries(session: Session) -> Iterator[tuple[int, str, dict[str, Any]]]:
    query = select(Leaf.seq, Leaf.type, Leaf.content).where(Leaf.type.in_(KEY_ENTRIES)).order_by(Leaf.seq)
    for seq, kind, content in session.execute(query).all():
        payload = session.get_one(Payload, json.loads(content)["payload"]["sha256"])
        yield seq, kind, json.loads(payload.content)


def _present_keyid(session: Session) -> str | None:
    """The digest of the service key that took over last, read afresh; None while the first one counts."""
    head = newest_entry(session, _key(SERVICE))
    return None if head is None else _after(session.get_one(Leaf, head))


def _key(which: str) -> tuple[str, str]:
    assert which in (LOG, SERVICE)
    return KEY_ENTITY, which


def _after(leaf: Leaf) -> str:
    return str(json.loads(leaf.content)["after"]["sha256"])


def _entry_of(session: Session, envelope_sha256: str) -> int | None:
    """The entry that names this envelope first; None in the transaction that is still entering it."""
    signature = select(Signature.id).where(Signature.envelope_sha256 == envelope_sha256)
    release = select(Release.id).where(Release.envelope_sha256 == envelope_sha256)
    kinds = Leaf.type.in_(("signature.applied", "release.made"))
    query = select(Leaf.seq).where(kinds, Leaf.entity_id.in_(signature.union(release)))
    return session.scalars(query.order_by(Leaf.seq).limit(1)).first()
