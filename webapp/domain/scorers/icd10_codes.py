"""Finding ICD-10-CM codes as they are written in a note: with or without dot, any case, among look-alikes.

Vertebrae (T12), vitamins (B12), strains (H1N1) and temperatures (T37.3) look like codes. A form without dot is read as a
code only in brackets, at the start of a line before a dash or colon, on a line that speaks of codes, or when it is expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass

_DOTTED = re.compile(
    r"(?<![\w.])(?:[A-Z][0-9O][0-9A-Z]\.[0-9A-Z]{1,6}|[a-z][0-9o][0-9a-z]\.[0-9][0-9a-zA-Z]{0,5})(?!\w)(?!\.\d)"
)
_PLAIN = re.compile(r"(?<![\w.])[A-Z][0-9O][0-9A-Z][0-9A-Z]{0,4}(?![\w])(?!\.\w)(?![-/]\d)", re.IGNORECASE)
_TEMPERATURE = re.compile(r"T(?:3[4-9]|4[0-2])\.\d")
_SPEAKS_OF_CODES = re.compile(r"\bICD\b|\bICD-?10|\bcodes?\b|\bcoded\b|\bcoding\b|\"icd", re.IGNORECASE)
_LEADS_LINE = re.compile(r"[\s*\-\u2022|#]*(?:\d{1,2}[.)])?[\s*|]*$")
_AFTER_LEADING = re.compile(r"\**\s{0,3}(?:[-:\u2013\u2014|]|$)")


@dataclass(frozen=True)
class CodeMention:
    """One code as written (upper-case, dotted where it was long enough) and where it first stands."""

    code: str
    span: tuple[int, int]


def dotted(code: str) -> str:
    """The code in upper case with its dot: "e119" becomes "E11.9"."""
    bare = code.strip().upper().replace(".", "")
    return f"{bare[:3]}.{bare[3:]}" if len(bare) > 3 else bare


def find_codes(text: str, expected: Collection[str], exists: Callable[[str], bool]) -> tuple[CodeMention, ...]:
    """Each code of the text once, in order of first mention."""
    wanted = {dotted(code) for code in expected}
    first: dict[str, CodeMention] = {}
    start = 0
    for line in text.splitlines(keepends=True):
        speaks = bool(_SPEAKS_OF_CODES.search(line))
        for pattern, is_code in ((_DOTTED, _is_dotted_code), (_PLAIN, _is_plain_code)):
            for hit in pattern.finditer(line):
                code = dotted(hit.group())
                if code not in first and (code in wanted or is_code(line, hit, speaks, exists)):
                    first[code] = CodeMention(code, (start + hit.start(), start + hit.end()))
        start += len(line)
    return tuple(sorted(first.values(), key=lambda mention: mention.span))


def _is_dotted_code(_line: str, hit: re.Match[str], speaks: bool, _exists: Callable[[str], bool]) -> bool:
    return speaks or not _TEMPERATURE.fullmatch(hit.group().upper())


def _is_plain_code(line: str, hit: re.Match[str], speaks: bool, exists: Callable[[str], bool]) -> bool:
    if hit.group().isalpha() or not any(character.isdigit() for character in hit.group()):
        return False
    known = exists(dotted(hit.group()))
    if speaks and (known or _stands_as_code(line, hit)):
        return known or hit.group().isupper()
    return known and hit.group().isupper() and _stands_as_code(line, hit)


def _stands_as_code(line: str, hit: re.Match[str]) -> bool:
    """Whether the mention stands in brackets or quotes, or leads its line before a dash, colon or bar."""
    before, after = line[max(0, hit.start() - 12) : hit.start()], line[hit.end() : hit.end() + 6]
    if before[-1:] in '([,"' and after[:1] in ')],"':
        return True
    leads = hit.start() < 12 and _LEADS_LINE.fullmatch(before)
    return bool(leads and _AFTER_LEADING.match(after))
