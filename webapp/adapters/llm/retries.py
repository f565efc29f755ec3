"""How long to wait before asking a model again.

What must not live here: waiting itself, and chance: both are passed in by the caller.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True)
class RetryPlan:
    """At most this many attempts; waits double from the first one up to the longest."""

    attempts: int = 6
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 30.0
    longest_obeyed_seconds: float = 60.0

    def wait_seconds(self, attempt: int, chance: float, retry_after_seconds: float | None) -> float | None:
        """Seconds to wait after failed attempt 1, 2, ...; None when asking again is of no use.

        ``chance`` in 0..1 spreads the waits of many callers over the upper half of the step. A wait that the vendor
        asks for is kept exactly or, when longer than we are ready to wait, ends the call.
        """
        if attempt >= self.attempts:
            return None
        step: float = min(self.first_wait_seconds * 2 ** (attempt - 1), self.longest_wait_seconds)
        ours = step * (0.5 + 0.5 * chance)
        if retry_after_seconds is None:
            return ours
        return max(ours, retry_after_seconds) if retry_after_seconds <= self.longest_obeyed_seconds else None


def retry_after_seconds(retry_after: str | None, sent_at: str | None) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date (RFC 9110, 10.2.3) counted from the Date header."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        return _seconds_between(_moment(sent_at), _moment(retry_after))
    return seconds if 0 <= seconds < float("inf") else None


def _seconds_between(start: datetime | None, end: datetime | None) -> float | None:
    return max(0.0, (end - start).total_seconds()) if start and end else None


def _moment(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None
