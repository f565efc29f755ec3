"""Whether a stop has arrived at an application: it has when it was answered from a state of after the stop.

A call of the live version proves nothing, because most units had that one before. What must not live here: which stop it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from webapp.domain.record.canonical import sha256_hex
from webapp.services.rollout.applications import ApplicationView

STILL, WAITING, NEVER, OVER, CONFIRMED = "still", "waiting", "never", "over", "confirmed"
ORDER = (STILL, WAITING, OVER, NEVER, CONFIRMED)
"""Whoever has to be phoned first."""


class Made(Protocol):
    """A stop: when it was made, and its number in the audit log, which a state that has so many entries does not know yet."""

    @property
    def at(self) -> datetime: ...
    @property
    def seq(self) -> int: ...


@dataclass(frozen=True)
class Confirmation:
    """One application after the stop. ``state``: still (it ran what is stopped, afterwards), waiting (not seen to fetch since), over (its
    token opens nothing any more), never (it has not fetched or called yet) or confirmed; ``at``: the call or fetch that says so.
    """

    application: ApplicationView
    state: str
    at: datetime | None


@dataclass(frozen=True)
class Arrivals:
    """All applications after a stop, those to be phoned first. ``mark`` is the same while the list says the same."""

    rows: tuple[Confirmation, ...] = ()

    @property
    def confirmed(self) -> int:
        """How many have it."""
        return sum(row.state == CONFIRMED for row in self.rows)

    @property
    def expected(self) -> int:
        """How many there are to reach: all but those that never asked for this prompt."""
        return sum(row.state != NEVER for row in self.rows)

    @property
    def is_all(self) -> bool:
        """Has every application that is to be reached confirmed it?"""
        return self.confirmed == self.expected

    @property
    def mark(self) -> str:
        """Changes when the list does."""
        return sha256_hex(repr([(row.application.name, row.state, row.at) for row in self.rows]).encode())[:16]


def arrivals(found: Iterable[Confirmation]) -> Arrivals:
    """The list in the order in which they are phoned."""
    return Arrivals(tuple(sorted(found, key=lambda row: (ORDER.index(row.state), row.application.name))))


def confirmation_of(
    application: ApplicationView, stop: Made, release_id: str | None, *, keeps_new: bool = False
) -> Confirmation:
    """Where one application stands after a stop of this release (None: of whatever is served)."""
    ran_at = max((ran.last_at for ran in application.ran if release_id in (None, ran.release_id)), default=None)
    fetched_at = application.last_fetched_at
    has_it = application.entries_met > stop.seq
    ran_after = ran_at is not None and ran_at > max(filter(None, (stop.at, fetched_at if has_it else None)))
    if ran_after and not keeps_new:
        return Confirmation(application, STILL, ran_at)
    if has_it:
        return Confirmation(application, CONFIRMED, fetched_at)
    if application.over:
        return Confirmation(application, OVER, application.last_seen)
    if fetched_at is None and not application.ran:
        return Confirmation(application, NEVER, application.last_seen)
    return Confirmation(application, WAITING, application.last_seen)
