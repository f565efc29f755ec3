"""Tables of work to be done: jobs with lease and fence, outgoing mail, keys of repeated requests."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import Base, Digest, Document, Id, Moment, UtcTime, Word, Words


class Job(Base):
    """A piece of work for a worker. ``state``: ready, leased, done, failed. ``fence`` grows with every lease.

    Whoever holds an older fence than the row may not write any more.
    """

    __tablename__ = "jobs"
    __table_args__ = (UniqueConstraint("kind", "subject_id"),)

    id: Mapped[Id]
    kind: Mapped[Word]
    subject_id: Mapped[str] = mapped_column(String(40))
    state: Mapped[Word] = mapped_column(index=True)
    fence: Mapped[int] = mapped_column(default=0)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcTime)
    run_after: Mapped[Moment]
    failure: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[Moment]
    updated_at: Mapped[Moment]


class Outbox(Base):
    """A message that leaves after the commit: to the queue or by mail. ``sent_at`` null until it left."""

    __tablename__ = "outbox"

    id: Mapped[Id]
    topic: Mapped[Word]
    body: Mapped[Document]
    created_at: Mapped[Moment]
    sent_at: Mapped[datetime | None] = mapped_column(UtcTime, index=True)
    attempts: Mapped[int] = mapped_column(default=0)


class IdempotencyKey(Base):
    """An answered write of the API, so that the same request again gets the same answer."""

    __tablename__ = "idempotency_keys"

    token_id: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_sha256: Mapped[Digest]
    status: Mapped[int]
    body: Mapped[Words]
    made_at: Mapped[Moment]
