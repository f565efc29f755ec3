"""A pattern that finds a value in odd spelling in a text as it is. Where the text is folded first, see ``identifiers``.

Each pattern is a row of single-character classes with bounded gaps: time grows linearly with the text.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
_GAP = rf"[\s{_INVISIBLE}\-\u2010-\u2015\u2212._*`'\u2019/,()]{{0,3}}"
_WITHIN = rf"[{_INVISIBLE}\u0300-\u036f]{{0,2}}"
_PARTS = re.compile(r"[^\W_]+")


@lru_cache(maxsize=512)
def loose(value: str) -> re.Pattern[str]:
    """A pattern for the value in any case, with other separators, accents, full-width or invisible characters."""
    parts = _PARTS.findall(value[:200])
    if not parts:
        return re.compile(re.escape(value.strip()[:200]) or r"(?!)")
    body = _GAP.join(_part(part) for part in parts)
    return re.compile(_edge(parts[0][0], "(?<!{})") + body + _edge(parts[-1][-1], "(?!{})"))


def _part(part: str) -> str:
    return _WITHIN.join(_letter(character) for character in part)


@lru_cache(maxsize=1)
def _variants() -> dict[str, str]:
    """For each ASCII letter and digit the single characters that are the same with an accent or in full width."""
    same: dict[str, str] = {}
    for code in (*range(0xC0, 0x250), *range(0x1E00, 0x1F00), *range(0xFF10, 0xFF5B)):
        base = unicodedata.normalize("NFKD", chr(code))[:1]
        if base.isascii() and base.isalnum():
            same[base] = same.get(base, "") + chr(code)
    return same


@lru_cache(maxsize=4096)
def _letter(character: str) -> str:
    """One character in both cases (or as it is) with its accented and full-width forms, as a class."""
    base = unicodedata.normalize("NFKD", character)[:1] or character
    forms = {character, base, *_variants().get(base, "")}
    forms |= {other for form in (base.lower(), base.upper()) for other in (form, *_variants().get(form, ""))}
    return "[" + "".join(re.escape(form) for form in sorted(forms)) + "]"


def _edge(character: str, form: str) -> str:
    """A digit must not touch a digit, a letter no letter; so "5550142" is found in "tel5550142"."""
    return form.format(r"\d" if character.isdigit() else r"[^\W\d_]")
