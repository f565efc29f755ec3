"""Entering what happened: payload and leaf in the transaction of the act itself (21 CFR 11.10(e)).

What must not live here: the format of a leaf (domain) and its place in the log (store).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from webapp.acts.actors import leaf_actor
from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import Numbered, Waiting, append_waiting, await_append
from webapp.adapters.store.schema import Envelope, Payload
from webapp.domain.record.canonical import canonical, normalised, sha256_hex
from webapp.domain.record.leaf import Entry
from webapp.domain.record.steady_clock import require_steady
from webapp.domain.workflow import Actor

JSON_MEDIA = "application/json"
_STORE = insert(Payload.__table__)  # type: ignore[arg-type]


def enter(
    outside: Outside,
    session: Session,
    actor: Actor,
    kind: str,
    entity: tuple[str, str, int | None],
    *,
    before: tuple[str, str | None] | None = None,
    after: tuple[str, str | None] | None = None,
    reason: str | None = None,
    payload: Mapping[str, Any] | None = None,
    attest: tuple[str, ...] = (),
    numbered: Numbered | None = None,
) -> None:
    """The act stands in the audit log with the commit of this transaction. ``entity`` is (type, id, version).

    The log is locked last, so the entry has no number before that: ``numbered`` is a row whose ``entry_seq`` then becomes it.
    ``payload`` holds what people typed; it is stored apart under a salt, and the leaf carries only its digest.
    Unavailable (``clock_stepped``) while this process sees its clock moved.
    """
    require_steady(outside.clock_step())
    stored = None if payload is None else store_document(outside, session, payload, salted=True)
    entry = Entry(
        type=kind,
        actor=leaf_actor(actor),
        entity_type=entity[0],
        entity_id=entity[1],
        entity_version=entity[2],
        before=before,
        after=after,
        reason=reason,
        payload=stored,
        attest=attest,
    )
    await_append(session, Waiting(entry, outside.now(), outside.chance(16).hex(), outside.stamp, numbered))


def number_entries(session: Session) -> None:
    """What was entered in this transaction can be read and has its number already; no row may be locked between this and the commit."""
    append_waiting(session)


def store_document(
    outside: Outside, session: Session, document: Mapping[str, Any], *, salted: bool
) -> tuple[str, int, str]:
    """The document is stored by its digest; returns (sha256, length in bytes, media type)."""
    body = dict(normalised(document))
    if salted:
        body["salt"] = outside.chance(16).hex()
    content = canonical(body)
    digest = sha256_hex(content)
    if salted or session.get(Payload, digest) is None:
        row = {"sha256": digest, "media": JSON_MEDIA, "content": content, "stored_at": outside.now()}
        session.connection().execute(_STORE, row)
    return digest, len(content), JSON_MEDIA


def store_envelope(session: Session, content: bytes) -> str:
    """The envelope is stored; returns the digest of its bytes."""
    digest = sha256_hex(content)
    if session.get(Envelope, digest) is None:
        session.add(Envelope(sha256=digest, content=content))
        session.flush()
    return digest
