"""How long evidence is kept: from the day it was last in effect (45 CFR 164.316(b)(2)(i)).

What must not live here: what is in effect (``acts.retention``).
"""

from __future__ import annotations

from datetime import datetime

REQUIRED_YEARS = 6


def years_after(moment: datetime, years: int) -> datetime:
    """The same day and time so many years later; the day after where there is no 29 February."""
    try:
        return moment.replace(year=moment.year + years)
    except ValueError:
        return moment.replace(year=moment.year + years, month=3, day=1)


def is_weaker(years: int) -> bool:
    """Is evidence kept for less than the six years of the rule?"""
    return years < REQUIRED_YEARS
