"""Tables of retention: legal holds, erasures asked for, and what was erased."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import Base, Digest, Document, Id, Moment, PersonRef, UtcTime, Word, Words


class LegalHold(Base):
    """Nothing that it covers is erased until it is lifted. ``scope``: prompt, person or all; ``subject`` is the id, empty for all."""

    __tablename__ = "legal_holds"

    id: Mapped[Id]
    scope: Mapped[Word]
    subject: Mapped[str] = mapped_column(String(40), default="")
    reason: Mapped[Words]
    placed_by: Mapped[PersonRef]
    placed_at: Mapped[Moment]
    lifted_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    lifted_at: Mapped[datetime | None] = mapped_column(UtcTime)
    lift_reason: Mapped[Words] = mapped_column(default="")


class Erasure(Base):
    """Texts that two people have erased, or that one asks to have erased. ``kind``: change or suite.

    ``state``: requested, withdrawn, working, complete, stopped. ``plan`` lists by digest what goes; both people signed its digest.
    ``requested_role`` is the role in which it was asked for; whoever confirms acts in the other one.
    """

    __tablename__ = "erasures"

    id: Mapped[Id]
    kind: Mapped[Word]
    subject: Mapped[str] = mapped_column(String(64), index=True)
    reason: Mapped[Words]
    plan: Mapped[Document]
    plan_sha256: Mapped[Digest]
    state: Mapped[Word]
    requested_by: Mapped[PersonRef]
    requested_role: Mapped[Word]
    requested_at: Mapped[Moment]
    request_envelope: Mapped[Digest]
    confirmed_by: Mapped[str | None] = mapped_column(ForeignKey("people.id"))
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcTime)
    confirm_envelope: Mapped[str | None] = mapped_column(String(64))
    done: Mapped[int] = mapped_column(default=0)
    planned: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None] = mapped_column(String(500))
    concluded_at: Mapped[datetime | None] = mapped_column(UtcTime)


class Erased(Base):
    """That the bytes with this digest were erased, by which erasure, and its entry ``payload.erased``. Never changed or removed."""

    __tablename__ = "erased"

    sha256: Mapped[Digest] = mapped_column(primary_key=True)
    erasure_id: Mapped[str] = mapped_column(ForeignKey("erasures.id"), index=True)
    entry_seq: Mapped[int] = mapped_column(BigInteger)
    erased_at: Mapped[Moment]
