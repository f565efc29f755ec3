"""Which of the sections S, O, A and P a note has, and whether anything stands in them.

Reads plain headings, Markdown, numbered lists and JSON keys, line by line; no regular expression sees more than a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.domain.scorers.words import word_set

GROUPS = ("subjective", "objective", "assessment", "plan")

_ALIASES: dict[str, str] = {
    alias: group
    for group, names in {
        "subjective": "subjective|s|history|history of present illness|hpi|chief complaint|presenting complaint|cc|pc|"
        "presenting concern|interval history|patient history|reason for visit|review of systems|ros|subj",
        "objective": "objective|o|examination|exam|physical exam|physical examination|on examination|o/e|vitals|"
        "vital signs|findings|results|investigations|labs|laboratory results|observations|obj|data",
        "assessment": "assessment|a|impression|diagnosis|diagnoses|clinical impression|assessments|problem list|"
        "working diagnosis|assessment and diagnosis|evaluation|dx",
        "plan": "plan|p|management|management plan|treatment plan|recommendations|recommendation|treatment|"
        "care plan|follow-up|follow up|next steps|plan of care|disposition",
    }.items()
    for alias in names.split("|")
}
_COMBINED = {"a/p": "assessment plan", "a&p": "assessment plan", "ap": "assessment plan", "s/o": "subjective objective"}
_JOINTS = re.compile(r"\s*(?:&|/|\+|,|\band\b)\s*")
_MARKS = re.compile(r"^[\s>|{\[\"'#*_\-\u2022\u2013\u2014(]*(?:\d{1,2}[.)]\s*)?[\s#*_\"'(]*")
_BRACKET = re.compile(r"\([^()]{0,30}\)")
_SEPARATOR = re.compile(r"\s*(?::|\s[-\u2013\u2014]\s|\|)")
_INLINE = re.compile(
    r"(?:(?<=[.;!?|,{\"] )|(?<=[{,\"|]))\"?\**(Subjective|Objective|Assessment and Plan|Assessment|Plan|[SOAP])\**\"?\s{0,3}:",
    re.IGNORECASE,
)
_LETTER_FIRST = re.compile(r"[\s*_#]{0,8}[Ss][*_]{0,3}\s?:")
_LETTERS = re.compile(r"[^\W_]{2,}|\d")
_EMPTY_WORDS = word_set("tbd todo insert here text to be completed placeholder lorem ipsum")
_HEADING_LIMIT = 60


def present_sections(text: str) -> frozenset[str]:
    """The groups that have a heading with content under it; a combined heading counts for each of its parts."""
    filled: set[str] = set()
    for groups, body in _blocks(text):
        if _has_content(body):
            filled.update(groups)
    return frozenset(filled)


def named_sections(text: str) -> frozenset[str]:
    """The groups that have a heading, with or without content."""
    return frozenset(group for groups, _ in _blocks(text) for group in groups)


def heading_groups(line: str) -> tuple[str, ...]:
    """The groups that the line's heading names; none where the line has no heading of a section."""
    return _heading(line)[0]


def _blocks(text: str) -> Iterator[tuple[tuple[str, ...], str]]:
    """Each heading's groups with the text under it, in order."""
    groups: tuple[str, ...] = ()
    body: list[str] = []
    for line in _lines(text):
        heading, rest = _heading(line)
        if heading:
            if groups:
                yield groups, "\n".join(body)
            groups, body = heading, [rest]
        else:
            body.append(line)
    if groups:
        yield groups, "\n".join(body)


def _lines(text: str) -> Iterator[str]:
    """The lines, with headings that follow a sentence or a JSON value on their own lines too."""
    for line in text.splitlines():
        start, by_letter = 0, _LETTER_FIRST.match(line) is not None
        for hit in _INLINE.finditer(line):
            if len(hit[1]) == 1 and not by_letter:
                continue  # "Q: pain? A: no" is a dialogue
            yield line[start : hit.start()]
            start = hit.start()
        yield line[start:]


def _heading(line: str) -> tuple[tuple[str, ...], str]:
    """The groups a line's heading names and what follows it on the line, or nothing and the line."""
    marks = _MARKS.match(line[:200])
    bare = line[marks.end() if marks else 0 :]
    cut = _SEPARATOR.search(bare, 0, _HEADING_LIMIT + 20)
    name, rest = (bare[: cut.start()], bare[cut.end() :]) if cut else (bare, "")
    if len(name) > _HEADING_LIMIT:
        return (), line
    groups = _groups_named(name)
    whole_line = cut is None
    if whole_line and len(groups) == 1 and len(name.strip(" *_#\"'")) == 1 and not re.match(r"\s*[#*]", line):
        return (), line  # a lone letter on a line is no heading unless it is marked as one
    return groups, rest


def _groups_named(name: str) -> tuple[str, ...]:
    plain = _BRACKET.sub(" ", name).strip(" \t*_#\"'`.-").casefold()
    plain = " ".join(plain.split()).removesuffix(" section")
    if plain in _ALIASES:
        return (_ALIASES[plain],)
    if plain in _COMBINED:
        return tuple(_COMBINED[plain].split())
    parts = [_ALIASES.get(part) for part in _JOINTS.split(plain)]
    return tuple(dict.fromkeys(part for part in parts if part)) if parts and all(parts) else ()


def _has_content(body: str) -> bool:
    words = [word.casefold() for word in _LETTERS.findall(body[:400])]
    return any(word not in _EMPTY_WORDS for word in words)
