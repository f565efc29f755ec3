"""The clock: the only place that asks what time it is, and that measures whether somebody moved it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

Clock = Callable[[], datetime]
Step = Callable[[], timedelta]


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def counted_seconds() -> float:
    """Seconds on a clock that nobody sets, those included during which the machine slept (CLOCK_BOOTTIME, on macOS CLOCK_MONOTONIC)."""
    counting = getattr(time, "CLOCK_BOOTTIME", None) or getattr(time, "CLOCK_MONOTONIC", None)
    return time.monotonic() if counting is None else time.clock_gettime(counting)


def measured_step(wall: Clock = now, counted: Callable[[], float] = counted_seconds) -> Step:
    """A function that tells how far the wall clock was moved since now: what it shows beyond the seconds that really went by."""
    began, start = wall(), counted()
    return lambda: (wall() - began) - timedelta(seconds=counted() - start)


def no_step() -> timedelta:
    """Nobody moved the clock."""
    return timedelta(0)
