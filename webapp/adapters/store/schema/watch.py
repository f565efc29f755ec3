"""Tables of the watch over who tries what in vain: refusals counted, places of failures, alerts raised."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import Base, Id, Moment, UtcTime, Word


class Refusal(Base):
    """Refusals of one kind, counted, so that whoever repeats them does not fill the audit log.

    The first of a window was entered at once; the others of ``count`` are entered as one number when the window is over.
    """

    __tablename__ = "refusals"

    kind: Mapped[Word] = mapped_column(primary_key=True)
    who: Mapped[str] = mapped_column(String(40), primary_key=True)
    what: Mapped[str] = mapped_column(String(80), primary_key=True)
    reason: Mapped[Word] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(45), primary_key=True, default="")
    via: Mapped[Word] = mapped_column(default="")
    count: Mapped[int]
    began_at: Mapped[Moment] = mapped_column(index=True)
    last_at: Mapped[Moment]


class FailureFrom(Base):
    """That somebody failed to sign in from one place lately. ``who``: a person's id, or a keyed digest of an unknown mail address."""

    __tablename__ = "failures_from"

    place: Mapped[str] = mapped_column(String(45), primary_key=True)
    who: Mapped[str] = mapped_column(String(40), primary_key=True)
    last_at: Mapped[Moment] = mapped_column(index=True)


class Alert(Base):
    """What administrators are told of. ``kind``: failures, lock_out, place, refusals; ``subject`` a person's id or the place.

    ``count`` is what was counted when it was raised: failures, refusals, or how many people were tried.
    """

    __tablename__ = "alerts"

    id: Mapped[Id]
    kind: Mapped[Word]
    subject: Mapped[str] = mapped_column(String(45), index=True)
    count: Mapped[int]
    raised_at: Mapped[Moment] = mapped_column(index=True)
    entry_seq: Mapped[int] = mapped_column(BigInteger)
    seen_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    seen_at: Mapped[datetime | None] = mapped_column(UtcTime)
