"""The table of export bundles: who asked for what, how far it is, and which file came of it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import Base, Id, Moment, Name, UtcTime, Word


class ExportRow(Base):
    """An export bundle that somebody asked for. ``state``: queued, working, complete, failed, removed.

    ``scope``: change, dossier (the record of a change as PDF), prompt, period or audit_pack (``since`` to ``until``, which is
    exclusive) or all. ``done`` of ``planned`` are steps of no particular unit. What was made is a file in the state folder;
    ``file_sha256`` tells whether it is still that file.
    """

    __tablename__ = "exports"

    id: Mapped[Id]
    scope: Mapped[Word]
    value: Mapped[Name] = mapped_column(default="")
    since: Mapped[datetime | None] = mapped_column(UtcTime)
    until: Mapped[datetime | None] = mapped_column(UtcTime)
    with_case_text: Mapped[bool] = mapped_column(default=False)
    asked_by: Mapped[str] = mapped_column(String(40), index=True)
    asked_by_name: Mapped[Name]
    asked_at: Mapped[Moment]
    entry_seq: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[Word] = mapped_column(default="queued")
    done: Mapped[int] = mapped_column(BigInteger, default=0)
    planned: Mapped[int] = mapped_column(BigInteger, default=0)
    log_size: Mapped[int | None] = mapped_column(BigInteger)
    file_sha256: Mapped[str | None] = mapped_column(String(64))
    file_bytes: Mapped[int | None] = mapped_column(BigInteger)
    failure: Mapped[str | None] = mapped_column(String(500))
    concluded_at: Mapped[datetime | None] = mapped_column(UtcTime)
