"""The signatures of an export's changes, as its pages for people show them (21 CFR 11.50(b))."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import Change, Prompt, Signature
from webapp.domain.record.leaf import timestamp
from webapp.domain.record.record_page import SignedLine


def signed_lines(session: Session, changes: Sequence[str]) -> list[SignedLine]:
    """One line for each signature, in the order they were given."""
    query = (
        select(Signature, Change.title, Prompt.name)
        .join(Change, Change.id == Signature.change_id)
        .join(Prompt, Prompt.id == Change.prompt_id)
        .where(Signature.change_id.in_(changes))
        .order_by(Prompt.name, Change.id, Signature.signed_at, Signature.id)
    )
    return [
        SignedLine(
            prompt=name,
            change=row.change_id or "",
            title=title,
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
        )
        for row, title, name in session.execute(query)
    ]
