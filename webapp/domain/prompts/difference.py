"""What differs between two prompts, as rows for the review page: lines, words inside changed lines, moved blocks.

Old and new text can be rebuilt from the rows, so nothing is hidden. Work is bounded; where the bound is reached the
rows stay true but coarser, and ``whole_lines_only`` says so. What must not live here: colours, HTML.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from webapp.domain.prompts.align import Budget, Pair, common_pairs
from webapp.domain.prompts.moves import moved_lines
from webapp.domain.prompts.prompt_file import PromptFile, prompt_document

Kind = Literal["same", "added", "removed", "changed", "moved_from", "moved_to"]
Segments = tuple[tuple[str, bool], ...]  # (text, whether it changed)

TEXT_FIELDS = ("system_prompt", "user_template")
STEPS = 8_000_000
LARGEST_PAIRING = 2_500  # old lines x new lines of one replaced block
ALIKE = 0.5

_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Row:
    """One line of the comparison; line numbers count from 1 and are None on the side where the line does not stand."""

    kind: Kind
    old_line: int | None
    new_line: int | None
    old_segments: Segments
    new_segments: Segments


@dataclass(frozen=True)
class TextDifference:
    """The rows of one text; ``whole_lines_only`` when the bound of work was reached somewhere."""

    rows: tuple[Row, ...]
    whole_lines_only: bool

    @property
    def changed_lines(self) -> int:
        """How many rows are not the same; both ends of a move count."""
        return sum(row.kind != "same" for row in self.rows)


@dataclass(frozen=True)
class FieldChange:
    """A field outside the texts that differs; None means not stated."""

    name: str
    old: object
    new: object


@dataclass(frozen=True)
class PromptDifference:
    """All that differs between two prompts."""

    system_prompt: TextDifference
    user_template: TextDifference
    fields: tuple[FieldChange, ...]

    @property
    def changed_lines(self) -> int:
        """Changed rows of both texts."""
        return self.system_prompt.changed_lines + self.user_template.changed_lines

    @property
    def whole_lines_only(self) -> bool:
        """Whether some part was too large to be compared finely."""
        return self.system_prompt.whole_lines_only or self.user_template.whole_lines_only


def compare_prompts(old: PromptFile | None, new: PromptFile) -> PromptDifference:
    """What changes from old to new; without an old one everything is added."""
    before = prompt_document(old) if old else {}
    after = prompt_document(new)
    system_prompt, user_template = (text_difference(before.get(name, ""), after[name]) for name in TEXT_FIELDS)
    return PromptDifference(system_prompt, user_template, tuple(_field_changes(_flat(before), _flat(after))))


def compare_texts(old: str, new: str) -> tuple[Row, ...]:
    """The rows from old to new; see ``old_text`` and ``new_text`` for the way back."""
    return text_difference(old, new).rows


def text_difference(old: str, new: str) -> TextDifference:
    """The rows from old to new, and whether they had to stay coarse."""
    before, after = _lines(old), _lines(new)
    budget = Budget(STEPS)
    rows = tuple(_Comparison(before, after, budget).rows())
    return TextDifference(rows, budget.overdrawn)


def old_text(rows: tuple[Row, ...]) -> str:
    """The old text that the rows came from."""
    return "\n".join(_joined(row.old_segments) for row in rows if row.old_line is not None)


def new_text(rows: tuple[Row, ...]) -> str:
    """The new text that the rows came from."""
    return "\n".join(_joined(row.new_segments) for row in rows if row.new_line is not None)


class _Comparison:
    """One comparison under way: the lines of both sides, the equal pairs, what moved."""

    def __init__(self, old: list[str], new: list[str], budget: Budget) -> None:
        self.old, self.new, self.budget = old, new, budget
        self.equal = common_pairs(old, new, budget)
        self.moved = moved_lines(old, new, self.equal)

    def rows(self) -> Iterator[Row]:
        """All rows in order: what lies before each equal pair, then the pair."""
        i0 = j0 = 0
        for i, j in [*self.equal, (len(self.old), len(self.new))]:
            yield from self._gap(range(i0, i), range(j0, j))
            if i < len(self.old):
                plain = _whole(self.old[i], changed=False)
                yield Row("same", i + 1, j + 1, plain, plain)
            i0, j0 = i + 1, j + 1

    def _gap(self, old: range, new: range) -> Iterator[Row]:
        """The rows where nothing is equal in place: lines that resemble each other are shown as changed."""
        i0, j0 = old.start, new.start
        for i, j in [*self._alike(old, new), (old.stop, new.stop)]:
            yield from (self._removed(k) for k in range(i0, i))
            yield from (self._added(k) for k in range(j0, j))
            if i < old.stop:
                yield self._changed(i, j)
            i0, j0 = i + 1, j + 1

    def _removed(self, i: int) -> Row:
        moved = i in self.moved.old
        return Row("moved_from" if moved else "removed", i + 1, None, _whole(self.old[i], changed=not moved), ())

    def _added(self, j: int) -> Row:
        moved = j in self.moved.new
        return Row("moved_to" if moved else "added", None, j + 1, (), _whole(self.new[j], changed=not moved))

    def _changed(self, i: int, j: int) -> Row:
        return Row("changed", i + 1, j + 1, *_words(self.old[i], self.new[j], self.budget))

    def _alike(self, old: range, new: range) -> list[Pair]:
        """Pairs of lines that share at least half their words, chosen in order for the greatest sum of likeness."""
        left = [i for i in old if i not in self.moved.old]
        right = [j for j in new if j not in self.moved.new]
        if not left or not right:
            return []
        old_words = [Counter(_WORD.findall(self.old[i])) for i in left]
        new_words = [Counter(_WORD.findall(self.new[j])) for j in right]
        steps = len(left) * sum(map(len, new_words)) + len(right) * sum(map(len, old_words))
        if len(left) * len(right) > LARGEST_PAIRING or not self.budget.spend(steps):
            self.budget.overdrawn = True
            return []
        likeness = [[_likeness(a, b) for b in new_words] for a in old_words]
        return [(left[a], right[b]) for a, b in _best_in_order(likeness)]


def _best_in_order(likeness: list[list[float]]) -> list[Pair]:
    """Pairs with both indices increasing and the greatest sum; pairs below ``ALIKE`` do not count."""
    height, width = len(likeness), len(likeness[0])
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for i in range(height - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            paired = likeness[i][j] + best[i + 1][j + 1] if likeness[i][j] >= ALIKE else 0.0
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs: list[Pair] = []
    i = j = 0
    while i < height and j < width:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((i, j))
            i, j = i + 1, j + 1
    return pairs


def _likeness(old: Counter[str], new: Counter[str]) -> float:
    """The share of words in common, 0 to 1."""
    total = old.total() + new.total()
    return 2 * (old & new).total() / total if total else 0.0


def _words(old: str, new: str, budget: Budget) -> tuple[Segments, Segments]:
    """The segments of a changed line on both sides."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    pairs = common_pairs(before, after, budget)
    return _marked(before, {i for i, _ in pairs}), _marked(after, {j for _, j in pairs})


