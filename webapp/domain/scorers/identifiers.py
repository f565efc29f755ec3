"""Patterns that find a known identifier in odd spelling. Unknown identifiers are not looked for here.

Each pattern is a row of single-character classes with bounded gaps: time grows linearly with the text.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

from webapp.domain.prompts.suite import Identifier
from webapp.domain.scorers.dates import Day, days_of, find_dates
from webapp.domain.scorers.words import word_set

_INVISIBLE = "\u00ad\u200b-\u200f\u2060-\u2064\ufeff"
_GAP = rf"[\s{_INVISIBLE}\-\u2010-\u2015\u2212._*`'\u2019/,()]{{0,3}}"
_WITHIN = rf"[{_INVISIBLE}\u0300-\u036f]{{0,2}}"
_DIGIT_GAP = rf"[\s{_INVISIBLE}\-\u2010-\u2015\u2212.()]{{0,2}}"
_AT = r"\s{0,2}(?:@|\uff20|[\[(]\s?at\s?[\])]|\sat\s)\s{0,2}"
_DOT = r"\s{0,2}(?:\.|[\[(]\s?dot\s?[\])]|\sdot\s)\s{0,2}"
_PARTS = re.compile(r"[^\W_]+")
_TITLES = word_set("mr mrs ms miss mx dr prof sir madam master señora señor de la van von der den bin al el the")
_ALSO_WORDS = word_set(
    "may june april august summer dawn eve rose grace will mark young brown white long short grey gray black green hope joy "
    "faith art bill drew pat sue rich dean chase page cook baker bell wood woods hill hall field fields ward day king love "
    "price ray lane banks rivers stone marsh cross small little strong good best sharp moody blood hand foot head heart "
    "olive ruby amber iris violet lily daisy ivy holly heather penny basil herb jean gene angel christian major miles "
    "case note plan pain park parks hunter fisher carter mason taylor son daughter"
)
_LONG_NUMBER = 6
_NUMBERED = ("mrn", "phone", "ssn", "account", "insurance", "license_plate")


def leaks(text: str, identifier: Identifier) -> tuple[int, int] | None:
    """Where the identifier, or enough of it to know the person, first stands in the text, as offsets; else None."""
    for pattern in _patterns(identifier.type, identifier.text):
        hit = pattern.search(text)
        if hit:
            return hit.span()
    days = days_of(identifier.text) if identifier.type in ("date_of_birth", "other") else frozenset()
    return _same_day(text, days) if days else None


@lru_cache(maxsize=8192)
def loose(value: str, gap: str = _GAP) -> re.Pattern[str]:
    """A pattern for the value in any case, with other separators, accents, full-width or invisible characters."""
    parts = _PARTS.findall(value[:200])
    if not parts:
        return re.compile(re.escape(value.strip()[:200]) or r"(?!)")
    body = gap.join(_part(part) for part in parts)
    return re.compile(_edge(parts[0][0], "(?<!{})") + body + _edge(parts[-1][-1], "(?!{})"))


@lru_cache(maxsize=8192)
def _patterns(kind: str, value: str) -> tuple[re.Pattern[str], ...]:
    written = loose(value, _DIGIT_GAP if kind in _NUMBERED else _GAP)
    return (_as_written(value), written, *_other_forms(kind, value))


def _as_written(value: str) -> re.Pattern[str]:
    """The value with its own separators, whatever they are, any blanks read as one."""
    words = value[:200].split()
    if not words:
        return re.compile(r"(?!)")
    first, last = words[0][0], words[-1][-1]
    start = _edge(first, "(?<!{})") if first.isalnum() else ""
    end = _edge(last, "(?!{})") if last.isalnum() else ""
    return re.compile(start + r"\s{1,4}".join(map(re.escape, words)) + end, re.IGNORECASE)


def _other_forms(kind: str, value: str) -> Iterator[re.Pattern[str]]:
    if kind == "name":
        yield from _name_forms(value)
    elif kind in _NUMBERED:
        yield from _number_forms(value)
    elif kind == "email":
        yield re.compile(r"(?<!\w)" + "".join(_mail_part(c) for c in value.strip()[:200]) + r"(?!\w)", re.IGNORECASE)
    elif kind == "address":
        street = re.search(r"(\d{1,6}[a-z]?)\s+([^\W\d_]{3,}(?:\s[^\W\d_]{3,})?)", value[:200], re.IGNORECASE)
        if street:
            yield loose(street.group())
    elif kind == "url":
        yield loose(re.sub(r"^(?:https?://)?(?:www\.)?", "", value.strip(), flags=re.IGNORECASE))


def _name_forms(value: str) -> Iterator[re.Pattern[str]]:
    """The parts in reverse order, and each part alone where it is written as a name and is no everyday word."""
    words = [word for word in re.split(r"[\s,]+", value[:200]) if word.strip(".").casefold() not in _TITLES]
    if len(words) > 1:
        yield loose(" ".join([words[-1], *words[:-1]]))
    for part in dict.fromkeys([*words, *(_PARTS.findall(value[:200]))]):
        bare = "".join(_PARTS.findall(part))
        if len(bare) >= 3 and bare.casefold() not in _ALSO_WORDS | _TITLES and not bare.isdigit():
            yield _as_name(part)


def _as_name(part: str) -> re.Pattern[str]:
    """The part with a capital first letter; the rest in any case."""
    first, rest = part[:1].upper(), part[1:]
    letters = _WITHIN.join(_letter(character) if character.isalnum() else _GAP for character in rest)
    return re.compile(rf"(?<![\w]){_letter(first, both=False)}{_WITHIN}{letters}(?![^\W_])")


def _number_forms(value: str) -> Iterator[re.Pattern[str]]:
    """A long number with its separators moved, without its country prefix or without its leading letters."""
    bare = "".join(_PARTS.findall(value[:60]))
    if sum(character.isdigit() for character in bare) < _LONG_NUMBER and len(bare) < _LONG_NUMBER:
        return
    yield _spaced(bare)
    digits = re.sub(r"\D", "", bare)
    if len(digits) >= _LONG_NUMBER and digits != bare:
        yield _spaced(digits)
    if len(digits) > 10 or (value.strip().startswith("+") and len(digits) > 9):
        yield _spaced(digits[-9:], open_start=True)


def _spaced(characters: str, *, open_start: bool = False) -> re.Pattern[str]:
    """The characters one by one; ``open_start`` lets other digits stand before them."""
    body = _DIGIT_GAP.join(_letter(character) for character in characters)
    start = "" if open_start else _edge(characters[0], "(?<!{})")
    return re.compile(start + body + _edge(characters[-1], "(?!{})"))


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
def _letter(character: str, *, both: bool = True) -> str:
    """One character in both cases (or as it is) with its accented and full-width forms, as a class."""
    base = unicodedata.normalize("NFKD", character)[:1] or character
    forms = {character, base, *_variants().get(base, "")}
    if both:
        forms |= {other for form in (base.lower(), base.upper()) for other in (form, *_variants().get(form, ""))}
    return "[" + "".join(re.escape(form) for form in sorted(forms)) + "]"


def _mail_part(character: str) -> str:
    return _AT if character == "@" else _DOT if character == "." else re.escape(character)


def _edge(character: str, form: str) -> str:
    """A digit must not touch a digit, a letter no letter; so "5550142" is found in "tel5550142"."""
    return form.format(r"\d" if character.isdigit() else r"[^\W\d_]")


def _same_day(text: str, days: frozenset[Day]) -> tuple[int, int] | None:
    return next((span for found, span in find_dates(text) if found & days), None)
