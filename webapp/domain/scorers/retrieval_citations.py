"""Citations of an answer: where they stand, what they name, and for which words.

Forms read: ``[id]``, ``[id, id]``, ``[1]`` (the first retrieved chunk), ``[^1]``, ``[source: id]``, ``(source: id)`` and
``Source: id, id`` up to the end of its line or sentence. Markdown links are no citations.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from webapp.domain.prompts.suite import Chunk
from webapp.domain.scorers.retrieval_words import content_words

_FORMS = re.compile(
    r"\[(?:\s{0,3}sources?\s{0,3}:|\^)?(?P<bracket>[^\[\]\n]{1,200})\](?!\()"
    r"|\(\s{0,3}sources?\s{0,3}:(?P<round>[^()\n]{1,400})\)"
    r"|\bsources?[*_]{0,2}\s{0,3}:(?P<line>(?:[^\n\[\]().]|\.(?!\s|$)){1,400})",
    re.IGNORECASE,
)
_END = re.compile(r"[.!?]{1,3}[\"')*_\u201d\u2019]{0,3}(?=\s)|\n")
_SEPARATOR = re.compile(r"[,;]|\band\b")
_LETTERS, _DIGITS, _SPACE = re.compile(r"[^\W\d_]+"), re.compile(r"\d+"), re.compile(r"\s+")
_JOINED = re.compile(r"[-_:#/]")
_POSITION_DIGITS = 3
_LONGEST_NAME = 80
_LONGEST_INDENT = 20
_SENTENCES_BACK = 10
_TRIM = " \t*_\"'.\u201c\u201d"


@dataclass(frozen=True)
class Cited:
    """One named source; ``chunk`` None where nothing of that name was retrieved. ``span``: the citation in the answer."""

    name: str
    chunk: Chunk | None
    span: tuple[int, int]


@dataclass(frozen=True)
class Claim:
    """Words of the answer with the sources cited for them; ``is_listed`` where this only repeats a source in a list."""

    words: str
    cited: tuple[Cited, ...]
    is_listed: bool = False


Citations = list[list[Cited]]


def citations_of(text: str, context: Sequence[Chunk], most: int) -> Citations:
    """The first ``most`` citations in their order, each with the sources that it names."""
    return list(islice(_marks(text, context), most))


def claims_of(text: str, marks: Citations) -> tuple[Claim, ...]:
    """What the answer cites these sources for; adjacent citations are one claim."""
    groups = _adjacent(marks, text)
    masked = _masked(text, marks)
    ends = [hit.end() for hit in _END.finditer(masked)]
    seen: set[str] = set()
    found = []
    for number, group in enumerate(groups):
        after_last = groups[number - 1][-1].span[1] if number else 0
        before_next = groups[number + 1][0].span[0] if number + 1 < len(groups) else len(text)
        names = {fold(one.name) for one in group}
        listed = names <= seen and _begins_its_line(text, group[0].span[0])
        found.append(Claim(_words(masked, ends, group, after_last, before_next), tuple(group), listed))
        seen |= names
    return tuple(found)


def fold(name: str) -> str:
    """The name as it is compared: without case, dashes all alike, one space between words."""
    return _SPACE.sub(" ", re.sub(r"[\u2010-\u2015\u2212]", "-", name)).strip(_TRIM).casefold()


def _marks(text: str, context: Sequence[Chunk]) -> Iterator[list[Cited]]:
    known = {fold(chunk.id): chunk for chunk in context}
    shapes = {_shape(name) for name in known if any(map(str.isdigit, name))}
    for hit in _FORMS.finditer(text):
        inner = next(part for part in hit.groups() if part is not None)
        named = list(_named(inner, known, shapes, context, is_line=hit["line"] is not None))
        if named:
            end = hit.start("line") + len(inner.rstrip()) if hit["line"] is not None else hit.end()
            yield [Cited(name, chunk, (hit.start(), end)) for name, chunk in named]


def _named(
    inner: str, known: dict[str, Chunk], shapes: set[str], context: Sequence[Chunk], *, is_line: bool
) -> Iterator[tuple[str, Chunk | None]]:
    """Each source named between the brackets or on the line; words that name none are passed over."""
    whole = fold(inner)
    if whole in known:
        yield inner.strip(_TRIM), known[whole]
        return
    for part in _SEPARATOR.split(inner):
        name = fold(part)
        if is_line and name not in known and name.split():
            name = name.split()[0].strip(_TRIM)
        if name in known:
            yield part.strip(_TRIM) if fold(part) == name else name, known[name]
        elif name.isascii() and name.isdigit() and len(name) <= _POSITION_DIGITS:
            yield name, context[int(name) - 1] if 1 <= int(name) <= len(context) else None
        elif _looks_like_a_name(name, shapes):
            yield part.strip(_TRIM) if fold(part) == name else name, None


def _looks_like_a_name(name: str, shapes: set[str]) -> bool:
    """Is it built as the retrieved names are, or joined of letters and digits as names of documents are?"""
    if _shape(name) in shapes:
        return True
    has_both = bool(_LETTERS.search(name) and _DIGITS.search(name) and _JOINED.search(name))
    return has_both and len(name) <= _LONGEST_NAME and not _SPACE.search(name)


def _shape(name: str) -> str:
    return _DIGITS.sub("0", _LETTERS.sub("a", name))


def _adjacent(marks: Citations, text: str) -> Citations:
    """Citations with nothing but spaces and commas between them, together."""
    groups: Citations = []
    for mark in marks:
        if groups and not text[groups[-1][-1].span[1] : mark[0].span[0]].strip(" \t,;"):
            groups[-1] += mark
        else:
            groups.append(list(mark))
    return groups


def _masked(text: str, marks: Citations) -> str:
    """The text with citations blanked at the same length, so that their dots end no sentence."""
    parts, place = [], 0
    for mark in marks:
        start, end = mark[0].span
        parts += [text[place:start], " " * (end - start)]
        place = end
    return "".join(parts) + text[place:]


def _words(masked: str, ends: list[int], group: list[Cited], after_last: int, before_next: int) -> str:
    """What the citation stands for: the words before it in its sentence, else those after it, else the sentence before."""
    place, past = group[0].span[0], group[-1].span[1]
    index = bisect_left(ends, place + 1)
    start = ends[index - 1] if index else 0
    stop = ends[index] if index < len(ends) else len(masked)
    before = masked[max(start, after_last) : place]
    if content_words(before):
        return before
    begins_line = start == 0 or masked[start - 1] == "\n"
    after = masked[past : min(max(stop, past), before_next)]
    if (begins_line or before.strip()) and content_words(after):
        return after
    for _ in range(_SENTENCES_BACK):
        if index < 2 or content_words(masked[ends[index - 2] : ends[index - 1]]):
            break
        index -= 1
    return masked[ends[index - 2] if index > 1 else 0 : ends[index - 1] if index else 0]


def _begins_its_line(text: str, place: int) -> bool:
    _, newline, marks = text[max(0, place - _LONGEST_INDENT) : place].rpartition("\n")
    return not marks.strip(" \t-*>") and (bool(newline) or place <= _LONGEST_INDENT)
