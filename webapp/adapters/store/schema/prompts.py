"""Tables of the formulary itself: prompts, their immutable versions, test sets, releases, policy."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import (
    Base,
    Content,
    Digest,
    Document,
    Id,
    Moment,
    Name,
    PromptRef,
    UtcTime,
    Word,
)


class Prompt(Base):
    """An entry of the formulary. ``live_release_id`` has one writer: ``webapp.acts.live``."""

    __tablename__ = "prompts"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(64), unique=True)
    risk_class: Mapped[Word]
    class_confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    class_confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    live_release_id: Mapped[str | None] = mapped_column(String(40))
    last_number: Mapped[int] = mapped_column(default=0)
    next_review_on: Mapped[datetime | None] = mapped_column(UtcTime)
    created_at: Mapped[Moment]


class Version(Base):
    """Immutable content of a prompt: the bytes as submitted, and what was read from them."""

    __tablename__ = "versions"
    __table_args__ = (UniqueConstraint("prompt_id", "number"), UniqueConstraint("prompt_id", "sha256"))

    id: Mapped[Id]
    prompt_id: Mapped[PromptRef]
    number: Mapped[int]
    label: Mapped[Word]
    sha256: Mapped[Digest]
    content: Mapped[Content]
    fields: Mapped[Document]
    stored_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    stored_at: Mapped[Moment]


class SuiteRow(Base):
    """An immutable test set, known by its digest. ``content`` is canonical JSON lines.

    ``number`` counts the versions of its name from 1. ``grown_from``: the version that it has one more case than, made from a failure.
    """

    __tablename__ = "suites"
    __table_args__ = (Index("ix_suites_name_number", "name", "number", unique=True),)

    sha256: Mapped[Digest] = mapped_column(primary_key=True)
    name: Mapped[Name]
    number: Mapped[int] = mapped_column(server_default="1")
    grown_from: Mapped[str | None] = mapped_column(String(64), index=True)
    content: Mapped[Content]
    case_count: Mapped[int]
    contains_phi: Mapped[bool] = mapped_column(default=False)
    is_held_out: Mapped[bool] = mapped_column(default=False)
    stored_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    stored_at: Mapped[Moment]


class PolicyRow(Base):
    """A policy as stored content; the newest adopted one is in force. ``is_urgent``: open changes went back to evaluation."""

    __tablename__ = "policies"

    version: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[Digest] = mapped_column(unique=True)
    content: Mapped[Content]
    adopted_at: Mapped[Moment]
    adopted_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    is_urgent: Mapped[bool] = mapped_column(default=False, server_default=false())


class PolicyProposal(Base):
    """A version of the policy on its way: signed by who proposed it. ``state``: open, adopted, withdrawn; at most one is open.

    ``base_sha256``: the version in force when it was proposed. ``due_at``: when it comes into force by itself; null where a second
    administrator's signature is awaited.
    """

    __tablename__ = "policy_proposals"

    id: Mapped[Id]
    version: Mapped[int]
    sha256: Mapped[Digest] = mapped_column(index=True)
    content: Mapped[Content]
    base_sha256: Mapped[Digest]
    is_urgent: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Word] = mapped_column(index=True)
    proposed_by: Mapped[str] = mapped_column(ForeignKey("people.id"))
    proposed_at: Mapped[Moment]
    signature_id: Mapped[str] = mapped_column(ForeignKey("signatures.id"))
    due_at: Mapped[datetime | None] = mapped_column(UtcTime)
    second_id: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    second_signature_id: Mapped[str | None] = mapped_column(ForeignKey("signatures.id"))
    concluded_at: Mapped[datetime | None] = mapped_column(UtcTime)
    concluded_by: Mapped[str | None] = mapped_column(String(40))


class Manifest(Base):
    """A release manifest: the canonical document that reviewer and physician sign. Immutable."""

    __tablename__ = "manifests"

    sha256: Mapped[Digest] = mapped_column(primary_key=True)
    change_id: Mapped[str] = mapped_column(ForeignKey("changes.id"), index=True)
    revision: Mapped[int]
    content: Mapped[Content]
    made_at: Mapped[Moment]


class Release(Base):
    """What may be served: a signed manifest. ``state``: approved, serving, live, superseded, rolled_back, void."""

    __tablename__ = "releases"

    id: Mapped[Id]
    prompt_id: Mapped[PromptRef]
    change_id: Mapped[str] = mapped_column(ForeignKey("changes.id"), index=True)
    version_id: Mapped[str] = mapped_column(ForeignKey("versions.id"))
    manifest_sha256: Mapped[Digest] = mapped_column(ForeignKey("manifests.sha256"))
    envelope_sha256: Mapped[Digest]
    label: Mapped[Word]
    released_by_policy: Mapped[bool] = mapped_column(default=False)
    state: Mapped[Word] = mapped_column(default="approved")
    made_at: Mapped[Moment]


class Restriction(Base):
    """Whom a release is left to, from this act on; the one with the highest ``number`` counts, and each is within the one before."""

    __tablename__ = "restrictions"
    __table_args__ = (UniqueConstraint("release_id", "number"),)

    id: Mapped[Id]
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"))
    number: Mapped[int]
    only: Mapped[Document]
    signature_id: Mapped[str] = mapped_column(ForeignKey("signatures.id"))
    made_at: Mapped[Moment]


class LivePeriod(Base):
    """What was live when: one row per period, so that any past moment can be answered. Written by ``webapp.acts.live``."""

    __tablename__ = "live_periods"

    id: Mapped[Id]
    prompt_id: Mapped[PromptRef]
    release_id: Mapped[str | None] = mapped_column(ForeignKey("releases.id"))
    began_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    entry_seq: Mapped[int | None]
