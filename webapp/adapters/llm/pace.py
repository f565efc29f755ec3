"""Keeping to a provider's requests and tokens per minute.

What must not live here: the clock and the waiting; both belong to the caller.
"""

from __future__ import annotations


class Allowance:
    """A bucket that fills evenly over a minute; taking more than it holds puts the taker in debt and makes it wait."""

    def __init__(self, per_minute: int) -> None:
        self._per_second = per_minute / 60
        self._size = float(per_minute)
        self._level = float(per_minute)
        self._seen_at: float | None = None

    def take(self, amount: int, now: float) -> float:
        """Seconds to wait before using the amount just taken; the order of takers is kept."""
        elapsed = max(0.0, now - self._seen_at) if self._seen_at is not None else 0.0
        self._seen_at = now
        self._level = min(self._size, self._level + elapsed * self._per_second) - min(amount, self._size)
        return max(0.0, -self._level / self._per_second)


class Pace:
    """Both allowances of one provider; one call waits for the slower of them."""

    def __init__(self, rpm: int, tpm: int) -> None:
        self._requests, self._tokens = Allowance(rpm), Allowance(tpm)

    def take(self, tokens: int, now: float) -> float:
        """Seconds to wait before one request of that many tokens may go out."""
        return max(self._requests.take(1, now), self._tokens.take(tokens, now))
