"""Reading dates in the ways people write them, for finding a date of birth in another dress. No clock here."""

from __future__ import annotations

import re
from collections.abc import Iterator

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_GAP = r"[\s.,/\-]{1,3}"
_SEP = r"\s?[./\-\u2010-\u2015]\s?"
_NUMERIC = re.compile(rf"(?<![\d./])(\d{{1,4}}){_SEP}(\d{{1,2}}){_SEP}(\d{{4}}|\d{{2}})(?!\d)")
_DAY_FIRST = re.compile(
    rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th)?(?: of)?{_GAP}{_MONTH}{_GAP}(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE
)
_MONTH_FIRST = re.compile(rf"\b{_MONTH}{_GAP}(\d{{1,2}})(?:st|nd|rd|th)?{_GAP}(\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE)
_COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(\d\d)(\d\d)(?!\d)")

Day = tuple[int, int, int]  # year of the century, month, day


def find_dates(text: str) -> Iterator[tuple[frozenset[Day], tuple[int, int]]]:
    """Each date of the text with its offsets; a date such as 03/04/61 has two readings."""
    for hit in _NUMERIC.finditer(text):
        yield from _read(_numeric(*hit.groups()), hit)
    for hit in _COMPACT.finditer(text):
        yield from _read({(hit[1], hit[2], hit[3])}, hit)
    for hit in _DAY_FIRST.finditer(text):
        yield from _read({(hit[3], _month(hit[2]), hit[1])}, hit)
    for hit in _MONTH_FIRST.finditer(text):
        yield from _read({(hit[3], _month(hit[1]), hit[2])}, hit)


def days_of(text: str) -> frozenset[Day]:
    """All days that the dates of a short text can mean."""
    return frozenset(day for days, _ in find_dates(text) for day in days)


def _numeric(first: str, second: str, third: str) -> set[tuple[str, str, str]]:
    if len(first) == 4:
        return {(first, second, third)}
    readings = {(third, second, first), (third, first, second)}
    return readings | ({(first, second, third)} if len(third) == 2 and len(first) == 2 else set())


def _read(readings: set[tuple[str, str, str]], hit: re.Match[str]) -> Iterator[tuple[frozenset[Day], tuple[int, int]]]:
    days = {(int(year) % 100, int(month), int(day)) for year, month, day in readings}
    real = frozenset(day for day in days if 1 <= day[1] <= 12 and 1 <= day[2] <= 31)
    if real:
        yield real, hit.span()


def _month(name: str) -> str:
    return str(_MONTHS.index(name[:3].casefold()) + 1)
