"""Keeping to a provider's requests and tokens per minute: a bucket of each, reserved before a call and settled after it.

What must not live here: the clock and the waiting; both belong to the caller.
"""

from __future__ import annotations

from dataclasses import dataclass


class Allowance:
    """A bucket that fills evenly over a minute; taking more than it holds puts the taker in debt and makes it wait.

    Takers are served in the order in which they took. What is given back shortens the wait of all who still wait.
    """

    def __init__(self, per_minute: int) -> None:
        self.per_second = per_minute / 60
        self.given_back = 0.0
        self._size = float(per_minute)
        self._level = float(per_minute)
        self._seen_at: float | None = None

    def take(self, amount: int, now: float) -> Turn:
        """The turn at which the amount just taken may be used; more than the bucket can ever hold counts as a full one."""
        self._fill(now)
        self._level -= self._counted(amount)
        return Turn(self, max(0.0, -self._level), now, self.given_back)

    def settle(self, taken: int, used: int, now: float) -> None:
        """What was taken and not used is there again; what was used beyond it is taken too."""
        difference = self._counted(taken) - self._counted(used)
        self._fill(now)
        self._level = min(self._size, self._level + difference)
        self.given_back += difference

    def _counted(self, amount: int) -> float:
        return min(float(amount), self._size)

    def _fill(self, now: float) -> None:
        elapsed = max(0.0, now - self._seen_at) if self._seen_at is not None else 0.0
        self._seen_at = now
        self._level = min(self._size, self._level + elapsed * self.per_second)


@dataclass(frozen=True)
class Turn:
    """A place in the order of one bucket: what was missing for it at the moment of taking."""

    allowance: Allowance
    missing: float
    taken_at: float
    given_back_before: float

    def wait_seconds(self, now: float) -> float:
        """Seconds until what was taken may be used, as far as is known now."""
        missing = self.missing - (self.allowance.given_back - self.given_back_before)
        return max(0.0, missing / self.allowance.per_second - (now - self.taken_at)) if self.missing else 0.0


class Pace:
    """Both allowances of one provider; one call waits for the slower of them."""

    def __init__(self, rpm: int, tpm: int) -> None:
        self._requests, self._tokens = Allowance(rpm), Allowance(tpm)

    def take(self, tokens: int, now: float) -> tuple[Turn, Turn]:
        """The turns of one request and of that many tokens; it may go out when both have come."""
        return self._requests.take(1, now), self._tokens.take(tokens, now)

    def settle(self, taken: int, used: int, now: float) -> None:
        """The request took ``used`` tokens in truth."""
        self._tokens.settle(taken, used, now)


def wait_seconds(turns: tuple[Turn, ...], now: float) -> float:
    """Seconds until the last of the turns has come."""
    return max(turn.wait_seconds(now) for turn in turns)
