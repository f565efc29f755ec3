"""Taking turns: work of one kind that must not overlap, without locking the log, which is locked last and short."""

from __future__ import annotations

import zlib

from sqlalchemy import text
from sqlalchemy.orm import Session


def take_turn(session: Session, kind: str) -> None:
    """No other transaction of this kind is under way until this one ends. On SQLite writers take turns anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": zlib.crc32(kind.encode())})
