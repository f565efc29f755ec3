"""Tables of the signed record: leaves, tiles, checkpoints, payloads, the head of the log. No leaf is ever changed or removed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webapp.adapters.store.schema.base import Base, Content, Digest, Moment, Name, UtcTime, Word, Words


class Leaf(Base):
    """One entry of the audit log, at its index. ``content`` is what is hashed; the other columns repeat it for searching.

    Each index ends with what else a filter names, so that a page is found and counted without reading a leaf.
    """

    __tablename__ = "ledger_leaves"
    __table_args__ = (
        Index("ix_ledger_leaves_type_seq", "type", "seq", "actor_id"),
        Index("ix_ledger_leaves_actor_seq", "actor_id", "seq", "type"),
        Index("ix_ledger_leaves_entity_seq", "entity_id", "seq", "type", "actor_id"),
        Index("ix_ledger_leaves_at_seq", "at", "seq"),
    )

    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    leaf_sha256: Mapped[Digest]
    content: Mapped[Content]
    type: Mapped[Word]
    actor_id: Mapped[str] = mapped_column(String(40))
    entity_type: Mapped[Word]
    entity_id: Mapped[str] = mapped_column(String(80))
    at: Mapped[Moment]


class LogState(Base):
    """The one row that orders the log: its size, its right edge and its last time."""

    __tablename__ = "log_state"

    id: Mapped[int] = mapped_column(primary_key=True)
    origin: Mapped[Name]
    size: Mapped[int] = mapped_column(BigInteger)
    frontier: Mapped[Words]
    last_ts: Mapped[datetime | None] = mapped_column(UtcTime)


class TileRow(Base):
    """A full tile of the tree: 256 hashes, one after the other, and the root over them, which is a hash of the level above."""

    __tablename__ = "log_tiles"

    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root_sha256: Mapped[Digest]
    content: Mapped[Content]


class CheckpointRow(Base):
    """What the notary signed: the log of this size had this root. ``content`` is the signed note, byte for byte."""

    __tablename__ = "checkpoints"

    size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root_sha256: Mapped[Digest]
    content: Mapped[Content]
    published_at: Mapped[Moment]


class Payload(Base):
    """The detached text of an entry or document, by the digest of its bytes; salted, so that short texts cannot be guessed."""

    __tablename__ = "payloads"

    sha256: Mapped[Digest] = mapped_column(primary_key=True)
    media: Mapped[Name]
    content: Mapped[Content]
    stored_at: Mapped[Moment]
