"""Dates and ages that identify: dates of birth by the words before them, other days of the calendar, ages from ninety."""

from __future__ import annotations

import re
from collections.abc import Iterator

from webapp.domain.identifiers.kinds import Sighting

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|"
    r"dec(?:ember)?|januar|februar|marz|mai|juni|juli|oktober|dezember|janvier|fevrier|mars|avril|juin|juillet|aout|septembre|octobre|"
    r"novembre|decembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\.?"
)
_YEAR = r"(?:(?:18|19|20)\d{2}|'?\d{2})"
_NTH = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th|\.)?"
_NUMERIC = (
    r"(?:(?:19|20)\d{2}(?P<a>[-/. ])(?:0?[1-9]|1[0-2])(?P=a)(?:0?[1-9]|[12]\d|3[01])|"
    rf"(?:0?[1-9]|[12]\d|3[01])\s?(?P<b>[-/.])\s?(?:0?[1-9]|[12]\d|3[01])\s?(?P=b)\s?{_YEAR})"
)
_WORDED = (
    rf"(?:{_NTH}[ -]?(?:of |de |day of )?{_MONTH}(?:[ ,-]{{1,2}}(?:of |de )?{_YEAR})?|{_MONTH}[ -]?{_NTH}(?:,? ?-?{_YEAR}(?![\d/:]|"
    rf"\.\d))?)"
)
_DATE = rf"(?:{_NUMERIC}|{_WORDED})"
_COMPACT = (
    r"(?:(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:19|20)\d{2})"
)
_SHORT = r"(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|[12]\d|3[01])"
_BIRTH = re.compile(
    r"(?<![A-Za-z])(?i:d\.?\s?o\.?\s?b\.?|b\.?d\.?(?=:)|birth ?-?date|date of birth|birth ?day|geb(?:oren|urtsdatum|\.)?(?: am)?|"
    r"nee? le|ne\(e\) le|fecha de nacimiento|nac(?:ido|ida|\.)?(?: el)?|born)(?i:[*_\s]{0,3}(?:(?:is|was|on|the|in|[:=(-])[*_\s]{0,3}){0,3})"
    rf"(?P<value>(?i:{_DATE})|{_COMPACT})(?![\w])"
)
_PLAIN = re.compile(rf"(?<![\w/.-])(?P<value>(?i:{_DATE}))(?![\w/]|[.-]\d)")
_SHORT_AFTER = re.compile(
    r"(?<![A-Za-z])(?i:on|since|dated?|admitted|discharged|admission|discharge|seen|visit(?:ed)?|until|till|before|after|from|"
    rf"through|scheduled for|surgery|appointment|return(?:ed)?|due|expires?)(?i:[:\s]{{1,3}}(?:on |the )?)(?P<value>{_SHORT})(?![\w/%]|"
    rf"[.-]\d| ?(?:mm|mg|kg|lb|cm|pain|strength))"
)
_AGE = re.compile(
    r"(?<![\d./-])(?P<value>9\d|1[01]\d)(?:[ -]?(?i:years?[ -]old|year[ -]old|y\.?/?o\.?(?![a-z])|yrs?[ -]?old|years? of age|years? young|"
    r"ans\b|anos\b|jahre alt|jahrig)|(?=[ -]?M\b))"
)
_AGED = re.compile(
    r"(?<![A-Za-z])(?i:aged?|age of|turn(?:ed|ing|s)|age(?:d)? ?(?:is|was)?)[*_:\s]{1,4}(?P<value>9\d|1[01]\d)(?![\d%/.]|,\d| ?(?:mg|kg|mm|"
    r"ml))"
)
_IN_WORDS = re.compile(
    r"(?i:\b(?P<value>(?:ninety|one hundred|a hundred)(?:[- ](?:and )?(?:one|two|three|four|five|six|seven|eight|nine|ten))?)"
    r"[ -](?:years?[ -]old|years? of age|year[ -]old))"
)


def find_days(text: str) -> Iterator[tuple[int, Sighting]]:
    """Each date and age with its rank; the text is folded."""
    for rank, kind, pattern in (
        (0, "date_of_birth", _BIRTH),
        (3, "date", _PLAIN),
        (4, "date", _SHORT_AFTER),
        (2, "age_90", _AGE),
        (2, "age_90", _AGED),
        (2, "age_90", _IN_WORDS),
    ):
        for hit in pattern.finditer(text):
            if kind != "date" or _is_day(hit["value"]):
                yield rank, Sighting(kind, *hit.span("value"))


def looks_like_a_day(text: str) -> bool:
    """Whether the whole text is a date."""
    return bool(_PLAIN.fullmatch(text))


def _is_day(value: str) -> bool:
    """Not "may 5", which is as often a verb and a dose, and not a version such as 1.2.10."""
    if re.match(r"(?:may|mar)\b", value) and not re.search(r"\d{4}|\d(?:st|nd|rd|th)", value):
        return False
    return not re.fullmatch(r"\d\.\d\.\d{2}", value)
