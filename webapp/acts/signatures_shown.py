"""Signatures as every page and print shows them: name, time, meaning, level, validity (21 CFR 11.50(b)).

What must not live here: making one (``signing``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.genuine import verified_body
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope, Signature

VOID_WORDS = {
    "ask_for_changes": "changes were asked for",
    "raise_class": "the risk class was raised",
    "rebase": "another release went live",
    "policy_changed": "an urgent policy came into force",
    "lapse": "it lapsed before the rollout started",
    "withdraw": "the change was withdrawn",
    "reject": "the change was rejected",
}


@dataclass(frozen=True)
class SignatureShown:
    """A signature in words. ``digest`` is that of the release contents that were signed."""

    id: str
    change_id: str
    move: str
    signer_id: str
    name: str
    title: str
    credentials: str
    role: str
    meaning: str
    sentence: str
    at: datetime
    level: str
    digest: str
    envelope_sha256: str
    display_sha256: str
    valid: bool
    validity: str
    entry_seq: int | None

    @property
    def entry(self) -> str | None:
        """Where it stands in the audit log, in words."""
        return None if self.entry_seq is None else f"audit log entry {self.entry_seq}"


def signatures_of(outside: Outside, session: Session, change_id: str) -> tuple[SignatureShown, ...]:
    """All signatures of the change, oldest first, also those that were voided."""
    query = select(Signature).where(Signature.change_id == change_id)
    rows: Sequence[Signature] = session.scalars(query.order_by(Signature.signed_at, Signature.id)).all()
    return tuple(signature_shown(outside, session, row) for row in rows)


def signature_shown(outside: Outside, session: Session, row: Signature) -> SignatureShown:
    """One signature; its validity is computed from the stored envelope, not read from a column alone."""
    is_genuine = _is_genuine(outside, session, row)
    return SignatureShown(
        id=row.id,
        change_id=row.change_id or "",
        move=row.move,
        signer_id=row.signer_id,
        name=row.signer_name,
        title=row.signer_title,
        credentials=row.signer_credentials,
        role=row.signer_role,
        meaning=row.meaning,
        sentence=row.sentence,
        at=row.signed_at,
        level=row.level,
        digest=row.subject_sha256,
        envelope_sha256=row.envelope_sha256,
        display_sha256=row.display_sha256,
        valid=is_genuine and row.voided_at is None,
        validity=_validity(row, is_genuine),
        entry_seq=row.entry_seq,
    )


def _validity(row: Signature, is_genuine: bool) -> str:
    if not is_genuine:
        return "Broken: the record does not match its signature"
    if row.voided_at is None:
        return "Valid"
    return f"Voided: {VOID_WORDS.get(row.void_reason or '', row.void_reason)}"


def _is_genuine(outside: Outside, session: Session, row: Signature) -> bool:
    """Did service key or passkey sign this envelope, over the digest, for the person and at the level that the row names?"""
    sealed = session.get(Envelope, row.envelope_sha256)
    body = None if sealed is None else verified_body(outside, session, sealed)
    if body is None:
        return False
    predicate = body["predicate"]
    claims = (
        body["subject"][0]["digest"]["sha256"],
        predicate["signer"]["id"],
        predicate["meaning"],
        predicate["level"],
    )
    return claims == (row.subject_sha256, row.signer_id, row.meaning, row.level)
