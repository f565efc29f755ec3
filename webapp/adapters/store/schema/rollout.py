"""Tables of rollout, of what applications report back, and of the follow-up audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import (
    Base,
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


class Rollout(Base):
    """The delivery of one release in steps. ``state``: running, paused, held, complete, rolled_back.

    ``watched_at``: when the watch last looked; without a fresh look nobody gets the new version. ``stopped_at``: since when it is
    paused or held; ``frozen_at``: when new units were last kept out. ``cleared_units``: how many units of possible harm or with an
    identifier a person knew of when the release was made live again after its rollout.
    """

    __tablename__ = "rollouts"

    id: Mapped[Id]
    change_id: Mapped[str] = mapped_column(ForeignKey("changes.id"), unique=True)
    prompt_id: Mapped[PromptRef]
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"))
    baseline_release_id: Mapped[str | None] = mapped_column(ForeignKey("releases.id"))
    salt: Mapped[str] = mapped_column(String(16))
    plan: Mapped[Document]
    step_index: Mapped[int] = mapped_column(default=0)
    step_entered_at: Mapped[Moment]
    state: Mapped[Word]
    serves: Mapped[Word] = mapped_column(default="plan")
    state_reason: Mapped[str | None]
    started_by: Mapped[PersonRef]
    started_at: Mapped[Moment]
    ended_at: Mapped[datetime | None] = mapped_column(UtcTime)
    watched_at: Mapped[datetime | None] = mapped_column(UtcTime)
    stopped_at: Mapped[datetime | None] = mapped_column(UtcTime)
    frozen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    cleared_units: Mapped[int] = mapped_column(default=0, server_default="0")


class ModelProbe(Base):
    """What the daily probe of a model found. ``failing_since``: its first failure in a row; after the second one it counts as gone."""

    __tablename__ = "model_probes"

    model: Mapped[Name] = mapped_column(primary_key=True)
    asked_at: Mapped[Moment]
    is_answering: Mapped[bool]
    failing_since: Mapped[datetime | None] = mapped_column(UtcTime)
    failure: Mapped[str | None] = mapped_column(String(60))


class Interaction(Base):
    """One report of one call by an application, bound to a decision. Content only as the masker left it.

    ``model`` answered and ``index_id`` is the index that was searched, as the application says.
    """

    __tablename__ = "interactions"
    __table_args__ = (
        UniqueConstraint("token_id", "event_id"),
        Index(
            "ix_interactions_grave",
            "release_id",
            sqlite_where=text("harm_reported = 1 OR phi_flagged = 1"),
            postgresql_where=text("harm_reported OR phi_flagged"),
        ),
    )

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(String(80))
    token_id: Mapped[str] = mapped_column(ForeignKey("tokens.id"))
    prompt_id: Mapped[PromptRef]
    release_id: Mapped[str | None] = mapped_column(ForeignKey("releases.id"), index=True)
    rollout_id: Mapped[str | None] = mapped_column(ForeignKey("rollouts.id"), index=True)
    step_index: Mapped[int | None]
    decision_id: Mapped[str] = mapped_column(String(120), index=True)
    arm: Mapped[Word]
    unit_hash: Mapped[str] = mapped_column(String(64))
    is_displayed: Mapped[bool] = mapped_column(default=True)
    model: Mapped[Name]
    index_id: Mapped[Name | None]
    request_text: Mapped[str | None]
    response_text: Mapped[str | None]
    masked_count: Mapped[int] = mapped_column(default=0)
    finish_reason: Mapped[Word | None]
    tokens_in: Mapped[int | None]
    tokens_out: Mapped[int | None]
    latency_ms: Mapped[int | None]
    ttft_ms: Mapped[int | None]
    cost_microusd: Mapped[int | None]
    error: Mapped[Word | None]
    outcome: Mapped[Word | None]
    check_ppm: Mapped[int | None]
    is_unsafe: Mapped[bool | None]
    rating: Mapped[int | None]
    harm_reported: Mapped[bool] = mapped_column(default=False)
    phi_flagged: Mapped[bool] = mapped_column(default=False)
    source_ref: Mapped[str | None] = mapped_column(String(200))
    subgroup: Mapped[Document]
    happened_at: Mapped[Moment]
    received_at: Mapped[Moment]


class Fetch(Base):
    """An application, known by the name of its token, was answered about a prompt from the state of this moment or a later one.

    ``entries``: how many entries the audit log had in that state, so it has met every stop that is one of them, whatever clocks say.
    """

    __tablename__ = "fetches"

    application: Mapped[Name] = mapped_column(primary_key=True)
    prompt_id: Mapped[PromptRef] = mapped_column(primary_key=True)
    as_of: Mapped[Moment]
    entries: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")


class Quarantined(Base):
    """A report that cannot be believed, with the reason; kept apart, counted, never used."""

    __tablename__ = "quarantine"
    __table_args__ = (UniqueConstraint("token_id", "event_id"),)

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    event_id: Mapped[str] = mapped_column(String(80))
    token_id: Mapped[str] = mapped_column(ForeignKey("tokens.id"))
    reason: Mapped[Word]
    received_at: Mapped[Moment]


class AuditSample(Base):
    """One answer drawn for the follow-up audit. ``label`` is what graders see in place of version and order."""

    __tablename__ = "audit_samples"
    __table_args__ = (UniqueConstraint("change_id", "label"), UniqueConstraint("change_id", "interaction_id"))

    id: Mapped[Id]
    change_id: Mapped[str] = mapped_column(ForeignKey("changes.id"), index=True)
    label: Mapped[Word]
    interaction_id: Mapped[int] = mapped_column(ForeignKey("interactions.id"))
    arm: Mapped[Word]
    stratum: Mapped[Name]
    position: Mapped[int]
    drawn_at: Mapped[Moment]


class AuditDraw(Base):
    """How the sample of a change was drawn, so that anybody can draw it again."""

    __tablename__ = "audit_draws"

    change_id: Mapped[str] = mapped_column(ForeignKey("changes.id"), primary_key=True)
    seed: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    eligible: Mapped[int]
    eligible_sha256: Mapped[Digest]
    drawn_at: Mapped[Moment]


class Grade(Base):
    """One blind grade of one sampled answer by one person. ``kind``: grade or adjudication."""

    __tablename__ = "grades"
    __table_args__ = (UniqueConstraint("sample_id", "grader_id"),)

    id: Mapped[Id]
    sample_id: Mapped[str] = mapped_column(ForeignKey("audit_samples.id"), index=True)
    grader_id: Mapped[PersonRef]
    kind: Mapped[Word]
    ratings: Mapped[Document]
    is_accurate: Mapped[bool | None]
    is_gradable: Mapped[bool] = mapped_column(default=True)
    harm: Mapped[Word]
    note: Mapped[Words] = mapped_column(default="")
    graded_at: Mapped[Moment]
