"""One entry whole: in words, as bytes, with its proof, its payload as far as the reader may, and its neighbours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.entries_shown import EntryRow, Seal, entry_shown
from webapp.acts.signatures_shown import SignatureShown, signature_shown
from webapp.adapters.outside import Outside
from webapp.adapters.store.ledger import head
from webapp.adapters.store.schema import Leaf, Payload, Signature
from webapp.adapters.store.tiles import tree_of
from webapp.domain.record.merkle import includes, leaf_hash
from webapp.domain.workflow import Actor
from webapp.errors import NotFound, Refused
from webapp.services.ledger.payloads import why_withheld

ERASED = "Erased: this text is no longer stored. The entry keeps the digest, so that a copy kept elsewhere can still be checked."
NO_ENTRY = "The audit log has no entry with this number."


@dataclass(frozen=True)
class EntryView:
    """One entry whole: its bytes as text, its hash, its place in the tree, and its payload where it may be read.

    ``payload`` None with ``why_no_payload`` saying why, where there is a digest, and ``erased_seq`` the entry that took it away.
    ``signatures`` are those the entry cites; ``other_envelopes`` digests of envelopes that are no person's (a release's
    attestation). ``previous_seq`` and ``next_seq`` are the entries of the same thing.
    """

    row: EntryRow
    document: str
    fields: dict[str, Any]
    leaf_hash: str
    size: int
    root: str
    proof: tuple[str, ...]
    is_included: bool
    payload: str | None
    payload_sha256: str | None
    why_no_payload: str | None
    signatures: tuple[SignatureShown, ...]
    other_envelopes: tuple[str, ...]
    previous_seq: int | None
    next_seq: int | None
    erased_seq: int | None = None

    @property
    def is_withheld(self) -> bool:
        """Is the payload stored, and not for this reader?"""
        return self.why_no_payload not in (None, ERASED)

    @property
    def seal(self) -> Seal | None:
        """The first checkpoint over it; None while it is recorded, not sealed."""
        return self.row.seal


def show_entry(outside: Outside, actor: Actor, seq: int) -> EntryView:
    """The entry with its proof of inclusion in the present tree; NotFound when there is none."""
    with outside.database.reading() as session:
        size, root = head(session)
        leaf = _leaf(session, seq)
        proof = tree_of(session, size).inclusion_proof(seq)
        fields = dict(json.loads(leaf.content))
        payload, why_not = _payload(session, actor, leaf, fields)
        signatures = session.scalars(
            select(Signature).where(Signature.envelope_sha256.in_(fields["attest"])).order_by(Signature.id)
        ).all()
        of_people = {row.envelope_sha256 for row in signatures}
        return EntryView(
            row=entry_shown(session, actor, leaf),
            document=leaf.content.decode(),
            fields=fields,
            leaf_hash=leaf_hash(leaf.content).hex(),
            size=size,
            root=root,
            proof=tuple(item.hex() for item in proof),
            is_included=includes(bytes.fromhex(root), size, seq, leaf_hash(leaf.content), proof),
            payload=None if payload is None else payload.decode(),
            payload_sha256=fields["payload"]["sha256"] if fields["payload"] else None,
            why_no_payload=why_not,
            signatures=tuple(signature_shown(outside, session, row) for row in signatures),
            other_envelopes=tuple(digest for digest in fields["attest"] if digest not in of_people),
            previous_seq=fields["prev"],
            next_seq=_next(session, leaf),
            erased_seq=_erased_by(session, fields["payload"]["sha256"]) if why_not == ERASED else None,
        )


def entry_bytes(outside: Outside, actor: Actor, seq: int) -> bytes:
    """Exactly the bytes that are hashed; NotFound when there is no such entry."""
    del actor
    with outside.database.reading() as session:
        return _leaf(session, seq).content


def payload_bytes(outside: Outside, actor: Actor, seq: int) -> bytes:
    """Exactly the bytes whose digest the entry holds; NotFound where there are none, Refused where they are withheld."""
    with outside.database.reading() as session:
        leaf = _leaf(session, seq)
        payload, why_not = _payload(session, actor, leaf, json.loads(leaf.content))
        if payload is None and why_not not in (None, ERASED):
            raise Refused(why_not or "", code="withheld")
        if payload is None:
            raise NotFound(why_not or "Nothing was typed with this entry.")
        return payload


def _leaf(session: Session, seq: int) -> Leaf:
    leaf = session.get(Leaf, seq) if seq < head(session)[0] else None
    if leaf is None:
        raise NotFound(NO_ENTRY)
    return leaf


def _payload(session: Session, actor: Actor, leaf: Leaf, fields: dict[str, Any]) -> tuple[bytes | None, str | None]:
    """What was typed, or why it is not shown; neither where nothing was."""
    if fields["payload"] is None:
        return None, None
    stored = session.get(Payload, fields["payload"]["sha256"])
    if stored is None or not stored.content:
        return None, ERASED
    why_not = why_withheld(session, actor, leaf, stored.content)
    return (None, why_not) if why_not else (stored.content, None)


def _next(session: Session, leaf: Leaf) -> int | None:
    """The following entry about the same thing."""
    return session.scalar(
        select(Leaf.seq)
        .where(Leaf.entity_id == leaf.entity_id, Leaf.entity_type == leaf.entity_type, Leaf.seq > leaf.seq)
        .order_by(Leaf.seq)
        .limit(1)
    )


def _erased_by(session: Session, digest: str) -> int | None:
    """The entry by which the bytes of this digest were erased."""
    query = select(Leaf.seq).where(Leaf.entity_id == digest, Leaf.entity_type == "payload").order_by(Leaf.seq)
    return session.scalar(query.limit(1))