def _marked(tokens: list[str], kept: set[int]) -> Segments:
    """The tokens as runs of kept and changed text."""
    runs: list[tuple[list[str], bool]] = []
    for place, token in enumerate(tokens):
        changed = place not in kept
        if not runs or runs[-1][1] != changed:
            runs.append(([], changed))
        runs[-1][0].append(token)
    return tuple(("".join(run), changed) for run, changed in runs)


def _whole(line: str, *, changed: bool) -> Segments:
    return ((line, changed),) if line else ()


def _joined(segments: Segments) -> str:
    return "".join(text for text, _ in segments)


def _lines(text: str) -> list[str]:
    """The lines without their newlines; an empty text has none, a last newline leaves an empty last line."""
    return text.split("\n") if text else []


def _flat(document: dict[str, object]) -> dict[str, object]:
    """The fields outside the texts, with each parameter and each metadata entry by its own name."""
    flat: dict[str, object] = {}
    for name, value in document.items():
        if isinstance(value, dict):
            flat.update({f"{name}.{key}": item for key, item in value.items()})
        elif name not in TEXT_FIELDS:
            flat[name] = value
    return flat


def _field_changes(before: dict[str, object], after: dict[str, object]) -> Iterator[FieldChange]:
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        if old != new or type(old) is not type(new):
            yield FieldChange(name, old, new)
