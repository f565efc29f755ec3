"""Which lines were moved as they are; a reader should not have to read them twice.

What must not live here: how a comparison is shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from webapp.domain.prompts.align import Pair

LONG_LINE = 40
LEAST_LINES = 2
MOST_CANDIDATES = 20
LONGEST_GAP = 2  # blank lines that a moved block may hold in a row


@dataclass
class Moved:
    """Indices of moved lines on either side."""

    old: set[int] = field(default_factory=set)
    new: set[int] = field(default_factory=set)


def moved_lines(old: Sequence[str], new: Sequence[str], equal: Sequence[Pair]) -> Moved:
    """Lines removed here and added there: two or more lines that are not blank, or one of over 40 characters."""
    removed = set(range(len(old))) - {i for i, _ in equal}
    added = set(range(len(new))) - {j for _, j in equal}
    places: dict[str, list[int]] = {}
    for j in sorted(added):
        places.setdefault(new[j], []).append(j)
    moved = Moved()
    for i in sorted(removed):
        if i in moved.old or not old[i].strip():
            continue
        candidates = places.get(old[i], [])[:MOST_CANDIDATES]
        length, j = max(((_run(old, new, i, j, removed, added, moved), j) for j in candidates), default=(0, 0))
        if _is_worth_showing(old[i : i + length]):
            moved.old.update(range(i, i + length))
            moved.new.update(range(j, j + length))
    return moved


def _run(
    old: Sequence[str], new: Sequence[str], i: int, j: int, removed: set[int], added: set[int], moved: Moved
) -> int:
    """How many lines from old i and new j on are equal and free, without blank lines at the end."""
    length = blank = 0
    while blank <= LONGEST_GAP and i + length in removed and j + length in added:
        if old[i + length] != new[j + length] or i + length in moved.old or j + length in moved.new:
            break
        blank = 0 if old[i + length].strip() else blank + 1
        length += 1
    return length - blank


def _is_worth_showing(lines: Sequence[str]) -> bool:
    written = [line for line in lines if line.strip()]
    return len(written) >= LEAST_LINES or any(len(line) > LONG_LINE for line in written)
