"""Patterns that users write, in RE2 alone: linear time whatever the pattern. Our own patterns stand with what they find."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import re2

from webapp.errors import InvalidInput

LONGEST_PATTERN = 1_000
MEMORY_BYTES = 8 * 1024 * 1024


def search(pattern: str, text: str) -> tuple[int, int] | None:
    """Where the pattern first matches, as offsets, or None; InvalidInput when it is no RE2 pattern or too long."""
    hit = _compiled(pattern).search(text)
    return hit.span() if hit else None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Any:
    if len(pattern) > LONGEST_PATTERN:
        raise InvalidInput(f"The pattern is longer than {LONGEST_PATTERN} characters; split it.")
    options = re2.Options()
    options.max_mem, options.log_errors = MEMORY_BYTES, False
    try:
        return re2.compile(pattern, options)
    except re2.error as fault:
        raise InvalidInput("This is no pattern that RE2 can read; look-around and back-references are not.") from fault
