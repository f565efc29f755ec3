"""Is everything there that work needs? Each part with its state in words.

What must not live here: mending anything.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from webapp.acts.standing import State, standing_of
from webapp.adapters.outside import Outside
from webapp.adapters.store.migrating import is_current
from webapp.adapters.store.schema import LogState
from webapp.domain.record.steady_clock import is_steady, step_sentence
from webapp.errors import Unavailable


@dataclass(frozen=True)
class Part:
    """One part. ``state``: good, degraded (work goes on without it for a while), down (nothing can be stored)."""

    name: str
    state: str
    sentence: str


def check_parts(outside: Outside) -> tuple[Part, ...]:
    """Database, queue, workers and notary, in that order, and whatever an administrator should not overlook."""
    parts = [_database(outside), *_queue_and_workers(outside)]
    if parts[0].state == "good":
        parts.append(_notary(outside))
    if not is_steady(step := outside.clock_step()):
        parts.append(Part("clock", "down", step_sentence(step)))
    if outside.settings.allow_loopback_targets:
        parts.append(Part("settings", "degraded", "Loopback targets are allowed; this is for trying out only."))
    return tuple(parts)


def _database(outside: Outside) -> Part:
    try:
        if not is_current(outside.database):
            return Part("database", "down", "The schema is not this program's; run `formulary db upgrade`.")
        with outside.database.reading() as session:
            is_open = session.scalar(select(LogState.id)) is not None
    except (Unavailable, SQLAlchemyError, OSError):
        return Part("database", "down", "The database does not answer.")
    if not is_open:
        return Part("database", "down", "The audit log is not open; run `formulary db upgrade`.")
    return Part("database", "good", "The database answers and its schema is current.")


def _notary(outside: Outside) -> Part:
    try:
        standing = standing_of(outside)
    except Unavailable as error:
        return Part("notary", "degraded", error.sentence)
    state = {State.BROKEN: "down", State.UNWATCHED: "degraded"}.get(standing.state, "good")
    return Part("notary", state, standing.sentence)


def _queue_and_workers(outside: Outside) -> tuple[Part, Part]:
    try:
        count = outside.queue.workers()
    except Unavailable as error:
        unknown = "Not known while the queue does not answer."
        return Part("queue", "degraded", error.sentence), Part("workers", "degraded", unknown)
    queue = Part("queue", "good", "The queue answers.")
    if count == 0:
        return queue, Part("workers", "degraded", "No worker is running; evaluations wait. Start `formulary worker`.")
    return queue, Part("workers", "good", f"Workers running: {count}.")
