"""One remark on a prompt, and where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class LintFinding:
    """One remark; ``line`` counts from 1 in the file, None where the text stands there in another form."""

    level: Literal["error", "warning"]
    code: str
    sentence: str
    field: str
    line: int | None = None


def line_of(raw: str, wanted: str) -> int | None:
    """The line of the first occurrence, from 1; None where the file writes it in another form."""
    place = raw.find(wanted)
    return raw.count("\n", 0, place) + 1 if place >= 0 else None
