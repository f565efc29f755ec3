"""Chance: the only place that draws random bytes, and the identifiers made from them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime

Chance = Callable[[int], bytes]

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def draw(size: int) -> bytes:
    """``size`` bytes from the operating system."""
    return secrets.token_bytes(size)


def new_id(prefix: str, at: datetime, chance: Chance) -> str:
    """A prefix and a ULID: 48 bits of milliseconds, 80 random bits, in Crockford's base 32, so that ids sort by time."""
    number = (int(at.timestamp() * 1000) << 80) | int.from_bytes(chance(10))
    digits = "".join(CROCKFORD[(number >> shift) & 31] for shift in range(125, -1, -5))
    return f"{prefix}_{digits}"
