"""Signatures as every page and print shows them: name, time, meaning, level, validity (21 CFR 11.50(b)).

What must not live here: making one (``signing``).
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.acts.genuine import verified_body
from webapp.adapters.outside import Outside
from webapp.adapters.store.schema import Envelope, Signature
from webapp.domain.record.role_words import role_held_words

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
    """A signature in words. ``digest`` is that of the release contents; ``role_held``: since when the role, as the statement says."""

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
    role_held: str
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


@dataclass(frozen=True)
class RoleStated:
    """What a signature's statement says of the signer's role: since when, given and confirmed by whom; empty where it is silent."""

    since: str = ""
    granted_by: str = ""
    confirmed_by: str = ""


def role_stated(session: Session, envelope_sha256: str) -> RoleStated:
    """The same of one envelope, for exports and programs."""
    payload = json.loads(session.get_one(Envelope, envelope_sha256).content)["payload"]
    held = json.loads(base64.b64decode(payload))["predicate"].get("role_held")
    if not held:
        return RoleStated()
    second = held["confirmed"]
    return RoleStated(held["since"], held["granted_by"]["name"], second["by"]["name"] if second else "")


def signature_shown(outside: Outside, session: Session, row: Signature) -> SignatureShown:
    """One signature; its validity is computed from the stored envelope, not read from a column alone."""
    sealed = session.get(Envelope, row.envelope_sha256)
    body = None if sealed is None else verified_body(outside, session, sealed)
    is_genuine = body is not None and _is_of(body, row)
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
        role_held=role_held_words(body["predicate"] if body and is_genuine else {}),
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


def _is_of(body: Mapping[str, Any], row: Signature) -> bool:
    """Is this, which service key or passkey signed, over the digest, for the person and at the level that the row names?"""
    predicate = body["predicate"]
    claims = (
        body["subject"][0]["digest"]["sha256"],
        predicate["signer"]["id"],
        predicate["meaning"],
        predicate["level"],
    )
    return claims == (row.subject_sha256, row.signer_id, row.meaning, row.level)
