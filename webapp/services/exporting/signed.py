"""The signatures of an export's changes, as its pages for people show them (21 CFR 11.50(b))."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from webapp.acts.signatures_shown import role_stated
from webapp.adapters.store.schema import Change, Prompt, Signature
from webapp.domain.record.leaf import timestamp
from webapp.domain.record.record_page import SignedLine

AT_ONCE = 500


def signed_lines(session: Session, changes: Sequence[str]) -> list[SignedLine]:
    """One line for each signature of these changes, by prompt and change in the order they were given."""
    return _lines(session, Signature.change_id.in_(changes))


def lines_of_envelopes(session: Session, digests: Sequence[str]) -> list[SignedLine]:
    """One line for each of these envelopes, in their order; also of acts that are no moves of a change."""
    found: dict[str, SignedLine] = {}
    for start in range(0, len(digests), AT_ONCE):
        some = _lines(session, Signature.envelope_sha256.in_(digests[start : start + AT_ONCE]))
        found.update({line.envelope_sha256: line for line in some})
    return [found[digest] for digest in digests if digest in found]


def _lines(session: Session, chosen: ColumnElement[bool]) -> list[SignedLine]:
    query = (
        select(Signature, Change.title, Prompt.name)
        .outerjoin(Change, Change.id == Signature.change_id)
        .outerjoin(Prompt, Prompt.id == Change.prompt_id)
        .where(chosen)
        .order_by(Prompt.name, Change.id, Signature.signed_at, Signature.id)
    )
    return [
        SignedLine(
            prompt=name or "",
            change=row.change_id or "",
            title=title or "",
            entry=row.entry_seq,
            name=row.signer_name,
            role=row.signer_role,
            credentials=", ".join(part for part in (row.signer_title, row.signer_credentials) if part),
            meaning=row.meaning,
            at=timestamp(row.signed_at),
            level=row.level,
            subject_sha256=row.subject_sha256,
            envelope_sha256=row.envelope_sha256,
            validity="valid" if row.voided_at is None else f"void since {timestamp(row.voided_at)} ({row.void_reason})",
            role_since=stated.since,
            role_granted_by=stated.granted_by,
            role_confirmed_by=stated.confirmed_by,
        )
        for row, title, name in session.execute(query)
        for stated in [role_stated(session, row.envelope_sha256)]
    ]
