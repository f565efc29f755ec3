"""Moments as pages take them: date and time in UTC, as the field of a form or an address gives them."""

from __future__ import annotations

from datetime import UTC, datetime

from webapp.errors import InvalidInput

FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d")
YEARS = range(1900, 9999)


def read_moment(text: str) -> datetime | None:
    """The moment in UTC that a field of date and time gave; None for an empty one, InvalidInput for what is none."""
    if not text:
        return None
    for form in FORMS:
        try:
            moment = datetime.strptime(text.removesuffix("Z"), form).replace(tzinfo=UTC)
        except ValueError:
            continue
        if moment.year in YEARS:
            return moment
    raise InvalidInput("Write date and time in UTC as year-month-day and hours and minutes, like 2026-03-02T14:30.")
