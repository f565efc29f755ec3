"""Tables of a change on its way: revisions, contributors, decisions, comments, exceptions."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import (
    Base,
    ChangeRef,
    Content,
    Digest,
    Document,
    Id,
    Moment,
    Name,
    PersonRef,
    PromptRef,
    UtcTime,
    Word,
    Words,
)


class Change(Base):
    """A request to bring one version live. ``stage`` has one writer: ``webapp.acts.perform``.

    ``digest`` is the expected digest of the next decision: the revision digest, from review on the manifest digest.
    """

    __tablename__ = "changes"

    id: Mapped[Id]
    prompt_id: Mapped[PromptRef]
    title: Mapped[Name]
    stage: Mapped[Word] = mapped_column(index=True)
    risk_class: Mapped[Word]
    revision: Mapped[int] = mapped_column(default=0)
    digest: Mapped[Digest]
    manifest_sha256: Mapped[str | None] = mapped_column(String(64))
    baseline_release_id: Mapped[str | None] = mapped_column(String(40))
    is_first_change: Mapped[bool] = mapped_column(default=False)
    reworded_changes: Mapped[str | None]
    opened_by: Mapped[PersonRef]
    opened_at: Mapped[Moment]
    stage_since: Mapped[Moment]
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Revision(Base):
    """The n-th content of a change: which version, model, test set and plan; immutable once stored."""

    __tablename__ = "revisions"
    __table_args__ = (UniqueConstraint("change_id", "number"),)

    id: Mapped[Id]
    change_id: Mapped[ChangeRef]
    number: Mapped[int]
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"))
    suite_sha256: Mapped[str | None] = mapped_column(ForeignKey("suites.sha256"))
    baseline_release_id: Mapped[str | None] = mapped_column(String(40))
    policy_sha256: Mapped[Digest]
    model: Mapped[Name]
    fallbacks: Mapped[Document]
    plan: Mapped[Document]
    changes: Mapped[Words]
    intended_use: Mapped[Words]
    not_for: Mapped[Words]
    downtime_text: Mapped[Words]
    digest: Mapped[Digest]
    submitted_by: Mapped[PersonRef]
    submitted_at: Mapped[Moment]


class Contributor(Base):
    """Somebody who worked on a change, over all its revisions; ``person_id`` null until mapped or when external."""

    __tablename__ = "contributors"
    __table_args__ = (UniqueConstraint("change_id", "email"),)

    id: Mapped[Id]
    change_id: Mapped[ChangeRef]
    person_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[Name]
    how: Mapped[Word]
    is_external: Mapped[bool] = mapped_column(default=False)
    added_at: Mapped[Moment]


class Signature(Base):
    """A signed act: who, with which meaning, over which digest. Never edited; voiding fills ``voided_at`` and adds an entry."""

    __tablename__ = "signatures"
    __table_args__ = (UniqueConstraint("nonce"),)

    id: Mapped[Id]
    change_id: Mapped[str | None] = mapped_column(ForeignKey("changes.id"), index=True)
    revision: Mapped[int | None]
    move: Mapped[Word]
    meaning: Mapped[Name]
    signer_id: Mapped[PersonRef]
    signer_name: Mapped[Name]
    signer_title: Mapped[Name]
    signer_credentials: Mapped[Name]
    signer_role: Mapped[Word]
    subject_sha256: Mapped[Digest]
    display_sha256: Mapped[Digest]
    envelope_sha256: Mapped[Digest] = mapped_column(ForeignKey("envelopes.sha256"))
    level: Mapped[Word]
    nonce: Mapped[str] = mapped_column(String(64))
    sentence: Mapped[Words] = mapped_column(default="")
    signed_at: Mapped[Moment]
    entry_seq: Mapped[int | None]
    voided_at: Mapped[datetime | None] = mapped_column(UtcTime)
    void_reason: Mapped[Word | None]
    role_since: Mapped[datetime | None] = mapped_column(UtcTime)


class Assertion(Base):
    """What a passkey answered when it signed an envelope: client data, authenticator data, signature, public key, as JSON."""

    __tablename__ = "assertions"

    envelope_sha256: Mapped[Digest] = mapped_column(ForeignKey("envelopes.sha256"), primary_key=True)
    content: Mapped[Content]


class Envelope(Base):
    """A DSSE envelope, by the digest of its bytes. Immutable."""

    __tablename__ = "envelopes"

    sha256: Mapped[Digest] = mapped_column(primary_key=True)
    content: Mapped[Content]


class ExceptionRow(Base):
    """An exception (waiver) asked for one measure of one revision; granted by being named in both signatures."""

    __tablename__ = "waivers"

    id: Mapped[Id]
    change_id: Mapped[ChangeRef]
    revision: Mapped[int]
    measure: Mapped[Word]
    reason: Mapped[Words]
    ends_on: Mapped[date] = mapped_column(Date)
    asked_by: Mapped[PersonRef]
    asked_at: Mapped[Moment]


class Comment(Base):
    """A remark on a change. ``kind``: question, must_fix, note. ``anchor`` names a case or a range of text."""

    __tablename__ = "comments"

    id: Mapped[Id]
    change_id: Mapped[ChangeRef]
    revision: Mapped[int]
    author_id: Mapped[PersonRef]
    kind: Mapped[Word]
    body: Mapped[Words]
    anchor: Mapped[Document]
    suggestion: Mapped[str | None]
    written_at: Mapped[Moment]
    resolved_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    resolved_at: Mapped[datetime | None] = mapped_column(UtcTime)


class ChecklistTick(Base):
    """One item of the class's checklist, ticked by one reviewer for one revision."""

    __tablename__ = "checklist_ticks"
    __table_args__ = (UniqueConstraint("change_id", "revision", "person_id", "item"),)

    id: Mapped[Id]
    change_id: Mapped[ChangeRef]
    revision: Mapped[int]
    person_id: Mapped[PersonRef]
    item: Mapped[Name]
    ticked_at: Mapped[Moment]


class CaseOpening(Base):
    """That a person opened one case of one run."""

    __tablename__ = "case_openings"
    __table_args__ = (UniqueConstraint("run_id", "person_id", "case_id"),)

    id: Mapped[Id]
    run_id: Mapped[str] = mapped_column(ForeignKey("runs.id"), index=True)
    person_id: Mapped[PersonRef]
    case_id: Mapped[Name]
    opened_at: Mapped[Moment]
