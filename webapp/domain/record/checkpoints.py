"""A checkpoint: origin, size and root of the log at one moment, the text that is signed (C2SP tlog-checkpoint)."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from webapp.domain.record.notes import exact_base64
from webapp.errors import InvalidInput

HASH_BYTES = 32
LARGEST_SIZE = 2**63 - 1
_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}")


@dataclass(frozen=True)
class Checkpoint:
    """The log ``origin`` had ``size`` entries with this root (32 raw bytes)."""

    origin: str
    size: int
    root: bytes

    def to_text(self) -> str:
        """The text that a note signs, three lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def read_checkpoint(text: str) -> Checkpoint:
    """The checkpoint that a note's text states; InvalidInput for any other form. Our logs write no extension lines."""
    lines = text.split("\n")
    if len(lines) != 4 or lines[3]:
        raise InvalidInput("A checkpoint has exactly three lines: origin, size and root.")
    origin, size, root = lines[:3]
    if not origin:
        raise InvalidInput("The checkpoint names no log.")
    content = exact_base64(root)
    if len(content) != HASH_BYTES:
        raise InvalidInput("The root in a checkpoint has 32 bytes.")
    return Checkpoint(origin, read_number(size), content)


def read_number(text: str) -> int:
    """The number that ``text`` writes in decimal without leading zeros; InvalidInput for any other spelling."""
    if _NUMBER.fullmatch(text) is None or int(text) > LARGEST_SIZE:
        raise InvalidInput("A number of the log is written in decimal, without leading zeros.")
    return int(text)
