"""Errors that look like chance but follow from the input alone.

What must not live here: how often they happen (see rates), and any real source of chance.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from webapp.adapters.llm.offline.rates import Rate


class Faults:
    """Answers "does this error happen here?"; the same seed and question always get the same answer."""

    def __init__(self, messages: Sequence[tuple[str, str]], repeat: int) -> None:
        seed = hashlib.sha256()
        for role, text in messages:
            seed.update(f"{role}\0{text}\0".encode("utf-8", "surrogatepass"))
        seed.update(str(repeat).encode())
        self._seed = seed.digest()

    def happens(self, rate: Rate, is_told: bool, *about: object) -> bool:
        """Whether the error happens for this subject; other subjects are independent of it."""
        limit = rate.when(is_told)
        question = "\0".join(map(str, about)).encode("utf-8", "surrogatepass")
        drawn = hashlib.sha256(self._seed + question).digest()
        return int.from_bytes(drawn[:8], "big") < limit * 2**64
