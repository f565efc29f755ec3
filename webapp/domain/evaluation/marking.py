"""Two answers side by side: where findings lie, what stands on one side alone, and the paragraphs worth reading first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from webapp.domain.prompts.difference import Row, compare_texts
from webapp.domain.scorers.interface import Finding

CRITICAL, FINDING, ONLY = "critical", "finding", "only"
RANK = {None: 0, ONLY: 1, FINDING: 2, CRITICAL: 3}
MOST_COMPARED_CHARACTERS = 60_000
Span = tuple[int, int, str]
Segments = tuple[tuple[str, str | None], ...]


def mark_answers(
    live: str | None, new: str, live_findings: Sequence[Finding], new_findings: Sequence[Finding]
) -> tuple[Segments | None, Segments]:
    """Both answers as runs of text with their gravest mark; differences are marked where there is a live answer."""
    if live is None:
        return None, mark(new, spans_of(new_findings))
    rows = _rows(live, new)
    return (
        mark(live, [*spans_of(live_findings), *_only(rows, live_side=True)]),
        mark(new, [*spans_of(new_findings), *_only(rows, live_side=False)]),
    )


def spans_of(findings: Iterable[Finding]) -> list[Span]:
    """Where the findings lie in the answer; one without a place is told as a sentence only."""
    return [(*one.span, CRITICAL if one.critical else FINDING) for one in findings if one.span]


def mark(text: str, spans: Sequence[Span]) -> Segments:
    """The text in runs; where spans overlap, the gravest mark counts. Joined, the runs are the text."""
    inside = [(max(0, start), min(len(text), end), kind) for start, end, kind in spans if start < end]
    cuts = sorted({0, len(text), *(place for start, end, _ in inside for place in (start, end) if place <= len(text))})
    runs: list[tuple[str, str | None]] = []
    for start, end in pairwise(cuts):
        kind = max(
            (kind for left, right, kind in inside if left <= start and end <= right), key=RANK.__getitem__, default=None
        )
        if runs and runs[-1][1] == kind:
            runs[-1] = (runs[-1][0] + text[start:end], kind)
        else:
            runs.append((text[start:end], kind))
    return tuple(runs)


def paragraphs(segments: Segments) -> tuple[Segments, ...]:
    """The paragraphs that hold a mark, with their marks; none where nothing is marked."""
    found: list[list[tuple[str, str | None]]] = [[]]
    for text, kind in segments:
        for number, part in enumerate(text.split("\n\n")):
            if number:
                found.append([])
            if part.strip() or (part and found[-1]):
                found[-1].append((part, kind))
    return tuple(tuple(one) for one in found if any(kind for _, kind in one))


def _rows(live: str, new: str) -> tuple[Row, ...]:
    if len(live) + len(new) > MOST_COMPARED_CHARACTERS:
        return ()
    return compare_texts(live, new)


def _only(rows: Sequence[Row], *, live_side: bool) -> list[Span]:
    """The stretches that changed on one side, as places in its text; lines are joined by one newline."""
    spans, place = list[Span](), 0
    for row in rows:
        if (row.old_line if live_side else row.new_line) is None:
            continue
        for text, is_changed in row.old_segments if live_side else row.new_segments:
            if is_changed and text.strip():
                spans.append((place, place + len(text), ONLY))
            place += len(text)
        place += 1
    return spans
