"""How often somebody may be wrong at the emergency page, counted in memory: no database is needed, and nobody can lock out somebody else.

What is counted is a mail address *from one place on the network*: a count by mail address alone would let anybody keep the physician on
call from stopping a prompt. What must not live here: what is right or wrong.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

from webapp.adapters.clock import Clock
from webapp.errors import TooMany

FREE_TRIES, FIRST_LOCK_SECONDS, LONGEST_LOCK_SECONDS = 4, 60, 3_600
TRIES_OF_A_PLACE, PLACE_SECONDS = 20, 600
MOST_REMEMBERED = 10_000
IPV6_PREFIX = 64


@dataclass
class _Count:
    """Failures in a row, and until when nobody may try."""

    failures: int
    last_at: datetime
    locked_until: datetime


class Tries:
    """Wrong tries by mail address and place, and by place alone. The oldest are forgotten first where there are too many to remember."""

    def __init__(self, now: Clock) -> None:
        self._now = now
        self._counts = OrderedDict[tuple[str, str], _Count]()
        self._lock = threading.Lock()

    def require_free(self, place: str, email: str) -> None:
        """This place may try now as this mail address; TooMany says in how many seconds otherwise."""
        with self._lock:
            until = max(self._locked_until((of_network(place), email)), self._locked_until((of_network(place), "")))
        wait = int((until - self._now()).total_seconds()) + 1
        if until > self._now():
            raise TooMany(
                f"Too many wrong tries from here; try again in {wait} seconds, or stop at the console of this host.",
                details={"retry_after_seconds": wait},
            )

    def failed(self, place: str, email: str) -> None:
        """One more wrong try."""
        with self._lock:
            count = self._count((of_network(place), email))
            over = count.failures - FREE_TRIES
            if over > 0:
                seconds = min(LONGEST_LOCK_SECONDS, FIRST_LOCK_SECONDS * 2 ** min(over - 1, 10))
                count.locked_until = self._now() + timedelta(seconds=seconds)
            of_place = self._count((of_network(place), ""))
            if of_place.failures >= TRIES_OF_A_PLACE:
                of_place.failures, of_place.locked_until = 0, self._now() + timedelta(seconds=PLACE_SECONDS)

    def succeeded(self, place: str, email: str) -> None:
        """The count of this mail address from this place starts anew; the place's own goes on."""
        with self._lock:
            self._counts.pop((of_network(place), email), None)

    def _locked_until(self, key: tuple[str, str]) -> datetime:
        count = self._counts.get(key)
        return self._now() if count is None else count.locked_until

    def _count(self, key: tuple[str, str]) -> _Count:
        """The count of this key with one failure more."""
        now = self._now()
        count = self._counts.pop(key, None)
        if count is None or now - count.last_at > timedelta(seconds=LONGEST_LOCK_SECONDS):
            count = _Count(0, now, now)
        count.failures, count.last_at = count.failures + 1, now
        self._counts[key] = count
        while len(self._counts) > MOST_REMEMBERED:
            self._counts.popitem(last=False)
        return count


def of_network(place: str) -> str:
    """The address, or of an IPv6 address the network that one machine has to itself."""
    try:
        address = ipaddress.ip_address(place)
    except ValueError:
        return place[:45]
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_PREFIX), strict=False))
