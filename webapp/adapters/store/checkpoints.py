"""Checkpoints as the notary signed them, one for each size at which one was asked for; none is ever changed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from webapp.adapters.store.schema import CheckpointRow


def store_checkpoint(session: Session, size: int, root: str, note: bytes, at: datetime) -> bool:
    """The checkpoint of this size is stored; False when one was already."""
    if session.get(CheckpointRow, size) is not None:
        return False
    session.add(CheckpointRow(size=size, root_sha256=root, content=note, published_at=at))
    session.flush()
    return True


def newest_checkpoint(session: Session) -> CheckpointRow | None:
    """The largest one, or None before the first."""
    return session.scalars(select(CheckpointRow).order_by(CheckpointRow.size.desc()).limit(1)).first()


def first_checkpoint_over(session: Session, seq: int) -> CheckpointRow | None:
    """The oldest one that covers entry ``seq``; None while it is recorded, not sealed."""
    return session.scalars(
        select(CheckpointRow).where(CheckpointRow.size > seq).order_by(CheckpointRow.size).limit(1)
    ).first()
