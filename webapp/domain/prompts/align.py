"""Which items two sequences have in common, in order, within a budget of work; for lines and for words alike.

What must not live here: what a line, a change or a move is.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

Pair = tuple[int, int]
DEEPEST = 10


@dataclass
class Budget:
    """Work that may still be done, in steps; ``overdrawn`` says that something was left undone."""

    left: int
    overdrawn: bool = False

    def spend(self, steps: int) -> bool:
        """Whether there was enough; if so, it is spent."""
        if steps > self.left:
            self.overdrawn = True
            return False
        self.left -= steps
        return True


def common_pairs(old: Sequence[str], new: Sequence[str], budget: Budget, depth: int = 0) -> list[Pair]:
    """Pairs (old index, new index) of equal items, both increasing; fewer than there are when the budget ends."""
    shorter = min(len(old), len(new))
    head = next((k for k in range(shorter) if old[k] != new[k]), shorter)
    room = shorter - head
    tail = next((k for k in range(room) if old[-1 - k] != new[-1 - k]), room)
    between = _between(old[head : len(old) - tail], new[head : len(new) - tail], budget, depth)
    return [
        *((k, k) for k in range(head)),
        *((i + head, j + head) for i, j in between),
        *((len(old) - k, len(new) - k) for k in range(tail, 0, -1)),
    ]


def _between(old: Sequence[str], new: Sequence[str], budget: Budget, depth: int) -> list[Pair]:
    """Pairs of two sequences that neither begin nor end alike: cut at anchors, then compare what lies between."""
    anchors = _anchors(old, new) if depth < DEEPEST else []
    if not anchors:
        return _compared(old, new, budget)
    pairs: list[Pair] = []
    i0 = j0 = 0
    for i, j in [*anchors, (len(old), len(new))]:
        pairs += [(a + i0, b + j0) for a, b in common_pairs(old[i0:i], new[j0:j], budget, depth + 1)]
        if i < len(old):
            pairs.append((i, j))
        i0, j0 = i + 1, j + 1
    return pairs


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[Pair]:
    """The longest increasing run of items that occur exactly once on both sides."""
    once_old, once_new = _once(old), _once(new)
    pairs = [(i, once_new[item]) for item, i in once_old.items() if item in once_new]
    ends: list[int] = []  # ends[n]: the smallest new index that ends a run of n + 1
    at: list[int] = []  # at[n]: which pair that is
    before: list[int] = []
    for place, (_, j) in enumerate(pairs):
        length = bisect_left(ends, j)
        before.append(at[length - 1] if length else -1)
        ends[length : length + 1] = [j]
        at[length : length + 1] = [place]
    run: list[Pair] = []
    place = at[-1] if at else -1
    while place >= 0:
        run.append(pairs[place])
        place = before[place]
    return run[::-1]


def _once(items: Sequence[str]) -> dict[str, int]:
    """The items that occur exactly once, with their index, in order."""
    counts = Counter(items)
    return {item: place for place, item in enumerate(items) if counts[item] == 1}


def _compared(old: Sequence[str], new: Sequence[str], budget: Budget) -> list[Pair]:
    """Pairs by the standard library's matcher, if its worst case fits the budget."""
    in_new = Counter(new)
    equal = sum(in_new[item] for item in old)
    if not equal:
        return []
    size = len(old) + len(new)
    if not budget.spend(min(len(old), len(new), equal) * (size + equal)):
        return []
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    return [(block.a + k, block.b + k) for block in blocks for k in range(block.size)]
