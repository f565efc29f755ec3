"""Tables of what is wrong with answers in use: problems that people reported, and alerts about releases."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import Base, Digest, Id, Moment, Name, PromptRef, UtcTime, Word, Words


class ProblemReport(Base):
    """A problem with one answer, as the masker left its words. The same words about the same answer are one row.

    ``words_sha256`` is a keyed digest of decision, words and whether it reached the patient.
    """

    __tablename__ = "problem_reports"
    __table_args__ = (UniqueConstraint("token_id", "words_sha256"),)

    id: Mapped[Id]
    prompt_id: Mapped[PromptRef]
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"), index=True)
    interaction_id: Mapped[int] = mapped_column(ForeignKey("interactions.id"), index=True)
    token_id: Mapped[str] = mapped_column(ForeignKey("tokens.id"))
    alert_id: Mapped[str] = mapped_column(ForeignKey("release_alerts.id"), index=True)
    words: Mapped[Words]
    words_sha256: Mapped[Digest]
    reached_patient: Mapped[bool]
    received_at: Mapped[Moment]


class ReleaseAlert(Base):
    """What people are told about a release in use. ``kind``: problem, identifiers, model, index.

    ``subject`` is the model or index that was reported instead; ``token_id`` the application that reported last. ``count`` things
    happened since it was raised, ``critical_count`` of them harmful. What of it was entered and mailed: ``told_count`` and
    ``told_critical_count`` at ``told_at``; ``entry_seq`` is the first entry. ``seen_by`` looked into it and wrote
    ``seen_words``.
    """

    __tablename__ = "release_alerts"
    __table_args__ = (Index("ix_release_alerts_release_id_kind", "release_id", "kind"),)

    id: Mapped[Id]
    kind: Mapped[Word]
    prompt_id: Mapped[PromptRef]
    release_id: Mapped[str] = mapped_column(ForeignKey("releases.id"))
    token_id: Mapped[str] = mapped_column(ForeignKey("tokens.id"))
    application: Mapped[Name]
    subject: Mapped[str] = mapped_column(String(200), default="")
    count: Mapped[int] = mapped_column(default=0)
    critical_count: Mapped[int] = mapped_column(default=0)
    raised_at: Mapped[Moment] = mapped_column(index=True)
    last_at: Mapped[Moment]
    told_at: Mapped[datetime | None] = mapped_column(UtcTime)
    told_count: Mapped[int] = mapped_column(default=0)
    told_critical_count: Mapped[int] = mapped_column(default=0)
    entry_seq: Mapped[int | None] = mapped_column(BigInteger)
    seen_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
    seen_words: Mapped[Words] = mapped_column(default="")
