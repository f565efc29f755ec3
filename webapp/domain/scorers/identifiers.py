"""Patterns that find a known identifier in odd spelling. Unknown identifiers are looked for next door (``domain.identifiers``).

Texts and values are folded to one plain spelling first. Each pattern is a row of characters with bounded gaps: time grows
linearly with the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from webapp.domain.identifiers.folding import Folded, fold
from webapp.domain.prompts.suite import Identifier
from webapp.domain.scorers.dates import Day, days_of, find_dates
from webapp.domain.scorers.words import word_set

_GAP = r"[\s\-._*'/,()]{0,3}"
_DIGIT_GAP = r"[\s\-._/()]{0,2}"
_AT = r"\s{0,2}(?:@|[\[(]\s?at\s?[\])]|\sat\s)\s{0,2}"
_DOT = r"\s{0,2}(?:\.|[\[(]\s?dot\s?[\])]|\sdot\s)\s{0,2}"
_ALIKE = {"0": "[0Oo]", "1": "[1Il]"}
_PARTS = re.compile(r"[^\W_]+")
_TITLES = word_set("mr mrs ms miss mx dr prof sir madam master senora senor de la van von der den bin al el the")
_ALSO_WORDS = word_set(
    "may june april august summer dawn eve rose grace will mark young brown white long short grey gray black green hope joy "
    "faith art bill drew pat sue rich dean chase page cook baker bell wood woods hill hall field fields ward day king love "
    "price ray lane banks rivers stone marsh cross small little strong good best sharp moody blood hand foot head heart "
    "olive ruby amber iris violet lily daisy ivy holly heather penny basil herb jean gene angel christian major miles "
    "case note plan pain park parks hunter fisher carter mason taylor son daughter"
)
_LONG_NUMBER = 6
_NUMBERED = ("mrn", "phone", "fax", "ssn", "account", "insurance", "license_plate", "license", "device")


def leaks(text: Folded, identifier: Identifier, *, in_parts: bool = True) -> tuple[int, int] | None:
    """Where the identifier first stands in the text, as offsets in the original; else None.

    With ``in_parts`` enough of it to know the person is enough: a family name, a number without its prefix.
    """
    for pattern in _patterns(identifier.type, identifier.text, in_parts):
        hit = pattern.search(text.text)
        if hit:
            return text.span(*hit.span())
    days = days_of(fold(identifier.text).text) if identifier.type in ("date_of_birth", "other") else frozenset()
    found = _same_day(text.text, days) if days else None
    return text.span(*found) if found else None


def _loose(value: str, gap: str = _GAP) -> re.Pattern[str]:
    """A pattern for the folded value in any case and with other separators."""
    parts = _PARTS.findall(value[:200])
    if not parts:
        return re.compile(re.escape(value.strip()[:200]) or r"(?!)")
    body = gap.join(map(re.escape, parts))
    return re.compile(_edge(parts[0][0], "(?<!{})") + body + _edge(parts[-1][-1], "(?!{})"), re.IGNORECASE)


@lru_cache(maxsize=1024)
def _patterns(kind: str, value: str, in_parts: bool) -> tuple[re.Pattern[str], ...]:
    value = fold(value).text
    written = _loose(value, _DIGIT_GAP if kind in _NUMBERED else _GAP)
    return (_as_written(value), written, *_other_forms(kind, value, in_parts))


def _as_written(value: str) -> re.Pattern[str]:
    """The value with its own separators, whatever they are, any blanks read as one."""
    words = value[:200].split()
    if not words:
        return re.compile(r"(?!)")
    first, last = words[0][0], words[-1][-1]
    start = _edge(first, "(?<!{})") if first.isalnum() else ""
    end = _edge(last, "(?!{})") if last.isalnum() else ""
    return re.compile(start + r"\s{1,4}".join(map(re.escape, words)) + end, re.IGNORECASE)


def _other_forms(kind: str, value: str, in_parts: bool) -> Iterator[re.Pattern[str]]:
    if kind in ("name", "clinician"):
        yield from _name_forms(value, in_parts)
    elif kind in _NUMBERED:
        yield from _number_forms(value)
    elif kind == "email":
        yield re.compile(r"(?<!\w)" + "".join(_mail_part(c) for c in value.strip()[:200]) + r"(?!\w)", re.IGNORECASE)
    elif kind == "address":
        street = re.search(r"(\d{1,6}[a-z]?)\s+([^\W\d_]{3,}(?:\s[^\W\d_]{3,})?)", value[:200], re.IGNORECASE)
        if street:
            yield _loose(street.group())
    elif kind == "url":
        yield _loose(re.sub(r"^(?:https?://)?(?:www\.)?", "", value.strip(), flags=re.IGNORECASE))


def _name_forms(value: str, in_parts: bool) -> Iterator[re.Pattern[str]]:
    """The parts in reverse order, and each part alone where it is written as a name and is no everyday word."""
    words = [word for word in re.split(r"[\s,]+", value[:200]) if word.strip(".").casefold() not in _TITLES]
    if len(words) > 1:
        yield _loose(" ".join(words))
        yield _loose(" ".join([words[-1], *words[:-1]]))
    for part in dict.fromkeys([*words, *(_PARTS.findall(value[:200]))]) if in_parts else ():
        bare = "".join(_PARTS.findall(part))
        if len(bare) >= 3 and bare.casefold() not in _ALSO_WORDS | _TITLES and not bare.isdigit():
            yield _as_name(part)


def _as_name(part: str) -> re.Pattern[str]:
    """The part with a capital first letter; the rest in any case."""
    rest = "".join(re.escape(character) if character.isalnum() else _GAP for character in part[1:])
    return re.compile(rf"(?<![\w]){re.escape(part[:1].upper())}(?i:{rest})(?![^\W_])")


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
    body = _DIGIT_GAP.join(_ALIKE.get(character) or re.escape(character) for character in characters)
    start = "" if open_start else _edge(characters[0], "(?<!{})")
    return re.compile(start + body + _edge(characters[-1], "(?!{})"), re.IGNORECASE)


def _mail_part(character: str) -> str:
    return _AT if character == "@" else _DOT if character == "." else re.escape(character)


def _edge(character: str, form: str) -> str:
    """A digit must not touch a digit, a letter no letter; so "5550142" is found in "tel5550142"."""
    return form.format(r"\d" if character.isdigit() else r"[^\W\d_]")


def _same_day(text: str, days: frozenset[Day]) -> tuple[int, int] | None:
    return next((span for found, span in find_dates(text) if found & days), None)
